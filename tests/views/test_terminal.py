"""The table on a terminal: at every width, with and without colours, in ASCII."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import pytest
from rich.cells import cell_len

import cnncalc
from cnncalc.views import columns, network
from cnncalc.views.table import Heading, Remark, Table
from cnncalc.views.terminal import print_table
from views.expected import ALL, ASCII, ASIDE, NARROW, SYMBOLIC, TABLES, WRONG


def draw(table: Table, width: int | None = 100, *, color: bool | None = False) -> tuple[str, tuple[str, ...]]:
    """What is drawn, and what is left out."""
    file = io.StringIO()
    left_out = print_table(table, file=file, width=width, color=color)
    return file.getvalue(), left_out


def table_of(spec: str, chosen: str = "") -> Table:
    """The table of a network."""
    report = cnncalc.analyze(spec)
    return network.of_report(report, columns.select(report, chosen))


@pytest.mark.parametrize("spec", TABLES)
def test_tables(spec: str) -> None:
    """Numbers on the right, branches hung into their merges, the totals, and what is to be said under them."""
    assert draw(table_of(spec))[0] == TABLES[spec]


def test_forty_columns() -> None:
    """Even then there is room for the name, the output and the parameters."""
    text, left_out = draw(table_of("lenet5"), 40)
    assert text == NARROW
    assert left_out == ("kind", "config", "rf", "macs", "memory")


@pytest.mark.parametrize(
    "spec", [*(spec for spec in ALL if spec != SYMBOLIC), "lenet5", "unet", "mobilenet_v2", "googlenet_aux"]
)
@pytest.mark.parametrize("chosen", ["", "all"])
def test_every_width(spec: str, chosen: str) -> None:
    """No line is wider than the terminal, and no number of a column that is shown is cut or wrapped."""
    table = table_of(spec, chosen)
    numbers = {
        heading.name: {row[place] for row in table.shown_rows if row[place]}
        for place, heading in enumerate(table.headings)
        if heading.align == "right"
    }
    known: list[str] = []
    for width in range(40, 301):
        text, left_out = draw(table, width)
        lines = text.splitlines()
        assert max(map(len, lines)) <= width
        if lines[: len(table.rows)] == known:
            continue
        known = lines[: len(table.rows)]
        assert not {"name", "output", "params"} & set(left_out)
        ranks = {heading.name: heading.rank for heading in table.headings}
        gone = [ranks[name] for name in left_out]
        assert max(rank for name, rank in ranks.items() if name not in left_out) <= min(gone, default=99)
        words = set(text.split())
        assert all(cells <= words for name, cells in numbers.items() if name not in left_out)


def test_wider_shows_more() -> None:
    """A column that is shown is shown on every wider terminal too, up to the whole table."""
    table = table_of(WRONG)
    left_out = [set(draw(table, width)[1]) for width in range(40, 140)]
    assert all(wider <= narrower for narrower, wider in pairwise(left_out))
    assert not left_out[-1]


def test_config_folds_before_it_goes() -> None:
    """Arguments are put on more lines, each number whole, while everything less dear is left out already."""
    text, left_out = draw(table_of("input 9x9x9; conv 3 3x3 same dilation=2 nobias relu as first"), 46)
    assert text.splitlines()[:5] == [
        "name   config                   output  params",
        "──────────────────────────────────────────────",
        "input  -                         9x9x9       0",
        "first  3 3x3 s1 same d2 nobias   9x9x3     243",
        "       relu",
    ]
    assert left_out == ("kind", "rf", "macs", "memory")


def test_names_fold_last() -> None:
    """A long name is broken before the output or the parameters go, its branch drawn on."""
    spec = (
        "input 8x8x1000; concat { conv 1000 1x1 as the_first_of_the_branches | identity;"
        " aux { gap; relu as a_name_of_some_length } } as the_merge_of_all_branches"
    )
    text, _ = draw(table_of(spec), 40)
    assert text.splitlines()[:12] == [
        "name                   output     params",
        "────────────────────────────────────────",
        "input                8x8x1000          0",
        "╭ the_first_of_the_  8x8x1000  1,001,000",
        "│ branches",
        "├ identity1          8x8x1000          0",
        "│ ┌ aux: gap1            1000          0",
        "│ └ a_name_of_some_      1000          0",
        "│   length",
        "╰ the_merge_of_all_  8x8x2000          0",
        "  branches",
        "────────────────────────────────────────",
    ]


def test_one_huge_number() -> None:
    """A number that is wider than the terminal is not cut."""
    table = Table((Heading("n", "n", "right"), Heading("m", "m", "right")), ((10**60, 1),))
    text, left_out = draw(table, 40)
    assert f"{10**60:,}" in text
    assert left_out == ("m",)


def test_sentences_fold() -> None:
    """In a table of another command the sentences fold, at their spaces."""
    headings = (Heading("kind", "kind"), Heading("doc", "doc", folds=True), Heading("n", "n", "right"))
    table = Table(headings, (("conv", "a window that slides over the image", 1000), ("漢字", "", 2)))
    text, left_out = draw(table, 30)
    assert text.splitlines() == [
        "kind  doc                    n",
        "──────────────────────────────",
        "conv  a window that      1,000",
        "      slides over the",
        "      image",
        "漢字  -                      2",
    ]
    assert max(map(cell_len, text.splitlines())) == 30
    assert not left_out
    assert draw(table, 15)[1] == ("doc", "n")


def test_empty_tables() -> None:
    """A table may have no rows, one column, and no title for it."""
    assert draw(Table((Heading("a", ""),), (("x",),)))[0] == "\n─\nx\n"
    assert draw(Table((Heading("a", "a"),), ()))[0] == "a\n─\n"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_ascii(encoding: str) -> None:
    """Where the stream has no lines to draw with, branches are drawn in ASCII."""
    buffer = io.BytesIO()
    file = io.TextIOWrapper(buffer, encoding=encoding, newline="\n")
    print_table(table_of(ASIDE), file=file, width=60)
    file.flush()
    assert buffer.getvalue().decode(encoding) == ASCII


def test_characters_that_are_not_there() -> None:
    """A name that the stream cannot show does not end the program."""
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print_table(Table((Heading("a", "a"),), (("漢",),)), file=file)
    file.seek(0)
    assert file.read() == "a\n--\n?\n"


def test_formulas_are_spelt_out() -> None:
    """The signs of a calculation have others in ASCII, in the sentences under a table, too."""
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    remark = Remark("wrong", "31: (32 − 5 + 2·2)/1 = 31 forgets the + 1")
    print_table(Table((Heading("a", "a"),), ((1,),), remarks=(remark,)), file=file)
    file.seek(0)
    assert file.read().splitlines()[-1] == "wrong: 31: (32 - 5 + 2*2)/1 = 31 forgets the + 1"


class _Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> _Terminal:
    """A terminal of 50 columns with colours."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "50")
    return _Terminal()


