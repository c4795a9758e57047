"""`verify` holds what is right, and says where the table and what happened part."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import HealthCheck, given, reject, settings

import cnncalc
from cnncalc import library
from cnncalc.forward import verify
from cnncalc.forward.cut import cut, shortened
from cnncalc.forward.influence import Tracer, of_image
from cnncalc.forward.tensor import Tensor, Weights, build
from cnncalc.forward.verify import ImpossibleError, Line
from cnncalc.forward.workers import Workers
from cnncalc.layers import KINDS, Array, Layer
from cnncalc.shapes import Shape
from cnncalc.spec.expressions import Pair
from strategies import layers
from test_forward_graphs import specs

ALONE = Workers(1)
PATIENT = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


def lines(spec: str, *, quick: bool = False) -> list[Line]:
    """What is found of a network."""
    return list(verify.verify(cnncalc.analyze(spec), seed=0, quick=quick, workers=ALONE))


def hold(spec: str) -> None:
    """Assert that a network is found to be as its table says, every layer of it."""
    found = lines(spec)
    assert found[-1].difference is None, (spec, found[-1].difference)
    assert len(found) == len(cnncalc.analyze(spec).records)


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if not kind.merges])
def test_random_layers_hold(kind: str) -> None:
    """Every kind, whole and on a small scale, with its fields."""

    @PATIENT
    @given(layers(kind))
    def holds(drawn) -> None:
        layer, shape = drawn
        hold(f"input {shape}; {layer.text(shape.rank)}")

    holds()


@settings(PATIENT, max_examples=20)
@given(specs())
def test_random_networks_hold(spec: str) -> None:
    """With branches, skips and side heads."""
    try:
        cnncalc.analyze(spec)
    except cnncalc.SpecError:
        reject()
    hold(spec)


@pytest.mark.parametrize(
    "spec",
    [
        "input 9x9x2; pad 2 reflect; conv 2 3x3",
        "input 6x6x2; flatten; dense 12; reshape 2x2x3; conv 2 2x2; relu",
        "input 8x4x2; reshape 4x8x2; conv 2 3x3",
        "input 8x4x2; reshape 8x2x4; conv 2 3x1",
        "input 8x6x2; permute w h c; conv 2 3x3; permute c h w; conv 2 1x1",
        "input 9x9x2; flatten; bn; concat { identity | relu }; dense 3",
        "input 9x9x2; conv 2 3x3; gap keep; conv 2 1x1; multiply { identity | relu }",
        "input 12x1; conv 2 3 causal d2; normalization; gmp",
        "input 1x1x3; flatten; dense 4",
        "input 20x20x2; slice 0,3,4 axis=h; conv 2 2x2",
        "input 4x4x4x2; upsample 2 bilinear; avgpool 2 ceil; adaptivemaxpool 3",
        "input 30x9x1; resize 20x7 bilinear; conv 1 3x3; crop 1; upsample 1.5",
        "input 3; dense 4; softmax",
        "input 1x6x5; permute c h w; conv 2 3x1",
        "input 8x7x1; conv 2 2x2 s2 as skip; gap keep; concat { multiply { from skip | identity } | from skip }; gap",
    ],
)
def test_networks_of_every_sort_hold(spec: str) -> None:
    """Places that are lost, found again, mirrored, stretched, moved to another axis."""
    hold(spec)


def test_fields_are_seen_whole_where_nothing_cuts_them() -> None:
    """Of 12 positions behind two 3x3 windows with padding the two outermost on either side meet an edge."""
    found = lines("input 12x12x1; conv 1 3x3 p1; conv 1 3x3 p1")
    assert [(line.places, line.seen) for line in found] == [(24, 20), (24, 16)]


def test_what_ran_is_told() -> None:
    """Whole: the layer's own numbers. Quick: those of the cut layer."""
    spec = "input 12x12x10; conv 30 3x3 g2 relu; gap; dense 7"
    whole, quick = lines(spec), lines(spec, quick=True)
    assert [(str(line.output), line.learnt, line.products) for line in whole] == [
        ("10x10x30", 1380, 135_000),
        ("30", 0, 0),
        ("7", 217, 210),
    ]
    assert [str(line.inputs[0]) for line in quick] == ["5x5x2", "2x2x2", "2"]
    assert [line.products for line in quick] == [324, 0, 4]


