"""Forward passes, held against the values that PyTorch, Keras and TensorFlow computed."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest

import cnncalc
from cnncalc.forward.reading import tensor
from cnncalc.forward.run import walk
from cnncalc.forward.tensor import Tensor
from cnncalc.layers import KINDS
from cnncalc.layers.activation import ACTIVATIONS

DATA: Final = Path(__file__).parents[1] / "data"
VALUES: Final = json.loads((DATA / "values.json").read_text(encoding="utf-8"))
TORCH: Final = json.loads((DATA / "values_torch.json").read_text(encoding="utf-8"))
CASES: Final = [*VALUES["cases"], *TORCH["cases"]]
BY_TORCH: Final = [case for case in CASES if case.get("from", "torch") == "torch"]


def output_of(spec: str, image: Tensor, weights: dict[str, Tensor]) -> Tensor:
    """The output of a spec of which one layer at most has parameters."""
    graph = cnncalc.analyze(spec).graph

    def compute(index: int, *inputs: Tensor) -> Tensor:
        node = graph.nodes[index]
        arrays = node.layer.arrays(node.inputs[0])
        for array in arrays:
            if array.role != "statistic" or array.name in weights:
                assert weights[array.name].dims == array.dims, array.name
        return node.layer.forward(*inputs, weights=weights if arrays else {})

    return list(walk(graph, image, compute))[graph.output]


def test_there_are_cases_of_every_sort() -> None:
    """The file was found, and speaks of all the frameworks."""
    assert len(BY_TORCH) > 500
    assert {case.get("from", "torch") for case in CASES} == {"torch", "keras", "tensorflow"}


LAYERS: Final = [record for case in BY_TORCH for record in cnncalc.analyze(case["spec"]).records]


@pytest.mark.parametrize("kind", KINDS)
def test_pytorch_has_computed_every_argument_of_a_kind(kind: str) -> None:
    """Each argument stands in a case with another value than its default, each word of a choice, and each rank."""
    records = [record for record in LAYERS if record.kind == kind]
    assert {record.input.rank for record in records} == set(KINDS[kind].ranks)
    for argument in KINDS[kind].arguments:
        # `frozen` changes no value.
        if argument.name != "frozen":
            values = [getattr(record.layer, argument.name) for record in records]
            defaults = [None if argument.required else argument.default_of(record.layer) for record in records]
            assert any(value != default for value, default in zip(values, defaults, strict=True)), argument.name


def test_pytorch_has_computed_every_word_and_sort_of_padding() -> None:
    """All activations behind a layer, all modes at every rank, all paddings: by words, even and uneven."""
    assert {record.layer.activation for record in LAYERS if hasattr(record.layer, "activation")} == {None, *ACTIVATIONS}
    modes = ("zeros", "reflect", "replicate", "circular")
    assert {(record.input.rank, record.layer.mode) for record in LAYERS if record.kind == "pad"} >= set(
        product((1, 2, 3), modes)
    )
    for kind in ("upsample", "resize"):
        assert {record.layer.mode for record in LAYERS if record.kind == kind} == {"nearest", "bilinear"}
    for kind in ("conv", "dwconv", "sepconv", "convt", "maxpool"):
        paddings = [record.layer.padding for record in LAYERS if record.kind == kind]
        cells = [part for padding in paddings if not isinstance(padding, str) for part in padding]
        assert any(before != after for before, after in cells), kind
        assert any(before == after > 0 for before, after in cells), kind
    sliding = ("conv", "local", "dwconv", "sepconv", "maxpool", "minpool", "avgpool", "l2pool")
    words = {(record.kind, record.layer.padding) for record in LAYERS if record.kind in sliding}
    assert words >= set(product(sliding, ("same", "full", "causal")))


@pytest.mark.parametrize("network", TORCH["networks"], ids=[network["spec"] for network in TORCH["networks"]])
def test_networks_of_pytorch_run_in_its_own_layout(network: dict[str, Any]) -> None:
    """With its `state_dict` and its image, channels first, a network gives what it gave there."""
    output = cnncalc.forward(network["spec"], x=network["x"], weights=network["weights"], layout="torch")
    ours, theirs = tensor(output, "ours"), tensor(network["output"], "theirs")
    assert ours.dims == theirs.dims
    assert ours.values == pytest.approx(theirs.values, rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("case", CASES, ids=[case["spec"] for case in CASES])
def test_the_forward_pass_gives_the_values_of_the_frameworks(case: dict[str, Any]) -> None:
    """Every value is equal up to rounding; the arrays have the frameworks' dimensions in our order."""
    weights = {name: tensor(array, name) for name, array in (case["weights"] or {}).items()}
    output = output_of(case["spec"], tensor(case["input"], "x"), weights)
    expected = tensor(case["output"], "output")
    assert output.dims == expected.dims
    assert [float(value) for value in output.values] == pytest.approx(expected.values, rel=1e-9, abs=1e-10)
