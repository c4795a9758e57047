"""The values of a small forward pass: what is given for them, and the verdict on it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from cnncalc.forward import face
from cnncalc.forward.reading import fail, is_json
from cnncalc.forward.reading import nested as nested_lists
from cnncalc.forward.tensor import Tensor
from cnncalc.forward.weights import Supply
from cnncalc.homework.answers import RIGHT, RIGHT_UNDER_CONVENTION, WRONG, Answer, as_json
from cnncalc.homework.judging import STRICT, Rules
from cnncalc.homework.mistakes import ALL, PARTLY_RIGHT, Mistake
from cnncalc.homework.mistakes.values import Pass, equal, partly_right, trimmed

if TYPE_CHECKING:
    from cnncalc.report import Report

QUANTITY: Final = "value"
# More multiply-accumulates than this nobody does by hand, and the definition takes a second for.
MOST_MACS: Final = 1_000_000
LONGEST_TEXT: Final = 100_000
# A numerator or a denominator with more digits takes long to compute with.
MOST_DIGITS: Final = 30
LARGEST: Final = 10**MOST_DIGITS
# A fraction that is this many decimals or fewer is written so.
MOST_DECIMALS: Final = 4
_FRACTION: Final = r"(?<![\w.\"])-?[0-9]{1,30}/0*[1-9][0-9]{0,29}(?![\w./\"])"


def forward_pass(report: Report, x: Any, weights: Mapping[str, Any]) -> Pass:
    """The pass of a network on an image: nested lists or their text, or a matrix as text; channels last.

    `weights` has for each layer its kernel, or its arrays by their names. Biases that are left out are 0.
    Raises `SpecError` for numbers of another shape, a kernel that is missing, and a network that is too large.
    """
    if not isinstance(report.totals.macs, int) or report.totals.macs > MOST_MACS:
        fail(f"values are for networks of at most {MOST_MACS:,} multiply-accumulates, without symbols", "weights")
    image = face.fitted(nested(x, "x"), report.graph.nodes[0].shape)
    supply = Supply(report.records, weights, exact=True)
    arrays = {record.name: supply.of(record) for record in report.records}
    for name, tensors in arrays.items():
        for tensor in tensors.values():
            _check(tensor, name)
    return Pass(report.graph, image, arrays)


def nested(value: Any, name: str) -> Tensor:
    """Nested lists, or their text, or a matrix as text, as a tensor of exact numbers. Raises `SpecError`."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        fail(f"{name} has more than {LONGEST_TEXT:,} characters", name)
    if isinstance(value, str) and is_json(value):
        value = re.sub(_FRACTION, r'"\g<0>"', value)
    tensor = face.given(value, exact=True, name=name).tensor
    if tensor is None:
        fail(f"{name} needs its numbers", name)
    _check(tensor, name)
    return tensor


def _check(x: Tensor, name: str) -> None:
    """Raise `SpecError` for numbers that take long to compute with."""
    if any(max(abs(value.numerator), value.denominator) >= LARGEST for value in x.values):
        fail(f"{name} has a number with more than {MOST_DIGITS} digits", name)


def judge(one: Pass, given: Tensor, layer: str, rules: Rules = STRICT) -> Answer:
    """The verdict on the values that are given for the output of a forward pass; in a single row, one by one."""
    right = one.value()
    answer = Answer(layer, QUANTITY, as_lists(given), as_lists(right), RIGHT)
    if trimmed(given.dims) == (len(right.values),):
        given = Tensor(right.dims, given.values)
    if equal(given, right):
        return answer
    if rules.tolerance and _is_near(given, right, rules):
        return answer._replace(rounded=True)
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


def _is_near(given: Tensor, right: Tensor, rules: Rules) -> bool:
    """Whether each value is as near to the right one as the rules ask for."""
    return trimmed(given.dims) == trimmed(right.dims) and all(
        abs(one - Fraction(other)) <= (rules.tolerance * abs(other) if rules.relative else rules.tolerance)
        for one, other in zip(given.values, right.values, strict=True)
    )


def as_lists(x: Tensor) -> Any:
    """A tensor as nested lists, without its axes of 1 behind the first two, as people write it.

    >>> as_lists(Tensor((2, 2, 1), [1, 2, 3, 4]))
    [[1, 2], [3, 4]]
    """
    dims = list(x.dims)
    while len(dims) > 1 and dims[-1] == 1:
        dims.pop()
    return nested_lists(Tensor(tuple(dims), x.values))


def written(x: Tensor) -> str:
    """The same as text; a fraction that has no short decimal stays one.

    >>> from fractions import Fraction
    >>> written(Tensor((3,), [Fraction(27, 4), Fraction(1, 3), 3]))
    '[6.75, 1/3, 3]'
    """
    shortened = Tensor(x.dims, [_shortened(value) for value in x.values])
    return json.dumps(as_json(as_lists(shortened))).replace('"', "")


def _shortened(value: Any) -> Any:
    """A fraction as the text of its decimal, where that is short and exact."""
    from decimal import Decimal  # noqa: PLC0415

    if isinstance(value, (int, float)) or value.denominator == 1 or 10**MOST_DECIMALS % value.denominator:
        return value
    return f"{Decimal(value.numerator) / value.denominator:f}"
