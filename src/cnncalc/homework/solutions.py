"""How the answer to an exercise comes about: the formulas as a hint, and the same with the numbers put in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from cnncalc.explain import ARGUMENTS, Step
from cnncalc.homework import check, wording
from cnncalc.homework.answers import QUANTITIES, RIGHT, Answer
from cnncalc.homework.asked import Asked, AskedValues
from cnncalc.homework.follow import ADDED
from cnncalc.homework.mistakes.sentences import PUT_OUT
from cnncalc.shapes import join
from cnncalc.solving import derive

if TYPE_CHECKING:
    from cnncalc.infer import Record
    from cnncalc.report import Report

# Quantities that the working of a layer has no step of its own for.
CALCULATED: Final = ("flops", "connections", "weights", "biases", "activations", "dense-params")
# Quantities for which the layer's output has to be found first.
OF_OUTPUT: Final = ("macs", "flops", "connections", "activations", "memory", "dense-params")
# Quantities that come of those of the layers before.
FIELDS: Final = ("rf", "stride")
# Quantities for which a dense layer's input has to be found first.
OF_INPUT: Final = ("params", "trainable", "weights", "param-memory")
# What the step of the working is called that leads to a quantity, where there are several of its topic.
LABELS: Final = {
    "rf": "rf size",
    "stride": "rf stride",
    "memory": "output memory",
    "param-memory": "param memory",
    "params": "params",
    "trainable": "params",
    "non-trainable": "not trained",
}
# Formulas that no step of a working has.
HINTS: Final = {
    "activations": "H_out·W_out·K",
    "dense-params": "(N_in + 1)·N_out, of all values that go in and come out",
}
# The step to the channels, which nobody has to compute to find a size.
CHANNELS: Final = "channels"
# The extent of a dilated kernel.
EXTENT: Final = "F_eff"
# Of a deeper network, the sizes before the layer are not derived one by one.
MOST_BEFORE: Final = 8


def solution(
    report: Report, asked: Asked, quantity: str, layer: str, *, hidden: str = "", alone: bool = False
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The formulas that lead to an answer, and the same with the numbers put in.

    `hidden` is the setting of the layer that the output is solved for. The sizes before the layer are derived,
    too, unless it stands `alone`, as where they are known.
    """
    if isinstance(asked, AskedValues):
        hint = "each value is the sum of the products of a kernel and the window under it, and of the bias"
        return (hint,), tuple(asked.steps())
    if not layer and quantity not in (*ADDED, *PUT_OUT):
        layer = report.graph.names[report.graph.output]
    if not layer:
        return ("the sum over all layers",), (_sum(report, quantity, asked.answer),)
    if layer == report.graph.names[0]:
        told = " = ".join(dict.fromkeys(text for text in (asked.working, asked.answer) if text))
        return (f"{quantity}: {QUANTITIES[quantity].doc}",), (f"{layer}, {quantity}: {told}",)
    record = report[layer]
    alone = alone or asked.answer == "0"
    before = [] if alone or hidden else _before(report, record, quantity)
    if quantity in FIELDS and not hidden:
        steps = [(one.name, step) for one in (*before, record) for step in _steps(report, one.name, quantity)]
        return _hint(steps), _told(steps)
    sized = (*before, record) if quantity in OF_OUTPUT and _needs_sizes(record, quantity) and not alone else before
    sizes = [
        (one.name, step)
        for one in sized
        for step in _steps(report, one.name, "output")
        if step.formula and step.label != CHANNELS
    ]
    if quantity in CALCULATED:
        parts = [text for text in (asked.working, asked.answer) if text]
        hint = f"{quantity}: {HINTS.get(quantity) or QUANTITIES[quantity].doc}"
        return (hint,), (*_told(sizes), f"{layer}, {quantity}: {' = '.join(dict.fromkeys(parts))}")
    own = [(layer, step) for step in _steps(report, layer, "output" if hidden else quantity)]
    solved = [(layer, step) for step in _solved(report, record, hidden)]
    return _hint(own), _told([*sizes, *solved, *own])


def _before(report: Report, record: Record, quantity: str) -> list[Record]:
    """The layers before one whose numbers lead to its own, from the image on; no sizes of a deep network."""
    if quantity not in FIELDS and not _needs_sizes(record, quantity):
        return []
    found: set[int] = set()
    waiting = [record]
    while waiting:
        for source in waiting.pop().node.sources:
            if source and source not in found:
                found.add(source)
                # What a dense layer puts out has as many values as it has units, whatever it reads.
                if quantity in FIELDS or not hasattr(report.records[source - 1].layer, "units"):
                    waiting.append(report.records[source - 1])
    few = quantity in FIELDS or len(found) <= MOST_BEFORE
    return [report.records[index - 1] for index in sorted(found)] if few else []


def _needs_sizes(record: Record, quantity: str) -> bool:
    """Whether a number of a layer depends on the size of what it reads."""
    if hasattr(record.layer, "units") and quantity in {"output", "activations", "memory"}:
        return False  # a dense layer puts out as many values as it has units
    return quantity in ("output", *OF_OUTPUT) or (quantity in OF_INPUT and not record.input.rank)


def _solved(report: Report, record: Record, hidden: str) -> Iterator[Step]:
    """The formula of the output's size, solved for a setting; where it is rounded, several would do."""
    letter = ARGUMENTS.get(hidden, "") if wording.tiles(record) else ""
    for argument in record.layer.arguments:
        if letter and ARGUMENTS.get(argument.name) == letter:
            yield from dict.fromkeys(derive.solved_for(report, record, argument.name, letter))


def _steps(report: Report, layer: str, quantity: str) -> Iterator[Step]:
    """The steps that lead to a quantity of a layer."""
    if quantity == "rf":  # its formula has the extent of a dilated kernel, which only the output's steps derive
        yield from (step for step in _steps(report, layer, "output") if step.label.startswith(EXTENT))
    label = LABELS.get(quantity, "")
    for step in check.Checked(report, ()).working(Answer(layer, quantity, None, None, RIGHT)):
        if step.label.startswith(label):
            yield step


def _hint(steps: Iterable[tuple[str, Step]]) -> tuple[str, ...]:
    """The formulas of some steps, each once."""
    return tuple(
        dict.fromkeys(f"{step.label}: {step.formula}" for _, step in steps if step.formula not in {"", step.working})
    )


def _told(steps: Iterable[tuple[str, Step]]) -> tuple[str, ...]:
    """Some steps as lines, each once."""
    return tuple(dict.fromkeys(f"{name}, {_line(step)}" for name, step in steps))


def _line(step: Step) -> str:
    """A step: `height, width: (W - F + 2P)/S + 1 = (32 - 5 + 2·2)/1 + 1 = 32`."""
    result = "" if step.result is None else join(step.result) if isinstance(step.result, tuple) else str(step.result)
    parts = [text for text in dict.fromkeys((step.formula, step.working, result)) if text]
    remark = [f"({step.remark})"] if step.remark else []
    return f"{step.label}: {' '.join((' = '.join(parts), *remark)).strip()}"


def _sum(report: Report, quantity: str, answer: str) -> str:
    """What the layers have, added up; the values of the input are among those of a network."""
    names = report.graph.names if quantity in PUT_OUT else report.graph.names[1:]
    each = ((name, Asked(report, quantity, name).answer) for name in names)
    terms = [f"{number} ({name})" for name, number in each if number not in {"", "0"}]
    return f"{' + '.join(terms)} = {answer}"
