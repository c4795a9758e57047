"""Quizzes as files: what a platform's importer would read is what the quiz says."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncalc.homework import assignment, formats, quiz, rows, sheets
from cnncalc.homework.answers import RIGHT
from cnncalc.homework.asked import Known
from cnncalc.homework.exercises import LEVELS, TOPICS
from cnncalc.homework.formats import gift, platforms, toml
from cnncalc.homework.grade import Grader
from cnncalc.homework.judging import Rules
from cnncalc.homework.quiz import Item, Network, Part, Sheet
from cnncalc.prose import with_separators
from cnncalc.spec.source import Problem

seeds = st.integers(0, 10**6).map(str)
SPECIAL = r"{a} = ~b # c: \d %50% & <e> $f$ _g_ ^h → 2·3 − 1 × 4"


def made(seed: str = "1", level: int = 1, choices: int = 0) -> list[Sheet]:
    """A sheet with an exercise of each topic."""
    items = quiz.make(seed=seed, topics=list(TOPICS), level=level, count=len(TOPICS), choices=choices)
    return [Sheet("Exercises", "", items)]


def awkward() -> list[Sheet]:
    """A sheet whose texts hold everything that steers a format."""
    known = (Known("no-bias", "9", SPECIAL), Known("sign", "8.5", "x"))
    part = Part("q:1", SPECIAL, "params", "conv1", "10", known, hint=(), solution=(SPECIAL,))
    item = Item(
        id="q:1",
        topic="",
        level=0,
        points=Decimal(3),
        text=SPECIAL,
        given=(("input", SPECIAL), ("[x]", '"\N{REPLACEMENT CHARACTER}"')),
        table=(("layer", SPECIAL), (SPECIAL, "?")),
        parts=(part, part._replace(choices=("9", "10"))),
        network=Network("input 3x3x1; conv 1 3x3", set={"k": "3"}),
        rules=Rules(("no-bias",), Decimal(2)),
    )
    return [Sheet(SPECIAL, "", (item,))]


# GIFT, read back as Moodle's importer does.


class Gift(NamedTuple):
    """A question of a GIFT file: answers with their weights and feedback."""

    name: str
    text: str
    kind: str
    answers: list[tuple[str, int, str]]
    general: str


def plain(text: str) -> str:
    """The text without escapes."""
    return re.sub(r"\\([\\~=#{}:])", r"\1", text).strip()


def split(text: str, sign: str) -> list[str]:
    """The text apart at a sign that is not escaped."""
    return re.split(rf"(?<!\\)(?:\\\\)*{sign}", text)


def read_gift(text: str) -> list[Gift]:
    """The questions of a file: they are apart by empty lines."""
    found = []
    for block in re.split(r"\n\s*\n", text.strip()):
        match = re.fullmatch(r"::(.*?)(?<!\\)::\[html\](.*?)(?<!\\)\{(.*)\}", block.strip(), re.DOTALL)
        assert match, block
        answers, _, general = match[3].strip().rpartition("####")
        assert not re.search(r"(?<!\\)[{}]", answers)
        kind = "numerical" if answers.startswith("#") else "choice" if len(split(answers, "~")) > 1 else "short"
        listed = []
        for answer in re.split(r"(?<!\\)(?=[=~])", answers.removeprefix("#").strip())[1:]:
            weight = re.match(r"=%(\d+)%", answer)
            worth = int(weight[1]) if weight else 100 if answer[0] == "=" else 0
            body = answer[weight.end() :] if weight else answer[1:]
            given, *feedback = split(body, "#")
            listed.append((plain(given), worth, plain("#".join(feedback))))
        found.append(Gift(plain(match[1]), plain(match[2]), kind, listed, plain(general)))
    return found


@settings(max_examples=5, deadline=None)
@given(seeds, st.sampled_from(LEVELS), st.sampled_from((0, 4)))
def test_gift_is_read_back(seed: str, level: int, choices: int) -> None:
    """Each right answer is worth everything, each known wrong one nothing, and has the sentence about its mistake."""
    quizzes = made(seed, level, choices)
    read = read_gift(gift.render(quizzes))
    parts = list(platforms.questions(quizzes))
    assert len(read) == len(parts)
    for question, (item, part) in zip(read, parts, strict=True):
        right = [answer for answer, worth, _ in question.answers if worth == 100]
        wrong = {answer: unescape(feedback) for answer, worth, feedback in question.answers if worth == 0}
        assert unescape(item.text) in unescape(question.text)
        assert question.general
        sentences = {known.answer: known.text for known in part.known}
        if part.choices:
            assert question.kind == "choice"
            assert right == [with_separators(part.answer)]
            assert {*right, *wrong} == {with_separators(choice) for choice in part.choices}
            sentences = {with_separators(answer): text for answer, text in sentences.items()}
        elif part.answer.replace(".", "").isdigit():
            assert question.kind == "numerical"
            assert right == [f"{part.answer}:0"]
            wrong = {answer.removesuffix(":0"): feedback for answer, feedback in wrong.items()}
        else:
            assert question.kind == "short"
            assert part.answer in right
            assert {item.judge(part, answer).verdict for answer in right} == {RIGHT}
            assert set(wrong) == set(sentences)
        assert all(sentences[answer] == " ".join(feedback.split()) for answer, feedback in wrong.items())


def test_gift_holds_any_text() -> None:
    """Signs that steer the importer are escaped wherever they may stand."""
    first, second = read_gift(gift.render(awkward()))
    assert first.name == "q:1"
    assert unescape(first.text).count(SPECIAL) == 5
    assert first.answers == [("10:2", 100, ""), ("9:0", 0, first.answers[1][2]), ("8.5:0", 0, "x")]
    assert unescape(first.answers[1][2]) == unescape(first.general) == SPECIAL
    assert second.kind == "choice"
    assert [answer[:2] for answer in second.answers] == [("9", 0), ("10", 100)]


def test_choices_of_a_question_in_html_are_html() -> None:
    """Moodle reads them as it reads their question; a teacher's own may be any text."""
    (sheet,) = awkward()
    item = sheet.items[0]
    part = item.parts[0]._replace(answer="10", known=(), choices=("10", "x < 9 & <i>y"))
    (question,) = read_gift(gift.render([sheet._replace(items=(item._replace(parts=(part,)),))]))
    assert [answer for answer, _, _ in question.answers] == ["10", "x &lt; 9 &amp; &lt;i&gt;y"]


