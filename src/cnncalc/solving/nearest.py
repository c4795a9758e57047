"""Where nothing fits: the values that come nearest to what is asked, from below and from above."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnncalc.homework.answers import WRONG, Answer
from cnncalc.shapes import Shape
from cnncalc.solving.search import Deadline, OutOfTimeError, Search
from cnncalc.solving.target import Target

if TYPE_CHECKING:
    from cnncalc.solving.solve import Solution

# What is asked is widened by 1, 8, 64 and so on, up to this.
WIDEST: Final = 2**40
# Of so many that are equally near, the plainest is taken.
MOST_COMPARED: Final = 50
# The time that all of it may take.
MOST_SECONDS: Final = 2.0


class Nearest(NamedTuple):
    """Values that give less or more than is asked, and the answer that they miss; all others are right."""

    side: str
    solution: Solution
    missed: Answer


def nearest(search: Search, targets: Mapping[int, Target], completed: Callable[..., Solution]) -> Iterator[Nearest]:
    """For the first answer that alone stands in the way, the nearest values on both sides."""
    deadline = Deadline(MOST_SECONDS)
    for start, target in targets.items():
        missed = False
        for side in ("below", "above"):
            with suppress(OutOfTimeError):
                near = _on_side(search, start, target, side, completed, deadline=deadline)
                if near:
                    missed = True
                    yield Nearest(side, *near)
        if missed:
            return


def _on_side(
    search: Search,
    start: int,
    target: Target,
    side: str,
    completed: Callable[..., Solution],
    *,
    deadline: Deadline,
) -> tuple[Solution, Answer] | None:
    """The nearest values on one side."""

    def within(slack: int, most: int) -> list[tuple[Solution, Answer]]:
        """Some of the solutions that miss what is asked by no more than the slack."""
        widened = target.widened(slack * (side == "below"), slack * (side == "above"))
        wider = search.towards({**search.targets, start: widened}, deadline)
        found = (completed(wider.values(box), wider.by_name(box)) for box in islice(wider.found(), most))
        answers = ((one, next((a for a in one.report.answers if a.verdict == WRONG), None)) for one in found)
        # With none that is wrong it fits, and was left out for another reason.
        return [(one, answer) for one, answer in answers if answer is not None]

    high = 1
    while not within(high, 1):
        high *= 8
        if high > WIDEST:
            return None
    low = high // 8 + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if within(middle, 1) else (middle + 1, high)
    return min(within(high, MOST_COMPARED), key=lambda near: _distance(near[1]))


def _distance(answer: Answer) -> Any:
    """How far the numbers of an answer are off, together."""
    given, expected = (_numbers(value) for value in (answer.given, answer.expected))
    return sum(abs(one - other) for one, other in zip(given, expected, strict=False))


def _numbers(value: Any) -> tuple[Any, ...]:
    """The numbers of an answer."""
    if isinstance(value, Shape):
        return value.dims
    return value if isinstance(value, tuple) else (value,)
