"""The named kernels do what is said of them."""

from __future__ import annotations

from fractions import Fraction

import pytest

import cnncalc
from cnncalc.forward.kernels import KERNELS

# Brighter to the right, brighter downwards.
RIGHT = [[0, 1, 2], [0, 1, 2], [0, 1, 2]]
DOWN = [[0, 0, 0], [1, 1, 1], [2, 2, 2]]
FLAT = [[7, 7, 7], [7, 7, 7], [7, 7, 7]]


def through(kernel: str, x: list[list[int]]) -> object:
    """What a kernel makes of one window."""
    return cnncalc.forward("conv 1 3x3", x=x, weights={"conv1": kernel}, exact=True)[0][0]


def test_all_that_are_promised_are_there() -> None:
    """By their names."""
    names = (
        "identity sobel-x sobel-y prewitt-x prewitt-y scharr-x scharr-y laplacian sharpen box-blur gaussian emboss edge"
    )
    assert set(KERNELS) == set(names.split())


@pytest.mark.parametrize(("family", "weight"), [("sobel", 4), ("prewitt", 3), ("scharr", 16)])
def test_derivatives_are_positive_to_the_right_and_downwards(family: str, weight: int) -> None:
    """And nothing along the edge."""
    assert through(f"{family}-x", RIGHT) == through(f"{family}-y", DOWN) == 2 * weight
    assert through(f"{family}-x", DOWN) == through(f"{family}-y", RIGHT) == 0


@pytest.mark.parametrize("name", ["identity", "sharpen", "box-blur", "gaussian", "emboss"])
def test_what_keeps_the_brightness_adds_up_to_one(name: str) -> None:
    """A flat image stays as it is, exactly."""
    assert sum(map(Fraction, KERNELS[name].values)) == 1
    assert through(name, FLAT) == 7


@pytest.mark.parametrize("name", [name for name in KERNELS if name[-2:] in {"-x", "-y"}] + ["laplacian", "edge"])
def test_what_finds_edges_finds_none_in_a_flat_image(name: str) -> None:
    """Its values add up to nothing."""
    assert through(name, FLAT) == 0
