"""Expressions: what may stand in parentheses and after `=`, as a tree, and its value."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from cnncalc.algebra import Algebra, ceil_div, larger
from cnncalc.spec.source import Problem, Span, SpecError, did_you_mean, quote

if TYPE_CHECKING:
    from fractions import Fraction

# No size, count or number of a network comes near; beyond it, arithmetic would only cost time and memory.
LARGEST_NUMBER: Final = 10**30


class Pair(NamedTuple):
    """`before:after`: uneven padding, or a range of channels."""

    before: Any
    after: Any


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


class Join(NamedTuple):
    """`3x(k)`: parts that make up a size."""

    parts: tuple[Expression, ...]
    span: Span


# What an expression may come to: a number, a word (`relu`), a truth value, or a size (a tuple of numbers,
# `Pair`s and `KEEP`). A constant in a spec stands in the tree as its value.
Value: TypeAlias = "int | float | Fraction | Algebra | bool | str | tuple[Any, ...] | Items | Keep | Pair"
Expression: TypeAlias = "Name | Unknown | Operation | Call | Join | Value"

CONSTANTS: Final[Mapping[str, Value]] = {"yes": True, "no": False, "true": True, "false": False}


def exact(value: Value) -> Any:
    """A decimal as the exact rational that was written; any other value as it is."""
    if isinstance(value, float):
        from fractions import Fraction  # noqa: PLC0415  takes milliseconds that most specs need not pay

        return plain(Fraction(repr(value)))
    return value


def plain(value: Any) -> Any:
    """A whole rational as an integer."""
    return value.numerator if getattr(value, "denominator", None) == 1 else value


def divisible(value: Any, divisor: Any) -> Any:
    """Round to a multiple of `divisor`, but never down by more than a tenth.

    The rule of the MobileNet family (`_make_divisible` in TensorFlow's and torchvision's code).

    >>> divisible(35, 8)
    40
    """
    rounded = max(divisor, (2 * value + divisor) // (2 * divisor) * divisor)
    return rounded + divisor if 10 * rounded < 9 * value else rounded


def _divide(left: Any, right: Any) -> Any:
    if isinstance(left, Algebra) or isinstance(right, Algebra):
        return left // right
    from fractions import Fraction  # noqa: PLC0415

    return Fraction(left) / Fraction(right)


def _floor(value: Any) -> Any:
    return value if isinstance(value, Algebra) else math.floor(value)


def _ceil(value: Any) -> Any:
    return value if isinstance(value, Algebra) else math.ceil(value)


def _round(value: Any) -> Any:
    """Halves away from zero, as people round by hand."""
    return value if isinstance(value, Algebra) else math.floor(2 * abs(value) + 1) // 2 * (-1 if value < 0 else 1)


def _smaller(left: Any, right: Any) -> Any:
    return -larger(-left, -right)


_OPERATORS: Final[Mapping[str, Callable[..., Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "//": operator.floordiv,
    "%": operator.mod,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "negative": operator.neg,
}
# Each function with the least and the greatest number of its arguments; two are folded over many.
FUNCTIONS: Final[Mapping[str, tuple[Callable[..., Any], int, int]]] = {
    "min": (_smaller, 1, 99),
    "max": (larger, 1, 99),
    "ceil": (_ceil, 1, 1),
    "floor": (_floor, 1, 1),
    "round": (_round, 1, 1),
    "divisible": (divisible, 2, 2),
    "ceildiv": (ceil_div, 2, 2),
}


def evaluate(expression: Expression, lookup: Callable[[Name], Value]) -> Value:
    """The value of an expression; `lookup` gives the names their values.

    Raises `SpecError` at the part that has no value: an unknown, a division by zero, a word that is added.
    """
    match expression:
        case Name():
            return lookup(expression)
        case Unknown(span):
            message = "`?` stands for a number to be found; here every number must be given"
            raise SpecError([Problem(message, span, "put a number in its place")])
        case Operation():
            return _operate(expression, lookup)
        case Call():
            return _call(expression, lookup)
        case Join(parts, span):
            return tuple(_number(evaluate(part, lookup), span) for part in parts)
        case _:
            return expression


def _operate(operation: Operation, lookup: Callable[[Name], Value]) -> Value:
    """Logic stops early, `==` compares anything, and the rest needs numbers."""
    name, operands, span = operation
    if name == "not":
        return not _truth(evaluate(operands[0], lookup))
    left = evaluate(operands[0], lookup)
    if name in {"and", "or"}:
        return _truth(evaluate(operands[1], lookup)) if _truth(left) == (name == "and") else _truth(left)
    values = [left, *(evaluate(operand, lookup) for operand in operands[1:])]
    if name in {"==", "!="}:
        return (exact(values[0]) == exact(values[1])) == (name == "==")
    return _apply(_OPERATORS[name], [_number(value, span) for value in values], span)


def _call(call: Call, lookup: Callable[[Name], Value]) -> Value:
    """Look the function up, fold the ones of two arguments over more."""
    if call.function not in FUNCTIONS:
        message = f"unknown function {quote(call.function)}"
        raise SpecError([Problem(message, call.span, did_you_mean(call.function, FUNCTIONS))])
    function, least, most = FUNCTIONS[call.function]
    values = [_number(evaluate(argument, lookup), call.span) for argument in call.arguments]
    if not least <= len(values) <= most:
        needs = f"takes {least} argument{'s' * (least != 1)}" if least == most else "takes numbers"
        raise SpecError([Problem(f"`{call.function}` {needs}, here are {len(values)}", call.span)])
    if most == len(values):
        return _apply(function, values, call.span)
    result = values[0]
    for value in values[1:]:
        result = _apply(function, [result, value], call.span)
    return result


def _apply(function: Callable[..., Any], values: list[Any], span: Span) -> Value:
    """Compute, and refuse what no network needs."""
    try:
        result = plain(function(*values))
    except ZeroDivisionError:
        raise SpecError([Problem("division by zero", span)]) from None
    if not isinstance(result, (bool, Algebra)) and (
        abs(result) > LARGEST_NUMBER or getattr(result, "denominator", 1) > LARGEST_NUMBER
    ):
        raise SpecError([Problem("this number is too large", span)])
    return result  # type: ignore[no-any-return]


def _truth(value: Value) -> bool:
    return value != 0 and value is not False


def _number(value: Value, span: Span) -> Any:
    """The value, if one can calculate with it."""
    if isinstance(value, (str, tuple, Keep)):
        shown = quote(value) if isinstance(value, str) else "a size"
        raise SpecError([Problem(f"{shown} is not a number", span)])
    return exact(value)
