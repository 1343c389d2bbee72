"""The heatmap as a GeoTIFF, cell by cell or brought to the pixels, and the image in a size for a picture of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from zlib import crc32

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.windows import Window as RasterWindow

from ..errors import OutputError
from .grid import Window
from .progress import CancelToken, Report, silent
from .raster import RasterWriter
from .regions import Heat
from .scene import Scene, SceneReader
from .source import GDAL_ERRORS
from .upsample import RADIUS_CELLS, joint_bilateral_upsample

BLOCK = 512
"""Edge of the blocks that are written at once, in pixels of the heatmap; a multiple of its tiles."""


def write_heatmap(
    path: Path,
    heat: Heat,
    scene: Scene,
    prompts: Sequence[str],
    *,
    guided: bool = False,
    tags: Mapping[str, str] | None = None,
    report: Report = silent,
    cancel: CancelToken | None = None,
) -> None:
    """Write scores as a tiled float32 GeoTIFF with overviews, one band a prompt, NaN where there is none.

    Args:
        path: The file.
        heat: The scores.
        scene: What they are of.
        prompts: One for each band; its description.
        guided: Write at pixel resolution, by joint bilateral upsampling on the image; else one pixel a cell.
        tags: Metadata of the file.
        report: Told of the stage "heatmap".
        cancel: Checked for each block.

    Raises:
        OutputError: The file cannot be written.
    """
    step = 1 if guided else heat.stride_px
    done, total = 0, math.prod(heat.window.shape)
    sums: dict[RasterWindow, int] = {}
    with RasterWriter(
        path,
        window_px=(heat.window.height // step, heat.window.width // step),
        transform=scene.grid.window_transform(heat.window, step),
        crs=scene.grid.crs,
        descriptions=prompts,
        tags=tags,
    ) as writer:
        for window, block in _guided_blocks(scene, heat) if guided else _cell_blocks(heat):
            if cancel is not None:
                cancel.check()
            row, col = (window.row - heat.window.row) // step, (window.col - heat.window.col) // step
            writer.write(row, col, block)
            sums[RasterWindow(col, row, block.shape[2], block.shape[1])] = _checksum(block)
            done += math.prod(window.shape)
            report("heatmap", done, total)
    try:
        whole = _is_whole(path, sums, cancel)
    except GDAL_ERRORS:
        whole = False
    if not whole:
        raise OutputError("the heatmap is incomplete on the disk", remedy="Free some space.", path=str(path))


def _is_whole(path: Path, sums: Mapping[RasterWindow, int], cancel: CancelToken | None) -> bool:
    """Tell whether a heatmap reads back as it was written, and each overview has a value wherever its base has one.

    On a full disk GDAL may drop blocks without an error that reaches us, and a missing block reads as nodata.
    """
    with rasterio.open(path) as file:
        levels = len(file.overviews(1))
        for window, checksum in sums.items():
            if cancel is not None:
                cancel.check()
            if _checksum(file.read(window=window)) != checksum:
                return False
    for level in range(levels):
        below = {} if level == 0 else {"overview_level": level - 1}
        with rasterio.open(path, **below) as fine, rasterio.open(path, overview_level=level) as coarse:
            for row, col in product(range(0, coarse.height, BLOCK), range(0, coarse.width, BLOCK)):
                if cancel is not None:
                    cancel.check()
                window = RasterWindow(col, row, min(BLOCK, coarse.width - col), min(BLOCK, coarse.height - row))
                twice = RasterWindow(2 * col, 2 * row, 2 * window.width, 2 * window.height)
                known = np.isfinite(fine.read(window=twice.intersection(RasterWindow(0, 0, fine.width, fine.height))))
                rows, cols = known.shape[1] // 2, known.shape[2] // 2
                pooled = known[:, : 2 * rows, : 2 * cols].reshape(len(known), rows, 2, cols, 2).any((2, 4))
                if (pooled & ~np.isfinite(coarse.read(window=window)[:, :rows, :cols])).any():
                    return False
    return True


def _checksum(block: NDArray[np.float32]) -> int:
    """Return a checksum of scores in which every NaN counts alike."""
    return crc32(np.nan_to_num(block, nan=np.float32(-9.0)).tobytes())


def overview(
    scene: Scene, window: Window, most_px: int, cancel: CancelToken | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.bool_], Affine]:
    """Return a window's image at a whole multiple of the GSD, at most `most_px` on a side.

    Args:
        scene: The scene.
        window: Pixels of its grid.
        most_px: Longest side of the picture.
        cancel: Checked for each row of tiles.

    Returns:
        RGB uint8 [3, h, w], validity [h, w], and the map from (col, row) to (x, y).
    """
    factor = max(1, math.ceil(max(window.shape) / most_px))
    grid = replace(scene.grid, gsd_m=scene.grid.gsd_m * factor)
    coarse = replace(scene, grid=grid, window=grid.pixel_window(scene.bounds))
    area = grid.pixel_window(scene.grid.window_bounds(window))
    rgb, valid = np.zeros((3, *area.shape), np.uint8), np.zeros(area.shape, bool)
    with SceneReader(coarse) as reader:
        for row in range(0, area.height, grid.tile_px):
            if cancel is not None:
                cancel.check()
            strip = Window(area.row + row, area.col, min(grid.tile_px, area.height - row), area.width)
            rgb[:, row : row + grid.tile_px], valid[row : row + grid.tile_px] = reader.read(strip)
    return rgb, valid, grid.window_transform(area)


def _cuts(heat: Heat, side_px: int) -> Iterator[Window]:
    """Cut the heatmap's window into squares, the last ones smaller."""
    for row in heat.window.rows[::side_px]:
        for col in heat.window.cols[::side_px]:
            yield Window(row, col, side_px, side_px).intersection(heat.window)


def _cell_blocks(heat: Heat) -> Iterator[tuple[Window, NDArray[np.float32]]]:
    for window in _cuts(heat, BLOCK * heat.stride_px):
        yield window, heat.read(window)


def _guided_blocks(scene: Scene, heat: Heat) -> Iterator[tuple[Window, NDArray[np.float32]]]:
    """Yield the scores at pixel resolution; each block sees a margin, so that blocks leave no seams."""
    stride = heat.stride_px
    margin = RADIUS_CELLS * stride
    with SceneReader(scene) as reader:
        for window in _cuts(heat, max(1, BLOCK // stride) * stride):
            outer = Window(
                window.row - margin, window.col - margin, window.height + 2 * margin, window.width + 2 * margin
            )
            rgb, _valid = reader.read(outer)
            rows, cols = window.slices_in(outer)
            fine = [joint_bilateral_upsample(plane, rgb, stride)[rows, cols] for plane in heat.read(outer)]
            yield window, np.stack(fine)
