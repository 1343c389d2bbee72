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
SIGNIFICANT = 2.0
"""Standard errors by which a valley of likenesses is deeper than chance makes them."""
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
    between = _between(counts, centres)
    best = np.flatnonzero(between >= between.max() - 1e-12)
    half_step = float(centres[1] - centres[0]) / 2.0
    return float(centres[best].mean()) + half_step


def _between(counts: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the variance between the classes below and above each bin's upper edge; -1 where one of them is empty."""
    total = counts.sum()
    weight = np.cumsum(counts) / total
    mean = np.cumsum(counts * centres) / total
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (mean[-1] * weight - mean) ** 2 / (weight * (1.0 - weight))
    return np.where(np.isfinite(between), between, -1.0)


def gap_threshold(counts: NDArray[np.float64], centres: NDArray[np.float64]) -> float:
    """Return the valley of a histogram that parts its cells best; without a valley, Otsu's threshold.

    Otsu's rule leans to the larger class, and what is sought is often rare; so only valleys of the smoothed histogram
    are candidates, the deeper the better, and Otsu's variance between the classes chooses among them. No place on the
    scale and no width is preferred, for these differ between models: the kernel's width follows from the spread and the
    number of the cells, and a valley counts where the lower of the hills at its sides stands out from the noise.

    Source: the criterion, Ng, "Automatic thresholding for defect detection", Pattern Recognition Letters 27(14), 2006;
    the kernel, Chacón and Duong, "Data-driven density derivative estimation", Electronic Journal of Statistics 7, 2013
    (the normal reference bandwidth for a density's gradient, whose zeros are its valleys).
    """
    width = max(_gradient_bandwidth(counts, centres) / float(centres[1] - centres[0]), 0.25)  # in bins
    smooth = gaussian_filter1d(counts, width, mode="constant")
    smooth = np.where(smooth > 1e-9 * smooth.max(), smooth, 0.0)  # what is left of the kernel's tails has no valleys
    turns = np.flatnonzero(np.diff(smooth))
    first, last = np.append(0, turns + 1), np.append(turns, len(smooth) - 1)  # of each run of equal heights
    height = smooth[first]
    valleys = 1 + np.flatnonzero((height[1:-1] < height[:-2]) & (height[1:-1] < height[2:]))
    middle = (first[valleys] + last[valleys]) // 2
    left, right = np.maximum.accumulate(smooth), np.maximum.accumulate(smooth[::-1])[::-1]
    hill, floor = np.minimum(left, right)[middle], smooth[middle]
    error = np.sqrt((hill + floor) / (2.0 * math.sqrt(math.pi) * width))  # of counts that a kernel has smoothed
    middle = middle[hill - floor > SIGNIFICANT * error]
    if not len(middle):
        return otsu_threshold(counts, centres)
    merit = (1.0 - smooth[middle] / smooth.max()) * _between(counts, centres)[middle]
    return float(centres[middle[int(np.argmax(merit))]])


def _gradient_bandwidth(counts: NDArray[np.float64], centres: NDArray[np.float64]) -> float:
    """Return the standard deviation of the kernel that shows a sample's valleys and not its noise."""
    total = float(counts.sum())
    mean = float((counts * centres).sum()) / total
    spread = math.sqrt(max(float((counts * (centres - mean) ** 2).sum()) / total, 0.0))
    low, high = np.interp([0.25, 0.75], np.cumsum(counts) / total, centres)
    quartiles = float(high - low) / 1.349  # as wide as the standard deviation of a normal distribution
    return (4.0 / 5.0) ** (1 / 7) * (min(spread, quartiles) or spread) * total ** (-1 / 7)


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
