"""Answers that stand in a CSV file: rows with named cells, each of which knows its place."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from cnncalc.prose import counted
from cnncalc.spec.source import Problem, Source, Span, SpecError, did_you_mean, listed, quote

DELIMITERS: Final = ",;\t"
# A file of answers may be larger than a spec: a hundred thousand students are a few of these.
LONGEST_FILE: Final = 512 * 2**20
# No sheet has so many questions.
MOST_COLUMNS: Final = 2000
# Lines that a cell in quotes may have.
LONGEST_CELL: Final = 20
# The line in which a spreadsheet says what stands between the cells.
_DECLARED: Final = re.compile(r"sep=([,;\t])\r?", re.IGNORECASE)
# What a spreadsheet computes: all behind `=`; behind the other signs what calls or leads elsewhere.
_FORMULA: Final = re.compile(r"\s*(?:[=\uff1d]|[-+@\uff0b\uff0d\uff20].*[(|!])", re.DOTALL)
# What Python's reader of CSV says, in other words.
_TROUBLES: Final = {
    "unexpected end of data": "a quote is not closed",
    "expected after": "something stands behind a closing quote",
    "field larger": "a cell is longer than 131,072 characters",
}
# How an Excel file begins.
_ZIP: Final = b"PK\x03\x04"
_BAD_BYTES: Final = range(0xDC80, 0xDD00)


class Row(NamedTuple):
    """A row by the names of its columns. `source` is its text, with the line on which it stands."""

    cells: Mapping[str, str]
    source: Source
    delimiter: str

    def span(self, column: str) -> Span:
        """Where the cell of a column stands."""
        start = 0
        for name, cell in self.cells.items():
            found = self.source.text.find(cell, start)
            start = max(start, found)
            if name == column:
                return Span(self.source, start, start + (len(cell) if found >= 0 else 0))
            start = max(start, self.source.text.find(self.delimiter, start + len(cell)) + 1)
        return Span(self.source, 0, len(self.source.text))


class Sheet(NamedTuple):
    """The columns of a file, in lower case, and its rows; those that are broken are told, and left out."""

    source: Source
    columns: tuple[str, ...]
    rows: Iterator[Row]

    def need(self, *columns: str) -> None:
        """Raise `SpecError` for the first of some columns that the file lacks."""
        for column in columns:
            if column not in self.columns:
                hint = did_you_mean(column, self.columns) or listed("its columns are", self.columns)
                raise SpecError([Problem(f"there is no column {quote(column)}", _whole(self.source), hint)])


def read(path: str, report: Callable[[Problem], None]) -> Sheet:
    """A CSV file: UTF-8 with or without a byte-order mark, its cells apart by comma, semicolon or tab.

    A row that is broken (too many or too few cells, a quote that is not closed, bytes that are no text) is
    given to `report`, and the others are read on. Raises `SpecError` for a file that cannot be read at all.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123  pathlib is slow to import
            data = file.read(LONGEST_FILE + 1)
    except OSError as error:
        raise SpecError([Problem(f"cannot read this file: {error.strerror}", _whole(Source(path, "")))]) from None
    if len(data) > LONGEST_FILE:
        raise SpecError([Problem("a file of answers has at most 512 MiB", _whole(Source(path, "")))])
    if data.startswith(_ZIP):
        message = "this is a spreadsheet or another archive, no CSV"
        raise SpecError([Problem(message, _whole(Source(path, "")), "save it as CSV, in UTF-8")])
    text = data.decode(errors="surrogateescape").removeprefix("\ufeff")
    return of_text(path, text if "\n" in text else text.replace("\r", "\n"), report)


def of_text(name: str, text: str, report: Callable[[Problem], None]) -> Sheet:
    """The rows of a text. Raises `SpecError` if it has no header, or names a column twice."""
    header, _, rest = text.partition("\n")
    line, declared = 1, _DECLARED.fullmatch(header)
    if declared:
        line, (header, _, rest) = 2, rest.partition("\n")
    source = Source(name, header.rstrip("\r"), line)
    if any(map(_is_bad, header)):
        raise SpecError([Problem("this is not UTF-8 text", _whole(_readable(source)), "save the file as UTF-8")])
    delimiter = declared[1] if declared else max(DELIMITERS, key=header.count)
    try:
        columns = tuple(unguarded(cell.strip()).lower() for cell in _split(header, delimiter, 1))
    except csv.Error as error:
        raise SpecError([Problem(f"this is no header of a CSV file: {_said(error)}", _whole(source))]) from None
    if not any(columns):
        raise SpecError([Problem("there is no header with the names of the columns", _whole(source))])
    if len(columns) > MOST_COLUMNS:
        raise SpecError(
            [Problem(f"there are {len(columns):,} columns; at most {MOST_COLUMNS:,} may be", _whole(source))]
        )
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice is not None:
        raise SpecError([Problem(f"two columns are called {quote(twice)}", _whole(source))])
    return Sheet(source, columns, _rows(Source(name, rest, line + 1), columns, delimiter, report))


