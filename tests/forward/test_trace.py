"""Sums as a textbook writes them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cnncalc
import strategies
from cnncalc.forward import trace as tracing
from cnncalc.forward.face import given as given_x
from cnncalc.forward.face import made_up, prepare, result
from cnncalc.forward.tensor import Tensor
from cnncalc.forward.trace import Working, trace, window, written
from cnncalc.forward.weights import Supply, filler
from cnncalc.infer import Record
from cnncalc.layers import KINDS, Layer
from cnncalc.layers.activation import ACTIVATIONS
from cnncalc.shapes import Shape
from cnncalc.spec.expand import Options
from cnncalc.spec.source import Source, SpecError

MINUS = "\N{MINUS SIGN}"


def traced(spec: str, x: Any, weights: dict[str, Any] | None = None, *where: Any, exact: bool = False) -> list[Working]:
    """The sums of a spec's only layer."""
    network = prepare(Source("spec", spec), Options(None), given_x(x))
    (record,) = network.report.records
    supply = Supply([record], weights or {}, exact=exact)
    return list(trace(record, (network.image,), supply.of(record), *where, exact=exact))


def lines(*arguments: Any, **options: Any) -> list[tuple[str, ...]]:
    """What is written of every value."""
    return [
        tuple(line.replace(MINUS, "-").replace("\N{MIDDLE DOT}", "*") for line in working.lines)
        for working in traced(*arguments, **options)
    ]


SOBEL = {"conv1": "1 0 -1; 2 0 -2; 1 0 -1"}
EIGHT = "; ".join(" ".join(str(8 * row + column) for column in range(8)) for row in range(8))


@pytest.mark.parametrize(
    ("spec", "x", "weights", "expected"),
    [
        # The windows of a published page; for the first it says 3.
        (
            "conv 1 3x3",
            "20 24 11; 19 20 23; 21 40 25",
            SOBEL,
            ["20*1 + 24*0 + 11*(-1) + 19*2 + 20*0 + 23*(-2) + 21*1 + 40*0 + 25*(-1) = -3"],
        ),
        (
            "conv 1 3x3",
            "24 11 12; 17 20 23; 40 25 13",
            SOBEL,
            ["24*1 + 11*0 + 12*(-1) + 17*2 + 20*0 + 23*(-2) + 40*1 + 25*0 + 13*(-1) = 27"],
        ),
        (
            "conv 1 3x3",
            "1 2 3; 4 5 6; 7 8 9",
            {"conv1": "1 0 1; 0 1 1; 1 0 1"},
            ["1*1 + 2*0 + 3*1 + 4*0 + 5*1 + 6*1 + 7*1 + 8*0 + 9*1 = 31"],
        ),
        (
            "maxpool 2x2",
            "1 3 2 1; 4 6 5 2; 7 8 9 4; 3 2 1 0",
            {},
            ["max(1, 3, 4, 6) = 6", "max(2, 1, 5, 2) = 5", "max(7, 8, 3, 2) = 8", "max(9, 4, 1, 0) = 9"],
        ),
        ("avgpool 2x2", "1 2; 3 5", {}, ["(1 + 2 + 3 + 5)/4 = 2.75"]),
        ("minpool 2x2", "1 2; 3 5", {}, ["min(1, 2, 3, 5) = 1"]),
        ("relu", "-3 2", {}, ["relu(-3) = 0", "relu(2) = 2"]),
        ("flatten", "7 8; -9 1", {}, ["7", "8", "-9", "1"]),
        (
            "upsample 2x1 bilinear",
            "1; 3",
            {},
            ["(1*1 + 1*3)/4 = 1", "(1*3 + 3*1)/4 = 1.5", "(1*1 + 3*3)/4 = 2.5", "(3*3 + 3*1)/4 = 3"],
        ),
        ("input 1x2x1; upsample 1x2", "5 6", {}, ["5", "5", "6", "6"]),
    ],
)
def test_every_value_is_written_as_in_a_textbook(
    spec: str, x: str, weights: dict[str, str], expected: list[str]
) -> None:
    """Products with the value first, maxima, means, and what only passes through."""
    assert lines(spec, x, weights) == [(line,) for line in expected]


