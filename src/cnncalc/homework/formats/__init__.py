"""Quizzes as files: for people, for learning platforms, and for `grade`. Each format is a function of the sheets."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cnncalc.homework.quiz import Sheet

# Each format with the module that holds its `render`, and how its files are called.
FORMATS: Final = {
    "text": "txt",
    "markdown": "md",
    "latex": "tex",
    "html": "html",
    "gift": "txt",
    "qti": "zip",
    "csv": "csv",
    "toml": "toml",
}
# Formats that hold one sheet: the platform, or the assignment itself, knows its students.
SINGLE: Final = ("gift", "qti", "toml")
# Formats in which the answers always stand.
KEYED: Final = ("gift", "qti")


def render(sheets: Sequence[Sheet], format: str, *, key: bool = False) -> str | bytes:  # noqa: A002
    """The sheets in a format, with their answers if `key`. QTI is a zip, and so bytes."""
    module = importlib.import_module(f"{__name__}.{format}")
    result: str | bytes = module.render(sheets, key=key)
    return result
