"""Grading: points, verdicts, mistakes, what follows from a wrong answer, and what is said of a class."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

import pytest

import cnncalc
from cnncalc.homework import assignment, grade
from cnncalc.homework.grade import Grader, items, tallies
from cnncalc.spec.source import Problem, draw
from cnncalc.views import grades, gradescope

SHEET = """
title = "CNN arithmetic"
seed = 3
follow_on = 0.25

[[question]]
id = "q1"
spec = "input 32x32x3; conv 10 5x5 p2"
ask = "params"
points = 2
accept = ["no-bias"]
answer = 750

[[question]]
id = "q2"
spec = "input 32x32x3; conv 10 5x5 s2; flatten; dense 10"
ask = "output"
layer = "conv1"
answer = "14x14x10"

[[question]]
id = "q3"
spec = "input 32x32x3; conv 10 5x5 s2; flatten; dense 10"
ask = "params"
layer = "dense1"

[[question]]
id = "q4"
spec = "param k = 3; conv 10 kxk"
input = "32x32x3"
ask = "macs"
layer = "total"
vary = { k = [3, 5, 7] }
"""


def graded(text: str, tmp_path: Path) -> tuple[Grader, list[str]]:
    """A grader of an assignment, and what was reported."""
    path = tmp_path / "sheet.toml"
    path.write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    grader = Grader(assignment.read(str(path), problems.append), problems.append)
    return grader, [draw(problem).replace(str(path), "sheet.toml") for problem in problems]


def test_every_answer_has_its_points(tmp_path: Path) -> None:
    """Right, right by a convention that is accepted, wrong by a known mistake, unreadable, none at all."""
    grader, problems = graded(SHEET, tmp_path)
    assert problems == []
    sheet = grader.grade("ann", {"q1": "750", "q2": "15x15x10", "q3": "seven", "q4": "dunno"})
    assert [(mark.verdict, mark.points, mark.codes) for mark in sheet.marks] == [
        ("right-under-convention", 2, ("no-bias",)),
        ("wrong", 0, ("ceil", "round")),
        ("wrong", 0, ("unreadable",)),
        ("not-answered", 0, ()),
    ]
    assert sheet.score == 2
    assert [grades.sentence(mark) for mark in sheet.marks] == [
        "right by the convention no-bias; without it, (5·5·3 + 1)·10 = 760",
        "15x15x10: ceil((32 − 5)/2) + 1 = 15 rounds up instead of down; floor((32 − 5)/2) + 1 = 14.",
        "`seven` is no answer; (1,960 + 1)·10 = 19,610",
        f"not answered; it is {grades.said(sheet.marks[3].expected)}",
    ]


def test_what_is_taken_for_right_is_said(tmp_path: Path) -> None:
    """A rounded number, one within the tolerance, and what has two readings; nothing about an exact one."""
    text = '[[question]]\nid = "{}"\nspec = "input 56x56x64; conv 128 3x3 p1"\nask = "memory"\n'
    grader, _ = graded(text.format("a") + text.format("b") + "tolerance = 1000\n", tmp_path)
    for given, says in (
        ("1605632", ""),
        ("1.6 MB", "close enough; 56·56·128·4 = 1,605,632"),
        ("1.605.632", ""),
        ("1606000", "close enough; 56·56·128·4 = 1,605,632"),
    ):
        assert grades.sentence(grader.grade("ann", {"b": given}).marks[1]) == says
    (first, _) = grader.grade("ann", {"a": "1.605632"}).marks
    assert first.verdict == "wrong"
    (first, _) = Grader(grader.assignment, pytest.fail).grade("ann", {"a": "1.605632M"}).marks
    assert (first.verdict, grades.sentence(first)) == ("right", "close enough; 56·56·128·4 = 1,605,632")


CHOSEN = """
[[question]]
id = "q1"
spec = "input 32x32x3; conv 10 5x5 p2"
ask = "params"
choices = [750, "(5*5*3 + 1)*10", 77, "nobody knows"]
"""


def test_answers_to_choose_from_have_letters(tmp_path: Path) -> None:
    """A letter in any form, or the answer itself; a letter that stands for none cannot be read."""
    grader, problems = graded(CHOSEN, tmp_path)
    assert problems == []
    for given in ("b", "B", "(b)", "b)", "b.", "760"):
        assert grader.grade("ann", {"q1": given}).score == 1
    for given, codes, says in (
        ("a", ("no-bias",), "750 = 5·5·3·10 leaves out the 10 biases; (5·5·3 + 1)·10 = 760."),
        ("c", (), "no known mistake leads to this; (5·5·3 + 1)·10 = 760, choice b"),
        ("d", ("unreadable",), "`nobody knows` is no answer; (5·5·3 + 1)·10 = 760, choice b"),
        ("e", ("unreadable",), "there is no choice `e`; (5·5·3 + 1)·10 = 760, choice b"),
    ):
        sheet = grader.grade("ann", {"q1": given})
        (mark,) = sheet.marks
        meant = {"a": "a (750)", "c": "c (77)", "d": "d (nobody knows)"}.get(given, given)
        assert grades.of_student(grader.assignment, sheet).rows[0][2] == mark.shown == meant
        assert (mark.given, mark.points, mark.codes, grades.sentence(mark)) == (given, 0, codes, says)


def test_one_of_the_choices_is_right(tmp_path: Path) -> None:
    """A question without a right answer to choose is reported, and left out."""
    grader, problems = graded(CHOSEN.replace("+ 1)", "+ 2)"), tmp_path)
    assert grader.assignment.questions == ()
    assert problems[0].startswith("sheet.toml:6:11: error: none of the choices is right: (5·5·3 + 1)·10 = 760")


def test_what_follows_from_a_wrong_answer_has_its_part(tmp_path: Path) -> None:
    """(15·15·10 + 1)·10 = 22,510 is what 15x15x10 leads to; without that answer it is simply wrong."""
    grader, _ = graded(SHEET, tmp_path)
    sheet = grader.grade("ann", {"q2": "15x15x10", "q3": "22510"})
    assert [(mark.verdict, mark.points) for mark in sheet.marks[1:3]] == [("wrong", 0), ("wrong", Decimal("0.25"))]
    assert sheet.marks[2].codes == ("follow-on",)
    assert grades.sentence(sheet.marks[2]) == ("consistent with your output 15x15x10 of conv1; (1,960 + 1)·10 = 19,610")
    alone = grader.grade("bob", {"q2": "14x14x10", "q3": "22510"})
    assert (alone.marks[2].points, alone.marks[2].codes) == (0, ())
    assert grades.sentence(alone.marks[2]) == "no known mistake leads to this; (1,960 + 1)·10 = 19,610"


def test_every_student_is_held_against_the_own_variant(tmp_path: Path) -> None:
    """The macs of the kernel that each has on the sheet; another's answer is wrong."""
    grader, _ = graded(SHEET, tmp_path)
    question = grader.assignment.questions[3]
    seen = set()
    for number in range(20):
        student = f"s{number}"
        k = question.values(student, "3")["k"]
        seen.add(k)
        right = cnncalc.analyze(f"conv 10 {k}x{k}", input="32x32x3").totals.macs
        assert grader.grade(student, {"q4": f"{right:,}"}).score == 1
        assert grader.grade(student, {"q4": str(right + 2)}).score == 0
    assert seen == {"3", "5", "7"}


