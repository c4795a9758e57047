"""Stated answers as conditions on numbers that are not known yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cnncalc.algebra import Algebra
from cnncalc.homework.answers import QUANTITIES, Quantity, Subject, matches
from cnncalc.homework.judging import quantity_of
from cnncalc.homework.reading import Given, read
from cnncalc.shapes import Shape
from cnncalc.solving.interval import Interval, known
from cnncalc.spec.source import Problem, SpecError
from cnncalc.spec.statements import AnswerText, Statement


class Target(NamedTuple):
    """An answer as a condition. `given` has its numbers as ranges, each with how far it may be off."""

    name: str
    quantity: Quantity
    text: AnswerText
    given: Given

    def may_be_met(self, subject: Subject, *, open_ended: bool) -> bool:
        """Whether the answer may be right; if nothing is `open_ended`, whether it is.

        Raises `SpecError` if there is no such number.
        """
        try:
            values = [self.quantity.value(subject), *[value(subject) for value in self.quantity.conventions.values()]]
        except ValueError as error:
            if open_ended:
                return True
            raise SpecError([Problem(str(error), self.text.span)]) from None
        return any(matches(self.given, value) or (open_ended and value is None) for value in values)

    def fits(self, shape: Shape) -> bool:
        """Whether a size may be the one that is asked for."""
        return matches(self.given, shape)

    def divided(self, subject: Subject) -> tuple[int, int]:
        """The number that is asked for, and a bit for each unknown that surely divides it."""
        (one, *more), bits = self.given.values, -1
        if more or one.low != one.high or not isinstance(one.low, int):
            return 1, 0
        try:
            values = [self.quantity.value(subject), *[value(subject) for value in self.quantity.conventions.values()]]
        except ValueError:
            return 1, 0
        for value in values:
            bits &= value.divisors if isinstance(value, Interval) else 0
        return one.low, bits

    def sources(self, subject: Subject) -> int:
        """A bit for each unknown that the number depends on; all of them where that is not known."""
        try:
            value = self.quantity.value(subject)
        except ValueError:
            return -1
        match value:
            case None:
                return -1
            case Shape() if len(self.given.values) == value.rank:
                numbers = value.extents
            case Shape():
                numbers = value.dims
            case tuple():
                numbers = value
            case _:
                numbers = (value,)
        bits = 0
        for number in numbers:
            bits |= known(number).sources
        return bits

    def widened(self, below: int, above: int) -> Target:
        """The same with numbers that may be off by so much more."""
        ranges = [Interval(one.low - below, one.high + above) for one in self.given.values]
        return self._replace(given=self.given._replace(values=tuple(ranges)))


def target(text: AnswerText) -> Target:
    """A stated answer. Raises `SpecError` if it cannot be read, or is no number."""
    name = quantity_of(text)
    quantity = QUANTITIES[name]
    given = read(text)
    if any(isinstance(value, Algebra) for value in given.values):
        raise SpecError([Problem("an answer that holds a `?` is a number, without names and symbols", text.span)])
    ranges = tuple([Interval(value - given.slack, value + given.slack) for value in given.values])
    return Target(name, quantity, text, Given(ranges))


def answers_in(item: Any) -> Iterator[AnswerText]:
    """All stated answers in statements, in the order of the text."""
    if isinstance(item, AnswerText):
        yield item
    elif type(item) is tuple or isinstance(item, Statement.__args__):
        for part in item:
            yield from answers_in(part)
