"""Numbers that remember what they were made of: which places were read, which weights, how many products."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from cnncalc.algebra import whole
from cnncalc.forward.tensor import Tensor
from cnncalc.layers import Array


class Ledger:
    """What a forward pass did: which values of each array it used, and how many products with weights it made."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.products = 0
        self.used: defaultdict[str, set[int]] = defaultdict(set)


class Traced:
    """A number, and the places of an input that it depends on, as the bits of an integer."""

    __slots__ = ("reads", "value")

    def __init__(self, value: Any, reads: int = 0) -> None:
        """A value that depends on the places `reads`."""
        self.value = value
        self.reads = reads

    def used(self, *, in_product: bool = False) -> None:
        """Be an operand; only a weight writes that down."""

    def __add__(self, other: Any) -> Traced:
        """Sum."""
        return combined(self, other, lambda a, b: a + b)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Traced:
        """Difference."""
        return combined(self, other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Traced:
        """Difference, of a plain number (of the padding) and this."""
        return combined(self, other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Traced:
        """Product."""
        return combined(self, other, lambda a, b: a * b, in_product=True)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Traced:
        """Quotient."""
        return combined(self, other, lambda a, b: a / b)

    def __rtruediv__(self, other: Any) -> Traced:
        """Quotient, of a plain number and this."""
        return combined(self, other, lambda a, b: b / a)

    def largest(self, values: Sequence[Any]) -> Traced:
        """The largest depends on all of them."""
        return self.apply(lambda *plain_values: max(plain_values), *values)

    def smallest(self, values: Sequence[Any]) -> Traced:
        """The smallest depends on all of them."""
        return self.apply(lambda *plain_values: min(plain_values), *values)

    def apply(self, function: Callable[..., Any], *values: Any) -> Traced:
        """A function's value depends on all of its arguments."""
        reads = 0
        for value in values:
            if isinstance(value, Traced):
                value.used()
                reads |= value.reads
        return Traced(function(*map(plain, values)), reads)


class TracedWeight(Traced):
    """A value of an array of a layer."""

    __slots__ = ("array", "index", "ledger")

    def __init__(self, value: Any, array: Array, index: int, ledger: Ledger) -> None:
        """Value number `index` of an array."""
        super().__init__(value)
        self.array = array
        self.index = index
        self.ledger = ledger

    def used(self, *, in_product: bool = False) -> None:
        """Write it down."""
        self.ledger.used[self.array.name].add(self.index)
        self.ledger.products += in_product and self.array.role == "weight"


def plain(value: Any) -> Any:
    """The number itself."""
    return value.value if isinstance(value, Traced) else value


def combined(left: Traced, right: Any, function: Callable[[Any, Any], Any], *, in_product: bool = False) -> Traced:
    """The result of an operator depends on both operands."""
    left.used(in_product=in_product)
    if not isinstance(right, Traced):
        return Traced(function(left.value, right), left.reads)
    right.used(in_product=in_product)
    return Traced(function(left.value, right.value), left.reads | right.reads)


def traced_weights(arrays: Sequence[Array], ledger: Ledger) -> dict[str, Tensor]:
    """Arrays of small positive numbers, so that a root of a variance exists."""
    return {
        array.name: Tensor(
            tuple(map(whole, array.dims)),
            [TracedWeight(0.5 + index % 3 / 4, array, index, ledger) for index in range(whole(array.size))],
        )
        for array in arrays
    }
