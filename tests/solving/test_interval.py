"""Ranges hold every value that a formula can have: of the arithmetic, and of every kind of layer."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from operator import add, floordiv, mod, mul, sub
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cnncalc import infer
from cnncalc.algebra import FormulaError, at_least, ceil_div, larger, same
from cnncalc.layers import KINDS, Layer, LayerError
from cnncalc.layers.arguments import Cells, Count, Dims, Sizes, Steps
from cnncalc.shapes import Field, Shape
from cnncalc.solving.interval import Interval, UndecidedError, known
from cnncalc.spec.expressions import KEEP
from strategies import layers, merges

OPERATIONS = (add, sub, mul, floordiv, mod, ceil_div, larger)


def holds(number: Any, value: Any) -> bool:
    """Whether a number or a range may be the value."""
    return number.equals(value) if isinstance(number, Interval) else bool(number == value)


@st.composite
def ranges(draw: st.DrawFn) -> tuple[Any, int]:
    """A number, and a range that holds it, or the number itself."""
    value = draw(st.integers(-20, 60))
    low, high = value - draw(st.integers(0, 9)), value + draw(st.integers(0, 9))
    return (value if low == high else Interval(low, high, 1)), value


@given(ranges(), ranges(), ranges(), st.sampled_from(OPERATIONS), st.sampled_from(OPERATIONS))
def test_a_result_holds_that_of_every_value(a: Any, b: Any, c: Any, first: Any, second: Any) -> None:
    """Of any two operations behind one another, whatever ranges they start from."""
    try:
        result = second(first(a[0], b[0]), c[0])
    except (UndecidedError, ZeroDivisionError):
        return
    assume(not (isinstance(result, int) and all(isinstance(one[0], int) for one in (a, b, c))))
    assert holds(result, second(first(a[1], b[1]), c[1]))


def divide(left: Any, right: Any) -> Any:
    """The exact quotient."""
    return left.combine("/", left, right) if isinstance(left, Interval) else Fraction(left) / Fraction(right)


@given(st.data())
def test_bounds_multiples_and_divisors_hold_for_every_value(data: st.DataObject) -> None:
    """Of numbers made from an unknown and from fractions, by several operations."""
    low = data.draw(st.integers(1, 20))
    value = data.draw(st.integers(low, low + 9))
    pairs: list[tuple[Any, Any]] = [(Interval(low, low + 9, 1, divisors=1), value)]
    pairs += [(number, number) for number in data.draw(st.lists(st.fractions(-9, 9, max_denominator=4), max_size=3))]
    for _ in range(data.draw(st.integers(1, 5))):
        operation = data.draw(st.sampled_from((*OPERATIONS, divide)))
        one, other = data.draw(st.sampled_from(pairs)), data.draw(st.sampled_from(pairs))
        if isinstance(one[0], Interval) or (isinstance(other[0], Interval) and operation is not divide):
            with suppress(UndecidedError, ZeroDivisionError):
                pairs.append((operation(one[0], other[0]), operation(one[1], other[1])))
    for number, result in pairs:
        assert holds(number, result)
        assert not known(number).multiple or result % known(number).multiple == 0
        assert not known(number).divisors or result % value == 0


@given(ranges(), ranges())
def test_comparisons_are_sure(one: Any, other: Any) -> None:
    """What is said to be less is so for the values; what is left open is not decided."""
    assert not (one[0] < other[0]) or one[1] < other[1]
    assert not (one[0] <= other[0]) or one[1] <= other[1]
    try:
        assert at_least(one[0], other[0]) == (one[1] >= other[1])
        assert same(one[0], other[0]) == (one[1] == other[1])
    except UndecidedError:
        assert isinstance(one[0], Interval) or isinstance(other[0], Interval)


def test_multiples_and_divisors_are_known() -> None:
    """7x is a multiple of 7 and of x, 7x + 7y of 7; a single value is an integer again."""
    x, y = Interval(1, 9, 1, divisors=1), Interval(2, 5, 2, divisors=2)
    assert ((7 * x).multiple, (7 * x).divisors, (7 * x + 7 * y).multiple) == (7, 1, 7)
    assert (x * y + y).divisors == 2
    assert (x * y + 0 * y).divisors == 3
    assert (7 * x).equals(14)
    assert not (7 * x).equals(15)
    assert (7 * x) % 7 == 0
    assert not Interval(15, 15).equals(7 * x)
    assert Interval(16, 19) % 10 == Interval(16, 19) % 10 or known(Interval(16, 19) % 10).low == 6
    assert type(Interval(4, 5) // 4) is int
    assert known(Interval(1, 3).combine("/", Interval(1, 3), 2)).low == Fraction(1, 2)
    assert known(x + y).sources == 3
    assert known(x + Fraction(1, 2)).low == Fraction(3, 2)


def test_what_is_open_is_not_decided() -> None:
    """Where the next step depends on the value, or a number has to be one number, it says so."""
    x = Interval(1, 3)
    assert same(x, x)
    assert not same(x, 4)
    assert not same(x, "same")
    for ask in (lambda: same(x, 2), lambda: same(x, Interval(2, 5)), lambda: int(x), lambda: 5 // Interval(0, 2)):
        with pytest.raises(UndecidedError):
            ask()
    assert (str(x), repr(x)) == ("?", "<1 to 3>")


def test_symbols_do_not_mix_in() -> None:
    """A range and a symbol make no number, on whichever side the symbol stands."""
    from cnncalc.symbols import Symbolic  # noqa: PLC0415  only here it is needed

    for left, right in ((Interval(1, 2), Symbolic.named("n")), (Symbolic.named("n"), Interval(1, 2))):
        with pytest.raises(FormulaError, match="symbol"):
            left + right


def widened(value: Any, draw: st.DrawFn, least: int) -> Any:
    """A number as a range around it."""
    low, high = max(least, value - draw(st.integers(0, 2))), value + draw(st.integers(0, 2))
    return value if low == high else Interval(low, high, 1)


def widened_argument(layer: Layer, name: str, sort: Any, draw: st.DrawFn) -> Any:
    """An argument of a layer with ranges for its numbers."""
    value = getattr(layer, name)
    if isinstance(value, str) or value is None:
        return value
    if isinstance(sort, Count):
        return widened(value, draw, sort.least)
    least = 0 if isinstance(sort, Cells) else sort.least
    return tuple(
        part
        if part is KEEP
        else tuple(widened(number, draw, least) for number in part)
        if isinstance(part, tuple)
        else widened(part, draw, least)
        for part in value
    )


def check(layer: Layer, wide: Layer, inputs: tuple[Shape, ...], wide_inputs: tuple[Shape, ...]) -> None:
    """Everything that a layer of ranges says holds what the layer itself says."""
    output = layer.output(*inputs)
    facts = infer.find_facts(layer, inputs, output)
    try:
        wide.check(*wide_inputs)
        wide_output = wide.output(*wide_inputs)
        wide_facts = infer.find_facts(wide, wide_inputs, wide_output)
    except UndecidedError:
        return
    pairs = [*zip(wide_output.dims, output.dims, strict=True)]
    names = ("trainable", "non_trainable", "weights", "biases", "macs", "connections", "activations")
    pairs += [(getattr(wide_facts, name), getattr(facts, name)) for name in names]
    image = [Field(((0, 0),), 1, axis, extent) for axis, extent in enumerate(inputs[0].extents)]
    if not layer.merges and image:
        try:
            wide_fields = wide.fields([tuple(image)], wide_inputs, wide_output)
        except UndecidedError:
            return
        for own, exact in zip(wide_fields, layer.fields([tuple(image)], inputs, output), strict=True):
            if own.size is not None and exact.size is not None:
                pairs.append((own.size, exact.size))
    for number, value in pairs:
        assert holds(number, value), (layer, wide, number, value)


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if not kind.merges])
@settings(max_examples=12, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_a_layer_of_ranges_holds_the_layer(kind: str, data: st.DataObject) -> None:
    """Whatever the kind, and whichever of its numbers and of its input's are ranges: no error, and nothing missed."""
    layer, shape = data.draw(layers(kind))
    arguments = {}
    for argument in layer.arguments:
        value = getattr(layer, argument.name)
        if isinstance(argument.type, (Count, Sizes, Steps, Cells)) and not isinstance(argument.type, Dims):
            value = widened_argument(layer, argument.name, argument.type, data.draw)
        arguments[argument.name] = value
    wide_shape = Shape(tuple(widened(n, data.draw, 1) for n in shape.extents), widened(shape.channels, data.draw, 1))
    wide = type(layer)(rank=layer.rank, **arguments)
    check(layer, wide, (shape,), (wide_shape,))


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.merges])
@settings(max_examples=12, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_a_merge_of_ranges_holds_the_merge(kind: str, data: st.DataObject) -> None:
    """Branches of ranges go together where those of numbers do."""
    merge, shape, branches = data.draw(merges(kind))
    inputs = tuple(branch.output(shape) for branch in branches)
    wide = tuple(
        Shape(tuple(widened(n, data.draw, 1) for n in one.extents), widened(one.channels, data.draw, 1))
        for one in inputs
    )
    try:
        check(merge, merge, inputs, wide)
    except LayerError as error:
        raise AssertionError(inputs, wide) from error
