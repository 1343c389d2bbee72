"""What a run will take: asked of the engine, or counted where the layer must be rendered first; and in words."""

from __future__ import annotations

from typing import Any, Dict, Sequence

from qgis.core import QgsProcessingUtils

from ..client.children import CancelFlag
from .engine import shared_worker
from .i18n import tr
from .messages import capital
from .model_gsd import model_gsd_m
from .order import Order
from .progress import Report
from .work import Work, fetch_source, located

MINUTE_S = 90
HOUR_S = 5400
GIGABYTE = 1e9
NO_BREAK = "\u00a0"


def estimate_work(order: Order) -> Work:
    """Return the work that finds out what an order takes; made in the main thread.

    A layer that is no file is not read for an estimate: then the result says how many pixels are to be rendered.
    """
    masks = f"{QgsProcessingUtils.tempFolder()}/estimate.gpkg" if order.segment else None

    def work(_report: Report, cancelled: CancelFlag) -> Dict[str, Any]:
        assert order.source is not None
        plan = order.source.plan(order.extent, order.gsd_m or model_gsd_m(order.model, order.sensor))
        if plan is not None and plan.missing:
            return {"render_px": plan.size_px[0] * plan.size_px[1], "disk_bytes": plan.megabytes * 1e6}
        request = {**located(order, fetch_source(order, None, cancelled)), "masks": masks}
        return shared_worker().call("estimate", request, None, cancelled)

    return work


def estimate_words(estimate: Dict[str, Any]) -> str:
    """Return an estimate of the engine as one or two lines: tiles, time, memory, disk, and what there is already."""
    if "render_px" in estimate:
        size = tr("{:.1f} million pixels").format(estimate["render_px"] / 1e6)
        return tr("{} to render first, at most {}").format(size, size_words(estimate["disk_bytes"]))
    tiles, stored = int(estimate["tiles"]), int(estimate["stored_tiles"])
    parts = [tr("1 tile") if tiles == 1 else tr("{} tiles").format(f"{tiles:,}")]
    if tiles and stored >= tiles:
        parts[0] += tr(", all seen before")
    elif stored:
        parts[0] += tr(", {} seen before").format(f"{stored:,}")
    parts.append(tr("about {}").format(time_words(estimate["seconds"])))
    parts.append(tr("{} memory").format(size_words(estimate["memory_bytes"])))
    if estimate["disk_bytes"]:
        parts.append(tr("{} disk").format(size_words(estimate["disk_bytes"])))
    lines = [joined(parts), *map(capital, estimate.get("warnings", ()))]
    return "\n".join(lines)


def joined(parts: Sequence[str]) -> str:
    """Return parts side by side; a line ends between them, not in one."""
    return " · ".join(part.replace(" ", NO_BREAK) for part in parts)


def time_words(seconds: float) -> str:
    """Return a duration in the unit that suits it."""
    if seconds < MINUTE_S:
        return tr("{} s").format(max(1, round(seconds)))
    return tr("{} min").format(round(seconds / 60)) if seconds < HOUR_S else tr("{:.1f} h").format(seconds / 3600)


def size_words(size_bytes: float) -> str:
    """Return a size in megabytes or gigabytes."""
    if size_bytes >= GIGABYTE:
        return f"{size_bytes / GIGABYTE:.1f} GB"
    return f"{max(1, round(size_bytes / 1e6))} MB"
