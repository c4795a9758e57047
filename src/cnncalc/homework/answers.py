"""Stated answers: which quantity they speak of, what it is, and whether they are right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from cnncalc import coverage
from cnncalc.algebra import Algebra
from cnncalc.homework.reading import Given
from cnncalc.infer import Record, Totals
from cnncalc.shapes import SAME_PLACE, Geometry, Shape, Spread, Window
from cnncalc.spec.source import Span

RIGHT: Final = "right"
RIGHT_UNDER_CONVENTION: Final = "right-under-convention"
WRONG: Final = "wrong"
NOT_ANSWERED: Final = "not-answered"
# What an answer speaks of that depends on the numbers that go in, and on the weights.
VALUES: Final = "value"
# A fraction that is this many decimals or fewer is written so.
MOST_DECIMALS: Final = 4


class Answer(NamedTuple):
    """An answer and the verdict on it. `layer` is "" for the whole network.

    `mistakes` are those that lead to a wrong answer; `follows` is the student's own wrong answer to something
    earlier, from which this one follows.
    """

    layer: str
    quantity: str
    given: Any
    expected: Any
    verdict: str
    convention: str = ""
    rounded: bool = False
    # Whether it is no more than near enough, by the tolerance of the course.
    tolerated: bool = False
    # Whether the answer was taken in the less usual of two ways to read it.
    reread: bool = False
    span: Span | None = None
    mistakes: tuple[Any, ...] = ()
    follows: Answer | None = None

    def to_dict(self) -> dict[str, Any]:
        """As it stands in JSON."""
        data = {
            "layer": self.layer or "total",
            "quantity": self.quantity,
            "given": as_json(self.given),
            "expected": as_json(self.expected),
            "verdict": self.verdict,
            "mistakes": [mistake._asdict() for mistake in self.mistakes],
        }
        if self.convention:
            data["convention"] = self.convention
        if self.rounded:
            data["rounded"] = True
        if self.reread:
            data["reread"] = True
        if self.follows is not None:
            own = self.follows
            given = {"layer": own.layer or "total", "quantity": own.quantity, "given": as_json(own.given)}
            data["consistent_with"] = given
        return data


class Subject(NamedTuple):
    """What an answer speaks of: a layer, or the whole network with its last layer."""

    record: Record
    totals: Totals | None
    nodes: Any
    bytes_per_value: int
    batch: int
    # The layers of the network, for what needs more than one of them.
    records: tuple[Record, ...] = ()

    @property
    def reads(self) -> Shape:
        """The shape that goes in: into the layer, or into the network."""
        return self.nodes[0].shape if self.totals is not None or not self.record.index else self.record.input

    @property
    def counts(self) -> Any:
        """The totals, or the layer's counts."""
        return self.totals if self.totals is not None else self.record.facts


class Quantity(NamedTuple):
    """A number that can be asked for: what it is, how it is computed, and other right ways to count it."""

    doc: str
    # None where there is no such number; ValueError where it is not known.
    value: Callable[[Subject], Any]
    conventions: Mapping[str, Callable[[Subject], Any]] = {}


def _rf(subject: Subject) -> Any:
    return subject.record.rf and subject.record.rf.size


def _stride(subject: Subject) -> Any:
    return subject.record.rf and subject.record.rf.stride


def _unread(subject: Subject) -> Any:
    missing = coverage.unread(subject.nodes, subject.record.index)
    if missing is None:
        raise ValueError("which pixels are read is not worked out for symbols, nor for more than 4096 along an axis")
    return tuple(len(places) for places in missing) or None


def _with_shared(subject: Subject) -> Any:
    """The parameters that a layer works with, even where they are another's and counted there."""
    if subject.totals is not None or not subject.record.weights_of:
        return subject.counts.trainable
    return sum(array.size for array in subject.record.facts.arrays if array.trainable)


def windows(record: Record) -> tuple[Window, ...] | tuple[Spread, ...]:
    """How a layer's window moves along each axis; nothing for a layer that has none."""
    found: tuple[Geometry, ...] = record.layer.geometry(record.input) if record.index else ()
    if all(one is SAME_PLACE for one in found):
        return ()
    for kind in (Window, Spread):
        if all(isinstance(one, kind) for one in found):
            return found  # type: ignore[return-value]  # all are of that kind
    return ()


def _kernel(subject: Subject) -> Any:
    return tuple(one.size for one in windows(subject.record)) or None


def _padding(subject: Subject) -> Any:
    found = windows(subject.record)
    even = all(one.before == one.after for one in found)
    return (tuple(one.before for one in found) or None) if even else None


