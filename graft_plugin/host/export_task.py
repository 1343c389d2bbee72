"""One QgsTask around one export."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.PyQt.QtCore import pyqtSignal

from ..client.children import CancelFlag
from .export import Export, run_export
from .i18n import tr
from .progress import Report
from .task import BackgroundTask


class ExportTask(BackgroundTask):
    """Exports in a background thread.

    Args:
        order: What to write, and where.
        done: `done(count, error)`, one of them None; called once, at the end, in the main thread.
    """

    stage_changed = pyqtSignal(str)
    """What is happening now, in words; arrives in the main thread."""

    def __init__(self, order: Export, done: Callable[[Optional[int], Optional[BaseException]], None]) -> None:
        def work(report: Report, cancelled: CancelFlag) -> int:
            self.stage_changed.emit(tr("Writing polygons"))
            return run_export(order, report, cancelled)

        super().__init__(tr("GRAFT: exporting “{}”").format(order.layer), work, done)

    def _report(self, _stage: str, done: int, total: int) -> None:
        self.setProgress(100.0 * done / total if total else 0.0)
