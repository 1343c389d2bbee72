"""Patch and tile embeddings on disk, so that nothing is encoded twice.

A field is everything that one model saw of one scene on one grid: a Zarr v3 group in a folder named by the SHA-256 of
its key. Its arrays have one cell for each tile and are cut into chunks of 4×4 tiles, so that a county makes thousands
of files, not millions:

    patches [rows, cols, h, w, D]   image [rows, cols, D]   valid [rows, cols, h, w]   (scales, for int8)

A tile counts as present only when its bit is set in its chunk's mark, a small file that is replaced at once after all
data are written; every chunk carries a CRC-32C. So a killed process leaves a usable field, and a damaged chunk is
noticed, forgotten and encoded again. Writers hold a lock of the operating system, which dies with its process.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import Crc32cCodec

from ..errors import StoreError, UsageError
from .blocks import block_mask, disk_errors, in_blocks, quantise, read_mark
from .files import locked, replace_text
from .grid import TileIndex, TileRange
from .progress import CancelToken

FORMAT = 1
BLOCK_TILES = 4
CACHED_BLOCKS = 4
Precision = Literal["float16", "int8"]


@dataclass(frozen=True)
class TileEmbedding:
    """What a model saw of one tile.

    Args:
        index: The tile's place on the grid.
        image: float32 [D], the vector of the whole tile.
        patches: float32 [h, w, D], one vector for each patch.
        valid: bool [h, w], which patches hold enough valid pixels.
    """

    index: TileIndex
    image: NDArray[np.float32]
    patches: NDArray[np.float32]
    valid: NDArray[np.bool_]


class TileField(Protocol):
    """Where the tiles of one scene on one grid are kept; see `StoredTiles`."""

    def has(self, index: tuple[int, int]) -> bool: ...  # noqa: D102
    def read(  # noqa: D102
        self, index: tuple[int, int]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]: ...
    def write_many(self, tiles: Sequence[TileEmbedding]) -> None: ...  # noqa: D102
    def in_block_order(self, tiles: TileRange) -> Iterator[TileIndex]: ...  # noqa: D102
    def block_of(self, index: tuple[int, int]) -> tuple[int, int]: ...  # noqa: D102


class FieldStore(Protocol):
    """Gives the field of a key; see `EmbeddingStore.field`."""

    def field(self, key: Mapping[str, Any]) -> TileField: ...  # noqa: D102


class EmbeddingStore:
    """A folder of fields.

    Args:
        root: The folder; made if missing.
        dtype: "float16", or "int8" with one scale for each vector (half the size, about 0.4 % error).
    """

    def __init__(self, root: Path, dtype: Precision = "float16") -> None:
        if dtype not in ("float16", "int8"):
            raise UsageError(f"embeddings are kept as float16 or int8, not {dtype!r}")
        self.root = Path(root)
        self.dtype: Precision = dtype

    def field(self, key: Mapping[str, Any]) -> StoredTiles:
        """Return the field of a key, opened or made.

        Args:
            key: JSON-ready; everything that changes an embedding. "tiles" [row, col, row stop, col stop], "patches"
                [h, w] and "dim" also give the field's shape.

        Raises:
            StoreError: The folder cannot be made, written or understood.
        """
        full, text = self._full(key)
        return StoredTiles(self._folder(text), full, text)

    def count(self, key: Mapping[str, Any], tiles: TileRange, cancel: CancelToken | None = None) -> tuple[int, int]:
        """Return how many tiles of a range are in a key's field, and how many blocks they are in; makes nothing."""
        _, text = self._full(key)
        folder, (row, col) = self._folder(text), (int(v) // BLOCK_TILES for v in key["tiles"][:2])
        found, blocks = 0, 0
        if not (folder / "key.json").is_file():
            return 0, 0
        for r in range(tiles.row_start // BLOCK_TILES, -(-tiles.row_stop // BLOCK_TILES)):
            if cancel is not None:
                cancel.check()
            marks = _names(folder / "present" / str(r - row))
            for c in range(tiles.col_start // BLOCK_TILES, -(-tiles.col_stop // BLOCK_TILES)):
                if str(c - col) in marks:
                    mark = read_mark(folder / "present" / str(r - row) / str(c - col))
                    blocks += mark > 0
                    found += (mark & block_mask(tiles, r * BLOCK_TILES, c * BLOCK_TILES, BLOCK_TILES)).bit_count()
        return found, blocks

    def _full(self, key: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        full = {**key, "dtype": self.dtype, "format": FORMAT}
        return full, json.dumps(full, sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    def _folder(self, text: str) -> Path:
        return self.root / hashlib.sha256(text.encode()).hexdigest()


class StoredTiles:
    """The tiles of one field; made by `EmbeddingStore.field`. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, key: Mapping[str, Any], key_text: str) -> None:
        self.folder = folder
        row, col, row_stop, col_stop = (int(v) for v in key["tiles"])
        self.range = TileRange(row, col, row_stop, col_stop)
        self._origin = (row // BLOCK_TILES * BLOCK_TILES, col // BLOCK_TILES * BLOCK_TILES)
        self._int8 = key["dtype"] == "int8"
        self._patch_shape = (int(key["patches"][0]), int(key["patches"][1]))
        self._dim = int(key["dim"])
        self._guard = threading.RLock()
        self._marks: dict[tuple[int, int], int] = {}
        self._blocks: OrderedDict[tuple[int, int], dict[str, NDArray]] = OrderedDict()
        with self._errors("opened"), self._exclusive():
            self._arrays = self._open(key_text)

    def has(self, index: tuple[int, int]) -> bool:
        """Whether the tile was completely written."""
        if index not in self.range:
            return False
        block, cell = self._locate(index)
        return bool(self._mark(block) >> cell & 1)

    def read(self, index: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
        """Return (image float32 [D], patches float32 [h, w, D], valid bool [h, w]) of a tile.

        Raises:
            StoreError: The tile is missing or damaged. A damaged block is forgotten, so that it is encoded anew.
        """
        if not self.has(index):
            raise StoreError(f"tile {tuple(index)} is not in the store", path=str(self.folder))
        block, cell = self._locate(index)
        at = divmod(cell, BLOCK_TILES)
        data = self._load(block)
        image, patches = data["image"][at].astype(np.float32), data["patches"][at].astype(np.float32)
        if self._int8:
            image = image * data["image_scale"][at]
            patches = patches * data["patches_scale"][at][..., None]
        return image, patches, data["valid"][at].astype(bool)

    def write_many(self, tiles: Sequence[TileEmbedding]) -> None:
        """Write tiles, best those of one block at once; each block is there wholly or not at all.

        Raises:
            StoreError: The disk is full, or the folder cannot be written.
        """
        groups: dict[tuple[int, int], list[TileEmbedding]] = {}
        for tile in tiles:
            if tile.index not in self.range:
                raise StoreError(f"tile {tuple(tile.index)} lies outside the field", path=str(self.folder))
            groups.setdefault(self._locate(tile.index)[0], []).append(tile)
        for block, group in groups.items():
            with self._errors("written"), self._guard, self._exclusive():
                self._write_block(block, group)

    @staticmethod
    def in_block_order(tiles: TileRange) -> Iterator[TileIndex]:
        """Return the tiles of a range, block after block, so that a block is written once."""
        return in_blocks(tiles, BLOCK_TILES)

    @staticmethod
    def block_of(index: tuple[int, int]) -> tuple[int, int]:
        """Return the block that a tile is written with."""
        return index[0] // BLOCK_TILES, index[1] // BLOCK_TILES

    def _locate(self, index: tuple[int, int]) -> tuple[tuple[int, int], int]:
        row, col = index[0] - self._origin[0], index[1] - self._origin[1]
        return (row // BLOCK_TILES, col // BLOCK_TILES), row % BLOCK_TILES * BLOCK_TILES + col % BLOCK_TILES

    def _open(self, key_text: str) -> dict[str, zarr.Array]:
        key_file = self.folder / "key.json"
        specs = self._specs()
        if not key_file.exists():
            group = zarr.create_group(self.folder / "data", overwrite=True, zarr_format=3)
            for name, (shape, chunks, dtype) in specs.items():
                group.create_array(
                    name, shape=shape, chunks=chunks, dtype=dtype, compressors=Crc32cCodec(), fill_value=0
                )
            replace_text(key_file, key_text)
        elif key_file.read_text(encoding="utf-8") != key_text:
            raise StoreError("it holds another key than its name says", path=str(self.folder), remedy=self._remedy())
        with zarr.config.set({"array.write_empty_chunks": True}):  # so that a chunk that is gone is noticed
            group = zarr.open_group(self.folder / "data", mode="r+", zarr_format=3)
            arrays = {name: group[name] for name in specs}
        for name, (shape, chunks, dtype) in specs.items():
            array = arrays[name]
            if not isinstance(array, zarr.Array) or (array.shape, array.chunks, array.dtype) != (shape, chunks, dtype):
                raise StoreError(f"its array {name!r} has another shape", path=str(self.folder), remedy=self._remedy())
        return {name: array for name, array in arrays.items() if isinstance(array, zarr.Array)}

    def _specs(self) -> dict[str, tuple[tuple[int, ...], tuple[int, ...], np.dtype]]:
        rows, cols = self.range.row_stop - self._origin[0], self.range.col_stop - self._origin[1]
        vector = np.dtype("int8" if self._int8 else "float16")
        cells: dict[str, tuple[tuple[int, ...], np.dtype]] = {
            "patches": ((*self._patch_shape, self._dim), vector),
            "image": ((self._dim,), vector),
            "valid": (self._patch_shape, np.dtype("uint8")),
        }
        if self._int8:
            cells["patches_scale"] = (self._patch_shape, np.dtype("float32"))
            cells["image_scale"] = ((), np.dtype("float32"))
        b = BLOCK_TILES
        return {n: ((max(rows, 1), max(cols, 1), *s), (b, b, *s), d) for n, (s, d) in cells.items()}

    def _write_block(self, block: tuple[int, int], tiles: Iterable[TileEmbedding]) -> None:
        self._marks.pop(block, None)
        self._blocks.pop(block, None)
        mark = self._mark(block)
        data = self._fresh_or_stored(block, mark)
        for tile in tiles:
            cell = self._locate(tile.index)[1]
            at = divmod(cell, BLOCK_TILES)
            for name, vectors in (("image", tile.image), ("patches", tile.patches)):
                if self._int8:
                    data[name][at], data[f"{name}_scale"][at] = quantise(vectors)
                else:
                    data[name][at] = vectors
            data["valid"][at] = tile.valid
            mark |= 1 << cell
        for name, array in self._arrays.items():
            rows, cols = self._slices(array, block)
            array[rows, cols] = data[name][: rows.stop - rows.start, : cols.stop - cols.start]
        replace_text(self._mark_file(block), f"{mark:04x}\n")
        self._marks[block] = mark
        self._blocks.pop(block, None)

    def _fresh_or_stored(self, block: tuple[int, int], mark: int) -> dict[str, NDArray]:
        if mark:
            try:
                return {name: values.copy() for name, values in self._load(block).items()}
            except StoreError:
                pass
        return {name: np.zeros(array.chunks, array.dtype) for name, array in self._arrays.items()}

    def _load(self, block: tuple[int, int]) -> dict[str, NDArray]:
        with self._guard:
            data = self._blocks.get(block)
            if data is None:
                data = self._read_block(block)
                self._blocks[block] = data
                while len(self._blocks) > CACHED_BLOCKS:
                    self._blocks.popitem(last=False)
            self._blocks.move_to_end(block)
            return data

    def _read_block(self, block: tuple[int, int]) -> dict[str, NDArray]:
        data = {}
        try:
            for name, array in self._arrays.items():
                if not (self.folder / "data" / name / _chunk_name(array, block)).is_file():
                    raise ValueError("a file is gone")
                rows, cols = self._slices(array, block)
                part = np.asarray(array[rows, cols])
                data[name] = np.zeros(array.chunks, array.dtype)
                data[name][: part.shape[0], : part.shape[1]] = part
            if not all(np.isfinite(values).all() for name, values in data.items() if name != "patches"):
                raise ValueError("values that are not numbers")
        except (ValueError, OSError, KeyError, RuntimeError) as error:
            self._marks[block] = 0
            self._mark_file(block).unlink(missing_ok=True)
            raise StoreError(
                f"a block of embeddings is damaged ({error})",
                remedy="Run again: it is encoded anew. If that does not help, delete the folder.",
                path=str(self.folder),
            ) from error
        return data

    @staticmethod
    def _slices(array: zarr.Array, block: tuple[int, int]) -> tuple[slice, slice]:
        row, col = block[0] * BLOCK_TILES, block[1] * BLOCK_TILES
        return (
            slice(row, min(row + BLOCK_TILES, array.shape[0])),
            slice(col, min(col + BLOCK_TILES, array.shape[1])),
        )

    def _mark_file(self, block: tuple[int, int]) -> Path:
        return self.folder / "present" / str(block[0]) / str(block[1])

    def _mark(self, block: tuple[int, int]) -> int:
        with self._guard:
            mark = self._marks.get(block)
            if mark is None:
                mark = self._marks[block] = read_mark(self._mark_file(block))
            return mark

    def _remedy(self) -> str:
        return f"Delete the folder {self.folder}; it is made anew."

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / "lock"):
            yield

    def _errors(self, what: str) -> AbstractContextManager[None]:
        return disk_errors(f"store cannot be {what}", self.folder, self._remedy())


def block_bytes(patches: tuple[int, int], dim: int) -> int:
    """Return what a block of float16 embeddings takes on disk, the few bytes of its checksums and mark left out."""
    cells = patches[0] * patches[1]
    return BLOCK_TILES**2 * (2 * dim * (cells + 1) + cells)


def _names(folder: Path) -> set[str]:
    try:
        return set(os.listdir(folder))
    except OSError:
        return set()


def _chunk_name(array: zarr.Array, block: tuple[int, int]) -> str:
    """Return where Zarr v3 keeps a block's chunk (specification, "default" chunk key encoding)."""
    return "/".join(["c", str(block[0]), str(block[1]), *["0"] * (array.ndim - 2)])
