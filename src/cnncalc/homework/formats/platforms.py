"""What learning platforms ask for: a question for each answer, with its text as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING, Final

from cnncalc.homework.formats import html
from cnncalc.homework.formats.document import Block, stem

if TYPE_CHECKING:
    from cnncalc.homework.quiz import Item, Part, Sheet

_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def questions(sheets: Sequence[Sheet]) -> Iterator[tuple[Item, Part]]:
    """Every answer that is asked for, with its item."""
    for sheet in sheets:
        for item in sheet.items:
            for part in item.parts:
                yield item, part


def name(item: Item, part: Part) -> str:
    """What a question is called."""
    return f"{part.id} {item.topic}".rstrip()


def body(item: Item, part: Part) -> str:
    """The text of a question."""
    which = [Block("text", f"Answer here: {part.label}.")] if part.label else []
    return "".join(html.drawn(block) for block in (*stem(item), *which))


def solution(part: Part) -> str:
    """What is said behind the answer."""
    return "<br>".join(map(escape, part.solution))


def is_number(text: str) -> bool:
    """Whether an answer is a number, and no size or list.

    >>> is_number("760"), is_number("28x28x6")
    (True, False)
    """
    return _NUMBER.fullmatch(text) is not None


def tolerance(item: Item, answer: str) -> str:
    """How far a number may be off."""
    rules = item.rules
    allowed = Fraction(rules.tolerance) * (Fraction(answer) if rules.relative else 1)
    return f"{float(allowed):.6f}".rstrip("0").rstrip(".")


def spellings(answer: str) -> tuple[str, ...]:
    """The ways in which people write a size, a list or a formula, for platforms that compare letter by letter.

    >>> spellings("28x6")[-2:]
    ('(28, 6)', '[28, 6]')
    >>> spellings("[[6, 8]]")
    ('[[6, 8]]', '[[6,8]]')
    >>> spellings("4*n**2 + 4")
    ('4*n**2 + 4', '4*n**2+4', '4*n^2 + 4', '4*n^2+4', '4n^2 + 4', '4n^2+4')
    """
    if "[" in answer:
        return answer, answer.replace(" ", "")
    parts = answer.split("x")
    listed = ", ".join(parts)
    if not any(map(str.isalpha, parts[0])):
        return (answer, " x ".join(parts), "\N{MULTIPLICATION SIGN}".join(parts), listed, f"({listed})", f"[{listed}]")
    signs = (answer, answer.replace("**", "^"), answer.replace("**", "^").replace("*", ""))
    return tuple(dict.fromkeys(spelt for sign in signs for spelt in (sign, sign.replace(" ", ""))))
