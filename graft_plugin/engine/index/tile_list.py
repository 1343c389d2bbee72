"""All tile vectors of an index as one table: what retrieval ranks. A tile takes D + 4 bytes, a 200th of its patches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from ...errors import UsageError
from ..crs import Bounds, transformer, utm_crs
from ..grid import TileIndex
from ..progress import CancelToken
from .field import forget
from .layout import CHUNK_TILES, IndexModel, IndexScene
from .shards import DamagedShard, ShardReader

MAX_BYTES = 2 << 30
"""Of vectors that one retrieval holds: four million tiles of 512 numbers."""


@dataclass(frozen=True)
class TileList:
    """The tiles of some scenes that hold a valid pixel.

    Attributes:
        scenes: The scenes.
        scene: int32 [N], which of them.
        at: int64 [N, 2], (row, col) on its grid.
        vectors: int8 [N, D].
        scale: float32 [N].
        xy: float64 [N, 2], the centres in metres of one CRS for all.
        damaged: What could not be read, in sentences.
    """

    scenes: list[IndexScene]
    scene: NDArray[np.int32]
    at: NDArray[np.int64]
    vectors: NDArray[np.int8]
    scale: NDArray[np.float32]
    xy: NDArray[np.float64]
    damaged: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.scene)

    def id(self, number: int) -> str:
        """Return the id of a tile: scene, row and column."""
        row, col = self.at[number].tolist()
        return f"{self.scenes[self.scene[number]].name}/{row}/{col}"

    def bounds(self, number: int) -> Bounds:
        """Return the bounds of a tile in its grid's CRS."""
        grid = self.scenes[self.scene[number]].grid
        return grid.window_bounds(grid.tile_window(tuple(self.at[number].tolist())))

    def floats(self, numbers: Sequence[int]) -> NDArray[np.float32]:
        """Return unit vectors float32 [n, D]."""
        rows = self.vectors[list(numbers)].astype(np.float32)
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)

    def numbers(self, ids: Sequence[str]) -> list[int]:
        """Return the numbers of tiles by their ids.

        Raises:
            UsageError: One is not there.
        """
        known = {self.id(number): number for number in range(len(self))} if ids else {}
        for one in ids:
            if one not in known:
                raise UsageError(f"there is no tile {one!r} among those searched", remedy="Copy ids from a result.")
        return [known[one] for one in ids]


def list_tiles(scenes: list[IndexScene], model: IndexModel, of: str, cancel: CancelToken) -> TileList:
    """Read the vectors of the tiles of scenes, their own ("tile") or the means of their patches ("mean").

    Raises:
        UsageError: There is none, or more than fit the memory.
    """
    parts: list[tuple[NDArray, ...]] = []
    damaged: list[str] = []
    held = 0
    for number, scene in enumerate(scenes):
        reader = ShardReader(scene, model)
        for shard in reader.shards():
            cancel.check()
            try:
                rows = [_of_block(reader, block, of) for block in reader.blocks_of(shard)]
            except DamagedShard as error:
                forget(scene, shard)
                damaged.append(f"{scene.name}: {error.message}. {error.remedy}")
                continue
            for at, vectors, scale in rows:
                parts.append((np.full(len(at), number, np.int32), at, vectors, scale))
                held += vectors.nbytes
            if held > MAX_BYTES:
                raise UsageError(
                    f"there are more tiles than {MAX_BYTES >> 30} GB hold", remedy="Choose scenes, dates or an extent."
                )
        reader.close()
    if not held:
        raise UsageError("the index holds no tile there", remedy="Run graft index until it is done.")
    scene_of, at, vectors, scale = (np.concatenate([part[k] for part in parts]) for k in range(4))
    return TileList(scenes, scene_of, at, vectors, scale, _centres(scenes, scene_of, at), tuple(damaged))


def _of_block(reader: ShardReader, block: tuple[int, int], of: str) -> tuple[NDArray, NDArray, NDArray]:
    vectors, scale = reader.tile_vectors(block, of)
    there = np.argwhere(np.nan_to_num(scale) > 0)
    at = there + np.array([block[0] * CHUNK_TILES, block[1] * CHUNK_TILES])
    return at, vectors[there[:, 0], there[:, 1]], scale[there[:, 0], there[:, 1]]


def _centres(scenes: list[IndexScene], scene_of: NDArray[np.int32], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the tiles' centres in the CRS of the first scene, or, of scenes in several, in its UTM zone."""
    common = scenes[0].grid.crs
    if len({scene.grid.crs for scene in scenes}) > 1:
        xmin, ymin, xmax, ymax = scenes[0].grid.window_bounds(scenes[0].grid.tile_window(TileIndex(*at[0].tolist())))
        to_degrees = transformer(common, CRS.from_epsg(4326).to_wkt())
        common = utm_crs(*to_degrees.transform((xmin + xmax) / 2, (ymin + ymax) / 2))
    out = np.zeros((len(at), 2))
    for number, scene in enumerate(scenes):
        own = scene_of == number
        edge = scene.grid.gsd_m * scene.grid.tile_px
        x, y = (at[own, 1] + 0.5) * edge, -(at[own, 0] + 0.5) * edge
        if scene.grid.crs != common:
            x, y = transformer(scene.grid.crs, common).transform(x, y)
        out[own] = np.stack([x, y], axis=1)
    return out
