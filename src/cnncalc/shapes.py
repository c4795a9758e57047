"""Shapes, what a layer's positions read of its input, and receptive fields: every formula, once.

Sources: the CS231n notes and Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016)
for sizes; Araujo, Norris & Sim, "Computing Receptive Fields of Convolutional Neural Networks" (Distill 2019)
for receptive fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd, lcm
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from cnncalc.algebra import Algebra, Number, at_least, ceil_div, larger, product, step, whole

if TYPE_CHECKING:
    from fractions import Fraction

RANK_NAMES: Final = ("vector", "sequence", "image", "volume")
AXIS_NAMES: Final = ((), ("length",), ("height", "width"), ("depth", "height", "width"))
# Fields that repeat with a longer period (a resize of 999 to 1000, say) are left out instead of tabulated.
LONGEST_PERIOD: Final = 512
# A window on a map of one pixel may have any stride; after enough of them the numbers would become too long to print.
LARGEST_ADVANCE: Final = 10**30


class Shape(NamedTuple):
    """The shape of a tensor: its extents along the spatial axes, and its channels.

    A vector of N has no spatial axis and N channels.
    """

    extents: tuple[Number, ...]
    channels: Number

    @property
    def rank(self) -> int:
        """The number of spatial axes: 0 for a vector, 1 for a sequence, 2 for an image, 3 for a volume."""
        return len(self.extents)

    @property
    def dims(self) -> tuple[Number, ...]:
        """All dimensions, channels last."""
        return (*self.extents, self.channels)

    @property
    def size(self) -> Number:
        """The number of values.

        >>> Shape((28, 28), 6).size
        4704
        """
        return product(self.dims)

    @property
    def positions(self) -> Number:
        """The number of positions that each channel has."""
        return product(self.extents)

    def __str__(self) -> str:
        """As it is written in a spec.

        >>> str(Shape((28, 28), 6))
        '28x28x6'
        """
        return join(self.dims)

    def described(self) -> str:
        """With the name of its rank, for a message: `28x28x6 (an image)`."""
        name = RANK_NAMES[self.rank]
        return f"{self} ({'an' if name == 'image' else 'a'} {name})"


def join(numbers: Iterable[object]) -> str:
    """Numbers as a size: `3x3`. A formula among them stands in parentheses."""
    return "x".join(factor(number) for number in numbers)


def factor(number: object) -> str:
    """A number as a factor of a product: a sum is put in parentheses.

    >>> factor(3)
    '3'
    """
    text = str(number)
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == " " and depth == 0:
            return f"({text})"
    return text


def dilated(size: Number, dilation: Number) -> Number:
    """The extent of a dilated window: D(F - 1) + 1 (Dumoulin & Visin 2016, relationship 15).

    >>> dilated(3, 2)
    5
    """
    return size if dilation == 1 else step(dilation * (size - 1) + 1, "F_eff")


class Window(NamedTuple):
    """A window that slides along one axis: position o reads o*stride - before + dilation*k, 0 <= k < size."""

    size: Number
    stride: Number = 1
    dilation: Number = 1
    before: Number = 0
    after: Number = 0
    ceil: bool = False

    @property
    def effective(self) -> Number:
        """The extent of the dilated window."""
        return dilated(self.size, self.dilation)

    @property
    def padding(self) -> Number:
        """The cells added on both sides together: 2P if they are even."""
        return self.before + self.after

    def span(self, extent: Number) -> Number:
        """How far the window can travel: W - F + 2P; divisible by the stride if the windows tile the input."""
        return extent - self.effective + self.padding if self.before or self.after else extent - self.effective

    def output(self, extent: Number) -> Number:
        """(W - F + 2P)/S + 1, rounded down (CS231n notes).

        With `ceil`, rounded up, but no window starts beyond the input and its padding before (PyTorch).

        >>> Window(5, before=2, after=2).output(32)
        32
        >>> Window(1, 2, ceil=True).output(10)
        5
        """
        if not self.ceil:
            return self.span(extent) // self.stride + 1
        positions = ceil_div(self.span(extent), self.stride) + 1
        return positions - 1 if at_least((positions - 1) * self.stride, extent + self.before) else positions

    def leftover(self, extent: Number) -> Number:
        """(W - F + 2P) mod S: the cells at the end that no window reaches; 0 where the windows tile."""
        return 0 if self.ceil or self.stride == 1 else self.span(extent) % self.stride

    @property
    def step(self) -> tuple[Number, Number]:
        """One position further, `stride` cells further."""
        return 1, self.stride

    def taps(self, position: int) -> range:
        """The input cells that a position reads; some may lie in the padding."""
        size, stride, dilation, before = map(whole, self[:4])
        start = position * stride - before
        return range(start, start + dilation * size, dilation)


def same_padding(extent: Number, size: Number, stride: Number) -> tuple[Number, Number]:
    """Padding before and after for `same`: the output has ceil(W/S) positions (TensorFlow, Keras).

    The total is max((ceil(W/S) - 1)S + F - W, 0), and the odd cell comes after.

    >>> same_padding(28, 3, 2)
    (0, 1)
    """
    total = step(larger((ceil_div(extent, stride) - 1) * stride + size - extent, 0), "P_total")
    return total // 2, total - total // 2


class Spread(NamedTuple):
    """A transposed window: cell i adds to the positions i*stride - before + dilation*k, 0 <= k < size."""

    size: Number
    stride: Number = 1
    dilation: Number = 1
    before: Number = 0
    after: Number = 0
    extra: Number = 0

    @property
    def effective(self) -> Number:
        """The extent of the dilated window."""
        return dilated(self.size, self.dilation)

    def output(self, extent: Number) -> Number:
        """(W - 1)S - 2P + F + OP (PyTorch's ConvTranspose).

        >>> Spread(3, 2, before=1, after=1, extra=1).output(14)
        28
        """
        output = (extent - 1) * self.stride + self.effective
        if self.before or self.after:
            output = output - (self.before + self.after)
        return output + self.extra if self.extra else output

    @property
    def step(self) -> tuple[Number, Number]:
        """`stride` positions further, one cell further."""
        return self.stride, 1

    def taps(self, position: int) -> range:
        """The input cells i for which i*stride + dilation*k - before is this position, for some k < size."""
        size, stride, dilation, before = map(whole, self[:4])
        at = position + before
        first, last = -(((size - 1) * dilation - at) // stride), at // stride
        divisor = gcd(stride, dilation)
        if at % divisor:
            return range(0)
        # The cells with i*stride = at (mod dilation) lie `every` apart.
        every = dilation // divisor
        one = at // divisor * pow(stride // divisor, -1, every)
        return range(first + (one - first) % every, last + 1, every)


class Stretch(NamedTuple):
    """Upsampling and resizing: `positions` of the output go with `cells` of the input."""

    positions: int
    cells: int
    linear: bool = False
    extent: Number | None = None

    def output(self, extent: Number) -> Number:
        """The size asked for, or floor(W * factor)."""
        return extent * self.positions // self.cells if self.extent is None else self.extent

    @property
    def step(self) -> tuple[Number, Number]:
        """The two extents, in lowest terms."""
        divisor = gcd(self.positions, self.cells)
        return self.positions // divisor, self.cells // divisor

    def taps(self, position: int) -> range:
        """The nearest cell, floor(o/factor), or the two around (o + 1/2)/factor - 1/2 (half-pixel centres)."""
        if not self.linear:
            cell = position * self.cells // self.positions
            return range(cell, cell + 1)
        numerator, denominator = (2 * position + 1) * self.cells - self.positions, 2 * self.positions
        cell = numerator // denominator
        return range(cell, cell + 1 + (numerator % denominator != 0))


class Divide(NamedTuple):
    """Adaptive pooling: position o of `extent` reads floor(oW/O) up to ceil((o + 1)W/O) (PyTorch)."""

    extent: Number
    cells: Number

    def output(self, extent: Number) -> Number:  # noqa: ARG002
        """The size asked for."""
        return self.extent

    @property
    def step(self) -> tuple[Number, Number]:
        """The two extents, in lowest terms."""
        extent, cells = map(whole, self)
        divisor = gcd(extent, cells)
        return extent // divisor, cells // divisor

    def taps(self, position: int) -> range:
        """The cells of one part."""
        extent, cells = map(whole, self)
        return range(position * cells // extent, -(-(position + 1) * cells // extent))


class Whole(NamedTuple):
    """Every position reads the whole axis."""

    cells: Number
    positions: Number = 1

    def output(self, extent: Number) -> Number:  # noqa: ARG002
        """As many positions as asked for."""
        return self.positions

    def taps(self, position: int) -> range:  # noqa: ARG002
        """All cells."""
        return range(whole(self.cells))


Geometry: TypeAlias = Window | Spread | Stretch | Divide | Whole
SAME_PLACE: Final = Window(1)

Interval: TypeAlias = "tuple[Number, Number]"


class Field(NamedTuple):
    """What the positions along an axis of a tensor read of one axis of the image.

    Position i reads the pixels first..last of `spans[i mod period]`, moved on by `advance` for each whole
    period; None where a position reads nothing. An ordinary network has a period of 1; a transposed
    convolution with stride 2 has one of 2, for its even and its odd positions read different windows. With
    `advance` 0 every position reads the same pixels, or nothing.

    `extent` is the image's, `along` the axis of the tensor that the positions are counted on. Where values
    have lost their places (after `flatten`), `along` is None and `reach` is what all of them read together;
    where even the size of a field is not known (a window over reshaped values), there are no `spans`.
    """

    spans: tuple[Interval | None, ...]
    advance: Number
    along: int | None
    extent: Number
    reach: Interval | None = None

    def span(self, position: int) -> Interval | None:
        """The first and the last pixel that a position reads; they may lie in the padding."""
        turns, phase = divmod(position, len(self.spans))
        span = self.spans[phase]
        shift = turns * self.advance
        return span and (span[0] + shift, span[1] + shift)

    @property
    def widest(self) -> int:
        """The position of the first period whose field is the largest; the first of them."""
        if len(self.spans) == 1:
            return 0
        sizes = [whole(_size(span)) for span in self.spans]
        return sizes.index(max(sizes))

    @property
    def size(self) -> Number | None:
        """The largest number of pixels from the first to the last that a position reads; None: not known."""
        return _size(self.spans[self.widest]) if self.spans else None

    @property
    def stride(self) -> Number | Fraction | None:
        """The pixels between the fields of neighbouring positions; None if all see the same."""
        if self.along is None or self.advance == 0:
            return None
        return _ratio(self.advance, len(self.spans))

    @property
    def start(self) -> Number | Fraction | None:
        """The first pixel of the field at position 0 (negative: in the padding).

        Where fields differ in size: such that start + stride*i is the first pixel of the largest ones.
        """
        span = self.spans[self.widest] if self.along is not None and self.spans else None
        return span and _ratio(span[0] * len(self.spans) - self.widest * self.advance, len(self.spans))

    @property
    def center(self) -> Number | Fraction | None:
        """The middle of the field at position 0, in pixels counted from 0."""
        span = self.spans[self.widest] if self.along is not None and self.spans else None
        period = len(self.spans)
        return span and _ratio((span[0] + span[1]) * period - 2 * self.widest * self.advance, 2 * period)

    def through(self, geometry: Geometry, positions: Number) -> Field:
        """The field of a layer that reads this tensor through `geometry`, and has `positions` along the axis."""
        if isinstance(geometry, Whole):
            return self.everywhere(geometry.cells)
        if self.along is None:
            return self.unknown(self.reach)
        if isinstance(geometry, Window) and len(self.spans) == 1:
            span = self.spans[0]
            if span is None:
                return self
            first, last = span
            size, stride, start = widened(last - first + 1, self.advance, first, geometry)
            return Field(((start, start + size - 1),), stride, self.along, self.extent).checked()
        return self._tabulated(geometry, positions)

    def _tabulated(self, geometry: Window | Spread | Stretch | Divide, positions: Number) -> Field:
        """`through`, position by position of one period."""
        if any(isinstance(number, Algebra) for number in (*geometry, positions)) or self.symbolic:
            return self.unknown((0, self.extent - 1))
        if self.advance == 0 and len(self.spans) == 1 and not isinstance(geometry, Spread):
            return self  # which positions a layer reads makes no difference, unless it leaves some out
        period = len(self.spans)
        out_step, in_step = map(whole, geometry.step)
        turns = period // gcd(period, in_step)
        steps = turns * out_step
        if steps > LONGEST_PERIOD:
            ends = (self._hull(geometry.taps(position)) for position in (0, whole(positions) - 1))
            return self.unknown(hull(ends))
        advance = self.advance * turns * in_step // period
        spans = tuple(self._hull(geometry.taps(position)) for position in range(steps))
        if advance == 0 and len(set(spans)) == 1:
            spans = spans[:1]
        return Field(spans, advance, self.along, self.extent).checked()

    def checked(self) -> Field:
        """The field itself; one that is not known if it moves in steps that no image has."""
        if isinstance(self.advance, int) and self.advance > LARGEST_ADVANCE:
            return self.unknown((0, self.extent - 1))
        return self

    @property
    def symbolic(self) -> bool:
        """Whether any of its numbers is a formula, so that it cannot be tabulated."""
        ends = [end for span in self.spans if span is not None for end in span]
        return any(isinstance(number, Algebra) for number in (self.advance, self.extent, *ends))

    def _hull(self, taps: range) -> Interval | None:
        """The first and last pixel over some positions of this tensor.

        A position a period later reads later pixels, so one period from either end decides.
        """
        period = len(self.spans)
        ends = taps if len(taps) <= 2 * period else (*taps[:period], *taps[-period:])
        return hull(self.span(tap) for tap in ends)

    def everywhere(self, positions: Number) -> Field:
        """The field of something that reads all of a tensor's positions: it is the same for every unit."""
        if self.along is None:
            return Field((self.reach,), 0, 0, self.extent)
        if isinstance(positions, Algebra) or self.symbolic:
            return Field(((0, self.extent - 1),), 0, 0, self.extent)
        span = self._hull(range(positions))
        if span is not None:
            span = (max(whole(span[0]), 0), min(whole(span[1]), whole(self.extent) - 1))
        return Field((span,), 0, 0, self.extent)

    def scattered(self, positions: Number) -> Field:
        """The field of the same values where they have lost their places."""
        return self if self.along is None else self._replace(along=None, reach=self.everywhere(positions).spans[0])

    def mixed(self, rank: int) -> Field:
        """The field of a layer that mixes the channels at each position of a tensor of that rank.

        Where values have lost their places, the channels of a vector together read what all its values do;
        what those at one position of a map read is not known.
        """
        if self.along is not None:
            return self
        return self.unknown(self.reach) if rank else self.everywhere(1)

    def unknown(self, reach: Interval | None) -> Field:
        """A field of which only is known what all values together read."""
        return Field((), 0, None, self.extent, reach)


def widened(size: Number, jump: Number, start: Number, window: Window) -> tuple[Number, Number, Number]:
    """Size, jump and start of a field, seen through a window (Araujo, Norris & Sim 2019).

    >>> widened(5, 2, -2, Window(3, 2, before=1, after=1))
    (9, 4, -4)
    """
    return size + (window.effective - 1) * jump, jump * window.stride, start - window.before * jump


def hull(spans: Iterable[Interval | None]) -> Interval | None:
    """The smallest first and the largest last of some intervals; None if all of them are empty."""
    filled = [span for span in spans if span is not None]
    if not filled:
        return None
    return min(whole(first) for first, _ in filled), max(whole(last) for _, last in filled)


def union(fields: Sequence[Field], extents: Sequence[Number]) -> Field:
    """The field of a merge into `extents`: the smallest first and the largest last over the branches.

    If the strides of the branches differ, no one stride describes the merged tensor, and its field is not
    known. A branch that sees the same pixels everywhere (after a global pool) goes with any other.
    """
    first = fields[0]
    if all(field == first for field in fields):
        return first
    if any(field.symbolic for field in fields):
        return first.unknown((0, first.extent - 1))
    reach = hull(field.everywhere(extents[field.along or 0]).spans[0] for field in fields)
    moving = [field for field in fields if field.advance != 0 or field.along is None]
    if len(moving) < len(fields):
        still = hull(field.spans[0] for field in fields if field.advance == 0 and field.along is not None)
        return Field((reach,), 0, 0, first.extent) if still == reach else first.unknown(reach)
    if any(field.along is None for field in fields):
        widest = max(fields, key=lambda field: whole(field.size or 0))
        known = all(field.spans and field.along is None for field in fields)
        return widest._replace(reach=reach) if known else first.unknown(reach)
    period = lcm(*(len(field.spans) for field in fields))
    rates = {field.advance * (period // len(field.spans)) for field in fields}
    if len(rates) > 1 or len({field.along for field in fields}) > 1 or period > LONGEST_PERIOD:
        return first.unknown(reach)
    spans = tuple(hull(field.span(position) for field in fields) for position in range(period))
    return Field(spans, rates.pop(), first.along, first.extent)


def _size(span: Interval | None) -> Number:
    """The number of pixels of an interval."""
    return 0 if span is None else span[1] - span[0] + 1


def _ratio(numerator: Number, denominator: int) -> Number | Fraction:
    """An exact quotient: an integer where it is one."""
    if isinstance(numerator, Algebra):
        return numerator if denominator == 1 else numerator.combine("/", numerator, denominator)
    if numerator % denominator == 0:
        return numerator // denominator
    from fractions import Fraction  # noqa: PLC0415  takes milliseconds that most networks need not pay

    return Fraction(numerator, denominator)