def test_an_image_pooled_by_windows_of_4x4() -> None:
    """8x8 become 2x2, each the largest of sixteen."""
    found = traced("maxpool 4x4", EIGHT)
    assert [working.value for working in found] == [27, 31, 59, 63]
    assert found[0].lines == ("max(0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) = 27",)


def test_padding_is_seen() -> None:
    """Its zeros stand in parentheses; a mean counts its cells."""
    assert lines("conv 1 3x3 p1 relu", "1 2; 3 4", {"conv1": "box-blur"}, (0, 0), exact=True) == [
        (
            "(0)*(1/9) + (0)*(1/9) + (0)*(1/9) + (0)*(1/9) + 1*(1/9) + 2*(1/9) + (0)*(1/9) + 3*(1/9) + 4*(1/9) = 10/9",
            "relu(10/9) = 10/9",
        )
    ]
    assert lines("avgpool 3x3 s1 p1", "1 2; 3 4", {}, (0, 0)) == [("(1 + 2 + 3 + 4)/9 = 1.11111",)]


@pytest.mark.parametrize(
    ("spec", "x", "weights", "expected"),
    [
        (
            "dense 2 softmax",
            [1, 2],
            {"dense1": {"kernel": [[1, 0], [0, 1]], "bias": [0, 3]}},
            ("1*1 + 2*0 = 1", "1*0 + 2*1 + 3 = 5", "max(1, 5) = 5", "exp(1 - 5)/(exp(1 - 5) + exp(5 - 5)) = 0.0179862"),
        ),
        (
            "ln",
            [1, 2, 6],
            {},
            (
                "(1 + 2 + 6)/3 = 3",
                "((1 - 3)² + (2 - 3)² + (6 - 3)²)/3 = 4.66667",
                "((1 - 3)/sqrt(4.66667 + 0.00001))*1 = -0.925819",
            ),
        ),
        (
            "bn eps=0",
            [[5]],
            {"bn1": {"gamma": [2], "beta": [1], "mean": [3], "variance": [4]}},
            ("((5 - 3)/sqrt(4))*2 + 1 = 3",),
        ),
        ("l2pool 1x2", [[3, 4]], {}, ("3² + 4² = 25", "sqrt(25) = 5")),
        ("prelu", [[-4]], {"prelu1": [0.5]}, ("prelu(-4, 0.5) = -2",)),
        ("input 1x1x1; convt 1 1x1 nobias", [[2]], {"convt1": [[3]]}, ("2*3 = 6",)),
        ("lrn 1 alpha=1 beta=2 k=1", [[2]], {}, ("1 + 2²*1 = 5", "2/pow(5, 2) = 0.08")),
    ],
)
def test_functions_have_lines_before_them(
    spec: str, x: Any, weights: dict[str, Any], expected: tuple[str, ...]
) -> None:
    """What they are taken of, and what is used again and again."""
    assert lines(spec, x, weights)[0] == expected


@pytest.mark.parametrize("number", [-30.5, -3, -1.25, -0.0, 0.5, 2, 7.75])
@pytest.mark.parametrize("text", [*ACTIVATIONS, "gelu tanh", "leakyrelu 0.3", "elu 0.7"])
def test_what_is_worked_out_by_hand_is_what_is_computed(text: str, number: float) -> None:
    """The two forms of an activation."""
    layer = cnncalc.analyze(f"input 1; {text}").records[0].layer
    worked = layer.by_hand(number, -1 if number < 0 else 1)
    if worked is not number:
        assert worked == pytest.approx(layer.value(number), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("spec", "x", "expected"),
    [
        ("sigmoid", 2, "sigmoid(2) = 1/(1 + exp(-2)) = 0.880797"),
        ("sigmoid", -1, "sigmoid(-1) = 1/(1 + exp(-(-1))) = 0.268941"),
        ("sigmoid", -1000, "sigmoid(-1000) = 0"),
        ("gelu", 1, "gelu(1) = 1*(1 + erf(1/1.41421))/2 = 0.841345"),
        ("leakyrelu 0.1", -2, "leakyrelu(-2) = (-2)*0.1 = -0.2"),
        ("elu", 3, "elu(3) = 3"),
        ("hardswish", -1, "hardswish(-1) = (-1)*min(max(-1 + 3, 0), 6)/6 = -0.333333"),
        ("softsign", -1, "softsign(-1) = (-1)/(1 - (-1)) = -0.5"),
        ("tanh", 0, "tanh(0) = 0"),
    ],
)
def test_activations_are_worked_out(spec: str, x: float, expected: str) -> None:
    """Where more is to be said than their names."""
    assert lines(spec, [x]) == [(expected,)]


