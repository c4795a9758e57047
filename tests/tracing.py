"""What a forward pass with numbers that keep a record says, held against what the kinds say of themselves."""

from __future__ import annotations

from cnncalc.algebra import product
from cnncalc.forward.tensor import Tensor, indices
from cnncalc.forward.traced import Ledger, Traced, traced_weights
from cnncalc.layers import Layer
from cnncalc.shapes import Field, Interval, Shape


def traced_image(shape: Shape) -> Tensor:
    """An image whose values each depend on their own pixel; its channels share the pixel."""
    channels = shape.dims[-1]
    values = [Traced(1 + index % 7 / 4, 1 << index // channels) for index in range(shape.size)]
    return Tensor(shape.dims, values)


def pixels_along(reads: int, axis: int, extents: tuple[int, ...]) -> set[int]:
    """The places along one axis of the image of the pixels that were read."""
    return {place[axis] for number, place in enumerate(indices(extents)) if reads >> number & 1}


def identity_fields(shape: Shape) -> tuple[Field, ...]:
    """What the image itself reads: each position its own pixel."""
    return tuple(Field(((0, 0),), 1, axis, extent) for axis, extent in enumerate(shape.extents))


def run(layer: Layer, *inputs: Tensor) -> Tensor:
    """The output of a layer, after holding its shape, its arrays and its multiply-accumulates against it."""
    shapes = [x.shape for x in inputs]
    layer.check(*shapes)
    stated = layer.output(*shapes)
    arrays = () if layer.merges else layer.arrays(shapes[0])
    ledger = Ledger()
    output = layer.forward(*inputs, weights=traced_weights(arrays, ledger))
    assert output.shape == stated
    assert len(output.values) == stated.size
    for array in arrays:
        used = len(ledger.used[array.name])
        # Keras keeps the number of examples that its statistics come from; nothing is computed with it.
        assert used == array.size or (used == 0 and array.name == "count"), array
    macs = () if layer.merges else layer.macs(shapes[0], stated)
    if macs:
        assert ledger.products == sum(product(factors) for factors in macs)
    return output


def reads_at(output: Tensor, position: tuple[int, ...]) -> int:
    """The pixels that all channels at a position read, as bits."""
    reads = 0
    for channel in range(output.dims[-1]):
        value = output[(*position, channel)]
        reads |= value.reads if isinstance(value, Traced) else 0
    return reads


def inside(span: Interval, extent: int) -> bool:
    """Whether an interval lies in the image."""
    return span[0] >= 0 and span[1] < extent


def hold_fields(fields: tuple[Field, ...], output: Tensor, extents: tuple[int, ...], *, edges_differ: bool) -> set[int]:
    """Assert that the output reads what the fields say; the image axes along which a largest field was seen whole.

    `edges_differ`: a unit at an edge may read other pixels than a window would (mirrored ones).
    """
    attained = set()
    assert len(fields) == len(extents)
    for position in indices(output.dims[:-1]):
        bits = reads_at(output, position)
        real = [pixels_along(bits, axis, extents) for axis in range(len(extents))]
        for axis, field in enumerate(fields):
            if field.along is None or not field.spans:
                continue
            place = position[field.along] if position else 0
            span = field.span(place)
            if span is None:
                assert not bits, (field, position)
                continue
            if not real[axis]:
                # It reads nothing but padding, along this axis or along another one.
                assert not all(
                    inside(other.span(position[other.along] if position else 0) or (-1, -1), other.extent)
                    for other in fields
                    if other.along is not None and other.spans
                )
                continue
            first, last = min(real[axis]), max(real[axis])
            if inside(span, extents[axis]):
                assert (first, last) == span, (field, position)
                if last - first + 1 == field.size:
                    attained.add(axis)
                if place % len(field.spans) == field.widest and field.stride is not None:
                    assert first == field.start + field.stride * place
            elif not edges_differ:
                assert max(span[0], 0) <= first <= last <= min(span[1], extents[axis] - 1), (field, position)
    return attained


def hold_scattered(fields: tuple[Field, ...], output: Tensor, extents: tuple[int, ...]) -> set[int]:
    """The same for values that have lost their places: how much each reads, and all of them together."""
    attained = set()
    every = [value.reads for value in output.values if isinstance(value, Traced)]
    for axis, field in enumerate(fields):
        if field.along is not None:
            continue
        spans = [(min(read), max(read)) for bits in every if (read := pixels_along(bits, axis, extents))]
        if not spans:
            continue
        assert field.reach is not None
        assert field.reach[0] <= min(first for first, _ in spans)
        assert max(last for _, last in spans) <= field.reach[1]
        if field.spans:
            assert max(last - first + 1 for first, last in spans) <= field.size
            attained |= {axis for first, last in spans if last - first + 1 == field.size}
    return attained
