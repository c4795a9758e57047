"""Layers that do not work on their input: what is said, and which words the caret stands under."""

from __future__ import annotations

import pytest

import cnncalc

# A spec, the message, the words that it points at, and the hint.
ERRORS = [
    (
        "input 8x8x1; conv é(3) 3x3",
        "expected a number, found `é`",
        "é",
        "",
    ),
    (
        "input 8x8x1; conv 3?3 3x3",
        "`conv` has no option `3?3`",
        "3?3",
        "`conv` takes filters, kernel, stride, padding, groups, dilation, bias, activation, frozen",
    ),
    (
        "input 8x8x1; add { reshape 8x8 | identity }",
        "the branches of `add` differ: 8x8 (branch 1) and 8x8x1 (branch 2)",
        "add",
        "",
    ),
    (
        "input 8x8x1; concat { reshape 8x8 | identity }",
        "the branches of `concat` differ: 8x8 (branch 1) and 8x8x1 (branch 2)",
        "concat",
        "",
    ),
    (
        "input 8x8x1; reshape 2x2x2x2x4",
        "a size has at most 4 numbers, one for each dimension",
        "2x2x2x2x4",
        "",
    ),
    (
        "input 8x8x1; permute h w z",
        "axes must be among l, d, h, w, c; found `z`",
        "h w z",
        "",
    ),
    (
        "input 8x8x3; normalization mean=0.5",
        "a constant mean and a constant variance go together",
        "mean=0.5",
        "",
    ),
    (
        "input 8x8x3; normalization variance=1",
        "a constant mean and a constant variance go together",
        "variance=1",
        "",
    ),
    (
        "input 8x8x3; normalization mean=(1, 2) variance=1",
        "mean has 2 numbers for 3 channels",
        "mean=(1, 2)",
        "",
    ),
    (
        "input 8x8x3; normalization mean=1 variance=(1, 2)",
        "variance has 2 numbers for 3 channels",
        "variance=(1, 2)",
        "",
    ),
    (
        "input 8x8x3; conv1d 4 3",
        "`conv1d` needs a sequence, but gets 8x8x3 (an image)",
        "conv1d 4 3",
        "",
    ),
    (
        "input 10; conv 4 3",
        "`conv` needs a sequence, an image or a volume, but gets 10 (a vector)",
        "conv 4 3",
        "",
    ),
    (
        "input 8x8x3; conv 4 3x3x3",
        "kernel 3x3x3 has 3 axes, but the input is 8x8x3 (an image)",
        "3x3x3",
        "",
    ),
    (
        "input 8x8x3; conv 4 3x3 s2x1x1",
        "stride 2x1x1 has 3 axes, but the input is 8x8x3 (an image)",
        "s2x1x1",
        "",
    ),
    (
        "input 8x8x3; conv 4 9x3",
        "a window of 9 is larger than the input's height of 8",
        "9x3",
        "",
    ),
    (
        "input 8x8x3; conv 4 3x3 d5",
        "a window of 3 (dilated to 11) is larger than the input's height of 8",
        "3x3",
        "",
    ),
    (
        "input 8x8x3; conv 4 11x11 p1",
        "a window of 11 is larger than the input's height of 8, padded to 10",
        "11x11",
        "",
    ),
    (
        "input 8x8x3; conv 4 3x3 causal",
        "`causal` padding looks back along a sequence, but the input is 8x8x3 (an image)",
        "causal",
        "",
    ),
    (
        "input 8x8x3; conv 4 3x3 g2",
        "2 groups do not divide 3 input channels",
        "g2",
        "",
    ),
    (
        "input 8x8x4; conv 3 3x3 g2",
        "2 groups do not divide 3 filters",
        "g2",
        "",
    ),
    (
        "input 8x8x3; maxpool 3x3 p2",
        "padding 2 is more than half of the window of 3",
        "p2",
        "",
    ),
    (
        "input 8x8x3; maxpool 9x9",
        "a window of 9 is larger than the input's height of 8",
        "9x9",
        "",
    ),
    (
        "input 4x4x1; maxpool 7 s3 ceil",
        "a window of 7 is larger than the input's height of 4",
        "7",
        "",
    ),
    (
        "input 8x8x3; convt 4 3x3 s2 op2",
        "output padding 2 must be smaller than the stride or the dilation",
        "op2",
        "",
    ),
    (
        "input 2x2x3; convt 4 3x3 p2",
        "padding 2 + 2 leaves nothing of the output's height",
        "p2",
        "",
    ),
    (
        "input 8x8x3; convt 4 3x3 g2",
        "2 groups do not divide 3 input channels",
        "g2",
        "",
    ),
    (
        "input 8x8x3; adaptiveavgpool 7x7x7",
        "size 7x7x7 has 3 axes, but the input is 8x8x3 (an image)",
        "7x7x7",
        "",
    ),
    (
        "input 8x8x3; dense 10",
        "`dense` needs a vector, but gets 8x8x3 (an image)",
        "dense 10",
        "put `flatten` before it to connect all 192 values, or add `pointwise` to connect the channels at every position",
    ),
    (
        "input 8x8x3; reshape 10x10",
        "8x8x3 has 192 values, but 10x10 has 100",
        "10x10",
        "",
    ),
    (
        "input 8x8x3; permute h w",
        "the axes of 8x8x3 (an image) are h, w, c, each once; found h w",
        "h w",
        "",
    ),
    (
        "input 8x8x3; permute h h c",
        "the axes of 8x8x3 (an image) are h, w, c, each once; found h h c",
        "h h c",
        "",
    ),
    (
        "input 8x8x3; permute c l h",
        "the axes of 8x8x3 (an image) are h, w, c, each once; found c l h",
        "c l h",
        "",
    ),
    (
        "input 8x8x3; crop 4",
        "cropping 4 before and 4 after leaves nothing: the input's height is 8",
        "4",
        "",
    ),
    (
        "input 8x8x3; crop 5x1",
        "cropping 5 before and 5 after leaves nothing: the input's height is 8",
        "5x1",
        "",
    ),
    (
        "input 8x8x3; crop 0 channels=2:1",
        "cropping 2 before and 1 after leaves nothing: the input's channels are 3",
        "channels=2:1",
        "",
    ),
    (
        "input 8x8x3; pad 8 reflect",
        "`reflect` padding 8 must be smaller than the input's height of 8",
        "8",
        "",
    ),
    (
        "input 8x8x3; pad 9 circular",
        "`circular` padding 9 cannot be more than the input's height of 8",
        "9",
        "",
    ),
    (
        "input 8x8x3; slice 0:4",
        "the input's channels are 3, counted 0 to 2; there is no 3",
        "0:4",
        "",
    ),
    (
        "input 8x8x3; slice 2:1",
        "part 2:1 is empty",
        "2:1",
        "",
    ),
    (
        "input 8x8x3; slice 0,5",
        "the input's channels are 3, counted 0 to 2; there is no 5",
        "0,5",
        "",
    ),
    (
        "input 8x8x3; slice 0:9 axis=h",
        "the input's height is 8, counted 0 to 7; there is no 8",
        "0:9",
        "",
    ),
    (
        "input 8x8x3; slice 0:2 axis=l",
        "8x8x3 (an image) has no axis `l`; it has `h`, `w`, `c`",
        "axis=l",
        "",
    ),
    (
        "input 8x8x3; pixelshuffle 2",
        "3 channels do not fill blocks of 2x2 = 4",
        "2",
        "",
    ),
    (
        "input 8x8x3; depthtospace 2",
        "3 channels do not fill blocks of 2x2 = 4",
        "2",
        "",
    ),
    (
        "input 7x8x3; spacetodepth 2",
        "blocks of 2 do not fill the input's height of 7",
        "2",
        "",
    ),
    (
        "input 8x8x3; shuffle 2",
        "2 groups do not divide 3 channels",
        "2",
        "",
    ),
    (
        "input 8x8x3; gn 2",
        "2 groups do not divide 3 channels",
        "2",
        "",
    ),
    (
        "input 10; gap",
        "`gap` needs a sequence, an image or a volume, but gets 10 (a vector)",
        "gap",
        "",
    ),
    (
        "input 10; upsample 2",
        "`upsample` needs a sequence, an image or a volume, but gets 10 (a vector)",
        "upsample 2",
        "",
    ),
    (
        "input 8x8x3; upsample 2x2x2",
        "factor 2x2x2 has 3 axes, but the input is 8x8x3 (an image)",
        "2x2x2",
        "",
    ),
    (
        "input 8x8x3; upsample 0.1",
        "the factor leaves nothing of the input's height of 8",
        "0.1",
        "",
    ),
    (
        "input 8x8x3; concat { conv 4 3x3 | identity }",
        "the branches of `concat` differ: 6x6x4 (branch 1) and 8x8x3 (branch 2)",
        "concat",
        "`crop 1` at the end of branch 2 makes the extents equal",
    ),
    (
        "input 8x8x3; add { conv 4 3x3 same | identity }",
        "the branches of `add` differ: 8x8x4 (branch 1) and 8x8x3 (branch 2)",
        "add",
        "",
    ),
    (
        "input 8x8x3; add { conv 3 3x3 | identity }",
        "the branches of `add` differ: 6x6x3 (branch 1) and 8x8x3 (branch 2)",
        "add",
        "`crop 1` at the end of branch 2 makes the extents equal",
    ),
    (
        "input 8x8x3; add { flatten | conv 3 1x1 }",
        "the branches of `add` differ: 192 (branch 1) and 8x8x3 (branch 2)",
        "add",
        "",
    ),
    (
        "input 8x8x3; concat { flatten | identity }",
        "the branches of `concat` differ: 192 (branch 1) and 8x8x3 (branch 2)",
        "concat",
        "",
    ),
    (
        "input 8x8x3; concat { gap | identity }",
        "the branches of `concat` differ: 3 (branch 1) and 8x8x3 (branch 2)",
        "concat",
        "",
    ),
    (
        "input 5; instancenorm",
        "`instancenorm` needs a sequence, an image or a volume, but gets 5 (a vector)",
        "instancenorm",
        "",
    ),
    (
        "input 5; lrn 5",
        "`lrn` needs a sequence, an image or a volume, but gets 5 (a vector)",
        "lrn 5",
        "",
    ),
]


