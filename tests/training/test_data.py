"""Crops that keep their geotags, and batches that depend on seed and step alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graft_plugin.errors import UsageError
from training.batches import Crops, Tiles, collate, cut
from training.config import TrainConfig
from training.data import PairData, StepBatches, StepLoader
from training.dataset import PairFolder
from training.features import GroundFeatures, store_features
from training.shards import Tile, TileFolder

from .pair_folder import write_tiles


def coordinates(size):
    """A tile whose red is the row and whose green is the column."""
    rows, cols = np.mgrid[:size, :size]
    return np.stack([rows, cols, np.zeros_like(rows)]).astype(np.uint8)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.tuples(st.floats(0, 239.99), st.floats(0, 239.99)), min_size=1, max_size=6))
def test_a_geotag_stays_on_its_pixel_through_crops_flips_and_turns(seed, places):
    spots = np.array(places, np.float32)
    tile = Tile("t", coordinates(240), spots, ())
    crop, moved, kept = cut(tile, spots, Crops(128, 16), np.random.default_rng(seed))
    assert crop.shape == (3, 128, 128) and len(kept) >= 1
    for (row, col), k in zip(moved, kept, strict=True):
        there = crop[:2, int(row), int(col)]
        assert (there == np.floor(spots[k])).all()


def test_all_flips_and_turns_and_corners_come_up():
    tile = Tile("t", coordinates(140), np.array([[70.5, 70.5]], np.float32), ())
    corners = set()
    for seed in range(200):
        crop, _, _ = cut(tile, tile.spots, Crops(128, 16), np.random.default_rng(seed))
        down, right = (crop[:2, -1, 0].astype(int) - crop[:2, 0, 0]), (crop[:2, 0, -1].astype(int) - crop[:2, 0, 0])
        corners.add((tuple(np.sign(down)), tuple(np.sign(right))))
    assert len(corners) == 8, "eight ways to lay a square"
    plain = Crops(128, 16, augment=False)
    tops = {int(cut(tile, tile.spots, plain, np.random.default_rng(s))[0][0, 0, 0]) for s in range(200)}
    assert tops == set(range(13))


def test_a_tile_smaller_than_a_crop_is_refused():
    with pytest.raises(UsageError, match="has 112 pixels a side, the model needs 128"):
        cut(Tile("t", coordinates(112), np.zeros((1, 2), np.float32), ()), np.ones((1, 2)), Crops(128, 16), None)


@pytest.fixture(scope="module")
def stored(small_clip, small_pairs, tmp_path_factory):
    target = store_features(PairFolder(small_pairs), str(small_clip), tmp_path_factory.mktemp("features"))
    return Tiles(TileFolder(small_pairs), GroundFeatures(target), Crops(64, 16, seed=3, jitter=True))


def batches(tiles, workers=0, **place):
    rows = np.arange(len(tiles.folder))
    sampler = StepBatches(rows, tiles.folder.shard, batch=4, steps=9, seed=5, **place)
    return list(StepLoader(tiles, batch_sampler=sampler, num_workers=workers, collate_fn=collate))


def same(a, b):
    return all(np.array_equal(getattr(a, n), getattr(b, n)) for n in ("images", "ground", "owner", "patch_index"))


def test_batches_depend_on_seed_and_step_alone(stored):
    whole = batches(stored)
    assert len(whole) == 9 and all(len(batch) == 4 for batch in whole)
    assert all(same(a, b) for a, b in zip(whole, batches(stored, workers=2), strict=True))
    assert all(same(a, b) for a, b in zip(whole[5:], batches(stored, start=5), strict=True))
    assert not same(whole[0], whole[3]), "another epoch looks the same"


def test_processes_share_a_batch(stored):
    whole = batches(stored)
    shares = [batches(stored, rank=rank, world=3) for rank in range(3)]
    for step, batch in enumerate(whole):
        parts = [shares[rank][step] for rank in range(3)]
        assert [len(part) for part in parts] == [2, 1, 1]
        assert np.array_equal(np.concatenate([p.images for p in parts]), batch.images)
        assert np.array_equal(np.concatenate([p.ground for p in parts]), batch.ground)


def test_an_epoch_sees_every_tile_once(stored):
    sampler = StepBatches(np.arange(14), stored.folder.shard, batch=4, steps=9, seed=5)
    assert sampler.steps_an_epoch == 3
    assert sorted(sampler.order(2)) == list(range(14)) and list(sampler.order(2)) != list(sampler.order(1))


def test_chunks_join_to_the_batch(stored):
    batch = batches(stored)[0]
    parts = batch.chunks(3)
    assert [len(part) for part in parts] == [3, 1]
    assert np.array_equal(np.concatenate([p.patch_index for p in parts]), batch.patch_index)
    assert np.array_equal(np.concatenate([parts[0].owner, parts[1].owner + 3]), batch.owner)


def test_the_ground_vector_beside_a_patch_is_that_of_the_photo_taken_there(stored):
    tiles = Tiles(stored.folder, stored.features, Crops(64, 16, seed=3))
    seen = 0
    for row in range(14):
        tile = tiles.folder.read(row)
        vectors = tiles.features[list(tile.photo_ids)]
        for epoch in range(3):
            item = tiles[epoch, row]
            for ground, patch in zip(item.ground, item.patch_index, strict=True):
                photo = int(np.flatnonzero((vectors == ground).all(1))[0])
                r, c = tile.spots[photo].astype(int)
                top, left = (int(v) * 16 for v in divmod(int(patch), 4))
                block = item.image[:, top : top + 16, left : left + 16].reshape(3, -1).T
                assert (block == tile.image[:, r, c]).all(1).any(), "the patch does not hold the photo's pixel"
                seen += 1
    assert seen > 45


def test_tiles_without_usable_photos_leave_the_batch(stored):
    lacking = Tiles(stored.folder, _Without(stored.features, {"p3-0"}), stored.crops)  # tile t0003 has one photo
    row = stored.folder.ids.index("t0003")
    assert len(lacking[0, row].patch_index) == 0
    batch = collate([lacking[0, row], lacking[0, (row + 1) % 14]])
    assert len(batch) == 1 and set(batch.owner.tolist()) == {0}
    empty = collate([lacking[0, row]])
    assert (len(empty), empty.ground.shape, len(empty.chunks(2))) == (0, (0, 32), 1)


class _Without(GroundFeatures):
    def __init__(self, others, lacking):
        self.__dict__.update(others.__dict__)
        self._row = {name: row for name, row in others._row.items() if name not in lacking}


def test_held_out_tiles_are_no_training_tiles_and_their_crops_stay(small_clip, tmp_path):
    pairs = write_tiles(tmp_path / "pairs", 20, size=112)
    config = TrainConfig(pairs, tmp_path / "run", steps=2, batch=4, validation_share=0.2, device="cpu")
    data = PairData(config, str(small_clip), 64, 16)
    data.prepare_data()
    data.setup()
    assert len(data.held) == 4 and not set(data.held) & set(data.rows) and len(data.rows) == 16
    first, again = list(data.validation_batches(3)), list(data.validation_batches(3))
    assert all(same(a, b) for a, b in zip(first, again, strict=True)) and sum(map(len, first)) == 4
    assert PairData(config, str(small_clip), 64, 16).batches is not None


def test_a_folder_without_tiles_and_a_damaged_shard_are_explained(tmp_path):
    with pytest.raises(UsageError, match="not a whole folder of pairs"):
        TileFolder(tmp_path)
    write_tiles(tmp_path, 0)
    with pytest.raises(UsageError, match="no tiles here"):
        TileFolder(tmp_path)
    write_tiles(tmp_path, 2, size=64)
    (tmp_path / "shards" / "tiles-000000.tar").write_bytes(b"x" * 2000)
    with pytest.raises(UsageError, match=r"tiles-000000\.tar: the shard is damaged"):
        TileFolder(tmp_path)
