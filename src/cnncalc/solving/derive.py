"""How a value is found: the formulas of the layers, solved for what was asked.

No formula stands here, nor the inverse of one. A layer is run on numbers that remember how they were computed;
then one operation after the other is undone, from the result back to the unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from cnncalc import infer
from cnncalc.algebra import Number, product
from cnncalc.explain import ANY_EXTENT, ARGUMENTS, EXTENTS, Explanation, Step, explain, lettered
from cnncalc.homework.answers import QUANTITIES, Answer
from cnncalc.infer import Record
from cnncalc.layers.arguments import shortest
from cnncalc.layers.base import Layer
from cnncalc.report import Report
from cnncalc.shapes import Shape, Window, join, widened
from cnncalc.solving.unknowns import Slot, written
from cnncalc.spec.source import Source, SpecError
from cnncalc.written import Written, added, total

if TYPE_CHECKING:
    from cnncalc.solving.solutions import Solution, Solved

# The topics of a layer's working that an answer about a quantity rests on.
TOPICS: Final = {
    "output": ("padding", "shape"),
    "params": ("params",),
    "trainable": ("params",),
    "non-trainable": ("params",),
    "weights": ("params",),
    "biases": ("params",),
    "rf": ("rf",),
    "stride": ("rf",),
    "macs": ("macs",),
    "flops": ("macs",),
    "memory": ("memory",),
    "param-memory": ("memory",),
}


class Traced(Written):
    """A number that remembers what it was computed from, and whether the unknown is in it."""

    __slots__ = ("holds", "origin")

    def __init__(self, number: Written, *, holds: bool, origin: tuple[str, Traced, Traced] | None = None) -> None:
        """Take over what is written of a number."""
        super().__init__(number.value, number.formula, number.working, steps=number.steps, factors=number.factors)
        self.holds = holds
        self.origin = origin

    @classmethod
    def known(cls, number: Any) -> Traced:
        """A number that the unknown is not in."""
        return number if isinstance(number, Traced) else cls(Written.literal(number), holds=False)

    def combine(self, operator: str, left: Any, right: Any) -> Number:
        """Compute, and remember it."""
        result = super().combine(operator, left, right)
        if result is self:
            return self
        one, other = Traced.known(left), Traced.known(right)
        return Traced(Written.literal(result), holds=one.holds or other.holds, origin=(operator, one, other))

    @property
    def factors(self) -> tuple[Written, ...]:
        """What it is the product of; itself, if it is none."""
        own = self._factors
        return own if len(own) > 1 else (self,)

    def as_step(self, name: str) -> Written:
        """The same number under a name of its own."""
        return Traced(super().as_step(name), holds=self.holds, origin=self.origin)

    def __bool__(self) -> bool:
        """Whether it is not 0; the unknown is never left out for being so."""
        return self.holds or super().__bool__()

    def __eq__(self, other: object) -> bool:
        """The same value; the unknown is not left out for being a common one."""
        return not (self.holds and isinstance(other, int)) and super().__eq__(other)

    def __hash__(self) -> int:
        """By the value."""
        return super().__hash__()


def isolated(number: Any, result: Any) -> tuple[Traced, Any] | None:
    """The unknown in a number, and its value by the result that the number has; None where it cannot be set apart."""
    if not isinstance(number, Traced) or not number.holds:
        return None
    while number.origin is not None:
        operator, left, right = number.origin
        if operator == "*":
            mine = [factor for factor in number.factors if isinstance(factor, Traced) and factor.holds]
            others = tuple(factor for factor in number.factors if all(factor is not one for one in mine))
            if any(one.formula != mine[0].formula for one in mine):
                return None
            result = _root(result / product(others) if others else result, len(mine))
            number = mine[0]
        elif left.holds and right.holds:
            if operator != "+" or left.formula != right.formula:
                return None
            result, number = result / 2, left
        elif operator == "+":
            result, number = (_less(result, right), left) if left.holds else (_less(result, left), right)
        elif operator == "-":
            result, number = (result + right, left) if left.holds else (_less(left, result), right)
        elif operator == "//":
            result, number = (result * right, left) if left.holds else (left / result, right)
        else:
            return None
    return number, result


def _less(number: Any, other: Written) -> Any:
    """A difference; a sum or a difference is taken away term by term."""
    operator, left, right = getattr(other, "origin", None) or ("", other, other)
    if operator == "-":
        return _less(number + right, left)
    if operator == "+" and left.formula != right.formula:
        return _less(_less(number, right), left)
    return number - other


def _root(number: Any, degree: int) -> Any:
    """The root of a number, exact if it is that of a whole number."""
    if degree == 1:
        return number
    value = number.value
    root: Any = value ** (1 / degree)
    whole = round(root)
    name = "sqrt" if degree == 2 else "cbrt"
    return Written(
        whole if whole**degree == value else Fraction(root), number.formula.of(name), number.working.of(name)
    )


def derivation(solved: Solved, solution: Solution, analyze: Callable[[Source], Report]) -> tuple[Explanation, ...]:
    """For every layer with an unknown or an answer: formulas solved for the unknown, and the answer's working.

    What no formula can be solved for is shown beside the next values. `analyze` gives the report on another text.
    """
    report = solution.report
    found: dict[str, list[Step]] = {}
    for slot in solved.slots:
        beside = dict(_beside(solved.source, solution, slot, analyze))
        steps = list(_of_slot(report, slot, tuple(beside.values()))) or _by_trial(solution, slot, beside)
        for name, step in steps:
            own = found.setdefault(name, [])
            if step not in own:
                own.append(step)
    topics: dict[str, set[str]] = {}
    for answer in report.answers:
        for name in [answer.layer] if answer.layer else found:
            topics.setdefault(name, set()).update(TOPICS.get(answer.quantity, ()))
    return tuple(
        one._replace(steps=(*found.get(one.layer, ()), *[step for step in one.steps if step.topic in asked]))
        for one in explain(report)
        if (asked := topics.get(one.layer, set())) or one.layer in found
    )


def _beside(
    source: Source, solution: Solution, slot: Slot, analyze: Callable[[Source], Report]
) -> Iterator[tuple[int, Report]]:
    """What there is with the next smaller value, and with the next larger one."""
    value = solution.values[slot.name]
    for other in (value - 1, value + 1) if isinstance(value, int) else ():
        with suppress(SpecError):
            text = written(source, {**solution.places, **{place.start: other for place in slot.places}})
            yield other, analyze(text)


def _by_trial(solution: Solution, slot: Slot, beside: Mapping[int, Report]) -> Iterator[tuple[str, Step]]:
    """The first answer that other values do not give."""
    for index, answer in enumerate(solution.report.answers):
        others = [
            f"{value} gives {_said(report.answers[index].expected)}"
            for value, report in beside.items()
            if index < len(report.answers) and report.answers[index].expected != answer.expected
        ]
        if others:
            layer = answer.layer or solution.report.records[-1].name
            remark = f"gives {_said(answer.expected)}, as asked; {', '.join(others)}"
            yield layer, Step("solve", slot.name, "", "", solution.values[slot.name], remark)
            return


def _said(value: Any) -> str:
    """What there is, in a sentence."""
    return join(shortest(value)) if isinstance(value, tuple) and not isinstance(value, Shape) else str(value)


def solved_for(report: Report, record: Record, argument: str, letter: str) -> Iterator[Step]:
    """The formula of a layer's output solved for one of its arguments, along each axis."""
    for _, step in _solved(report, record, argument, letter, {"output"}):
        yield step


