"""From a spec to its report: the stages one after the other, and everything that they found."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from os import PathLike, fspath, path
from typing import Any, Final

from cnncalc import infer, library, notes
from cnncalc.algebra import Algebra, FormulaError, Number
from cnncalc.homework import answers
from cnncalc.homework.answers import Answer, Subject, as_json
from cnncalc.infer import DTYPES, OPTIMIZERS, Record, Totals
from cnncalc.layers import ALIASES
from cnncalc.shapes import Shape
from cnncalc.spec import parser, source
from cnncalc.spec.expand import Options, expand
from cnncalc.spec.graph import Graph, Note
from cnncalc.spec.source import Problem, Problems, Source, Span, SpecError, did_you_mean, listed, quote

# What errors call a spec that is not in a file.
INLINE: Final = "spec"
LONGEST_TITLE: Final = 200
LAYOUTS: Final = ("channels-last", "channels-first")
# A text with one of these, or with a line break, is a spec and no name.
_SPEC: Final = re.compile(r"[\s;{}]")


class Report:
    """A network and everything that was computed about it. Made by `analyze`."""

    def __init__(
        self, spec: str, graph: Graph, *, batch: int = 1, dtype: str = "float32", layout: str = "channels-last"
    ) -> None:
        """Infer all records from the graph."""
        self.spec = spec
        self.graph = graph
        self.batch = batch
        self.dtype = dtype
        self.layout = layout
        self.records = infer.infer(graph)
        self.totals = infer.total(graph, self.records)
        self.notes = notes.find(graph, self.records, self.totals)
        self.answers = self._judge()

    def _judge(self) -> tuple[Answer, ...]:
        """The verdicts on the answers that the spec states, but for those about values."""
        if not self.graph.answers:
            return ()
        from cnncalc.homework import judging, reading  # noqa: PLC0415  most networks state no answers

        problems = Problems()
        verdicts = []
        for index, text in self.graph.answers:
            subject = self.subject(index)
            try:
                if judging.asks_for_values(text):
                    # It is read, and needs numbers to be judged.
                    reading.read_values(text)
                else:
                    verdicts.append(judging.judge(text, subject, "" if index is None else subject.record.name))
            except SpecError as error:
                problems.add(error.problems[0])
        problems.stop()
        return tuple(verdicts)

    def subject(self, index: int | None) -> Subject:
        """What an answer may speak of: a layer by its index, 0 for the input, or None for the whole network."""
        return subject_of(self.graph, self.records, self.totals, index, dtype=self.dtype, batch=self.batch)

    @property
    def passed(self) -> bool:
        """Whether no stated answer is wrong."""
        return all(answer.verdict != answers.WRONG for answer in self.answers)

    @property
    def input(self) -> tuple[Number, ...]:
        """The shape that goes in, in the chosen layout."""
        return self.dims(self.graph.nodes[0].shape)

    @property
    def output(self) -> tuple[Number, ...]:
        """The shape that comes out, in the chosen layout."""
        return self.dims(self.graph.nodes[self.graph.output].shape)

    def dims(self, shape: Shape) -> tuple[Number, ...]:
        """The dimensions of a shape in the chosen layout."""
        return shape.dims if self.layout == "channels-last" else (shape.channels, *shape.extents)

    def __getitem__(self, name: str) -> Record:
        """The record of the layer of that name. Raises `KeyError` with a suggestion."""
        for record in self.records:
            if record.name == name:
                return record
        names = [record.name for record in self.records]
        raise KeyError(f"no layer {name!r}; {did_you_mean(name, names) or listed('the layers are', names)}")

    def __repr__(self) -> str:
        """The main numbers."""
        size = "x".join(map(str, self.output))
        return f"<Report {self.spec!r}: {len(self.records)} layers, output {size}, params {self.totals.params}>"

    def _repr_html_(self) -> str:
        """The table, for a notebook."""
        from cnncalc.views import html  # noqa: PLC0415  only a notebook asks

        return html.fragment(self)

    def activation_bytes(self, activations: Number) -> Number:
        """The bytes that so many values take, for the whole batch."""
        return activations * (DTYPES[self.dtype] * self.batch)

    def param_bytes(self, params: Number) -> Number:
        """The bytes that so many parameters take."""
        return params * DTYPES[self.dtype]

    def training(self) -> dict[str, dict[str, Number]]:
        """Bytes that training takes, term by term, for each optimizer.

        Values and gradients of the parameters and of the activations, and what the optimizer keeps for every
        trainable parameter: nothing for SGD, one value with momentum, two for Adam.
        """
        totals = self.totals
        activations = self.activation_bytes(totals.activations)
        result = {}
        for optimizer, values in OPTIMIZERS.items():
            terms = {
                "params": self.param_bytes(totals.params_with_non_trainable),
                "gradients": self.param_bytes(totals.trainable),
                "optimizer": self.param_bytes(totals.trainable * values),
                "activations": activations,
                "activation_gradients": activations,
            }
            result[optimizer] = {**terms, "total": sum(terms.values())}
        return result

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it: integers, lists, strings for formulas and fractions, null for nothing."""
        totals = self.totals
        return {
            "spec": self.spec,
            "input": as_json(self.input),
            "layout": self.layout,
            "batch": self.batch,
            "dtype": self.dtype,
            "layers": [self._layer(record) for record in self.records],
            "output": as_json(self.output),
            "totals": {
                "params": as_json(totals.params),
                "trainable": as_json(totals.trainable),
                "non_trainable": as_json(totals.non_trainable),
                "params_with_non_trainable": as_json(totals.params_with_non_trainable),
                "macs": as_json(totals.macs),
                "flops": as_json(totals.flops),
                "activations": as_json(totals.activations),
                "activation_bytes": as_json(self.activation_bytes(totals.activations)),
                "param_bytes": as_json(self.param_bytes(totals.params_with_non_trainable)),
                "training": {
                    optimizer: {term: as_json(number) for term, number in terms.items()}
                    for optimizer, terms in self.training().items()
                },
            },
            "answers": [self.answer_as_json(answer) for answer in self.answers],
            "notes": [note_as_json(note) for note in self.notes],
        }

    def answer_as_json(self, answer: Answer) -> dict[str, Any]:
        """An answer as JSON has it, shapes in the chosen layout."""
        data = answer.to_dict()
        if isinstance(answer.expected, Shape):
            data |= {"given": as_json(self.given_dims(answer)), "expected": as_json(self.dims(answer.expected))}
        return data

    def given_dims(self, answer: Answer) -> Any:
        """What was answered; a whole size in the chosen layout."""
        given = answer.given
        if not isinstance(answer.expected, Shape) or given is None or len(given) != answer.expected.rank + 1:
            return given
        return self.dims(Shape(given[:-1], given[-1]))

    def _layer(self, record: Record) -> dict[str, Any]:
        """One layer as JSON has it."""
        facts, rf = record.facts, record.rf
        return {
            "index": record.index,
            "name": record.name,
            "kind": record.kind,
            "config": record.config,
            "from": list(record.sources),
            "weights_of": record.weights_of,
            "inputs": [as_json(self.dims(shape)) for shape in record.node.inputs],
            "output": as_json(self.dims(record.output)),
            "params": as_json(facts.trainable),
            "trainable": as_json(facts.trainable),
            "non_trainable": as_json(facts.non_trainable),
            "macs": as_json(facts.macs),
            "flops": as_json(2 * facts.macs),
            "activations": as_json(facts.activations),
            "activation_bytes": as_json(self.activation_bytes(facts.activations)),
            "param_bytes": as_json(self.param_bytes(facts.trainable + facts.non_trainable)),
            "rf": rf and {key: as_json(value) for key, value in rf._asdict().items()},
        }


