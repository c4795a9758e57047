"""Whole error texts: each broken spec in `data/broken` with what is said about it, caret included."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnncalc
from cnncalc.report import analyze_source
from cnncalc.spec import source
from cnncalc.spec.expand import Options
from cnncalc.spec.source import Problem, Problems, Source, Span, SpecError, did_you_mean, draw, listed, quote

BROKEN = sorted((Path(__file__).parents[1] / "data" / "broken").glob("*.cnn"))


@pytest.mark.parametrize("path", BROKEN, ids=[path.stem for path in BROKEN])
def test_a_broken_spec_says_what_stands_beside_it(path: Path) -> None:
    """`str()` of the error is the text file: place, fact, line, caret, where shapes came from, hint."""
    with pytest.raises(SpecError) as caught:
        analyze_source(source.decode(path.name, path.read_bytes()), Options())
    assert str(caught.value) + "\n" == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_the_corpus_is_whole() -> None:
    """There are broken specs, and no text without one."""
    assert len(BROKEN) > 80
    assert {path.with_suffix(".txt") for path in BROKEN} == set(BROKEN[0].parent.glob("*.txt"))


@pytest.mark.parametrize("path", BROKEN, ids=[path.stem for path in BROKEN])
def test_an_error_is_also_data(path: Path) -> None:
    """`message`, `line`, `column` and `hint` are those of the first problem, in the order of the text."""
    with pytest.raises(SpecError) as caught:
        analyze_source(source.decode(path.name, path.read_bytes()), Options())
    error = caught.value
    first = error.problems[0]
    assert (error.message, error.hint, error.span) == (first.message, first.hint, first.span)
    assert str(error).startswith(f"{path.name}:{error.line}:{error.column}: error: {error.message}")
    assert [problem.span.start for problem in error.problems] == sorted(p.span.start for p in error.problems)


def test_an_error_in_a_shipped_network_points_into_its_file() -> None:
    """A param that breaks a shipped spec is reported there, with the place that used it."""
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze("input 8x8x3; use vgg")
    text = str(caught.value)
    assert "vgg.cnn:39:9: error: a window of 2 is larger than the input's height of 1" in text.replace("\\", "/")
    assert text.endswith("1:14: note: called from here\n    input 8x8x3; use vgg\n                 ^^^^^^^")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"input": "relu"}, "--input:1:7: error: an extent of the input expected a number, found `relu`\n"),
        ({"input": "3x3x3; relu"}, "--input:1:7: error: expected one size\n"),
        ({"input": "3x3x3 {"}, "--input:1:13: error: `input` has no branches\n"),
        ({"input": "0x3"}, "--input:1:7: error: an extent of the input must be at least 1, found 0\n"),
        ({"set": {"clases": 3}}, "--set:1:1: error: this spec has no param `clases`\n"),
        ({"set": {"classes": "(3"}}, "--set:1:1: error: this `(` is not closed\n"),
        ({"set": {"classes": "3 4"}}, "--set:1:2: error: expected one value\n"),
        ({"set": {"classes": "foo"}}, "--set:1:1: error: unknown name `foo`\n"),
    ],
)
def test_a_mistake_in_what_the_caller_sets(given: dict[str, object], text: str) -> None:
    """An input or a param that is given from outside is what the error points at."""
    for spec in ("param classes = 10; gap; dense classes", "input 8x8x3; param classes = 10; gap; dense classes"):
        with pytest.raises(SpecError) as caught:
            cnncalc.analyze(spec, **given)
        assert str(caught.value).startswith(text)
        assert len(caught.value.problems) == 1


def test_problems_are_told_once_and_not_without_end() -> None:
    """The same problem found twice is one; after twenty the rest is left out."""
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze("def unit(n=1/0) { foo }; unit; unit; unit 3; unit 3")
    assert [problem.message for problem in caught.value.problems] == ["division by zero", "unknown kind `foo`"]
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze("\n".join(f"foo{number}" for number in range(100)))
    assert len(caught.value.problems) == source.MOST_PROBLEMS == 20


def test_what_follows_from_a_problem_is_not_told() -> None:
    """Behind a broken layer, tensor, value or block nothing is known, and nothing is complained about."""
    for spec in (
        "foo; dense 10; conv 8 3x3x3x3",
        "foo as a; from a; dense 10",
        "foo; as a; from a; dense 10",
        "let n = foo; conv n 3x3; conv (n + 1) 3x3; repeat n { relu }",
        "add { foo | conv 8 3x3 }; dense 10",
        "repeat 3 { foo }; dense 10",
        "if foo { relu }; dense 10",
        "aux { foo; dense 10 } -> 3; relu",
        "input foo; dense 10",
        "use foo; dense 10",
        "from foo; dense 10",
        "def unit(n) { conv n 3x3 }; unit foo; dense 10",
        "param n = foo; conv n 3x3",
        "def unit() { conv channels 1x1 }; unit; foo; unit",
        "relu; conv = ; dense 10",
    ):
        with pytest.raises(SpecError) as caught:
            cnncalc.analyze(spec)
        assert len(caught.value.problems) == 1, str(caught.value)


def test_independent_problems_are_all_told() -> None:
    """A side head and another branch are looked at though something before them is broken."""
    with pytest.raises(SpecError) as caught:
        cnncalc.analyze("aux { foo }; add { bar | conv 8 3x3 smae }; let n = 1/0")
    assert [problem.message for problem in caught.value.problems] == [
        "unknown kind `foo`",
        "unknown kind `bar`",
        "`conv` has no option `smae`",
        "division by zero",
    ]


def test_quotes_are_short_and_printable() -> None:
    """A user's words stand in backticks, cut where they are long, without what would steer a terminal."""
    assert quote("conv") == "`conv`"
    assert quote("x" * 41) == f"`{'x' * 37}...`"
    assert quote("\x1b[0m") == "`\ufffd[0m`"


def test_suggestions() -> None:
    """A near word is suggested, one with the same letters first; a far one is not."""
    assert did_you_mean("vgg61", ["vgg19", "vgg16"]) == "did you mean `vgg16`?"
    assert did_you_mean("CONVV", ["conv"]) == "did you mean `conv`?"
    assert did_you_mean("zzz", ["conv"]) == ""


def test_lists_in_hints() -> None:
    """What there is, not too much of it; nothing for nothing."""
    assert listed("there are", ["a", "b"]) == "there are `a`, `b`"
    assert listed("there are", []) == ""
    assert listed("there are", [str(number) for number in range(30)]).endswith("`18`, `19`, 10 more")


def test_the_caret_is_as_wide_as_the_words() -> None:
    """Wide characters take two columns, combining ones none; a span that runs over a line's end stops there."""
    text = "长e\u0301x conv\nrelu"
    assert draw(Problem("m", Span(Source("s", text), 4, 20))) == "s:1:5: error: m\n    长e\u0301x conv\n        ^^^^^"
    assert draw(Problem("m", Span(Source("s", text), 0, 1))) == "s:1:1: error: m\n    长e\u0301x conv\n    ^^"


def test_collecting_nothing_raises_nothing() -> None:
    """`stop` goes on where nothing was found."""
    Problems().stop()
