"""The working of every number: each formula in letters, with the numbers put in, and its result.

No formula stands here. The layers themselves are run on numbers that write themselves down (`written.py`);
this module chooses the letters, and puts what was written in order.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from cnncalc.algebra import Algebra, Number, product
from cnncalc.homework.answers import as_json
from cnncalc.infer import DTYPES, Record
from cnncalc.layers.base import Layer
from cnncalc.shapes import (
    AXIS_NAMES,
    SAME_PLACE,
    Divide,
    Field,
    Geometry,
    Interval,
    Shape,
    Spread,
    Whole,
    Window,
    hull,
    widened,
)
from cnncalc.spec.source import Problem, Source, Span, SpecError, did_you_mean
from cnncalc.written import Value, Written, added, as_text, plain, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cnncalc.report import Report

# The letters of the field for the arguments of layers; what is not here goes by its own name.
ARGUMENTS: Final = {
    "block": "R",
    "cells": "P",
    "dilation": "D",
    "filters": "K",
    "groups": "G",
    "kernel": "F",
    "multiplier": "M",
    "output_padding": "OP",
    "padding": "P",
    "size": "O",
    "stride": "S",
    "units": "N_out",
    "window": "F",
}
# A dilation is D already, so that a volume's depth is Z.
EXTENTS: Final = ((), ("L",), ("H", "W"), ("Z", "H", "W"))
# The letter for an extent along any axis.
ANY_EXTENT: Final = "W"
# The named steps that lead to a padding; the others lead to a shape.
PADDINGS: Final = ("P", "P_total", "P_before", "P_after", "extra")
# The first of so many parts are listed one by one.
MOST_LISTED: Final = 3

Result: TypeAlias = "Value | tuple[Number, ...] | None"


class Step(NamedTuple):
    """One line of working: `height, width: (W - F + 2P)/S + 1 = (32 - 5 + 2·2)/1 + 1 = 32`.

    `topic` is one of padding, shape, params, macs, rf, memory. Where there is nothing to compute, `remark`
    says why the result is what it is.
    """

    topic: str
    label: str
    formula: str
    working: str
    result: Result
    remark: str = ""


class Explanation(NamedTuple):
    """The working of all numbers of a layer. Shapes are in the report's layout."""

    layer: str
    kind: str
    config: str
    inputs: tuple[tuple[Number, ...], ...]
    output: tuple[Number, ...]
    sentence: str
    steps: tuple[Step, ...]


def explain(report: Report, layer: str | None = None) -> tuple[Explanation, ...]:
    """The working of one layer, by its name or its number, or of all of them.

    Raises `SpecError` if there is no such layer.
    """
    return tuple(_explain(report, record) for record in chosen(report, layer))


def chosen(report: Report, layer: str | None) -> Sequence[Record]:
    """The layer of that name or number, or all. Raises `SpecError` if there is no such layer."""
    if layer is None:
        return report.records
    for record in report.records:
        if layer in (record.name, str(record.index)):
            return (record,)
    names = [record.name for record in report.records]
    hint = did_you_mean(layer, names) or (
        f"the layers are 1 to {len(names)}, {names[0]} to {names[-1]}"
        if len(names) > 1
        else f"the only layer is {names[0]}"
    )
    raise SpecError([Problem(f"no layer is called {layer!r}", Span(Source("layer", layer), 0, len(layer)), hint)])


def _explain(report: Report, record: Record) -> Explanation:
    """The working of one layer."""
    subject = _Subject(report, record)
    return Explanation(
        record.name,
        record.layer.name,
        record.config,
        tuple(report.dims(shape) for shape in record.node.inputs),
        report.dims(record.output),
        (record.layer.__doc__ or "").partition("\n")[0],
        (*subject.shape(), *subject.params(), *subject.macs(), *subject.field(), *subject.memory()),
    )


