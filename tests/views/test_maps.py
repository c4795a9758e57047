"""Maps and sums as text."""

from __future__ import annotations

from fractions import Fraction

import pytest

import cnncalc
from cnncalc.forward.tensor import Tensor
from cnncalc.forward.trace import Working
from cnncalc.views import maps
from cnncalc.views.maps import Room, aligned, as_data, at, drawing, matrices, number, shaded, sums, top

PIPE = Room()
CONV = cnncalc.analyze("input 3x3x1; conv 2 2x2").records[0]
DENSE = cnncalc.analyze("input 3; dense 2").records[0]


def test_numbers_for_people_and_for_programs() -> None:
    """Six digits for people; what JSON does not know is text."""
    assert [number(value) for value in (3, 0.1 + 0.2, Fraction(1, 3))] == ["3", "0.3", "1/3"]
    assert as_data([1, [0.5, Fraction(1, 3)], float("inf"), float("nan")]) == [1, [0.5, "1/3"], "inf", "nan"]


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (Tensor((3,), [1, -2, 30]), ["  1  -2  30"]),
        (Tensor((3, 2), [1, 10, 2, 20, 3, 30]), ["   1   2   3", "  10  20  30"]),
        (Tensor((2, 2, 1), [1, 2, 3, 4]), ["  1  2", "  3  4"]),
        (Tensor((1, 2, 2), [1, 10, 2, 20]), ["  channel 0", "  1  2", "  channel 1", "  10  20"]),
        (Tensor((2, 1, 2, 1), [1, 2, 3, 4]), ["  depth 0", "  1  2", "  depth 1", "  3  4"]),
        (
            Tensor((2, 1, 1, 2), [1, 2, 3, 4]),
            [
                "  channel 0, depth 0",
                "  1",
                "  channel 0, depth 1",
                "  3",
                "  channel 1, depth 0",
                "  2",
                "  channel 1, depth 1",
                "  4",
            ],
        ),
    ],
)
def test_a_channel_is_a_matrix(x: Tensor, expected: list[str]) -> None:
    """A vector is a row, a sequence has a row for each channel, a volume a matrix for each depth."""
    assert list(matrices(x, PIPE)) == expected


def test_a_terminal_shows_as_much_as_fits() -> None:
    """The first and last columns, rows and matrices; at a pipe everything stands."""
    wide = [list(range(100, 150)) for _ in range(100)]
    shown = list(aligned(wide, Room(32)))
    assert shown[0] == "100  101  102  ...  148  149"
    assert len(shown) == maps.MOST_ROWS
    assert shown[30] == "..."
    assert len(list(aligned(wide, PIPE))) == 100
    many = Tensor((1, 1, 20), list(range(20)))
    assert list(matrices(many, Room(80)))[-1] == "  ... and 4 more; `--format plain` shows all"
    assert len(list(matrices(many, PIPE))) == 40


def test_blocks_are_darker_where_values_are_larger() -> None:
    """A map that is too wide is shrunk; a flat one is light."""
    assert list(shaded([[0, 1, 2, 3, 4]], Room(80))) == ["  ░░▒▒▓▓██", "0 is light, 4 dark"]
    assert list(shaded([[0, 9]], Room(80, ascii=True))) == ["  @@", "0 is light, 9 dark"]
    assert list(shaded([[5, 5]], Room(80))) == ["", "5 is light, 5 dark"]
    wide = [[0, 2, 8, 8, 4], [0, 2, 8, 8, 4], [1, 1, 1, 1, 1]]
    assert list(shaded(wide, Room(9))) == ["  ██▒▒", "", "1 is light, 8 dark; a block is the mean of 2x2 values"]
    assert list(matrices(Tensor((1, 2, 1), [0, 1]), PIPE, blocks=True)) == ["    ██", "  0 is light, 1 dark"]


def test_sums_stand_at_their_positions() -> None:
    """Further lines under the first; on a terminal they are broken before the result, not behind its sign."""
    workings = [Working((0, 1), 1, ("1·2 + 3·4 = 14", "relu(14) = 14"), 14), Working((1, 0), 0, ("5",), 5)]
    assert list(sums(CONV, workings, PIPE)) == [
        "(0, 1) channel 1  1·2 + 3·4 = 14",
        "                  relu(14) = 14",
        "(1, 0) channel 0  5",
    ]
    assert list(sums(DENSE, [Working((), 1, ("1·2 + 3·4 = 14",), 14)], Room(16, ascii=True))) == [
        "[1]  1*2 + 3*4",
        "       = 14",
    ]
    assert at((0,), 2) == "(0)"


