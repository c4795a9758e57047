"""The graph as far as it is known: nodes with their shapes and names, notes, answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest

from cnncalc.algebra import Algebra, FormulaError, may_equal
from cnncalc.layers import Layer
from cnncalc.layers.base import Array
from cnncalc.shapes import Shape, join
from cnncalc.spec.expressions import LARGEST_NUMBER
from cnncalc.spec.graph import Branch, Graph, Node, Note
from cnncalc.spec.limits import Limits
from cnncalc.spec.names import Unknown
from cnncalc.spec.source import Span, fail
from cnncalc.spec.statements import AnswerText


class Draft:
    """The nodes so far, and the tensor that the next layer reads: `current` is None where it is not known."""

    def __init__(self, nodes: list[Node], limits: Limits) -> None:
        self.nodes = nodes
        self.limits = limits
        self.current: int | None = None
        self.branch: Branch | None = None
        self.answers: list[tuple[int | None, AnswerText]] = []
        self.notes: list[Note] = []
        self.assumed: list[int] = []
        self.named: dict[int, str] = {}
        self.copies: dict[str, int] = {}
        self.shapes: dict[tuple[Layer, tuple[Shape, ...]], Shape] = {}

    def known(self) -> int:
        """The current tensor. Raises `Unknown` if it is not known."""
        if self.current is None:
            raise Unknown
        return self.current

    def begin(self, shape: Shape, span: Span | None) -> None:
        """Node 0, the input."""
        self.nodes.append(Node(None, (), (), shape, None, span))
        self.current = 0

    def connect(self, layer: Layer, sources: tuple[int, ...], span: Span) -> None:
        """Add a node. Raises `LayerError` if the layer does not work on what it reads."""
        nodes = self.nodes
        inputs = tuple([nodes[source].shape for source in sources])
        shape = self.shapes.get((layer, inputs))
        if shape is None:
            shape = self.shapes[layer, inputs] = self.find_shape(layer, inputs, span)
        self.limits.check_layer(span)
        self.current = len(nodes)
        nodes.append(Node(layer, sources, inputs, shape, self.branch, span))

    def share(self, owner: int, node: int) -> str:
        """Let a layer use the weights of another. If they do not fit, this is what differs, else nothing."""
        one, other = self.nodes[owner], self.nodes[node]
        arrays, needed = (_arrays(each) for each in (one, other))
        if any(not _alike(array, need) for array, need in zip_longest(arrays, needed)):
            return f"{_sizes(needed)} in place of {_sizes(arrays)}"
        if needed:
            self.nodes[node] = other._replace(weights_of=owner if one.weights_of is None else one.weights_of)
        return ""

    def find_shape(self, layer: Layer, inputs: tuple[Shape, ...], span: Span) -> Shape:
        """The shape that a layer puts out. Raises `LayerError` if there is none, and `SpecError` if it is too large."""
        layer.check(*inputs)
        try:
            shape = layer.output(*inputs)
        except FormulaError as error:
            fail(str(error), span)
        numbers = [dim for dim in shape.dims if not isinstance(dim, Algebra)]
        if any(number > LARGEST_NUMBER for number in numbers):
            fail("the output of this layer is larger than any network's", span)
        if any(isinstance(dim, Algebra) and dim.slow for dim in shape.dims):
            self.limits.count_formulas(span)
        return shape

    @contextmanager
    def inside(self, branch: Branch) -> Iterator[None]:
        """In a branch; names that it gives stay known."""
        outer, self.branch = self.branch, branch
        try:
            yield
        finally:
            self.branch = outer

    # Names of layers.

    def call(self, name: str) -> None:
        """Give the current layer a name, if it has none yet."""
        current = self.known()
        if current and current not in self.named:
            self.named[current] = self.unique(name)

    def unique(self, name: str) -> str:
        """The name, with a number from the second time on: in a block that is called twice."""
        while (copies := self.copies.get(name, 0) + 1) > 1:
            self.copies[name] = copies
            name = f"{name}_{copies}"
        self.copies[name] = 1
        return name

    def names(self) -> tuple[str, ...]:
        """The names that were given; for the others the kind with a number."""
        taken = set(self.named.values())
        counts: dict[str, int] = {}
        names = ["input"]
        for index, node in enumerate(self.nodes[1:], 1):
            given = self.named.get(index)
            if given is None:
                assert node.layer is not None  # only the input has none
                kind = node.layer.kind
                number = counts.get(kind, 0) + 1
                while f"{kind}{number}" in taken:
                    number += 1
                counts[kind] = number
                given = f"{kind}{number}"
            names.append(given)
        return tuple(names)

    # The end.

    def graph(self, *, changed: bool) -> Graph:
        """The graph. What was assumed for many layers is said once; of a changed network no answer is checked."""
        names = self.names()
        if self.assumed:
            layers = tuple(names[index] for index in self.assumed)
            self.notes.append(Note("assumed-filters", "the number of filters is not given: 1 is taken", layers))
        if changed and self.answers:
            text = "the input or the params were changed, so the spec's own answers are not checked"
            self.notes.append(Note("answers-not-checked", text))
        answers = () if changed else tuple(self.answers)
        return Graph(tuple(self.nodes), names, self.known(), answers, tuple(self.notes))


def _arrays(node: Node) -> tuple[Array, ...]:
    """What a layer learns, or keeps."""
    return () if node.layer is None or node.layer.merges else node.layer.arrays(node.inputs[0])


def _alike(array: Array | None, other: Array | None) -> bool:
    """Whether two arrays may be one: of one name, and of one size as far as that is known."""
    if array is None or other is None or array.name != other.name or len(array.dims) != len(other.dims):
        return False
    return all(map(may_equal, array.dims, other.dims))


def _sizes(arrays: tuple[Array, ...]) -> str:
    """The arrays with their sizes, in words."""
    return " and ".join(f"a {array.name} of {join(array.dims)}" for array in arrays) or "no weights"
