"""Formulas of symbols, one operation at a time: how they are written, what can be proved, and where they end."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import cnncalc
from cnncalc import SpecError
from cnncalc.algebra import FormulaError, Number, ceil_div, larger

pytest.importorskip("sympy")

from cnncalc.symbols import Symbolic

W, F, P, S, K = map(Symbolic.named, "WFPSK")

WRITTEN: list[tuple[Callable[[], Any], str]] = [
    (lambda: W - F + 2 * P + 1, "W - F + 2*P + 1"),
    (lambda: 1 + 2 * P - F + W, "W - F + 2*P + 1"),
    (lambda: (W - F + 2 * P) // S + 1, "floor((W - F + 2*P)/S) + 1"),
    (lambda: 25 * F * W + F, "25*F*W + F"),
    (lambda: (25 * W + 1) * F, "25*F*W + F"),
    (lambda: (3 * F * F + 1) * K, "3*F**2*K + K"),
    (lambda: W - 3 * F, "W - 3*F"),
    (lambda: 5 - F, "-F + 5"),
    (lambda: -F, "-F"),
    (lambda: -F - 1, "-F - 1"),
    (lambda: -2 * F - W, "-W - 2*F"),
    (lambda: W * W, "W**2"),
    (lambda: (W - 2) * 4, "4*W - 8"),
    (lambda: (W + 1) * (F + 1), "(F + 1)*(W + 1)"),
    (lambda: ceil_div(W, 2), "ceil(W/2)"),
    (lambda: ceil_div(5, W), "ceil(5/W)"),
    (lambda: 5 // W, "floor(5/W)"),
    (lambda: larger(W, F), "max(F, W)"),
    (lambda: larger(W, 2), "max(2, W)"),
    (lambda: larger(2, W), "max(2, W)"),
    (lambda: W % 2, "2*ceil(W/2) - W"),
    (lambda: 7 % W, "Mod(7, W)"),
    (lambda: W // 2 - 1, "floor(W/2) - 1"),
    (lambda: W.combine("/", W, 2), "W/2"),
    # What is known of positive integers shortens a formula, and so does rounding that was done already.
    (lambda: larger(W, 0), "W"),
    (lambda: larger(W - 1, 0), "W - 1"),
    (lambda: W // 2 // 2, "floor(W/4)"),
    (lambda: ceil_div(ceil_div(W, 2), 2), "ceil(W/4)"),
    (lambda: W // 2 // F, "floor(W/(2*F))"),
    (lambda: ceil_div(W // 2, 2), "floor((W + 2)/4)"),
    (lambda: (W // 2 + F // 3) // 2, "floor((floor(F/3) + floor(W/2))/2)"),
]


@pytest.mark.parametrize(("compute", "text"), WRITTEN)
def test_formulas_are_written_as_people_do(compute: Callable[[], Any], text: str) -> None:
    """Products come first, then terms without a factor, positive before negative ones, and numbers last."""
    assert str(compute()) == text
    assert repr(compute()) == text


@pytest.mark.parametrize(
    ("compute", "number"),
    [
        (lambda: W - W, 0),
        (lambda: W - W + 3, 3),
        (lambda: W // W, 1),
        (lambda: (2 * W) % 2, 0),
        (lambda: 0 * W, 0),
        (lambda: 2 * (W + F) - 2 * W - 2 * F, 0),
        (lambda: ceil_div(1, W), 1),
        (lambda: W.combine("/", W, 2 * W), Fraction(1, 2)),
        (lambda: W.combine("/", 3 * W, -W), -3),
    ],
)
def test_what_comes_to_a_number(compute: Callable[[], Any], number: Any) -> None:
    """Where the symbols cancel the result is an ordinary number again."""
    assert compute() == number
    assert type(compute()) is type(number)


@pytest.mark.parametrize("rounded", [operator.floordiv, ceil_div])
def test_rounding_twice(rounded: Callable[[Any, int], Any]) -> None:
    """A quotient that is rounded in two steps keeps its value when it is written with one, for all numbers tried."""
    formula = rounded(rounded(W + 3, 2) + 1, 3)
    for number in range(1, 40):
        assert int(formula.expression.subs(W.expression, number)) == rounded(rounded(number + 3, 2) + 1, 3)


@pytest.mark.parametrize(
    ("left", "right", "less", "not_more"),
    [
        (W, W + 1, True, True),
        (W, W, False, True),
        (W, F, False, False),
        (0, W, True, True),
        (1, W, False, True),
        (W, 1, False, False),
        (W, 0, False, False),
        (W - 1, W * F, False, False),
        (W, 10**9, False, False),
    ],
)
def test_comparisons(left: Number, right: Number, less: bool, not_more: bool) -> None:  # noqa: FBT001
    """A comparison is true only if SymPy can prove it for every positive integer; there is no third answer."""
    assert ((left < right) is less, (left <= right) is not_more) == (True, True)
    assert ((right > left) is less, (right >= left) is not_more) == (True, True)


def test_equality() -> None:
    """The same formula is equal and has the same hash; the same value, written otherwise, is found by `equals`."""
    assert F + W == W + F
    assert hash(W + F) == hash(F + W)
    assert len({W, W + 0, W * 1, F}) == 2
    product, expanded = (W + F) * (W - F), W * W - F * F
    assert product != expanded
    assert product.equals(expanded)
    assert not W.equals(F)
    assert not W.equals(3)
    assert W not in {3, "W"}
    assert Symbolic.named("W") is W


@pytest.mark.parametrize("division", ["/", "//", "%", "ceil_div"])
@pytest.mark.parametrize("left", [W, 3])
def test_division_by_zero(division: str, left: Number) -> None:
    """Nothing is divided by zero, or by what comes to it."""
    for zero in (0, W - W):
        with pytest.raises(ZeroDivisionError):
            W.combine(division, left, zero)


GROWING: dict[str, Callable[[Any, Any], Any]] = {
    "sum": operator.add,
    "square": lambda formula, symbol: formula * formula,  # noqa: ARG005
    "floor": lambda formula, symbol: (formula + symbol) // 2,
    "larger": larger,
    "digits": lambda formula, symbol: formula * 10**40 + symbol,
    "mod": lambda formula, symbol: formula % (symbol + 1) + symbol,
}


@pytest.mark.parametrize("growth", GROWING)
def test_formulas_end(growth: str) -> None:
    """A formula that becomes longer and longer is refused before it takes long."""
    formula: Any = W
    with pytest.raises(FormulaError, match=r"^this formula becomes too long$"):  # noqa: PT012
        for number in range(1000):
            formula = GROWING[growth](formula, Symbolic.named(f"a{number}"))


def test_a_long_way_to_a_short_formula() -> None:
    """What counts is how long a formula is, not how it was computed."""
    formula: Any = W
    for number in range(500):
        formula = formula + number
    for _ in range(100):
        formula = larger(formula + 1, F) - larger(0, -F)
        formula = formula.combine("//", W + 7, 1)
    assert str(formula) == "W + 7"


@pytest.mark.parametrize(
    ("spec", "text"),
    [("input WxWx3; conv 4 3x3", "WxWx3"), ("input 8x8x3; conv m 3x3", "m"), ("input 8x8x3; conv 4 kxk", "kxk")],
)
def test_without_sympy(spec: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without SymPy a symbol is an error that says what to install; a network of numbers needs none."""
    monkeypatch.delitem(sys.modules, "cnncalc.symbols")
    monkeypatch.setitem(sys.modules, "sympy", None)
    assert cnncalc.analyze("input 8x8x3; conv 4 3x3").output == (6, 6, 4)
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze(spec)
    column = spec.index(text) + 1
    assert str(caught.value) == (
        f"spec:1:{column}: error: `{text[0]}` is a symbol, and calculating with symbols needs SymPy\n"
        f"    {spec}\n"
        f"    {' ' * (column - 1)}{'^' * len(text)}\n"
        'hint: install it by `pip install "cnncalc[symbolic]"`, or put a number in its place'
    )
