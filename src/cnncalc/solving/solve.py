"""`?`s to numbers: the search for all solutions, and for what comes near where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from os import PathLike, fspath
from typing import Any, Final

from cnncalc.algebra import FormulaError
from cnncalc.homework.answers import Answer
from cnncalc.report import collection_paused, options_of
from cnncalc.report import find as find_source
from cnncalc.solving.interval import UndecidedError
from cnncalc.solving.nearest import nearest
from cnncalc.solving.question import Question
from cnncalc.solving.search import OutOfTimeError, Range, Search, UnfitError
from cnncalc.solving.solutions import Solution, Solved
from cnncalc.spec.expand import Options
from cnncalc.spec.inputs import ASSUMED_INPUT
from cnncalc.spec.source import Problem, Source, Span, SpecError

# More solutions than this are not looked for.
MOST_SOLUTIONS: Final = 500


def solve(
    spec: str | PathLike[str],
    *,
    input: str | tuple[int, ...] | None = None,  # noqa: A002  the word of the language
    set: Mapping[str, object] | None = None,  # noqa: A002  likewise
    bounds: Mapping[str, tuple[int, int]] | None = None,
    strict: bool = False,
    batch: int = 1,
    dtype: str = "float32",
) -> Solved:
    """Find every value of the `?`s in a spec that fits its answers.

    `bounds` are the values to be tried, by the name of a `?` or by what it stands for. `strict` leaves out the
    solutions in which windows do not tile, and the like; all other arguments are those of `analyze`.

    Raises `SpecError` for a spec that is broken, or asks for nothing.

    >>> solve("input 227x227x3; conv 96 11x11 s? -> 55x55x96").solutions
    ({'conv1.stride': 4},)
    >>> solve("input ?x?x3; conv 8 3x3 p1; pool 2x2 -> 16x16", strict=True).solutions
    ({'input.size': 32},)
    """
    text, options = find_source(fspath(spec)), options_of(input, set)
    return solve_source(text, options, bounds or {}, strict=strict, batch=batch, dtype=dtype)


def solve_source(
    text: Source, options: Options, bounds: Mapping[str, Range], *, strict: bool = False, **settings: Any
) -> Solved:
    """The same for a source. Raises `SpecError`."""
    with collection_paused():
        try:
            question = Question(text, options, bounds, settings, strict=strict).with_sizes()
            wider = question.with_channels()
            solved = wider and _solved(wider)
            return solved if solved and solved.found else _solved(question)
        except FormulaError as error:
            raise SpecError([Problem(str(error), Span(text, 0, len(text.text)))]) from None


def _solved(question: Question) -> Solved:
    """All solutions; where there is none, those that come nearest."""
    limits = {slot.name: slot.bounds(question.bounds) for slot in question.slots}
    solved = Solved(question.text, question.slots, (), True, limits, assumed=question.assumed, ignored=question.ignored)
    settled: list[Answer] = []
    # What is asked may depend on the values in a way that ranges cannot follow.
    with suppress(UndecidedError):
        settled += question.settled()
    if not settled:
        found, complete, alike = _found(question)
        solved = solved._replace(found=tuple(found), complete=complete)
        if found:
            return solved
        near = tuple(nearest(question.search({}), question.completed)) if alike else ()
        if question.error is not None and not near:
            # What is wrong with the first value tells why, as none goes any further.
            raise question.error
        solved = solved._replace(nearest=near)
    assumed = question.assumed if question.has_input else f"no input is given: {ASSUMED_INPUT} is taken"
    return solved._replace(settled=tuple(settled), obstacle=question.obstacle, assumed=assumed)


def _found(question: Question) -> tuple[list[Solution], bool, bool]:
    """The solutions, whether these are all, and whether all are known that are alike along the axes."""
    found: list[Solution] = []
    complete, alike = True, False
    few = 0
    try:
        for apart in question.splits():
            if found and (len(apart) > few or len(found) == MOST_SOLUTIONS):
                break
            few = len(apart)
            # One by one: what was found before the time is over, is found.
            for solution in islice(_solutions(question, question.search(apart)), MOST_SOLUTIONS - len(found)):
                found.append(solution)  # noqa: PERF402
            alike = True
    except OutOfTimeError:
        complete = False
    return sorted(found, key=lambda solution: solution.plainness), complete and len(found) < MOST_SOLUTIONS, alike


def _solutions(question: Question, some: Search) -> Iterator[Solution]:
    """What a search finds, once the numbers have been put in and the whole spec has been analyzed."""
    with suppress(UndecidedError, UnfitError):
        some.narrow()
    for box in some.found():
        solution = question.completed(some.values(box), some.by_name(box))
        question.network.deadline.check()
        if solution.report.passed and not (question.network.strict and solution.doubts):
            yield solution
