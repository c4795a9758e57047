"""A table on a terminal: the one module that imports rich.

Lines are laid out here and only coloured by rich. rich's own table cuts numbers that do not fit, and takes
some 36 µs for a cell; a network may have 100,000 layers.
"""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING, Final, NamedTuple, TypeAlias

from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style

from cnncalc.views import table as tables
from cnncalc.views.table import Heading, Remark, Table, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GAP: Final = "  "
# Cells are folded to no less than this; then their column is left out.
NARROWEST_FOLD: Final = 12
# Where no terminal says how wide it is, nothing is folded.
UNLIMITED: Final = 10**6

_PLAIN: Final = Style()
_BOLD: Final = Style(bold=True)
_FAINT: Final = Style(dim=True)
_GOOD: Final = Style(color="green")
_BAD: Final = Style(color="red", bold=True)
_MARKS: Final = {"wrong": _BAD, "right": _GOOD, "note": Style(color="yellow")}

# A guide of a level that goes on in the lines below it, for a cell that takes more than one.
_CONTINUED: Final = str.maketrans(
    {
        tables.FIRST: tables.INSIDE,
        tables.FURTHER: tables.INSIDE,
        tables.MERGE: " ",
        tables.SIDE_FIRST: tables.SIDE_INSIDE,
        tables.SIDE_LAST: " ",
        tables.SIDE_ONLY: " ",
    }
)
_RULE: Final = "─"
_DRAWN: Final = "".join((tables.GUIDES, _RULE))
_ASCII: Final = str.maketrans(_DRAWN, ",+|`,:`--")

_Line: TypeAlias = "list[tuple[str, Style]]"


class _Column(NamedTuple):
    """A column before it is given a width: its place in the table, and its cells with their guides."""

    place: int
    heading: Heading
    prefixes: Sequence[str]
    texts: Sequence[str]

    @property
    def width(self) -> int:
        """The columns of the terminal that it takes, unfolded."""
        cells = map(_cells, self.prefixes, self.texts) if any(self.prefixes) else map(_width, self.texts)
        return max(_width(self.heading.title), max(cells, default=0))

    @property
    def narrowest(self) -> int:
        """What it takes at least if it is folded. A word is broken only in the column of the names."""
        if not self.heading.folds:
            return self.width
        if any(self.prefixes):
            return min(self.width, max(map(_width, self.prefixes)) + NARROWEST_FOLD)
        words = [_width(word) for text in self.texts for word in text.split()] if self.heading.glue else []
        return min(self.width, max(NARROWEST_FOLD, *words, _width(self.heading.title)))


def print_table(
    table: Table, *, file: IO[str] | None = None, width: int | None = None, color: bool | None = None
) -> tuple[str, ...]:
    """Draw a table. Returns the names of the columns for which there was no room.

    `width` is that of the terminal if it is not given, `color` None leaves the colours to the terminal and
    to NO_COLOR. No line is longer than the width, unless one number is.
    """
    file = sys.stdout if file is None else file
    console = _console(file, color)
    columns = _columns(table)
    widths = _fit(columns, _terminal_width(file, console) if width is None else width)
    lines = [*_drawn(table, [columns[place] for place in widths], list(widths.values()))]
    lines += _around(table, _terminal_width(file, console) if width is None else width)
