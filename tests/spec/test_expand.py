"""Statements to a graph: what each statement does, and the bounds on how much."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

import cnncalc
from cnncalc.report import Report, build
from cnncalc.spec.expand import Options
from cnncalc.spec.limits import MOST_LAYERS
from cnncalc.spec.source import Source, SpecError


def shapes(spec: str, **options: object) -> list[str]:
    """The layers by name, with what they put out."""
    return [f"{record.name} {record.output}" for record in cnncalc.analyze(spec, **options).records]


def notes(report: Report) -> list[str]:
    """The codes of the notes."""
    return [note.code for note in report.notes]


@pytest.mark.parametrize(
    ("spec", "layers"),
    [
        # Sequences, images, volumes, vectors.
        ("input 60x4; conv 8 3; maxpool 2", "conv1 58x8, maxpool1 29x8"),
        ("input 8x6x3; conv 8 3x1; maxpool 2", "conv1 6x6x8, maxpool1 3x3x8"),
        ("input 9x8x6x3; conv 8 3; maxpool 1x2x2", "conv1 7x6x4x8, maxpool1 7x3x2x8"),
        ("input 10; dense 4; relu", "dense1 4, relu1 4"),
        ("input 9x8x6x3; conv3d 8 3; flatten; reshape 7x6x32", "conv1 7x6x4x8, flatten1 1344, reshape1 7x6x32"),
        ("maxpool2d 2; conv2d 8 3x3; gap2d", "maxpool1 112x112x3, conv1 110x110x8, gap1 8"),
        # Named tensors: any graph without a cycle.
        ("input 8x8x3; relu as a; tanh as b; from a; elu; add { identity | from b }", "a 8x8x3, b 8x8x3, elu1 8x8x3, identity1 8x8x3, add1 8x8x3"),
        ("input 8x8x3; conv 4 3x3; concat { from input; conv 2 3x3 | identity }", "conv1 6x6x4, conv2 6x6x2, identity1 6x6x4, concat1 6x6x6"),
        ("input 8x8x3; add { relu as a | from a; tanh }; concat { from a | from INPUT }", "a 8x8x3, tanh1 8x8x3, add1 8x8x3, concat1 8x8x6"),
        ("input 8x8x3; add { relu | } as sum; from sum; gap", "relu1 8x8x3, sum 8x8x3, gap1 3"),
        ("input 8x8x3; multiply { gap keep; conv 3 1x1 sigmoid | identity }", "gap1 1x1x3, conv1 1x1x3, identity1 8x8x3, multiply1 8x8x3"),
        # Side heads.
        ("input 8x8x3; relu; aux { gap; dense 2 as head }; conv 4 3x3", "relu1 8x8x3, gap1 3, head 2, conv1 6x6x4"),
        ("input 8x8x3; aux { gap as g }; from g; dense 2", "g 3, dense1 2"),
        # Repeats, names in them.
        ("input 8x8x3; repeat 2 { conv 4 3x3 as c; relu }", "c 6x6x4, relu1 6x6x4, c_2 4x4x4, relu2 4x4x4"),
        ("input 8x8x3; repeat 0 { conv 4 3x3 }; relu", "relu1 8x8x3"),
        ("input 8x8x3; repeat 2 { relu } as last; from last; gap", "relu1 8x8x3, last 8x8x3, gap1 3"),
        ("input 8x8x3; let n = 1; repeat 3 { let n = n * 2; conv n 1x1 }", "conv1 8x8x2, conv2 8x8x4, conv3 8x8x8"),
        ("input 8x8x3; repeat 2 { def unit() { relu }; unit }", "relu1 8x8x3, relu2 8x8x3"),
        # Blocks.
        ("input 8x8x3; def unit(n, k=3, s=1) { conv n k s=s }; unit 4; unit 4 1; unit k=1 n=2 s=2", "conv1 6x6x4, conv2 6x6x4, conv3 3x3x2"),
        ("input 8x8x3; def a() { relu }; def b() { a; a }; b", "relu1 8x8x3, relu2 8x8x3"),
        ("input 8x8x3; def a() { relu }; def b() { def a() { tanh }; a }; b; a", "tanh1 8x8x3, relu1 8x8x3"),
        ("input 8x8x3; def a() { relu }; def b() { def a() { a; tanh }; a }; b", "relu1 8x8x3, tanh1 8x8x3"),
        ("input 8x8x3; def unit(n) { conv n 1x1 as c; relu }; unit 4; unit 8", "c 8x8x4, relu1 8x8x4, c_2 8x8x8, relu2 8x8x8"),
        ("input 8x8x3; def Unit() { relu }; Unit", "relu1 8x8x3"),
        ("input 8x8x3; def unit { relu }; unit", "relu1 8x8x3"),
        ("input 8x8x3; let k = 1; def unit() { conv 2 k }; let k = 3; unit", "conv1 6x6x2"),
        ("input 8x8x3; def unit() { let k = 3; conv 2 k }; let k = 1; unit; conv 2 k", "conv1 6x6x2, conv2 6x6x2"),
        ("input 8x8x3; def unit() { use mlp-mnist }; unit", "flatten1 192, dense1 128, dense2 10"),
        # Names that move.
        ("input 8x8x3; as a; conv 2 1x1; as b; from a; conv 4 1x1; from b; relu", "conv1 8x8x2, conv2 8x8x4, relu1 8x8x2"),
        ("input 8x8x3; as a; conv 2 1x1; as a; conv 4 1x1; from a; relu", "conv1 8x8x2, conv2 8x8x4, relu1 8x8x2"),
        ("input 8x8x1; as a; repeat 3 { as b; concat { conv 2 1x1 | from a }; as c; from b; as a; from c }", "conv1 8x8x2, concat1 8x8x3, conv2 8x8x2, concat2 8x8x3, conv3 8x8x2, concat3 8x8x5"),
        ("input 8x8x3; def unit() { as a; conv 2 1x1; from a }; as a; relu; unit; relu; from a; tanh", "relu1 8x8x3, conv1 8x8x2, relu2 8x8x3, tanh1 8x8x3"),
        # Choices; `channels` is that of the tensor at hand.
        ("input 8x8x3; if channels == 3 { relu } else { tanh }", "relu1 8x8x3"),
        ("input 8x8x3; if Channels > 3 { relu } else if channels > 2 { elu } else { tanh }", "elu1 8x8x3"),
        ("input 8x8x3; if no { relu }; conv (2 * channels) 1x1", "conv1 8x8x6"),
        ("input 8x8x3; if 1 { let k = 3 } else { let k = 5 }; conv 1 k", "conv1 6x6x1"),
        ("conv (channels + 1) 1x1", "conv1 224x224x4"),
        ("input 8x9x3; pad (height % 2):1x(width % 2):1; conv Width 1x1", "pad1 9x11x3, conv1 9x11x11"),
        ("input 8x9; conv length 3; conv channels 1", "conv1 6x8, conv2 6x8"),
        ("input 8x9; conv width 3", "conv1 6x7x9"),
        ("input 2x3x4x1; reshape depthxheightxwidth; let width = 1; conv width 1x1", "reshape1 2x3x4, conv1 2x3x1"),
        ("input 8; let length = 2; dense length", "dense1 2"),
        # Networks in place.
        ("use lenet5 as n; dense 2", "conv1 28x28x6, avgpool1 14x14x6, conv2 10x10x16, avgpool2 5x5x16, flatten1 400, dense1 120, dense2 84, n 10, dense3 2"),
        ("input 6x6x1; use mlp-mnist", "flatten1 36, dense1 128, dense2 10"),
        ("input 3x8x6 channels-first; relu", "relu1 8x6x3"),
    ],
)  # fmt: skip
def test_what_statements_make(spec: str, layers: str) -> None:
    """Each layer by its name, with its output, in the order of the spec."""
    assert shapes(spec) == layers.split(", ")


SHARED = (
    "input 8x8x3; shared def head(n=2) { conv 4 3x3 p1; bn; relu; conv n 1x1 as out }; maxpool 2 as small; from input; "
)


def owners(spec: str) -> dict[str, str]:
    """The layers that use the weights of others, and whose."""
    return {record.name: record.weights_of for record in cnncalc.analyze(spec).records if record.weights_of}


def test_a_shared_block_has_one_set_of_weights() -> None:
    """They are counted at the first call, products at every call; what learns nothing is nobody's."""
    once = cnncalc.analyze(SHARED + "head")
    twice = cnncalc.analyze(SHARED + "aux { head }; from small; head")
    assert owners(SHARED + "aux { head }; from small; head") == {"conv2": "conv1", "bn2": "bn1", "out_2": "out"}
    assert twice.totals[:4] == once.totals[:4]
    assert twice.totals.macs * 4 == once.totals.macs * 5
    assert [record.params for record in twice.records] == [0, 112, 8, 0, 10, 0, 0, 0, 0]
    assert "shared-weights" in notes(twice)
    assert twice.to_dict()["layers"][5]["weights_of"] == "conv1"


