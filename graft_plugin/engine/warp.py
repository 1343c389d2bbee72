"""Rasters read on another grid: GDAL's warper with the settings that place pixels rightly and keep their validity."""

from __future__ import annotations

from affine import Affine
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT

TRANSFORM_TOLERANCE_PX = 1e-9


def warped(
    subset: DatasetReader, crs: CRS | str, transform: Affine, shape: tuple[int, int], reduction: tuple[float, float]
) -> WarpedVRT:
    """Return a dataset on another grid, its last band the validity (0 to 255).

    Args:
        subset: Bands and validity, see `source.open_subset`.
        crs: Of the grid.
        transform: Of the grid.
        shape: (height, width) of the grid.
        reduction: (x, y), the source's pixel in the grid's pixels, at most 1: the filter widens by it, so that a
            coarser grid averages.
    """
    return WarpedVRT(
        subset,
        crs=crs,
        transform=transform,
        width=shape[1],
        height=shape[0],
        resampling=Resampling.cubic,
        tolerance=TRANSFORM_TOLERANCE_PX,
        add_alpha=True,
        UNIFIED_SRC_NODATA="YES",
        XSCALE=reduction[0],
        YSCALE=reduction[1],
    )
