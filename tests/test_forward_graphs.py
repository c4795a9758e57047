"""Whole small networks, held against what their forward pass really does."""

from __future__ import annotations

from typing import Final

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc.forward.run import walk
from cnncalc.forward.tensor import Tensor, indices
from cnncalc.report import Report
from tracing import pixels_along, reads_at, run, traced_image

# Statements that leave a map as large as it was, so that any of them may stand in any branch.
KEEPING: Final = (
    "conv 2 3x3 same",
    "conv 2 1x1",
    "conv 2 3x1 same d2",
    "dwconv 3x3 p1",
    "maxpool 3x3 s1 p1",
    "avgpool 3 s1 same",
    "bn",
    "relu",
    "identity",
    "multiply { identity | gap keep; conv channels 1x1; sigmoid }",
)
CHANGING: Final = (
    "conv 3 3x3",
    "conv 2 2x2 s2",
    "maxpool 2",
    "convt 2 2x2 s2",
    "convt 1 3x3 s2 p1 op1",
    "upsample 2",
    "pad 1:0x0:1",
    "crop 1x0",
)
ENDS: Final = ("gap", "flatten; dense 2", "gmp keep", "flatten")


@st.composite
def branches(draw: st.DrawFn, depth: int = 0) -> str:
    """A few statements that keep the extents, perhaps with merges among them."""
    statements = []
    for _ in range(draw(st.integers(1, 2))):
        if depth < 2 and draw(st.integers(0, 3)) == 0:
            inner = [draw(branches(depth + 1)) for _ in range(draw(st.integers(1, 3)))]
            merge = draw(st.sampled_from(("concat", "add", "maximum")))
            if merge != "concat":
                inner = [f"{branch}; conv 2 1x1" for branch in inner]
            statements.append(f"{merge} {{ {' | '.join(inner)} }}")
        else:
            statements.append(draw(st.sampled_from(KEEPING)))
    return "; ".join(statements)


@st.composite
def specs(draw: st.DrawFn) -> str:
    """A small network: branches, layers that change the extents, a tensor that is named and gone back to."""
    height, width, channels = draw(st.integers(7, 10)), draw(st.integers(7, 10)), draw(st.integers(1, 2))
    statements = [f"input {height}x{width}x{channels}"]
    statements += draw(st.lists(st.one_of(branches(), st.sampled_from(CHANGING)), min_size=1, max_size=3))
    if draw(st.booleans()):
        statements.append(f"conv 2 1x1 as skip; {draw(branches())}; concat {{ identity | from skip }}")
    if draw(st.booleans()):
        statements.append(f"aux {{ {draw(st.sampled_from(ENDS))} }}")
    if draw(st.booleans()):
        statements.append(draw(st.sampled_from(ENDS)))
    return "; ".join(statements)


def traced(report: Report) -> list[Tensor]:
    """The tensors of all nodes; `run` holds each layer's shape, arrays and multiply-accumulates on the way."""
    image = traced_image(report.graph.nodes[0].shape)
    return list(walk(report.graph, image, lambda index, *inputs: run(report.records[index - 1].layer, *inputs)))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(specs())
def test_a_network_reads_what_its_records_say(spec: str) -> None:
    """In a network with branches no layer reads a pixel outside its field, and a field that is met is met whole."""
    try:
        report = cnncalc.analyze(spec)
    except cnncalc.SpecError as error:
        # The layers before it made the map too small.
        assert "is larger than the input's" in error.message or "leaves nothing" in error.message  # noqa: PT017
        reject()
    extents = report.graph.nodes[0].shape.extents
    for record, tensor in zip(report.records, traced(report)[1:], strict=True):
        assert tensor.dims == record.output.dims
        for axis, field in enumerate(record.fields):
            for position in indices(tensor.dims[:-1]):
                real = pixels_along(reads_at(tensor, position), axis, extents)
                if not real or field.along is None:
                    continue
                span = field.span(position[field.along] if position else 0)
                assert span is not None
                assert span[0] <= min(real), (record.name, field, position)
                assert max(real) <= span[1], (record.name, field, position)


def test_fields_of_a_network_are_met() -> None:
    """In the middle of a large enough image a field is read from its first to its last pixel."""
    spec = (
        "input 40x1x1; conv 1 3x1 p1x0; add { conv 1 3x1 p1x0; maxpool 3x1 s1 p1x0 | identity }; conv 1 2x1 s2x1; "
        "concat { convt 1 2x1 s2x1; conv 1 3x1 s2x1 p1x0 | identity | conv 1 5x1 p2x0 }; upsample 2x1"
    )
    report = cnncalc.analyze(spec)
    for record, tensor in zip(report.records, traced(report)[1:], strict=True):
        field = record.fields[0]
        middle = tensor.dims[0] // 2
        for place in range(middle - 2, middle + 2):
            real = pixels_along(reads_at(tensor, (place, 0)), 0, (40, 1))
            assert field.span(place) == (min(real), max(real)), record.name
