"""The strip of chips with its buttons: right, wrong, rank again, and how many marks there are."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from .chip_view import ChipView
from .i18n import tr


class ChipPanel(QWidget):
    """Lets the mouse do what the keys do in a `ChipView`."""

    rank_wanted = pyqtSignal()
    """The user wants the marks to count."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.chips = ChipView()
        self.right, self.wrong, self.forget = QToolButton(), QToolButton(), QToolButton()
        for button, words, tip in (
            (self.right, tr("✓ Right"), tr("This tile is what was sought (key 1)")),
            (self.wrong, tr("✗ Wrong"), tr("This tile is something else (key 0)")),
            (self.forget, tr("Forget"), tr("Take all marks back")),
        ):
            button.setText(words)
            button.setToolTip(tip)
        self.again = QPushButton(tr("Rank again"))
        self.again.setObjectName("graft_index_again")
        self.again.setToolTip(tr("Let the marks move the ranking (Enter); wrong tiles are not shown again"))
        self.words = QLabel()
        self._marks = QWidget()
        self._marks.setLayout(row(self.words, None, self.forget))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(row(self.right, self.wrong, None, self.again))
        box.addWidget(self.chips, 1)
        box.addWidget(self._marks)
        self.chips.marked.connect(self._follow)
        self.chips.rank_wanted.connect(self.again.click)
        self.right.clicked.connect(lambda: self.chips.mark(True))
        self.wrong.clicked.connect(lambda: self.chips.mark(False))
        self.forget.clicked.connect(self.chips.forget)
        self.again.clicked.connect(self.rank_wanted)
        self._follow()

    def _follow(self) -> None:
        right, wrong = (len(self.chips.marked_as(which)) for which in (True, False))
        self.words.setText(tr("{} right, {} wrong").format(right, wrong))
        self.again.setEnabled(bool(right or wrong))
        self._marks.setVisible(bool(right or wrong))


def row(*parts: Optional[QWidget]) -> QHBoxLayout:
    """Return widgets side by side; None is where the room goes."""
    line = QHBoxLayout()
    line.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        if part is None:
            line.addStretch(1)
        else:
            line.addWidget(part)
    return line
