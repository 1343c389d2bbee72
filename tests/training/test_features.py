"""Ground features: those of the engine's photo encoder, computed once, whatever a kill leaves."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from graft_plugin.engine.encoders.photo import load_photo_encoder
from graft_plugin.errors import UsageError
from training.dataset import PairFolder
from training.features import GroundFeatures, store_features


def photos_of(folder):
    return {name: data for t in PairFolder(folder) for name, data in zip(t.photo_ids, t.photos, strict=True)}


def test_they_are_the_photo_encoders(small_clip, small_pairs, tmp_path):
    target = store_features(PairFolder(small_pairs), str(small_clip), tmp_path)
    features = GroundFeatures(target)
    photos = photos_of(small_pairs)
    assert len(features) == len(photos) == 27
    encoder = load_photo_encoder(small_clip)
    names = sorted(photos)[::5]
    for name, row in zip(names, features[names], strict=True):
        assert row.dtype == np.float16
        assert np.allclose(row, encoder.encode(io.BytesIO(photos[name])), atol=1e-3)
    about = json.loads((target / "about.json").read_text())
    assert about["dim"] == 32 and about["sha256"][:16] in target.name


class Counting:
    """Photos that count how many were looked at."""

    def __init__(self, folder, stop_after=10**9):
        self.tiles, self.asked, self.stop_after = list(PairFolder(folder)), 0, stop_after

    def __iter__(self):
        for tile in self.tiles:
            self.asked += 1
            if self.asked > self.stop_after:
                raise KeyboardInterrupt
            yield tile


def test_an_interrupted_call_goes_on(small_clip, small_pairs, tmp_path, monkeypatch):
    monkeypatch.setattr("training.features._BLOCK", 4)
    whole = GroundFeatures(store_features(PairFolder(small_pairs), str(small_clip), tmp_path / "a"))
    with pytest.raises(KeyboardInterrupt):
        store_features(Counting(small_pairs, 7), str(small_clip), tmp_path / "b")
    (target,) = (tmp_path / "b").iterdir()
    done = (target / "ids.jsonl").read_text().splitlines()
    assert 4 <= len(done) < 27
    with (target / "features.f16").open("ab") as stream:  # a kill between rows and ids, in mid-row
        stream.write(b"\1" * 37)
    with (target / "ids.jsonl").open("a") as stream:
        stream.write('["half-an-i')
    computed = []
    store_features(
        PairFolder(small_pairs), str(small_clip), tmp_path / "b", report=lambda e: computed.append(e["photos"])
    )
    assert len(computed) == int(np.ceil((27 - len(done)) / 4)), "photos were computed again"
    names = sorted(photos_of(small_pairs))
    assert np.array_equal(GroundFeatures(target)[names], whole[names])


def test_what_is_complete_is_not_looked_at_again(small_clip, small_pairs, tmp_path):
    first, again = Counting(small_pairs), Counting(small_pairs)
    store_features(first, str(small_clip), tmp_path, key="k")
    store_features(again, str(small_clip), tmp_path, key="k")
    assert (first.asked, again.asked) == (14, 0)
    store_features(again, str(small_clip), tmp_path, key="other")
    assert again.asked == 14


def test_a_photo_that_cannot_be_read_is_left_out(small_clip, tmp_path):
    stream = io.BytesIO()
    Image.new("RGB", (50, 40), "red").save(stream, "JPEG")
    tiles = [SimpleNamespace(photo_ids=("bad", "good"), photos=(b"no picture", stream.getvalue()))]
    features = GroundFeatures(store_features(tiles, str(small_clip), tmp_path))
    assert "good" in features and "bad" not in features and len(features) == 1
    computed = []
    store_features(tiles, str(small_clip), tmp_path, report=computed.append)
    assert computed == []


def test_no_features_and_no_ground_encoder_are_explained(tmp_path, small_clip):
    with pytest.raises(UsageError, match="no ground features"):
        GroundFeatures(tmp_path)
