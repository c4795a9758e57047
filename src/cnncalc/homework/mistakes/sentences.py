"""What a student reads: the right calculation, the wrong one, and the step in which they differ."""

from __future__ import annotations

from typing import Any, Final

from cnncalc.homework.answers import QUANTITIES
from cnncalc.homework.mistakes.fields import chains, grown
from cnncalc.homework.mistakes.table import COUNTED, MACS, Asked, Wrong, bare, shown
from cnncalc.prose import with_separators
from cnncalc.shapes import AXIS_NAMES, Shape
from cnncalc.written import Written, added, plain, total

# Quantities of the values that a layer puts out.
PUT_OUT: Final = ("activations", "memory")
# A longer working helps nobody.
LONGEST_WORKING: Final = 160
# A total of more parts is not written as their sum.
MOST_PARTS: Final = 8


def right(asked: Asked) -> Any:
    """The right calculation, written down where there is something to calculate."""
    subject, quantity = asked
    if quantity == "rf":
        axes = chains(asked)
        return tuple(map(grown, axes)) if axes else QUANTITIES[quantity].value(subject)
    if subject.totals is not None and quantity in (*COUNTED, *MACS):
        return _sum(asked)
    if quantity in COUNTED and not asked.record.weights_of:
        return asked.values(asked.arrays())
    if quantity in MACS and asked.weighted:
        return asked.products(asked.record.facts.factors)
    if quantity in PUT_OUT and subject.totals is None and asked.record.facts.activations == asked.output.size:
        size = (subject.bytes_per_value * subject.batch,) if quantity == "memory" else ()
        return total([tuple(map(Written.literal, (*asked.output.dims, *size)))])
    if quantity == "dense-params":
        values, units = Written.literal(subject.reads.size), Written.literal(asked.output.size)
        return (values + Written.literal(1)) * units
    if quantity == "output" and asked.regular:
        return asked.per_axis(lambda one, extent: one.output(extent))
    return QUANTITIES[quantity].value(subject)


def _sum(asked: Asked) -> Any:
    """A total as the sum of what the layers have, if they are few."""
    value = QUANTITIES[asked.quantity].value
    parts = [value(asked.of(record).subject) for record in asked.subject.records]
    some = [Written.literal(part) for part in parts if part != 0]
    return added(some) if 1 < len(some) <= MOST_PARTS else value(asked.subject)


def sentence(wrong: Wrong, correct: Any) -> str:
    """Both calculations, and between them what is wrong: `750 = 5·5·3·10 leaves out the 10 biases; ...`."""
    if isinstance(wrong.value, Shape) and isinstance(correct, Shape):
        return _of_shapes(wrong.value, wrong.what, correct)
    given, working = shown(wrong.value), _working(wrong.value)
    claim = f"{given} = {working}" if working else given
    return f"{claim} {wrong.what}; {_truth(correct)}."


def truth(correct: Any) -> str:
    """The right calculation by itself, for an answer that no known mistake leads to."""
    return _whole(correct) if isinstance(correct, Shape) else _truth(correct)


def _truth(correct: Any) -> str:
    """The right calculation and its result."""
    working, result = _working(correct), shown(correct)
    return f"{working} = {result}" if working else f"it is {result}"


def _of_shapes(wrong: Shape, what: str, correct: Shape) -> str:
    """The calculations of the axes that are wrong."""
    steps: dict[tuple[str, str], list[str]] = {}
    if wrong.rank == correct.rank:
        for name, one, other in zip(AXIS_NAMES[correct.rank], wrong.extents, correct.extents, strict=True):
            if plain(one) != plain(other) and _working(one):
                steps.setdefault((f"{_working(one)} = {shown(one)}", _truth(other)), []).append(name)
    if not steps:
        # Where only the order is wrong, or the channels, the calculation of the extents is beside the point.
        beside = correct.extents == wrong.extents or sorted(map(str, wrong.dims)) == sorted(
            map(str, bare(correct).dims)
        )
        return f"{shown(wrong)} {what}; {f'it is {shown(correct)}' if beside else _whole(correct)}."
    if len(steps) == 1:
        ((claim, truth),) = steps
        return f"{shown(wrong)}: {claim} {what}; {truth}."
    claims = ", ".join(f"{names[0]} {claim}" for (claim, _), names in steps.items())
    truths = ", ".join(f"{names[0]} {truth}" for (_, truth), names in steps.items())
    return f"{shown(wrong)}: {claims} {what}; {truths}."


def _whole(correct: Shape) -> str:
    """The right shape, with the calculations of its extents."""
    steps = dict.fromkeys(_truth(extent) for extent in correct.extents if _working(extent))
    return ", ".join((*steps, f"so it is {shown(correct)}")) if steps else f"it is {shown(correct)}"


def _working(value: Any) -> str:
    """The calculation behind a number (the same along all axes), if it is one and not too long."""
    if isinstance(value, tuple) and not isinstance(value, Shape):
        workings = {_working(part) for part in value}
        return workings.pop() if len(workings) == 1 else ""
    if not isinstance(value, Written):
        return ""
    text = value.working.text
    return "" if len(text) > LONGEST_WORKING or text == str(bare(value)) else with_separators(text)
