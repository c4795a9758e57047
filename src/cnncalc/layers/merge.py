"""Layers that merge branches: value by value, and channels side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.algebra import Number, larger, may_equal, same
from cnncalc.forward.tensor import Position, Tensor, Weights, build, divide, largest, total
from cnncalc.layers.base import Layer, LayerError, layer, merged, partial_kind
from cnncalc.shapes import Field, Shape, join


@partial_kind
class Merge(Layer):
    """Several tensors in, one out."""

    merges = True

    def check(self, *inputs: Shape) -> None:
        """The branches go together."""
        super().check(*inputs)
        self.output(*inputs)

    def fields(self, fields: Sequence[tuple[Field, ...]], inputs: Sequence[Shape], output: Shape) -> tuple[Field, ...]:
        """What all branches read together."""
        spread = [
            tuple(_broadcast(field, shape, output) for field in read)
            for read, shape in zip(fields, inputs, strict=True)
        ]
        return merged(spread, output)


def _merged(one: Number, other: Number) -> Number | None:
    """What an extent becomes together with another: the larger of them if either is 1; None if they differ."""
    if one == 1:
        return other
    if other in (1, one):
        return one
    # Of a range it is not known whether it is 1.
    return larger(one, other) if may_equal(one, other) or may_equal(one, 1) or may_equal(other, 1) else None


def _broadcast(field: Field, shape: Shape, output: Shape) -> Field:
    """The field of a branch that is repeated along an axis: every position reads what the only one does."""
    if shape.rank == 0:
        return field if output.rank == 0 or field.along is not None else field.everywhere(1)
    if field.along is None:
        return field
    extent = shape.extents[field.along]
    # Of a range that begins behind 1, no more need be known.
    if not may_equal(extent, 1) or same(extent, output.extents[field.along]):
        return field
    return Field((field.span(0),), 0, 0, field.extent)


@partial_kind
class Elementwise(Merge):
    """Value by value: of equal shapes, or with extents of 1 that are repeated to fit (a vector fits any map)."""

    def output(self, *inputs: Shape) -> Shape:
        """The largest of each dimension. Raises `LayerError` where two differ and neither is 1."""
        largest_rank = max(inputs, key=lambda shape: shape.rank)
        place = next(number for number, shape in enumerate(inputs, 1) if shape.rank == largest_rank.rank)
        dims = list(largest_rank.dims)
        for number, shape in enumerate(inputs, 1):
            if shape.rank not in {0, largest_rank.rank}:
                raise self.differ(inputs, number, place)
            for axis, extent in enumerate(shape.dims, len(dims) - len(shape.dims)):
                merged = _merged(dims[axis], extent)
                if merged is None:
                    raise self.differ(inputs, number, place)
                dims[axis] = merged
        return Shape(tuple(dims[:-1]), dims[-1])

    def differ(self, inputs: Sequence[Shape], number: int, place: int) -> LayerError:
        """The branch of that number does not go with an earlier one, or with the one that `place` tells."""
        other = next((i for i in (1, place, 2) if i != number and _differ(inputs[i - 1], inputs[number - 1])), place)
        return _mismatch(self, inputs, *sorted((other, number)))

    def merged(self, values: list[Any]) -> Any:
        """The value from those of the branches."""
        raise NotImplementedError

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """Value by value."""

        def value(position: Position, channel: int) -> Any:
            return self.merged([_read(x, position, channel) for x in inputs])

        return build(self.output(*(x.shape for x in inputs)), value)


def _differ(left: Shape, right: Shape) -> bool:
    """Whether two shapes cannot be broadcast together."""
    if left.rank != right.rank and left.rank and right.rank:
        return True
    pairs = zip(reversed(left.dims), reversed(right.dims), strict=False)
    return any(a != b and 1 not in (a, b) for a, b in pairs)


def _read(x: Tensor, position: Position, channel: int) -> Any:
    """The value at a position of the output; where a tensor has an extent of 1, there is but one."""
    place = position if len(x.dims) > 1 else ()
    index = (*place, channel)
    return x[tuple(i if extent != 1 else 0 for i, extent in zip(index, x.dims, strict=True))]


def _mismatch(merge: Layer, inputs: Sequence[Shape], first: int, second: int) -> LayerError:
    """Both shapes, with the numbers of their branches."""
    left, right = inputs[first - 1], inputs[second - 1]
    message = f"the branches of `{merge.name}` differ: {left} (branch {first}) and {right} (branch {second})"
    return LayerError(message, hint=_crop_hint({first: left, second: right}))


def _crop_hint(shapes: dict[int, Shape]) -> str:
    """Where one map is larger on all sides, how to crop it, as U-Net does."""
    small, large = sorted(shapes, key=lambda number: _first_extent(shapes[number]))
    extents = list(zip(shapes[large].extents, shapes[small].extents, strict=False))
    if shapes[small].rank != shapes[large].rank or not extents:
        return ""
    if not all(isinstance(extent, int) for pair in extents for extent in pair):
        return ""
    cuts = [(whole - part) // 2 for whole, part in extents]
    if any(whole - part != 2 * cut or cut < 1 for (whole, part), cut in zip(extents, cuts, strict=True)):
        return ""
    cells = str(cuts[0]) if len(set(cuts)) == 1 else join(cuts)
    return f"`crop {cells}` at the end of branch {large} makes the extents equal"


def _first_extent(shape: Shape) -> int:
    return shape.extents[0] if shape.extents and isinstance(shape.extents[0], int) else 0


@layer("add", keras="Add", torch=None)
class Add(Elementwise):
    """The sum of the branches."""

    def merged(self, values: list[Any]) -> Any:
        """The sum."""
        return total(values)


@layer("multiply", keras="Multiply", torch=None)
class Multiply(Elementwise):
    """The product of the branches."""

    def merged(self, values: list[Any]) -> Any:
        """The product."""
        result = values[0]
        for value in values[1:]:
            result = result * value
        return result


@layer("average", keras="Average", torch=None)
class Average(Elementwise):
    """The mean of the branches."""

    def merged(self, values: list[Any]) -> Any:
        """The mean."""
        return divide(total(values), len(values))


@layer("maximum", keras="Maximum", torch=None)
class Maximum(Elementwise):
    """The largest value of the branches."""

    def merged(self, values: list[Any]) -> Any:
        """The largest."""
        return largest(values)


@layer("concat", keras="Concatenate", torch=None)
class Concat(Merge):
    """The channels of the branches side by side; the extents are equal."""

    def output(self, *inputs: Shape) -> Shape:
        """The sum of the channels. Raises `LayerError` where extents differ."""
        first = inputs[0]
        channels: Number = first.channels
        for number, shape in enumerate(inputs[1:], 2):
            if shape.rank != first.rank or not all(map(same, shape.extents, first.extents)):
                raise _mismatch(self, inputs, 1, number)
            channels = channels + shape.channels
        return Shape(first.extents, channels)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """At each position the channels of the first branch, then those of the next."""
        values: list[Any] = []
        for number in range(len(inputs[0].values) // inputs[0].dims[-1]):
            for x in inputs:
                values += x.values[number * x.dims[-1] : (number + 1) * x.dims[-1]]
        return Tensor((*inputs[0].dims[:-1], sum(x.dims[-1] for x in inputs)), values)
