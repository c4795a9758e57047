"""Follow-on errors: an answer that is right given the student's own wrong answer to something earlier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnncalc import infer
from cnncalc.homework.answers import QUANTITIES, WRONG, Answer, Subject, matches
from cnncalc.homework.reading import Given
from cnncalc.layers.base import LayerError
from cnncalc.shapes import Shape

if TYPE_CHECKING:
    from cnncalc.report import Report

# Quantities of which the whole network has the sum of its layers'.
ADDED: Final = (
    *("params", "trainable", "non-trainable", "weights", "biases"),
    *("macs", "flops", "connections", "param-memory"),
)


def mark(report: Report, answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """The answers, each wrong one that follows from an own earlier one marked with it.

    What is recomputed is the rest of the network, from the outputs that the student states; and a total, from
    what the student states for its layers.
    """
    if not any(answer.verdict == WRONG for answer in answers):
        return tuple(answers)
    indices = {record.name: record.index for record in report.records} | {report.graph.names[0]: 0}
    stated = {
        indices[answer.layer]: (answer, shape)
        for answer in answers
        if answer.layer and answer.quantity == "output" and answer.verdict == WRONG
        for shape in _stated(answer)
    }
    network = _recomputed(report, {index: shape for index, (_, shape) in stated.items()})
    marked = []
    for answer in answers:
        found = None
        if answer.quantity not in QUANTITIES:
            marked.append(answer)
            continue
        if answer.verdict == WRONG and not answer.layer:
            last = max(stated, default=None)
            found = _cause_of_total(network, answer, answers, None if last is None else stated[last][0])
        elif answer.verdict == WRONG:
            at = indices[answer.layer]
            # Its own output is behind every other answer about a layer, but not behind itself.
            before = [index for index in stated if index < at or (index == at and answer.quantity != "output")]
            if at and before and network.gives(answer, at):
                found = stated[max(before)][0]
        marked.append(answer if found is None else answer._replace(follows=found))
    return tuple(marked)


def _stated(answer: Answer) -> Iterable[Shape]:
    """The shape that a student states; its channels are the right ones where they are left out.

    A single number is the extent along all axes, unless it may be the channels of what has one position.
    """
    expected, given = answer.expected, tuple(answer.given)
    if isinstance(expected, Shape) and all(isinstance(number, int) and number > 0 for number in given):
        if len(given) == expected.rank + 1:
            yield Shape(given[:-1], given[-1])
        elif len(given) == expected.rank:
            yield Shape(given, expected.channels)
        elif len(given) == 1 and expected.positions != 1:
            yield Shape(given * expected.rank, expected.channels)


class _Network(NamedTuple):
    """A network on the outputs that a student states.

    `shapes` are what each node puts out if only those before it are as stated. Both end before the first layer
    that does not work on them.
    """

    subject: Subject
    shapes: tuple[Shape, ...]
    records: tuple[infer.Record, ...]

    def value(self, quantity: str, record: infer.Record) -> Any:
        """The answer about one of its layers."""
        return QUANTITIES[quantity].value(self.subject._replace(record=record, totals=None))

    def gives(self, answer: Answer, index: int) -> bool:
        """Whether an answer about a layer is right here."""
        if index >= len(self.shapes):
            return False
        if answer.quantity == "output":
            return _is(answer, self.shapes[index])
        return _is(answer, self.value(answer.quantity, self.records[index - 1]))


def _recomputed(report: Report, stated: Mapping[int, Shape]) -> _Network:
    """The network of a report on other outputs."""
    graph = report.graph
    image = graph.nodes[0]
    nodes = [image._replace(shape=stated.get(0, image.shape))]
    shapes = [image.shape]
    for index, node in enumerate(graph.nodes[1:], start=1):
        inputs = tuple(nodes[source].shape for source in node.sources)
        assert node.layer is not None  # only the input has none
        try:
            node.layer.check(*inputs)
            shapes.append(node.layer.output(*inputs))
        except LayerError:
            break
        nodes.append(node._replace(inputs=inputs, shape=stated.get(index, shapes[-1])))
    records = infer.infer(graph._replace(nodes=tuple(nodes))) if stated else report.records
    return _Network(report.subject(None), tuple(shapes), records)


def _cause_of_total(network: _Network, answer: Answer, answers: Sequence[Answer], last: Answer | None) -> Answer | None:
    """The earlier answer that a wrong total follows from."""
    quantity = answer.quantity
    if quantity not in ADDED or len(network.records) < len(network.subject.records):
        return None
    # What the student states of the layers counts; of the others what is right with the stated outputs.
    own = {other.layer: other for other in answers if other.quantity == quantity and other.layer}
    parts = [
        own[record.name].given if record.name in own else network.value(quantity, record) for record in network.records
    ]
    wrong = [other for other in own.values() if other.verdict == WRONG]
    if all(isinstance(part, int) for part in parts) and _is(answer, sum(parts)):
        return wrong[-1] if wrong else last
    return None


def _is(answer: Answer, value: object) -> bool:
    """Whether the answer is that value."""
    given = answer.given if isinstance(answer.given, tuple) else (answer.given,)
    return matches(Given(given), value)
