"""The action that shows and hides the panel: in the plugins' toolbar and in the Raster menu."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QAction

from .dock import GraftDock
from .i18n import tr
from .icons import graft_icon
from .runs import Runs

MENU = "GRAFT"


class PanelAction:
    """Makes the dock when it is first wanted.

    Args:
        iface: QGIS.
        runs: Starts the runs.
        export: Asks where a layer is exported to.
    """

    def __init__(self, iface: Any, runs: Runs, export: Callable[[Any], None]) -> None:  # noqa: ANN401 - QgisInterface
        self._iface = iface
        self._export = export
        self._runs = runs
        self._action: Optional[QAction] = None
        self.dock: Optional[GraftDock] = None

    def add(self) -> None:
        """Put the action where users look for it."""
        action = QAction(graft_icon(), tr("GRAFT panel"), self._iface.mainWindow())
        action.setObjectName("graft_panel")
        action.setCheckable(True)
        action.toggled.connect(self._toggle)
        self._iface.addToolBarIcon(action)
        self._iface.addPluginToRasterMenu(MENU, action)
        self._action = action

    def remove(self) -> None:
        """Take the action and the dock away."""
        if self._action is not None:
            self._iface.removePluginRasterMenu(MENU, self._action)
            self._iface.removeToolBarIcon(self._action)
            self._action.deleteLater()
            self._action = None
        if self.dock is not None:
            self.dock.close_down()
            self._iface.removeDockWidget(self.dock)
            self.dock.deleteLater()
            self.dock = None

    def show(self) -> GraftDock:
        """Show the dock and return it."""
        if self.dock is None:
            self.dock = GraftDock(self._iface, self._runs)
            self.dock.threshold.export_wanted.connect(self._export)
            self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
            if self._action is not None:
                self.dock.visibilityChanged.connect(self._follow)
        self.dock.setUserVisible(True)
        return self.dock

    def _toggle(self, on: bool) -> None:
        if on:
            self.show().search.prompts.setFocus()
        elif self.dock is not None:
            self.dock.setUserVisible(False)

    def _follow(self, _visible: bool) -> None:
        """Keep the action's mark right; a dock behind another tab is still open."""
        if self._action is not None and self.dock is not None:
            self._action.blockSignals(True)
            self._action.setChecked(not self.dock.isHidden())
            self._action.blockSignals(False)
