"""The forward pass of a spec on numbers that a user gives: `cnncalc.forward`, and what `cnncalc run` is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import prod
from os import PathLike, fspath
from typing import Any, Final, NamedTuple, TypeAlias

from cnncalc import report as reports
from cnncalc.forward import reading
from cnncalc.forward.reading import fail, to_channels_first, to_channels_last
from cnncalc.forward.run import walk
from cnncalc.forward.tensor import Tensor, Weights
from cnncalc.forward.weights import LARGEST_VALUE, Supply, filler, whole_numbers
from cnncalc.infer import Record
from cnncalc.layers.base import Layer
from cnncalc.report import Report
from cnncalc.shapes import Shape
from cnncalc.spec import parser
from cnncalc.spec.expand import Options
from cnncalc.spec.source import Problems, Source, SpecError
from cnncalc.spec.statements import InputStatement

WEIGHT_LAYOUTS: Final = ("keras", "torch")
# Multiply-accumulates in a second, roughly: the definition is computed number by number.
SPEED: Final = 10_000_000

# Called for every layer when it is done: with its record, what it read, its arrays, and what it puts out.
Observer: TypeAlias = Callable[[Record, tuple[Tensor, ...], Weights, Tensor], None]


class Given(NamedTuple):
    """The numbers that go in. `channels_first` says in which order their axes are.

    Text that says how numbers are made up (`random:1`, `ones`, `zeros`) stands in `made`, without a tensor.
    """

    tensor: Tensor | None
    channels_first: bool = False
    made: str = ""


class Network(NamedTuple):
    """A network and the image that goes in, channels last.

    `bare` says that the image was given without an axis for its one channel.
    """

    report: Report
    image: Tensor
    bare: bool

    def shown(self, x: Tensor, *, channels_first: bool = False) -> Tensor:
        """A tensor of the network in the layout of its user, and without an axis that the user left out."""
        if self.bare and x.shape.rank and x.dims[-1] == 1:
            return Tensor(x.dims[:-1], x.values)
        return to_channels_first(x) if channels_first else x


def settled(value: Any, *, exact: bool) -> Any:
    """A number as a result: a whole Fraction is an integer, another one a float unless it is to be exact.

    >>> settled(Fraction(4, 2), exact=False), settled(Fraction(1, 2), exact=False)
    (2, 0.5)
    """
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return value.numerator
        return value if exact else float(value)
    return value


def result(x: Tensor, *, exact: bool) -> Tensor:
    """A tensor of numbers as results."""
    return Tensor(x.dims, [settled(value, exact=exact) for value in x.values])


def forward(
    spec: str | PathLike[str],
    *,
    x: Any,
    weights: Mapping[str, Any] | str | None = None,
    layout: str = "keras",
    input: str | tuple[int, ...] | None = None,  # noqa: A002  the name that users know
    set: Mapping[str, object] | None = None,  # noqa: A002
    exact: bool = False,
) -> Any:
    """What a network computes, as nested lists.

    >>> x = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    >>> forward("input 3x3x1; conv 1 2x2 nobias", x=x, weights={"conv1": [[1, 0], [0, 1]]})
    [[6, 8], [12, 14]]

    `spec`, `input` and `set` are those of `analyze`; without an input, the shape of `x` is it. `x` is nested
    lists (or an array that has a `tolist`), channels last; of a map with one channel the channel axis may be
    left out, and is then left out of a result with one channel. It may also be text: a matrix `"1 2; 3 4"` or
    `"[[1, 2], [3, 4]]"`, `"random:1"`, `"ones"`, `"zeros"`.

    `weights` has for each layer an array, which is its kernel, or a mapping of arrays; an array may be the name
    of a kernel, `"sobel-x"`, or a matrix as text. `weights="random:1"` makes up all. What only shifts or scales
    may be left out: biases, beta and means are then 0, gamma and variances 1.

    With layout "keras" a kernel has the dimensions rows, columns, channels in / groups, channels out (dense: in,
    out). With "torch" the arrays are called `weight`, `bias`, `running_mean`, `running_var` and have PyTorch's
    order, `x` and the result are channels-first, and so is the order in which `flatten` and `reshape` read.

    Integers stay integers; with `exact` decimals and fractions are Fractions. Raises `SpecError` for a broken
    spec, for numbers of another shape, and for a kernel that is missing; `ValueError` for a layout that there
    is not.
    """
    if layout not in WEIGHT_LAYOUTS:
        raise ValueError(f"layout is one of {', '.join(WEIGHT_LAYOUTS)}; not {layout!r}")
    channels_first = layout == "torch"
    network = prepare(
        reports.find(fspath(spec)), reports.options_of(input, set), given(x, channels_first=channels_first, exact=exact)
    )
    fill = filler(weights) if isinstance(weights, str) else None
    if isinstance(weights, str) and fill is None:
        fail("weights are a mapping, or `random:SEED`, `ones` or `zeros`", "weights")
    arrays = {} if weights is None or isinstance(weights, str) else weights
    supply = Supply(network.report.records, arrays, fill=fill, layout=layout, exact=exact)
    output = compute(network, supply, channels_first=channels_first)
    return reading.nested(network.shown(result(output, exact=exact), channels_first=channels_first))


def given(x: Any, *, channels_first: bool = False, exact: bool = False, name: str = "x") -> Given:
    """The numbers that go in, from Python's lists or from text; `name` is what errors call them."""
    if not isinstance(x, str):
        return Given(reading.tensor(x, name, exact=exact), channels_first)
    if filler(x):
        return Given(None, made=x)
    return of_text(Source(name, x), channels_first=channels_first, exact=exact)


