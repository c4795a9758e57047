"""Where text comes from, and how an error points back into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Final, NamedTuple, NoReturn

# A spec that people wrote is some kilobytes; the bound only keeps a wrong file from filling the memory.
LONGEST_SOURCE: Final = 32 * 2**20
# More problems than this help nobody, and bounding them bounds the time that a broken megabyte takes.
MOST_PROBLEMS: Final = 20
# Of a very long line only this much is drawn around the caret.
WIDEST_EXCERPT: Final = 100
LONGEST_QUOTE: Final = 40
MOST_LISTED: Final = 20
# A misspelt word is compared with so many others at most.
MOST_CHOICES: Final = 2000


class Source(NamedTuple):
    """A text with the name that errors call it by; a row of a long file says on which line it stands."""

    name: str
    text: str
    first_line: int = 1

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1.

        >>> Source("net.cnn", "relu; tanh").position(6)
        (1, 7)
        """
        start = self.text.rfind("\n", 0, offset) + 1
        return self.text.count("\n", 0, offset) + self.first_line, offset - start + 1

    def line(self, number: int) -> str:
        """The text of one line, without its end."""
        lines = self.text.split("\n")
        return lines[number - self.first_line].rstrip("\r")


class Span(NamedTuple):
    """A stretch of a source, from `start` up to but not including `end`."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words themselves."""
        return self.source.text[self.start : self.end]


class Problem(NamedTuple):
    """One thing that is wrong: the fact, where it stands, what to do, and what else to look at."""

    message: str
    span: Span
    hint: str = ""
    related: tuple[tuple[Span, str], ...] = ()


class Unfit(Problem):
    """A layer that does not work on what it reads: another number somewhere may mend it."""

    __slots__ = ()


class SpecError(ValueError):
    """A spec that cannot be carried out; `str()` of it is the drawing of every problem in it.

    `message`, `line`, `column` and `hint` speak of the first problem, `problems` holds all of them.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Sort the problems by their place; there is at least one."""
        self.problems = tuple(sorted(problems, key=lambda problem: problem.span.start))
        first = self.problems[0]
        self.message = first.message
        self.hint = first.hint
        self.span = first.span
        self.line, self.column = first.span.source.position(first.span.start)
        super().__init__(self.message)

    def __str__(self) -> str:
        """Draw all problems, one under the other."""
        return "\n".join(draw(problem) for problem in self.problems)


class MissingExtraError(SpecError):
    """A spec that is right, but needs a package that is not installed."""


class Problems:
    """Collects problems while a stage goes on, so that all independent ones are reported at once."""

    def __init__(self) -> None:
        """Start with none."""
        self.found: list[Problem] = []

    def add(self, problem: Problem) -> None:
        """Note a problem, once; raise them all when there are more than anybody reads."""
        if problem not in self.found:
            self.found.append(problem)
        if len(self.found) >= MOST_PROBLEMS:
            self.stop()

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note the problems of a `SpecError` that is raised in here, and go on behind it."""
        try:
            yield
        except SpecError as error:
            for problem in error.problems:
                self.add(problem)

    def stop(self) -> None:
        """Raise `SpecError` if anything was found."""
        if self.found:
            raise SpecError(self.found)


def fail(message: str, span: Span, hint: str = "") -> NoReturn:
    """Raise `SpecError` about one thing."""
    raise SpecError([Problem(message, span, hint)])


def decode(name: str, data: bytes) -> Source:
    """Bytes of a file as a source: UTF-8, with or without a byte-order mark.

    Raises `SpecError` at the first byte that is not UTF-8, at a NUL byte, and for a file of over 32 MiB.
    """
    if len(data) > LONGEST_SOURCE:
        size = f"{len(data) / 2**20:.0f} MiB"
        raise SpecError([Problem(f"this file has {size}; a spec has at most 32", Span(Source(name, ""), 0, 0))])
    return checked(as_text(name, data))


def as_text(name: str, data: bytes) -> Source:
    """Bytes as text, UTF-8 with or without a byte-order mark. Raises `SpecError` at the first byte that is not."""
    try:
        return Source(name, data.decode().removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        readable = data[: error.start].decode()
        rest = data[error.start : error.start + WIDEST_EXCERPT].decode("utf-8", errors="replace")
        source = Source(name, readable + rest)
        message = f"byte 0x{data[error.start]:02X} is not UTF-8 text"
        at = Span(source, len(readable), len(readable) + 1)
        raise SpecError([Problem(message, at, "save the file as UTF-8")]) from None


def checked(source: Source) -> Source:
    """The same source, without a byte-order mark, if it can be a spec at all.

    Raises `SpecError` for a NUL byte (a binary file) and for more than 32 MiB of text.
    """
    source = Source(source.name, source.text.removeprefix("\ufeff"))
    if len(source.text) > LONGEST_SOURCE:
        raise SpecError([Problem("a spec has at most 32 MiB", Span(Source(source.name, ""), 0, 0))])
    nul = source.text.find("\0")
    if nul >= 0:
        message = "a NUL byte: this looks like a binary file, not like a spec"
        raise SpecError([Problem(message, Span(source, nul, nul + 1))])
    return source


def read(path: str) -> Source:
    """Read a spec file.

    Raises `SpecError` if it cannot be read, or is no text.
    """
    return decode(path, read_bytes(path, LONGEST_SOURCE))


def read_bytes(path: str, most: int) -> bytes:
    """The bytes of a file, up to one more than `most`. Raises `SpecError` if it cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  pathlib would take a tenth of the command's time
            return file.read(most + 1)
    except OSError as error:
        message = f"cannot read this file: {error.strerror}"
        raise SpecError([Problem(message, Span(Source(path, ""), 0, 0))]) from None


