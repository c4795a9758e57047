"""What a spec expands to: a graph of layers, each with the shapes that flow in and out."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.layers.base import Layer
from cnncalc.shapes import Shape
from cnncalc.spec.source import Span
from cnncalc.spec.statements import AnswerText


class Branch(NamedTuple):
    """The place of a layer: the `number`-th branch of a merge (or of a side head), inside of `outer`."""

    outer: Branch | None
    number: int
    aside: bool


class Node(NamedTuple):
    """A layer in the graph, with the indices of the nodes that it reads. The input, node 0, has no layer.

    `weights_of` is the node whose weights it uses, None if they are its own.
    """

    layer: Layer | None
    sources: tuple[int, ...]
    inputs: tuple[Shape, ...]
    shape: Shape
    branch: Branch | None
    span: Span | None
    weights_of: int | None = None


class Note(NamedTuple):
    """A remark that a careful teacher would make. `validity`: `--strict` makes it an error."""

    code: str
    text: str
    layers: tuple[str, ...] = ()
    validity: bool = False


class Graph(NamedTuple):
    """What a spec expands to."""

    nodes: tuple[Node, ...]
    names: tuple[str, ...]
    output: int
    answers: tuple[tuple[int | None, AnswerText], ...]
    notes: tuple[Note, ...]
