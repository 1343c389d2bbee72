"""A fine-tuning run as it goes on, and what came of it: words, bar, curve, and a table of before and after."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from .curve import Curve
from .finetune_session import FinetuneSession
from .i18n import tr, tr_later
from .messages import sentence

SCORES = {
    "iou": tr_later("Overlap (IoU)"),
    "auc": tr_later("Ranking (AUC)"),
    "named": tr_later("Same word as its photo"),
    "ranking": tr_later("Ranking of photos"),
    "recall_at_5": tr_later("Photo in first five"),
    "kept": tr_later("Old answers kept"),
}
MEANT = {
    "iou": tr_later("How far what the model finds and the polygons cover each other: 1 is all, 0 is nothing"),
    "auc": tr_later("How often a place inside the polygons is liked more than one outside: 0.5 is chance"),
    "named": tr_later("The probability that the place of a photo is called as the photo itself is"),
    "ranking": tr_later("How often the place of a photo likes it more than another photo: 0.5 is chance"),
    "recall_at_5": tr_later("How often a photo is among the five that its place likes most"),
    "kept": tr_later("On other pictures: how many places get the same answer as from the model it started from"),
}
STAGES = {
    "photos": tr_later("Looking at the photos"),
    "world": tr_later("Drawing what is to be kept"),
    "render": tr_later("Rendering the layer"),
    "export": tr_later("Reading the layer"),
}


class FinetuneProgress(QWidget):
    """Follows the session.

    Args:
        session: The run.
    """

    def __init__(self, session: FinetuneSession, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._session = session
        self._minutes = 5.0
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.curve = Curve()
        self.stop = QPushButton(tr("Stop, keep the best"))
        self.stop.setObjectName("graft_finetune_stop")
        self.stop.clicked.connect(session.stop)
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.clicked.connect(session.cancel)
        self.table = _table()
        buttons = QHBoxLayout()
        buttons.addWidget(self.stop, 1)
        buttons.addWidget(self.cancel)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        for part in (self.words, self.bar, self.curve):
            box.addWidget(part)
        box.addLayout(buttons)
        box.addWidget(self.table)
        session.changed.connect(self.refresh)
        session.moved.connect(self._moved)
        self.refresh()

    def set_minutes(self, minutes: float) -> None:
        """Say how long the run is to be."""
        self._minutes = minutes

    def refresh(self) -> None:
        """Show how things stand."""
        session = self._session
        running = bool(session.running)
        for part in (self.bar, self.stop, self.cancel):
            part.setVisible(running)
        self.stop.setEnabled(session.state == "learning")
        self.cancel.setEnabled(session.state != "ending")
        self._draw()
        self.bar.setRange(0, 0 if session.state in ("starting", "ending") else 1000)
        words = state_words(session)
        self.words.setText(words)
        self.words.setVisible(bool(words))
        result = session.result if not running else None
        self.table.setVisible(bool(result and result.get("before")))
        if result and result.get("before"):
            fill(self.table, *with_kept(result))
        self.setVisible(bool(words) or running)

    def _moved(self, event: Dict[str, Any]) -> None:
        session = self._session
        if event["event"] == "progress" and event["stage"] in STAGES:
            self.words.setText(tr("{} … {} of {}").format(tr(STAGES[event["stage"]]), event["done"], event["total"]))
        elif session.state == "learning":
            self.bar.setValue(round(1000 * session.share))
            self.words.setText(state_words(session))
        if event["event"] in ("step", "validation"):
            self._draw()

    def _draw(self) -> None:
        """Draw the curve: over the length of a run, and of what there was once it has ended."""
        session = self._session
        self.curve.setVisible(bool(session.losses or session.scores))
        self.curve.show_points(session.losses, session.scores, 60 * self._minutes if session.running else 0.0)


def state_words(session: FinetuneSession) -> str:
    """Return what is happening, or how the last run ended."""
    if session.state == "starting":
        return tr("Reading imagery and data …")
    if session.state == "ending":
        return tr("Ending; the result is judged on the held-out part …")
    if session.state == "learning":
        counts = session.start.get("counts", {})
        return tr("Learning: {} teach, {} judge").format(counts.get("train", 0), counts.get("held", 0))
    if session.error is not None:
        return sentence(session.error)
    if session.result is None:
        return ""
    if not session.result.get("model"):
        return tr("Nothing that was learnt was better on the held-out part; no model was stored.")
    return tr("The model “{}” is ready, and chosen for the next search.").format(session.result["model"])


def with_kept(result: Dict[str, Any]) -> Tuple[Dict[str, float], Dict[str, float]]:
    """Return the scores before and after, with how much of the parent's answers elsewhere has stayed."""
    before, after, card = dict(result["before"]), dict(result["after"]), result.get("card")
    if card and "kept" in card:
        before["kept"], after["kept"] = 1.0, float(card["kept"])
    return before, after


def fill(table: QTableWidget, before: Dict[str, float], after: Dict[str, float]) -> None:
    """Show the scores that both have; their mean, which chooses, is not shown beside them."""
    names = [name for name in SCORES if name in before and name in after]
    table.setRowCount(len(names))
    for row, name in enumerate(names):
        for column, text in enumerate((tr(SCORES[name]), f"{before[name]:.3f}", f"{after[name]:.3f}")):
            item = QTableWidgetItem(text)
            item.setToolTip(tr(MEANT[name]))
            if column:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(row, column, item)
    height = table.horizontalHeader().sizeHint().height() + sum(table.rowHeight(row) for row in range(len(names)))
    table.setFixedHeight(height + 4)


def _table() -> QTableWidget:
    table = QTableWidget(0, 3)
    table.setHorizontalHeaderLabels([tr("Held-out part"), tr("Before"), tr("After")])
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column in (1, 2):
        table.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    return table
