"""A student's answers about a network: which are right, and what went wrong with the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnncalc import report as reports
from cnncalc.homework import follow
from cnncalc.homework.answers import NOT_ANSWERED, QUANTITIES, WRONG, Answer
from cnncalc.homework.claims import Claim
from cnncalc.homework.judging import STRICT, Question, Rules, quantity_of
from cnncalc.homework.mistakes import CONVENTIONS
from cnncalc.homework.mistakes.sentences import right
from cnncalc.homework.mistakes.table import Asked
from cnncalc.homework.reading import Given, read
from cnncalc.shapes import Shape, join
from cnncalc.spec.source import Problem, Source, Span, SpecError, did_you_mean, listed, quote
from cnncalc.spec.statements import AnswerText
from cnncalc.written import Written

if TYPE_CHECKING:
    from cnncalc.explain import Step
    from cnncalc.report import Report
    from cnncalc.spec.graph import Note

# What stands for the whole network where a layer's name is asked for.
TOTAL: Final = "total"
# What stands where a student gave no answer.
NOTHING: Final = ("", "-", "?", "n/a")
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
    """A network and the verdicts on all answers about it; `problems` are those that could not be read."""

    report: Report
    answers: tuple[Answer, ...]
    problems: tuple[Problem, ...] = ()

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
    how far a number may be off (`3`, or `"1%"`). `value` is an answer for the values that the network puts out
    for the image `x`, with `arrays` (nested lists) for its layers. The other arguments are those of `analyze`.

    Raises `SpecError` for a broken spec, an answer that cannot be read, a layer or a quantity that there is not.
    """
    made = rules(accept, str(tolerance))
    report = reports.analyze(spec, input=input, set=set, batch=batch, dtype=dtype, layout=layout)
    claims = [claim(layer, name.replace("_", "-"), _as_text(value)) for name, value in given.items()]
    checked = judged(report, claims, made)
    if value is not None:
        checked = with_values(checked, value, x, arrays or {}, made)
    if checked.problems:
        raise SpecError(checked.problems)
    return checked


def with_values(checked: Checked, value: Any, x: Any, arrays: Mapping[str, Any], rules: Rules) -> Checked:
    """The verdict on the values that the network puts out added to the others. Raises `SpecError`."""
    from cnncalc.homework import values  # noqa: PLC0415  few questions ask for values

    one = values.forward_pass(checked.report, x, arrays)
    layer = checked.report.graph.names[checked.report.graph.output]
    answer = values.judge(one, values.nested(value, "value"), layer, rules)
    return checked._replace(answers=(*checked.answers, answer))


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
    report: Report, claims: Iterable[Claim], rules: Rules = STRICT, problems: list[Problem] | None = None
) -> Checked:
    """The verdicts on the answers that the spec states, and on others.

    Those that cannot be read are added to `problems`, which reading the claims may fill too.
    """
    problems = [] if problems is None else problems
    answers: list[Answer] = [_again(report, answer, rules) for answer in report.answers]
    first: dict[tuple[str, str], Span] = {}
    for one in claims:
        try:
            answer = _judge(report, one, rules)
        except SpecError as error:
            problems += [problem for problem in error.problems if problem not in problems]
            continue
        key, at = (answer.layer, answer.quantity), one.answer.span
        if key in first:
            what = f"{answer.quantity} of {quote(answer.layer or TOTAL)}"
            problems.append(
                Problem(f"the {what} is answered twice", at, "", ((first[key], "the first answer counts"),))
            )
            continue
        first[key] = at
        answers.append(answer)
    return Checked(report, follow.mark(report, answers), tuple(problems))


def _again(report: Report, answer: Answer, rules: Rules) -> Answer:
    """The verdict on an answer of the spec under the rules of the course."""
    if answer.verdict != WRONG or rules == STRICT:
        return answer
    given = answer.given if isinstance(answer.given, tuple) else (answer.given,)
    index = report.graph.names.index(answer.layer) if answer.layer else None
    question = Question(report.subject(index), answer.quantity, answer.layer, rules)
    return question.judge(Given(given))._replace(span=answer.span)


def _judge(report: Report, claim: Claim, rules: Rules) -> Answer:
    """The verdict on one answer. Raises `SpecError`."""
    name = claim.layer.text.strip()
    quantity = quantity_of(claim.answer)
    index = index_of(report, claim.layer, name)
    subject = report.subject(index)
    layer = "" if index is None else subject.record.name
    question = Question(subject, quantity, layer, rules)
    try:
        if claim.answer.value.strip().lower() in NOTHING:
            return Answer(layer, quantity, None, question.expected, NOT_ANSWERED, span=claim.answer.span)
        given = read(claim.answer, channels_first=report.layout == reports.LAYOUTS[1])
        return question.judge(given)._replace(span=claim.answer.span)
    except SpecError:
        raise
    except ValueError as error:
        raise SpecError([Problem(str(error), claim.answer.span)]) from None


def index_of(report: Report, at: Span, name: str) -> int | None:
    """The index of a layer by its name, of the last one if it has none; None for the whole network."""
    names = report.graph.names
    if name.lower() == TOTAL and name not in names:
        return None
    if not name:
        return report.graph.output
    if name not in names:
        hint = did_you_mean(name, [*names, TOTAL]) or listed("the layers are", [*names, TOTAL])
        raise SpecError([Problem(f"no layer is called {quote(name)}", at, hint)])
    return names.index(name)


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