@pytest.mark.parametrize(
    ("spec", "owned"),
    [
        # A shared block within a block is another one at each call; within a shared one it is the same one.
        ("input 8x8x3; def g() { shared def h() { conv 3 1x1 }; h; h }; g; g", "conv2 conv1, conv4 conv3"),
        ("input 8x8x3; shared def g() { shared def h() { conv 3 1x1 }; h; h }; g; g", "conv2 conv1, conv3 conv1, conv4 conv1"),
        ("input 8x8x3; shared def h() { conv 3 1x1 }; shared def g() { h; conv 3 1x1 }; g; g; h", "conv3 conv1, conv4 conv2, conv5 conv1"),
        ("input 8x8x3; shared def h() { conv 3 1x1 }; repeat 3 { h }", "conv2 conv1, conv3 conv1"),
        ("input 8x8x3; SHARED\t DEF h { conv 3 1x1 }; add { h | relu; h }", "conv2 conv1"),
        ("input WxWx3; shared def h(n) { conv n 1x1; conv 3 1x1 }; h n; h n", "conv3 conv1, conv4 conv2"),
    ],
)  # fmt: skip
def test_whose_weights_they_are(spec: str, owned: str) -> None:
    """Always those of the first call, never of one that uses others' itself."""
    assert ", ".join(f"{name} {owner}" for name, owner in owners(spec).items()) == owned


