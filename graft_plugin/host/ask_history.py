"""What was asked before in this project: click to see an answer again."""

from __future__ import annotations

from typing import List, Optional

from qgis.core import QgsProject
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QListWidget, QListWidgetItem, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from .ask_answer import Answer, keep_answers, kept_answers
from .i18n import tr

MOST_ROWS = 6
ID = Qt.ItemDataRole.UserRole


class AskHistory(QWidget):
    """Shows what the project keeps; it holds nothing of its own."""

    wanted = pyqtSignal(object)
    """(Answer): show it again."""
    cleared = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setObjectName("graft_ask_history")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAlternatingRowColors(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.list.itemClicked.connect(self._clicked)
        self.list.itemActivated.connect(self._clicked)
        self.clear = QPushButton(tr("Forget all"))
        self.clear.setToolTip(tr("Take the questions and answers out of this project; layers stay"))
        self.clear.clicked.connect(self._clear)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.list)
        box.addWidget(self.clear, 0, Qt.AlignmentFlag.AlignLeft)
        self.refresh()

    def add(self, answer: Answer) -> None:
        """Have the project keep an answer."""
        project = QgsProject.instance()
        keep_answers(project, [answer, *kept_answers(project)])
        self.refresh()

    def answers(self) -> List[Answer]:
        """Return what the project keeps, the newest first."""
        return kept_answers(QgsProject.instance())

    def refresh(self) -> None:
        """Show what the project keeps now."""
        self.list.clear()
        answers = self.answers()
        for answer in answers:
            item = QListWidgetItem(f"{answer.title}\n    {answer.headline}")
            item.setToolTip(f"{answer.text}\n{answer.layer_name} · {answer.asked.replace('T', ' ')}")
            item.setData(ID, answer.id)
            self.list.addItem(item)
        rows = min(MOST_ROWS, max(1, len(answers)))
        row_px = self.list.sizeHintForRow(0) if answers else self.fontMetrics().lineSpacing()
        self.list.setFixedHeight(rows * row_px + 2 * self.list.frameWidth() + 2)
        self.clear.setEnabled(bool(answers))

    def _clicked(self, item: QListWidgetItem) -> None:
        answer = next((answer for answer in self.answers() if answer.id == item.data(ID)), None)
        if answer is not None:
            self.wanted.emit(answer)

    def _clear(self) -> None:
        keep_answers(QgsProject.instance(), [])
        self.refresh()
        self.cleared.emit()
