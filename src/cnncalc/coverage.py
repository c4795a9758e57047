"""Which cells of the image are read at all: by walking back from a layer, position by position.

The positions along an axis are the bits of an integer, so that whole axes are joined and compared at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from cnncalc.algebra import Algebra, whole
from cnncalc.layers.base import Layer
from cnncalc.shapes import Geometry, Shape, Window
from cnncalc.spec.graph import Node

# Beyond this extent the positions are not walked one by one.
LARGEST_EXTENT: Final = 4096


def unread(nodes: Sequence[Node], index: int) -> tuple[tuple[int, ...], ...] | None:
    """For each axis of the image, the rows (or columns) that a node reads nothing of, counted from 0.

    None if that is not known: for symbolic sizes, and for images of more than 4096 pixels along an axis.
    """
    if not all(_is_walked(node.shape) for node in (nodes[0], nodes[index])):
        return None
    needed: dict[int, list[int]] = {index: _everything(nodes[index].shape)}
    for at in range(index, 0, -1):
        wanted = needed.pop(at, None)
        if wanted is None:
            continue
        node = nodes[at]
        for source, shape in zip(node.sources, node.inputs, strict=True):
            if not _is_walked(shape):
                return None
            cells = _read_by(node, shape, wanted)
            if cells is None:
                return None
            known = needed.get(source)
            needed[source] = cells if known is None else [a | b for a, b in zip(known, cells, strict=True)]
    image = nodes[0].shape
    return tuple(
        tuple(_places(every & ~read))
        for every, read in zip(_everything(image), needed.get(0, [0] * image.rank), strict=True)
    )


def _is_walked(shape: Shape) -> bool:
    """Whether the positions are known, and few enough."""
    return not any(isinstance(extent, Algebra) or extent > LARGEST_EXTENT for extent in shape.extents)


def _everything(shape: Shape) -> list[int]:
    """All positions of each axis."""
    return [(1 << whole(extent)) - 1 for extent in shape.extents]


def _places(bits: int) -> Iterator[int]:
    """The positions in order."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _read_by(node: Node, shape: Shape, wanted: list[int]) -> list[int] | None:
    """The positions of one of a node's inputs that some of its positions read; None for a stride that is a symbol."""
    layer = node.layer
    assert layer is not None  # the input reads nothing
    if layer.merges:
        return wanted if shape.extents == node.shape.extents else _everything(shape)
    if type(layer).fields is not Layer.fields or len(wanted) != shape.rank:
        return _everything(shape)
    geometries = layer.geometry(shape)
    if any(isinstance(number, Algebra) for geometry in geometries for number in geometry):
        return None
    return [
        _taps(geometry, places, whole(extent))
        for geometry, places, extent in zip(geometries, wanted, shape.extents, strict=True)
    ]


@lru_cache(maxsize=1024, typed=True)
def _taps(geometry: Geometry, places: int, extent: int) -> int:
    """The cells of one axis that some positions read."""
    if isinstance(geometry, Window) and geometry.stride == 1:
        return _moved(geometry, places, extent)
    cells = 0
    for place in _places(places):
        taps = geometry.taps(place)
        first = taps.start if taps.start >= 0 else taps.start % taps.step
        count = len(range(first, min(taps.stop, extent), taps.step))
        if count:
            cells |= _repeated(1, count, min(taps.step, extent)) << first
    return cells


def _moved(window: Window, places: int, extent: int) -> int:
    """The cells that a window of stride 1 reads: the positions themselves, moved by each of its taps."""
    size, dilation, before = whole(window.size), whole(window.dilation), whole(window.before)
    # Taps that lie before or behind all cells, however many there are, are left out.
    first = max(0, -((places.bit_length() - 1 - before) // dilation))
    start = first * dilation - before
    count = min(size - first, (extent - 1 - start) // dilation + 1)
    if count < 1:
        return 0
    cells = _repeated(places, count, dilation)
    return (cells << start if start > 0 else cells >> -start) & ((1 << extent) - 1)


def _repeated(bits: int, count: int, step: int) -> int:
    """The bits so many times, a step apart.

    >>> bin(_repeated(1, 3, 2))
    '0b10101'
    """
    done = 1
    while done < count:
        more = min(done, count - done)
        bits |= bits << more * step
        done += more
    return bits
