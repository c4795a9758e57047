"""Stated answers: what may be written, what it is held against, and what is said where it cannot be read."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import Any

import pytest

import cnncalc
from cnncalc import SpecError
from cnncalc.homework.answers import QUANTITIES, VALUES, Answer, as_json
from cnncalc.shapes import Shape

RIGHT, CONVENTION, WRONG = "right", "right-under-convention", "wrong"


def judged(text: str, before: str = "input 8x8x3; conv 4 3x3", **settings: Any) -> Answer:
    """The verdict on one answer about the last layer of a spec."""
    (answer,) = cnncalc.analyze(f"{before} -> {text}", **settings).answers
    return answer


def verdict(text: str, before: str = "input 8x8x3; conv 4 3x3", **settings: Any) -> str:
    return judged(text, before, **settings).verdict


# Right answers about a layer, a wrong one for each, and the layer.
LAYER = "input 9x9x3; conv 4 3x3 s2"
NORM = "input 8x8x3; bn"
QUESTIONS = [
    (LAYER, "output", "4x4x4", "4x4x3"),
    (LAYER, "params", "112", "108"),
    (LAYER, "trainable", "112", "108"),
    (LAYER, "non-trainable", "0", "112"),
    (LAYER, "weights", "108", "112"),
    (LAYER, "biases", "4", "0"),
    (LAYER, "rf", "3", "5"),
    (LAYER, "stride", "2", "1"),
    (LAYER, "macs", "1728", "1792"),
    (LAYER, "flops", "3456", "1728"),
    (LAYER, "activations", "64", "16"),
    (LAYER, "connections", "1792", "1793"),
    (LAYER, "memory", "256", "64"),
    (LAYER, "param-memory", "448", "112"),
    ("input 10x10x3; conv 4 3x3 s2", "unread", "1", "0"),
    (LAYER, "dense-params", "15616", "15552"),
    (LAYER, "kernel", "3x3", "3x5"),
    (LAYER, "padding", "0", "1"),
    ("input 9x9x3; conv 4 3x5 p1x2", "kernel", "3x5", "5x3"),
    ("input 9x9x3; conv 4 3x5 p1x2", "padding", "1x2", "1"),
    ("input 9x9x3; convt 4 3x3 p1", "kernel", "3", "2"),
    ("input 9x9x3; maxpool 2x2", "kernel", "2", "3"),
    (NORM, "params", "6", "9"),
    (NORM, "trainable", "6", "12"),
    (NORM, "non-trainable", "6", "0"),
    (NORM, "weights", "3", "6"),
    (NORM, "biases", "3", "6"),
    (NORM, "param-memory", "48", "24"),
    (NORM, "connections", "0", "192"),
]


@pytest.mark.parametrize(("spec", "quantity", "right", "wrong"), QUESTIONS)
def test_quantities(spec: str, quantity: str, right: str, wrong: str) -> None:
    """Each quantity has its right value, and another one is wrong; the word is read in any case."""
    for word in (quantity, quantity.upper(), quantity.title()):
        assert verdict(f"{word} {right}", spec) == RIGHT
        assert verdict(f"{word}={right}", spec) == RIGHT
    answer = judged(f"{quantity} {wrong}", spec)
    assert (answer.quantity, answer.verdict) == (quantity, WRONG)


def test_all_quantities_are_tested() -> None:
    """Each quantity that can be asked for is among the questions, about a layer and about a network."""
    assert {quantity for _, quantity, *_ in QUESTIONS} == set(QUANTITIES)
    assert {quantity for quantity, *_ in TOTALS} == set(QUANTITIES)


NET = "input 8x8x3; conv 4 3x3; bn; conv 2 3x3 s2;"
TOTALS = [
    ("output", "2x2x2", "2x2x4"),
    ("dense-params", "1544", "1536"),
    ("kernel", "3", "5"),
    ("padding", "0", "1"),
    ("params", str(112 + 8 + 74), "120"),
    ("trainable", "194", "202"),
    ("non-trainable", "8", "0"),
    ("weights", str(108 + 4 + 72), "180"),
    ("biases", str(4 + 4 + 2), "6"),
    ("rf", "5", "3"),
    ("stride", "2", "1"),
    ("macs", str(3888 + 288), "3888"),
    ("flops", "8352", "4176"),
    ("activations", str(192 + 144 + 144 + 8), "296"),
    ("connections", str(3888 + 144 + 288 + 8), "4329"),
    ("memory", str(488 * 4), "488"),
    ("param-memory", str(202 * 4), str(194 * 4)),
    ("unread", "1", "0"),
]


@pytest.mark.parametrize(("quantity", "right", "wrong"), TOTALS)
def test_quantities_of_the_network(quantity: str, right: str, wrong: str) -> None:
    """An arrow of its own asks for sums, and for the output, the field and the unread rows of the last layer."""
    answer = judged(f"{quantity} {right}", NET)
    assert (answer.layer, answer.verdict) == ("", RIGHT)
    assert answer.to_dict()["layer"] == "total"
    assert verdict(f"{quantity} {wrong}", NET) == WRONG


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6x6x4", (6, 6, 4)),
        ("6×6×4", (6, 6, 4)),
        ("6X6x4", (6, 6, 4)),
        ("6*6*4", (6, 6, 4)),
        ("(6, 6, 4)", (6, 6, 4)),
        ("(6,6,4)", (6, 6, 4)),
        ("[6, 6, 4]", (6, 6, 4)),
        ("(8 - 2)x(7-1)x(2*2)", (6, 6, 4)),
        ("output 6x6x4", (6, 6, 4)),
        ("output=[6, 6, 4]", (6, 6, 4)),
        ("6x6", (6, 6)),
        ("6*6", (6, 6)),
        ("(6, 6)", (6, 6)),
    ],
)
def test_sizes(text: str, value: tuple[int, ...]) -> None:
    """A size may be written as people write it, with or without its channels."""
    answer = judged(text)
    assert (answer.quantity, answer.given, answer.verdict) == ("output", value, RIGHT)
    assert answer.expected == Shape((6, 6), 4)


@pytest.mark.parametrize(
    ("spec", "right", "wrong"),
    [
        ("input 8x8x3; conv 4 3x3", ["6x6x4", "6x6", "6"], ["4", "6x4", "4x6x6", "6x6x4x1", "144", "6x6x3"]),
        ("input 9x8x3; conv 4 3x3", ["7x6x4", "7x6"], ["6x7x4", "6x7", "7"]),
        ("input 9x3; conv 4 3", ["7x4", "7"], ["4", "7x7", "7x3"]),
        ("input 5x5x5x1; maxpool 2", ["2x2x2x1", "2x2x2", "2"], ["2x2", "1"]),
        ("input 8x8x3; flatten", ["192", "(192)", "(192,)", "1x192", "192x1", "1x1x192"], ["8x8x3", "8x8", "1x1x3"]),
        ("input 8x8x3; gap keep", ["1x1x3", "1x1", "1", "3"], ["3x1", "1x3"]),
        ("input 8x3; gap keep", ["1x3", "1", "3"], ["3x1", "1x1"]),
    ],
)
def test_sizes_without_channels(spec: str, right: list[str], wrong: list[str]) -> None:
    """The channels may be left out, of equal extents all but one, and all where they are 1; nothing else may."""
    assert [verdict(text, spec) for text in right] == [RIGHT] * len(right)
    assert [verdict(text, spec) for text in wrong] == [WRONG] * len(wrong)


@pytest.mark.parametrize(
    ("text", "given", "verdicts"),
    [
        ("params 112", 112, RIGHT),
        ("params 1_12", 112, RIGHT),
        ("params 4*28", 112, RIGHT),
        ("params 3*3*3*4+4", 112, RIGHT),
        ("params (3*3*3 + 1)*4", 112, RIGHT),
        ("params min(112, 200)", 112, RIGHT),
        ("params 224/2", 112, RIGHT),
        ("params 225/2", Fraction(225, 2), WRONG),
        ("params -112", -112, WRONG),
        ("params 2x56", 112, RIGHT),
        ("params (112, 112)", (112, 112), WRONG),
        ("rf 3", 3, RIGHT),
        ("rf 3x3", (3, 3), RIGHT),
        ("rf 3*3", (3, 3), RIGHT),
        ("rf (3, 3)", (3, 3), RIGHT),
        ("rf 9", 9, WRONG),
        ("rf 3x3x3", (3, 3, 3), WRONG),
        ("rf 3x5", (3, 5), WRONG),
        ("rf (1+2)", 3, RIGHT),
        ("stride 1x1", (1, 1), RIGHT),
    ],
)
def test_numbers(text: str, given: Any, verdicts: str) -> None:
    """A number may be written as its calculation; `*` makes a size only of what is one."""
    answer = judged(text)
    assert (answer.given, answer.verdict, answer.rounded) == (given, verdicts, False)


def test_grouped_digits() -> None:
    """Digits are grouped by underscores."""
    spec = "input 32x32x1; flatten; dense 60;"
    assert verdict("params 61_500", spec) == RIGHT
    assert verdict("params 61_501", spec) == WRONG


def test_one_number_stands_for_every_axis() -> None:
    """One number is right for a quantity of every axis only if it is right for each of them."""
    spec = "input 9x10x3; conv 4 3x5 s2x1"
    assert [verdict(f"rf {text}", spec) for text in ("3", "5", "3x5", "5x3")] == [WRONG, WRONG, RIGHT, WRONG]
    assert [verdict(f"stride {text}", spec) for text in ("2", "1", "2x1")] == [WRONG, WRONG, RIGHT]


def test_fractions() -> None:
    """A stride between pixels is right as a fraction and as a decimal."""
    spec = "input 8x8x3; convt 4 3x3 s2"
    assert [verdict(f"stride {text}", spec) for text in ("1/2", "0.5", "(1/2, 1/2)", "2")] == [
        RIGHT,
        RIGHT,
        RIGHT,
        WRONG,
    ]


def test_unread_rows() -> None:
    """The rows and the columns are counted, one number for both only if they are as many."""
    spec = "input 10x11x3; conv 4 3x3 s2"
    assert [verdict(f"unread {text}", spec) for text in ("1x0", "1", "0", "0x1")] == [RIGHT, WRONG, WRONG, WRONG]
    assert judged("unread 1x0", spec).expected == (1, 0)
    assert verdict("unread 0", "input 9x9x3; conv 4 3x3 s2") == RIGHT


@pytest.mark.parametrize("number", ["0", "1", "5", "10", "0x0"])
@pytest.mark.parametrize("quantity", ["unread", "rf", "stride"])
def test_a_vector_has_no_rows(quantity: str, number: str) -> None:
    """Where there are no rows and columns no number of them is right."""
    answer = judged(f"{quantity} {number}", "input 10; dense 4")
    assert (answer.expected, answer.verdict) == (None, WRONG)


def test_what_is_not_known_is_not_right() -> None:
    """Units that all see the same have no stride; of a huge image it is not known what is read."""
    assert judged("stride 1", "input 8x8x3; gap").expected is None
    assert verdict("rf 8", "input 8x8x3; gap") == RIGHT
    with pytest.raises(cnncalc.SpecError, match="is not worked out for symbols, nor for more than 4096"):
        judged("unread 0", "input 5000x5000x1; conv 1 3x3")


VGG = "input 224x224x3; use vgg16;"


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("params 138M", RIGHT),
        ("params 138g", WRONG),
        ("params 138.4M", RIGHT),
        ("params 138.36M", RIGHT),
        ("params ~138M", RIGHT),
        ("params ≈140M", RIGHT),
        ("params ~100M", RIGHT),
        ("params 0.138G", RIGHT),
        ("params 0.138B", RIGHT),
        ("params 138_358K", RIGHT),
        ("params 138358k", RIGHT),
        ("params 139M", WRONG),
        ("params 138.3M", WRONG),
        ("params 140M", WRONG),
        ("params ~130M", WRONG),
        ("params 138", WRONG),
        ("params 138_357_544", RIGHT),
        ("params 138_357_543", WRONG),
        ("params 138_357_544.0", RIGHT),
        ("macs 15.47G", RIGHT),
        ("macs 15.5B", RIGHT),
        ("macs 15.4G", WRONG),
        ("flops 31G", RIGHT),
        ("flops 0.031T", RIGHT),
        ("memory 61MB", RIGHT),
        ("memory 61.0MB", RIGHT),
        ("memory 58.1MiB", RIGHT),
        ("memory 58MiB", RIGHT),
        ("memory 58.1MB", WRONG),
        ("memory 61MiB", WRONG),
        ("memory 60950432", RIGHT),
        ("memory 60950432B", RIGHT),
        ("memory 60_950KB", RIGHT),
        ("memory 93MB", WRONG),
        ("param-memory 553MB", RIGHT),
        ("param-memory 528MiB", RIGHT),
        ("param-memory 0.515GiB", RIGHT),
        ("param-memory 553430176B", RIGHT),
    ],
)
def test_rounded_numbers(text: str, verdicts: str) -> None:
    """A rounded answer is right if it is the right number rounded so; `B` is a byte of memory, else a billion."""
    answer = judged(text, VGG)
    assert answer.verdict == verdicts
    exact = text.split(maxsplit=1)[1].removesuffix("B").replace("_", "").isdigit()
    assert answer.rounded == (verdicts == RIGHT and not exact)


@pytest.mark.parametrize(
    ("text", "exact", "verdicts"),
    [
        # The right number is 112.
        ("params ~110", 110, RIGHT),
        ("params ~100", 100, RIGHT),
        ("params ~120", 120, WRONG),
        ("params ~112", 112, RIGHT),
        ("params ~113", 113, WRONG),
        ("params 0.11K", 110, RIGHT),
        ("params 0.1K", 100, RIGHT),
        ("params 0.2K", 200, WRONG),
        ("params ~200", 200, WRONG),
        ("params 112.4", Fraction(562, 5), WRONG),
        ("params ~500K", 500_000, WRONG),
        ("params 0.107KiB", Fraction(107 * 1024, 1000), WRONG),
        ("rf ~3", 3, RIGHT),
        ("rf 3.0", 3, RIGHT),
        ("rf 2.9", Fraction(29, 10), WRONG),
    ],
)
def test_how_far_rounding_goes(text: str, exact: Any, verdicts: str) -> None:
    """A rounded answer may be off by half of its last digit that is not a zero after `~`."""
    answer = judged(text)
    assert (answer.given, answer.rounded, answer.verdict) == (exact, verdicts == RIGHT, verdicts)


def test_half_a_digit() -> None:
    """A number that lies in the middle is right rounded down or up."""
    spec = "input 5; dense 25 nobias"  # 125 weights
    assert [verdict(f"params {text}", spec) for text in ("0.12K", "0.13K", "0.14K", "0.11K")] == [
        *(RIGHT, RIGHT, WRONG, WRONG),
    ]


def test_a_rounded_answer_says_so() -> None:
    """JSON tells that a right answer was rounded, and only then."""
    assert judged("params 0.11K").to_dict() == {
        "layer": "conv1",
        "quantity": "params",
        "given": 110,
        "expected": 112,
        "verdict": RIGHT,
        "mistakes": [],
        "rounded": True,
    }
    assert "rounded" not in judged("params 112").to_dict()
    assert "rounded" not in judged("params 0.2K").to_dict()


def test_half_a_million() -> None:
    """The example of the command line: `~500K`, where the right number rounds to it."""
    assert verdict("params ~500K", "input 1000; dense 480") == RIGHT
    assert verdict("params ~500K", "input 1000; dense 600") == WRONG


# A convolution whose weights are those of an earlier one.
TWICE = "input 8x8x1; shared def h() { conv 1 3x3 }; h; h"


@pytest.mark.parametrize(
    ("spec", "text", "verdicts", "convention"),
    [
        (NORM, "params 12", CONVENTION, "with-non-trainable"),
        (NORM, "params 6", RIGHT, ""),
        (NORM, "params 13", WRONG, ""),
        (f"{NORM}; conv 2 1x1;", "params 20", CONVENTION, "with-non-trainable"),
        (NORM, "trainable 12", WRONG, ""),
        (LAYER, "connections 1728", CONVENTION, "without-biases"),
        (LAYER, "connections 1792", RIGHT, ""),
        (LAYER, "connections 1.73K", CONVENTION, "without-biases"),
        ("input 9x9x3; conv 4 3x3 s2 nobias", "connections 1728", RIGHT, ""),
        (NET, "connections 4176", CONVENTION, "without-biases"),
        ("input 8x8x3; conv 4 3x3 frozen", "params 112", CONVENTION, "with-non-trainable"),
        ("input 8x8x3; conv 4 3x3 frozen", "params 0", RIGHT, ""),
        (TWICE, "params 10", CONVENTION, "shared-weights"),
        (TWICE, "params 0", RIGHT, ""),
        (TWICE, "params 4", WRONG, ""),
        (f"{TWICE};", "params 10", RIGHT, ""),
        (f"{TWICE};", "params 20", WRONG, ""),
    ],
)
def test_conventions(spec: str, text: str, verdicts: str, convention: str) -> None:
    """An answer that is right under another way to count is right, and the way is named."""
    answer = judged(text, spec)
    assert (answer.verdict, answer.convention) == (verdicts, convention)
    assert answer.rounded == ("K" in text)
    assert answer.to_dict().get("convention", "") == convention


def test_bytes_of_a_batch() -> None:
    """Memory is that of the batch and the data type; what is counted for one example stays as it is."""
    spec = "input 9x9x3; conv 4 3x3 s2"
    settings = {"batch": 10, "dtype": "float16"}
    assert verdict("memory 1280", spec, **settings) == RIGHT
    assert verdict("memory 256", spec, **settings) == WRONG
    assert verdict("param-memory 224", spec, **settings) == RIGHT
    assert verdict("macs 1728", spec, **settings) == RIGHT
    assert verdict("activations 64", spec, **settings) == RIGHT


def test_answers_belong_to_their_layers() -> None:
    """An answer behind a repeat, a merge or a block is about each copy, the merge, or the block's last layer."""
    spec = """
        input 8x8x3
        repeat 2 { conv 3 3x3 same as c -> params 84 }
        add {
            conv 3 1x1 -> params 12
          |
            identity
        } as sum -> 8x8x3, params 0
        def block(n) { conv n 1x1 -> rf 5; relu }
        block 2 -> 8x8x2, params 0
        block 5 -> 8x8x5
        aux { gap; dense 2 -> params 12 }
        -> params 206, 8x8x5, rf 5
    """
    report = cnncalc.analyze(spec)
    assert [(answer.layer, answer.quantity) for answer in report.answers] == [
        ("c", "params"),
        ("c_2", "params"),
        ("conv1", "params"),
        ("sum", "output"),
        ("sum", "params"),
        ("conv2", "rf"),
        ("relu1", "output"),
        ("relu1", "params"),
        ("conv3", "rf"),
        ("relu2", "output"),
        ("dense1", "params"),
        ("", "params"),
        ("", "output"),
        ("", "rf"),
    ]
    assert report.totals.params == 84 + 84 + 12 + 8 + 15 + 12
    wrong = [(answer.layer, answer.quantity) for answer in report.answers if answer.verdict != RIGHT]
    assert wrong == [("", "params")]
    assert not report.passed