@pytest.mark.parametrize(("spec", "message", "words", "hint"), ERRORS, ids=[spec for spec, *_ in ERRORS])
def test_a_layer_that_does_not_work_says_why(spec: str, message: str, words: str, hint: str) -> None:
    """The message has both sides of the mismatch, the caret stands under the words to change."""
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.analyze(spec)
    error = caught.value
    assert (error.message, error.span.text, error.hint) == (message, words, hint)


def test_the_message_says_where_the_shape_came_from() -> None:
    """Behind another layer, the layer that made the shape is named with its place."""
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.analyze("input 8x8x3; conv 4 3x3; conv 4 7x7")
    assert (
        str(caught.value)
        == """\
spec:1:33: error: a window of 7 is larger than the input's height of 6
    input 8x8x3; conv 4 3x3; conv 4 7x7
                                    ^^^
spec:1:14: note: 6x6x4 comes from here
    input 8x8x3; conv 4 3x3; conv 4 7x7
                 ^^^^^^^^^^"""
    )


def test_formulas_that_differ_get_no_hint() -> None:
    """How much to crop is said only where it is a number."""
    pytest.importorskip("sympy")
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.analyze("input WxWx3; concat { conv 3 3x3 | identity }")
    assert caught.value.message == "the branches of `concat` differ: (W - 2)x(W - 2)x3 (branch 1) and WxWx3 (branch 2)"
    assert caught.value.hint == ""
