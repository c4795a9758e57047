"""The types of arguments: what they read, what they refuse, how they are printed back."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from cnncalc.layers import KINDS
from cnncalc.layers.arguments import (
    Cells,
    Choice,
    Count,
    Decimal,
    Decimals,
    Dims,
    Factor,
    Flag,
    Part,
    Sizes,
    Steps,
    shortest,
    show_value,
    spread,
)
from cnncalc.spec.expressions import KEEP, Items, Pair

REFUSED = [
    (Count(), 0, "must be at least 1, found 0"),
    (Count(), -3, "must be at least 1, found -3"),
    (Count(), Fraction(5, 2), "expected a whole number, found 5/2"),
    (Count(), True, "expected a number, found `yes`"),
    (Count(), False, "expected a number, found `no`"),
    (Count(), (3, 3), "expected a number, found the size `3x3`"),
    (Count(), Items((0, 1)), "expected a number, found a list"),
    (Count(), "same", "expected a number, found `same`"),
    (Count(), 10**20, "100000000000000000000 is more than any network has"),
    (Sizes(), (3, 0), "must be at least 1, found 0"),
    (Sizes(), KEEP, "expected a number, found `_`"),
    (Steps(0), -1, "cannot be negative, found -1"),
    (Cells(), "same", "expected cells, found `same`"),
    (Cells(("same",)), "full", "expected cells, found `full`"),
    (Cells(), Pair(1, -1), "cannot be negative, found -1"),
    (Decimal(0, 1), 2, "must lie between 0 and 1, found 2"),
    (Decimal(0, 1), "same", "expected a number, found `same`"),
    (Decimals(Decimal(0, 1)), (0, 2), "must lie between 0 and 1, found 2"),
    (Decimals(Decimal(0, 1)), Items((0, 1)), "expected a number, found a list"),
    (Flag(), 2, "expected `yes` or `no`, found `2`"),
    (Choice(("a", "b")), "c", "expected one of `a`, `b`, found `c`"),
    (Dims(), (2, 2, 2, 2, 4), "has at most 4 dimensions (DxHxWxC), found 5"),
    (Factor(), True, "expected a factor, found `yes`"),
    (Factor(), 0, "must be more than 0 and less than 1000000000000, found 0"),
]


@pytest.mark.parametrize(("type_", "value", "message"), REFUSED)
def test_a_value_that_does_not_fit_is_refused(type_, value, message: str) -> None:
    """The message says what was expected and what was found."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        type_.read(value)


@pytest.mark.parametrize(
    ("type_", "value", "read", "shown"),
    [
        (Count(), 3, 3, "3"),
        (Count(), 3.0, 3, "3"),
        (Sizes(), 3, (3,), "3x3"),
        (Sizes(), (3, 5), (3, 5), "3x5"),
        (Sizes(keep=True), (7, KEEP), (7, KEEP), "7x_"),
        (Steps(), 2, (2,), "2"),
        (Steps(), (2, 1), (2, 1), "2x1"),
        (Cells(("same",)), "same", "same", "same"),
        (Cells(), 1, ((1, 1),), "1"),
        (Cells(), (Pair(0, 1), 2), ((0, 1), (2, 2)), "0:1x2"),
        (Decimal(0, 1), 0.5, 0.5, "0.5"),
        (Decimal(0, 1), 1, 1.0, "1"),
        (Decimal(0, 1), 0.1234567891, 0.1234567891, "0.1234567891"),
        (Decimals(Decimal(0, 1)), 0.5, (0.5,), "0.5"),
        (Decimals(Decimal(0, 1)), (Fraction(1, 2), 1, 0.25), (0.5, 1.0, 0.25), "(0.5,1,0.25)"),
        (Flag(), 1, True, "yes"),
        (Flag(), False, False, "no"),
        (Choice(("a", "b")), "A", "a", "a"),
        (Factor(), 1.5, (Fraction(3, 2),), "1.5"),
        (Factor(), (2, 3), (2, 3), "2x3"),
        (Factor(), Fraction(1, 3), (Fraction(1, 3),), "(1/3)"),
    ],
)
def test_a_value_is_read_and_printed_back(type_, value, read, shown: str) -> None:
    """For an image, with two axes."""
    assert type_.read(value) == read
    assert type_.show(read, 2) == shown


def test_parts_are_read_and_printed_back() -> None:
    """A range, a list, a single number."""
    for value, shown in ((Pair(0, 32), "0:32"), (Items((0, 1, 5)), "0,1,5"), (3, "3:4")):
        assert Part().show(Part().read(value), 2) == shown


def test_one_value_stands_for_all_axes() -> None:
    """`spread` and `shortest` are inverse."""
    assert spread((3,), 2) == (3, 3)
    assert spread((3, 5), 2) == (3, 5)
    assert shortest((3, 3)) == (3,)
    assert shortest((3, 5)) == (3, 5)


def test_values_in_messages() -> None:
    """Truth values are the language's words."""
    assert [show_value(value) for value in (True, False, 3, "a")] == ["`yes`", "`no`", "`3`", "`a`"]


def test_a_layer_is_a_value() -> None:
    """Equal arguments make equal layers, nothing can be changed, and what is missing or unknown is refused."""
    conv = KINDS["conv"]
    one, same, other = conv(filters=8, kernel=(3,)), conv(filters=8, kernel=(3,)), conv(filters=9, kernel=(3,))
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != KINDS["relu"]()
    assert conv(rank=2, filters=8, kernel=(3,)) != one
    assert repr(one) == "<conv 8 3x3 s1 valid>"
    assert repr(conv(rank=1, filters=8, kernel=(3,))) == "<conv1d 8 3 s1 valid>"
    with pytest.raises(AttributeError, match="immutable"):
        one.filters = 9
    with pytest.raises(TypeError, match="conv needs kernel"):
        conv(filters=8)
    with pytest.raises(TypeError, match="relu has no slope"):
        KINDS["relu"](slope=1)