def to_dict(explanations: Iterable[Explanation]) -> dict[str, Any]:
    """The working as JSON has it: results as in a report."""
    return {
        "layers": [
            {
                **explanation._asdict(),
                "inputs": as_json(explanation.inputs),
                "output": as_json(explanation.output),
                "steps": [{**step._asdict(), "result": as_json(step.result)} for step in explanation.steps],
            }
            for explanation in explanations
        ]
    }


class _Subject:
    """A layer and its inputs in numbers that write themselves down."""

    def __init__(self, report: Report, record: Record) -> None:
        """Letter everything, and find the shape that is put out."""
        self.report = report
        self.record = record
        self.layer = lettered(record.layer, record.input.rank)
        branches = len(record.node.inputs)
        self.inputs = [
            _letter_shape(shape, f"_{number}" if branches > 1 else "")
            for number, shape in enumerate(record.node.inputs, 1)
        ]
        self.input = self.inputs[0]
        self.geometry = self.layer.geometry(self.input)
        # Whether the output follows from how it reads along the axes.
        self.regular = type(self.layer).output is Layer.output
        self.derived = [Written.literal(dim) for dim in self.layer.output(*self.inputs).dims]
        if self.regular:
            for axis, (one, extent) in enumerate(zip(self.geometry, self.input.extents, strict=True)):
                self.derived[axis] = Written.literal(extent) if one is SAME_PLACE else self.derived[axis]
        letters = [*EXTENTS[record.output.rank], "C" if record.output.rank else "N"]
        own = [dim.named and branches == 1 and dim.formula.text[0].isalpha() for dim in self.derived]
        # A size that the layer only passes on, or is told, keeps its letter.
        self.dims = [
            dim if keeps else Written.letter(dim.value, f"{letter}_out")
            for dim, keeps, letter in zip(self.derived, own, letters, strict=True)
        ]
        self.output = Shape(tuple(self.dims[:-1]), self.dims[-1])

    # Shape and padding.

    def shape(self) -> Iterator[Step]:
        """How every dimension of the output comes about."""
        output, inputs = self.record.output, self.record.node.inputs
        if output in inputs and (len(inputs) > 1 or self.unchanged()):
            remark = "as every branch" if len(inputs) > 1 else "as the input"
            if any(shape != output for shape in inputs):
                remark = f"as branch {inputs.index(output) + 1}; smaller ones are repeated to fit"
            yield Step("shape", "shape", "", "", self.report.dims(output), remark)
            return
        if self.regular:
            axes = [
                [_step("shape", "", extent)] if one is SAME_PLACE else list(_axis(one, extent))
                for one, extent in zip(self.geometry, self.input.extents, strict=True)
            ]
        else:
            axes = [[_step("shape", "", dim)] for dim in self.derived[:-1]]
        yield from _merged(axes, output.rank, EXTENTS[output.rank])
        if not self.regular:
            yield from self.gone()
        yield _step("shape", "channels" if output.rank else "values", self.derived[-1])

    def unchanged(self) -> bool:
        """Whether the layer only passes its input's dimensions on."""
        return [dim.formula for dim in self.derived] == [Written.literal(dim).formula for dim in self.input.dims]

    def gone(self) -> Iterator[Step]:
        """The axes of which one position is left, which reads all of them."""
        if self.record.layer.mixes and any(isinstance(one, Whole) and one.positions == 1 for one in self.geometry):
            positions = Written.literal(product(self.input.extents))
            yield _step("shape", "positions", positions)._replace(remark="all of them become one")

    # Counts.

    def params(self) -> Iterator[Step]:
        """What is learnt, and what is kept without being trained."""
        if self.record.weights_of:
            yield Step("params", "params", "", "", 0, f"it uses the weights of {self.record.weights_of}")
            return
        arrays = [array._replace(dims=self.known(array.dims)) for array in self.layer.arrays(self.input)]
        for label, trainable in (("params", True), ("not trained", False)):
            some = [array for array in arrays if array.trainable == trainable]
            if some:
                names = [array.name for array in some]
                remark = "" if set(names) <= {"kernel", "bias"} else ", ".join(names)
                yield _step("params", label, total(array.dims for array in some))._replace(remark=remark)
            elif trainable:
                yield Step("params", label, "", "", 0, "nothing is trained" if arrays else "it learns nothing")

    def known(self, dims: Iterable[Number]) -> tuple[Written, ...]:
        """Dimensions, those that are computed as the output's are with its letters.

        A dimension of 1 that a layer always has, as the 1x1 of a separable convolution, is left out.
        """
        pairs = zip(self.derived, self.dims, strict=True)
        letters = {dim.formula: letter for dim, letter in pairs if not dim.named and len(dim.factors) == 1}
        written = [Written.literal(dim) for dim in dims]
        return tuple(letters.get(dim.formula, dim) for dim in written if dim.formula.text != "1")

    def macs(self) -> Iterator[Step]:
        """The products that are summed."""
        parts = [product(self.known(numbers)) for numbers in self.layer.macs(self.input, self.output)]
        if parts:
            yield _step("macs", "macs", added(parts))
        else:
            yield Step("macs", "macs", "", "", 0, "it sums no products with weights")

    def memory(self) -> Iterator[Step]:
        """Bytes of what it puts out, and of what it learns."""
        report, facts = self.report, self.record.facts
        size = Written.letter(DTYPES[report.dtype], "bytes")
        unit = f"bytes, as {report.dtype}"
        if facts.activations == 0:
            yield Step("memory", "output memory", "", "", 0, "it puts out no values of its own")
        else:
            values = self.output.size * (size * Written.letter(report.batch, "batch") if report.batch > 1 else size)
            yield _step("memory", "output memory", values)._replace(remark=unit)
        if facts.arrays and not self.record.weights_of:
            count = Written.letter(facts.trainable + facts.non_trainable, "params")
            yield _step("memory", "param memory", count * size)._replace(remark=unit)

    # The receptive field.

    def field(self) -> Iterator[Step]:
        """What a unit sees of the image, along each of its axes."""
        records, sources = self.report.records, self.record.node.sources
        image = self.report.graph.nodes[0].shape.extents
        origin = tuple(Field(((0, 0),), 1, axis, extent) for axis, extent in enumerate(image))
        read = [records[source - 1].fields if source else origin for source in sources]
        axes = [
            list(self.seen([fields[axis] for fields in read], field)) for axis, field in enumerate(self.record.fields)
        ]
        yield from _merged(axes, len(image))

    def seen(self, read: Sequence[Field], field: Field) -> Iterator[Step]:
        """One axis of the image."""
        if len(read) > 1 and all(other == field for other in read):
            yield _size(field, "as every branch's")
        elif len(read) > 1:
            yield from _branches(read, field)
        else:
            before, geometry = read[0], self.record.layer.geometry(self.record.input)
            window = geometry[before.along] if before.along is not None and geometry else SAME_PLACE
            if window is SAME_PLACE and before == field and field.spans:
                yield _size(field, "as its input's")
            elif isinstance(window, Window) and window is not SAME_PLACE and _is_simple(before):
                yield from _through(before, window, field)
            else:
                yield _size(field, _in_words(field))


