"""The table of mistakes: what an entry states, and the question that its signature is computed from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from cnncalc.algebra import Number
from cnncalc.homework.answers import Subject, windows
from cnncalc.layers.base import Layer
from cnncalc.prose import with_separators
from cnncalc.shapes import SAME_PLACE, Geometry, Shape, Spread, Window, join
from cnncalc.written import Written, plain, total

if TYPE_CHECKING:
    from cnncalc.infer import Record
    from cnncalc.layers.base import Array

# A fraction from here on is rounded in a sentence.
LARGE: Final = 10_000

# What each quantity counts of a layer's arrays.
COUNTED: Final[dict[str, Callable[[Array], bool]]] = {
    "params": lambda array: array.trainable,
    "trainable": lambda array: array.trainable,
    "non-trainable": lambda array: not array.trainable,
    "weights": lambda array: array.role == "weight",
    "biases": lambda array: array.role == "bias",
    "param-memory": lambda array: True,  # noqa: ARG005
}
PARAMS: Final = ("params", "trainable", "weights", "param-memory")
MACS: Final = ("macs", "flops", "connections")
OUTPUT: Final = ("output",)
FIELD: Final = ("rf",)


class Asked(NamedTuple):
    """A question: what it speaks of, and which quantity of that. The topics compute their signatures from it."""

    subject: Subject
    quantity: str

    @property
    def record(self) -> Record:
        """The layer; of a whole network the last one."""
        return self.subject.record

    @property
    def layer(self) -> Layer:
        """The layer itself."""
        return self.record.layer

    @property
    def input(self) -> Shape:
        """The shape of (the first of) what it reads."""
        return self.record.input

    @property
    def output(self) -> Shape:
        """The shape that it puts out."""
        return self.record.output

    @property
    def regular(self) -> bool:
        """Whether the output's extents come of how the layer reads along the axes."""
        moves = any(one is not SAME_PLACE for one in self.layer.geometry(self.input))
        return moves and type(self.layer).output is Layer.output

    @property
    def weighted(self) -> bool:
        """Whether the layer multiplies by weights, as convolutions and dense layers do."""
        return bool(self.record.facts.factors)

    @property
    def geometry(self) -> tuple[Geometry, ...]:
        """How the layer reads along each axis, in numbers that write themselves down."""
        return tuple(map(lettered, self.layer.geometry(self.input)))

    @property
    def windows(self) -> tuple[Window, ...]:
        """The same of a layer that slides a window along each axis; else nothing."""
        return tuple(one for one in map(lettered, windows(self.record)) if isinstance(one, Window))

    @property
    def spreads(self) -> tuple[Spread, ...]:
        """The same of a transposed convolution; else nothing."""
        return tuple(one for one in map(lettered, windows(self.record)) if isinstance(one, Spread))

    def of(self, record: Record) -> Asked:
        """The same question about a layer of the network."""
        return Asked(self.subject._replace(record=record, totals=None), self.quantity)

    def arrays(self, layer: Layer | None = None, shape: Shape | None = None) -> tuple[Array, ...]:
        """The arrays that the quantity counts, of the layer or of another in its place, on its input or another."""
        arrays = (layer or self.layer).arrays(shape or self.input)
        return tuple(array for array in arrays if COUNTED[self.quantity](array))

    def values(self, arrays: Iterable[Array]) -> Written:
        """How many values the arrays have, or the bytes of them, written down."""
        return self.amount([array.dims for array in arrays])

    def amount(self, arrays: Iterable[tuple[Number, ...]]) -> Written:
        """The same, from the dimensions of the arrays."""
        sizes = [tuple(map(Written.literal, dims)) for dims in arrays]
        values = total(sizes) if sizes else Written.literal(0)
        if self.quantity == "param-memory":
            return Written.literal(values * Written.literal(self.subject.bytes_per_value))
        return values

    def products(self, factors: Iterable[tuple[Number, ...]], output: Shape | None = None) -> Written:
        """So many multiply-accumulates, or the operations that they are, written down; for another output, too."""
        sums = [tuple(map(Written.literal, numbers)) for numbers in factors]
        if self.quantity == "connections" and self.record.facts.biases != 0:
            sums.append(tuple(map(Written.literal, (output or self.output).dims)))
        result = total(sums)
        return Written.literal(Written.literal(2) * result) if self.quantity == "flops" else result

    def per_axis(self, extent: Callable[[Any, Number], Number]) -> Shape:
        """The output if each of its extents came about by another formula, of the geometry and the input's extent."""
        pairs = zip(self.geometry, self.input.extents, strict=True)
        return Shape(tuple(extent(one, Written.literal(size)) for one, size in pairs), self.output.channels)


