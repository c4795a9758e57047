"""`cnncalc.forward`: numbers in, numbers out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.forward import face
from cnncalc.spec.source import SpecError

X = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_what_the_commands_promise() -> None:
    """The example of the documents."""
    spec = "input 3x3x1; conv 1 2x2 nobias"
    assert cnncalc.forward(spec, x=X, weights={"conv1": [[1, 0], [0, 1]]}) == [[6, 8], [12, 14]]


def test_the_channel_axis_stays_if_it_was_given() -> None:
    """And is left out again of a map with one channel, but not of one with two."""
    with_channel = [[[value] for value in row] for row in X]
    assert cnncalc.forward("input 3x3x1; pool 2 s1", x=with_channel) == [[[5], [6]], [[8], [9]]]
    assert cnncalc.forward("input 3x3x1; pool 2 s1", x=X) == [[5, 6], [8, 9]]
    assert cnncalc.forward("input 3x3x1; concat { gap keep | gmp keep }", x=X) == [[[5, 9]]]
    assert cnncalc.forward("input 3x3x1; gap", x=X) == [5]
    assert cnncalc.forward("input 1x3x1; relu", x=[-1, 2, -3]) == [[0, 2, 0]]
    assert cnncalc.forward("input 3x1; relu", x=[-1, 2, -3]) == [0, 2, 0]
    assert cnncalc.forward("input 1x1x3; relu", x=[-1, 2, -3]) == [[[0, 2, 0]]]


def test_without_an_input_the_numbers_are_it() -> None:
    """A list is a vector, a matrix an image with one channel, and so on."""
    assert cnncalc.forward("relu", x=[-1, 2]) == [0, 2]
    assert cnncalc.forward("pool 3x3", x=X) == [[9]]
    assert cnncalc.forward("gap", x=[[[1, 2], [3, 4]]]) == [2, 3]
    assert cnncalc.forward("gap", x=[[[1, 2]], [[3, 5]]], layout="torch") == [1.5, 4]
    assert cnncalc.forward("gap", x=[[[[1, 2]]], [[[3, 4]]]]) == [2, 3]
    assert cnncalc.forward("pool 3x3", x=X, input="3x3x1") == [[9]]
    assert cnncalc.forward("input 5x5x1; pool 3x3", x=X, input=(3, 3, 1)) == [[9]]
    assert cnncalc.forward("param n = 1\npool n", x=X, set={"n": 3}) == [[9]]


def test_text_is_read_and_numbers_are_made_up() -> None:
    """As on the command line."""
    assert cnncalc.forward("pool 2x2", x="1 2; 3 4") == [[4]]
    assert cnncalc.forward("gap", x="1 2; 3 4 | 5 6; 7 8") == [2.5, 6.5]
    assert cnncalc.forward("relu", x="-1 2") == [0, 2]
    assert cnncalc.forward("input 2x2x1; gap", x="ones") == [1]
    assert cnncalc.forward("input 2; dense 1", x="ones", weights="ones") == [2]
    made = cnncalc.forward("input 4x4x2; identity", x="random:1")
    assert made == cnncalc.forward("input 4x4x2; identity", x="random:1")
    assert made != cnncalc.forward("input 4x4x2; identity", x="random:2")
    assert {value for row in made for cell in row for value in cell} <= set(range(10))


def test_numbers_stay_what_they_are() -> None:
    """Integers stay integers, a mean is exact before it becomes a float, and with `exact` it stays a fraction."""
    assert cnncalc.forward("gap", x=[[1, 2]]) == [1.5]
    assert cnncalc.forward("gap", x=[[1, 2]], exact=True) == [Fraction(3, 2)]
    assert isinstance(cnncalc.forward("gap", x=[[1, 3]])[0], int)
    assert cnncalc.forward("gap", x=[[0.1, 0.2]], exact=True) == [Fraction(3, 20)]
    assert cnncalc.forward("conv 1 3x3", x=X, weights={"conv1": "box-blur"}) == [[5]]
    thirds = cnncalc.forward("dense 1", x=["1/3", "1/3", "1/3"], weights={"dense1": [[1], [1], [1]]}, exact=True)
    assert (thirds, type(thirds[0])) == ([1], int)


def test_a_vector_behind_flatten_is_in_the_order_of_its_layout() -> None:
    """PyTorch flattens channel by channel; a dense layer behind it has its weights in that order."""
    image = [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]
    first = [[[1, 3], [5, 7]], [[2, 4], [6, 8]]]
    assert cnncalc.forward("input 2x2x2; flatten", x=image) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert cnncalc.forward("input 2x2x2; flatten", x=first, layout="torch") == [1, 3, 5, 7, 2, 4, 6, 8]
    third = {"dense1": {"weight": [[0, 0, 1, 0, 0, 0, 0, 0]]}}
    assert cnncalc.forward("input 2x2x2; flatten; dense 1", x=first, weights=third, layout="torch") == [5]
    assert cnncalc.forward("input 8; reshape 2x2x2", x=[1, 2, 3, 4, 5, 6, 7, 8], layout="torch") == [
        [[1, 2], [3, 4]],
        [[5, 6], [7, 8]],
    ]


@pytest.mark.parametrize(
    ("spec", "arguments", "message"),
    [
        ("input 4x4x1; relu", {"x": X}, "x has the shape 3x3, but the input is 4x4x1"),
        ("input 3x3x2; relu", {"x": X}, "x has the shape 3x3, but the input is 3x3x2"),
        ("input 3x3x2; relu", {"x": X, "layout": "torch"}, r"but the input is 2x3x3 \(channels first\)"),
        ("input 3; relu", {"x": [1, 2]}, "x has the shape 2, but the input is 3"),
        ("vgg16", {"x": X}, "x has the shape 3x3, but the input is 224x224x3"),
        ("input 3; relu", {"x": 5}, "x has the shape a single number, but the input is 3"),
        ("input 3; dense 2", {"x": [1, 2, 3]}, "dense1 needs its kernel of 3x2"),
        ("input 3; dense 2", {"x": [1, 2, 3], "weights": "sobel-x"}, "weights are a mapping"),
        ("input n; relu", {"x": [1, 2, 3]}, "a forward pass needs numbers, and there is a tensor of n"),
        ("conv 3", {"x": X}, "conv"),
        (
            "input 2; bn",
            {"x": [1, 2], "weights": {"bn1": {"variance": [-2, 1]}}},
            "bn1 cannot be computed on these numbers",
        ),
        ("input 1; softplus", {"x": [10**400]}, "softplus1 cannot be computed on these numbers"),
        ("input 1; multiply { identity | identity }", {"x": [1e200]}, None),
    ],
)
def test_what_cannot_be_computed_is_told(spec: str, arguments: dict[str, Any], message: str | None) -> None:
    """With both shapes, or with the layer; floats that grow too large are infinite, as everywhere."""
    if message is None:
        assert cnncalc.forward(spec, **arguments) == [float("inf")]
        return
    with pytest.raises(SpecError, match=message):
        cnncalc.forward(spec, **arguments)


def test_there_are_two_layouts() -> None:
    """Another one is a mistake of the program that calls."""
    with pytest.raises(ValueError, match="layout is one of keras, torch; not 'onnx'"):
        cnncalc.forward("relu", x=[1], layout="onnx")


def test_a_file_is_a_spec(tmp_path: Path) -> None:
    """As everywhere."""
    path = tmp_path / "net.cnn"
    path.write_text("input 2; relu")
    assert cnncalc.forward(path, x=[-1, 1]) == [0, 1]


def test_the_function_and_the_package_have_one_name() -> None:
    """However it is imported, the package can be called, and its modules are found in it."""
    from cnncalc import forward  # noqa: PLC0415

    assert forward("relu", x=[-1]) == cnncalc.forward("relu", x=[-1]) == face.forward("relu", x=[-1]) == [0]
    assert "forward" in dir(cnncalc)


def test_an_output_that_is_not_the_last_layer() -> None:
    """The side head's values are not those of the network."""
    assert cnncalc.forward("input 2; relu; aux { softplus }", x=[-1, 2]) == [0, 2]
    assert cnncalc.forward("input 2; aux { relu }", x=[-1, 2]) == [-1, 2]


def test_the_function_is_there_before_its_package_is() -> None:
    """The name is the function's, whoever asks for it first."""
    assert cnncalc.__getattr__("forward") is cnncalc.forward
    assert cnncalc.forward("relu", x=[-1, 2]) == [0, 2]
