"""Mistakes in counting parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from cnncalc.algebra import Number
from cnncalc.homework.mistakes.table import PARAMS, Asked, Wrong, layers_before, mistake, other_maps, shown, some_sides
from cnncalc.layers.base import Array
from cnncalc.prose import counted
from cnncalc.shapes import Shape
from cnncalc.written import Written

if TYPE_CHECKING:
    from cnncalc.infer import Record

COUNTS = (*PARAMS, "non-trainable", "biases")
entry = partial(mistake, additive=True)


def is_kernel(asked: Asked, array: Array) -> bool:
    """Whether an array is a kernel: an extent for each axis, then the channels in and out."""
    return array.role == "weight" and asked.input.rank > 0 and len(array.dims) == asked.input.rank + 2


def kernels(asked: Asked) -> Iterator[tuple[tuple[Array, ...], tuple[Array, ...]]]:
    """The kernels of the layer, and its other arrays; nothing for a layer without a kernel."""
    arrays = asked.arrays()
    found = tuple(array for array in arrays if is_kernel(asked, array))
    if found and asked.weighted:
        yield found, tuple(array for array in arrays if array not in found)


def biases(arrays: Iterable[Array]) -> str:
    """How many biases there are, in words."""
    return counted(sum(array.size for array in arrays if array.role == "bias"), "bias")


@entry("no-channels", "forgets the input channels", PARAMS)
def no_channels(asked: Asked) -> Iterator[Wrong]:
    """(k·k + 1)·F; for a dense layer behind a map, the positions of one channel alone."""
    for found, others in kernels(asked):
        flat = [array._replace(dims=(*array.dims[:-2], array.dims[-1])) for array in found]
        what = f"forgets the {counted(found[0].dims[-2], 'input channel')}"
        yield Wrong(asked.values((*flat, *others)), what)
        if asked.output.channels != flat[-1].dims[-1]:  # a depthwise layer has a bias for each channel, too
            biases = [array._replace(dims=flat[-1].dims[-1:]) for array in others]
            yield Wrong(asked.values((*flat, *biases)), what)
    shape = flattened_map(asked)
    if shape is not None:
        yield from _flattened(asked, shape.positions, "forgets the channels of the map")


@entry("no-channels-no-bias", "forgets the input channels and the biases", PARAMS)
def no_channels_no_bias(asked: Asked) -> Iterator[Wrong]:
    """k·k·F."""
    for found, others in kernels(asked):
        if others:
            flat = [array._replace(dims=(*array.dims[:-2], array.dims[-1])) for array in found]
            channels = counted(found[0].dims[-2], "input channel")
            yield Wrong(asked.values(flat), f"forgets the {channels} and the {biases(others)}")


@entry("no-bias", "leaves out the biases", (*PARAMS, "biases"), convention=True)
def no_bias(asked: Asked) -> Iterator[Wrong]:
    """k·k·C·F; dense in·out."""
    arrays = asked.arrays()
    if asked.weighted and any(array.role == "bias" for array in arrays):
        yield Wrong(asked.values(array for array in arrays if array.role != "bias"), f"leaves out the {biases(arrays)}")


@mistake("no-bias", "leaves out the biases", ("dense-params",), convention=True)
def dense_no_bias(asked: Asked) -> Iterator[Wrong]:
    """The values that go in times those that come out."""
    values, units = Written.literal(asked.subject.reads.size), Written.literal(asked.output.size)
    yield Wrong(values * units, f"leaves out the {counted(asked.output.size, 'bias')}")


@mistake("no-channels", "forgets the input channels", ("dense-params",))
def dense_no_channels(asked: Asked) -> Iterator[Wrong]:
    """The positions that go in, and one, times the values that come out."""
    reads, units = asked.subject.reads, Written.literal(asked.output.size)
    if reads.rank:
        inputs = Written.literal(reads.positions) + Written.literal(1)
        yield Wrong(inputs * units, f"forgets the {counted(reads.channels, 'input channel')}")


@entry("one-bias", "has one bias for the whole layer", (*PARAMS, "biases"))
def one_bias(asked: Asked) -> Iterator[Wrong]:
    """k·k·C·F + 1; dense in·out + 1."""
    arrays = asked.arrays()
    if asked.weighted and any(array.role == "bias" for array in arrays):
        single = [array._replace(dims=(1,)) if array.role == "bias" else array for array in arrays]
        yield Wrong(asked.values(single), f"has one bias for the whole layer instead of {biases(arrays)}")


@entry("one-filter", "counts one filter instead of all", PARAMS)
def one_filter(asked: Asked) -> Iterator[Wrong]:
    """k·k·C + 1, or without the bias."""
    for found, others in kernels(asked):
        single = [array._replace(dims=array.dims[:-1]) for array in found]
        bias = [array._replace(dims=(1,)) for array in others]
        for arrays in (single + bias, single) if bias else (single,):
            yield Wrong(asked.values(arrays), f"counts one filter instead of {shown(found[-1].dims[-1])}")


@entry("times-positions", "multiplies by the output positions, as if no weights were shared", PARAMS)
def times_positions(asked: Asked) -> Iterator[Wrong]:
    """H'·W'·F·(k·k·C + 1), or without the biases."""
    places = asked.output.extents
    for found, others in kernels(asked) if asked.output.positions != 1 else ():
        for arrays in {(*found, *others): None, found: None}:
            each = [array._replace(dims=(*places, *array.dims)) for array in arrays]
            what = f"counts the weights at each of the {shown(asked.output.positions)} positions, but they are shared"
            yield Wrong(asked.values(each), what)


@entry("pool-params", "gives parameters to a layer that has none", COUNTS)
def pool_params(asked: Asked) -> Iterator[Wrong]:
    """k·k, k·k + 1, k·k·C, (k·k + 1)·C, k·k·C·C, (k·k·C + 1)·C, 1."""
    if asked.record.facts.arrays or not asked.windows:
        return
    window, channels = tuple(one.size for one in asked.windows), asked.input.channels
    kernels: tuple[tuple[Number, ...], ...] = (window, (*window, channels), (*window, channels, channels))
    without, one = [(kernel,) for kernel in kernels], (window, (1,))
    for arrays in (*without, one, *((kernel, (channels,)) for kernel in kernels)):
        yield Wrong(asked.amount(arrays), "counts the window as if it were learnt, but the layer has no weights")
    yield Wrong(1, "counts a parameter, but the layer has none")


@entry("stride-in-params", "puts the stride into the count", PARAMS)
def stride_in_params(asked: Asked) -> Iterator[Wrong]:
    """(k·k·C·s + 1)·F, or with the strides of all axes."""
    strides = [one.stride for one in asked.windows or asked.spreads]
    for found, others in kernels(asked):
        for some in (strides[:1], strides):
            arrays = [array._replace(dims=(*array.dims[:-1], *some, array.dims[-1])) for array in found]
            what = f"multiplies by the stride of {shown(tuple(strides))}, which changes no weights"
            yield Wrong(asked.values((*arrays, *others)), what)


@entry("flatten-elsewhere", "flattens another layer's map", PARAMS)
def flatten_elsewhere(asked: Asked) -> Iterator[Wrong]:
    """The layer behind the sizes of the other maps, and of one that is pooled once more or once less."""
    maker = vector_maker(asked)
    if maker is not None:
        for other, what in other_maps(asked, maker):
            yield from _flattened(asked, other.size, what)


def _flattened(asked: Asked, size: Number, what: str) -> Iterator[Wrong]:
    """The layer on a vector of another size."""
    if asked.weighted:
        instead = f"{counted(size, 'value')} instead of {shown(asked.input.channels)}"
        yield Wrong(asked.values(asked.arrays(shape=Shape((), size))), f"{what}, {instead}")


def flattened_map(asked: Asked) -> Shape | None:
    """The map that the layer's vector was before it was flattened; None if it was none."""
    maker = vector_maker(asked)
    return maker.input if maker is not None and maker.layer.renames(maker.input) else None


