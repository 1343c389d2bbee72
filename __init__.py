"""GRAFT for QGIS: the plugin's entry."""

from __future__ import annotations

from typing import Any


def classFactory(iface: Any) -> Any:  # noqa: ANN401 - QGIS's name, QGIS's types
    """Return the plugin that QGIS will start."""
    from .graft_plugin.host.plugin import GraftPlugin

    return GraftPlugin(iface)
