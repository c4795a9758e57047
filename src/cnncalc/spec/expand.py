"""Statements to a graph: blocks called, branches and repeats written out, every layer with its shapes.

Shapes are found here already because `channels` is a value of the language: what a block expands to may
depend on the tensor that it is called on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, NoReturn

from cnncalc import library
from cnncalc.layers import KINDS, Layer, LayerError
from cnncalc.layers.arguments import show_value
from cnncalc.shapes import AXIS_NAMES, Shape
from cnncalc.spec.bind import Binding, bind, bind_block
from cnncalc.spec.draft import Draft
from cnncalc.spec.expressions import Name, Value, truth
from cnncalc.spec.graph import Branch, Graph, Node, Note
from cnncalc.spec.inputs import ASSUMED_INPUT, Input, ReadAsImage
from cnncalc.spec.limits import Limits, Refused
from cnncalc.spec.names import Block, Named, Names, Scope, Unknown
from cnncalc.spec.params import Params, shipped
from cnncalc.spec.source import Problem, Problems, Source, Span, SpecError, Unfit, did_you_mean, fail, listed, quote
from cnncalc.spec.statements import (
    Answered,
    AnswerText,
    Aside,
    Assign,
    Choose,
    Define,
    From,
    InputStatement,
    LayerStatement,
    Mark,
    Repeat,
    Statement,
    Use,
)

# What a statement came to with other values of the names in it.
MOST_BINDINGS: Final = 8
# Of branches, and of calls, an error tells no more.
MOST_RELATED: Final = 4


class Options(NamedTuple):
    """What the caller sets from outside: the input, and the spec's params."""

    input: Source | None = None
    set: Mapping[str, Source] = {}


def expand(statements: tuple[Statement, ...], source: Source, options: Options, problems: Problems) -> Graph | None:
    """The graph of a spec; None if problems were found, which are noted in `problems`.

    Raises `SpecError` only when there are too many problems to go on.
    """
    found = list(problems.found)
    try:
        try:
            return _Expander(source, options, problems, image=False).expand(statements)
        except ReadAsImage:
            problems.found[:] = found
            return _Expander(source, options, problems, image=True).expand(statements)
    except Refused:
        return None


