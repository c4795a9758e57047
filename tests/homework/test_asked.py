"""What is asked of a network: right and known wrong answers as text, in numbers and in values; graded likewise."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import cnncalc
from cnncalc.algebra import FormulaError
from cnncalc.homework import assignment
from cnncalc.homework.asked import Asked, AskedValues, written
from cnncalc.homework.grade import Grader
from cnncalc.homework.mistakes import sentences
from cnncalc.shapes import Shape
from cnncalc.spec.source import Problem, SpecError

X = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (760, "760"),
        (Shape((28, 28), 6), "28x28x6"),
        ((3, 5), "3x5"),
        ((3, 3), "3"),
        (Shape((Fraction(15, 2), 3), 1), "7.5x3x1"),
        (Fraction(1, 3), ""),
        ((2, None), ""),
    ],
)
def test_values_as_people_write_them(value: object, text: str) -> None:
    """Sizes by `x`, tenths as decimals; what has more decimals nobody writes down."""
    assert written(value) == text


@pytest.mark.parametrize(
    ("spec", "quantity", "says"),
    [
        ("input 32x32x3; conv 10 5x5 p2", "params", "(5·5·3 + 1)·10 = 760"),
        ("input 32x32x3; conv 10 5x5 s2", "output", "floor((32 − 5)/2) + 1 = 14, so it is 14x14x10"),
        ("input 32x32x3; relu", "output", "it is 32x32x3"),
        ("input 32x32x3; conv 10 5x5", "activations", "28·28·10 = 7,840"),
        ("input 32x32x3; conv 10 5x5", "memory", "28·28·10·4 = 31,360"),
        ("input 32x32x3; conv 10 5x5; flatten", "memory", "it is 0"),
        ("input 32x32x3; conv 10 5x5; conv 4 3x3", "rf", "1 + (5 − 1)·1 + (3 − 1)·1 = 7"),
    ],
)
def test_the_right_calculation_in_half_a_sentence(spec: str, quantity: str, says: str) -> None:
    """The numbers put in, and what they come to."""
    report = cnncalc.analyze(spec)
    assert Asked(report, quantity, report.graph.names[-1]).truth == says


def test_a_calculation_that_nobody_would_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the result alone is said."""

    def too_long(_: object) -> None:
        raise FormulaError("this formula becomes too long")

    monkeypatch.setattr(sentences, "right", too_long)
    assert Asked(cnncalc.analyze("input 32x32x3; conv 10 5x5 p2"), "params", "conv1").truth == "it is 760"


def test_formulas_are_answers() -> None:
    """What is not known is no answer; a formula is one, and is read back."""
    pytest.importorskip("sympy")
    report = cnncalc.analyze("input nxnx3; conv 4 3x3")
    assert Asked(report, "unread", "conv1").answer == ""
    for quantity, answer in (("output", "(n - 2)x(n - 2)x4"), ("macs", "108*(n - 2)**2"), ("params", "112")):
        asked = Asked(report, quantity, "conv1")
        assert asked.answer == answer
        assert asked.judge(answer).verdict == "right"
        assert asked.known()


def test_values_of_a_forward_pass() -> None:
    """The values that are put out, and those that mistakes lead to."""
    report = cnncalc.analyze("input 3x3x1; conv 1 2x2 relu")
    asked = AskedValues(report, X, {"conv1": {"kernel": [[1, 0], [0, -2]], "bias": [1]}})
    assert asked.answer == asked.expected == "[[0, 0], [0, 0]]"
    known = {one.code: one.answer for one in asked.known()}
    assert known["relu-left-out"] == "[[-8, -9], [-11, -12]]"
    assert asked.judge(known["relu-left-out"]).verdict == "wrong"


SHEET = """
[[question]]
id = "a"
spec = "input 3x3x1; conv 1 2x2"
ask = "value"
x = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
weights = { conv1 = { kernel = [[1, 0], [0, 1]], bias = [1] } }

[[question]]
id = "b"
spec = "input 3x3x1; conv 1 2x2"
ask = "value"
x = [[1, 2], [3, 4]]
weights = { conv1 = [[1, 0], [0, 1]] }

[[question]]
id = "c"
spec = "input 3x3x1; conv 1 2x2"
ask = "output"
"""


def test_weights_are_a_table() -> None:
    """Whatever else stands there is refused."""
    report = cnncalc.analyze("input 3x3x1; conv 1 2x2")
    for weights in (5, "conv1", [[1]]):
        with pytest.raises(SpecError, match="`weights` is a table of layers"):
            AskedValues(report, X, weights)
    with pytest.raises(SpecError, match=r"conv1 needs its kernel of 2x2x1x1"):
        AskedValues(report, X, None)


def test_values_are_graded(tmp_path: Path) -> None:
    """An assignment may ask for the values of a forward pass; numbers that do not fit are reported at their place."""
    (tmp_path / "sheet.toml").write_text(SHEET, encoding="utf-8")
    problems: list[Problem] = []
    grader = Grader(assignment.read(str(tmp_path / "sheet.toml"), problems.append), problems.append)
    assert [(problem.message, problem.span.source.position(problem.span.start)) for problem in problems] == [
        ("x has the shape 2x2, but the input is 3x3x1", (13, 5))
    ]
    right = grader.grade("ann", {"a": "[[7, 9], [13, 15]]", "c": "2x2x1"})
    assert right.score == 2
    wrong = grader.grade("bob", {"a": "[[6, 8], [12, 14]]", "c": "3x3x1"})
    assert wrong.score == 0
    assert wrong.marks[0].codes == ("bias-left-out",)
    assert grader.grade("cleo", {"a": "seven"}).marks[0].codes == ("unreadable",)
