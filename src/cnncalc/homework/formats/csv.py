"""A quiz as CSV: a row an answer, with the columns that `grade` reads and those that describe the question."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cnncalc.homework.grade import KEY
from cnncalc.homework.rows import guarded

if TYPE_CHECKING:
    from cnncalc.homework.quiz import Sheet

COLUMNS: Final = (
    "student",
    "question",
    "answer",
    "topic",
    "level",
    "ask",
    "layer",
    "network",
    "text",
    "table",
    "choices",
    "mistakes",
)


def render(sheets: Sequence[Sheet], *, key: bool = False) -> str:
    """The rows; without the key the answers are empty, and no mistakes are told."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for sheet in sheets:
        for item in sheet.items:
            for part in item.parts:
                known = "; ".join(f"{one.code} {one.answer}" for one in part.known)
                cells = [
                    sheet.student or KEY,
                    part.id,
                    part.answer if key else "",
                    item.topic,
                    str(item.level or ""),
                    part.quantity,
                    part.layer or "total",
                    "; ".join(f"{name}: {what}" for name, what in item.given),
                    f"{item.text} {part.label}".rstrip(),
                    "; ".join(map(" | ".join, item.table)),
                    "; ".join(part.choices),
                    known if key else "",
                ]
                writer.writerow(map(guarded, cells))
    return text.getvalue()
