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


class EngineTask(QgsTask):
    """Does one work, waiting for servers and for the engine in a background thread.

    Args:
        title: For the task manager.
        work: What to do.
        done: Called once, at the end.
    """

    stage_changed = pyqtSignal(str)
    """What is happening now, in words; arrives in the main thread."""

    def __init__(self, title: str, work: Work, done: Done) -> None:
        super().__init__(title, _flags())
        self._work = work
        self._done = done
        self._progress = RunProgress()
        self._result: Optional[Dict[str, Any]] = None
        self._error: Optional[BaseException] = None

    def run(self) -> bool:
        """Wait for the engine; in a background thread."""
        try:
            self._result = self._work(self._report, self.isCanceled)
        except BaseException as error:  # the edge: an exception that leaves a task's run ends QGIS
            self._error = error
            return False
        return True

    def finished(self, ok: bool) -> None:
        """Hand the result or the error on; in the main thread."""
        if self._result is None and self._error is None:
            self._error = Cancelled(tr("cancelled"))
        self._done(self._result, self._error)

    def _report(self, stage: str, done: int, total: int) -> None:
        if self._progress.take(stage, done, total):
            self.stage_changed.emit(self._progress.words)
        self.setProgress(self._progress.percent)


def _flags() -> Any:  # noqa: ANN401 - QgsTask.Flags
    """Return the flags: it can be cancelled, and QGIS need not tell of its end, which `runs` does."""
    silent = getattr(QgsTask.Flag, "Silent", None)  # QGIS 3.26
    return QgsTask.Flag.CanCancel if silent is None else QgsTask.Flag.CanCancel | silent
