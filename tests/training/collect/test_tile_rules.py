"""Each rule of the tiles, alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from graft_plugin.engine.crs import utm_crs
from training.collect.tile_rules import (
    Places,
    Spot,
    asking_order,
    centred_window,
    covered,
    degree_boxes,
    is_clear,
    lacks_data,
    nearest_in_time,
    newest_first,
    photo_order,
    plan_round,
    tile_gsd_m,
    tile_name,
)
from training.pairs import photo_pixel

NOON = datetime(2021, 6, 15, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Shot:
    name: str
    acquired: datetime | None
    cloud_percent: float | None = 0.0


def spot_at(lon, lat, gsd_m=1.0, taken=NOON):
    crs = utm_crs(lon, lat)
    return Spot(lon, lat, taken, crs, gsd_m, centred_window(lon, lat, crs, gsd_m))


@settings(deadline=None, max_examples=50)
@given(st.floats(-179.99, 179.99), st.floats(-83, 83), st.sampled_from([0.3, 1.0, 10.0]))
def test_a_tile_has_448_pixels_at_the_gsd_and_its_photo_in_the_middle_one(lon, lat, gsd_m):
    spot = spot_at(lon, lat, gsd_m)
    assert spot.window.shape == (448, 448)
    assert np.abs(photo_pixel(lon, lat, spot.crs, spot.transform) - 224.5).max() <= 0.5 + 1e-6
    xmin, ymin, xmax, ymax = spot.bounds
    assert xmax - xmin == pytest.approx(448 * gsd_m) and ymax - ymin == pytest.approx(448 * gsd_m)
    assert abs(xmin / gsd_m - round(xmin / gsd_m)) < 1e-6  # whole pixels of the anchored grid


def test_covered_to_the_pixel():
    spot = spot_at(15.0, 45.0)
    back = Transformer.from_crs(spot.crs, "EPSG:4326", always_xy=True)
    xmin, ymin, xmax, ymax = spot.bounds
    inside = [(xmin + 0.01, ymax - 0.01), (xmax - 0.01, ymin + 0.01)]
    outside = [(xmin - 0.01, ymax - 1), (xmax + 0.01, ymin + 1), (xmin + 1, ymax + 0.01), (xmax - 1, ymin - 0.01)]
    lons, lats = back.transform(*np.array(inside + outside).T)
    assert covered(spot, lons, lats).tolist() == [True] * 2 + [False] * 4
    assert Places(lons, lats).inside(spot).tolist() == [0, 1]


def test_places_are_found_across_the_180th_meridian():
    spot = spot_at(179.9999, -17.0)
    lons, lats = np.array([179.9999, -179.9995, -179.5, 0.0]), np.full(4, -17.0)
    assert len(list(degree_boxes(spot))) == 2
    assert Places(lons, lats).inside(spot).tolist() == [0, 1]


def plan(lonlats, seed=0, refuse=()):
    ids = [f"p{k}" for k in range(len(lonlats))]
    lons, lats = np.array(lonlats).T
    waiting = np.ones(len(ids), bool)

    def spot_of(k):
        return None if k in refuse else spot_at(lons[k], lats[k])

    return list(plan_round(asking_order(ids, seed), waiting, Places(lons, lats), spot_of)), waiting


def test_no_tile_where_one_of_the_round_covers_the_photo():
    metres = 1 / 111_320
    rng = np.random.default_rng(0)
    lonlats = np.stack([15 + rng.uniform(0, 2000, 150) * metres, rng.uniform(0, 2000, 150) * metres], 1)
    tiles, waiting = plan(lonlats)
    assert not waiting.any()
    owners = np.concatenate([inside for *_, inside in tiles])
    assert sorted(owners.tolist()) == list(range(150))  # each photo in one tile
    for k, (centre, spot, inside) in enumerate(tiles):
        assert centre in inside
        assert covered(spot, *lonlats[inside].T).all()
        for _, earlier, _ in tiles[:k]:  # none of the tiles before it held its photo
            assert not covered(earlier, *lonlats[[centre]].T)[0]
    assert 15 <= len(tiles) <= 40
    assert [centre for centre, *_ in plan(lonlats, seed=1)[0]] != [centre for centre, *_ in tiles]


def test_a_photo_that_can_have_no_tile_is_taken_by_another_s():
    tiles, waiting = plan([(15.0, 1.0), (15.0003, 1.0), (16.0, 1.0)], refuse={0, 2})
    assert [(centre, inside.tolist()) for centre, _, inside in tiles] == [(1, [0, 1])]
    assert waiting.tolist() == [False, False, True]


def test_a_photo_s_turn_does_not_depend_on_other_photos():
    ids = [f"p{k}" for k in range(40)]
    some = ids[::3]
    full = [ids[k] for k in asking_order(ids, 7)]
    assert [i for i in full if i in some] == [some[k] for k in asking_order(some, 7)]
    assert full != ids and full != [ids[k] for k in asking_order(ids, 8)]


def test_photos_of_a_tile_are_drawn_by_the_seed():
    ids = [f"p{k}" for k in range(60)]
    first = [set(photo_order(ids, f"tile{t}", 0)[:25]) for t in range(200)]
    assert photo_order(ids, "tile0", 0) == photo_order(ids, "tile0", 0) != photo_order(ids, "tile0", 1)
    chosen = np.array([sum(k in drawn for drawn in first) for k in range(60)])
    assert abs(chosen - 200 * 25 / 60).max() < 30  # evenly: 4.3 standard deviations


def test_clear_is_below_one_percent_of_cloud():
    clouds = [0.0, 0.99, 1.0, 37.0, None]
    assert [is_clear(Shot("a", NOON, cloud)) for cloud in clouds] == [True, True, False, False, False]


def test_nearest_in_time_before_or_after():
    days = {"far": -30, "before": -2, "after": 1, "tie": -1}
    shots = [Shot(name, NOON + timedelta(days=d)) for name, d in days.items()] + [Shot("undated", None)]
    assert [shot.name for shot in nearest_in_time(shots, NOON)] == ["after", "tie", "before", "far"]


def test_naip_does_not_look_at_the_photo_s_time():
    shots = [
        Shot("b2016", NOON - timedelta(days=1800)),
        Shot("c2020", NOON),
        Shot("a2020", NOON),
        Shot("undated", None),
    ]
    assert [shot.name for shot in newest_first(shots)] == ["a2020", "c2020", "b2016", "undated"]


def test_tiles_that_lack_data():
    valid = np.ones((448, 448), bool)
    valid[:22] = False  # 4.9 %
    assert not lacks_data(valid)
    valid[22] = False
    assert lacks_data(valid) and not lacks_data(valid, 0.1) and lacks_data(np.zeros((4, 4), bool), 0.9)


@pytest.mark.parametrize(
    ("sensor", "native", "gsd"),
    [("naip", 0.6, 1.0), ("naip", 1.4, 1.0), ("naip", 5.0, 5.0), ("sentinel2", 10.0, 10.0), ("rgb", 0.0512349, 0.0512)],
)
def test_the_gsd_is_the_sensor_s(sensor, native, gsd):
    assert tile_gsd_m(sensor, native) == gsd


def test_names_tell_tiles_apart():
    spots = [spot_at(15.0, 45.0), spot_at(15.0001, 45.0), spot_at(15.0, 45.0, 0.3), spot_at(15.0, -45.0)]
    names = [tile_name(spot, False) for spot in spots]
    assert len(set(names)) == 4 and not any("." in name for name in names)
    later = spot_at(15.0, 45.0, taken=NOON + timedelta(days=1))
    assert tile_name(later, False) == names[0] and tile_name(later, True) != tile_name(spots[0], True)
