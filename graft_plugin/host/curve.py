"""A small curve: the loss while it is learnt, and the score on the held-out part, over time."""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

from .i18n import tr

HEIGHT_PX = 110
LOSS_COLOUR = "#0072b2"
SCORE_COLOUR = "#d55e00"
MARGIN_PX = 4
DOT_PX = 2.5
SMOOTH = 0.2
"""Weight of a new loss in the line that is drawn: single batches jump."""

Points = Sequence[Tuple[float, float]]


class Curve(QWidget):
    """Loss and score share the time axis; each has its own height, from its lowest to its highest value."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._losses: Points = ()
        self._scores: Points = ()
        self._until_s = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_points(self, losses: Points, scores: Points, until_s: float) -> None:
        """Show (seconds, value) of both; the time axis ends at `until_s`, or later where the points do."""
        self._losses, self._scores = smoothed(losses), scores
        last = max((points[-1][0] for points in (losses, scores) if points), default=0.0)
        self._until_s = max(until_s, last, 1e-6)
        told = [words.format(points[-1][1]) for words, points in self._named() if points]
        self.setAccessibleDescription(", ".join(told))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that it likes."""
        return QSize(260, HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        """Return the size below which it cannot be read."""
        return QSize(140, HEIGHT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw both lines, and their last values above them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line_px = self.fontMetrics().height()
        plot = QRectF(self.rect()).adjusted(MARGIN_PX, line_px + MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
        muted = QColor(self.palette().color(QPalette.ColorRole.WindowText))
        muted.setAlpha(70)
        painter.setPen(QPen(muted, 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.drawLine(plot.topLeft(), plot.bottomLeft())
        left = MARGIN_PX
        for colour, (words, points) in zip((LOSS_COLOUR, SCORE_COLOUR), self._named()):
            if not points:
                continue
            painter.setPen(QPen(QColor(colour), 1.6))
            painter.drawPolyline(QPolygonF(placed(points, plot, self._until_s)))
            text = words.format(points[-1][1])
            painter.drawText(QPointF(left, self.fontMetrics().ascent() + 1), text)
            left += self.fontMetrics().horizontalAdvance(text) + 14
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(SCORE_COLOUR))
        for point in placed(self._scores, plot, self._until_s):
            painter.drawEllipse(point, DOT_PX, DOT_PX)

    def _named(self) -> List[Tuple[str, Points]]:
        return [(tr("loss {:.2f}"), self._losses), (tr("held-out score {:.3f}"), self._scores)]


def smoothed(points: Points) -> List[Tuple[float, float]]:
    """Return a running mean of the values."""
    out: List[Tuple[float, float]] = []
    for x, y in points:
        out.append((x, y if not out else (1 - SMOOTH) * out[-1][1] + SMOOTH * y))
    return out


def placed(points: Points, plot: QRectF, until_s: float) -> List[QPointF]:
    """Return where (seconds, value) points lie in a rectangle; a flat line lies in its middle."""
    if not points:
        return []
    low, high = min(y for _, y in points), max(y for _, y in points)
    span = high - low
    return [
        QPointF(
            plot.left() + plot.width() * x / until_s,
            plot.bottom() - plot.height() * ((y - low) / span if span > 0 else 0.5),
        )
        for x, y in points
    ]
