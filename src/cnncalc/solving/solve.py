"""`?`s to numbers: what is asked, the search, and the solutions in the order in which a teacher would name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import combinations, islice
from os import PathLike, fspath
from typing import Any, Final, NamedTuple

from cnncalc.algebra import FormulaError
from cnncalc.homework.answers import WRONG, Answer, as_json
from cnncalc.homework.judging import asks_for_values
from cnncalc.homework.reading import read
from cnncalc.report import Report, analyze_source, collection_paused, options_of
from cnncalc.report import find as find_source
from cnncalc.shapes import join
from cnncalc.solving import search, unknowns
from cnncalc.solving.interval import Interval, UndecidedError
from cnncalc.solving.nearest import Nearest, nearest
from cnncalc.solving.search import Deadline, Network, OutOfTimeError, Range, Search, UnfitError
from cnncalc.solving.target import answers_in, target
from cnncalc.solving.unknowns import Slot, written
from cnncalc.spec import parser, source
from cnncalc.spec.expand import Options
from cnncalc.spec.graph import Graph, Note
from cnncalc.spec.inputs import ASSUMED_INPUT
from cnncalc.spec.source import Problem, Problems, Source, Span, SpecError, did_you_mean, listed, quote
from cnncalc.spec.statements import InputStatement, Use

# More solutions than this are not looked for.
MOST_SOLUTIONS: Final = 500

# The values of a forward pass, behind `->`.
VALUES_IGNORED: Final = "values of a forward pass are not solved from"

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


def solve(
    spec: str | PathLike[str],
    *,
    input: str | tuple[int, ...] | None = None,  # noqa: A002  the word of the language
    set: Mapping[str, object] | None = None,  # noqa: A002  likewise
    bounds: Mapping[str, tuple[int, int]] | None = None,
    strict: bool = False,
    batch: int = 1,
    dtype: str = "float32",
) -> Solved:
    """Find every value of the `?`s in a spec that fits its answers.

    `bounds` are the values to be tried, by the name of a `?` or by what it stands for. `strict` leaves out the
    solutions in which windows do not tile, and the like; all other arguments are those of `analyze`.

    Raises `SpecError` for a spec that is broken, or asks for nothing.

    >>> solve("input 227x227x3; conv 96 11x11 s? -> 55x55x96").solutions
    ({'conv1.stride': 4},)
    >>> solve("input ?x?x3; conv 8 3x3 p1; pool 2x2 -> 16x16", strict=True).solutions
    ({'input.size': 32},)
    """
    text, options = find_source(fspath(spec)), options_of(input, set)
    return solve_source(text, options, bounds or {}, strict=strict, batch=batch, dtype=dtype)


def solve_source(
    text: Source, options: Options, bounds: Mapping[str, Range], *, strict: bool = False, **settings: Any
) -> Solved:
    """The same for a source. Raises `SpecError`."""
    with collection_paused():
        try:
            question = _Question(text, options, bounds, settings, strict=strict).with_sizes()
            wider = question.with_channels()
            solved = wider and wider.solved()
            return solved if solved and solved.found else question.solved()
        except FormulaError as error:
            raise SpecError([Problem(str(error), Span(text, 0, len(text.text)))]) from None


class _Question:
    """A spec with `?`s, and what is known of them before any value is tried."""

    def __init__(
        self,
        text: Source,
        options: Options,
        bounds: Mapping[str, Range],
        settings: Mapping[str, Any],
        *,
        strict: bool,
        assumed: str = "",
    ) -> None:
        problems = Problems()
        self.assumed = assumed
        self.settings = settings
        self.text = source.checked(text)
        self.options = options
        statements = parser.parse(self.text, problems)
        problems.stop()
        # A text without the sign need not be walked through.
        some = enumerate(statements) if "?" in self.text.text else ()
        open_places = frozenset(index for index, statement in some if unknowns.holds_unknown(statement))
        counted = {name: value for name, value in settings.items() if name != "layout"}
        self.network = Network(
            statements, self.text, options, counted, strict, Deadline(search.MOST_SECONDS), open_places
        )
        self.slots = unknowns.find(statements, image=False) if open_places else ()
        if not self.slots:
            analyze_source(self.text, options)  # if the sign stands where none can be, this says so
            message, hint = "nothing is asked: a `?` stands for a number to be found", "for example `conv 8 3x3 s?`"
            raise SpecError([Problem(message, Span(self.text, 0, len(self.text.text)), hint)])
        stated = list(answers_in(statements))
        self.targets = {answer.span.start: target(answer) for answer in stated if not asks_for_values(answer)}
        self.ignored = VALUES_IGNORED if any(map(asks_for_values, stated)) else ""
        self.bounds = bounds
        self.obstacle = ""
        self.error: SpecError | None = None
        self.loosen()
        self.graph = self.tried()
        if self.graph is not None:
            self.learn(self.graph)
        self.check_names(bounds)
        # Sizes of the input that no answer depends on.
        self.free: list[Slot] = []
        self.check_held()

    def loosen(self) -> None:
        """Take a range at once of what could decide what the spec expands to, and does not: most values of `let`."""
        for index, slot in enumerate(self.slots):
            if slot.stepwise:
                before = self.slots
                self.slots = (*before[:index], slot._replace(stepwise=False), *before[index + 1 :])
                try:
                    self.search({}).graph()
                except (UndecidedError, UnfitError, OutOfTimeError, SpecError):
                    self.slots = before

    def tried(self) -> Graph | None:
        """The graph with ranges for all `?`s; None if it depends on their values, or if there is none.

        Raises `SpecError` for what is wrong whatever the values are.
        """
        full = self.search({})
        try:
            return full.graph()
        except (UndecidedError, OutOfTimeError):
            return None
        except UnfitError as error:
            self.obstacle = "" if full.stepwise else error.problem.message
            return None
        except SpecError as error:
            if not full.stepwise:
                raise
            self.error = error
            return None

    def learn(self, graph: Graph) -> None:
        """What the graph says: whether the input is an image, and what its layers are called."""
        if graph.nodes[0].shape.rank == 2:
            stepwise = {slot.places for slot in self.slots if slot.stepwise}
            slots = unknowns.find(self.network.statements, image=True)
            self.slots = tuple(slot._replace(stepwise=slot.places in stepwise) for slot in slots)
        names = {node.span: name for node, name in reversed(list(zip(graph.nodes, graph.names, strict=True)))}
        self.slots = tuple(
            slot._replace(name=f"{names[slot.layer]}.{slot.name.partition('.')[2]}")
            if slot.layer and slot.layer in names
            else slot
            for slot in self.slots
        )
        if not any(slot.stepwise for slot in self.slots):
            self.slots = tuple(
                slot._replace(use=_only_use(graph, index, slot.bounds(self.bounds)))
                for index, slot in enumerate(self.slots)
            )

    def check_names(self, bounds: Mapping[str, Range]) -> None:
        """Raise `SpecError` for bounds of what is not asked."""
        names = [*[slot.name for slot in self.slots], *[slot.role for slot in self.slots]]
        for name in bounds:
            if name not in names:
                hint = did_you_mean(name, names) or listed("asked are", [slot.name for slot in self.slots])
                message = f"no `?` is called {quote(name)}"
                raise SpecError([Problem(message, Span(Source("--bound", name), 0, len(name)), hint)])

    def check_held(self) -> None:
        """Raise `SpecError` for a `?` that no answer depends on."""
        if self.network.strict:
            return
        hint = "state one behind `->`, as in `conv 8 3x3 s? -> 15x15x8`; behind `;` it speaks of the whole network"
        place = self.slots[0].places[0]
        if not self.targets:
            but = f"; {self.ignored}" if self.ignored else ""
            raise SpecError([Problem(f"there is no answer to find this `?` from{but}", place, hint)])
        if self.graph is None:
            return
        if not self.graph.answers:
            message = "the input or the params were changed, so the spec's own answers do not hold this `?`"
            raise SpecError([Problem(message, place)])
        full = self.search({})
        bits = self.sources(full, self.graph)
        if bits is None:
            return
        for index, slot in enumerate(self.slots):
            if slot.stepwise or len(full.candidates[index]) == 1 or bits >> index & 1:
                continue
            if not slot.is_size:
                raise SpecError([Problem("no answer depends on this `?`: every value fits", slot.places[0], hint)])
            self.free.append(slot)
        if len(self.free) == len(self.slots):
            raise SpecError([Problem("no answer depends on this `?`: every value fits", place, hint)])

    @staticmethod
    def sources(full: Search, graph: Graph) -> int | None:
        """A bit for each `?` that an answer may depend on; None where that depends on the values."""
        try:
            return full.sources(graph)
        except UndecidedError:
            return None

    @property
    def has_input(self) -> bool:
        """Whether an input is given; else one is taken."""
        states = any(isinstance(one, (InputStatement, Use)) for one in self.network.statements)
        return states or self.options.input is not None

    def with_channels(self) -> _Question | None:
        """The question with the channels of the input as one more `?`, which go first.

        None if an input is given, or no answer depends on its channels.
        """
        if self.has_input or self.graph is None:
            return None
        size = join(ASSUMED_INPUT.extents)
        text = self.text._replace(text=f"input {size}x?; {self.text.text}")
        note = f"no input is given: its channels are asked for, too, and its size is taken as {size}"
        try:
            wider = _Question(text, self.options, self.bounds, self.settings, strict=self.network.strict, assumed=note)
        except SpecError:
            return None
        bits = wider.graph and wider.sources(wider.search({}), wider.graph)
        return wider if bits and bits & 1 else None

    def with_sizes(self) -> _Question:
        """The question with the usual size of an input, or the next one in the bounds, where every size fits."""
        if not self.free:
            return self
        usual = ASSUMED_INPUT.extents[0]
        values: dict[int, Any] = {}
        for slot in self.free:
            low, high = slot.bounds(self.bounds)
            values |= {place.start: max(low, min(high, usual)) for place in slot.places}
        asked = {name for slot in self.slots if slot not in self.free for name in (slot.name, slot.role)}
        bounds = {name: limits for name, limits in self.bounds.items() if name in asked}
        names = " and ".join(f"{slot.name} is taken as {values[slot.places[0].start]}" for slot in self.free)
        note = f"{names}: no answer depends on it, and others fit as well"
        text = written(self.text, values)
        return _Question(text, self.options, bounds, self.settings, strict=False, assumed=note)

    def search(self, apart: Mapping[Slot, int]) -> Search:
        """The search with some slots having a number for each axis."""
        limits = [slot.bounds(self.bounds) for slot in self.slots]
        return Search(self.network, self.slots, limits, self.targets, apart)

    def axes(self, slot: Slot) -> int:
        """How many numbers a slot may have, if it has one for each axis."""
        if not slot.spreads or self.graph is None:
            return len(slot.places)
        return next((node.inputs[0].rank for node in self.graph.nodes if node.span == slot.layer), 1)

    def splits(self) -> Iterator[dict[Slot, int]]:
        """Which slots have a number for each axis: none, then one, then two, and so on."""
        axes = {slot: self.axes(slot) for slot in self.slots if self.axes(slot) > 1}
        for count in range(len(axes) + 1):
            for some in combinations(axes, count):
                yield {slot: axes[slot] for slot in some}

    def solved(self) -> Solved:
        """All solutions; where there is none, those that come nearest."""
        limits = {slot.name: slot.bounds(self.bounds) for slot in self.slots}
        solved = Solved(self.text, self.slots, (), True, limits, assumed=self.assumed, ignored=self.ignored)
        settled: list[Answer] = []
        # What is asked may depend on the values in a way that ranges cannot follow.
        with suppress(UndecidedError):
            settled += self.settled()
        if not settled:
            found, complete, alike = self.found()
            solved = solved._replace(found=tuple(found), complete=complete)
            if found:
                return solved
            near = tuple(nearest(self.search({}), self.completed, _plainness)) if alike else ()
            if self.error is not None and not near:
                # What is wrong with the first value tells why, as none goes any further.
                raise self.error
            solved = solved._replace(nearest=near)
        assumed = self.assumed if self.has_input else f"no input is given: {ASSUMED_INPUT} is taken"
        return solved._replace(settled=tuple(settled), obstacle=self.obstacle, assumed=assumed)

    def found(self) -> tuple[list[Solution], bool, bool]:
        """The solutions, whether these are all, and whether all are known that are alike along the axes."""
        found: list[Solution] = []
        complete = True
        few, tried = 0, -1
        try:
            for apart in self.splits():
                if found and (len(apart) > few or len(found) == MOST_SOLUTIONS):
                    break
                few = len(apart)
                # One by one: what was found before the time is over, is found.
                for solution in islice(self.solutions(self.search(apart)), MOST_SOLUTIONS - len(found)):
                    found.append(solution)  # noqa: PERF402
                tried = few
        except OutOfTimeError:
            complete = False
        return sorted(found, key=_plainness), complete and len(found) < MOST_SOLUTIONS, tried >= 0

    def settled(self) -> Iterator[Answer]:
        """The answers that are wrong whatever the values are."""
        full = self.search({})
        if self.graph is None or full.stepwise:
            return
        layers = {text.span.start: index for index, text in self.graph.answers}
        for text, subject in full.asked(self.graph):
            asked = self.targets[text.span.start]
            if asked.sources(subject) == 0 and not asked.may_be_met(subject, open_ended=False):
                index = layers[text.span.start]
                layer = "" if index is None else self.graph.names[index]
                given, expected = read(text._replace(quantity=asked.name)).values, asked.quantity.value(subject)
                yield Answer(layer, asked.name, given if len(given) > 1 else given[0], expected, WRONG, span=text.span)

    def solutions(self, some: Search) -> Iterator[Solution]:
        """What a search finds, once the numbers have been put in and the whole spec has been analyzed."""
        with suppress(UndecidedError, UnfitError):
            some.narrow()
        for box in some.found():
            solution = self.completed(some.values(box), some.by_name(box))
            self.network.deadline.check()
            if solution.report.passed and not (self.network.strict and solution.doubts):
                yield solution

    def completed(self, values: Mapping[int, Any], by_name: Values) -> Solution:
        """The spec with numbers in it."""
        text = written(self.text, values)
        return Solution(by_name, values, text, analyze_source(text, self.options, **self.settings))


def _only_use(graph: Graph, index: int, limits: Range) -> tuple[int, str] | None:
    """The only layer that an unknown came to, as it is, and the argument; None if there is another, or none."""
    uses = [
        (place, argument.name)
        for place, node in enumerate(graph.nodes)
        for argument in (node.layer.arguments if node.layer is not None else ())
        for value in (getattr(node.layer, argument.name),)
        for one in (value if type(value) is tuple else (value,))[:1]
        if isinstance(one, Interval) and one.divisors == 1 << index and (one.low, one.high) == limits
    ]
    return uses[0] if len(uses) == 1 else None


def _plainness(solution: Solution) -> tuple[Any, ...]:
    """What makes a solution come later: windows that do not tile, conventions, other doubts, large numbers."""
    numbers = list(_numbers(solution.values.values()))
    return not solution.exact, len(solution.conventions), len(solution.doubts), sum(numbers), numbers


def _numbers(values: Iterable[int | tuple[int, ...]]) -> Iterator[int]:
    """All numbers, one by one."""
    for value in values:
        yield from value if isinstance(value, tuple) else (value,)
