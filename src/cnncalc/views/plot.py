"""Points on two logarithmic axes: as text, and as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10
from typing import Final, NamedTuple

# Characters, and pixels.
NARROWEST: Final = 40
HEIGHT: Final = 22
SVG_WIDTH: Final = 860
SVG_HEIGHT: Final = 460
MARGIN: Final = 56
MARK: Final = "*"
UNITS: Final = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))


class Point(NamedTuple):
    """A name and two positive numbers."""

    name: str
    x: int
    y: int


class Axis(NamedTuple):
    """A logarithmic axis: what it shows, and the powers of ten at its ends."""

    title: str
    low: float
    high: float

    def place(self, value: float) -> float:
        """Where a value lies, from 0 to 1."""
        return (log10(value) - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> list[int]:
        """Round numbers along the axis: powers of ten, or with 2 and 5 between them where there are few."""
        powers = range(floor(self.low), ceil(self.high) + 1)
        factors = (1, 2, 5) if self.high - self.low < 3 else (1,)
        candidates = [factor * 10**power for power in powers if power >= 0 for factor in factors]
        return [tick for tick in candidates if 0 <= self.place(tick) <= 1]


def axis(title: str, values: Sequence[int]) -> Axis:
    """The axis on which all the values lie, with room at its ends, so that there is a round number on it."""
    low, high = log10(min(values)), log10(max(values))
    room = max((high - low) * 0.05, 0.2)
    return Axis(title, low - room, high + room)


def short(value: int) -> str:
    """A round number with its unit.

    >>> short(5_000_000), short(100)
    ('5M', '100')
    """
    for unit, letter in UNITS:
        if value >= unit:
            return f"{value / unit:g}{letter}"
    return str(value)


def text(points: Sequence[Point], titles: tuple[str, str], width: int) -> str:
    """The points as stars in a frame, each with its name where there is room for it.

    No two names overlap; the first points of the list are named first.
    """
    across, up = axis(titles[0], [point.x for point in points]), axis(titles[1], [point.y for point in points])
    labels = {_row(up, tick): short(tick) for tick in up.ticks}
    gutter = max(map(len, labels.values()))
    columns = max(width, NARROWEST) - gutter - 2
    canvas = [[" "] * columns for _ in range(HEIGHT)]
    places = [(_row(up, point.y), round(across.place(point.x) * (columns - 1))) for point in points]
    for row, column in places:
        canvas[row][column] = MARK
    for point, (row, column) in zip(points, places, strict=True):
        _write_name(canvas[row], column, point.name)
    lines = [f"{up.title}"]
    lines += [f"{labels.get(row, ''):>{gutter}} |{''.join(cells)}".rstrip() for row, cells in enumerate(canvas)]
    lines.append(" " * (gutter + 1) + "+" + "-" * columns)
    lines.append(" " * (gutter + 2) + _ticks(across, columns))
    return "\n".join(lines) + "\n"


def _row(up: Axis, value: float) -> int:
    """The row of a value, counted from the top."""
    return round((1 - up.place(value)) * (HEIGHT - 1))


def _write_name(cells: list[str], column: int, name: str) -> None:
    """The name to the right of its mark, or to the left, if there is room, with a space at both ends."""
    right = (column + 2, slice(column + 1, column + 3 + len(name)))
    left = (column - 1 - len(name), slice(max(column - 2 - len(name), 0), column))
    for start, around in (right, left):
        if 0 <= start <= len(cells) - len(name) and set(cells[around]) <= {" "}:
            cells[start : start + len(name)] = name
            return


def _ticks(across: Axis, columns: int) -> str:
    """The numbers under the horizontal axis, and its title at the end."""
    line = [" "] * columns
    for tick in across.ticks:
        label = short(tick)
        start = min(round(across.place(tick) * (columns - 1)), columns - len(label))
        if all(cell == " " for cell in line[max(start - 1, 0) : start + len(label) + 1]):
            line[start : start + len(label)] = label
    return "".join(line).rstrip() + f"  {across.title}"


def svg(points: Sequence[Point], titles: tuple[str, str]) -> str:
    """The points as circles that say their names, in the colours of the page."""
    across, up = axis(titles[0], [point.x for point in points]), axis(titles[1], [point.y for point in points])
    width, height = SVG_WIDTH - 2 * MARGIN, SVG_HEIGHT - 2 * MARGIN
    opening = (
        f'<svg viewBox="0 0 {SVG_WIDTH} {SVG_HEIGHT}" width="{SVG_WIDTH}" role="img" fill="currentColor" '
        f'font-size="11" style="max-width:100%"><title>{escape(titles[1])} over {escape(titles[0])}</title>'
    )
    parts = [opening]
    for tick in across.ticks:
        x = MARGIN + across.place(tick) * width
        parts.append(_line(x, MARGIN, x, MARGIN + height))
        parts.append(f'<text x="{x:.1f}" y="{MARGIN + height + 16}" text-anchor="middle">{short(tick)}</text>')
    for tick in up.ticks:
        y = MARGIN + (1 - up.place(tick)) * height
        parts.append(_line(MARGIN, y, MARGIN + width, y))
        parts.append(f'<text x="{MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{short(tick)}</text>')
    for point in points:
        x, y = MARGIN + across.place(point.x) * width, MARGIN + (1 - up.place(point.y)) * height
        name = escape(point.name)
        parts.append(
            f"<g><title>{name}: {point.x:,} {escape(titles[0])}, {point.y:,} {escape(titles[1])}</title>"
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" opacity=".7"/>'
            f'<text x="{x + 7:.1f}" y="{y + 4:.1f}" opacity=".8">{name}</text></g>'
        )
    parts.append(f'<text x="{MARGIN + width}" y="{SVG_HEIGHT - 8}" text-anchor="end">{escape(titles[0])}</text>')
    parts.append(f'<text x="{MARGIN}" y="{MARGIN - 14}">{escape(titles[1])}</text></svg>\n')
    return "\n".join(parts)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    """A line of the grid."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="currentColor" opacity=".15"/>'
