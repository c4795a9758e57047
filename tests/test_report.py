"""The Python face: what `analyze` takes, and what a report says."""

from __future__ import annotations

import contextlib
import gc
import json
import os
from fractions import Fraction
from pathlib import Path

import pytest

import cnncalc
from cnncalc import SpecError
from cnncalc.report import LONGEST_TITLE, Report
from cnncalc.spec.expand import Options
from cnncalc.spec.graph import Note
from cnncalc.spec.source import Source

NET = "input 8x6x3; conv 4 3x3 as first; bn; flatten; dense 5"


def codes(report: Report) -> list[str]:
    return [note.code for note in report.notes]


def test_the_first_example() -> None:
    """The example that the package opens with holds."""
    report = cnncalc.analyze("conv 32 3x3 s1 same; pool 2x2", input="224x224x3")
    assert report.output == (112, 112, 32)
    assert report.totals.params == 896
    assert report["conv1"].rf.size == (3, 3)


def test_a_report_knows_its_layers_and_totals() -> None:
    """Records, totals, input and output are there under the names that are promised."""
    report = cnncalc.analyze(NET)
    assert (report.input, report.output) == ((8, 6, 3), (5,))
    assert [record.name for record in report.records] == ["first", "bn1", "flatten1", "dense1"]
    first = report["first"]
    assert (first.index, first.kind, first.config, first.sources) == (1, "conv", "4 3x3 s1 valid", ("input",))
    assert (first.params, first.non_trainable, first.macs, first.flops) == (112, 0, 2592, 5184)
    assert (first.activations, first.rf_size, first.input.dims, first.output.dims) == (96, (3, 3), (8, 6, 3), (6, 4, 4))
    assert (report["bn1"].params, report["bn1"].non_trainable) == (8, 8)
    totals = report.totals
    assert (totals.params, totals.trainable, totals.non_trainable) == (605, 605, 8)
    assert totals.params_with_non_trainable == 613
    assert (totals.weights, totals.biases) == (108 + 4 + 480, 4 + 4 + 5)
    assert (totals.macs, totals.flops) == (2592 + 480, 2 * (2592 + 480))
    assert totals.connections == 2592 + 96 + 480 + 5
    assert totals.activations == 144 + 96 + 96 + 0 + 5


def test_where_a_unit_looks() -> None:
    """A receptive field has a size, a stride, a start and a centre; a fraction where it lies between pixels."""
    report = cnncalc.analyze("input 16x16x3; conv 4 3x3 s2 p1; convt 4 3x3 s2; gap")
    assert report["conv1"].rf == ((3, 3), (2, 2), (-1, -1), (0, 0))
    assert report["convt1"].rf.stride == (1, 1)
    assert report["gap1"].rf == ((16, 16), None, (0, 0), (Fraction(15, 2), Fraction(15, 2)))
    assert cnncalc.analyze("input 10; dense 4")["dense1"].rf is None


def test_a_layer_that_there_is_not() -> None:
    """An unknown name is a KeyError with a suggestion, or with the names that there are."""
    report = cnncalc.analyze(NET)
    with pytest.raises(KeyError) as caught:
        report["frist"]
    assert caught.value.args == ("no layer 'frist'; did you mean `first`?",)
    with pytest.raises(KeyError) as caught:
        report["zzz"]
    assert caught.value.args == ("no layer 'zzz'; the layers are `first`, `bn1`, `flatten1`, `dense1`",)


def test_the_json_that_is_promised() -> None:
    """LeNet-5 as JSON holds every promised key, with the promised values."""
    data = cnncalc.analyze("lenet5").to_dict()
    assert json.loads(json.dumps(data)) == data
    assert list(data) == [
        *("spec", "input", "layout", "batch", "dtype", "layers", "output", "totals", "answers", "notes"),
    ]
    head = {key: data[key] for key in ("spec", "input", "layout", "batch", "dtype", "output")}
    assert head == {
        "spec": "lenet5",
        "input": [32, 32, 1],
        "layout": "channels-last",
        "batch": 1,
        "dtype": "float32",
        "output": [10],
    }
    assert data["layers"][0] == {
        "index": 1,
        "name": "conv1",
        "kind": "conv",
        "config": "6 5x5 s1 valid tanh",
        "from": ["input"],
        "weights_of": None,
        "inputs": [[32, 32, 1]],
        "output": [28, 28, 6],
        "params": 156,
        "trainable": 156,
        "non_trainable": 0,
        "macs": 117600,
        "flops": 235200,
        "activations": 4704,
        "activation_bytes": 18816,
        "param_bytes": 624,
        "rf": {"size": [5, 5], "stride": [1, 1], "start": [0, 0], "center": [2, 2]},
    }
    assert all(layer.keys() == data["layers"][0].keys() for layer in data["layers"])
    training = data["totals"].pop("training")
    assert data["totals"] == {
        "params": 61706,
        "trainable": 61706,
        "non_trainable": 0,
        "params_with_non_trainable": 61706,
        "macs": 416520,
        "flops": 833040,
        "activations": 9118,
        "activation_bytes": 36472,
        "param_bytes": 246824,
    }
    assert training["adam"]["total"] == 1_060_240
    assert data["answers"][0] == {
        "layer": "conv1",
        "quantity": "output",
        "given": [28, 28, 6],
        "expected": [28, 28, 6],
        "verdict": "right",
        "mistakes": [],
    }
    assert data["answers"][-2]["layer"] == "total"
    assert data["notes"] == [
        {"code": "dense-holds-most", "text": "dense1 holds 77% of the parameters", "layers": ["dense1"]}
    ]


