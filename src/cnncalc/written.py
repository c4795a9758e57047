"""Numbers that write themselves down: what a formula computes with them is the working of the calculation.

A formula of the package runs on them once, and tells three things: the formula in letters, the same with the
numbers put in, and the result.
"""

from __future__ import annotations

import operator
import re
from fractions import Fraction
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from cnncalc.algebra import Algebra, Number, ceil_div, larger, product

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Value: TypeAlias = "Number | Fraction"

# How tightly a text holds together; what is looser than its place allows is put in parentheses.
SUM, QUOTIENT, PRODUCT, ATOM = range(4)
MINUS, TIMES, ARROW = "\N{MINUS SIGN}", "\N{MIDDLE DOT}", "\N{RIGHTWARDS ARROW}"
SQUARED: Final = "\N{SUPERSCRIPT TWO}"
# What is written where the output cannot carry these characters.
ASCII: Final = str.maketrans({MINUS: "-", TIMES: "*", ARROW: "->", SQUARED: "^2"})

_SYMPY: Final = (
    (r"\*\*", "^"),
    (r"(?<=\d)\*(?=[A-Za-z])(?!\w+\()", ""),
    (r"\*", TIMES),
    ("-", MINUS),
)
_INSIDE: Final = re.compile(r"\([^()]*\)")
_LETTER: Final = re.compile(r"[A-Za-z]\w*")


def _quotient(left: Any, right: Any) -> Value:
    """Exact where both are known; a symbol rounds down."""
    if isinstance(left, Algebra) or isinstance(right, Algebra):
        return left // right  # type: ignore[no-any-return]  # of symbols
    return Fraction(left, right)


