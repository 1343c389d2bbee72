"""The scores of a sheet, shard by shard: by the threads of this process, or on a cluster."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...errors import StoreError
from ..clock import Clock
from ..grid import Window
from ..progress import CancelToken
from .field import forget
from .score import BlockScorer
from .shards import DamagedShard, Shard, ShardReader
from .sheets import Sheet, in_order, shard_window

if TYPE_CHECKING:
    from .cluster import Crew


def score_sheet(
    sheet: Sheet, scorer: BlockScorer, cancel: CancelToken, clock: Clock, crew: Crew | None = None
) -> Iterator[tuple[Window, NDArray[np.float32], list[str]]]:
    """Yield (pixels, scores float32 [K, h, w], damaged shards) of a sheet, shard by shard in row-major order."""
    local = threading.local()

    def work(shard: Shard) -> tuple[Window, NDArray[np.float32], list[str]]:
        readers: dict[str, ShardReader] = local.__dict__.setdefault("readers", {})
        return _score_shard(sheet, shard, scorer, readers)

    with clock("score"):
        if crew is None:
            yield from in_order(list(sheet.shards), work, cancel)
            return
        parts = ((replace(sheet, shards={shard: scenes}), scorer) for shard, scenes in sheet.shards.items())
        yield from crew.results(_score_part, parts, cancel, ordered=True)


def _score_part(job: tuple[Sheet, BlockScorer], cancel: CancelToken) -> tuple[Window, NDArray[np.float32], list[str]]:
    """Score a sheet of one shard, in a process of a cluster."""
    sheet, scorer = job
    ((shard, scenes),) = sheet.shards.items()
    for scene in scenes:
        if not (scene.folder / "zarr.json").is_file():
            raise StoreError(
                "a process of the cluster does not see the index",
                remedy="Put it where all of them do, under the same path.", path=str(scene.folder.parent),
            )  # fmt: skip
    cancel.check()
    readers: dict[str, ShardReader] = {}
    try:
        return _score_shard(sheet, shard, scorer, readers)
    finally:
        for reader in readers.values():
            reader.close()


def _score_shard(
    sheet: Sheet, shard: Shard, scorer: BlockScorer, readers: dict[str, ShardReader]
) -> tuple[Window, NDArray[np.float32], list[str]]:
    step = sheet.grid.patch_px
    window = shard_window(sheet.grid, shard).intersection(sheet.window)
    out = np.full((scorer.scorer.count, window.height // step, window.width // step), np.nan, np.float32)
    bad = []
    for scene in sheet.shards[shard]:
        if not np.isnan(out[0]).any():
            break
        reader = readers.get("own")
        if reader is None or reader.scene != scene:
            if reader is not None:
                reader.close()
            reader = readers["own"] = ShardReader(scene, scorer.model)
        try:
            for block in reader.blocks_of(shard):
                part = reader.block_window(block).intersection(window)
                if not part.empty:
                    _fill(out, window, part, reader, block, scorer)
        except DamagedShard as error:
            forget(scene, shard)
            bad.append(f"{scene.name}: {error.message}")
    return window, out, bad


def _fill(
    out: NDArray[np.float32],
    window: Window,
    part: Window,
    reader: ShardReader,
    block: tuple[int, int],
    scorer: BlockScorer,
) -> None:
    """Put a block's scores where there are none yet."""
    step = reader.scene.grid.patch_px
    rows, cols = (slice(s.start // step, s.stop // step) for s in part.slices_in(window))
    here = out[:, rows, cols]
    empty = np.isnan(here[0])
    if not empty.any():
        return
    found = reader.block(block, tiles=scorer.model.global_bias != 0)
    r, c = (slice(s.start // step, s.stop // step) for s in part.slices_in(found.window))
    scores = scorer.patches(found)[:, r, c]
    np.copyto(here, scores, where=empty)
