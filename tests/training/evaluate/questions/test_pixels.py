"""Truths on pixels against slow loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.evaluate.questions.pixels import THING_M2, find_things, gaps_m


def flood(mask):
    """Areas by walking through edges, in pixels, the largest first."""
    left, areas = {tuple(p) for p in np.argwhere(mask)}, []
    while left:
        reached, todo = set(), [left.pop()]
        while todo:
            row, col = todo.pop()
            reached.add((row, col))
            for step in ((row + 1, col), (row - 1, col), (row, col + 1), (row, col - 1)):
                if step in left:
                    left.remove(step)
                    todo.append(step)
        areas.append(len(reached))
    return sorted(areas, reverse=True)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 0.7))
def test_things_against_a_walk(seed, share):
    mask = np.random.default_rng(seed).random((14, 11)) < share
    things, walked = find_things(mask, 3.0), [9.0 * n for n in flood(mask)]
    assert sorted(things.areas_m2, reverse=True) == [a for a in walked if a >= THING_M2]
    assert things.specks_m2 == sum(a for a in walked if a < THING_M2)
    assert things.clear == (not any(0.5 * THING_M2 < a < 1.5 * THING_M2 for a in walked))
    assert set(np.unique(things.ids)) - {0} == set(range(1, things.count + 1))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_gaps_against_all_pairs_of_squares(seed):
    rng = np.random.default_rng(seed)
    kinds = rng.choice(3, (9, 13), p=[0.76, 0.12, 0.12])
    a, b = find_things(kinds == 1, 7.0), find_things(kinds == 2, 7.0)
    if not a.count or not b.count:
        assert np.isinf(gaps_m(a, b)).all()
        return
    for number, gap in enumerate(gaps_m(a, b), 1):
        pairs = [
            math.hypot(max(abs(r - s) - 1, 0), max(abs(c - d) - 1, 0)) * 7.0
            for r, c in np.argwhere(a.ids == number) for s, d in np.argwhere(b.mask)
        ]  # fmt: skip
        assert gap == pytest.approx(min(pairs))
