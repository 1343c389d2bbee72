"""The golden tile: the stored vector is what the bundled model sees now, and another is noticed."""

from __future__ import annotations

import json
import math

from graft_plugin.client.verify import TOLERANCE
from graft_plugin.engine import selfcheck


def test_the_stored_vector_is_the_bundled_models(tmp_path, monkeypatch):
    stored = json.loads(selfcheck.golden_path().read_text())["image"]
    assert math.isclose(math.hypot(*stored), 1.0, abs_tol=1e-4) and len(set(stored)) > len(stored) // 2
    found = selfcheck.check()
    assert found["difference"] < TOLERANCE / 4, "after a new training: python -m graft_plugin.engine.selfcheck --write"
    other = tmp_path / "golden.json"
    monkeypatch.setattr(selfcheck, "golden_path", lambda: other)
    other.write_text(json.dumps({"image": [-stored[0], *stored[1:]]}))
    assert abs(selfcheck.check()["difference"] - 2 * abs(stored[0])) < TOLERANCE
    other.write_text(json.dumps({"image": stored[:-1]}))
    assert selfcheck.check()["difference"] == math.inf
    selfcheck.write()
    assert selfcheck.check()["difference"] < 1e-5
