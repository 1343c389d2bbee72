"""One search from a raster to files: open, encode, score, threshold, draw, write; block by block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .clock import Clock
from .index.layout import is_index
from .loading import LoadedModels
from .outputs import Staging
from .polygons import FoundPolygon, PolygonBuilder
from .preparation import Search, open_search, place_targets, store_root
from .products import remember_rates, result_of, write_masks, write_preview_of, write_rasters
from .progress import CancelToken, Report
from .regions import Cells, Region, thresholded
from .request_base import require
from .requests import QueryRequest
from .results import QueryResult
from .sam_cache import SamCache
from .scene import SceneReader
from .scoring import Scores, score

if TYPE_CHECKING:
    from .sam import PromptedSam


def run(request: QueryRequest, report: Report, cancel: CancelToken, models: LoadedModels | None) -> QueryResult:
    """See `service.run_query`."""
    if is_index(request.raster):
        from .index.query import run as run_on_index

        return run_on_index(request, report, cancel, models or LoadedModels())
    require(request.cluster is None, "only an index is searched on a cluster", "Make one with graft index.")
    clock = Clock()
    with Staging() as staging:
        targets = place_targets(request, staging)
        search, warnings, asked = open_search(request, staging, clock, report, cancel, models or LoadedModels())
        scores = score(search, asked)
        write_rasters(search, scores, targets.places)
        polygons = None
        if "masks" in targets.paths or "preview" in targets.paths:
            polygons = draw(search, scores)
        if "preview" in targets.places:
            with clock("preview"):
                write_preview_of(search, scores, polygons or [], targets.places["preview"])
        cancel.check()
        if "masks" in targets.paths:
            with clock("masks"):
                write_masks(search, scores, polygons or [], targets.paths["masks"])
        staging.commit()
        if request.use_store:
            remember_rates(search, scores, drawn=polygons is not None)
        return result_of(search, scores, polygons, targets, warnings)


def draw(search: Search, scores: Scores) -> list[FoundPolygon]:
    """Turn the heatmap into polygons: refined by SAM, or as it is."""
    request, clock, cancel = search.request, search.clock, search.cancel
    builder = PolygonBuilder(search.scene.grid)
    regions: Iterator[Region | Cells]
    if request.refine == "none":
        regions = thresholded(scores.heat, scores.thresholds, report=search.report, cancel=cancel)
    else:
        search.report("load", 0, 0)
        with clock("load"):
            sam = search.models.sam(request.sam, search.device)
        cancel.check()
        regions = _refined(search, scores, sam)
    with clock("segment"):
        for region in regions:
            builder.add(region)
    search.report("polygons", 0, 0)
    with clock("polygons"):
        polygons = builder.build(simplify_m=request.simplify_m, cancel=cancel)
    cancel.check()
    return polygons


def _refined(search: Search, scores: Scores, sam: PromptedSam) -> Iterator[Region]:
    from .segment import refine

    request, scene = search.request, search.scene
    cache = None
    if request.use_store:
        key = {"scene": scene.identity(), "sam": sam.sha256, "precision": sam.precision}
        cache = SamCache(store_root(request) / "sam", key)
    with SceneReader(scene) as reader:
        yield from refine(
            reader,
            scores.heat,
            scores.thresholds,
            sam,
            area=scene.window,
            spans=[scores.histogram.span(k) for k in range(len(request.names))],
            cache=cache,
            report=search.report,
            cancel=search.cancel,
        )
