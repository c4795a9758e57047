"""The mistakes behind wrong answers: each has a signature, from plain numbers here and from the layers there."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import layers

import cnncalc
from cnncalc.homework import mistakes
from cnncalc.homework.answers import QUANTITIES, matches
from cnncalc.homework.judging import Question
from cnncalc.homework.mistakes import general
from cnncalc.homework.reading import Given
from cnncalc.layers import KINDS, Layer
from cnncalc.shapes import Shape

DATA = Path(__file__).parents[1] / "data"


def question(spec: str, layer: str, quantity: str) -> Question:
    """A question about a layer, or with "total" about the whole network."""
    report = cnncalc.analyze(spec)
    return Question(report.subject(None if layer == "total" else report[layer].index), quantity, layer)


def named(spec: str, layer: str, quantity: str, *values: Any) -> dict[str, str]:
    """The mistakes that are named for an answer, each with its sentence."""
    answer = question(spec, layer, quantity).judge(Given(values))
    assert answer.verdict == "wrong"
    return {mistake.code: mistake.text for mistake in answer.mistakes}


ONE_INPUT = sorted(name for name in KINDS if not KINDS[name].merges)
CONV = "input 32x32x3; conv 10 5x5 s2 p2"
FLAT = "input 32x32x3; conv 6 5x5; pool 2; conv 16 5x5; pool 2; flatten; dense 120; dense 10"
STACK = "input 99x99x1; conv 1 5x5 s2; pool 2; conv 1 3x3 d2"
# A wrong answer for each mistake, with the sentence about it.
SENTENCES = [
    (CONV, "conv1", "params", (260,), "no-channels", "260 = (5·5 + 1)·10 forgets the 3 input channels"),
    (CONV, "conv1", "params", (250,), "no-channels-no-bias", "250 = 5·5·10 forgets the 3 input channels and the 10 b"),
    (CONV, "conv1", "params", (750,), "no-bias", "750 = 5·5·3·10 leaves out the 10 biases; (5·5·3 + 1)·10 = 760."),
    (CONV, "conv1", "params", (751,), "one-bias", "751 = 5·5·3·10 + 1 has one bias for the whole layer instead"),
    (CONV, "conv1", "params", (76,), "one-filter", "76 = 5·5·3 + 1 counts one filter instead of 10; (5·5·3 + 1)·10"),
    (CONV, "conv1", "params", (75,), "one-filter", "75 = 5·5·3 counts one filter instead of 10; (5·5·3 + 1)·10 = 760"),
    (CONV, "conv1", "weights", (75,), "one-filter", "75 = 5·5·3 counts one filter instead of 10; 5·5·3·10 = 750."),
    (CONV, "conv1", "macs", (19200,), "one-filter", "19,200 = 16·16·5·5·3 counts one filter instead of 10; 16·16·5"),
    (CONV, "conv1", "params", (194560,), "times-positions", "194,560 = 16·16·(5·5·3 + 1)·10 counts the weights at ea"),
    (CONV, "conv1", "params", (192000,), "times-positions", "192,000 = 16·16·5·5·3·10 counts the weights at each"),
    (CONV, "conv1", "params", (1510,), "stride-in-params", "1,510 = (5·5·3·2 + 1)·10 multiplies by the stride of 2"),
    (CONV, "conv1", "params", (3010,), "stride-in-params", "3,010 = (5·5·3·2·2 + 1)·10 multiplies by the stride of"),
    (CONV, "conv1", "params", (2510,), "filters-as-channels", "2,510 = (5·5·10 + 1)·10 takes the 10 filters for"),
    (CONV, "conv1", "params", (753,), "filters-as-channels", "753 = (5·5·10 + 1)·3 takes the 10 filters for"),
    (CONV, "conv1", "params", (160,), "one-kernel-axis", "160 = (5·3 + 1)·10 takes one side of the kernel for"),
    (CONV, "conv1", "params", (3040,), "bytes-for-values", "3,040 = 760·4 is in bytes, 4 for each value"),
    (CONV, "conv1", "weights", (760,), "with-bias", "760 = (5·5·3 + 1)·10 counts the 10 biases too; 5·5·3·10 = 750."),
    (FLAT, "maxpool1", "params", (4,), "pool-params", "4 = 2·2 counts the window as if it were learnt"),
    (FLAT, "maxpool1", "params", (24,), "pool-params", "24 = 2·2·6 counts the window as if it were learnt"),
    (FLAT, "maxpool1", "params", (150,), "pool-params", "150 = (2·2·6 + 1)·6 counts the window"),
    (FLAT, "maxpool1", "params", (1,), "pool-params", "1 counts a parameter, but the layer has none; it is 0."),
    (FLAT, "dense1", "params", (192120,), "flatten-elsewhere", "192,120 = (1,600 + 1)·120 flattens the map of conv2"),
    (
        FLAT,
        "dense1",
        "params",
        (7800,),
        "flatten-elsewhere",
        "7,800 = (64 + 1)·120 flattens the map as it would be beh",
    ),
    (FLAT, "dense1", "params", (3120,), "no-channels", "3,120 = (25 + 1)·120 forgets the channels of the map, 25 v"),
    (
        FLAT,
        "flatten1",
        "output",
        (1600,),
        "flatten-elsewhere",
        "1,600 = 10·10·16 flattens the map of conv2; 5·5·16 = 400.",
    ),
    (FLAT, "total", "params", (196202,), "flatten-elsewhere", "has a wrong dense1 in it (192,120 = (1,600 + 1)·120"),
    ("input 8x8x4; conv 8 3x3 g2", "conv1", "params", (296,), "groups-ignored", "296 = (3·3·4 + 1)·8 ignores the 2 g"),
    ("input 8x8x4; convt 8 3x3 g2", "convt1", "params", (296,), "groups-ignored", "ignores the 2 groups"),
    ("input 8x8x4; dwconv 3x3", "dwconv1", "params", (148,), "depthwise-as-full", "148 = (3·3·4 + 1)·4 counts it as"),
    (
        "input 8x8x4; sepconv 5 3x3",
        "sepconv1",
        "params",
        (36,),
        "depthwise-as-full",
        "36 = 3·3·4·1 counts the depthwis",
    ),
    ("input 8x8x4; bn", "bn1", "trainable", (16,), "bn-4c", "16 = 4·4 counts the 8 kept statistics too; 2·4 = 8."),
    ("input 8x8x4; bn", "bn1", "param-memory", (32,), "bn-2c", "32 = 2·4·4 leaves out the 8 kept statistics"),
    (CONV, "conv1", "dense-params", (7864320,), "no-bias", "7,864,320 = 3,072·2,560 leaves out the 2,560 biases"),
    (
        CONV,
        "conv1",
        "output",
        (15, 15, 10),
        "pad-once",
        "15x15x10: floor((32 − 5 + 2)/2) + 1 = 15 adds the padding once",
    ),
    (CONV, "conv1", "output", (14, 14, 10), "pad-ignored", "14x14x10: floor((32 − 5)/2) + 1 = 14 leaves out the padd"),
    (CONV, "conv1", "output", (15, 15, 10), "no-plus-one", "15x15x10: floor((32 − 5 + 2·2)/2) = 15 forgets the + 1"),
    (CONV, "conv1", "output", (17, 17, 10), "ceil", "17x17x10: ceil((32 − 5 + 2·2)/2) + 1 = 17 rounds up"),
    (CONV, "conv1", "output", (17, 17, 10), "round", "rounds to the nearest instead of down"),
    (CONV, "conv1", "output", (16.5, 16.5, 10), "fraction", "16.5x16.5x10: (32 − 5 + 2·2)/2 + 1 = 16.5 leaves a fr"),
    (CONV, "conv1", "output", (32, 32, 10), "stride-ignored", "32x32x10: 32 − 5 + 2·2 + 1 = 32 ignores the stride of"),
    (CONV, "conv1", "output", (21, 21, 10), "sign", "21x21x10: floor((32 + 5 + 2·2)/2) + 1 = 21 adds the kernel"),
    (CONV, "conv1", "output", (16, 16, 3), "depth-unchanged", "16x16x3 keeps the 3 channels of the input, but each of"),
    (CONV, "conv1", "output", (10, 16, 16), "order", "10x16x16 has the channels first, but here they stand last"),
    (CONV, "conv1", "output", (32, 32, 3), "previous-layer", "32x32x3 is the size of the input"),
    ("input 8x8x3; conv 2 3x3 s2 same", "conv1", "output", (8, 8, 2), "same-as-unchanged", "takes `same` for an unch"),
    ("input 7x7x3; conv 2 3x3 s2 same", "conv1", "output", (3, 3, 2), "same-floor", "7/2) = 3 rounds down, but `same`"),
    (
        "input 9x9x3; conv 2 3x3 s2 same",
        "conv1",
        "output",
        (4, 4, 2),
        "same-as-valid",
        "as for `valid`, but the padding",
    ),
    ("input 9x9x3; conv 2 3x3", "conv1", "output", (9, 9, 2), "valid-as-same", "pads as for `same`, but there is no p"),
    (
        "input 9x9x3; pool 2",
        "maxpool1",
        "output",
        (8, 8, 3),
        "pool-stride-1",
        "by 1 instead of 2, the size of the window",
    ),
    (
        "input 9x9x8; pool 2",
        "maxpool1",
        "output",
        (4, 4, 4),
        "depth-pooled",
        "4x4x4 pools the channels too, but a pool",
    ),
    (
        "input 10x10x1; pool 3 s2 ceil",
        "maxpool1",
        "output",
        (4, 4, 1),
        "floor",
        "rounds down, but this layer rounds up",
    ),
    (
        "input 10x128; conv 32 3",
        "conv1",
        "output",
        (126, 32),
        "along-channels",
        "126x32: (128 − 3)/1 + 1 = 126 slides along the channels",
    ),
    (
        "input 9x9x1; conv 1 3x3 d2",
        "conv1",
        "output",
        (7, 7, 1),
        "dilation-ignored",
        "7x7x1: (9 − 3)/1 + 1 = 7 ignores",
    ),
    (
        "input 9x9x1; conv 1 3x3 d2",
        "conv1",
        "output",
        (3, 3, 1),
        "dilation-gap",
        "for the number of cells left out, but",
    ),
    (
        "input 9x9x1; conv 1 3x3 d2x1",
        "conv1",
        "output",
        (3, 7, 1),
        "dilation-gap",
        "for the number of cells left out, but",
    ),
    (
        "input 6x6x1; convt 1 3x3 s2 p1 op1",
        "convt1",
        "output",
        (3, 3, 1),
        "forward-for-transposed",
        "of an ordinary co",
    ),
    ("input 6x6x1; convt 1 3x3 s2 p1 op1", "convt1", "output", (11, 11, 1), "forward-for-transposed", "output padding"),
    ("input 6x6x1; convt 1 3x3 s2 p1 op1", "convt1", "output", (14, 14, 1), "forward-for-transposed", "which cuts"),
    ("input 9x9x1; conv 1 4x4 p1", "conv1", "output", (9, 9, 1), "even-kernel", "keeps the size, but an even kernel"),
    (
        "input 9x9x1; conv 1 3x3; pool 2",
        "conv1",
        "output",
        (3, 3, 1),
        "next-layer",
        "is the answer for maxpool1, a later",
    ),
    (
        "input 9x9x1; conv 1 3x3; pool 2",
        "maxpool1",
        "output",
        (7, 7, 1),
        "previous-layer",
        "is the answer for conv1, an earlier",
    ),
    (
        STACK,
        "conv2",
        "rf",
        (8 + 2,),
        "rf-no-stride",
        "10 = 1 + (5 − 1)·1 + (2 − 1)·1 + (5 − 1)·1 adds k − 1 without the",
    ),
    (STACK, "conv2", "rf", (12,), "rf-sum-kernels", "12 = 5 + 2 + 5 adds the kernels, but their windows overlap"),
    (STACK, "conv2", "rf", (50,), "rf-product", "50 = 5·2·5 multiplies the kernels, but each layer adds"),
    (STACK, "conv2", "rf", (29,), "rf-own-stride", "multiplies by each layer's own stride too"),
    (STACK, "conv2", "rf", (15,), "rf-dilation-ignored", "15 = 1 + (5 − 1)·1 + (2 − 1)·2 + (3 − 1)·4 ignores the d"),
    (STACK, "conv2", "rf", (529,), "rf-area", "529 = 23·23 is the area of the field, not its size"),
    (
        "input 99x1; repeat 2 { conv 1 3; conv 1 5 }",
        "conv4",
        "rf",
        (14,),
        "rf-blocks",
        "14 = 2·7 adds the fields of 2 blo",
    ),
    (CONV, "conv1", "macs", (384000,), "flops-for-macs", "384,000 = 2·192,000 counts two operations for each"),
    (CONV, "conv1", "flops", (192000,), "macs-for-flops", "192,000 counts a multiply-accumulate as one operation"),
    (CONV, "conv1", "macs", (194560,), "with-bias", "194,560 = 16·16·(5·5·3 + 1)·10 counts the 2,560 additions of"),
    (CONV, "conv1", "flops", (389120,), "with-bias", "counts the 2,560 additions of biases too"),
    (CONV, "conv1", "macs", (768000,), "macs-input-size", "768,000 = 32·32·5·5·3·10 counts the 32x32 positions of the"),
    (CONV, "conv1", "macs", (64000,), "macs-no-channels", "64,000 = 16·16·5·5·10 forgets the 3 input channels"),
    (CONV, "conv1", "connections", (66560,), "macs-no-channels", "66,560 = 16·16·(5·5 + 1)·10 forgets"),
    (
        "input 6x6x2; convt 1 3x3 s2",
        "convt1",
        "macs",
        (2592,),
        "transposed-stride-squared",
        "at each output position",
    ),
    ("input 6x6x2; convt 1 3x3 s2", "convt1", "macs", (3042,), "transposed-stride-squared", "3,042 = 13·13·3·3·2·1"),
    (
        CONV,
        "conv1",
        "memory",
        (2560,),
        "values-for-bytes",
        "2,560 counts values, each of which takes 4 bytes; 16·16·10·4 = 10,240.",
    ),
    (
        CONV,
        "conv1",
        "memory",
        (10000,),
        "mib-for-mb",
        "10,000 bytes are 10 KB, but 10 is the number of KiB; 16·16·10·4 = 10,240.",
    ),
    (
        CONV,
        "conv1",
        "memory",
        (10485.76,),
        "mb-for-mib",
        "10,486 bytes are 10.2 KiB, but 10.2 is the number of KB; 16·16·10·4 = 10,240.",
    ),
    (CONV, "conv1", "activations", (10240,), "bytes-for-values", "10,240 = 2,560·4 is in bytes"),
    (FLAT, "dense1", "params", (48210,), "digit-slip", "48,210 has two digits exchanged; it is 48,120."),
    # The same mistakes in other kinds of layers and other quantities.
    (FLAT, "maxpool1", "params", (5,), "pool-params", "5 = 2·2 + 1 counts the window"),
    (FLAT, "flatten1", "output", (25,), "no-channels", "25 = 5·5 forgets the 16 channels of the map; 5·5·16 = 400."),
    (FLAT, "flatten1", "output", (64,), "flatten-elsewhere", "64 = 2·2·16 flattens the map as it would be behind ano"),
    (CONV, "conv1", "biases", (1,), "one-bias", "1 has one bias for the whole layer instead of 10 biases; it is 10."),
    (CONV, "conv1", "macs", (750,), "macs-no-positions", "750 = 5·5·3·10 counts one position instead of 16x16; 16·16"),
    (CONV, "conv1", "dense-params", (2624000,), "no-channels", "2,624,000 = (1,024 + 1)·2,560 forgets the 3 input ch"),
    ("input 8x8x4; conv 2 3x3 nobias", "conv1", "params", (74,), "with-bias", "(3·3·4 + 1)·2 counts 2 biases, but the"),
    (CONV, "conv1", "biases", (0,), "no-bias", "0 leaves out the 10 biases; it is 10."),
    (CONV, "conv1", "flops", (386560,), "with-bias", "386,560 = 2·16·16·5·5·3·10 + 16·16·10 counts the 2,560 add"),
    (CONV, "conv1", "connections", (778240,), "macs-input-size", "778,240 = 32·32·(5·5·3 + 1)·10 counts the 32x32 p"),
    (
        "input 10x128; conv 32 3 s2",
        "conv1",
        "output",
        (126, 32),
        "along-channels",
        "128 − 3 + 1 = 126 slides along the c",
    ),
    ("input 8x8x4; conv 8 1x1", "conv1", "output", (7, 7, 8), "no-plus-one", "(8 − 1)/1 = 7 forgets the + 1"),
    ("input 8x8x4; conv 8 3x3 g2", "conv1", "params", (288,), "groups-ignored", "2 groups, and leaves out the 8 bi"),
    ("input 8x8x4; conv 8 3x3 g2 nobias", "conv1", "params", (288,), "groups-ignored", "ignores the 2 groups; "),
    ("input 8x8x4; conv 8 3x3 g2", "conv1", "params", (292,), "filters-as-channels", "(3·3·8 + 1)·4 takes the 8 fil"),
    ("input 8x8x4; conv 8 3x3 g2", "conv1", "params", (148,), "filters-as-channels", "(3·3·4 + 1)·4 takes the 8 fil"),
    ("input 8x8x4; conv 8 3x3 g2", "conv1", "macs", (10368,), "groups-ignored", "6·6·3·3·4·8 ignores the 2 groups"),
    (
        "input 8x8x4; dwconv 3x3",
        "dwconv1",
        "params",
        (10,),
        "no-channels",
        "10 = (3·3 + 1)·1 forgets the 4 input channels",
    ),
    ("input 8x8x4; dwconv 3x3", "dwconv1", "macs", (5184,), "depthwise-as-full", "6·6·3·3·4·4 counts it as an ordin"),
    ("input 8x8x4; sepconv 5 3x3", "sepconv1", "macs", (720,), "depthwise-as-full", "counts the pointwise part alone"),
    ("input 8x8x4; convt 2 3x3 s2", "convt1", "params", (146,), "stride-in-params", "(3·3·4·2 + 1)·2 multiplies by"),
    ("input 6x6x1; convt 1 3x3 s2 p1", "convt1", "output", (12, 12, 1), "pad-once", "3 − 1 = 12 cuts the padding off"),
    ("input 6x6x1; convt 1 3x3 s2", "convt1", "output", (12, 12, 1), "valid-as-same", "6·2 = 12 takes the stride alo"),
    ("input 9x9x4; conv 2 5x3", "conv1", "params", (42,), "one-kernel-axis", "42 = (5·4 + 1)·2 takes one side of"),
    ("input 9x9x4; conv 2 5x3", "conv1", "params", (26,), "one-kernel-axis", "26 = (3·4 + 1)·2 takes one side of"),
    ("input 9x9x9x4; conv 2 3", "conv1", "params", (74,), "one-kernel-axis", "74 = (3·3·4 + 1)·2 takes two sides"),
    (
        "input 99x99x1; repeat 2 { conv 1 3x5; conv 1 5x5 }",
        "conv4",
        "rf",
        (14, 18),
        "rf-blocks",
        "14x18: height 2·7 = 14, width 2·9 = 18 adds the fields of 2 blocks",
    ),
    (
        "input 99x99x1; conv 1 3x3; conv 1 3x3 d3; conv 1 1x1",
        "conv3",
        "rf",
        (7,),
        "rf-sum-kernels",
        "adds the kernels without their dilation, and their windows overlap; 1 + (3 − 1)·1 + (7 − 1)·1 + (1 − 1)·1 = 9",
    ),
]


@pytest.mark.parametrize(("spec", "layer", "quantity", "values", "code", "says"), SENTENCES)
def test_a_mistake(  # noqa: PLR0917
    spec: str, layer: str, quantity: str, values: tuple[Any, ...], code: str, says: str
) -> None:
    """Its signature is named, with both calculations."""
    exact = tuple(value if isinstance(value, int) else Fraction(str(value)) for value in values)
    found = named(spec, layer, quantity, *exact)
    assert code in found
    assert says in found[code]
    assert found[code].endswith(".")


def test_every_code_has_a_test() -> None:
    """An entry of the table comes with a question that it answers."""
    tested = {code for *_, code, _ in SENTENCES}
    for name in ("homework.jsonl", "questions.jsonl"):
        tested |= {json.loads(line).get("mistake") for line in (DATA / name).read_text().splitlines()}
    numbers = {entry.code for entry in mistakes.ALL if "value" not in entry.quantities}
    assert numbers | {mistakes.DIGIT_SLIP} == tested - {None}


def test_the_table_is_whole() -> None:
    """Every entry belongs to a topic, speaks of quantities that there are, and its sentence begins with a verb."""
    for entries in mistakes.MISTAKES.values():
        for entry in entries:
            assert set(entry.quantities) <= {*QUANTITIES, "value"}
            assert entry.doc.split()[0].endswith("s")
    assert sum(map(len, mistakes.MISTAKES.values())) == len(mistakes.ALL)
    assert set(mistakes.CONVENTIONS) >= {"no-bias", "ceil", "fraction", "pad-once", "bn-4c", "dilation-gap", "order"}


# Random convolutions, and the signatures from the formulas as they stand in textbooks.


@settings(max_examples=25)
@given(
    n=st.integers(9, 40),
    channels=st.integers(2, 6),
    filters=st.integers(2, 9),
    k=st.integers(2, 5),
    s=st.integers(1, 3),
    p=st.integers(0, 2),
    d=st.integers(1, 2),
)
def test_convolutions(n: int, channels: int, filters: int, k: int, s: int, p: int, d: int) -> None:  # noqa: PLR0917
    """Each signature that differs from the right answer is named, and the right answer is right."""
    spec = f"input {n}x{n}x{channels}; conv {filters} {k}x{k} s{s} p{p} d{d}"
    size = d * (k - 1) + 1
    out = (n - size + 2 * p) // s + 1
    macs = out * out * k * k * channels * filters
    params = (k * k * channels + 1) * filters
    expected = {
        "params": (
            params,
            {
                "no-channels": (k * k + 1) * filters,
                "no-channels-no-bias": k * k * filters,
                "no-bias": k * k * channels * filters,
                "one-bias": k * k * channels * filters + 1,
                "times-positions": out * out * params,
                "stride-in-params": (k * k * channels * s + 1) * filters,
                "filters-as-channels": (k * k * filters + 1) * filters,
                "one-kernel-axis": (k * channels + 1) * filters,
                "bytes-for-values": 4 * params,
            },
        ),
        "macs": (
            macs,
            {
                "flops-for-macs": 2 * macs,
                "with-bias": macs + out * out * filters,
                "macs-input-size": n * n * k * k * channels * filters,
                "macs-no-channels": macs // channels,
            },
        ),
        "rf": (size, {"rf-dilation-ignored": k, "rf-area": size * size, "rf-own-stride": 1 + (size - 1) * s}),
    }
    for quantity, (right, signatures) in expected.items():
        asked = question(spec, "conv1", quantity)
        assert asked.judge(Given((right,))).verdict == "right"
        for code, value in signatures.items():
            assert value == right or code in [one.code for one in asked.judge(Given((value,))).mistakes], code
    asked = question(spec, "conv1", "output")
    assert asked.judge(Given((out, out, filters))).verdict == "right"
    sizes = {
        "pad-once": (n - size + p) // s + 1,
        "pad-ignored": (n - size) // s + 1,
        "no-plus-one": (n - size + 2 * p) // s,
        "ceil": math.ceil((n - size + 2 * p) / s) + 1,
        "round": math.floor((n - size + 2 * p) / s + 1 + 0.5),
        "stride-ignored": n - size + 2 * p + 1,
        "sign": (n + size + 2 * p) // s + 1,
        "dilation-ignored": (n - k + 2 * p) // s + 1,
    }
    for code, value in sizes.items():
        if value not in {out, 0}:
            found = asked.judge(Given((value, value, filters)))
            assert code in [one.code for one in found.mistakes], code


@pytest.mark.parametrize("kind", ONE_INPUT)
@settings(max_examples=5)
@given(data=st.data())
def test_no_right_answer_is_a_mistake(kind: str, data: st.DataObject) -> None:
    """For any layer, no signature equals the right answer, and whoever gives one is told so."""
    hold_signatures(*data.draw(layers(kind)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ONE_INPUT)
@settings(max_examples=40)
@given(data=st.data())
def test_no_right_answer_is_a_mistake_at_length(kind: str, data: st.DataObject) -> None:
    """The same for many more layers."""
    hold_signatures(*data.draw(layers(kind)))


# A fraction in a sentence has four decimals.
ROUNDED = Fraction(1, 10_000)
# A calculation as it stands in a sentence.
CALCULATION = r"(?:(?:(?:floor|ceil|round)\()*[(\d](?:[\d.()+−·/ ]|,(?=\d{3})|(?:floor|ceil|round)\()*)"


def equations(text: str) -> Iterator[tuple[Fraction, Fraction]]:
    """What stands on both sides of every `=` of a sentence."""
    for sides in re.findall(f"({CALCULATION}) = ({CALCULATION})", text):
        yield value_of(sides[0]), value_of(sides[1])


def value_of(calculation: str) -> Fraction:
    """What a calculation comes to; signs of the sentence around it are left out."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", calculation).strip(" ,.")
    while text.count("(") != text.count(")"):
        text = text[1:] if text.count("(") > text.count(")") else text[:-1]
    python = re.sub(r"[\d.]+", r'Fraction("\g<0>")', text.replace("·", "*").replace("−", "-"))
    known = {"Fraction": Fraction, "floor": math.floor, "ceil": math.ceil, "round": round_half_up}
    return Fraction(eval(python, known))  # noqa: S307  # only digits, signs and these functions


