"""The tools that count: what each prints for a network, by what rule in a sentence, and its faults.

A test holds the figures equal to what the tools print.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from cnncalc.counting.modules import MODULE, Fault, Figure, Module, Tool
from cnncalc.counting.rules import (
    DARKNET,
    FVCORE,
    NORMS,
    PRODUCTS,
    PROFILED_FLOPS,
    PROFILED_MACS,
    PTFLOPS_FUNCTIONS,
    PTFLOPS_MODULES,
    THOP,
    TORCHINFO_MACS,
    TWICE,
    biased,
    both,
    by_name,
    every_kept,
    flops,
    grouped_twice,
    grouped_twice_flops,
    hooked,
    hooked_all,
    hooked_values,
    nothing,
    once,
    parameters,
    patched,
    profiled_conv,
    shortcuts,
    statistics,
    trainable,
    values_in,
    values_of_parameters,
    window_area,
)


def _is(*names: str) -> Callable[[Module], bool]:
    return lambda module: module.name in names


def _moves(module: Module) -> bool:
    return module.name == "ConvTranspose" and module.output.positions != module.input.positions


def _grouped_transposed(module: Module) -> bool:
    return module.name == "ConvTranspose" and grouped_twice(module) != module.macs


def _biased_transposed(module: Module) -> bool:
    return module.name == "ConvTranspose" and bool(module.bias_additions)


def _even_same(module: Module) -> bool:
    return module.name == "Conv" and profiled_conv(module) != module.macs


_PROFILER_FAULTS: Final = (
    Fault("the biases of dense layers are not counted among the FLOPs", _is("Linear")),
    Fault("ReLU6 is counted as nothing: it calls `hardtanh`, which has no rule", _is("ReLU6")),
    Fault('a convolution with an even kernel and `padding="same"` is counted one row and one column short', _even_same),
    Fault("upsampling to a size is counted for one channel only", _is("UpsampleTo")),
)

_KERAS: Final = Tool(
    "keras",
    "Keras 3.15.1, model.summary()",
    "all weights, and of these the ones that are trained and the ones that are not: the moving statistics of batch "
    "normalisation, and what is frozen",
    (
        Figure("params", "Total params", once(every_kept)),
        Figure("trainable", "Trainable params", once(trainable)),
        Figure("non-trainable", "Non-trainable params", once(statistics)),
    ),
)
_TORCHINFO: Final = Tool(
    "torchinfo",
    "torchinfo 1.8.0",
    "mult-adds are a convolution's weights and biases times the positions of its output, and the weights and biases "
    "of any other module once",
    (
        Figure("params", "Total params", by_name({}, once(parameters))),
        Figure("macs", "Total mult-adds", TORCHINFO_MACS),
        Figure("bytes", "Forward/backward pass size", hooked_all({"Parameter": nothing}, values_of_parameters)),
    ),
    (
        Fault("a transposed convolution is counted at the positions of its output, not of its input", _moves),
        Fault(
            "a dense layer on a map is counted at one position only",
            lambda module: module.name == "Linear" and module.output.positions != 1,
        ),
        Fault("a normalisation is counted as its parameters, whatever the size of the map", _is("BatchNorm", *NORMS)),
        Fault("memory is that of modules with parameters alone, twice", lambda _: True),
    ),
)
_TORCHSUMMARY: Final = Tool(
    "torchsummary",
    "torchsummary 1.5.1",
    "the `weight` and `bias` of every module; the pass size is the output of every module twice, at four bytes a value",
    (
        Figure("params", "Total params", hooked_all({"Parameter": nothing}, parameters)),
        Figure("bytes", "Forward/backward pass size", hooked_all({}, hooked_values)),
    ),
    (
        Fault("the weights of a layer that is used again are counted again", lambda module: module.again),
        Fault("parameters under another name than `weight` and `bias` are not counted", _is("Parameter")),
        Fault(
            "a module with modules inside, such as a residual block, is counted once more with its output",
            lambda module: module.layer.merges,
        ),
        Fault("what is called MB is MiB, 1024*1024 bytes", lambda _: True),
    ),
)
_FVCORE: Final = Tool(
    "fvcore",
    "fvcore 0.1.5.post20221221, FlopCountAnalysis",
    "what it calls flops are multiply-accumulates, two for each value of a batch normalisation, five of another "
    "normalisation, one for each value that goes into an adaptive average pool, and one (bilinear: four) for each "
    "value of an upsampled image",
    (Figure("params", "parameters", by_name({}, once(parameters))), Figure("macs", "flops", FVCORE)),
    (
        Fault(
            'a convolution with `padding="same"` is counted as nothing: `aten::_convolution_mode` has no handle',
            lambda module: module.name == "Conv" and module.same,
        ),
        Fault(
            "adaptive pooling and upsampling of sequences and volumes are counted as nothing",
            lambda module: module.name in {"AdaptiveAvgPool", "Upsample", "UpsampleTo"} and module.input.rank != 2,
        ),
    ),
)
_THOP: Final = Tool(
    "thop",
    "thop 0.1.1.post2209072238",
    "multiply-accumulates, four for each value of a batch normalisation, one for each value of an average pool or an "
    "upsampled map (bilinear: eleven), and for an adaptive average pool one for each value that goes in and one for "
    "each that comes out",
    (
        Figure("params", "params", hooked({"GroupNorm": nothing, "Parameter": nothing}, once(parameters))),
        Figure("macs", "macs", hooked(THOP)),
    ),
    (
        Fault(
            "a transposed convolution is counted at the positions of its output, which is about stride*stride times "
            "too much",
            _moves,
        ),
        Fault("group normalisation has neither operations nor parameters", _is("GroupNorm")),
    ),
)
_PTFLOPS_RULE: Final = (
    "multiply-accumulates and additions of biases, two for each value of a batch normalisation, one for each value of "
    "ReLU and its like, and one for each value that goes into a pool"
)
_PTFLOPS_TOOLS: Final = (
    Tool(
        "ptflops",
        "ptflops 0.7.5, backend pytorch",
        _PTFLOPS_RULE,
        (Figure("params", "params", once(trainable)), Figure("macs", "macs", both(PTFLOPS_MODULES, PTFLOPS_FUNCTIONS))),
        (
            Fault(
                "ReLU, ELU, GELU, PReLU, pools and upsampling are counted twice: as a module, and as the function "
                "that the module calls",
                lambda module: module.name in TWICE and module.called == MODULE,
            ),
        ),
    ),
    Tool(
        "ptflops-modules",
        "ptflops 0.7.5, backend pytorch, count_functional=False; as ptflops was before it counted functions",
        _PTFLOPS_RULE,
        (Figure("params", "params", once(trainable)), Figure("macs", "macs", PTFLOPS_MODULES)),
    ),
    Tool(
        "ptflops-aten",
        "ptflops 0.7.5, backend aten",
        "multiply-accumulates and additions of biases, of convolutions and dense layers alone",
        (
            Figure("params", "params", once(trainable)),
            Figure("macs", "macs", patched(dict.fromkeys(PRODUCTS, biased))),
        ),
    ),
)
_TORCH: Final = Tool(
    "torch",
    "torch 2.13.0, FlopCounterMode",
    "two for each multiply-accumulate of a convolution or a dense layer, and nothing else",
    (Figure("flops", "flops", patched(dict.fromkeys(PRODUCTS, flops))),),
)
_PROFILER_RULE: Final = (
    "MACs are multiply-accumulates; FLOPs are twice as many, the additions of biases in convolutions, two for each "
    "value of a batch normalisation, five of another, and one for each value that goes into ReLU and its like or a pool"
)
_CALFLOPS: Final = Tool(
    "calflops",
    "calflops 0.3.2",
    _PROFILER_RULE,
    (
        Figure("params", "params", once(trainable)),
        Figure("macs", "MACs", patched({**PROFILED_MACS, "ConvTranspose": grouped_twice})),
        Figure(
            "flops",
            "FLOPs",
            patched({**PROFILED_FLOPS, "ConvTranspose": grouped_twice_flops, "Upsample": values_in}),
        ),
    ),
    (
        Fault("the filters of a grouped transposed convolution are divided by the groups twice", _grouped_transposed),
        Fault(
            "the biases of a transposed convolution are counted at the positions of an ordinary one",
            _biased_transposed,
        ),
        Fault("upsampling is counted for the values that go in", _is("Upsample")),
        *_PROFILER_FAULTS,
    ),
)
_DEEPSPEED: Final = Tool(
    "deepspeed",
    "DeepSpeed 0.19.8, flops profiler",
    _PROFILER_RULE,
    (
        Figure("params", "params", by_name({}, once(parameters))),
        Figure("macs", "MACs", patched(PROFILED_MACS)),
        Figure("flops", "FLOPs", patched(PROFILED_FLOPS)),
    ),
    _PROFILER_FAULTS,
)
_DARKNET_TOOLS: Final = (
    Tool(
        "darknet",
        "pjreddie/darknet f6afaabc: the sum of what it prints for the layers",
        "two for each multiply-accumulate of a convolution, and nothing else; printed as BFLOPs, thousands of millions",
        (Figure("flops", "BFLOPs", by_name(DARKNET)),),
        (Fault("the products of a connected layer are not counted", _is("Linear")),),
    ),
    Tool(
        "darknet-alexeyab",
        "AlexeyAB/darknet 59596d78: its Total BFLOPS",
        "two for each multiply-accumulate of a convolution, the cells of every window of a pool, and one for each "
        "value of a shortcut; printed in thousands of millions",
        (
            Figure(
                "flops",
                "Total BFLOPS",
                by_name({**DARKNET, **dict.fromkeys(("MaxPool", "AvgPool"), window_area), "Add": shortcuts}),
            ),
        ),
        (Fault("the products of a connected layer are not counted", _is("Linear")),),
    ),
)

TOOLS: Final[Mapping[str, Tool]] = {
    tool.name: tool
    for tool in (
        _KERAS,
        _TORCHINFO,
        _TORCHSUMMARY,
        _FVCORE,
        _THOP,
        *_PTFLOPS_TOOLS,
        _TORCH,
        _CALFLOPS,
        _DEEPSPEED,
        *_DARKNET_TOOLS,
    )
}
