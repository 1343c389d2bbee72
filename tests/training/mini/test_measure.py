"""Scores against slow counts."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.mini.measure import confusion, fit_logit_scale, mean_iou, patch_majority, score_tiles
from training.mini.tiles import TileSet


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_mean_iou_against_sets(seed):
    rng = np.random.default_rng(seed)
    truth, found = rng.integers(0, 4, 60), rng.integers(0, 5, 60)
    expected = []
    for label in range(5):
        t, f = set(np.flatnonzero(truth == label)), set(np.flatnonzero(found == label))
        if t:
            expected.append(len(t & f) / len(t | f))
    assert mean_iou(confusion(truth, found, 5)) == pytest.approx(np.mean(expected))


def test_majority_against_a_loop():
    labels = np.random.default_rng(0).integers(0, 3, (2, 12, 12)).astype(np.uint8)
    fast = patch_majority(labels, 4, 16).reshape(2, 3, 3)
    for n, r, c in np.ndindex(2, 3, 3):
        block = labels[n, 4 * r : 4 * r + 4, 4 * c : 4 * c + 4]
        assert fast[n, r, c] == np.bincount(block.ravel()).argmax()


def test_the_fitted_scale_is_the_one_that_made_the_labels():
    generator = torch.Generator().manual_seed(0)
    text = torch.nn.functional.normalize(torch.randn(16, 32, generator=generator), dim=-1)
    patches = torch.nn.functional.normalize(torch.randn(40, 196, 32, generator=generator), dim=-1)
    drawn = torch.distributions.Categorical(logits=9.0 * patches @ text.T)
    torch.manual_seed(1)
    classes = drawn.sample().view(40, 14, 14).numpy().astype(np.uint8)
    labels = classes.repeat(16, 1).repeat(16, 2)
    tiles = TileSet(np.zeros((40, 3, 1, 1), np.uint8), labels, np.ones(40, np.float32), np.zeros((40, 0, 2), np.int16))
    rest = iter(patches.split(32))
    scale = fit_logit_scale(lambda images: (images, next(rest)), text, [tiles])
    assert scale == pytest.approx(9.0, rel=0.08)


def test_a_perfect_encoder_reaches_the_limit():
    labels = np.random.default_rng(1).integers(0, 16, (3, 14, 14)).astype(np.uint8).repeat(16, 1).repeat(16, 2)
    labels[:, :170] = 2
    tiles = TileSet(np.zeros((3, 3, 224, 224), np.uint8), labels, np.ones(3, np.float32), np.zeros((3, 0, 2), np.int16))
    majority = patch_majority(labels, 16, 16)
    patches = torch.eye(16)[torch.from_numpy(majority)]

    scores = score_tiles(lambda images: (torch.eye(16)[[2, 2, 2]], patches), torch.eye(16), tiles)
    assert scores["share"] == pytest.approx(1.0) and scores["vote"] == 1.0
    assert scores["cls_60"] == 1.0 and scores["cls_60_tiles"] == 3
