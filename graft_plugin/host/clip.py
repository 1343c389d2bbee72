"""What is done to a run's files after the engine: cut to the polygons that were its area, told where they come from.

The engine is given the polygons' extent: its scores do not depend on what lies around a place, so cutting afterwards
changes none of them, and the embeddings of the extent serve the next polygons too.
"""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, List, Optional

from osgeo import gdal, ogr
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsWkbTypes

from ..errors import Cancelled, OutputError
from .area import Area
from .i18n import tr
from .source import Source

CHECK_EACH = 200
"""Features between two looks at the cancel flag."""

_HALF_DIAGONAL = 0.7072


def clip_result(result: Dict[str, Any], area: Area, context: Any, cancelled: Callable[[], bool]) -> Dict[str, Any]:  # noqa: ANN401
    """Cut a query's or a vectorisation's files to an area, in any thread; return the result with the new figures.

    Args:
        result: The engine's; its files are this run's own: temporary ones, or layers that the run has made.
        area: Nothing is done where it does not clip.
        context: The project's transformations.
        cancelled: Looked at throughout.

    Raises:
        Cancelled: `cancelled` was true.
        OutputError: A file cannot be changed.
    """
    if not area.clips:
        return result
    clipped = dict(result)
    for name in ("heatmap", "classes"):
        if result.get(name):
            clip_raster(result[name], area, context)
    if result.get("masks"):
        figures = clip_polygons(result["masks"], result["layer"], area, context, cancelled)
        clipped["prompts"] = [
            {**found, "polygons": 0, "area_m2": 0.0, **figures.get(found["prompt"], {})} for found in result["prompts"]
        ]
    return clipped


def name_origin(result: Dict[str, Any], source: Source) -> None:
    """Have the polygons of a run name where their pixels come from, not the file that they were rendered into.

    Raises:
        OutputError: The file cannot be changed.
    """
    if source.origin == source.raster or not result.get("masks"):
        return
    layer, origin = result["layer"].replace('"', '""'), source.origin.replace("'", "''")
    gdal.ErrorReset()
    file = gdal.OpenEx(result["masks"], gdal.OF_VECTOR | gdal.OF_UPDATE)
    if file is None:
        raise _unchanged(result["masks"])
    file.ExecuteSQL(f"UPDATE \"{layer}\" SET source = '{origin}'")
    if gdal.GetLastErrorType() >= gdal.CE_Failure:
        raise _unchanged(result["masks"])


def clip_polygons(
    path: str,
    layer: str,
    area: Area,
    context: Any,  # noqa: ANN401 - transform context
    cancelled: Callable[[], bool],
) -> Dict[str, Dict[str, Any]]:
    """Cut the polygons of a layer to an area, in one transaction; return each prompt's count and area.

    Raises:
        Cancelled: `cancelled` was true; the layer is as it was.
        OutputError: The file cannot be changed; the layer is as it was.
    """
    file = gdal.OpenEx(path, gdal.OF_VECTOR | gdal.OF_UPDATE)
    table = file.GetLayerByName(layer) if file is not None else None
    if table is None:
        raise _unchanged(path)
    outline = area.outline_in(_crs(table.GetSpatialRef()), context)
    assert outline is not None
    engine = QgsGeometry.createGeometryEngine(outline.constGet())
    engine.prepareGeometry()
    file.StartTransaction()
    try:
        figures: Dict[str, Dict[str, Any]] = {}
        for number, fid in enumerate([feature.GetFID() for feature in table]):
            if number % CHECK_EACH == 0 and cancelled():
                raise Cancelled()
            _clip_feature(table, table.GetFeature(fid), outline, engine, figures)
        if file.CommitTransaction() != ogr.OGRERR_NONE:
            raise _unchanged(path)
    except BaseException as error:
        file.RollbackTransaction()
        if isinstance(error, RuntimeError):  # where a plugin has switched on GDAL's exceptions
            raise _unchanged(path) from error
        raise
    return figures


