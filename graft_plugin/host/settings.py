"""What the user has set: each setting declared once, with its type, scope, default and bounds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, Optional, Tuple, TypeVar

from qgis.core import QgsProject, QgsSettings

T = TypeVar("T", str, bool, int, float)


class Scope(Enum):
    """Where a setting is kept."""

    USER = "user"
    """In QGIS's own settings, for every project."""

    PROJECT = "project"
    """In the project's file."""


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One value that outlives QGIS; what is stored but cannot be meant counts as the default.

    Attributes:
        key: "graft/…".
        default: Its type is the setting's.
        scope: Where it is kept.
        choices: The only values that it may have; empty: any.
        minimum, maximum: Bounds of a number.
        reported: Whether a report of a problem shows it.
    """

    key: str
    default: T
    scope: Scope = Scope.USER
    choices: Tuple[T, ...] = ()
    minimum: Optional[float] = None
    maximum: Optional[float] = None
    reported: bool = True

    def get(self) -> T:
        """Return its value; may be called from any thread where its scope is the user's."""
        value = self._typed(self._read())
        return self.default if value is None or not self._allowed(value) else value

    def set(self, value: T) -> None:
        """Keep a value."""
        if self.scope is Scope.PROJECT:
            scope, key = self.key.split("/", 1)
            QgsProject.instance().writeEntry(scope, key, str(value))
        elif value == self.default:
            QgsSettings().remove(self.key)
        else:
            QgsSettings().setValue(self.key, value)

    def _read(self) -> Any:  # noqa: ANN401 - whatever was stored
        if self.scope is Scope.PROJECT:
            scope, key = self.key.split("/", 1)
            return QgsProject.instance().readEntry(scope, key, "")[0]
        return QgsSettings().value(self.key)

    def _typed(self, stored: Any) -> Optional[T]:  # noqa: ANN401 - text, mostly: QGIS keeps settings in a text file
        if stored is None or stored == "":
            return None
        text = str(stored).strip()
        try:
            if isinstance(self.default, bool):
                known = {"true": True, "1": True, "false": False, "0": False}
                return known.get(text.lower())
            return type(self.default)(text)
        except ValueError:
            return None

    def _allowed(self, value: T) -> bool:
        if self.choices and value not in self.choices:
            return False
        if isinstance(value, str):
            return True
        return (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)


PYTHON = Setting("graft/python", "")
"""The engine's Python; empty: found by `client.environment`."""

MODEL = Setting("graft/model", "mini")
"""Id or path of the model that a new query begins with: the one that was last used, or was chosen in the options."""

DEVICE = Setting("graft/device", "auto", choices=("auto", "cpu", "cuda", "mps"))
"""Where models run."""

MEMORY_GB = Setting("graft/memory_gb", 0.0, minimum=0.0, maximum=4096.0)
"""What the engine may hold, in GB of 10⁹ bytes; 0: a share of this machine's memory."""

IDLE_MINUTES = Setting("graft/idle_minutes", 15, minimum=0, maximum=1440)
"""How long an idle engine stays; 0: until QGIS ends."""

OFFLINE = Setting("graft/offline", False)
"""Whether no network call is made."""

STORE = Setting("graft/store", "")
"""Folder of the stored embeddings; empty: `store` in GRAFT's own folder."""

INDEX = Setting("graft/index", "")
"""The index that was last searched."""

EXPORT_FILE = Setting("graft/export_file", "")
"""The GeoPackage that was last exported to."""

PLANNER = Setting("graft/planner", "built-in", choices=("built-in", "endpoint"))
"""Who writes the plan of a question."""

ENDPOINT_URL = Setting("graft/endpoint_url", "", reported=False)
"""Base address of the chat endpoint that writes plans."""

ENDPOINT_MODEL = Setting("graft/endpoint_model", "")
"""The name of its model."""

ENDPOINT_AUTH = Setting("graft/endpoint_auth", "", reported=False)
"""Under which id QGIS's authentication database has its key; empty: it wants none."""

SETTINGS: Tuple[Setting[Any], ...] = (
    PYTHON,
    MODEL,
    DEVICE,
    MEMORY_GB,
    IDLE_MINUTES,
    OFFLINE,
    STORE,
    INDEX,
    EXPORT_FILE,
    PLANNER,
    ENDPOINT_URL,
    ENDPOINT_MODEL,
    ENDPOINT_AUTH,
)
"""All of them."""
