"""Text to statements: each `_parse_…` function is one rule of the grammar, and its docstring is that rule.

The reader knows the form of the language and none of its kinds: what `conv 64 3x3 s1` means is found out
when the statement is expanded.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, NoReturn

from cnncalc.spec.expressions import (
    FUNCTIONS,
    KEEP,
    LARGEST_NUMBER,
    Call,
    Expression,
    Items,
    Join,
    Name,
    Operation,
    Pair,
    Range,
    Unknown,
)
from cnncalc.spec.source import Problem, Problems, Source, Span, SpecError, quote
from cnncalc.spec.statements import (
    Answered,
    AnswerText,
    Argument,
    Aside,
    Assign,
    Broken,
    Choose,
    Define,
    From,
    InputStatement,
    LayerStatement,
    Mark,
    Parameter,
    Repeat,
    Statement,
    Use,
)

# Braces and parentheses nest no deeper in any network; the bound keeps the recursion off Python's stack limit.
DEEPEST_NESTING: Final = 60
# No statement needs more; the bounds keep one long line from taking all the time and memory.
MOST_ARGUMENTS: Final = 1000
# The operands of all expressions in one statement: a bound on how deep the tree of an expression can become.
MOST_OPERANDS: Final = 100
MOST_DIMENSIONS: Final = 4
# Longer words are not kept in the table of words that were read before.
LONGEST_KNOWN: Final = 40


TOO_MANY_DIMENSIONS: Final = f"a size has at most {MOST_DIMENSIONS} numbers, one for each dimension"


_SPACE: Final = r"[^\S\n]*"
_NUMBER: Final = r"[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_PART: Final = rf"(?:{_NUMBER}(?::{_NUMBER})?|\?|_)"
_BETWEEN: Final = re.compile(r"(?:[\s;]|#[^\n]*)*")
_BETWEEN_LINES: Final = re.compile(r"(?:\s|#[^\n]*)*")
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The name of a shipped network, perhaps in a folder: `keras/vgg16`.
NETWORK: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")
_STATEMENT_END: Final = re.compile(r"[^;\n{}|#]*")
# What may come next among the arguments of a layer, most frequent first.
_ARGUMENT: Final = re.compile(
    rf"{_SPACE}(?:"
    r"(?P<key>[A-Za-z][A-Za-z0-9_-]*)[^\S\n]*=(?!=)"
    r"|(?P<chunk>(?:[^\s;#(){}|=,\-]|-(?!>)|,(?=[0-9]))+)"
    r"|(?P<stop>(?=[;\n}|#])|\Z)"
    r"|(?P<arrow>->)"
    r"|(?P<brace>\{)"
    r"|(?P<parenthesis>\()"
    r")"
)
_CHUNK: Final = re.compile(rf"(?P<key>[A-Za-z]*?)(?P<size>{_PART}(?:[xX×*]{_PART})*|[0-9]+(?:,[0-9]+)+)", re.ASCII)
_CONSTANT: Final = re.compile(
    rf"{_SPACE}(?P<size>[0-9]+(?:,[0-9]+)+|{_PART}(?:[xX×*]{_PART})*){_SPACE}(?=[\s;#)}}|,]|->|\Z)"
)
_SEPARATOR: Final = re.compile(r"[xX×*]")
# The letters of a short option, before a size with parentheses in it: `s(k)`, `p0:(k)`, but not the name in `kx(n)`.
_LETTERS: Final = re.compile(r"(?![A-Za-z]+[xX]\()[A-Za-z]+(?=[0-9?_(])")
_ATOM: Final = re.compile(rf"{_NUMBER}|[?_]|[A-Za-wyzA-WYZ][0-9]*", re.ASCII)
_ATOMS: Final = re.compile(rf"(?P<key>)(?P<size>(?:{_ATOM.pattern})(?:[xX×*](?:{_ATOM.pattern}))*)", re.ASCII)
_JOINT: Final = re.compile(r"(?:[xX×*]|(?P<colon>:))(?=[(A-Za-z0-9?_])")
_TOKEN: Final = re.compile(
    rf"{_SPACE}(?:(?P<size>[0-9]+(?:[xX×][0-9]+)+)(?![A-Za-z0-9_])|(?P<number>{_NUMBER})"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<operator>//|\*\*|<=|>=|==|!=|-(?!>)|[+*/%<>?(),]))"
)
# The name of a quantity, `param-memory`, but not the start of a formula, `floor(n/2)`, or a size of symbols, `WxWxn`.
_QUANTITY: Final = re.compile(r"(?![A-Za-z](?:[xX][A-Za-z])+\b)[A-Za-z]{2}[A-Za-z-]*(?![\w(*/+×-])")
_EQUALS: Final = re.compile(rf"{_SPACE}[=:]?{_SPACE}")
# What an answer consists of up to the next parenthesis; blanks may stand around operators: `25*n1*n2 + n2`.
_ANSWER: Final = re.compile(rf"(?:(?!->)[^\s;#{{}}|,()\[\]]|{_SPACE}(?!->)[-+*/xX×]{_SPACE}(?=[^\s;#{{}}|,>]))*")
_BRACKET: Final = re.compile(r"[\n;#()\[\]]")
_THOUSANDS: Final = re.compile(r"(?<![0-9_.])([0-9]{1,3}),([0-9]{3})(?![\w.×*])")
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


def parse(source: Source, problems: Problems) -> tuple[Statement, ...]:
    """A whole spec as statements. What cannot be read is noted in `problems`, and the rest is read."""
    return _Parser(source, problems).parse_spec()


def parse_value(source: Source, *, arithmetic: bool = False) -> Expression:
    """The text of one value: an expression, a size or a word.

    With `arithmetic`, as after `--set NAME=`, `3*3` is a product, and else a size. Raises `SpecError` if it is
    something else.
    """
    parser = _Parser(source, Problems())
    value = parser.parse_value_or_arithmetic() if arithmetic else parser.parse_value()
    if source.text[parser.position :].strip():
        parser.fail("expected one value", parser.position, len(source.text))
    return value


def _read_chunk(text: str) -> tuple[str, Any]:
    """A word of the arguments as (letters, constant): `s2x1` is ("s", (2, 1)); ("", None) for a name.

    Raises `ValueError` with a message for a constant that no network needs.
    """
    match = _CHUNK.fullmatch(text)
    return (match["key"], _read_constant(match["size"])) if match else ("", None)


_read_known_chunk: Final = lru_cache(maxsize=4096)(_read_chunk)


def _read_constant(text: str) -> Any:
    """`3x3`, `0:1x1:1`, `7x_` or `0,1,5` as a value; None if a part is a `?`, which needs its place."""
    if "?" in text:
        return None
    if "," in text:
        return Items(tuple([_read_number(part) for part in text.split(",")]))
    parts = _SEPARATOR.split(text, MOST_DIMENSIONS)
    if len(parts) > MOST_DIMENSIONS:
        raise ValueError(TOO_MANY_DIMENSIONS)
    return _read_part(text) if len(parts) == 1 else tuple([_read_part(part) for part in parts])


def _read_part(text: str) -> Any:
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
    parts = [part.split(":", 1) for part in _SEPARATOR.split(text, MOST_DIMENSIONS)]
    return parts if 1 < len(parts) <= MOST_DIMENSIONS or (len(parts) == 1 and len(parts[0]) > 1) else []


class _Parser:
    """A place in the text, and one method a rule of the grammar."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.source = source
        self.text = source.text
        self.position = 0
        self.depth = 0
        self.operands = 0
        self.problems = problems

    # Verbs: fail, skip, take, expect.

    def fail(self, message: str, start: int, end: int, hint: str = "") -> NoReturn:
        """Give up on this statement."""
        raise SpecError([Problem(message, Span(self.source, start, end), hint)])

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Move past what the pattern matches here, if only nothing."""
        match = pattern.match(self.text, self.position)
        assert match is not None  # these patterns match nothing as well
        self.position = match.end()

    def take(self, literal: str) -> bool:
        """Move past the literal, if it stands here."""
        if self.text.startswith(literal, self.position):
            self.position += len(literal)
            return True
        return False

    def expect(self, literal: str, where: str) -> None:
        """Move past the literal, or fail and say where it was expected."""
        before = self.position
        self.skip(_BETWEEN_LINES)
        if not self.take(literal):
            self.position = before
            self.fail(f"expected `{literal}`{where}", *self.next_word())

    def expect_name(self, what: str) -> Name:
        """A name, or fail and say what it would have named."""
        self.skip(_BLANKS)
        match = _WORD.match(self.text, self.position)
        if not match:
            self.fail(f"expected {what}", *self.here())
        self.position = match.end()
        return Name(match[0], self.span(match.start()))

    def here(self) -> tuple[int, int]:
        """The next word, for a caret."""
        match = re.compile(r"\S*?(?=[\s;(){}|#,]|\Z)").match(self.text, self.position)
        return self.position, max(match.end() if match else 0, self.position + 1)

    def span(self, start: int) -> Span:
        """From `start` to here."""
        return Span(self.source, start, self.position)

    def nest(self, start: int) -> None:
        """One level deeper."""
        self.depth += 1
        if self.depth > DEEPEST_NESTING:
            raise _TooDeepError(
                [Problem(f"nested more than {DEEPEST_NESTING} deep", Span(self.source, start, start + 1))]
            )

    # Rules.

    def parse_spec(self) -> tuple[Statement, ...]:
        """spec = statements."""
        statements: list[Statement] = []
        try:
            while True:
                statements += self.parse_statements()
                if self.position >= len(self.text):
                    break
                character = self.text[self.position]
                message = f"`{character}` closes nothing" if character == "}" else "`|` stands outside of a merge"
                self.problems.add(Problem(message, Span(self.source, self.position, self.position + 1)))
                self.position += 1
        except _TooDeepError as error:
            self.problems.add(error.problems[0])
        return tuple(statements)

    def parse_statements(self) -> list[Statement]:
        """statements = { statement ( ";" | newline ) }, up to "}", "|" or the end."""
        statements: list[Statement] = []
        while True:
            self.skip(_BETWEEN)
            if self.position >= len(self.text) or self.text[self.position] in "}|":
                return statements
            start = self.position
            depth = self.depth
            try:
                statements.append(self.parse_statement())
            except _TooDeepError:
                raise
            except SpecError as error:
                self.problems.add(error.problems[0])
                self.depth = depth
                self.recover(start)
                statements.append(Broken(self.span(start)))

    def recover(self, start: int) -> None:
        """Go on behind the broken statement, and behind the braces that it opened."""
        opened = self.text.count("{", start, self.position) - self.text.count("}", start, self.position)
        while True:
            self.skip(_STATEMENT_END)
            if self.text.startswith("#", self.position):
                self.skip(_BETWEEN_LINES)
                if opened <= 0:
                    return
            elif self.take("{"):
                opened += 1
            elif self.position >= len(self.text) or opened <= 0:
                return
            else:
                opened -= self.text[self.position] == "}"
                self.position += 1
                if opened <= 0:
                    return

    def parse_statement(self) -> Statement:
        """statement = input | def | param | let | if | repeat | from | mark | aux | use | "->" answers | layer."""
        start = self.position
        self.operands = 0
        if self.take("->"):
            answers = self.parse_answers()
            span = _trim(self.span(start))
            self.end_statement()
            return Answered(answers, span)
        match = _WORD.match(self.text, start)
        if not match:
            hint = ""
            if _CHUNK.match(self.text, start):
                hint = "a statement starts with a kind, as in `conv 32 3x3`"
            self.fail(f"expected a layer, found {quote(self.text[slice(*self.here())])}", *self.here(), hint)
        self.position = match.end()
        word = match[0].lower()
        rule = _RULES.get(word)
        return rule(self, start) if rule else self.parse_layer(word, start)

    def end_statement(self) -> None:
        """The end of a statement: ";", a line break, a comment, "}" or "|"."""
        self.skip(_BLANKS)
        if self.position < len(self.text) and self.text[self.position] not in ";\n}|#":
            start, end = self.here()
            self.fail(
                f"expected the end of the statement, found {quote(self.text[start:end])}",
                start,
                end,
                "statements are separated by `;` or a line break",
            )

    def parse_layer(self, kind: str, start: int) -> Statement:
        """layer = KIND { argument } [ "{" branches "}" ] tail."""
        following = self.text[self.position : self.position + 1]
        if following in {"", ";", "\n"}:
            # A kind by itself, as so many are: nothing needs to be looked for.
            return LayerStatement(self.text[start : self.position], (), None, None, (), self.span(start))
        if following == "(":
            hint = "arguments stand behind a blank, without parentheses around them, as in `conv 32 3x3`"
            self.fail(f"unexpected `(` behind {quote(kind)}", self.position, self.position + 1, hint)
        arguments, brace = self.parse_arguments()
        end = self.position
        branches = self.parse_branches() if brace else None
        name, answers = self.parse_tail()
        span = Span(self.source, start, end if brace is None else brace)
        return LayerStatement(self.text[start : start + len(kind)], arguments, branches, name, answers, _trim(span))

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

    def next_word(self) -> tuple[int, int]:
        """The next word behind blanks, for a caret."""
        self.skip(_BLANKS)
        return self.here()

    def parse_chunk(self, chunk: str, start: int) -> Argument:
        """A word without spaces: `64`, `3x3`, `s2`, `relu`, `kxk`, `s(k)`, `3x(k)`."""
        if self.text.startswith("(", self.position):
            return self.parse_with_parenthesis(start)
        try:
            key, value = (_read_known_chunk if len(chunk) < LONGEST_KNOWN else _read_chunk)(chunk)
        except ValueError as error:
            self.fail(str(error), start, self.position)
        span = Span(self.source, start, self.position)
        if value is not None:
            return Argument(key.lower(), value, chunk, span, stuck=bool(key))
        if "?" in chunk:
            match = _ATOMS.fullmatch(chunk) or _CHUNK.fullmatch(chunk)
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
        for part in _SEPARATOR.split(text):
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
            return _read_part(text)  # type: ignore[no-any-return]
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
        self.skip(_BETWEEN_LINES)
        while self.take(","):
            parts.append(self.parse_expression(0, multiline=True))
            self.skip(_BETWEEN_LINES)
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
                return _read_constant(match["size"])  # type: ignore[no-any-return]
            except ValueError as error:
                self.fail(str(error), *match.span("size"))
        return self.parse_joined(self.parse_expression(0))

    def parse_expression(self, tightest: int, *, multiline: bool = False) -> Expression:
        """expression = operand { operator expression }, operators by their precedence."""
        left = self.parse_operand(multiline=multiline)
        while True:
            if multiline:
                self.skip(_BETWEEN_LINES)
            match = _TOKEN.match(self.text, self.position)
            operator = (match["operator"] or (match["name"] or "").lower()) if match else ""
            precedence = _PRECEDENCE.get(operator, 0)
            if not match or precedence <= tightest:
                return left
            self.position = match.end()
            right = self.parse_expression(precedence, multiline=multiline)
            left = Operation(operator, (left, right), match_span(self.source, match))

    def parse_operand(self, *, multiline: bool) -> Expression:
        """operand = number | size | NAME [ arguments ] | "?" | "(" … ")" | "-" operand | "not" operand."""
        if multiline:
            self.skip(_BETWEEN_LINES)
        match = _TOKEN.match(self.text, self.position)
        if not match:
            self.fail("expected a value", *self.next_word())
        start = match.start(match.lastgroup)  # type: ignore[arg-type]
        self.position = match.end()
        span = self.span(start)
        self.count_operand(span)
        if match["size"] or match["number"]:
            try:
                return _read_constant(match["size"] or match["number"])  # type: ignore[no-any-return]
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

    def parse_block(self) -> tuple[Statement, ...]:
        """block = "{" statements "}"."""
        (body,) = self.parse_branches(single=True)
        return body

    def parse_branches(self, *, single: bool = False) -> tuple[tuple[Statement, ...], ...]:
        """branches = "{" statements { "|" statements } "}"."""
        self.expect("{", "")
        start = self.position - 1
        self.nest(start)
        branches = [tuple(self.parse_statements())]
        while self.text.startswith("|", self.position):
            if single:
                self.fail("`|` separates the branches of a merge; this is none", self.position, self.position + 1)
            self.position += 1
            branches.append(tuple(self.parse_statements()))
        if not self.take("}"):
            raise SpecError([Problem("this `{` is not closed", Span(self.source, start, start + 1))])
        self.depth -= 1
        return tuple(branches)

    def parse_tail(self) -> tuple[Name | None, tuple[AnswerText, ...]]:
        """tail = [ "as" NAME ] [ "->" answers ]."""
        self.skip(_BLANKS)
        name = None
        match = _WORD.match(self.text, self.position)
        if match and match[0].lower() == "as":
            self.position = match.end()
            name = self.expect_name("a name behind `as`")
            self.skip(_BLANKS)
        answers = self.parse_answers() if self.take("->") else ()
        self.end_statement()
        return name, answers

    def parse_answers(self) -> tuple[AnswerText, ...]:
        """answers = answer { "," answer }; answer = size | QUANTITY value."""
        answers = [self.parse_answer()]
        while True:
            self.skip(_BLANKS)
            if not self.take(","):
                return tuple(answers)
            if len(answers) == MOST_ARGUMENTS:
                self.fail(f"more than {MOST_ARGUMENTS:,} answers", *self.next_word())
            self.skip(_BETWEEN_LINES)
            answers.append(self.parse_answer())

    def parse_answer(self) -> AnswerText:
        """answer = [ QUANTITY [ "=" ] ] value."""
        self.skip(_BLANKS)
        start = self.position
        match = _QUANTITY.match(self.text, start)
        quantity = match[0] if match else ""
        self.position += len(quantity)
        if quantity:
            self.skip(_EQUALS)
        at = self.position
        self.skip_answer()
        value = self.text[at : self.position]
        if not value:
            what = f"the value of {quote(quantity)}" if quantity else "an answer"
            self.fail(f"expected {what}, as in `-> 28x28x6, params 156`", *self.next_word())
        thousands = _THOUSANDS.match(self.text, at)
        if thousands and thousands.end(1) == self.position:
            hint = f"`{thousands[1]}_{thousands[2]}`, or a blank behind the comma if these are two answers"
            self.fail("a comma separates answers; digits are grouped by `_`", *thousands.span(), hint)
        return AnswerText(quantity, value, self.span(start))

    def skip_answer(self) -> None:
        """value = words and operators, and whatever stands in parentheses or brackets."""
        self.skip(_ANSWER)
        while self.text.startswith(("(", "["), self.position):
            self.skip_brackets()
            self.skip(_ANSWER)

    def skip_brackets(self) -> None:
        """Move behind the bracket that closes the one that stands here."""
        start, depth = self.position, 0
        for match in _BRACKET.finditer(self.text, start):
            if match[0] in "([":
                depth += 1
            elif match[0] in ")]":
                depth -= 1
            else:
                break
            if not depth:
                self.position = match.end()
                return
        self.fail(f"this `{self.text[start]}` is not closed", start, start + 1)

    def parse_input(self, start: int) -> Statement:
        """input = "input" SIZE [ "channels-first" ]."""
        arguments, brace = self.parse_arguments()
        if brace is not None:
            self.fail("`input` has no branches", brace, brace + 1)
        span = _trim(self.span(start))
        self.end_statement()
        return InputStatement(arguments, span)

    def parse_repeat(self, start: int) -> Statement:
        """repeat = "repeat" expression block tail."""
        count = self.parse_expression(0)
        span = self.span(start)
        body = self.parse_block()
        name, answers = self.parse_tail()
        return Repeat(count, body, name, answers, span)

    def parse_define(self, start: int) -> Statement:
        """def = "def" NAME "(" [ parameter { "," parameter } ] ")" block."""
        name = self.expect_name("the name of the block behind `def`")
        parameters: list[Parameter] = []
        if self.take("("):
            self.skip(_BETWEEN_LINES)
            while not self.take(")"):
                if len(parameters) == MOST_ARGUMENTS:
                    self.fail(f"more than {MOST_ARGUMENTS:,} parameters", *self.here())
                parameters.append(self.parse_parameter(parameters))
                self.skip(_BETWEEN_LINES)
                if not self.take(","):
                    self.expect(")", " behind the parameters")
                    break
                self.skip(_BETWEEN_LINES)
        span = self.span(start)
        body = self.parse_block()
        self.end_statement()
        return Define(name, tuple(parameters), body, span)

    def parse_parameter(self, before: list[Parameter]) -> Parameter:
        """parameter = NAME [ "=" value ]."""
        name = self.expect_name("the name of a parameter")
        for other in before:
            if other.name == name.text:
                self.fail(f"the parameter `{name.text}` stands twice", *name.span[1:])
        self.skip(_BETWEEN_LINES)
        default = self.parse_value() if self.take("=") else None
        return Parameter(name.text, default, name.span)

    def parse_let(self, start: int) -> Statement:
        """let = "let" NAME "=" value."""
        return self.parse_assignment(start, overridable=False)

    def parse_param(self, start: int) -> Statement:
        """param = "param" NAME "=" value."""
        return self.parse_assignment(start, overridable=True)

    def parse_assignment(self, start: int, *, overridable: bool) -> Statement:
        """NAME "=" value."""
        name = self.expect_name("a name")
        self.expect("=", f" behind `{name.text}`")
        value = self.parse_value_or_arithmetic()
        span = _trim(self.span(start))
        self.end_statement()
        return Assign(name, value, overridable, span)

    def parse_value_or_arithmetic(self) -> Expression:
        """What `let` and `param` name: here `3*3` is a product, for no kernel is near."""
        match = _CONSTANT.match(self.text, self.position)
        return self.parse_expression(0) if match and "*" in match["size"] else self.parse_value()

    def parse_if(self, start: int) -> Statement:
        """if = "if" expression block [ "else" ( if | block ) ]."""
        condition = self.parse_expression(0)
        span = self.span(start)
        then = self.parse_block()
        otherwise: tuple[Statement, ...] = ()
        before_else = self.position
        self.skip(_BETWEEN_LINES)
        match = _WORD.match(self.text, self.position)
        if match and match[0].lower() == "else":
            self.position = match.end()
            self.skip(_BETWEEN_LINES)
            at = self.position
            following = _WORD.match(self.text, at)
            if following and following[0].lower() == "if":
                self.position = following.end()
                self.nest(at)
                otherwise = (self.parse_if(at),)
                self.depth -= 1
                return Choose(condition, then, otherwise, span)
            otherwise = self.parse_block()
        else:
            self.position = before_else
        self.end_statement()
        return Choose(condition, then, otherwise, span)

    def parse_else(self, start: int) -> Statement:
        """An "else" without its "if"."""
        self.fail("`else` without an `if` before it", start, self.position)

    def parse_from(self, start: int) -> Statement:
        """from = "from" NAME."""
        name = self.expect_name("the name of a tensor behind `from`")
        span = self.span(start)
        self.end_statement()
        return From(name, span)

    def parse_mark(self, start: int) -> Statement:
        """mark = "as" NAME."""
        name = self.expect_name("a name behind `as`")
        span = self.span(start)
        self.end_statement()
        return Mark(name, span)

    def parse_aux(self, start: int) -> Statement:
        """aux = "aux" block."""
        span = self.span(start)
        body = self.parse_block()
        self.end_statement()
        return Aside(body, span)

    def parse_use(self, start: int) -> Statement:
        """use = "use" NAME { KEY "=" value } tail."""
        self.skip(_BLANKS)
        match = NETWORK.match(self.text, self.position)
        if not match:
            self.fail("expected the name of a shipped network behind `use`", *self.here())
        self.position = match.end()
        name = Name(match[0], self.span(match.start()))
        arguments, brace = self.parse_arguments()
        if brace is not None:
            self.fail("`use` has no branches", brace, brace + 1)
        span = _trim(self.span(start))
        as_name, answers = self.parse_tail()
        return Use(name, arguments, as_name, answers, span)


class _TooDeepError(SpecError):
    """Nesting beyond the bound: nothing behind it can be read either."""


_BLANKS: Final = re.compile(_SPACE)
_OPERATOR_AHEAD: Final = re.compile(rf"{_SPACE}(?:[-+*/%<>](?!>)|==|!=|and\b|or\b)")
_RULES: Final = {
    "input": _Parser.parse_input,
    "repeat": _Parser.parse_repeat,
    "def": _Parser.parse_define,
    "param": _Parser.parse_param,
    "let": _Parser.parse_let,
    "if": _Parser.parse_if,
    "else": _Parser.parse_else,
    "from": _Parser.parse_from,
    "as": _Parser.parse_mark,
    "aux": _Parser.parse_aux,
    "use": _Parser.parse_use,
}
KEYWORDS: Final = tuple(_RULES)


def match_span(source: Source, match: re.Match[str]) -> Span:
    """The span of the group that matched."""
    return Span(source, *match.span(match.lastgroup))  # type: ignore[arg-type]


def _trim(span: Span) -> Span:
    """The span without blanks at its end."""
    return Span(span.source, span.start, span.start + len(span.text.rstrip()))
