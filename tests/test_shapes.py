"""The formulas of shapes and receptive fields, on examples that are worked by hand or stand in the sources."""

from __future__ import annotations

from fractions import Fraction

import pytest

import cnncalc
from cnncalc.shapes import (
    SAME_PLACE,
    Divide,
    Field,
    Geometry,
    Shape,
    Spread,
    Stretch,
    Whole,
    Window,
    factor,
    hull,
    join,
    same_padding,
    union,
)

PIXEL = Field(((0, 0),), 1, 0, 100)


def through(field: Field, *layers: tuple[Geometry, int]) -> Field:
    """The field behind several layers, each with the positions that it has."""
    for geometry, positions in layers:
        field = field.through(geometry, positions)
    return field


# Sizes


@pytest.mark.parametrize(
    ("extent", "window", "output"),
    [
        # CS231n notes: "(W-F+2P)/S+1. For example for a 7x7 input and a 3x3 filter with stride 1 and pad 0 we
        # would get a 5x5 output. With stride 2 we would get a 3x3 output."
        (7, Window(3), 5),
        (7, Window(3, 2), 3),
        # CS231n notes: W = 5, F = 3, P = 1, S = 1 and S = 2.
        (5, Window(3, before=1, after=1), 5),
        (5, Window(3, 2, before=1, after=1), 3),
        # CS231n notes on Krizhevsky et al.: (227 - 11)/4 + 1 = 55.
        (227, Window(11, 4), 55),
        # Dumoulin & Visin 2016, figures 2.1 to 2.7.
        (4, Window(3), 2),
        (5, Window(4, before=2, after=2), 6),
        (5, Window(3, before=2, after=2), 7),
        (5, Window(3, 2), 2),
        (6, Window(3, 2, before=1, after=1), 3),
        # Dumoulin & Visin 2016, figure 5.1: i = 7, k = 3, d = 2, s = 1, p = 0.
        (7, Window(3, dilation=2), 3),
        # Uneven padding adds up.
        (10, Window(3, 2, before=0, after=1), 5),
    ],
)
def test_a_window_fits_as_often_as_the_sources_say(extent: int, window: Window, output: int) -> None:
    """(W - F + 2P)/S + 1, rounded down."""
    assert window.output(extent) == output


@pytest.mark.parametrize(
    ("extent", "window", "output"),
    [
        # PyTorch: MaxPool1d(3, 2, ceil_mode=True) on 6 gives 3, where floor gives 2.
        (6, Window(3, 2, ceil=True), 3),
        (7, Window(3, 2, ceil=True), 3),
        # PyTorch: a window that would start in the padding after the input is dropped.
        (10, Window(1, 2, ceil=True), 5),
        (5, Window(2, 3, before=1, after=1, ceil=True), 2),
        # PyTorch: a window larger than the input counts once.
        (2, Window(3, 2, ceil=True), 1),
    ],
)
def test_ceil_follows_pytorch(extent: int, window: Window, output: int) -> None:
    """Rounded up, but no window starts beyond the input and the padding before it."""
    assert window.output(extent) == output


def test_what_no_window_reaches_is_left_over() -> None:
    """The remainder of the division; none where the stride is 1 or the output is rounded up."""
    # CS231n notes: W = 10, P = 0, F = 3 cannot have S = 2, since (10 - 3)/2 + 1 = 4.5.
    assert Window(3, 2).leftover(10) == 1
    assert Window(3, 2).leftover(11) == 0
    assert Window(3).leftover(10) == 0
    assert Window(3, 2, ceil=True).leftover(10) == 0


