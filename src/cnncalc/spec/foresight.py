"""The least that a call expands to, with the values that its parameters have: told before anything is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NoReturn

from cnncalc.algebra import FormulaError
from cnncalc.spec.bind import bind_block
from cnncalc.spec.expressions import Expression, Value, truth
from cnncalc.spec.names import Block, Names, Scope, Unknown
from cnncalc.spec.source import Span, SpecError
from cnncalc.spec.statements import Aside, Assign, Choose, Define, LayerStatement, Repeat, Statement

# More statements than this are not looked at; what is behind them then counts as nothing.
MOST_VISITS: Final = 50_000
# Calls within calls: deeper ones are refused when they are carried out.
DEEPEST: Final = 80


class Foresight:
    """The layers of calls, each looked at once. Nothing is known of tensors, so a condition on them stays open."""

    def __init__(self) -> None:
        self.names = Names(_no_tensor)
        self.known: dict[tuple[int, tuple[Value | None, ...]], int] = {}
        self.visits = 0
        self.depth = 0

    def call(self, block: Block, values: Mapping[str, Value | None]) -> int:
        """The fewest layers of a call."""
        key = (id(block.definition), tuple(values.values()))
        if key not in self.known and self.depth < DEEPEST:
            scope = Scope(block.scope, block.order)
            scope.values.update(values)
            self.depth += 1
            self.known[key] = self.body(block.definition.body, scope)
            self.depth -= 1
        return self.known.get(key, 0)

    def body(self, statements: tuple[Statement, ...], scope: Scope) -> int:
        """The fewest layers of statements."""
        return sum(self.one(statement, scope) for statement in statements)

    def one(self, statement: Statement, scope: Scope) -> int:
        """The fewest layers of one statement; of one that is broken, none."""
        self.visits += 1
        if self.visits > MOST_VISITS:
            return 0
        self.names.scope = scope
        try:
            match statement:
                case LayerStatement(kind, _, branches):
                    block = self.names.find_block(kind)
                    if block is not None:
                        return self.call(block, self.arguments(block, statement))
                    return 1 + sum(self.body(branch, scope) for branch in branches or ())
                case Repeat(times, body):
                    count = self.value(times)
                    return count * self.body(body, scope) if isinstance(count, int) else 0
                case Choose(condition, then, otherwise, span):
                    value = self.value(condition)
                    if value is not None:
                        return self.body(then if truth(value, span) else otherwise, scope)
                    return min(self.body(then, scope), self.body(otherwise, scope))
                case Assign(name, value):
                    scope.values[name.text] = self.value(value)
                case Define():
                    self.names.define(statement)
                case Aside(body, _):
                    return self.body(body, scope)
        except SpecError:
            return 0
        return 0

    def arguments(self, block: Block, statement: LayerStatement) -> dict[str, Value | None]:
        """The values of a call's parameters; one that is not known makes all of them unknown."""
        try:
            return bind_block(block.definition, statement, self.names.value)
        except (SpecError, Unknown, FormulaError):
            return {parameter.name: None for parameter in block.definition.parameters}

    def value(self, expression: Expression) -> Value | None:
        """A value, if it is known."""
        try:
            return self.names.value(expression)
        except (SpecError, Unknown, FormulaError):
            return None


def _no_tensor(dimension: str, span: Span) -> NoReturn:  # noqa: ARG001
    """No tensor is there to be asked."""
    raise Unknown
