"""`cnncalc run`: what goes in, what is seen, and what is said of what cannot be run."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from cnncalc.cli import EXIT_INTERRUPTED, layers, main
from cnncalc.cli import run as run_module
from cnncalc.cli.options import complete_kind
from cnncalc.forward import face, images, reading
from cnncalc.views import FORMATS, terminal
from processes import CNNCALC, end_by_ctrl_c

X = "20 24 11; 19 20 23; 21 40 25"
SOBEL = "1 0 -1; 2 0 -2; 1 0 -1"
CONV = "conv 1 3x3"


@pytest.fixture
def run(run):
    """Run `cnncalc run` in this process."""
    return lambda *arguments: run("run", *arguments)


@pytest.fixture
def data(run):
    """What `cnncalc run --format json` says."""

    def runner(*arguments: str) -> dict:
        result = run(*arguments, "--format", "json")
        assert (result.code, result.err) == (0, "")
        return json.loads(result.out)

    return runner


def test_the_output_is_a_matrix(run) -> None:
    """Under the layer that it comes from."""
    result = run(CONV, "--x", X, "--kernel", SOBEL)
    assert (result.code, result.err) == (0, "")
    assert result.out == "conv1: conv 1 3x3 s1 valid   (3x3x1 → 1x1x1)\n  -3\n"


@pytest.mark.parametrize("columns", [100, 200, 1000])
def test_a_long_matrix_is_no_file(columns: int, data) -> None:
    """However long it is: no system takes such a name."""
    row = " ".join(["1"] * columns)
    assert data("avgpool 2x2", "--x", f"{row};{row}")["output"] == [[1] * (columns // 2)]


@pytest.mark.parametrize(("place", "says"), [("all", "too many products to write down"), ("9999", "there is no 9999")])
def test_sums_that_cannot_be_written_are_refused_before_anything_is_computed(place: str, says: str, run) -> None:
    """The whole network would take half an hour."""
    result = run("vgg16", "--x", "zeros", "--weights", "zeros", "--trace", place)
    assert (result.code, result.out) == (2, "")
    assert says in result.err


def test_numbers_and_kernels_may_be_nested_lists(data) -> None:
    """On the command line as in a file."""
    found = data("conv 1 2x2", "--x", "[[1, 2, 3], [4, 5, 6]]", "--kernel", "[[1, 0], [0, 0.5]]", "--exact")
    assert found["output"] == [["7/2", 5]]


def test_all_that_is_wrong_is_told_at_once(run) -> None:
    """What does not follow from something else that is wrong."""
    wrong = ("--kernel", "conv1=sobelx", "--kernel", "conv2=1 2", "--kernel", "conv7=1", "--bias", "conv1=1 2")
    seen = ("--show", "rely1", "--trace", "rely2", "--trace", "conv1:9,9", "--trace", "relu1")
    result = run("input 4x4x1; conv 1 3x3; conv 1 2x2; relu", "--x", "1 2; 3 4", *wrong, *seen)
    assert (result.code, result.out) == (2, "")
    told = [line.partition("error: ")[2] for line in result.err.splitlines() if "error: " in line]
    assert told == [
        "x has the shape 2x2, but the input is 4x4x1",
        "no layer is called `conv7`",
        "no kernel is called `sobelx`",
        "conv1.bias has the shape 2, but 1 is needed",
        "a kernel of 1x2 is given, but conv2 has a kernel of 2x2",
        "no layer is called 'rely1'",
        "no layer is called 'rely2'",
        "conv1 puts out 2x2x1, counted from 0; there is no 9, 9",
    ]


@pytest.mark.parametrize(
    ("x", "kernel", "says"),
    [
        (
            "1 2; 3 4",
            "sobelx",
            ["no kernel is called `sobelx`", "a window of 3 is larger than the input's height of 2"],
        ),
        (
            "1 2; 3",
            "sobelx | edgy",
            ["no kernel is called `sobelx`", "no kernel is called `edgy`", "this row has 1 value"],
        ),
        ("1 2; 3", "[[1]]", ["this row has 1 value"]),
        ("1 2; 3", "no.csv", ["cannot read this file", "this row has 1 value"]),
        (X, "no.csv", ["cannot read this file"]),
    ],
)
def test_a_kernel_is_looked_at_where_the_network_cannot_be(run, x: str, kernel: str, says: list[str]) -> None:
    """As far as that goes."""
    result = run(CONV, "--x", x, "--kernel", kernel)
    assert result.code == 2
    told = [line.partition("error: ")[2] for line in result.err.splitlines() if "error: " in line]
    assert len(told) == len(says)
    assert all(sentence.startswith(start) for sentence, start in zip(told, says, strict=True))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("k.txt", b"1 0\n0 1\n"),
        ("k.csv", b"1;0\n0;1\n"),
        ("k.json", b"[[1, 0], [0, 1]]"),
        ("k.pgm", b"P2 2 2 1 1 0 0 1\n"),
        ("k", b"1 0; 0 1"),
    ],
)
def test_a_kernel_may_be_a_file(data, tmp_path: Path, name: str, content: bytes) -> None:
    """Of any form that an input may have."""
    (tmp_path / name).write_bytes(content)
    found = data("conv 1 2x2", "--x", "1 2 3; 4 5 6", "--kernel", str(tmp_path / name), "--bias", "10")
    assert found["output"] == [[16, 18]]


def test_biases_and_other_arrays_have_their_places(data, run) -> None:
    """By their layer, by their names; what stands on the command line goes before what stands in a file."""
    two = ("input 1x2x1; conv 1 1x1; conv 1 1x1; bn", "--x", "1 2", "--kernel", "conv1=2", "--kernel", "conv2=3")
    more = ("--bias", "conv2=1", "--kernel", "bn1.beta=4", "--kernel", "bn1.gamma=0")
    assert data(*two, *more, "--show", "conv2")["layers"][0]["output"] == [[7, 13]]
    assert data(*two, *more)["output"] == [[4, 4]]
    weights = '{"conv1": {"kernel": [[1]], "bias": [5]}}'
    assert data("input 1x2x1; conv 1 1x1", "--x", "1 2", "--weights", weights, "--kernel", "2")["output"] == [[7, 9]]
    assert data("dense 2", "--x", "1 2", "--kernel", "1 2; 3 4", "--bias", "1 1")["output"] == [8, 11]
    assert "conv1 is given twice" in run(CONV, "--x", X, "--kernel", "edge", "--kernel", "conv1=edge").err
    assert "conv1.bias is given twice" in run(CONV, "--x", X, "--bias", "1", "--bias", "1").err
    assert "conv1 has no array `bias`" in run(f"{CONV} nobias", "--x", X, "--bias", "1").err


def test_sums_of_several_layers(data) -> None:
    """In the order in which they are asked for."""
    where = ("--trace", "--trace", "conv1:0,0")
    found = data("input 1x2x1; conv 1 1x1; relu", "--x", "1 2", "--kernel", "-1", *where)["trace"]
    assert [(one["layer"], one["position"], one["value"]) for one in found] == [
        ("relu1", [0, 0], 0),
        ("relu1", [0, 1], 0),
        ("conv1", [0, 0], -1),
    ]


@pytest.mark.parametrize("place", ["(0, 0)", "conv1:(0, 0)", "(0,0,0)"])
def test_a_position_may_be_written_as_it_is_printed(place: str, data) -> None:
    """With its parentheses."""
    assert [one["value"] for one in data(CONV, "--x", X, "--kernel", SOBEL, "--trace", place)["trace"]] == [-3]


def test_json_has_the_output_and_the_layers(data) -> None:
    """As nested lists, in the layout that was asked for."""
    found = data("relu; conv 1 2x2", "--x", "1 -2; 3 4", "--kernel", "1 0; 0 1/2", "--show", "input", "--show", "relu1")
    assert found["output"] == [[3]]
    assert [(layer["name"], layer["shape"], layer["output"]) for layer in found["layers"]] == [
        ("input", [2, 2, 1], [[1, -2], [3, 4]]),
        ("relu1", [2, 2, 1], [[1, 0], [3, 4]]),
        ("conv1", [1, 1, 1], [[3]]),
    ]
    assert (found["input"], found["layout"], found["trace"], found["top"], found["notes"]) == (
        [2, 2, 1],
        "channels-last",
        [],
        [],
        [],
    )
    first = data("relu", "--x", "1 2; 3 4 | 5 6; 7 8", "--layout", "channels-first")
    assert first["output"] == [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]
    assert data("relu", "--x", "1 2; 3 4 | 5 6; 7 8")["output"] == [[[1, 5], [2, 6]], [[3, 7], [4, 8]]]


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("extra", [(), ("--trace",)])
def test_every_format_has_every_value(run, format_: str, extra: tuple[str, ...]) -> None:
    """As a matrix or a row a value."""
    result = run("relu; softmax", "--x", "1 2 3", *extra, "--format", format_)
    assert result.code == 0
    assert "0.09003" in result.out
    assert "0.66524" in result.out


def test_tables_of_values(run) -> None:
    """Layer, position, channel, value; with a trace, how it comes about."""
    rows = list(
        csv.DictReader(io.StringIO(run("conv 2 1x1", "--x", "1 2; 3 4", "--kernel", "1 | 10", "--format", "csv").out))
    )
    assert rows[5] == {"layer": "conv1", "position": "1,0", "channel": "1", "value": "30"}
    assert len(rows) == 8
    traced = run(CONV, "--x", X, "--kernel", "identity", "--trace", "--format", "tsv").out.splitlines()[1].split("\t")
    assert traced[:4] == ["conv1", "0,0", "0", "20"]
    assert traced[4].endswith("= 20")


@pytest.mark.parametrize(
    ("spec", "where", "lines"),
    [
        (CONV, "0,0", 1),
        (CONV, "conv1:0,0,0", 1),
        (CONV, "conv1", 1),
        (CONV, "1", 1),
        ("relu; conv 1 2x2", "relu1", 9),
        ("relu; conv 1 2x2", "relu1:0x2", 1),
        ("relu; flatten; softmax", "softmax1:3", 1),
    ],
)
def test_traces_have_a_layer_and_a_position(data, spec: str, where: str, lines: int) -> None:
    """Of the last layer, or of the one that is named or numbered; at a position, or at all."""
    options = [] if "conv" not in spec else ["--kernel", SOBEL if spec == CONV else "1 2; 3 4"]
    if where == "1":
        options += ["--trace", "1:all"]
    else:
        options += ["--trace", where]
    assert len(data(spec, "--x", X, *options)["trace"]) == lines


def test_the_worked_example_of_a_published_page(run) -> None:
    """The page says 3; the sum is -3, under a drawing of the window."""
    result = run(
        CONV, "--x", "20 24 11 12; 19 20 23 40; 21 40 25 13", "--kernel", SOBEL, "--trace", "0,0", "--format", "table"
    )
    assert result.out.splitlines()[1:4] == ["  [20] [24] [11] 12", "  [19] [20] [23] 40", "  [21] [40] [25] 13"]
    sums = " ".join(line.strip() for line in result.out.splitlines()[4:])
    assert sums.startswith("(0, 0)  20·1 + 24·0 + 11·(−1) + 19·2")
    assert sums.endswith("= −3")
    assert run("pool 2x2", "--x", "1 2; 3 4", "--trace").out.splitlines()[-1] == "(0, 0)  max(1, 2, 3, 4) = 4"


def test_everything_may_be_shown(run) -> None:
    """The input and every layer, in their order."""
    result = run("relu; gap", "--x", "1 -2; 3 4", "--show", "all")
    assert [line for line in result.out.splitlines() if line[:1] not in {"", " "}] == [
        "input: 2x2x1",
        "relu1: relu   (2x2x1 → 2x2x1)",
        "gap1: gap   (2x2x1 → 1)",
    ]


def test_maps_may_be_blocks(run) -> None:
    """Shades for numbers."""
    result = run("relu", "--x", "0 9", "--as", "blocks")
    assert result.out.splitlines()[1:] == ["    ██", "  0 is light, 9 dark"]


def test_softmax_names_the_top_classes(run, data) -> None:
    """Their numbers and probabilities."""
    assert run("softmax", "--x", "0 0 1").out.splitlines()[-1].startswith("top classes: 2 (0.576117), 0 (0.211942), 1")
    assert data("softmax", "--x", "0 0 1")["top"][0]["class"] == 2


def test_numbers_come_from_files(data, tmp_path: Path) -> None:
    """Text, CSV, JSON, images; and weights from JSON, in the layout of a framework."""
    for name, content in (
        ("x.txt", "1 2\n3 4\n"),
        ("x.csv", "1;2\n3;4\n"),
        ("x.json", "[[1, 2], [3, 4]]"),
        ("x.pgm", "P2 2 2 9 1 2 3 4"),
        ("x", "1 2; 3 4"),
    ):
        path = tmp_path / name
        path.write_text(content)
        assert data("relu", "--x", str(path))["output"] == (
            [[[1], [2]], [[3], [4]]] if name == "x.pgm" else [[1, 2], [3, 4]]
        )
    weights = tmp_path / "weights.json"
    weights.write_text('{"conv1": {"weight": [[[[1, 2], [3, 4]]]], "bias": [0.5]}}')
    options = ("--weights", str(weights), "--weights-layout", "torch")
    assert data("conv 1 2x2", "--x", "1 2; 3 4", *options)["output"] == [[30.5]]
    weights.write_text('{"conv1": {"weight": [[[[0.1, 0.2], [0.3, 0.4]]]]}}')
    assert data("conv 1 2x2", "--x", "1 2; 3 4", *options, "--exact")["output"] == [[3]]
    (tmp_path / "first.json").write_text("[[[1]], [[2]]]")
    first = data(
        "flatten; dense 1", "--x", str(tmp_path / "first.json"), "--layout", "channels-first", "--weights", "ones"
    )
    assert (first["input"], first["output"]) == ([2, 1, 1], [3])


def test_long_lists_on_the_command_line(data) -> None:
    """What goes in and a kernel may be nested lists, in the layout that is asked for, and longer than file names."""
    assert data("relu", "--x", "1 " * 180 + "-1")["output"] == [1] * 180 + [0]
    kernel = ("--kernel", "conv1=[[1, 2], [3, 4]]")
    assert data("conv 1 2x2", "--x", "[[1, 2], [3, 4]]", *kernel)["output"] == [[30]]
    assert data("relu", "--x", "[[[1, 2]], [[3, 4]]]", "--layout", "channels-first")["input"] == [2, 1, 2]


def test_fractions_are_exact_if_asked_for(data) -> None:
    """Else they are floats."""
    assert data("gap", "--x", "1/3 1/3", "--exact", "--input", "1x2x1")["output"] == ["1/3"]
    assert data("gap", "--x", "1 2; 3 4")["output"] == [2.5]


def test_images_are_saved(run, tmp_path: Path) -> None:
    """One for each channel of each layer that is seen."""
    folder = tmp_path / "a" / "maps"
    assert (
        run("conv 2 1x1", "--x", "1 2; 3 4", "--kernel", "1 | -1", "--show", "input", "--save", str(folder)).code == 0
    )
    assert sorted(path.name for path in folder.iterdir()) == ["conv1-0.pgm", "conv1-1.pgm", "input-0.pgm"]
    assert images.read("x", (folder / "conv1-1.pgm").read_bytes()).values == [255, 170, 85, 0]
    assert run("relu", "--x", "1 2; 3 4", "--save", str(folder), "--save-as", "png").code == 0
    assert images.read("x", (folder / "relu1-0.png").read_bytes()).values == [0, 85, 170, 255]
    assert run("relu", "--x", "1 2", "--save", str(folder / "relu1-0.png")).code == 2


def test_what_is_assumed_is_said(run) -> None:
    """An input that was not given, and one that may be read in two ways; nothing about receptive fields."""
    assert (
        "note: the input 2x3 is read as a sequence"
        in run("input 2x3; relu; conv 1 1", "--x", "ones", "--weights", "ones").err
    )
    assert run(CONV, "--x", X, "--kernel", "edge").err == ""


def test_weights_are_made_up(data) -> None:
    """From a seed, and kernels may be given beside them."""
    options = ("input 8x8x1; conv 3 3x3 relu; gap; dense 4 softmax", "--x", "random:1", "--weights", "random:1")
    one = data(*options)
    assert one == data(*options)
    assert len(one["output"]) == 4
    assert one["top"][0]["probability"] == max(one["output"])
    both = data("conv 1 3x3; dense 1 pointwise", "--x", X, "--weights", "ones", "--kernel", f"conv1={SOBEL}")
    assert both["output"] == [[-3]]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((CONV,), '--x "1 2; 3 4"'),
        ((CONV, "--x", X), "conv1 needs its kernel of 3x3x1x1, which is not given\n"),
        (
            ("vgg16", "--x", "zeros"),
            "conv1 needs its kernel of 3x3x3x64, which is not given; 15 others are missing, too\n",
        ),
        (("relu", "--x", X, "--show", "a"), "the only layer is relu1"),
        (("input 4x4x1; relu", "--x", X), "x has the shape 3x3, but the input is 4x4x1"),
        ((CONV, "--x", "1 2; 3"), "x:1:6: error: this row has 1 value, but the first has 2"),
        ((CONV, "--x", "1 two"), "x:1:3: error: `two` is not a number"),
        ((CONV, "--x", "no.json"), "no.json:1:1: error: cannot read this file"),
        ((CONV, "--x", X, "--weights", "no.json"), "no.json:1:1: error: cannot read this file"),
        ((CONV, "--x", X, "--kernel", "sobel_x"), "did you mean `sobel-x`?"),
        ((CONV, "--x", X, "--kernel", "conv2=edge"), "did you mean `conv1`?"),
        (
            ("conv 1 1x1; conv 1 1x1", "--x", X, "--kernel", "1"),
            "the layers conv1, conv2 have a kernel; write LAYER=KERNEL",
        ),
        (("relu", "--x", X, "--kernel", "1"), "no layer has a kernel"),
        (("relu", "--x", X, "--show", "rely1"), "did you mean `relu1`?"),
        (("relu", "--x", X, "--trace", "rely1"), "did you mean `relu1`?"),
        (("relu", "--x", X, "--trace", "0"), "`0` is no position in relu1's 3x3x1"),
        (("relu", "--x", X, "--trace", "relu1:a"), "`a` is no position in relu1's 3x3x1"),
        (("relu", "--x", X, "--trace", "0,9"), "relu1 puts out 3x3x1, counted from 0; there is no 0, 9"),
        (("input 2; aux { relu }", "--x", "1 2", "--trace"), "there is no layer"),
        (("conv 8 3x3", "--x", X, "--weights-layout", "onnx"), "keras, torch"),
        (("covn 8 3x3", "--x", X), "did you mean `conv`?"),
    ],
)
def test_what_cannot_be_run_exits_with_2(run, arguments: tuple[str, ...], says: str) -> None:
    """And says why."""
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert says in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.bin", bytes(range(256)), "is not UTF-8 text"),
        ("x.txt", b"1 2\n3 nan\n", ":2:3: error: `nan` is not a number"),
        ("x.txt", b"1 " * 100_000 + b"x", "error: `x` is not a number"),
        ("x.csv", b"a,b\n1,2\n", ":1:1: error: `a` is not a number"),
        ("x.csv", b"1,,2\n", "a number is missing here"),
        ("x.json", b"[[1, 2], [3]]", "x.json[1] has 1 value"),
        ("x.json", b"[1, 2", ":1:6: error: this is not JSON"),
        ("x.json", b"[" * 200_000, "nested too deep"),
        ("x.json", b'{"a": 1}', "expected a number"),
        ("x.json", b"[Infinity]", "`Infinity` is not a number"),
        ("x.pgm", b"P5 99999999 99999999 255 ", "it has from 1 to 16,777,216 pixels"),
        ("x.png", b"\x89PNG\r\n\x1a\n broken", "this image cannot be read"),
        ("x.txt", b"", "no numbers are given"),
        ("x.txt", b"\0\0\0", "is not a number"),
    ],
)
def test_any_file_is_read_or_refused(run, tmp_path: Path, name: str, content: bytes, says: str) -> None:
    """With its name, and with the place if it has one."""
    path = tmp_path / name
    path.write_bytes(content)
    result = run("relu", "--x", str(path))
    assert result.code == 2
    assert says in result.err
    assert str(path) in result.err
    weights = run("dense 1", "--x", "1 2", "--weights", str(path))
    assert weights.code == 2
    assert str(path) in weights.err or "no layer is called `a`" in weights.err


def test_a_file_that_is_too_large_is_refused(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it fills the memory."""
    path = tmp_path / "x.txt"
    path.write_text("1 2 3")
    monkeypatch.setattr(reading, "LARGEST_FILE", 4)
    assert "this file is larger than 0 MiB" in run("relu", "--x", str(path)).err


