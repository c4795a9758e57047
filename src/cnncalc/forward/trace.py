"""What a layer computes, written out as a textbook does: `20·1 + 24·0 + 11·(-1) = 9`.

No formula stands here. The layer's own `forward` is run on numbers that keep what was done to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from itertools import product as combinations
from math import prod
from typing import Any, Final, NamedTuple

from cnncalc.forward.face import applied, settled
from cnncalc.forward.reading import fail, size
from cnncalc.forward.tensor import Position, Tensor, Weights, divide, indices
from cnncalc.infer import Record
from cnncalc.layers.activation import Activation
from cnncalc.layers.base import Layer
from cnncalc.written import ATOM, MINUS, QUOTIENT, SUM, Text, as_text

# More than these products are not written down: nobody reads them, and each takes memory until all are done.
MOST_PRODUCTS: Final = 2_000_000
# How a zero of the padding is written.
PADDED: Final = "(0)"
# Small numbers are written without an exponent up to so many characters.
LONGEST_DECIMAL: Final = 8


class Working(NamedTuple):
    """How one value of a layer's output comes about: lines such as `1·2 + 3·4 = 14`, the last of which ends in it."""

    position: Position
    channel: int
    lines: tuple[str, ...]
    value: Any


class Worked:
    """A number with the operation that it came from and the operation's parts; without, it is given.

    One of an input with several channels has the number of its own.
    """

    __slots__ = ("by_hand", "channel", "operation", "parts", "value")

    def __init__(
        self, value: Any, operation: str = "", parts: tuple[Any, ...] = (), *, channel: int | None = None
    ) -> None:
        """An `operation` is one of + - * /, or the name of a function."""
        self.value = value
        self.operation = operation
        self.parts = parts
        self.channel = channel
        # How an activation is worked out.
        self.by_hand: Callable[[Any, int], Any] | None = None

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

    def __rtruediv__(self, other: Any) -> Worked:
        return Worked(divide(other, self.value), "/", (other, self))

    def __neg__(self) -> Worked:
        return Worked(-self.value, "negative", (self,))

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
        result = Worked(function(*map(plain, values)), name, values)
        if isinstance(owner, Activation):
            result.by_hand = owner.by_hand
        return result


class Observed(Tensor):
    """A tensor whose padding is seen when it is read."""

    __slots__ = ()

    def read(self, index: Position, outside: Any = 0) -> Any:
        """The value, or a zero that is known to be padding."""
        value = super().read(index, None)
        if value is not None:
            return value
        return Worked(0, PADDED, channel=_named(index[-1], self.dims)) if outside == 0 else outside


def _named(channel: int, dims: Sequence[int]) -> int | None:
    """The number of a channel of a map that has several."""
    return channel if len(dims) > 1 and dims[-1] > 1 else None


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
    # Statistics are seen as what they are: of a root only the root would be.
    kept = {array.name for array in record.facts.arrays if array.role == "statistic"}
    seen = {name: Tensor(x.dims, [*map(Worked, x.values)]) if name in kept else x for name, x in weights.items()}
    output = applied(record.layer, observed(record, inputs, position), seen, channels_first=channels_first)
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
        values = [
            Worked(value, channel=_named(number % depth, x.dims)) if number in flat else value
            for number, value in enumerate(x.values)
        ]
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
    text = f"{value:.6g}"
    if "e-" in text and len(decimal := f"{Decimal(text):f}") <= LONGEST_DECIMAL:
        text = decimal
    text = text.replace("-", MINUS)
    return Text(text, SUM if text.startswith(MINUS) else ATOM)


def written(root: Any, *, exact: bool = True) -> tuple[str, ...]:
    """The lines that lead to a number; the last one ends in it.

    >>> one, two = Worked(1), Worked(2)
    >>> written((one * 3 + two * 4).apply(abs, one * 3 + two * 4))
    ('1·3 + 2·4 = 11', 'abs(11) = 11')
    """
    if not isinstance(root, Worked):
        return (literal(settled(root, exact=exact)).text,)
    return tuple(_Writer(root, exact=exact).lines())


