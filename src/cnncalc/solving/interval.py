"""A number of which only is known between what bounds it lies.

The formulas of the package run on intervals as on any other numbers. What comes out holds every value that the
formula can have, so that an answer outside of it rules out a whole range of values at once (interval analysis;
Moore, Kearfott & Cloud, "Introduction to Interval Analysis", 2009).
"""

from __future__ import annotations

from collections.abc import Callable
from math import gcd, lcm
from numbers import Rational
from operator import floordiv, mul
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn, cast

from cnncalc.algebra import Algebra, FormulaError, Number, ceil_div
from cnncalc.spec.expressions import plain

if TYPE_CHECKING:
    from fractions import Fraction


class UndecidedError(ArithmeticError):
    """What comes next depends on where in its range a number lies."""


class Interval(Algebra):
    """A number from `low` to `high` that is a multiple of `multiple`, which is a fraction if the number may be one.

    `sources` has a bit for each unknown that it depends on, `divisors` one for each that divides it.
    """

    __slots__ = ("divisors", "high", "low", "multiple", "sources")

    def __init__(self, low: Any, high: Any, sources: int = 0, multiple: int = 1, divisors: int = 0) -> None:
        """Any number between the bounds; `between` makes the results of calculations."""
        self.low = low
        self.high = high
        self.sources = sources
        self.multiple = multiple
        self.divisors = divisors

    def combine(self, operator: str, left: Number | Fraction, right: Number | Fraction) -> Any:
        """The bounds of the result. Raises `UndecidedError` for a division by what may be 0."""
        one, other = known(left), known(right)
        sources = one.sources | other.sources
        if operator in {"+", "-"}:
            low, high = (other.low, other.high) if operator == "+" else (-other.high, -other.low)
            multiple = _common(one.multiple, other.multiple)
            return between(one.low + low, one.high + high, sources, multiple, one.divisors & other.divisors)
        if operator == "larger":
            multiple = _common(one.multiple, other.multiple)
            return between(max(one.low, other.low), max(one.high, other.high), sources, multiple)
        if operator == "*":
            low, high = _ends(one, other, mul)
            multiple = one.multiple * other.multiple
            multiple = multiple if type(multiple) is int else plain(multiple)
            return between(low, high, sources, multiple, _divisors(one, other) | _divisors(other, one))
        if other.low <= 0:
            raise UndecidedError
        if operator == "/":
            if other.low != other.high:
                raise UndecidedError  # whatever the quotient is a multiple of
            return left * _quotient(1, other.low)
        if operator == "%":
            return _remainder(one, other, sources)
        return between(*_ends(one, other, _DIVISIONS[operator]), sources)

    def surely_less(self, left: Number, right: Number, *, equal: bool) -> bool:
        """Whether it is so for all values."""
        one, other = known(left), known(right)
        return bool(one.high <= other.low if equal else one.high < other.low)

    def equals(self, other: object) -> bool:
        """Whether it may be the same number."""
        one = known(other)
        if one.low > self.high or one.high < self.low:
            return False
        single, ranging = (self, one) if self.low == self.high else (one, self)
        return single.low != single.high or ranging.multiple < 2 or single.low % ranging.multiple == 0

    def same(self, other: object) -> bool:
        """Whether it is the same number. Raises `UndecidedError` where it may be and may not be."""
        if other is self:
            return True
        if isinstance(other, (Rational, Algebra)) and self.equals(other):
            raise UndecidedError
        return False

    def at_least(self, left: Number, right: Number) -> bool:
        """Whether left >= right. Raises `UndecidedError` where it may be and may not be."""
        if self.surely_less(right, left, equal=True):
            return True
        if self.surely_less(left, right, equal=False):
            return False
        raise UndecidedError

    def __int__(self) -> NoReturn:
        """Refuse: it is not one number."""
        raise UndecidedError

    def __str__(self) -> str:
        """As it stands in the spec."""
        return "?"

    def __repr__(self) -> str:
        """The bounds."""
        return f"<{self.low} to {self.high}>"


class _Known(NamedTuple):
    """The bounds of a number that may be known."""

    low: Any
    high: Any
    sources: int
    multiple: int
    divisors: int


# The integers that formulas are full of. All numbers divide 0.
_INTEGERS: Final = tuple(_Known(number, number, 0, number, -(number == 0)) for number in range(256))


def known(number: object) -> Interval | _Known:
    """The bounds of any number. Raises `FormulaError` for a symbol."""
    if isinstance(number, Interval):
        return number
    if type(number) is int:
        return _INTEGERS[number] if 0 <= number < len(_INTEGERS) else _Known(number, number, 0, abs(number), 0)
    if isinstance(number, Algebra):
        raise FormulaError("a `?` and a symbol do not go together: give every symbol a number")
    return _Known(number, number, 0, plain(abs(cast("Fraction", number))), 0)


def between(low: Any, high: Any, sources: int, multiple: int = 1, divisors: int = 0) -> Any:
    """A number between bounds: the only one, if there is but one."""
    if multiple > 1 or type(multiple) is not int:
        low, high = -(-low // multiple) * multiple, high // multiple * multiple
    return low if low == high else Interval(low, high, sources, multiple, divisors)


def _common(one: Any, other: Any) -> Any:
    """The largest number that both are multiples of: of fractions, too."""
    if type(one) is int and type(other) is int:
        return 1 if one == 1 else gcd(one, other)
    denominator = lcm(one.denominator, other.denominator)
    return _quotient(gcd(int(one * denominator), int(other * denominator)), denominator)


def _divisors(one: Interval | _Known, other: Interval | _Known) -> int:
    """The unknowns that divide a product because they divide one of its factors: the other one is whole."""
    return one.divisors if type(other.multiple) is int else 0


def _remainder(one: Interval | _Known, other: Interval | _Known, sources: int) -> Any:
    """The bounds of one modulo a positive other."""
    multiple = _common(one.multiple, other.multiple)
    if other.low == other.high:
        if one.multiple % other.low == 0:
            return 0
        if one.low // other.low == one.high // other.low:
            return between(one.low % other.low, one.high % other.low, sources, multiple)
    return between(0, other.high - multiple, sources, multiple)


def _ends(one: Interval | _Known, other: Interval | _Known, compute: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    """The least and the largest result, for what grows or falls all along either of two numbers."""
    if one.low >= 0 and other.low >= 0 and compute is mul:
        return one.low * other.low, one.high * other.high
    ends = [compute(a, b) for a in (one.low, one.high) for b in (other.low, other.high)]
    return min(ends), max(ends)


def _quotient(left: Any, right: Any) -> Any:
    """The exact quotient."""
    from fractions import Fraction  # noqa: PLC0415  takes milliseconds, and few specs divide

    return plain(Fraction(left) / Fraction(right))


_DIVISIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {"//": floordiv, "ceil_div": ceil_div}
