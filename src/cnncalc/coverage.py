"""Which cells of the image are read at all: by walking back from a layer, position by position."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.algebra import Algebra
from cnncalc.layers.base import Layer
from cnncalc.shapes import Geometry, Shape, Window
from cnncalc.spec.expand import Node

# Beyond this extent the positions are not walked one by one.
LARGEST_EXTENT = 4096


def unread(nodes: Sequence[Node], index: int) -> tuple[tuple[int, ...], ...] | None:
    """For each axis of the image, the rows (or columns) that a node reads nothing of, counted from 0.

    None if that is not known: for symbolic sizes, and for images of more than 4096 pixels along an axis.
    """
    if any(isinstance(extent, Algebra) or extent > LARGEST_EXTENT for extent in nodes[0].shape.extents):
        return None
    needed: dict[int, list[set[int]]] = {index: _everything(nodes[index].shape)}
    for at in range(index, 0, -1):
        wanted = needed.pop(at, None)
        if wanted is None:
            continue
        node = nodes[at]
        for source, shape in zip(node.sources, node.inputs, strict=True):
            if any(isinstance(extent, Algebra) or extent > LARGEST_EXTENT for extent in shape.extents):
                return None
            cells = _read_by(node, shape, wanted)
            known = needed.get(source)
            needed[source] = cells if known is None else [a | b for a, b in zip(known, cells, strict=True)]
    image = nodes[0].shape.extents
    cells = needed.get(0, [set() for _ in image])
    return tuple(
        tuple(place for place in range(extent) if place not in read)  # type: ignore[arg-type]
        for extent, read in zip(image, cells, strict=True)
    )


def _everything(shape: Shape) -> list[set[int]]:
    return [set(range(extent)) for extent in shape.extents]  # type: ignore[arg-type]


def _read_by(node: Node, shape: Shape, wanted: list[set[int]]) -> list[set[int]]:
    """The positions of one of a node's inputs that some of its positions read."""
    layer = node.layer
    assert layer is not None  # the input reads nothing
    if layer.merges:
        same = shape.extents == node.shape.extents
        return [set(places) for places in wanted] if same else _everything(shape)
    if type(layer).fields is not Layer.fields or len(wanted) != shape.rank:
        return _everything(shape)
    return [
        _taps(geometry, places, extent)  # type: ignore[arg-type]
        for geometry, places, extent in zip(layer.geometry(shape), wanted, shape.extents, strict=True)
    ]


def _taps(geometry: Geometry, places: set[int], extent: int) -> set[int]:
    """The cells of one axis that some positions read."""
    if geometry == Window(1):
        return set(places)
    cells: set[int] = set()
    for place in places:
        cells.update(geometry.taps(place))
    return cells & set(range(extent))
