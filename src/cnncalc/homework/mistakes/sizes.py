"""Mistakes in output sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import permutations

from cnncalc.algebra import Number, ceil_div, product
from cnncalc.homework.mistakes.table import OUTPUT, Asked, Wrong, layers_before, mistake, shown
from cnncalc.prose import counted
from cnncalc.shapes import Shape, Spread, Window
from cnncalc.written import Written, plain

entry = partial(mistake, quantities=OUTPUT)


def by_windows(asked: Asked, what: str, output: Callable[[Window, Number], Number]) -> Iterator[Wrong]:
    """The output by another formula of its windows, if it has some."""
    if asked.windows:
        yield Wrong(asked.per_axis(output), what)


def words(asked: Asked, *known: str) -> bool:
    """Whether the padding is one of some words."""
    return getattr(asked.layer, "padding", None) in known


@entry("pad-once", "adds the padding once instead of on both sides", convention=True)
def pad_once(asked: Asked) -> Iterator[Wrong]:
    """(n + p - k)//s + 1."""
    if not words(asked, "same"):
        what = "adds the padding once instead of on both sides"
        yield from by_windows(asked, what, lambda one, extent: one._replace(after=0).output(extent))


@entry("pad-ignored", "leaves out the padding")
def pad_ignored(asked: Asked) -> Iterator[Wrong]:
    """(n - k)//s + 1."""
    if not words(asked, "same"):
        what = "leaves out the padding"
        yield from by_windows(asked, what, lambda one, extent: one._replace(before=0, after=0).output(extent))


