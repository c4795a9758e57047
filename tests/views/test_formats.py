"""What every format prints, whole; and that all of them say the same."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.views import FORMATS, columns, network, render_table
from cnncalc.views.html import fragment
from cnncalc.views.json import render as render_json
from cnncalc.views.table import Heading, Remark, Table, raw, shown
from cnncalc.views.units import memory
from views.expected import ALL, DOCUMENTS, JSON, NESTED, PLAIN, SYMBOLIC, WRONG

SHIPPED = ("lenet5", "alexnet", "resnet18", "googlenet_aux", "unet", "densenet121", "mobilenet_v2")
TEXTS = [name for name in FORMATS if name not in {"table", "json"}]


@pytest.mark.parametrize("spec", PLAIN)
def test_plain(spec: str) -> None:
    """Aligned columns, integers as they are, no space in a cell, the totals last."""
    text = render(cnncalc.analyze(spec), "plain")
    assert text == PLAIN[spec]
    assert len({len(line.split()) for line in text.splitlines()}) == 1


@pytest.mark.parametrize("format", DOCUMENTS)
def test_documents(format: str) -> None:  # noqa: A002
    """tsv and csv have a line for each layer; markdown and latex have the totals and the remarks as well."""
    report = cnncalc.analyze(WRONG)
    assert render(report, format, columns.select(report, "name,config,output,params,answer")) == DOCUMENTS[format]


def render(report, format: str, chosen=None) -> str:  # noqa: A002
    """A report in any format but `table`, as the command line prints it."""
    if format == "json":
        return render_json(report.to_dict())
    return render_table(network.of_report(report, columns.select(report) if chosen is None else chosen), format)


def test_json() -> None:
    """One layer a line, and the same value as `to_dict`."""
    report = cnncalc.analyze("input 2x2x1; conv 1 2x2 -> params 5")
    assert render(report, "json") == JSON
    assert json.loads(JSON) == report.to_dict()


@pytest.mark.parametrize("data", [{}, [], None, 3, "é", [1, [2]], {"a": {}}, {"a": [{"b": [1]}]}, [{"a": 1}, {}]])
def test_any_json(data: Any) -> None:
    """What is laid out is what is read back."""
    text = render_json(data)
    assert json.loads(text) == data
    assert text.endswith("\n")
    assert "\\u" not in text


@pytest.mark.parametrize("spec", [*ALL, *SHIPPED])
def test_formats_agree(spec: str) -> None:
    """tsv, csv and plain have the same cells, and those of `json`."""
    report = cnncalc.analyze(spec)
    chosen = columns.select(report, "all,-answer")
    tsv = [line.split("\t") for line in render(report, "tsv", chosen).splitlines()]
    assert tsv == list(csv.reader(io.StringIO(render(report, "csv", chosen))))
    plain = [line.split() for line in render(report, "plain", chosen).splitlines()]
    assert len(plain) == len(tsv) + 2
    glued = [heading.heading.glue for heading in chosen]
    for line, other in zip(tsv, [plain[0], *plain[2:-1]], strict=True):
        assert [glue.join(cell.split()) for glue, cell in zip(glued, line, strict=True)] == other
    keys = {"memory": "activation_bytes", "param_memory": "param_bytes", "from": "from"}
    same = ("index", "name", "kind", "config", "params", "non_trainable", "macs", "flops", "activations", "memory")
    for cells, layer in zip(tsv[1:], json.loads(render(report, "json"))["layers"], strict=True):
        row = dict(zip(tsv[0], cells, strict=True))
        for name in same:
            assert row[name] == (str(layer[keys.get(name, name)]) or "-")
        assert row["from"] == ",".join(layer["from"])
        if " " not in row["output"]:
            assert row["output"] == "x".join(map(str, layer["output"]))
        size = layer["rf"] and layer["rf"]["size"]
        assert row["rf"] in ("x".join(map(str, size)), str(size[0])) if size else row["rf"] == "-"


@pytest.mark.parametrize("spec", ["mnist", NESTED, WRONG, *SHIPPED])
@pytest.mark.parametrize("format", ["plain", "markdown"])
def test_printed_totals(spec: str, format: str) -> None:  # noqa: A002
    """The printed column, added up again, is the printed total."""
    report = cnncalc.analyze(spec, batch=3, dtype="float16")
    lines = render(report, format, columns.select(report, "all")).split("\n\n")[0].splitlines()
    if format == "markdown":
        del lines[1]
    rows = [line[2:-2].split(" | ") if format == "markdown" else line.split() for line in lines]
    rows = [[cell.strip().replace(",", "") for cell in row] for row in rows]
    added = 0
    for heading, *cells, total in zip(*rows, strict=True):
        if total.isdecimal() and heading not in {"#", "index"}:
            assert sum(map(int, cells)) == int(total), heading
            added += 1
    assert added >= 12


def test_totals_need_a_free_column() -> None:
    """Where every column is added up, none can say that the last row is one of totals."""
    report = cnncalc.analyze("mnist")
    assert "total" not in render(report, "plain", columns.select(report, "params,macs"))
    assert "total" not in render(report, "plain", columns.select(report, "name,kind"))
    last = render(report, "plain", columns.select(report, "index,params,name")).splitlines()[-1]
    assert last.split() == ["-", "121930", "total"]
    assert render(report, "plain", columns.select(report, "index,params")).splitlines()[-1].split() == [
        "total",
        "121930",
    ]


def test_layout() -> None:
    """Shapes are shown in the layout that was asked for."""
    report = cnncalc.analyze("lenet5", layout="channels-first")
    assert "6x28x28" in render(report, "plain")


@pytest.mark.parametrize("format", TEXTS)
def test_any_table(format: str) -> None:  # noqa: A002
    """A table without totals, notes or numbers, with characters that each format has to escape."""
    odd = '<script>alert("a_b")</script> & 50% of $x^2 | {a} \\ #~*`[]'
    table = Table((Heading("kind", "kind"), Heading("doc", "what it is", folds=True)), (("conv", odd), ("é", None)))
    text = render_table(table, format)
    assert odd not in text or format == "tsv"
    assert len(text.splitlines()) >= 3
    if format == "csv":
        assert list(csv.reader(io.StringIO(text)))[1] == ["conv", odd]
    if format == "plain":
        assert text.splitlines()[1].split() == ["conv", odd.replace(" ", "_")]


class _Reader(HTMLParser):
    """Reads a page back: the cells of its rows, and whether every element is closed in its turn."""

    VOID = ("meta",)

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data


def read_page(text: str) -> _Reader:
    """A page, read; every element is closed."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert not reader.open
    return reader


