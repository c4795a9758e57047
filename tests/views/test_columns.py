"""The columns, and how some of them are asked for."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.report import Report
from cnncalc.views import columns, network
from cnncalc.views.columns import COLUMNS, DEAREST, DEFAULT, select
from views.expected import ALL, NESTED, SEQUENCE, SYMBOLIC, VECTOR, WRONG


@pytest.fixture(scope="module")
def plain() -> Report:
    """A network without branches and answers."""
    return cnncalc.analyze(SEQUENCE)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", DEFAULT),
        ("default", DEFAULT),
        (" Name , params ,", ("name", "params")),
        ("params,name,params", ("params", "name")),
        ("+flops,-rf", (*[name for name in DEFAULT if name != "rf"], "flops")),
        ("+output", DEFAULT),
        ("-from", DEFAULT),
        ("name,+jump,-name", ("stride",)),
        ("non-trainable,param-bytes", ("non_trainable", "param_memory")),
        ("all", tuple(COLUMNS)),
        ("all,-index", tuple(COLUMNS)[1:]),
    ],
)
def test_selection(plain: Report, text: str, names: tuple[str, ...]) -> None:
    """A list is what is shown; with nothing but signs it changes what is shown anyway."""
    assert tuple(column.name for column in select(plain, text)) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,parms", "unknown column `parms`; did you mean `params`?"),
        ("-zzz", f"unknown column `zzz`; the columns are {', '.join(COLUMNS)}"),
        ("+", f"unknown column ``; the columns are {', '.join(COLUMNS)}"),
        ("-all", "no column is left to show"),
    ],
)
def test_no_such_column(plain: Report, text: str, message: str) -> None:
    """A misspelt column is an error that says what was probably meant."""
    with pytest.raises(ValueError, match="column") as caught:
        select(plain, text)
    assert str(caught.value) == message


def test_columns_that_show_themselves() -> None:
    """`from` where layers read others than the last one, `answer` where there are answers about layers."""
    assert columns.default(cnncalc.analyze(NESTED)) == (*DEFAULT, "from")
    assert columns.default(cnncalc.analyze(WRONG)) == (*DEFAULT, "answer")
    assert columns.default(cnncalc.analyze("vgg16")) == DEFAULT
    assert [column.name for column in select(cnncalc.analyze(WRONG), "-answer")] == [*DEFAULT]


def test_every_column_is_described() -> None:
    """A name, a sentence, and a rank that says when it goes."""
    assert set(DEFAULT) | set(DEAREST) <= set(COLUMNS)
    for name, column in COLUMNS.items():
        assert name == column.name == column.heading.name
        assert column.doc
        assert " " not in name
        assert column.heading.rank <= len(DEAREST)


@pytest.mark.parametrize("spec", ALL)
def test_cells(spec: str) -> None:
    """Every column has a cell for the input, for every layer and for the network."""
    report = cnncalc.analyze(spec)
    table = network.of_report(report, select(report, "all"))
    assert {len(row) for row in table.all_rows} == {len(COLUMNS)}
    assert all(cell is None or isinstance(cell, (int, str)) for row in table.all_rows for cell in row)


def row(spec: str, layer: str, names: str) -> list[object]:
    """Some cells of a layer."""
    report = cnncalc.analyze(spec)
    return [column.cell(report, report[layer]) for column in select(report, names)]


def test_receptive_fields() -> None:
    """Sizes are joined by x and written once if equal; places may be fractions; a vector has none."""
    spec = "input 9x12x1; pool 2x3 s1x2; gap"
    assert row(spec, "maxpool1", "rf,stride,start,center") == ["2x3", "1x2", 0, "1/2,1"]
    assert row(spec, "gap1", "rf,stride,start,center") == ["9x11", None, 0, "4,5"]
    assert row("input 9x9x1; conv 1 3x3 p1", "conv1", "rf,stride,start,center") == [3, 1, -1, 0]
    assert row(VECTOR, "dense1", "rf,stride,start,center") == [None] * 4
    lead = [
        column.lead(cnncalc.analyze(VECTOR)) for column in select(cnncalc.analyze(VECTOR), "rf,stride,start,center")
    ]
    assert lead == [None] * 4


def test_shares() -> None:
    """Percentages to a tenth; of nothing, and of formulas, there are none."""
    assert row("input 10; dense 1 nobias; dense 2 nobias", "dense1", "share,macs_share") == ["83.3", "83.3"]
    assert row("input 10; relu", "relu1", "share,macs_share") == [None, None]
    assert row(SYMBOLIC, "conv1", "share,macs_share") == [None, None]


def test_counts() -> None:
    """Weights and biases are the parameters; connections count the biases once for each output."""
    spec = "input 5x5x2; conv 3 3x3"
    assert row(spec, "conv1", "weights,biases,params,connections") == [54, 3, 57, 486 + 27]
    assert row(spec, "conv1", "input,output,params_total,param_memory") == ["5x5x2", "3x3x3", 57, 228]
    assert row(NESTED, "add1", "input,from") == ["8x8x4,8x8x4", "concat1,input"]
