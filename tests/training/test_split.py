"""Held-out tiles lie together and touch no training tile."""

from __future__ import annotations

import numpy as np
import pytest

from training.split import hold_out


def grid(side, step=0.01, size=0.005):
    west, south = (v.ravel() * step for v in np.meshgrid(np.arange(side), np.arange(side)))
    return np.stack([west, south, west + size, south + size], 1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", [0.05, 0.2])
def test_the_share_is_kept_and_nothing_overlaps(seed, share):
    boxes = grid(20, size=0.012)  # neighbours overlap
    train, held = hold_out(boxes, share, seed)
    assert abs(len(held) - share * 400) <= share * 400 / 3 + 2
    a, b = boxes[train][:, None], boxes[held][None]
    overlap = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    assert not (overlap > 1e-9).all(-1).any()
    assert 0 < len(train) < 400 - len(held), "no neighbour was left out"


def test_held_out_tiles_lie_together():
    boxes = grid(20)
    _, held = hold_out(boxes, 0.1, 0)
    centres = boxes[held, :2]
    near = np.linalg.norm(centres[:, None] - centres[None], axis=-1)
    np.fill_diagonal(near, 9)
    assert (near.min(1) < 0.0101).all()
    assert len(np.unique(near.round(4))) > 3


def test_seeds_differ_and_repeat():
    boxes = grid(12)
    assert np.array_equal(hold_out(boxes, 0.1, 1)[1], hold_out(boxes, 0.1, 1)[1])
    assert len({tuple(hold_out(boxes, 0.1, seed)[1]) for seed in range(6)}) > 1


def test_few_tiles_are_all_for_training():
    train, held = hold_out(grid(2), 0.5, 0)
    assert len(train) == 4 and len(held) == 0
    assert len(hold_out(grid(5), 0.0, 0)[1]) == 0


def test_all_tiles_in_one_place():
    train, held = hold_out(np.tile(grid(1), (30, 1)), 0.1, 0)
    assert len(train) == 0 and len(held) >= 2, "tiles that show the same place cannot be split"
