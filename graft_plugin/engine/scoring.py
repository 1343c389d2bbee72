"""Scores of every cell of an area, and the thresholds that come of them.

Scores are kept for the whole area in one array of cells (a 16th or less of the pixels; on disk where that is large), so
that the thresholds come from all blocks before any is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError
from .embed import embed_scene
from .likeness import LikenessScorer, Seeds
from .outputs import Staging
from .patches import PatchField
from .preparation import Search, store_root
from .regions import Heat
from .search import ScoreHistogram, Scorer
from .store import EmbeddingStore

IN_MEMORY_BYTES = 64 << 20
"""Scores of an area beyond this size are kept in a file."""
_ROWS = 1024  # of cells that are worked on at once


@dataclass(frozen=True)
class Scores:
    """The heatmap of the whole area and what was learnt on the way."""

    heat: Heat
    histogram: ScoreHistogram
    thresholds: list[float]
    covered: list[float]
    encoded_tiles: int
    from_store: int


def score(search: Search, asked: Scorer | Seeds) -> Scores:
    """Encode what the store lacks and score every patch of the window."""
    store = EmbeddingStore(store_root(search.request) if search.request.use_store else search.staging.scratch("tiles"))
    with search.clock("encode"):
        field = embed_scene(
            search.scene,
            search.encoder,
            window=search.window,
            stride_px=search.stride_px,
            store=store,
            report=search.report,
            cancel=search.cancel,
        )
        scorer = asked if isinstance(asked, Scorer) else asked.scorer(search, store)
    with search.clock("score"):
        planes, histogram = _score_cells(search, field, scorer)
        if isinstance(scorer, LikenessScorer):
            planes, histogram = _relative(search, planes, histogram, scorer)
        wanted = [search.request.wanted_threshold(k) for k in range(len(planes))]
        thresholds = [histogram.auto_threshold(k) if value is None else value for k, value in enumerate(wanted)]
        covered = [_share_above(plane, threshold) for plane, threshold in zip(planes, thresholds, strict=True)]
    heat = Heat(planes, field.window, field.stride_px, search.encoder.patch_px)
    return Scores(heat, histogram, thresholds, covered, field.encoded_tiles, field.from_store)


def _score_cells(
    search: Search, field: PatchField, scorer: Scorer | LikenessScorer
) -> tuple[NDArray[np.float32], ScoreHistogram]:
    """Return the scores [K, h, w] of a field, NaN where invalid, and their histogram."""
    stride, area = field.stride_px, field.window
    histogram = ScoreHistogram(scorer.count, scorer.kind)
    planes = score_array(search.staging, (scorer.count, area.height // stride, area.width // stride))
    done = 0
    for block in field.blocks():
        search.cancel.check()
        part = scorer.score(block.patches, block.image)
        part[:, ~block.valid] = np.nan
        histogram.add(part)
        rows, cols = (slice(s.start // stride, s.stop // stride) for s in block.window.slices_in(area))
        planes[:, rows, cols] = part
        done += block.valid.size
        search.report("score", done, planes[0].size)
    return planes, histogram


def _relative(
    search: Search, cosines: NDArray[np.float32], histogram: ScoreHistogram, scorer: LikenessScorer
) -> tuple[NDArray[np.float32], ScoreHistogram]:
    """Turn cosines [1 + U, h, w] into the one likeness [1, h, w], in place."""
    scale = scorer.scale(histogram)
    likeness = ScoreHistogram(1, "likeness")
    for rows in _strips(cosines):
        search.cancel.check()
        part = scale.likeness(np.asarray(cosines[:, rows]))
        likeness.add(part[None])
        cosines[0, rows] = part
    return cosines[:1], likeness


def _strips(planes: NDArray[np.float32]) -> Sequence[slice]:
    return [slice(row, row + _ROWS) for row in range(0, planes.shape[1], _ROWS)]


def score_array(staging: Staging, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """Return an array of NaN for the scores: in memory, or in a file whose space is claimed beforehand."""
    size = 4 * math.prod(shape)
    if size <= IN_MEMORY_BYTES:
        return np.full(shape, np.nan, dtype=np.float32)
    path = staging.scratch("scores.f32")
    try:
        with path.open("wb") as file:
            block = np.full(1 << 20, np.nan, dtype=np.float32).tobytes()
            for start in range(0, size, len(block)):
                file.write(block[: size - start])
    except OSError as error:
        raise OutputError(
            f"there is no room for {size >> 20} MB of scores ({error.strerror})",
            remedy="Free some space in the temporary folder, or set TMPDIR.",
            path=str(path),
        ) from error
    return np.memmap(path, dtype=np.float32, mode="r+", shape=shape)


def _share_above(plane: NDArray[np.float32], threshold: float) -> float:
    known = above = 0
    for start in range(0, len(plane), 1024):
        part = plane[start : start + 1024]
        known += int(np.isfinite(part).sum())
        with np.errstate(invalid="ignore"):
            above += int((part >= threshold).sum())
    return above / known if known else 0.0
