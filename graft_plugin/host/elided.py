"""Texts that end in … where the room does, instead of being cut off or pushing their panel wider."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QPainter, QPaintEvent
from qgis.PyQt.QtWidgets import QComboBox, QLabel, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

SHORTEST_CHARS = 4


class ElidedLabel(QLabel):
    """One line of plain text; what does not fit is in the tooltip that its owner sets."""

    def __init__(self, text: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def minimumSizeHint(self) -> QSize:
        """Return the size of a few letters."""
        size = super().minimumSizeHint()
        return QSize(min(size.width(), self.fontMetrics().averageCharWidth() * SHORTEST_CHARS), size.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw as much of the text as there is room for."""
        metrics = self.fontMetrics()
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        baseline = (self.height() + metrics.ascent() - metrics.descent()) // 2
        painter.drawText(0, baseline, metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width()))
        painter.end()


class ElidedCombo(QComboBox):
    """A closed box shows the start of a long entry; its open list shows all of it."""

    def __init__(self, shortest_chars: int, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(shortest_chars)

    def showPopup(self) -> None:
        """Open the list, wide enough for its longest entry."""
        view = self.view()
        view.setMinimumWidth(min(view.sizeHintForColumn(0) + view.verticalScrollBar().sizeHint().width(), 600))
        super().showPopup()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the box as Qt does, with the shortened text."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, field.width() - self.fontMetrics().averageCharWidth()
        )
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()
