"""What a collection of tiles would come to, from a few of them that are cut and thrown away."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass

from graft_plugin.engine.progress import CancelToken, Report

from .tile_cutter import Cutter, Job
from .tile_source import NoTile
from .tiles import Plan

TILES_CUT = 5


@dataclass(frozen=True)
class TileEstimate:
    """What a collection would come to.

    Attributes:
        photos: In the photo folder.
        tiles: Expected number.
        pairs: Expected number of photos in tiles.
        size_bytes: Expected size of the shards.
        seconds: Expected time.
        left_out: Photos that can be the centre of no tile, by rule.
        tried: Tiles that were cut to tell.
        had: Those of them that were there.
    """

    photos: int
    tiles: float
    pairs: float
    size_bytes: float
    seconds: float
    left_out: dict[str, int]
    tried: int
    had: int


def estimate_tiles(cutter: Cutter, cancel: CancelToken, report: Report) -> TileEstimate:
    """Plan all tiles and cut a few, drawn by the seed; nothing is written.

    Raises:
        GraftError: The source is at fault.
    """
    order = cutter.order
    plan = Plan(order, cutter.table, cutter.source)
    jobs = plan.round()
    sample: list[Job] = random.Random(order.seed).sample(jobs, min(len(jobs), TILES_CUT))
    photos, sizes, started = 0, [], time.monotonic()
    for number, job in enumerate(sample, 1):
        cancel.check()
        try:
            record, packed, _ = cutter.cut(job)
        except NoTile:
            continue
        finally:
            report("Cutting a few tiles", number, len(sample))
        photos += len(record.photos)
        sizes.append(len(packed))
    spent = time.monotonic() - started
    scale = len(jobs) / len(sample) if sample else 0.0
    left = Counter(plan.why.values())
    return TileEstimate(
        len(cutter.table), scale * len(sizes), scale * photos, scale * sum(sizes), scale * spent / order.workers,
        dict(sorted(left.items())), len(sample), len(sizes),
    )  # fmt: skip