def test_a_broken_shared_block_is_told_once() -> None:
    """What is not known cannot be compared."""
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze("input 8x8x3; shared def h() { conv 3 9x9 }; h; h")
    assert len(caught.value.problems) == 1


def test_names_that_were_given_are_left_alone() -> None:
    """A layer without a name gets one that nobody gave; a name that is used up gets a number."""
    assert [line.split()[0] for line in shapes("input 8x8x3; relu as relu2; relu; relu; relu as conv1; conv 1 1x1")] == [
        "relu2", "relu1", "relu3", "conv1", "conv2",
    ]  # fmt: skip
    spec = "input 8x8x3; def b() { relu as a }; relu as a_2; relu as a_2_2; b; b; b"
    assert [line.split()[0] for line in shapes(spec)] == ["a_2", "a_2_2", "a", "a_2_2_2", "a_3"]


def test_a_tensor_may_have_two_names() -> None:
    """The first is the layer's; both lead to it."""
    spec = "input 8x8x3; repeat 2 { relu as a } as b; from a; gap; from b; gap"
    assert shapes(spec) == ["a 8x8x3", "a_2 8x8x3", "gap1 3", "gap2 3"]
    assert [record.sources for record in cnncalc.analyze(spec).records[2:]] == [("a_2",), ("a_2",)]


def test_an_input_is_assumed_and_said() -> None:
    """Without one it is 224x224x3; one from outside takes its place, and no note is made."""
    report = cnncalc.analyze("relu")
    assert (report.input, notes(report)) == ((224, 224, 3), ["assumed-input"])
    report = cnncalc.analyze("relu", input="8x6x3")
    assert (report.input, notes(report)) == ((8, 6, 3), [])


