"""Photos and polygons as lessons: a planted pixel stays with its photo, a patch gets the share that covers it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from graft_plugin.engine.encoders.load import load_text_encoder
from graft_plugin.engine.grid import Window
from graft_plugin.engine.progress import CancelToken, silent
from graft_plugin.errors import UsageError
from training.local.area import open_area
from training.local.from_photos import PhotoTeaching, Words, plan_photos
from training.local.from_polygons import PolygonTeaching, read_polygons, split_polygons
from training.local.geotags import read_photos
from training.local.order import LocalOrder
from training.local.photo_features import PhotoFeatures
from training.local.teaching import halves
from training.pairs import as_spots, crop, flip_and_turn

from .conftest import CELL, LEFT, NO_PHOTO, SEEN, TOP, WORDS


def test_a_pixel_stays_with_its_spot_through_crop_flip_and_turn():
    rng = np.random.default_rng(0)
    for _ in range(50):
        picture = np.zeros((3, 40, 40), np.uint8)
        row, col = rng.integers(10, 30, 2)
        picture[:, row, col] = 255
        top, left = int(rng.integers(row - 15, row - 5)), int(rng.integers(col - 15, col - 5))
        top, left = max(0, min(top, 24)), max(0, min(left, 24))
        square, spots, _ = crop(picture, as_spots([(row + 0.5, col + 0.5)]), (top, left), 16)
        square, spots = flip_and_turn(rng, square, spots)
        if not (top <= row < top + 16 and left <= col < left + 16):
            continue
        r, c = spots.astype(int).T
        assert square[0, r[0], c[0]] == 255 and square[0].sum() == 255


def test_photos_lie_where_they_were_taken_and_learn_with_their_own_patch(small_area, colour_model, tmp_path):
    order = LocalOrder(str(small_area.raster), photos=str(small_area.photos), parent=str(colour_model))
    (tmp_path / "broken.jpg").write_bytes(NO_PHOTO)
    with open_area(order) as area:
        plan = plan_photos(area, read_photos(order.photos), 0)
        for one in plan.placed:
            row, col = map(int, one.photo.file[:-4].split("-")[-2:])
            assert (one.row, one.col) == (row - TOP, col + LEFT), "exact, through degrees and back"
        assert {one.part for one in plan.placed} == {"train", "held", "buffer"}
        photographs = PhotoFeatures(str(colour_model), folder=tmp_path / "features")
        texts = load_text_encoder(str(colour_model))
        words = Words(texts.encode(list(WORDS)), texts.logit_scale)
        teaching = PhotoTeaching(area, plan, photographs, words, 0, silent, CancelToken())
        counts = teaching.counts
        assert counts["held"] == len(plan.of("held")) and 0 < counts["train"] <= len(plan.of("train"))
        assert all(plan.split.may_teach(window) for window in teaching.windows)
        rng = np.random.default_rng(1)
        for side in (112, 224):
            lesson = teaching.lesson(rng, 8, side)
            ground, owner, index = lesson.target
            for feature, image, at in zip(ground, owner, index, strict=True):
                row, col = divmod(int(at), side // 16)
                patch = lesson.images[image, :, row * 16 : row * 16 + 16, col * 16 : col * 16 + 16].float()
                colours = {tuple(np.argsort(colour)): word for word, colour in SEEN.items()}
                if patch.std((1, 2)).max() < 10:  # a patch of one cell
                    word = colours[tuple(np.argsort(patch.mean((1, 2)).numpy()))]
                    texts = load_text_encoder(str(colour_model)).encode(list(WORDS))
                    own = texts - texts.mean(0)
                    assert WORDS[int((own @ feature).argmax())] == word
        perfect = {one.photo.file: feature for one, feature in zip(_used(plan), teaching._features, strict=True)}
        judged = teaching.judge(lambda images: _ideal(images, plan, area, perfect), final=True)
        assert judged["ranking"] > 0.9 and judged["named"] > 0.9


def _used(plan):
    return [one for one in plan.placed if one.part != "buffer"]


def _ideal(images, plan, area, features):
    """Patches that hold the very feature of the photo taken there."""
    out = torch.zeros(len(images), 14, 14, next(iter(features.values())).shape[0])
    for tile in plan.split.held_tiles():
        own = [one for one in plan.of("held") if one.row in tile.rows and one.col in tile.cols]
        pixels = area.read(tile)[0]
        for k, image in enumerate(images):
            if np.array_equal(image.numpy(), pixels):
                for one in own:
                    out[k, (one.row - tile.row) // 16, (one.col - tile.col) // 16] = features[one.photo.file]
    return out


def test_photos_come_from_points_too_and_what_is_dropped_is_counted(small_area, tmp_path):
    from_folder = {p.file.rsplit("/", 1)[-1]: (p.lon, p.lat) for p in read_photos(str(small_area.photos)).found}
    from_points = {p.file.rsplit("/", 1)[-1]: (p.lon, p.lat) for p in read_photos(str(small_area.points)).found}
    assert from_folder.keys() == from_points.keys() and len(from_folder) == 90
    for name, place in from_folder.items():
        assert place == pytest.approx(from_points[name], abs=1e-7)
    (tmp_path / "broken.jpg").write_bytes(NO_PHOTO)
    (tmp_path / "notes.txt").write_text("no picture")
    from PIL import Image

    Image.new("RGB", (8, 8)).save(tmp_path / "nowhere.png")
    with pytest.raises(UsageError, match="no photo with a place"):
        read_photos(str(tmp_path))
    with pytest.raises(UsageError, match="no such folder"):
        read_photos(str(tmp_path / "missing"))
    with pytest.raises(UsageError, match="no field"):
        read_photos(str(small_area.polygons))


def test_patches_get_the_share_that_covers_them(small_area, colour_model):
    order = LocalOrder(str(small_area.raster), polygons=str(small_area.polygons), parent=str(colour_model))
    with open_area(order) as area:
        polygons = read_polygons(order.polygons, area)
        assert polygons.prompts == ("forest", "lake")
        split = split_polygons(area, polygons, 0)
        teaching = PolygonTeaching(area, polygons, split, load_text_encoder(str(colour_model)), 0)
        window = Window(-TOP, LEFT, 224, 224)
        shares = teaching._shares(polygons.labels(area, window)[None])[0]
        pixels = small_area.kinds.repeat(CELL, 0).repeat(CELL, 1)[:224, :224].reshape(14, 16, 14, 16)
        for kind, word in ((1, "forest"), (2, "lake")):
            own = polygons.prompts.index(word) + 1
            assert shares[..., own] == pytest.approx((pixels == kind).mean((1, 3)))
        assert shares.sum(-1) == pytest.approx(np.ones((14, 14)))
        texts = load_text_encoder(str(colour_model)).encode(["soil", "forest", "lake"])
        own = torch.nn.functional.normalize(texts - texts.mean(0), dim=-1)

        def oracle(images):
            return own[torch.from_numpy(_kinds(images))]

        def blind(images):
            return own[torch.zeros(len(images), 14, 14, dtype=torch.long)]

        for final in (False, True):
            good, bad = teaching.judge(oracle, final), teaching.judge(blind, final)
            assert good["iou"] > 0.8 and good["auc"] > 0.9 and bad["iou"] < 0.05
        lesson = teaching.lesson(np.random.default_rng(0), 4, 224)
        assert teaching.loss(oracle(lesson.images), lesson.target) < teaching.loss(blind(lesson.images), lesson.target)


def _kinds(images):
    """The word that fills most of each patch, by its colour from above."""
    means = images.float().unflatten(-1, (14, 16)).unflatten(-3, (14, 16)).mean((3, 5)).permute(0, 2, 3, 1).numpy()
    colours = np.array([SEEN[word] for word in WORDS], float)
    return ((means[..., None, :] - colours) ** 2).sum(-1).argmin(-1)


def test_the_raster_is_read_as_a_query_would():
    order = LocalOrder("a.tif", photos="p", stretch=(0.0, 3000.0), bands=(3, 2, 1))
    assert order.reading["stretch"] == ((0.0, 3000.0),) * 3 and order.reading["bands"] == (3, 2, 1)
    for wrong in ({"photos": None}, {"minutes": 0.0}, {"minutes": float("nan")}, {"stretch": (1.0,)}, {"steps": 0}):
        with pytest.raises(UsageError):
            LocalOrder("a.tif", **{"photos": "p", **wrong})


def test_halves_are_contiguous_and_the_area_under_the_curve_is_known():
    tiles = [Window(r, c, 4, 4) for r in (0, 4, 8) for c in (0, 4)]
    first, second = halves(tiles, lambda half: True)
    assert len(first) == len(second) == 3 and max(w.row for w in first) <= min(w.row for w in second)
    only = {tiles[0], tiles[4]}  # both in the west, north and south
    first, second = halves(tiles, lambda half: bool(only & set(half)))
    assert len(first + second) == 6 and set(first + second) == set(tiles) and only & set(first) and only & set(second)
    assert halves(tiles, lambda half: tiles[0] in half) == (tiles, tiles), "what lies in one tile alone is in both"
