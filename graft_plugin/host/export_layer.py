"""One layer into an open GeoPackage: table, features, style and metadata, all within the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, List, Optional, Tuple

from osgeo import gdal, ogr, osr
from qgis.core import NULL, QgsCoordinateReferenceSystem, QgsVectorLayer, QgsVectorLayerFeatureSource, QgsWkbTypes
from qgis.PyQt.QtCore import QDate, QDateTime, QTime
from qgis.PyQt.QtXml import QDomDocument

from ..errors import Cancelled
from .made_by import Made, from_xml, metadata, to_xml, with_history

STYLES = "layer_styles"
CHECK_EACH = 200
"""Features between two looks at the cancel flag."""

_UTC = 100  # as GDAL counts time zones: quarters of an hour from UTC, plus 100
_TYPES = {1: ogr.OFTInteger, 2: ogr.OFTInteger, 3: ogr.OFTInteger64, 4: ogr.OFTInteger64, 5: ogr.OFTInteger64,
          6: ogr.OFTReal, 12: ogr.OFTBinary, 14: ogr.OFTDate, 15: ogr.OFTTime, 16: ogr.OFTDateTime}  # fmt: skip
_BOOL = 1
_STYLE_FIELDS = (
    ("f_table_catalog", ogr.OFTString, 256), ("f_table_schema", ogr.OFTString, 256),
    ("f_table_name", ogr.OFTString, 256), ("f_geometry_column", ogr.OFTString, 256), ("styleName", ogr.OFTString, 30),
    ("styleQML", ogr.OFTString, 0), ("styleSLD", ogr.OFTString, 0), ("useAsDefault", ogr.OFTInteger, 0),
    ("description", ogr.OFTString, 0), ("owner", ogr.OFTString, 30), ("ui", ogr.OFTString, 30),
    ("update_time", ogr.OFTDateTime, 0),
)  # fmt: skip
_QMD = "http://mrcc.com/qgis.dtd"
_EXTENSION = "http://www.geopackage.org/spec120/#extension_metadata"
_METADATA_TABLES = (
    "CREATE TABLE IF NOT EXISTS gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT "
    "NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT "
    "NOT NULL DEFAULT '')",
    "CREATE TABLE IF NOT EXISTS gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT, column_name "
    "TEXT, row_id_value INTEGER, timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), "
    "md_file_id INTEGER NOT NULL, md_parent_id INTEGER, CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES "
    "gpkg_metadata(id), CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id))",
    "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, "
    "definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, "
    "extension_name))",
)


@dataclass(frozen=True)
class LayerData:
    """A layer as another thread can write it.

    Attributes:
        title: Its name in QGIS.
        features: Its features, unsaved edits included.
        count: How many.
        fields: (name, number of the type in Qt, position among the attributes).
        geometry_type: OGR's number.
        crs: Its CRS.
        qml, sld: Its style in QGIS's own form, and in the standard's.
    """

    title: str
    features: Any
    count: int
    fields: Tuple[Tuple[str, int, int], ...]
    geometry_type: int
    crs: QgsCoordinateReferenceSystem
    qml: str
    sld: str


def layer_data(layer: QgsVectorLayer) -> LayerData:
    """Look at a layer, in the main thread; features are not read yet."""
    keys = {layer.fields()[k].name() for k in layer.primaryKeyAttributes()} | {"fid"}
    fields = [(f.name(), _code(f.type()), k) for k, f in enumerate(layer.fields()) if f.name() not in keys]
    qml, sld = QDomDocument(), QDomDocument()
    layer.exportNamedStyle(qml)
    layer.exportSldStyle(sld, "")
    return LayerData(
        title=layer.name(),
        features=QgsVectorLayerFeatureSource(layer),
        count=max(0, layer.featureCount()),
        fields=tuple(fields),
        geometry_type=_code(layer.wkbType()),
        crs=layer.crs(),
        qml=str(qml.toString()),
        sld=str(sld.toString()),
    )


def unlike(data: LayerData, table: Any) -> str:  # noqa: ANN401 - ogr.Layer
    """Return the first thing in which a table differs from a layer and cannot be appended to; empty: nothing."""
    definition = table.GetLayerDefn()
    for name, kind, _position in data.fields:
        at = definition.GetFieldIndex(name)
        if at < 0 or definition.GetFieldDefn(at).GetType() != _TYPES.get(kind, ogr.OFTString):
            return name
    if table.GetGeomType() not in (data.geometry_type, ogr.wkbUnknown):
        return str(QgsWkbTypes.displayString(QgsWkbTypes.Type(data.geometry_type)))
    own = table.GetSpatialRef()
    crs = QgsCoordinateReferenceSystem.fromWkt(own.ExportToWkt(["FORMAT=WKT2_2018"])) if own is not None else None
    return "" if crs is not None and _same_crs(crs, data.crs) else str(data.crs.authid() or data.crs.description())


def write_layer(
    file: Any,  # noqa: ANN401 - gdal.Dataset
    data: LayerData,
    name: str,
    append: bool,
    report: Callable[[str, int, int], None],
    cancelled: Callable[[], bool],
) -> int:
    """Write a layer into an open file, within the transaction that the caller has begun; return how many features.

    Raises:
        Cancelled: `cancelled` was true.
        RuntimeError: GDAL failed.
    """
    table = file.GetLayerByName(name) if append else _new_table(file, data, name)
    made = _write_features(table, data, report, cancelled)
    _done(table.SyncToDisk())  # with its spatial index, still within the transaction
    column = table.GetGeometryColumn()
    old = read_metadata(file, name) if append else None
    written = metadata(made, data.title, data.crs) if old is None else with_history(old, made)
    _write_metadata(file, name, to_xml(written))
    if not append:
        _sql(file, f"UPDATE gpkg_contents SET description = {_quoted(written.abstract())} "
                   f"WHERE table_name = {_quoted(name)}")  # fmt: skip
        _write_style(file, data, name, column)
    return sum(count for count, _area, _thresholds in made.prompts.values())


def read_metadata(file: Any, name: str) -> Any:  # noqa: ANN401 - gdal.Dataset → Optional[QgsLayerMetadata]
    """Return the metadata that an open file holds for a layer; None where it holds none."""
    if not _rows(file, "SELECT 1 FROM sqlite_master WHERE name = 'gpkg_metadata_reference'"):
        return None
    rows = _rows(
        file,
        "SELECT m.metadata FROM gpkg_metadata m JOIN gpkg_metadata_reference r ON r.md_file_id = m.id WHERE "
        f"m.md_standard_uri = '{_QMD}' AND r.reference_scope = 'table' "
        f"AND lower(r.table_name) = lower({_quoted(name)})",
    )
    return from_xml(rows[0]) if rows else None


def _new_table(file: Any, data: LayerData, name: str) -> Any:  # noqa: ANN401
    variant = QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED_GDAL
    reference = osr.SpatialReference(data.crs.toWkt(variant))
    options = [f"IDENTIFIER={name}", "GEOMETRY_NAME=geom", "FID=fid"]
    table = file.CreateLayer(name, reference, data.geometry_type, options)
    if table is None:
        raise RuntimeError(gdal.GetLastErrorMsg())
    for field, kind, _position in data.fields:
        definition = ogr.FieldDefn(field, _TYPES.get(kind, ogr.OFTString))
        if kind == _BOOL:
            definition.SetSubType(ogr.OFSTBoolean)
        _done(table.CreateField(definition))
    return table


def _write_features(
    table: Any,  # noqa: ANN401 - ogr.Layer
    data: LayerData,
    report: Callable[[str, int, int], None],
    cancelled: Callable[[], bool],
) -> Made:
    made = Made()
    definition = table.GetLayerDefn()
    places = [(name, position, definition.GetFieldIndex(name)) for name, _kind, position in data.fields]
    for number, feature in enumerate(data.features.getFeatures()):
        if number % CHECK_EACH == 0:
            report("export", number, data.count)
            if cancelled():
                raise Cancelled()
        row = ogr.Feature(definition)
        values = feature.attributes()
        for _name, position, at in places:
            _set(row, at, values[position])
        if feature.hasGeometry():
            row.SetGeometryDirectly(ogr.CreateGeometryFromWkb(bytes(feature.geometry().asWkb())))
        _done(table.CreateFeature(row))
        made.take({name: values[position] for name, position, _at in places})
    return made


def _set(row: Any, at: int, value: Any) -> None:  # noqa: ANN401 - ogr.Feature, any attribute
    if value is None or value == NULL:
        row.SetFieldNull(at)
    elif isinstance(value, QDateTime):
        utc = value.toUTC()
        day, clock = utc.date(), utc.time()
        seconds = clock.second() + clock.msec() / 1000
        row.SetField(at, day.year(), day.month(), day.day(), clock.hour(), clock.minute(), seconds, _UTC)
    elif isinstance(value, QDate):
        row.SetField(at, value.year(), value.month(), value.day(), 0, 0, 0.0, 0)
    elif isinstance(value, QTime):
        row.SetField(at, 0, 0, 0, value.hour(), value.minute(), value.second() + value.msec() / 1000, 0)
    elif isinstance(value, bool):
        row.SetField(at, int(value))
    elif isinstance(value, (int, float, str)):
        row.SetField(at, value)
    else:
        row.SetField(at, str(value))


def _write_style(file: Any, data: LayerData, name: str, column: str) -> None:  # noqa: ANN401 - gdal.Dataset
    """Keep the style as QGIS does, as the one that the layer opens with."""
    table = file.GetLayerByName(STYLES)
    if table is None:
        table = file.CreateLayer(STYLES, None, ogr.wkbNone, ["FID=id"])
        if table is None:
            raise RuntimeError(gdal.GetLastErrorMsg())
        for field, kind, width in _STYLE_FIELDS:
            definition = ogr.FieldDefn(field, kind)
            definition.SetWidth(width)
            if field == "useAsDefault":
                definition.SetSubType(ogr.OFSTBoolean)
            if field == "update_time":
                definition.SetDefault("CURRENT_TIMESTAMP")
            _done(table.CreateField(definition))
    else:  # what is left of a layer that had this name before
        _sql(file, f"UPDATE {STYLES} SET useAsDefault = 0 WHERE lower(f_table_name) = lower({_quoted(name)})")
    row = ogr.Feature(table.GetLayerDefn())
    told = {"f_table_catalog": "", "f_table_schema": "", "f_table_name": name, "f_geometry_column": column,
            "styleName": "GRAFT", "styleQML": data.qml, "styleSLD": data.sld, "useAsDefault": 1,
            "description": data.title, "owner": ""}  # fmt: skip
    for field, value in told.items():
        row.SetField(field, value)
    _set(row, row.GetFieldIndex("update_time"), QDateTime.currentDateTimeUtc())
    _done(table.CreateFeature(row))
    _done(table.SyncToDisk())


def _write_metadata(file: Any, name: str, text: str) -> None:  # noqa: ANN401 - gdal.Dataset
    for statement in _METADATA_TABLES:
        _sql(file, statement)
    for table in ("gpkg_metadata", "gpkg_metadata_reference"):
        _sql(file, f"INSERT INTO gpkg_extensions SELECT '{table}', NULL, 'gpkg_metadata', '{_EXTENSION}', 'read-write' "
                   f"WHERE NOT EXISTS (SELECT 1 FROM gpkg_extensions WHERE table_name = '{table}')")  # fmt: skip
    mine = (f"SELECT r.md_file_id FROM gpkg_metadata_reference r JOIN gpkg_metadata m ON m.id = r.md_file_id WHERE "
            f"m.md_standard_uri = '{_QMD}' AND r.reference_scope = 'table' "
            f"AND lower(r.table_name) = lower({_quoted(name)})")  # fmt: skip
    ids: List[str] = _rows(file, mine)
    if ids:
        _sql(file, f"UPDATE gpkg_metadata SET metadata = {_quoted(text)} WHERE id = {ids[0]}")
        return
    _sql(file, "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata) VALUES "
               f"('dataset', '{_QMD}', 'text/xml', {_quoted(text)})")  # fmt: skip
    _sql(file, "INSERT INTO gpkg_metadata_reference (reference_scope, table_name, md_file_id) VALUES "
               f"('table', {_quoted(name)}, (SELECT max(id) FROM gpkg_metadata))")  # fmt: skip


def _same_crs(one: QgsCoordinateReferenceSystem, other: QgsCoordinateReferenceSystem) -> bool:
    return one == other or (bool(one.authid()) and one.authid() == other.authid())


def _code(value: Any) -> int:  # noqa: ANN401 - an enum of Qt's or QGIS's
    """Return an enum's number: in Qt 5 it is one, in Qt 6 it has one."""
    return int(getattr(value, "value", value))


def _rows(file: Any, statement: str) -> List[str]:  # noqa: ANN401 - gdal.Dataset
    """Return the first column of a query."""
    answer = file.ExecuteSQL(statement)
    if answer is None:
        return []
    rows = [feature.GetFieldAsString(0) for feature in answer]
    file.ReleaseResultSet(answer)
    return rows


def _sql(file: Any, statement: str) -> None:  # noqa: ANN401 - gdal.Dataset
    gdal.ErrorReset()
    file.ExecuteSQL(statement)
    if gdal.GetLastErrorType() >= gdal.CE_Failure:
        raise RuntimeError(gdal.GetLastErrorMsg())


def _quoted(text: Optional[str]) -> str:
    """Return a text as SQL writes it."""
    doubled = str(text).replace("'", "''")
    return f"'{doubled}'"


def _done(code: Optional[int]) -> None:
    if code not in (None, ogr.OGRERR_NONE):
        raise RuntimeError(gdal.GetLastErrorMsg() or f"OGR error {code}")
