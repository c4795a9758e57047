"""Who answered what: the answers of a class by student and question, from either form of CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from cnncalc.homework.rows import Row, Sheet
from cnncalc.spec.source import Problem, Source, Span, did_you_mean, quote

STUDENT: Final = "student"
LONG: Final = (STUDENT, "question", "answer")
# A student's or a question's name; what is longer is no name.
LONGEST_NAME: Final = 200
# Of the answers that a row gives once more, so many are named.
MOST_REPEATED: Final = 3
# To compare many names with many takes long, so only so many different ones are compared.
MOST_HINTS: Final = 100

Report: TypeAlias = Callable[[Problem], None]


class Cell(NamedTuple):
    """What a student wrote for a question, and the line and the column of the file on which it stands."""

    text: str
    line: int
    column: int

    def span(self, file: str) -> Span:
        """The place, as an error draws it."""
        source = Source(file, " " * (self.column - 1) + self.text, self.line)
        return Span(source, self.column - 1, len(source.text))


class _Meant:
    """Which of some names was probably meant by another one, as a hint."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.known: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        if name not in self.known:
            self.known[name] = did_you_mean(name, self.names) if len(self.known) < MOST_HINTS else ""
        return self.known[name]


Answers: TypeAlias = dict[str, dict[str, Cell]]


def gathered(
    sheet: Sheet,
    questions: Sequence[str],
    students: Sequence[str] | None,
    report: Report,
    left_out: Iterable[str] = (),
) -> Answers:
    """The answers by student and question, of a file with a row an answer, or a row a student.

    What belongs to no student or question, and a further answer of a student to a question, is reported and
    left out: the first one counts. `students` are those that there are, None if that is not known; each of
    them has a sheet, though it may be empty. `left_out` are questions to which the answers do not matter. Raises
    `SpecError` for a file that lacks the columns.
    """
    sheet.need(STUDENT)
    known = dict.fromkeys(map(str.lower, left_out), "") | {question.lower(): question for question in questions}
    found: Answers = {student: {} for student in students or ()}
    is_long = "question" in sheet.columns or "answer" in sheet.columns or not set(sheet.columns) & set(known)
    if is_long:
        sheet.need(*LONG)
    student_meant, question_meant = _Meant(students or ()), _Meant(questions)
    columns = () if is_long else tuple(_known_columns(sheet, known, question_meant, report))
    for row in sheet.rows:
        student = _student(row, report)
        if student is not None and students is not None and student not in found:
            report(Problem(f"no student is called {quote(student)}", row.span(STUDENT), student_meant(student)))
            student = None
        if student is None:
            continue
        answers = found.setdefault(student, {})
        again = []
        for question, column in _answered(row, known, question_meant, report) if is_long else columns:
            if row.cells[column] and question in answers:
                again.append((question, column))
            elif row.cells[column]:
                answers[question] = _cell(row, column)
        if again:
            report(_repeated(student, row, again, answers))
    return found


def _repeated(student: str, row: Row, again: Sequence[tuple[str, str]], answers: dict[str, Cell]) -> Problem:
    """What is said of a row that answers some questions once more."""
    (question, column), *others = again
    named = ", ".join(quote(question) for question, _ in again[:MOST_REPEATED])
    further = len(again) - MOST_REPEATED
    which = f"{named} and {further} more" if further > 0 else named
    message = f"{quote(student)} has answered {which} before; the first answer{'s count' if others else ' counts'}"
    first = answers[question].span(row.source.name)
    return Problem(message, row.span(column), related=((first, "this is the first one"),))


def students(sheet: Sheet, report: Report) -> list[str]:
    """The students of a roster: a CSV file with a column `student`."""
    sheet.need(STUDENT)
    found: dict[str, None] = {}
    for row in sheet.rows:
        student = _student(row, report)
        if student in found:
            report(Problem(f"{quote(student)} is there twice", row.span(STUDENT)))
        elif student is not None:
            found[student] = None
    return list(found)


def _known_columns(sheet: Sheet, known: dict[str, str], meant: _Meant, report: Report) -> Iterator[tuple[str, str]]:
    """The questions that have a column, with its name; the columns of no question are reported."""
    for column in sheet.columns:
        if known.get(column):
            yield known[column], column
        elif column not in known and column != STUDENT:
            start = max(sheet.source.text.lower().find(column), 0)
            span = Span(sheet.source, start, start + max(len(column), 1))
            report(Problem(f"no question is called {quote(column)}; this column is left out", span, meant(column)))


def _answered(row: Row, known: dict[str, str], meant: _Meant, report: Report) -> Iterator[tuple[str, str]]:
    """The question of a row that has one answer, unless it is left out."""
    name = row.cells["question"]
    if known.get(name.lower()):
        yield known[name.lower()], "answer"
    elif name.lower() not in known:
        report(Problem(f"no question is called {quote(name)}", row.span("question"), meant(name)))


def _student(row: Row, report: Report) -> str | None:
    """The student of a row; None, and reported, where it has no name."""
    student = row.cells[STUDENT]
    if not student or len(student) > LONGEST_NAME:
        report(Problem("a row names its student" if not student else "this is no name of a student", row.span(STUDENT)))
        return None
    return student


def _cell(row: Row, column: str) -> Cell:
    """A cell of a row with its place."""
    line, place = row.source.position(row.span(column).start)
    return Cell(row.cells[column], line, place)
