"""Layers cut to a few channels and positions, with their geometry kept: what can be tried out number by number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from cnncalc.algebra import whole
from cnncalc.forward.integers import changed
from cnncalc.layers import Layer, LayerError
from cnncalc.shapes import Geometry, Shape, Window
from cnncalc.spec.graph import Graph

# Channels and extents that are tried, until a layer works on them; at last those that it really has.
SMALL: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 18, 24, 31, 32, 48, 64, 96)
# A layer is cut to so many positions along an axis, if it has them.
POSITIONS: Final = 3
# Longer steps of windows are not kept where a layer is cut.
LONGEST_STEP: Final = 16
# Sizes that a layer is told to make are cut to this.
SIZE: Final = 7
# A network is tried on an image of so many positions along an axis, if it works on one.
LONGEST_IMAGE: Final = 1000


def fewer_filters(layer: Layer) -> Layer:
    """The layer with one or two of whatever it has many of: filters, units, groups."""
    arguments = {argument.name for argument in layer.arguments}
    groups = min(whole(layer.groups), 2) if "groups" in arguments else 1  # type: ignore[attr-defined]
    counts: dict[str, int] = {}
    for name in ("units", "multiplier"):
        if name in arguments:
            counts[name] = min(whole(getattr(layer, name)), 2)
    if "filters" in arguments:
        each = whole(layer.filters) // (whole(layer.groups) if "groups" in arguments else 1)  # type: ignore[attr-defined]
        counts["filters"] = groups * min(each, 2)
    if "groups" in arguments:
        counts["groups"] = groups
    return changed(layer, **counts) if counts else layer


def cut(layer: Layer, inputs: Sequence[Shape], kept: Sequence[int | None]) -> tuple[Layer, tuple[Shape, ...]]:
    """A layer and its inputs, made as small as the layer allows.

    `kept` has for each input the axis whose extent stays, None if none has to.
    """
    if layer.merges:
        return layer, tuple(_cut_branch(shape, axis) for shape, axis in zip(inputs, kept, strict=True))
    (shape,), (axis,) = inputs, kept
    steps = [_step(window) for window in layer.geometry(shape)]
    slim = less_padding(fewer_filters(layer), shape, axis)
    for smaller in (smaller_size(slim, axis), slim):
        for channels in _up_to(whole(shape.channels)):
            for extent in _up_to(max(map(whole, shape.extents), default=1)):
                small = tuple(
                    # What the steps of a window leave over stays the same.
                    whole(e) if i == axis else min(whole(e), extent + (whole(e) - extent) % step)
                    for i, (e, step) in enumerate(zip(shape.extents, steps, strict=True))
                )
                tried = Shape(small, channels)
                if _works(smaller, tried, layer.output(shape)):
                    return smaller, (tried,)
    return layer, (shape,)


def _step(window: Geometry) -> int:
    """The cells from one window to the next."""
    return min(whole(window.stride), LONGEST_STEP) if isinstance(window, Window) else 1


def _cut_branch(shape: Shape, axis: int | None) -> Shape:
    """A branch of a merge: what is 1 stays 1, for it is repeated; the rest is cut alike in all branches."""
    extents = tuple(whole(extent) if i == axis else min(whole(extent), 2) for i, extent in enumerate(shape.extents))
    return Shape(extents, min(whole(shape.channels), 2))


def smaller_size(layer: Layer, axis: int | None) -> Layer:
    """The layer with smaller sizes, where it is told what to make; the axis that is kept stays."""
    size = getattr(layer, "size", None)
    if not isinstance(size, tuple):
        return layer
    numbers = tuple(min(n, SIZE) if isinstance(n, int) and i != axis else n for i, n in enumerate(size))
    return layer if len(size) == 1 and axis is not None else changed(layer, size=numbers)


def less_padding(layer: Layer, shape: Shape, axis: int | None) -> Layer:
    """The layer with no more padding than a window and a step can be told from; the axis that is kept stays."""
    padding, windows = getattr(layer, "padding", None), layer.geometry(shape)
    if not isinstance(padding, tuple):
        return layer
    pairs = padding * (len(windows) // len(padding))
    less = [
        pair if i == axis or not isinstance(window, Window) else tuple(_less(whole(cells), window) for cells in pair)
        for i, (pair, window) in enumerate(zip(pairs, windows, strict=True))
    ]
    return changed(layer, padding=tuple(less))


def _less(cells: int, window: Window) -> int:
    """Fewer cells of padding, as many more than whole steps as before."""
    enough, step = whole(window.effective), _step(window)
    return min(cells, enough + (cells - enough) % step)


def shortened(graph: Graph) -> Graph:
    """A network on an image that is shorter along its long axes; the network itself if it has none, or needs them."""
    image = graph.nodes[0]
    extents = tuple(min(whole(extent), LONGEST_IMAGE) for extent in image.shape.extents)
    if extents == image.shape.extents:
        return graph
    nodes = [image._replace(shape=image.shape._replace(extents=extents))]
    for node in graph.nodes[1:]:
        inputs = tuple(nodes[source].shape for source in node.sources)
        assert node.layer is not None  # only the image has none
        try:
            node.layer.check(*inputs)
            nodes.append(node._replace(inputs=inputs, shape=node.layer.output(*inputs)))
        except LayerError:
            return graph
    return graph._replace(nodes=tuple(nodes))


def _up_to(most: int) -> Iterator[int]:
    """Small numbers first, at last the number itself; where there are several, not just one."""
    return chain((n for n in SMALL if min(2, most) <= n < most), (most,))


def _works(layer: Layer, shape: Shape, real: Shape) -> bool:
    """Whether a layer works on an input, and gives enough positions to see how they differ."""
    try:
        layer.check(shape)
        output = layer.output(shape)
    except LayerError:
        return False
    enough = (min(whole(extent), POSITIONS) for extent in real.extents)
    return whole(output.channels) >= 1 and all(
        whole(extent) >= least for extent, least in zip(output.extents, enough, strict=True)
    )
