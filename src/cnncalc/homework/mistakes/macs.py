"""Mistakes in multiply-accumulates, and in memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from cnncalc.algebra import Number
from cnncalc.homework.answers import QUANTITIES
from cnncalc.homework.mistakes.table import MACS, Asked, Wrong, mistake, shown
from cnncalc.prose import counted
from cnncalc.shapes import Shape, Spread
from cnncalc.spec.expressions import plain
from cnncalc.written import Written

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
    yield Wrong(asked.subject.counts.macs, "counts a multiply-accumulate as one operation; a product and a sum are two")


@entry("with-bias", "counts the additions of the biases", ("macs", "flops"), convention=True)
def with_bias_additions(asked: Asked) -> Iterator[Wrong]:
    """Macs + H'·W'·F."""
    facts = asked.record.facts
    if facts.connections != facts.macs:
        added = (*facts.factors, asked.output.dims)
        yield Wrong(asked.products(added), f"counts the {shown(asked.output.size)} additions of biases too")


@entry("macs-input-size", "uses the input's height and width for the output's", MACS)
def macs_input_size(asked: Asked) -> Iterator[Wrong]:
    """The products at each position of the input."""
    if asked.weighted:
        at_input = Shape(asked.input.extents, asked.output.channels)
        what = f"counts the positions of the input, {shown(asked.input.extents)}, for those of the output"
        yield Wrong(asked.products(asked.layer.macs(asked.input, at_input)), what)


@entry("macs-no-channels", "forgets the input channels", MACS)
def macs_no_channels(asked: Asked) -> Iterator[Wrong]:
    """H'·W'·k·k·F."""
    rank, factors = asked.input.rank, asked.record.facts.factors
    if rank and factors and all(len(numbers) == 2 * rank + 2 for numbers in factors):
        flat = [(*numbers[:-2], numbers[-1]) for numbers in factors]
        yield Wrong(asked.products(flat), f"forgets the {counted(factors[0][-2], 'input channel')}")


@entry("transposed-stride-squared", "counts a transposed convolution at its output's size", MACS)
def transposed_stride_squared(asked: Asked) -> Iterator[Wrong]:
    """The macs times s·s, and the products at each position of the output."""
    spreads = [one for one in asked.geometry if isinstance(one, Spread)]
    if spreads and asked.weighted:
        what = "counts each kernel at the output's positions; a transposed convolution has one at each input value"
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
            what = f"takes {float(number):.3g} {units[meant]} for {units[named]}"
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
    yield Wrong(values, f"counts values; each takes {counted(size, 'byte')}")