def test_several_channels_are_added_up_one_by_one() -> None:
    """As it is done by hand; where each has one term, a single sum is shorter."""
    x = [[[1, 2], [3, 4]]]
    kernel = {"conv1": {"kernel": "1 2 | 3 4", "bias": [5]}}
    assert lines("conv 1 1x2", x, kernel) == [
        ("from channel 0: 1*1 + 3*2 = 7", "from channel 1: 2*3 + 4*4 = 22", "7 + 22 + 5 = 34")
    ]
    assert lines("conv 1 1x2 p0x0:1 relu", x, kernel, (0, 1)) == [
        (
            "from channel 0: 3*1 + (0)*2 = 3",
            "from channel 1: 4*3 + (0)*4 = 12",
            "3 + 12 + 5 = 20",
            "relu(20) = 20",
        )
    ]
    assert lines("conv 1 1x1", x, {"conv1": "2 | 3"}, (0, 0)) == [("1*2 + 2*3 = 8",)]
    assert lines("dwconv 1x2 relu", x, {"dwconv1": "1 2"})[1] == ("2*1 + 4*2 = 10", "relu(10) = 10")
    assert lines("dense 1", [1, 2], {"dense1": [3, 4]}) == [("1*3 + 2*4 = 11",)]
    apart = {"sepconv1": {"depthwise": "1 2", "pointwise": "3 | -4"}}
    assert lines("sepconv 1 1x2", x, apart) == [
        ("from channel 0: 1*1 + 3*2 = 7", "from channel 1: 2*1 + 4*2 = 10", "7*3 + 10*(-4) = -19")
    ]


@pytest.mark.parametrize(
    ("number", "text"),
    [(1e-5, "0.00001"), (1e-6, "0.000001"), (1e-7, "1e-07"), (1.25e-5, "1.25e-05"), (-0.25, "-0.25"), (1e20, "1e+20")],
)
def test_small_numbers_have_no_exponent(number: float, text: str) -> None:
    """As long as they are short."""
    assert written(number) == (text.replace("-", MINUS),)


def test_merges_and_neighbours() -> None:
    """Branches are added, an exponent stands in its function, a difference of plain numbers begins a sum."""
    network = prepare(Source("spec", "add { identity | relu }"), Options(None), given_x([[-2, 3]]))
    merge = network.report.records[-1]
    relu = Tensor((1, 2, 1), [0, 3])
    assert [working.lines for working in trace(merge, (network.image, relu), {}, (0, 1))] == [("3 + 3 = 6",)]


def test_where_is_said_by_position_and_channel() -> None:
    """All, one position with all of its channels, or one value."""
    spec, x, weights = "conv 2 1x1", "1 2; 3 4", {"conv1": "1 | 10"}
    places = [(working.position, working.channel, working.value) for working in traced(spec, x, weights)]
    assert places[:3] == [((0, 0), 0, 1), ((0, 0), 1, 10), ((0, 1), 0, 2)]
    assert len(places) == 8
    assert [working.value for working in traced(spec, x, weights, (1, 0))] == [3, 30]
    assert [working.value for working in traced(spec, x, weights, (1, 0), 1)] == [30]


@pytest.mark.parametrize("where", [((2, 0),), ((0, 2), 0), ((0, 0), 2)])
def test_a_place_that_is_not_there(where: tuple[Any, ...]) -> None:
    """The shape is told."""
    text = ", ".join(map(str, (*where[0], *where[1:])))
    with pytest.raises(SpecError, match=rf"conv1 puts out 2x2x2, counted from 0; there is no {text}"):
        traced("conv 2 1x1", "1 2; 3 4", {"conv1": "1 | 10"}, *where)


