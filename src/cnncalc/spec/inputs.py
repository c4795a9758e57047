"""What goes into a network: its shape from a statement or the caller, and what two numbers of it mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cnncalc.layers import Layer
from cnncalc.layers.arguments import Cells, Dims, Factor, Sizes, Steps
from cnncalc.prose import counted
from cnncalc.shapes import Shape
from cnncalc.spec import parser
from cnncalc.spec.expressions import Expression, Name, Value
from cnncalc.spec.graph import Note
from cnncalc.spec.source import Problem, Problems, Source, Span, SpecError, fail
from cnncalc.spec.statements import InputStatement

ASSUMED_INPUT: Final = Shape((224, 224), 3)
_LAYOUTS: Final = ("channels-first", "channels-last")


class ReadAsImage(Exception):  # noqa: N818  no error: a decision
    """Two numbers of an input turn out to be a height and a width."""


class Input:
    """How the input is read: two numbers are an image with one channel if `image` says so, else a sequence.

    It is `ambiguous` until the first kernel decides, and `sizing` while its size is being worked out.
    """

    def __init__(self, value: Callable[[Expression], Value], *, image: bool) -> None:
        self.value = value
        self.image = image
        self.ambiguous = False
        self.sizing = False

    def given(self, text: Source) -> Shape:
        """The input that the caller gives."""
        source = Source("--input", f"input {text.text}")
        problems = Problems()
        statements = parser.parse(source, problems)
        problems.stop()
        if len(statements) != 1 or not isinstance(statements[0], InputStatement):
            fail("expected one size", Span(source, 6, len(source.text)), "for example `224x224x3`")
        return self.shape(statements[0])

    def shape(self, statement: InputStatement) -> Shape:
        """`input SIZE [channels-first]`."""
        sizes = [argument for argument in statement.arguments if argument.text.lower() not in _LAYOUTS]
        layouts = [argument.text.lower() for argument in statement.arguments if argument.text.lower() in _LAYOUTS]
        if len(sizes) != 1 or len(layouts) > 1:
            unexpected = sizes[1].span if len(sizes) > 1 else statement.span
            fail("`input` takes one size", unexpected, "for example `input 224x224x3`")
        argument = sizes[0]
        self.sizing = True
        try:
            value = self.value(Name(argument.text, argument.span) if argument.key else argument.value)
        finally:
            self.sizing = False
        try:
            dims = Sizes().read(value)
        except ValueError as error:
            raise SpecError([Problem(f"an extent of the input {error}", argument.span)]) from None
        self.ambiguous = len(dims) == 2 and not layouts
        if self.ambiguous and self.image:
            dims = (*dims, 1)
        return Shape(dims[1:], dims[0]) if "channels-first" in layouts else Shape(dims[:-1], dims[-1])

    def notes(self, shape: Shape) -> list[Note]:
        """How two numbers were read; as an image they are in doubt no longer."""
        if not self.ambiguous:
            return []
        if self.image:
            self.ambiguous = False
            height, width = shape.extents
            text = f"the input {height}x{width} is read as an image with one channel, {shape}"
            return [Note("input-as-image", text)]
        steps = counted(shape.extents[0], "step")
        text = f"the input {shape} is read as a sequence of {steps} with {counted(shape.channels, 'channel')}"
        hint = f"; an image with one channel is written {shape}x1"
        return [Note("input-as-sequence", text + hint)]

    def decide(self, layer: Layer) -> None:
        """The first kernel decides what two numbers of an input are. Raises `ReadAsImage` for an image."""
        along_axes = [
            argument
            for argument in layer.arguments
            if isinstance(argument.type, (Sizes, Steps, Cells, Factor)) and not isinstance(argument.type, Dims)
        ]
        values = [getattr(layer, argument.name) for argument in along_axes]
        if layer.rank == 2 or any(isinstance(value, tuple) and len(value) == 2 for value in values):
            raise ReadAsImage
        self.ambiguous = layer.rank is None and not any(argument.positional for argument in along_axes)
