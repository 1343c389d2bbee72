"""Places sampled evenly: cells of equal ground, and a cap a cell drawn by a seed."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graft_plugin.errors import UsageError
from training.collect.spread import Box, Grid, boxes_of, cap_of_cell, draw_key, halves

LONGITUDES = st.floats(-180, 180)
LATITUDES = st.floats(-90, 90)


def ground_km2(box):
    """Area on the WGS 84 ellipsoid, by its authalic latitudes: an independent formula (Snyder 1987, 3-12)."""
    a, e = 6378.137, math.sqrt(0.00669437999014)

    def q(lat):
        s = math.sin(math.radians(lat))
        return (1 - e * e) * (s / (1 - e * e * s * s) - math.log((1 - e * s) / (1 + e * s)) / (2 * e))

    return a * a / 2 * (q(box.north) - q(box.south)) * math.radians(box.east - box.west)


@given(LONGITUDES, LATITUDES)
@settings(deadline=None, max_examples=60)
def test_every_cell_covers_the_same_ground(lon, lat):
    grid = Grid(10.0)
    cell = grid.cell(lon, lat)
    box = grid.box(cell)
    if abs(box.north) < 90 and abs(box.south) < 90 and abs(box.west) < 180 and abs(box.east) < 180:
        assert ground_km2(box) == pytest.approx(100, rel=1e-6)


@given(LONGITUDES, LATITUDES, st.sampled_from([0.5, 10.0, 333.0]))
@settings(deadline=None, max_examples=60)
def test_a_point_lies_in_its_cells_box(lon, lat, cell_km):
    box = Grid(cell_km).box(Grid(cell_km).cell(lon, lat))
    assert box.west - 1e-9 <= lon <= box.east + 1e-9
    assert box.south - 1e-6 <= lat <= box.north + 1e-6  # near the poles a metre of the grid is many of latitude


def test_a_block_of_cells_covers_an_area_and_its_halves_are_the_block():
    grid, area = Grid(25.0), Box(126.5, 36.0, 128.5, 38.0)
    first, size = grid.cells(area)
    block = grid.box(first, size)
    assert block.overlap(area) == area
    assert size[0] > 2 and size[1] > 2

    def cells(first, size):
        return Counter((first[0] + r, first[1] + c) for r in range(size[0]) for c in range(size[1]))

    parts = Counter()
    for (row, column), part in halves(*size):
        parts += cells((first[0] + row, first[1] + column), part)
    assert parts == cells(first, size)  # each cell once


def test_halving_ends_at_single_cells():
    def leaves(size):
        return 1 if size == (1, 1) else sum(leaves(part) for _, part in halves(*size))

    assert leaves((5, 7)) == 35


def test_a_cell_on_the_edge_keeps_its_grounds_due():
    grid = Grid(10.0)
    cell = grid.cell(127.0, 37.5)
    whole = grid.box(cell)
    half = Box(whole.west, whole.south, (whole.west + whole.east) / 2, whole.north)
    assert grid.share(cell, [half]) == pytest.approx(0.5)
    assert grid.share(cell, [whole]) == pytest.approx(1)
    assert grid.share(cell, [Box(0, 0, 1, 1)]) == 0
    assert [cap_of_cell(25, share) for share in (0.5, 1.0, 0.001, 0.0)] == [13, 25, 1, 0]


def test_an_area_across_the_180th_meridian_is_two_boxes():
    assert boxes_of(170, -20, -170, -10) == (Box(170, -20, 180, -10), Box(-180, -20, -170, -10))
    assert boxes_of(1, 2, 3, 4) == (Box(1, 2, 3, 4),)


@pytest.mark.parametrize("box", [(0, 1, 1, 1), (0, 0, 0, 1), (-181, 0, 1, 1), (0, 0, 1, 91), (float("nan"), 0, 1, 1)])
def test_a_box_that_is_none_is_refused(box):
    with pytest.raises(UsageError):
        boxes_of(*box)


@pytest.mark.parametrize("cell_km", [0.0, -1.0, 1e6, float("nan")])
def test_a_cell_of_no_sensible_size_is_refused(cell_km):
    with pytest.raises(UsageError):
        Grid(cell_km)


def test_lots_are_fair_and_hang_on_seed_and_id_alone():
    ids = [str(n) for n in range(3000)]
    first = Counter(min(ids[i : i + 3], key=lambda one: draw_key(one, 7)) in ids[i : i + 1] for i in range(0, 3000, 3))
    assert 280 < first[True] < 390  # the first of three wins a third of 1000 draws, ± 4 standard deviations
    assert draw_key("5", 1) == draw_key("5", 1) != draw_key("5", 2)
