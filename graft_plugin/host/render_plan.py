"""What rendering an area of a layer takes: which pixels, how many, where they are kept, whether that is too much."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from typing import Any, Tuple

from qgis.core import QgsCoordinateReferenceSystem

from ..errors import UsageError
from .i18n import tr
from .render_files import PICTURE, Band, block_name
from .render_grid import (
    BLOCK_PX,
    MARGIN_PX,
    Blocks,
    Box,
    RenderGrid,
    data_grid,
    ground_m,
    picture_grid,
    picture_pixel,
    with_margin,
)

MAX_RENDER_MPX = 500
"""The largest area that is rendered, in millions of pixels."""


@dataclass(frozen=True)
class RenderedLayer:
    """What it takes to read a layer in any one thread; made in the main thread.

    Attributes:
        name: The layer's.
        provider: A clone of its provider, which belongs to whoever reads.
        address: Its URL or data source without secrets, for people.
        key: What tells its pixels from another layer's.
        crs: Its CRS, as the user has set it.
        extent: Its extent in that CRS.
        bands: Its bands; `PICTURE` where the provider gives pictures.
        native: The server's own resolutions in units of the CRS; empty where it draws any.
        size_px: (columns, rows) of a layer of values.
        block_px: Edge of a block.
        folder: Where blocks are kept.
        context: The project's transformations.
    """

    name: str
    provider: Any
    address: str
    key: str
    crs: QgsCoordinateReferenceSystem
    extent: Box
    bands: Tuple[Band, ...]
    native: Tuple[float, ...]
    size_px: Tuple[int, int]
    folder: str
    context: Any
    block_px: int = BLOCK_PX


@dataclass(frozen=True)
class RenderPlan:
    """What rendering an area takes.

    Attributes:
        grid: Where the pixels lie.
        blocks: Those that cover the area and its margin.
        size_px: Their (width, height) together.
        megabytes: What they take at most on disk.
        missing: How many are not there yet.
        folder: Where they are kept.
    """

    grid: RenderGrid
    blocks: Blocks
    size_px: Tuple[int, int]
    megabytes: float
    missing: int
    folder: str


def plan_render(layer: RenderedLayer, box: Box, gsd_m: float) -> RenderPlan:
    """Return what it takes to render an area; nothing is read.

    Args:
        layer: The layer.
        box: The area in the layer's CRS.
        gsd_m: Ground resolution of the model.

    Raises:
        SceneError: The area has no place on Earth.
    """
    unit_m = ground_m(layer.crs, box, layer.context)
    if layer.bands == PICTURE:
        pixel = picture_pixel(gsd_m, unit_m, layer.native)
        grid = picture_grid(layer.crs, pixel, bool(layer.native), layer.block_px)
    else:
        grid = data_grid(layer.extent, layer.size_px, gsd_m, unit_m, layer.block_px)
    blocks = grid.blocks(with_margin(box, MARGIN_PX * gsd_m / unit_m, layer.extent))
    width, height = grid.total_px(blocks)
    place = repr((layer.key, layer.crs.toWkt(), grid))
    folder = os.path.join(layer.folder, hashlib.sha256(place.encode()).hexdigest()[:16])
    if width * height > MAX_RENDER_MPX * 1e6:
        missing = len(blocks)
    else:
        missing = sum(not os.path.exists(os.path.join(folder, block_name(*block))) for block in blocks)
    pixel_bytes = 1 + sum({1: 1, 2: 2, 3: 2, 7: 8}.get(band.gdal_type, 4) for band in layer.bands)
    return RenderPlan(grid, blocks, (width, height), width * height * pixel_bytes / 1e6, missing, folder)


def check_size(layer: RenderedLayer, plan: RenderPlan, gsd_m: float) -> None:
    """Refuse what is too large, or does not fit on the disk.

    Raises:
        UsageError: It is; the message holds the estimate.
    """
    width, height = plan.size_px
    remedy = tr("Choose a smaller area, such as the visible map, or save the layer as a GeoTIFF.")
    if width * height > MAX_RENDER_MPX * 1e6:
        raise UsageError(
            tr("this area of the layer “{}” is {} × {} pixels at {:g} m ({:,.0f} million, about {:,.0f} MB)").format(
                layer.name, width, height, gsd_m, width * height / 1e6, plan.megabytes
            )
            + tr(", and at most {} million are rendered").format(MAX_RENDER_MPX),
            remedy=remedy,
        )
    os.makedirs(layer.folder, exist_ok=True)
    free_mb = shutil.disk_usage(layer.folder).free / 1e6
    needed_mb = plan.megabytes * plan.missing / len(plan.blocks)
    if needed_mb > free_mb:
        raise UsageError(
            tr("rendering the layer “{}” may take {:,.0f} MB, and {:,.0f} MB are free").format(
                layer.name, needed_mb, free_mb
            ),
            remedy=remedy,
            path=layer.folder,
        )
