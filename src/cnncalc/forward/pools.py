"""The fast engine for pools: the largest, the mean of each window, of each part, of a whole map."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from cnncalc.algebra import whole
from cnncalc.forward.jobs import Axis
from cnncalc.forward.lanes import ZERO, packed
from cnncalc.forward.maps import (
    Map,
    divided,
    largest,
    numbers,
    pooled,
    taken,
)
from cnncalc.forward.steps import Here, Outcome, run_step
from cnncalc.forward.sums import cells_from
from cnncalc.forward.windows import sliding
from cnncalc.layers.pool import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AdaptivePool,
    AvgPool,
    Gap,
    GlobalPool,
    Gmp,
    MaxPool,
    MinPool,
    Pool,
)

ALL_BYTES = bytes(range(256))
INVERTED = ALL_BYTES[::-1]


def read_by(data: bytes, axis: Axis, inner: int, blank: bytes) -> list[bytes]:
    """What each tap reads along an axis, for all positions.

    `inner` is the number of bytes behind each cell of the axis, `blank` what stands for so many of the padding.
    """
    if inner == 1:
        rows = [data[at : at + axis.cells] for at in range(0, len(data), axis.cells)]
        return [
            b"".join([cells_from(row, tap.offset, axis.step, axis.positions, blank) for row in rows])
            for tap in axis.taps
        ]
    read = []
    for tap in axis.taps:
        cells = [place * axis.step + tap.offset for place in range(axis.positions)]
        read.append(taken(data, axis.cells, inner, [c if 0 <= c < axis.cells else -1 for c in cells], blank))
    return read


def window_maxima(x: Map, axes: Sequence[Axis]) -> Map:
    """The largest byte of each window, along one axis after the other, the last one first; padding is the least."""
    found = []
    for data in x.some_planes():
        inner = 1
        for axis in reversed(axes):
            data = largest(read_by(data, axis, inner, bytes(inner)))  # noqa: PLW2901  axis after axis
            inner *= axis.positions
        found.append(data)
    return Map(tuple(axis.positions for axis in axes), b"".join(found))


def window_sums(x: Map, axes: Sequence[Axis]) -> Sequence[int]:
    """The sum of the bytes of each window, channel after channel; padding counts as the value zero."""
    lane = 2 if 255 * math.prod(len(axis.taps) for axis in axes) < 1 << 16 else 4
    data, inner, zero = x.data, 1, ZERO
    for axis in reversed(axes):
        first = inner == 1
        blank = bytes([ZERO]) if first else zero.to_bytes(lane, "little") * (inner // lane)
        parts = read_by(data, axis, inner, blank)
        total = sum(packed(part, lane) if first else int.from_bytes(part, "little") for part in parts)
        zero *= len(parts)
        inner = axis.positions * (lane if first else inner)
        data = total.to_bytes(len(parts[0]) * (lane if first else 1), "little")
    return numbers(data, lane)


@run_step.register
def _(layer: MaxPool, here: Here) -> Outcome:
    return Outcome(window_maxima(here.x, pool_axes(layer, here.x)))


@run_step.register
def _(layer: MinPool, here: Here) -> Outcome:
    inverted = here.x._replace(data=here.x.data.translate(INVERTED))
    result = window_maxima(inverted, pool_axes(layer, here.x))
    return Outcome(result._replace(data=result.data.translate(INVERTED)))


def pool_axes(layer: Pool, x: Map) -> tuple[Axis, ...]:
    """The axes of a pool."""
    return tuple(sliding(window, extent) for window, extent in zip(layer.windows(x.shape), x.extents, strict=True))


@run_step.register
def _(layer: AvgPool, here: Here) -> Outcome:
    x = here.x
    axes = pool_axes(layer, x)
    counts = []
    for axis, window in zip(axes, layer.windows(x.shape), strict=True):
        # Cells of the padding count, if they are to; what `ceil` adds behind it does not.
        first, last = (-whole(window.before), axis.cells + whole(window.after)) if layer.padcount else (0, axis.cells)
        places = (place * axis.step for place in range(axis.positions))
        counts.append([sum(first <= place + tap.offset < last for tap in axis.taps) for place in places])
    divisors = [math.prod(count) or 1 for count in itertools.product(*counts)]
    cells = math.prod(len(axis.taps) for axis in axes)
    sums = window_sums(x, axes)
    extents = tuple(axis.positions for axis in axes)
    count = len(divisors)
    means = [divided(sums[at : at + count], cells, divisors) for at in range(0, len(sums), count)]
    return Outcome(Map(extents, b"".join(means)))


def mean(values: bytes) -> int:
    """The byte of the mean of some values, rounded down."""
    return sum(values) // len(values)


def of_channels(layer: GlobalPool, x: Map, choose: Callable[[bytes], int]) -> Outcome:
    """One byte for each channel."""
    extents = (1,) * len(x.extents) if layer.keep else ()
    return Outcome(Map(extents, bytes(map(choose, x.planes))))


@run_step.register
def _(layer: Gap, here: Here) -> Outcome:
    return of_channels(layer, here.x, mean)


@run_step.register
def _(layer: Gmp, here: Here) -> Outcome:
    return of_channels(layer, here.x, max)


def of_parts(layer: AdaptivePool, x: Map, choose: Callable[[bytes], int]) -> Outcome:
    """One byte for each block of parts."""
    parts = [
        [range(i * cells // count, -(-(i + 1) * cells // count)) for i in range(count)]
        for count, cells in zip(map(whole, layer.extents(x.shape)), x.extents, strict=True)
    ]
    return Outcome(pooled(x, parts, choose))


@run_step.register
def _(layer: AdaptiveAvgPool, here: Here) -> Outcome:
    return of_parts(layer, here.x, mean)


@run_step.register
def _(layer: AdaptiveMaxPool, here: Here) -> Outcome:
    return of_parts(layer, here.x, max)
