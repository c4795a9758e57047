"""The table of a network held against what happens when it runs.

Every layer is tried out on a small scale: cut to a few channels and positions it runs by its own definition with
numbers that keep a record, by its definition on values, and by the packed engine; all must agree with each other
and with the rules. Then, unless it is to be quick, the network runs whole in the packed engine, and the shape, the
learnt values and the products of each layer are held against the table. The receptive fields are held against the
pixels that matter, along each axis of the image, for every position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import prod
from typing import Final, NamedTuple

from cnncalc.algebra import Algebra, whole
from cnncalc.forward import packed
from cnncalc.forward.cut import cut, shortened
from cnncalc.forward.influence import Influence, Tracer, of_image
from cnncalc.forward.integers import LEAST, Stream, reference
from cnncalc.forward.maps import Map, from_tensor
from cnncalc.forward.run import walk
from cnncalc.forward.steps import Here, Outcome
from cnncalc.forward.tensor import Tensor
from cnncalc.forward.traced import Ledger, Traced, traced_weights
from cnncalc.forward.workers import Workers
from cnncalc.infer import Record, infer
from cnncalc.layers import Layer
from cnncalc.prose import counted
from cnncalc.report import Report
from cnncalc.shapes import Field, Shape
from cnncalc.spec.graph import Graph

# Values that are alive at once, a byte each and some more while a layer works on them; more do not fit.
MOST_VALUES: Final = 400_000_000
# Products a second and process, roughly, and what any layer takes besides.
PRODUCTS_A_SECOND: Final = 500_000_000
# Along longer axes fields are not followed.
LONGEST_AXIS: Final = 20_000


class ImpossibleError(ValueError):
    """A network that cannot be run: what is the matter, and what to do."""


class Difference(NamedTuple):
    """Where the table and what happened part: about what, what was predicted, what was found, and a sentence."""

    about: str
    predicted: str
    found: str
    text: str


class Line(NamedTuple):
    """What was found of one layer.

    `input` and `output` are those that it ran on: its own, or cut ones. `places` are the places along the axes of
    the image whose fields were held against the pixels that matter; `seen` are those of them that no edge cuts
    short, whose fields were met from the first to the last pixel. `idle` are the arrays that are kept, but that
    nothing is computed with.
    """

    record: Record
    inputs: tuple[Shape, ...]
    output: Shape
    learnt: int = 0
    products: int = 0
    places: int = 0
    seen: int = 0
    idle: frozenset[str] = frozenset()
    difference: Difference | None = None


def check_possible(report: Report, *, quick: bool) -> None:
    """Raise `ImpossibleError` for a network with symbols in it, or one that does not fit in memory."""
    numbers = [*report.graph.nodes[0].shape.dims, *report.totals, *(n for r in report.records for n in r.output.dims)]
    if any(isinstance(number, Algebra) for number in numbers):
        raise ImpossibleError("sizes that are symbols cannot be run; give them numbers with --set or --input")
    values = most_values(report.graph)
    if not quick and values > MOST_VALUES:
        raise ImpossibleError(
            f"this network has {values:,} values at once, which do not fit in memory; --quick tries its layers on a "
            "small scale, and a smaller --input makes it smaller"
        )


def most_values(graph: Graph) -> int:
    """How many values are alive at once, at most: what a layer reads, what it makes, and what waits for later ones."""
    last = {source: index for index, node in enumerate(graph.nodes) for source in node.sources}
    alive: dict[int, int] = {}
    most = 0
    for index, node in enumerate(graph.nodes):
        alive[index] = whole(node.shape.size)
        most = max(most, sum(alive.values()))
        for source in {*node.sources, index}:
            if last.get(source, 0) <= index:
                alive.pop(source, None)
    return most


def seconds(report: Report, jobs: int) -> float:
    """About how long a whole run takes."""
    return whole(report.totals.macs) / PRODUCTS_A_SECOND / jobs


def verify(report: Report, *, seed: int, quick: bool, workers: Workers) -> Iterator[Line]:
    """What was found of each layer, in order, up to the first that differs from the table.

    Raises `ImpossibleError`.
    """
    check_possible(report, quick=quick)
    tried: dict[tuple[Layer, tuple[Shape, ...]], Line] = {}
    graph = of_fields(report, quick=quick)
    records = report.records if graph is report.graph else infer(graph)
    fields = zip(records, followed(graph), strict=True)
    outcomes = iter(()) if quick else ran(report, seed, workers)
    for record in report.records:
        key = (record.layer, record.node.inputs)
        if key not in tried:
            tried[key] = guarded(record, partial(try_out, record, Stream(seed, record.index)))
        line = tried[key]._replace(record=record)
        if line.difference is None and not quick:
            line = guarded(record, lambda line=line: held(line, next(outcomes)))  # type: ignore[misc]
        if line.difference is None:
            line = guarded(record, lambda line=line: with_fields(line, *next(fields)))  # type: ignore[misc]
        yield line
        if line.difference is not None:
            return


def guarded(record: Record, find: Callable[[], Line]) -> Line:
    """What was found of a layer; if it cannot be computed, that."""
    try:
        return find()
    except (ArithmeticError, AssertionError, LookupError, ValueError) as error:
        reason = str(error) or type(error).__name__
        text = f"{record.name} cannot be computed as the table says: {reason}"
        difference = Difference("computation", "possible", reason, text)
        return Line(record, record.node.inputs, record.output, difference=difference)


# On a small scale.


def try_out(record: Record, stream: Stream) -> Line:
    """A layer on a small scale: its rules, its definition and the engine must agree."""
    layer, shapes = cut(record.layer, record.node.inputs, (None,) * len(record.node.inputs))
    inputs = [values(stream, number, shape) for number, shape in enumerate(shapes)]
    ledger = Ledger()
    arrays = () if layer.merges else layer.arrays(shapes[0])
    traced = layer.forward(
        *(Tensor(x.dims, [Traced(1 + value % 7 / 4) for value in x.values]) for x in inputs),
        weights=traced_weights(arrays, ledger),
    )
    with Workers(1) as alone:
        outcome = packed.run(layer, Here(tuple(map(from_tensor, inputs)), stream, alone))
    expected = reference(layer, stream, *inputs)
    output = layer.output(*shapes)
    products = 0 if layer.merges else sum(prod(map(whole, factors)) for factors in layer.macs(shapes[0], output))
    idle = frozenset(array.name for array in arrays if array.role == "statistic" and array.name not in ledger.used)
    learnt = sum(whole(array.size) for array in arrays if array.name not in idle)
    used = sum(map(len, ledger.used.values()))
    found = outcome.map.tensor()
    where = f"{record.name}, cut to {' and '.join(map(str, shapes))},"
    difference = (
        differs(where, "output", output, traced.shape)
        or differs(where, "output", output, outcome.map.shape)
        or differs(where, "products", products, outcome.products)
        or (differs(where, "products", products, ledger.products) if products else None)
        or differs(where, "learnt values", learnt, used)
        or differs(where, "learnt values", learnt, outcome.learnt)
        or _other_values(where, expected, found)
    )
    return Line(record, shapes, outcome.map.shape, outcome.learnt, outcome.products, idle=idle, difference=difference)


def values(stream: Stream, number: int, shape: Shape) -> Tensor:
    """Values to try a layer on."""
    data = stream.bytes(f"input{number}", 0, whole(shape.size))
    return Tensor(tuple(map(whole, shape.dims)), [byte + LEAST for byte in data])


def differs(where: str, about: str, predicted: object, found: object) -> Difference | None:
    """The difference, if there is one."""
    if predicted == found:
        return None
    one, other = (f"{number:,}" if isinstance(number, int) else str(number) for number in (predicted, found))
    return Difference(about, str(predicted), str(found), f"{where} {about}: the table says {one}, found {other}")


def _other_values(where: str, expected: Tensor, found: Tensor) -> Difference | None:
    """Where the definition and the engine differ."""
    for index, (one, other) in enumerate(zip(expected.values, found.values, strict=True)):
        if one != other:
            text = f"{where} value {index}: its definition gives {one}, the engine {other}"
            return Difference("values", str(one), str(other), text)
    return None


# Whole.


def ran(report: Report, seed: int, workers: Workers) -> Iterator[Outcome]:
    """What each layer of the network makes, in order."""
    shape = report.graph.nodes[0].shape
    image = Map(tuple(map(whole, shape.extents)), Stream(seed, 0).bytes("image", 0, whole(shape.size)))
    outcomes: list[Outcome] = []

    def compute(index: int, *inputs: Map) -> Map:
        owner = report.graph.nodes[index].weights_of or index
        outcomes.append(packed.run(report.records[index - 1].layer, Here(inputs, Stream(seed, owner), workers)))
        return outcomes[-1].map

    steps = walk(report.graph, image, compute)
    next(steps)
    for _ in steps:
        yield outcomes.pop()


def held(line: Line, outcome: Outcome) -> Line:
    """A layer of the table against what it made; `line` is what was found on a small scale."""
    record = line.record
    learnt = sum(whole(array.size) for array in record.facts.arrays if array.name not in line.idle)
    difference = (
        differs(record.name, "output", record.output, outcome.map.shape)
        or differs(record.name, "products", record.macs, outcome.products)
        or differs(record.name, "learnt values", learnt, outcome.learnt)
    )
    return line._replace(
        inputs=record.node.inputs,
        output=outcome.map.shape,
        learnt=0 if record.weights_of else outcome.learnt,
        products=outcome.products,
        difference=difference,
    )


# Fields.


def of_fields(report: Report, *, quick: bool) -> Graph:
    """The network in which fields are followed: the table's own; if it is to be quick, on no long image."""
    return shortened(report.graph) if quick else report.graph