def test_a_row_of_latex_begins_with_no_argument() -> None:
    """Behind a line break, TeX takes a bracket or a star for one; what no font has is a question mark."""
    (sheet,) = awkward()
    item = sheet.items[0]._replace(given=(("[a]", "1"), ("*b", "\N{REPLACEMENT CHARACTER}")))
    text = formats.render([sheet._replace(items=(item,))], "latex")
    assert "\n{}[a] & 1 \\\\\n{}*b & ? \\\\\n" in text


def test_a_star_of_a_formula_is_no_wildcard() -> None:
    """To Moodle a bare star stands for any text, and any other formula would be right."""
    (sheet,) = awkward()
    item = sheet.items[0]
    part = item.parts[0]._replace(answer="4*n**2 + 4", known=(), choices=())
    text = gift.render([sheet._replace(items=(item._replace(parts=(part,)),))])
    assert r"=4\\*n\\*\\*2 + 4" in text
    (question,) = read_gift(text)
    assert [answer for answer, _, _ in question.answers] == [
        r"4\*n\*\*2 + 4",
        r"4\*n\*\*2+4",
        r"4\*n^2 + 4",
        r"4\*n^2+4",
        "4n^2 + 4",
        "4n^2+4",
    ]


def test_a_network_of_several_questions_is_told_once() -> None:
    """On paper; a platform shows each question by itself."""
    made_ = quiz.make(seed="1", topics=("total",), level=1, count=1)
    sheet = Sheet("", "", (made_[0], made_[0]._replace(id="q2")))
    for format_ in ("text", "markdown", "latex", "html"):
        told = formats.render([sheet], format_)
        assert told.count("flattening to a vector") == 1
        assert told.count("The network is that of question 1.") == 1
        assert told.count(made_[0].text.split("?")[0]) == 2
    assert gift.render([sheet]).count("flattening to a vector") == 2
    (short,) = quiz.make(seed="1", topics=("output",), level=1, count=1)
    assert formats.render([Sheet("", "", (short, short))], "text").count("convolution") == 2


# QTI.

QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
PACKAGE = "{http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1}"
# What may stand in an element, in order (IMS QTI 1.2, ASI XML binding): `?` at most once, `*` any number of times.
CHILDREN = {
    "questestinterop": "assessment",
    "assessment": "qtimetadata* section",
    "qtimetadata": "qtimetadatafield*",
    "qtimetadatafield": "fieldlabel fieldentry",
    "section": "item*",
    "item": "itemmetadata presentation resprocessing itemfeedback*",
    "itemmetadata": "qtimetadata",
    "presentation": "material (response_lid|response_str)",
    "response_lid": "render_choice",
    "response_str": "render_fib",
    "render_choice": "response_label*",
    "render_fib": "response_label",
    "response_label": "material?",
    "material": "mattext",
    "resprocessing": "outcomes respcondition*",
    "outcomes": "decvar",
    "respcondition": "conditionvar setvar* displayfeedback*",
    "conditionvar": "(other|varequal|or)*",
    "or": "varequal and",
    "and": "vargte varlte",
    "itemfeedback": "flow_mat",
    "flow_mat": "material",
}
ATTRIBUTES = {
    "assessment": {"ident", "title"},
    "section": {"ident"},
    "item": {"ident", "title"},
    "response_lid": {"ident", "rcardinality"},
    "response_str": {"ident", "rcardinality"},
    "render_fib": {"fibtype"},
    "response_label": {"ident", "rshuffle"},
    "mattext": {"texttype"},
    "decvar": {"maxvalue", "minvalue", "varname", "vartype"},
    "respcondition": {"continue"},
    "varequal": {"respident"},
    "vargte": {"respident"},
    "varlte": {"respident"},
    "setvar": {"action", "varname"},
    "displayfeedback": {"feedbacktype", "linkrefid"},
    "itemfeedback": {"ident"},
}


def check_structure(element: ET.Element) -> None:
    """Hold an element, and all in it, against the schema."""
    tag = element.tag.removeprefix(QTI)
    form = re.sub(r"(\w+)", r"(?:\1 )", CHILDREN.get(tag, "")).replace(" (", "(").replace(") ", ")")
    names = "".join(f"{child.tag.removeprefix(QTI)} " for child in element)
    assert re.fullmatch(form, names), (tag, names)
    allowed = ATTRIBUTES.get(tag, set())
    assert {name for name in element.attrib if not name.startswith("{")} <= allowed, tag
    for child in element:
        check_structure(child)


def package(sheets_: list[Sheet]) -> tuple[ET.Element, ET.Element]:
    """The manifest of a package and its assessment."""
    with zipfile.ZipFile(io.BytesIO(formats.render(sheets_, "qti"))) as content:
        assert content.testzip() is None
        manifest = ET.fromstring(content.read("imsmanifest.xml"))  # noqa: S314  our own
        hrefs = [file.attrib["href"] for file in manifest.iter(f"{PACKAGE}file")]
        assert sorted([*hrefs, "imsmanifest.xml"]) == sorted(content.namelist())
        meta = ET.fromstring(content.read(hrefs[1]))  # noqa: S314  our own
        assert meta.tag == "{http://canvas.instructure.com/xsd/cccv1p0}quiz"
        return manifest, ET.fromstring(content.read(hrefs[0]))  # noqa: S314  our own


def test_the_points_of_a_package() -> None:
    """What Canvas keeps of a quiz are the points of all its questions; a table has one for each number."""
    quizzes = made("4", 1, 0)
    with zipfile.ZipFile(io.BytesIO(formats.render(quizzes, "qti"))) as content:
        (meta,) = (name for name in content.namelist() if name.endswith("assessment_meta.xml"))
        points = ET.fromstring(content.read(meta)).findtext("{*}points_possible")  # noqa: S314  our own
    each = [
        field[1].text
        for field in package(quizzes)[1].iter(f"{QTI}qtimetadatafield")
        if field[0].text == "points_possible"
    ]
    assert Decimal(points) == sum(map(Decimal, each)) == quizzes[0].points > len(quizzes[0].items)


def test_the_manifest_of_a_package() -> None:
    """Its resources are the assessment, which depends on what Canvas keeps of a quiz."""
    manifest, root = package(made())
    assert [child.tag.removeprefix(PACKAGE) for child in manifest] == ["metadata", "organizations", "resources"]
    quiz_, meta = manifest.iter(f"{PACKAGE}resource")
    (dependency,) = quiz_.iter(f"{PACKAGE}dependency")
    assert quiz_.attrib["type"] == "imsqti_xmlv1p2"
    assert dependency.attrib["identifierref"] == meta.attrib["identifier"]
    assert root[0].attrib == {"ident": quiz_.attrib["identifier"], "title": "Exercises"}
    assert formats.render(made(), "qti") == formats.render(made(), "qti")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("choices", [0, 4])
