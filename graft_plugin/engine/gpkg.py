"""Polygons into a GeoPackage, all or nothing, beside whatever it already holds.

A file that no other program has open is copied, the copy is appended to, and takes the original's place at the end: a
failure at any moment, even a kill, leaves the original's very bytes. (A transaction on the file itself would, after a
kill, leave a journal that readers without write permission stumble over.) A file that another program has open, QGIS
for instance, must not be replaced under it; it is in SQLite's WAL mode then, where one transaction on the file itself
is safe from all of that.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataSourceError
from pyogrio.raw import write
from pyproj import CRS
from pyproj.exceptions import CRSError

from ..errors import OutputError, UsageError
from .outputs import Staging
from .polygons import FoundPolygon

FIELDS = {
    "prompt": "OFTString",
    "score": "OFTReal",
    "sam_score": "OFTReal",
    "area_m2": "OFTReal",
    "perimeter_m": "OFTReal",
    "model": "OFTString",
    "model_sha256": "OFTString",
    "threshold": "OFTReal",
    "gsd_m": "OFTReal",
    "source": "OFTString",
    "created": "OFTDateTime",
}
"""The layer's fields and their OGR types, in order."""

BUSY_S = 5.0
"""Seconds to wait for another program that is writing to the file."""

_GEOMETRY_TYPES = ("MultiPolygon", "Polygon", "Unknown")
_UTC = 100  # as GDAL counts time zones: quarters of an hour from UTC, plus 100
_SIDECARS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Provenance:
    """Where polygons come from.

    Attributes:
        prompts: The texts, by prompt index.
        thresholds: The thresholds used, likewise.
        model: Id of the model, or its path.
        model_sha256: Of its checkpoint.
        gsd_m: Ground resolution that was worked at.
        source: The raster.
        created: When; now, by default.
        more: Further text fields and their values, by prompt index.
    """

    prompts: tuple[str, ...]
    thresholds: tuple[float, ...]
    model: str
    model_sha256: str
    gsd_m: float
    source: str
    created: datetime | None = None
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def append_polygons(
    path: str | Path, layer: str, rows: Sequence[FoundPolygon], crs: str, provenance: Provenance
) -> int:
    """Append polygons to a layer of a GeoPackage, making the file and the layer where they are missing.

    With no rows the layer is made all the same, so that what opens the file finds it. Further fields of an existing
    layer, which a user may have added, stay and are left empty; other layers are never touched.

    Args:
        path: The file; its folder must exist.
        layer: The layer's name.
        rows: The polygons, in `crs`.
        crs: "EPSG:n" or WKT.
        provenance: What goes into the other fields.

    Returns:
        How many features were added.

    Raises:
        UsageError: If the layer has no name.
        OutputError: If the file is no GeoPackage, the layer has another CRS, other fields or another kind of geometry,
            or writing fails. The file is as it was before.
    """
    target = Path(path).resolve()
    if not layer.strip():
        raise UsageError("the layer has no name", remedy="Give one with --layer.")
    if target.exists():
        check_file(target)
        if in_use(target):
            return _write(target, target, layer, rows, crs, provenance)
    with Staging() as staging:
        place = staging.place(target)
        if target.exists():
            copy_to(target, place)
        count = _write(place, target, layer, rows, crs, provenance)
        sync(place, target)
        staging.commit()
    return count


