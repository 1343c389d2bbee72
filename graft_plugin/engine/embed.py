"""From a scene to patch embeddings: encoded once, kept in the store.

One or two threads read tiles ahead while the calling thread encodes. Nothing is kept for the whole raster.
"""

from __future__ import annotations

import os
import queue
import shutil
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import Cancelled, UsageError
from .grid import Grid, TileIndex, Window
from .padding import mirror_fill
from .patches import Layer, PatchBlock, PatchField, Shift, stride_shifts, tiles_of
from .progress import CancelToken, Report, silent
from .scene import Scene, SceneReader
from .store import EmbeddingStore, FieldStore, TileEmbedding

if TYPE_CHECKING:
    from .encoders.types import EncoderSizes, ImageEncoder

__all__ = ["PatchBlock", "PatchField", "embed_scene", "field_key"]

BATCH_TILES = 16
MAX_BATCH_TILES = 32
READ_AHEAD = 3
TARGET_SECONDS = 0.3
"""Tiles are encoded in batches of about this duration, so that a cancelled run ends within a second."""
POLL_SECONDS = 0.1
NORMALISATION = "clip, mirrored edges"


def embed_scene(
    scene: Scene,
    encoder: ImageEncoder,
    *,
    window: Window,
    stride_px: int,
    store: Optional[FieldStore],
    report: Report = silent,
    cancel: Optional[CancelToken] = None,
) -> PatchField:
    """Encode the tiles of a window that the store lacks.

    Args:
        scene: The scene, opened with the encoder's tile and patch size.
        encoder: The model.
        window: Pixels wanted; clipped to the scene and widened to multiples of the stride.
        stride_px: Edge of a cell: the patch size, or its half or quarter for finer detail.
        store: Where embeddings are kept; a folder that lives as long as the result if None.
        report: Told of the stage "encode", in tiles.
        cancel: Checked for each batch, which takes about 0.3 s.

    Raises:
        UsageError: The window misses the scene, or the stride or the encoder does not fit the grid.
        SceneError: The raster is damaged.
        StoreError: The store cannot be written.
        Cancelled: The work was stopped; what is encoded is kept.
    """
    cancel = cancel or CancelToken()
    grid = scene.grid
    if (encoder.tile_px, encoder.patch_px) != (grid.tile_px, grid.patch_px):
        raise UsageError(
            f"the scene is cut into {grid.tile_px}-pixel tiles and {grid.patch_px}-pixel patches,"
            f" but the model takes {encoder.tile_px} and {encoder.patch_px}"
        )
    shifts = stride_shifts(grid, stride_px)
    window = window.intersection(scene.window)
    if window.empty:
        raise UsageError("the window and the raster do not touch", remedy="Check the extent.", path=scene.path)
    window = window.expanded(stride_px)
    scratch = _Scratch() if store is None else None
    store = store or EmbeddingStore(scratch.folder if scratch else Path())
    layers = tuple(Layer(shift, store.field(field_key(scene, encoder, encoder.precision, shift))) for shift in shifts)
    run = _Run(scene, encoder, layers, window, stride_px, report, cancel)
    encoded = run.encode()
    return PatchField(grid, window, stride_px, layers, encoder.dim, encoded, run.from_store, scratch)


def field_key(scene: Scene, encoder: EncoderSizes, precision: str, shift: Shift) -> dict[str, object]:
    """Return the key of a scene's embeddings on one shifted grid: everything that changes them."""
    grid, (row_stop, col_stop), p = scene.grid, scene.window.stop, scene.grid.patch_px
    around = Window.between(scene.window.row - p, scene.window.col - p, row_stop + p, col_stop + p)
    tiles, side = grid.tile_range(around, shift), grid.tile_px // p
    return {
        "scene": scene.identity(),
        "grid": {"crs": grid.crs, "gsd_m": grid.gsd_m, "tile_px": grid.tile_px, "patch_px": p, "shift_px": list(shift)},
        "model": encoder.sha256,
        "precision": precision,
        "normalisation": NORMALISATION,
        "dim": encoder.dim,
        "patches": [side, side],
        "tiles": [tiles.row_start, tiles.col_start, tiles.row_stop, tiles.col_stop],
    }


