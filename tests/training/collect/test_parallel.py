"""Work in threads: in order, its first error out, stopped at once."""

from __future__ import annotations

import threading
import time

import pytest

from graft_plugin.engine.progress import CancelToken
from graft_plugin.errors import Cancelled
from training.collect.parallel import in_parallel


def test_parallel_work_comes_in_order_and_its_first_error_comes_out():
    def work(n):
        time.sleep(0.02 * (3 - n % 4))
        if n == 17:
            raise ValueError("seventeen")
        return n * n

    cancel = CancelToken()
    assert list(in_parallel(work, range(12), 4, cancel)) == [n * n for n in range(12)]
    assert list(in_parallel(work, [], 4, cancel)) == []
    with pytest.raises(ValueError, match="seventeen"):
        list(in_parallel(work, range(30), 4, cancel))


def test_parallel_work_stops_at_once_though_a_thread_waits():
    cancel, hold = CancelToken(), threading.Event()
    threading.Timer(0.3, cancel.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        list(in_parallel(lambda n: hold.wait(60), range(2), 2, cancel))
    assert time.monotonic() - started < 30
    hold.set()
