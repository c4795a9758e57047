"""A graph to records: for every layer its parameters, multiply-accumulates, memory and receptive field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from cnncalc.algebra import Number, product
from cnncalc.layers.base import Array, Factors, Layer
from cnncalc.shapes import Field, Shape
from cnncalc.spec.graph import Graph, Node

if TYPE_CHECKING:
    from fractions import Fraction

# Bytes of one value.
DTYPES: Final = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
# Values that an optimizer keeps for every trainable parameter.
OPTIMIZERS: Final = {"sgd": 0, "momentum": 1, "adam": 2}


class ReceptiveField(NamedTuple):
    """The pixels of the image that a unit reads, along each axis of the image.

    `stride` is the jump between neighbouring units (None: every unit sees the same), `start` the first pixel
    of unit 0 and `center` its middle, counted from 0; None where units have lost their places.
    """

    size: tuple[Number, ...]
    stride: tuple[Number | Fraction, ...] | None
    start: tuple[Number | Fraction, ...] | None
    center: tuple[Number | Fraction, ...] | None


class Facts(NamedTuple):
    """What is known of a layer from its arguments and its input alone. Counts are for one example.

    `arrays` are those that it works with; they are counted where they are its own.
    """

    arrays: tuple[Array, ...]
    trainable: Number
    non_trainable: Number
    weights: Number
    biases: Number
    factors: Factors
    macs: Number
    connections: Number
    activations: Number


class Record(NamedTuple):
    """A layer of a network, with everything that is computed about it."""

    index: int  # type: ignore[assignment]  # of a tuple's method nobody thinks here
    name: str
    node: Node
    facts: Facts
    fields: tuple[Field, ...]
    sources: tuple[str, ...]
    # The layer whose weights it uses, where they are not its own.
    weights_of: str | None = None

    @property
    def layer(self) -> Layer:
        """The layer."""
        assert self.node.layer is not None  # only the input has none, and it has no record
        return self.node.layer

    @property
    def kind(self) -> str:
        """The canonical name of its kind."""
        return self.layer.kind

    @property
    def config(self) -> str:
        """Its arguments, with the defaults that were assumed."""
        return self.layer.config(self.input.rank)

    @property
    def input(self) -> Shape:
        """The shape of (the first of) what it reads."""
        return self.node.inputs[0]

    @property
    def output(self) -> Shape:
        """The shape that it puts out."""
        return self.node.shape

    @property
    def params(self) -> Number:
        """Trainable parameters, as PyTorch counts."""
        return self.facts.trainable

    @property
    def non_trainable(self) -> Number:
        """Parameters that are kept but not trained."""
        return self.facts.non_trainable

    @property
    def macs(self) -> Number:
        """Multiply-accumulates."""
        return self.facts.macs

    @property
    def flops(self) -> Number:
        """Two for each multiply-accumulate."""
        return 2 * self.facts.macs

    @property
    def activations(self) -> Number:
        """Values that it puts out; none if it only renames them."""
        return self.facts.activations

    @property
    def rf_size(self) -> tuple[Number, ...] | None:
        """The size of the receptive field along each axis of the image, in pixels.

        None for a network whose input has no spatial axis, and where it is not known.
        """
        return _all([field.size for field in self.fields]) or None

    @property
    def rf(self) -> ReceptiveField | None:
        """The receptive field; None where its size is."""
        size = self.rf_size
        if size is None:
            return None
        return ReceptiveField(
            size,
            _all([field.stride for field in self.fields]),
            _all([field.start for field in self.fields]),
            _all([field.center for field in self.fields]),
        )


_T = TypeVar("_T")


def _all(values: list[_T | None]) -> tuple[_T, ...] | None:
    """The values, if all of them are known."""
    known = tuple([value for value in values if value is not None])
    return known if len(known) == len(values) else None


class Totals(NamedTuple):
    """The sums over a network, for one example. `activations` counts the input too."""

    trainable: Number
    non_trainable: Number
    weights: Number
    biases: Number
    macs: Number
    connections: Number
    activations: Number

    @property
    def params(self) -> Number:
        """Trainable parameters, as PyTorch counts."""
        return self.trainable

    @property
    def params_with_non_trainable(self) -> Number:
        """All parameters, as Keras counts."""
        return self.trainable + self.non_trainable

    @property
    def flops(self) -> Number:
        """Two for each multiply-accumulate."""
        return 2 * self.macs


def infer(graph: Graph) -> tuple[Record, ...]:
    """The record of every layer, in order. The input, node 0, has none."""
    fields = [image(graph).fields]
    records = []
    names = graph.names
    for index, (layer, node, facts) in enumerate(_layers(graph), 1):
        read = [fields[source] for source in node.sources]
        field = layer.fields(read, node.inputs, node.shape) if read[0] else ()
        fields.append(field)
        sources = tuple([names[i] for i in node.sources])
        owner = None if node.weights_of is None else names[node.weights_of]
        records.append(Record(index, names[index], node, facts, field, sources, owner))
    return tuple(records)


def _layers(graph: Graph) -> Iterator[tuple[Layer, Node, Facts]]:
    """Every layer with its facts. What is alike is counted once."""
    known: dict[tuple[Layer, tuple[Shape, ...]], Facts] = {}
    for node in graph.nodes:
        layer = node.layer
        if layer is None:
            continue
        key = (layer, node.inputs)
        facts = known.get(key)
        if facts is None:
            facts = known[key] = find_facts(layer, node.inputs, node.shape)
        yield layer, node, facts if node.weights_of is None else _owned_elsewhere(facts)


def _owned_elsewhere(facts: Facts) -> Facts:
    """The counts of a layer with another's weights, which are counted there."""
    return facts._replace(trainable=0, non_trainable=0, weights=0, biases=0)


