"""The command line as a user meets it: what is printed where, and with which exit code."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cnncalc import cli
from cnncalc.cli import COMMANDS, main
from cnncalc.views import FORMATS

NET = "input 32x32x3; conv 10 5x5 p2; pool 2x2"


def test_a_spec_alone_is_shown(run) -> None:
    """`cnncalc SPEC` prints what `cnncalc show SPEC` prints, and exits with 0."""
    alone, shown = run(NET), run("show", NET)
    assert alone.code == shown.code == 0
    assert alone.out == shown.out
    assert "760" in alone.out


def test_options_may_come_before_the_spec(run) -> None:
    """`cnncalc --format json SPEC` works as well."""
    assert json.loads(run("--format", "json", NET).out)["totals"]["params"] == 760


def test_no_arguments_and_help_show_the_commands(run) -> None:
    """Help names every command; asked for, its exit code is 0."""
    for arguments in (("--help",), ("-h",)):
        result = run(*arguments)
        assert result.code == 0
        for command in COMMANDS:
            assert command in result.out
    assert "Commands" in run().err + run().out


def test_version(run) -> None:
    """`--version` prints the version."""
    assert run("--version").out.startswith("cnncalc ")


def test_a_wrong_answer_exits_with_1(run) -> None:
    """The table is printed, the wrong answer told on standard error, and the exit code is 1."""
    result = run("input 32x32x3; conv 10 5x5 p2 -> params 750")
    assert result.code == 1
    assert "wrong" in result.out
    assert "750" in result.err
    assert "760" in result.err


def test_a_broken_spec_exits_with_2(run) -> None:
    """The error is drawn on standard error, and nothing is printed on standard output."""
    result = run("covn 8 3x3")
    assert (result.code, result.out) == (2, "")
    assert "spec:1:1: error: unknown kind `covn`" in result.err
    assert "did you mean `conv`?" in result.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("vgg61",), "did you mean `vgg16`?"),
        (("vgg16", "--format", "jsn"), "did you mean `json`?"),
        (("vgg16", "--frmat", "json"), "--format"),
        (("vgg16", "--columns", "parms"), "did you mean `params`?"),
        (("vgg16", "--set", "classes"), "NAME=VALUE"),
        (("vgg16", "--set", "clases=3"), "did you mean `classes`?"),
        (("vgg16", "--batch", "0"), "--batch"),
        (("vgg16", "--input", "0x3x3"), "--input:1:"),
        (("vgg16", "--input", "3x3x3; relu"), "--input"),
        (("vgg16", "--dtype", "float23"), "float32"),
        (("conv", "8", "3x3"), "stands in quotes"),
        (("no/such/file.cnn",), "no/such/file.cnn"),
        (("explain", "vgg16", "conv99"), "conv"),
        (("layers", "covn"), "did you mean `conv`?"),
        (("specs", "zzz"), "zzz"),
        (("show",), "SPEC"),
        (("shwo", "vgg16"), "did you mean `show`?"),
        (("show", "conv", "8", "3x3"), "hint: a spec with spaces stands in quotes"),
        (("shwo",), "did you mean `show`?"),
    ],
)
def test_a_request_that_cannot_be_carried_out_exits_with_2(run, arguments: tuple[str, ...], says: str) -> None:
    """Usage errors say what is wrong, and suggest what was probably meant."""
    result = run(*arguments)
    assert result.code == 2
    assert says in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    "command", [("show", NET), ("explain", NET), ("layers",), ("layers", "conv"), ("specs", "mnist")]
)
def test_every_command_has_every_format(run, command: tuple[str, ...], format_: str) -> None:
    """Each command prints something in each format."""
    result = run(*command, "--format", format_)
    assert result.code == 0
    assert len(result.out) > 50
    if format_ == "json":
        json.loads(result.out)


def test_standard_input_is_a_spec(tmp_path: Path) -> None:
    """`-` reads the spec from standard input."""
    command = [sys.executable, "-m", "cnncalc", "-", "--format", "json"]
    result = subprocess.run(command, input=NET, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert json.loads(result.stdout)["totals"]["params"] == 760


def test_files_win_over_shipped_names(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is called like a network is read."""
    (tmp_path / "vgg16").write_text(NET)
    monkeypatch.chdir(tmp_path)
    assert json.loads(run("vgg16", "--format", "json").out)["totals"]["params"] == 760


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"conv 8 3x3\xff", b"\xff\xfe\x00c", b"", b"#" * 10_000_000])
def test_any_file_is_an_error_with_a_place(run, tmp_path: Path, data: bytes) -> None:
    """Bytes that are no spec give an error that names the file."""
    path = tmp_path / "net.cnn"
    path.write_bytes(data)
    result = run(str(path))
    assert result.code == 2
    assert f"{path}:1:" in result.err


