"""Tensors of any numbers, and the few operations that the definitions of the kinds are written in.

A number may be an int, a float, a Fraction, or one that keeps a record of what was done to it: whatever adds,
multiplies and compares. Where a definition needs more than that (a root, the largest of several), it asks
here, and a number with a method of that name answers for itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from cnncalc.shapes import Geometry, Shape

Position: TypeAlias = tuple[int, ...]


class Tensor(NamedTuple):
    """An array of numbers: its dimensions (channels last) and its values, the last dimension fastest."""

    dims: tuple[int, ...]
    values: Sequence[Any]

    @property
    def shape(self) -> Shape:
        """The dimensions as a shape."""
        return Shape(self.dims[:-1], self.dims[-1])

    def __getitem__(self, index: Position) -> Any:  # type: ignore[override]  # an array is indexed by position
        """The value at a full index."""
        flat = 0
        for place, extent in zip(index, self.dims, strict=True):
            flat = flat * extent + place
        return self.values[flat]

    def read(self, index: Position, outside: Any = 0) -> Any:
        """The value at a full index, or `outside` where the index lies in the padding."""
        if all(0 <= place < extent for place, extent in zip(index, self.dims, strict=True)):
            return self[index]
        return outside

    @property
    def positions(self) -> Iterator[Position]:
        """All positions of the spatial axes, row by row."""
        return indices(self.dims[:-1])


Weights: TypeAlias = Mapping[str, Tensor]


def indices(dims: Sequence[int]) -> Iterator[Position]:
    """All indices of an array, the last dimension fastest."""
    return itertools.product(*map(range, dims))


def build(shape: Shape, value: Callable[[Position, int], Any]) -> Tensor:
    """The tensor of a shape whose value at (position, channel) is computed by a function."""
    dims: tuple[int, ...] = shape.dims  # type: ignore[assignment]  # a tensor's shape has no symbols
    return Tensor(dims, [value(index[:-1], index[-1]) for index in indices(dims)])


def windowed(windows: Sequence[Geometry], position: Position) -> Iterator[Position]:
    """The cells that a position reads through a window an axis, row by row; some may lie in the padding."""
    return itertools.product(*(window.taps(place) for window, place in zip(windows, position, strict=True)))


def dot(pairs: Iterable[tuple[Any, Any]]) -> Any:
    """The sum of the products of weights and values: what a multiply-accumulate is."""
    return total(weight * value for weight, value in pairs)


def total(values: Iterable[Any]) -> Any:
    """The sum."""
    return sum(values)


def divide(value: Any, divisor: Any) -> Any:
    """The exact quotient of integers where it is whole, else a Fraction; else `/`."""
    if isinstance(value, int) and isinstance(divisor, int):
        from fractions import Fraction  # noqa: PLC0415

        quotient = Fraction(value, divisor)
        return quotient.numerator if quotient.denominator == 1 else quotient
    return value / divisor


def largest(values: Iterable[Any]) -> Any:
    """The largest of some values."""
    return _extreme("largest", max, values)


def smallest(values: Iterable[Any]) -> Any:
    """The smallest of some values."""
    return _extreme("smallest", min, values)


def _extreme(name: str, choose: Callable[..., Any], values: Iterable[Any]) -> Any:
    """Let a number that keeps a record choose for itself."""
    numbers = list(values)
    for number in numbers:
        if hasattr(number, name):
            return getattr(number, name)(numbers)
    return choose(numbers)


def apply(function: Callable[..., Any], *values: Any) -> Any:
    """A function of numbers: a root, an exponential, a rule with a threshold."""
    for value in values:
        if hasattr(value, "apply"):
            return value.apply(function, *values)
    return function(*values)
