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
from urllib.parse import unquote, urljoin, urlparse

from ...errors import SceneError, UsageError
from ..offline import refuse_remote
from ..remote import as_gdal, read_json
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


def list_sources(names: Sequence[str], date: Optional[str] = None, offline: bool = False) -> list[Source]:
    """Return the rasters that names stand for, each once, in an order that does not depend on that of the names.

    Args:
        names: Rasters, folders (searched with their subfolders) and STAC item collections (.json, .geojson, or any
            address that is not a raster's).
        date: The date of all of them; None: from the item, else from the file's name.
        offline: The network may not be touched.

    Raises:
        UsageError: There is no such file, or nothing to index.
        SceneError: A STAC document is none.
        DownloadError: One cannot be had; as `OfflineError` where the network is switched off.
    """
    found: dict[str, Source] = {}
    for name in names:
        for source in _expand(name, offline):
            found.setdefault(os.path.abspath(source.path) if os.path.exists(source.path) else source.path, source)
    if not found:
        raise UsageError("there is no raster in what was named", remedy=f"Rasters end in {', '.join(RASTERS)}.")
    return [Source(path, date or found[path].acquired or date_in_name(path)) for path in sorted(found)]


def date_in_name(path: str) -> Optional[str]:
    """Return the ISO date that a file's name holds (20180716, 2018-07-16), or None."""
    match = _DATE.search(Path(path).stem)
    return "-".join(match.groups()) if match else None


def _expand(name: str, offline: bool) -> Iterator[Source]:
    path = Path(name).expanduser()
    if name.startswith(("http://", "https://")) and not _is_raster(name):
        yield from _items(name, offline)
    elif "://" in name or name.startswith("/vsi"):
        if offline:
            refuse_remote(name)
        yield Source(as_gdal(name))
    elif path.is_dir():
        for place, folders, files in os.walk(path):
            folders[:] = sorted(f for f in folders if not f.startswith(".") and not is_index(Path(place) / f))
            yield from (Source(os.path.join(place, f)) for f in sorted(files) if f.lower().endswith(RASTERS))
    elif path.suffix.lower() in (".json", ".geojson"):
        yield from _items(str(path.absolute()), offline)
    elif path.exists() or ":" in name[2:]:
        yield Source(str(path) if path.exists() else name)
    else:
        raise SceneError("there is no such file", remedy="Check the path.", path=name)


def _items(place: str, offline: bool) -> Iterator[Source]:
    """Yield the pictures of a STAC item or item collection, of all its pages; see stacspec.org, version 1."""
    seen: set[str] = set()
    following: Optional[str] = place
    while following is not None and following not in seen:
        seen.add(following)
        data = _document(following, offline)
        collection = isinstance(data, dict) and data.get("type") == "FeatureCollection"
        items = data.get("features") if collection else [data]
        if not isinstance(items, list) or not (items or len(seen) > 1):
            raise SceneError("it holds no STAC items", path=following)
        for item in items:
            if not isinstance(item, dict) or not isinstance(item.get("assets"), dict):
                raise SceneError("it holds no STAC items", remedy="Give an item collection.", path=following)
            yield Source(_located(_picture(item, following), following), _moment(item))
        following = _next_page(data, following) if collection else None


def _document(place: str, offline: bool) -> Any:  # noqa: ANN401 - any JSON value
    if _is_address(place):
        return read_json(place, offline)
    try:
        return json.loads(Path(place).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SceneError(f"it cannot be read as STAC: {error}", path=place) from error


def _next_page(data: Mapping[str, Any], place: str) -> Optional[str]:
    """Return the address of the next page of a search, or None."""
    links = data.get("links")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("rel") == "next" and link.get("href"):
            if str(link.get("method", "GET")).upper() != "GET":
                raise SceneError(
                    "its further pages are only given to a search by POST",
                    remedy="Save all of its items to a file, and name that.", path=place,
                )  # fmt: skip
            return urljoin(place, str(link["href"]))
    return None


def _picture(item: Mapping[str, Any], place: str) -> str:
    assets = {key: asset for key, asset in item["assets"].items() if isinstance(asset, dict) and asset.get("href")}
    known = [key for key in _ASSETS if key in assets]
    tiffs = [key for key, asset in assets.items() if "tiff" in str(asset.get("type", "")) or _is_raster(asset["href"])]
    chosen = [key for key in known if key in tiffs] or known or tiffs
    if not chosen:
        raise SceneError(f"its item {item.get('id')!r} has no raster among its assets", path=place)
    return str(assets[chosen[0]]["href"])


def _is_raster(href: str) -> bool:
    return urlparse(href).path.lower().endswith(RASTERS)


def _is_address(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _located(href: str, place: str) -> str:
    """Return where an asset lies, as GDAL names it; a relative one lies beside its document."""
    parts = urlparse(href)
    if len(parts.scheme) > 1 and parts.scheme != "file":  # one letter is a drive of Windows
        return as_gdal(href)
    if _is_address(place):
        return as_gdal(urljoin(place, href))
    local = unquote(parts.path) if parts.scheme == "file" else href
    return local if os.path.isabs(local) else os.path.normpath(Path(place).parent / local)


def _moment(item: Mapping[str, Any]) -> Optional[str]:
    properties = item.get("properties") or {}
    value = properties.get("datetime") or properties.get("start_datetime")
    if not value:
        return None
    try:
        return datetime.fromisoformat(str(value).replace("Z", "+00:00")).isoformat()
    except ValueError:
        return None
