"""`cnncalc show --counted-as TOOL`."""

from __future__ import annotations

import json

import pytest

from cnncalc.cli.show import complete_tool
from cnncalc.views import FORMATS

NET = "input 12x12x8; conv 4 3x3 same; relu; local 2 3x3"


def test_a_tool_counts_layer_by_layer(run) -> None:
    """Each figure of the tool is a column; its rule and faults are notes."""
    result = run("show", "vgg16", "--counted-as", "thop", "--format", "plain")
    assert result.code == 0
    assert result.out.splitlines()[0].split() == ["name", "kind", "config", "output", "params", "macs"]
    assert result.out.splitlines()[-1].split()[-2:] == ["138357544", "15470314496"]
    assert "note: thop 0.1.1.post2209072238: multiply-accumulates" in result.err


def test_what_is_not_known_is_said(run) -> None:
    """Where a layer is not known there is no total."""
    result = run(NET, "--counted-as", "FVCORE", "--format", "table")
    assert "flops not known" in result.out
    assert "it is not known what fvcore counts as flops for local1" in result.out
    assert 'fault of fvcore: a convolution with `padding="same"`' in result.out
    many = run("input 20x20x1; repeat 5 { local 1 3x3 }", "--counted-as", "thop")
    assert "for local1, local2, local3 and 2 more" in many.err
    assert "and" not in run(NET, "--counted-as", "thop").err.split("for local1")[1]


def test_counts_as_json(run) -> None:
    """Totals and layers by quantity; null for what is not known."""
    data = json.loads(run(NET, "--counted-as", "fvcore", "--format", "json").out)
    assert data["tool"] == "fvcore"
    assert data["totals"] == {"params": None, "macs": None}
    assert data["unknown"] == {"params": ["local1"], "macs": ["local1"]}
    assert data["layers"][0] == {"index": 1, "name": "conv1", "kind": "conv", "params": 292, "macs": 0}
    assert data["faults"]
    assert data["assumed_modules"] == []
    data = json.loads(run("input 8x8x3; relu", "--counted-as", "ptflops", "--format", "json").out)
    assert data["totals"] == {"params": 0, "macs": 384}
    assert data["titles"] == {"params": "params", "macs": "macs"}
    assert data["unknown"] == {}
    assert data["assumed_modules"] == ["relu"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format(run, form: str) -> None:
    """The table of counts in every format."""
    result = run("input 12x12x8; convt 4 2x2 s2", "--counted-as", "torchinfo", "--format", form)
    assert result.code == 0
    assert "convt1" in result.out


def test_memory_in_both_units(run) -> None:
    """A pass size is bytes, and both megabytes are said."""
    out = run("vgg16", "--counted-as", "torchsummary", "--format", "table").out
    assert "Forward/backward pass size 229.4 MB (218.8 MiB)" in out


def test_requests_that_cannot_be_carried_out(run) -> None:
    """A tool that there is not, and a network with symbols."""
    result = run("vgg16", "--counted-as", "tohp")
    assert (result.code, result.err.splitlines()[-1]) == (
        2, "Error: Invalid value for --counted-as: unknown tool `tohp`; did you mean `thop`?",
    )  # fmt: skip
    assert "the tools are keras, torchinfo" in run("vgg16", "--counted-as", "zzz").err
    assert "tools count numbers" in run("input 8x8x3; conv n 3x3", "--counted-as", "thop").err


def test_a_wrong_answer_still_exits_with_1(run) -> None:
    """The spec's own answers are judged as always."""
    assert run("input 8x8x3; relu -> params 3", "--counted-as", "thop").code == 1


def test_tools_are_completed() -> None:
    """`--counted-as tor` offers the tools that begin so."""
    assert complete_tool(None, None, "tor") == ["torchinfo", "torchsummary", "torch"]


def test_wrong_answers_are_told(run) -> None:
    """They are why the exit code is 1, whoever counts."""
    result = run("input 8x8x3; conv 4 3x3 -> 6x6x5", "--counted-as", "thop")
    assert (result.code, "conv1: output 6x6x5 is wrong; it is 6x6x4" in result.err) == (1, True)
