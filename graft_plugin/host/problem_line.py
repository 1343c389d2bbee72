"""What is wrong with what a dialog was told, beside a sign; the theme's own colours, so that it can be read in all."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QStyle, QWidget

ICON_PX = 20


class ProblemLine(QWidget):
    """Hidden while there is no problem."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        sign = QLabel()
        sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        icon = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        sign.setPixmap(icon.pixmap(QSize(ICON_PX, ICON_PX)))
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(sign)
        box.addWidget(self._words, 1)
        self.hide()

    def text(self) -> str:
        """Return what is said."""
        return str(self._words.text())

    def tell(self, problem: str) -> None:
        """Say what is wrong; nothing: all is well."""
        self._words.setText(problem)
        self.setVisible(bool(problem))
