"""The networks of torchvision, held layer for layer against what torchvision says of itself.

`data/torchvision.jsonl` has a network a line: its input and totals, and the layers that own parameters, in the order
in which they run: `order` points into `rows` of module, output, trainable parameters, other parameters, and
multiply-accumulates. The shapes come from hooks; torch's own flop counter gives twice the sum of the latter.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

import cnncalc
from cnncalc import library
from cnncalc.report import Report

DATA = Path(__file__).parent / "data"
TRUTHS = [json.loads(line) for line in (DATA / "torchvision.jsonl").read_text(encoding="utf-8").splitlines()]
NAMES = [truth["network"] for truth in TRUTHS]
# What a module of torch may be called here.
KINDS = {
    "Conv2d": {"conv", "dwconv"},
    "Linear": {"dense"},
    "BatchNorm2d": {"bn"},
    "LayerNorm": {"ln"},
    "LayerNorm2d": {"ln"},
    "layer_scale": {"scale"},
}
# What torchvision 0.28 says of members that it has no weights for: a spec, parameters trained and not, and macs.
VARIANTS = [
    ("use mobilenet_v3 alpha=0.75", 3_377_576, 18_416, 140_033_816),
    ("use mobilenet_v3 alpha=1.25", 8_164_744, 30_592, 343_461_000),
    ("use mobilenet_v3 small=yes alpha=0.5", 917_264, 6_144, 18_970_736),
    ("use mobilenet_v2 alpha=1.4", 6_108_776, 47_936, 582_195_824),
    ("use mobilenet_v2 alpha=0.35", 1_677_128, 14_080, 59_285_808),
    ("use mnasnet alpha=0.35", 1_788_232, 14_976, 58_878_912),
    ("use mnasnet alpha=2", 12_469_944, 73_280, 1_135_332_864),
    ("use shufflenet_v2 c2=24 c3=48 c4=96 last=512", 603_688, 4_024, 17_575_760),
    ("use resnet n2=1 n3=1 n4=1 n5=1 bottlenecks=yes groups=8 width=16 classes=10", 8_558_410, 23_168, 1_762_201_600),
    ("use regnet d1=1 d2=1 d3=4 d4=7 w1=24 w2=56 w3=152 w4=368 group=8 se=yes", 3_162_996, 20_848, 199_514_080),
    ("use convnext n1=2 n2=2 n3=6 n4=2 width=40 classes=10", 3_377_730, 0, 547_015_680),
    ("use efficientnet width=2.2 depth=3.6", 87_413_142, 380_032, 6_971_883_840),
    ("use efficientnet width=0.5 depth=0.5", 1_298_120, 12_896, 73_937_232),
]


@cache
def analyzed(name: str) -> Report:
    """A network, once for all tests."""
    return cnncalc.analyze(name)


def layers(truth: dict) -> list[list]:
    """The layers that own parameters, one behind the other."""
    return [truth["rows"][place] for place in truth["order"]]


@pytest.mark.parametrize("truth", TRUTHS, ids=NAMES)
def test_every_layer_is_as_in_torchvision(truth: dict) -> None:
    """In the order in which they run: kind, output, parameters and multiply-accumulates, to the last unit."""
    records = [record for record in analyzed(truth["network"]).records if record.facts.arrays]
    stated = layers(truth)
    assert [[str(x.output), x.params, x.non_trainable, x.macs] for x in records] == [row[1:] for row in stated]
    assert all(x.kind in KINDS[row[0]] for x, row in zip(records, stated, strict=True))


@pytest.mark.parametrize("truth", TRUTHS, ids=NAMES)
def test_totals_are_as_in_torchvision(truth: dict) -> None:
    """The input that it is evaluated at, and the totals, which the rows add up to."""
    report = analyzed(truth["network"])
    totals = report.totals
    stated = [truth["trainable"], truth["non_trainable"], truth["macs"]]
    assert "x".join(map(str, report.input)) == truth["input"]
    assert [totals.trainable, totals.non_trainable, totals.macs] == stated
    assert [sum(column) for column in zip(*(row[2:] for row in layers(truth)), strict=True)] == stated


@pytest.mark.parametrize("name", NAMES)
def test_a_network_says_where_it_comes_from(name: str) -> None:
    """Its header has the people, the paper, the version that it was held against, and how well its weights do."""
    about = library.about(name)
    assert about["source"].startswith(f"torchvision 0.28 models.{name.removesuffix('_aux')} ")
    assert about["authors"]
    assert about["paper"]
    assert 50 < float(about["top1"]) < 90
    assert about["weights"].startswith("torchvision IMAGENET1K_")


@pytest.mark.parametrize(("spec", "trainable", "non_trainable", "macs"), VARIANTS)
def test_families_hold_for_their_other_members(spec: str, trainable: int, non_trainable: int, macs: int) -> None:
    """The params of a family mean what the arguments of torchvision's classes do, roundings and all."""
    totals = cnncalc.analyze(spec).totals
    assert (totals.trainable, totals.non_trainable, totals.macs) == (trainable, non_trainable, macs)


@pytest.mark.parametrize(
    ("name", "layer", "size", "padding"),
    [
        # Inception v3 is the published table's, to the padding (Araujo, Norris & Sim 2019). The two others differ from
        # it where torchvision differs from the papers: 3x3 for GoogLeNet's 5x5, ResNet's stride in the 3x3.
        ("inception_v3", "concat15", 1311, 618),
        ("googlenet", "concat9", 379, 167),
        ("resnet50", "relu49", 427, 213),
    ],
)
def test_receptive_fields_of_the_last_maps(name: str, layer: str, size: int, padding: int) -> None:
    """Size, jump and place of what a unit of the last map reads."""
    rf = analyzed(name)[layer].rf
    assert rf is not None
    assert (rf.size, rf.stride, rf.start) == ((size, size), (32, 32), (-padding, -padding))
