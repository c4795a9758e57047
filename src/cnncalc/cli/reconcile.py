"""`cnncalc reconcile SPEC [NUMBER]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

import click

from cnncalc import library
from cnncalc.cli import EXIT_WRONG
from cnncalc.cli.options import Choice, Output, Request, read, takes_output, takes_spec
from cnncalc.counting import conventions
from cnncalc.counting.conventions import QUANTITIES, Network
from cnncalc.counting.reconcile import reconcile
from cnncalc.spec.source import SpecError
from cnncalc.views import reconciled

_VERSION: Final = re.compile(r"_?v\d(?=_|$)")
# So many networks of a similar name are tried.
MOST_RELATED = 12


@click.command("reconcile")
@takes_spec
@click.argument("number", required=False)
@click.option("--quantity", type=Choice(QUANTITIES), help="What the number is; guessed from it if left out.")
@takes_output
def command(request: Request, output: Output, number: str | None, quantity: str | None) -> int:
    """Which convention, of which tool, gives NUMBER for a network.

    NUMBER is exact or rounded: 25557032, 4.12G, "4.12 GFLOPs", 98MB. Without it all conventions are listed. If
    none gives the number, the nearest are shown, with what may explain the difference, and the exit code is 1.
    """
    text = read(request.spec)
    report = request.report(text)
    header = library.header(text.text)

    def vary(*, input: str | None = None, set: Mapping[str, str] | None = None) -> Network | None:  # noqa: A002
        settings = (*request.set, *[f"{name}={value}" for name, value in (set or {}).items()])
        other = request._replace(input=input or request.input, set=settings, strict=False)
        try:
            return conventions.network(other.report(text), header)
        except SpecError:
            return None

    try:
        network = conventions.network(report, header)
        wanted = None if number is None else conventions.read(number, quantity)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if wanted is None:
        known = [each for each in conventions.conventions(network) if quantity in {None, each.quantity}]
        output.write(reconciled.of_conventions(report, known), lambda: reconciled.conventions_to_dict(report, known))
        return 0
    result = reconcile(wanted, network, vary, _related(request, text.name))
    output.write(reconciled.of_result(report, result), lambda: reconciled.to_dict(report, result))
    return 0 if result.matches else EXIT_WRONG


def _related(request: Request, network: str) -> Iterator[tuple[str, Network]]:
    """Shipped networks whose name has that of this one in it, or the other way round, the likeliest first.

    Versions are no difference: the ResNet-50 of its paper is `resnet_v1_50`.
    """
    own = _stem(network)
    others = [name for name in library.names() if name != network and "family" not in library.about(name)]
    names = [name for name in others if _similar(own, _stem(name))]
    names.sort(key=lambda name: (_stem(name) != own, "/" in name, len(name)))
    for name in islice(names if network in library.names() else [], MOST_RELATED):
        text = library.read(name)
        report = request._replace(input=None, set=(), strict=False).report(text)
        yield name, conventions.network(report, library.header(text.text))


def _stem(name: str) -> str:
    """The name without its folder and its version."""
    return library.plain(_VERSION.sub("", name.rpartition("/")[2]))


def _similar(one: str, other: str) -> bool:
    return one in other or other in one
