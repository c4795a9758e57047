"""What stands between a number that somebody has and the nearest convention, where none gives it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations, islice, product
from typing import Final, NamedTuple, Protocol

from cnncalc.algebra import whole
from cnncalc.counting.conventions import (
    Convention,
    Match,
    Network,
    Wanted,
    conventions,
    grouped,
    in_binary,
    matches,
    nearest,
    read,
)
from cnncalc.counting.modules import Module
from cnncalc.counting.rules import KNOWN, POOLS, PRODUCTS
from cnncalc.infer import Record
from cnncalc.prose import counted

# Numbers of classes that people train for, the commonest first: where several fit a rounded number, one is meant.
CLASSES: Final = (1000, 10, 100, 2, 1, 21, 20, 80, 91, 101, 102, 200, 3, 5, 4, 6, 7, 8, 9, 43, 120, 196, 365, 1001,
                  10000, 21841, 21843)  # fmt: skip
MOST_CLASSES: Final = 30_000
# Edges of images that people give to networks.
EDGES: Final = (28, 32, 64, 96, 112, 128, 160, 192, 200, 224, 227, 240, 256, 260, 288, 299, 300, 320, 331, 352, 380,
                384, 400, 416, 448, 456, 480, 512, 513, 528, 572, 600, 608, 640, 768, 800, 1024, 1280)  # fmt: skip
LARGEST_BATCH: Final = 1024
# A number below this, which has no unit, may lack it.
SMALLEST: Final = 10_000
UNITS: Final = ("M", "G")
# So many of the nearest conventions are shown, and so many explanations.
NEAREST: Final = 5
MOST: Final = 5


class Term(NamedTuple):
    """Something that one may count, or not. `group`: of more than one layer.

    `inside`: parameters that are trained, or multiply-accumulates, which a total has in it already.
    """

    text: str
    value: int
    group: bool = True
    inside: bool = False


def terms(network: Network, quantity: str) -> list[Term]:
    """What may have been counted besides, or left out: of the last layer, of a kind of layer, and of any layer."""
    every = [module for layer in network.layers for module in layer]
    learning = [record for record in network.report.records if record.facts.arrays]
    found = []
    for last in learning[-1:]:
        found += _layer_terms(last, f"{last.name}, the last layer with parameters", quantity)
    found += _parameter_terms(every) if quantity == "params" else _operation_terms(every)
    for record in learning[:-1]:
        found += [term._replace(group=False) for term in _layer_terms(record, record.name, quantity)]
    return [*{term.value: term for term in reversed(found) if term.value}.values()][::-1]


def _layer_terms(record: Record, name: str, quantity: str) -> list[Term]:
    """What one layer has."""
    if quantity == "params":
        return [
            Term(f"the parameters of {name}", whole(record.params), inside=True),
            Term(f"the biases of {name}", whole(record.facts.biases), inside=True),
        ]
    operations, scale = ("flops", 2) if quantity == "flops" else ("multiply-accumulates", 1)
    return [Term(f"the {operations} of {name}", scale * whole(record.macs), inside=True)]


def _sum(every: Iterable[Module], *names: str) -> list[Module]:
    return [module for module in every if module.name in names]


def _parameter_terms(every: Sequence[Module]) -> Iterator[Term]:
    """Groups of parameters."""
    bare = [module for module in _sum(every, *PRODUCTS) if not module.facts.biases]
    yield Term(
        "the moving statistics of batch normalisation, which are not trained",
        sum(whole(module.facts.non_trainable) for module in _sum(every, "BatchNorm")),
    )
    yield Term(
        "the factors and offsets of batch normalisation",
        sum(module.parameters for module in _sum(every, "BatchNorm")),
        inside=True,
    )
    yield Term("all biases", sum(whole(module.facts.biases) for module in every), inside=True)
    yield Term(
        f"a bias for every filter of the {counted(len(bare), 'layer')} that {'has' if len(bare) == 1 else 'have'} none",
        sum(whole(module.output.channels) for module in bare),
    )
    dense = sum(module.parameters for module in _sum(every, "Linear"))
    yield Term("the parameters of all dense layers", dense, inside=True)


def _operation_terms(every: Sequence[Module]) -> Iterator[Term]:
    """Groups of operations other than multiply-accumulates."""
    yield Term("the additions of biases", sum(module.bias_additions for module in every))
    for name in sorted({module.name for module in every} & (KNOWN - {*PRODUCTS, "Parameter", "Tensor"})):
        values = sum(module.values_in for module in _sum(every, name))
        yield Term(f"one for each value that goes into {name}", values)
        yield Term(f"two for each value that goes into {name}", 2 * values)
    pools = sum(module.values_in for module in _sum(every, *POOLS))
    yield Term("one for each value that goes into a pool", pools)
    dense = sum(module.macs for module in _sum(every, "Linear"))
    yield Term("the multiply-accumulates of all dense layers", dense, inside=True)


def _cut(wanted: Wanted, known: Iterable[Convention]) -> Iterator[str]:
    """What people mean whose digits are cut off: 25,557,032 as 25.5M."""
    for each in known:
        if each.plain and each.quantity in wanted.quantities and wanted.is_cut_from(each.value):
            yield f"{each.value:,} ({each.text})"


def _cut_off(wanted: Wanted, known: Iterable[Convention]) -> Iterator[str]:
    """The same, of the network itself."""
    return (f"{value}, cut off and not rounded" for value in _cut(wanted, known))


def _without_unit(wanted: Wanted, known: Sequence[Convention]) -> Iterator[str]:
    """A small number may lack its unit: 65.86 for 65.86G."""
    if wanted.value < SMALLEST and wanted.bare:
        for unit in UNITS:
            scaled = read(f"{wanted.text}{unit}")._replace(quantities=wanted.quantities)
            for match in matches(scaled, [each for each in known if each.plain]):
                yield f"{_matched(match)}, if {wanted.text}{unit} is meant"


def _doubled(wanted: Wanted, order: Iterable[Convention]) -> Iterator[str]:
    """Flops for macs, or the other way round."""
    for each in order:
        if each.quantity in {"macs", "flops"}:
            if wanted.is_given_by(2 * each.value):
                yield f"twice {each.value:,} ({each.text}): two operations for each"
            elif each.value % 2 == 0 and (each.plain or not wanted.slack) and wanted.is_given_by(each.value // 2):
                yield f"half of {each.value:,} ({each.text})"


def _with_terms(wanted: Wanted, network: Network, order: Sequence[Convention]) -> Iterator[str]:
    """A term more or less; for a number that is not rounded also any layer, and if there is none, two terms.

    A rounded number has many sums that come near it: only what people mean counts there, without a part of it, or
    with something besides; and something besides only if the number has three digits.
    """
    exact = wanted.slack == 0
    known = {quantity: terms(network, quantity) for quantity in ("params", "macs", "flops")}
    counted = [each for each in order if each.quantity in known and (exact or each.plain)]
    found = [
        _sentence(wanted, each, ((sign, term),))
        for each in counted
        for term in known[each.quantity]
        for sign in (1, -1)
        if (exact or _is_usual(wanted, term, sign)) and wanted.is_given_by(each.value + sign * term.value)
    ]
    yield from found
    if exact and not found:
        yield from _with_two_terms(wanted, known, counted)


def _is_usual(wanted: Wanted, term: Term, sign: int) -> bool:
    """Whether people leave that out of a rounded number, or count it besides."""
    return term.group and (sign < 0 if term.inside else sign > 0 and not wanted.is_coarse)


def _with_two_terms(
    wanted: Wanted, known: Mapping[str, Sequence[Term]], counted: Iterable[Convention]
) -> Iterator[str]:
    """Two terms of groups of layers, each more or less."""
    for each in counted:
        groups = [term for term in known[each.quantity] if term.group]
        for pair in combinations(groups, 2):
            for signs in product((1, -1), repeat=2):
                added = tuple(zip(signs, pair, strict=True))
                if wanted.value == each.value + sum(sign * term.value for sign, term in added):
                    yield _sentence(wanted, each, added)


def _sentence(wanted: Wanted, each: Convention, added: tuple[tuple[int, Term], ...]) -> str:
    """`25,610,152 (parameters, trained or not) + 26,560 (a bias …) = 25,636,712`."""
    result = each.value + sum(sign * term.value for sign, term in added)
    parts = " ".join(f"{'+' if sign > 0 else '-'} {term.value:,} ({term.text})" for sign, term in added)
    return f"{each.value:,} ({each.text}) {parts} = {result:,}" + _rounded(wanted)


def _rounded(wanted: Wanted) -> str:
    return f", which rounds to {wanted.text}" if wanted.slack else ""


def _with_powers_of_1024(wanted: Wanted, known: Iterable[Convention]) -> Iterator[str]:
    """As a README of thop once had it; said of a number with three digits, because two fit too much."""
    if wanted.binary is None or wanted.is_coarse:
        return
    for match in grouped(in_binary(wanted), known, binary=True):
        yield f"{_matched(match)} with K, M and G as powers of 1024{_rounded(wanted)}"


def _batched(wanted: Wanted, known: Iterable[Convention]) -> Iterator[str]:
    """A batch of several; of a rounded number only a power of two, because something always fits."""
    for each in known:
        if each.quantity not in {"macs", "flops", "activations"} or not 0 < 2 * each.value < wanted.value:
            continue
        times = round(wanted.value / each.value)
        usual = times & (times - 1) == 0 and not wanted.is_coarse
        if times <= LARGEST_BATCH and (wanted.slack == 0 or usual) and wanted.is_given_by(times * each.value):
            yield f"{times} times {each.value:,} ({each.text}): a batch of {times}{_rounded(wanted)}"


def classes(wanted: Wanted, one: Sequence[Convention], two: Sequence[Convention]) -> str | None:
    """Another number of classes, from the conventions with one class and with two."""
    for first, second in zip(one, two, strict=True):
        slope = second.value - first.value
        if first.quantity not in {"params", "macs", "flops"} & {*wanted.quantities} or slope <= 0:
            continue
        least = 1 - (first.value - wanted.value + wanted.slack) // slope
        most = 1 + (wanted.value + wanted.slack - first.value) // slope
        only = [least] * (least == most and first.quantity == "params")
        fitting = [number for number in CLASSES if least <= number <= most] or only
        if fitting and 1 <= fitting[0] <= MOST_CLASSES:
            value, number = first.value + (fitting[0] - 1) * slope, counted(fitting[0], "class")
            return f"{value:,} ({first.text}) with {number}: --set classes={fitting[0]}{_rounded(wanted)}"
    return None


def edges(wanted: Wanted, image: int, near: Iterable[Convention]) -> list[int]:
    """The edges of square images for which a convention may give the number, as it grows about with their area."""
    first = {each.quantity: each for each in reversed(list(near)) if each.quantity != "params" and each.value}
    areas = [wanted.value / each.value * image * image for each in first.values()]
    return [edge for edge in EDGES if edge != image and any(0.75 * area < edge * edge < 1.33 * area for area in areas)]


# The whole answer.


class Result(NamedTuple):
    """What was found: the matches; where there are none, the nearest conventions and what explains the number."""

    wanted: Wanted
    matches: tuple[Match, ...]
    nearest: tuple[Convention, ...]
    explanations: tuple[str, ...]


class Variants(Protocol):
    """The network with another input, or other params; None if there is no such network."""

    def __call__(self, *, input: str | None = None, set: Mapping[str, str] | None = None) -> Network | None:  # noqa: A002
        """The variant."""


def reconcile(wanted: Wanted, network: Network, vary: Variants, related: Iterable[tuple[str, Network]]) -> Result:
    """The conventions that give a number; else the nearest ones, and up to five ways from one of them to it.

    `related` are other networks of that name, which may be meant.
    """
    known = conventions(network)
    found = tuple(matches(wanted, known))
    if found:
        plain = any(each.plain for match in found for each in match.conventions)
        return Result(wanted, found, (), () if plain else tuple(_cut_off(wanted, known)))
    near = nearest(wanted, known)
    distinct = [each for each in known if each in near]
    ways = chain(
        _without_unit(wanted, known),
        _cut_off(wanted, distinct),
        _doubled(wanted, distinct),
        _other_networks(wanted, known, related),
        _other_classes(wanted, vary),
        _with_terms(wanted, network, distinct),
        _other_images(wanted, network, near, vary),
        _with_powers_of_1024(wanted, distinct),
        _batched(wanted, distinct),
    )
    return Result(wanted, (), tuple(near[:NEAREST]), tuple(islice(dict.fromkeys(ways), MOST)))


def _other_classes(wanted: Wanted, vary: Variants) -> Iterator[str]:
    one, two = vary(set={"classes": "1"}), vary(set={"classes": "2"})
    found = classes(wanted, conventions(one), conventions(two)) if one and two else None
    if found:
        yield found


def _other_images(wanted: Wanted, network: Network, near: Sequence[Convention], vary: Variants) -> Iterator[str]:
    """Another size of a square image; with fewer than two digits, one always fits."""
    shape = network.report.graph.nodes[0].shape
    if shape.rank != 2 or shape.extents[0] != shape.extents[1] or wanted.slack * 100 > wanted.value:
        return
    for edge in edges(wanted, whole(shape.extents[0]), near):
        size = f"{edge}x{edge}x{shape.channels}"
        other = vary(input=size)
        known = conventions(other) if other else []
        fitting = (each for each in known if each.quantity in wanted.quantities and wanted.is_given_by(each.value))
        for each in islice(fitting, 1):
            yield f"{each.value:,} ({each.text}) on {edge}x{edge}: --input {size}{_rounded(wanted)}"


def _other_networks(wanted: Wanted, own: Iterable[Convention], related: Iterable[tuple[str, Network]]) -> Iterator[str]:
    """Each once, however many conventions give the number there, and only if it is another one than before."""
    seen = {each.value for each in own}
    for name, other in related:
        known = [each for each in conventions(other) if each.value not in seen and (not wanted.is_coarse or each.plain)]
        seen |= {each.value for each in known}
        found = [
            f"{_matched(match)} of another network, `{name}`{_rounded(wanted)}" for match in matches(wanted, known)
        ]
        cut = (f"{value} of another network, `{name}`, cut off and not rounded" for value in _cut(wanted, known))
        yield from islice(chain(found, cut), 1)


def _matched(match: Match) -> str:
    return f"{match.value:,} ({match.conventions[0].text})"
