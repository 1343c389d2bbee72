"""Reading an index as fast as its bytes come: chunks straight out of the shard files, each checked by its CRC-32C.

A shard file of Zarr v3 is its chunks one after the other and, at the end, a table of their (offset, length) as little-
endian 64-bit numbers with a CRC-32C (specification "sharding_indexed"). Zarr's own reader does the same at a tenth of
the speed, through many small coroutines; a test holds both to the same values.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Optional

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from ...errors import StoreError
from ..blocks import read_mark
from ..grid import TileIndex, Window
from .journal import TileRecord
from .layout import (
    ARRAYS,
    CHUNK_TILES,
    PER_PATCH,
    SCALE_OF,
    SHARD_TILES,
    VECTORS,
    IndexModel,
    IndexScene,
    empty_shard,
)

_ABSENT = 2**64 - 1
_NOTHING = np.zeros((0, 0, 0), np.int8)
_PER_SHARD = SHARD_TILES // CHUNK_TILES
Shard = tuple[int, int]


class DamagedShard(StoreError):
    """A shard's file is missing, cut short or altered.

    Args:
        shard: Which.
        why: What was found.
        scene: Its scene.
    """

    def __init__(self, shard: Shard, why: str, scene: IndexScene) -> None:
        super().__init__(
            f"a block of the index is damaged ({why})",
            remedy="Run graft index again: only this block is encoded anew.",
            path=str(scene.folder),
        )
        self.shard, self.scene = shard, scene


@dataclass(frozen=True)
class IndexBlock:
    """The embeddings of 4×4 tiles.

    Attributes:
        window: Their pixels on the scene's grid.
        first: The tile in the upper left corner.
        patches: int8 [rows, cols, D].
        scale: float32 [rows, cols]; NaN where there is nothing.
        tile: int8 [4, 4, D].
        tile_scale: float32 [4, 4]; 0 or NaN where there is nothing.
        mean, mean_scale: Likewise, of the patches' means.
    """

    window: Window
    first: TileIndex
    patches: NDArray[np.int8]
    scale: NDArray[np.float32]
    tile: NDArray[np.int8]
    tile_scale: NDArray[np.float32]
    mean: NDArray[np.int8]
    mean_scale: NDArray[np.float32]


class ShardReader:
    """Reads the blocks of one scene; one for each thread. Holds one shard's files open.

    The patches of a block are overwritten by those of the next one: so they stay in the processor's cache from the
    reading over the checksum to the product. (Mapped files are slower: every page is a fault.)
    """

    def __init__(self, scene: IndexScene, model: IndexModel) -> None:
        self.scene, self.model = scene, model
        s, c, d = model.side, CHUNK_TILES, model.dim
        edges = {name: c * s if name in PER_PATCH else c for name in ARRAYS}
        self._shapes = {name: (edge, edge, d) if name in VECTORS else (edge, edge) for name, edge in edges.items()}
        self._types = {name: np.dtype("int8" if name in VECTORS else "<f4") for name in ARRAYS}
        self._bytes = {name: int(np.prod(self._shapes[name])) * self._types[name].itemsize for name in ARRAYS}
        self._shard: Optional[Shard] = None
        self._files: dict[str, Optional[_File]] = {}
        self._patches = np.empty(self._bytes["patches"] + 4, np.uint8)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            if file is not None:
                file.raw.close()
        self._files, self._shard = {}, None

    def shards(self) -> list[Shard]:
        """Return the shards that hold a tile, in row-major order."""
        names = [path.name.split(".") for path in (self.scene.folder / "present").glob("*.*")]
        found = ((int(row), int(col)) for row, col in names if row.lstrip("-").isdigit() and col.lstrip("-").isdigit())
        return sorted(shard for shard in found if self.mark(shard))

    def mark(self, shard: Shard) -> int:
        """Return which tiles of a shard are there."""
        return read_mark(self.scene.folder / "present" / f"{shard[0]}.{shard[1]}")

    def block_window(self, block: tuple[int, int]) -> Window:
        """Return the pixels of a block, by its place on the grid in blocks."""
        edge = CHUNK_TILES * self.scene.grid.tile_px
        return Window(block[0] * edge, block[1] * edge, edge, edge)

    def blocks_of(self, shard: Shard) -> Iterator[tuple[int, int]]:
        """Yield the blocks of a shard that hold a tile."""
        mark, b, c = self.mark(shard), SHARD_TILES, CHUNK_TILES
        for row in range(_PER_SHARD):
            for col in range(_PER_SHARD):
                if any(mark >> (row * c + k) * b + col * c & (1 << c) - 1 for k in range(c)):
                    yield shard[0] * _PER_SHARD + row, shard[1] * _PER_SHARD + col

    def block(self, block: tuple[int, int], *, tiles: bool = True) -> IndexBlock:
        """Return a block; without `tiles` only its patches, the arrays of whole tiles left empty.

        Raises:
            DamagedShard: Its file is not what was written.
        """
        first = TileIndex(block[0] * CHUNK_TILES, block[1] * CHUNK_TILES)
        parts = self._parts(block, ARRAYS if tiles else PER_PATCH)
        return IndexBlock(self.block_window(block), first, *parts, *[_NOTHING] * (len(ARRAYS) - len(parts)))

    def tile_vectors(self, block: tuple[int, int], of: str) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """Return (int8 [4, 4, D], scale float32 [4, 4]) of a block's tiles, their own ("tile") or "mean", and no more.

        Raises:
            DamagedShard: As for `block`.
        """
        vectors, scale = self._parts(block, (of, SCALE_OF[of]))
        return vectors, scale

    def tile(self, index: tuple[int, int]) -> TileRecord:
        """Return one tile.

        Raises:
            DamagedShard: Its block is.
        """
        block = self.block((index[0] // CHUNK_TILES, index[1] // CHUNK_TILES))
        row, col, s = index[0] - block.first.row, index[1] - block.first.col, self.model.side
        cells = slice(row * s, row * s + s), slice(col * s, col * s + s)
        return TileRecord(
            *index, block.patches[cells], block.scale[cells], block.tile[row, col], float(block.tile_scale[row, col]),
            block.mean[row, col], float(block.mean_scale[row, col]),
        )  # fmt: skip

    def whole(self, shard: Shard) -> dict[str, NDArray]:
        """Return the arrays of a whole shard, writable.

        Raises:
            DamagedShard: It is.
        """
        out = empty_shard(self.model)
        for block in self.blocks_of(shard):
            found = self.block(block)
            for name in ARRAYS:
                edge = CHUNK_TILES * (self.model.side if name in PER_PATCH else 1)
                row, col = (block[k] % _PER_SHARD * edge for k in (0, 1))
                out[name][row : row + edge, col : col + edge] = getattr(found, name)
        self.close()
        return out

    def _parts(self, block: tuple[int, int], names: Sequence[str]) -> list[NDArray]:
        shard = block[0] // _PER_SHARD, block[1] // _PER_SHARD
        at = block[0] % _PER_SHARD * _PER_SHARD + block[1] % _PER_SHARD
        if shard != self._shard:
            self.close()
            self._shard = shard
        try:
            return [self._chunk(name, at) for name in names]
        except (OSError, ValueError) as error:
            self.close()
            raise DamagedShard(shard, str(error), self.scene) from error

    def _file(self, name: str) -> Optional[_File]:
        """Return an array's file of the open shard; None for vectors of a shard of nothing but empty tiles."""
        if name not in self._files:
            path = shard_file(self.scene, name, self._shard or (0, 0))
            try:
                self._files[name] = _open(path)
            except FileNotFoundError:
                if name not in VECTORS:  # these are always written, and say whether there are vectors
                    raise
                self._files[name] = None
        return self._files[name]

    def _chunk(self, name: str, at: int) -> NDArray:
        file, length = self._file(name), self._bytes[name] + 4
        if file is None or file.table[at][0] == _ABSENT:
            if name in VECTORS and not self._expected(name, at):
                return np.zeros(self._shapes[name], self._types[name])
            raise ValueError("a chunk is gone")
        if file.table[at][1] != length:
            raise ValueError("a chunk has another length")
        data = self._patches if name == "patches" else np.empty(length, np.uint8)
        file.raw.seek(file.table[at][0])
        if file.raw.readinto(data.data) != length:
            raise ValueError("the file is cut short")
        if not file.seen >> at & 1:
            whole = data[:-4]
            whole.flags.writeable = False  # the checksum wants it so
            if _crc(whole) != int.from_bytes(data[-4:].tobytes(), "little"):
                raise ValueError("its checksum does not fit")
            file.seen |= 1 << at
        return data[:-4].view(self._types[name]).reshape(self._shapes[name])

    def _expected(self, name: str, at: int) -> bool:
        """Whether a chunk of vectors must be there, as its scales tell."""
        scale = self._chunk(SCALE_OF[name], at)
        return bool((np.nan_to_num(scale) > 0).any())


