"""Published exercises, and typical answers to others like them: right, wrong, and which mistake the wrong ones are."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.homework import check, values
from cnncalc.homework.answers import VALUES, Answer

DATA = Path(__file__).parents[1] / "data"


def rows(name: str) -> list[dict[str, Any]]:
    """The questions of a file, each with an answer and what is to be said of it."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


# Facts from lecture notes, question threads, papers and textbooks; the id names the source: CS231n notes, the Deep
# Learning Specialization, Stack Overflow, Stack Exchange, LeCun et al. 1998, Dumoulin & Visin 2016, Dive into Deep
# Learning. The answer is what was published, or what the asker expected.
PUBLISHED = rows("homework.jsonl")
# Questions of the same kinds, with the answers that students give.
MORE = rows("questions.jsonl")


def answered(row: dict[str, Any]) -> Answer:
    """The verdict on the answer of a row."""
    report = cnncalc.analyze(row["spec"])
    rules = check.rules(row.get("accept", ()))
    if row["quantity"] == VALUES:
        one = values.forward_pass(report, row["x"], row.get("weights", {}))
        return values.judge(one, values.nested(row["answer"], "answer"), row["layer"], rules)
    checked = check.judged(report, [check.claim(row["layer"], row["quantity"], row["answer"])], rules)
    assert not checked.problems
    return checked.answers[-1]


@pytest.mark.parametrize("row", PUBLISHED + MORE, ids=lambda row: f"{row['id']} {row['answer']}")
def test_an_answer(row: dict[str, Any]) -> None:
    """What is right is called right; what is wrong is called wrong, and its mistake is named."""
    answer = answered(row)
    assert answer.verdict == row["verdict"]
    assert answer.convention == row.get("convention", "")
    codes = [mistake.code for mistake in answer.mistakes]
    assert len(codes) == len(set(codes))
    if "mistake" in row:
        assert row["mistake"] in codes
    if row["verdict"] != "wrong":
        assert not codes


def test_there_are_enough_of_every_sort() -> None:
    """All published records that can be expressed, forty questions more, and wrong answers among both."""
    assert len({row["id"] for row in PUBLISHED}) >= 75
    assert len({row["id"] for row in MORE}) >= 40
    assert Counter(row["verdict"] for row in PUBLISHED)["wrong"] >= 15
    assert Counter("mistake" in row for row in MORE)[True] >= 100
