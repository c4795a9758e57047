"""The table of a network: its layers as rows, and what is said around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.homework.answers import RIGHT, WRONG, Answer
from cnncalc.prose import counted, separated
from cnncalc.views.table import (
    FIRST,
    FURTHER,
    INSIDE,
    MERGE,
    SIDE_FIRST,
    SIDE_INSIDE,
    SIDE_LAST,
    SIDE_ONLY,
    Cell,
    Remark,
    Table,
    printable,
)
from cnncalc.views.units import memory
from cnncalc.views.values import said, stated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.report import Report
    from cnncalc.spec.graph import Branch
    from cnncalc.views.columns import Column


def of_report(report: Report, columns: Sequence[Column]) -> Table:
    """The table of a network: a row for the input, one for each layer, the totals, and what is to be said."""
    names = [column.name for column in columns]
    return Table(
        headings=tuple(column.heading for column in columns),
        rows=tuple([tuple([column.cell(report, record) for column in columns]) for record in report.records]),
        lead=tuple(column.lead(report) for column in columns),
        totals=_totals(report, columns),
        guides=guides([record.node.branch for record in report.records]) if "name" in names else (),
        guided=names.index("name") if "name" in names else 0,
        title=printable(" ".join(report.spec.split())),
        summary=_summary(report),
        remarks=tuple(remarks(report)),
    )


def _totals(report: Report, columns: Sequence[Column]) -> tuple[Cell, ...] | None:
    """The last row; none where no column is free to say that these are totals."""
    cells = [None if column.total is None else column.total(report) for column in columns]
    free = [place for place, column in enumerate(columns) if column.total is None]
    if not free or len(free) == len(cells):
        return None
    cells[next((place for place in free if columns[place].name == "name"), free[0])] = "total"
    return tuple(cells)


def guides(branches: Sequence[Branch | None]) -> tuple[str, ...]:
    """How each layer hangs in the merges around it, from the branches that the layers stand in.

    A merge is drawn as the foot of its branches: it is the layer that comes after them, one level further out.
    """
    paths = [(), *map(_path, branches), ()]
    return tuple(map(_guide, paths, paths[1:], paths[2:]))


def _path(branch: Branch | None) -> tuple[Branch, ...]:
    """The branches around a layer, the outermost first."""
    path: list[Branch] = []
    while branch is not None:
        path.append(branch)
        branch = branch.outer
    return tuple(reversed(path))


def _guide(before: Sequence[Branch], path: Sequence[Branch], after: Sequence[Branch]) -> str:
    """What stands before a layer, from its branches and from those of the layers above and below it."""
    above, below = _common(before, path), _common(path, after)
    # The branches of the layer above beyond those that both stand in: of a merge, or of a side head.
    merging = len(before) > above and not before[above].aside
    guide = ""
    for level, branch in enumerate(path):
        if branch.aside:
            ends = level >= below
            guide += (SIDE_LAST if ends else SIDE_INSIDE) if level < above else (SIDE_ONLY if ends else SIDE_FIRST)
        elif level < above:
            guide += INSIDE
        else:
            guide += FURTHER if level == above and merging else FIRST
    return guide + MERGE if merging and above == len(path) else guide


def _common(one: Sequence[Branch], other: Sequence[Branch]) -> int:
    """In how many branches both stand. They are told apart by identity: two merges' first branches are equal."""
    levels = 0
    while levels < min(len(one), len(other)) and one[levels] is other[levels]:
        levels += 1
    return levels


def _summary(report: Report) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The totals in words, and the memory, for which unit, batch and dtype are always said."""
    totals = report.totals
    params = separated(totals.params)
    if totals.non_trainable != 0:
        every = separated(totals.params_with_non_trainable)
        params = f"{params} + {separated(totals.non_trainable)} non-trainable = {every}"
    return (
        (
            ("params", params),
            ("macs", separated(totals.macs)),
            ("flops", separated(totals.flops)),
        ),
        (
            ("batch", str(report.batch)),
            ("dtype", report.dtype),
            ("activation memory", memory(report.activation_bytes(totals.activations))),
            ("parameter memory", memory(report.param_bytes(totals.params_with_non_trainable))),
            ("training memory with Adam", memory(report.training()["adam"]["total"])),
        ),
    )


def remarks(report: Report) -> Iterator[Remark]:
    """The wrong answers, those that are right rounded or in some way of counting, how many are, and the notes."""
    for text in wrong(report):
        yield Remark("wrong", text)
    for answer in report.answers:
        if answer.verdict != WRONG and (answer.rounded or answer.reread or answer.verdict != RIGHT):
            yield Remark("right", sentence(answer))
    right = sum(answer.verdict != WRONG for answer in report.answers)
    if report.answers:
        yield Remark("right", f"{right} of {counted(len(report.answers), 'answer')}")
    for note in report.notes:
        yield Remark("note", note.text)


def wrong(report: Report) -> Iterator[str]:
    """The wrong answers, which are why a command exits with 1."""
    return (sentence(answer) for answer in report.answers if answer.verdict == WRONG)


def sentence(answer: Answer) -> str:
    """The verdict on an answer: `conv1: params 150 is wrong; it is 156`."""
    claim = f"{answer.layer or 'total'}: {answer.quantity} {said(stated(answer))}"
    claim += " (so what was written is read)" * answer.reread
    if answer.verdict == RIGHT:
        return f"{claim} is right" + (f", rounded from {said(answer.expected)}" if answer.rounded else "")
    if answer.verdict != WRONG:
        return f"{claim} is right under the convention {answer.convention}"
    correct = "there is none" if answer.expected in (None, ()) else f"it is {said(answer.expected)}"
    # The commonest of the mistakes that it may be; `check` tells them all.
    reason = "".join(f" ({mistake.text.removesuffix('.')})" for mistake in answer.mistakes[:1])
    return f"{claim} is wrong; {correct}{reason}"
