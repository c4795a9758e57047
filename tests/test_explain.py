"""What `explain` tells: whole texts, and that every working comes to its result."""

from __future__ import annotations

import re
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc import explain
from cnncalc.algebra import ceil_div, larger
from cnncalc.layers import KINDS
from cnncalc.report import Report
from cnncalc.shapes import Shape, Window, same_padding
from cnncalc.views import working
from cnncalc.written import Written, total
from strategies import layers, merges

# The layer that is explained is the last one of its spec.
WORKINGS: Final = {
    "input 32x32x3; conv 10 5x5 p2": """\
conv1: conv 10 5x5 s1 p2   (32x32x3 → 32x32x10)
  Slides filters over the input; each output value is a sum of products and a
  bias.
  height, width  (W − F + 2P)/S + 1 = (32 − 5 + 2·2)/1 + 1 = 32
  channels       K = 10
  params         (F·F·C + 1)·K = (5·5·3 + 1)·10 = 760
  macs           H_out·W_out·F·F·C·K = 32·32·5·5·3·10 = 768,000
  rf size        r_in + (F − 1)·jump_in = 1 + (5 − 1)·1 = 5
  rf stride      jump_in·S = 1·1 = 1
  rf start       start_in − P·jump_in = 0 − 2·1 = −2
  rf center      start + (r − 1)/2 = −2 + (5 − 1)/2 = 0
  output memory  H_out·W_out·K·bytes = 32·32·10·4 = 40,960 (bytes, as float32)
  param memory   params·bytes = 760·4 = 3,040 (bytes, as float32)
""",
    "input 224x224x3; conv 64 7x7 s2 same": """\
conv1: conv 64 7x7 s2 same   (224x224x3 → 112x112x64)
  Slides filters over the input; each output value is a sum of products and a
  bias.
  P_total        max((ceil(W/S) − 1)·S + F − W, 0)
                 = max((ceil(224/2) − 1)·2 + 7 − 224, 0) = 5
  P_before       floor(P_total/2) = floor(5/2) = 2
  P_after        P_total − floor(P_total/2) = 5 − floor(5/2) = 3
  height, width  (W − F + P_before + P_after)/S + 1 = (224 − 7 + 2 + 3)/2 + 1
                 = 112
  channels       K = 64
  params         (F·F·C + 1)·K = (7·7·3 + 1)·64 = 9,472
  macs           H_out·W_out·F·F·C·K = 112·112·7·7·3·64 = 118,013,952
  rf size        r_in + (F − 1)·jump_in = 1 + (7 − 1)·1 = 7
  rf stride      jump_in·S = 1·2 = 2
  rf start       start_in − P_before·jump_in = 0 − 2·1 = −2
  rf center      start + (r − 1)/2 = −2 + (7 − 1)/2 = 1
  output memory  H_out·W_out·K·bytes = 112·112·64·4
                 = 3,211,264 (bytes, as float32)
  param memory   params·bytes = 9,472·4 = 37,888 (bytes, as float32)
""",
    "input 28x28x4; conv 8 3x3 s2": """\
conv1: conv 8 3x3 s2 valid   (28x28x4 → 13x13x8)
  Slides filters over the input; each output value is a sum of products and a
  bias.
  height, width  floor((W − F)/S) + 1 = floor((28 − 3)/2) + 1
                 = 13 (remainder 1: the windows do not tile the input)
  channels       K = 8
  params         (F·F·C + 1)·K = (3·3·4 + 1)·8 = 296
  macs           H_out·W_out·F·F·C·K = 13·13·3·3·4·8 = 48,672
  rf size        r_in + (F − 1)·jump_in = 1 + (3 − 1)·1 = 3
  rf stride      jump_in·S = 1·2 = 2
  rf start       start_in − P·jump_in = 0 − 0·1 = 0
  rf center      start + (r − 1)/2 = 0 + (3 − 1)/2 = 1
  output memory  H_out·W_out·K·bytes = 13·13·8·4 = 5,408 (bytes, as float32)
  param memory   params·bytes = 296·4 = 1,184 (bytes, as float32)
""",
    "input 32x30x3; conv 4 3x5 d2 full nobias": """\
conv1: conv 4 3x5 s1 full d2 nobias   (32x30x3 → 36x38x4)
  Slides filters over the input; each output value is a sum of products and a
  bias.
  F_eff, height      D·(F_h − 1) + 1 = 2·(3 − 1) + 1 = 5
  P, height          F_eff − 1 = 5 − 1 = 4
  height             (H − F_eff + 2P)/S + 1 = (32 − 5 + 2·4)/1 + 1 = 36
  F_eff, width       D·(F_w − 1) + 1 = 2·(5 − 1) + 1 = 9
  P, width           F_eff − 1 = 9 − 1 = 8
  width              (W − F_eff + 2P)/S + 1 = (30 − 9 + 2·8)/1 + 1 = 38
  channels           K = 4
  params             F_h·F_w·C·K = 3·5·3·4 = 180
  macs               H_out·W_out·F_h·F_w·C·K = 36·38·3·5·3·4 = 246,240
  rf size, height    r_in + (F_eff − 1)·jump_in = 1 + (5 − 1)·1 = 5
  rf stride, height  jump_in·S = 1·1 = 1
  rf start, height   start_in − P·jump_in = 0 − 4·1 = −4
  rf center, height  start + (r − 1)/2 = −4 + (5 − 1)/2 = −2
  rf size, width     r_in + (F_eff − 1)·jump_in = 1 + (9 − 1)·1 = 9
  rf stride, width   jump_in·S = 1·1 = 1
  rf start, width    start_in − P·jump_in = 0 − 8·1 = −8
  rf center, width   start + (r − 1)/2 = −8 + (9 − 1)/2 = −4
  output memory      H_out·W_out·K·bytes = 36·38·4·4
                     = 21,888 (bytes, as float32)
  param memory       params·bytes = 180·4 = 720 (bytes, as float32)
""",
    "input 8x8x24; conv 8 3x3 g4 p0:1 frozen": """\
conv1: conv 8 3x3 s1 p0:1 g4 frozen   (8x8x24 → 7x7x8)
  Slides filters over the input; each output value is a sum of products and a
  bias.
  height, width  (W − F + P_before + P_after)/S + 1 = (8 − 3 + 0 + 1)/1 + 1 = 7
  channels       K = 8
  params         0: nothing is trained
  not trained    (F·F·(C/G) + 1)·K = (3·3·(24/4) + 1)·8 = 440
  macs           H_out·W_out·F·F·(C/G)·K = 7·7·3·3·(24/4)·8 = 21,168
  rf size        r_in + (F − 1)·jump_in = 1 + (3 − 1)·1 = 3
  rf stride      jump_in·S = 1·1 = 1
  rf start       start_in − P_before·jump_in = 0 − 0·1 = 0
  rf center      start + (r − 1)/2 = 0 + (3 − 1)/2 = 1
  output memory  H_out·W_out·K·bytes = 7·7·8·4 = 1,568 (bytes, as float32)
  param memory   params·bytes = 440·4 = 1,760 (bytes, as float32)
""",
    "input 14x14x4; convt 5 3x3 s2 p1 op1": """\
convt1: convt 5 3x3 p1 s2 op1   (14x14x4 → 28x28x5)
  A transposed convolution: every input value spreads a filter over the output.
  height, width  (W − 1)·S + F − 2P + OP = (14 − 1)·2 + 3 − 2·1 + 1 = 28
  channels       K = 5
  params         (F·F·C + 1)·K = (3·3·4 + 1)·5 = 185
  macs           H·W·F·F·C·K = 14·14·3·3·4·5 = 35,280
  rf size        2: the positions see the pixels 0..0, 0..1; 2 positions on, 1
                   pixel further
  output memory  H_out·W_out·K·bytes = 28·28·5·4 = 15,680 (bytes, as float32)
  param memory   params·bytes = 185·4 = 740 (bytes, as float32)
""",
    "input 32x32x3; conv 4 3x3; pool 2": """\
maxpool1: maxpool 2x2 s2 valid   (30x30x4 → 15x15x4)
  The largest value in each window; padding counts as minus infinity.
  height, width  (W − F)/S + 1 = (30 − 2)/2 + 1 = 15
  channels       C = 4
  params         0: it learns nothing
  macs           0: it sums no products with weights
  rf size        r_in + (F − 1)·jump_in = 3 + (2 − 1)·1 = 4
  rf stride      jump_in·S = 1·2 = 2
  rf start       start_in − P·jump_in = 0 − 0·1 = 0
  rf center      start + (r − 1)/2 = 0 + (4 − 1)/2 = 3/2
  output memory  H_out·W_out·C·bytes = 15·15·4·4 = 3,600 (bytes, as float32)
""",
    "input 10x3; pool 1 s2 ceil": """\
maxpool1: maxpool 1 s2 valid ceil   (10x3 → 5x3)
  The largest value in each window; padding counts as minus infinity.
  length         ceil((L − F)/S) + 1 − 1 = ceil((10 − 1)/2) + 1 − 1
                 = 5 (rounded up; no window may start beyond the input)
  channels       C = 3
  params         0: it learns nothing
  macs           0: it sums no products with weights
  rf size        r_in + (F − 1)·jump_in = 1 + (1 − 1)·1 = 1
  rf stride      jump_in·S = 1·2 = 2
  rf start       start_in − P·jump_in = 0 − 0·1 = 0
  rf center      start + (r − 1)/2 = 0 + (1 − 1)/2 = 0
  output memory  L_out·C·bytes = 5·3·4 = 60 (bytes, as float32)
""",
    "input 8x8x64; bn": """\
bn1: bn   (8x8x64 → 8x8x64)
  Batch normalisation by its moving mean and variance, which are kept but not
  trained.
  shape          8x8x64: as the input
  params         2C = 2·64 = 128 (gamma, beta)
  not trained    2C = 2·64 = 128 (mean, variance)
  macs           0: it sums no products with weights
  rf size        1: as its input's
  output memory  H·W·C·bytes = 8·8·64·4 = 16,384 (bytes, as float32)
  param memory   params·bytes = 256·4 = 1,024 (bytes, as float32)
""",
    "input 7x7x512; flatten; dense 4096": """\
dense1: dense 4096   (25088 → 4096)
  Connects every value of a vector with every unit; with `pointwise`, at every
  position of a map.
  values         N_out = 4,096
  params         (N_in + 1)·N_out = (25,088 + 1)·4,096 = 102,764,544
  macs           N_in·N_out = 25,088·4,096 = 102,760,448
  rf size        7: every value sees the pixels 0..6
  output memory  N_out·bytes = 4,096·4 = 16,384 (bytes, as float32)
  param memory   params·bytes = 102,764,544·4 = 411,058,176 (bytes, as float32)
""",
    "input 7x7x32; gap": """\
gap1: gap   (7x7x32 → 32)
  Global average pooling: the mean of every channel.
  positions      H·W = 7·7 = 49 (all of them become one)
  values         C = 32
  params         0: it learns nothing
  macs           0: it sums no products with weights
  rf size        7: every value sees the pixels 0..6
  output memory  C·bytes = 32·4 = 128 (bytes, as float32)
""",
    "input 8x8x4; add { conv 4 3x3 same | identity }": """\
add1: add   (8x8x4, 8x8x4 → 8x8x4)
  The sum of the branches.
  shape          8x8x4: as every branch
  params         0: it learns nothing
  macs           0: it sums no products with weights
  rf first       min over the branches = min(−1, 0) = −1
  rf last        max over the branches = max(1, 0) = 1
  rf size        last − first + 1 = 1 − (−1) + 1 = 3
  output memory  H_out·W_out·C_out·bytes = 8·8·4·4 = 1,024 (bytes, as float32)
""",
    "input 28x30x8; concat { conv 16 3x5 p1x2 | conv 8 1x1 }": """\
concat1: concat   (28x30x16, 28x30x8 → 28x30x24)
  The channels of the branches side by side; the extents are equal.
  height            H = 28
  width             W = 30
  channels          C_1 + C_2 = 16 + 8 = 24
  params            0: it learns nothing
  macs              0: it sums no products with weights
  rf first, height  min over the branches = min(−1, 0) = −1
  rf last, height   max over the branches = max(1, 0) = 1
  rf size, height   last − first + 1 = 1 − (−1) + 1 = 3
  rf first, width   min over the branches = min(−2, 0) = −2
  rf last, width    max over the branches = max(2, 0) = 2
  rf size, width    last − first + 1 = 2 − (−2) + 1 = 5
  output memory     H_out·W_out·C_out·bytes = 28·30·24·4
                    = 80,640 (bytes, as float32)
""",
    "input 14x14x4; adaptiveavgpool 6x2": """\
adaptiveavgpool1: adaptiveavgpool 6x2   (14x14x4 → 6x2x4)
  The means of a map's parts: part i of O reads floor(iW/O) up to ceil((i +
  1)W/O).
  height           O_h = 6 (the parts read the cells 0..2, 2..4, 4..6, ...)
  width            O_w = 2 (the parts read the cells 0..6, 7..13)
  channels         C = 4
  params           0: it learns nothing
  macs             0: it sums no products with weights
  rf size, height  3: the positions see the pixels 0..2, 2..4, 4..6; 3 positions
                     on, 7 pixels further
  rf size, width   7: position 0 sees the pixels 0..6, and each next one sees 7
                     pixels further
  output memory    O_h·O_w·C·bytes = 6·2·4·4 = 192 (bytes, as float32)
""",
    "input 5x5x4; upsample 1.5": """\
upsample1: upsample 1.5   (5x5x4 → 7x7x4)
  Makes a map larger by a factor: floor(W*factor).
  height, width  floor(W·3/2) = floor(5·3/2) = 7
  channels       C = 4
  params         0: it learns nothing
  macs           0: it sums no products with weights
  rf size        1: the positions see the pixels 0..0, 0..0, 1..1; 3 positions
                   on, 2 pixels further
  output memory  H_out·W_out·C·bytes = 7·7·4·4 = 784 (bytes, as float32)
""",
    "input 9x9x5; dwconv 3x3 same m2": """\
dwconv1: dwconv 3x3 s1 same m2   (9x9x5 → 9x9x10)
  A depthwise convolution: each channel is filtered by itself, and none is mixed
  with another.
  P_total        max((ceil(W/S) − 1)·S + F − W, 0)
                 = max((ceil(9/1) − 1)·1 + 3 − 9, 0) = 2
  P              P_total/2 = 2/2 = 1
  height, width  (W − F + 2P)/S + 1 = (9 − 3 + 2·1)/1 + 1 = 9
  channels       C·M = 5·2 = 10
  params         (F·F + 1)·C·M = (3·3 + 1)·5·2 = 100
  macs           H_out·W_out·F·F·C·M = 9·9·3·3·5·2 = 7,290
  rf size        r_in + (F − 1)·jump_in = 1 + (3 − 1)·1 = 3
  rf stride      jump_in·S = 1·1 = 1
  rf start       start_in − P·jump_in = 0 − 1·1 = −1
  rf center      start + (r − 1)/2 = −1 + (3 − 1)/2 = 0
  output memory  H_out·W_out·C_out·bytes = 9·9·10·4 = 3,240 (bytes, as float32)
  param memory   params·bytes = 100·4 = 400 (bytes, as float32)
""",
    "input 9x9x5; sepconv 8 3x3": """\
sepconv1: sepconv 8 3x3 s1 valid   (9x9x5 → 7x7x8)
  A depthwise convolution, then a 1x1 convolution over its channels; one bias,
  at the end.
  height, width  (W − F)/S + 1 = (9 − 3)/1 + 1 = 7
  channels       K = 8
  params         F·F·C + (C + 1)·K = 3·3·5 + (5 + 1)·8
                 = 93 (depthwise, pointwise, bias)
  macs           H_out·W_out·F·F·C + H_out·W_out·C·K = 7·7·3·3·5 + 7·7·5·8
                 = 4,165
  rf size        r_in + (F − 1)·jump_in = 1 + (3 − 1)·1 = 3
  rf stride      jump_in·S = 1·1 = 1
  rf start       start_in − P·jump_in = 0 − 0·1 = 0
  rf center      start + (r − 1)/2 = 0 + (3 − 1)/2 = 1
  output memory  H_out·W_out·K·bytes = 7·7·8·4 = 1,568 (bytes, as float32)
  param memory   params·bytes = 93·4 = 372 (bytes, as float32)
""",
    "input 7x7x8; local 4 3x3 same": """\
local1: local 4 3x3 s1 same   (7x7x8 → 7x7x4)
  A convolution whose filters are different at every position: no weight
  sharing.
  P_total        max((ceil(W/S) − 1)·S + F − W, 0)
                 = max((ceil(7/1) − 1)·1 + 3 − 7, 0) = 2
  P              P_total/2 = 2/2 = 1
  height, width  (W − F + 2P)/S + 1 = (7 − 3 + 2·1)/1 + 1 = 7
  channels       K = 4
  params         H_out·W_out·(F·F·C + 1)·K = 7·7·(3·3·8 + 1)·4 = 14,308
  macs           H_out·W_out·F·F·C·K = 7·7·3·3·8·4 = 14,112
  rf size        r_in + (F − 1)·jump_in = 1 + (3 − 1)·1 = 3
  rf stride      jump_in·S = 1·1 = 1
  rf start       start_in − P·jump_in = 0 − 1·1 = −1
  rf center      start + (r − 1)/2 = −1 + (3 − 1)/2 = 0
  output memory  H_out·W_out·K·bytes = 7·7·4·4 = 784 (bytes, as float32)
  param memory   params·bytes = 14,308·4 = 57,232 (bytes, as float32)
""",
    "input 10x4; conv 8 3 causal": """\
conv1: conv 8 3 s1 causal   (10x4 → 10x8)
  Slides filters over the input; each output value is a sum of products and a
  bias.
  P_before       F − 1 = 3 − 1 = 2
  length         (L − F + P_before + P_after)/S + 1 = (10 − 3 + 2 + 0)/1 + 1
                 = 10
  channels       K = 8
  params         (F·C + 1)·K = (3·4 + 1)·8 = 104
  macs           L_out·F·C·K = 10·3·4·8 = 960
  rf size        r_in + (F − 1)·jump_in = 1 + (3 − 1)·1 = 3
  rf stride      jump_in·S = 1·1 = 1
  rf start       start_in − P_before·jump_in = 0 − 2·1 = −2
  rf center      start + (r − 1)/2 = −2 + (3 − 1)/2 = −1
  output memory  L_out·K·bytes = 10·8·4 = 320 (bytes, as float32)
  param memory   params·bytes = 104·4 = 416 (bytes, as float32)
""",
    "input 8x8x8x2; conv 3 3x3x3 s2 p1": """\
conv1: conv 3 3x3x3 s2 p1   (8x8x8x2 → 4x4x4x3)
  Slides filters over the input; each output value is a sum of products and a
  bias.
  depth, height, width  floor((W − F + 2P)/S) + 1 = floor((8 − 3 + 2·1)/2) + 1
                        = 4 (remainder 1: the windows do not tile the input)
  channels              K = 3
  params                (F·F·F·C + 1)·K = (3·3·3·2 + 1)·3 = 165
  macs                  Z_out·H_out·W_out·F·F·F·C·K = 4·4·4·3·3·3·2·3 = 10,368
  rf size               r_in + (F − 1)·jump_in = 1 + (3 − 1)·1 = 3
  rf stride             jump_in·S = 1·2 = 2
  rf start              start_in − P·jump_in = 0 − 1·1 = −1
  rf center             start + (r − 1)/2 = −1 + (3 − 1)/2 = 0
  output memory         Z_out·H_out·W_out·K·bytes = 4·4·4·3·4
                        = 768 (bytes, as float32)
  param memory          params·bytes = 165·4 = 660 (bytes, as float32)
""",
}


