"""Stated answers as conditions on numbers that are not known yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

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

    def size_off(self, shape: Shape) -> Any:
        """0 if a size may be the one that is asked for, else None."""
        return 0 if matches(self.given, shape) else None

    def off(self, subject: Subject, *, open_ended: bool) -> Any:
        """0 if the answer may be right, else None. Raises `SpecError`, as `may_be_met` does."""
        return 0 if self.may_be_met(subject, open_ended=open_ended) else None

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
        # A single number is that of all axes, or of the channels of a map of one pixel.
        numbers = value.dims if isinstance(value, Shape) and len(self.given.values) == 1 else self.compared(value)
        bits = 0 if numbers else -1
        for number in numbers:
            bits |= known(number).sources
        return bits

    def compared(self, value: Any) -> tuple[Any, ...]:
        """The numbers of a value that an answer speaks of: of a size all, or those along the axes."""
        match value:
            case None:
                return ()
            case Shape():
                return value.extents if len(self.given.values) in {1, value.rank} and value.rank else value.dims
            case tuple():
                return value
        return (value,)


class Missed(NamedTuple):
    """An answer that is to be missed on one side, by as little as possible."""

    target: Target
    side: str

    def size_off(self, shape: Shape) -> Any:
        """How far off the numbers of a size are at least, together; None if one of them lies on the other side."""
        return self._off(shape)

    def off(self, subject: Subject, *, open_ended: bool) -> Any:
        """The same for any quantity; 0 where it may be anything."""
        try:
            value = self.target.quantity.value(subject)
        except ValueError:
            value = None
        return (0 if open_ended else None) if value is None else self._off(value)

    def _off(self, value: Any) -> Any:
        given, numbers = self.target.given.values, self.target.compared(value)
        if len(given) not in {1, len(numbers)}:
            return None
        asked = given if len(given) > 1 else given * len(numbers)
        misses = [_off(number, one, self.side) for number, one in zip(numbers, asked, strict=True)]
        return None if None in misses else sum(misses)


class Waived(NamedTuple):
    """In place of an answer that counts no more."""

    def size_off(self, shape: Shape) -> Any:  # noqa: ARG002
        """0: any size will do."""
        return 0

    def off(self, subject: Subject, *, open_ended: bool) -> Any:  # noqa: ARG002
        """0: anything will do."""
        return 0


Condition: TypeAlias = Target | Missed | Waived


def _off(number: Any, asked: Interval, side: str) -> Any:
    """How far a number is off at least, on one side; None if all of it lies on the other."""
    one = known(number)
    # The last of the multiples of it that do not go beyond what is asked; 0 is one of any number.
    multiple = one.multiple or 1
    if side == "below":
        most = min(one.high, asked.high // multiple * multiple)
        return None if one.low > most else max(0, asked.low - most)
    least = max(one.low, -(-asked.low // multiple) * multiple)
    return None if one.high < least else max(0, least - asked.high)


def target(text: AnswerText) -> Target:
    """A stated answer. Raises `SpecError` if it cannot be read, or is no number."""
    name = quantity_of(text)
    quantity = QUANTITIES[name]
    given = read(text._replace(quantity=name))
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
