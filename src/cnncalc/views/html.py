"""A table as a page of its own, and as a part of a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from cnncalc.views import table as tables
from cnncalc.views.table import side_label

if TYPE_CHECKING:
    from cnncalc.report import Report
    from cnncalc.views.table import Heading, Table

# What draws one level of a branch, by the character that stands for it.
_LEVELS: Final = dict(
    zip(
        tables.GUIDES,
        ("first", "further", "inside", "merge", "first side", "inside side", "merge side", "only side"),
        strict=True,
    )
)

# A longer text in a column that folds has several lines.
LONG: Final = 40

_TABLE_STYLE: Final = """
.cnncalc table { border-collapse: collapse; font-variant-numeric: tabular-nums; line-height: 1.35; }
.cnncalc th, .cnncalc td { padding: .22rem .7rem; text-align: left; white-space: nowrap; vertical-align: middle; }
.cnncalc td.long { white-space: normal; min-width: 16rem; }
.cnncalc td.long span { white-space: nowrap; }
.cnncalc th.right, .cnncalc td.right { text-align: right; }
.cnncalc td.name { position: relative; }
.cnncalc .none { opacity: .4; }
.cnncalc .wrong { color: #c62828; font-weight: 600; }
.cnncalc .right-answer { color: #2e7d32; }
.cnncalc tfoot td { font-weight: 600; border-top: 1.5px solid currentColor; }
.cnncalc thead th { border-bottom: 1.5px solid currentColor; }
.cnncalc .guides { display: flex; align-items: stretch; }
.cnncalc .level { position: relative; flex: none; width: 1.1rem; margin: -.22rem 0; }
.cnncalc .level::before { content: ""; position: absolute; left: .35rem; top: 0; bottom: 0; width: .6rem;
  border: 0 solid currentColor; border-left-width: 1.5px; opacity: .45; }
.cnncalc .level.first::before { top: 50%; border-top-width: 1.5px; border-top-left-radius: .4rem; }
.cnncalc .level.merge::before { bottom: 50%; border-bottom-width: 1.5px; border-bottom-left-radius: .4rem; }
.cnncalc .level.further::after { content: ""; position: absolute; left: .35rem; top: 50%; width: .6rem;
  border-top: 1.5px solid currentColor; opacity: .45; }
.cnncalc .level.only::before { top: 50%; bottom: auto; border-left-width: 0; border-top-width: 1.5px; }
.cnncalc .level.side::before { border-style: dashed; }
.cnncalc .aux { opacity: .6; font-style: italic; }
"""

_PAGE_STYLE: Final = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2128; --soft: #5b6572; --line: #e3e7ec; --band: #f6f8fa;
  --link: #0b5cad; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14181d; --ink: #dfe5ec; --soft: #97a3b0; --line: #2b323b; --band: #1b2027;
    --link: #7ab8ff; }
  .cnncalc .wrong { color: #ff8a80; }
  .cnncalc .right-answer { color: #8bd490; }
}
body { margin: 0; padding: 2rem clamp(1rem, 4vw, 3.5rem) 3rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.6rem; font-weight: 650; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; font-weight: 600; margin: 2.4rem 0 .8rem; overflow-wrap: anywhere; }
dl { display: flex; flex-wrap: wrap; gap: .8rem 2.2rem; margin: 0 0 1.6rem; }
dt { color: var(--soft); font-size: .8rem; }
dd { margin: 0; font-variant-numeric: tabular-nums; font-weight: 550; }
.cnncalc thead th { position: sticky; top: 0; z-index: 1; background: var(--paper); color: var(--soft);
  font-weight: 550; border-bottom: 0; box-shadow: inset 0 -1.5px 0 var(--soft); }
.cnncalc tbody tr:hover { background: var(--band); }
.cnncalc tbody td { border-bottom: 1px solid var(--line); }
.cnncalc tfoot td { border-top: 1.5px solid var(--soft); }
.cnncalc a { color: var(--link); text-decoration: none; }
.cnncalc a:hover, .cnncalc a:focus-visible { text-decoration: underline; }
.cnncalc a.back { font-size: .85rem; font-weight: 400; margin-left: .6rem; }
.cnncalc a.back::before { content: "\\2191  "; }
.cnncalc :target { background: var(--band); }
.cnncalc ul { padding: 0; margin: 1.4rem 0 0; list-style: none; max-width: 60rem; }
.cnncalc li { margin: .25rem 0; }
.cnncalc li b { font-weight: 600; margin-right: .3rem; }
@media (max-width: 45rem) { .cnncalc table { display: block; overflow-x: auto; }
  .cnncalc thead th { position: static; } }
@media print { .cnncalc thead th { position: static; } }
"""


def page(table: Table, *more: Table) -> str:
    """One page that needs nothing else; each further table has its title above it.

    A table to which the rows of another one lead has a link back.
    """
    title = escape(table.title or "cnncalc")
    origins = {link: one for one in more for link in one.links}
    sections = "".join(f"{_heading(one, origins.get(f'#{one.anchor}'))}{_facts(one)}{_body(one)}" for one in more)
    body = f"<h1>{title}</h1>\n{_facts(table)}{table.drawing}{_body(table)}{sections}"
    return document(title, _TABLE_STYLE + _PAGE_STYLE, body, ' class="cnncalc"')


def _heading(table: Table, origin: Table | None) -> str:
    """The title of a further table, with a link back to the one that leads to it."""
    anchor = f' id="{escape(table.anchor)}"' if table.anchor else ""
    back = f' <a class="back" href="#{escape(origin.anchor)}">{escape(origin.title)}</a>' if origin else ""
    return f"<h2{anchor}>{escape(table.title)}{back}</h2>\n"


def document(title: str, style: str, body: str, attributes: str = "") -> str:
    """A page around a body that is marked up already, as the title is; `attributes` are the body's own."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="cnncalc">
<title>{title}</title>
<style>{style}</style>
</head>
<body{attributes}>
{body}</body>
</html>
"""


def _facts(table: Table) -> str:
    """The summary of a table."""
    facts = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>\n"
        for line in table.summary
        for label, value in line
    )
    return f"<dl>\n{facts}</dl>\n" if facts else ""


def fragment(report: Report) -> str:
    """The default table of a report, for a notebook, whose colours it takes."""
    from cnncalc.views import columns, network  # noqa: PLC0415  they are not needed for a page of another table

    table = network.of_report(report, columns.select(report))
    return f'<div class="cnncalc">\n<style>{_TABLE_STYLE}</style>\n{_body(table)}</div>\n'


def _body(table: Table) -> str:
    """The table and the remarks under it."""
    head = "".join(
        f'<th scope="col"{_class(_align(heading))}>{escape(heading.title)}</th>' for heading in table.headings
    )
    foot = ""
    rows = [
        _row(table, row, guide, link)
        for row, guide, link in zip(table.shown_rows, table.all_guides, table.all_links, strict=True)
    ]
    if table.totals is not None:
        foot = f"<tfoot>\n{rows.pop()}</tfoot>\n"
    body = "".join(rows)
    remarks = "".join(
        f"<li><b{_class(_mark(remark.mark))}>{remark.mark}</b> {escape(remark.text)}</li>\n" for remark in table.remarks
    )
    return f"<table>\n<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{body}</tbody>\n{foot}</table>\n" + (
        f"<ul>\n{remarks}</ul>\n" if remarks else ""
    )


def _row(table: Table, row: list[str], guide: str, link: str) -> str:
    """One row, with its place in the branches, and where its first cell leads."""
    cells = [
        _cell(heading, text, guide if place == table.guided else "", "" if place else link)
        for place, (heading, text) in enumerate(zip(table.headings, row, strict=True))
    ]
    return f"<tr>{''.join(cells)}</tr>\n"


def _cell(heading: Heading, text: str, guide: str, link: str) -> str:
    """One cell; a verdict is marked, and what is nothing stands back."""
    classes = _align(heading)
    if heading.folds and len(text) > LONG:
        classes = f"{classes} long".strip()
    if text in {"0", tables.NOT_APPLICABLE}:
        classes = f"{classes} none".strip()
    elif not classes:
        classes = _mark(text.partition(":")[0])
    if link:
        return f'<td{_class(classes)}><a href="{escape(link)}">{escape(text)}</a></td>'
    if not guide:
        return f"<td{_class(classes)}>{_listed(text) if _is_list(heading, text) else escape(text)}</td>"
    levels = "".join([f'<i class="level {_LEVELS[level]}"></i>' for level in guide])
    label = side_label(guide)
    aux = f'<span class="aux">{label.strip()}&nbsp;</span>' if label else ""
    return f'<td><div class="guides">{levels}{aux}<span>{escape(text)}</span></div></td>'


def _is_list(heading: Heading, text: str) -> bool:
    """Whether a cell is a list that has several lines; the items of one have no spaces for programs."""
    return heading.folds and not heading.glue and len(text) > LONG


def _listed(text: str) -> str:
    """A list of which no item is broken, at the hyphens of a code."""
    return ", ".join(f"<span>{escape(item)}</span>" for item in text.split(", "))


def _align(heading: Heading) -> str:
    return "right" if heading.align == "right" else ""


def _mark(word: str) -> str:
    return {"wrong": "wrong", "right": "right-answer"}.get(word, "")


def _class(names: str) -> str:
    return f' class="{names}"' if names else ""
