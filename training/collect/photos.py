"""The photo folder: ground photos that passed every rule, with where, when and by whom they were taken.

A photo folder holds `photos.parquet` (GeoParquet, Point in EPSG:4326, one row a photo), `images/<shard>/<id>.jpg` for
photos that were downloaded, `manifest.json` (settings, and the counts of what was kept and dropped by each rule), and
`journal.sqlite`, from which an interrupted collection goes on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Optional

from graft_plugin.engine.files import replace_text
from graft_plugin.errors import OutputError, UsageError

if TYPE_CHECKING:
    import geopandas

TABLE, MANIFEST = "photos.parquet", "manifest.json"
FORMAT = 1
_AGAIN = "Collect the photos again with `python -m training collect photos`."


@dataclass(frozen=True)
class Photo:
    """One ground photo.

    Args:
        id: Unique in its folder, and a safe file name.
        source: Where it came from.
        lon: Longitude of the camera, degrees east, WGS 84.
        lat: Latitude of the camera, degrees north, WGS 84.
        file: Path relative to the photo folder, or absolute for a photo that stays where it is.
        owner: Who took it, as the source names them.
        licence: Name and address of its licence.
        url: Where it can be seen.
        taken: When, in UTC.
        accuracy: Flickr's level of the geotag, 1 (world) to 16 (street); None where the source has none.
        direction_deg: Where the camera looked, clockwise from north, 0 ≤ d < 360.
        direction_ref: Which north: EXIF tells "true" from "magnetic"; None where it does not.
        width: Of the picture as seen upright, pixels.
        height: Of the picture as seen upright, pixels.
        phash: 64-bit perceptual hash, 16 hexadecimal digits.
        outdoor: Score of the outdoor filter, 0 (indoors) to 1 (outdoors); None where none was asked for.
    """

    id: str
    source: Literal["flickr", "folder"]
    lon: float
    lat: float
    file: str = ""
    owner: Optional[str] = None
    licence: Optional[str] = None
    url: Optional[str] = None
    taken: Optional[datetime] = None
    accuracy: Optional[int] = None
    direction_deg: Optional[float] = None
    direction_ref: Optional[Literal["true", "magnetic"]] = None
    width: int = 0
    height: int = 0
    phash: str = ""
    outdoor: Optional[float] = None


_TYPES = {
    "id": "string",
    "source": "string",
    "file": "string",
    "owner": "string",
    "licence": "string",
    "url": "string",
    "taken": "datetime64[ms, UTC]",
    "accuracy": "Int16",
    "direction_deg": "Float64",
    "direction_ref": "string",
    "width": "Int32",
    "height": "Int32",
    "phash": "string",
    "outdoor": "Float64",
}
"""Column → its pandas type; the same whatever the values, so that folders can be joined."""


def write_photos(
    folder: Path,
    photos: Sequence[Photo],
    settings: Mapping[str, Any],
    counts: Mapping[str, Any],
    *,
    complete: bool,
) -> Path:
    """Write table and manifest, each whole or not at all.

    Args:
        folder: The photo folder.
        photos: Those that were kept, in the order of the table.
        settings: What was asked for.
        counts: `found`, and `dropped`: rule → count.
        complete: Whether the collection came to its end.

    Returns:
        The table's path.

    Raises:
        OutputError: The folder cannot be written, or the disk is full.
    """
    import geopandas
    import pandas as pd

    from graft_plugin.engine.outputs import Staging

    columns = {name: pd.Series([getattr(p, name) for p in photos], dtype=kind) for name, kind in _TYPES.items()}
    points = geopandas.points_from_xy([p.lon for p in photos], [p.lat for p in photos])
    table = geopandas.GeoDataFrame(columns, geometry=points, crs="EPSG:4326")
    target = folder / TABLE
    manifest = {
        "kind": "photos",
        "format": FORMAT,
        "complete": complete,
        "settings": dict(settings),
        "kept": len(photos),
        **counts,
        "licences": dict(Counter(p.licence or "unknown" for p in photos).most_common()),
        "owners": len({p.owner for p in photos if p.owner}),
    }
    try:
        with Staging() as staging:
            table.to_parquet(staging.place(target), index=False)
            staging.commit()
        replace_text(folder / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise disk_error(error, folder) from error
    return target


def read_photos(folder: str | Path) -> geopandas.GeoDataFrame:
    """Return the table of a photo folder, in EPSG:4326; see `Photo` for its columns.

    Raises:
        UsageError: There is no such folder, or it holds no table of this format.
    """
    import geopandas

    table = Path(folder) / TABLE
    if not table.is_file():
        raise UsageError(f"the folder holds no {TABLE}", remedy=_AGAIN, path=str(folder))
    try:
        photos = geopandas.read_parquet(table)
    except Exception as error:  # pyarrow raises what it likes on a damaged file
        raise UsageError(f"the table of photos cannot be read ({error})", remedy=_AGAIN, path=str(table)) from error
    lacking = sorted(set(_TYPES) - set(photos.columns))
    if lacking:
        raise UsageError(f"the table of photos lacks {', '.join(lacking)}", remedy=_AGAIN, path=str(table))
    return photos


def photo_path(folder: str | Path, file: str) -> Path:
    """Return where a photo of the table lies: absolute paths as they are, others in the photo folder."""
    return Path(folder) / file


def disk_error(error: OSError, path: Path) -> OutputError:
    """Return what failed to be written as a plain error that says what to do."""
    import errno

    if isinstance(error, OutputError):
        return error
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(
            "the disk is full; what came so far is kept",
            remedy="Make room and run it again: it goes on where it stopped.",
            path=str(path),
        )
    return OutputError(f"cannot be written ({error.strerror or error})", path=str(path))
