"""The dock's strip under Run: what is happening, how far it is, and Cancel."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from .i18n import tr
from .task import EngineTask


def show_percent(bar: QProgressBar, percent: float) -> None:
    """Show how far a run is; while it has told of nothing yet, only that it is at work."""
    bar.setRange(0, 100 if percent >= 1.0 else 0)
    bar.setValue(int(percent))


class RunStrip(QWidget):
    """Follows one task at a time; hidden while there is none."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._task: Optional[EngineTask] = None
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.setObjectName("graft_dock_cancel")
        self.cancel.clicked.connect(self._cancel)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.bar, 1)
        line.addWidget(self.cancel)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.words)
        box.addLayout(line)
        self.hide()

    def follow(self, task: EngineTask) -> None:
        """Show a task's progress."""
        self._task = task
        show_percent(self.bar, 0.0)
        self.words.setText(tr("Starting …"))
        self.cancel.setEnabled(True)
        task.stage_changed.connect(lambda words: self._say(task, words))
        task.progressChanged.connect(lambda percent: self._move(task, percent))
        self.show()

    def leave(self, task: EngineTask) -> None:
        """A task is over."""
        if task is self._task:
            self._task = None
            self.hide()

    def _say(self, task: EngineTask, words: str) -> None:
        if task is self._task and self.cancel.isEnabled():
            self.words.setText(f"{words} …")

    def _move(self, task: EngineTask, percent: float) -> None:
        if task is self._task:
            show_percent(self.bar, percent)

    def _cancel(self) -> None:
        if self._task is not None:
            self.cancel.setEnabled(False)
            self.words.setText(tr("Stopping …"))
            self._task.cancel()
