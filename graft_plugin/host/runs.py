"""Runs from order to layers: outputs chosen, the task started, its end shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional

from qgis.core import Qgis, QgsApplication, QgsMapLayer, QgsProcessingUtils, QgsProject
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..errors import Cancelled
from .area import Area
from .geopackage import free_layer_name, layer_uri
from .i18n import tr
from .layers import add_group, group_name, layer_makers, summary
from .messages import capital, log, show, show_error
from .order import Order
from .run_message import RunMessage
from .run_results import RunLayers, mark, run_of, show_polygons
from .task import EngineTask
from .work import Work, engine_work, query_work

LAYER_CHARS = 40


class Runs(QObject):
    """The runs that are under way in this QGIS.

    Args:
        iface: QGIS.
    """

    started = pyqtSignal(object)
    """An `EngineTask` was started."""
    ended = pyqtSignal(object)
    """(task): it is over, however it went."""
    shown = pyqtSignal(object)
    """(RunLayers): a run's layers are in the project."""

    def __init__(self, iface: Any) -> None:  # noqa: ANN401 - QgisInterface
        super().__init__()
        self._iface = iface
        self._tasks: List[EngineTask] = []
        self._closed = False
        self.areas: Dict[str, Area] = {}
        """What the heatmaps of this session were cut to."""

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return bool(self._tasks)

    def start(self, order: Order) -> EngineTask:
        """Start a run; its layers appear when it is done."""
        title = tr("“{}” in {}").format(order.title, order.layer_name)

        def done(result: Dict[str, Any]) -> None:
            self.open_in_turn(layer_makers(result), [], lambda layers: opened(result, layers))

        def opened(result: Dict[str, Any], layers: List[QgsMapLayer]) -> None:
            group = add_group(QgsProject.instance(), layers, group_name(result, order.layer_name))
            self.areas[result["heatmap"]] = order.area
            mark(group, _kept(result["request"]), result)
            self._tell(layers[0])

        return self.launch(title, query_work(order, _outputs(order)), done)

    def refine(self, run: RunLayers, thresholds: List[float]) -> EngineTask:
        """Let SAM follow a run's outlines from these thresholds on; its polygons are replaced."""
        masks = _temporary("polygons.gpkg")
        params = {**run.request, "thresholds": list(thresholds), "masks": masks, "layer": "graft"}

        def done(result: Dict[str, Any]) -> None:
            fresh = show_polygons(run, layer_uri(result["masks"], result["layer"]), QgsProject.instance())
            self._tell(fresh.polygons)

        work = engine_work("query", params, self.areas.get(run.heatmap))
        return self.launch(tr("Refining “{}”").format(", ".join(run.prompts)), work, done)

    def launch(self, title: str, work: Work, done: Any, failed: Any = None) -> EngineTask:  # noqa: ANN401
        """Do something that takes its time; `done(result)` shows what came of it.

        `failed(error)` shows why nothing did, a cancel included; where it is None, the message bar does.
        """
        task = EngineTask(f"GRAFT: {title}", work, lambda *end: ending(*end))
        message = RunMessage(self._iface, task, title)

        def ending(result: Optional[Dict[str, Any]], error: Optional[BaseException]) -> None:
            self._tasks.remove(task)
            message.close()
            self.ended.emit(task)
            # a moment later: older QGIS would lay its own "Task complete" over what we say
            QTimer.singleShot(0, lambda: self._show(title, result, error, done, failed))

        self._tasks.append(task)  # Python's half of a task must outlive its run
        QgsApplication.taskManager().addTask(task)
        self.started.emit(task)
        return task

    def close(self) -> None:
        """Cancel what runs, and show nothing more."""
        self._closed = True
        for task in list(self._tasks):
            task.cancel()

    def _show(
        self,
        title: str,
        result: Optional[Dict[str, Any]],
        error: Optional[BaseException],
        done: Any,  # noqa: ANN401
        failed: Any,  # noqa: ANN401
    ) -> None:
        if self._closed:
            return
        if result is None and failed is not None:
            failed(error or Cancelled())
            return
        if isinstance(error, Cancelled) or (result is None and error is None):
            show(self._iface, tr("{}: cancelled, nothing was written").format(title))
            return
        if error is not None or result is None:
            show_error(self._iface, error or RuntimeError())
            return
        try:
            done(result)
        except Exception as problem:  # the edge: the files are there, whatever QGIS thinks of them
            show_error(self._iface, problem)
            return
        for warning in result.get("warnings", ()):
            show(self._iface, capital(warning), Qgis.MessageLevel.Warning)
        if "prompts" in result:
            show(self._iface, summary(result), Qgis.MessageLevel.Success)
        told = {key: result[key] for key in ("encoded_tiles", "from_store", "seconds") if key in result}
        log(f"{title}: {told}")

    def open_in_turn(self, makers: List[Any], layers: List[QgsMapLayer], then: Any) -> None:  # noqa: ANN401
        """Open one layer a turn of the event loop, so that many of them do not hold QGIS up; then `then(layers)`."""
        if self._closed:
            return
        try:
            if not makers:
                then(layers)
                return
            layers.append(makers[0]())
        except Exception as problem:  # the edge: the files are there, whatever QGIS thinks of them
            show_error(self._iface, problem)
            return
        QTimer.singleShot(0, lambda: self.open_in_turn(makers[1:], layers, then))

    def _tell(self, layer: Any) -> None:  # noqa: ANN401 - QgsMapLayer
        run = run_of(layer, QgsProject.instance())
        if run is not None:
            self.shown.emit(run)


def _outputs(order: Order) -> Dict[str, Any]:
    """Return the request's outputs: the file that was named, and temporary ones for the rest."""
    if not order.segment:
        return {"heatmap": _with_suffix(order.output, ".tif") or _temporary("heatmap.tif")}
    masks = _with_suffix(order.output, ".gpkg") or _temporary("polygons.gpkg")
    outputs = {
        "heatmap": _temporary("heatmap.tif"),
        "masks": masks,
        "layer": free_layer_name(masks, order.title[:LAYER_CHARS]),
    }
    if len(order.prompts) > 1:
        outputs["classes"] = _temporary("classes.tif")
    return outputs


def _kept(request: Dict[str, Any]) -> Dict[str, Any]:
    """Return what another run on the same heatmap needs of a request."""
    own = ("heatmap", "masks", "layer", "classes", "thresholds", "refine")
    return {key: value for key, value in request.items() if key not in own}


def _with_suffix(path: str, suffix: str) -> str:
    return path if not path or Path(path).suffix else path + suffix


def _temporary(name: str) -> str:
    return str(QgsProcessingUtils.generateTempFilename(name))
