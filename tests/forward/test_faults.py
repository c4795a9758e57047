"""Faults planted in every sort of rule: `verify` finds each of them."""
# ruff: noqa: ARG001, ARG005  a planted rule ignores what it likes

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import cnncalc
from cnncalc import shapes
from cnncalc.forward import verify
from cnncalc.forward.tensor import smallest
from cnncalc.forward.verify import Line
from cnncalc.forward.workers import Workers
from cnncalc.layers import KINDS, Array
from cnncalc.layers.reshape import Renamed
from cnncalc.shapes import Divide, Field, Shape, Spread, Stretch, Window


def lines(spec: str) -> list[Line]:
    """What is found of a network on a small scale."""
    return list(verify.verify(cnncalc.analyze(spec), seed=0, quick=True, workers=Workers(1)))


def one_more(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A number that is too large by one."""
    return lambda *arguments, **more: rule(*arguments, **more) + 1


def longer(axis: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A shape with one more place along an axis; -1: one channel more."""

    def plant(rule: Callable[..., Any]) -> Callable[..., Any]:
        def planted(*arguments: Any) -> Any:
            dims = list(rule(*arguments).dims)
            dims[axis] += 1
            return Shape(tuple(dims[:-1]), dims[-1])

        return planted

    return plant


def another_factor(place: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Multiply-accumulates one of whose factors is too large by one."""

    def plant(rule: Callable[..., Any]) -> Callable[..., Any]:
        def planted(*arguments: Any) -> Any:
            first, *others = (list(factors) for factors in rule(*arguments))
            first[place] += 1
            return (tuple(first), *map(tuple, others))

        return planted

    return plant


def moved(rule: Callable[..., range]) -> Callable[..., range]:
    """Cells one further on."""

    def planted(*arguments: Any) -> range:
        taps = rule(*arguments)
        return range(taps.start + 1, taps.stop + 1, taps.step)

    return planted


def wider(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Fields a pixel too wide."""
    return lambda *arguments: (rule(*arguments)[0] + 1, *rule(*arguments)[1:])


def later(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Fields that start a pixel too late."""
    return lambda *arguments: (*rule(*arguments)[:2], rule(*arguments)[2] + 1)


def faster(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Fields that lie a pixel too far from each other."""
    return lambda *arguments: (rule(*arguments)[0], rule(*arguments)[1] + 1, rule(*arguments)[2])


def of_the_first(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A merge that has the field of its first branch."""
    return lambda fields, positions: fields[0]


def another_array(rule: Callable[..., Any]) -> Callable[..., Any]:
    """One more value in the first array."""

    def planted(*arguments: Any) -> Any:
        first, *others = rule(*arguments)
        return (Array(first.name, (*first.dims[:-1], first.dims[-1] + 1), first.role, first.trainable), *others)

    return planted


# Each has a network that shows it, the owner of the rule, the rule's name, and what becomes of it.
FAULTS: dict[str, tuple[str, Any, str, Callable[[Any], Any]]] = {
    "conv: one more position": ("input 9x9x2; conv 2 3x3", Window, "output", one_more),
    "pool: one more position": ("input 9x9x2; maxpool 3 s2", Window, "output", one_more),
    "ceil is forgotten": (
        "input 10x10x2; maxpool 3 s2 ceil",
        Window,
        "output",
        lambda rule: lambda self, extent: rule(self._replace(ceil=False), extent),
    ),
    "windows one further": ("input 9x9x2; conv 2 3x3 p1", Window, "taps", moved),
    "windows of pools one further": ("input 9x9x2; avgpool 3 s2", Window, "taps", moved),
    "convt: one more position": ("input 5x5x2; convt 2 3x3 s2", Spread, "output", one_more),
    "convt: cells one further": ("input 5x5x2; convt 2 3x3 s2", Spread, "taps", moved),
    "upsample: one more position": ("input 5x5x2; upsample 2", Stretch, "output", one_more),
    "upsample: cells one further": ("input 5x5x2; upsample 2", Stretch, "taps", moved),
    "adaptive: one more position": ("input 9x9x2; adaptiveavgpool 4", Divide, "output", one_more),
    "adaptive: cells one further": ("input 9x9x2; adaptiveavgpool 4", Divide, "taps", moved),
    "gap: too many positions": ("input 9x9x2; gap keep", KINDS["gap"], "output", longer(0)),
    "gap: a window of three": (
        "input 9x9x2; gap",
        KINDS["gap"].__mro__[1],
        "geometry",
        lambda rule: lambda self, shape: (Window(3),) * len(rule(self, shape)),
    ),
    "whole maps: one cell less": (
        "input 9x9x2; gn 2",
        Field,
        "everywhere",
        lambda rule: lambda self, positions: rule(self, positions - 1),
    ),
    "conv: one more channel": ("input 9x9x2; conv 2 3x3", KINDS["conv"], "channels", one_more),
    "dense: one more unit": ("input 9; dense 4", KINDS["dense"], "channels", one_more),
    "dwconv: one more channel": ("input 9x9x2; dwconv 3x3", KINDS["dwconv"], "channels", one_more),
    "concat: one more channel": ("input 9x9x2; concat { relu | relu }", KINDS["concat"], "output", longer(-1)),
    "flatten: one more value": ("input 9x9x2; flatten", KINDS["flatten"], "output", longer(-1)),
    "pad: one more row": ("input 9x9x2; pad 1", KINDS["pad"], "output", longer(0)),
    "crop: one more column": ("input 9x9x2; crop 1", KINDS["crop"], "output", longer(1)),
    "pixelshuffle: one more channel": (
        "input 4x4x8; pixelshuffle 2",
        KINDS["pixelshuffle"].__mro__[1],
        "channels",
        one_more,
    ),
    "conv: macs of a larger kernel": ("input 9x9x2; conv 2 3x3", KINDS["conv"], "macs", another_factor(2)),
    "conv: macs of one more row": ("input 9x9x2; conv 2 3x3", KINDS["conv"], "macs", another_factor(0)),
    "dense: macs of one more input": ("input 9; dense 4", KINDS["dense"], "macs", another_factor(0)),
    "dwconv: macs of one more channel": ("input 9x9x2; dwconv 3x3", KINDS["dwconv"], "macs", another_factor(-2)),
    "sepconv: macs of one more channel": ("input 9x9x2; sepconv 4 3x3", KINDS["sepconv"], "macs", another_factor(-2)),
    "convt: macs of one more filter": ("input 5x5x2; convt 2 3x3 s2", KINDS["convt"], "macs", another_factor(-1)),
    "local: macs of one more column": ("input 5x5x2; local 2 3x3", KINDS["local"], "macs", another_factor(1)),
    "conv: one more weight": ("input 9x9x2; conv 2 3x3", KINDS["conv"], "kernels", another_array),
    "bn: one more factor": ("input 9x9x2; bn", KINDS["bn"], "learnt", another_array),
    "dense: biases are forgotten": (
        "input 9; dense 4",
        KINDS["dense"],
        "learnt",
        lambda rule: lambda self, shape: rule(self, shape)[:1],
    ),
    "fields too wide": ("input 9x9x2; conv 2 3x3", shapes, "widened", wider),
    "fields too late": ("input 9x9x2; conv 2 3x3 p1", shapes, "widened", later),
    "fields too far apart": ("input 9x9x2; maxpool 2", shapes, "widened", faster),
    "a merge forgets a branch": (
        "input 9x9x2; concat { relu | conv 2 3x3 p1 }",
        KINDS["concat"].__mro__[1],
        "fields",
        lambda rule: lambda self, fields, inputs, output: fields[0],
    ),
    "transposed fields too far apart": (
        "input 9x9x2; convt 2 2x2 s2; conv 2 3x3",
        Spread,
        "step",
        lambda rule: property(lambda self: (rule.fget(self)[0], 2)),
    ),
    "a dense layer sees too little": (
        "input 9x9x2; conv 1 3x3; flatten; dense 2",
        Renamed,
        "fields",
        lambda rule: lambda *arguments: tuple(field._replace(reach=(0, 4)) for field in rule(*arguments)),
    ),
    "a flattened field is too small": (
        "input 9x9x2; conv 1 3x3; flatten",
        Renamed,
        "fields",
        lambda rule: lambda *arguments: tuple(field._replace(spans=((0, 1),)) for field in rule(*arguments)),
    ),
    "the largest is the smallest": (
        "input 9x9x2; maxpool 3",
        KINDS["maxpool"],
        "pooled",
        lambda rule: lambda self, values, padding: smallest(values),
    ),
    "permuted places are not lost": (
        "input 9x9x2; permute c h w",
        KINDS["permute"],
        "fields",
        lambda rule: lambda self, fields, inputs, output: fields[0],
    ),
}


@pytest.fixture
def planted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The network that shows a fault, while it is planted."""
    spec, owner, name, plant = FAULTS[request.param]
    before = vars(owner).get(name) or getattr(owner, name)
    monkeypatch.setattr(owner, name, plant(before), raising=False)
    return spec


@pytest.mark.parametrize("planted", FAULTS, indirect=True)
def test_a_planted_fault_is_found(planted: str) -> None:
    """Off by one in a shape, a product count, a parameter count or a field: on a small scale already."""
    difference = lines(planted)[-1].difference
    assert difference is not None
    assert difference.predicted != difference.found


@pytest.mark.parametrize("spec", sorted({spec for spec, *_ in FAULTS.values()}))
def test_without_a_fault_none_is_found(spec: str) -> None:
    """What shows the faults is right without them."""
    assert lines(spec)[-1].difference is None
