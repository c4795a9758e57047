"""`cnncalc specs [WORD]`: the shipped networks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

import click

from cnncalc import infer, library, report
from cnncalc.cli.options import Choice, Output, complete_network, group, takes_output, tracked
from cnncalc.homework.answers import as_json
from cnncalc.homework.reading import read_number
from cnncalc.spec.expand import Options
from cnncalc.spec.source import Source, did_you_mean, quote
from cnncalc.views import plot
from cnncalc.views.table import Heading, Table

# What networks are sorted by, and asked for in a range.
NUMBERS: Final = ("year", "params", "macs", "top1")
TITLES: Final = ("macs", "params")


class Size(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.4
    """A number such as 10M."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number."""
        number = read_number(str(value))
        if number is None:
            self.fail(f"{value!r} is no number; write it as 10M, 4.1G or 25557032", param, ctx)
        return number.values[0]


class Filter(NamedTuple):
    """Which networks are listed, and in which order."""

    min_year: Any
    max_year: Any
    min_params: Any
    max_params: Any
    min_macs: Any
    max_macs: Any
    min_top1: Any
    max_top1: Any
    sort: str
    descending: bool

    def applied(self, networks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The networks in the ranges, in order; what has no such number is in no range of it, and stands last."""
        kept = [network for network in networks if all(self._holds(network[name], name) for name in NUMBERS)]
        stated = [network for network in kept if network[self.sort] is not None]
        silent = [network for network in kept if network[self.sort] is None]
        return [*sorted(stated, key=lambda network: network[self.sort], reverse=self.descending), *silent]

    def _holds(self, number: Any, name: str) -> bool:
        least, most = getattr(self, f"min_{name}"), getattr(self, f"max_{name}")
        if number is None:
            return least is None and most is None
        return (least is None or number >= least) and (most is None or number <= most)


def takes_filter(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a `Filter`; the command gets them as `wanted`."""
    ranges = [
        click.option(f"--{end}-{name}", type=Size(), metavar="N", help=f"Only with {least} this {what}.")
        for name, what in zip(NUMBERS, ("year", "many parameters", "many macs", "top-1 accuracy"), strict=True)
        for end, least in (("min", "at least"), ("max", "at most"))
    ]
    sort = click.option("--sort", type=Choice(["name", *NUMBERS]), default="name", help="By what they are ordered.")
    descending = click.option("--descending", is_flag=True, help="The largest first.")
    return group(Filter, Filter._fields, "wanted", [*ranges, sort, descending], function)


@click.command("specs")
@click.argument("word", required=False, shell_complete=complete_network)
@takes_filter
@click.option("--families", is_flag=True, help="The families, each as its first member, in place of the members.")
@click.option("--plot", "plotted", is_flag=True, help="Draw parameters over macs, in place of the table.")
@takes_output
def command(word: str | None, wanted: Filter, output: Output, *, families: bool, plotted: bool) -> None:
    """The shipped networks, or with WORD those that have it in their name or title.

    A file that other networks share, as `resnet`, is a family; the networks are its members.
    """
    known = [name for name in library.names() if ("family" in library.about(name)) == families]
    names = [name for name in known if word is None or library.is_about(name, word)]
    if not names:
        hint = did_you_mean(str(word), known) or "`cnncalc specs` lists all"
        what = "family" if families else "network"
        raise click.UsageError(f"no shipped {what} has {quote(str(word))} in its name or title; {hint}")
    with report.collection_paused():
        networks = wanted.applied([described(name, library.read(name)) for name in tracked(names, "networks")])
    if not networks:
        raise click.UsageError("no shipped network is in that range; `cnncalc specs` lists all")
    dots = points(networks)
    if plotted and output.format not in {"table", "plain", "html"}:
        raise click.UsageError("--plot draws on a terminal and in html")
    if plotted and not dots:
        raise click.UsageError("none of these networks has both parameters and macs")
    if plotted and output.format != "html":
        click.echo(plot.text(dots, TITLES, shutil.get_terminal_size().columns), nl=False)
        return
    drawing = plot.svg(dots, TITLES) if dots and output.format == "html" else ""
    output.write(of_networks(networks)._replace(drawing=drawing), lambda: networks)


def described(name: str, text: Source) -> dict[str, Any]:
    """A network as JSON has it."""
    about = library.header(text.text)
    graph = report.build(text, Options(None, {}))
    totals = infer.count(graph)
    return {
        "name": name,
        "title": about.get("title"),
        "year": int(about["year"]) if "year" in about else None,
        "authors": about.get("authors"),
        "paper": about.get("paper"),
        "source": about.get("source"),
        "top1": float(about["top1"]) if "top1" in about else None,
        "input": as_json(graph.nodes[0].shape),
        "params": as_json(totals.params),
        "non_trainable": as_json(totals.non_trainable),
        "macs": as_json(totals.macs),
        "layers": len(graph.nodes) - 1,
    }


def points(networks: list[dict[str, Any]]) -> list[plot.Point]:
    """The networks as points of macs and params; what has none of either has no place on a logarithmic axis."""
    numbers = [(network["name"], network["macs"], network["params"]) for network in networks]
    return [plot.Point(name, macs, params) for name, macs, params in numbers if macs and params]


def of_networks(networks: list[dict[str, Any]]) -> Table:
    """A row a network."""
    headings = (
        Heading("name", "name"),
        Heading("year", "year", align="right", rank=1),
        Heading("input", "input", align="right", rank=2),
        Heading("params", "params", align="right"),
        Heading("macs", "macs", align="right"),
        Heading("top1", "top-1", align="right", rank=1),
        Heading("title", "network", rank=3, folds=True),
    )
    rows = tuple(
        (
            network["name"],
            None if network["year"] is None else str(network["year"]),
            "x".join(map(str, network["input"])),
            network["params"],
            network["macs"],
            None if network["top1"] is None else f"{network['top1']:.1f}",
            network["title"],
        )
        for network in networks
    )
    return Table(headings, rows, title="Networks")
