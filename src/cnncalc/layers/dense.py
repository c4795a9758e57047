"""Fully connected layers, and the learnt factor and offset of a channel."""

from __future__ import annotations

from cnncalc.algebra import Number
from cnncalc.forward.tensor import Tensor, Weights, dot
from cnncalc.layers.arguments import Count, Flag
from cnncalc.layers.base import Array, Factors, LayerError, Learnt, arg, layer
from cnncalc.layers.conv import Weighted
from cnncalc.shapes import Shape


@layer("dense", "fc", "linear", keras="Dense", torch="Linear")
class Dense(Weighted):
    """Connects every value of a vector with every unit; with `pointwise`, at every position of a map."""

    units: Number = arg("number of units", Count(), positional=True)
    pointwise: bool = arg(
        "at every position by itself, as Keras does on a map", Flag(), default=False, words={"pointwise": True}
    )

    def check(self, *inputs: Shape) -> None:
        """A vector goes in, unless it is meant for every position."""
        super().check(*inputs)
        (shape,) = inputs
        if shape.rank and not self.pointwise:
            hint = (
                f"put `flatten` before it to connect all {shape.size} values, "
                "or add `pointwise` to connect the channels at every position"
            )
            raise LayerError(f"`dense` needs a vector, but gets {shape.described()}", hint=hint)

    def channels(self, shape: Shape) -> Number:  # noqa: ARG002
        """One for each unit."""
        return self.units

    def kernels(self, shape: Shape) -> tuple[Array, ...]:
        """In, out."""
        return (Array("kernel", (shape.channels, self.units), axes="i o", torch="o i"),)

    def macs(self, shape: Shape, output: Shape) -> Factors:
        """N_in * N_out, at every position."""
        return ((*output.extents, shape.channels, self.units),)

    def sums(self, x: Tensor, weights: Weights) -> Tensor:
        """The products with each unit's weights."""
        kernel = weights["kernel"]
        depth, units = kernel.dims
        by_unit = [kernel.values[unit::units] for unit in range(units)]
        rows = [x.values[start : start + depth] for start in range(0, len(x.values), depth)]
        values = [dot(zip(own, row, strict=True)) for row in rows for own in by_unit]
        return Tensor((*x.dims[:-1], units), values)


@layer("scale", keras=None, torch=None)
class Scale(Learnt):
    """A learnt factor for each channel."""

    mixes = False
    counted_as = "Parameter"

    def learnt(self, shape: Shape) -> tuple[Array, ...]:
        """One a channel."""
        return (Array("gamma", (shape.channels,)),)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:
        """gamma*x."""
        (x,) = inputs
        gamma = weights["gamma"].values
        return Tensor(x.dims, [gamma[index % len(gamma)] * value for index, value in enumerate(x.values)])


@layer("bias", keras=None, torch=None)
class Bias(Learnt):
    """A learnt offset for each channel."""

    mixes = False
    counted_as = "Parameter"

    def learnt(self, shape: Shape) -> tuple[Array, ...]:
        """One a channel."""
        return (Array("bias", (shape.channels,), "bias"),)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:
        """X + bias."""
        (x,) = inputs
        bias = weights["bias"].values
        return Tensor(x.dims, [value + bias[index % len(bias)] for index, value in enumerate(x.values)])
