"""Geotags find their pixel exactly, and stay with it through crops, flips and turns."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from rasterio.io import MemoryFile
from rasterio.transform import rowcol

from training.pairs import as_spots, crop, draw_corner, flip, in_tile, photo_pixel, turn

PLACES = [  # CRS, a place inside it in degrees, GSD in metres
    ("EPSG:32633", 15.1, 52.3, 1.0),
    ("EPSG:32760", 178.9, -41.2, 10.0),
    ("EPSG:5186", 127.02, 37.55, 0.3),
    ("EPSG:2056", 7.45, 46.95, 0.1),
    ("EPSG:32661", 30.0, 86.0, 10.0),
]


@pytest.mark.parametrize(("crs", "lon", "lat", "gsd"), PLACES)
def test_a_geotag_s_pixel_is_that_of_pyproj_and_affine(crs, lon, lat, gsd):
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
    # turned and sheared: any transform has to do
    transform = Affine.translation(x - 150 * gsd, y + 170 * gsd) @ Affine.rotation(13) @ Affine.scale(gsd, -gsd)
    col, row = ~transform @ (x, y)
    assert np.abs(photo_pixel(lon, lat, crs, transform[:6]) - (row, col)).max() < 1e-6
    many = photo_pixel([lon, lon + 1e-4], [lat, lat - 1e-4], crs, transform[:6])
    assert many.shape == (2, 2) and np.abs(many[0] - (row, col)).max() < 1e-6
    assert not np.allclose(many[0], many[1])


@pytest.mark.parametrize(("crs", "lon", "lat", "gsd"), PLACES)
def test_a_planted_pixel_is_found(crs, lon, lat, gsd):
    """The one bright pixel of a GeoTIFF is the one that holds the geotag, as rasterio places it."""
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
    transform = Affine(gsd, 0, np.floor(x / gsd) * gsd - 20 * gsd, 0, -gsd, np.ceil(y / gsd) * gsd + 30 * gsd)
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff", width=64, height=64, count=1, dtype="uint8", crs=crs, transform=transform
        ) as out:
            image = np.zeros((64, 64), np.uint8)
            image[rowcol(transform, x, y)] = 255
            out.write(image, 1)
        with memory.open() as src:
            row, col = np.floor(photo_pixel(lon, lat, str(src.crs), src.transform[:6])).astype(int)
            assert (row, col) == (30, 20) and src.read(1)[row, col] == 255


def test_what_has_no_place_is_in_no_tile():
    spots = photo_pixel([15.0, 200.0], [0.0, 95.0], "EPSG:32633", (1, 0, 5e5, 0, -1, 0))
    assert in_tile(spots, 448).tolist() == [True, False]


SIZE = 24
position = st.floats(0, SIZE, exclude_max=True, width=32)
spot_lists = st.lists(st.tuples(position, position), min_size=1, max_size=6)


def planted(spots):
    """An image that knows, at every pixel, which pixel it is."""
    return np.arange(SIZE * SIZE).reshape(SIZE, SIZE)[None].repeat(3, 0), as_spots(spots)


def at(image, spots):
    rows, cols = np.floor(spots).astype(int).T
    return image[0, rows, cols]


@settings(deadline=None)
@given(spot_lists, st.integers(-5, 9))
def test_flips_and_turns_carry_geotags_along(spots, quarters):
    image, spots = planted(spots)
    for moved_image, moved in (flip(image, spots), turn(image, spots, quarters)):
        assert in_tile(moved, SIZE).all() and moved.dtype == np.float32
        assert (at(moved_image, moved) == at(image, spots)).all()
    there, back = flip(*flip(image, spots))
    assert (there == image).all() and np.abs(back - spots).max() < 1e-5
    there, back = turn(*turn(image, spots, quarters), -quarters)
    assert (there == image).all() and np.abs(back - spots).max() < 1e-5


def test_an_oblong_turns_too():
    image, spots = np.arange(6 * 4).reshape(1, 6, 4), as_spots([(5.25, 0.5)])
    for quarters in range(1, 4):
        moved_image, moved = turn(image, spots, quarters)
        assert at(moved_image, moved) == at(image, spots)
    assert np.allclose(turn(image, spots, 1)[1], [(3.5, 5.25)])


@settings(deadline=None)
@given(spot_lists, st.integers(1, SIZE), st.integers(0, 2**32 - 1))
def test_a_crop_holds_a_geotag_and_the_right_ones(spots, side, seed):
    image, spots = planted(spots)
    corner = draw_corner(np.random.default_rng(seed), spots, SIZE, side)
    cut, moved, kept = crop(image, spots, corner, side)
    assert cut.shape == (3, side, side) and len(kept) >= 1
    assert in_tile(moved, side).all()
    assert (at(cut, moved) == at(image, spots[kept])).all()
    inside = (np.floor(spots) >= corner).all(1) & (np.floor(spots) < np.add(corner, side)).all(1)
    assert kept.tolist() == np.flatnonzero(inside).tolist()


def test_every_corner_that_keeps_the_geotag_is_drawn():
    rng, spots = np.random.default_rng(0), as_spots([(3.5, 9.0)])
    corners = {draw_corner(rng, spots, 10, 4) for _ in range(400)}
    assert corners == {(row, 6) for row in range(4)}


def test_a_crop_outside_the_tile_is_refused():
    image, spots = planted([(1, 1)])
    for corner in ((-1, 0), (0, 1)):
        with pytest.raises(ValueError, match="not inside"):
            crop(image, spots, corner, SIZE)


def test_rounding_to_float32_leaves_a_geotag_in_its_pixel():
    spots = as_spots([(447.99999999, 5.0 - 1e-12), (0.0, 3.0)])
    assert np.floor(spots).tolist() == [[447, 4], [0, 3]]
