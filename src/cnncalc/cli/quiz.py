"""`cnncalc quiz [ASSIGNMENT.toml]`."""

from __future__ import annotations

import secrets
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from cnncalc.cli import EXIT_INTERRUPTED, EXIT_USAGE, Troubles, talk
from cnncalc.cli.options import Choice, can_be_printed, file_name, files_in, tracked
from cnncalc.homework import assignment as assignments
from cnncalc.homework import formats, play, quiz, rows, sheets
from cnncalc.homework.exercises import LEVELS, TOPICS
from cnncalc.homework.formats import text
from cnncalc.homework.quiz import Sheet
from cnncalc.spec.source import SpecError
from cnncalc.written import ASCII

MOST_EXERCISES = 1000
MOST_CHOICES = 5


@click.command("quiz")
@click.argument("assignment", metavar="[ASSIGNMENT.toml]", required=False)
@click.option(
    "--topic",
    "topics",
    multiple=True,
    metavar="NAME",
    type=Choice(list(TOPICS)),
    help="Exercises of this topic only (--topics lists them); several take turns.",
)
@click.option("--level", type=click.IntRange(LEVELS[0], LEVELS[-1]), help="How hard: 1, the default, to 3.")
@click.option("--count", type=click.IntRange(1, MOST_EXERCISES), help="How many exercises; 10, or one of each --topic.")
@click.option("--choices", type=click.IntRange(2, MOST_CHOICES), help="Answers to choose from.")
@click.option("--seed", help="The same seed makes the same exercises; of an assignment, the same variants.")
@click.option("--to", "format_", type=Choice(list(formats.FORMATS)), help="The format; text by default.")
@click.option("--key", is_flag=True, help="With the answers and their working.")
@click.option("--student", metavar="NAME", help="The variant of an assignment that one student has.")
@click.option("--students", metavar="FILE", help="A CSV file with students, in a column `student`: a sheet for each.")
@click.option(
    "--save",
    metavar="PATH",
    help="Write to a file; with --students, a file for each into a directory, or all into a file such as key.csv.",
)
@click.option("--play", "plays", is_flag=True, help="Ask the questions here and now.")
@click.option("--topics", "lists", is_flag=True, help="List the topics.")
def command(
    *,
    assignment: str | None,
    topics: tuple[str, ...],
    level: int | None,
    count: int | None,
    choices: int | None,
    seed: str | None,
    format_: str | None,
    key: bool,
    student: str | None,
    students: str | None,
    save: str | None,
    plays: bool,
    lists: bool,
) -> int:
    """Exercises with their answers, made from a seed; or the sheets of an assignment, with each student's numbers."""
    if lists:
        width = max(map(len, TOPICS))
        click.echo("".join(f"{name:<{width}}  {topic.doc}\n" for name, topic in TOPICS.items()), nl=False)
        return 0
    if plays and (format_ or key or save):
        raise click.UsageError("--to, --key and --save are for sheets; --play asks here and now")
    problems = Troubles()
    if assignment is not None:
        if topics or level or count or choices:
            raise click.UsageError("--topic, --level, --count and --choices are for exercises that are made")
        made = _of_assignment(assignment, seed, _students(student, students, problems), problems)
    elif student is not None or students is not None:
        raise click.UsageError("students have variants of an assignment; give ASSIGNMENT.toml")
    else:
        made = [_exercises(topics, level or LEVELS[0], count, choices or 0, seed)]
    if problems and not any(sheet.items for sheet in made):
        raise SpecError(problems.kept)
    if plays:
        return _play(made, problems)
    format_ = format_ or "text"
    if students is not None and save is not None and not _is_file(Path(save), format_):
        _save_each(made, format_, Path(save), key=key)
    else:
        _write(made, format_, key=key, save=save)
    problems.tell()
    return EXIT_USAGE if problems else 0


