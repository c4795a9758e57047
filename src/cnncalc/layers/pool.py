"""Pooling: a window's largest, mean or smallest value; the same of a whole map; and of a map cut in parts."""

from __future__ import annotations

import math
from typing import Any

from cnncalc.algebra import Number, same
from cnncalc.forward.tensor import Position, Tensor, Weights, apply, build, divide, largest, smallest, total, windowed
from cnncalc.layers.arguments import Flag, Size, Sizes, Steps, shortest
from cnncalc.layers.base import Layer, LayerError, arg, layer, partial_kind
from cnncalc.layers.conv import MAPS, Sliding
from cnncalc.shapes import Divide, Geometry, Shape, Whole, Window
from cnncalc.spec.expressions import KEEP


@partial_kind
class Pool(Sliding):
    """A window that slides over every channel by itself."""

    window: Size = arg("size of the window", Sizes(), positional=True)
    stride: Size = arg(
        "step of the window; the window if left out",
        Steps(),
        lambda pool: shortest(pool.window),
        short="s",
        always=True,
    )
    ceil: bool = arg("round the output up instead of down", Flag(), default=False, words={"ceil": True})

    def size(self) -> tuple[str, Size]:
        """The window."""
        return "window", self.window

    def one_axis(self, extent: Number, window: Window, cells: str | tuple[Number, Number], axis: str) -> Window:
        """One axis. Raises `LayerError` for more padding than half the window, as PyTorch does."""
        window = super().one_axis(extent, window._replace(ceil=self.ceil), cells, axis)
        if not isinstance(cells, str):
            for padding in cells:
                if 2 * padding > window.size:
                    message = f"padding {padding} is more than half of the window of {window.size}"
                    raise LayerError(message, at="padding")
        return window

    def pooled(self, values: list[Any], padding: int) -> Any:
        """The value of a window from those inside the input; `padding` cells lie outside."""
        raise NotImplementedError

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """Window by window."""
        (x,) = inputs
        windows = self.windows(x.shape)

        def value(position: Position, channel: int) -> Any:
            cells = [x.read((*cell, channel), None) for cell in windowed(windows, position)]
            inside = [value for value in cells if value is not None]
            if len(inside) == len(cells):
                return self.pooled(inside, 0)
            beyond = sum(
                any(
                    place >= extent + int(window.after)  # type: ignore[arg-type]
                    for place, extent, window in zip(cell, x.dims, windows, strict=False)
                )
                for cell in windowed(windows, position)
            )
            return self.pooled(inside, len(cells) - len(inside) - beyond)

        return build(self.output(x.shape), value)


@layer("maxpool", "pool", keras="MaxPooling{rank}D", torch="MaxPool{rank}d", ranked=True)
class MaxPool(Pool):
    """The largest value in each window; padding counts as minus infinity."""

    def pooled(self, values: list[Any], padding: int) -> Any:  # noqa: ARG002
        """The largest."""
        return largest(values) if values else -math.inf


@layer("minpool", keras=None, torch=None, ranked=True)
class MinPool(Pool):
    """The smallest value in each window; padding counts as infinity."""

    def pooled(self, values: list[Any], padding: int) -> Any:  # noqa: ARG002
        """The smallest."""
        return smallest(values) if values else math.inf


@layer("avgpool", keras="AveragePooling{rank}D", torch="AvgPool{rank}d", ranked=True)
class AvgPool(Pool):
    """The mean of each window; padding cells count as zeros, with `nopadcount` and with `same` not at all."""

    # PyTorch counts them unless it is told not to; `same` is Keras's word, and Keras does not.
    padcount: bool = arg(
        "whether padding cells count in the divisor",
        Flag(),
        lambda pool: pool.padding != "same",
        words={"nopadcount": False, "padcount": True},
    )

    def pooled(self, values: list[Any], padding: int) -> Any:
        """The sum over the number of cells."""
        return divide(total(values), (len(values) + padding * self.padcount) or 1)


