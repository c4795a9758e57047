"""What there is to do for a layer that sums products: passes of windows over its input, and parts of the work."""

from __future__ import annotations

import math
from typing import NamedTuple

from cnncalc.forward.integers import UNIT, Stream
from cnncalc.forward.lanes import LARGEST_TERM, RAISED, Rounding

# Nanoseconds that steps take, roughly; only their ratio counts.
CALL, LANE, PACKING = 60, 1, 6


class Tap(NamedTuple):
    """One of a kernel's places along an axis: its number, and which cell it reads for position 0."""

    number: int
    offset: int


class Axis(NamedTuple):
    """How a pass reads one axis: position o, 0 <= o < positions, reads the cells o*step + offset of its taps."""

    cells: int
    positions: int
    step: int
    taps: tuple[Tap, ...]


class Pass(NamedTuple):
    """Sums over windows: the axes, and where the results lie in the output.

    `places` has, for each axis, the place of position 0 in the output and the step of the others. `spread` is the
    number of cells that each weight multiplies, in a transposed convolution; in others it multiplies once for each
    position.
    """

    axes: tuple[Axis, ...]
    places: tuple[tuple[int, int], ...]
    spread: int | None = None


class Job(NamedTuple):
    """All that is needed to compute the sums of some filters.

    The kernel is an array of (taps of the whole window, depth, filters); `groups` share the channels and the
    filters among them. A `local` one has a kernel for every position. `extents` are those of the output.
    Where `pointwise` names an array, the sums go through a second kernel, (channels, filters), before they
    become values: then `filters` counts the sums in the middle, and `units` the filters behind them.
    """

    passes: tuple[Pass, ...]
    extents: tuple[int, ...]
    size: tuple[int, ...]
    groups: int
    depth: int
    filters: int
    shift: int
    stream: Stream
    kernel: str
    bias: str | None
    local: bool = False
    pointwise: str | None = None
    units: int = 0

    @property
    def products(self) -> int:
        """How many products a sum has at most."""
        return math.prod(self.size) * self.depth

    @property
    def positions(self) -> int:
        """Of the (first) pass."""
        return math.prod(axis.positions for axis in self.passes[0].axes)

    @property
    def work(self) -> int:
        """How many products there are, about."""
        first = self.positions * self.products * self.filters
        return first + self.positions * self.filters * self.units

    @property
    def by_filters(self) -> bool:
        """Whether it takes less time to have filters in lanes."""
        one, of_group = self.passes[0], self.filters // self.groups
        if self.local:
            return True
        if len(self.passes) > 1 or one.spread is not None or self.pointwise:
            return False
        by_positions = of_group * (CALL + LANE * self.positions)
        return self.positions * (CALL + LANE * of_group) + PACKING * of_group < by_positions

    @property
    def rounding(self) -> Rounding:
        """From sums to bytes."""
        products = self.products * (self.filters * RAISED if self.pointwise else 1)
        return Rounding(LARGEST_TERM * products + 4 * UNIT, self.shift)


class Done(NamedTuple):
    """What became of a part of a job: the bytes of its filters, one after the other, and what was counted."""

    planes: bytes
    products: int
    weights: int
    biases: int


class Part(NamedTuple):
    """Some of a job's filters, and some of the rows of its output."""

    first: int
    last: int
    first_row: int
    last_row: int
