"""The packed engine gives what the kinds' definitions give, on every kind, and loses nothing in its lanes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from math import prod

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc.forward import packed, steps
from cnncalc.forward.integers import LEAST, MOST, Stream, reference
from cnncalc.forward.lanes import LARGEST_TERM, RAISED, RAISED_WEIGHTS, Rounding, repeated
from cnncalc.forward.maps import Map, from_tensor, interpolated, largest
from cnncalc.forward.run import walk
from cnncalc.forward.steps import Here, Outcome
from cnncalc.forward.tensor import Tensor
from cnncalc.forward.workers import Workers
from cnncalc.layers import KINDS, Layer
from cnncalc.shapes import Shape
from strategies import layers, merges
from test_forward_graphs import specs

ALONE = Workers(1)
EXAMPLES = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(EXAMPLES, max_examples=150)
# What is computed by the definition itself: it mixes values in ways that have no tables.
BY_DEFINITION = {"softmax", "ln", "gn", "instancenorm", "lrn", "l2pool"}


def image(shape: Shape, seed: int = 0) -> Tensor:
    """Values."""
    draw = random.Random(seed)  # noqa: S311  nothing here is secret
    return Tensor(shape.dims, [draw.randint(LEAST, MOST) for _ in range(shape.size)])


def hold(layer: Layer, *inputs: Tensor) -> Outcome:
    """Assert that the engine gives what the definition gives, and counts what the rules count."""
    stream = Stream(1, 3)
    expected = reference(layer, stream, *inputs)
    outcome = packed.run(layer, Here(tuple(map(from_tensor, inputs)), stream, ALONE))
    found = outcome.map.tensor()
    assert found.dims == expected.dims
    assert list(found.values) == list(expected.values)
    if not layer.merges:
        shape = inputs[0].shape
        assert outcome.products == sum(map(prod, layer.macs(shape, expected.shape)))
        assert outcome.learnt == sum(array.size for array in layer.arrays(shape) if array.name != "count")
    return outcome


def hold_kind(kind: str, examples: settings) -> None:
    """Hold random layers of a kind."""

    @examples
    @given(merges(kind) if KINDS[kind].merges else layers(kind), st.integers(0, 99))
    def holds(drawn, seed: int) -> None:
        layer, shape, *branches = drawn
        branches = branches[0] if branches else ()
        x = image(shape, seed)
        hold(layer, *(reference(branch, Stream(2, i), x) for i, branch in enumerate(branches)) if layer.merges else [x])

    holds()


@pytest.mark.parametrize("kind", KINDS)
def test_packed_equals_reference(kind: str) -> None:
    """Values, products and learnt values of every kind."""
    hold_kind(kind, EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_packed_equals_reference_on_many_layers(kind: str) -> None:
    """The same, searched longer."""
    hold_kind(kind, MANY)


def test_every_kind_has_a_fast_way() -> None:
    """A kind that is added without one runs by its definition; that has to be meant."""
    slow = {name for name, kind in KINDS.items() if packed.run_step.dispatch(kind) is packed.run_step.dispatch(object)}
    mixing = {name for name, kind in KINDS.items() if issubclass(kind, KINDS["relu"].__bases__[0]) and kind.mixes}
    assert slow | mixing == BY_DEFINITION


@settings(EXAMPLES, max_examples=25)
@given(specs())
def test_packed_equals_reference_on_graphs(spec: str) -> None:
    """Whole small networks, layer by layer, with branches."""
    try:
        report = cnncalc.analyze(spec)
    except cnncalc.SpecError:
        reject()
    x = image(report.graph.nodes[0].shape)

    def by_definition(index: int, *inputs: Tensor) -> Tensor:
        return reference(report.records[index - 1].layer, Stream(0, index), *inputs)

    def in_lanes(index: int, *inputs: Map) -> Map:
        return packed.run(report.records[index - 1].layer, Here(inputs, Stream(0, index), ALONE)).map

    expected = walk(report.graph, x, by_definition)
    for one, other in zip(expected, walk(report.graph, from_tensor(x), in_lanes), strict=True):
        found = other.tensor()
        assert (found.dims, list(found.values)) == (one.dims, list(one.values))


@pytest.mark.parametrize(
    ("kind", "arguments", "shape"),
    [
        # Many filters on few positions: filters lie in lanes.
        ("conv", {"filters": 70, "kernel": (3,), "padding": "same", "groups": 2}, Shape((2, 2), 4)),
        ("dense", {"units": 300, "activation": "relu"}, Shape((), 1200)),
        # Long rows, several blocks of rows, runs of taps, some of them shorter than others.
        ("conv", {"filters": 1, "kernel": (2, 7), "stride": (1, 2)}, Shape((4, 90), 1)),
        ("conv", {"filters": 2, "kernel": (1,)}, Shape((150, 60), 1)),
        ("conv", {"filters": 1, "kernel": (1, 5), "dilation": (1, 3), "padding": "same"}, Shape((2, 40), 2)),
        # Strides beyond the kernel leave places that nothing is spread to.
        (
            "convt",
            {"filters": 4, "kernel": (2,), "stride": (3,), "groups": 2, "output_padding": (2,)},
            Shape((3, 4), 4),
        ),
        (
            "convt",
            {"filters": 3, "kernel": (3,), "stride": (2,), "padding": "same", "activation": "tanh"},
            Shape((5,), 2),
        ),
        # One pass has more rows than another.
        (
            "convt",
            {"filters": 1, "kernel": (1, 4, 1), "stride": (3, 2, 2), "dilation": (3,), "padding": "same"},
            Shape((3, 3, 3), 1),
        ),
        (
            "convt",
            {"filters": 1, "kernel": (1, 4, 1), "stride": (2,), "dilation": (3,), "padding": "same"},
            Shape((3, 3, 3), 1),
        ),
        # Sums of sums need lanes of four bytes.
        ("sepconv", {"filters": 5, "kernel": (3,), "multiplier": 2, "padding": "same"}, Shape((6, 6), 9)),
        ("avgpool", {"window": (18,), "stride": (1,)}, Shape((19, 19), 1)),
        ("prelu", {"slopes": "each"}, Shape((3,), 2)),
        ("softmax", {}, Shape((3, 2), 4)),
    ],
)
def test_layers_of_every_layout(kind: str, arguments: dict[str, object], shape: Shape) -> None:
    """What random small layers hardly meet."""
    hold(KINDS[kind](**arguments), image(shape))


@pytest.mark.parametrize(
    ("spec", "shape"), [("multiply", (4, 4)), ("add", (4, 4)), ("average", ()), ("multiply", (1, 4))]
)
def test_gates(spec: str, shape: tuple[int, ...]) -> None:
    """One value for each channel, or for each position, times a map: from either side."""
    x = image(Shape((4, 4), 6))
    for gate in (
        image(Shape((), 6), 1),
        image(Shape((1, 1), 6), 2),
        image(Shape((4, 4), 1), 3),
        image(Shape((1, 4), 1), 4),
    ):
        hold(KINDS[spec](), x, gate)
        hold(KINDS[spec](), gate, x)
        hold(KINDS[spec](), gate, x, x)
    hold(KINDS[spec](), image(Shape(shape, 1)), image(Shape(shape, 3)))


@pytest.mark.parametrize("products", [1, 4, 5, 18, 19, 300, 35, 36, 37, 9200, 9307, 9308, 20_000])
@pytest.mark.parametrize("weight", [-7, 7])
@pytest.mark.parametrize("byte", [0, 255])
def test_no_lane_overflows(monkeypatch: pytest.MonkeyPatch, products: int, weight: int, byte: int) -> None:
    """The largest and smallest sums of so many products come out exact, in both layouts."""
    monkeypatch.setattr(Stream, "bytes", lambda _, __, first, stop: bytes([weight_byte(weight)]) * (stop - first))
    for units, extents in ((1, (3,)), (200, (1,))):
        layer = KINDS["conv"](filters=units, kernel=(1,), bias=False)
        x = Map(extents, bytes([byte]) * products * extents[0])
        outcome = packed.run(layer, Here((x,), Stream(0, 1), ALONE))
        shift = packed.integers.shift_of(products)
        expected = min(max((byte + LEAST) * weight * products >> shift, LEAST), MOST) - LEAST
        assert outcome.map.data == bytes([expected]) * units * extents[0]


@pytest.mark.parametrize("weight", [-7, 7])
def test_no_row_overflows_into_the_next(monkeypatch: pytest.MonkeyPatch, weight: int) -> None:
    """Where a multiplication carries one row of extremes into another."""
    monkeypatch.setattr(Stream, "bytes", lambda _, __, first, stop: bytes([weight_byte(weight)]) * (stop - first))
    rows, products = (0, 255, 0, 0, 255, 255), 9300
    layer = KINDS["conv"](filters=1, kernel=(1, 3), bias=False)
    x = Map((len(rows), 5), b"".join(bytes([byte]) * 5 for byte in rows) * (products // 3))
    outcome = packed.run(layer, Here((x,), Stream(0, 1), ALONE))
    shift = packed.integers.shift_of(products)
    expected = [min(max((byte + LEAST) * weight * products >> shift, LEAST), MOST) - LEAST for byte in rows]
    assert outcome.map.data == b"".join(bytes([byte]) * 3 for byte in expected)


def weight_byte(weight: int) -> int:
    """A byte that stands for a weight."""
    return RAISED_WEIGHTS.index(weight + RAISED)


def test_lanes_are_as_wide_as_they_must_be() -> None:
    """The largest sum of products is positive when it is raised, and fits in the lane but in none that is shorter."""
    for products in (1, 18, 36, 9000, 9307, 9400, 25_088, 10**6, 10**7):
        largest = LARGEST_TERM * products
        rounding = Rounding(largest, packed.integers.shift_of(products))
        assert rounding.raised >= largest
        assert rounding.raised + largest < 256**rounding.lane
        assert rounding.lane == 2 or rounding.raised + largest >= 256 ** (rounding.lane - 1)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=9), st.integers(0, 12))
def test_rounding_is_floor_and_clamp(sums: list[int], shift: int) -> None:
    """Whether what lies over a result fits in a byte or not."""
    rounding = Rounding(10**6, shift)
    lanes = sum(number << 8 * rounding.lane * place for place, number in enumerate(sums))
    lanes += rounding.raised * repeated(1, rounding.lane, len(sums))
    expected = bytes(min(max((number >> shift) + 128, 0), 255) for number in sums)
    assert rounding.bytes(lanes, len(sums)) == expected


@given(st.lists(st.binary(min_size=7, max_size=7), min_size=1, max_size=5))
def test_largest_bytes(parts: list[bytes]) -> None:
    """Byte by byte."""
    assert largest(parts) == bytes(map(max, zip(*parts, strict=True)))


def test_means_of_cells_with_large_shares() -> None:
    """They need lanes of eight bytes."""
    two = Map((2,), bytes([10, 21]))
    assert interpolated(two, [[(0, 1, 10**8, 10**8), (1, 0, 15 * 10**7, 5 * 10**7)]]).data == bytes([15, 18])
    assert interpolated(two, [[(0, 1, 1, 1), (1, 1, 1, 1)]]).data == bytes([15, 21])


@pytest.mark.parametrize(
    "spec",
    [
        "input 40x40x8; conv 24 3x3 same; maxpool 2; conv 64 3x3; gap; dense 30",
        "input 30x30x4; sepconv 12 3x3; dwconv 3x3 m2; convt 6 3x3 s2; conv 4 1x1; ln; softmax",
        "input 12x12x3; conv 8 3x3 s2; gn 2; local 3 3x3; flatten; dense 20",
        "input 9x14x12x4; conv 12 3x3x3 p2 d2; conv 8 3 s2x1x1; dwconv 3 same; conv 9 1x1x1",
        "input 4x30x8; conv 16 3x3 p6x1; conv 40 5x3 p4 s3x1",
    ],
)
def test_processes_share_the_work(monkeypatch: pytest.MonkeyPatch, spec: str) -> None:
    """Cut into many parts, by rows and by filters, the results and the counts are the same; all work is told of."""
    report = cnncalc.analyze(spec)
    shape = report.graph.nodes[0].shape
    done: list[int] = []

    def outcomes(workers: Workers) -> list[Outcome]:
        found = []

        def compute(index: int, *inputs: Map) -> Map:
            found.append(packed.run(report.records[index - 1].layer, Here(inputs, Stream(0, index), workers)))
            return found[-1].map

        list(walk(report.graph, Map(shape.extents, Stream(0, 0).bytes("image", 0, shape.size)), compute))
        return found

    expected = outcomes(ALONE)
    monkeypatch.setattr("cnncalc.forward.workers.WORTH", 1000)
    monkeypatch.setattr("cnncalc.forward.workers.LARGEST_TASK", 100_000)
    with Workers(2, done.append) as workers:
        assert outcomes(workers) == expected
    assert sum(done) >= 0.9 * report.totals.macs


def test_processes_end_with_the_one_that_started_them(tmp_path) -> None:
    """Even when that is killed: nothing is left behind."""
    code = """
