"""One search from a raster to files: open, encode, score, threshold, draw, write.

Scores are kept for the whole area in one array of cells (a 16th or less of the pixels; on disk where that is large), so
that the thresholds come from all blocks before any is drawn. Everything else goes block by block.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError
from . import rates
from .classes import write_classes
from .clock import Clock
from .embed import embed_scene
from .gpkg import Provenance, append_polygons
from .heatmap import overview, write_heatmap
from .loading import LoadedModels
from .mask_choice import ChoiceRules
from .outputs import Staging
from .polygons import FoundPolygon, PolygonBuilder
from .preparation import Search, Targets, open_search, place_targets, store_root
from .preview import PromptPicture, write_preview
from .progress import CancelToken, Report
from .regions import Cells, Heat, Region, thresholded
from .requests import DEFAULT_LAYER, QueryRequest
from .results import PromptResult, QueryResult
from .sam_cache import SamCache
from .scene import SceneReader
from .search import ScoreHistogram, Scorer
from .service import software
from .store import EmbeddingStore

if TYPE_CHECKING:
    from .sam import PromptedSam

IN_MEMORY_BYTES = 64 << 20
"""Scores of an area beyond this size are kept in a file."""
PREVIEW_PX = 1024


@dataclass(frozen=True)
class _Scores:
    """The heatmap of the whole area and what was learnt on the way."""

    heat: Heat
    histogram: ScoreHistogram
    thresholds: list[float]
    covered: list[float]
    encoded_tiles: int
    from_store: int


def run(request: QueryRequest, report: Report, cancel: CancelToken, models: LoadedModels | None) -> QueryResult:
    """See `service.run_query`."""
    clock = Clock()
    with Staging() as staging:
        targets = place_targets(request, staging)
        search, warnings, scorer = open_search(request, staging, clock, report, cancel, models or LoadedModels())
        scores = _score(search, scorer)
        _write_rasters(search, scores, targets.places)
        polygons = None
        if "masks" in targets.paths or "preview" in targets.paths:
            polygons = _draw(search, scores)
        if "preview" in targets.places:
            with clock("preview"):
                _write_preview(search, scores, polygons or [], targets.places["preview"])
        cancel.check()
        if "masks" in targets.paths:
            with clock("masks"):
                _write_masks(search, scores, polygons or [], targets.paths["masks"])
        staging.commit()
        if request.use_store:
            _remember_rates(search, scores, drawn=polygons is not None)
        return _result(search, scores, polygons, targets, warnings)


def _write_rasters(search: Search, scores: _Scores, places: Mapping[str, Path]) -> None:
    """Write the heatmap and the class map, as far as they are asked for."""
    request, prompts = search.request, search.request.prompts
    common: dict[str, Any] = {
        "guided": request.upsample == "guided",
        "tags": _tags(search, scores),
        "report": search.report,
        "cancel": search.cancel,
    }
    if "heatmap" in places:
        with search.clock("heatmap"):
            write_heatmap(places["heatmap"], scores.heat, search.scene, prompts, **common)
    if "classes" in places:
        with search.clock("classes"):
            write_classes(places["classes"], scores.heat, search.scene, prompts, scores.thresholds, **common)


def _score(search: Search, scorer: Scorer) -> _Scores:
    """Encode what the store lacks and score every patch of the window."""
    request, clock = search.request, search.clock
    store = EmbeddingStore(store_root(request) if request.use_store else search.staging.scratch("embeddings"))
    with clock("encode"):
        field = embed_scene(
            search.scene,
            search.encoder,
            window=search.window,
            stride_px=search.stride_px,
            store=store,
            report=search.report,
            cancel=search.cancel,
        )
    stride, area = field.stride_px, field.window
    histogram = ScoreHistogram(len(request.prompts), scorer.kind)
    scores = _score_array(search, (len(request.prompts), area.height // stride, area.width // stride))
    with clock("score"):
        done = 0
        for block in field.blocks():
            search.cancel.check()
            part = scorer.score(block.patches, block.image)
            part[:, ~block.valid] = np.nan
            histogram.add(part)
            rows, cols = (slice(s.start // stride, s.stop // stride) for s in block.window.slices_in(area))
            scores[:, rows, cols] = part
            done += block.valid.size
            search.report("score", done, scores[0].size)
        wanted = [request.wanted_threshold(k) for k in range(len(request.prompts))]
        thresholds = [histogram.auto_threshold(k) if value is None else value for k, value in enumerate(wanted)]
        covered = [_share_above(plane, threshold) for plane, threshold in zip(scores, thresholds, strict=True)]
    heat = Heat(scores, area, stride, search.encoder.patch_px)
    return _Scores(heat, histogram, thresholds, covered, field.encoded_tiles, field.from_store)


def _score_array(search: Search, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """Return an array of NaN for the scores: in memory, or in a file whose space is claimed beforehand."""
    size = 4 * math.prod(shape)
    if size <= IN_MEMORY_BYTES:
        return np.full(shape, np.nan, dtype=np.float32)
    path = search.staging.scratch("scores.f32")
    try:
        with path.open("wb") as file:
            block = np.full(1 << 20, np.nan, dtype=np.float32).tobytes()
            for start in range(0, size, len(block)):
                file.write(block[: size - start])
    except OSError as error:
        raise OutputError(
            f"there is no room for {size >> 20} MB of scores ({error.strerror})",
            remedy="Free some space in the temporary folder, or set TMPDIR.",
            path=str(path),
        ) from error
    return np.memmap(path, dtype=np.float32, mode="r+", shape=shape)


def _share_above(plane: NDArray[np.float32], threshold: float) -> float:
    known = above = 0
    for start in range(0, len(plane), 1024):
        part = plane[start : start + 1024]
        known += int(np.isfinite(part).sum())
        with np.errstate(invalid="ignore"):
            above += int((part >= threshold).sum())
    return above / known if known else 0.0


def _draw(search: Search, scores: _Scores) -> list[FoundPolygon]:
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


def _refined(search: Search, scores: _Scores, sam: PromptedSam) -> Iterator[Region]:
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
            spans=[scores.histogram.span(k) for k in range(len(request.prompts))],
            cache=cache,
            report=search.report,
            cancel=search.cancel,
        )


def _remember_rates(search: Search, scores: _Scores, *, drawn: bool) -> None:
    """Keep how long the work took, for estimates."""
    seconds, encoder, device = search.clock.total(), search.encoder, search.device
    found: dict[str, float] = {}
    if scores.encoded_tiles:
        tile = rates.rate_key("tile", encoder.sha256, device, encoder.precision)
        found[tile] = seconds["encode"] / scores.encoded_tiles
    if search.fresh:
        found[rates.rate_key("load", encoder.sha256)] = seconds["load"] + seconds["text"]
    stages = ["score", "heatmap", "classes", "polygons", "masks", "preview"]
    if drawn and search.request.refine == "sam":
        from .segment import windows_in

        sam = search.models.sam(search.request.sam, device)
        heat = scores.heat
        cuts = windows_in(search.scene.window, heat.window, sam.image_px, heat.stride_px, ChoiceRules().overlap)
        if cuts:
            found[rates.rate_key("sam window", sam.sha256, device)] = seconds["segment"] / len(cuts)
    elif drawn:
        stages.append("segment")
    found[rates.rate_key("cell")] = sum(seconds.get(stage, 0.0) for stage in stages) / scores.heat.scores.size
    rates.remember(found)


def _tags(search: Search, scores: _Scores) -> dict[str, str]:
    """Return where a heatmap comes from, for the file's metadata; `vectorise` reads it back."""
    request, scene = search.request, search.scene
    automatic = [scores.histogram.auto_threshold(k) for k in range(len(request.prompts))]
    return {
        "software": software(),
        "model": search.encoder.model_id,
        "model_sha256": search.encoder.sha256,
        "source": _source(request.raster),
        "gsd_m": repr(scene.grid.gsd_m),
        "stride_px": str(search.stride_px),
        "sensor": scene.sensor,
        "bands": json.dumps(scene.bands),
        "stretch": json.dumps(scene.stretch),
        "scores": scores.histogram.kind,
        "prompts": json.dumps(request.prompts, ensure_ascii=False),
        "negatives": json.dumps(request.negatives, ensure_ascii=False),
        "thresholds": json.dumps(scores.thresholds),
        "auto_thresholds": json.dumps(automatic),
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def _write_masks(search: Search, scores: _Scores, polygons: list[FoundPolygon], target: Path) -> None:
    request = search.request
    provenance = Provenance(
        prompts=request.prompts,
        thresholds=tuple(scores.thresholds),
        model=search.encoder.model_id,
        model_sha256=search.encoder.sha256,
        gsd_m=search.scene.grid.gsd_m,
        source=_source(request.raster),
    )
    search.report("write", 0, 0)
    append_polygons(target, request.layer or DEFAULT_LAYER, polygons, search.scene.grid.crs, provenance)


def _write_preview(search: Search, scores: _Scores, polygons: list[FoundPolygon], place: Path) -> None:
    """Draw the picture from the scene at a resolution that suits it."""
    search.report("preview", 0, 0)
    heat, scene, prompts = scores.heat, search.scene, search.request.prompts
    rgb, valid, transform = overview(scene, heat.window, PREVIEW_PX, search.cancel)
    thin = max(1, math.ceil(max(heat.scores.shape[1:]) / PREVIEW_PX))
    kind = scores.histogram.kind
    pictures = [
        PromptPicture(
            prompt,
            np.asarray(heat.scores[k, ::thin, ::thin]),
            [polygon.geometry for polygon in polygons if polygon.prompt_index == k],
            scores.thresholds[k],
            sum(polygon.area_m2 for polygon in polygons if polygon.prompt_index == k),
        )
        for k, prompt in enumerate(prompts)
    ]
    spans = [scores.histogram.span(k) for k in range(len(prompts))]
    scale = (0.0, 1.0) if kind == "probability" else (min(low for low, _ in spans), max(high for _, high in spans))
    title, model = Path(scene.path).name, search.encoder.model_id
    write_preview(place, rgb, transform, pictures, title=title, model=model, valid=valid, scale=scale)


def _result(
    search: Search, scores: _Scores, polygons: list[FoundPolygon] | None, targets: Targets, warnings: list[str]
) -> QueryResult:
    request, scene = search.request, search.scene
    found = []
    for k, prompt in enumerate(request.prompts):
        own = None if polygons is None else [p for p in polygons if p.prompt_index == k]
        highest = float(scores.histogram.maximum[k])
        found.append(
            PromptResult(
                prompt=prompt,
                maximum=highest if math.isfinite(highest) else None,
                threshold=scores.thresholds[k],
                auto_threshold=scores.histogram.auto_threshold(k),
                covered=scores.covered[k],
                polygons=None if own is None else len(own),
                area_m2=None if own is None else sum(p.area_m2 for p in own),
            )
        )
    return QueryResult(
        raster=request.raster,
        model=search.encoder.model_id,
        model_sha256=search.encoder.sha256,
        sensor=scene.sensor,
        bands=scene.bands,
        gsd_m=scene.grid.gsd_m,
        crs=scene.grid.crs,
        stride_px=search.stride_px,
        prompts=tuple(found),
        heatmap=targets.text("heatmap"),
        masks=targets.text("masks"),
        layer=(request.layer or DEFAULT_LAYER) if "masks" in targets.paths else None,
        classes=targets.text("classes"),
        preview=targets.text("preview"),
        encoded_tiles=scores.encoded_tiles,
        from_store=scores.from_store,
        seconds=search.clock.total(),
        warnings=tuple(warnings),
    )


def _source(raster: str) -> str:
    """Return a raster's absolute path; as it is what is no local file."""
    return os.path.abspath(raster) if os.path.exists(raster) else raster
