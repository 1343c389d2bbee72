"""The map tool that collects spots: what is looked for, and with Shift what it must not look like."""

from __future__ import annotations

from typing import Any, List, Tuple

from qgis.core import QgsPointXY
from qgis.gui import QgsMapTool, QgsVertexMarker
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor

LIKE_COLOUR = "#009e73"
UNLIKE_COLOUR = "#d55e00"
MARK_PX = 14


class SpotTool(QgsMapTool):
    """Click adds a spot, Shift-click an unlike one, right-click takes the last one back, Esc ends.

    Args:
        canvas: The map.
    """

    changed = pyqtSignal()
    """Spots were added or removed."""

    def __init__(self, canvas: Any) -> None:  # noqa: ANN401 - QgsMapCanvas
        super().__init__(canvas)
        self._canvas = canvas
        self._spots: List[Tuple[QgsPointXY, bool, QgsVertexMarker]] = []
        self.setCursor(Qt.CursorShape.CrossCursor)
        canvas.destinationCrsChanged.connect(self.clear)  # spots are kept in the map's CRS

    @property
    def like(self) -> List[QgsPointXY]:
        """The spots whose likes are looked for, in the map's CRS."""
        return [point for point, liked, _mark in self._spots if liked]

    @property
    def unlike(self) -> List[QgsPointXY]:
        """The spots that it must not look like."""
        return [point for point, liked, _mark in self._spots if not liked]

    def canvasReleaseEvent(self, event: Any) -> None:  # noqa: ANN401 - QgsMapMouseEvent
        """Add or take back a spot."""
        if event.button() == Qt.MouseButton.RightButton:
            if self._spots:
                self._canvas.scene().removeItem(self._spots.pop()[2])
                self.changed.emit()
        elif event.button() == Qt.MouseButton.LeftButton:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.add(self.toMapCoordinates(event.pos()), not shift)

    def keyReleaseEvent(self, event: Any) -> None:  # noqa: ANN401 - QKeyEvent
        """End with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self._canvas.unsetMapTool(self)

    def add(self, point: QgsPointXY, liked: bool) -> None:
        """Add a spot in the map's CRS."""
        mark = QgsVertexMarker(self._canvas)
        mark.setCenter(point)
        mark.setIconType(QgsVertexMarker.IconType.ICON_CIRCLE if liked else QgsVertexMarker.IconType.ICON_X)
        mark.setColor(QColor(LIKE_COLOUR if liked else UNLIKE_COLOUR))
        mark.setIconSize(MARK_PX)
        mark.setPenWidth(3)
        self._spots.append((QgsPointXY(point), liked, mark))
        self.changed.emit()

    def clear(self) -> None:
        """Take all spots away."""
        while self._spots:
            self._canvas.scene().removeItem(self._spots.pop()[2])
        self.changed.emit()
