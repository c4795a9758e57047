"""Which pixels are read at all: cases by hand, and small networks against a trace of their forward pass."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc import coverage
from cnncalc.coverage import LARGEST_EXTENT, unread
from cnncalc.forward.tensor import Tensor, indices
from cnncalc.report import Report
from cnncalc.shapes import Divide, Geometry, Spread, Stretch, Whole, Window
from tracing import pixels_along, reads_at, run, traced_image


def unread_by_last(spec: str) -> tuple[tuple[int, ...], ...] | None:
    """The rows and columns that the last layer never reads."""
    nodes = cnncalc.analyze(spec).graph.nodes
    return unread(nodes, len(nodes) - 1)


ODD = tuple(range(1, 11, 2))
CASES = [
    # Nothing is left out.
    ("input 8x6x3; conv 4 3x3", ((), ())),
    ("input 8x6x3; relu; bn", ((), ())),
    ("input 8x6x3; maxpool 2", ((), ())),
    # Rows at the end that no window reaches.
    ("input 10x11x3; conv 4 3x3 s2", ((9,), ())),
    ("input 12x3; conv 4 5 s4", ((9, 10, 11),)),
    ("input 6x6x7x1; maxpool 4", ((4, 5), (4, 5), (4, 5, 6))),
    # Holes between windows.
    ("input 11x11x3; conv 4 1x1 s2", (ODD, ODD)),
    ("input 9x9x3; conv 4 2x3 s3", ((2, 5, 8), ())),
    # Holes in a dilated window, which its neighbours fill, or do not.
    ("input 9x9x3; conv 4 2x2 d3", ((), ())),
    ("input 10x10x1; conv 1 2x2 d5 s3", ((1, 2, 4, 6, 7, 9), (1, 2, 4, 6, 7, 9))),
    ("input 9x9x3; conv 4 3x3 d2 s2", ((1, 3, 5, 7), (1, 3, 5, 7))),
    ("input 6x6x1; conv 1 2x2 d5", ((1, 2, 3, 4), (1, 2, 3, 4))),
    # Padding is no pixel; what stays out of reach is counted in the image.
    ("input 10x10x3; conv 4 3x3 s2 p1", ((), ())),
    ("input 10x10x3; conv 4 3x3 s4 p1", ((2, 6), (2, 6))),
    ("input 5x5x1; conv 1 1x1 s2 p1", ((0, 2, 4), (0, 2, 4))),
    ("input 5x5x1; conv 1 3x3 s6 p4", ((0, 1), (0, 1))),
    ("input 4x4x1; pad 2; crop 2", ((), ())),
    ("input 6x5x1; crop 1:2x0", ((0, 4, 5), ())),
    ("input 6x1; conv 1 3 causal s4", ((1, 5),)),
    ("input 3x1; conv 1 2 d100 p100", ((),)),
    ("input 9x9x1; crop 5:0; pad 30:0; crop 0:32", ((0, 1, 2, 3, 4, 5, 6, 7, 8), (0, 1, 2, 3, 4, 5, 6, 7, 8))),
    ("input 3x1; conv 1 2 d100 p98:0", ((0, 1),)),
    # Through several layers.
    ("input 15x15x1; conv 4 3x3 s2; maxpool 2", ((13, 14), (13, 14))),
    ("input 11x11x1; conv 1 1x1 s2; maxpool 2", (ODD, ODD)),
    ("input 9x9x1; upsample 2; conv 1 2x2 s4", ((1, 3, 5, 7), (1, 3, 5, 7))),
    # Merges read what any branch reads; a branch that is broadcast is read whole.
    ("input 9x9x1; concat { conv 1 1x1 s2 | crop 4:0x4:0 }", ((1, 3), (1, 3))),
    ("input 9x9x1; conv 1 1x1 s2; multiply { identity | gap keep }", ((1, 3, 5, 7), (1, 3, 5, 7))),
    ("input 9x9x1; crop 0:1; multiply { conv 1 8x8 p4:3; maxpool 8 p4:3 | crop 7:0 }", ((8,), (8,))),
    ("input 9x9x1; maxpool 2 as a; from input; crop 8:0; concat { identity | from a; gap keep }", ((), ())),
    # Transposed convolutions put every pixel out; a crop of them need not.
    ("input 4x4x1; convt 1 3x3 s2", ((), ())),
    ("input 4x4x1; convt 1 2x2 s2; crop 3:0", ((0,), (0,))),
    ("input 4x4x1; convt 1 1x1 s3; maxpool 1 s6", ((1, 3), (1, 3))),
    # What mixes places reads everything that comes in.
    ("input 10x10x3; flatten", ((), ())),
    ("input 10x10x3; conv 4 3x3 s2; flatten; dense 4", ((9,), (9,))),
    ("input 10x10x3; conv 4 3x3 s2; gap", ((9,), (9,))),
    ("input 10x6x3; maxpool 4; permute w h c", ((8, 9), (4, 5))),
    ("input 10x6x3; maxpool 4; reshape 2x3", ((8, 9), (4, 5))),
    ("input 10x6x3; adaptiveavgpool 3x4", ((), ())),
    # An input without places has no rows.
    ("input 10; dense 4", ()),
    ("input 10; reshape 5x2; conv 4 2", ()),
]


@pytest.mark.parametrize(("spec", "expected"), CASES)
def test_by_hand(spec: str, expected: tuple[tuple[int, ...], ...]) -> None:
    """The rows and columns that the last layer never reads."""
    assert unread_by_last(spec) == expected


def test_of_a_layer_in_the_middle() -> None:
    """A layer answers for itself: what only later layers, or other branches, leave out or read says nothing of it."""
    report = cnncalc.analyze("input 10x10x3; conv 4 3x3; maxpool 3 s2; gap; from input; relu")
    nodes = report.graph.nodes
    assert unread(nodes, 0) == ((), ())
    assert unread(nodes, 1) == ((), ())
    assert unread(nodes, 2) == ((9,), (9,))
    assert unread(nodes, 3) == ((9,), (9,))
    assert unread(nodes, 4) == ((), ())


@pytest.mark.parametrize(("extent", "known"), [(LARGEST_EXTENT, True), (LARGEST_EXTENT + 1, False), (10**12, False)])
def test_huge_images(extent: int, known: bool) -> None:  # noqa: FBT001
    """Beyond 4096 pixels along an axis it is not known what is read."""
    for size in (f"{extent}x4x1", f"4x{extent}x1"):
        assert unread_by_last(f"input {size}; conv 1 2x2; conv 1 1x1") == (((), ()) if known else None)


@pytest.mark.parametrize(
    "spec",
    [
        "input 4x4x1; upsample 2000",
        "input 4x4x1; upsample 2000; maxpool 2000",
        "input 4x4x1; upsample 2000; flatten",
    ],
)
def test_huge_maps(spec: str) -> None:
    """Nor is it known through a map of more than 4096 positions along an axis."""
    assert unread_by_last(spec) is None


def test_huge_numbers() -> None:
    """Strides, windows and dilations without end take no time and no memory."""
    assert unread_by_last("input 4x1; conv 1 1 s1000000000000") == ((1, 2, 3),)
    assert unread_by_last("input 4x1; conv 1 1000000000000 p500000000000") == ((),)
    assert unread_by_last("input 2x1; conv 1 2 d1000000000000 p500000000000") == ((0, 1),)
    assert unread_by_last("input 4x1; conv 1 1000000000000 same s1000000000000 ") == ((),)


def test_symbols() -> None:
    """Of symbolic sizes it is not known what is read."""
    pytest.importorskip("sympy")
    assert unread_by_last("input WxHx3; conv 4 3x3") is None
    assert unread_by_last("input 8xHx3; conv 4 3x3") is None
    assert unread_by_last("input 8x8x3; conv 4 FxF; conv 4 1x1") is None
    assert unread_by_last("input 8x8x3; conv 4 FxF; gap") is None
    assert unread_by_last("input 8x8x3; conv K 3x3 s2") == ((7,), (7,))
    assert unread_by_last("input 1x1x3; conv 4 1x1 sS") is None
    assert unread_by_last("input 1x1x3; conv 4 1x1 sS; gap") is None


SIZES, STRIDES = st.integers(1, 6), st.integers(1, 4)
DILATIONS, PADDING = st.integers(1, 4) | st.integers(1, 120), st.integers(0, 9) | st.integers(0, 120)
GEOMETRIES = st.one_of(
    st.builds(Window, SIZES, STRIDES, DILATIONS, PADDING),
    st.builds(Spread, SIZES, STRIDES, DILATIONS, PADDING),
    st.builds(Stretch, st.integers(1, 5), st.integers(1, 5), st.booleans()),
    st.builds(Whole, st.integers(1, 9)),
)


@settings(max_examples=500)
@given(GEOMETRIES, st.integers(0, 2**12 - 1), st.integers(1, 20))
def test_taps(geometry: Geometry, places: int, extent: int) -> None:
    """The cells that some positions read are those of their taps that lie on the axis, by counting."""
    cells = {cell for place in range(12) if places >> place & 1 for cell in geometry.taps(place) if 0 <= cell < extent}
    assert set(coverage._places(coverage._taps.__wrapped__(geometry, places, extent))) == cells


@given(st.integers(1, 12), st.integers(1, 12))
def test_adaptive_taps(positions: int, extent: int) -> None:
    """The parts of an adaptive pool cover the whole axis."""
    taps = coverage._taps.__wrapped__(Divide(positions, extent), (1 << positions) - 1, extent)
    assert taps == (1 << extent) - 1


def test_geometries_of_the_same_numbers() -> None:
    """A window and a transposed one with the same numbers are not taken for each other."""
    coverage._taps.cache_clear()
    assert coverage._taps(Window(3, 2), 0b111, 9) == 0b1111111
    assert coverage._taps(Spread(3, 2), 0b111, 9) == 0b11


STATEMENTS = (
    "conv 1 3x3",
    "conv 1 1x1 s2",
    "conv 1 3x2 s2x3",
    "conv 1 2x2 s3 p1:0",
    "conv 1 2x2 d2 s2",
    "dwconv 3x1 p2x0 s2",
    "maxpool 2",
    "maxpool 3x3 s2 p1",
    "avgpool 3 s2 ceil",
    "convt 1 2x2 s2",
    "convt 1 1x1 s3",
    "convt 1 3x3 s2 p1 op1",
    "upsample 2",
    "upsample 2 bilinear",
    "crop 1:0x0:1",
    "pad 1",
    "adaptivemaxpool 2x3",
    "bn",
    "concat { conv 1 1x1 | maxpool 3 s1 p1 }",
    "concat { conv 1 1x1 s2 | conv 1 2x2 s2 same }",
    "multiply { identity | gap keep }",
)


def walk(report: Report) -> list[Tensor]:
    """The tensors of all nodes."""
    tensors = [traced_image(report.graph.nodes[0].shape)]
    for record in report.records:
        tensors.append(run(record.layer, *(tensors[source] for source in record.node.sources)))
    return tensors


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(6, 9), st.integers(6, 9), st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=3))
def test_a_trace_reads_the_same_pixels(height: int, width: int, statements: list[str]) -> None:
    """For every layer of a small network the unread rows and columns are those that its forward pass reads not."""
    try:
        report = cnncalc.analyze("; ".join([f"input {height}x{width}x1", *statements]))
    except cnncalc.SpecError as error:
        # The layers before it made the map small.
        assert "is larger than" in error.message or "must be at least 1" in error.message or "leaves" in error.message  # noqa: PT017
        reject()
    extents = (height, width)
    for record, tensor in zip(report.records, walk(report)[1:], strict=True):
        reads = [reads_at(tensor, position) for position in indices(tensor.dims[:-1])]
        missing = unread(report.graph.nodes, record.index)
        for axis, extent in enumerate(extents):
            real = set().union(*(pixels_along(bits, axis, extents) for bits in reads))
            assert missing is not None
            assert set(missing[axis]) == set(range(extent)) - real, (record.name, axis)
