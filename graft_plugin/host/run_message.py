"""A run in the message bar: what is happening, how far it is, and Cancel."""

from __future__ import annotations

from typing import Any

from qgis.core import Qgis
from qgis.PyQt.QtWidgets import QProgressBar, QPushButton

from .i18n import tr
from .messages import TAG
from .run_strip import show_percent
from .task import EngineTask

BAR_WIDTH_PX = 110
"""The words beside it are what a narrow window has room for."""


class RunMessage:
    """Follows a task in the message bar; the user may close it, which does not end the task."""

    def __init__(self, iface: Any, task: EngineTask, title: str) -> None:  # noqa: ANN401 - QgisInterface
        self._messages = iface.messageBar()
        self._title = title
        self._open = True
        self._item = self._messages.createMessage(TAG, title)
        self._bar = QProgressBar()
        show_percent(self._bar, 0.0)
        self._bar.setFixedWidth(BAR_WIDTH_PX)
        self._cancel = QPushButton(tr("Cancel"))
        self._cancel.setObjectName("graft_cancel")
        self._cancel.clicked.connect(task.cancel)
        self._cancel.clicked.connect(self._stopping)
        self._item.layout().addWidget(self._bar)
        self._item.layout().addWidget(self._cancel)
        self._item.destroyed.connect(self._closed)
        self._messages.pushWidget(self._item, Qgis.MessageLevel.Info)
        task.stage_changed.connect(self._say)
        task.progressChanged.connect(self._move)

    def close(self) -> None:
        """Take it out of the bar."""
        if self._open:
            self._open = False
            self._messages.popWidget(self._item)

    def _say(self, words: str) -> None:
        if self._open:
            self._item.setText(f"{self._title}: {words} …")

    def _move(self, percent: float) -> None:
        if self._open:
            show_percent(self._bar, percent)

    def _stopping(self) -> None:
        if self._open:
            self._cancel.setEnabled(False)
            self._say(tr("Stopping"))

    def _closed(self) -> None:
        self._open = False
