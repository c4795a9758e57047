"""Which mistake a wrong answer is: the wrong numbers that known mistakes lead to, from the same network.

A mistake is one entry in the table of its topic: its code, its sentence, and its signature, a small pure
function from a question to the wrong calculations. The codes are promises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

from cnncalc.algebra import Algebra, FormulaError
from cnncalc.homework.answers import QUANTITIES, Subject, matches
from cnncalc.homework.mistakes import counts, fields, general, macs, settings, sizes, values
from cnncalc.homework.mistakes.sentences import right, sentence
from cnncalc.homework.mistakes.table import ENTRIES, Asked, Entry, Wrong, bare, shown
from cnncalc.homework.reading import Given
from cnncalc.shapes import Shape

__all__ = ["CONVENTIONS", "DIGIT_SLIP", "MISTAKES", "TOPICS", "TRUNCATED", "Mistake", "Signature", "name", "signatures"]

TOPICS: Final = {
    "Parameters": counts,
    "Output sizes": sizes,
    "Receptive fields": fields,
    "Multiply-accumulates and memory": macs,
    "Settings to solve for": settings,
    "Values of a forward pass": values,
    "Any number": general,
}
# The table, topic by topic.
MISTAKES: Final = {
    topic: tuple(entry for entry in ENTRIES if entry.signature.__module__ == module.__name__)
    for topic, module in TOPICS.items()
}
ALL: Final = tuple(entry for entries in MISTAKES.values() for entry in entries)
DIGIT_SLIP: Final = "digit-slip"
TRUNCATED: Final = "truncated"
BATCH: Final = "batch"
PARTLY_RIGHT: Final = "partly-right"
# What each code means, to complete "the answer …".
DOCS: Final = {entry.code: entry.doc for entry in reversed(ALL)} | {
    DIGIT_SLIP: "has one digit wrong, missing or doubled, or two exchanged",
    TRUNCATED: "cuts digits off instead of rounding",
    BATCH: "has the size of a batch in front that is not asked for",
    PARTLY_RIGHT: "is right in some places",
}
# The mistakes that are legal conventions: a course may accept them.
CONVENTIONS: Final = (*dict.fromkeys(entry.code for entry in ALL if entry.convention), TRUNCATED, BATCH)
# In larger networks a total is not searched for a mistake in a single layer.
MOST_LAYERS: Final = 200


class Mistake(NamedTuple):
    """A mistake that was made: its code, and the sentence with both calculations."""

    code: str
    text: str


class Signature(NamedTuple):
    """What a mistake leads to: its code, the wrong value, and the sentence for whoever gives it.

    The value is a number, a shape, or a tuple with a number for each axis.
    """

    code: str
    value: Any
    text: str


def signatures(subject: Subject, quantity: str) -> tuple[Signature, ...]:
    """Every wrong value that a known mistake leads to, the commonest mistake first.

    None is the right answer, and none is impossible at sight (an extent below 1). To be computed once for a
    question, however many give an answer to it.
    """
    asked = Asked(subject, quantity)
    if subject.record.index == 0:  # the input: nothing is computed for it
        return ()
    try:
        correct = right(asked)
    except (ValueError, FormulaError):  # it is not known, or nobody would read it
        return ()
    expected = bare(correct)
    if expected is None:
        return ()
    found: dict[tuple[str, Any], Signature] = {}
    for entry in ALL:
        if quantity in entry.quantities:
            # A formula that becomes too long is nobody's answer.
            with suppress(FormulaError):
                for wrong in _wrongs(entry, asked):
                    value = bare(wrong.value)
                    if _is_possible(value, quantity) and not matches(given(value), expected):
                        key = entry.code, value
                        found.setdefault(key, Signature(entry.code, value, sentence(wrong, correct)))
    return tuple(found.values())


def name(
    subject: Subject, quantity: str, answer: Given, known: Sequence[Signature] | None = None
) -> tuple[Mistake, ...]:
    """The mistakes that lead to a wrong answer, the commonest first; none if it matches nothing.

    `known` are the question's signatures, if they were computed before.
    """
    if known is None:
        known = signatures(subject, quantity)
    found: dict[str, Mistake] = {}
    expected = QUANTITIES[quantity].value(subject)
    if len(answer.values) == 1 and general.cut_off(answer.values[0], answer.slack, expected):
        text = f"{shown(answer.values[0])} cuts {shown(expected)} off instead of rounding it."
        found[TRUNCATED] = Mistake(TRUNCATED, text)
    # What was written word for word comes before what it may stand for: `10` for 10x10x6.
    for signature in sorted(known, key=lambda one: not _is_literal(answer, one.value)):
        if matches(answer, signature.value):
            found.setdefault(signature.code, Mistake(signature.code, signature.text))
    batch = next(
        (other.batch for other in answer.others if other.batch and other.values == given(expected).values), None
    )
    if batch is not None and isinstance(expected, Shape):
        found[BATCH] = Mistake(BATCH, f"{batch} stands in front, as of a batch; of one example it is {expected}.")
    how = "" if answer.slack or len(answer.values) > 1 else general.slip(answer.values[0], expected)
    if how:
        text = f"{shown(answer.values[0])} {how}; it is {shown(expected)}."
        found[DIGIT_SLIP] = Mistake(DIGIT_SLIP, text)
    return tuple(found.values())


def given(value: Any) -> Given:
    """A value as if it had been given as an answer."""
    match value:
        case Shape():
            return Given(value.dims)
        case tuple():
            return Given(value)
        case _:
            return Given((value,))


def _is_literal(answer: Given, value: Any) -> bool:
    """Whether an answer is a value as it is usually written: what is the same along all axes, once."""
    values = given(value).values
    alike = not isinstance(value, Shape) and len(set(values)) == 1
    return answer.values == values or (alike and answer.values == values[:1])


def _is_possible(value: Any, quantity: str) -> bool:
    """Whether a value is a number of something: not negative, and no extent of 0. A formula may be."""
    numbers = given(value).values
    least = 1 if isinstance(value, (Shape, tuple)) and quantity != "padding" else 0
    return all(isinstance(number, Algebra) or number >= least for number in numbers)


def _wrongs(entry: Entry, asked: Asked) -> Iterator[Wrong]:
    """What a mistake leads to, in a layer or in the sum of all layers."""
    if asked.subject.totals is None or not entry.additive:
        yield from entry.signature(asked)
    else:
        yield from _in_total(entry, asked)


def _in_total(entry: Entry, asked: Asked) -> Iterator[Wrong]:
    """The mistake made in every layer where it can be, then in each of them alone."""
    expected = QUANTITIES[asked.quantity].value(asked.subject)
    cases = []
    for record in asked.subject.records[:MOST_LAYERS]:
        inner = asked.of(record)
        own = QUANTITIES[asked.quantity].value(inner.subject)
        wrongs = [wrong for wrong in entry.signature(inner) if bare(wrong.value) != own]
        if wrongs:
            cases.append((record.name, own, right(inner), wrongs))
    if len(cases) > 1:
        for number in range(max(len(wrongs) for *_, wrongs in cases)):
            some = [(own, wrongs[min(number, len(wrongs) - 1)]) for _, own, _, wrongs in cases]
            value = expected + sum(bare(wrong.value) - own for own, wrong in some)
            yield Wrong(value, f"{entry.doc} in each of {len(cases)} layers")
    for layer, own, correct, wrongs in cases:
        for wrong in wrongs:
            if own == expected:  # no other layer has any
                yield wrong
                continue
            inside = sentence(wrong, correct).removesuffix(".")
            yield Wrong(expected - own + bare(wrong.value), f"has a wrong {layer} in it ({inside})")
