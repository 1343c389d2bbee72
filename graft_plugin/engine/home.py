"""The engine's folders: the user's own, and that of the bundled files."""

from __future__ import annotations

from pathlib import Path

from ..home import graft_home

__all__ = ["graft_home", "resources"]


def resources() -> Path:
    """Return the folder of bundled files: the model list, the bundled models, the demonstration scene."""
    return Path(__file__).resolve().parents[2] / "resources"