def round_half_up(number: Fraction) -> int:
    """To the nearest integer."""
    return math.floor(number + Fraction(1, 2))


def test_letters_of_the_same_name_are_not_the_same_number() -> None:
    """Two dilated kernels are not twice the first."""
    spec = "input 99x1; conv 1 3 d2; conv 1 3 d4"
    assert "14 = 5 + 9 adds the kernels" in named(spec, "conv2", "rf", 14)["rf-sum-kernels"]


def hold_signatures(layer: Layer, shape: Shape) -> None:
    """Every signature of every quantity is a wrong answer, and is named."""
    report = cnncalc.analyze(f"input {shape}; {layer.text(shape.rank)}; identity")
    record = report.records[0]
    for quantity in QUANTITIES:
        asked = Question(report.subject(1), quantity, record.name)
        for signature in asked.signatures:
            assert not matches(mistakes.given(signature.value), asked.expected), signature
            assert signature.text.endswith(".")
            assert all(abs(one - other) < ROUNDED for one, other in equations(signature.text)), signature.text
            found = asked.judge(mistakes.given(signature.value))
            assert found.verdict != "right"
            assert found.convention or signature.code in [one.code for one in found.mistakes]


# What a mistake needs, and where there is none.


def test_no_signature_where_there_is_nothing_to_ask() -> None:
    """A field that there is not, one that is not known, and the input itself."""
    assert question("input 10; dense 5", "dense1", "rf").signatures == ()
    assert question("input WxWx1; conv 1 3x3", "conv1", "unread").signatures == ()
    before_pool = question("input 9x9x2; conv 3 3x3 s2; gap", "conv1", "stride").signatures
    assert "next-layer" not in {one.code for one in before_pool}
    report = cnncalc.analyze("input 9x9x2; conv 3 3x3")
    assert all(Question(report.subject(0), quantity).signatures == () for quantity in QUANTITIES)
    assert not cnncalc.check("input 9x9x2; conv 3 3x3", layer="input", params=9, rf=9, output="9x9x9").passed


