"""Assignments: questions about networks, as a teacher writes them in TOML."""

from __future__ import annotations

import hashlib
import itertools
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from cnncalc.homework import check, sheets
from cnncalc.homework.answers import VALUES, named
from cnncalc.homework.judging import Rules
from cnncalc.homework.places import Place
from cnncalc.spec import source as texts
from cnncalc.spec.source import Problem, Source, Span, SpecError, did_you_mean, listed, quote

# How a word may be called that names a student, a question, a file of a report.
LONGEST_WORD: Final = 200
# No sheet has so many questions.
MOST_QUESTIONS: Final = 2000
# Numbers that a question may hold for its students, at most.
MOST_VARIANTS: Final = 1000
# The keys of a question that hold the numbers of a forward pass.
NUMBERS: Final = ("x", "weights")
# The texts that may be numbers.
NUMBERED: Final = ("seed", "id")
# No number of a question has more digits.
LARGEST_EXPONENT: Final = 300
# Answers to choose from have letters.
MOST_CHOICES: Final = 26


class Question(NamedTuple):
    """A question about one network: what is asked of which layer, and what counts as right.

    `layer` is "" for the last one and "total" for the whole network; `answer` is the teacher's own key, "" if
    there is none; `choices` are the answers to choose from, () where the answer is written; `rules` say what else
    counts as right. `set` gives the spec's params values, `vary` several
    of which each student gets one.
    """

    id: str
    spec: str
    ask: str
    layer: str
    points: Decimal
    answer: str
    choices: tuple[str, ...]
    rules: Rules
    text: str
    input: str
    x: Any
    weights: Any
    set: Mapping[str, str]
    vary: Mapping[str, tuple[str, ...]]
    place: Place

    def moved(self, problem: Problem) -> Problem:
        """A problem of what a key holds, moved to its place in the assignment."""
        name = problem.span.source.name
        layers = self.weights if isinstance(self.weights, Mapping) else {}
        if self.ask != VALUES or not (name in NUMBERS or name.partition(".")[0] in layers):
            return self.place.moved(problem)
        key, given = ("x", self.x) if name == "x" else ("weights", self.weights)
        return problem._replace(span=self.place.span("ask" if given is None else key))

    def values(self, student: str, seed: str) -> dict[str, str]:
        """The values of the spec's params in one student's sheet; the same ones whenever they are asked for."""
        return {
            **self.set,
            **{name: choices[_draw(seed, student, name, choices)] for name, choices in self.vary.items()},
        }

    def variants(self) -> Iterator[dict[str, str]]:
        """The values of the spec's params in all variants of the question."""
        for values in itertools.product(*self.vary.values()):
            yield {**self.set, **dict(zip(self.vary, values, strict=True))}


def _draw(seed: str, student: str, name: str, choices: Sequence[str]) -> int:
    """Which of the choices a student has: the same on every machine, and hard to guess from another's.

    Questions that vary the same name speak of the same network, so a student has one value for it everywhere.
    """
    digest = hashlib.sha256("\0".join((seed, student, name, *choices)).encode()).digest()
    return int.from_bytes(digest[:8]) % len(choices)


class Assignment(NamedTuple):
    """A sheet of questions. `follow_on` is the part of the points for an answer that follows from a wrong one.

    `left_out` are the names of questions that are broken, and so are none.
    """

    title: str
    seed: str
    follow_on: Decimal
    questions: tuple[Question, ...]
    left_out: tuple[str, ...] = ()

    @property
    def points(self) -> Decimal:
        """What a sheet without a mistake is worth."""
        return sum((question.points for question in self.questions), Decimal(0))


class _BadValueError(ValueError):
    """A value that does not fit its key."""


class _BadNumberError(ValueError):
    """A number that is none, or has too many digits; its text."""


