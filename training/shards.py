"""Tiles of a pair folder in any order: where each lies in its WebDataset shard, and reading one without its photos."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from graft_plugin.errors import UsageError


@dataclass(frozen=True)
class Tile:
    """A tile and where its photos were taken.

    Attributes:
        tile_id: Its name.
        image: uint8 [3, S, S], RGB.
        spots: (row, col) of each photo in pixels, float32 [K, 2]; a pixel p reaches from p to p + 1.
        photo_ids: K names.
    """

    tile_id: str
    image: NDArray[np.uint8]
    spots: NDArray[np.float32]
    photo_ids: tuple[str, ...]


@dataclass(frozen=True)
class TilePhotos:
    """The ground photos of a tile, as files."""

    photo_ids: tuple[str, ...]
    photos: tuple[bytes, ...]


class TileFolder:
    """Random access to the tiles of `<folder>/shards/*.tar`, in the order of the shards.

    The shards' headers are read once; a tile is then two reads at known places, in any process.

    Args:
        folder: A pair folder.

    Raises:
        UsageError: There are no tiles, or a shard is damaged.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.shards = sorted((self.folder / "shards").glob("*.tar"))
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
            image = _decode(self._bytes(shard, image_at, image_size))
            photos = about["photos"]
            spots = np.array([(p["row"], p["col"]) for p in photos], np.float32).reshape(-1, 2)
            names = tuple(str(p["id"]) for p in photos)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"the tile {self.ids[index]} cannot be read ({error})",
                remedy="Collect the tiles again.",
                path=str(self.shards[shard]),
            ) from error
        return Tile(self.ids[index], image, spots, names)

    def photos(self) -> Iterator[TilePhotos]:
        """Yield the ground photos, tile by tile, shard after shard."""
        for path in self.shards:
            about: dict[str, bytes] = {}
            pictures: dict[str, dict[int, bytes]] = {}
            with tarfile.open(path, "r:") as tar:
                for member in tar:
                    name, _, ending = member.name.partition(".")
                    found = tar.extractfile(member) if ending != "png" else None
                    if found is None:
                        continue
                    if ending == "json":
                        about[name] = found.read()
                    elif ending.startswith("photo"):
                        pictures.setdefault(name, {})[int(ending[5:7])] = found.read()
            for name, data in about.items():
                ids = [str(photo["id"]) for photo in json.loads(data)["photos"]]
                own = pictures.get(name, {})
                yield TilePhotos(tuple(ids[k] for k in sorted(own)), tuple(own[k] for k in sorted(own)))

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


def _decode(data: bytes) -> NDArray[np.uint8]:
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
        return np.ascontiguousarray(np.moveaxis(np.asarray(picture.convert("RGB")), -1, 0))
