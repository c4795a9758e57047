"""A place in a text, and how it moves on: what the rules of the grammar are written in."""

from __future__ import annotations

import re
from typing import Final, NoReturn

from cnncalc.spec.expressions import Name
from cnncalc.spec.source import Problem, Problems, Source, Span, SpecError
from cnncalc.spec.words import SPACE

# Braces and parentheses nest no deeper in any network; the bound keeps the recursion off Python's stack limit.
DEEPEST_NESTING: Final = 60

BLANKS: Final = re.compile(SPACE)
BETWEEN_LINES: Final = re.compile(r"(?:\s|#[^\n]*)*")
WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class TooDeepError(SpecError):
    """Nesting beyond the bound: nothing behind it can be read either."""


class Reader:
    """A place in the text."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.source = source
        self.text = source.text
        self.position = 0
        self.depth = 0
        self.problems = problems

    def fail(self, message: str, start: int, end: int, hint: str = "") -> NoReturn:
        """Give up on this statement."""
        raise SpecError([Problem(message, Span(self.source, start, end), hint)])

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Move past what the pattern matches here, if only nothing."""
        match = pattern.match(self.text, self.position)
        assert match is not None  # these patterns match nothing as well
        self.position = match.end()

    def take(self, literal: str) -> bool:
        """Move past the literal, if it stands here."""
        if self.text.startswith(literal, self.position):
            self.position += len(literal)
            return True
        return False

    def expect(self, literal: str, where: str) -> None:
        """Move past the literal, or fail and say where it was expected."""
        before = self.position
        self.skip(BETWEEN_LINES)
        if not self.take(literal):
            self.position = before
            self.fail(f"expected `{literal}`{where}", *self.next_word())

    def expect_name(self, what: str) -> Name:
        """A name, or fail and say what it would have named."""
        self.skip(BLANKS)
        match = WORD.match(self.text, self.position)
        if not match:
            self.fail(f"expected {what}", *self.here())
        self.position = match.end()
        return Name(match[0], self.span(match.start()))

    def here(self) -> tuple[int, int]:
        """The next word, for a caret."""
        match = re.compile(r"\S*?(?=[\s;(){}|#,]|\Z)").match(self.text, self.position)
        return self.position, max(match.end() if match else 0, self.position + 1)

    def next_word(self) -> tuple[int, int]:
        """The next word behind blanks, for a caret."""
        self.skip(BLANKS)
        return self.here()

    def span(self, start: int) -> Span:
        """From `start` to here."""
        return Span(self.source, start, self.position)

    def nest(self, start: int) -> None:
        """One level deeper."""
        self.depth += 1
        if self.depth > DEEPEST_NESTING:
            raise TooDeepError(
                [Problem(f"nested more than {DEEPEST_NESTING} deep", Span(self.source, start, start + 1))]
            )
