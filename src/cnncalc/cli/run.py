"""`cnncalc run SPEC`: the forward pass."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from cnncalc.cli.options import Choice, Output, Request, can_be_printed, read, takes_network, takes_output, watched
from cnncalc.explain import chosen
from cnncalc.forward import face, images, reading
from cnncalc.forward.face import WEIGHT_LAYOUTS, Given, Network
from cnncalc.forward.kernels import KERNELS
from cnncalc.forward.reading import fail
from cnncalc.forward.tensor import Position, Tensor, Weights
from cnncalc.forward.trace import Working, check, trace, window
from cnncalc.forward.weights import Supply, filler, needed
from cnncalc.infer import Record
from cnncalc.report import Report, note_as_json
from cnncalc.spec.graph import Note
from cnncalc.spec.source import as_text, quote, read_bytes
from cnncalc.views import maps
from cnncalc.views.maps import Room
from cnncalc.written import ARROW, MINUS, TIMES

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
    weights_layout: str
    exact: bool


class Looks(NamedTuple):
    """What of the pass is to be seen, and how."""

    show: tuple[str, ...]
    trace: str | None
    drawn: str
    save: Path | None
    save_as: str


class Traced(NamedTuple):
    """Which sums are written out: those of a layer, at one position or at all, of one channel or of all."""

    record: Record
    position: Position | None = None
    channel: int | None = None


class Pass(NamedTuple):
    """What was computed: the output, what is to be seen by its layer, and the sums with what they read."""

    network: Network
    output: Tensor
    shown: dict[str, Tensor]
    traced: Traced | None
    read: Tensor | None
    workings: tuple[Working, ...]

    @property
    def traced_values(self) -> list[tuple[str, Working]]:
        """The sums, each with its layer's name."""
        return [(self.traced.record.name, working) for working in self.workings] if self.traced else []

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
@click.option("--weights", metavar="FILE", help="A JSON file of arrays by layer, or random:SEED, ones, zeros.")
@click.option(
    "--kernel",
    multiple=True,
    metavar="[LAYER=]KERNEL",
    shell_complete=complete_kernel,
    help='A kernel by its name, sobel-x, or as a matrix, "1 0; 0 1".',
)
@click.option(
    "--weights-layout", type=Choice(WEIGHT_LAYOUTS), default="keras", help="Order and names of the arrays in FILE."
)
@click.option("--exact", is_flag=True, help="Decimals and fractions are computed exactly.")
@click.option("--show", multiple=True, metavar="LAYER", help="Also what this layer puts out; `all`, `input`.")
@click.option(
    "--trace",
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
def command(request: Request, output: Output, show: tuple[str, ...], trace: str | None, **options: Any) -> None:
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
    ascii_only = not can_be_printed(MINUS + TIMES + ARROW + maps.SHADES)
    if output.format in {"table", "plain"}:
        on_terminal = output.format == "table"
        room = Room(shutil.get_terminal_size().columns if on_terminal else None, ascii_only)
        click.echo("\n".join(lines(done, room, blocks=looks.drawn == "blocks")))
        for note in done.notes:
            click.echo(f"note: {note.text}", err=True)
    else:
        table = maps.workings(done.traced_values, ascii=ascii_only) if done.traced else maps.values(done.shown.items())
        output.write(table, lambda: as_json(done, request))


def run(request: Request, numbers: Numbers, looks: Looks) -> Pass:
    """Compute, and keep what is to be seen. Raises `SpecError`."""
    if numbers.x is None:
        raise click.UsageError('numbers have to go in: --x "1 2; 3 4", --x FILE or --x random:0')
    channels_first = request.layout == "channels-first"
    x = read_x(numbers.x, channels_first=channels_first, exact=numbers.exact)
    network = face.prepare(read(request.spec), request.options, x, strict=request.strict, layout=request.layout)
    report = network.report
    supply = supplied(report, numbers)
    traced = None if looks.trace is None else to_trace(report, looks.trace)
    if traced is not None:
        check(*traced)
    names = to_show(report, looks.show)
    if traced is None:
        names.add(report.graph.names[report.graph.output])
    in_torch = numbers.weights_layout == "torch"
    shown = {INPUT: face.result(network.image, exact=numbers.exact)} if INPUT in names else {}
    workings: list[Working] = []
    inputs_of_traced: list[Tensor] = []

    def observe(record: Record, inputs: tuple[Tensor, ...], weights: Weights, output: Tensor) -> None:
        if record.name in names:
            shown[record.name] = face.result(output, exact=numbers.exact)
        if traced is not None and record == traced.record:
            inputs_of_traced.append(inputs[0])
            where = (traced.position, traced.channel)
            workings.extend(trace(record, inputs, weights, *where, channels_first=in_torch, exact=numbers.exact))
        advance(record.macs)

    with progress(report) as advance:
        output = face.compute(network, supply, channels_first=in_torch, observe=observe)
    read_by = inputs_of_traced[0] if inputs_of_traced else None
    return Pass(network, face.result(output, exact=numbers.exact), shown, traced, read_by, tuple(workings))


def progress(report: Report) -> Any:
    """Shows how far the pass is, if it takes long; what comes out of it takes the products that were done."""
    seconds = face.seconds(report)
    if seconds > PATIENCE:
        time = f"{seconds / 60:.0f} minutes" if seconds < 2 * 3600 else f"{seconds / 3600:.0f} hours"
        click.echo(f"{report.totals.macs:,} products take about {time}; Ctrl-C stops", err=True)
    return watched("products", int(report.totals.macs))  # type: ignore[arg-type]  # no symbols


# What the words on the command line mean.


def read_x(text: str, *, channels_first: bool, exact: bool) -> Given:
    """The numbers that go in: from a file if there is one of that name, made up, or as they stand there."""
    if not is_file(text):
        return face.given(text, channels_first=channels_first, exact=exact)
    data = file_bytes(text)
    if images.is_image(data):
        return Given(images.read(text, data))
    is_csv = text.lower().endswith(".csv")
    return face.of_text(as_text(text, data), channels_first=channels_first, exact=exact, csv=is_csv)


def is_file(text: str) -> bool:
    """Whether a text names a file that is there, or looks as if it should."""
    looks = re.fullmatch(r"[^;|\n\0]*\.(json|csv|tsv|txt|png|jpe?g|p[bgp]m)", text, re.IGNORECASE)
    # pathlib raises an error for a name that is too long.
    return bool(looks) or os.path.isfile(text)  # noqa: PTH113


def file_bytes(name: str) -> bytes:
    """What stands in a file. Raises `SpecError` if it cannot be read, or is too large."""
    data = read_bytes(name, reading.LARGEST_FILE)
    if len(data) > reading.LARGEST_FILE:
        fail(f"this file is larger than {reading.LARGEST_FILE // 2**20} MiB", name)
    return data


def supplied(report: Report, numbers: Numbers) -> Supply:
    """The arrays of all layers. Raises `SpecError`."""
    fill = None if numbers.weights is None else filler(numbers.weights)
    given: dict[str, Any] = {}
    if numbers.weights is not None and fill is None:
        found = reading.parse_json(as_text(numbers.weights, file_bytes(numbers.weights)), exact=numbers.exact)
        if not isinstance(found, Mapping):
            fail('weights are an object with the arrays of each layer, {"conv1": ...}', numbers.weights)
        given = dict(found)
    for text in numbers.kernel:
        layer, equals, kernel = text.rpartition("=")
        given[layer.strip() if equals else only_learnt(report)] = kernel.strip()
    return Supply(report.records, given, fill=fill, layout=numbers.weights_layout, exact=numbers.exact)


def only_learnt(report: Report) -> str:
    """The one layer that a kernel without a layer's name can be for."""
    names = [record.name for record in report.records if needed(record)]
    if len(names) != 1:
        layers = f"the layers {', '.join(names[:5])}{', ...' * (len(names) > 5)} have" if names else "no layer has"
        raise click.BadParameter(f"{layers} a kernel; write LAYER=KERNEL", param_hint="--kernel")
    return names[0]


def to_show(report: Report, words: Sequence[str]) -> set[str]:
    """The names of the layers whose output is to be seen."""
    if ALL in words:
        return {INPUT, *(record.name for record in report.records)}
    return {INPUT if word == INPUT else chosen(report, word)[0].name for word in words}


def to_trace(report: Report, text: str) -> Traced:
    """`conv1:0,0`, `conv1`, `0,0`, or all positions of the last layer."""
    layer, colon, place = text.rpartition(":")
    if not colon:
        is_place = text == ALL or _PLACE.fullmatch(text)
        layer, place = ("", text) if is_place else (text, ALL)
    if not layer and not report.graph.output:
        raise click.BadParameter("there is no layer", param_hint="--trace")
    record = chosen(report, layer)[0] if layer else report.records[report.graph.output - 1]
    if place == ALL:
        return Traced(record)
    rank = record.output.rank
    numbers = tuple(map(int, re.findall(r"\d+", place))) if _PLACE.fullmatch(place) else ()
    if len(numbers) not in {rank, rank + 1} or not numbers:
        size = record.output
        raise click.BadParameter(f"{quote(place)} is no position in {record.name}'s {size}", param_hint="--trace")
    return Traced(record, numbers[:rank], numbers[rank] if len(numbers) > rank else None)


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
    if done.traced is not None:
        parts.append(list(traced_lines(done, done.traced, room)))
    top = maps.top(done.output)
    if top:
        classes = (f"{number} ({maps.number(float(value))})" for number, value in top)
        parts.append([f"top classes: {', '.join(classes)}"])
    for number, part in enumerate(parts):
        yield from [""] * (number > 0)
        yield from part


def traced_lines(done: Pass, traced: Traced, room: Room) -> Iterator[str]:
    """The sums of a layer; on a terminal under a drawing of the window, if it is one."""
    yield maps.heading(traced.record, room)
    cells = window(traced.record, traced.position) if traced.position else None
    if room.width is not None and cells and done.read is not None:
        yield from maps.drawing(done.read, cells)
    yield from maps.sums(traced.record, done.workings, room)


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
