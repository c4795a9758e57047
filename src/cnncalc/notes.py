"""What a careful teacher would remark about a network: each remark is one small function.

A remark looks at the whole network and says at most one thing, naming the layers. `validity` marks those
that make a network wrong under the stricter reading of a textbook; `--strict` turns them into errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from cnncalc import coverage
from cnncalc.algebra import Algebra, Number
from cnncalc.homework.answers import VALUES
from cnncalc.homework.answers import named as called
from cnncalc.infer import Record, Totals
from cnncalc.layers.base import Layer
from cnncalc.shapes import AXIS_NAMES, SAME_PLACE, Shape, Window, join
from cnncalc.spec.graph import Graph, Note

# Layers whose unread rows are worked out one by one; the others are only named.
MOST_TRACED: Final = 8
MOST_NAMED: Final = 4


class Subject(NamedTuple):
    """A network."""

    graph: Graph
    records: Sequence[Record]
    totals: Totals
    sliding: Sequence[tuple[Record, tuple[Window, ...]]]


def find(graph: Graph, records: Sequence[Record], totals: Totals) -> tuple[Note, ...]:
    """All remarks, those of the expansion first."""
    subject = Subject(graph, records, totals, tuple(_sliding(records)))
    return (*graph.notes, *(note for remark in REMARKS for note in remark(subject)))


def named(names: Sequence[str]) -> str:
    """The names of layers in a sentence, not too many of them.

    >>> named(["conv1", "conv2"])
    'conv1 and conv2'
    """
    if len(names) > MOST_NAMED:
        return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 2 else names)


def _sliding(records: Sequence[Record]) -> Iterator[tuple[Record, tuple[Window, ...]]]:
    """The layers that slide a window over their input, with the window along each axis."""
    known: dict[tuple[Layer, Shape], tuple[Window, ...]] = {}
    for record in records:
        key = (record.layer, record.input)
        windows = known.get(key)
        if windows is None:
            geometry = record.layer.geometry(record.input)
            windows = tuple(window for window in geometry if isinstance(window, Window))
            if len(windows) < len(geometry) or all(window == SAME_PLACE for window in windows):
                windows = ()
            known[key] = windows
        if windows:
            yield record, windows


def _does_not_tile(subject: Subject) -> Iterator[Note]:
    """Windows that do not tile their input, or leave cells between them, and the image rows never read for it."""
    harmless: list[str] = []
    untraced: dict[bool, list[str]] = {False: [], True: []}
    traced = 0
    for record, windows in subject.sliding:
        left = [window.leftover(extent) for window, extent in zip(windows, record.input.extents, strict=True)]
        tiles = not any(rest > 0 for rest in left)
        gaps = any(window.stride > window.effective for window in windows)
        if tiles and not gaps:
            continue
        only_padding = not gaps and all(rest <= window.after for rest, window in zip(left, windows, strict=True))
        if not only_padding and traced == MOST_TRACED:
            untraced[tiles].append(record.name)
            continue
        traced += not only_padding
        missing = "" if only_padding else _never_read(subject, record)
        if missing != "":
            fact = _gap(windows) if tiles else f"does not tile its input: {_quotient(record, windows)}; rounded down"
            told = "" if missing is None else f", and {missing}"
            yield Note(_code(tiles=tiles), f"{record.name} {fact}{told}", (record.name,), validity=not tiles)
        elif not tiles:
            harmless.append(record.name)
    for tiles, names in untraced.items():
        if names:
            yield Note(
                _code(tiles=tiles), f"{named(names)} may leave out pixels likewise", tuple(names), validity=not tiles
            )
    if harmless:
        verb = "does not tile its input" if len(harmless) == 1 else "do not tile their inputs"
        text = f"{named(harmless)} {verb}; rounded down, and no pixel is lost by it"
        yield Note("does-not-tile", text, tuple(harmless), validity=True)


def _code(*, tiles: bool) -> str:
    """The code of a remark on pixels that are left out."""
    return "stride-over-window" if tiles else "does-not-tile"


def _gap(windows: Sequence[Window]) -> str:
    """The stride that is larger than the window."""
    window = next(window for window in windows if window.stride > window.effective)
    return f"has a stride of {window.stride} over a window of {window.effective}"


def _quotient(record: Record, windows: Sequence[Window]) -> str:
    """The division that leaves a rest, along the first axis that does."""
    window, extent = next(
        (window, extent)
        for window, extent in zip(windows, record.input.extents, strict=True)
        if window.leftover(extent) > 0
    )
    padding = f" + {window.padding}" if window.padding > 0 else ""
    return f"({extent} - {window.effective}{padding})/{window.stride} is not whole"


def _never_read(subject: Subject, record: Record) -> str | None:
    """Which rows and columns of the image neither a layer nor the network reads; None if that is not known.

    What one branch steps over, another may read: a strided 1x1 shortcut loses nothing beside a 3x3.
    """
    nodes = subject.graph.nodes
    missing = coverage.unread(nodes, record.index)
    if missing and any(missing) and record.index != subject.graph.output:
        by_all = coverage.unread(nodes, subject.graph.output)
        missing = by_all and tuple(
            tuple(sorted(set(ours) & set(all_))) for ours, all_ in zip(missing, by_all, strict=True)
        )
    if missing is None:
        return None
    if not any(missing):
        return ""
    axes = [{"height": "row", "width": "column", "length": "step", "depth": "plane"}[axis] for axis in _axes(subject)]
    parts = [
        f"{axis}{'s' * (len(places) > 1)} {_ranges(places)}"
        for axis, places in zip(axes, missing, strict=True)
        if places
    ]
    one = len(parts) == 1 and sum(map(len, missing)) == 1
    return f"{' and '.join(parts)} of the input {'is' if one else 'are'} never read"


def _axes(subject: Subject) -> tuple[str, ...]:
    return AXIS_NAMES[subject.graph.nodes[0].shape.rank]


def _ranges(places: Sequence[int]) -> str:
    """Places in order, runs of them joined; many of them only counted.

    >>> _ranges([1, 3, 4, 5])
    '1, 3-5'
    """
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1][1:] = [place]
        else:
            runs.append([place])
    if len(runs) > MOST_NAMED:
        return f"{runs[0][0]}, {runs[1][0]}, ... ({len(places)} of them)"
    return ", ".join("-".join(map(str, run)) for run in runs)


def _even_kernel_under_same(subject: Subject) -> Iterator[Note]:
    """`same` with an even kernel pads unevenly. Pools do so all the time, and nobody minds."""
    names = tuple(
        record.name
        for record, windows in subject.sliding
        if getattr(record.layer, "padding", "") == "same"
        and record.facts.factors
        and any(_is_even(window.effective) and window.after > window.before for window in windows)
    )
    if names:
        text = f"{named(names)}: an even kernel under `same` pads one cell more after than before"
        yield Note("even-kernel-same", text, names)


def _is_even(number: Number) -> bool:
    return not isinstance(number, Algebra) and number % 2 == 0


def _padding_over_kernel(subject: Subject) -> Iterator[Note]:
    """Padding as large as the kernel makes outputs that read only padding; in a layer that only pads, it must."""
    names = tuple(
        record.name
        for record, windows in subject.sliding
        if hasattr(record.layer, "padding")
        and any(
            window.before >= window.effective or window.after - window.leftover(extent) >= window.effective
            for window, extent in zip(windows, record.input.extents, strict=True)
        )
    )
    if names:
        text = f"{named(names)}: the padding is at least as large as the kernel, so some outputs read only padding"
        yield Note("padding-over-kernel", text, names, validity=True)


def _rf_over_image(subject: Subject) -> Iterator[Note]:
    """The theoretical receptive field has outgrown the image."""
    image = subject.graph.nodes[0].shape
    for record in subject.records:
        sizes = record.rf_size
        if sizes is not None and any(size > extent for size, extent in zip(sizes, image.extents, strict=True)):
            text = f"from {record.name} on, the receptive field is larger than the image"
            yield Note("rf-over-image", text, (record.name,))
            return


def _one_by_one_early(subject: Subject) -> Iterator[Note]:
    """A map of one position, on which more windows slide to no end."""
    sliding = {record.index: windows for record, windows in subject.sliding}
    # The layer that made a map's one position, for every node that has only one.
    made: dict[int, str] = {}
    for record in subject.records:
        reached = record.name if record.input.positions != 1 else made.get(record.node.sources[0], "")
        if record.output.rank and record.output.positions == 1:
            made[record.index] = reached
        if record.input.positions != 1 or not reached:
            continue
        if any(window.size > 1 for window in sliding.get(record.index, ())):
            size = join(record.input.extents) if record.input.rank > 1 else "one step long"
            text = f"the map is {size} from {reached} on: at {record.name} there is nothing left to slide over"
            yield Note("one-by-one-early", text, (reached, record.name))
            return


def _dense_holds_most(subject: Subject) -> Iterator[Note]:
    """One layer on a vector with over half of the parameters, behind others that work on maps."""
    total = subject.totals.trainable + subject.totals.non_trainable
    if isinstance(total, Algebra) or total == 0:
        return
    if not any(record.input.rank and record.facts.macs != 0 for record in subject.records):
        return
    for record in subject.records:
        params = record.facts.trainable + record.facts.non_trainable
        if not record.input.rank and 2 * params > total:
            share = 100 * params // total
            yield Note("dense-holds-most", f"{record.name} holds {share}% of the parameters", (record.name,))


def _dead_ends(subject: Subject) -> Iterator[Note]:
    """Layers whose output nothing reads, besides the last one and the side heads."""
    nodes = subject.graph.nodes
    read = {source for node in nodes for source in node.sources}
    names = []
    for record in subject.records:
        index = record.index
        if index not in read and index != subject.graph.output and not _is_aside(record):
            names.append(record.name)
    if names:
        yield Note("dead-end", f"nothing reads the output of {named(names)}", tuple(names))


def _shared_weights(subject: Subject) -> Iterator[Note]:
    """Layers of a shared block's later calls: their macs count, their weights do not count again."""
    names = tuple(record.name for record in subject.records if record.weights_of)
    if names:
        verb = "uses" if len(names) == 1 else "use"
        yield Note("shared-weights", f"{named(names)} {verb} the weights of earlier layers, counted there", names)


