"""Values of a report as cells: integers stay integers, everything else is written out."""

from __future__ import annotations

from typing import Any

from cnncalc.shapes import Shape, join


def written(value: Any, separator: str = "x") -> int | str | None:
    """A number, a size or a formula. What is the same along all axes is written once.

    >>> written((5, 3)), written((5, 5)), written(None)
    ('5x3', 5, None)
    """
    match value:
        case None | int() | str():
            return value
        case Shape():
            return str(value)
        case (first, *rest) if all(other == first for other in rest):
            return written(first)
        case tuple():
            return join(value) if separator == "x" else separator.join(map(str, value))
        case _:
            return str(value)
