"""The walk over a network: every node is computed from the outputs of those that it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from cnncalc.spec.graph import Graph

_T = TypeVar("_T")


def walk(graph: Graph, image: _T, compute: Callable[..., _T]) -> Iterator[_T]:
    """The outputs of all nodes in order, the image first.

    `compute(index, *inputs)` gives the output of node `index` (from 1). An output is forgotten when the last
    node that reads it is done, so that a deep network takes no more memory than it is wide.
    """
    last = {source: index for index, node in enumerate(graph.nodes) for source in node.sources}
    outputs = {0: image}
    yield image
    for index, node in enumerate(graph.nodes[1:], start=1):
        output = compute(index, *(outputs[source] for source in node.sources))
        for source in node.sources:
            if last[source] == index:
                outputs.pop(source, None)
        if index in last:
            outputs[index] = output
        yield output


def leading(graph: Graph) -> Graph:
    """The part of a graph that its output is computed from, and nothing else of it."""
    kept = {0, graph.output}
    for index in range(graph.output, 0, -1):
        node = graph.nodes[index]
        # Weights that are shared are those of the layer that comes first.
        kept |= {*node.sources, node.weights_of or 0} if index in kept else set()
    order = sorted(kept)
    place = {index: number for number, index in enumerate(order)}
    nodes = [
        node._replace(
            sources=tuple(place[source] for source in node.sources),
            weights_of=None if node.weights_of is None else place[node.weights_of],
        )
        for node in map(graph.nodes.__getitem__, order)
    ]
    names = tuple(graph.names[index] for index in order)
    return graph._replace(nodes=tuple(nodes), names=names, output=place[graph.output], answers=())
