"""Mistakes in output sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, combinations, permutations

from cnncalc.algebra import Number, ceil_div, product
from cnncalc.homework.mistakes.table import OUTPUT, Asked, Wrong, mistake, other_maps, shown
from cnncalc.prose import counted
from cnncalc.shapes import AXIS_NAMES, Shape, Spread, Window
from cnncalc.written import Written, plain

entry = partial(mistake, quantities=OUTPUT)


def by_windows(asked: Asked, what: str, output: Callable[[Window, Number], Number]) -> Iterator[Wrong]:
    """The output by another formula of its windows, if it has some; along all axes, or where they differ, some."""
    if asked.windows:
        wrong, right = asked.per_axis(output), asked.per_axis(lambda one, extent: one.output(extent))
        yield Wrong(wrong, what)
        axes = list(zip(asked.windows, asked.input.extents, strict=True))
        kinds = list(dict.fromkeys(axes))
        for some in chain.from_iterable(combinations(kinds, number) for number in range(1, len(kinds))):
            both = zip(axes, wrong.extents, right.extents, strict=True)
            extents = tuple(one if axis in some else other for axis, one, other in both)
            yield Wrong(Shape(extents, wrong.channels), what)


def by_same(asked: Asked, what: str, output: Callable[[Window, Number], Number]) -> Iterator[Wrong]:
    """The output of a layer with `same` padding by another formula; the right one is ceil(n/s)."""
    if words(asked, "same"):
        right = asked.per_axis(lambda one, extent: ceil_div(extent, one.stride)) if asked.windows else None
        yield from (wrong._replace(right=right) for wrong in by_windows(asked, what, output))


def words(asked: Asked, *known: str) -> bool:
    """Whether the padding is one of some words."""
    return getattr(asked.layer, "padding", None) in known


def by_spreads(asked: Asked, what: str, output: Callable[[Spread, Number], Number]) -> Iterator[Wrong]:
    """The output of a transposed convolution by another formula."""
    if asked.spreads:
        yield Wrong(asked.per_axis(output), what)


@entry("pad-once", "counts the padding once instead of on both sides", convention=True)
def pad_once(asked: Asked) -> Iterator[Wrong]:
    """(n + p - k)//s + 1; of a transposed convolution (n - 1)s - p + k."""
    if not words(asked, "same"):
        what = "adds the padding once instead of on both sides"
        yield from by_windows(asked, what, lambda one, extent: one._replace(after=0).output(extent))
        what = "cuts the padding off once instead of on both sides"
        yield from by_spreads(asked, what, lambda one, extent: one._replace(after=0).output(extent))


@entry("pad-ignored", "leaves out the padding")
def pad_ignored(asked: Asked) -> Iterator[Wrong]:
    """(n - k)//s + 1."""
    if not words(asked, "same"):
        what = "leaves out the padding"
        yield from by_windows(asked, what, lambda one, extent: one._replace(before=0, after=0).output(extent))


@entry("no-plus-one", "forgets the + 1")
def no_plus_one(asked: Asked) -> Iterator[Wrong]:
    """(n + 2p - k)//s; for `same` only where both sides have as much padding."""
    if all(one.before == one.after for one in asked.windows) or not words(asked, "same"):
        yield from by_windows(asked, "forgets the + 1", lambda one, extent: one.span(extent) // one.stride)


@entry("ceil", "rounds up", convention=True)
def ceil(asked: Asked) -> Iterator[Wrong]:
    """Upwards, with and without the rule that no window starts beyond the input."""
    what = "rounds up instead of down"
    yield from by_windows(asked, what, lambda one, extent: ceil_div(one.span(extent), one.stride) + 1)
    yield from by_windows(asked, what, lambda one, extent: one._replace(ceil=True).output(extent))


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
        lambda one, extent: Written.literal(one.span(extent)).combine("round_div", one.span(extent), one.stride) + 1,
    )


@entry("fraction", "leaves a fraction", convention=True)
def fraction(asked: Asked) -> Iterator[Wrong]:
    """(n + 2p - k)/s + 1, exactly."""
    yield from by_windows(
        asked,
        "leaves a fraction, but a size is a whole number",
        lambda one, extent: Written.literal(one.span(extent)).combine("/", one.span(extent), one.stride) + 1,
    )


@entry("same-as-unchanged", "reads `same` with a stride as an unchanged size")
def same_as_unchanged(asked: Asked) -> Iterator[Wrong]:
    """The input's extents."""
    yield from by_same(asked, "takes `same` for an unchanged size, but the stride divides it", lambda _, extent: extent)


