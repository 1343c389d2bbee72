"""Tiles for training the small SAM: procedural places at many ground resolutions, and their augmentation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from graft_plugin.engine.progress import Report, silent

from ..world.aerial import render_aerial
from ..world.layout import make_layout

TILE_PX = 256
Look = Literal["plain", "varied"]
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)[:, None, None]


@dataclass(frozen=True)
class SamTiles:
    """Aerial tiles with truth.

    Attributes:
        tiles: uint8 [N, 3, H, W], RGB.
        labels: uint8 [N, H, W], land classes.
        parcels: uint16 [N, H, W], the field, pond, road or roof of each pixel, numbered within its tile.
    """

    tiles: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    parcels: NDArray[np.uint16]


def make_sam_tiles(
    seed: int,
    count: int,
    *,
    size_px: int = TILE_PX,
    gsd_m: tuple[float, float] = (1.0, 10.0),
    looks: Iterable[Look] = ("varied", "varied", "varied", "plain"),
    report: Report = silent,
) -> SamTiles:
    """Render procedural tiles.

    Args:
        seed: Seed of the places and of their looks; tile i depends on (seed, i) only.
        count: How many tiles.
        size_px: Side of a tile.
        gsd_m: Finest and coarsest ground resolution, metres a pixel; drawn evenly in its logarithm.
        looks: Looks to draw from.
        report: Called as `report("tiles", done, count)`.

    Returns:
        The tiles.
    """
    out = SamTiles(
        np.empty((count, 3, size_px, size_px), np.uint8),
        np.empty((count, size_px, size_px), np.uint8),
        np.empty((count, size_px, size_px), np.uint16),
    )
    choices = tuple(looks)
    for i in range(count):
        rng = np.random.default_rng([seed, i])
        gsd = float(np.exp(rng.uniform(np.log(gsd_m[0]), np.log(gsd_m[1]))))
        layout = make_layout(rng, size_px=size_px, gsd_m=gsd)
        out.tiles[i] = render_aerial(layout, rng, look=choices[int(rng.integers(len(choices)))])
        out.labels[i], out.parcels[i] = layout.labels, layout.parcels
        report("tiles", i + 1, count)
    return out


def _resize(image: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    source = torch.from_numpy(np.ascontiguousarray(image))[None]
    mode = "area" if size[0] < image.shape[-2] else "bilinear"
    return F.interpolate(source, size, mode=mode)[0].numpy()


def augment_colour(rng: np.random.Generator, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Change how a tile was taken, not what it shows: resampling blur, gain, gamma, saturation, tint, haze, noise.

    Args:
        rng: The source of randomness.
        image: float32 [3, H, W], 0 to 255.

    Returns:
        float32 [3, H, W], 0 to 255.
    """
    h, w = image.shape[-2:]
    if rng.random() < 0.4:  # a coarse raster brought to a finer grid
        factor = rng.uniform(1.2, 3.0)
        image = _resize(_resize(image, (round(h / factor), round(w / factor))), (h, w))
    x = image / 255
    if rng.random() < 0.8:
        x = x ** np.float32(np.exp(rng.normal(0, 0.25)))
        x = x * (np.exp(rng.normal(0, 0.15)) * np.exp(rng.normal(0, 0.06, (3, 1, 1)))).astype(np.float32)
        grey = (x * _LUMA).sum(0, keepdims=True)
        x = grey + (x - grey) * np.float32(np.exp(rng.normal(0, 0.3)))
    if rng.random() < 0.3:
        x = x + (rng.uniform(0, 0.25) * (rng.uniform(0.5, 1.0, (3, 1, 1)) - x)).astype(np.float32)
    if rng.random() < 0.15:
        x = x[rng.permutation(3)]
    if rng.random() < 0.5:
        x = x + rng.standard_normal(x.shape, np.float32) * np.float32(rng.uniform(0, 0.03))
    return np.clip(x, 0, 1) * np.float32(255)


def augment(
    rng: np.random.Generator, image: NDArray[np.uint8], maps: NDArray[np.integer]
) -> tuple[NDArray[np.float32], NDArray[np.integer]]:
    """Flip, turn, zoom and recolour one tile; the truth moves with it.

    Args:
        rng: The source of randomness.
        image: uint8 [3, H, W] with H = W.
        maps: Integers [K, H, W] that lie on the same pixels.

    Returns:
        float32 [3, H, W] in 0 to 255, and the maps.
    """
    size = image.shape[-1]
    if rng.random() < 0.35:  # a closer look: windows that lie within one object become common
        side = int(rng.integers(size * 2 // 5, size))
        top, left = rng.integers(0, size - side + 1, 2)
        take = (np.arange(size) + 0.5) * side / size
        rows, cols = top + take.astype(int), left + take.astype(int)
        colour = _resize(image[:, top : top + side, left : left + side].astype(np.float32), (size, size))
        maps = maps[:, rows[:, None], cols]
    else:
        colour = image.astype(np.float32)
    turns, flip = int(rng.integers(4)), bool(rng.integers(2))
    colour, maps = np.rot90(colour, turns, (1, 2)), np.rot90(maps, turns, (1, 2))
    if flip:
        colour, maps = colour[..., ::-1], maps[..., ::-1]
    return augment_colour(rng, np.ascontiguousarray(colour)), np.ascontiguousarray(maps)
