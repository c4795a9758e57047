"""What teaching pages say, by hand."""

from __future__ import annotations

import pytest

import cnncalc

SAYS = [
    ("input 32x32x3; conv 10 5x5", "28x28x10", 760),
    ("input 32x32x3; conv 10 3x3", "30x30x10", 280),
    ("input 28x28x1; conv 32 3x3", "26x26x32", 320),
    ("input 28x28x1; conv 32 3x3 s2 same", "14x14x32", 320),
    ("input 224x224x3; conv 1 3x3", "222x222x1", 28),
    ("input 224x224x3; conv 2 3x3", "222x222x2", 56),
    ("input 7x7x1000; gap", "1000", 0),
    ("input 6x6x1; conv 1 3x3", "4x4x1", 10),
    ("input 8x8x1; maxpool 4x4", "2x2x1", 0),
    ("input 227x227x3; conv 96 11x11 s4", "55x55x96", 34_944),
    ("input 63x63x16; conv 32 7x7 p3", "63x63x32", 25_120),
    ("input 300x300x3; flatten; dense 100", "100", 27_000_100),
    ("input 64x64x16; conv 1 1x1", "64x64x1", 17),
    ("input 15x15x8; pad 2", "19x19x8", 0),
    ("input 227x227x3; local 96 11x11 s4", "55x55x96", 105_705_600),
    ("input 3x16x112x112 channels-first; conv3d 64 3x3x3", "14x110x110x64", 5248),
    ("input 60x1; conv1d 7 40; conv1d 10 16; maxpool1d 3", "2x10", 1417),
    ("input 10x128; conv1d 32 3", "8x32", 12_320),
    ("input 200x2; conv1d 5 5 causal d2; conv1d 5 5 causal d4; dense 1 pointwise", "200x1", 191),
    ("input 4096; dense 512; bn; dropout 0.5; dense 80", "80", 2_139_728),
    ("input 6x4x3; convt 2 3x3 s2 valid", "13x9x2", 56),
    ("input 6x4x3; convt 2 3x3 s2 same", "12x8x2", 56),
    ("input 16x16x10; conv 20 5x5 s3 p2; convt 10 5x5 s3 p2", "16x16x10", 10_030),
    ("input 8x8x1; conv 1 3x5 p0x1 s3x4", "2x2x1", 16),
    ("input 55x55x96; conv 256 5x5 p2 g2", "55x55x256", 307_456),
    ("input 14x14x6; conv 16 5x5", "10x10x16", 2416),
    ("input 5x1; conv1d 1 4 p2", "6x1", 5),
    ("input 7x1; conv1d 1 3 d2", "3x1", 4),
]


@pytest.mark.parametrize(("spec", "output", "params"), SAYS)
def test_a_page_is_right(spec: str, output: str, params: int) -> None:
    """Shape and parameters of one layer, or of a few."""
    report = cnncalc.analyze(spec)
    assert "x".join(map(str, report.output)) == output
    assert report.totals.params == params


def test_the_end_of_vgg16() -> None:
    """7x7x512 flattens to 25,088; 138,357,544 parameters and 15,470,264,320 macs."""
    report = cnncalc.analyze("vgg16")
    assert report["maxpool5"].output.dims == (7, 7, 512)
    assert report["flatten1"].output.dims == (25_088,)
    assert (report.totals.params, report.totals.macs) == (138_357_544, 15_470_264_320)
    assert (report.totals.activations, report.activation_bytes(15_237_608)) == (15_237_608, 60_950_432)


def test_three_small_kernels_see_what_a_large_one_sees() -> None:
    """Two 3x3 convolutions see 5x5 pixels and three 7x7, with 27 C^2 weights for the 49 C^2 of one 7x7."""
    report = cnncalc.analyze("input 32x32x8; repeat 3 { conv 8 3x3 nobias }")
    assert [record.rf.size for record in report.records if record.rf] == [(3, 3), (5, 5), (7, 7)]
    assert report.totals.params == 27 * 8 * 8
    assert cnncalc.analyze("input 32x32x8; conv 8 7x7 nobias").totals.params == 49 * 8 * 8


def test_wavenet_blocks_overlap() -> None:
    """Dilations 1 to 512 see 1024 samples; three such blocks 3070, not the 3072 of a published answer."""
    dilations = "; ".join(f"conv1d 1 2 causal d{2**power}" for power in range(10))
    for blocks, size in ((1, 1024), (3, 3070)):
        report = cnncalc.analyze(f"input 8000x1; repeat {blocks} {{ {dilations} }}")
        assert report.records[-1].rf_size == (size,)


def test_lenet_counts_connections_with_biases() -> None:
    """C1 of LeNet-5 has 156 parameters and 122,304 connections; without its biases 117,600."""
    report = cnncalc.analyze("input 32x32x1; conv 6 5x5 -> params 156, connections 122304")
    assert report.passed
    assert cnncalc.analyze("input 32x32x1; conv 6 5x5 -> connections 117600").answers[0].convention == "without-biases"


def test_a_page_with_one_output_unit_is_caught() -> None:
    """Cats and dogs has 438,842 parameters; 219,801 would be right for one output unit instead of two."""
    spec = "input 300x300x3; conv 10 5x5 relu; pool 2x2; flatten; dense {}; -> params 219801"
    wrong = cnncalc.analyze(spec.format(2))
    assert not wrong.passed
    assert (wrong.answers[0].given, wrong.answers[0].expected) == (219_801, 438_842)
    assert cnncalc.analyze(spec.format(1)).passed


def test_a_page_with_300_billion_parameters_is_caught() -> None:
    """A 224x224x3 image into three layers of 128: about 19.3 million, not 300 billion."""
    spec = "input 224x224x3; flatten -> 150528; repeat 3 { dense 128 relu }; -> params {}"
    assert cnncalc.analyze(spec.replace("{}", "19.3M")).passed
    assert not cnncalc.analyze(spec.replace("{}", "300B")).passed
