"""What is printed can be read again, and means the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc import library
from cnncalc.layers import KINDS, Layer
from cnncalc.shapes import Shape
from strategies import layers, layers_on, shapes

SINGLE = [name for name, kind in KINDS.items() if not kind.merges]
RANKED = [name for name in SINGLE if KINDS[name].ranked]


def read(text: str, shape: Shape) -> Layer:
    """The layer that a statement describes, on an input of that shape."""
    layout = " channels-last" if shape.rank == 1 else ""
    (record,) = cnncalc.analyze(f"input {shape}{layout}; {text}").records
    return record.layer


@pytest.mark.parametrize("kind", SINGLE)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_layer_is_read_as_it_was_printed(kind: str, data: st.DataObject) -> None:
    """Any arguments of any kind, printed for the rank of its input, give an equal layer."""
    layer, shape = data.draw(layers(kind))
    text = layer.text(shape.rank)
    found = read(text, shape)
    assert found.text(shape.rank) == text
    assert found.output(shape) == layer.output(shape)
    assert found.arrays(shape) == layer.arrays(shape)
    # A number for all axes and the same number for each are printed alike.
    assert spread(found, shape.rank) == spread(layer, shape.rank)


def spread(layer: Layer, rank: int) -> dict[str, object]:
    """The arguments, those for the axes with one value for each."""
    values = {argument.name: getattr(layer, argument.name) for argument in layer.arguments}
    return {
        name: value * rank if isinstance(value, tuple) and len(value) == 1 else value for name, value in values.items()
    }


@pytest.mark.parametrize("kind", RANKED)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_layer_that_insists_on_its_rank_is_read_as_it_was_printed(kind: str, data: st.DataObject) -> None:
    """`conv2d` stays `conv2d`."""
    shape = data.draw(shapes((1, 2, 3)))
    plain = data.draw(layers_on(kind, shape))
    layer = type(plain)(
        rank=shape.rank, **{argument.name: getattr(plain, argument.name) for argument in plain.arguments}
    )
    assert layer.text(shape.rank).startswith(f"{kind}{shape.rank}d")
    assert read(layer.text(shape.rank), shape).rank == shape.rank


@pytest.mark.parametrize("name", library.names())
def test_shipped_networks_are_read_as_they_were_printed(name: str) -> None:
    """Every layer of every network, printed as a statement, is an equal layer again."""
    for record in cnncalc.analyze(name).records:
        if not record.layer.merges:
            text = record.layer.text(record.input.rank)
            found = read(text, record.input)
            assert spread(found, record.input.rank) == spread(record.layer, record.input.rank)
            assert found.text(record.input.rank) == text
        else:
            assert record.layer.text(2) == record.kind
