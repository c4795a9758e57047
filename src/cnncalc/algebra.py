"""The numbers that formulas work on: integers, and things that stand for them.

Every formula of the package is written once, with `+ - * //`, comparisons, `ceil_div` and `larger`.
Given integers it computes; given a symbol (`symbols.py`) it stays a formula; given a number that writes
itself down (`explain.py`) it becomes the working of the calculation.
"""

from __future__ import annotations

from abc import abstractmethod
from math import prod
from typing import Any, ClassVar, TypeAlias


class FormulaError(ArithmeticError):
    """A formula that has become longer than anybody reads."""


class Algebra:
    """A number that is not (or not only) an integer: each operation is handed to `combine`."""

    __slots__ = ()

    # Whether calculating takes so long that a network has to be bounded for it.
    slow: ClassVar[bool] = False

    @abstractmethod
    def combine(self, operator: str, left: Number, right: Number) -> Number:
        """`left operator right`, for `+ - * / // %`, and for `ceil_div` and `larger`.

        Only the expressions of a spec divide by `/`, which is exact; no formula of the package does.
        """

    @abstractmethod
    def surely_less(self, left: Number, right: Number, *, equal: bool) -> bool:
        """Whether left < right (or left <= right, where `equal`) for every value that it may stand for."""

    def equals(self, other: object) -> bool:
        """Whether it is the same number, however either of them is written; of a range, whether it may be."""
        return self == other

    def same(self, other: object) -> bool:
        """Whether it is the same number, where what comes next depends on it."""
        return self == other

    def as_step(self, name: str) -> Number:  # noqa: ARG002
        """The same number under a name of its own: it is a step of a calculation."""
        return self

    def at_least(self, left: Number, right: Number) -> bool:
        """Whether left >= right, where what comes next depends on it; False where a symbol leaves it open."""
        return self.surely_less(right, left, equal=True)

    def __add__(self, other: Number) -> Number:
        return self.combine("+", self, other)

    def __radd__(self, other: int) -> Number:
        return self.combine("+", other, self)

    def __sub__(self, other: Number) -> Number:
        return self.combine("-", self, other)

    def __rsub__(self, other: int) -> Number:
        return self.combine("-", other, self)

    def __mul__(self, other: Number) -> Number:
        return self.combine("*", self, other)

    def __rmul__(self, other: int) -> Number:
        return self.combine("*", other, self)

    def __floordiv__(self, other: Number) -> Number:
        return self.combine("//", self, other)

    def __rfloordiv__(self, other: int) -> Number:
        return self.combine("//", other, self)

    def __mod__(self, other: Number) -> Number:
        return self.combine("%", self, other)

    def __rmod__(self, other: int) -> Number:
        return self.combine("%", other, self)

    def __neg__(self) -> Number:
        return self.combine("-", 0, self)

    def __lt__(self, other: Number) -> bool:
        return self.surely_less(self, other, equal=False)

    def __le__(self, other: Number) -> bool:
        return self.surely_less(self, other, equal=True)

    def __gt__(self, other: Number) -> bool:
        return self.surely_less(other, self, equal=False)

    def __ge__(self, other: Number) -> bool:
        return self.surely_less(other, self, equal=True)


Number: TypeAlias = "int | Algebra"


def ceil_div(left: Number, right: Number) -> Number:
    """The quotient, rounded up.

    >>> ceil_div(7, 2)
    4
    """
    if isinstance(left, Algebra):
        return left.combine("ceil_div", left, right)
    if isinstance(right, Algebra):
        return right.combine("ceil_div", left, right)
    return -(-left // right)


def larger(left: Number, right: Number) -> Number:
    """The larger of two numbers.

    >>> larger(3, 0)
    3
    """
    if isinstance(left, Algebra):
        return left.combine("larger", left, right)
    if isinstance(right, Algebra):
        return right.combine("larger", left, right)
    return max(left, right)


def same(left: Any, right: Any) -> bool:
    """Whether two numbers are the same, where what comes next depends on it.

    >>> same(3, 3)
    True
    """
    if isinstance(left, Algebra):
        return left.same(right)
    return right.same(left) if isinstance(right, Algebra) else bool(left == right)


def may_equal(left: Any, right: Any) -> bool:
    """Whether two numbers are the same, however they are written; of ranges, whether they may be.

    >>> may_equal(3, 4)
    False
    """
    if isinstance(left, Algebra):
        return left.equals(right)
    return right.equals(left) if isinstance(right, Algebra) else bool(left == right)


def at_least(left: Number, right: Number) -> bool:
    """Whether left >= right, where what comes next depends on it.

    >>> at_least(3, 4)
    False
    """
    for number in (left, right):
        if isinstance(number, Algebra):
            return number.at_least(left, right)
    return left >= right


def step(number: Number, name: str) -> Number:
    """The number itself: a formula names its intermediate results so that its working can be told step by step."""
    return number.as_step(name) if isinstance(number, Algebra) else number


def product(numbers: tuple[Number, ...]) -> Number:
    """All of them multiplied; 1 for none.

    >>> product((5, 5, 3))
    75
    """
    return prod(numbers[1:], start=numbers[0]) if numbers else 1


def whole(number: Number) -> int:
    """A number where no formula can stand: in what is counted out position by position."""
    assert isinstance(number, int)
    return number
