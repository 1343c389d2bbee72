"""The setup page as a window; it opens by itself where there is no engine."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from .guide import help_on_f1, open_help
from .i18n import tr
from .icons import graft_icon
from .setup import shared_setup
from .setup_page import SetupPage

WIDTH_PX = 560
HELP = "setup"
"""The guide's section."""


class SetupDialog(QDialog):
    """Closing it does not stop a build; opened again, it shows the same one.

    Args:
        parent: The window it belongs to.
        ready: Called once, when an engine is ready; the window is closed then.
    """

    def __init__(self, parent: Optional[QWidget], ready: Callable[[], None]) -> None:
        super().__init__(parent)
        self.setObjectName("graft_setup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Set up GRAFT's engine"))
        self.setWindowIcon(graft_icon())
        self._ready = ready
        self.page = SetupPage()
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Close | QDialogButtonBox.StandardButton.Help
        )
        self.buttons.rejected.connect(self.reject)
        self.buttons.helpRequested.connect(lambda: open_help(HELP))
        self.close_button = self.buttons.button(QDialogButtonBox.StandardButton.Close)
        box = QVBoxLayout(self)
        box.addWidget(self.page, 1)
        box.addSpacing(8)
        box.addWidget(self.buttons)
        self.setMinimumWidth(WIDTH_PX)
        help_on_f1(self, HELP)
        self._setup = shared_setup()
        self._setup.changed.connect(self._look)
        self._look()

    def _look(self) -> None:
        self.close_button.setText(tr("Go on in the background") if self._setup.running else tr("Close"))
        self._fit()
        if self._setup.state == "done" and self._ready is not None:
            ready, self._ready = self._ready, None  # type: ignore[assignment]
            self._setup.state = "idle"
            self.close()
            ready()

    def _fit(self) -> None:
        """Grow for a long message; wrapped labels do not ask for the height they need."""
        needed = self.layout().heightForWidth(max(self.width(), WIDTH_PX))
        if needed > self.height():
            self.resize(self.width(), needed)