def test_too_many_sums_and_too_long_ones_are_cut_on_a_terminal() -> None:
    """And it is said."""
    many = [Working((0, 0), 0, ("5",), 5)] * (maps.MOST_SUMS + 1)
    assert list(sums(CONV, many, Room(80)))[-1] == "... the first 200 are shown; `--format plain` shows all"
    assert len(list(sums(CONV, many, PIPE))) == maps.MOST_SUMS + 1
    text = " + ".join(["1·2"] * 2000) + " = 4000"
    cut = " ".join(line.strip() for line in sums(DENSE, [Working((), 0, (text,), 4000)], Room(100)))
    assert " ... " in cut
    assert cut.endswith("= 4000")
    assert len(cut) < maps.LONGEST_SUM + 200
    assert list(sums(DENSE, [Working((), 0, (text,), 4000)], PIPE)) == [f"[0]  {text}"]


def test_a_window_is_drawn_with_what_is_around_it() -> None:
    """In brackets, with the padding as points; not more than two cells around it."""
    x = Tensor((6, 6, 1), list(range(36)))
    assert list(drawing(x, [(0, -1), (0, 0), (1, -1), (1, 0)])) == [
        "  [.] [0]  1   2",
        "  [.] [6]  7   8",
        "   .  12  13  14",
        "   .  18  19  20",
    ]
    assert list(drawing(Tensor((4, 1), [5, 6, 7, 8]), [(1,), (3,)])) == ["  5  [6] 7  [8]"]
    two = list(drawing(Tensor((1, 1, 2), [5, 6]), [(0, 0)]))
    assert two == ["  channel 0 of the input", "  [5]", "  channel 1 of the input", "  [6]"]
    assert list(drawing(Tensor((1, 1, 5), [5] * 5), [(0, 0)]))[-1] == "  ... and 2 more channels"


@pytest.mark.parametrize(
    ("x", "cells"),
    [
        (Tensor((1, 1, 1, 1), [1]), [(0, 0, 0)]),
        (Tensor((3,), [1, 2, 3]), [()]),
        (Tensor((30, 1, 1), [1] * 30), [(0, 0), (20, 0)]),
        (Tensor((3, 3, 1), [1] * 9), []),
    ],
)
def test_some_windows_are_not_drawn(x: Tensor, cells: list[tuple[int, ...]]) -> None:
    """Those of a volume and of a vector, too wide ones, and none."""
    assert list(drawing(x, cells)) == []


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (Tensor((3,), [0.2, 0.7, 0.1]), [(1, 0.7), (0, 0.2), (2, 0.1)]),
        (Tensor((3,), [0.2, 0.7, 0.2]), []),
        (Tensor((3,), [0.2, 1.7, -0.9]), []),
        (Tensor((1,), [1]), []),
        (Tensor((1, 2), [0.5, 0.5]), []),
        (Tensor((10,), [0.1] * 10), [(place, 0.1) for place in range(5)]),
    ],
)
def test_probabilities_have_top_classes(x: Tensor, expected: list[tuple[int, float]]) -> None:
    """Of a vector that adds up to one."""
    assert top(x) == expected


def test_programs_get_a_row_a_value() -> None:
    """With its place; a sum in one cell."""
    table = maps.values([("conv1", Tensor((1, 2, 1), [1, Fraction(1, 2)])), ("dense1", Tensor((1,), [0.5]))])
    assert table.rows == (("conv1", "0,0", 0, "1"), ("conv1", "0,1", 0, "1/2"), ("dense1", "", 0, "0.5"))
    workings = maps.workings([("conv1", Working((0, 1), 0, ("1·2 = 2", "relu(2) = 2"), 2))], ascii=True)
    assert workings.rows == (("conv1", "0,1", 0, "2", "1*2 = 2; relu(2) = 2"),)
    assert maps.workings([("conv1", Working((0, 1), 0, ("1·2 = 2",), 2))]).rows[0][-1] == "1·2 = 2"


def test_a_heading_says_what_becomes_of_what() -> None:
    """As in an explanation."""
    assert maps.heading(CONV, Room(ascii=True)) == "conv1: conv 2 2x2 s1 valid   (3x3x1 -> 2x2x2)"
    assert maps.heading(CONV, PIPE) == "conv1: conv 2 2x2 s1 valid   (3x3x1 → 2x2x2)"
