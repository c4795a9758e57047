"""What every kind says of itself, held against what its forward pass really does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc.forward.tensor import indices
from cnncalc.layers import KINDS, Layer
from cnncalc.shapes import Shape
from strategies import layers, layers_on, merges, shapes
from tracing import hold_fields, hold_scattered, identity_fields, pixels_along, reads_at, run, traced_image

PATIENT = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)
SINGLE = [name for name, kind in KINDS.items() if not kind.merges]
MERGES = [name for name, kind in KINDS.items() if kind.merges]


@pytest.mark.parametrize("kind", SINGLE)
def test_a_layer_does_what_it_says(kind: str) -> None:
    """Output shape, arrays, macs and receptive field of a layer are those of its forward pass, for every kind."""
    seen: set[str] = set()

    @PATIENT
    @given(layers(kind))
    def holds(drawn: tuple[Layer, Shape]) -> None:
        layer, shape = drawn
        image = traced_image(shape)
        output = run(layer, image)
        fields = layer.fields((identity_fields(shape),), (shape,), output.shape)
        differ = getattr(layer, "mode", "zeros") in {"reflect", "replicate", "circular"}
        attained = hold_fields(fields, output, shape.extents, edges_differ=differ)
        attained |= hold_scattered(fields, output, shape.extents)
        seen.add("run")
        if attained:
            seen.add("attained")

    holds()
    assert "run" in seen
    assert "attained" in seen or KINDS[kind].ranks == (0,)


@pytest.mark.parametrize("kind", MERGES)
def test_a_merge_does_what_it_says(kind: str) -> None:
    """Output shape and receptive field of a merge are those of its forward pass, for every kind."""

    @PATIENT
    @given(merges(kind))
    def holds(drawn: tuple[Layer, Shape, tuple[Layer, ...]]) -> None:
        merge, shape, branches = drawn
        image = traced_image(shape)
        tensors = [run(branch, image) for branch in branches]
        fields = [
            branch.fields((identity_fields(shape),), (shape,), x.shape)
            for branch, x in zip(branches, tensors, strict=True)
        ]
        output = run(merge, *tensors)
        joint = merge.fields(fields, [x.shape for x in tensors], output.shape)
        hold_fields(joint, output, shape.extents, edges_differ=False)
        hold_scattered(joint, output, shape.extents)

    holds()


@st.composite
def chains(draw: st.DrawFn) -> tuple[Shape, list[Layer]]:
    """An input, and a few layers of any kind one after the other."""
    first = draw(shapes((1, 2)))
    shape, chain = first, []
    for _ in range(draw(st.integers(2, 4))):
        kind = draw(st.sampled_from([name for name in SINGLE if shape.rank in KINDS[name].ranks]))
        layer: Any = draw(layers_on(kind, shape))
        chain.append(layer)
        shape = layer.output(shape)
    return first, chain


def chain_of(spec: str) -> tuple[Shape, list[Layer]]:
    """The input and the layers of a spec."""
    image, *nodes = cnncalc.analyze(spec).graph.nodes
    return image.shape, [node.layer for node in nodes]


@settings(PATIENT, max_examples=600)
@example(chain_of("input 5x1; pad 1; ln whole"))
@example(chain_of("input 5x2; pad 1 channels=1:1; lrn 3"))
@given(chains())
def test_a_chain_reads_what_its_fields_say(drawn: tuple[Shape, list[Layer]]) -> None:
    """Behind several layers a position reads no pixel outside its field.

    Padding that is read in the middle of a chain makes a field smaller than it is in theory, so only this is held.
    """
    shape, chain = drawn
    assume(all(getattr(layer, "mode", "") not in {"reflect", "replicate", "circular"} for layer in chain))
    x, fields = traced_image(shape), identity_fields(shape)
    for layer in chain:
        before = x.shape
        x = run(layer, x)
        fields = layer.fields((fields,), (before,), x.shape)
    for position in indices(x.dims[:-1]):
        bits = reads_at(x, position)
        for axis, field in enumerate(fields):
            real = pixels_along(bits, axis, shape.extents)
            if not real or field.along is None:
                continue
            span = field.span(position[field.along] if position else 0)
            assert span is not None
            assert span[0] <= min(real)
            assert max(real) <= span[1]
    hold_scattered(fields, x, shape.extents)


@st.composite
def sequence_chains(draw: st.DrawFn) -> tuple[Shape, list[Layer]]:
    """A long sequence, and layers of any kind that leave it one.

    Without `spacetodepth`, behind which the channels of one position read different pixels, and without channels
    that are padded, which read none: a field is that of all channels together, and a layer that takes some of
    them would read less.
    """
    kinds = [name for name in SINGLE if 1 in KINDS[name].ranks and name not in {"spacetodepth", "pad"}]
    first = Shape((draw(st.integers(24, 48)),), draw(st.sampled_from((1, 2))))
    shape, chain = first, []
    for _ in range(draw(st.integers(2, 4))):
        layer: Any = draw(layers_on(draw(st.sampled_from(kinds)), shape))
        if layer.output(shape).rank == 1:
            chain.append(layer)
            shape = layer.output(shape)
    return first, chain


def touches_no_edge(chain: list[Layer], inputs: list[Shape], position: int) -> bool:
    """Whether a position behind a chain on a sequence reads nothing beyond an end, of any layer's input."""
    cells = {position}
    for layer, shape in zip(reversed(chain), reversed(inputs), strict=True):
        (window,) = layer.geometry(shape)
        cells = {tap for cell in cells for tap in window.taps(cell)}
        if not cells <= set(range(shape.extents[0])):
            return False
    return True


@settings(PATIENT, max_examples=800)
@given(sequence_chains())
def test_a_chain_is_read_exactly_where_no_edge_is_touched(drawn: tuple[Shape, list[Layer]]) -> None:
    """Behind several layers a position that touches no padding reads from the first to the last pixel of its field."""
    shape, chain = drawn
    x, fields, inputs = traced_image(shape), identity_fields(shape), []
    for layer in chain:
        inputs.append(x.shape)
        x = run(layer, x)
        fields = layer.fields((fields,), (inputs[-1],), x.shape)
    (field,) = fields
    if field.along is None:
        return
    for position in range(x.dims[0]):
        if touches_no_edge(chain, inputs, position):
            real = pixels_along(reads_at(x, (position,)), 0, shape.extents)
            assert field.span(position) == ((min(real), max(real)) if real else None)