def _of_slot(report: Report, slot: Slot, beside: tuple[Report, ...]) -> Iterator[tuple[str, Step]]:
    """The steps to a value, each with its layer; `beside` has what there is with other values."""
    owner, _, role = slot.name.partition(".")
    records = {record.name: record for record in report.records}
    argument = role.partition(".")[0]
    if owner == "input":
        holds = "channels" if argument == "channels" else "extents"
        first = next(record for record in report.records if record.node.sources[0] == 0)
        yield from _of_number(report, first, holds, ANY_EXTENT if holds == "extents" else "C", beside)
    elif slot.use:
        index, argument = slot.use
        yield from _of_number(report, report.records[index - 1], argument, ARGUMENTS.get(argument, argument), beside)
    elif owner in records:
        yield from _of_number(report, records[owner], argument, ARGUMENTS.get(argument, argument), beside)


def _of_number(
    report: Report, record: Record, argument: str, letter: str, beside: tuple[Report, ...]
) -> Iterator[tuple[str, Step]]:
    """The steps to one number of a layer, from what is stated of it or of a size behind it."""
    # The field of the whole network is that of its last layer.
    fields = {"rf"} if record is report.records[-1] else set()
    stated = {
        answer.quantity
        for answer in report.answers
        if answer.layer == record.name or (not answer.layer and answer.quantity in fields)
    } - {"output"}
    path = _path_back(report, record)
    if path is not None:
        stated.add("output")
        for later in path:
            yield from _solved(report, later, "extents", ANY_EXTENT, {"output"})
    if any(answer.layer == record.name and _has_channels(answer) for answer in report.answers):
        stated.add("channels")
    for answer in report.answers:
        own = None if answer.layer else _own(record, answer.quantity)
        # What the other layers have of a total may depend on the unknown, too.
        if own is not None and all(_elsewhere(other, record, answer) == answer.expected - own for other in beside):
            stated.add(answer.quantity)
            if own != answer.expected:
                working: Any = _letter(answer.expected, "total") - _letter(answer.expected - own, "elsewhere")
                yield record.name, Step("solve", answer.quantity, working.formula.text, working.working.text, own)
    yield from _solved(report, record, argument, letter, stated)


def _own(record: Record, quantity: str) -> Any:
    """What a layer has of a number that is stated of the whole network; None if it has none."""
    return {"params": record.params, "weights": record.facts.weights, "macs": record.macs}.get(quantity) or None


