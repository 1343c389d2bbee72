"""The automatic threshold on histograms whose right answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from graft_plugin.engine.threshold import HIGHEST, LOWEST, ScoreHistogram, log_odds, valley_threshold


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def histogram(*samples, kind="probability"):
    hist = ScoreHistogram(1, kind)
    for part in samples:
        hist.add(np.asarray(part, dtype=np.float32)[None])
    return hist


def test_two_modes_are_parted_in_their_valley():
    rng = np.random.default_rng(0)
    hist = histogram(sigmoid(rng.normal(-3.0, 0.8, 60000)), sigmoid(rng.normal(2.4, 0.9, 5000)))
    # where the two densities meet, by a search on the mixture itself
    x = np.linspace(-3, 2.4, 2000)
    density = 60 * np.exp(-((x + 3) ** 2) / 2 / 0.64) / 0.8 + 5 * np.exp(-((x - 2.4) ** 2) / 2 / 0.81) / 0.9
    valley = sigmoid(x[density.argmin()])
    assert LOWEST < valley < HIGHEST
    assert hist.auto_threshold(0) == pytest.approx(valley, abs=0.06)


def test_a_scene_without_the_thing_gives_nothing_and_one_full_of_it_gives_all():
    rng = np.random.default_rng(1)
    without = sigmoid(rng.normal(-4.0, 1.0, 20000))
    full = sigmoid(rng.normal(4.0, 1.0, 20000))
    assert (without >= histogram(without).auto_threshold(0)).mean() < 0.002
    assert (full >= histogram(full).auto_threshold(0)).mean() > 0.998


def test_a_falling_tail_takes_the_upper_bound_and_a_rising_one_the_lower():
    rng = np.random.default_rng(2)
    tail = sigmoid(rng.normal(-1.5, 1.0, 50000))
    assert histogram(tail).auto_threshold(0) == pytest.approx(HIGHEST, abs=0.01)
    assert histogram(sigmoid(rng.normal(1.5, 1.0, 50000))).auto_threshold(0) == pytest.approx(LOWEST, abs=0.01)


def test_an_empty_valley_gives_its_middle():
    hist = histogram(np.full(100, 0.001), np.full(100, 0.999))
    middle = sigmoid((log_odds(LOWEST) + log_odds(HIGHEST)) / 2)
    assert hist.auto_threshold(0) == pytest.approx(float(middle), abs=0.01)


@pytest.mark.parametrize("kind", ["probability", "similarity", "cosine"])
def test_nothing_known_takes_nothing(kind):
    hist = histogram(np.full(4, np.nan), kind=kind)
    assert hist.auto_threshold(0) == (HIGHEST if kind == "probability" else 1.0)
    assert np.isnan(hist.maximum[0])


@pytest.mark.parametrize(("shift", "width"), [(0.2, 0.02), (0.8, 0.1), (-0.5, 0.2)])
def test_cosines_are_split_whatever_their_scale(shift, width):
    rng = np.random.default_rng(3)
    low, high = shift + width * rng.normal(0, 0.1, 9000), shift + width * rng.normal(1, 0.1, 1000)
    threshold = histogram(low, high, kind="cosine").auto_threshold(0)
    assert (low >= threshold).mean() < 0.01 and (high >= threshold).mean() > 0.95
    bottom, top = histogram(low, high, kind="cosine").span(0)
    assert bottom == pytest.approx(np.quantile(np.r_[low, high], 0.01), abs=0.002)
    assert top == pytest.approx(np.quantile(np.r_[low, high], 0.99), abs=0.002)


def test_blocks_add_up_and_invalid_cells_do_not_count():
    rng = np.random.default_rng(4)
    scores = rng.random((2, 40, 30)).astype(np.float32)
    valid = rng.random((40, 30)) > 0.3
    whole = ScoreHistogram(2)
    whole.add(scores, valid)
    parts = ScoreHistogram(2)
    masked = np.where(valid, scores, np.nan)
    parts.add(masked[:, :13])
    parts.add(masked[:, 13:])
    assert np.array_equal(whole.counts, parts.counts)
    assert whole.counts[1].sum() == valid.sum()
    assert np.array_equal(whole.maximum, scores[:, valid].max(axis=1))
    assert whole.span(0) == (0.0, 1.0)


def test_the_rule_is_a_pure_function_of_shape_not_of_number():
    rng = np.random.default_rng(5)
    hist = histogram(sigmoid(rng.normal(-3, 1, 8000)), sigmoid(rng.normal(3, 1, 800)))
    once = valley_threshold(hist.counts[0], hist.centres)
    assert valley_threshold(hist.counts[0] * 1000, hist.centres) == pytest.approx(once, abs=1e-9)


@pytest.mark.parametrize("power", [0.3, 0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("share", [0.002, 0.01, 0.1, 0.5, 0.9])
def test_likenesses_are_parted_wherever_a_model_puts_the_gap(power, share):
    """`power` bends the scale, as another model does: the middle of the gap moves from 0.8 to 0.1."""
    rng = np.random.default_rng(6)
    count = int(20_000 * share)
    other = (0.25 + 0.07 * rng.standard_normal(20_000 - count)).clip(0.01, 1) ** power
    sought = (0.85 + 0.05 * rng.standard_normal(count)).clip(0.01, 1) ** power
    threshold = histogram(other, sought, kind="likeness").auto_threshold(0)
    assert (other >= threshold).sum() + (sought < threshold).sum() <= 0.02 * count


def test_likenesses_with_no_valley_are_split_by_otsus_rule():
    falling = np.random.default_rng(7).beta(1, 4, 20_000)
    likeness, cosine = histogram(falling, kind="likeness"), histogram(falling, kind="cosine")
    assert likeness.auto_threshold(0) == pytest.approx(cosine.auto_threshold(0), abs=1e-3)
    one = histogram(np.full(50, 0.3), kind="likeness").auto_threshold(0)
    assert 0.0 < one < 1.0
