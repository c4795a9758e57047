"""The rules by which tools count, for the modules of PyTorch one by one, as the tools' own code has them.

What was not held against a tool is not known, and not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Final, TypeAlias

from cnncalc.algebra import whole
from cnncalc.counting.modules import MODULE, OPERATOR, SUBCLASS, Module, Rule
from cnncalc.layers.conv import Sliding
from cnncalc.layers.resample import Resampled
from cnncalc.shapes import Spread, Window

# Modules that were held against the tools. What a tool has no rule for it takes as nothing.
KNOWN: Final = frozenset((
    "Conv", "ConvTranspose", "Linear", "MaxPool", "AvgPool", "AdaptiveAvgPool", "AdaptiveMaxPool", "LPPool",
    "BatchNorm", "InstanceNorm", "GroupNorm", "LayerNorm", "LocalResponseNorm", "ReLU", "ReLU6", "LeakyReLU", "ELU",
    "SELU", "GELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid", "Sigmoid", "Tanh", "Softplus", "Softsign", "Softmax",
    "PReLU", "Identity", "Dropout", "ZeroPad", "Upsample", "UpsampleTo", "PixelShuffle", "ChannelShuffle", "Add",
    "Multiply", "Average", "Maximum", "Concatenate", "Tensor", "Parameter",
))  # fmt: skip
CONVOLUTIONS: Final = ("Conv", "ConvTranspose")
PRODUCTS: Final = (*CONVOLUTIONS, "Linear")
POOLS: Final = ("MaxPool", "AvgPool", "AdaptiveMaxPool", "AdaptiveAvgPool")
NORMS: Final = ("GroupNorm", "LayerNorm", "InstanceNorm")
Rules: TypeAlias = Mapping[str, Rule]


# What may be counted for a module.


def nothing(_: Module) -> int:
    """Zero."""
    return 0


def unknown(_: Module) -> None:
    """Not held against the tool."""


def macs(module: Module) -> int:
    """Multiply-accumulates."""
    return module.macs


def flops(module: Module) -> int:
    """Two for each multiply-accumulate."""
    return 2 * module.macs


def biased(module: Module) -> int:
    """Multiply-accumulates, and one for each addition of a bias."""
    return module.macs + module.bias_additions


def values_in(module: Module) -> int:
    """One for each value that goes in."""
    return module.values_in


def values_out(module: Module) -> int:
    """One for each value that comes out."""
    return module.values_out


def each_value(plain: int, affine: int) -> Rule:
    """So many for each value that goes in: of a normalisation without learnt factors, and with them."""
    return lambda module: module.values_in * (affine if module.scales else plain)


def parameters(module: Module) -> int:
    """What PyTorch holds as parameters, trained or frozen."""
    return module.parameters


def trainable(module: Module) -> int:
    """The parameters that are trained."""
    return whole(module.facts.trainable)


def every_kept(module: Module) -> int:
    """Parameters and moving statistics."""
    return whole(module.facts.trainable) + whole(module.facts.non_trainable)


def statistics(module: Module) -> int:
    """What is kept and not trained."""
    return whole(module.facts.non_trainable)


def once(rule: Rule) -> Rule:
    """The rule for a module's first call: what is learnt does not count again where it is used again."""
    return lambda module: 0 if module.again else rule(module)


def pooled(module: Module) -> int | None:
    """One for each value that goes in; PyTorch's pools pad evenly, so that what goes in otherwise is not known."""
    layer = module.layer
    if isinstance(layer, Sliding) and layer.padding != "valid":
        uneven = isinstance(layer.padding, str) or any(before != after for before, after in layer.padding)
        return None if uneven else module.values_in
    return module.values_in


def bilinear(module: Module) -> bool:
    """Whether it reads between the nearest values."""
    return isinstance(module.layer, Resampled) and module.layer.mode == "bilinear"


# How a tool sees a module: by hooks on it, or by functions that it has replaced.


def by_name(rules: Rules, other: Rule = nothing) -> Rule:
    """The rule for a class of modules; `other` for those that were held against the tool and have no rule."""

    def rule(module: Module) -> int | None:
        return rules.get(module.name, other)(module) if module.name in KNOWN else None

    return rule


