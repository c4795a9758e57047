"""The `?`s of a spec: where they stand, what they are called, what values are tried, and how values are put in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple, NoReturn

from cnncalc.layers import ALIASES, KINDS
from cnncalc.layers.arguments import Arg, Cells, Count, Dims, Factor, Sizes, Steps
from cnncalc.shapes import AXIS_NAMES
from cnncalc.solving.interval import Interval
from cnncalc.spec.bind import bind
from cnncalc.spec.expressions import Join, Unknown
from cnncalc.spec.source import Problem, Source, Span, SpecError
from cnncalc.spec.statements import (
    Argument,
    Aside,
    Assign,
    Choose,
    Define,
    InputStatement,
    LayerStatement,
    Repeat,
    Statement,
    Use,
)

# The values that are tried for a `?`, by what it stands for; `--bound` sets others.
BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "height": (1, 1024),
    "width": (1, 1024),
    "depth": (1, 1024),
    "length": (1, 4096),
    "size": (1, 1024),
    "classes": (1, 1024),
    "channels": (1, 4096),
    "filters": (1, 4096),
    "units": (1, 65536),
    "kernel": (1, 64),
    "window": (1, 64),
    "stride": (1, 64),
    "padding": (0, 32),
    "dilation": (1, 64),
    "groups": (1, 1024),
    "multiplier": (1, 64),
    "output_padding": (0, 31),
    "times": (1, 64),
}
# Those that have no line of their own.
OTHER_BOUNDS: Final = (1, 512)
# More of them nobody asks for.
MOST_UNKNOWNS: Final = 100


class Slot(NamedTuple):
    """A number to be found: one `?`, or those of one size, `?x?`, which are the same if any number fits.

    `role` is what it stands for, a key of `BOUNDS` or the name of a value. A `spreads` slot is a single `?`
    that may be a number for each axis. A `stepwise` one decides what the spec expands to, and is tried value by
    value. `layer` is the statement that it stands in, if that is a layer; `use` is the place of the only layer that
    has it as an argument, which it came to by a name.
    """

    name: str
    role: str
    places: tuple[Span, ...]
    spreads: bool = False
    stepwise: bool = False
    layer: Span | None = None
    use: tuple[int, str] | None = None

    @property
    def is_size(self) -> bool:
        """Whether it is the size of the input along an axis, or all of them."""
        return self.name.startswith("input.") and self.name != "input.channels"

    def bounds(self, given: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
        """The values to be tried: those given for its name, for its role, or the usual ones."""
        return given.get(self.name) or given.get(self.role) or BOUNDS.get(self.role, OTHER_BOUNDS)


def find(statements: tuple[Statement, ...], *, image: bool) -> tuple[Slot, ...]:
    """The slots of a spec, in the order of the text; `image`: two numbers of an input are a height and a width.

    Raises `SpecError` for a `?` where no number can be found.
    """
    slots = tuple(_renamed(islice(_Finder(image=image).all(statements), MOST_UNKNOWNS + 1)))
    if len(slots) > MOST_UNKNOWNS:
        raise SpecError([Problem(f"more than {MOST_UNKNOWNS} numbers to be found", slots[-1].places[0])])
    return slots


def _renamed(slots: Iterable[Slot]) -> Iterator[Slot]:
    """From the second on, slots of one name have a number: those of a block that is called twice."""
    seen: Counter[str] = Counter()
    for slot in slots:
        seen[slot.name] += 1
        owner, dot, role = slot.name.partition(".")
        yield slot._replace(name=f"{owner}_{seen[slot.name]}{dot}{role}") if seen[slot.name] > 1 else slot


class _Finder:
    """A walk over statements that counts the layers of each kind, as they are called in a report."""

    def __init__(self, *, image: bool) -> None:
        self.image = image
        self.counts: dict[str, int] = {}

    def all(self, statements: tuple[Statement, ...]) -> Iterator[Slot]:
        """The slots in statements and in those within them."""
        for statement in statements:
            bodies = _bodies(statement)
            if isinstance(statement, LayerStatement) and bodies:
                for body in bodies:
                    yield from self.all(body)
                yield from self.own(statement)
            else:
                yield from self.own(statement)
                for body in bodies:
                    yield from self.all(body)

    def own(self, statement: Statement) -> Iterator[Slot]:
        """The slots in a statement itself."""
        match statement:
            case LayerStatement(kind) if kind.lower() in ALIASES:
                yield from self.of_layer(statement)
            case LayerStatement(_, arguments) | Use(_, arguments):
                called = statement.kind if isinstance(statement, LayerStatement) else statement.name.text
                for number, argument in enumerate(arguments, 1):
                    key = argument.text.partition("=")[0].strip() if "=" in argument.text else str(number)
                    yield from _stepwise(f"{called}.{key}", key, argument.value)
            case InputStatement(arguments, _):
                layouts = [argument.text.lower() for argument in arguments]
                for argument in arguments:
                    yield from self.of_input(argument, first="channels-first" in layouts)
            case Repeat(times):
                yield from _stepwise(f"{self.named('repeat')}.times", "times", times)
            case Assign(name, value, _, _):
                yield from _stepwise(name.text, name.text, value)
            case Choose(condition):
                yield from _stepwise("", "", condition, allowed=False)
            case Define(_, parameters):
                for parameter in parameters:
                    yield from _stepwise(parameter.name, parameter.name, parameter.default)

    def named(self, kind: str) -> str:
        """The kind with its number."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{kind}{self.counts[kind]}"

    def of_input(self, argument: Argument, *, first: bool) -> Iterator[Slot]:
        """The extents, which go together, and the channels."""
        if isinstance(argument.value, Unknown):
            yield Slot("input.channels", "units", (argument.value.span,))
        elif isinstance(argument.value, Join):
            parts = argument.value.parts
            both = self.image and len(parts) == 2
            axes = AXIS_NAMES[len(parts)] if both else AXIS_NAMES[len(parts) - 1]
            names = axes if both else (("channels", *axes) if first else (*axes, "channels"))
            places = {name: part.span for name, part in zip(names, parts, strict=True) if isinstance(part, Unknown)}
            extents = [name for name in places if name in axes]
            if len(extents) > 1:
                yield Slot("input.size", extents[0], tuple(places[name] for name in extents))
            for name, place in places.items():
                if name == "channels" or len(extents) == 1:
                    yield Slot(f"input.{name}", name, (place,))
        _refuse_rest(argument.value)

    def of_layer(self, statement: LayerStatement) -> Iterator[Slot]:
        """The slots among the arguments of a layer: those fields of it that a `?` has come to."""
        kind = ALIASES[statement.kind.lower()]
        name = statement.name.text if statement.name else self.named(kind)
        trials = {place.start: (place, Interval(1, 2)) for each in statement.arguments for place in _within(each.value)}
        if not trials:
            return
        values = {start: trial for start, (_, trial) in trials.items()}
        given = put(statement._replace(branches=None), values)
        layer = bind(KINDS[kind], None, given, lambda _: 1, lambda _: False).layer
        waiting = {id(trial): place for place, trial in trials.values()}
        for argument in layer.arguments:
            if isinstance(argument.type, (Count, Sizes, Steps, Cells, Factor)):
                for slot in _of_field(f"{name}.{argument.name}", argument, getattr(layer, argument.name), waiting):
                    yield slot._replace(layer=statement.span)
        for place in waiting.values():
            _refuse(place)


