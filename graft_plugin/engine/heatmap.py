"""The heatmap as a GeoTIFF, cell by cell or brought to the pixels, and the image in a size for a picture of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from .grid import Window
from .progress import CancelToken, Report, silent
from .raster import RasterWriter
from .regions import Heat
from .scene import Scene, SceneReader
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
    with heat_raster(path, scene, heat, guided=guided, descriptions=prompts, tags=tags, cancel=cancel) as writer:
        for row, col, block in placed_blocks(scene, heat, "heatmap", guided=guided, report=report, cancel=cancel):
            writer.write(row, col, block)


def heat_raster(path: Path, scene: Scene, heat: Heat, *, guided: bool, **kind: Any) -> RasterWriter:  # noqa: ANN401
    """Return the writer of a raster with a pixel a cell of the heatmap, or a pixel of the scene where `guided`.

    Args:
        path: The file.
        scene: What the heatmap is of.
        heat: The scores.
        guided: Write at pixel resolution.
        kind: `RasterWriter`'s other arguments.
    """
    step = 1 if guided else heat.stride_px
    size = heat.window.height // step, heat.window.width // step
    transform = scene.grid.window_transform(heat.window, step)
    return RasterWriter(path, window_px=size, transform=transform, crs=scene.grid.crs, **kind)


def placed_blocks(
    scene: Scene, heat: Heat, stage: str, *, guided: bool, report: Report, cancel: CancelToken | None
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Yield (row, col, scores [K, h, w]) of a raster of the heatmap, block by block, and report the stage's progress.

    Rows and columns count cells, or pixels where `guided`.
    """
    step = 1 if guided else heat.stride_px
    done, total = 0, math.prod(heat.window.shape)
    for window, block in _guided_blocks(scene, heat) if guided else _cell_blocks(heat):
        if cancel is not None:
            cancel.check()
        yield (window.row - heat.window.row) // step, (window.col - heat.window.col) // step, block
        done += math.prod(window.shape)
        report(stage, done, total)


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
