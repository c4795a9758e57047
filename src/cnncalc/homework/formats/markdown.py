"""A quiz as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncalc.homework.formats.document import Block, blocks
from cnncalc.views.tabular import escape_markdown as escape

if TYPE_CHECKING:
    from cnncalc.homework.quiz import Sheet


def render(sheets: Sequence[Sheet], *, key: bool = False) -> str:
    """The sheets; a rule stands between pages."""
    return "\n".join(drawn(block) for block in blocks(sheets, key=key))


def drawn(block: Block) -> str:
    """One block."""
    match block.kind:
        case "page":
            return "---\n"
        case "title":
            return f"# {escape(block.text)}\n"
        case "heading":
            return f"## {escape(block.text)}\n"
        case "text":
            return f"{escape(block.text)}\n"
        case "blank":
            return f"{escape(block.text)} {escape('_' * 20)}\n"
        case "given":
            return "".join(f"- **{escape(name)}**: {escape(text)}\n" for name, text in block.rows)
        case "table":
            head, *rows = block.rows
            lines = [map(escape, head), ["---"] * len(head), *(map(escape, row) for row in rows)]
            return "".join(f"| {' | '.join(line)} |\n" for line in lines)
        case "choices":
            return "".join(f"- ({letter}) {escape(text)}\n" for letter, text in block.rows)
        case _:
            return "".join(f"- {escape(line)}\n" for (line,) in block.rows)
