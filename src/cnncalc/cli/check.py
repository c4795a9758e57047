"""`cnncalc check SPEC [ANSWERS.csv]`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import click

from cnncalc.cli import EXIT_USAGE, EXIT_WRONG, talk
from cnncalc.cli.options import Output, Request, read, takes_output, takes_spec
from cnncalc.forward.files import is_file, read_array, read_x
from cnncalc.forward.reading import fail
from cnncalc.forward.tensor import Tensor
from cnncalc.forward.weights import only_learnt
from cnncalc.homework import check, claims
from cnncalc.homework.answers import QUANTITIES, VALUES
from cnncalc.homework.claims import Claim, Numbers
from cnncalc.homework.mistakes import CONVENTIONS
from cnncalc.report import LAYOUTS, Report
from cnncalc.spec.source import Problem, Source, Span, draw
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
@click.option("--x", metavar="ARRAY", help="What goes in, for answers about values: an array as of --value, or a file.")
@click.option(
    "--array",
    metavar="[LAYER=]ARRAY",
    multiple=True,
    help="The kernel of a layer, or another of its arrays (LAYER.bias=1), for answers about values.",
)
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
    numbers = _numbers(x, request.layout)
    report = check.analyzed(read(request.spec), request.options, numbers, **request.settings)
    problems: list[Problem] = []
    stated = [] if file is None else list(claims.of_file(file, problems.append))
    texts = {name.removeprefix(PREFIX).replace("_", "-"): text for name, text in given.items()} | {VALUES: value}
    own = [check.claim(layer, name, text) for name, text in texts.items() if text is not None]
    if layer and not own:
        raise click.UsageError("--layer says what the answers of options speak of, but there are none")
    stated += own
    if (x is not None or array) and not _ask_for_values(report, stated):
        raise click.UsageError("--x and --array are for an answer about values: `--value`, or `-> value`")
    checked = check.judged(report, stated, rules, problems, numbers._replace(arrays=_arrays(array, report)))
    if not checked.answers and not problems:
        raise click.UsageError("there are no answers: state them behind `->`, in a CSV file, or as `--params 760`")
    output.write(answers.of_checked(checked), checked.to_dict)
    for problem in checked.problems:
        talk(draw(problem))
    if checked.problems:
        return EXIT_USAGE
    return 0 if checked.passed else EXIT_WRONG


def _numbers(x: str | None, layout: str) -> Numbers:
    """What goes in, written there or in a file. Raises `SpecError`."""
    if x is None or not is_file(x):
        return check.given_numbers(x, {}, layout=layout)
    return check.given_numbers(read_x(x, channels_first=layout == LAYOUTS[1], exact=True), {})


def _ask_for_values(report: Report, stated: Iterable[Claim]) -> bool:
    """Whether an answer speaks of values."""
    texts = [*(text for _, text in report.graph.answers), *(one.answer for one in stated)]
    return any(text.quantity.lower() == VALUES for text in texts)


def _arrays(texts: Iterable[str], report: Report) -> dict[str, str | Tensor]:
    """`[LAYER=]ARRAY`, by layers. Raises `SpecError`."""
    found: dict[str, str | Tensor] = {}
    for text in texts:
        layer, equals, array = text.rpartition("=")
        name = layer.strip() if equals else only_learnt(report.records, "--array")
        if name not in report.graph.names:
            check.index_of(report, Span(Source("--array", ""), 0, 0), name.rpartition(".")[0] or name)
        if name in found:
            fail(f"{name} is given twice", "--array")
        found[name] = read_array(array.strip(), exact=True)
    return found
