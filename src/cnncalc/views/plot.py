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
SVG_HEIGHT: Final = 620
MARGIN: Final = 56
RADIUS: Final = 4
# The size of a letter, about, and from a point to its name.
LETTER: Final = (6.3, 11)
GAP: Final = 7
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
    """The points as stars in a frame, each with its name where there is room for it: no two names overlap."""
    across, up = axis(titles[0], [point.x for point in points]), axis(titles[1], [point.y for point in points])
    labels = {_row(up, tick): short(tick) for tick in up.ticks}
    gutter = max(map(len, labels.values()))
    columns = max(width, NARROWEST) - gutter - 2
    canvas = [[" "] * columns for _ in range(HEIGHT)]
    places = [(_row(up, point.y), round(across.place(point.x) * (columns - 1))) for point in points]
    for row, column in places:
        canvas[row][column] = MARK
    for point, (row, column) in sorted(zip(points, places, strict=True), key=_naming_order):
        _write_name(canvas[row], column, point.name)
    lines = [f"{up.title}"]
    lines += [f"{labels.get(row, ''):>{gutter}} |{''.join(cells)}".rstrip() for row, cells in enumerate(canvas)]
    lines.append(" " * (gutter + 1) + "+" + "-" * columns)
    lines.append(" " * (gutter + 2) + _ticks(across, columns))
    return "\n".join(lines) + "\n"


def _naming_order(placed: tuple[Point, tuple[float, float]]) -> bool:
    """The first points of the list are named first; what is in a folder stands behind."""
    return "/" in placed[0].name


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
    """The points as circles in the colours of the page.

    Each says its name when it is pointed at; the name stands beside it where it hides no other name and no point.
    """
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
    places = [(MARGIN + across.place(point.x) * width, MARGIN + (1 - up.place(point.y)) * height) for point in points]
    for (name, x, y), (left, top) in zip(points, places, strict=True):
        parts.append(
            f"<g><title>{escape(name)}: {x:,} {escape(titles[0])}, {y:,} {escape(titles[1])}</title>"
            f'<circle cx="{left:.1f}" cy="{top:.1f}" r="{RADIUS}" opacity=".7"/></g>'
        )
    taken = [Box(left, top, RADIUS, RADIUS) for left, top in dict.fromkeys(places)]
    for point, (left, top) in sorted(zip(points, places, strict=True), key=_naming_order):
        box = _beside(left, top, point.name, taken)
        if box is not None:
            taken.append(box)
            place = f'x="{box.x:.1f}" y="{box.y + 4:.1f}" text-anchor="middle"'
            parts.append(f'<text {place} opacity=".8">{escape(point.name)}</text>')
    parts.append(f'<text x="{MARGIN + width}" y="{SVG_HEIGHT - 8}" text-anchor="end">{escape(titles[0])}</text>')
    parts.append(f'<text x="{MARGIN}" y="{MARGIN - 14}">{escape(titles[1])}</text></svg>\n')
    return "\n".join(parts)


class Box(NamedTuple):
    """A rectangle by its middle and the halves of its sides."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        """Whether they overlap."""
        apart = abs(self.x - other.x) >= self.width + other.width or abs(self.y - other.y) >= self.height + other.height
        return not apart


def _beside(x: float, y: float, name: str, taken: Sequence[Box]) -> Box | None:
    """Where a name has room: to the right of its point, to the left, above or below; None if nowhere."""
    width, height = (len(name) * LETTER[0] / 2, LETTER[1] / 2)
    for across, up in ((GAP + width, 0), (-GAP - width, 0), (0, -GAP - height), (0, GAP + height)):
        box = Box(x + across, y + up, width, height)
        inside = box.x - width > MARGIN and box.x + width < SVG_WIDTH
        if inside and not any(box.meets(other) for other in taken):
            return box
    return None


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    """A line of the grid."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="currentColor" opacity=".15"/>'
