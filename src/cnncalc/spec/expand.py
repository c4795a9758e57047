"""Statements to a graph: blocks called, branches and repeats written out, every layer with its shapes.

Shapes are found here already because `channels` is a value of the language: what a block expands to may
depend on the tensor that it is called on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Final, NamedTuple, NoReturn

from cnncalc import library
from cnncalc.algebra import Algebra, FormulaError
from cnncalc.layers import ALIASES, KINDS, Layer, LayerError
from cnncalc.layers.activation import ACTIVATION_WORDS
from cnncalc.layers.arguments import Cells, Dims, Factor, Sizes, Steps, show_value
from cnncalc.shapes import AXIS_NAMES, Shape
from cnncalc.spec import parser
from cnncalc.spec.bind import Binding, bind
from cnncalc.spec.expressions import (
    CONSTANTS,
    KEEP,
    LARGEST_NUMBER,
    Expression,
    Name,
    Pair,
    Value,
    evaluate,
    truth,
)
from cnncalc.spec.graph import Branch, Graph, Node, Note
from cnncalc.spec.source import (
    MissingExtraError,
    Problem,
    Problems,
    Source,
    Span,
    SpecError,
    Unfit,
    did_you_mean,
    listed,
    quote,
)
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
from cnncalc.spec.words import is_number, split_size

MOST_LAYERS: Final = 1_000_000
# Statements that are carried out: some, and some more for each layer, so that a spec that makes none ends as well.
MOST_IDLE_STEPS: Final = 20_000
MOST_STEPS_A_LAYER: Final = 20
# Blocks called from blocks, and braces within them: the bound keeps the recursion off Python's stack limit.
DEEPEST_EXPANSION: Final = 80
# What a statement came to with other values of the names in it.
MOST_BINDINGS: Final = 8
# Of branches, and of calls, an error tells no more.
MOST_RELATED: Final = 4
# Layers that differ, where sizes are formulas: SymPy takes milliseconds for each.
MOST_FORMULAS: Final = 400
ASSUMED_INPUT: Final = Shape((224, 224), 3)
_SYMBOL: Final = re.compile(r"[A-Za-wyz][0-9]*|X[0-9]+", re.ASCII)
_KIND_WITH_RANK: Final = re.compile(r"([a-z0-9]+?)([123])d")
# What a name means where nothing defines it: the channels of the current tensor, or its extent along an axis.
DIMENSIONS: Final = ("channels", "length", "depth", "height", "width")
WORDS: Final = frozenset(ACTIVATION_WORDS) | {"same", "valid", "full", "causal", "nearest", "bilinear"}


class Options(NamedTuple):
    """What the caller sets from outside: the input, and the spec's params."""

    input: Source | None = None
    set: Mapping[str, Source] = {}


class _Block(NamedTuple):
    """A `def`, with the scope that it stands in and its place among the others."""

    definition: Define
    scope: _Scope
    order: int


class _Tensor(NamedTuple):
    """What a name stands for: a node, None if it is not known, and where it was given; by a `Mark` it may move."""

    node: int | None
    span: Span | None
    moves: bool = False


class _Scope:
    """Names and what they mean, here and further out: there, only the first `known` blocks."""

    def __init__(self, outer: _Scope | None = None, known: int = 0) -> None:
        self.outer = outer
        self.known = known
        self.values: dict[str, Value | None] = {}
        self.tensors: dict[str, _Tensor] = {}
        self.blocks: dict[str, _Block] = {}

    def chain(self) -> Iterator[_Scope]:
        """This scope and those around it."""
        scope: _Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer


class _Unknown(Exception):  # noqa: N818  no error: the error behind it is noted already
    """Something depends on what could not be understood; its problem is noted already."""


class _Refused(Exception):  # noqa: N818  no error: the error is noted already
    """The spec is too large, and ends here, whatever else it holds."""


class _ReadAsImage(Exception):  # noqa: N818  no error: a decision
    """Two numbers of an input turn out to be a height and a width."""


def expand(statements: tuple[Statement, ...], source: Source, options: Options, problems: Problems) -> Graph | None:
    """The graph of a spec; None if problems were found, which are noted in `problems`.

    Raises `SpecError` only when there are too many problems to go on.
    """
    found = list(problems.found)
    try:
        try:
            return _Expander(source, options, problems, image=False).expand(statements)
        except _ReadAsImage:
            problems.found[:] = found
            return _Expander(source, options, problems, image=True).expand(statements)
    except _Refused:
        return None