@pytest.mark.parametrize(
    "statement",
    ["conv 8 3x3", "conv2d 8 3", "conv 8 3 s2x1", "maxpool 2x2", "pad 1x1", "pad 1:0x2", "crop 1x2", "upsample 2x2",
     "resize 9x9", "adaptiveavgpool 7x_", "relu; conv 8 3x3", "add { conv 8 3x3 | conv 8 3x3 }", "conv 8 3 p1x1",
     "let k = 3; conv 8 kxk", "conv 8 (3, 3)"],
)  # fmt: skip
def test_two_numbers_of_an_input_may_be_an_image(statement: str) -> None:
    """Before a layer with two numbers for its axes they are height and width, and a note says so."""
    for report in (cnncalc.analyze(f"input 64x32; {statement}"), cnncalc.analyze(statement, input="64x32")):
        assert report.input == (64, 32, 1)
        assert [note.text for note in report.notes if note.code.startswith("input-")] == [
            "the input 64x32 is read as an image with one channel, 64x32x1"
        ]


@pytest.mark.parametrize(
    "statement", ["conv 8 3", "conv1d 8 3", "maxpool 2", "relu", "flatten", "pad 1", "reshape 8x256"]
)
def test_two_numbers_of_an_input_may_be_a_sequence(statement: str) -> None:
    """Before one-number kernels they are steps and channels, and a note says so."""
    report = cnncalc.analyze(f"input 64x32; {statement}")
    assert report.input == (64, 32)
    assert notes(report)[0] == "input-as-sequence"


def test_a_layout_leaves_no_doubt() -> None:
    """With its layout said, an input of two numbers is a sequence, without a note."""
    report = cnncalc.analyze("input 32x64 channels-first; conv 8 3")
    assert (report.input, notes(report)) == ((64, 32), [])
    with pytest.raises(SpecError, match="kernel 3x3 has 2 axes"):
        cnncalc.analyze("input 64x32 channels-last; conv 8 3x3")


def test_params_are_set_from_outside() -> None:
    """A value, an expression or a word; an answer is then not checked, unless the value is the same."""
    spec = "input 8x8x3; param n = 4; param act = relu; conv n 1x1 activation=act -> 8x8x4; -> params 16"
    for given, config, passed in (
        ({}, "4 1x1 s1 valid relu", 2),
        ({"n": 4}, "4 1x1 s1 valid relu", 2),
        ({"n": 5}, "5 1x1 s1 valid relu", 0),
        ({"n": "2*3"}, "6 1x1 s1 valid relu", 0),
        ({"act": "tanh"}, "4 1x1 s1 valid tanh", 0),
    ):
        report = cnncalc.analyze(spec, set=given)
        assert report.records[0].config == config
        assert len(report.answers) == passed
        assert ("answers-not-checked" in notes(report)) == (not passed)
    assert "answers-not-checked" in notes(cnncalc.analyze(spec, input="8x8x4"))
    assert len(cnncalc.analyze(spec, input="8x8x3").answers) == 2


@pytest.mark.parametrize(
    ("spec", "given", "output"),
    [
        ("use vgg classes=10", {}, 10),
        ("use vgg classes=10", {"classes": 7}, 7),
        ("use vgg16 classes=10", {}, 10),
        ("use vgg16 classes=(5 + 5)", {}, 10),
        ("vgg16", {"classes": 10}, 10),
        ("use vgg16", {"classes": 10}, 10),
        # A param that the outer file has too is its own affair: it hands on what it wants.
        ("param classes = 3; use vgg classes=(classes + 1)", {}, 4),
        ("param classes = 3; use vgg classes=(classes + 1)", {"classes": 5}, 6),
        ("param other = 3; use vgg classes=other", {"other": 5}, 5),
        ("def net() { use vgg16 classes=9 }; net", {}, 9),
    ],
)
def test_params_of_networks_in_place(spec: str, given: dict[str, int], output: int) -> None:
    """`use` sets the params of a network, and of one that it uses; what the caller sets comes first."""
    assert cnncalc.analyze(spec, set=given).output == (output,)


