"""A network as counting tools see it: the PyTorch modules that its layers come to, and what a tool counts for each.

The rules stand in `rules.py`, the tools in `tools.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

from cnncalc.algebra import whole
from cnncalc.infer import Facts, Record, find_facts
from cnncalc.layers import KINDS
from cnncalc.layers.base import Layer
from cnncalc.layers.conv import Sliding
from cnncalc.report import Report
from cnncalc.shapes import Shape

RANK: Final = ("{rank}d", "{rank}D")
# How PyTorch code may call what a layer does: tools that hook modules see modules alone, tools that replace
# functions see both, and neither sees what a tensor's own operators do (`x.mean([2, 3])`). A module of a class that is
# derived from PyTorch's is not seen by tools that look for the class itself.
MODULE: Final = "module"
SUBCLASS: Final = "subclass"
FUNCTION: Final = "function"
OPERATOR: Final = "operator"
# What kinds are counted as that PyTorch has as methods of a tensor.
TENSOR: Final = "Tensor"
# The header lines of a spec that say which of its layers, by kind or name, its source calls in another way.
HEADERS: Final = {"modules": MODULE, "subclasses": SUBCLASS, "functions": FUNCTION, "operators": OPERATOR}


class Module(NamedTuple):
    """A module of PyTorch that a layer, or the activation that it ends in, comes to.

    `name` is its class without the rank, `Conv`. Counts are for one example.
    """

    name: str
    layer: Layer
    facts: Facts
    inputs: tuple[Shape, ...]
    output: Shape
    called: str
    # Whether it was called before: a layer of a shared block.
    again: bool = False

    @property
    def input(self) -> Shape:
        """The shape of (the first of) what goes in."""
        return self.inputs[0]

    @property
    def values_in(self) -> int:
        """Values that go in."""
        return whole(self.input.size)

    @property
    def values_out(self) -> int:
        """Values that come out."""
        return whole(self.output.size)

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return whole(self.facts.macs)

    @property
    def bias_additions(self) -> int:
        """Additions of a bias, one for each value that comes out."""
        return whole(self.facts.connections) - self.macs

    @property
    def parameters(self) -> int:
        """What PyTorch holds as `nn.Parameter`s, trained or frozen: not the moving statistics."""
        return whole(self.facts.weights) + whole(self.facts.biases)

    @property
    def scales(self) -> bool:
        """Whether it multiplies by something learnt: a normalisation that is affine."""
        return self.facts.weights != 0

    @property
    def same(self) -> bool:
        """Whether it is written with PyTorch's `padding="same"`, which needs a stride of 1."""
        layer = self.layer
        return isinstance(layer, Sliding) and layer.padding == "same" and all(step == 1 for step in layer.stride)


# What a tool counts for a module; None where that is not known.
Rule: TypeAlias = Callable[[Module], "int | None"]


class Figure(NamedTuple):
    """A number that a tool prints: what it is, what the tool calls it, and the rule for a module."""

    quantity: str
    title: str
    rule: Rule


class Fault(NamedTuple):
    """Something that a tool gets wrong, and the modules that it gets wrong."""

    text: str
    concerns: Callable[[Module], bool]


class Tool(NamedTuple):
    """A tool that counts: the version that it was held against, its rule in a sentence, its figures, its faults."""

    name: str
    version: str
    rule: str
    figures: tuple[Figure, ...]
    faults: tuple[Fault, ...] = ()


class Count(NamedTuple):
    """One figure of a tool for a network: for each layer, and in total.

    `unknown` names the layers for which it is not known what the tool counts; then there is no total.
    """

    figure: Figure
    layers: tuple[int | None, ...]
    unknown: tuple[str, ...]

    @property
    def value(self) -> int | None:
        """The total."""
        return None if self.unknown else sum(count for count in self.layers if count is not None)


class Tally(NamedTuple):
    """What a tool prints for a network, with its faults that concern it.

    `assumed` are kinds of layers that are taken as modules, and that the tool would count otherwise as functions.
    """

    tool: Tool
    counts: tuple[Count, ...]
    faults: tuple[str, ...]
    assumed: tuple[str, ...]


def modules(report: Report, header: Mapping[str, str]) -> tuple[tuple[Module, ...], ...]:
    """The modules of every layer, the layer's own first.

    Raises `ValueError` for a network with symbols: tools count numbers.
    """
    if not isinstance(report.totals.connections, int) or not isinstance(report.totals.activations, int):
        raise ValueError("tools count numbers, and this network has symbols in it")
    ways = {word: way for key, way in HEADERS.items() for word in header.get(key, "").replace(",", " ").split()}
    return tuple(tuple(_modules(record, ways)) for record in report.records)


def _modules(record: Record, ways: Mapping[str, str]) -> Iterator[Module]:
    """The module of a layer, and that of the activation that it ends in."""
    layer = record.layer
    name = stem(type(layer))
    way = ways.get(record.name) or ways.get(record.kind) or (OPERATOR if name == TENSOR else MODULE)
    # A module that is called once more has its weights as before; whether they count again is the tool's affair.
    facts = find_facts(layer, record.node.inputs, record.output) if record.weights_of else record.facts
    yield Module(name, layer, facts, record.node.inputs, record.output, way, again=record.weights_of is not None)
    word = getattr(layer, "activation", None)
    if word is not None:
        kind = KINDS[word]
        facts = Facts((), 0, 0, 0, 0, (), 0, 0, record.output.size)
        yield Module(stem(kind), kind(), facts, (record.output,), record.output, ways.get(word, MODULE))


def stem(kind: type[Layer]) -> str:
    """The class of PyTorch that a kind comes to, without its rank; Keras's, or the kind, where there is none."""
    name = kind.counted_as or kind.torch or kind.keras or kind.kind
    for rank in RANK:
        name = name.removesuffix(rank)
    return name


def tally(tool: Tool, report: Report, layers: tuple[tuple[Module, ...], ...], header: Mapping[str, str]) -> Tally:
    """What the tool prints for a network with these modules."""
    every = [module for layer in layers for module in layer]
    stated = any(key in header for key in HEADERS)
    assumed = () if stated else dict.fromkeys(module.layer.kind for module in every if _depends_on_call(tool, module))
    return Tally(
        tool,
        counts(tool, report, layers),
        tuple(fault.text for fault in tool.faults if any(map(fault.concerns, every))),
        tuple(assumed),
    )


def counts(tool: Tool, report: Report, layers: tuple[tuple[Module, ...], ...]) -> tuple[Count, ...]:
    """The figures of the tool."""
    return tuple(_count(figure, report, layers) for figure in tool.figures)


def _count(figure: Figure, report: Report, layers: tuple[tuple[Module, ...], ...]) -> Count:
    """One figure."""
    counts = tuple(_added([figure.rule(module) for module in layer]) for layer in layers)
    unknown = tuple(record.name for record, number in zip(report.records, counts, strict=True) if number is None)
    return Count(figure, counts, unknown)


def _added(numbers: list[int | None]) -> int | None:
    """The sum; None where a number is not known."""
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _depends_on_call(tool: Tool, module: Module) -> bool:
    """Whether the tool counts a module otherwise where the code calls a function in its place.

    Nobody does so for convolutions, dense layers and batch normalisation, which keep parameters and statistics.
    """
    if module.called != MODULE or module.macs or any(array.role == "statistic" for array in module.facts.arrays):
        return False
    called = module._replace(called=FUNCTION)
    return any(figure.rule(module) != figure.rule(called) for figure in tool.figures)
