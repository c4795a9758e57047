"""The derivation: the layers' own formulas, solved for what was asked."""

from __future__ import annotations

import re
from fractions import Fraction
from math import sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncalc import solve
from cnncalc.explain import Step
from cnncalc.report import Report, analyze_source
from cnncalc.solving.derive import derivation
from cnncalc.spec.expand import Options
from cnncalc.spec.source import Source
from cnncalc.views import working


def analyzed(text: Source) -> Report:
    """The report on a spec."""
    return analyze_source(text, Options())


def solved_steps(spec: str) -> list[tuple[str, Step]]:
    """The solved formulas for the plainest solution, each with its layer."""
    solved = solve(spec)
    explained = derivation(solved, solved.found[0], analyzed)
    return [(one.layer, step) for one in explained for step in one.steps if step.topic == "solve"]


def lines(spec: str) -> list[str]:
    """The same as text."""
    return [
        f"{layer}: {' = '.join(part for part in (step.label, step.formula, step.working, str(step.result)) if part)}"
        + (f" {step.remark}" if not step.formula else "")
        for layer, step in solved_steps(spec)
    ]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            "input 227x227x3; conv 96 11x11 s? -> 55x55x96",
            ["conv1: S = (W − F)/(O − 1) = (227 − 11)/(55 − 1) = 4"],
        ),
        (
            "input 63x63x16; conv 32 7x7 p? -> 63x63x32",
            ["conv1: P = ((O − 1)·S + F − W)/2 = ((63 − 1)·1 + 7 − 63)/2 = 3"],
        ),
        (
            "input 28x28x?; conv 64 ?x? -> 26x26x64, params 640",
            [
                "conv1: C = (params/K − 1)/(F·F) = (640/64 − 1)/(3·3) = 1",
                "conv1: F = W − (O − 1)·S = 28 − (26 − 1)·1 = 3",
                "conv1: F = sqrt((params/K − 1)/C) = sqrt((640/64 − 1)/1) = 3",
            ],
        ),
        (
            "input 8x8x8x1; conv 2 ?x?x? -> params 56",
            ["conv1: F = cbrt((params/K − 1)/C) = cbrt((56/2 − 1)/1) = 3"],
        ),
        (
            "input 7x7x3; conv 8 3x3 s2 p1; convt 3 3x3 s2 p1 op? -> 8x8",
            ["convt1: OP = O + 2P − F − (W − 1)·S = 8 + 2·1 − 3 − (4 − 1)·2 = 1"],
        ),
        (
            "input 32x32x3; conv 8 5x5 d? -> 20x20",
            ["conv1: D = (W − (O − 1)·S − 1)/(F − 1) = (32 − (20 − 1)·1 − 1)/(5 − 1) = 3"],
        ),
        (
            "input ?x?x3; conv 8 3x3; pool 2; conv 8 5x5 -> 10x10",
            [
                "conv1: W = (O − 1)·S + F = (28 − 1)·1 + 3 = 30",
                "maxpool1: W = (O − 1)·S + F = (14 − 1)·2 + 2 = 28",
                "conv2: W = (O − 1)·S + F = (10 − 1)·1 + 5 = 14",
            ],
        ),
        ("input 64; dense ? -> params 650", ["dense1: N_out = params/(C + 1) = 650/(64 + 1) = 10"]),
        (
            "input 32x32x3; conv ? 3x3 -> 30x30x8, weights 216, macs 194400",
            [
                "conv1: K = C_out = 8 = 8",
                "conv1: K = weights/(F·F·C) = 216/(3·3·3) = 8",
                "conv1: K = macs/(O·O·F·F·C) = 194400/(30·30·3·3·3) = 8",
            ],
        ),
        (
            "input 50x50x1; conv 8 3x3 s2; conv 8 ?x? -> rf 15",
            ["conv2: F = (r − r_in)/jump_in + 1 = (15 − 3)/2 + 1 = 7"],
        ),
        (
            "input 50x50x1; conv 8 3x3 s2; conv 8 ?x?; -> rf 15",
            ["conv2: F = (r − r_in)/jump_in + 1 = (15 − 3)/2 + 1 = 7"],
        ),
        (
            "input 30x40x3; conv 8 ?x? -> 28x36",
            ["conv1: F_h = H − (O − 1)·S = 30 − (28 − 1)·1 = 3", "conv1: F_w = W − (O − 1)·S = 40 − (36 − 1)·1 = 5"],
        ),
        ("input 64; dense ?; -> params 650", ["dense1: N_out = params/(C + 1) = 650/(64 + 1) = 10"]),
        (
            "input 32x32x12; conv 24 3x3 g? -> params 672",
            ["conv1: G = C/((params/K − 1)/(F·F)) = 12/((672/24 − 1)/(3·3)) = 4"],
        ),
        # By a name.
        ("input 28x28x3; let k = ?; conv 8 kxk -> 24x24", ["conv1: F = W − (O − 1)·S = 28 − (24 − 1)·1 = 5"]),
        (
            "use vgg16 classes=?; -> params 134301514",
            [
                "dense3: params = total − elsewhere = 134301514 − 134260544 = 40970",
                "dense3: N_out = params/(C + 1) = 40970/(4096 + 1) = 10",
            ],
        ),
        # Through a word, through one axis of two, and by counting there is no formula to solve; nor where the other
        # layers depend on it, too.
        (
            "input 32x32x3; conv 8 3x3 same s? -> 11x11",
            ["conv1: conv1.stride = 3 gives 11x11x8, as asked; 2 gives 16x16x8, 4 gives 8x8x8"],
        ),
        (
            "input 9x9x1; repeat ? { conv 1 3x3 }; -> rf 7",
            ["conv3: repeat1.times = 3 gives 7, as asked; 2 gives 5, 4 gives 9"],
        ),
        (
            "input 32x32x3; conv 8 3x? -> params 368",
            ["conv1: conv1.kernel.width = 5 gives 368, as asked; 4 gives 296, 6 gives 440"],
        ),
        ("input 32x32x3; flatten; dense 5; dense ? -> params 36", ["dense2: N_out = params/(C + 1) = 36/(5 + 1) = 6"]),
        ("input 10x10x1; maxpool ?x? s2 ceil -> 5x5", []),
        ("input 8x8x?; flatten -> 128", ["flatten1: input.channels = 2 gives 128, as asked; 1 gives 64, 3 gives 192"]),
        (
            "input 9x9x1; conv ? 3x3; gap; dense 2; -> params 62",
            ["dense1: conv1.filters = 5 gives 62, as asked; 4 gives 50, 6 gives 74"],
        ),
        ("input 12x12x2; conv 3 11x11 s? -> 1x1x3", ["conv1: conv1.stride = 2 gives 1x1x3, as asked; 1 gives 2x2x3"]),
    ],
)
def test_formulas_are_solved(spec: str, expected: list[str]) -> None:
    """The formula in letters, with its numbers, and the number."""
    assert lines(spec) == expected