def test_what_takes_long_is_announced(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """In minutes or hours, with a bar on a terminal."""
    monkeypatch.setattr(face, "SPEED", 0.1)
    options = (CONV, "--x", X, "--kernel", "edge")
    assert run(*options).err == "9 products take about 2 minutes; Ctrl-C stops\n"
    monkeypatch.setattr(face, "SPEED", 0.0001)
    assert run(*options).err == "9 products take about 25 hours; Ctrl-C stops\n"
    done: list[int] = []

    @contextlib.contextmanager
    def bar(_: str, total: int):
        assert total == 9
        yield done.append

    monkeypatch.setattr(terminal, "progress", bar)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert run(*options).code == 0
    assert done == [9]


def test_a_bar_shows_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, and it goes away."""
    with terminal.progress("products", 10) as advance:
        advance(10)
    assert capsys.readouterr().out == ""


def test_an_interrupt_stops_it() -> None:
    """Ctrl-C ends a pass of hours at once, with 130 and without a traceback."""
    command = [*CNNCALC, "run", "vgg16", "--x", "ones", "--weights", "ones"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "15,470,264,320 products take about" in process.stderr.readline()
    time.sleep(0.2)
    code, errors = end_by_ctrl_c(process)
    assert (code, errors.strip()) == (EXIT_INTERRUPTED, "")


def test_on_a_stream_of_ascii_everything_is_ascii() -> None:
    """Signs and shades have others that stand for them."""
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    for extra in (["--trace"], ["--as", "blocks"], ["--trace", "--format", "tsv"]):
        command = [sys.executable, "-m", "cnncalc", "run", CONV, "--x", X, "--kernel", SOBEL, *extra]
        result = subprocess.run(command, capture_output=True, env=environment, check=True)
        assert result.stdout.isascii()
        assert b"?" not in result.stdout


def test_kernels_are_listed_and_completed(capsys: pytest.CaptureFixture[str]) -> None:
    """With their matrices."""
    assert main(["layers", "kernels", "--format", "json"]) == 0
    kernels = {kernel["kernel"]: kernel for kernel in json.loads(capsys.readouterr().out)}
    assert kernels["sobel-x"]["matrix"] == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert kernels["gaussian"]["divisor"] == 16
    assert main(["layers", "kernels", "--format", "table"]) == 0
    assert "does not flip" in capsys.readouterr().out
    assert "kernels" in complete_kind(click.Context(layers.command), layers.command.params[0], "ker")
    context = run_module.command.make_context("run", ["relu"])
    assert run_module.complete_kernel(context, run_module.command.params[0], "conv1=sobel") == [
        "conv1=sobel-x",
        "conv1=sobel-y",
    ]
