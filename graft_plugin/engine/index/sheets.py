"""Which shards of which scenes a question is about, and reading them by several threads, in order, a few at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Optional, TypeVar

import torch

from ...errors import UsageError
from ..crs import Bounds, transformer
from ..grid import Grid, Window
from ..progress import CancelToken
from ..scene import EDGE_POINTS
from .layout import SHARD_TILES, IndexModel, IndexScene
from .shards import Shard, ShardReader

R = TypeVar("R")
T = TypeVar("T")
AHEAD = 2
"""Pieces of work in flight, for each thread: what bounds the memory."""


@dataclass(frozen=True)
class Sheet:
    """The scenes of an index that share a grid.

    Attributes:
        grid: The grid.
        window: Pixels of what is asked about, whole patches.
        shards: Place → the scenes that hold something there, the newest first; places in row-major order.
    """

    grid: Grid
    window: Window
    shards: dict[Shard, list[IndexScene]]


def chosen(
    scenes: Sequence[IndexScene],
    *,
    names: Sequence[str] = (),
    since: Optional[str] = None,
    until: Optional[str] = None,
) -> list[IndexScene]:
    """Return the scenes whose name or source holds one of `names`, taken between two dates, both included.

    Raises:
        UsageError: None is left.
    """
    left = [
        scene
        for scene in scenes
        if (not names or any(name in scene.name or name in scene.source for name in names))
        and (since is None or (scene.acquired or "") >= since)
        and (until is None or (scene.acquired is not None and scene.acquired[: len(until)] <= until))
    ]
    if not left:
        known = ", ".join(scene.name for scene in scenes[:5])
        raise UsageError("no scene of the index was chosen", remedy=f"It holds {known or 'nothing yet'}.")
    return left


def sheets(
    scenes: Sequence[IndexScene], model: IndexModel, extent: Optional[Bounds] = None, crs: Optional[str] = None
) -> list[Sheet]:
    """Return the sheets of scenes, the largest first, cut to an extent in `crs` (each grid's own if None).

    Raises:
        UsageError: Nothing is there.
    """
    found = []
    for grid in dict.fromkeys(scene.grid for scene in scenes):
        own = [scene for scene in scenes if scene.grid == grid]
        places: dict[Shard, list[IndexScene]] = {}
        window: Optional[Window] = None
        for scene in own:
            shards = ShardReader(scene, model).shards()
            for shard in shards:
                places.setdefault(shard, []).append(scene)
            if shards:
                window = _around(window, _tiles_window(scene))
        if window is None:
            continue
        if extent is not None:
            window = _of_extent(grid, extent, crs).intersection(window)
        window = window.expanded(grid.patch_px)
        inside = {s: places[s] for s in sorted(places) if not shard_window(grid, s).intersection(window).empty}
        if inside and not window.empty:
            found.append(Sheet(grid, window, inside))
    if not found:
        raise UsageError(
            "the index holds nothing there", remedy="Check the extent and its CRS, or run graft index until it is done."
        )
    return sorted(found, key=lambda sheet: (-len(sheet.shards), sheet.grid.crs, sheet.grid.gsd_m))


def shard_window(grid: Grid, shard: Shard) -> Window:
    """Return the pixels of a shard."""
    edge = SHARD_TILES * grid.tile_px
    return Window(shard[0] * edge, shard[1] * edge, edge, edge)


def in_order(jobs: Sequence[T], work: Callable[[T], R], cancel: CancelToken) -> Iterator[R]:
    """Yield `work(job)` of every job, in order; done by as many threads as there are cores, each with its own torch.

    Only `AHEAD` results a thread are kept in memory.
    """
    threads = os.cpu_count() or 1
    before = torch.get_num_threads()
    pool = ThreadPoolExecutor(threads, "graft-index", initializer=torch.set_num_threads, initargs=(1,))
    waiting: deque[Future] = deque()
    try:
        for job in jobs:
            waiting.append(pool.submit(work, job))
            if len(waiting) >= AHEAD * threads:
                cancel.check()
                yield waiting.popleft().result()
        while waiting:
            cancel.check()
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
        pool.shutdown(wait=True)
        torch.set_num_threads(before)


def _tiles_window(scene: IndexScene) -> Window:
    t, edge = scene.tiles, scene.grid.tile_px
    return Window.between(t.row_start * edge, t.col_start * edge, t.row_stop * edge, t.col_stop * edge)


def _around(one: Optional[Window], other: Window) -> Window:
    if one is None:
        return other
    return Window.between(
        min(one.row, other.row),
        min(one.col, other.col),
        max(one.stop[0], other.stop[0]),
        max(one.stop[1], other.stop[1]),
    )


def _of_extent(grid: Grid, extent: Bounds, crs: Optional[str]) -> Window:
    if crs is not None and crs != grid.crs:
        extent = transformer(crs, grid.crs).transform_bounds(*extent, densify_pts=EDGE_POINTS)
    return grid.pixel_window(extent)