# Letters.


def lettered(layer: Layer, rank: int) -> Layer:
    """The layer with its arguments as letters; what a spec need not say, such as a single group, stays a number."""
    written = {}
    for argument in layer.arguments:
        value = getattr(layer, argument.name)
        silent = not argument.required and not argument.always and value == argument.default_of(layer)
        letter = ARGUMENTS.get(argument.name, argument.name)
        written[argument.name] = value if silent else _letter(value, letter, rank)
    return type(layer)(rank=layer.rank, **written)


def _letter(value: Any, letter: str, rank: int) -> Any:
    """A number, or the numbers of a size, as letters; those that differ along the axes tell for which they are."""
    if isinstance(value, (int, Algebra)) and not isinstance(value, bool):
        return Written.letter(value, letter)
    if type(value) is not tuple:
        return value
    if all(part == value[0] for part in value):
        letters = [letter] * len(value)
    else:
        axes = [axis.lower() for axis in EXTENTS[rank]]
        names = axes if len(axes) == len(value) else map(str, range(1, len(value) + 1))
        letters = [f"{letter}_{name}" for name in names]
    return tuple(
        _letter_cells(part, own) if isinstance(part, tuple) else _letter(part, own, rank)
        for part, own in zip(value, letters, strict=True)
    )


def _letter_cells(cells: tuple[Number, Number], letter: str) -> tuple[Written, Written]:
    """Cells before and after."""
    before, after = cells
    names = (letter, letter) if before == after else (f"{letter}_before", f"{letter}_after")
    return Written.letter(before, names[0]), Written.letter(after, names[1])