def test_one_verdict_a_copy() -> None:
    """In a repeat an answer may be right about one copy and wrong about the next."""
    report = cnncalc.analyze("input 9x9x3; repeat 2 { conv 3 3x3 -> 7x7 }")
    assert [answer.verdict for answer in report.answers] == [RIGHT, WRONG]


def test_where_an_answer_stands() -> None:
    """An answer knows the words that it was read from."""
    report = cnncalc.analyze("input 8x8x3; conv 4 3x3 -> 6x6x4, params 112")
    assert [answer.span.text for answer in report.answers if answer.span] == ["6x6x4", "params 112"]


ANSWER_HINT = "an answer is a size or a number: `28x28x6`, `156`"


@pytest.mark.parametrize(
    ("text", "message", "place", "hint"),
    [
        ("prams 5", "unknown quantity `prams`", "prams", "did you mean `params`?"),
        ("Zq 5", "unknown quantity `Zq`", "Zq", None),
        ("bogus = 5", "unknown quantity `bogus`", "bogus", None),
        ("params abc", "`abc` is no answer", "abc", ANSWER_HINT),
        ("params yes", "`yes` is no answer", "yes", ANSWER_HINT),
        ("params _", "`_` is no answer", "_", ANSWER_HINT),
        ("params 3:4", "`3:4` is no answer", "3:4", ANSWER_HINT),
        ("params 1/0", "`1/0` is no answer: division by zero", "1/0", ""),
        ("params 5+", "`5+` is no answer", "5+", ANSWER_HINT),
        ("params 12x", "`12x` is no answer", "12x", ANSWER_HINT),
        ("params x", "`x` is no answer", "x", ANSWER_HINT),
        ("params channels", "`channels` is no answer", "channels", ANSWER_HINT),
        ("params 10**99", "`10**99` is no answer: an exponent is a whole number up to 64", "10**99", ""),
        ("6x6xyes", "`6x6xyes` is no answer", "6x6xyes", ANSWER_HINT),
        ("(6, yes)", "`(6, yes)` is no answer", "(6, yes)", ANSWER_HINT),
        ("((6, 6), 4)", "`((6, 6), 4)` is no answer", "((6, 6), 4)", ANSWER_HINT),
        ("rf " + "9" * 70, f"`{'9' * 37}...` is no answer: this number is too large", "9" * 70, ""),
        (
            "params ?",
            "`?` stands for a number to be found; here every number must be given",
            "?",
            "put a number in its place",
        ),
        (
            "?x?x4",
            "`?` stands for a number to be found; here every number must be given",
            "?x?x4",
            "put a number in its place",
        ),
    ],
)
def test_what_cannot_be_read(text: str, message: str, place: str, hint: str | None) -> None:
    """An answer that cannot be read is an error of the spec; the caret stands under the words."""
    with pytest.raises(SpecError) as caught:
        judged(text)
    error = caught.value
    assert (error.message, error.span.text) == (message, place)
    assert (error.line, error.column) == (1, len("input 8x8x3; conv 4 3x3 -> ") + 1 + text.index(place))
    assert error.hint == (f"an answer is a size or one of {', '.join((*QUANTITIES, VALUES))}" if hint is None else hint)