def _of_field(name: str, argument: Arg, value: Any, waiting: dict[int, Span]) -> Iterator[Slot]:
    """The slots that one argument of a layer holds; its `?`s are no longer waiting."""
    parts = [part[0] if type(part) is tuple else part for part in (value if type(value) is tuple else (value,))]
    places = {axis: waiting.pop(id(part)) for axis, part in enumerate(parts) if id(part) in waiting}
    role = argument.name
    if isinstance(argument.type, Dims):
        for number, place in places.items():
            yield Slot(f"{name}.{number + 1}", role, (place,))
    elif len(places) > 1 or (places and len(parts) == 1):
        spreads = len(parts) == 1 and isinstance(argument.type, (Sizes, Steps, Cells))
        yield Slot(name, role, tuple(places.values()), spreads)
    else:
        for axis, place in places.items():
            yield Slot(f"{name}.{AXIS_NAMES[len(parts)][axis]}", role, (place,))


def _stepwise(name: str, role: str, value: Any, *, allowed: bool = True) -> Iterator[Slot]:
    """The slot of a value that may decide what the spec expands to."""
    if allowed and isinstance(value, Unknown):
        yield Slot(name, role, (value.span,), stepwise=True)
    else:
        for place in _within(value):
            _refuse(place)


def _refuse_rest(value: Any) -> None:
    """Refuse a `?` that stands within an expression."""
    for part in value.parts if isinstance(value, Join) else (value,):
        if not isinstance(part, Unknown):
            for place in _within(part):
                _refuse(place)


def _refuse(place: Span) -> NoReturn:
    """Say where a `?` may stand."""
    message = "a `?` stands for a whole number by itself; it cannot be found here"
    raise SpecError([Problem(message, place, "name it by `let k = ?`, and write `k` here")])


def _bodies(statement: Statement) -> tuple[tuple[Statement, ...], ...]:
    """The statements within a statement."""
    match statement:
        case LayerStatement(branches=branches):
            return branches or ()
        case Repeat(body=body) | Define(body=body) | Aside(body=body):
            return (body,)
        case Choose(then=then, otherwise=otherwise):
            return then, otherwise
    return ()


def _within(item: Any) -> Iterator[Span]:
    """The places of all `?`s in a part of a spec."""
    if isinstance(item, Unknown):
        yield item.span
    elif isinstance(item, tuple) and not isinstance(item, (Span, Source)):
        for part in item:
            yield from _within(part)


def holds_unknown(statement: Statement) -> bool:
    """Whether a `?` stands in a statement, or in one within it."""
    return next(_within(statement), None) is not None


def put(item: Any, values: Mapping[int, Any]) -> Any:
    """A part of a spec with values for its `?`s, by where each of them starts in the text."""
    if isinstance(item, Unknown):
        return values[item.span.start]
    if not isinstance(item, tuple) or isinstance(item, (Span, Source)):
        return item
    parts = [put(part, values) for part in item]
    if all(new is old for new, old in zip(parts, item, strict=True)):
        return item
    filled: Any = type(item)(*parts) if hasattr(item, "_fields") else tuple(parts)
    # The same words may have other values elsewhere: layers are told apart by the text of their arguments.
    return filled._replace(text=f"{item.text}@{item.span.start}") if isinstance(item, Argument) else filled


def written(source: Source, values: Mapping[int, Any]) -> Source:
    """The text of a spec with values for its `?`s, a tuple as a size."""
    text, end = "", 0
    for start in sorted(values):
        value = values[start]
        size = "x".join(map(str, value)) if isinstance(value, tuple) else str(value)
        text += source.text[end:start] + size
        end = start + 1
    return source._replace(text=text + source.text[end:])
