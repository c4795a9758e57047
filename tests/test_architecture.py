"""The house keeps its order: what may import what, and what every kind must state."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cnncalc
from cnncalc.layers import KINDS

PACKAGE = Path(cnncalc.__file__).parent
# From the ground up: a module imports only from lines above its own (or from its own line).
ORDER = (
    ("cnncalc.spec.source", "cnncalc.algebra", "cnncalc.prose"),
    ("cnncalc.spec.expressions", "cnncalc.symbols", "cnncalc.written"),
    ("cnncalc.shapes",),
    ("cnncalc.forward.tensor", "cnncalc.forward.forms", "cnncalc.layers.arguments"),
    ("cnncalc.forward.reading", "cnncalc.forward.kernels", "cnncalc.layers.base"),
    ("cnncalc.forward.images",),
    ("cnncalc.layers.activation",),
    ("cnncalc.layers.conv",),
    ("cnncalc.layers.dense", "cnncalc.layers.pool", "cnncalc.layers.norm", "cnncalc.layers.reshape"),
    ("cnncalc.layers.resample", "cnncalc.layers.merge"),
    ("cnncalc.layers",),
    ("cnncalc.spec.statements", "cnncalc.spec.words"),
    ("cnncalc.spec.reader",),
    ("cnncalc.spec.values",),
    ("cnncalc.spec.parser", "cnncalc.spec.graph", "cnncalc.library"),
    ("cnncalc.spec.bind", "cnncalc.spec.names", "cnncalc.spec.inputs", "cnncalc.spec.params"),
    ("cnncalc.spec.foresight",),
    ("cnncalc.spec.limits",),
    ("cnncalc.spec.draft",),
    ("cnncalc.spec.expand", "cnncalc.homework.spelling"),
    (
        "cnncalc.infer",
        "cnncalc.forward.run",
        "cnncalc.forward.traced",
        "cnncalc.forward.integers",
        "cnncalc.homework.reading",
    ),
    ("cnncalc.forward.cut", "cnncalc.forward.lanes"),
    ("cnncalc.forward.influence", "cnncalc.forward.maps", "cnncalc.forward.jobs", "cnncalc.forward.workers"),
    ("cnncalc.forward.sums", "cnncalc.forward.windows", "cnncalc.forward.steps"),
    ("cnncalc.forward.products", "cnncalc.forward.pools", "cnncalc.forward.tables", "cnncalc.forward.moves"),
    ("cnncalc.forward.packed",),
    ("cnncalc.coverage", "cnncalc.forward.weights"),
    ("cnncalc.notes", "cnncalc.homework.answers", "cnncalc.homework.rows"),
    ("cnncalc.homework.mistakes.table",),
    ("cnncalc.homework.mistakes.counts",),
    ("cnncalc.homework.mistakes",),
    ("cnncalc.homework.judging",),
    ("cnncalc.homework.claims",),
    ("cnncalc.report",),
    ("cnncalc.counting.modules", "cnncalc.compare"),
    ("cnncalc.counting.rules",),
    ("cnncalc.counting.tools",),
    ("cnncalc.counting.conventions",),
    ("cnncalc.counting.reconcile",),
    ("cnncalc.forward.face", "cnncalc.forward.verify"),
    ("cnncalc.explain", "cnncalc.forward.trace", "cnncalc.forward.files"),
    ("cnncalc.homework.follow", "cnncalc.homework.values"),
    ("cnncalc.homework.check",),
    ("cnncalc.homework.places", "cnncalc.homework.sheets"),
    ("cnncalc.homework.assignment",),
    ("cnncalc.homework.asked", "cnncalc.homework.exercises", "cnncalc.homework.wording"),
    ("cnncalc.homework.grade",),
    ("cnncalc.solving.interval",),
    ("cnncalc.solving.unknowns", "cnncalc.solving.target"),
    ("cnncalc.solving.search",),
    ("cnncalc.solving.solutions",),
    ("cnncalc.solving.nearest", "cnncalc.solving.question"),
    ("cnncalc.solving.solve",),
    ("cnncalc.solving.derive",),
    ("cnncalc.homework.solutions",),
    ("cnncalc.homework.quiz",),
    ("cnncalc",),
    ("cnncalc.views",),
    ("cnncalc.homework.formats",),
    ("cnncalc.homework.play",),
    ("cnncalc.cli",),
)
FREE = {
    "cnncalc.spec",
    "cnncalc.forward",
    "cnncalc.homework",
    "cnncalc.solving",
    "cnncalc.counting",
    "cnncalc.__main__",
}


def modules() -> dict[str, Path]:
    """All modules of the package by their names."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = ("cnncalc", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(path: Path) -> list[str]:
    """The modules that a file imports anywhere, those for type checkers alone left out."""
    tree = ast.parse(path.read_text())
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    names = []
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [
                f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in MODULES else node.module
                for alias in node.names
            ]
    return names


def level(module: str) -> int:
    """The line on which a module stands; a package stands for what is in it, unless that has a line of its own."""
    for number, line in enumerate(ORDER):
        if module in line:
            return number
    return level(module.rpartition(".")[0])


@pytest.mark.parametrize("module", sorted(set(MODULES) - FREE))
def test_nothing_imports_upward(module: str) -> None:
    """A module imports only what stands below it (`views` may be asked by a report that shows itself)."""
    for name in imported(MODULES[module]):
        if (
            name.startswith("cnncalc")
            and name not in FREE
            and (module, name) != ("cnncalc.report", "cnncalc.views.html")
        ):
            assert level(name) <= level(module), f"{module} imports {name}"


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("rich", "cnncalc.views.terminal"),
        ("click", "cnncalc.cli"),
        ("sympy", "cnncalc.symbols"),
        ("PIL", "cnncalc.forward.images"),
    ],
)
def test_a_library_has_one_home(library: str, home: str) -> None:
    """rich is imported only by `views/terminal.py`, click only by `cli/`, and so on."""
    users = {module for module, path in MODULES.items() for name in imported(path) if name.split(".")[0] == library}
    assert users
    assert all(user == home or user.startswith(home + ".") for user in users)


@pytest.mark.parametrize("library", ["click", "rich", "sympy", "numpy", "PIL", "json", "fractions", "dataclasses"])
def test_importing_the_package_is_light(library: str) -> None:
    """`import cnncalc` and an ordinary network need none of the libraries that take long to import."""
    code = (
        f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r}); import cnncalc; "
        f"cnncalc.analyze('vgg16'); sys.exit({library!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-S", "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_described(name: str) -> None:
    """A kind has a sentence of its own, one for every argument, and says what it is called elsewhere."""
    kind = KINDS[name]
    assert kind.__doc__
    assert kind.__doc__.split("\n")[0].endswith(".")
    for argument in kind.arguments:
        assert argument.doc, argument.name
        assert argument.type.describes, argument.name
    assert kind.keras is None or kind.keras[0].isupper()
    assert kind.torch is None or kind.torch[0].isupper()


def test_no_module_names_a_kind() -> None:
    """What the language knows of kinds stands in their classes: front end, inference and views name none."""
    for module in (
        "cnncalc.spec.values",
        "cnncalc.spec.parser",
        "cnncalc.spec.bind",
        "cnncalc.shapes",
        "cnncalc.notes",
        "cnncalc.report",
    ):
        strings = {
            node.value
            for node in ast.walk(ast.parse(MODULES[module].read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not strings & set(KINDS), module
