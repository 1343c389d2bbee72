"""Texts that the user reads."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication


def tr(text: str) -> str:
    """Return `text` in the user's language."""
    return str(QCoreApplication.translate("GRAFT", text))
