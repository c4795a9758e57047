"""Activations: element by element, and softmax over the channels. As layers, and as words behind a layer."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Final

from cnncalc.forward.tensor import Tensor, Weights, apply, divide, largest, smallest, total
from cnncalc.layers.arguments import Choice, Decimal
from cnncalc.layers.base import ALIASES, KINDS, Array, Layer, Learnt, arg, layer
from cnncalc.shapes import Shape


class Activation(Layer):
    """A function of every value by itself."""

    mixes = False

    def value(self, x: Any) -> Any:
        """The function."""
        raise NotImplementedError

    def by_hand(self, x: Any, sign: int) -> Any:  # noqa: ARG002
        """The function as people work it out, where x has that sign; x itself where its name says enough."""
        return x

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """The function of every value."""
        (x,) = inputs
        return Tensor(x.dims, [apply(self.value, value) for value in x.values])


def _clip(x: Any, least: Any, most: Any) -> Any:
    return least if x < least else min(x, most)


def _sigmoid(x: Any) -> Any:
    """Written so that no exponential overflows."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _softplus(x: Any) -> Any:
    return max(x, 0) + math.log1p(math.exp(-abs(x)))


@layer("relu", keras="ReLU", torch="ReLU")
class Relu(Activation):
    """Zero for negative values: max(x, 0)."""

    def value(self, x: Any) -> Any:
        """max(x, 0)."""
        return max(x, 0)


@layer("relu6", keras="ReLU", torch="ReLU6")
class Relu6(Activation):
    """ReLU that stops at six: min(max(x, 0), 6)."""

    def value(self, x: Any) -> Any:
        """min(max(x, 0), 6)."""
        return _clip(x, 0, 6)


@layer("leakyrelu", keras="LeakyReLU", torch="LeakyReLU")
class LeakyRelu(Activation):
    """A small slope for negative values: x or slope*x."""

    slope: float = arg("the slope for negative values", Decimal(-1e6, 1e6), 0.01, positional=True)

    def value(self, x: Any) -> Any:
        """X, or slope*x."""
        return x if x >= 0 else self.slope * x

    def by_hand(self, x: Any, sign: int) -> Any:
        """slope*x, where it is negative."""
        return self.slope * x if sign < 0 else x


@layer("elu", keras="ELU", torch="ELU")
class Elu(Activation):
    """An exponential for negative values: x or alpha*(exp(x) - 1)."""

    alpha: float = arg("the limit for negative values, as a positive number", Decimal(-1e6, 1e6), 1.0, positional=True)

    def value(self, x: Any) -> Any:
        """X, or alpha*(exp(x) - 1)."""
        return x if x > 0 else self.alpha * math.expm1(x)

    def by_hand(self, x: Any, sign: int) -> Any:
        """alpha*(exp(x) - 1), where it is negative."""
        return (apply(math.exp, x) - 1) * self.alpha if sign < 0 else x


@layer("selu", keras="Activation", torch="SELU")
class Selu(Activation):
    """A scaled ELU whose constants keep mean and variance (Klambauer et al. 2017)."""

    SCALE: ClassVar[float] = 1.0507009873554804934193349852946
    ALPHA: ClassVar[float] = 1.6732632423543772848170429916717

    def value(self, x: Any) -> Any:
        """scale*x, or scale*alpha*(exp(x) - 1)."""
        return self.SCALE * (x if x > 0 else self.ALPHA * math.expm1(x))

    def by_hand(self, x: Any, sign: int) -> Any:
        """scale*x, or scale*alpha*(exp(x) - 1)."""
        return (apply(math.exp, x) - 1) * (self.SCALE * self.ALPHA) if sign < 0 else self.SCALE * x


@layer("gelu", keras="Activation", torch="GELU")
class Gelu(Activation):
    """The value times the normal distribution's probability of it: exact (erf), or by `tanh`."""

    approximate: str | None = arg("`tanh` for the approximation", Choice(("tanh",)), None, words={"tanh": "tanh"})

    def value(self, x: Any) -> Any:
        """x*Phi(x)."""
        if self.approximate:
            return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
        return 0.5 * x * (1 + math.erf(x / math.sqrt(2)))

    def by_hand(self, x: Any, sign: int) -> Any:  # noqa: ARG002
        """x*(1 + erf(x/sqrt(2)))/2."""
        if self.approximate:
            inner = (x + x * x * x * 0.044715) * math.sqrt(2 / math.pi)
            return x * (1 + apply(math.tanh, inner)) / 2
        return x * (1 + apply(math.erf, x / math.sqrt(2))) / 2


@layer("silu", "swish", keras="Activation", torch="SiLU")
class Silu(Activation):
    """The value times its sigmoid."""

    def value(self, x: Any) -> Any:
        """x*sigmoid(x)."""
        return x * _sigmoid(x)

    def by_hand(self, x: Any, sign: int) -> Any:  # noqa: ARG002
        """x/(1 + exp(-x))."""
        return x / (1 + apply(math.exp, -x))


