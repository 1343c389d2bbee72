"""A heatmap's histogram with the threshold as a handle in it."""

from __future__ import annotations

import math
from typing import List, Optional, Sequence

from qgis.core import QgsRasterLayer
from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QWidget

from ..palette import prompt_colour
from .i18n import tr

BINS = 100
SAMPLES = 250_000
"""Cells that are looked at for a histogram; enough for its shape, and done in a moment however large the heatmap is."""
HEIGHT_PX = 76
MUTED_ALPHA = 90
HANDLE_PX = 7
STEP = 0.01


def read_counts(layer: QgsRasterLayer, band: int) -> List[int]:
    """Return how many cells of a band score in each of `BINS` steps from 0 to 1; large heatmaps are sampled."""
    found = layer.dataProvider().histogram(band, BINS, 0.0, 1.0, layer.extent(), SAMPLES, False)
    return [int(count) for count in found.histogramVector] if found.valid else []


class Histogram(QLabel):
    """Draws counts, the part from the threshold on in colour; drag, click, wheel and arrow keys move the threshold.

    A label, because a theme that is a style sheet gives labels an ink that can be seen, and plain widgets none.
    """

    moved = pyqtSignal(float)
    """The user has moved the threshold to this score."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._counts: List[int] = []
        self._threshold = 0.5
        self._colour = QColor(prompt_colour(0))
        self.setToolTip(tr("How many places have which score, 0 to 1. Drag the handle: what is right of it is taken."))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def threshold(self) -> float:
        """The threshold, 0..1."""
        return self._threshold

    def show_counts(self, counts: Sequence[int], threshold: float, colour: str) -> None:
        """Show another heatmap."""
        self._counts = list(counts)
        self._colour = QColor(colour)
        self.set_threshold(threshold)

    def set_threshold(self, threshold: float) -> None:
        """Move the handle; `moved` is not emitted."""
        self._threshold = min(max(threshold, 0.0), 1.0)
        self.setAccessibleDescription(f"{self._threshold:.2f}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that it likes."""
        return QSize(260, HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        """Return the size below which it cannot be used."""
        return QSize(120, HEIGHT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw bars as high as the square root of their counts: the few high scores are seen beside the many low."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = self._plot()
        palette = self.palette()
        muted = QColor(palette.color(QPalette.ColorRole.WindowText))
        muted.setAlpha(MUTED_ALPHA)
        painter.setPen(QPen(muted, 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        top = math.sqrt(max(self._counts, default=0)) or 1.0
        painter.setPen(Qt.PenStyle.NoPen)
        for k, count in enumerate(self._counts):
            if count == 0:
                continue
            height = max(1.0, plot.height() * math.sqrt(count) / top)
            left = plot.left() + plot.width() * k / BINS
            painter.setBrush(self._colour if (k + 0.5) / BINS >= self._threshold else muted)
            painter.drawRect(QRectF(left, plot.bottom() - height, plot.width() / BINS * 0.86, height))
        x = plot.left() + plot.width() * self._threshold
        ink = palette.color(QPalette.ColorRole.Highlight if self.hasFocus() else QPalette.ColorRole.WindowText)
        painter.setPen(QPen(ink, 1.5))
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        low = plot.bottom()
        corners = [(x, low), (x - HANDLE_PX, low + HANDLE_PX + 2), (x + HANDLE_PX, low + HANDLE_PX + 2)]
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move the threshold to the mouse."""
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the threshold with the mouse."""
        plot = self._plot()
        x = event.position().x() if hasattr(event, "position") else event.x()  # Qt 6, Qt 5
        self._move((x - plot.left()) / max(plot.width(), 1.0))

    def wheelEvent(self, event: object) -> None:
        """Move the threshold by a step; not where the panel should scroll instead."""
        if not self.hasFocus():
            event.ignore()  # type: ignore[attr-defined]
            return
        self._move(self._threshold + math.copysign(STEP, event.angleDelta().y()))  # type: ignore[attr-defined]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the threshold by a step with the arrow keys, by ten with Page Up and Down."""
        steps = {
            Qt.Key.Key_Left: -STEP, Qt.Key.Key_Down: -STEP, Qt.Key.Key_Right: STEP, Qt.Key.Key_Up: STEP,
            Qt.Key.Key_PageDown: -10 * STEP, Qt.Key.Key_PageUp: 10 * STEP,
        }  # fmt: skip
        step = steps.get(event.key())
        if step is None:
            super().keyPressEvent(event)
        else:
            self._move(self._threshold + step)

    def _move(self, threshold: float) -> None:
        wanted = round(min(max(threshold, 0.0), 1.0), 2)
        if wanted != self._threshold:
            self.set_threshold(wanted)
            self.moved.emit(wanted)

    def _plot(self) -> QRectF:
        return QRectF(self.rect()).adjusted(HANDLE_PX + 1, 4, -HANDLE_PX - 1, -HANDLE_PX - 4)
