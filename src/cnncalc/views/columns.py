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
    from cnncalc.infer import Record
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


def _image(report: Report, value: int) -> Cell:
    """What the pixels of an image have as their own receptive field; nothing for a vector."""
    return value if report.graph.nodes[0].shape.rank else None


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


def _zero(_: Report) -> Cell:
    return 0


_COLUMNS: Final = (
    Column("index", "place in the network, from 1", lambda _, record: record.index, lead=_zero, title="#"),
    Column("name", "name of the layer", lambda _, record: record.name, lead=lambda _: "input", left=True),
    Column("kind", "kind of the layer", lambda _, record: record.kind, lead=lambda _: "input", left=True),
    Column(
        "config",
        "arguments of the layer, with every default that was assumed",
        lambda _, record: record.config or None,
        left=True,
        glue=",",
    ),
    Column("from", "layers that it reads", _from, left=True),
    Column("input", "shape that goes in", _inputs),
    Column(
        "output",
        "shape that comes out",
        lambda report, record: _shape(report, record.output),
        lead=lambda report: _shape(report, report.graph.nodes[0].shape),
    ),
    Column(
        "params",
        "trainable parameters",
        lambda _, record: written(record.params),
        lambda report: written(report.totals.params),
        _zero,
    ),
    Column(
        "trainable",
        "trainable parameters",
        lambda _, record: written(record.facts.trainable),
        lambda report: written(report.totals.trainable),
        _zero,
    ),
    Column(
        "non_trainable",
        "parameters that are kept but not trained",
        lambda _, record: written(record.non_trainable),
        lambda report: written(report.totals.non_trainable),
        _zero,
        title="non-trainable",
    ),
    Column(
        "params_total",
        "parameters, trainable or not",
        lambda _, record: written(record.params + record.non_trainable),
        lambda report: written(report.totals.params_with_non_trainable),
        _zero,
        title="all params",
    ),
    Column(
        "rf",
        "receptive field: pixels of the image that a unit reads, along each axis",
        _field_size,
        lead=lambda report: _image(report, 1),
    ),
    Column(
        "stride",
        "pixels between the receptive fields of neighbours (the jump)",
        lambda _, record: written(record.rf and record.rf.stride),
        lead=lambda report: _image(report, 1),
        title="rf stride",
    ),
    Column(
        "start",
        "first pixel of the first unit's receptive field, from 0",
        lambda _, record: _place(record.rf and record.rf.start),
        lead=lambda report: _image(report, 0),
        title="rf start",
    ),
    Column(
        "center",
        "middle of the first unit's receptive field",
        lambda _, record: _place(record.rf and record.rf.center),
        lead=lambda report: _image(report, 0),
        title="rf center",
    ),
    Column(
        "macs",
        "multiply-accumulates for one example",
        lambda _, record: written(record.macs),
        lambda report: written(report.totals.macs),
        _zero,
    ),
    Column(
        "flops",
        "two for each multiply-accumulate",
        lambda _, record: written(record.flops),
        lambda report: written(report.totals.flops),
        _zero,
    ),
    Column(
        "activations",
        "values that it puts out for one example; the total counts the input too",
        lambda _, record: written(record.activations),
        lambda report: written(report.totals.activations),
        lambda report: written(report.graph.nodes[0].shape.size),
    ),
    Column(
        "memory",
        "bytes of the activations, for the batch",
        lambda report, record: written(report.activation_bytes(record.activations)),
        lambda report: written(report.activation_bytes(report.totals.activations)),
        lambda report: written(report.activation_bytes(report.graph.nodes[0].shape.size)),
        unit="(B)",
    ),
    Column(
        "param_memory",
        "bytes of all parameters",
        lambda report, record: written(report.param_bytes(record.params + record.non_trainable)),
        lambda report: written(report.param_bytes(report.totals.params_with_non_trainable)),
        _zero,
        title="params",
        unit="(B)",
    ),
    Column(
        "weights",
        "parameters that multiply",
        lambda _, record: written(record.facts.weights),
        lambda report: written(report.totals.weights),
        _zero,
    ),
    Column(
        "biases",
        "parameters that are added",
        lambda _, record: written(record.facts.biases),
        lambda report: written(report.totals.biases),
        _zero,
    ),
    Column(
        "connections",
        "multiply-accumulates and bias additions for one example",
        lambda _, record: written(record.facts.connections),
        lambda report: written(report.totals.connections),
        _zero,
    ),
    Column(
        "share",
        "percentage of the trainable parameters",
        lambda report, record: _share(record.params, report.totals.params),
        lambda report: _share(report.totals.params, report.totals.params),
        lambda report: _share(0, report.totals.params),
        title="params",
        unit="%",
    ),
    Column(
        "macs_share",
        "percentage of the multiply-accumulates",
        lambda report, record: _share(record.macs, report.totals.macs),
        lambda report: _share(report.totals.macs, report.totals.macs),
        lambda report: _share(0, report.totals.macs),
        title="macs",
        unit="%",
    ),
    Column(
        "answer",
        "whether the answers about the layer are right, and which ones are wrong",
        _answer,
        lambda report: _verdict([answer for answer in report.answers if not answer.layer]),
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
