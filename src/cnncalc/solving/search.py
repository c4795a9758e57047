"""The search: boxes of values are cut in halves, and those in which no answer can be right are left out.

A box has a range for every unknown. The network is expanded and inferred on ranges (`interval.py`), by the
same code as on numbers; no formula stands here. What is left are boxes of one value each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from heapq import heappop, heappush
from itertools import count
from time import monotonic
from typing import Any, Final, NamedTuple

from cnncalc import infer
from cnncalc.homework.answers import Subject
from cnncalc.report import subject_of
from cnncalc.shapes import Window
from cnncalc.solving.interval import Interval, UndecidedError, known
from cnncalc.solving.target import Condition, Target
from cnncalc.solving.unknowns import Slot, put
from cnncalc.spec.expand import Options, expand
from cnncalc.spec.graph import Graph
from cnncalc.spec.source import Problem, Problems, Source, SpecError, Unfit
from cnncalc.spec.statements import AnswerText, Statement

# After so long a search ends, wherever it is.
MOST_SECONDS: Final = 5.0

# Of so many candidates the divisors of a number are picked one by one.
MOST_DIVIDED: Final = 70_000

Range = tuple[int, int]
Box = tuple[Range, ...]


class OutOfTimeError(Exception):
    """The search has taken as long as it may."""


class UnfitError(Exception):
    """In no place of the box all layers work on what they read."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class _Impatient(Problems):
    """Raise at the first problem."""

    def add(self, problem: Problem) -> None:
        """Give up the box, if a layer does not work there, and the whole search otherwise."""
        if isinstance(problem, Unfit):
            raise UnfitError(problem)
        raise SpecError([problem])


class Deadline:
    """The end of the time that a search may take."""

    def __init__(self, seconds: float) -> None:
        self.end = monotonic() + seconds

    def half(self) -> Deadline:
        """The end of half of the time that is left."""
        return Deadline((self.end - monotonic()) / 2)

    def check(self) -> None:
        """Raise `OutOfTimeError` if it is over."""
        if monotonic() > self.end:
            raise OutOfTimeError


class Network(NamedTuple):
    """A spec with its `?`s, ready to be expanded."""

    statements: tuple[Statement, ...]
    source: Source
    options: Options
    # The batch and the dtype that bytes are counted for.
    settings: Mapping[str, Any]
    # Whether all windows have to tile what they slide over.
    strict: bool
    deadline: Deadline
    # The places of the statements with a `?`.
    open: frozenset[int]

    def expanded(self, values: dict[int, Any]) -> Graph:
        """The graph with such values.

        Raises `UndecidedError` if it depends on where in their ranges they lie.
        """
        self.deadline.check()
        statements = tuple(
            [put(statement, values) if i in self.open else statement for i, statement in enumerate(self.statements)]
        )
        graph = expand(statements, self.source, self.options, _Impatient())
        assert graph is not None  # every problem raises
        return graph


