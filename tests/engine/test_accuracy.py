"""The estimators: the worked example of the paper, its equations read term by term, and what a simulation covers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graft_plugin.engine.accuracy import Z95, estimate

PAPER = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]])
PAPER_WEIGHTS = np.array([0.020, 0.015, 0.320, 0.645])
PAPER_HA = 900_000.0
"""Olofsson et al. 2014, section 5: deforestation, forest gain, stable forest, stable non-forest; 10,000,000 pixels."""


def test_the_papers_worked_example():
    found = estimate(PAPER, PAPER_WEIGHTS)
    areas = found.areas * PAPER_HA
    assert np.round(areas[:, 0]).tolist() == [21158, 11686, 285770, 581386]
    assert np.round(1.96 * areas[:, 1]).tolist() == [6158, 3756, 15510, 16282]
    assert round(found.overall[0], 2) == 0.95 and round(Z95 * found.overall[1], 2) == 0.02
    assert np.round(found.users[:, 0], 2).tolist() == [0.88, 0.73, 0.93, 0.96]
    assert np.round(Z95 * found.users[:, 1], 2).tolist() == [0.07, 0.10, 0.04, 0.02]
    assert np.round(found.producers[:, 0], 2).tolist() == [0.75, 0.85, 0.93, 0.96]
    assert round(Z95 * found.producers[0, 1], 2) == 0.21


def slow(counts, weights):
    """Equations 2, 3, 5, 6, 7, 9 and 10 of the paper, term by term, with areas N in place of shares."""
    q, total = len(weights), 1000.0
    area = [weight * total for weight in weights]
    n = [sum(row) for row in counts]
    p = [[weights[i] * counts[i][j] / n[i] for j in range(q)] for i in range(q)]
    users = [p[i][i] / sum(p[i]) for i in range(q)]
    overall = sum(p[i][i] for i in range(q))
    v_overall = sum(weights[i] ** 2 * users[i] * (1 - users[i]) / (n[i] - 1) for i in range(q))
    producers, v_producers, shares, v_shares = [], [], [], []
    for j in range(q):
        column = sum(area[i] / n[i] * counts[i][j] for i in range(q))
        producer = p[j][j] / sum(p[i][j] for i in range(q))
        own = area[j] ** 2 * (1 - producer) ** 2 * users[j] * (1 - users[j]) / (n[j] - 1)
        others = sum(
            area[i] ** 2 * (counts[i][j] / n[i]) * (1 - counts[i][j] / n[i]) / (n[i] - 1) for i in range(q) if i != j
        )
        producers.append(producer)
        v_producers.append((own + producer**2 * others) / column**2)
        shares.append(sum(p[i][j] for i in range(q)))
        v_shares.append(sum((weights[i] * p[i][j] - p[i][j] ** 2) / (n[i] - 1) for i in range(q)))
    v_users = [users[i] * (1 - users[i]) / (n[i] - 1) for i in range(q)]
    return overall, v_overall, users, v_users, producers, v_producers, shares, v_shares


@pytest.mark.parametrize("seed", range(5))
def test_it_agrees_with_the_equations_read_term_by_term(seed):
    rng = np.random.default_rng(seed)
    q = int(rng.integers(2, 7))
    counts = rng.integers(1, 40, (q, q)) + np.diag(rng.integers(20, 90, q))
    weights = rng.dirichlet(np.ones(q))
    overall, v_overall, *rest = slow(counts.tolist(), weights.tolist())
    found = estimate(counts, weights)
    assert found.overall == pytest.approx((overall, math.sqrt(v_overall)), rel=1e-12)
    for got, (values, variances) in zip(
        (found.users, found.producers, found.areas), zip(rest[::2], rest[1::2], strict=True), strict=True
    ):
        assert got[:, 0] == pytest.approx(np.array(values), rel=1e-12)
        assert got[:, 1] == pytest.approx(np.sqrt(variances), rel=1e-9)
    assert found.proportions.sum() == pytest.approx(1.0) and found.areas[:, 0].sum() == pytest.approx(1.0)


def test_95_of_100_intervals_hold_the_truth():
    """A known landscape, a map with known errors, 4000 samples of it: the share of intervals that hold the truth."""
    truth_given_map = np.array([[0.80, 0.15, 0.05], [0.10, 0.85, 0.05], [0.03, 0.05, 0.92]])
    weights, points = np.array([0.1, 0.3, 0.6]), np.array([100, 120, 200])
    p = weights[:, None] * truth_given_map
    truth = {
        "overall": np.array([np.trace(p)]),
        "users": np.diag(truth_given_map),
        "producers": np.diag(p) / p.sum(axis=0),
        "areas": p.sum(axis=0),
    }
    rng, runs = np.random.default_rng(7), 4000
    held = {name: np.zeros(len(values)) for name, values in truth.items()}
    for _ in range(runs):
        counts = np.stack([rng.multinomial(n, row) for n, row in zip(points, truth_given_map, strict=True)])
        found = estimate(counts, weights)
        for name, values in truth.items():
            got = np.atleast_2d(getattr(found, name))
            held[name] += np.abs(got[:, 0] - values) <= Z95 * got[:, 1]
    for name, shares in held.items():
        assert (shares / runs > 0.92).all() and (shares / runs < 0.97).all(), (name, shares / runs)


def test_what_the_points_do_not_tell_is_not_told():
    counts, weights = np.array([[8, 2, 0], [0, 1, 0], [0, 0, 0]]), np.array([0.5, 0.3, 0.2])
    found = estimate(counts, weights)
    assert math.isnan(found.overall[0]) and np.isnan(found.areas[:, 0]).all()
    assert found.users[0, 0] == 0.8 and found.users[1, 0] == 1.0 and np.isnan(found.users[2, 0])
    assert found.users[0, 1] > 0 and np.isnan(found.users[1, 1])
    found = estimate(counts, np.array([0.5, 0.5, 0.0]))  # a class that covers nothing
    assert found.overall[0] == pytest.approx(0.9) and math.isnan(found.overall[1])
    assert found.areas[:, 0] == pytest.approx([0.4, 0.6, 0.0])
