"""How public STAC APIs name, place, sign and scale what they hold; an API that is new here is a line of data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.stretch import REFLECTANCE_RANGE, REFLECTANCE_SCALE
from graft_plugin.errors import UsageError

OFFSET = 1000.0
"""Since processing baseline 04.00 (2022-01-25) products hold reflectance × 10,000 + 1,000."""
_MOST_BELOW = 0.02


@dataclass(frozen=True)
class Api:
    """A STAC API.

    Attributes:
        address: Its root.
        collections: Sensor → collection.
        sas: Where anonymous access tokens come from, for hrefs on `sas_host`; None where hrefs can be read as they are.
        sas_host: End of the host names that need a token.
        closed: Sensor → why its images cannot be read without an account.
    """

    address: str
    collections: Mapping[str, str]
    sas: Optional[str] = None
    sas_host: str = ".blob.core.windows.net"
    closed: Optional[Mapping[str, str]] = None


_COLLECTIONS = {"naip": "naip", "sentinel2": "sentinel-2-l2a"}
APIS = {
    "planetary": Api(
        "https://planetarycomputer.microsoft.com/api/stac/v1",
        _COLLECTIONS,
        sas="https://planetarycomputer.microsoft.com/api/sas/v1/token",
    ),
    "earth-search": Api(
        "https://earth-search.aws.element84.com/v1",
        _COLLECTIONS,
        closed={"naip": "its NAIP images lie in a bucket where the reader pays"},
    ),
}

ASSETS: dict[str, tuple[tuple[tuple[str, int], ...], ...]] = {
    "naip": ((("image", 1), ("image", 2), ("image", 3)),),
    "sentinel2": (
        (("B04", 1), ("B03", 1), ("B02", 1)),
        (("red", 1), ("green", 1), ("blue", 1)),
    ),
}
"""Sensor → layouts, each the (asset, 1-based band) of red, green and blue."""


@dataclass(frozen=True)
class StacImage:
    """An item of a catalogue, as far as the rules and the reader look at it; an `Image` of `tile_rules`."""

    name: str
    acquired: Optional[datetime]
    cloud_percent: Optional[float]
    item: Mapping[str, Any]


def image_of(item: Mapping[str, Any]) -> StacImage:
    """Return an item's facts; a span of time counts as its middle."""
    about = item.get("properties") or {}
    times = [parse_time(about.get(key)) for key in ("datetime", "start_datetime", "end_datetime")]
    acquired = times[0]
    if acquired is None and times[1] is not None and times[2] is not None:
        acquired = times[1] + (times[2] - times[1]) / 2
    cloud = about.get("eo:cloud_cover")
    number = float(cloud) if isinstance(cloud, (int, float)) and not isinstance(cloud, bool) else None
    return StacImage(str(item["id"]), acquired, number, item)


def find_assets(item: Mapping[str, Any], sensor: str) -> Optional[list[tuple[str, int]]]:
    """Return (address, 1-based band) of red, green and blue; None where the item lacks one of them."""
    assets = item.get("assets") or {}
    for layout in ASSETS[sensor]:
        if all(name in assets and assets[name].get("href") for name, _ in layout):
            return [(_address(str(assets[name]["href"])), band) for name, band in layout]
    return None


def claimed_offset(item: Mapping[str, Any], sensor: str) -> float:
    """Return what an item says was added to its reflectances, in stored units.

    Earth Search says whether the offset was taken off; elsewhere the processing baseline tells whether it was put on.
    """
    if sensor != "sentinel2":
        return 0.0
    about = item.get("properties") or {}
    applied = about.get("earthsearch:boa_offset_applied", about.get("sentinel:boa_offset_applied"))
    if applied is True:
        return 0.0
    for key in ("s2:processing_baseline", "processing:version", "sentinel:processing_baseline"):
        try:
            return OFFSET if float(str(about.get(key))) >= 4.0 else 0.0
        except ValueError:
            continue
    return 0.0


def true_offset(claimed: float, pixels: NDArray, valid: NDArray[np.bool_]) -> float:
    """Return the offset that pixels have: none where one that is claimed would make many reflectances negative.

    Earth Search's flag is wrong for many items: they say that the offset is still there, and it is not (its issues 66
    and 71).

    Args:
        claimed: By the item's metadata.
        pixels: Stored values [3, h, w].
        valid: Which of them count [h, w].
    """
    if claimed == 0 or not valid.any():
        return 0.0
    below = max(float((band[valid] < claimed).mean()) for band in pixels)
    return 0.0 if below > _MOST_BELOW else claimed


def reflectance_stretch(offset: float) -> tuple[tuple[float, float], ...]:
    """Return the stored values of red, green and blue that become 0 and 255: reflectance 0 to 0.3, as for any scene."""
    low, high = REFLECTANCE_RANGE
    return ((low * REFLECTANCE_SCALE + offset, high * REFLECTANCE_SCALE + offset),) * 3


def api_of(name: str, sensor: str, collection: Optional[str] = None, sas: Optional[str] = None) -> tuple[Api, str]:
    """Return an API by its name or address, and the sensor's collection there.

    Raises:
        UsageError: Its images of that sensor cannot be read without an account, or the address is none.
    """
    api = APIS.get(name)
    if api is None:
        known = next((a for a in APIS.values() if a.address == name.rstrip("/")), None)
        if not name.startswith(("http://", "https://")):
            raise UsageError(f"there is no STAC API {name!r}", remedy=f"Give an address, or {' or '.join(APIS)}.")
        api = known or Api(name.rstrip("/"), _COLLECTIONS, sas=sas)
    if api.closed and sensor in api.closed:
        raise UsageError(
            f"this API serves {sensor} to account holders only: {api.closed[sensor]}",
            remedy="Use --api planetary.",
            path=api.address,
        )
    return api, collection or api.collections[sensor]


def _address(href: str) -> str:
    """Return what HTTP can fetch of an s3:// address in a public bucket."""
    if not href.startswith("s3://"):
        return href
    bucket, _, key = href[5:].partition("/")
    return f"https://{bucket}.s3.amazonaws.com/{key}"


def parse_time(text: object) -> Optional[datetime]:
    """Return a time in ISO 8601, UTC where it names no zone; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
