"""`cnncalc compare SPEC SPEC…`."""

from __future__ import annotations

import click

from cnncalc import compare
from cnncalc.cli import EXIT_WRONG
from cnncalc.cli.options import Output, Request, takes_output, takes_specs
from cnncalc.views import comparison


@click.command("compare")
@takes_specs
@click.option(
    "--fail-over",
    multiple=True,
    metavar="NAME=PERCENT",
    help="Exit with 1 if another network exceeds the first by more: params=5%, macs=, memory=, ...",
)
@takes_output
def command(requests: tuple[Request, ...], output: Output, fail_over: tuple[str, ...]) -> int:
    """Networks side by side: totals, stages by their resolution, and differences from the first.

    Each SPEC is a file, a shipped network (`vgg16`), or the network itself.
    """
    if len(requests) < 2:
        raise click.UsageError("compare takes two networks or more")
    try:
        limits = [compare.limit(text) for text in fail_over]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fail-over") from None
    networks = [request.report() for request in requests]
    try:
        passed = compare.passed(networks, limits)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fail-over") from None
    output.write(comparison.of_networks(networks, limits), lambda: compare.to_dict(networks, limits))
    return 0 if passed else EXIT_WRONG
