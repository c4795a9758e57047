"""Mistakes in solving for a kernel, a stride or a padding."""

from __future__ import annotations

from typing import Any

import pytest

import cnncalc
from cnncalc.homework.judging import Question
from cnncalc.homework.reading import Given

# (23 - 5 + 2·1)/2 + 1 = 11
CONV = "input 23x23x3; conv 8 5x5 s2 p1"
MISTAKES = [
    ("padding", 2, "pad-once", "is the padding of both sides together"),
    ("padding", 0, "pad-ignored", "leaves out the padding"),
    ("kernel", 3, "no-plus-one", "3 = 23 + 2·1 − 11·2 forgets the + 1"),
    ("kernel", 7, "no-plus-one", "on the wrong side"),
    ("kernel", 4, "pad-once", "4 = 23 + 1 − (11 − 1)·2 counts the padding of one side"),
    ("kernel", 15, "stride-ignored", "15 = 23 + 2·1 − (11 − 1) is the solution for a stride of 1"),
    ("stride", 1, "no-plus-one", "1 = floor((23 − 5 + 2·1)/11) forgets the + 1"),
    ("stride", 3, "sign", "3 = (23 + 5 + 2·1)/(11 − 1) adds the kernel"),
]


def named(spec: str, quantity: str, value: int) -> dict[str, str]:
    """The mistakes behind a wrong answer about the first layer."""
    answer = Question(cnncalc.analyze(spec).subject(1), quantity).judge(Given((value,)))
    assert answer.verdict == "wrong"
    return {mistake.code: mistake.text for mistake in answer.mistakes}


@pytest.mark.parametrize(("quantity", "value", "code", "text"), MISTAKES)
def test_a_wrong_setting_is_named(quantity: str, value: int, code: str, text: str) -> None:
    """What the wrong formula gives is named by what is wrong about it, and the right number is told."""
    sentence = named(CONV, quantity, value)[code]
    assert text in sentence
    right = {
        "padding": "((11 − 1)·2 + 5 − 23)/2 = 1",
        "kernel": "23 + 2·1 − (11 − 1)·2 = 5",
        "stride": "(23 − 5 + 2·1)/(11 − 1) = 2",
    }[quantity]
    assert sentence.endswith(f"; {right}.")


def test_a_setting_that_no_formula_gives_exactly() -> None:
    """Where the output is rounded down, the right number stands alone; axes that differ have their names."""
    assert named("input 24x24x3; conv 8 5x5 s2 p1", "kernel", 4)["no-plus-one"].endswith("; it is 5.")
    answer = Question(cnncalc.analyze("input 24x23x3; conv 8 5x3 s2 p1x0").subject(1), "kernel").judge(Given((4, 1)))
    assert answer.mistakes[0].text == (
        "4x1: height 24 + 2·1 − 11·2 = 4, width 23 + 2·0 − 11·2 = 1 forgets the + 1 of the output size; it is 5x3."
    )


def test_padding_that_keeps_the_size() -> None:
    """(F - 1)/2 is the padding for `same`, and no other one."""
    assert "valid-as-same" in named("input 23x23x3; conv 8 5x5 s2 p1", "padding", 2)


def test_the_ratio_of_the_sizes_is_no_stride() -> None:
    """W/O is the stride only where padding makes it so."""
    assert "same-floor" in named("input 19x19x3; conv 8 11x11 s2", "stride", 3)


def test_a_single_place_tells_no_stride() -> None:
    """Where the output has one place or two, no wrong formula can be solved for the stride; a kernel still can."""
    for size in (5, 6):
        subject = cnncalc.analyze(f"input {size}x{size}x1; conv 1 5x5 p1 s2").subject(1)
        assert Question(subject, "stride").signatures == ()
        assert Question(subject, "kernel").signatures


def test_a_stride_behind_another_layer_is_the_step_of_its_field() -> None:
    """Behind a layer, `stride` asks for pixels of the image, and no setting is solved for."""
    subject = cnncalc.analyze("input 46x46x3; conv 8 3x3; conv 8 5x5 s4").subject(2)
    codes = {signature.code for signature in Question(subject, "stride").signatures}
    assert codes == {"previous-layer"}


@pytest.mark.parametrize(
    "spec", ["input 8x8x3; relu", "input 8; dense 4", "input 8x8x3; gap", "input 8x8x3; conv 4 3x3 p0:1"]
)
def test_there_is_no_padding_to_ask_for(spec: str) -> None:
    """A layer without a window, and one with uneven padding, has no padding on each side."""
    question: Any = Question(cnncalc.analyze(spec).subject(1), "padding")
    assert question.expected is None
    assert question.signatures == ()
