"""Mistakes in solving for a padding, a kernel or a stride: the formula of the output size, wrong, is solved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnncalc.homework.answers import QUANTITIES
from cnncalc.homework.mistakes.table import Asked, Wrong, mistake
from cnncalc.written import Written

SETTINGS = ("padding", "kernel", "stride")


def solved(asked: Asked, what: str, **formulas: Callable[[Any, Any, Any], Any]) -> Iterator[Wrong]:
    """What a formula gives for the setting that is asked for, from the window, the input's extent and the output's.

    A stride that is asked for is the layer's own only where the layer reads the image itself, and it can be solved
    for only where the output has several places.
    """
    formula = formulas.get(asked.quantity)
    solvable = asked.quantity != "stride" or not (
        any(asked.record.node.sources) or any(output in {1, 2} for output in asked.output.extents)
    )
    if formula is None or not solvable or not asked.windows or QUANTITIES[asked.quantity].value(asked.subject) is None:
        return
    triples = zip(asked.windows, asked.input.extents, asked.output.extents, strict=True)
    yield Wrong(
        tuple(formula(one, Written.literal(extent), Written.literal(output)) for one, extent, output in triples), what
    )


def setting(asked: Asked) -> Any:
    """The setting that is asked for, by the formula of the output's size where that gives it exactly."""
    value = QUANTITIES[asked.quantity].value(asked.subject)
    solutions = solved(
        asked,
        "",
        padding=lambda one, extent, output: ((output - 1) * one.stride + one.effective - extent) / 2,
        kernel=lambda one, extent, output: extent + one.padding - (output - 1) * one.stride,
        stride=lambda one, extent, output: Written.literal(one.span(extent)) / (output - 1),
    )
    return next((solution.value for solution in solutions if solution.value == value), value)


@mistake("no-plus-one", "forgets the + 1 of the output size", SETTINGS)
def no_plus_one(asked: Asked) -> Iterator[Wrong]:
    """P = (OS + F - W)/2, F = W + 2P - OS, S = (W - F + 2P)/O; and the + 1 on the other side."""
    yield from solved(
        asked,
        "forgets the + 1 of the output size",
        padding=lambda one, extent, output: (output * one.stride + one.effective - extent) / 2,
        kernel=lambda one, extent, output: extent + one.padding - output * one.stride,
        stride=lambda one, extent, output: one.span(extent) // output,
    )
    yield from solved(
        asked,
        "has the + 1 of the output size on the wrong side",
        padding=lambda one, extent, output: ((output - 2) * one.stride + one.effective - extent) / 2,
        kernel=lambda one, extent, output: extent + one.padding - (output - 2) * one.stride,
        stride=lambda one, extent, output: one.span(extent) // (output - 2),
    )


@mistake("pad-once", "counts the padding of one side for that of both, or the other way round", SETTINGS)
def pad_once(asked: Asked) -> Iterator[Wrong]:
    """2P; F and S with P for 2P."""
    yield from solved(
        asked,
        "is the padding of both sides together"
        if asked.quantity == "padding"
        else "counts the padding of one side only",
        padding=lambda one, extent, output: (output - 1) * one.stride + one.effective - extent,
        kernel=lambda one, extent, output: extent + one.before - (output - 1) * one.stride,
        stride=lambda one, extent, output: one._replace(after=0).span(extent) // (output - 1),
    )


@mistake("pad-ignored", "leaves out the padding", SETTINGS)
def pad_ignored(asked: Asked) -> Iterator[Wrong]:
    """F = W - (O - 1)S, S = (W - F)/(O - 1); no padding at all."""
    yield from solved(
        asked,
        "leaves out the padding",
        padding=lambda one, extent, output: Written.literal(0),  # noqa: ARG005
        kernel=lambda one, extent, output: extent - (output - 1) * one.stride,
        stride=lambda one, extent, output: one._replace(before=0, after=0).span(extent) // (output - 1),
    )


@mistake("stride-ignored", "solves for it as if the stride were 1", SETTINGS)
def stride_ignored(asked: Asked) -> Iterator[Wrong]:
    """F = W + 2P - (O - 1), P = (O - 1 + F - W)/2."""
    yield from solved(
        asked,
        "is the solution for a stride of 1",
        padding=lambda one, extent, output: (output - 1 + one.effective - extent) // 2,
        kernel=lambda one, extent, output: extent + one.padding - (output - 1),
    )


@mistake("valid-as-same", "is the padding that keeps the size at stride 1", SETTINGS)
def valid_as_same(asked: Asked) -> Iterator[Wrong]:
    """P = (F - 1)/2."""
    yield from solved(
        asked,
        "is the padding that keeps the size at stride 1, but here the size changes",
        padding=lambda one, extent, output: (one.effective - 1) // 2,  # noqa: ARG005
    )


@mistake("sign", "adds the kernel instead of subtracting it", SETTINGS)
def sign(asked: Asked) -> Iterator[Wrong]:
    """S = (W + F + 2P)/(O - 1)."""
    yield from solved(
        asked,
        "adds the kernel instead of subtracting it",
        stride=lambda one, extent, output: (extent + one.effective + one.padding) // (output - 1),
    )


@mistake("same-floor", "divides the input by the output", ("stride",))
def ratio(asked: Asked) -> Iterator[Wrong]:
    """S = W/O, as for `same`."""
    yield from solved(
        asked,
        "divides the input by the output, as if nothing but the stride changed the size",
        stride=lambda one, extent, output: extent // output,  # noqa: ARG005
    )
