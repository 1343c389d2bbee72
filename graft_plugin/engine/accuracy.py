"""Accuracy and area from a stratified random sample, the strata being the classes of the map.

Source: Olofsson, Foody, Herold, Stehman, Woodcock and Wulder, "Good practices for estimating area and assessing
accuracy of land change", Remote Sensing of Environment 148, 2014; equations by number. Notation: n[i, j] points of map
class i and reference class j, W[i] share of the area mapped as i, p[i, j] = W[i] n[i, j] / n[i, ·].
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054
"""Standard errors on either side of an estimate that a 95 % confidence interval reaches."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Estimates:
    """Estimates and their standard errors; NaN where the points do not give one.

    Attributes:
        proportions: p [q, q].
        overall: Accuracy and its standard error.
        users, producers: Of each class, [q, 2]: estimate, standard error.
        areas: Share of each class in the area by the reference, likewise.
    """

    proportions: Array
    overall: tuple[float, float]
    users: Array
    producers: Array
    areas: Array


def estimate(counts: NDArray[np.int64], weights: Array) -> Estimates:
    """Estimate accuracies and areas.

    A class of the map with no point leaves what it could hold unknown, and with it all that is said of the whole area;
    with one point it leaves the standard errors unknown. A class that covers nothing plays no part.

    Args:
        counts: n int64 [q, q], rows by the map, columns by the reference.
        weights: W float64 [q]; add up to 1.

    Returns:
        The estimates: equations 1 to 7, 9 and 10.
    """
    n = counts.sum(axis=1)
    there = weights > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        share = counts / n[:, None]  # of the points of a map class that are each reference class
        spread = share * (1.0 - share) / (n[:, None] - 1.0)  # its variance
    spread[n < 2] = np.nan
    share[~there], spread[~there] = 0.0, 0.0
    w = weights[:, None]
    p = w * share
    correct, own = np.diag(share).copy(), np.diag(spread).copy()
    overall = float((weights * correct).sum()), math.sqrt(float((weights**2 * own).sum()))
    areas = np.stack([p.sum(axis=0), np.sqrt((w**2 * spread).sum(axis=0))], axis=1)
    users = np.stack([correct, np.sqrt(own)], axis=1)
    users[~there] = np.nan
    return Estimates(p, overall, users, _producers(p, w, spread, areas[:, 0]), areas)


def _producers(p: Array, w: Array, spread: Array, area: Array) -> Array:
    """Return the producer's accuracies and their standard errors (equations 3 and 7)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        accuracy = np.diag(p) / area
        parts = w**2 * spread
        own = np.diag(parts)
        variance = ((1.0 - accuracy) ** 2 * own + accuracy**2 * (parts.sum(axis=0) - own)) / area**2
    return np.stack([accuracy, np.sqrt(variance)], axis=1)