@pytest.mark.parametrize("spec", [*ALL, "googlenet_aux"])
def test_html(spec: str) -> None:
    """A page that needs nothing else, with all cells, and the branches drawn."""
    report = cnncalc.analyze(spec)
    text = render(report, "html")
    page = read_page(text)
    table = network.of_report(report, columns.select(report))
    assert [[cell.removeprefix("aux:\xa0") for cell in row] for row in page.rows[1:]] == table.shown_rows
    assert text.count('<i class="level') == sum(map(len, table.guides))
    assert text.count("aux:") == sum("┌" in guide or "╶" in guide for guide in table.guides)
    assert not {"script", "link", "img"} & set(page.seen)
    assert "http" not in text
    for remark in table.remarks:
        assert f"{remark.mark}</b> {remark.text}" in text


def test_html_escapes() -> None:
    """What a user wrote is text in the page."""
    odd = "<script>alert(1)</script>"
    table = Table(
        (Heading(odd, odd),),
        ((odd,),),
        guides=("╭",),
        title=odd,
        summary=(((odd, odd),),),
        remarks=(Remark("wrong", odd),),
    )
    text = render_table(table, "html")
    assert "script" not in read_page(text).seen
    assert text.count("&lt;script&gt;") == 7


def test_a_notebook_shows_the_table() -> None:
    """A report shows itself: the table with its remarks, in the notebook's own colours."""
    text = cnncalc.analyze(WRONG)._repr_html_()
    assert text == fragment(cnncalc.analyze(WRONG))
    assert read_page(text).rows[-1][0] == "total"
    assert "<html" not in text
    assert "<h1" not in text


LATEX_SPECIAL = Table(
    (Heading("a", "a & b"), Heading("b", "%", "right")),
    (('\\ & % $ # _ { } ~ ^ < > | "', 1234),),
    remarks=(Remark("note", "50% of a_b"),),
)


