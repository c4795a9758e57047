"""Many small numbers side by side in one Python integer, so that the interpreter's C loops do the work.

A *lane* is some bytes of an integer, the first lane lowest. Integers add, and multiply by a small number, lane by
lane. On the way a lane may be negative or overflow into the next, for nothing of the integer is lost: what counts
is that every lane of the last sum is positive and fits.

A *byte* b of a map stands for the value b - 128. A *weight* w is drawn as w + 7, which is not negative.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final

from cnncalc.forward.integers import LARGEST_WEIGHT, LEAST, SIGNED, SMALL

# The byte that stands for zero, and what is added to a weight.
ZERO: Final = -LEAST
RAISED: Final = LARGEST_WEIGHT
# A stream's bytes as raised weights, as small numbers.
RAISED_WEIGHTS: Final = bytes(weight + RAISED for weight in SIGNED)
SMALL_NUMBERS: Final = bytes(SMALL)
# What a value times a weight comes to at most.
LARGEST_TERM: Final = ZERO * RAISED
# A multiplier holds neighbouring weights of a row, as many as 64 bits have lanes for.
MULTIPLIER: Final = 8


def weights_at_once(lane: int) -> int:
    """How many neighbouring weights a multiplier has lanes for; the last one needs but one byte."""
    return (MULTIPLIER - 1) // lane + 1


def packed(values: bytes, lane: int) -> int:
    """Bytes, each in a lane of its own.

    >>> hex(packed(bytes([1, 2, 3]), 2))
    '0x300020001'
    """
    lanes = bytearray(lane * len(values))
    lanes[::lane] = values
    return int.from_bytes(lanes, "little")


@lru_cache(maxsize=64)
def repeated(value: int, lane: int, count: int) -> int:
    """The same number in every lane."""
    return int.from_bytes(value.to_bytes(lane, "little") * count, "little")


def multipliers(weights: list[bytes], lane: int, first: int) -> tuple[int, ...]:
    """Neighbouring raised weights as multipliers, the first of them in the highest lane, one for each channel.

    `weights` has for each tap a byte for each channel; the last tap lies in lane `first`.
    """
    depth = len(weights[0])
    lanes = bytearray(MULTIPLIER * depth)
    for number, channels in enumerate(reversed(weights), start=first):
        lanes[number * lane :: MULTIPLIER] = channels
    return struct.unpack(f"<{depth}Q", lanes)


class Rounding:
    """Sums in lanes to bytes: shifted, rounded down, clamped.

    A sum r, with |r| <= `largest`, becomes the byte of r/2**shift + 128, at least 0 and at most 255. It is raised
    first, by such a multiple of 256 * 2**shift that all sums are positive: then a byte that fits has just `above`
    in the byte over it. `lane` is the number of bytes that a raised sum takes.

    >>> [Rounding(LARGEST_TERM * products, 8).lane for products in (9, 4608, 9216, 25088)]
    [3, 3, 3, 4]
    """

    def __init__(self, largest: int, shift: int) -> None:
        """For sums up to a largest, and lanes of at least two bytes."""
        self.shift = shift
        self.above = -(-largest // (256 << shift))
        self.lane = max(2, (((ZERO + 256 * self.above) << shift) + largest).bit_length() + 7 >> 3)
        self.raised = (ZERO + 256 * self.above) << shift
        # The byte over the result: too large a sum is clamped to 255, too small a one to 0.
        self.fits = 2 * self.above < 256
        self.over = bytes(255 * (above > self.above) for above in range(256))
        self.keep = bytes(255 * (above >= self.above) for above in range(256))

    def bytes(self, sums: int, count: int) -> bytes:
        """The bytes of so many lanes, whose sums were raised by `raised`."""
        shifted = sums >> self.shift & repeated((1 << 8 * self.lane - self.shift) - 1, self.lane, count)
        lanes = shifted.to_bytes(self.lane * count, "little")
        if not self.fits:
            numbers = (int.from_bytes(lanes[i : i + self.lane], "little") for i in range(0, len(lanes), self.lane))
            return bytes(min(max(number - 256 * self.above, 0), 255) for number in numbers)
        low, above = lanes[:: self.lane], lanes[1 :: self.lane]
        over = int.from_bytes(above.translate(self.over), "little")
        keep = int.from_bytes(above.translate(self.keep), "little")
        return ((int.from_bytes(low, "little") | over) & keep).to_bytes(count, "little")
