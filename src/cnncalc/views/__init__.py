"""Reports and other tables as text: on a terminal, at a pipe, as data, and for documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cnncalc.views.table import Table

FORMATS: Final = ("table", "plain", "tsv", "csv", "json", "markdown", "latex", "html")

# Each format's module is imported only where it is asked for: a pipe wants its first line soon.


def render_table(table: Table, format: str) -> str:  # noqa: A002
    """A table in any format but `table` and `json`."""
    match format:
        case "plain":
            from cnncalc.views import plain  # noqa: PLC0415

            return plain.render(table)
        case "html":
            from cnncalc.views import html  # noqa: PLC0415

            return html.page(table)
        case _:
            from cnncalc.views import tabular  # noqa: PLC0415

            renderers = {
                "tsv": tabular.tsv,
                "csv": tabular.comma_separated,
                "markdown": tabular.markdown,
                "latex": tabular.latex,
            }
            return renderers[format](table)