class _Writer:
    """What leads to a number: `nodes` each behind its parts, and the `steps` among them, which have their own lines."""

    def __init__(self, root: Worked, *, exact: bool) -> None:
        self.exact = exact
        self.nodes = _in_order(root)
        self.steps = _steps(self.nodes, root)
        channels = {node: _channels(_terms(node, self.steps)) for node in self.nodes if id(node) in self.steps}
        # A sum over one channel is said to be that where there are others.
        self.apart = len({number for found in channels.values() for number in found}) > 1

    def lines(self) -> Iterator[str]:
        """A line for each step; before a sum over several channels those of each."""
        for node in self.nodes:
            if id(node) in self.steps:
                yield from self.sum_of_channels(node) if node.operation == "+" else self.line(node)

    def line(self, node: Worked) -> Iterator[str]:
        """What a step is worked out from, and what it is."""
        text = self.operation(node)
        if node.by_hand is not None:
            x = Worked(plain(node.parts[0]))
            # The form that is written by hand may overflow, where the one that is computed with does not.
            with suppress(OverflowError):
                worked = node.by_hand(x, -1 if x.value < 0 else 1)
                text = text if worked is x else Text(f"{text.text} = {self.operation(worked).text}")
        yield self.equation(text, node.value)

    def equation(self, text: Text, value: Any) -> str:
        """A text and its value, if it is not that already."""
        result = self.result(value).text
        return text.text if text.text == result else f"{text.text} = {result}"

    def sum_of_channels(self, node: Worked) -> Iterator[str]:
        """A sum. Where each of several channels has several terms in it, these are added up first."""
        terms = _terms(node, self.steps)
        channels = _channels(terms)
        if len(channels) == 1 and self.apart:
            ((channel, _),) = channels.items()
            yield f"from channel {channel}: {self.equation(self.added(terms), node.value)}"
            return
        if len(channels) < 2 or max(map(len, channels.values())) < 2:
            yield from self.line(node)
            return
        totals: list[Any] = []
        for channel, own in channels.items():
            totals.append(Worked(sum(plain(term) for term in own)))
            yield f"from channel {channel}: {self.equation(self.added(own), totals[-1].value)}"
        inside = {id(term) for own in channels.values() for term in own}
        rest = [term for term in terms if id(term) not in inside]
        yield self.equation(self.added([*totals, *rest]), node.value)

    def result(self, value: Any) -> Text:
        """A number that was computed."""
        return literal(settled(value, exact=self.exact))

    def text(self, value: Any) -> Text:
        """A number within a line: its value, if it has a line of its own."""
        if not isinstance(value, Worked):
            return literal(value)
        if id(value) in self.steps:
            return self.result(value.value)
        return self.operation(value)

    def operation(self, node: Worked) -> Text:
        """The operation as it is written."""
        match node.operation:
            case "":
                return literal(node.value)
            case "(0)":
                return Text(PADDED)
            case "+":
                return self.added(_terms(node, self.steps))
            case "*" if node.parts[0] is node.parts[1]:
                return self.text(node.parts[0]).squared()
        parts = [self.text(part) for part in node.parts]
        match node.operation:
            case "-":
                return parts[0].subtract(parts[1])
            case "negative":
                return Text(f"{MINUS}{parts[0].within(QUOTIENT)}", SUM)
            case "*":
                return parts[0].multiply(parts[1])
            case "/":
                return parts[0].divide(parts[1])
            case name:
                return Text(f"{name}({', '.join(part.text for part in parts)})")

    def added(self, terms: Sequence[Any]) -> Text:
        """A sum of any length; a negative number in it stands in parentheses."""
        texts = [self.text(term) for term in terms]
        rest = [text.within(QUOTIENT if text.text.startswith(MINUS) else SUM) for text in texts[1:]]
        return Text(" + ".join([texts[0].text, *rest]), SUM)


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
        parts = [part for part in node.parts if isinstance(part, Worked) and part.parts]
        if node.operation == "*":
            steps |= {id(part) for part in parts if part.operation == "+"}
        if node.operation in {"", PADDED, "+", "-", "*", "/"}:
            continue
        for part in parts:
            # An operation on simple numbers stands inside the function itself.
            simple = part.operation in {"-", "*", "/"} or (part.operation == "+" and not _is_long(part))
            inside = part.parts if simple else (part,)
            steps |= {id(inner) for inner in inside if isinstance(inner, Worked) and inner.parts}
    return steps


def _is_long(node: Worked) -> bool:
    """Whether a sum has more than two terms, or products in it."""
    return any(isinstance(part, Worked) and part.operation in {"+", "*"} for part in node.parts)


def _terms(node: Worked, steps: set[int]) -> list[Any]:
    """The terms of a sum, without going down into itself; none of anything else."""
    terms: list[Any] = []
    left: Any = node
    while isinstance(left, Worked) and left.operation == "+" and (left is node or id(left) not in steps):
        terms.append(left.parts[1])
        left = left.parts[0]
    return [left, *reversed(terms)] if terms else []


def _channels(terms: Sequence[Any]) -> dict[int, list[Worked]]:
    """The terms that are products with a value of the input, by its channel."""
    found: dict[int, list[Worked]] = {}
    for term in terms:
        if isinstance(term, Worked) and term.operation == "*":
            value = term.parts[0]
            if value.channel is not None and value is not term.parts[1]:
                found.setdefault(value.channel, []).append(term)
    return found
