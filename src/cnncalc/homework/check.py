"""A student's answers about a network: which are right, and what went wrong with the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnncalc import report as reports
from cnncalc.homework import follow
from cnncalc.homework.answers import NOT_ANSWERED, QUANTITIES, VALUES, WRONG, Answer
from cnncalc.homework.claims import NO_NUMBERS, Claim, Numbers
from cnncalc.homework.judging import STRICT, Question, Rules, asks_for_values, quantity_of
from cnncalc.homework.mistakes import CONVENTIONS
from cnncalc.homework.mistakes.sentences import right
from cnncalc.homework.mistakes.table import Asked
from cnncalc.layers import ALIASES, KINDS
from cnncalc.shapes import Shape, join
from cnncalc.spec.source import Problem, Source, Span, SpecError, did_you_mean, listed, quote
from cnncalc.spec.statements import AnswerText
from cnncalc.written import Written

if TYPE_CHECKING:
    from cnncalc.explain import Step
    from cnncalc.homework.values import Values
    from cnncalc.report import Report
    from cnncalc.spec.expand import Options
    from cnncalc.spec.graph import Note

# What stands for the whole network where a layer's name is asked for.
TOTAL: Final = "total"
# What people write for that, and for the last layer.
ALL_OF_IT: Final = (TOTAL, "all", "network", "net", "model", "whole network", "overall", "sum")
LAST: Final = ("last", "lastlayer", "output")
# What stands where a student gave no answer.
_NOT_KNOWN: Final = ("idk", "dunno", "i don't know", "don't know", "no idea", "not sure", "skip", "skipped", "blank")
_EMPTY: Final = ("", "-", "--", "\N{EN DASH}", "\N{EM DASH}", "...", "\N{HORIZONTAL ELLIPSIS}", "?", "??", "???")
NOTHING: Final = frozenset((*_EMPTY, *_NOT_KNOWN, "n/a", "#n/a", "na", "nan", "null"))
# The steps of the working that lead to a quantity, by their topic or their label.
_STEPS: Final = {
    "output": ("padding", "shape"),
    "rf": ("rf",),
    "stride": ("rf",),
    "macs": ("macs",),
    "flops": ("macs",),
    "connections": ("macs", "params"),
    "memory": ("output memory",),
    "activations": ("shape",),
    "kernel": ("padding", "shape"),
    "padding": ("padding", "shape"),
    "param-memory": ("params", "param memory"),
    "unread": ("shape",),
}


class Checked(NamedTuple):
    """A network and the verdicts on all answers about it; `problems` are those that could not be read.

    `values` knows how values come about, if some were asked for.
    """

    report: Report
    answers: tuple[Answer, ...]
    problems: tuple[Problem, ...] = ()
    values: Values | None = None

    @property
    def passed(self) -> bool:
        """Whether no answer is wrong, and all could be read."""
        return not self.problems and all(answer.verdict != WRONG for answer in self.answers)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was assumed, and what a strict reader objects to in a layer that an answer speaks of."""
        layers = {answer.layer for answer in self.answers}
        doubts = [note for note in self.report.notes if note.validity and not layers.isdisjoint(note.layers)]
        return (*self.report.graph.notes, *doubts)

    def working(self, answer: Answer) -> tuple[Step, ...]:
        """How the right answer comes about, step by step; of a whole network the sum of its parts, if they are few."""
        from cnncalc import explain  # noqa: PLC0415  only a wrong answer that matches nothing needs it

        if not answer.layer and answer.quantity in QUANTITIES:
            correct = right(Asked(self.report.subject(None), answer.quantity))
            if not isinstance(correct, Written):
                return ()
            return (explain.Step("total", answer.quantity, "", correct.working.text, correct.value),)
        if answer.quantity == VALUES and self.values is not None:
            place, working = self.values.working(answer)
            return (explain.Step(VALUES, place, "", working, None),) if working else ()
        if answer.layer == self.report.graph.names[0] or answer.quantity not in QUANTITIES:
            return ()
        topics = _STEPS.get(answer.quantity, ("params",))
        (explanation,) = explain.explain(self.report, answer.layer)
        return tuple(step for step in explanation.steps if step.topic in topics or step.label in topics)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "passed": self.passed,
            "spec": self.report.spec,
            "answers": [self.report.answer_as_json(answer) for answer in self.answers],
            "errors": [
                dict(zip(("line", "column"), problem.span.source.position(problem.span.start), strict=True))
                | {"file": problem.span.source.name, "message": problem.message}
                for problem in self.problems
            ],
        }


