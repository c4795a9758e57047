"""`cnncalc show SPEC`, and `cnncalc SPEC`."""

from __future__ import annotations

import click

from cnncalc.cli import EXIT_WRONG
from cnncalc.cli.options import Output, Request, complete_columns, takes_output, takes_spec
from cnncalc.views import columns as known_columns
from cnncalc.views import network


@click.command("show")
@takes_spec
@click.option(
    "--columns",
    metavar="NAMES",
    shell_complete=complete_columns,
    help="Which columns: `output,params`, `+center`, `-rf`, `all`.",
)
@takes_output
def command(request: Request, output: Output, columns: str | None) -> int:
    """Shapes, parameters, receptive field, multiply-adds and memory, layer by layer.

    SPEC is a file, `-` for standard input, a shipped network (`vgg16`), or the network itself:
    "conv 32 3x3 s1 same; pool 2x2".
    """
    report = request.report()
    try:
        chosen = known_columns.select(report, columns or "")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--columns") from None
    output.write(network.of_report(report, chosen), report.to_dict)
    return 0 if report.passed else EXIT_WRONG