def test_a_file_without_permission_and_a_folder_are_errors(run, tmp_path: Path) -> None:
    """What cannot be read is an error."""
    assert run(str(tmp_path)).code == 2


def test_settings_reach_the_report(run) -> None:
    """`--set`, `--input`, `--batch`, `--dtype` and `--layout` do what they say."""
    options = "--set classes=10 --input 64x64x3 --batch 8 --dtype float16 --layout channels-first --format json"
    data = json.loads(run("vgg16", *options.split()).out)
    assert data["input"] == [3, 64, 64]
    assert data["output"] == [10]
    assert (data["batch"], data["dtype"]) == (8, "float16")
    assert data["layers"][0]["activation_bytes"] == 64 * 64 * 64 * 2 * 8


def test_strict_makes_an_error_of_a_doubtful_network(run) -> None:
    """A window that does not tile is a note, and with `--strict` an error at its layer."""
    spec = "input 10x10x1; conv 1 3x3 s2"
    assert run(spec).code == 0
    result = run(spec, "--strict")
    assert result.code == 2
    assert "spec:1:16: error: conv1 does not tile its input" in result.err


def test_a_bug_is_one_sentence(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception exits with 70; `--debug` lets it through."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("oh")

    monkeypatch.setattr("cnncalc.report.find", broken)
    result = run("vgg16")
    assert result.code == 70
    assert result.err == "cnncalc has a bug: RuntimeError: oh. Run it again with --debug to see where.\n"
    with pytest.raises(RuntimeError):
        main(["vgg16", "--debug"])


def test_an_interrupt_exits_with_130(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is no error to talk about."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cnncalc.report.find", interrupted)
    assert run("vgg16").code == 130


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="needs a system with pipes of that kind")
def test_a_reader_that_leaves_is_no_error() -> None:
    """`cnncalc resnet152 | head -n 1` ends in silence."""
    command = f"{sys.executable} -m cnncalc resnet152 --format html | head -c 1"
    result = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_ascii_streams_are_served() -> None:
    """On a stream that knows only ASCII nothing raises, and everything is spelt out, errors and notes too."""
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "COLUMNS": "100"}
    tiled = "input 8x8x1; conv 1 3x3 s2 -> 9×9"
    for command in (
        ["vgg16", "--format", "table"],
        ["explain", NET, "--format", "table"],
        [tiled],
        ["covn ×"],
        ["relu", "--×"],
    ):
        result = subprocess.run(
            [sys.executable, "-m", "cnncalc", *command], capture_output=True, env=environment, check=False
        )
        assert result.returncode == (1 if command == [tiled] else 2 if "×" in command[-1] else 0)
        assert result.stdout.isascii()
        assert result.stderr.isascii()
        assert b"Traceback" not in result.stderr


