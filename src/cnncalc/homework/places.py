"""Where the texts of an assignment stand: errors about a spec that TOML holds point into the TOML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from cnncalc.report import INLINE
from cnncalc.spec.source import Problem, Source, Span

# The keys of a question that hold texts of the spec language.
TEXTS: Final = ("spec", "input", "set", "vary")
# What begins the table of a question, a key of it, and a table that is the value of such a key.
_QUESTION: Final = re.compile(r"\[\[\s*question\s*\]\]")
_KEY: Final = re.compile(r"""["']?([A-Za-z0-9_-]+)["']?\s*=\s*""")
_TABLE: Final = re.compile(r"\[\s*question\s*\.\s*([A-Za-z0-9_-]+)\s*\]")
# In a text with escapes: its quotes, what is no part of it, and what stands for one character.
_OPENING: Final = re.compile(r"(?:\"\"\"|'''|[\"'])(?:\r?\n)?")
_UNREAD: Final = re.compile(r"(?:\\[ \t]*\r?\n\s*|\r(?=\n))*")
_ESCAPE: Final = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")


class Place(NamedTuple):
    """A table of an assignment: its number among the questions (0: the top), and the text that it stands in."""

    source: Source
    number: int

    def span(self, key: str = "") -> Span:
        """Where a key's value stands, or where the table begins; a value may be a table of its own below it."""
        tables = _tables(self.source.text)
        start, values = tables[self.number] if self.number < len(tables) else tables[0]
        return Span(self.source, *values.get(key, (start, start + 1)))

    def within(self, key: str, words: str) -> Span:
        """Where some words of a key's value stand, or where it begins."""
        at = self.span(key)
        start = self.source.text.find(words, at.start)
        return at if start < 0 else Span(self.source, start, start + len(words))

    def moved(self, problem: Problem) -> Problem:
        """A problem of a text that a key holds, moved to where the text stands in the assignment.

        What stands in a file of its own stays there.
        """
        related = tuple((self._moved(span), text) for span, text in problem.related)
        return problem._replace(span=self._moved(problem.span), related=related)

    def _moved(self, span: Span) -> Span:
        """A stretch of a text that a key holds, as a stretch of the assignment."""
        key = {INLINE: "spec", "--input": "input"}.get(span.source.name, span.source.name)
        if key not in TEXTS:
            return span
        at, text = self.span(key), span.source.text
        found = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)").search(self.source.text, at.start) if text else None
        if found:
            return Span(self.source, found.start() + span.start, min(found.start() + span.end, found.end()))
        # It was written with escapes.
        places = _places(self.source.text, at.start, text)
        return Span(self.source, places[span.start], places[span.end]) if places else at


@lru_cache(maxsize=2)
def _tables(text: str) -> tuple[tuple[int, dict[str, tuple[int, int]]], ...]:
    """Where each table of an assignment begins, the top first, and where the values of its keys stand."""
    tables: list[tuple[int, dict[str, tuple[int, int]]]] = [(0, {})]
    for offset, line in _lines(text):
        if _QUESTION.match(line):
            tables.append((offset, {}))
            continue
        match = _KEY.match(line) or _TABLE.match(line)
        if match:
            tables[-1][1].setdefault(match[1], (offset + match.end(), offset + len(line)))
    return tuple(tables)


def _places(source: str, start: int, text: str) -> list[int]:
    """Where each character of a text stands that TOML holds with escapes, and where it ends; [] if it is not there."""
    places: list[int] = []
    at = _end(_OPENING, source, start)
    for character in text:
        at = _end(_UNREAD, source, at)
        places.append(at)
        end = _end(_ESCAPE, source, at)
        if end == at and not source.startswith(character, at):
            return []
        at = max(end, at + 1)
    return [*places, at] if text else []


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where a pattern ends that begins at an offset; the offset itself where it does not."""
    match = pattern.match(text, start)
    return start if match is None else match.end()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that may begin a table or a key, with their offsets: those inside of a long text are left out."""
    offset, inside = 0, ""
    for whole in text.splitlines(keepends=True):
        line = whole.strip()
        if not inside:
            yield offset + len(whole) - len(whole.lstrip()), line
        for quotes in ('"""', "'''"):
            if inside in {"", quotes} and line.count(quotes) % 2:
                inside = "" if inside else quotes
        offset += len(whole)
