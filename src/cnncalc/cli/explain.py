"""`cnncalc explain SPEC [LAYER]`."""

from __future__ import annotations

import click

from cnncalc import explain
from cnncalc.cli import EXIT_WRONG
from cnncalc.cli.options import Output, Request, takes_output, takes_spec


@click.command("explain")
@takes_spec
@click.argument("layer", required=False)
@takes_output
def command(request: Request, output: Output, layer: str | None) -> int:
    """The working: every formula with its numbers put in, for one LAYER or for all.

    SPEC is a file, `-` for standard input, a shipped network (`vgg16`), or the network itself.
    """
    report = request.report()
    try:
        explanations = explain.explain(report, layer)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return 0 if report.passed else EXIT_WRONG
