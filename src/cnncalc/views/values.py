"""Values of a report as cells: integers stay integers, everything else is written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.prose import with_separators
from cnncalc.shapes import Shape, join

if TYPE_CHECKING:
    from cnncalc.homework.answers import Answer


def written(value: Any, separator: str = "x") -> int | str | None:
    """A number, a size, a formula or nested lists. What is the same along all axes is written once.

    >>> written((5, 3)), written((5, 5)), written([[1, 2], [3, 4]]), written(None)
    ('5x3', 5, '[[1,2],[3,4]]', None)
    """
    match value:
        case None | int() | str():
            return value
        case Shape():
            return str(value)
        case float():
            return f"{value:.6g}"
        case list():
            return f"[{','.join(str(written(item)) for item in value)}]"
        case (first, *rest) if all(other == first for other in rest):
            return written(first)
        case tuple():
            return join(value) if separator == "x" else separator.join(map(str, value))
        case _:
            return str(value)


def stated(answer: Answer) -> int | str | None:
    """What was answered; a size along all axes."""
    from cnncalc.homework.answers import in_decimals  # noqa: PLC0415  most reports have no answers

    given = in_decimals(answer.given)
    return join(given) if isinstance(answer.expected, Shape) and isinstance(given, tuple) else written(given)


def said(value: Any) -> str:
    """The same in a sentence, sizes channels-last as in a spec.

    >>> said(61706), said((5, 3)), said(Shape((), 9216))
    ('61,706', '5x3', '9,216')
    """
    return with_separators(str(written(value)))
