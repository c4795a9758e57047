"""Published exercises: what their answers say, right or wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnncalc

ROWS = [
    line.split("\t")
    for line in (Path(__file__).parent / "data" / "homework.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("source", "spec", "verdict"), ROWS, ids=[f"{row[0]}-{n}" for n, row in enumerate(ROWS)])
def test_a_published_answer(source: str, spec: str, verdict: str) -> None:
    """It is right, or found to be wrong where the published one is."""
    report = cnncalc.analyze(spec)
    assert report.answers, source
    assert report.passed == (verdict == "right"), [answer for answer in report.answers if answer.verdict == "wrong"]


def test_there_are_exercises_of_both_sorts() -> None:
    """Most published answers are right; some are not, and a checker that says yes to all would fail here."""
    verdicts = [verdict for _, _, verdict in ROWS]
    assert verdicts.count("right") > 60
    assert verdicts.count("wrong") >= 6
