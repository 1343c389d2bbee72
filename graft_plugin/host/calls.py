"""Short questions to the engine while the user moves something: of each kind only the latest counts."""

from __future__ import annotations

import queue
import threading
from functools import partial
from typing import Any, Callable, Dict, Optional, Tuple

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..client.children import CancelFlag
from ..errors import Cancelled
from .progress import Report

Question = Callable[[Report, CancelFlag], Dict[str, Any]]
"""Answered in the calls' own thread, or ends soon with `Cancelled` once the flag is true."""

Then = Callable[[Optional[Dict[str, Any]], Optional[BaseException]], None]
"""`then(result, error)`: one of them is None; called in the main thread."""


class LatestCalls(QObject):
    """Asks one question at a time; a newer one of the same kind makes the older void."""

    _answered = pyqtSignal(str, int, object, object)

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._numbers: Dict[str, int] = {}
        self._thens: Dict[str, Then] = {}
        self._questions: queue.SimpleQueue[Optional[Tuple[str, int, Question]]] = queue.SimpleQueue()
        self._thread: Optional[threading.Thread] = None
        self._answered.connect(self._hand_on)

    def ask(self, kind: str, question: Question, then: Then) -> None:
        """Ask; `then` hears the answer unless another question of this kind was asked meanwhile."""
        with self._lock:
            number = self._numbers[kind] = self._numbers.get(kind, 0) + 1
        self._thens[kind] = then
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="graft-calls", daemon=True)
            self._thread.start()
        self._questions.put((kind, number, question))

    def drop(self, kind: str) -> None:
        """Make what was asked of this kind void."""
        with self._lock:
            self._numbers[kind] = self._numbers.get(kind, 0) + 1

    def close(self) -> None:
        """Make everything void and end the thread; it may take a moment to go."""
        for kind in list(self._numbers):
            self.drop(kind)
        self._questions.put(None)
        self._thread = None

    def _void(self, kind: str, number: int) -> bool:
        with self._lock:
            return self._numbers.get(kind) != number

    def _work(self) -> None:
        for kind, number, question in iter(self._questions.get, None):
            if self._void(kind, number):
                continue
            try:
                result, error = question(_silent, partial(self._void, kind, number)), None
            except Cancelled:
                continue
            except BaseException as problem:  # the edge: a thread's exception would be lost
                result, error = None, problem
            try:
                self._answered.emit(kind, number, result, error)
            except RuntimeError:  # the plugin was unloaded meanwhile
                return

    def _hand_on(self, kind: str, number: int, result: Any, error: Any) -> None:  # noqa: ANN401 - what a signal carries
        if not self._void(kind, number):
            self._thens[kind](result, error)


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody looks at the progress of a short question."""
