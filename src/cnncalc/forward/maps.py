"""Maps of bytes, and values taken, moved and pooled in them: slices, tables and lanes instead of loops.

A map has a byte for each value (the value and 128), channel after channel, each channel row by row.
"""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Callable, Iterator, Sequence
from operator import floordiv
from typing import Final, NamedTuple, TypeAlias

from cnncalc.forward.integers import LEAST
from cnncalc.forward.lanes import ZERO, packed, repeated
from cnncalc.forward.tensor import Tensor
from cnncalc.shapes import Shape

# An extent, and how far apart its values lie.
Stride: TypeAlias = tuple[int, int]
# How lanes of so many bytes are unpacked.
LETTERS: Final = {2: "H", 4: "I", 8: "Q"}
# So many bytes or lanes are unpacked at once.
AT_ONCE: Final = 1 << 20


class Map(NamedTuple):
    """Values of a tensor: the extents of its axes, and the bytes."""

    extents: tuple[int, ...]
    data: bytes

    @property
    def positions(self) -> int:
        """The values of a channel."""
        return math.prod(self.extents)

    @property
    def channels(self) -> int:
        """As many as the bytes make."""
        return len(self.data) // self.positions

    @property
    def shape(self) -> Shape:
        """The shape."""
        return Shape(self.extents, self.channels)

    @property
    def planes(self) -> list[bytes]:
        """The bytes of each channel."""
        return [self.data[at : at + self.positions] for at in range(0, len(self.data), self.positions)]

    def some_planes(self) -> Iterator[bytes]:
        """The bytes of a few channels at a time, for work that takes many times the memory of what it works on."""
        step = max(AT_ONCE // self.positions, 1) * self.positions
        return (self.data[at : at + step] for at in range(0, len(self.data), step))

    @property
    def strides(self) -> tuple[Stride, ...]:
        """Of the channels, then of each axis."""
        dims = (self.channels, *self.extents)
        return tuple((extent, math.prod(dims[axis + 1 :])) for axis, extent in enumerate(dims))

    def channels_last(self) -> bytes:
        """The bytes in the order of a tensor."""
        channels, *axes = self.strides
        return gathered(self.data, [*axes, channels])

    def tensor(self) -> Tensor:
        """The values as a tensor."""
        return Tensor((*self.extents, self.channels), [byte + LEAST for byte in self.channels_last()])


def from_channels_last(extents: Sequence[int], channels: int, data: bytes) -> Map:
    """The map of bytes in the order of a tensor."""
    strides = [(extent, channels * math.prod(extents[axis + 1 :])) for axis, extent in enumerate(extents)]
    return Map(tuple(extents), gathered(data, [(channels, 1), *strides]))


def from_tensor(x: Tensor) -> Map:
    """The map of a tensor of values."""
    return from_channels_last(x.dims[:-1], x.dims[-1], bytes(value - LEAST for value in x.values))


def gathered(data: bytes, order: Sequence[Stride]) -> bytes:
    """The bytes in another order: that of nested loops with these extents and strides, the last the innermost."""
    *outer, (extent, stride) = order
    starts = [0]
    for count, step in outer:
        starts = [start + number * step for start in starts for number in range(count)]
    reach = (extent - 1) * stride + 1
    return b"".join([data[start : start + reach : stride] for start in starts])


def taken(data: bytes, cells: int, inner: int, sources: Sequence[int], blank: bytes) -> bytes:
    """Along one axis the cells of these numbers; -1 is a cell that holds `blank`.

    `cells` is the extent of the axis, `inner` the number of bytes that lie behind each of its cells.
    """
    if inner == 1:
        rows = (data[at : at + cells] + blank for at in range(0, len(data), cells))
        return b"".join([bytes(map(row.__getitem__, sources)) for row in rows])
    blocks = [data[at : at + inner] for at in range(0, len(data), inner)]
    found: list[bytes] = []
    for at in range(0, len(blocks), cells):
        found += map([*blocks[at : at + cells], blank].__getitem__, sources)
    return b"".join(found)


def along_axes(x: Map, sources: Sequence[Sequence[int]], filler: int = ZERO) -> Map:
    """Along the channels and each axis, the cells of these numbers; -1 is the filler."""
    data = x.data
    dims = [x.channels, *x.extents]
    for axis, numbers in enumerate(sources):
        if list(numbers) != list(range(dims[axis])):
            inner = math.prod(dims[axis + 1 :])
            data = taken(data, dims[axis], inner, numbers, bytes([filler]) * inner)
            dims[axis] = len(numbers)
    return Map(tuple(dims[1:]), data)


def largest(parts: Sequence[bytes]) -> bytes:
    """Byte by byte the largest of strings of one length."""
    first, *others = parts
    result = packed(first, 2)
    carry = repeated(256, 2, len(first))
    for part in others:
        other = packed(part, 2)
        # Bit 8 of a lane stays where the result is not smaller; from it a mask of the byte is made.
        kept = ((result | carry) - other) & carry
        result = other ^ ((result ^ other) & (kept - (kept >> 8)))
    return result.to_bytes(2 * len(first), "little")[::2]


def numbers(lanes: bytes, lane: int) -> Sequence[int]:
    """The numbers in lanes of 2, 4 or 8 bytes."""
    return struct.unpack(f"<{len(lanes) // lane}{LETTERS[lane]}", lanes)


def divided(sums: Sequence[int], cells: int, divisors: Sequence[int]) -> bytes:
    """The bytes of means: sums of so many bytes, as sums of values over divisors, rounded down."""
    return bytes([mean + ZERO for mean in map(floordiv, [total - ZERO * cells for total in sums], divisors)])


def joined(left: bytes, right: bytes, table: bytes) -> bytes:
    """Byte by byte what a table has for the two: at left + 256 * right."""
    found = []
    for at in range(0, len(left), AT_ONCE):
        count = len(left[at : at + AT_ONCE])
        pairs = bytearray(2 * count)
        pairs[::2], pairs[1::2] = left[at : at + AT_ONCE], right[at : at + AT_ONCE]
        found.append(bytes(map(table.__getitem__, struct.unpack(f"<{count}H", pairs))))
    return b"".join(found)


def interpolated(x: Map, axes: Sequence[Sequence[tuple[int, int, int, int]]]) -> Map:
    """Along each axis, for every position two cells and how much each counts; rounded down."""
    share = math.prod(axis[0][2] + axis[0][3] for axis in axes)
    lane = 4 if 255 * share < 1 << 32 else 8
    assert 255 * share < 1 << 64  # no network is resized to such extents
    data = packed(x.channels_last(), lane).to_bytes(lane * len(x.data), "little")
    # With the channels last there are several lanes behind every cell.
    for number, axis in enumerate(axes):
        inner = lane * x.channels * math.prod(x.extents[number + 1 :])
        blocks = [int.from_bytes(data[at : at + inner], "little") for at in range(0, len(data), inner)]
        found = []
        for at in range(0, len(blocks), x.extents[number]):
            sums = (blocks[at + one] * much + blocks[at + other] * more for one, other, much, more in axis)
            found += [total.to_bytes(inner, "little") for total in sums]
        data = b"".join(found)
    some = (numbers(data[at : at + AT_ONCE], lane) for at in range(0, len(data), AT_ONCE))
    means = b"".join([bytes([total // share for total in totals]) for totals in some])
    return from_channels_last(tuple(map(len, axes)), x.channels, means)


def pooled(x: Map, parts: Sequence[Sequence[range]], choose: Callable[[bytes], int]) -> Map:
    """Along each axis the parts of a map; what is chosen for the bytes of each block of parts."""
    extents = tuple(map(len, parts))
    *outer, last = parts
    found = bytearray()
    for plane in x.planes:
        for row in itertools.product(*outer):
            starts = [0]
            for cells, extent in zip(row, x.extents, strict=False):
                starts = [start * extent + cell for start in starts for cell in cells]
            width = x.extents[-1]
            rows = [plane[start * width : (start + 1) * width] for start in starts]
            for part in last:
                found.append(choose(b"".join([cells[part.start : part.stop] for cells in rows])))
    return Map(extents, bytes(found))
