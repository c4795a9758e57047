"""Mistakes in the values of a forward pass: the pass is run again with the mistake in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Any, Final, NamedTuple

from cnncalc.forward.reading import Rounded
from cnncalc.forward.run import walk
from cnncalc.forward.tensor import Tensor, Weights, indices
from cnncalc.homework.mistakes.table import Wrong, mistake
from cnncalc.layers.activation import Activation
from cnncalc.layers.base import Layer
from cnncalc.prose import counted
from cnncalc.shapes import Window
from cnncalc.spec.graph import Graph, Node

entry = partial(mistake, quantities=("value",))
# So many wrong places are told one by one.
MOST_PLACES: Final = 5
# What a computation in floats may be off.
ROUNDING: Final = 1e-9

Step = Callable[[Layer, tuple[Tensor, ...], Weights], Tensor]


class Pass(NamedTuple):
    """A forward pass: a network without symbols, the image, and the arrays of each layer by its name."""

    graph: Graph
    image: Tensor
    weights: Mapping[str, Weights]

    @property
    def output(self) -> Node:
        """The layer that puts the values out."""
        return self.graph.nodes[self.graph.output]

    def run(self, step: Step, stated: Mapping[str, Tensor] = {}) -> Tensor:
        """What comes out, if each layer does its step so; of some it is `stated`."""

        def compute(index: int, *inputs: Tensor) -> Tensor:
            layer = self.graph.nodes[index].layer
            assert layer is not None  # only the input has none
            name = self.graph.names[index]
            return stated[name] if name in stated else step(layer, inputs, self.weights.get(name, {}))

        outputs = walk(self.graph, self.image, compute)
        return next(tensor for index, tensor in enumerate(outputs) if index == self.graph.output)

    def value(self) -> Tensor:
        """The right output."""
        return self.run(forward)

    def any_of(self, holds: Callable[[Node], bool]) -> bool:
        """Whether a layer of the network is such."""
        return any(holds(node) for node in self.graph.nodes[1:])


def forward(layer: Layer, inputs: tuple[Tensor, ...], weights: Weights) -> Tensor:
    """The layer as it is."""
    return layer.forward(*inputs, weights=weights)


def with_arrays(layer: Layer, inputs: tuple[Tensor, ...], weights: Weights, *, role: str, change: Any) -> Tensor:
    """The layer with its arrays of a role changed."""
    roles = {array.name: array.role for array in layer.arrays(inputs[0].shape)}
    arrays = {
        name: change(array, inputs[0].shape.rank) if roles.get(name) == role else array
        for name, array in weights.items()
    }
    return layer.forward(*inputs, weights=arrays)


def flipped(kernel: Tensor, rank: int) -> Tensor:
    """A kernel turned round along its spatial axes."""
    extents = kernel.dims[:rank] if len(kernel.dims) == rank + 2 else ()
    places = (
        (*(extent - 1 - place for place, extent in zip(index, extents, strict=False)), *index[len(extents) :])
        for index in indices(kernel.dims)
    )
    return Tensor(kernel.dims, [kernel[place] for place in places])


def transposed(x: Tensor, rank: int = 2) -> Tensor:
    """Rows and columns of a square kernel, or of an image, exchanged."""
    if rank != 2 or len(x.dims) < 2:
        return x
    rows, columns, *rest = x.dims
    dims = (columns, rows, *rest)
    return Tensor(dims, [x[(index[1], index[0], *index[2:])] for index in indices(dims)])


@entry("kernel-flipped", "flips the kernel: a true convolution for a cross-correlation")
def kernel_flipped(one: Pass) -> Iterator[Wrong]:
    """Every kernel turned round along rows and columns."""
    step = partial(with_arrays, role="weight", change=flipped)
    yield Wrong(one.run(step), "comes of turning the kernel round; a layer slides it as it is (cross-correlation)")


@entry("transposed-matrix", "exchanges rows and columns")
def transposed_matrix(one: Pass) -> Iterator[Wrong]:
    """The output turned over, or each kernel."""
    right = one.value()
    yield Wrong(transposed(right, right.shape.rank), "has rows and columns exchanged")
    if all(
        array.dims[0] == array.dims[1]
        for arrays in one.weights.values()
        for array in arrays.values()
        if len(array.dims) == 4
    ):
        step = partial(with_arrays, role="weight", change=transposed)
        yield Wrong(one.run(step), "comes of exchanging the rows and columns of the kernel")


def padded_with_zeros(layer: Layer, inputs: tuple[Tensor, ...], weights: Weights) -> Tensor:
    """A pool over an input to which the zeros around it belong."""
    (x, *_) = inputs
    windows = layer.geometry(x.shape)
    if layer.arrays(x.shape) or hasattr(layer, "padcount") or not _pads(windows):
        return layer.forward(*inputs, weights=weights)
    dims = (
        *(extent + one.before + one.after for extent, one in zip(x.dims, windows, strict=False)),  # type: ignore[union-attr]
        x.dims[-1],
    )
    moved = (
        (*(place - one.before for place, one in zip(index, windows, strict=False)), index[-1])  # type: ignore[union-attr]
        for index in indices(dims)  # type: ignore[arg-type]
    )
    inside = Tensor(dims, [x.read(place) for place in moved])  # type: ignore[arg-type]
    return layer.changed(padding="valid").forward(inside, weights=weights)


def _pads(windows: Iterable[Any]) -> bool:
    """Whether some windows reach beyond their input."""
    windows = tuple(windows)
    return bool(windows) and all(isinstance(one, Window) for one in windows) and any(one.padding for one in windows)


def is_padded_pool(node: Node, *, average: bool) -> bool:
    """Whether a layer is a pool with padding, an average or another one."""
    layer = node.layer
    assert layer is not None  # only the input has none
    shape = node.inputs[0]
    averages = hasattr(layer, "padcount")
    return not layer.arrays(shape) and averages == average and _pads(layer.geometry(shape))


@entry("pad-zero-in-max", "pads a max pool with zeros")
def pad_zero_in_max(one: Pass) -> Iterator[Wrong]:
    """Zeros around the input of a pool that ignores its padding."""
    if one.any_of(partial(is_padded_pool, average=False)):
        yield Wrong(one.run(padded_with_zeros), "takes zeros into the pool; padding is no value there")


@entry("average-without-padding", "leaves the padding out of an average", convention=True)
def average_without_padding(one: Pass) -> Iterator[Wrong]:
    """The sum over the cells inside."""
    yield from _averages(one, "divides by the cells inside the input only", padcount=False)


@entry("average-with-padding", "counts the padding in an average", convention=True)
def average_with_padding(one: Pass) -> Iterator[Wrong]:
    """The sum over all cells of the window."""
    yield from _averages(one, "divides by all cells of the window, with those of the padding", padcount=True)


def _averages(one: Pass, what: str, *, padcount: bool) -> Iterator[Wrong]:
    """The output if every average counts its padding, or none does."""

    def step(layer: Layer, inputs: tuple[Tensor, ...], weights: Weights) -> Tensor:
        if hasattr(layer, "padcount"):
            layer = layer.changed(padcount=padcount)
        return layer.forward(*inputs, weights=weights)

    if one.any_of(partial(is_padded_pool, average=True)):
        yield Wrong(one.run(step), what)


@entry("bias-left-out", "leaves out the biases")
def bias_left_out(one: Pass) -> Iterator[Wrong]:
    """Zeros for the biases."""
    step = partial(with_arrays, role="bias", change=lambda array, _: Tensor(array.dims, [0] * len(array.values)))
    yield Wrong(one.run(step), "leaves out the biases")


@entry("relu-left-out", "leaves out the activation")
def relu_left_out(one: Pass) -> Iterator[Wrong]:
    """The sums themselves."""

    def step(layer: Layer, inputs: tuple[Tensor, ...], weights: Weights) -> Tensor:
        if getattr(layer, "activation", None) is not None:
            layer = layer.changed(activation=None)
        elif isinstance(layer, Activation):
            return inputs[0]
        return layer.forward(*inputs, weights=weights)

    yield Wrong(one.run(step), "leaves out the activation behind the sums")


def is_same(one: Any, other: Any) -> bool:
    """Whether a given number is the right one; a decimal may be rounded, and floats are not exact."""
    if isinstance(one, Rounded):
        return abs(one - Fraction(other)) <= one.slack
    return bool(abs(one - other) <= ROUNDING * max(1, abs(other)))


def equal(one: Tensor, other: Tensor) -> bool:
    """Whether all values of two tensors are the same; an axis of 1 may be left out."""
    return trimmed(one.dims) == trimmed(other.dims) and all(map(is_same, one.values, other.values))


def trimmed(dims: tuple[int, ...]) -> tuple[int, ...]:
    """Dimensions without those of 1."""
    return tuple(extent for extent in dims if extent != 1)


def partly_right(given: Tensor, right: Tensor) -> str:
    """Which values of an answer are wrong, if some are right; else nothing."""
    if trimmed(given.dims) != trimmed(right.dims):
        return ""
    places = [
        (index, one, other)
        for index, one, other in zip(indices(right.dims), given.values, right.values, strict=True)
        if not is_same(one, other)
    ]
    good = len(right.values) - len(places)
    if not good or not places:
        return ""
    listed = ", ".join(
        f"{one.decimal if isinstance(one, Rounded) else one} at {place_of(index, right.dims)} ({other} is right)"
        for index, one, other in places[:MOST_PLACES]
    )
    more = f" and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
    return f"{good} of {counted(len(right.values), 'value')} are right; wrong is {listed}{more}."


def place_of(index: tuple[int, ...], dims: tuple[int, ...]) -> str:
    """The place of a value, counted from 1, by its row and column where it has them."""
    names = {1: ("",), 2: ("row ", "column "), 3: ("row ", "column ", "channel ")}
    kept = [place + 1 for place, extent in zip(index, dims, strict=True) if extent != 1 or len(dims) == 1]
    labels = names.get(len(kept), ("",) * len(kept))
    return ", ".join(f"{label}{place}" for label, place in zip(labels, kept, strict=True)) or "the only place"
