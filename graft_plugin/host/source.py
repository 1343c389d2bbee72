"""A QGIS raster layer as something that the engine can open, and an area in that raster's CRS."""

from __future__ import annotations

from typing import Any, Optional, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)

from ..errors import SceneError
from .i18n import tr

Box = Tuple[float, float, float, float]
"""(xmin, ymin, xmax, ymax)."""


def engine_source(layer: QgsRasterLayer) -> str:
    """Return the name by which GDAL, and so the engine, opens a layer.

    Raises:
        SceneError: It is no file that GDAL reads, or its place on Earth is not that of the file.
    """
    name = layer.name()
    if layer.providerType() != "gdal":
        raise SceneError(
            tr("the layer “{}” is no raster file ({})").format(name, layer.providerType()),
            remedy=tr("Save it as a GeoTIFF first: right-click, Export, Save As."),
        )
    if not layer.crs().isValid():
        raise SceneError(
            tr("the layer “{}” has no coordinate reference system").format(name),
            remedy=tr("Assign one to the file: Raster, Projections, Assign Projection."),
        )
    own = layer.dataProvider().crs()
    if own != layer.crs():
        raise SceneError(
            tr("the layer “{}” is in {}, its file in {}").format(
                name, layer.crs().authid(), own.authid() if own.isValid() else tr("no known CRS")
            ),
            remedy=tr("Assign the right one to the file: Raster, Projections, Assign Projection."),
        )
    return str(layer.source()).split("|option:")[0]


def area_in_layer(area: QgsRectangle, crs: QgsCoordinateReferenceSystem, layer: QgsRasterLayer) -> Optional[Box]:
    """Return the part of `layer` that an area covers, in the layer's CRS; None where it covers the whole of it.

    Args:
        area: In `crs`.
        crs: The area's CRS.
        layer: The raster.

    Raises:
        SceneError: The area does not touch the layer.
    """
    nowhere = SceneError(
        tr("the area does not touch the layer “{}”").format(layer.name()),
        remedy=tr("Move the map to the layer, or take the whole layer."),
    )
    try:
        inside = QgsCoordinateTransform(crs, layer.crs(), QgsProject.instance()).transformBoundingBox(area)
    except QgsCsException as error:
        raise nowhere from error
    extent = layer.extent()
    if inside.contains(extent):
        return None
    inside = inside.intersect(extent)
    if inside.isEmpty():
        raise nowhere
    return box(inside)


def box(area: Any) -> Box:  # noqa: ANN401 - QgsRectangle
    """Return a rectangle as (xmin, ymin, xmax, ymax)."""
    return (area.xMinimum(), area.yMinimum(), area.xMaximum(), area.yMaximum())


def texts(lines: str) -> Tuple[str, ...]:
    """Return the texts that stand one a line, blank lines left out, each once."""
    return tuple(dict.fromkeys(line.strip() for line in lines.splitlines() if line.strip()))
