"""Polygons: exact, valid, seamless, measured."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer
from rasterio.features import rasterize
from scipy import ndimage
from shapely.geometry import Polygon

from graft_plugin.engine.grid import Grid, Window
from graft_plugin.engine.polygons import PolygonBuilder, merge_regions
from graft_plugin.engine.regions import Region

GRID = Grid("EPSG:32614", 2.5)
AT = Window(-2083700, 194360, 24, 20)


def region(mask, row=AT.row, col=AT.col, k=0, score=0.5, sam=math.nan, step=1):
    mask = np.asarray(mask, dtype=bool)
    return Region(k, Window(row, col, mask.shape[0] * step, mask.shape[1] * step), mask, score, sam, step)


def drawn(polygons, shape, row=AT.row, col=AT.col):
    transform = GRID.window_transform(Window(row, col, *shape))
    if not polygons:
        return np.zeros(shape, dtype=bool)
    return rasterize([(p.geometry, 1) for p in polygons], shape, transform=transform, dtype="uint8").astype(bool)


def masks(rows, cols):
    return st.integers(0, 2**32 - 1).flatmap(
        lambda seed: st.sampled_from([0.15, 0.5, 0.85]).map(
            lambda share: np.random.default_rng(seed).random((rows, cols)) < share
        )
    )


@settings(max_examples=60, deadline=None)
@given(masks(24, 20))
def test_rasterised_polygons_give_back_exactly_the_mask(mask):
    polygons = merge_regions([region(mask)], GRID)
    assert np.array_equal(drawn(polygons, mask.shape), mask)
    assert all(p.geometry.is_valid and p.geometry.geom_type == "Polygon" for p in polygons)
    assert len(polygons) == ndimage.label(mask)[1]  # connected through edges, not corners
    assert sum(p.area_m2 for p in polygons) == pytest.approx(mask.sum() * 2.5**2, rel=1e-12)
    borders = np.diff(np.pad(mask, 1).astype(int), axis=0), np.diff(np.pad(mask, 1).astype(int), axis=1)
    assert sum(p.perimeter_m for p in polygons) == pytest.approx(2.5 * sum(np.abs(b).sum() for b in borders))


@settings(max_examples=40, deadline=None)
@given(masks(24, 20), st.integers(1, 23), st.integers(1, 19), st.booleans())
def test_pieces_join_into_what_the_whole_gives(mask, row, col, reverse):
    cuts = [(r, c) for r in (slice(0, row), slice(row, 24)) for c in (slice(0, col), slice(col, 20))]
    parts = [region(mask[r, c], AT.row + r.start, AT.col + c.start) for r, c in cuts]
    joined = merge_regions(reversed(parts) if reverse else parts, GRID)
    whole = merge_regions([region(mask)], GRID)
    assert len(joined) == len(whole)
    for one, other in zip(joined, whole, strict=True):
        assert one.geometry.equals(other.geometry)
        assert one.area_m2 == other.area_m2
        assert shapely.get_num_coordinates(one.geometry) == shapely.get_num_coordinates(other.geometry)  # no seam left


def test_overlapping_regions_count_once_and_prompts_stay_apart():
    block = np.ones((4, 6), dtype=bool)
    regions = [region(block), region(block, AT.row + 2, AT.col + 3), region(block, k=1)]
    first, second = merge_regions(regions, GRID)
    assert (first.prompt_index, second.prompt_index) == (0, 1)
    assert first.area_m2 == (24 + 24 - 6) * 6.25 and second.area_m2 == 24 * 6.25


def test_holes_and_islands_in_them():
    mask = np.zeros((12, 12), dtype=bool)
    mask[1:11, 1:11] = True
    mask[3:9, 3:9] = False
    mask[5:7, 5:7] = True
    outer, island = merge_regions([region(mask)], GRID)
    assert len(outer.geometry.interiors) == 1 and outer.area_m2 == (100 - 36) * 6.25
    assert island.area_m2 == 4 * 6.25 and not island.geometry.intersects(outer.geometry)


def test_a_corner_of_the_global_raster_has_its_place_on_the_map():
    (polygon,) = merge_regions([region([[True]], row=-3, col=7)], GRID)
    assert polygon.geometry.bounds == (17.5, 5.0, 20.0, 7.5)
    (cells,) = merge_regions([region([[True, True]], row=-32, col=16, step=16)], GRID)
    assert cells.geometry.bounds == (16 * 2.5, 16 * 2.5, 48 * 2.5, 32 * 2.5)


def test_scores_are_means_over_pixels():
    left = region(np.ones((4, 3)), score=0.9, sam=0.8)
    right = region(np.ones((4, 1)), col=AT.col + 3, score=0.5)
    unknown = region(np.ones((1, 4)), row=AT.row + 4, score=math.nan, sam=0.4)
    (polygon,) = merge_regions([left, right, unknown], GRID)
    assert polygon.score == pytest.approx((12 * 0.9 + 4 * 0.5) / 16)
    assert polygon.sam_score == pytest.approx((12 * 0.8 + 4 * 0.4) / 16)
    (alone,) = merge_regions([right], GRID)
    assert math.isnan(alone.sam_score)
    # two pieces that meet in a corner: each keeps its own score
    a, b = merge_regions([region([[1]], score=0.9), region([[1]], AT.row + 1, AT.col + 1, score=0.1)], GRID)
    assert (a.score, b.score) == (0.9, 0.1)


def test_area_agrees_with_the_ellipsoid_within_the_projections_scale():
    rng = np.random.default_rng(0)
    mask = ndimage.gaussian_filter(rng.random((200, 200)), 8) > 0.5
    to_degrees = Transformer.from_crs(GRID.crs, "EPSG:4326", always_xy=True)
    geod = Geod(ellps="WGS84")
    scale = 0.9996**2
    found = merge_regions([region(mask)], GRID)
    assert found
    for polygon in found:
        on_earth = shapely.transform(polygon.geometry, lambda xy: np.stack(to_degrees.transform(*xy.T), axis=1))
        area, perimeter = geod.geometry_area_perimeter(on_earth)
        perimeter += sum(geod.geometry_length(ring) for ring in on_earth.interiors)
        assert polygon.area_m2 == pytest.approx(abs(area) * scale, rel=3e-4)
        assert polygon.perimeter_m == pytest.approx(perimeter * 0.9996, rel=3e-4)
    assert CRS(GRID.crs).axis_info[0].unit_name == "metre"


def test_simplification_keeps_validity_and_stays_near():
    rng = np.random.default_rng(1)
    mask = ndimage.gaussian_filter(rng.random((150, 150)), 4) > 0.5
    exact = merge_regions([region(mask)], GRID)
    simple = merge_regions([region(mask)], GRID, simplify_m=3.0)
    assert len(simple) == len(exact)
    corners = [sum(int(shapely.get_num_coordinates(p.geometry)) for p in ps) for ps in (simple, exact)]
    assert corners[0] < 0.5 * corners[1]
    for one, other in zip(simple, exact, strict=True):
        assert one.geometry.is_valid
        assert one.geometry.hausdorff_distance(other.geometry) <= 3.0 + 1e-9
        assert one.area_m2 == pytest.approx(one.geometry.area)
    assert merge_regions([region(np.ones((1, 1)))], GRID, simplify_m=100.0)  # nothing vanishes


def test_small_polygons_are_left_out_on_request():
    mask = np.zeros((10, 10))
    mask[:3, :3] = mask[8, 8] = 1
    assert [p.area_m2 for p in merge_regions([region(mask)], GRID, min_area_m2=10.0)] == [9 * 6.25]


def test_order_is_by_prompt_then_reading_order():
    mask = np.zeros((9, 9))
    mask[1, 7] = mask[1, 1] = mask[5, 5] = 1
    builder = PolygonBuilder(GRID)
    builder.add(region(mask, k=1))
    builder.add(region(mask, k=0))
    found = [(p.prompt_index, p.geometry.bounds[0] / 2.5 - AT.col) for p in builder.build()]
    assert found == [(0, 1), (0, 7), (0, 5), (1, 1), (1, 7), (1, 5)]
    assert isinstance(builder.build()[0].geometry, Polygon)


def test_nothing_gives_nothing():
    assert merge_regions([], GRID) == []
    assert merge_regions([region(np.zeros((3, 3)))], GRID) == []
