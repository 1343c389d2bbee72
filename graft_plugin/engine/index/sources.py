"""What is indexed: rasters from files, folders, VRTs and STAC item collections, each with its date if it has one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Optional
from urllib.parse import unquote, urlparse

from ...errors import SceneError, UsageError
from .layout import is_index

RASTERS = (".tif", ".tiff", ".vrt", ".jp2", ".img")
_ASSETS = ("visual", "image", "data", "ortho", "analytic")
"""Keys of STAC assets that hold the picture, the best first."""
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12]\d|3[01])(?!\d)")


@dataclass(frozen=True)
class Source:
    """A raster to index.

    Attributes:
        path: As GDAL opens it.
        acquired: ISO date or time; None where unknown.
    """

    path: str
    acquired: Optional[str] = None


def list_sources(names: Sequence[str], date: Optional[str] = None) -> list[Source]:
    """Return the rasters that names stand for, each once, in an order that does not depend on that of the names.

    Args:
        names: Rasters, folders (searched with their subfolders) and STAC item collections (.json, .geojson).
        date: The date of all of them; None: from the item, else from the file's name.

    Raises:
        UsageError: There is no such file, or nothing to index.
        SceneError: A STAC file is none, or names addresses in the network.
    """
    found: dict[str, Source] = {}
    for name in names:
        for source in _expand(name):
            found.setdefault(os.path.abspath(source.path) if os.path.exists(source.path) else source.path, source)
    if not found:
        raise UsageError("there is no raster in what was named", remedy=f"Rasters end in {', '.join(RASTERS)}.")
    return [Source(path, date or found[path].acquired or date_in_name(path)) for path in sorted(found)]


def date_in_name(path: str) -> Optional[str]:
    """Return the ISO date that a file's name holds (20180716, 2018-07-16), or None."""
    match = _DATE.search(Path(path).stem)
    return "-".join(match.groups()) if match else None


def _expand(name: str) -> Iterator[Source]:
    path = Path(name).expanduser()
    if name.startswith(("http://", "https://", "/vsi")):
        yield Source(name)
    elif path.is_dir():
        for place, folders, files in os.walk(path):
            folders[:] = sorted(f for f in folders if not f.startswith(".") and not is_index(Path(place) / f))
            yield from (Source(os.path.join(place, f)) for f in sorted(files) if f.lower().endswith(RASTERS))
    elif path.suffix.lower() in (".json", ".geojson"):
        yield from _items(path)
    elif path.exists() or ":" in name[2:]:
        yield Source(str(path) if path.exists() else name)
    else:
        raise SceneError("there is no such file", remedy="Check the path.", path=name)


def _items(path: Path) -> Iterator[Source]:
    """Yield the pictures of a STAC item or item collection; see stacspec.org, version 1."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SceneError(f"it cannot be read as STAC: {error}", path=str(path)) from error
    items = data.get("features") if isinstance(data, dict) and data.get("type") == "FeatureCollection" else [data]
    if not isinstance(items, list) or not items:
        raise SceneError("it holds no STAC items", path=str(path))
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("assets"), dict):
            raise SceneError("it holds no STAC items", remedy="Give an item collection.", path=str(path))
        yield Source(_located(_picture(item, path), path), _moment(item))


def _picture(item: Mapping[str, Any], path: Path) -> str:
    assets = {key: asset for key, asset in item["assets"].items() if isinstance(asset, dict) and asset.get("href")}
    known = [key for key in _ASSETS if key in assets]
    tiffs = [key for key, asset in assets.items() if "tiff" in str(asset.get("type", "")) or _is_raster(asset["href"])]
    chosen = [key for key in known if key in tiffs] or known or tiffs
    if not chosen:
        raise SceneError(f"its item {item.get('id')!r} has no raster among its assets", path=str(path))
    return str(assets[chosen[0]]["href"])


def _is_raster(href: str) -> bool:
    return urlparse(href).path.lower().endswith(RASTERS)


def _located(href: str, path: Path) -> str:
    parts = urlparse(href)
    if parts.scheme in ("http", "https", "s3", "gs", "az"):
        raise SceneError(
            f"its items lie in the network ({href})",
            remedy="Download them first and name the folder, or write the paths of the files into the collection.",
            path=str(path),
        )
    local = unquote(parts.path) if parts.scheme == "file" else href
    return local if os.path.isabs(local) else os.path.normpath(path.absolute().parent / local)


def _moment(item: Mapping[str, Any]) -> Optional[str]:
    properties = item.get("properties") or {}
    value = properties.get("datetime") or properties.get("start_datetime")
    if not value:
        return None
    try:
        return datetime.fromisoformat(str(value).replace("Z", "+00:00")).isoformat()
    except ValueError:
        return None
