"""What a student reads: the right calculation, the wrong one, and the step in which they differ."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from cnncalc.homework.answers import QUANTITIES
from cnncalc.homework.mistakes.fields import chains, grown
from cnncalc.homework.mistakes.settings import SETTINGS, setting
from cnncalc.homework.mistakes.sizes import flattens, vector
from cnncalc.homework.mistakes.table import COUNTED, MACS, Asked, Wrong, bare, shown
from cnncalc.prose import with_separators
from cnncalc.shapes import AXIS_NAMES, Shape
from cnncalc.written import Written, added, plain, total

# Quantities of the values that a layer puts out.
PUT_OUT: Final = ("activations", "memory")
# A longer working helps nobody.
LONGEST_WORKING: Final = 160
# Nor do longer ones of all axes, the wrong ones and the right ones together.
LONGEST_WORKINGS: Final = 240
# A total of more parts is not written as their sum.
MOST_PARTS: Final = 8


def right(asked: Asked) -> Any:
    """The right calculation, written down where there is something to calculate."""
    subject, quantity = asked
    if subject.record.index == 0 and quantity not in PUT_OUT:  # the input, which only has its values
        return QUANTITIES[quantity].value(subject)
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
    if quantity == "output" and flattens(asked):
        return vector(asked.input.dims)
    if quantity in SETTINGS:
        return setting(asked)
    return QUANTITIES[quantity].value(subject)


def _sum(asked: Asked) -> Any:
    """A total as the sum of what the layers have, if they are few."""
    value = QUANTITIES[asked.quantity].value
    parts = [value(asked.of(record).subject) for record in asked.subject.records]
    some = [Written.literal(part) for part in parts if part != 0]
    return added(some) if 1 < len(some) <= MOST_PARTS else value(asked.subject)


def sentence(wrong: Wrong, correct: Any) -> str:
    """Both calculations, and between them what is wrong: `750 = 5·5·3·10 leaves out the 10 biases; ...`."""
    value, right = wrong.value, correct if wrong.right is None else wrong.right
    if isinstance(value, Shape) and isinstance(right, Shape):
        if value.rank == right.rank == 0:  # vectors: their sizes are numbers like any other
            value, right = value.channels, right.channels
        else:
            return _of_shapes(value, wrong.what, right)
    steps = _steps(value, right) if isinstance(value, tuple) and not _is_even(value, right) else {}
    if steps:
        return _by_axes(value, wrong.what, right, steps)
    claim = " = ".join(filter(None, (shown(value), _working(value))))
    return f"{claim} {wrong.what}; {truth(right)}."


def truth(correct: Any) -> str:
    """The right calculation and its result, by axes where these differ."""
    if isinstance(correct, Shape):
        return _truth(correct.channels) if correct.rank == 0 else _whole(correct)
    if isinstance(correct, tuple) and len(set(map(_working, correct))) > 1:
        named = _named((_told(one), [name]) for name, one in zip(AXIS_NAMES[len(correct)], correct, strict=True))
        return named if len(named) <= LONGEST_WORKING else f"it is {shown(correct)}"
    return _truth(correct)


def _truth(correct: Any) -> str:
    """The right calculation and its result."""
    return _told(correct) if _working(correct) else f"it is {shown(correct)}"


def _told(value: Any) -> str:
    """A calculation, if it is one, and its result."""
    working = _working(value)
    return f"{working} = {shown(value)}" if working else shown(value)


def _of_shapes(wrong: Shape, what: str, correct: Shape) -> str:
    """The calculations of the axes that are wrong."""
    steps = _steps(wrong.extents, correct.extents) if wrong.rank == correct.rank else {}
    if steps:
        return _by_axes(wrong, what, correct, steps)
    # Where only the order is wrong, or the channels, the calculation of the extents is beside the point.
    beside = correct.extents == wrong.extents or sorted(map(str, wrong.dims)) == sorted(map(str, bare(correct).dims))
    return f"{shown(wrong)} {what}; {f'it is {shown(correct)}' if beside else _whole(correct)}."


def _whole(correct: Shape) -> str:
    """The right shape, with the calculations of its extents."""
    steps = dict.fromkeys(_truth(extent) for extent in correct.extents if _working(extent))
    return ", ".join((*steps, f"so it is {shown(correct)}")) if steps else f"it is {shown(correct)}"


# The wrong and the right calculation of some axes, with the names of those that need to be named.
_Steps: TypeAlias = dict[tuple[str, str], list[str]]


def _steps(wrong: tuple[Any, ...], correct: tuple[Any, ...]) -> _Steps:
    """The calculations along the axes that are wrong. Axes need no names if all have the same."""
    steps: _Steps = {}
    for name, one, other in zip(AXIS_NAMES[len(correct)], wrong, correct, strict=True):
        if plain(one) != plain(other) and _working(one):
            steps.setdefault((_told(one), _told(other)), []).append(name)
    return {step: [] for step in steps} if [len(correct)] == list(map(len, steps.values())) else steps


def _by_axes(wrong: Any, what: str, correct: Any, steps: _Steps) -> str:
    """The calculations of the axes that are wrong, the wrong ones and, if there are any, the right ones."""
    claims, truths = (_named((step[side], names) for step, names in steps.items()) for side in (0, 1))
    if len(claims) + len(truths) > LONGEST_WORKINGS:
        return f"{shown(wrong)} {what}; it is {shown(correct)}."
    return f"{shown(wrong)}: {claims} {what}; {truths if '=' in truths else _truth(correct)}."


def _named(texts: Iterable[tuple[str, list[str]]]) -> str:
    """Calculations, each behind the names of its axes."""
    axes: dict[str, list[str]] = {}
    for text, names in texts:
        axes.setdefault(text, []).extend(names)
    return ", ".join(f"{' and '.join(names)} {text}".lstrip() for text, names in axes.items())


def _is_even(*values: tuple[Any, ...]) -> bool:
    """Whether all axes have the same calculations."""
    return all(len(set(map(_working, value))) == 1 for value in values)


def _working(value: Any) -> str:
    """The calculation behind a number (the same along all axes), if it is one and not too long."""
    if isinstance(value, tuple):
        workings = {_working(part) for part in value}
        return workings.pop() if len(workings) == 1 else ""
    if not isinstance(value, Written):
        return ""
    text = value.working.text
    return "" if len(text) > LONGEST_WORKING or text == str(bare(value)) else with_separators(text)