def followed(graph: Graph) -> Iterator[list[Influence | None]]:
    """For each layer, along each axis of the image, which pixels matter; None along an axis that is too long."""
    tracer = Tracer()
    shape = graph.nodes[0].shape
    image = [
        of_image(shape, axis) if whole(extent) <= LONGEST_AXIS else None for axis, extent in enumerate(shape.extents)
    ]

    def compute(index: int, *inputs: list[Influence | None]) -> list[Influence | None]:
        node = graph.nodes[index]
        assert node.layer is not None  # only the image has none
        along = zip(*inputs, strict=True)
        return [tracer.through(node.layer, ones, node.inputs) if all(ones) else None for ones in along]

    pixels = walk(graph, image, compute)
    next(pixels)
    return pixels


def with_fields(line: Line, record: Record, pixels: Sequence[Influence | None]) -> Line:
    """The fields of a layer, as `record` states them, against the pixels that matter."""
    places = seen = 0
    for axis, (field, influence) in enumerate(zip(record.fields, pixels, strict=True)):
        if influence is None:
            continue
        others = [other for other in pixels if other is not None and other is not influence]
        blank = any(all(other.edges) for other in others)
        result = against(record, axis, field, influence, blank=blank)
        if isinstance(result, Difference):
            return line._replace(places=places, seen=seen, difference=result)
        places, seen = places + result[0], seen + result[1]
    return line._replace(places=places, seen=seen)