def check(
    spec: str | PathLike[str],
    *,
    layer: str = "",
    input: str | tuple[int, ...] | None = None,  # noqa: A002  the name that users know
    set: Mapping[str, object] | None = None,  # noqa: A002
    batch: int = 1,
    dtype: str = "float32",
    layout: str = "channels-last",
    accept: Sequence[str] = (),
    tolerance: float | str = 0,
    x: Any = None,
    arrays: Mapping[str, Any] | None = None,
    value: Any = None,
    **given: object,
) -> Checked:
    """Hold answers against a network: `check("input 32x32x3; conv 10 5x5 p2", params=750)`.

    `given` are the answers, each by its quantity (`params=760, output="32x32x10", param_memory="3 kB"`), about
    `layer`: the last one if it is left out, the whole network if it is `total`. The answers that the spec itself
    states are checked too. `accept` has the codes of conventions that count as right (`no-bias`), `tolerance` is
    how far a number may be off (`3`, or `"1%"`). `value` is an answer for the values that the layer puts out
    for the image `x`, with `arrays` (nested lists) for the layers. The other arguments are those of `analyze`.

    Raises `SpecError` for a broken spec, an answer that cannot be read, a layer or a quantity that there is not.
    """
    made = rules(accept, str(tolerance))
    numbers = given_numbers(x, arrays or {}, layout=layout)
    source, options = reports.find(fspath(spec)), reports.options_of(input, set)
    report = analyzed(source, options, numbers, batch=batch, dtype=dtype, layout=layout)
    claims = [claim(layer, name.replace("_", "-"), _as_text(value)) for name, value in given.items()]
    if value is not None:
        text, values = (value, None) if isinstance(value, str) else ("", value)
        claims.append(claim(layer, VALUES, text)._replace(values=values))
    checked = judged(report, claims, made, numbers=numbers)
    if checked.problems:
        raise SpecError(checked.problems)
    return checked


def given_numbers(x: Any, arrays: Mapping[str, Any], *, layout: str = "channels-last") -> Numbers:
    """What is given for answers about values: nested lists or their text. Raises `SpecError`."""
    if x is None:
        return Numbers(None, arrays)
    from cnncalc.forward.face import Given  # noqa: PLC0415  few answers are values
    from cnncalc.homework import reading, values  # noqa: PLC0415

    if isinstance(x, Given):
        return Numbers(x, arrays)
    tensor, nested = reading.numbers_of(Source("x", x)) if isinstance(x, str) else (values.nested(x, "x"), True)
    return Numbers(Given(tensor, nested and layout == reports.LAYOUTS[1]), arrays)


def analyzed(source: Source, options: Options, numbers: Numbers = NO_NUMBERS, **settings: Any) -> Report:
    """The network; without an input in it or in the options, the shape of what goes in is it. Raises `SpecError`."""
    if numbers.x is not None:
        from cnncalc.forward import face  # noqa: PLC0415  few answers are values

        options = face.with_input(source, options, numbers.x)
    return reports.analyze_source(source, options, **settings)


