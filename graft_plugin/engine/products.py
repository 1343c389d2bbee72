"""What a search leaves: rasters, polygons, a picture, its result, and how long it took."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from . import rates
from .classes import write_classes
from .gpkg import Provenance, append_polygons
from .heatmap import overview, write_heatmap
from .mask_choice import ChoiceRules
from .polygons import FoundPolygon
from .preparation import Search, Targets
from .preview import PromptPicture, write_preview
from .requests import DEFAULT_LAYER
from .results import PromptResult, QueryResult
from .scoring import Scores
from .service import software

PREVIEW_PX = 1024


def write_rasters(search: Search, scores: Scores, places: Mapping[str, Path]) -> None:
    """Write the heatmap and the class map, as far as they are asked for."""
    request, prompts = search.request, search.request.names
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


def write_masks(search: Search, scores: Scores, polygons: list[FoundPolygon], target: Path) -> None:
    """Append the polygons to their layer."""
    request = search.request
    provenance = Provenance(
        prompts=request.names,
        thresholds=tuple(scores.thresholds),
        model=search.encoder.model_id,
        model_sha256=search.encoder.sha256,
        gsd_m=search.scene.grid.gsd_m,
        source=source_name(request.raster),
    )
    search.report("write", 0, 0)
    append_polygons(target, request.layer or DEFAULT_LAYER, polygons, search.scene.grid.crs, provenance)


def write_preview_of(search: Search, scores: Scores, polygons: list[FoundPolygon], place: Path) -> None:
    """Draw the picture from the scene at a resolution that suits it."""
    search.report("preview", 0, 0)
    heat, scene, prompts = scores.heat, search.scene, search.request.names
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
    fixed = kind in ("probability", "likeness")
    scale = (0.0, 1.0) if fixed else (min(low for low, _ in spans), max(high for _, high in spans))
    title, model = Path(scene.path).name, search.encoder.model_id
    write_preview(place, rgb, transform, pictures, title=title, model=model, valid=valid, scale=scale)


def result_of(
    search: Search, scores: Scores, polygons: list[FoundPolygon] | None, targets: Targets, warnings: list[str]
) -> QueryResult:
    """Return what is told of the search."""
    request, scene = search.request, search.scene
    found = []
    for k, prompt in enumerate(request.names):
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


def remember_rates(search: Search, scores: Scores, *, drawn: bool) -> None:
    """Keep how long the work took, for estimates."""
    seconds, encoder, device = search.clock.total(), search.encoder, search.device
    if search.fresh:
        rates.remember(rates.rate_key("load", encoder.sha256), seconds["load"], 1)
    tile = rates.rate_key("tile", encoder.sha256, device, encoder.precision)
    rates.remember(tile, seconds["encode"], scores.encoded_tiles)
    stages = ["score", "heatmap", "classes", "polygons", "masks"]
    if drawn and search.request.refine == "sam":
        from .segment import windows_in

        sam = search.models.sam(search.request.sam, device)
        heat = scores.heat
        cuts = windows_in(search.scene.window, heat.window, sam.image_px, heat.stride_px, ChoiceRules().overlap)
        rates.remember(rates.rate_key("sam window", sam.sha256, device), seconds["segment"], len(cuts))
    elif drawn:
        stages.append("segment")
    rates.remember(rates.rate_key("cell"), sum(seconds.get(stage, 0.0) for stage in stages), scores.heat.scores.size)


def _tags(search: Search, scores: Scores) -> dict[str, str]:
    """Return where a heatmap comes from, for the file's metadata; `vectorise` reads it back."""
    request, scene = search.request, search.scene
    automatic = [scores.histogram.auto_threshold(k) for k in range(len(request.names))]
    return {
        "software": software(),
        "model": search.encoder.model_id,
        "model_sha256": search.encoder.sha256,
        "source": source_name(request.raster),
        "gsd_m": repr(scene.grid.gsd_m),
        "stride_px": str(search.stride_px),
        "sensor": scene.sensor,
        "bands": json.dumps(scene.bands),
        "stretch": json.dumps(scene.stretch),
        "scores": scores.histogram.kind,
        "prompts": json.dumps(request.names, ensure_ascii=False),
        "negatives": json.dumps(request.negatives, ensure_ascii=False),
        **_example(search),
        "thresholds": json.dumps(scores.thresholds),
        "auto_thresholds": json.dumps(automatic),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _example(search: Search) -> dict[str, str]:
    """Return the tags of points or a photo that were looked for."""
    request = search.request
    points = {name: json.dumps(values) for name in ("like", "unlike") if (values := getattr(request, name))}
    crs = {"points_crs": request.crs or search.scene.crs} if points else {}
    return {**points, **crs, **({"photo": os.path.abspath(request.photo)} if request.photo else {})}


def source_name(raster: str) -> str:
    """Return a raster's absolute path; as it is what is no local file."""
    return os.path.abspath(raster) if os.path.exists(raster) else raster
