"""Mistakes in receptive fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from cnncalc.algebra import Number, product
from cnncalc.homework.mistakes.table import FIELD, Asked, Wrong, layers_before, mistake
from cnncalc.shapes import SAME_PLACE, Window, widened
from cnncalc.written import Written, added, plain

entry = partial(mistake, quantities=FIELD)


def chains(asked: Asked) -> list[list[Window]]:
    """For each axis of the image the windows from it to the layer, in letters; empty if there is anything else."""
    records = [*reversed(list(layers_before(asked))), asked.record]
    if any(len(record.node.sources) > 1 or record.input.rank != asked.input.rank for record in records):
        return []
    axes: list[list[Window]] = [[] for _ in asked.input.extents]
    for record in records:
        for axis, one in zip(axes, record.layer.geometry(record.input), strict=True):
            if not isinstance(one, Window):
                return []
            if one is not SAME_PLACE:
                # No letters: the kernels of several layers are different numbers.
                size, stride, dilation = map(Written.literal, one[:3])
                axis.append(Window(size, stride, dilation))
    return axes if all(axes) else []


def grown(windows: Sequence[Window]) -> Written:
    """The size of the field behind some windows, by the recurrence."""
    size: Number = Written.literal(1)
    jump: Number = 1
    for window in windows:
        size, jump, _ = widened(size, Written.literal(plain(jump)), 0, window)
    return Written.literal(size)


def by_chain(asked: Asked, what: str, size: Callable[[Sequence[Window]], Number]) -> Iterator[Wrong]:
    """The field by another rule from the windows, if it comes from windows alone."""
    axes = chains(asked)
    if axes:
        yield Wrong(tuple(map(size, axes)), what)


def by_several(asked: Asked, what: str, size: Callable[[Sequence[Window]], Number]) -> Iterator[Wrong]:
    """The same for what nobody does with one window alone."""
    if all(len(axis) > 1 for axis in chains(asked)):
        yield from by_chain(asked, what, size)


@entry("rf-no-stride", "adds k - 1 without the strides before")
def rf_no_stride(asked: Asked) -> Iterator[Wrong]:
    """1 + the sum of k - 1."""
    yield from by_chain(
        asked,
        "adds k \N{MINUS SIGN} 1 without the product of the strides before",
        lambda windows: grown([window._replace(stride=1) for window in windows]),
    )


@entry("rf-sum-kernels", "adds the kernels")
def rf_sum_kernels(asked: Asked) -> Iterator[Wrong]:
    """The sum of k, of dilated kernels or as they are."""
    what = "adds the kernels, but their windows overlap"
    yield from by_several(asked, what, lambda windows: added([window.effective for window in windows]))
    what = "adds the kernels without their dilation, and their windows overlap"
    yield from by_several(asked, what, lambda windows: added([window.size for window in windows]))


@entry("rf-product", "multiplies the kernels")
def rf_product(asked: Asked) -> Iterator[Wrong]:
    """The product of k, of dilated kernels or as they are."""
    what = "multiplies the kernels, but each layer adds to the field"
    yield from by_several(asked, what, lambda windows: product(tuple(window.effective for window in windows)))
    yield from by_several(asked, what, lambda windows: product(tuple(window.size for window in windows)))


@entry("rf-own-stride", "uses the strides up to and including this layer's")
def rf_own_stride(asked: Asked) -> Iterator[Wrong]:
    """The sum of k - 1 times the product of the strides up to and including the layer."""

    def size(windows: Sequence[Window]) -> Number:
        total: Number = Written.literal(1)
        jump: Number = 1
        for window in windows:
            jump = Written.literal(plain(jump * window.stride))
            total = total + (window.effective - 1) * jump
        return total

    yield from by_chain(asked, "multiplies by each layer's own stride too, but only the strides before it count", size)


@entry("rf-dilation-ignored", "ignores the dilation")
def rf_dilation_ignored(asked: Asked) -> Iterator[Wrong]:
    """A window of k for the effective kernel."""
    one = Written.literal(1)
    yield from by_chain(
        asked,
        "ignores the dilation, which widens the kernels",
        lambda windows: grown([window._replace(dilation=one) for window in windows]),
    )


@entry("rf-blocks", "adds the fields of blocks without their overlap")
def rf_blocks(asked: Asked) -> Iterator[Wrong]:
    """The field R of a block N times, for N(R - 1) + 1."""
    axes = chains(asked)
    layers = min(map(len, axes), default=0)
    for length in range(2, layers // 2 + 1):
        blocks = layers // length
        if all(axis == axis[:length] * blocks for axis in axes):
            what = f"adds the fields of {blocks} blocks, but neighbours overlap by one"
            fields = (Written.literal(grown(axis[:length]).value) for axis in axes)
            yield Wrong(tuple(Written.literal(blocks) * field for field in fields), what)


@entry("rf-area", "gives the area")
def rf_area(asked: Asked) -> Iterator[Wrong]:
    """The product of the field's sides."""
    field = asked.record.rf_size or ()
    if len(field) > 1 and all(side != 1 for side in field):
        sides = tuple(map(Written.literal, field))
        yield Wrong(product(sides), "is the area of the field, not its size along an axis")
