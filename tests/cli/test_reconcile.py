"""`cnncalc reconcile`."""

from __future__ import annotations

import json

import pytest

from cnncalc.cli.reconcile import _similar
from cnncalc.views import FORMATS


def test_a_convention_gives_it(run) -> None:
    """The tool is named, with its rule and its sum; the exit code is 0."""
    result = run("reconcile", "resnet50", "4.12G", "--format", "table")
    assert result.code == 0
    text = " ".join(result.out.split())
    assert "right: 4,121,925,096 rounds to 4.12G: ptflops-modules: macs" in text
    assert "note: ptflops-modules (ptflops 0.7.5, backend pytorch, count_functional=False" in text
    assert "macs = 4,089,184,256 multiply-accumulates + 22,227,968 BatchNorm + 9,608,704 ReLU" in text


def test_many_conventions_give_it(run) -> None:
    """Where many agree, they are in the table, and their rules are not told."""
    result = run("reconcile", "vgg16", "138,357,544", "--format", "tsv")
    assert result.code == 0
    assert len(result.out.splitlines()) == 13
    assert result.err == "right: 138,357,544 is 138,357,544: trainable parameters, and 11 others\n"


def test_none_gives_it(run) -> None:
    """The nearest are shown with the difference, and what explains it; the exit code is 1."""
    result = run("reconcile", "resnet50", "25636712", "--format", "csv")
    assert result.code == 1
    lines = result.out.splitlines()
    assert lines[0] == "quantity,value,counted_by,as,difference"
    assert lines[1] == 'params,25610152,cnncalc,"parameters, trained or not",26560'
    assert "wrong: no convention gives 25636712; these come nearest" in result.err
    assert "26,560 (a bias for every filter of the 53 layers that have none)" in result.err


def test_tools_that_take_something_away(run) -> None:
    """A fault that counts too little is a difference with a minus."""
    result = run("reconcile", "input 8x8x4; conv 4 3x3 same; relu; conv 8 1x1", "2048", "--format", "plain")
    assert "fvcore: flops = 11,264 multiply-accumulates - 9,216 Conv" in result.err
    result = run("reconcile", "input 8x8x4; conv 4 3x3 same", "18944 flops", "--format", "plain")
    assert "FLOPs = 18,432 two for each multiply-accumulate + 256 Conv" not in result.err


def test_without_a_number_all_conventions_are_listed(run) -> None:
    """Of one quantity, or of all."""
    rows = run("reconcile", "vgg16", "--format", "tsv", "--quantity", "macs").out.splitlines()
    assert {row.split("\t")[0] for row in rows[1:]} == {"macs"}
    assert any(row.split("\t")[1:3] == ["15470289408", "fvcore"] for row in rows)
    data = json.loads(run("reconcile", "vgg16", "--format", "json").out)
    assert {each["quantity"] for each in data["conventions"]} == {"params", "macs", "flops", "activations", "bytes"}


def test_json(run) -> None:
    """What programs read."""
    data = json.loads(run("reconcile", "resnet50", "98 MB", "--format", "json").out)
    assert data["reconciled"] is True
    assert data["number"] == "98 MB"
    assert data["matches"] == [
        {
            "quantity": "bytes", "value": 102_440_608, "exact": False, "powers_of_1024": True,
            "conventions": [{"tool": None, "title": "parameters as float32", "terms": {}}],
        }
    ]  # fmt: skip
    data = json.loads(run("reconcile", "resnet50", "23.53M", "--format", "json").out)
    assert data["reconciled"] is False
    assert data["nearest"][0]["difference"] == 23_530_000 - data["nearest"][0]["value"]
    assert data["explanations"][0].startswith("23,528,522 (trainable parameters) with 10 classes")


