"""The network of small integers that `verify` runs, stated once: its values, its weights, and how sums become values.

A *value* is an integer v from -128 to 127 that stands for the number v/32, so that a layer sees numbers from -4
up to, but not including, 4. A layer computes by its own definition (`forward`) on those numbers. What comes out
is divided by 2**shift, rounded down to a whole number of 32nds, and clamped to the values.

*Weights* come from a seed, an array of a layer at a time, a byte each, in the order of the array:

* the weights of a layer that sums products (one with multiply-accumulates) are the integers -7 to 7: the three
  low bits of the byte, negative unless the fourth bit is set;
* everything else that a layer keeps (biases, factors and offsets, statistics, slopes) is 1, 2, 3 or 4: one more
  than the two low bits.

The *shift* is 0 but for layers that sum products. There it is the largest s with 4**s <= 8N, where N is the
number of products in a sum, but no less than the bits of N less 5. The weights' mean square is 17.5, so that sums
of N products, halved by a ReLU, keep about the size that the values had: they neither vanish nor all saturate.
Of a layer in two parts (a separable convolution) the shifts are added.

An activation that a layer ends in is a step of its own: the layer's sums become values, then it is computed.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any, Final, NamedTuple

from cnncalc.algebra import whole
from cnncalc.forward.tensor import Tensor, Weights
from cnncalc.layers import KINDS, Array, Layer
from cnncalc.shapes import Shape

LEAST: Final = -128
MOST: Final = 127
# A value v stands for v/UNIT.
UNIT: Final = 32
LARGEST_WEIGHT: Final = 7
# A byte of a stream as what it stands for: an integer weight, or one of the small positive numbers.
SIGNED: Final = tuple((byte & 7) if byte & 8 else -(byte & 7) for byte in range(256))
SMALL: Final = tuple(1 + (byte & 3) for byte in range(256))
# Streams are drawn in blocks of so many bytes, so that any part of them can be had without the rest.
BLOCK: Final = 1 << 16


@lru_cache(maxsize=4)
def _block(name: str, number: int) -> bytes:
    """One block of a stream."""
    return Random(f"{name}/{number}").randbytes(BLOCK)  # noqa: S311  nothing here is secret


def draw(name: str, first: int, stop: int) -> bytes:
    """The bytes `first` up to `stop` of the stream of that name: the same on every machine, in every process."""
    blocks = range(first // BLOCK, -(-stop // BLOCK))
    drawn = b"".join(_block(name, number) for number in blocks)
    return drawn[first - blocks.start * BLOCK : stop - blocks.start * BLOCK]


def clamped(number: Any, shift: int = 0) -> int:
    """The value that a number becomes: number*32/2**shift, rounded down, from -128 to 127.

    >>> clamped(0.99), clamped(-0.01), clamped(40), clamped(40, shift=5)
    (31, -1, 127, 40)
    """
    scaled = number * UNIT / (1 << shift) if isinstance(number, float) else Fraction(number * UNIT, 1 << shift)
    return LEAST if scaled <= LEAST else MOST if scaled >= MOST else math.floor(scaled)


def shift_of(products: int) -> int:
    """The shift behind sums of so many products.

    >>> shift_of(1), shift_of(27), shift_of(4608)
    (1, 3, 8)
    """
    return max(((8 * products).bit_length() - 1) // 2, products.bit_length() - 5)


def products_per_sum(layer: Layer, shape: Shape, output: Shape) -> list[int]:
    """How many products each sum of a layer has, the last part of the layer first; empty if it sums none."""
    counts = []
    sums = whole(output.size)
    for factors in reversed(layer.macs(shape, output)):
        products = math.prod(map(whole, factors))
        counts.append(max(products // sums, 1))
        sums = products // whole(output.channels)
    return counts


def shift(layer: Layer, shape: Shape, output: Shape) -> int:
    """The shift behind a layer."""
    return 0 if layer.merges else sum(map(shift_of, products_per_sum(layer, shape, output)))


def steps(layer: Layer) -> tuple[Layer, Layer | None]:
    """A layer without the activation that it ends in, and that activation as a layer."""
    name = getattr(layer, "activation", None)
    if name is None:
        return layer, None
    return changed(layer, activation=None), KINDS[name]()


def changed(layer: Layer, **values: Any) -> Layer:
    """The layer with other arguments."""
    arguments = {argument.name: getattr(layer, argument.name) for argument in layer.arguments}
    return type(layer)(rank=layer.rank, **(arguments | values))


class Stream(NamedTuple):
    """The seed and the layer that arrays are drawn for."""

    seed: int
    layer: int

    def name(self, array: str) -> str:
        """The name of the stream of one array."""
        return f"{self.seed}/{self.layer}/{array}"

    def bytes(self, array: str, first: int, stop: int) -> bytes:
        """The bytes behind some of an array's values."""
        return draw(self.name(array), first, stop)

    def numbers(self, array: Array, *, summed: bool) -> list[int]:
        """All values of an array; `summed` is true of the weights of a layer that sums products."""
        table = SIGNED if summed else SMALL
        return [table[byte] for byte in self.bytes(array.name, 0, whole(array.size))]

    def tensors(self, layer: Layer, shape: Shape, *, sums: bool) -> dict[str, Tensor]:
        """All arrays of a layer."""
        return {
            array.name: Tensor(
                tuple(map(whole, array.dims)), self.numbers(array, summed=sums and array.role == "weight")
            )
            for array in layer.arrays(shape)
        }


def as_numbers(x: Tensor) -> Tensor:
    """Values as the numbers that they stand for."""
    return Tensor(x.dims, [value / UNIT for value in x.values])


def computed(layer: Layer, inputs: list[Tensor], weights: Weights, by: int = 0) -> Tensor:
    """A layer's own definition on values, and what comes out as values again."""
    y = layer.forward(*map(as_numbers, inputs), weights=weights)
    return Tensor(y.dims, [clamped(number, by) for number in y.values])


def reference(layer: Layer, stream: Stream, *inputs: Tensor) -> Tensor:
    """The values that a layer makes of values, by its own definition and nothing else."""
    bare, activation = steps(layer)
    shapes = [x.shape for x in inputs]
    output = bare.output(*shapes)
    by = shift(bare, shapes[0], output)
    summed = not bare.merges and bool(bare.macs(shapes[0], output))
    weights = {} if bare.merges else stream.tensors(bare, shapes[0], sums=summed)
    y = computed(bare, list(inputs), weights, by)
    return y if activation is None else computed(activation, [y], {})