@layer("mish", keras="Activation", torch="Mish")
class Mish(Activation):
    """The value times the hyperbolic tangent of its softplus."""

    def value(self, x: Any) -> Any:
        """x*tanh(softplus(x))."""
        return x * math.tanh(_softplus(x))

    def by_hand(self, x: Any, sign: int) -> Any:  # noqa: ARG002
        """x*tanh(log(1 + exp(x)))."""
        return x * apply(math.tanh, apply(math.log, 1 + apply(math.exp, x)))


@layer("hardswish", keras="Activation", torch="Hardswish")
class HardSwish(Activation):
    """The value times its hard sigmoid: x*min(max(x + 3, 0), 6)/6."""

    def value(self, x: Any) -> Any:
        """x*min(max(x + 3, 0), 6)/6."""
        return divide(x * _clip(x + 3, 0, 6), 6)

    def by_hand(self, x: Any, sign: int) -> Any:  # noqa: ARG002
        """The same."""
        return x * smallest((largest((x + 3, 0)), 6)) / 6


@layer("hardsigmoid", keras="Activation", torch="Hardsigmoid")
class HardSigmoid(Activation):
    """A sigmoid of three straight pieces: min(max(x + 3, 0), 6)/6."""

    def value(self, x: Any) -> Any:
        """min(max(x + 3, 0), 6)/6."""
        return divide(_clip(x + 3, 0, 6), 6)

    def by_hand(self, x: Any, sign: int) -> Any:  # noqa: ARG002
        """The same."""
        return smallest((largest((x + 3, 0)), 6)) / 6


@layer("sigmoid", keras="Activation", torch="Sigmoid")
class Sigmoid(Activation):
    """Between 0 and 1: 1/(1 + exp(-x))."""

    def value(self, x: Any) -> Any:
        """1/(1 + exp(-x))."""
        return _sigmoid(x)

    def by_hand(self, x: Any, sign: int) -> Any:  # noqa: ARG002
        """The same."""
        return 1 / (1 + apply(math.exp, -x))


@layer("tanh", keras="Activation", torch="Tanh")
class Tanh(Activation):
    """Between -1 and 1: the hyperbolic tangent."""

    def value(self, x: Any) -> Any:
        """tanh(x)."""
        return math.tanh(x)


@layer("softplus", keras="Activation", torch="Softplus")
class Softplus(Activation):
    """A smooth ReLU: log(1 + exp(x))."""

    def value(self, x: Any) -> Any:
        """log(1 + exp(x))."""
        return _softplus(x)

    def by_hand(self, x: Any, sign: int) -> Any:  # noqa: ARG002
        """The same."""
        return apply(math.log, 1 + apply(math.exp, x))


@layer("softsign", keras="Activation", torch="Softsign")
class Softsign(Activation):
    """Between -1 and 1: x/(1 + |x|)."""

    def value(self, x: Any) -> Any:
        """x/(1 + |x|)."""
        return divide(x, 1 + abs(x))

    def by_hand(self, x: Any, sign: int) -> Any:
        """The same."""
        return x / (1 - x if sign < 0 else 1 + x)


@layer("softmax", keras="Softmax", torch="Softmax")
class Softmax(Activation):
    """Over the channels: exp(x)/sum of exp, so that they add up to 1."""

    mixes = True

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """exp(x - max)/sum, at every position."""
        (x,) = inputs
        channels = x.dims[-1]
        values: list[Any] = []
        for start in range(0, len(x.values), channels):
            row = x.values[start : start + channels]
            top = largest(row)
            powers = [apply(math.exp, value - top) for value in row]
            values += [divide(power, total(powers)) for power in powers]
        return Tensor(x.dims, values)


# The activations that may stand as a word behind a layer: `conv 32 3x3 relu`, with their defaults.
ACTIVATIONS: Final = tuple(name for name, kind in KINDS.items() if issubclass(kind, Activation))
ACTIVATION_WORDS: Final = {alias: name for alias, name in ALIASES.items() if name in ACTIVATIONS}


@layer("prelu", keras="PReLU", torch="PReLU")
class Prelu(Learnt):
    """A learnt slope for negative values, one a channel (He et al. 2015), `shared`, or one for `each` value."""

    mixes = False

    slopes: str = arg(
        "`shared`: one for the whole layer; `each`: one a value; else one a channel",
        Choice(("channel", "shared", "each")),
        "channel",
        words={"shared": "shared", "each": "each"},
    )

    def learnt(self, shape: Shape) -> tuple[Array, ...]:
        """The slopes."""
        dims = {"channel": (shape.channels,), "shared": (1,), "each": shape.dims}[self.slopes]
        return (Array("alpha", dims),)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:
        """X, or alpha*x."""
        (x,) = inputs
        alpha = weights["alpha"]
        count = len(alpha.values)
        values = [apply(_prelu, value, alpha.values[index % count]) for index, value in enumerate(x.values)]
        return Tensor(x.dims, values)


def _prelu(value: Any, slope: Any) -> Any:
    return value if value >= 0 else slope * value


def activated(name: str | None, x: Tensor) -> Tensor:
    """A tensor behind the activation of that name; as it is without one."""
    if name is None:
        return x
    activation = KINDS[name]()
    return activation.forward(x, weights={})
