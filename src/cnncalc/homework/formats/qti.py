"""A quiz as a QTI 1.2 package for Canvas: a zip with a manifest, the assessment, and what Canvas keeps of a quiz.

The structure is that of Canvas's own exports (lib/cc/qti in canvas-lms). Its importer takes every condition of a
numerical question for a right answer, so those carry the right one alone; the known wrong answers have their
feedback where they are choices.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from cnncalc.homework.formats import platforms
from cnncalc.homework.formats.document import UNTITLED
from cnncalc.prose import with_separators

if TYPE_CHECKING:
    from cnncalc.homework.quiz import Item, Part, Sheet

QTI: Final = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
CANVAS: Final = "http://canvas.instructure.com/xsd/cccv1p0"
PACKAGE: Final = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
LOCATIONS: Final = {
    QTI: "http://www.imsglobal.org/xsd/ims_qtiasiv1p2p1.xsd",
    CANVAS: "https://canvas.instructure.com/xsd/cccv1p0.xsd",
    PACKAGE: "http://www.imsglobal.org/xsd/imscp_v1p1.xsd",
}
RESOURCE: Final = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
RESPONSE: Final = "response1"
# A zip of the same quiz has the same bytes.
_DATE: Final = (2000, 1, 1, 0, 0, 0)


def render(sheets: Sequence[Sheet], *, key: bool = False) -> bytes:  # noqa: ARG001  a platform needs the answers
    """The package."""
    import zipfile  # noqa: PLC0415  it is slow to import

    title = next((sheet.title for sheet in sheets if sheet.title), UNTITLED)
    questions = list(platforms.questions(sheets))
    name = f"g{hashlib.sha256(repr([title, questions]).encode()).hexdigest()[:32]}"
    points = sum(sheet.points for sheet in sheets)
    files = {
        "imsmanifest.xml": _manifest(name),
        f"{name}/{name}.xml": _assessment(name, title, questions),
        f"{name}/assessment_meta.xml": _meta(name, title, str(points)),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for path, root in files.items():
            ET.indent(root)
            info = zipfile.ZipInfo(path, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, ET.tostring(root, encoding="UTF-8", xml_declaration=True))
    return buffer.getvalue()


def _root(tag: str, space: str, **attributes: str) -> ET.Element:
    """The outermost element of a file, with its schema."""
    location = {"xmlns": space, "xmlns:xsi": XSI, "xsi:schemaLocation": f"{space} {LOCATIONS[space]}"}
    return ET.Element(tag, {**attributes, **location})


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    """An element inside of another."""
    element = ET.SubElement(parent, tag, attributes)
    element.text = "".join(character for character in text if character.isprintable() or character == "\n") or None
    return element


def _manifest(name: str) -> ET.Element:
    """What is in the package."""
    root = _root("manifest", PACKAGE, identifier=f"{name}_manifest")
    metadata = _add(root, "metadata")
    _add(metadata, "schema", "IMS Content")
    _add(metadata, "schemaversion", "1.1.3")
    _add(root, "organizations")
    resources = _add(root, "resources")
    quiz = _add(resources, "resource", identifier=name, type="imsqti_xmlv1p2")
    _add(quiz, "file", href=f"{name}/{name}.xml")
    _add(quiz, "dependency", identifierref=f"{name}_meta")
    path = f"{name}/assessment_meta.xml"
    meta = _add(resources, "resource", identifier=f"{name}_meta", type=RESOURCE, href=path)
    _add(meta, "file", href=path)
    return root


def _meta(name: str, title: str, points: str) -> ET.Element:
    """What Canvas keeps of a quiz."""
    root = _root("quiz", CANVAS, identifier=name)
    facts = {
        "title": title,
        "description": "",
        "shuffle_answers": "false",
        "scoring_policy": "keep_highest",
        "hide_results": "",
        "quiz_type": "practice_quiz",
        "points_possible": points,
        "show_correct_answers": "true",
        "allowed_attempts": "-1",
    }
    for tag, text in facts.items():
        _add(root, tag, text)
    return root


def _assessment(name: str, title: str, questions: Sequence[tuple[Item, Part]]) -> ET.Element:
    """The questions."""
    root = _root("questestinterop", QTI)
    assessment = _add(root, "assessment", ident=name, title=title)
    _fields(assessment, cc_maxattempts="unlimited")
    section = _add(assessment, "section", ident="root_section")
    for number, (item, part) in enumerate(questions, start=1):
        _item(section, f"{name}_{number}", number, item, part)
    return root


def _fields(parent: ET.Element, **fields: str) -> None:
    """Metadata, a field each."""
    metadata = _add(parent, "qtimetadata")
    for label, entry in fields.items():
        field = _add(metadata, "qtimetadatafield")
        _add(field, "fieldlabel", label)
        _add(field, "fieldentry", entry)


def _item(section: ET.Element, ident: str, number: int, item: Item, part: Part) -> None:
    """One question."""
    one = _add(section, "item", ident=ident, title=platforms.name(item, part))
    answers = {str(1000 * number + place): choice for place, choice in enumerate(part.choices, start=1)}
    if answers:
        kind = "multiple_choice_question"
    else:
        kind = "numerical_question" if platforms.is_number(part.answer) else "short_answer_question"
    points = item.points / len(item.parts)
    _fields(
        _add(one, "itemmetadata"),
        question_type=kind,
        points_possible=str(points),
        original_answer_ids=",".join(answers),
    )
    presentation = _add(one, "presentation")
    _text(presentation, platforms.body(item, part))
    _response(presentation, kind, answers)
    processing = _add(one, "resprocessing")
    outcomes = _add(processing, "outcomes")
    _add(outcomes, "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
    _condition(processing, "Yes", feedback="general_fb").append(ET.Element("other"))
    known = {one.answer: one for one in part.known}
    for id_, choice in answers.items():
        if choice in known:
            _equal(_condition(processing, "Yes", feedback=f"{id_}_fb"), id_)
    _right(processing, kind, item, part, answers)
    _feedback(one, "general_fb", platforms.solution(part))
    for id_, choice in answers.items():
        if choice in known:
            _feedback(one, f"{id_}_fb", escape(known[choice].text))


def _response(presentation: ET.Element, kind: str, answers: dict[str, str]) -> None:
    """What the student chooses from, or where the answer is written."""
    if answers:
        chosen = _add(presentation, "response_lid", ident=RESPONSE, rcardinality="Single")
        render_choice = _add(chosen, "render_choice")
        for id_, choice in answers.items():
            material = _add(_add(render_choice, "response_label", ident=id_), "material")
            _add(material, "mattext", with_separators(choice), texttype="text/plain")
        return
    written = _add(presentation, "response_str", ident=RESPONSE, rcardinality="Single")
    fib = _add(written, "render_fib", **({"fibtype": "Decimal"} if kind == "numerical_question" else {}))
    _add(fib, "response_label", ident="answer1", rshuffle="No")


def _right(processing: ET.Element, kind: str, item: Item, part: Part, answers: dict[str, str]) -> None:
    """The condition under which an answer is right."""
    condition = _condition(processing, "No", score="100")
    if answers:
        _equal(condition, next(id_ for id_, choice in answers.items() if choice == part.answer))
    elif kind == "numerical_question":
        allowed = float(platforms.tolerance(item, part.answer))
        either = _add(condition, "or")
        _equal(either, part.answer)
        both = _add(either, "and")
        _add(both, "vargte", f"{float(part.answer) - allowed:.15g}", respident=RESPONSE)
        _add(both, "varlte", f"{float(part.answer) + allowed:.15g}", respident=RESPONSE)
    else:
        for spelling in platforms.spellings(part.answer):
            _equal(condition, spelling)


def _condition(processing: ET.Element, goes_on: str, *, score: str = "", feedback: str = "") -> ET.Element:
    """A condition that gives a score, or leads to a feedback; what it asks for is to be added."""
    condition = _add(processing, "respcondition", **{"continue": goes_on})
    asks = _add(condition, "conditionvar")
    if score:
        _add(condition, "setvar", score, action="Set", varname="SCORE")
    if feedback:
        _add(condition, "displayfeedback", feedbacktype="Response", linkrefid=feedback)
    return asks


def _equal(parent: ET.Element, text: str) -> None:
    _add(parent, "varequal", text, respident=RESPONSE)


def _text(parent: ET.Element, html: str) -> None:
    _add(_add(parent, "material"), "mattext", f"<div>{html}</div>", texttype="text/html")


def _feedback(item: ET.Element, ident: str, html: str) -> None:
    _text(_add(_add(item, "itemfeedback", ident=ident), "flow_mat"), html)
