"""Right-click on a layer of results: "Export with style to GeoPackage…"."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List, Optional

from qgis.core import Qgis, QgsApplication, QgsMapLayer, QgsMapLayerType, QgsProject, QgsVectorLayer, QgsWkbTypes
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QAction

from ..errors import Cancelled
from .export import Export
from .export_dialog import ExportDialog
from .export_task import ExportTask
from .geopackage import layer_uri
from .i18n import tr
from .icons import graft_icon
from .made_by import PROVENANCE
from .messages import show, show_error
from .run_message import RunMessage

VECTOR = Qgis.LayerType.Vector if hasattr(Qgis, "LayerType") else QgsMapLayerType.VectorLayer


class ExportMenu:
    """The action in the layer tree's menu of layers that hold results; other layers do not show it.

    Args:
        iface: QGIS.
    """

    def __init__(self, iface: Any) -> None:  # noqa: ANN401 - QgisInterface
        self._iface = iface
        self._action: Optional[QAction] = None
        self._tasks: List[Any] = []

    def add(self) -> None:
        """Put the action into the menus of the results that are there, and of those to come."""
        action = QAction(graft_icon(), tr("Export with style to GeoPackage…"), self._iface.mainWindow())
        action.setObjectName("graft_export")
        action.triggered.connect(lambda _checked=False: self.ask(self._iface.layerTreeView().currentLayer()))
        self._iface.addCustomActionForLayerType(action, "", VECTOR, False)
        self._action = action
        project = QgsProject.instance()
        project.layersAdded.connect(self._offer)
        self._offer(list(project.mapLayers().values()))

    def remove(self) -> None:
        """Take it out again, and stop what is being written."""
        for task in list(self._tasks):
            task.cancel()
        action, self._action = self._action, None
        if action is not None:
            QgsProject.instance().layersAdded.disconnect(self._offer)
            self._iface.removeCustomActionForLayerType(action)
            action.deleteLater()

    def ask(self, layer: Optional[QgsMapLayer]) -> None:
        """Ask where to, and export."""
        if layer is None or not is_result(layer):
            return
        dialog = ExportDialog(layer, self._iface.mainWindow())
        if dialog.exec() and dialog.order is not None:
            self.start(dialog.order, dialog.add.isChecked())
        dialog.deleteLater()

    def start(self, order: Export, add: bool) -> ExportTask:
        """Export in the background; the exported layer is added to the map if `add`."""
        title = tr("“{}” to {}").format(order.layer, Path(order.path).name)
        task: Any = ExportTask(order, lambda *end: ending(*end))
        message = RunMessage(self._iface, task, title)

        def ending(count: Optional[int], error: Optional[BaseException]) -> None:
            self._tasks.remove(task)
            message.close()
            # a moment later: older QGIS would lay its own "Task complete" over what we say
            QTimer.singleShot(0, lambda: self._show(order, add, title, count, error))

        self._tasks.append(task)  # Python's half of a task must outlive its run
        QgsApplication.taskManager().addTask(task)
        return task

    def _show(self, order: Export, add: bool, title: str, count: Optional[int], error: Optional[BaseException]) -> None:
        if self._action is None:
            return
        if isinstance(error, Cancelled):
            show(self._iface, tr("{}: cancelled, nothing was written").format(title))
            return
        if error is not None or count is None:
            show_error(self._iface, error or RuntimeError())
            return
        uri = layer_uri(order.path, order.layer)
        shown = [layer for layer in QgsProject.instance().mapLayers().values() if layer.source() == uri]
        for layer in shown:
            layer.dataProvider().reloadData()
            layer.triggerRepaint()
        if add and not shown:
            layer = QgsProject.instance().addMapLayer(QgsVectorLayer(uri, order.layer, "ogr"), False)
            QgsProject.instance().layerTreeRoot().insertLayer(0, layer)
        one, more = tr("1 polygon is in the layer “{1}” of {2}"), tr("{} polygons are in the layer “{}” of {}")
        words = one if count == 1 else more
        show(self._iface, words.format(count, order.layer, Path(order.path).name), Qgis.MessageLevel.Success)

    def _offer(self, layers: List[QgsMapLayer]) -> None:
        for layer in layers:
            if self._action is not None and is_result(layer):
                self._iface.addCustomActionForLayer(self._action, layer)


def is_result(layer: QgsMapLayer) -> bool:
    """Tell whether a layer holds polygons that GRAFT has found, whichever file they lie in by now."""
    if not isinstance(layer, QgsVectorLayer) or layer.geometryType() != QgsWkbTypes.GeometryType.PolygonGeometry:
        return False
    return set(PROVENANCE) <= {field.name() for field in layer.fields()}