def clip_raster(path: str, area: Area, context: Any) -> None:  # noqa: ANN401 - transform context
    """Set to nodata what lies outside an area, but for cells on its edge.

    Raises:
        OutputError: The file cannot be changed.
    """
    gdal.ErrorReset()
    file = gdal.Open(path, gdal.GA_Update)
    if file is None:
        raise _unchanged(path)
    crs = _crs(file.GetSpatialRef())
    outline = area.outline_in(crs, context)
    assert outline is not None
    x, width, _, y, _, height = file.GetGeoTransform()
    right, bottom = x + width * file.RasterXSize, y + height * file.RasterYSize
    corners = f"{x} {y}, {right} {y}, {right} {bottom}, {x} {bottom}, {x} {y}"
    kept = outline.buffer(width * _HALF_DIAGONAL, 8)
    outside = QgsGeometry.fromWkt(f"POLYGON(({corners}))").difference(kept)
    if outside.isEmpty():
        return
    memory = ogr.GetDriverByName("Memory").CreateDataSource("outside")
    table = memory.CreateLayer("outside", file.GetSpatialRef())
    feature = ogr.Feature(table.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromWkb(bytes(outside.asWkb())))
    table.CreateFeature(feature)
    bands = list(range(1, file.RasterCount + 1))
    nothing = file.GetRasterBand(1).GetNoDataValue()
    gdal.RasterizeLayer(file, bands, table, burn_values=[math.nan if nothing is None else nothing] * len(bands))
    factors = _overview_factors(file)
    file.FlushCache()
    if factors:
        file.BuildOverviews("NEAREST" if file.GetRasterBand(1).DataType == gdal.GDT_Byte else "AVERAGE", factors)
    file.FlushCache()
    if gdal.GetLastErrorType() >= gdal.CE_Failure:
        raise _unchanged(path)


def _clip_feature(
    table: Any,  # noqa: ANN401 - ogr.Layer
    feature: Any,  # noqa: ANN401 - ogr.Feature
    outline: QgsGeometry,
    engine: Any,  # noqa: ANN401 - QgsGeometryEngine
    figures: Dict[str, Dict[str, Any]],
) -> None:
    shape = QgsGeometry()
    shape.fromWkb(bytes(feature.GetGeometryRef().ExportToIsoWkb()))
    if not engine.contains(shape.constGet()):
        shape = _polygonal(shape.intersection(outline))
        if shape is None:
            table.DeleteFeature(feature.GetFID())
            return
        feature.SetGeometry(ogr.CreateGeometryFromWkb(bytes(shape.asWkb())))
        for name, value in (("area_m2", shape.area()), ("perimeter_m", shape.length())):
            if feature.GetFieldIndex(name) >= 0:
                feature.SetField(name, value)
        table.SetFeature(feature)
    found = figures.setdefault(feature.GetField("prompt"), {"polygons": 0, "area_m2": 0.0})
    found["polygons"] += 1
    found["area_m2"] += shape.area()


def _polygonal(shape: QgsGeometry) -> Optional[QgsGeometry]:
    """Return the polygons of a shape as one multipolygon; None where there are none."""
    polygon = QgsWkbTypes.GeometryType.PolygonGeometry
    parts: List[QgsGeometry] = [part for part in shape.asGeometryCollection() if part.type() == polygon]
    if not parts or not sum(part.area() for part in parts):
        return None
    joined = QgsGeometry.collectGeometry(parts)
    joined.convertToMultiType()
    return joined


def _overview_factors(file: Any) -> List[int]:  # noqa: ANN401 - gdal.Dataset
    band = file.GetRasterBand(1)
    return [round(band.XSize / band.GetOverview(k).XSize) for k in range(band.GetOverviewCount())]


def _crs(reference: Any) -> QgsCoordinateReferenceSystem:  # noqa: ANN401 - osr.SpatialReference
    return QgsCoordinateReferenceSystem.fromWkt(reference.ExportToWkt(["FORMAT=WKT2_2018"]))


def _unchanged(path: str) -> OutputError:
    return OutputError(
        tr("the result cannot be finished: {}").format(gdal.GetLastErrorMsg() or tr("it cannot be opened")),
        remedy=tr("Check the free space and close the file in other programs, then run it again."),
        path=path,
    )
