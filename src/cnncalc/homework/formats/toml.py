"""A quiz as the assignment that `grade` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.homework.check import TOTAL

if TYPE_CHECKING:
    from cnncalc.homework.quiz import Item, Part, Sheet


def render(sheets: Sequence[Sheet], *, key: bool = False) -> str:
    """The questions, each part by itself; with the key, their answers."""
    titles = [f"title = {value(sheet.title)}" for sheet in sheets if sheet.title]
    tables = [_question(item, part, key=key) for sheet in sheets for item in sheet.items for part in item.parts]
    return "\n".join((*(f"{title}\n" for title in titles), *tables))


def _question(item: Item, part: Part, *, key: bool) -> str:
    """The table of a question."""
    network, rules = item.network, item.rules
    tolerance = f"{float(rules.tolerance * 100):g}%" if rules.relative else rules.tolerance
    keys = {
        "id": part.id,
        "spec": network.spec,
        "input": network.input,
        "set": network.set,
        "ask": part.quantity,
        "layer": part.layer or TOTAL,
        "points": item.points / len(item.parts),
        "text": _text(item, part),
        "choices": list(part.choices),
        "answer": part.answer if key else "",
        "accept": list(rules.accept),
        "tolerance": str(tolerance) if tolerance else "",
        "x": network.x,
        "weights": network.weights,
    }
    lines = [f"{name} = {value(one)}\n" for name, one in keys.items() if one not in ("", None, [], {})]
    return f"[[question]]\n{''.join(lines)}"


def _text(item: Item, part: Part) -> str:
    """The question with its table, as lines."""
    return "\n".join((item.text, *map(" | ".join, item.table), *([part.label] if part.label else [])))


def value(one: Any) -> str:
    """A value as TOML writes it.

    >>> print(value({"k": [1, "a"]}))
    { "k" = [1, "a"] }
    """
    match one:
        case Mapping():
            return f"{{ {', '.join(f'{value(str(name))} = {value(inner)}' for name, inner in one.items())} }}"
        case list() | tuple():
            return f"[{', '.join(map(value, one))}]"
        case str():
            # JSON's escapes are TOML's, but for DEL, which TOML wants escaped.
            return json.dumps(one, ensure_ascii=False).replace("\x7f", "\\u007f")
        case _:
            return str(one)
