"""The values of a small forward pass: the verdict on them, and the mistakes in them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import cnncalc
from cnncalc import SpecError
from cnncalc.homework import mistakes, values
from cnncalc.homework.answers import Answer
from cnncalc.homework.judging import STRICT, Rules

X = [[1, 2, 0], [3, -4, 1], [0, 5, 2]]
CONV = "input 3x3x1; conv 1 2x2 relu"
ARRAYS = {"conv1": {"kernel": [[1, -2], [3, 1]], "bias": [-1]}}


def judged(spec: str, given: Any, arrays: dict[str, Any] | None = None, x: Any = X, rules: Rules = STRICT) -> Answer:
    """The verdict on the values given for the output of a network."""
    one = values.forward_pass(cnncalc.analyze(spec), x, arrays or {})
    return values.judge(one, values.nested(given, "value"), "", rules)


# Computed by hand: the windows are [[1, 2], [3, -4]], [[2, 0], [-4, 1]], [[3, -4], [0, 5]], [[-4, 1], [5, 2]].
SUMS = [[1 - 4 + 9 - 4, 2 - 12 + 1], [3 + 8 + 5, -4 - 2 + 15 + 2]]  # [[2, -9], [16, 11]]
POOLED = "input 3x3x1; maxpool 2x2 s1 p1"
NEGATIVE = [[-1, -2, -3], [-4, -5, -6], [-7, -8, -9]]
POOL = "avgpool 2x2 s2 p1"
AVERAGE = f"input 2x2x1; {POOL}"
QUARTERS = [[Fraction(1, 4), Fraction(1, 2)], [Fraction(3, 4), 1]]
MISTAKES: list[tuple[str, Any, dict[str, Any], Any, Any, str]] = [
    (CONV, X, ARRAYS, [[1, 0], [15, 10]], [[2, 0], [16, 11]], "bias-left-out"),
    (CONV, X, ARRAYS, [[1, 0], [15, 10]], [[1, -10], [15, 10]], "relu-left-out"),
    (CONV, X, ARRAYS, [[1, 0], [15, 10]], [[1, 15], [0, 10]], "transposed-matrix"),
    (CONV, X, ARRAYS, [[1, 0], [15, 10]], [[0, 10], [0, 0]], "transposed-matrix"),
    (
        "input 3x3x1; conv 1 2x2 nobias; relu",
        X,
        {"conv1": [[1, -2], [3, 1]]},
        [[2, 0], [16, 11]],
        SUMS,
        "relu-left-out",
    ),
    (
        "input 3x3x1; conv 1 2x2 nobias",
        X,
        {"conv1": [[1, 0], [2, 0]]},
        [[1 + 6, 2 - 8], [3, -4 + 10]],
        [[4 - 4, 0 + 1], [-8 + 5, 2 + 2]],
        "kernel-flipped",
    ),
    (
        "input 3x3x1; conv 1 1x2 nobias; maxpool 2x2 s2 p1",
        X,
        {"conv1": [[-1, -1]]},
        [[-3, -2], [1, 3]],
        [[0, 0], [1, 3]],
        "pad-zero-in-max",
    ),
    (f"input 2x2x1; relu; {POOL}", [[1, 2], [3, 4]], {}, QUARTERS, [[1, 2], [3, 4]], "average-without-padding"),
    (POOLED, NEGATIVE, {}, None, [[0] * 4, [0, -1, -2, 0], [0, -4, -5, 0], [0] * 4], "pad-zero-in-max"),
    (AVERAGE, [[1, 2], [3, 4]], {}, QUARTERS, [[1, 2], [3, 4]], "average-without-padding"),
    (f"{AVERAGE} nopadcount", [[1, 2], [3, 4]], {}, [[1, 2], [3, 4]], [[0.25, 0.5], [0.75, 1]], "average-with-padding"),
]


@pytest.mark.parametrize(("spec", "x", "arrays", "right", "wrong", "code"), MISTAKES)
def test_a_mistake(spec: str, x: Any, arrays: dict[str, Any], right: Any, wrong: Any, code: str) -> None:  # noqa: PLR0917
    """The pass with the mistake in it gives the wrong values; without it the right ones."""
    answer = judged(spec, wrong, arrays, x)
    assert answer.verdict == "wrong"
    assert code in [mistake.code for mistake in answer.mistakes]
    assert all(mistake.text.endswith(".") for mistake in answer.mistakes)
    if right is not None:
        assert answer.expected == right


def test_every_code_has_a_test() -> None:
    """Each mistake in values has its example here."""
    assert {code for *_, code in MISTAKES} == {one.code for one in mistakes.ALL if "value" in one.quantities}


def test_partly_right() -> None:
    """How many entries are right, and which are not."""
    (mistake,) = judged(CONV, [[1, 0], [15, 9]], ARRAYS).mistakes
    assert mistake.code == "partly-right"
    assert mistake.text == "3 of 4 values are right; wrong is 9 at row 2, column 2 (10 is right)."
    (mistake,) = judged("input 3x3x1; relu", [[1, 1, 1]] * 3).mistakes
    assert "2 of 9 values are right; wrong is 1 at row 1, column 2 (2 is right)," in mistake.text
    assert mistake.text.endswith("and 2 more.")
    (mistake,) = judged("input 4; relu", [0, 1, 2, 4], x=[0, 1, 2, 3]).mistakes
    assert mistake.text == "3 of 4 values are right; wrong is 4 at 4 (3 is right)."
    assert judged(CONV, [[9, 9], [9, 9]], ARRAYS).mistakes == ()
    assert judged(CONV, [1, 2, 3], ARRAYS).mistakes == ()


def test_an_axis_of_one_may_be_left_out() -> None:
    """A single row, and a channel axis, may be there or not."""
    for given in ([5, 6], [[5, 6]], [[[5], [6]]]):
        assert judged("input 2x3x1; maxpool 2x2 s2 same", given, x=[[1, 2, 3], [4, 5, 6]]).verdict == "right"


def test_decimals() -> None:
    """A decimal may be rounded in its last place; a wrong one is wrong."""
    spec, x = "input 1x3x1; avgpool 1x3", [[1, 1, 2]]
    assert judged(spec, "[[1.33]]", x=x).verdict == "right"
    assert judged(spec, [[1.3]], x=x).verdict == "right"
    assert judged(spec, "[[1.34]]", x=x).verdict == "wrong"
    assert judged("input 2; sigmoid", [0.5, 0.73], x=[0, 1]).verdict == "right"
    assert judged("input 2; relu", "[0.5, 1]", x="[0.5, 1]").verdict == "right"


def test_matrices_as_text() -> None:
    """Everything may be written as `cnncalc run` takes it, or as nested lists."""
    for kernel in ("1 -2; 3 1", "[[1, -2], [3, 1]]"):
        for given in ("2 0; 16 11", "[[2, 0], [16, 11]]", "2.0 0\n16, 11"):
            answer = judged(CONV, given, {"conv1": kernel}, x="1 2 0; 3 -4 1; 0 5 2")
            assert (answer.verdict, answer.expected) == ("right", [[2, 0], [16, 11]])
    (mistake,) = judged(CONV, "2 0; 16.2 11", {"conv1": "1 -2; 3 1"}).mistakes
    assert "wrong is 16.2 at row 2, column 1 (16 is right)" in mistake.text


def test_fractions() -> None:
    """Whatever is written as an answer can be read as one; a fraction is no other number, and no division by 0."""
    spec, x = "input 1x3x1; avgpool 1x3", [[1, 1, 2]]
    assert judged(spec, "[[4/3]]", x=x).verdict == "right"
    assert judged(spec, [["4/3"]], x=x).verdict == "right"
    assert judged(spec, "[[5/3]]", x=x).verdict == "wrong"
    for text in ("[[4/0]]", "[[4/3/1]]", "[[4/]]", f"[[1/{'9' * 40}]]"):
        with pytest.raises(SpecError, match=r"JSON|digits|divides"):
            judged(spec, text, x=x)


def test_biases_that_are_left_out_are_zero() -> None:
    """Only what multiplies must be given."""
    assert judged(CONV, [[2, 0], [16, 11]], {"conv1": [[1, -2], [3, 1]]}).verdict == "right"


def test_conventions() -> None:
    """An average without its padding is right where the course says so."""
    answer = judged(AVERAGE, [[1, 2], [3, 4]], x=[[1, 2], [3, 4]], rules=Rules(accept=("average-without-padding",)))
    assert (answer.verdict, answer.convention) == ("right-under-convention", "average-without-padding")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"given": "[[1, 2]"}, "value:1:8: error: this is not JSON"),
        ({"given": "[" * 99_000}, "nested too deep"),
        ({"given": "[1]" + " " * 100_000}, "more than 100,000 characters"),
        ({"given": "[NaN]"}, "`NaN` is not a number"),
        ({"given": [[1, 2], [3]]}, "value[1] has 1 value, but value[0] has 2"),
        ({"given": [1, [2]]}, "value[0] is a number, but value[1] is a list"),
        ({"given": [[]]}, "value[0] is empty"),
        ({"given": [[[[[[[[[1]]]]]]]]]}, "more than 8 axes"),
        ({"given": "[1e999999]"}, "`1e999999` is not a number"),
        ({"given": [[True]]}, "expected a number, found `True`"),
        ({"given": ["one"]}, "`one` is not a number"),
        ({"given": [float("inf")]}, "inf is not a finite number"),
        ({"given": [1], "x": [1, 2]}, "x has the shape 2, but the input is 3x3x1"),
        ({"given": [1], "arrays": {}}, "conv1 needs its kernel of 2x2x1x1, which is not given"),
        ({"given": [1], "arrays": {"conv9": [1]}}, "no layer is called `conv9`"),
        ({"given": [1], "arrays": {"conv1": [1]}}, "conv1.kernel has the shape 1, but 2x2x1x1 is needed"),
        ({"given": "1 2; 3"}, "value:1:6: error: this row has 1 value, but the first has 2"),
        ({"given": "random:1"}, "value needs its numbers"),
        ({"given": [10**30]}, "value has a number with more than 30 digits"),
        ({"given": [1], "x": "1e-31 " * 9}, "x has a number with more than 30 digits"),
        ({"given": [1], "arrays": {"conv1": "1e99 1; 1 1"}}, "conv1 has a number with more than 30 digits"),
        ({"given": [1], "spec": "vgg16"}, "at most 1,000,000"),
        ({"given": [1], "spec": "input nxnx1; conv 1 2x2"}, "without symbols"),
    ],
)
def test_errors(arguments: dict[str, Any], says: str) -> None:
    """What is no array, or does not fit, is an error with a sentence."""
    with pytest.raises(SpecError) as error:
        judged(**{"spec": CONV, "arrays": ARRAYS} | arguments)
    assert says in str(error.value)


def test_values_in_a_single_row_are_read_one_by_one() -> None:
    """The rows of a map one behind the other, as they fit into a cell of a form; mistakes are found in them, too."""
    assert judged(CONV, "1 0 15 10", ARRAYS).verdict == "right"
    assert judged(CONV, [1, 0, 15, 10], ARRAYS).verdict == "right"
    assert [one.code for one in judged(CONV, "2 0 16 11", ARRAYS).mistakes] == ["bias-left-out", "partly-right"]
    assert judged(CONV, "1 0 15", ARRAYS).verdict == "wrong"


def test_values_within_a_tolerance() -> None:
    """Each value may be off by as much, absolutely or relative to the right one."""
    near = "[[1.005, 0], [15, 10.09]]"
    assert judged(CONV, near, ARRAYS).verdict == "wrong"
    answer = judged(CONV, near, ARRAYS, rules=Rules(tolerance=Fraction(1, 10)))
    assert (answer.verdict, answer.rounded) == ("right", True)
    assert judged(CONV, near, ARRAYS, rules=Rules(tolerance=Fraction(1, 100))).verdict == "wrong"
    assert judged(CONV, near, ARRAYS, rules=Rules(tolerance=Fraction(1, 100), relative=True)).verdict == "right"
    assert judged(CONV, "1 0 15", ARRAYS, rules=Rules(tolerance=1)).verdict == "wrong"
