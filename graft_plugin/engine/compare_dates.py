"""Two rasters of one place on one grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import SceneError, UsageError
from . import advice
from .compare_requests import CompareRequest
from .grid import Window
from .index.layout import is_index
from .preparation import look_at
from .requests import EstimateRequest
from .scene import Scene, regrid, window_of_extent

if TYPE_CHECKING:
    from .encoders.types import ImageEncoder

_SHARED = ("model", "sensor", "bands", "stretch", "gsd_m", "stride_px", "store", "use_store", "offline")
COARSER = 1.5
"""Pixels of one date this many times as wide as the other's are told of."""


@dataclass(frozen=True)
class Dates:
    """Two rasters on one grid.

    Attributes:
        before, after: The scenes.
        overlap: Pixels that both have.
        window: Those that are asked for.
    """

    before: Scene
    after: Scene
    overlap: Window
    window: Window


def as_query(request: CompareRequest, raster: str) -> EstimateRequest:
    """Return how a query would look at one of the rasters, so that both share what is stored of it."""
    return EstimateRequest(raster=raster, **{name: getattr(request, name) for name in _SHARED})


def open_dates(request: CompareRequest, encoder: ImageEncoder) -> Dates:
    """Open both rasters on one grid: in the metric CRS of `before`, at the coarser of the two ground resolutions.

    A finer grid would show one date sharp and the other blurred, and smoothness is what many things are told by.

    Raises:
        SceneError: They do not overlap.
        UsageError: One is an index, or the extent misses one.
    """
    for path in (request.before, request.after):
        if is_index(path):
            raise UsageError(
                "an index cannot be compared yet", remedy="Name two of the rasters that it was made of.", path=path
            )
    before, after = (look_at(as_query(request, path), encoder) for path in (request.before, request.after))
    gsd_m = max(before.grid.gsd_m, after.grid.gsd_m)
    before = regrid(before, before.grid.crs, gsd_m)
    try:
        after = regrid(after, before.grid.crs, gsd_m)
    except SceneError as error:
        raise _apart(request) from error
    overlap = before.window.intersection(after.window)
    if overlap.empty:
        raise _apart(request)
    window = overlap
    if request.extent is not None:
        xmin, ymin, xmax, ymax = request.extent
        window = window_of_extent(before, (xmin, ymin, xmax, ymax), request.extent_crs).intersection(overlap)
    if window.empty:
        raise UsageError(
            "the extent and the second raster do not touch", remedy="Check the extent and its CRS.", path=request.after
        )
    return Dates(before, after, overlap, window)


def about(dates: Dates) -> Sequence[str]:
    """Return what the user should know of the two rasters."""
    fine, coarse = sorted((dates.before.native_gsd_m, dates.after.native_gsd_m))
    found = list(advice.resolution(coarse, dates.before.grid.gsd_m))
    if coarse > COARSER * fine:
        found.append(
            f"one raster's pixels are {coarse:.3g} m wide and the other's {fine:.3g} m: what is sharp in one date only "
            "may look like a change"
        )
    return found


def _apart(request: CompareRequest) -> SceneError:
    return SceneError(
        f"it shows no place that {request.before} shows too",
        remedy="Choose two rasters of one place, and check their CRS.",
        path=request.after,
    )