@pytest.mark.parametrize("spec", WORKINGS)
def test_the_working_of_a_layer_is_told_line_by_line(spec: str) -> None:
    """Each formula in letters, with the numbers put in, and its result."""
    report = cnncalc.analyze(spec)
    told = working.lines(explain.explain(report, report.records[-1].name))
    assert "\n".join(told) + "\n" == WORKINGS[spec]
    assert max(map(len, told)) <= 80


def told(spec: str, label: str, **settings: Any) -> list[str]:
    """The lines of the last layer with that label, without it."""
    explanation = explain.explain(cnncalc.analyze(spec, **settings))[-1]
    lines = working.lines([explanation], width=1000)
    return [line.strip().removeprefix(label).strip() for line in lines if line.strip().startswith(label + " ")]


@pytest.mark.parametrize(
    ("spec", "label", "text"),
    [
        ("input 8x6x4; conv 2 3x3", "height", "(H − F)/S + 1 = (8 − 3)/1 + 1 = 6"),
        ("input 8x8x4; pad 1:2", "height, width", "W + P_before + P_after = 8 + 1 + 2 = 11"),
        ("input 8x8x4; crop 1", "height, width", "W − 2P = 8 − 2·1 = 6"),
        ("input 8x8x4; crop 1", "rf start", "start_in − P·jump_in = 0 − (−1)·1 = 1"),
        ("input 8x6x4; permute w h c", "height", "W = 6"),
        ("input 8x8x4; slice 0:2", "channels", "2"),
        ("input 8x8x8; pixelshuffle 2", "channels", "C/(R·R) = 8/(2·2) = 2"),
        ("input 8x8x4; adaptiveavgpool _", "shape", "8x8x4: as the input"),
        ("input 8x8x4; gap keep", "positions", "H·W = 8·8 = 64 (all of them become one)"),
        ("input 8x8x4; gap keep", "height, width", "1"),
        (
            "input 4x4x4; permute c w h; pool 2",
            "rf size, height",
            "one value's is not known; all of them together see the pixels 0..3",
        ),
        ("input 8x8x4; ln whole", "params", "2H·W·C = 2·8·8·4 = 512 (gamma, beta)"),
        ("input 8x8x4; prelu shared", "params", "1: alpha"),
        ("input 8x8x4; normalization", "not trained", "2C + 1 = 2·4 + 1 = 9 (mean, variance, count)"),
        ("input 8x8x4; dwconv 3x3", "params", "(F·F + 1)·C = (3·3 + 1)·4 = 40"),
        ("input 8x8x4; dwconv 3x3 m2 nobias", "params", "F·F·C·M = 3·3·4·2 = 72"),
        ("input 8x8x4; dense 5 pointwise", "macs", "H·W·C·N_out = 8·8·4·5 = 1,280"),
        ("input 8x8x4; conv 2 3x5", "macs", "H_out·W_out·F_h·F_w·C·K = 6·4·3·5·4·2 = 2,880"),
        (
            "input 8x8x4; conv 2 3 p0:1x1:0",
            "height",
            "(H − F + P_h_before + P_h_after)/S + 1 = (8 − 3 + 0 + 1)/1 + 1 = 7",
        ),
        ("input 8; dense 3", "values", "N_out = 3"),
        (
            "input 8x8x4; flatten",
            "rf size",
            "1: the values have lost their places; all of them together see the pixels 0..7",
        ),
        (
            "input 8x8x4; flatten; reshape 4x4x16; conv 2 3",
            "rf size",
            "one value's is not known; all of them together see the pixels 0..7",
        ),
        ("input 8x8x4; add { identity | gap }", "shape", "8x8x4: as branch 1; smaller ones are repeated to fit"),
        ("input 8x8x4; add { conv 4 1 | identity }", "rf size", "1: as every branch's"),
        ("input 8x8x4; concat { gap | gmp }", "values", "N_in_1 + N_in_2 = 4 + 4 = 8"),
        (
            "input 8x4; concat { pool 3 s1 p1 | pool 2; upsample 2 }",
            "rf size",
            "3: the positions see the pixels −1..1, 0..2; 2 positions on, 2 pixels further",
        ),
        (
            "input 8x8x4; convt 2 1x1 s2",
            "rf size",
            "1: the positions see the pixels 0..0, none; 2 positions on, 1 pixel further",
        ),
        (
            "input 8x8x4; convt 2 1x1 s4",
            "rf size",
            "1: the positions see the pixels 0..0, none, none, ...; 4 positions on, 1 pixel further",
        ),
        ("input 64x64x4; conv 2 3; conv 2 3; avgpool 1 s3", "rf center", "start + (r − 1)/2 = 0 + (5 − 1)/2 = 2"),
    ],
)
def test_one_line(spec: str, label: str, text: str) -> None:
    """Lines whose layer needs no whole text."""
    assert text in told(spec, label)


