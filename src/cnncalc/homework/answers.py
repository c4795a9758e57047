"""Stated answers: what people write, which quantity it speaks of, and whether it is right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnncalc import coverage
from cnncalc.algebra import Algebra
from cnncalc.infer import Record, Totals
from cnncalc.shapes import Shape
from cnncalc.spec import parser
from cnncalc.spec.expand import is_symbol, symbol
from cnncalc.spec.expressions import Items, Keep, Name, Pair, evaluate, exact, plain
from cnncalc.spec.source import MissingExtraError, Problem, Source, Span, SpecError, quote

if TYPE_CHECKING:
    from cnncalc.spec.statements import AnswerText

RIGHT: Final = "right"
RIGHT_UNDER_CONVENTION: Final = "right-under-convention"
WRONG: Final = "wrong"

_THOUSANDS: Final = {"": 0, "k": 1, "m": 2, "g": 3, "b": 3, "t": 4}
_NUMBER: Final = re.compile(
    r"(?P<about>~|≈)?(?P<digits>[0-9][0-9_]*)(?:\.(?P<decimals>[0-9]+))?(?P<unit>(?:[KkMGgT](?P<binary>i)?B?|B)?)"
)


class Answer(NamedTuple):
    """An answer and the verdict on it. `layer` is "" for the whole network."""

    layer: str
    quantity: str
    given: Any
    expected: Any
    verdict: str
    convention: str = ""
    rounded: bool = False
    span: Span | None = None
    mistakes: tuple[Any, ...] = ()

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


QUANTITIES: Final[Mapping[str, Quantity]] = {
    "output": Quantity("the shape that is put out", lambda subject: subject.record.output),
    "params": Quantity(
        "trainable parameters",
        lambda subject: subject.counts.trainable,
        {"with-non-trainable": lambda subject: subject.counts.trainable + subject.counts.non_trainable},
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
    "unread": Quantity("rows and columns of the image that nothing reads", _unread),
}


class Given(NamedTuple):
    """An answer as it was read: numbers, and how far a rounded one may be off."""

    values: tuple[Any, ...]
    slack: Any = 0


def matches(given: Given, expected: Any) -> bool:
    """Whether an answer is the expected value: a size with or without its channels, a number for all axes."""
    values = given.values
    match expected:
        case None:
            return False
        case Shape():
            return (
                _same(values, expected.dims)
                or (expected.rank > 0 and _same(values, expected.extents))
                or (expected.positions == 1 and _same(values, (expected.channels,)))
            )
        case tuple():
            return _same(values, expected) or (len(values) == 1 and all(matches(given, value) for value in expected))
        case _ if given.slack and not isinstance(expected, Algebra):
            return len(values) == 1 and not isinstance(values[0], Algebra) and abs(expected - values[0]) <= given.slack
        case _:
            return _same(values, (expected,))


def _same(left: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    """Whether numbers are the same, one by one; formulas, however they are written."""
    return len(left) == len(right) and all(
        one.equals(other) if isinstance(one, Algebra) else bool(one == other)
        for one, other in zip(left, right, strict=True)
    )


def read(text: AnswerText) -> Given:
    """The value of an answer: `28x28x6`, `(28, 28, 6)`, `61_706`, `138M`, `58.1MiB`, `25*n1*n2 + n2`.

    Raises `SpecError` if it is none of these.
    """
    match = _NUMBER.fullmatch(text.value)
    if match and len(text.value) < LONGEST_NUMBER:
        return _read_number(match, in_bytes="memory" in text.quantity.lower())
    at = text.span._replace(start=text.span.end - len(text.value))
    value = "".join(text.value.split()).replace("[", "(").replace("]", ")")
    if "?" in value:
        message = "`?` stands for a number to be found; here every number must be given"
        raise SpecError([Problem(message, at, "put a number in its place")])
    # `5*5*3` is a size for an output, and a product for parameters.
    return Given(_evaluated(value, at, arithmetic=text.quantity.lower() not in _SIZES))


LONGEST_NUMBER: Final = 60
_SIZES: Final = ("", "output", "rf", "stride", "unread")


def _read_number(match: re.Match[str], *, in_bytes: bool) -> Given:
    """A number, perhaps rounded to thousands, millions or the like; `B` is a byte, or a billion of other things."""
    digits, decimals, unit = match["digits"].replace("_", ""), match["decimals"] or "", match["unit"]
    thousands = 0 if unit == "B" and in_bytes else _THOUSANDS[unit[:1].lower()]
    scale = 1024**thousands if match["binary"] else 1000**thousands
    if not decimals and scale == 1 and not match["about"]:
        return Given((int(digits),))
    from fractions import Fraction  # noqa: PLC0415  # only a rounded answer needs it

    last = Fraction(scale, 10 ** len(decimals))
    if match["about"] and not decimals:
        last *= 10 ** (len(digits) - len(digits.rstrip("0")))
    return Given((plain(Fraction(int(digits + decimals), 10 ** len(decimals)) * scale),), last / 2)


def _evaluated(value: str, at: Span, *, arithmetic: bool) -> tuple[Any, ...]:
    """The numbers of a size or a formula, or of a size with formulas in it."""
    try:
        expression = parser.parse_value(Source("answer", value), arithmetic=arithmetic)
        result = evaluate(expression, lambda name: _symbol(name, at))
    except MissingExtraError:
        raise
    except SpecError:
        result = ""
    numbers = result if isinstance(result, tuple) and not isinstance(result, (Pair, Items)) else (result,)
    if any(isinstance(number, (str, bool, tuple, Keep)) for number in numbers):
        hint = "an answer is a size or a number: `28x28x6`, `156`"
        raise SpecError([Problem(f"{quote(value)} is no answer", at, hint)])
    return tuple([exact(number) for number in numbers])


def _symbol(name: Name, at: Span) -> Any:
    """A symbol, or a size of symbols and numbers; `SpecError` for another word."""
    parts = [atom for part in parser.split_size(name.text) for atom in part] or [name.text]
    if not all(parser.is_number(part) or is_symbol(part) for part in parts):
        raise SpecError([Problem(f"{quote(name.text)} is no symbol", at)])
    values = tuple([int(part) if parser.is_number(part) else symbol(part, at) for part in parts])
    return values if len(values) > 1 else values[0]


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
