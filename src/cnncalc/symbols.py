"""Sizes that are symbols: the one module that imports SymPy (the extra `cnncalc[symbolic]`)."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy
from sympy.printing.str import StrPrinter

from cnncalc.algebra import Algebra, Number


class Symbolic(Algebra):
    """A formula of symbols that stand for positive integers."""

    __slots__ = ("expression",)

    def __init__(self, expression: Any) -> None:
        """Take a SymPy expression."""
        self.expression = expression

    @classmethod
    def named(cls, name: str) -> Symbolic:
        """The symbol of that name."""
        return _symbol(name)

    def combine(self, operator: str, left: Number, right: Number) -> Number:
        """Compute with expressions; a result without symbols is an integer again."""
        one, other = _expression(left), _expression(right)
        match operator:
            case "+":
                result = one + other
            case "-":
                result = one - other
            case "*":
                result = sympy.expand(one * other) if _is_simple(one, other) else one * other
            case "//":
                result = sympy.floor(one / other)
            case "%":
                result = sympy.Mod(one, other)
            case "ceil_div":
                result = sympy.ceiling(one / other)
            case _:
                result = sympy.Max(one, other)
        return int(result) if result.is_Integer else Symbolic(result)

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


_order: dict[str, int] = {}


@cache
def _symbol(name: str) -> Symbolic:
    """One object a name, and a number for the order in which the names were first written."""
    _order[name] = len(_order)
    return Symbolic(sympy.Symbol(name, positive=True, integer=True))


def _expression(number: Number) -> Any:
    return number.expression if isinstance(number, Symbolic) else sympy.sympify(number)


def _is_simple(*factors: Any) -> bool:
    """Whether multiplying out keeps a formula short: `25*n1*n2 + n2`, but not a power of sums."""
    return all(len(factor.args) <= 4 or not factor.is_Add for factor in factors)


class _Printer(StrPrinter):  # type: ignore[misc]  SymPy has no types
    """Sums with their terms in the order of first appearance, higher degrees first, numbers last."""

    def _print_Add(self, expression: Any, order: Any = None) -> str:  # noqa: ARG002, N802  SymPy's names
        terms = sorted(expression.args, key=_term_order)
        text = ""
        for term in terms:
            negative = term.could_extract_minus_sign()
            printed = self.parenthesize(-term if negative else term, sympy.printing.precedence.PRECEDENCE["Add"])
            sign = "-" if negative else "+"
            text += f" {sign} {printed}" if text else ("-" if negative else "") + printed
        return text


def _term_order(term: Any) -> tuple[bool, bool, int, list[int]]:
    """Products of more symbols first, then by the symbols; a positive term leads."""
    symbols = sorted(_order.get(symbol.name, 0) for symbol in term.free_symbols)
    return not symbols, term.could_extract_minus_sign() and len(symbols) > 1, -len(symbols), symbols
