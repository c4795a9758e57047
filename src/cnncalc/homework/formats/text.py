"""A quiz as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cnncalc.homework.formats.document import Block, blocks

if TYPE_CHECKING:
    from cnncalc.homework.quiz import Sheet

WIDTH: Final = 98
INDENT: Final = "   "


def render(sheets: Sequence[Sheet], *, key: bool = False, width: int = WIDTH) -> str:
    """The sheets; lines are broken before they get longer than `width`, pages by a form feed."""
    return "".join(drawn(block, width) for block in blocks(sheets, key=key)).lstrip("\n")


def drawn(block: Block, width: int = WIDTH) -> str:
    """One block, with the empty line before it."""
    match block.kind:
        case "page":
            return "\f"
        case "title":
            return f"\n{block.text}\n{'=' * len(block.text)}\n"
        case "heading":
            return f"\n{_wrapped(block.text, '', width)}\n"
        case "text":
            return f"\n{_wrapped(block.text, INDENT, width)}\n"
        case "blank":
            return f"\n{INDENT}{block.text} {'_' * 20}\n"
        case "given":
            return "".join(_pairs(block.rows, width))
        case "table":
            return f"\n{''.join(_columns(block.rows))}"
        case "choices":
            lines = (_wrapped(f"({letter}) {text}", INDENT, width, hanging=4) for letter, text in block.rows)
            return "\n".join(("", *lines, ""))
        case _:
            return "".join(f"{_wrapped(line, INDENT, width)}\n" for (line,) in block.rows)


def _wrapped(text: str, indent: str, width: int, hanging: int = 0) -> str:
    """A text on lines of a width, longer only where one word is."""
    return textwrap.fill(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent + " " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _pairs(rows: tuple[tuple[str, ...], ...], width: int) -> list[str]:
    """Names, and what they are beside them."""
    longest = max(len(name) for name, _ in rows)
    return [f"{_wrapped(f'{name:<{longest}}  {what}', INDENT, width, hanging=longest + 2)}\n" for name, what in rows]


def _columns(rows: tuple[tuple[str, ...], ...]) -> list[str]:
    """Rows with their cells under each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        f"{INDENT}{'  '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()}\n"
        for row in rows
    ]