def test_shared_weights_are_learnt_once() -> None:
    """A later call computes with the numbers of the first, and learns nothing besides."""
    spec = "input 6x6x2; shared def h() { conv 2 1x1 }; add { h | h }"
    hold(spec)
    assert [(line.learnt, line.products) for line in lines(spec)] == [(6, 144), (0, 144), (0, 0)]
    one, two, _ = verify.ran(cnncalc.analyze(spec), 0, ALONE)
    assert one.map == two.map


def test_every_layer_runs_once() -> None:
    """In order, and then there is no more."""
    report = cnncalc.analyze("input 9x9x2; conv 2 3x3; concat { relu | identity }; gap")
    outcomes = list(verify.ran(report, 0, ALONE))
    assert [outcome.map.shape for outcome in outcomes] == [record.output for record in report.records]


def test_what_is_kept_but_not_used_is_no_difference() -> None:
    """Keras's Normalization counts its examples."""
    (line,) = lines("input 4x4x3; normalization")
    assert (line.learnt, line.idle) == (6, {"count"})


@pytest.mark.parametrize("name", ["lenet5", "mnist", "mlp-mnist"])
def test_small_shipped_networks_run_whole(name: str) -> None:
    """As many products as the totals say."""
    found = lines(name)
    assert found[-1].difference is None
    assert sum(line.products for line in found) == cnncalc.analyze(name).totals.macs


def families() -> list[list[str]]:
    """The shipped networks by what their names begin with."""
    found: dict[str, list[str]] = {}
    for name in library.names():
        beginning = re.match(r"(keras/)?[a-z]+", name)
        assert beginning is not None
        found.setdefault(beginning[0], []).append(name)
    return list(found.values())


@pytest.mark.slow
@pytest.mark.parametrize("family", families(), ids=lambda family: family[0])
def test_shipped_networks_hold_on_a_small_scale(family: list[str]) -> None:
    """One of every family, another one in another version."""
    hold_quick(Random(cnncalc.__version__).choice(family))  # noqa: S311  nothing here is secret


def hold_quick(name: str) -> None:
    """Engine, definition and rules agree on each layer, and the fields are met."""
    found = lines(name, quick=True)
    assert found[-1].difference is None
    assert len(found) == len(cnncalc.analyze(name).records)


def test_symbols_cannot_be_run() -> None:
    """It is said what to do."""
    with pytest.raises(ImpossibleError, match="--set"):
        lines("input 28x28x1; conv n 5x5")


def test_what_does_not_fit_is_refused() -> None:
    """Before anything is computed; on a small scale it can be tried."""
    spec = "input 20000x20000x3; conv 8 3x3 s4"
    with pytest.raises(ImpossibleError, match="--quick"):
        lines(spec)
    assert verify.most_values(cnncalc.analyze("input 4x4x2; relu; add { identity | conv 2 1x1 }").graph) == 96
    report = cnncalc.analyze(spec)
    assert verify.seconds(report, 2) == report.totals.macs / verify.PRODUCTS_A_SECOND / 2


