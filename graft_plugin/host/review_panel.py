"""The panel that judges points: the map goes to each, a key says what is there, and how many are left."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis.core import QgsCoordinateTransform, QgsCsException, QgsProject, QgsRectangle
from qgis.gui import QgsVertexMarker
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeySequence
from qgis.PyQt.QtWidgets import QLabel, QProgressBar, QShortcut, QToolButton, QVBoxLayout, QWidget

from ..errors import GraftError
from .chip_panel import row
from .flow_layout import FlowLayout
from .i18n import tr
from .messages import sentence
from .review import Label, Review

MARK_PX = 26
COLOUR = "#fbe45a"
DIGITS = 10


class ReviewPanel(QWidget):
    """Goes through the points of one layer at a time; hidden while there is none.

    Args:
        canvas: The map.
        parent: The widget it belongs to.
    """

    finished = pyqtSignal()
    """The last point was judged."""
    judged = pyqtSignal()
    """A point was judged, or a judgement was taken back."""

    def __init__(self, canvas: Any, parent: Optional[QWidget] = None) -> None:  # noqa: ANN401 - QgsMapCanvas
        super().__init__(parent)
        self._canvas = canvas
        self._mark: Optional[QgsVertexMarker] = None
        self._keys: List[QShortcut] = []
        self.review: Optional[Review] = None
        self.count = QLabel()
        self.count.setObjectName("graft_review_count")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.ask = QLabel(tr("What is at the middle of the ring?"))
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.labels = QWidget()
        self._flow = FlowLayout(self.labels)
        self.back, self.on, self.undo = QToolButton(), QToolButton(), QToolButton()
        for button, words, tip, key, act in (
            (self.back, "‹", tr("The point before (Left)"), Qt.Key.Key_Left, lambda: self._step(-1)),
            (self.on, "›", tr("The next point (Right)"), Qt.Key.Key_Right, lambda: self._step(1)),
            (self.undo, tr("Undo"), tr("Take the last judgement back (Backspace)"), Qt.Key.Key_Backspace, self._undo),
        ):
            button.setText(words)
            button.setToolTip(tip)
            button.clicked.connect(act)
            self._listen(key, button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(row(self.count, None, self.back, self.on, self.undo))
        for part in (self.bar, self.ask, self.labels, self.problem):
            box.addWidget(part)
        canvas.destinationCrsChanged.connect(self._show)
        self.hide()

    def begin(self, review: Review) -> None:
        """Judge the points of a layer; the map starts near to them, and keeps whatever zoom the user then chooses."""
        self.review = review
        while (item := self._flow.takeAt(0)) is not None:
            item.widget().setParent(None)
            item.widget().deleteLater()
        for key in self._keys[3:]:
            key.deleteLater()
        del self._keys[3:]
        for label in review.labels:
            self._flow.addWidget(self._button(label))
        self.show()
        self._go_to(review.view_m)
        self._show()

    def end(self) -> None:
        """Leave the points and the map."""
        self.review = None
        self._unmark()
        self.hide()

    def close_down(self) -> None:
        """Let go of the map."""
        self.end()
        self._canvas.destinationCrsChanged.disconnect(self._show)

    def showEvent(self, event: Any) -> None:  # noqa: ANN401 - QShowEvent
        """Listen to the keys, wherever in QGIS the focus is."""
        super().showEvent(event)
        self._hear(True)
        self._show()

    def hideEvent(self, event: Any) -> None:  # noqa: ANN401 - QHideEvent
        """Give the keys and the map back."""
        super().hideEvent(event)
        self._hear(False)
        self._unmark()

    def _hear(self, on: bool) -> None:
        for key in self._keys:
            key.setEnabled(on)

    def _listen(self, key: Any, button: QToolButton) -> None:  # noqa: ANN401 - Qt.Key
        """Let a key do what a button does, also while the map has the focus; a line that is typed in comes first."""
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.activated.connect(button.click)
        shortcut.setEnabled(False)
        self._keys.append(shortcut)

    def _button(self, label: Label) -> QToolButton:
        button = QToolButton()
        known = 0 <= label.number < DIGITS
        button.setText(f"{label.number}  {label.name}" if known else label.name)
        button.setCheckable(True)
        button.setProperty("label", label.name)
        button.clicked.connect(lambda: self._judge(label))
        if known:
            self._listen(Qt.Key(int(Qt.Key.Key_0) + label.number), button)
            self._keys[-1].setEnabled(self.isVisible())
        return button

    def _judge(self, label: Label) -> None:
        if self.review is None:
            return
        open_before = self.review.count - self.review.judged
        try:
            self.review.judge(label)
        except GraftError as error:
            self._say(sentence(error))
            return
        self._say("")
        self._moved()
        if open_before and self.review.judged == self.review.count:
            self.finished.emit()

    def _undo(self) -> None:
        if self.review is not None:
            self.review.undo()
            self._moved()

    def _step(self, by: int) -> None:
        if self.review is not None:
            self.review.step(by)
            self._moved()

    def _moved(self) -> None:
        self._go_to(None)
        self._show()
        self.judged.emit()

    def _go_to(self, view_m: Optional[float]) -> None:
        place = self._place()
        if place is None or self.review is None:
            return
        if view_m is None:
            self._canvas.setCenter(place)
        else:
            around = QgsRectangle.fromCenterAndSize(self.review.place(), view_m, view_m)
            self._canvas.setExtent(self._to_map().transformBoundingBox(around))
        self._canvas.refresh()

    def _place(self) -> Any:  # noqa: ANN401 - Optional[QgsPointXY]
        if self.review is None or self.review.place() is None:
            return None
        try:
            return self._to_map().transform(self.review.place())
        except QgsCsException:
            return None

    def _to_map(self) -> QgsCoordinateTransform:
        assert self.review is not None
        crs = self._canvas.mapSettings().destinationCrs()
        return QgsCoordinateTransform(self.review.layer.crs(), crs, QgsProject.instance())

    def _show(self) -> None:
        self._unmark()
        if self.review is None or not self.isVisible():
            return
        review = self.review
        self.count.setText(tr("{} of {}").format(review.judged, review.count))
        self.bar.setRange(0, max(1, review.count))
        self.bar.setValue(review.judged)
        self.undo.setEnabled(review.can_undo)
        for button in self.labels.findChildren(QToolButton):
            button.setChecked(bool(review.said) and button.property("label") == review.said)
        place = self._place()
        if place is not None:
            self._mark = QgsVertexMarker(self._canvas)
            self._mark.setCenter(place)
            self._mark.setIconType(QgsVertexMarker.IconType.ICON_CIRCLE)
            self._mark.setColor(QColor(COLOUR))
            self._mark.setIconSize(MARK_PX)
            self._mark.setPenWidth(3)

    def _unmark(self) -> None:
        if self._mark is not None:
            self._canvas.scene().removeItem(self._mark)
            self._mark = None

    def _say(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
