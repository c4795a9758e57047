"""Reports and other tables as text: on a terminal, at a pipe, as data, and for documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.report import Report
    from cnncalc.views.columns import Column
    from cnncalc.views.table import Table

FORMATS: Final = ("table", "plain", "tsv", "csv", "json", "markdown", "latex", "html")

# Each format's module is imported only where it is asked for: a pipe wants its first line soon.


def render(report: Report, format: str, columns: Sequence[Column] | None = None) -> str:  # noqa: A002
    """A report in any format but `table`, which `terminal.print_table` draws; the default columns if none are given."""
    if format == "json":
        from cnncalc.views import json  # noqa: PLC0415

        return json.render(report.to_dict())
    from cnncalc.views.columns import select  # noqa: PLC0415
    from cnncalc.views.network import of_report  # noqa: PLC0415

    return render_table(of_report(report, select(report) if columns is None else columns), format)


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