def note_as_json(note: Note) -> dict[str, Any]:
    """A note as JSON has it."""
    return {"code": note.code, "text": note.text, "layers": list(note.layers)}


def analyze(
    spec: str | PathLike[str],
    *,
    input: str | tuple[int, ...] | None = None,  # noqa: A002  the name that users know
    set: Mapping[str, object] | None = None,  # noqa: A002
    batch: int = 1,
    dtype: str = "float32",
    layout: str = "channels-last",
    strict: bool = False,
) -> Report:
    """Everything about a network: `analyze("conv 32 3x3 s1 same; pool 2x2", input="224x224x3")`.

    `spec` is a path, the name of a shipped network, or the spec itself; `input` a size that goes in, as text
    or as a tuple of channels-last dimensions; `set` gives values to the spec's params; `batch` and `dtype`
    say what the bytes are counted for; `layout` is the order of the dimensions that are given back.

    Raises `SpecError` for a broken spec, and with `strict` also where a note speaks of a doubtful one;
    `ValueError` for a batch, a dtype or a layout that there is not.
    """
    if dtype not in DTYPES:
        raise ValueError(f"dtype is one of {', '.join(DTYPES)}; not {dtype!r}")
    if layout not in LAYOUTS:
        raise ValueError(f"layout is one of {', '.join(LAYOUTS)}; not {layout!r}")
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise ValueError(f"batch is a positive integer; not {batch!r}")
    options = options_of(input, set)
    return analyze_source(find(fspath(spec)), options, batch=batch, dtype=dtype, layout=layout, strict=strict)