@pytest.mark.parametrize(
    "text",
    [
        *(pytest.param(lambda spec=spec: render(cnncalc.analyze(spec), "latex"), id=spec[:12]) for spec in ALL),
        pytest.param(lambda: render(cnncalc.analyze("resnet18"), "latex"), id="longtable"),
        pytest.param(lambda: render_table(LATEX_SPECIAL, "latex"), id="special"),
    ],
)
def test_latex_compiles(text: Any, tmp_path: Path) -> None:
    """The table compiles in a document with the packages that it names; at least, its rows are even."""
    source = text()
    environment = "longtable" if "longtable" in source else "tabular"
    wanted = re.findall(r"\\usepackage\{(\w+)\}", source.splitlines()[0])
    assert wanted == ["booktabs", "longtable"][: 1 + (environment == "longtable")]
    rows = [line for line in source.partition("\\end{")[0].splitlines() if line.endswith(r" \\")]
    assert len({len(re.findall(r"(?<!\\)&", row)) for row in rows}) == 1
    assert source.count(rf"\begin{{{environment}}}") == source.count(rf"\end{{{environment}}}") == 1
    if shutil.which("pdflatex") is None:  # pragma: no cover
        return
    packages = "".join(rf"\usepackage{{{name}}}" for name in wanted)
    document = (
        rf"\documentclass{{article}}\usepackage[T1]{{fontenc}}{packages}\begin{{document}}{source}\end{{document}}"
    )
    (tmp_path / "table.tex").write_text(document.replace("{% ", "{\n% "))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert run.returncode == 0, run.stdout.decode(errors="replace")[-800:]


def test_memory() -> None:
    """Bytes always have a unit, and so many digits that small ones do not vanish."""
    assert memory(0) == "0 B"
    assert memory(9999) == "9,999 B"
    assert memory(36472) == "0.0365 MB (0.0348 MiB)"
    assert memory(10**6) == "1.00 MB (0.954 MiB)"
    assert memory(2**20 * 100) == "104.9 MB (100.0 MiB)"
    assert memory(10**400).startswith("10,000,000")
    assert memory(cnncalc.analyze(SYMBOLIC).totals.params) == "112*n + 4 B"


def test_cells() -> None:
    """A cell for people and for programs; nothing is a dash."""
    assert [shown(cell) for cell in (1234567, "1x2", None, "", 0)] == ["1,234,567", "1x2", "-", "-", "0"]
    assert [raw(cell) for cell in (1234567, "1x2", None, "", 0)] == ["1234567", "1x2", "-", "-", "0"]


def test_sentences() -> None:
    """A verdict in words: what was given, what is right, and why."""
    answers = cnncalc.analyze(WRONG).answers
    assert [network.sentence(answer) for answer in answers] == [
        "conv1: output 28x28x2 is right",
        "conv1: params 150 is wrong; it is 152 (150 = 5·5·3·2 leaves out the 2 biases; (5·5·3 + 1)·2 = 152)",
        "bn1: params 8 is right under the convention with-non-trainable",
        "dense1: params 16,000 is right, rounded from 15,690",
        "total: macs 1 is wrong; it is 133,280",
    ]
    mistaken = answers[1]._replace(mistakes=())
    assert network.sentence(mistaken) == "conv1: params 150 is wrong; it is 152"
    none = cnncalc.analyze("input 10; dense 5 -> rf 3").answers
    assert network.sentence(none[0]) == "dense1: rf 3 is wrong; there is none"
    shape = cnncalc.analyze("input 9x9x1; conv 1 3x3 -> 5x5x1").answers
    assert network.sentence(shape[0]) == "conv1: output 5x5x1 is wrong; it is 7x7x1"
    axes = cnncalc.analyze("input 9x9x1; conv 1 3x1 -> rf 3").answers
    assert network.sentence(axes[0]) == "conv1: rf 3 is wrong; it is 3x1"


def test_formulas() -> None:
    """A size with a formula in it has parentheses; at a pipe there is no space in it."""
    report = cnncalc.analyze("input 9xWx3; conv 2 5x5")
    assert network.of_report(report, columns.select(report, "output")).rows == (("5x(W - 4)x2",),)
    assert render(report, "plain", columns.select(report, "output")).split()[-1] == "5x(W-4)x2"


def test_titles_are_printable() -> None:
    """The name of a file cannot steer the terminal."""
    report = cnncalc.analyze("mnist")
    report.spec = "a\x1b[2J\nb"
    assert network.of_report(report, ()).title == "a\ufffd[2J b"
