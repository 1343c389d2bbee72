"""Where a found tile lies: the map zooms to it, and an outline shows it; nothing of it is in the project."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsWkbTypes,
)
from qgis.gui import QgsRubberBand
from qgis.PyQt.QtGui import QColor

from .area import EDGE_POINTS

COLOUR = "#fbe45a"
AROUND = 2.0
"""How much of the map is shown, in sides of the tile."""


class TileOutline:
    """Shows one tile at a time.

    Args:
        canvas: The map.
    """

    def __init__(self, canvas: Any) -> None:  # noqa: ANN401 - QgsMapCanvas
        self._canvas = canvas
        self._band: Optional[QgsRubberBand] = None
        canvas.destinationCrsChanged.connect(self.clear)

    def go_to(self, tile: Dict[str, Any]) -> None:
        """Show a tile as the engine's `FoundTile` tells it; one that has no place in the map's CRS is not shown."""
        self.clear()
        shape = QgsGeometry.fromRect(QgsRectangle(*tile["bounds"])).densifyByCount(EDGE_POINTS)
        crs = QgsCoordinateReferenceSystem(tile["crs"])
        to_map = QgsCoordinateTransform(crs, self._canvas.mapSettings().destinationCrs(), QgsProject.instance())
        try:
            shape.transform(to_map)
        except QgsCsException:
            return
        self._band = QgsRubberBand(self._canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self._band.setToGeometry(shape, None)
        self._band.setStrokeColor(QColor(COLOUR))
        self._band.setSecondaryStrokeColor(QColor("black"))
        self._band.setFillColor(QColor(0, 0, 0, 0))
        self._band.setWidth(3)
        view = shape.boundingBox()
        view.scale(AROUND)
        self._canvas.setExtent(view)
        self._canvas.refresh()

    def clear(self) -> None:
        """Take the outline off the map."""
        if self._band is not None:
            self._canvas.scene().removeItem(self._band)
            self._band = None

    def close(self) -> None:
        """Let go of the map."""
        self.clear()
        self._canvas.destinationCrsChanged.disconnect(self.clear)
