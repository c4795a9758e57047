"""The table of a student's answers, and what is said about the wrong ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.homework.answers import NOT_ANSWERED, RIGHT, WRONG, Answer
from cnncalc.homework.check import TOTAL
from cnncalc.homework.mistakes import PARTLY_RIGHT
from cnncalc.prose import counted
from cnncalc.shapes import Shape, join
from cnncalc.views.table import Cell, Heading, Remark, Table, printable
from cnncalc.views.values import said, stated, written
from cnncalc.views.working import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.homework.check import Checked
    from cnncalc.report import Report

HEADINGS = (
    Heading("layer", "layer"),
    Heading("quantity", "quantity"),
    Heading("given", "given", align="right"),
    Heading("expected", "expected", align="right"),
    Heading("verdict", "verdict"),
    Heading("mistakes", "mistakes", folds=True),
)


def of_checked(checked: Checked) -> Table:
    """A row an answer; the sentences about the wrong ones stand under them."""
    return Table(
        HEADINGS,
        tuple(_row(checked.report, answer) for answer in checked.answers),
        title=printable(" ".join(checked.report.spec.split())),
        remarks=tuple(_remarks(checked)),
    )


def _row(report: Report, answer: Answer) -> tuple[Cell, ...]:
    """One answer, sizes in the report's layout."""
    codes = [mistake.code for mistake in answer.mistakes] or [answer.convention] * bool(answer.convention)
    return (
        answer.layer or TOTAL,
        answer.quantity,
        stated(answer._replace(given=report.given_dims(answer))),
        written(join(report.dims(answer.expected)) if isinstance(answer.expected, Shape) else answer.expected),
        answer.verdict,
        ",".join(codes) or None,
    )


def _remarks(checked: Checked) -> Iterator[Remark]:
    """What is wrong with each wrong answer, and how many are right."""
    for answer in checked.answers:
        name = f"{answer.layer or TOTAL} {answer.quantity}"
        if answer.reread:
            yield Remark("note", f"{name}: what was written is read as {said(stated(answer))}")
        if answer.verdict == WRONG:
            for text in explained(checked, answer):
                yield Remark("wrong", f"{name}: {text}")
        elif answer.verdict not in (RIGHT, NOT_ANSWERED):
            yield Remark("right", f"{name}: by the convention {answer.convention}")
        elif answer.rounded:
            how = "near enough to" if answer.tolerated else "rounded from"
            yield Remark("right", f"{name}: {how} {said(answer.expected)}")
    answered = [answer for answer in checked.answers if answer.verdict != NOT_ANSWERED]
    right = sum(answer.verdict != WRONG for answer in answered)
    if checked.answers:
        more = len(checked.answers) - len(answered)
        yield Remark(
            "right", f"{right} of {counted(len(answered), 'answer')}" + (f", {more} not answered" if more else "")
        )
    is_wrong = any(answer.verdict == WRONG and isinstance(answer.expected, Shape) for answer in checked.answers)
    if is_wrong and checked.report.layout != "channels-last":
        yield Remark("note", "the sentences have the channels of a size last, as a spec does")
    for note in checked.notes:
        yield Remark("note", note.text)


def explained(checked: Checked, answer: Answer) -> Iterator[str]:
    """The mistakes that a wrong answer may be; if it is none that is known, the working of the right one."""
    for mistake in answer.mistakes:
        yield mistake.text
    if answer.follows is not None:
        own = answer.follows
        yield f"consistent with your {own.quantity} {said(stated(own))} of {own.layer or TOTAL} above"
    if answer.follows is None and all(mistake.code == PARTLY_RIGHT for mistake in answer.mistakes):
        correct = "there is none" if answer.expected in (None, ()) else f"it is {said(answer.expected)}"
        if not answer.mistakes:
            yield f"{said(stated(answer))} is wrong, by no mistake that is known here; {correct}"
        for step in checked.working(answer):
            label = "" if step.label == answer.quantity else f"{step.label}: "
            yield f"{label}{told(step)}"
