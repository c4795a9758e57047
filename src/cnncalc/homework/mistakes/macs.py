"""Mistakes in multiply-accumulates, and in memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from cnncalc.algebra import Number, product
from cnncalc.homework.answers import QUANTITIES
from cnncalc.homework.mistakes.table import MACS, Asked, Wrong, mistake, shown
from cnncalc.prose import counted
from cnncalc.shapes import Shape, join
from cnncalc.spec.expressions import plain
from cnncalc.written import Written, added

entry = partial(mistake, additive=True)
# 2^20 bytes are a MiB, 10^6 an MB; the same for the units below and above.
BINARY, DECIMAL = 1024, 1000
MEMORY: Final = ("memory", "param-memory")
STEPS: Final = {"K": 1, "M": 2, "G": 3}


@mistake("flops-for-macs", "counts two operations for each multiply-accumulate", ("macs",), convention=True)
def flops_for_macs(asked: Asked) -> Iterator[Wrong]:
    """Twice the macs."""
    macs = Written.literal(asked.subject.counts.macs)
    yield Wrong(Written.literal(2) * macs, "counts two operations for each multiply-accumulate")


@mistake("macs-for-flops", "counts a multiply-accumulate as one operation", ("flops",), convention=True)
def macs_for_flops(asked: Asked) -> Iterator[Wrong]:
    """Half of the flops."""
    yield Wrong(
        asked.subject.counts.macs, "counts a multiply-accumulate as one operation, but it is a product and a sum"
    )


@entry("with-bias", "counts the additions of the biases", ("macs", "flops"), convention=True)
def with_bias_additions(asked: Asked) -> Iterator[Wrong]:
    """Macs + H'·W'·F."""
    facts = asked.record.facts
    if facts.connections != facts.macs:
        what = f"counts the {counted(asked.output.size, 'addition')} of biases too"
        if asked.quantity == "flops":
            yield Wrong(
                added([asked.products(facts.factors), product(tuple(map(Written.literal, asked.output.dims)))]), what
            )
        yield Wrong(asked.products((*facts.factors, asked.output.dims)), what)


@entry("macs-input-size", "uses the input's height and width for the output's", MACS)
def macs_input_size(asked: Asked) -> Iterator[Wrong]:
    """The products at each position of the input."""
    if asked.weighted:
        at_input = Shape(asked.input.extents, asked.output.channels)
        what = f"counts the {_positions(asked.input)} of the input for the {_positions(asked.output)} of the output"
        yield Wrong(asked.products(asked.layer.macs(asked.input, at_input), at_input), what)


def _positions(shape: Shape) -> str:
    """How many positions a shape has, as a size."""
    return f"{join(shape.extents)} positions" if shape.positions != 1 else "1 position"


@entry("groups-ignored", "ignores the groups", MACS)
def groups_ignored(asked: Asked) -> Iterator[Wrong]:
    """H'·W'·k·k·C·F."""
    groups = getattr(asked.layer, "groups", 1)
    if groups != 1:
        yield from _ordinary(asked, f"ignores the {counted(groups, 'group')}")


@entry("depthwise-as-full", "counts a depthwise or separable layer as an ordinary one, or half of it", MACS)
def depthwise_as_full(asked: Asked) -> Iterator[Wrong]:
    """The ordinary layer of the same window and filters; each of several kernels alone."""
    if not hasattr(asked.layer, "groups"):
        yield from _ordinary(asked, "counts it as an ordinary convolution")
    factors = asked.record.facts.factors
    if len(factors) > 1:
        for array, numbers in zip(asked.record.facts.arrays, factors, strict=False):
            yield Wrong(asked.products((numbers,)), f"counts the {array.name} part alone")


def _ordinary(asked: Asked, what: str) -> Iterator[Wrong]:
    """The products of the ordinary layer in the place of a thrifty one."""
    layer = asked.layer.ordinary(asked.input)
    if layer is not None:
        yield Wrong(asked.products(layer.macs(asked.input, asked.output)), what)


@entry("macs-no-channels", "forgets the input channels", MACS)
def macs_no_channels(asked: Asked) -> Iterator[Wrong]:
    """H'·W'·k·k·F."""
    rank, factors = asked.input.rank, asked.record.facts.factors
    if rank and factors and all(len(numbers) == 2 * rank + 2 for numbers in factors):
        flat = [(*numbers[:-2], numbers[-1]) for numbers in factors]
        yield Wrong(asked.products(flat), f"forgets the {counted(factors[0][-2], 'input channel')}")


@entry("one-filter", "counts one filter instead of all", MACS)
def one_filter(asked: Asked) -> Iterator[Wrong]:
    """H'·W'·k·k·C."""
    rank, factors = asked.input.rank, asked.record.facts.factors
    if rank and factors and all(len(numbers) == 2 * rank + 2 for numbers in factors):
        what = f"counts one filter instead of {shown(factors[-1][-1])}"
        yield Wrong(asked.products([numbers[:-1] for numbers in factors], asked.output._replace(channels=1)), what)


@entry("macs-no-positions", "counts the products of one position", MACS)
def macs_no_positions(asked: Asked) -> Iterator[Wrong]:
    """k·k·C·F."""
    rank, factors = asked.input.rank, asked.record.facts.factors
    if rank and asked.weighted and product(factors[0][:rank]) != 1:
        what = f"counts one position instead of {join(factors[0][:rank])}"
        yield Wrong(asked.products([numbers[rank:] for numbers in factors], Shape((), asked.output.channels)), what)


@entry("transposed-stride-squared", "counts a transposed convolution at its output's size", MACS)
def transposed_stride_squared(asked: Asked) -> Iterator[Wrong]:
    """The macs times s·s, and the products at each position of the output."""
    spreads = asked.spreads
    if spreads and asked.weighted:
        what = "counts the kernel at each output position, but it is laid on each input position"
        strides = tuple(one.stride for one in spreads)
        factors: list[tuple[Number, ...]] = [(*numbers, *strides) for numbers in asked.record.facts.factors]
        yield Wrong(asked.products(factors), what)
        at_output = [(*asked.output.extents, *numbers[len(spreads) :]) for numbers in asked.record.facts.factors]
        yield Wrong(asked.products(at_output), what)


@mistake("mib-for-mb", "gives MiB (2^20 bytes) for MB (10^6 bytes)", MEMORY, convention=True)
def mib_for_mb(asked: Asked) -> Iterator[Wrong]:
    """The number of MiB, called MB; the same for the units below and above."""
    yield from _other_unit(asked, DECIMAL, BINARY)


@mistake("mb-for-mib", "gives MB (10^6 bytes) for MiB (2^20 bytes)", MEMORY, convention=True)
def mb_for_mib(asked: Asked) -> Iterator[Wrong]:
    """The number of MB, called MiB; the same for the units below and above."""
    yield from _other_unit(asked, BINARY, DECIMAL)


def _other_unit(asked: Asked, named: int, meant: int) -> Iterator[Wrong]:
    """So many bytes as are said if the number is of the one unit, and its name of the other."""
    from fractions import Fraction  # noqa: PLC0415  only a question of bytes needs it

    size = QUANTITIES[asked.quantity].value(asked.subject)
    if isinstance(size, int):
        for letter, power in STEPS.items():
            units = {DECIMAL: f"{letter}B", BINARY: f"{letter}iB"}
            number = Fraction(size, meant**power)
            what = (
                f"bytes are {float(number):.3g} {units[named]}, but {float(number):.3g} is the number of {units[meant]}"
            )
            yield Wrong(plain(number * named**power), what)


@mistake("bytes-for-values", "counts bytes for values", ("activations", "params"))
def bytes_for_values(asked: Asked) -> Iterator[Wrong]:
    """Values times the bytes of one."""
    values, size = QUANTITIES[asked.quantity].value(asked.subject), asked.subject.bytes_per_value
    yield Wrong(Written.literal(values) * Written.literal(size), f"is in bytes, {size} for each value")


@mistake("values-for-bytes", "counts values for bytes", MEMORY)
def values_for_bytes(asked: Asked) -> Iterator[Wrong]:
    """Bytes over the bytes of a value."""
    size = asked.subject.bytes_per_value
    values = QUANTITIES[asked.quantity].value(asked.subject) // size
    yield Wrong(values, f"counts values, each of which takes {counted(size, 'byte')}")
