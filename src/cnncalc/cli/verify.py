"""`cnncalc verify SPEC`: the network runs, and the table is held against what happened."""

from __future__ import annotations

import os
from typing import Any, Final

import click

from cnncalc.algebra import whole
from cnncalc.cli import EXIT_WRONG, talk
from cnncalc.cli.options import Output, Request, takes_output, takes_spec, watched
from cnncalc.forward import verify
from cnncalc.forward.verify import Line
from cnncalc.forward.workers import Workers
from cnncalc.homework.answers import as_json
from cnncalc.prose import counted
from cnncalc.report import Report
from cnncalc.shapes import Shape, join
from cnncalc.views.network import guides
from cnncalc.views.table import Heading, Remark, Table, printable

# A run that takes longer is announced.
LONG: Final = 60
MOST_JOBS: Final = 64


@click.command("verify")
@takes_spec
@click.option("--quick", is_flag=True, help="Try every layer on a small scale, and do not run the network whole.")
@click.option("--seed", type=click.IntRange(0, 2**64), default=0, help="What the weights and the image come from.")
@click.option("--jobs", type=click.IntRange(1, MOST_JOBS), help="Processes; as many as there are cores if left out.")
@takes_output
def command(request: Request, output: Output, seed: int, *, quick: bool, jobs: int | None) -> int:
    """Run the network on made-up integers, and hold the table against what happened.

    The shape that each layer puts out, the learnt values that it uses, the products that it sums, and the pixels
    that matter to each position.

    SPEC is a file, `-` for standard input, a shipped network (`vgg16`), or the network itself.
    """
    report = request.report()
    jobs = jobs or min(os.cpu_count() or 1, MOST_JOBS)
    try:
        verify.check_possible(report, quick=quick)
    except verify.ImpossibleError as error:
        raise click.UsageError(str(error)) from None
    seconds = 0 if quick else verify.seconds(report, jobs)
    if seconds > LONG:
        talk(f"this takes about {seconds / LONG:,.0f} minutes; --quick takes seconds")
    lines = verified(report, seed, jobs, quick=quick)
    output.write(table(report, lines, seed, quick=quick), lambda: data(report, lines, seed, quick=quick))
    return EXIT_WRONG if lines[-1:] and lines[-1].difference else 0


def verified(report: Report, seed: int, jobs: int, *, quick: bool) -> list[Line]:
    """What was found of each layer, with a bar on a terminal while it is sought."""
    layers, products = len(report.records), 0 if quick else whole(report.totals.macs)
    lines = []
    with (
        watched("products" if products else "layers", products or layers) as advance,
        Workers(jobs, advance if products else None) as workers,
    ):
        for line in verify.verify(report, seed=seed, quick=quick, workers=workers):
            lines.append(line)
            advance(0 if products else 1, f"layer {len(lines)} of {layers}")
    return lines


def table(report: Report, lines: list[Line], seed: int, *, quick: bool) -> Table:
    """A row a layer, and the verdict."""
    headings = (
        Heading("name", "name", folds=True),
        Heading("input", "input", align="right", rank=3),
        Heading("output", "output", align="right"),
        Heading("learnt", "learnt values", align="right", rank=1),
        Heading("products", "products", align="right"),
        Heading("places", "places", align="right", rank=4),
        Heading("seen", "seen whole", align="right", rank=2),
        Heading("verdict", "verdict"),
    )
    rows = tuple(
        (
            line.record.name,
            ",".join(join(report.dims(shape)) for shape in line.inputs),
            join(report.dims(line.output)),
            line.learnt,
            line.products,
            line.places,
            line.seen,
            verdict(line),
        )
        for line in lines
    )
    sums = (sum(getattr(line, name) for line in lines) for name in ("learnt", "products", "places", "seen"))
    return Table(
        headings,
        rows,
        totals=("total", None, None, *sums, None),
        guides=guides([line.record.node.branch for line in lines]),
        title=printable(f"verify {' '.join(report.spec.split())}"),
        summary=(_how(report, seed, quick=quick),),
        remarks=(remark(lines, quick=quick),),
    )


def _how(report: Report, seed: int, *, quick: bool) -> tuple[tuple[str, str], ...]:
    """What ran; an image is told of if the fields were not followed in the whole one."""
    image, followed = report.graph.nodes[0].shape, verify.of_fields(report, quick=quick).nodes[0].shape
    fields = () if followed == image else (("fields", f"in an image of {join(report.dims(followed))}"),)
    return ("seed", str(seed)), ("layers", "each on a small scale" if quick else "whole"), *fields


def verdict(line: Line) -> str:
    """One word on a layer."""
    return "wrong" if line.difference else "right"


def remark(lines: list[Line], *, quick: bool) -> Remark:
    """The verdict in a sentence; the first difference, if there is one."""
    if lines and lines[-1].difference:
        return Remark("wrong", printable(lines[-1].difference.text))
    scale = ", each on a small scale" if quick else ""
    text = (
        f"{counted(len(lines), 'layer')}{scale}: shapes, learnt values and products are those of the table, "
        "and positions read the pixels of their receptive fields"
    )
    return Remark("right", text)


def data(report: Report, lines: list[Line], seed: int, *, quick: bool) -> dict[str, Any]:
    """The same as JSON has it."""
    difference = lines[-1].difference if lines else None
    return {
        "spec": report.spec,
        "input": as_json(report.input),
        "layout": report.layout,
        "seed": seed,
        "quick": quick,
        "fields_input": as_json(report.dims(verify.of_fields(report, quick=quick).nodes[0].shape)),
        "layers": [_layer(report, line) for line in lines],
        "totals": {"learnt": sum(line.learnt for line in lines), "products": sum(line.products for line in lines)},
        "difference": difference and {"layer": lines[-1].record.name, **difference._asdict()},
        "verdict": "wrong" if difference else "right",
    }


def _layer(report: Report, line: Line) -> dict[str, Any]:
    """One layer as JSON has it."""

    def dims(shape: Shape) -> Any:
        return as_json(report.dims(shape))

    return {
        "index": line.record.index,
        "name": line.record.name,
        "kind": line.record.kind,
        "inputs": [dims(shape) for shape in line.inputs],
        "output": dims(line.output),
        "learnt": line.learnt,
        "products": line.products,
        "places": line.places,
        "seen": line.seen,
        "verdict": verdict(line),
    }