def quote(text: str) -> str:
    """A user's words inside a message: in backticks, printable, and not too long of them.

    >>> quote("conv")
    '`conv`'
    """
    if len(text) > LONGEST_QUOTE:
        text = text[: LONGEST_QUOTE - 3] + "..."
    return f"`{_printable(text)}`"


def did_you_mean(word: str, choices: Iterable[str], *, cutoff: float = 0.6) -> str:
    """A suggestion for a misspelt word, or nothing.

    >>> did_you_mean("covn", ["conv", "dense"])
    'did you mean `conv`?'
    """
    import difflib  # noqa: PLC0415  only a mistake needs it, and it takes a millisecond

    lower = {choice.lower(): choice for choice in islice(choices, MOST_CHOICES)}
    word = word[:LONGEST_QUOTE].lower()
    close = difflib.get_close_matches(word, lower, n=5, cutoff=cutoff)
    # difflib does not see that two letters changed places: `vgg61` is nearer to `vgg16` than to `vgg19`.
    close.sort(key=lambda choice: sorted(choice) != sorted(word))
    return f"did you mean `{lower[close[0]]}`?" if close else ""


def listed(lead: str, words: Iterable[str]) -> str:
    """A hint that lists what there is, if there is anything.

    >>> listed("its params are", ["classes"])
    'its params are `classes`'
    """
    quoted = [f"`{word}`" for word in words]
    more = [f"{len(quoted) - MOST_LISTED} more"] if len(quoted) > MOST_LISTED else []
    return f"{lead} {', '.join(quoted[:MOST_LISTED] + more)}" if quoted else ""


def draw(problem: Problem) -> str:
    """A problem as people read it: `FILE:LINE:COL: error: …`, the line, the caret, the hint."""
    source = problem.span.source
    line, column = source.position(problem.span.start)
    drawn = [f"{source.name}:{line}:{column}: error: {problem.message}", *_excerpt(problem.span)]
    for span, remark in problem.related:
        line, column = span.source.position(span.start)
        drawn += [f"{span.source.name}:{line}:{column}: note: {remark}", *_excerpt(span)]
    if problem.hint:
        drawn.append(f"hint: {problem.hint}")
    return "\n".join(drawn)


def _excerpt(span: Span) -> list[str]:
    """The line of a span and the carets under its words; nothing for a source without text."""
    if not span.source.text:
        return []
    number, column = span.source.position(span.start)
    line = span.source.line(number)
    start = column - 1
    length = max(1, min(span.end - span.start, len(line) - start))
    left = max(0, min(start - WIDEST_EXCERPT // 2, len(line) - WIDEST_EXCERPT))
    excerpt = line[left : left + WIDEST_EXCERPT]
    before = excerpt[: start - left]
    under = excerpt[start - left : start - left + length]
    indent = "".join("\t" if character == "\t" else " " * _width(character) for character in before)
    carets = "^" * max(1, sum(_width(character) for character in under))
    return [f"    {_printable(excerpt)}", f"    {indent}{carets}"]


def _printable(text: str) -> str:
    """The text without characters that would steer a terminal."""
    return "".join(character if character.isprintable() or character == "\t" else "\ufffd" for character in text)


def _width(character: str) -> int:
    """How many columns of a terminal a character takes."""
    if character.isascii():
        return 1
    import unicodedata  # noqa: PLC0415  only an error in a non-ASCII line needs it

    return 0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
