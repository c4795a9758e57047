"""The values of a small forward pass: what is given for them, and the verdict on it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any, Final

from cnncalc.forward import face, reading
from cnncalc.forward.face import Given
from cnncalc.forward.reading import fail, to_channels_last
from cnncalc.forward.run import leading
from cnncalc.forward.tensor import Tensor, Weights, indices
from cnncalc.forward.trace import trace
from cnncalc.forward.weights import Supply
from cnncalc.homework.answers import RIGHT, RIGHT_UNDER_CONVENTION, VALUES, WRONG, Answer, as_json, in_decimals
from cnncalc.homework.judging import STRICT, Rules
from cnncalc.homework.mistakes import ALL, PARTLY_RIGHT, Mistake
from cnncalc.homework.mistakes.values import (
    Pass,
    equal,
    forward,
    is_same,
    partly_right,
    place_of,
    trimmed,
)
from cnncalc.homework.reading import check_numbers, numbers_of, read_values
from cnncalc.spec.source import Problem, Source, SpecError

if TYPE_CHECKING:
    from cnncalc.homework.claims import Numbers
    from cnncalc.layers import Layer
    from cnncalc.report import Report
    from cnncalc.spec.statements import AnswerText

# More multiply-accumulates than this nobody does by hand, and the definition takes a second for.
MOST_MACS: Final = 1_000_000
# A longer sum is not written out.
LONGEST: Final = 400
HOW_GIVEN: Final = '`--x "1 2; 3 4"` gives what goes in, and `--array LAYER="1 0; 0 1"` a kernel'
HOW_MISSING: Final = '`--array LAYER="1 0; 0 1"` gives a kernel'


class Values:
    """Judges answers about the values that layers put out for given numbers, one forward pass a layer."""

    def __init__(self, report: Report, numbers: Numbers, rules: Rules = STRICT) -> None:
        self.report = report
        self.numbers = numbers
        self.rules = rules
        self._passes: dict[int, Pass] = {}
        # The wrong answers so far, by the layers that they speak of.
        self._wrong: dict[str, tuple[Answer, Tensor]] = {}

    def judge(self, index: int, text: AnswerText, given: Any = None) -> Answer:
        """The verdict on an answer about a layer; `given` are nested lists in place of what was written.

        Raises `SpecError` if it cannot be read, or the pass cannot be made.
        """
        at = text.span._replace(start=text.span.end - len(text.value))
        if self.numbers.x is None:
            message = f"the values of {self.report.graph.names[index]} depend on the numbers that go in"
            raise SpecError([Problem(f"{message}, which are not given", at, HOW_GIVEN)])
        read = read_values(text) if given is None else (nested(given, VALUES), True)
        try:
            one = self._pass(index)
        except SpecError as error:
            # What is not given stands nowhere.
            moved = [one._replace(span=at) if one.span.source.name == "weights" else one for one in error.problems]
            raise SpecError(moved) from None
        tensor = self._ordered(one, *read)
        name = self.report.graph.names[index]
        answer = judge(one, tensor, name, self.rules)._replace(span=text.span)
        dims: tuple[int, ...] = one.output.shape.dims  # type: ignore[assignment]  # no symbols
        if answer.verdict == WRONG and len(tensor.values) == prod(dims):
            self._wrong[name] = answer, Tensor(dims, tensor.values)
        return answer

    def expected(self, index: int) -> Any:
        """The right values; None where what is given is not enough for them."""
        try:
            return None if self.numbers.x is None else as_lists(self._pass(index).value())
        except SpecError:
            return None

    def _pass(self, index: int) -> Pass:
        if index not in self._passes:
            assert self.numbers.x is not None  # it was looked at before
            self._passes[index] = forward_pass(self.report, self.numbers.x, self.numbers.arrays, index, HOW_MISSING)
        return self._passes[index]

    def _ordered(self, one: Pass, given: Tensor, nested: bool) -> Tensor:  # noqa: FBT001
        """The values with their channels last, where the report has them first."""
        shape = one.output.shape
        if not nested or self.report.layout == "channels-last" or given.dims != (shape.channels, *shape.extents):
            return given
        return to_channels_last(given)

    def working(self, answer: Answer) -> tuple[str, str]:
        """The place of the first value that is wrong, and how the right one comes about; nothing for an input."""
        one = self._passes[self.report.graph.names.index(answer.layer)]
        seen: dict[str, tuple[tuple[Tensor, ...], Weights]] = {}

        def keep(layer: Layer, inputs: tuple[Tensor, ...], weights: Weights) -> Tensor:
            seen["last"] = inputs, weights
            return forward(layer, inputs, weights)

        right = one.run(keep)
        if "last" not in seen:
            return "", ""
        record = next(record for record in self.report.records if record.name == answer.layer)
        given = self._wrong[answer.layer][1].values if answer.layer in self._wrong else ()
        pairs = zip(indices(right.dims), given, right.values, strict=False)
        place = next((index for index, own, other in pairs if not is_same(own, other)), (0,) * len(right.dims))
        (working,) = trace(record, *seen["last"], place[:-1], place[-1], exact=True)
        text = "; ".join(working.lines)
        return (place_of(place, right.dims), text) if "=" in working.lines[-1] and len(text) <= LONGEST else ("", "")

    def mark(self, answers: Iterable[Answer]) -> tuple[Answer, ...]:
        """The answers, each wrong one that follows from own earlier values marked with them."""
        return tuple(self._marked(answer) if answer.quantity == VALUES else answer for answer in answers)

    def _marked(self, answer: Answer) -> Answer:
        """The answer, marked if the network gives it from the wrong values that are stated of earlier layers."""
        if answer.layer not in self._wrong:
            return answer
        names = self.report.graph.names
        index = names.index(answer.layer)
        one = self._passes[index]
        before = [name for name in one.graph.names if name in self._wrong and name != answer.layer]
        stated = {name: self._wrong[name][1] for name in before}
        if not before or not equal(self._wrong[answer.layer][1], one.run(forward, stated)):
            return answer
        return answer._replace(follows=self._wrong[before[-1]][0])


def forward_pass(
    report: Report, x: Any, weights: Mapping[str, Any], index: int | None = None, advice: str = ""
) -> Pass:
    """The pass of a network on an image, up to a layer: nested lists, text, or `Given`; channels last.

    `weights` has for each layer its kernel, or its arrays by their names. Biases that are left out are 0, and so
    are layers from which the values do not come; `advice` says how a kernel is given.
    Raises `SpecError` for numbers of another shape, a kernel that is missing, and a network that is too large.
    """
    graph = report.graph if index is None else report.graph._replace(output=index)
    graph = leading(graph)
    records = [record for record in report.records if record.name in graph.names]
    macs = sum(record.macs for record in records)
    if not isinstance(macs, int) or macs > MOST_MACS:
        fail(f"values are for networks of at most {MOST_MACS:,} multiply-accumulates, without symbols", "weights")
    given = x if isinstance(x, Given) else Given(nested(x, "x"))
    image = face.with_image(report, given).image
    supply = Supply(report.records, weights, exact=True, complete=graph.names, advice=advice)
    arrays = {record.name: supply.of(record) for record in records}
    for name, tensors in arrays.items():
        for tensor in tensors.values():
            check_numbers(tensor, name)
    return Pass(graph, image, arrays)


def nested(value: Any, name: str) -> Tensor:
    """Nested lists, or their text, or a matrix as text, as a tensor of exact numbers. Raises `SpecError`."""
    if isinstance(value, str):
        return numbers_of(Source(name, value))[0]
    return check_numbers(reading.tensor(value, name, exact=True), name)


def judge(one: Pass, given: Tensor, layer: str, rules: Rules = STRICT) -> Answer:
    """The verdict on the values that are given for the output of a forward pass; in a single row, one by one."""
    right = one.value()
    answer = Answer(layer, VALUES, as_lists(given), as_lists(right), RIGHT)
    if trimmed(given.dims) == (len(right.values),):
        given = Tensor(right.dims, given.values)
    if equal(given, right):
        return answer
    if rules.tolerance and _is_near(given, right, rules):
        return answer._replace(rounded=True, tolerated=True)
    found = {}
    for entry in ALL:
        if VALUES in entry.quantities:
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
    return reading.nested(Tensor(tuple(dims), x.values))


def written(x: Tensor) -> str:
    """The same as text; a fraction that has no short decimal stays one.

    >>> from fractions import Fraction
    >>> written(Tensor((3,), [Fraction(27, 4), Fraction(1, 3), 3]))
    '[6.75, 1/3, 3]'
    """
    shortened = Tensor(x.dims, [in_decimals(value) for value in x.values])
    return json.dumps(as_json(as_lists(shortened))).replace('"', "")
