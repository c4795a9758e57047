"""What a question asks of a network: its right answer as text, the wrong ones that are known, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnncalc.algebra import Algebra, FormulaError
from cnncalc.forward.trace import trace
from cnncalc.homework import check, judging, values
from cnncalc.homework.answers import VALUES, WRONG, Answer
from cnncalc.homework.follow import ADDED
from cnncalc.homework.judging import STRICT, Rules
from cnncalc.homework.mistakes import ALL, given, sentences, table
from cnncalc.homework.mistakes.values import forward
from cnncalc.shapes import Shape, join
from cnncalc.spec.source import Problem, Source, Span, SpecError, quote
from cnncalc.spec.statements import AnswerText
from cnncalc.written import Written

if TYPE_CHECKING:
    from cnncalc.forward.tensor import Tensor, Weights
    from cnncalc.layers.base import Layer
    from cnncalc.report import Report

# What the whole network has of its layers, or by itself.
SUMMED: Final = (*ADDED, *sentences.PUT_OUT, "output", "dense-params", VALUES)
# A known mistake that leads to more decimals is nothing that people write down.
MOST_DECIMALS: Final = 1
# A layer that puts out more values is not written down in a working.
MOST_SHOWN: Final = 36


class Known(NamedTuple):
    """A wrong answer that is known: the mistake's code, the answer, and what is said to whoever gives it."""

    code: str
    answer: str
    text: str


class NoneRightError(ValueError):
    """Answers to choose from, all of which are wrong."""


class Asked:
    """A quantity of a layer ("" for the whole network)."""

    def __init__(self, report: Report, quantity: str, layer: str, rules: Rules = STRICT) -> None:
        subject = report.subject(report.graph.names.index(layer) if layer else None)
        self._question = judging.Question(subject, quantity, layer, rules)

    @property
    def expected(self) -> Any:
        """The right answer as a value; None where there is none. Raises `ValueError` if it is not known."""
        return self._question.expected

    @cached_property
    def answer(self) -> str:
        """The right answer; "" where there is none, or none that people write down."""
        try:
            return written(self.expected)
        except ValueError:  # it is not known
            return ""

    @property
    def working(self) -> str:
        """The right calculation in numbers, where there is something to calculate."""
        right = sentences.right(table.Asked(self._question.subject, self._question.quantity))
        return right.working.text if isinstance(right, Written) else ""

    @cached_property
    def truth(self) -> str:
        """The right calculation and what it comes to, as half a sentence: `(5·5·3 + 1)·10 = 760`, `it is 760`."""
        try:
            right = sentences.right(table.Asked(self._question.subject, self._question.quantity))
        except FormulaError:  # nobody would read it
            right = self.expected
        return sentences.truth(right)

    def judge(self, text: str) -> Answer:
        """The verdict on an answer. Raises `SpecError` if it cannot be read."""
        at = Span(Source("answer", text), 0, len(text))
        return self._question.judge(self._question.read(AnswerText(self._question.quantity, text, at)))

    def right_one(self, choices: Sequence[str]) -> str:
        """The right one of some answers to choose from. Raises `NoneRightError`."""
        for choice in choices:
            with suppress(SpecError):  # "cannot be known" is an answer to choose, too
                if self.judge(choice).verdict != WRONG:
                    return choice
        raise NoneRightError(f"none of the choices is right: {self.truth}")

    def known(self) -> tuple[Known, ...]:
        """The wrong answers that are known, the commonest mistake first; each is judged so."""
        found: dict[str, Known] = {}
        for one in self._candidates():
            if one.answer and one.answer not in found:
                verdict = self.judge(one.answer)
                if verdict.verdict == WRONG and one.code in [mistake.code for mistake in verdict.mistakes]:
                    found[one.answer] = one
        return tuple(found.values())

    def _candidates(self) -> Iterator[Known]:
        for one in self._question.signatures:
            yield Known(one.code, written(one.value), one.text)


