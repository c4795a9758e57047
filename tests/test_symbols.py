"""Sizes that are symbols: the formulas that come out, how they are written, and what happens without SymPy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from operator import add, floordiv, mod, mul, sub
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc import coverage
from cnncalc.algebra import Algebra, FormulaError, ceil_div, larger
from cnncalc.spec.expressions import evaluate
from cnncalc.spec.parser import parse_value
from cnncalc.spec.source import Source, SpecError
from cnncalc.symbols import Symbolic

n, m, k = (Symbolic.named(name) for name in "nmk")


def shown(spec: str) -> list[str]:
    """What each layer puts out."""
    return [str(record.output) for record in cnncalc.analyze(spec).records]


def test_the_example_with_filters() -> None:
    """Numbers of filters that are left open run through the network."""
    report = cnncalc.analyze("input 28x28x1; conv n1 5x5; maxpool 2x2; conv n2 5x5; maxpool 2x2")
    assert [str(record.output) for record in report.records] == ["24x24xn1", "12x12xn1", "8x8xn2", "4x4xn2"]
    assert str(report["conv2"].params) == "25*n1*n2 + n2"
    assert str(report["conv2"].macs) == "1600*n1*n2"
    assert report["conv2"].rf_size == (14, 14)
    assert report.output[:2] == (4, 4)


def test_the_example_with_every_size() -> None:
    """`input WxWx3; conv K FxF sS pP` is the formula of the textbook."""
    assert shown("input WxWx3; conv K FxF sS pP") == ["(floor((W - F + 2*P)/S) + 1)x(floor((W - F + 2*P)/S) + 1)xK"]
    report = cnncalc.analyze("input HxWx3; conv K FxF sS pP")
    assert str(report["conv1"].params) == "3*F**2*K + K"
    assert str(report["conv1"].rf_size) == "(F, F)"


@pytest.mark.parametrize(
    ("spec", "outputs"),
    [
        ("input WxWx3; conv 8 3x3; conv 8 3x3", ["(W - 2)x(W - 2)x8", "(W - 4)x(W - 4)x8"]),
        ("input WxWx3; conv 8 3x3 same; conv n 5x5 p2", ["WxWx8", "WxWxn"]),
        ("input WxWx3; maxpool 2; maxpool 2", ["floor(W/2)xfloor(W/2)x3", "floor(W/4)xfloor(W/4)x3"]),
        ("input WxWx3; conv K F d2", ["(W - 2*F + 2)x(W - 2*F + 2)xK"]),
        ("input HxWxC; convt K F sS pP opO", ["(H*S + F + O - S - 2*P)x(S*W + F + O - S - 2*P)xK"]),
        ("input HxWxC; dwconv 3x3 mM", ["(H - 2)x(W - 2)xC*M"]),
        ("input HxWxC; avgpool F sS ceil", ["(ceil((H - F)/S) + 1)x(ceil((W - F)/S) + 1)xC"]),
        ("input HxWxC; flatten; dense N", ["C*H*W", "N"]),
        ("input HxWxC; gap; dense N", ["C", "N"]),
        ("input LxC; conv K F causal", ["LxK"]),
        ("input N; dense M; dense 10", ["M", "10"]),
        ("input HxWxC; concat { identity | conv K 1x1 }", ["HxWxC", "HxWxK", "HxWx(C + K)"]),
        ("input HxWxC; add { identity | conv C 1x1 }", ["HxWxC", "HxWxC", "HxWxC"]),
        ("input HxWxC; pad 1; crop 1x2", ["(H + 2)x(W + 2)xC", "Hx(W - 2)xC"]),
        ("input HxWxC; upsample 2; resize AxB; adaptiveavgpool 7x_", ["2*Hx2*WxC", "AxBxC", "7xBxC"]),
        ("input HxWxC; reshape HxCxW", ["HxCxW"]),
        ("input HxWxC; permute c h w", ["CxHxW"]),
        ("let k = n/2; conv k 1x1; conv (2*k) 1x1", ["224x224xn/2", "224x224xn"]),
        ("let n = 3; conv n 1x1; conv N 1x1", ["224x224x3", "224x224xN"]),
    ],
)
def test_shapes(spec: str, outputs: list[str]) -> None:
    """Every number may be a symbol; sums stand in parentheses where they are part of a size; case counts."""
    assert shown(spec) == outputs


def test_totals_of_a_network_with_an_open_input() -> None:
    """VGG-16 on any square image: the parameters stay a number, the macs become a short formula."""
    report = cnncalc.analyze("vgg16", input="WxWx3")
    assert report.totals.params == 138_357_544
    formula = "38592*W**2 + 221184*floor(W/2)**2 + 1474560*floor(W/4)**2 + 5898240*floor(W/8)**2"
    assert str(report.totals.macs) == formula + " + 7077888*floor(W/16)**2 + 123633664"
    assert report.to_dict()["totals"]["macs"] == str(report.totals.macs)


def test_answers_are_the_same_however_they_are_written() -> None:
    """Formulas are compared multiplied out."""
    assert cnncalc.analyze(
        "input WxWx3; conv K FxF -> (W-F+1)x(W-F+1)xK, params K*(3*F*F + 1), macs 3*K*(F*(W - F + 1))**2, rf F, biases K"
    ).passed
    for wrong in ("params 3*F*F*K", "params 28", "params ~28", "params 1.2K", "rf F + 1", "output WxWxK"):
        assert not cnncalc.analyze(f"input WxWx3; conv K FxF -> {wrong}").passed


def test_what_is_not_known_of_symbols() -> None:
    """Unread rows are not known where a size or a stride is a formula; fields are, through windows."""
    for spec in (
        "input WxWx3; conv 8 3x3 s2",
        "input 1x1x1; conv 1 1x1 sS",
        "input 8x8x1; conv 1 1x1 dD",
        "input 1x1x1; convt 1 1x1 sS",
        "input 8x8x1; upsample f; conv 8 3x3",
        "input WxWx1; resize 8x8; conv 8 3x3 s2",
        "input 8x8x1; resize AxA; resize 8x8",
    ):
        nodes = cnncalc.analyze(spec).graph.nodes
        assert coverage.unread(nodes, len(nodes) - 1) is None
    report = cnncalc.analyze("input WxWx3; conv 8 FxF sS; conv 8 GxG")
    assert str(report.records[-1].rf_size) == "(G*S + F - S, G*S + F - S)"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("input 8x8x3; add { conv n 3x3 | conv m 3x3 }", "the branches of `add` differ: 6x6xn (branch 1) and 6x6xm"),
        ("input 8x8x3; repeat n { relu }", "`repeat` needs a whole number, found `n`"),
        ("input 8x8x3; dropout n", "rate expected a number, found `n`"),
        ("input 8x8x3; bn eps=n", "eps expected a number, found `n`"),
        ("input 8x8x3; if n > 3 { relu }", "whether this holds depends on the values of the symbols"),
        ("input 8x8x3; conv xx 3x3", "`conv` has no option `xx`"),
        ("input 8x8x3; conv x 3x3", "`conv` has no option `x`"),
        ("input 8x8x3; dense (n/0)", "division by zero"),
        ("let a = n; " + "let a = a*a + a; " * 30 + "conv a 3x3", "this formula becomes too long"),
        ("let a = n; " + "let a = (a%7)*(a+1); " * 30 + "conv a 3x3", "this formula becomes too long"),
        ("let a = max(" + ", ".join(f"n{i}" for i in range(20)) + "); conv a 3x3", "this formula becomes too long"),
        ("let a = n*m*k; " + "let a = (a+1)*(a+2); " * 12 + "conv a 3x3", "this formula becomes too long"),
        ("input WxWx3; " + "conv K FxF sS pP; " * 12, "this formula becomes too long"),
        ("input WxWx3; " + "".join(f"conv n{i} 3x3; " for i in range(100)), "this formula becomes too long"),
    ],
)
def test_where_symbols_end(spec: str, message: str) -> None:
    """What cannot be decided, or becomes too long, is an error."""
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze(spec)
    assert caught.value.message.startswith(message)


def test_what_may_be_right_is_let_through() -> None:
    """Groups that may divide, a window that may fit, a padding that may be small enough."""
    assert shown("input 8x8x3; conv 8 3x3 gG; conv 2 FxF; maxpool 3 pP") == [
        "6x6x8",
        "(-F + 7)x(-F + 7)x2",
        "(floor((2*P - F + 1)/3) + 2)x(floor((2*P - F + 1)/3) + 2)x2",
    ]


def test_without_sympy_the_error_names_the_extra() -> None:
    """A symbol in a spec, in an argument or in an answer says what to install; without one nothing is imported."""
    code = """
