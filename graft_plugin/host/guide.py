"""The user's guide, which the plugin ships."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices, QKeySequence
from qgis.PyQt.QtWidgets import QAction, QWidget

from .i18n import tr
from .messages import log

GUIDE = Path("docs", "guide")
README = Path("README.md")


def guide_url(anchor: str = "") -> QUrl:
    """Return the address of the guide in QGIS's language, else in English; of the README where this copy has none.

    Args:
        anchor: The `id` of the guide's section; empty: its top.
    """
    root = Path(__file__).resolve().parents[2]
    pages = [root / GUIDE / f"{str(QgsApplication.locale())[:2]}.html", root / GUIDE / "index.html", root / README]
    place = next(page for page in pages if page.is_file() or page.name == README.name)
    url = QUrl.fromLocalFile(str(place))
    if anchor and place.suffix == ".html":
        url.setFragment(anchor)
    return url


def open_help(anchor: str = "") -> bool:
    """Open the guide in the browser, at a section; return whether something could open it."""
    url = guide_url(anchor)
    opened = bool(QDesktopServices.openUrl(url))
    if not opened:
        log(f"nothing on this machine opens {url.toString()}")
    return opened


def help_on_f1(widget: QWidget, anchor: str) -> None:
    """Let F1 open the guide at a section while the focus is in a widget."""
    action = QAction(tr("Help"), widget)
    action.setObjectName("graft_help")
    action.setShortcut(QKeySequence(QKeySequence.StandardKey.HelpContents))
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    action.triggered.connect(lambda: open_help(anchor))
    widget.addAction(action)