def test_the_batch_and_the_size_of_a_value_are_factors_of_the_memory() -> None:
    """Values times bytes, times the examples of a batch."""
    spec = "input 4x4x2; conv 3 3x3"
    label = "output memory"
    assert told(spec, label, batch=8, dtype="float16") == [
        "H_out·W_out·K·bytes·batch = 2·2·3·2·8 = 192 (bytes, as float16)"
    ]


def test_shapes_are_told_in_the_layout_of_the_report() -> None:
    """Channels first, where the report has them so."""
    report = cnncalc.analyze("input 8x8x4; conv 2 3x3", layout="channels-first")
    (explanation,) = explain.explain(report)
    assert (explanation.inputs, explanation.output) == (((4, 8, 8),), (2, 6, 6))
    assert working.lines([explanation])[0] == "conv1: conv 2 3x3 s1 valid   (4x8x8 → 2x6x6)"


def test_a_layer_is_chosen_by_its_name_or_its_number() -> None:
    """Both find the same; a number is a layer's place."""
    report = cnncalc.analyze("input 8x8x4; conv 2 3x3; pool 2")
    assert explain.explain(report, "maxpool1") == explain.explain(report, "2") == explain.explain(report)[1:]


@pytest.mark.parametrize(
    ("name", "hint"), [("conv2", "did you mean `conv1`?"), ("9", "the layers are 1 to 2, conv1 to maxpool1")]
)
def test_a_layer_that_is_not_there_is_an_error_with_a_hint(name: str, hint: str) -> None:
    """What was meant, or what there is."""
    with pytest.raises(cnncalc.SpecError) as caught:
        explain.explain(cnncalc.analyze("input 8x8x4; conv 2 3x3; pool 2"), name)
    assert (caught.value.message, caught.value.hint) == (f"no layer is called {name!r}", hint)


