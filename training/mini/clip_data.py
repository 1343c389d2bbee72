"""Pairs of ground views and captions from procedural places, with all classes about equally often."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.progress import Report, silent

from ..world.captions import write_captions
from ..world.classes import CLASSES
from ..world.ground import photograph
from ..world.layout import make_layout

_PLACES = 64  # places that one part of the data draws on


@dataclass(frozen=True)
class ClipData:
    """Ground views with captions; `vars()` gives arrays that can be saved.

    Attributes:
        views: uint8 [N, 3, P, P], RGB.
        captions: Strings [N, K], K captions for each view.
        labels: Land class of each view's subject, int64 [N]; for scores and for balanced batches, never for the loss.
    """

    views: NDArray[np.uint8]
    captions: NDArray[np.str_]
    labels: NDArray[np.int64]


def _draw_part(part: int, seed: int, count: int, view_px: int, each: int) -> ClipData:
    """Draw `count` views from a few dozen places; scarce classes first."""
    rng = np.random.default_rng([seed, part])
    taken = np.zeros(len(CLASSES))
    views: list[np.ndarray] = []
    captions: list[np.ndarray] = []
    labels: list[np.ndarray] = []
    while sum(len(v) for v in labels) < count:
        gsd = 1.0 if rng.random() < 0.5 else float(np.exp(rng.uniform(0, np.log(10))))
        layout = make_layout(rng, gsd_m=gsd)
        present = np.flatnonzero(np.bincount(layout.labels.ravel(), minlength=len(CLASSES)) >= 8)
        spots = []
        for _ in range(max(8, count // _PLACES)):
            label = present[np.argmin(taken[present] + rng.random(len(present)))]
            if taken[label] > taken.min() + count / len(CLASSES) / 4:
                break
            taken[label] += 1
            where = np.flatnonzero(layout.labels.ravel() == label)
            spots.append(divmod(int(where[rng.integers(len(where))]), layout.labels.shape[1]))
        if not spots:
            continue
        rows, cols = np.array(spots).T
        seen = photograph(layout.labels, gsd, rows, cols, rng.uniform(0, 2 * np.pi, len(rows)), rng, view_px)
        views.append(seen.images)
        labels.append(seen.subject)
        captions.append(np.array(write_captions(seen, rng, each)))
    return ClipData(
        np.concatenate(views)[:count], np.concatenate(captions)[:count], np.concatenate(labels)[:count].astype(np.int64)
    )


def make_clip_data(
    seed: int, count: int, *, view_px: int = 64, each: int = 4, workers: int = 1, report: Report = silent
) -> ClipData:
    """Draw `count` views with `each` captions; the result does not depend on the number of worker processes."""
    size = 2000
    sizes = [min(size, count - start) for start in range(0, count, size)]
    draw = partial(_draw_part, seed=seed, view_px=view_px, each=each)
    parts = []
    if workers > 1:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for k, part in enumerate(pool.map(partial(_kwargs, draw), enumerate(sizes))):
                parts.append(part)
                report("ground views", sum(sizes[: k + 1]), count)
    else:
        for k, n in enumerate(sizes):
            parts.append(draw(k, count=n))
            report("ground views", sum(sizes[: k + 1]), count)
    return ClipData(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("views", "captions", "labels")))


def _kwargs(draw: partial[ClipData], job: tuple[int, int]) -> ClipData:
    return draw(job[0], count=job[1])
