"""GRAFT's page in QGIS's options."""

from __future__ import annotations

from typing import Any, Optional

from qgis.gui import QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from .guide import help_on_f1
from .icons import graft_icon
from .options_engine import EngineBox
from .options_planner import PlannerBox
from .options_search import SearchBox

HELP = "options"
PAGE = "graft_options"


class OptionsFactory(QgsOptionsWidgetFactory):
    """Makes the page each time that the options open.

    Args:
        iface: QGIS.
    """

    def __init__(self, iface: Any) -> None:  # noqa: ANN401 - QgisInterface
        super().__init__("GRAFT", graft_icon())
        self._iface = iface

    def createWidget(self, parent: Optional[QWidget] = None) -> QgsOptionsPageWidget:
        """Return a new page."""
        return OptionsPage(self._iface, parent)


class OptionsPage(QgsOptionsPageWidget):
    """The engine above, searching and its store below, then questions; nothing counts before OK.

    Args:
        iface: QGIS.
        parent: The options.
    """

    def __init__(self, iface: Any, parent: Optional[QWidget] = None) -> None:  # noqa: ANN401 - QgisInterface
        super().__init__(parent)
        self.setObjectName(PAGE)
        self._iface = iface
        self.engine = EngineBox(iface)
        self.search = SearchBox()
        self.planner = PlannerBox()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.engine)
        box.addWidget(self.search)
        box.addWidget(self.planner)
        box.addStretch(1)
        help_on_f1(self, HELP)

    def apply(self) -> None:
        """Keep what was chosen."""
        self.engine.apply()
        self.search.apply()
        self.planner.apply(self._iface)


def show_options(iface: Any) -> None:  # noqa: ANN401 - QgisInterface
    """Open QGIS's options at this page."""
    iface.showOptionsDialog(iface.mainWindow(), PAGE)