def test_json_of_what_is_no_integer() -> None:
    """A fraction is a string, and what does not apply is null."""
    data = cnncalc.analyze("input 8x8x3; avgpool 2; gap").to_dict()
    assert data["layers"][0]["rf"]["center"] == ["1/2", "1/2"]
    assert data["layers"][1]["rf"] == {"size": [8, 8], "stride": None, "start": [0, 0], "center": ["7/2", "7/2"]}
    assert cnncalc.analyze("input 10; dense 4").to_dict()["layers"][0]["rf"] is None


def test_json_of_symbols() -> None:
    """A symbolic number is a string, and a number where the symbols cancel."""
    pytest.importorskip("sympy")
    data = cnncalc.analyze("input WxWx3; conv K 3x3; conv 2 1x1").to_dict()
    first = data["layers"][0]
    assert data["input"] == ["W", "W", 3]
    assert first["output"] == ["W - 2", "W - 2", "K"]
    assert (first["params"], first["param_bytes"], first["non_trainable"]) == ("28*K", "112*K", 0)
    assert first["rf"]["size"] == [3, 3]
    assert json.loads(json.dumps(data)) == data


def test_a_merge_names_the_ends_of_its_branches() -> None:
    """The `from` of a merge are the last layers of its branches, with their shapes."""
    report = cnncalc.analyze("input 4x4x2; concat { conv 3 1x1; relu | identity | conv 1 1x1 }")
    layer = report.to_dict()["layers"][-1]
    assert layer["kind"] == "concat"
    assert layer["from"] == ["relu1", "identity1", "conv2"]
    assert layer["inputs"] == [[4, 4, 3], [4, 4, 2], [4, 4, 1]]


def test_channels_first() -> None:
    """The layout changes the order of the shapes that are given back, and nothing else."""
    last = cnncalc.analyze(f"{NET} -> 5", input=(8, 6, 3))
    first = cnncalc.analyze("input 8x6x3; conv 4 3x3 -> 6x4x4, rf 3", layout="channels-first")
    assert (first.input, first.output) == ((3, 8, 6), (4, 6, 4))
    data = first.to_dict()
    assert (data["input"], data["layout"]) == ([3, 8, 6], "channels-first")
    assert (data["layers"][0]["inputs"], data["layers"][0]["output"]) == ([[3, 8, 6]], [4, 6, 4])
    assert [answer["expected"] for answer in data["answers"]] == [[4, 6, 4], [3, 3]]
    assert data["layers"][0]["rf"] == last.to_dict()["layers"][0]["rf"]
    assert cnncalc.analyze(NET, layout="channels-first").output == (5,)


@pytest.mark.parametrize(
    ("dtype", "size"), [("float64", 8), ("float32", 4), ("float16", 2), ("bfloat16", 2), ("int8", 1)]
)
@pytest.mark.parametrize("batch", [1, 32])
def test_bytes(dtype: str, size: int, batch: int) -> None:
    """Activations take bytes for each example of the batch, parameters once."""
    report = cnncalc.analyze(NET, dtype=dtype, batch=batch)
    assert report.activation_bytes(report.totals.activations) == 341 * size * batch
    assert report.param_bytes(613) == 613 * size
    data = report.to_dict()
    assert (data["dtype"], data["batch"]) == (dtype, batch)
    assert data["totals"]["activation_bytes"] == 341 * size * batch
    assert data["totals"]["param_bytes"] == 613 * size
    assert data["layers"][1]["activation_bytes"] == 96 * size * batch
    assert data["layers"][1]["param_bytes"] == 16 * size
    assert data["totals"]["activations"] == 341


