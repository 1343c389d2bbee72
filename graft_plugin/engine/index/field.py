"""One scene of an index while it is written: what `embed_scene` asks for and what it has encoded.

A tile goes to its shard's journal at once. When the shard has all tiles of the scene, or the run ends, the shard's
files are written, each whole or not at all; then its mark; then the journal goes. A process may be killed between any
two of these: what the mark or the journal has is there, and is not encoded again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import StoreError
from ..blocks import block_mask, disk_errors, in_blocks, quantise, read_mark
from ..files import replace_text
from ..grid import TileIndex, TileRange
from ..store import TileEmbedding
from . import journal
from .layout import PER_PATCH, SHARD_TILES, IndexModel, IndexScene, empty_shard, open_arrays
from .shards import DamagedShard, ShardReader, shard_file

_REMEDY = "Free some disk space, or name another folder; run graft index again, and it goes on from here."
LEAST_VALID = 1 / 3
"""Share of a tile's patches that must be valid for it to be retrieved."""
Shard = tuple[int, int]


class IndexedTiles:
    """The tiles of a scene; satisfies `store.TileField`.

    The caller holds the index's lock; or that of the one shard that it will write, named as `only`.
    """

    def __init__(self, scene: IndexScene, model: IndexModel, only: Shard | None = None) -> None:
        self.scene, self.model = scene, model
        self._arrays = open_arrays(scene, "r+")
        self._marks: dict[Shard, int] = {}
        self._journalled: dict[Shard, int] = {}
        for path in sorted((scene.folder / "journal").glob(f"{only[0]}.{only[1]}" if only else "*.*")):
            self._recover(path)

    def field(self, key: Mapping[str, Any]) -> IndexedTiles:
        """Return this field, for `embed_scene`, which asks for the field of a key."""
        if dict(key) != dict(self.scene.key):
            raise StoreError("the scene has changed while it was indexed", path=self.scene.source)
        return self

    def has(self, index: tuple[int, int]) -> bool:
        """Whether the tile was encoded."""
        shard, bit = self._locate(index)
        return index in self.scene.tiles and bool((self._mark(shard) | self._journalled.get(shard, 0)) >> bit & 1)

    def write_many(self, tiles: Sequence[TileEmbedding]) -> None:
        """Keep tiles; a shard that is complete with them is written.

        Raises:
            StoreError: The disk is full, or the folder cannot be written.
        """
        for tile in tiles:
            shard, bit = self._locate(tile.index)
            with disk_errors("index cannot be written", self.scene.folder, _REMEDY):
                journal.append(self._journal(shard), [_record(tile)])
                self._journalled[shard] = self._journalled.get(shard, 0) | 1 << bit
                if self._mark(shard) | self._journalled[shard] == self._wanted(shard):
                    self._fold(shard)

    def finish(self) -> None:
        """Write the shards that are not complete: an extent may have been asked for, or the run was stopped."""
        with disk_errors("index cannot be written", self.scene.folder, _REMEDY):
            for shard in [shard for shard, mask in self._journalled.items() if mask]:
                self._fold(shard)

    def read(self, index: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
        """Return (image float32 [D], patches float32 [h, w, D], valid bool [h, w]) of a tile; see `StoredTiles.read`.

        Raises:
            StoreError: The tile is missing or damaged.
        """
        shard, _bit = self._locate(index)
        records, _size = journal.read(self._journal(shard), self.model.side, self.model.dim)
        record = next((r for r in records if (r.row, r.col) == tuple(index)), None)
        if record is None:
            record = ShardReader(self.scene, self.model).tile(index)
        valid = np.isfinite(record.scale)
        scale = np.where(valid, record.scale, np.float32(0))[..., None]
        image = record.tile.astype(np.float32) * np.float32(record.tile_scale)
        return image, record.patches.astype(np.float32) * scale, valid

    @staticmethod
    def in_block_order(tiles: TileRange) -> Iterator[TileIndex]:
        """Return the tiles of a range, shard after shard."""
        return in_blocks(tiles, SHARD_TILES)

    @staticmethod
    def block_of(index: tuple[int, int]) -> tuple[int, int]:
        """Return the tile itself: the journal takes tiles one by one."""
        return index

    def _locate(self, index: tuple[int, int]) -> tuple[Shard, int]:
        b = SHARD_TILES
        return (index[0] // b, index[1] // b), index[0] % b * b + index[1] % b

    def _wanted(self, shard: Shard) -> int:
        return block_mask(self.scene.tiles, shard[0] * SHARD_TILES, shard[1] * SHARD_TILES, SHARD_TILES)

    def _journal(self, shard: Shard) -> Path:
        return self.scene.folder / "journal" / f"{shard[0]}.{shard[1]}"

    def _mark(self, shard: Shard) -> int:
        if shard not in self._marks:
            self._marks[shard] = read_mark(mark_file(self.scene, shard))
        return self._marks[shard]

    def _recover(self, path: Path) -> None:
        """Take up the journal that a run left which was killed or stopped."""
        row, col = path.name.split(".")
        shard = int(row), int(col)
        with disk_errors("index cannot be written", self.scene.folder, _REMEDY):
            records, size = journal.read(path, self.model.side, self.model.dim)
            journal.cut(path, size)
            for record in records:
                bit = self._locate((record.row, record.col))[1]
                self._journalled[shard] = self._journalled.get(shard, 0) | 1 << bit
            if not records:
                path.unlink(missing_ok=True)
            elif self._mark(shard) | self._journalled[shard] == self._wanted(shard):
                self._fold(shard)

    def _fold(self, shard: Shard) -> None:
        """Write a shard's files from its journal and what they hold already."""
        records, _size = journal.read(self._journal(shard), self.model.side, self.model.dim)
        if self._mark(shard):
            try:
                data = ShardReader(self.scene, self.model).whole(shard)
            except DamagedShard:
                self._marks[shard] = 0
        if not self._mark(shard):
            data = empty_shard(self.model)
            for name in self._arrays:  # zarr would read what is there first, and it may be damaged
                shard_file(self.scene, name, shard).unlink(missing_ok=True)
        s, b, mark = self.model.side, SHARD_TILES, self._mark(shard)
        for record in records:
            row, col = record.row % b, record.col % b
            cells = slice(row * s, row * s + s), slice(col * s, col * s + s)
            data["patches"][cells], data["scale"][cells] = record.patches, record.scale
            data["tile"][row, col], data["tile_scale"][row, col] = record.tile, record.tile_scale
            data["mean"][row, col], data["mean_scale"][row, col] = record.mean, record.mean_scale
            mark |= 1 << row * b + col
        for name, array in self._arrays.items():
            edge = b * s if name in PER_PATCH else b
            origin = [(shard[k] - self.scene.origin[k] // b) * edge for k in (0, 1)]
            rows, cols = (slice(start, min(start + edge, size)) for start, size in zip(origin, array.shape))
            array[rows, cols] = data[name][: rows.stop - rows.start, : cols.stop - cols.start]
        replace_text(mark_file(self.scene, shard), f"{mark:064x}\n")
        self._marks[shard] = mark
        self._journal(shard).unlink(missing_ok=True)
        self._journalled.pop(shard, None)


def mark_file(scene: IndexScene, shard: Shard) -> Path:
    """Return where a shard's mark is kept."""
    return scene.folder / "present" / f"{shard[0]}.{shard[1]}"


def forget(scene: IndexScene, shard: Shard) -> bool:
    """Have the next `graft index` encode a damaged shard anew; False where the index cannot be written."""
    try:
        os.unlink(mark_file(scene, shard))
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _record(tile: TileEmbedding) -> journal.TileRecord:
    patches, scale = quantise(tile.patches)
    image, image_scale = quantise(tile.image)
    scale = np.where(tile.valid, scale, np.float32(np.nan))
    mean, mean_scale = quantise(_mean(tile))
    return journal.TileRecord(*tile.index, patches, scale, image, float(image_scale), mean, float(mean_scale))


def _mean(tile: TileEmbedding) -> NDArray[np.float32]:
    """Return the mean [D] of a tile's valid patches, of length 1; 0 where there are too few to be shown as a tile."""
    if tile.valid.mean() < LEAST_VALID:
        return np.zeros(tile.patches.shape[-1], np.float32)
    mean = tile.patches[tile.valid].mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), np.float32)


def count_present(scene: IndexScene, model: IndexModel, tiles: TileRange) -> int:
    """Return how many tiles of a range an index holds, those in journals too; makes nothing."""
    b, found = SHARD_TILES, 0
    for row in range(tiles.row_start // b, -(-tiles.row_stop // b)):
        for col in range(tiles.col_start // b, -(-tiles.col_stop // b)):
            mark = read_mark(mark_file(scene, (row, col)))
            records, _size = journal.read(scene.folder / "journal" / f"{row}.{col}", model.side, model.dim)
            for record in records:
                mark |= 1 << record.row % b * b + record.col % b
            found += (mark & block_mask(tiles, row * b, col * b, b)).bit_count()
    return found
