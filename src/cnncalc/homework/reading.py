"""What people write for an answer, as numbers: sizes in many forms, rounded numbers, sums, formulas."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnncalc.homework import spelling
from cnncalc.spec import parser
from cnncalc.spec.expressions import FUNCTIONS, Items, Keep, Name, Pair, evaluate, exact, plain
from cnncalc.spec.names import is_symbol, symbol
from cnncalc.spec.source import MissingExtraError, Problem, Source, Span, SpecError, quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cnncalc.forward.tensor import Tensor
    from cnncalc.spec.statements import AnswerText

LONGEST_NUMBER: Final = 60
# Nobody's answer is longer; the bound keeps a wrong file from taking long.
LONGEST_ANSWER: Final = 1000
LARGEST_POWER: Final = 30
LONGEST_VALUES: Final = 100_000
# A numerator or a denominator with more digits takes long to compute with.
MOST_DIGITS: Final = 30
LARGEST_VALUE: Final = 10**MOST_DIGITS
# Quantities whose answer is a size: `5*5*3` is one there, and a product for parameters.
SIZES: Final = ("", "output", "rf", "stride", "kernel", "padding", "unread")

_THOUSANDS: Final = {"": 0, "k": 1, "m": 2, "g": 3, "b": 3, "t": 4}
_NUMBER: Final = re.compile(
    r"(?P<about>~|≈)?(?P<digits>[0-9][0-9_]*)(?:\.(?P<decimals>[0-9]+))?"
    r"(?:(?P<unit>[KkMGgT](?P<binary>i)?B?|B)|[eE]\+?(?P<power>-?[0-9]+))?"
)
_DECIMAL: Final = r"[0-9]+(?:\.[0-9]+)?"
# `15,5G` with a decimal comma: with three digits behind it, it would separate thousands.
_COMMA: Final = r"(~?\d+),(\d{1,2}|\d{4,}|(?<=\b0,)\d{3})((?:[KkMGT]i?B?|B|[eE]\+?\d+)?)"
# `61.706.000` as it is written where a comma is the decimal mark.
_POINTED: Final = r"\d{1,3}(?:\.\d{3}){2,}"
# Where a product has no sign: `49C^2` is 49 times C squared.
_TIMES: Final = (
    r"(?<=\d)(?![eE]\+?\d)(?=[A-WYZa-wyz(])|(?<=\))(?=[A-WYZa-wyz0-9(])|(?<![A-Za-z][A-Za-z])(?<=[A-WYZa-wyz])(?=\()"
)
# `cK` is a product where it stands in a formula; a longer word is none, nor one with a bracket behind it.
_LETTERS: Final = r"(?<![\w.])(?:[A-WYZa-wyz]\d*){2,4}(?![\w(])"
# `1,234`, `1 234`, `1'234`, and as it is written in India, `1,23,456`.
_GROUPED: Final = (
    r"(?<![\d.,])(?:[1-9]\d{0,2}(?:(?:,\d{3})+|(?: \d{3})+|(?:'\d{3})+)|[1-9]\d?(?:,\d{2})+,\d{3})"
    r"(?:\.\d+)?[KMGT]?(?![\d,])"
)
# What is no product of letters, and no number; in a call a comma separates no thousands.
_WORDS: Final = r"(?<![A-Za-z])(?i:or|and|if|to|is|inf|infinity|nan|vs)(?![A-Za-z])|^0[bo]\d|^0x[0-9A-Fa-f]*[A-Fa-f]"
_CALL: Final = r"(?:max|min|ceildiv|divisible)\("
# `n n K`: letters apart by blanks.
_APART: Final = r"(?<=\b[A-WYZa-wyz])\s+(?=[A-WYZa-wyz]\b)"
# `7x7xCxC`: an `x` behind a number, a letter or a bracket, and before one.
_FACTORS: Final = (
    r"(?:(?<=[\d)\s])|(?<=\b[A-WYZa-wyz])|(?<=[xX*][A-WYZa-wyz]))[xX]"
    r"(?=[\s\d(]|[A-WYZa-wyz](?:[xX*+/)\s^-]|$))"
)
# A name before an array, `Y =`; that a number is rounded, or goes on; a full stop.
_AROUND_VALUES: Final = r"^\s*[A-Za-z][\w ]{0,20}(?:=|:(?=[\s\[(]))|~(?=[\d.])|(?<=\d)\.{2,}|(?<=[\])\s])\.\s*$"
# What keeps an expression from having a value, and is no matter of how it is written.
_REASONS: Final = ("division by zero", "this number is too large", "an exponent is", "this formula")
# What has a second reading. `34.944` is a decimal, or has a mark between its thousands; `1,234M` the other way round.
_POINT: Final = r"[1-9]\d{0,2}\.\d{3}"
_COMMA_AND_UNIT: Final = r"(~?[1-9]\d{0,2}),(\d{3}(?:[KkMGT]i?B?|B))"
# `138m` is a product with a symbol, or millions; `61 Mb` are bits to some, and bytes to most.
_LETTER: Final = r"(~?\d+(?:\.\d+)?) ?(?:(m)|([kKMG])b)"
# `16x5x5 = 400` is a vector, or says how many values a map has.
_SIZE: Final = r"\(?\s*\d+(?:\s*[x,*]\s*\d+)+\s*\)?"
_LAYOUT: Final = (
    r"(?i)\s*\(?(?:(?P<first>channels[- ]first|N?CHW|C\s*[x,]\s*H\s*[x,]\s*W)"
    r"|channels[- ]last|N?HWC|H\s*[x,]\s*W\s*[x,]\s*C)\)?$"
)


class Given(NamedTuple):
    """An answer as it was read: numbers, and how far a rounded one may be off.

    `others` are what else may have been meant, where the same signs are used in two ways. Those that leave out a
    number of a size, which may be that of examples, have it as their `batch`.
    """

    values: tuple[Any, ...]
    slack: Any = 0
    others: tuple[Given, ...] = ()
    batch: Any = None


def read_values(text: AnswerText) -> tuple[Tensor, bool]:
    """The values of an answer, `[[6, 8], [12, 14]]`, and whether they are nested lists, whose axes may be in any order.

    Raises `SpecError` with the place in the answer.
    """
    at = text.span._replace(start=text.span.end - len(text.value))
    try:
        return numbers_of(Source("value", text.value))
    except SpecError as error:
        problems = []
        for problem in error.problems:
            inside = problem.span.source.text and at.text == text.value
            span = Span(at.source, *(at.start + place for place in problem.span[1:])) if inside else at
            problems.append(problem._replace(span=span))
        raise SpecError(problems) from None


def numbers_of(source: Source) -> tuple[Tensor, bool]:
    """The exact numbers of a text, and whether they stand in nested lists; else they are matrices, channels last.

    Raises `SpecError` for what is neither, and for numbers that take long to compute with.
    """
    from cnncalc.forward import reading  # noqa: PLC0415  few answers are values

    if len(source.text) > LONGEST_VALUES:
        reading.fail(f"{source.name} has more than {LONGEST_VALUES:,} characters", source.name)
    tensor, nested = reading.array(source._replace(text=_bare(source.text)), exact=True)
    return check_numbers(tensor, source.name), nested


def _bare(text: str) -> str:
    """The text of an array without what stands around its numbers; blanks keep the places."""
    if all(re.fullmatch(r"\s*\|[^|]*\|\s*", line) for line in text.splitlines() if line.strip()):
        # A matrix that is drawn by hand, a stroke at each side.
        text = text.replace("|", " ")
    return re.sub(_AROUND_VALUES, lambda match: " " * len(match[0]), text)


def check_numbers(x: Tensor, name: str) -> Tensor:
    """The same tensor. Raises `SpecError` for numbers that take long to compute with."""
    if any(max(abs(value.numerator), value.denominator) >= LARGEST_VALUE for value in x.values):
        at = Span(Source(name, ""), 0, 0)
        raise SpecError([Problem(f"{name} has a number with more than {MOST_DIGITS} digits", at)])
    return x


def read(text: AnswerText, *, channels_first: bool = False) -> Given:
    """The value of an answer: `28x28x6`, `(None, 28, 28, 6)`, `61,706`, `58.1 MiB`, `750 + 10`, `25*n1*n2 + n2`.

    `channels_first` is the order of the dimensions of a size that names no order itself. Raises `SpecError` if
    it is none of these.
    """
    quantity = text.quantity.lower()
    at = text.span._replace(start=text.span.end - len(text.value))
    if len(text.value) > LONGEST_ANSWER:
        raise SpecError([Problem(f"an answer has at most {LONGEST_ANSWER} characters", at)])
    if "?" in re.sub(rf"^[\s(\[]*{spelling.BATCH}|(?<=[\d)\]])\s*\?+$", "", spelling.in_signs(text.value)):
        message = "`?` stands for a number to be found; here every number must be given"
        raise SpecError([Problem(message, at, "put a number in its place")])
    # What most answers of a spec are needs none of the rest.
    parts = text.value.split("x")
    if quantity in SIZES and not channels_first and all(map(_is_short_integer, parts)):
        values = tuple(map(int, parts))
        return Given(values, others=tuple(_without_batch(values)) if len(values) > 1 else ())
    number = _number(text.value, quantity, text.names)
    if number is not None and "." not in text.value:
        return number
    value, layout = _without_layout(text.value)
    if quantity not in SIZES:
        value = spelling.canonical(value, is_size=False)
        found = _value(value, quantity, at, text.names)
        return found._replace(others=tuple(_other_numbers(value, in_bytes="memory" in quantity)))
    first = (channels_first if layout is None else layout) and quantity in {"", "output"}
    given = _value(spelling.canonical(value, is_size=True), quantity, at, text.names)
    others = [*_other_sizes(value, given)]
    if len(given.values) > 1 and re.search(r"[-+/]|^[^xX]*\*[^xX]*$", value):
        # `1 + 3*2` may be no size, and `5*5*16` what a vector has.
        with suppress(SpecError):
            others.append(Given(_evaluated(spelling.canonical(value, is_size=True), at, text.names, arithmetic=True)))
    if not first and "torch.Size" in value:
        # PyTorch has the channels first, but whoever writes the numbers need not have.
        others += [_in_order(other, first=True) for other in (given, *others)]
    others = [_in_order(other, first=first) for other in others]
    return _in_order(given, first=first)._replace(others=tuple(others))


def _without_batch(values: tuple[Any, ...]) -> Iterator[Given]:
    """A size without the batch in front, and a vector without the 1 that makes a row, a column or a map of it."""
    if len(values) > 1:
        yield Given(values[1:], batch=values[0])
        vector = [value for value in values if value != 1]
        if len(vector) == 1:
            yield Given(tuple(vector), batch=1)


def _in_order(given: Given, *, first: bool) -> Given:
    """A size with its channels last, where they stand `first`."""
    values = (*given.values[1:], given.values[0])
    return given._replace(values=values) if first and len(given.values) > 1 else given


def _other_numbers(value: str, *, in_bytes: bool) -> Iterator[Given]:
    """What else a number may mean."""
    if re.fullmatch(_POINT, value):
        yield Given((int(value.replace(".", "")),))
    texts = []
    if comma := re.fullmatch(_COMMA_AND_UNIT, value):
        texts.append(f"{comma[1]}.{comma[2]}")
    if letter := re.fullmatch(_LETTER, value):
        texts.append(letter[1] + (letter[3] + "B" if letter[3] else "M"))
    yield from filter(None, (read_number(text, in_bytes=in_bytes) for text in texts))


def _other_sizes(text: str, given: Given) -> Iterator[Given]:
    """What else a size may mean: one with the batch in front, what stands before `=`, a number with a comma."""
    yield from _without_batch(given.values)
    before = spelling.canonical(text.rpartition("=")[0], is_size=True)
    if re.fullmatch(_SIZE, before) and len(before) < LONGEST_NUMBER:
        yield Given(tuple(map(int, re.findall(r"\d+", before))))
    if re.fullmatch(r"\d{1,9}-\d{1,9}-\d{1,9}", text.strip()):
        yield Given(tuple(map(int, text.split("-"))))
    number = read_number(text.strip().replace(",", ".")) if text.count(",") == 1 else None
    if number is not None:
        yield number


def _is_short_integer(text: str) -> bool:
    """Whether a text is an integer as anybody writes it."""
    return text.isdigit() and text.isascii() and len(text) < LONGEST_NUMBER


def _without_layout(text: str) -> tuple[str, bool | None]:
    """The text without the order that it names, and whether that is channels first; None if it names none."""
    match = re.search(_LAYOUT, text)
    return (text, None) if match is None else (text[: match.start()], match["first"] is not None)


def _value(value: str, quantity: str, at: Span, names: Mapping[str, Any]) -> Given:
    """A number, a size or a formula in the forms of the language; `names` have values in it."""
    is_size = quantity in SIZES
    if not is_size:
        if re.search(_WORDS, value):
            raise _no_answer(at)
        value = (
            value if re.search(_CALL, value) else re.sub(_GROUPED, lambda match: re.sub(r"[, ']", "", match[0]), value)
        )
        value = value.replace(".", "") if re.fullmatch(_POINTED, value) else value
        decimal = re.fullmatch(_COMMA, value)
        value = f"{decimal[1]}.{decimal[2]}{decimal[3]}" if decimal else value
    number = _number(value, quantity, names)
    if number is not None:
        return number
    value = re.sub(_TIMES, "*", value if is_size else _joined(value))
    if is_size:
        parts = re.split(r"\s*[xX*]\s*|\s*,\s*|\s+", value.removeprefix("(").removesuffix(")").strip(" ,"))
        if len(parts) > 1 and all(re.fullmatch(_DECIMAL, part) and len(part) < LONGEST_NUMBER for part in parts):
            from fractions import Fraction  # noqa: PLC0415

            decimals = max(len(part.partition(".")[2]) for part in parts)
            return Given(
                tuple(plain(Fraction(part)) for part in parts), Fraction(1, 2 * 10**decimals) if decimals else 0
            )
    elif re.search(r"[-+*/(]", value) or {*re.findall(r"[a-zA-Z]\d*", value)} <= {*names}:
        value = re.sub(_LETTERS, lambda match: _as_product(match[0], names), value)
    if is_size:
        return Given(_size("".join(value.split()), at, names))
    return Given(_evaluated(value, at, names, arithmetic=True))


def _size(value: str, at: Span, names: Mapping[str, Any]) -> tuple[Any, ...]:
    """The numbers of a size of formulas: `nxnx(K + 1)`, `ceil(W/2)xceil(W/2)x8`, `(n - 1, n - 1, 8)`."""
    parts = _sides(_without_brackets(value), names)
    if len(parts) == 1:
        return _evaluated(value, at, names, arithmetic=False)
    numbers = [_evaluated(part, at, names, arithmetic=True) for part in parts]
    if any(len(one) > 1 for one in numbers):
        raise _no_answer(at)
    return tuple([number for one in numbers for number in one])


def _without_brackets(value: str) -> str:
    """The same without the parentheses around all of it: `(nxnx8)`."""
    ends = [place for place, depth in enumerate(_depths(value)) if not depth]
    return value[1:-1] if value.startswith("(") and ends == [len(value) - 1] else value


def _depths(value: str) -> Iterator[int]:
    """In how many parentheses the text stands behind each character."""
    depth = 0
    for character in value:
        depth += (character == "(") - (character == ")")
        yield depth


def _sides(value: str, names: Iterable[str]) -> list[str]:
    """The parts of a size that stand between `x`, `*` or commas, outside of parentheses; `2*n` is one part."""
    words = "|".join(map(re.escape, sorted((*FUNCTIONS, *names), key=len, reverse=True)))
    depths = [0, *_depths(value)]
    parts, start = [], 0
    for match in re.finditer(rf"(?<![A-WYZa-wyz_])(?:{words})(?![^\WxX])|[xX*,]", value):
        before, after = value[start : match.start()], value[match.end() :]
        is_factor = match[0] == "*" and before.isdigit() and not after[:1].isdigit()
        if match[0] in "xX*," and not depths[match.start()] and not is_factor:
            parts.append(before)
            start = match.end()
    return [*parts, value[start:]]


def _number(value: str, quantity: str, names: Mapping[str, Any]) -> Given | None:
    """A number, whose unit is no name that has a value: `4K` is 4,000, or four times K."""
    unit = value.lstrip("~0123456789._")
    return None if unit in names else read_number(value, in_bytes="memory" in quantity)


def _as_product(letters: str, names: Mapping[str, Any]) -> str:
    """`cK` as `c*K`; a longer word is none, unless all its letters are known."""
    found = re.findall(r"[a-zA-Z]\d*", letters)
    is_word = letters in names or (len(found) > 2 and not all(letter in names for letter in found))
    return letters if is_word else "*".join(found)


def _joined(value: str) -> str:
    """A formula without blanks; those between two numbers stay, since nobody knows what they mean there."""
    value = re.sub(_FACTORS, "*", re.sub(_APART, "*", value))
    return re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", value)


def read_number(text: str, *, in_bytes: bool = False) -> Given | None:
    """A number, perhaps rounded to thousands, millions or the like; `B` is a byte, or a billion of other things.

    None if the text is no number: `4.12G`, `25_636_712`, `1e6` are.
    """
    match = _NUMBER.fullmatch(text) if len(text) < LONGEST_NUMBER else None
    if match is None or abs(int(match["power"] or 0)) > LARGEST_POWER:
        return None
    digits, decimals, unit = match["digits"].replace("_", ""), match["decimals"] or "", match["unit"] or ""
    thousands = 0 if unit == "B" and in_bytes else _THOUSANDS[unit[:1].lower()]
    scale: Any = 1024**thousands if match["binary"] else 1000**thousands
    power = int(match["power"] or 0)
    if not decimals and scale == 1 and not power and not match["about"]:
        return Given((int(digits),))
    from fractions import Fraction  # noqa: PLC0415  # only a rounded answer needs it

    scale *= Fraction(10) ** power
    last = Fraction(scale, 10 ** len(decimals))
    if match["about"] and not decimals:
        last *= 10 ** (len(digits) - len(digits.rstrip("0")))
    return Given((plain(Fraction(int(digits + decimals), 10 ** len(decimals)) * scale),), last / 2)


def _evaluated(value: str, at: Span, names: Mapping[str, Any], *, arithmetic: bool) -> tuple[Any, ...]:
    """The numbers of a size or a formula, or of a size with formulas in it."""
    reason = ""
    try:
        expression = parser.parse_value(Source("answer", value), arithmetic=arithmetic)
        result = evaluate(expression, lambda name: _named(name, at, names))
    except MissingExtraError:
        raise
    except SpecError as error:
        result = ""
        reason = error.message if error.message.startswith(_REASONS) else ""
    numbers = result if isinstance(result, tuple) and not isinstance(result, (Pair, Items)) else (result,)
    if any(isinstance(number, (str, bool, tuple, Keep)) for number in numbers):
        raise _no_answer(at, reason)
    return tuple([exact(number) for number in numbers])


def _no_answer(at: Span, reason: str = "") -> SpecError:
    """What was written is neither a size nor a number; `reason` says why it has no value, if it is known."""
    hint = "" if reason else "an answer is a size or a number: `28x28x6`, `156`"
    because = f": {reason}" if reason else ""
    return SpecError([Problem(f"{quote(at.text)} is no answer{because}", at, hint)])


def _named(name: Name, at: Span, names: Mapping[str, Any]) -> Any:
    """What a name stands for, or a symbol; `SpecError` for another word."""
    if name.text in names:
        return names[name.text]
    if not is_symbol(name.text):
        raise SpecError([Problem(f"{quote(name.text)} is no symbol", at)])
    return symbol(name.text, at)
