"""Tiles from the user's own rasters, read as the engine reads them: any CRS, one stretch for the whole layer."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Optional

import numpy as np

from graft_plugin.engine.grid import GsdRule
from graft_plugin.engine.scene import Scene, SceneReader, open_scene
from graft_plugin.errors import SceneError, UsageError

from ..pairs import photo_pixel
from .tile_rules import SENSOR_GSD_M, Spot, centred_window, tile_gsd_m
from .tile_source import Cut, NoTile, Read

SUFFIXES = (".tif", ".tiff", ".vrt", ".jp2", ".img")
_READ_AHEAD_PX = 224


@dataclass(frozen=True)
class RasterOrder:
    """Which rasters, and how they are read.

    Attributes:
        paths: Files, and folders of files.
        sensor: "auto", "naip", "sentinel2" or "rgb".
        bands: 1-based red, green, blue; None where they are to be found.
        gsd_m: Edge of a tile's pixel; None for the sensor's (1 m for NAIP, 10 m for Sentinel-2), or the raster's own
            where there is none or it is far coarser.
    """

    paths: tuple[Path, ...]
    sensor: str = "auto"
    bands: Optional[tuple[int, int, int]] = None
    gsd_m: Optional[float] = None


class Rasters:
    """A `TileSource` of raster files; where several hold a place, the one that holds most of the tile comes first.

    Raises:
        UsageError: There is no raster.
        SceneError: One of them cannot be opened.
    """

    name = "rasters"
    time_aligned = False

    def __init__(self, order: RasterOrder) -> None:
        self.order = order
        self.scenes = [_open(path, order) for path in find_rasters(order.paths)]
        self._local = threading.local()

    def settings(self) -> Mapping[str, Any]:
        """Return what the pixels depend on: each raster's identity, but not where it lies."""
        return {"rasters": [_about(scene) for scene in self.scenes]}

    def spot(self, lon: float, lat: float, taken: Optional[datetime], size_px: int) -> Spot:
        """Return the tile around a photo, on the grid of the raster that holds most of it.

        Raises:
            NoTile: "outside": no raster holds the photo.
        """
        spots = [spot for scene in self.scenes if (spot := _spot_in(scene, lon, lat, taken, size_px)) is not None]
        if not spots:
            raise NoTile("outside")
        return max(spots, key=lambda spot: max(_held(scene, spot) for scene in self.scenes))

    def images(self, spot: Spot) -> Iterator[Read]:
        """Yield the rasters on the spot's grid that hold the photo, the one that holds most of the tile first."""
        held = [(-_held(scene, spot), number) for number, scene in enumerate(self.scenes)]
        for share, number in sorted(held):
            if share < 0:
                yield lambda number=number: self._cut(number, spot)  # type: ignore[misc]

    def _cut(self, number: int, spot: Spot) -> Cut:
        scene = self.scenes[number]
        try:
            rgb, valid = self._reader(number).read(spot.window)
        except SceneError as error:
            raise NoTile("damaged") from error
        return Cut(rgb, valid, scene.sensor, Path(scene.path).name, None)

    def _reader(self, number: int) -> SceneReader:
        if not hasattr(self._local, "readers"):
            self._local.readers = {}
        readers: dict[int, SceneReader] = self._local.readers
        if number not in readers:
            if len(readers) >= 8:
                readers.pop(next(iter(readers))).close()
            readers[number] = SceneReader(self.scenes[number])
        return readers[number]


def find_rasters(paths: Sequence[Path]) -> list[Path]:
    """Return the files among `paths` and in the folders among them, each once, in order.

    Raises:
        UsageError: A folder holds no raster.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.is_dir():
            found[path] = None
            continue
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
        if not inside:
            raise UsageError(f"the folder holds no raster ({', '.join(SUFFIXES)})", path=str(path))
        found.update(dict.fromkeys(inside))
    return list(found)


def _open(path: Path, order: RasterOrder) -> Scene:
    rule = GsdRule(SENSOR_GSD_M)

    def at(gsd_m: Optional[float]) -> Scene:
        return open_scene(
            str(path), sensor=order.sensor, bands=order.bands, gsd_m=gsd_m, model_gsd=rule, tile_px=_READ_AHEAD_PX
        )

    scene = at(order.gsd_m)
    gsd_m = tile_gsd_m(scene.sensor, scene.native_gsd_m) if order.gsd_m is None else order.gsd_m
    return scene if scene.grid.gsd_m == gsd_m else at(gsd_m)


def _about(scene: Scene) -> dict[str, Any]:
    identity = scene.identity()
    return {"file": Path(scene.path).name} | {k: v for k, v in identity.items() if k not in ("path", "files")}


def _spot_in(scene: Scene, lon: float, lat: float, taken: Optional[datetime], size_px: int) -> Optional[Spot]:
    """Return the tile around a geotag on a scene's grid; None where the scene does not hold the geotag."""
    row, col = photo_pixel(lon, lat, scene.grid.crs, scene.grid.transform[:6])
    if not np.isfinite([row, col]).all():
        return None
    window = scene.window
    inside = window.row <= row < window.stop[0] and window.col <= col < window.stop[1]
    if not inside:
        return None
    place = centred_window(lon, lat, scene.grid.crs, scene.grid.gsd_m, size_px)
    return Spot(lon, lat, taken, scene.grid.crs, scene.grid.gsd_m, place)


def _held(scene: Scene, spot: Spot) -> float:
    """Return the share of a tile inside a scene's bounds; 0 where it is on another grid."""
    if (scene.grid.crs, scene.grid.gsd_m) != (spot.crs, spot.gsd_m):
        return 0.0
    part = scene.window.intersection(spot.window)
    return 0.0 if part.empty else part.height * part.width / (spot.window.height * spot.window.width)
