"""The command line: one file a command, imported when it is asked for."""

from __future__ import annotations

import codecs
import gc
import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, Final, NoReturn

# A command lives a tenth of a second and makes no garbage worth collecting; looking for it took a fifteenth of that.
gc.disable()

import click  # noqa: E402

from cnncalc import __version__  # noqa: E402
from cnncalc.spec.source import Problem, SpecError, did_you_mean, draw  # noqa: E402

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# Each command with what the help says of it. A module of the same name holds it, as `command`.
COMMANDS: Final = {
    "show": "Shapes, parameters, receptive field, multiply-adds and memory, layer by layer.",
    "explain": "The working: every formula with its numbers put in.",
    "solve": "Every value of the `?`s in a spec that fits its answers.",
    "check": "Whether answers are right, and which mistake each wrong one is.",
    "grade": "The answers of a class: points, mistakes, and what was missed most.",
    "quiz": "Exercises with their answers, for paper, for learning platforms, or to play.",
    "run": "The forward pass on numbers that you give, with every sum written out if you like.",
    "verify": "Run the network on integers, and hold the table against what happened.",
    "compare": "Networks side by side: totals, stages by their resolution, and differences from the first.",
    "reconcile": "Which convention, of which tool, gives a number.",
    "layers": "What the language knows: the kinds of layers and their arguments.",
    "specs": "The shipped networks.",
}
QUOTES: Final = 'a spec with spaces stands in quotes: cnncalc "conv 32 3x3; pool 2x2"'
# Of the problems in files so many are told one by one: more than a class has rows, and no more than anybody reads.
MOST_TOLD: Final = 1000
EXIT_WRONG: Final = 1
EXIT_USAGE: Final = 2
EXIT_BUG: Final = 70
EXIT_INTERRUPTED: Final = 130


class Commands(click.Group):
    """Loads a command when it is named; anything else that stands first is a spec, and is shown."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"cnncalc.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The commands with their sentences, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """`cnncalc SPEC` is `cnncalc show SPEC`."""
        if args and args[0] not in COMMANDS and args[0] not in {"--help", "-h", "--version"}:
            args = ["show", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands, and what `show` takes as its spec."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  only completion needs it

        from cnncalc.cli.options import complete_spec  # noqa: PLC0415

        commands = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return [*commands, *complete_spec(ctx, None, incomplete)]


@click.group(
    cls=Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`cnncalc SPEC` is short for `cnncalc show SPEC`. SPEC is a file, `-` for standard input, a shipped "
    'network (`vgg16`), or the network itself: cnncalc "conv 32 3x3 s1 same; pool 2x2".',
)
@click.version_option(__version__, message="cnncalc %(version)s")
def command() -> None:
    """Calculate convolutional networks without a deep-learning framework."""


def entry() -> NoReturn:
    """Run the command line and end the process at once.

    To take the modules apart in order, as Python does otherwise, takes a seventh of the time of a command.
    """
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)


def main(arguments: list[str]) -> int:
    """Run the command line; the exit code: 0 done, 1 an answer is wrong, 2 not possible, 70 a bug, 130 interrupted."""
    codecs.register_error("signs", _spelt_out)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="signs")
    debug = "--debug" in arguments
    return _run([argument for argument in arguments if argument != "--debug"], debug=debug)


def talk(text: str) -> None:
    """Say something on standard error.

    click writes to the stream that it is given, which spells out what it has no characters for; by `err=True` it
    would write UTF-8 to a stream of ASCII.
    """
    click.echo(text, file=sys.stderr)


class Troubles:
    """What is wrong with files, to be told at the end: a bounded number of problems, and how many more there are."""

    def __init__(self) -> None:
        """Start with none."""
        self.kept: list[Problem] = []
        self.further = 0

    def add(self, problem: Problem) -> None:
        """Keep a problem; where there are too many, count it."""
        if len(self.kept) < MOST_TOLD:
            self.kept.append(problem)
        else:
            self.further += 1

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.kept) + self.further

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.kept)

    def tell(self) -> None:
        """Say all of it on standard error."""
        for problem in self.kept:
            talk(draw(problem))
        if self.further:
            talk(f"and {self.further:,} further problems")


def _spelt_out(error: UnicodeError) -> tuple[str, int]:
    """What is printed for characters that the output does not have: `*` for a dot, `-` for a minus sign, else `?`."""
    from cnncalc.written import ASCII  # noqa: PLC0415  few terminals need it

    assert isinstance(error, UnicodeEncodeError)  # only what is written can fail
    text = error.object[error.start : error.end].translate(ASCII)
    return text.encode("ascii", "replace").decode(), error.end


def _run(arguments: list[str], *, debug: bool) -> int:
    """The exit code of a command; what went wrong goes to standard error."""
    try:
        code: Any = command.main(arguments, prog_name="cnncalc", standalone_mode=False)
        sys.stdout.flush()
    except SpecError as error:
        talk(str(error))
        return EXIT_USAGE
    except click.UsageError as error:
        _show_usage_error(error, arguments)
        return EXIT_USAGE
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return EXIT_USAGE
    except (KeyboardInterrupt, click.Abort):
        return EXIT_INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # The reader has gone: `cnncalc vgg16 | head`. click makes an exit with 1 of it, which would be a wrong answer.
        return 0
    except OSError as error:
        # What is read tells of itself; this is an output on a full disk, or the like.
        talk(f"cannot write: {error.strerror or error}")
        return EXIT_USAGE
    except Exception as error:
        if debug:
            raise
        kind = type(error).__name__
        talk(f"cnncalc has a bug: {kind}: {error}. Run it again with --debug to see where.")
        return EXIT_BUG
    return code if isinstance(code, int) else 0


def _show_usage_error(error: click.UsageError, arguments: list[str]) -> None:
    """A mistake on the command line; the commonest are an unquoted spec and a misspelt command."""
    error.show(file=sys.stderr)
    if "extra argument" in error.message:
        hint = "" if arguments[0] in COMMANDS else did_you_mean(arguments[0], COMMANDS)
        talk(f"hint: {hint or QUOTES}")
