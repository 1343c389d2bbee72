"""What two dates have in common is found on what did not change; the sample depends on the overlap only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from graft_plugin.engine import change
from graft_plugin.engine.change import Look, Pairs, auto_thresholds, find_look, sample_windows
from graft_plugin.engine.grid import Grid, Window
from graft_plugin.engine.search import Query, Scorer

DIM = 24


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def place(seed, changed, count=3000):
    """Patches of two dates: the second moved by one vector, with some noise, and a share of them something else."""
    rng = np.random.default_rng(seed)
    before = unit(rng.normal(size=(count, DIM)))
    move = 0.5 * unit(rng.normal(size=DIM))
    after = before - move + 0.02 * rng.normal(size=before.shape)
    other = rng.random(count) < changed
    after[other] = rng.normal(size=(other.sum(), DIM)) + 0.4
    return before, after.astype(np.float32), move


@pytest.mark.parametrize("changed", [0.0, 0.2, 0.4])
def test_the_move_is_found_though_much_of_the_land_changed(changed):
    before, after, move = place(1, changed)
    look = find_look(Pairs(before, after, 2 * before, 2 * after))
    assert np.abs(look.patches - move).max() < 0.06
    assert np.abs(look.image - 2 * move).max() < 0.12
    naive = (before - after).mean(axis=0)
    assert changed == 0.0 or np.abs(look.patches - move).max() < 0.5 * np.abs(naive - move).max()


def test_without_a_patch_in_common_nothing_is_taken_off():
    none = np.zeros((0, DIM), np.float32)
    assert find_look(Pairs(none, none, none, none)).length == 0.0


def test_a_look_is_taken_off_before_the_vectors_are_made_unit_again():
    before, after, move = place(2, 0.0, 12)
    patches, image = Look(move.astype(np.float32), np.zeros(DIM, np.float32)).taken_off(after, after)
    assert np.abs(patches - before).max() < 0.1
    assert np.allclose(np.linalg.norm(image, axis=-1), 1.0, atol=1e-6)
    untouched, _image = Look.none(DIM).taken_off(after, after)
    assert untouched is after


class Texts:
    """Two texts, along the first two axes; the second is the only concept to compete with."""

    logit_scale = 20.0

    def __init__(self, contrast=("rest",)):
        self.contrast = contrast

    def encode(self, texts):
        return torch.eye(DIM)[[1 if text == "rest" else 0 for text in texts]]


def both(before, after):
    return Pairs(before, after, before, after)


def mixed(share):
    """Vectors between the two texts: 1 is all of the first."""
    share = np.asarray(share, dtype=np.float64)[:, None]
    axes = np.eye(DIM)
    return unit(share * axes[0] + (1 - share) * axes[1])


def test_the_threshold_lies_between_scatter_and_change():
    rng = np.random.default_rng(3)
    before = rng.normal(0.3, 0.03, 2000)
    after = before + rng.normal(0, 0.05, 2000)
    after[:300] = 0.9
    scorer = Scorer(Texts(), Query(("a",)))
    assert scorer.kind == "probability"
    (threshold,) = auto_thresholds(scorer, both(mixed(before), mixed(after)), Look.none(DIM))
    difference = np.abs(scorer.score(mixed(after))[0] - scorer.score(mixed(before))[0])
    assert 0.25 <= threshold <= 0.6001
    assert (difference[:300] > threshold).all() and (difference[300:] < threshold).mean() > 0.98


def test_without_competitors_the_threshold_follows_the_scatter_whatever_its_scale():
    rng = np.random.default_rng(4)
    before, noise = rng.normal(0.5, 0.1, 2000), rng.normal(0, 1, 2000)
    scorer = Scorer(Texts(contrast=()), Query(("a",)))
    assert scorer.kind == "similarity"
    found = [
        auto_thresholds(scorer, both(mixed(before), mixed(before + width * noise)), Look.none(DIM))[0]
        for width in (0.005, 0.02)
    ]
    assert found[1] == pytest.approx(4 * found[0], rel=0.15)
    change_ = np.abs(scorer.score(mixed(before + 0.02 * noise))[0] - scorer.score(mixed(before))[0])
    assert (change_ > found[1]).mean() < 0.005


def test_the_sample_is_bounded_spread_and_nothing_but_the_overlap_decides_it():
    grid = Grid("EPSG:26914", 1.0)
    small = Window(100, 50, 1500, 900)
    assert sample_windows(small, grid) == [small]
    overlap = Window(-50_000, 10_000, 30_000, 70_000)
    windows = sample_windows(overlap, grid)
    assert 40 <= len(windows) <= change.SAMPLE_TILES and windows == sample_windows(replace(overlap), grid)
    assert all(w.intersection(overlap) == w and not w.empty for w in windows)
    rows = np.array([w.row - overlap.row for w in windows]) / overlap.height
    cols = np.array([w.col - overlap.col for w in windows]) / overlap.width
    quarters = {(int(r * 2), int(c * 4)) for r, c in zip(rows, cols, strict=True)}
    assert len(quarters) == 8
    assert len(sample_windows(Window(0, 0, 224, 224 * 1000), grid)) == change.SAMPLE_TILES
