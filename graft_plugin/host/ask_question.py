"""The field that a question is typed into, and examples of what is understood."""

from __future__ import annotations

from html import escape
from typing import Any, Optional

from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QLabel, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from .ask_order import EXAMPLES
from .i18n import tr

LINES = 2


class QuestionField(QPlainTextEdit):
    """Two lines of text; Enter asks."""

    submitted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("graft_question")
        self.setAccessibleName(tr("Question"))
        self.setPlaceholderText(tr("Ask something, such as: How many lakes are there?"))
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size of the lines."""
        around = 2 * (self.frameWidth() + int(self.document().documentMargin()))
        line_px = self.fontMetrics().lineSpacing()
        return QSize(120, line_px * LINES + line_px // 3 + around)  # a scroll bar is not to show for two full lines

    def minimumSizeHint(self) -> QSize:
        """Return the same: it does not shrink."""
        return self.sizeHint()

    def question(self) -> str:
        """Return what was typed, in one line."""
        return " ".join(self.toPlainText().split())

    def keyPressEvent(self, event: Any) -> None:  # noqa: ANN401 - QKeyEvent
        """Let Enter ask."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submitted.emit()
        else:
            super().keyPressEvent(event)


class Examples(QWidget):
    """Questions to click."""

    chosen = pyqtSignal(str)
    """(question)."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        heading = QLabel(tr("What is understood, for example (in English):"))
        heading.setWordWrap(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(3)
        box.addWidget(heading)
        for example in EXAMPLES:
            line = QLabel(f'<a href="ask" style="text-decoration: none">{escape(example)}</a>')
            line.setTextFormat(Qt.TextFormat.RichText)
            line.setWordWrap(True)
            line.linkActivated.connect(lambda _href, example=example: self.chosen.emit(example))
            box.addWidget(line)
