"""The classics, the backbones and the others of the family tree, against who published them.

`data/family_tree.jsonl` has a line for each: the totals, and how often a layer with so many trainable
parameters puts out such a map, found from the authors' own files, from frameworks, or from a rebuild in
PyTorch of what the paper describes, as `against` says.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import cnncalc
from cnncalc import library
from cnncalc.infer import Record
from cnncalc.report import Report

DATA = Path(__file__).parent / "data"
TREE = [json.loads(line) for line in (DATA / "family_tree.jsonl").read_text(encoding="utf-8").splitlines()]
FIELDS = [
    line.split("\t")
    for line in (DATA / "receptive_fields.tsv").read_text(encoding="utf-8").splitlines()[2:]
    if not line.startswith("#")
]


def totals(report: Report) -> list[str]:
    """Input, trainable and other parameters, macs."""
    found = report.totals
    return ["x".join(map(str, report.input)), *map(str, (found.trainable, found.non_trainable, found.macs))]


def trained(record: Record) -> int:
    """The parameters of a layer that are trained, whether they count there or at an earlier call."""
    return sum(int(str(array.size)) for array in record.facts.arrays if array.trainable)


@pytest.mark.parametrize("truth", TREE, ids=[truth["network"] for truth in TREE])
def test_every_layer_is_as_published(truth: dict) -> None:
    """The totals, and every layer that learns: what it puts out, and how many parameters it has."""
    report = cnncalc.analyze(truth["network"])
    assert totals(report) == [str(truth[key]) for key in ("input", "trainable", "non_trainable", "macs")]
    found = Counter(f"{record.output} {learnt}" for record in report.records if (learnt := trained(record)) != 0)
    assert found == Counter(truth["layers"])


@pytest.mark.parametrize("row", FIELDS, ids=[row[0] for row in FIELDS])
def test_receptive_fields_are_those_of_the_published_table(row: list[str]) -> None:
    """Size, stride and padding at the last map (Araujo, Norris & Sim 2019): unit u starts at u*stride - padding."""
    name, size, stride, padding, *_ = row
    maps = [record for record in cnncalc.analyze(f"slim/{name}").records if record.output.rank == 2]
    field = next(record.rf for record in reversed(maps) if record.output.extents[0] != 1)
    assert field is not None
    assert [field.size, field.stride, field.start] == [(int(size),) * 2, (int(stride),) * 2, (-int(padding),) * 2]


def test_lenet5_has_the_parameters_of_the_paper() -> None:
    """Section II-B counts 156, 12, 1,516, 32, 48,120 and 10,164 trainable parameters, 60,000 in all."""
    report = cnncalc.analyze("lenet5_1998")
    names = [record.name for record in report.records]
    counts = [int(str(record.params)) for record in report.records]
    first, c3, c5 = (names.index(name) for name in ("c1", "c3", "c5"))
    by_layer = [counts[first], sum(counts[names.index("scale1") : names.index("tanh1")])]
    by_layer += [sum(counts[names.index("slice1") : c3]), sum(counts[c3:c5]), counts[c5], counts[names.index("f6")]]
    assert by_layer == [156, 12, 1516, 32, 48120, 10164]
    assert (report.totals.trainable, report.totals.non_trainable, report.totals.macs) == (60_000, 840, 326_520)
    # Table I joins 60 pairs of maps; each has one kernel of 25 weights.
    assert (by_layer[2] - 16) // 25 == 60


def test_where_the_stride_stands() -> None:
    """ResNet-50 as published reads 483 pixels, torchvision's 427; GoogLeNet 715, torchvision's with 3x3 kernels 379."""
    seen = {
        name: next(record.rf for record in reversed(cnncalc.analyze(name).records) if record.output.rank == 2)
        for name in ("resnet_v1_50", "resnet50", "googlenet_2014", "googlenet")
    }
    assert {name: field and field.size[0] for name, field in seen.items()} == {
        "resnet_v1_50": 483,
        "resnet50": 427,
        "googlenet_2014": 715,
        "googlenet": 379,
    }


def test_what_the_comments_say_of_other_params_and_sizes() -> None:
    """Totals that are written in the comments at the top, or in the papers, for another size or another param."""
    assert cnncalc.analyze("c3d", set={"classes": 101}).totals.params == 78_409_573
    assert cnncalc.analyze("srcnn", set={"middle": 5}).totals.weights == 57_184
    # The papers count billions of operations, two for each multiply-accumulate.
    for name, size, billions in (("yolov3", 416, 65.86), ("yolov3", 608, 140.69), ("darknet19", 224, 5.58)):
        assert round(cnncalc.analyze(name, input=f"{size}x{size}x3").totals.macs * 2 / 1e9, 2) == billions


def test_all_of_the_tree_is_held() -> None:
    """Every line of the data is a shipped network, or says which params it has."""
    names = [truth["network"] for truth in TREE]
    assert len(names) == len(set(names))
    assert {name for name in names if not name.startswith("use ")} <= set(library.names())
