"""Switches in the environment that both processes heed."""

from __future__ import annotations

import os

OFFLINE_VARIABLE = "GRAFT_OFFLINE"


def is_offline() -> bool:
    """Return whether the environment forbids the network (`GRAFT_OFFLINE` set, and not to 0)."""
    return os.environ.get(OFFLINE_VARIABLE, "").strip().lower() not in ("", "0", "false", "no")
