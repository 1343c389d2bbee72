"""An answer, large: number and unit, the sentence, how sure it is, how it came about; or what went wrong."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QPalette
from qgis.PyQt.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from .ask_answer import Answer
from .i18n import tr
from .messages import capital

LARGE, LONG, LONG_CHARS = 2.0, 1.3, 18
"""How much larger than the text a number is, and a longer answer."""


class AnswerView(QFrame):
    """Hidden until there is something to show."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("graft_answer")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.headline, self.text, self.confidence, self.why, self.notes = (_line() for _ in range(5))
        self.text.setStyleSheet("font-weight: bold")
        self.confidence.setToolTip(tr("What the model's scores say; it is not a measured probability."))
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 8, 10, 8)
        box.setSpacing(4)
        for line in (self.headline, self.text, self.confidence, self.why, self.notes):
            box.addWidget(line)
        self.hide()

    def show_answer(self, answer: Answer) -> None:
        """Show an answer."""
        headline = answer.headline
        font = self.text.font()
        font.setPointSizeF(font.pointSizeF() * (LONG if len(headline) > LONG_CHARS else LARGE))
        self.headline.setFont(font)
        # a sentence that says no more than the headline is not said twice
        text = "" if answer.text.strip(" .").casefold() == headline.casefold() else answer.text
        self._show(headline, text, answer.confidence_words, answer.why, _notes(answer))

    def show_problem(self, words: str) -> None:
        """Show why there is no answer."""
        self.headline.setFont(self.text.font())
        self._show(tr("No answer"), "", "", words, "")

    def _show(self, *texts: str) -> None:
        for line, text in zip((self.headline, self.text, self.confidence, self.why, self.notes), texts):
            line.setText(text)
            line.setVisible(bool(text))
        self.show()


def _notes(answer: Answer) -> str:
    return "\n".join(f"⚠ {capital(warning)}" for warning in answer.warnings)


def _line() -> QLabel:
    line = QLabel()
    line.setWordWrap(True)
    line.setTextFormat(Qt.TextFormat.PlainText)
    line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return line
