"""What tools print, held against what they really printed: `data/tools.tsv`."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnncalc
from cnncalc import library
from cnncalc.counting import modules, rules
from cnncalc.counting.modules import Tally
from cnncalc.counting.tools import TOOLS
from cnncalc.layers import KINDS
from cnncalc.views.units import MIB

DATA = Path(__file__).parents[1] / "data" / "tools.tsv"
SMALL = (
    "input 32x32x3; conv 8 3x3 same; bn; relu; maxpool 2; conv 16 3x3 s2 p2 d2 g4 nobias; bn; relu6; "
    "convt 12 4x4 s2 p1 g2; convt 8 3x3 s2 p1 op1 nobias; bn; relu; adaptiveavgpool 4x4; flatten; dense 10"
)
# The tools saw `nn.Flatten` here, where networks call `torch.flatten`.
WITH_FLATTEN = {"modules": "flatten reshape"}
# What is not known: these are not guessed.
UNKNOWN = {
    ("input 12x12x8; sepconv 6 3x3 p1", "torchinfo bytes"),
    ("input 12x12x8; sepconv 6 3x3 p1", "torchsummary bytes"),
    ("input 12x12x8; conv 8 1x1 nobias; lrn 5", "ptflops macs"),
    ("input 12x12x8; conv 8 1x1 nobias; lrn 5", "calflops flops"),
    ("input 12x12x8; conv 8 1x1 nobias; lrn 5", "deepspeed flops"),
    ("input 12x12x8; add { identity | conv 8 1x1 nobias }", "torchsummary bytes"),
    ("input 12x12x8; multiply { identity | conv 8 1x1 nobias }", "torchsummary bytes"),
    ("input 12x12x8; concat { identity | conv 8 1x1 nobias }", "torchsummary bytes"),
}

# Around their branches stand modules that a spec does not tell.
BRANCHED = set(library.names()) - {"vgg16", "vgg11_bn", "alexnet"}


def printed() -> dict[str, dict[str, str]]:
    """For each network what the tools print: `thop macs` and the figure."""
    titles, *rows = [line.split("\t") for line in DATA.read_text().splitlines() if not line.startswith("#")]
    return {
        name: {title: cell for title, cell in zip(titles[1:], cells, strict=True) if cell != "-"}
        for name, *cells in rows
    }


PRINTED = printed()


def tally(spec: str, tool: str, header: dict[str, str] | None = None) -> Tally:
    """What a tool counts for a network."""
    report = cnncalc.analyze(spec)
    if header is None:
        header = dict(library.about(spec)) if spec in library.names() else {}
    return modules.tally(TOOLS[tool], report, modules.modules(report, header), header)


def values(spec: str, tool: str, header: dict[str, str] | None = None) -> dict[str, int | None]:
    """The totals by quantity."""
    return {count.figure.quantity: count.value for count in tally(spec, tool, header).counts}


@pytest.mark.parametrize("network", PRINTED)
def test_counts_are_what_the_tools_print(network: str) -> None:
    """To the last unit, for whole networks and for one module of every class that the tools have a rule for."""
    spec = {"small": SMALL}.get(network, network)
    header = None if network in library.names() else WITH_FLATTEN
    counted = {f"{tool} {quantity}": value for tool in TOOLS for quantity, value in values(spec, tool, header).items()}
    for title, figure in PRINTED[network].items():
        value = counted[title]
        if (network, title) in UNKNOWN or (title == "torchsummary bytes" and network in BRANCHED):
            assert value is None
        else:
            assert value is not None
            assert (f"{value / MIB:.2f}" if title == "torchsummary bytes" else str(value)) == figure, title


def test_keras_summary() -> None:
    """What `model.summary()` of Keras 3.15.1 prints: total, trainable and not."""
    assert values("vgg16", "keras") == {"params": 138_357_544, "trainable": 138_357_544, "non-trainable": 0}
    assert values("mobilenet_v2", "keras") == {"params": 3_538_984, "trainable": 3_504_872, "non-trainable": 34_112}
    small = (
        "input 32x32x3; conv 8 3x3 same; bn; relu; maxpool 2; sepconv 12 3x3; bn noscale; convt 12 4x4 s2 same; "
        "gn 4; gap; dense 10 frozen"
    )
    assert values(small, "keras") == {"params": 2942, "trainable": 2772, "non-trainable": 170}


DARKNET53 = """
def c(filters, size, stride=1) { conv filters size s=stride p=(size//2) nobias; bn; leakyrelu 0.1 }
def stage(filters, count) {
  c filters 3 stride=2
  repeat count { add { identity | c (filters//2) 1; c filters 3 } }
}
input 256x256x3
c 32 3; stage 64 1; stage 128 2; stage 256 8; stage 512 8; stage 1024 4
"""
TINY = """
def c(filters) { conv filters 3 p1 nobias; bn; leakyrelu 0.1 }
input 416x416x3
c 16; maxpool 2; c 32; maxpool 2; c 64; maxpool 2; c 128; maxpool 2
"""


def test_darknet() -> None:
    """What darknet's logs have: 18.57 for Darknet-53 at 256x256 with its last 1x1 convolution; layers to a thousandth."""
    whole = DARKNET53 + "gap keep; conv 1000 1x1"
    assert values(whole, "darknet")["flops"] == 18_570_231_808
    assert values(whole, "darknet-alexeyab")["flops"] == 18_570_231_808 + 5_505_024
    published = (
        ("yolov3", "darknet", "65.86"),
        ("yolov3", "darknet-alexeyab", "65.88"),
        ("yolov3_tiny", "darknet", "5.56"),
    )
    for name, tool, billions in published:
        assert f"{(values(name, tool)['flops'] or 0) / 1e9:.2f}" == billions
    counts = tally(TINY, "darknet-alexeyab").counts[0].layers
    assert [f"{number / 1e9:.3f}" for number in counts if number] == [
        "0.150", "0.003", "0.399", "0.001", "0.399", "0.001", "0.399", "0.000",
    ]  # fmt: skip
    shortcut = tally("input 208x208x64; add { identity | identity }", "darknet-alexeyab").counts[0].value
    assert f"{(shortcut or 0) / 1e9:.3f}" == "0.003"


def test_what_is_called_as_a_function_is_not_hooked() -> None:
    """thop sees modules, ptflops both, and neither an operator; counters of operations see all but operators."""
    net = "input 12x12x8; conv 8 1x1 nobias; relu; gap"
    macs = 144 * 64
    pool, values_in = 1160, 144 * 8
    for header, thop, ptflops, fvcore in (
        ({}, macs + pool, macs + 4 * values_in, macs + values_in),
        ({"functions": "gap, relu1"}, macs, macs + 2 * values_in, macs + values_in),
        ({"operators": "gap1"}, macs, macs + 2 * values_in, macs),
    ):
        assert values(net, "thop", header)["macs"] == thop
        assert values(net, "ptflops", header)["macs"] == ptflops
        assert values(net, "fvcore", header)["macs"] == fvcore
    assert tally(net, "thop", {}).assumed == ("gap",)
    assert tally(net, "ptflops", {}).assumed == ("relu", "gap")
    assert tally(net, "ptflops", {"operators": "gap1"}).assumed == ()
    assert tally(net, "fvcore", {}).assumed == ()
    assert tally("input 8x8x4; conv 4 3x3; bn; ln", "thop", {}).assumed == ("ln",)


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_auxiliary_heads_call_functions_too(name: str) -> None:
    """With its heads a network calls what it calls without them, and the pools of the heads: these hook nothing."""
    plain, whole = (library.about(each)["functions"].split() for each in (name, f"{name}_aux"))
    assert set(plain) < set(whole)
    assert tally(f"{name}_aux", "thop").assumed == ()
    report = cnncalc.analyze(f"{name}_aux")
    (macs,) = [count for count in tally(f"{name}_aux", "thop").counts if count.figure.quantity == "macs"]
    counted = [
        count
        for record, count in zip(report.records, macs.layers, strict=True)
        if record.kind in {"adaptiveavgpool", "gap"}
    ]
    assert counted[-1] != 0
    assert set(counted[:-1]) == {0}


def test_an_activation_behind_a_layer_is_a_module_of_its_own() -> None:
    """`conv 8 3x3 relu` is a convolution and a ReLU to every tool."""
    for tool in TOOLS:
        one = values("input 12x12x3; conv 8 3x3 relu; dense 3 pointwise gelu", tool)
        two = values("input 12x12x3; conv 8 3x3; relu; dense 3 pointwise; gelu", tool)
        assert one == two


@pytest.mark.parametrize(
    ("spec", "tool", "fault"),
    [
        ("input 8x8x4; convt 4 2x2 s2", "torchinfo", "positions of its output"),
        ("input 8x8x4; dense 4 pointwise", "torchinfo", "one position only"),
        ("input 8x8x4; bn", "torchinfo", "whatever the size of the map"),
        ("input 8x8x4; scale", "torchsummary", "another name"),
        ("input 8x8x4; add { identity | identity }", "torchsummary", "once more"),
        ("input 8x8x4; conv 4 3x3 same", "fvcore", 'padding="same"'),
        ("input 8x4; gap", "fvcore", "sequences and volumes"),
        ("input 8x8x4; convt 4 2x2 s2", "thop", "stride*stride"),
        ("input 8x8x4; gn 2", "thop", "group normalisation"),
        ("input 8x8x4; relu", "ptflops", "counted twice"),
        ("input 8x8x4; convt 4 2x2 s2 g2", "calflops", "divided by the groups twice"),
        ("input 8x8x4; convt 4 2x2 s2", "calflops", "biases of a transposed"),
        ("input 8x8x4; upsample 2", "calflops", "values that go in"),
        ("input 8x8x4; relu6", "calflops", "ReLU6"),
        ("input 8x8x4; conv 4 4x4 same", "deepspeed", "one row and one column short"),
        ("input 8x8x4; resize 12x12", "deepspeed", "one channel only"),
        ("input 8; dense 4", "deepspeed", "biases of dense layers"),
        ("input 8; dense 4", "darknet", "connected layer"),
        ("input 8x8x4; shared def h() { conv 4 1x1 }; h; h", "torchsummary", "used again"),
    ],
)
def test_faults_are_named_where_they_are(spec: str, tool: str, fault: str) -> None:
    """A fault is said of a network that it concerns, and of no other."""
    assert any(fault in text for text in tally(spec, tool).faults)
    assert not any(fault in text for text in tally("input 8x8x4; conv 4 3x3", tool).faults)


@pytest.mark.parametrize(
    ("spec", "tool", "quantity"),
    [
        ("input 8x8x4; local 4 3x3", "thop", "macs"),
        ("input 8x8x4; minpool 2", "fvcore", "macs"),
        ("input 8x8x4; maxpool 2 same", "ptflops", "macs"),
        ("input 8x8x4; maxpool 3 p0:1", "deepspeed", "flops"),
        ("input 8x8x4; upsample 1.5", "ptflops", "macs"),
        ("input 8x8x4; convt 4 3x3 s2 p0:1", "calflops", "flops"),
        ("input 4x4x4x2; upsample 2 bilinear", "thop", "macs"),
        ("input 8x8x4; convt 4 3x3", "darknet", "flops"),
        ("input 8x8x4; normalization", "torchinfo", "macs"),
    ],
)
def test_what_was_not_held_against_a_tool_is_not_known(spec: str, tool: str, quantity: str) -> None:
    """There is no total where a layer is not known, and the layer is named."""
    (count,) = [count for count in tally(spec, tool).counts if count.figure.quantity == quantity]
    assert count.value is None
    assert len(count.unknown) == 1


def test_every_kind_is_known_or_said_not_to_be() -> None:
    """The kinds that no tool of PyTorch was held against are these."""
    unknown = {name for name, kind in KINDS.items() if modules.stem(kind) not in rules.KNOWN}
    assert unknown == {"local", "minpool", "normalization"}


def test_symbols_are_not_counted() -> None:
    """Tools count numbers."""
    with pytest.raises(ValueError, match="symbols"):
        tally("input 8x8x3; conv n 3x3", "thop", {})


def test_every_tool_says_what_it_is() -> None:
    """A version, a rule of one sentence, and figures with the names that the tool gives them."""
    for name, tool in TOOLS.items():
        assert tool.name == name
        assert tool.version
        assert tool.rule
        assert not tool.rule.endswith(".")
        assert {figure.quantity for figure in tool.figures} <= {
            "params", "trainable", "non-trainable", "macs", "flops", "bytes",
        }  # fmt: skip


def test_rules_and_faults_are_in_the_documents() -> None:
    """Each tool with its rule, and every fault."""
    text = (Path(__file__).parents[2] / "docs" / "reconcile.md").read_text()
    for tool in TOOLS.values():
        assert f"| `{tool.name}` | {tool.version} | {tool.rule} |" in text
        for fault in tool.faults:
            assert any(
                line.endswith(f": {fault.text}") and tool.name in line.partition(":")[0].removeprefix("* ").split(", ")
                for line in text.splitlines()
            )