def test_a_network_in_place_hides_its_names() -> None:
    """Its values, blocks and tensors are not seen outside, and those outside not inside."""
    for spec, message in (
        ("use vgg; unit 3", "unknown kind `unit`"),
        ("input 8x8x3; relu as a; use lenet5; from conv1", "no tensor is called `conv1`"),
    ):
        with pytest.raises(SpecError, match=message):
            cnncalc.analyze(spec)
    assert cnncalc.analyze("let filters = 7; use vgg classes=filters").output == (7,)


def test_a_network_that_uses_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Directly or by another, it is refused; so are a broken one and one that is not there."""
    files = {
        "a": "use b",
        "b": "relu; use a",
        "c": "conv = ",
        "d": "param k = 1; use c",
        "e": "param x = 1; use nope; relu",
    }
    monkeypatch.setattr("cnncalc.library.find", lambda name: Source(name, files[name]) if name in files else None)
    monkeypatch.setattr("cnncalc.library.read", lambda name: Source(name, files[name]))
    monkeypatch.setattr("cnncalc.library.names", lambda: tuple(files))
    for name, message in (
        ("use a", "`a` uses itself"),
        ("use a n=1", "`a` has no param `n`"),
        ("use c", "unexpected `=`"),
        ("use e", "no shipped network is called `nope`"),
        ("use e y=1", "`e` has no param `y`"),
    ):
        with pytest.raises(SpecError, match=message):
            build(Source("s", name), Options())


@pytest.mark.parametrize(
    ("spec", "message", "at"),
    [
        ("repeat 1000000000 { conv 8 3x3 same }", "this would expand to more than 1,000,000 layers", "repeat 1000000000"),
        ("repeat 1000 { repeat 1001 { relu } }", "this would expand to more than 1,000,000 layers", "repeat 1000"),
        ("let n = 1001; repeat 1000 { repeat n { relu } }", "this would expand to more than 1,000,000 layers", "repeat 1000"),
        ("repeat 1001 { let n = 1000; repeat n { relu } }", "this would expand to more than 1,000,000 layers", "repeat 1001"),
        ("repeat 999999 { add { relu | relu } }", "this would expand to more than 1,000,000 layers", "repeat 999999"),
        ("repeat 999999 { aux { relu }; relu }", "this would expand to more than 1,000,000 layers", "repeat 999999"),
        ("repeat 999999 { if 1 { relu; relu } else { relu; tanh } }", "this would expand to more than 1,000,000 layers", "repeat 999999"),
        ("repeat 400000 { use mlp-mnist }", "this would expand to more than 1,000,000 layers", "repeat 400000"),
        ("repeat 1000000000 { let a = 1 }", "these are too many statements", "repeat 1000000000"),
        ("repeat 1000000 { let a = 1 }", "these are too many statements that make no layer", "let a = 1"),
        ("repeat 1000 { repeat 1000 { repeat 1000 { } } }", "these are too many statements", "repeat 1000"),
        ("def b0() { relu; relu }" + "".join(f"; def b{n + 1}() {{ b{n}; b{n} }}" for n in range(60)) + "; b60", "this would expand to more than 1,000,000 layers", "b60"),
        ("def b0() { }" + "".join(f"; def b{n + 1}() {{ b{n}; b{n} }}" for n in range(60)) + "; b60", "these are too many statements", "b60"),
        ("def b0(n) { }" + "".join(f"; def b{n + 1}(n) {{ if n {{ b{n} n; b{n} n }} }}" for n in range(30)) + "; b30 1", "these are too many statements that make no layer", None),
        ("def b0() { relu }" + "".join(f"; def b{n + 1}() {{ b{n} }}" for n in range(90)) + "; b90", "blocks and braces nest more than 80 deep here", "b10"),
        ("def b0() { relu }" + "".join(f"; def b{n + 1}() {{ if 1 {{ aux {{ add {{ repeat 1 {{ b{n} }} }} }} }} }}" for n in range(30)) + "; b30", "blocks and braces nest more than 80 deep here", None),
        ("input 4x4x1" + "; upsample 1000000000000" * 9, "the output of this layer is larger than any network's", "upsample 1000000000000"),
        ("input WxWx3" + "".join(f"; conv {n + 1} 3x3" for n in range(401)), "a network with symbols has at most 400 different layers", "conv 401 3x3"),
    ],
)  # fmt: skip
def test_what_is_too_large_is_refused_at_once(spec: str, message: str, at: str | None) -> None:
    """One error, before time and memory are spent, at the statement that is too much."""
    started = time.perf_counter()
    with pytest.raises(SpecError) as caught:
        build(Source("s", spec), Options())
    assert time.perf_counter() - started < 5
    assert [problem.message for problem in caught.value.problems] == [message]
    assert at is None or caught.value.span.text == at


def test_an_error_is_enough() -> None:
    """A spec that is wrong already is not looked at to its bitter end."""
    for spec, problems in (
        ("foo; repeat 1000000000 { relu }", 1),
        ("foo; repeat 1000000 { relu }", 1),
        ("repeat 1000000 { foo }", 1),
        ("def b() { let x = 1/0; relu }; b; repeat 1000000 { b }", 1),
        ("foo" + "; relu" * 50_000, 1),
    ):
        started = time.perf_counter()
        with pytest.raises(SpecError) as caught:
            build(Source("s", spec), Options())
        assert len(caught.value.problems) == problems
        assert time.perf_counter() - started < 5


def test_the_text_itself_may_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers that stand there one by one are counted too."""
    monkeypatch.setattr("cnncalc.spec.limits.MOST_LAYERS", 10)
    assert len(build(Source("s", "relu; " * 10), Options()).nodes) == 11
    with pytest.raises(SpecError) as caught:
        build(Source("s", "relu; " * 11), Options())
    assert (caught.value.message, caught.value.column) == ("this would expand to more than 1,000,000 layers", 61)


