"""Mirrored pixels where a tile has none."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from graft_plugin.engine.padding import mirror_fill


def test_a_scene_that_ends_in_the_tile_is_mirrored_like_numpy_does():
    rgb = np.random.default_rng(0).integers(1, 255, (3, 12, 12)).astype(np.uint8)
    valid = np.zeros((12, 12), bool)
    valid[:, :8] = True
    want = np.pad(rgb[:, :, :8], ((0, 0), (0, 0), (0, 4)), mode="reflect")
    np.testing.assert_array_equal(mirror_fill(np.where(valid, rgb, 0).astype(np.uint8), valid), want)


def test_a_corner_is_mirrored_again_and_again_like_numpy_does():
    rgb = np.random.default_rng(1).integers(1, 255, (3, 5, 4)).astype(np.uint8)
    padded = np.pad(rgb, ((0, 0), (0, 13), (0, 9)))
    valid = np.zeros(padded.shape[1:], bool)
    valid[:5, :4] = True
    want = np.pad(rgb, ((0, 0), (0, 13), (0, 9)), mode="reflect")
    got = mirror_fill(padded, valid)
    np.testing.assert_array_equal(got[:, :5], want[:, :5])
    np.testing.assert_array_equal(got[:, :, :4], want[:, :, :4])


def test_a_line_too_thin_to_be_mirrored_is_repeated():
    rgb = np.zeros((3, 4, 4), np.uint8)
    rgb[:, 2] = [1, 2, 3, 4]
    valid = np.zeros((4, 4), bool)
    valid[2] = True
    assert (mirror_fill(rgb, valid)[0] == [1, 2, 3, 4]).all()


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(bool, (9, 7)), st.integers(0, 2**32 - 1))
def test_valid_pixels_stay_and_the_rest_comes_from_them(valid, seed):
    rgb = np.random.default_rng(seed).integers(1, 255, (3, 9, 7)).astype(np.uint8)
    rgb[:, ~valid] = 0
    out = mirror_fill(rgb, valid)
    np.testing.assert_array_equal(out[:, valid], rgb[:, valid])
    if valid.any():
        existing = {tuple(p) for p in rgb[:, valid].T.tolist()}
        assert {tuple(p) for p in out.reshape(3, -1).T.tolist()} <= existing
