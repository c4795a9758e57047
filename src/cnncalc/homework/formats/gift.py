"""A quiz in Moodle's GIFT format, with feedback for every wrong answer that is known.

Moodle's importer (question/format/gift) decides what is written: a question ends at an empty line; `~ = # { } :`
and the backslash are escaped; a star in a short answer stands for any text, unless a backslash is before it;
`=%0%750#text` is an answer that is worth nothing and has feedback, also behind the `#` of a numerical question;
`=%100%` is not understood, so a right answer has no weight; `####` begins the general feedback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape as escape_html
from typing import TYPE_CHECKING, Final

from cnncalc.homework.formats import platforms
from cnncalc.prose import with_separators

if TYPE_CHECKING:
    from cnncalc.homework.asked import Known
    from cnncalc.homework.quiz import Item, Part, Sheet

_SPECIAL: Final = re.compile(r"[\\~=#{}:]")


def render(sheets: Sequence[Sheet], *, key: bool = False) -> str:  # noqa: ARG001  a platform needs the answers
    """The questions of all sheets, each part by itself."""
    return "\n".join(_question(item, part) for item, part in platforms.questions(sheets))


def escape(text: str) -> str:
    r"""Text without anything that steers Moodle's importer.

    >>> print(escape("P = {1}"))
    P \= \{1\}
    """
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def _question(item: Item, part: Part) -> str:
    """One question."""
    number = "#" if not part.choices and platforms.is_number(part.answer) else ""
    answers = "".join(f"\t{line}\n" for line in (_choices if part.choices else _written)(item, part))
    head = f"::{escape(platforms.name(item, part))}::[html]{escape(platforms.body(item, part))}"
    return f"{head}{{{number}\n{answers}\t####{escape(platforms.solution(part))}\n}}\n"


def _choices(_: Item, part: Part) -> Iterator[str]:
    """Answers to choose from; they are HTML, as their question is."""
    known = {one.answer: one for one in part.known}
    for choice in part.choices:
        text = escape(escape_html(with_separators(choice)))
        if choice == part.answer:
            yield f"={text}"
        else:
            yield f"~{text}{_feedback(known[choice]) if choice in known else ''}"


def _written(item: Item, part: Part) -> Iterator[str]:
    """A number, or a text in its usual spellings; then the wrong answers that are known."""
    if platforms.is_number(part.answer):
        yield f"={part.answer}:{platforms.tolerance(item, part.answer)}"
        for known in part.known:
            if platforms.is_number(known.answer):
                yield f"=%0%{known.answer}:0{_feedback(known)}"
        return
    for spelling in platforms.spellings(part.answer):
        yield f"={escape(_literal(spelling))}"
    for known in part.known:
        yield f"=%0%{escape(_literal(known.answer))}{_feedback(known)}"


def _literal(answer: str) -> str:
    """A short answer in which a star is a star: to Moodle it stands for any text."""
    return answer.replace("*", r"\*")


def _feedback(known: Known) -> str:
    return f"#{escape(escape_html(known.text))}"
