"""An image of any size as one tile of a model."""

from __future__ import annotations

from typing import Literal, Optional

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.grid import GsdRule
from graft_plugin.engine.padding import mirror_fill
from graft_plugin.engine.sensor import Sensor

Fit = Literal["resize", "mirror"]
FITS: tuple[Fit, ...] = ("resize", "mirror")


def fit_tile(image: NDArray[np.uint8], tile_px: int, fit: Fit, scale: float = 1.0) -> NDArray[np.uint8]:
    """Return an image as a square tile.

    Args:
        image: uint8 [3, H, W].
        tile_px: Side of the tile.
        fit: "resize" as CLIP does: the shorter side becomes the tile's, the middle square is kept. "mirror" keeps the
            ground resolution that the model wants: scaled by `scale`, in the middle, and mirrored outwards as the
            engine does at a raster's edge; an image that is larger then is cut to its middle.
        scale: Pixels of the tile for one of the image, for "mirror".

    Returns:
        uint8 [3, tile_px, tile_px].
    """
    from PIL import Image, ImageOps

    picture = Image.fromarray(np.moveaxis(image, 0, -1))
    if fit == "resize":
        square = ImageOps.fit(picture, (tile_px, tile_px), Image.Resampling.BICUBIC)
        return np.ascontiguousarray(np.moveaxis(np.asarray(square), -1, 0))
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    if size != picture.size:
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    scaled = np.moveaxis(np.asarray(picture), -1, 0)
    tile, valid = np.zeros((3, tile_px, tile_px), np.uint8), np.zeros((tile_px, tile_px), bool)
    (to_rows, rows), (to_cols, cols) = (_middle(length, tile_px) for length in scaled.shape[1:])
    tile[:, to_rows, to_cols] = scaled[:, rows, cols]
    valid[to_rows, to_cols] = True
    return mirror_fill(tile, valid)


def scale_for(gsd: GsdRule, sensor: Sensor, gsd_m: Optional[float]) -> float:
    """Return how many pixels of a model's tile one pixel of an image becomes; 1 where its ground size is unknown."""
    return 1.0 if gsd_m is None else gsd_m / gsd.gsd_for(sensor, gsd_m)


def _middle(length: int, room: int) -> tuple[slice, slice]:
    """Return where the middle of `length` goes in `room`, and which part of it that is."""
    if length >= room:
        return slice(0, room), slice((length - room) // 2, (length - room) // 2 + room)
    return slice((room - length) // 2, (room - length) // 2 + length), slice(0, length)