def test_a_merge_has_no_chain() -> None:
    """Rules that add up windows one after the other say nothing behind branches, nor behind an upsampling."""
    for spec, layer in (
        ("input 9x9x2; concat { conv 2 3x3 same | conv 2 5x5 same }; conv 1 3x3", "conv3"),
        ("input 9x9x2; upsample 2; conv 1 3x3", "conv1"),
        ("input 9x9x2; gap; dense 2", "dense1"),
    ):
        codes = {one.code for one in question(spec, layer, "rf").signatures}
        assert not codes & {"rf-no-stride", "rf-sum-kernels", "rf-product", "rf-own-stride"}


def test_flattened_behind_other_layers() -> None:
    """A flattened map is found behind layers that keep the number of values; a vector that never was a map is none."""
    spec = "input 8x8x3; conv 2 3x3; flatten; dropout 0.5; dense 4"
    assert "flatten-elsewhere" in named(spec, "dense1", "params", (8 * 8 * 3 + 1) * 4)
    for other in (
        "input 30; dropout 0.5; dense 4",
        "input 8x8x3; flatten; dense 9; dense 4",
    ):
        report = cnncalc.analyze(other)
        asked = Question(report.subject(len(report.records)), "params")
        assert "flatten-elsewhere" not in {one.code for one in asked.signatures}


