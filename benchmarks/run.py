"""How fast cnncalc is, as ratios measured in one run: `python benchmarks/run.py`.

Whole processes are timed in turn, ours and a yardstick, so that a machine that slows down slows both. What is
printed are medians of the ratios, pair by pair, with the aim beside each.
"""

from __future__ import annotations

import os
import pty
import statistics
import struct
import subprocess
import sys
import termios
import time
import tracemalloc
from fcntl import ioctl
from itertools import cycle, islice

from cnncalc import infer, library
from cnncalc.report import build, collection_paused
from cnncalc.spec import parser
from cnncalc.spec.expand import Options, expand
from cnncalc.spec.source import Problems, Source

PAIRS = 21
IMPORT_CLICK = [sys.executable, "-c", "import click"]
RICH_TABLE = [
    sys.executable,
    "-c",
    """
import click
from rich.console import Console
from rich.table import Table
table = Table("name", "config", "output", "params", "macs")
for row in range(40):
    table.add_row(f"conv{row}", "64 3x3 s1 same relu", "224x224x64", f"{row * 1000:,}", f"{row * 10**7:,}")
Console().print(table)
""",
]
CNNCALC = [sys.executable, "-m", "cnncalc", "vgg16"]
LAYERS = ("conv 8 3x3 s1 same", "bn", "relu", "maxpool 3x3 s1 p1")


def at_a_pipe(command: list[str]) -> float:
    """Seconds that a process takes whose output goes into a pipe."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def on_a_terminal(command: list[str]) -> float:
    """Seconds that a process takes on a terminal of 120 columns."""
    leader, follower = pty.openpty()
    ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 120, 0, 0))
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=follower, stderr=follower, env=os.environ | {"TERM": "xterm-256color"})
    os.close(follower)
    try:
        while os.read(leader, 65536):
            pass
    except OSError:
        pass  # the terminal is closed when the process ends
    process.wait()
    seconds = time.perf_counter() - start
    os.close(leader)
    return seconds


def compare(name: str, timer, ours: list[str], yardstick: list[str], aim: float) -> None:  # noqa: ANN001
    """Time two commands in turn and print the ratio."""
    timer(ours), timer(yardstick)
    pairs = [(timer(ours), timer(yardstick)) for _ in range(PAIRS)]
    ratio = statistics.median(one / other for one, other in pairs)
    mine = statistics.median(one for one, _ in pairs)
    print(f"{name:58} {ratio:6.2f}   aim {aim:4.1f}   ({1000 * mine:.0f} ms)")


def seconds_per_layer(count: int) -> float:
    """Seconds for parse, expand and infer together, for each layer of a spec of so many."""
    text = "input 32x32x3; " + "; ".join(islice(cycle(LAYERS), count))
    source = Source("benchmark", text)
    with collection_paused():
        start = time.perf_counter()
        problems = Problems()
        graph = expand(parser.parse(source, problems), source, Options(), problems)
        assert graph is not None
        records = infer.infer(graph)
        seconds = time.perf_counter() - start
    assert len(records) == count
    return seconds / count


def scaling() -> None:
    """The cost of a layer in a long spec and in a short one."""
    short = min(seconds_per_layer(1000) for _ in range(7))
    long = min(seconds_per_layer(100_000) for _ in range(3))
    tracemalloc.start()
    seconds_per_layer(100_000)
    peak = tracemalloc.get_traced_memory()[1] / 100_000
    tracemalloc.stop()
    print(f"{'a layer of 100,000, against a layer of 1,000':58} {long / short:6.2f}   aim  1.5")
    print(f"{'microseconds for each of 100,000 layers':58} {1e6 * long:6.1f}   aim   60")
    print(f"{'bytes at the peak for each of 100,000 layers':58} {peak:6.0f}   aim 4000")


def atlas() -> None:
    """All shipped networks in one process."""
    start = time.perf_counter()
    for name in library.names():
        infer.infer(build(library.read(name), Options()))
    seconds = time.perf_counter() - start
    print(f"{'seconds for all shipped networks, read and inferred':58} {seconds:6.2f}   aim  5.0")


if __name__ == "__main__":
    compare("`cnncalc vgg16` at a pipe, against importing click", at_a_pipe, CNNCALC, IMPORT_CLICK, 1.6)
    compare("`cnncalc vgg16` on a terminal, against a rich table", on_a_terminal, CNNCALC, RICH_TABLE, 1.4)
    for deep in ("densenet201", "efficientnet_b7"):
        compare(f"`cnncalc {deep}` on a terminal, against vgg16", on_a_terminal, [*CNNCALC[:-1], deep], CNNCALC, 2.0)
    atlas()
    scaling()