def against(record: Record, axis: int, field: Field, pixels: Influence, *, blank: bool) -> Difference | tuple[int, int]:
    """A field against the pixels that matter: how many places were held, and how many of them were seen whole.

    `blank`: along another axis no position is free of edges, so that it may be that no pixel matters at all.
    """
    wrong = partial(_wrong, record, axis)
    if field.along is None:
        return _scattered(field, pixels, wrong)
    still = field.advance == 0
    if not pixels.known or not (still or pixels.along in {None, field.along} or len(set(pixels.pixels)) == 1):
        return wrong("the places along an axis", "their places lost", None)
    positions = whole(record.output.extents[field.along]) if record.output.extents else 1
    count = len(pixels.pixels) if still else positions
    held_places = seen = 0
    for place in range(count):
        number = place if len(pixels.pixels) == count else 0
        if pixels.mirrored[number]:
            continue
        matter = pixels.pixels[number]
        free = not pixels.edges[number] and (matter != 0 or not blank)
        found = _beside(field, matter, place, free=free)
        if found is not None:
            return wrong(*found, place)
        held_places, seen = held_places + 1, seen + free
    return held_places, seen


def _beside(field: Field, matter: int, place: int, *, free: bool) -> tuple[str, str] | None:
    """What is predicted of a position and what is found, where they differ.

    No pixel outside of the field matters; and if the position is free of edges, the first and the last one do.
    """
    span, extent = field.span(place), whole(field.extent)
    first, last = (0, -1) if span is None else (whole(span[0]), whole(span[1]))
    predicted = "no pixel" if span is None else f"pixels {first} to {last}"
    outside = matter & ~_bits(max(first, 0), min(last, extent - 1))
    if outside:
        return predicted, f"pixel {_lowest(outside)} matters too"
    missing = [end for end in (first, last) if not (0 <= end < extent and matter >> end & 1)]
    return (predicted, f"pixel {missing[0]} does not matter") if free and span is not None and missing else None


def _scattered(
    field: Field, pixels: Influence, wrong: Callable[[str, str, int | None], Difference]
) -> Difference | tuple[int, int]:
    """Values that have lost their places: how far the pixels of each reach, and of all together."""
    reach = field.reach
    allowed = 0 if reach is None else _bits(max(whole(reach[0]), 0), whole(reach[1]))
    outside = pixels.every & ~allowed
    if outside and not any(pixels.mirrored):
        return wrong(
            "no pixel" if reach is None else f"pixels {reach[0]} to {reach[1]} of all values together",
            f"pixel {_lowest(outside)} matters too",
            None,
        )
    if not field.spans or not pixels.known or any(pixels.mirrored):
        return 1, 0
    sizes = [bits.bit_length() - _lowest(bits) if bits else 0 for bits in pixels.pixels]
    inner = [size for size, edge in zip(sizes, pixels.edges, strict=True) if not edge]
    largest = max(inner if len(inner) >= 2 * len(field.spans) else sizes)
    size = whole(field.size or 0)
    if max(sizes) > size or (len(inner) >= 2 * len(field.spans) and largest != size):
        return wrong(f"fields of {counted(size, 'pixel')}", f"fields of {max(sizes)}", None)
    return len(sizes), len(inner)


def _wrong(record: Record, axis: int, predicted: str, found: str, place: int | None) -> Difference:
    """A difference of a field, told with its axis and place."""
    at = "" if place is None else f" at position {place}"
    text = f"{record.name} receptive field along axis {axis}{at}: the table says {predicted}, found: {found}"
    return Difference("receptive field", predicted, found, text)


def _bits(first: int, last: int) -> int:
    """The bits of these pixels."""
    return (1 << last + 1) - (1 << first) if last >= first else 0


def _lowest(bits: int) -> int:
    """The first of some pixels."""
    return (bits & -bits).bit_length() - 1
