"""The fast engine for layers that sum products: as jobs for `sums.py`."""

from __future__ import annotations

import itertools
import math
from typing import Any

from cnncalc.algebra import whole
from cnncalc.forward import integers
from cnncalc.forward.jobs import Axis, Job, Part, Pass, Tap
from cnncalc.forward.maps import (
    Map,
)
from cnncalc.forward.steps import Here, Outcome, cuts, run_step
from cnncalc.forward.sums import compute
from cnncalc.forward.windows import sliding
from cnncalc.layers import Layer
from cnncalc.layers.conv import Conv, ConvT, Depthwise, Local, SepConv
from cnncalc.layers.dense import Dense
from cnncalc.shapes import Spread


def summed(job: Job, x: Map, here: Here) -> Outcome:
    """The sums of a job, in as many parts as there are processes to work on them."""
    parts = parts_of(job, here.workers.parts(job.work))
    results = here.workers.run(compute, (banded(job, part, x) for part in parts), len(parts), job.work)
    if parts[0].last_row == rows_of(job):
        data = b"".join(result.planes for result in results)
    else:
        filters = range(job.units or job.filters)
        sizes = [len(result.planes) // len(filters) for result in results]
        pieces = zip(results, sizes, strict=True)
        cut = [[memoryview(result.planes)[at * size : (at + 1) * size] for at in filters] for result, size in pieces]
        data = b"".join(itertools.chain.from_iterable(zip(*cut, strict=True)))
    # Parts that share their filters share their weights too, unless these are different at every position.
    shared = (part.first_row > 0 and not job.local for part in parts)
    owners = [result for result, again in zip(results, shared, strict=True) if not again]
    learnt = sum(result.weights + result.biases for result in owners)
    return Outcome(Map(job.extents, data), sum(result.products for result in results), learnt)


def banded(job: Job, part: Part, x: Map) -> tuple[Job, Part, bytes]:
    """A part of a job with no more of its input than it reads: of a map, a band along the first axis.

    Whole maps would take longer to be sent to another process than to be computed with.
    """
    one = job.passes[0]
    first, *others = one.axes
    if not others or one.spread is not None:
        return job, part, x.data
    rows = math.prod(axis.positions for axis in others[:-1])
    offsets = [tap.offset for tap in first.taps]
    low = max(part.first_row // rows * first.step + min(offsets), 0)
    high = min((part.last_row - 1) // rows * first.step + max(offsets) + 1, first.cells)
    if not 0 < high - low < first.cells:
        return job, part, x.data
    taps = tuple(Tap(tap.number, tap.offset - low) for tap in first.taps)
    axes = (Axis(high - low, first.positions, first.step, taps), *others)
    inner = x.positions // first.cells
    data = b"".join([x.data[at + low * inner : at + high * inner] for at in range(0, len(x.data), x.positions)])
    return job._replace(passes=(one._replace(axes=axes),)), part, data


def rows_of(job: Job) -> int:
    """The rows of the positions of a job, in the pass that has the most."""
    return max(math.prod(axis.positions for axis in one.axes[:-1]) for one in job.passes)


def parts_of(job: Job, count: int) -> list[Part]:
    """About so many parts of a job: by rows where its maps are large, else by filters, whole groups of them."""
    rows = rows_of(job)
    of_group = job.filters // job.groups if job.groups > 1 else 1
    units = job.filters // of_group
    if (
        job.pointwise
        or job.local
        or (job.groups == 1 and job.positions > 4 * job.filters and job.passes[0].spread is None)
    ):
        return [Part(0, job.filters, first, last) for first, last in cuts(rows, count)]
    return [Part(first * of_group, last * of_group, 0, rows) for first, last in cuts(units, count)]


def shift(layer: Layer, x: Map) -> int:
    """The shift behind a layer."""
    return integers.shift(layer, x.shape, layer.output(x.shape))


def convolution(layer: Any, here: Here, **changes: Any) -> Outcome:
    """One pass of sliding windows."""
    x = here.x
    windows = layer.windows(x.shape)
    axes = tuple(sliding(window, extent) for window, extent in zip(windows, x.extents, strict=True))
    job = Job(
        passes=(Pass(axes, ((0, 1),) * len(axes)),),
        extents=tuple(axis.positions for axis in axes),
        size=tuple(len(axis.taps) for axis in axes),
        groups=1,
        depth=x.channels,
        filters=getattr(layer, "filters", 0),
        shift=shift(layer, x),
        stream=here.stream,
        kernel="kernel",
        bias="bias" if layer.bias else None,
    )
    return summed(job._replace(**changes), x, here)


@run_step.register
def _(layer: Conv, here: Here) -> Outcome:
    groups = whole(layer.groups)
    return convolution(layer, here, groups=groups, depth=here.x.channels // groups)


@run_step.register
def _(layer: Local, here: Here) -> Outcome:
    return convolution(layer, here, local=True)


@run_step.register
def _(layer: Depthwise, here: Here) -> Outcome:
    channels = here.x.channels
    return convolution(layer, here, groups=channels, depth=1, filters=channels * whole(layer.multiplier))


@run_step.register
def _(layer: SepConv, here: Here) -> Outcome:
    channels = here.x.channels
    return convolution(
        layer,
        here,
        groups=channels,
        depth=1,
        filters=channels * whole(layer.multiplier),
        kernel="depthwise",
        pointwise="pointwise",
        units=layer.filters,
    )


@run_step.register
def _(layer: Dense, here: Here) -> Outcome:
    x = here.x
    extents = x.extents or (1,)
    axes = tuple(Axis(extent, extent, 1, (Tap(0, 0),)) for extent in extents)
    job = Job(
        passes=(Pass(axes, ((0, 1),) * len(axes)),),
        extents=x.extents,
        size=(1,) * len(extents),
        groups=1,
        depth=x.channels,
        filters=whole(layer.units),
        shift=shift(layer, x),
        stream=here.stream,
        kernel="kernel",
        bias="bias" if layer.bias else None,
    )
    return summed(job, x, here)


@run_step.register
def _(layer: ConvT, here: Here) -> Outcome:
    """A pass for each place in a step: there every position gets the same taps."""
    x, groups = here.x, whole(layer.groups)
    spreads = [tuple(map(whole, spread)) for spread in layer.geometry(x.shape) if isinstance(spread, Spread)]
    extents = tuple(
        (cells - 1) * stride + dilation * (size - 1) + 1 - before - after + extra
        for cells, (size, stride, dilation, before, after, extra) in zip(x.extents, spreads, strict=True)
    )
    passes = []
    for places in itertools.product(*(range(spread[1]) for spread in spreads)):
        axes = []
        for place, cells, extent, spread in zip(places, x.extents, extents, spreads, strict=True):
            size, stride, dilation, before, *_ = spread
            # Tap k of a cell adds to its place k*dilation steps of one further.
            taps = [Tap(k, -(k * dilation // stride)) for k in range(size) if k * dilation % stride == place]
            most = cells - min((tap.offset for tap in taps), default=0)
            positions = max(most, -((place - before - extent) // stride))
            axes.append(Axis(cells, positions, 1, tuple(taps)))
        where = tuple((place - spread[3], spread[1]) for place, spread in zip(places, spreads, strict=True))
        passes.append(Pass(tuple(axes), where, x.positions))
    job = Job(
        passes=tuple(passes),
        extents=extents,
        size=tuple(spread[0] for spread in spreads),
        groups=groups,
        depth=x.channels // groups,
        filters=whole(layer.filters),
        shift=shift(layer, x),
        stream=here.stream,
        kernel="kernel",
        bias="bias" if layer.bias else None,
    )
    return summed(job, x, here)
