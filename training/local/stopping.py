"""How a run is ended from outside: a line on standard input, a signal, or the end of the caller."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from graft_plugin.engine.progress import CancelToken


@dataclass
class Ending:
    """What was asked for.

    Attributes:
        stopped: End soon, and keep the best.
        cancel: End now, and keep nothing.
    """

    stopped: threading.Event = field(default_factory=threading.Event)
    cancel: CancelToken = field(default_factory=CancelToken)

    def stop(self) -> bool:
        """Return whether the learning should end; raises where nothing is to be kept.

        Raises:
            Cancelled: The run is to leave nothing.
        """
        self.cancel.check()
        return self.stopped.is_set()


@contextlib.contextmanager
def listening(with_caller: bool = False) -> Iterator[Ending]:
    """Give what was asked for so far: "stop" on standard input and SIGTERM stop, "cancel" and Ctrl-C cancel.

    Args:
        with_caller: Whether the end of standard input cancels too, where that is a pipe: its other end, a QGIS that
            died, would never learn of the result.
    """
    ending = Ending()

    def asked(number: int, frame: object) -> None:
        if number == signal.SIGTERM and not ending.stopped.is_set():
            ending.stopped.set()
        elif ending.cancel.cancelled:
            raise KeyboardInterrupt
        else:
            ending.cancel.cancel()

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    threading.Thread(target=_hear, args=(ending, with_caller), name="graft-stdin", daemon=True).start()
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _hear(ending: Ending, with_caller: bool) -> None:
    try:
        piped = with_caller and stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode)
        for line in sys.stdin:
            if line.strip() == "stop":
                ending.stopped.set()
            elif line.strip() == "cancel":
                ending.cancel.cancel()
    except (OSError, ValueError, AttributeError):  # there is no standard input
        return
    if piped:
        ending.cancel.cancel()
