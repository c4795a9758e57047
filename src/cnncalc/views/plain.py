"""A table for pipes: aligned columns, one record a line, no space inside a cell, nothing left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.views.table import raw

if TYPE_CHECKING:
    from cnncalc.views.table import Cell, Heading, Table


def render(table: Table) -> str:
    """The headings, the rows and the totals; integers without separators."""
    headings = table.headings
    lines = [[heading.name for heading in headings], *[_cells(headings, row) for row in table.all_rows]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    aligns = ["<" if heading.align == "left" else ">" for heading in headings]
    form = "  ".join(f"{{:{align}{width}}}" for align, width in zip(aligns, widths, strict=True))
    return "".join([form.format(*line).rstrip() + "\n" for line in lines])


def _cells(headings: tuple[Heading, ...], row: tuple[Cell, ...]) -> list[str]:
    return [heading.glue.join(raw(cell).split()) for heading, cell in zip(headings, row, strict=True)]
