"""What stands between a number and the nearest convention."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

import cnncalc
from cnncalc import library
from cnncalc.counting import conventions
from cnncalc.counting.conventions import Network
from cnncalc.counting.reconcile import Result, reconcile
from cnncalc.spec.source import SpecError


def answer(spec: str, number: str, related: tuple[str, ...] = (), quantity: str | None = None) -> Result:
    """The result for a network and a number."""
    header = library.about(spec) if spec in library.names() else {}

    def vary(*, input: str | None = None, set: Mapping[str, str] | None = None) -> Network | None:  # noqa: A002
        try:
            return conventions.network(cnncalc.analyze(spec, input=input, set=set), header)
        except SpecError:
            return None

    others = [(name, conventions.network(cnncalc.analyze(name), library.about(name))) for name in related]
    network = conventions.network(cnncalc.analyze(spec), header)
    return reconcile(conventions.read(number, quantity), network, vary, others)


@pytest.mark.parametrize(
    ("spec", "number", "explanation"),
    [
        # Keras's ResNet-50 has biases in its convolutions.
        (
            "resnet50",
            "25636712",
            "25,610,152 (parameters, trained or not) + 26,560 (a bias for every filter of the 53 layers that have none) = ",
        ),
        ("resnet50", "23.53M", "23,528,522 (trainable parameters) with 10 classes: --set classes=10, which rounds to 23.53M"),
        (
            "vgg16",
            "14714688",
            "138,357,544 (trainable parameters) - 123,642,856 (the parameters of all dense layers) = 14,714,688",
        ),
        # Of a rounded number only what people leave out, or count besides.
        ("vgg16", "14.7M", "138,357,544 (trainable parameters) - 123,642,856 (the parameters of all dense layers) = "),
        # Digits are cut off as often as they are rounded.
        ("efficientnet_b7", "37B", "37,745,884,192 (multiply-accumulates), cut off and not rounded"),
        ("vgg16", "138", "138,357,544 (trainable parameters), if 138M is meant"),
        ("yolov3", "65.86", "65,864,075,264 (two for each multiply-accumulate), if 65.86G is meant"),
        ("resnet18", "3648067584", "twice 1,824,033,792 (thop: macs): two operations for each"),
        ("resnet18", "912016896", "half of 1,824,033,792 (thop: macs)"),
        (
            "resnet18",
            "2.369G",
            "2,369,245,184 (multiply-accumulates) on 256x256: --input 256x256x3, which rounds to 2.369G",
        ),
        ("resnet18", "29025173504", "16 times 1,814,073,344 (multiply-accumulates): a batch of 16"),
        ("resnet18", "29.03G", "16 times 1,814,073,344 (multiply-accumulates): a batch of 16, which rounds to 29.03G"),
        (
            "resnet18",
            "1.694GMac",
            "1,819,065,856 (fvcore: flops) with K, M and G as powers of 1024, which rounds to 1.694GMac",
        ),
        (
            "resnet18",
            "1819039768",
            "1,814,073,344 (multiply-accumulates) - 1,000 (the additions of biases) + 4,967,424 (two for each value that ",
        ),
        (
            "lenet5",
            "61550",
            "61,706 (trainable parameters) - 156 (the parameters of conv1) = 61,550",
        ),
        (
            "lenet5",
            "831360",
            "833,040 (two for each multiply-accumulate) - 1,680 (the flops of dense3, the last layer with parameters) = ",
        ),
    ],
)  # fmt: skip
def test_explanations(spec: str, number: str, explanation: str) -> None:
    """No convention gives the number, and this way leads to it."""
    result = answer(spec, number)
    assert result.matches == ()
    assert any(found.startswith(explanation) for found in result.explanations), result.explanations


def test_the_nearest_are_shown() -> None:
    """Five of them, the nearest first; nothing is made up where nothing explains the number."""
    result = answer("resnet50", "3.8G")
    assert result.explanations == ()
    titles = [each.title for each in result.nearest]
    assert titles[:2] == ["multiply-accumulates of convolutions alone", "multiply-accumulates"]
    assert len(result.nearest) == 5


def test_a_size_of_the_image_is_told_once() -> None:
    """By our own convention, where that fits; not of a number of a single digit, which some size always gives."""
    assert answer("resnet18", "2.37GMac").explanations == (
        "2,369,245,184 (multiply-accumulates) on 256x256: --input 256x256x3, which rounds to 2.37GMac",
    )
    assert not any("--input" in text for text in answer("resnet18", "3G").explanations)
    (only_thop,) = answer("resnet18", "2382254592").explanations
    assert only_thop.startswith("2,382,254,592 (thop: macs) on 256x256")


def test_a_match_needs_no_explanation() -> None:
    """What a convention gives is all that is said."""
    result = answer("vgg16", "138357544")
    assert [match.quantity for match in result.matches] == ["params"]
    assert result.nearest == result.explanations == ()


def test_related_networks() -> None:
    """A number of another network of that name is told."""
    result = answer("resnet18", "21,797,672", related=("vgg11", "resnet34"))
    assert result.explanations[0] == "21,797,672 (trainable parameters) of another network, `resnet34`"


def test_at_most_five() -> None:
    """However many ways there are."""
    assert len(answer("vgg16", "15.0G", quantity="macs").explanations) <= 5


@pytest.mark.parametrize(
    "spec",
    ["input 8; relu", "input 9x8x3; conv 4 3x3", "input 64x3; conv 4 3", "input 8x8x3; relu; maxpool 2", "input 5x5x1; dropout"],
)  # fmt: skip
@pytest.mark.parametrize("number", ["0", "7", "1000003", "3G", "12.34M", "5 bytes"])
def test_any_number_for_any_network(spec: str, number: str) -> None:
    """Nothing is divided by nothing."""
    result = answer(spec, number)
    assert bool(result.matches) != bool(result.nearest)


def test_too_many_classes_are_not_meant() -> None:
    """A number that only a million classes would give is explained otherwise, or not at all."""
    assert not any("classes" in text for text in answer("vgg16", "30978211840").explanations)
    exact = answer("resnet18", str(11_689_512 + 513 * 7))
    assert "with 1,007 classes: --set classes=1007" in exact.explanations[0]


def test_a_rounded_number_is_not_explained_by_chance() -> None:
    """Nobody takes from the multiply-accumulates what is not in them, and two digits fit any sum."""
    assert answer("efficientnet_b7", "37B").explanations == (
        "37,745,884,192 (multiply-accumulates), cut off and not rounded",
    )
    assert answer("mobilenet_v2", "3.47M").explanations == ()
    assert not any("half" in text for text in answer("mobilenet_v2", "299.6M").explanations)
    assert any("ReLU" in text for text in answer("shufflenet_v2_x1_0", "146.4M").explanations)


def test_a_number_may_also_be_cut_off() -> None:
    """That is told where it rounds to something that few mean."""
    assert answer("resnet50", "25.5M").explanations == ("25,557,032 (trainable parameters), cut off and not rounded",)
    assert answer("resnet50", "25.6M").explanations == ()


def test_other_networks_are_told_once() -> None:
    """Each value under the likeliest name; cut off too."""
    found = answer("resnet50", "3.8e9", ("resnet_v1_50", "keras/resnet50")).explanations
    assert found == (
        "3,857,973,248 (multiply-accumulates) of another network, `resnet_v1_50`, cut off and not rounded",
    )
    assert answer("resnet50", "0.01G", ("lenet5",)).explanations == ()
