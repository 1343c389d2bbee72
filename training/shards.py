"""Tiles of a pair folder in any order: where each lies in its WebDataset shard, and reading one without its photos."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from graft_plugin.errors import UsageError

from .dataset import SHARDS, PairFolder, photos_of, read_rgb, shard_name


@dataclass(frozen=True)
class Tile:
    """A tile and where its photos were taken.

    Attributes:
        tile_id: Its name.
        image: uint8 [3, S, S], RGB.
        spots: (row, col) where each photo was taken, float32 [K, 2]; see `pairs`.
        photo_ids: K names.
    """

    tile_id: str
    image: NDArray[np.uint8]
    spots: NDArray[np.float32]
    photo_ids: tuple[str, ...]


class TileFolder:
    """Random access to the tiles of a pair folder, where `dataset.PairFolder` reads them in order, photos and all.

    The shards' headers are read once; a tile is then two reads at known places, in any process.

    Args:
        folder: A pair folder.

    Raises:
        UsageError: The folder is not whole, has no tiles, or a shard is damaged.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        count = int(PairFolder(folder).manifest["shards"])
        self.shards = [self.folder / SHARDS / shard_name(number) for number in range(count)]
        self.ids: list[str] = []
        shard: list[int] = []
        places: list[tuple[int, int, int, int]] = []
        for number, path in enumerate(self.shards):
            for tile_id, place in _scan(path):
                self.ids.append(tile_id)
                shard.append(number)
                places.append(place)
        if not self.ids:
            raise UsageError(
                "there are no tiles here", remedy="Give a folder that `collect tiles` wrote.", path=str(folder)
            )
        self.shard = np.array(shard)
        self._places = np.array(places)
        self._open: dict[int, int] = {}
        self._pid = 0

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def key(self) -> str:
        """A short hash of the shards' names, sizes and times."""
        stats = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in self.shards]
        return hashlib.sha256(json.dumps(stats).encode()).hexdigest()[:16]

    def read(self, index: int) -> Tile:
        """Read a tile.

        Raises:
            UsageError: It cannot be read.
        """
        image_at, image_size, about_at, about_size = (int(v) for v in self._places[index])
        shard = int(self.shard[index])
        try:
            about = json.loads(self._bytes(shard, about_at, about_size))
            image = read_rgb(self._bytes(shard, image_at, image_size))
            spots, names = photos_of(about)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"the tile {self.ids[index]} cannot be read ({error})",
                remedy="Collect the tiles again.",
                path=str(self.shards[shard]),
            ) from error
        return Tile(self.ids[index], image, spots, names)

    def _bytes(self, shard: int, offset: int, size: int) -> bytes:
        if self._pid != os.getpid():  # a process that reads tiles opens its own files
            self._open, self._pid = {}, os.getpid()
        if shard not in self._open:
            if len(self._open) >= 128:
                os.close(self._open.pop(next(iter(self._open))))
            self._open[shard] = os.open(self.shards[shard], os.O_RDONLY | getattr(os, "O_BINARY", 0))
        handle = self._open[shard]
        if hasattr(os, "pread"):
            return os.pread(handle, size, offset)
        os.lseek(handle, offset, os.SEEK_SET)
        return os.read(handle, size)


def _scan(path: Path) -> list[tuple[str, tuple[int, int, int, int]]]:
    parts: dict[str, dict[str, tuple[int, int]]] = {}
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                name, _, ending = member.name.partition(".")
                if ending in ("png", "json"):
                    parts.setdefault(name, {})[ending] = member.offset_data, member.size
    except (OSError, tarfile.TarError) as error:
        raise UsageError(
            f"the shard is damaged ({error})", remedy="Collect the tiles again.", path=str(path)
        ) from error
    return [(name, (*p["png"], *p["json"])) for name, p in parts.items() if len(p) == 2]
