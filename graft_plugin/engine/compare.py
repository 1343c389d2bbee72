"""Two dates from rasters to the change of a prompt: open on one grid, encode, take off the look, subtract, write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import SceneError, UsageError
from . import advice
from .change import Change, Look, auto_thresholds, blocks_of, change_of, find_look, pairs_of, sample_windows
from .clock import Clock
from .compare_dates import Dates, about, as_query, open_dates
from .compare_preview import write_change_preview
from .compare_products import OUTPUTS, append, outline, result_of, tags_of
from .compare_requests import CompareRequest
from .compare_results import CompareResult
from .embed import embed_scene
from .grid import Window
from .heatmap import write_heatmap
from .loading import LoadedModels, torch_device
from .outputs import Staging, check_target
from .patches import PatchField
from .preparation import store_root, stride_of
from .progress import CancelToken, Report, silent
from .regions import Heat
from .scoring import score_array
from .search import Query, Scorer
from .store import EmbeddingStore

if TYPE_CHECKING:
    from .encoders.types import ImageEncoder


def run_compare(request: CompareRequest, report: Report, cancel: CancelToken, models: LoadedModels) -> CompareResult:
    """See `service.run_compare`."""
    clock = Clock()
    targets = _targets(request)
    report("load", 0, 0)
    with clock("load"):
        encoder = models.encoder(request.model, torch_device(request.device), request.precision)
        texts = models.texts(request.model)
        scorer = Scorer(texts, Query(request.prompts, request.negatives), global_bias=encoder.global_bias)
    cancel.check()
    with clock("open"):
        dates = open_dates(request, encoder)
    warnings = [
        advice.unknown_words(text, words, request.model)
        for text in (*request.prompts, *request.negatives)
        if (words := texts.unknown_words(text))
    ]
    warnings += about(dates)
    with Staging() as staging:
        change = find_change(request, dates, encoder, scorer, staging, clock, report, cancel)
        polygons = None
        if "masks" in targets or "preview" in targets:
            with clock("polygons"):
                polygons = outline(request, dates, change, report, cancel)
        if "heatmap" in targets:
            with clock("heatmap"):
                tags, place = tags_of(request, dates, encoder, scorer, change), staging.place(targets["heatmap"])
                write_heatmap(
                    place, change.heat, dates.before, request.prompts, tags=tags, report=report, cancel=cancel
                )
        if "preview" in targets:
            report("preview", 0, 0)
            with clock("preview"):
                place = staging.place(targets["preview"])
                write_change_preview(place, request, dates, change, polygons or [], encoder.model_id, cancel)
        cancel.check()
        if "masks" in targets:
            report("write", 0, 0)
            with clock("masks"):
                append(request, dates, encoder, change, polygons or [], targets["masks"])
        staging.commit()
    return result_of(request, dates, encoder, change, polygons, targets, warnings, clock)


def find_change(
    request: CompareRequest,
    dates: Dates,
    encoder: ImageEncoder,
    scorer: Scorer,
    staging: Staging,
    clock: Clock,
    report: Report,
    cancel: CancelToken,
) -> Change:
    """Encode what the store lacks of both dates and subtract the scores, block by block.

    Raises:
        SceneError: No place of the window is valid in both.
    """
    asked = as_query(request, request.before)
    store = EmbeddingStore(store_root(asked) if request.use_store else staging.scratch("tiles"))
    encoded = 0

    def embedded(window: Window, stride_px: int, told: Report) -> tuple[PatchField, PatchField]:
        nonlocal encoded
        before, after = (
            embed_scene(scene, encoder, window=window, stride_px=stride_px, store=store, report=told, cancel=cancel)
            for scene in (dates.before, dates.after)
        )
        encoded += before.encoded_tiles + after.encoded_tiles
        return before, after

    def sample() -> Iterator[tuple[PatchField, PatchField]]:
        windows = sample_windows(dates.overlap, dates.before.grid)
        for done, window in enumerate(windows):
            report("encode", done, len(windows))
            yield embedded(window, encoder.patch_px, silent)

    with clock("encode"):
        fields = embedded(dates.window, stride_of(asked, encoder), report)
        pairs = pairs_of(sample())
    with clock("score"):
        look = find_look(pairs) if request.normalise == "auto" else Look.none(encoder.dim)
        cancel.check()
        auto = auto_thresholds(scorer, pairs, look)
        heat = _subtract(fields, scorer, look, staging, report, cancel)
    if heat is None:
        raise SceneError(
            "no place there has a valid pixel in both rasters", remedy="Check their nodata.", path=request.after
        )
    thresholds = auto if request.threshold is None else [request.threshold] * scorer.count
    return Change(heat, auto, thresholds, look, encoded, sum(field.from_store for field in fields))


def _subtract(
    fields: tuple[PatchField, PatchField],
    scorer: Scorer,
    look: Look,
    staging: Staging,
    report: Report,
    cancel: CancelToken,
) -> Heat | None:
    """Return the change of the scores over a window; None where no cell of it is valid in both dates."""
    area, s = fields[0].window, fields[0].stride_px
    planes = score_array(staging, (scorer.count, area.height // s, area.width // s))
    done = known = 0
    for before, after in blocks_of(*fields):
        cancel.check()
        part = change_of(scorer, before, after, look)
        rows, cols = (slice(a.start // s, a.stop // s) for a in before.window.slices_in(area))
        planes[:, rows, cols] = part
        known, done = known + int(np.isfinite(part[0]).sum()), done + before.valid.size
        report("score", done, planes[0].size)
    return Heat(planes, area, s, fields[0].grid.patch_px) if known else None


def _targets(request: CompareRequest) -> dict[str, Path]:
    """Check that every output can be written, before any work is done."""
    found = {
        name: check_target(value, suffixes)
        for name, suffixes in OUTPUTS.items()
        if (value := getattr(request, name)) is not None
    }
    for name, target in found.items():
        for raster in (Path(request.before), Path(request.after)):
            if target.exists() and raster.exists() and target.samefile(raster):
                raise UsageError(f"the {name} would overwrite a raster", remedy="Name another file.", path=str(target))
    return found
