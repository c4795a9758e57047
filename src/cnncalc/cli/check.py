"""`cnncalc check SPEC [ANSWERS.csv]`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click

from cnncalc.cli import EXIT_USAGE, EXIT_WRONG, talk
from cnncalc.cli.options import Output, Request, takes_output, takes_spec
from cnncalc.homework import check, claims
from cnncalc.homework.answers import QUANTITIES
from cnncalc.homework.mistakes import CONVENTIONS
from cnncalc.spec.source import Problem, draw
from cnncalc.views import answers

# Before the names of the answers, one of which is called as an option of every command is.
PREFIX: Final = "answer_"


def takes_answers(function: Callable[..., Any]) -> Callable[..., Any]:
    """An option for every quantity."""
    for name in reversed(list(QUANTITIES)):
        text = f"An answer: {QUANTITIES[name].doc}."
        function = click.option(f"{PREFIX}{name.replace('-', '_')}", f"--{name}", metavar="ANSWER", help=text)(function)
    return function


@click.command("check")
@takes_spec
@click.argument("file", metavar="[ANSWERS.csv]", required=False)
@takes_answers
@click.option(
    "--value", metavar="ARRAY", help="An answer: the values that are put out, as in [[6, 8], [12, 14]] or 6 8; 12 14."
)
@click.option("--x", metavar="ARRAY", help="The values that go in, for --value.")
@click.option("--array", metavar="LAYER=ARRAY", multiple=True, help="The kernel of a layer, for --value.")
@click.option("--layer", metavar="NAME", default="", help="The layer that the answers given as options speak of.")
@click.option("--accept", metavar="CODE", multiple=True, help=f"A convention to accept: {', '.join(CONVENTIONS)}.")
@click.option("--tolerance", metavar="NUMBER", default="0", help="How far a number may be off: 3, or 1%.")
@takes_output
def command(
    *,
    request: Request,
    output: Output,
    file: str | None,
    layer: str,
    accept: tuple[str, ...],
    tolerance: str,
    value: str | None,
    x: str | None,
    array: tuple[str, ...],
    **given: str | None,
) -> int:
    """Whether answers are right, and which mistake each wrong one is.

    SPEC is a file, `-` for standard input, a shipped network (`vgg16`), or the network itself. Its own answers,
    behind `->`, are checked, then those of ANSWERS.csv (`layer,quantity,answer`, or `layer,output,params` with a
    row a layer), and those of the options, about the last layer, --layer NAME, or --layer total.
    """
    rules = check.rules(accept, tolerance)
    report = request.report()
    problems: list[Problem] = []
    stated = [] if file is None else list(claims.of_file(file, problems.append))
    for name, text in given.items():
        if text is not None:
            stated.append(check.claim(layer, name.removeprefix(PREFIX).replace("_", "-"), text))
    if layer and all(text is None for text in given.values()):
        raise click.UsageError("--layer says what the answers of options speak of, but there are none")
    checked = check.judged(report, stated, rules, problems)
    if value is not None:
        checked = check.with_values(checked, value, x or "", dict(map(_of_layer, array)), rules)
    elif x is not None or array:
        raise click.UsageError("--x and --array are for an answer that --value gives")
    if not checked.answers and not problems:
        raise click.UsageError("there are no answers: state them behind `->`, in a CSV file, or as `--params 760`")
    output.write(answers.of_checked(checked), checked.to_dict)
    for problem in checked.problems:
        talk(draw(problem))
    if checked.problems:
        return EXIT_USAGE
    return 0 if checked.passed else EXIT_WRONG


def _of_layer(text: str) -> tuple[str, str]:
    """`LAYER=ARRAY`."""
    name, equals, values = text.partition("=")
    if not equals:
        raise click.UsageError(f"--array takes LAYER=ARRAY, found {text!r}")
    return name.strip(), values