def test_a_map_that_was_pooled_to_a_vector_may_have_been_flattened() -> None:
    """Behind a global pool there is a map, too; it was pooled, and neither once more nor once less."""
    spec = "input 8x8x3; conv 2 3x3; gap; dense 4"
    found = [one for one in question(spec, "dense1", "params").signatures if one.code == "flatten-elsewhere"]
    assert [one.value for one in found] == [(6 * 6 * 2 + 1) * 4, (8 * 8 * 3 + 1) * 4]
    assert found[0].text == "292 = (72 + 1)·4 flattens the map of conv1, 72 values instead of 2; (2 + 1)·4 = 12."


def test_a_mistake_along_one_axis() -> None:
    """Where the axes differ, the mistake may be made along one of them alone, and is told for that one."""
    text = named("input 9x12x1; conv 1 3x3 p1", "conv1", "output", 7, 12, 1)["pad-ignored"]
    assert text == ("7x12x1: height (9 − 3)/1 + 1 = 7 leaves out the padding; height (9 − 3 + 2·1)/1 + 1 = 9.")
    square = [one for one in question(CONV, "conv1", "output").signatures if one.code == "pad-ignored"]
    assert [one.value.dims for one in square] == [(14, 14, 10)]


def test_a_map_of_one_pixel_was_not_pooled_once_more() -> None:
    """Nothing would be left of it."""
    spec = "input 2x2x3; pool 2; flatten; dense 4"
    assert "once more" not in str(question(spec, "dense1", "params").signatures)
    assert "pool more" not in str(question(spec, "dense1", "params").signatures)


