"""`cnncalc explain SPEC [LAYER]`."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Final

import click

from cnncalc import explain
from cnncalc.cli import EXIT_WRONG
from cnncalc.cli.options import Output, Request, can_be_printed, takes_output, takes_spec
from cnncalc.views import network, working
from cnncalc.written import ARROW, MINUS, TIMES

# Lines are laid out for the terminal, but no narrower and no wider than this.
NARROWEST: Final = 40
WIDEST: Final = 120


@click.command("explain")
@takes_spec
@click.argument("layer", required=False)
@takes_output
def command(request: Request, output: Output, layer: str | None) -> int:
    """The working: every formula with its numbers put in, for one LAYER or for all.

    SPEC is a file, `-` for standard input, a shipped network (`vgg16`), or the network itself.
    """
    report = request.report()
    explanations = explain.explain(report, layer)
    if output.format == "table":
        print_working(explanations)
        remarks = "\n".join(f"{remark.mark}: {remark.text}" for remark in network.remarks(report))
        if remarks:
            click.echo(f"\n{remarks}")
    else:
        table = working.table(explanations, ascii=ascii_only())
        table = table._replace(title=report.spec, remarks=tuple(network.remarks(report)))
        output.write(table, lambda: explain.to_dict(explanations))
    return 0 if report.passed else EXIT_WRONG


def print_working(explanations: Sequence[explain.Explanation]) -> None:
    """The working for people, as wide as the terminal."""
    width = min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)
    click.echo("\n".join(working.lines(explanations, ascii=ascii_only(), width=width)))


def ascii_only() -> bool:
    """Whether standard output lacks the characters of formulas."""
    return not can_be_printed(MINUS + TIMES + ARROW)