def vector_maker(asked: Asked) -> Record | None:
    """The layer that made the layer's vector of a map; None if it never was a map."""
    if asked.input.rank:
        return None
    for record in layers_before(asked):
        if record.output.size != asked.input.size:
            return None
        if record.input.rank:
            return record
    return None


@entry("filters-as-channels", "takes the filters for the input channels", PARAMS)
def filters_as_channels(asked: Asked) -> Iterator[Wrong]:
    """(k·k·F + 1)·F, and (k·k·F + 1)·C."""
    for found, others in kernels(asked):
        kernel = found[0]
        *window, channels, filters = kernel.dims
        if len(found) > 1 or filters != asked.output.channels:
            continue
        inputs = asked.input.channels
        exchanged = ((*window, filters, inputs), (*window, filters * channels // inputs, inputs))
        for dims in dict.fromkeys(((*window, filters, filters), *exchanged)):
            arrays = [array._replace(dims=dims[-1:]) for array in others]
            what = f"takes the {counted(filters, 'filter')} for input channels, but of those there are {shown(inputs)}"
            yield Wrong(asked.values((kernel._replace(dims=dims), *arrays)), what)


@entry("bn-4c", "counts the kept statistics too: 4C", ("params", "trainable", "non-trainable"), convention=True)
def bn_4c(asked: Asked) -> Iterator[Wrong]:
    """4C where 2C is asked for."""
    arrays = asked.record.facts.arrays
    kept = [array for array in arrays if array.role == "statistic"]
    if kept:
        rest = "learnt values" if asked.quantity == "non-trainable" else "kept statistics"
        what = f"counts the {shown(sum(array.size for array in kept))} {rest} too"
        yield Wrong(asked.values(arrays), what)


@entry("bn-2c", "leaves out the kept statistics: 2C", ("param-memory",), convention=True)
def bn_2c(asked: Asked) -> Iterator[Wrong]:
    """2C where 4C is asked for."""
    arrays = asked.record.facts.arrays
    kept = [array for array in arrays if array.role == "statistic"]
    if kept:
        what = f"leaves out the {shown(sum(array.size for array in kept))} kept statistics"
        yield Wrong(asked.values(array for array in arrays if array not in kept), what)


@entry("groups-ignored", "ignores the groups", PARAMS)
def groups_ignored(asked: Asked) -> Iterator[Wrong]:
    """k·k·C·F + F."""
    groups = getattr(asked.layer, "groups", 1)
    if groups != 1:
        yield from _ordinary(asked, f"ignores the {shown(groups)} groups")


@entry("depthwise-as-full", "counts a depthwise or separable layer as an ordinary one, or half of it", PARAMS)
def depthwise_as_full(asked: Asked) -> Iterator[Wrong]:
    """The ordinary layer of the same window and filters; each of several kernels alone."""
    if not hasattr(asked.layer, "groups"):
        yield from _ordinary(asked, "counts it as an ordinary convolution")
    for found, others in kernels(asked):
        if len(found) > 1:
            for kernel in found:
                for arrays in ((kernel, *others), (kernel,)):
                    yield Wrong(asked.values(arrays), f"counts the {kernel.name} part alone")


def _ordinary(asked: Asked, what: str) -> Iterator[Wrong]:
    """The parameters of the ordinary layer in the place of a thrifty one."""
    layer = asked.layer.ordinary(asked.input)
    if layer is not None:
        arrays = asked.arrays(layer)
        yield Wrong(asked.values(arrays), what)
        if any(array.role == "bias" for array in arrays):
            weights = (array for array in arrays if array.role != "bias")
            yield Wrong(asked.values(weights), f"{what}, and leaves out the {biases(arrays)}")


@entry("one-kernel-axis", "takes k instead of k·k", PARAMS)
def one_kernel_axis(asked: Asked) -> Iterator[Wrong]:
    """(k·C + 1)·F."""
    rank = asked.input.rank
    for found, others in kernels(asked):
        for axes, what in some_sides(rank):
            arrays = [
                array._replace(dims=(*(array.dims[axis] for axis in axes), *array.dims[rank:])) for array in found
            ]
            yield Wrong(asked.values((*arrays, *others)), what)


@entry("with-bias", "counts the biases too", ("weights",), convention=True)
def with_bias(asked: Asked) -> Iterator[Wrong]:
    """k·k·C·F + F where the weights alone are asked for."""
    arrays = asked.record.facts.arrays
    found = [array for array in arrays if array.role == "bias"]
    if asked.weighted and found:
        yield Wrong(asked.values((*asked.arrays(), *found)), f"counts the {biases(found)} too")


@entry("with-bias", "counts biases that the layer has not", (*PARAMS, "biases"), convention=True)
def with_no_bias(asked: Asked) -> Iterator[Wrong]:
    """k·k·C·F + F for a layer without biases."""
    if asked.weighted and not getattr(asked.layer, "bias", True):
        found = asked.layer.changed(bias=True).arrays(asked.input)
        own = tuple(array for array in found if array.role == "bias")
        yield Wrong(asked.values((*asked.arrays(), *own)), f"counts {biases(own)}, but the layer has none")
