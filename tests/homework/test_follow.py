"""Answers that are right given the student's own wrong answer to something earlier."""

from __future__ import annotations

import cnncalc
from cnncalc.homework import check
from cnncalc.homework.answers import Answer

NET = "input 64x64x3; conv 32 7x7 s2 p3; pool 2x2; flatten; dense 10"
CONV_PARAMS = (7 * 7 * 3 + 1) * 32


def answered(spec: str, *claims: tuple[str, str, str]) -> tuple[Answer, ...]:
    """The verdicts on some answers together."""
    checked = check.judged(cnncalc.analyze(spec), [check.claim(*one) for one in claims])
    assert not checked.problems
    return checked.answers


def follows(*claims: tuple[str, str, str], spec: str = NET) -> list[str | None]:
    """For each answer what it follows from: None for a right one and for one that follows from nothing."""
    return [answer.follows and f"{answer.follows.layer} {answer.follows.given}" for answer in answered(spec, *claims)]


def test_the_rest_of_the_network_is_recomputed() -> None:
    """From a wrong 28x28 follow a wrong pool, flatten, parameters, macs and totals; another wrong number does not."""
    claims = (
        ("conv1", "output", "28x28x32"),  # it is 32x32x32
        ("maxpool1", "output", "14x14x32"),
        ("conv1", "macs", str(28 * 28 * 49 * 3 * 32)),
        ("flatten1", "output", str(14 * 14 * 32)),
        ("dense1", "params", str((14 * 14 * 32 + 1) * 10)),
        ("total", "params", str((14 * 14 * 32 + 1) * 10 + CONV_PARAMS)),
        ("total", "macs", str(28 * 28 * 49 * 3 * 32 + 14 * 14 * 32 * 10)),
        ("dense1", "weights", "5"),
        ("conv1", "params", str(CONV_PARAMS)),
    )
    own = "conv1 (28, 28, 32)"
    # What follows is about the nearest wrong output before it, or of a total about its last wrong part.
    assert follows(*claims) == [
        None,
        own,
        own,
        "maxpool1 (14, 14, 32)",
        "flatten1 (6272,)",
        f"dense1 {(14 * 14 * 32 + 1) * 10}",
        f"conv1 {28 * 28 * 49 * 3 * 32}",
        None,
        None,
    ]
    assert {answer.verdict for answer in answered(NET, *claims)[:8]} == {"wrong"}


def test_a_total_follows_from_its_parts() -> None:
    """The sum of what the student has for the layers; a right total and an unrelated one follow from nothing."""
    parts = (("conv1", "params", "100"), ("dense1", "params", "20"))
    assert follows(*parts, ("total", "params", "120")) == [None, None, "dense1 20"]
    assert follows(*parts, ("total", "params", "121"))[-1] is None
    right = CONV_PARAMS + (16 * 16 * 32 + 1) * 10
    assert follows(*parts, ("total", "params", str(right)))[-1] is None


def test_a_total_follows_from_a_stated_output() -> None:
    """Where the parts are not stated, they are computed from the outputs that are."""
    total = CONV_PARAMS + (14 * 14 * 32 + 1) * 10
    assert follows(("maxpool1", "output", "14x14"), ("total", "params", str(total)))[-1] == "maxpool1 (14, 14)"


def test_a_single_number_for_all_extents() -> None:
    """It stands for both; where there is one position only it may be the channels, and nothing follows."""
    assert follows(("conv1", "output", "28"), ("maxpool1", "output", "14")) == [None, "conv1 (28,)"]
    pooled = "input 64x64x3; gap keep; conv 8 1x1"
    assert follows(("gap1", "output", "2"), ("conv1", "output", "2"), spec=pooled) == [None, None]


def test_what_has_no_rest() -> None:
    """A total that is no sum, outputs that fit nothing, and a network that does not work on what is stated."""
    assert follows(("conv1", "output", "28x28x32"), ("total", "rf", "99"))[-1] is None
    assert follows(("conv1", "output", "28x28x32x5"), ("maxpool1", "output", "14x14x32"))[-1] is None
    assert follows(("conv1", "output", "2.5x2.5x32"), ("maxpool1", "output", "1x1x32"))[-1] is None
    assert follows(("conv1", "output", "1x1x32"), ("maxpool1", "output", "7x7x32"))[-1] is None


def test_what_comes_before_a_break_follows() -> None:
    """On a stated 4x4 the second convolution does not work; the pool before it does."""
    spec = "input 64x64x3; conv 32 7x7 s2 p3; pool 2x2; conv 8 5x5"
    claims = (("conv1", "output", "4x4x32"), ("maxpool1", "output", "2x2x32"), ("conv2", "macs", "5"))
    assert follows(*claims, ("total", "macs", "5"), spec=spec) == [None, "conv1 (4, 4, 32)", None, None]


def test_the_input_is_a_layer_too() -> None:
    """A wrong statement of the input has its consequences."""
    assert follows(("input", "output", "62x62x3"), ("conv1", "output", "31x31x32")) == [None, "input (62, 62, 3)"]
    assert [answer.verdict for answer in answered(NET, ("conv1", "output", "32x32x32"))] == ["right"]
