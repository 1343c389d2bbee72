"""Right-click on a raster layer: "Segment by prompt…" and "Similarity heatmap…"; on a result: its export."""

from __future__ import annotations

from typing import Any, Callable, List

from qgis.core import Qgis, QgsMapLayerType, QgsRasterLayer
from qgis.PyQt.QtWidgets import QAction

from ..errors import GraftError
from .dialog import QueryDialog
from .export_menu import ExportMenu
from .i18n import tr
from .icons import graft_icon
from .messages import show_error
from .order import Order
from .source import layer_source

RASTER = Qgis.LayerType.Raster if hasattr(Qgis, "LayerType") else QgsMapLayerType.RasterLayer


class LayerMenu:
    """The actions in the layer tree's menu.

    Args:
        iface: QGIS.
        start: Takes the order that the dialog returns.
    """

    def __init__(self, iface: Any, start: Callable[[Order], Any]) -> None:  # noqa: ANN401 - QgisInterface
        self._iface = iface
        self._start = start
        self._actions: List[QAction] = []
        self.export = ExportMenu(iface)

    def add(self) -> None:
        """Put the actions into the menu of every raster, and of every result."""
        self.export.add()
        for name, text, segment in (
            ("graft_segment", tr("Segment by prompt…"), True),
            ("graft_heatmap", tr("Similarity heatmap…"), False),
        ):
            action = QAction(graft_icon(), text, self._iface.mainWindow())
            action.setObjectName(name)
            action.triggered.connect(lambda _checked=False, segment=segment: self._ask(segment))
            self._iface.addCustomActionForLayerType(action, "", RASTER, True)
            self._actions.append(action)

    def remove(self) -> None:
        """Take them out again."""
        self.export.remove()
        while self._actions:
            action = self._actions.pop()
            self._iface.removeCustomActionForLayerType(action)
            action.deleteLater()

    def _ask(self, segment: bool) -> None:
        layer = self._iface.layerTreeView().currentLayer()
        if not isinstance(layer, QgsRasterLayer):
            return
        try:
            layer_source(layer)
        except GraftError as error:
            show_error(self._iface, error)
            return
        dialog = QueryDialog(layer, self._iface.mapCanvas(), segment, self._iface.mainWindow())
        if dialog.exec() and dialog.order is not None:
            self._start(dialog.order)
        dialog.deleteLater()
