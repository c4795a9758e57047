"""What was found: the solutions in the order in which a teacher would name them, and what comes near."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cnncalc.homework.answers import Answer, as_json
from cnncalc.report import Report
from cnncalc.solving.search import Range
from cnncalc.solving.unknowns import Slot
from cnncalc.spec.graph import Note
from cnncalc.spec.source import Source

Values = Mapping[str, "int | tuple[int, ...]"]


class Solution(NamedTuple):
    """Values for all `?`s, by name; a tuple has a number for each axis.

    `places` has them by where the `?`s start in the text, `report` is that of the spec with the numbers in it.
    """

    values: Values
    places: Mapping[int, Any]
    source: Source
    report: Report

    @property
    def doubts(self) -> tuple[Note, ...]:
        """What a strict reader objects to: windows that do not tile, and the like."""
        return tuple(note for note in self.report.notes if note.validity)

    @property
    def conventions(self) -> tuple[str, ...]:
        """The ways to count, other than the usual one, by which its answers are right."""
        return tuple(dict.fromkeys(answer.convention for answer in self.report.answers if answer.convention))

    @property
    def exact(self) -> bool:
        """Whether all windows tile what they slide over."""
        return all(note.code != "does-not-tile" for note in self.doubts)

    @property
    def plainness(self) -> tuple[Any, ...]:
        """What makes it come later: windows that do not tile, conventions, other doubts, large numbers."""
        numbers = list(_numbers(self.values.values()))
        return not self.exact, len(self.conventions), len(self.doubts), sum(numbers), numbers


class Nearest(NamedTuple):
    """Values that give less or more than is asked, and the answer that they miss.

    All others are right, unless they contradict each other: then those that stand before it are.
    """

    side: str
    solution: Solution
    missed: Answer


class Solved(NamedTuple):
    """All solutions, the plainest first.

    `complete`: there is no other within the `bounds`. Where there is none at all, `nearest` has the values that
    come closest, `obstacle` what a layer objects to, if one does whatever the values are, and `settled` the answers
    that are wrong whatever they are. `assumed` says what is asked besides because no input is given, `ignored` which
    answers do not count.
    """

    source: Source
    slots: tuple[Slot, ...]
    found: tuple[Solution, ...]
    complete: bool
    bounds: Mapping[str, Range]
    nearest: tuple[Nearest, ...] = ()
    obstacle: str = ""
    settled: tuple[Answer, ...] = ()
    assumed: str = ""
    ignored: str = ""

    @property
    def unknowns(self) -> tuple[str, ...]:
        """The names of the `?`s, in the order of the text."""
        return tuple(slot.name for slot in self.slots)

    @property
    def solutions(self) -> tuple[dict[str, int | tuple[int, ...]], ...]:
        """The values alone."""
        return tuple(dict(solution.values) for solution in self.found)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "unknowns": list(self.unknowns),
            "solutions": [_as_json(solution.values) for solution in self.found],
            "complete": self.complete,
            "exact": [solution.exact for solution in self.found],
            "conventions": [list(solution.conventions) for solution in self.found],
            "specs": [solution.source.text for solution in self.found],
            "bounds": {name: list(limits) for name, limits in self.bounds.items()},
            "nearest": [
                {"side": one.side, "values": _as_json(one.solution.values), **_missed(one.missed)}
                for one in self.nearest
            ],
            "wrong": [_missed(one) for one in self.settled],
            "notes": [note for note in (self.assumed, self.ignored, self.obstacle) if note],
        }


def _as_json(values: Values) -> dict[str, Any]:
    return {name: as_json(value) for name, value in values.items()}


def _missed(answer: Answer) -> dict[str, Any]:
    """What an answer asks for, and what there is instead."""
    return {
        "layer": answer.layer or "total",
        "quantity": answer.quantity,
        "asked": as_json(answer.given),
        "got": as_json(answer.expected),
    }


def _numbers(values: Iterable[int | tuple[int, ...]]) -> Iterator[int]:
    """All numbers, one by one."""
    for value in values:
        yield from value if isinstance(value, tuple) else (value,)
