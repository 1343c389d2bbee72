"""The unseen style: its colours are in no look of the world, and its truth is the world's own."""

from __future__ import annotations

import numpy as np

from training.local.unseen import infrared
from training.mini.scenes import draw_scene
from training.world.classes import LABEL


def test_plants_are_red_water_is_dark_and_red_and_green_are_the_visible_bands():
    image, labels = draw_scene(3, size_px=160, focus="lake")
    seen = infrared(image, labels, np.random.default_rng(0))
    assert np.array_equal(seen[1:], image[:2]) and seen.dtype == np.uint8
    assert np.array_equal(seen, infrared(image, labels, np.random.default_rng(0)))
    assert not np.array_equal(seen[0], infrared(image, labels, np.random.default_rng(1))[0])
    water = labels == LABEL["lake"]
    plants = np.isin(labels, [LABEL[name] for name in ("forest", "crops", "meadow", "orchard")])
    assert np.median(seen[0][water]) < 60 and np.median(seen[0][plants]) > 110
    assert np.median(seen[0][plants]) > np.median(seen[1][plants]), "red, as no look of the world paints them"