import os, sys, time
from cnncalc.forward.workers import Workers
if __name__ == "__main__":
    with Workers(2) as workers:
        print(*set(workers.run(os.getpgid, [(0,), (0,)], 2, 10**9)), flush=True)
        time.sleep(60)
"""
    script = tmp_path / "start.py"
    script.write_text(code)
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    group = int(process.stdout.readline())
    process.kill()
    process.communicate()
    for _ in range(100):
        if not members(group):
            break
        time.sleep(0.05)
    assert not members(group)


def members(group: int) -> list[str]:
    """The processes of a group."""
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if line.split()[0] == str(group) and "Z" not in line]


def test_an_array_is_not_asked_for_twice() -> None:
    """What is used of an array is counted once, however many processes ask for it."""
    asked = steps.Asked({"gamma": Tensor((1,), (2,)), "count": Tensor((1,), (1,))})
    assert asked["gamma"] == asked["gamma"]
    assert asked.names == {"gamma"}


def test_a_large_map_is_pooled_a_few_channels_at_a_time() -> None:
    extents, plane = (600, 1000), bytes(range(250)) * 2400
    other = plane[::-1]
    layer = KINDS["maxpool"](window=(2,))

    def pooled(*planes: bytes) -> bytes:
        with Workers(1) as alone:
            return packed.run(layer, Here((Map(extents, b"".join(planes)),), Stream(0, 1), alone)).map.data

    assert len(list(Map(extents, plane + other).some_planes())) == 2
    assert pooled(plane, other) == pooled(plane) + pooled(other)
