"""How answers come about: hints, and workings that leave out no step that a student has to take."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.homework.asked import Asked
from cnncalc.homework.solutions import MOST_BEFORE, solution

NET = "input 96x96x3; conv 8 3x3 s2; conv 8 3x3; maxpool 2x2; conv 8 3x3; flatten; dense 12; dense 10"
FIRST = "conv1, height, width: floor((W − F)/S) + 1 = floor((96 − 3)/2) + 1 = 47 (remainder 1: the windows do not tile the input)"
SECOND = "conv2, height, width: (W − F)/S + 1 = (47 − 3)/1 + 1 = 45"


def solved(spec: str, quantity: str, layer: str, *, hidden: str = "", alone: bool = False) -> tuple[str, ...]:
    """The working of an answer."""
    report = cnncalc.analyze(spec)
    return solution(report, Asked(report, quantity, layer), quantity, layer, hidden=hidden, alone=alone)[1]


@pytest.mark.parametrize(
    ("quantity", "layer", "lines"),
    [
        ("output", "conv2", (FIRST, SECOND, "conv2, channels: K = 8")),
        ("params", "conv2", ("conv2, params: (F·F·C + 1)·K = (3·3·8 + 1)·8 = 584",)),
        ("macs", "conv2", (FIRST, SECOND, "conv2, macs: H_out·W_out·F·F·C·K = 45·45·3·3·8·8 = 1166400")),
        ("flops", "conv2", (FIRST, SECOND, "conv2, flops: 2·45·45·3·3·8·8 = 2332800")),
        (
            "memory",
            "conv2",
            (FIRST, SECOND, "conv2, output memory: H_out·W_out·K·bytes = 45·45·8·4 = 64800 (bytes, as float32)"),
        ),
        ("biases", "conv2", ("conv2, biases: 8",)),
        ("activations", "conv2", (FIRST, SECOND, "conv2, activations: 45·45·8 = 16200")),
        (
            "dense-params",
            "conv1",
            (FIRST, "conv1, dense-params: (27648 + 1)·17672 = 488613128"),
        ),
        ("stride", "conv2", ("conv1, rf stride: jump_in·S = 1·2 = 2", "conv2, rf stride: jump_in·S = 2·1 = 2")),
        ("params", "dense2", ("dense1, values: N_out = 12", "dense2, params: (N_in + 1)·N_out = (12 + 1)·10 = 130")),
    ],
)
def test_the_sizes_before_a_layer_are_derived_where_they_count(
    quantity: str, layer: str, lines: tuple[str, ...]
) -> None:
    """From the image on, and only where the answer needs them; what lies behind the layer says nothing about it."""
    assert solved(NET, quantity, layer) == lines


@pytest.mark.parametrize("quantity", ["params", "macs", "memory", "activations"])
def test_what_is_added_up_comes_to_the_total(quantity: str) -> None:
    """Of the values, those of the input are a part."""
    (line,) = solved(NET, quantity, "")
    terms, _, answer = line.rpartition(" = ")
    numbers = [int(term.split()[0]) for term in terms.split(" + ")]
    assert sum(numbers) == int(answer)
    assert ("(input)" in line) == (quantity in {"memory", "activations"})


def test_what_is_no_sum_is_that_of_the_last_layer() -> None:
    """A whole network puts out what its last layer does."""
    net = "input 9x9x1; conv 2 3x3; conv 2 3x3"
    for quantity in ("output", "rf"):
        assert solved(net, quantity, "") == solved(net, quantity, "conv2")


def test_a_layer_alone() -> None:
    """Where the sizes before it are known, as in a table, they are not derived again."""
    assert solved(NET, "macs", "conv2", alone=True) == ("conv2, macs: H_out·W_out·F·F·C·K = 45·45·3·3·8·8 = 1166400",)


def test_a_dense_layer_behind_a_map() -> None:
    """Its parameters are those of the map's size."""
    lines = solved(NET, "params", "dense1")
    assert lines[0] == FIRST
    assert lines[-2:] == (
        "flatten1, values: H·W·C = 20·20·8 = 3200",
        "dense1, params: (N_in + 1)·N_out = (3200 + 1)·12 = 38412",
    )


def test_a_dense_layer_by_itself() -> None:
    """Its biases and its values are as many as its units, whatever it reads."""
    assert solved(NET, "biases", "dense1") == ("dense1, biases: 12",)
    assert solved(NET, "output", "dense1") == ("dense1, values: N_out = 12",)
    assert solved(NET, "activations", "dense1") == ("dense1, activations: 12",)


def test_nothing_is_derived_for_a_nothing() -> None:
    """A pool sums no products, of whatever size its output is."""
    assert solved(NET, "macs", "maxpool1") == ("maxpool1, macs: 0 (it sums no products with weights)",)


def test_a_deep_network_is_not_derived_layer_by_layer() -> None:
    """Nobody would read it; a receptive field has no shorter way."""
    deep = "input 96x96x3" + "; conv 8 3x3" * (MOST_BEFORE + 2)
    last = f"conv{MOST_BEFORE + 2}"
    assert len(solved(deep, "output", last)) == 2
    assert len(solved(deep, "rf", last)) == MOST_BEFORE + 2


def test_branches() -> None:
    """Every layer that is read, each once, if it changes a size."""
    spec = "input 8x8x3; conv 8 3x3 as a; conv 8 3x3 same; add { identity | from a }; conv 2 3x3"
    lines = solved(spec, "output", "conv2")
    assert list(dict.fromkeys(line.split(",")[0] for line in lines)) == ["a", "conv1", "conv2"]


@pytest.mark.parametrize(
    ("layer", "hidden", "line"),
    [
        ("conv 16 7x7 s4 p6", "padding", "conv1, P: ((O − 1)·S + F − W)/2 = ((19 − 1)·4 + 7 − 67)/2 = 6"),
        ("conv 16 7x7 s4 p6", "kernel", "conv1, F: W + 2P − (O − 1)·S = 67 + 2·6 − (19 − 1)·4 = 7"),
        ("conv 16 7x7 s4 p6", "stride", "conv1, S: (W − F + 2P)/(O − 1) = (67 − 7 + 2·6)/(19 − 1) = 4"),
        ("maxpool 3x3 s2", "kernel", "maxpool1, F: W − (O − 1)·S = 67 − (33 − 1)·2 = 3"),
    ],
)
def test_a_setting_is_solved_for(layer: str, hidden: str, line: str) -> None:
    """The formula of the output, solved; then the output, to see that it is right."""
    report = cnncalc.analyze(f"input 67x67x3; {layer}")
    name = report.graph.names[1]
    hint, lines = solution(report, Asked(report, hidden, name), hidden, name, hidden=hidden)
    assert lines[0] == line
    assert lines[1].startswith(f"{name}, height, width: (W")
    assert line.partition(": ")[2] not in hint


def test_a_receptive_field_tells_how_far_a_dilated_kernel_reaches() -> None:
    """F_eff stands in its formula."""
    assert solved("input 64x64x3; conv 8 3x3; conv 8 5x5 d3", "rf", "conv2") == (
        "conv1, rf size: r_in + (F − 1)·jump_in = 1 + (3 − 1)·1 = 3",
        "conv2, F_eff: D·(F − 1) + 1 = 3·(5 − 1) + 1 = 13",
        "conv2, rf size: r_in + (F_eff − 1)·jump_in = 3 + (13 − 1)·1 = 15",
    )
