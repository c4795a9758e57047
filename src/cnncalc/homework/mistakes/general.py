"""Mistakes that any number may suffer: the answer of a neighbouring layer, and slips of the pen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from cnncalc.homework.answers import QUANTITIES
from cnncalc.homework.mistakes.table import Asked, Wrong, layers_before, mistake

if TYPE_CHECKING:
    from cnncalc.infer import Record

# A shorter number with one digit wrong is any other number.
FEWEST_DIGITS: Final = 5

# What needs more than a layer is not asked of its neighbours.
entry = partial(mistake, quantities=tuple(name for name in QUANTITIES if name != "unread"))


@entry("previous-layer", "is the answer of the layer before")
def previous_layer(asked: Asked) -> Iterator[Wrong]:
    """The answer of the nearest layer before that has another one; a size may be that of the input."""
    if asked.subject.totals is None:
        yield from islice(_others(asked, layers_before(asked), "an earlier layer"), 1)
        if asked.quantity == "output":
            yield Wrong(asked.subject.nodes[0].shape, "is the size of the input")


@entry("next-layer", "is the answer of the layer behind")
def next_layer(asked: Asked) -> Iterator[Wrong]:
    """The answer of the nearest layer behind that has another one."""
    if asked.subject.totals is None:
        yield from islice(_others(asked, asked.subject.records[asked.record.index :], "a later layer"), 1)


def _others(asked: Asked, records: Iterable[Record], where: str) -> Iterator[Wrong]:
    """The answers of other layers; a layer that has none, or the same, is passed over."""
    value = QUANTITIES[asked.quantity].value
    right = value(asked.subject)
    for record in records:
        other: Any = value(asked.of(record).subject)
        if other not in (None, 0, right):
            yield Wrong(other, f"is the answer for {record.name}, {where}")


def cut_off(value: Any, slack: Any, expected: object) -> bool:
    """Whether a rounded number is the right one with its last digits cut off.

    >>> cut_off(138_300_000, 50_000, 138_357_544), cut_off(138_400_000, 50_000, 138_357_544)
    (True, False)
    """
    return bool(slack) and isinstance(expected, int) and bool(slack < expected - value < 2 * slack)


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