def rules(accept: Iterable[str], tolerance: str = "0") -> Rules:
    """What a course counts as right. Raises `SpecError` for a code that is no convention, or what is no number."""
    from fractions import Fraction  # noqa: PLC0415

    from cnncalc.forward import reading  # noqa: PLC0415

    codes = tuple(accept)
    for code in codes:
        if code not in CONVENTIONS:
            hint = did_you_mean(code, CONVENTIONS) or listed("the conventions are", CONVENTIONS)
            raise SpecError([Problem(f"{quote(code)} is no convention", _all_of("--accept", code), hint)])
    number, percent, _ = tolerance.strip().partition("%")
    try:
        value = reading.number(number.strip(), exact=True)
    except ValueError:
        value = -1
    if value < 0:
        message = f"{quote(tolerance)} is no tolerance"
        raise SpecError([Problem(message, _all_of("--tolerance", tolerance), "a number, or a share: `3`, `1%`")])
    return Rules(codes, value * Fraction(1, 100) if percent else value, relative=bool(percent))


def claim(layer: str, quantity: str, value: str) -> Claim:
    """An answer that stands in no file."""
    text = f"{quantity} {value}"
    return Claim(_all_of("layer", layer), AnswerText(quantity, value, _all_of("answer", text)))


def judged(
    report: Report,
    claims: Iterable[Claim],
    rules: Rules = STRICT,
    note: Callable[[Problem], None] | None = None,
    numbers: Numbers = NO_NUMBERS,
) -> Checked:
    """The verdicts on the answers that the spec states, and on others; those about values need `numbers`.

    What cannot be read is given to `note`; without one, those are the `problems` of the result.
    """
    problems: list[Problem] = []
    judge = _Judge(report, rules, numbers, note or problems.append)
    judge.stated()
    for one in claims:
        judge.claim(one)
    answers = judge.marked()
    values = judge.values if any(answer.quantity == VALUES for answer in answers) else None
    return Checked(report, answers, tuple(problems), values)


class _Judge:
    """The verdicts on answers about one network, under the rules of a course; what cannot be read is noted."""

    def __init__(self, report: Report, rules: Rules, numbers: Numbers, note: Callable[[Problem], None]) -> None:
        self.report = report
        self.rules = rules
        self.numbers = numbers
        self.note = note
        self.answers: list[Answer] = []
        # Where the claims stand that were judged, by their layers and quantities.
        self._claimed: dict[tuple[int | None, str], int] = {}
        self._last: Problem | None = None

    def _noted(self, error: SpecError) -> None:
        """Note what is wrong, once: the cells of a row share its layer."""
        for problem in error.problems:
            if problem != self._last:
                self.note(problem)
            self._last = problem

    @cached_property
    def values(self) -> Values:
        """Those about values."""
        from cnncalc.homework.values import Values  # noqa: PLC0415  few answers are values

        return Values(self.report, self.numbers, self.rules)

    def stated(self) -> None:
        """Judge the answers of the spec. Those that are wrong without the rules of the course may be right by them."""
        verdicts = iter(self.report.answers)
        for index, text in self.report.graph.answers:
            try:
                if asks_for_values(text):
                    self.answers.append(self.values.judge(self._at(index), text))
                    continue
                answer = next(verdicts)
                if answer.verdict == WRONG and self.rules != STRICT:
                    answer = self._judged(index, answer.quantity, text, channels_first=False)
                self.answers.append(answer)
            except SpecError as error:
                self._noted(error)

    def claim(self, claim: Claim) -> None:
        """Judge one more answer, unless its question is answered already."""
        text = claim.answer
        is_given = claim.values is not None or text.value.strip().lower() not in NOTHING
        try:
            quantity = quantity_of(text)
            index = index_of(self.report, claim.layer, claim.layer.text.strip())
            place = self._claimed.get((index, quantity))
            first = None if place is None else self.answers[place]
            if first is not None and first.verdict != NOT_ANSWERED:
                self._refuse_second(first, text, is_given=is_given)
                return
            answer = self._verdict(index, quantity, claim, is_given=is_given)
        except SpecError as error:
            self._noted(error)
            return
        if place is None:
            self._claimed[index, quantity] = len(self.answers)
            self.answers.append(answer)
        else:
            self.answers[place] = answer

    def _refuse_second(self, first: Answer, text: AnswerText, *, is_given: bool) -> None:
        """Note a second answer to a question; none at all is no second one."""
        if is_given:
            assert first.span is not None  # all claims have a place
            what = f"{first.quantity} of {quote(first.layer or TOTAL)}"
            related = ((first.span, "the first answer counts"),)
            self.note(Problem(f"the {what} is answered twice", text.span, "", related))

    def _verdict(self, index: int | None, quantity: str, claim: Claim, *, is_given: bool) -> Answer:
        """The verdict on an answer. Raises `SpecError`."""
        text = claim.answer
        if quantity == VALUES and is_given:
            return self.values.judge(self._at(index), text, claim.values)
        if quantity == VALUES:
            at = self._at(index)
            expected = self.values.expected(at)
            return Answer(self.report.graph.names[at], VALUES, None, expected, NOT_ANSWERED, span=text.span)
        first = self.report.layout == reports.LAYOUTS[1]
        return self._judged(index, quantity, text, channels_first=first, is_given=is_given)

    def _judged(
        self, index: int | None, quantity: str, text: AnswerText, *, channels_first: bool, is_given: bool = True
    ) -> Answer:
        """The verdict on an answer that no numbers are needed for. Raises `SpecError`."""
        subject = self.report.subject(index)
        layer = "" if index is None else subject.record.name
        question = Question(subject, quantity, layer, self.rules)
        try:
            if not is_given:
                return Answer(layer, quantity, None, question.expected, NOT_ANSWERED, span=text.span)
            given = question.read(text, channels_first=channels_first)
            return question.judge(given)._replace(span=text.span)
        except SpecError:
            raise
        except ValueError as error:
            raise SpecError([Problem(str(error), text.span)]) from None

    def _at(self, index: int | None) -> int:
        """The layer whose values are meant; of the whole network those of its output."""
        return self.report.graph.output if index is None else index

    def marked(self) -> tuple[Answer, ...]:
        """The answers, each wrong one that follows from an own earlier one marked with it."""
        marked = follow.mark(self.report, self.answers)
        return self.values.mark(marked) if any(answer.quantity == VALUES for answer in marked) else marked


