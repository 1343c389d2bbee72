"""The button that copies a run as a command, in the form that the user chooses."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from qgis.PyQt.QtWidgets import QApplication, QMenu, QToolButton

from ..errors import GraftError
from .i18n import tr
from .messages import show, show_error


class CopyButton(QToolButton):
    """A menu of forms.

    Args:
        iface: QGIS.
        order: Returns what the fields say, or raises a `GraftError`.
        forms: Order → the `graft` line, the `qgis_process` line, Python.
    """

    def __init__(self, iface: Any, order: Callable[[], Any], forms: Sequence[Callable[[Any], str]]) -> None:  # noqa: ANN401
        super().__init__()
        self._iface = iface
        self._order = order
        self.setText(tr("Copy as command"))
        self.setToolTip(tr("Copy what the fields above describe, to be run without the panel"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        titles = (tr("graft command line"), tr("qgis_process command line"), tr("Python for QGIS"))
        for words, make in zip(titles, forms):
            menu.addAction(words).triggered.connect(lambda _checked=False, make=make: self._copy(make))
        self.setMenu(menu)

    def _copy(self, make: Callable[[Any], str]) -> None:
        try:
            text = make(self._order())
        except GraftError as error:
            show_error(self._iface, error)
            return
        QApplication.clipboard().setText(text)
        show(self._iface, tr("Copied to the clipboard."))
