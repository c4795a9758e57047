"""The shipped networks, held against the frameworks and papers that published them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cnncalc
from cnncalc import library
from cnncalc.report import Report

DATA = Path(__file__).parent / "data"
# What the networks of Keras and of the papers are called here; those of torchvision are held in `test_torchvision`.
PUBLISHED = {
    "alexnet_2012": "caffe_bvlc_alexnet",
    "lenet5": "lenet5_modern",
    "mobilenet_v1": "mobilenet_v1_1.0_224",
    "nin": "nin_imagenet",
    "nin_cifar10": "nin_cifar10",
    "unet": "unet_paper_572_1to2",
}
TEACHING = {
    "cats-dogs": 438_842,
    "mlp-224": 19_302_026,
    "mlp-mnist": 101_770,
    "mnist": 121_930,
    "mnist-same": 421_642,
    "zfnet": 62_357_608,
}
# Files that others use, and the member that they are as they stand.
FAMILIES = {
    "convnext": "convnext_tiny",
    "densenet": "densenet121",
    "densenet_cifar": "densenet_bc_100_12",
    "efficientnet": "efficientnet_b0",
    "efficientnet_v2": "efficientnet_v2_s",
    "fcn": "fcn8s",
    "mnasnet": "mnasnet1_0",
    "mobilenet_v3": "mobilenet_v3_large",
    "preact_resnet": "preact_resnet164",
    "regnet": "regnet_x_400mf",
    "resnet": "resnet18",
    "resnet_cifar": "resnet20",
    "resnet_v1": "resnet_v1_50",
    "resnet_v2": "resnet_v2_50",
    "shufflenet_v2": "shufflenet_v2_x1_0",
    "slim/resnet_v1": "slim/resnet_v1_50",
    "squeezenet": "squeezenet1_0",
    "vgg": "vgg16",
    "wide_resnet": "wrn_28_10",
}


def totals() -> dict[str, list[str]]:
    """The published totals by the network's name there: input, trainable, not trainable, macs. PyTorch's win."""
    found: dict[str, list[str]] = {}
    for line in (DATA / "models.tsv").read_text().splitlines()[1:]:
        source, name, *numbers = line.split("\t")
        if not source.startswith("keras"):
            found[name] = numbers[:4]
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


@pytest.mark.parametrize("name", PUBLISHED)
def test_totals_are_the_published_ones(name: str) -> None:
    """Input, trainable and other parameters and macs equal those of the framework or the paper."""
    report = cnncalc.analyze(name)
    stated = [
        "x".join(map(str, report.input)),
        report.totals.trainable,
        report.totals.non_trainable,
        report.totals.macs,
    ]
    assert list(map(str, stated)) == TOTALS[PUBLISHED[name]]


def test_every_network_is_held_against_something() -> None:
    """No shipped network has only its own word."""
    names = {name for name in library.names() if not name.startswith("keras/")}  # test_keras_specs.py has those
    assert names == TORCHVISION | TREE | set(PUBLISHED) | set(TEACHING) | set(FAMILIES)
    for name, params in TEACHING.items():
        assert cnncalc.analyze(name).totals.params == params
    for family, member in FAMILIES.items():
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


@pytest.mark.parametrize(
    ("spec", "published"),
    [
        ("use mobilenet_v1 alpha=0.75", "mobilenet_v1_0.75_224"),
        ("use mobilenet_v1 alpha=0.5", "mobilenet_v1_0.5_224"),
        ("use mobilenet_v1 alpha=0.25", "mobilenet_v1_0.25_224"),
    ],
)
def test_families_hold_for_their_other_members(spec: str, published: str) -> None:
    """With other params the family's file gives the totals of networks that are not shipped."""
    totals_ = cnncalc.analyze(spec).totals
    assert list(map(str, (totals_.trainable, totals_.non_trainable, totals_.macs))) == TOTALS[published][1:]
