"""Numbers of users: what is read, and what is said of what cannot be."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.forward.reading import MOST_AXES, as_number, moved, nested, number, parse_json, planes, tensor
from cnncalc.forward.tensor import Tensor
from cnncalc.spec.source import MOST_PROBLEMS, Source, SpecError


@pytest.mark.parametrize(
    ("text", "value", "exact"),
    [
        ("7", 7, 7),
        ("+7", 7, 7),
        ("\N{MINUS SIGN}7", -7, -7),
        ("0.1", 0.1, Fraction(1, 10)),
        (".5", 0.5, Fraction(1, 2)),
        ("1e2", 100.0, Fraction(100)),
        ("1/3", 1 / 3, Fraction(1, 3)),
        ("-1.5/3", -0.5, Fraction(-1, 2)),
        ("1" * 400, int("1" * 400), int("1" * 400)),
    ],
)
def test_a_number_is_exact_or_the_nearest_float(text: str, value: object, exact: object) -> None:
    """Integers stay integers of any length; what is written as a decimal or a fraction is one if that is asked for."""
    assert (number(text), type(number(text))) == (value, type(value))
    found = number(text, exact=True)
    assert found == exact
    assert isinstance(found, type(exact))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nan", "`nan` is not a number"),
        ("inf", "`inf` is not a number"),
        ("", "`` is not a number"),
        ("1_000", "`1_000` is not a number"),
        ("0x10", "`0x10` is not a number"),
        ("1e9999", "`1e9999` is not a number"),
        ("1e999", "`1e999` is too large"),
        ("1/0", "`1/0` divides by zero"),
        ("1/2/3", "`1/2/3` is not a number"),
        ("١", "`١` is not a number"),
        ("1" * 401, "a number has at most 400 characters; this one has 401"),
    ],
)
def test_what_is_no_number_is_refused(text: str, message: str) -> None:
    """Every reason is told."""
    with pytest.raises(ValueError, match="^" + message.replace("/", "/").replace("(", r"\(") + "$"):
        number(text)


def test_values_of_python_are_numbers() -> None:
    """Integers, floats, fractions, decimals and text are; with `exact` they are what they are written as."""
    assert [as_number(value) for value in (1, 0.5, Fraction(1, 3), Decimal("0.25"), " 2 ")] == [
        1,
        0.5,
        Fraction(1, 3),
        0.25,
        2,
    ]
    assert [as_number(value, exact=True) for value in (0.1, Decimal("0.1"), "0.1")] == [Fraction(1, 10)] * 3


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, "expected a number, found `True`"),
        (None, "expected a number, found `None`"),
        ({}, "expected a number, found `{}`"),
        (float("nan"), "nan is not a finite number"),
        (float("-inf"), "-inf is not a finite number"),
        (Decimal("Infinity"), "Infinity is not a finite number"),
    ],
)
def test_other_values_are_not(value: object, message: str) -> None:
    """A truth value is no number, nor is what is not finite."""
    with pytest.raises(ValueError, match=message):
        as_number(value)


class Array:
    """Stands for an array of another library."""

    def tolist(self) -> list[list[int]]:
        """Nested lists."""
        return [[1, 2], [3, 4]]


def test_lists_become_tensors() -> None:
    """Of any depth; an array of another library, too; and they come back as they were."""
    assert tensor([[[1], [2]]], "x") == Tensor((1, 2, 1), [1, 2])
    assert tensor(((1, 2), (3, 4)), "x") == tensor(Array(), "x") == Tensor((2, 2), [1, 2, 3, 4])
    assert tensor([Array(), Array()], "x").dims == (2, 2, 2)
    assert tensor(5, "x") == Tensor((), [5])
    assert nested(Tensor((), [5])) == 5
    assert nested(tensor([[[1, 2]], [[3, 4]]], "x")) == [[[1, 2]], [[3, 4]]]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([[1, 2], [3]], r"x\[1\] has 1 value, but x\[0\] has 2"),
        ([[[1], [2]], [[3]]], r"x\[1\] has 1 value, but x\[0\] has 2"),
        ([[[1], [2]], [[3], [4, 5]]], r"x\[1\]\[1\] has 2 values, but x\[0\]\[0\] has 1"),
        ([1, [2]], r"x\[0\] is a number, but x\[1\] is a list"),
        ([[1], 2], r"x\[1\] is a number, but x\[0\] is a list"),
        ([], "x is empty"),
        ([[]], r"x\[0\] is empty"),
        ([[1, "a"]], r"x\[0\]\[1\]: `a` is not a number"),
        ([[1, None]], r"x\[0\]\[1\]: expected a number"),
    ],
)
def test_lists_that_are_no_array(value: object, message: str) -> None:
    """The place is told."""
    with pytest.raises(SpecError, match=message):
        tensor(value, "x")


def test_lists_may_be_only_so_deep() -> None:
    """Lists in lists in lists are refused without going down into all of them."""
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(SpecError, match=f"more than {MOST_AXES} axes"):
        tensor(deep, "x")
    while isinstance(deep, list):
        deep = deep.pop()


@given(st.permutations(range(3)), st.tuples(*[st.integers(1, 3)] * 3))
def test_axes_move_with_their_values(order: list[int], dims: tuple[int, int, int]) -> None:
    """Every value is found again where its index, in the other order, says."""
    x = Tensor(dims, list(range(dims[0] * dims[1] * dims[2])))
    y = moved(x, order)
    for a in range(dims[0]):
        for b in range(dims[1]):
            for c in range(dims[2]):
                index = (a, b, c)
                assert y[tuple(index[axis] for axis in order)] == x[index]


@pytest.mark.parametrize(
    ("text", "csv", "dims", "values"),
    [
        ("1 2; 3 4", False, (1, 2, 2), [1, 2, 3, 4]),
        ("1, 2\n3, 4\n", False, (1, 2, 2), [1, 2, 3, 4]),
        ("\n\n1\t2\r\n3 4\n\n", False, (1, 2, 2), [1, 2, 3, 4]),
        ("1 2;", False, (1, 1, 2), [1, 2]),
        ("1 2; 3 4 | 5 6; 7 8", False, (2, 2, 2), [1, 2, 3, 4, 5, 6, 7, 8]),
        ("1;2\n3;4", True, (1, 2, 2), [1, 2, 3, 4]),
        ("1,2\n3,4", True, (1, 2, 2), [1, 2, 3, 4]),
        ('"1","2"\n"3",4', True, (1, 2, 2), [1, 2, 3, 4]),
    ],
)
def test_matrices_are_read_as_people_write_them(text: str, csv: bool, dims: tuple[int, ...], values: list[int]) -> None:  # noqa: FBT001
    """Rows by line or semicolon, values by spaces or commas, planes by bars."""
    assert planes(Source("x", text), csv=csv) == Tensor(dims, values)


@pytest.mark.parametrize(
    ("text", "csv", "message", "column"),
    [
        ("1 2; 3", False, "this row has 1 value, but the first has 2", 6),
        ("1; 2 3", False, "this row has 2 values, but the first has 1", 4),
        ("1 x; 3 4", False, "`x` is not a number", 3),
        ("1,,2", False, "a number is missing here", 3),
        (",1", False, "a number is missing here", 1),
        ("1, 2,; 3", False, "a number is missing here", 5),
        ("1;;2", True, "a number is missing here", 3),
        ("1,5;2,5\n3,5;4,5", True, "commas and semicolons both stand between values here", 2),
        ("1 2 | 3 4; 5 6", False, "the matrices have 1 and 2 rows", 1),
        ("1 2 |", False, "the matrices have 0 and 1 rows", 1),
        ("", False, "no numbers are given", 1),
        (" ; ", False, "no numbers are given", 1),
    ],
)
def test_matrices_that_are_broken_have_a_place(text: str, csv: bool, message: str, column: int) -> None:  # noqa: FBT001
    """The caret stands under what is wrong."""
    with pytest.raises(SpecError) as caught:
        planes(Source("x", text), csv=csv)
    assert (caught.value.message, caught.value.column) == (message, column)


def test_all_that_is_broken_is_told() -> None:
    """Up to a number that nobody reads."""
    with pytest.raises(SpecError) as caught:
        planes(Source("x", "1 a 2; 3 b; ,4 5;"))
    assert [problem.message for problem in caught.value.problems] == [
        "`a` is not a number",
        "this row has 2 values, but the first has 3",
        "`b` is not a number",
        "a number is missing here",
    ]
    with pytest.raises(SpecError) as caught:
        planes(Source("x", "x " * 1000))
    assert len(caught.value.problems) == MOST_PROBLEMS


def test_a_printed_array_is_no_json() -> None:
    """As NumPy prints it."""
    with pytest.raises(SpecError) as caught:
        parse_json(Source("x", "[[1 2]\n [3 4]]"))
    assert "values stand apart by commas" in caught.value.hint


def test_a_long_row_takes_little_memory() -> None:
    """Its numbers, and nothing for each word of it."""
    source = Source("x", "1 " * 100_000)
    tracemalloc.start()
    try:
        assert planes(source).dims == (1, 1, 100_000)
        assert tracemalloc.get_traced_memory()[1] < 40 * 100_000
    finally:
        tracemalloc.stop()


def test_json_is_read_with_exact_numbers() -> None:
    """Its decimals are Fractions if that is asked for."""
    assert parse_json(Source("f", "[0.1, 2]")) == [0.1, 2]
    assert parse_json(Source("f", "[0.1, 2]"), exact=True) == [Fraction(1, 10), 2]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("[1,\n2", "this is not JSON: Expecting ',' delimiter", (2, 2)),
        ("[1, NaN]", "`NaN` is not a number", (1, 5)),
        ("[1, -Infinity]", "`-Infinity` is not a number", (1, 5)),
        ("[1e999]", "`1e999` is too large", (1, 2)),
        ("[" + "1" * 5000 + "]", "a number has at most 400 characters; this one has 5000", (1, 1)),
        ("[" * 100_000, "this JSON is nested too deep", (1, 1)),
    ],
)
def test_json_that_is_broken_has_a_place(text: str, message: str, place: tuple[int, int]) -> None:
    """Also what Python's own reader would let through, or fail on."""
    with pytest.raises(SpecError) as caught:
        parse_json(Source("f", text))
    assert (caught.value.message, (caught.value.line, caught.value.column)) == (message, place)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else happens."""
    for read in (planes, parse_json):
        try:
            read(Source("x", text))
        except SpecError as error:
            assert str(error)  # noqa: PT017
