"""Sums of products, packed: what convolutions of all sorts and dense layers are made of.

A layer is a few *passes*. In a pass position o of the output reads, along each axis, the cells o*step + offset of
the input, one for each tap. A convolution is one pass; a transposed convolution is one for each place in a step.
Two layouts do the same sums, and the one that takes less time is taken: positions in lanes, where a map is large,
or filters in lanes, where it is small. The products are counted where they are made: the lanes that hold values
of the output (of a transposed convolution: cells of the input) times the weights that they are multiplied by.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from operator import mul
from typing import Final, NamedTuple

from cnncalc.forward.integers import UNIT
from cnncalc.forward.jobs import Axis, Done, Job, Part, Pass, Tap
from cnncalc.forward.lanes import (
    RAISED,
    RAISED_WEIGHTS,
    SMALL_NUMBERS,
    ZERO,
    multipliers,
    packed,
    repeated,
    weights_at_once,
)

# So many lanes at once stay in the processor's cache, and so many together in memory.
LANES: Final = 8192
FEWEST_LANES: Final = 1024
LANES_IN_MEMORY: Final = 4_000_000
# Rows of weights that are held at once where filters lie in lanes.
ROWS: Final = 512


def compute(job: Job, part: Part, data: bytes) -> Done:
    """The sums of some filters. `data` has a byte for each cell, channel after channel."""
    if job.pointwise:
        return through_two_kernels(job, part, data)
    return filters_in_lanes(job, part, data) if job.by_filters else positions_in_lanes(job, part, data)


# Positions in lanes.


class Run(NamedTuple):
    """Taps that read neighbouring cells of a row, so that one multiplication does them all.

    `row` is a tap of each other axis, `start` the cell that position 0 reads first, `kernel` the numbers of the
    weights in the window.
    """

    row: tuple[Tap, ...]
    start: int
    kernel: tuple[int, ...]


def runs_of(one: Pass, size: Sequence[int], most: int) -> list[Run]:
    """The taps of a pass in runs of at most so many; cells that lie a step apart are neighbours."""
    *outer, last = one.axes
    runs: list[list[Tap]] = []
    for tap in sorted(last.taps, key=lambda tap: (tap.offset % last.step, tap.offset)):
        if runs and len(runs[-1]) < most and tap.offset == runs[-1][-1].offset + last.step:
            runs[-1].append(tap)
        else:
            runs.append([tap])
    found = []
    for row in itertools.product(*(axis.taps for axis in outer)):
        first = flat([tap.number for tap in row], size) * size[-1]
        found += [Run(row, run[0].offset, tuple(first + tap.number for tap in run)) for run in runs]
    return found


def flat(index: Sequence[int], extents: Sequence[int]) -> int:
    """The number of an index in an array, the last axis fastest; of a longer array only the first axes count."""
    number = 0
    for place, extent in zip(index, extents, strict=False):
        number = number * extent + place
    return number


def cells_from(row: bytes, start: int, step: int, count: int, blank: bytes = bytes([ZERO])) -> bytes:
    """The cells start, start + step, ... of a row: so many, with blanks where there are none."""
    before = min(-(start // step) if start < 0 else 0, count)
    cells = row[start + before * step :: step][: count - before] if before < count else b""
    return blank * before + cells + blank * (count - before - len(cells))


class Layout(NamedTuple):
    """How the positions of a pass lie in lanes: row after row, each `pitch` long, the first `skipped` of no use."""

    one: Pass
    runs: list[Run]
    rows: list[tuple[int, ...]]
    lane: int

    @property
    def skipped(self) -> int:
        """The lanes at the start of a row into which a multiplication carries other rows."""
        return max((len(run.kernel) for run in self.runs), default=1) - 1

    @property
    def pitch(self) -> int:
        """The lanes of a row."""
        return self.one.axes[-1].positions + self.skipped

    @property
    def lanes(self) -> int:
        """All of them."""
        return self.pitch * len(self.rows)

    def useful(self, row_bytes: bytes) -> bytes:
        """What stands in the lanes of positions, a byte each."""
        if not self.skipped:
            return row_bytes
        return b"".join([row_bytes[at + self.skipped : at + self.pitch] for at in range(0, self.lanes, self.pitch)])


def layouts(job: Job, one: Pass, part: Part, lane: int) -> Iterator[Layout]:
    """The rows of a part of a pass, a few at a time."""
    runs = runs_of(one, job.size, weights_at_once(lane))
    rows = list(itertools.product(*(range(axis.positions) for axis in one.axes[:-1])))[part.first_row : part.last_row]
    planes = max(len(runs) * job.depth, 1)
    lanes = min(max(LANES_IN_MEMORY // planes, FEWEST_LANES), LANES)
    at_once = max(lanes // one.axes[-1].positions, 1)
    for first in range(0, len(rows), at_once):
        yield Layout(one, runs, rows[first : first + at_once], lane)


def planes_of(layout: Layout, channels: Sequence[bytes]) -> list[int]:
    """For each run, what its first tap reads for all positions, of each channel."""
    *outer, last = layout.one.axes
    extents = [axis.cells for axis in outer]
    numbers = [list(_rows_read(run.row, layout.rows, outer, extents)) for run in layout.runs]
    wanted = sorted({number for row in numbers for number in row} - {-1})
    blank = bytes([ZERO]) * layout.pitch
    planes: list[list[int]] = [[] for _ in layout.runs]
    for cells in channels:
        rows = {number: cells[number * last.cells : (number + 1) * last.cells] for number in wanted}
        read: dict[int, dict[int, bytes]] = {}
        for run, own, into in zip(layout.runs, numbers, planes, strict=True):
            if run.start not in read:
                read[run.start] = {-1: blank} | {
                    number: cells_from(row, run.start, last.step, layout.pitch) for number, row in rows.items()
                }
            into.append(packed(b"".join(map(read[run.start].__getitem__, own)), layout.lane))
    return [plane for run in planes for plane in run]


def _rows_read(
    taps: Sequence[Tap], rows: Sequence[tuple[int, ...]], outer: Sequence[Axis], extents: Sequence[int]
) -> Iterator[int]:
    """The number of the row of the input that is read for each row of the output; -1: none."""
    for row in rows:
        cells = [place * axis.step + tap.offset for place, axis, tap in zip(row, outer, taps, strict=True)]
        inside = all(0 <= cell < extent for cell, extent in zip(cells, extents, strict=True))
        yield flat(cells, extents) if inside else -1


class Weighing:
    """The sums of a layout for one filter after the other, and how many weights they took."""

    def __init__(self, layout: Layout, channels: Sequence[bytes]) -> None:
        """Pack the channels."""
        self.layout = layout
        self.depth = len(channels)
        self.planes = planes_of(layout, channels)
        # Weights were raised to have no sign: what that adds is taken away again.
        ones = self._multipliers(bytes([1]) * (self.depth * (1 + max((max(r.kernel) for r in layout.runs), default=0))))
        self.raised = RAISED * sum(map(mul, self.planes, ones))
        self.ones = repeated(1, layout.lane, layout.lanes)

    def _multipliers(self, weights: bytes) -> list[int]:
        """The multipliers of all planes, from a byte for each tap of the window and each channel."""
        depth, widest = self.depth, self.layout.skipped + 1
        found: list[int] = []
        for run in self.layout.runs:
            taps = [weights[tap * depth : (tap + 1) * depth] for tap in run.kernel]
            found += multipliers(taps, self.layout.lane, widest - len(taps))
        return found

    def sums(self, weights: bytes, added: int) -> tuple[int, int]:
        """The sums of products of values and weights, with a number added; and how many weights there were.

        Lanes may be negative.
        """
        depth = self.depth
        used = b"".join([weights[tap * depth : (tap + 1) * depth] for run in self.layout.runs for tap in run.kernel])
        constant = added - ZERO * (sum(used) - RAISED * len(used))
        return sum(map(mul, self.planes, self._multipliers(weights))) - self.raised + constant * self.ones, len(used)


class Canvas:
    """One filter's bytes, where the positions of several passes lie among each other."""

    def __init__(self, extents: tuple[int, ...]) -> None:
        """A map of these extents."""
        self.extents = extents
        self.bytes: bytes | bytearray = bytearray(math.prod(extents))

    def put(self, one: Pass, values: bytes) -> None:
        """The bytes of a pass, those that lie outside of the map left out."""
        if one.spread is None:
            self.bytes = values
            return
        assert isinstance(self.bytes, bytearray)
        *outer, (first, step) = one.places
        *rows, count = (axis.positions for axis in one.axes)
        *extents, width = self.extents
        start, stop = max(-(first // step), 0), min(-(-(width - first) // step), count)
        for number, index in enumerate(itertools.product(*map(range, rows))):
            place = [begin + i * skip for i, (begin, skip) in zip(index, outer, strict=True)]
            if stop > start and all(0 <= i < extent for i, extent in zip(place, extents, strict=True)):
                at = flat(place, extents) * width + first
                self.bytes[at + start * step : at + (stop - 1) * step + 1 : step] = values[
                    number * count + start : number * count + stop
                ]


def kernel_of(job: Job, first: int, stop: int) -> bytes:
    """Some rows of the kernel, a byte for each filter, as raised weights."""
    return job.stream.bytes(job.kernel, first * job.filters, stop * job.filters).translate(RAISED_WEIGHTS)


def weights_of(job: Job, kernel: bytes, member: int) -> bytes:
    """The weights of one filter, a byte for each tap and each channel of its group.

    The kernel of a transposed convolution has all channels, and the filters of one group.
    """
    if job.passes[0].spread is None or job.groups == 1:
        return kernel[member :: job.filters]
    of_group, channels = job.filters // job.groups, job.depth * job.groups
    group, place = divmod(member, of_group)
    weights = kernel[place::of_group]
    starts = range(group * job.depth, len(weights), channels)
    return b"".join([weights[start : start + job.depth] for start in starts])


def biases_of(job: Job, first: int, stop: int) -> list[int]:
    """What is added to sums: so many values' worth as the biases say."""
    if job.bias is None:
        return [0] * (stop - first)
    return [UNIT * number for number in job.stream.bytes(job.bias, first, stop).translate(SMALL_NUMBERS)]


def positions_in_lanes(job: Job, part: Part, data: bytes) -> Done:
    """The sums with positions in lanes: a plane for each channel and run of taps, times a weight."""
    rounding, of_group = job.rounding, job.filters // job.groups
    cells = math.prod(axis.cells for axis in job.passes[0].axes)
    kernel = kernel_of(job, 0, job.products)
    biases = biases_of(job, part.first, part.last)
    planes: list[bytes] = []
    products = weights = 0
    for group in range(part.first // of_group, -(-part.last // of_group)):
        first = group * job.depth
        channels = [data[at * cells : (at + 1) * cells] for at in range(first, first + job.depth)]
        members = range(max(group * of_group, part.first), min((group + 1) * of_group, part.last))
        columns = [weights_of(job, kernel, member) for member in members]
        canvases = [Canvas(job.extents) for _ in members]
        for one in job.passes:
            pieces: list[list[bytes]] = [[] for _ in members]
            for number, layout in enumerate(layouts(job, one, part, rounding.lane)):
                weighing = Weighing(layout, channels)
                for member, column, into in zip(members, columns, pieces, strict=True):
                    sums, used = weighing.sums(column, rounding.raised + biases[member - part.first])
                    into.append(layout.useful(rounding.bytes(sums, layout.lanes)))
                    weights += used if number == 0 else 0
                    products += used * (len(into[-1]) if one.spread is None else one.spread if number == 0 else 0)
            for canvas, piece in zip(canvases, pieces, strict=True):
                canvas.put(one, b"".join(piece))
        planes += [bytes(canvas.bytes) for canvas in canvases]
    return Done(b"".join(planes), products, weights, len(biases) if job.bias else 0)


def through_two_kernels(job: Job, part: Part, data: bytes) -> Done:
    """The sums of a depthwise kernel, and of those, before they become values, the sums of a pointwise one."""
    rounding, multiplier = job.rounding, job.filters // job.groups
    (one,) = job.passes
    cells = math.prod(axis.cells for axis in one.axes)
    kernel = kernel_of(job, 0, job.products)
    second = job.stream.bytes(job.pointwise or "", 0, job.filters * job.units).translate(RAISED_WEIGHTS)
    biases = biases_of(job, 0, job.units)
    pieces: list[list[bytes]] = [[] for _ in range(job.units)]
    products = weights = 0
    for number, layout in enumerate(layouts(job, one, part, rounding.lane)):
        positions = len(layout.rows) * one.axes[-1].positions
        middle = []
        for channel in range(job.groups):
            weighing = Weighing(layout, [data[channel * cells : (channel + 1) * cells]])
            for member in range(channel * multiplier, (channel + 1) * multiplier):
                sums, used = weighing.sums(kernel[member :: job.filters], 0)
                middle.append(sums)
                weights += used if number == 0 else 0
                products += used * positions
        ones = repeated(1, layout.lane, layout.lanes)
        for unit, into in enumerate(pieces):
            factors = [weight - RAISED for weight in second[unit :: job.units]]
            sums = sum(map(mul, middle, factors)) + (rounding.raised + biases[unit]) * ones
            into.append(layout.useful(rounding.bytes(sums, layout.lanes)))
            weights += len(factors) if number == 0 else 0
            products += len(factors) * positions
    planes = b"".join(b"".join(piece) for piece in pieces)
    return Done(planes, products, weights, len(biases) if job.bias else 0)


# Filters in lanes.


def filters_in_lanes(job: Job, part: Part, data: bytes) -> Done:
    """The sums with filters in lanes: a row of weights for each value of a window, times that value."""
    rounding, of_group = job.rounding, job.filters // job.groups
    (one,) = job.passes
    cells = math.prod(axis.cells for axis in one.axes)
    at_cell = [data[cell::cells] for cell in range(cells)]
    at_cell.append(bytes([ZERO]) * len(at_cell[0]))
    row = one.axes[-1].positions
    windows = list(_windows(one))[part.first_row * row : part.last_row * row]
    done = Done(b"", 0, 0, 0)
    for group in range(part.first // of_group, -(-part.last // of_group)):
        first, last = max(group * of_group, part.first), min((group + 1) * of_group, part.last)
        own = slice(group * job.depth, (group + 1) * job.depth)
        values = [b"".join([at_cell[cell][own] for cell in window]) for window in windows]
        planes = bytearray(len(values) * (last - first))
        weights = products = 0
        for together in [[position] for position in range(len(values))] if job.local else [range(len(values))]:
            place = part.first_row * row + together[0]
            sums, used = _weighed(job, [values[position] for position in together], first, last, place)
            weights += used
            for position, total in zip(together, sums, strict=True):
                planes[position :: len(values)] = rounding.bytes(total, last - first)
                products += used
        biases = (len(values) if job.local else 1) * (last - first) if job.bias else 0
        done = Done(done.planes + planes, done.products + products, done.weights + weights, done.biases + biases)
    return done


def _windows(one: Pass) -> Iterator[list[int]]:
    """The number of the cell that each tap reads, for each position; -1: none."""
    extents = [axis.cells for axis in one.axes]
    for position in itertools.product(*(range(axis.positions) for axis in one.axes)):
        cells = []
        for taps in itertools.product(*(axis.taps for axis in one.axes)):
            index = [place * axis.step + tap.offset for place, axis, tap in zip(position, one.axes, taps, strict=True)]
            inside = all(0 <= cell < extent for cell, extent in zip(index, extents, strict=True))
            cells.append(flat(index, extents) if inside else -1)
        yield cells


def _weighed(job: Job, values: list[bytes], first: int, last: int, position: int) -> tuple[list[int], int]:
    """For each window the raised sums of some filters, and how many weights were used for one window."""
    rounding = job.rounding
    start = position * job.products if job.local else 0
    sums = [0] * len(values)
    columns = used = 0
    for row in range(0, job.products, ROWS):
        stop = min(row + ROWS, job.products)
        kernel = kernel_of(job, start + row, start + stop)
        rows = [
            packed(kernel[at * job.filters + first : at * job.filters + last], rounding.lane)
            for at in range(stop - row)
        ]
        columns += sum(rows)
        used += len(rows) * (last - first)
        for number, window in enumerate(values):
            sums[number] += sum(map(mul, rows, window[row:stop]))
    added = position * job.filters if job.local else 0
    biases = biases_of(job, added + first, added + last)
    constants = b"".join((bias + rounding.raised).to_bytes(rounding.lane, "little") for bias in biases)
    ones = repeated(1, rounding.lane, last - first)
    base = int.from_bytes(constants, "little") - ZERO * columns + ZERO * RAISED * job.products * ones
    return [total + base - RAISED * sum(window) * ones for total, window in zip(sums, values, strict=True)], used
