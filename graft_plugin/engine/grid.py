"""Anchored tiles and patches: one infinite pixel raster for each metric CRS and GSD.

Global pixel (row, col) covers x in [col, col + 1)·gsd and y in (-(row + 1), -row]·gsd of the metric CRS, so that rows
grow to the south. Tiles are cut at multiples of `tile_px` of that raster. A place therefore falls into the same tile,
at the same pixel, whatever extent was asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Optional

from affine import Affine

from ..errors import UsageError
from .crs import Bounds, metric_crs, utm_crs

__all__ = ["Bounds", "Grid", "GsdRule", "TileIndex", "TileRange", "Window", "metric_crs", "utm_crs"]

EDGE_TOLERANCE_PX = 1e-6


@dataclass(frozen=True)
class Window:
    """A rectangle of global pixels: rows `row` to `row + height`, columns `col` to `col + width`."""

    row: int
    col: int
    height: int
    width: int

    @property
    def rows(self) -> range:
        """The global rows of the window."""
        return range(self.row, self.row + self.height)

    @property
    def cols(self) -> range:
        """The global columns of the window."""
        return range(self.col, self.col + self.width)

    @property
    def stop(self) -> tuple[int, int]:
        """(row, col) one past the last pixel."""
        return self.row + self.height, self.col + self.width

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width)."""
        return self.height, self.width

    @property
    def empty(self) -> bool:
        """Whether the window holds no pixel."""
        return self.height <= 0 or self.width <= 0

    @classmethod
    def between(cls, row: int, col: int, row_stop: int, col_stop: int) -> Window:
        """Return the window from (row, col) to (row_stop, col_stop), the stops left out; never negative in size."""
        return cls(row, col, max(0, row_stop - row), max(0, col_stop - col))

    def shifted(self, rows: int, cols: int) -> Window:
        """Return the window moved by so many pixels."""
        return Window(self.row + rows, self.col + cols, self.height, self.width)

    def intersection(self, other: Window) -> Window:
        """Return the pixels that both hold; `.empty` where there are none."""
        stop, other_stop = self.stop, other.stop
        return Window.between(
            max(self.row, other.row),
            max(self.col, other.col),
            min(stop[0], other_stop[0]),
            min(stop[1], other_stop[1]),
        )

    def expanded(self, multiple_px: int) -> Window:
        """Return the smallest window around this one whose edges are multiples of `multiple_px`."""
        row, row_stop = _snap(self.row, self.stop[0], multiple_px)
        col, col_stop = _snap(self.col, self.stop[1], multiple_px)
        return Window.between(row, col, row_stop, col_stop)

    def slices_in(self, outer: Window) -> tuple[slice, slice]:
        """Return the (row, col) slices that cut this window from an array that holds `outer`."""
        row, col = self.row - outer.row, self.col - outer.col
        return slice(row, row + self.height), slice(col, col + self.width)


class TileIndex(NamedTuple):
    """The place of a tile on the grid, in tiles from the anchor; may be negative."""

    row: int
    col: int


@dataclass(frozen=True)
class TileRange:
    """The tiles with `row_start` ≤ row < `row_stop` and `col_start` ≤ col < `col_stop`, in row-major order."""

    row_start: int
    col_start: int
    row_stop: int
    col_stop: int

    def __len__(self) -> int:
        return max(0, self.row_stop - self.row_start) * max(0, self.col_stop - self.col_start)

    def __iter__(self) -> Iterator[TileIndex]:
        for row in range(self.row_start, self.row_stop):
            for col in range(self.col_start, self.col_stop):
                yield TileIndex(row, col)

    def __contains__(self, index: object) -> bool:
        if not isinstance(index, tuple) or len(index) != 2:
            return False
        return self.row_start <= index[0] < self.row_stop and self.col_start <= index[1] < self.col_stop