def test_options_hold(run) -> None:
    """`--set` and `--input` give the network that is meant, and stay as others are tried."""
    assert run("reconcile", "mobilenet_v2", "610.1 MMac", "--set", "alpha=1.4").code == 0
    assert run("reconcile", "resnet50", "5.34 GMac", "--input", "256x256x3").code == 0
    result = run("reconcile", "resnet50", "23,528,522", "--input", "64x64x3")
    assert "with 10 classes" in result.err


def test_networks_of_the_same_name_are_tried(run) -> None:
    """A number of ResNet-18's big brother; but a file or an inline spec has no relatives."""
    result = run("reconcile", "vgg16", "138365992")
    assert (result.code, "of another network, `vgg16_bn`" in result.err) == (1, True)
    assert run("reconcile", "VGG-16", "138365992").out == result.out
    assert _similar("resnet50", "resnet50_v1")
    assert not _similar("resnet50", "vgg16")
    assert "another network" not in run("reconcile", "input 8x8x3; relu", "138365992").err


def test_a_member_is_named_and_not_its_family(run) -> None:
    """A family is one of its members under another name, so it explains nothing more."""
    said = run("reconcile", "resnet50", "97.8 MB").err
    assert "of another network, `keras/resnet50`" in said
    assert "`keras/resnet`" not in said


def test_nothing(run) -> None:
    """Zero is a number, too: without the moving statistics of ResNet-50 nothing is left that is not trained."""
    result = run("reconcile", "resnet50", "0")
    assert (result.code, "(the moving statistics of batch normalisation, which are not trained) = 0" in result.err) == (
        1,
        True,
    )


@pytest.mark.parametrize("form", FORMATS)
def test_every_format(run, form: str) -> None:
    """A match and the nearest in every format."""
    assert "thop" in run("reconcile", "resnet50", "4133742592", "--format", form).out
    assert run("reconcile", "lenet5", "60000", "--format", form).code == 1
    assert "macs" in run("reconcile", "lenet5", "--format", form).out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resnet50", "many"), "is no number; write it as 25557032"),
        (("resnet50", "\u0664"), "is no number"),
        (("resnet50", "4.12\u212a"), "is no number"),
        (("resnet50", "5bi"), "is no number"),
        (("resnet50", "5", "--quantity", "mac"), "did you mean `macs`"),
        (("input 8x8x3; conv n 3x3", "5"), "tools count numbers"),
        (("resnet51", "5"), "did you mean"),
    ],
)
def test_requests_that_cannot_be_carried_out(run, arguments: tuple[str, ...], message: str) -> None:
    """Exit with 2."""
    result = run("reconcile", *arguments)
    assert result.code == 2
    assert message in result.err


def test_flops_that_are_multiply_accumulates(run) -> None:
    """The commonest mix-up is told; not where nobody speaks of flops."""
    told = "it counts multiply-accumulates: of two operations each, there are 8,178,368,512"
    assert told in run("reconcile", "resnet50", "4.1 GFLOPs").err
    assert told not in run("reconcile", "resnet50", "4.1G").err
    assert told not in run("reconcile", "resnet50", "8.2 GFLOPs").err


def test_a_number_that_was_cut_off(run) -> None:
    """It rounds to what few mean, and is told to be what many mean."""
    result = run("reconcile", "resnet50", "25.5M")
    assert result.code == 0
    assert "note: 25.5M may also be 25,557,032 (trainable parameters), cut off and not rounded" in result.err


def test_a_number_without_its_unit(run) -> None:
    """There is no match, and it is said how a unit is written."""
    assert "a million is written 3.8M, a thousand million 3.8G" in run("reconcile", "resnet50", "3.8").err
    assert "a million" not in run("reconcile", "resnet50", "3.8G").err


def test_the_network_of_the_paper_is_tried(run) -> None:
    """ResNet-50 as published has its stride in the 1x1, and that is where 3.8 billion comes from."""
    assert "`resnet_v1_50`, cut off" in run("reconcile", "resnet50", "3.8 GFLOPs").err
