"""The network of small integers: its values, its weights and its shifts."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.forward import integers
from cnncalc.forward.integers import BLOCK, LEAST, MOST, SIGNED, SMALL, Stream, clamped, draw, shift_of
from cnncalc.forward.tensor import Tensor
from cnncalc.layers import KINDS
from cnncalc.shapes import Shape


def test_weights_are_small_and_lean_to_no_side() -> None:
    """Weights are -7 to 7, each as often as its negative, and their mean square is 17.5; the others are 1 to 4."""
    assert set(SIGNED) == set(range(-7, 8))
    assert sum(SIGNED) == 0
    assert Fraction(sum(weight**2 for weight in SIGNED), 256) == Fraction("17.5")
    assert set(SMALL) == {1, 2, 3, 4}


def test_any_part_of_a_stream_can_be_had_without_the_rest() -> None:
    """A stream does not depend on how it is cut, but on the seed, the layer and the array."""
    whole = draw("0/1/kernel", 0, 3 * BLOCK)
    for first, stop in ((0, 5), (BLOCK - 3, BLOCK + 3), (BLOCK, 2 * BLOCK), (7, 2 * BLOCK + 9), (4, 4)):
        assert draw("0/1/kernel", first, stop) == whole[first:stop]
    others = {Stream(seed, layer).bytes(name, 0, 9) for seed in (0, 1) for layer in (1, 2) for name in ("a", "b")}
    assert len(others) == 8


def test_the_stream_is_the_same_everywhere() -> None:
    """These are the first weights that seed 0 gives the kernel of layer 1: they may never change."""
    assert [SIGNED[byte] for byte in draw("0/1/kernel", 0, 12)] == [6, 2, -3, 5, 6, -7, -1, -1, -2, 4, 1, -5]


@given(st.fractions(-200, 200, max_denominator=96), st.integers(0, 9))
def test_a_number_becomes_the_value_below_it(number: Fraction, shift: int) -> None:
    """number*32/2**shift, rounded down and clamped; the same for a float."""
    expected = min(max(math.floor(number * 32 / 2**shift), LEAST), MOST)
    assert clamped(number, shift) == expected
    exact = Fraction(math.floor(number * 64), 64)
    assert clamped(float(exact), shift) == clamped(exact, shift)


@pytest.mark.parametrize(("number", "value"), [(math.inf, MOST), (-math.inf, LEAST), (4, 127), (-4, -128), (0, 0)])
def test_what_is_beyond_the_values_is_clamped(number: float, value: int) -> None:
    """Infinities too: a pool may read nothing but padding."""
    assert clamped(number) == value


def test_sums_keep_about_their_size() -> None:
    """For every number of products 4**s <= 8N < 4**(s + 1), up to where a byte must hold what lies over the result."""
    for products in (*range(1, 5000), 25088, 10**6):
        shift = shift_of(products)
        assert 4**shift <= 8 * products < 4 ** (shift + 1) or shift == products.bit_length() - 5
        assert 128 * 7 * products / 2 ** (shift + 8) <= 127


@pytest.mark.parametrize(
    ("kind", "arguments", "shape", "counts"),
    [
        ("conv", {"filters": 8, "kernel": (3,), "groups": 2}, Shape((9, 9), 4), [18]),
        ("dwconv", {"kernel": (5,), "multiplier": 3}, Shape((9, 9), 4), [25]),
        ("sepconv", {"filters": 6, "kernel": (3,), "multiplier": 2}, Shape((9, 9), 4), [8, 9]),
        ("local", {"filters": 2, "kernel": (3,)}, Shape((9, 9), 4), [36]),
        ("dense", {"units": 5}, Shape((), 40), [40]),
        ("relu", {}, Shape((), 40), []),
    ],
)
def test_how_many_products_a_sum_has(kind: str, arguments: dict[str, object], shape: Shape, counts: list[int]) -> None:
    """The last part of a layer first."""
    layer = KINDS[kind](**arguments)
    assert integers.products_per_sum(layer, shape, layer.output(shape)) == counts


def test_an_activation_is_a_step_of_its_own() -> None:
    """The sums become values before the activation sees them."""
    with_sigmoid = KINDS["dense"](units=3, activation="sigmoid")
    x = Tensor((4,), [100, -100, 50, 7])
    sums = integers.reference(KINDS["dense"](units=3), Stream(0, 1), x)
    assert integers.reference(with_sigmoid, Stream(0, 1), x) == integers.reference(
        KINDS["sigmoid"](), Stream(0, 1), sums
    )
