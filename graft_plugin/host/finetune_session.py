"""The one fine-tuning run of this QGIS: it goes on whichever page looks at it, and QGIS asks before it ends it."""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Dict, List, Optional, Tuple

from qgis.core import QgsApplication
from qgis.gui import QgsApplicationExitBlockerInterface
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QMessageBox

from ..client.finetune import Event
from ..errors import Cancelled
from .finetune_order import FinetuneOrder, finetune_work
from .i18n import tr
from .messages import log
from .task import BackgroundTask

Point = Tuple[float, float]


class FinetuneTask(BackgroundTask):
    """A run's work in a background thread; its events arrive in the main thread."""

    told = pyqtSignal(object)
    """(event)."""
    stage = pyqtSignal(str, int, int)
    """(stage, done, total) of what comes before the run's process: rendering a layer, writing one."""

    def _report(self, stage: str, done: int, total: int) -> None:
        self.stage.emit(stage, done, total)


class FinetuneSession(QObject):
    """What is under way, and what came of it.

    Attributes:
        state: "idle", "starting" (pictures and photos are read), "learning" or "ending".
        share: How much of the learning is done, 0..1.
        losses: (seconds, loss).
        scores: (seconds, score) on the part that chooses.
        result: The last event of the last run that ended well.
        error: Why the last one did not.
        start: Its event "start".
    """

    changed = pyqtSignal()
    """`state` is new."""
    moved = pyqtSignal(object)
    """(event): something was told."""
    made = pyqtSignal(str)
    """(model): a model was stored."""

    def __init__(self) -> None:
        super().__init__()
        self._task: Optional[FinetuneTask] = None
        self._wish = ""
        self._minutes = 1.0
        self._clear()

    def _clear(self) -> None:
        self.state, self.share = "idle", 0.0
        self.losses: List[Point] = []
        self.scores: List[Point] = []
        self.start: Event = {}
        self.result: Optional[Event] = None
        self.error: Optional[BaseException] = None

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._task is not None

    def begin(self, order: FinetuneOrder) -> None:
        """Start a run, unless one is under way."""
        if self.running:
            return
        self._clear()
        self._wish, self._minutes = "", order.minutes
        title = tr("GRAFT: fine-tuning {}").format(order.model_id)
        told: Dict[str, Callable[[Event], None]] = {}
        work = finetune_work(order, lambda event: told["emit"](event), lambda: self._wish)
        task = FinetuneTask(title, work, self._ended)
        told["emit"] = task.told.emit
        task.told.connect(self._take)
        task.stage.connect(
            lambda stage, done, total: self._take({"event": "progress", "stage": stage, "done": done, "total": total})
        )
        self._task, self.state = task, "starting"
        QgsApplication.taskManager().addTask(task)
        self.changed.emit()

    def stop(self) -> None:
        """End the learning soon, and keep the best."""
        self._end_with("stop")

    def cancel(self) -> None:
        """End the run, and keep nothing."""
        if self._task is not None:
            self._task.cancel()
            self._end_with("cancel")

    def _end_with(self, wish: str) -> None:
        if self.running:
            self._wish, self.state = wish, "ending"
            self.changed.emit()

    def _take(self, event: Event) -> None:
        kind = event["event"]
        if kind == "start":
            self.start = event
            if self.state == "starting":
                self.state = "learning"
                self.changed.emit()
        elif kind == "step":
            self.losses.append((event["seconds"], event["loss"]))
            self.share = min(1.0, event["seconds"] / (60.0 * self._minutes))
        elif kind == "validation":
            self.scores.append((event["seconds"], event["score"]))
        self.moved.emit(event)

    def _ended(self, result: Any, error: Optional[BaseException]) -> None:  # noqa: ANN401 - Optional[Event]
        self._task, self.state = None, "idle"
        self.result = result
        self.error = None if isinstance(error, Cancelled) else error
        if result is not None:
            log(f"fine-tuning: {result.get('model')}, {result.get('before')} → {result.get('after')}")
            if result.get("model"):  # a moment later: older QGIS would lay its own "Task complete" over what we say
                QTimer.singleShot(0, lambda: self.made.emit(str(result["model"])))
        self.changed.emit()


class AskBeforeExit(QgsApplicationExitBlockerInterface):
    """Asks before QGIS closes while a run is under way.

    Args:
        session: The run.
        parent: The window that the question belongs to.
    """

    def __init__(self, session: FinetuneSession, parent: Any) -> None:  # noqa: ANN401 - QWidget
        super().__init__()
        self._session = session
        self._parent = parent

    def allowExit(self) -> bool:
        """Return whether QGIS may close."""
        if not self._session.running:
            return True
        answer = QMessageBox.question(
            self._parent,
            tr("GRAFT"),
            tr("A model is being fine-tuned. Close QGIS and lose what it has learnt?"),
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No,
            QMessageBox.StandardButton.No,
        )
        if answer != QMessageBox.StandardButton.Yes:
            return False
        self._session.cancel()
        return True


class ExitGuard:
    """Keeps the question registered with QGIS while the plugin is loaded."""

    def __init__(self, iface: Any, session: FinetuneSession) -> None:  # noqa: ANN401 - QgisInterface
        self._iface = iface
        self._blocker = AskBeforeExit(session, iface.mainWindow())
        iface.registerApplicationExitBlocker(self._blocker)

    def remove(self) -> None:
        """Take it away."""
        with contextlib.suppress(RuntimeError):
            self._iface.unregisterApplicationExitBlocker(self._blocker)