@dataclass(frozen=True)
class Grid:
    """The global pixel raster of one metric CRS at one GSD, and its tiles.

    Args:
        crs: "EPSG:n" or WKT of a CRS in metres.
        gsd_m: Edge of a pixel in metres of that CRS.
        tile_px: Edge of a tile (model input) in pixels.
        patch_px: Edge of a patch in pixels; divides `tile_px`.
    """

    crs: str
    gsd_m: float
    tile_px: int = 224
    patch_px: int = 16

    def __post_init__(self) -> None:
        if not (math.isfinite(self.gsd_m) and self.gsd_m > 0):
            raise UsageError(f"the GSD must be a positive number of metres, not {self.gsd_m}")
        if self.patch_px <= 0 or self.tile_px % self.patch_px:
            raise UsageError(f"tiles of {self.tile_px} pixels cannot be cut into patches of {self.patch_px}")

    @property
    def transform(self) -> Affine:
        """Map (col, row) of global pixel corners to (x, y) in metres."""
        return Affine(self.gsd_m, 0.0, 0.0, 0.0, -self.gsd_m, 0.0)

    def window_transform(self, window: Window, step_px: int = 1) -> Affine:
        """Map (col, row) of an array over `window`, one cell for every `step_px` pixels, to (x, y) in metres."""
        step = self.gsd_m * step_px
        return Affine(step, 0.0, window.col * self.gsd_m, 0.0, -step, -window.row * self.gsd_m)

    def window_bounds(self, window: Window) -> Bounds:
        """Return the map bounds of the window, in metres."""
        row_stop, col_stop = window.stop
        g = self.gsd_m
        return window.col * g, -row_stop * g, col_stop * g, -window.row * g

    def pixel_window(self, bounds: Bounds) -> Window:
        """Return the smallest window of whole pixels that covers `bounds`; an edge may stick out by 1e-6 pixel."""
        xmin, ymin, xmax, ymax = bounds
        return Window.between(
            math.floor(-ymax / self.gsd_m + EDGE_TOLERANCE_PX),
            math.floor(xmin / self.gsd_m + EDGE_TOLERANCE_PX),
            math.ceil(-ymin / self.gsd_m - EDGE_TOLERANCE_PX),
            math.ceil(xmax / self.gsd_m - EDGE_TOLERANCE_PX),
        )

    def tile_range(self, window: Window, shift_px: tuple[int, int] = (0, 0)) -> TileRange:
        """Return the tiles of the grid shifted by (rows, cols) pixels that touch `window`."""
        if window.empty:
            return TileRange(0, 0, 0, 0)
        t = self.tile_px
        (row_stop, col_stop), (dy, dx) = window.stop, shift_px
        return TileRange(
            (window.row - dy) // t, (window.col - dx) // t, -((dy - row_stop) // t), -((dx - col_stop) // t)
        )

    def tile_window(self, index: tuple[int, int], shift_px: tuple[int, int] = (0, 0)) -> Window:
        """Return the pixels of a tile of the grid shifted by (rows, cols) pixels."""
        t = self.tile_px
        return Window(index[0] * t + shift_px[0], index[1] * t + shift_px[1], t, t)


@dataclass(frozen=True)
class GsdRule:
    """The ground resolution at which a model wants its tiles.

    Args:
        presets: Sensor → GSD in metres that the model was trained at.
        finest_m: Finest GSD of training, for a model trained over a range of GSDs.
        coarsest_m: Coarsest GSD of training, likewise.
        max_upsampling: How far an image may be enlarged (native GSD / model GSD) before a coarser GSD of the range
            serves better.
    """

    presets: Mapping[str, float]
    finest_m: Optional[float] = None
    coarsest_m: Optional[float] = None
    max_upsampling: Optional[float] = None

    def gsd_for(self, sensor: str, native_gsd_m: float) -> float:
        """Return the GSD in metres for a raster; a sensor without a preset takes the preset nearest in ratio."""
        if not self.presets:
            raise UsageError("the model names no ground resolution", remedy="Give one with --gsd.")
        preset = self.presets.get(sensor)
        if preset is None:
            preset = min(self.presets.values(), key=lambda gsd: (abs(math.log(gsd / native_gsd_m)), gsd))
        if self.finest_m is None or self.coarsest_m is None or self.max_upsampling is None:
            return preset
        if native_gsd_m / preset <= self.max_upsampling * (1 + 1e-6):
            return preset
        gsd = float(f"{native_gsd_m / self.max_upsampling:.1e}")
        return min(max(gsd, self.finest_m), self.coarsest_m)


def _snap(start: int, stop: int, multiple: int) -> tuple[int, int]:
    return start // multiple * multiple, -(-stop // multiple) * multiple
