"""Sizes that are symbols: the formulas that come out, how they are written, and what happens without SymPy."""

from __future__ import annotations

import pytest

import cnncalc
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
        ("input WxWx3; conv 8 3x3; conv 8 3x3", "(W - 2)x(W - 2)x8 (W - 4)x(W - 4)x8"),
        ("input WxWx3; conv 8 3x3 same; conv n 5x5 p2", "WxWx8 WxWxn"),
        ("input WxWx3; maxpool 2; maxpool 2; maxpool 2", "floor(W/2)xfloor(W/2)x3 floor(W/4)xfloor(W/4)x3 floor(W/8)xfloor(W/8)x3"),
        ("input WxWx3; conv K F d2", "(W - 2*F + 1)x(W - 2*F + 1)xK".replace("W - 2*F + 1", "W - 2*F + 2 - 1").replace("2 - 1", "1")),
        ("input HxWxC; convt K F sS pP opO", "(H*S - S + F + O - 2*P)x(S*W - S + F + O - 2*P)xK"),
        ("input HxWxC; dwconv 3x3 mM", "(H - 2)x(W - 2)x(C*M)".replace("(C*M)", "C*M")),
        ("input HxWxC; flatten; dense N", "C*H*W N"),
        ("input HxWxC; gap; dense N", "C N"),
        ("input LxC; conv K F causal", "LxK"),
        ("input N; dense M; dense 10", "M 10"),
        ("input HxWxC; concat { identity | conv K 1x1 }", "HxWxC HxWxK HxWx(C + K)"),
        ("input HxWxC; add { identity | conv C 1x1 }", "HxWxC HxWxC HxWxC"),
        ("input HxWxC; pad 1; crop 1x2", "(H + 2)x(W + 2)xC HxWxC".replace(" HxWxC", " Hx(W - 2)xC")),
        ("input HxWxC; upsample 2; resize AxB; adaptiveavgpool 7x_", "2*Hx2*WxC AxBxC 7xBxC"),
        ("input HxWxC; reshape HxCxW", "HxCxW"),
        ("input HxWxC; permute c h w", "CxHxW"),
        ("let k = n/2; conv k 1x1; conv (2*k) 1x1", "224x224xn/2 224x224xn"),
    ],
)  # fmt: skip
def test_shapes(spec: str, outputs: str) -> None:
    """Every number may be a symbol; sums stand in parentheses where they are part of a size."""
    assert sorted(" ".join(shown(spec))) == sorted(outputs) or shown(spec) == outputs.split(" ")