def test_the_drawing() -> None:
    """The error as people see it."""
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze("input 8x8x3\nconv 4 3x3  -> 6x6x4, parms 5\n")
    assert str(caught.value) == (
        "spec:2:23: error: unknown quantity `parms`\n"
        "    conv 4 3x3  -> 6x6x4, parms 5\n"
        "                          ^^^^^\n"
        "hint: did you mean `params`?"
    )


@pytest.mark.parametrize(
    ("spec", "right", "wrong"),
    [
        (
            "input WxWx3; conv K FxF pP",
            ["(W - F + 2*P + 1)x(1 + W + 2*P - F)xK", "params (3*F*F + 1)*K", "params 3*F**2*K + K", "rf F", "rf FxF"],
            ["(W - F + P + 1)x(W - F + P + 1)xK", "params 3*F*F*K", "params 112", "rf 3", "params ~100", "rf K"],
        ),
        ("input 4x4x2; conv n1 5x5 same; conv n2 5x5 same", ["params 25*n1*n2 + n2", "4x4xn2"], ["4x4xn1", "4xn2"]),
        (
            "input 8x8x3; conv K 3x3",
            ["6x6xK", "6x6", "params 28*K", "params 28K"],
            ["params 28K + 1", "6x6x6", "params 28"],
        ),
        (
            "input NxNx1; maxpool 2 s1",
            ["(N-1)x(N-1)", "[N - 1, N - 1, 1]", "params 0"],
            ["NxN", "3xN", "N", "params N"],
        ),
    ],
)
def test_symbolic_answers(spec: str, right: list[str], wrong: list[str]) -> None:
    """A formula is right however it is written, and a number is not the formula."""
    pytest.importorskip("sympy")
    assert [(text, verdict(text, spec)) for text in right] == [(text, RIGHT) for text in right]
    assert [(text, verdict(text, spec)) for text in wrong] == [(text, WRONG) for text in wrong]