def test_the_key_is_checked_and_never_trusted(tmp_path: Path) -> None:
    """Questions that have a key, and no others; a key to variants is reported."""
    grader, _ = graded(SHEET + "answer = 5\n", tmp_path)
    problems: list[Problem] = []
    asked, sheet = grader.grade_key(problems.append)
    assert [question.id for question in asked.questions] == ["q1", "q2"]
    assert [mark.verdict for mark in sheet.marks] == ["right-under-convention", "right"]
    assert len(problems) == 1
    assert "no one key" in problems[0].message


@pytest.mark.parametrize(
    ("line", "place", "says"),
    [
        ('spec = "covn 8 3x3"\nask = "params"', "3:9", "did you mean `conv`?"),
        ('spec = """\nrelu\ncovn 8"""\nask = "params"', "5:1", "did you mean `conv`?"),
        ('spec = "vgg61"\nask = "params"', "3:9", "did you mean `vgg16`?"),
        ('spec = "relu"\nask = "parms"', "4:7", "did you mean `params`?"),
        ('spec = "conv 8 3"\nask = "params"\nlayer = "conv2"', "5:9", "did you mean `conv1`?"),
        ('spec = "relu"\nask = "output"\ninput = "3x"', "5:9", "unknown name `3x`"),
        ('spec = "\\trelu; covn 3"\nask = "output"', "3:17", "did you mean `conv`?"),
        ('spec = "relu; \\u0063ovn 3"\nask = "output"', "3:15", "did you mean `conv`?"),
        ('spec = """relu; \\\n  covn \\\n\n   3"""\nask = "output"', "4:3", "did you mean `conv`?"),
        ("spec = '''\r\nrelu\r\ncovn 3\r\n'''\nask = 'output'", "5:1", "did you mean `conv`?"),
        ('spec = ""\nask = "output"', "3:8", "question 1 needs `spec`"),
        ('ask = "output"\nspec = "input 8; dense k"\n[question.set]\nk = "8+"', "6:6", "no param `k`"),
        ('spec = "input 8; dense k"\nask = "output"\nset = { k8 = 8 }', "5:14", "no param `k8`"),
        ('spec = "input 8; dense 2"\nask = "rf"', "4:7", "there is no rf to ask for"),
        ('spec = "input 5000x5000x1; relu"\nask = "unread"', "4:7", "4096"),
        ('spec = "input 8; param n = 1; dense n"\nask = "output"\nvary = { n = [1, 0] }', "3:37", "found 0"),
        ('spec = "input 8; param n = 1; dense n"\nask = "output"\nset = { m = 1 }', "5:13", "no param `m`"),
    ],
)
def test_a_question_that_cannot_be_asked_is_left_out(tmp_path: Path, line: str, place: str, says: str) -> None:
    """Reported at its place in the file; the others are graded."""
    grader, problems = graded(f'[[question]]\nid = "bad"\n{line}\n{SHEET[SHEET.index("[[") :]}', tmp_path)
    assert [question.id for question in grader.assignment.questions] == ["q1", "q2", "q3", "q4"]
    assert problems[0].startswith(f"sheet.toml:{place}: error: ")
    assert says in problems[0]