@dataclass
class _File:
    """A shard's file of one array.

    Attributes:
        raw: Open.
        table: (offset, length) of its chunks.
        checked: What this process knows of it: its stamp, and the chunks whose checksum was right, one bit each.
    """

    raw: FileIO
    table: list[list[int]]
    checked: list[Any]

    @property
    def seen(self) -> int:
        """The chunks whose checksum was right."""
        return int(self.checked[1])

    @seen.setter
    def seen(self, chunks: int) -> None:
        self.checked[1] = chunks


_CHECKED: OrderedDict[str, list[Any]] = OrderedDict()
"""Path → [stamp, chunks] of the files that this process has read: a chunk is checked once, until its file changes."""
_MOST_CHECKED = 1 << 16


def _open(path: Path) -> _File:
    """Open a shard's file and read its table.

    Raises:
        FileNotFoundError: It is not there.
        ValueError: The table is damaged.
    """
    raw = FileIO(str(path), "rb")
    try:
        status, length = os.fstat(raw.fileno()), _PER_SHARD**2 * 16
        raw.seek(max(0, status.st_size - length - 4))
        tail = raw.read()
        if len(tail) != length + 4 or _crc(tail[:-4]) != int.from_bytes(tail[-4:], "little"):
            raise ValueError(f"the table of {path.name} is damaged")
    except BaseException:
        raw.close()
        raise
    stamp = status.st_ino, status.st_mtime_ns, status.st_size
    checked = _CHECKED.setdefault(str(path), [stamp, 0])
    if checked[0] != stamp:
        checked = _CHECKED[str(path)] = [stamp, 0]
    _CHECKED.move_to_end(str(path))
    while len(_CHECKED) > _MOST_CHECKED:
        _CHECKED.popitem(last=False)
    return _File(raw, np.frombuffer(tail, "<u8", _PER_SHARD**2 * 2).reshape(-1, 2).tolist(), checked)


def shard_file(scene: IndexScene, name: str, shard: Shard) -> Path:
    """Return where Zarr v3 keeps an array's shard (specification, "default" chunk key encoding)."""
    at = [shard[k] - scene.origin[k] // SHARD_TILES for k in (0, 1)]
    return scene.folder.joinpath(name, "c", *map(str, at), *(["0"] if name in VECTORS else []))


def _crc(data: NDArray[np.uint8] | bytes) -> int:
    return int(google_crc32c.value(data))
