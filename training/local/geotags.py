"""Ground photos with their places: a folder of geotagged pictures, or a point layer that names them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from graft_plugin.errors import UsageError

from ..collect.exif import read_exif

SUFFIXES = (".jpg", ".jpeg", ".png")
FILE_FIELDS = ("photo", "file", "path", "filename", "image", "picture")
"""Names under which point layers keep their photos' files; QGIS's own "Import geotagged photos" writes `photo`."""


@dataclass(frozen=True)
class Photo:
    """A ground photo.

    Attributes:
        file: Its path.
        lon, lat: Where it was taken, WGS 84, degrees.
    """

    file: str
    lon: float
    lat: float


@dataclass
class Photos:
    """Photos, and how many were dropped for which reason."""

    found: list[Photo] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


def read_photos(source: str, layer: str | None = None, name: str | None = None) -> Photos:
    """Read photos and their places.

    Args:
        source: A folder (looked through with its subfolders), or a file of points that names photos.
        layer: The file's layer; None: its first.
        name: The field with the photos' files; None: the first of `FILE_FIELDS` that is there.

    Raises:
        UsageError: There is no such folder or file, it cannot be read, or it holds no photo with a place.
    """
    path = Path(source).expanduser()
    if path.is_dir():
        photos = _from_folder(path)
    elif path.is_file():
        photos = _from_points(path, layer, name)
    else:
        raise UsageError("there is no such folder or file of photos", remedy="Check the path.", path=source)
    if not photos.found:
        told = ", ".join(f"{count} {reason}" for reason, count in photos.dropped.items()) or "no pictures are there"
        raise UsageError(
            f"there is no photo with a place ({told})",
            remedy="Give JPEG or PNG pictures with GPS positions, or points that name them.",
            path=source,
        )
    return photos


def _from_folder(folder: Path) -> Photos:
    photos = Photos()
    for file in sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES):
        place = _exif_place(file)
        if isinstance(place, str):
            photos.dropped[place] += 1
        else:
            photos.found.append(Photo(str(file), *place))
    return photos


def _exif_place(file: Path) -> tuple[float, float] | str:
    """Return (lon, lat), or why there is none."""
    from PIL import Image

    try:
        with Image.open(file, formats=("JPEG", "PNG")) as picture:
            exif = read_exif(picture)
    except (OSError, ValueError, SyntaxError):
        return "unreadable"
    return "without a position" if exif.lon is None or exif.lat is None else (exif.lon, exif.lat)


def _from_points(file: Path, layer: str | None, name: str | None) -> Photos:
    from pyogrio.errors import DataLayerError, DataSourceError
    from pyogrio.raw import read
    from pyproj import CRS
    from shapely import from_wkb, get_x, get_y

    from graft_plugin.engine.crs import transformer

    try:
        meta, _, shapes, columns = read(file, layer=layer)
    except (DataSourceError, DataLayerError) as error:
        raise UsageError(f"the points cannot be read ({error})", path=str(file)) from error
    fields = [str(column) for column in meta["fields"]]
    chosen = name or next((f for wanted in FILE_FIELDS for f in fields if f.lower() == wanted), None)
    if chosen not in fields:
        raise UsageError(
            f"the points have no field with the photos' files (they have {', '.join(fields) or 'none'})",
            remedy=f"Name it with --field, or call it {FILE_FIELDS[0]}.",
            path=str(file),
        )
    if meta["geometry_type"] is None or not meta["crs"]:
        raise UsageError("the photos' layer has no points or no CRS", path=str(file))
    points = from_wkb(shapes)
    move = transformer(CRS.from_user_input(meta["crs"]).to_wkt(), "EPSG:4326")
    lons, lats = move.transform(get_x(points), get_y(points))
    photos = Photos()
    for value, lon, lat in zip(columns[fields.index(chosen)], lons, lats, strict=True):
        picture = _beside(file, value)
        if picture is None:
            photos.dropped["without a file"] += 1
        elif not (abs(lon) <= 180 and abs(lat) <= 90):  # NaN too
            photos.dropped["without a position"] += 1
        else:
            photos.found.append(Photo(str(picture), float(lon), float(lat)))
    return photos


def _beside(file: Path, value: object) -> Path | None:
    """Return the picture that a point names, by its full path or beside the points' file."""
    if not isinstance(value, str) or not value.strip():
        return None
    return next((p for p in _places(file, value) if p.is_file() and p.suffix.lower() in SUFFIXES), None)


def _places(file: Path, value: str) -> Iterator[Path]:
    yield Path(value).expanduser()
    yield file.parent / value
