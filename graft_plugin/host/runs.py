"""Runs from order to layers: outputs chosen, the task started, its end shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional

from qgis.core import Qgis, QgsApplication, QgsProcessingUtils, QgsProject
from qgis.PyQt.QtCore import QTimer

from ..errors import Cancelled
from .dialog import Order
from .geopackage import free_layer_name
from .i18n import tr
from .layers import add_results, summary
from .messages import log, show, show_error
from .run_message import RunMessage
from .task import QueryTask

LAYER_CHARS = 40


class Runs:
    """The runs that are under way in this QGIS."""

    def __init__(self, iface: Any) -> None:  # noqa: ANN401 - QgisInterface
        self._iface = iface
        self._tasks: List[QueryTask] = []
        self._closed = False

    def start(self, order: Order) -> QueryTask:
        """Start a run; its layers appear when it is done."""
        title = tr("“{}” in {}").format(", ".join(order.prompts), order.layer_name)
        task = QueryTask(f"GRAFT: {title}", {**order.to_request(), **_outputs(order)}, lambda *end: ending(*end))
        message = RunMessage(self._iface, task, title)

        def ending(result: Optional[Dict[str, Any]], error: Optional[BaseException]) -> None:
            self._tasks.remove(task)
            message.close()
            # a moment later: older QGIS would lay its own "Task complete" over what we say
            QTimer.singleShot(0, lambda: self._show(order, title, result, error))

        self._tasks.append(task)  # Python's half of a task must outlive its run
        QgsApplication.taskManager().addTask(task)
        return task

    def close(self) -> None:
        """Cancel what runs, and show nothing more."""
        self._closed = True
        for task in list(self._tasks):
            task.cancel()

    def _show(
        self, order: Order, title: str, result: Optional[Dict[str, Any]], error: Optional[BaseException]
    ) -> None:
        if self._closed:
            return
        if isinstance(error, Cancelled) or (result is None and error is None):
            show(self._iface, tr("{}: cancelled, nothing was written").format(title))
            return
        if error is not None or result is None:
            show_error(self._iface, error or RuntimeError())
            return
        try:
            add_results(QgsProject.instance(), result, order.layer_name)
        except Exception as problem:  # the edge: the files are there, whatever QGIS thinks of them
            show_error(self._iface, problem)
            return
        for warning in result["warnings"]:
            show(self._iface, warning, Qgis.MessageLevel.Warning)
        show(self._iface, summary(result), Qgis.MessageLevel.Success)
        log(f"{title}: {result['seconds']}")


def _outputs(order: Order) -> Dict[str, Any]:
    """Return the request's outputs: the file that was named, and temporary ones for the rest."""
    if not order.segment:
        return {"heatmap": _with_suffix(order.output, ".tif") or _temporary("heatmap.tif")}
    masks = _with_suffix(order.output, ".gpkg") or _temporary("polygons.gpkg")
    return {
        "heatmap": _temporary("heatmap.tif"),
        "masks": masks,
        "layer": free_layer_name(masks, order.prompts[0][:LAYER_CHARS]),
    }


def _with_suffix(path: str, suffix: str) -> str:
    return path if not path or Path(path).suffix else path + suffix


def _temporary(name: str) -> str:
    return str(QgsProcessingUtils.generateTempFilename(name))