@entry("same-floor", "rounds down for `same` instead of up")
def same_floor(asked: Asked) -> Iterator[Wrong]:
    """The extents n//s."""
    yield from by_same(asked, "rounds down, but `same` rounds up", lambda one, extent: extent // one.stride)


@entry("same-as-valid", "reads `same` as `valid`")
def same_as_valid(asked: Asked) -> Iterator[Wrong]:
    """(n - k)//s + 1."""
    what = "is without padding, as for `valid`, but the padding is `same`"
    yield from by_same(asked, what, lambda one, extent: one._replace(before=0, after=0).output(extent))


@entry("valid-as-same", "reads `valid` as `same`")
def valid_as_same(asked: Asked) -> Iterator[Wrong]:
    """ceil(n/s); of a transposed convolution ns."""
    if not words(asked, "same"):
        yield from by_spreads(asked, "takes the stride alone, as for `same`", lambda one, extent: extent * one.stride)
    if asked.windows and all(one.padding == 0 for one in asked.windows):
        yield from by_windows(
            asked, "pads as for `same`, but there is no padding here", lambda one, extent: ceil_div(extent, one.stride)
        )


@entry("pool-stride-1", "takes a pool's stride for 1")
def pool_stride_1(asked: Asked) -> Iterator[Wrong]:
    """The extents n - k + 1."""
    if not asked.weighted:
        strides, sizes = (tuple(one[number] for one in asked.windows) for number in (1, 0))
        own = ", the size of the window" if strides == sizes else ""
        what = f"moves the window by 1 instead of {shown(strides) if strides else ''}{own}"
        yield from by_windows(asked, what, lambda one, extent: one._replace(stride=Written.literal(1)).output(extent))


@entry("stride-ignored", "ignores the stride")
def stride_ignored(asked: Asked) -> Iterator[Wrong]:
    """The extents n + 2p - k + 1."""
    if asked.weighted and asked.windows and not words(asked, "same"):
        strides = shown(tuple(one.stride for one in asked.windows))
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
        made = f"each of the {counted(asked.output.channels, 'filter')} makes one"
        what = f"keeps the {counted(asked.input.channels, 'channel')} of the input, but {made}"
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
    """C - k + 1, or with the stride and the dilation."""
    if asked.input.rank == 1 and asked.weighted and asked.windows:
        (window,), (length,) = asked.windows, asked.input.extents
        what = "slides along the channels, but a window slides along the sequence"
        for one in (window._replace(before=0, after=0), Window(window.size)):
            moved = one.output(Written.literal(asked.input.channels))
            for shape in ((moved, asked.output.channels), (length, moved)):
                yield Wrong(Shape(shape[:1], shape[1]), what)


@entry("dilation-ignored", "ignores the dilation")
def dilation_ignored(asked: Asked) -> Iterator[Wrong]:
    """A window of k for d(k - 1) + 1."""
    one_tap = Written.literal(1)
    sizes, spans, dilations = spread_kernel(asked)
    what = f"ignores the dilation of {dilations}, by which a kernel of {sizes} spans {spans}"
    yield from by_windows(asked, what, lambda one, extent: one._replace(dilation=one_tap).output(extent))


def spread_kernel(asked: Asked) -> tuple[str, str, str]:
    """The kernel, what it spans when it is dilated, and the dilation, in words."""
    each = ((one.size, plain(one.effective), one.dilation) for one in asked.windows)
    sizes, spans, dilations = (shown(numbers) for numbers in zip(*each, strict=True)) if asked.windows else ("", "", "")
    return sizes, spans, dilations


@entry("dilation-gap", "counts the dilation as the gap, 0 for none", convention=True)
def dilation_gap(asked: Asked) -> Iterator[Wrong]:
    """A dilation of d + 1 for d."""
    if any(one.dilation != 1 for one in asked.windows):
        _, spans, dilations = spread_kernel(asked)
        what = f"takes the dilation of {dilations} for the number of cells left out, but the kernel spans {spans}"
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
    yield from by_spreads(
        asked,
        "is the formula of an ordinary convolution, which a transposed one turns round",
        lambda one, extent: Window(*one[:5]).output(extent),
    )
    yield from by_spreads(
        asked, "leaves out the output padding", lambda one, extent: one._replace(extra=0).output(extent)
    )
    yield from by_spreads(
        asked,
        "leaves out the padding, which cuts a transposed convolution's output",
        lambda one, extent: one._replace(before=0, after=0).output(extent),
    )


@entry("even-kernel", "takes an even kernel with P = (k - 1)//2 to keep the size")
def even_kernel(asked: Asked) -> Iterator[Wrong]:
    """The extents n, where n - 1 is right."""
    even = [one for one in asked.windows if one.size % 2 == 0 and one.stride == 1 and one.padding == one.size - 2]
    if even:
        padding = counted(plain(even[0].before), "cell")
        what = f"keeps the size, but an even kernel with {padding} of padding on each side loses one"
        yield from by_windows(asked, what, lambda one, extent: extent if one in even else one.output(extent))


@entry("order", "has the dimensions in another order", convention=True)
def order(asked: Asked) -> Iterator[Wrong]:
    """A permutation."""
    output, names = asked.record.output, ", ".join(AXIS_NAMES[asked.output.rank])
    known = {
        (output.channels, *output.extents): "has the channels first, but here they stand last",
        (*output.extents[::-1], output.channels): f"has {names} in another order",
    }
    for dims in dict.fromkeys(permutations(output.dims)):
        what = known.get(dims, f"has the dimensions in another order than {names}, channels")
        yield Wrong(Shape(dims[:-1], dims[-1]), what)


@entry("flatten-elsewhere", "flattens another layer's map")
def flatten_elsewhere(asked: Asked) -> Iterator[Wrong]:
    """The sizes of the other maps, where the layer flattens one."""
    if flattens(asked):
        for shape, what in other_maps(asked, asked.record):
            yield Wrong(vector(shape.dims), what)


@entry("no-channels", "forgets the channels of the map")
def no_channels(asked: Asked) -> Iterator[Wrong]:
    """The positions of the map, where the layer flattens one."""
    if flattens(asked):
        yield Wrong(vector(asked.input.extents), f"forgets the {counted(asked.input.channels, 'channel')} of the map")


def flattens(asked: Asked) -> bool:
    """Whether the layer makes a vector of a map."""
    return asked.output.rank == 0 and asked.input.rank > 0 and asked.layer.renames(asked.input)


def vector(dims: tuple[Number, ...]) -> Shape:
    """A vector of so many values, written down."""
    return Shape((), product(tuple(map(Written.literal, dims))))
