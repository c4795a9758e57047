"""Numbers that a user hands in: as text, as JSON, as nested lists of Python. They are read, never executed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, Final, NoReturn, Self

from cnncalc.forward import forms
from cnncalc.forward.tensor import Tensor, indices
from cnncalc.prose import counted
from cnncalc.shapes import join
from cnncalc.spec.source import Problem, Problems, Source, Span, SpecError, quote

# More digits are no measurement, and would take long to compute with.
LONGEST_NUMBER: Final = 400
# A kernel of a volume has five axes; deeper lists are a mistake, or an attack.
MOST_AXES: Final = 8
# Some 25 million weights as text; the bound only keeps a wrong file from filling the memory.
LARGEST_FILE: Final = 2**29

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE | re.ASCII)
_INTEGER: Final = re.compile(r"[+-]?\d+", re.ASCII)
_TOKEN: Final = re.compile(r"[;|,\n]|[^\s;|,]+")
_MINUS: Final = "\N{MINUS SIGN}"


def fail(message: str, name: str, hint: str = "") -> NoReturn:
    """Raise `SpecError` about something that has a name, but no text to point into."""
    raise SpecError([Problem(message, Span(Source(name, ""), 0, 0), hint)])


# Numbers.


class Rounded(Fraction):
    """A number as it was written with a point, which may be rounded in its last place."""

    __slots__ = ("decimal",)
    decimal: Decimal

    def __new__(cls, text: str) -> Self:
        """`text` is what `Decimal` reads."""
        self = super().__new__(cls, text)
        self.decimal = Decimal(text)
        return self

    @property
    def slack(self) -> Fraction:
        """How far it may be off: half of its last place."""
        return Fraction(10) ** int(self.decimal.as_tuple().exponent) / 2


def number(text: str, *, exact: bool = False) -> Any:
    """A number from its text: an integer stays one; `0.1` and `1/3` are Fractions if `exact`, else floats.

    Raises `ValueError` for anything else, such as `nan`, and for a number that no float can hold.

    >>> number("-3"), number("0.5"), number("1/3", exact=True)
    (-3, 0.5, Fraction(1, 3))
    """
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"a number has at most {LONGEST_NUMBER} characters; this one has {len(text)}")
    if text.isascii() and text.isdigit():
        return int(text)
    upper, slash, lower = text.replace(_MINUS, "-").partition("/")
    for part in (upper, lower) if slash else (upper,):
        if not _NUMBER.fullmatch(part):
            raise ValueError(f"{quote(text)} is not a number")
    # `37.` is how NumPy prints a whole number.
    if not slash and _INTEGER.fullmatch(upper.removesuffix(".") if exact else upper):
        return int(upper.removesuffix("."))
    if not slash:
        return Rounded(upper) if exact else as_float(Fraction(upper), text)
    if not Fraction(lower):
        raise ValueError(f"{quote(text)} divides by zero")
    value = Fraction(upper) / Fraction(lower)
    return value if exact else as_float(value, text)


def as_float(value: Fraction, text: str) -> float:
    """The nearest float. Raises `ValueError` if there is none."""
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{quote(text)} is too large") from None


def as_number(value: Any, *, exact: bool = False) -> Any:
    """A value of Python or JSON as a number. Raises `ValueError` if it is none.

    Decimals that are meant exactly are what they are written as: 0.1 is 1/10.
    """
    match value:
        case bool():
            pass
        case int() | Fraction():
            return value
        case str():
            return number(value.strip(), exact=exact)
        case float() | Decimal() if math.isfinite(value):
            return Rounded(str(value)) if exact else float(value)
        case float() | Decimal():
            raise ValueError(f"{value} is not a finite number")
    raise ValueError(f"expected a number, found {quote(repr(value))}")


# Nested lists.


def tensor(value: Any, name: str, *, exact: bool = False) -> Tensor:
    """Nested lists (or what has a `tolist`, as arrays of other libraries do) as a tensor of the same dimensions.

    A single number is a tensor without dimensions. Raises `SpecError` for lists of different lengths and for
    what is no number, with the place: `x[2][0]`.
    """
    dims: list[int] = []
    items = [value]
    while True:
        items = [_as_list(item) for item in items]
        lists = [isinstance(item, list) for item in items]
        if not any(lists):
            break
        if len(dims) == MOST_AXES:
            fail(f"{name} has more than {MOST_AXES} axes", name)
        first = lists.index(True)
        if not all(lists):
            other = lists.index(False)
            fail(f"{_at(name, dims, other)} is a number, but {_at(name, dims, first)} is a list", name)
        length = len(items[0])
        for index, item in enumerate(items):
            if len(item) != length:
                ragged = (
                    f"{_at(name, dims, index)} has {counted(len(item), 'value')}, but {_at(name, dims, 0)} has {length}"
                )
                fail(ragged, name)
        if not length:
            fail(f"{_at(name, dims, 0)} is empty", name)
        dims.append(length)
        items = [inner for item in items for inner in item]
    values = []
    for index, item in enumerate(items):
        try:
            values.append(as_number(item, exact=exact))
        except ValueError as error:
            fail(f"{_at(name, dims, index)}: {error}", name)
    return Tensor(tuple(dims), values)


def _as_list(item: Any) -> Any:
    """A list of whatever is one; anything else as it is."""
    if hasattr(item, "tolist"):
        item = item.tolist()
    return list(item) if isinstance(item, (list, tuple)) else item


def _at(name: str, dims: Sequence[int], index: int) -> str:
    """The place of an item, counted through: `x[2][0]`."""
    places: list[int] = []
    for extent in reversed(dims):
        index, place = divmod(index, extent)
        places.append(place)
    return name + "".join(f"[{place}]" for place in reversed(places))


def nested(x: Tensor) -> Any:
    """A tensor as nested lists.

    >>> nested(Tensor((2, 2), [1, 2, 3, 4]))
    [[1, 2], [3, 4]]
    """
    items: list[Any] = list(x.values)
    for extent in reversed(x.dims[1:]):
        items = [items[start : start + extent] for start in range(0, len(items), extent)]
    return items if x.dims else items[0]


def moved(x: Tensor, order: Sequence[int]) -> Tensor:
    """The dimensions in another order: dimension i of the result is number `order[i]` of the tensor.

    >>> moved(Tensor((1, 3), [1, 2, 3]), (1, 0)).dims
    (3, 1)
    """
    if tuple(order) == tuple(range(len(x.dims))):
        return x
    dims = tuple(x.dims[axis] for axis in order)
    places = [tuple(order).index(axis) for axis in range(len(dims))]
    return Tensor(dims, [x[tuple(index[place] for place in places)] for index in indices(dims)])


def from_planes(planes: Tensor) -> Tensor:
    """Matrices, one a channel, as an image; one of them has no axis for its channel, one row none for rows."""
    channels, rows, _ = planes.dims
    if channels > 1:
        return to_channels_last(planes)
    return Tensor(planes.dims[1:] if rows > 1 else planes.dims[2:], planes.values)


def to_channels_first(x: Tensor) -> Tensor:
    """The last axis put first."""
    rank = len(x.dims)
    return moved(x, (rank - 1, *range(rank - 1)))


def to_channels_last(x: Tensor) -> Tensor:
    """The first axis put last."""
    return moved(x, (*range(1, len(x.dims)), 0))


# Text.


def array(source: Source, *, exact: bool = False, csv: bool = False) -> tuple[Tensor, bool]:
    """The numbers of a text, and whether they stand in nested lists; else they are matrices, channels last.

    Raises `SpecError` for what is neither, and as `tensor` and `planes` do.
    """
    nested = parse_lists(source, exact=exact)
    if nested is None:
        return from_planes(planes(source, exact=exact, csv=csv)), False
    return tensor(nested, source.name, exact=exact), True


def parse_lists(source: Source, *, exact: bool = False) -> Any:
    """Nested lists as JSON has them, or as other programs write them; None if a text is no lists at all.

    Raises `SpecError` for broken ones.
    """
    broken: SpecError | None = None
    if is_json(source.text):
        try:
            return parse_json(source, exact=exact)
        except SpecError as error:
            broken = error
    try:
        found = forms.lists(source.text, partial(number, exact=exact))
    except forms.NumberError as error:
        start = source.text.find(error.word)
        raise SpecError([Problem(str(error), Span(source, start, start + len(error.word)))]) from None
    if found is None and broken is not None:
        raise broken
    return found


def planes(source: Source, *, exact: bool = False, csv: bool = False) -> Tensor:
    """Matrices as people write them, as a tensor of planes, rows and columns.

    Rows end with a line or with `;`, planes with `|`, and values stand apart by spaces or commas. In CSV
    semicolons may stand between values in place of commas, and values in quotes. Raises `SpecError` with the places
    of all that is no number, of missing ones, and of rows that are longer or shorter than the first.

    >>> planes(Source("x", "1 2; 3 4")).dims
    (1, 2, 2)
    """
    comma = source.text.find(",")
    if csv and comma >= 0 and ";" in source.text:
        message, hint = "commas and semicolons both stand between values here", "decimals have a point, `0.5`"
        raise SpecError([Problem(message, Span(source, comma, comma + 1), hint)])
    problems = Problems()
    found: list[list[list[Any]]] = [[]]
    width = 0
    for values, place, end in _rows(source, problems, csv=csv, exact=exact):
        width = width or len(values)
        if values:
            found[-1].append(values)
        if values and len(values) != width:
            message = f"this row has {counted(len(values), 'value')}, but the first has {width}"
            problems.add(Problem(message, place))
        if end == "|":
            found.append([])
    problems.stop()
    heights = {len(plane) for plane in found}
    if len(heights) > 1 or not width:
        counts = " and ".join(map(str, sorted(heights)))
        message = f"the matrices have {counts} rows" if width else "no numbers are given"
        raise SpecError([Problem(message, Span(source, 0, len(source.text)))])
    return Tensor((len(found), heights.pop(), width), [value for plane in found for row in plane for value in row])


def _rows(source: Source, problems: Problems, *, csv: bool, exact: bool) -> Iterator[tuple[list[Any], Span, str]]:
    """The numbers of each row, where it stands, and what ends it; commas stand between two numbers.

    What is no number is noted, and stands there as 0.
    """
    ends = "\n|" if csv else ";\n|"
    values: list[Any] = []
    start = end = 0
    # The last word, if it separates: a number is due behind it.
    separator: re.Match[str] | None = None
    for match in _TOKEN.finditer(source.text + "\n"):
        word = match[0]
        if word in ends:
            if separator:
                problems.add(_wrong_at(source, separator, "a number is missing here"))
                separator = None
            yield values, Span(source, start, end), word
            values = []
        elif word in ",;":
            if separator or not values:
                problems.add(_wrong_at(source, match, "a number is missing here"))
                values.append(0)
            separator = match
        else:
            start, end = start if values else match.start(), match.end()
            separator = None
            try:
                values.append(number(word.strip('"') if csv else word, exact=exact))
            except ValueError as error:
                problems.add(_wrong_at(source, match, str(error)))
                values.append(0)


def _wrong_at(source: Source, match: re.Match[str], message: str) -> Problem:
    """What is wrong with a word."""
    return Problem(message, Span(source, match.start(), match.end()))


def is_json(text: str) -> bool:
    """Whether a text is to be read as nested lists or a table of them, rather than as matrices."""
    return text.lstrip()[:1] in {"[", "{"}


def parse_json(source: Source, *, exact: bool = False) -> Any:
    """A value of JSON; its numbers as `number` reads them. Raises `SpecError` with the place."""
    read: Callable[[str], Any] = partial(number, exact=exact)
    try:
        return json.loads(source.text, parse_int=read, parse_float=read, parse_constant=read)
    except json.JSONDecodeError as error:
        hint = (
            "values stand apart by commas in lists, `[[1, 2], [3, 4]]`" if error.msg.startswith("Expecting ','") else ""
        )
        at = Span(source, error.pos, error.pos + 1)
        raise SpecError([Problem(f"this is not JSON: {error.msg}", at, hint)]) from None
    except RecursionError:
        fail("this JSON is nested too deep", source.name)
    except ValueError as error:
        raise SpecError([Problem(str(error), Span(source, *_place(source, str(error))))]) from None


def _place(source: Source, message: str) -> tuple[int, int]:
    """Where the number stands that a message quotes; the JSON reader of Python does not tell."""
    quoted = re.search(r"`(.+)`", message)
    start = source.text.find(quoted[1]) if quoted else -1
    return (start, start + len(quoted[1])) if quoted and start >= 0 else (0, 0)


def size(dims: Sequence[int]) -> str:
    """Dimensions in a message.

    >>> size((3, 3, 1)), size(())
    ('3x3x1', 'a single number')
    """
    return join(dims) if dims else "a single number"
