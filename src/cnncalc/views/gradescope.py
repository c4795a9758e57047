"""A student's sheet as the `results.json` of a Gradescope autograder.

The keys are those of https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cnncalc.views.grades import RIGHT_VERDICTS, number, sentence

if TYPE_CHECKING:
    from cnncalc.homework.assignment import Assignment
    from cnncalc.homework.grade import Graded

# When students see the tests, which tell the right answers; first what holds if the teacher says nothing.
VISIBILITIES: Final = ("after_published", "after_due_date", "visible", "hidden")


def results(assignment: Assignment, sheet: Graded, visibility: str = VISIBILITIES[0]) -> dict[str, Any]:
    """The content of `results.json`: a test for each question, and its sentence as the output.

    `visibility` is one of `VISIBILITIES`, for all the tests.
    """
    return {
        "score": number(sheet.score),
        "visibility": visibility,
        "output_format": "text",
        "tests": [
            {
                "name": question.id,
                "number": str(place),
                "score": number(mark.points),
                "max_score": number(question.points),
                "status": "passed" if mark.verdict in RIGHT_VERDICTS else "failed",
                "output": f"your answer: {mark.shown}\n{sentence(mark)}".strip() if mark.given else sentence(mark),
                "output_format": "text",
                "tags": list(mark.codes),
            }
            for place, (question, mark) in enumerate(zip(assignment.questions, sheet.marks, strict=True), start=1)
        ],
    }