@pytest.mark.parametrize(
    ("lines", "place", "says"),
    [
        ("x = [[1, 2], [3]]\nweights = { conv1 = [[1, 0], [0, 1]] }", "5:5", "x[1] has 1 value"),
        ('x = "1 2; 3 q"\nweights = { conv1 = [[1, 0], [0, 1]] }', "5:5", "`q` is not a number"),
        ("x = [[1, 2], [3, 4]]\nweights = { conv1 = [[1, 0], [0]] }", "6:11", "conv1.kernel[1] has 1 value"),
        (
            "x = [[1, 2], [3, 4]]\nweights = { conv1 = [[1, 0], [0, 1]], conv2 = 1 }",
            "6:11",
            "no layer is called `conv2`",
        ),
        ("x = [[1, 2], [3, 4]]\nweights = 3", "6:11", "`weights` is a table of layers"),
        ("x = [[1, 2], [3, 4]]", "4:7", "conv1 needs its kernel"),
        ("weights = { conv1 = [[1, 0], [0, 1]] }", "4:7", "needs the numbers that go in"),
    ],
)
def test_broken_numbers_of_a_forward_pass_have_their_place(tmp_path: Path, lines: str, place: str, says: str) -> None:
    """Where `x` or `weights` stand; what is missing is reported where the values are asked for."""
    text = f'[[question]]\nid = "bad"\nspec = "input 2x2x1; conv 1 2x2"\nask = "value"\n{lines}\n'
    _, problems = graded(text, tmp_path)
    assert problems[0].startswith(f"sheet.toml:{place}: error: ")
    assert says in problems[0]


def test_a_broken_file_of_a_question_keeps_its_own_place(tmp_path: Path) -> None:
    """An error in a spec that stands in a file points into that file."""
    broken = tmp_path / "net.cnn"
    broken.write_text("relu\ncovn 3")
    _, problems = graded(f'[[question]]\nid = "bad"\nspec = "{broken}"\nask = "params"\n', tmp_path)
    assert problems[0].startswith(f"{broken}:2:1: error: ")