def _letter_shape(shape: Shape, suffix: str) -> Shape:
    """A shape that goes in; the channels of a branch have its number."""
    extents = tuple(map(Written.letter, shape.extents, EXTENTS[shape.rank]))
    return Shape(extents, Written.letter(shape.channels, f"C{suffix}" if shape.rank else f"N_in{suffix}"))


# Steps.


def _step(topic: str, label: str, number: Number) -> Step:
    """The step that ends in a number."""
    written = Written.literal(number)
    return Step(topic, label, written.formula.text, written.working.text, written.value)


def _merged(axes: Sequence[Sequence[Step]], rank: int, letters: Sequence[str] = ()) -> Iterator[Step]:
    """The steps of all axes; axes with the same ones have them together.

    A step without a label is that of the axis itself, and gets its name. Where several axes go together,
    their extents all are W.
    """
    general = [
        [step._replace(formula=re.sub(rf"\b{letters[axis]}\b", ANY_EXTENT, step.formula)) for step in steps]
        if letters
        else list(steps)
        for axis, steps in enumerate(axes)
    ]
    done: list[list[Step]] = []
    for axis, steps in enumerate(general):
        if steps in done:
            continue
        done.append(steps)
        members = [other for other, some in enumerate(general) if some == steps]
        name = ", ".join(AXIS_NAMES[rank][member] for member in members)
        for step in steps if len(members) > 1 else axes[axis]:
            alone = len(members) == len(axes)
            yield step._replace(label=(step.label if alone else f"{step.label}, {name}") if step.label else name)


def _axis(geometry: Geometry, extent: Number) -> Iterator[Step]:
    """How the output's extent comes about along one axis: first what its padding comes to."""
    steps: tuple[Any, ...] = ()
    if isinstance(geometry, (Window, Spread)):
        geometry, steps = _settled(geometry)
    output = Written.literal(geometry.output(extent))
    for step in dict.fromkeys((*steps, *output.steps)):
        yield Step("padding" if step.name.endswith(PADDINGS) else "shape", *step)
    yield _step("shape", "", output)._replace(remark=_remark(geometry, extent))


def _settled(geometry: Window | Spread) -> tuple[Window | Spread, tuple[Any, ...]]:
    """A window whose padding has letters, and the steps that lead to it."""
    steps: list[Any] = []
    if geometry.before == geometry.after:
        before = after = _letter_step(geometry.before, "P", steps)
    else:
        before = _letter_step(geometry.before, "P_before", steps)
        after = _letter_step(geometry.after, "P_after", steps)
    geometry = geometry._replace(before=before, after=after)
    if isinstance(geometry, Spread):
        geometry = geometry._replace(extra=_letter_step(geometry.extra, "extra", steps))
    return geometry, tuple(steps)


def _letter_step(number: Number, letter: str, steps: list[Any]) -> Number:
    """The number as a letter; how it was computed is added to the steps."""
    written = Written.literal(number)
    if not written.named:
        written = written.as_step(letter)
        steps += written.steps
    return Written.letter(number, written.formula.text if isinstance(number, Written) else letter)


def _remark(geometry: Geometry, extent: Number) -> str:
    """What there is to say about an axis besides its formula."""
    match geometry:
        case Window(ceil=True):
            return "rounded up; no window may start beyond the input"
        case Window():
            rest = plain(geometry.leftover(extent))
            return f"remainder {rest}: the windows do not tile the input" if isinstance(rest, int) and rest else ""
        case Divide():
            return _parts(Divide(plain(geometry.extent), plain(geometry.cells)))
        case _:
            return ""


