"""The words of the language that are numbers: `64`, `3x3`, `0:1x1:1`, `7x_`, `0,1,5`, and `s2` with its letter."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from cnncalc.spec.expressions import KEEP, LARGEST_NUMBER, Items, Pair

MOST_DIMENSIONS: Final = 4
# Longer words are not kept in the table of words that were read before.
LONGEST_KNOWN: Final = 40

TOO_MANY_DIMENSIONS: Final = f"a size has at most {MOST_DIMENSIONS} numbers, one for each dimension"

# Blanks within a line.
SPACE: Final = r"[^\S\n]*"
NUMBER: Final = r"[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
PART: Final = rf"(?:{NUMBER}(?::{NUMBER})?|\?|_)"
CHUNK: Final = re.compile(rf"(?P<key>[A-Za-z]*?)(?P<size>{PART}(?:[xX×*]{PART})*|[0-9]+(?:,[0-9]+)+)", re.ASCII)
SEPARATOR: Final = re.compile(r"[xX×*]")


def read_chunk(text: str) -> tuple[str, Any]:
    """A word of the arguments as (letters, constant): `s2x1` is ("s", (2, 1)); ("", None) for a name.

    Raises `ValueError` with a message for a constant that no network needs.
    """
    match = CHUNK.fullmatch(text)
    return (match["key"], read_constant(match["size"])) if match else ("", None)


read_known_chunk: Final = lru_cache(maxsize=4096)(read_chunk)


def read_constant(text: str) -> Any:
    """`3x3`, `0:1x1:1`, `7x_` or `0,1,5` as a value; None if a part is a `?`, which needs its place."""
    if "?" in text:
        return None
    if "," in text:
        return Items(tuple([_read_number(part) for part in text.split(",")]))
    parts = SEPARATOR.split(text, MOST_DIMENSIONS)
    if len(parts) > MOST_DIMENSIONS:
        raise ValueError(TOO_MANY_DIMENSIONS)
    return read_part(text) if len(parts) == 1 else tuple([read_part(part) for part in parts])


def read_part(text: str) -> Any:
    """A number, `before:after`, or `_`."""
    if text == "_":
        return KEEP
    before, colon, after = text.partition(":")
    return Pair(_read_number(before), _read_number(after)) if colon else _read_number(before)


def _read_number(text: str) -> Any:
    """An integer as such, a decimal as a float whose `repr` is what was written.

    Raises `ValueError` for a number that no network needs.
    """
    if is_number(text):
        return int(text)
    text = text.replace("_", "")
    if len(text) > len(str(LARGEST_NUMBER)) or float(text) > LARGEST_NUMBER:
        raise ValueError("this number is too large")
    return int(text) if text.isdecimal() else float(text)


def is_number(text: str) -> bool:
    """Whether a part of a size is a whole number that is not too large."""
    return text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_NUMBER))


def split_size(text: str) -> list[list[str]]:
    """The parts of a size with names in it, each as one atom or two: `kx0:n` is `[["k"], ["0", "n"]]`; else nothing."""
    parts = [part.split(":", 1) for part in SEPARATOR.split(text, MOST_DIMENSIONS)]
    return parts if 1 < len(parts) <= MOST_DIMENSIONS or (len(parts) == 1 and len(parts[0]) > 1) else []
