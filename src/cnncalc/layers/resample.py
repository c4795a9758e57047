"""Maps made larger or smaller without weights, and values moved between channels and positions."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

from cnncalc.algebra import Number, whole
from cnncalc.forward.tensor import Position, Tensor, Weights, build, divide, dot, windowed
from cnncalc.layers.arguments import Choice, Count, Factor, Size, Sizes
from cnncalc.layers.base import Layer, LayerError, arg, check_groups, layer, partial_kind
from cnncalc.layers.conv import MAPS
from cnncalc.prose import counted
from cnncalc.shapes import AXIS_NAMES, Geometry, Shape, Stretch, Window


@partial_kind
class Resampled(Layer):
    """A map stretched along its axes: the nearest value, or between the nearest ones."""

    mixes = False
    ranks = MAPS

    mode: str = arg(
        "the nearest value, or linear between neighbours (half-pixel centres, edges repeated)",
        Choice(("nearest", "bilinear")),
        "nearest",
        words={"nearest": "nearest", "bilinear": "bilinear"},
    )

    def stretches(self, shape: Shape) -> tuple[Stretch, ...]:
        """How many positions of the output go with how many of the input, along each axis."""
        raise NotImplementedError

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """The same."""
        return self.stretches(shape)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """Each value from the cells around it, by how near they are."""
        (x,) = inputs
        output = self.output(x.shape)
        tables = [
            [_taps(stretch, place, cells) for place in range(whole(places))]
            for stretch, cells, places in zip(self.stretches(x.shape), x.dims, output.extents, strict=False)
        ]

        def value(position: Position, channel: int) -> Any:
            axes = [table[place] for table, place in zip(tables, position, strict=True)]
            pairs = [
                (prod(share for _, share in taps), x[(*(cell for cell, _ in taps), channel)]) for taps in product(*axes)
            ]
            if len(pairs) == 1:
                return pairs[0][1]
            return divide(dot(pairs), prod(sum(share for _, share in axis) for axis in axes))

        return build(output, value)


def _taps(stretch: Stretch, position: int, cells: int) -> list[tuple[int, int]]:
    """The cells that a position reads along an axis, the last ones for those beyond the edge, and their shares."""
    near = [min(max(cell, 0), cells - 1) for cell in stretch.taps(position)]
    return list(zip(near, _shares(stretch, position), strict=True))


def _shares(stretch: Stretch, position: int) -> list[int]:
    """How much each tap counts, as whole numbers: what is nearer counts more. A single one counts once."""
    if len(stretch.taps(position)) == 1:
        return [1]
    whole = 2 * stretch.positions
    later = ((2 * position + 1) * stretch.cells - stretch.positions) % whole
    return [whole - later, later]


@layer("upsample", keras="UpSampling{rank}D", torch="Upsample")
class Upsample(Resampled):
    """Makes a map larger by a factor: floor(W*factor)."""

    factor: tuple[Any, ...] = arg("how many times larger, `2`, `2x3` or `1.5`", Factor(), positional=True)

    def check(self, *inputs: Shape) -> None:
        """Something is left."""
        super().check(*inputs)
        (shape,) = inputs
        for stretch, extent, axis in zip(self.stretches(shape), shape.extents, AXIS_NAMES[shape.rank], strict=True):
            if stretch.output(extent) < 1:
                raise LayerError(f"the factor leaves nothing of the input's {axis} of {extent}", at="factor")

    def stretches(self, shape: Shape) -> tuple[Stretch, ...]:
        """The factor, as a fraction."""
        return tuple(
            Stretch(getattr(factor, "numerator", factor), getattr(factor, "denominator", 1), self.mode == "bilinear")
            for factor in self.fit(self.factor, shape, "factor")
        )


@layer("resize", keras="Resizing", torch="Upsample")
class Resize(Resampled):
    """Makes a map larger or smaller, to a size."""

    counted_as = "UpsampleTo"

    size: Size = arg("size of the output", Sizes(), positional=True)

    def stretches(self, shape: Shape) -> tuple[Stretch, ...]:
        """The two sizes."""
        sizes = self.fit(self.size, shape, "size")
        return tuple(
            Stretch(size, extent, self.mode == "bilinear", size)  # type: ignore[arg-type]  # symbols are not tabulated
            for size, extent in zip(sizes, shape.extents, strict=True)
        )


@partial_kind
class Block(Layer):
    """Values moved between the channels and a block of positions."""

    ranks = MAPS

    block: Number = arg("extent of the block along every axis", Count(), positional=True)


@partial_kind
class FromDepth(Block):
    """Each position becomes a block of positions, whose values lay in the channels."""

    def check(self, *inputs: Shape) -> None:
        """The channels fill whole blocks."""
        super().check(*inputs)
        (shape,) = inputs
        values = prod([self.block] * shape.rank)
        if shape.channels % values > 0:
            text = "x".join([str(self.block)] * shape.rank)
            do = "does" if shape.channels == 1 else "do"
            channels = counted(shape.channels, "channel")
            raise LayerError(f"{channels} {do} not fill blocks of {text} = {values}", at="block")

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """The positions of a block read one position."""
        return (Stretch(self.block, 1),) * shape.rank  # type: ignore[arg-type]  # symbols are not tabulated

    def channels(self, shape: Shape) -> Number:
        """C / R**2 of an image."""
        return shape.channels // prod([self.block] * shape.rank)

    def source(self, number: int, channel: int, values: int, channels: int) -> int:
        """The channel of the input that holds place `number` of a block of so many `values`, in one of `channels`."""
        raise NotImplementedError

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """Position by position."""
        (x,) = inputs
        shape = self.output(x.shape)
        block, values = self.block, x.dims[-1] // shape.channels

        def value(position: Position, channel: int) -> Any:
            number = 0
            for place in position:
                number = number * block + place % block  # type: ignore[assignment]
            cell = tuple(place // block for place in position)
            return x[(*cell, self.source(number, channel, values, shape.channels))]  # type: ignore[arg-type]

        return build(shape, value)


@layer("pixelshuffle", keras=None, torch="PixelShuffle")
class PixelShuffle(FromDepth):
    """Channels become blocks of positions, each from neighbouring channels (PyTorch's order; Shi et al. 2016)."""

    def source(self, number: int, channel: int, values: int, channels: int) -> int:  # noqa: ARG002
        """Block after block: c*R*R + i*R + j."""
        return channel * values + number


@layer("depthtospace", keras=None, torch=None)
class DepthToSpace(FromDepth):
    """Channels become blocks of positions, each from channels that lie apart (TensorFlow's order)."""

    counted_as = "Tensor"

    def source(self, number: int, channel: int, values: int, channels: int) -> int:  # noqa: ARG002
        """Place after place: (i*R + j)*C + c."""
        return number * channels + channel


@layer("spacetodepth", keras=None, torch=None)
class SpaceToDepth(Block):
    """Blocks of positions become channels (TensorFlow's order)."""

    counted_as = "Tensor"

    def check(self, *inputs: Shape) -> None:
        """The blocks fill the map."""
        super().check(*inputs)
        (shape,) = inputs
        for extent, axis in zip(shape.extents, AXIS_NAMES[shape.rank], strict=True):
            if extent % self.block > 0:
                raise LayerError(f"blocks of {self.block} do not fill the input's {axis} of {extent}", at="block")

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """The blocks."""
        return (Window(self.block, self.block),) * shape.rank

    def channels(self, shape: Shape) -> Number:
        """C * R**2 of an image."""
        return shape.channels * prod([self.block] * shape.rank)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """Place (i, j) of a block becomes the channels from (i*R + j)*C."""
        (x,) = inputs
        blocks = self.geometry(x.shape)

        def value(position: Position, channel: int) -> Any:
            number, from_channel = divmod(channel, x.dims[-1])
            return x[(*list(windowed(blocks, position))[number], from_channel)]

        return build(self.output(x.shape), value)


@layer("shuffle", keras=None, torch="ChannelShuffle")
class Shuffle(Layer):
    """Takes the channels from the groups in turn, so that the next grouped convolution mixes them (ShuffleNet)."""

    mixes = False

    groups: Number = arg("number of groups", Count(), positional=True)

    def check(self, *inputs: Shape) -> None:
        """The groups divide the channels."""
        super().check(*inputs)
        check_groups(self.groups, inputs[0].channels, "channel")

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """Channel i of the output is member i // groups of group i mod groups."""
        (x,) = inputs
        of_group = x.dims[-1] // self.groups

        def value(position: Position, channel: int) -> Any:
            member, group = divmod(channel, self.groups)  # type: ignore[operator]
            return x[(*position, group * of_group + member)]  # type: ignore[arg-type]

        return build(x.shape, value)
