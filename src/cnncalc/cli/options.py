"""Options that several commands share, grouped into one frozen request."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import click

from cnncalc import library, report
from cnncalc.cli import COMMANDS, talk
from cnncalc.infer import DTYPES
from cnncalc.layers import ALIASES
from cnncalc.prose import counted
from cnncalc.report import LAYOUTS, Report
from cnncalc.spec import source
from cnncalc.spec.expand import Options
from cnncalc.spec.source import Source, did_you_mean
from cnncalc.views import FORMATS, render_table
from cnncalc.views import columns as known_columns
from cnncalc.views.table import Table

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_T = TypeVar("_T")

COLORS: Final = {"auto": None, "always": True, "never": False}
# Formats that programs read.
DATA_FORMATS: Final = ("plain", "tsv", "csv")
# Of the file that is called as a student is, in bytes.
LONGEST_NAME: Final = 200
# Names that are no files on Windows, whatever is behind a dot.
DEVICES: Final = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


class Choice(click.Choice):  # type: ignore[type-arg]  # generic only since click 8.2
    """A choice that suggests the value which was probably meant."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value, or an error with a suggestion."""
        choices = [str(choice) for choice in self.choices]
        if value not in choices:
            hint = did_you_mean(str(value), choices) or f"choose from {', '.join(choices)}"
            self.fail(f"{value!r} is not one of the choices; {hint}", param, ctx)
        return value


class Request(NamedTuple):
    """What a user asks about which network."""

    spec: str
    input: str | None
    set: tuple[str, ...]
    layout: str
    strict: bool
    batch: int = 1
    dtype: str = "float32"

    @property
    def options(self) -> Options:
        """What is given in place of the spec's own input and params."""
        return Options(None if self.input is None else Source("--input", self.input), dict(map(_setting, self.set)))

    @property
    def settings(self) -> dict[str, Any]:
        """How the numbers are to be counted and shown."""
        return {"strict": self.strict, "batch": self.batch, "dtype": self.dtype, "layout": self.layout}

    def report(self, text: Source | None = None) -> Report:
        """The report on the network, or on the `text` of it that has been read already. Raises `SpecError`."""
        return report.analyze_source(text or read(self.spec), self.options, **self.settings)


class Output(NamedTuple):
    """How the answer is to look."""

    format: str
    color: bool | None

    def write(self, table: Table, data: Callable[[], Any]) -> None:
        """Put a table, or the data behind it as JSON, on standard output.

        What has no place in a format for programs (notes, wrong answers) goes to standard error.
        """
        if self.format == "table":
            from cnncalc.views import terminal  # noqa: PLC0415  rich takes as long as all the rest

            dropped = terminal.print_table(table, color=self.color)
            if dropped:
                talk(f"this terminal is too narrow for {', '.join(dropped)}")
        elif self.format == "json":
            from cnncalc.views import json  # noqa: PLC0415

            click.echo(json.render(data()), nl=False)
        else:
            click.echo(render_table(table, self.format), nl=False)
            if self.format in DATA_FORMATS:
                sys.stdout.flush()
                for remark in table.remarks:
                    talk(f"{remark.mark}: {remark.text}")


def read(spec: str) -> Source:
    """The source that a word on the command line means; `-` is standard input."""
    if spec == "-":
        return source.decode("standard input", sys.stdin.buffer.read(source.LONGEST_SOURCE + 1))
    try:
        spec.encode()
    except UnicodeEncodeError:
        raise click.UsageError("the spec is not UTF-8 text") from None
    return report.find(spec, COMMANDS)


def watched(what: str, total: int) -> Any:
    """A bar for long work where standard error is a terminal, so that somebody may watch it; else nothing.

    What comes out of it is called with how much more is done of `total`.
    """
    if not sys.stderr.isatty():
        return nullcontext(lambda more, text=None: None)  # noqa: ARG005
    from cnncalc.views import terminal  # noqa: PLC0415  rich takes as long as all the rest

    return terminal.progress(what, total)


def tracked(items: Sequence[_T], what: str) -> Iterator[_T]:
    """The items one by one, with a bar where somebody watches."""
    with watched(what, len(items)) as advance:
        for item in items:
            yield item
            advance(1)


def can_be_printed(text: str) -> bool:
    """Whether standard output has the characters."""
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return False
    return True


