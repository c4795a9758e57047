"""Networks side by side: their totals, and their stages at each resolution, against the first of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log2
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnncalc.algebra import Number, larger, product, whole
from cnncalc.homework.answers import as_json
from cnncalc.report import Report
from cnncalc.spec.source import did_you_mean, quote

if TYPE_CHECKING:
    from fractions import Fraction

# What is compared of whole networks.
QUANTITIES: Final[dict[str, Callable[[Report], Number]]] = {
    "layers": lambda report: len(report.records),
    "params": lambda report: report.totals.params,
    "non_trainable": lambda report: report.totals.non_trainable,
    "macs": lambda report: report.totals.macs,
    "flops": lambda report: report.totals.flops,
    "activations": lambda report: report.totals.activations,
    "memory": lambda report: report.activation_bytes(report.totals.activations),
    "param_memory": lambda report: report.param_bytes(report.totals.params_with_non_trainable),
    "training_memory": lambda report: report.training()["adam"]["total"],
}


class Stage(NamedTuple):
    """The layers of a network whose maps have the same extents, wherever they stand in it.

    `channels` are those of the widest of them. A vector has no extents.
    """

    extents: tuple[Number, ...]
    layers: int
    channels: Number
    params: Number
    macs: Number


STAGE_QUANTITIES: Final = Stage._fields[1:]


def stages(report: Report, *, relative: bool = False) -> dict[tuple[Number, ...], Stage]:
    """The stages of a network by their extents, in the order in which it comes to them.

    `relative`: by how many times the image was halved, so that maps of nearly one size are one stage.
    """
    found: dict[tuple[Number, ...], Stage] = {}
    for record in report.records:
        extents = record.output.extents
        key = halvings(report, extents) if relative else extents
        before = found.get(key, Stage(extents, 0, 0, 0, 0))
        found[key] = Stage(
            before.extents,
            before.layers + 1,
            larger(before.channels, record.output.channels),
            before.params + record.params,
            before.macs + record.macs,
        )
    return found


def are_relative(networks: Sequence[Report]) -> bool:
    """Whether stages have to be compared relative to the image: there are images of different sizes."""
    images = {network.graph.nodes[0].shape.extents for network in networks}
    return len(images) > 1 and all(image and all(isinstance(extent, int) for extent in image) for image in images)


def halvings(report: Report, extents: tuple[Number, ...]) -> tuple[Number, ...]:
    """How many times the image was halved along an axis, on average and about; a vector has no such number."""
    image = report.graph.nodes[0].shape.extents
    if not extents:
        return ()
    return (round(log2(whole(product(image))) / len(image) - log2(whole(product(extents))) / len(extents)),)


def resolutions(networks: Sequence[Report], *, relative: bool = False) -> list[tuple[Number, ...]]:
    """The keys of all stages of all networks, the largest first; formulas stay in the order of the networks."""
    found = list(dict.fromkeys(key for network in networks for key in stages(network, relative=relative)))
    if relative:
        return sorted(found, key=lambda key: (not key, key))
    if any(not isinstance(extent, int) for extents in found for extent in extents):
        return found
    return sorted(found, key=lambda extents: (whole(product(extents)), len(extents)), reverse=True)


def difference(first: Number, other: Number) -> tuple[Number, str | None]:
    """How much more the other is, and in percent, to a tenth and with a sign; None where there is no percentage.

    >>> difference(200, 211)
    (11, '+5.5')
    """
    more = other - first
    if not isinstance(more, int) or not isinstance(first, int) or first == 0:
        return more, None
    tenths = (abs(more) * 2000 + first) // (2 * first)
    sign = "-" if more < 0 else "+"
    return more, f"{sign}{tenths // 10}.{tenths % 10}" if tenths else "0.0"


class Limit(NamedTuple):
    """By how many percent a quantity of a network may exceed that of the first."""

    quantity: str
    percent: Fraction

    def excess(self, first: Report, other: Report) -> bool:
        """Whether the other exceeds it. Raises `ValueError` where the numbers are formulas."""
        limit, value = (QUANTITIES[self.quantity](report) for report in (first, other))
        if not isinstance(limit, int) or not isinstance(value, int):
            raise ValueError(f"whether {self.quantity} exceeds a limit is not known for symbols")
        return value * 100 > limit * (100 + self.percent)


def limit(text: str) -> Limit:
    """The limit that `params=5%` states. Raises `ValueError` with a message."""
    name, _, percent = text.partition("=")
    quantity = name.strip().lower().replace("-", "_")
    if quantity not in QUANTITIES:
        hint = did_you_mean(quantity, QUANTITIES) or f"one of {', '.join(QUANTITIES)}"
        raise ValueError(f"unknown quantity {quote(name)}; {hint}")
    number = percent.strip().removesuffix("%")
    if not percent.strip().endswith("%") or not number.replace(".", "", 1).isdecimal() or len(number) > 20:
        raise ValueError(f"a limit is written {quantity}=5%, found {quote(text)}")
    from fractions import Fraction  # noqa: PLC0415  takes milliseconds that only limits need

    return Limit(quantity, Fraction(number))


def to_dict(networks: Sequence[Report], limits: Sequence[Limit]) -> dict[str, Any]:
    """The comparison as JSON has it."""
    first, *others = networks
    return {
        "networks": [
            {
                "spec": network.spec,
                "input": as_json(network.input),
                "output": as_json(network.output),
                "totals": {name: as_json(value(network)) for name, value in QUANTITIES.items()},
                "stages": [
                    {
                        "resolution": as_json(stage.extents),
                        **{key: as_json(getattr(stage, key)) for key in STAGE_QUANTITIES},
                    }
                    for stage in stages(network).values()
                ],
            }
            for network in networks
        ],
        "differences": [
            {
                "spec": other.spec,
                **{name: _difference(value(first), value(other)) for name, value in QUANTITIES.items()},
            }
            for other in others
        ],
        "limits": [
            {
                "quantity": each.quantity,
                "percent": float(each.percent),
                "exceeded_by": [other.spec for other in others if each.excess(first, other)],
            }
            for each in limits
        ],
        "passed": passed(networks, limits),
    }


def _difference(first: Number, other: Number) -> dict[str, Any]:
    more, percent = difference(first, other)
    return {"absolute": as_json(more), "percent": None if percent is None else float(percent)}


def passed(networks: Sequence[Report], limits: Sequence[Limit]) -> bool:
    """Whether no limit is exceeded, and no network states a wrong answer."""
    first, *others = networks
    exceeded = any(each.excess(first, other) for each in limits for other in others)
    return not exceeded and all(network.passed for network in networks)
