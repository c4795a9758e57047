"""The arrays of layers from what a user gives: in Keras's order or PyTorch's, by name, by seed, or left out."""

from __future__ import annotations

import random
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any, Final, TypeAlias

from cnncalc.forward import reading
from cnncalc.forward.kernels import KERNELS
from cnncalc.forward.reading import fail
from cnncalc.forward.tensor import Tensor, Weights
from cnncalc.infer import Record
from cnncalc.layers.base import Array
from cnncalc.prose import counted
from cnncalc.spec.source import Problems, Source, did_you_mean, listed, quote

# What an array is called in a framework, where that is not our name for it; the first is what errors say.
NAMES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "keras": {
        "mean": ("mean", "moving_mean"),
        "variance": ("variance", "moving_variance"),
        "depthwise": ("depthwise", "depthwise_kernel"),
        "pointwise": ("pointwise", "pointwise_kernel"),
    },
    "torch": {
        "kernel": ("weight",),
        "gamma": ("weight",),
        "alpha": ("weight",),
        "beta": ("bias",),
        "mean": ("running_mean",),
        "variance": ("running_var",),
    },
}
# What PyTorch keeps of a batch normalisation, and nothing is computed with.
IGNORED: Final = {"torch": {"num_batches_tracked"}, "keras": set[str]()}
# The largest of the random whole numbers: small enough to be read, and to be followed through a layer.
LARGEST_VALUE: Final = 9
LARGEST_WEIGHT: Final = 3

# Makes the values of an array (`layer/array`) that nobody gave: so many.
Fill: TypeAlias = Callable[[str, Array], list[int]]


def filler(text: str) -> Fill | None:
    """How arrays are filled by `random:SEED`, `ones` or `zeros`; None for any other text.

    Biases are 0 with `ones` and with `zeros`, random like the weights otherwise; statistics are never filled.
    Raises `SpecError` for `random` without a seed.
    """
    word, _, seed = text.partition(":")
    if text in {"ones", "zeros"}:
        return lambda _, array: [int(text == "ones" and array.role == "weight")] * _size(array)
    if word == "random":
        if not seed:
            fail("`random` needs a seed, so that the numbers can be made again", text, "for example `random:0`")
        return lambda name, array: whole_numbers(f"{seed}/{name}", _size(array), -LARGEST_WEIGHT, LARGEST_WEIGHT)
    return None


def whole_numbers(seed: str, count: int, least: int, most: int) -> list[int]:
    """Random whole numbers, the same ones for the same seed everywhere."""
    source = random.Random(seed)  # noqa: S311  nothing is secret here
    return source.choices(range(least, most + 1), k=count)


def _size(array: Array) -> int:
    return prod(array.dims)  # type: ignore[arg-type]  # a forward pass has no symbols


