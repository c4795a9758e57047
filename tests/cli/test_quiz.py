"""`cnncalc quiz` as teachers and students meet it."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from pathlib import Path

import pytest

from cnncalc.cli import main
from cnncalc.homework import quiz
from cnncalc.homework.exercises import TOPICS
from cnncalc.homework.formats import FORMATS

ASSIGNMENT = """title = "CNN arithmetic"
seed = 3
[[question]]
id = "q1"
spec = "param k = 3; input 32x32x3; conv 10 kxk"
ask = "params"
vary = { k = [3, 5, 7] }
[[question]]
id = "q2"
spec = "input 32x32x3; conv 10 5x5 s2"
ask = "output"
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an assignment and a roster, where the commands run."""
    (tmp_path / "hw.toml").write_text(ASSIGNMENT, encoding="utf-8")
    (tmp_path / "roster.csv").write_text("student\nann\n../bob\ncleo\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Run the command; its exit code, what it printed and what it said."""

    def runner(*arguments: str) -> tuple[int, str, str]:
        code = main(["quiz", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return runner


def test_exercises(run) -> None:
    """A seed makes the same sheet again; the key is told only to who asks for it."""
    code, out, err = run("--seed", "3", "--count", "2", "--topic", "params")
    assert (code, err) == (0, "")
    assert out == run("--seed", "3", "--count", "2", "--topic", "params")[1]
    assert "Answers" not in out
    keyed = run("--seed", "3", "--count", "2", "--topic", "params", "--key")[1]
    assert keyed.startswith(out)
    assert quiz.make(seed="3", topics=("params",), count=2)[1].solution[0] in keyed


def test_lines_are_as_wide_as_the_terminal(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet that is read on a terminal; one that is sent into a file is always the same."""
    arguments = ("--seed", "3", "--level", "3", "--count", "8", "--key")
    plain = run(*arguments)[1]
    assert 90 < max(map(len, plain.splitlines())) <= 98
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "70")
    assert max(map(len, run(*arguments)[1].splitlines())) <= 70
    monkeypatch.setenv("COLUMNS", "200")
    assert run(*arguments)[1] == plain


def test_a_seed_is_told(run) -> None:
    """Without one, a seed is drawn and told, so that the same exercises can be had again."""
    _, out, err = run("--to", "csv")
    seed = err.removeprefix("note: --seed ").split()[0]
    assert run("--to", "csv", "--seed", seed)[1] == out
    assert len(list(csv.reader(io.StringIO(out)))) >= 11


def test_a_table_to_fill_in_has_no_choices(run) -> None:
    """That is said; the other exercises have them."""
    _, out, err = run("--topic", "params", "--topic", "table", "--count", "4", "--choices", "3", "--seed", "1")
    assert err == "note: a table to fill in has no answers to choose from: q2, q4\n"
    assert out.count("(c) ") == 2
    assert run("--topic", "table", "--seed", "1")[2] == ""


def test_a_topic_with_too_few_mistakes_has_fewer_choices(run) -> None:
    """That is said, and nothing is lost."""
    code, out, err = run("--topic", "batch-norm", "--topic", "params", "--choices", "5", "--seed", "1")
    assert (code, err) == (
        0,
        "note: there are fewer than 5 answers to choose from, since no more mistakes are known: q1\n",
    )
    assert out.count("(d) ") == 2
    assert out.count("(e) ") == 1


def test_topics(run) -> None:
    """They are listed, taken in turn, and suggested; each that is named is there once if no count is given."""
    code, out, _ = run("--topics")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(TOPICS)
    rows = list(csv.DictReader(io.StringIO(run("--topic", "rf", "--topic", "macs", "--seed", "1", "--to", "csv")[1])))
    assert [row["topic"] for row in rows] == ["rf", "macs"]
    code, _, err = run("--topic", "poling")
    assert code == 2
    assert "did you mean `pooling`?" in err


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_is_saved(run, files: Path, format_: str) -> None:
    """To a file, and nothing is said; QTI is a zip."""
    assert run("--seed", "1", "--to", format_, "--choices", "3", "--save", "quiz")[:2] == (0, "")
    content = (files / "quiz").read_bytes()
    assert len(content) > 1000
    assert zipfile.is_zipfile(files / "quiz") == (format_ == "qti")


def test_a_zip_is_nothing_for_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """It goes into a file or a pipe."""
    assert main(["quiz", "--seed", "1", "--to", "qti"]) == 0
    assert zipfile.is_zipfile(io.BytesIO(capsysbinary.readouterr().out))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["quiz", "--seed", "1", "--to", "qti"]) == 2
    captured = capsysbinary.readouterr()
    assert captured.out == b""
    assert b"a zip is no text" in captured.err


@pytest.mark.usefixtures("files")
def test_the_sheets_of_students(run, files: Path) -> None:
    """One student's, all in one document, or a file each, with names that lead nowhere else."""
    code, ann, _ = run("hw.toml", "--student", "ann")
    assert code == 0
    assert ann.startswith("CNN arithmetic: ann\n")
    _, everybody, _ = run("hw.toml", "--students", "roster.csv")
    assert everybody.split("\f")[0] == ann
    assert len(everybody.split("\f")) == 3
    code, out, err = run("hw.toml", "--students", "roster.csv", "--save", "sheets", "--to", "html", "--key")
    assert (code, out, err) == (0, "", "3 files are in sheets\n")
    assert sorted(path.name for path in (files / "sheets").iterdir()) == ["_bob.html", "ann.html", "cleo.html"]
    assert run("hw.toml", "--students", "roster.csv", "--save", "all.txt") == (0, "", "")
    assert (files / "all.txt").read_text(encoding="utf-8") == everybody


@pytest.mark.usefixtures("files")
def test_grade_knows_each_variant(run, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The key of all sheets, as CSV, has full marks for every student, also for one who is called like a formula."""
    (files / "roster.csv").write_text("student\nann\nbob\n=cmd|'x'!A0\n", encoding="utf-8")
    key = run("hw.toml", "--students", "roster.csv", "--to", "csv", "--key")[1]
    (files / "key.csv").write_text(key, encoding="utf-8")
    assert len({row["answer"] for row in csv.DictReader(io.StringIO(key)) if row["question"] == "q1"}) > 1
    assert main(["grade", "hw.toml", "key.csv", "--format", "csv"]) == 0
    assert [row["score"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))] == ["2", "2", "2"]
    assert {row["student"] for row in csv.DictReader(io.StringIO(key))} == {"ann", "bob", "'=cmd|'x'!A0"}


@pytest.mark.usefixtures("files")
def test_the_sheet_of_nobody_is_told_and_graded(run, files: Path) -> None:
    """Where students have variants, the sheet for all has the numbers of one called `key`."""
    for seed in "1234":
        code, _, err = run("hw.toml", "--to", "csv", "--key", "--seed", seed, "--save", "key.csv")
        assert (code, err) == (
            0,
            "note: these are the numbers of nobody; students have their own (--student NAME): q1\n",
        )
        seeded = f"seed = {seed}\n" + (files / "hw.toml").read_text(encoding="utf-8").replace("seed = ", "# ")
        (files / "seeded.toml").write_text(seeded, encoding="utf-8")
        assert main(["grade", "seeded.toml", "key.csv"]) == 0
    assert run("hw.toml", "--student", "ann")[2] == ""


@pytest.mark.usefixtures("files")
def test_another_seed_makes_other_variants(run) -> None:
    """The option wins over the assignment."""
    sheets = {run("hw.toml", "--student", "ann", "--seed", str(seed))[1] for seed in range(9)}
    assert len(sheets) == 3


def test_a_question_that_cannot_be_asked_is_told_once(run, files: Path) -> None:
    """The others are printed, and the exit code is 2."""
    (files / "hw.toml").write_text(ASSIGNMENT.replace('ask = "output"', 'ask = "girth"'), encoding="utf-8")
    code, out, err = run("hw.toml", "--students", "roster.csv")
    assert code == 2
    assert out.count("1. q1") == 3
    assert err.count("hw.toml:11:7: error: no quantity is called `girth`") == 1


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--student", "ann"], "students have variants of an assignment"),
        (["hw.toml", "--student", "ann", "--students", "roster.csv"], "--student is one of them"),
        (["hw.toml", "--students", "roster.csv", "--to", "gift"], "gift holds the sheet of one student"),
        (["hw.toml", "--students", "roster.csv", "--play"], "--play is for one student"),
        (["hw.toml", "--topic", "rf"], "--topic, --level, --count and --choices are for exercises that are made"),
        (["hw.toml", "--level", "1"], "--topic, --level, --count and --choices are for exercises that are made"),
        (["--play", "--to", "text"], "--to, --key and --save are for sheets"),
        (["--play", "--key"], "--to, --key and --save are for sheets"),
        (["--play", "--save", "sheet.txt"], "--to, --key and --save are for sheets"),
        (["--seed", "1", "--save", "hw.toml/quiz"], "cannot write to 'hw.toml/quiz'"),
        (["--level", "4"], "--level"),
        (["nowhere.toml"], "nowhere.toml"),
    ],
)
def test_what_cannot_be_done(run, arguments: list[str], message: str) -> None:
    """It is said why, and the exit code is 2."""
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(("typed", "code"), [("760\n", 0), ("?\nskip\n", 0), ("", 0)])
def test_playing(run, files: Path, monkeypatch: pytest.MonkeyPatch, typed: str, code: int) -> None:
    """Questions are asked one by one; the end of the input ends the quiz with the score."""
    (files / "hw.toml").write_text(ASSIGNMENT.replace("[3, 5, 7]", "[5]"), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert run("hw.toml", "--play")[0] == code


def test_questions_that_cannot_be_played_are_told(run, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are asked; where there are none, nothing is."""
    broken = '[[question]]\nid = "q9"\nspec = "covn 3"\nask = "params"\n'
    (files / "hw.toml").write_text(broken + ASSIGNMENT.split("seed = 3\n")[1], encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.StringIO("skip\nskip\n"))
    code, out, err = run("hw.toml", "--play")
    assert (code, out.count("The answer is")) == (2, 2)
    assert err.startswith("note: these are the numbers of nobody")
    assert "\nhw.toml:3:9: error: unknown kind `covn`" in err
    (files / "hw.toml").write_text(broken, encoding="utf-8")
    for more in ((), ("--play",), ("--to", "gift")):
        code, out, err = run("hw.toml", *more)
        assert (code, out) == (2, "")
        assert err.startswith("hw.toml:3:9: error: unknown kind `covn`")


def test_what_is_typed_is_shown_where_no_terminal_does_it(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers from a file stand in the transcript; those at a terminal are there already."""
    arguments = ("--seed", "1", "--topic", "params", "--play")
    monkeypatch.setattr(sys, "stdin", io.StringIO("skip\n"))
    assert "> skip\n" in run(*arguments)[1]
    monkeypatch.setattr(sys, "stdin", io.StringIO("skip\n"))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert "skip\n" not in run(*arguments)[1]


def test_an_interrupted_quiz_tells_the_score(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is exit code 130, and no traceback."""

    class Interrupted(io.StringIO):
        def readline(self, _: int = -1, /) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupted())
    code, out, err = run("--seed", "1", "--play")
    assert (code, err) == (130, "")
    assert out.endswith("0 of 0 right, 0 at the first try.\n")


def test_without_unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the output lacks dots and minus signs, plain ones stand in their place."""
    monkeypatch.setattr("cnncalc.cli.quiz.sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert main(["quiz", "--seed", "1", "--topic", "params", "--key"]) == 0
    sys.stdout.flush()
    text = sys.stdout.buffer.getvalue().decode("ascii")
    assert "(F*F*C + 1)*K" in text