@dataclass(frozen=True)
class _Job:
    """A tile to be encoded; `last` where its block is complete with it."""

    layer: int
    index: TileIndex
    last: bool


@dataclass(frozen=True)
class _Pixels:
    """Tiles as read: uint8 [B, 3, tile, tile] and valid patches bool [B, h, w]; which of them hold a valid pixel."""

    jobs: list[_Job]
    rgb: NDArray[np.uint8]
    patch_valid: NDArray[np.bool_]
    any_valid: NDArray[np.bool_]


class _Run:
    """One encoding of the tiles that the store lacks."""

    def __init__(
        self,
        scene: Scene,
        encoder: ImageEncoder,
        layers: tuple[Layer, ...],
        window: Window,
        stride_px: int,
        report: Report,
        cancel: CancelToken,
    ) -> None:
        self.scene, self.encoder, self.layers = scene, encoder, layers
        self.window, self.stride_px, self.report, self.cancel = window, stride_px, report, cancel
        self.pace = _Pace()
        self._pending: list[TileEmbedding] = []
        self._pending_layer = 0
        self.total = self.from_store = 0
        for layer in layers:
            for index in self._tiles(layer):
                self.total += 1
                self.from_store += layer.tiles.has(index)

    def encode(self) -> int:
        """Encode and store what is missing; return how many tiles went through the model."""
        done, encoded = self.from_store, 0
        self.report("encode", done, self.total)
        if done == self.total:
            return 0
        with _read_ahead(self.scene, self._batches(), self.cancel) as batches:
            try:
                for pixels in batches:
                    for tiles, jobs, through_model in self._encode_batch(pixels):
                        encoded, done = encoded + through_model, done + len(jobs)
                        self._keep(tiles, jobs)
                        self.report("encode", done, self.total)
            except Cancelled:
                self._flush()
                raise
        return encoded

    def _keep(self, tiles: list[TileEmbedding], jobs: list[_Job]) -> None:
        for tile, job in zip(tiles, jobs):
            self._pending.append(tile)
            self._pending_layer = job.layer
            if job.last:
                self._flush()

    def _flush(self) -> None:
        tiles, self._pending = self._pending, []
        self.layers[self._pending_layer].tiles.write_many(tiles)

    def _tiles(self, layer: Layer) -> Iterator[TileIndex]:
        return layer.tiles.in_block_order(tiles_of(self.scene.grid, self.window, self.stride_px, layer.shift))

    def _jobs(self) -> Iterator[_Job]:
        for number, layer in enumerate(self.layers):
            waiting: Optional[TileIndex] = None
            for index in self._tiles(layer):
                if layer.tiles.has(index):
                    continue
                if waiting is not None:
                    yield _Job(number, waiting, layer.tiles.block_of(waiting) != layer.tiles.block_of(index))
                waiting = index
            if waiting is not None:
                yield _Job(number, waiting, True)

    def _batches(self) -> Iterator[list[tuple[_Job, Window]]]:
        grid = self.scene.grid
        jobs = ((job, grid.tile_window(job.index, self.layers[job.layer].shift)) for job in self._jobs())
        while batch := list(islice(jobs, BATCH_TILES)):
            yield batch

    def _encode_batch(self, pixels: _Pixels) -> Iterator[tuple[list[TileEmbedding], list[_Job], int]]:
        """Yield (tiles, their jobs, how many went through the model) of pieces that take about `TARGET_SECONDS`."""
        start = 0
        while start < len(pixels.jobs):
            self.cancel.check()
            part = slice(start, start + self.pace.tiles)
            jobs, use = pixels.jobs[part], pixels.any_valid[part]
            side = pixels.patch_valid.shape[1:]
            image = np.zeros((len(jobs), self.encoder.dim), np.float32)
            patches = np.zeros((len(jobs), *side, self.encoder.dim), np.float32)
            if use.any():
                began = time.perf_counter()
                result = self.encoder.encode(torch.from_numpy(pixels.rgb[part][use]), self.cancel)
                image[use] = result.image.detach().float().cpu().numpy()
                patches[use] = result.patches.detach().float().cpu().numpy()
                self.pace.took(time.perf_counter() - began, int(use.sum()))
            tiles = [
                TileEmbedding(job.index, image[i], patches[i], pixels.patch_valid[start + i])
                for i, job in enumerate(jobs)
            ]
            yield tiles, jobs, int(use.sum())
            start += len(jobs)