def test_too_many_products_are_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of a layer are more than those of one position."""
    monkeypatch.setattr(tracing, "MOST_PRODUCTS", 20)
    with pytest.raises(SpecError, match="conv1 has too many products to write down: some 36") as caught:
        traced("conv 1 3x3 p1", "1 2; 3 4", {"conv1": "edge"})
    assert "one position" in caught.value.hint
    assert traced("conv 1 1x1 p1", "1 2; 3 4", {"conv1": "3"}, (1, 1))[0].lines == ("1\N{MIDDLE DOT}3 = 3",)
    monkeypatch.setattr(tracing, "MOST_PRODUCTS", 0)
    with pytest.raises(SpecError, match="too many") as caught:
        traced("conv 1 1x1 p1", "1 2; 3 4", {"conv1": "3"}, (1, 1))
    assert caught.value.hint == "trace a smaller layer"


def test_a_long_sum_is_written_without_going_down_into_it() -> None:
    """A dense layer on ten thousand values is one line."""
    (working,) = traced("dense 1 relu", [1] * 10_000, {"dense1": [[2]] * 10_000})
    assert working.value == 20_000
    assert len(working.lines) == 2
    assert working.lines[0].endswith("+ 1\N{MIDDLE DOT}2 = 20000")


def test_windows_are_those_of_the_geometry() -> None:
    """With the cells in the padding; what is not read by windows has none."""

    def cells(spec: str, position: tuple[int, ...]) -> Any:
        return window(cnncalc.analyze(spec).records[-1], position)

    assert cells("input 4x4x1; conv 1 2x2 s2", (1, 0)) == [(2, 0), (2, 1), (3, 0), (3, 1)]
    assert cells("input 4x1; conv 1 2 p1", (0,)) == [(-1,), (0,)]
    assert cells("input 4x4x1; flatten", ()) is None
    assert cells("input 4x4x1; add { identity | relu }", (0, 0)) is None


def test_plain_numbers_are_lines_too() -> None:
    """Where nothing was computed, as in the padding of `pad`."""
    assert written(7) == ("7",)
    assert written(Fraction(1, 2)) == ("1/2",)
    assert written(Fraction(1, 2), exact=False) == ("0.5",)
    assert lines("pad 1", [[5]])[0] == ("(0) = 0",)
    assert lines("input 1; pad 0 channels=0:1 value=3", [5]) == [("5",), ("3",)]
    assert written(1 - tracing.Worked(3)) == (f"1 {MINUS} 3 = {MINUS}2",)
    assert written(0 + tracing.Worked(3) + 4) == ("3 + 4 = 7",)
    assert written(5 + tracing.Worked(3)) == ("5 + 3 = 8",)


def record_of(layer: Layer, shape: Shape) -> Record:
    """A layer with what `trace` asks of it."""
    (record,) = cnncalc.analyze("relu").records
    output = layer.output(shape)
    facts = record.facts._replace(arrays=layer.arrays(shape), factors=layer.macs(shape, output))
    return record._replace(node=record.node._replace(layer=layer, inputs=(shape,), shape=output), facts=facts)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(st.data(), st.sampled_from(sorted(name for name, kind in KINDS.items() if not kind.merges)))
def test_what_is_traced_is_what_is_computed(data: st.DataObject, kind: str) -> None:
    """Of any layer, at one position and at all: the value is the one of the forward pass, and the last line ends in it."""
    layer, shape = data.draw(strategies.layers(kind))
    record = record_of(layer, shape)
    weights = Supply([record], {}, fill=filler("random:3")).of(record)
    x = made_up(shape, "random:4")
    expected = result(layer.forward(x, weights=weights), exact=False)
    workings = list(trace(record, (x,), weights))
    assert [working.value for working in workings] == pytest.approx(list(expected.values))
    position = data.draw(st.sampled_from([working.position for working in workings]))
    some = list(trace(record, (x,), weights, position))
    assert some == [working for working in workings if working.position == position]
