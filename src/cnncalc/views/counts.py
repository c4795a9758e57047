"""What a tool prints for a network: as a table of layers, and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.prose import separated
from cnncalc.views import columns, network
from cnncalc.views.table import Heading, Remark, Table, printable
from cnncalc.views.units import memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.counting.modules import Count, Tally
    from cnncalc.report import Report

NAMES = ("name", "kind", "config", "output")


def of_tally(report: Report, tally: Tally) -> Table:
    """A row for each layer, with what the tool counts for it; the rule and the faults under them."""
    shown = [columns.COLUMNS[name] for name in NAMES]
    figures = [Heading(count.figure.quantity, count.figure.title, align="right") for count in tally.counts]
    rows = [
        (*[column.cell(report, record) for column in shown], *[count.layers[place] for count in tally.counts])
        for place, record in enumerate(report.records)
    ]
    return Table(
        headings=(*[column.heading for column in shown], *figures),
        rows=tuple(rows),
        totals=("total", None, None, None, *[count.value for count in tally.counts]),
        title=printable(f"{' '.join(report.spec.split())}, as {tally.tool.name} counts"),
        summary=(tuple((count.figure.title, figure(count)) for count in tally.counts),),
        remarks=(
            *[Remark("wrong", text) for text in network.wrong(report)],
            *[Remark("note", text) for text in sentences(tally)],
        ),
    )


def figure(count: Count) -> str:
    """The total of a count for people."""
    if count.value is None:
        return "not known"
    return memory(count.value) if count.figure.quantity == "bytes" else separated(count.value)


def sentences(tally: Tally) -> Iterator[str]:
    """The rule, the faults, and what is not known or was assumed."""
    yield f"{tally.tool.version}: {tally.tool.rule}"
    for fault in tally.faults:
        yield f"fault of {tally.tool.name}: {fault}"
    for count in tally.counts:
        if count.unknown:
            layers = ", ".join(count.unknown[:3]) + (f" and {len(count.unknown) - 3} more" * (len(count.unknown) > 3))
            yield f"it is not known what {tally.tool.name} counts as {count.figure.title} for {layers}"
    if tally.assumed:
        kinds = ", ".join(tally.assumed)
        yield (
            f"{kinds}: taken as modules; where the code calls functions, {tally.tool.name} counts otherwise, and "
            "`# functions: KIND` at the top of a spec says so"
        )


def to_dict(report: Report, tally: Tally) -> dict[str, Any]:
    """The counts as JSON has them; null for what is not known."""
    return {
        "spec": report.spec,
        "tool": tally.tool.name,
        "version": tally.tool.version,
        "rule": tally.tool.rule,
        "totals": {count.figure.quantity: count.value for count in tally.counts},
        "titles": {count.figure.quantity: count.figure.title for count in tally.counts},
        "layers": [
            {
                "index": record.index,
                "name": record.name,
                "kind": record.kind,
                **{count.figure.quantity: count.layers[place] for count in tally.counts},
            }
            for place, record in enumerate(report.records)
        ],
        "faults": list(tally.faults),
        "unknown": {count.figure.quantity: list(count.unknown) for count in tally.counts if count.unknown},
        "assumed_modules": list(tally.assumed),
    }
