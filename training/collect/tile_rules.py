"""The rules of which tiles there are, one a function: GRAFT's (arXiv 2312.06960).

A tile is centred on a photo's geotag, unless a tile that is there covers the photo; at most 25 photos a tile;
Sentinel-2 images the nearest in time with less than 1 % of cloud, NAIP images without regard to time.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Optional, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.crs import transformer
from graft_plugin.engine.grid import Grid, Window

from ..pairs import WGS84, in_tile, photo_pixel

TILE_PX = 448
MOST_PHOTOS = 25
MOST_CLOUD_PERCENT = 1.0
MOST_NODATA = 0.05
SENSOR_GSD_M = {"naip": 1.0, "sentinel2": 10.0}
MOST_ENLARGED = 1.5
"""How far a raster's pixels may be enlarged to reach its sensor's ground resolution."""
TIME_ALIGNED = {"sentinel2"}
"""Sensors whose image has to be near to the photo in time."""


@dataclass(frozen=True)
class Spot:
    """Where a tile is to be.

    Attributes:
        lon: Of the photo that it is centred on, degrees.
        lat: Likewise.
        taken: When that photo was taken, UTC; None if not known.
        crs: A metric CRS.
        gsd_m: Edge of a pixel in metres.
        window: The tile's pixels of the anchored grid (`engine.grid`) of that CRS and GSD.
    """

    lon: float
    lat: float
    taken: Optional[datetime]
    crs: str
    gsd_m: float
    window: Window

    @property
    def transform(self) -> tuple[float, ...]:
        """(a, b, c, d, e, f) from (col, row) of the tile to (x, y)."""
        placed = Grid(self.crs, self.gsd_m, self.window.width, self.window.width).window_transform(self.window)
        return tuple(float(v) for v in placed[:6])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """xmin, ymin, xmax, ymax in metres."""
        a, _, x, _, e, y = self.transform
        return x, y + e * self.window.height, x + a * self.window.width, y


class Image(Protocol):
    """What the rules look at in an image of a catalogue."""

    @property
    def name(self) -> str:
        """Its name in the catalogue."""
        ...

    @property
    def acquired(self) -> Optional[datetime]:
        """When it was taken."""
        ...

    @property
    def cloud_percent(self) -> Optional[float]:
        """How much of it is cloud."""
        ...


ImageT = TypeVar("ImageT", bound=Image)


def centred_window(lon: float, lat: float, crs: str, gsd_m: float, size_px: int = TILE_PX) -> Window:
    """Return the tile whose middle pixel, (size / 2, size / 2), holds a geotag, on the anchored grid.

    Whole pixels of the grid: a sensor whose own pixels lie on it, as Sentinel-2's do, is not resampled.
    """
    x, y = transformer(WGS84, crs).transform(lon, lat)
    return Window(math.floor(-y / gsd_m) - size_px // 2, math.floor(x / gsd_m) - size_px // 2, size_px, size_px)


def covered(spot: Spot, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which geotags a tile holds."""
    return in_tile(photo_pixel(lons, lats, spot.crs, spot.transform), spot.window.width)


def asking_order(ids: Sequence[str], seed: int) -> list[int]:
    """Return the order in which photos ask for a tile: each photo's turn is drawn by the seed and its name alone."""
    return sorted(range(len(ids)), key=lambda k: (_draw(seed, "centre", ids[k]), ids[k]))


def photo_order(ids: Sequence[str], tile_id: str, seed: int) -> list[int]:
    """Return the order, drawn by the seed, in which a tile takes photos: the first 25 that can be read are its own."""
    return sorted(range(len(ids)), key=lambda k: (_draw(seed, tile_id, ids[k]), ids[k]))


def is_clear(image: Image, most_percent: float = MOST_CLOUD_PERCENT) -> bool:
    """Whether an image has less cloud than allowed; one that does not say how much has not."""
    return image.cloud_percent is not None and image.cloud_percent < most_percent


