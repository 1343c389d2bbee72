"""The plan of an answer: readable, editable, and run again as it stands."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QFontDatabase
from qgis.PyQt.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from .ask_answer import WRITERS
from .i18n import tr

LEAST_LINES, MOST_LINES = 3, 14


class PlanEdit(QPlainTextEdit):
    """Monospaced text, as high as its lines."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("graft_plan")
        self.setAccessibleName(tr("Plan"))
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self.updateGeometry())

    def sizeHint(self) -> QSize:
        """Return the size of the lines, wrapped as they are."""
        lines = min(MOST_LINES, max(LEAST_LINES, int(self.document().size().height())))
        around = 2 * (self.frameWidth() + int(self.document().documentMargin()))
        return QSize(120, self.fontMetrics().lineSpacing() * (lines + 1) + around)

    def minimumSizeHint(self) -> QSize:
        """Return the same: the page scrolls, not the box."""
        return self.sizeHint()


class PlanBox(QWidget):
    """A plan with who wrote it and a button that runs it again."""

    wanted = pyqtSignal()
    """The user wants the plan to be run as it stands."""
    edited = pyqtSignal()
    """Another plan stands here."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.writer = QLabel()
        self.writer.setWordWrap(True)
        self.edit = PlanEdit()
        self.edit.textChanged.connect(self.edited)
        self.again = QPushButton(tr("Run this plan again"))
        self.again.setObjectName("graft_ask_again")
        self.again.clicked.connect(self.wanted)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.writer)
        box.addWidget(self.edit)
        box.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)

    def show_plan(self, plan: str, writer: str) -> None:
        """Show a plan and who wrote it."""
        self._shown = plan
        self.edit.setPlainText(plan)
        words = WRITERS.get(writer, "")
        self.writer.setText(tr(words) if words else "")

    def plan(self) -> str:
        """Return the plan as it stands."""
        return self.edit.toPlainText().strip()

    @property
    def changed(self) -> bool:
        """Whether the user has changed it since it was shown."""
        return self.plan() != self._shown.strip()