def test_what_is_rounded_is_said() -> None:
    """Where the division leaves a rest, the exact number is shown, and why another one fits."""
    ((_, step),) = solved_steps("input 224x224x3; conv 64 7x7 s2 p? -> 112x112x64")
    assert (step.result, step.remark) == (Fraction(5, 2), "not whole: another number fits by rounding down")


def test_the_answers_are_worked_out_too() -> None:
    """Every layer with an answer shows how its number comes about; for a total, each layer that was asked about."""
    solved = solve("input 9x9x1; conv ? 3x3 -> 7x7x5; relu; gap; dense 2 -> params 12; -> params 62, activations 578")
    explained = derivation(solved, solved.found[0], analyzed)
    text = "\n".join(working.lines(explained, width=100))
    assert [one.layer for one in explained] == ["conv1", "dense1"]
    assert "height, width  (W − F)/S + 1 = (9 − 3)/1 + 1 = 7" in text
    assert "params         (F·F·C + 1)·K = (3·3·1 + 1)·5 = 50" in text
    assert "params  (N_in + 1)·N_out = (5 + 1)·2 = 12" in text


def value(text: str, letters: dict[str, Any]) -> Any:
    """What a working comes to, by Python's own arithmetic."""
    text = text.replace("−", "-").replace("·", "*").replace("/", "/F(1)/")
    return eval(re.sub(r"\b\d+\b", lambda match: f"F({match[0]})", text), {"F": Fraction, "sqrt": sqrt} | letters)  # noqa: S307


@given(
    size=st.integers(6, 20),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    name=st.sampled_from(("kernel", "stride", "padding", "size")),
)
@settings(max_examples=30, deadline=None)
def test_a_working_comes_to_its_result(size: int, kernel: int, stride: int, padding: int, name: str) -> None:
    """Recomputed from its text, every solved formula gives its result; a whole one is the value that was found."""
    numbers = {"size": size, "kernel": kernel, "stride": stride, "padding": padding}
    template = "input {size}x{size}x1; conv 2 {kernel}x{kernel} s{stride} p{padding}"
    output = (size - kernel + 2 * padding) // stride + 1
    spec = f"{template.format(**numbers | {name: '?'})} -> {output}x{output}"
    solved = solve(spec)
    for _, step in solved_steps(spec):
        assert value(step.working, {}) == step.result
        if not step.remark:
            assert step.result in solved.solutions[0].values()
