"""A layer of rectangles in a GeoPackage, made anew beside whatever else the file holds, with pictures if there are any.

As in `gpkg`, the file is copied, the copy is changed, and takes the original's place at the end.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyogrio.raw import write

from ..errors import OutputError
from .gpkg import check_file, copy_to, in_use, sync
from .outputs import Staging

_GEOMETRY_FUNCTIONS = ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")


def check_cells_target(target: Path) -> None:
    """Check, before any work, that a layer can be written into a file.

    Raises:
        OutputError: It is no GeoPackage, or another program has it open.
    """
    if target.exists():
        check_file(target)
        if in_use(target):
            raise OutputError(
                "another program has the file open", remedy="Close it there, or name another.", path=str(target)
            )


@contextlib.contextmanager
def changed(target: Path, what: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give a copy of a file to write layers into, which takes the original's place at the end.

    Args:
        target: The file; it need not exist.
        what: What is written, for the message.

    Yields:
        The copy, and what pyogrio's `write` has to be told where the file is new.

    Raises:
        OutputError: Writing failed. The file is as it was before.
    """
    with Staging() as staging:
        place = staging.place(target)
        if target.exists():
            copy_to(target, place)
        try:
            yield place, {} if target.exists() else {"dataset_options": {"VERSION": "1.2"}}
        except (OSError, RuntimeError, ValueError, sqlite3.Error) as error:
            raise OutputError(
                f"the {what} could not be written: {error}",
                remedy="Check the free space, close the file in other programs, or name another file.",
                path=str(target),
            ) from error
        sync(place, target)
        staging.commit()


def write_cells(
    target: Path,
    layer: str,
    bounds: NDArray[np.float64],
    crs: str,
    columns: Mapping[str, NDArray],
    pictures: Sequence[bytes | None] | None = None,
) -> None:
    """Write rectangles with their attributes.

    Args:
        target: The file.
        layer: The layer; one of that name is replaced.
        bounds: float64 [N, 4], xmin, ymin, xmax, ymax.
        crs: "EPSG:n" or WKT.
        columns: Name → values [N]; texts as object arrays.
        pictures: PNGs for a column "thumbnail".

    Raises:
        OutputError: See `check_cells_target`; or writing fails. The file is as it was before.
    """
    check_cells_target(target)
    with changed(target, "layer") as (place, new):
        write(
            str(place), geometry=shapely.to_wkb(shapely.box(*bounds.T)), field_data=list(columns.values()),
            fields=list(columns), layer=layer, driver="GPKG", geometry_type="Polygon", crs=crs, **new,
        )  # fmt: skip
        if pictures is not None:
            _add_pictures(place, layer, pictures)


def _add_pictures(path: Path, layer: str, pictures: Sequence[bytes | None]) -> None:
    """Add the column with the pictures; its rows are numbered from 1, as GDAL has just written them."""
    name = layer.replace('"', '""')
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        for function in _GEOMETRY_FUNCTIONS:  # the triggers name them, and do not call them for this column
            database.create_function(function, 1, lambda _geometry: None)
        database.execute(f'ALTER TABLE "{name}" ADD COLUMN thumbnail BLOB')
        rows = [(picture, number) for number, picture in enumerate(pictures, start=1)]
        database.executemany(f'UPDATE "{name}" SET thumbnail = ? WHERE fid = ?', rows)
