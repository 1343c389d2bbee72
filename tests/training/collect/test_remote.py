"""Windows of remote images: the bands that were asked for, whatever else the file marks; missing pixels told apart."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp

from graft_plugin.engine.grid import Window
from training.collect.remote import gdal_http, read_bands
from training.collect.tile_rules import Spot

SPOT = Spot(15.0, 45.0, None, "EPSG:32633", 1.0, Window(-5_000_000 + 10, 500_000 + 20, 448, 448))


def write(path, pixels, colours=None, nodata=None):
    with rasterio.open(
        path, "w", driver="GTiff", width=pixels.shape[2], height=pixels.shape[1], count=len(pixels),
        dtype=pixels.dtype, crs="EPSG:32633", transform=Affine(1, 0, 500_000, 0, -1, 5_000_000), nodata=nodata,
        photometric="RGB" if len(pixels) > 2 else "MINISBLACK", alpha="YES" if colours else "NO",
    ) as out:  # fmt: skip
        out.write(pixels)
        if colours:
            out.colorinterp = colours
    return str(path)


def test_near_infrared_that_is_marked_as_alpha_hides_nothing(tmp_path):
    pixels = np.random.default_rng(0).integers(1, 255, (4, 600, 600), dtype=np.uint8)
    pixels[3] = 9  # water
    colours = [ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha]
    path = write(tmp_path / "naip.tif", pixels, colours)
    with rasterio.open(path) as src:
        assert src.colorinterp[3] is ColorInterp.alpha
    with gdal_http(5, 1):
        read, valid = read_bands([(path, band) for band in (1, 2, 3)], SPOT, 0)
    assert valid.all() and (read == pixels[:3, 10:458, 20:468]).all()


@pytest.mark.parametrize("declared", [0, None])
def test_fill_is_missing_whether_the_file_says_so_or_not(tmp_path, declared):
    bands = np.random.default_rng(0).integers(1, 9000, (3, 600, 600)).astype(np.uint16)
    bands[:, 50:100] = 0
    paths = [write(tmp_path / f"{k}.tif", bands[k : k + 1], nodata=declared) for k in range(3)]
    with gdal_http(5, 1):
        read, valid = read_bands([(path, 1) for path in paths], SPOT, 0)
    assert (~valid).sum() == 50 * 448 and not valid[40:90].any()
    assert (read[:, valid] == bands[:, 10:458, 20:468][:, valid]).all()


def test_outside_the_image_is_missing(tmp_path):
    path = write(tmp_path / "a.tif", np.full((3, 300, 300), 7, np.uint8))
    with gdal_http(5, 1):
        _, valid = read_bands([(path, band) for band in (1, 2, 3)], SPOT, 0)
    assert valid[:290, :280].all() and valid.sum() == 290 * 280
