"""Follow-on errors: an answer that is right given the student's own wrong answer to something earlier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from cnncalc import infer
from cnncalc.homework.answers import QUANTITIES, WRONG, Answer, Subject, matches
from cnncalc.homework.reading import Given
from cnncalc.layers.base import LayerError
from cnncalc.shapes import Shape

if TYPE_CHECKING:
    from cnncalc.report import Report
    from cnncalc.spec.graph import Graph

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
    indices = {record.name: record.index for record in report.records} | {report.graph.names[0]: 0}
    outputs = {
        indices[answer.layer]: (answer, shape)
        for answer in answers
        if answer.layer and answer.quantity == "output" and answer.verdict == WRONG
        for shape in _stated(answer)
    }
    if not any(answer.verdict == WRONG for answer in answers):
        return tuple(answers)
    known: dict[tuple[int, ...], tuple[infer.Record, ...]] = {}
    marked = []
    for answer in answers:
        found = None
        if answer.verdict == WRONG and answer.layer != report.graph.names[0]:
            at = indices[answer.layer] if answer.layer else report.graph.output
            # Its own output is behind every other answer about a layer, but not behind itself.
            before = {
                index: shape
                for index, (_, shape) in outputs.items()
                if index < at or (index == at and answer.quantity != "output") or not answer.layer
            }
            key = tuple(sorted(before))
            if key not in known:
                known[key] = _records(report.graph, before) if before else report.records
            last = max(before, default=None)
            found = _cause(report, known[key], answer, answers, None if last is None else outputs[last][0])
        marked.append(answer if found is None else answer._replace(follows=found))
    return tuple(marked)


def _stated(answer: Answer) -> Iterable[Shape]:
    """The shape that a student states; its channels are the right ones where they are left out."""
    expected, given = answer.expected, tuple(answer.given)
    if isinstance(expected, Shape) and all(isinstance(number, int) and number > 0 for number in given):
        if len(given) == expected.rank + 1:
            yield Shape(given[:-1], given[-1])
        elif len(given) == expected.rank:
            yield Shape(given, expected.channels)


def _records(graph: Graph, stated: Mapping[int, Shape]) -> tuple[infer.Record, ...]:
    """The records of the network if some outputs were as stated; none if it does not work on them."""
    image = graph.nodes[0]
    nodes = [image._replace(shape=stated.get(0, image.shape))]
    for index, node in enumerate(graph.nodes[1:], start=1):
        inputs = tuple(nodes[source].shape for source in node.sources)
        assert node.layer is not None  # only the input has none
        try:
            node.layer.check(*inputs)
            shape = node.layer.output(*inputs)
        except LayerError:
            return ()
        nodes.append(node._replace(inputs=inputs, shape=stated.get(index, shape)))
    return infer.infer(graph._replace(nodes=tuple(nodes)))


def _cause(
    report: Report, records: tuple[infer.Record, ...], answer: Answer, answers: Sequence[Answer], last: Answer | None
) -> Answer | None:
    """The earlier answer that a wrong one follows from."""
    if not records:
        return None
    subject = report.subject(None)
    if answer.layer:
        record = next(record for record in records if record.name == answer.layer)
        value = QUANTITIES[answer.quantity].value(_subject(subject, record))
        return last if _is(answer, value) else None
    if answer.quantity not in ADDED:
        return None
    value = QUANTITIES[answer.quantity].value
    # What the student states of the layers counts; of the others what is right with the stated outputs.
    own = {other.layer: other for other in answers if other.quantity == answer.quantity and other.layer}
    parts = [own[record.name].given if record.name in own else value(_subject(subject, record)) for record in records]
    wrong = [other for other in own.values() if other.verdict == WRONG]
    if all(isinstance(part, int) for part in parts) and _is(answer, sum(parts)):
        return wrong[-1] if wrong else last
    return None


def _subject(subject: Subject, record: infer.Record) -> Subject:
    """The layer of a recomputed network."""
    return subject._replace(record=record, totals=None)


def _is(answer: Answer, value: object) -> bool:
    """Whether the answer is that value."""
    given = answer.given if isinstance(answer.given, tuple) else (answer.given,)
    return matches(Given(given), value)
