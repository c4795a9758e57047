"""The answers in a CSV file about one network: a row an answer, or a row a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from cnncalc.homework import rows
from cnncalc.homework.judging import quantity_of
from cnncalc.spec.source import Problem, Span, SpecError
from cnncalc.spec.statements import AnswerText

LONG: Final = ("layer", "quantity", "answer")


class Claim(NamedTuple):
    """An answer that somebody gives, with its place. `layer` is "" for the last layer, `total` for the network.

    `values` are nested lists in place of a text, for an answer about values.
    """

    layer: Span
    answer: AnswerText
    values: Any = None


class Numbers(NamedTuple):
    """What is given for answers about values: what goes in (`forward.face.Given`), and the arrays of each layer."""

    x: Any = None
    arrays: Mapping[str, Any] = {}


# Nothing is given, as for all other answers.
NO_NUMBERS: Final = Numbers()


def of_file(path: str, report: Callable[[Problem], None]) -> Iterator[Claim]:
    """The answers of a file with the columns `layer,quantity,answer`, or `layer` and one for each quantity.

    What is broken is given to `report`, and the rest is read on. Raises `SpecError` for a file that cannot be
    read, or has other columns.
    """
    sheet = rows.read(path, report)
    if "answer" in sheet.columns or "quantity" in sheet.columns:
        sheet.need(*LONG)
        columns: tuple[str, ...] = ("answer",)
    else:
        sheet.need("layer")
        columns = tuple(_quantities(sheet, report))
    for row in sheet.rows:
        for column in columns:
            quantity = row.cells.get("quantity", column)
            if column == "answer" and not _is_known(quantity, row.span("quantity"), report):
                continue
            yield Claim(row.span("layer"), AnswerText(quantity, row.cells[column], row.span(column)))


def _quantities(sheet: rows.Sheet, report: Callable[[Problem], None]) -> Iterator[str]:
    """The columns of the wide form that are quantities; the others are reported."""
    start = 0
    for column in sheet.columns:
        start = max(sheet.source.text.lower().find(column, start), 0)
        span = Span(sheet.source, start, start + len(column))
        if column != "layer" and _is_known(column, span, report):
            yield column
        start += len(column)


def _is_known(quantity: str, span: Span, report: Callable[[Problem], None]) -> bool:
    """Whether there is a quantity of that name; if not, it is reported."""
    try:
        quantity_of(AnswerText(quantity, "", span))
    except SpecError as error:
        report(error.problems[0])
        return False
    return True