def hooked(rules: Rules, other: Rule = nothing) -> Rule:
    """Rules for modules of PyTorch's own classes: the same by a function, or by an operator, is not seen."""
    named = by_name(rules, other)
    return lambda module: named(module) if module.called == MODULE else 0


def hooked_all(rules: Rules, other: Rule = nothing) -> Rule:
    """Rules for modules of any class."""
    named = by_name(rules, other)
    return lambda module: named(module) if module.called in {MODULE, SUBCLASS} else 0


def patched(rules: Rules) -> Rule:
    """Rules for functions, which modules call too: what an operator does is not seen."""
    named = by_name(rules)
    return lambda module: 0 if module.called == OPERATOR else named(module)


def both(one: Rule, other: Rule) -> Rule:
    """What two rules count, added."""

    def rule(module: Module) -> int | None:
        first, second = one(module), other(module)
        return None if first is None or second is None else first + second

    return rule


# torchinfo


def _at_positions(module: Module) -> int:
    return module.parameters * whole(module.output.positions)


TORCHINFO_MACS: Final = hooked_all({**dict.fromkeys(CONVOLUTIONS, _at_positions), "Parameter": nothing}, parameters)


def values_of_parameters(module: Module) -> int | None:
    """Output and gradient, four bytes a value, of modules with parameters; two modules in one are not told."""
    if len(module.facts.factors) > 1:
        return None
    return 8 * module.values_out if module.parameters else 0


def hooked_values(module: Module) -> int | None:
    """Output and gradient, four bytes a value; around branches stand modules that a spec does not tell."""
    if module.layer.merges or len(module.facts.factors) > 1:
        return None
    return 8 * module.values_out


# fvcore


def _traced_conv(module: Module) -> int:
    return 0 if module.same else module.macs


def _of_images(rule: Rule) -> Rule:
    """The rule for images; sequences and volumes have no handle."""
    return lambda module: rule(module) if module.input.rank == 2 else 0


FVCORE: Final = patched(
    {
        "Conv": _traced_conv,
        "ConvTranspose": macs,
        "Linear": macs,
        "BatchNorm": each_value(1, 2),
        **dict.fromkeys(NORMS, each_value(4, 5)),
        "AdaptiveAvgPool": _of_images(values_in),
        **dict.fromkeys(("Upsample", "UpsampleTo"), _of_images(lambda m: m.values_out * (4 if bilinear(m) else 1))),
    }
)


# thop


def _at_output_positions(module: Module) -> int:
    """A transposed convolution as if it were an ordinary one."""
    return module.macs // whole(module.input.positions) * whole(module.output.positions)


def _parts(module: Module) -> int:
    """Cells of a part and one division, for every part; in floating point, as thop does."""
    cells = prod(whole(i) / whole(o) for i, o in zip(module.input.extents, _part_extents(module), strict=True))
    return int((cells + 1) * module.values_out)


def _part_extents(module: Module) -> tuple[int, ...]:
    """The extents of the output; of a vector that a global pool gives, ones."""
    return tuple(map(whole, module.output.extents)) or (1,) * module.input.rank


def _exponentials(module: Module) -> int:
    """An exponential and a division for every value, and the additions between them."""
    return whole(module.input.positions) * (3 * whole(module.input.channels) - 1)


def _interpolated(module: Module) -> int | None:
    """One for every value; between neighbours 11 for images, and no rule for the others."""
    if not bilinear(module):
        return module.values_out
    return 11 * module.values_out if module.input.rank == 2 else None


THOP: Final = {
    "Conv": macs,
    "ConvTranspose": _at_output_positions,
    "Linear": macs,
    **dict.fromkeys(("BatchNorm", "InstanceNorm", "LayerNorm"), each_value(2, 4)),
    "PReLU": values_in,
    "Softmax": _exponentials,
    "AvgPool": values_out,
    "AdaptiveAvgPool": _parts,
    **dict.fromkeys(("Upsample", "UpsampleTo"), _interpolated),
}


# ptflops


def _whole_factor(rule: Rule) -> Rule:
    """The rule where the output is a multiple of the input; a broken factor is rounded in other ways."""
    return lambda module: (
        rule(module)
        if all(whole(o) % whole(i) == 0 for o, i in zip(module.output.extents, module.input.extents, strict=True))
        else None
    )


