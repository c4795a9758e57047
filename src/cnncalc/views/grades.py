"""The tables of a class: a gradebook, what became of each question, and the report of one student."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from cnncalc.homework.answers import NOT_ANSWERED, RIGHT, RIGHT_UNDER_CONVENTION, WRONG, as_json
from cnncalc.prose import counted, separated
from cnncalc.spec.source import quote
from cnncalc.views.table import Cell, Heading, Remark, Table, printable
from cnncalc.views.values import said, stated, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from cnncalc.homework.assignment import Assignment
    from cnncalc.homework.grade import Graded, Item, Mark, Tally

# A question that discriminates no better than this deserves a look (Ebel & Frisbie, Essentials of Educational
# Measurement: below 0.2 it is poor); in a class of fewer students it says nothing.
POOR = 0.2
SMALLEST_CLASS = 10
# Of the mistakes behind a question, or behind the class's answers, so many are named, and so many questions.
MOST_MISTAKES = 3
MOST_QUESTIONS = 10
# A longer answer is cut where it stands among others.
LONGEST_GIVEN = 24
# The points of more questions than this have no room on a terminal beside the mistakes, so the mistakes stay.
MOST_COLUMNS = 12
MARKS: Final[dict[str, Literal["right", "wrong", "note"]]] = {
    RIGHT: "right",
    RIGHT_UNDER_CONVENTION: "right",
    WRONG: "wrong",
    NOT_ANSWERED: "note",
}
RIGHT_VERDICTS = (RIGHT, RIGHT_UNDER_CONVENTION)


def gradebook(
    assignment: Assignment, sheets: Sequence[Graded], items: Sequence[Item], tallied: Sequence[Tally]
) -> Table:
    """A row a student, with the points of each question; what the class missed stands under them."""
    rank = 2 if len(assignment.questions) <= MOST_COLUMNS else 3
    points = tuple(
        Heading(question.id, printable(question.id), align="right", rank=rank) for question in assignment.questions
    )
    headings = (
        Heading("student", "student", foreign=True),
        Heading("score", "score", align="right"),
        *points,
        Heading("mistakes", "mistakes", glue="", folds=True, foreign=True),
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
        remarks=(*_missed(items), *_commonest(tallied, len(sheets)), *_undiscriminating(items)),
    )


def without_mistakes(book: Table) -> Table:
    """A gradebook of points alone, where the mistakes stand in the report of each student."""
    kept = [place for place, heading in enumerate(book.headings) if heading.name != "mistakes"]

    def cut(row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(row[place] for place in kept)

    lead = None if book.lead is None else cut(book.lead)
    return book._replace(headings=cut(book.headings), rows=tuple(map(cut, book.rows)), lead=lead)


def by_question(items: Sequence[Item]) -> Table:
    """A row a question: how many were right, what went wrong, and whether it tells the good from the rest."""
    headings = (
        Heading("question", "question", foreign=True),
        Heading("ask", "asks for", rank=2),
        Heading("points", "points", align="right", rank=1),
        Heading("right", "right", align="right"),
        Heading("wrong", "wrong", align="right"),
        Heading("not-answered", "not answered", align="right", rank=1),
        Heading("reached", "reached", align="right"),
        Heading("discrimination", "discrimination", align="right", rank=1),
        Heading("mistakes", "mistakes", glue="", folds=True, foreign=True),
        Heading("others", "other answers", glue="", folds=True, rank=1, foreign=True),
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
            _counted(item.mistakes),
            _counted((_short(given), count) for given, count in item.others[:MOST_MISTAKES]),
        )
        for item in items
    )
    return Table(headings, rows, title="questions", remarks=tuple(_undiscriminating(items)))


def by_mistake(tallied: Sequence[Tally]) -> Table:
    """A row a mistake: how often it was made, by how many, where, and what it is."""
    headings = (
        Heading("mistake", "mistake"),
        Heading("answers", "answers", align="right"),
        Heading("students", "students", align="right"),
        Heading("questions", "questions", glue="", folds=True, foreign=True),
        Heading("means", "the answer …", folds=True, rank=1),
    )
    rows = tuple((one.code or None, one.answers, one.students, _counted(one.questions), one.doc) for one in tallied)
    return Table(headings, rows, title="mistakes")


def of_student(assignment: Assignment, sheet: Graded) -> Table:
    """The report of one student: a row a question, and a sentence about each that is not simply right."""
    headings = (
        Heading("question", "question", foreign=True),
        Heading("ask", "asks for", rank=2),
        Heading("given", "given", align="right", foreign=True),
        Heading("expected", "expected", align="right"),
        Heading("verdict", "verdict"),
        Heading("points", "points", align="right"),
        Heading("of", "of", align="right", rank=1),
        Heading("mistakes", "mistakes", glue="", folds=True, foreign=True),
    )
    pairs = list(zip(assignment.questions, sheet.marks, strict=True))
    rows = tuple(
        (
            printable(question.id),
            question.ask,
            printable(mark.shown),
            written(mark.expected),
            mark.verdict,
            shown(mark.points),
            shown(question.points),
            ", ".join(mark.codes) or None,
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
    """What a student reads about an answer; nothing about one that is exactly right."""
    if mark.verdict == NOT_ANSWERED:
        return f"not answered; {mark.truth}"
    if mark.answer is None:
        return f"{mark.trouble}; {mark.truth}"
    if mark.verdict == RIGHT:
        read = [f"read as {said(stated(mark.answer))}"] if mark.answer.reread else []
        return "; ".join([*read, *([f"close enough; {mark.truth}"] if mark.answer.rounded else [])])
    if mark.answer.convention:
        return f"right by the convention {mark.answer.convention}; without it, {mark.truth}"
    own, mistakes = mark.answer.follows, mark.answer.mistakes
    if own is None:
        return mistakes[0].text if mistakes else f"no known mistake leads to this; {mark.truth}"
    text = mistakes[0].text if mistakes else mark.truth
    return f"consistent with your {own.quantity} {said(stated(own))} of {own.layer}; {text}"


def to_dict(
    assignment: Assignment, sheets: Sequence[Graded], items: Sequence[Item], tallied: Sequence[Tally]
) -> dict[str, Any]:
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
                "other_answers": dict(item.others),
                "reached": item.reached,
                "discrimination": item.discrimination,
            }
            for item in items
        ],
        "mistakes": [
            {
                "mistake": one.code or None,
                "text": f"the answer {one.doc}",
                "answers": one.answers,
                "students": one.students,
                "questions": dict(one.questions),
            }
            for one in tallied
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
    return ", ".join(found) or None


def _short(given: str) -> str:
    """An answer in a cell among others."""
    return given if len(given) <= LONGEST_GIVEN else f"{given[: LONGEST_GIVEN - 3]}..."


def _counted(counts: Iterable[tuple[str, int]]) -> Cell:
    """Names, each with how often it came."""
    return ", ".join(f"{printable(name)}:{count}" for name, count in counts) or None


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


def _missed(items: Sequence[Item]) -> Iterator[Remark]:
    """The questions that were missed most, and by which mistakes."""
    missed = sorted((item for item in items if _not_right(item)), key=_not_right, reverse=True)
    for item in missed[:MOST_QUESTIONS]:
        wrong, blank = item.verdicts.get(WRONG, 0), item.verdicts.get(NOT_ANSWERED, 0)
        are = "is" if wrong == 1 else "are"
        parts = [f"{separated(wrong)} of {separated(sum(item.verdicts.values()))} {are} wrong"]
        parts += [f"{separated(blank)} not answered"] if blank else []
        # An answer that many give has a reason, if no known one.
        often = [(quote(given), number) for given, number in item.others[:1] if number > 1]
        named = _named((*item.mistakes[:MOST_MISTAKES], *often))
        yield Remark("wrong", f"{printable(item.question.id)}: {', '.join(parts)}{f'; {named}' if named else ''}")
    further = len(missed) - MOST_QUESTIONS
    if further > 0:
        were = "was" if further == 1 else "were"
        yield Remark(
            "note", f"{counted(further, 'further question')} {were} missed by fewer: `--by question` shows all"
        )


def _not_right(item: Item) -> int:
    """How many did not have a right answer to a question; a few blanks of a few students say nothing."""
    wrong, blank = item.verdicts.get(WRONG, 0), item.verdicts.get(NOT_ANSWERED, 0)
    is_class = sum(item.verdicts.values()) >= SMALLEST_CLASS
    return wrong + blank if wrong or is_class else 0


def _commonest(tallied: Sequence[Tally], students: int) -> Iterator[Remark]:
    """The commonest mistakes of a class."""
    named = [(one.code, one.answers) for one in tallied if one.code][:MOST_MISTAKES]
    if named and students >= SMALLEST_CLASS:
        yield Remark("note", f"the commonest mistakes: {_named(named)} (`--by mistake` shows all)")


def _named(counts: Iterable[tuple[str, int]]) -> str:
    """Mistakes in a sentence, each with how often it was made."""
    return ", ".join(f"{code} {separated(number)}" for code, number in counts)


def _undiscriminating(items: Sequence[Item]) -> Iterator[Remark]:
    """Which questions do not tell the good from the rest, the worst first."""
    found = sorted(
        (item.discrimination, printable(item.question.id))
        for item in items
        if sum(item.verdicts.values()) >= SMALLEST_CLASS
        and item.discrimination is not None
        and item.discrimination < POOR
    )
    if len(found) == 1:
        ((number, name),) = found
        text = f"{name} does not tell who is good at the rest of the sheet (discrimination {number:.2f})"
        yield Remark("note", f"{text}: look at it and at its key")
    elif found:
        names = [f"{name} ({number:.2f})" for number, name in found[:MOST_QUESTIONS]]
        further = [f"{len(found) - MOST_QUESTIONS} more"] if len(found) > MOST_QUESTIONS else []
        text = f"these do not tell who is good at the rest of the sheet: {', '.join([*names, *further])}"
        yield Remark("note", f"{text}; look at them and at their keys (the number is the discrimination)")