def _parts(parts: Divide) -> str:
    """Which cells the parts read."""
    if isinstance(parts.extent, Algebra) or isinstance(parts.cells, Algebra):
        return ""
    shown = [parts.taps(number) for number in range(min(parts.extent, MOST_LISTED))]
    listed = ", ".join(f"{cells[0]}..{cells[-1]}" for cells in shown)
    return f"the parts read the cells {listed}{', ...' if parts.extent > MOST_LISTED else ''}"


# Receptive fields.


def _size(field: Field, remark: str) -> Step:
    """The size of a field without working."""
    return Step("rf", "rf size", "", "", field.size, remark)


def _is_simple(field: Field) -> bool:
    """Whether one interval and one step tell everything, as behind ordinary convolutions."""
    return len(field.spans) == 1 and field.spans[0] is not None and field.along is not None and field.advance != 0


def _through(before: Field, window: Window, field: Field) -> Iterator[Step]:
    """The recurrence from the field that a window reads: size, stride (also called jump), start, and centre."""
    letter = Written.letter
    first, last = _first(before.spans)
    lettered = Window(
        letter(window.effective, "F" if window.dilation == 1 else "F_eff"),
        letter(window.stride, "S"),
        before=letter(window.before, "P" if window.before == window.after else "P_before"),
    )
    size, jump, start = letter(last - first + 1, "r_in"), letter(before.advance, "jump_in"), letter(first, "start_in")
    found = widened(size, jump, start, lettered)
    for name, number in zip(("size", "stride", "start"), found, strict=True):
        yield _step("rf", f"rf {name}", number)
    half = Written.literal(letter(found[0], "r") - 1) / 2
    center = letter(found[2], "start") + half
    yield _step("rf", "rf center", center)._replace(result=field.center)


def _branches(read: Sequence[Field], field: Field) -> Iterator[Step]:
    """The field of a merge: from the smallest first pixel of the branches to the largest last one."""
    spans = [other.spans[0] for other in read if _is_simple(other)]
    if len({other.advance for other in read}) > 1 or len(spans) < len(read) or field.spans != (hull(spans),):
        yield _size(field, _in_words(field))
        return
    first, last = _first(field.spans)
    for label, function, end in (("rf first", "min", 0), ("rf last", "max", 1)):
        ends = ", ".join(as_text(span[end]).text for span in spans if span is not None)
        result = (first, last)[end]
        yield Step("rf", label, f"{function} over the branches", f"{function}({ends})", result)
    yield _step("rf", "rf size", Written.letter(last, "last") - Written.letter(first, "first") + 1)


def _first(spans: Sequence[Interval | None]) -> Interval:
    """The first interval, where it is known to be there."""
    (span, *_) = spans
    assert span is not None
    return span


def _in_words(field: Field) -> str:
    """A field that no recurrence tells: what is seen by which positions."""
    spans = [span for span in field.spans if span is not None]
    if not spans:
        return f"one value's is not known; all of them together see the pixels {_pixels(field.reach)}"
    if field.along is None:
        return f"the values have lost their places; all of them together see the pixels {_pixels(field.reach)}"
    if field.advance == 0:
        return f"every value sees the pixels {_pixels(field.spans[0])}"
    moved = f"{as_text(field.advance).text} {'pixel' if field.advance == 1 else 'pixels'} further"
    if len(field.spans) == 1:
        return f"position 0 sees the pixels {_pixels(field.spans[0])}, and each next one sees {moved}"
    listed = ", ".join(_pixels(span) for span in field.spans[:MOST_LISTED])
    more = ", ..." if len(field.spans) > MOST_LISTED else ""
    return f"the positions see the pixels {listed}{more}; {len(field.spans)} positions on, {moved}"


def _pixels(span: Interval | None) -> str:
    """An interval of the image."""
    return "none" if span is None else f"{as_text(span[0]).text}..{as_text(span[1]).text}"


# Text.
