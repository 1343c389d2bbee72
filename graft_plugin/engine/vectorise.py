"""Polygons of a stored heatmap: no model, no torch, and no more memory than a block and the outlines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterWindow

from ..errors import SceneError, UsageError
from .clock import Clock
from .crs import crs_text
from .gpkg import Provenance, append_polygons
from .grid import Grid, Window
from .outputs import check_target
from .polygons import FoundPolygon, PolygonBuilder
from .progress import CancelToken, Report
from .regions import thresholded
from .requests import DEFAULT_LAYER, VectoriseRequest
from .results import OutlinedPrompt, VectoriseResult
from .source import GDAL_ERRORS, gdal_env, open_raster, source_crs, unreadable

OFF_GRID_PX = 1e-3
"""A heatmap whose cells lie further than this off the grid was resampled by another program."""
TAGS = ("model", "model_sha256", "source", "gsd_m", "scores", "thresholds")
"""What every heatmap's metadata hold; see `pipeline`."""


@dataclass(frozen=True)
class StoredHeat:
    """A heatmap in a file, as `regions.ReadableHeat`; the other attributes come from its metadata.

    Attributes:
        prompts: One for each band.
        thresholds: Those of the query, likewise.
        grid: The pixel raster on which the cells lie.
        window: The cells' global pixels.
        stride_px: Pixels a cell; 1 for a heatmap at full resolution.
        tags: The file's metadata.
    """

    src: DatasetReader
    prompts: tuple[str, ...]
    thresholds: tuple[float, ...]
    grid: Grid
    window: Window
    stride_px: int
    tags: dict[str, str]

    def read(self, window: Window) -> NDArray[np.float32]:
        """Return the scores [K, h, w] of the cells of a window inside `self.window`."""
        rows, cols = window.slices_in(self.window)
        s = self.stride_px
        place = RasterWindow(cols.start // s, rows.start // s, window.width // s, window.height // s)
        try:
            return np.asarray(self.src.read(window=place), dtype=np.float32)
        except GDAL_ERRORS as error:
            raise unreadable(self.src.name, error) from error


@contextmanager
def open_heatmap(path: str) -> Iterator[StoredHeat]:
    """Open a heatmap that a query wrote.

    Raises:
        SceneError: It cannot be read, is no heatmap of GRAFT, or was resampled.
    """
    with gdal_env(), open_raster(path) as src:
        tags = src.tags()
        lacking = [name for name in TAGS if name not in tags]
        if lacking or src.dtypes[0] != "float32":
            why = f"its metadata lack {', '.join(lacking)}" if lacking else "its values are no scores"
            raise SceneError(
                f"it is no heatmap that GRAFT wrote ({why})",
                remedy="Choose a heatmap of a query, or make one: graft query RASTER --text lake --heatmap OUT.tif",
                path=path,
            )
        stored = _listed(tags, "prompts", path) if "prompts" in tags else []
        prompts = [text or str((stored[k : k + 1] or [""])[0]) for k, text in enumerate(src.descriptions)]
        thresholds = [float(value) for value in _listed(tags, "thresholds", path)]
        if len(prompts) != len(thresholds):
            raise _damaged(path)
        grid, window, stride_px = _placed(src, tags, path)
        yield StoredHeat(src, tuple(prompts), tuple(thresholds), grid, window, stride_px, tags)


def run(request: VectoriseRequest, report: Report, cancel: CancelToken) -> VectoriseResult:
    """See `service.run_vectorise`."""
    clock = Clock()
    target = None if request.masks is None else check_target(request.masks, (".gpkg",))
    with open_heatmap(request.heatmap) as heat:
        if heat.tags["scores"] == "change":
            remedy = "Use graft compare with --threshold; what is encoded is not encoded again."
            raise SceneError("it shows the change between two dates", remedy=remedy, path=request.heatmap)
        thresholds = _chosen(request.thresholds, heat)
        builder = PolygonBuilder(heat.grid)
        with clock("segment"):
            for cells in thresholded(heat, thresholds, report=report, cancel=cancel):
                builder.add(cells)
        report("polygons", 0, 0)
        with clock("polygons"):
            polygons = builder.build(simplify_m=request.simplify_m, cancel=cancel)
        cancel.check()
        layer = request.layer or DEFAULT_LAYER
        if target is not None:
            report("write", 0, 0)
            with clock("masks"):
                append_polygons(target, layer, polygons, heat.grid.crs, _provenance(heat, thresholds))
    return VectoriseResult(
        prompts=tuple(_counted(heat.prompts, thresholds, polygons)),
        masks=None if target is None else str(target),
        layer=None if target is None else layer,
        seconds=clock.total(),
    )


def _placed(src: DatasetReader, tags: dict[str, str], path: str) -> tuple[Grid, Window, int]:
    """Return the grid, the global pixels and the stride that a heatmap was written with."""
    cell = src.transform
    try:
        stride_px = max(1, round(cell.a / float(tags["gsd_m"])))
    except ValueError as error:
        raise _damaged(path) from error
    gsd_m = cell.a / stride_px
    at = [cell.c / gsd_m, -cell.f / gsd_m]
    shifts = [abs(value - round(value)) for value in at]
    if cell.b or cell.d or abs(cell.a + cell.e) > 1e-9 * cell.a or max(shifts) > OFF_GRID_PX:
        raise SceneError(
            "its cells are not where the query put them: another program resampled it",
            remedy="Choose the heatmap as the query wrote it.",
            path=path,
        )
    window = Window(round(at[1]), round(at[0]), src.height * stride_px, src.width * stride_px)
    return Grid(crs_text(source_crs(src)), gsd_m), window, stride_px


def _listed(tags: dict[str, str], name: str, path: str) -> list[Any]:
    try:
        values = json.loads(tags[name])
    except ValueError as error:
        raise _damaged(path) from error
    if not isinstance(values, list):
        raise _damaged(path)
    return values


def _damaged(path: str) -> SceneError:
    return SceneError("the metadata that GRAFT wrote into it were changed", remedy="Run the query again.", path=path)


def _chosen(wanted: Sequence[float | None] | None, heat: StoredHeat) -> list[float]:
    """Return a threshold for each prompt: as asked for, else the query's own."""
    given = list(wanted or [None])
    count = len(heat.prompts)
    if len(given) == 1:
        given *= count
    if len(given) != count:
        raise UsageError(
            f"{len(given)} thresholds were given, and the heatmap has {count} prompt{'' if count == 1 else 's'}",
            remedy="Give one for all, or one for each.",
        )
    return [own if value is None else float(value) for value, own in zip(given, heat.thresholds, strict=True)]


def _provenance(heat: StoredHeat, thresholds: Sequence[float]) -> Provenance:
    return Provenance(
        prompts=heat.prompts,
        thresholds=tuple(thresholds),
        model=heat.tags["model"],
        model_sha256=heat.tags["model_sha256"],
        gsd_m=heat.grid.gsd_m,
        source=heat.tags["source"],
    )


def _counted(
    prompts: Sequence[str], thresholds: Sequence[float], polygons: Sequence[FoundPolygon]
) -> Iterator[OutlinedPrompt]:
    for k, (prompt, threshold) in enumerate(zip(prompts, thresholds, strict=True)):
        areas = [polygon.area_m2 for polygon in polygons if polygon.prompt_index == k]
        yield OutlinedPrompt(prompt, threshold, len(areas), sum(areas))