class Search:
    """All values of some slots for which the targets are met.

    The targets go by where their answers start in the text. Slots that are `apart` have so many numbers.
    """

    def __init__(
        self,
        network: Network,
        slots: Sequence[Slot],
        bounds: Sequence[Range],
        targets: Mapping[int, Target],
        apart: Mapping[Slot, int],
    ) -> None:
        self.network = network
        self.slots = slots
        self.targets = targets
        # What of the targets is looked for.
        self.conditions: Mapping[int, Condition] = targets
        self.apart = apart
        # A box has places in these lists.
        self.candidates: list[Sequence[int]] = [
            range(low, high + 1)
            for slot, (low, high) in zip(slots, bounds, strict=True)
            for _ in range(apart.get(slot, 1))
        ]
        steps = [slot.stepwise for slot in slots for _ in range(apart.get(slot, 1))]
        self.stepwise = [index for index, is_step in enumerate(steps) if is_step]

    @property
    def box(self) -> Box:
        """All candidates."""
        return tuple([(0, len(some) - 1) for some in self.candidates])

    def ranges(self, box: Box) -> Iterator[tuple[int, tuple[Sequence[int], Range]]]:
        """The candidates of each range of a box, numbered."""
        return enumerate(zip(self.candidates, box, strict=True))

    def graph(self) -> Graph:
        """The graph of all candidates at once; of what is tried value by value, of the first.

        Raises `UndecidedError` if it depends on the values, `UnfitError` if a layer works with none of them.
        """
        box = [(0, 0) if index in self.stepwise else limits for index, limits in enumerate(self.box)]
        return self.network.expanded(self.values(tuple(box)))

    def narrow(self) -> None:
        """Leave only the divisors of an answer where an unknown divides the number that is asked for.

        Raises `UndecidedError` and `UnfitError`, as `graph` does.
        """
        if self.stepwise:
            return
        for text, subject in self.asked(self.graph()):
            number, bits = self.targets[text.span.start].divided(subject)
            for index, some in enumerate(self.candidates):
                if bits >> index & 1 and len(some) <= MOST_DIVIDED:
                    self.candidates[index] = [value for value in some if value and number % value == 0]

    def towards(self, conditions: Mapping[int, Condition], deadline: Deadline) -> Search:
        """The same search for something else, with time of its own."""
        search = copy(self)
        search.network = self.network._replace(deadline=deadline)
        search.conditions = conditions
        return search

    def values(self, box: Box) -> dict[int, Any]:
        """What stands for each `?` in a box, by where it starts in the text: numbers, or ranges of them."""
        ranges = iter([_number(some, limits, index) for index, (some, limits) in self.ranges(box)])
        values: dict[int, Any] = {}
        for slot in self.slots:
            count = self.apart.get(slot, 1)
            numbers = [next(ranges) for _ in range(count)]
            if slot.spreads:
                values[slot.places[0].start] = tuple(numbers) if count > 1 else numbers[0]
            else:
                each = numbers if count > 1 else numbers * len(slot.places)
                values |= {place.start: number for place, number in zip(slot.places, each, strict=True)}
        return values

    def asked(self, graph: Graph) -> Iterator[tuple[AnswerText, Subject]]:
        """The answers of a graph, and what each speaks of."""
        records = infer.infer(graph)
        totals = infer.total(graph, records)
        for index, text in graph.answers:
            if text.span.start not in self.targets:  # of values
                continue
            yield text, subject_of(graph, records, totals, index, **self.network.settings)

    def sources(self, graph: Graph) -> int:
        """A bit for each range that an answer may depend on, in a graph of ranges."""
        bits = 0
        for text, subject in self.asked(graph):
            bits |= self.targets[text.span.start].sources(subject)
        return bits

    def by_name(self, box: Box) -> dict[str, int | tuple[int, ...]]:
        """The values of a box of one value each, by the names of the slots."""
        numbers = iter([some[low] for _, (some, (low, _)) in self.ranges(box)])
        found: dict[str, int | tuple[int, ...]] = {}
        for slot in self.slots:
            own = tuple([next(numbers) for _ in range(self.apart.get(slot, 1))])
            found[slot.name] = own[0] if len(set(own)) == 1 else own
        return found

    def possible(self, box: Box) -> bool:
        """Whether all answers may be right somewhere in the box; on a box of one value each, whether they are.

        Raises `SpecError` for an answer about what is not known.
        """
        return self.off(box) is not None

    def off(self, box: Box) -> Any:
        """How far off the answers are at least, anywhere in the box; None if that is further than they may be.

        Raises `SpecError` for an answer about what is not known.
        """
        open_ended = any(low < high for low, high in box)
        together: Any = 0
        try:
            graph = self.network.expanded(self.values(box))
            if self.network.strict and not _may_tile(graph):
                return None
        except UnfitError:
            return None
        except UndecidedError:
            return together
        except SpecError:
            # Of a range it may be wrong; a number it is told of does not go with the others.
            return together if open_ended else None
        with suppress(UndecidedError):
            for off in self.misses(graph, open_ended=open_ended):
                if off is None:
                    return None
                together += off
        return together

    def misses(self, graph: Graph, *, open_ended: bool) -> Iterator[Any]:
        """How far off each answer is at least: first the sizes, which are known before anything is counted."""
        for index, text in graph.answers:
            if not text.quantity:
                shape = graph.nodes[graph.output if index is None else index].shape
                yield self.conditions[text.span.start].size_off(shape)
        if any(text.quantity for _, text in graph.answers):
            for text, subject in self.asked(graph):
                if text.quantity:
                    yield self.conditions[text.span.start].off(subject, open_ended=open_ended)

    def nearest(self) -> Iterator[tuple[Any, Box]]:
        """The boxes of one value each with how far off the answers are there, the nearest first.

        Raises `OutOfTimeError` when the time is over.
        """
        serial = count()
        waiting = [(0, 0, 0, self.box)] if all(self.candidates) else []
        while waiting:
            off, _, _, box = heappop(waiting)
            step = self.open_step(box)
            split = _narrowest(box) if step is None else step
            if split is None:
                yield off, box
                continue
            for half in _halves(box, split) or ():
                least = self.off(half)
                if least is not None:
                    # Of those that may be as near, first the smallest.
                    heappush(waiting, (least, sum(high - low for low, high in half), next(serial), half))

    def found(self) -> Iterator[Box]:
        """The boxes of one value each in which the answers are right, smaller values first.

        Raises `OutOfTimeError` when the time is over.
        """
        waiting = [self.box] if all(self.candidates) else []
        while waiting:
            box = waiting.pop()
            split = self.open_step(box)
            if split is None:
                narrowed = self.narrowed(box)
                if narrowed is None:
                    continue
                box = narrowed
                split = _narrowest(box)
            if split is None:
                yield box
                continue
            low, high = box[split]
            middle = (low + high) // 2
            waiting += [_with(box, split, (middle + 1, high)), _with(box, split, (low, middle))]

    def open_step(self, box: Box) -> int | None:
        """The first range with more than one value of what is tried value by value."""
        return next((index for index in self.stepwise if box[index][0] < box[index][1]), None)

    def narrowed(self, box: Box) -> Box | None:
        """The box without the halves of its ranges that are impossible; None if nothing is left."""
        changed = True
        checked = False
        while changed:
            changed = False
            for index in range(len(box)):
                while (halves := _halves(box, index)) is not None:
                    lower, upper = halves
                    checked = self.possible(lower)
                    if not checked:
                        box = upper
                    elif not self.possible(upper):
                        box = lower
                    else:
                        break
                    changed = True
        return box if checked or self.possible(box) else None


