"""The table of mistakes in docs/check.md is the table of the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from cnncalc.homework import mistakes

if TYPE_CHECKING:
    import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "check.md"
TABLES = re.compile(r"(?<=<!-- mistakes -->\n).*?(?=<!-- end of mistakes -->)", re.DOTALL)
# What is seen by comparing the answer with the right one, and so is in no table.
COMPARED = {
    "Any number": [
        (mistakes.DIGIT_SLIP, "has one digit wrong, missing or doubled, or two exchanged", "", ""),
        (mistakes.TRUNCATED, "cuts digits off instead of rounding", "", "yes"),
    ],
    "Output sizes": [(mistakes.BATCH, "has the size of a batch in front that is not asked for", "", "yes")],
    "Values of a forward pass": [(mistakes.PARTLY_RIGHT, "is right in some places, and says which are not", "", "")],
}


def table(topic: str) -> str:
    """The mistakes of a topic; one with several signatures has a row for each."""
    rows = [
        (
            entry.code,
            entry.doc,
            (entry.signature.__doc__ or "").rstrip(".").replace("|", r"\|"),
            "yes" if entry.convention else "",
        )
        for entry in mistakes.MISTAKES[topic]
    ]
    lines = [
        f"| `{code}` | {doc} | {signature} | {accepted} |"
        for code, doc, signature, accepted in rows + COMPARED.get(topic, [])
    ]
    head = "| code | the answer … | what it comes to | convention |\n|---|---|---|---|"
    return f"### {topic}\n\n{head}\n" + "\n".join(lines) + "\n\n"


def test_the_table_of_mistakes(request: pytest.FixtureRequest) -> None:
    """What the document says is what the code says; `--update-docs` writes it."""
    text = DOCUMENT.read_text()
    now = TABLES.sub(lambda _: "\n" + "".join(map(table, mistakes.MISTAKES)), text)
    if request.config.getoption("--update-docs"):
        DOCUMENT.write_text(now)
    assert now == text