def test_ascii_lines_have_no_other_character() -> None:
    """Where the output cannot carry minus signs, dots and arrows."""
    lines = working.lines(explain.explain(cnncalc.analyze("input 8x8x4; conv 2 3x3 p1")), ascii=True)
    assert lines[0] == "conv1: conv 2 3x3 s1 p1   (8x8x4 -> 8x8x2)"
    assert "  height, width  (W - F + 2P)/S + 1 = (8 - 3 + 2*1)/1 + 1 = 8" in lines
    assert all(line.isascii() for line in lines)


def test_layers_are_paragraphs() -> None:
    """An empty line stands between two."""
    lines = working.lines(explain.explain(cnncalc.analyze("input 8x8x4; relu; relu")))
    assert lines.count("") == 1
    assert lines[lines.index("") + 1].startswith("relu2: relu ")


def test_a_head_that_is_too_long_goes_on_two_lines() -> None:
    """The statement, then the shapes."""
    lines = working.lines(explain.explain(cnncalc.analyze("input 8x8x4; conv 2 3x3")), width=40)
    assert lines[:2] == ["conv1: conv 2 3x3 s1 valid", "  (8x8x4 → 6x6x2)"]


def test_shared_weights_are_worked_out_where_they_are_counted() -> None:
    """A later call says whose they are."""
    report = cnncalc.analyze("input 4x4x1; shared def h() { conv 1 3x3 p1 }; h; h")
    text = "\n".join(working.lines(explain.explain(report, "conv2")))
    assert "params         0: it uses the weights of conv1" in text
    assert "param memory" not in text
    assert "macs" in text


