"""Networks and questions in plain words, as they stand on an exercise sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cnncalc.homework.answers import windows
from cnncalc.homework.check import TOTAL
from cnncalc.prose import counted
from cnncalc.shapes import AXIS_NAMES, Shape, Spread, Window, join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.infer import Record
    from cnncalc.report import Report

# What people call a kind, where that is not its name.
NOUNS: Final = {
    "adaptiveavgpool": "adaptive average pooling",
    "adaptivemaxpool": "adaptive max pooling",
    "avgpool": "average pooling",
    "bn": "batch normalisation",
    "concat": "concatenation",
    "conv": "convolution",
    "convt": "transposed convolution",
    "dense": "dense layer",
    "dwconv": "depthwise convolution",
    "l2pool": "L2 pooling",
    "minpool": "min pooling",
    "flatten": "flattening to a vector",
    "gap": "global average pooling",
    "gmp": "global max pooling",
    "gn": "group normalisation",
    "ln": "layer normalisation",
    "lrn": "local response normalisation",
    "local": "locally connected layer",
    "maxpool": "max pooling",
    "relu": "ReLU",
    "sepconv": "separable convolution (depthwise, then 1x1)",
}
ACTIVATIONS: Final = {"relu": "ReLU"}
# Arguments that a description tells in its own words.
TOLD: Final = ("filters", "kernel", "window", "units", "stride", "padding", "dilation", "output_padding", "groups")
ALSO_TOLD: Final = ("multiplier", "bias", "activation", "frozen", "ceil", "padcount")
# Counts that do not depend on the size of the output.
COUNTS: Final = ("params", "trainable", "non-trainable", "weights", "biases", "param-memory", "kernel", "padding")
ROUNDED: Final = " Sizes that are not whole are rounded down."
# What stands for a setting that is asked for.
ASKED: Final = "?"

_SENTENCES: Final = {
    "params": "How many trainable parameters does {what} have?",
    "trainable": "How many trainable parameters does {what} have?",
    "non-trainable": "How many parameters does {what} have that are kept, but not trained?",
    "weights": "How many weights does {what} have, biases not counted?",
    "biases": "How many biases does {what} have?",
    "rf": "How many pixels of the input does one value of {what} see along each axis (its receptive field)?",
    "stride": "By how many pixels of the input do the receptive fields of neighbouring values of {what} lie apart?",
    "macs": "How many multiply-accumulates does {what} take for one example, additions of biases not counted?",
    "flops": "How many floating-point operations does {what} take for one example, two for each multiply-accumulate?",
    "connections": "How many connections does {what} have: multiply-accumulates and additions of biases together?",
    "activations": "How many units does {what} have: values that it puts out for one example?",
    "memory": "How many bytes do the output values of {what} take for one example, at {bytes}?",
    "param-memory": "How many bytes do all parameters of {what} take, at {bytes}?",
    "dense-params": "How many parameters would a dense layer with biases have in the place of {what}: with the same "
    "input, and as many output values?",
    "kernel": "How large is the kernel of {what}?",
    "padding": "How much padding does {what} have on each side?",
    "unread": "How many rows and columns of the input does no value of {what} see?",
    "value": "Which values does {what} put out for the input x? Kernels are slid as they are, not flipped.",
}


# What is asked of a network otherwise than of a layer: the values of its input are counted, too.
_OF_ALL: Final = {
    "activations": "How many values do the input and all layers put out for one example?",
    "memory": "How many bytes do the values of the input and of all layers' outputs take for one example, at {bytes}?",
}


def network(report: Report, hidden: str = "", asked: str = "") -> tuple[tuple[str, str], ...]:
    """What goes in and every layer, by its name and in words. `hidden` is a setting of `asked` that is not told."""
    image = report.graph.nodes[0].shape
    lines = [("input", f"{image}{_axes(image)}" if image.rank else counted(image.channels, "value"))]
    names = report.graph.names
    for record in report.records:
        text = description(record, hidden if record.name == asked else "")
        if record.node.sources != (record.index - 1,):
            text += f"; reads {', '.join(names[source] for source in record.node.sources)}"
        lines.append((record.name, text))
    return tuple(lines)


def _axes(shape: Shape) -> str:
    """What the dimensions of a shape are."""
    return f" ({' x '.join((*AXIS_NAMES[shape.rank], 'channels'))})"


def description(record: Record, hidden: str = "") -> str:
    """A layer in words: `convolution, 10 filters of 5x5, stride 1, padding 2 on each side, with biases`."""
    layer = record.layer
    return ", ".join((NOUNS.get(layer.kind, layer.kind), *_details(record, hidden)))


def _details(record: Record, hidden: str) -> Iterator[str]:
    layer, found = record.layer, windows(record)
    size = ASKED if hidden == "kernel" else join(one.size for one in found)
    if hasattr(layer, "filters"):
        yield f"{counted(layer.filters, 'filter')} of {size}"
    elif hasattr(layer, "units"):
        yield counted(layer.units, "unit")
    elif found:
        yield f"{'kernels' if record.facts.arrays else 'windows'} of {size}"
    if found:
        yield f"stride {ASKED if hidden == 'stride' else _even([one.stride for one in found])}"
        yield f"padding {ASKED} on each side" if hidden == "padding" else _padding(layer, found)
        if any(one.dilation != 1 for one in found):
            yield f"dilation {_even([one.dilation for one in found])}"
        if any(isinstance(one, Spread) and one.extra != 0 for one in found):
            yield f"output padding {_even([one.extra for one in found if isinstance(one, Spread)])}"
    yield from _others(record)


def _others(record: Record) -> Iterator[str]:
    """What there is to say besides the window."""
    layer = record.layer
    if getattr(layer, "groups", 1) != 1:
        yield counted(layer.groups, "group")  # type: ignore[attr-defined]  # it has some
    if getattr(layer, "multiplier", 1) != 1:
        yield f"{counted(layer.multiplier, 'kernel')} for each channel"  # type: ignore[attr-defined]
    for argument in layer.arguments:
        value = getattr(layer, argument.name)
        if argument.name not in (*TOLD, *ALSO_TOLD) and (argument.required or value != argument.default_of(layer)):
            yield f"{argument.name.replace('_', ' ')} {argument.type.show(value, record.input.rank)}"
    if isinstance(getattr(layer, "bias", None), bool):
        yield _biases(layer)
    if getattr(layer, "ceil", False):
        yield "sizes rounded up"
    if hasattr(layer, "padcount") and any(_cells(one) for one in windows(record)):
        yield f"padding {'counts' if layer.padcount else 'does not count'} in the mean"
    if getattr(layer, "activation", None) is not None:
        yield f"then {ACTIVATIONS.get(layer.activation, layer.activation)}"  # type: ignore[attr-defined]
    if getattr(layer, "frozen", False):
        yield "not trained"


def _biases(layer: Any) -> str:
    """Whether there are any, and where that is not plain."""
    if not layer.bias:
        return "without biases"
    return "with biases at the end only" if layer.kind == "sepconv" else "with biases"


def _cells(one: Window | Spread) -> bool:
    return one.before != 0 or one.after != 0


def _padding(layer: Any, found: Sequence[Window | Spread]) -> str:
    """The padding, by its word if it has one."""
    if isinstance(layer.padding, str) and layer.padding != "valid":
        return f"`{layer.padding}` padding"
    if not any(map(_cells, found)):
        return "no padding"
    if all(one.before == one.after for one in found):
        cut = " (cut off the output)" if isinstance(found[0], Spread) else ""
        return f"padding {_even([one.before for one in found])} on each side{cut}"
    return f"padding {_even([one.before for one in found])} before and {_even([one.after for one in found])} behind"


def _even(numbers: Sequence[Any]) -> str:
    """Numbers along the axes, once if they are all the same."""
    return str(numbers[0]) if len(set(numbers)) == 1 else join(numbers)


def question(report: Report, quantity: str, layer: str, hidden: str = "") -> str:
    """What is asked, as a sentence, and how sizes are rounded; of a `hidden` setting, what gives the layer its size."""
    if hidden:
        return _solving(report, layer, hidden)
    named = {"": "the whole network", TOTAL: "the whole network", report.graph.names[0]: "the input"}
    what = named.get(layer, layer)
    if quantity == "output":
        shape = report.graph.nodes[report.graph.names.index(layer)].shape if layer else None
        text = f"What is the shape of the output of {what}{'' if shape is None else _asked_axes(shape)}?"
    else:
        bytes_ = report.activation_bytes(1)
        each = f"{counted(bytes_, 'byte')} a value"
        sentences = _SENTENCES if layer else {**_SENTENCES, **_OF_ALL}
        text = sentences[quantity].format(what=what, bytes=each)
    return text + rounding(report, quantity)


def _asked_axes(shape: Shape) -> str:
    return _axes(shape) if shape.rank else " (the number of its values)"


def _solving(report: Report, layer: str, setting: str) -> str:
    """The question for a setting of a layer that gives its output its shape."""
    record = report[layer]
    nouns = {"kernel": "kernel size", "padding": "padding on each side", "stride": "stride"}
    asks = f"Which {nouns[setting]} gives the output of {layer} the shape {record.output}"
    if setting != "stride" and all(one.stride == 1 for one in windows(record)):  # then there is nothing to round
        return f"{asks}?"
    return f"{asks}, if the windows tile the padded input exactly, so that nothing is rounded?"


def tiles(record: Record) -> bool:
    """Whether the windows of a layer tile its input, so that its output's size comes about without rounding."""
    pairs = zip(windows(record), record.input.extents, strict=False)
    return all(not isinstance(one, Window) or one.leftover(extent) == 0 for one, extent in pairs)


def rounding(report: Report, quantity: str) -> str:
    """What is said where a size that is needed for an answer is no whole number."""
    records = {"rf": (), "stride": ()}.get(quantity, report.records)
    return "" if all(map(tiles, records[: -1 if quantity in COUNTS else None])) else ROUNDED
