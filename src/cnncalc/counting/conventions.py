"""The conventions by which a network is counted, ours and those of the tools, and which of them give a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from cnncalc.algebra import whole
from cnncalc.counting import modules
from cnncalc.counting.modules import Count, Module
from cnncalc.counting.tools import TOOLS
from cnncalc.homework.reading import Given, read_number
from cnncalc.report import Report
from cnncalc.spec.source import quote

QUANTITIES: Final = ("params", "macs", "flops", "activations", "bytes")
# The words that people put behind a number, and what they may mean by them: many say FLOPs for macs.
WORDS: Final = {
    **dict.fromkeys(("flop", "flops", "ops"), ("flops", "macs")),
    **dict.fromkeys(("mac", "macs", "madds", "mult-adds", "multadds"), ("macs", "flops")),
    **dict.fromkeys(("param", "params", "parameters"), ("params",)),
    **dict.fromkeys(("b", "bytes"), ("bytes",)),
    **dict.fromkeys(("activations", "values"), ("activations",)),
}
_NUMBER: Final = re.compile(
    r"(?P<number>[~≈]?(?:\d{1,3}(?:,\d{3})+|\d[\d_]*)(?:\.\d+|,\d\d?)?)"
    r"(?:(?:e\+?|[x\u00d7*]10(?:\^|\*\*))(?P<power>\d\d?)|(?P<unit>[kmgtb]i?|million|billion))?"
    rf"(?P<word>{'|'.join(WORDS)})?",
    re.IGNORECASE | re.ASCII,
)
_DECIMAL_COMMA: Final = re.compile(r",(?=\d\d?$)")
LONGEST: Final = 60
# What most people mean by parameters, macs and flops.
PLAIN: Final = (
    "trainable parameters",
    "parameters, trained or not",
    "multiply-accumulates",
    "two for each multiply-accumulate",
)


class Wanted(NamedTuple):
    """A number that somebody has: how far it may be off, as it is rounded, and what it may be a number of.

    `binary` is the number if its K, M, G are powers of 1024, where that is another one.
    """

    text: str
    value: Any
    slack: Any
    binary: Given | None
    quantities: tuple[str, ...]
    # Whether it has neither a unit nor a word behind it.
    bare: bool = False

    def is_given_by(self, value: int) -> bool:
        """Whether a value is the number, or rounds to it."""
        return bool(abs(value - self.value) <= self.slack)

    def is_cut_from(self, value: int) -> bool:
        """Whether it is what is left of a value whose further digits are cut off; rounded, it would be one more."""
        return bool(self.slack < value - self.value < 2 * self.slack)

    @property
    def is_coarse(self) -> bool:
        """Whether it is rounded to fewer than three digits."""
        return bool(self.slack * 1000 > self.value)


class Convention(NamedTuple):
    """A way to count, and what it gives. `who` is the tool, or empty; `terms` are what it adds to multiply-adds."""

    quantity: str
    who: str
    title: str
    value: int
    terms: tuple[tuple[str, int], ...] = ()

    @property
    def text(self) -> str:
        """Who calls it what."""
        return f"{self.who}: {self.title}" if self.who else self.title

    @property
    def plain(self) -> bool:
        """Whether it is what most people mean by the quantity."""
        return not self.who and self.title in PLAIN


class Match(NamedTuple):
    """A value that is the number, and the conventions that give it. `binary`: with K, M, G as powers of 1024."""

    quantity: str
    value: int
    conventions: tuple[Convention, ...]
    binary: bool


class Network(NamedTuple):
    """A network with its modules."""

    report: Report
    layers: tuple[tuple[Module, ...], ...]


def network(report: Report, header: Mapping[str, str]) -> Network:
    """A network as tools see it, with what the header of its spec says of it. Raises `ValueError` for symbols."""
    return Network(report, modules.modules(report, header))


def read(text: str, quantity: str | None = None) -> Wanted:
    """The number that a text is: `25,557,032`, `4.12G`, `4,12G`, `3.8e9`, `4.12 GFLOPs`, `98 MB`.

    Raises `ValueError` if it is none.
    """
    match = _NUMBER.fullmatch("".join(text.split())) if len(text) <= LONGEST else None
    parts = ("number", "unit", "word", "power")
    number, unit, word, power = (match[part] or "" for part in parts) if match else ("", "", "", "")
    number = _DECIMAL_COMMA.sub(".", number).replace(",", "")
    unit = {"million": "M", "billion": "B"}.get(unit.lower(), unit.upper().replace("I", "i"))
    given, word = read_number(number + unit), word.lower()
    if given is None:
        raise ValueError(f"{quote(text)} is no number; write it as 25557032, 4.12G, 25.6M or 98MB")
    binary = read_number(f"{number}{unit}i") if unit in {"K", "M", "G", "T"} else None
    quantities = (quantity,) if quantity else WORDS.get(word, QUANTITIES)
    wanted = Wanted(text.strip(), given.values[0], given.slack, binary, quantities, not unit + word + power)
    return wanted._replace(**_scaled(number, int(power))) if power else wanted


def _scaled(number: str, power: int) -> dict[str, Any]:
    """The value of `3.8e9`, and how far it may be off."""
    digits = number.lstrip("~≈").replace("_", "")
    step = Fraction(10) ** (power - len(digits.partition(".")[2]))
    value = Fraction(digits) * 10**power
    return {"value": value.numerator if value.denominator == 1 else value, "slack": step / 2 if step > 1 else 0}


# What the conventions give.


def conventions(network: Network) -> list[Convention]:
    """All conventions, our own first."""
    found = list(_own(network.report, network.layers))
    for tool in TOOLS.values():
        found += [
            Convention(_quantity(count), tool.name, count.figure.title, count.value, _terms(network, count))
            for count in modules.counts(tool, network.report, network.layers)
            if count.value is not None
        ]
    return found


def _quantity(count: Count) -> str:
    quantity = count.figure.quantity
    return quantity if quantity in QUANTITIES else "params"


def _own(report: Report, layers: Sequence[tuple[Module, ...]]) -> Iterator[Convention]:
    """The conventions that need no tool."""
    totals = report.totals
    params, both, macs, activations, products = map(
        whole,
        (totals.params, totals.params_with_non_trainable, totals.macs, totals.activations, totals.connections),
    )
    convolved = sum(module.macs for layer in layers for module in layer if module.name != "Linear")
    yield Convention("params", "", "trainable parameters", params)
    if both != params:
        yield Convention("params", "", "parameters, trained or not", both)
    yield Convention("params", "", "weights without biases", whole(totals.weights))
    yield Convention("macs", "", "multiply-accumulates", macs)
    yield Convention("macs", "", "multiply-accumulates of convolutions alone", convolved)
    yield Convention("macs", "", "multiply-accumulates and additions of biases", products)
    yield Convention("flops", "", "two for each multiply-accumulate", 2 * macs)
    yield Convention("flops", "", "two for each multiply-accumulate of convolutions alone", 2 * convolved)
    image = whole(report.graph.nodes[0].shape.size)
    yield Convention("activations", "", "values that are put out, and the input", activations)
    yield Convention("activations", "", "values that are put out", activations - image)
    suffix = f"as {report.dtype}"
    yield Convention("bytes", "", f"parameters {suffix}", whole(report.param_bytes(both)))
    if both != params:
        yield Convention("bytes", "", f"trainable parameters {suffix}", whole(report.param_bytes(params)))
    batch = f"{suffix}, batch of {report.batch}"
    yield Convention("bytes", "", f"activations and input {batch}", whole(report.activation_bytes(activations)))
    for optimizer, terms in report.training().items():
        yield Convention("bytes", "", f"training with {optimizer} {batch}", whole(terms["total"]))


def _terms(network: Network, count: Count) -> tuple[tuple[str, int], ...]:
    """What a tool counts besides multiply-accumulates, by the class of the modules."""
    per_mac = {"macs": 1, "flops": 2}.get(count.figure.quantity)
    if per_mac is None:
        return ()
    found: dict[str, int] = {}
    for layer in network.layers:
        for module in layer:
            more = (count.figure.rule(module) or 0) - per_mac * module.macs
            found[module.name] = found.get(module.name, 0) + more
    return tuple((name, more) for name, more in found.items() if more)


# Which of them give the number.


def matches(wanted: Wanted, known: Iterable[Convention]) -> list[Match]:
    """The values that are the number: an exact one first, then what most people mean, then the nearest.

    A megabyte may be 1024*1024 bytes.
    """
    known = [each for each in known if each.quantity in wanted.quantities]
    decimal = grouped(wanted, known, binary=False)
    if wanted.binary is None:
        return decimal
    return [*decimal, *grouped(in_binary(wanted), [each for each in known if each.quantity == "bytes"], binary=True)]


def in_binary(wanted: Wanted) -> Wanted:
    """The number with its K, M, G as powers of 1024."""
    assert wanted.binary is not None  # nobody asks otherwise
    return wanted._replace(value=wanted.binary.values[0], slack=wanted.binary.slack)


def grouped(wanted: Wanted, known: Iterable[Convention], *, binary: bool) -> list[Match]:
    """The values that are the number, each with all conventions that give it."""
    groups: dict[tuple[str, int], list[Convention]] = {}
    for each in known:
        if wanted.is_given_by(each.value):
            groups.setdefault((each.quantity, each.value), []).append(each)
    order = sorted(groups, key=lambda group: (_unlikely(groups[group]), abs(group[1] - wanted.value)))
    return [Match(quantity, value, tuple(groups[quantity, value]), binary) for quantity, value in order]


def _unlikely(some: Sequence[Convention]) -> int:
    """How far down conventions stand among those that people mean."""
    plain = [PLAIN.index(each.title) for each in some if each.plain]
    return min(plain, default=len(PLAIN))


def nearest(wanted: Wanted, known: Iterable[Convention]) -> list[Convention]:
    """The conventions by how near they come to the number, relatively; of equal values the first alone."""
    by_value = {
        (each.quantity, each.value): each for each in reversed(list(known)) if each.quantity in wanted.quantities
    }
    return sorted(by_value.values(), key=lambda each: abs(each.value - wanted.value) / (each.value + wanted.value + 1))