def test_json_has_raw_numbers() -> None:
    """Integers are integers, shapes lists, fractions strings, and what is not known is null."""
    data = explain.to_dict(explain.explain(cnncalc.analyze("input 8x8x4; pool 2; gap; conv 1 1"[:26])))
    pool, gap = data["layers"]
    assert {key: pool[key] for key in pool if key not in {"steps", "sentence"}} == {
        "layer": "maxpool1",
        "kind": "maxpool",
        "config": "2x2 s2 valid",
        "inputs": [[8, 8, 4]],
        "output": [4, 4, 4],
    }
    assert pool["steps"][0] == {
        "topic": "shape",
        "label": "height, width",
        "formula": "(W − F)/S + 1",
        "working": "(8 − 2)/2 + 1",
        "result": 4,
        "remark": "",
    }
    assert next(step for step in pool["steps"] if step["label"] == "rf center")["result"] == "1/2"
    assert gap["output"] == [4]


def test_rows_are_for_tables() -> None:
    """One a step, with numbers as programs read them."""
    table = working.table(explain.explain(cnncalc.analyze("input 32x32x3; conv 10 5x5 p2"), "conv1"))
    rows = table.rows
    assert all(len(row) == len(table.headings) for row in rows)
    assert rows[3] == ("conv1", "macs", "H_out·W_out·F·F·C·K", "32·32·5·5·3·10", "768000", "")