class _Expander:
    """The statement at hand: what its words mean, and the draft that it adds to."""

    def __init__(self, source: Source, options: Options, problems: Problems, *, image: bool) -> None:
        self.source = source
        self.options = options
        self.problems = problems
        self.names = Names(self.shape_asked)
        self.params = Params(options.set, self.names.value)
        self.input = Input(self.names.value, image=image)
        nodes: list[Node] = []
        self.limits = Limits(problems, nodes, self.names.find_block)
        self.draft = Draft(nodes, self.limits)
        self.in_block = False
        self.calls: tuple[Span, ...] = ()
        self.using: tuple[str, ...] = ()
        self.changed = False
        self.broken: set[int] = set()
        self.bindings: dict[tuple[str, ...], list[Binding]] = {}

    def expand(self, statements: tuple[Statement, ...]) -> Graph | None:
        """Carry out all statements, then name the layers."""
        self.run(statements)
        self.start()
        for problem in self.params.unknown():
            self.problems.add(problem)
        if len(self.draft.nodes) < 2 and not self.problems.found:
            end = len(self.source.text)
            message = "no layer: a spec has at least one"
            self.problems.add(Problem(message, Span(self.source, 0, end), "for example `conv 32 3x3; pool 2x2`"))
        if self.problems.found or self.draft.current is None:
            return None
        return self.draft.graph(changed=self.changed or self.params.changed)

    # Statements.

    def run(self, statements: tuple[Statement, ...]) -> None:
        """Carry out statements one after the other; a broken one leaves the tensor behind it unknown."""
        self.limits.depth += 1
        for statement in statements:
            self.limits.step(statement.span)
            if id(statement) in self.broken:
                self.lose(statement)
                continue
            try:
                self.carry_out(statement)
            except Unknown:
                self.lose(statement)
            except SpecError as error:
                for problem in error.problems:
                    self.problems.add(problem)
                self.broken.add(id(statement))
                self.lose(statement)
        self.limits.depth -= 1

    def carry_out(self, statement: Statement) -> None:
        """One statement."""
        match statement:
            case LayerStatement():
                self.add(statement)
            case Choose(condition, then, otherwise, span):
                self.limits.check_depth(span)
                self.run(then if truth(self.names.value(condition), span) else otherwise)
            case Repeat():
                self.repeat(statement)
            case Assign():
                self.assign(statement)
            case Define():
                # Weighed now, while only the blocks above it are known, so that a long chain of them is no deep one.
                self.limits.weigh(statement.body)
                self.names.define(statement)
            case InputStatement():
                self.take_input(statement)
            case From(name, _):
                self.start()
                self.draft.current = self.names.tensor(name)
            case Mark(name, _):
                self.start()
                self.names.call_tensor(name, self.draft.current, moves=True)
            case Aside(body, span):
                self.limits.check_depth(span)
                self.start()
                before = self.draft.current
                with self.draft.inside(Branch(self.draft.branch, 1, aside=True)):
                    self.run(body)
                self.draft.current = before
            case Use():
                self.use(statement)
            case Answered(answers, _):
                self.take_answers(None, answers)
            case _:  # `Broken`: something stood here
                self.start()
                self.draft.current = None

    def lose(self, statement: Statement) -> None:
        """What a broken statement would have made is not known, and errors that follow from it are not told."""
        match statement:
            case LayerStatement() | From() | Mark() | Use() | Repeat() | Choose():
                self.lose_tensor(statement.span)
                name = getattr(statement, "as_name", None) or getattr(statement, "name", None)
                if isinstance(name, Name) and not isinstance(statement, (From, Use)):
                    self.names.scope.tensors[name.text] = Named(None, name.span, isinstance(statement, Mark))
            case Assign():
                self.names.scope.values[statement.name.text] = None
            case InputStatement():
                self.lose_tensor(statement.span)

    def lose_tensor(self, span: Span) -> None:
        """From here on the tensor is not known, even if there was none yet."""
        if not self.draft.nodes:
            self.draft.begin(ASSUMED_INPUT, span)
        self.draft.current = None

    def add(self, statement: LayerStatement) -> None:
        """A layer, a merge, or a call of a block."""
        self.start()
        block = self.names.find_block(statement.kind)
        if block is not None:
            self.call(block, statement)
        else:
            layer = self.bound(statement)
            if layer.merges:
                self.merge(layer, statement)
            else:
                if statement.branches is not None:
                    merges = listed("branches stand behind", [name for name, kind in KINDS.items() if kind.merges])
                    fail(f"`{layer.name}` has no branches", statement.span, merges)
                self.connect(layer, (self.draft.known(),), statement)
        self.finish(statement.name, statement.answers)

    def bound(self, statement: LayerStatement) -> Layer:
        """The layer that a statement describes; the same text gives the same layer."""
        key = (statement.kind, *[argument.text for argument in statement.arguments])
        known = self.bindings.setdefault(key, [])
        for binding in known:
            if not binding.lookups or all(self.holds(name, value) for name, value in binding.lookups):
                break
        else:
            kind, rank = self.names.find_kind(statement)
            binding = bind(kind, rank, statement, self.names.lookup, self.names.defined)
            if len(known) == MOST_BINDINGS:
                del known[0]
            known.append(binding)
        if self.input.ambiguous:
            self.input.decide(binding.layer)
        if binding.assumed:
            self.draft.assumed.append(max(1, len(self.draft.nodes)))
        return binding.layer

    def holds(self, name: Name, value: Value | None) -> bool:
        """Whether a name has that value, or none, here as well."""
        if value is None:
            return not self.names.defined(name.text)
        try:
            now = self.names.lookup(name)
        except (SpecError, Unknown):
            return False
        return type(now) is type(value) and now == value

    def connect(self, layer: Layer, sources: tuple[int, ...], statement: LayerStatement) -> None:
        """Add a node. Raises `SpecError` if the layer does not work on what it reads."""
        try:
            self.draft.connect(layer, sources, statement.span)
        except LayerError as error:
            self.blame(error, statement, sources)

    def blame(self, error: LayerError, statement: LayerStatement, sources: tuple[int, ...]) -> NoReturn:
        """Put a layer's complaint where the words stand, and say where the shapes came from."""
        kind, rank = self.names.find_kind(statement)
        places = bind(kind, rank, statement, self.names.lookup, self.names.defined).places
        at = places.get(error.at, statement.span)
        related = []
        for source in dict.fromkeys(sources):
            node = self.draft.nodes[source]
            if node.span is not None:
                related.append((node.span, f"{node.shape} comes from here"))
        calls = [(span, "called from here") for span in self.calls]
        raise SpecError([Unfit(error.message, at, error.hint, tuple(related[:MOST_RELATED] + calls[:MOST_RELATED]))])

    def merge(self, layer: Layer, statement: LayerStatement) -> None:
        """Every branch starts from the current tensor; then they are merged."""
        if statement.branches is None:
            fail(
                f"`{layer.name}` needs branches",
                statement.span,
                f"for example `{layer.name} {{ conv 8 3x3 same | identity }}`",
            )
        self.limits.check_depth(statement.span)
        start = self.draft.current
        ends: list[int | None] = []
        for number, branch in enumerate(statement.branches, 1):
            self.draft.current = start
            with self.draft.inside(Branch(self.draft.branch, number, aside=False)):
                self.run(branch)
            ends.append(self.draft.current)
        sources = tuple(end for end in ends if end is not None)
        if len(sources) < len(ends):
            raise Unknown
        self.connect(layer, sources, statement)

    def call(self, block: Block, statement: LayerStatement) -> None:
        """A block: its parameters get their values, its body is run in a scope of its own."""
        if statement.branches is not None:
            fail(f"{quote(statement.kind)} is a block, and blocks have no branches", statement.span)
        self.limits.check_depth(statement.span)
        self.limits.check_size(*self.limits.weigh(block.definition.body), statement.span)
        scope = Scope(block.scope, block.order)
        scope.values.update(bind_block(block.definition, statement, self.names.value))
        if not self.in_block:
            self.limits.enter(block, scope.values, statement.span)
        outer, self.names.scope = self.names.scope, scope
        in_block, self.in_block = self.in_block, True
        calls, self.calls = self.calls, (statement.span, *self.calls)
        made = len(self.draft.nodes)
        self.run(block.definition.body)
        self.names.scope, self.in_block, self.calls = outer, in_block, calls
        if block.definition.shared and not self.problems.found:
            self.share(block, range(made, len(self.draft.nodes)), statement)

    def share(self, block: Block, made: range, statement: LayerStatement) -> None:
        """Give the layers of a shared block's later call the weights of its first. They must fit all of them."""
        name = block.definition.name.text
        first = block.scope.owned.setdefault(name, made)
        if first == made:
            return
        if len(first) != len(made):
            message = f"{quote(name)} is shared, but its number of layers is {len(made)} here, {len(first)} at first"
            fail(message, statement.span, "`def` without `shared` makes a block with weights of its own at each call")
        for owner, node in zip(first, made, strict=True):
            difference = self.draft.share(owner, node)
            if difference:
                place = self.draft.nodes[node].span or statement.span
                calls = [(statement.span, "in this call")]
                message = f"{quote(name)} is shared, but its weights do not fit here: {difference}"
                raise SpecError([Problem(message, place, "", tuple(calls))])

    def repeat(self, statement: Repeat) -> None:
        """The body, as often as it says. A body that would make too many layers is refused beforehand."""
        count = self.names.value(statement.times)
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            fail(f"`repeat` needs a whole number, found {show_value(count)}", statement.span)
        self.limits.check_depth(statement.span)
        self.start()
        layers, steps = self.limits.weigh(statement.body)
        self.limits.check_size(layers * count, (steps + 1) * count, statement.span)
        for number in range(count):
            made, taken = len(self.draft.nodes), self.limits.steps
            self.run(statement.body)
            self.draft.known()
            self.limits.steps += 1
            if not number:
                made, taken = len(self.draft.nodes) - made, self.limits.steps - taken
                self.limits.check_size(made * (count - 1), taken * (count - 1), statement.span)
        self.finish(statement.name, statement.answers)

    def assign(self, statement: Assign) -> None:
        """`let` and `param`. A param of the whole spec may be set from outside."""
        name = statement.name.text
        value = self.names.value(statement.value)
        if statement.overridable:
            if self.in_block:
                message = "a param is a value of the whole spec, and cannot stand in a block"
                fail(message, statement.span, "`let` can")
            value = self.params.override(name, value)
        self.names.scope.values[name] = value

    def use(self, statement: Use) -> None:
        """A shipped spec in this place, in a scope of its own; its answers speak of it alone."""
        name = statement.name.text
        if library.find(name) is None:
            hint = did_you_mean(name, library.names())
            fail(f"no shipped network is called {quote(name)}", statement.name.span, hint)
        if name in self.using:
            fail(f"{quote(name)} uses itself", statement.name.span)
        self.limits.check_depth(statement.span)
        given = self.params.set_by(statement)
        statements = shipped(name)
        if self.draft.nodes:
            self.draft.known()
            statements = tuple([item for item in statements if not isinstance(item, InputStatement)])
        before = self.names.scope, self.in_block, self.using, self.calls
        self.names.scope, self.in_block, self.using = Scope(), False, (*self.using, name)
        self.calls = (statement.span, *self.calls)
        with self.params.inside(given):
            self.run(statements)
        self.names.scope, self.in_block, self.using, self.calls = before
        self.finish(statement.as_name, statement.answers)

    # The input.

    def take_input(self, statement: InputStatement) -> None:
        """The shape that goes in, unless the caller gives another."""
        if self.draft.nodes:
            self.draft.known()
            fail("`input` may stand only once, before the first layer", statement.span)
        shape = self.input.shape(statement)
        if self.options.input is not None:
            given = self.input.given(self.options.input)
            self.changed = self.changed or given != shape
            shape = given
        self.place_input(shape, statement.span)

    def start(self) -> None:
        """Make sure that there is an input."""
        if self.draft.nodes:
            return
        if self.options.input is not None:
            self.place_input(self.input.given(self.options.input), None)
        else:
            self.draft.notes.append(Note("assumed-input", f"no input is given: {ASSUMED_INPUT} is taken"))
            self.place_input(ASSUMED_INPUT, None)

    def place_input(self, shape: Shape, span: Span | None) -> None:
        """Node 0."""
        self.draft.notes += self.input.notes(shape)
        self.draft.begin(shape, span)
        self.names.scope.tensors["input"] = Named(0, None)

    def shape_asked(self, dimension: str, span: Span) -> Shape:
        """The shape of the current tensor, for a word that means one of its dimensions."""
        if self.input.sizing:
            fail(f"the size of the input cannot depend on `{dimension}`", span)
        self.start()
        shape = self.draft.nodes[self.draft.known()].shape
        if self.input.ambiguous and dimension in AXIS_NAMES[2]:
            raise ReadAsImage
        return shape

    # What stands behind a layer.

    def finish(self, name: Name | None, answers: tuple[AnswerText, ...]) -> None:
        """`as NAME` and `-> ANSWERS` of the layer that was just made."""
        if name is None and not answers:
            return
        current = self.draft.known()
        if name is not None:
            self.names.call_tensor(name, current, moves=False)
            self.draft.call(name.text)
        self.take_answers(current, answers)

    def take_answers(self, node: int | None, answers: tuple[AnswerText, ...]) -> None:
        """Answers about a layer, or the whole network; those of a spec that is used speak of it alone."""
        if not self.using:
            named = (answer._replace(names=self.names.numbers_in(answer.value)) for answer in answers)
            self.draft.answers += [(node, answer) for answer in named]
