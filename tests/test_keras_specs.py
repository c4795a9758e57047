"""The networks of keras.applications, held layer for layer against Keras.

`data/keras_networks.jsonl` was made from Keras's own models without weights. Each network has its different
`layers` and the `order` in which they run, of those alone that own parameters: class, output, trainable and
other parameters, multiply-adds (from the layer's own kernel and output), and how many layers ago each layer
ran whose values reach it through layers without parameters.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cnncalc
from cnncalc import library
from cnncalc.infer import Record
from cnncalc.report import Report

DATA = Path(__file__).parent / "data"
TRUTHS = [json.loads(line) for line in (DATA / "keras_networks.jsonl").read_text(encoding="utf-8").splitlines()]


def class_of(record: Record) -> str:
    """What Keras calls the kind; its ConvNeXt has a class of its own for the factor of a channel."""
    return record.layer.keras.format(rank=2) if record.layer.keras else {"scale": "LayerScale"}[record.kind]


def owners(report: Report) -> list[list[object]]:
    """The layers that own parameters, as the data has them."""
    found: list[list[object]] = []
    # Of each node, the layers with parameters that the values come from, by their numbers.
    reach: dict[int, frozenset[int]] = {0: frozenset()}
    for record in report.records:
        read = frozenset().union(*(reach[source] for source in record.node.sources))
        reach[record.index] = read
        if record.facts.arrays:
            reach[record.index] = frozenset({len(found)})
            found.append(
                [
                    class_of(record),
                    list(record.output.dims),
                    record.params,
                    record.non_trainable,
                    record.macs,
                    sorted(len(found) - number for number in read),
                ]
            )
    return found


@pytest.mark.parametrize("truth", TRUTHS, ids=[truth["spec"] for truth in TRUTHS])
def test_every_layer_is_as_in_keras(truth: dict) -> None:
    """The layers that own parameters, in the order in which Keras's code calls them, and the totals."""
    report = cnncalc.analyze(truth["spec"])
    assert owners(report) == [truth["layers"][number] for number in truth["order"]]
    totals = report.totals
    assert list(report.input) == truth["input"]
    assert (totals.trainable, totals.non_trainable, totals.macs) == (
        truth["trainable"],
        truth["non_trainable"],
        truth["macs"],
    )


def test_every_network_of_keras_is_held_against_it() -> None:
    """Whatever is shipped in the folder is a network of the data, or the family of some."""
    held = {truth["spec"] for truth in TRUTHS}
    shipped = {name for name in library.names() if name.startswith("keras/")}
    assert {name for name in shipped if "family" not in library.about(name)} == held
    assert len(held) == 40


@pytest.mark.parametrize("truth", TRUTHS, ids=[truth["spec"] for truth in TRUTHS])
def test_a_network_of_keras_says_where_its_numbers_are_from(truth: dict) -> None:
    """The release and the function that it was held against, and the accuracy of the published weights."""
    about = library.about(truth["spec"])
    assert about["source"].startswith(f"keras.applications {truth['framework'].split()[1]} {truth['network']} ")
    assert 60 < float(about["top1"]) < 90
    assert about["weights"]


# Totals of Keras's models with other arguments, from Keras as the data is; the input is odd where a pad depends on it.
OTHERS = [
    ("mobilenet", {"alpha": 0.25}, "224x224x3", (470_072, 5_472, 41_030_272)),
    ("mobilenet", {"alpha": 0.75}, "224x224x3", (2_585_560, 16_416, 325_400_448)),
    ("mobilenet_v2", {"alpha": 1.4}, "224x224x3", (6_108_776, 47_936, 582_195_824)),
    ("mobilenet_v2", {"alpha": 0.35}, "224x224x3", (1_677_128, 14_080, 59_285_808)),
    ("mobilenet_v3_small", {"alpha": 0.75}, "224x224x3", (2_041_872, 9_680, 43_399_344)),
    ("mobilenet_v3_large", {"alpha": 1.25}, "224x224x3", (8_255_784, 30_976, 349_904_800)),
    ("resnet50", {"classes": 10}, "224x224x3", (23_555_082, 53_120, 3_855_945_728)),
    ("resnet50", {}, "97x131x3", (25_583_592, 53_120, 1_220_886_912)),
    ("resnet50_v2", {}, "97x131x3", (25_568_360, 45_440, 1_118_437_760)),
    ("densenet121", {}, "97x130x3", (7_978_856, 83_648, 716_695_744)),
    ("mobilenet", {}, "97x131x3", (4_231_976, 21_888, 141_206_272)),
    ("mobilenet_v2", {}, "97x131x3", (3_504_872, 34_112, 97_869_952)),
    ("mobilenet_v3_large", {}, "97x130x3", (5_483_032, 24_400, 72_089_976)),
    ("efficientnet_b0", {}, "97x130x3", (5_288_548, 42_023, 129_431_200)),
    ("efficientnet_v2_b0", {}, "97x130x3", (7_139_704, 60_608, 228_801_632)),
    ("convnext_tiny", {}, "97x131x3", (28_589_128, 0, 1_091_730_432)),
    ("inception_v3", {}, "150x131x3", (23_817_352, 34_432, 905_904_576)),
    ("inception_resnet_v2", {}, "150x131x3", (55_813_192, 60_544, 1_999_755_712)),
    ("xception", {}, "97x131x3", (22_855_952, 54_528, 1_115_575_936)),
    ("nasnet_mobile", {}, "97x131x3", (5_289_978, 36_738, 156_734_928)),
]


@pytest.mark.parametrize(("name", "params", "size", "stated"), OTHERS)
def test_other_arguments_give_keras_other_totals(
    name: str, params: dict[str, object], size: str, stated: tuple[int, int, int]
) -> None:
    """With other params, and on other images, a file gives the totals that Keras has there."""
    totals = cnncalc.analyze(f"keras/{name}", set=params, input=size).totals
    assert (totals.trainable, totals.non_trainable, totals.macs) == stated
