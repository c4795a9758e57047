"""Which pixels matter to which position: found by the kinds' own definitions, on numbers that keep a record.

Along each axis of the image by itself, every pixel is a bit. A layer's definition runs once along each axis of its
input, cut to a few channels and to few positions along the other axes, on numbers that remember the places that
they were made of: that tells which places each place of the output depends on. Put together layer by layer, it
tells the pixels. Nothing cancels and nothing is clamped: a place matters if it takes part at all.

Several channels at one position count together, and so do the positions along the other axes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from cnncalc.algebra import whole
from cnncalc.forward.cut import cut
from cnncalc.forward.tensor import Tensor, indices
from cnncalc.forward.traced import Ledger, Traced, traced_weights
from cnncalc.layers import Layer
from cnncalc.shapes import Shape


class Influence(NamedTuple):
    """The pixels along one axis of the image, as bits, that matter to the places along an axis of a tensor.

    `along` is that axis; None where places are lost, and `pixels` are those of all values in any order. `edges`
    tells of each place whether something outside of a map was read on the way: then there may be fewer pixels than
    in theory. `mirrored` tells whether a map was read in the place of its outside: then there may be others. Where
    what matters is not followed further, `known` is false, and the pixels are all that may matter.
    """

    along: int | None
    pixels: tuple[int, ...]
    edges: tuple[bool, ...]
    mirrored: tuple[bool, ...]
    known: bool = True

    @property
    def every(self) -> int:
        """The pixels that matter to any of the values."""
        together = 0
        for pixels in set(self.pixels):
            together |= pixels
        return together

    def together(self, *, known: bool) -> Influence:
        """Of all values together."""
        return Influence(None, (self.every,), (any(self.edges),), (any(self.mirrored),), known)


class Link(NamedTuple):
    """The places of some input that a place depends on: bits, the lowest of which stands for `first`."""

    input: int
    first: int
    bits: int


# For each place along an axis of the output (None: for all values alike) what it depends on.
Links: TypeAlias = tuple[int | None, tuple[tuple[Link, ...], ...]]


def of_image(shape: Shape, axis: int) -> Influence:
    """Each place of the image is made of its own pixel."""
    extent = whole(shape.extents[axis])
    nothing = (False,) * extent
    return Influence(axis, tuple(1 << place for place in range(extent)), nothing, nothing)


class Tracer:
    """Follows what matters through layers; what was found of a layer is kept for those that are like it."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._links: dict[tuple[Layer, tuple[Shape, ...], tuple[int | None, ...]], Links | None] = {}

    def through(self, layer: Layer, inputs: Sequence[Influence], shapes: tuple[Shape, ...]) -> Influence:
        """What matters to the output of a layer."""
        (first, *others), shape = inputs, shapes[0]
        if not others and layer.renames(shape):
            return renamed(layer, first, shape)
        if any(len(one.pixels) > 1 for one in inputs if one.along is None) or not all(one.known for one in inputs):
            return self._lost(layer, inputs, shapes)
        if all(one.along is None for one in inputs):
            return joined(inputs).together(known=True)
        axes = tuple(one.along for one in inputs)
        key = (layer, shapes, axes)
        if key not in self._links:
            self._links[key] = links_of(layer, shapes, axes)
        links = self._links[key]
        if links is None:
            return joined(inputs).together(known=False)
        along, places = links
        taps = _taps(layer, shape, first.along, along, len(places))
        pixels, edges, mirrored = zip(*map(Gather(inputs), places, taps), strict=True)
        return Influence(along, pixels, edges, mirrored)

    @staticmethod
    def _lost(layer: Layer, inputs: Sequence[Influence], shapes: tuple[Shape, ...]) -> Influence:
        """Behind values that have lost their places."""
        if len(inputs) == 1 and inputs[0].known:
            if not layer.mixes and layer.output(*shapes) == shapes[0]:
                return inputs[0]
            if layer.mixes and shapes[0].rank == 0:
                return inputs[0].together(known=True)
        if layer.merges and all(one.known for one in inputs):
            return joined(inputs)
        return joined(inputs).together(known=False)


def joined(inputs: Sequence[Influence]) -> Influence:
    """All values of some tensors."""
    return Influence(
        None,
        tuple(pixels for one in inputs for pixels in one.pixels),
        tuple(edge for one in inputs for edge in one.edges),
        tuple(mirrored for one in inputs for mirrored in one.mirrored),
    )


