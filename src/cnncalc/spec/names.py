"""What words mean: values, tensors and blocks by their names, here and further out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from numbers import Rational
from typing import Final, NamedTuple, NoReturn

from cnncalc import library
from cnncalc.algebra import Algebra
from cnncalc.layers import ALIASES, KINDS, Layer
from cnncalc.layers.activation import ACTIVATION_WORDS
from cnncalc.shapes import AXIS_NAMES, Shape
from cnncalc.spec import parser
from cnncalc.spec.expressions import CONSTANTS, KEEP, Expression, Name, Pair, Value, evaluate
from cnncalc.spec.source import MissingExtraError, Problem, Span, SpecError, did_you_mean, fail, listed, quote
from cnncalc.spec.statements import Define, LayerStatement
from cnncalc.spec.words import is_number, split_size

# What a name means where nothing defines it: the channels of the current tensor, or its extent along an axis.
DIMENSIONS: Final = ("channels", "length", "depth", "height", "width")
WORDS: Final = frozenset(ACTIVATION_WORDS) | {"same", "valid", "full", "causal", "nearest", "bilinear"}
_NUMBERS: Final = (int, float, Rational, Algebra, tuple)
_KIND_WITH_RANK: Final = re.compile(r"([a-z0-9]+?)([123])d")
_SYMBOL: Final = re.compile(r"[A-Za-wyz][0-9]*|X[0-9]+", re.ASCII)


class Unknown(Exception):  # noqa: N818  no error: the error behind it is noted already
    """Something depends on what could not be understood; its problem is noted already."""


class Block(NamedTuple):
    """A `def`, with the scope that it stands in and its place among the others."""

    definition: Define
    scope: Scope
    order: int


class Named(NamedTuple):
    """What a name stands for: a node, None if it is not known, and where it was given; by a `Mark` it may move."""

    node: int | None
    span: Span | None
    moves: bool = False


class Scope:
    """Names and what they mean, here and further out: there, only the first `known` blocks.

    `owned` has for each shared block the nodes of its first call.
    """

    def __init__(self, outer: Scope | None = None, known: int = 0) -> None:
        self.outer = outer
        self.known = known
        self.values: dict[str, Value | None] = {}
        self.tensors: dict[str, Named] = {}
        self.blocks: dict[str, Block] = {}
        self.owned: dict[str, range] = {}

    def chain(self) -> Iterator[Scope]:
        """This scope and those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer


class Names:
    """The scope of the statement at hand, and what words mean in it.

    `shape_asked(dimension, span)` gives the shape of the tensor there.
    """

    def __init__(self, shape_asked: Callable[[str, Span], Shape]) -> None:
        self.shape_asked = shape_asked
        self.scope = Scope()

    # Values.

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
                    raise Unknown
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
        fail(f"unknown name {quote(text)}", name.span, hint)

    def numbers_in(self, text: str) -> dict[str, Value]:
        """The names in a text that stand for numbers or sizes here, the innermost first."""
        if text.isdecimal():
            return {}
        return {
            name: value
            for scope in reversed([*self.scope.chain()])
            for name, value in scope.values.items()
            if name in text and isinstance(value, _NUMBERS) and not isinstance(value, bool)
        }

    def dimension(self, name: str, span: Span) -> Value:
        """`channels` of the current tensor, or `height` and the like. Raises `SpecError` if it has no such axis."""
        shape = self.shape_asked(name, span)
        names = (*AXIS_NAMES[shape.rank], "channels")
        if name not in names:
            message = f"the tensor here has no {name}: it is {shape.described()}"
            fail(message, span, listed("it has", names))
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

    # Tensors.

    def tensor(self, name: Name) -> int:
        """The node that a name stands for."""
        text = "input" if name.text.lower() == "input" else name.text
        for scope in self.scope.chain():
            if text in scope.tensors:
                node = scope.tensors[text].node
                if node is None:
                    raise Unknown
                return node
        known = [word for scope in self.scope.chain() for word in scope.tensors]
        hint = did_you_mean(name.text, known) or listed("named tensors are", known)
        if known == ["input"]:
            hint = "a layer gets a name by `as`, as in `conv 64 3x3 as c1`"
        fail(f"no tensor is called {quote(name.text)}", name.span, hint)

    def call_tensor(self, name: Name, node: int | None, *, moves: bool) -> None:
        """Give a node a name. A layer's own name does not move to another statement's layer."""
        known = self.scope.tensors.get(name.text)
        if known is not None and known.span != name.span and not (known.moves and moves):
            related = ((known.span, "the first stands here"),) if known.span is not None else ()
            raise SpecError([Problem(f"the name `{name.text}` is given twice", name.span, "", related)])
        if node is None:
            raise Unknown
        self.scope.tensors[name.text] = Named(node, name.span, moves)

    # Blocks and kinds.

    def define(self, statement: Define) -> None:
        """Remember a block. Its name must not be a kind's or a keyword."""
        name = statement.name.text
        if name.lower() in ALIASES or name.lower() in parser.KEYWORDS or _is_kind_with_rank(name.lower()):
            what = "a kind of layer" if name.lower() not in parser.KEYWORDS else "a word of the language"
            fail(f"`{name}` is {what} already", statement.name.span, "choose another name for the block")
        blocks = self.scope.blocks
        known = blocks.setdefault(name, Block(statement, self.scope, len(blocks)))
        if known.definition is not statement:
            first = (known.definition.name.span, f"`{name}` was defined here")
            raise SpecError([Problem(f"`{name}` is defined twice", statement.name.span, "", (first,))])

    def find_block(self, name: str) -> Block | None:
        """The block of that name, if one is defined above: here, or above the blocks that are being called."""
        known: float = math.inf
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
            fail(f"a block can only call blocks that are defined above it; {quote(word)} is not", span)
        hint = did_you_mean(word, [*blocks, *ALIASES, *parser.KEYWORDS])
        network = parser.NETWORK.match(span.source.text, span.start)
        if not hint and network and network[0] in library.names():
            hint = f"a shipped network is put in place by `use {network[0]}`"
        fail(f"unknown kind {quote(word)}", span, hint or "`cnncalc layers` lists the kinds")


def _is_kind_with_rank(name: str) -> bool:
    """Whether a name looks like a kind with its rank."""
    match = _KIND_WITH_RANK.fullmatch(name)
    return match is not None and match[1] in ALIASES


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
