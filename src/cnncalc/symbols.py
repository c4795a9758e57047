"""Sizes that are symbols: the one module that imports SymPy (the extra `cnncalc[symbolic]`)."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any, Final

import sympy
from sympy.printing.str import StrPrinter

from cnncalc.algebra import Algebra, FormulaError, Number

# The parts (symbols, numbers and operations) of the longest formula; nobody reads longer ones, and SymPy's time
# grows with them.
LONGEST_FORMULA: Final = 400
# What SymPy rounds, or looks for the largest of, takes it long.
LONGEST_ROUNDED: Final = 60
MOST_COMPARED: Final = 8
TOO_LONG: Final = "this formula becomes too long"
LARGEST_CONSTANT: Final = 10**200
LONGEST_MULTIPLIED: Final = 4


class Symbolic(Algebra):
    """A formula of symbols that stand for positive integers."""

    __slots__ = ("expression", "parts")
    slow = True

    def __init__(self, expression: Any, parts: int = 1) -> None:
        """Take a SymPy expression, which has at most so many parts."""
        self.expression = expression
        self.parts = parts

    @classmethod
    def named(cls, name: str) -> Symbolic:
        """The symbol of that name."""
        return _symbol(name)

    def combine(self, operator: str, left: Number, right: Number) -> Number:
        """Compute with expressions; a result without symbols is a number again.

        Raises `ZeroDivisionError`, and `FormulaError` for a formula that becomes too long.
        """
        one, other = _expression(left), _expression(right)
        if operator in _DIVISIONS and other.is_zero:
            raise ZeroDivisionError
        if operator in _SLOW and _parts(left) + _parts(right) > LONGEST_ROUNDED:
            _measured(one, LONGEST_ROUNDED)
            _measured(other, LONGEST_ROUNDED)
        match operator:
            case "+":
                result = one + other
            case "-":
                result = one - other
            case "*":
                result = _multiplied(one, other)
            case "/":
                result = one / other
            case "//":
                result = _rounded(sympy.floor, one, other)
            case "%":
                result = sympy.Mod(one, other)
            case "ceil_div":
                result = _rounded(sympy.ceiling, one, other)
            case _:
                if len(one.args) + len(other.args) > MOST_COMPARED and (one.has(sympy.Max) or other.has(sympy.Max)):
                    raise FormulaError(TOO_LONG)
                result = sympy.Max(one, other)
        if result.is_Rational:
            return int(result) if result.is_Integer else Fraction(int(result.p), int(result.q))  # type: ignore[return-value]
        parts = _parts(left) + _parts(right) + 1
        return Symbolic(result, parts if parts < LONGEST_FORMULA else _measured(result, LONGEST_FORMULA))

    def equals(self, other: object) -> bool:
        """Whether the difference comes to nothing once it is multiplied out."""
        return isinstance(other, Symbolic) and bool(sympy.expand(self.expression - other.expression) == 0)

    def surely_less(self, left: Number, right: Number, *, equal: bool) -> bool:
        """Whether SymPy can prove it; False where it cannot tell."""
        one, other = _expression(left), _expression(right)
        return bool((one <= other if equal else one < other) == True)  # noqa: E712  it may be a relation

    def __eq__(self, other: object) -> bool:
        """The same formula."""
        return isinstance(other, Symbolic) and bool(self.expression == other.expression)

    def __hash__(self) -> int:
        """By the formula."""
        return hash(self.expression)

    def __str__(self) -> str:
        """The formula in the order in which people write it: `W - F + 2*P + 1`."""
        return _Printer().doprint(self.expression)  # type: ignore[no-any-return]

    __repr__ = __str__


@cache
def _symbol(name: str) -> Symbolic:
    """One object a name."""
    return Symbolic(sympy.Symbol(name, positive=True, integer=True))


_DIVISIONS: Final = ("/", "//", "%", "ceil_div")
_SLOW: Final = ("//", "%", "ceil_div", "larger")


def _parts(number: Number) -> int:
    """How long a number makes a formula; one of many digits counts as several parts."""
    return number.parts if isinstance(number, Symbolic) else 1 + number.numerator.bit_length() // 64  # type: ignore[union-attr]


def _measured(expression: Any, most: int) -> int:
    """The number of its parts. Raises `FormulaError` if it is too long."""
    parts = 0
    for part in sympy.preorder_traversal(expression):
        parts += 1
        if parts >= most or (part.is_Rational and max(abs(part.p), part.q) > LARGEST_CONSTANT):
            raise FormulaError(TOO_LONG)
    return parts


def _expression(number: Number) -> Any:
    if isinstance(number, Algebra) and not isinstance(number, Symbolic):
        raise FormulaError("a `?` and a symbol do not go together: give every symbol a number")
    return number.expression if isinstance(number, Symbolic) else sympy.sympify(number)


def _rounded(rounding: Any, one: Any, other: Any) -> Any:
    """The rounded quotient; a sum that was rounded the same way need not be rounded twice.

    floor((floor(x) + m)/n) = floor((x + m)/n) for whole m and n > 0 (Graham, Knuth & Patashnik, "Concrete
    Mathematics", 3.11), so that halving a map twice is floor(W/4).
    """
    terms = sympy.Add.make_args(one)
    inner = [term for term in terms if isinstance(term, rounding)]
    if len(inner) == 1 and other.is_integer and other.is_positive and one.is_integer:
        one = one - inner[0] + inner[0].args[0]
    return rounding(one / other)


def _multiplied(one: Any, other: Any) -> Any:
    """The product; a single sum is multiplied out, `25*n1*n2 + n2`, but not one sum with another."""
    sums = [factor for factor in (one, other) if factor.has(sympy.Add)]
    simple = len(sums) == 1 and sums[0].is_Add and len(sums[0].args) <= LONGEST_MULTIPLIED
    return sympy.expand(one * other, deep=False) if simple else one * other


class _Printer(StrPrinter):  # type: ignore[misc]  # SymPy has no types
    """Sums with their terms as people write them: `W - F + 2*P + 1`."""

    def _print_Add(self, expression: Any, order: Any = None) -> str:  # noqa: ARG002, N802  SymPy's names
        terms = sorted(expression.args, key=_term_order)
        text = ""
        for term in terms:
            negative = term.could_extract_minus_sign()
            printed = self.parenthesize(-term if negative else term, sympy.printing.precedence.PRECEDENCE["Add"])
            sign = "-" if negative else "+"
            text += f" {sign} {printed}" if text else ("-" if negative else "") + printed
        return text


def _term_order(term: Any) -> tuple[bool, int, bool, bool, list[str]]:
    """Products of more symbols first, then terms without a factor, positive ones first; numbers last."""
    symbols = sorted(symbol.name for symbol in term.free_symbols)
    coefficient, _ = term.as_coeff_Mul()
    return not symbols, -len(symbols), abs(coefficient) != 1, bool(coefficient < 0), symbols
