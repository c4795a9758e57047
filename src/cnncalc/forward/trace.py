"""What a layer computes, written out as a textbook does: `20·1 + 24·0 + 11·(-1) = 9`.

No formula stands here. The layer's own `forward` is run on numbers that keep what was done to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import product as combinations
from math import prod
from typing import Any, Final, NamedTuple

from cnncalc.forward.face import applied, settled
from cnncalc.forward.reading import fail, size
from cnncalc.forward.tensor import Position, Tensor, Weights, divide, indices
from cnncalc.infer import Record
from cnncalc.layers.base import Layer
from cnncalc.written import ATOM, MINUS, QUOTIENT, SUM, Text, as_text

# More than these products are not written down: nobody reads them, and each takes memory until all are done.
MOST_PRODUCTS: Final = 2_000_000
# How a zero of the padding is written.
PADDED: Final = "(0)"


class Working(NamedTuple):
    """How one value of a layer's output comes about: lines such as `1·2 + 3·4 = 14`, the last of which ends in it."""

    position: Position
    channel: int
    lines: tuple[str, ...]
    value: Any


class Worked:
    """A number with the operation that it came from and the operation's parts; without, it is given."""

    __slots__ = ("operation", "parts", "value")

    def __init__(self, value: Any, operation: str = "", parts: tuple[Any, ...] = ()) -> None:
        """An `operation` is one of + - * /, or the name of a function."""
        self.value = value
        self.operation = operation
        self.parts = parts

    def __add__(self, other: Any) -> Worked:
        return self if _is_nothing(other) else Worked(self.value + plain(other), "+", (self, other))

    def __radd__(self, other: Any) -> Worked:
        return self if _is_nothing(other) else Worked(other + self.value, "+", (other, self))

    def __sub__(self, other: Any) -> Worked:
        return Worked(self.value - plain(other), "-", (self, other))

    def __rsub__(self, other: Any) -> Worked:
        return Worked(other - self.value, "-", (other, self))

    def __mul__(self, other: Any) -> Worked:
        return Worked(self.value * plain(other), "*", (self, other))

    # The value stands before its weight, however the definition multiplies them.
    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Worked:
        return Worked(divide(self.value, plain(other)), "/", (self, other))

    def largest(self, values: Sequence[Any]) -> Worked:
        """The largest of several."""
        return Worked(max(map(plain, values)), "max", tuple(values))

    def smallest(self, values: Sequence[Any]) -> Worked:
        """The smallest of several."""
        return Worked(min(map(plain, values)), "min", tuple(values))

    def apply(self, function: Callable[..., Any], *values: Any) -> Worked:
        """A function of some values, by its name; one of a layer has the name of its kind."""
        owner = getattr(function, "__self__", None)
        name = owner.kind if isinstance(owner, Layer) else function.__name__.strip("_")
        return Worked(function(*map(plain, values)), name, values)


PADDING: Final = Worked(0, PADDED)


class Observed(Tensor):
    """A tensor whose padding is seen when it is read."""

    __slots__ = ()

    def read(self, index: Position, outside: Any = 0) -> Any:
        """The value, or a zero that is known to be padding."""
        value = super().read(index, None)
        if value is None:
            return PADDING if outside == 0 and outside is not None else outside
        return value


def plain(value: Any) -> Any:
    """The number itself."""
    return value.value if isinstance(value, Worked) else value


def _is_nothing(number: Any) -> bool:
    """Whether a plain zero is added: where a sum begins, or a bias that was left out."""
    return not isinstance(number, Worked) and number == 0


def trace(
    record: Record,
    inputs: tuple[Tensor, ...],
    weights: Weights,
    position: Position | None = None,
    channel: int | None = None,
    *,
    channels_first: bool = False,
    exact: bool = False,
) -> Iterator[Working]:
    """How the values of a layer's output come about: at one position or at all, of one channel or of all.

    Raises `SpecError` as `check` does.
    """
    check(record, position, channel)
    dims: tuple[int, ...] = record.output.dims  # type: ignore[assignment]  # no symbols
    places = indices(dims[:-1]) if position is None else iter([position])
    channels = range(dims[-1]) if channel is None else range(channel, channel + 1)
    output = applied(record.layer, observed(record, inputs, position), weights, channels_first=channels_first)
    for place in places:
        for number in channels:
            value = output[(*place, number)]
            yield Working(place, number, written(value, exact=exact), settled(plain(value), exact=exact))


def check(record: Record, position: Position | None, channel: int | None) -> None:
    """Raise `SpecError` for a position outside the output, and for more than two million products.

    It asks for no numbers, so that nobody waits for a network to be told so.
    """
    dims: tuple[int, ...] = record.output.dims  # type: ignore[assignment]  # no symbols
    asked = (*(position or ()), *(() if channel is None else (channel,)))
    most = (*(() if position is None else dims[:-1]), *(() if channel is None else dims[-1:]))
    if any(place >= extent for place, extent in zip(asked, most, strict=True)):
        text = ", ".join(map(str, asked))
        fail(f"{record.name} puts out {size(dims)}, counted from 0; there is no {text}", "--trace")
    products: int = sum(map(prod, record.facts.factors))  # type: ignore[arg-type]  # no symbols
    cells = None if position is None else window(record, position)
    if cells is not None:
        extents: tuple[int, ...] = record.input.extents  # type: ignore[assignment]  # no symbols
        read = sum(all(0 <= place < extent for place, extent in zip(cell, extents, strict=True)) for cell in cells)
        products = products * read // prod(extents)
    if products > MOST_PRODUCTS:
        hint = "trace one position, or a smaller layer" if position is None else "trace a smaller layer"
        fail(f"{record.name} has too many products to write down: some {products:,}", "--trace", hint)