def test_a_symbol_for_a_number() -> None:
    """A formula where a number is expected is wrong, as is a word that no symbol can have."""
    pytest.importorskip("sympy")
    assert verdict("params 28*n") == WRONG
    assert verdict("NxN") == WRONG
    assert judged("params 28*n").to_dict()["given"] == "28*n"
    with pytest.raises(SpecError, match="`6xfoo` is no answer"):
        judged("6xfoo")


@pytest.mark.parametrize("text", ["params n*n", "nxn"])
def test_symbols_without_sympy(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without SymPy the error about a symbol says what to install, and stands under the answer."""
    monkeypatch.delitem(sys.modules, "cnncalc.symbols", raising=False)
    monkeypatch.setitem(sys.modules, "sympy", None)
    with pytest.raises(SpecError) as caught:
        judged(text)
    error = caught.value
    assert error.message == "`n` is a symbol, and calculating with symbols needs SymPy"
    assert error.hint == 'install it by `pip install "cnncalc[symbolic]"`, or put a number in its place'
    assert error.span.text == text.rsplit(maxsplit=1)[-1]


@pytest.mark.parametrize(
    ("value", "json"),
    [
        (Shape((2, 3), 4), [2, 3, 4]),
        ((1, Fraction(1, 2), None), [1, "1/2", None]),
        ([1, [2]], [1, [2]]),
        (True, True),
        ("W", "W"),
        (10**30, 10**30),
    ],
)
def test_as_json(value: Any, json: Any) -> None:
    """Integers, lists, and strings for what JSON has no number for."""
    assert as_json(value) == json


BATCHES = [
    *("1x28x28x10", "1*28*28*10", "1 28 28 10", "(1;28;28;10)", "[1, 28, 28, 10]", "28x28x10", "(None, 28, 28, 10)"),
    *("None x 28 x 28 x 10", "nonex28x28x10", "(?, 28, 28, 10)", "?x28x28x10", "-1x28x28x10", "(-1, 28, 28, 10)"),
    *("batch x 28 x 28 x 10", "(batch_size, 28, 28, 10)", "torch.Size([1, 10, 28, 28])", "torch.Size([10, 28, 28])"),
    *("torch.Size([28, 28, 10])", "1x10x28x28 NCHW", "(1, 28, 28, 10) NHWC"),
]


@pytest.mark.parametrize("text", BATCHES)
def test_a_batch_in_front(text: str) -> None:
    """However the size is written, one example in front is no mistake."""
    spec = "input 32x32x3; conv 10 5x5"
    answer = cnncalc.check(spec, output=text).answers[0]
    assert (answer.verdict, as_json(answer.given)) == (RIGHT, [28, 28, 10])
    assert cnncalc.check(spec, output=text.replace("28", "27", 1)).answers[0].verdict == WRONG


@pytest.mark.parametrize("text", ["Nx28x28x10", "(N, 28, 28, 10)", "(B; 28; 28; 10)"])
def test_a_batch_with_a_letter(text: str) -> None:
    """So many examples as there are."""
    pytest.importorskip("sympy")
    answer = cnncalc.check("input 32x32x3; conv 10 5x5", output=text).answers[0]
    assert (answer.verdict, answer.reread) == (RIGHT, True)


def test_a_batch_of_a_known_size() -> None:
    """It is one if the caller says so; else it is told, and a course may accept it."""
    spec = "input 32x32x3; conv 10 5x5"
    for text in ("64x28x28x10", "(64, 10, 28, 28) NCHW", "torch.Size([64, 10, 28, 28])"):
        assert cnncalc.check(spec, output=text, batch=64).passed
        (mistake,) = cnncalc.check(spec, output=text).answers[0].mistakes
        assert mistake == ("batch", "64 stands in front, as of a batch; of one example it is 28x28x10.")
    assert cnncalc.check(f"{spec} -> 64x28x28x10", accept=["batch"]).answers[0].convention == "batch"
    for text in ("64x10", "(64, 10)"):
        assert [one.code for one in cnncalc.check("input 9; dense 10", output=text).answers[0].mistakes] == ["batch"]
    for text in ("?x28x10", "28x?"):
        with pytest.raises(SpecError, match="stands for a number to be found"):
            cnncalc.check(spec, output=text)


NAMED = """input 8x8x1
let width_of = 6; let ab = 5; let a = 6; param k = 3x3; let word = relu
def block(n, K=2, filters=3) {
  conv n 1x1 nobias -> params n, macs 64*n, biases 0
  conv filters 3x3 same -> params 9*n*filters + filters, 8x8xfilters, (8, 8, filters), kernel (filters)
  conv K 1x1 nobias -> params 3K, activations 64K, 8x8xK
}
block 4
conv ab k -> params 90*2 - 2*45 + ab, output axaxab, 6x6x(a - 1), (width_of, a, ab), [a,a,ab], output (axax5), kernel k
"""


def test_names_in_answers() -> None:
    """A name has the value that it has where the answer stands; a unit that is a name is none."""
    answers = cnncalc.analyze(NAMED).answers
    assert [(one.quantity, str(one.given)) for one in answers if one.verdict != RIGHT] == []
    assert len(answers) == 17
    # Each call has its own value, and outside there is none.
    spec = "input 8x8x1; def f(n) { conv n 1x1 nobias -> macs 64*n }; f 1; from input; f 2; from input; f 2"
    assert [one.given for one in cnncalc.analyze(spec).answers] == [64, 128, 128]
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze("input 8x8x1; def f(amount) { conv 2 1x1 }; f 1; relu -> macs 64*amount")
    assert (caught.value.message, caught.value.span.text) == ("`64*amount` is no answer", "64*amount")
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze("input 8x8x1; def f(action) { conv 2 1x1; relu -> macs 64*action }; f relu")
    assert (caught.value.message, caught.value.span.text) == ("`64*action` is no answer", "64*action")


def test_sizes_of_formulas() -> None:
    """Their parts need no parentheses, and `2*k` is one of them."""
    pytest.importorskip("sympy")
    half = [
        *("ceil(W/2)xceil(W/2)x8", "ceil(W/2) x ceil(W/2) x 8", "(ceil(W/2))x(ceil(W/2))x8", "(ceil(W/2)xceil(W/2)x8)"),
        *("(ceil(W/2), ceil(W/2), 8)", "⌈W/2⌉x⌈W/2⌉x8", "floor((W+1)/2)xceil(W/2)x8", "(W+W%2)/2xmax(ceil(W/2),1)x8"),
    ]
    spec = "input WxWx3; conv 8 3x3 s2 same"
    assert cnncalc.check(f"{spec} -> {', '.join(half)}").passed
    assert all(cnncalc.check(spec, output=text).passed for text in half)
    spec = "input nxnx3; conv (2*k) 2"
    same = ["(n-1)x(n-1)x2*k", "(n-1)x(n-1)x2k", "[n-1,n-1,2k]", "n-1xn-1x2k", "(n-1)*(n-1)*2k", "(n-1)x(n-1)x(k+k)"]
    assert cnncalc.check(f"{spec} -> {', '.join(same)}").passed
    for text in ("((n-1)x(n-1))x2k", "((n-1, n-1), 2k)", "n x n x", "n x x"):
        with pytest.raises(SpecError, match="is no answer"):
            cnncalc.check(spec, output=text)


def test_letters_of_a_formula_are_no_units() -> None:
    """Where the right number is ten times K, `10K` is that, and not ten thousand."""
    pytest.importorskip("sympy")
    assert cnncalc.check("input 8x8x1; conv K 3x3", params="10K", macs="324 K").passed
    assert not cnncalc.check("input 8x8x1; conv n 3x3", params="10K").passed
