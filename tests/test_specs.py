"""The shipped networks, held against the frameworks and papers that published them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cnncalc
from cnncalc import library
from cnncalc.report import Report

DATA = Path(__file__).parent / "data"
# The published rows of the collection of totals, and what is shipped of them, or what a family is with other params.
PUBLISHED = {
    "alexnet_2012_grouped": "alexnet_2012",
    "alexnet_ungrouped": "alexnet_ungrouped",
    "caffe_bvlc_alexnet": "alexnet_2012",
    "caffe_bvlc_googlenet": "googlenet_2014",
    "caffe_bvlc_googlenet_train_aux": "googlenet_2014_aux",
    "caffe_caffenet": "alexnet_2012",
    "darknet_alexnet": "alexnet_ungrouped",
    "darknet_darknet19": "darknet19",
    "darknet_darknet19_448": "darknet19",
    "darknet_darknet53": "darknet53",
    "darknet_darknet53_448": "darknet53",
    "darknet_yolov1": "yolov1",
    "darknet_yolov2": "yolov2",
    "darknet_yolov2-tiny": "yolov2_tiny",
    "darknet_yolov2-tiny-voc": "use yolov2_tiny last=1024 classes=20",
    "darknet_yolov2-voc": "use yolov2 classes=20",
    "darknet_yolov3": "yolov3",
    "darknet_yolov3-tiny": "yolov3_tiny",
    "darknet_yolov3-voc": "use yolov3 classes=20",
    "densenet-100-k12_cifar10": "use densenet_cifar bottleneck=no",
    "densenet-100-k24_cifar10": "use densenet_cifar growth=24 bottleneck=no",
    "densenet-40-k12_cifar10": "use densenet_cifar depth=40 bottleneck=no",
    "densenet-BC-100-k12_cifar10": "densenet_bc_100_12",
    "densenet-BC-190-k40_cifar10": "use densenet_cifar depth=190 growth=40",
    "densenet-BC-250-k24_cifar10": "use densenet_cifar depth=250 growth=24",
    "lenet5_modern": "lenet5",
    "mobilenet_v1_0.25_224": "use mobilenet_v1 alpha=0.25",
    "mobilenet_v1_0.5_224": "use mobilenet_v1 alpha=0.5",
    "mobilenet_v1_0.75_224": "use mobilenet_v1 alpha=0.75",
    "mobilenet_v1_1.0_128": "mobilenet_v1",
    "mobilenet_v1_1.0_160": "mobilenet_v1",
    "mobilenet_v1_1.0_192": "mobilenet_v1",
    "mobilenet_v1_1.0_224": "mobilenet_v1",
    "nin_cifar10": "nin_cifar10",
    "nin_imagenet": "nin",
    "resnet110_cifar_A": "resnet110",
    "resnet110_cifar_B": "use resnet_cifar n=18 projection=yes",
    "resnet1202_cifar_A": "use resnet_cifar n=200",
    "resnet20_cifar_A": "resnet20",
    "resnet20_cifar_B": "use resnet_cifar n=3 projection=yes",
    "resnet32_cifar_A": "resnet32",
    "resnet44_cifar_A": "resnet44",
    "resnet56_cifar_A": "resnet56",
    "resnet56_cifar_B": "use resnet_cifar n=9 projection=yes",
    "unet_paper_572_1to2": "unet",
    "unet_same_1to1": "unet_padded",
    "unet_same_3to1": "unet_padded",
    "vgg_A": "vgg11",
    "vgg_B": "vgg13",
    "vgg_C": "vgg_c",
    "vgg_D": "vgg16",
    "vgg_E": "vgg19",
    "wrn-16-8_cifar10": "use wide_resnet depth=16 widen=8",
    "wrn-28-10_cifar10": "wrn_28_10",
    "wrn-40-4_cifar10": "use wide_resnet depth=40 widen=4",
    "zfnet": "zfnet",
}
# Rows that count otherwise than we do, held elsewhere: the fixed output weights of 1998 are no parameters there
# (`test_family_tree`), and Darknet's file crops its input to 224x224 before its first convolution.
COUNTED_OTHERWISE = {"lenet5_1998": "lenet5_1998", "darknet_vgg-16": "vgg16"}
# Rows of networks that are not shipped: Darknet's own forms of others' networks, tutorials, and copies of U-Net.
NOT_SHIPPED = {
    "caffe_cifar10_full", "caffe_cifar10_quick", "caffe_lenet", "darknet_cifar", "darknet_darknet",
    "darknet_densenet201", "darknet_extraction", "darknet_resnet101", "darknet_resnet152", "darknet_resnet18",
    "darknet_resnet34", "darknet_resnet50", "darknet_resnext101-32x4d", "darknet_resnext50", "darknet_tiny",
    "darknet_yolo9000", "darknet_yolov1-tiny", "darknet_yolov3-spp", "keras_mnist_convnet", "pytorch_cifar10_tutorial",
    "pytorch_mnist_example", "tf_cnn_tutorial_cifar10", "unet_milesial_3to1_transpose", "unet_milesial_3to2_transpose",
    "unet_zhixuhao_keras",
}  # fmt: skip
TEACHING = {
    "cats-dogs": 438_842,
    "mlp-224": 19_302_026,
    "mlp-mnist": 101_770,
    "mnist": 121_930,
    "mnist-same": 421_642,
    "zfnet": 62_357_608,
}


def totals() -> dict[str, dict[str, list[str]]]:
    """The collection of totals, by who counted and by the network's name there: input, trainable, other, macs."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in (DATA / "models.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        source, name, *numbers = line.split("\t")
        found.setdefault(source.partition(" ")[0], {})[name] = numbers[:4]
    return found