def _elsewhere(report: Report, record: Record, answer: Answer) -> Any:
    """What all layers but one have of it."""
    total = QUANTITIES[answer.quantity].value(report.subject(None))
    return total - (_own(report.records[record.index - 1], answer.quantity) or 0)


def _path_back(report: Report, record: Record) -> list[Record] | None:
    """The layers from the first stated size behind a layer back to it, itself left out; None: there is none."""
    for answer in report.answers:
        path = []
        at = next((one for one in report.records if answer.quantity == "output" and one.name == answer.layer), None)
        while at is not None and at.index > record.index and at.node.sources[0]:
            path.append(at)
            at = report.records[at.node.sources[0] - 1]
        if at is not None and at.index == record.index:
            return path
    return None


def _has_channels(answer: Answer) -> bool:
    """Whether an answer is a size with its channels."""
    return isinstance(answer.expected, Shape) and len(answer.given) == len(answer.expected.dims)


def _solved(report: Report, record: Record, argument: str, letter: str, stated: set[str]) -> Iterator[tuple[str, Step]]:
    """The formulas of a layer for what is stated, solved for one of its numbers."""
    for quantity, number, result in _formulas(report, record, argument, letter):
        if quantity in stated:
            try:
                found = isolated(number, result)
            except ZeroDivisionError:
                continue
            if found is not None:
                unknown, value = found
                label, remark = unknown.formula.text, _trouble(value.value)
                yield record.name, Step("solve", label, value.formula.text, value.working.text, value.value, remark)


def _trouble(value: Any) -> str:
    """Why a number that a formula leads to is none that a layer can have."""
    trouble = "not whole" if value.denominator != 1 else "negative" if value < 0 else ""
    return trouble and f"{trouble}: another number fits by rounding down"


def _formulas(report: Report, record: Record, argument: str, letter: str) -> Iterator[tuple[str, Any, Any]]:
    """What a layer computes from a number of its own or of its input: the quantity, the formula, the result."""
    extents = record.input.extents
    letters = EXTENTS[record.input.rank] if len(set(extents)) > 1 else (ANY_EXTENT,) * len(extents)
    shape = Shape(
        tuple(_letter(one, name, holds=argument == "extents") for one, name in zip(extents, letters, strict=True)),
        _letter(record.input.channels, "C", holds=argument == "channels"),
    )
    layer = _traced(record, argument, letter)
    output = Shape(
        tuple(_letter(extent, "O") for extent in record.output.extents), _letter(record.output.channels, "C_out")
    )
    if type(layer).output is Layer.output:
        for one, extent, result in zip(layer.geometry(shape), shape.extents, output.extents, strict=True):
            yield "output", one.output(extent), result
        yield "channels", layer.channels(shape), output.channels
    for name, some in (
        ("params", [array for array in layer.arrays(shape) if array.trainable]),
        ("weights", [array for array in layer.arrays(shape) if array.role == "weight"]),
    ):
        if some and not record.weights_of:
            size = getattr(record.facts, "trainable" if name == "params" else name)
            yield name, total(array.dims for array in some), Written.letter(size, name)
    parts = [product(numbers) for numbers in layer.macs(shape, output._replace(channels=layer.channels(shape)))]
    if parts:
        yield "macs", added(parts), Written.letter(record.macs, "macs")
    yield from _fields(report, record, layer, shape)


def _fields(report: Report, record: Record, layer: Layer, shape: Shape) -> Iterator[tuple[str, Any, Any]]:
    """The receptive field along each axis, where a window widens that of its input."""
    source = record.node.sources[0]
    before = report.records[source - 1].fields if source else infer.image(report.graph).fields
    for read, field, window in zip(before, record.fields, layer.geometry(shape), strict=False):
        if isinstance(window, Window) and len(read.spans) == 1 and read.size is not None and field.size is not None:
            size, _, _ = widened(_letter(read.size, "r_in"), _letter(read.advance, "jump_in"), 0, window)
            yield "rf", size, Written.letter(field.size, "r")


def _traced(record: Record, argument: str, letter: str) -> Layer:
    """The layer in letters, with one of its arguments as the unknown."""
    layer = lettered(record.layer, record.input.rank)
    values = {
        each.name: _trace(getattr(layer, each.name), letter, holds=each.name == argument) for each in layer.arguments
    }
    return type(layer)(rank=layer.rank, **values)


def _trace(value: Any, letter: str, *, holds: bool) -> Any:
    """The numbers of an argument as numbers that remember."""
    if type(value) is tuple:
        return tuple([_trace(part, letter, holds=holds) for part in value])
    if isinstance(value, Written):
        return Traced(value, holds=holds)
    return _letter(value, letter, holds=True) if holds and isinstance(value, int) else value


def _letter(number: Number, letter: str, *, holds: bool = False) -> Traced:
    """A number that a letter stands for."""
    return Traced(Written.letter(number, letter), holds=holds)
