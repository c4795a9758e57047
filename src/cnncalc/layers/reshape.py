"""Values under another name or in another place: reshaped, permuted, padded, cropped, sliced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from cnncalc.algebra import Number, ceil_div, product, same
from cnncalc.forward.tensor import Position, Tensor, Weights, build
from cnncalc.layers.arguments import (
    ALL_LETTERS,
    LETTERS,
    Cells,
    Choice,
    Count,
    Decimal,
    Dims,
    Letters,
    Part,
    Size,
)
from cnncalc.layers.base import Layer, LayerError, arg, layer, partial_kind
from cnncalc.prose import counted
from cnncalc.shapes import AXIS_NAMES, SAME_PLACE, Field, Geometry, Shape, Whole, Window, hull, join
from cnncalc.spec.expressions import Items, Pair


@partial_kind
class Renamed(Layer):
    """The same values in the same order, in another shape."""

    mixes = False

    def renames(self, shape: Shape) -> bool:  # noqa: ARG002
        """It puts out no values of its own."""
        return True

    def fields(self, fields: Sequence[tuple[Field, ...]], inputs: Sequence[Shape], output: Shape) -> tuple[Field, ...]:
        """Those of the input, as far as its positions are still to be found in the output."""
        (read,), (shape,) = fields, inputs
        return tuple(_moved(field, shape, output) for field in read)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """The same values."""
        (x,) = inputs
        return Tensor(self.output(x.shape).dims, x.values)  # type: ignore[arg-type]  # a tensor has no symbols


def _moved(field: Field, before: Shape, after: Shape) -> Field:
    """The field of the same values in another shape.

    An axis is still there if the output has one of the same extent, with as many values behind it.
    """
    if field.along is None or field.advance == 0 or before == after:
        return field
    extent = before.extents[field.along]
    if extent == 1:
        return Field((field.span(0),), 0, 0, field.extent)
    behind = product(before.dims[field.along + 1 :])
    for axis, other in enumerate(after.extents):
        if other == extent and product(after.dims[axis + 1 :]) == behind:
            return field._replace(along=axis)
    return field.scattered(extent)


@layer("flatten", keras="Flatten", torch="Flatten")
class Flatten(Renamed):
    """All values as one vector, channels fastest."""

    counted_as = "Tensor"

    def output(self, *inputs: Shape) -> Shape:
        """As many as there are."""
        return Shape((), inputs[0].size)


@layer("reshape", keras="Reshape", torch="Unflatten")
class Reshape(Renamed):
    """The same values as a tensor of another size."""

    counted_as = "Tensor"

    size: Size = arg("size of the output, channels last", Dims(), positional=True)

    def check(self, *inputs: Shape) -> None:
        """No value too many, none too few."""
        super().check(*inputs)
        (shape,) = inputs
        size = self.output(shape).size
        # Two formulas may be equal without looking so: what counts is whether they surely differ.
        if size < shape.size or size > shape.size:
            raise LayerError(f"{shape} has {counted(shape.size, 'value')}, but {join(self.size)} has {size}", at="size")

    def output(self, *inputs: Shape) -> Shape:  # noqa: ARG002
        """The size asked for."""
        return Shape(self.size[:-1], self.size[-1])


@layer("identity", keras="Identity", torch="Identity")
class Identity(Renamed):
    """What goes in comes out."""


@layer("dropout", keras="Dropout", torch="Dropout")
class Dropout(Renamed):
    """Zeroes a part of the values in training; outside of training it does nothing."""

    rate: float = arg("the part of the values that is dropped", Decimal(0, 1), 0.5, positional=True, always=True)


@layer("permute", keras="Permute", torch=None)
class Permute(Layer):
    """The axes in another order: `permute c h w` puts the channels first."""

    mixes = False
    counted_as = "Tensor"

    axes: tuple[str, ...] = arg("the new order, by letter", Letters(), positional=True)

    def check(self, *inputs: Shape) -> None:
        """Each axis stands there once."""
        super().check(*inputs)
        (shape,) = inputs
        letters = LETTERS[shape.rank]
        if sorted(self.axes) != sorted(letters):
            message = (
                f"the axes of {shape.described()} are {', '.join(letters)}, each once; found {' '.join(self.axes)}"
            )
            raise LayerError(message, at="axes")

    def order(self, shape: Shape) -> list[int]:
        """For each dimension of the output, which of the input it is."""
        return [LETTERS[shape.rank].index(letter) for letter in self.axes]

    def output(self, *inputs: Shape) -> Shape:
        """The dimensions in the new order."""
        (shape,) = inputs
        dims = tuple(shape.dims[axis] for axis in self.order(shape))
        return Shape(dims[:-1], dims[-1])

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """What a position of the output reads does not lie along the axes in their old order: anything at all."""
        if self.order(shape) == list(range(shape.rank + 1)):
            return (SAME_PLACE,) * shape.rank
        return tuple(Whole(extent, new) for extent, new in zip(shape.extents, self.output(shape).extents, strict=True))

    def fields(self, fields: Sequence[tuple[Field, ...]], inputs: Sequence[Shape], output: Shape) -> tuple[Field, ...]:
        """Along the axes where they are now; along the channels there are no positions."""
        (read,), (shape,) = fields, inputs
        order = self.order(shape)
        moved = []
        for field in read:
            axis = None if field.along is None or field.advance == 0 else order.index(field.along)
            if axis is None:
                moved.append(field)
            elif axis < output.rank:
                moved.append(field._replace(along=axis))
            else:
                moved.append(field.unknown(field.everywhere(shape.extents[order[axis]]).spans[0]))
        return tuple(moved)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """Each value in its new place."""
        (x,) = inputs
        order = self.order(x.shape)
        old_places = [order.index(axis) for axis in range(len(order))]

        def value(position: Position, channel: int) -> Any:
            index = (*position, channel)
            return x[tuple(index[place] for place in old_places)]

        return build(self.output(x.shape), value)


@partial_kind
class Edges(Layer):
    """Cells added or taken away at the edges."""

    mixes = False

    cells: tuple[tuple[Number, Number], ...] = arg(
        "cells at every edge: `1`, `1x2`, `0:1` before and after", Cells(), positional=True, always=True
    )
    # In a spec it is `channels=8:8`; `output` does not need the method that has this name elsewhere.
    channels: tuple[tuple[Number, Number], ...] = arg(  # type: ignore[assignment]
        "cells before and after the channels", Cells(), ((0, 0),)
    )

    def check(self, *inputs: Shape) -> None:
        """A vector has no edges but those of its channels."""
        super().check(*inputs)
        (shape,) = inputs
        if shape.rank == 0 and not all(same(number, 0) for pair in self.cells for number in pair):
            hint = f"`{self.kind} 0 channels={Cells().show(self.cells, 0)}` speaks of its values"
            raise LayerError(f"{shape.described()} has no axis with edges", at="cells", hint=hint)
        if len(self.channels) > 1:
            raise LayerError("there is but one axis of channels", at="channels")

    def edges(self, shape: Shape) -> tuple[tuple[Number, Number], ...]:
        """Cells before and after, for each axis and for the channels."""
        return (*self.fit(self.cells, shape, "cells"), *self.channels)

    def named(self, shape: Shape) -> Iterator[tuple[str, str, Number, tuple[Number, Number]]]:
        """For each dimension: the argument that speaks of it, its name, its extent, and the cells."""
        names = (*AXIS_NAMES[shape.rank], "channels")
        for name, extent, cells in zip(names, shape.dims, self.edges(shape), strict=True):
            yield "channels" if name == "channels" else "cells", name, extent, cells


@layer("pad", keras="ZeroPadding{rank}D", torch="ZeroPad{rank}d")
class Pad(Edges):
    """Adds cells at the edges: zeros, another `value`, or what the map itself has near its edges."""

    mode: str = arg(
        "what the cells hold: zeros; the map mirrored at its edge; its edge repeated; the map from the other side",
        Choice(("zeros", "reflect", "replicate", "circular")),
        "zeros",
        words={"reflect": "reflect", "replicate": "replicate", "circular": "circular"},
    )
    value: float = arg("the number in the cells, if it is not zero", Decimal(-1e30, 1e30), 0.0)

    def check(self, *inputs: Shape) -> None:
        """The map has as much as is taken from it."""
        super().check(*inputs)
        if self.mode != "zeros" and self.value:
            raise LayerError(
                f"`{self.mode}` fills the cells from the map, so that no `value` can stand there", at="value"
            )
        for argument, name, extent, cells in self.named(inputs[0]):
            for number in cells:
                if self.mode == "reflect" and number >= extent:
                    message = f"`reflect` padding {number} must be smaller than the input's {name} of {extent}"
                    raise LayerError(message, at=argument)
                if self.mode == "circular" and number > extent:
                    message = f"`circular` padding {number} cannot be more than the input's {name} of {extent}"
                    raise LayerError(message, at=argument)

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """A window of 1 with padding; where the padding comes from the map is not told."""
        return tuple(Window(1, before=before, after=after) for before, after in self.edges(shape)[:-1])

    def output(self, *inputs: Shape) -> Shape:
        """W + before + after, and so the channels."""
        (shape,) = inputs
        dims = tuple(
            extent + (before + after) for extent, (before, after) in zip(shape.dims, self.edges(shape), strict=True)
        )
        return Shape(dims[:-1], dims[-1])

    def source(self, place: int, extent: int) -> int:
        """The place in the map that a place at or beyond its edges takes its value from; -1: none."""
        match self.mode:
            case "reflect":
                return abs(place) if place < extent else 2 * (extent - 1) - place
            case "replicate":
                return min(max(place, 0), extent - 1)
            case "circular":
                return place % extent
            case _:
                return place if place < extent else -1

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """Each value in its new place."""
        (x,) = inputs
        before = [cells[0] for cells in self.edges(x.shape)]
        filler = int(self.value) if self.value == int(self.value) else self.value

        def value(position: Position, channel: int) -> Any:
            places = zip((*position, channel), before, x.dims, strict=True)
            return x.read(tuple(self.source(i - first, extent) for i, first, extent in places), filler)  # type: ignore[arg-type]

        return build(self.output(x.shape), value)


@layer("crop", keras="Cropping{rank}D", torch=None)
class Crop(Edges):
    """Takes cells away at the edges."""

    counted_as = "Tensor"

    def check(self, *inputs: Shape) -> None:
        """Something is left."""
        super().check(*inputs)
        for argument, name, extent, (before, after) in self.named(inputs[0]):
            if before + after >= extent:
                plural = "are" if name == "channels" else "is"
                has = f"the input's {name} {plural} {extent}"
                raise LayerError(f"cropping {before} before and {after} after leaves nothing: {has}", at=argument)

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """A window of 1 that starts, and ends, inside the map."""
        return tuple(Window(1, before=-before, after=-after) for before, after in self.edges(shape)[:-1])

    def output(self, *inputs: Shape) -> Shape:
        """W - (before + after), and so the channels."""
        (shape,) = inputs
        dims = tuple(
            extent - (before + after) for extent, (before, after) in zip(shape.dims, self.edges(shape), strict=True)
        )
        return Shape(dims[:-1], dims[-1])

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """Each value in its new place."""
        (x,) = inputs
        before = [cells[0] for cells in self.edges(x.shape)]

        def value(position: Position, channel: int) -> Any:
            return x[tuple(i + first for i, first in zip((*position, channel), before, strict=True))]  # type: ignore[misc]

        return build(self.output(x.shape), value)


@layer("slice", keras=None, torch=None)
class Slice(Layer):
    """Keeps a part of the channels, or of another axis."""

    mixes = False
    counted_as = "Tensor"

    part: Pair | Items | None = arg(
        "what is kept, counted from 0: `0:32` is up to 31; `0,1,5`; all if left out", Part(), None, positional=True
    )
    axis: str = arg("the axis, by letter: `h w` of an image, `c` the channels", Choice(ALL_LETTERS), "c")
    step: Number = arg("only every so many of the range", Count(), 1)

    def check(self, *inputs: Shape) -> None:
        """The axis is there, and has what is kept."""
        super().check(*inputs)
        (shape,) = inputs
        letters = LETTERS[shape.rank]
        if self.axis not in letters:
            message = f"{shape.described()} has no axis `{self.axis}`; it has {', '.join(f'`{x}`' for x in letters)}"
            raise LayerError(message, at="axis")
        if isinstance(self.part, Items):
            if not same(self.step, 1):
                raise LayerError("`step` goes with a range such as `0:32`, not with a list", at="step")
            last: Number = max(self.part.numbers)
        else:
            last = self.range(shape)[1] - 1
        extent = shape.dims[self.place(shape)]
        if last >= extent:
            name = (*AXIS_NAMES[shape.rank], "channels")[self.place(shape)]
            few = f"the input's {name} {'are' if name == 'channels' else 'is'} {extent}"
            raise LayerError(f"{few}, counted 0 to {extent - 1}; there is no {last}", at="part")

    def place(self, shape: Shape) -> int:
        """The dimension that is sliced."""
        return LETTERS[shape.rank].index(self.axis)

    def range(self, shape: Shape) -> tuple[Number, Number]:
        """The first that is kept, and the one behind the last."""
        return (
            (self.part.before, self.part.after) if isinstance(self.part, Pair) else (0, shape.dims[self.place(shape)])
        )

    def count(self, shape: Shape) -> Number:
        """How many are kept."""
        if isinstance(self.part, Items):
            return len(self.part.numbers)
        first, stop = self.range(shape)
        return stop - first if self.step == 1 else ceil_div(stop - first, self.step)

    def window(self, shape: Shape) -> Geometry:
        """The window of 1 that reads what is kept; the whole axis for a list without a step of its own."""
        extent, count = shape.dims[self.place(shape)], self.count(shape)
        if isinstance(self.part, Items):
            numbers = self.part.numbers
            first, step = numbers[0], (numbers[1] - numbers[0] if len(numbers) > 1 else 1)
            if step < 1 or any(later - number != step for number, later in pairwise(numbers)):
                return Whole(extent, count)
        else:
            first, step = self.range(shape)[0], self.step  # type: ignore[assignment]  # numbers, if not all integers
        # It ends with the last that is kept, so that no cell is left over.
        return Window(1, step, before=-first, after=first + (count - 1) * step + 1 - extent)

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """The window along its axis; the other axes stay."""
        place = self.place(shape)
        return tuple(self.window(shape) if axis == place else SAME_PLACE for axis in range(shape.rank))

    def output(self, *inputs: Shape) -> Shape:
        """As many along the axis as are kept."""
        (shape,) = inputs
        dims = list(shape.dims)
        dims[self.place(shape)] = self.count(shape)
        return Shape(tuple(dims[:-1]), dims[-1])

    def fields(self, fields: Sequence[tuple[Field, ...]], inputs: Sequence[Shape], output: Shape) -> tuple[Field, ...]:
        """Through the window; the positions that an irregular list keeps have no places any more."""
        (shape,) = inputs
        place = self.place(shape)
        if place == shape.rank or not isinstance(self.window(shape), Whole):
            return super().fields(fields, inputs, output)
        numbers = self.part.numbers if isinstance(self.part, Items) else ()
        return tuple(
            field._replace(along=None, reach=hull(field.span(number) for number in numbers))
            if field.along == place and field.advance != 0
            else field
            for field in fields[0]
        )

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """What is kept."""
        (x,) = inputs
        place = self.place(x.shape)
        first, _ = self.range(x.shape)
        numbers = self.part.numbers if isinstance(self.part, Items) else None

        def value(position: Position, channel: int) -> Any:
            index = [*position, channel]
            index[place] = numbers[index[place]] if numbers else first + index[place] * self.step  # type: ignore[assignment]
            return x[tuple(index)]

        return build(self.output(x.shape), value)