def _number(candidates: Sequence[int], limits: Range, index: int) -> Any:
    """A range as a number of the formulas."""
    low, high = candidates[limits[0]], candidates[limits[1]]
    return low if low == high else Interval(low, high, 1 << index, divisors=1 << index)


def _with(box: Box, index: int, limits: Range) -> Box:
    """The box with another range."""
    return (*box[:index], limits, *box[index + 1 :])


def _halves(box: Box, index: int) -> tuple[Box, Box] | None:
    """The box with the lower half of a range, and with the upper half."""
    low, high = box[index]
    middle = (low + high) // 2
    return None if low == high else (_with(box, index, (low, middle)), _with(box, index, (middle + 1, high)))


def _narrowest(box: Box) -> int | None:
    """The range with the fewest values, if any has more than one."""
    widths = [(high - low, index) for index, (low, high) in enumerate(box) if low < high]
    return min(widths)[1] if widths else None


def _may_tile(graph: Graph) -> bool:
    """Whether all windows may tile what they slide over."""
    return not any(
        isinstance(window, Window) and known(window.leftover(extent)).low > 0
        for node in graph.nodes
        if node.layer is not None and not node.layer.merges
        for window, extent in zip(node.layer.geometry(node.inputs[0]), node.inputs[0].extents, strict=True)
    )