def index_of(report: Report, at: Span, name: str) -> int | None:
    """The index of a layer by its name, of the last one if it has none; None for the whole network."""
    names = report.graph.names
    if name.lower() in ALL_OF_IT and name not in names:
        return None
    if not name:
        return report.graph.output
    if name not in names and (index := _called(report, name)) is not None:
        return index
    if name not in names:
        hint = did_you_mean(name, [*names, TOTAL]) or listed("the layers are", [*names, TOTAL])
        raise SpecError([Problem(f"no layer is called {quote(name)}", at, hint)])
    return names.index(name)


def _called(report: Report, name: str) -> int | None:
    """The index of the layer that people mean by a word that is no name: `Conv 1`, `fc1`, `pool`, `3`, `last`.

    None if it may be several, or none.
    """
    word = re.sub(r"[\s_-]+", "", name.lower())
    if word.isdecimal() and 0 < int(word) < len(report.graph.names):
        return int(word)
    if word in LAST:
        return report.graph.output
    letters = word.rstrip("0123456789")
    kinds = [ALIASES.get(letters, "")]
    if letters == "pool":
        kinds = [name for name in KINDS if name.endswith("pool")]
    of_kind = [record.index for record in report.records if record.kind in kinds]
    number = word[len(letters) :]
    if number:
        of_kind = of_kind[int(number) - 1 :][:1] if int(number) else []
    names = enumerate(report.graph.names)
    found = {*of_kind, *[index for index, own in names if re.sub(r"[\s_-]+", "", own.lower()) == word]}
    return found.pop() if len(found) == 1 else None


def _all_of(source: str, text: str) -> Span:
    return Span(Source(source, text), 0, len(text))


def _as_text(value: object) -> str:
    """An answer given from Python as the text that stands for it."""
    match value:
        case Shape():
            return str(value)
        case tuple() | list():
            return join(value)
        case _:
            return str(value)
