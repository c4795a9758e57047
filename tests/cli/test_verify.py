"""`cnncalc verify` as a user meets it."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest

import cnncalc
from cnncalc.cli import main, verify
from cnncalc.shapes import Window
from cnncalc.views import FORMATS, terminal
from processes import CNNCALC

NET = "input 12x12x3; conv 4 3x3 relu; add { identity | conv 4 1x1 }; gap; dense 5"
# Long enough to be interrupted on any machine.
LONG = "vgg19"


def test_a_line_for_each_layer_and_a_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    """The numbers are those that were found; the verdict goes where remarks go."""
    assert main(["verify", NET, "--format", "plain"]) == 0
    captured = capsys.readouterr()
    header, *rows, total = (line.split() for line in captured.out.splitlines())
    assert header == ["name", "input", "output", "learnt", "products", "places", "seen", "verdict"]
    assert rows[0] == ["conv1", "12x12x3", "10x10x4", "112", "10800", "20", "20", "right"]
    assert len(rows) == 6
    assert all(row[-1] == "right" for row in rows)
    assert total[3:5] == ["157", "12420"]
    assert captured.err == (
        "right: 6 layers: shapes, learnt values and products are those of the table, and positions read the pixels "
        "of their receptive fields\n"
    )


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_says_the_verdict(capsys: pytest.CaptureFixture[str], format_: str) -> None:
    """Quick or whole."""
    assert main(["verify", NET, "--quick", "--format", format_]) == 0
    captured = capsys.readouterr()
    assert "right" in captured.out
    assert "dense1" in captured.out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Every number by name; shapes in the chosen layout."""
    assert main(["verify", NET, "--format", "json", "--seed", "7", "--layout", "channels-first"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert list(data)[:6] == ["spec", "input", "layout", "seed", "quick", "fields_input"]
    assert list(data)[6:] == ["layers", "totals", "difference", "verdict"]
    assert data["fields_input"] == data["input"] == [3, 12, 12]
    assert (data["seed"], data["quick"], data["difference"], data["verdict"]) == (7, False, None, "right")
    assert data["totals"] == {"learnt": 157, "products": 12420}
    assert data["layers"][0] == {
        "index": 1,
        "name": "conv1",
        "kind": "conv",
        "inputs": [[3, 12, 12]],
        "output": [4, 10, 10],
        "learnt": 112,
        "products": 10800,
        "places": 20,
        "seen": 20,
        "verdict": "right",
    }
    assert len(data["layers"][3]["inputs"]) == 2


def test_a_shorter_image_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    """In which the fields were followed."""
    spec = "input 2000x3; conv 4 3"
    assert main(["verify", spec, "--quick", "--format", "table"]) == 0
    assert "in an image of 1000x3" in capsys.readouterr().out
    assert main(["verify", spec, "--format", "table"]) == 0
    assert "1000x3" not in capsys.readouterr().out
    assert main(["verify", spec, "--quick", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["input"], data["fields_input"]) == ([2000, 3], [1000, 3])


def test_a_difference_exits_with_1(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one is explained, and nothing behind it is computed."""
    rule = Window.output
    monkeypatch.setattr(Window, "output", lambda self, extent: rule(self, extent) + (self.size == 3))
    for format_ in ("plain", "json"):
        assert main(["verify", NET, "--format", format_]) == 1
        captured = capsys.readouterr()
        if format_ == "plain":
            assert "wrong: conv1, cut to" in captured.err
            assert "output: the table says" in captured.err
            assert len(captured.out.splitlines()) == 3
        else:
            data = json.loads(captured.out)
            assert data["verdict"] == "wrong"
            assert data["difference"]["layer"] == "conv1"
            assert set(data["difference"]) == {"layer", "about", "predicted", "found", "text"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("input 9x9xC; relu",), "symbols"),
        (("input 30000x30000x3; relu",), "--quick"),
        (("covn 3",), "did you mean `conv`?"),
        ((NET, "--jobs", "0"), "--jobs"),
        ((NET, "--seed", "-1"), "--seed"),
    ],
)
def test_what_cannot_be_run_exits_with_2(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    """Before anything is computed."""
    assert main(["verify", *arguments]) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert not captured.out


def test_a_network_without_layers(capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to hold, and nothing wrong."""
    assert main(["verify", "input 3x3x1"]) in {0, 2}
    assert "Traceback" not in capsys.readouterr().err


def test_long_runs_are_announced(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With the way around them."""
    monkeypatch.setattr(verify, "LONG", 1e-9)
    assert main(["verify", NET]) == 0
    assert "--quick takes seconds" in capsys.readouterr().err


def on_a_terminal(*arguments: str, interrupt: bool = False) -> tuple[int, str]:
    """Exit code and output of a command in a process group on a terminal; perhaps interrupted by Ctrl-C."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*CNNCALC, "verify", *arguments],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(follower)
    printed = b""
    while True:
        try:
            block = os.read(leader, 65536)
        except OSError:
            break
        if not block:
            break
        printed += block
        if interrupt and b"products" in printed:
            os.killpg(process.pid, signal.SIGINT)
            interrupt = False
    os.close(leader)
    return process.wait(timeout=60), printed.decode(errors="replace")


def test_short_work_shows_no_bar() -> None:
    """The table alone stands on the terminal."""
    code, printed = on_a_terminal("input 9x9x3; conv 8 3x3")
    assert code == 0
    assert "layer 1 of 1" not in printed
    assert "seen whole" in printed


@pytest.mark.parametrize(("quick", "says"), [(False, "17,496 of 17,496 products"), (True, "━")])
def test_longer_work_shows_a_bar(monkeypatch: pytest.MonkeyPatch, *, quick: bool, says: str) -> None:
    """Layers and products; where there are only layers, it counts these."""
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(terminal, "SECONDS_UNSHOWN", 0)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    lines = verify.verified(cnncalc.analyze("input 11x11x3; conv 8 3x3; relu"), 0, 1, quick=quick)
    assert len(lines) == 2
    assert says in screen.getvalue()
    assert "layer 2 of 2" in screen.getvalue()


def test_ctrl_c_ends_all_processes() -> None:
    """With code 130, no traceback, and nothing left behind."""
    code, printed = on_a_terminal(LONG, "--jobs", "2", interrupt=True)
    assert code == 130
    assert "Traceback" not in printed
    time.sleep(0.1)
    running = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True).stdout
    assert f"verify {LONG} --jobs 2" not in running
