"""The values of a small forward pass: what is given for them, and the verdict on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any, Final, NoReturn

from cnncalc.forward.tensor import Tensor
from cnncalc.homework.answers import RIGHT, RIGHT_UNDER_CONVENTION, WRONG, Answer, as_json
from cnncalc.homework.judging import STRICT, Rules
from cnncalc.homework.mistakes import ALL, Mistake
from cnncalc.homework.mistakes.values import Pass, equal, partly_right
from cnncalc.spec.source import Problem, Source, Span, SpecError, quote

if TYPE_CHECKING:
    from cnncalc.infer import Record
    from cnncalc.report import Report

QUANTITY: Final = "value"
PARTLY_RIGHT: Final = "partly-right"
# More multiply-accumulates than this nobody does by hand, and the definition takes a second for.
MOST_MACS: Final = 1_000_000
MOST_AXES: Final = 8
LONGEST_TEXT: Final = 100_000
# Before or behind the point.
MOST_DIGITS: Final = 30


def forward_pass(report: Report, x: Any, weights: Mapping[str, Any]) -> Pass:
    """The pass of a network on an image, nested lists or their text; channels last, an axis of 1 may be left out.

    `weights` has for each layer its kernel, or its arrays by their names. Biases that are left out are 0.
    Raises `SpecError` for numbers of another shape, a kernel that is missing, and a network that is too large.
    """
    if not isinstance(report.totals.macs, int) or report.totals.macs > MOST_MACS:
        _fail("weights", f"values are for networks of at most {MOST_MACS:,} multiply-accumulates, without symbols")
    for name in weights:
        if name not in report.graph.names:
            _fail("weights", f"no layer is called {quote(name)}")
    dims: Any = report.graph.nodes[0].shape.dims
    arrays = {record.name: _arrays(record, weights.get(record.name)) for record in report.records}
    return Pass(report.graph, _fitted(nested(x, "x"), dims, "x"), arrays)


def _arrays(record: Record, given: Any) -> dict[str, Tensor]:
    """The arrays of a layer."""
    known = {} if given is None else given if isinstance(given, Mapping) else {record.facts.arrays[0].name: given}
    arrays = {}
    for array in record.facts.arrays:
        name = f"{record.name}.{array.name}"
        dims: Any = array.dims
        if array.name in known:
            arrays[array.name] = _fitted(nested(known[array.name], name), dims, name)
        elif array.role == "bias":
            arrays[array.name] = Tensor(dims, [0] * prod(dims))
        else:
            _fail("weights", f"{name} is missing")
    return arrays


def nested(value: Any, name: str) -> Tensor:
    """Nested lists, or their text, as a tensor. Decimals stay as they were written. Raises `SpecError`."""
    if isinstance(value, str):
        value = _parsed(value, name)
    dims: list[int] = []
    items = [value]
    while any(isinstance(item, (list, tuple)) for item in items):
        lengths = {len(item) if isinstance(item, (list, tuple)) else -1 for item in items}
        if len(lengths) > 1 or lengths == {0} or len(dims) == MOST_AXES:
            _fail(name, f"{name} is no array: its rows have different lengths")
        dims += lengths
        items = [inner for item in items for inner in item]
    values = [Decimal(repr(item)) if isinstance(item, float) else item for item in items]
    if not all(map(_is_number, values)):
        _fail(name, f"{name} is no array of numbers")
    return Tensor(tuple(dims), values)


def _is_number(item: Any) -> bool:
    """Whether it is a number that one can calculate with."""
    if isinstance(item, Decimal):
        return item.is_finite() and abs(item.adjusted()) <= MOST_DIGITS
    return isinstance(item, (int, Fraction)) and not isinstance(item, bool)


def _parsed(text: str, name: str) -> Any:
    """The text as nested lists. Raises `SpecError` for anything else."""
    try:
        if len(text) > LONGEST_TEXT:
            raise ValueError("too long")  # noqa: TRY301  one message for all
        return json.loads(text, parse_float=Decimal, parse_constant=float)
    except (ValueError, RecursionError):
        at = Span(Source(name, text[:LONGEST_TEXT]), 0, len(text[:LONGEST_TEXT]))
        raise SpecError([Problem("this is no array of numbers", at, "write it as `[[6, 8], [12, 14]]`")]) from None


def _fitted(x: Tensor, dims: tuple[int, ...], name: str) -> Tensor:
    """The numbers in these dimensions, as numbers to compute with. Raises `SpecError` if there are more or fewer."""
    if len(x.values) != prod(dims):
        _fail(name, f"{name} has {len(x.values)} values, but {'x'.join(map(str, dims))} are needed")
    return Tensor(dims, [Fraction(value) if isinstance(value, Decimal) else value for value in x.values])


def judge(one: Pass, given: Tensor, layer: str, rules: Rules = STRICT) -> Answer:
    """The verdict on the values that are given for the output of a forward pass."""
    right = one.value()
    answer = Answer(layer, QUANTITY, as_lists(given), as_lists(right), RIGHT)
    if equal(given, right):
        return answer
    found = {}
    for entry in ALL:
        if QUANTITY in entry.quantities:
            for wrong in entry.signature(one):
                if equal(given, wrong.value) and not equal(wrong.value, right):
                    found[entry.code] = Mistake(entry.code, f"{written(given)} {wrong.what}; it is {written(right)}.")
    for code in found:
        if code in rules.accept:
            return answer._replace(verdict=RIGHT_UNDER_CONVENTION, convention=code)
    partly = partly_right(given, right)
    if partly:
        found[PARTLY_RIGHT] = Mistake(PARTLY_RIGHT, partly)
    return answer._replace(verdict=WRONG, mistakes=tuple(found.values()))


def as_lists(x: Tensor) -> Any:
    """A tensor as nested lists, without its axes of 1 behind the first two, as people write it.

    >>> as_lists(Tensor((2, 2, 1), [1, 2, 3, 4]))
    [[1, 2], [3, 4]]
    """
    dims = list(x.dims)
    while len(dims) > 1 and dims[-1] == 1:
        dims.pop()
    items: list[Any] = [Fraction(value) if isinstance(value, Decimal) else value for value in x.values]
    for extent in reversed(dims[1:]):
        items = [items[start : start + extent] for start in range(0, len(items), extent)]
    return items


def written(x: Tensor) -> str:
    """The same as text.

    >>> written(Tensor((2,), [Fraction(1, 2), 3]))
    '[1/2, 3]'
    """
    return json.dumps(as_json(as_lists(x))).replace('"', "")


def _fail(name: str, message: str) -> NoReturn:
    raise SpecError([Problem(message, Span(Source(name, ""), 0, 0))])
