"""`cnncalc check` as a user meets it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from cnncalc.cli import main
from cnncalc.homework.answers import QUANTITIES
from cnncalc.views import FORMATS

NET = "input 32x32x3; conv 10 5x5 p2; pool 2x2"
CSV = "layer,output,params\nconv1,32x32x10,750\nmaxpool1,16x16x10,?\n"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Run `cnncalc check` in this process: its exit code, standard output and standard error."""

    def runner(*arguments: str) -> tuple[int, str, str]:
        code = main(["check", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return runner


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """A file of answers, one of them wrong and one not given."""
    path = tmp_path / "answers.csv"
    path.write_text(CSV)
    return path


def test_answers_in_a_file(run, answers: Path) -> None:
    """A row an answer; the wrong one is explained on standard error, and the exit code is 1."""
    code, out, err = run(NET, str(answers), "--format", "csv")
    assert code == 1
    assert out.splitlines() == [
        "layer,quantity,given,expected,verdict,mistakes",
        "conv1,output,32x32x10,32x32x10,right,-",
        "conv1,params,750,760,wrong,no-bias",
        "maxpool1,output,16x16x10,16x16x10,right,-",
        "maxpool1,params,-,0,not-answered,-",
    ]
    assert err.splitlines() == [
        "wrong: conv1 params: 750 = 5·5·3·10 leaves out the 10 biases; (5·5·3 + 1)·10 = 760.",
        "right: 2 of 3 answers, 1 not answered",
    ]


def test_answers_as_options(run) -> None:
    """About the last layer, another one, or the whole network."""
    assert run(NET, "--output", "16x16x10", "--rf", "6", "--params", "0")[0] == 0
    assert run(NET, "--layer", "conv1", "--params", "760", "--macs", "768,000", "--param-memory", "3,040 B")[0] == 0
    assert run(NET, "--layer", "total", "--params", "760")[0] == 0
    code, _, err = run(NET, "--layer", "conv1", "--output", "28x28x10", "--accept", "no-bias", "--params", "750")
    assert code == 1
    assert "leaves out the padding" in err
    assert "right: conv1 params: by the convention no-bias" in err
    assert run(NET, "--layer", "conv1", "--params", "750", "--tolerance", "2%")[0] == 0


def test_what_was_assumed_is_said(run) -> None:
    """The notes on the network stand below."""
    assert "note: no input is given" in run("conv 10 5x5 p2", "--params", "760")[2]


def test_how_an_answer_was_read_is_said(run) -> None:
    """Where it has two readings, and the less usual one is right."""
    arguments = ("input 32x32x3; conv 10 5x5 p2", "--output", "(1, 32, 32, 10)")
    assert "note: conv1 output: what was written is read as 32x32x10" in run(*arguments)[2]
    (answer,) = json.loads(run(*arguments, "--format", "json")[1])["answers"]
    assert (answer["given"], answer["verdict"], answer["reread"]) == ([32, 32, 10], "right", True)


def test_an_option_for_every_quantity(run) -> None:
    """Whatever can be asked for can be answered."""
    code, out, _ = run("--help")
    assert code == 0
    for name in QUANTITIES:
        assert f"--{name} " in out


@pytest.mark.parametrize("format", FORMATS)
def test_every_format(run, answers: Path, format: str) -> None:  # noqa: A002
    """All of them say what is wrong; JSON has the promised keys."""
    code, out, err = run(NET, str(answers), "--format", format)
    assert code == 1
    assert "no-bias" in out
    assert "leaves out" in out + err
    if format == "json":
        data = json.loads(out)
        assert data["passed"] is False
        assert data["answers"][1]["mistakes"][0]["code"] == "no-bias"
        assert data["answers"][3]["verdict"] == "not-answered"


def test_a_mistake_that_is_not_known_shows_the_working(run) -> None:
    """The right answer with all its steps."""
    _, _, err = run(NET, "--layer", "conv1", "--params", "1234", "--output", "1x2x3")
    assert "wrong: conv1 params: 1,234 is wrong, by no mistake that is known here; it is 760" in err
    assert "wrong: conv1 params: (F·F·C + 1)·K = (5·5·3 + 1)·10 = 760" in err
    assert "wrong: conv1 output: channels: K = 10" in err
    _, _, err = run("input 10; dense 5", "--rf", "3", "--output", "3")
    assert "3 is wrong, by no mistake that is known here; there is none" in err
    assert "it is 5" in err


def test_what_follows_from_an_own_answer(run, tmp_path: Path) -> None:
    """A follow-on error is marked as consistent."""
    path = tmp_path / "answers.csv"
    path.write_text("layer,output\nconv1,28x28x10\nmaxpool1,14x14x10\n")
    _, out, err = run(NET, str(path), "--format", "plain")
    assert "wrong: maxpool1 output: consistent with your output 28x28x10 of conv1 above" in err
    _, out, _ = run(NET, str(path), "--format", "json")
    own = {"layer": "conv1", "quantity": "output", "given": [28, 28, 10]}
    assert json.loads(out)["answers"][1]["consistent_with"] == own


def test_broken_rows(run, tmp_path: Path) -> None:
    """They are drawn with their place, the rest is checked, and the exit code is 2."""
    path = tmp_path / "answers.csv"
    path.write_text("layer,output,params\nconv1,32x32x10,760\nconv9,1,2\nmaxpool1,16x16x10\n")
    code, out, err = run(NET, str(path), "--format", "csv")
    assert code == 2
    assert len(out.splitlines()) == 3
    assert f"{path}:3:1: error: no layer is called `conv9`" in err
    assert f"{path}:4:1: error: this row has 2 cells" in err
    assert err.count("conv9`") == 1
    code, out, _ = run(NET, str(path), "--format", "json")
    errors = json.loads(out)["errors"]
    assert [error["line"] for error in errors] == [3, 4]
    assert set(errors[0]) == {"file", "line", "column", "message"}


def test_values(run) -> None:
    """The values of a forward pass."""
    arguments = ("input 3x3x1; conv 1 2x2 nobias", "--x", "[[1,2,3],[4,5,6],[7,8,9]]", "--array", "conv1=[[1,2],[3,4]]")
    assert run(*arguments, "--value", "[[37, 47], [67, 77]]")[0] == 0
    code, out, err = run(*arguments, "--value", "[[23, 33], [53, 63]]", "--format", "plain")
    assert code == 1
    assert "[[23,33],[53,63]]" in out
    assert "kernel-flipped" in out
    assert "it is [[37, 47], [67, 77]]." in err
    code, _, err = run(*arguments, "--value", "[[1, 2], [3, 4]]")
    assert code == 1
    assert "by no mistake that is known here" in err


def test_values_in_files(run, tmp_path: Path) -> None:
    """The answers, what goes in and the kernel may stand in files; no answer is what it is."""
    files = {"answers.csv": 'layer,quantity,answer\nconv1,value,"[[37,47],[67,77]]"\nrelu1,value,37 47; 67 77\n'}
    files |= {"wide.csv": "layer,value,params\nconv1,37 47; 67 77,4\nrelu1,?,\n"}
    files |= {"x.csv": "1,2,3\n4,5,6\n7,8,9\n", "kernel.txt": "1 2\n3 4\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    spec, numbers = "conv 1 2x2 nobias; relu", ("--x", str(tmp_path / "x.csv"), "--array", str(tmp_path / "kernel.txt"))
    code, out, _ = run(spec, str(tmp_path / "answers.csv"), *numbers, "--format", "csv")
    assert (code, out.count(",right,")) == (0, 2)
    code, out, _ = run(spec, str(tmp_path / "wide.csv"), *numbers, "--format", "csv")
    assert (code, out.splitlines()[3]) == (0, 'relu1,value,-,"[[37,47],[67,77]]",not-answered,-')
    code, out, err = run(spec, str(tmp_path / "wide.csv"), "--input", "3x3x1", "--format", "csv")
    assert (code, out.splitlines()[2]) == (2, "relu1,value,-,-,not-answered,-")
    assert f"{tmp_path / 'wide.csv'}:2:7: error: the values of conv1 depend on the numbers that go in" in err
    code, out, _ = run(spec, str(tmp_path / "wide.csv"), *numbers[:2], "--format", "csv")
    assert (code, out.splitlines()[2]) == (2, "relu1,value,-,-,not-answered,-")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((NET,), "there are no answers"),
        ((NET, "--layer", "conv1"), "there are none"),
        ((NET, "--layer", "conv9", "--params", "1"), "no layer is called `conv9`"),
        ((NET, "--params", "many"), "`many` is no answer"),
        ((NET, "--params", "1", "--accept", "nobias"), "did you mean `no-bias`?"),
        ((NET, "--params", "1", "--tolerance", "x"), "no tolerance"),
        ((NET, "--params", "1", "--tolerance", "1e999999999"), "no tolerance"),
        ((NET, "no/such/file.csv"), "cannot read this file"),
        ((NET, "--x", "[1]"), "--x and --array are for an answer about values"),
        ((NET, "--value", "[1]", "--array", "conv9=1"), "no layer is called `conv9`"),
        ((NET, "--value", "[1]", "--array", "conv1=1", "--array", "1"), "conv1 is given twice"),
        (("relu", "--value", "[1]", "--array", "1"), "no layer has a kernel; write LAYER=ARRAY"),
        ((NET, "--value", "[1]", "--x", "[1]"), "x has the shape 1, but the input is 32x32x3"),
        (("covn 3 3x3", "--params", "1"), "did you mean `conv`?"),
    ],
)
def test_errors(run, arguments: tuple[str, ...], says: str) -> None:
    """What cannot be carried out is an error with exit code 2."""
    code, _, err = run(*arguments)
    assert code == 2
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00\x01" * 9, b"\0" * 99, b"", b'layer,output\nconv1,"' + b"x" * 99, b"," * 999]
)
def test_any_file(run, tmp_path: Path, data: bytes) -> None:
    """A file that is no file of answers is an error, with a place."""
    path = tmp_path / "answers.csv"
    path.write_bytes(data)
    code, _, err = run(NET, str(path))
    assert code == 2
    assert f"{path}:" in err
    assert "bug" not in err


