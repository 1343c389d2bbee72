"""One QgsTask around one export."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import QgsTask
from qgis.PyQt.QtCore import pyqtSignal

from ..errors import Cancelled
from .export import Export, run_export
from .i18n import tr
from .task import _flags


class ExportTask(QgsTask):
    """Exports in a background thread.

    Args:
        order: What to write, and where.
        done: `done(count, error)`, one of them None; called once, at the end, in the main thread.
    """

    stage_changed = pyqtSignal(str)
    """What is happening now, in words; arrives in the main thread."""

    def __init__(self, order: Export, done: Callable[[Optional[int], Optional[BaseException]], None]) -> None:
        super().__init__(tr("GRAFT: exporting “{}”").format(order.layer), _flags())
        self._order: Optional[Export] = order
        self._done = done
        self._count: Optional[int] = None
        self._error: Optional[BaseException] = None

    def run(self) -> bool:
        """Export; in a background thread."""
        try:
            self.stage_changed.emit(tr("Writing polygons"))
            assert self._order is not None
            self._count = run_export(self._order, self._report, self.isCanceled)
        except BaseException as error:  # the edge: an exception that leaves a task's run ends QGIS
            self._error = error
            return False
        return True

    def finished(self, ok: bool) -> None:
        """Hand the count or the error on; in the main thread."""
        if self._count is None and self._error is None:
            self._error = Cancelled(tr("cancelled"))
        self._order = None  # its features belong to a layer that may be removed now
        self._done(self._count, self._error)

    def _report(self, _stage: str, done: int, total: int) -> None:
        self.setProgress(100.0 * done / total if total else 0.0)