import sys
sys.modules["sympy"] = None
import cnncalc
assert cnncalc.analyze("input 8x8x3; conv 8 3x3 -> params 224").passed
for spec in ("input WxWx3; relu", "conv n1 3x3", "conv 8 3x3 s=S", "let k = n + 1", "conv 8 3x3 sK", "relu -> WxWx3"):
    try:
        cnncalc.analyze(spec)
    except cnncalc.SpecError as error:
        assert "is a symbol, and calculating with symbols needs SymPy" in error.message, error
        assert "`pip install \\"cnncalc[symbolic]\\"`" in error.hint, error
    else:
        raise AssertionError(spec)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    code = "import sys, cnncalc; cnncalc.analyze('vgg16'); assert 'sympy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_the_module_the_error_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a symbol stands, it is the extra that is missing, and no option."""
    monkeypatch.setitem(sys.modules, "cnncalc.symbols", None)
    for spec in ("conv n1 3x3", "conv 8 3x3 s=S", "dense n", "conv 8 3x3 activation=t", "relu -> params n"):
        with pytest.raises(SpecError, match="is a symbol, and calculating with symbols needs SymPy"):
            cnncalc.analyze(spec)


@st.composite
def formulas(draw: st.DrawFn) -> tuple[Any, dict[str, int], int]:
    """A formula, the values of its symbols, and the number that the same steps give on those."""
    values = {name: draw(st.integers(1, 40)) for name in "nmk"}

    def build(depth: int) -> tuple[Any, int]:
        if depth == 0 or draw(st.booleans()):
            name = draw(st.sampled_from("nmk1234567"))
            return (int(name), int(name)) if name.isdigit() else (Symbolic.named(name), values[name])
        (left, one), (right, other) = build(depth - 1), build(depth - 1)
        compute = draw(st.sampled_from((add, sub, mul, floordiv, mod, ceil_div, larger)))
        if compute in {floordiv, mod, ceil_div} and 0 in {right, other}:
            compute = add
        return compute(left, right), compute(one, other)

    return *build(3), values


