"""What the panel has no page for: Processing's own dialogs, with the panel's layer, words and model filled in."""

from __future__ import annotations

from typing import Any, Callable, Dict

from qgis.core import Qgis
from qgis.PyQt.QtWidgets import QMenu, QToolButton

from .i18n import tr
from .messages import show


def fill_tools(button: QToolButton, iface: Any, fields: Callable[[], Dict[str, Any]]) -> None:  # noqa: ANN401
    """Make a button open a menu of algorithms.

    Args:
        button: The button.
        iface: QGIS.
        fields: Returns the parameters that the panel knows.
    """
    button.setText(tr("Tools"))
    button.setObjectName("graft_tools")
    button.setToolTip(tr("Classify a raster by labels, or compare two dates"))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(button)
    for words, name in ((tr("Classify by labels…"), "classify"), (tr("Compare two dates…"), "compare")):
        menu.addAction(words).triggered.connect(lambda _checked=False, name=name: _open(iface, name, fields()))
    button.setMenu(menu)


def _open(iface: Any, name: str, fields: Dict[str, Any]) -> None:  # noqa: ANN401 - QgisInterface
    try:
        from processing import createAlgorithmDialog
    except ImportError:
        show(iface, tr("Switch QGIS's plugin “Processing” on first."), Qgis.MessageLevel.Warning)
        return
    dialog = createAlgorithmDialog(f"graft:{name}", fields)
    if dialog is not None:
        dialog.show()  # it deletes itself when it is closed, and holds nobody up