class _Expander:
    """The graph so far, and the tensor that the next layer reads: `current` is None where it is not known."""

    def __init__(self, source: Source, options: Options, problems: Problems, *, image: bool) -> None:
        self.source = source
        self.options = options
        self.problems = problems
        self.image = image
        self.ambiguous = False
        self.sizing = False
        self.nodes: list[Node] = []
        self.current: int | None = None
        self.named: dict[int, str] = {}
        self.answers: list[tuple[int | None, AnswerText]] = []
        self.notes: list[Note] = []
        self.assumed: list[int] = []
        self.scope = _Scope()
        self.branch: Branch | None = None
        self.steps = 0
        self.depth = 0
        self.in_block = False
        self.calls: tuple[Span, ...] = ()
        self.using: tuple[str, ...] = ()
        self.changed = False
        # The params that are set for the file at hand, by the caller (as text) or by `use`; those that it has.
        self.given: Mapping[str, Value | Source] = options.set
        self.own: set[str] = set()
        self.params: dict[str, None] = {}
        self.unset = dict(options.set)
        self.broken: set[int] = set()
        self.bindings: dict[tuple[str, ...], list[Binding]] = {}
        self.shapes: dict[tuple[Layer, tuple[Shape, ...]], Shape] = {}
        self.formulas = 0
        self.copies: dict[str, int] = {}
        self.least: dict[int, tuple[tuple[Statement, ...], int, int]] = {}

    def expand(self, statements: tuple[Statement, ...]) -> Graph | None:
        """Carry out all statements, then name the layers."""
        self.run(statements)
        self.start()
        for name, value in self.unset.items():
            message = f"this spec has no param {quote(name)}"
            hint = did_you_mean(name, self.params) or listed("its params are", list(self.params))
            self.problems.add(Problem(message, Span(value, 0, len(name)), hint))
        if len(self.nodes) < 2 and not self.problems.found:
            end = len(self.source.text)
            message = "no layer: a spec has at least one"
            self.problems.add(Problem(message, Span(self.source, 0, end), "for example `conv 32 3x3; pool 2x2`"))
        if self.problems.found or self.current is None:
            return None
        self.add_notes()
        answers = () if self.changed else tuple(self.answers)
        return Graph(tuple(self.nodes), self.names(), self.current, answers, tuple(self.notes))

    def add_notes(self) -> None:
        """What was assumed for many layers is said once; and what was left unchecked."""
        if self.assumed:
            names = self.names()
            layers = tuple(names[index] for index in self.assumed)
            self.notes.append(Note("assumed-filters", "the number of filters is not given: 1 is taken", layers))
        if self.changed and self.answers:
            text = "the input or the params were changed, so the spec's own answers are not checked"
            self.notes.append(Note("answers-not-checked", text))

    def names(self) -> tuple[str, ...]:
        """The names that were given; for the others the kind with a number."""
        taken = set(self.named.values())
        counts: dict[str, int] = {}
        names = ["input"]
        for index, node in enumerate(self.nodes[1:], 1):
            given = self.named.get(index)
            if given is None:
                assert node.layer is not None  # only the input has none
                kind = node.layer.kind
                number = counts.get(kind, 0) + 1
                while f"{kind}{number}" in taken:
                    number += 1
                counts[kind] = number
                given = f"{kind}{number}"
            names.append(given)
        return tuple(names)

    # Statements.

    def run(self, statements: tuple[Statement, ...]) -> None:
        """Carry out statements one after the other; a broken one leaves the tensor behind it unknown."""
        self.depth += 1
        for statement in statements:
            self.steps += 1
            if self.steps > MOST_IDLE_STEPS + MOST_STEPS_A_LAYER * len(self.nodes):
                self.refuse("these are too many statements that make no layer", statement.span)
            if id(statement) in self.broken:
                self.lose(statement)
                continue
            try:
                self.carry_out(statement)
            except _Unknown:
                self.lose(statement)
            except SpecError as error:
                for problem in error.problems:
                    self.problems.add(problem)
                self.broken.add(id(statement))
                self.lose(statement)
        self.depth -= 1

    def carry_out(self, statement: Statement) -> None:
        """One statement."""
        match statement:
            case LayerStatement():
                self.add(statement)
            case Choose(condition, then, otherwise, span):
                self.check_depth(span)
                self.run(then if truth(self.value(condition), span) else otherwise)
            case Repeat():
                self.repeat(statement)
            case Assign():
                self.assign(statement)
            case Define():
                self.define(statement)
            case InputStatement():
                self.take_input(statement)
            case From(name, _):
                self.start()
                self.current = self.tensor(name)
            case Mark(name, _):
                self.start()
                self.call_tensor(name, moves=True)
            case Aside(body, span):
                self.check_depth(span)
                self.start()
                before = self.current
                with self.inside(Branch(self.branch, 1, aside=True)):
                    self.run(body)
                self.current = before
            case Use():
                self.use(statement)
            case Answered(answers, _):
                self.take_answers(None, answers)
            case _:  # `Broken`: something stood here
                self.start()
                self.current = None

    def lose(self, statement: Statement) -> None:
        """What a broken statement would have made is not known, and errors that follow from it are not told."""
        match statement:
            case LayerStatement() | From() | Mark() | Use() | Repeat() | Choose():
                self.lose_tensor(statement.span)
                name = getattr(statement, "as_name", None) or getattr(statement, "name", None)
                if isinstance(name, Name) and not isinstance(statement, (From, Use)):
                    self.scope.tensors[name.text] = _Tensor(None, name.span, isinstance(statement, Mark))
            case Assign():
                self.scope.values[statement.name.text] = None
            case InputStatement():
                self.lose_tensor(statement.span)

    def lose_tensor(self, span: Span) -> None:
        """From here on the tensor is not known, even if there was none yet."""
        self.nodes = self.nodes or [Node(None, (), (), ASSUMED_INPUT, None, span)]
        self.current = None

    def add(self, statement: LayerStatement) -> None:
        """A layer, a merge, or a call of a block."""
        self.start()
        block = self.find_block(statement.kind)
        if block is not None:
            self.call(block, statement)
        else:
            layer = self.bound(statement)
            if layer.merges:
                self.merge(layer, statement)
            else:
                if statement.branches is not None:
                    merges = listed("branches stand behind", [name for name, kind in KINDS.items() if kind.merges])
                    self.fail(f"`{layer.name}` has no branches", statement.span, merges)
                self.connect(layer, (self.known(),), statement)
        self.finish(statement.name, statement.answers)

    def bound(self, statement: LayerStatement) -> Layer:
        """The layer that a statement describes; the same text gives the same layer."""
        key = (statement.kind, *[argument.text for argument in statement.arguments])
        known = self.bindings.setdefault(key, [])
        for binding in known:
            if not binding.lookups or all(self.holds(name, value) for name, value in binding.lookups):
                break
        else:
            kind, rank = self.find_kind(statement)
            binding = bind(kind, rank, statement, self.lookup, self.defined)
            if len(known) == MOST_BINDINGS:
                del known[0]
            known.append(binding)
        if self.ambiguous:
            self.decide(binding.layer)
        if binding.assumed:
            self.assumed.append(max(1, len(self.nodes)))
        return binding.layer

    def holds(self, name: Name, value: Value | None) -> bool:
        """Whether a name has that value, or none, here as well."""
        if value is None:
            return not self.defined(name.text)
        try:
            now = self.lookup(name)
        except (SpecError, _Unknown):
            return False
        return type(now) is type(value) and now == value

    def connect(self, layer: Layer, sources: tuple[int, ...], statement: LayerStatement) -> None:
        """Add a node. Raises `SpecError` if the layer does not work on what it reads."""
        nodes = self.nodes
        inputs = tuple([nodes[source].shape for source in sources])
        shape = self.shapes.get((layer, inputs))
        if shape is None:
            shape = self.shapes[layer, inputs] = self.find_shape(layer, inputs, sources, statement)
        if len(nodes) > MOST_LAYERS:
            self.refuse(TOO_MANY_LAYERS, statement.span)
        self.current = len(nodes)
        nodes.append(Node(layer, sources, inputs, shape, self.branch, statement.span))

    def find_shape(
        self, layer: Layer, inputs: tuple[Shape, ...], sources: tuple[int, ...], statement: LayerStatement
    ) -> Shape:
        """The shape that a layer puts out. Raises `SpecError` if there is none."""
        try:
            layer.check(*inputs)
            shape = layer.output(*inputs)
        except LayerError as error:
            self.blame(error, statement, sources)
        except FormulaError as error:
            self.fail(str(error), statement.span)
        numbers = [dim for dim in shape.dims if not isinstance(dim, Algebra)]
        if any(number > LARGEST_NUMBER for number in numbers):
            self.fail("the output of this layer is larger than any network's", statement.span)
        self.formulas += any(isinstance(dim, Algebra) and dim.slow for dim in shape.dims)
        if self.formulas > MOST_FORMULAS:
            message = f"a network with symbols has at most {MOST_FORMULAS} different layers"
            self.refuse(message, statement.span)
        return shape

    def blame(self, error: LayerError, statement: LayerStatement, sources: tuple[int, ...]) -> NoReturn:
        """Put a layer's complaint where the words stand, and say where the shapes came from."""
        kind, rank = self.find_kind(statement)
        places = bind(kind, rank, statement, self.lookup, self.defined).places
        at = places.get(error.at, statement.span)
        related = []
        for source in dict.fromkeys(sources):
            node = self.nodes[source]
            if node.span is not None:
                related.append((node.span, f"{node.shape} comes from here"))
        calls = [(span, "called from here") for span in self.calls]
        raise SpecError([Unfit(error.message, at, error.hint, tuple(related[:MOST_RELATED] + calls[:MOST_RELATED]))])

    def merge(self, layer: Layer, statement: LayerStatement) -> None:
        """Every branch starts from the current tensor; then they are merged."""
        if statement.branches is None:
            self.fail(
                f"`{layer.name}` needs branches",
                statement.span,
                f"for example `{layer.name} {{ conv 8 3x3 same | identity }}`",
            )
        self.check_depth(statement.span)
        start = self.current
        ends: list[int | None] = []
        for number, branch in enumerate(statement.branches, 1):
            self.current = start
            with self.inside(Branch(self.branch, number, aside=False)):
                self.run(branch)
            ends.append(self.current)
        sources = tuple(end for end in ends if end is not None)
        if len(sources) < len(ends):
            raise _Unknown
        self.connect(layer, sources, statement)

    def call(self, block: _Block, statement: LayerStatement) -> None:
        """A block: its parameters get their values, its body is run in a scope of its own."""
        if statement.branches is not None:
            self.fail(f"{quote(statement.kind)} is a block, and blocks have no branches", statement.span)
        self.check_depth(statement.span)
        self.check_size(*self.weigh(block.definition.body), statement.span)
        scope = _Scope(block.scope, block.order)
        scope.values.update(self.arguments(block.definition, statement))
        outer, self.scope = self.scope, scope
        in_block, self.in_block = self.in_block, True
        calls, self.calls = self.calls, (statement.span, *self.calls)
        self.run(block.definition.body)
        self.scope, self.in_block, self.calls = outer, in_block, calls

    def arguments(self, definition: Define, statement: LayerStatement) -> dict[str, Value | None]:
        """The values of a block's parameters in a call."""
        names = [parameter.name for parameter in definition.parameters]
        values: dict[str, Value | None] = {}
        free = list(names)
        for argument in statement.arguments:
            if argument.key and not argument.stuck:
                name = self.parameter_named(argument.text.partition("=")[0].strip(), names, definition, argument.span)
                value = argument.value
            else:
                value = Name(argument.text, argument.span) if argument.stuck else argument.value
                if not free:
                    message = f"{quote(argument.text)} is one argument too many for `{definition.name.text}`"
                    self.fail(message, argument.span, listed("its parameters are", names))
                name = free[0]
            if name in values:
                self.fail(f"`{name}` is given twice", argument.span)
            values[name] = self.value(value)
            free.remove(name)
        for parameter in definition.parameters:
            if parameter.name not in values:
                if parameter.default is None:
                    self.fail(f"`{definition.name.text}` needs `{parameter.name}`", statement.span)
                values[parameter.name] = self.value(parameter.default)
        return values

    def parameter_named(self, key: str, names: list[str], definition: Define, span: Span) -> str:
        """The parameter of a block that `key=` means."""
        if key not in names:
            hint = did_you_mean(key, names) or listed("its parameters are", names)
            self.fail(f"`{definition.name.text}` has no parameter {quote(key)}", span, hint)
        return key

    def repeat(self, statement: Repeat) -> None:
        """The body, as often as it says. A body that would make too many layers is refused beforehand."""
        count = self.value(statement.times)
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            self.fail(f"`repeat` needs a whole number, found {show_value(count)}", statement.span)
        self.check_depth(statement.span)
        self.start()
        layers, steps = self.weigh(statement.body)
        self.check_size(layers * count, (steps + 1) * count, statement.span)
        for number in range(count):
            made, taken = len(self.nodes), self.steps
            self.run(statement.body)
            self.known()
            self.steps += 1
            if not number:
                made, taken = len(self.nodes) - made, self.steps - taken
                self.check_size(made * (count - 1), taken * (count - 1), statement.span)
        self.finish(statement.name, statement.answers)

    def assign(self, statement: Assign) -> None:
        """`let` and `param`. A param of the whole spec may be set from outside."""
        name = statement.name.text
        value = self.value(statement.value)
        if statement.overridable:
            if self.in_block:
                message = "a param is a value of the whole spec, and cannot stand in a block"
                self.fail(message, statement.span, "`let` can")
            value = self.override(name, value)
        self.scope.values[name] = value

    def override(self, name: str, value: Value) -> Value:
        """What the caller of the whole spec sets a param to, or the `use` of this file; else its own value."""
        self.own.add(name)
        self.params[name] = None
        given = self.given.get(name)
        if isinstance(given, Source):
            self.unset.pop(name, None)
            given = self.value(parser.parse_value(given, arithmetic=True))
            self.changed = self.changed or given != value
        return value if given is None else given

    def define(self, statement: Define) -> None:
        """Remember a block. Its name must not be a kind's or a keyword."""
        name = statement.name.text
        if name.lower() in ALIASES or name.lower() in parser.KEYWORDS or _is_kind_with_rank(name.lower()):
            what = "a kind of layer" if name.lower() not in parser.KEYWORDS else "a word of the language"
            self.fail(f"`{name}` is {what} already", statement.name.span, "choose another name for the block")
        # Weighed now, while only the blocks above it are known, so that a long chain of them is no deep one.
        self.weigh(statement.body)
        blocks = self.scope.blocks
        known = blocks.setdefault(name, _Block(statement, self.scope, len(blocks)))
        if known.definition is not statement:
            first = (known.definition.name.span, f"`{name}` was defined here")
            raise SpecError([Problem(f"`{name}` is defined twice", statement.name.span, "", (first,))])

    def use(self, statement: Use) -> None:
        """A shipped spec in this place, in a scope of its own; its answers speak of it alone."""
        name = statement.name.text
        if library.find(name) is None:
            hint = did_you_mean(name, library.names())
            self.fail(f"no shipped network is called {quote(name)}", statement.name.span, hint)
        if name in self.using:
            self.fail(f"{quote(name)} uses itself", statement.name.span)
        self.check_depth(statement.span)
        given = self.settings(statement)
        # What the caller sets goes to the outermost file that has such a param.
        given |= {key: value for key, value in self.given.items() if key not in self.own}
        statements = shipped(name)
        if self.nodes:
            self.known()
            statements = tuple([item for item in statements if not isinstance(item, InputStatement)])
        before = self.scope, self.in_block, self.using, self.given, self.own, self.calls
        self.scope, self.in_block, self.using = _Scope(), False, (*self.using, name)
        self.given, self.own, self.calls = given, set(), (statement.span, *self.calls)
        self.run(statements)
        self.scope, self.in_block, self.using, self.given, self.own, self.calls = before
        self.finish(statement.as_name, statement.answers)

    def settings(self, statement: Use) -> dict[str, Value | Source]:
        """The params that a `use` sets: those of the file, or of one that it uses in its turn."""
        name = statement.name.text
        known = list(params(name))
        given: dict[str, Value | Source] = {}
        for argument in statement.arguments:
            key = argument.text.partition("=")[0].strip()
            if not argument.key or argument.stuck or key not in known:
                hint = did_you_mean(key, known) or listed("its params are", known) or "it has none"
                self.fail(f"{quote(name)} has no param {quote(key)}", argument.span, hint)
            given[key] = self.value(argument.value)
        return given

    # The input.

    def take_input(self, statement: InputStatement) -> None:
        """The shape that goes in, unless the caller gives another."""
        if self.nodes:
            self.known()
            self.fail("`input` may stand only once, before the first layer", statement.span)
        shape = self.input_shape(statement)
        if self.options.input is not None:
            given = self.given_input()
            self.changed = self.changed or given != shape
            shape = given
        self.place_input(shape, statement.span)

    def given_input(self) -> Shape:
        """The input that the caller gives."""
        source = Source("--input", f"input {self.options.input.text}")  # type: ignore[union-attr]
        problems = Problems()
        statements = parser.parse(source, problems)
        problems.stop()
        if len(statements) != 1 or not isinstance(statements[0], InputStatement):
            self.fail("expected one size", Span(source, 6, len(source.text)), "for example `224x224x3`")
        return self.input_shape(statements[0])

    def input_shape(self, statement: InputStatement) -> Shape:
        """`input SIZE [channels-first]`."""
        sizes = [argument for argument in statement.arguments if argument.text.lower() not in _LAYOUTS]
        layouts = [argument.text.lower() for argument in statement.arguments if argument.text.lower() in _LAYOUTS]
        if len(sizes) != 1 or len(layouts) > 1:
            unexpected = sizes[1].span if len(sizes) > 1 else statement.span
            self.fail("`input` takes one size", unexpected, "for example `input 224x224x3`")
        argument = sizes[0]
        self.sizing = True
        try:
            value = self.value(Name(argument.text, argument.span) if argument.key else argument.value)
        finally:
            self.sizing = False
        try:
            dims = Sizes().read(value)
        except ValueError as error:
            raise SpecError([Problem(f"an extent of the input {error}", argument.span)]) from None
        self.ambiguous = len(dims) == 2 and not layouts
        if self.ambiguous and self.image:
            dims = (*dims, 1)
        return Shape(dims[1:], dims[0]) if "channels-first" in layouts else Shape(dims[:-1], dims[-1])

    def start(self) -> None:
        """Make sure that there is an input."""
        if self.nodes:
            return
        if self.options.input is not None:
            self.place_input(self.given_input(), None)
        else:
            self.notes.append(Note("assumed-input", f"no input is given: {ASSUMED_INPUT} is taken"))
            self.place_input(ASSUMED_INPUT, None)

    def place_input(self, shape: Shape, span: Span | None) -> None:
        """Node 0."""
        if self.ambiguous and self.image:
            height, width = shape.extents
            text = f"the input {height}x{width} is read as an image with one channel, {shape}"
            self.notes.append(Note("input-as-image", text))
            self.ambiguous = False
        elif self.ambiguous:
            text = f"the input {shape} is read as a sequence of {shape.extents[0]} steps with {shape.channels} channels"
            hint = f"; an image with one channel is written {shape}x1"
            self.notes.append(Note("input-as-sequence", text + hint))
        self.nodes.append(Node(None, (), (), shape, None, span))
        self.scope.tensors["input"] = _Tensor(0, None)
        self.current = 0

    def decide(self, layer: Layer) -> None:
        """The first kernel decides what two numbers of an input are."""
        along_axes = [
            argument
            for argument in layer.arguments
            if isinstance(argument.type, (Sizes, Steps, Cells, Factor)) and not isinstance(argument.type, Dims)
        ]
        values = [getattr(layer, argument.name) for argument in along_axes]
        if layer.rank == 2 or any(isinstance(value, tuple) and len(value) == 2 for value in values):
            raise _ReadAsImage
        self.ambiguous = layer.rank is None and not any(argument.positional for argument in along_axes)

    # Names and values.

    def value(self, expression: Expression) -> Value:
        """The value of an expression."""
        return evaluate(expression, self.lookup)

    def lookup(self, name: Name) -> Value:
        """What a word means: a variable, a dimension, a constant, a size with names in it, a symbol, a word."""
        text = name.text
        for scope in self.scope.chain():
            if text in scope.values:
                value = scope.values[text]
                if value is None:
                    raise _Unknown
                return value
        if text.lower() in DIMENSIONS:
            return self.dimension(text.lower(), name.span)
        if text.lower() in CONSTANTS:
            return CONSTANTS[text.lower()]
        size = split_size(text)
        if size and all(self.can_be_size(atom) for part in size for atom in part):
            return self.size(size, name.span)
        if is_symbol(text):
            return symbol(text, name.span)
        if text.lower() in WORDS:
            return text.lower()
        known = {word for scope in self.scope.chain() for word in scope.values}
        hint = did_you_mean(text, [*known, *CONSTANTS, *WORDS, *DIMENSIONS])
        self.fail(f"unknown name {quote(text)}", name.span, hint)

    def dimension(self, name: str, span: Span) -> Value:
        """`channels` of the current tensor, or `height` and the like. Raises `SpecError` if it has no such axis."""
        if self.sizing:
            self.fail(f"the size of the input cannot depend on `{name}`", span)
        self.start()
        shape = self.nodes[self.known()].shape
        if self.ambiguous and name in AXIS_NAMES[2]:
            raise _ReadAsImage
        names = (*AXIS_NAMES[shape.rank], "channels")
        if name not in names:
            message = f"the tensor here has no {name}: it is {shape.described()}"
            self.fail(message, span, listed("it has", names))
        return shape.dims[names.index(name)]

    def can_be_size(self, atom: str) -> bool:
        """Whether a part of `kxk` is a number, or a name with a meaning."""
        return atom == "_" or is_number(atom) or self.defined(atom) or is_symbol(atom)

    def size(self, parts: list[list[str]], span: Span) -> Value:
        """The value of `kxk` or `0:k`."""
        atoms = [[self.atom(atom, span) for atom in part] for part in parts]
        values = [Pair(*part) if len(part) > 1 else part[0] for part in atoms]
        return tuple(values) if len(values) > 1 else values[0]

    def atom(self, atom: str, span: Span) -> Value:
        """The value of one part."""
        if atom == "_":
            return KEEP
        return int(atom) if is_number(atom) else self.lookup(Name(atom, span))

    def defined(self, text: str) -> bool:
        """Whether a name has a value."""
        return text.lower() in DIMENSIONS or any(text in scope.values for scope in self.scope.chain())

    def tensor(self, name: Name) -> int:
        """The node that a name stands for."""
        text = "input" if name.text.lower() == "input" else name.text
        for scope in self.scope.chain():
            if text in scope.tensors:
                node = scope.tensors[text].node
                if node is None:
                    raise _Unknown
                return node
        known = [word for scope in self.scope.chain() for word in scope.tensors]
        hint = did_you_mean(name.text, known) or listed("named tensors are", known)
        if known == ["input"]:
            hint = "a layer gets a name by `as`, as in `conv 64 3x3 as c1`"
        self.fail(f"no tensor is called {quote(name.text)}", name.span, hint)

    def finish(self, name: Name | None, answers: tuple[AnswerText, ...]) -> None:
        """`as NAME` and `-> ANSWERS` of the layer that was just made."""
        if name is None and not answers:
            return
        current = self.known()
        if name is not None:
            self.call_tensor(name, moves=False)
            if current and current not in self.named:
                self.named[current] = self.unique(name.text)
        self.take_answers(current, answers)

    def take_answers(self, node: int | None, answers: tuple[AnswerText, ...]) -> None:
        """Answers about a layer, or the whole network; those of a spec that is used speak of it alone."""
        if not self.using:
            self.answers += [(node, answer) for answer in answers]

    def call_tensor(self, name: Name, *, moves: bool) -> None:
        """Give the current tensor a name. A layer's own name does not move to another statement's layer."""
        known = self.scope.tensors.get(name.text)
        if known is not None and known.span != name.span and not (known.moves and moves):
            related = ((known.span, "the first stands here"),) if known.span is not None else ()
            raise SpecError([Problem(f"the name `{name.text}` is given twice", name.span, "", related)])
        self.scope.tensors[name.text] = _Tensor(self.known(), name.span, moves)

    def unique(self, name: str) -> str:
        """The name, with a number from the second time on: in a block that is called twice."""
        while (copies := self.copies.get(name, 0) + 1) > 1:
            self.copies[name] = copies
            name = f"{name}_{copies}"
        self.copies[name] = 1
        return name

    def known(self) -> int:
        """The current tensor."""
        if self.current is None:
            raise _Unknown
        return self.current

    def find_block(self, name: str) -> _Block | None:
        """The block of that name, if one is defined above: here, or above the blocks that are being called."""
        known = MOST_LAYERS
        for scope in self.scope.chain():
            block = scope.blocks.get(name)
            if block is not None and block.order < known:
                return block
            known = scope.known
        return None

    def find_kind(self, statement: LayerStatement) -> tuple[type[Layer], int | None]:
        """The kind of that name, and the rank if it says one."""
        name = statement.kind.lower()
        if name in ALIASES:
            rank = int(name[-2]) if name.endswith(("1d", "2d", "3d")) else None
            return KINDS[ALIASES[name]], rank
        span = statement.span._replace(end=statement.span.start + len(statement.kind))
        self.unknown_kind(statement.kind, span)

    def unknown_kind(self, word: str, span: Span) -> NoReturn:
        """Say what was probably meant."""
        blocks = {name for scope in self.scope.chain() for name in scope.blocks}
        if word in blocks:
            self.fail(f"a block can only call blocks that are defined above it; {quote(word)} is not", span)
        hint = did_you_mean(word, [*blocks, *ALIASES, *parser.KEYWORDS])
        network = parser.NETWORK.match(span.source.text, span.start)
        if not hint and network and network[0] in library.names():
            hint = f"a shipped network is put in place by `use {network[0]}`"
        self.fail(f"unknown kind {quote(word)}", span, hint or "`cnncalc layers` lists the kinds")

    @contextmanager
    def inside(self, branch: Branch) -> Iterator[None]:
        """In a branch; names that it gives stay known."""
        outer, self.branch = self.branch, branch
        try:
            yield
        finally:
            self.branch = outer

    def fail(self, message: str, span: Span, hint: str = "") -> NoReturn:
        """Give up on this statement."""
        raise SpecError([Problem(message, span, hint)])

    # The bound on the size.

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

    def check_size(self, layers: int, steps: int, span: Span) -> None:
        """Refuse what would make too many layers, or take too many steps however many layers it makes."""
        if len(self.nodes) + layers > MOST_LAYERS + 1:
            self.refuse(TOO_MANY_LAYERS, span)
        if self.steps + steps > MOST_IDLE_STEPS + MOST_STEPS_A_LAYER * MOST_LAYERS:
            self.refuse("these are too many statements", span)

    def check_depth(self, span: Span) -> None:
        """Refuse what nests too deep."""
        if self.depth > DEEPEST_EXPANSION:
            self.fail(f"blocks and braces nest more than {DEEPEST_EXPANSION} deep here", span)

    def refuse(self, message: str, span: Span) -> NoReturn:
        """A spec that is too large ends here, whatever else it holds. If it is wrong already, that is enough."""
        if not self.problems.found:
            self.problems.add(Problem(message, span))
        raise _Refused


