"""Prompts as chips: type, press Enter, and the word stands there in its colour, with a cross to take it away."""

from __future__ import annotations

from typing import List, Optional, Tuple

from qgis.PyQt.QtCore import QEvent, QObject, QRectF, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QPainter, QPaintEvent, QPen
from qgis.PyQt.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from ..palette import prompt_colour
from .elided import ElidedLabel
from .flow_layout import FlowLayout
from .i18n import tr
from .source import texts

DOT_PX = 10
CHIP_RADIUS_PX = 4
OUTLINE_ALPHA = 90


class PromptField(QWidget):
    """A line to type in, and the chips of what was typed.

    Args:
        placeholder: What the empty line says.
        coloured: Whether each chip has the colour that its results will have; else all are rings.
        parent: The widget it belongs to.
    """

    changed = pyqtSignal()
    """The prompts are others than before."""
    submitted = pyqtSignal()
    """Enter was pressed on an empty line: the user is done."""

    def __init__(self, placeholder: str, coloured: bool = True, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._coloured = coloured
        self._prompts: List[str] = []
        self.line = QLineEdit()
        self.line.setPlaceholderText(placeholder)
        self.line.setClearButtonEnabled(True)
        self.line.returnPressed.connect(self._enter)
        self.line.textChanged.connect(lambda _text: self.changed.emit())
        self.line.setToolTip(tr("Enter or a comma ends a prompt; Backspace takes the last one back"))
        self.line.installEventFilter(self)
        self.setFocusProxy(self.line)
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self.line)
        box.addWidget(self._chips)
        self._chips.hide()

    def prompts(self) -> Tuple[str, ...]:
        """Return the prompts, what stands in the line included, each once."""
        return tuple(dict.fromkeys([*self._prompts, *texts(self.line.text())]))

    def set_prompts(self, prompts: Tuple[str, ...]) -> None:
        """Show these prompts and no others."""
        self.line.clear()
        self._prompts = list(dict.fromkeys(prompts))
        self._show()

    def take_line(self) -> None:
        """Make chips of what stands in the line."""
        self.set_prompts(self.prompts())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A comma ends a prompt; Backspace in the empty line takes the last chip away."""
        if watched is self.line and event.type() == QEvent.Type.KeyPress:
            if event.text() in (",", ";") and self.line.text().strip():
                self.take_line()
                return True
            if event.key() == Qt.Key.Key_Backspace and not self.line.text() and self._prompts:
                self._remove(self._prompts[-1])
                return True
        return super().eventFilter(watched, event)

    def _enter(self) -> None:
        if self.line.text().strip():
            self.take_line()
        elif self._prompts:
            self.submitted.emit()

    def _remove(self, prompt: str) -> None:
        self._prompts.remove(prompt)
        self._show()

    def _show(self) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            chip = item.widget()
            chip.setParent(None)
            chip.deleteLater()  # later: its own cross may be what was clicked
        before: QWidget = self.line
        for index, prompt in enumerate(self._prompts):
            chip = _Chip(prompt, prompt_colour(index) if self._coloured else "")
            chip.closed.connect(self._remove)
            self._flow.addWidget(chip)
            QWidget.setTabOrder(before, chip.cross)
            before = chip.cross
        self._chips.setVisible(bool(self._prompts))
        self._flow.invalidate()
        self._chips.updateGeometry()
        self.changed.emit()


class _Chip(QFrame):
    """One prompt: a dot in its colour, its text, a cross; in an outline of the text's colour, whatever the theme."""

    closed = pyqtSignal(str)

    def __init__(self, prompt: str, colour: str) -> None:
        super().__init__()
        self.setObjectName("graft_chip")
        self.setToolTip(prompt)
        self._label = ElidedLabel(prompt)
        self.cross = QToolButton()
        self.cross.setText("×")
        self.cross.setAutoRaise(True)
        self.cross.setToolTip(tr("Remove “{}”").format(prompt))
        self.cross.setAccessibleName(self.cross.toolTip())
        self.cross.clicked.connect(lambda: self.closed.emit(prompt))
        box = QHBoxLayout(self)
        box.setContentsMargins(6 + DOT_PX + 5, 1, 2, 1)
        box.setSpacing(4)
        box.addWidget(self._label)
        box.addWidget(self.cross)
        self._colour = colour

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the outline and the dot."""
        ink = QColor(self._label.palette().color(self._label.foregroundRole()))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dot = QRectF(6, (self.height() - DOT_PX) / 2, DOT_PX, DOT_PX)
        if self._colour:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._colour))
            painter.drawEllipse(dot)
        ink.setAlpha(OUTLINE_ALPHA)
        painter.setPen(QPen(ink, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if not self._colour:
            painter.drawEllipse(dot.adjusted(0.5, 0.5, -0.5, -0.5))
        outline = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(outline, CHIP_RADIUS_PX, CHIP_RADIUS_PX)
        painter.end()