def nearest_in_time(images: Iterable[ImageT], taken: datetime) -> list[ImageT]:
    """Return images by their distance in time from a photo, the nearest first; those without a time are left out."""
    dated = [(abs(image.acquired - taken), image.name, image) for image in images if image.acquired is not None]
    return [image for _, _, image in sorted(dated, key=lambda entry: entry[:2])]


def newest_first(images: Iterable[ImageT]) -> list[ImageT]:
    """Return images without regard to the photo's time, the newest first, so that a place always gets the same."""
    return sorted(images, key=lambda image: (-(image.acquired.timestamp() if image.acquired else 0.0), image.name))


def tile_gsd_m(sensor: str, native_gsd_m: float) -> float:
    """Return the ground resolution of a raster's tiles: the sensor's; the raster's own where that is far coarser."""
    preset = SENSOR_GSD_M.get(sensor)
    if preset is not None and native_gsd_m <= MOST_ENLARGED * preset:
        return preset
    return float(f"{native_gsd_m:.3g}")


def lacks_data(valid: NDArray[np.bool_], most: float = MOST_NODATA) -> bool:
    """Whether more of a tile is missing than allowed."""
    return float(1 - valid.mean()) > most


def tile_name(spot: Spot, time_aligned: bool) -> str:
    """Return a tile's name: its CRS, GSD and upper left pixel, and the photo's day where the image depends on it."""
    zone = spot.crs.partition(":")[2] if spot.crs.startswith("EPSG:") else _digest(spot.crs)
    gsd = f"{spot.gsd_m:g}".replace(".", "p")
    day = f"_{spot.taken:%Y%m%d%H%M%S}" if time_aligned and spot.taken is not None else ""
    return f"{zone}_{gsd}m_r{spot.window.row}_c{spot.window.col}{day}"


class Places:
    """Geotags, found by place.

    Args:
        lons: Degrees, [N].
        lats: Degrees, [N].
    """

    def __init__(self, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> None:
        import shapely

        self.lons, self.lats = lons, lats
        self._tree = shapely.STRtree(shapely.points(lons, lats))

    def inside(self, spot: Spot) -> NDArray[np.int64]:
        """Return which geotags a tile holds, ascending."""
        import shapely

        near = self._tree.query([shapely.box(*box) for box in degree_boxes(spot)], predicate="intersects")[1]
        near = np.unique(near)
        return near[covered(spot, self.lons[near], self.lats[near])]


def degree_boxes(spot: Spot) -> Iterator[tuple[float, float, float, float]]:
    """Yield west, south, east, north of boxes in degrees that hold a tile: two where it lies on the 180th meridian."""
    to_degrees = transformer(spot.crs, WGS84)
    west, south, east, north = to_degrees.transform_bounds(*spot.bounds, densify_pts=21)
    pad = 1e-6
    if west <= east:
        yield west - pad, south - pad, east + pad, north + pad
    else:
        yield west - pad, south - pad, 180.0, north + pad
        yield -180.0, south - pad, east + pad, north + pad


def plan_round(
    order: Sequence[int], waiting: NDArray[np.bool_], places: Places, spot_of: Callable[[int], Optional[Spot]]
) -> Iterator[tuple[int, Spot, NDArray[np.int64]]]:
    """Yield the tiles that waiting photos ask for: one for each that no tile of this round covers before its turn.

    Args:
        order: Photos, in the order in which they ask.
        waiting: Which photos no tile covers; a photo stops waiting as a tile takes it.
        places: The photos' geotags.
        spot_of: The tile that a photo would be the centre of; None where it can have none.

    Yields:
        The photo in the centre, where the tile is to be, and the waiting photos that it covers.
    """
    for photo in order:
        if not waiting[photo]:
            continue
        spot = spot_of(photo)
        if spot is None:
            continue
        inside = places.inside(spot)
        mine = inside[waiting[inside]]
        waiting[mine] = False
        yield photo, spot, mine


def _draw(seed: int, *words: str) -> str:
    return _digest("\0".join([str(seed), *words]), 32)


def _digest(text: str, size: int = 8) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:size]