def options_of(size: str | tuple[int, ...] | None, settings: Mapping[str, object] | None) -> Options:
    """An input and params given from Python as the texts that stand for them."""
    size = "x".join(map(str, size)) if isinstance(size, tuple) else size
    return Options(
        None if size is None else Source("--input", size),
        {name: Source("--set", setting_text(value)) for name, value in (settings or {}).items()},
    )


def setting_text(value: object) -> str:
    """A value given from Python as the text that stands for it in a spec."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def subject_of(
    graph: Graph,
    records: tuple[Record, ...],
    totals: Totals,
    index: int | None,
    *,
    dtype: str = "float32",
    batch: int = 1,
) -> Subject:
    """What an answer may speak of: a layer by its index, 0 for the input, or None for the whole network."""
    at = graph.output if index is None else index
    record = records[at - 1] if at else infer.image(graph)
    return Subject(record, totals if index is None else None, graph.nodes, DTYPES[dtype], batch, records)


def analyze_source(text: Source, options: Options, *, strict: bool = False, **settings: Any) -> Report:
    """The report on a source. Raises `SpecError`."""
    with collection_paused():
        graph = build(text, options)
        try:
            report = Report(_title(text), graph, **settings)
            if any(isinstance(total, Algebra) for total in report.totals):
                report.to_dict()  # if a formula becomes too long, it does so here and not later
        except FormulaError as error:
            raise SpecError([Problem(str(error), Span(text, 0, len(text.text)))]) from None
    doubtful = [note for note in report.notes if note.validity] if strict else []
    if doubtful:
        raise SpecError([Problem(f"{note.text} (--strict)", _place(report, note)) for note in doubtful])
    return report


@contextmanager
def collection_paused() -> Iterator[None]:
    """Without garbage collection: the stages make no cycles, and to look for some takes as long as the work."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def build(text: Source, options: Options) -> Graph:
    """The graph of a source. Raises `SpecError` with all problems that were found."""
    problems = Problems()
    statements = parser.parse(source.checked(text), problems)
    graph = expand(statements, text, options, problems)
    problems.stop()
    assert graph is not None  # without a problem there is a graph
    return graph


def find(spec: str, also: Iterable[str] = ()) -> Source:
    """The source that a user means by a word: a file, a shipped network, a kind by itself, or the text.

    An existing file wins; a text with a space or `;` is a spec; one bare word is a shipped name or a kind.
    Shipped names are found however they are written: `ResNet-50` is `resnet50`.
    Raises `SpecError` if it is none of these; `also` are other words that may have been meant.
    """
    if len(spec) < 1000 and "\n" not in spec and "\0" not in spec and path.isfile(spec):
        return source.read(spec)
    if not spec.strip() or _SPEC.search(spec):
        return Source(INLINE, spec)
    name = library.named(spec)
    if name is not None:
        return library.read(name)._replace(name=name)
    if spec.lower() in ALIASES:
        return Source(INLINE, spec)
    message = f"no file, no shipped network and no kind is called {quote(spec)}"
    if path.isdir(spec):
        message = f"{quote(spec)} is a folder"
    hint = listed("shipped under that name:", library.beginning_with(spec) or library.titled(spec))
    hint = hint or did_you_mean(spec, [*library.names(), *ALIASES, *also]) or "`cnncalc specs` lists the networks"
    at = Span(Source(INLINE, spec), 0, len(spec))
    raise SpecError([Problem(message, at, hint)])


def _title(text: Source) -> str:
    """What a report calls its network: the file or the shipped name; else the spec, if it is not too long."""
    return text.text.strip() if text.name == INLINE and len(text.text) <= LONGEST_TITLE else text.name


def _place(report: Report, note: Note) -> Span:
    """Where a doubtful note points: at the first layer that it names."""
    span = report[note.layers[0]].node.span
    assert span is not None  # only the input may have none
    return span
