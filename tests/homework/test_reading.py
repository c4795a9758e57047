"""What people write for an answer."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc
from cnncalc import SpecError
from cnncalc.homework.reading import LONGEST_ANSWER, Given, read
from cnncalc.spec.source import Source, Span
from cnncalc.spec.statements import AnswerText


def reading(text: str, quantity: str = "params", *, channels_first: bool = False) -> Given:
    """A text as an answer to a quantity."""
    whole = f"{quantity} {text}"
    answer = AnswerText(quantity, text, Span(Source("answers", whole), 0, len(whole)))
    return read(answer, channels_first=channels_first)


@pytest.mark.parametrize(
    "text",
    [
        *("28x28x10", "28X28X10", "28*28*10", "(28, 28, 10)", "28 x 28 x 10", "[28, 28, 10]", "(28,28,10)", "28 28 10"),
        *("28×28×10", "28 by 28 by 10", "(None, 28, 28, 10)", "[None, 28, 28, 10]", "(-1, 28, 28, 10)", "28, 28, 10"),
        *("(?, 28, 28, 10)", r"$28 \times 28 \times 10$", "(32-5+1)x28x10", "28x28x10 channels-last", "28x28x10 HWC"),
        *("[10, 28, 28] channels-first", "[10, 28, 28] (C, H, W)", "10x28x28 CHW", "(10, 28, 28) NCHW"),
        *(
            "torch.Size([28, 28, 10])",
            "o = 28x28x10",
            "28x28x10 (HxWxC)",
            "(10, 28, 28) (channels first)",
            "28x28x10px",
        ),
        *(
            "28x28x10.",
            "\N{FULLWIDTH DIGIT TWO}8x28x10",
            "28\N{THIN SPACE}x\N{THIN SPACE}28 x 10",
            "'28x28x10'",
            "`28x28x10`",
        ),
        *("10@28x28", "10 @ (28 x 28)", "28x28@10", "10 feature maps of 28x28", "10 maps of size 28 x 28"),
        *("28 x 28, 10 channels", "28 high, 28 wide, 10 deep", "28px x 28px x 10", "28 x 28 with 10 channels"),
        *("H=28, W=28, D=10", "W = 28, H = 28, C = 10", "height: 28, width: 28, depth: 10", "Output size: 28x28x10"),
        *(
            "28^2 x 10",
            "28²x10",
            "{28, 28, 10}",
            "(28; 28; 10)",
            "28\N{MULTIPLICATION X}28\N{CYRILLIC SMALL LETTER HA}10",
        ),
        *(r"\left(28, 28, 10\right)", "(batch, 28, 28, 10)", "volume 28x28x10", "28 x 28 x 10 feature map"),
    ],
)
def test_sizes(text: str) -> None:
    """A size in any form, channels last unless another order is named."""
    assert reading(text, "output")[:2] == ((28, 28, 10), 0)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("760", 760), ("1,234", 1234), ("1 234", 1234), ("1'234'567", 1234567), ("61_706", 61706)),
        *(("1,234,567 parameters", 1234567), ("760 trainable parameters", 760), ("75 weights", 75)),
        *(
            ("750 + 10", 760),
            ("5*5*3*10+10", 760),
            ("5x5x3x10 + 10", 760),
            ("(5·5·3 + 1)·10", 760),
            ("76*10 = 760", 760),
        ),
        *(("(5²*3+1)*10", 760), ("(5^2*3+1)*10", 760), (r"5 \cdot 152", 760), ("10(5*5*3+1)", 760), ("1 520/2", 760)),
        *(
            ("760.", 760),
            ("760,", 760),
            ('"760"', 760),
            ("+760", 760),
            ("Total params: 760", 760),
            ("760 in total", 760),
        ),
        *(("760 weights and biases", 760), ("760 (including biases)", 760), ("760 incl. bias", 760), ("none", 0)),
        *(("750 weights + 10 biases", 760), ("750 weights and 10 biases", 760), ("\N{FULLWIDTH DIGIT SEVEN}60", 760)),
        *(("34\N{THIN SPACE}944", 34944), ("34\N{RIGHT SINGLE QUOTATION MARK}944", 34944), ("1,23,456", 123456)),
        *(
            (r"34{,}944", 34944),
            (r"\frac{32 - 5}{1} + 1", 28),
            (r"\lfloor 7/2 \rfloor", 3),
            (r"\text{total} = 760", 760),
        ),
        *(("160 bits", 20), ("588,000 multiply-accumulate operations", 588_000), ("8 floating point operations", 8)),
        *(("−5", -5), ("⌊7/2⌋", 3), ("⌈7/2⌉", 4), ("1,000 + 1", 1001), ("760?", 760), ("٧٦0", 760)),
        *(("max(1,760)", 760), ("2^10^1", 1024), ("38*20", 760)),
        ("2,160 multiplications", 2160),
    ],
)
def test_numbers(text: str, number: int) -> None:
    """An exact number, a product or a sum, with or without what it counts."""
    assert reading(text)[:2] == ((number,), 0)


@pytest.mark.parametrize(
    ("text", "number", "slack"),
    [
        *(("1.2M", 1_200_000, 50_000), ("138M", 138_000_000, 500_000), ("~500K", 500_000, 50_000_000 // 1000)),
        *(("1.2 M", 1_200_000, 50_000), ("1.2 million", 1_200_000, 50_000), ("61 thousand", 61_000, 500)),
        *(
            ("15.5 GMACs", 15_500_000_000, 50_000_000),
            ("2 billion", 2 * 10**9, 5 * 10**8),
            ("1.2e6", 1_200_000, 50_000),
        ),
        *(("1.2 x 10^6", 1_200_000, 50_000), ("1.2·10^6", 1_200_000, 50_000), ("about 10 million", 10**7, 5 * 10**6)),
        *(
            ("1.2×10⁶", 1_200_000, 50_000),
            ("≈ 35000", 35_000, 500),
            ("~ 500 K", 500_000, 50_000),
            ("0,035M", 35_000, 500),
        ),
        *(("138 Mparams", 138_000_000, 500_000), ("15.5 GMAdds", 15_500_000_000, 50_000_000)),
        *(("15.5 GFLOPs", 15_500_000_000, 50_000_000), ("1,5e3", 1500, 50), ("approx. 500 K", 500_000, 50_000)),
    ],
)
def test_rounded_numbers(text: str, number: int | None, slack: int | None) -> None:
    """A rounded number, with how far it may be off."""
    if number is None:
        with pytest.raises(SpecError, match="is no answer"):
            reading(text)
    else:
        assert reading(text, "macs")[:2] == ((number,), slack)


@pytest.mark.parametrize(
    ("text", "value", "slack"),
    [
        ("55.5", (Fraction(111, 2),), Fraction(1, 20)),
        ("55.5x55.5x96", (Fraction(111, 2), Fraction(111, 2), 96), Fraction(1, 20)),
        ("(2.33, 2.3333)", (Fraction(233, 100), Fraction(23333, 10000)), Fraction(1, 20000)),
    ],
)
def test_fractions(text: str, value: tuple[Any, ...], slack: Fraction) -> None:
    """A fraction is read as it is written: that is the mistake."""
    assert reading(text, "output")[:2] == (value, slack)


@pytest.mark.parametrize(
    ("text", "number"),
    [("15,5G", 15_500_000_000), ("1.605.632", 1_605_632), ("~61,7K", 61_700), ("1,2345e3", Fraction(12345, 10))],
)
def test_the_decimal_mark_is_a_comma_in_many_countries(text: str, number: object) -> None:
    """Where it cannot be anything else: before three digits it separates thousands, as in `1,234`."""
    assert reading(text, "macs").values == (number,)


def test_bytes() -> None:
    """`B` is a byte, and units have their powers of 1000 or 1024."""
    assert reading("61.0 MB", "memory").values == (61_000_000,)
    assert reading("58.5 MiB", "memory").values == (58 * 2**20 + 2**19,)
    assert reading("246,824 bytes", "memory").values == (246_824,)
    assert reading("12 B", "memory").values == (12,)
    for text in ("61 megabytes", "61 Mbytes", "61 MByte", "61 mega-bytes"):
        assert reading(text, "memory").values == (61_000_000,)
    for text in ("58 mebibytes", "58 MiBytes", "58 MiB."):
        assert reading(text, "memory").values == (58 * 2**20,)


@pytest.mark.parametrize(
    ("text", "quantity", "values"),
    [
        ("34.944", "params", (34944,)),
        ("34.944 Parameter", "params", (34944,)),
        ("1,234M", "params", (1_234_000,)),
        ("138m", "params", (138_000_000,)),
        ("61.0 Mb", "memory", (61_000_000,)),
        ("(1, 28, 28, 10)", "output", (28, 28, 10)),
        ("torch.Size([1, 10, 28, 28]) channels-first", "output", (28, 28, 10)),
        ("(N, 28, 28, 10)", "output", (28, 28, 10)),
        ("28x28x10 = 7840", "output", (28, 28, 10)),
        ("55,5", "output", (Fraction(111, 2),)),
    ],
)
def test_what_has_two_readings(text: str, quantity: str, values: tuple[Any, ...]) -> None:
    """The less usual one is kept beside the other."""
    given = reading(text, quantity)
    assert given.values != values
    assert values in [other.values for other in given.others]


def test_what_is_no_size_with_names() -> None:
    """Names that say no order leave an equation, or nothing that can be read."""
    assert reading("o = n = 5", "output").values == (5,)
    with pytest.raises(SpecError, match="is no answer"):
        reading("q=28, r: 28", "output")


def test_the_order_of_dimensions() -> None:
    """The layout says how sizes are ordered that do not say it themselves."""
    assert reading("10x28x28", "output", channels_first=True).values == (28, 28, 10)
    assert reading("28x28x10 HWC", "output", channels_first=True).values == (28, 28, 10)
    assert reading("28x28", "rf", channels_first=True).values == (28, 28)
    assert reading("400", "output", channels_first=True).values == (400,)


def test_formulas() -> None:
    """Symbols are letters, in sizes and in counts; `25n` is 25 times n."""
    n = cnncalc.analyze("input nx1; relu").input[0]
    assert reading("(n-2)x(n-2)x1", "output").values == (n - 2, n - 2, 1)
    assert reading("25n^2 + n").values[0].equals(25 * n * n + n)
    assert reading("(n + 1)n").values[0].equals(n * n + n)
    for text in ("n²mK + K", "(n^2 m + 1) K", "K(n^2m+1)", "n n m K + K", "K·(n·n·m + 1)"):
        m, k = (cnncalc.analyze(f"input {name}x1; relu").input[0] for name in "mK")
        assert reading(text).values[0].equals(n * n * m * k + k)


@pytest.mark.parametrize(
    "text",
    [
        "seven",
        "",
        "5 +",
        "28x28x",
        "1e400",
        "{}",
        "conv",
        "((",
        "5x?",
        "1/0",
        "760 or 750",
        "-inf",
        "0x2F8",
        "0b11",
        "760½",
        "a" * 2000,
        "cK",
        "5 5",
        "2 3/4",
    ],
)
def test_what_is_no_answer(text: str) -> None:
    """It is an error with a place, never anything else."""
    with pytest.raises(SpecError) as error:
        reading(text)
    assert error.value.span.end == len(f"params {text}")
    assert len(error.value.message) < 2 * LONGEST_ANSWER


@given(st.text(max_size=40), st.sampled_from(("params", "output", "memory")))
def test_any_text(text: str, quantity: str) -> None:
    """Any text at all is read or refused."""
    try:
        given = reading(text, quantity)
    except SpecError:
        return
    assert given.values


def test_small_numbers() -> None:
    """A negative power of ten, a decimal without its 0, a half in one sign."""
    assert reading("1e-3")[:2] == ((Fraction(1, 1000),), Fraction(1, 2000))
    assert reading(".5").values == reading("½").values == (Fraction(1, 2),)
    assert reading("55½x55x96", "output").values == (Fraction(111, 2), 55, 96)
    assert reading("28x28x10?", "output").values == (28, 28, 10)


@pytest.mark.parametrize(
    ("quantity", "text", "values"),
    [
        *(
            ("output", text, (5, 5))
            for text in ("5x5 output", "the output is 5x5", "Output is 5x5", "a 5x5 map", "5-by-5")
        ),
        *(("output", text, (5, 5)) for text in ("5x5 (25 values)", "(7-3)/1 + 1 = 5, so 5x5", "map of 5x5")),
        *(
            ("output", text, (55, 55, 96))
            for text in (
                *(
                    "(227-11)/4+1=55 -> 55x55x96",
                    "(227-11)/4+1=55 => 55x55x96",
                    "volume of 55x55x96",
                    "55×55, depth 96",
                ),
                *("55(H) x 55(W) x 96(C)", "height 55, width 55, depth 96", "55 (height) x 55 (width) x 96 (channels)"),
            )
        ),
        *(
            ("output", text, (400,))
            for text in ("400-d", "400-dimensional vector", "a vector of length 400", "length 400")
        ),
        ("output", "4.5 -> invalid", (Fraction(9, 2),)),
        *(("padding", text, (3,)) for text in ("3 on each side", "3 per side", "3 (on both sides)")),
        *(
            ("params", text, (34944,))
            for text in ("34848 (weights) + 96 (biases)", "34,944 w/ bias", "34944 (incl. bias)")
        ),
        *(
            ("params", text, (0,))
            for text in ("no learnable parameters", "0 (pooling has no parameters)", "there are none")
        ),
        *(("params", text, (2048,)) for text in ("1024 trainable + 1024 non-trainable", "2048 (1024 trainable)")),
        ("memory", "12.8MB (float32)", (12_800_000,)),
        *(("stride", text, (2,)) for text in ("jump 2", "2 pixels", "exactly 2", "stride: 2")),
        *(("rf", text, (8, 8)) for text in ("8x8 region", "8 x 8 pixels", "receptive field 8x8")),
        *(
            ("output", text, (13, 9))
            for text in ("(6-1)*2+3 = 13, (4-1)*2+3=9", "W_out = 9, H_out = 13", "h = 13 and w = 9")
        ),
        *(
            ("params", text, (760,))
            for text in (
                *(
                    "total 760",
                    "Total of 760",
                    "it's 760",
                    "I think 760",
                    "Ans. 760",
                    "760 (=750+10)",
                    "750 (+10 biases)",
                ),
                *("760 parameters (750 weights + 10 biases)", "750(+10)", "760 parameters in total (with bias)"),
            )
        ),
        *(
            ("output", text, (28, 28, 10))
            for text in (
                "C1: 10@28x28",
                "10 x (28x28)",
                "28/28/10",
                "28:28:10",
                "28|28|10",
                "tf.TensorShape([None, 28, 28, 10])",
            )
        ),
        *(("params", text, (147,)) for text in ("7x7x3", "7x7 x 3", "(7x7)x3", "7 x 7 x 3 = 147")),
    ],
)
def test_words_around_an_answer(quantity: str, text: str, values: tuple[Any, ...]) -> None:
    """What people write with it is no part of it."""
    assert reading(text, quantity).values == values


@pytest.mark.parametrize("text", ["138 mil", "9.3 Mbit", "-inf", "760 or 750", "105 mega MACs"])
def test_words_are_no_products(text: str) -> None:
    """A word is refused, and not taken apart into letters."""
    with pytest.raises(SpecError, match="is no answer"):
        reading(text)


def test_letters_may_be_apart() -> None:
    """By blanks, by nothing, or by a letter that is no symbol."""
    pytest.importorskip("sympy")
    for text in ("49C^2", "49 C C", "7x7xCxC", "49CC", "C x (7x7xC)"):
        assert cnncalc.check("input 8x8xC; conv C 7x7 nobias", params=text).passed
    assert cnncalc.check("input HxWxC; conv K 1x1", activations="HWK").passed
    assert cnncalc.check("input HxWxC; conv (2*K) 1x1", activations="2(HWK)").passed


def test_a_product_may_be_one_number() -> None:
    """Where a size is asked for, too; it is said."""
    for spec, quantity, text in (
        ("input 5x5x16; flatten", "output", "5*5*16"),
        ("input 32x32x3; conv 10 3x3; conv 10 3x3; conv 10 3x3", "rf", "1 + 3*2"),
    ):
        answer = cnncalc.check(spec, **{quantity: text}).answers[0]
        assert (answer.verdict, answer.reread) == ("right", True)
    with pytest.raises(SpecError, match="is no answer"):
        cnncalc.check("input 32x32x3; conv 10 3x3", output="1 - 2*y*many")


def test_two_readings_of_a_letter() -> None:
    """Where a number is asked, the reading as one counts, wrong as it may be."""
    answer = cnncalc.check("input 224x224x3; conv 64 3x3 p1", memory="98 Mb").answers[0]
    assert (answer.verdict, answer.given, answer.reread) == ("wrong", 98_000_000, True)


def test_a_size_with_strokes() -> None:
    """It is no difference, where that is no size."""
    answer = cnncalc.check("input 32x32x3; conv 10 5x5", output="28-28-10").answers[0]
    assert (answer.verdict, answer.reread) == ("right", True)
    assert cnncalc.check("input 32x32x3; conv 10 5x5", output="32-3-1").answers[0].verdict == "right"
