"""`cnncalc solve` as a user meets it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cnncalc.cli import main
from cnncalc.solving import search

if TYPE_CHECKING:
    import pytest

STRIDE = "input 227x227x3; conv 96 11x11 s? -> 55x55x96"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The exit code, standard output and standard error."""
    code = main(["solve", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_solutions_are_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """A row a solution; what was tried is told on standard error."""
    code, out, err = run(capsys, STRIDE)
    assert (code, out) == (0, "conv1.stride  tiles    doubts\n           4  exactly  -\n")
    assert err == "note: all values were tried of conv1.stride 1 to 64\n"


def test_no_solution_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    """The nearest values on both sides, what they give, and the working of it."""
    code, out, err = run(capsys, STRIDE.replace("55", "54"))
    assert (code, out) == (1, "conv1.stride  tiles  doubts\n")
    assert "wrong: no value fits\n" in err
    assert "nearest below: conv1.stride 5 gives 44x44x96 for 54x54x96: floor((227 - 11)/5) + 1 = 44\n" in err
    assert "nearest above: conv1.stride 4 gives 55x55x96 for 54x54x96: (227 - 11)/4 + 1 = 55\n" in err


def test_why_no_solution(capsys: pytest.CaptureFixture[str]) -> None:
    """A layer in the way is named; an answer about the whole network, or without working, has none."""
    assert "no value fits: a window of 7 is larger" in run(capsys, "input 5x5x1; conv 8 7x7; conv 8 ?x? -> 1x1")[2]
    total = run(capsys, "input 9x9x1; conv ? 3x3; -> params 25")[2]
    assert "nearest below: conv1.filters 2 gives 20 for 25\n" in total
    units = run(capsys, "input 9x9x1; conv ? 3x3 -> activations 100")[2]
    assert "nearest above: conv1.filters 3 gives 147 for 100\n" in units


def test_rounding_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    """Solutions that rely on rounding down, and other doubts, are marked; the notes on the first one are told."""
    code, out, err = run(capsys, "input 224x224x3; conv 96 11x11 s4 p? -> 55x55x96")
    assert code == 0
    assert [line.split() for line in out.splitlines()[1:]] == [["2", "rounded_down", "-"], ["3", "rounded_down", "-"]]
    assert "does not tile its input" in err
    assert "(in the first solution)" in err
    doubtful = run(capsys, "input 9x9x1; conv 1 3x3 p? -> 15x15x1")[1]
    assert doubtful.splitlines()[1].split() == ["4", "exactly", "padding-over-kernel"]


def test_axes_that_differ(capsys: pytest.CaptureFixture[str]) -> None:
    """Are written as a size, and it is said that one number does not fit."""
    _, out, err = run(capsys, "input 32x32x3; conv 8 ?x? -> 30x28x8")
    assert out.splitlines()[1].split()[0] == "3x5"
    assert "the same number along all axes does not fit" in err


def test_only_some_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """`--limit` says how many; JSON has all of them."""
    spec = "input 32x32x3; conv 8 ?x? same s? -> 16x16x8"
    _, out, err = run(capsys, spec, "--limit", "3")
    assert len(out.splitlines()) == 4
    assert "the plainest 3 are shown; --limit shows more" in err
    data = json.loads(run(capsys, spec, "--limit", "3", "--format", "json")[1])
    assert len(data["solutions"]) == 64
    assert data["solutions"][0] == {"conv1.kernel": 2, "conv1.stride": 2}


def test_the_derivation(capsys: pytest.CaptureFixture[str]) -> None:
    """`--explain` solves the formula; in JSON it stands under a key of its own; without a solution there is none."""
    _, out, _ = run(capsys, STRIDE, "--explain")
    assert "  S              (W − F)/(O − 1) = (227 − 11)/(55 − 1) = 4\n" in out
    data = json.loads(run(capsys, STRIDE, "--explain", "--format", "json")[1])
    assert data["unknowns"] == ["conv1.stride"]
    assert data["solutions"] == [{"conv1.stride": 4}]
    assert data["complete"] is True
    assert data["explain"][0]["steps"][0]["formula"] == "(W − F)/(O − 1)"
    assert "explain" not in json.loads(run(capsys, STRIDE, "--format", "json")[1])
    assert run(capsys, STRIDE.replace("55", "54"), "--explain")[0] == 1
    line = "conv1: S: (W − F)/(O − 1) = (227 − 11)/(55 − 1) = 4"
    _, out, err = run(capsys, STRIDE, "--explain", "--format", "csv")
    assert "−" not in out
    assert f"note: {line}\n" in err
    assert line in run(capsys, STRIDE, "--explain", "--format", "html")[1]


def test_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    """`--bound` says what to try, and is told again."""
    code, _, err = run(capsys, STRIDE, "--bound", "stride=1:3")
    assert code == 1
    assert "all values were tried of conv1.stride 1 to 3" in err
    for bad in ("stride", "stride=3:1", "stride=a:b", "stride=1", "=1:2"):
        code, _, err = run(capsys, STRIDE, "--bound", bad)
        assert code == 2
        assert "--bound takes NAME=LOW:HIGH" in err
    code, _, err = run(capsys, STRIDE, "--bound", "strde=1:3")
    assert code == 2
    assert "did you mean `stride`?" in err


def test_strict(capsys: pytest.CaptureFixture[str]) -> None:
    """`--strict` leaves out what is rounded down, and needs no answer."""
    spec = "input ?x?x3; conv 8 3x3 s2; conv 8 3x3 s2"
    assert run(capsys, spec)[0] == 2
    code, out, _ = run(capsys, spec, "--strict", "--bound", "input.size=1:20")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["7", "11", "15", "19"]


def test_a_search_that_is_cut_short(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and nothing is claimed to be impossible."""
    monkeypatch.setattr(search, "MOST_SECONDS", -1.0)
    code, out, err = run(capsys, STRIDE, "--format", "table")
    assert code == 1
    assert "solutions 0 and perhaps more" in out
    assert "the search was cut short; it had begun with conv1.stride 1 to 64" in out + err
    assert "no value fits" not in out + err


def test_other_commands_point_here(capsys: pytest.CaptureFixture[str]) -> None:
    """Where a `?` stands in a spec that is to be shown, the error names this command."""
    assert main(["show", STRIDE]) == 2
    assert "or ask `cnncalc solve` for it" in capsys.readouterr().err


def test_values_stand_aside(capsys: pytest.CaptureFixture[str]) -> None:
    """That they are not solved from is said once."""
    assert main(["solve", "input 3x3x1; conv 1 ?x? nobias -> 2x2x1, value [1 2; 3 4]", "--format", "plain"]) == 0
    err = capsys.readouterr().err
    assert "note: values of a forward pass are not solved from\n" in err
    assert "--array" not in err