class _Pace:
    """How many tiles are encoded at once: what takes `TARGET_SECONDS`, at most `MAX_BATCH_TILES`."""

    def __init__(self) -> None:
        self.tiles = 1

    def took(self, seconds: float, tiles: int) -> None:
        """Learn from a batch; grow at most twofold at a time."""
        wanted = int(TARGET_SECONDS / max(seconds / tiles, 1e-6))
        self.tiles = max(1, min(wanted, 2 * self.tiles, MAX_BATCH_TILES))


class _Scratch:
    """A folder that lives as long as this object."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="graft-embeddings-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


@contextmanager
def _read_ahead(
    scene: Scene, batches: Iterator[list[tuple[_Job, Window]]], cancel: CancelToken
) -> Iterator[Iterator[_Pixels]]:
    """Give an iterator over the batches' pixels, in order, read by threads that are at most `READ_AHEAD` ahead."""
    tasks: queue.SimpleQueue[Optional[tuple[Future[_Pixels], list[tuple[_Job, Window]]]]] = queue.SimpleQueue()
    stop = CancelToken()

    def work() -> None:
        with ExitStack() as stack:  # a dataset is opened, used and closed by one thread
            reader: Optional[SceneReader] = None
            while (task := tasks.get()) is not None:
                try:
                    stop.check()
                    reader = reader or stack.enter_context(SceneReader(scene))
                    task[0].set_result(_read_batch(reader, task[1], scene.grid, stop))
                except BaseException as error:
                    task[0].set_exception(error)

    def results() -> Iterator[_Pixels]:
        ahead: deque[Future[_Pixels]] = deque()
        while True:
            for batch in islice(batches, READ_AHEAD - len(ahead)):
                ahead.append(Future())
                tasks.put((ahead[-1], batch))
            if not ahead:
                return
            yield _wait(ahead.popleft(), cancel)

    count = 2 if (os.cpu_count() or 1) > 2 else 1
    threads = [threading.Thread(target=work, name=f"graft-read-{k}", daemon=True) for k in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield results()
    finally:
        stop.cancel()
        for _ in threads:
            tasks.put(None)
        for thread in threads:
            thread.join()


def _wait(future: Future[_Pixels], cancel: CancelToken) -> _Pixels:
    while True:
        cancel.check()
        try:
            return future.result(timeout=POLL_SECONDS)
        except FutureTimeout:
            if future.done():
                raise


def _read_batch(reader: SceneReader, batch: list[tuple[_Job, Window]], grid: Grid, cancel: CancelToken) -> _Pixels:
    t, p = grid.tile_px, grid.patch_px
    rgb = np.zeros((len(batch), 3, t, t), np.uint8)
    valid = np.zeros((len(batch), t, t), bool)
    for i, (_, window) in enumerate(batch):
        cancel.check()
        pixels, valid[i] = reader.read(window)
        rgb[i] = mirror_fill(pixels, valid[i])
    share = valid.reshape(len(batch), t // p, p, t // p, p).mean(axis=(2, 4))
    return _Pixels([job for job, _ in batch], rgb, np.asarray(share >= 0.5), np.asarray(valid.any(axis=(1, 2))))
