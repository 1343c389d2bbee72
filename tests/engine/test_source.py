"""Raster files as GDAL gives them: caches, alpha bands, the files behind a raster."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.enums import ColorInterp
from rasterio.shutil import copy

from graft_plugin.engine.source import (
    CACHE_BYTES,
    MAX_CACHE_BYTES,
    Validity,
    cache_bytes,
    file_stamps,
    find_alpha,
    find_validity,
    open_raster,
    open_subset,
)
from graft_plugin.errors import SceneError


def write(path, pixels, colours=None, **options):
    count, height, width = pixels.shape
    options = {"crs": "EPSG:26914", "transform": Affine(1, 0, 5e5, 0, -1, 5.2e6), **options}
    with rasterio.open(path, "w", driver="GTiff", height=height, width=width, count=count, dtype=pixels.dtype,
                       **options) as file:  # fmt: skip
        if colours:
            file.colorinterp = colours
        file.write(pixels)
    return str(path)


@pytest.mark.parametrize(("width", "tiled", "low", "high"), [
    (300, False, CACHE_BYTES, CACHE_BYTES), (60_000, True, CACHE_BYTES, CACHE_BYTES),
    (60_000, False, 2 * 900 * 60_000 * 3, MAX_CACHE_BYTES),
])  # fmt: skip
def test_the_cache_holds_a_band_of_strips(tmp_path, width, tiled, low, high):
    path = write(tmp_path / "a.tif", np.ones((3, 20, width), "uint8"), tiled=tiled, compress="deflate")
    with open_raster(path) as src:
        assert low <= cache_bytes(src, 900) <= high


RGBA = [ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha]


def test_alpha_is_believed_only_where_it_looks_like_alpha(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (4, 50, 50)).astype("uint8")
    with open_raster(write(tmp_path / "nir.tif", pixels, RGBA)) as src:
        assert find_alpha(src) == 0
        assert find_validity(src, (1, 2, 3), 0) == Validity()
    pixels[3] = np.where(pixels[3] > 100, 255, 0)
    with open_raster(write(tmp_path / "alpha.tif", pixels, RGBA)) as src:
        assert find_alpha(src) == 4
        assert find_validity(src, (1, 2, 3), 4) == Validity(None, "4")


def test_a_subset_has_three_bands_in_order_and_the_place(tmp_path):
    pixels = np.arange(5 * 6 * 7, dtype="int16").reshape(5, 6, 7)
    path = write(tmp_path / "a.tif", pixels, nodata=-1)
    with open_raster(path) as src, open_subset(src, (5, 1, 3), Validity(-1.0)) as subset:
        np.testing.assert_array_equal(subset.read(), pixels[[4, 0, 2]])
        assert (subset.transform, subset.crs, subset.nodata) == (src.transform, src.crs, -1)


def test_a_virtual_raster_stands_for_its_files(tmp_path):
    path = write(tmp_path / "a.tif", np.ones((3, 9, 9), "uint8"))
    copy(path, tmp_path / "a.vrt", driver="VRT")
    with open_raster(str(tmp_path / "a.vrt")) as src:
        stamps = file_stamps(src, str(tmp_path / "a.vrt"))
    assert [name.rsplit("/", 1)[-1] for name, _, _ in stamps] == ["a.vrt", "a.tif"]
    assert all(mtime > 0 and size > 0 for _, mtime, size in stamps)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_ground_control_points_alone_are_no_place(tmp_path):
    corners = ((0, 0), (0, 9), (9, 0), (9, 9))
    points = [GroundControlPoint(r, c, 5e5 + c, 5.2e6 - r) for r, c in corners]
    path = write(tmp_path / "a.tif", np.ones((3, 9, 9), "uint8"), transform=None, crs=None)
    with rasterio.open(path, "r+") as file:
        file.gcps = (points, CRS.from_epsg(26914))
    with pytest.raises(SceneError, match="gdalwarp"):
        open_raster(path)
