"""The pace of requests: so many a second over all threads, and waits that end at once when the user stops."""

from __future__ import annotations

import threading
import time

from graft_plugin.engine.progress import CancelToken

_POLL_S = 0.2


class Turns:
    """Turns to ask a server; used by several threads at once.

    Args:
        per_s: Requests a second.
        cancel: Looked at several times a second while one waits.
    """

    def __init__(self, per_s: float, cancel: CancelToken) -> None:
        self._per_s, self._cancel = per_s, cancel
        self._lock = threading.Lock()
        self._next_s = 0.0

    def take(self) -> None:
        """Wait for a turn.

        Raises:
            Cancelled: On request.
        """
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next_s)
            self._next_s = turn + 1 / self._per_s
        self.wait(turn - now)

    def hold(self, seconds: float) -> None:
        """Let nobody have a turn before so many seconds have passed."""
        with self._lock:
            self._next_s = max(self._next_s, time.monotonic() + seconds)

    def wait(self, seconds: float) -> None:
        """Sleep.

        Raises:
            Cancelled: On request.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._cancel.check()
            time.sleep(min(_POLL_S, left))
        self._cancel.check()
