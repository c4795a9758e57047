"""`cnncalc grade` as a teacher meets it."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from cnncalc.cli import main
from cnncalc.views import FORMATS, terminal

ASSIGNMENT = """title = "CNN arithmetic"
[[question]]
id = "q1"
spec = "input 32x32x3; conv 10 5x5 p2"
ask = "params"
points = 2
answer = 750
[[question]]
id = "q2"
spec = "input 32x32x3; conv 10 5x5 s2"
ask = "output"
answer = "14x14x10"
"""
ANSWERS = "student,q1,q2\nann,750,14x14x10\nbob,760,15x15x10\n../../etc/cleo,,14x14\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an assignment and answers, where the commands run."""
    (tmp_path / "hw.toml").write_text(ASSIGNMENT, encoding="utf-8")
    (tmp_path / "answers.csv").write_text(ANSWERS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Run the command; its exit code, what it printed and what it said."""

    def runner(*arguments: str) -> tuple[int, str, str]:
        code = main(["grade", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return runner


@pytest.mark.usefixtures("files")
def test_a_gradebook(run) -> None:
    """A row a student; what was missed most is said beside it; a wrong answer is exit code 1."""
    code, out, err = run("hw.toml", "answers.csv", "--format", "csv")
    assert code == 1
    assert list(csv.reader(io.StringIO(out)))[1:] == [
        ["ann", "1", "0", "1", "q1:no-bias"],
        ["bob", "2", "2", "0", "q2:ceil"],
        ["../../etc/cleo", "1", "-", "1", "-"],
    ]
    assert "wrong: q1: 1 of 3 is wrong, 1 not answered; no-bias 1" in err


@pytest.mark.usefixtures("files")
def test_all_right_is_exit_code_0(run) -> None:
    """Also if somebody did not answer everything."""
    Path("answers.csv").write_text("student,q1,q2\nann,760,\n")
    assert run("hw.toml", "answers.csv")[0] == 0


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("more", [(), ("--by", "question"), ("--by", "mistake"), ("--student", "ann")])
def test_every_format(run, format_: str, more: tuple[str, ...]) -> None:
    """Each prints the class, the questions, a student."""
    code, out, _ = run("hw.toml", "answers.csv", "--format", format_, *more)
    assert code == 1
    assert "q1" in out
    if format_ == "json":
        json.loads(out)


@pytest.mark.usefixtures("files")
def test_a_page_has_everything(run) -> None:
    """The gradebook, the questions, and each student's sentences."""
    _, out, _ = run("hw.toml", "answers.csv", "--format", "html")
    assert out.count("<table>") == 6
    assert "q1:no-bias" not in out
    assert "750 = 5·5·3·10 leaves out the 10 biases" in out


@pytest.mark.usefixtures("files")
def test_the_gradebook_of_a_page_leads_to_the_reports_and_back(run) -> None:
    """Each name has a link to the one report of that student, which has one to the gradebook."""
    _, out, _ = run("hw.toml", "answers.csv", "--format", "html")
    links = re.findall(r'<td><a href="#([^"]*)">([^<]*)</a></td>', out)
    assert [name for _, name in links] == ["ann", "bob", "../../etc/cleo"]
    for anchor, name in links:
        assert f'<h2 id="{anchor}">CNN arithmetic: {name} <a class="back" href="#gradebook">' in out
    assert out.count('id="gradebook"') == 1


@pytest.mark.usefixtures("files")
def test_the_codes_of_a_page_are_not_broken(run) -> None:
    """A long list of mistakes has several lines, but each code is on one."""
    wrong = ("75", "750", "751", "250", "260", "1510", "2510")
    Path("answers.csv").write_text("student,q1\n" + "".join(f"s{each},{each}\n" for each in wrong))
    page = run("hw.toml", "answers.csv", "--format", "html")[1]
    assert '<td class="long"><span>' in page
    assert "<span>no-channels-no-bias:1</span>, <span>" in page


def test_the_page_of_a_folder_leads_to_every_file(run, files: Path) -> None:
    """A student who is called as the page is has another file, and so has every odd name."""
    Path("answers.csv").write_text('student,q1\nindex,750\n"a b#c?",760\n"<i>",760\n')
    assert run("hw.toml", "answers.csv", "--format", "html", "--save", "out")[0] == 1
    page = (files / "out" / "index.html").read_text()
    links = re.findall(r'<td><a href="([^"]*)">([^<]*)</a></td>', page)
    assert [unescape(name) for _, name in links] == ["index", "a b#c?", "<i>"]
    for link, name in links:
        assert f"<h1>CNN arithmetic: {name}</h1>" in (files / "out" / unquote(link)).read_text()
    assert "750 = 5" not in page


@pytest.mark.usefixtures("files")
def test_a_large_class_has_no_sentences_on_its_page(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """They have files of their own, and a word says so."""
    monkeypatch.setattr("cnncalc.cli.grade.MOST_ON_PAGE", 2)
    _, out, err = run("hw.toml", "answers.csv", "--format", "html")
    assert out.count("<table>") == 3
    assert "--save" in err


def test_one_student_is_all_that_a_request_for_one_is_about(run, files: Path) -> None:
    """The exit code, and the files, are of that student alone."""
    Path("answers.csv").write_text("student,q1,q2\nann,760,\nbob,750,\n")
    assert run("hw.toml", "answers.csv", "--student", "ann")[0] == 0
    assert run("hw.toml", "answers.csv", "--student", "bob")[0] == 1
    assert run("hw.toml", "answers.csv", "--student", "ann", "--save", "out")[0] == 0
    assert [path.name for path in (files / "out").iterdir()] == ["ann.txt"]


def test_files_for_each_student(run, files: Path) -> None:
    """Called as the students are, but none leads out of the folder, and no two are the same."""
    Path("answers.csv").write_text(ANSWERS + "ANN,1,1\n.._.._etc_cleo,1,1\n...,1,1\n")
    for format_, extension in (("gradescope", "json"), ("json", "json"), ("table", "txt"), ("html", "html")):
        code, out, err = run("hw.toml", "answers.csv", "--format", format_, "--save", f"out/{format_}")
        assert (code, out) == (1, "")
        index = ["index"] if format_ == "html" else []
        assert err.startswith(f"6 files are in out/{format_}\n")
        assert ("index.html leads to all of them" in err) == bool(index)
        assert sorted(path.name for path in (files / "out" / format_).iterdir()) == sorted(
            f"{name}.{extension}" for name in ("ann", "ANN-2", "bob", "_.._etc_cleo", "_.._etc_cleo-2", "_", *index)
        )
    result = json.loads((files / "out" / "gradescope" / "bob.json").read_text())
    assert (result["score"], result["tests"][1]["status"]) == (2, "failed")
    assert json.loads((files / "out" / "json" / "bob.json").read_text())["student"] == "bob"
    assert "wrong: q1: 750 = 5·5·3·10 leaves out the 10 biases" in (files / "out" / "table" / "ann.txt").read_text()


def test_files_have_names_that_every_system_takes(run, files: Path) -> None:
    """None is a device, an option, or longer than file systems allow."""
    names = ("con", "AUX.txt", "lpt1.a.b", "-rf", "卷" * 199, "卷" * 200, "console")
    Path("odd.csv").write_text("student,q1\n" + "".join(f"{name},760\n" for name in names), encoding="utf-8")
    assert run("hw.toml", "odd.csv", "--save", "out")[0] == 0
    found = sorted(path.name for path in (files / "out").iterdir())
    expected = (
        "_AUX.txt.txt",
        "_con.txt",
        "_lpt1.a.b.txt",
        "console.txt",
        "rf.txt",
        f"{'卷' * 66}.txt",
        f"{'卷' * 66}-2.txt",
    )
    assert found == sorted(expected)


@pytest.mark.usefixtures("files")
def test_a_bar_on_a_terminal(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many students show a bar on standard error, if that is a terminal, and so do many reports."""
    plain = run("hw.toml", "answers.csv", "--format", "csv")
    monkeypatch.setattr(terminal, "SECONDS_UNSHOWN", 0)
    assert run("hw.toml", "answers.csv", "--format", "csv") == plain
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    code, out, err = run("hw.toml", "answers.csv", "--format", "csv")
    assert (code, out) == plain[:2]
    assert "students" in err.replace("students 3", "")
    assert "reports" not in err
    assert "reports" in run("hw.toml", "answers.csv", "--save", "out")[2]


@pytest.mark.usefixtures("files")
def test_gradescope_prints_one_student(run) -> None:
    """The only one, or the one that is named; for several it wants a folder."""
    code, _, err = run("hw.toml", "answers.csv", "--format", "gradescope")
    assert code == 2
    assert "--save" in err
    code, out, _ = run("hw.toml", "answers.csv", "--format", "gradescope", "--student", "bob")
    assert json.loads(out)["score"] == 2
    Path("one.csv").write_text("student,q1\nann,760\n")
    assert json.loads(run("hw.toml", "one.csv", "--format", "gradescope")[1])["score"] == 2


def test_gradescope_shows_its_results_when_the_teacher_says(run, files: Path) -> None:
    """The right answers stand in them, so nobody sees them before the grades are published, unless told so."""

    def visibility(*more: str) -> str:
        return json.loads(run("hw.toml", "answers.csv", "--format", "gradescope", *more)[1])["visibility"]

    assert visibility("--student", "bob") == "after_published"
    assert visibility("--student", "bob", "--visibility", "visible") == "visible"
    run("hw.toml", "answers.csv", "--format", "gradescope", "--visibility", "hidden", "--save", "out")
    assert {json.loads(path.read_text())["visibility"] for path in (files / "out").iterdir()} == {"hidden"}


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("format_", ["csv", "tsv"])
def test_no_spreadsheet_runs_what_students_write(run, format_: str) -> None:
    """A formula has an apostrophe before it, wherever it stands; names that only look odd stay as they are."""
    formulas = ("=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", '+HYPERLINK("http://x")', "-2+3+cmd|'x'!A0")
    names = ("-ann", "@bob", "+4917012345", "'cleo'", "=x")
    with Path("odd.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("student", "q1"), *((name, formulas[0]) for name in formulas + names)])
    for more in ((), ("--by", "question"), ("--student", "@bob")):
        _, out, _ = run("hw.toml", "odd.csv", "--format", format_, *more)
        cells = [
            cell for row in csv.reader(io.StringIO(out), "excel-tab" if format_ == "tsv" else "excel") for cell in row
        ]
        assert not [cell for cell in cells if cell.startswith("=") or re.match(r"[-+@].*[(|]", cell)]
    rows = csv.reader(io.StringIO(run("hw.toml", "odd.csv", "--format", "csv")[1]))
    assert [row[0].removeprefix("'") for row in rows][1:] == [*formulas, *(name.removeprefix("'") for name in names)]


@pytest.mark.usefixtures("files")
def test_the_key(run) -> None:
    """A wrong key is shown with its mistake."""
    code, out, err = run("hw.toml", "--key", "--format", "plain")
    assert code == 1
    assert "no-bias" in out
    assert "wrong: q1: 750 = 5·5·3·10 leaves out the 10 biases; (5·5·3 + 1)·10 = 760." in err


@pytest.mark.usefixtures("files")
def test_what_is_broken_is_reported_and_the_rest_is_graded(run) -> None:
    """Exit code 2, each with its place; nothing is lost."""
    Path("hw.toml").write_text(ASSIGNMENT + '[[question]]\nid = "q3"\nspec = "covn"\nask = "params"\n')
    Path("answers.csv").write_text("student,q1,q2\nann,760,14x14\nbroken\nann,1,1\nzed,760,1\nbob,760,14x14\n")
    Path("roster.csv").write_text("student\nann\nbob\ncleo\n")
    code, out, err = run("hw.toml", "answers.csv", "--students", "roster.csv", "--format", "tsv")
    assert code == 2
    assert [line.split("\t")[:2] for line in out.splitlines()[1:]] == [["ann", "3"], ["bob", "3"], ["cleo", "0"]]
    for place in ("hw.toml:15:9:", "answers.csv:3:1:", "answers.csv:4:5:", "answers.csv:5:1:"):
        assert place in err


@pytest.mark.usefixtures("files")
def test_answers_to_a_broken_question_are_no_further_problem(run) -> None:
    """The question is told once, and its column says nothing more."""
    Path("hw.toml").write_text(ASSIGNMENT.replace("conv 10 5x5 p2", "covn 10"))
    code, out, err = run("hw.toml", "answers.csv", "--format", "csv")
    assert (code, err.count("error: ")) == (2, 1)
    assert [row.split(",")[:2] for row in out.splitlines()[1:]] == [["ann", "1"], ["bob", "0"], ["../../etc/cleo", "1"]]


@pytest.mark.usefixtures("files")
def test_very_many_problems_are_counted(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough of them are told one by one, and how many more there are; the rest is graded."""
    monkeypatch.setattr("cnncalc.cli.MOST_TOLD", 2)
    Path("answers.csv").write_text("student,q1\n" + "ann\n" * 1005 + "bob,760\n")
    code, out, err = run("hw.toml", "answers.csv", "--format", "csv")
    assert code == 2
    assert out.splitlines()[1:] == ["bob,2,2,-,-"]
    assert err.count("error: ") == 2
    assert err.endswith("and 1,003 further problems\n")


@pytest.mark.usefixtures("files")
def test_a_class_of_nobody(run) -> None:
    """A file with nothing but its header has no mean."""
    Path("answers.csv").write_text("student,q1,q2\n")
    code, out, _ = run("hw.toml", "answers.csv", "--format", "table", "--color", "never")
    assert code == 0
    assert "students 0" in out
    assert "mean" not in out


@pytest.mark.usefixtures("files")
def test_points_for_what_follows(run) -> None:
    """The option wins over the assignment."""
    Path("hw.toml").write_text(
        '[[question]]\nid = "a"\nspec = "input 8x8x1; conv 2 3x3; flatten"\nask = "output"\nlayer = "conv1"\n'
        '[[question]]\nid = "b"\nspec = "input 8x8x1; conv 2 3x3; flatten"\nask = "output"\n'
    )
    Path("answers.csv").write_text("student,a,b\nann,5x5x2,50\n")
    for part, points in (("0", 0), ("0.5", 0.5), ("1", 1)):
        _, out, _ = run("hw.toml", "answers.csv", "--follow-on", part, "--format", "json")
        assert json.loads(out)["students"][0]["score"] == points


def test_an_assignment_of_broken_questions(run, files: Path) -> None:
    """What is wrong with them is said, and not what follows for the answers."""
    (files / "hw.toml").write_text('[[question]]\nid = "q1"\nspec = "covn 1 3x3"\nask = "params"\n', encoding="utf-8")
    code, out, err = run("hw.toml", "answers.csv")
    assert (code, out) == (2, "")
    assert err.startswith("hw.toml:3:9: error: unknown kind `covn`")
    assert "column" not in err


def test_an_assignment_without_a_key(run, files: Path) -> None:
    """There is nothing to check."""
    (files / "hw.toml").write_text('[[question]]\nid = "q"\nspec = "conv 1 3x3"\nask = "params"\n', encoding="utf-8")
    code, out, err = run("hw.toml", "--key")
    assert (code, out) == (2, "")
    assert "no question has a key" in err


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("hw.toml",), "a file of answers, or --key"),
        (("hw.toml", "answers.csv", "--key"), "a file of answers, or --key"),
        (("none.toml", "answers.csv"), "cannot read this file"),
        (("hw.toml", "none.csv"), "cannot read this file"),
        (("answers.csv", "answers.csv"), "this is no TOML"),
        (("hw.toml", "hw.toml"), "there is no column `student`"),
        (("hw.toml", "answers.csv", "--student", "bop"), "did you mean `bob`?"),
        (("hw.toml", "answers.csv", "--follow-on", "2"), "no number from 0 to 1"),
        (("hw.toml", "answers.csv", "--follow-on", "nan"), "no number from 0 to 1"),
        (("hw.toml", "answers.csv", "--save", "hw.toml"), "cannot write to"),
        (("hw.toml", "answers.csv", "--format", "csv", "--visibility", "hidden"), "is for --format gradescope"),
        (("hw.toml", "--key", "--student", "ann"), "not for --key"),
        (("hw.toml", "answers.csv", "--student", "ann", "--by", "mistake"), "--by is for the table of a class"),
        (("hw.toml", "answers.csv", "--save", "out", "--by", "mistake"), "--by is for the table of a class"),
        (("hw.toml", "answers.csv", "--by", "studnet"), "did you mean `student`?"),
    ],
)
def test_a_request_that_cannot_be_carried_out(run, arguments: tuple[str, ...], says: str) -> None:
    """It says why, and exits with 2."""
    code, _, err = run(*arguments)
    assert code == 2
    assert says in err
    assert "Traceback" not in err