def test_symbolic_sizes_stay_symbols() -> None:
    """The numbers put in are those of the spec, and so is the result."""
    pytest.importorskip("sympy")
    spec = "input HxWx3; conv K kxk s2 p1"
    assert told(spec, "height") == ["floor((H − F + 2P)/S) + 1 = floor((H − k + 2·1)/2) + 1 = floor((H − k)/2) + 2"]
    assert told(spec, "params") == ["(F·F·C + 1)·K = (k·k·3 + 1)·K = 3K·k^2 + K"]
    assert told("input nx3; conv 2 3", "length") == ["(L − F)/S + 1 = (n − 3)/1 + 1 = n − 2"]
    assert told("input nx3; adaptiveavgpool 3", "length") == ["O = 3"]
    assert told("input 8x3; adaptiveavgpool n", "length") == ["O = n"]
    assert told("input nx3; conv 2 3 s2 same", "P_total")[0].endswith(
        "max((ceil(n/2) − 1)·2 + 3 − n, 0) = 2·ceil(n/2) − n + 1"
    )


def evaluated(working: str) -> Fraction:
    """The value of a working, as a pupil with a calculator finds it."""
    text = re.sub(r"\d+", r"Fraction(\g<0>)", working.replace("·", "*").replace("−", "-"))
    names = {"Fraction": Fraction, "floor": floor, "ceil": ceil, "max": max, "min": min}
    return Fraction(eval(text, {"__builtins__": {}}, names))  # noqa: S307  of our own making


