"""The rules of what stands behind a kind or a `=`: sizes, expressions and arguments."""

from __future__ import annotations

import re
from typing import Final

from cnncalc.spec.expressions import (
    FUNCTIONS,
    Call,
    Expression,
    Join,
    Name,
    Operation,
    Range,
    Unknown,
)
from cnncalc.spec.reader import BETWEEN_LINES, Reader
from cnncalc.spec.source import Problems, Source, Span, quote
from cnncalc.spec.statements import Argument
from cnncalc.spec.words import (
    CHUNK,
    LONGEST_KNOWN,
    MOST_DIMENSIONS,
    NUMBER,
    PART,
    SEPARATOR,
    SPACE,
    TOO_MANY_DIMENSIONS,
    read_chunk,
    read_constant,
    read_known_chunk,
    read_part,
)

# No statement needs more; the bounds keep one long line from taking all the time and memory.
MOST_ARGUMENTS: Final = 1000
# The operands of all expressions in one statement: a bound on how deep the tree of an expression can become.
MOST_OPERANDS: Final = 100

# What may come next among the arguments of a layer, most frequent first.
_ARGUMENT: Final = re.compile(
    rf"{SPACE}(?:"
    r"(?P<key>[A-Za-z][A-Za-z0-9_-]*)[^\S\n]*=(?!=)"
    r"|(?P<chunk>(?:[^\s;#(){}|=,\-]|-(?!>)|,(?=[0-9]))+)"
    r"|(?P<stop>(?=[;\n}|#])|\Z)"
    r"|(?P<arrow>->)"
    r"|(?P<brace>\{)"
    r"|(?P<parenthesis>\()"
    r")"
)
_CONSTANT: Final = re.compile(
    rf"{SPACE}(?P<size>[0-9]+(?:,[0-9]+)+|{PART}(?:[xX×*]{PART})*){SPACE}(?=[\s;#)}}|,]|->|\Z)"
)
# The letters of a short option, before a size with parentheses in it: `s(k)`, `p0:(k)`, but not the name in `kx(n)`.
_LETTERS: Final = re.compile(r"(?![A-Za-z]+[xX]\()[A-Za-z]+(?=[0-9?_(])")
_ATOM: Final = re.compile(rf"{NUMBER}|[?_]|[A-Za-wyzA-WYZ][0-9]*", re.ASCII)
_ATOMS: Final = re.compile(rf"(?P<key>)(?P<size>(?:{_ATOM.pattern})(?:[xX×*](?:{_ATOM.pattern}))*)", re.ASCII)
_JOINT: Final = re.compile(r"(?:[xX×*]|(?P<colon>:))(?=[(A-Za-z0-9?_])")
_TOKEN: Final = re.compile(
    rf"{SPACE}(?:(?P<size>[0-9]+(?:[xX×][0-9]+)+)(?![A-Za-z0-9_])|(?P<number>{NUMBER})"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<operator>//|\*\*|<=|>=|==|!=|-(?!>)|[+*/%<>?(),]))"
)
_OPERATOR_AHEAD: Final = re.compile(rf"{SPACE}(?:[-+*/%<>](?!>)|==|!=|and\b|or\b)")
_PRECEDENCE: Final = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "//", "%"), 6),
    "**": 8,
}
_NOT: Final = 3
_NEGATIVE: Final = 7


