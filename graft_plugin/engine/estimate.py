"""What a query would take: tiles, seconds, memory and disk, told before the run and without loading a model."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from . import advice, rates
from .embed import BATCH_TILES, READ_AHEAD, field_key
from .encoders.encoder import resolve_precision
from .encoders.facts import ModelFacts, combined_state, model_facts, needed
from .encoders.registry import ModelEntry
from .encoders.words import WordTokenizer
from .grid import Window
from .loading import LoadedModels, torch_device
from .mask_choice import ChoiceRules
from .patches import stride_shifts, tiles_of
from .preparation import look_at, store_root, stride_of, window_of
from .progress import CancelToken
from .requests import EstimateRequest, QueryRequest
from .results import Estimate
from .sam_facts import SamFacts, sam_facts
from .scene import Scene
from .scoring import IN_MEMORY_BYTES
from .segment import windows_in
from .source import MAX_CACHE_BYTES, gdal_env, open_raster
from .store import BLOCK_TILES, EmbeddingStore, block_bytes

LIBRARIES_BYTES = 780 << 20
"""Resident memory of a process that has loaded torch, GDAL and the rest, and no model."""
OVERVIEWS = 4 / 3
"""A raster with its overviews, against itself."""


@dataclass(frozen=True)
class _Work:
    """What is to be done, counted."""

    tiles: int
    stored: int
    new_blocks: int
    cells: int
    stride_px: int
    windows: int


def run(request: EstimateRequest, cancel: CancelToken, models: LoadedModels) -> Estimate:
    """See `service.run_estimate`."""
    facts = model_facts(request.model)
    device = torch_device(request.device)
    precision = resolve_precision(request.precision, torch.device(device))
    scene = look_at(request, facts)
    sam = sam_facts(request.sam) if request.refine == "sam" and (request.masks or request.preview) else None
    cancel.check()
    work, window = _count(request, scene, facts, precision, sam, cancel)
    entries = [*needed(request.model), *([sam.entry] if sam and sam.entry else [])]
    disk = _disk(request, facts, work, sam)
    with gdal_env(), open_raster(request.raster) as src:
        band_count = src.count
    return Estimate(
        tiles=work.tiles,
        stored_tiles=work.stored,
        seconds=_seconds(request, facts, sam, work, device, precision, models),
        memory_bytes=_memory(request, facts, sam, work, entries),
        disk_bytes=disk,
        width_px=window.width,
        height_px=window.height,
        gsd_m=scene.grid.gsd_m,
        native_gsd_m=scene.native_gsd_m,
        sensor=scene.sensor,
        bands=scene.bands,
        band_count=band_count,
        stretch=scene.stretch,
        crs=scene.grid.crs,
        model_state=combined_state(entries),
        download_bytes=sum(entry.size_bytes or 0 for entry in entries if entry.state == "download"),
        warnings=tuple(_warnings(request, scene, facts, entries, disk)),
    )


def _count(
    request: QueryRequest,
    scene: Scene,
    facts: ModelFacts,
    precision: str,
    sam: SamFacts | None,
    cancel: CancelToken,
) -> tuple[_Work, Window]:
    """Count as `embed.embed_scene` and `segment.refine` will."""
    stride = stride_of(request, facts)
    window = window_of(scene, request)
    area = window.expanded(stride)
    store = EmbeddingStore(store_root(request))
    tiles = stored = new_blocks = 0
    for shift in stride_shifts(scene.grid, stride):
        cancel.check()
        wanted = tiles_of(scene.grid, area, stride, shift)
        found = blocks = 0
        if request.use_store and facts.sha256:
            found, blocks = store.count(field_key(scene, facts, precision, shift), wanted, cancel)
        tiles, stored = tiles + len(wanted), stored + found
        rows, cols = (
            -(-stop // BLOCK_TILES) - start // BLOCK_TILES
            for start, stop in ((wanted.row_start, wanted.row_stop), (wanted.col_start, wanted.col_stop))
        )
        new_blocks += rows * cols - blocks
    windows = 0
    if sam is not None:
        windows = len(windows_in(scene.window, area, sam.image_px, stride, ChoiceRules().overlap))
    cells = area.height // stride * (area.width // stride)
    return _Work(tiles, stored, new_blocks, cells, stride, windows), window


def _seconds(
    request: QueryRequest,
    facts: ModelFacts,
    sam: SamFacts | None,
    work: _Work,
    device: str,
    precision: str,
    models: LoadedModels,
) -> float:
    """Add what the stages take, by measured rates where there are any."""
    tile_s = rates.measured(rates.rate_key("tile", facts.sha256, device, precision))
    if tile_s is None:
        tile_s = rates.computed(facts.parameters, facts.shape.grid**2 + 1, device, precision) + rates.USUAL_READ_S
    cell_s = rates.measured(rates.rate_key("cell")) or rates.USUAL_CELL_S
    seconds = (work.tiles - work.stored) * tile_s + work.cells * cell_s * max(1, len(request.prompts))
    if sam is not None and work.windows:
        window_s = rates.measured(rates.rate_key("sam window", sam.sha256, device))
        if window_s is None:
            window_s = rates.computed(sam.parameters, sam.tokens, device, precision) + rates.USUAL_DRAWING_S
        seconds += work.windows * window_s
    if not models.has_encoder(request.model, device, request.precision):
        seconds += rates.measured(rates.rate_key("load", facts.sha256)) or rates.USUAL_LOAD_S
    return round(seconds, 3)


def _memory(
    request: QueryRequest, facts: ModelFacts, sam: SamFacts | None, work: _Work, entries: list[ModelEntry]
) -> int:
    """Return the most that the engine's process holds, on the CPU: libraries, weights twice over, blocks in flight."""
    files = [entry.path.stat().st_size if entry.state == "ready" else entry.size_bytes or 0 for entry in entries]
    weights = max(2 * sum(files), 8 * (facts.parameters + (sam.parameters if sam else 0)))
    tiles = (READ_AHEAD + 1) * BATCH_TILES * facts.tile_px**2 * 4
    activations = 8 * (facts.shape.grid**2 + 1) * facts.shape.width * 4 * 12
    scores = min(IN_MEMORY_BYTES, 4 * work.cells * max(1, len(request.prompts)))
    cache = MAX_CACHE_BYTES // 4 + 4 * block_bytes((facts.shape.grid, facts.shape.grid), facts.dim)
    drawing = sam.image_px**2 * 4 * 40 if sam else 0
    return int(LIBRARIES_BYTES + weights + tiles + activations + scores + cache + drawing)