def image(graph: Graph) -> Record:
    """What an answer may ask of the input itself: each of its positions reads its own pixel."""
    node = graph.nodes[0]
    fields = tuple([Field(((0, 0),), 1, axis, extent) for axis, extent in enumerate(node.shape.extents)])
    return Record(0, graph.names[0], node, Facts((), 0, 0, 0, 0, (), 0, 0, node.shape.size), fields, ())


def find_facts(layer: Layer, inputs: tuple[Shape, ...], output: Shape) -> Facts:
    """The counts of one layer."""
    shape = inputs[0]
    arrays = layer.arrays(shape)
    factors = layer.macs(shape, output)
    macs = _sum(tuple([product(numbers) for numbers in factors]))
    biases = tuple([array.size for array in arrays if array.role == "bias"])
    return Facts(
        arrays=arrays,
        trainable=_sum(tuple([array.size for array in arrays if array.trainable])),
        non_trainable=_sum(tuple([array.size for array in arrays if not array.trainable])),
        weights=_sum(tuple([array.size for array in arrays if array.role == "weight"])),
        biases=_sum(biases),
        factors=factors,
        macs=macs,
        connections=macs + output.size if biases and factors else macs,
        activations=0 if layer.renames(shape) else output.size,
    )


def total(graph: Graph, records: tuple[Record, ...]) -> Totals:
    """The sums over all layers."""
    return _totals(graph, [record.facts for record in records])


def count(graph: Graph) -> Totals:
    """The same without the records: receptive fields take longer than all that is counted."""
    return _totals(graph, [facts for _, _, facts in _layers(graph)])


def _totals(graph: Graph, facts: list[Facts]) -> Totals:
    """The sums of what is known of the layers."""
    return Totals(
        trainable=_sum(tuple([one.trainable for one in facts])),
        non_trainable=_sum(tuple([one.non_trainable for one in facts])),
        weights=_sum(tuple([one.weights for one in facts])),
        biases=_sum(tuple([one.biases for one in facts])),
        macs=_sum(tuple([one.macs for one in facts])),
        connections=_sum(tuple([one.connections for one in facts])),
        activations=_sum((graph.nodes[0].shape.size, *[one.activations for one in facts])),
    )


def _sum(numbers: tuple[Number, ...]) -> Number:
    """All of them added. Symbols are slow to add, so zeros are left out."""
    result: Number = 0
    for number in numbers:
        if number != 0:
            result = result + number
    return result
