"""One QgsTask around one engine call."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from qgis.core import QgsTask
from qgis.PyQt.QtCore import pyqtSignal

from ..errors import Cancelled
from .i18n import tr
from .progress import RunProgress
from .work import Work

Done = Callable[[Optional[Dict[str, Any]], Optional[BaseException]], None]
"""`done(result, error)`: one of them is None; called in the main thread."""


class BackgroundTask(QgsTask):
    """Does one work in a background thread; a subclass says what becomes of its progress.

    Args:
        title: For the task manager.
        work: `work(report, cancelled)`.
        ended: `ended(result, error)`: called once, at the end, in the main thread.
    """

    def __init__(self, title: str, work: Callable[..., Any], ended: Callable[..., None]) -> None:
        super().__init__(title, _flags())
        self._work = work
        self._ended = ended
        self._result: Any = None
        self._error: Optional[BaseException] = None

    def run(self) -> bool:
        """Do the work; in a background thread."""
        try:
            self._result = self._work(self._report, self.isCanceled)
        except BaseException as error:  # the edge: an exception that leaves a task's run ends QGIS
            self._error = error
            return False
        return True

    def finished(self, ok: bool) -> None:
        """Hand the result or the error on; in the main thread."""
        if not ok and self._result is None and self._error is None:
            self._error = Cancelled(tr("cancelled"))
        del self._work  # what it holds may belong to a layer that is removed now
        self._ended(self._result, self._error)

    def _report(self, *progress: Any) -> None:  # noqa: ANN401 - what the work tells
        raise NotImplementedError


class EngineTask(BackgroundTask):
    """Does one work, waiting for servers and for the engine in a background thread.

    Args:
        title: For the task manager.
        work: What to do.
        done: Called once, at the end.
    """

    stage_changed = pyqtSignal(str)
    """What is happening now, in words; arrives in the main thread."""

    def __init__(self, title: str, work: Work, done: Done) -> None:
        super().__init__(title, work, done)
        self._progress = RunProgress()

    def _report(self, stage: str, done: int, total: int) -> None:
        if self._progress.take(stage, done, total):
            self.stage_changed.emit(self._progress.words)
        self.setProgress(self._progress.percent)


def _flags() -> Any:  # noqa: ANN401 - QgsTask.Flags
    """Return the flags: it can be cancelled, and QGIS need not tell of its end, which `runs` does."""
    silent = getattr(QgsTask.Flag, "Silent", None)  # QGIS 3.26
    return QgsTask.Flag.CanCancel if silent is None else QgsTask.Flag.CanCancel | silent
