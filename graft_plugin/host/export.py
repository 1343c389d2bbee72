"""Exports of results into GeoPackages: all or nothing, beside whatever a file already holds.

A file that no other program has open is copied page by page under SQLite's own lock, the copy is written to, and takes
the original's place at the end: whatever fails, the original keeps its very bytes. A file that is open in WAL mode, in
this QGIS for instance, must not be replaced under it: there one transaction on the file itself is safe.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator, Optional, Tuple

from osgeo import gdal, ogr
from qgis.core import QgsLayerMetadata

from ..client.children import CancelFlag
from ..errors import Cancelled, GraftError, OutputError, UsageError
from .export_layer import STYLES, LayerData, read_metadata, unlike, write_layer
from .i18n import tr
from .progress import Report

BUSY_S = 3.0
"""How long another program that is writing is waited for."""

RESERVED = ("gpkg_", "rtree_", "sqlite_")
_SIDECARS = ("-wal", "-shm", "-journal")
_PAGES = 2000


@dataclass(frozen=True)
class Export:
    """One export.

    Attributes:
        data: The layer.
        path: The GeoPackage.
        layer: The layer's name there.
        append: Whether to append to that layer, which must be there; else it must not.
    """

    data: LayerData
    path: str
    layer: str
    append: bool = False


def run_export(order: Export, report: Report, cancelled: CancelFlag) -> int:
    """Export a layer with its style and metadata, in any thread; return how many features were written.

    Args:
        order: What to write, and where.
        report: Told of the stage "export".
        cancelled: Looked at throughout.

    Raises:
        Cancelled: `cancelled` was true; the file is as it was.
        UsageError: The name cannot be a layer's, or is taken.
        OutputError: The file is no GeoPackage, read-only, busy, the disk full …; the file is as it was.
    """
    target = check_path(order.path)
    check_name(order.layer)
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        if not target.exists():
            return _staged(order, target, None, report, cancelled)
        if _in_use(target):
            with _lock(target, cancelled):
                pass
            return _write(target, order, report, cancelled)
        with _lock(target, cancelled) as release:
            return _staged(order, target, release, report, cancelled)
    except (RuntimeError, sqlite3.Error, OSError) as error:
        if isinstance(error, GraftError):
            raise
        raise OutputError(
            tr("the export failed, and the file is as it was: {}").format(getattr(error, "strerror", None) or error),
            remedy=tr("Check the free space, close the file in other programs, or name another file."),
            path=str(target),
        ) from error
    finally:
        gdal.PopErrorHandler()


def check_path(path: str) -> Path:
    """Return the absolute path of a GeoPackage that can be written, whether it exists or not.

    Raises:
        UsageError: The name is none of a GeoPackage.
        OutputError: The folder is missing, or the file is read-only or no GeoPackage.
    """
    if not path.strip():
        raise UsageError(tr("no file was named"), remedy=tr("Choose a GeoPackage, or a name for a new one."))
    target = Path(path.strip()).expanduser().absolute()
    if target.suffix.lower() != ".gpkg":
        raise UsageError(
            tr("the file's name does not end in .gpkg"), remedy=tr("Name a GeoPackage."), path=str(target)
        )
    if not target.parent.is_dir():
        raise OutputError(tr("the folder does not exist"), remedy=tr("Make it, or name another."), path=str(target))
    if target.is_dir():
        raise OutputError(tr("is a folder"), remedy=tr("Name a file."), path=str(target))
    if target.exists():
        if not target.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(target, os.W_OK):
            raise OutputError(
                tr("is read-only"), remedy=tr("Make it writable, or name another file."), path=str(target)
            )
        if gdal.IdentifyDriverEx(str(target), gdal.OF_VECTOR, ["GPKG"]) is None:
            raise OutputError(
                tr("exists and is no GeoPackage"), remedy=tr("Name another file."), path=str(target)
            )
    return target


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a layer.

    Raises:
        UsageError: It cannot.
    """
    low = name.lower()
    if not name.strip() or name != name.strip():
        raise UsageError(tr("the layer has no name, or one that begins or ends with a space"), remedy=tr("Name it."))
    if low.startswith(RESERVED) or low == STYLES or any(sign in name for sign in '|"\0\n'):
        raise UsageError(
            tr("a layer cannot be called {!r}: GeoPackage or QGIS keep such names for themselves").format(name),
            remedy=tr("Name it otherwise, without | and double quotes."),
        )


def layers_of(path: str, data: Optional[LayerData] = None) -> Tuple[Tuple[str, bool], ...]:
    """Return the (name, whether `data` can be appended to it) of a file's layers; none where there is no such file."""
    if not os.path.isfile(path):
        return ()
    with _opened(path, gdal.OF_READONLY) as file:
        tables = [file.GetLayer(k) for k in range(file.GetLayerCount())]
        return tuple((t.GetName(), data is not None and not unlike(data, t)) for t in tables if t.GetName() != STYLES)


def exported_metadata(path: str, layer: str) -> Optional[QgsLayerMetadata]:
    """Return the metadata that a GeoPackage holds for a layer; None where it holds none."""
    with _opened(path, gdal.OF_READONLY) as file:
        found: Optional[QgsLayerMetadata] = read_metadata(file, layer)
        return found


