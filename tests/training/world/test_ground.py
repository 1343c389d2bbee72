"""Ground views: deterministic, true to the map, recognisable by simple measurements, and placed in metres."""

from __future__ import annotations

import numpy as np
import pytest

from graft_plugin.errors import UsageError
from training.world.cameras import Ground, place_cameras
from training.world.classes import CLASSES, LABEL
from training.world.ground import photograph, render_ground, render_views
from training.world.layout import make_layout
from training.world.moods import LIGHTS, LOOKS, SEASONS, draw_moods
from training.world.sprites import atlas


def voronoi(seed, size=160, cells=40):
    rng = np.random.default_rng(seed)
    centres, kinds = rng.uniform(0, size, (cells, 2)), rng.integers(0, len(CLASSES), cells)
    kinds[: len(CLASSES)] = np.arange(len(CLASSES))
    grid = np.stack(np.mgrid[0:size, 0:size], -1)[..., None, :]
    return kinds[((grid - centres) ** 2).sum(-1).argmin(-1)].astype(np.uint8)


def one_class(name, size=120):
    return np.full((size, size), LABEL[name], np.uint8)


def spots(labels, count, seed=0):
    rng = np.random.default_rng(seed)
    place = rng.integers(10, min(labels.shape) - 10, (2, count))
    return place[0], place[1], rng.uniform(0, 2 * np.pi, count)


def test_same_seed_same_photos_whatever_the_map():
    for labels, gsd in ((voronoi(0), 1.0), (voronoi(1), 10.0), (make_layout(np.random.default_rng(2)).labels, 1.0)):
        first, again = (photograph(labels, gsd, *spots(labels, 20), np.random.default_rng(5)) for _ in range(2))
        assert first.images.shape == (20, 3, 64, 64) and first.images.dtype == np.uint8
        np.testing.assert_array_equal(first.images, again.images)
        rows, cols, _ = spots(labels, 20)
        np.testing.assert_array_equal(first.subject, labels[rows, cols])
        other = photograph(labels, gsd, *spots(labels, 20), np.random.default_rng(6))
        assert (first.images != other.images).mean() > 0.5


def test_words_are_those_of_the_moods():
    labels = voronoi(3)
    views = photograph(labels, 1.0, *spots(labels, 40), np.random.default_rng(0))
    assert set(views.light) <= set(LIGHTS) and set(views.season) <= set(SEASONS)
    for label, look in zip(views.subject, views.look):
        assert look in [word for word, _, _ in LOOKS[CLASSES[label].name]]
    assert ((views.neighbour >= -1) & (views.neighbour < len(CLASSES))).all()
    assert (views.neighbour != views.subject).all()


def test_a_neighbour_is_named_only_where_one_is():
    lonely = photograph(one_class("meadow"), 1.0, *spots(one_class("meadow"), 20), np.random.default_rng(0))
    assert (lonely.neighbour == -1).all()
    labels = one_class("meadow")
    labels[:55] = LABEL["forest"]
    north = photograph(labels, 1.0, np.full(20, 70), np.full(20, 60), np.zeros(20), np.random.default_rng(0))
    assert (north.neighbour == LABEL["forest"]).mean() > 0.7


def ground_colour(name, count=24):
    labels = one_class(name)
    views = render_views(labels, 1.0, *spots(labels, count), np.random.default_rng(1))
    return views[:, :, 44:].astype(float).mean((0, 2, 3)), views


def test_colours_are_those_of_the_class():
    red, green, blue = ground_colour("meadow")[0]
    assert green > red and green > blue + 20
    red, _, blue = ground_colour("pool")[0]
    assert blue > red + 60
    red, green, blue = ground_colour("sand")[0]
    assert red > 150 and red > blue + 20
    red, green, blue = ground_colour("road")[0]
    assert max(red, green, blue) - min(red, green, blue) < 25


def test_nearest_class_means_tell_most_classes_apart():
    """Even mean colours on a coarse grid, with no learning to speak of, beat chance by far."""

    def features(seed):
        rng = np.random.default_rng(seed)
        pictures = [
            render_views(one_class(land.name), 1.0, *spots(one_class(land.name), 12, seed), rng) for land in CLASSES
        ]
        return (
            np.stack(pictures).astype(float).reshape(len(CLASSES), 12, 3, 8, 8, 8, 8).mean((4, 6)).reshape(16, 12, -1)
        )

    means, trial = features(0).mean(1), features(1)
    found = ((trial[:, :, None] - means) ** 2).sum(-1).argmin(-1)
    assert (found == np.arange(16)[:, None]).mean() > 0.35