def test_without_signatures_at_hand() -> None:
    """The mistakes behind an answer are found without computing the question's signatures before."""
    report = cnncalc.analyze(CONV)
    (found,) = mistakes.name(report.subject(1), "params", Given((750,)))
    assert found.code == "no-bias"


def test_totals() -> None:
    """A mistake made in every layer, in one of them, and none where no layer has it."""
    right = 456 + 2416 + 48120 + 1210
    assert "leaves out the biases in each of 4 layers" in named(FLAT, "total", "params", right - 152)["no-bias"]
    inside = named(FLAT, "total", "params", right - 2416 + 416)["no-channels"]
    assert inside == (
        f"{right - 2000:,} has a wrong conv2 in it (416 = (5·5 + 1)·16 forgets the 6 input channels; "
        f"(5·5·6 + 1)·16 = 2,416); 456 + 2,416 + 48,120 + 1,210 = {right:,}."
    )
    only = named("input 8x8x3; conv 2 3x3; pool 2", "total", "params", 54)
    assert only["no-bias"] == "54 = 3·3·3·2 leaves out the 2 biases; it is 56."
    assert named("input 8x8x3; conv 2 3x3; pool 2", "total", "macs", 4) == {}


@pytest.mark.parametrize("network", ["googlenet", "resnet18", "unet", "mobilenet_v2", "densenet121"])
def test_shipped_networks(network: str) -> None:
    """Branches, merges and hundreds of layers: no signature is the right answer, of any layer or of the whole."""
    report = cnncalc.analyze(network)
    for index in (None, *range(1, len(report.records), len(report.records) // 4)):
        for quantity in ("output", "params", "rf", "macs", "memory"):
            asked = Question(report.subject(index), quantity)
            assert not any(matches(mistakes.given(one.value), asked.expected) for one in asked.signatures)


def test_axes_that_differ() -> None:
    """Where the axes have different calculations, each is told by its name."""
    text = named("input 9x12x1; conv 1 3x3 p1", "conv1", "output", 7, 10, 1)["pad-ignored"]
    assert text == (
        "7x10x1: height (9 − 3)/1 + 1 = 7, width (12 − 3)/1 + 1 = 10 leaves out the padding; "
        "height (9 − 3 + 2·1)/1 + 1 = 9, width (12 − 3 + 2·1)/1 + 1 = 12."
    )


def test_long_workings_are_left_out() -> None:
    """A calculation that nobody reads is not written."""
    spec = "input 999x1; repeat 50 { conv 1 11 }"
    text = named(spec, "conv50", "rf", 550)["rf-sum-kernels"]
    assert text == "550 adds the kernels, but their windows overlap; it is 501."


def test_symbols() -> None:
    """Formulas are held equal by algebra, and their mistakes named too."""
    n, f = (cnncalc.analyze(f"input {letter}x1; relu").input[0] for letter in "nf")
    asked = question("input nxnx1; conv 1 fxf", "conv1", "output")
    assert asked.judge(Given((1 + n - f, n - f + 1, 1))).verdict == "right"
    assert [one.code for one in asked.judge(Given((n - f, n - f, 1))).mistakes] == ["no-plus-one"]


def test_long_formulas() -> None:
    """What a mistake leads to may be longer than anybody reads; the other mistakes are found all the same."""
    spec = "input nxmxc; conv k fxg sU pP; pool a; conv l axb sV; flatten; dense 4; bn"
    assert {one.code for one in question(spec, "total", "param-memory").signatures} >= {"no-bias", "bn-2c"}
    assert "values-for-bytes" not in {one.code for one in question(spec, "total", "memory").signatures}
    assert "depth-pooled" in {one.code for one in question(spec, "maxpool1", "output").signatures}
    chain = "input nxmxc; repeat 3 { conv k fxg sU pP d2 }"
    assert question(chain, "conv3", "output").signatures
    assert question(chain, "total", "connections").expected


def test_bytes_of_symbols() -> None:
    """A formula of bytes has no rounded form."""
    asked = question("input nx1; conv 1 3", "conv1", "memory")
    assert "mib-for-mb" not in {one.code for one in asked.signatures}


@pytest.mark.parametrize(
    ("given", "expected", "how"),
    [
        (123, 124, ""),
        (12345, 12345, ""),
        (12346, 12345, "has one digit wrong"),
        (22345, 12345, "has one digit wrong"),
        (1234, 12345, "lacks a digit"),
        (2345, 12345, "lacks a digit"),
        (123455, 12345, "has a digit too many"),
        (21345, 12345, "has two digits exchanged"),
        (12354, 12345, "has two digits exchanged"),
        (13245, 12345, "has two digits exchanged"),
        (54321, 12345, ""),
        (12, 12345, ""),
        (-12345, 12345, ""),
        (12345, Shape((), 12345), ""),
    ],
)
def test_slips(given: int, expected: object, how: str) -> None:
    """One digit wrong, missing, doubled, or two exchanged, in a number of five digits or more."""
    assert general.slip(given, expected) == how


def test_a_rounded_answer_is_no_slip() -> None:
    """What is rounded has its digits by intention."""
    assert named("input 32x32x3; conv 600 5x5", "conv1", "params", 55600) == {
        "digit-slip": "55,600 has one digit wrong; it is 45,600."
    }
    rounded = question("input 32x32x3; conv 600 5x5", "conv1", "params").judge(Given((55600,), 50))
    assert not rounded.mistakes


def test_what_was_written_word_for_word_comes_first() -> None:
    """`10` may stand for 10x10x12, but it is the answer of the layer behind."""
    codes = named("input 28x28x1; conv 12 5x5; conv 12 5x5; pool 2; flatten; dense 10", "flatten1", "output", 10)
    assert list(codes) == ["next-layer", "previous-layer"]
