"""Who answered what, from both forms of CSV, whole and with mistakes in them."""

from __future__ import annotations

import pytest

from cnncalc.homework import rows, sheets
from cnncalc.spec.source import Problem, SpecError, draw

QUESTIONS = ("q1", "Q2")


def gathered(text: str, students: list[str] | None = None) -> tuple[dict[str, dict[str, str]], list[str]]:
    """The texts by student and question, and what was reported."""
    problems: list[Problem] = []
    sheet = rows.of_text("a.csv", text, problems.append)
    found = sheets.gathered(sheet, QUESTIONS, students, problems.append)
    texts = {student: {question: cell.text for question, cell in cells.items()} for student, cells in found.items()}
    return texts, [draw(problem) for problem in problems]


def test_both_forms_say_the_same() -> None:
    """A row an answer, in any order, or a row a student; an empty cell is no answer."""
    long = "student,question,answer\nann,q2,28x28\nbob,Q1,760\nann,q1,750\nbob,q2,\n"
    wide = "Student;Q1;q2\nann;750;28x28\nbob;760;\n"
    expected = {"ann": {"q1": "750", "Q2": "28x28"}, "bob": {"q1": "760"}}
    assert gathered(long) == gathered(wide) == (expected, [])


def test_students_without_an_answer_have_a_sheet() -> None:
    """Where it is known who there is, everybody has one, and nobody else."""
    texts, problems = gathered("student,q1\nbob,760\nbop,1\n,2\n", ["ann", "bob"])
    assert texts == {"ann": {}, "bob": {"q1": "760"}}
    assert problems[0].startswith("a.csv:3:1: error: no student is called `bop`")
    assert "did you mean `bob`?" in problems[0]
    assert problems[1].startswith("a.csv:4:1: error: a row names its student")


def test_many_strangers_take_no_long_comparing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first names are compared with those that there are, each once; all are reported."""
    monkeypatch.setattr(sheets, "MOST_HINTS", 2)
    text = "student,q1\nbop,1\nbop,1\nanm,1\nbobb,1\nbop,1\n"
    _, problems = gathered(text, ["ann", "bob"])
    assert [problem.rpartition("hint: ")[2] for problem in problems if "hint" in problem] == [
        *["did you mean `bob`?"] * 2,
        "did you mean `ann`?",
        "did you mean `bob`?",
    ]
    assert len(problems) == 5


def test_the_first_of_two_answers_counts() -> None:
    """The second is reported with the place of both."""
    texts, problems = gathered("student,question,answer\nann,q1,1\nann,q1,2\n")
    assert texts == {"ann": {"q1": "1"}}
    (problem,) = problems
    assert problem.startswith(
        "a.csv:3:8: error: `ann` has answered `q1` before; the first answer counts\n    ann,q1,2\n"
    )
    assert "a.csv:2:8: note: this is the first one" in problem


def test_a_row_of_answers_that_were_given_before_is_told_once() -> None:
    """With what it repeats; empty cells repeat nothing, and what is new counts."""
    text = "student," + ",".join("abcdef") + "\nann,1,2,3,4,5,\nann,6,7,,8,9,10\nann,,,11,,,\n"
    problems: list[Problem] = []
    sheet = rows.of_text("a.csv", text, problems.append)
    found = sheets.gathered(sheet, "abcdef", None, problems.append)
    assert "".join(cell.text for cell in found["ann"].values()) == "1234510"
    assert [draw(problem).splitlines()[0] for problem in problems] == [
        "a.csv:3:5: error: `ann` has answered `a`, `b`, `d` and 1 more before; the first answers count",
        "a.csv:4:7: error: `ann` has answered `c` before; the first answer counts",
    ]


def test_answers_to_broken_questions_do_not_matter() -> None:
    """Their questions were reported already, and are in the file rightly."""
    for text in ("student,Q3,q1\nann,1,2\n", "student,question,answer\nann,q3,1\nann,q1,2\n"):
        problems: list[Problem] = []
        found = sheets.gathered(rows.of_text("a.csv", text, problems.append), ["q1"], None, problems.append, ["q3"])
        assert [(name, cell.text) for name, cell in found["ann"].items()] == [("q1", "2")]
        assert problems == []


def test_unknown_questions_are_reported() -> None:
    """A row, or a column, of no question; the others count."""
    texts, problems = gathered("student,question,answer\nann,q3,1\nann,q1,2\n")
    assert texts == {"ann": {"q1": "2"}}
    assert problems[0].startswith("a.csv:2:5: error: no question is called `q3`")
    texts, problems = gathered("student,q1,q3,,note\nann,1,2,,\n")
    assert texts == {"ann": {"q1": "1"}}
    assert [problem.splitlines()[0] for problem in problems] == [
        "a.csv:1:12: error: no question is called `q3`; this column is left out",
        "a.csv:1:1: error: no question is called ``; this column is left out",
        "a.csv:1:16: error: no question is called `note`; this column is left out",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name,q1\nann,1\n", "there is no column `student`"),
        ("student,answer\nann,1\n", "there is no column `question`"),
        ("student,question\nann,1\n", "there is no column `answer`"),
        ("student,zzz\nann,1\n", "there is no column `question`"),
    ],
)
def test_a_file_without_its_columns(text: str, says: str) -> None:
    """It is refused, with the columns that there are."""
    with pytest.raises(SpecError, match=says):
        gathered(text)


def test_a_name_has_an_end() -> None:
    """What is as long as an essay is no name."""
    texts, problems = gathered(f"student,q1\n{'x' * 300},1\n")
    assert texts == {}
    assert "this is no name of a student" in problems[0]


def test_a_roster() -> None:
    """The students in their order; one who is there twice is reported."""
    problems: list[Problem] = []
    sheet = rows.of_text("r.csv", "group,student\n1,ann\n2,bob\n1,ann\n2,\n", problems.append)
    assert sheets.students(sheet, problems.append) == ["ann", "bob"]
    assert [problem.message for problem in problems] == ["`ann` is there twice", "a row names its student"]