class Supply:
    """The arrays of every layer. What is given is read and checked at once; what is made up is made when asked for."""

    def __init__(
        self,
        records: Sequence[Record],
        given: Mapping[str, Any],
        *,
        fill: Fill | None = None,
        layout: str = "keras",
        exact: bool = False,
        complete: Container[str] | None = None,
        advice: str = "`random:0` or `ones` as the weights makes up what is missing",
    ) -> None:
        """Read `given`: for each layer an array (its kernel) or a mapping of arrays by name.

        A key `LAYER.ARRAY` gives one array, as in PyTorch's `state_dict`, and `LAYER.` the first one. An array is
        nested lists, a text, or a tensor of matrices: planes, rows, columns. Raises `SpecError` with all problems
        for a layer or an array that there is not, for an array of another shape, and for a kernel that is missing,
        if its layer is among the `complete` ones (all of them if left out); `advice` says how it is given.
        """
        self.fill = fill
        self.layout = layout
        self.exact = exact
        self.given: dict[str, dict[str, Tensor]] = {}
        problems = Problems()
        names = {record.name: None for record in records}
        by_layer = _by_layer(given, names)
        for name in by_layer:
            if name not in names:
                with problems.noting():
                    fail(f"no layer is called {quote(name)}", "weights", did_you_mean(name, names) or _has([*names]))
        missing: list[tuple[Record, Array]] = []
        for record in records:
            with problems.noting():
                own = self.given[record.name] = self.read(record, by_layer.get(record.name, {}))
                wanted = needed(record) if complete is None or record.name in complete else []
                missing += [(record, array) for array in wanted if fill is None and array.name not in own]
        with problems.noting():
            self.check_complete(missing, advice)
        problems.stop()

    def check_complete(self, missing: Sequence[tuple[Record, Array]], advice: str) -> None:
        """Raise `SpecError` if kernels are missing."""
        if missing:
            record, array = missing[0]
            wanted = f"{record.name} needs its {self.called(array)} of {self.shape_of(array)}, which is not given"
            others = len(missing) - 1
            more = f"; {others} {'others are' if others > 1 else 'other is'} missing, too" if others else ""
            fail(f"{wanted}{more}", "weights", advice)

    def of(self, record: Record) -> Weights:
        """The arrays of a layer: those given, then those made up, then 0 and 1 for what only shifts and scales."""
        owner = record.weights_of or record.name
        arrays = dict(self.given[owner])
        for array in record.facts.arrays:
            if array.name in arrays:
                continue
            if self.fill is None or array.role == "statistic":
                values: list[Any] = [int(array.name in _ONES)] * _size(array)
            else:
                values = list(self.fill(f"{owner}/{array.name}", array))
            arrays[array.name] = Tensor(array.dims, values)  # type: ignore[arg-type]  # no symbols
        return arrays

    def read(self, record: Record, given: Mapping[str, Any]) -> dict[str, Tensor]:
        """The arrays that are given for a layer, by our names; the first one has no name there."""
        arrays = record.facts.arrays
        if given and record.weights_of:
            fail(f"{record.name} uses the weights of {record.weights_of}", "weights", f"give {record.weights_of} these")
        if "" in given and not arrays:
            fail(f"{record.name} learns nothing, so that it takes no weights", "weights")
        known = {name: array for array in arrays for name in self.names(array)}
        problems = Problems()
        found: dict[str, Tensor] = {}
        for key, value in given.items():
            name = key or self.called(arrays[0])
            if name in IGNORED[self.layout]:
                continue
            with problems.noting():
                if name not in known:
                    hint = did_you_mean(name, known) or _has(map(self.called, arrays))
                    fail(f"{record.name} has no array {quote(name)}", "weights", hint)
                found[known[name].name] = self.array(record, known[name], value, f"{record.name}.{name}")
        problems.stop()
        return found

    def array(self, record: Record, array: Array, value: Any, label: str) -> Tensor:
        """An array from nested lists, from matrices, or from a text of either."""
        if isinstance(value, str):
            lists = reading.parse_lists(Source(label, value), exact=self.exact)
            value = value if lists is None else lists
        if len(array.axes.split()) == 3 and isinstance(value, str):
            return self.kernel(record, array, [self.matrix(part.strip(), label) for part in value.split("|")], label)
        if isinstance(value, str):
            value = reading.planes(Source(label, value), exact=self.exact)
        if not isinstance(value, Tensor):
            return self.fitted(array, reading.tensor(value, label, exact=self.exact), label)
        if len(array.axes.split()) == 3:
            return self.kernel(record, array, list(_apart(value)), label)
        # One row is a list, and one matrix is no more than that.
        dims = value.dims[next((axis for axis, dim in enumerate(value.dims) if dim > 1), 2) :]
        return self.fitted(array, Tensor(dims, value.values), label)

    def names(self, array: Array) -> tuple[str, ...]:
        """What an array may be called in the layout."""
        return NAMES[self.layout].get(array.name, (array.name,))

    def called(self, array: Array) -> str:
        """What an array is called in the layout."""
        return self.names(array)[0]

    def order(self, array: Array) -> str:
        """The order of an array's axes in the layout."""
        return (array.torch if self.layout == "torch" else array.keras) or array.axes

    def shape_of(self, array: Array) -> str:
        """The dimensions of an array in the layout, as text."""
        return reading.size(_dims_in(self.order(array), _by_axis(array)))

    def fitted(self, array: Array, x: Tensor, label: str) -> Tensor:
        """An array in our order. Axes of one may be left out: they move no value."""
        several = len(array.dims) > 1
        if several and self.layout == "torch" and not array.torch:
            hint = "give it in the Keras layout, or write the layer as others that PyTorch has"
            fail(f"{label}: this layer has no form in PyTorch, so there is no order for its {array.name}", label, hint)
        extents = _by_axis(array)
        order = self.order(array)
        wanted = _dims_in(order, extents)
        if [dim for dim in x.dims if dim != 1] != [dim for dim in wanted if dim != 1]:
            message = f"{label} has the shape {reading.size(x.dims)}, but {reading.size(wanted)} is needed"
            fail(message, label, _sizes_hint(array, self.layout, order))
        axes = order.replace("(", "").replace(")", "").split()
        letters = [axis for axis in axes if axis != "1"]
        apart = tuple(dim for axis in letters for dim in extents[axis])
        place: dict[str, list[int]] = {}
        count = 0
        for axis in letters:
            place[axis] = list(range(count, count + len(extents[axis])))
            count += len(extents[axis])
        own = [number for axis in array.axes.split() or letters for number in place[axis]]
        return reading.moved(Tensor(apart, x.values), own)

    def kernel(self, record: Record, array: Array, matrices: Sequence[Tensor], label: str) -> Tensor:
        """A kernel from its matrices: filter by filter, of each one for every channel.

        Of a depthwise convolution one for each filter is enough, which all channels share.
        """
        dims: tuple[int, ...] = array.dims  # type: ignore[assignment]  # no symbols
        *size, channels, filters = dims
        for matrix in matrices:
            own = matrix.dims[max(2 - len(size), 0) :]
            if list(own) != size or prod(own) != len(matrix.values):
                wanted = f"{record.name} has a kernel of {reading.size(size)}"
                fail(f"a kernel of {reading.size(matrix.dims)} is given, but {wanted}", label)
        depthwise = array.axes == "* c m"
        if depthwise and len(matrices) == filters:
            matrices = [*matrices] * channels
        if len(matrices) != channels * filters:
            has = f"{counted(filters, 'filter')} of {counted(channels, 'channel')}"
            message = f"{counted(len(matrices), 'kernel')} given for {record.name}, which has {has}"
            hint = f"{channels * filters} of them stand apart by `|`, those of a filter one behind the other"
            fail(message, label, hint + "; `dwconv` filters each channel by itself" * (channels > 1 and not depthwise))
        # Of a depthwise convolution the filters of a channel follow one another; else the channels of a filter.
        order = list(range(channels * filters))
        if not depthwise:
            order = [number * channels + channel for channel in range(channels) for number in range(filters)]
        return Tensor(dims, [matrices[number].values[place] for place in range(prod(size)) for number in order])

    def matrix(self, text: str, label: str) -> Tensor:
        """One matrix: written, or by its name."""
        if text in KERNELS:
            return Tensor((3, 3), KERNELS[text].values)
        check_name(text, label)
        plane = reading.planes(Source(label, text), exact=self.exact)
        return Tensor(plane.dims[1:], plane.values)


