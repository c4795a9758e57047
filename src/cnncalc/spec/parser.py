"""Text to statements: each `parse_…` method is one rule of the grammar, and its docstring is that rule.

The parser knows the form of the language and none of its kinds: what `conv 64 3x3 s1` means is found out
when the statement is expanded.
"""

from __future__ import annotations

import re
from typing import Final

from cnncalc.spec.expressions import Expression, Name
from cnncalc.spec.reader import BETWEEN_LINES, BLANKS, WORD, TooDeepError
from cnncalc.spec.source import Problem, Problems, Source, Span, SpecError, quote
from cnncalc.spec.statements import (
    Answered,
    AnswerText,
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
from cnncalc.spec.values import MOST_ARGUMENTS, ValueReader
from cnncalc.spec.words import CHUNK, SPACE

_BETWEEN: Final = re.compile(r"(?:[\s;]|#[^\n]*)*")
# The name of a shipped network, perhaps in a folder: `keras/vgg16`.
NETWORK: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")
_STATEMENT_END: Final = re.compile(r"[^;\n{}|#]*")
# The name of a quantity, `param-memory`, but not the start of a formula, `floor(n/2)`, or a size of symbols, `WxWxn`.
_QUANTITY: Final = re.compile(r"(?![A-Za-z](?:[xX][A-Za-z])+\b)[A-Za-z]{2}[A-Za-z-]*(?![\w(*/+×-])")
_DEF: Final = re.compile(r"def\b", re.IGNORECASE)
_EQUALS: Final = re.compile(rf"{SPACE}[=:]?{SPACE}")
# What an answer consists of up to the next parenthesis; blanks may stand around operators: `25*n1*n2 + n2`.
_ANSWER: Final = re.compile(rf"(?:(?!->)[^\s;#{{}}|,()\[\]]|{SPACE}(?!->)[-+*/xX×]{SPACE}(?=[^\s;#{{}}|,>]))*")
# A statement ends within no bracket; what can only stand behind one says that it is not closed.
_BRACKET: Final = re.compile(r"#[^\n]*|[{}()\[\]]|->")
_COMMENT: Final = re.compile(r"#[^\n]*")
# A second number behind the first.
_FURTHER: Final = re.compile(rf"(?!\n)\s{SPACE}[-+]?[0-9.]")
_THOUSANDS: Final = re.compile(r"(?<![0-9_.])([0-9]{1,3}),([0-9]{3})(?![\w.×*])")


def parse(source: Source, problems: Problems) -> tuple[Statement, ...]:
    """A whole spec as statements. What cannot be read is noted in `problems`, and the rest is read."""
    return _Parser(source, problems).parse_spec()


def parse_value(source: Source, *, arithmetic: bool = False) -> Expression:
    """The text of one value: an expression, a size or a word.

    With `arithmetic`, as after `--set NAME=`, `3*3` is a product, and else a size. Raises `SpecError` if it is
    something else.
    """
    parser = ValueReader(source, Problems())
    value = parser.parse_value_or_arithmetic() if arithmetic else parser.parse_value()
    if source.text[parser.position :].strip():
        parser.fail("expected one value", parser.position, len(source.text))
    return value


class _Parser(ValueReader):
    """One method a rule: of a statement, and of what stands around the values in it."""

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
        except TooDeepError as error:
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
            except TooDeepError:
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
                self.skip(BETWEEN_LINES)
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
        """statement = input | ["shared"] def | param | let | if | repeat | from | as | aux | use | answers | layer."""
        start = self.position
        self.operands = 0
        if self.take("->"):
            answers = self.parse_answers()
            span = _trim(self.span(start))
            self.end_statement()
            return Answered(answers, span)
        match = WORD.match(self.text, start)
        if not match:
            hint = ""
            if CHUNK.match(self.text, start):
                hint = "a statement starts with a kind, as in `conv 32 3x3`"
            self.fail(f"expected a layer, found {quote(self.text[slice(*self.here())])}", *self.here(), hint)
        self.position = match.end()
        word = match[0].lower()
        rule = _RULES.get(word)
        return rule(self, start) if rule else self.parse_layer(word, start)

    def end_statement(self) -> None:
        """The end of a statement: ";", a line break, a comment, "}" or "|"."""
        self.skip(BLANKS)
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
        self.skip(BLANKS)
        name = None
        match = WORD.match(self.text, self.position)
        if match and match[0].lower() == "as":
            self.position = match.end()
            name = self.expect_name("a name behind `as`")
            self.skip(BLANKS)
        answers = self.parse_answers() if self.take("->") else ()
        self.end_statement()
        return name, answers

    def parse_answers(self) -> tuple[AnswerText, ...]:
        """answers = answer { "," answer }; answer = size | QUANTITY value."""
        answers = [self.parse_answer()]
        while True:
            self.skip(BLANKS)
            if not self.take(","):
                return tuple(answers)
            if len(answers) == MOST_ARGUMENTS:
                self.fail(f"more than {MOST_ARGUMENTS:,} answers", *self.next_word())
            self.skip(BETWEEN_LINES)
            answers.append(self.parse_answer())

    def parse_answer(self) -> AnswerText:
        """answer = [ QUANTITY [ "=" ] ] value."""
        self.skip(BLANKS)
        start = self.position
        match = _QUANTITY.match(self.text, start)
        quantity = match[0] if match else ""
        self.position += len(quantity)
        if quantity:
            self.skip(_EQUALS)
        at = self.position
        self.skip_answer()
        # A comment within brackets is none of the answer.
        value = _COMMENT.sub(lambda match: " " * len(match[0]), self.text[at : self.position])
        if not value:
            what = f"the value of {quote(quantity)}" if quantity else "an answer"
            self.fail(f"expected {what}, as in `-> 28x28x6, params 156`", *self.next_word())
        if quantity.lower().startswith("value") and _FURTHER.match(self.text, self.position):
            self.fail("several values stand in brackets, as in `value [[6, 8], [12, 14]]`", *self.next_word())
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
            elif not match[0].startswith("#"):
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

    def parse_shared(self, start: int) -> Statement:
        """shared = "shared" def."""
        self.skip(BLANKS)
        match = _DEF.match(self.text, self.position)
        if match is None:
            message = "expected `def` behind `shared`, as in `shared def head() { conv 8 3x3 }`"
            self.fail(message, *self.here())
        self.position = match.end()
        return self.parse_define(start, shared=True)

    def parse_define(self, start: int, *, shared: bool = False) -> Statement:
        """def = "def" NAME "(" [ parameter { "," parameter } ] ")" block."""
        name = self.expect_name("the name of the block behind `def`")
        parameters: list[Parameter] = []
        if self.take("("):
            self.skip(BETWEEN_LINES)
            while not self.take(")"):
                if len(parameters) == MOST_ARGUMENTS:
                    self.fail(f"more than {MOST_ARGUMENTS:,} parameters", *self.here())
                parameters.append(self.parse_parameter(parameters))
                self.skip(BETWEEN_LINES)
                if not self.take(","):
                    self.expect(")", " behind the parameters")
                    break
                self.skip(BETWEEN_LINES)
        span = self.span(start)
        body = self.parse_block()
        self.end_statement()
        return Define(name, tuple(parameters), body, span, shared)

    def parse_parameter(self, before: list[Parameter]) -> Parameter:
        """parameter = NAME [ "=" value ]."""
        name = self.expect_name("the name of a parameter")
        for other in before:
            if other.name == name.text:
                self.fail(f"the parameter `{name.text}` stands twice", *name.span[1:])
        self.skip(BETWEEN_LINES)
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

    def parse_if(self, start: int) -> Statement:
        """if = "if" expression block [ "else" ( if | block ) ]."""
        condition = self.parse_expression(0)
        span = self.span(start)
        then = self.parse_block()
        otherwise: tuple[Statement, ...] = ()
        before_else = self.position
        self.skip(BETWEEN_LINES)
        match = WORD.match(self.text, self.position)
        if match and match[0].lower() == "else":
            self.position = match.end()
            self.skip(BETWEEN_LINES)
            at = self.position
            following = WORD.match(self.text, at)
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
        self.skip(BLANKS)
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


_RULES: Final = {
    "input": _Parser.parse_input,
    "repeat": _Parser.parse_repeat,
    "def": _Parser.parse_define,
    "shared": _Parser.parse_shared,
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


def _trim(span: Span) -> Span:
    """The span without blanks at its end."""
    return Span(span.source, span.start, span.start + len(span.text.rstrip()))