def _is_aside(record: Record) -> bool:
    branch = record.node.branch
    while branch is not None:
        if branch.aside:
            return True
        branch = branch.outer
    return False


def _unaligned(subject: Subject) -> Iterator[Note]:
    """Branches that step over the image at different rates."""
    names = tuple(
        record.name
        for record in subject.records
        if record.layer.merges
        and record.fields
        and record.rf_size is None
        and all(field.along is None for field in record.fields)
        and record.output.rank != 0
    )
    if names:
        text = f"the branches of {named(names)} step over the image at different rates: no one receptive field"
        yield Note("not-aligned", text, names)


def _values_not_checked(subject: Subject) -> Iterator[Note]:
    """Answers about values, which no shape tells."""
    names = subject.graph.names
    asked = [index for index, text in subject.graph.answers if called(text.quantity) == VALUES]
    layers = tuple(dict.fromkeys(names[subject.graph.output if index is None else index] for index in asked))
    if layers:
        text = f"the values that are stated of {named(layers)} depend on the numbers that go in: `check` takes them"
        yield Note("values-not-checked", f"{text} by --x and --array", layers)


REMARKS: Final[tuple[Callable[[Subject], Iterator[Note]], ...]] = (
    _does_not_tile,
    _padding_over_kernel,
    _even_kernel_under_same,
    _one_by_one_early,
    _unaligned,
    _dead_ends,
    _shared_weights,
    _rf_over_image,
    _dense_holds_most,
    _values_not_checked,
)
