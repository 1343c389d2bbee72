"""The imagery of a fine-tuning run: windows of the raster as the engine itself would read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.crs import transformer
from graft_plugin.engine.encoders.facts import model_facts
from graft_plugin.engine.grid import Window
from graft_plugin.engine.scene import Scene, SceneReader, open_scene, window_of_extent

from .order import LocalOrder

MARGIN_PX = 96
"""How much larger than a tile a training picture is, so that its crops differ."""


@dataclass(frozen=True)
class Area:
    """The raster, and what of it is used.

    Attributes:
        scene: The raster at the model's ground resolution.
        window: What is used, in global pixels.
        reader: Reads it.
    """

    scene: Scene
    window: Window
    reader: SceneReader

    @property
    def tile_px(self) -> int:
        """Side of a tile."""
        return self.scene.grid.tile_px

    @property
    def patch_px(self) -> int:
        """Side of a patch."""
        return self.scene.grid.patch_px

    @property
    def picture_px(self) -> int:
        """Side of a training picture: a tile and a margin, as far as the area is large enough."""
        return min(self.tile_px + MARGIN_PX, self.window.height, self.window.width)

    def to_pixels(self, xs: NDArray[np.floating], ys: NDArray[np.floating], crs: str) -> NDArray[np.float64]:
        """Return global pixels (row, col), float64 [N, 2], of map points in `crs`; infinite where there is no place."""
        gx, gy = transformer(crs, self.scene.grid.crs).transform(xs, ys)
        spots: NDArray[np.float64] = np.stack([-np.asarray(gy), np.asarray(gx)], 1) / self.scene.grid.gsd_m
        return spots

    def box(self, window: Window) -> list[list[float]]:
        """Return the corners of a window in the raster's CRS, [[x, y]] in order around it, for people and maps."""
        xmin, ymin, xmax, ymax = self.scene.grid.window_bounds(window)
        xs, ys = [xmin, xmax, xmax, xmin], [ymax, ymax, ymin, ymin]
        if self.scene.crs != self.scene.grid.crs:
            xs, ys = transformer(self.scene.grid.crs, self.scene.crs).transform(xs, ys)
        return [[float(x), float(y)] for x, y in zip(xs, ys, strict=True)]

    def read(self, window: Window) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Return (uint8 [3, H, W], bool [H, W] valid)."""
        return self.reader.read(window)


@contextmanager
def open_area(order: LocalOrder) -> Iterator[Area]:
    """Open the raster for a run.

    Raises:
        SceneError: It cannot be opened, placed or read.
        UsageError: The parent or the extent is wrong.
        CheckpointError: The parent's file is missing.
    """
    scene = open_for(order.parent, order.raster, **order.reading)
    extent = None if order.extent is None else (order.extent[0], order.extent[1], order.extent[2], order.extent[3])
    with SceneReader(scene) as reader:
        yield Area(scene, window_of_extent(scene, extent, None), reader)


def open_for(parent: str, raster: str, **reading: object) -> Scene:
    """Look at a raster as a query with this model would."""
    facts = model_facts(parent)
    return open_scene(
        raster, model_gsd=facts.gsd, tile_px=facts.tile_px, patch_px=facts.patch_px, **reading  # type: ignore[arg-type]
    )


def window_around(row: float, col: float, side_px: int, inside: Window) -> Window:
    """Return the square around a place, moved as far as needed to lie inside a window that is large enough."""
    top = int(np.clip(round(row) - side_px // 2, inside.row, inside.stop[0] - side_px))
    left = int(np.clip(round(col) - side_px // 2, inside.col, inside.stop[1] - side_px))
    return Window(top, left, side_px, side_px)