def _staged(
    order: Export, target: Path, release: Optional[Callable[[], None]], report: Report, cancelled: CancelFlag
) -> int:
    """Write to a copy in a hidden folder beside the target, and put it in the target's place."""
    folder = Path(tempfile.mkdtemp(prefix=".graft-export-", dir=target.parent))
    try:
        place = folder / target.name
        if release is not None:
            _copy(target, place, cancelled)
        count = _write(place, order, report, cancelled)
        with place.open("rb+") as file:
            os.fsync(file.fileno())
        if release is not None:
            shutil.copymode(target, place)
            release()
        elif target.exists():
            raise OutputError(tr("another program has just made this file"), path=str(target))
        os.replace(place, target)
        return count
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(place: Path, order: Export, report: Report, cancelled: CancelFlag) -> int:
    """Write to a file itself, in one transaction."""
    with _opened(str(place), gdal.OF_UPDATE) as file:
        _check_layer(file, order)
        file.StartTransaction()
        try:
            count = write_layer(file, order.data, order.layer, order.append, report, cancelled)
            if cancelled():
                raise Cancelled()
            gdal.ErrorReset()
            if file.CommitTransaction() not in (None, ogr.OGRERR_NONE):
                raise RuntimeError(gdal.GetLastErrorMsg())
        except BaseException:
            file.RollbackTransaction()
            raise
        gdal.ErrorReset()
        file.FlushCache()
        if gdal.GetLastErrorType() >= gdal.CE_Failure:
            raise RuntimeError(gdal.GetLastErrorMsg())
    return count


def _check_layer(file: Any, order: Export) -> None:  # noqa: ANN401 - gdal.Dataset
    tables = [file.GetLayer(k) for k in range(file.GetLayerCount())]
    twin = next((table for table in tables if table.GetName().lower() == order.layer.lower()), None)
    if order.append and (twin is None or twin.GetName() != order.layer):
        raise UsageError(tr("there is no layer “{}” to append to").format(order.layer), path=order.path)
    if order.append:
        other = unlike(order.data, twin)
        if other:
            raise UsageError(
                tr("the layer “{}” cannot take these polygons: it differs in {}").format(order.layer, other),
                remedy=tr("Export to a new layer."),
                path=order.path,
            )
    elif twin is not None:
        raise UsageError(
            tr("a layer “{}” is there already; it was not overwritten").format(twin.GetName()),
            remedy=tr("Name the new one otherwise."),
            path=order.path,
        )


@contextlib.contextmanager
def _opened(path: str, flags: int) -> Iterator[Any]:
    if flags == gdal.OF_UPDATE and not os.path.exists(path):
        file = gdal.GetDriverByName("GPKG").Create(path, 0, 0, 0, gdal.GDT_Unknown, ["VERSION=1.2"])
    else:
        file = gdal.OpenEx(path, gdal.OF_VECTOR | flags, allowed_drivers=["GPKG"])
    if file is None:
        raise OutputError(
            tr("cannot be opened as a GeoPackage: {}").format(gdal.GetLastErrorMsg()),
            remedy=tr("Name another file."),
            path=path,
        )
    try:
        yield file
    finally:
        if hasattr(file, "Close"):  # GDAL 3.8; before, a file is closed when nothing refers to it any more
            file.Close()


def _in_use(path: Path) -> bool:
    """Tell whether a program has the file open in WAL mode, without opening it, which could take QGIS's locks away."""
    return any(path.with_name(path.name + end).exists() for end in _SIDECARS[:2])


@contextlib.contextmanager
def _lock(path: Path, cancelled: CancelFlag) -> Iterator[Callable[[], None]]:
    """Keep other programs from writing, until the block ends or what is given is called.

    Raises:
        OutputError: One is writing, and does not end.
    """
    until = time.monotonic() + BUSY_S
    with contextlib.closing(sqlite3.connect(str(path), timeout=0.1, isolation_level=None)) as database:
        while True:
            try:
                database.execute("BEGIN IMMEDIATE")
                break
            except sqlite3.OperationalError as error:
                if cancelled():
                    raise Cancelled() from None
                if time.monotonic() > until or "locked" not in str(error):
                    raise OutputError(
                        tr("another program is writing to the file ({})").format(error),
                        remedy=tr("Wait until it is done, or close the file there."),
                        path=str(path),
                    ) from error
        yield database.close


def _copy(source: Path, place: Path, cancelled: CancelFlag) -> None:
    """Copy a database page by page; opening it as a plain file would take away the locks that this process holds."""

    def look(_status: int, _remaining: int, _total: int) -> None:
        if cancelled():
            raise Cancelled()

    if shutil.disk_usage(place.parent).free < source.stat().st_size:
        raise OutputError(
            tr("there is not enough free space to work on a copy"), remedy=tr("Free some space."), path=str(source)
        )
    reading = sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)
    with contextlib.closing(reading) as one, contextlib.closing(sqlite3.connect(str(place))) as other:
        one.backup(other, pages=_PAGES, progress=look)
