"""A spec with `?`s, and what is known of them before any value is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Final

from cnncalc.homework.answers import WRONG, Answer
from cnncalc.homework.judging import asks_for_values
from cnncalc.homework.reading import read
from cnncalc.report import analyze_source
from cnncalc.shapes import join
from cnncalc.solving import search, unknowns
from cnncalc.solving.interval import Interval, UndecidedError
from cnncalc.solving.search import Deadline, Network, OutOfTimeError, Range, Search, UnfitError
from cnncalc.solving.solutions import Solution, Values
from cnncalc.solving.target import answers_in, target
from cnncalc.solving.unknowns import Slot, written
from cnncalc.spec import parser, source
from cnncalc.spec.expand import Options
from cnncalc.spec.graph import Graph
from cnncalc.spec.inputs import ASSUMED_INPUT
from cnncalc.spec.source import Problem, Problems, Source, Span, SpecError, did_you_mean, listed, quote
from cnncalc.spec.statements import InputStatement, Use

# The values of a forward pass, behind `->`.
VALUES_IGNORED: Final = "values of a forward pass are not solved from"


class Question:
    """What is asked: the network, its unknowns (`slots`), and the stated answers (`targets`).

    `graph` has a range for each unknown, where one graph holds for all values. `obstacle` is what a layer objects to
    whatever they are, `error` what is wrong with the first ones, and `free` are sizes that no answer depends on.
    """

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

    def with_channels(self) -> Question | None:
        """The question with the channels of the input as one more `?`, which go first.

        None if an input is given, or no answer depends on its channels.
        """
        if self.has_input or self.graph is None:
            return None
        size = join(ASSUMED_INPUT.extents)
        text = self.text._replace(text=f"input {size}x?; {self.text.text}")
        note = f"no input is given: its channels are asked for, too, and its size is taken as {size}"
        try:
            wider = Question(text, self.options, self.bounds, self.settings, strict=self.network.strict, assumed=note)
        except SpecError:
            return None
        bits = wider.graph and wider.sources(wider.search({}), wider.graph)
        return wider if bits and bits & 1 else None

    def with_sizes(self) -> Question:
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
        return Question(text, self.options, bounds, self.settings, strict=False, assumed=note)

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