PTFLOPS_MODULES: Final = hooked(
    {
        **dict.fromkeys(PRODUCTS, biased),
        **dict.fromkeys(("ReLU", "ReLU6", "LeakyReLU", "ELU", "GELU", "PReLU"), values_out),
        **dict.fromkeys(POOLS, pooled),
        **dict.fromkeys(("BatchNorm", "InstanceNorm", "GroupNorm"), each_value(1, 2)),
        "LayerNorm": values_in,
        **dict.fromkeys(("Upsample", "UpsampleTo"), values_out),
    }
)
_LP_POOL: Final = {"LPPool": lambda module: module.values_in + 2 * module.values_out}
PTFLOPS_FUNCTIONS: Final = patched(
    {
        **dict.fromkeys(("ReLU", "ELU", "GELU", "PReLU", "SiLU", "Softmax"), values_in),
        **dict.fromkeys(POOLS, pooled),
        **_LP_POOL,
        "Upsample": _whole_factor(values_out),
        "UpsampleTo": values_out,
        "LocalResponseNorm": unknown,
    }
)
TWICE: Final = ("ReLU", "ELU", "GELU", "PReLU", *POOLS, "Upsample", "UpsampleTo")


# calflops and DeepSpeed


def _conv_positions(module: Module) -> int:
    """Positions by floor((W + 2P - F)/S) + 1, where P of `same` is floor((F - 1)/2): one too few for an even F."""
    if not module.same:
        return whole(module.output.positions)
    windows = module.layer.geometry(module.input)
    return prod(
        whole(extent) - (whole(window.effective) - 1) % 2
        for extent, window in zip(module.input.extents, windows, strict=True)
        if isinstance(window, Window)
    )


def profiled_conv(module: Module) -> int:
    """Multiply-accumulates at the positions that the tool works out."""
    positions = whole(module.output.positions)
    return module.macs // positions * _conv_positions(module)


def _profiled_conv_flops(module: Module) -> int:
    biases = _conv_positions(module) * whole(module.output.channels) if module.bias_additions else 0
    return 2 * profiled_conv(module) + biases


def _biases_once(module: Module) -> int:
    return 2 * module.macs + module.bias_additions


def grouped_twice(module: Module) -> int:
    """The filters of a group are divided by the groups once more."""
    filters = module.layer.arrays(module.input)[0].dims[-1]
    groups = whole(module.output.channels) // whole(filters)
    return module.macs // whole(filters) * (whole(filters) // groups)


def grouped_twice_flops(module: Module) -> int | None:
    """And its biases are counted at the positions that an ordinary convolution would have."""
    positions = 1
    for extent, spread in zip(module.input.extents, module.layer.geometry(module.input), strict=True):
        assert isinstance(spread, Spread)
        if spread.before != spread.after:
            return None
        cells = whole(extent) + 2 * whole(spread.before) - whole(spread.effective)
        positions *= cells // whole(spread.stride) + 1
    filters = whole(module.layer.arrays(module.input)[0].dims[-1])
    return 2 * grouped_twice(module) + (filters * positions if module.bias_additions else 0)


def _positions(module: Module) -> int:
    return whole(module.output.positions)


PROFILED_MACS: Final[Rules] = {"Conv": profiled_conv, "ConvTranspose": macs, "Linear": macs}
PROFILED_FLOPS: Final[Rules] = {
    "Conv": _profiled_conv_flops,
    "ConvTranspose": _biases_once,
    "Linear": flops,
    "BatchNorm": each_value(1, 2),
    **dict.fromkeys(NORMS, each_value(4, 5)),
    **dict.fromkeys(("ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "PReLU", "Softmax"), values_in),
    **dict.fromkeys(POOLS, pooled),
    **_LP_POOL,
    "Upsample": _whole_factor(values_out),
    "UpsampleTo": _positions,
    "LocalResponseNorm": unknown,
}


# darknet


def window_area(module: Module) -> int:
    """The cells of every window."""
    windows = module.layer.geometry(module.input)
    return module.values_out * prod(whole(window.size) for window in windows if isinstance(window, Window))


def shortcuts(module: Module) -> int:
    """One addition for each value and each further branch."""
    return module.values_out * (len(module.inputs) - 1)


DARKNET: Final[Rules] = {"Conv": flops, "ConvTranspose": unknown}
