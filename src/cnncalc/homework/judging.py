"""The verdict on an answer: right, right under a convention, or wrong, and then by which mistake."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnncalc.algebra import Algebra
from cnncalc.homework.answers import (
    QUANTITIES,
    RIGHT,
    RIGHT_UNDER_CONVENTION,
    VALUES,
    WRONG,
    Answer,
    Subject,
    matches,
    named,
    windows,
)
from cnncalc.homework.reading import Given, read
from cnncalc.shapes import Shape
from cnncalc.spec.names import is_symbol, symbol
from cnncalc.spec.source import Problem, SpecError, did_you_mean, quote

if TYPE_CHECKING:
    from cnncalc.homework.mistakes import Signature
    from cnncalc.spec.statements import AnswerText


class Rules(NamedTuple):
    """What a course counts as right besides the exact number.

    `accept` has the codes of mistakes that are conventions (`no-bias`); `tolerance` is how far a number may be
    off, relative to the right one if `relative`.
    """

    accept: Collection[str] = ()
    tolerance: Any = 0
    relative: bool = False


STRICT: Final = Rules()


class Question:
    """A question, to which many may give an answer: what is asked of what, and what the course counts as right.

    The right answer and the known wrong ones are computed once, when they are first needed.
    """

    def __init__(self, subject: Subject, quantity: str, layer: str = "", rules: Rules = STRICT) -> None:
        """`quantity` is one of `QUANTITIES`; `layer` is what the layer is called, "" for the whole network."""
        self.subject = subject
        self.quantity = quantity
        self.layer = layer
        self.rules = rules

    @cached_property
    def expected(self) -> Any:
        """The right answer: a number, a shape, a tuple with a number for each axis; None where there is none.

        Raises `ValueError` if it is not known.
        """
        return QUANTITIES[self.quantity].value(self.subject)

    @cached_property
    def signatures(self) -> tuple[Signature, ...]:
        """Every wrong answer that a known mistake leads to, the commonest mistake first."""
        from cnncalc.homework import mistakes  # noqa: PLC0415  only a wrong answer needs the table

        return mistakes.signatures(self.subject, self.quantity)

    def read(self, text: AnswerText, *, channels_first: bool = False) -> Given:
        """An answer as it was written. A letter of the right formula is no unit: `10K` is ten times K.

        Raises `SpecError` if it cannot be read, `ValueError` if the right answer is not known.
        """
        expected = self.expected
        if expected is None and self.quantity == "padding" and windows(self.subject.record):
            raise ValueError("the padding is not the same on both sides here, and an answer is that of one side")
        text = text._replace(quantity=self.quantity)
        if isinstance(expected, Algebra):
            symbols = {
                name: symbol(name, text.span) for name in set(re.findall(r"\w+", str(expected))) if is_symbol(name)
            }
            text = text._replace(names={**symbols, **text.names})
        return read(text, channels_first=channels_first)

    def judge(self, given: Given) -> Answer:
        """The verdict on an answer that was read; where it can be read in two ways, on the better one.

        Raises `ValueError` if the right answer is not known.
        """
        first = self._judge(given)
        readings = filter(self._may_be, given.others) if first.verdict == WRONG else ()
        others = [self._judge(other)._replace(reread=True) for other in readings]
        return min((first, *others), key=self._doubts)

    def _doubts(self, answer: Answer) -> tuple[bool, bool, bool]:
        """What speaks against a reading: that it is wrong, by no known mistake, a formula where a number is asked."""
        is_wrong = answer.verdict == WRONG
        is_formula = isinstance(answer.given, Algebra) and not isinstance(answer.expected, Algebra)
        return is_wrong, is_wrong and not answer.mistakes, is_wrong and is_formula

    def _may_be(self, given: Given) -> bool:
        """Whether an answer can be read so: what is left out as a batch is one, and leaves a whole size."""
        if given.batch is None:
            return True
        is_batch = isinstance(given.batch, Algebra) or given.batch in (1, self.subject.batch)
        return is_batch and isinstance(self.expected, Shape) and len(given.values) == self.expected.rank + 1

    def _judge(self, given: Given) -> Answer:
        """The verdict on an answer in one way to read it."""
        expected, quantity, rules = self.expected, self.quantity, self.rules
        shown = given.values if quantity == "output" or len(given.values) > 1 else given.values[0]
        answer = Answer(self.layer, quantity, shown, expected, RIGHT, rounded=bool(given.slack))
        if matches(given, expected):
            return answer
        for convention, value in QUANTITIES[quantity].conventions.items():
            if matches(given, value(self.subject)):
                return answer._replace(verdict=RIGHT_UNDER_CONVENTION, convention=convention)
        if rules.tolerance and _is_near(given, expected, rules):
            return answer._replace(rounded=True, tolerated=True)
        from cnncalc.homework import mistakes  # noqa: PLC0415

        found = mistakes.name(self.subject, quantity, given, self.signatures)
        for mistake in found:
            if mistake.code in rules.accept:
                return answer._replace(verdict=RIGHT_UNDER_CONVENTION, convention=mistake.code)
        return answer._replace(verdict=WRONG, mistakes=found, rounded=False)


def judge(text: AnswerText, subject: Subject, layer: str, rules: Rules = STRICT) -> Answer:
    """The verdict on one answer as it was written.

    Raises `SpecError` if it cannot be read, or asks for a quantity that there is not.
    """
    question = Question(subject, quantity_of(text), layer, rules)
    try:
        answer = question.judge(question.read(text))
    except SpecError:
        raise
    except ValueError as error:
        raise SpecError([Problem(str(error), text.span)]) from None
    return answer._replace(span=text.span)


def asks_for_values(text: AnswerText) -> bool:
    """Whether an answer speaks of values, which only the numbers that go in can tell. Raises `SpecError`."""
    return quantity_of(text) == VALUES


def quantity_of(text: AnswerText) -> str:
    """The name of the quantity that an answer speaks of. Raises `SpecError` if there is none of that name."""
    name = named(text.quantity)
    names = (*QUANTITIES, VALUES)
    if name not in names:
        at = text.span._replace(end=text.span.start + len(text.quantity))
        hint = did_you_mean(name, names) or f"an answer is a size or one of {', '.join(names)}"
        raise SpecError([Problem(f"unknown quantity {quote(text.quantity)}", at, hint)])
    return name


def _is_near(given: Given, expected: Any, rules: Rules) -> bool:
    """Whether a number is as near to the right one as the rules ask for."""
    if len(given.values) > 1 or not isinstance(expected, int) or not hasattr(given.values[0], "numerator"):
        return False
    allowed = rules.tolerance * abs(expected) if rules.relative else rules.tolerance
    return bool(abs(given.values[0] - expected) <= allowed)
