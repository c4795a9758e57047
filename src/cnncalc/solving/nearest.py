"""Where nothing fits: the values that come nearest to what is asked, from below and from above."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from cnncalc.homework.answers import WRONG, Answer
from cnncalc.solving.search import Deadline, OutOfTimeError, Search
from cnncalc.solving.solutions import Nearest, Solution
from cnncalc.solving.target import Condition, Missed, Waived

# Of so many that are equally near, the plainest is taken.
MOST_COMPARED: Final = 50
# The time that all of it may take.
MOST_SECONDS: Final = 3.0


def nearest(search: Search, completed: Callable[..., Solution]) -> Iterator[Nearest]:
    """For the first answer that alone stands in the way, the nearest values on both sides.

    Where none does, the answers contradict each other: the last are left out, until one of the others does.
    """
    deadline = Deadline(MOST_SECONDS)
    targets = list(search.targets.items())
    for number in range(len(targets), 0, -1):
        conditions: dict[int, Condition] = dict(targets[:number])
        conditions |= {start: Waived() for start, _ in targets[number:]}
        found = False
        for start, target in targets[:number]:
            # Of the time that is left, the first side has half.
            for side, within in (("below", deadline.half()), ("above", deadline)):
                near = _nearest(search.towards({**conditions, start: Missed(target, side)}, within), completed)
                if near is not None:
                    found = True
                    yield Nearest(side, *near)
            if found:
                return


def _nearest(search: Search, completed: Callable[..., Solution]) -> tuple[Solution, Answer] | None:
    """Of the nearest values the plainest, and the first answer that they miss; None if the time is over before."""
    near: list[tuple[Solution, Answer]] = []
    least = 0
    with suppress(OutOfTimeError):
        for off, box in search.nearest():
            if near and (off > least or len(near) == MOST_COMPARED):
                break
            solution = completed(search.values(box), search.by_name(box))
            # With none that is wrong it fits, and was left out for another reason.
            for answer in [one for one in solution.report.answers if one.verdict == WRONG][:1]:
                near.append((solution, answer))
                least = off
    return min(near, key=lambda one: one[0].plainness, default=None)
