"""Where the pixels of a rendered layer lie: blocks on a raster that is fixed for a layer, so that they can be kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Optional, Sequence, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsDistanceArea,
    QgsPointXY,
)

from ..errors import SceneError
from .i18n import tr

Box = Tuple[float, float, float, float]
"""(xmin, ymin, xmax, ymax)."""

BLOCK_PX = 768
"""Edge of a block: three tiles of the usual 256 pixels."""

MARGIN_PX = 224
"""What is rendered around an area, in pixels of the GSD: the models' tiles that reach over its edge are then whole."""

COARSER = 1.25
"""How much coarser than the GSD a server's own zoom may be; the next finer one costs four times the tiles."""

TRUE_TO_GROUND = 0.03
"""How far a unit of a CRS may be from a metre on the ground for the engine to work in that CRS."""

MERCATOR_M = 20037508.342789244
_EDGE_PX = 1e-6


@dataclass(frozen=True)
class Blocks:
    """Rows `row` to `row + rows` and columns `col` to `col + cols` of blocks."""

    row: int
    col: int
    rows: int
    cols: int

    def __len__(self) -> int:
        return self.rows * self.cols

    def __iter__(self) -> Any:  # noqa: ANN401 - an iterator of (row, col)
        return ((self.row + k // self.cols, self.col + k % self.cols) for k in range(len(self)))


@dataclass(frozen=True)
class RenderGrid:
    """The pixel raster of a rendered layer.

    Attributes:
        x0, y0: Upper left corner of pixel (0, 0), in the layer's CRS.
        pixel: (width, height) of a pixel in units of the CRS.
        size_px: (columns, rows) where the layer has a raster of its own; blocks are cut there. None: without end.
        block_px: Edge of a block.
    """

    x0: float
    y0: float
    pixel: Tuple[float, float]
    size_px: Optional[Tuple[int, int]] = None
    block_px: int = BLOCK_PX

    def blocks(self, box: Box) -> Blocks:
        """Return the blocks that touch a box in the layer's CRS."""
        (width, height), edge = self.pixel, self.block_px
        cols = [(box[0] - self.x0) / width + _EDGE_PX, (box[2] - self.x0) / width - _EDGE_PX]
        rows = [(self.y0 - box[3]) / height + _EDGE_PX, (self.y0 - box[1]) / height - _EDGE_PX]
        if self.size_px is not None:
            cols = [min(max(col, 0.0), self.size_px[0] - 1) for col in cols]
            rows = [min(max(row, 0.0), self.size_px[1] - 1) for row in rows]
        col, row = math.floor(cols[0] / edge), math.floor(rows[0] / edge)
        return Blocks(row, col, math.floor(rows[1] / edge) + 1 - row, math.floor(cols[1] / edge) + 1 - col)

    def shape(self, row: int, col: int) -> Tuple[int, int]:
        """Return the (width, height) of a block in pixels."""
        if self.size_px is None:
            return self.block_px, self.block_px
        columns, rows = self.size_px
        return min(self.block_px, columns - col * self.block_px), min(self.block_px, rows - row * self.block_px)

    def corner(self, row: int, col: int) -> Tuple[float, float]:
        """Return a block's upper left corner."""
        width, height = self.pixel
        return self.x0 + col * self.block_px * width, self.y0 - row * self.block_px * height

    def total_px(self, blocks: Blocks) -> Tuple[int, int]:
        """Return the (width, height) of all the blocks together."""
        last = self.shape(blocks.row + blocks.rows - 1, blocks.col + blocks.cols - 1)
        return (blocks.cols - 1) * self.block_px + last[0], (blocks.rows - 1) * self.block_px + last[1]


def ground_m(crs: QgsCoordinateReferenceSystem, box: Box, context: Any) -> float:  # noqa: ANN401 - transform context
    """Return how many metres of ground one unit of a CRS is at a box's centre, along the axis where it is longer.

    Raises:
        SceneError: The box has no place on Earth.
    """
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    step = max(min(box[2] - box[0], box[3] - box[1]) / 1000, 1e-9)
    measure = QgsDistanceArea()
    measure.setEllipsoid("EPSG:7030")
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    measure.setSourceCrs(degrees, context)
    try:
        to_degrees = QgsCoordinateTransform(crs, degrees, context)
        here, east, north = (
            to_degrees.transform(QgsPointXY(px, py)) for px, py in ((x, y), (x + step, y), (x, y + step))
        )
        unit = max(measure.measureLine(here, east), measure.measureLine(here, north)) / step
    except QgsCsException as error:
        raise SceneError(tr("the area has no place on Earth"), remedy=tr("Check the layer's CRS.")) from error
    if not (math.isfinite(unit) and unit > 0):
        raise SceneError(tr("the area has no place on Earth"), remedy=tr("Check the layer's CRS."))
    return unit


def picture_pixel(gsd_m: float, unit_m: float, native: Sequence[float]) -> float:
    """Return the pixel, in units of the CRS, at which a layer of pictures is rendered.

    Args:
        gsd_m: Ground resolution of the model.
        unit_m: Metres of ground in a unit of the CRS.
        native: The server's own resolutions, whose tiles come as they are; empty: it draws any.
    """
    if native:
        fitting = [pixel for pixel in native if pixel * unit_m <= gsd_m * COARSER]
        return max(fitting) if fitting else min(native)
    if abs(unit_m - 1) <= TRUE_TO_GROUND:
        return gsd_m
    # two digits: areas side by side share their blocks although a metre of the CRS is not the same in both
    wanted = gsd_m / unit_m
    power = 10.0 ** (math.floor(math.log10(wanted)) - 1)
    return math.floor(wanted / power + _EDGE_PX) * power


def picture_grid(crs: QgsCoordinateReferenceSystem, pixel: float, tiled: bool, block_px: int) -> RenderGrid:
    """Return the raster of a layer of pictures: on the edges of its tiles; else where the engine's own pixels lie."""
    corner = MERCATOR_M if tiled and crs.authid() == "EPSG:3857" else 0.0
    return RenderGrid(-corner, corner, (pixel, pixel), None, block_px)


def data_grid(extent: Box, size_px: Tuple[int, int], gsd_m: float, unit_m: float, block_px: int) -> RenderGrid:
    """Return the raster of a layer of values: its own pixels, or each n-th of them where they are far below the GSD.

    QGIS picks single pixels there, so at least two a side stay for the engine to average.
    """
    width, height = (extent[2] - extent[0]) / size_px[0], (extent[3] - extent[1]) / size_px[1]
    step = max(1, math.floor(gsd_m / (2 * unit_m * max(width, height))))
    step = min(step, *size_px)
    return RenderGrid(
        extent[0], extent[3], (width * step, height * step), (size_px[0] // step, size_px[1] // step), block_px
    )


def with_margin(box: Box, margin: float, extent: Box) -> Box:
    """Return a box grown by a margin, cut to an extent."""
    return (
        max(box[0] - margin, extent[0]),
        max(box[1] - margin, extent[1]),
        min(box[2] + margin, extent[2]),
        min(box[3] + margin, extent[3]),
    )
