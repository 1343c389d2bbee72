"""The map tool that draws a rectangle: upright on the screen, also where the map is turned."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor

LINE_COLOUR = "#d55e00"
FILL_ALPHA = 40
LEAST_PX = 4
"""A drag shorter than this on either side is a click."""


class RectangleTool(QgsMapTool):
    """Drag a rectangle; Esc gives up. What was drawn stays in sight until it is cleared.

    Args:
        canvas: The map.
    """

    drawn = pyqtSignal(QgsGeometry)
    """(rectangle in the map's CRS)"""
    ended = pyqtSignal()
    """The tool is done, whether something was drawn or not."""

    def __init__(self, canvas: Any) -> None:  # noqa: ANN401 - QgsMapCanvas
        super().__init__(canvas)
        self._canvas = canvas
        self._start: Optional[QPoint] = None
        self._shape: Optional[QgsGeometry] = None
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        colour = QColor(LINE_COLOUR)
        self._band.setStrokeColor(colour)
        colour.setAlpha(FILL_ALPHA)
        self._band.setFillColor(colour)
        self._band.setWidth(2)

    def canvasPressEvent(self, event: Any) -> None:  # noqa: ANN401 - QgsMapMouseEvent
        """Begin."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._start = event.pos()

    def canvasMoveEvent(self, event: Any) -> None:  # noqa: ANN401 - QgsMapMouseEvent
        """Follow the mouse."""
        if self._start is not None:
            self._show(self._rectangle(self._start, event.pos()))

    def canvasReleaseEvent(self, event: Any) -> None:  # noqa: ANN401 - QgsMapMouseEvent
        """Take what was drawn, and end; a mere click begins anew."""
        if event.button() != Qt.MouseButton.LeftButton or self._start is None:
            return
        start, self._start = self._start, None
        size = event.pos() - start
        if min(abs(size.x()), abs(size.y())) < LEAST_PX:
            self._show(self._shape)
            return
        self._shape = self._rectangle(start, event.pos())
        self._show(self._shape)
        self.drawn.emit(self._shape)
        self._canvas.unsetMapTool(self)

    def keyPressEvent(self, event: Any) -> None:  # noqa: ANN401 - QKeyEvent
        """Give up with Esc: what was drawn before stays."""
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            self._start = None
            self._show(self._shape)
            self._canvas.unsetMapTool(self)

    def deactivate(self) -> None:
        """End; QGIS calls this when another tool is chosen, too."""
        self._start = None
        super().deactivate()
        self.ended.emit()

    def clear(self) -> None:
        """Take the rectangle off the map."""
        self._start = self._shape = None
        self._show(None)

    def set_shown(self, shown: bool) -> None:
        """Hide what was drawn while another area is chosen, or show it again."""
        self._band.setVisible(shown and self._shape is not None)

    def remove(self) -> None:
        """Take everything off the map, for good."""
        self._canvas.unsetMapTool(self)
        self._canvas.scene().removeItem(self._band)

    def _rectangle(self, one: QPoint, other: QPoint) -> QgsGeometry:
        """Return the rectangle between two points of the screen, in the map's CRS."""
        corners = [one, QPoint(other.x(), one.y()), other, QPoint(one.x(), other.y())]
        places: List[QgsPointXY] = [self.toMapCoordinates(corner) for corner in corners]
        return QgsGeometry.fromPolygonXY([[*places, places[0]]])

    def _show(self, shape: Optional[QgsGeometry]) -> None:
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        if shape is not None:
            self._band.setToGeometry(shape, None)
            self._band.show()