def complete(words: str, number: int) -> list[str]:
    """What bash would be offered."""
    environment = os.environ | {
        "_CNNCALC_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(number),
    }
    code = "import sys; sys.argv[0] = 'cnncalc'; from cnncalc.cli import entry; entry()"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    return [line.partition(",")[2] for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "number", "offered"),
    [
        ("cnncalc ex", 1, "explain"),
        ("cnncalc vgg1", 1, "vgg16"),
        ("cnncalc con", 1, "conv"),
        ("cnncalc show resn", 2, "resnet50"),
        ("cnncalc vgg16 --for", 2, "--format"),
        ("cnncalc vgg16 --format ma", 3, "markdown"),
        ("cnncalc vgg16 --columns name,par", 3, "name,params"),
        ("cnncalc layers max", 2, "maxpool"),
        ("cnncalc specs mob", 2, "mobilenet_v2"),
    ],
)
def test_the_shell_completes(words: str, number: int, offered: str) -> None:
    """Commands, options, values, shipped networks, kinds and columns are completed."""
    assert offered in complete(words, number)


def test_every_command_has_a_module_and_a_help(run) -> None:
    """The table of commands and the modules agree."""
    for name, sentence in COMMANDS.items():
        result = run(name, "--help")
        assert result.code == 0
        assert "Usage: cnncalc" in result.out
        assert sentence.split()[0] in result.out
    assert cli.command.get_command(None, "nonsense") is None  # type: ignore[arg-type]


def test_explain_says_what_is_wrong(run) -> None:
    """Under the working stands the answer that is wrong, and the exit code is 1."""
    result = run("explain", "input 8x8x1; conv 2 3x3 -> params 3", "--format", "table")
    assert result.code == 1
    assert "wrong: conv1: params 3 is wrong; it is 20" in result.out


def test_what_is_no_command_has_no_module() -> None:
    """The table of commands is all there is."""
    context = click.Context(cli.command)
    assert cli.command.get_command(context, "nonsense") is None
    assert cli.command.list_commands(context) == list(COMMANDS)


def test_explain_says_nothing_more_where_there_is_nothing_to_say(run) -> None:
    """Without notes and answers the working is all."""
    result = run("explain", "input 8x8x1; conv 2 3x3", "--format", "table")
    assert result.out.rstrip().endswith("(bytes, as float32)")


def test_a_spec_that_is_no_text_is_a_usage_error(run) -> None:
    """Bytes on the command line that are not UTF-8 reach Python as lone surrogates."""
    result = run("conv 8 \udcff")
    assert result.code == 2
    assert "not UTF-8" in result.err


def test_other_errors_of_click_are_shown(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What click complains about, apart from usage, is a request that cannot be carried out."""

    def broken(*_: object, **__: object) -> None:
        raise click.ClickException("no such thing")

    monkeypatch.setattr("cnncalc.report.find", broken)
    result = run("vgg16")
    assert (result.code, result.err) == (2, "Error: no such thing\n")


def test_a_reader_that_has_gone_ends_in_silence(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed pipe is no error."""

    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("cnncalc.report.find", gone)
    result = run("vgg16")
    assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_pipe_that_nobody_reads_is_no_wrong_answer(stream: str) -> None:
    """The process ends with 0, also where click notices first."""
    reader, writer = os.pipe()
    other = {"stdout": "stderr", "stderr": "stdout"}[stream]
    os.close(reader)
    command = [sys.executable, "-m", "cnncalc", "vgg16", "--format", "csv"]
    done = subprocess.run(command, **{stream: writer, other: subprocess.PIPE}, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr or b"") == (0, b"")


def test_streams_that_cannot_be_reconfigured_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where something else stands in for standard output, as in a notebook."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    assert main([NET, "--format", "tsv"]) == 0
    assert "conv1" in stream.getvalue()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("command", [["vgg16"], ["specs", "lenet"], ["compare", "vgg11", "vgg13", "--format", "json"]])
def test_a_full_disk_is_no_bug(command: list[str]) -> None:
    """What cannot be written is said in a sentence, with exit code 2."""
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "cnncalc", *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (result.returncode, result.stderr.splitlines()[-1]) == (2, "cannot write: No space left on device")
