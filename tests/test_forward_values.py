"""Forward passes, held against the values that PyTorch, Keras and TensorFlow computed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

import cnncalc
from cnncalc.forward.run import walk
from cnncalc.forward.tensor import Tensor

VALUES: Final = json.loads((Path(__file__).parent / "data" / "values.json").read_text(encoding="utf-8"))
CASES: Final = VALUES["cases"]


def from_nested(nested) -> Tensor:
    """Nested lists as a tensor."""
    dims: list[int] = []
    values = [nested]
    while isinstance(values[0], list):
        dims.append(len(values[0]))
        values = [item for value in values for item in value]
    return Tensor(tuple(dims), values)


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
    assert len(CASES) > 300
    assert {case.get("from", "torch") for case in CASES} == {"torch", "keras", "tensorflow"}


@pytest.mark.parametrize("case", CASES, ids=[case["spec"] for case in CASES])
def test_the_forward_pass_gives_the_values_of_the_frameworks(case: dict[str, Any]) -> None:
    """Every value is equal up to rounding; the arrays have the frameworks' dimensions in our order."""
    weights = {name: from_nested(array) for name, array in (case["weights"] or {}).items()}
    output = output_of(case["spec"], from_nested(case["input"]), weights)
    expected = from_nested(case["output"])
    assert output.dims == expected.dims
    assert [float(value) for value in output.values] == pytest.approx(expected.values, rel=1e-9, abs=1e-10)
