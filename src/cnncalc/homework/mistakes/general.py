"""Mistakes that any number may suffer: the answer of a neighbouring layer, and slips of the pen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from cnncalc.homework.answers import QUANTITIES
from cnncalc.homework.mistakes.table import Asked, Wrong, mistake

if TYPE_CHECKING:
    from cnncalc.infer import Record

# A shorter number with one digit wrong is any other number.
FEWEST_DIGITS: Final = 5

# What needs more than a layer is not asked of its neighbours.
entry = partial(mistake, quantities=tuple(name for name in QUANTITIES if name != "unread"))


@entry("previous-layer", "is the answer of the layer before")
def previous_layer(asked: Asked) -> Iterator[Wrong]:
    """The answer of (the first of) what the layer reads; a size may be that of the input."""
    if asked.subject.totals is None:
        for source in asked.record.node.sources[:1]:
            if source:
                yield from _neighbour(asked, asked.subject.records[source - 1], "before")
            elif asked.quantity == "output":
                yield Wrong(asked.input, f"is what goes into {asked.record.name}")


@entry("next-layer", "is the answer of the layer behind")
def next_layer(asked: Asked) -> Iterator[Wrong]:
    """The answer of the layer that stands next."""
    if asked.subject.totals is None:
        for record in asked.subject.records[asked.record.index : asked.record.index + 1]:
            yield from _neighbour(asked, record, "behind")


def _neighbour(asked: Asked, record: Record, where: str) -> Iterator[Wrong]:
    """The answer of another layer, where it has one."""
    value: Any = QUANTITIES[asked.quantity].value(asked.of(record).subject)
    if value is not None:
        yield Wrong(value, f"is the answer of {record.name}, the layer {where}")


def slip(given: object, expected: object) -> str:
    """How a number differs from the right one if it is by one digit; else nothing.

    >>> slip(105705400, 105705600), slip(15600, 16500), slip(1560, 1650)
    ('has one digit wrong', 'has two digits exchanged', '')
    """
    if not isinstance(given, int) or not isinstance(expected, int) or expected < 10 ** (FEWEST_DIGITS - 1):
        return ""
    one, other = str(given), str(expected)
    if one == other or given < 0:
        return ""
    ahead = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    ahead = min(len(one), len(other)) if ahead is None else ahead
    rest, right = one[ahead:], other[ahead:]
    if rest[1:] == right[1:] and rest and right:
        return "has one digit wrong"
    if rest == right[1:]:
        return "lacks a digit"
    if rest[1:] == right:
        return "has a digit too many"
    if rest[:2] == right[1::-1] and rest[2:] == right[2:]:
        return "has two digits exchanged"
    return ""
