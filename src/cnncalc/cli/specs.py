"""`cnncalc specs [WORD]`: the shipped networks."""

from __future__ import annotations

from typing import Any

import click

from cnncalc import library, report
from cnncalc.cli.options import Output, complete_network, takes_output
from cnncalc.homework.answers import as_json
from cnncalc.report import Report
from cnncalc.spec.source import did_you_mean, quote
from cnncalc.views.table import Heading, Table


@click.command("specs")
@click.argument("word", required=False, shell_complete=complete_network)
@takes_output
def command(word: str | None, output: Output) -> None:
    """The shipped networks, or with WORD those that have it in their name or title."""
    names = [name for name in library.names() if word is None or _is_about(name, word)]
    if not names:
        hint = did_you_mean(str(word), library.names()) or "`cnncalc specs` lists all"
        raise click.UsageError(f"no shipped network has {quote(str(word))} in its name or title; {hint}")
    networks = [described(name, report.analyze(name)) for name in names]
    output.write(of_networks(networks), lambda: networks)


def _is_about(name: str, word: str) -> bool:
    return word.lower() in f"{name} {library.about(name).get('title', '')}".lower()


def described(name: str, network: Report) -> dict[str, Any]:
    """A network as JSON has it."""
    about = library.about(name)
    return {
        "name": name,
        "title": about.get("title"),
        "year": int(about["year"]) if "year" in about else None,
        "authors": about.get("authors"),
        "paper": about.get("paper"),
        "source": about.get("source"),
        "input": as_json(network.input),
        "params": as_json(network.totals.params),
        "non_trainable": as_json(network.totals.non_trainable),
        "macs": as_json(network.totals.macs),
        "layers": len(network.records),
    }


def of_networks(networks: list[dict[str, Any]]) -> Table:
    """A row a network."""
    headings = (
        Heading("name", "name"),
        Heading("year", "year", align="right", rank=1),
        Heading("input", "input", align="right", rank=2),
        Heading("params", "params", align="right"),
        Heading("macs", "macs", align="right"),
        Heading("title", "network", rank=3, folds=True),
    )
    rows = tuple(
        (
            network["name"],
            None if network["year"] is None else str(network["year"]),
            "x".join(map(str, network["input"])),
            network["params"],
            network["macs"],
            network["title"],
        )
        for network in networks
    )
    return Table(headings, rows)
