"""The topics of a quiz: each makes exercises from a source of chance and a level, as specs of the language.

A topic only says which network is asked about what. The answer, and the wrong answers that known mistakes lead
to, are computed by the ordinary report; what turns out to have no single right answer is drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final, NamedTuple

from cnncalc.layers import in_order
from cnncalc.layers.conv import Sliding

LEVELS: Final = (1, 2, 3)
# The forms of an exercise: one answer, a table whose numbers are to be filled in, a table with an error.
ONE, FILL, ERROR = "one", "fill", "error"


class Exercise(NamedTuple):
    """A network and what is asked about it.

    `layer` is as in an assignment: "" for the last one, "total" for the whole network. `hidden` is a setting of
    that layer which is not told, because it is the answer. `x` and `weights` are the numbers of a forward pass.
    """

    spec: str
    ask: str
    layer: str = ""
    hidden: str = ""
    form: str = ONE
    x: Any = None
    weights: Mapping[str, Any] | None = None


class Topic(NamedTuple):
    """What exercises of a topic ask for, and how one is made."""

    name: str
    doc: str
    make: Callable[[Random, int], Exercise]


TOPICS: Final[dict[str, Topic]] = {}
_Make = Callable[[Random, int], Exercise]


def topic(name: str, doc: str) -> Callable[[_Make], _Make]:
    """Enter a topic in the table."""

    def enter(make: _Make) -> _Make:
        TOPICS[name] = Topic(name, doc, make)
        return make

    return enter


# Parts of specs.


def image(chance: Random, level: int, channels: tuple[int, ...] = (1, 3, 4, 8)) -> str:
    """An image; at level 3 its sides differ."""
    height = chance.choice((12, 16, 20, 24, 28, 32, 48, 64))
    width = height + chance.choice((4, 8, 16)) if level == 3 else height
    return f"input {height}x{width}x{chance.choice(channels)}"


def moving(chance: Random, level: int, kernel: int) -> str:
    """A kernel with its stride and padding: at level 1 one place further, and the size kept or no padding."""
    stride = 1 if level == 1 else chance.choice((1, 2, 3))
    padding = chance.choice((0, kernel // 2)) if level == 1 else chance.randrange(kernel // 2 + 1)
    return f"{kernel}x{kernel} s{stride} p{padding}"


def conv(chance: Random, level: int) -> str:
    """A convolution."""
    filters = chance.choice((4, 6, 8, 10, 16, 32))
    return f"conv {filters} {moving(chance, level, chance.choice((3, 5, 7)))}"


def pool(chance: Random, level: int) -> str:
    """A pool; at level 1 its windows lie side by side."""
    window = chance.choice((2, 3))
    kind = chance.choice(("maxpool", "avgpool"))
    if level == 1:
        return f"{kind} {window}x{window} s{window}"
    padding = chance.choice((0, 1)) if window == 3 else 0
    return f"{kind} {window}x{window} s{chance.choice((1, 2, 3))} p{padding}"


def behind(chance: Random, level: int) -> str:
    """An image, and at level 3 a layer whose output has to be found first."""
    start = image(chance, level)
    return f"{start}; {conv(chance, 1)}" if level == 3 else start


def biases(chance: Random, level: int) -> str:
    """From level 2 on the biases may be missing."""
    return chance.choice(("", " nobias")) if level > 1 else ""


# The topics, as a course meets them.


@topic("output", "the output size of a convolution")
def output(chance: Random, level: int) -> Exercise:
    """The shape behind a convolution."""
    return Exercise(f"{behind(chance, level)}; {conv(chance, max(level, 1))}", "output")


@topic("params", "the parameters of a convolution")
def params(chance: Random, level: int) -> Exercise:
    """Weights and biases."""
    return Exercise(f"{behind(chance, level)}; {conv(chance, level)}{biases(chance, level)}", "params")


@topic("rf", "the receptive field behind several layers")
def rf(chance: Random, level: int) -> Exercise:
    """Two layers, then with a stride, then three with a dilation or a pool."""
    first, second = chance.sample((3, 5, 7), 2)
    stride = 1 if level == 1 else chance.choice((2, 3))
    layers = [f"conv 8 {first}x{first} s{stride}", f"conv 8 {second}x{second}"]
    if level > 1:
        layers.insert(chance.randrange(3), "maxpool 2x2 s2")
    if level == 3:
        layers.append(f"conv 8 3x3 d{chance.choice((2, 3))}")
    return Exercise(f"input 96x96x3; {'; '.join(layers)}", "rf")


@topic("macs", "the multiply-accumulates of a convolution")
def macs(chance: Random, level: int) -> Exercise:
    """Products that are summed; from level 2 on perhaps as operations."""
    ask = chance.choice(("macs", "flops")) if level > 1 else "macs"
    return Exercise(f"{behind(chance, level)}; {conv(chance, level)}", ask)


@topic("padding", "the padding that gives a size")
def padding(chance: Random, level: int) -> Exercise:
    """Solved from the formula of the output size."""
    kernel = chance.choice((3, 5, 7))
    return _solve(chance, level, "padding", kernel, chance.randrange(1, kernel))


@topic("stride", "the stride that gives a size")
def stride(chance: Random, level: int) -> Exercise:
    """Solved from the formula of the output size."""
    kernel = chance.choice((3, 5, 7, 11))
    return _solve(chance, max(level, 2), "stride", kernel, 0 if level == 1 else chance.randrange(3))


@topic("kernel", "the kernel that gives a size")
def kernel(chance: Random, level: int) -> Exercise:
    """Solved from the formula of the output size."""
    return _solve(chance, level, "kernel", chance.choice((4, 5, 7, 9)), chance.randrange(4))


def _solve(chance: Random, level: int, setting: str, kernel: int, padding: int) -> Exercise:
    """A convolution with one of its settings left out.

    Its windows tile the input, and its output has several places, so that the formula has a single solution.
    """
    stride = 1 if level == 1 else chance.randrange(2, 5)
    places = chance.randrange(4, 30)
    extent = (places - 1) * stride + kernel - 2 * padding
    size = f"{kernel}x{kernel} s{stride} p{padding}"
    return Exercise(f"input {extent}x{extent}x3; conv {chance.choice((8, 16, 32))} {size}", setting, hidden=setting)


@topic("pooling", "the output size of a pooling layer, and its parameters")
def pooling(chance: Random, level: int) -> Exercise:
    """Channels stay, and nothing is learnt."""
    ask = chance.choice(("output", "output", "params"))
    return Exercise(f"{behind(chance, level)}; {pool(chance, level)}", ask)


@topic("transposed", "the output size and the parameters of a transposed convolution")
def transposed(chance: Random, level: int) -> Exercise:
    """The formula of an ordinary convolution turned round."""
    kernel = chance.choice((2, 3, 4, 5))
    stride = chance.choice((1, 2)) if level == 1 else chance.choice((2, 3))
    padding = 0 if level == 1 else chance.randrange(2)
    extra = f" op{chance.randrange(1, stride)}" if level == 3 else ""
    side = chance.choice((7, 8, 12, 14, 16))
    layer = f"convt {chance.choice((4, 8, 16))} {kernel}x{kernel} s{stride} p{padding}{extra}"
    return Exercise(f"input {side}x{side}x{chance.choice((8, 16, 32))}; {layer}", chance.choice(("output", "params")))


@topic("dilated", "the output size and the receptive field of a dilated convolution")
def dilated(chance: Random, level: int) -> Exercise:
    """The kernel with its holes."""
    kernel, dilation = chance.choice((3, 5)), chance.choice((2, 3))
    padding = 0 if level == 1 else chance.randrange(3)
    before = "conv 8 3x3; " if level == 3 else ""
    ask = chance.choice(("output", "rf"))
    layer = f"conv 8 {kernel}x{kernel} p{padding} d{dilation}"
    return Exercise(f"{image(chance, level)}; {before}{layer}", ask)


@topic("grouped", "the parameters and multiply-accumulates of a grouped convolution")
def grouped(chance: Random, level: int) -> Exercise:
    """Every filter sees the channels of its group."""
    groups = chance.choice((2, 4)) if level < 3 else chance.choice((4, 8))
    channels, filters = 8 * chance.randrange(1, 5), 8 * chance.randrange(1, 7)
    layer = f"conv {filters} {moving(chance, level, 3)} g{groups}{biases(chance, level)}"
    ask = "params" if level == 1 else chance.choice(("params", "macs"))
    return Exercise(f"{image(chance, level, (channels,))}; {layer}", ask)


@topic("depthwise", "depthwise and separable convolutions")
def depthwise(chance: Random, level: int) -> Exercise:
    """A kernel for each channel; from level 2 on with a 1x1 convolution behind it."""
    channels, kernel = chance.choice((8, 16, 24, 32)), chance.choice((3, 5))
    filters = "" if level == 1 else f" {chance.choice((16, 32, 64))}"
    kind = "dwconv" if level == 1 else "sepconv"
    layer = f"{kind}{filters} {moving(chance, level, kernel)}{biases(chance, level)}"
    ask = "params" if level < 3 else chance.choice(("params", "macs"))
    return Exercise(f"{image(chance, level, (channels,))}; {layer}", ask)


@topic("any-window", "the output size and the parameters of any kind of layer with a window")
def any_window(chance: Random, level: int) -> Exercise:
    """Every kind that slides a window, as the language knows them."""
    kinds = [kind for kind in in_order() if issubclass(kind, Sliding)]
    kind = chance.choice(kinds)
    arguments = {
        "filters": str(chance.choice((8, 12, 16))),
        "kernel": chance.choice(("3x3", "5x5")),
        "window": chance.choice(("2x2", "3x3")),
    }
    given = [arguments[argument.name] for argument in kind.arguments if argument.required]
    moved = "" if level == 1 else f" s{chance.choice((2, 3))} p{chance.randrange(2)}"
    layer = f"{kind.kind} {' '.join(given)}{moved}"
    return Exercise(f"{image(chance, level)}; {layer}", chance.choice(("output", "params")))


@topic("batch-norm", "what batch normalisation learns, and what it keeps")
def batch_norm(chance: Random, level: int) -> Exercise:
    """Two numbers for each channel are learnt, and two are kept."""
    layers = f"{conv(chance, 1)} nobias; bn; {conv(chance, 1)}"
    if level == 3:
        return Exercise(f"{image(chance, 1)}; {layers}", "trainable", "total")
    ask = "trainable" if level == 1 else chance.choice(("trainable", "non-trainable"))
    return Exercise(f"{image(chance, 1)}; {layers}", ask, "bn1")


@topic("sequence", "convolutions along a sequence")
def sequence(chance: Random, level: int) -> Exercise:
    """One axis."""
    kernel = chance.choice((3, 5, 7))
    stride = 1 if level == 1 else chance.choice((2, 3, 4))
    dilation = f" d{chance.choice((2, 4))}" if level == 3 else ""
    start = f"input {chance.choice((50, 64, 100, 128, 200))}x{chance.choice((1, 4, 8, 16))}"
    layer = f"conv {chance.choice((8, 16, 32))} {kernel} s{stride} p{chance.randrange(3)}{dilation}"
    return Exercise(f"{start}; {layer}", chance.choice(("output", "params", "macs")))


@topic("volume", "convolutions over a volume")
def volume(chance: Random, level: int) -> Exercise:
    """Three axes; at level 3 the depth has a window of its own."""
    side, depth = chance.choice((16, 20, 24, 32)), chance.choice((8, 12, 16))
    kernel = "3x3x3" if level < 3 else f"{chance.choice((1, 2))}x3x3"
    stride = 1 if level == 1 else 2
    padding = chance.randrange(2) if level < 3 else "0x1x1"
    layer = f"conv {chance.choice((4, 8, 16))} {kernel} s{stride} p{padding}"
    ask = chance.choice(("output", "params", "macs"))
    return Exercise(f"input {depth}x{side}x{side}x{chance.choice((1, 2, 4))}; {layer}", ask)


@topic("dense", "a dense layer behind a flattened map, and in the place of a convolution")
def dense(chance: Random, level: int) -> Exercise:
    """All values with all units."""
    if level == 3 and chance.random() < 0.5:
        return Exercise(f"{image(chance, 1)}; {conv(chance, 2)}", "dense-params")
    layers = [conv(chance, level), *(["maxpool 2x2"] if level > 1 else []), "flatten"]
    return Exercise(f"{image(chance, 1)}; {'; '.join(layers)}; dense {chance.choice((10, 32, 100))}", "params")


@topic("memory", "the bytes of feature maps and parameters")
def memory(chance: Random, level: int) -> Exercise:
    """Values times bytes."""
    ask = "memory" if level == 1 else chance.choice(("memory", "param-memory"))
    layers = f"{conv(chance, 1)}; {conv(chance, level)}; {pool(chance, 1)}"
    return Exercise(f"{image(chance, level)}; {layers}", ask, "conv2")


@topic("units", "the units, weights, biases and connections of a layer, each counted by itself")
def units(chance: Random, level: int) -> Exercise:
    """As the papers of the first networks count them; from level 2 on with the connections."""
    asks = ("weights", "biases", "activations") if level == 1 else ("weights", "activations", "connections")
    return Exercise(f"{behind(chance, level)}; {conv(chance, level)}", chance.choice(asks))


@topic("total", "the parameters of a whole network")
def total(chance: Random, level: int) -> Exercise:
    """All layers added up."""
    return Exercise(network(chance, level), "params", "total")


def network(chance: Random, level: int) -> str:
    """A small network as courses have it: so many convolutions and pools as its level, then a dense layer."""
    side, filters = chance.choice((28, 32, 48)), chance.choice((4, 6, 8))
    blocks = [
        f"conv {filters * 2**number} {moving(chance, 1, chance.choice((3, 5)))}; maxpool 2x2" for number in range(level)
    ]
    end = f"flatten; dense {chance.choice((10, 20))}"
    return f"input {side}x{side}x{chance.choice((1, 3))}; {'; '.join(blocks)}; {end}"


@topic("table", "the table of a small network, to fill in")
def table(chance: Random, level: int) -> Exercise:
    """The shape behind every layer, and its parameters."""
    return Exercise(network(chance, level), "output", form=FILL)


@topic("find-error", "the one wrong number in the table of a small network")
def find_error(chance: Random, level: int) -> Exercise:
    """A table in which somebody made one of the known mistakes."""
    return Exercise(network(chance, level), "output", form=ERROR)


@topic("forward", "a forward pass by hand")
def forward(chance: Random, level: int) -> Exercise:
    """A kernel over a small image; from level 2 on with a bias and a ReLU, at level 3 with a pool behind it."""
    side = chance.choice((3, 4)) if level < 3 else 5
    layer = f"conv 1 2x2{' relu' if level > 1 else ' nobias'}"
    behind = f"; {chance.choice(('maxpool', 'avgpool'))} 2x2 s2" if level == 3 else ""
    arrays: dict[str, Any] = {"kernel": _matrix(chance, 2, -2, 3)}
    if level > 1:
        arrays["bias"] = [chance.choice((-3, -2, -1, 1, 2, 3))]
    x = _matrix(chance, side, 0, 10)
    return Exercise(f"input {side}x{side}x1; {layer}{behind}", "value", x=x, weights={"conv1": arrays})


def _matrix(chance: Random, side: int, least: int, end: int) -> list[list[int]]:
    """Square rows of numbers."""
    return [[chance.randrange(least, end) for _ in range(side)] for _ in range(side)]
