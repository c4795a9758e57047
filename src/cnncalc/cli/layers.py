"""`cnncalc layers [KIND]`: what the language knows, from the code itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from cnncalc.cli.options import Output, complete_kind, takes_output
from cnncalc.layers import ALIASES, KINDS, Layer, in_order
from cnncalc.layers.arguments import Arg
from cnncalc.spec.source import did_you_mean, quote
from cnncalc.views.table import Heading, Remark, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.forward.kernels import Kernel

FLIPPED: Final = "a layer does not flip its kernel: each is written as it is laid on the image"


@click.command("layers")
@click.argument("kind", required=False, shell_complete=complete_kind)
@takes_output
def command(kind: str | None, output: Output) -> None:
    """What the language knows: the kinds of layers, or with KIND the arguments of one.

    `cnncalc layers kernels` lists the kernels that `cnncalc run` knows by their names.
    """
    if kind == "kernels":
        from cnncalc.forward.kernels import KERNELS  # noqa: PLC0415  fractions take long to import

        output.write(of_kernels(KERNELS), lambda: [described_kernel(name, KERNELS[name]) for name in KERNELS])
        return
    if kind is None:
        output.write(of_kinds(), lambda: [described(each) for each in in_order()])
        return
    name = ALIASES.get(kind.lower())
    if name is None:
        hint = did_you_mean(kind, ALIASES) or "`cnncalc layers` lists the kinds"
        raise click.UsageError(f"unknown kind {quote(kind)}; {hint}")
    output.write(of_kind(KINDS[name]), lambda: described(KINDS[name]))


def sentence(kind: type[Layer]) -> str:
    """What a kind does, in one sentence."""
    return (kind.__doc__ or "").split("\n", 1)[0]


def usage(kind: type[Layer]) -> str:
    """How a kind is written: `conv filters kernel [s] [p] …`."""
    positional = [argument for argument in kind.arguments if argument.positional]
    words = [argument.name if argument.required else f"[{argument.name}]" for argument in positional]
    return " ".join([kind.kind, *words, *(["{ ... | ... }"] if kind.merges else [])])


def of_kinds() -> Table:
    """All kinds, a row each."""
    headings = (
        Heading("kind", "kind"),
        Heading("aliases", "also", glue=",", rank=2),
        Heading("usage", "written", rank=1, folds=True),
        Heading("does", "does", folds=True),
    )
    rows = tuple((kind.kind, ", ".join(kind.aliases), usage(kind), sentence(kind)) for kind in in_order())
    return Table(headings, rows)


def of_kernels(kernels: Mapping[str, Kernel]) -> Table:
    """All named kernels, a row each."""
    headings = (
        Heading("kernel", "kernel"),
        Heading("matrix", "matrix", glue=""),
        Heading("divisor", "divided by", align="right"),
        Heading("does", "does", folds=True),
    )
    rows = (
        (name, ";  ".join(" ".join(map(str, row)) for row in kernel.rows), kernel.divisor, kernel.does)
        for name, kernel in kernels.items()
    )
    return Table(headings, tuple(rows), remarks=(Remark("note", FLIPPED),))


def described_kernel(name: str, kernel: Kernel) -> dict[str, Any]:
    """A kernel as JSON has it."""
    return {
        "kernel": name,
        "matrix": [list(row) for row in kernel.rows],
        "divisor": kernel.divisor,
        "does": kernel.does,
    }


def of_kind(kind: type[Layer]) -> Table:
    """One kind's arguments, a row each."""
    headings = (
        Heading("argument", "argument"),
        Heading("written", "written", folds=True),
        Heading("default", "default"),
        Heading("values", "values", rank=1, folds=True),
        Heading("means", "means", folds=True),
    )
    rows = tuple(
        (argument.name, spelled(argument), default(argument), argument.type.describes, argument.doc)
        for argument in kind.arguments
    )
    ranks = f"; with its rank said {', '.join(f'{kind.kind}{rank}d' for rank in kind.ranks)}" if kind.ranked else ""
    aliases = f", also called {', '.join(kind.aliases)}" if kind.aliases else ""
    frameworks = (("Keras", kind.keras), ("PyTorch", kind.torch))
    names = [f"{framework}: {name.format(rank=2)}" for framework, name in frameworks if name]
    remarks = [f"written `{usage(kind)}`{aliases}{ranks}", "; ".join(names)]
    notes = tuple(Remark("note", remark) for remark in remarks if remark)
    return Table(headings, rows, title=f"{kind.kind}: {sentence(kind)}", remarks=notes)


def spelled(argument: Arg) -> str:
    """The ways to write an argument."""
    ways = [argument.name] if argument.positional else []
    ways += [f"{argument.short}2"] if argument.short else []
    ways += [] if argument.positional or len(argument.words) == 1 else [f"{argument.name}="]
    words = list(argument.words)
    return ", ".join([*ways, *(words[:4] if len(words) <= 4 else [*words[:3], "..."])])


def default(argument: Arg) -> str | None:
    """The value that an argument has where it is left out; None where it must not be."""
    if argument.required or argument.default is None:
        return None
    return "computed" if callable(argument.default) else argument.type.show(argument.default, 0)


def described(kind: type[Layer]) -> dict[str, Any]:
    """A kind as JSON has it."""
    return {
        "kind": kind.kind,
        "aliases": list(kind.aliases),
        "does": sentence(kind),
        "merges": kind.merges,
        "keras": kind.keras,
        "torch": kind.torch,
        "arguments": [
            {
                "name": argument.name,
                "means": argument.doc,
                "values": argument.type.describes,
                "required": argument.required,
                "positional": argument.positional,
                "short": argument.short or None,
                "words": list(argument.words),
                "default": default(argument),
            }
            for argument in kind.arguments
        ],
    }
