"""`cnncalc explain SPEC [LAYER]`."""

from __future__ import annotations

import shutil
import sys

import click

from cnncalc import explain
from cnncalc.cli import EXIT_WRONG
from cnncalc.cli.options import Output, Request, takes_output, takes_spec
from cnncalc.report import Report
from cnncalc.views import network
from cnncalc.views.table import Heading, Table
from cnncalc.written import ASCII, MINUS

NARROWEST = 40
WIDEST = 120


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
        width = min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)
        click.echo("\n".join(explain.lines(explanations, ascii=not _can_be_printed(MINUS), width=width)))
    else:
        output.write(table(report, explanations), lambda: explain.to_dict(explanations))
    return 0 if report.passed else EXIT_WRONG


def _can_be_printed(text: str) -> bool:
    """Whether standard output has the characters."""
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return False
    return True


def table(report: Report, explanations: tuple[explain.Explanation, ...]) -> Table:
    """The working, a row for each step."""
    glues = {"formula": "", "working": ""}
    headings = tuple(
        Heading(name, name, "right" if name == "result" else "left", glues.get(name, "_")) for name in explain.HEADINGS
    )
    rows = explain.rows(explanations)
    if not _can_be_printed(MINUS):
        rows = [tuple(cell.translate(ASCII) for cell in row) for row in rows]
    return Table(headings, tuple(rows), title=report.spec, remarks=network.of_report(report, ()).remarks)