def of_text(source: Source, *, channels_first: bool = False, exact: bool = False, csv: bool = False) -> Given:
    """The numbers of a text: nested lists as JSON has them, or matrices as people write them."""
    tensor, nested = reading.array(source, exact=exact, csv=csv)
    return Given(tensor, channels_first and nested)


def prepare(
    source: Source, options: Options, x: Given, *, strict: bool = False, layout: str = "channels-last"
) -> Network:
    """The network with its image. Without an input in the spec or the options, the shape of x is it.

    Raises `SpecError` if it is another one.
    """
    return with_image(analyzed(source, options, x, strict=strict, layout=layout), x)


def analyzed(
    source: Source, options: Options, x: Given, *, strict: bool = False, layout: str = "channels-last"
) -> Report:
    """The network, in numbers alone. Without an input in the spec or the options, the shape of x is it."""
    report = reports.analyze_source(source, with_input(source, options, x), strict=strict, layout=layout)
    for node in report.graph.nodes:
        if not all(isinstance(dim, int) for dim in node.shape.dims):
            fail(
                f"a forward pass needs numbers, and there is a tensor of {node.shape}",
                "spec",
                "`--set` gives a letter a value",
            )
    return report


def with_input(source: Source, options: Options, x: Given) -> Options:
    """The options, with the shape of x as the input where neither they nor the spec state one."""
    if options.input is not None or x.tensor is None or _states_input(source, options):
        return options
    return options._replace(input=Source("--input", "x".join(map(str, _input_of(x.tensor, x.channels_first)))))


def with_image(report: Report, x: Given) -> Network:
    """The network with its image. Raises `SpecError` if that has another shape than the input."""
    shape = report.graph.nodes[0].shape
    if x.tensor is None:
        return Network(report, made_up(shape, x.made), bare=False)
    image = fitted(x.tensor, shape, channels_first=x.channels_first)
    return Network(report, image, bare=shape.rank > 0 and shape.channels == 1 and len(x.tensor.dims) < len(shape.dims))


def _states_input(source: Source, options: Options) -> bool:
    """Whether a spec says what goes in: itself, or in a block that it uses."""
    if any(isinstance(statement, InputStatement) for statement in parser.parse(source, Problems())):
        return True
    try:
        graph = reports.build(source, options)
    except SpecError:
        # It does not work on the input that is assumed where none is given.
        return False
    return all(note.code != "assumed-input" for note in graph.notes)


def _input_of(x: Tensor, channels_first: bool) -> tuple[int, ...]:  # noqa: FBT001
    """The input that an array stands for: a list is a vector, a matrix an image with one channel."""
    if len(x.dims) == 2:
        return (*x.dims, 1)
    return (*x.dims[1:], x.dims[0]) if channels_first else x.dims


def fitted(x: Tensor, shape: Shape, *, channels_first: bool = False) -> Tensor:
    """The numbers as an image of that shape, channels last. Raises `SpecError` with both shapes if they do not fit.

    The axis of a single channel may be left out; a plain list does for an image that is long along one axis.
    """
    dims: tuple[int, ...] = shape.dims  # type: ignore[assignment]  # no symbols
    wanted = (dims[-1], *dims[:-1]) if channels_first else dims
    if x.dims == wanted:
        return to_channels_last(x) if channels_first else x
    without_channel = dims[-1] == 1 and x.dims == dims[:-1]
    along_one_axis = len(x.dims) == 1 and x.dims == tuple(dim for dim in dims if dim != 1)
    if not (without_channel or along_one_axis):
        order = " (channels first)" if channels_first else ""
        fail(f"x has the shape {reading.size(x.dims)}, but the input is {reading.size(wanted)}{order}", "x")
    return Tensor(dims, x.values)


def made_up(shape: Shape, how: str) -> Tensor:
    """An image of ones, of zeros, or of random whole numbers from 0 to 9."""
    dims: tuple[int, ...] = shape.dims  # type: ignore[assignment]  # no symbols
    count = prod(dims)
    word, _, seed = how.partition(":")
    values = whole_numbers(f"{seed}/x", count, 0, LARGEST_VALUE) if seed else [int(word == "ones")] * count
    return Tensor(dims, values)


def compute(
    network: Network, supply: Supply, *, channels_first: bool = False, observe: Observer | None = None
) -> Tensor:
    """The output of the network, layer by layer. Raises `SpecError` where numbers become too large for a float."""
    report = network.report

    def layer(index: int, *inputs: Tensor) -> Tensor:
        record = report.records[index - 1]
        arrays = supply.of(record)
        try:
            output = applied(record.layer, inputs, arrays, channels_first=channels_first)
        except (ArithmeticError, ValueError) as error:
            fail(f"{record.name} cannot be computed on these numbers: {error}", record.name)
        if observe is not None:
            observe(record, inputs, arrays, output)
        return output

    output = network.image
    for index, tensor in enumerate(walk(report.graph, network.image, layer)):
        if index == report.graph.output:
            output = tensor
    return output


def applied(layer: Layer, inputs: tuple[Tensor, ...], weights: Weights, *, channels_first: bool = False) -> Tensor:
    """A layer's forward pass. With channels first, as in PyTorch, a reshape reads its values in that order."""
    output = layer.forward(*inputs, weights=weights)
    if channels_first and layer.renames(inputs[0].shape):
        dims = (output.dims[-1], *output.dims[:-1])
        return to_channels_last(Tensor(dims, to_channels_first(inputs[0]).values))
    return output


def seconds(report: Report) -> float:
    """How long a forward pass takes, roughly."""
    return report.totals.macs / SPEED  # type: ignore[operator]  # no symbols