@pytest.mark.slow
def test_a_million_layers_are_allowed_and_one_more_is_not() -> None:
    """Exactly 1,000,000 layers expand, in a process of its own, for its memory."""
    code = (
        "from cnncalc.report import build; from cnncalc.spec.expand import Options; from cnncalc.spec.source import Source;"
        "print(len(build(Source('s', 'repeat 1000 { repeat 1000 { relu } }'), Options()).nodes))"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert int(run.stdout) == MOST_LAYERS + 1
    for spec in ("repeat 1000001 { relu }", "repeat 1000 { repeat 1000 { relu } }; relu", "relu\n" * 1_000_001):
        with pytest.raises(SpecError, match="more than 1,000,000 layers"):
            build(Source("s", spec), Options())


@pytest.mark.parametrize("given", [None, "channels", "4x4xchannels"])
def test_the_input_cannot_depend_on_itself(given: str | None) -> None:
    """`channels` are those of a tensor; before the input there is none."""
    with pytest.raises(cnncalc.SpecError, match="the size of the input cannot depend on `channels`"):
        cnncalc.analyze("relu" if given else "input 8x8xchannels; relu", input=given)


@pytest.mark.parametrize(
    ("spec", "message", "hint"),
    [
        ("input 8; dense width", "the tensor here has no width: it is 8 (a vector)", "it has `channels`"),
        ("input 8x8x3; pad depth", "the tensor here has no depth: it is 8x8x3 (an image)", "it has `height`, `width`, `channels`"),
        ("input 8x8x3; gap; if height > 1 { relu }", "the tensor here has no height: it is 3 (a vector)", "it has `channels`"),
    ],
)  # fmt: skip
def test_a_tensor_has_the_extents_of_its_rank(spec: str, message: str, hint: str) -> None:
    """An axis that it does not have has no extent."""
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.analyze(spec)
    (problem,) = caught.value.problems
    assert (problem.message, problem.hint) == (message, hint)
