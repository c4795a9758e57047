"""Grading: a class's answers to an assignment, judged, added up, and counted by question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from cnncalc import report as reports
from cnncalc.homework import check, follow
from cnncalc.homework.answers import NOT_ANSWERED, QUANTITIES, VALUES, WRONG, Answer
from cnncalc.homework.asked import Asked, AskedValues, NoneRightError, chosen, lettered, spoken_of
from cnncalc.homework.assignment import Assignment, Question
from cnncalc.report import Report
from cnncalc.spec.expand import Options
from cnncalc.spec.source import Problem, Source, SpecError, did_you_mean, listed, quote

# The code of what follows from the student's own wrong answer before it.
FOLLOWS: Final = "follow-on"
# What the sheet with the teacher's answers is called.
KEY: Final = "key"
# The code of what is neither a size nor a number.
UNREADABLE: Final = "unreadable"
# Of the wrong answers to a question that have no name, so many are kept.
MOST_OTHERS: Final = 10
# What is said of a wrong answer that none of the known mistakes explains.
NAMELESS: Final = "comes of no known mistake"


class Mark(NamedTuple):
    """A student's answer to a question, and what it is worth.

    `given` is what was written, `expected` the right answer (a number, a shape, a tuple of numbers), `truth` how
    it comes about, in words (`(5·5·3 + 1)·10 = 760`); `answer` is the verdict in full, None where there was
    nothing to judge, and then `trouble` says why it could not be read. `meant` is the answer to choose that was
    given by its letter.
    """

    given: str
    verdict: str
    points: Decimal
    expected: Any
    truth: str
    answer: Answer | None = None
    trouble: str = ""
    meant: str = ""

    @property
    def shown(self) -> str:
        """What was written, and what it stands for if it is a letter."""
        return f"{self.given} ({self.meant})" if self.meant else self.given

    @property
    def codes(self) -> tuple[str, ...]:
        """The convention under which it is right, or what explains why it is wrong, the likeliest first."""
        if self.answer is None:
            return (UNREADABLE,) if self.trouble else ()
        follows = (FOLLOWS,) if self.answer.follows is not None else ()
        convention = (self.answer.convention,) if self.answer.convention else ()
        return (*convention, *follows, *(mistake.code for mistake in self.answer.mistakes))


class Graded(NamedTuple):
    """A student's sheet, with a mark for each question of the assignment."""

    student: str
    marks: tuple[Mark, ...]

    @property
    def score(self) -> Decimal:
        """The points of all marks."""
        return sum((mark.points for mark in self.marks), Decimal(0))


class Item(NamedTuple):
    """What became of a question in a class.

    `verdicts` are how many had which one, `mistakes` what was behind the wrong ones, and `others` the wrong
    answers that no known mistake leads to, the commonest first (of the answers `MOST_OTHERS`). `reached` is the
    part of the points that the class got. `discrimination` is the correlation of the points with those of the
    rest of the sheet (the corrected item-total correlation of test theory): near 1, those who are good at the
    rest are good at it; at 0 or below, the question or its key deserves a look. None where all points are the same.
    """

    question: Question
    verdicts: Mapping[str, int]
    mistakes: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, int], ...]
    reached: float | None
    discrimination: float | None


class Tally(NamedTuple):
    """How often a mistake was made in a class: in so many answers, by so many students, and to which questions.

    `code` is "" for the wrong answers that no known mistake leads to, and `doc` completes "the answer …".
    """

    code: str
    doc: str
    answers: int
    students: int
    questions: tuple[tuple[str, int], ...]