def test_training_memory() -> None:
    """Training holds values and gradients, and the optimizer's state for what is trained, stated term by term."""
    training = cnncalc.analyze(NET, batch=2, dtype="float16").training()
    common = {"params": 613 * 2, "gradients": 605 * 2, "activations": 341 * 4, "activation_gradients": 341 * 4}
    for optimizer, values in {"sgd": 0, "momentum": 1, "adam": 2}.items():
        state = 605 * 2 * values
        assert training[optimizer] == {**common, "optimizer": state, "total": sum(common.values()) + state}
    assert list(training) == ["sgd", "momentum", "adam"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dtype": "float"}, "dtype is one of float64, float32, float16, bfloat16, int8; not 'float'"),
        ({"layout": "NCHW"}, "layout is one of channels-last, channels-first; not 'NCHW'"),
        ({"batch": 0}, "batch is a positive integer; not 0"),
        ({"batch": -1}, "batch is a positive integer; not -1"),
        ({"batch": 1.0}, "batch is a positive integer; not 1.0"),
        ({"batch": True}, "batch is a positive integer; not True"),
        ({"batch": "8"}, "batch is a positive integer; not '8'"),
    ],
)
def test_arguments_that_there_are_not(arguments: dict[str, object], message: str) -> None:
    """A batch, a dtype or a layout that there is not is a ValueError, and no SpecError."""
    with pytest.raises(ValueError, match=r"^(batch|dtype|layout) ") as caught:
        cnncalc.analyze("lenet5", **arguments)  # type: ignore[arg-type]
    assert str(caught.value) == message
    assert not isinstance(caught.value, SpecError)


@pytest.mark.parametrize("size", ["10x12x2", (10, 12, 2), "10×12×2", "2x10x12 channels-first"])
def test_an_input_from_outside(size: str | tuple[int, ...]) -> None:
    """An input that is given as text or as a tuple takes the place of the spec's."""
    report = cnncalc.analyze("input 8x8x3; conv 4 3x3", input=size)
    assert report.input == (10, 12, 2)
    assert report.output == (8, 10, 4)


def test_an_input_that_cannot_be_read() -> None:
    """The error about an input from outside points into that input."""
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze("conv 4 3x3", input="0x8x3")
    error = caught.value
    assert (error.span.source.name, error.line, error.message) == (
        "--input",
        1,
        "an extent of the input must be at least 1, found 0",
    )


def test_params_from_outside() -> None:
    """Numbers, words and yes or no set the params of a spec."""
    spec = "input 8x8x3; param n = 2; param norm = no; conv n 3x3; if norm { bn }"
    assert cnncalc.analyze(spec).output == (6, 6, 2)
    report = cnncalc.analyze(spec, set={"n": 5, "norm": True})
    assert report.output == (6, 6, 5)
    assert [record.kind for record in report.records] == ["conv", "bn"]
    assert [record.kind for record in cnncalc.analyze(spec, set={"norm": False}).records] == ["conv"]
    assert cnncalc.analyze(spec, set={"n": "(2*3)"}).output == (6, 6, 6)


def test_a_param_that_there_is_not() -> None:
    """The error about an unknown param points at what was set."""
    with pytest.raises(SpecError, match="this spec has no param `classes`") as caught:
        cnncalc.analyze("lenet5", set={"classes": 3})
    assert caught.value.span.source.name == "--set"


@pytest.mark.parametrize("change", [{"input": "10x10x3"}, {"set": {"n": 5}}])
def test_answers_of_a_changed_spec_are_not_checked(change: dict[str, object]) -> None:
    """Where the input or a param is changed the spec's answers say nothing, and a note tells so."""
    spec = "input 8x8x3; param n = 4; conv n 3x3 -> 6x6x4, params 112"
    assert [answer.verdict for answer in cnncalc.analyze(spec).answers] == ["right", "right"]
    report = cnncalc.analyze(spec, **change)  # type: ignore[arg-type]
    assert report.answers == ()
    assert report.passed
    assert Note(
        "answers-not-checked", "the input or the params were changed, so the spec's own answers are not checked"
    ) in (report.notes)


def test_a_changed_spec_without_answers() -> None:
    """Where there are no answers nothing is said about them."""
    assert codes(cnncalc.analyze("input 8x8x3; conv 4 3x3", input="9x9x3")) == []


def test_passed() -> None:
    """A report has passed if none of its answers is wrong."""
    assert cnncalc.analyze("input 8x8x3; conv 4 3x3").passed
    assert cnncalc.analyze("input 8x8x3; bn -> params 12").passed  # right under a convention
    assert not cnncalc.analyze("input 8x8x3; conv 4 3x3 -> params 112, params 113").passed


