"""Normalisation: by kept statistics, by those of the map itself, and by neighbouring channels."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from cnncalc.algebra import Number, same
from cnncalc.forward.tensor import Tensor, Weights, apply, divide, total
from cnncalc.layers.arguments import Count, Decimal, Decimals, Flag
from cnncalc.layers.base import Array, Layer, LayerError, Learnt, arg, check_groups, layer, partial_kind
from cnncalc.layers.conv import MAPS
from cnncalc.prose import counted
from cnncalc.shapes import SAME_PLACE, Geometry, Shape, Whole


def _epsilon() -> Any:
    """The `eps` of a kind, as it stands in every one of them."""
    return arg("what is added to the variance", Decimal(0, 1), 1e-5)


@partial_kind
class Normalising(Learnt):
    """Values with mean 0 and variance 1, then scaled and shifted by what is learnt."""

    def parameters(self, *, scale: bool, center: bool, dims: tuple[Number, ...]) -> tuple[Array, ...]:
        """The factors and the offsets, where it has them."""
        gamma = Array("gamma", dims, axes="* c", torch="c *")
        beta = gamma._replace(name="beta", role="bias")
        return (*(gamma,) * scale, *(beta,) * center)

    def rescaled(self, x: Tensor, weights: Weights) -> Tensor:
        """gamma*x + beta, where it has them; one for each channel, or one for each value."""
        values = x.values
        if "gamma" in weights:
            gamma = weights["gamma"].values
            values = [gamma[index % len(gamma)] * value for index, value in enumerate(values)]
        if "beta" in weights:
            beta = weights["beta"].values
            values = [value + beta[index % len(beta)] for index, value in enumerate(values)]
        return Tensor(x.dims, values)


@partial_kind
class Affine(Normalising):
    """A normalisation whose scale and shift can be left out one by one."""

    scale: bool = arg("whether it multiplies by a learnt factor", Flag(), default=True, words={"noscale": False})
    center: bool = arg("whether it adds a learnt offset", Flag(), default=True, words={"nocenter": False})
    eps: float = _epsilon()

    def affine_dims(self, shape: Shape) -> tuple[Number, ...]:
        """One factor and one offset for each channel."""
        return (shape.channels,)

    def learnt(self, shape: Shape) -> tuple[Array, ...]:
        """Factors and offsets."""
        return self.parameters(scale=self.scale, center=self.center, dims=self.affine_dims(shape))


@layer("bn", "batchnorm", keras="BatchNormalization", torch="BatchNorm{rank}d")
class Bn(Affine):
    """Batch normalisation by its moving mean and variance, which are kept but not trained."""

    mixes = False

    def learnt(self, shape: Shape) -> tuple[Array, ...]:
        """Factors, offsets, and the moving statistics of each channel."""
        kept = (Array(name, (shape.channels,), "statistic", trainable=False) for name in ("mean", "variance"))
        return (*super().learnt(shape), *kept)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:
        """gamma*(x - mean)/sqrt(variance + eps) + beta."""
        (x,) = inputs
        mean = weights["mean"].values
        roots = [apply(math.sqrt, variance + self.eps) for variance in weights["variance"].values]
        channels = len(mean)
        values = [divide(x_i - mean[i % channels], roots[i % channels]) for i, x_i in enumerate(x.values)]
        return self.rescaled(Tensor(x.dims, values), weights)


def standardised(x: Tensor, eps: float, part: Callable[[int], Hashable]) -> Tensor:
    """(x - mean)/sqrt(variance + eps), where each `part` of the values, by their index, has its own statistics.

    The variance is that of the values themselves: it divides by their number.
    """
    parts: dict[Hashable, list[int]] = {}
    for index in range(len(x.values)):
        parts.setdefault(part(index), []).append(index)
    values: list[Any] = [None] * len(x.values)
    for members in parts.values():
        mean = divide(total(x.values[index] for index in members), len(members))
        differences = [x.values[index] - mean for index in members]
        variance = divide(total(difference * difference for difference in differences), len(members))
        root = apply(math.sqrt, variance + eps)
        for index, difference in zip(members, differences, strict=True):
            values[index] = divide(difference, root)
    return Tensor(x.dims, values)


def whole_map(shape: Shape) -> tuple[Geometry, ...]:
    """Every position reads every other: statistics of a whole map."""
    return tuple(Whole(extent, extent) for extent in shape.extents)


@layer("ln", "layernorm", keras="LayerNormalization", torch="LayerNorm")
class Ln(Affine):
    """Layer normalisation over the channels at each position, or over the `whole` map."""

    whole: bool = arg("over all values of the map, not at each position", Flag(), default=False, words={"whole": True})

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """The same position, or the whole map."""
        return whole_map(shape) if self.whole else (SAME_PLACE,) * shape.rank

    def affine_dims(self, shape: Shape) -> tuple[Number, ...]:
        """One factor and one offset for each channel, or for each value."""
        return shape.dims if self.whole else (shape.channels,)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:
        """gamma*(x - mean)/sqrt(variance + eps) + beta."""
        (x,) = inputs
        channels = len(x.values) if self.whole else x.dims[-1]
        return self.rescaled(standardised(x, self.eps, lambda index: index // channels), weights)


@layer("gn", "groupnorm", keras="GroupNormalization", torch="GroupNorm")
class Gn(Affine):
    """Group normalisation: over the whole map, each group of neighbouring channels by itself (Wu & He 2018)."""

    groups: Number = arg("number of groups", Count(), positional=True)

    def check(self, *inputs: Shape) -> None:
        """The groups divide the channels."""
        super().check(*inputs)
        check_groups(self.groups, inputs[0].channels, "channel")

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """The whole map."""
        return whole_map(shape)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:
        """gamma*(x - mean)/sqrt(variance + eps) + beta."""
        (x,) = inputs
        channels = x.dims[-1]
        of_group = channels // self.groups
        return self.rescaled(standardised(x, self.eps, lambda index: index % channels // of_group), weights)


@layer("instancenorm", keras=None, torch="InstanceNorm{rank}d")
class InstanceNorm(Normalising):
    """Instance normalisation: over the whole map, each channel by itself; `affine` learns a scale and a shift."""

    mixes = False
    ranks = MAPS

    affine: bool = arg("whether it learns a factor and an offset", Flag(), default=False, words={"affine": True})
    eps: float = _epsilon()

    def learnt(self, shape: Shape) -> tuple[Array, ...]:
        """Factors and offsets, with `affine`."""
        return self.parameters(scale=self.affine, center=self.affine, dims=(shape.channels,))

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """The whole map."""
        return whole_map(shape)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:
        """(x - mean)/sqrt(variance + eps), and with `affine` gamma times that + beta."""
        (x,) = inputs
        channels = x.dims[-1]
        return self.rescaled(standardised(x, self.eps, lambda index: index % channels), weights)


@layer("lrn", keras=None, torch="LocalResponseNorm")
class Lrn(Layer):
    """Local response normalisation: each value over a power of the squares of its neighbouring channels.

    alpha is divided by the size, as in PyTorch and Caffe; AlexNet's paper has k = 2, and does not divide.
    """

    ranks = MAPS

    size: Number = arg("how many neighbouring channels", Count(), 5, positional=True, always=True)
    alpha: float = arg("factor of the sum of squares, before it is divided by the size", Decimal(-1e6, 1e6), 1e-4)
    beta: float = arg("exponent", Decimal(-1e6, 1e6), 0.75)
    k: float = arg("what is added to the sum", Decimal(-1e6, 1e6), 1.0)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """x/(k + alpha/size * sum of x**2)**beta, over the channels c - size//2 up to c + (size - 1)//2."""
        (x,) = inputs
        channels, before, after = x.dims[-1], self.size // 2, (self.size - 1) // 2
        factor = self.alpha / self.size  # type: ignore[operator]  # a forward pass has no symbols
        values: list[Any] = []
        for start in range(0, len(x.values), channels):
            row = x.values[start : start + channels]
            for channel in range(channels):
                near = row[max(channel - before, 0) : channel + after + 1]  # type: ignore[index]
                values.append(divide(row[channel], self.divisor(near, factor)))
        return Tensor(x.dims, values)

    def divisor(self, near: Iterable[Any], factor: float) -> Any:
        """(k + factor * sum of squares)**beta."""
        return apply(math.pow, self.k + factor * total(value * value for value in near), self.beta)