class Case:
    """A question as some students had it: with the same numbers, and so with the same right answer."""

    def __init__(self, question: Question, report: Report) -> None:
        """Raises `SpecError` where the question cannot be asked of the network."""
        self.question = question
        self.report = report
        self.judged = self._asked()
        self.truth = self._truth()
        self._known: dict[str, Mark] = {}

    def _truth(self) -> str:
        """How the right answer comes about, and which one it is of those to choose from."""
        truth, choices = self.judged.truth, self.question.choices
        if not choices:
            return truth
        try:
            right = self.judged.right_one(choices)
        except NoneRightError as error:
            raise SpecError([Problem(str(error), self.question.place.span("choices"))]) from None
        return f"{truth}, choice {lettered(choices.index(right))}"

    def _asked(self) -> Asked:
        """What is asked, with the right answer."""
        question, place = self.question, self.question.place
        names = (*QUANTITIES, VALUES)
        if question.ask not in names:
            hint = did_you_mean(question.ask, names) or listed("it is one of", names)
            raise SpecError([Problem(f"no quantity is called {quote(question.ask)}", place.span("ask"), hint)])
        index = check.index_of(self.report, place.span("layer"), question.layer)
        if question.ask == VALUES:
            try:
                return AskedValues(self.report, question.x, question.weights, question.rules, index)
            except SpecError as error:
                raise SpecError(map(question.moved, error.problems)) from None
        layer = spoken_of(self.report, question.ask, question.layer, place.span("layer"))
        judged = Asked(self.report, question.ask, layer, question.rules)
        try:
            message = f"there is no {question.ask} to ask for" if judged.expected is None else ""
        except ValueError as error:
            message = str(error)
        if message:
            raise SpecError([Problem(message, place.span("ask"))])
        return judged

    def mark(self, text: str) -> Mark:
        """What an answer is worth. Many students give the same one, so each is judged once."""
        mark = self._known.get(text)
        if mark is None:
            mark = self._known[text] = self._mark(text)
        return mark

    def _mark(self, text: str) -> Mark:
        blank = Mark(text, NOT_ANSWERED, Decimal(0), self.judged.expected, self.truth)
        if text.lower() in check.NOTHING:
            return blank
        try:
            meant = chosen(text, self.question.choices)
            blank = blank._replace(meant="" if meant == text else meant)
            answer = self.judged.judge(meant)
        except SpecError as error:
            return blank._replace(verdict=WRONG, trouble=error.message)
        points = Decimal(0) if answer.verdict == WRONG else self.question.points
        return blank._replace(verdict=answer.verdict, points=points, answer=answer)


class Grader:
    """Marks the sheets of an assignment.

    A question that cannot be asked (a broken spec, a layer that there is not) is given to `report` when the
    grader is made, and is left out of the `assignment`.
    """

    def __init__(self, assignment: Assignment, report: Callable[[Problem], None]) -> None:
        """Make the networks of all questions, in all their variants."""
        self._cases: dict[tuple[str, tuple[str, ...]], Case] = {}
        self._networks: dict[tuple[str, str, tuple[tuple[str, str], ...]], Report] = {}
        self._follows: dict[tuple[int, tuple[tuple[int, str], ...]], list[Answer]] = {}
        whole, broken = [], []
        for question in assignment.questions:
            try:
                for values in question.variants():
                    self._cases[question.id, tuple(values.values())] = self._case(question, values)
                whole.append(question)
            except SpecError as error:
                broken.append(question.id)
                for problem in error.problems:
                    report(problem)
        left_out = (*assignment.left_out, *broken)
        self.assignment = assignment._replace(questions=tuple(whole), left_out=left_out)

    def _case(self, question: Question, values: Mapping[str, str]) -> Case:
        """A question with its numbers. Raises `SpecError` where it cannot be asked."""
        key = question.spec, question.input, tuple(values.items())
        if key not in self._networks:
            options = Options(
                Source("input", question.input) if question.input else None,
                {name: Source("vary" if name in question.vary else "set", value) for name, value in values.items()},
            )
            try:
                self._networks[key] = reports.analyze_source(reports.find(question.spec), options)
            except SpecError as error:
                raise SpecError(map(question.moved, error.problems)) from None
        return Case(question, self._networks[key])

    def case(self, question: Question, student: str) -> Case:
        """A question as a student had it."""
        return self._cases[question.id, tuple(question.values(student, self.assignment.seed).values())]

    def grade(self, student: str, answers: Mapping[str, str]) -> Graded:
        """A student's sheet, from the texts of the answers by question."""
        return self._grade(self.assignment.questions, student, answers)

    def grade_key(self, report: Callable[[Problem], None]) -> tuple[Assignment, Graded]:
        """The teacher's own key as if it were a student's sheet, with the questions that have one.

        A key to a question with variants is given to `report`: it can be right for some students only.
        """
        keyed = [question for question in self.assignment.questions if question.answer]
        for question in keyed:
            if question.vary:
                message = "students have variants of this question, so there is no one key to it"
                report(Problem(message, question.place.span("answer")))
        questions = tuple(question for question in keyed if not question.vary)
        sheet = self._grade(questions, KEY, {question.id: question.answer for question in questions})
        return self.assignment._replace(questions=questions), sheet

    def _grade(self, questions: Iterable[Question], student: str, answers: Mapping[str, str]) -> Graded:
        cases = [self.case(question, student) for question in questions]
        marks = [case.mark(answers.get(case.question.id, "")) for case in cases]
        if any(mark.verdict == WRONG for mark in marks):
            for network in {id(case.report): case.report for case in cases}.values():
                places = [
                    place
                    for place, case in enumerate(cases)
                    if case.report is network and marks[place].answer and case.question.ask in QUANTITIES
                ]
                self._follow(network, {place: cases[place] for place in places}, marks)
        return Graded(student, tuple(marks))

    def _follow(self, network: Report, cases: Mapping[int, Case], marks: list[Mark]) -> None:
        """Give the wrong answers about a network that follow from the student's own their part of the points."""
        key = id(network), tuple((place, marks[place].given) for place in cases)
        if key not in self._follows:
            answers = [answer for place in cases if (answer := marks[place].answer) is not None]
            self._follows[key] = list(follow.mark(network, answers))
        for (place, case), answer in zip(cases.items(), self._follows[key], strict=True):
            if answer.follows is not None:
                points = case.question.points * self.assignment.follow_on
                marks[place] = marks[place]._replace(points=points, answer=answer)


