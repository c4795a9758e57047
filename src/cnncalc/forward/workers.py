"""Work on all cores: tasks in other processes, whose results come back in order."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import parent_process
from types import TracebackType
from typing import Any, Final, Self, TypeVar

_T = TypeVar("_T")
# Products (or what takes as long) that are not worth sending away, and what a task has at most: a tenth of a second
# or so, for an interrupted run waits for those that were begun.
WORTH: Final = 4_000_000
LARGEST_TASK: Final = 200_000_000


class Workers:
    """Some processes, started when there is enough to do for them; `with` ends them."""

    def __init__(self, jobs: int, done: Callable[[int], None] | None = None) -> None:
        """So many processes; `done` is told how much work was done."""
        self.jobs = jobs
        self._done = done
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget what has not begun, and end the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def parts(self, work: int) -> int:
        """Into how many tasks so much work is best divided."""
        if self.jobs == 1 or work < WORTH:
            return 1
        return -(-work // (LARGEST_TASK * self.jobs)) * self.jobs

    def tell(self, work: int) -> None:
        """So much work is done."""
        if self._done is not None:
            self._done(work)

    def run(self, function: Callable[..., _T], tasks: Sequence[tuple[Any, ...]], work: int) -> list[_T]:
        """The results of a function for each task's arguments; all tasks together are so much work."""
        share = work // len(tasks)
        if len(tasks) == 1:
            results = [function(*tasks[0])]
            self.tell(work)
            return results
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.jobs, initializer=prepare)
        futures: list[Future[_T]] = [self._pool.submit(function, *task) for task in tasks]
        for _ in as_completed(futures):
            self.tell(share)
        return [future.result() for future in futures]


def prepare() -> None:
    """In a new process: leave Ctrl-C to the one that started it, and end with it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None  # it was started by one
    parent.join()
    os._exit(1)
