"""A quiz as a page that needs nothing else, and prints one sheet after the other."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from cnncalc.homework.formats.document import UNTITLED, Block, blocks
from cnncalc.views.html import document

if TYPE_CHECKING:
    from cnncalc.homework.quiz import Sheet

_STYLE: Final = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2128; --soft: #5b6572; --line: #d5dbe2; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14181d; --ink: #dfe5ec; --soft: #97a3b0; --line: #39424d; }
}
body { margin: 0 auto; max-width: 46rem; padding: 2rem 1.2rem 3rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.6rem; font-weight: 650; margin: 0 0 1.4rem; }
h2 { font-size: 1.05rem; font-weight: 600; margin: 2rem 0 .6rem; break-after: avoid; }
p { margin: .7rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: .7rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .9rem; text-align: left; border: 1px solid var(--line); }
th { font-weight: 600; }
ol { list-style: none; padding-left: .5rem; margin: .5rem 0; }
ul { list-style: none; padding: 0; margin: .4rem 0; overflow-wrap: anywhere; }
.blank::after { content: ""; display: inline-block; width: 12rem; border-bottom: 1px solid currentColor;
  margin-left: .5rem; }
hr { border: 0; border-top: 1px solid var(--line); margin: 3rem 0; }
@media print { body { max-width: none; padding: 0; } hr { break-after: page; border: 0; margin: 0; } }
"""


def render(sheets: Sequence[Sheet], *, key: bool = False) -> str:
    """The page."""
    title = escape(next((sheet.title for sheet in sheets if sheet.title), UNTITLED))
    return document(title, _STYLE, "".join(drawn(block) for block in blocks(sheets, key=key)))


def drawn(block: Block) -> str:
    """One block."""
    text = escape(block.text)
    match block.kind:
        case "page":
            return "<hr>\n"
        case "title":
            return f"<h1>{text}</h1>\n"
        case "heading":
            return f"<h2>{text}</h2>\n"
        case "text":
            return f"<p>{text}</p>\n"
        case "blank":
            return f'<p class="blank">{text}</p>\n'
        case "given":
            pairs = "".join(f"<dt>{escape(name)}</dt><dd>{escape(what)}</dd>\n" for name, what in block.rows)
            return f"<dl>\n{pairs}</dl>\n"
        case "table":
            head, *rows = block.rows
            return f"<table>\n{_row(head, 'th')}{''.join(_row(row, 'td') for row in rows)}</table>\n"
        case "choices":
            items = "".join(f"<li>({letter}) {escape(choice)}</li>\n" for letter, choice in block.rows)
            return f"<ol>\n{items}</ol>\n"
        case _:
            return f"<ul>\n{''.join(f'<li>{escape(line)}</li>{chr(10)}' for (line,) in block.rows)}</ul>\n"


def _row(cells: Sequence[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>\n"
