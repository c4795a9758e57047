"""Convolutions: ordinary, transposed, depthwise, separable, and without weight sharing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.algebra import Number, larger, step, whole
from cnncalc.forward.tensor import Position, Tensor, Weights, build, dot, indices, windowed
from cnncalc.layers.activation import ACTIVATION_WORDS, ACTIVATIONS, activated
from cnncalc.layers.arguments import Cells, Choice, Count, Flag, Padding, Size, Sizes, Steps
from cnncalc.layers.base import Array, Factors, Layer, LayerError, Learnt, arg, check_groups, layer, partial_kind
from cnncalc.shapes import AXIS_NAMES, Geometry, Shape, Spread, Window, same_padding

MAPS = (1, 2, 3)


@partial_kind
class Sliding(Layer):
    """A window that slides over the input: its stride, padding and dilation."""

    ranks = MAPS

    stride: Size = arg("step of the window", Steps(), (1,), short="s", always=True)
    padding: Padding = arg(
        "zeros around the input",
        Cells(("same", "valid", "full", "causal")),
        "valid",
        short="p",
        words={word: word for word in ("same", "valid", "full", "causal")},
        always=True,
    )
    dilation: Size = arg("distance of the window's taps", Steps(), (1,), short="d")

    def size(self) -> tuple[str, Size]:
        """The name of the argument that holds the window's size, and the size."""
        raise NotImplementedError

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """The window along each axis, with what a padding word comes to there."""
        return self.windows(shape)

    def windows(self, shape: Shape) -> tuple[Window, ...]:
        """The same, where it is known to be windows."""
        name, size = self.size()
        sizes = self.fit(size, shape, name)
        strides = self.fit(self.stride, shape, "stride")
        dilations = self.fit(self.dilation, shape, "dilation")
        return tuple(
            self.one_axis(extent, Window(*numbers), cells, axis)
            for extent, *numbers, cells, axis in zip(
                shape.extents, sizes, strides, dilations, self.cells(shape), AXIS_NAMES[shape.rank], strict=True
            )
        )

    def cells(self, shape: Shape) -> tuple[str | tuple[Number, Number], ...]:
        """The padding for each axis, a word or cells."""
        if isinstance(self.padding, str):
            if self.padding == "causal" and shape.rank != 1:
                message = f"`causal` padding looks back along a sequence, but the input is {shape.described()}"
                raise LayerError(message, at="padding")
            return (self.padding,) * shape.rank
        return self.fit(self.padding, shape, "padding")

    def one_axis(self, extent: Number, window: Window, cells: str | tuple[Number, Number], axis: str) -> Window:
        """One axis. Raises `LayerError` if the window is larger than the padded input."""
        effective = window.effective
        match cells:
            case "same":
                before, after = same_padding(extent, effective, window.stride)
            case "full":
                before = after = effective - 1
            case "causal":
                before, after = effective - 1, 0
            case (before, after):
                pass
            case _:
                before = after = 0
        window = window._replace(before=before, after=after)
        if window.output(extent) < 1:
            dilated = f" (dilated to {effective})" if window.dilation != 1 else ""
            padded = f", padded to {extent + window.padding}" if window.padding != 0 else ""
            message = f"a window of {window.size}{dilated} is larger than the input's {axis} of {extent}{padded}"
            raise LayerError(message, at=self.size()[0])
        return window


@partial_kind
class Weighted(Learnt):
    """A layer with kernels, perhaps biases, and perhaps an activation that it ends in."""

    bias: bool = arg("whether it adds a learnt offset", Flag(), default=True, words={"nobias": False})
    activation: str | None = arg("the activation that it ends in", Choice(ACTIVATIONS), None, words=ACTIVATION_WORDS)

    def kernels(self, shape: Shape) -> tuple[Array, ...]:
        """The arrays of weights."""
        raise NotImplementedError

    def bias_dims(self, shape: Shape) -> tuple[Number, ...]:
        """One offset for every channel of the output."""
        return (self.channels(shape),)

    def learnt(self, shape: Shape) -> tuple[Array, ...]:
        """The kernels and the biases."""
        kernels = self.kernels(shape)
        return (*kernels, Array("bias", self.bias_dims(shape), "bias")) if self.bias else kernels

    def sums(self, x: Tensor, weights: Weights) -> Tensor:
        """The sums of products."""
        raise NotImplementedError

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:
        """The sums, the biases, the activation."""
        y = self.sums(inputs[0], weights)
        if self.bias:
            bias = weights["bias"].values
            y = Tensor(y.dims, [value + bias[index % len(bias)] for index, value in enumerate(y.values)])
        return activated(self.activation, y)


