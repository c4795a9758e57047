"""Every remark: a small network that it is made on, word for word, and one that it is not made on."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc import SpecError
from cnncalc.notes import MOST_NAMED, MOST_TRACED, named
from cnncalc.spec.graph import Note

UNEVEN = "an even kernel under `same` pads one cell more after than before"
OUTGROWN = "on, the receptive field is larger than the image"

# A spec, the code, the text, the layers that are named, and whether `strict` refuses the network.
NOTES = [
    (
        "input 10x10x3; conv 8 3x3 s2",
        "does-not-tile",
        (
            "conv1 does not tile its input: (10 - 3)/2 is not whole; rounded down, "
            "and row 9 and column 9 of the input are never read"
        ),
        ("conv1",),
        True,
    ),
    (
        "input 10x11x3; conv 8 3x3 s2",
        "does-not-tile",
        "conv1 does not tile its input: (10 - 3)/2 is not whole; rounded down, and row 9 of the input is never read",
        ("conv1",),
        True,
    ),
    (
        "input 11x10x3; maxpool 3x3 s2",
        "does-not-tile",
        (
            "maxpool1 does not tile its input: (10 - 3)/2 is not whole; rounded down, "
            "and column 9 of the input is never read"
        ),
        ("maxpool1",),
        True,
    ),
    (
        "input 12x3; conv 8 3 s5",
        "does-not-tile",
        (
            "conv1 does not tile its input: (12 - 3)/5 is not whole; rounded down, "
            "and steps 3-4, 8-11 of the input are never read"
        ),
        ("conv1",),
        True,
    ),
    (
        "input 4x5x6x3; conv 8 3 s2",
        "does-not-tile",
        (
            "conv1 does not tile its input: (4 - 3)/2 is not whole; rounded down, "
            "and plane 3 and column 5 of the input are never read"
        ),
        ("conv1",),
        True,
    ),
    (
        "input 15x15x1; conv 4 3x3 s2; maxpool 2",
        "does-not-tile",
        (
            "maxpool1 does not tile its input: (7 - 2)/2 is not whole; rounded down, "
            "and rows 13-14 and columns 13-14 of the input are never read"
        ),
        ("maxpool1",),
        True,
    ),
    (
        "input 12x12x1; conv 4 4x4 s5 p1:0",
        "does-not-tile",
        (
            "conv1 does not tile its input: (12 - 4 + 1)/5 is not whole; rounded down, "
            "and rows 3, 8-11 and columns 3, 8-11 of the input are never read"
        ),
        ("conv1",),
        True,
    ),
    (
        "input 8x8x3; conv 4 3x3 s2 p1",
        "does-not-tile",
        "conv1 does not tile its input; rounded down, and no pixel is lost by it",
        ("conv1",),
        True,
    ),
    (
        "input 8x8x3; conv 4 3x3 s2 p1; conv 4 3x3 s2 p1",
        "does-not-tile",
        "conv1 and conv2 do not tile their inputs; rounded down, and no pixel is lost by it",
        ("conv1", "conv2"),
        True,
    ),
    (
        "input 10x10x1; conv 1 3x3; maxpool 3x3 s2",
        "does-not-tile",
        (
            "maxpool1 does not tile its input: (8 - 3)/2 is not whole; rounded down, "
            "and row 9 and column 9 of the input are never read"
        ),
        ("maxpool1",),
        True,
    ),
    (
        # The row that is left out is seen by its neighbours, which read further.
        "input 10x10x1; conv 1 5x5 p2; maxpool 3x3 s2",
        "does-not-tile",
        "maxpool1 does not tile its input; rounded down, and no pixel is lost by it",
        ("maxpool1",),
        True,
    ),
    (
        # What the strided 1x1 steps over, the 3x3 beside it reads.
        "input 8x8x3; add { conv 4 1x1 s2 | conv 4 3x3 s2 p1 }",
        "does-not-tile",
        "conv1 and conv2 do not tile their inputs; rounded down, and no pixel is lost by it",
        ("conv1", "conv2"),
        True,
    ),
    (
        # Never read is only what both branches leave out.
        "input 10x10x3; concat { conv 4 1x1 s4 | conv 4 2x2 s4 }",
        "does-not-tile",
        (
            "conv1 does not tile its input: (10 - 1)/4 is not whole; rounded down, "
            "and rows 2-3, 6-7 and columns 2-3, 6-7 of the input are never read"
        ),
        ("conv1",),
        True,
    ),
    (
        # What the last layer reads is not walked.
        "input 10x10x3; conv 4 3x3 s2; upsample 2000",
        "does-not-tile",
        "conv1 does not tile its input: (10 - 3)/2 is not whole; rounded down",
        ("conv1",),
        True,
    ),
    (
        "input 5000x5000x1; conv 1 3x3 s2",
        "does-not-tile",
        "conv1 does not tile its input: (5000 - 3)/2 is not whole; rounded down",
        ("conv1",),
        True,
    ),
    (
        "input 10x10x3; conv 8 1x1 s3",
        "stride-over-window",
        (
            "conv1 has a stride of 3 over a window of 1, "
            "and rows 1-2, 4-5, 7-8 and columns 1-2, 4-5, 7-8 of the input are never read"
        ),
        ("conv1",),
        False,
    ),
    (
        "input 11x11x3; conv 8 1x1 s2",
        "stride-over-window",
        (
            "conv1 has a stride of 2 over a window of 1, "
            "and rows 1, 3, ... (5 of them) and columns 1, 3, ... (5 of them) of the input are never read"
        ),
        ("conv1",),
        False,
    ),
    (
        "input 9x8x3; conv 8 1x2 s4x2",
        "stride-over-window",
        "conv1 has a stride of 4 over a window of 1, and rows 1-3, 5-7 of the input are never read",
        ("conv1",),
        False,
    ),
    (
        "input 9x9x3; conv 8 3x3 p3",
        "padding-over-kernel",
        "conv1: the padding is at least as large as the kernel, so some outputs read only padding",
        ("conv1",),
        True,
    ),
    (
        "input 9x9x3; conv 8 3x3 p0:3; conv 8 1x1; conv 4 3x3 p4:0x0; conv 4 1x1 p1; conv 4 1x1 p1; conv 4 1x1 p1",
        "padding-over-kernel",
        (
            "conv1, conv3, conv4 and 2 more: the padding is at least as large as the kernel, "
            "so some outputs read only padding"
        ),
        ("conv1", "conv3", "conv4", "conv5", "conv6"),
        True,
    ),
    ("input 9x9x3; conv 8 2x2 same", "even-kernel-same", f"conv1: {UNEVEN}", ("conv1",), False),
    (
        "input 9x9x3; conv 8 2x2 same; conv 8 3x3 same; dwconv 3x4 same; convt 2 2x2 s1 same",
        "even-kernel-same",
        f"conv1 and dwconv1: {UNEVEN}",
        ("conv1", "dwconv1"),
        False,
    ),
    (
        "input 4x4x3; maxpool 2; maxpool 2; dropout 0.5; conv 8 3x3 p1; conv 4 3x3 p1",
        "one-by-one-early",
        "the map is 1x1 from maxpool2 on: at conv1 there is nothing left to slide over",
        ("maxpool2", "conv1"),
        False,
    ),
    (
        "input 4x4x4x3; maxpool 4; conv 8 3 p1",
        "one-by-one-early",
        "the map is 1x1x1 from maxpool1 on: at conv1 there is nothing left to slide over",
        ("maxpool1", "conv1"),
        False,
    ),
    (
        "input 4x3; maxpool 4; conv 8 3 p1",
        "one-by-one-early",
        "the map is one step long from maxpool1 on: at conv1 there is nothing left to slide over",
        ("maxpool1", "conv1"),
        False,
    ),
    (
        "input 4x4x3; concat { maxpool 4 | gap keep; relu; conv 3 3x3 p1 }",
        "one-by-one-early",
        "the map is 1x1 from gap1 on: at conv1 there is nothing left to slide over",
        ("gap1", "conv1"),
        False,
    ),
    (
        "input 9x9x3; concat { conv 2 3x3 s2 p1; conv 2 1x1 | crop 2; conv 2 1x1 }",
        "not-aligned",
        "the branches of concat1 step over the image at different rates: no one receptive field",
        ("concat1",),
        False,
    ),
    (
        "input 8x8x3; conv 4 3x3 as a; conv 4 5x5; from a; gap",
        "dead-end",
        "nothing reads the output of conv1",
        ("conv1",),
        False,
    ),
    (
        "input 8x8x3; conv 4 3x3; from input; relu; from input; tanh",
        "dead-end",
        "nothing reads the output of conv1 and relu1",
        ("conv1", "relu1"),
        False,
    ),
    (
        "input 8x8x3; add { conv 3 1x1 as a; conv 5 1x1; from a | identity }",
        "dead-end",
        "nothing reads the output of conv1",
        ("conv1",),
        False,
    ),
    (
        "input 8x8x3; shared def h() { conv 3 1x1; relu }; h; h",
        "shared-weights",
        "conv2 uses the weights of earlier layers, counted there",
        ("conv2",),
        False,
    ),
    (
        "input 8x8x3; shared def h() { conv 3 1x1; bn }; h; h",
        "shared-weights",
        "conv2 and bn2 use the weights of earlier layers, counted there",
        ("conv2", "bn2"),
        False,
    ),
    (
        "input 16x16x3; conv 4 9x9 same; conv 4 9x9 same; conv 4 3x3 same",
        "rf-over-image",
        f"from conv2 {OUTGROWN}",
        ("conv2",),
        False,
    ),
    ("input 9x2x3; conv 4 3x3 p1", "rf-over-image", f"from conv1 {OUTGROWN}", ("conv1",), False),
    (
        "input 8x8x3; conv 4 3x3; flatten; dense 10; dense 3",
        "dense-holds-most",
        "dense1 holds 90% of the parameters",
        ("dense1",),
        False,
    ),
    (
        "input 8x8x3; conv 4 3x3; flatten; dense 10 frozen",
        "dense-holds-most",
        "dense1 holds 92% of the parameters",
        ("dense1",),
        False,
    ),
    ("relu", "assumed-input", "no input is given: 224x224x3 is taken", (), False),
    (
        "input 8x8x3; conv 3x3; conv 2 1x1; conv 3x3 as last",
        "assumed-filters",
        "the number of filters is not given: 1 is taken",
        ("conv1", "last"),
        False,
    ),
    (
        "input 8x9; conv 1 3x3",
        "input-as-image",
        "the input 8x9 is read as an image with one channel, 8x9x1",
        (),
        False,
    ),
    (
        "input 8x9; conv 1 3",
        "input-as-sequence",
        "the input 8x9 is read as a sequence of 8 steps with 9 channels; an image with one channel is written 8x9x1",
        (),
        False,
    ),
]

# A spec, and a code of a remark that is not to be made on it.
ABSENT = [
    ("input 11x11x3; conv 8 3x3 s2", "does-not-tile"),
    ("input 8x8x3; conv 8 3x3 s2 same", "does-not-tile"),
    ("input 10x10x3; maxpool 3 s2 ceil", "does-not-tile"),
    ("input 10x10x3; convt 8 3x3 s2", "does-not-tile"),
    ("input 10x10x3; adaptiveavgpool 3", "does-not-tile"),
    ("input 10x10x3; flatten; dense 3", "does-not-tile"),
    ("input 9x9x3; conv 8 2x2 s2", "stride-over-window"),
    ("input 9x9x3; conv 8 2x2 s3 d2", "stride-over-window"),
    ("input 1x1x3; conv 8 1x1 s2", "stride-over-window"),
    ("input 9x9x3; conv 8 3x3 p1; conv 8 1x1 s2", "stride-over-window"),
    ("input 9x9x3; add { conv 4 1x1 s2 | conv 4 3x3 s2 p1 }", "stride-over-window"),
    ("input 9x9x3; conv 8 3x3 p2", "padding-over-kernel"),
    ("input 9x9x3; conv 8 2x2 p2 d2", "padding-over-kernel"),
    ("input 9x9x3; conv 8 1x1 s2 p0:1", "padding-over-kernel"),
    ("input 9x9x3; conv 8 3x3 same; maxpool 2 s1 same", "even-kernel-same"),
    ("input 9x9x3; conv 8 2x2 p0:1", "even-kernel-same"),
    ("input 8x8x3; conv 8 2x2 s2 same", "even-kernel-same"),
    ("input 9x9x3; conv 8 2x2 same d2", "even-kernel-same"),
    ("input 4x4x3; maxpool 2; maxpool 2; conv 8 1x1", "one-by-one-early"),
    ("input 4x4x3; maxpool 2; conv 8 3x3 p1; maxpool 2", "one-by-one-early"),
    ("input 1x1x3; conv 8 3x3 p1; conv 8 3x3 p1", "one-by-one-early"),
    ("input 4x4x3; gap; dense 3; dense 2", "one-by-one-early"),
    ("input 4x4x3; concat { maxpool 4; upsample 4 | conv 3 3x3 p1 }", "one-by-one-early"),
    ("input 8x8x3; concat { conv 2 3x3 s2 p1 | maxpool 2 }", "not-aligned"),
    ("input 8x8x3; concat { gap | gmp }", "not-aligned"),
    ("input 8x8x3; concat { flatten | flatten }", "not-aligned"),
    ("input 8; concat { dense 3 | dense 4 }", "not-aligned"),
    ("input 8x8x3; conv 4 3x3 as a; aux { gap; dense 2 }; conv 4 3x3", "dead-end"),
    ("input 8x8x3; aux { conv 4 3x3; add { conv 4 1x1 | identity } }; conv 4 3x3", "dead-end"),
    ("input 8x8x3; aux { add { conv 3 1x1 as a; relu; from a | identity } }; conv 4 3x3", "dead-end"),
    ("input 8x8x3; add { conv 3 1x1 | identity }", "dead-end"),
    ("input 8x8x3; def h() { conv 3 1x1 }; h; h", "shared-weights"),
    ("input 16x16x3; conv 4 9x9 same; conv 4 8x8 same", "rf-over-image"),
    ("input 8x8x3; gap; dense 10", "rf-over-image"),
    ("input 10; dense 10", "rf-over-image"),
    ("input 8x8x3; conv 400 3x3; gap; dense 10", "dense-holds-most"),
    ("input 80; dense 10", "dense-holds-most"),
    ("input 8x8x3; relu; flatten; dense 10", "dense-holds-most"),
    ("input 8x8x3; relu", "dense-holds-most"),
    ("input 8x8x3; relu", "assumed-input"),
    ("input 8x8x3; conv 1 3x3", "assumed-filters"),
    ("input 8x8x1; conv 1 3x3", "input-as-image"),
    ("input 8x8x1; conv 1 3", "input-as-sequence"),
    ("input 8x8x1; conv 1 3x3 -> 6x6x1", "answers-not-checked"),
]


def notes(spec: str, code: str) -> list[Note]:
    return [note for note in cnncalc.analyze(spec).notes if note.code == code]


@pytest.mark.parametrize(("spec", "code", "text", "layers", "validity"), NOTES)
def test_a_remark(spec: str, code: str, text: str, layers: tuple[str, ...], validity: bool) -> None:  # noqa: FBT001
    """The remark is made once, in these words, and names these layers."""
    assert notes(spec, code) == [Note(code, text, layers, validity)]


@pytest.mark.parametrize(("spec", "code"), ABSENT)
def test_no_remark(spec: str, code: str) -> None:
    """The remark is not made on a network of which it is not true."""
    assert notes(spec, code) == []


def test_every_remark_is_tested_both_ways() -> None:
    """For every code that is tested there is also a network without it; one other is in test_report.py."""
    assert {code for _, code in ABSENT} == {code for _, code, *_ in NOTES} | {"answers-not-checked"}


@pytest.mark.parametrize(("spec", "code", "text", "layers", "validity"), [note for note in NOTES if note[4]])
def test_strict_refuses(spec: str, code: str, text: str, layers: tuple[str, ...], validity: bool) -> None:  # noqa: ARG001, FBT001
    """With `strict` the remark is an error, which stands at the first layer that it names."""
    place = cnncalc.analyze(spec)[layers[0]].node.span
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze(spec, strict=True)
    problems = [problem for problem in caught.value.problems if problem.message == f"{text} (--strict)"]
    assert [problem.span for problem in problems] == [place]
    assert all(problem.message.endswith(" (--strict)") for problem in caught.value.problems)


@pytest.mark.parametrize("spec", [note[0] for note in NOTES if not note[4]])
def test_strict_lets_other_remarks_be(spec: str) -> None:
    """A remark that makes no network wrong is no error, unless another one is made on the same network."""
    doubtful = any(note.validity for note in cnncalc.analyze(spec).notes)
    assert not doubtful
    assert cnncalc.analyze(spec, strict=True).notes == cnncalc.analyze(spec).notes


def test_a_place_in_a_block() -> None:
    """A doubtful layer of a shipped network or a block is pointed at where it is written."""
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze("def b(k) { conv 4 kxk s2 }\ninput 10x10x3\nb 3", strict=True)
    assert (caught.value.line, caught.value.span.text) == (1, "conv 4 kxk s2")


def many(layer: str, number: int) -> str:
    return f"input 33x33x1; concat {{ {' | '.join([layer] * number)} }}"


@pytest.mark.parametrize(
    ("layer", "code", "validity"),
    [("conv 1 4x4 s2", "does-not-tile", True), ("conv 1 1x1 s2", "stride-over-window", False)],
)
def test_only_some_layers_are_traced(layer: str, code: str, validity: bool) -> None:  # noqa: FBT001
    """The unread rows of the first layers are worked out, the others are only named, under the same code."""
    assert len(notes(many(layer, MOST_TRACED), code)) == MOST_TRACED
    *traced, last = notes(many(layer, MOST_TRACED + 2), code)
    assert [note.layers for note in traced] == [(f"conv{number}",) for number in range(1, MOST_TRACED + 1)]
    assert last == Note(code, "conv9 and conv10 may leave out pixels likewise", ("conv9", "conv10"), validity)


def test_harmless_layers_are_not_traced() -> None:
    """A layer whose rest is padding costs no tracing, however many there are."""
    spec = many("conv 1 2x2 s2 p1", MOST_TRACED + 2)
    text = "conv1, conv2, conv3 and 7 more do not tile their inputs; rounded down, and no pixel is lost by it"
    assert [note.text for note in notes(spec, "does-not-tile")] == [text]


def test_symbols() -> None:
    """Of symbolic sizes only is said what is true of every size."""
    pytest.importorskip("sympy")
    spec = "input WxHx3; conv 8 3x3 s2; conv 8 FxF same; conv 8 3x3 pP; conv 8 1x1 sS"
    assert cnncalc.analyze(spec).notes == ()
    text = "conv1 does not tile its input: (10 - 3)/2 is not whole; rounded down"
    assert notes("input Wx10x3; conv 8 3x3 s2", "does-not-tile") == [Note("does-not-tile", text, ("conv1",), True)]
    assert notes("input WxWx3; conv K 3x3; flatten; dense 10", "dense-holds-most") == []
    assert notes("input WxWx3; conv 2 FxF p(F + 1)", "padding-over-kernel")[0].layers == ("conv1",)


def test_remarks_have_an_order() -> None:
    """What was assumed comes first, then what makes a network wrong, then the rest."""
    report = cnncalc.analyze("conv 4x4 same; conv 8 3x3 s2 p3; conv 8 1x1; flatten; dense 90", input="10x10x3")
    assert [note.code for note in report.notes] == [
        "assumed-filters",
        "does-not-tile",
        "padding-over-kernel",
        "even-kernel-same",
        "dense-holds-most",
    ]


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b, c and d"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
)
def test_named(names: list[str], text: str) -> None:
    """Up to four names are written out; of more the first three and how many follow."""
    assert MOST_NAMED == 4
    assert named(names) == text


def test_a_layer_that_only_pads_may() -> None:
    """`pad 1` puts out nothing but padding at its edges, and that is what it is for."""
    assert cnncalc.analyze("input 8x8x3; pad 1; conv 4 3x3", strict=True).notes == ()