def _setting(text: str) -> tuple[str, Source]:
    """`NAME=VALUE`."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise click.UsageError(f"--set takes NAME=VALUE, found {text!r}")
    return name.strip(), Source(f"--set {name.strip()}", value.strip())


def complete_spec(ctx: click.Context, param: click.Parameter | None, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Shipped networks, kinds, and files."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415  only completion needs it

    words = [*library.names(), *ALIASES]
    items = [CompletionItem(word) for word in words if word.startswith(incomplete)]
    return [*items, CompletionItem(incomplete, type="file")]


def complete_kind(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001
    """Kinds and their aliases, and the word for the named kernels."""
    return [word for word in (*ALIASES, "kernels") if word.startswith(incomplete)]


def complete_network(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001
    """Shipped networks."""
    return [name for name in library.names() if name.startswith(incomplete)]


def complete_columns(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001
    """Columns, behind those that are named already."""
    before, comma, last = incomplete.rpartition(",")
    sign = last[:1] if last[:1] in {"+", "-"} else ""
    return [f"{before}{comma}{sign}{name}" for name in known_columns.COLUMNS if name.startswith(last[len(sign) :])]


_ONE: Final = click.argument("spec", shell_complete=complete_spec)
_SEVERAL: Final = click.argument("spec", nargs=-1, required=True, metavar="SPEC SPEC...", shell_complete=complete_spec)
_NETWORK: Final = (
    click.option("--input", metavar="SIZE", help="The size that goes in, as in 224x224x3."),
    click.option("--set", multiple=True, metavar="NAME=VALUE", help="Give one of the spec's params a value."),
)
_COUNTED: Final = (
    click.option("--batch", type=click.IntRange(1, 10**9), default=1, help="Examples in a batch."),
    click.option("--dtype", type=Choice(list(DTYPES)), default="float32", help="Type of a value."),
)
_SHOWN: Final = (
    click.option("--layout", type=Choice(LAYOUTS), default=LAYOUTS[0], help="Order of printed dimensions."),
    click.option("--strict", is_flag=True, help="Windows that do not tile, and the like, are errors."),
)


def takes_spec(function: Callable[..., Any]) -> Callable[..., Any]:
    """SPEC and the options that say what of it is meant; the command gets them as `request`."""
    return group(Request, Request._fields, "request", [_ONE, *_NETWORK, *_COUNTED, *_SHOWN], function)


def takes_network(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same where no bytes are counted: without a batch and a type."""
    fields = tuple(name for name in Request._fields if name not in Request._field_defaults)
    return group(Request, fields, "request", [_ONE, *_NETWORK, *_SHOWN], function)


def takes_specs(function: Callable[..., Any]) -> Callable[..., Any]:
    """Several SPECs, and the options, which hold for each; the command gets them as `requests`."""
    options = [_SEVERAL, *_NETWORK, *_COUNTED, *_SHOWN]
    return group(_requests, Request._fields, "requests", options, function)


def _requests(spec: tuple[str, ...], **settings: Any) -> tuple[Request, ...]:
    """A request for each spec."""
    if spec.count("-") > 1:
        raise click.UsageError("`-` is standard input, which can be read only once")
    return tuple(Request(each, **settings) for each in spec)


def takes_output(function: Callable[..., Any], also: Iterable[str] = ()) -> Callable[..., Any]:
    """`--format` and `--color`; the command gets them as `output`. `also` are formats that only this one has."""
    return group(
        _output,
        Output._fields,
        "output",
        [
            click.option(
                "--format", type=Choice([*FORMATS, *also]), help="Default: table on a terminal, plain at a pipe."
            ),
            click.option("--color", type=Choice(COLORS), default="auto", help="When to use colour."),
        ],
        function,
    )


def _output(format: str | None, color: str) -> Output:  # noqa: A002  the name of the option
    """The words of the options as an `Output`."""
    return Output(format or ("table" if sys.stdout.isatty() else "plain"), COLORS[color])


def group(
    made: Callable[..., Any],
    fields: tuple[str, ...],
    name: str,
    options: Iterable[Callable[..., Any]],
    function: Callable[..., Any],
) -> Callable[..., Any]:
    """Options of click, called `fields`, that reach the command as one frozen value."""

    @wraps(function)
    def wrapped(**values: Any) -> Any:
        grouped = {key: values.pop(key) for key in fields}
        return function(**{name: made(**grouped)}, **values)

    decorated: Callable[..., Any] = wrapped
    for option in reversed(list(options)):
        decorated = option(decorated)
    return decorated


def files_in(number: int, folder: object) -> str:
    """Where the files are that were written."""
    return f"{counted(number, 'file')} {'is' if number == 1 else 'are'} in {folder}"


def file_name(student: str, taken: set[str]) -> str:
    """A name for a student's file that no other student has, and that leads nowhere else on any system."""
    base = re.sub(r"[^\w@.+-]", "_", student).lstrip(".-") or "_"
    if base.partition(".")[0].lower() in DEVICES:
        base = f"_{base}"
    base = base.encode()[:LONGEST_NAME].decode(errors="ignore")
    names = itertools.chain([base], (f"{base}-{number}" for number in itertools.count(2)))
    name = next(name for name in names if name.lower() not in taken)
    taken.add(name.lower())
    return name