def test_all_answers_that_cannot_be_read_are_told() -> None:
    """Problems of several answers are raised together, in their order."""
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze("input 8x8x3; conv 4 3x3 -> params 112, foo 3; conv 4 3x3 -> rf abc")
    assert [(problem.message, problem.span.text) for problem in caught.value.problems] == [
        ("unknown quantity `foo`", "foo"),
        ("`abc` is no answer", "abc"),
    ]


def test_strict() -> None:
    """With `strict` a doubtful layer is an error where it stands; without doubts nothing changes."""
    spec = "input 20x20x3; relu; conv 8 3x3 s2"
    assert codes(cnncalc.analyze(spec)) == ["does-not-tile"]
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze(spec, strict=True)
    error = caught.value
    assert error.message == (
        "conv1 does not tile its input: (20 - 3)/2 is not whole; rounded down, and row 19 and column 19 of the input "
        "are never read (--strict)"
    )
    assert (error.span.text, error.line, error.column) == ("conv 8 3x3 s2", 1, 22)
    assert cnncalc.analyze("input 21x21x3; relu; conv 8 3x3 s2", strict=True).output == (10, 10, 8)


def test_strict_tells_all_doubts() -> None:
    """Every doubtful layer is a problem of its own."""
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze("input 10x10x3; conv 8 3x3 s2; conv 8 3x3 p3", strict=True)
    assert [problem.span.text for problem in caught.value.problems] == ["conv 8 3x3 s2", "conv 8 3x3 p3"]


def test_repr() -> None:
    """A report shows its main numbers."""
    spec = "input 8x8x3; conv 4 3x3"
    assert repr(cnncalc.analyze(spec)) == f"<Report '{spec}': 1 layers, output 6x6x4, params 112>"


def test_in_a_notebook() -> None:
    """A notebook shows the table."""
    html = cnncalc.analyze(NET)._repr_html_()
    assert html.startswith('<div class="cnncalc">')
    assert html.rstrip().endswith("</div>")
    for text in ("first", "6x4x4", "605"):
        assert text in html


@pytest.mark.parametrize("length", [LONGEST_TITLE, LONGEST_TITLE + 1])
def test_the_title_of_an_inline_spec(length: int) -> None:
    """A spec is called by its own text, unless that is too long for a title."""
    spec = "input 8x8x3; conv 4 3x3 #".ljust(length, "-")
    assert cnncalc.analyze(spec).spec == (spec if length == LONGEST_TITLE else "spec")
    assert cnncalc.analyze("  input 8x8x3; relu\n").spec == "input 8x8x3; relu"


def test_a_shipped_name() -> None:
    """A shipped network is called by its name."""
    report = cnncalc.analyze("vgg16")
    assert report.spec == "vgg16"
    assert (report.totals.params, report.totals.macs) == (138_357_544, 15_470_264_320)


def test_a_family_with_its_params() -> None:
    """The example with every argument of `analyze`: VGG-16 for ten classes, a batch of eight, at half precision."""
    report = cnncalc.analyze("vgg16", set={"classes": 10}, batch=8, dtype="float16", layout="channels-first")
    assert (report.input, report.output) == ((3, 224, 224), (10,))
    assert report.totals.params == 138_357_544 - 990 * 4097
    assert report.activation_bytes(1) == 16


def test_paths(tmp_path: Path) -> None:
    """A path may be text or an os.PathLike, and its text is the title."""
    file = tmp_path / "net.cnn"
    file.write_text("input 8x8x3\nconv 4 3x3\n", encoding="utf-8")

    class Like(os.PathLike[str]):
        def __fspath__(self) -> str:
            return str(file)

    for spec in (str(file), file, Like()):
        report = cnncalc.analyze(spec)
        assert (report.spec, report.output) == (str(file), (6, 6, 4))


