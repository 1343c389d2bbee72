"""Photos' features: the ground encoder's own, each computed once as long as its file stays the same."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from graft_plugin.engine.encoders.photo import load_photo_encoder
from graft_plugin.engine.progress import CancelToken, silent
from graft_plugin.errors import Cancelled
from training import features
from training.local.photo_features import PhotoFeatures

from .conftest import NO_PHOTO


def test_a_photo_is_encoded_once_and_again_when_it_changes(small_area, colour_model, tmp_path, monkeypatch):
    photos = [tmp_path / f"사진 {i}.jpg" for i in range(3)]
    for photo, source in zip(photos, sorted(small_area.photos.glob("*.jpg"))[:3], strict=True):
        photo.write_bytes(source.read_bytes())
    broken, missing = tmp_path / "broken.jpg", tmp_path / "missing.jpg"
    broken.write_bytes(NO_PHOTO)
    files = [str(path) for path in (photos[0], broken, photos[1], missing, photos[2])]
    encoded: list[list[str]] = []

    class Heard(features._PhotoBatches):
        def __call__(self, block):
            encoded.append([name for name, _ in block])
            return super().__call__(block)

    monkeypatch.setattr(features, "_PhotoBatches", Heard)
    kept, told = PhotoFeatures(str(colour_model), folder=tmp_path / "kept"), []
    used, vectors = kept.of(files, lambda *step: told.append(step), CancelToken())
    reference = load_photo_encoder(str(colour_model))
    assert used == [0, 2, 4] and told[-1] == ("photos", 4, 4) and len(encoded[0]) == 4
    for vector, photo in zip(vectors, photos, strict=True):
        assert torch.allclose(vector, reference.encode(photo), atol=2e-3)

    again, same = kept.of(files, silent, CancelToken())
    assert again == used and torch.equal(same, vectors) and len(encoded) == 1, "nothing was encoded again"

    photos[1].write_bytes(photos[0].read_bytes())
    os.utime(photos[1], ns=(1, 1))
    _, changed = kept.of(files, silent, CancelToken())
    assert len(encoded) == 2 and len(encoded[1]) == 1 and Path(encoded[1][0].split("|")[0]) == photos[1]
    assert np.allclose(changed[1], changed[0]) and torch.equal(changed[2], vectors[2])


def test_what_was_encoded_before_a_cancel_is_kept(small_area, colour_model, tmp_path):
    files = [str(path) for path in sorted(small_area.photos.glob("*.jpg"))[:4]]
    token = CancelToken()
    token.cancel()
    kept = PhotoFeatures(str(colour_model), folder=tmp_path)
    with pytest.raises(Cancelled):
        kept.of(files, silent, token)
    assert kept.of(files, silent, CancelToken())[0] == [0, 1, 2, 3]
