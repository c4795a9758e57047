"""The tables of a class: a gradebook, what became of each question, and the report of one student."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from cnncalc.homework.answers import NOT_ANSWERED, RIGHT, RIGHT_UNDER_CONVENTION, WRONG, as_json
from cnncalc.views.table import Cell, Heading, Remark, Table, printable
from cnncalc.views.units import separated
from cnncalc.views.values import said, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from cnncalc.homework.assignment import Assignment
    from cnncalc.homework.grade import Graded, Item, Mark

# A question that discriminates no better than this deserves a look (Ebel & Frisbie, Essentials of Educational
# Measurement: below 0.2 it is poor); in a class of fewer students it says nothing.
POOR = 0.2
SMALLEST_CLASS = 10
# Of the mistakes behind a question so many are named.
MOST_MISTAKES = 3
MARKS: Final[dict[str, Literal["right", "wrong", "note"]]] = {
    RIGHT: "right",
    RIGHT_UNDER_CONVENTION: "right",
    WRONG: "wrong",
    NOT_ANSWERED: "note",
}
RIGHT_VERDICTS = (RIGHT, RIGHT_UNDER_CONVENTION)


def gradebook(assignment: Assignment, sheets: Sequence[Graded], items: Sequence[Item]) -> Table:
    """A row a student, with the points of each question; what the class missed stands under them."""
    points = tuple(
        Heading(question.id, printable(question.id), align="right", rank=3) for question in assignment.questions
    )
    headings = (
        Heading("student", "student"),
        Heading("score", "score", align="right"),
        *points,
        Heading("mistakes", "mistakes", rank=2, folds=True),
    )
    rows = tuple(
        (
            printable(sheet.student),
            shown(sheet.score),
            *(None if mark.verdict == NOT_ANSWERED else shown(mark.points) for mark in sheet.marks),
            _mistakes(assignment, sheet),
        )
        for sheet in sheets
    )
    best = (None, shown(assignment.points), *(shown(question.points) for question in assignment.questions), None)
    return Table(
        headings,
        rows,
        lead=("points", *best[1:]),
        title=printable(assignment.title),
        summary=(tuple(_summary(assignment, sheets)),),
        remarks=tuple(_remarks(items)),
    )


def by_question(assignment: Assignment, items: Sequence[Item]) -> Table:
    """A row a question: how many were right, what went wrong, and whether it tells the good from the rest."""
    headings = (
        Heading("question", "question"),
        Heading("ask", "asks for", rank=2),
        Heading("points", "points", align="right", rank=1),
        Heading("right", "right", align="right"),
        Heading("wrong", "wrong", align="right"),
        Heading("not-answered", "not answered", align="right", rank=1),
        Heading("reached", "reached", align="right"),
        Heading("discrimination", "discrimination", align="right", rank=1),
        Heading("mistakes", "mistakes", folds=True, rank=2),
    )
    rows = tuple(
        (
            printable(item.question.id),
            item.question.ask,
            shown(item.question.points),
            sum(item.verdicts.get(verdict, 0) for verdict in RIGHT_VERDICTS),
            item.verdicts.get(WRONG, 0),
            item.verdicts.get(NOT_ANSWERED, 0),
            None if item.reached is None else f"{item.reached:.0%}",
            None if item.discrimination is None else f"{item.discrimination:.2f}",
            ",".join(f"{code}:{count}" for code, count in item.mistakes) or None,
        )
        for item in items
    )
    title = printable(f"{assignment.title}: questions" if assignment.title else "questions")
    return Table(headings, rows, title=title, remarks=tuple(_remarks(items)))


def of_student(assignment: Assignment, sheet: Graded) -> Table:
    """The report of one student: a row a question, and a sentence about each that is not simply right."""
    headings = (
        Heading("question", "question"),
        Heading("ask", "asks for", rank=2),
        Heading("given", "given", align="right"),
        Heading("expected", "expected", align="right"),
        Heading("verdict", "verdict"),
        Heading("points", "points", align="right"),
        Heading("of", "of", align="right", rank=1),
        Heading("mistakes", "mistakes", rank=1, folds=True),
    )
    pairs = list(zip(assignment.questions, sheet.marks, strict=True))
    rows = tuple(
        (
            printable(question.id),
            question.ask,
            printable(mark.given),
            written(mark.expected),
            mark.verdict,
            shown(mark.points),
            shown(question.points),
            ",".join(mark.codes) or None,
        )
        for question, mark in pairs
    )
    score = f"{shown(sheet.score)} of {shown(assignment.points)}"
    return Table(
        headings,
        rows,
        title=printable(f"{assignment.title}: {sheet.student}" if assignment.title else sheet.student),
        summary=((("student", printable(sheet.student)), ("points", score)),),
        remarks=tuple(
            Remark(MARKS[mark.verdict], f"{printable(question.id)}: {text}")
            for question, mark in pairs
            for text in (sentence(mark),)
            if text
        ),
    )


def sentence(mark: Mark) -> str:
    """What a student reads about an answer; nothing about one that is simply right."""
    expected = f"it is {said(mark.expected)}"
    if mark.verdict == NOT_ANSWERED:
        return f"not answered; {expected}"
    if mark.answer is None:
        return f"{mark.trouble}; {expected}"
    if mark.verdict == RIGHT:
        return ""
    if mark.answer.convention:
        return f"right by the convention {mark.answer.convention}"
    text = mark.answer.mistakes[0].text if mark.answer.mistakes else expected
    own = mark.answer.follows
    if own is None:
        return text
    return f"consistent with your {own.quantity} {said(own.given)} of {own.layer}; {text}"


def to_dict(assignment: Assignment, sheets: Sequence[Graded], items: Sequence[Item]) -> dict[str, Any]:
    """Everything, as JSON has it."""
    return {
        "title": assignment.title,
        "points": number(assignment.points),
        "students": [student_as_json(assignment, sheet) for sheet in sheets],
        "questions": [
            {
                "question": item.question.id,
                "ask": item.question.ask,
                "points": number(item.question.points),
                "verdicts": dict(item.verdicts),
                "mistakes": dict(item.mistakes),
                "reached": item.reached,
                "discrimination": item.discrimination,
            }
            for item in items
        ],
    }


def student_as_json(assignment: Assignment, sheet: Graded) -> dict[str, Any]:
    """A student's marks as JSON has them."""
    marks = [
        {
            "question": question.id,
            "given": mark.given,
            "expected": as_json(mark.expected),
            "verdict": mark.verdict,
            "points": number(mark.points),
            "mistakes": list(mark.codes),
            "text": sentence(mark),
        }
        for question, mark in zip(assignment.questions, sheet.marks, strict=True)
    ]
    return {"student": sheet.student, "score": number(sheet.score), "marks": marks}


