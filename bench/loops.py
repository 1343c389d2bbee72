"""The same job as others' loops do it: a raster, a text, a heatmap; ViT-B/16 in float32, one thing after the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
import torch
from models import Reference
from numpy.typing import NDArray
from rasterio.windows import Window
from torch import Tensor

TILE_PX, PATCH_PX = 224, 16
OVERLAP = 0.15
"""Of neighbouring tiles, as Deepness cuts them by default."""


def reference_loop(model: Reference, raster: Path, text: Tensor, out: Path, batch: int = 16) -> int:
    """Hugging Face's model over tiles side by side, read in batches; returns the number of tiles."""
    with rasterio.open(raster) as src:
        corners = [(r, c) for r in range(0, src.height, TILE_PX) for c in range(0, src.width, TILE_PX)]
        heat = np.full((src.height // PATCH_PX, src.width // PATCH_PX), np.nan, np.float32)
        for start in range(0, len(corners), batch):
            some = corners[start : start + batch]
            tiles = np.stack([src.read(window=Window(c, r, TILE_PX, TILE_PX)) for r, c in some])
            for (r, c), scores in zip(some, _scores(model, tiles, text), strict=True):
                side = TILE_PX // PATCH_PX
                heat[r // PATCH_PX : r // PATCH_PX + side, c // PATCH_PX : c // PATCH_PX + side] = scores
        _write(out, heat, src)
    return len(corners)


def deepness_like(model: Reference, raster: Path, text: Tensor, out: Path) -> int:
    """A tile at a time with overlap, results enlarged to pixels and joined in memory; returns the number of tiles.

    Deepness runs ONNX Runtime inside QGIS; this is its way of going over a raster, with the reference's own model.
    """
    step = round(TILE_PX * (1 - OVERLAP))
    with rasterio.open(raster) as src:
        heat = np.full((src.height, src.width), np.nan, np.float32)
        count = 0
        for row in range(0, src.height - TILE_PX + step, step):
            for col in range(0, src.width - TILE_PX + step, step):
                r, c = min(row, src.height - TILE_PX), min(col, src.width - TILE_PX)
                tile = src.read(window=Window(c, r, TILE_PX, TILE_PX))
                scores = _scores(model, tile[None], text)[0]
                heat[r : r + TILE_PX, c : c + TILE_PX] = scores.repeat(PATCH_PX, 0).repeat(PATCH_PX, 1)
                count += 1
        _write(out, heat, src)
    return count


def _scores(model: Reference, tiles: NDArray[np.uint8], text: Tensor) -> NDArray[np.float32]:
    side = TILE_PX // PATCH_PX
    patches = model(torch.from_numpy(tiles))[1]
    return (patches @ text).reshape(len(tiles), side, side).numpy()


def _write(out: Path, heat: NDArray[np.float32], src: rasterio.DatasetReader) -> None:
    scale = src.height / heat.shape[0]
    with rasterio.open(
        out, "w", driver="GTiff", width=heat.shape[1], height=heat.shape[0], count=1, dtype="float32", crs=src.crs,
        transform=src.transform * src.transform.scale(scale), compress="deflate", tiled=True,
    ) as file:  # fmt: skip
        file.write(heat, 1)
