"""How fast the packed engine is, as ratios measured in one run: `python benchmarks/forward.py [NETWORK ...]`.

The same convolutions are done by the engine, by nested loops over lists, by the kinds' own definition and, where it
is installed, by NumPy (im2col and a product of int64 matrices, which its C code does without a BLAS). Processor time
of one process is compared, in turn, so that a machine that slows down slows all. Then whole networks run.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import product

from cnncalc.forward import packed
from cnncalc.forward.integers import LEAST, SIGNED, Stream, reference
from cnncalc.forward.maps import Map
from cnncalc.forward.steps import Here
from cnncalc.forward.workers import Workers
from cnncalc.layers import KINDS, Layer

ROUNDS = 5
AIM = 15
# Extent of the map, channels that go in and that come out, kernel.
CONVOLUTIONS = ((14, 64, 64, 3), (28, 48, 32, 3), (56, 16, 32, 3), (112, 8, 16, 3), (14, 128, 128, 1), (7, 128, 256, 1))
NETWORKS = ("vgg16", "resnet50", "mobilenet_v2")
STREAM = Stream(0, 1)
MIB = 1024


def plain(rows: list[list[list[int]]], filters: list[list[list[list[int]]]], size: int) -> list[list[list[int]]]:
    """A convolution as one writes it down: rows and filters are lists of lists."""
    height, width, depth = len(rows) - size + 1, len(rows[0]) - size + 1, range(len(rows[0][0]))
    output = []
    for y in range(height):
        line = []
        for x in range(width):
            values = []
            for kernel in filters:
                total = 0
                for i in range(size):
                    for j in range(size):
                        cell, weights = rows[y + i][x + j], kernel[i][j]
                        for channel in depth:
                            total += cell[channel] * weights[channel]
                values.append(total)
            line.append(values)
        output.append(line)
    return output


def seconds(work: Callable[[], object]) -> float:
    """Processor time of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def nested(data: bytes, extent: int, channels: int, size: int) -> list[list[list[int]]]:
    """The values of a map as nested lists, with zeros around."""
    cells = Map((extent, extent), data).tensor()
    around = size // 2
    places = range(-around, extent + around)
    return [[[cells.read((y, x, c)) for c in range(channels)] for x in places] for y in places]


def numpy_convolution(data: bytes, extent: int, channels: int, filters: int, size: int) -> Callable[[], object] | None:
    """The same by NumPy, if it is there."""
    try:
        import numpy as np  # noqa: PLC0415
    except ImportError:
        return None
    around = size // 2
    maps = np.frombuffer(data, dtype=np.uint8).astype(np.int64).reshape(channels, extent, extent) + LEAST
    padded = np.pad(maps, ((0, 0), (around, around), (around, around)))
    kernel = np.array([SIGNED[byte] for byte in STREAM.bytes("kernel", 0, size * size * channels * filters)])
    matrix = kernel.reshape(-1, filters).T.copy()

    def convolve() -> object:
        taps = product(range(size), range(size))
        columns = np.stack([padded[:, i : i + extent, j : j + extent].reshape(channels, -1) for i, j in taps])
        return matrix @ columns.reshape(size * size * channels, -1)

    return convolve


def compare(extent: int, channels: int, filters: int, size: int) -> None:
    """Time one convolution in all ways, and print the ratios."""
    layer: Layer = KINDS["conv"](filters=filters, kernel=(size,), padding="same", bias=False)
    x = Map((extent, extent), STREAM.bytes("image", 0, extent * extent * channels))
    weights = iter([SIGNED[byte] for byte in STREAM.bytes("kernel", 0, size * size * channels * filters)])
    kernel = [[[[0] * channels for _ in range(size)] for _ in range(size)] for _ in range(filters)]
    for i, j, channel, number in product(range(size), range(size), range(channels), range(filters)):
        kernel[number][i][j][channel] = next(weights)
    rows = nested(x.data, extent, channels, size)
    here = Here((x,), STREAM, Workers(1))
    products = extent * extent * size * size * channels * filters
    by_numpy = numpy_convolution(x.data, extent, channels, filters, size)

    times: dict[str, list[float]] = {"engine": [], "loops": [], "numpy": []}
    for _ in range(ROUNDS):
        times["engine"].append(seconds(lambda: packed.run(layer, here)))
        times["loops"].append(seconds(lambda: plain(rows, kernel, size)))
        if by_numpy is not None:
            times["numpy"].append(seconds(by_numpy))
    # By the definition a product takes so long that a few must do.
    few: Layer = KINDS["conv"](filters=1, kernel=(size,), padding="same", bias=False)
    small = Map((min(extent, 14),) * 2, STREAM.bytes("image", 0, min(extent, 14) ** 2 * 8))
    tensor = small.tensor()
    definition = seconds(lambda: reference(few, STREAM, tensor)) / (len(small.data) * size * size)

    engine = statistics.median(times["engine"])
    loops = statistics.median(times["loops"]) / engine
    print(f"{extent}x{extent}x{channels} conv {filters} {size}x{size}".ljust(30), end="")
    print(f"{products / engine / 1e6:7.0f} million products a second", end="")
    aim = f" (aim {AIM})" if size == 3 else ""
    print(
        f"; engine against loops {loops:5.1f}{aim}, against the definition {definition * products / engine:5.0f}",
        end="",
    )
    print(f", against NumPy {statistics.median(times['numpy']) / engine:5.1f}" if times["numpy"] else "; no NumPy here")


def whole(name: str) -> None:
    """Verify a network in processes of its own, and print how long it took and what it took."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "cnncalc", "verify", name, "--format", "json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    printed = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    data = json.loads(printed)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    took = f"{time.perf_counter() - start:.1f} s on {os.cpu_count()} cores ({processor:.1f} s of processor time)"
    peak = f"at most {after.ru_maxrss // MIB} MiB a process"
    print(f"{name:20} {data['verdict']}: {data['totals']['products']:,} products in {took}, {peak}")


if __name__ == "__main__":
    for convolution in CONVOLUTIONS:
        compare(*convolution)
    for network in sys.argv[1:] or NETWORKS:
        whole(network)