class Wrong(NamedTuple):
    """A wrong calculation: what it comes to, with its writing if it has one, and what is wrong about it.

    `right` is the right calculation by the rule that was missed, where that is not the usual one.
    """

    value: Any
    what: str
    right: Any = None


# From a question (an `Asked`; for values, a forward pass) to the wrong calculations.
Signature: TypeAlias = Callable[[Any], Iterable[Wrong]]


class Entry(NamedTuple):
    """A mistake of the table.

    `doc` completes "the answer …". An `additive` one is made layer by layer, and so inside of totals too; a
    `convention` is another way to count that a course may accept.
    """

    code: str
    doc: str
    quantities: tuple[str, ...]
    signature: Signature
    additive: bool = False
    convention: bool = False


# The commonest of a topic first. A code may have several entries.
ENTRIES: Final[list[Entry]] = []


def mistake(
    code: str, doc: str, quantities: tuple[str, ...], *, additive: bool = False, convention: bool = False
) -> Callable[[Signature], Signature]:
    """Enter a signature in the table; the commonest mistake of a topic comes first."""

    def enter(signature: Signature) -> Signature:
        ENTRIES.append(Entry(code, doc, quantities, signature, additive, convention))
        return signature

    return enter


def lettered(geometry: Geometry) -> Geometry:
    """A geometry in numbers that write themselves down; equal padding on both sides is written 2P."""
    if not isinstance(geometry, (Window, Spread)):
        return geometry
    even = geometry.before == geometry.after
    letters = ("F", "S", "D", *(("P", "P") if even else ("P_before", "P_after")))
    size, stride, dilation, before, after = map(Written.letter, geometry[:5], letters)
    if isinstance(geometry, Window):
        return Window(size, stride, dilation, before, after, geometry.ceil)
    return Spread(size, stride, dilation, before, after, Written.letter(geometry.extra, "OP"))


def bare(value: Any) -> Any:
    """A value without its writing."""
    match value:
        case Shape():
            return Shape(tuple(map(plain, value.extents)), plain(value.channels))
        case tuple():
            return tuple(map(plain, value))
        case _:
            return plain(value)


def shown(value: Any) -> str:
    """A value in a sentence: what is the same along all axes is written once."""
    match bare(value):
        case Shape() as shape:
            return with_separators(join(map(_number, shape.dims)))
        case (first, *rest) if all(other == first for other in rest):
            return shown(first)
        case tuple() as numbers:
            return join(map(_number, numbers))
        case other:
            return with_separators(_number(other))


def _number(value: Any) -> str:
    """A number, a fraction as people write it: whole if it is large, else with a few decimals."""
    if getattr(value, "denominator", 1) == 1:
        return str(value)
    return str(round(value)) if value >= LARGE else f"{float(value):.4f}".rstrip("0")


def layers_before(asked: Asked) -> Iterator[Record]:
    """The layers along the first branch from the image to this one, this one not included, the nearest first."""
    nodes, records = asked.subject.nodes, asked.subject.records
    index = asked.record.node.sources[0] if asked.record.node.sources else 0
    while index:
        yield records[index - 1]
        index = nodes[index].sources[0]


def other_maps(asked: Asked, maker: Record) -> Iterator[tuple[Shape, str]]:
    """The maps that may be flattened instead of the right one, and what is said about it.

    `maker` is the layer that makes a vector of a map. The maps are those of the layers before, and, where it is
    flattened, the right one pooled once more or once less.
    """
    for record in layers_before(asked):
        if record.output.rank:
            yield record.output, f"flattens the map of {record.name}"
    yield asked.subject.nodes[0].shape, "flattens the input"
    own = maker.input
    if not maker.layer.renames(own):
        return
    pool = f"pool of {join((2,) * own.rank)}"
    if all(extent != 1 for extent in own.extents):
        smaller = Shape(tuple(extent // 2 for extent in own.extents), own.channels)
        yield smaller, f"flattens the map as it would be behind another {pool}"
    yield Shape(tuple(2 * extent for extent in own.extents), own.channels), f"flattens the map as it is before a {pool}"


def some_sides(rank: int) -> Iterator[tuple[tuple[int, ...], str]]:
    """The axes of a kernel that somebody may take for all of them, and what is said about it."""
    for number in range(1, rank):
        what = f"takes {'one side' if number == 1 else 'two sides'} of the kernel for all of it"
        for axes in combinations(range(rank), number):
            yield axes, what