def test_qti_is_read_back(level: int, choices: int) -> None:
    """Each question has its type, its points and one right condition; a numerical one has no other condition."""
    quizzes = made("4", level, choices)
    _, root = package(quizzes)
    check_structure(root)
    items = list(root.iter(f"{QTI}item"))
    parts = list(platforms.questions(quizzes))
    assert len(items) == len(parts)
    assert len({item.attrib["ident"] for item in items}) == len(items)
    for element, (item, part) in zip(items, parts, strict=True):
        fields = {field[0].text: field[1].text for field in element.iter(f"{QTI}qtimetadatafield")}
        right = [one for one in element.iter(f"{QTI}respcondition") if one.find(f"{QTI}setvar") is not None]
        assert len(right) == 1
        assert right[0].find(f"{QTI}setvar").text == "100"
        accepted = [one.text for one in right[0].iter(f"{QTI}varequal")]
        labels = {
            label.attrib["ident"]: "".join(label.itertext()).strip() for label in element.iter(f"{QTI}response_label")
        }
        feedback = {one.attrib["ident"]: "".join(one.itertext()) for one in element.iter(f"{QTI}itemfeedback")}
        linked = {one.attrib["linkrefid"] for one in element.iter(f"{QTI}displayfeedback")}
        assert linked == set(feedback)
        assert Decimal(fields["points_possible"]) == 1
        if part.choices:
            assert fields["question_type"] == "multiple_choice_question"
            assert fields["original_answer_ids"] == ",".join(labels)
            assert [labels[one] for one in accepted] == [with_separators(part.answer)]
            assert list(labels.values()) == [with_separators(choice) for choice in part.choices]
            sentences = {with_separators(known.answer): known.text for known in part.known}
            told = {labels[name.removesuffix("_fb")]: text for name, text in feedback.items() if name != "general_fb"}
            assert {answer: sentences[answer] for answer in told} == {
                answer: unescape(re.sub(r"</?div>", "", text)).strip() for answer, text in told.items()
            }
            assert len(told) == len(part.choices) - 1
        elif fields["question_type"] == "numerical_question":
            # Canvas takes every other condition with numbers for a right answer.
            assert accepted == [part.answer]
            assert [float(one.text) for tag in ("vargte", "varlte") for one in element.iter(f"{QTI}{tag}")] == [
                float(part.answer)
            ] * 2
            assert len(list(element.iter(f"{QTI}varequal"))) == 1
        else:
            assert fields["question_type"] == "short_answer_question"
            assert {item.judge(part, text).verdict for text in accepted} == {RIGHT}


def test_qti_holds_any_text() -> None:
    """What is no text of XML is left out, and the rest is read back as it was; a tolerance is a range."""
    (sheet,) = awkward()
    item = sheet.items[0]._replace(text=f"{SPECIAL}\0\x0b")
    _, root = package([sheet._replace(items=(item,))])
    check_structure(root)
    first = next(root.iter(f"{QTI}mattext"))
    assert SPECIAL in unescape(first.text)
    assert [float(one.text) for tag in ("vargte", "varlte") for one in root.iter(f"{QTI}{tag}")] == [8, 12]


# TOML and CSV.


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("choices", [0, 4])
def test_a_quiz_is_graded_with_its_own_answers(tmp_path: Path, level: int, choices: int) -> None:
    """`grade` reads the TOML and the CSV of a quiz, and gives every point to the quiz's own answers."""
    quizzes = made("9", level, choices)
    graded, problems = grade(tmp_path, quizzes, key=True)
    assert problems == []
    assert [mark.verdict for mark in graded.marks] == [RIGHT] * len(list(platforms.questions(quizzes)))
    assert graded.score == quizzes[0].points


def grade(tmp_path: Path, quizzes: list[Sheet], *, key: bool) -> tuple[object, list[Problem]]:
    """The sheet of the only student of a quiz, with its own CSV as the answers."""
    (tmp_path / "quiz.toml").write_text(formats.render(quizzes, "toml", key=key), encoding="utf-8")
    (tmp_path / "quiz.csv").write_text(formats.render(quizzes, "csv", key=key), encoding="utf-8")
    problems: list[Problem] = []
    grader = Grader(assignment.read(str(tmp_path / "quiz.toml"), problems.append), problems.append)
    ids = [question.id for question in grader.assignment.questions]
    found = sheets.gathered(rows.read(str(tmp_path / "quiz.csv"), problems.append), ids, None, problems.append)
    ((student, cells),) = found.items()
    return grader.grade(student, {name: cell.text for name, cell in cells.items()}), problems


def test_without_the_key_there_is_no_answer_in_the_files(tmp_path: Path) -> None:
    """Students get the same files, without the answers; the questions are still there."""
    quizzes = made("9", 1, 0)
    assert "answer" not in formats.render(quizzes, "toml")
    graded, problems = grade(tmp_path, quizzes, key=False)
    assert problems == []
    assert {mark.given for mark in graded.marks} == {""}
    read = list(csv.DictReader(io.StringIO(formats.render(quizzes, "csv"))))
    assert [row["answer"] + row["mistakes"] for row in read] == [""] * len(read)


