"""How large a network may become, and that it is told before it is built where that can be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NoReturn

from cnncalc.spec.expressions import Value
from cnncalc.spec.foresight import Foresight
from cnncalc.spec.graph import Node
from cnncalc.spec.names import Block
from cnncalc.spec.source import Problem, Problems, Span, fail
from cnncalc.spec.statements import Aside, Choose, LayerStatement, Repeat, Statement

MOST_LAYERS: Final = 1_000_000
# Statements that are carried out: some, and some more for each layer, so that a spec that makes none ends as well.
MOST_IDLE_STEPS: Final = 20_000
MOST_STEPS_A_LAYER: Final = 20
# Blocks called from blocks, and braces within them: the bound keeps the recursion off Python's stack limit.
DEEPEST_EXPANSION: Final = 80
# Layers that differ, where sizes are formulas: SymPy takes milliseconds for each.
MOST_FORMULAS: Final = 400
# A network that becomes larger than any that people write is looked at as a whole, before more of it is built.
LARGE: Final = 20_000
TOO_MANY_LAYERS: Final = f"this would expand to more than {MOST_LAYERS:,} layers"


class Refused(Exception):  # noqa: N818  no error: the error is noted already
    """The spec is too large, and ends here, whatever else it holds."""


class Limits:
    """What was made and carried out so far, and how deep it stands; `find_block` knows the blocks by their names."""

    def __init__(self, problems: Problems, nodes: Sequence[Node], find_block: Callable[[str], Block | None]) -> None:
        self.problems = problems
        self.nodes = nodes
        self.find_block = find_block
        self.steps = 0
        self.depth = 0
        self.formulas = 0
        self.call: tuple[Block, Mapping[str, Value | None], int, Span] | None = None
        self.least: dict[int, tuple[tuple[Statement, ...], int, int]] = {}

    def weigh(self, statements: tuple[Statement, ...]) -> tuple[int, int]:
        """The fewest layers and steps that statements can expand to, without expanding them."""
        known = self.least.get(id(statements))
        if known is not None:
            return known[1:]
        # Zero while it is being weighed, for a block that names itself. Keeping the statements keeps their id.
        self.least[id(statements)] = statements, 0, 0
        layers = 0
        steps = len(statements)
        for statement in statements:
            more = self.weigh_one(statement)
            layers += more[0]
            steps += more[1]
        self.least[id(statements)] = statements, layers, steps
        return layers, steps

    def weigh_one(self, statement: Statement) -> tuple[int, int]:
        """The same for one statement, itself not counted as a step."""
        match statement:
            case LayerStatement(kind, _, branches):
                block = self.find_block(kind)
                if block is not None:
                    return self.weigh(block.definition.body)
                inner = [self.weigh(branch) for branch in branches or ()]
                return 1 + sum(layers for layers, _ in inner), sum(steps for _, steps in inner)
            case Repeat(count, body) if isinstance(count, int):
                layers, steps = self.weigh(body)
                return layers * count, (steps + 1) * count
            case Choose(_, then, otherwise):
                one, other = self.weigh(then), self.weigh(otherwise)
                return min(one[0], other[0]), min(one[1], other[1])
            case Aside(body, _):
                return self.weigh(body)
        return 0, 0

    def step(self, span: Span) -> None:
        """Count a statement. Refuse when they are too many for the layers that they make."""
        self.steps += 1
        if self.steps > MOST_IDLE_STEPS + MOST_STEPS_A_LAYER * len(self.nodes):
            self.refuse("these are too many statements that make no layer", span)

    def check_layer(self, span: Span) -> None:
        """Refuse one layer more than there may be, and in good time a call that surely makes more."""
        made = len(self.nodes)
        if made > MOST_LAYERS:
            self.refuse(TOO_MANY_LAYERS, span)
        if made == LARGE and self.call is not None:
            block, values, before, at = self.call
            if before + Foresight().call(block, values) > MOST_LAYERS + 1:
                self.refuse(TOO_MANY_LAYERS, at)

    def enter(self, block: Block, values: Mapping[str, Value | None], span: Span) -> None:
        """Remember the call that is carried out: the outermost one."""
        self.call = block, dict(values), len(self.nodes), span

    def count_formulas(self, span: Span) -> None:
        """Count a layer whose shape is a formula. Refuse when they are too many."""
        self.formulas += 1
        if self.formulas > MOST_FORMULAS:
            self.refuse(f"a network with symbols has at most {MOST_FORMULAS} different layers", span)

    def check_size(self, layers: int, steps: int, span: Span) -> None:
        """Refuse what would make too many layers, or take too many steps however many layers it makes."""
        if len(self.nodes) + layers > MOST_LAYERS + 1:
            self.refuse(TOO_MANY_LAYERS, span)
        if self.steps + steps > MOST_IDLE_STEPS + MOST_STEPS_A_LAYER * MOST_LAYERS:
            self.refuse("these are too many statements", span)

    def check_depth(self, span: Span) -> None:
        """Refuse what nests too deep."""
        if self.depth > DEEPEST_EXPANSION:
            fail(f"blocks and braces nest more than {DEEPEST_EXPANSION} deep here", span)

    def refuse(self, message: str, span: Span) -> NoReturn:
        """A spec that is too large ends here, whatever else it holds. If it is wrong already, that is enough."""
        if not self.problems.found:
            self.problems.add(Problem(message, span))
        raise Refused
