"""A table on a terminal: the one module that imports rich.

Lines are laid out here and only coloured by rich. rich's own table cuts numbers that do not fit, and takes
some 36 µs for a cell; a network may have 100,000 layers.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from itertools import islice
from typing import IO, TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style

from cnncalc.views import table as tables
from cnncalc.views.table import Heading, Table, side_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.progress import Progress

GAP: Final = "  "
# A column that folds gets at least this, and what its longest word needs; otherwise it is left out.
NARROWEST: Final = 12
# Names are folded last, and within words: they get at least this beside their guides.
NARROWEST_NAME: Final = 4
# Before a column of this rank or a lower one is left out, everything folds that can.
DEAR: Final = 2
# Where no terminal says how wide it is, nothing has to fit.
UNLIMITED: Final = 10**6
# Shorter work needs no bar.
SECONDS_UNSHOWN: Final = 1
# The first lines of a long table are seen while the others are drawn.
LINES_AT_ONCE: Final = 500

_PLAIN: Final = Style()
_BOLD: Final = Style(bold=True)
_FAINT: Final = Style(dim=True)
_GOOD: Final = Style(color="green")
_BAD: Final = Style(color="red", bold=True)
_MARKS: Final = {"wrong": _BAD, "right": _GOOD, "note": Style(color="yellow")}

# The guide of a cell's further lines: levels that go on below it, and levels that end with it.
_BELOW: Final = str.maketrans(tables.GUIDES, "│││ ┆┆  ")
_RULE: Final = "─"
_ASCII: Final = str.maketrans(tables.GUIDES + _RULE, ",+|`,:`--")

_Line: TypeAlias = "list[tuple[str, Style]]"


class _Column(NamedTuple):
    """A column without its width yet: its place in the table, and the texts of its cells.

    `prefixes` stand before the texts; there are none but in the column of the names.
    """

    place: int
    heading: Heading
    texts: Sequence[str]
    prefixes: Sequence[str] = ()

    @property
    def width(self) -> int:
        """What it takes, unfolded."""
        widths = list(map(_width, self.texts))
        if self.prefixes:
            widths = [width + len(prefix) for width, prefix in zip(widths, self.prefixes, strict=True)]
        return max([_width(self.heading.title), *widths])

    @property
    def narrowest(self) -> int:
        """What it takes at least, folded if it can be."""
        if not self.heading.folds:
            return self.width
        if self.prefixes:
            return min(self.width, max(map(len, self.prefixes)) + NARROWEST_NAME)
        words = [_width(word) for text in (self.heading.title, *self.texts) for word in text.split()]
        return min(self.width, max(NARROWEST, *words))


def print_table(
    table: Table, *, file: IO[str] | None = None, width: int | None = None, color: bool | None = None
) -> tuple[str, ...]:
    """Draw a table. Returns the names of the columns for which there was no room.

    `width` is that of the terminal if it is not given; `color` None leaves it to the terminal and to NO_COLOR.
    No line is longer than the width, unless a single number is.
    """
    file = sys.stdout if file is None else file
    console = _console(file, color=color)
    width = _terminal_width(console) if width is None else width
    columns = _columns(table)
    widths = _fit(columns, width)
    _write(console, _rows(table, [columns[place] for place in widths], [*widths.values()]))
    _write(console, _below(table, width))
    return tuple(heading.name for place, heading in enumerate(table.headings) if place not in widths)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[..., None]]:
    """A bar on standard error while work is done, if that takes longer than a second; it goes away at the end.

    What it gives is called with how much more is done of `total`, and with a text to stand before the bar.
    """
    bar: Progress | None = None
    done, label, began = 0, "", time.monotonic()

    def advance(more: int, text: str = "") -> None:
        nonlocal bar, done, label
        done, label = min(done + more, total), text or label
        if bar is None and time.monotonic() - began >= SECONDS_UNSHOWN:
            bar = _bar(what, total)
            bar.start()
        if bar is not None:
            bar.update(bar.task_ids[0], completed=done, description=label)

    try:
        yield advance
    finally:
        if bar is not None:
            bar.stop()


def _bar(what: str, total: int) -> Progress:
    """A bar that is not shown yet."""
    from rich import progress as bars  # noqa: PLC0415  a table needs no bar, and it takes long to import

    bar = bars.Progress(
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        bars.TextColumn(f"{{task.completed:,.0f}} of {{task.total:,.0f}} {what}", markup=False),
        bars.TimeRemainingColumn(),
        console=_console(sys.stderr, color=None),
        transient=True,
    )
    bar.add_task("", total=total)
    return bar


def _console(file: IO[str], *, color: bool | None) -> Console:
    """A console that takes text as it is."""
    if color is None and os.environ.get("NO_COLOR"):
        color = False
    if color is None:
        return Console(file=file, markup=False, emoji=False, highlight=False)
    # The sixteen colours are those that the user chose for the terminal.
    system: Literal["standard"] | None = "standard" if color else None
    return Console(
        file=file,
        force_terminal=color,
        color_system=system,
        no_color=False,
        markup=False,
        emoji=False,
        highlight=False,
    )


def _terminal_width(console: Console) -> int:
    """The columns of the terminal, or of what COLUMNS says."""
    return console.width if console.file.isatty() or os.environ.get("COLUMNS", "").isdecimal() else UNLIMITED


def _write(console: Console, lines: Iterable[_Line]) -> None:
    """Print lines as they are, in ASCII where the stream has no other characters."""
    encoding = console.encoding
    signs = {}
    try:
        (tables.GUIDES + _RULE).encode(encoding)
    except UnicodeEncodeError:
        from cnncalc.written import ASCII  # noqa: PLC0415  few terminals need it

        signs = _ASCII | ASCII
    lines = iter(lines)
    while batch := list(islice(lines, LINES_AT_ONCE)):
        segments = []
        for line in batch:
            for text, style in line:
                drawn = text.translate(signs).encode(encoding, "replace").decode(encoding) if signs else text
                segments.append(Segment(drawn, style))
            segments.append(Segment.line())
        console.print(Segments(segments), end="", crop=False)


# What fits.


def _columns(table: Table) -> list[_Column]:
    """The columns with the texts of all rows."""
    rows = table.shown_rows
    columns = []
    for place, heading in enumerate(table.headings):
        prefixes = [_prefix(guide) for guide in table.all_guides] if place == table.guided and table.guides else ()
        columns.append(_Column(place, heading, [row[place] for row in rows], prefixes))
    return columns


def _prefix(guide: str) -> str:
    return "".join([f"{level} " for level in guide]) + side_label(guide)


def _fit(columns: Sequence[_Column], width: int) -> dict[int, int]:
    """The places of the columns that are shown, with their widths.

    The column with the highest rank goes first, of several the last one; one always stays. A column that
    folds does so before it goes, and every one that can does so before one of the dear ones goes.
    """
    widths = {column.place: column.width for column in columns}
    while True:
        excess = sum(widths.values()) + len(GAP) * (len(widths) - 1) - width
        if excess <= 0:
            return widths
        kept = [column for column in columns if column.place in widths]
        next_out = max(kept, key=lambda column: (column.heading.rank, column.place))
        folding = [next_out] if next_out.heading.rank > DEAR else sorted(kept, key=lambda column: -column.width)
        folded = _folded(folding, excess)
        if folded or len(kept) == 1:
            return {**widths, **folded}
        del widths[next_out.place]


def _folded(columns: Sequence[_Column], excess: int) -> dict[int, int]:
    """The widths of the columns that are folded to save so much, the widest first; none if they cannot."""
    widths = {}
    for column in columns:
        saved = min(excess, column.width - column.narrowest)
        if saved:
            widths[column.place] = column.width - saved
            excess -= saved
    return widths if excess <= 0 else {}


# How it is drawn.


def _rows(table: Table, columns: Sequence[_Column], widths: Sequence[int]) -> Iterator[_Line]:
    """The headings, all rows, and rules between them."""
    rule = [(_RULE * (sum(widths) + len(GAP) * (len(widths) - 1)), _FAINT)]
    titles = [_Column(column.place, column.heading, (column.heading.title,)) for column in columns]
    yield from _row(titles, widths, 0, _BOLD)
    yield rule
    last = len(table.all_rows) - 1
    for place in range(last + 1):
        totals = place == last and table.totals is not None
        if totals:
            yield rule
        yield from _row(columns, widths, place, _BOLD if totals else _PLAIN)


def _row(columns: Sequence[_Column], widths: Sequence[int], place: int, style: Style) -> Iterator[_Line]:
    """The lines of one row."""
    cells = [_cell(column, width, place, style) for column, width in zip(columns, widths, strict=True)]
    for number in range(max(map(len, cells))):
        line: _Line = []
        for cell, width in zip(cells, widths, strict=True):
            line += [*(cell[number] if number < len(cell) else [(" " * width, _PLAIN)]), (GAP, _PLAIN)]
        yield _trimmed(line)


def _trimmed(line: _Line) -> _Line:
    """The line without the space at its end."""
    while line and not line[-1][0].strip():
        line.pop()
    if line:
        text, style = line[-1]
        line[-1] = (text.rstrip(), style)
    return line


def _cell(column: _Column, width: int, place: int, style: Style) -> list[_Line]:
    """The lines of a cell, each as wide as the column."""
    text = column.texts[place]
    style = _styled(column.heading, text, style)
    prefix = column.prefixes[place] if column.prefixes else ""
    room = width - len(prefix)
    space = room - _width(text)
    if space >= 0 or not column.heading.folds:
        padding = " " * space
        text = text + padding if column.heading.align == "left" else padding + text
        return [[(prefix, _FAINT), (text, style)]] if prefix else [[(text, style)]]
    lines: list[_Line] = []
    for part in _broken(text, room) if column.prefixes else _wrapped(text, room):
        lines.append([(prefix, _FAINT), (part + " " * (room - _width(part)), style)])
        prefix = prefix.translate(_BELOW).replace(tables.SIDE_LABEL, " " * len(tables.SIDE_LABEL))
    return lines


def _styled(heading: Heading, text: str, style: Style) -> Style:
    """The style of a cell: verdicts stand out, and what is nothing stands back."""
    if text in {"0", "0.0", tables.NOT_APPLICABLE}:
        return _FAINT
    if heading.align == "left":
        word = text.partition(":")[0]
        return _MARKS.get(word, style)
    return style


def _wrapped(text: str, width: int) -> list[str]:
    """Text on lines of at most that width, longer only where one word is."""
    lines: list[str] = []
    for word in text.split():
        if lines and _width(lines[-1]) + 1 + _width(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _broken(name: str, width: int) -> list[str]:
    """A name on lines of that width."""
    return [name[start : start + width] for start in range(0, len(name), width)]


def _below(table: Table, width: int) -> Iterator[_Line]:
    """The summary and the remarks under a table."""
    if table.summary or table.remarks:
        yield []
    for items in table.summary:
        yield from _summary(items, width)
    for remark in table.remarks:
        first, *more = _wrapped(f"{remark.mark}: {remark.text}", width)
        yield [(remark.mark, _MARKS[remark.mark]), (first[len(remark.mark) :], _PLAIN)]
        yield from ([(line, _PLAIN)] for line in more)


def _summary(items: Iterable[tuple[str, str]], width: int) -> Iterator[_Line]:
    """Labels and values, as many on a line as fit."""
    line: _Line = []
    taken = 0
    for label, value in items:
        item = _width(label) + 1 + _width(value)
        if line and taken + 3 + item > width:
            yield line
            line, taken = [], 0
        if item > width:
            yield [(label, _FAINT)]
            yield from ([(part, _PLAIN)] for part in _wrapped(value, width))
            continue
        if line:
            line.append(("   ", _PLAIN))
            taken += 3
        line += [(f"{label} ", _FAINT), (value, _PLAIN)]
        taken += item
    if line:
        yield line


def _width(text: str) -> int:
    """The columns of a terminal that a text takes."""
    return len(text) if text.isascii() else cell_len(text)
