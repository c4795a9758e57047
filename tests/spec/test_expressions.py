"""Expressions: their values, with numbers and with symbols, and what has none."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.spec import parser
from cnncalc.spec.expressions import KEEP, Items, Name, Pair, divisible, evaluate, exact, truth
from cnncalc.spec.names import is_symbol, symbol
from cnncalc.spec.source import Source, Span, SpecError

NAMES = {"a": 3, "b": 0.5, "size": (3, 5), "word": "relu", "yes": True, "no": False, "k": Fraction(7, 2)}


def lookup(name: Name) -> Any:
    """The value of a name here: a symbol for the others that can be one."""
    return symbol(name.text, name.span) if name.text not in NAMES and is_symbol(name.text) else NAMES[name.text]


def value(text: str) -> Any:
    """The value of an expression."""
    return evaluate(parser.parse_value(Source("e", f"({text})")), lookup)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("1 + 2 * 3 - 4", 3),
        ("(1 + 2) * 3", 9),
        ("10 - 3 - 2", 5),
        ("24 / 4 / 2", 3),
        ("7 / 2", Fraction(7, 2)),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("-(7 // 2)", -3),
        ("7 % 4", 3),
        ("2 * -3", -6),
        ("- -3", 3),
        ("2**3", 8),
        ("2**3**2", 512),
        ("(2**3)**2", 64),
        ("-2**2", -4),
        ("2 * 3**2", 18),
        ("2**0", 1),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("0.5 + b", 1),
        ("1e3", 1000.0),
        ("a * b", Fraction(3, 2)),
        ("a < 4", True),
        ("a <= 3", True),
        ("a > 3", False),
        ("a >= 3", True),
        ("1 == 1.0", True),
        ("0.1 + 0.2 == 0.3", True),
        ("a != 3", False),
        ("word == word", True),
        ("word != 3", True),
        ("size == (3, 5)", True),
        ("yes and no", False),
        ("yes or no", True),
        ("no or 0 or 3", True),
        ("not no and yes", True),
        ("not (no and yes)", True),
        ("not 1 == 2", True),
        ("no and 1/0", False),
        ("yes or 1/0", True),
        ("1 < 2 and 2 < 3", True),
        ("1 + 1 == 2 or no", True),
        ("yes + yes", 2),
        ("min(3, 1, 2)", 1),
        ("max(3, 1, 2)", 3),
        ("max(3)", 3),
        ("MIN(3, 1)", 1),
        ("ceil(7/2)", 4),
        ("ceil(4)", 4),
        ("floor(7/2)", 3),
        ("floor(-7/2)", -4),
        ("round(7/2)", 4),
        ("round(5/2)", 3),
        ("round(-5/2)", -3),
        ("round(2.4)", 2),
        ("ceildiv(7, 2)", 4),
        ("divisible(35, 8)", 32),
        ("divisible(3, 8)", 8),
        ("divisible(8.5, 8)", 8),
        ("divisible(11, 8)", 16),
        ("size", (3, 5)),
        ("1, 2", (1, 2)),
        ("3x5", (3, 5)),
        ("1_000 * 2", 2000),
    ],
)
def test_values(text: str, result: object) -> None:
    """Arithmetic is exact, comparisons bind looser than sums, `not` looser than comparisons."""
    found = value(text)
    assert (found, type(found)) == (result, type(result))


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("n + 1 - n", "1"),
        ("n / 2", "n/2"),
        ("2 / n * n", "2"),
        ("n / 3 * 3 / n", "1"),
        ("n // 2", "floor(n/2)"),
        ("(4 * n) // 2", "2*n"),
        ("ceil(n / 2)", "ceil(n/2)"),
        ("floor(n / 2)", "floor(n/2)"),
        ("round(n)", "n"),
        ("n % 1", "0"),
        ("n**3", "n**3"),
        ("max(n, 0)", "n"),
        ("max(n, m)", "max(m, n)"),
        ("n == n", "True"),
        ("n != m", "True"),
        ("n > 0", "True"),
        ("n >= 1", "True"),
        ("n < 1", "False"),
        ("n + m > n", "True"),
        ("not n", "False"),
        ("n - n - n and 1", "True"),
        ("n/2 - n/2 + 1/2", "1/2"),
    ],
)
def test_values_with_symbols(text: str, formula: str) -> None:
    """A symbol stands for any positive whole number; what holds for all of them is known."""
    assert str(value(text)) == formula


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("1 / 0", "division by zero", "/"),
        ("1 // (1 - 1)", "division by zero", "//"),
        ("n // 0", "division by zero", "//"),
        ("n % (n - n)", "division by zero", "%"),
        ("n / 0", "division by zero", "/"),
        ("ceildiv(1, 0)", "division by zero", "ceildiv"),
        ("divisible(1, 0)", "division by zero", "divisible"),
        ("word + 1", "`relu` is not a number", "+"),
        ("-word", "`relu` is not a number", "-"),
        ("1 + size", "a size is not a number", "+"),
        ("max(1, word)", "`relu` is not a number", "max"),
        ("word and 1", "`relu` is not a condition", "and"),
        ("not size", "a size is not a condition", "not"),
        ("nope(1)", "unknown function `nope`", "nope"),
        ("ceil(1, 2)", "`ceil` takes 1 argument, here are 2", "ceil"),
        ("divisible(1)", "`divisible` takes 2 arguments, here are 1", "divisible"),
        ("2**65", "an exponent is a whole number up to 64", "**"),
        ("2**-1", "an exponent is a whole number up to 64", "**"),
        ("2**n", "an exponent is a whole number up to 64", "**"),
        ("10**31", "this number is too large", "**"),
        ("1/(10**16)/(10**16)", "this number is too large", "/"),
        ("-(10**30) - 1", "this number is too large", "-"),
        ("n > 3", "whether this holds depends on the values of the symbols", ">"),
        ("n < m", "whether this holds depends on the values of the symbols", "<"),
        ("n - 3 and 1", "whether this holds depends on the values of the symbols", "and"),
        ("divisible(n, 8)", "whether this holds depends on the values of the symbols", "divisible"),
        ("?", "`?` stands for a number to be found; here every number must be given", "?"),
        ("1 + ?", "`?` stands for a number to be found; here every number must be given", "?"),
    ],
)
def test_what_has_no_value(text: str, message: str, at: str) -> None:
    """The fact, and the operator or the function to point at."""
    with pytest.raises(SpecError) as caught:
        value(text)
    assert caught.value.message == message
    assert caught.value.span.text == at


def test_sizes_with_parts_to_compute() -> None:
    """A part of a size may be `before:after` or `_`; a word may not."""
    parse = parser.parse_value
    assert evaluate(parse(Source("e", "(a)x3")), lookup) == (3, 3)
    assert evaluate(parse(Source("e", "0:(a + 1)")), lookup) == Pair(0, 4)
    assert evaluate(parse(Source("e", "(a):4x1:(a)")), lookup) == (Pair(3, 4), Pair(1, 3))
    assert evaluate(parse(Source("e", "(a)x_")), lookup) == (3, KEEP)
    assert evaluate(parse(Source("e", "0,1,5")), lookup) == Items((0, 1, 5))
    assert repr(KEEP) == "_"
    for text in ("(word)x3", "0:(word)", "(0)x(size)"):
        with pytest.raises(SpecError, match="is not a number"):
            evaluate(parse(Source("e", text)), lookup)


def test_truth() -> None:
    """Any number but 0 holds, and so does a symbol."""
    span = Span(Source("e", "e"), 0, 1)
    assert [truth(number, span) for number in (0, 1, -1, 0.0, 0.5, Fraction(1, 2), True, False)] == [
        False, True, True, False, True, True, True, False,
    ]  # fmt: skip
    assert truth(symbol("n", span), span)


@given(st.integers(1, 10**6), st.integers(1, 256))
def test_divisible_never_takes_more_than_a_tenth(number: int, divisor: int) -> None:
    """The result is a multiple, at least the divisor, and at least nine tenths of the number; or the nearest."""
    result = divisible(number, divisor)
    assert result % divisor == 0
    assert result >= divisor
    assert 10 * result >= 9 * number
    assert result - number < 2 * divisor


@given(st.fractions(max_denominator=1000, min_value=-1000, max_value=1000))
def test_rounding_is_as_by_hand(number: Fraction) -> None:
    """`floor`, `ceil` and `round` of an exact quotient; halves go away from zero."""
    text = f"({number.numerator})/({number.denominator})"
    assert value(f"floor({text})") == number // 1
    assert value(f"ceil({text})") == -(-number // 1)
    nearest = value(f"round({text})")
    assert abs(nearest - number) <= Fraction(1, 2)
    assert abs(nearest) >= abs(number) or abs(nearest - number) < Fraction(1, 2)


def test_decimals_are_what_was_written() -> None:
    """0.1 is a tenth; whole results are integers."""
    assert exact(0.1) == Fraction(1, 10)
    assert type(exact(3.0)) is int