def items(assignment: Assignment, sheets: Sequence[Graded]) -> tuple[Item, ...]:
    """What became of each question."""
    totals = [sheet.score for sheet in sheets]
    return tuple(
        _item(question, [sheet.marks[place] for sheet in sheets], totals)
        for place, question in enumerate(assignment.questions)
    )


def _item(question: Question, marks: Sequence[Mark], totals: Sequence[Decimal]) -> Item:
    """What became of one question."""
    points = [mark.points for mark in marks]
    best = question.points * len(marks)
    wrong = [mark for mark in marks if mark.verdict == WRONG]
    return Item(
        question,
        Counter(mark.verdict for mark in marks),
        tuple(Counter(mark.codes[0] for mark in wrong if mark.codes).most_common()),
        tuple(Counter(mark.given for mark in wrong if not mark.codes).most_common(MOST_OTHERS)),
        float(sum(points) / best) if best else None,
        _correlation(points, [total - own for total, own in zip(totals, points, strict=True)]),
    )


def tallies(assignment: Assignment, sheets: Iterable[Graded]) -> tuple[Tally, ...]:
    """How often each mistake was made, the commonest first and those without a name last.

    What explains a wrong answer best counts, and nothing else that may explain it, too.
    """
    from cnncalc.homework.mistakes import DOCS  # noqa: PLC0415  only a class needs all their sentences

    docs = {**DOCS, FOLLOWS: "follows from a wrong answer before it", UNREADABLE: "is neither a size nor a number"}
    questions: dict[str, Counter[str]] = {}
    students: dict[str, set[str]] = {}
    for sheet in sheets:
        for question, mark in zip(assignment.questions, sheet.marks, strict=True):
            if mark.verdict == WRONG:
                code = next(iter(mark.codes), "")
                questions.setdefault(code, Counter())[question.id] += 1
                students.setdefault(code, set()).add(sheet.student)
    found = [
        Tally(code, docs.get(code, NAMELESS), count.total(), len(students[code]), tuple(count.most_common()))
        for code, count in questions.items()
    ]
    return tuple(sorted(found, key=lambda one: (not one.code, -one.answers)))


def _correlation(left: Iterable[Decimal], right: Iterable[Decimal]) -> float | None:
    """Pearson's correlation; None where one side is all the same."""
    from statistics import StatisticsError, correlation  # noqa: PLC0415  it is slow to import

    try:
        return correlation([float(one) for one in left], [float(one) for one in right])
    except StatisticsError:
        return None