@entry("no-plus-one", "forgets the + 1")
def no_plus_one(asked: Asked) -> Iterator[Wrong]:
    """(n + 2p - k)//s."""
    yield from by_windows(asked, "forgets the + 1", lambda one, extent: one.span(extent) // one.stride)


@entry("ceil", "rounds up", convention=True)
def ceil(asked: Asked) -> Iterator[Wrong]:
    """Upwards, with and without the rule that no window starts beyond the input."""
    yield from by_windows(asked, "rounds up", lambda one, extent: ceil_div(one.span(extent), one.stride) + 1)
    yield from by_windows(asked, "rounds up", lambda one, extent: one._replace(ceil=True).output(extent))


@entry("floor", "rounds down where the layer rounds up", convention=True)
def floor(asked: Asked) -> Iterator[Wrong]:
    """Downwards, where the layer rounds up."""
    if any(one.ceil for one in asked.windows):
        yield from by_windows(
            asked, "rounds down, but this layer rounds up", lambda one, extent: one._replace(ceil=False).output(extent)
        )


@entry("round", "rounds to the nearest")
def round_half_up(asked: Asked) -> Iterator[Wrong]:
    """To the nearest integer, halves up."""
    yield from by_windows(
        asked,
        "rounds to the nearest instead of down",
        lambda one, extent: (2 * one.span(extent) + one.stride) // (2 * one.stride) + 1,
    )


@entry("fraction", "leaves a fraction", convention=True)
def fraction(asked: Asked) -> Iterator[Wrong]:
    """(n + 2p - k)/s + 1, exactly."""
    yield from by_windows(
        asked,
        "is no whole number: the windows do not tile the input",
        lambda one, extent: Written.literal(one.span(extent)).combine("/", one.span(extent), one.stride) + 1,
    )


@entry("same-as-unchanged", "reads `same` with a stride as an unchanged size")
def same_as_unchanged(asked: Asked) -> Iterator[Wrong]:
    """The input's extents."""
    if words(asked, "same"):
        what = "takes `same` for an unchanged size, but with a stride it is the size over the stride, rounded up"
        yield from by_windows(asked, what, lambda _, extent: extent)


@entry("same-floor", "rounds down for `same` instead of up")
def same_floor(asked: Asked) -> Iterator[Wrong]:
    """The extents n//s."""
    if words(asked, "same"):
        yield from by_windows(
            asked, "rounds down, but `same` rounds the quotient up", lambda one, extent: extent // one.stride
        )


@entry("same-as-valid", "reads `same` as `valid`")
def same_as_valid(asked: Asked) -> Iterator[Wrong]:
    """(n - k)//s + 1."""
    if words(asked, "same"):
        what = "is without padding, as for `valid`, but here it is `same`"
        yield from by_windows(asked, what, lambda one, extent: one._replace(before=0, after=0).output(extent))


@entry("valid-as-same", "reads `valid` as `same`")
def valid_as_same(asked: Asked) -> Iterator[Wrong]:
    """ceil(n/s)."""
    if asked.windows and all(one.padding == 0 for one in asked.windows):
        yield from by_windows(
            asked, "pads as for `same`, but here is no padding", lambda one, extent: ceil_div(extent, one.stride)
        )


@entry("pool-stride-1", "takes a pool's stride for 1")
def pool_stride_1(asked: Asked) -> Iterator[Wrong]:
    """The extents n - k + 1."""
    if not asked.weighted:
        what = "moves the window by 1, but a pool's stride is its window where nothing else is said"
        yield from by_windows(asked, what, lambda one, extent: one._replace(stride=Written.literal(1)).output(extent))


@entry("stride-ignored", "ignores the stride")
def stride_ignored(asked: Asked) -> Iterator[Wrong]:
    """The extents n + 2p - k + 1."""
    if asked.weighted:
        strides = shown(tuple(one.stride for one in asked.windows)) if asked.windows else ""
        yield from by_windows(
            asked, f"ignores the stride of {strides}", lambda one, extent: one.span(extent) + Written.literal(1)
        )


@entry("sign", "adds the kernel instead of subtracting it")
def sign(asked: Asked) -> Iterator[Wrong]:
    """(n + k + 2p)//s + 1."""
    yield from by_windows(
        asked,
        "adds the kernel instead of subtracting it",
        lambda one, extent: (extent + one.effective + one.padding) // one.stride + 1,
    )


@entry("depth-unchanged", "keeps the channels of the input")
def depth_unchanged(asked: Asked) -> Iterator[Wrong]:
    """C for F."""
    if asked.weighted and asked.output.rank:
        what = f"keeps the {counted(asked.input.channels, 'channel')} of the input; each filter makes one"
        yield Wrong(asked.output._replace(channels=asked.input.channels), what)


@entry("depth-pooled", "pools the channels too")
def depth_pooled(asked: Asked) -> Iterator[Wrong]:
    """C/2, or C/s."""
    if asked.windows and not asked.weighted:
        for divisor in dict.fromkeys((2, plain(asked.windows[0].stride))):
            channels = asked.output.channels // divisor
            yield Wrong(asked.output._replace(channels=channels), "pools the channels too, but a pool keeps them")


@entry("along-channels", "slides along the channels")
def along_channels(asked: Asked) -> Iterator[Wrong]:
    """C - k + 1."""
    if asked.input.rank == 1 and asked.weighted and asked.windows:
        (window,), (length,) = asked.windows, asked.input.extents
        moved = window._replace(before=0, after=0).output(Written.literal(asked.input.channels))
        what = "slides along the channels, but a window slides along the sequence"
        for shape in ((moved, asked.output.channels), (length, moved)):
            yield Wrong(Shape(shape[:1], shape[1]), what)


@entry("dilation-ignored", "ignores the dilation")
def dilation_ignored(asked: Asked) -> Iterator[Wrong]:
    """A window of k for d(k - 1) + 1."""
    one_tap = Written.literal(1)
    yield from by_windows(
        asked, "ignores the dilation", lambda one, extent: one._replace(dilation=one_tap).output(extent)
    )


@entry("dilation-gap", "counts the dilation as the gap, 0 for none", convention=True)
def dilation_gap(asked: Asked) -> Iterator[Wrong]:
    """A dilation of d + 1 for d."""
    if any(one.dilation != 1 for one in asked.windows):
        what = "counts the dilation as the cells between the taps"
        yield from by_windows(asked, what, lambda one, extent: one._replace(dilation=one.dilation + 1).output(extent))
        # An axis without dilation may have been left as it is.
        yield from by_windows(
            asked,
            what,
            lambda one, extent: one._replace(dilation=one.dilation + int(one.dilation != 1)).output(extent),
        )


@entry("forward-for-transposed", "uses the forward formula for a transposed convolution, or leaves out its padding")
def forward_for_transposed(asked: Asked) -> Iterator[Wrong]:
    """(n + 2p - k)//s + 1, and (n - 1)s - 2p + k."""
    spreads = [one for one in asked.geometry if isinstance(one, Spread)]
    if spreads and len(spreads) == asked.input.rank:
        what = "is the formula of an ordinary convolution; a transposed one turns it round"
        yield Wrong(asked.per_axis(lambda one, extent: Window(*one[:5]).output(extent)), what)
        what = "leaves out the output padding"
        yield Wrong(asked.per_axis(lambda one, extent: one._replace(extra=0).output(extent)), what)
        what = "leaves out the padding, which cuts a transposed convolution's output"
        yield Wrong(asked.per_axis(lambda one, extent: one._replace(before=0, after=0).output(extent)), what)


@entry("even-kernel", "takes an even kernel with P = (k - 1)//2 to keep the size")
def even_kernel(asked: Asked) -> Iterator[Wrong]:
    """The extents n, where n - 1 is right."""
    if any(one.size % 2 == 0 and one.stride == 1 and one.padding == one.size - 2 for one in asked.windows):
        what = "keeps the size, but an even kernel with P = (k - 1)//2 loses one"
        yield from by_windows(asked, what, lambda _, extent: extent)


@entry("order", "has the dimensions in another order", convention=True)
def order(asked: Asked) -> Iterator[Wrong]:
    """A permutation."""
    output = asked.record.output
    for dims in dict.fromkeys(permutations(output.dims)):
        first = dims == (output.channels, *output.extents)
        what = "has the channels first" if first else "has the dimensions in another order"
        yield Wrong(Shape(dims[:-1], dims[-1]), f"{what}; here the channels stand last")


@entry("flatten-elsewhere", "flattens another layer's map")
def flatten_elsewhere(asked: Asked) -> Iterator[Wrong]:
    """The sizes of the other maps, where the layer flattens one."""
    if asked.output.rank == 0 and asked.input.rank and asked.layer.renames(asked.input):
        for record in (*layers_before(asked), None):
            shape = asked.subject.nodes[0].shape if record is None else record.output
            size = Shape((), product(tuple(map(Written.literal, shape.dims))))
            yield Wrong(size, f"flattens the map of {'the input' if record is None else record.name}")