def read(path: str, report: Callable[[Problem], None]) -> Assignment:
    """The assignment in a TOML file.

    A question that is broken is given to `report` and left out. Raises `SpecError` for a file that is no TOML,
    or holds no question.
    """
    source = texts.read(path)
    try:
        data = tomllib.loads(source.text, parse_float=_decimal)
    except (ValueError, RecursionError) as error:
        raise SpecError([_syntax(source, error)]) from None
    top = Place(source, 0)
    questions = data.pop("question", [])
    if not isinstance(questions, list) or not questions or not all(isinstance(one, dict) for one in questions):
        raise SpecError(
            [Problem("there is no question", top.span("question"), "a question begins with `[[question]]`")]
        )
    if len(questions) > MOST_QUESTIONS:
        message = f"there are {len(questions):,} questions; there may be {MOST_QUESTIONS:,}"
        raise SpecError([Problem(message, Place(source, MOST_QUESTIONS + 1).span())])
    general = _Table(data, top, report)
    title, seed = general.text("title"), general.text("seed")
    follow_on = general.number("follow_on", Decimal(0), most=Decimal(1))
    rules = general.rules(Rules())
    general.finish()
    found: dict[str, Question] = {}
    left_out: list[str] = []
    for number, keys in enumerate(questions, start=1):
        table = _Table(keys, Place(source, number), report)
        question = _question(table, rules)
        # The columns of a file of answers are told apart whatever their case.
        name = question.id.lower()
        if name in found:
            table.refuse("id", f"there are two questions called {quote(question.id)}")
        elif name in sheets.LONG:
            table.refuse("id", f"a file of answers has a column {quote(name)}, so no question is called so")
        elif table.finish():
            found[name] = question
        else:
            left_out.append(question.id)
    return Assignment(title, seed, follow_on, tuple(found.values()), tuple(left_out))


def _question(table: _Table, rules: Rules) -> Question:
    """A question of its table, which notes what is wrong."""
    return Question(
        id=table.text("id", needed=True).strip(),
        spec=table.text("spec", needed=True, longest=None),
        ask=named(table.text("ask", needed=True)),
        layer=table.text("layer"),
        points=table.number("points", Decimal(1)),
        answer=table.value("answer"),
        choices=table.several("choices"),
        rules=table.rules(rules),
        text=table.text("text", longest=None),
        input=table.text("input"),
        x=table.data("x"),
        weights=table.data("weights"),
        set=table.settings("set"),
        vary=table.choices("vary"),
        place=table.place,
    )


