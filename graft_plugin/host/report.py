"""A report of a problem, for the clipboard: versions, settings, the log's end, and nothing that tells who asks."""

from __future__ import annotations

import getpass
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from qgis.core import Qgis, QgsProject
from qgis.PyQt.QtCore import PYQT_VERSION_STR, QT_VERSION_STR
from qgis.PyQt.QtWidgets import QApplication

from ..client.environment import find_engine
from ..client.memory import machine_bytes
from ..client.ready import env_folder, read_mark
from ..client.scrub import scrub
from ..client.verify import describe
from .i18n import tr
from .messages import log, recent_lines, show
from .settings import PYTHON, SETTINGS
from .setup import own_state, run_task, setup_log
from .setup_task import SetupTask

LOG_LINES = 40


@dataclass(frozen=True)
class Report:
    """What a report is made of, before it is scrubbed.

    Attributes:
        facts: Name → value, in order.
        settings: Key → value.
        lines: The last lines of QGIS's GRAFT log.
        setup_lines: The last lines of the last build's log.
    """

    facts: Dict[str, str]
    settings: Dict[str, str]
    lines: Sequence[str] = ()
    setup_lines: Sequence[str] = ()


def report_text(report: Report, home: str, user: str, known: Sequence[str] = ()) -> str:
    """Return a report as text, scrubbed; see `client.scrub.scrub`."""
    parts = [_table(report.facts), "Settings\n" + _table(report.settings)]
    for title, lines in (("Log", report.lines), ("Setup log", report.setup_lines)):
        if lines:
            parts.append(title + "\n" + "\n".join(f"  {line}" for line in lines))
    return scrub("GRAFT for QGIS: a problem\n\n" + "\n\n".join(parts) + "\n", home, user, known)


def report_problem(iface: Any, error: Optional[BaseException] = None) -> None:  # noqa: ANN401 - QgisInterface
    """Put a report on the clipboard, and say so; returns at once, the engine is asked in the background.

    Args:
        iface: QGIS.
        error: What the user saw, if anything.
    """
    facts = {**({"Problem": str(error)} if error is not None else {}), **_facts()}
    settings = {setting.key: str(setting.get()) for setting in SETTINGS if setting.reported}
    known = [layer.name() for layer in QgsProject.instance().mapLayers().values()]
    named = PYTHON.get()

    def work(report: Any, cancelled: Any) -> Dict[str, str]:  # noqa: ANN401
        return describe(find_engine(named, cancelled=cancelled).python, cancelled)

    def ended(engine: Any, problem: Optional[BaseException]) -> None:  # noqa: ANN401
        facts.update(engine or {"Engine": str(problem)})
        made = Report(facts, settings, recent_lines()[-LOG_LINES:], _tail(setup_log()))
        QApplication.clipboard().setText(report_text(made, str(Path.home()), _user(), known))
        log("a report of a problem was copied")
        show(iface, tr("A report was copied. Look it through, then paste it where you report the problem."))

    run_task(SetupTask(tr("GRAFT: writing a report"), work, ended))


def _facts() -> Dict[str, str]:
    mark = read_mark(env_folder())
    return {
        "QGIS": Qgis.QGIS_VERSION,
        "Qt": f"{QT_VERSION_STR}, PyQt {PYQT_VERSION_STR}",
        "Python of QGIS": platform.python_version(),
        "System": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Memory": f"{machine_bytes() / 1e9:.0f} GB, {os.cpu_count()} cores",
        "Plugin": plugin_version(),
        "Own environment": own_state() + (f", built {mark.built}" if mark else ""),
    }


def plugin_version() -> str:
    """Return the version that metadata.txt states."""
    metadata = Path(__file__).resolve().parents[2] / "metadata.txt"
    try:
        lines = metadata.read_text(encoding="utf-8").splitlines()
    except OSError:
        return "?"
    return next((line.split("=", 1)[1].strip() for line in lines if line.startswith("version=")), "?")


def _tail(path: Path) -> List[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    except OSError:
        return []


def _user() -> str:
    try:
        return getpass.getuser()
    except Exception:  # Windows without its variables: whatever it raises, there is no name to scrub
        return ""


def _table(rows: Dict[str, str]) -> str:
    return "\n".join(f"  {name}: {value}" for name, value in rows.items())
