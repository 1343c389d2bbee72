"""From a tile to a crop with its photos, from crops to a batch.

Crops, flips and turns are drawn from generators seeded by (seed, epoch, tile), never from a state that runs on: a crop
is the same whoever cuts it, and whenever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from graft_plugin.errors import UsageError

from .features import GroundFeatures
from .pairs import crop, draw_corner, flip_and_turn, in_tile
from .shards import Tile, TileFolder

_VALIDATION_PHOTOS = 4


@dataclass(frozen=True)
class Item:
    """A crop with the photos inside: image uint8 [3, S, S], ground float16 [K, D], patch_index int64 [K]."""

    image: NDArray[np.uint8]
    ground: NDArray[np.float16]
    patch_index: NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Crops with their photos, grouped by crop.

    Attributes:
        images: uint8 [B, 3, S, S].
        ground: Photo vectors, float32 [G, D].
        owner: The crop of each photo, long [G], ascending.
        patch_index: The patch that holds each photo's geotag, long [G], row * w + col.
    """

    images: Tensor
    ground: Tensor
    owner: Tensor
    patch_index: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def chunks(self, size: int) -> list[Batch]:
        """Split into parts of at most `size` crops; a batch without crops is one part."""
        parts = []
        for start in range(0, max(1, len(self.images)), size):
            mine = (self.owner >= start) & (self.owner < start + size)
            parts.append(
                Batch(
                    self.images[start : start + size],
                    self.ground[mine],
                    self.owner[mine] - start,
                    self.patch_index[mine],
                )
            )
        return parts


def collate(items: Sequence[Item]) -> Batch:
    """Join crops into a batch; those without photos are left out, and a batch may end up without crops."""
    found = [item for item in items if len(item.patch_index)]
    counts = torch.tensor([len(item.patch_index) for item in found], dtype=torch.long)
    none = items[0]
    return Batch(
        images=torch.from_numpy(np.stack([item.image for item in found] or [none.image])[: len(found)]),
        ground=torch.from_numpy(np.concatenate([item.ground for item in found] or [none.ground]).astype(np.float32)),
        owner=torch.repeat_interleave(torch.arange(len(found)), counts),
        patch_index=torch.from_numpy(np.concatenate([item.patch_index for item in found] or [none.patch_index])),
    )


@dataclass(frozen=True)
class Crops:
    """How tiles become crops.

    Attributes:
        side_px: Side of a crop.
        patch_px: Side of a patch.
        seed: Of the draws.
        augment: Flip and turn.
        jitter: Change colours.
        fixed: The middle of a tile, nothing drawn: for validation.
    """

    side_px: int
    patch_px: int
    seed: int = 0
    augment: bool = True
    jitter: bool = False
    fixed: bool = False


class Tiles(Dataset):
    """Crops by (epoch, row of the folder); one without photos where none of the tile's has features."""

    def __init__(self, folder: TileFolder, features: GroundFeatures, crops: Crops) -> None:
        self.folder = folder
        self.features = features
        self.crops = crops

    def __getitem__(self, place: tuple[int, int]) -> Item:
        epoch, row = place
        tile = self.folder.read(row)
        usable = np.array([name in self.features for name in tile.photo_ids], bool)
        usable &= in_tile(tile.spots, tile.image.shape[-1])
        if not usable.any():
            side = self.crops.side_px
            none = np.zeros((0, self.features.dim), np.float16)
            return Item(np.zeros((3, side, side), np.uint8), none, np.zeros(0, np.int64))
        names = [name for name, use in zip(tile.photo_ids, usable, strict=True) if use]
        rng = np.random.default_rng([self.crops.seed, epoch, row])
        image, spots, kept = cut(tile, tile.spots[usable], self.crops, rng)
        if self.crops.fixed:
            kept, spots = kept[:_VALIDATION_PHOTOS], spots[:_VALIDATION_PHOTOS]
        row_col = (spots // self.crops.patch_px).astype(np.int64)
        index = row_col[:, 0] * (self.crops.side_px // self.crops.patch_px) + row_col[:, 1]
        return Item(image, self.features[[names[k] for k in kept]], index)


def cut(
    tile: Tile, spots: NDArray[np.float32], crops: Crops, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int64]]:
    """Cut a crop that holds at least one of `spots`, flip and turn it.

    Returns:
        The crop uint8 [3, side, side], the spots inside [K, 2] in its own pixels, and their rows in `spots`.

    Raises:
        UsageError: The tile is smaller than a crop.
    """
    size, side = tile.image.shape[-1], crops.side_px
    if size < side:
        raise UsageError(
            f"the tile {tile.tile_id} has {size} pixels a side, the model needs {side}",
            remedy="Collect larger tiles, or choose another model.",
        )
    if crops.fixed:
        first = np.floor(spots[0]).astype(int)
        top, left = (int(v) for v in np.clip((size - side) // 2, first - side + 1, first).clip(0, size - side))
    else:
        top, left = draw_corner(rng, spots, size, side)
    image, moved, kept = crop(tile.image, spots, (top, left), side)
    if crops.augment and not crops.fixed:
        image, moved = flip_and_turn(rng, image, moved)
    if crops.jitter and not crops.fixed:
        image = _jitter(image, rng)
    return np.ascontiguousarray(image), moved, kept


def _jitter(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    from .mini.satellite import jitter

    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    changed = jitter(torch.from_numpy(np.ascontiguousarray(image))[None], generator)[0]
    return (255 * changed).round().to(torch.uint8).numpy()