TOO_MANY_LAYERS: Final = f"this would expand to more than {MOST_LAYERS:,} layers"
_LAYOUTS: Final = ("channels-first", "channels-last")


def _is_kind_with_rank(name: str) -> bool:
    """Whether a name looks like a kind with its rank."""
    match = _KIND_WITH_RANK.fullmatch(name)
    return match is not None and match[1] in ALIASES


@cache
def shipped(name: str) -> tuple[Statement, ...]:
    """The statements of a shipped network. Raises `SpecError` if it is broken."""
    problems = Problems()
    statements = parser.parse(library.read(name), problems)
    problems.stop()
    return statements


@cache
def params(name: str) -> tuple[str, ...]:
    """The params of a shipped network, and of those that it uses in its turn."""
    found: dict[str, None] = {}
    waiting = list(shipped(name))
    seen = {name}
    for statement in waiting:
        if isinstance(statement, Assign) and statement.overridable:
            found[statement.name.text] = None
        elif isinstance(statement, Use) and statement.name.text not in seen and library.find(statement.name.text):
            seen.add(statement.name.text)
            waiting += shipped(statement.name.text)
    return tuple(found)


def is_symbol(text: str) -> bool:
    """Whether a name can be a symbol: a letter, perhaps with digits; `x` separates sizes."""
    return _SYMBOL.fullmatch(text) is not None


def symbol(text: str, span: Span) -> Algebra:
    """A symbol. Raises `SpecError` if SymPy, which calculates with them, is not installed."""
    try:
        from cnncalc.symbols import Symbolic  # noqa: PLC0415  SymPy takes a third of a second to import
    except ImportError:
        message = f"{quote(text)} is a symbol, and calculating with symbols needs SymPy"
        hint = 'install it by `pip install "cnncalc[symbolic]"`, or put a number in its place'
        raise MissingExtraError([Problem(message, span, hint)]) from None
    return Symbolic.named(text)