@layer("normalization", keras="Normalization", torch=None)
class Normalization(Learnt):
    """Keras's input scaling: by the mean and variance of each channel, which were counted, or are constants."""

    mixes = False

    mean: tuple[float, ...] | None = arg("the mean, where it is a constant", Decimals(Decimal(-1e6, 1e6)), None)
    variance: tuple[float, ...] | None = arg("the variance, where it is a constant", Decimals(Decimal(0, 1e12)), None)

    def check(self, *inputs: Shape) -> None:
        """Both constants or none, and one for each channel."""
        super().check(*inputs)
        for name, given, other in (("mean", self.mean, self.variance), ("variance", self.variance, self.mean)):
            if given is not None and other is None:
                raise LayerError("a constant mean and a constant variance go together", at=name)
            if given is not None and len(given) != 1 and not same(inputs[0].channels, len(given)):
                has = f"{counted(len(given), 'number')} for {counted(inputs[0].channels, 'channel')}"
                raise LayerError(f"{name} has {has}", at=name)

    def learnt(self, shape: Shape) -> tuple[Array, ...]:
        """The mean and variance of each channel, and of how many examples; nothing where they are constants."""
        if self.mean is not None:
            return ()
        dims = {"mean": (shape.channels,), "variance": (shape.channels,), "count": (1,)}
        return tuple(Array(name, size, "statistic", trainable=False) for name, size in dims.items())

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:
        """(x - mean)/sqrt(variance), where the root is at least 1e-7 (Keras's epsilon)."""
        (x,) = inputs
        mean, variance = self.mean or weights["mean"].values, self.variance or weights["variance"].values
        roots = [apply(_root, value) for value in variance]
        values = [divide(x_i - mean[i % len(mean)], roots[i % len(roots)]) for i, x_i in enumerate(x.values)]
        return Tensor(x.dims, values)


def _root(variance: Any) -> float:
    return max(math.sqrt(variance), 1e-7)


@layer("rescale", keras="Rescaling", torch=None)
class Rescale(Layer):
    """Every value times a constant factor, plus a constant offset."""

    mixes = False
    counted_as = "Tensor"

    factor: float = arg("what every value is multiplied by", Decimal(-1e6, 1e6), positional=True)
    offset: float = arg("what is added to the product", Decimal(-1e6, 1e6), 0.0)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """factor*x + offset."""
        (x,) = inputs
        return Tensor(x.dims, [self.factor * value + self.offset for value in x.values])
