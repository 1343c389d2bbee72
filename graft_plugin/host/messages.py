"""What is told to the user: the message bar for one plain sentence, the log for the rest."""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, List

from qgis.core import Qgis, QgsMessageLog

from .i18n import tr

TAG = "GRAFT"
STAYS_S = 8
KEPT_LINES = 80

_recent: Deque[str] = deque(maxlen=KEPT_LINES)


def log(text: str, level: Any = Qgis.MessageLevel.Info) -> None:  # noqa: ANN401 - Qgis.MessageLevel
    """Write to the GRAFT tab of QGIS's log; may be called from any thread."""
    _recent.append(text)
    QgsMessageLog.logMessage(text, TAG, level, False)


def recent_lines() -> List[str]:
    """Return the last lines of the log, for a report of a problem."""
    return list(_recent)


def show(iface: Any, text: str, level: Any = Qgis.MessageLevel.Info) -> None:  # noqa: ANN401 - QgisInterface
    """Show one sentence in the message bar; errors stay until they are closed."""
    stays_s = 0 if level == Qgis.MessageLevel.Critical else STAYS_S
    iface.messageBar().pushMessage(TAG, text, level, stays_s)
    log(text, level)


def show_error(iface: Any, error: BaseException) -> None:  # noqa: ANN401 - QgisInterface
    """Show what went wrong and what to do."""
    show(iface, sentence(error), Qgis.MessageLevel.Critical)


def sentence(error: BaseException) -> str:
    """Return what went wrong and what to do, with a capital first letter unless it starts with a file's name."""
    text = str(error) or tr("unknown error")
    if getattr(error, "path", None):
        return text
    return capital(text)


def capital(text: str) -> str:
    """Return a text with a capital first letter, as a sentence of the engine's begins that may stand in a line."""
    return text[:1].upper() + text[1:]
