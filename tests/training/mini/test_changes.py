"""The measure of changes counts what it says, on a place whose change is known."""

from __future__ import annotations

import numpy as np
import rasterio
from scipy import ndimage

from training.mini import changes
from training.world.classes import LABEL
from training.world.layout import make_layout


def test_lakes_grow_by_so_many_pixels_and_nothing_else_changes():
    layout = make_layout(np.random.default_rng(1), size_px=256, gsd_m=1.0, focus="lake")
    wider = changes.grown(layout, 9)
    was, is_ = (place.labels == LABEL["lake"] for place in (layout, wider))
    assert was.any() and not was.all()
    far = ndimage.distance_transform_edt(~was)
    assert np.array_equal(is_, far <= 9) and np.array_equal(wider.labels[~is_], layout.labels[~is_])
    assert set(np.unique(wider.parcels[is_])) == set(np.unique(layout.parcels[was]))


def test_shares_are_of_all_cells_together():
    rows = [
        {"cells": 100, "changed": 20, "told": 25, "hits": 15, "false": 8},
        {"cells": 100, "changed": 0, "told": 0, "hits": 0, "false": 0},
    ]
    assert changes.summed(rows) == {"false_change": round(8 / 180, 4), "precision": 0.6, "recall": 0.75}


def test_water_is_where_the_index_says_so_and_unknown_where_there_is_no_image(tmp_path):
    pixels = np.full((4, 6, 6), 100, np.uint8)
    pixels[3, :3] = 20  # near infrared is dark in water
    pixels[:, :, 5] = 0
    with rasterio.open(tmp_path / "a.tif", "w", driver="GTiff", width=6, height=6, count=4, dtype="uint8") as out:
        out.write(pixels)
    water, _transform, _crs = changes.water_of(tmp_path / "a.tif", 0.3)
    assert (water[:3, :5] == 1).all() and (water[3:, :5] == 0).all() and np.isnan(water[:, 5]).all()