def check_name(text: str, label: str) -> None:
    """Raise `SpecError` for a word that is not the name of a kernel."""
    if text[:1].isalpha() and text not in KERNELS:
        hint = did_you_mean(text, KERNELS) or "`cnncalc layers kernels` lists them"
        fail(f"no kernel is called {quote(text)}", label, hint)


def _apart(planes: Tensor) -> Iterator[Tensor]:
    """The matrices of a tensor of planes."""
    count, *dims = planes.dims
    area = prod(dims)
    return (Tensor(tuple(dims), planes.values[number * area :][:area]) for number in range(count))


# What is 1 where it is left out; everything else that may be is 0.
_ONES: Final = {"gamma", "variance"}


def needed(record: Record) -> list[Array]:
    """The arrays of a layer that cannot be left out: its kernels, and slopes. What uses another's has none."""
    if record.weights_of:
        return []
    return [array for array in record.facts.arrays if array.role == "weight" and array.name not in _ONES]


def only_learnt(records: Iterable[Record], option: str) -> str:
    """The one layer that a kernel or a bias without a layer's name can be for. Raises `SpecError`."""
    names = [record.name for record in records if needed(record)]
    if len(names) != 1:
        layers = f"the layers {', '.join(names[:5])}{', ...' * (len(names) > 5)} have" if names else "no layer has"
        fail(f"{layers} a kernel; write LAYER={option[2:].upper()}", option)
    return names[0]


def _has(names: Iterator[str] | Sequence[str] | map[str]) -> str:
    return listed("there are", names) or "it learns nothing"


def _by_layer(given: Mapping[str, Any], names: Container[str]) -> dict[str, dict[str, Any]]:
    """The arrays of each layer by their names, whether its key was `LAYER` or `LAYER.ARRAY`."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in given.items():
        layer, dot, array = str(key).rpartition(".")
        if not dot or str(key) in names or layer not in names:
            layer, array = str(key), ""
        arrays = found.setdefault(layer, {})
        if array or not isinstance(value, Mapping):
            arrays |= {} if value is None else {array: value}
        else:
            arrays |= {str(name): inner for name, inner in value.items()}
    return found


def _by_axis(array: Array) -> dict[str, tuple[int, ...]]:
    """The extents along each of an array's axes; an array whose axes have no names is spatial as a whole."""
    dims: tuple[int, ...] = array.dims  # type: ignore[assignment]  # no symbols
    axes = (array.axes or "*").split()
    spatial = len(dims) - (len(axes) - 1)
    found: dict[str, tuple[int, ...]] = {}
    start = 0
    for axis in axes:
        width = spatial if axis == "*" else 1
        found[axis] = dims[start : start + width]
        start += width
    return found


def _dims_in(order: str, extents: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """The dimensions in an order of axes: in "(c m) 1 *" the first is a product, the second 1."""
    dims: list[int] = []
    joined: list[int] | None = None
    for word in (order or "*").split():
        axis = word.strip("()")
        own = (1,) if axis == "1" else extents[axis]
        if word.startswith("("):
            joined = []
        if joined is None:
            dims += own
            continue
        joined += own
        if word.endswith(")"):
            dims.append(prod(joined))
            joined = None
    return tuple(dims)


_MEANS: Final = {"*": "the spatial axes", "i": "channels in", "o": "channels out", "c": "channels", "m": "multiplier"}


def _sizes_hint(array: Array, layout: str, order: str) -> str:
    """What the dimensions mean."""
    if len(array.dims) < 2 or not order:
        return ""
    words = [_MEANS.get(word.strip("()"), word) for word in order.split()]
    framework = "PyTorch" if layout == "torch" else "Keras"
    return f"{framework}'s order is {', '.join(words)}"
