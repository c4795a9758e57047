"""`cnncalc run SPEC`: the forward pass."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from cnncalc.cli import talk
from cnncalc.cli.options import Choice, Output, Request, can_be_printed, read, takes_network, takes_output, watched
from cnncalc.explain import chosen
from cnncalc.forward import face, images, reading
from cnncalc.forward.face import WEIGHT_LAYOUTS, Network
from cnncalc.forward.files import read_array, read_arrays, read_x
from cnncalc.forward.kernels import KERNELS
from cnncalc.forward.reading import fail
from cnncalc.forward.tensor import Position, Tensor, Weights
from cnncalc.forward.trace import Working, check, trace, window
from cnncalc.forward.weights import Fill, Supply, check_name, filler, only_learnt
from cnncalc.infer import Record
from cnncalc.report import Report, note_as_json
from cnncalc.spec.graph import Note
from cnncalc.spec.source import Problems, quote
from cnncalc.views import maps
from cnncalc.views.maps import Room
from cnncalc.written import ARROW, MINUS, SQUARED, TIMES

# What takes longer is announced, with how long it takes.
PATIENCE: Final = 60
ALL: Final = "all"
INPUT: Final = "input"
# A position may be copied as it is printed: `(0, 0)`, `[3]`.
_PLACE: Final = re.compile(r"[(\[]?\d{1,9}([, x]+\d{1,9})*[)\]]?")


class Numbers(NamedTuple):
    """The numbers that the user gives."""

    x: str | None
    weights: str | None
    kernel: tuple[str, ...]
    bias: tuple[str, ...]
    weights_layout: str
    exact: bool


class Looks(NamedTuple):
    """What of the pass is to be seen, and how."""

    show: tuple[str, ...]
    trace: tuple[str, ...]
    drawn: str
    save: Path | None
    save_as: str


class Traced(NamedTuple):
    """Which sums are written out: those of a layer, at one position or at all, of one channel or of all."""

    record: Record
    position: Position | None = None
    channel: int | None = None


class Sums(NamedTuple):
    """The sums that were asked for, written out, and what the layer read."""

    of: Traced
    read: Tensor
    workings: tuple[Working, ...]


class Pass(NamedTuple):
    """What was computed: the output, what is to be seen by its layer, and the sums."""

    network: Network
    output: Tensor
    shown: dict[str, Tensor]
    sums: tuple[Sums, ...]

    @property
    def traced_values(self) -> list[tuple[str, Working]]:
        """The sums, each with its layer's name."""
        return [(sums.of.record.name, working) for sums in self.sums for working in sums.workings]

    @property
    def notes(self) -> list[Note]:
        """What was assumed of the input; other notes are not about these numbers."""
        return [note for note in self.network.report.notes if note.code.startswith(("assumed-", "input-as-"))]


