"""Forward passes that textbooks and teaching pages work out."""

from __future__ import annotations

from typing import Any, Final

import pytest

import cnncalc

NINE: Final = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
FOUR: Final = [[0, 1], [2, 3]]
NEXT: Final = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]

PUBLISHED: Final[list[tuple[str, str, Any, Any, Any]]] = [
    ("Dive into Deep Learning, cross-correlation", "conv 1 2x2", NINE, {"conv1": FOUR}, [[19, 25], [37, 43]]),
    ("Dive into Deep Learning, max pooling", "maxpool 2x2 s1", NINE, {}, [[4, 5], [7, 8]]),
    (
        "Dive into Deep Learning, transposed convolution",
        "input 2x2x1; convt 1 2x2",
        FOUR,
        {"convt1": FOUR},
        [[0, 0, 1], [0, 4, 6], [4, 12, 9]],
    ),
    (
        "Dive into Deep Learning, transposed convolution with stride 2",
        "input 2x2x1; convt 1 2x2 s2",
        FOUR,
        {"convt1": FOUR},
        [[0, 0, 0, 1], [0, 0, 2, 3], [0, 2, 0, 3], [4, 6, 6, 9]],
    ),
    (
        "DeepLearning.AI, transposed convolution, before the padding is cut off",
        "input 2x2x1; convt 1 3x3 s2",
        [[1, 2], [3, 4]],
        {"convt1": "1 0 -1; 1 0 -1; 1 0 -1"},
        [[1, 0, 1, 0, -2], [1, 0, 1, 0, -2], [4, 0, 2, 0, -6], [3, 0, 1, 0, -4], [3, 0, 1, 0, -4]],
    ),
    (
        "DeepLearning.AI, the same with padding 1",
        "input 2x2x1; convt 1 3x3 s2 p1",
        [[1, 2], [3, 4]],
        {"convt1": "1 0 -1; 1 0 -1; 1 0 -1"},
        [[0, 1, 0], [0, 2, 0], [0, 1, 0]],
    ),
    ("Stack Overflow 37674306, VALID", "maxpool 2x2 s2", [[1, 2, 3], [4, 5, 6]], {}, [[5]]),
    ("Stack Overflow 37674306, SAME", "maxpool 2x2 s2 same", [[1, 2, 3], [4, 5, 6]], {}, [[5, 6]]),
]


@pytest.mark.parametrize(("source", "spec", "x", "weights", "output"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_a_published_forward_pass(source: str, spec: str, x: Any, weights: Any, output: Any) -> None:
    """The numbers are those that stand there, as integers."""
    assert cnncalc.forward(spec, x=x, weights=weights) == output, source


def test_two_channels_are_added() -> None:
    """Dive into Deep Learning, multiple input channels: 56, 72, 104, 120, in the order that the book has them in."""
    kernel = {"conv1": {"weight": [[FOUR, [[1, 2], [3, 4]]]]}}
    assert cnncalc.forward("conv 1 2x2", x=[NINE, NEXT], weights=kernel, layout="torch") == [[[56, 72], [104, 120]]]
