"""Numbers as people write them, and the conventions that give them."""

from __future__ import annotations

from fractions import Fraction

import pytest

import cnncalc
from cnncalc import library
from cnncalc.counting import conventions
from cnncalc.counting.conventions import Convention, Network
from cnncalc.homework.reading import Given


def network(spec: str, **options: object) -> Network:
    """A network with its modules."""
    header = library.about(spec) if spec in library.names() else {}
    return conventions.network(cnncalc.analyze(spec, **options), header)


@pytest.mark.parametrize(
    ("text", "value", "slack", "quantities"),
    [
        ("25557032", 25_557_032, 0, conventions.QUANTITIES),
        ("25,557,032", 25_557_032, 0, conventions.QUANTITIES),
        ("25_557_032 params", 25_557_032, 0, ("params",)),
        ("4.12G", 4_120_000_000, 5_000_000, conventions.QUANTITIES),
        ("4.12 GFLOPs", 4_120_000_000, 5_000_000, ("flops", "macs")),
        ("4.12 gmac", 4_120_000_000, 5_000_000, ("macs", "flops")),
        ("314 MMac", 314_000_000, 500_000, ("macs", "flops")),
        ("18.57BFLOPs", 18_570_000_000, 5_000_000, ("flops", "macs")),
        ("25.6B", 25_600_000_000, 50_000_000, conventions.QUANTITIES),
        ("98 MB", 98_000_000, 500_000, ("bytes",)),
        ("98MiB", 98 * 2**20, Fraction(2**20, 2), ("bytes",)),
        ("100 bytes", 100, 0, ("bytes",)),
        ("~500K", 500_000, 50_000, conventions.QUANTITIES),
        ("37M activations", 37_000_000, 500_000, ("activations",)),
        ("4,12G", 4_120_000_000, 5_000_000, conventions.QUANTITIES),
        ("138 million params", 138_000_000, 500_000, ("params",)),
        ("15.5 billion", 15_500_000_000, 50_000_000, conventions.QUANTITIES),
        ("3.8e9", 3_800_000_000, 50_000_000, conventions.QUANTITIES),
        ("3.8 × 10^9 FLOPs", 3_800_000_000, 50_000_000, ("flops", "macs")),
        ("~1_2*10**1", 120, 5, conventions.QUANTITIES),
        ("1.25e1", Fraction(25, 2), 0, conventions.QUANTITIES),
        ("25e0", 25, 0, conventions.QUANTITIES),
    ],
)
def test_read(text: str, value: int, slack: object, quantities: tuple[str, ...]) -> None:
    """Exact or rounded, with a unit and a word behind it."""
    wanted = conventions.read(text)
    assert (wanted.value, wanted.slack, wanted.quantities) == (value, slack, quantities)
    assert conventions.read(text, "macs").quantities == ("macs",)


def test_powers_of_1024() -> None:
    """A unit without `i` may mean them; one with it, and a billion, may not."""
    assert conventions.read("98MB").binary == Given((98 * 2**20,), Fraction(2**20, 2))
    assert conventions.read("98MiB").binary is conventions.read("98").binary is conventions.read("9B").binary is None


@pytest.mark.parametrize(
    "text", ["", "abc", "1e999", "4,1234G", "1x9", "-5", "4.12X", "1" * 100, "²", "1 2 3.4.5", "G"]
)
def test_what_is_no_number(text: str) -> None:
    """Said with examples."""
    with pytest.raises(ValueError, match="write it as 25557032"):
        conventions.read(text)


def test_own_conventions() -> None:
    """Trainable and all parameters, with and without biases, operations, values and bytes."""
    spec = "input 8x8x3; conv 4 3x3; bn; gap; dense 5"
    known = {
        (each.quantity, each.title): each.value
        for each in conventions.conventions(network(spec, batch=2, dtype="float16"))
        if not each.who
    }
    values = 192 + 144 + 144 + 4 + 5
    assert known == {
        ("params", "trainable parameters"): 145,
        ("params", "parameters, trained or not"): 153,
        ("params", "weights without biases"): 132,
        ("macs", "multiply-accumulates"): 36 * 108 + 20,
        ("macs", "multiply-accumulates of convolutions alone"): 36 * 108,
        ("macs", "multiply-accumulates and additions of biases"): 36 * 112 + 25,
        ("flops", "two for each multiply-accumulate"): 2 * (36 * 108 + 20),
        ("flops", "two for each multiply-accumulate of convolutions alone"): 2 * 36 * 108,
        ("activations", "values that are put out, and the input"): values,
        ("activations", "values that are put out"): values - 192,
        ("bytes", "parameters as float16"): 306,
        ("bytes", "trainable parameters as float16"): 290,
        ("bytes", "activations and input as float16, batch of 2"): 4 * values,
        ("bytes", "training with sgd as float16, batch of 2"): 306 + 290 + 8 * values,
        ("bytes", "training with momentum as float16, batch of 2"): 306 + 580 + 8 * values,
        ("bytes", "training with adam as float16, batch of 2"): 306 + 870 + 8 * values,
    }


