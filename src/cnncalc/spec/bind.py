"""A statement's arguments to the fields of its kind, or to the parameters of its block."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple, NoReturn

from cnncalc.layers import Layer
from cnncalc.layers.arguments import Arg, Count, Flag, Sizes
from cnncalc.spec.expressions import Expression, Name, Value, evaluate
from cnncalc.spec.source import MissingExtraError, Problem, Span, SpecError, did_you_mean, fail, listed, quote
from cnncalc.spec.statements import Argument, Define, LayerStatement

_PRODUCT: Final = re.compile(r"[0-9]{1,9}\*[0-9]{1,9}")
_STUCK_SYMBOL: Final = re.compile(r"([a-z]+?)([A-Za-wyz][0-9]*)", re.ASCII)


class Binding(NamedTuple):
    """A layer, where each of its arguments stands, whether something had to be assumed, and what was looked up.

    The same statement gives the same layer wherever the names in `lookups` have the same values; None stands for
    a name that has none.
    """

    layer: Layer
    places: Mapping[str, Span]
    assumed: bool
    lookups: tuple[tuple[Name, Value | None], ...]


class _Table(NamedTuple):
    """The arguments of a kind, by what they are called in a spec."""

    positional: tuple[Arg, ...]
    keys: Mapping[str, Arg]
    words: Mapping[str, tuple[Arg, Any]]


@cache
def _table(kind: type[Layer]) -> _Table:
    keys = {key: argument for argument in kind.arguments for key in argument.keys}
    words = {word: (argument, value) for argument in reversed(kind.arguments) for word, value in argument.words.items()}
    return _Table(tuple(argument for argument in kind.arguments if argument.positional), keys, words)


def bind(
    kind: type[Layer],
    rank: int | None,
    statement: LayerStatement,
    lookup: Callable[[Name], Value],
    defined: Callable[[str], bool],
) -> Binding:
    """The layer that a statement describes; `lookup` gives names their values, `defined` tells which have one.

    Raises `SpecError` at the argument that the kind does not have, or that has a value it cannot have.
    """
    return _Binder(kind, statement, lookup, defined).bind(rank)


class _Binder:
    """One statement."""

    def __init__(
        self,
        kind: type[Layer],
        statement: LayerStatement,
        lookup: Callable[[Name], Value],
        defined: Callable[[str], bool],
    ) -> None:
        self.kind = kind
        self.statement = statement
        self.table = _table(kind)  # type: ignore[arg-type]  # a class can be hashed, its own `__hash__` is its layers'
        self.lookup_name = lookup
        self.is_defined = defined
        self.lookups: list[tuple[Name, Value | None]] = []
        self.values: dict[str, Any] = {}
        self.places: dict[str, Span] = {}

    def bind(self, rank: int | None) -> Binding:
        """Options by their keys and words, the rest by position."""
        positional = [argument for argument in self.statement.arguments if not self.take_option(argument)]
        assumed = self.take_positional(positional)
        layer = self.kind(rank=rank, **self.values)
        return Binding(layer, self.places, assumed, tuple(self.lookups))

    def lookup(self, name: Name) -> Value:
        """The value of a name; the layer depends on it."""
        value = self.lookup_name(name)
        self.lookups.append((name, value))
        return value

    def defined(self, argument: Argument) -> bool:
        """Whether an argument is a name that has a value; else the layer depends on that it has none."""
        if self.is_defined(argument.text):
            return True
        self.lookups.append((Name(argument.text, argument.span), None))
        return False

    def take_option(self, argument: Argument) -> bool:
        """Set a field by a word or a key; False for a value that stands for itself."""
        text = argument.text.lower()
        if not argument.key or argument.stuck:
            word = self.table.words.get(text)
            if word is not None:
                self.set(word[0], word[1], argument.span)
                return True
            if not argument.stuck:
                return isinstance(argument.value, Name) and self.take_stuck_symbol(argument)
        option = self.table.keys.get(argument.key)
        if option is None:
            if argument.stuck:
                return False
            self.unknown(argument.text.partition("=")[0].strip(), argument.span)
        if argument.stuck and (argument.key != option.short or self.defined(argument)):
            return False
        self.read(option, argument.value, argument.span)
        return True

    def take_stuck_symbol(self, argument: Argument) -> bool:
        """`sS`, `pP`: a short option with a symbol, or `sk` with a name, stuck to it."""
        match = _STUCK_SYMBOL.fullmatch(argument.text)
        option = self.table.keys.get(match[1]) if match else None
        if match is None or option is None or option.short != match[1] or self.defined(argument):
            return False
        span = argument.span._replace(start=argument.span.start + len(match[1]))
        self.read(option, Name(match[2], span), argument.span)
        return True

    def take_positional(self, arguments: list[Argument]) -> bool:
        """The values in their order. Returns whether one was assumed, because only the next one fits."""
        slots = [slot for slot in self.table.positional if slot.name not in self.values]
        assumed = False
        if slots and getattr(slots[0].type, "variadic", False) and arguments:
            span = arguments[0].span._replace(end=arguments[-1].span.end)
            self.read(slots[0], tuple(argument.text for argument in arguments), span)
            return False
        for argument in arguments:
            if not slots:
                self.too_many(argument)
            value = self.value(argument)
            if slots[0].assumed is not None and isinstance(value, tuple) and len(slots) > 1:
                self.set(slots[0], slots[0].assumed, argument.span)
                del slots[0]
                assumed = True
            self.read(slots.pop(0), value, argument.span)
        missing = [slot for slot in slots if slot.required]
        if missing:
            self.missing(missing[0])
        return assumed

    def value(self, argument: Argument) -> Value:
        """The value of a positional argument. A word that is no name is an option that the kind lacks."""
        value = argument.value
        if argument.stuck:
            value = Name(argument.text, argument.span)
        if not isinstance(value, Name):
            return evaluate(value, self.lookup)
        try:
            return self.lookup(value)
        except SpecError as error:
            if isinstance(error, MissingExtraError) or self.is_defined(value.text):
                raise
            self.unknown(value.text, argument.span, error.hint)

    def read(self, argument: Arg, value: Any, span: Span) -> None:
        """Check a value and set the field."""
        if isinstance(value, Name) and value.text.lower() in (*getattr(argument.type, "words", ()), *argument.words):
            value = value.text.lower()  # `axis=h` speaks of an axis, not of a symbol
        try:
            value = evaluate(value, self.lookup)
        except SpecError as error:
            choices = self.choices(argument)
            if isinstance(value, Name) and choices and not isinstance(error, MissingExtraError):
                hint = did_you_mean(value.text, choices) or listed("it is one of", choices)
                raise SpecError([error.problems[0]._replace(hint=hint)]) from None
            raise
        if isinstance(value, str):
            value = argument.words.get(value, value)
        try:
            read = argument.type.read(value)
        except ValueError as error:
            raise SpecError([Problem(f"{argument.name} {error}", span, self.hint(argument, value))]) from None
        self.set(argument, read, span)

    def hint(self, argument: Arg, value: Any) -> str:
        """What may be meant by a value that does not fit."""
        if isinstance(value, str):
            return did_you_mean(value, self.choices(argument))
        if isinstance(value, tuple) and isinstance(argument.type, Count) and len(value) > 1:
            return "a bare `2*3` is a size; arithmetic stands in parentheses: `(2*3)`"
        return ""

    def set(self, argument: Arg, value: Any, span: Span) -> None:
        """Set a field, once."""
        if argument.name in self.places:
            first = self.places[argument.name]
            message = f"{argument.name} is given twice: {quote(first.text)} and {quote(span.text)}"
            raise SpecError([Problem(message, span)])
        self.values[argument.name] = value
        self.places[argument.name] = span

    @staticmethod
    def choices(argument: Arg) -> list[str]:
        """The words that may stand for a value of an argument, behind its key."""
        if isinstance(argument.type, Flag):
            return ["yes", "no"]
        return list(dict.fromkeys((*getattr(argument.type, "words", ()), *argument.words)))

    def words(self) -> list[str]:
        """Everything that may be an option of the kind."""
        return [*self.table.words, *self.table.keys]

    def unknown(self, key: str, span: Span, hint: str = "") -> NoReturn:
        """An option that the kind does not have, or one that lacks its value."""
        if key.lower() in self.table.keys:
            message = f"{quote(key)} needs a value"
            raise SpecError([Problem(message, span, f"`{key.lower()}=...`")])
        hint = did_you_mean(key, self.words()) or hint or self.usage()
        raise SpecError([Problem(f"`{self.kind.kind}` has no option {quote(key)}", span, hint)])

    def usage(self) -> str:
        """The arguments of the kind, for a hint."""
        keys = [argument.name for argument in self.kind.arguments]
        return f"`{self.kind.kind}` takes {', '.join(keys)}" if keys else f"`{self.kind.kind}` takes no arguments"

    def too_many(self, argument: Argument) -> NoReturn:
        """One value more than the kind has places for, or a word that it does not know."""
        if (isinstance(argument.value, Name) or argument.stuck) and not self.is_defined(argument.text):
            self.unknown(argument.text, argument.span)
        product = next((other.text for other in self.statement.arguments if _PRODUCT.fullmatch(other.text)), "")
        taken = [self.places[slot.name].text for slot in self.table.positional if slot.name in self.places]
        keyed = [text for text in taken if "=" in text]
        hint = f"{quote(keyed[0])} is given already" if keyed else self.usage()
        if product:
            hint = f"`{product}` is a size; arithmetic stands in parentheses: `({product})`"
        message = f"`{self.kind.kind}` has no place for {quote(argument.text)}"
        raise SpecError([Problem(message, argument.span, hint)])

    def missing(self, slot: Arg) -> NoReturn:
        """A value that has to be given. `conv 3` may be meant in two ways; show both."""
        kind = self.statement.kind
        hint = self.usage()
        filters = self.values.get("filters")
        if isinstance(slot.type, Sizes) and isinstance(filters, int):
            hint = (
                f"`{kind} {filters} 3x3` is {filters} filters of 3x3; "
                f"`{kind} {filters}x{filters}` is one filter of {filters}x{filters}"
            )
        message = f"`{self.kind.kind}` needs {slot.name}: {slot.doc}"
        raise SpecError([Problem(message, self.statement.span, hint)])


def bind_block(
    definition: Define, statement: LayerStatement, evaluated: Callable[[Expression], Value]
) -> dict[str, Value | None]:
    """The values of a block's parameters in a call. Raises `SpecError` where they do not fit."""
    names = [parameter.name for parameter in definition.parameters]
    values: dict[str, Value | None] = {}
    free = list(names)
    for argument in statement.arguments:
        if argument.key and not argument.stuck:
            name = _parameter(argument.text.partition("=")[0].strip(), names, definition, argument.span)
            value = argument.value
        else:
            value = Name(argument.text, argument.span) if argument.stuck else argument.value
            if not free:
                message = f"{quote(argument.text)} is one argument too many for `{definition.name.text}`"
                fail(message, argument.span, listed("its parameters are", names))
            name = free[0]
        if name in values:
            fail(f"`{name}` is given twice", argument.span)
        values[name] = evaluated(value)
        free.remove(name)
    for parameter in definition.parameters:
        if parameter.name not in values:
            if parameter.default is None:
                fail(f"`{definition.name.text}` needs `{parameter.name}`", statement.span)
            values[parameter.name] = evaluated(parameter.default)
    return values


def _parameter(key: str, names: list[str], definition: Define, span: Span) -> str:
    """The parameter of a block that `key=` means."""
    if key not in names:
        hint = did_you_mean(key, names) or listed("its parameters are", names)
        fail(f"`{definition.name.text}` has no parameter {quote(key)}", span, hint)
    return key
