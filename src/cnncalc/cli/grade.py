"""`cnncalc grade ASSIGNMENT.toml ANSWERS.csv`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Final
from urllib.parse import quote as quoted

import click

from cnncalc.cli import EXIT_USAGE, EXIT_WRONG, Troubles, talk
from cnncalc.cli.options import Choice, Output, file_name, files_in, takes_output, tracked
from cnncalc.homework import assignment as assignments
from cnncalc.homework import rows, sheets
from cnncalc.homework.answers import WRONG
from cnncalc.homework.assignment import Assignment
from cnncalc.homework.grade import Graded, Grader, items, tallies
from cnncalc.spec.source import SpecError, did_you_mean, quote
from cnncalc.views import grades, gradescope, html, json, render_table
from cnncalc.views.table import Table

GRADESCOPE: Final = "gradescope"
EXTENSIONS: Final = {"table": "txt", "plain": "txt", "markdown": "md", "latex": "tex", GRADESCOPE: "json"}
# On one page there are reports of so many students at most; more have files of their own.
MOST_ON_PAGE: Final = 500
# Reports in files are for people, and have lines that fit on paper.
WIDTH: Final = 100
# The page that leads to the reports of all students; no student's has its name.
INDEX: Final = "index"
BY: Final = ("student", "question", "mistake")


@click.command("grade")
@click.argument("assignment", metavar="ASSIGNMENT.toml")
@click.argument("answers", metavar="[ANSWERS.csv]", required=False)
@click.option("--key", is_flag=True, help="Check the assignment's own key instead of answers.")
@click.option("--students", metavar="FILE", help="A CSV file with the students that there are, in a column `student`.")
@click.option("--student", metavar="NAME", help="The report of one student.")
@click.option("--by", type=Choice(BY), help=f"What a row is for; a {BY[0]} by default.")
@click.option("--follow-on", metavar="PART", help="The part of the points for what follows from an own wrong answer.")
@click.option(
    "--visibility",
    type=Choice(gradescope.VISIBILITIES),
    help=f"When Gradescope shows its results to students; {gradescope.VISIBILITIES[0]} by default.",
)
@click.option("--save", metavar="DIRECTORY", help="Write a report for each student, in the chosen format.")
@partial(takes_output, also=(GRADESCOPE,))
def command(
    *,
    output: Output,
    assignment: str,
    answers: str | None,
    key: bool,
    students: str | None,
    student: str | None,
    by: str | None,
    follow_on: str | None,
    visibility: str | None,
    save: str | None,
) -> int:
    """Grade a class: each student's points, which mistakes were made, and what was missed most.

    ASSIGNMENT.toml holds the questions, ANSWERS.csv the answers: `student,question,answer`, or `student,q1,q2,…`.
    """
    if key == (answers is not None):
        raise click.UsageError("grade takes a file of answers, or --key")
    _refuse({"--students": students, "--student": student}, "answers, not for --key", when=key)
    _refuse({"--by": by}, "the table of a class", when=bool(key or student or save))
    shown = _visibility(visibility, output.format)
    problems = Troubles()
    read = assignments.read(assignment, problems.add)
    if follow_on is not None:
        read = read._replace(follow_on=_part(follow_on))
    grader = Grader(read, problems.add)
    if not grader.assignment.questions:
        raise SpecError(problems.kept)
    if answers is None:
        asked, sheet = grader.grade_key(problems.add)
        if not sheet.marks and not problems:
            raise click.UsageError("no question has a key: write it as `answer = 760`")
        graded = [sheet]
    else:
        asked, graded = grader.assignment, _graded(grader, answers, students, student, problems)
    if save is not None:
        _save(asked, graded, output.format, save, shown)
    elif output.format == GRADESCOPE and len(graded) != 1:
        raise click.UsageError("Gradescope has a file for each student: --save DIRECTORY writes them")
    elif key or student or output.format == GRADESCOPE:
        _write_student(asked, graded[0], output, shown)
    else:
        _write_class(asked, graded, output, by or BY[0])
    problems.tell()
    if problems:
        return EXIT_USAGE
    return EXIT_WRONG if any(mark.verdict == WRONG for sheet in graded for mark in sheet.marks) else 0


def _refuse(options: Mapping[str, str | None], what: str, *, when: bool) -> None:
    """Refuse options that would do nothing."""
    given = next((name for name, value in options.items() if value is not None), None)
    if when and given is not None:
        raise click.UsageError(f"{given} is for {what}")


def _part(text: str) -> Decimal:
    """A part of the points, from 0 to 1."""
    match = re.fullmatch(r"0(?:\.[0-9]{1,9})?|1(?:\.0{1,9})?|\.[0-9]{1,9}", text)
    if match is None:
        raise click.BadParameter(f"{text!r} is no number from 0 to 1", param_hint="--follow-on")
    return Decimal(text)


def _visibility(word: str | None, format: str) -> str:  # noqa: A002
    """When students see what Gradescope shows."""
    _refuse({"--visibility": word}, f"--format {GRADESCOPE}", when=format != GRADESCOPE)
    return word or gradescope.VISIBILITIES[0]


def _graded(
    grader: Grader, answers: str, students: str | None, student: str | None, problems: Troubles
) -> list[Graded]:
    """The sheets of all students, or of the one who is named."""
    roster = None if students is None else sheets.students(rows.read(students, problems.add), problems.add)
    questions, left_out = [question.id for question in grader.assignment.questions], grader.assignment.left_out
    found = sheets.gathered(rows.read(answers, problems.add), questions, roster, problems.add, left_out)
    if student is not None:
        if student not in found:
            hint = did_you_mean(student, list(found)) or "there is no such name in the file of answers"
            raise click.UsageError(f"no student is called {quote(student)}; {hint}")
        found = {student: found[student]}
    return [
        grader.grade(name, {question: cell.text for question, cell in cells.items()})
        for name, cells in tracked([*found.items()], "students")
    ]


def _write_student(assignment: Assignment, sheet: Graded, output: Output, visibility: str) -> None:
    """The report of one student on standard output."""
    if output.format == GRADESCOPE:
        click.echo(json.render(gradescope.results(assignment, sheet, visibility)), nl=False)
    else:
        output.write(grades.of_student(assignment, sheet), lambda: grades.student_as_json(assignment, sheet))


def _write_class(assignment: Assignment, graded: Sequence[Graded], output: Output, by: str) -> None:
    """The gradebook, what became of each question, or how often each mistake was made; on a page everything."""
    if output.format == "html":
        _write_page(assignment, graded)
        return
    counted, tallied = items(assignment, graded), tallies(assignment, graded)
    tables = {
        "student": partial(grades.gradebook, assignment, graded, counted, tallied),
        "question": partial(grades.by_question, counted),
        "mistake": partial(grades.by_mistake, tallied),
    }
    output.write(tables[by](), partial(grades.to_dict, assignment, graded, counted, tallied))


def _write_page(assignment: Assignment, graded: Sequence[Graded]) -> None:
    """Everything about a class on one page, with the reports of its students if they are not too many."""
    reports = [
        grades.of_student(assignment, sheet)._replace(anchor=f"student-{number}")
        for number, sheet in enumerate(graded if len(graded) <= MOST_ON_PAGE else (), start=1)
    ]
    if not reports and graded:
        talk(f"note: the page has no report for each of {len(graded)} students; --save DIRECTORY writes them")
    click.echo(_page(assignment, graded, [f"#{report.anchor}" for report in reports], reports), nl=False)


def _page(assignment: Assignment, graded: Sequence[Graded], links: Sequence[str], reports: Sequence[Table] = ()) -> str:
    """Everything about a class. `links` lead to the report of each student, which has the mistakes then."""
    counted, tallied = items(assignment, graded), tallies(assignment, graded)
    questions, mistakes = grades.by_question(counted), grades.by_mistake(tallied)
    book = grades.gradebook(assignment, graded, counted, tallied)
    # What a teacher wants to know first stands first; the points of ninety students are a long table.
    overview = questions._replace(title=book.title, summary=book.summary)
    points = book._replace(title="gradebook", anchor="gradebook", links=tuple(links), summary=(), remarks=())
    return html.page(overview, mistakes, grades.without_mistakes(points) if links else points, *reports)


def _save(assignment: Assignment, graded: Sequence[Graded], format: str, directory: str, visibility: str) -> None:  # noqa: A002
    """A file for each student, called as the student is, as far as files may be; pages have one that leads to all."""
    taken = {INDEX}
    folder = Path(directory)
    names = [f"{file_name(sheet.student, taken)}.{EXTENSIONS.get(format, format)}" for sheet in graded]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, sheet in zip(names, tracked(graded, "reports"), strict=True):
            (folder / name).write_text(_text(assignment, sheet, format, visibility), encoding="utf-8")
        if format == "html":
            (folder / f"{INDEX}.html").write_text(_page(assignment, graded, [quoted(name) for name in names]), "utf-8")
    except OSError as error:
        raise click.UsageError(f"cannot write to {error.filename or directory!r}: {error.strerror}") from None
    talk(files_in(len(graded), directory))
    if format == "html":
        talk(f"{folder / INDEX}.html leads to all of them")


def _text(assignment: Assignment, sheet: Graded, format: str, visibility: str) -> str:  # noqa: A002
    """The report of one student in a format."""
    if format == GRADESCOPE:
        return json.render(gradescope.results(assignment, sheet, visibility))
    if format == "json":
        return json.render(grades.student_as_json(assignment, sheet))
    table = grades.of_student(assignment, sheet)
    if format not in ("table", "plain"):
        return render_table(table, format)
    from cnncalc.views import terminal  # noqa: PLC0415  rich takes as long as all the rest

    drawn = StringIO()
    terminal.print_table(table, file=drawn, width=WIDTH, color=False)
    return drawn.getvalue()
