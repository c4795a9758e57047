"""What was found about a number: as a table, and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.counting.reconcile import SMALLEST
from cnncalc.counting.tools import TOOLS
from cnncalc.homework.answers import as_json
from cnncalc.prose import counted
from cnncalc.views.table import Heading, Remark, Table, printable

if TYPE_CHECKING:
    from cnncalc.counting.conventions import Convention, Match
    from cnncalc.counting.reconcile import Result
    from cnncalc.report import Report

# The rules of so many tools are told.
MOST_RULES = 3


def of_result(report: Report, result: Result) -> Table:
    """The conventions that give the number, a row each; or the nearest ones, with the difference."""
    wanted = result.wanted
    rows = [
        (match.quantity, match.value, each.who or "cnncalc", each.title, None)
        for match in result.matches
        for each in match.conventions
    ] or [
        (each.quantity, each.value, each.who or "cnncalc", each.title, round(wanted.value - each.value))
        for each in result.nearest
    ]
    headings = [*_HEADINGS, Heading("difference", "your number - this", align="right", rank=1)]
    return Table(
        headings=tuple(headings if result.nearest else _HEADINGS),
        rows=tuple(rows if result.nearest else [row[:-1] for row in rows]),
        title=printable(f"{' '.join(report.spec.split())}: {wanted.text}"),
        remarks=tuple(_remarks(result)),
    )


_HEADINGS = (
    Heading("quantity", "quantity", rank=2),
    Heading("value", "value", align="right"),
    Heading("counted_by", "counted by"),
    Heading("as", "as", folds=True),
)


def of_conventions(report: Report, known: Sequence[Convention]) -> Table:
    """All conventions, a row each."""
    rows = tuple((each.quantity, each.value, each.who or "cnncalc", each.title) for each in known)
    return Table(headings=_HEADINGS, rows=rows, title=printable(" ".join(report.spec.split())))


def _remarks(result: Result) -> Iterator[Remark]:
    """What the answer is, in sentences."""
    text = printable(result.wanted.text)
    if not result.matches:
        yield Remark("wrong", f"no convention gives {text}; these come nearest")
        for explanation in result.explanations:
            yield Remark("note", f"{text} is {explanation}")
        if result.wanted.bare and result.wanted.value < SMALLEST and not result.explanations:
            yield Remark(
                "note", f"no unit stands behind {text}; a million is written {text}M, a thousand million {text}G"
            )
        return
    how = "rounds to" if result.wanted.slack else "is"
    for match in result.matches:
        unit = ", with K, M and G as powers of 1024" if match.binary else ""
        yield Remark("right", f"{match.value:,} {how} {text}{unit}: {_named(match)}")
    for explanation in result.explanations:
        yield Remark("note", f"{text} may also be {explanation}")
    macs = next((match.value for match in result.matches if match.quantity == "macs"), None)
    if macs is not None and result.wanted.quantities[0] == "flops":
        yield Remark("note", f"it counts multiply-accumulates: of two operations each, there are {2 * macs:,}")
    tools = dict.fromkeys(each.who for match in result.matches for each in match.conventions if each.who)
    if len(tools) <= MOST_RULES:
        for name in tools:
            yield Remark("note", f"{name} ({TOOLS[name].version}): {TOOLS[name].rule}")
        for match in result.matches:
            for each in match.conventions:
                if each.terms:
                    yield Remark("note", _sum(each))


def _named(match: Match) -> str:
    """Who counts so."""
    first, *others = match.conventions
    if len(others) >= MOST_RULES:
        return f"{first.text}, and {counted(len(others), 'other')}"
    return "; ".join(each.text for each in match.conventions)


def _sum(each: Convention) -> str:
    """What a tool adds to the multiply-accumulates."""
    added = sum(more for _, more in each.terms)
    parts = " ".join(f"{'-' if more < 0 else '+'} {abs(more):,} {name}" for name, more in each.terms)
    name = "two for each multiply-accumulate" if each.quantity == "flops" else "multiply-accumulates"
    return f"{each.text} = {each.value - added:,} {name} {parts}"


def to_dict(report: Report, result: Result) -> dict[str, Any]:
    """The result as JSON has it."""
    return {
        "spec": report.spec,
        "number": result.wanted.text,
        "reconciled": bool(result.matches),
        "matches": [
            {
                "quantity": match.quantity,
                "value": match.value,
                "exact": result.wanted.slack == 0,
                "powers_of_1024": match.binary,
                "conventions": [_convention(each) for each in match.conventions],
            }
            for match in result.matches
        ],
        "nearest": [
            {
                "quantity": each.quantity,
                "value": each.value,
                "difference": as_json(result.wanted.value - each.value),
                **_convention(each),
            }
            for each in result.nearest
        ],
        "explanations": list(result.explanations),
    }


def _convention(each: Convention) -> dict[str, Any]:
    return {"tool": each.who or None, "title": each.title, "terms": dict(each.terms)}


def conventions_to_dict(report: Report, known: Sequence[Convention]) -> dict[str, Any]:
    """All conventions as JSON has them."""
    return {
        "spec": report.spec,
        "conventions": [{"quantity": each.quantity, "value": each.value, **_convention(each)} for each in known],
    }
