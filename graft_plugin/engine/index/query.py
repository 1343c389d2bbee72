"""The whole index against new prompts: one pass over its bytes, straight into a heatmap; memory does not grow with it.

Where scenes of several dates cover a place, the newest one with a valid pixel there counts. No score depends on the
order of the shards, on the number of threads or on what else was asked for (see `exact`).
"""

from __future__ import annotations

import json
import math
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from rasterio.shutil import copy as copy_raster

from ...errors import OutputError, UsageError
from .. import advice
from ..blocks import read_mark
from ..clock import Clock
from ..loading import LoadedModels
from ..outputs import Staging, check_target
from ..progress import CancelToken, Report
from ..raster import RasterWriter
from ..requests import DEFAULT_LAYER, QueryRequest, VectoriseRequest
from ..results import PromptResult, QueryResult
from ..service import software
from ..source import GDAL_ERRORS, gdal_env
from ..threshold import ScoreHistogram
from .field import mark_file
from .layout import IndexModel, IndexScene, read_model, read_scenes
from .score import BlockScorer
from .sheet_scores import score_sheet
from .sheets import Sheet, chosen, sheets

if TYPE_CHECKING:
    from .cluster import Crew

_NOT_HERE = ("classes", "preview", "upsample", "like", "photo")


def run(request: QueryRequest, report: Report, cancel: CancelToken, models: LoadedModels) -> QueryResult:
    """See `service.run_query`; `request.raster` is an index."""
    clock, path = Clock(), Path(request.raster).expanduser().absolute()
    _check(request)
    model = read_model(path)
    report("load", 0, 0)
    with clock("load"):
        texts = models.texts(model.model)
        mode = "cosine" if request.scores == "cosine" else "probability"
        scorer = BlockScorer(texts, request.prompts, request.negatives, model, mode)  # type: ignore[arg-type]
    with clock("open"):
        scenes = chosen(read_scenes(path), names=request.scenes, since=request.since, until=request.until)
        parts = sheets(scenes, model, request.extent, request.crs)  # type: ignore[arg-type]
    warnings = [
        advice.unknown_words(text, words, model.model)
        for text in (*request.prompts, *request.negatives)
        if (words := texts.unknown_words(text))
    ]
    histogram = ScoreHistogram(scorer.scorer.count, scorer.scorer.kind)
    with Staging() as staging:
        drafts = [staging.scratch(f"{number}.tif") for number in range(len(parts))]
        targets = _targets(request, parts)
        places = [staging.place(target) for target in targets]
        writers = [_writer(draft, sheet, request) for draft, sheet in zip(drafts, parts)]
        damaged: list[str] = []
        try:
            with _crew(request) as crew:
                _score(parts, writers, scorer, histogram, damaged, (report, cancel, clock), crew)
            wanted = [request.wanted_threshold(k) for k in range(len(request.prompts))]
            thresholds = [histogram.auto_threshold(k) if v is None else v for k, v in enumerate(wanted)]
            with clock("heatmap"):
                for writer in writers:
                    writer.tag(_tags(request, model, parts, scorer, histogram, thresholds))
                    writer.commit()
        except BaseException:
            for writer in writers:
                writer.abort()
            raise
        with clock("heatmap"):
            for draft, place in zip(drafts, places):
                cancel.check()
                write_cog(draft, place)
        found = _polygons(request, drafts, (report, cancel), clock)
        staging.commit()
    if damaged:
        warnings.append(
            f"{len(damaged)} damaged {'block was' if len(damaged) == 1 else 'blocks were'} left out ({damaged[0]}); "
            "run graft index again: only these are encoded anew"
        )
    if len(targets) > 1:
        warnings.append(f"the index spans several grids; there is a heatmap for each: {', '.join(map(str, targets))}")
    return _result(request, model, parts, histogram, thresholds, targets, found, warnings, clock)


def _check(request: QueryRequest) -> None:
    default = QueryRequest(raster="x", prompts=("x",))
    for name in _NOT_HERE:
        if getattr(request, name) != getattr(default, name):
            raise UsageError(
                f"an index does not answer with {name}",
                remedy="Ask the raster itself, or use graft retrieve for places like an example.",
            )


def _targets(request: QueryRequest, parts: list[Sheet]) -> list[Path]:
    """Return the heatmap of each sheet: the one asked for, and others named after their grid."""
    if request.heatmap is None:
        return []
    first = check_target(request.heatmap, (".tif", ".tiff"))
    names = [f"{first.stem}-{number}{first.suffix}" for number in range(2, len(parts) + 1)]
    return [first, *(first.with_name(name) for name in names)]


