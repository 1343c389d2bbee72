"""The held-out part: contiguous, a tile away from what teaches, with enough of everything on both sides."""

from __future__ import annotations

import numpy as np
import pytest

from graft_plugin.engine.grid import Window
from graft_plugin.errors import UsageError
from training.local.split import split_area

TILE = 32


def gap_px(one: Window, other: Window) -> int:
    """Pixels between two windows, along the axis where they are further apart."""
    rows = max(one.row - other.stop[0], other.row - one.stop[0])
    cols = max(one.col - other.stop[1], other.col - one.stop[1])
    return max(rows, cols)


@pytest.mark.parametrize(("high", "wide", "seed"), [(5, 5, 0), (1, 3, 1), (4, 9, 2), (12, 12, 3), (20, 15, 4)])
def test_nothing_that_teaches_comes_within_a_tile_of_what_judges(high, wide, seed):
    rng = np.random.default_rng(seed)
    area = Window(-200, 77, high * TILE + 5, wide * TILE + 9)
    spots = np.stack([rng.integers(area.row, area.stop[0], 400), rng.integers(area.col, area.stop[1], 400)], 1)
    kinds = rng.integers(0, 2, 400)
    split = split_area(area, TILE, spots, kinds, seed, 3)
    parts = [split.part_of(*spot) for spot in spots]
    for row in range(area.row, area.stop[0] - TILE + 1, 7):
        for col in range(area.col, area.stop[1] - TILE + 1, 7):
            window = Window(row, col, TILE, TILE)
            near = min(gap_px(window, block) for block in split.held)
            assert split.may_teach(window) == (near >= TILE)
    for spot, part in zip(spots, parts):
        pixel = Window(int(spot[0]), int(spot[1]), 1, 1)
        near = min(gap_px(pixel, block) for block in split.held)
        assert (near < 0, 0 <= near < TILE, near >= TILE) == (part == "held", part == "buffer", part == "train")
    for part in ("held", "train"):
        assert min(np.bincount(kinds[[p == part for p in parts]], minlength=2)) >= 3
    tiles = split.held_tiles()
    assert sum(t.height * t.width for t in tiles) == sum(b.height * b.width for b in split.held)
    assert all(area.intersection(tile) == tile for tile in tiles)
    assert split == split_area(area, TILE, spots, kinds, seed, 3)
    if high * wide > 20:
        assert 0.08 < parts.count("held") / 400 < 0.4
        assert any(split != split_area(area, TILE, spots, kinds, other, 3) for other in range(90, 94))


def test_what_cannot_be_split_is_refused():
    spots = np.array([[5.0, 5.0], [6.0, 6.0]])
    with pytest.raises(UsageError, match="too small"):
        split_area(Window(0, 0, TILE, 2 * TILE), TILE, spots, np.zeros(2, int), 0, 1)
    with pytest.raises(UsageError, match="no held-out part"):  # all in one corner
        split_area(Window(0, 0, 6 * TILE, 6 * TILE), TILE, spots, np.zeros(2, int), 0, 1)