def test_colors(terminal: _Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets colours, unless NO_COLOR is set or they are not wanted; the words stay the same."""
    table = table_of(WRONG)
    print_table(table, file=terminal)
    colored = terminal.getvalue()
    assert "\x1b[1;31m" in colored
    without = re.sub(r"\x1b\[[0-9;]*m", "", colored)
    assert max(map(len, without.splitlines())) <= 50
    never = _Terminal()
    print_table(table, file=never, color=False)
    assert never.getvalue() == without
    monkeypatch.setenv("NO_COLOR", "1")
    forbidden = _Terminal()
    print_table(table, file=forbidden)
    assert forbidden.getvalue() == without
    always = _Terminal()
    print_table(table, file=always, color=True)
    assert "\x1b[1;31m" in always.getvalue()


def test_everything_is_said_without_color() -> None:
    """Wrong answers are words."""
    text, _ = draw(table_of(WRONG), 200)
    assert "wrong: params" in text
    assert "wrong: conv1: params 150 is wrong; it is 152" in text


def test_a_pipe_has_no_width(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing says how wide the output is, nothing is left out; COLUMNS says it."""
    monkeypatch.delenv("COLUMNS", raising=False)
    table = table_of("resnet18", "all")
    assert print_table(table) == ()
    assert max(map(len, capsys.readouterr().out.splitlines())) > 200
    monkeypatch.setenv("COLUMNS", "60")
    assert "flops" in print_table(table)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 60


def test_text_is_no_markup() -> None:
    """What rich would read as markup or an emoji is shown as it is."""
    table = Table((Heading("a", ":b:"),), (("[bold]x[/x]",),), remarks=(Remark("note", ":smile: [red]"),))
    text, _ = draw(table, color=True)
    assert ":b:" in text
    assert "[bold]x[/x]" in text
    assert ":smile: [red]" in text


def test_long_tables_are_drawn_in_parts() -> None:
    """Nothing is lost between them."""
    table = Table((Heading("n", "n", "right"),), tuple((number,) for number in range(1201)))
    assert [line.strip() for line in draw(table)[0].splitlines()[2:]] == [f"{number:,}" for number in range(1201)]
