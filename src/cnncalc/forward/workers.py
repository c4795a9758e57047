"""Work on all cores: tasks in other processes, whose results come back in order."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import parent_process
from types import TracebackType
from typing import Any, Final, Self, TypeVar

_T = TypeVar("_T")
# Products (or what takes as long) that are not worth sending away, and what a task has at most: a tenth of a second
# or so, for an interrupted run waits for those that were begun.
WORTH: Final = 4_000_000
LARGEST_TASK: Final = 200_000_000
# Tasks for each process that are begun or wait for it, so that it never waits for one.
READY: Final = 3


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

    def run(self, function: Callable[..., _T], tasks: Iterable[tuple[Any, ...]], count: int, work: int) -> list[_T]:
        """The results of a function for each task's arguments; all tasks, so many, together are so much work.

        A task is made when it can soon begin, so that the arguments of all of them never stand in memory together.
        """
        if count == 1:
            results = [function(*task) for task in tasks]
            self.tell(work)
            return results
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.jobs, initializer=prepare)
        results = []
        begun: deque[Future[_T]] = deque()

        def finish() -> None:
            results.append(begun.popleft().result())
            self.tell(work // count)

        for task in tasks:
            begun.append(self._pool.submit(function, *task))
            if len(begun) > READY * self.jobs:
                finish()
        while begun:
            finish()
        return results


def prepare() -> None:
    """In a new process: leave Ctrl-C to the one that started it, and end with it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None  # it was started by one
    parent.join()
    os._exit(1)
