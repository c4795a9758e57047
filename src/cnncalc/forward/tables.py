"""The fast engine for layers that work value by value: tables of what their definition makes of each byte."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from cnncalc.algebra import whole
from cnncalc.forward import integers
from cnncalc.forward.integers import LEAST, MOST, SMALL, UNIT, changed, clamped
from cnncalc.forward.maps import Map, along_axes, joined
from cnncalc.forward.steps import Asked, Here, Outcome, by_definition, run_step
from cnncalc.forward.tensor import Tensor
from cnncalc.layers import Layer
from cnncalc.layers.activation import Activation, Prelu
from cnncalc.layers.arguments import spread
from cnncalc.layers.dense import Bias, Scale
from cnncalc.layers.merge import Concat, Elementwise
from cnncalc.layers.norm import Bn, Normalization, Rescale

ALL_BYTES = bytes(range(256))


def table_of(layer: Layer, weights: dict[str, Tensor] | None = None) -> bytes:
    """What a layer makes of each byte, by its definition."""
    every = Tensor((256, 1), range(LEAST, MOST + 1))
    return bytes(value - LEAST for value in integers.computed(layer, [every], weights or {}).values)


@lru_cache(maxsize=4096)
def _table(layer: Layer, values: tuple[tuple[str, int], ...]) -> tuple[bytes, frozenset[str]]:
    """The table of a layer with one value in each array, and the arrays that it asked for."""
    weights = Asked({name: Tensor((1,), (value,)) for name, value in values})
    return table_of(layer, weights), frozenset(weights.names)


@run_step.register
def _(layer: Activation, here: Here) -> Outcome:
    return by_definition(layer, here) if layer.mixes else by_value(layer, here)


@run_step.register(Rescale)
def by_value(layer: Layer, here: Here) -> Outcome:
    """One table for all values."""
    table, _ = _table(layer, ())
    return Outcome(here.x._replace(data=here.x.data.translate(table)))


def by_channel(layer: Layer, here: Here) -> Outcome:
    """A table for each channel, from its values of the layer's arrays; an array of one value has it for all."""
    x = here.x
    arrays = [(array.name, whole(array.size)) for array in layer.arrays(x.shape)]
    drawn = {name: here.stream.bytes(name, 0, size) for name, size in arrays}
    used: set[tuple[str, int]] = set()
    planes = []
    for channel, plane in enumerate(x.planes):
        at = {name: channel % size for name, size in arrays}
        table, asked = _table(layer, tuple((name, SMALL[drawn[name][index]]) for name, index in at.items()))
        used |= {(name, at[name]) for name in asked}
        planes.append(plane.translate(table))
    return Outcome(x._replace(data=b"".join(planes)), learnt=len(used))


for kind in (Bn, Scale, Bias):
    run_step.register(kind, by_channel)


@run_step.register
def _(layer: Normalization, here: Here) -> Outcome:
    if layer.mean is None or layer.variance is None:
        return by_channel(layer, here)
    pairs = zip(spread(layer.mean, here.x.channels), spread(layer.variance, here.x.channels), strict=True)
    tables = [_table(changed(layer, mean=(mean,), variance=(variance,)), ())[0] for mean, variance in pairs]
    planes = [plane.translate(table) for plane, table in zip(here.x.planes, tables, strict=True)]
    return Outcome(here.x._replace(data=b"".join(planes)))


@run_step.register
def _(layer: Prelu, here: Here) -> Outcome:
    return by_definition(layer, here) if layer.slopes == "each" else by_channel(layer, here)


# Merges.


@run_step.register
def _(layer: Concat, here: Here) -> Outcome:  # noqa: ARG001
    return Outcome(Map(here.x.extents, b"".join(x.data for x in here.inputs)))


@run_step.register
def _(layer: Elementwise, here: Here) -> Outcome:
    inputs = here.inputs
    most = max(inputs, key=lambda x: len(x.extents)).extents
    ranked = [x if x.extents else Map((1,) * len(most), x.data) for x in inputs]
    dims = [max(sizes) for sizes in zip(*((x.channels, *x.extents) for x in ranked), strict=True)]
    if len(inputs) == 2:
        table = pairs_of(layer)
        for one, other in ((0, 1), (1, 0)):
            if ranked[other].positions == 1 and ranked[one].shape.dims == (*dims[1:], dims[0]):
                # One value for each channel: the table of pairs has a row, or a column, for it.
                gates = ranked[other].data * (dims[0] // ranked[other].channels)
                rows = [table[256 * gate : 256 * gate + 256] if other else table[gate::256] for gate in gates]
                planes = [plane.translate(row) for plane, row in zip(ranked[one].planes, rows, strict=True)]
                return Outcome(Map(tuple(dims[1:]), b"".join(planes)))
    full = [repeated_to(x, dims) for x in ranked]
    if len(full) == 2:
        return Outcome(Map(tuple(dims[1:]), joined(full[0].data, full[1].data, pairs_of(layer))))
    together = ((byte + LEAST) / UNIT for row in zip(*(x.data for x in full), strict=True) for byte in row)
    rows_of_values = zip(*[together] * len(full), strict=True)
    data = bytes(clamped(layer.merged(list(values))) - LEAST for values in rows_of_values)
    return Outcome(Map(tuple(dims[1:]), data))


def repeated_to(x: Map, dims: Sequence[int]) -> Map:
    """A map whose extents of 1 are repeated to fit."""
    own = (x.channels, *x.extents)
    return along_axes(x, [range(own[i]) if own[i] == extent else [0] * extent for i, extent in enumerate(dims)])


@lru_cache(maxsize=8)
def pairs_of(layer: Elementwise) -> bytes:
    """What a merge makes of any two bytes, by its definition: at one + 256 * other."""
    values = [(byte + LEAST) / UNIT for byte in ALL_BYTES]
    return bytes(clamped(layer.merged([one, other])) - LEAST for other in values for one in values)