class Gather:
    """From the places of the inputs to pixels; what several places read is put together once."""

    def __init__(self, inputs: Sequence[Influence]) -> None:
        """Of these inputs."""
        self.inputs = inputs
        self._known: dict[tuple[Link, ...], tuple[int, bool, bool]] = {}

    def __call__(self, links: tuple[Link, ...], taps: range | None) -> tuple[int, bool, bool]:
        """The pixels, whether an edge was met, and whether something was mirrored there."""
        if links not in self._known:
            self._known[links] = self._put_together(links)
        pixels, edge, mirrored = self._known[links]
        if taps is None:
            return pixels, edge, mirrored
        cells = len(self.inputs[0].pixels)
        outside = bool(taps) and (min(taps[0], taps[-1]) < 0 or max(taps[0], taps[-1]) >= cells)
        elsewhere = outside and any(place not in taps for _, place in linked(links))
        return pixels, edge or outside, mirrored or elsewhere

    def _put_together(self, links: tuple[Link, ...]) -> tuple[int, bool, bool]:
        pixels, edge, mirrored = 0, False, False
        for number, place in linked(links):
            one = self.inputs[number]
            pixels |= one.pixels[place]
            edge |= one.edges[place]
            mirrored |= one.mirrored[place]
        return pixels, edge, mirrored


def linked(links: tuple[Link, ...]) -> Iterator[tuple[int, int]]:
    """The inputs and places, one by one."""
    for link in links:
        for place in range(link.bits.bit_length()):
            if link.bits >> place & 1:
                yield link.input, link.first + place


def _taps(layer: Layer, shape: Shape, axis: int | None, along: int | None, count: int) -> list[range | None]:
    """The cells that each place reads in theory; None where that is not asked."""
    if layer.merges or axis is None or axis != along:
        return [None] * count
    window = layer.geometry(shape)[axis]
    return [window.taps(place) for place in range(count)]


def renamed(layer: Layer, x: Influence, shape: Shape) -> Influence:
    """Values that keep their order, in another shape: along the axis where the places are found again."""
    if layer.output(shape) == shape or x.along is None:
        return x
    dims = tuple(map(whole, shape.dims))
    if dims[x.along] == 1:
        return x._replace(along=None)
    places = [index[x.along] for index in indices(dims)]
    y = layer.forward(Tensor(dims, places), weights={})
    for axis, extent in enumerate(y.dims[:-1]):
        if extent == dims[x.along] and all(
            place == index[axis] for place, index in zip(y.values, indices(y.dims), strict=True)
        ):
            return x._replace(along=axis)
    return x._replace(along=None)


def links_of(layer: Layer, shapes: tuple[Shape, ...], axes: tuple[int | None, ...]) -> Links | None:
    """What the places of a layer's output depend on, by its definition; None if that is along several axes."""
    small, cut_shapes = cut(layer, shapes, axes)
    inputs, starts, start = [], [], 0
    for shape, axis in zip(cut_shapes, axes, strict=True):
        dims = tuple(map(whole, shape.dims))
        bits = [start + (0 if axis is None else index[axis]) for index in indices(dims)]
        inputs.append(Tensor(dims, [Traced(1 + place % 7 / 4, 1 << place) for place in bits]))
        starts.append(start)
        start += 1 if axis is None else dims[axis]
    weights = {} if small.merges else traced_weights(small.arrays(cut_shapes[0]), Ledger())
    output = small.forward(*inputs, weights=weights)
    reads = dict.fromkeys(indices(output.dims[:-1]), 0)
    for index, value in zip(indices(output.dims), output.values, strict=True):
        reads[index[:-1]] |= value.reads if isinstance(value, Traced) else 0
    ends = [*starts[1:], start]
    extents = output.dims[:-1]
    real = layer.output(*shapes).extents
    kept = [axis for axis, extent in enumerate(extents) if extent == real[axis]]
    found = _places(reads, extents, sorted(kept, key=lambda axis: axis != axes[0]))
    return found and (found[0], tuple(_split(bits, starts, ends) for bits in found[1]))


def _places(
    reads: dict[tuple[int, ...], int], extents: tuple[int, ...], axes: Sequence[int]
) -> tuple[int | None, list[int]] | None:
    """The first of some axes that alone tells what a position reads, and what is read at each place of it.

    A position that lies in the padding along another axis reads nothing. None if no axis tells.
    """
    if not extents:
        return None, list(reads.values())
    for axis in axes:
        places = [0] * extents[axis]
        for index, bits in reads.items():
            places[index[axis]] |= bits
        if all(bits in {0, places[index[axis]]} for index, bits in reads.items()):
            return axis, places
    return None


def _split(bits: int, starts: Sequence[int], ends: Sequence[int]) -> tuple[Link, ...]:
    """The bits of each input."""
    links = []
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        own = bits >> start & (1 << end - start) - 1
        if own:
            lowest = (own & -own).bit_length() - 1
            links.append(Link(number, lowest, own >> lowest))
    return tuple(links)
