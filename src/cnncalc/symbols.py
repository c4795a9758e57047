"""Sizes that are symbols: the one module that imports SymPy (the extra `cnncalc[symbolic]`)."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import cache, reduce
from math import comb, prod
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
# So many terms may a formula have when it is multiplied out, and so high may its powers be.
MOST_TERMS: Final = 5000
HIGHEST: Final = 1000
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
        if operator in _SLOW:
            _refuse_slow(one, other, _parts(left) + _parts(right))
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
                result = _rounded_down(one, other)
            case "%" if other == 2 and one.is_integer:
                # So that W + W % 2, which is padded by hand, is known to be 2*ceil(W/2).
                result = 2 * _rounded_up(one, other) - one
            case "%":
                result = sympy.Mod(one, other)
            case "ceil_div":
                result = _rounded_up(one, other)
            case _:
                result = _larger(one, other)
        if result.is_Rational:
            return int(result) if result.is_Integer else Fraction(int(result.p), int(result.q))  # type: ignore[return-value]
        _refuse_high_powers(result)
        parts = _parts(left) + _parts(right) + 1
        return Symbolic(result, parts if parts < LONGEST_FORMULA else _measured(result, LONGEST_FORMULA))

    def equals(self, other: object) -> bool:
        """Whether the difference comes to nothing: multiplied out, or where it is rounded, for many numbers."""
        if not isinstance(other, Symbolic):
            return False
        difference = self.expression - other.expression
        # Most formulas that are not the same are not so for any numbers; and what is too long is not multiplied out.
        if difference != 0 and not _is_zero_at_random(difference, FEW_SAMPLES):
            return False
        if _terms(difference) > MOST_TERMS:
            return _is_zero_at_random(difference, SAMPLES)
        difference = sympy.expand(difference)
        return bool(difference == 0) or (difference.has(*_ROUNDED) and _vanishes(difference))

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


_ROUNDED: Final = (sympy.floor, sympy.ceiling, sympy.Mod)
# A formula that is 0 for so many numbers in turn has no remainder left that could make it another.
SAMPLES: Final = 64
# So many numbers in turn tell most formulas apart.
FEW_SAMPLES: Final = 3
LARGEST_SAMPLE: Final = 10**6


def _is_zero_at_random(expression: Any, samples: int) -> bool:
    """Whether a formula is 0 for some large numbers that have nothing to do with each other.

    A polynomial of degree d that is another than 0 is so with a probability of d/10**6 for each (Schwartz, Zippel).
    """
    draw = random.Random(0).randint  # noqa: S311  nothing is secret here
    symbols = sorted(expression.free_symbols, key=str)
    return all(expression.subs({symbol: draw(1, LARGEST_SAMPLE) for symbol in symbols}) == 0 for _ in range(samples))


def _terms(expression: Any) -> int:
    """How many terms a formula may have when it is multiplied out, at most."""
    if expression.is_Add:
        return sum(map(_terms, expression.args))
    if expression.is_Mul:
        return prod(map(_terms, expression.args))
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
        own = _terms(expression.base)
        return comb(int(expression.exp) + own - 1, own - 1)
    return max(map(_terms, expression.args), default=1)


def _vanishes(expression: Any) -> bool:
    """Whether a formula with rounded quotients is 0 for numbers of every remainder that they can have."""
    symbols = sorted(expression.free_symbols, key=str)
    strides = [sympy.prime(number + 1) for number in range(len(symbols))]
    for number in range(1, SAMPLES + 1):
        values = {symbol: 1 + number * stride // 2 for symbol, stride in zip(symbols, strides, strict=True)}
        if expression.subs(values) != 0:
            return False
    return True


def _refuse_slow(one: Any, other: Any, parts: int) -> None:
    """Raise `FormulaError` for formulas that take long to round."""
    if max(_terms(one), _terms(other)) > MOST_TERMS:
        raise FormulaError(TOO_LONG)
    if parts > LONGEST_ROUNDED:
        _measured(one, LONGEST_ROUNDED)
        _measured(other, LONGEST_ROUNDED)


def _refuse_high_powers(expression: Any) -> None:
    """Raise `FormulaError` for a power that no number can be put into."""
    for factor in sympy.Mul.make_args(expression):
        if factor.is_Pow and factor.exp.is_Integer and factor.exp > HIGHEST:
            raise FormulaError(TOO_LONG)


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


def _rounded_down(one: Any, other: Any) -> Any:
    """The quotient, rounded down: `floor((W + 1)/2)`, with a constant from 0 up to the divisor and the rest before.

    Equal quotients so are equal formulas. A sum that was rounded down need not be rounded twice, so that halving a
    map twice is floor(W/4).
    """
    one, other = _of_whole_numbers(one, other)
    largest = [term for term in sympy.Add.make_args(one) if isinstance(term, sympy.Max)]
    if len(largest) == 1 and other.is_positive:
        # Which of them is the largest is often known once they are rounded, as for the padding of `same`.
        rest = one - largest[0]
        return reduce(_larger, [_rounded_down(number + rest, other) for number in largest[0].args])
    one = _merged(sympy.floor, one, other)
    constant, rest = sympy.expand(one / other).as_coeff_Add()
    terms = sympy.Add.make_args(rest)
    broken = sympy.Add(*[term for term in terms if not term.is_integer])
    if not other.is_Integer and broken == rest + constant:
        # Nothing comes out of it, and multiplied out it is longer.
        return sympy.floor(one / other)
    if broken and other.is_Integer and one.is_integer and not any(map(_is_positive, sympy.Add.make_args(broken))):
        # floor(-x/n) is -ceil(x/n).
        return rest - broken - _rounded_up(-other * (broken + constant), other)
    return sympy.floor(broken + constant - sympy.floor(constant)) + sympy.floor(constant) + rest - broken


def _rounded_up(one: Any, other: Any) -> Any:
    """The quotient, rounded up: of whole numbers floor((x + n - 1)/n)."""
    one, other = _of_whole_numbers(one, other)
    if one.is_integer and other.is_Integer and other.is_positive:
        return _rounded_down(one + other - 1, other)
    return sympy.ceiling(_merged(sympy.ceiling, one, other) / other)


def _of_whole_numbers(one: Any, other: Any) -> tuple[Any, Any]:
    """The same quotient of whole numbers, where it is one: (W/2)/1 is W/2."""
    if one.is_integer:
        return one, other
    whole, divisor = _fraction(one / other)
    return (whole, divisor) if whole.is_integer and divisor.is_Integer else (one, other)


def _merged(rounding: Any, one: Any, other: Any) -> Any:
    """What is to be divided, without a term that was rounded the same way.

    floor((floor(x) + m)/n) = floor((x + m)/n) for whole m and n > 0 (Graham, Knuth & Patashnik, "Concrete
    Mathematics", 3.11).
    """
    inner = [term for term in sympy.Add.make_args(one) if isinstance(term, rounding)]
    if len(inner) == 1 and other.is_integer and other.is_positive and one.is_integer:
        return one - inner[0] + inner[0].args[0]
    return one


def _larger(one: Any, other: Any) -> Any:
    """The larger of two; that of them which surely is."""
    if _is_never_negative(one - other):
        return one
    if _is_never_negative(other - one):
        return other
    if len(one.args) + len(other.args) > MOST_COMPARED and (one.has(sympy.Max) or other.has(sympy.Max)):
        raise FormulaError(TOO_LONG)
    return sympy.Max(one, other)


def _is_never_negative(expression: Any) -> bool:
    """Whether a formula is at least 0, where each rounded x/n in it comes to the least that it can.

    For whole x, floor(x/n) lies from (x - n + 1)/n to x/n, and ceil(x/n) from there to (x + n - 1)/n. A whole number
    above -1 is none below 0.
    """
    least = []
    for term in sympy.Add.make_args(expression):
        rounded = [factor for factor in sympy.Mul.make_args(term) if isinstance(factor, (sympy.floor, sympy.ceiling))]
        if not rounded:
            least.append(term)
            continue
        whole, divisor = _fraction(rounded[0].args[0])
        coefficient = term / rounded[0]
        negative = bool(coefficient.is_negative)
        if not (whole.is_integer and divisor.is_positive and (negative or coefficient.is_positive)):
            return False
        if isinstance(rounded[0], sympy.ceiling) == negative:
            whole += divisor - 1 if negative else 1 - divisor
        least.append(coefficient * whole / divisor)
    bound = sympy.expand(sympy.Add(*least))
    return bool((bound + 1).is_positive if expression.is_integer else bound.is_nonnegative)


def _fraction(expression: Any) -> tuple[Any, Any]:
    """A formula as one fraction, its numerator multiplied out."""
    numerator, denominator = sympy.fraction(sympy.together(expression))
    return sympy.expand(numerator), denominator


def _multiplied(one: Any, other: Any) -> Any:
    """The product; a single sum is multiplied out, `25*n1*n2 + n2`, but not one sum with another."""
    sums = [factor for factor in (one, other) if factor.has(sympy.Add)]
    simple = len(sums) == 1 and sums[0].is_Add and len(sums[0].args) <= LONGEST_MULTIPLIED
    return sympy.expand(one * other, deep=False) if simple else one * other


class _Printer(StrPrinter):  # type: ignore[misc]  # SymPy has no types
    """Sums with their terms as people write them, `W - F + 2*P + 1`, and the functions of the language."""

    def _print_floor(self, expression: Any) -> str:
        """`floor((W + 1)/4)`, and `ceil(W/2)` for floor((W + 1)/2)."""
        whole, divisor = _fraction(expression.args[0])
        constant, rest = whole.as_coeff_Add()
        if not divisor.is_Integer:
            return f"floor({self._print(expression.args[0])})"
        name, whole = ("ceil", rest) if constant == divisor - 1 else ("floor", whole)
        return f"{name}({self.parenthesize(whole, sympy.printing.precedence.PRECEDENCE['Mul'])}/{divisor})"

    def _print_ceiling(self, expression: Any) -> str:
        """`ceil(W/S)`."""
        return f"ceil({self._print(expression.args[0])})"

    def _print_Max(self, expression: Any) -> str:  # noqa: N802  SymPy's names
        """`max(2, W)`."""
        return f"max({self.stringify(sorted(expression.args, key=sympy.default_sort_key), ', ')})"

    def _print_Add(self, expression: Any, order: Any = None) -> str:  # noqa: ARG002, N802  SymPy's names
        terms = sorted(expression.args, key=_term_order)
        # A sum does not begin with a minus where one of its terms has none.
        first = next(filter(_is_positive, terms), terms[0])
        terms.sort(key=lambda term: term is not first)
        text = ""
        for term in terms:
            negative = term.could_extract_minus_sign()
            printed = self.parenthesize(-term if negative else term, sympy.printing.precedence.PRECEDENCE["Add"])
            sign = "-" if negative else "+"
            text += f" {sign} {printed}" if text else ("-" if negative else "") + printed
        return text


def _is_positive(term: Any) -> bool:
    """Whether a term is written without a minus, and is no number."""
    return bool(term.free_symbols) and not term.could_extract_minus_sign()


def _term_order(term: Any) -> tuple[bool, int, bool, bool, list[str]]:
    """Products of more symbols first, then terms without a factor, positive ones first; numbers last."""
    symbols = sorted(symbol.name for symbol in term.free_symbols)
    coefficient, _ = term.as_coeff_Mul()
    return not symbols, -len(symbols), abs(coefficient) != 1, bool(coefficient < 0), symbols
