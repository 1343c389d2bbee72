"""What a source of tiles does, whatever it is: says where tiles can be, finds images of a place, reads them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, Literal, Optional, Protocol

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.crs import utm_crs
from graft_plugin.errors import SceneError

from .tile_rules import (
    SENSOR_GSD_M,
    TIME_ALIGNED,
    ImageT,
    Spot,
    centred_window,
    is_clear,
    nearest_in_time,
    newest_first,
)

SPANS_DAYS = (10, 40, 160, 640, None)
"""Half widths of the spans of time that are searched around a photo, one after the other; None for all time."""

Rule = Literal["outside", "undated", "no_image", "cloudy", "nodata", "damaged", "unreadable", "covered"]
RULES: dict[str, str] = {
    "outside": "outside the rasters",
    "undated": "the photo in the centre has no time, which the sensor's images are chosen by",
    "no_image": "no image of the place",
    "cloudy": "no image of the place with so little cloud",
    "nodata": "too much of the tile has no data",
    "damaged": "the image is missing or damaged",
    "unreadable": "no photo in the tile can be read",
    "covered": "a tile that was cut without the photo covers it",
}
"""Why a photo got no tile around it."""


class NoTile(Exception):
    """There is no tile at a place; `rule` says why."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(RULES[rule])
        self.rule: Rule = rule


@dataclass(frozen=True)
class Cut:
    """The pixels of a tile.

    Attributes:
        rgb: uint8 [3, S, S].
        valid: bool [S, S].
        sensor: "naip", "sentinel2" or "rgb".
        image: Name of the image.
        acquired: When it was taken; None if not known.
    """

    rgb: NDArray[np.uint8]
    valid: NDArray[np.bool_]
    sensor: str
    image: str
    acquired: Optional[datetime]


Read = Callable[[], Cut]
"""Reads one image at a spot; raises `NoTile` ("damaged") where this image cannot be read, so that the next is tried."""


class TileSource(Protocol):
    """Where tiles come from. Used by several threads at once."""

    name: str
    time_aligned: bool

    def settings(self) -> Mapping[str, Any]:
        """Return, JSON-ready, everything that a tile's pixels depend on."""
        ...

    def spot(self, lon: float, lat: float, taken: Optional[datetime], size_px: int) -> Spot:
        """Return where the tile around a photo would be.

        Raises:
            NoTile: There can be none.
        """
        ...

    def images(self, spot: Spot) -> Iterator[Read]:
        """Yield readers of the images of a place, the best first.

        Raises:
            NoTile: There is none.
            GraftError: The source is at fault: the collection stops, to go on later.
        """
        ...


class ServedSource(ABC, Generic[ImageT]):
    """What sources on servers share: tiles in UTM at the sensor's GSD, Sentinel-2 by the photo's time, NAIP the newest.

    Attributes:
        sensor: "naip" or "sentinel2".
        most_cloud_percent: A Sentinel-2 image has less cloud than this.
        time_aligned: Whether images are chosen by the photo's time.
    """

    def __init__(self, sensor: str, most_cloud_percent: float) -> None:
        self.sensor, self.most_cloud_percent = sensor, most_cloud_percent
        self.time_aligned = sensor in TIME_ALIGNED

    def spot(self, lon: float, lat: float, taken: Optional[datetime], size_px: int) -> Spot:
        """Return the tile around a photo in its UTM zone, at the sensor's GSD.

        Raises:
            NoTile: "undated" where the sensor's images are chosen by the photo's time; "outside" off the Earth.
        """
        return utm_spot(self.sensor, lon, lat, taken, size_px)

    def images(self, spot: Spot) -> Iterator[Read]:
        """Yield readers of the images of a place, Sentinel-2's nearest in time and clear, NAIP's newest first."""
        images = choose_images(self.sensor, spot.taken, self.most_cloud_percent, partial(self.list_images, spot))
        for image in images:
            yield partial(self.cut, image, spot)

    def chosen_by(self) -> dict[str, Any]:
        """Return the part of `settings` that says how images are chosen."""
        return {"sensor": self.sensor, "most_cloud_percent": self.most_cloud_percent if self.time_aligned else None}

    @abstractmethod
    def list_images(self, spot: Spot, days: Optional[int]) -> list[ImageT]:
        """Return the images of a place, so many days around the photo; None for all time."""

    @abstractmethod
    def cut(self, image: ImageT, spot: Spot) -> Cut:
        """Return the pixels of an image at a spot."""


def iso(moment: Optional[datetime]) -> Optional[str]:
    """Return a time as ISO 8601 in UTC."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def utm_spot(sensor: str, lon: float, lat: float, taken: Optional[datetime], size_px: int) -> Spot:
    """Return the tile around a photo in its UTM zone, at the sensor's GSD.

    Raises:
        NoTile: "undated" where the sensor's images are chosen by the photo's time; "outside" off the Earth.
    """
    if sensor in TIME_ALIGNED and taken is None:
        raise NoTile("undated")
    try:
        crs = utm_crs(lon, lat)
    except SceneError as error:
        raise NoTile("outside") from error
    gsd_m = SENSOR_GSD_M[sensor]
    return Spot(lon, lat, taken, crs, gsd_m, centred_window(lon, lat, crs, gsd_m, size_px))


def choose_images(
    sensor: str, taken: Optional[datetime], most_cloud_percent: float, search: Callable[[Optional[int]], list[ImageT]]
) -> Iterator[ImageT]:
    """Yield the images of a place in the order in which they are tried.

    Args:
        sensor: Sentinel-2's are clear and come by their distance in time from the photo; NAIP's come newest first.
        taken: When the photo was taken.
        most_cloud_percent: A Sentinel-2 image has less cloud than this.
        search: Gives the images of the place within so many days of the photo, None for all time. A wider span is
            searched only when a narrower one is used up.

    Raises:
        NoTile: There is none.
    """
    if sensor not in TIME_ALIGNED or taken is None:
        found = newest_first(search(None))
        if not found:
            raise NoTile("no_image")
        yield from found
        return
    seen: set[str] = set()
    for days in SPANS_DAYS:
        clear = [image for image in search(days) if is_clear(image, most_cloud_percent)]
        for image in nearest_in_time(clear, taken):
            if image.name not in seen:
                seen.add(image.name)
                yield image
    if not seen:
        raise NoTile("cloudy")
