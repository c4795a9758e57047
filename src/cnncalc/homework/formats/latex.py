"""A quiz as a LaTeX document that compiles by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cnncalc.homework.formats.document import Block, blocks
from cnncalc.views.tabular import escape_latex, latex_row
from cnncalc.written import ARROW, MINUS, SQUARED, TIMES

if TYPE_CHECKING:
    from cnncalc.homework.quiz import Sheet

HEAD: Final = r"""\documentclass[11pt,a4paper]{article}
\usepackage{iftex}
\ifpdftex\usepackage[T1]{fontenc}\usepackage{textcomp}\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}\fi
\usepackage[margin=2.3cm]{geometry}
\usepackage{array,booktabs}
\setlength{\parindent}{0pt}\setlength{\parskip}{6pt plus 2pt}
\begin{document}
\raggedright\raggedbottom
"""
TIGHT: Final = r"\setlength{\itemsep}{0pt}\setlength{\parskip}{0pt}"
END: Final = "\\end{document}\n"
_SIGNS: Final = {
    MINUS: "$-$",
    TIMES: r"$\cdot$",
    ARROW: r"$\to$",
    SQUARED: "$^2$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
}


def render(sheets: Sequence[Sheet], *, key: bool = False) -> str:
    """The sheets, each beginning on a page of its own."""
    return f"{HEAD}{''.join(drawn(block) for block in blocks(sheets, key=key))}{END}"


def escape(text: str) -> str:
    """Text that TeX sets as it is, with signs that pdfTeX's fonts lack as mathematics."""
    return "".join(_SIGNS.get(character, character) for character in escape_latex(" ".join(text.split())))


def drawn(block: Block) -> str:
    """One block."""
    text = escape(block.text)
    match block.kind:
        case "page":
            return "\\newpage\n"
        case "title":
            return f"\\section*{{{text}}}\n"
        case "heading":
            # A question that does not fit on the page goes to the next one as a whole.
            return f"\\filbreak\\subsection*{{{text}}}\n"
        case "text":
            return f"{text}\n\n"
        case "blank":
            return f"{text}~\\underline{{\\hspace{{4cm}}}}\n\n"
        case "given":
            return _tabular("lp{0.82\\linewidth}", [_row(row) for row in block.rows])
        case "table":
            head, *rows = block.rows
            lines = ["\\toprule", _row(head), "\\midrule", *map(_row, rows), "\\bottomrule"]
            return _tabular("l" + "r" * (len(head) - 1), lines)
        case "choices":
            items = "".join(f"\\item[({letter})] {escape(choice)}\n" for letter, choice in block.rows)
            return f"\\begin{{itemize}}{TIGHT}\n{items}\\end{{itemize}}\n"
        case _:
            return "".join(f"{escape(line)}\n\n" for (line,) in block.rows)


def _row(cells: Sequence[str]) -> str:
    return latex_row([escape(cell) for cell in cells])


def _tabular(columns: str, lines: Sequence[str]) -> str:
    body = "\n".join(lines)
    return f"\\begin{{tabular}}{{@{{}}{columns}@{{}}}}\n{body}\n\\end{{tabular}}\n\n"
