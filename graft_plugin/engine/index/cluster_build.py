"""Making an index on a cluster: a piece of work is a shard, 16×16 tiles.

The process that was started holds the index's lock, makes the scenes and hands out shards. Whoever takes one writes
nothing but the files of that shard, under a lock of its own: so a process that was given up for lost and still lives
cannot meet the one that has its work now. The journal of a lost one is gone on with: only the tiles it had not written
are encoded again. The index must lie where every process sees it, under the same path.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import torch

from ...errors import GraftError, SceneError, StoreError, UsageError
from ..blocks import block_mask, read_mark
from ..embed import embed_scene
from ..files import locked_until_gone
from ..loading import shared_models, torch_device
from ..progress import CancelToken, Report
from ..scene import Scene
from .build import Wanted, check_unchanged, model_of
from .cluster import Crew
from .field import IndexedTiles, mark_file
from .layout import SHARD_TILES, IndexModel, IndexScene, create_scene, is_index
from .shards import Shard
from .sheets import shard_window


@dataclass(frozen=True)
class ShardJob:
    """A shard to encode: everything that another process needs to know.

    Attributes:
        number: Of the scene among those wanted.
        scene: The raster, as the first process saw it.
        entry: Its place in the index.
        shard: Which.
        model: The index's.
        device: As it was asked for.
    """

    number: int
    scene: Scene
    entry: IndexScene
    shard: Shard
    model: IndexModel
    device: str


@dataclass(frozen=True)
class ShardDone:
    """What became of a shard: tiles encoded, tiles that were there; or why its raster cannot be read."""

    number: int
    encoded: int = 0
    there: int = 0
    error: SceneError | None = None


def encode_on(
    crew: Crew, wanted: list[Wanted], model: IndexModel, device: str, report: Report, cancel: CancelToken
) -> Iterator[tuple[Wanted, int, int, SceneError | None]]:
    """Encode what the index lacks; yield (scene, tiles encoded, tiles that were there, error) of each, in order.

    Raises:
        StoreError: The disk is full, or the processes do not see the index.
        EngineError: A shard failed, or lost its process, time and again.
        Cancelled: The work was stopped; what is encoded is kept.
    """
    for one in wanted:
        create_scene(one.entry, model)
    counts = [[0, 0] for _ in wanted]
    errors: list[SceneError | None] = [None for _ in wanted]
    total = sum(len(one.tiles) for one in wanted)
    jobs = (job for number, one in enumerate(wanted) for job in _jobs(number, one, model, device, counts))
    report("encode", 0, total)
    for done in crew.results(encode_shard, jobs, cancel):
        errors[done.number] = errors[done.number] or done.error
        counts[done.number][0] += done.encoded
        counts[done.number][1] += done.there
        report("encode", sum(map(sum, counts)), total)
    for number, one in enumerate(wanted):
        with suppress(OSError):  # one that was given up for lost may still hold a file there
            (one.entry.folder / "writing").rmdir()
        error = errors[number]
        if error is None:
            try:
                check_unchanged(one.scene)
            except SceneError as changed:
                error = changed
        new, old = counts[number]
        yield one, new, old, error


def _jobs(number: int, one: Wanted, model: IndexModel, device: str, counts: list[list[int]]) -> Iterator[ShardJob]:
    """Yield the shards of a scene that lack a tile; the tiles of the others are counted as there."""
    b, t = SHARD_TILES, one.tiles
    for row in range(t.row_start // b, -(-t.row_stop // b)):
        for col in range(t.col_start // b, -(-t.col_stop // b)):
            mask = block_mask(t, row * b, col * b, b)
            if read_mark(mark_file(one.entry, (row, col))) & mask == mask:
                counts[number][1] += mask.bit_count()
            else:
                yield ShardJob(number, one.scene, one.entry, (row, col), model, device)


def encode_shard(job: ShardJob, cancel: CancelToken) -> ShardDone:
    """Encode what a shard lacks; runs in a process of the cluster.

    Raises:
        StoreError: The index is not there, or cannot be written.
        UsageError: The model is not there, or another one.
    """
    index = job.entry.folder.parent
    if not is_index(index):
        raise StoreError(
            "a process of the cluster does not see the index",
            remedy="Put it where all of them do, under the same path.", path=str(index),
        )  # fmt: skip
    encoder = shared_models().encoder(job.model.model, _device(job.device), job.model.precision)
    if model_of(encoder, job.model.model) != job.model:
        raise UsageError(
            f"a process of the cluster has another {job.model.model}", remedy="Install the same GRAFT and models there."
        )
    with locked_until_gone(job.entry.folder / "writing" / f"{job.shard[0]}.{job.shard[1]}", cancel.check):
        tiles = IndexedTiles(job.entry, job.model, only=job.shard)
        window = shard_window(job.entry.grid, job.shard).intersection(job.scene.window)
        try:
            field = embed_scene(
                job.scene, encoder, window=window, stride_px=encoder.patch_px, store=tiles, cancel=cancel
            )
        except SceneError as error:
            tiles.finish()
            return ShardDone(job.number, error=error)
        except GraftError:
            tiles.finish()
            raise
        tiles.finish()
    return ShardDone(job.number, field.encoded_tiles, field.from_store)


def _device(name: str) -> str:
    """Return a torch device; of several GPUs the one that the process's number tells, by Dask's name for it."""
    device = torch_device(name)
    if name == "auto" and device == "cuda" and torch.cuda.device_count() > 1:
        from distributed import get_worker

        own = str(get_worker().name)
        return f"cuda:{(int(own) if own.isdigit() else os.getpid()) % torch.cuda.device_count()}"
    return device