@partial_kind
class Convolution(Sliding, Weighted):
    """A weighted window with a number of filters."""

    filters: Number = arg("number of filters, the channels of the output", Count(), positional=True, assumed=1)
    kernel: Size = arg("size of the filters", Sizes(), positional=True)

    def size(self) -> tuple[str, Size]:
        """The kernel."""
        return "kernel", self.kernel

    def channels(self, shape: Shape) -> Number:  # noqa: ARG002
        """One for each filter."""
        return self.filters


@layer("conv", keras="Conv{rank}D", torch="Conv{rank}d", ranked=True)
class Conv(Convolution):
    """Slides filters over the input; each output value is a sum of products and a bias."""

    groups: Number = arg("parts of the channels that are convolved apart", Count(), 1, short="g")

    def check(self, *inputs: Shape) -> None:
        """Groups divide the channels."""
        super().check(*inputs)
        check_groups(self.groups, inputs[0].channels, "input channel")
        check_groups(self.groups, self.filters, "filter")

    def kernels(self, shape: Shape) -> tuple[Array, ...]:
        """Rows, columns, channels of a group, filters."""
        size = self.fit(self.kernel, shape, "kernel")
        return (Array("kernel", (*size, shape.channels // self.groups, self.filters), axes="* i o", torch="o i *"),)

    def macs(self, shape: Shape, output: Shape) -> Factors:
        """H_out*W_out * F_h*F_w * C_in/groups * C_out."""
        size = self.fit(self.kernel, shape, "kernel")
        return ((*output.extents, *size, shape.channels // self.groups, self.filters),)

    def ordinary(self, shape: Shape) -> Layer | None:  # noqa: ARG002
        """All channels in one group."""
        return None if self.groups == 1 else self.changed(groups=1)

    def sums(self, x: Tensor, weights: Weights) -> Tensor:
        """The cross-correlation: the kernel is not flipped."""
        output, kernel, windows = self.output(x.shape), weights["kernel"], self.geometry(x.shape)
        depth, filters = kernel.dims[-2:]
        groups = whole(self.groups)
        by_filter = [kernel.values[number::filters] for number in range(filters)]
        values: list[Any] = []
        for position in indices(output.extents):  # type: ignore[arg-type]  # a tensor's shape has no symbols
            cells = list(windowed(windows, position))
            for group in range(groups):
                channels = range(group * depth, (group + 1) * depth)
                read = [x.read((*cell, channel)) for cell in cells for channel in channels]
                own = by_filter[group * filters // groups : (group + 1) * filters // groups]
                values += [dot(zip(filter_, read, strict=True)) for filter_ in own]
        return Tensor(output.dims, values)  # type: ignore[arg-type]


@layer("local", keras="LocallyConnected{rank}D", torch=None, ranked=True)
class Local(Convolution):
    """A convolution whose filters are different at every position: no weight sharing."""

    def kernels(self, shape: Shape) -> tuple[Array, ...]:
        """The position, then as for a convolution."""
        size = self.fit(self.kernel, shape, "kernel")
        return (Array("kernel", (*self.output(shape).extents, *size, shape.channels, self.filters)),)

    def bias_dims(self, shape: Shape) -> tuple[Number, ...]:
        """One offset for every value of the output."""
        return self.output(shape).dims

    def macs(self, shape: Shape, output: Shape) -> Factors:
        """As many as a convolution's."""
        return ((*output.extents, *self.fit(self.kernel, shape, "kernel"), shape.channels, self.filters),)

    def sums(self, x: Tensor, weights: Weights) -> Tensor:
        """At every position with its own kernel."""
        kernel, windows, rank = weights["kernel"], self.geometry(x.shape), x.shape.rank

        def value(position: Position, filter_: int) -> Any:
            return dot(
                (kernel[(*position, *tap, channel, filter_)], x.read((*cell, channel)))
                for tap, cell in zip(indices(kernel.dims[rank:-2]), windowed(windows, position), strict=True)
                for channel in range(x.dims[-1])
            )

        return build(self.output(x.shape), value)


@partial_kind
class Depthwise(Sliding, Weighted):
    """A window over each channel by itself."""

    kernel: Size = arg("size of the filters", Sizes(), positional=True)
    multiplier: Number = arg("filters for each channel", Count(), 1, short="m")

    def size(self) -> tuple[str, Size]:
        """The kernel."""
        return "kernel", self.kernel

    def ordinary(self, shape: Shape) -> Layer | None:
        """A convolution over all channels at once."""
        own = {
            argument.name: getattr(self, argument.name) for argument in self.arguments if argument.name != "multiplier"
        }
        return Conv(**own | {"filters": self.channels(shape)})

    def depthwise_factors(self, shape: Shape, output: Shape) -> tuple[Number, ...]:
        """H_out*W_out * F_h*F_w * C * multiplier."""
        return (*output.extents, *self.fit(self.kernel, shape, "kernel"), shape.channels, self.multiplier)

    def depthwise(self, x: Tensor, kernel: Tensor) -> Tensor:
        """Every channel with its own filters; channel c's results are c*multiplier onwards."""
        windows, multiplier = self.geometry(x.shape), kernel.dims[-1]
        extents = tuple(window.output(extent) for window, extent in zip(windows, x.shape.extents, strict=True))

        def value(position: Position, filter_: int) -> Any:
            channel, number = divmod(filter_, multiplier)
            return dot(
                (kernel[(*tap, channel, number)], x.read((*cell, channel)))
                for tap, cell in zip(indices(kernel.dims[:-2]), windowed(windows, position), strict=True)
            )

        return build(Shape(extents, x.dims[-1] * multiplier), value)


@layer("dwconv", "depthwise", keras="DepthwiseConv{rank}D", torch="Conv{rank}d", ranked=True)
class DwConv(Depthwise):
    """A depthwise convolution: each channel is filtered by itself, and none is mixed with another."""

    def channels(self, shape: Shape) -> Number:
        """As many for each channel as the multiplier says."""
        return shape.channels * self.multiplier

    def kernels(self, shape: Shape) -> tuple[Array, ...]:
        """Rows, columns, channels, multiplier."""
        size = self.fit(self.kernel, shape, "kernel")
        return (Array("kernel", (*size, shape.channels, self.multiplier), axes="* c m", torch="(c m) 1 *"),)

    def macs(self, shape: Shape, output: Shape) -> Factors:
        """H_out*W_out * F_h*F_w * C * multiplier."""
        return (self.depthwise_factors(shape, output),)

    def sums(self, x: Tensor, weights: Weights) -> Tensor:
        """Channel by channel."""
        return self.depthwise(x, weights["kernel"])


@layer("sepconv", "separable", keras="SeparableConv{rank}D", torch=None, ranked=True)
class SepConv(Depthwise):
    """A depthwise convolution, then a 1x1 convolution over its channels; one bias, at the end."""

    counted_as = "Conv{rank}d"

    filters: Number = arg("number of filters, the channels of the output", Count(), positional=True, assumed=1)
    kernel: Size = arg("size of the depthwise filters", Sizes(), positional=True)

    def channels(self, shape: Shape) -> Number:  # noqa: ARG002
        """One for each filter."""
        return self.filters

    def kernels(self, shape: Shape) -> tuple[Array, ...]:
        """The depthwise kernel, and the 1x1 kernel."""
        size = self.fit(self.kernel, shape, "kernel")
        middle = shape.channels * self.multiplier
        return (
            Array("depthwise", (*size, shape.channels, self.multiplier), axes="* c m"),
            Array("pointwise", (*(1,) * shape.rank, middle, self.filters), axes="* i o"),
        )

    def macs(self, shape: Shape, output: Shape) -> Factors:
        """Those of the depthwise part, and H_out*W_out * C*multiplier * filters."""
        pointwise = (*output.extents, shape.channels * self.multiplier, self.filters)
        return self.depthwise_factors(shape, output), pointwise

    def sums(self, x: Tensor, weights: Weights) -> Tensor:
        """Channel by channel, then over the channels."""
        middle = self.depthwise(x, weights["depthwise"])
        pointwise = weights["pointwise"]
        depth, filters = pointwise.dims[-2:]

        def value(position: Position, filter_: int) -> Any:
            return dot(
                (pointwise.values[channel * filters + filter_], middle[(*position, channel)])
                for channel in range(depth)
            )

        return build(Shape(middle.shape.extents, filters), value)


@layer("convt", "deconv", "transposed", keras="Conv{rank}DTranspose", torch="ConvTranspose{rank}d", ranked=True)
class ConvT(Convolution):
    """A transposed convolution: every input value spreads a filter over the output."""

    # Without a word it is PyTorch's rule, with P cells cut off on every side; the words are Keras's.
    padding: Padding = arg(
        "cells cut off around the output",
        Cells(("same", "valid")),
        ((0, 0),),
        short="p",
        words={"same": "same", "valid": "valid"},
        always=True,
    )
    output_padding: Size | None = arg("cells added at the output's end", Steps(0), None, short="op")
    groups: Number = arg("parts of the channels that are convolved apart", Count(), 1, short="g")

    def check(self, *inputs: Shape) -> None:
        """Groups divide the channels, and the output padding is smaller than a step."""
        super().check(*inputs)
        (shape,) = inputs
        check_groups(self.groups, shape.channels, "input channel")
        check_groups(self.groups, self.filters, "filter")
        strides, dilations = self.fit(self.stride, shape, "stride"), self.fit(self.dilation, shape, "dilation")
        for extra, stride, dilation in zip(self.extra(shape), strides, dilations, strict=True):
            if extra is not None and extra >= larger(stride, dilation):
                message = f"output padding {extra} must be smaller than the stride or the dilation"
                raise LayerError(message, at="output_padding")

    def ordinary(self, shape: Shape) -> Layer | None:  # noqa: ARG002
        """All channels in one group."""
        return None if self.groups == 1 else self.changed(groups=1)

    def extra(self, shape: Shape) -> tuple[Number | None, ...]:
        """The output padding along each axis."""
        if self.output_padding is None:
            return (None,) * shape.rank
        return self.fit(self.output_padding, shape, "output_padding")

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """How each position of the output collects what was spread."""
        sizes = self.fit(self.kernel, shape, "kernel")
        strides = self.fit(self.stride, shape, "stride")
        dilations = self.fit(self.dilation, shape, "dilation")
        return tuple(
            self.spread(extent, Spread(*numbers), cells, extra, axis)
            for extent, *numbers, cells, extra, axis in zip(
                shape.extents,
                sizes,
                strides,
                dilations,
                self.cells(shape),
                self.extra(shape),
                AXIS_NAMES[shape.rank],
                strict=True,
            )
        )

    def spread(
        self, extent: Number, spread: Spread, cells: str | tuple[Number, Number], extra: Number | None, axis: str
    ) -> Spread:
        """One axis. Raises `LayerError` if nothing is left of the output."""
        if isinstance(cells, str):
            return keras_spread(extent, spread, extra, same=cells == "same")
        before, after = cells
        spread = spread._replace(before=before, after=after, extra=extra or 0)
        if spread.output(extent) < 1:
            message = f"padding {before} + {after} leaves nothing of the output's {axis}"
            raise LayerError(message, at="padding")
        return spread

    def kernels(self, shape: Shape) -> tuple[Array, ...]:
        """Rows, columns, channels of the input, filters of a group."""
        size = self.fit(self.kernel, shape, "kernel")
        dims = (*size, shape.channels, self.filters // self.groups)
        return (Array("kernel", dims, axes="* i o", keras="* o i", torch="i o *"),)

    def macs(self, shape: Shape, output: Shape) -> Factors:  # noqa: ARG002
        """H_in*W_in * F_h*F_w * C_in * C_out/groups."""
        size = self.fit(self.kernel, shape, "kernel")
        return ((*shape.extents, *size, shape.channels, self.filters // self.groups),)

    def sums(self, x: Tensor, weights: Weights) -> Tensor:
        """Every input value times the kernel, added up where it falls."""
        shape, kernel = self.output(x.shape), weights["kernel"]
        geometry = self.geometry(x.shape)
        per_group = kernel.dims[-1]
        channels_of_group = x.dims[-1] // whole(self.groups)
        sums: dict[Position, Any] = {}
        for position in x.positions:
            cells = list(zip(indices(kernel.dims[:-2]), _spread_to(geometry, position), strict=True))
            for channel in range(x.dims[-1]):
                first = channel // channels_of_group * per_group
                value: Any = x[(*position, channel)]
                for tap, cell in cells:
                    for number in range(per_group):
                        weight: Any = kernel[(*tap, channel, number)]
                        product = weight * value
                        index = (*cell, first + number)
                        sums[index] = sums[index] + product if index in sums else product
        return build(shape, lambda position, filter_: sums.get((*position, filter_), 0))


def keras_spread(extent: Number, spread: Spread, extra: Number | None, *, same: bool) -> Spread:
    """`same` or `valid` as Keras means them for a transposed convolution.

    Without output padding the output has W*S (`same`), or W*S + max(F - S, 0) (`valid`); with it, the
    length is (W - 1)S + F + OP, less 2*floor(F/2) for `same`. What is cut off comes half before, half after.
    """
    effective, stride = spread.effective, spread.stride
    full = step((extent - 1) * stride + effective, "full")
    if extra is None:
        length = extent * stride if same else extent * stride + larger(effective - stride, 0)
    else:
        length = full + extra - 2 * (effective // 2) if same else full + extra
    length = step(length, "target")
    cut = step(larger(full - length, 0), "cut") if same else 0
    return spread._replace(before=cut // 2, after=cut - cut // 2, extra=length - full + cut)


def _spread_to(geometry: tuple[Geometry, ...], position: Position) -> Iterator[Position]:
    """The output positions that an input position adds to, tap by tap; some are cut off."""
    windows = tuple(
        Window(spread.size, spread.stride, spread.dilation, spread.before)
        for spread in geometry
        if isinstance(spread, Spread)
    )
    return windowed(windows, position)
