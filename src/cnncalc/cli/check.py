"""`cnncalc check SPEC [ANSWERS.csv]`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path, PurePath
from typing import Any, Final

import click

from cnncalc.cli import EXIT_USAGE, EXIT_WRONG, Troubles, talk
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
from cnncalc.spec.source import Problem, Source, Span, SpecError
from cnncalc.views import answers

# Before the names of the answers, one of which is called as an option of every command is.
PREFIX: Final = "answer_"
HOW: Final = "state them behind `->`, in a CSV file, or as `--params 760`"
# A file with more of them is no file of answers.
MOST_PROBLEMS: Final = 10_000


def takes_answers(function: Callable[..., Any]) -> Callable[..., Any]:
    """An option for every quantity."""
    for name in reversed(list(QUANTITIES)):
        text = f"An answer: {QUANTITIES[name].doc}."
        variable = f"{PREFIX}{name.replace('-', '_')}"
        function = click.option(variable, f"--{name}", multiple=True, metavar="ANSWER", help=text)(function)
    return function


@click.command("check")
@takes_spec
@click.argument("file", metavar="[ANSWERS.csv]", required=False)
@takes_answers
@click.option(
    "--value",
    multiple=True,
    metavar="ARRAY",
    help="An answer: the values that are put out, as in [[6, 8], [12, 14]] or 6 8; 12 14.",
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
    value: tuple[str, ...],
    x: str | None,
    array: tuple[str, ...],
    **given: tuple[str, ...],
) -> int:
    """Whether answers are right, and which mistake each wrong one is.

    SPEC is a file, `-` for standard input, a shipped network (`vgg16`), or the network itself. Its own answers,
    behind `->`, are checked, then those of ANSWERS.csv (`layer,quantity,answer`, or `layer,output,params` with a
    row a layer), and those of the options, about the last layer, --layer NAME, or --layer total.
    """
    rules = check.rules(accept, tolerance)
    numbers = _numbers(x, request.layout)
    report = check.analyzed(read(request.spec), request.options, numbers, **request.settings)
    asked = {name.removeprefix(PREFIX).replace("_", "-"): texts for name, texts in given.items()} | {VALUES: value}
    own = [check.claim(layer, name, text) for name, texts in asked.items() for text in texts]
    if layer and not own:
        raise click.UsageError("--layer says what the answers of options speak of, but there are none")
    problems = Troubles()
    stated = chain(() if file is None else _claims(file, problems), own)
    checked = check.judged(report, stated, rules, problems.add, numbers._replace(arrays=_arrays(array, report)))
    checked = checked._replace(problems=tuple(problems.kept))
    if (x is not None or array) and not problems and all(answer.quantity != VALUES for answer in checked.answers):
        raise click.UsageError("--x and --array are for an answer about values: `--value`, or `-> value`")
    if not checked.answers and not problems:
        how = f"{file} has none" if file else HOW
        raise click.UsageError(f"there are no answers: {how}")
    if checked.answers or output.format not in {"table", "plain"}:
        output.write(answers.of_checked(checked), checked.to_dict)
    problems.tell()
    if problems.count > MOST_PROBLEMS:
        talk(f"{file} has too many problems: what stands behind them is not read")
    if problems:
        return EXIT_USAGE
    return 0 if checked.passed else EXIT_WRONG


def _claims(file: str, problems: Troubles) -> Iterator[Claim]:
    """The answers of a file, until there are so many problems that it cannot be meant."""

    def note(problem: Problem) -> None:
        problems.add(problem)
        if problems.count > MOST_PROBLEMS:
            raise _TooManyError

    try:
        for claim in claims.of_file(file, note):
            yield claim
            if problems.count > MOST_PROBLEMS:
                return
    except _TooManyError:
        return
    except SpecError as error:
        # A word without an extension was meant for an answer.
        hint = "" if PurePath(file).suffix or Path(file).exists() else HOW
        for problem in error.problems:
            problems.add(problem._replace(hint=problem.hint or hint))


class _TooManyError(Exception):
    """A file has more problems than a file of answers may have."""


def _numbers(x: str | None, layout: str) -> Numbers:
    """What goes in, written there or in a file. Raises `SpecError`."""
    if x is None or not is_file(x):
        return check.given_numbers(x, {}, layout=layout)
    return check.given_numbers(read_x(x, channels_first=layout == LAYOUTS[1], exact=True), {})


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
