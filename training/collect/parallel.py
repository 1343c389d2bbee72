"""Several things at a time, in order, in threads that die with the process."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from graft_plugin.engine.progress import CancelToken

S = TypeVar("S")
T = TypeVar("T")
_POLL_S = 0.2


def in_parallel(work: Callable[[S], T], things: Iterable[S], workers: int, cancel: CancelToken) -> Iterator[T]:
    """Yield `work` of each thing, in the things' order, several at a time.

    The threads die with the process: one that waits for a server never delays a stop.

    Raises:
        Cancelled: On request, at once; and the first error of `work`.
    """
    waiting = list(things)
    jobs: queue.SimpleQueue = queue.SimpleQueue()
    done: queue.SimpleQueue = queue.SimpleQueue()
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            try:
                index = jobs.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((index, work(waiting[index]), None))
            except BaseException as error:
                done.put((index, None, error))
                return

    for index in range(len(waiting)):
        jobs.put(index)
    for _ in range(min(workers, len(waiting))):
        threading.Thread(target=run, name="graft-collect", daemon=True).start()
    results: dict[int, Any] = {}
    try:
        for index in range(len(waiting)):
            while index not in results:
                cancel.check()
                try:
                    at, result, error = done.get(timeout=_POLL_S)
                except queue.Empty:
                    continue
                if error is not None:
                    raise error
                results[at] = result
            yield results.pop(index)
    finally:
        stop.set()