def networks(file: str) -> list[dict]:
    """What a framework says of its networks, layer by layer."""
    return [json.loads(line) for line in (DATA / file).read_text().splitlines()]


TOTALS = totals()
NETWORKS = networks("networks.jsonl")
TORCHVISION = {truth["network"] for truth in networks("torchvision.jsonl")}
# Held in `test_family_tree`; its data have other members of the families as well.
TREE = {truth["network"] for truth in networks("family_tree.jsonl") if not truth["network"].startswith("use ")}


@pytest.mark.parametrize("name", library.names())
def test_a_network_passes_its_own_answers(name: str) -> None:
    """Every shipped network states answers, its totals among them, and all are right."""
    report = cnncalc.analyze(name)
    assert report.passed
    assert {answer.quantity for answer in report.answers if not answer.layer} >= {"params", "macs"}
    assert all(answer.verdict == "right" for answer in report.answers)


@pytest.mark.parametrize("name", library.names())
def test_a_network_says_what_it_is(name: str) -> None:
    """Its comments have a title and a source, and if somebody published it, a year."""
    about = library.about(name)
    assert about["title"]
    assert about["source"]
    assert "year" in about or name in TEACHING
    assert about.get("year", "2000").isdigit()


@pytest.mark.parametrize(
    ("spec", "row"),
    [
        *[(spec, TOTALS["published"][name]) for name, spec in PUBLISHED.items()],
        *[(library.named(f"keras/{name}"), row) for name, row in TOTALS["keras"].items()],
        *[(name.replace("__", "_"), row) for name, row in TOTALS["torchvision"].items()],
    ],
)
def test_totals_are_those_of_the_collection(spec: str, row: list[str]) -> None:
    """At its input, trainable and other parameters and macs equal those of the framework, the files or the paper."""
    size, *numbers = row
    found = cnncalc.analyze(spec, input=size).totals
    assert [str(found.trainable), str(found.non_trainable), str(found.macs)] == numbers