def check(report: Report) -> None:
    """Every working comes to its result, and the results are those of the report."""
    for record, explanation in zip(report.records, explain.explain(report), strict=True):
        steps = explanation.steps
        for step in steps:
            assert not step.working or evaluated(step.working) == step.result, step
        results = {step.label: step.result for step in steps}
        counted = [step.result for step in steps if step.topic == "params"]
        assert results["params"] == record.params
        assert sum(counted) == record.params + record.non_trainable
        assert results["macs"] == record.macs
        assert results["output memory"] == report.activation_bytes(record.activations)
        check_shape(record.output, results)
        for label, value in rf_by_label(record).items():
            assert results.get(label, value) == value
        assert working.lines([explanation])


def check_shape(shape: Shape, results: dict[str, Any]) -> None:
    """Every dimension of the output is told once."""
    if "shape" in results:
        assert results["shape"] == shape.dims
        return
    names = {name: value for label, value in results.items() for name in label.split(", ") if "rf" not in label}
    for name, extent in zip(
        ("depth", "height", "width")[-shape.rank :] if shape.rank > 1 else ("length",), shape.extents, strict=False
    ):
        assert names[name] == extent
    assert results["channels" if shape.rank else "values"] == shape.channels


def rf_by_label(record: Any) -> dict[str, Any]:
    """The numbers of the receptive field by the labels of their steps, where all axes are alike."""
    if record.rf is None:
        return {}
    return {f"rf {name}": values[0] for name, values in record.rf._asdict().items() if values and len(set(values)) == 1}


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if not kind.merges])
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_every_working_of_a_layer_comes_to_its_result(kind: str, data: st.DataObject) -> None:
    """For every kind there is, with any arguments."""
    layer, shape = data.draw(layers(kind))
    check(cnncalc.analyze(f"input {shape}; {layer.text(shape.rank)}"))


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.merges])
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_every_working_of_a_merge_comes_to_its_result(kind: str, data: st.DataObject) -> None:
    """Whatever its branches are."""
    _, shape, branches = data.draw(merges(kind))
    parts = " | ".join(branch.text(shape.rank) for branch in branches)
    check(cnncalc.analyze(f"input {shape}; {kind} {{ {parts} }}"))


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_every_working_of_a_chain_comes_to_its_result(data: st.DataObject) -> None:
    """The receptive field goes on from layer to layer."""
    window = st.tuples(st.integers(1, 4), st.integers(1, 3), st.sampled_from(("p1", "same", "valid", "p0:1")))
    links = st.one_of(
        window.map(lambda w: f"conv 2 {w[0]} s{w[1]} {w[2]}"),
        window.map(lambda w: f"conv 2 {w[0]} d{w[1]} {w[2]}"),
        window.map(lambda w: f"convt 2 {w[0]} s{w[1]}"),
        st.sampled_from(("bn", "upsample 2", "pool 2", "add { conv 2 3 same | conv 2 1 }", "crop 1", "pool 3 s1 same")),
    )
    spec = "; ".join(("input 40x2", *data.draw(st.lists(links, min_size=1, max_size=5))))
    try:
        report = cnncalc.analyze(spec)
    except cnncalc.SpecError:
        return
    check(report)


