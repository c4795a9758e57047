"""Params: the values of a spec that its caller sets, or the spec that uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from cnncalc import library
from cnncalc.spec import parser
from cnncalc.spec.expressions import Expression, Value
from cnncalc.spec.source import Problem, Problems, Source, Span, did_you_mean, fail, listed, quote
from cnncalc.spec.statements import Assign, Statement, Use


class Params:
    """The params that are set for the file at hand, by the caller (as text) or by `use`, and those that it has."""

    def __init__(self, given: Mapping[str, Source], value: Callable[[Expression], Value]) -> None:
        self.value = value
        self.given: Mapping[str, Value | Source] = given
        self.own: set[str] = set()
        # Those of all files, and what the caller sets of which none was found yet.
        self.found: dict[str, None] = {}
        self.unset = dict(given)
        # Whether the caller's value of one is not its own.
        self.changed = False

    def override(self, name: str, value: Value) -> Value:
        """What the caller of the whole spec sets a param to, or the `use` of this file; else its own value."""
        self.own.add(name)
        self.found[name] = None
        given = self.given.get(name)
        if isinstance(given, Source):
            self.unset.pop(name, None)
            given = self.value(parser.parse_value(given, arithmetic=True))
            self.changed = self.changed or given != value
        return value if given is None else given

    def unknown(self) -> Iterator[Problem]:
        """What the caller sets, and no file has."""
        for name, value in self.unset.items():
            hint = did_you_mean(name, self.found) or listed("its params are", list(self.found))
            yield Problem(f"this spec has no param {quote(name)}", Span(value, 0, len(name)), hint)

    @contextmanager
    def inside(self, given: Mapping[str, Value | Source]) -> Iterator[None]:
        """In another file. What the caller sets goes to the outermost file that has such a param."""
        outer = self.given, self.own
        passed = {name: value for name, value in self.given.items() if name not in self.own}
        self.given, self.own = {**given, **passed}, set()
        yield
        self.given, self.own = outer

    def set_by(self, statement: Use) -> dict[str, Value | Source]:
        """The params that a `use` sets: those of the file, or of one that it uses in its turn."""
        name = statement.name.text
        known = list(params(name))
        given: dict[str, Value | Source] = {}
        for argument in statement.arguments:
            key = argument.text.partition("=")[0].strip()
            if not argument.key or argument.stuck or key not in known:
                hint = did_you_mean(key, known) or listed("its params are", known) or "it has none"
                fail(f"{quote(name)} has no param {quote(key)}", argument.span, hint)
            given[key] = self.value(argument.value)
        return given


@cache
def shipped(name: str) -> tuple[Statement, ...]:
    """The statements of a shipped network. Raises `SpecError` if it is broken."""
    problems = Problems()
    statements = parser.parse(library.read(name), problems)
    problems.stop()
    return statements


@cache
def params(name: str) -> tuple[str, ...]:
    """The params of a shipped network, and of those that it uses in its turn."""
    found: dict[str, None] = {}
    waiting = list(shipped(name))
    seen = {name}
    for statement in waiting:
        if isinstance(statement, Assign) and statement.overridable:
            found[statement.name.text] = None
        elif isinstance(statement, Use) and statement.name.text not in seen and library.find(statement.name.text):
            seen.add(statement.name.text)
            waiting += shipped(statement.name.text)
    return tuple(found)
