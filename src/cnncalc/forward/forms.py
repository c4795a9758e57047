"""How other programs write an array: NumPy and PyTorch, MATLAB, Mathematica, LaTeX; all of it as nested lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

# What is longer comes from a program that writes JSON or rows.
LONGEST: Final = 100_000
# `np.array([[1, 2]])`, `tensor([[1., 2.]], dtype=torch.float64)`.
_CALL: Final = re.compile(r"[\w.]{0,40}(?:array|tensor|matrix)\s*\((.*)\)", re.IGNORECASE | re.DOTALL)
_SETTING: Final = re.compile(r",\s*[a-z_]+\s*=\s*[\w.<>']+\s*$")
_MATRIX: Final = re.compile(r"\\begin\s*\{[a-zA-Z]*matrix\}(.*)\\end\s*\{[a-zA-Z]*matrix\}", re.DOTALL)
_WORD: Final = re.compile(r"[\[({]|[\])}]|[,;]|[^\s,;\[\](){}]+")
_OPENING: Final = "[({"
_CLOSING: Final = dict(zip("])}", _OPENING, strict=True))


class NumberError(ValueError):
    """A word of the lists is no number: `word`, and why."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


def lists(text: str, number: Callable[[str], Any]) -> Any:
    r"""Nested lists from their text: values stand apart by blanks or commas, and rows perhaps by semicolons.

    `number` reads one, and raises `ValueError` for what is none. None if the text is not of these forms. Raises
    `NumberError` if all but a number is well.

    >>> lists("[[37. 47.]\n [67. 77.]]", float), lists("[1 2; 3 4]", int)
    ([[37.0, 47.0], [67.0, 77.0]], [[1, 2], [3, 4]])
    """
    if len(text) > LONGEST:
        return None
    words = _WORD.findall(_bare(text))
    if not words or words[0] not in _OPENING:
        return None
    wrong: list[NumberError] = []

    def value(word: str) -> Any:
        try:
            return number(word)
        except ValueError as error:
            wrong.append(NumberError(word, str(error)))
            return 0

    found = _nested(words, value)
    if wrong and found is not None:
        raise wrong[0]
    return found


def _bare(text: str) -> str:
    """The brackets alone, without the call or the LaTeX around them."""
    text = text.strip().strip("$").strip()
    if call := _CALL.fullmatch(text):
        text = call[1].strip()
        while setting := _SETTING.search(text):
            text = text[: setting.start()]
    if matrix := _MATRIX.search(text):
        rows = matrix[1].replace("\\\\", ";").replace("&", " ")
        text = f"[{rows}]"
    return text


def _nested(words: list[str], number: Callable[[str], Any]) -> Any:
    """The lists that some words make; None if they make none, or more than one."""
    # Each list that is open, with its bracket, its rows that are whole, and the values behind them.
    opened: list[tuple[str, list[Any], list[Any]]] = [("", [], [])]
    before = ","
    for word in words:
        bracket, rows, values = opened[-1]
        if word in _OPENING:
            opened.append((word, [], []))
        elif word in _CLOSING:
            if bracket != _CLOSING[word]:
                return None
            opened.pop()
            opened[-1][2].append([*rows, *([values] if values else [])] if rows else values)
        elif word in ",;":
            if before in (",", ";", *_OPENING):
                return None
            if word == ";" and not isinstance(values[-1], list):
                rows.append([*values])
                values.clear()
        else:
            values.append(number(word))
        before = word
    return opened[0][2][0] if len(opened) == len(opened[0][2]) == 1 else None
