"""The fast engine for layers that put values in other places, or between others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.algebra import whole
from cnncalc.forward.integers import LEAST, clamped
from cnncalc.forward.maps import (
    Map,
    along_axes,
    from_channels_last,
    gathered,
    interpolated,
)
from cnncalc.forward.steps import Here, Outcome, run_step
from cnncalc.layers.resample import DepthToSpace, PixelShuffle, Resampled, Shuffle, SpaceToDepth
from cnncalc.layers.reshape import Crop, Pad, Permute, Renamed, Slice
from cnncalc.shapes import Stretch


@run_step.register
def _(layer: Renamed, here: Here) -> Outcome:
    x = here.x
    size = getattr(layer, "size", None)
    if size is not None:
        *extents, channels = map(whole, size)
        return Outcome(from_channels_last(extents, channels, x.channels_last()))
    if layer.output(x.shape) == x.shape:
        return Outcome(x)
    return Outcome(Map((), x.channels_last()))


@run_step.register
def _(layer: Permute, here: Here) -> Outcome:
    channels, *axes = here.x.strides
    strides = [*axes, channels]
    *moved, last = [strides[number] for number in layer.order(here.x.shape)]
    return Outcome(Map(tuple(extent for extent, _ in moved), gathered(here.x.data, [last, *moved])))


@run_step.register
def _(layer: Pad, here: Here) -> Outcome:
    x = here.x
    *edges, channels = layer.edges(x.shape)
    sources = [
        [layer.source(place, extent) for place in range(-whole(before), extent + whole(after))]
        for extent, (before, after) in zip((x.channels, *x.extents), (channels, *edges), strict=True)
    ]
    return Outcome(along_axes(x, [[max(i, -1) for i in axis] for axis in sources], clamped(layer.value) - LEAST))


@run_step.register
def _(layer: Crop, here: Here) -> Outcome:
    x = here.x
    *edges, channels = layer.edges(x.shape)
    sources = [
        range(whole(before), extent - whole(after))
        for extent, (before, after) in zip((x.channels, *x.extents), (channels, *edges), strict=True)
    ]
    return Outcome(along_axes(x, sources))


@run_step.register
def _(layer: Slice, here: Here) -> Outcome:
    x = here.x
    place = layer.place(x.shape)
    listed = getattr(layer.part, "numbers", None)
    first, stop = map(whole, layer.range(x.shape))
    kept = list(listed) if listed else range(first, stop, whole(layer.step))
    sources: list[Sequence[int]] = [range(extent) for extent in (*x.extents, x.channels)]
    sources[place] = kept
    return Outcome(along_axes(x, [sources[-1], *sources[:-1]]))


@run_step.register
def _(layer: Resampled, here: Here) -> Outcome:
    x = here.x
    stretches = list(zip(layer.stretches(x.shape), x.extents, strict=True))
    if layer.mode == "nearest":
        return Outcome(along_axes(x, [range(x.channels), *(nearest(*stretch) for stretch in stretches)]))
    return Outcome(interpolated(x, [around(*stretch) for stretch in stretches]))


def stretched(stretch: Stretch, extent: int) -> range:
    """The positions that a stretched axis has: those that lie whole over its cells."""
    if stretch.extent is not None:
        return range(whole(stretch.extent))
    return range(extent * stretch.positions // stretch.cells)


def nearest(stretch: Stretch, extent: int) -> list[int]:
    """The cell under each position."""
    return [min(position * stretch.cells // stretch.positions, extent - 1) for position in stretched(stretch, extent)]


def around(stretch: Stretch, extent: int) -> list[tuple[int, int, int, int]]:
    """The two cells around each position, with half-pixel centres and edges repeated, and their shares."""
    share = 2 * stretch.positions
    found = []
    for position in stretched(stretch, extent):
        cell, later = divmod((2 * position + 1) * stretch.cells - stretch.positions, share)
        ends = [min(max(number, 0), extent - 1) for number in (cell, cell + 1)]
        found.append((ends[0], ends[1], share - later, later))
    return found


@run_step.register
def _(layer: Shuffle, here: Here) -> Outcome:
    x, groups = here.x, whole(layer.groups)
    size = x.channels // groups
    order = [(size, x.positions), (groups, size * x.positions), (x.positions, 1)]
    return Outcome(x._replace(data=gathered(x.data, order)))


def blocks(layer: Any, x: Map, channel: int, part: int) -> Outcome:
    """Blocks of positions from the channels: `channel` is the stride of a channel, `part` of a place in a block."""
    block, rank = whole(layer.block), len(x.extents)
    _, *axes = x.strides
    order = [(x.channels // block**rank, channel * x.positions)]
    for number, axis in enumerate(axes, start=1):
        order += [axis, (block, part * block ** (rank - number) * x.positions)]
    return Outcome(Map(tuple(extent * block for extent in x.extents), gathered(x.data, order)))


@run_step.register
def _(layer: PixelShuffle, here: Here) -> Outcome:
    return blocks(layer, here.x, whole(layer.block) ** len(here.x.extents), 1)


@run_step.register
def _(layer: DepthToSpace, here: Here) -> Outcome:
    return blocks(layer, here.x, 1, here.x.channels // whole(layer.block) ** len(here.x.extents))


@run_step.register
def _(layer: SpaceToDepth, here: Here) -> Outcome:
    x, block = here.x, whole(layer.block)
    channels, *axes = x.strides
    places = [(block, stride) for _, stride in axes]
    cells = [(extent // block, stride * block) for extent, stride in axes]
    return Outcome(Map(tuple(extent for extent, _ in cells), gathered(x.data, [*places, channels, *cells])))
