"""An image as a tile: nothing is stretched out of shape, and a mirrored one keeps its ground resolution."""

from __future__ import annotations

import numpy as np
import pytest

from graft_plugin.engine.grid import GsdRule
from training.evaluate.tiles import fit_tile, scale_for


def ramp(height, width):
    rows, cols = np.mgrid[:height, :width]
    return np.stack([rows * 4, cols * 4, np.full_like(rows, 9)]).astype(np.uint8)


def test_resized_the_shorter_side_fills_the_tile_and_the_middle_is_kept():
    tile = fit_tile(ramp(20, 40), 40, "resize")
    assert tile.shape == (3, 40, 40) and tile.dtype == np.uint8
    assert tile[1].min() >= 36 and tile[1].max() <= 120  # columns 10 to 29 of 0 to 39
    assert tile[0, 0].mean() < 4 and tile[0, -1].mean() > 72  # all rows


def test_mirrored_the_image_stays_as_it_is_in_the_middle():
    image = ramp(10, 10)
    tile = fit_tile(image, 32, "mirror")
    assert (tile[:, 11:21, 11:21] == image).all()
    assert (tile[:, 10, 11:21] == image[:, 1]).all() or (tile[:, 10, 11:21] == image[:, 0]).all()
    assert tile[2].min() == 9  # no black anywhere


def test_mirrored_at_another_scale():
    tile = fit_tile(ramp(10, 10), 32, "mirror", scale=2.0)
    middle = tile[0, 6:26, 16].astype(int)
    assert (np.diff(middle) >= 0).all() and middle[0] <= 2 and middle[-1] >= 34  # 20 pixels for its 10 rows


def test_an_image_larger_than_the_tile_is_cut_to_its_middle():
    image = ramp(50, 40)
    assert (fit_tile(image, 32, "mirror") == image[:, 9:41, 4:36]).all()


@pytest.mark.parametrize(("gsd_m", "expected"), [(10.0, 2.0), (1.0, 0.2), (None, 1.0)])
def test_scale_is_native_over_model(gsd_m, expected):
    assert scale_for(GsdRule({"sentinel2": 5.0}), "sentinel2", gsd_m) == pytest.approx(expected)