def test_a_class_is_counted_by_question(tmp_path: Path) -> None:
    """Verdicts, mistakes, the part that was reached; the discrimination is the correlation with the rest."""
    grader, _ = graded(SHEET[: SHEET.index('[[question]]\nid = "q4"')], tmp_path)
    dice = random.Random(1)  # noqa: S311
    sheets = []
    for number in range(40):
        good = number % 2
        answers = {"q1": "760" if good else "89", "q2": "14x14x10" if good else "15x15x10"}
        sheets.append(grader.grade(f"s{number}", {**answers, "q3": dice.choice(["19610", "19600", ""])}))
    first, second, third = items(grader.assignment, sheets)
    assert first.verdicts == {"right": 20, "wrong": 20}
    assert first.reached == 0.5
    assert second.mistakes == (("ceil", 20),)
    assert dict(third.mistakes) == {"no-bias": third.verdicts["wrong"]}
    assert first.discrimination > 0.5
    assert abs(third.discrimination) < 0.5
    points = [[float(mark.points) for mark in sheet.marks] for sheet in sheets]
    assert first.discrimination == pytest.approx(
        correlation([one[0] for one in points], [sum(one[1:]) for one in points])
    )
    assert first.others == (("89", 20),)
    assert third.others == ()
    (lonely,) = items(grader.assignment, [])[:1]
    assert (lonely.reached, lonely.discrimination) == (None, None)
    book = grades.gradebook(grader.assignment, sheets, (first, second, third), tallies(grader.assignment, sheets))
    texts = [remark.text for remark in book.remarks]
    assert "q2: 20 of 40 are wrong; ceil 20" in texts
    assert "q1: 20 of 40 are wrong; `89` 20" in texts
    assert grades.by_question((first,)).rows[0][-2:] == (None, "89:20")
    assert any(text.startswith("q3 does not tell who is good") for text in texts) == (
        third.discrimination < grades.POOR
    )


def test_questions_that_do_not_discriminate_share_a_note(tmp_path: Path) -> None:
    """The worst first, and no more than anybody reads; a small class says nothing."""
    grader, _ = graded(SHEET, tmp_path)
    (one,) = items(grader.assignment, [grader.grade(f"s{number}", {}) for number in range(10)])[:1]

    def notes(*numbers: float | None) -> list[str]:
        found = [
            one._replace(question=one.question._replace(id=f"q{place}"), discrimination=number)
            for place, number in enumerate(numbers, start=1)
        ]
        return [remark.text for remark in grades.by_question(found).remarks]

    assert notes(0.2, None, 0.9) == []
    assert notes(0.5, -0.25) == [
        "q2 does not tell who is good at the rest of the sheet (discrimination -0.25): look at it and at its key"
    ]
    (several,) = notes(0.1, 0.5, -0.25)
    assert several.startswith("these do not tell who is good at the rest of the sheet: q3 (-0.25), q1 (0.10); look")
    (many,) = notes(*[0.01] * 13)
    assert "q17" not in many
    assert ", 3 more; look" in many
    few = one._replace(verdicts={"right": 9}, discrimination=0.0)
    assert grades.by_question([few]).remarks == ()


def test_the_mistakes_of_a_class_are_counted(tmp_path: Path) -> None:
    """By answers, students and questions; the commonest first, and last what no known mistake leads to."""
    grader, _ = graded(SHEET[: SHEET.index('[[question]]\nid = "q4"')], tmp_path)
    answers = [
        {"q1": "89", "q2": "15x15x10", "q3": "22510"},
        {"q1": "760", "q2": "15x15x10", "q3": "19600"},
        {"q1": "751", "q2": "15x15x10", "q3": "what?"},
        {"q1": "761", "q2": "14x14", "q3": ""},
    ]
    sheets = [grader.grade(f"s{number}", one) for number, one in enumerate(answers)]
    found = tallies(grader.assignment, sheets)
    assert [(one.code, one.answers, one.students, one.questions) for one in found] == [
        ("ceil", 3, 3, (("q2", 3),)),
        ("follow-on", 1, 1, (("q3", 1),)),
        ("no-bias", 1, 1, (("q3", 1),)),
        ("one-bias", 1, 1, (("q1", 1),)),
        ("unreadable", 1, 1, (("q3", 1),)),
        ("", 2, 2, (("q1", 2),)),
    ]
    assert found[0].doc == "rounds up"
    assert sum(one.answers for one in found) == sum(mark.verdict == "wrong" for one in sheets for mark in one.marks)
    table = grades.by_mistake(found)
    assert table.rows[0] == ("ceil", 3, 3, "q2:3", "rounds up")
    assert table.rows[-1] == (None, 2, 2, "q1:2", "comes of no known mistake")
    data = grades.to_dict(grader.assignment, sheets, items(grader.assignment, sheets), found)
    assert data["mistakes"][0] == {
        "mistake": "ceil",
        "text": "the answer rounds up",
        "answers": 3,
        "students": 3,
        "questions": {"q2": 3},
    }
    assert data["mistakes"][-1]["mistake"] is None