def test_every_row_of_the_collection_is_held_or_said_not_to_be_shipped() -> None:
    """Of 193 rows, 166 are held by totals, two count otherwise, and 25 speak of what is not shipped."""
    parts = [set(PUBLISHED), set(COUNTED_OTHERWISE), NOT_SHIPPED]
    assert set().union(*parts) == set(TOTALS["published"])
    assert sum(map(len, parts)) == len(TOTALS["published"])
    for row, name in COUNTED_OTHERWISE.items():
        found = cnncalc.analyze(name).totals
        trainable, macs = TOTALS["published"][row][1], TOTALS["published"][row][3]
        assert [str(found.trainable), str(found.macs)] == [trainable, macs]


def test_every_network_is_held_against_something() -> None:
    """No shipped network has only its own word, and a family is what its member is."""
    families = {name: library.about(name)["family"] for name in library.names() if "family" in library.about(name)}
    names = {name for name in library.names() if not name.startswith("keras/")}  # test_keras_specs.py has those
    assert names - set(families) <= TORCHVISION | TREE | set(PUBLISHED.values()) | set(TEACHING)
    for name, params in TEACHING.items():
        assert cnncalc.analyze(name).totals.params == params
    for family, member in families.items():
        assert f"\nuse {family}" in library.read(member).text
        assert cnncalc.analyze(family).totals == cnncalc.analyze(member).totals


def owners(report: Report) -> list[tuple[list[int], int]]:
    """The layers that own parameters: what they put out, and how many trainable ones they have."""
    return [
        ([int(str(dim)) for dim in record.output.dims], int(str(record.params)))
        for record in report.records
        if record.facts.arrays
    ]


@pytest.mark.parametrize("truth", NETWORKS, ids=[truth["network"] for truth in NETWORKS])
def test_every_layer_is_as_in_its_framework(truth: dict) -> None:
    """Layer by layer, in the order in which they run, outputs and parameters equal the framework's."""
    name = truth["network"]
    report = cnncalc.analyze(name)
    stated = [(output, params) for _, _, output, params in truth["layers"]]
    found = [(list(output), params) for output, params in owners(report)]
    if name == "mobilenet_v1":
        # Keras keeps the 1x1 map in front of its last convolution; a vector is the same.
        stated = [([size for size in output if size != 1 or len(output) == 1], params) for output, params in stated]
        found = [([size for size in output if size != 1 or len(output) == 1], params) for output, params in found]
    assert found == stated
    assert report.totals.trainable == truth["trainable"]
    assert report.totals.non_trainable == truth["non_trainable"]


def test_vgg16_sees_what_the_paper_on_receptive_fields_says() -> None:
    """The fields of VGG-16's convolutions and pools, and the jump at the end (Araujo, Norris & Sim 2019)."""
    report = cnncalc.analyze("vgg16")
    sizes = [record.rf.size[0] for record in report.records if record.kind in {"conv", "maxpool"} and record.rf]
    assert sizes == [3, 5, 6, 10, 14, 16, 24, 32, 40, 44, 60, 76, 92, 100, 132, 164, 196, 212]
    last = report["maxpool5"].rf
    assert last is not None
    assert (last.stride, str(last.center[0])) == ((32, 32), "31/2")


def test_receptive_fields_of_published_tables() -> None:
    """Size and jump at the last map of the networks that are built as the table's are."""
    published = {
        line.split("\t")[0]: line.split("\t")[1:3]
        for line in (DATA / "receptive_fields.tsv").read_text().splitlines()
        if not line.startswith("#")
    }
    for name, theirs, layer in (
        ("vgg16", "vgg_16", "maxpool5"),
        ("mobilenet_v1", "mobilenet_v1", "relu627"),
        ("alexnet", "alexnet_v2", "maxpool3"),
    ):
        rf = cnncalc.analyze(name)[layer].rf
        assert rf is not None
        assert rf.stride is not None
        assert [str(rf.size[0]), str(rf.stride[0])] == published[theirs], name
