"""Procedural scenes as GeoTIFFs with their truth: to try the whole engine on places that no training saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import ColorInterp
from rasterio.transform import from_origin

from ..world.aerial import LookName, render_aerial
from ..world.layout import make_layout

SCENE_CRS = "EPSG:26914"
"""NAD83 / UTM zone 14N, where NAIP covers the northern plains; the places themselves are invented."""


def draw_scene(
    seed: int, *, size_px: int = 1024, gsd_m: float = 1.0, look: LookName = "varied", focus: str = "lake"
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw a place much larger than a tile.

    Args:
        seed: Seed of the place and of its look.
        size_px: Side in pixels, at most 1024.
        gsd_m: Metres a pixel.
        look: The look.
        focus: A class that must be there.

    Returns:
        uint8 [3, S, S] RGB and uint8 [S, S] labels.
    """
    rng = np.random.default_rng([seed, 77])
    layout = make_layout(rng, size_px=size_px, gsd_m=gsd_m, focus=focus)
    return render_aerial(layout, rng, look), layout.labels


def write_scene(path: Path, image: NDArray[np.uint8], gsd_m: float, origin: tuple[float, float]) -> None:
    """Write RGB as a tiled GeoTIFF in `SCENE_CRS`.

    Args:
        path: The file.
        image: uint8 [3, H, W].
        gsd_m: Metres a pixel.
        origin: Map coordinates (x, y) of the upper left corner.
    """
    profile = {
        "driver": "GTiff", "count": 3, "height": image.shape[1], "width": image.shape[2], "dtype": "uint8",
        "crs": CRS.from_string(SCENE_CRS), "transform": from_origin(*origin, gsd_m, gsd_m),
        "compress": "deflate", "predictor": 2, "tiled": True, "blockxsize": 256, "blockysize": 256,
        "interleave": "pixel", "photometric": "rgb",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as out:
        out.write(image)
        out.colorinterp = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
