"""Expressions: what may stand in parentheses and after `=`, as a tree, and its value."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from cnncalc.algebra import Algebra, FormulaError, ceil_div, larger, same
from cnncalc.prose import counted
from cnncalc.spec.source import Problem, Span, SpecError, did_you_mean, quote

if TYPE_CHECKING:
    from fractions import Fraction

# No size, count or number of a network comes near; beyond it, arithmetic would only cost time and memory.
LARGEST_NUMBER: Final = 10**30
LARGEST_EXPONENT: Final = 64


class Pair(NamedTuple):
    """`before:after`: uneven padding, or a range of channels."""

    before: Any
    after: Any

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.before}:{self.after}"


class Items(NamedTuple):
    """`0,1,5`: a list of numbers."""

    numbers: tuple[int, ...]


class Keep:
    """`_`: an axis that is to stay as it is. There is one, `KEEP`."""

    def __repr__(self) -> str:
        """As it is written."""
        return "_"


KEEP: Final = Keep()


class Name(NamedTuple):
    """A word that the expansion gives a meaning: a variable, a symbol, a size with names in it, a word."""

    text: str
    span: Span


class Unknown(NamedTuple):
    """`?`: a number to be found."""

    span: Span


class Operation(NamedTuple):
    """An operator between (or before) operands."""

    operator: str
    operands: tuple[Expression, ...]
    span: Span


class Call(NamedTuple):
    """A function of the expression language, with its arguments."""

    function: str
    arguments: tuple[Expression, ...]
    span: Span


class Range(NamedTuple):
    """`0:(k - 1)`: a `Pair` that is still to be computed."""

    before: Expression
    after: Expression
    span: Span


class Join(NamedTuple):
    """`3x(k)`: parts that make up a size."""

    parts: tuple[Expression, ...]
    span: Span


# What an expression may come to: a number, a word (`relu`), a truth value, or a size (a tuple of numbers,
# `Pair`s and `KEEP`). A constant in a spec stands in the tree as its value.
Value: TypeAlias = "int | float | Fraction | Algebra | bool | str | tuple[Any, ...] | Items | Keep | Pair"
Expression: TypeAlias = "Name | Unknown | Operation | Call | Range | Join | Value"

CONSTANTS: Final[Mapping[str, Value]] = {"yes": True, "no": False, "true": True, "false": False}


def exact(value: Value) -> Any:
    """A decimal as the exact rational that was written; any other value as it is."""
    if isinstance(value, float):
        from fractions import Fraction  # noqa: PLC0415  takes milliseconds that most specs need not pay

        return plain(Fraction(repr(value)))
    return value


def plain(value: Any) -> Any:
    """A whole rational as an integer."""
    return value.numerator if getattr(value, "denominator", None) == 1 and not isinstance(value, bool) else value


def divisible(value: Any, divisor: Any) -> Any:
    """Round to a multiple of `divisor`, but never down by more than a tenth.

    The rule of the MobileNet family (`_make_divisible` in TensorFlow's and torchvision's code).

    >>> divisible(35, 8), divisible(11, 8)
    (32, 16)
    """
    rounded = larger(divisor, (2 * value + divisor) // (2 * divisor) * divisor)
    return rounded + divisor if _less(10 * rounded, 9 * value) else rounded


class _UndecidedError(ArithmeticError):
    """A comparison of formulas that holds for some values of their symbols, and not for others."""


def _less(left: Any, right: Any) -> bool:
    if left < right:
        return True
    if left >= right:
        return False
    raise _UndecidedError


def _less_or_equal(left: Any, right: Any) -> bool:
    return not _less(right, left)


def _divide(left: Any, right: Any) -> Any:
    for number in (left, right):
        if isinstance(number, Algebra):
            return number.combine("/", left, right)
    from fractions import Fraction  # noqa: PLC0415  takes milliseconds that most specs need not pay

    return Fraction(left) / Fraction(right)


def _power(base: Any, exponent: Any) -> Any:
    """A power by repeated multiplication: exponents are small."""
    if not isinstance(exponent, int) or not 0 <= exponent <= LARGEST_EXPONENT:
        raise ValueError(f"an exponent is a whole number up to {LARGEST_EXPONENT}")
    return math.prod([base] * exponent)


def _floor(value: Any) -> Any:
    return value // 1


def _ceil(value: Any) -> Any:
    return ceil_div(value, 1)


def _round(value: Any) -> Any:
    """Halves away from zero, as people round by hand."""
    return -_round(-value) if value < 0 else (2 * value + 1) // 2


def _smaller(left: Any, right: Any) -> Any:
    return -larger(-left, -right)


_OPERATORS: Final[Mapping[str, Callable[..., Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": _power,
    "<": _less,
    "<=": _less_or_equal,
    ">": lambda left, right: _less(right, left),
    ">=": lambda left, right: _less_or_equal(right, left),
}
# Each function with the number of its arguments; `ANY_NUMBER`: it is folded over as many as there are.
ANY_NUMBER: Final = 0
FUNCTIONS: Final[Mapping[str, tuple[Callable[..., Any], int]]] = {
    "min": (_smaller, ANY_NUMBER),
    "max": (larger, ANY_NUMBER),
    "ceil": (_ceil, 1),
    "floor": (_floor, 1),
    "round": (_round, 1),
    "divisible": (divisible, 2),
    "ceildiv": (ceil_div, 2),
}


# The walk over an expression is recursive; the parser bounds how deep it can become.
def evaluate(expression: Expression, lookup: Callable[[Name], Value]) -> Value:
    """The value of an expression; `lookup` gives the names their values.

    Raises `SpecError` at the part that has no value: an unknown, a division by zero, a word that is added.
    """
    match expression:
        case Name():
            return lookup(expression)
        case Unknown(span):
            message = "`?` stands for a number to be found; here every number must be given"
            raise SpecError([Problem(message, span, "put a number in its place, or ask `cnncalc solve` for it")])
        case Operation():
            return _operate(expression, lookup)
        case Call():
            return _call(expression, lookup)
        case Range(before, after, span):
            return Pair(_number(evaluate(before, lookup), span), _number(evaluate(after, lookup), span))
        case Join(parts, span):
            return tuple([_part(evaluate(part, lookup), span) for part in parts])
        case _:
            return expression


def truth(value: Value, span: Span) -> bool:
    """Whether a value holds as a condition: any number but 0 does. Raises `SpecError` for a word or a size."""
    if isinstance(value, bool):
        return value
    number = _number(value, span, "condition")
    if isinstance(number, Algebra) and not (number > 0 or number < 0):
        raise _undecided(span)
    return bool(number != 0)


def _operate(operation: Operation, lookup: Callable[[Name], Value]) -> Value:
    """Logic stops early, `==` compares anything, and the rest needs numbers."""
    name, operands, span = operation
    left = evaluate(operands[0], lookup)
    if name == "not":
        return not truth(left, span)
    if name in {"and", "or"}:
        return truth(evaluate(operands[1], lookup), span) if truth(left, span) == (name == "and") else name == "or"
    if name == "negative":
        return _apply(operator.neg, [_number(left, span)], span)
    right = evaluate(operands[1], lookup)
    if name in {"==", "!="}:
        return same(exact(left), exact(right)) == (name == "==")
    return _apply(_OPERATORS[name], [_number(left, span), _number(right, span)], span)


def _call(call: Call, lookup: Callable[[Name], Value]) -> Value:
    """Look the function up, fold the ones of two arguments over more."""
    if call.function not in FUNCTIONS:
        message = f"unknown function {quote(call.function)}"
        raise SpecError([Problem(message, call.span, did_you_mean(call.function, FUNCTIONS))])
    function, needed = FUNCTIONS[call.function]
    values = [_number(evaluate(argument, lookup), call.span) for argument in call.arguments]
    if needed == ANY_NUMBER:
        result = values[0]
        for value in values[1:]:
            result = _apply(function, [result, value], call.span)
        return result  # type: ignore[no-any-return]
    if len(values) != needed:
        raise SpecError(
            [Problem(f"`{call.function}` takes {counted(needed, 'argument')}, here are {len(values)}", call.span)]
        )
    return _apply(function, values, call.span)


def _apply(function: Callable[..., Any], values: list[Any], span: Span) -> Value:
    """Compute, and refuse what no network needs."""
    try:
        result = plain(function(*values))
    except ZeroDivisionError:
        raise SpecError([Problem("division by zero", span)]) from None
    except _UndecidedError:
        raise _undecided(span) from None
    except (FormulaError, ValueError) as error:
        raise SpecError([Problem(str(error), span)]) from None
    if not isinstance(result, (bool, Algebra)) and (
        abs(result) > LARGEST_NUMBER or getattr(result, "denominator", 1) > LARGEST_NUMBER
    ):
        raise SpecError([Problem("this number is too large", span)])
    return result  # type: ignore[no-any-return]


def _undecided(span: Span) -> SpecError:
    return SpecError([Problem("whether this holds depends on the values of the symbols", span)])


def _number(value: Value, span: Span, what: str = "number") -> Any:
    """The value, if one can calculate with it."""
    if isinstance(value, (str, tuple, Keep)):
        shown = quote(value) if isinstance(value, str) else "a size"
        raise SpecError([Problem(f"{shown} is not a {what}", span)])
    return int(value) if isinstance(value, bool) else exact(value)


def _part(value: Value, span: Span) -> Any:
    """The value, if it can be a part of a size: a number, `before:after`, or `_`."""
    return value if isinstance(value, (Pair, Keep)) else _number(value, span)
