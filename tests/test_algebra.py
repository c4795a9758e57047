"""Numbers that are not only integers: every operation arrives at `combine`, and integers stay integers."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest

from cnncalc.algebra import Algebra, Number, ceil_div, larger, product, step, whole


class Spelled(Algebra):
    """A number that is only its own spelling."""

    def __init__(self, text: str) -> None:
        """Take the spelling."""
        self.text = text

    def combine(self, operator: str, left: Number, right: Number) -> Number:
        """Spell the operation."""
        return Spelled(f"({left} {operator} {right})")

    def surely_less(self, left: Number, right: Number, *, equal: bool) -> bool:
        """By length."""
        return len(str(left)) <= len(str(right)) if equal else len(str(left)) < len(str(right))

    def __str__(self) -> str:
        """The spelling."""
        return self.text


A = Spelled("a")
CASES: list[tuple[Callable[[], Any], str]] = [
    (lambda: A + 2, "(a + 2)"),
    (lambda: 2 + A, "(2 + a)"),
    (lambda: A - 2, "(a - 2)"),
    (lambda: 2 - A, "(2 - a)"),
    (lambda: A * 2, "(a * 2)"),
    (lambda: 2 * A, "(2 * a)"),
    (lambda: A // 2, "(a // 2)"),
    (lambda: 2 // A, "(2 // a)"),
    (lambda: A % 2, "(a % 2)"),
    (lambda: 2 % A, "(2 % a)"),
    (lambda: -A, "(0 - a)"),
    (lambda: A + A, "(a + a)"),
    (lambda: ceil_div(A, 2), "(a ceil_div 2)"),
    (lambda: ceil_div(2, A), "(2 ceil_div a)"),
    (lambda: larger(A, 2), "(a larger 2)"),
    (lambda: larger(2, A), "(2 larger a)"),
    (lambda: product((2, A, 3)), "((2 * a) * 3)"),
]


@pytest.mark.parametrize(("compute", "spelled"), CASES, ids=[spelled for _, spelled in CASES])
def test_operations(compute: Callable[[], Any], spelled: str) -> None:
    """Each operation keeps its operands in their order, on whichever side the integer stands."""
    assert str(compute()) == spelled


def test_comparisons() -> None:
    """Each comparison asks whether one is surely less than the other, or equal to it."""
    long = Spelled("long")
    comparisons = (operator.lt, operator.le, operator.gt, operator.ge)
    assert [compare(A, long) for compare in comparisons] == [True, True, False, False]
    assert [compare(A, 7) for compare in comparisons] == [False, True, False, True]
    assert [compare(7, long) for compare in comparisons] == [True, True, False, False]


def test_an_algebra_is_equal_to_itself() -> None:
    """Where an algebra says nothing else, formulas are equal if they are the same, and have no steps."""
    assert A.equals(A)
    assert not A.equals(Spelled("a"))
    assert A.as_step("F_eff") is A


@pytest.mark.parametrize(
    ("left", "right", "quotient"), [(7, 2, 4), (8, 2, 4), (-7, 2, -3), (0, 5, 0), (10**30 + 1, 10, 10**29 + 1)]
)
def test_ceil_div(left: int, right: int, quotient: int) -> None:
    """Integers are rounded up exactly, however large they are."""
    assert ceil_div(left, right) == quotient


def test_integers() -> None:
    """On integers the helpers are plain arithmetic."""
    assert (larger(3, 0), larger(0, 3), larger(-2, -1)) == (3, 3, -1)
    assert (product(()), product((5,)), product((5, 5, 3))) == (1, 5, 75)
    assert step(5, "F_eff") == 5
    assert step(A, "F_eff") is A
    assert whole(5) == 5
    with pytest.raises(AssertionError):
        whole(A)
