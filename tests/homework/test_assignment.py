"""Assignments in TOML: what they hold, and what is said of a broken one."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.homework import assignment
from cnncalc.homework.judging import Rules
from cnncalc.spec.source import Problem, Source, Span, SpecError, draw

WHOLE = '''
title = "CNN arithmetic"   # the sheet
seed = 2026
follow_on = 0.5
accept = ["macs-for-flops"]
tolerance = "1%"

[[question]]
id = "q1"
spec = """
# id = "not a key"
input 32x32x3
conv 10 5x5 p2
"""
ask = "params"
layer = "conv1"
points = 2.5
answer = 760
accept = ["no-bias"]
tolerance = 0

[[question]]
id = "q2"
"spec" = "param k = 3; input 32x32x3; conv 8 kxk"
ask = "Output"
answer = [28, 28, 8]
set = { k = 5 }

[[question]]
id = "q3"
spec = "param k = 3; param f = 4; param deep = no; input 32x32x3; conv f kxk"
ask = "output"
answer = 28.50
choices = [28.50, "30x30x8", [28, 28, 8]]
vary = { k = [3, 5, 7], f = [4, 8], deep = [true, false] }
'''


def read(tmp_path: Path, text: str) -> tuple[assignment.Assignment, list[str]]:
    """An assignment, and what was reported."""
    path = tmp_path / "sheet.toml"
    path.write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    found = assignment.read(str(path), problems.append)
    return found, [draw(problem).replace(str(path), "sheet.toml") for problem in problems]


def test_an_assignment_is_read(tmp_path: Path) -> None:
    """Every key has its value; what holds for the sheet holds for each of its questions."""
    sheet, problems = read(tmp_path, WHOLE)
    assert problems == []
    assert (sheet.title, sheet.seed, sheet.follow_on, sheet.points) == (
        "CNN arithmetic",
        "2026",
        Decimal("0.5"),
        Decimal("4.5"),
    )
    first, second, third = sheet.questions
    assert (first.id, first.ask, first.layer, first.points, first.answer) == (
        "q1",
        "params",
        "conv1",
        Decimal("2.5"),
        "760",
    )
    assert first.rules == Rules(("macs-for-flops", "no-bias"), 0, relative=False)
    assert second.rules == Rules(("macs-for-flops",), Fraction(1, 100), relative=True)
    assert (second.ask, second.layer, second.points, second.answer) == ("output", "", 1, "[28, 28, 8]")
    assert third.answer == "28.50"
    assert (first.choices, third.choices) == ((), ("28.50", "30x30x8", "[28, 28, 8]"))
    assert second.values("ann", sheet.seed) == {"k": "5"}


def test_students_have_variants_of_their_own(tmp_path: Path) -> None:
    """A student always has the same one; all are about equally frequent; the same name is drawn once for a sheet."""
    sheet, _ = read(tmp_path, WHOLE)
    question = sheet.questions[2]
    drawn = [question.values(f"s{number}", sheet.seed) for number in range(1200)]
    assert drawn == [question.values(f"s{number}", sheet.seed) for number in range(1200)]
    frequent = Counter(tuple(values.values()) for values in drawn)
    assert set(frequent) == {(k, f, deep) for k in ("3", "5", "7") for f in ("4", "8") for deep in ("yes", "no")}
    assert min(frequent.values()) > 60
    assert [question.values(f"s{number}", "another") for number in range(1200)] != drawn
    assert question._replace(id="q4").values("ann", sheet.seed) == question.values("ann", sheet.seed)


NO_NUMBERS = ("-inf", "nan", "1e301", "1E-400", "1e999999999", "1e999999999999999999999")
QUESTION = '[[question]]\nid = "q1"\nspec = "input 8x8x1; conv 3 3x3"\nask = "params"\n'


@pytest.mark.parametrize(
    ("line", "place", "says"),
    [
        ("pionts = 2", "5:10", "unknown key `pionts`"),
        ("points = -1", "5:10", "from 0 to 1,000,000,000"),
        ('points = "2"', "5:10", "is a number"),
        ("points = true", "5:10", "is a number"),
        ('tolerance = "much"', "5:13", "is no tolerance"),
        ("tolerance = -1", "5:13", "is no tolerance"),
        ('accept = ["no-bais"]', "5:10", "did you mean `no-bias`?"),
        ("accept = [[1]]", "5:10", "is no convention"),
        ("layer = 7", "5:9", "`layer` is a text"),
        (f'layer = "{"x" * 300}"', "5:9", "at most 200"),
        ('accept = "no-bias"', "5:10", "is a list of conventions"),
        ("answer = { a = 1 }", "5:10", "is a number, a text or a list of them"),
        ("choices = 760", "5:11", "is a list of answers"),
        (f"choices = {list(range(27))}", "5:11", "at most 26 answers"),
        ("choices = [760, 750, 760]", "5:11", "has `760` twice"),
        ("set = 3", "5:7", "is a table of names and values"),
        ("vary = { k = 3 }", "5:8", "has a list of values for each name"),
        ("vary = { k = [] }", "5:8", "has a list of values for each name"),
        (f"vary = {{ k = {list(range(50))}, f = {list(range(50))} }}", "5:8", "2,500 variants"),
    ],
)
def test_a_broken_question_is_left_out(tmp_path: Path, line: str, place: str, says: str) -> None:
    """Its problem is reported at its value, and the other question is kept."""
    sheet, problems = read(tmp_path, QUESTION + line + "\n" + QUESTION.replace("q1", "q2"))
    assert ([question.id for question in sheet.questions], sheet.left_out) == (["q2"], ("q1",))
    assert len(problems) == 1
    assert problems[0].startswith(f"sheet.toml:{place}: error: ")
    assert says in problems[0]


def test_questions_may_have_numbers_for_names(tmp_path: Path) -> None:
    """`id = 1` is the question that the column `1` answers; a truth value is no name."""
    sheet, problems = read(tmp_path, QUESTION.replace('"q1"', "1") + QUESTION.replace('"q1"', "true"))
    assert [question.id for question in sheet.questions] == ["1"]
    assert "sheet.toml:6:6: error: question 2 needs `id`, a text" in problems[0]


def test_questions_are_told_apart_in_a_file_of_answers(tmp_path: Path) -> None:
    """Their names differ by more than case and spaces, and from the other columns of such a file."""
    sheet, problems = read(tmp_path, "".join(QUESTION.replace("q1", name) for name in (" q1 ", "Q1", "Answer", "a")))
    assert [question.id for question in sheet.questions] == ["q1", "a"]
    assert "sheet.toml:6:6: error: there are two questions called `Q1`" in problems[0]
    assert "sheet.toml:10:6: error: a file of answers has a column `answer`" in problems[1]


def test_a_question_needs_its_keys_and_a_name_of_its_own(tmp_path: Path) -> None:
    """Without one of them it is reported at its head; the second of the same name is left out."""
    sheet, problems = read(tmp_path, QUESTION + QUESTION + '[[question]]\nid = " "\nspec = "relu"\n')
    assert len(sheet.questions) == 1
    assert "sheet.toml:6:6: error: there are two questions called `q1`" in problems[0]
    assert "sheet.toml:10:6: error: question 3 needs `id`, a text" in problems[1]
    assert "sheet.toml:9:1: error: question 3 needs `ask`, a text" in problems[2]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there is no question"),
        ("question = 3", "there is no question"),
        ("question = [1]", "there is no question"),
        ("a = \n", "sheet.toml:1:5: error: this is no TOML: Invalid value"),
        ("a = 1\nb = ]", "sheet.toml:2:5: error: this is no TOML"),
        ('a = "x', "this is no TOML"),
        *((f"b = 1\na = {one}\n", f"sheet.toml:2:5: error: `{one}` is no number") for one in NO_NUMBERS),
        ("a = " + "9" * 5000, "this is no TOML"),
        ("a = " + "[" * 100_000, "this is no TOML: lists inside of lists"),
        ("\0", "NUL byte"),
        (QUESTION * 2001, "sheet.toml:8001:1: error: there are 2,001 questions; there may be 2,000"),
    ],
)
def test_a_file_that_is_no_assignment(tmp_path: Path, text: str, says: str) -> None:
    """It is refused with the place that the reader of TOML names."""
    with pytest.raises(SpecError) as error:
        read(tmp_path, text)
    assert says in str(error.value).replace(str(tmp_path / "sheet.toml"), "sheet.toml")


def test_a_problem_of_a_spec_stands_where_the_spec_stands(tmp_path: Path) -> None:
    """Line and column of the file; the key's own place for a text that was written with escapes."""
    sheet, _ = read(tmp_path, WHOLE)
    first, second, third = sheet.questions
    problem = Problem(
        "unknown kind `conv`", Span(Source("spec", first.spec), first.spec.index("conv"), first.spec.index(" 10"))
    )
    related = Span(Source("spec", first.spec), first.spec.index("input"), first.spec.index(" 32"))
    there = first.place.moved(problem._replace(related=((related, "it comes from here"),))).related[0][0]
    assert (there.text, there.source.position(there.start)) == ("input", (12, 1))
    moved = first.place.moved(problem).span
    assert (moved.text, moved.source.position(moved.start)) == ("conv", (13, 1))
    assert second.place.moved(problem).span.source.position(second.place.span("spec").start) == (
        24,
        10,
    )
    assert third.place.span("vary").text.startswith("{ k = [3")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Nothing but `SpecError` comes out of it."""
    directory = tmp_path_factory.getbasetemp()
    for one in (text, WHOLE + text, f'{QUESTION}layer = "{text}"'):
        try:
            read(directory, one)
        except (SpecError, UnicodeEncodeError):
            continue
