"""The solutions of a spec with `?`s as a table, a row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.explain import explain
from cnncalc.homework.answers import WRONG
from cnncalc.homework.check import TOTAL
from cnncalc.prose import counted
from cnncalc.shapes import Shape, join
from cnncalc.solving.derive import TOPICS
from cnncalc.views.table import Heading, Remark, Table, printable
from cnncalc.views.values import said, stated, written
from cnncalc.views.working import step_text, told
from cnncalc.written import ASCII

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cnncalc.explain import Explanation
    from cnncalc.homework.answers import Answer
    from cnncalc.solving.solutions import Nearest, Solution, Solved


def of_solved(solved: Solved, limit: int) -> Table:
    """The values, whether all windows tile with them, and what else is doubtful; the first `limit` solutions."""
    headings = (
        *[Heading(name, name, align="right") for name in solved.unknowns],
        Heading("tiles", "tiles"),
        Heading("doubts", "doubts", glue=","),
    )
    rows = tuple(
        (
            *[written(solution.values[name]) for name in solved.unknowns],
            "exactly" if solution.exact else "rounded down",
            ", ".join(_doubts(solution)),
        )
        for solution in solved.found[:limit]
    )
    return Table(
        headings,
        rows,
        title=printable(" ".join(solved.source.text.split())),
        summary=((("solutions", _count(solved)),),),
        remarks=tuple(_remarks(solved, limit)),
    )


def with_derivation(table: Table, working: Iterable[Explanation]) -> Table:
    """The same with a note for each step, for a format that has no other place for them."""
    steps = [Remark("note", f"{one.layer}: {step.label}: {told(step)}") for one in working for step in one.steps]
    return table._replace(remarks=(*table.remarks, *steps))


def _doubts(solution: Solution) -> tuple[str, ...]:
    """What a strict reader objects to, and by which conventions the answers are right."""
    codes = [note.code for note in solution.doubts if note.code != "does-not-tile"]
    return tuple(dict.fromkeys([*codes, *solution.conventions]))


def _count(solved: Solved) -> str:
    """How many there are."""
    return f"{len(solved.found):,}" + ("" if solved.complete else " and perhaps more")


def _remarks(solved: Solved, limit: int) -> Iterator[Remark]:
    """What was searched, what is not shown, and where nothing fits, what comes nearest."""
    if not solved.found and solved.complete:
        yield Remark("wrong", f"no value fits{f': {solved.obstacle}' if solved.obstacle else ''}")
    for answer in solved.settled:
        asked = f"{answer.layer or TOTAL} {answer.quantity}"
        text = f"{asked} {said(stated(answer))} is wrong whatever stands for `?`; it is {said(answer.expected)}"
        yield Remark("wrong", text)
    for one in solved.nearest:
        yield Remark("note", _miss(one))
    for text in (solved.assumed, solved.ignored):
        if text:
            yield Remark("note", text)
    tried = ", ".join(f"{name} {low:,} to {high:,}" for name, (low, high) in solved.bounds.items())
    if solved.complete:
        yield Remark("note", f"all values were tried of {tried}")
    else:
        yield Remark("note", f"the search was cut short; it had begun with {tried}")
    if len(solved.found) > limit:
        yield Remark("note", f"the plainest {limit} are shown; --limit shows more")
    if any(isinstance(value, tuple) for solution in solved.found for value in solution.values.values()):
        yield Remark("note", "the same number along all axes does not fit")
    if solved.found:
        for note in solved.found[0].report.notes:
            if note.code != "values-not-checked":
                yield Remark("note", f"{note.text} (in the first solution)")


def _miss(one: Nearest) -> str:
    """Values that come near, and how they miss: `conv1.stride 5 gives 44x44x96 for 54x54x96`."""
    answer = one.missed
    text = f"nearest {one.side}: {_assigned(one.solution.values)} gives {_got(answer)} for {said(stated(answer))}"
    working = next(_working(one.solution, answer), "")
    others = sum(other.verdict == WRONG for other in one.solution.report.answers) - 1
    more = f"; {counted(others, 'other answer')} {'are' if others > 1 else 'is'} wrong, too" if others else ""
    return f"{text}{working}{more}"


def _working(solution: Solution, answer: Answer) -> Iterator[str]:
    """The calculation that an answer of a layer rests on."""
    for working in explain(solution.report, answer.layer) if answer.layer else ():
        for step in working.steps:
            if step.topic == TOPICS.get(answer.quantity, ("",))[-1] and step.working:
                yield f": {step_text(step).translate(ASCII)}"


def _got(answer: Answer) -> str:
    """What there is; of a size no more than was asked for."""
    size = answer.expected
    asked = len(answer.given) if isinstance(answer.given, tuple) else 1
    return join(size.extents) if isinstance(size, Shape) and size.rank and asked in {1, size.rank} else said(size)


def _assigned(values: Mapping[str, int | tuple[int, ...]]) -> str:
    """`conv1.stride 5, conv1.padding 0`."""
    return ", ".join(f"{name} {written(value)}" for name, value in values.items())