QUANTITIES: Final[Mapping[str, Quantity]] = {
    "output": Quantity("the shape that is put out", lambda subject: subject.record.output),
    "params": Quantity(
        "trainable parameters",
        lambda subject: subject.counts.trainable,
        {
            "with-non-trainable": lambda subject: subject.counts.trainable + subject.counts.non_trainable,
            "shared-weights": _with_shared,
        },
    ),
    "trainable": Quantity("trainable parameters", lambda subject: subject.counts.trainable),
    "non-trainable": Quantity("parameters that are not trained", lambda subject: subject.counts.non_trainable),
    "weights": Quantity("parameters that multiply", lambda subject: subject.counts.weights),
    "biases": Quantity("parameters that are added", lambda subject: subject.counts.biases),
    "rf": Quantity("size of the receptive field, in pixels", _rf),
    "stride": Quantity("pixels between the receptive fields of neighbours", _stride),
    "macs": Quantity("multiply-accumulates for one example", lambda subject: subject.counts.macs),
    "flops": Quantity("two for each multiply-accumulate", lambda subject: 2 * subject.counts.macs),
    "activations": Quantity("values put out for one example", lambda subject: subject.counts.activations),
    "connections": Quantity(
        "multiply-accumulates and bias additions",
        lambda subject: subject.counts.connections,
        {"without-biases": lambda subject: subject.counts.macs},
    ),
    "memory": Quantity(
        "bytes of the activations",
        lambda subject: subject.counts.activations * (subject.bytes_per_value * subject.batch),
    ),
    "param-memory": Quantity(
        "bytes of the parameters",
        lambda subject: (subject.counts.trainable + subject.counts.non_trainable) * subject.bytes_per_value,
    ),
    "dense-params": Quantity(
        "parameters of a dense layer in its place",
        lambda subject: (subject.reads.size + 1) * subject.record.output.size,
    ),
    "kernel": Quantity("size of the layer's own window", _kernel),
    "padding": Quantity("cells of padding on each side; none where the sides differ", _padding),
    "unread": Quantity("rows and columns of the image that nothing reads", _unread),
}


# What people, frameworks and spreadsheets call a quantity.
_CALLED: Final = {
    "output": ("shape", "size", "dimensions", "outputs", "output-shape", "output-size", "output-volume", "feature-map"),
    "params": (
        "param",
        "parameter",
        "parameters",
        "#params",
        "#parameters",
        "param-#",
        "params-#",
        "number-of-parameters",
    ),
    "trainable": ("trainable-params", "trainable-parameters", "learnable-parameters"),
    "non-trainable": ("non-trainable-params", "non-trainable-parameters"),
    "weights": ("weight", "#weights", "number-of-weights"),
    "biases": ("bias", "#biases", "number-of-biases"),
    "rf": ("receptive-field", "receptive-field-size", "r.f."),
    "stride": ("jump", "rf-stride"),
    "macs": ("mac", "mult-adds", "multiply-adds", "multiplications", "madds", "mult-add"),
    "flops": ("flop",),
    "activations": ("activation", "units", "neurons", "values-out"),
    "connections": ("connection",),
    "memory": ("activation-memory", "output-memory"),
    "param-memory": ("parameter-memory", "params-memory", "weight-memory"),
    "kernel": ("kernel-size", "filter-size", "window"),
    "padding": ("pad",),
    VALUES: ("values",),
}
NAMES: Final[Mapping[str, str]] = {word: name for name, words in _CALLED.items() for word in words}


def named(text: str) -> str:
    """A quantity by the name that it has here; the shape if it has none. An unknown name stays what it is.

    >>> named("Param #"), named("receptive field"), named("")
    ('params', 'rf', 'output')
    """
    name = re.sub(r"[\s_-]+", "-", text.strip().lower()) or "output"
    return NAMES.get(name, name)


def matches(given: Given, expected: Any) -> bool:
    """Whether an answer is the expected value: a size with or without its channels, one number for equal axes."""
    values, slack = given.values, given.slack
    match expected:
        case None:
            return False
        case Shape():
            return (
                _same(values, expected.dims, slack)
                or (expected.rank > 0 and matches(given, expected.extents))
                or (_same((expected.positions,), (1,), 0) and _same(values, (expected.channels,), slack))
            )
        case tuple():
            return _same(values, expected, slack) or (
                len(values) == 1 and all(matches(given, value) for value in expected)
            )
        case _:
            return _same(values, (expected,), slack)


def _same(left: tuple[Any, ...], right: tuple[Any, ...], slack: Any) -> bool:
    """Whether numbers are the same, one by one; formulas, however they are written; rounded ones, within the slack."""
    return len(left) == len(right) and all(
        one.equals(other)
        if isinstance(one, Algebra)
        else bool(one == other) or (bool(slack) and not isinstance(other, Algebra) and abs(one - other) <= slack)
        for one, other in zip(left, right, strict=True)
    )


def in_decimals(value: Any) -> Any:
    """A value with its fractions as text, as people write them: a short decimal where it is exact.

    >>> from fractions import Fraction
    >>> in_decimals((Fraction(111, 2), 96)), in_decimals(Fraction(1, 3))
    (('55.5', 96), '1/3')
    """
    if isinstance(value, (tuple, list)) and not isinstance(value, Shape):
        return type(value)(map(in_decimals, value))
    if isinstance(value, (int, float)) or not hasattr(value, "denominator") or value.denominator == 1:
        return value
    if 10**MOST_DECIMALS % value.denominator:
        return str(value)
    from decimal import Decimal  # noqa: PLC0415  few answers are fractions

    return f"{Decimal(value.numerator) / value.denominator:f}"


def as_json(value: Any) -> Any:
    """A value as JSON has it: integers, lists, and a string for a rational or a formula."""
    match value:
        case Shape():
            return [as_json(dim) for dim in value.dims]
        case tuple() | list():
            return [as_json(item) for item in value]
        case None | bool() | int() | str():
            return value
        case _:
            return str(value)
