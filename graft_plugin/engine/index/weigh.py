"""What indexing would take, told before it is begun: counted, and timed by a short trial on the largest raster."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from .. import advice
from ..embed import BATCH_TILES, READ_AHEAD, embed_scene
from ..encoders.facts import model_facts
from ..estimate import LIBRARIES_BYTES
from ..grid import Window
from ..index_requests import IndexRequest
from ..index_results import IndexEstimate
from ..loading import LoadedModels, torch_device
from ..progress import CancelToken, Report
from ..scene import Scene
from ..source import MAX_CACHE_BYTES
from .build import Wanted, look_at_all, model_of
from .field import count_present
from .layout import CHUNK_TILES, SHARD_TILES, IndexModel, create_index, is_index
from .sources import list_sources

TRIAL_S = 3.0
"""The trial grows until it takes so long, or has seen `TRIAL_TILES`."""
TRIAL_TILES = 512


def run(request: IndexRequest, report: Report, cancel: CancelToken, models: LoadedModels) -> IndexEstimate:
    """See `service.run_index_estimate`."""
    report("load", 0, 0)
    sources = list_sources(request.sources, request.date, request.offline)
    encoder = models.encoder(request.model, torch_device(request.device), request.precision)
    model, out = model_of(encoder, request.model), Path(request.out).expanduser().absolute()
    if is_index(out):
        create_index(out, model)  # says so where it was made with another model
    wanted, failed = look_at_all(request, sources, encoder, report, cancel)
    tiles = sum(len(one.tiles) for one in wanted)
    stored = sum(count_present(one.entry, model, one.tiles) for one in wanted)
    largest = max(wanted, key=lambda one: len(one.tiles))
    trial, rate = _trial(largest.scene, encoder, report, cancel)
    size = sum(scene_bytes(one, model) for one in wanted)
    lacking = size * (tiles - stored) / max(tiles, 1)
    free = shutil.disk_usage(next(place for place in (out, *out.parents) if place.is_dir())).free
    warnings = [*advice.resolution(largest.scene.native_gsd_m, largest.scene.grid.gsd_m)]
    if lacking > free:
        warnings.append(f"the index needs {lacking / 1e9:.2f} GB more, and {free / 1e9:.2f} GB are free")
    return IndexEstimate(
        sources=len(wanted),
        failed=tuple(failed),
        tiles=tiles,
        stored_tiles=stored,
        trial_tiles=trial,
        tiles_per_s=round(rate, 3),
        hours=round((tiles - stored) / rate / 3600, 5),
        gigabytes=round(lacking / 1e9, 6),
        free_gigabytes=round(free / 1e9, 3),
        memory_bytes=memory_bytes(request.model, model),
        warnings=tuple(warnings),
    )


def scene_bytes(one: Wanted, model: IndexModel) -> int:
    """Return what a scene's arrays take on the disk, all of its pixels valid."""
    t = one.tiles
    cells = (CHUNK_TILES * model.side) ** 2
    vectors = (cells + 2 * CHUNK_TILES**2) * model.dim + 3 * 4
    scales = (cells + 2 * CHUNK_TILES**2) * 4 + 3 * 4
    table = 6 * ((SHARD_TILES // CHUNK_TILES) ** 2 * 16 + 4)

    def blocks(side: int, first: int) -> int:
        """Count the blocks of `side` tiles, from the edge of the first block of `first` tiles on."""
        rows, cols = (
            -(-stop // side) - start // first * first // side
            for start, stop in ((t.row_start, t.row_stop), (t.col_start, t.col_stop))
        )
        return rows * cols

    b, c = SHARD_TILES, CHUNK_TILES
    return blocks(c, c) * vectors + blocks(c, b) * scales + blocks(b, b) * table  # scales are written where empty too


def memory_bytes(name: str, model: IndexModel) -> int:
    """Return the most that indexing holds, on the CPU, whatever the size of the index: weights, batches, one shard."""
    facts = model_facts(name)
    shard = (SHARD_TILES * model.side) ** 2 * (model.dim + 4)
    pixels = (READ_AHEAD + 1) * BATCH_TILES * model.tile_px**2 * 4
    activations = 8 * (model.side**2 + 1) * facts.shape.width * 4 * 12
    return int(LIBRARIES_BYTES + 8 * facts.parameters + pixels + activations + MAX_CACHE_BYTES // 4 + 4 * shard)


def _trial(scene: Scene, encoder: object, report: Report, cancel: CancelToken) -> tuple[int, float]:
    """Encode some tiles from the middle of a scene; return how many, and tiles a second."""
    t = scene.grid.tile_px
    row, col = (scene.window.row + scene.window.height // 2) // t, (scene.window.col + scene.window.width // 2) // t
    count, rate, side = 0, 0.0, 1
    while True:
        window = Window((row - side // 2) * t, (col - side // 2) * t, side * t, side * t).intersection(scene.window)
        began = time.perf_counter()
        field = embed_scene(scene, encoder, window=window, stride_px=scene.grid.patch_px, store=None, cancel=cancel)  # type: ignore[arg-type]
        took = time.perf_counter() - began
        seen = field.encoded_tiles + field.from_store
        if side > 1 or window.shape == scene.window.shape:  # the first one also lays out the weights
            count, rate = max(seen, 1), max(seen, 1) / took
        report("trial", count, TRIAL_TILES)
        if (rate and took >= TRIAL_S) or count >= TRIAL_TILES or (window == scene.window and rate):
            return count, rate
        side *= 2
