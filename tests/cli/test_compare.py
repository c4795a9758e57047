"""`cnncalc compare`."""

from __future__ import annotations

import csv
import io
import json

import pytest

from cnncalc.views import FORMATS

SMALL = "input 8x8x3; conv 4 3x3"
LARGE = "input 8x8x3; conv 8 3x3"


def test_two_networks(run) -> None:
    """A row for each quantity of the whole and of each stage; the difference from the first, and in percent."""
    result = run("compare", "resnet18", "resnet50", "--format", "csv")
    assert result.code == 0
    rows = {(row["stage"], row["quantity"]): row for row in csv.DictReader(io.StringIO(result.out))}
    assert rows["total", "params"] == {
        "stage": "total", "quantity": "params", "resnet18": "11689512", "resnet50": "25557032",
        "difference": "13867520", "percent": "+118.6",
    }  # fmt: skip
    assert rows["56x56", "channels"]["resnet50"] == "256"
    assert rows["vector", "macs"]["resnet18"] == "512000"
    assert "a stage is all layers" in result.err


def test_more_networks(run) -> None:
    """Each of the others has its own differences; what a network does not have is no number."""
    out = run("compare", "vgg16", "resnet50", "mobilenet_v2", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0]) == [
        "stage", "quantity", "vgg16", "resnet50", "mobilenet_v2", "resnet50 difference", "resnet50 percent",
        "mobilenet_v2 difference", "mobilenet_v2 percent",
    ]  # fmt: skip
    only_vgg = next(row for row in rows if row["stage"] == "224x224")
    assert only_vgg["resnet50"] == only_vgg["resnet50 difference"] == only_vgg["resnet50 percent"] == "-"


def test_options_hold_for_each(run) -> None:
    """`--input`, `--set`, `--batch` and `--dtype` speak of every network."""
    options = ("--input", "64x64x3", "--set", "classes=10", "--batch", "2", "--dtype", "float16")
    data = json.loads(run("compare", "resnet18", "resnet34", *options, "--format", "json").out)
    assert [network["input"] for network in data["networks"]] == [[64, 64, 3]] * 2
    assert [network["output"] for network in data["networks"]] == [[10]] * 2
    totals = data["networks"][0]["totals"]
    assert totals["memory"] == 2 * 2 * totals["activations"]


def test_fail_over(run) -> None:
    """A limit that is exceeded exits with 1, and is said; several may be given."""
    result = run("compare", SMALL, LARGE, "--fail-over", "params=99%", "--fail-over", "layers=0%", "--format", "table")
    assert result.code == 1
    assert f"wrong: params: {LARGE} exceeds {SMALL} by 100.0%; 99% are allowed" in result.out
    assert f"right: layers: no network exceeds {SMALL} by more than 0%" in result.out
    assert run("compare", SMALL, LARGE, "--fail-over", "params=100%").code == 0
    assert run("compare", LARGE, SMALL, "--fail-over", "macs=0%").code == 0
    nothing = run("compare", "input 8x8x3; relu", SMALL, "--fail-over", "params=100%", "--format", "table")
    assert "exceeds input 8x8x3; relu; 100% are allowed" in " ".join(nothing.out.split())


def test_long_specs_are_called_by_their_number(run) -> None:
    """And said once in full; so is a spec that stands twice."""
    long = "input 8x8x3; conv 4 3x3; relu; relu"
    out = run("compare", long, "lenet5", "--format", "table").out
    assert "network 1" in out
    assert f"note: network 1 is {long}" in out
    assert "network 2 is lenet5" in run("compare", "lenet5", "lenet5", "--format", "table").out


def test_wrong_answers_are_reported(run) -> None:
    """A wrong answer is reported wherever the spec is used."""
    result = run("compare", "input 8x8x3; relu -> params 5", "lenet5")
    assert result.code == 1
    assert "wrong: network 1: relu1: params 5 is wrong" in result.err


@pytest.mark.parametrize("form", FORMATS)
def test_every_format(run, form: str) -> None:
    """The comparison in every format."""
    result = run("compare", "lenet5", "mnist", "--format", form)
    assert result.code == 0
    assert "lenet5" in result.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lenet5",), "two networks or more"),
        ((), "Missing argument"),
        (("lenet5", "mnist", "--fail-over", "parms=5%"), "did you mean `params`"),
        (("lenet5", "mnist", "--fail-over", "params=5"), "a limit is written params=5%"),
        (("-", "-"), "can be read only once"),
        (("lenet5", "vgg61"), "no file, no shipped network"),
        ((SMALL, "input 8x8x3; conv n 3x3", "--fail-over", "params=5%"), "not known for symbols"),
    ],
)
def test_requests_that_cannot_be_carried_out(run, arguments: tuple[str, ...], message: str) -> None:
    """Usage errors exit with 2."""
    result = run("compare", *arguments)
    assert result.code == 2
    assert message in result.err


def test_different_inputs_are_told(run) -> None:
    """Their stages line up by the part of the image that a map is."""
    told = "the inputs differ, 224x224x3 and 240x240x3; `--input 224x224x3`"
    assert told in run("compare", "efficientnet_b0", "efficientnet_b1", "vgg16").err
    assert "`--input 224x224x3` compares all on one" in run("compare", "efficientnet_b0", "efficientnet_b1").err
    assert "differ" not in run("compare", "efficientnet_b0", "efficientnet_b1", "--input", "224x224x3").err
    rows = [line.split() for line in run("compare", "resnet50", "efficientnet_b4").out.splitlines()]
    assert [row[0] for row in rows if row[1] == "channels"] == ["1/2", "1/4", "1/8", "1/16", "1/32", "1/512", "vector"]
    rows = [line.split() for line in run("compare", "input 8x8x1; upsample 2; gap", "input 4x1; relu").out.splitlines()]
    assert [row[0] for row in rows if row[1] == "channels"] == ["2/1", "1/1", "vector"]