class _Table:
    """The keys of a table, taken one by one; what is wrong with a value is reported at its place."""

    def __init__(self, values: Mapping[str, Any], place: Place, report: Callable[[Problem], None]) -> None:
        self.left = dict(values)
        self.known: list[str] = []
        self.place = place
        self.report = report
        self.whole = True

    def refuse(self, key: str, message: str, hint: str = "") -> None:
        """Report a value."""
        self.whole = False
        self.report(Problem(message, self.place.span(key), hint))

    def finish(self) -> bool:
        """Report the keys that nobody asked for; whether nothing was wrong."""
        for key in self.left:
            self.refuse(
                key, f"unknown key {quote(key)}", did_you_mean(key, self.known) or listed("the keys are", self.known)
            )
        return self.whole

    def data(self, key: str) -> Any:
        """Whatever a key holds; None without it."""
        self.known.append(key)
        return self.left.pop(key, None)

    def text(self, key: str, *, needed: bool = False, longest: int | None = LONGEST_WORD) -> str:
        """A text; "" without it."""
        value = self.data(key)
        value = str(value) if key in NUMBERED and type(value) is int else value
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or (needed and not value.strip()):
            self.refuse(key, f"{self.place_name} needs `{key}`, a text" if needed else f"`{key}` is a text")
            return ""
        if longest is not None and len(value) > longest:
            self.refuse(key, f"`{key}` has at most {longest} characters")
        return value

    @property
    def place_name(self) -> str:
        """What an error calls the table."""
        return f"question {self.place.number}"

    def rules(self, general: Rules) -> Rules:
        """What counts as right: what the sheet accepts, and what the table does."""
        accept, tolerance = self.data("accept"), self.data("tolerance")
        if accept is None:
            accept = []
        if not isinstance(accept, list):
            self.refuse("accept", "`accept` is a list of conventions", '`accept = ["no-bias"]`')
            accept = []
        try:
            made = check.rules(map(str, accept), "0" if tolerance is None else str(tolerance))
        except SpecError as error:
            key = "accept" if error.span.source.name == "--accept" else "tolerance"
            self.refuse(key, error.message, error.hint)
            return general
        if tolerance is None:
            made = made._replace(tolerance=general.tolerance, relative=general.relative)
        return made._replace(accept=(*general.accept, *made.accept))

    def number(self, key: str, default: Decimal, most: Decimal | None = None) -> Decimal:
        """A number from 0 on."""
        value = self.data(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or not 0 <= value <= (most or 10**9):
            self.refuse(key, f"`{key}` is a number from 0 to {most or '1,000,000,000'}")
            return default
        return Decimal(value)

    def value(self, key: str) -> str:
        """An answer, as a student would write it: `760`, `28x28x10`, `[28, 28, 10]`."""
        value = self.data(key)
        try:
            return "" if value is None else written(value)
        except ValueError as error:
            self.refuse(key, f"`{key}` {error}")
            return ""

    def several(self, key: str) -> tuple[str, ...]:
        """A list of answers, each by its letter; () without it."""
        value = self.data(key)
        try:
            found = () if value is None else tuple(map(written, _several(value)))
        except ValueError:
            self.refuse(key, f"`{key}` is a list of answers", f'`{key} = [760, 750, "14x14x8"]`')
            return ()
        if len(found) > MOST_CHOICES:
            self.refuse(key, f"`{key}` has at most {MOST_CHOICES} answers")
        twice = next((one for one in found if found.count(one) > 1), None)
        if twice is not None:
            self.refuse(key, f"`{key}` has {quote(twice)} twice")
        return found

    def settings(self, key: str) -> dict[str, str]:
        """Values of the spec's params."""
        value = self.data(key)
        try:
            return {name: written(one) for name, one in _table(value).items()}
        except ValueError as error:
            self.refuse(key, f"`{key}` {error}", f"`{key} = {{ filters = 32 }}`")
            return {}

    def choices(self, key: str) -> dict[str, tuple[str, ...]]:
        """Several values for each of some of the spec's params."""
        value = self.data(key)
        try:
            found = {name: tuple(map(written, _several(one))) for name, one in _table(value).items()}
        except ValueError as error:
            self.refuse(key, f"`{key}` {error}", f"`{key} = {{ filters = [16, 32, 64] }}`")
            return {}
        variants = 1
        for choices in found.values():
            variants *= len(choices)
        if variants > MOST_VARIANTS:
            self.refuse(key, f"`{key}` makes {variants:,} variants of the question; there may be {MOST_VARIANTS:,}")
        return found


def _table(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _BadValueError("is a table of names and values")
    return value


def _several(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise _BadValueError("has a list of values for each name")
    return value


def written(value: Any) -> str:
    """A value of TOML as people write it in a spec or an answer. Raises `ValueError`."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | Decimal() | str():
            return str(value)
        case list():
            return f"[{', '.join(map(written, value))}]"
        case _:
            raise _BadValueError("is a number, a text or a list of them")


def _decimal(text: str) -> Decimal:
    """A number with a point, kept as it was written."""
    try:
        value = Decimal(text)
    except InvalidOperation:  # its exponent has too many digits
        raise _BadNumberError(text) from None
    if not value.is_finite() or abs(value.adjusted()) > LARGEST_EXPONENT:
        raise _BadNumberError(text)
    return value


def _syntax(source: Source, error: Exception) -> Problem:
    """What tomllib says, at the place that it says."""
    match = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
    message = str(error)[: match.start()] if match else str(error)
    if isinstance(error, _BadNumberError):
        start = source.text.index(message)
        at = Span(source, start, start + len(message))
        return Problem(f"{quote(message)} is no number that anybody can compute with", at)
    if isinstance(error, RecursionError):
        message = "lists inside of lists, too many of them"
    if not match or not match[1]:
        end = len(source.text.rstrip()) if match else 0
        return Problem(f"this is no TOML: {message}", Span(source, end, end))
    offset = 0
    for _ in range(int(match[1]) - 1):
        offset = source.text.index("\n", offset) + 1
    offset += int(match[2]) - 1
    return Problem(f"this is no TOML: {message}", Span(source, offset, offset + 1))
