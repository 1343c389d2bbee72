"""Where a heatmap says "here": connected blobs above a threshold, and the points in and around each that prompt SAM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

MAX_POSITIVE = 8
"""Points inside a blob at most; a larger blob gets them farther apart."""
MAX_NEGATIVE = 4
SPACING_PX = 32.0
"""Least distance between two positive points of a blob, and between two negative ones."""
RING_PX = 40.0
"""Negative points lie at most this far from the blob (or two and a half cells, where those are longer)."""
CLEARLY_LOW = 0.5
"""A negative point's score lies below this share of the way from the bottom of the scale to the threshold."""

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]


@dataclass(frozen=True)
class PointPrompt:
    """Points for one blob.

    Attributes:
        blob: Number of the blob, from 1, in the label image of `find_blobs`.
        positive: float32 [N, 2], (x, y) in pixels of the window, inside the blob; N ≥ 1, the best first.
        negative: float32 [M, 2], (x, y) in pixels, outside; M ≥ 0.
    """

    blob: int
    positive: Float
    negative: Float

    def variants(self) -> list[tuple[Float, NDArray[np.int64]]]:
        """Return the prompts that are tried for this blob, as (points [N, 2], labels [N]; 1 inside, 0 outside).

        The best point alone, each positive point with the negatives near it, and all points together.
        """
        sets = [(self.positive[:1], self.negative[:0])]
        if len(self.negative):
            sets += [(point[None], self._near(point)) for point in self.positive]
        else:
            sets += [(point[None], self.negative) for point in self.positive[1:]]
        if len(self.positive) > 1:
            sets.append((self.positive, self.negative))
        return [
            (np.concatenate([inside, outside]), np.array([1] * len(inside) + [0] * len(outside), dtype=np.int64))
            for inside, outside in sets
        ]

    def _near(self, point: Float, count: int = 2) -> Float:
        distance = np.hypot(*(self.negative - point).T)
        return self.negative[np.argsort(distance, kind="stable")[:count]]


def find_blobs(heat: Float, threshold: float) -> tuple[NDArray[np.int32], int]:
    """Label the cells at or above the threshold, [h, w], by 8-connection from 1; returns labels and their number."""
    with np.errstate(invalid="ignore"):
        labels, count = ndimage.label(heat >= threshold, structure=np.ones((3, 3), dtype=bool))
    return labels.astype(np.int32), int(count)


def propose_points(
    heat: Float,
    threshold: float,
    stride_px: int,
    *,
    lowest: float = 0.0,
    labels: NDArray[np.int32] | None = None,
) -> list[PointPrompt]:
    """Turn a heatmap into point prompts: at least one peak for each blob.

    Peaks come in the order of the score averaged over 3×3 cells (so that a plateau is prompted inside, not on its rim)
    and suppress others within `SPACING_PX`; where more than `MAX_POSITIVE` remain, within 1.4 times that, and so on,
    which spreads the points of a large blob over it.

    Args:
        heat: Scores [h, w]; NaN where invalid.
        threshold: A cell at or above it belongs to a blob.
        stride_px: Pixels a cell.
        lowest: The bottom of the scores' scale.
        labels: Blobs of this heatmap and threshold, where the caller has them from `find_blobs`.

    Returns:
        One prompt for each blob, in the blobs' order.
    """
    if labels is None:
        labels, _ = find_blobs(heat, threshold)
    filled = np.where(np.isfinite(heat), heat, lowest).astype(np.float32)
    smooth = ndimage.uniform_filter(filled, 3, mode="nearest")
    clearly_low = np.isfinite(heat) & (filled < lowest + CLEARLY_LOW * (threshold - lowest))
    reach = int(np.ceil(max(RING_PX / stride_px, 2.5))) + 1
    prompts = []
    for blob, place in enumerate(ndimage.find_objects(labels), start=1):
        around = tuple(
            slice(max(0, s.start - reach), min(size, s.stop + reach)) for s, size in zip(place, heat.shape, strict=True)
        )
        inside = labels[around] == blob
        origin = np.array([around[0].start, around[1].start])
        peaks = _spread(inside, -smooth[around], stride_px, MAX_POSITIVE)
        lows = _spread(
            _ring(inside, stride_px) & clearly_low[around] & (labels[around] == 0),
            filled[around],
            stride_px,
            MAX_NEGATIVE,
        )
        prompts.append(PointPrompt(blob, _pixels(peaks + origin, stride_px), _pixels(lows + origin, stride_px)))
    return prompts


def _ring(inside: Bool, stride_px: int) -> Bool:
    """Return the cells more than one cell and at most `RING_PX` away from the blob."""
    away = ndimage.distance_transform_edt(~inside)
    return np.asarray((away > 1.5) & (away <= max(RING_PX / stride_px, 2.5)))


def _spread(allowed: Bool, cost: Float, stride_px: int, most: int) -> NDArray[np.int64]:
    """Return at most `most` allowed cells (row, col) [N, 2] of low cost, spaced by non-maximum suppression."""
    cells = np.argwhere(allowed)
    if not len(cells):
        return cells.reshape(0, 2)
    cells = cells[np.argsort(cost[allowed], kind="stable")]
    spacing = SPACING_PX / stride_px
    while True:
        kept = _suppress(cells, spacing, most + 1)
        if len(kept) <= most:
            return kept
        spacing *= 1.4


def _suppress(cells: NDArray[np.int64], spacing: float, enough: int) -> NDArray[np.int64]:
    """Keep each cell that is at least `spacing` cells away from all kept before it; stop at `enough`."""
    left = cells
    kept: list[NDArray[np.int64]] = []
    while len(left) and len(kept) < enough:
        kept.append(left[0])
        left = left[((left - left[0]) ** 2).sum(axis=1) >= max(spacing, 1.0) ** 2]
    return np.array(kept)


def _pixels(cells: NDArray[np.int64], stride_px: int) -> Float:
    """Return the centres (x, y) in pixels of cells (row, col); pixel n covers n - 0.5 to n + 0.5, as in SAM."""
    return ((cells[:, ::-1] + 0.5) * stride_px - 0.5).astype(np.float32)
