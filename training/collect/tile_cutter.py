"""Single tiles around photos: the image's pixels, the photos that are the tile's own, both packed."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from graft_plugin.errors import UsageError

from ..pair_writer import SHARD_TILES, TilePhoto, TileRecord, pack
from ..pairs import photo_pixel
from .photos import TABLE, photo_path, read_photos
from .picture import UnreadablePicture
from .shrink import small_jpeg
from .tile_rules import (
    MOST_NODATA,
    MOST_PHOTOS,
    TILE_PX,
    Places,
    Spot,
    lacks_data,
    photo_order,
    tile_name,
)
from .tile_source import Cut, NoTile, TileSource, iso

_IMAGES_TRIED = 4


@dataclass(frozen=True)
class TileOrder:
    """What is asked for.

    Attributes:
        photos: The photo folder.
        seed: Of every draw.
        size_px: Edge of a tile.
        most_photos: Photos a tile.
        most_nodata: Share of a tile that may lack data.
        shard_tiles: Tiles a shard.
        workers: Tiles under way at once.
    """

    photos: Path
    seed: int = 0
    size_px: int = TILE_PX
    most_photos: int = MOST_PHOTOS
    most_nodata: float = MOST_NODATA
    shard_tiles: int = SHARD_TILES
    workers: int = 4


@dataclass(frozen=True)
class Job:
    """A tile to be cut: the photo in its centre, where it is, the photos that it covers."""

    centre: int
    spot: Spot
    inside: NDArray[np.int64]


class PhotoTable:
    """The photos as columns, in the order of their names.

    Raises:
        UsageError: The folder holds none.
    """

    def __init__(self, folder: Path) -> None:
        table = read_photos(folder).sort_values("id", kind="stable")
        if not len(table):
            raise UsageError("there are no photos", remedy="Collect some first.", path=str(folder))
        self.ids = [str(v) for v in table["id"]]
        self.files = [photo_path(folder, str(v)) for v in table["file"]]
        self.taken: list[Optional[datetime]] = [None if str(v) == "NaT" else v.to_pydatetime() for v in table["taken"]]
        known = table["direction_deg"].notna()
        self.directions = [float(v) if k else None for v, k in zip(table["direction_deg"], known, strict=True)]
        self.places = Places(table.geometry.x.to_numpy(), table.geometry.y.to_numpy())
        self.digest = hashlib.sha256((folder / TABLE).read_bytes()).hexdigest()[:16]

    def __len__(self) -> int:
        return len(self.ids)


class Cutter:
    """Cuts single tiles; used by several threads.

    Args:
        order: What is asked for.
        table: The photos.
        source: Where tiles come from.
    """

    def __init__(self, order: TileOrder, table: PhotoTable, source: TileSource) -> None:
        self.order, self.table, self.source = order, table, source

    def name(self, job: Job) -> str:
        """Return the tile's name."""
        return tile_name(job.spot, self.source.time_aligned)

    def cut(self, job: Job) -> tuple[TileRecord, bytes, dict[str, int]]:
        """Return a tile's record, itself as a pack, and how many of its photos were dropped by which rule.

        Raises:
            NoTile: There is none.
            GraftError: The source is at fault.
        """
        spot, table = job.spot, self.table
        cut = self._image(spot)
        lons, lats = table.places.lons[job.inside], table.places.lats[job.inside]
        pixels = photo_pixel(lons, lats, spot.crs, spot.transform)
        order = photo_order([table.ids[k] for k in job.inside], self.name(job), self.order.seed)
        taken: list[tuple[TilePhoto, bytes]] = []
        dropped: Counter[str] = Counter()
        for k in order:
            photo, (row, col) = int(job.inside[k]), pixels[k]
            if not cut.valid[int(row), int(col)]:
                dropped["blank"] += 1
            elif len(taken) == self.order.most_photos:
                dropped["spare"] += 1
            else:
                try:
                    jpeg = small_jpeg(table.files[photo])
                except UnreadablePicture:
                    dropped["photo_unreadable"] += 1
                    continue
                taken.append((self._about(photo, float(row), float(col)), jpeg))
        if not taken:
            raise NoTile("unreadable")
        taken.sort(key=lambda entry: entry[0].id)
        record = TileRecord(
            self.name(job), self.source.name, cut.sensor, spot.crs, spot.transform, spot.gsd_m, spot.window.width,
            iso(cut.acquired), cut.image, tuple(about for about, _ in taken),
        )  # fmt: skip
        return record, pack(record, cut.rgb, [jpeg for _, jpeg in taken]), dict(sorted(dropped.items()))

    def _image(self, spot: Spot) -> Cut:
        problem = NoTile("no_image")
        for number, read in enumerate(self.source.images(spot)):
            if number == _IMAGES_TRIED:
                break
            try:
                cut = read()
            except NoTile as error:
                problem = error
                continue
            if not lacks_data(cut.valid, self.order.most_nodata):
                return cut
            problem = NoTile("nodata")
        raise problem

    def _about(self, photo: int, row: float, col: float) -> TilePhoto:
        table = self.table
        return TilePhoto(table.ids[photo], row, col, iso(table.taken[photo]), table.directions[photo])
