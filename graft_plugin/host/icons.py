"""The plugin's icon."""

from __future__ import annotations

from pathlib import Path

from qgis.PyQt.QtGui import QIcon


def graft_icon() -> QIcon:
    """Return the icon of the plugin, its actions and its algorithms."""
    return QIcon(str(Path(__file__).resolve().parents[2] / "resources" / "icons" / "graft.svg"))
