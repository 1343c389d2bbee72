"""Each number against a slow loop that was written from its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.evaluate.layouts.types import UNJUDGED
from training.evaluate.metrics import PixelMeter, accuracy, confusion, label_precision, mean, precision_at, share_at

seeds = st.integers(0, 10_000)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_accuracy_and_confusion(seed):
    rng = np.random.default_rng(seed)
    truth, found = rng.integers(0, 4, 30), rng.integers(0, 5, 30)
    share, each = accuracy(torch.from_numpy(found), torch.from_numpy(truth), 5)
    assert share == pytest.approx(sum(t == f for t, f in zip(truth, found)) / 30)
    assert set(each) == set(truth.tolist())
    for c, value in each.items():
        own = [f for t, f in zip(truth, found) if t == c]
        assert value == pytest.approx(sum(f == c for f in own) / len(own))
    counts = confusion(torch.from_numpy(found), torch.from_numpy(truth), 5)
    for t in range(5):
        for f in range(5):
            assert counts[t, f] == sum(1 for a, b in zip(truth, found) if (a, b) == (t, f))


def slow_average_precision(scores, relevant):
    """Σ (recall step × precision) over the ranks."""
    order = np.argsort(-scores)
    found, total = 0, 0.0
    for rank, i in enumerate(order, 1):
        if relevant[i]:
            found += 1
            total += found / rank
    return total / relevant.sum()


@settings(max_examples=25, deadline=None)
@given(seeds, st.sampled_from([(-1.0, 1.0), (0.1, 0.3), (-0.9, -0.2), (2.0, 30.0)]))
def test_label_precision_whatever_the_range_of_scores(seed, span):
    rng = np.random.default_rng(seed)
    scores = rng.permutation(np.linspace(*span, 40)).reshape(20, 2).astype(np.float32)
    truth = rng.random((20, 2)) < 0.3
    truth[:, 1] &= seed % 2 == 0  # at times a class that never occurs
    found = label_precision(torch.from_numpy(scores), torch.from_numpy(truth))
    assert set(found) == {c for c in (0, 1) if truth[:, c].any()}
    for c, value in found.items():
        assert value == pytest.approx(slow_average_precision(scores[:, c], truth[:, c]), abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(seeds, st.sampled_from([1, 3, 10, 50]), st.sampled_from([(-1.0, 1.0), (-0.9, -0.2), (0.2, 0.4)]))
def test_precision_at_k_with_cosines_of_any_sign(seed, k, span):
    rng = np.random.default_rng(seed)
    cosines = rng.permutation(np.linspace(*span, 20)).astype(np.float32)
    relevant = rng.random(20) < 0.4
    precisions, found = [], 0
    for rank, i in enumerate(np.argsort(-cosines)[:k], 1):
        if relevant[i]:
            found += 1
            precisions.append(found / rank)
    expected = sum(precisions) / len(precisions) if precisions else 0.0
    query = torch.from_numpy(cosines), torch.from_numpy(relevant), k
    assert precision_at(*query) == pytest.approx(expected, abs=1e-6)
    assert share_at(*query) == pytest.approx(found / min(k, 20), abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_iou_over_several_images_leaves_out_unjudged_pixels(seed):
    rng = np.random.default_rng(seed)
    meter, images = PixelMeter(4), []
    for _ in range(3):
        truth = rng.choice([0, 1, 2, UNJUDGED], (6, 7)).astype(np.uint8)
        found = rng.integers(0, 4, (6, 7)).astype(np.uint8)
        meter.add(found, truth)
        images.append((truth, found))
    pixels = [(t, f) for truth, found in images for t, f in zip(truth.ravel(), found.ravel()) if t != UNJUDGED]
    scores = meter.scores()
    assert set(scores) == {int(t) for t, _ in pixels}
    for c, value in scores.items():
        both = sum(t == c and f == c for t, f in pixels)
        either = sum(t == c or f == c for t, f in pixels)
        assert value == pytest.approx(both / either)
    assert meter.right_share() == pytest.approx(sum(t == f for t, f in pixels) / len(pixels))
    assert meter.confusion.sum() == len(pixels)


def test_nothing_judged_is_no_number():
    meter = PixelMeter(3)
    meter.add(np.zeros((2, 2), np.uint8), np.full((2, 2), UNJUDGED, np.uint8))
    assert meter.scores() == {} and math.isnan(meter.right_share()) and math.isnan(mean({}))
    assert mean({3: 0.5, 1: 1.0}) == 0.75
