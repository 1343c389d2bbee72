"""The plugin: registers with QGIS, and unregisters in reverse."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsApplication

from .algorithms.provider import GraftProvider
from .engine import stop_worker
from .i18n import install_translator, remove_translator


class GraftPlugin:
    """What `classFactory` returns.

    Args:
        iface: QGIS; None in `qgis_process`, which has no window.
    """

    def __init__(self, iface: Any) -> None:  # noqa: ANN401 - QgisInterface
        self._iface = iface
        self._provider: Optional[GraftProvider] = None
        self._runs: Any = None
        self._menu: Any = None
        self._panel: Any = None
        self._options: Any = None

    def initProcessing(self) -> None:
        """Register the algorithms; all that `qgis_process` asks for."""
        install_translator()
        self._provider = GraftProvider()
        QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:
        """Register everything."""
        from .layer_menu import LayerMenu
        from .options import OptionsFactory
        from .panel_action import PanelAction
        from .runs import Runs

        self.initProcessing()
        self._runs = Runs(self._iface)
        self._menu = LayerMenu(self._iface, self._start)
        self._menu.add()
        self._panel = PanelAction(self._iface, self._runs, self._menu.export.ask)
        self._panel.add()
        self._options = OptionsFactory(self._iface)
        self._iface.registerOptionsWidgetFactory(self._options)

    def _start(self, order: Any) -> None:  # noqa: ANN401 - Order
        from .setup import ensure_engine

        ensure_engine(self._iface, lambda: self._runs.start(order))

    def unload(self) -> None:
        """Unregister everything, the last first, and end the engine."""
        if self._options is not None:
            self._iface.unregisterOptionsWidgetFactory(self._options)
            self._options = None
            _end_setup()
        if self._panel is not None:
            self._panel.remove()
            self._panel = None
        if self._menu is not None:
            self._menu.remove()
            self._menu = None
        if self._runs is not None:
            self._runs.close()
            self._runs = None
        stop_worker()
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
        remove_translator()


def _end_setup() -> None:
    from .setup import close_setup

    close_setup()