def number(points: Decimal) -> int | float:
    """Points as a number that is whole where it can be."""
    return int(points) if points == int(points) else float(points)


def shown(points: Decimal) -> int | str:
    """Points in a cell."""
    return int(points) if points == int(points) else str(float(points))


def _mistakes(assignment: Assignment, sheet: Graded) -> Cell:
    """The mistakes of a student, each with its question."""
    pairs = zip(assignment.questions, sheet.marks, strict=True)
    found = (f"{printable(question.id)}:{mark.codes[0]}" for question, mark in pairs if mark.codes)
    return ",".join(found) or None


def _summary(assignment: Assignment, sheets: Sequence[Graded]) -> Iterator[tuple[str, str]]:
    """How many students there are, and what they reached."""
    yield "students", separated(len(sheets))
    if sheets and assignment.points:
        scores = sorted(sheet.score for sheet in sheets)
        middle = (scores[(len(scores) - 1) // 2] + scores[len(scores) // 2]) / 2
        yield "mean", f"{sum(scores) / len(scores):.2f} of {shown(assignment.points)}"
        yield "median", f"{shown(middle)}"
        yield "lowest", f"{shown(scores[0])}"
        yield "highest", f"{shown(scores[-1])}"


def _remarks(items: Sequence[Item]) -> Iterator[Remark]:
    """What was missed most, and by which mistakes; which questions do not tell the good from the rest."""
    for item in sorted(items, key=lambda item: -item.verdicts.get(WRONG, 0)):
        count, wrong = sum(item.verdicts.values()), item.verdicts.get(WRONG, 0)
        if wrong:
            named = ", ".join(f"{code} {number}" for code, number in item.mistakes[:MOST_MISTAKES])
            text = f"{printable(item.question.id)}: {separated(wrong)} of {separated(count)} are wrong"
            yield Remark("wrong", f"{text}; {named}" if named else text)
    for item in items:
        is_class = sum(item.verdicts.values()) >= SMALLEST_CLASS
        if is_class and item.discrimination is not None and item.discrimination < POOR:
            text = f"{printable(item.question.id)} does not tell who is good at the rest of the sheet"
            yield Remark("note", f"{text} (discrimination {item.discrimination:.2f}): look at it and at its key")
