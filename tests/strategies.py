"""Hypothesis strategies, derived from what the kinds state of their arguments: legal layers on small inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from cnncalc.layers import KINDS, Layer, LayerError
from cnncalc.layers.arguments import (
    LETTERS,
    Arg,
    Cells,
    Choice,
    Count,
    Decimal,
    Decimals,
    Dims,
    Factor,
    Flag,
    Letters,
    Part,
    Sizes,
    Steps,
)
from cnncalc.shapes import Shape
from cnncalc.spec.expressions import KEEP, Items, Pair
from cnncalc.spec.words import MOST_DIMENSIONS

Strategy = st.SearchStrategy[Any]
# More values would only make the tests slow.
MOST_VALUES = 700
# Extents that leave room for units which touch no padding, and few enough values.
EXTENTS = {0: (), 1: (5, 16), 2: (4, 9), 3: (3, 5)}


@st.composite
def shapes(draw: st.DrawFn, ranks: tuple[int, ...] = (0, 1, 2, 3)) -> Shape:
    """A small shape of one of the ranks, with a channel count that has divisors."""
    rank = draw(st.sampled_from(ranks))
    extents = tuple(draw(st.integers(*EXTENTS[rank])) for _ in range(rank))
    return Shape(extents, draw(st.sampled_from((1, 2, 3, 4, 6, 8) if rank < 3 else (1, 2, 8))))


def an_axis_each(part: Strategy, shape: Shape) -> Strategy:
    """One for all axes, or one for each."""
    each = st.tuples(*[part] * shape.rank)
    return part | each if shape.rank > 1 else part


def sizes(sort: Sizes, shape: Shape) -> Strategy:
    """Small sizes, at times with an axis kept."""
    numbers = st.integers(sort.least, 4)
    return an_axis_each(numbers | st.just(KEEP) if sort.keep else numbers, shape)


def cells(sort: Cells, shape: Shape) -> Strategy:
    """A few cells, even or uneven, or a word."""
    number = st.integers(0, 2)
    some = an_axis_each(number | st.builds(Pair, number, number), shape)
    return st.sampled_from(sort.words) | some if sort.words else some


@st.composite
def dims(draw: st.DrawFn, shape: Shape) -> tuple[int, ...]:
    """The same number of values in at most four dimensions."""
    rest, found = shape.size, []
    for _ in range(draw(st.integers(0, 3))):
        found.append(draw(st.sampled_from([n for n in range(1, rest + 1) if rest % n == 0])))
        rest //= found[-1]
    return tuple(draw(st.permutations([*found, rest])))


@st.composite
def parts(draw: st.DrawFn, shape: Shape) -> Any:
    """Ranges, lists and single numbers of one of the axes, not always of the one that is sliced."""
    most = draw(st.sampled_from(shape.dims))
    numbers = st.integers(0, most - 1)
    ranges = st.tuples(numbers, st.integers(1, most)).filter(lambda ends: ends[0] < ends[1])
    return draw(
        numbers
        | ranges.map(lambda ends: Pair(*ends))
        | st.lists(numbers, min_size=2, max_size=3).map(lambda some: Items(tuple(some)))
    )


def choices(sort: Choice, shape: Shape) -> Strategy:
    """The words; of letters those of the axes that the shape has."""
    letters = [word for word in sort.words if word in LETTERS[shape.rank]]
    return st.sampled_from(letters or sort.words)


def decimals(shape: Shape) -> Strategy:
    """One for all channels, or one for each, where they are not too many for a spec."""
    number = st.sampled_from((0.5, 0.25, 0.125, 1))
    return number | st.tuples(*[number] * shape.channels) if 1 < shape.channels <= MOST_DIMENSIONS else number


# How values of each type of argument are drawn, as they come out of an expression.
TYPES: dict[type, Callable[[Any, Shape], Strategy]] = {
    Count: lambda sort, shape: st.integers(sort.least, 4),  # noqa: ARG005
    Sizes: sizes,
    Steps: lambda sort, shape: an_axis_each(st.integers(sort.least, 3), shape),
    Cells: cells,
    Dims: lambda sort, shape: dims(shape),  # noqa: ARG005
    Factor: lambda sort, shape: an_axis_each(st.sampled_from((1, 2, 3, 1.5, 0.75, 1.2)), shape),  # noqa: ARG005
    Part: lambda sort, shape: parts(shape),  # noqa: ARG005
    Letters: lambda sort, shape: st.permutations(LETTERS[shape.rank]).map(tuple),  # noqa: ARG005
    Decimal: lambda sort, shape: st.sampled_from((0.5, 0.25, 0.125, 1)),  # noqa: ARG005
    Decimals: lambda sort, shape: decimals(shape),  # noqa: ARG005
    Flag: lambda sort, shape: st.booleans(),  # noqa: ARG005
    Choice: choices,
}


def values(argument: Arg, shape: Shape) -> Strategy:
    """Values of an argument of a layer on an input of that shape."""
    return TYPES[type(argument.type)](argument.type, shape).map(argument.type.read)


@st.composite
def layers_on(draw: st.DrawFn, kind: str, shape: Shape) -> Layer:
    """A layer of a kind that works on an input of that shape."""
    given = {}
    for argument in KINDS[kind].arguments:
        if argument.required or draw(st.integers(0, 3)):
            given[argument.name] = draw(values(argument, shape))
    layer = KINDS[kind](**given)
    assume(works(layer, shape))
    return layer


def works(layer: Layer, *inputs: Shape) -> bool:
    """Whether a layer works on such inputs, and puts out few enough values."""
    try:
        layer.check(*inputs)
        output = layer.output(*inputs)
    except LayerError:
        return False
    return output.size <= MOST_VALUES and all(number >= 1 for number in output.dims)


@st.composite
def layers(draw: st.DrawFn, kind: str) -> tuple[Layer, Shape]:
    """A layer of a kind that has one input, and a small input that it works on."""
    shape = draw(shapes(KINDS[kind].ranks))
    return draw(layers_on(kind, shape)), shape


def branches_on(shape: Shape) -> list[Layer]:
    """Layers that keep the extents, and some that leave what a merge repeats to fit."""
    kinds_and_arguments: list[tuple[str, dict[str, Any]]] = [
        ("identity", {}),
        ("relu", {}),
        ("maxpool", {"window": (3,), "stride": (1,), "padding": "same"}),
        ("avgpool", {"window": (2,), "stride": (1,), "padding": "same"}),
        ("conv", {"filters": 1, "kernel": (3,), "padding": ((1, 1),)}),
        ("maxpool", {"window": shape.extents}),
        ("gap", {"keep": True}),
        ("gap", {}),
        ("slice", {"axis": LETTERS[shape.rank][0], "part": Pair(1, 2)}),
    ]
    layers = (KINDS[kind](**arguments) for kind, arguments in kinds_and_arguments)
    return [branch for branch in layers if works(branch, shape)]


@st.composite
def merges(draw: st.DrawFn, kind: str) -> tuple[Layer, Shape, tuple[Layer, ...]]:
    """A merge, the shape that its branches start from, and the one layer of each branch."""
    shape = draw(shapes((0, 1, 2, 3)))
    branches = tuple(draw(st.lists(st.sampled_from(branches_on(shape)), min_size=1, max_size=3)))
    merge = KINDS[kind]()
    assume(works(merge, *(branch.output(shape) for branch in branches)))
    return merge, shape, branches