def test_csv_is_read_back() -> None:
    """A row an answer."""
    quizzes = made("2", 2, 4)
    read = list(csv.DictReader(io.StringIO(formats.render(quizzes, "csv", key=True))))
    parts = list(platforms.questions(quizzes))
    for row, (item, part) in zip(read, parts, strict=True):
        assert (row["student"], row["question"], row["answer"]) == ("key", part.id, part.answer)
        assert (row["topic"], row["level"], row["ask"]) == (item.topic, "2", part.quantity)
        assert row["choices"] == "; ".join(part.choices)
        assert row["text"].startswith(item.text)
        assert all(f"{known.code} {known.answer}" in row["mistakes"] for known in part.known)


def test_toml_is_read_back(tmp_path: Path) -> None:
    """An assignment's settings come out as they went in, whatever its texts hold."""
    (tmp_path / "sheet.toml").write_text(
        formats.render(awkward(), "toml", key=True)
        .replace("[[question]]", "[[question]]\n", 1)
        .replace('"q:1"', '"q"', 1),
        encoding="utf-8",
    )
    problems: list[Problem] = []
    read = assignment.read(str(tmp_path / "sheet.toml"), problems.append)
    assert problems == []
    question = read.questions[0]
    assert read.title == SPECIAL
    assert question.text.startswith(SPECIAL)
    assert (question.points, question.answer, question.set) == (Decimal("1.5"), "10", {"k": "3"})
    assert (question.rules.accept, question.rules.tolerance) == (("no-bias",), 2)
    relative = awkward()[0].items[0]._replace(rules=Rules((), Decimal("0.01"), relative=True))
    assert 'tolerance = "1%"' in toml.render([Sheet("", "", (relative,))])


# For people.


class Tags(HTMLParser):
    """Holds that the elements of a page are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, _: object) -> None:
        """Remember what is open."""
        if tag not in {"meta", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hold that it is closed."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Gather the text."""
        self.text += data


PEOPLE = ("text", "markdown", "latex", "html")


def words(text: str) -> str:
    """A text without breaks and escapes of Markdown."""
    return re.sub(r"\\([\\`*_\[\]<>|~&])", r"\1", " ".join(text.split()))


@pytest.mark.parametrize("format_", ["text", "markdown", "html"])
@pytest.mark.parametrize("choices", [0, 4])
def test_a_document_says_everything(format_: str, choices: int) -> None:
    """The questions, what is given, the choices; with the key the answers and their working, without it neither."""
    quizzes = made("6", 2, choices)
    texts = []
    for key in (False, True):
        text = formats.render(quizzes, format_, key=key)
        if format_ == "html":
            page = Tags()
            page.feed(text)
            assert page.open == []
            text = page.text
        texts.append(words(text))
    without, whole = texts
    for item in quizzes[0].items:
        assert words(item.text) in without
        for name, what in item.given:
            assert words(name) in without
            assert words(what) in without
        assert all(words(with_separators(cell)) in without for row in item.table for cell in row)
        assert all(words(with_separators(one)) in without for part in item.parts for one in part.choices)
        assert all(words(line) in whole for line in item.solution)
    assert "Answers: Exercises" in whole
    assert "Answers: Exercises" not in without


@pytest.mark.parametrize("format_", PEOPLE)
def test_each_student_has_pages_of_their_own(format_: str) -> None:
    """Sheets are apart, and name their students."""
    (sheet,) = awkward()
    text = formats.render([sheet._replace(title="T", student=name) for name in ("ann", "bob")], format_)
    mark = {"text": "\f", "markdown": "\n---\n", "latex": "\\newpage", "html": "<hr>"}[format_]
    before, _, behind = text.partition(mark)
    assert "T: ann" in before
    assert "T: bob" in behind
    assert "T: ann" not in behind


def test_latex_is_balanced() -> None:
    """Every environment ends, and nothing that steers TeX is left from the texts."""
    text = formats.render([*made("3", 3, 4), *made("3"), *awkward()], "latex", key=True)
    opened: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if kind == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert opened == []
    assert text.isascii()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no TeX here")
def test_latex_compiles(tmp_path: Path) -> None:
    """TeX makes pages of it, without an error."""
    text = formats.render([*made("3", 3, 4), *awkward()], "latex", key=True)
    (tmp_path / "quiz.tex").write_text(text, encoding="utf-8")
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "quiz.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:]
    assert (tmp_path / "quiz.pdf").stat().st_size > 10_000
