"""The procedural layouts: repeatable, in range, to scale."""

from __future__ import annotations

import numpy as np
import pytest

from training.world.classes import CLASSES, LABEL, NAMES
from training.world.layout import LINE_WIDTH_M, make_layout


def draw(seed: int, **options):
    return make_layout(np.random.default_rng(seed), **options)


def test_same_seed_same_place():
    one, two = draw(5), draw(5)
    assert (one.labels == two.labels).all() and (one.parcels == two.parcels).all()
    assert (draw(6).labels != one.labels).any()


@pytest.mark.parametrize("gsd_m", [1.0, 2.5, 10.0])
@pytest.mark.parametrize("size_px", [64, 224])
def test_maps_are_in_range(gsd_m, size_px):
    layout = draw(1, size_px=size_px, gsd_m=gsd_m)
    assert layout.labels.shape == (size_px, size_px) and layout.labels.dtype == np.uint8
    assert layout.labels.max() < len(CLASSES)
    assert layout.parcels.min() >= 0 and layout.parcels.max() < len(layout.angles_rad)


@pytest.mark.parametrize("name", NAMES)
def test_the_class_asked_for_is_there(name):
    found = [(draw(seed, focus=name).labels == LABEL[name]).any() for seed in range(6)]
    assert sum(found) >= 5


def test_lines_keep_their_width_in_metres():
    low, high = LINE_WIDTH_M["road"]
    widths = []
    for seed in range(12):
        layout = draw(seed, focus="road", gsd_m=1.0)
        road = layout.labels == LABEL["road"]
        widths.append(2 * np.abs(layout.across_m[road]).max())
    assert low * 0.8 <= min(widths) and max(widths) <= high * 1.05


def test_a_coarser_pixel_shows_a_wider_place():
    fine = [draw(s, gsd_m=1.0, focus="road") for s in range(8)]
    coarse = [draw(s, gsd_m=5.0, focus="road") for s in range(8)]
    share = [np.mean([(x.labels == LABEL["road"]).mean() for x in group]) for group in (fine, coarse)]
    assert share[0] > 2 * share[1]
