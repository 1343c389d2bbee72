"""The automatic threshold: where a heatmap's histogram parts what was asked for from the rest.

Kinds of score (see `Kind`) need different rules: `valley_threshold`, `otsu_threshold`, `gap_threshold`. None looks at a
model's cosines: probabilities are relative to the competing concepts, likenesses to the area, and Otsu's rule does not
mind shift and scale.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Kind = Literal["probability", "similarity", "cosine", "likeness"]
"""probability: a softmax over competing concepts, 0..1; similarity: (1 + cosine) / 2, 0..1; cosine: -1..1; likeness:
0..1 from the least to the most alike of an area (see `likeness`)."""

LOWEST = 0.25
"""Below this probability the competitors together are thrice as likely as the prompt: never taken for the thing."""
HIGHEST = 0.60
"""Above this probability the prompt beats all competitors together with a margin: always the thing."""
SMOOTHING = 0.3
"""Standard deviation, in log-odds, of the kernel that smooths the histogram before its valley is sought."""
GAP = (0.4, 0.7)
"""Likenesses between which the threshold lies: below, a place is nearer to the least alike than to the most."""
GAP_SMOOTHING = 0.04
"""Standard deviation of the kernel that smooths a histogram of likenesses."""
LOG_ODDS_RANGE = 12.0
BINS = 4096


def log_odds(p: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return log(p / (1 - p)), held inside ±`LOG_ODDS_RANGE`."""
    edge = 1.0 / (1.0 + math.exp(LOG_ODDS_RANGE))
    q = np.clip(np.asarray(p, dtype=np.float64), edge, 1.0 - edge)
    return np.asarray(np.log(q / (1.0 - q)), dtype=np.float64)


def valley_threshold(counts: NDArray[np.float64], centres: NDArray[np.float64]) -> float:
    """Return the probability at the lowest point of a log-odds histogram between `LOWEST` and `HIGHEST`.

    The bounds carry the absolute meaning: in an area without the thing every score lies below `LOWEST`, so nothing is
    taken, and in an area full of it every score lies above `HIGHEST`, so all is. Between them the histogram decides:
    where it has two modes the threshold is in their valley; where it only falls (a tail of look-alikes), the upper
    bound; where it only rises, the lower. A flat valley gives its middle.

    Args:
        counts: Histogram [B].
        centres: Bin centres [B] in log-odds, evenly spaced.

    Returns:
        The threshold, a probability.
    """
    step = float(centres[1] - centres[0])
    smooth = gaussian_filter1d(counts, SMOOTHING / step, mode="constant")
    inside = (centres >= log_odds(LOWEST)) & (centres <= log_odds(HIGHEST))
    density, at = smooth[inside], centres[inside]
    low = density <= density.min() + 1e-3 * max(float(smooth.max()) / 100.0, float(density.min()))
    best = float(at[low].mean()) if _contiguous(low) else float(at[int(np.argmin(density))])
    return 1.0 / (1.0 + math.exp(-best))


def otsu_threshold(counts: NDArray[np.float64], centres: NDArray[np.float64]) -> float:
    """Return Otsu's threshold: the value that maximises the variance between the two classes it makes.

    For scores without competitors, where no value has an absolute meaning. An area without the thing is still split, at
    its most similar places: a caller who wants none must give competitors or a threshold.

    Source: Otsu, "A threshold selection method from gray-level histograms", IEEE Trans. SMC 9(1), 1979.
    """
    total = counts.sum()
    weight = np.cumsum(counts) / total
    mean = np.cumsum(counts * centres) / total
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (mean[-1] * weight - mean) ** 2 / (weight * (1.0 - weight))
    between = np.where(np.isfinite(between), between, -1.0)
    best = np.flatnonzero(between >= between.max() - 1e-12)
    half_step = float(centres[1] - centres[0]) / 2.0
    return float(centres[best].mean()) + half_step