def _write(path: Path, target: Path, layer: str, rows: Sequence[FoundPolygon], crs: str, provenance: Provenance) -> int:
    """Append to `path` itself, in one transaction; `target` is the name that errors give."""
    fields = FIELDS | dict.fromkeys(provenance.more, "OFTString")
    kind = _check_layer(path, target, layer, crs, fields) if path.exists() else None
    geometry_type = kind or "MultiPolygon"
    if geometry_type == "Polygon":
        rows = [r for row in rows for r in _single_parts(row)]
    geometries = np.array([r.geometry for r in rows], dtype=object)
    if geometry_type != "Polygon":
        geometries = np.array([_multi(g) for g in geometries], dtype=object)
    columns = _columns(rows, provenance)
    new: dict[str, Any] = {} if path.exists() else {"dataset_options": {"VERSION": "1.2"}}
    try:
        write(
            str(path),
            geometry=shapely.to_wkb(geometries) if len(geometries) else np.array([], dtype=object),
            field_data=list(columns.values()),
            fields=list(columns),
            layer=layer,
            driver="GPKG",
            geometry_type=geometry_type,
            crs=crs,
            append=kind is not None,
            gdal_tz_offsets={"created": np.full(len(rows), _UTC)},
            **new,
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise OutputError(
            f"the polygons could not be written: {error}",
            remedy="Check the free space, close the file in other programs, or name another file.",
            path=str(target),
        ) from error
    return len(rows)


def _columns(rows: Sequence[FoundPolygon], provenance: Provenance) -> dict[str, np.ndarray]:
    count = len(rows)
    created = (provenance.created or datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None)

    def texts(values: Sequence[str]) -> np.ndarray:
        return np.array(values, dtype=object)

    def numbers(values: Sequence[float]) -> np.ndarray:
        return np.array(values, dtype=np.float64)

    return {
        "prompt": texts([provenance.prompts[r.prompt_index] for r in rows]),
        "score": numbers([r.score for r in rows]),
        "sam_score": numbers([r.sam_score for r in rows]),
        "area_m2": numbers([r.area_m2 for r in rows]),
        "perimeter_m": numbers([r.perimeter_m for r in rows]),
        "model": texts([provenance.model] * count),
        "model_sha256": texts([provenance.model_sha256] * count),
        "threshold": numbers([provenance.thresholds[r.prompt_index] for r in rows]),
        "gsd_m": numbers([provenance.gsd_m] * count),
        "source": texts([provenance.source] * count),
        "created": np.full(count, created, dtype="datetime64[ms]"),
        **{name: texts([values[r.prompt_index] for r in rows]) for name, values in provenance.more.items()},
    }


def check_file(path: Path) -> None:
    """Refuse what is no GeoPackage, by its first bytes, without opening it as a database."""
    try:
        head = path.open("rb").read(72) if path.is_file() else b""
    except OSError as error:
        raise OutputError(f"cannot be read: {error.strerror}", path=str(path)) from error
    if not head.startswith(b"SQLite format 3\0") or head[68:72] not in (b"GPKG", b"GP10", b"GP11"):
        raise OutputError(
            "exists and is not a GeoPackage; it was left as it is", remedy="Name another file.", path=str(path)
        )


def in_use(path: Path) -> bool:
    """Tell whether another program has the file open in WAL mode, after clearing what a crashed one left.

    Raises:
        OutputError: If another program is writing to it and does not end.
    """
    if not _has_sidecars(path):
        return False
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise OutputError(
            f"the file is busy or damaged: {error}", remedy="Close it in other programs.", path=str(path)
        ) from error
    return _has_sidecars(path)


def _has_sidecars(path: Path) -> bool:
    return any(path.with_name(path.name + end).exists() for end in _SIDECARS)


def _check_layer(path: Path, target: Path, layer: str, crs: str, fields: Mapping[str, str]) -> str | None:
    """Return the geometry type of an existing layer that fits, or None if there is no such layer.

    Raises:
        OutputError: If there is one that does not fit.
    """
    remedy = "Give another layer with --layer, or another file."
    try:
        layers = {str(name): kind for name, kind in pyogrio.list_layers(path)}
        twin = next((name for name in layers if name.lower() == layer.lower()), None)
        if twin is None:
            return None
        info = pyogrio.read_info(path, layer=twin)
    except (DataSourceError, RuntimeError) as error:
        raise OutputError(
            f"the file cannot be opened: {error}", remedy="Name another file.", path=str(target)
        ) from error
    if twin != layer:
        raise OutputError(f"a layer {twin!r} exists", remedy="Write its name the same way.", path=str(target))
    kind = layers[layer]
    types = dict(zip(info["fields"].tolist(), info["ogr_types"], strict=True))
    wrong = [name for name, ogr_type in fields.items() if types.get(name) != ogr_type]
    if wrong:
        problem = f"the layer {layer!r} lacks the field {wrong[0]!r} or has it in another type"
    elif kind not in _GEOMETRY_TYPES:
        problem = f"the layer {layer!r} holds {kind or 'no geometry'}, not polygons"
    elif not _same_crs(info["crs"], crs):
        problem = f"the layer {layer!r} is in {_crs_name(info['crs'])}, the polygons in {_crs_name(crs)}"
    else:
        return str(kind)
    raise OutputError(problem, remedy=remedy, path=str(target))


def _same_crs(one: str | None, other: str) -> bool:
    if one is None:
        return False
    with contextlib.suppress(CRSError):
        return bool(CRS.from_user_input(one).equals(CRS.from_user_input(other), ignore_axis_order=True))
    return False


def _crs_name(crs: str | None) -> str:
    if crs is None:
        return "no CRS"
    with contextlib.suppress(CRSError):
        parsed = CRS.from_user_input(crs)
        return parsed.name if parsed.to_authority() is None else ":".join(parsed.to_authority())
    return crs


def copy_to(source: Path, place: Path) -> None:
    """Copy the file to where it is changed."""
    try:
        shutil.copy2(source, place)
    except OSError as error:
        raise OutputError(
            f"no copy to work on could be made: {error.strerror}", remedy="Free some space.", path=str(source)
        ) from error


def sync(path: Path, target: Path) -> None:
    """Have the bytes on the disk before the name moves."""
    try:
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise OutputError(f"the polygons could not be written: {error.strerror}", path=str(target)) from error


def _multi(geometry: shapely.Geometry) -> shapely.Geometry:
    return geometry if geometry.geom_type == "MultiPolygon" else shapely.MultiPolygon([geometry])


def _single_parts(row: FoundPolygon) -> list[FoundPolygon]:
    """Return a row's polygons one by one, for a layer that takes no multipolygon."""
    parts = shapely.get_parts(row.geometry)
    if len(parts) == 1:
        return [FoundPolygon(row.prompt_index, parts[0], row.score, row.sam_score, row.area_m2, row.perimeter_m)]
    return [FoundPolygon(row.prompt_index, p, row.score, row.sam_score, p.area, p.length) for p in parts]