@pytest.mark.parametrize(
    ("extent", "size", "stride", "padding"),
    [
        (28, 3, 1, (1, 1)),
        # TensorFlow's documentation: the odd cell is added at the bottom and the right.
        (28, 3, 2, (0, 1)),
        (28, 2, 1, (0, 1)),
        (224, 7, 2, (2, 3)),
        (5, 1, 2, (0, 0)),
        (5, 1, 3, (0, 0)),
    ],
)
def test_same_padding_is_tensorflows(extent: int, size: int, stride: int, padding: tuple[int, int]) -> None:
    """max((ceil(W/S) - 1)S + F - W, 0) in all, the odd cell after; the output has ceil(W/S)."""
    assert same_padding(extent, size, stride) == padding
    before, after = padding
    assert Window(size, stride, before=before, after=after).output(extent) == -(-extent // stride)


@pytest.mark.parametrize(
    ("extent", "spread", "output"),
    [
        # Dumoulin & Visin 2016, figures 4.1 to 4.6: each is a convolution's way back.
        (2, Spread(3), 4),
        (6, Spread(4, before=2, after=2), 5),
        (5, Spread(3, before=1, after=1), 5),
        (7, Spread(3, before=2, after=2), 5),
        (2, Spread(3, 2), 5),
        (3, Spread(3, 2, before=1, after=1), 5),
        (3, Spread(3, 2, before=1, after=1, extra=1), 6),
        # PyTorch: ConvTranspose1d(1, 1, 3, dilation=2) on 4 gives 8.
        (4, Spread(3, dilation=2), 8),
    ],
)
def test_a_transposed_window_is_the_way_back(extent: int, spread: Spread, output: int) -> None:
    """(W - 1)S - 2P + F + OP."""
    assert spread.output(extent) == output


def test_other_geometries_have_the_extent_that_was_asked_for() -> None:
    """Stretching floors W*factor; adaptive pooling and resizing give a size; a global pool one position."""
    assert Stretch(3, 2).output(5) == 7
    assert Stretch(9, 4, extent=9).output(4) == 9
    assert Divide(7, 12).output(12) == 7
    assert Whole(12).output(12) == 1
    assert Whole(12, 12).output(12) == 12


# What a position reads


def test_positions_read_the_cells_of_their_windows() -> None:
    """Cells are counted from 0; what lies outside is padding."""
    assert list(Window(3, 2, before=1).taps(0)) == [-1, 0, 1]
    assert list(Window(3, 2, dilation=2).taps(1)) == [2, 4, 6]
    # Two cells of the input reach position 2 of a 3-wide transposed window with stride 2, one reaches 1.
    assert list(Spread(3, 2).taps(2)) == [0, 1]
    assert list(Spread(3, 2).taps(1)) == [0]
    # With stride 2 and dilation 2 nothing reaches the odd positions.
    assert list(Spread(3, 2, dilation=2).taps(3)) == []
    assert list(Spread(2, 1, dilation=3).taps(3)) == [0, 3]
    # Half-pixel centres: position 1 of a doubled axis lies at 1/4, between the cells 0 and 1.
    assert list(Stretch(2, 1, linear=True).taps(1)) == [0, 1]
    assert list(Stretch(3, 1, linear=True).taps(1)) == [0]
    assert [list(Stretch(3, 2).taps(position)) for position in range(4)] == [[0], [0], [1], [2]]
    # PyTorch: AdaptiveAvgPool1d(3) on 7 reads 0..2, 2..4, 4..6.
    assert [list(Divide(3, 7).taps(position)) for position in range(3)] == [[0, 1, 2], [2, 3, 4], [4, 5, 6]]
    assert list(Whole(4).taps(0)) == [0, 1, 2, 3]


# Receptive fields


def test_vgg16_has_the_field_that_araujo_and_others_found() -> None:
    """VGG-16 up to pool5: size 212, stride 32, centre of the first unit 15.5 (Distill 2019)."""
    field, extent = Field(((0, 0),), 1, 0, 224), 224
    for convolutions in (2, 2, 3, 3, 3):
        field = through(field, *[(Window(3, before=1, after=1), extent)] * convolutions)
        extent //= 2
        field = through(field, (Window(2, 2), extent))
    assert (field.size, field.stride, field.start, field.center) == (212, 32, -90, Fraction(31, 2))


def test_a_window_widens_a_field_by_its_dilated_extent() -> None:
    """Size += (F - 1)*jump, start -= P*jump, jump *= S; WaveNet's stack of dilations 1, 2, 4, 8 sees 16."""
    field = through(PIXEL, *[(Window(2, dilation=2**power, before=2**power), 100) for power in range(4)])
    assert (field.size, field.stride, field.start) == (16, 1, -15)


def test_cropping_moves_a_field_and_leaves_its_size() -> None:
    """A crop is a window of 1 with negative padding."""
    field = through(PIXEL, (Window(3, 2), 49), (Window(1, before=-4, after=-4), 41))
    assert (field.size, field.stride, field.start) == (3, 2, 8)


@pytest.mark.parametrize(
    ("part", "start", "stride"), [("0,3,6", 0, 3), ("2,4", 2, 2), ("5", 5, 1), ("2:8", 2, 1), ("0,1,3", None, None)]
)
def test_a_slice_moves_a_field(part: str, start: int | None, stride: int | None) -> None:
    """By as much as its numbers are apart; numbers that are not evenly apart leave no places."""
    field = cnncalc.analyze(f"input 9x9x1; slice {part} axis=h")["slice1"].rf
    assert field is not None
    assert field.size == (1, 1)
    assert (field.start, field.stride) == ((None, None) if start is None else ((start, 0), (stride, 1)))


def test_a_transposed_convolution_has_fields_of_several_sizes() -> None:
    """Behind a transposed 3x3 with stride 2 even positions read two pixels, odd ones one; the stride is 1/2."""
    field = through(PIXEL, (Spread(3, 2), 201))
    assert field.spans == ((-1, 0), (0, 0))
    assert (field.advance, field.size, field.stride, field.start) == (1, 2, Fraction(1, 2), -1)
    assert field.span(5) == (2, 2)


def test_positions_that_nothing_reaches_have_no_field() -> None:
    """Stride 3 with a kernel of 2 leaves every third position without input; a window over it is filled again."""
    field = through(PIXEL, (Spread(2, 3), 299))
    assert field.spans == ((0, 0), (0, 0), None)
    assert field.span(5) is None
    assert through(field, (Window(3), 297)).size == 2
    nothing = Field((None,), 0, 0, 100)
    assert nothing.size == 0
    assert nothing.through(Window(3), 98) is nothing
    assert nothing.everywhere(5).spans == (None,)


def test_upsampling_and_downsampling_again_keep_the_place() -> None:
    """Nearest by 2, then every second: each position reads its own pixel."""
    field = through(PIXEL, (Stretch(2, 1), 200), (Window(1, 2), 100))
    assert [field.span(position) for position in range(4)] == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert field.stride == 1


def test_linear_upsampling_reads_two_neighbours() -> None:
    """By 2, with half-pixel centres: (-1, 0), (0, 1), then a pixel further."""
    field = through(PIXEL, (Stretch(2, 1, linear=True), 200))
    assert [field.span(position) for position in range(3)] == [(-1, 0), (0, 1), (0, 1)]
    # The centre of position 0 of the largest fields.
    assert field.center == Fraction(-1, 2)


def test_adaptive_pooling_reads_parts_of_unlike_size() -> None:
    """7 cut in 3 parts reads three each, a stride of 7/3; 7 in 2 reads four each."""
    seven = Field(((0, 0),), 1, 0, 7)
    field = through(seven, (Divide(3, 7), 3))
    assert field.spans == ((0, 2), (2, 4), (4, 6))
    assert field.stride == Fraction(7, 3)
    assert through(seven, (Divide(2, 7), 2)).size == 4


def test_a_global_layer_sees_the_image_and_no_more() -> None:
    """Behind a global pool every unit reads all pixels, none of the padding, whatever comes after."""
    field = through(PIXEL, (Window(3, before=1, after=1), 100), (Whole(100), 1))
    assert (field.spans, field.stride) == (((0, 99),), None)
    assert field.through(Window(3, before=1, after=1), 1).spans == ((0, 99),)
    assert through(field, (Spread(3, 2), 3)) == field
    # Of two positions a transposed window of one cell writes one.
    gaps = through(field, (Spread(1, 2), 3))
    assert (gaps.spans, gaps.size, gaps.stride) == (((0, 99), None), 100, None)
    assert through(gaps, (Window(2), 2)).spans == ((0, 99),)


def test_a_global_layer_need_not_see_the_whole_image() -> None:
    """What a strided convolution never read, a global pool behind it does not read either."""
    assert through(PIXEL, (Window(3, 4), 25), (Whole(25), 1)).spans == ((0, 98),)


def test_a_period_that_is_too_long_is_not_tabulated() -> None:
    """Resizing 999 to 1000 would take a thousand fields: only what all of them read is kept."""
    field = Field(((0, 0),), 1, 0, 999).through(Stretch(1000, 999, extent=1000), 1000)
    assert (field.size, field.start, field.stride, field.reach) == (None, None, None, (0, 998))


def test_values_without_places_keep_the_size_of_their_fields() -> None:
    """Behind `flatten` each value reads what it did; a window over such values has no known field."""
    field = through(PIXEL, (Window(3), 98)).scattered(98)
    assert (field.size, field.stride, field.start, field.reach) == (3, None, None, (0, 99))
    assert field.scattered(5) is field
    assert field.through(Window(3), 96).size is None
    assert field.through(Whole(98), 1).spans == ((0, 99),)
    assert field.mixed(0).spans == ((0, 99),)
    assert field.mixed(2).size is None
    assert PIXEL.mixed(2) is PIXEL


# Merges


def test_a_residual_block_has_the_field_of_its_longer_branch() -> None:
    """Smallest first, largest last: the shortcut lies inside of the two convolutions."""
    long = through(PIXEL, (Window(3, before=1, after=1), 100), (Window(3, before=1, after=1), 100))
    assert union([long, PIXEL], (100,)) == long
    assert union([PIXEL, PIXEL], (100,)) is PIXEL


def test_branches_that_lie_beside_each_other_are_joined() -> None:
    """One branch looks back and one ahead: the merge reads both."""
    back, ahead = Field(((-3, 0),), 1, 0, 100), Field(((0, 2),), 1, 0, 100)
    assert union([back, ahead], (100,)).spans == ((-3, 2),)


def test_branches_of_unlike_stride_are_not_aligned() -> None:
    """No stride describes them both, and no field is stated; what all read together is."""
    half = through(PIXEL, (Window(2, 2), 50))
    field = union([half, PIXEL], (50,))
    assert (field.size, field.stride, field.reach) == (None, None, (0, 99))


def test_branches_of_unlike_period_are_joined_over_both() -> None:
    """A transposed convolution's period of 2 and a nearest upsampling's of 2 after it go together as 2."""
    up, nearest = through(PIXEL, (Spread(3, 2), 200)), through(PIXEL, (Stretch(2, 1), 200))
    field = union([up, nearest], (200,))
    assert field.spans == ((-1, 0), (0, 0))
    twice = through(nearest, (Window(1, 2), 100))
    assert union([twice, PIXEL], (100,)).stride == 1


def test_a_global_branch_goes_with_any_other() -> None:
    """Squeeze and excite: a product with what has seen everything sees everything."""
    everything = PIXEL.everywhere(100)
    assert union([PIXEL, everything], (100,)).spans == ((0, 99),)
    outside = Field(((10, 20),), 0, 0, 100)
    assert union([PIXEL, outside], (100,)).size is None


def test_branches_without_places_keep_the_largest_size() -> None:
    """Two flattened maps side by side; with one whose sizes are not known, none is."""
    small, large = PIXEL.scattered(100), through(PIXEL, (Window(3), 98)).scattered(98)
    assert union([small, large], (100,)).size == 3
    assert union([small, PIXEL.unknown((0, 99))], (100,)).size is None


def test_the_hull_of_nothing_is_nothing() -> None:
    """Empty intervals do not count."""
    assert hull([None, (3, 4), None, (1, 2)]) == (1, 4)
    assert hull([None]) is None


# Symbols


def test_the_formulas_take_symbols() -> None:
    """A window of F with stride S and padding P on W is a formula; with the numbers in, it is the number."""
    pytest.importorskip("sympy")
    from cnncalc.symbols import Symbolic  # noqa: PLC0415  it imports SymPy

    extent, size, padding = (Symbolic.named(name) for name in ("W", "F", "P"))
    assert str(Window(5).output(extent)) == "W - 4"
    assert str(Shape((extent, extent), 3).size) in {"3*W**2", "3*W^2"}
    field = Field(((0, 0),), 1, 0, extent).through(Window(size, before=padding, after=padding), extent)
    assert (str(field.size), str(field.start)) == ("F", "-P")
    assert field.symbolic
    assert field.through(Stretch(2, 1), 2 * extent).size is None
    assert field.through(Whole(extent), 1).reach is None
    assert str(field.through(Whole(extent), 1).size) == "W"


# Shapes in words


def test_shapes_are_written_as_in_a_spec() -> None:
    """Channels last; the name of the rank; a formula in parentheses."""
    shape = Shape((28, 28), 6)
    assert (str(shape), shape.rank, shape.dims, shape.size, shape.positions) == ("28x28x6", 2, (28, 28, 6), 4704, 784)
    assert shape.described() == "28x28x6 (an image)"
    assert Shape((), 10).described() == "10 (a vector)"
    assert Shape((), 10).positions == 1
    assert join((3, 3)) == "3x3"
    assert factor("W - 4") == "(W - 4)"
    assert factor("floor((W - 1)/2)") == "floor((W - 1)/2)"
    assert Window(1) == SAME_PLACE


def test_steps_that_no_image_has_are_not_followed() -> None:
    """Beyond 10^30 pixels a step the field is not known; the numbers would only grow."""
    field = through(PIXEL, (Window(1, 10**20), 1), (Window(1, 10**20), 1))
    assert field.size is None
    assert field.reach == (0, 99)


def test_fields_of_symbols_are_not_merged() -> None:
    """Branches that read windows of symbolic sizes see, together, the whole axis; more is not known."""
    pytest.importorskip("sympy")
    from cnncalc.symbols import Symbolic  # noqa: PLC0415

    n = Symbolic.named("n")
    other = PIXEL.through(Window(n), 98)
    merged = union((PIXEL, other), 98)
    assert (merged.size, merged.reach) == (None, (0, 99))
    assert union((other, other), 98) == other
