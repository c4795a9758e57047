"""A table as data (tsv, csv) and for documents (markdown, latex)."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from cnncalc.homework.rows import guarded
from cnncalc.views.table import raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cnncalc.views.table import Remark, Table

_MARKDOWN_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>|~&$]")
_LATEX_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",
    "\ufffd": "?",  # no font of TeX has it
}
_LATEX_ESCAPES: Final = str.maketrans(_LATEX_SPECIAL)
# A longer table does not fit on a page, and breaks only as a longtable.
LONGEST_TABULAR: Final = 40


def tsv(table: Table) -> str:
    """Tabs between the cells: a line of names, and one for each row. No totals, which would be added again."""
    lines = [[heading.name for heading in table.headings], *_data(table)]
    return "".join(["\t".join(re.sub(r"\s", " ", cell) for cell in line) + "\n" for line in lines])


def comma_separated(table: Table) -> str:
    """Commas between the cells, quoted where needed (RFC 4180, with bare line feeds); otherwise as `tsv`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([heading.name for heading in table.headings])
    writer.writerows(_data(table))
    return text.getvalue()


def _data(table: Table) -> Iterator[list[str]]:
    """The rows for programs, of which a spreadsheet may be one."""
    foreign = [heading.foreign for heading in table.headings]
    for row in table.rows:
        yield [guarded(raw(cell)) if other else raw(cell) for cell, other in zip(row, foreign, strict=True)]


def markdown(table: Table) -> str:
    """A table with its pipes aligned, and the remarks as a list."""
    lines = _escaped(table, escape_markdown)
    widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
    right = [heading.align == "right" for heading in table.headings]
    rule = ["-" * (width - 1) + ":" if last else "-" * width for width, last in zip(widths, right, strict=True)]
    padded = [
        [
            cell.rjust(width) if last else cell.ljust(width)
            for cell, width, last in zip(line, widths, right, strict=True)
        ]
        for line in lines
    ]
    drawn = ["| " + " | ".join(line) + " |\n" for line in (padded[0], rule, *padded[1:])]
    remarks = [f"- {_remark(remark, escape_markdown, '**{}**')}\n" for remark in table.remarks]
    return "".join([*drawn, *(["\n"] if remarks else []), *remarks])


def latex(table: Table) -> str:
    """A `tabular` with the rules of booktabs, or a `longtable`, to be put into a document by `input`."""
    long = len(table.rows) > LONGEST_TABULAR
    environment = "longtable" if long else "tabular"
    titles, *rows = map(latex_row, _escaped(table, escape_latex))
    if table.totals is not None:
        rows.insert(-1, r"\midrule")
    lines = [
        r"% \usepackage{booktabs}" + (r" \usepackage{longtable}" if long else ""),
        rf"\begin{{{environment}}}{{{''.join(heading.align[0] for heading in table.headings)}}}",
        r"\toprule",
        titles,
        r"\midrule",
        *([r"\endhead"] if long else []),
        *rows,
        r"\bottomrule",
        rf"\end{{{environment}}}",
    ]
    remarks = [_remark(remark, escape_latex, r"\textbf{{{}}}") for remark in table.remarks]
    if remarks:
        lines += ["", r"\noindent", *[rf"{remark} \\" for remark in remarks[:-1]], remarks[-1]]
    return "\n".join(lines) + "\n"


def latex_row(cells: Sequence[str]) -> str:
    r"""A row of cells that are escaped. Behind the `\\` before it, a bracket or a star would be an argument.

    >>> print(latex_row(["[a]", "1"]))
    {}[a] & 1 \\
    """
    row = " & ".join(cells)
    return rf"{'{}' if row.startswith(('[', '*')) else ''}{row} \\"


def _escaped(table: Table, escape: Callable[[str], str]) -> list[list[str]]:
    """The titles and all rows for people."""
    titles = [heading.title for heading in table.headings]
    return [[escape(cell) for cell in line] for line in [titles, *table.shown_rows]]


def _remark(remark: Remark, escape: Callable[[str], str], bold: str) -> str:
    """A remark with what it is before it; that it is wrong in bold."""
    mark = bold.format(remark.mark) if remark.mark == "wrong" else remark.mark
    return f"{mark}: {escape(remark.text)}"


def escape_markdown(text: str) -> str:
    r"""Text that markdown shows as it is.

    >>> print(escape_markdown("25*n*m | <b>"))
    25\*n\*m \| \<b\>
    """
    return _MARKDOWN_SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def escape_latex(text: str) -> str:
    r"""Text that TeX sets as it is.

    >>> print(escape_latex("50% of c_1"))
    50\% of c\_1
    """
    return text.translate(_LATEX_ESCAPES)
