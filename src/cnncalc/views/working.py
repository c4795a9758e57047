"""The working of a network's numbers as text: for people, and as the rows of a table."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from cnncalc.prose import with_separators
from cnncalc.shapes import join
from cnncalc.views.table import Heading, Table
from cnncalc.written import ARROW, ASCII, as_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnncalc.explain import Explanation, Result, Step

HEADINGS: Final = (
    Heading("layer", "layer"),
    Heading("topic", "topic"),
    Heading("formula", "formula", glue=""),
    Heading("working", "working", glue=""),
    Heading("result", "result", align="right"),
    Heading("remark", "remark"),
)


def table(explanations: Iterable[Explanation], *, ascii: bool = False) -> Table:  # noqa: A002
    """The working as a table, a row for each step, numbers without separators; `ascii` as for `lines`."""
    rows = (
        (one.layer, step.label, step.formula, step.working, _result(step.result), step.remark)
        for one in explanations
        for step in one.steps
    )
    return Table(HEADINGS, tuple(tuple(cell.translate(ASCII) if ascii else cell for cell in row) for row in rows))


def lines(explanations: Iterable[Explanation], *, ascii: bool = False, width: int = 80) -> list[str]:  # noqa: A002
    """The working for people, a paragraph a layer.

    `ascii` replaces the minus sign, the dot of a product and the arrow.
    """
    text: list[str] = []
    for one in explanations:
        text += [""] * bool(text)
        text += _head(one, width)
        text += wrap(one.sentence, width, initial_indent="  ", subsequent_indent="  ")
        label = max(len(step.label) for step in one.steps) + 2
        for step in one.steps:
            text += _line(step, label, width)
    return [line.translate(ASCII) for line in text] if ascii else text


def _head(one: Explanation, width: int) -> list[str]:
    """The layer, and what it makes of what."""
    statement = f"{one.layer}: {one.kind} {one.config}".rstrip()
    sizes = f"({', '.join(map(join, one.inputs))} {ARROW} {join(one.output)})"
    whole = f"{statement}   {sizes}"
    return [whole] if len(whole) <= width else [statement, *wrap(sizes, width, "  ")]


def _line(step: Step, label: int, width: int) -> list[str]:
    """A step: its label, then formula = working = result, broken before an `=` where it gets too long."""
    parts = _parts(step)
    if not parts[1:] and step.remark:
        parts = [": ".join((*parts, step.remark))]
    elif step.remark:
        parts[-1] += f" ({step.remark})"
    parts = [with_separators(part) for part in parts]
    indent = " " * (label + 2)
    text = [f"  {step.label:<{label}}{parts[0]}"]
    for part in parts[1:]:
        if len(text[-1]) + len(part) + 3 <= width:
            text[-1] += f" = {part}"
        else:
            text.append(f"{indent}= {part}")
    return [line for long in text for line in wrap(long, width, "", indent + "  ")]


def told(step: Step) -> str:
    """A step in a line: `(W - F)/S + 1 = (227 - 11)/4 + 1 = 55 (remark)`."""
    return with_separators(" = ".join(_parts(step))) + (f" ({step.remark})" if step.remark else "")


def step_text(step: Step) -> str:
    """A step in a sentence: `(227 - 11)/4 + 1 = 55`."""
    return told(step._replace(formula="", remark=""))


def _parts(step: Step) -> list[str]:
    """What stands between the signs of equality: the formula, the working, the result, each once."""
    return list(dict.fromkeys(part for part in (step.formula, step.working, _result(step.result)) if part))


def _result(result: Result) -> str:
    """A result as text."""
    if result is None:
        return ""
    if isinstance(result, tuple):
        return join(result)
    return as_text(result).text


def wrap(text: str, width: int, initial_indent: str = "", subsequent_indent: str = "") -> list[str]:
    """Lines of at most that width, broken at spaces; a line that fits stays as it is."""
    if len(initial_indent + text) <= width:
        return [initial_indent + text]
    return textwrap.wrap(
        text,
        width,
        initial_indent=initial_indent,
        subsequent_indent=subsequent_indent or initial_indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
