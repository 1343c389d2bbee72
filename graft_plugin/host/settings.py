"""What the user has set, each declared once with its default; kept in QGIS's own settings."""

from __future__ import annotations

from dataclasses import dataclass

from qgis.core import QgsSettings


@dataclass(frozen=True)
class Setting:
    """One text in QGIS's settings."""

    key: str
    default: str

    def get(self) -> str:
        """Return its value."""
        return str(QgsSettings().value(self.key, self.default) or self.default)

    def set(self, value: str) -> None:
        """Keep a value."""
        QgsSettings().setValue(self.key, value)


PYTHON = Setting("graft/python", "")
"""The engine's Python; empty: found by `client.environment`."""

MODEL = Setting("graft/model", "mini")
"""Id or path of the model that was last used."""

EXPORT_FILE = Setting("graft/export_file", "")
"""The GeoPackage that was last exported to."""
