"""The anchored grid: exact pixel arithmetic and ground resolutions."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graft_plugin.engine.grid import Grid, GsdRule, TileIndex, Window
from graft_plugin.errors import UsageError

PX = st.integers(-5_000_000, 5_000_000)
SIZE = st.integers(1, 3000)
GSD = st.sampled_from([0.3, 0.6, 1.0, 2.5, 10.0, 30.0])


def _apply(transform, col, row):
    a, b, c, d, e, f = transform[:6]
    return a * col + b * row + c, d * col + e * row + f


def test_pixel_window_covers_bounds_and_forgives_a_millionth():
    grid = Grid("EPSG:32633", 2.5)
    assert grid.pixel_window((5.0, -10.0, 10.0, 0.0)) == Window(0, 2, 4, 2)
    assert grid.pixel_window((5.0 - 1e-6, -10.0 - 1e-6, 10.0 + 1e-6, 1e-6)) == Window(0, 2, 4, 2)
    assert grid.pixel_window((4.99, -10.01, 10.01, 0.01)) == Window(-1, 1, 6, 4)


@given(PX, PX, SIZE, SIZE, GSD)
def test_window_bounds_and_back(row, col, height, width, gsd):
    grid = Grid("EPSG:32633", gsd)
    window = Window(row, col, height, width)
    assert grid.pixel_window(grid.window_bounds(window)) == window


@given(PX, PX, GSD, st.sampled_from([1, 4, 8, 16]))
def test_window_transform_is_the_global_transform_moved(row, col, gsd, step):
    grid = Grid("EPSG:32633", gsd)
    x, y = _apply(grid.window_transform(Window(row, col, 64, 64), step), 3, 5)
    gx, gy = _apply(grid.transform, col + 3 * step, row + 5 * step)
    assert math.isclose(x, gx, abs_tol=1e-6 * gsd) and math.isclose(y, gy, abs_tol=1e-6 * gsd)


@settings(max_examples=60)
@given(PX, PX, st.integers(1, 700), st.integers(1, 700), st.tuples(st.integers(0, 223), st.integers(0, 223)))
def test_tile_range_is_exactly_the_tiles_that_touch(row, col, height, width, shift):
    grid, window = Grid("EPSG:32633", 1.0), Window(row, col, height, width)
    tiles = grid.tile_range(window, shift)
    assert len(tiles) == len(list(tiles))
    assert all(not grid.tile_window(index, shift).intersection(window).empty for index in tiles)
    covered = sum(math.prod(grid.tile_window(index, shift).intersection(window).shape) for index in tiles)
    assert covered == height * width
    for outside in (
        TileIndex(tiles.row_start - 1, tiles.col_start),
        TileIndex(tiles.row_stop, tiles.col_start),
        TileIndex(tiles.row_start, tiles.col_stop),
    ):
        assert outside not in tiles
        assert grid.tile_window(outside, shift).intersection(window).empty


@given(PX, PX, SIZE, SIZE, st.sampled_from([4, 8, 16, 224]))
def test_expanded_is_the_smallest_aligned_window(row, col, height, width, multiple):
    window = Window(row, col, height, width)
    outer = window.expanded(multiple)
    assert outer.intersection(window) == window
    assert outer.row % multiple == 0 and outer.height % multiple == 0
    assert window.row - outer.row < multiple and outer.stop[1] - window.stop[1] < multiple


def test_window_helpers():
    a, b = Window(0, 0, 10, 10), Window(5, -5, 10, 10)
    assert a.intersection(b) == Window(5, 0, 5, 5)
    assert a.intersection(Window(10, 0, 5, 5)).empty
    assert Window(5, 2, 3, 4).slices_in(Window(1, 1, 20, 20)) == (slice(4, 7), slice(1, 5))
    assert (a.rows, a.cols, a.stop, a.shifted(1, 2)) == (range(10), range(10), (10, 10), Window(1, 2, 10, 10))


def test_grid_refuses_nonsense():
    for bad in ({"gsd_m": 0.0}, {"gsd_m": math.nan}, {"gsd_m": 1.0, "patch_px": 15}):
        with pytest.raises(UsageError):
            Grid("EPSG:32633", **bad)


def test_gsd_rule():
    plain = GsdRule({"naip": 1.0, "sentinel2": 10.0})
    assert plain.gsd_for("naip", 5.0) == 1.0
    assert plain.gsd_for("rgb", 5.0) == 10.0  # no preset: the nearest in ratio
    assert plain.gsd_for("rgb", 0.1) == 1.0
    ranged = GsdRule({"naip": 1.0}, finest_m=0.5, coarsest_m=4.0, max_upsampling=2.0)
    assert ranged.gsd_for("naip", 5.0) == 2.5
    assert ranged.gsd_for("naip", 2.0) == 1.0
    assert ranged.gsd_for("naip", 0.3) == 1.0
    assert ranged.gsd_for("naip", 30.0) == 4.0
    assert ranged.gsd_for("naip", 4.7412) == 2.4
    with pytest.raises(UsageError):
        GsdRule({}).gsd_for("naip", 1.0)
