"""A step of the fast engine: what a layer reads, what comes of it, and who knows how to compute it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import singledispatch
from typing import NamedTuple

from cnncalc.algebra import whole
from cnncalc.forward import integers
from cnncalc.forward.integers import LEAST, Stream
from cnncalc.forward.maps import (
    Map,
    from_channels_last,
)
from cnncalc.forward.tensor import Tensor
from cnncalc.forward.workers import Workers
from cnncalc.layers import Layer
from cnncalc.shapes import Window

# How much longer a value takes by the definition than a product in lanes.
BY_DEFINITION = 4000


class Outcome(NamedTuple):
    """What a layer made, the products that it summed, and how many learnt values it took."""

    map: Map
    products: int = 0
    learnt: int = 0


class Here(NamedTuple):
    """Where a layer is computed: what it reads, the stream of its weights, and who works."""

    inputs: tuple[Map, ...]
    stream: Stream
    workers: Workers

    @property
    def x(self) -> Map:
        """The only input, or the first."""
        return self.inputs[0]


@singledispatch
def run_step(layer: Layer, here: Here) -> Outcome:
    """One step of a layer; of a kind that has no faster way, by its definition."""
    return by_definition(layer, here)


class Asked(dict[str, Tensor]):
    """Arrays that know which of them were asked for."""

    def __init__(self, arrays: dict[str, Tensor]) -> None:
        """None yet."""
        super().__init__(arrays)
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Tensor:
        """Write it down."""
        self.names.add(name)
        return super().__getitem__(name)


def by_definition(layer: Layer, here: Here) -> Outcome:
    """What the kind's own definition makes, position by position in parts where it allows that."""
    arrays = () if layer.merges else layer.arrays(here.x.shape)
    tensors = [x.tensor() for x in here.inputs]
    weights = {
        array.name: Tensor(tuple(map(whole, array.dims)), here.stream.numbers(array, summed=False)) for array in arrays
    }
    work = BY_DEFINITION * sum(len(tensor.values) for tensor in tensors)
    alone = len(tensors) == 1 and all(axis == Window(1) for axis in layer.geometry(here.x.shape))
    if alone and all(array.dims != here.x.shape.dims for array in arrays):
        (x,) = tensors
        *extents, channels = x.dims
        ranges = list(cuts(here.x.positions, here.workers.parts(work)))
        sizes = [(*(1,) * (len(extents) - 1), last - first, channels) if extents else x.dims for first, last in ranges]
        values = [x.values[first * channels : last * channels] for first, last in ranges]
        tasks = [(layer, [Tensor(size, some)], weights) for size, some in zip(sizes, values, strict=True)]
        results = here.workers.run(defined, tasks, len(tasks), work)
        whole_result = Tensor(
            (*extents, results[0][0].dims[-1]), [value for result, _ in results for value in result.values]
        )
    else:
        results = here.workers.run(defined, [(layer, tensors, weights)], 1, work)
        whole_result = results[0][0]
    learnt = sum(len(weights[name].values) for name in set().union(*(names for _, names in results)))
    data = bytes(value - LEAST for value in whole_result.values)
    return Outcome(from_channels_last(whole_result.dims[:-1], whole_result.dims[-1], data), learnt=learnt)


def defined(layer: Layer, inputs: list[Tensor], weights: dict[str, Tensor]) -> tuple[Tensor, set[str]]:
    """The values that a kind's own definition makes, and the arrays that it asked for."""
    asked = Asked(weights)
    return integers.computed(layer, inputs, asked), asked.names


def cuts(whole_number: int, count: int) -> Iterator[tuple[int, int]]:
    """The numbers below one in about so many parts of about one size."""
    marks = sorted({whole_number * number // count for number in range(count + 1)})
    return itertools.pairwise(marks) if len(marks) > 1 else iter([(0, whole_number)])