def complete_kernel(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001
    """Kernels, behind the layer that they are for."""
    layer, equals, name = incomplete.rpartition("=")
    return [f"{layer}{equals}{kernel}" for kernel in KERNELS if kernel.startswith(name)]


@click.command("run")
@takes_network
@click.option("--x", metavar="NUMBERS", help='What goes in: "1 2; 3 4", a file, random:SEED, ones, zeros.')
@click.option("--weights", metavar="FILE", help="Arrays by layer as JSON, or random:SEED, ones, zeros.")
@click.option(
    "--kernel",
    multiple=True,
    metavar="[LAYER=]KERNEL",
    shell_complete=complete_kernel,
    help='A kernel by its name, sobel-x, as a matrix, "1 0; 0 1", or a file.',
)
@click.option("--bias", multiple=True, metavar="[LAYER=]NUMBERS", help='The biases: "1 0", or a file.')
@click.option(
    "--weights-layout", type=Choice(WEIGHT_LAYOUTS), default="keras", help="Order and names of the arrays in FILE."
)
@click.option("--exact", is_flag=True, help="Decimals and fractions are computed exactly.")
@click.option("--show", multiple=True, metavar="LAYER", help="Also what this layer puts out; `all`, `input`.")
@click.option(
    "--trace",
    multiple=True,
    is_flag=False,
    flag_value=ALL,
    metavar="[[LAYER:]POSITION]",
    help="Write out the sums, of the last layer or of LAYER, at a position such as 0,0 or at all.",
)
@click.option(
    "--as", "drawn", type=Choice(("matrices", "blocks")), default="matrices", help="Numbers, or shades of grey."
)
@click.option("--save", type=click.Path(path_type=Path), metavar="FOLDER", help="Save the maps as images there.")
@click.option("--save-as", type=Choice(list(images.WRITERS)), default="pgm", help="The form of these images.")
@takes_output
def command(request: Request, output: Output, show: tuple[str, ...], trace: tuple[str, ...], **options: Any) -> None:
    """The forward pass on numbers that you give.

    SPEC is a file, `-` for standard input, a shipped network (`lenet5`), or the network itself. Without an
    input in it, the shape of the numbers is the input. Positions count from 0: row, column and, if you like,
    channel.
    """
    numbers = Numbers(**{name: options[name] for name in Numbers._fields})
    looks = Looks(show, trace, **{name: options[name] for name in ("drawn", "save", "save_as")})
    done = run(request, numbers, looks)
    if looks.save is not None:
        save(done, looks.save, looks.save_as)
    ascii_only = not can_be_printed(MINUS + TIMES + SQUARED + ARROW + maps.SHADES)
    if output.format in {"table", "plain"}:
        on_terminal = output.format == "table"
        room = Room(shutil.get_terminal_size().columns if on_terminal else None, ascii_only)
        click.echo("\n".join(lines(done, room, blocks=looks.drawn == "blocks")))
        for note in done.notes:
            talk(f"note: {note.text}")
    else:
        table = maps.workings(done.traced_values, ascii=ascii_only) if done.sums else maps.values(done.shown.items())
        output.write(table, lambda: as_json(done, request))


def run(request: Request, numbers: Numbers, looks: Looks) -> Pass:
    """Compute, and keep what is to be seen. Raises `SpecError`."""
    network, supply, names, traced = understood(request, numbers, looks)
    in_torch = numbers.weights_layout == "torch"
    shown = {INPUT: face.result(network.image, exact=numbers.exact)} if INPUT in names else {}
    sums: dict[int, Sums] = {}

    def observe(record: Record, inputs: tuple[Tensor, ...], weights: Weights, output: Tensor) -> None:
        if record.name in names:
            shown[record.name] = face.result(output, exact=numbers.exact)
        for number, one in enumerate(traced):
            if one.record == record:
                where = (one.position, one.channel)
                found = trace(record, inputs, weights, *where, channels_first=in_torch, exact=numbers.exact)
                sums[number] = Sums(one, inputs[0], tuple(found))
        advance(record.macs)

    with progress(network.report) as advance:
        output = face.compute(network, supply, channels_first=in_torch, observe=observe)
    return Pass(
        network, face.result(output, exact=numbers.exact), shown, tuple(sums[number] for number in sorted(sums))
    )


def understood(request: Request, numbers: Numbers, looks: Looks) -> tuple[Network, Supply, set[str], list[Traced]]:
    """The network and its arrays, the layers to be shown, and those to be traced.

    Raises `SpecError` with all that is wrong and does not follow from something else that is.
    """
    if numbers.x is None:
        raise click.UsageError('numbers have to go in: --x "1 2; 3 4", --x FILE or --x random:0')
    channels_first = request.layout == "channels-first"
    problems = Problems()
    x = arrays = report = network = supply = names = None
    traced: list[Traced] = []
    with problems.noting():
        x = read_x(numbers.x, channels_first=channels_first, exact=numbers.exact)
    with problems.noting():
        arrays = Arrays.read(numbers)
    if x is not None:
        with problems.noting():
            source = read(request.spec)
            report = face.analyzed(source, request.options, x, strict=request.strict, layout=request.layout)
    if x is not None and report is not None:
        with problems.noting():
            network = face.with_image(report, x)
        with problems.noting():
            supply = None if arrays is None else arrays.supply(report, numbers)
        with problems.noting():
            names = to_show(report, looks)
        for place in looks.trace:
            with problems.noting():
                traced.append(to_trace(report, place))
    elif arrays is not None:
        with problems.noting():
            arrays.check_names()
    problems.stop()
    assert network is not None
    assert supply is not None
    assert names is not None
    return network, supply, names, traced


def progress(report: Report) -> Any:
    """Shows how far the pass is, if it takes long; what comes out of it takes the products that were done."""
    seconds = face.seconds(report)
    if seconds > PATIENCE:
        time = f"{seconds / 60:.0f} minutes" if seconds < 2 * 3600 else f"{seconds / 3600:.0f} hours"
        talk(f"{report.totals.macs:,} products take about {time}; Ctrl-C stops")
    return watched("products", int(report.totals.macs))  # type: ignore[arg-type]  # no symbols


# What the words on the command line mean.


class Arrays(NamedTuple):
    """What is given for layers: their arrays, how others are filled, and single ones, by the words for their layers."""

    by_layer: Mapping[str, Any]
    fill: Fill | None
    single: tuple[tuple[str, str | None, str | Tensor], ...]

    @classmethod
    def read(cls, numbers: Numbers) -> Arrays:
        """Read what can be read without the network. Raises `SpecError`."""
        fill = None if numbers.weights is None else filler(numbers.weights)
        by_layer = {} if numbers.weights is None or fill else read_arrays(numbers.weights, exact=numbers.exact)
        single = []
        for option, texts in (("--kernel", numbers.kernel), ("--bias", numbers.bias)):
            for text in texts:
                layer, equals, array = text.rpartition("=")
                value = read_array(array.strip(), exact=numbers.exact)
                single.append((option, layer.strip() if equals else None, value))
        return cls(by_layer, fill, tuple(single))

    def supply(self, report: Report, numbers: Numbers) -> Supply:
        """The arrays of all layers; what stands on the command line goes before what stands in a file."""
        names = {record.name for record in report.records}
        single: dict[str, str | Tensor] = {}
        for option, layer, value in self.single:
            key = only_learnt(report.records, option) if layer is None else layer
            if option == "--bias":
                key = f"{key}.bias"
            elif key in names:
                # Its first array, beside the others that a file may give it.
                key = f"{key}."
            if key in single:
                fail(f"{key.rstrip('.')} is given twice", option)
            single[key] = value
        return Supply(
            report.records,
            {**self.by_layer, **single},
            fill=self.fill,
            layout=numbers.weights_layout,
            exact=numbers.exact,
        )

    def check_names(self) -> None:
        """Raise `SpecError` for kernels that there are not, where nothing is known of the network."""
        problems = Problems()
        for option, _, value in self.single:
            if option == "--kernel" and isinstance(value, str) and not reading.is_json(value):
                for part in value.split("|"):
                    with problems.noting():
                        check_name(part.strip(), option)
        problems.stop()


def to_show(report: Report, looks: Looks) -> set[str]:
    """The names of the layers whose output is to be seen: the last one, unless sums are."""
    if ALL in looks.show:
        return {INPUT, *(record.name for record in report.records)}
    names = {INPUT if word == INPUT else chosen(report, word)[0].name for word in looks.show}
    return names if looks.trace else names | {report.graph.names[report.graph.output]}


def to_trace(report: Report, text: str) -> Traced:
    """`conv1:0,0`, `conv1`, `0,0`, or all positions of the last layer. Raises `SpecError` for what cannot be traced."""
    layer, colon, place = text.rpartition(":")
    if not colon:
        is_place = text == ALL or _PLACE.fullmatch(text)
        layer, place = ("", text) if is_place else (text, ALL)
    if not layer and not report.graph.output:
        fail("there is no layer", "--trace")
    record = chosen(report, layer)[0] if layer else report.records[report.graph.output - 1]
    traced = Traced(record)
    if place != ALL:
        rank = record.output.rank
        numbers = tuple(map(int, re.findall(r"\d+", place))) if _PLACE.fullmatch(place) else ()
        if len(numbers) not in {rank, rank + 1} or not numbers:
            fail(f"{quote(place)} is no position in {record.name}'s {record.output}", "--trace")
        traced = Traced(record, numbers[:rank], numbers[rank] if len(numbers) > rank else None)
    check(*traced)
    return traced


# What is seen.


def lines(done: Pass, room: Room, *, blocks: bool) -> Iterator[str]:
    """The maps, the sums, and the top classes, with an empty line between them."""
    by_name = {record.name: record for record in done.network.report.records}
    parts = [
        [
            maps.heading(by_name[name], room) if name in by_name else f"{name}: {x.shape}",
            *maps.matrices(x, room, blocks=blocks),
        ]
        for name, x in done.shown.items()
    ]
    parts += [list(traced_lines(sums, room)) for sums in done.sums]
    top = maps.top(done.output)
    if top:
        classes = (f"{number} ({maps.number(float(value))})" for number, value in top)
        parts.append([f"top classes: {', '.join(classes)}"])
    for number, part in enumerate(parts):
        yield from [""] * (number > 0)
        yield from part


def traced_lines(sums: Sums, room: Room) -> Iterator[str]:
    """The sums of a layer; on a terminal under a drawing of the window, if it is one."""
    traced = sums.of
    yield maps.heading(traced.record, room)
    cells = window(traced.record, traced.position) if traced.position else None
    if room.width is not None and cells:
        yield from maps.drawing(sums.read, cells)
    yield from maps.sums(traced.record, sums.workings, room)


def as_json(done: Pass, request: Request) -> dict[str, Any]:
    """The pass as JSON has it, in the chosen layout."""
    report = done.network.report
    by_name = {record.name: record for record in report.records}

    def nested(x: Tensor) -> Any:
        channels_first = request.layout == "channels-first"
        return maps.as_data(reading.nested(done.network.shown(x, channels_first=channels_first)))

    return {
        "spec": report.spec,
        "input": list(report.input),
        "layout": report.layout,
        "output": nested(done.output),
        "layers": [
            {
                "name": name,
                "kind": by_name[name].kind if name in by_name else None,
                "shape": list(report.dims(x.shape)),
                "output": nested(x),
            }
            for name, x in done.shown.items()
        ],
        "trace": [
            {"layer": name, **working._asdict(), "value": maps.as_data(working.value)}
            for name, working in done.traced_values
        ],
        "top": [{"class": number, "probability": maps.as_data(value)} for number, value in maps.top(done.output)],
        "notes": [note_as_json(note) for note in done.notes],
    }


def save(done: Pass, folder: Path, form: str) -> None:
    """The matrices of what is shown, or of the output, as images in a folder; the largest value is white."""
    write: Callable[[Sequence[Sequence[Any]]], bytes] = images.WRITERS[form]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, x in done.shown.items():
            for number, (_, rows) in enumerate(maps.planes(x)):
                file = folder / f"{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}-{number}.{form}"
                file.write_bytes(write(rows))
    except OSError as error:
        fail(f"cannot write there: {error.strerror}", str(folder))