class AskedValues(Asked):
    """The values that a layer puts out."""

    def __init__(self, report: Report, x: Any, weights: Any, rules: Rules = STRICT, index: int | None = None) -> None:
        """`weights` has arrays for each layer; the last layer is asked for without an `index`.

        Raises `SpecError` for what are no numbers of this network.
        """
        weights = {} if weights is None else weights
        if not isinstance(weights, Mapping):
            at = Span(Source("weights", ""), 0, 0)
            raise SpecError([Problem("`weights` is a table of layers", at, "`weights = { conv1 = [[1, 0], [0, 1]] }`")])
        if x is None:
            at = Span(Source("x", ""), 0, 0)
            raise SpecError(
                [Problem("a question about values needs the numbers that go in", at, "`x = [[1, 2], [3, 4]]`")]
            )
        self._pass = values.forward_pass(report, x, weights, index, "`weights = { LAYER = [[1, 0], [0, 1]] }`")
        names = self._pass.graph.names
        self._records = [record for record in report.records if record.name in names]
        self._layer = names[self._pass.graph.output]
        self._rules = rules

    @property
    def expected(self) -> Any:
        """The values as they are written."""
        return self.answer

    @cached_property
    def answer(self) -> str:
        """The values that are put out."""
        return values.written(self._pass.value())

    @property
    def truth(self) -> str:
        """What the values are."""
        return f"it is {self.answer}"

    def steps(self) -> Iterator[str]:
        """How the first value of each layer is computed, then all that it puts out, if that fits into a line."""
        seen: list[tuple[tuple[Tensor, ...], Weights]] = []

        def keep(layer: Layer, inputs: tuple[Tensor, ...], weights: Weights) -> Tensor:
            seen.append((inputs, weights))
            return forward(layer, inputs, weights)

        self._pass.run(keep)
        for record, (inputs, weights) in zip(self._records, seen, strict=True):
            (working,) = trace(record, inputs, weights, (0,) * record.output.rank, 0, exact=True)
            if "=" in working.lines[-1]:
                yield f"{record.name}, first value: {'; '.join(working.lines)}"
            output = forward(record.layer, inputs, weights)
            if len(output.values) <= MOST_SHOWN:
                yield f"{record.name} puts out {values.written(output)}"

    def judge(self, text: str) -> Answer:
        """The verdict on values that are given. Raises `SpecError` if they cannot be read."""
        return values.judge(self._pass, values.nested(text, "answer"), self._layer, self._rules)

    def _candidates(self) -> Iterator[Known]:
        for entry in ALL:
            if VALUES in entry.quantities:
                for wrong in entry.signature(self._pass):
                    text = values.written(wrong.value)
                    yield Known(entry.code, text, f"{text} {wrong.what}; it is {self.answer}.")


def spoken_of(report: Report, quantity: str, name: str, at: Span) -> str:
    """The layer that a question speaks of, by its name; "" for the whole network.

    Of the whole network, what is no sum over its layers is said of the last one. Raises `SpecError` if there is no
    such layer.
    """
    index = check.index_of(report, at, name)
    if index is None and quantity not in SUMMED:
        index = report.graph.output
    return "" if index is None else report.graph.names[index]


def lettered(place: int) -> str:
    """The letter of a choice.

    >>> lettered(0), lettered(2)
    ('a', 'c')
    """
    return ascii_lowercase[place]


def chosen(text: str, choices: Sequence[str]) -> str:
    """The answer to choose that a letter stands for; any other text is an answer by itself.

    Raises `SpecError` for a letter that stands for none.

    >>> chosen("(B)", ("760", "750")), chosen("750", ("760", "750"))
    ('750', '750')
    """
    letter = text.lower().strip("()., ")
    if not choices or len(letter) != 1 or letter not in ascii_lowercase:
        return text
    letters = [lettered(place) for place in range(len(choices))]
    if letter not in letters:
        at = Span(Source("answer", text), 0, len(text))
        raise SpecError([Problem(f"there is no choice {quote(letter)}", at, f"the choices are {', '.join(letters)}")])
    return choices[letters.index(letter)]


def written(value: Any) -> str:
    """A value as people write it: a size by `x`, once where it is the same along all axes; "" if they would not.

    >>> written((3, 3)), written(Shape((28, 28), 6)), written(Shape((), 10)), written(None)
    ('3', '28x28x6', '10', '')
    """
    texts = [_number(number) for number in given(value).values]
    if "" in texts:
        return ""
    if len(texts) == 1 or (not isinstance(value, Shape) and len(set(texts)) == 1):
        return texts[0]
    return join(texts)


def _number(number: Any) -> str:
    """An integer, a formula, or a fraction with few decimals."""
    if isinstance(number, (int, Algebra)):
        return str(number)
    denominator = getattr(number, "denominator", 0)
    if not denominator or 10**MOST_DECIMALS % denominator:
        return ""
    return f"{float(number):.{MOST_DECIMALS}f}".rstrip("0")