def observed(record: Record, inputs: tuple[Tensor, ...], position: Position | None) -> tuple[Tensor, ...]:
    """The inputs in numbers that keep what is done to them: all, or those that a position reads through windows.

    The others stay as they are, so that a large layer is not slower than it was.
    """
    cells = None if position is None else window(record, position)
    wanted = None if cells is None else set(cells)
    seen = []
    for x in inputs:
        depth = x.dims[-1]
        flat = set(range(len(x.values)))
        if wanted is not None:
            flat = {
                number * depth + channel
                for number, place in enumerate(x.positions)
                if place in wanted
                for channel in range(depth)
            }
        values = [Worked(value) if number in flat else value for number, value in enumerate(x.values)]
        seen.append(Observed(x.dims, values))
    return tuple(seen)


def window(record: Record, position: Position) -> list[Position] | None:
    """The cells of the input that a position reads, those in the padding too; None if it is not by windows."""
    layer = record.layer
    if len(record.node.inputs) > 1 or type(layer).output is not Layer.output:
        return None
    geometry = layer.geometry(record.input)
    return list(combinations(*(one.taps(place) for one, place in zip(geometry, position, strict=True))))


# Writing.


def literal(value: Any) -> Text:
    """A number in a sum: integers and fractions in full, others with six digits."""
    if isinstance(value, (int, Fraction)):
        return as_text(value)
    text = f"{value:.6g}".replace("-", MINUS)
    return Text(text, SUM if text.startswith(MINUS) else ATOM)


def written(root: Any, *, exact: bool = True) -> tuple[str, ...]:
    """The lines that lead to a number; the last one ends in it.

    >>> one, two = Worked(1), Worked(2)
    >>> written((one * 3 + two * 4).apply(abs, one * 3 + two * 4))
    ('1·3 + 2·4 = 11', 'abs(11) = 11')
    """
    if not isinstance(root, Worked):
        return (literal(settled(root, exact=exact)).text,)
    nodes = _in_order(root)
    steps = _steps(nodes, root)
    lines = []
    for node in nodes:
        if id(node) in steps:
            text = _operation(node, steps).text
            result = literal(settled(node.value, exact=exact)).text
            lines.append(text if text == result else f"{text} = {result}")
    return tuple(lines)


def _in_order(root: Worked) -> list[Worked]:
    """The number and all that it was computed from, each behind its parts."""
    found: dict[int, Worked] = {}
    stack: list[tuple[Worked, bool]] = [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            found[id(node)] = node
        elif id(node) not in found:
            stack.append((node, True))
            stack += [(part, False) for part in reversed(node.parts) if isinstance(part, Worked)]
    return list(found.values())


def _steps(nodes: Sequence[Worked], root: Worked) -> set[int]:
    """Those that get a line of their own: the result, what a function is taken of, and what is used repeatedly."""
    uses = Counter(id(part) for node in nodes for part in node.parts)
    steps = {id(root)}
    for node in nodes:
        if node.operation in {"+", "/", "max", "min"} and uses[id(node)] > 1:
            steps.add(id(node))
        if node.operation in {"", PADDED, "+", "-", "*", "/"}:
            continue
        for part in node.parts:
            if not isinstance(part, Worked) or not part.parts:
                continue
            # A difference or a product of simple numbers stands inside the function itself.
            inside = part.parts if part.operation in {"-", "*", "/"} else (part,)
            steps |= {id(inner) for inner in inside if isinstance(inner, Worked) and inner.parts}
    return steps


def _text(value: Any, steps: set[int]) -> Text:
    """A number within a line: its value, if it has a line of its own."""
    if isinstance(value, Worked) and value.operation and id(value) not in steps:
        return _operation(value, steps)
    return literal(plain(value))


def _operation(node: Worked, steps: set[int]) -> Text:
    """The operation as it is written."""
    match node.operation:
        case "":
            return literal(node.value)
        case "(0)":
            return Text(PADDED)
        case "+":
            return _sum(node, steps)
    parts = [_text(part, steps) for part in node.parts]
    match node.operation:
        case "-":
            return parts[0].subtract(parts[1])
        case "*":
            return parts[0].multiply(parts[1])
        case "/":
            return parts[0].divide(parts[1])
        case name:
            return Text(f"{name}({', '.join(part.text for part in parts)})")


def _sum(node: Worked, steps: set[int]) -> Text:
    """A sum of any length, without going down into itself."""
    terms: list[Any] = []
    left: Any = node
    while isinstance(left, Worked) and left.operation == "+" and (left is node or id(left) not in steps):
        terms.append(left.parts[1])
        left = left.parts[0]
    texts = [_text(term, steps) for term in (left, *reversed(terms))]
    rest = [text.within(QUOTIENT if text.text.startswith(MINUS) else SUM) for text in texts[1:]]
    return Text(" + ".join([texts[0].text, *rest]), SUM)
