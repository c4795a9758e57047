"""What kinds of value a layer's argument may have: how each is read, checked and printed back.

A type turns the value of an expression into the value of a field, or raises `ValueError` with a message
that a user can act on; `show` is the inverse, for a tensor of the given rank.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from cnncalc.algebra import Algebra, Number
from cnncalc.shapes import join
from cnncalc.spec.expressions import KEEP, Items, Keep, Pair, exact
from cnncalc.spec.source import quote

# No axis, channel count or kernel of a network comes near.
LARGEST_SIZE: Final = 10**12
# The letters of a tensor's dimensions, by its rank.
LETTERS: Final = ("c", "lc", "hwc", "dhwc")
ALL_LETTERS: Final = ("l", "d", "h", "w", "c")

# One number along every axis, or a number for each axis.
Size: TypeAlias = tuple[Number, ...]
# `same`, `valid`, `full`, `causal`, or cells (before, after) along every axis or for each.
Padding: TypeAlias = "str | tuple[tuple[Number, Number], ...]"


class Type(Protocol):
    """A kind of value."""

    @property
    def describes(self) -> str:
        """The values in a few words, for the documentation."""

    def read(self, value: Any) -> Any:
        """The value of the field. Raises `ValueError` with a message if there is none."""

    def show(self, value: Any, rank: int) -> str:
        """The value as it is written in a spec."""


def spread(size: tuple[Any, ...], rank: int) -> tuple[Any, ...]:
    """One value an axis: a single one holds for all.

    >>> spread((3,), 2)
    (3, 3)
    """
    return size * rank if len(size) == 1 else size


def shortest(size: tuple[Any, ...]) -> tuple[Any, ...]:
    """A single value, if all are alike: the inverse of `spread`.

    >>> shortest((2, 2))
    (2,)
    """
    return size[:1] if all(number == size[0] for number in size) else size


def _number(value: Any, least: int, what: str = "number") -> Number:
    """A whole number, not too small, not too large; or a symbol."""
    if isinstance(value, (bool, str, tuple, Keep)):
        raise ValueError(f"expected a {what}, found {show_value(value)}")
    if not isinstance(value, Algebra) and value != int(value):
        raise ValueError(f"expected a whole {what}, found {value}")
    if value < least:
        rule = "cannot be negative" if least == 0 else f"must be at least {least}"
        raise ValueError(f"{rule}, found {value}")
    if isinstance(value, Algebra):
        return value
    if value > LARGEST_SIZE:
        raise ValueError(f"{value} is more than any network has")
    return int(value)


def show_value(value: Any) -> str:
    """A value in a message."""
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    if isinstance(value, Items):
        return "a list"
    if isinstance(value, tuple) and not isinstance(value, Pair):
        return "the size " + quote("x".join(str(part) for part in value))
    return quote(str(value))


class Count(NamedTuple):
    """A whole number."""

    least: int = 1

    @property
    def describes(self) -> str:
        """The values in a few words."""
        return f"a whole number, at least {self.least}"

    def read(self, value: Any) -> Number:
        """A whole number."""
        return _number(value, self.least)

    def show(self, value: Any, rank: int) -> str:  # noqa: ARG002
        """The number."""
        text = str(value)
        return f"({text})" if " " in text or "*" in text else text


class Sizes(NamedTuple):
    """A number for every axis, `3`, or one for each, `3x5`."""

    least: int = 1
    keep: bool = False

    @property
    def describes(self) -> str:
        """The values in a few words."""
        return "a size, `3x3`, or one number for every axis" + ("; `_` keeps an axis" if self.keep else "")

    def read(self, value: Any) -> tuple[Any, ...]:
        """A tuple of numbers (and of `KEEP`, where that is allowed)."""
        parts = value if isinstance(value, tuple) and not isinstance(value, (Pair, Items)) else (value,)
        return tuple(part if self.keep and part is KEEP else _number(part, self.least) for part in parts)

    def show(self, value: Any, rank: int) -> str:
        """`3x3`; one number if it holds for every axis and is an option (`s2`)."""
        return join(spread(value, rank) if rank else value)


class Steps(NamedTuple):
    """A size that is written as one number where it is the same along every axis: a stride, a dilation."""

    least: int = 1

    @property
    def describes(self) -> str:
        """The values in a few words."""
        return "one number for every axis, or one for each: `2x1`"

    def read(self, value: Any) -> tuple[Number, ...]:
        """A tuple of numbers."""
        return Sizes(self.least).read(value)

    def show(self, value: Any, rank: int) -> str:  # noqa: ARG002
        """`2` or `2x1`."""
        return join(value)


class Cells(NamedTuple):
    """Cells at the edges: a number for all of them, or `before:after` an axis; or a word, where that is known."""

    words: tuple[str, ...] = ()

    @property
    def describes(self) -> str:
        """The values in a few words."""
        numbers = "cells on every side, `1x2` an axis, `0:1` before and after"
        return numbers + (f"; or {', '.join(f'`{word}`' for word in self.words)}" if self.words else "")

    def read(self, value: Any) -> Padding:
        """A word, or a (before, after) for every axis."""
        if isinstance(value, str):
            if value not in self.words:
                raise ValueError(f"expected cells, found {quote(value)}")
            return value
        parts = value if isinstance(value, tuple) and not isinstance(value, (Pair, Items)) else (value,)
        return tuple(self._read_part(part) for part in parts)

    @staticmethod
    def _read_part(part: Any) -> tuple[Number, Number]:
        """One axis."""
        before, after = part if isinstance(part, Pair) else (part, part)
        return _number(before, 0), _number(after, 0)

    def show(self, value: Any, rank: int) -> str:  # noqa: ARG002
        """The word, or `1`, `1x2`, `0:1x1:1`."""
        if isinstance(value, str):
            return value
        return "x".join(str(before) if before == after else f"{before}:{after}" for before, after in value)


class Dims(Sizes):
    """The dimensions of a tensor, `4x4x16`: as many as there are, whatever the rank of the input."""

    __slots__ = ()

    @property
    def describes(self) -> str:
        """The values in a few words."""
        return "a size, channels last: `4x4x16`"

    def read(self, value: Any) -> tuple[Any, ...]:
        """A tuple of numbers."""
        dims = super().read(value)
        if len(dims) > len(LETTERS):
            raise ValueError(f"has at most {len(LETTERS)} dimensions (DxHxWxC), found {len(dims)}")
        return dims

    def show(self, value: Any, rank: int) -> str:  # noqa: ARG002
        """`4x4x16`; a single number stays single."""
        return join(value)


class Factor(NamedTuple):
    """How many times larger, exactly: `2`, `2x3`, `1.5`."""

    @property
    def describes(self) -> str:
        """The values in a few words."""
        return "a number for every axis, or one for each: `2x3`, `1.5`"

    def read(self, value: Any) -> tuple[Any, ...]:
        """A tuple of integers, and of Fractions where a factor is not whole."""
        parts = value if isinstance(value, tuple) and not isinstance(value, (Pair, Items)) else (value,)
        return tuple(self._read_part(part) for part in parts)

    @staticmethod
    def _read_part(part: Any) -> Any:
        """One axis."""
        if isinstance(part, (bool, str, tuple, Keep)):
            raise ValueError(f"expected a factor, found {show_value(part)}")
        factor = exact(part)
        if not isinstance(factor, Algebra) and not 0 < factor <= LARGEST_SIZE:
            raise ValueError(f"must be more than 0 and less than {LARGEST_SIZE}, found {part}")
        return factor

    def show(self, value: Any, rank: int) -> str:  # noqa: ARG002
        """`2`, `2x3`, `1.5`; a quotient that no decimal states stands in parentheses."""
        if all(isinstance(factor, Algebra) or exact(float(factor)) == factor for factor in value):
            return join(factor if isinstance(factor, (int, Algebra)) else float(factor) for factor in value)
        return "x".join(f"({factor})" for factor in value)


class Part(NamedTuple):
    """A part of an axis: the range `0:32` (up to, but not with, 32), the items `0,1,5`, or a single one."""

    @property
    def describes(self) -> str:
        """The values in a few words."""
        return "a range `0:32`, a list `0,1,5`, or one number"

    def read(self, value: Any) -> Pair | Items:
        """A range, or a list."""
        if isinstance(value, Items):
            return Items(tuple(int(_number(number, 0)) for number in value.numbers))  # type: ignore[arg-type]
        if not isinstance(value, Pair):
            first = _number(value, 0)
            return Pair(first, first + 1)
        first, stop = _number(value.before, 0), _number(value.after, 0)
        if stop <= first:
            raise ValueError(f"{first}:{stop} is empty")
        return Pair(first, stop)

    def show(self, value: Any, rank: int) -> str:  # noqa: ARG002
        """`0:32` or `0,1,5`."""
        if isinstance(value, Items):
            return ",".join(str(number) for number in value.numbers)
        return f"{value.before}:{value.after}"


class Letters(NamedTuple):
    """The axes of a tensor by letter, in some order: `c h w`."""

    @property
    def variadic(self) -> bool:
        """It takes all the words that stand without a key, as one tuple."""
        return True

    @property
    def describes(self) -> str:
        """The values in a few words."""
        return "letters of axes: `l` of a sequence, `h w` of an image, `d h w` of a volume, `c` the channels"

    def read(self, value: Any) -> tuple[str, ...]:
        """A tuple of letters."""
        letters = tuple(str(word).lower() for word in (value if isinstance(value, tuple) else str(value)))
        for letter in letters:
            if letter not in ALL_LETTERS:
                raise ValueError(f"must be among {', '.join(ALL_LETTERS)}; found {quote(letter)}")
        return letters

    def show(self, value: Any, rank: int) -> str:  # noqa: ARG002
        """`c h w`."""
        return " ".join(value)


class Decimal(NamedTuple):
    """A decimal between two bounds."""

    least: float
    most: float

    @property
    def describes(self) -> str:
        """The values in a few words."""
        return f"a number from {self.least:g} to {self.most:g}"

    def read(self, value: Any) -> float:
        """A float."""
        if isinstance(value, (bool, str, tuple, Keep, Algebra)):
            raise ValueError(f"expected a number, found {show_value(value)}")
        if not self.least <= value <= self.most:
            raise ValueError(f"must lie between {self.least:g} and {self.most:g}, found {float(value):g}")
        return float(value)

    def show(self, value: Any, rank: int) -> str:  # noqa: ARG002
        """Without a needless `.0`."""
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)


class Decimals(NamedTuple):
    """A decimal for every channel, or one that holds for all."""

    each: Decimal

    @property
    def describes(self) -> str:
        """The values in a few words."""
        return f"{self.each.describes}, or one for each channel: `(0.5,0.4,0.3)`"

    def read(self, value: Any) -> tuple[float, ...]:
        """A tuple of floats."""
        parts = value if isinstance(value, tuple) and not isinstance(value, (Pair, Items)) else (value,)
        return tuple(self.each.read(part) for part in parts)

    def show(self, value: Any, rank: int) -> str:
        """`0.5`, or `(0.5,0.4,0.3)`."""
        parts = [self.each.show(part, rank) for part in value]
        return parts[0] if len(parts) == 1 else f"({','.join(parts)})"


class Flag(NamedTuple):
    """Yes or no."""

    @property
    def describes(self) -> str:
        """The values in a few words."""
        return "`yes` or `no`"

    def read(self, value: Any) -> bool:
        """A truth value."""
        if isinstance(value, bool) or (isinstance(value, int) and value in {0, 1}):
            return bool(value)
        raise ValueError(f"expected `yes` or `no`, found {show_value(value)}")

    def show(self, value: Any, rank: int) -> str:  # noqa: ARG002
        """`yes` or `no`."""
        return "yes" if value else "no"


class Choice(NamedTuple):
    """One of some words."""

    words: tuple[str, ...]

    @property
    def describes(self) -> str:
        """The words."""
        return ", ".join(f"`{word}`" for word in self.words)

    def read(self, value: Any) -> str:
        """The word."""
        if isinstance(value, str) and value.lower() in self.words:
            return value.lower()
        raise ValueError(f"expected one of {self.describes}, found {show_value(value)}")

    def show(self, value: Any, rank: int) -> str:  # noqa: ARG002
        """The word."""
        return str(value)


class Arg(NamedTuple):
    """An argument of a kind: everything that reader, help, printer and tests need to know of it."""

    name: str
    doc: str
    type: Type
    default: Any
    required: bool
    positional: bool
    short: str
    words: Mapping[str, Any]
    always: bool
    assumed: Any

    @property
    def keys(self) -> tuple[str, ...]:
        """What may stand before `=`."""
        return (self.name, self.short) if self.short else (self.name,)

    def default_of(self, layer: Any) -> Any:
        """The value that it has in a layer where it was left out."""
        return self.default(layer) if callable(self.default) else self.default

    def show(self, layer: Any, rank: int) -> str:
        """The value as an argument: `3x3`, `s2`, `nobias`, `slope=0.2`; empty for a default that goes unsaid."""
        value = getattr(layer, self.name)
        if value is None or (not self.always and not self.required and value == self.default_of(layer)):
            return ""
        for word, meaning in self.words.items():
            if meaning == value:
                return word
        text = self.type.show(value, rank)
        if self.positional or text in self.words:
            return text
        # A number or a symbol sticks to the letter.
        return f"{self.short}{text}" if self.short and (text[0].isdigit() or text.isalnum()) else f"{self.name}={text}"
