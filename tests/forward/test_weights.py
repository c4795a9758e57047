"""Arrays of layers: by name, by order, made up, and what is said of those that do not fit."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import cnncalc
from cnncalc.forward.tensor import Tensor
from cnncalc.forward.weights import Supply, filler
from cnncalc.spec.source import SpecError


def supply(
    spec: str, given: dict[str, Any] | None = None, **options: Any
) -> dict[str, dict[str, tuple[tuple[int, ...], list[Any]]]]:
    """The arrays of every layer that has some."""
    records = cnncalc.analyze(spec).records
    supplied = Supply(records, given or {}, **options)
    return {
        record.name: {name: (array.dims, list(array.values)) for name, array in supplied.of(record).items()}
        for record in records
        if record.facts.arrays
    }


def test_an_array_alone_is_the_kernel() -> None:
    """What only shifts and scales is 0 and 1."""
    arrays = supply("input 2x2x1; conv 1 2x2; bn", {"conv1": [[1, 2], [3, 4]]})
    assert arrays["conv1"] == {"kernel": ((2, 2, 1, 1), [1, 2, 3, 4]), "bias": ((1,), [0])}
    assert arrays["bn1"] == {
        name: ((1,), [value]) for name, value in (("gamma", 1), ("beta", 0), ("mean", 0), ("variance", 1))
    }


@pytest.mark.parametrize(
    ("spec", "layout", "given", "name", "values"),
    [
        # Two channels in, one out: the values go by the channel first, in PyTorch by the row.
        ("input 1x2x2; conv 1 1x2", "keras", [[[[1], [2]], [[3], [4]]]], "kernel", [1, 2, 3, 4]),
        ("input 1x2x2; conv 1 1x2", "torch", [[[[1, 3]], [[2, 4]]]], "kernel", [1, 2, 3, 4]),
        ("input 2; dense 3", "keras", [[1, 2, 3], [4, 5, 6]], "kernel", [1, 2, 3, 4, 5, 6]),
        ("input 2; dense 3", "torch", [[1, 4], [2, 5], [3, 6]], "kernel", [1, 2, 3, 4, 5, 6]),
        # Keras keeps the kernel of a transposed convolution with the channels out before those in; PyTorch first.
        ("input 1x1x2; convt 3 1x1", "keras", [[[[1, 4], [2, 5], [3, 6]]]], "kernel", [1, 2, 3, 4, 5, 6]),
        (
            "input 1x1x2; convt 3 1x1",
            "torch",
            [[[[1]], [[2]], [[3]]], [[[4]], [[5]], [[6]]]],
            "kernel",
            [1, 2, 3, 4, 5, 6],
        ),
        # Channel c's filters are numbers 2c and 2c + 1.
        (
            "input 1x2x2; dwconv 1x2 m2",
            "torch",
            [[[[1, 5]]], [[[2, 6]]], [[[3, 7]]], [[[4, 8]]]],
            "kernel",
            [1, 2, 3, 4, 5, 6, 7, 8],
        ),
        ("input 1x2x2; ln whole", "torch", [[[1, 2]], [[3, 4]]], "gamma", [1, 3, 2, 4]),
        ("input 1x2x2; ln whole", "keras", [[[1, 2], [3, 4]]], "gamma", [1, 2, 3, 4]),
        ("input 2x2x2; prelu", "keras", [[[1, 2]]], "alpha", [1, 2]),
        ("input 2x2x2; prelu", "torch", [1, 2], "alpha", [1, 2]),
        ("input 2x1; local 1 1", "keras", [[[[1]]], [[[2]]]], "kernel", [1, 2]),
    ],
)
def test_every_layout_has_its_order(spec: str, layout: str, given: Any, name: str, values: list[int]) -> None:
    """Our own order is the spatial axes, the channels in, the channels out."""
    (layer,) = cnncalc.analyze(spec).records
    assert supply(spec, {layer.name: given}, layout=layout)[layer.name][name][1] == values


def test_frameworks_have_their_own_names() -> None:
    """Keras's moving statistics and PyTorch's running ones are ours."""
    keras = {"bn1": {"gamma": [2], "beta": [3], "moving_mean": [4], "moving_variance": [5]}}
    torch = {"bn1": {"weight": [2], "bias": [3], "running_mean": [4], "running_var": [5], "num_batches_tracked": 6}}
    flat = {"bn1.weight": [2], "bn1.bias": [3], "bn1.running_mean": [4], "bn1.running_var": [5]}
    arrays = supply("input 3x3x1; bn", keras)["bn1"]
    assert [values for _, values in arrays.values()] == [[2], [3], [4], [5]]
    assert supply("input 3x3x1; bn", torch, layout="torch")["bn1"] == arrays
    assert supply("input 3x3x1; bn", flat, layout="torch")["bn1"] == arrays
    separable = {"depthwise_kernel": [[[[1]]]], "pointwise_kernel": [[[[2]]]]}
    assert supply("input 1x1x1; sepconv 1 1x1", {"sepconv1": separable})["sepconv1"]["pointwise"][1] == [2]


@pytest.mark.parametrize(
    ("spec", "given", "layout", "message", "hint"),
    [
        ("input 3x3x1; conv 2 3x3", {}, "keras", "conv1 needs its kernel of 3x3x1x2, which is not given", "`random:0`"),
        ("input 3x3x1; conv 2 3x3", {}, "torch", "conv1 needs its weight of 2x1x3x3, which is not given", "`random:0`"),
        (
            "input 3x3x1; conv 2 3x3; prelu; bn; dense 2 pointwise",
            {"prelu1": [1, 2]},
            "keras",
            "conv1 needs its kernel of 3x3x1x2, which is not given; 1 other is missing, too",
            "",
        ),
        ("input 4x4x4; dwconv 3x3 m2", {}, "torch", "dwconv1 needs its weight of 8x1x3x3", "`random:0`"),
        ("input 3x3x1; prelu", {}, "keras", "prelu1 needs its alpha of 1", "`random:0`"),
        (
            "input 3x3x1; conv 2 3x3",
            {"conv1": [[1, 2], [3, 4]]},
            "keras",
            "conv1.kernel has the shape 2x2, but 3x3x1x2 is needed",
            "Keras's order is the spatial axes, channels in, channels out",
        ),
        (
            "input 3x3x3; conv 2 3x3",
            {"conv1": {"weight": [[1, 2], [3, 4]]}},
            "torch",
            "conv1.weight has the shape 2x2, but 2x3x3x3 is needed",
            "PyTorch's order is channels out, channels in, the spatial axes",
        ),
        (
            "input 3; dense 1",
            {"dense1": {"kernel": [1, 2, 3], "bias": [1, 2]}},
            "keras",
            "dense1.bias has the shape 2, but 1 is needed",
            "",
        ),
        ("input 3; dense 1", {"dense1": 5}, "keras", "dense1.kernel has the shape a single number, but 3x1", "Keras's"),
        ("input 3; dense 1", {"dense2": [1]}, "keras", "no layer is called `dense2`", "did you mean `dense1`?"),
        ("input 3; dense 1", {"xyz": [1]}, "keras", "no layer is called `xyz`", "there are `dense1`"),
        (
            "input 3; dense 1",
            {"dense1": {"weight": [1]}},
            "keras",
            "dense1 has no array `weight`",
            "there are `kernel`, `bias`",
        ),
        (
            "input 3; dense 1",
            {"dense1": {"kernel": [1]}},
            "torch",
            "dense1 has no array `kernel`",
            "there are `weight`, `bias`",
        ),
        (
            "input 3; dense 1",
            {"dense1": {"kernel": [1], "bias": [1, 2]}},
            "keras",
            "dense1.kernel has the shape 1, but 3x1 is needed",
            "Keras's order",
        ),
        ("input 3; relu", {"relu1": [1]}, "keras", "relu1 learns nothing", ""),
        ("input 3; relu", {"relu1": {"a": 1}}, "keras", "relu1 has no array `a`", "it learns nothing"),
        (
            "input 3x3x1; sepconv 1 3x3",
            {"sepconv1.depthwise": [[1]]},
            "torch",
            "no form in PyTorch",
            "the Keras layout",
        ),
        ("input 2x1; prelu each", {"prelu1": [1, 2]}, "torch", "no form in PyTorch", "the Keras layout"),
        ("input 3x3x1; conv 1 3x3", {"conv1": "sobel"}, "keras", "no kernel is called `sobel`", "did you mean `sobel-"),
        ("input 3x3x1; conv 1 3x3", {"conv1": "qqq"}, "keras", "no kernel is called `qqq`", "cnncalc layers kernels"),
        (
            "input 3x3x1; conv 1 2x2",
            {"conv1": "edge"},
            "keras",
            "a kernel of 3x3 is given, but conv1 has a kernel of 2x2",
            "",
        ),
        (
            "input 9x1; conv 1 3",
            {"conv1": "edge"},
            "keras",
            "a kernel of 3x3 is given, but conv1 has a kernel of 3",
            "",
        ),
        (
            "input 3x3x3; conv 1 3x3",
            {"conv1": "edge"},
            "keras",
            "1 kernel given for conv1, which has 1 filter of 3 channels",
            "`dwconv`",
        ),
        (
            "input 3x3x1; conv 2 3x3",
            {"conv1": "edge"},
            "keras",
            "1 kernel given for conv1, which has 2 filters of 1 channel",
            "by `|`",
        ),
        ("input 3x3x1; conv 1 3x3", {"conv1": "1 2; 3"}, "keras", "this row has 1 value", ""),
        ("input 3; dense 1", {"dense1": "edge"}, "keras", "`edge` is not a number", ""),
    ],
)
def test_what_does_not_fit_is_named(spec: str, given: dict[str, Any], layout: str, message: str, hint: str) -> None:
    """The layer, the array and both shapes."""
    with pytest.raises(SpecError) as caught:
        supply(spec, given, layout=layout)
    assert message in caught.value.message
    assert caught.value.hint.startswith(hint) or hint in caught.value.hint


def test_kernels_have_names_and_may_be_written() -> None:
    """One for each filter; the same one for every channel of a depthwise convolution."""
    edge = [-1, -1, -1, -1, 8, -1, -1, -1, -1]
    assert supply("input 3x3x1; conv 1 3x3", {"conv1": "edge"})["conv1"]["kernel"] == ((3, 3, 1, 1), edge)
    two = supply("input 3x3x1; conv 2 3x3", {"conv1": "edge | box-blur"})["conv1"]["kernel"][1]
    assert two[::2] == edge
    assert two[1::2] == [Fraction(1, 9)] * 9
    each = supply("input 2x2x3; dwconv 2x2", {"dwconv1": {"kernel": "1 2; 3 4"}})["dwconv1"]["kernel"]
    assert each == ((2, 2, 3, 1), [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4])
    both = supply("input 2x2x2; dwconv 1x2 m2", {"dwconv1": "1 2 | 3 4"})["dwconv1"]["kernel"][1]
    assert both == [1, 3, 1, 3, 2, 4, 2, 4]
    own = supply("input 2x2x2; dwconv 1x2", {"dwconv1": "1 2 | 3 4"})["dwconv1"]["kernel"][1]
    assert own == [1, 3, 2, 4]
    filters = supply("input 1x2x2; conv 2 1x2", {"conv1": "1 2 | 3 4 | 5 6 | 7 8"})["conv1"]["kernel"]
    assert filters == ((1, 2, 2, 2), [1, 5, 3, 7, 2, 6, 4, 8])
    planes = Tensor((4, 1, 2), list(range(1, 9)))
    assert supply("input 1x2x2; conv 2 1x2", {"conv1": planes})["conv1"]["kernel"] == filters
    assert supply("input 3; dense 1", {"dense1": Tensor((1, 1, 3), [1, 2, 3])})["dense1"]["kernel"][1] == [1, 2, 3]
    assert supply("input 3x1; conv 1 3", {"conv1": "1 2 3"})["conv1"]["kernel"] == ((3, 1, 1), [1, 2, 3])
    assert supply("input 1x1x1; convt 1 2x2", {"convt1": "1/2 0; 0 1"}, exact=True)["convt1"]["kernel"][1] == [
        Fraction(1, 2),
        0,
        0,
        1,
    ]


def test_shared_weights_are_given_once() -> None:
    """To the layer of the first call; those that are made up are the same too."""
    spec = "input 2x2x1; shared def h() { conv 1 1x1 }; h; h"
    x = [[1, 2], [3, 4]]
    assert cnncalc.forward(spec, x=x, weights={"conv1": {"kernel": [[3]], "bias": [1]}}) == [[13, 22], [31, 40]]
    with pytest.raises(SpecError, match="conv2 uses the weights of conv1") as caught:
        cnncalc.forward(spec, x=x, weights={"conv1": [[3]], "conv2": [[3]]})
    assert "give conv1 these" in str(caught.value)
    records = cnncalc.analyze(spec).records
    made = Supply(records, {}, fill=filler("random:1"))
    assert made.of(records[0]) == made.of(records[1])


def test_arrays_are_made_up() -> None:
    """The same for the same seed, whatever else is in the network; biases and statistics as they are told."""
    spec = "input 4x4x1; conv 2 3x3; bn"
    one = supply(spec, fill=filler("random:1"))
    assert one == supply(spec, fill=filler("random:1"))
    assert one != supply(spec, fill=filler("random:2"))
    assert one["conv1"] == supply("input 4x4x1; relu; conv 2 3x3", fill=filler("random:1"))["conv1"]
    assert set(one["conv1"]["kernel"][1]) <= set(range(-3, 4))
    assert (one["bn1"]["mean"][1], one["bn1"]["variance"][1]) == ([0, 0], [1, 1])
    ones = supply(spec, fill=filler("ones"))
    assert (set(ones["conv1"]["kernel"][1]), set(ones["conv1"]["bias"][1])) == ({1}, {0})
    assert set(supply(spec, fill=filler("zeros"))["conv1"]["kernel"][1]) == {0}
    given = supply(spec, {"conv1": "edge | edge"}, fill=filler("zeros"))
    assert given["conv1"]["kernel"][1][8] == 8


@pytest.mark.parametrize("text", ["one", "randomly", "file.json", ""])
def test_other_words_fill_nothing(text: str) -> None:
    """They may be files."""
    assert filler(text) is None


@pytest.mark.parametrize("text", ["random", "random:"])
def test_chance_needs_a_seed(text: str) -> None:
    """Or nobody could say which numbers they were."""
    with pytest.raises(SpecError, match="needs a seed") as caught:
        filler(text)
    assert caught.value.hint == "for example `random:0`"