def _writer(draft: Path, sheet: Sheet, request: QueryRequest) -> RasterWriter:
    step = sheet.grid.patch_px
    return RasterWriter(
        draft,
        window_px=(sheet.window.height // step, sheet.window.width // step),
        transform=sheet.grid.window_transform(sheet.window, step),
        crs=sheet.grid.crs,
        descriptions=request.prompts,
        draft=True,
    )


def _score(
    parts: list[Sheet],
    writers: list[RasterWriter],
    scorer: BlockScorer,
    histogram: ScoreHistogram,
    damaged: list[str],
    run: tuple[Report, CancelToken, Clock],
    crew: Crew | None,
) -> None:
    report, cancel, clock = run
    total, done = sum(len(sheet.shards) for sheet in parts), 0
    for sheet, writer in zip(parts, writers):
        for window, scores, bad in score_sheet(sheet, scorer, cancel, clock, crew):
            damaged += bad
            histogram.add(scores)
            step = sheet.grid.patch_px
            with clock("write"):
                writer.write((window.row - sheet.window.row) // step, (window.col - sheet.window.col) // step, scores)
            done += 1
            report("score", done, total)


def _crew(request: QueryRequest) -> AbstractContextManager[Crew | None]:
    if request.cluster is None:
        return nullcontext()
    from .cluster import crew

    return crew(request.cluster, offline=request.offline)


def write_cog(draft: Path, place: Path) -> None:
    """Write a GeoTIFF with overviews as a cloud-optimised one, by all cores.

    Raises:
        OutputError: The disk is full, for one.
    """
    try:
        with gdal_env(), rasterio.Env(GDAL_NUM_THREADS="ALL_CPUS"):
            copy_raster(
                str(draft), str(place), driver="COG", COMPRESS="DEFLATE", LEVEL="1", PREDICTOR="YES", BLOCKSIZE="512",
                BIGTIFF="IF_SAFER", NUM_THREADS="ALL_CPUS", SPARSE_OK="TRUE", OVERVIEW_RESAMPLING="AVERAGE",
            )  # fmt: skip
            if not _same(draft, place):
                raise OSError("it is incomplete on the disk")
    except GDAL_ERRORS as error:
        raise OutputError(
            f"the heatmap cannot be written: {error}", remedy="Free some disk space, or name another folder.",
            path=str(place),
        ) from error  # fmt: skip


def _same(one: Path, other: Path) -> bool:
    """Whether two rasters hold the same values: on a full disk GDAL may drop blocks without a word."""
    with rasterio.open(one) as ours, rasterio.open(other) as theirs:
        return all(
            np.array_equal(ours.read(window=window), theirs.read(window=window), equal_nan=True)
            for _block, window in theirs.block_windows(1)
        )


def _polygons(
    request: QueryRequest, drafts: list[Path], run: tuple[Report, CancelToken], clock: Clock
) -> list[tuple[int, float]]:
    """Draw the polygons of the heatmaps, if they are asked for; return (count, area) of each prompt."""
    if request.masks is None:
        return []
    from ..vectorise import run as vectorise

    totals = [(0, 0.0)] * len(request.prompts)
    with clock("polygons"):
        for draft in drafts:
            asked = VectoriseRequest(
                str(draft), masks=request.masks, layer=request.layer, simplify_m=request.simplify_m
            )
            drawn = vectorise(asked, *run).prompts
            totals = [(n + p.polygons, a + p.area_m2) for (n, a), p in zip(totals, drawn)]
    return totals


def _tags(
    request: QueryRequest,
    model: IndexModel,
    parts: list[Sheet],
    scorer: BlockScorer,
    histogram: ScoreHistogram,
    thresholds: list[float],
) -> dict[str, str]:
    """Return where a heatmap comes from; the names are those of `products`."""
    return {
        "software": software(),
        "model": model.model,
        "model_sha256": model.sha256,
        "source": str(Path(request.raster).absolute()),
        "gsd_m": repr(parts[0].grid.gsd_m),
        "stride_px": str(model.patch_px),
        "scores": scorer.scorer.kind,
        "prompts": json.dumps(request.prompts, ensure_ascii=False),
        "negatives": json.dumps(request.negatives, ensure_ascii=False),
        "thresholds": json.dumps(thresholds),
        "auto_thresholds": json.dumps([histogram.auto_threshold(k) for k in range(len(request.prompts))]),
        "scenes": json.dumps([scene.name for scene in _scenes(parts)]),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _scenes(parts: list[Sheet]) -> list[IndexScene]:
    return list({s.name: s for sheet in parts for found in sheet.shards.values() for s in found}.values())


def _result(
    request: QueryRequest,
    model: IndexModel,
    parts: list[Sheet],
    histogram: ScoreHistogram,
    thresholds: list[float],
    targets: list[Path],
    found: list[tuple[int, float]],
    warnings: list[str],
    clock: Clock,
) -> QueryResult:
    prompts = []
    for k, prompt in enumerate(request.prompts):
        highest = float(histogram.maximum[k])
        count, area_m2 = found[k] if found else (None, None)
        known = math.isfinite(highest)
        auto, share = histogram.auto_threshold(k), histogram.share_above(k, thresholds[k])
        prompts.append(PromptResult(prompt, highest if known else None, thresholds[k], auto, share, count, area_m2))
    return QueryResult(
        raster=request.raster,
        model=model.model,
        model_sha256=model.sha256,
        sensor=", ".join(sorted({scene.sensor for scene in _scenes(parts)})),
        bands=(),
        gsd_m=parts[0].grid.gsd_m,
        crs=parts[0].grid.crs,
        stride_px=model.patch_px,
        prompts=tuple(prompts),
        heatmap=str(targets[0]) if targets else None,
        masks=request.masks,
        layer=(request.layer or DEFAULT_LAYER) if request.masks else None,
        classes=None,
        preview=None,
        encoded_tiles=0,
        from_store=_tile_count(parts),
        seconds=clock.total(),
        warnings=tuple(warnings),
    )


def _tile_count(parts: list[Sheet]) -> int:
    """Return how many tiles of the index the sheets hold, of all dates."""
    marks = {(s.name, shard): (s, shard) for sheet in parts for shard, found in sheet.shards.items() for s in found}
    return sum(read_mark(mark_file(scene, shard)).bit_count() for scene, shard in marks.values())
