"""The area of a run: the visible map, the whole layer, selected polygons, or a rectangle drawn on the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Optional, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)

from ..errors import SceneError, UsageError
from .i18n import tr
from .source import Box, box

VISIBLE = "visible"
LAYER = "layer"
POLYGONS = "polygons"
RECTANGLE = "rectangle"

EDGE_POINTS = 16
"""Points that are added on each edge before it goes into another CRS, where it is no straight line."""


@dataclass(frozen=True)
class Selection:
    """The features that were selected in a layer, to be read in any thread.

    Attributes:
        name: The layer's.
        features: The layer's features, unsaved edits included.
        ids: Which of them.
    """

    name: str
    features: Any
    ids: Tuple[int, ...]

    def outline(self) -> QgsGeometry:
        """Return the union of the polygons; takes as long as there are many."""
        request = QgsFeatureRequest().setFilterFids(list(self.ids)).setNoAttributes()
        shapes: List[QgsGeometry] = []
        for feature in self.features.getFeatures(request):
            shape = feature.geometry()
            if not shape.isEmpty():
                shapes.append(shape if shape.isGeosValid() else shape.makeValid())
        return QgsGeometry.unaryUnion(shapes)


@dataclass(frozen=True)
class Area:
    """Where a run looks, and what its result is cut to.

    Attributes:
        kind: `VISIBLE`, `LAYER`, `POLYGONS` or `RECTANGLE`.
        crs: The CRS of the rest.
        shape: The visible part of the map or the rectangle, which need not be parallel to the axes.
        bounds: The bounding box; None: the whole layer.
        selection: The polygons.
    """

    kind: str
    crs: QgsCoordinateReferenceSystem
    shape: Optional[QgsGeometry] = None
    bounds: Optional[QgsRectangle] = None
    selection: Optional[Selection] = None

    @property
    def clips(self) -> bool:
        """Whether the result is cut: to polygons, and to a rectangle that lies askew."""
        return self.selection is not None or (self.kind == RECTANGLE and not _upright(self.shape))

    def extent_in(self, layer: QgsRasterLayer) -> Optional[Box]:
        """Return the part of a raster to look at, in the raster's CRS; None where that is all. In the main thread.

        Raises:
            SceneError: The area does not touch the layer.
        """
        if self.bounds is None:
            return None
        nowhere = SceneError(
            tr("the area does not touch the layer “{}”").format(layer.name()),
            remedy=tr("Move the map to the layer, or take the whole layer."),
        )
        to_layer = QgsCoordinateTransform(self.crs, layer.crs(), QgsProject.instance())
        try:
            if self.shape is None:
                inside = to_layer.transformBoundingBox(self.bounds)
            else:
                inside = _moved(self.shape, to_layer).boundingBox()
        except QgsCsException as error:
            raise nowhere from error
        whole = layer.extent()
        if inside.contains(whole):
            return None
        inside = inside.intersect(whole)
        if inside.isEmpty():
            raise nowhere
        return box(inside)

    def outline_in(self, crs: QgsCoordinateReferenceSystem, context: Any) -> Optional[QgsGeometry]:  # noqa: ANN401
        """Return what the result is cut to, in a CRS; None where it is not cut. In any thread.

        Args:
            crs: The result's CRS.
            context: The project's transformations, taken in the main thread.

        Raises:
            SceneError: It has no place in that CRS.
        """
        if not self.clips:
            return None
        outline = self.selection.outline() if self.selection is not None else self.shape
        try:
            return _moved(outline, QgsCoordinateTransform(self.crs, crs, context))
        except QgsCsException as error:
            raise SceneError(
                tr("the area has no place in the layer's CRS"), remedy=tr("Choose another area.")
            ) from error


def whole_layer() -> Area:
    """Return the area that is all of whichever layer is looked at."""
    return Area(LAYER, QgsCoordinateReferenceSystem())


def visible_map(canvas: Any) -> Area:  # noqa: ANN401 - QgsMapCanvas
    """Return what a map shows; on a map that is turned, the box around it in the raster's CRS will be searched."""
    settings = canvas.mapSettings()
    corners = settings.visiblePolygon()
    shape = QgsGeometry.fromPolygonXY([[QgsPointXY(point) for point in corners]])
    return Area(VISIBLE, settings.destinationCrs(), shape, shape.boundingBox())


def drawn_rectangle(shape: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> Area:
    """Return a rectangle that was drawn, in the map's CRS."""
    return Area(RECTANGLE, crs, shape, shape.boundingBox())


def selected_polygons(layer: Optional[QgsVectorLayer]) -> Area:
    """Return the selected polygons of a layer. In the main thread; the polygons are not read yet.

    Raises:
        UsageError: None is selected, or the layer has no CRS.
    """
    if layer is None:
        raise UsageError(tr("there is no polygon layer"), remedy=tr("Add one, or choose another area."))
    if not layer.selectedFeatureCount():
        raise UsageError(
            tr("no polygon is selected in the layer “{}”").format(layer.name()),
            remedy=tr("Select the polygons to look into with QGIS's selection tool."),
        )
    if not layer.crs().isValid():
        raise UsageError(
            tr("the layer “{}” has no coordinate reference system").format(layer.name()),
            remedy=tr("Set it first: right-click the layer, Layer CRS, Set Layer CRS."),
        )
    ids = tuple(sorted(layer.selectedFeatureIds()))
    selection = Selection(layer.name(), QgsVectorLayerFeatureSource(layer), ids)
    return Area(POLYGONS, layer.crs(), None, layer.boundingBoxOfSelected(), selection)


def crs_name(crs: QgsCoordinateReferenceSystem) -> str:
    """Return what the engine knows a CRS by: its authority's code, or its WKT."""
    variant = QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED
    return str(crs.authid() if crs.authid().startswith("EPSG:") else crs.toWkt(variant))


def _moved(shape: QgsGeometry, transform: QgsCoordinateTransform) -> QgsGeometry:
    """Return a copy of a shape in another CRS."""
    if transform.isShortCircuited():
        return QgsGeometry(shape)
    moved = shape.densifyByCount(EDGE_POINTS)
    moved.transform(transform)
    return moved


def _upright(shape: Optional[QgsGeometry]) -> bool:
    """Tell whether a rectangle is parallel to the axes of its CRS."""
    if shape is None:
        return True
    around = shape.boundingBox()
    return abs(shape.area() - around.width() * around.height()) <= 1e-6 * shape.area()