def guarded(text: str) -> str:
    """Text that no spreadsheet runs: an apostrophe stands before what it would take for a formula.

    `-ann`, `@bob` and `+49` are names, and stay as they are.

    >>> guarded("=1+1"), guarded("@SUM(A1)"), guarded("-ann")
    ("'=1+1", "'@SUM(A1)", '-ann')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Text as it was before it was guarded.

    >>> unguarded("'=1+1"), unguarded("'ann'")
    ('=1+1', "'ann'")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def _rows(source: Source, columns: tuple[str, ...], delimiter: str, report: Callable[[Problem], None]) -> Iterator[Row]:
    """The whole rows; the others are reported."""
    for row in _texts(source, len(columns), delimiter):
        if not row.text.strip(delimiter + " \r\n"):
            continue
        bad = next((place for place, character in enumerate(row.text) if _is_bad(character)), None)
        if bad is not None:
            message = f"byte 0x{ord(row.text[bad]) & 0xFF:02X} is not UTF-8 text"
            report(Problem(message, Span(_readable(row), bad, bad + 1), "save the file as UTF-8"))
            continue
        try:
            cells = _split(row.text, delimiter, len(columns))
        except csv.Error as error:
            report(Problem(f"this row is no CSV: {_said(error)}", _whole(row)))
            continue
        if len(cells) != len(columns):
            message = f"this row has {counted(len(cells), 'cell')}, but the header has {len(columns)}"
            report(Problem(message, _whole(row), "a cell with a comma in it stands in quotes"))
            continue
        yield Row(
            {column: unguarded(cell.strip()) for column, cell in zip(columns, cells, strict=True)}, row, delimiter
        )


def _texts(source: Source, columns: int, delimiter: str) -> Iterator[Source]:
    """The text of each row: a line, or several if a cell in quotes goes on.

    A quote that is never closed must not swallow the rows after it, so lines belong together only if they
    make a whole row.
    """
    text, start, line = source.text, 0, source.first_line
    while start < len(text):
        end = further = _line_end(text, start)
        for _ in range(LONGEST_CELL if text.count('"', start, end) % 2 else 0):
            further = _line_end(text, further)
            if _is_row(text[start:further], columns, delimiter):
                end = further
                break
        yield Source(source.name, text[start:end].rstrip("\r\n"), line)
        line += text.count("\n", start, end)
        start = end


def _is_row(text: str, columns: int, delimiter: str) -> bool:
    """Whether a text is one whole row."""
    try:
        return len(_split(text.rstrip("\r\n"), delimiter, columns)) == columns
    except csv.Error:
        return False


def _line_end(text: str, start: int) -> int:
    """Where the line that begins at an offset ends, behind its line break."""
    return text.find("\n", start) + 1 or len(text)


def _split(text: str, delimiter: str, least: int) -> list[str]:
    """The cells of one row; spreadsheets add empty ones at its end, of which `least` stay. Raises `csv.Error`."""
    cells = next(csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=True), [])
    while len(cells) > least and not cells[-1].strip():
        cells.pop()
    return cells


def _said(error: csv.Error) -> str:
    """What is wrong with a row."""
    return next((text for words, text in _TROUBLES.items() if words in str(error)), str(error))


def _is_bad(character: str) -> bool:
    """Whether it stands for a byte that is no text, or is one that no text has."""
    return ord(character) in _BAD_BYTES or character == "\0"


def _readable(source: Source) -> Source:
    """The same row, with a sign for each byte that is no text."""
    return source._replace(text="".join("\ufffd" if _is_bad(character) else character for character in source.text))


def _whole(source: Source) -> Span:
    return Span(source, 0, len(source.text))
