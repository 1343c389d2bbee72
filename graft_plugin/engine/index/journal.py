"""The tiles of a shard that is not complete yet, in one file that only grows.

A record is written with one call and carries its checksum: a process that is killed leaves whole records and at most
one torn one at the end, which the next run cuts off. Nothing that was encoded is encoded again.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import google_crc32c
import numpy as np
from numpy.typing import NDArray

_HEAD = struct.Struct("<4siiII")
_MAGIC = b"GRJ2"


@dataclass(frozen=True)
class TileRecord:
    """One tile, quantised.

    Attributes:
        row, col: Its place on the grid, in tiles.
        patches: int8 [h, w, D].
        scale: float32 [h, w]; NaN where the patch is not valid.
        tile: int8 [D].
        tile_scale: 0 for a tile without a valid pixel.
        mean, mean_scale: Likewise, the mean of the patches.
    """

    row: int
    col: int
    patches: NDArray[np.int8]
    scale: NDArray[np.float32]
    tile: NDArray[np.int8]
    tile_scale: float
    mean: NDArray[np.int8]
    mean_scale: float


def append(path: Path, records: list[TileRecord]) -> None:
    """Add records to a journal, made if missing.

    Raises:
        OSError: The disk is full, for one; a torn record is left, which the next reading ignores.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab", buffering=0) as file:
        for record in records:
            data = _pack(record)
            if file.write(data) != len(data):
                raise OSError("No space left on the disk")


def read(path: Path, side: int, dim: int) -> tuple[list[TileRecord], int]:
    """Return the whole records of a journal, and how many bytes they take; none where there is no journal."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [], 0
    cells, at = side * side, 0
    size = cells * dim + 4 * cells + 2 * (dim + 4)
    found: list[TileRecord] = []
    while at + _HEAD.size + size <= len(data):
        magic, row, col, length, crc = _HEAD.unpack_from(data, at)
        body = data[at + _HEAD.size : at + _HEAD.size + size]
        if magic != _MAGIC or length != size or crc != _checksum(row, col, body):
            break
        found.append(_unpack(row, col, body, side, dim))
        at += _HEAD.size + size
    return found, at


def cut(path: Path, size: int) -> None:
    """Cut a journal off behind its whole records."""
    if path.exists() and path.stat().st_size > size:
        with open(path, "r+b") as file:
            file.truncate(size)


def _pack(record: TileRecord) -> bytes:
    body = b"".join(
        (
            np.ascontiguousarray(record.patches).tobytes(),
            np.ascontiguousarray(record.scale, dtype="<f4").tobytes(),
            record.tile.tobytes(),
            record.mean.tobytes(),
            struct.pack("<ff", record.tile_scale, record.mean_scale),
        )
    )
    return _HEAD.pack(_MAGIC, record.row, record.col, len(body), _checksum(record.row, record.col, body)) + body


def _unpack(row: int, col: int, body: bytes, side: int, dim: int) -> TileRecord:
    cells = side * side
    patches = np.frombuffer(body, np.int8, cells * dim).reshape(side, side, dim)
    scale = np.frombuffer(body, "<f4", cells, cells * dim).reshape(side, side)
    tile, mean = np.frombuffer(body, np.int8, 2 * dim, cells * dim + 4 * cells).reshape(2, dim)
    tile_scale, mean_scale = struct.unpack("<ff", body[-8:])
    return TileRecord(row, col, patches, scale, tile, tile_scale, mean, mean_scale)


def _checksum(row: int, col: int, body: bytes) -> int:
    return int(google_crc32c.extend(google_crc32c.value(struct.pack("<ii", row, col)), body))
