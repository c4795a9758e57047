"""JSON that is read as easily as it is parsed: one layer a line."""

from __future__ import annotations

import json
from typing import Any

# Containers further in than this stand on one line.
DEEPEST_BROKEN = 1


def render(data: Any) -> str:
    """A value of JSON as text, with a line for each layer, each total, each answer, each note."""
    return _text(data, 0) + "\n"


def _text(data: Any, depth: int) -> str:
    """A value, over several lines if it holds containers near the outside."""
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    nested = any(isinstance(item, (dict, list)) and item for item in inner)
    if not data or depth > DEEPEST_BROKEN or not (nested or isinstance(data, dict)):
        return json.dumps(data, ensure_ascii=False)
    indent = "  " * (depth + 1)
    if isinstance(data, dict):
        items = [f"{json.dumps(str(key), ensure_ascii=False)}: {_text(item, depth + 1)}" for key, item in data.items()]
        opening, closing = "{}"
    else:
        items = [_text(item, depth + 1) for item in data]
        opening, closing = "[]"
    separator = f",\n{indent}"
    return f"{opening}\n{indent}{separator.join(items)}\n{indent[2:]}{closing}"