def gap_threshold(counts: NDArray[np.float64], centres: NDArray[np.float64]) -> float:
    """Return the likeness at the lowest point of the smoothed histogram inside `GAP`.

    Otsu's rule leans to the larger class, and what is sought is often rare; that the scale ends at the sought itself
    says where the gap must be. Of a flat gap it is the middle.
    """
    step = float(centres[1] - centres[0])
    smooth = gaussian_filter1d(counts, GAP_SMOOTHING / step, mode="constant")
    inside = (centres >= GAP[0]) & (centres <= GAP[1])
    density, at = smooth[inside], centres[inside]
    return float(np.median(at[density <= density.min() + 1e-9 * max(1.0, float(smooth.max()))]))


def _contiguous(flags: NDArray[np.bool_]) -> bool:
    return int(np.abs(np.diff(np.concatenate(([0], flags.astype(np.int8), [0])))).sum()) == 2


class ScoreHistogram:
    """The score histogram of each prompt over an area, filled block by block.

    Args:
        prompts: Number of prompts, K.
        kind: What the scores are; `Scorer.kind` tells.
    """

    def __init__(self, prompts: int, kind: Kind = "probability") -> None:
        self.kind = kind
        low, high = {
            "probability": (-LOG_ODDS_RANGE, LOG_ODDS_RANGE),
            "similarity": (0.0, 1.0),
            "cosine": (-1.0, 1.0),
            "likeness": (0.0, 1.0),
        }[kind]
        self._edges = np.linspace(low, high, BINS + 1)
        self.centres = (self._edges[:-1] + self._edges[1:]) / 2.0
        self.counts = np.zeros((prompts, BINS), dtype=np.float64)
        self.maximum = np.full(prompts, np.nan)

    def add(self, scores: NDArray[np.float32], valid: NDArray[np.bool_] | None = None) -> None:
        """Count a block.

        Args:
            scores: Scores [K, ...]; NaN cells are left out.
            valid: Which cells count [...]; all by default.
        """
        for k, plane in enumerate(scores):
            flat = plane[np.isfinite(plane) if valid is None else valid & np.isfinite(plane)].astype(np.float64)
            if not flat.size:
                continue
            self.maximum[k] = np.fmax(self.maximum[k], flat.max())
            values = log_odds(flat) if self.kind == "probability" else flat
            self.counts[k] += np.histogram(
                np.clip(values, self._edges[0], self._edges[-1]), bins=BINS, range=(self._edges[0], self._edges[-1])
            )[0]

    def auto_threshold(self, k: int) -> float:
        """Return the automatic threshold of prompt k, on the scores' own scale.

        Probabilities: `valley_threshold`. Likenesses: `gap_threshold`. Similarities and cosines: `otsu_threshold`. An
        area without one valid cell gives a threshold above which there is nothing.
        """
        counts = self.counts[k]
        if self.kind == "probability":
            return valley_threshold(counts, self.centres) if counts.any() else HIGHEST
        if self.kind == "likeness":
            return gap_threshold(counts, self.centres) if counts.any() else 1.0
        return otsu_threshold(counts, self.centres) if counts.any() else 1.0

    def share_above(self, k: int, threshold: float) -> float:
        """Return the share of the cells at or above a score, to the width of a bin; 0 where there is none."""
        total = self.counts[k].sum()
        value = float(log_odds(threshold)) if self.kind == "probability" else threshold
        return float(self.counts[k][self.centres >= value].sum() / total) if total else 0.0

    def quantile(self, k: int, share: float) -> float:
        """Return the score below which a share of the cells lies, to the width of a bin; the lowest where none is."""
        if not self.counts[k].any():
            return float(self._edges[0])
        at = int(np.searchsorted(np.cumsum(self.counts[k]) / self.counts[k].sum(), share))
        return float(self._edges[min(at, BINS - 1)])

    def span(self, k: int) -> tuple[float, float]:
        """Return the (bottom, top) of prompt k's scale: 0 and 1 where these mean something, else its percentiles."""
        counts = self.counts[k]
        if self.kind in ("probability", "likeness") or not counts.any():
            return (-1.0, 1.0) if self.kind == "cosine" else (0.0, 1.0)
        share = np.cumsum(counts) / counts.sum()
        low, high = np.searchsorted(share, [0.01, 0.99])
        return float(self._edges[low]), float(self._edges[high + 1])