def test_what_a_tool_adds_is_told() -> None:
    """The terms of a tool's figure and the multiply-accumulates are the figure."""
    known = conventions.conventions(network("resnet50"))
    (ptflops,) = [each for each in known if each.who == "ptflops-modules" and each.quantity == "macs"]
    assert dict(ptflops.terms) == {
        "BatchNorm": 22_227_968, "ReLU": 9_608_704, "MaxPool": 802_816, "AdaptiveAvgPool": 100_352, "Linear": 1000,
    }  # fmt: skip
    for each in known:
        if each.terms:
            base = {"macs": 4_089_184_256, "flops": 8_178_368_512}[each.quantity]
            assert each.value == base + sum(more for _, more in each.terms)
    (keras,) = [each for each in known if each.who == "keras" and each.title == "Non-trainable params"]
    assert keras == Convention("params", "keras", "Non-trainable params", 53_120)


@pytest.mark.parametrize(
    ("spec", "number", "who"),
    [
        # What people ask in the threads of those projects.
        ("resnet50", "4.12G", {"ptflops-modules"}),
        ("mobilenet_v2", "314M", {"fvcore"}),
        ("vgg16", "30.94 GFLOPs", {"", "torch"}),
        ("vgg16", "15.3G", {""}),
        ("vgg16", "218.78MB", {"torchsummary"}),
        ("resnet50", "8.21 GFLOPs", {"calflops", "deepspeed"}),
        ("resnet50", "98 MB", {""}),
        ("resnet50", "4133742592", {"thop"}),
        ("resnet50", "53120", {"keras"}),
        ("resnet50", "177.83MB", {"torchinfo"}),
    ],
)
def test_questions(spec: str, number: str, who: set[str]) -> None:
    """Exactly these conventions give the number."""
    found = conventions.matches(conventions.read(number), conventions.conventions(network(spec)))
    assert {each.who for match in found for each in match.conventions} == who


def test_params_of_mobilenet_with_a_width() -> None:
    """610.1 MMac for a width of 1.4: that is ptflops without functions, and no other."""
    wide = network("mobilenet_v2", set={"alpha": 1.4})
    found = conventions.matches(conventions.read("610.1 MMac"), conventions.conventions(wide))
    assert [each.who for match in found for each in match.conventions] == ["ptflops-modules"]


def test_equal_values_are_one_match_and_what_people_mean_comes_first() -> None:
    """All conventions of a value stand together; of the others the nearest comes first."""
    found = conventions.matches(conventions.read("15.48G"), conventions.conventions(network("vgg16")))
    assert [match.value for match in found] == [15_483_821_032]
    assert [each.who for each in found[0].conventions] == ["", "torchinfo", "ptflops-aten"]
    rounded = conventions.matches(conventions.read("15.5G"), conventions.conventions(network("vgg16")))
    assert rounded[0].value == 15_470_264_320
    distances = [abs(match.value - 15_500_000_000) for match in rounded[1:]]
    assert distances == sorted(distances)
    assert len(rounded) > 3


def test_nearest() -> None:
    """By how near they come, relatively; of equal values the first alone; of the wanted quantities alone."""
    known = [
        Convention("params", "", "a", 100), Convention("params", "t", "b", 100), Convention("params", "", "c", 1000),
        Convention("macs", "", "d", 120), Convention("bytes", "", "e", 119),
    ]  # fmt: skip
    wanted = conventions.read("119")._replace(quantities=("params", "macs"))
    assert [each.title for each in conventions.nearest(wanted, known)] == ["d", "a", "c"]
