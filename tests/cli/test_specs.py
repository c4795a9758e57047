"""`cnncalc specs`: the shipped networks, filtered, ordered and drawn."""

from __future__ import annotations

import json
import sys

import pytest

import cnncalc
from cnncalc import infer, library, report
from cnncalc.cli.specs import described
from cnncalc.spec.expand import Options
from cnncalc.spec.source import Source
from cnncalc.views import FORMATS, terminal

FEW = (
    "lenet5", "mnist", "mobilenet_v1", "mobilenet_v2", "resnet18", "resnet152", "vgg", "vgg11_bn", "vgg13", "vgg16",
    "vgg16_bn", "vgg19",
)  # fmt: skip


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of the shipped networks, whatever others there are."""
    monkeypatch.setattr(library, "names", lambda: FEW)


MEMBERS = tuple(name for name in FEW if name != "vgg")


def listed(run, *arguments: str) -> list[dict]:
    """The networks as JSON."""
    result = run("specs", *arguments, "--format", "json")
    assert result.code == 0
    return json.loads(result.out)


def test_totals_are_those_of_the_report(run) -> None:
    """Counted without receptive fields, the numbers are the same."""
    networks = listed(run)
    assert [network["name"] for network in networks] == sorted(MEMBERS)
    for network in networks:
        whole = cnncalc.analyze(network["name"])
        assert network["params"] == whole.totals.params
        assert network["macs"] == whole.totals.macs
        assert network["non_trainable"] == whole.totals.non_trainable
        assert network["input"] == list(whole.input)
        assert network["layers"] == len(whole.records)
        assert infer.count(whole.graph) == whole.totals


def test_words_and_ranges(run) -> None:
    """A word is looked for in names and titles; ranges are inclusive, and read rounded numbers."""
    assert {"mobilenet_v1", "mobilenet_v2"} <= {network["name"] for network in listed(run, "mobilenet")}
    names = {network["name"] for network in listed(run, "vgg", "--max-params", "138357544", "--min-params", "132.8M")}
    assert names == {"vgg11_bn", "vgg13", "vgg16"}
    assert all(network["macs"] >= 10**10 for network in listed(run, "--min-macs", "10G"))
    assert all(network["macs"] <= 10**9 for network in listed(run, "--max-macs", "1G"))
    years = [network["year"] for network in listed(run, "--min-year", "2016", "--sort", "year")]
    assert years == sorted(years)
    assert min(years) >= 2016
    assert all(network["year"] == 1998 for network in listed(run, "--max-year", "1998"))


def test_families(run) -> None:
    """A family is its first member under another name, and stands in a list of its own."""
    assert "vgg" not in [network["name"] for network in listed(run)]
    assert [network["name"] for network in listed(run, "--families")] == ["vgg"]
    assert [network["name"] for network in listed(run, "VGG", "--families")] == ["vgg"]
    result = run("specs", "vgh", "--families")
    assert (result.code, "no shipped family has `vgh`" in result.err, "did you mean `vgg`" in result.err) == (2, 1, 1)


def test_words_however_they_are_written(run) -> None:
    """Capitals, dashes and underscores make no difference."""
    for word in ("VGG-16-bn", "vgg16bn", "vgg_16_BN"):
        assert [network["name"] for network in listed(run, word)] == ["vgg16_bn"]


def test_order(run) -> None:
    """By a number, the smallest or the largest first; networks that have none stand last."""
    params = [network["params"] for network in listed(run, "--sort", "params")]
    assert params == sorted(params)
    macs = [network["macs"] for network in listed(run, "--sort", "macs", "--descending")]
    assert macs == sorted(macs, reverse=True)
    years = [network["year"] for network in listed(run, "--sort", "year", "--descending")]
    known = [year for year in years if year is not None]
    assert years[: len(known)] == sorted(known, reverse=True)
    assert set(years[len(known) :]) == {None}


def test_accuracy(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`# top1:` of the header is a column, a range and an order; networks without it are in no range."""
    texts = {
        "good": Source("good", "# top1: 80.5\ninput 8x8x3; conv 4 3x3"),
        "better": Source("better", "# top1: 90\ninput 8x8x3; conv 8 3x3"),
        "silent": Source("silent", "input 8x8x3; relu"),
    }
    monkeypatch.setattr(library, "names", lambda: tuple(texts))
    monkeypatch.setattr(library, "read", texts.__getitem__)
    assert [network["top1"] for network in listed(run, "--sort", "top1", "--descending")] == [90, 80.5, None]
    assert [network["name"] for network in listed(run, "--min-top1", "80.5", "--max-top1", "85")] == ["good"]
    assert run("specs", "good").out.split()[-2:] == ["80.5", "-"]
    # What has no macs has no place on a logarithmic axis.
    drawn = run("specs", "--plot").out
    assert "good" in drawn
    assert "silent" not in drawn
    assert "<circle" not in run("specs", "silent", "--format", "html").out
    assert run("specs", "silent", "--plot").code == 2


def test_plot(run) -> None:
    """On a terminal and at a pipe the plot stands in place of the table; in html above it."""
    for form in ("table", "plain"):
        drawn = run("specs", "resnet", "--plot", "--format", form).out
        assert "* resnet152" in drawn or "resnet152 *" in drawn
        assert drawn.startswith("params\n")
    page = run("specs", "resnet", "--format", "html").out
    assert page.index("<svg") < page.index("<table")
    assert run("specs", "resnet", "--format", "html", "--plot").out == page
    result = run("specs", "--plot", "--format", "csv")
    assert (result.code, "--plot draws on a terminal and in html" in result.err) == (2, True)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format(run, form: str) -> None:
    """The list in every format."""
    assert "lenet5" in run("specs", "lenet5", "--format", form).out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("vgg61",), "did you mean"),
        (("--max-params", "ten"), "is no number; write it as 10M"),
        (("--max-params", "1"), "no shipped network is in that range"),
        (("--sort", "mac"), "did you mean `macs`"),
        (("--min-macs", "9" * 100), "is no number"),
    ],
)
def test_requests_that_cannot_be_carried_out(run, arguments: tuple[str, ...], message: str) -> None:
    """What is not there, and what cannot be read."""
    result = run("specs", *arguments)
    assert result.code == 2
    assert message in result.err


def test_a_bar_on_a_terminal(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long work shows a bar on standard error, if that is a terminal, and nothing on standard output."""
    plain = run("specs", "--format", "tsv")
    monkeypatch.setattr(terminal, "SECONDS_UNSHOWN", 0)
    assert run("specs", "--format", "tsv").err == plain.err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    result = run("specs", "--format", "tsv")
    assert "networks" in result.err
    assert result.out == plain.out


def test_described() -> None:
    """What is not stated is null."""
    network = described("net", Source("net", "input 8x8x3; conv 4 3x3"))
    assert network["year"] is network["top1"] is network["title"] is None
    graph = report.build(Source("net", "input 8x8x3; conv 4 3x3"), Options(None, {}))
    assert network["params"] == infer.count(graph).params == 112
