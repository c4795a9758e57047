"""`cnncalc show SPEC`, and `cnncalc SPEC`."""

from __future__ import annotations

from collections.abc import Mapping

import click

from cnncalc import library
from cnncalc.cli import EXIT_WRONG
from cnncalc.cli.options import Output, Request, complete_columns, read, takes_output, takes_spec
from cnncalc.report import Report
from cnncalc.spec.source import did_you_mean, quote
from cnncalc.views import columns as known_columns
from cnncalc.views import network


def complete_tool(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001
    """The tools that count."""
    from cnncalc.counting.tools import TOOLS  # noqa: PLC0415  only completion and `--counted-as` need them

    return [name for name in TOOLS if name.startswith(incomplete)]


@click.command("show")
@takes_spec
@click.option(
    "--columns",
    metavar="NAMES",
    shell_complete=complete_columns,
    help="Which columns: `output,params`, `+center`, `-rf`, `all`.",
)
@click.option(
    "--counted-as",
    metavar="TOOL",
    shell_complete=complete_tool,
    help="Layer by layer what another tool counts: keras, torchinfo, thop, ...",
)
@takes_output
def command(request: Request, output: Output, columns: str | None, counted_as: str | None) -> int:
    """Shapes, parameters, receptive field, multiply-adds and memory, layer by layer.

    SPEC is a file, `-` for standard input, a shipped network (`vgg16`), or the network itself:
    "conv 32 3x3 s1 same; pool 2x2".
    """
    text = read(request.spec)
    report = request.report(text)
    if counted_as is not None:
        _show_counts(counted_as, report, library.header(text.text), output)
        return 0 if report.passed else EXIT_WRONG
    try:
        chosen = known_columns.select(report, columns or "")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--columns") from None
    output.write(network.of_report(report, chosen), report.to_dict)
    return 0 if report.passed else EXIT_WRONG


def _show_counts(name: str, report: Report, header: Mapping[str, str], output: Output) -> None:
    """The table of what a tool counts."""
    from cnncalc.counting import modules  # noqa: PLC0415  the usual table does not need the tools
    from cnncalc.counting.tools import TOOLS  # noqa: PLC0415
    from cnncalc.views import counts  # noqa: PLC0415

    tool = TOOLS.get(name.lower())
    if tool is None:
        hint = did_you_mean(name.lower(), TOOLS) or f"the tools are {', '.join(TOOLS)}"
        raise click.BadParameter(f"unknown tool {quote(name)}; {hint}", param_hint="--counted-as")
    try:
        tally = modules.tally(tool, report, modules.modules(report, header), header)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    output.write(counts.of_tally(report, tally), lambda: counts.to_dict(report, tally))