# An integer that changes nothing on the right of the operator.
_NEUTRAL: Final = {"+": 0, "-": 0, "*": 1, "//": 1}
_COMPUTE: Final[dict[str, Callable[[Any, Any], Value]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "/": _quotient,
    "%": operator.mod,
    "ceil_div": ceil_div,
    "round_div": lambda left, right: (2 * left + right) // (2 * right),
    "larger": larger,
}


class Text(NamedTuple):
    """A formula, and how tightly it holds together."""

    text: str
    level: int = ATOM

    def within(self, level: int) -> str:
        """In a place that asks for a level: in parentheses if it is looser."""
        return self.text if self.level >= level else f"({self.text})"

    def add(self, other: Text) -> Text:
        """A sum; a negative number in it stands in parentheses."""
        return Text(f"{self.text} + {other.within(QUOTIENT if other.text.startswith(MINUS) else SUM)}", SUM)

    def subtract(self, other: Text) -> Text:
        """A difference."""
        return Text(f"{self.text} {MINUS} {other.within(QUOTIENT)}", SUM)

    def multiply(self, other: Text) -> Text:
        """A product; a number goes without a dot before a letter, `2P`."""
        dot = "" if self.text.isdigit() and _LETTER.fullmatch(other.text) else TIMES
        return Text(f"{self.within(PRODUCT)}{dot}{other.within(PRODUCT)}", PRODUCT)

    def divide(self, other: Text) -> Text:
        """A quotient."""
        return Text(f"{self.within(PRODUCT)}/{other.within(ATOM)}", QUOTIENT)

    def squared(self) -> Text:
        """Its square."""
        return Text(f"{self.within(ATOM)}{SQUARED}", PRODUCT)

    def of(self, function: str) -> Text:
        """A function of it."""
        return Text(f"{function}({self.text})")


class Step(NamedTuple):
    """A result that has a name of its own: `F_eff = D·(F - 1) + 1 = 2·(3 - 1) + 1 = 5`."""

    name: str
    formula: str
    working: str
    value: Value


class Written(Algebra):
    """A number with the formula that it comes from, in letters and in numbers.

    `factors` are those of a product, `steps` the named results that it was computed from.
    """

    __slots__ = ("_factors", "formula", "steps", "value", "working")

    def __init__(
        self,
        value: Value,
        formula: Text,
        working: Text,
        *,
        steps: tuple[Step, ...] = (),
        factors: tuple[Written, ...] = (),
    ) -> None:
        """A number that was computed; `letter` and `literal` make those that computations start from."""
        self.value: Any = value
        self.formula = formula
        self.working = working
        self.steps = steps
        self._factors = factors

    @classmethod
    def letter(cls, number: Value, letter: str) -> Written:
        """A number that a letter stands for."""
        return cls(plain(number), Text(letter), as_text(plain(number)))

    @classmethod
    def literal(cls, number: Number) -> Written:
        """A number that stands in the formula itself."""
        return number if isinstance(number, Written) else cls(number, as_text(number), as_text(number))

    @property
    def factors(self) -> tuple[Written, ...]:
        """What it is the product of; itself, if it is none."""
        return self._factors or (self,)

    @property
    def named(self) -> bool:
        """Whether it is a letter or a number, and no calculation."""
        return self.formula.level == ATOM and "(" not in self.formula.text

    def as_step(self, name: str) -> Written:
        """The same number under a name of its own."""
        own = Step(name, self.formula.text, self.working.text, self.value)
        return Written(self.value, Text(name), as_text(self.value), steps=(*self.steps, own))

    def combine(self, operator: str, left: Number | Fraction, right: Number | Fraction) -> Number:
        """Compute, and write down what was computed. An integer that changes nothing is left out.

        Only an integer in the text of the formula is: a stride of 1 is a number like any other.
        """
        if isinstance(right, int) and right == _NEUTRAL.get(operator):
            return self
        if isinstance(left, int) and left == _NEUTRAL.get(operator) and operator in {"*", "+"}:
            return self
        one, other = Written.literal(left), Written.literal(right)  # type: ignore[arg-type]
        value = _COMPUTE[operator](one.value, other.value)
        if isinstance(value, Fraction) and value.denominator == 1:
            value = value.numerator
        if operator == "-" and not isinstance(left, Written) and left == 0:
            operator = "negate"
        if operator == "//" and one.value % other.value == 0:
            operator = "/"
        formula, working = (
            _write(operator, *texts) for texts in ((one.formula, other.formula), (one.working, other.working))
        )
        same = one.named and (one.formula, one.working) == (other.formula, other.working)
        if operator == "+" and same and not one.formula.text.isdigit():
            two = as_text(2)
            formula, working = two.multiply(one.formula), two.multiply(one.working)
        steps = tuple(dict.fromkeys((*one.steps, *other.steps)))
        factors = (*one.factors, *other.factors) if operator == "*" else ()
        return Written(value, formula, working, steps=steps, factors=factors)

    def surely_less(self, left: Number, right: Number, *, equal: bool) -> bool:
        """What the numbers say."""
        one, other = Written.literal(left).value, Written.literal(right).value
        return bool(one <= other if equal else one < other)

    def __truediv__(self, other: int) -> Written:
        """The exact quotient: a centre may lie between two pixels."""
        return self.combine("/", self, other)  # type: ignore[return-value]

    def __bool__(self) -> bool:
        """Whether it is not 0."""
        return bool(self.value != 0)

    def __eq__(self, other: object) -> bool:
        """The same value, however it was computed."""
        return bool(self.value == (other.value if isinstance(other, Written) else other))

    def __hash__(self) -> int:
        """By the value."""
        return hash(self.value)

    def __repr__(self) -> str:
        """All that is known."""
        return f"<{self.formula.text} = {self.working.text} = {as_text(self.value).text}>"


def plain(number: Any) -> Any:
    """The number without its writing."""
    return number.value if isinstance(number, Written) else number


def as_text(number: Value) -> Text:
    """A number as it stands in a formula. A symbolic one is a formula itself."""
    text = str(number)
    if isinstance(number, int):
        return Text(text.replace("-", MINUS), SUM if number < 0 else ATOM)
    for pattern, replacement in _SYMPY:
        text = re.sub(pattern, replacement, text)
    outside, count = _INSIDE.subn("", text)
    while count:
        outside, count = _INSIDE.subn("", outside)
    if MINUS in outside or "+" in outside:
        return Text(text, SUM)
    return Text(text, QUOTIENT if "/" in outside else PRODUCT if TIMES in outside else ATOM)


def _write(operator: str, left: Text, right: Text) -> Text:
    """The operation as it is written."""
    match operator:
        case "+":
            return left.add(right)
        case "-":
            return left.subtract(right)
        case "negate":
            return Text(f"{MINUS}{right.within(QUOTIENT)}", SUM)
        case "*":
            return left.multiply(right)
        case "/":
            return left.divide(right)
        case "//":
            return left.divide(right).of("floor")
        case "ceil_div":
            return left.divide(right).of("ceil")
        case "round_div":
            return left.divide(right).of("round")
        case "larger":
            return Text(f"{left.text}, {right.text}").of("max")
        case _:
            return Text(f"{left.within(PRODUCT)} mod {right.within(ATOM)}", QUOTIENT)


def added(numbers: Sequence[Number]) -> Written:
    """All of them added."""
    result = numbers[0]
    for number in numbers[1:]:
        result = result + number
    return Written.literal(result)


def total(arrays: Iterable[tuple[Number, ...]]) -> Written:
    """The values of some arrays; neighbours that end in the same factors have them before or behind parentheses.

    A kernel 5x5x3x10 with 10 biases is (5·5·3 + 1)·10.
    """
    groups: list[list[tuple[Written, ...]]] = []
    for dims in arrays:
        factors = tuple(factor for dim in dims for factor in Written.literal(dim).factors)
        if groups and _alike(groups[-1][-1][-1:], factors[-1:]):
            groups[-1].append(factors)
        else:
            groups.append([factors])
    return added([_factored(group) for group in groups])


def _factored(terms: Sequence[tuple[Written, ...]]) -> Number:
    """A sum of products, with what they share before and behind parentheses."""
    if len(terms) == 1:
        return product(terms[0])
    behind = _alike(*[term[::-1] for term in terms])
    rests = [term[: len(term) - behind] for term in terms]
    shared = terms[0][len(rests[0]) :]
    if not any(rests):
        return product((Written.literal(len(terms)), *shared))
    before = _alike(*rests)
    inner = added([Written.literal(product(rest[before:])) for rest in rests])
    return product((*rests[0][:before], inner, *shared))


def _alike(*terms: Sequence[Written]) -> int:
    """How many factors the terms begin with alike."""
    texts = [[(factor.formula, factor.working) for factor in term] for term in terms]
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, zip(*texts, strict=False)))
