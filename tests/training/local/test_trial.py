"""The proof of fine-tuning itself, on the clock: minutes long, so only where GRAFT_SLOW is set."""

from __future__ import annotations

import os

import pytest

from training.local.trial import GAIN, LOSS, TrialSettings, run_trial

pytestmark = [
    pytest.mark.skipif(not os.environ.get("GRAFT_SLOW"), reason="minutes long: set GRAFT_SLOW=1"),
    pytest.mark.timeout(3600),
]


@pytest.mark.parametrize("teach", ["photos", "polygons"])
def test_an_unseen_style_is_learnt_in_five_minutes_and_the_old_ones_stay(teach, tmp_path_factory):
    work = tmp_path_factory.getbasetemp() / "trial"
    verdict = run_trial(TrialSettings(work, teach), print)
    assert verdict["gain"] >= GAIN and verdict["loss"] <= LOSS and verdict["minutes"] <= 5.0
