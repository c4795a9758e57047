"""Single layers against PyTorch and Keras: what they really put out and hold, and what they really refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnncalc

DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[list[str]]:
    """The rows of a table, without its comments."""
    lines = (DATA / name).read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


CASES = rows("geometry.tsv")
REFUSALS = rows("geometry_errors.tsv")


@pytest.mark.parametrize(("framework", "spec", "output", "trainable", "non_trainable"), CASES)
def test_a_layer_is_as_in_its_framework(
    framework: str, spec: str, output: str, trainable: str, non_trainable: str
) -> None:
    """The shape and both parameter counts are those that the framework gave."""
    assert framework in {"torch", "keras"}
    report = cnncalc.analyze(spec)
    assert "x".join(map(str, report.output)) == output
    assert report.totals.trainable == int(trainable)
    assert report.totals.non_trainable == int(non_trainable)


@pytest.mark.parametrize(("framework", "spec", "rule", "message"), REFUSALS)
def test_what_a_framework_refuses_is_an_error(framework: str, spec: str, rule: str, message: str) -> None:
    """It raises `SpecError`, for the layer and not for its spelling."""
    assert framework in {"torch", "keras"}
    assert message
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.analyze(spec)
    assert "unknown" not in caught.value.message, rule
    assert "has no option" not in caught.value.message, rule
    assert caught.value.column > len("input ")


def test_there_is_something_to_hold_against() -> None:
    """Both tables are whole."""
    assert (len(CASES), len(REFUSALS)) == (767, 236)
