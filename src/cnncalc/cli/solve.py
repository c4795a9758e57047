"""`cnncalc solve SPEC`."""

from __future__ import annotations

import re

import click

from cnncalc.cli import EXIT_WRONG
from cnncalc.cli.explain import print_working
from cnncalc.cli.options import Output, Request, read, takes_output, takes_spec
from cnncalc.explain import to_dict
from cnncalc.report import Report, analyze_source
from cnncalc.solving.derive import derivation
from cnncalc.solving.solve import solve_source
from cnncalc.spec.source import Source
from cnncalc.views import solutions

_BOUND = re.compile(r"\s*([A-Za-z_][\w.]*)\s*=\s*([0-9]{1,12})\s*:\s*([0-9]{1,12})\s*")


@click.command("solve")
@takes_spec
@click.option(
    "--bound",
    "bounds",
    multiple=True,
    metavar="NAME=LOW:HIGH",
    help="Values to try: `stride=1:4`.",
)
@click.option("--limit", type=click.IntRange(1), default=20, help="Solutions to show.", show_default=True)
@click.option("--explain", is_flag=True, help="The formulas solved for what is asked, with the numbers put in.")
@takes_output
def command(request: Request, output: Output, bounds: tuple[str, ...], limit: int, *, explain: bool) -> int:
    """Every value of the `?`s in a spec that fits its answers.

    SPEC is a file, `-` for standard input, or the network itself, with a `?` in place of each number to be found:
    "input 227x227x3; conv 96 11x11 s? -> 55x55x96". `--strict` leaves out solutions that rely on rounding down.
    """

    def analyze(text: Source) -> Report:
        return analyze_source(text, request.options, **request.settings)

    solved = solve_source(read(request.spec), request.options, dict(map(_bound, bounds)), **request.settings)
    first = solved.found[:1] if explain else ()
    working = [step for solution in first for step in derivation(solved, solution, analyze)]

    def data() -> dict[str, object]:
        return solved.to_dict() | ({"explain": to_dict(working)["layers"]} if explain else {})

    table = solutions.of_solved(solved, limit)
    if output.format in {"table", "plain"}:
        output.write(table, data)
        if working:
            click.echo()
            print_working(working)
    else:
        output.write(solutions.with_derivation(table, working), data)
    return 0 if solved.found else EXIT_WRONG


def _bound(text: str) -> tuple[str, tuple[int, int]]:
    """`NAME=LOW:HIGH`."""
    match = _BOUND.fullmatch(text)
    if match is None or int(match[2]) > int(match[3]):
        raise click.UsageError(f"--bound takes NAME=LOW:HIGH, as in stride=1:4, found {text!r}")
    return match[1], (int(match[2]), int(match[3]))
