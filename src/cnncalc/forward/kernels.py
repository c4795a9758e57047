"""The kernels of image processing that have names, as textbooks write them.

A convolution layer does not flip its kernel, so each stands here as it is laid on the image (Gonzalez & Woods,
"Digital Image Processing", chapter 3; OpenCV). The derivatives are positive where the image gets brighter to the
right (`-x`) and downwards (`-y`); the 1 0 -1 of some courses is the negative of this.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple, TypeAlias

Rows: TypeAlias = tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]


class Kernel(NamedTuple):
    """A matrix of whole numbers, what all of them are divided by, and what it does."""

    rows: Rows
    divisor: int
    does: str

    @property
    def values(self) -> list[int | Fraction]:
        """The values row by row, exact."""
        fractions = [Fraction(value, self.divisor) for row in self.rows for value in row]
        return [value.numerator if value.denominator == 1 else value for value in fractions]


def _derivative(edge: int, middle: int) -> tuple[Rows, Rows]:
    """A difference along one axis, weighted along the other: to the right, and downwards."""
    column = (edge, middle, edge)
    across: Rows = tuple((-weight, 0, weight) for weight in column)  # type: ignore[assignment]
    down: Rows = (tuple(-weight for weight in column), (0, 0, 0), column)  # type: ignore[assignment]
    return across, down


_SOBEL, _PREWITT, _SCHARR = _derivative(1, 2), _derivative(1, 1), _derivative(3, 10)

KERNELS: Final = {
    "identity": Kernel(((0, 0, 0), (0, 1, 0), (0, 0, 0)), 1, "Leaves the image as it is."),
    "sobel-x": Kernel(_SOBEL[0], 1, "Vertical edges: positive where it gets brighter to the right."),
    "sobel-y": Kernel(_SOBEL[1], 1, "Horizontal edges: positive where it gets brighter downwards."),
    "prewitt-x": Kernel(_PREWITT[0], 1, "Vertical edges, all rows counting alike."),
    "prewitt-y": Kernel(_PREWITT[1], 1, "Horizontal edges, all columns counting alike."),
    "scharr-x": Kernel(_SCHARR[0], 1, "Vertical edges, more nearly the same in all directions than Sobel's."),
    "scharr-y": Kernel(_SCHARR[1], 1, "Horizontal edges, more nearly the same in all directions than Sobel's."),
    "laplacian": Kernel(((0, 1, 0), (1, -4, 1), (0, 1, 0)), 1, "The second derivative: edges in all directions."),
    "edge": Kernel(((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)), 1, "Edges in all directions, the diagonal ones too."),
    "sharpen": Kernel(((0, -1, 0), (-1, 5, -1), (0, -1, 0)), 1, "The image less its Laplacian."),
    "box-blur": Kernel(((1, 1, 1), (1, 1, 1), (1, 1, 1)), 9, "The mean of the nine values."),
    "gaussian": Kernel(((1, 2, 1), (2, 4, 2), (1, 2, 1)), 16, "A mean in which the nearer values count more."),
    "emboss": Kernel(((-2, -1, 0), (-1, 1, 1), (0, 1, 2)), 1, "A relief lit from the upper left."),
}
