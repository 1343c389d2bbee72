"""The area under the ROC curve against its definition: the chance that what is there ranks above what is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.ranking import auc


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30))
def test_auc_against_all_pairs_ties_counted_half(seed, levels):
    rng = np.random.default_rng(seed)
    score, label = rng.integers(0, levels, 30).astype(float), rng.random(30) < 0.4
    if label.all() or not label.any():
        assert np.isnan(auc(score, label))
        return
    pairs = [(a > b) + (a == b) / 2 for a in score[label] for b in score[~label]]
    assert auc(score, label) == pytest.approx(np.mean(pairs))
