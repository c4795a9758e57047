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


def render(sheets: Sequence[Sheet], *, key: bool = False) -> str:
    """The sheets; lines are broken before they get too long, pages by a form feed."""
    return "".join(drawn(block) for block in blocks(sheets, key=key)).lstrip("\n")


def drawn(block: Block) -> str:
    """One block, with the empty line before it."""
    match block.kind:
        case "page":
            return "\f"
        case "title":
            return f"\n{block.text}\n{'=' * len(block.text)}\n"
        case "heading":
            return f"\n{_wrapped(block.text, '')}\n"
        case "text":
            return f"\n{_wrapped(block.text, INDENT)}\n"
        case "blank":
            return f"\n{INDENT}{block.text} {'_' * 20}\n"
        case "given" | "table":
            return f"{'' if block.kind == 'given' else chr(10)}{''.join(_columns(block.rows))}"
        case "choices":
            rows = "".join(f"{INDENT}({letter}) {text}\n" for letter, text in block.rows)
            return f"\n{rows}"
        case _:
            return "".join(f"{_wrapped(line, INDENT)}\n" for (line,) in block.rows)


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _columns(rows: tuple[tuple[str, ...], ...]) -> list[str]:
    """Rows with their cells under each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        f"{INDENT}{'  '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()}\n"
        for row in rows
    ]