class ValueReader(Reader):
    """One method a rule: of an argument, a size, an expression."""

    def __init__(self, source: Source, problems: Problems) -> None:
        super().__init__(source, problems)
        # The operands of the statement so far.
        self.operands = 0

    def parse_arguments(self) -> tuple[tuple[Argument, ...], int | None]:
        """{ argument }, and where the "{" behind them stands, if one does.

        argument = [ KEY "=" ] value | LETTERS size | word
        """
        arguments: list[Argument] = []
        while True:
            match = _ARGUMENT.match(self.text, self.position)
            if not match:
                start, end = self.next_word()
                hint = "arguments are separated by blanks" if self.text[start] == "," else ""
                self.fail(f"unexpected {quote(self.text[start:end])}", start, end, hint)
            found = match.lastgroup
            assert found is not None  # each alternative is a group
            start = match.start(found)
            self.position = match.end()
            if found == "chunk" and match["chunk"].lower() != "as":
                argument = self.parse_chunk(match["chunk"], start)
            elif found == "key":
                value = self.parse_value()
                argument = Argument(match["key"].lower(), value, self.text[start : self.position], self.span(start))
            elif found == "parenthesis":
                self.position = start
                argument = self.parse_with_parenthesis(start)
            else:
                self.position = start
                return tuple(arguments), (start if found == "brace" else None)
            if len(arguments) == MOST_ARGUMENTS:
                self.fail(f"more than {MOST_ARGUMENTS:,} arguments", start, self.position)
            arguments.append(argument)

    def parse_chunk(self, chunk: str, start: int) -> Argument:
        """A word without spaces: `64`, `3x3`, `s2`, `relu`, `kxk`, `s(k)`, `3x(k)`."""
        if self.text.startswith("(", self.position):
            return self.parse_with_parenthesis(start)
        try:
            key, value = (read_known_chunk if len(chunk) < LONGEST_KNOWN else read_chunk)(chunk)
        except ValueError as error:
            self.fail(str(error), start, self.position)
        span = Span(self.source, start, self.position)
        if value is not None:
            return Argument(key.lower(), value, chunk, span, stuck=bool(key))
        if "?" in chunk:
            match = _ATOMS.fullmatch(chunk) or CHUNK.fullmatch(chunk)
            if match:
                key = match["key"].lower()
                value = self.read_unknowns(match["size"], start + match.start("size"))
                return Argument(key, value, chunk, span, stuck=bool(key))
        return Argument("", Name(chunk, span), chunk, span)

    def parse_with_parenthesis(self, start: int) -> Argument:
        """[ LETTERS ] part { "x" part }, where a part is in parentheses: `s(k)`, `3x(k)`, `p0:(k)`."""
        if self.text[start : self.position].lower() in FUNCTIONS:
            self.position = start
            value = self.parse_operand(multiline=False)
            return Argument("", value, self.text[start : self.position], self.span(start))
        match = _LETTERS.match(self.text, start)
        key = match[0].lower() if match else ""
        self.position = start + len(key)
        value = self.parse_joined(self.parse_part())
        return Argument(key, value, self.text[start : self.position], self.span(start), stuck=bool(key))

    def parse_part(self) -> Expression:
        """part = number | "?" | "_" | NAME | "(" … ")"."""
        if self.text.startswith("(", self.position):
            return self.parse_parenthesis()
        match = _ATOM.match(self.text, self.position)
        if not match:
            start, end = self.here()
            self.fail(f"expected a number, found {quote(self.text[start:end])}", start, end)
        self.position = match.end()
        return self.read_atom(match[0], match.start())

    def parse_joined(self, first: Expression) -> Expression:
        """{ "x" part | ":" part } behind the first part: a size."""
        parts = [first]
        start = self.position
        while match := _JOINT.match(self.text, self.position):
            self.position = match.end()
            part = self.parse_part()
            if match["colon"]:
                parts[-1] = Range(parts[-1], part, self.span(match.start()))
            else:
                parts.append(part)
        return self.joined(parts, start)

    def joined(self, parts: list[Expression], start: int) -> Expression:
        """A single part, or the size that some make up."""
        if len(parts) > MOST_DIMENSIONS:
            self.fail(TOO_MANY_DIMENSIONS, start, self.position)
        return parts[0] if len(parts) == 1 else Join(tuple(parts), self.span(start))

    def read_unknowns(self, text: str, start: int) -> Expression:
        """A size in which numbers are `?`."""
        parts: list[Expression] = []
        at = start
        for part in SEPARATOR.split(text):
            parts.append(self.read_atom(part, at))
            at += len(part) + 1
        return self.joined(parts, start)

    def read_atom(self, text: str, start: int) -> Expression:
        """One part of a size: a number, `?`, `_`, or a name."""
        span = Span(self.source, start, start + len(text))
        self.count_operand(span)
        if text == "?":
            return Unknown(span)
        if text != "_" and not text[0].isdigit():
            return Name(text, span)
        try:
            return read_part(text)  # type: ignore[no-any-return]
        except ValueError as error:
            self.fail(str(error), *span[1:])

    def count_operand(self, span: Span) -> None:
        """Refuse an expression that is longer than any needs to be."""
        self.operands += 1
        if self.operands > MOST_OPERANDS:
            self.fail(f"the expressions of one statement have more than {MOST_OPERANDS} parts", *span[1:])

    def parse_parenthesis(self) -> Expression:
        """ "(" expression { "," expression } ")": several are a size."""
        start = self.position
        return self.joined(self.parse_list(), start)

    def parse_list(self) -> list[Expression]:
        """ "(" expression { "," expression } ")"."""
        start = self.position
        self.nest(start)
        self.position += 1
        parts = [self.parse_expression(0, multiline=True)]
        self.skip(BETWEEN_LINES)
        while self.take(","):
            parts.append(self.parse_expression(0, multiline=True))
            self.skip(BETWEEN_LINES)
        if not self.take(")"):
            self.fail("this `(` is not closed", start, start + 1)
        self.depth -= 1
        return parts

    def parse_value(self) -> Expression:
        """value = size | number { "," number } | expression; what stands after "="."""
        match = _CONSTANT.match(self.text, self.position)
        if match and not _OPERATOR_AHEAD.match(self.text, match.end()):
            self.position = match.end("size")
            if "?" in match["size"]:
                return self.read_unknowns(match["size"], match.start("size"))
            try:
                return read_constant(match["size"])  # type: ignore[no-any-return]
            except ValueError as error:
                self.fail(str(error), *match.span("size"))
        return self.parse_joined(self.parse_expression(0))

    def parse_value_or_arithmetic(self) -> Expression:
        """What `let` and `param` name: here `3*3` is a product, for no kernel is near."""
        match = _CONSTANT.match(self.text, self.position)
        return self.parse_expression(0) if match and "*" in match["size"] else self.parse_value()

    def parse_expression(self, tightest: int, *, multiline: bool = False) -> Expression:
        """expression = operand { operator expression }, operators by their precedence."""
        left = self.parse_operand(multiline=multiline)
        while True:
            if multiline:
                self.skip(BETWEEN_LINES)
            match = _TOKEN.match(self.text, self.position)
            operator = (match["operator"] or (match["name"] or "").lower()) if match else ""
            precedence = _PRECEDENCE.get(operator, 0)
            if not match or precedence <= tightest:
                return left
            self.position = match.end()
            # Powers are taken from the right: 2**3**2 is 2**9.
            right = self.parse_expression(precedence - (operator == "**"), multiline=multiline)
            left = Operation(operator, (left, right), _match_span(self.source, match))

    def parse_operand(self, *, multiline: bool) -> Expression:
        """operand = number | size | NAME [ arguments ] | "?" | "(" … ")" | "-" operand | "not" operand."""
        if multiline:
            self.skip(BETWEEN_LINES)
        match = _TOKEN.match(self.text, self.position)
        if not match:
            self.fail("expected a value", *self.next_word())
        start = match.start(match.lastgroup)  # type: ignore[arg-type]
        self.position = match.end()
        span = self.span(start)
        self.count_operand(span)
        if match["size"] or match["number"]:
            try:
                return read_constant(match["size"] or match["number"])  # type: ignore[no-any-return]
            except ValueError as error:
                self.fail(str(error), start, self.position)
        if match["name"]:
            return self.parse_name(match["name"], span, multiline=multiline)
        return self.parse_prefix(match["operator"], start, span, multiline=multiline)

    def parse_name(self, name: str, span: Span, *, multiline: bool) -> Expression:
        """NAME [ "(" arguments ")" ], or "not" operand."""
        if name.lower() == "not":
            self.nest(span.start)
            operand = self.parse_expression(_NOT, multiline=multiline)
            self.depth -= 1
            return Operation("not", (operand,), span)
        if self.text.startswith("(", self.position):
            return Call(name.lower(), tuple(self.parse_list()), span)
        return Name(name, span)

    def parse_prefix(self, operator: str, start: int, span: Span, *, multiline: bool) -> Expression:
        """ "(" expression ")" | "-" operand | "?" """
        if operator == "(":
            self.position = start
            return self.parse_parenthesis()
        if operator == "?":
            return Unknown(span)
        if operator == "-":
            self.nest(start)
            operand = self.parse_expression(_NEGATIVE, multiline=multiline)
            self.depth -= 1
            return Operation("negative", (operand,), span)
        self.fail(f"expected a value, found `{operator}`", start, span.end)


def _match_span(source: Source, match: re.Match[str]) -> Span:
    """The span of the group that matched."""
    return Span(source, *match.span(match.lastgroup))  # type: ignore[arg-type]