def test_only_what_was_missed_most_stands_under_a_long_sheet(tmp_path: Path) -> None:
    """Ten questions, how many more there are, and the commonest mistakes; blanks count among what was missed."""
    text = "".join(
        f'[[question]]\nid = "q{number}"\nspec = "input 8x8x3; conv {number} 3x3"\nask = "params"\n'
        for number in range(1, 15)
    )
    grader, _ = graded(text, tmp_path)
    wrong = {f"q{number}": str(27 * number) for number in range(1, 13)}
    sheets = [grader.grade("ann", wrong), grader.grade("bob", {"q2": "54", "q13": "1"})] * 5
    tallied = tallies(grader.assignment, sheets)
    book = grades.gradebook(grader.assignment, sheets, items(grader.assignment, sheets), tallied)
    texts = [remark.text for remark in book.remarks]
    assert texts[0] == "q1: 5 of 10 are wrong, 5 not answered; no-bias 5"
    assert len([text for text in texts if " of 10 are wrong" in text]) == 10
    assert texts[10:12] == [
        "4 further questions were missed by fewer: `--by question` shows all",
        "the commonest mistakes: no-bias 65 (`--by mistake` shows all)",
    ]
    assert {heading.rank for heading in book.headings if heading.name in wrong} == {3}
    one_less = items(grader.assignment, sheets)[:11]
    assert "1 further question was missed by fewer" in str(
        grades.gradebook(grader.assignment, [], one_less, ()).remarks
    )
    nobody = grades.gradebook(grader.assignment, sheets, items(grader.assignment, sheets)[13:], ()).remarks
    assert [remark.text for remark in nobody] == ["q14: 0 of 10 are wrong, 10 not answered"]
    bare = grades.without_mistakes(book)
    assert [heading.name for heading in bare.headings] == ["student", "score", *(f"q{n}" for n in range(1, 15))]
    assert {len(row) for row in (*bare.rows, bare.lead)} == {16}


def test_many_and_long_answers_are_kept_short(tmp_path: Path) -> None:
    """Of the answers that no known mistake leads to, the commonest ten are kept, and three are shown, cut."""
    grader, _ = graded(SHEET[: SHEET.index('[[question]]\nid = "q2"')], tmp_path)
    answers = ["1 + 1 + 1 + 1 + 1 + 1 + 1 + 1"] * 3 + [str(number) for number in range(1, 20)]
    (item,) = items(grader.assignment, [grader.grade(f"s{n}", {"q1": one}) for n, one in enumerate(answers)])
    assert len(item.others) == 10
    assert grades.by_question((item,)).rows[0][-1] == "1 + 1 + 1 + 1 + 1 + 1...:3, 1:1, 2:1"


def correlation(left: list[float], right: list[float]) -> float:
    """Pearson's correlation by its definition."""
    n = len(left)
    a, b = sum(left) / n, sum(right) / n
    cross = sum((x - a) * (y - b) for x, y in zip(left, right, strict=True))
    return cross / (sum((x - a) ** 2 for x in left) * sum((y - b) ** 2 for y in right)) ** 0.5


def test_gradescope_has_a_test_for_each_question(tmp_path: Path) -> None:
    """Scores add up to the sheet's; each test has its sentence."""
    grader, _ = graded(SHEET, tmp_path)
    sheet = grader.grade("ann", {"q1": "760", "q2": "15x15x10", "q3": "22510"})
    data = gradescope.results(grader.assignment, sheet)
    assert data["score"] == sum(test["score"] for test in data["tests"]) == 2.25
    assert [test["max_score"] for test in data["tests"]] == [2, 1, 1, 1]
    assert [test["status"] for test in data["tests"]] == ["passed", "failed", "failed", "failed"]
    assert "ceil" in data["tests"][1]["tags"]
    assert data["tests"][1]["output"].startswith("your answer: 15x15x10\n")
    assert data["tests"][3]["output"].startswith("not answered")


def test_answers_are_judged_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand students with the same answers cost what one does."""
    grader, _ = graded(SHEET, tmp_path)
    judged = []
    original = grade.Case._mark
    monkeypatch.setattr(grade.Case, "_mark", lambda case, text: judged.append(text) or original(case, text))
    for number in range(1000):
        grader.grade(f"s{number}", {"q1": "760", "q2": "1x1", "q3": "7"})
    assert sorted(set(judged)) == ["", "1x1", "7", "760"]
    assert len(judged) == 3 + 3


def test_quantities_may_be_called_otherwise(tmp_path: Path) -> None:
    """As in answers."""
    text = '[[question]]\nid = "a"\nspec = "input 8x8x1; conv 4 3x3"\nask = "{}"\n'
    for ask, answer in (("Parameters", "40"), ("output shape", "6x6x4"), ("receptive-field", "3")):
        grader, problems = graded(text.format(ask), tmp_path)
        assert problems == []
        assert grader.grade("ann", {"a": answer}).score == 1