def _exercises(topics: tuple[str, ...], level: int, count: int | None, choices: int, seed: str | None) -> Sheet:
    """Exercises from a seed, which is told if nobody gave it."""
    if seed is None:
        seed = str(secrets.randbelow(10**6))
        talk(f"note: --seed {seed} makes the same exercises again")
    count = count or max(len(topics), 10 if not topics else 1)
    items = quiz.make(seed=seed, topics=topics, level=level, count=count, choices=choices)
    written = [item.id for item in items if not item.parts[0].choices]
    fewer = [item.id for item in items if 0 < len(item.parts[0].choices) < choices]
    if choices and written:
        talk(f"note: a table to fill in has no answers to choose from: {', '.join(written)}")
    if fewer:
        few = f"there are fewer than {choices} answers to choose from, since no more mistakes are known"
        talk(f"note: {few}: {', '.join(fewer)}")
    return Sheet(f"Exercises, seed {seed}", "", items)


def _students(student: str | None, students: str | None, problems: Troubles) -> list[str]:
    """The students whose sheets are asked for; "" is everybody's."""
    if student is not None and students is not None:
        raise click.UsageError("--student is one of them, --students are all")
    if students is None:
        return [student or ""]
    return sheets.students(rows.read(students, problems.add), problems.add)


def _of_assignment(path: str, seed: str | None, students: Sequence[str], problems: Troubles) -> list[Sheet]:
    """The sheets of an assignment."""
    read = assignments.read(path, problems.add)
    if seed is not None:
        read = read._replace(seed=seed)
    varied = [question.id for question in read.questions if any(len(several) > 1 for several in question.vary.values())]
    if varied and not any(students):
        talk(f"note: these are the numbers of nobody; students have their own (--student NAME): {', '.join(varied)}")
    return list(quiz.sheets(read, tracked(students, "sheets"), problems.add))


def _write(made: list[Sheet], format_: str, *, key: bool, save: str | None) -> None:
    """Put the sheets on standard output, or into a file."""
    if len(made) != 1 and format_ in formats.SINGLE:
        raise click.UsageError(f"{format_} holds the sheet of one student: --student NAME, or --save DIRECTORY")
    if save is None and format_ == "text":
        _print(text.render(made, key=key, width=_width()))
        return
    content = formats.render(made, format_, key=key)
    if save is None:
        _print(content)
    else:
        _save(Path(save), content)


def _is_file(path: Path, format_: str) -> bool:
    """Whether a path is called as a file of the format is, so that all sheets go into it."""
    return path.suffix == f".{formats.FORMATS[format_]}" and not path.is_dir()


def _save_each(made: list[Sheet], format_: str, folder: Path, *, key: bool) -> None:
    """A file for each student, called as the student is, as far as files may be."""
    taken: set[str] = set()
    for sheet in tracked(made, "files"):
        path = folder / f"{file_name(sheet.student, taken)}.{formats.FORMATS[format_]}"
        _save(path, formats.render([sheet], format_, key=key))
    talk(files_in(len(made), folder))


def _width() -> int:
    """How long a line may be: no longer than the terminal is wide, nor than reads well."""
    return min(text.WIDTH, shutil.get_terminal_size().columns) if sys.stdout.isatty() else text.WIDTH


def _print(content: str | bytes) -> None:
    """On standard output; a zip is nothing for a terminal."""
    if isinstance(content, str):
        click.echo(_printable(content), nl=False)
    elif sys.stdout.isatty():
        raise click.UsageError("a zip is no text: --save FILE.zip, or send it into a file")
    else:
        sys.stdout.buffer.write(content)


def _printable(said: str) -> str:
    """The text in signs that standard output has."""
    return said if can_be_printed(said) else said.translate(ASCII)


def _save(path: Path, content: str | bytes) -> None:
    """Into a file, whose directory is made if need be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(errors="replace"))
    except OSError as error:
        raise click.UsageError(f"cannot write to {str(path)!r}: {error.strerror}") from None


def _play(made: list[Sheet], problems: Troubles) -> int:
    """Ask the questions of a sheet, and tell which are left out."""
    if len(made) != 1:
        raise click.UsageError("--play is for one student: --student NAME")
    problems.tell()
    terminal = play.Terminal(_ask, lambda said: click.echo(_printable(said), nl=False), _width())
    score = play.play(made[0].items, terminal)
    if score.interrupted:
        return EXIT_INTERRUPTED
    return EXIT_USAGE if problems else 0


def _ask(prompt: str) -> str:
    """What is typed; a terminal's line editing is at hand where there is one."""
    click.echo(prompt, nl=False)
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    if not sys.stdin.isatty():
        click.echo(line, nl=False)
    return line
