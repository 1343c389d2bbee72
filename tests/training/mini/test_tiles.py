"""Tile sets: independent of the number of workers, spots where they say."""

from __future__ import annotations

import numpy as np

from training.mini.tiles import TileRecipe, draw_spots, make_tiles, make_views

RECIPE = TileRecipe(seed=9, count=4, size_px=64, gsd_m=(1.0, 5.0), looks=("plain", "varied"), spots=6)


def test_workers_do_not_change_the_result():
    alone, together = make_tiles(RECIPE, workers=1), make_tiles(RECIPE, workers=2)
    for name, value in vars(alone).items():
        assert (value == getattr(together, name)).all(), name
    assert (make_views(alone, 1, workers=1) == make_views(together, 1, workers=2)).all()
    assert alone.gsd_m.min() >= 1.0 and alone.gsd_m.max() <= 5.0


def test_spots_cover_the_classes_evenly():
    labels = np.zeros((64, 64), np.uint8)
    labels[:3, :4] = 7
    spots = draw_spots(np.random.default_rng(0), labels, 400)
    rare = labels[spots[:, 0], spots[:, 1]] == 7
    assert rare[:200].sum() < 6
    assert 70 < rare[200:].sum() < 130
