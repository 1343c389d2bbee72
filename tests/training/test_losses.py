"""GRAFT's losses against an explicit loop, a gradient check, and CLIP's loss."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from graft_plugin.errors import UsageError
from training.losses import graft_loss, pixel_loss


def slow_loss(anchor, photos, tau, ignored=lambda i, j, a, b: False):
    """The paper's formula, term by term; anchor(i, j) is a vector, photos[i][j] a photo of image i."""
    total = 0.0
    for i, own in enumerate(photos):
        for j, photo in enumerate(own):
            vector = anchor(i, j)
            denominator = 0.0
            for a, others in enumerate(photos):
                for b, other in enumerate(others):
                    if not ignored(i, j, a, b):
                        denominator += math.exp(float(vector @ other) / tau)
            total += -math.log(math.exp(float(vector @ photo) / tau) / denominator) / len(own) / len(photos)
    return total


def batch(seed, counts, dim, patches=6):
    rng = torch.Generator().manual_seed(seed)

    def unit(*shape):
        return F.normalize(torch.randn(*shape, dim, generator=rng, dtype=torch.float64), dim=-1)

    owner = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    order = torch.randperm(len(owner), generator=rng)  # photos need not come grouped by image
    owner = owner[order]
    ground = unit(len(owner))
    place = torch.randint(0, patches, (len(owner),), generator=rng)
    return unit(len(counts)), unit(len(counts), patches), ground, owner, place


def photo_lists(ground, owner, images):
    index = [[k for k in range(len(owner)) if int(owner[k]) == i] for i in range(images)]
    return index, [[ground[k] for k in own] for own in index]


shapes = st.tuples(
    st.integers(0, 2**31), st.lists(st.integers(1, 5), min_size=1, max_size=5), st.integers(2, 9), st.floats(0.05, 2.0)
)


@settings(max_examples=40, deadline=None)
@given(shapes)
def test_image_level_equals_the_explicit_sums(case):
    seed, counts, dim, tau = case
    satellite, _, ground, owner, _ = batch(seed, counts, dim)
    _, photos = photo_lists(ground, owner, len(counts))
    expected = slow_loss(lambda i, j: satellite[i], photos, tau)
    assert float(graft_loss(satellite, ground, owner, tau)) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(shapes)
def test_pixel_level_equals_the_explicit_sums(case):
    seed, counts, dim, tau = case
    _, patches, ground, owner, place = batch(seed, counts, dim)
    index, photos = photo_lists(ground, owner, len(counts))
    expected = slow_loss(lambda i, j: patches[i, place[index[i][j]]], photos, tau)
    assert float(pixel_loss(patches, ground, owner, place, tau)) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    grid = patches.reshape(len(counts), 2, 3, dim)  # row * w + col
    assert torch.equal(pixel_loss(grid, ground, owner, place, tau), pixel_loss(patches, ground, owner, place, tau))


def test_with_one_photo_each_it_is_clips_satellite_to_ground_cross_entropy():
    satellite, patches, ground, owner, place = batch(3, [1] * 7, 16)
    expected = F.cross_entropy(satellite @ ground[owner.argsort()].T / 0.07, torch.arange(7))
    torch.testing.assert_close(graft_loss(satellite, ground, owner, 0.07), expected)
    anchors = patches[owner, place]
    expected = F.cross_entropy(anchors @ ground.T / 0.07, torch.arange(7))
    torch.testing.assert_close(pixel_loss(patches, ground, owner, place, 0.07), expected)


def test_an_image_counts_once_however_many_photos_it_has():
    satellite, _, ground, _, _ = batch(5, [1, 1], 8)
    owner = torch.tensor([0, 1] + [1] * 8)
    ground = torch.cat([ground, ground[1:].repeat(8, 1)])
    logits = satellite @ ground.T / 0.5
    terms = torch.logsumexp(logits, 1) - torch.stack([logits[0, 0], logits[1, 1]])
    torch.testing.assert_close(graft_loss(satellite, ground, owner, 0.5), terms.mean())


def test_gradients():
    satellite, patches, ground, owner, place = batch(7, [2, 1, 3], 4)
    for tensor in (satellite, patches, ground):
        tensor.requires_grad_(True)
    assert torch.autograd.gradcheck(lambda s, g: graft_loss(s, g, owner, 0.2), (satellite, ground))
    assert torch.autograd.gradcheck(lambda p, g: pixel_loss(p, g, owner, place, 0.2), (patches, ground))
    mask = torch.rand(len(owner), len(owner), generator=torch.Generator().manual_seed(0)) < 0.3
    grads = torch.autograd.grad(pixel_loss(patches, ground, owner, place, 0.2, ignore=mask), (patches, ground))
    assert all(torch.isfinite(g).all() for g in grads)


def test_ignored_pairs_leave_the_denominator_but_positives_stay():
    satellite, patches, ground, owner, place = batch(11, [2, 3, 1], 6)
    index, photos = photo_lists(ground, owner, 3)
    mask = torch.rand(3, 6, generator=torch.Generator().manual_seed(1)) < 0.5
    expected = slow_loss(
        lambda i, j: satellite[i], photos, 0.3, lambda i, j, a, b: a != i and bool(mask[i, index[a][b]])
    )
    assert float(graft_loss(satellite, ground, owner, 0.3, ignore=mask)) == pytest.approx(expected)
    pairs = torch.rand(6, 6, generator=torch.Generator().manual_seed(2)) < 0.5
    expected = slow_loss(
        lambda i, j: patches[i, place[index[i][j]]],
        photos,
        0.3,
        lambda i, j, a, b: (a, b) != (i, j) and bool(pairs[index[i][j], index[a][b]]),
    )
    assert float(pixel_loss(patches, ground, owner, place, 0.3, ignore=pairs)) == pytest.approx(expected)


def test_small_temperature_and_half_precision_stay_finite():
    satellite, _, ground, owner, _ = batch(13, [2, 2], 8)
    loss = graft_loss(satellite.bfloat16(), ground.bfloat16(), owner, 1e-3)
    assert loss.dtype == torch.float32 and torch.isfinite(loss)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        exact = graft_loss(satellite.float(), ground.float(), owner, 0.1)
    torch.testing.assert_close(exact, graft_loss(satellite.float(), ground.float(), owner, 0.1))


def test_batches_that_make_no_sense_are_refused():
    satellite, patches, ground, owner, place = batch(17, [1, 2], 4)
    with pytest.raises(UsageError, match="no ground photo"):
        graft_loss(satellite, ground, torch.zeros_like(owner), 0.1)
    with pytest.raises(UsageError, match="do not fit"):
        graft_loss(satellite, ground, owner + 1, 0.1)
    with pytest.raises(UsageError, match="patch"):
        pixel_loss(patches, ground, owner, place + 6, 0.1)
    with pytest.raises(UsageError, match="mask"):
        graft_loss(satellite, ground, owner, 0.1, ignore=torch.zeros(3, 2, dtype=torch.bool))
