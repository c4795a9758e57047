"""The columns that a table of layers can have, each stated once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cnncalc.homework.answers import WRONG, Answer
from cnncalc.shapes import join
from cnncalc.spec.source import did_you_mean, quote
from cnncalc.views.table import Cell, Heading
from cnncalc.views.values import written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnncalc.algebra import Number
    from cnncalc.infer import Facts, Record, Totals
    from cnncalc.report import Report
    from cnncalc.shapes import Shape


class Column(NamedTuple):
    """A column: what it says of a layer, of the input before all layers, and of the whole network.

    `unit` stands in the title that people read. `glue` stands for a space where a cell may have none. A
    column without `total` has nothing to say of the whole network.
    """

    name: str
    doc: str
    cell: Callable[[Report, Record], Cell]
    total: Callable[[Report], Cell] | None = None
    lead: Callable[[Report], Cell] = lambda _: None
    title: str = ""
    unit: str = ""
    left: bool = False
    glue: str = ""

    @property
    def heading(self) -> Heading:
        """The top of the column."""
        return Heading(
            name=self.name,
            title=f"{self.title or self.name} {self.unit}".rstrip(),
            align="left" if self.left else "right",
            glue=self.glue,
            rank=DEAREST.index(self.name) if self.name in DEAREST else len(DEAREST),
            folds=self.name in {"name", "config"},
        )


def _shape(report: Report, shape: Shape) -> str:
    return join(report.dims(shape))


def _from(_: Report, record: Record) -> Cell:
    return ",".join(record.sources)


def _inputs(report: Report, record: Record) -> Cell:
    return ",".join(_shape(report, shape) for shape in record.node.inputs)


def _field_size(_: Report, record: Record) -> Cell:
    """As `record.rf.size`, but for a table that shows no centers none are worked out, which takes fractions."""
    sizes = tuple(field.size for field in record.fields)
    return None if not sizes or None in sizes else written(sizes)


def _place(values: tuple[object, ...] | None) -> Cell:
    return written(values, ",")


def _share(part: Number, whole: Number) -> Cell:
    """A percentage to a tenth; None where there is nothing to share, or the numbers are formulas."""
    if not isinstance(part, int) or not isinstance(whole, int) or whole == 0:
        return None
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}"


def _verdict(answers: Sequence[Answer]) -> Cell:
    """The verdicts in one word, the quantities of wrong answers, and what makes others right only in a way."""
    wrong = [answer.quantity for answer in answers if answer.verdict == WRONG]
    if wrong:
        return f"wrong: {','.join(wrong)}"
    ways = [way for answer in answers for way in (answer.convention, "rounded" * answer.rounded) if way]
    if ways:
        return f"right: {','.join(ways)}"
    return "right" if answers else None


def _answer(report: Report, record: Record) -> Cell:
    return _verdict([answer for answer in report.answers if answer.layer == record.name])


def _network_answer(report: Report) -> Cell:
    return _verdict([answer for answer in report.answers if not answer.layer])


def _zero(_: Report) -> Cell:
    return 0


def _called_input(_: Report) -> Cell:
    return "input"


def _image_shape(report: Report) -> Cell:
    return _shape(report, report.graph.nodes[0].shape)


def _image_size(report: Report) -> Number:
    return report.graph.nodes[0].shape.size


def _one(report: Report) -> Cell:
    """What a pixel has as the size and the stride of its own receptive field; nothing without an image."""
    return 1 if report.graph.nodes[0].shape.rank else None


def _origin(report: Report) -> Cell:
    return 0 if report.graph.nodes[0].shape.rank else None


def _count(
    name: str,
    doc: str,
    count: Callable[[Facts | Totals], Number],
    *,
    title: str = "",
    of_input: Callable[[Report], Number] = lambda _: 0,
    scaled: Callable[[Report, Number], Number] = lambda _, number: number,
    unit: str = "",
) -> Column:
    """A column of something that is counted for a layer as for the network."""

    def cell(report: Report, record: Record) -> Cell:
        return written(scaled(report, count(record.facts)))

    def total(report: Report) -> Cell:
        return written(scaled(report, count(report.totals)))

    def lead(report: Report) -> Cell:
        return written(scaled(report, of_input(report)))

    return Column(name, doc, cell, total, lead, title, unit)


def _percentage(name: str, doc: str, count: Callable[[Facts | Totals], Number], title: str) -> Column:
    """A column of what each layer has of something that is counted."""

    def cell(report: Report, record: Record) -> Cell:
        return _share(count(record.facts), count(report.totals))

    def total(report: Report) -> Cell:
        return _share(count(report.totals), count(report.totals))

    def lead(report: Report) -> Cell:
        return _share(0, count(report.totals))

    return Column(name, doc, cell, total, lead, title, "%")


_COLUMNS: Final = (
    Column("index", "place in the network, from 1", lambda _, record: record.index, lead=_zero, title="#"),
    Column("name", "name of the layer", lambda _, record: record.name, lead=_called_input, left=True),
    Column("kind", "kind of the layer", lambda _, record: record.kind, lead=_called_input, left=True),
    Column(
        "config",
        "arguments of the layer, with every default that was assumed",
        lambda _, record: record.config or None,
        left=True,
        glue=",",
    ),
    Column("from", "layers that it reads", _from, left=True),
    Column("input", "shape that goes in", _inputs),
    Column("output", "shape that comes out", lambda report, record: _shape(report, record.output), lead=_image_shape),
    _count("params", "trainable parameters", lambda counts: counts.trainable),
    _count("trainable", "trainable parameters", lambda counts: counts.trainable),
    _count(
        "non_trainable",
        "parameters that are kept but not trained",
        lambda counts: counts.non_trainable,
        title="non-trainable",
    ),
    _count(
        "params_total",
        "parameters, trainable or not",
        lambda counts: counts.trainable + counts.non_trainable,
        title="all params",
    ),
    Column("rf", "receptive field: pixels of the image that a unit reads, along each axis", _field_size, lead=_one),
    Column(
        "stride",
        "pixels between the receptive fields of neighbours (the jump)",
        lambda _, record: written(record.rf and record.rf.stride),
        lead=_one,
        title="rf stride",
    ),
    Column(
        "start",
        "first pixel of the first unit's receptive field, from 0",
        lambda _, record: _place(record.rf and record.rf.start),
        lead=_origin,
        title="rf start",
    ),
    Column(
        "center",
        "middle of the first unit's receptive field",
        lambda _, record: _place(record.rf and record.rf.center),
        lead=_origin,
        title="rf center",
    ),
    _count("macs", "multiply-accumulates for one example", lambda counts: counts.macs),
    _count("flops", "two for each multiply-accumulate", lambda counts: 2 * counts.macs),
    _count(
        "activations",
        "values that it puts out for one example; the total counts the input too",
        lambda counts: counts.activations,
        of_input=_image_size,
    ),
    _count(
        "memory",
        "bytes of the activations, for the batch",
        lambda counts: counts.activations,
        of_input=_image_size,
        scaled=lambda report, number: report.activation_bytes(number),
        unit="(B)",
    ),
    _count(
        "param_memory",
        "bytes of all parameters",
        lambda counts: counts.trainable + counts.non_trainable,
        title="params",
        scaled=lambda report, number: report.param_bytes(number),
        unit="(B)",
    ),
    _count("weights", "parameters that multiply", lambda counts: counts.weights),
    _count("biases", "parameters that are added", lambda counts: counts.biases),
    _count("connections", "multiply-accumulates and bias additions for one example", lambda counts: counts.connections),
    _percentage("share", "percentage of the trainable parameters", lambda counts: counts.trainable, "params"),
    _percentage("macs_share", "percentage of the multiply-accumulates", lambda counts: counts.macs, "macs"),
    Column(
        "answer",
        "whether the answers about the layer are right, and which ones are wrong",
        _answer,
        _network_answer,
        left=True,
    ),
)
COLUMNS: Final = {column.name: column for column in _COLUMNS}
# Other names, from JSON and from the field.
ALIASES: Final = {
    "activation_bytes": "memory",
    "inputs": "input",
    "jump": "stride",
    "param_bytes": "param_memory",
    "params_with_non_trainable": "params_total",
    "rf_stride": "stride",
}
DEFAULT: Final = ("name", "kind", "config", "output", "params", "rf", "macs", "memory")
# On a terminal that is too narrow the other columns go first, from the right; then these, from the last on.
# `config` folds before it goes, `name` before `output` and `params` go.
DEAREST: Final = ("name", "output", "params", "answer", "config", "rf", "macs", "from", "memory", "stride", "kind")


def default(report: Report) -> tuple[str, ...]:
    """The columns that are shown if nobody asks for others.

    Where a layer reads another one than that before it, `from` is among them; where the spec states answers
    about layers, `answer` is. They stand last, so that the others are always found in the same place.
    """
    branched = any(record.node.sources != (record.index - 1,) for record in report.records)
    answered = any(answer.layer for answer in report.answers)
    return (*DEFAULT, *["from"] * branched, *["answer"] * answered)


def select(report: Report, text: str = "") -> tuple[Column, ...]:
    """The columns that a list asks for: `name,params`; `+flops,-rf` changes the default ones; `all`; `default`.

    Raises `ValueError` for a column that there is not, and if no column is left.
    """
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    names = [] if any(word[0] not in "+-" for word in words) else list(default(report))
    for word in words:
        wanted = _named(word.removeprefix("+").removeprefix("-").replace("-", "_"), report)
        if word[0] == "-":
            names = [name for name in names if name not in wanted]
        else:
            names += [name for name in wanted if name not in names]
    if not names:
        raise ValueError("no column is left to show")
    return tuple(COLUMNS[name] for name in names)


def _named(word: str, report: Report) -> tuple[str, ...]:
    """The columns that one word stands for."""
    word = ALIASES.get(word, word)
    if word == "all":
        return tuple(COLUMNS)
    if word == "default":
        return default(report)
    if word in COLUMNS:
        return (word,)
    hint = did_you_mean(word, [*COLUMNS, *ALIASES, "all", "default"]) or f"the columns are {', '.join(COLUMNS)}"
    raise ValueError(f"unknown column {quote(word)}; {hint}")
