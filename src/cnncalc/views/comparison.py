"""The table of networks side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from cnncalc import compare
from cnncalc.algebra import whole
from cnncalc.compare import QUANTITIES, STAGE_QUANTITIES, Limit
from cnncalc.notes import named
from cnncalc.shapes import join
from cnncalc.views.network import wrong
from cnncalc.views.table import Cell, Heading, Remark, Table, printable
from cnncalc.views.values import written

if TYPE_CHECKING:
    from cnncalc.algebra import Number
    from cnncalc.report import Report

# A longer spec is called by its number in the headings.
LONGEST_LABEL: Final = 24
TOTAL: Final = "total"
VECTOR: Final = "vector"


def labels(networks: Sequence[Report]) -> list[str]:
    """What the networks are called: as they were asked for, or `network 2` where that is long or stands twice."""
    names = [printable(" ".join(network.spec.split())) for network in networks]
    return [
        name if len(name) <= LONGEST_LABEL and names.count(name) == 1 else f"network {number}"
        for number, name in enumerate(names, 1)
    ]


def of_networks(networks: Sequence[Report], limits: Sequence[Limit]) -> Table:
    """A row for each quantity, of the whole networks and of their stages; a column for each network."""
    names = labels(networks)
    rows = [_row(TOTAL, name, [value(network) for network in networks]) for name, value in QUANTITIES.items()]
    relative = compare.are_relative(networks)
    found = [compare.stages(network, relative=relative) for network in networks]
    for key in compare.resolutions(networks, relative=relative):
        at = [stages.get(key) for stages in found]
        rows += [
            _row(
                _share(key) if relative else _resolution(key),
                quantity,
                [getattr(stage, quantity, None) for stage in at],
            )
            for quantity in STAGE_QUANTITIES
        ]
    return Table(
        headings=tuple(_headings(names)),
        rows=tuple(rows),
        title=" and ".join(names),
        remarks=tuple(_remarks(networks, names, limits)),
    )


def _resolution(extents: tuple[Number, ...]) -> str:
    return join(extents) if extents else VECTOR


def _share(halvings: tuple[Number, ...]) -> str:
    """How large maps are along an axis, with the image for 1."""
    if not halvings:
        return VECTOR
    (times,) = map(whole, halvings)
    return f"1/{2**times}" if times >= 0 else f"{2**-times}/1"


def _headings(names: Sequence[str]) -> Iterator[Heading]:
    """The stage, the quantity, each network, and how each differs from the first."""
    yield Heading("stage", "stage")
    yield Heading("quantity", "quantity")
    for name in names:
        yield Heading(name, name, align="right", glue="_")
    for name in names[1:]:
        before = f"{name} " if len(names) > 2 else ""
        yield Heading(f"{before}difference", f"{before}difference", align="right", rank=2)
        yield Heading(f"{before}percent", f"{before}%", align="right", rank=1)


def _row(stage: str, quantity: str, values: Sequence[Number | None]) -> tuple[Cell, ...]:
    """The values, and the differences from the first; what a network does not have is no number."""
    first, *others = values
    differences: list[Cell] = []
    for other in others:
        if first is None or other is None:
            differences += [None, None]
        else:
            more, percent = compare.difference(first, other)
            differences += [written(more), percent]
    return (stage, quantity.replace("_", "-"), *map(written, values), *differences)


def _remarks(networks: Sequence[Report], names: Sequence[str], limits: Sequence[Limit]) -> Iterator[Remark]:
    """Wrong answers, exceeded limits and others, and what the numbers stand for."""
    for name, network in zip(names, networks, strict=True):
        for text in wrong(network):
            yield Remark("wrong", f"{name}: {text}")
    first, *others = networks
    for limit in limits:
        value = QUANTITIES[limit.quantity]
        quantity, percent = limit.quantity.replace("_", "-"), f"{float(limit.percent):g}%"
        kept = True
        for name, other in zip(names[1:], others, strict=True):
            if limit.excess(first, other):
                kept = False
                more = compare.difference(value(first), value(other))[1]
                by = "" if more is None else f" by {more.removeprefix('+')}%"
                yield Remark("wrong", f"{quantity}: {name} exceeds {names[0]}{by}; {percent} are allowed")
        if kept:
            yield Remark("right", f"{quantity}: no network exceeds {names[0]} by more than {percent}")
    for number, (name, network) in enumerate(zip(names, networks, strict=True), 1):
        if name == f"network {number}":
            yield Remark("note", f"{name} is {printable(' '.join(network.spec.split()))}")
    stage = "a stage is all layers whose maps have these extents"
    if compare.are_relative(networks):
        inputs = dict.fromkeys(str(network.graph.nodes[0].shape) for network in networks)
        first_input = next(iter(inputs))
        yield Remark("note", f"the inputs differ, {named([*inputs])}; `--input {first_input}` compares all on one")
        stage = "a stage is all layers whose maps are about such a part of the image along an axis"
    yield Remark("note", f"{stage}; its channels are those of the widest")
    yield Remark("note", f"memory is in bytes, for a batch of {first.batch} as {first.dtype}; training is with Adam")