def letter(value: int, name: str) -> Written:
    """A number that a letter stands for."""
    return Written.letter(value, name)


@pytest.mark.parametrize(
    ("number", "formula", "working"),
    [
        (letter(5, "a") - (letter(3, "b") - letter(1, "c")), "a − (b − c)", "5 − (3 − 1)"),
        (letter(5, "a") + (letter(3, "b") + letter(1, "c")), "a + b + c", "5 + 3 + 1"),
        (letter(5, "a") + letter(-3, "b"), "a + b", "5 + (−3)"),
        (-letter(3, "a"), "−a", "−3"),
        (7 - letter(3, "a"), "7 − a", "7 − 3"),
        (1 + letter(3, "a"), "1 + a", "1 + 3"),
        (0 + letter(3, "a"), "a", "3"),
        (letter(3, "a") - 0, "a", "3"),
        (1 * letter(3, "a"), "a", "3"),
        (letter(3, "a") // 1, "a", "3"),
        (letter(3, "a") // letter(1, "b"), "a/b", "3/1"),
        (7 // letter(2, "a"), "floor(7/a)", "floor(7/2)"),
        (letter(6, "a") // (letter(3, "b") * 2), "a/(b·2)", "6/(3·2)"),
        (letter(3, "a") % letter(2, "b"), "a mod b", "3 mod 2"),
        (7 % letter(4, "a"), "7 mod a", "7 mod 4"),
        (ceil_div(7, letter(2, "a")), "ceil(7/a)", "ceil(7/2)"),
        (larger(letter(3, "a"), 0), "max(a, 0)", "max(3, 0)"),
        (letter(3, "a") + letter(3, "a"), "2a", "2·3"),
        (letter(3, "a") + letter(3, "b"), "a + b", "3 + 3"),
        (Written.literal(3) + Written.literal(3), "3 + 3", "3 + 3"),
        (Window(letter(3, "F"), before=1, after=1).output(letter(8, "W")), "W − F + 2 + 1", "8 − 3 + 2 + 1"),
    ],
)
def test_a_number_writes_down_where_it_comes_from(number: Written, formula: str, working: str) -> None:
    """With no more parentheses than needed; integers of the formula that change nothing are left out."""
    assert (number.formula.text, number.working.text) == (formula, working)


def test_a_named_result_is_a_step() -> None:
    """What is computed from it has its name, and knows how it came about."""
    before, after = same_padding(letter(28, "W"), letter(3, "F"), letter(2, "S"))
    assert isinstance(after, Written)
    assert (before, after) == (0, 1)
    assert after.formula.text == "P_total − floor(P_total/2)"
    assert [step.name for step in after.steps] == ["P_total"]


def test_numbers_compare_by_their_values() -> None:
    """Formulas that choose between cases choose as with integers."""
    three = letter(3, "a")
    assert three == 3 == letter(3, "b")
    assert three != 4
    assert three < 4 <= letter(4, "b") > three >= 3
    assert hash(three) == hash(3)
    assert three
    assert not letter(0, "a")
    assert repr(three * 2) == "<a·2 = 3·2 = 6>"


def test_arrays_have_what_they_share_outside_of_parentheses() -> None:
    """In front, behind, or not at all."""
    a, b, c = (letter(number, name) for number, name in ((2, "a"), (3, "b"), (5, "c")))
    assert total([(a, b, c), (a, c)]).formula.text == "a·(b + 1)·c"
    assert total([(a, b), (a, c)]).formula.text == "a·b + a·c"
    assert total([(a, b), (a, b), (c,)]).working.text == "2·2·3 + 5"
    assert total([()]).value == 1
