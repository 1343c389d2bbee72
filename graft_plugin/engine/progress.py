"""How long work reports itself, and how it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..errors import Cancelled

Report = Callable[[str, int, int], None]
"""`report(stage, done, total)`: stage is a word such as "encode"; done of total units; total 0 where unknown."""


def silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""


class CancelToken:
    """A flag that one thread raises and the working thread checks at least every 0.3 s of work."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if the work was asked to stop."""
        if self._event.is_set():
            raise Cancelled