def _disk(request: QueryRequest, facts: ModelFacts, work: _Work, sam: SamFacts | None) -> int:
    """Return the most that a run adds: embeddings (temporary ones too), SAM's, and the rasters before compression."""
    side = facts.shape.grid
    total = work.new_blocks * block_bytes((side, side), facts.dim)
    if sam is not None and request.use_store:
        total += work.windows * 2 * sam.embedding
    pixels = work.cells * (work.stride_px**2 if request.upsample == "guided" else 1)
    planes = (4 * max(1, len(request.prompts)) if request.heatmap else 0) + (1 if request.classes else 0)
    return int(total + pixels * planes * OVERVIEWS)


def _warnings(
    request: QueryRequest, scene: Scene, facts: ModelFacts, entries: list[ModelEntry], disk_bytes: int
) -> Iterator[str]:
    if facts.words is not None:
        words = WordTokenizer(facts.words, 77)
        for text in (*request.prompts, *request.negatives):
            if unknown := words.unknown(text):
                yield advice.unknown_words(text, unknown, request.model)
    yield from advice.resolution(scene.native_gsd_m, scene.grid.gsd_m)
    yield from advice.too_small(request.prompts, scene.native_gsd_m, scene.grid.gsd_m)
    for entry in entries:
        if entry.state == "file":
            yield f"the model {entry.id} needs a file that you bring: {entry.notes or 'see graft models list'}"
        elif entry.state == "download":
            size = f" ({entry.size_bytes / 1e6:.0f} MB)" if entry.size_bytes else ""
            yield f"the model {entry.id} has to be downloaded first{size}"
    free = shutil.disk_usage(_existing(store_root(request))).free
    if disk_bytes > free:
        yield f"the run may need {disk_bytes / 1e6:.0f} MB of disk, and {free / 1e6:.0f} MB are free"


def _existing(folder: Path) -> Path:
    return next((place for place in (folder, *folder.parents) if place.is_dir()), Path.cwd())
