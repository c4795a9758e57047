"""A quiz as a document: headings, paragraphs, tables and lists, which the formats for people draw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from cnncalc.homework.asked import lettered
from cnncalc.prose import counted, with_separators

if TYPE_CHECKING:
    from cnncalc.homework.quiz import Item, Part, Sheet

UNTITLED: Final = "Exercises"
# A network of so many lines is told again.
SHORT: Final = 2
# What stands where an answer is written.
BLANK: Final = "Answer:"


class Block(NamedTuple):
    """A piece of a document.

    `title`, `heading`, `text` and `blank` (a place for an answer) have a text; `given` has pairs of a name and
    what it is, `table` headings and rows, `choices` and `lines` a text a row; `page` begins a new one.
    """

    kind: Literal["title", "heading", "text", "blank", "given", "table", "choices", "lines", "page"]
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(sheets: Sequence[Sheet], *, key: bool) -> Iterator[Block]:
    """All sheets, each on pages of its own; with `key`, its answers stand behind each."""
    for number, sheet in enumerate(sheets):
        if number:
            yield Block("page")
        yield from _sheet(sheet)
        if key:
            yield from _key(sheet)


def _sheet(sheet: Sheet) -> Iterator[Block]:
    """The questions."""
    yield Block("title", _title(sheet))
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for number, item in enumerate(sheet.items, start=1):
        points = counted(item.points, "point")
        yield Block("heading", f"{number}. {item.id if not item.topic else item.topic} ({points})")
        first = seen.setdefault(item.given, number)
        # Several questions about one network are on most sheets; it is told once, unless a line says as much.
        if first == number or len(item.given) <= SHORT:
            yield from stem(item)
        else:
            yield Block("text", f"The network is that of question {first}.")
            yield from tuple(stem(item))[1:]
        for part in item.parts:
            yield from _answer(part, filled=bool(item.table) and len(item.parts) > 1)


def _title(sheet: Sheet) -> str:
    return f"{sheet.title or UNTITLED}{f': {sheet.student}' if sheet.student else ''}"


def stem(item: Item) -> Iterator[Block]:
    """What is given and what is asked."""
    yield Block("given", rows=item.given)
    yield Block("text", item.text)
    if item.table:
        yield Block("table", rows=tuple(tuple(map(with_separators, row)) for row in item.table))


def _answer(part: Part, *, filled: bool) -> Iterator[Block]:
    """The answers to choose from, or a place to write one; a table is such a place itself."""
    if part.choices:
        yield choices(part)
    elif not filled:
        yield Block("blank", BLANK)


def choices(part: Part) -> Block:
    """The answers to choose from, each with its letter."""
    return Block(
        "choices", rows=tuple((lettered(place), with_separators(one)) for place, one in enumerate(part.choices))
    )


def _key(sheet: Sheet) -> Iterator[Block]:
    """The answers, each with its working and the wrong answers that are known."""
    yield Block("page")
    yield Block("title", f"Answers: {_title(sheet)}")
    for number, item in enumerate(sheet.items, start=1):
        yield Block("heading", f"{number}. {'; '.join(_answered(part) for part in item.parts)}")
        yield Block("lines", rows=tuple((line,) for line in item.solution))


def _answered(part: Part) -> str:
    """The right answer, with its letter if it is one to choose."""
    label = f"{part.label}: " if part.label else ""
    letter = f"({lettered(part.choices.index(part.answer))}) " if part.choices else ""
    return f"{label}{letter}{with_separators(part.answer)}"
