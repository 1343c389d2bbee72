"""What a run does in its own thread: the layer's pixels, the engine's answer, the cut to the area."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from qgis.core import QgsProject

from ..client.children import CancelFlag
from .area import Area
from .clip import clip_result, name_origin
from .engine import shared_worker
from .model_gsd import model_gsd_m
from .order import Order
from .progress import Report
from .source import Source

Work = Callable[[Report, CancelFlag], Dict[str, Any]]
"""`work(report, cancelled)`: blocks its thread, and returns the engine's result."""


def query_work(order: Order, outputs: Dict[str, Any]) -> Work:
    """Return the work of an order; made in the main thread.

    Args:
        order: What to look for.
        outputs: Fields of the request that name files.
    """
    context = QgsProject.instance().transformContext()

    def work(report: Report, cancelled: CancelFlag) -> Dict[str, Any]:
        source = fetch_source(order, report, cancelled)
        request = {**located(order, source), **outputs}
        result = shared_worker().call("query", request, report, cancelled)
        name_origin(result, source)
        return {**clip_result(result, order.area, context, cancelled), "request": request}

    return work


def fetch_source(order: Order, report: Optional[Report], cancelled: CancelFlag) -> Source:
    """Return the raster that the engine opens, rendered first where the layer is no file."""
    assert order.source is not None
    gsd_m = order.gsd_m or model_gsd_m(order.model, order.sensor)
    return order.source.fetch(order.extent, gsd_m, report, cancelled)


def located(order: Order, source: Source) -> Dict[str, Any]:
    """Return an order's request on the raster that the engine opens."""
    request = {**order.to_request(), "raster": source.raster}
    request.pop("extent", None)
    if source.extent is not None:
        request["extent"] = list(source.extent)
    return request


def engine_work(method: str, params: Dict[str, Any], area: Optional[Area] = None) -> Work:
    """Return the work of one call of the engine; its result is cut to `area`, where one is given."""
    context = QgsProject.instance().transformContext()

    def work(report: Report, cancelled: CancelFlag) -> Dict[str, Any]:
        result = shared_worker().call(method, params, report, cancelled)
        return result if area is None else clip_result(result, area, context, cancelled)

    return work
