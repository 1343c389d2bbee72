"""The pairs of a fine-tuning run on the map: a mark for each photo, an outline for each block that is held out."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsWkbTypes,
)
from qgis.gui import QgsRubberBand, QgsVertexMarker
from qgis.PyQt.QtGui import QColor

COLOURS = {"train": "#009e73", "held": "#d55e00", "buffer": "#999999"}
MARK_PX = 9
MOST = 2000
"""Marks that are drawn; a map full of them tells no more, and each takes its time."""


class Marks:
    """What is drawn on the map; nothing of it is in the project.

    Args:
        canvas: The map.
    """

    def __init__(self, canvas: Any) -> None:  # noqa: ANN401 - QgsMapCanvas
        self._canvas = canvas
        self._items: List[Any] = []
        self._shown: Dict[str, Any] = {}
        canvas.destinationCrsChanged.connect(self._again)

    def show(self, pairs: Sequence[Sequence[Any]], blocks: Sequence[Any], crs: QgsCoordinateReferenceSystem) -> None:
        """Draw pairs [file, lon, lat, part], and blocks as corners (x, y) in `crs`."""
        self.clear()
        self._shown = {"pairs": pairs, "blocks": blocks, "crs": crs}
        to_map = self._to_map(QgsCoordinateReferenceSystem("EPSG:4326"))
        for _file, lon, lat, part in pairs[:MOST]:
            try:
                place = to_map.transform(QgsPointXY(lon, lat))
            except QgsCsException:
                continue
            mark = QgsVertexMarker(self._canvas)
            mark.setCenter(place)
            mark.setIconType(QgsVertexMarker.IconType.ICON_CIRCLE)
            mark.setColor(QColor(COLOURS[part]))
            mark.setIconSize(MARK_PX)
            mark.setPenWidth(2)
            self._items.append(mark)
        from_layer = self._to_map(crs)
        for corners in blocks:
            shape = QgsGeometry.fromPolygonXY([[QgsPointXY(x, y) for x, y in [*corners, corners[0]]]])
            try:
                shape.transform(from_layer)
            except QgsCsException:
                continue
            band = QgsRubberBand(self._canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
            band.setToGeometry(shape, None)
            band.setStrokeColor(QColor(COLOURS["held"]))
            fill = QColor(COLOURS["held"])
            fill.setAlpha(35)
            band.setFillColor(fill)
            band.setWidth(2)
            self._items.append(band)

    def show_blocks(self, blocks: Sequence[Any], crs: QgsCoordinateReferenceSystem) -> None:
        """Draw other blocks beside the pairs that are shown."""
        self.show(self._shown.get("pairs", []), blocks, crs)

    def place_of(self, pair: Sequence[Any]) -> QgsPointXY:
        """Return a pair's place in the map's CRS."""
        return self._to_map(QgsCoordinateReferenceSystem("EPSG:4326")).transform(QgsPointXY(pair[1], pair[2]))

    def clear(self) -> None:
        """Take everything off the map."""
        self._shown = {}
        while self._items:
            self._canvas.scene().removeItem(self._items.pop())

    def close(self) -> None:
        """Let go of the map."""
        self.clear()
        self._canvas.destinationCrsChanged.disconnect(self._again)

    def _again(self) -> None:
        if self._shown:
            self.show(**self._shown)

    def _to_map(self, crs: QgsCoordinateReferenceSystem) -> QgsCoordinateTransform:
        return QgsCoordinateTransform(crs, self._canvas.mapSettings().destinationCrs(), QgsProject.instance())
