"""Rows of CSV files: what people export from their spreadsheets, whole and broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.homework import rows
from cnncalc.spec.source import Problem, SpecError, draw


def read(text: str) -> tuple[list[dict[str, str]], list[str]]:
    """The cells of all rows of a text, and what was reported."""
    problems = []
    sheet = rows.of_text("a.csv", text, problems.append)
    return [dict(row.cells) for row in sheet.rows], [draw(problem).splitlines()[0] for problem in problems]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_cells_have_the_names_of_their_columns(delimiter: str, end: str) -> None:
    """Commas, semicolons and tabs, both line ends; names in lower case, spaces around cells left out."""
    lines = [["Student", "Q1"], ["ann", " 28x28x10 "], ["bob", f'"1{delimiter}234"'], ["", ""], ["cleo", ""]]
    text = end.join(delimiter.join(line) for line in lines)
    assert read(text) == (
        [
            {"student": "ann", "q1": "28x28x10"},
            {"student": "bob", "q1": f"1{delimiter}234"},
            {"student": "cleo", "q1": ""},
        ],
        [],
    )


def test_a_broken_row_costs_no_other() -> None:
    """Each is reported with its line and column; the rows before and after it are read."""
    text = 'student,q1\na,1\nb,"2\nc,3\nd\ne,4,5\nf,\udce9\ng,"6"7\nh,"8\n8"\ni,9\nj,1\0\n'
    found, problems = read(text)
    assert [row["student"] for row in found] == ["a", "c", "h", "i"]
    assert found[2]["q1"] == "8\n8"
    assert [problem.split(" error: ")[0] for problem in problems] == [
        "a.csv:3:1:",
        "a.csv:5:1:",
        "a.csv:6:1:",
        "a.csv:7:3:",
        "a.csv:8:1:",
        "a.csv:12:4:",
    ]
    assert "0x00 is not UTF-8" in problems[5]
    assert "0xE9 is not UTF-8" in problems[3]
    assert "has 1 cell, but the header has 2" in problems[1]


def test_a_cell_knows_its_place() -> None:
    """The line and the column in the file, also behind quoted cells, and of an empty one."""
    sheet = rows.of_text("a.csv", 'a,b,c,d\n\n1,"2,2",3,\n"x""y",5,6,7\n', pytest.fail)
    first, second = sheet.rows
    assert [first.span(column).source.position(first.span(column).start) for column in "abcd"] == [
        (3, 1),
        (3, 4),
        (3, 9),
        (3, 11),
    ]
    assert second.span("c").text == "6"
    assert second.span("a").start == 0
    assert second.span("no such column").text == second.source.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no header"),
        (" , \n1,2", "no header"),
        ("a,b,A\n", "two columns are called `a`"),
        ('a,"b\n', "no header of a CSV file"),
        ("a,\udcff\n", "not UTF-8"),
        (",".join(map(str, range(100_000))), "there are 100,000 columns; at most 2,000 may be"),
    ],
)
def test_a_file_without_columns_is_an_error(text: str, says: str) -> None:
    """What cannot be read at all says why, and where."""
    with pytest.raises(SpecError, match=says) as error:
        read(text)
    assert error.value.line == 1


def test_a_missing_column_suggests_another() -> None:
    """The error names the columns that there are."""
    sheet = rows.of_text("a.csv", "student,questoin,x\n", pytest.fail)
    sheet.need("student", "x")
    with pytest.raises(SpecError) as error:
        sheet.need("question")
    assert error.value.hint == "did you mean `questoin`?"


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte-order mark is no part of a name; a file that is not there or too large is an error."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfstudent,q1\nann,\xff\nbob,2\n")
    problems = []
    sheet = rows.read(str(path), problems.append)
    assert [row.cells["student"] for row in sheet.rows] == ["bob"]
    assert len(problems) == 1
    with pytest.raises(SpecError, match="cannot read this file"):
        rows.read(str(tmp_path / "none.csv"), problems.append)
    monkeypatch.setattr(rows, "LONGEST_FILE", 10)
    with pytest.raises(SpecError, match="at most 512 MiB"):
        rows.read(str(path), problems.append)


@given(st.text(), st.lists(st.lists(st.text(max_size=5), min_size=2, max_size=2), max_size=5))
def test_any_text_is_read_or_reported(text: str, cells: list[list[str]]) -> None:
    """Nothing but `SpecError` comes out of any text, and no more rows than lines."""
    for one in (text, "a,b\n" + text, "a,b\n" + "\n".join(",".join(row) for row in cells)):
        try:
            found, problems = read(one)
        except SpecError:
            continue
        assert len(found) + len(problems) <= one.count("\n") + 1


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('"ann,1', "a quote is not closed"),
        ('"ann"x,1', "something stands behind a closing quote"),
        (f"{'a' * 140_000},1", "a cell is longer than 131,072 characters"),
    ],
)
def test_a_row_that_is_no_csv(row: str, says: str) -> None:
    """What is wrong is said in plain words."""
    problems: list[Problem] = []
    list(rows.of_text("a.csv", f"student,q1\n{row}\n", problems.append).rows)
    assert [problem.message for problem in problems] == [f"this row is no CSV: {says}"]


def test_what_spreadsheets_add_does_no_harm() -> None:
    """Empty columns at the end, cells there, and a line that says what stands between cells; places stay right."""
    problems: list[Problem] = []
    sheet = rows.of_text("a.csv", "sep=;\r\nstudent;q1;;\r\nann;7,5;;\r\nbob;1;;x\r\ncleo;2\r\n", problems.append)
    assert sheet.columns == ("student", "q1")
    found = list(sheet.rows)
    assert [row.cells for row in found] == [{"student": "ann", "q1": "7,5"}, {"student": "cleo", "q1": "2"}]
    assert found[0].source.position(found[0].span("q1").start) == (3, 5)
    assert [draw(problem).splitlines()[0] for problem in problems] == [
        "a.csv:4:1: error: this row has 4 cells, but the header has 2"
    ]
    assert sheet.source.position(0) == (2, 1)
