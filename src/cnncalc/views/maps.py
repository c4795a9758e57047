"""What a forward pass puts out, as text: a matrix a channel, shaded blocks, sums, and a value a row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnncalc.prose import counted
from cnncalc.views.table import Heading, Table
from cnncalc.views.working import wrap
from cnncalc.written import ARROW, ASCII

if TYPE_CHECKING:
    from cnncalc.forward.tensor import Position, Tensor
    from cnncalc.forward.trace import Working
    from cnncalc.infer import Record

# On a terminal more rows, matrices and sums are cut, and it is said so.
MOST_ROWS: Final = 60
MOST_MATRICES: Final = 16
MOST_SUMS: Final = 200
LONGEST_SUM: Final = 4000
# Cells around a window that are drawn with it, the widest window, and the channels that are drawn.
AROUND: Final = 2
WIDEST_WINDOW: Final = 16
MOST_CHANNELS: Final = 3
# From light to dark; a cell is two columns wide, about as much as a line is high.
SHADES: Final = " ░▒▓█"
ASCII_SHADES: Final = " .:-=+*#%@"
CELL: Final = 2
INDENT: Final = "  "
CUT: Final = "..."
MOST_TOP: Final = 5
# Lines are not broken there.
_JOINED: Final = "\N{NO-BREAK SPACE}"
PADDING: Final = "."

VALUES: Final = (
    Heading("layer", "layer"),
    Heading("position", "position", glue=""),
    Heading("channel", "channel", align="right"),
    Heading("value", "value", align="right"),
)
WORKINGS: Final = (*VALUES, Heading("working", "working", glue=""))


class Room(NamedTuple):
    """How much fits: the columns of a terminal; None at a pipe, where nothing is cut."""

    width: int | None = None
    ascii: bool = False


def number(value: Any) -> str:
    """A number for people, decimals with six digits.

    >>> number(3), number(1 / 3), number(Fraction(1, 3))
    ('3', '0.333333', '1/3')
    """
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def as_data(value: Any) -> Any:
    """Numbers, in nested lists or alone, as JSON has them: a fraction and what is not finite are strings."""
    match value:
        case list():
            return [as_data(item) for item in value]
        case float() if not math.isfinite(value):
            return str(value)
        case Fraction():
            return str(value)
        case _:
            return value


def heading(record: Record, room: Room) -> str:
    """A layer, and what it makes of what."""
    sizes = f"({', '.join(map(str, record.node.inputs))} {ARROW} {record.output})"
    text = f"{record.name}: {record.layer.name} {record.config}".rstrip() + f"   {sizes}"
    return text.translate(ASCII) if room.ascii else text


# Matrices.


def planes(x: Tensor) -> Iterator[tuple[str, list[list[Any]]]]:
    """Every matrix in a tensor with its title: one a channel, of a volume one a depth, too.

    A vector is one row, a sequence a row for each channel.
    """
    channels = x.dims[-1]
    if len(x.dims) == 1:
        yield "", [list(x.values)]
        return
    if len(x.dims) == 2:
        yield "", [list(x.values[channel::channels]) for channel in range(channels)]
        return
    height, width = x.dims[-3:-1]
    depth = x.dims[0] if len(x.dims) == 4 else 1
    area = height * width * channels
    for channel in range(channels):
        for place in range(depth):
            names = [f"channel {channel}"] * (channels > 1) + [f"depth {place}"] * (depth > 1)
            values = x.values[place * area + channel : (place + 1) * area : channels]
            yield ", ".join(names), [list(values[start : start + width]) for start in range(0, len(values), width)]


def matrices(x: Tensor, room: Room, *, blocks: bool = False) -> Iterator[str]:
    """The lines of all matrices of a tensor, or of the first ones."""
    found = list(planes(x))
    for title, rows in found if room.width is None else found[:MOST_MATRICES]:
        if title:
            yield f"{INDENT}{title}"
        yield from (f"{INDENT}{line}" for line in (shaded(rows, room) if blocks else aligned(rows, room)))
    if room.width is not None and len(found) > MOST_MATRICES:
        yield f"{INDENT}{CUT} and {len(found) - MOST_MATRICES} more; `--format plain` shows all"


def aligned(rows: Sequence[Sequence[Any]], room: Room) -> Iterator[str]:
    """A matrix in columns. On a terminal too many rows and columns are cut in the middle."""
    texts = [[number(value) for value in row] for row in rows]
    if room.width is not None:
        width = max(len(text) for row in texts for text in row)
        fit = max((room.width - len(INDENT)) // (width + 2), 2)
        texts = [_cut(row, fit) for row in texts]
        if len(texts) > MOST_ROWS:
            texts = _cut(texts, MOST_ROWS, [CUT])
    widths = [max(len(row[place]) for row in texts if place < len(row)) for place in range(max(map(len, texts)))]
    for row in texts:
        yield "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=False))


def _cut(items: list[Any], most: int, mark: Any = CUT) -> list[Any]:
    """The first and the last of too many, with a mark between them."""
    if len(items) <= most:
        return items
    before = most // 2
    after = most - before - 1
    return [*items[:before], mark, *items[len(items) - after :]]


def shaded(rows: Sequence[Sequence[Any]], room: Room) -> Iterator[str]:
    """A matrix as shaded blocks, the largest value darkest; a map that is too wide is shrunk by means of squares."""
    columns = (room.width or 80) - len(INDENT)
    factor = max(-(-len(rows[0]) * CELL // columns), 1)
    small = list(_shrunk(rows, factor))
    low, high = min(map(min, small)), max(map(max, small))
    shades = ASCII_SHADES if room.ascii else SHADES
    for row in small:
        places = [_shade(value, low, high, len(shades)) for value in row]
        yield "".join(shades[place] * CELL for place in places).rstrip()
    scale = f"; a block is the mean of {factor}x{factor} values" if factor > 1 else ""
    yield f"{number(low)} is light, {number(high)} dark{scale}"


def _shade(value: Any, low: Any, high: Any, count: int) -> int:
    return min(int((value - low) * count / (high - low)), count - 1) if high > low else 0


def _shrunk(rows: Sequence[Sequence[Any]], factor: int) -> Iterator[Sequence[Any]]:
    """The means of squares of a map; those at the end may be smaller."""
    if factor == 1:
        yield from rows
        return
    for top in range(0, len(rows), factor):
        band = rows[top : top + factor]
        means = []
        for left in range(0, len(rows[0]), factor):
            cells = [value for row in band for value in row[left : left + factor]]
            means.append(sum(map(float, cells)) / len(cells))
        yield means


# Sums.


def sums(record: Record, workings: Iterable[Working], room: Room) -> Iterator[str]:
    """The lines of how values come about, each under its position."""
    several = record.output.channels != 1 and record.output.rank > 0
    for count, working in enumerate(workings):
        if room.width is not None and count == MOST_SUMS:
            yield f"{CUT} the first {MOST_SUMS} are shown; `--format plain` shows all"
            return
        place = at(working.position, working.channel, several=several)
        for line in working.lines:
            text = f"{place}{INDENT}{line.translate(ASCII) if room.ascii else line}"
            place = " " * len(place)
            yield from [text] if room.width is None else _wrapped(text, room.width, place + INDENT * 2)


def _wrapped(text: str, width: int, indent: str) -> Iterator[str]:
    """Lines that fit; a sign stays with the result behind it, and a sum that nobody reads is cut in its middle."""
    if len(text) > LONGEST_SUM:
        text = f"{text[: LONGEST_SUM // 2]} {CUT} {text[-LONGEST_SUM // 2 :]}"
    lines = wrap(text.replace(" = ", f" ={_JOINED}"), width, "", indent)
    return (line.replace(_JOINED, " ") for line in lines)


def at(position: Position, channel: int, *, several: bool = False) -> str:
    """A place in an output: `(0, 2)`, with its channel where there are several; of a vector the number of the value."""
    if not position:
        return f"[{channel}]"
    text = f"({', '.join(map(str, position))})"
    return f"{text} channel {channel}" if several else text


def drawing(x: Tensor, cells: Sequence[Position]) -> Iterator[str]:
    """The input around a window, channel by channel, the cells of the window in brackets; `.` is padding.

    Nothing for a volume, and for a window that is too wide to be looked at.
    """
    rank = len(x.dims) - 1
    if rank not in {1, 2} or not cells:
        return
    flat = [cell if rank == 2 else (0, *cell) for cell in cells]
    extents = x.dims[:-1] if rank == 2 else (1, *x.dims[:-1])
    inside = set(flat)
    ranges = []
    for axis, extent in enumerate(extents):
        first, last = min(cell[axis] for cell in flat), max(cell[axis] for cell in flat)
        if last - first >= WIDEST_WINDOW:
            return
        ranges.append(range(min(max(first - AROUND, 0), first), max(min(last + AROUND, extent - 1), last) + 1))
    channels = x.dims[-1]
    for channel in range(min(channels, MOST_CHANNELS)):
        if channels > 1:
            yield f"{INDENT}channel {channel} of the input"
        rows = [
            [_cell(x, row, column, channel, rank, marked=(row, column) in inside) for column in ranges[1]]
            for row in ranges[0]
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            yield (INDENT + " ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))).rstrip()
    if channels > MOST_CHANNELS:
        yield f"{INDENT}{CUT} and {counted(channels - MOST_CHANNELS, 'more channel')}"


def _cell(x: Tensor, row: int, column: int, channel: int, rank: int, *, marked: bool) -> str:
    value = x.read((row, column, channel) if rank == 2 else (column, channel), None)
    text = PADDING if value is None else number(value)
    return f"[{text}]" if marked else f"{text} "


# What programs read.


def values(outputs: Iterable[tuple[str, Tensor]]) -> Table:
    """A row for every value: its layer, its position, its channel."""
    rows = (
        (name, _place(position), channel, str(as_data(x[(*position, channel)])))
        for name, x in outputs
        for position in x.positions
        for channel in range(x.dims[-1])
    )
    return Table(VALUES, tuple(rows))


def workings(found: Iterable[tuple[str, Working]], *, ascii: bool = False) -> Table:  # noqa: A002
    """A row for every value that was traced, with how it came about."""
    rows = []
    for name, working in found:
        text = "; ".join(working.lines)
        text = text.translate(ASCII) if ascii else text
        rows.append((name, _place(working.position), working.channel, str(as_data(working.value)), text))
    return Table(WORKINGS, tuple(rows))


def _place(position: Position) -> str:
    return ",".join(map(str, position))


def top(x: Tensor) -> list[tuple[int, Any]]:
    """The largest probabilities with their numbers, if the values of a vector are probabilities; else nothing."""
    if len(x.dims) > 1 or len(x.values) < 2 or not all(0 <= value <= 1 for value in x.values):
        return []
    if not math.isclose(sum(x.values), 1, rel_tol=1e-9):
        return []
    return sorted(enumerate(x.values), key=lambda pair: -pair[1])[:MOST_TOP]