@layer("l2pool", keras=None, torch="LPPool{rank}d", ranked=True)
class L2Pool(Pool):
    """The root of the sum of squares in each window.

    PyTorch's LPPool with ceil_mode makes more of a window that is cut off; here it is the sum that it has.
    """

    def pooled(self, values: list[Any], padding: int) -> Any:  # noqa: ARG002
        """The Euclidean norm."""
        return apply(math.sqrt, total(value * value for value in values))


@partial_kind
class GlobalPool(Layer):
    """One value for every channel."""

    ranks = MAPS

    keep: bool = arg("keep the axes, as 1x1xC; else a vector of C", Flag(), default=False, words={"keep": True})

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """The whole map."""
        return tuple(Whole(extent) for extent in shape.extents)

    def output(self, *inputs: Shape) -> Shape:
        """The channels."""
        (shape,) = inputs
        return Shape((1,) * shape.rank if self.keep else (), shape.channels)

    def pooled(self, values: list[Any]) -> Any:
        """The value of a channel."""
        raise NotImplementedError

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """Channel by channel."""
        (x,) = inputs
        return build(
            self.output(x.shape), lambda _, channel: self.pooled([x[(*place, channel)] for place in x.positions])
        )


@layer("gap", "globalavgpool", keras="GlobalAveragePooling{rank}D", torch=None, ranked=True)
class Gap(GlobalPool):
    """Global average pooling: the mean of every channel."""

    counted_as = "AdaptiveAvgPool{rank}d"

    def pooled(self, values: list[Any]) -> Any:
        """The mean."""
        return divide(total(values), len(values))


@layer("gmp", "globalmaxpool", keras="GlobalMaxPooling{rank}D", torch=None, ranked=True)
class Gmp(GlobalPool):
    """Global max pooling: the largest value of every channel."""

    counted_as = "AdaptiveMaxPool{rank}d"

    def pooled(self, values: list[Any]) -> Any:
        """The largest."""
        return largest(values)


@partial_kind
class AdaptivePool(Layer):
    """A map cut into a given number of parts, which may overlap by one."""

    ranks = MAPS

    size: Size = arg("size of the output; `_` keeps an axis", Sizes(keep=True), positional=True)

    def extents(self, shape: Shape) -> tuple[Number, ...]:
        """The output's extents."""
        sizes = self.fit(self.size, shape, "size")
        return tuple(extent if size is KEEP else size for size, extent in zip(sizes, shape.extents, strict=True))

    def renames(self, shape: Shape) -> bool:
        """To the size that it has already, it changes nothing."""
        return all(map(same, self.extents(shape), shape.extents))

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """The parts along each axis."""
        return tuple(Divide(size, extent) for size, extent in zip(self.extents(shape), shape.extents, strict=True))

    def pooled(self, values: list[Any]) -> Any:
        """The value of a part."""
        raise NotImplementedError

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:  # noqa: ARG002
        """Part by part."""
        (x,) = inputs
        parts = self.geometry(x.shape)

        def value(position: Position, channel: int) -> Any:
            return self.pooled([x[(*cell, channel)] for cell in windowed(parts, position)])

        return build(self.output(x.shape), value)


@layer("adaptiveavgpool", keras=None, torch="AdaptiveAvgPool{rank}d", ranked=True)
class AdaptiveAvgPool(AdaptivePool):
    """The means of a map's parts: part i of O reads floor(iW/O) up to ceil((i + 1)W/O)."""

    def pooled(self, values: list[Any]) -> Any:
        """The mean."""
        return divide(total(values), len(values))


@layer("adaptivemaxpool", keras=None, torch="AdaptiveMaxPool{rank}d", ranked=True)
class AdaptiveMaxPool(AdaptivePool):
    """The largest values of a map's parts: part i of O reads floor(iW/O) up to ceil((i + 1)W/O)."""

    def pooled(self, values: list[Any]) -> Any:
        """The largest."""
        return largest(values)
