"""The values of a small forward pass: the verdict on them, and the mistakes in them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import cnncalc
from cnncalc import SpecError
from cnncalc.homework import check, mistakes, values
from cnncalc.homework.answers import Answer
from cnncalc.homework.judging import STRICT, Rules
from cnncalc.views.answers import explained

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
        with pytest.raises(SpecError, match=r"no(t a)? number|digits|divides"):
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
        ({"given": "random:1"}, "`random:1` is not a number"),
        ({"given": [1], "x": "random:1"}, "`random:1` is not a number"),
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


NETWORK = "input 3x3x1; conv 1 2x2 nobias as a; aux { conv 2 1x1 }; relu as b; maxpool 2x2 as c; flatten; dense 9 as d"
IMAGE = "1 2 3; 4 5 6; 7 8 9"
NUMBERS = {"x": IMAGE, "arrays": {"a": "1 2; 3 4"}}


def verdicts(checked: check.Checked) -> list[tuple[str, str, list[str]]]:
    """The layers of the answers, the verdicts on them, and the mistakes."""
    return [(one.layer, one.verdict, [mistake.code for mistake in one.mistakes]) for one in checked.answers]


def test_values_behind_the_arrow() -> None:
    """A spec states the values of any layer; only the kernels that they come from are needed."""
    spec = NETWORK.replace("as b;", "as b -> value [37 47; 67 77], 2x2;").replace(
        "nobias as a;", "nobias as a -> value [[23, 33], [53, 63]];"
    )
    checked = cnncalc.check(spec, **NUMBERS)
    assert verdicts(checked) == [("a", "wrong", ["kernel-flipped"]), ("b", "right", []), ("b", "right", [])]
    assert cnncalc.check(spec, layer="b", value="37 47; 67 77", **NUMBERS).answers[-1].verdict == "right"
    spec = "input 3x3x1; conv 1 2x2 nobias; -> value [[37, 47], [67, 78]]"
    assert verdicts(cnncalc.check(spec, x=IMAGE, arrays={"conv1": "1 2; 3 4"})) == [
        ("conv1", "wrong", ["partly-right"])
    ]


def test_values_of_a_layer() -> None:
    """An answer speaks of the layer that is named, the input too, whatever stands behind it."""
    assert cnncalc.check(NETWORK, layer="c", value="77", **NUMBERS).passed
    assert cnncalc.check(NETWORK, layer="input", value=[[1, 2, 3], [4, 5, 6], [7, 8, 9]], **NUMBERS).passed
    with pytest.raises(SpecError) as error:
        cnncalc.check(NETWORK, layer="d", value="[77]", **NUMBERS)
    assert error.value.message == "d needs its kernel of 1x9, which is not given"
    assert "--array" in error.value.hint
    assert error.value.span.text == "[77]"


def test_shared_weights_are_those_of_the_first_layer() -> None:
    """Which is needed then, though the values do not come from it."""
    spec = "input 2x2x1; shared def f() { conv 1 1x1 nobias }; aux { f }; f"
    assert cnncalc.check(spec, value=[[2, 4], [6, 8]], x=[[1, 2], [3, 4]], arrays={"conv1": [[[[2]]]]}).passed


def test_the_shape_of_the_numbers_is_the_input() -> None:
    """If no other is stated."""
    spec, arrays = "conv 1 2x2 nobias -> value [[37, 47], [67, 77]]", {"conv1": "1 2; 3 4"}
    assert cnncalc.check(spec, x=IMAGE, arrays=arrays).passed
    with pytest.raises(SpecError, match="x has the shape 3x3, but the input is 4x4x1"):
        cnncalc.check(spec, x=IMAGE, arrays=arrays, input="4x4x1", value="1")


def test_what_follows_from_own_values() -> None:
    """Values that are right given the wrong ones before them are marked so; a shape that does not fit leads nowhere."""
    spec = NETWORK.replace("as b;", "as b -> value [23 33; 53 63];").replace("as c;", "as c -> value 63;")
    checked = cnncalc.check(spec.replace("as a;", "as a -> value [23 33; 53 63];"), **NUMBERS)
    assert [one.follows and one.follows.layer for one in checked.answers] == [None, "a", "b"]
    assert checked.to_dict()["answers"][1]["consistent_with"]["given"] == [[23, 33], [53, 63]]
    checked = cnncalc.check(spec.replace("as a;", "as a -> value [23 33 53];"), **NUMBERS)
    assert [one.follows and one.follows.layer for one in checked.answers] == [None, None, "b"]
    checked = cnncalc.check(spec.replace("as a;", "as a -> value [1 1; 1 1];"), layer="c", params="4", **NUMBERS)
    assert [one.follows and one.follows.layer for one in checked.answers] == [None, None, "b", None]


def test_channels_first() -> None:
    """Nested lists have the order of the layout; matrices apart by `|` are what they are."""
    spec, x = "input 1x2x2; relu", "[[[1, 3]], [[2, 4]]]"
    for given in ("[[[1, 3]], [[2, 4]]]", "1 3 | 2 4"):
        assert cnncalc.check(spec, x=x, value=given, layout="channels-first").passed
    assert cnncalc.check(spec, x="1 3 | 2 4", value="[[[1, 2], [3, 4]]]").passed
    assert not cnncalc.check(spec, x="1 3 | 2 4", value="[[[1, 3]], [[2, 4]]]").passed


def test_values_without_numbers() -> None:
    """The place of the answer, and which option gives them; a spec alone says that they are not checked."""
    spec = "input 3x3x1; conv 1 2x2 nobias -> value [[37, 47], [67, 77]], params 5"
    report = cnncalc.analyze(spec)
    assert [answer.quantity for answer in report.answers] == ["params"]
    (note,) = (note for note in report.notes if note.code == "values-not-checked")
    assert (note.layers, "--x" in note.text) == (("conv1",), True)
    for settings in ({}, {"arrays": {"conv1": "1 2; 3 4"}}):
        with pytest.raises(SpecError) as error:
            cnncalc.check(spec, **settings)
        (problem,) = error.value.problems
        assert problem.message == "the values of conv1 depend on the numbers that go in, which are not given"
        assert (problem.span.text, problem.span.source.name) == ("[[37, 47], [67, 77]]", "spec")
        assert "--x" in problem.hint


@pytest.mark.parametrize(
    ("answer", "message", "place"),
    [
        ("[[1, 2], [3, x]]", "`x` is not a number", "x"),
        ("abc", "`abc` is not a number", "abc"),
        ("[[1, 2], [3]]", "value[1] has 1 value, but value[0] has 2", "[[1, 2], [3]]"),
        ("1 2", "several values stand in brackets, as in `value [[6, 8], [12, 14]]`", "2"),
        ("[1 2", "this `[` is not closed", "["),
        ("[1 2 -> 3]", "this `[` is not closed", "["),
        (f"[{10**30}]", "value has a number with more than 30 digits", f"[{10**30}]"),
    ],
)
def test_values_that_cannot_be_read(answer: str, message: str, place: str) -> None:
    """They are told wherever the spec is used."""
    with pytest.raises(SpecError) as error:
        cnncalc.analyze(f"input 3x3x1; conv 1 2x2 -> value {answer}\nrelu")
    assert (error.value.message, error.value.span.text) == (message, place)


def test_an_image_that_is_read_already() -> None:
    """As the command does with a file."""
    numbers = check.given_numbers(IMAGE, {})
    assert check.given_numbers(numbers.x, {"a": 1}) == numbers._replace(arrays={"a": 1})


@pytest.mark.parametrize(
    "text",
    [
        *("[[2, 0], [16, 11]].", "Y = [[2, 0], [16, 11]]", "output: 2 0; 16 11", "a=((2,0),(16,11))", "2 0; 16 11 ."),
        *("| 2  0 |\n| 16 11 |\n", "[2 0; 16 11]", "[[ 2.  0.]\n [16. 11.]]", "~2 0; 16 11", "2 0; 16 11.0..."),
    ],
)
def test_values_as_they_are_written_by_hand(text: str) -> None:
    """With a name before them, strokes at their sides, a full stop, or as a program prints them."""
    assert judged(CONV, text, {"conv1": [[1, -2], [3, 1]]}).verdict == "right"


def test_the_place_in_values_with_a_name() -> None:
    """What is wrong has its place all the same."""
    with pytest.raises(SpecError) as error:
        cnncalc.check(CONV, x=X, arrays=ARRAYS, value="Y = [[2, 0], [16, 1l]]")
    assert (error.value.message, error.value.span.text) == ("`1l` is not a number", "1l")
    with pytest.raises(SpecError, match="the matrices have 1 and 2 rows"):
        cnncalc.check(CONV, x=X, arrays=ARRAYS, value="1 2 | 3 4; 5 6")


def test_the_working_of_a_wrong_value() -> None:
    """Where no known mistake explains it all, the sum of the first wrong value is written out, if it is not long."""
    spec = "input 3x3x1; conv 1 2x2 relu as a; gap as b; flatten as c"
    numbers: dict[str, Any] = {"x": IMAGE, "arrays": {"a": "1 2; 3 4", "a.bias": "1"}}

    def said(layer: str, value: str) -> list[str]:
        checked = cnncalc.check(spec, layer=layer, value=value, **numbers)
        return [*explained(checked, checked.answers[0])]

    assert said("a", "38 48; 67 78")[1:] == ["row 2, column 1: 4·1 + 5·2 + 7·3 + 8·4 + 1 = 68; relu(68) = 68"]
    assert said("a", "5")[1].startswith("row 1, column 1: 1·1 + 2·2 + 4·3 + 5·4 + 1 = 38")
    assert said("a", "37 47; 67 77") == ["[[37, 47], [67, 77]] leaves out the biases; it is [[38, 48], [68, 78]]."]
    assert said("b", "7")[1] == "1: (38 + 48 + 68 + 78)/4 = 58"
    for layer in ("c", "input"):
        assert len(said(layer, "7")) == 1
    numbers |= {"x": [list(range(60))] * 60, "arrays": {}}
    spec = "input 60x60x1; gap as b"
    assert len(said("b", "7")) == 1


def test_values_on_several_lines() -> None:
    """A bracket may go over lines, with comments in it; a broken number has its place."""
    spec = "conv 1 2x2 nobias -> value [[37, 47],  # the first ] row\n  [67, 77]]\nrelu -> 2x2\n"
    assert cnncalc.check(spec, x=IMAGE, arrays={"conv1": "1 2; 3 4"}).passed
    with pytest.raises(SpecError) as error:
        cnncalc.analyze("conv 1 2x2 nobias -> value [[37, 47],\n  [67, 7y]]\nrelu")
    assert (error.value.message, error.value.line, error.value.column) == ("`7y` is not a number", 2, 8)