def test_fields_along_an_axis_that_is_too_long_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other axis is."""
    monkeypatch.setattr(verify, "LONGEST_AXIS", 10)
    (line,) = lines("input 12x6x1; conv 1 3x3")
    assert (line.places, line.seen, line.difference) == (4, 4, None)


def test_a_layer_is_cut_as_far_as_it_works() -> None:
    """Few channels, filters and positions, and what a stride leaves over; a layer that works on nothing stays."""
    conv = KINDS["conv"](filters=64, kernel=(3,), stride=(2,), groups=16)
    small, (shape,) = cut(conv, [Shape((100, 101), 32)], [None])
    assert (str(shape), small.filters, small.groups) == ("8x7x2", 4, 2)
    assert str(cut(conv, [Shape((100, 101), 32)], [1])[1][0]) == "8x101x2"
    never = KINDS["reshape"](size=(5,))
    assert cut(never, [Shape((), 4)], [None]) == (never, (Shape((), 4),))
    sized = KINDS["resize"](size=(300, 200))
    assert cut(sized, [Shape((100, 100), 3)], [None])[0].size == (7, 7)
    assert cut(sized, [Shape((100, 100), 3)], [0])[0].size == (300, 7)


def test_a_layer_keeps_no_more_padding_than_it_takes_to_see_it() -> None:
    """A window and a step, and what was left over; cells that are cut off stay."""
    conv = KINDS["conv"](filters=1, kernel=(3,), stride=(2,), padding=((100, 1), (97, 98)))
    shape = Shape((50, 50), 1)
    assert cut(conv, [shape], [None])[0].padding == ((4, 1), (3, 4))
    assert cut(conv, [shape], [0])[0].padding == ((100, 1), (3, 4))
    assert cut(KINDS["avgpool"](window=(3,), padding=((1, 1),)), [shape], [None])[0].padding == ((1, 1), (1, 1))
    spread = KINDS["convt"](filters=1, kernel=(2,), stride=(2,), padding=((9, 9),))
    assert cut(spread, [shape], [None])[0].padding == ((9, 9), (9, 9))


def test_quick_follows_fields_in_a_shorter_image() -> None:
    """Where the network works on one."""
    spec = "input 3000x4; conv 2 3 causal d2; concat { relu | identity }"
    assert [line.places for line in lines(spec)] == [3000] * 4
    assert [line.places for line in lines(spec, quick=True)] == [1000] * 4
    graph = cnncalc.analyze("input 3000x20x1; conv 2 3x3").graph
    assert [str(node.shape) for node in shortened(graph).nodes] == ["1000x20x1", "998x18x2"]
    for spec in ("input 3000x2; reshape 1500x4; conv 1 3", "input 30x20x1; conv 2 3x3"):
        graph = cnncalc.analyze(spec).graph
        assert shortened(graph) is graph


class Diagonal(Layer):
    """A layer of no known kind: each position and its mirror image."""

    kind = "diagonal"

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """x[i, j] + x[j, i]."""
        (x,) = inputs
        return build(x.shape, lambda position, channel: x[(*position, channel)] + x[(*position[::-1], channel)])


def test_what_lies_along_no_axis_is_lost() -> None:
    """All of the image may matter, and it is known that this is not known."""
    shape = Shape((3, 3), 1)
    (row, column) = (Tracer().through(Diagonal(), [of_image(shape, axis)], (shape,)) for axis in (0, 1))
    assert row == column
    assert (row.known, row.along, row.pixels) == (False, None, (0b111,))


def test_what_is_lost_is_known_to_be_lost() -> None:
    """A window over values that have lost their places is not followed further."""
    tracer = Tracer()
    image = of_image(Shape((4, 3), 2), 0)
    shape = Shape((4, 3), 2)
    flat = tracer.through(KINDS["flatten"](), [image], (shape,))
    assert flat.known
    assert (flat.along, len(flat.pixels)) == (None, 4)
    sliced = tracer.through(KINDS["slice"](part=Pair(0, 3)), [flat], (Shape((), 24),))
    assert (sliced.known, sliced.pixels) == (False, (0b1111,))
    again = tracer.through(KINDS["relu"](), [sliced], (Shape((), 3),))
    assert not again.known


def test_a_wrong_engine_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first value that differs is told."""
    monkeypatch.setattr("cnncalc.forward.pools.mean", lambda values: sum(values) // len(values) ^ 1)
    difference = lines("input 4x4x2; gap")[-1].difference
    assert difference is not None
    assert difference.about == "values"
    assert "gap1, cut to" in difference.text


@pytest.mark.parametrize(
    ("about", "predicted", "says"),
    [
        ("macs", 7, "products: the table says 7, found 1,296"),
        ("trainable", 41, "learnt values: the table says 41, found 40"),
    ],
)
def test_a_wrong_table_is_found_when_the_network_runs_whole(about: str, predicted: int, says: str) -> None:
    """Though the rules are right on a small scale."""
    report = cnncalc.analyze("input 8x8x1; conv 4 3x3; relu")
    first, *others = report.records
    arrays = (*first.facts.arrays, Array("extra", (1,), "bias")) if about == "trainable" else first.facts.arrays
    report.records = (first._replace(facts=first.facts._replace(**{about: predicted, "arrays": arrays})), *others)
    (line,) = verify.verify(report, seed=0, quick=False, workers=ALONE)
    assert line.difference is not None
    assert line.difference.text == f"conv1 {says}"
