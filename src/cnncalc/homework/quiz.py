"""Quizzes: exercises made from a seed, or the sheet that a student has of an assignment, with their answers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnncalc import report as reports
from cnncalc.homework import values, wording
from cnncalc.homework.answers import VALUES, Answer
from cnncalc.homework.asked import Asked, AskedValues, Known, spoken_of
from cnncalc.homework.exercises import ERROR, FILL, ONE, TOPICS, Exercise
from cnncalc.homework.grade import KEY, Grader
from cnncalc.homework.judging import STRICT, Rules
from cnncalc.homework.solutions import solution
from cnncalc.prose import with_separators
from cnncalc.spec.expand import Options
from cnncalc.spec.source import Problem, Source, Span, SpecError, did_you_mean, quote

if TYPE_CHECKING:
    from cnncalc.homework.assignment import Assignment, Question
    from cnncalc.report import Report

# What stands in a teacher's text for a student's number.
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_]\w*)\}")
# An exercise that has no single right answer, or too few wrong ones, is drawn again so often.
MOST_DRAWS: Final = 200
# A network of more layers is given by its spec instead of layer by layer.
MOST_LINES: Final = 40
# Settings of a layer that are asked for as such; a stride is that of the receptive field, too.
HIDDEN: Final = ("padding", "kernel")
# What a table of a small network has.
COLUMNS: Final = ("output", "params")

Rows = tuple[tuple[str, ...], ...]


class Part(NamedTuple):
    """One answer of an item: `quantity` of `layer` ("" for the whole network).

    `label` says which one, where the item has several. `hint` are formulas, `solution` the same with the numbers
    put in. `choices` are the answers to choose from, the right one among them; there are none where the answer is
    written.
    """

    id: str
    label: str
    quantity: str
    layer: str
    answer: str
    known: tuple[Known, ...]
    hint: tuple[str, ...]
    solution: tuple[str, ...]
    choices: tuple[str, ...] = ()


class Network(NamedTuple):
    """The network of an item, as an assignment has it."""

    spec: str
    input: str = ""
    set: Mapping[str, str] = {}
    x: Any = None
    weights: Any = None

    def report(self) -> Report:
        """What is computed about it. Raises `SpecError`."""
        image = Source("input", self.input) if self.input else None
        options = Options(image, {name: Source("set", value) for name, value in self.set.items()})
        return reports.analyze_source(reports.find(self.spec), options)

    def asked(self, report: Report, quantity: str, layer: str, rules: Rules = STRICT) -> Asked:
        """A question about it. Raises `SpecError` for values without the numbers that they come from."""
        if quantity == VALUES:
            index = report.graph.names.index(layer) if layer else None
            return AskedValues(report, self.x, self.weights, rules, index)
        return Asked(report, quantity, layer, rules)


class Item(NamedTuple):
    """A question as it stands on a sheet, with everything that a key says about it.

    `given` are the input, the layers and whatever else is known, each by its name; `table` has headings and rows
    (a number that is asked for is `?`).
    """

    id: str
    topic: str
    level: int
    points: Decimal
    text: str
    given: tuple[tuple[str, str], ...]
    table: Rows
    parts: tuple[Part, ...]
    network: Network
    rules: Rules = STRICT

    @property
    def solution(self) -> tuple[str, ...]:
        """The working of all parts, each line once."""
        return tuple(dict.fromkeys(line for part in self.parts for line in part.solution))

    def judge(self, part: Part, text: str) -> Answer:
        """The verdict on what somebody wrote for a part. Raises `SpecError` if it cannot be read."""
        return self.network.asked(self.network.report(), part.quantity, part.layer, self.rules).judge(text)


class Sheet(NamedTuple):
    """The questions that one student gets; `student` is "" where they are for all."""

    title: str
    student: str
    items: tuple[Item, ...]

    @property
    def points(self) -> Decimal:
        """What it is worth without a mistake."""
        return sum((item.points for item in self.items), Decimal(0))


class _RedrawError(Exception):
    """An exercise that cannot be asked."""


# Exercises.


def make(
    *, seed: str, topics: Sequence[str] = (), level: int = 1, count: int = 10, choices: int = 0
) -> tuple[Item, ...]:
    """So many exercises: the same ones for the same arguments, on every machine.

    `topics` are taken in turn; without them, all of them in an order that the seed decides. With `choices`, each
    has so many answers to choose from, or as many as the topic has; a table to fill in has none. Raises `SpecError`
    where a topic has no exercise.
    """
    names = list(topics)
    if not names:
        names = list(TOPICS)
        Random(f"{seed}/topics").shuffle(names)  # noqa: S311  a quiz is no secret
    turn = itertools.islice(itertools.cycle(names), count)
    return tuple(_draw(f"q{number}", name, level, choices, seed) for number, name in enumerate(turn, start=1))


def _draw(id_: str, topic: str, level: int, choices: int, seed: str) -> Item:
    """An exercise of a topic that can be asked."""
    chance = Random(f"{seed}/{id_}/{topic}/{level}/{choices}")  # noqa: S311
    # Where no exercise has so many answers to choose from, one with fewer will do.
    for number in range(choices, min(choices - 1, 1), -1):
        for _ in range(MOST_DRAWS):
            exercise = TOPICS[topic].make(chance, level)
            try:
                item = _frozen(exercise, id_, number, chance)
            except (_RedrawError, SpecError):
                continue
            return item._replace(topic=topic, level=level)
    raise SpecError([Problem("no exercise can be asked", Span(Source("topic", topic), 0, len(topic)))])


def _frozen(exercise: Exercise, id_: str, choices: int, chance: Random) -> Item:
    """An exercise with its answers. Raises `_RedrawError` if it has no single right one, `SpecError` if no network."""
    network = Network(exercise.spec, x=exercise.x, weights=exercise.weights)
    report = network.report()
    layer = spoken_of(report, exercise.ask, exercise.layer, Span(Source("layer", exercise.layer), 0, 0))

    def part(id_: str, quantity: str, layer: str, label: str = "") -> Part:
        alone = exercise.form != ONE
        return _part(network, report, id_, quantity, layer, label=label, hidden=exercise.hidden, alone=alone)

    table: Rows = ()
    rounded = wording.rounding(report, exercise.ask)
    if exercise.form == FILL:
        text = f"Fill in the table: the shape of each output, and the number of trainable parameters.{rounded}"
        parts, table = _to_fill(report, part, id_)
    elif exercise.form == ERROR:
        text = f"Exactly one entry of this table is wrong. What should stand in its place?{rounded}"
        parts, table = _with_error(report, part, id_, chance)
    else:
        text = wording.question(report, exercise.ask, layer, hidden=exercise.hidden)
        parts = (part(id_, exercise.ask, layer),)
        if _is_flat(parts[0]):
            raise _RedrawError
    if choices and exercise.form != FILL:
        parts = tuple(_with_choices(one, choices, chance) for one in parts)
    return _item(id_, network, report, parts, text, hidden=exercise.hidden)._replace(table=table)


def _part(
    network: Network,
    report: Report,
    id_: str,
    quantity: str,
    layer: str,
    *,
    label: str = "",
    hidden: str = "",
    alone: bool = False,
    rules: Rules = STRICT,
) -> Part:
    """A part with its answers; how they come about, for a setting that is `hidden`, and for a layer `alone`.

    Raises `_RedrawError` where there is no answer.
    """
    asked = network.asked(report, quantity, layer, rules)
    if not asked.answer:
        raise _RedrawError
    hint, solved = solution(report, asked, quantity, layer, hidden=hidden, alone=alone)
    return Part(id_, label, quantity, layer, asked.answer, asked.known(), hint, tuple(map(with_separators, solved)))


def _item(id_: str, network: Network, report: Report, parts: tuple[Part, ...], text: str, *, hidden: str = "") -> Item:
    """An item that is worth a point for each part. `hidden` is a setting of its layer that is not told."""
    return Item(
        id=id_,
        topic="",
        level=0,
        points=Decimal(len(parts)),
        text=text,
        given=(*wording.network(report, hidden, parts[0].layer), *_numbers(network)),
        table=(),
        parts=parts,
        network=network,
    )


def _is_flat(part: Part) -> bool:
    """Whether all values of a forward pass are the same, as where a ReLU leaves nothing: it asks for too little."""
    return part.quantity == VALUES and len(set(values.nested(part.answer, part.id).values)) == 1


# Tables.


def _cells(report: Report) -> Iterator[tuple[str, str]]:
    """The layers and the quantities that a table of a small network asks for."""
    for record in report.records:
        for quantity in COLUMNS[: 2 if record.facts.arrays else 1]:
            yield record.name, quantity


def _table(report: Report, cells: Mapping[tuple[str, str], str]) -> Rows:
    """A row a layer, with these cells; what has no parameters has 0."""
    rows = ((name, *(cells.get((name, quantity), "0") for quantity in COLUMNS)) for name in report.graph.names[1:])
    return (("layer", *COLUMNS), *rows)


def _to_fill(report: Report, part: Callable[..., Part], id_: str) -> tuple[tuple[Part, ...], Rows]:
    """The table with a mark for each number that is asked for, and the parts that ask for them."""
    cells = list(_cells(report))
    parts = tuple(
        part(f"{id_}-{number}", quantity, layer, f"{quantity} of {layer}")
        for number, (layer, quantity) in enumerate(cells, start=1)
    )
    return parts, _table(report, dict.fromkeys(cells, wording.ASKED))


def _with_error(report: Report, part: Callable[..., Part], id_: str, chance: Random) -> tuple[tuple[Part, ...], Rows]:
    """The table with one cell that a known mistake leads to; the part asks for what should be there."""
    cells = {(layer, quantity): part(id_, quantity, layer) for layer, quantity in _cells(report)}
    place = chance.choice([cell for cell, one in cells.items() if one.known])
    planted = chance.choice(cells[place].known)
    others = tuple(known for known in cells[place].known if known != planted)
    table = _table(report, {cell: one.answer for cell, one in cells.items()} | {place: planted.answer})
    return (cells[place]._replace(known=others),), table


def _with_choices(part: Part, number: int, chance: Random) -> Part:
    """The part with so many answers to choose from: different mistakes first. Raises `_RedrawError`."""
    codes: set[str] = set()
    first: list[str] = []
    further: list[str] = []
    for known in part.known:
        (further if known.code in codes else first).append(known.answer)
        codes.add(known.code)
    wrong = (*first, *further)[: number - 1]
    if len(wrong) < number - 1:
        raise _RedrawError
    choices = [part.answer, *wrong]
    chance.shuffle(choices)
    return part._replace(choices=tuple(choices))


# Assignments.


def sheet(assignment: Assignment, student: str, report: Callable[[Problem], None]) -> Sheet:
    """The questions of an assignment with a student's numbers.

    A question that cannot be asked (a broken spec, a layer that there is not) is given to `report` and left out.
    """
    (made,) = sheets(assignment, (student,), report)
    return made


def sheets(assignment: Assignment, students: Iterable[str], report: Callable[[Problem], None]) -> Iterator[Sheet]:
    """The sheets of several students; a question with the same numbers is made once.

    A question of which one variant cannot be asked is on none of them, as `grade` grades it for nobody. The sheet
    for all, whose student is "", has the numbers that `grade` holds a student called `key` against.
    """
    questions = list(Grader(assignment, report).assignment.questions)
    known: dict[tuple[str, tuple[str, ...]], Item] = {}
    for student in students:
        items = []
        for question in tuple(questions):
            numbers = question.values(student or KEY, assignment.seed)
            key = question.id, tuple(numbers.values())
            try:
                item = known.get(key) or known.setdefault(key, _asked(question, numbers))
            except SpecError as error:
                # It cannot be put on a sheet, which is told once.
                questions.remove(question)
                for problem in error.problems:
                    report(problem)
            else:
                items.append(item)
        yield Sheet(_clean(" ".join(assignment.title.split())), _clean(student), tuple(items))


def _asked(question: Question, numbers: Mapping[str, str]) -> Item:
    """A question of an assignment, which `grade` can ask, with its answers.

    Raises `SpecError` where it cannot be put on a sheet.
    """
    network = Network(question.spec, question.input, numbers, question.x, question.weights)
    try:
        report = network.report()
        layer = spoken_of(report, question.ask, question.layer, question.place.span("layer"))
        hidden = _hidden(question, report, layer)
        part = _part(network, report, question.id, question.ask, layer, hidden=hidden, rules=question.rules)
        if question.choices:
            asked = network.asked(report, question.ask, layer, question.rules)
            part = part._replace(answer=asked.right_one(question.choices), choices=question.choices)
    except SpecError as error:
        raise SpecError(map(question.moved, error.problems)) from None
    except _RedrawError:
        message = f"the {question.ask} is no number that people write down"
        raise SpecError([Problem(message, question.place.span("ask"))]) from None
    text = _clean(_filled(question, numbers)) or wording.question(report, question.ask, layer, hidden=hidden)
    item = _item(question.id, network, report, (part,), text, hidden=hidden)
    if len(report.records) > MOST_LINES:
        item = item._replace(given=(("network", report.spec), *_numbers(network)))
    return item._replace(points=question.points, rules=question.rules)


def _hidden(question: Question, report: Report, layer: str) -> str:
    """The setting that is asked for, which the sheet must not tell. Raises `SpecError` where several would do."""
    if question.ask not in HIDDEN:
        return ""
    if not question.text and not wording.tiles(report[layer]):
        message = f"another {question.ask} gives the same output, since the windows do not tile the input"
        at = question.place.span("ask")
        raise SpecError([Problem(message, at, "a `text` of your own can say which one you mean")])
    return question.ask


def _clean(text: str) -> str:
    """The text without characters that would steer a terminal or are none in a document."""
    return "".join(character if character.isprintable() or character == "\n" else "\ufffd" for character in text)


def _filled(question: Question, numbers: Mapping[str, str]) -> str:
    """A teacher's text with the student's numbers in the places of their names, `{k}`.

    Raises `SpecError` for a param of the spec that has no number here, and for a misspelt one; other braces stay.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name in numbers:
            return numbers[name]
        meant = did_you_mean(name, numbers)
        if meant or re.search(rf"\bparam\s+{name}\b", question.spec):
            hint = meant or f"`set = {{ {name} = 3 }}` gives it one"
            raise SpecError([Problem(f"{quote(match[0])} has no value", question.place.within("text", match[0]), hint)])
        return match[0]

    return _PLACEHOLDER.sub(value, question.text)


def _numbers(network: Network) -> Iterator[tuple[str, str]]:
    """The numbers of a forward pass, as they are given."""
    if network.x is not None:
        yield "x", _text(network.x)
    for layer, arrays in (network.weights or {}).items():
        for name, array in arrays.items() if isinstance(arrays, Mapping) else (("kernel", arrays),):
            yield f"{layer} {name}", _text(array)


def _text(array: Any) -> str:
    return f"[{', '.join(map(_text, array))}]" if isinstance(array, (list, tuple)) else str(array)