def test_an_existing_file_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file named like a shipped network, a kind or a whole spec is read."""
    monkeypatch.chdir(tmp_path)
    for name in ("vgg16", "relu", "conv 4 3x3"):
        (tmp_path / name).write_text("input 5x5x2; conv 7 1x1", encoding="utf-8")
        assert cnncalc.analyze(name).output == (5, 5, 7)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    """An error in a file says which file, which line and which column."""
    file = tmp_path / "net.cnn"
    file.write_text("input 8x8x3\n  covn 4 3x3\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze(file)
    assert str(caught.value).splitlines()[0] == f"{file}:2:3: error: unknown kind `covn`"


def test_one_word() -> None:
    """One bare word is a kind, in any case of its letters."""
    for word in ("relu", "ReLU"):
        report = cnncalc.analyze(word, input="4x4x1")
        assert (report.spec, report.records[0].kind) == (word, "relu")


def test_a_shipped_network_has_its_own_name() -> None:
    """However its name was written."""
    assert cnncalc.analyze("LeNet-5").spec == "lenet5"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("vgg61", "did you mean `vgg16`?"),
        ("LeNet", "shipped under that name: `lenet5`, `lenet5_1998`"),
        ("sigmiod", "did you mean `sigmoid`?"),
        ("qqqqqq", "`cnncalc specs` lists the networks"),
        ("../pyproject.toml", "`cnncalc specs` lists the networks"),
    ],
)
def test_one_word_that_means_nothing(word: str, hint: str) -> None:
    """A word that is neither a file nor a network nor a kind is an error, with a suggestion."""
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze(word)
    error = caught.value
    assert error.message == f"no file, no shipped network and no kind is called `{word}`"
    assert (error.hint, error.span.text) == (hint, word)


def test_a_folder_is_no_spec(tmp_path: Path) -> None:
    """It is said what it is."""
    with pytest.raises(SpecError, match="is a folder"):
        cnncalc.analyze(str(tmp_path))


@pytest.mark.parametrize("spec", ["", " ", "\n", "# nothing", "input 8x8x3"])
def test_no_layer(spec: str) -> None:
    """A text without a layer is an error."""
    with pytest.raises(SpecError, match="no layer: a spec has at least one"):
        cnncalc.analyze(spec)


@pytest.mark.parametrize("spec", ["relu\0", "relu;" * 300 + "\0"])
def test_a_nul_byte(spec: str) -> None:
    """A NUL byte is an error of the spec, and none of the file system's."""
    with pytest.raises(SpecError):
        cnncalc.analyze(spec)


def test_the_main_path_may_end_in_the_input() -> None:
    """Where a spec goes back to its input, its output and its answers are the input's."""
    report = cnncalc.analyze("input 8x8x3; conv 4 3x3; from input; -> 8x8x3, params 112, rf 1, stride 1, unread 0")
    assert report.output == (8, 8, 3)
    assert [(answer.layer, answer.verdict) for answer in report.answers] == [("", "right")] * 5


def test_a_block_that_ends_in_the_input() -> None:
    """A block that goes back to the input has no parameters, and its values are the image's."""
    spec = "input 8x8x3; def b() { from input }; conv 4 3x3; b -> 8x8x3, params 0, macs 0, activations 192"
    assert [(answer.layer, answer.verdict) for answer in cnncalc.analyze(spec).answers] == [("input", "right")] * 4


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("spec", ["relu", "covn 3"])
def test_garbage_collection_is_left_as_it_was(spec: str, enabled: bool) -> None:  # noqa: FBT001
    """Collection is paused while a spec is read, and goes on afterwards only where it was on, even after an error."""
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with contextlib.suppress(SpecError):
            cnncalc.analyze(spec)
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_the_names_of_the_package() -> None:
    """The package has the names that are promised, and tells them; others it has not."""
    assert {"analyze", "Report", "SpecError", "__version__"} <= set(dir(cnncalc))
    assert cnncalc.Report is Report
    with pytest.raises(AttributeError, match="module 'cnncalc' has no attribute 'nonsense'"):
        _ = cnncalc.nonsense  # type: ignore[attr-defined]


def test_spec_error() -> None:
    """A SpecError is a ValueError that knows its message, its place and a hint."""
    with pytest.raises(ValueError, match="unknown kind") as caught:
        cnncalc.analyze("input 8x8x3\ncovn 4 3x3")
    error = caught.value
    assert isinstance(error, SpecError)
    assert (error.message, error.line, error.column) == ("unknown kind `covn`", 2, 1)
    assert error.hint == "did you mean `conv`?"


def test_a_formula_that_becomes_too_long() -> None:
    """Totals that nobody would read are an error of the whole spec, and not one of a later look at the report."""
    pytest.importorskip("sympy")
    spec = "; ".join(["input WxHx3", *(f"conv a{number} 3x3; bn" for number in range(100))])
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze(spec)
    assert (caught.value.message, caught.value.line, caught.value.column) == ("this formula becomes too long", 1, 1)


def test_a_source_that_is_already_there() -> None:
    """What the command line reads (a name and a text) is analysed under its name."""
    from cnncalc.report import analyze_source  # noqa: PLC0415  no name of the public face

    assert analyze_source(Source("-", "relu"), Options()).spec == "-"
