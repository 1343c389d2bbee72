"""What every folder of embeddings shares: tiles in blocks, marks of what is there, int8 vectors, a disk's errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import StoreError
from .grid import TileIndex, TileRange


def in_blocks(tiles: TileRange, side: int) -> Iterator[TileIndex]:
    """Yield the tiles of a range, one anchored block of `side`×`side` tiles after the other."""
    for row in range(tiles.row_start // side, -(-tiles.row_stop // side)):
        for col in range(tiles.col_start // side, -(-tiles.col_stop // side)):
            for r in range(max(row * side, tiles.row_start), min(row * side + side, tiles.row_stop)):
                for c in range(max(col * side, tiles.col_start), min(col * side + side, tiles.col_stop)):
                    yield TileIndex(r, c)


def block_mask(tiles: TileRange, row: int, col: int, side: int) -> int:
    """Return the bits of the block that starts at tile (row, col) whose tiles lie in a range."""
    return sum(1 << (r * side + c) for r in range(side) for c in range(side) if (row + r, col + c) in tiles)


def read_mark(file: Path) -> int:
    """Return which tiles of a block are present, one bit each; 0 where the mark is missing or damaged."""
    try:
        return int(file.read_text(encoding="ascii"), 16)
    except (OSError, ValueError):
        return 0


def quantise(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return (int8 values, float32 scale of each vector): vector ≈ values × scale."""
    scale = np.abs(vectors).max(axis=-1) / np.float32(127)
    divisor = np.where(scale > 0, scale, np.float32(1))
    return np.rint(vectors / divisor[..., None]).astype(np.int8), scale.astype(np.float32)


@contextmanager
def disk_errors(what: str, folder: Path, remedy: str) -> Iterator[None]:
    """Turn what the disk or zarr raises into a `StoreError`: "the {what}: …"; a full disk has its own remedy."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        full = "No space" in str(error) or "too large" in str(error).lower() or "quota" in str(error).lower()
        remedy = "Free some disk space, or give another folder for the store." if full else remedy
        raise StoreError(f"the {what}: {error}", remedy=remedy, path=str(folder)) from error
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise StoreError(f"the {what}: {error}", remedy=remedy, path=str(folder)) from error