@pytest.mark.parametrize("command", ["check", "show"])
def test_a_terminal_without_dots(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Where the output has no `·` and no minus sign, the sentences have `*` and `-`."""
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding="iso8859_2"))
    spec = "input 32x32x3; conv 10 5x5 p2 -> params 750, 28x28x10"
    assert main([command, spec, "--format", "markdown"]) == 1
    text = printed.getvalue().decode("iso8859_2")
    assert "750 = 5*5*3*10 leaves out the 10 biases; (5*5*3 + 1)*10 = 760" in text
    assert "(32 - 5)/1 + 1 = 28 leaves out the padding" in text


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("conv1,params,7\n", "the params of `conv1` is answered twice"),
        ("conv9,params,7\n", "no layer is called `conv9`"),
        ("conv1\n", "this row has 1 cell, but the header has 3"),
        ('conv1,"params,7\n', "a quote is not closed"),
    ],
)
def test_a_file_of_nothing_but_problems(run, tmp_path: Path, row: str, says: str) -> None:
    """It is read up to a bound, and the first of them are told; what an option answers is judged all the same."""
    path = tmp_path / "answers.csv"
    path.write_text("layer,quantity,answer\nconv1,rf,5\nconv1,params,760\n" + row * 100_000)
    code, out, err = run(NET, str(path), "--output", "16x16x10", "--format", "csv")
    assert code == 2
    assert out.count(",right,") == 3
    assert f"{path}:4:" in err
    assert says in err
    assert err.endswith(f"{path} has too many problems: what stands behind them is not read\n")
    assert len(err.splitlines()) < 10_000


def test_other_files(run, tmp_path: Path) -> None:
    """Lines may end as they did on a Macintosh; what Excel saves by itself is no CSV; no answer is no second one."""
    path = tmp_path / "answers.csv"
    path.write_bytes(b"layer,quantity,answer\rconv1,params,?\rconv1,params,760\rconv1,params,\r")
    code, out, err = run(NET, str(path), "--format", "csv")
    assert (code, out.splitlines()[1:]) == (0, ["conv1,params,760,760,right,-"])
    path.write_bytes(b"layer,quantity,answer\n")
    assert f"there are no answers: {path} has none" in run(NET, str(path))[2]
    path.write_bytes(b"PK\x03\x04" + bytes(range(256)))
    code, out, err = run(NET + " -> 16x16x10", str(path), "--format", "plain")
    assert (code, out.count("right")) == (2, 1)
    assert f"{path}:1:1: error: this is a spreadsheet or another archive, no CSV\nhint: save it as CSV, in UTF-8" in err
    code, out, _ = run(NET, str(path), "--format", "plain")
    assert (code, out) == (2, "")
    code, out, _ = run(NET, str(path), "--format", "csv")
    assert (code, out) == (2, "layer,quantity,given,expected,verdict,mistakes\n")


def test_sizes_in_the_layout(run) -> None:
    """What is given and what is right are printed in the chosen layout; a spec has the channels last in any case."""
    spec = f"{NET} -> 16x16x10, 17x17x10"
    arguments = (
        spec,
        "--layout",
        "channels-first",
        "--output",
        "(10, 16, 16)",
        "--layer",
        "last",
        "--accept",
        "no-bias",
    )
    code, out, err = run(*arguments, "--format", "csv")
    assert code == 1
    assert out.splitlines()[1:] == [
        "maxpool1,output,10x16x16,10x16x16,right,-",
        "maxpool1,output,10x17x17,10x16x16,wrong,-",
        "maxpool1,output,10x16x16,10x16x16,right,-",
    ]
    assert err.count("note: the sentences have the channels of a size last, as a spec does\n") == 1
    _, out, _ = run(*arguments, "--format", "json")
    assert [answer["given"] for answer in json.loads(out)["answers"]] == [[10, 16, 16], [10, 17, 17], [10, 16, 16]]


def test_options_that_stand_twice(run) -> None:
    """They are two answers to one question."""
    code, out, err = run(NET, "--params", "0", "--params", "1", "--value", "1", "--format", "csv")
    assert (code, out.count(",right,")) == (2, 1)
    assert "the params of `maxpool1` is answered twice" in err


def test_near_enough(run) -> None:
    """What the tolerance makes right is not said to be rounded."""
    assert (
        "right: maxpool1 params: near enough to 0\n"
        in run(NET, "--params", "1", "--tolerance", "2", "--format", "csv")[2]
    )


def test_a_word_is_no_file(run) -> None:
    """Who writes an answer where the file stands is told where answers stand."""
    code, _, err = run(NET, "params=760")
    assert (code, "hint: state them behind `->`, in a CSV file, or as `--params 760`" in err) == (2, True)
    assert "hint" not in run(NET, "missing.csv")[2]


def test_values_that_are_no_whole_numbers(run) -> None:
    """They are shown with six digits; JSON has all of them."""
    arguments = ("input 3; softmax", "--x", "1 2 3", "--value", ".09 .24 .67")
    code, out, _ = run(*arguments, "--format", "plain")
    assert code == 0
    assert "[0.0900306,0.244728,0.665241]" in out
    assert "0.09003057317038046" in run(*arguments, "--format", "json")[1]