def test_cameras_look_along_lines_and_know_their_middle():
    labels = one_class("meadow", 200)
    labels[97:104] = LABEL["road"]  # 7 m wide, runs east-west, middle at y = 100.5
    spots_at = (np.full(16, 98), np.linspace(60, 140, 16).astype(int), np.linspace(0, 6, 16))
    cameras = place_cameras(Ground(labels, 1.0), *spots_at, np.random.default_rng(0))
    assert cameras.lines.known.all()
    assert (np.abs(cameras.sin) > 0.9).all()
    np.testing.assert_allclose(cameras.lines.half_width, 3.5, atol=0.6)
    _, y = cameras.lines.place(np.arange(16), np.zeros(16), np.zeros(16))
    np.testing.assert_allclose(y, 100.5, atol=0.5)


def test_frames_invert():
    labels = voronoi(4)
    cameras = place_cameras(Ground(labels, 2.0), *spots(labels, 8), np.random.default_rng(0))
    view, rng = np.arange(8), np.random.default_rng(1)
    depth, lateral = rng.uniform(1, 50, 8), rng.uniform(-20, 20, 8)
    np.testing.assert_allclose(
        cameras.from_map(view, *cameras.to_map(view, depth, lateral)), (depth, lateral), atol=1e-3
    )
    np.testing.assert_allclose(cameras.unrow(view, *cameras.rows(view, depth, lateral)), (depth, lateral), atol=1e-3)
    x, y = cameras.lines.place(view, depth / 3, lateral / 10)
    np.testing.assert_allclose(cameras.lines.locate(view, x, y), (depth / 3, lateral / 10), atol=1e-6)


def test_scale_is_metric():
    """A wood that begins 60 m away stands equally high whether cells are 1 m or 5 m."""
    tops = []
    for gsd in (1.0, 5.0):
        labels = one_class("soil", 200)
        edge = 100 - int(60 / gsd)
        labels[:edge] = LABEL["forest"]
        rng = np.random.default_rng(0)
        views = photograph(labels, gsd, np.full(24, 100), np.full(24, 100), np.zeros(24), rng)
        tops.append((views.neighbour == LABEL["forest"]).mean())
    assert min(tops) > 0.7


def test_single_view_and_other_sizes():
    labels = voronoi(5)
    view = render_ground(labels, 1.0, 80, 80, 0.3, np.random.default_rng(0), view_px=32)
    assert view.shape == (3, 32, 32) and view.std() > 5
    nothing = photograph(labels, 1.0, np.zeros(0, int), np.zeros(0, int), np.zeros(0), np.random.default_rng(0))
    assert nothing.images.shape == (0, 3, 64, 64)
    smooth = photograph(labels, 1.0, [80], [80], [0.3], np.random.default_rng(0), smooth=2)
    assert smooth.images.shape == (1, 3, 64, 64)


def test_spots_outside_the_map_are_refused():
    labels = one_class("sand", 20)
    with pytest.raises(UsageError, match="outside"):
        render_views(labels, 1.0, np.array([20]), np.array([0]), np.zeros(1), np.random.default_rng(0))
    with pytest.raises(UsageError, match="pairs"):
        render_views(labels, 1.0, np.array([2, 3]), np.array([0]), np.zeros(1), np.random.default_rng(0))


def test_sprites_stand_on_the_ground_and_differ():
    sheet = atlas()
    assert list(sheet.sizes) == [64, 32, 16, 8, 4]
    count = sheet.offsets[1] // 64**2
    alpha = sheet.texels[: sheet.offsets[1]].view(np.uint8).reshape(count, 64, 64, 4)[..., 3]
    grounded = alpha[:, -8:].max((1, 2)) > 128
    assert grounded.all()
    trees = sheet.pick("broadleaf", 200, np.random.default_rng(0))
    assert len(np.unique(trees)) == sheet.count["broadleaf"]


def test_moods_vary_widely():
    mood = draw_moods(np.random.default_rng(0), 400)
    assert set(mood.light) == set(range(4)) and set(mood.season) == set(range(4))
    water = mood.palette[:, LABEL["lake"]]
    assert (water[:, 2] > water[:, 0] + 0.1).any() and (water[:, 0] > water[:, 2] + 0.1).any()
    assert ((mood.palette >= 0) & (mood.palette <= 1)).all()