@settings(max_examples=60, deadline=None)
@given(formulas())
def test_a_formula_computes_what_numbers_do(drawn: tuple[Any, int, dict[str, int]]) -> None:
    """Put numbers in for the symbols: the formula comes to what the same steps give on numbers."""
    formula, number, values = drawn
    if isinstance(formula, Symbolic):
        formula = formula.expression.subs({Symbolic.named(name).expression: value for name, value in values.items()})
    assert formula == number


def test_comparisons_hold_for_all_values_or_are_false() -> None:
    """What SymPy can prove; what is open is neither less nor not less."""
    assert n > 0
    assert n >= 1
    assert n + m > n
    assert not n > 3
    assert not n <= 3
    assert not any((n < m, n > m, n <= m, n >= m))
    assert n < n + 1
    assert n + 1 <= n + 1


def test_equality_and_names() -> None:
    """A formula equals the same formula, and is no number; a name is always the same symbol."""
    assert Symbolic.named("n") is n
    assert n + 1 == 1 + n
    assert n + 1 != n + 2
    assert n != 3
    assert {n + 1: "one"}[1 + n] == "one"
    assert isinstance(n, Algebra)
    assert n.equals(n + m - m)
    assert ((n + 1) * (n + 1)).equals(n * n + 2 * n + 1)
    assert not n.equals(3)
    assert (n // 3 + m // 2).equals(m // 2 + n - ceil_div(2 * n, 3))
    assert not (n // 3 + m // 2).equals(n // 3 + m - m // 2)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (n * 25 * m + m, "25*m*n + m"),
        (2 * n - m + 1, "2*n - m + 1"),
        (m - 2 * n, "m - 2*n"),
        (-n, "-n"),
        ((n + 1) * (m + 2), "(m + 2)*(n + 1)"),
        ((n + 1) * 3, "3*n + 3"),
        ((n + m + k) * n, "k*n + m*n + n**2"),
        (n // 2 // 2, "floor(n/4)"),
        ((n // 2 + 3) // 2, "floor((n + 2)/4) + 1"),
        (ceil_div(ceil_div(n, 2), 3), "ceil(n/6)"),
        (n // m // 2, "floor(n/(2*m))"),
        (n % 3, "Mod(n, 3)"),
        ((6 * n) % 3, "0"),
        (larger(n, 0), "n"),
        (larger(0, n - 3), "max(0, n - 3)"),
        (n.combine("/", n, 2 * n), "1/2"),
        (5 // n, "floor(5/n)"),
        (7 % n, "Mod(7, n)"),
        (5 - n + n, "5"),
        (ceil_div(n.combine("/", n, 3), 2), "ceil(n/6)"),
        (n.combine("/", n, m) // 2, "floor(n/(2*m))"),
        (ceil_div(ceil_div(n, m), k), "ceil(n/(k*m))"),
        ((n + 1) // 2, "ceil(n/2)"),
        ((n - 1) // 2 + 1, "ceil(n/2)"),
        ((2 * n + m + 2) // 3, "ceil((m + 2*n)/3)"),
        (n + n % 2, "2*ceil(n/2)"),
        (larger(n // 3, n), "n"),
        (larger(ceil_div(n, m), 1), "ceil(n/m)"),
        (larger(ceil_div(n, m) * m, n), "m*ceil(n/m)"),
        (larger(n - m * (n // m), 0), "n - m*floor(n/m)"),
        (larger(m - k * ceil_div(n, m), 0), "max(0, m - k*ceil(n/m))"),
        (larger((n - m) * (n // 2), 0), "max(0, n*floor(n/2) - m*floor(n/2))"),
        (larger((n - m) * (m - k) * (n // 2), 0), "max(0, (m - k)*(n - m)*floor(n/2))"),
    ],
)
def test_how_formulas_are_written(formula: object, text: str) -> None:
    """Products first, then single symbols, what is added before what is taken away, numbers last."""
    assert str(formula) == text
    assert not isinstance(formula, Symbolic) or repr(formula) == text


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 7), st.integers(1, 4), st.integers(1, 2)), min_size=1, max_size=3),
    st.integers(1, 300),
)
def test_same_is_a_division_rounded_up(windows: list[tuple[int, int, int]], width: int) -> None:
    """Whatever windows stand behind one another; with a number for the symbol it is what the number gives."""
    spec = "; ".join(f"conv 1 {size} s{stride} same d{dilation}" for size, stride, dilation in windows)
    formulas = cnncalc.analyze(f"input Wx1; {spec}").records
    divisor = 1
    for formula, record, window in zip(
        formulas, cnncalc.analyze(f"input {width}x1; {spec}").records, windows, strict=True
    ):
        divisor *= window[1]
        text = str(formula.output.extents[0])
        assert text == ("W" if divisor == 1 else f"ceil(W/{divisor})")
        assert valued(text, W=width) == record.output.extents[0]
        for ours, theirs in zip(
            formula.node.layer.geometry(formula.input), record.node.layer.geometry(record.input), strict=True
        ):
            assert [valued(str(cells), W=width) for cells in ours[3:5]] == list(theirs[3:5])


def valued(text: str, **values: int) -> object:
    """What a formula comes to, as the language reads it."""
    return evaluate(parse_value(Source("formula", f"({text})")), lambda name: values[name.text])


@pytest.mark.parametrize(
    ("spec", "output"),
    [
        ("conv 8 FxF s2 same", "ceil(W/2)xceil(W/2)x8"),
        ("conv 8 3x3 sS same", "ceil(W/S)xceil(W/S)x8"),
        ("pad (height % 2):1x(width % 2):1; conv 8 3x3 s2", "ceil(W/2)xceil(W/2)x8"),
        ("conv 8 3x3 s2 p1; conv 8 3x3 s2 same", "ceil(W/4)xceil(W/4)x8"),
        ("add { conv 8 1x1 s2 | conv 8 3x3 s2 same }", "ceil(W/2)xceil(W/2)x8"),
    ],
)
def test_halves_are_written_in_one_way(spec: str, output: str) -> None:
    """So that branches that come to the same are known to."""
    assert shown(f"input WxWx3; {spec}")[-1] == output


@pytest.mark.parametrize(
    "half", ["ceil(W/2)", "floor((W - 1)/2) + 1", "floor((W + 1)/2)", "W - floor(W/2)", "(W + W % 2)/2"]
)
def test_an_answer_is_right_however_it_is_rounded(half: str) -> None:
    """As a student writes it."""
    spec = f"input WxWx3; conv 8 3x3 s2 same -> ({half})x({half})x8"
    assert [answer.verdict for answer in cnncalc.check(spec).answers] == ["right"]
    for wrong in (spec.replace("/2", "/3"), spec.replace(f"({half})", f"({half} + floor(W/60))")):
        assert [answer.verdict for answer in cnncalc.check(wrong).answers] == ["wrong"]


@pytest.mark.parametrize(
    "name", ["mobilenet_v2", "keras/mobilenet_v2", "keras/efficientnet_b0", "xception", "keras/xception"]
)
def test_deep_networks_on_an_open_input(name: str) -> None:
    """Their last map is a 32nd of the image."""
    report = cnncalc.analyze(name, input="WxWx3")
    maps = [str(record.output.extents[0]) for record in report.records if record.output.rank == 2]
    assert maps[-1] in {"ceil(W/32)", "1"} or "W" in maps[-1]
    assert len(str(report.totals.macs)) < 400


def test_results_without_symbols_are_numbers() -> None:
    """An integer, or a fraction, and never a formula; a division by nothing is none."""
    assert type(n - n) is int
    assert n.combine("/", n, 2 * n) == Fraction(1, 2)
    for operator in ("/", "//", "%", "ceil_div"):
        with pytest.raises(ZeroDivisionError):
            n.combine(operator, n, n - n)


@pytest.mark.parametrize(
    ("grow", "most"),
    [
        (lambda formula: formula * formula + formula, 20),
        (lambda formula: formula * (10**30 + 1), 400),
        (lambda formula: (formula * m + 1) // (formula + 2), 20),
        (lambda formula: larger(formula, n * formula + 7 - formula), 20),
        (lambda formula: formula + Symbolic.named(f"n{formula.parts}"), 600),
    ],
)
def test_long_formulas_are_refused(grow: Callable[[Any], Any], most: int) -> None:
    """By their length, by their numbers, and sooner where they are rounded or compared."""

    def grown(formula: Any, times: int) -> Any:
        for _ in range(times):
            formula = grow(formula)
        return formula

    assert grown(n + m, 1)
    with pytest.raises(FormulaError, match="this formula becomes too long"):
        grown(n + m, most)


def test_long_powers_are_told_apart_fast() -> None:
    """They are not multiplied out: numbers are put in; what would have to be rounded is refused."""
    letters = [Symbolic.named(letter) for letter in "abcdefgh"]
    total = sum(letters[1:], letters[0])
    power: Any = 1
    for _ in range(20):
        power = total * power
    a, b = letters[:2]
    assert power.equals(power + a - a)
    assert not power.equals(power + a)
    assert not (power + a).equals(power + b)
    square = (a + 1) * (b + 1)
    long = other = square
    for _ in range(80):
        long, other = long * square, other * (a * b + a + b + 1)
    assert long.equals(other)
    assert not long.equals(other + 1)
    for refused in (lambda: power // 2, lambda: ceil_div(power, 3), lambda: larger(power, a), lambda: a % (power + b)):
        with pytest.raises(FormulaError, match="too long"):
            refused()
    for _ in range(3):
        long = long * long
    with pytest.raises(FormulaError, match="too long"):
        mul(long, long)


def test_rounded_formulas_that_differ_for_few_numbers() -> None:
    """One remainder of many is enough."""
    assert not (n // 64).equals((n - 1) // 64)
