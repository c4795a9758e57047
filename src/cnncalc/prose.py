"""Numbers in sentences for people: their thousands are separated, and nouns agree with them."""

from __future__ import annotations

import re
from typing import Final

# An integer of four digits or more that stands by itself: no part of a name or of a size.
_LONG: Final = re.compile(r"(?<![\w.,])[0-9]{4,}(?!\w|,[0-9])")


def separated(value: object) -> str:
    """An integer with its thousands separated; any other value as it is.

    >>> separated(61706), separated("1/2")
    ('61,706', '1/2')
    """
    return f"{value:,}" if isinstance(value, int) else str(value)


def with_separators(text: str) -> str:
    """A calculation or a sentence in which every integer has its thousands separated; sizes and names stay.

    >>> with_separators("(10240 + 1)·10 = 102410 (1024x1024x3, conv1000, 1500.5)")
    '(10,240 + 1)·10 = 102,410 (1024x1024x3, conv1000, 1,500.5)'
    """
    return _LONG.sub(lambda match: f"{int(match[0]):,}", text)


def counted(number: object, noun: str) -> str:
    """So many things.

    >>> counted(1, "bias"), counted(2560, "bias"), counted(2, "filter")
    ('1 bias', '2,560 biases', '2 filters')
    """
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{separated(number)} {noun if number == 1 else plural}"
