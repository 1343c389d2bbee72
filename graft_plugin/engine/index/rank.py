"""From scores of tiles to a list: learning from marks, and spreading over the map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Array = NDArray[np.float32]

RIGHT_WEIGHT, WRONG_WEIGHT = 0.75, 0.25
"""Rocchio's β and γ: the weights of the mean right and wrong tile beside the prompt's 1; those of Manning, Raghavan and
Schütze, "Introduction to Information Retrieval" (2008), section 9.1."""
RIDGE = 1.0
"""Weight of the pull to the prompt in the logistic fit."""
SHARPNESS = 10.0
"""Logits a unit of cosine in the logistic fit."""


def rocchio(prompt: Array | None, right: Array, wrong: Array, centre: Array) -> Array:
    """Return the vector [D] of the prompt moved towards right tiles and away from wrong ones.

    Embeddings of a model share a large common part (all tiles look like tiles), and texts lie apart from images; so
    tiles are taken relative to the index's mean.

    Args:
        prompt: [D], of length 1; None: there was none.
        right: [N, D], of length 1.
        wrong: [M, D], likewise.
        centre: [D], the mean of the index's tiles.
    """
    moved = np.zeros_like(centre) if prompt is None else prompt.astype(np.float32)
    for rows, weight in ((right, RIGHT_WEIGHT), (wrong, -WRONG_WEIGHT)):
        if len(rows):
            moved = moved + weight * _unit((rows - centre).mean(axis=0))
    return _unit(moved)


def logistic(prompt: Array | None, right: Array, wrong: Array, centre: Array) -> Array:
    """Return the vector [D] that tells right from wrong tiles, as near to the prompt as the marks allow.

    A logistic fit with a ridge around the prompt instead of around 0; tiles relative to the index's mean.
    """
    start = np.zeros(len(centre)) if prompt is None else prompt.astype(np.float64)
    rows = np.concatenate([right, wrong]).astype(np.float64) - centre
    sign = np.concatenate([np.ones(len(right)), -np.ones(len(wrong))])

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (rows @ w[:-1] * SHARPNESS + w[-1])
        off = w[:-1] - start
        pull = -sign / (1 + np.exp(np.clip(margin, -50, 50)))
        gradient = np.append(SHARPNESS * (pull @ rows) + 2 * RIDGE * off, pull.sum())
        return float(np.logaddexp(0, -margin).sum() + RIDGE * off @ off), gradient

    found = minimize(loss, np.append(start, 0.0), jac=True, method="L-BFGS-B").x[:-1]
    return _unit(found.astype(np.float32))


def spread(
    scores: Sequence[float] | Array, xy: NDArray[np.float64], top: int, distance_m: float
) -> list[int]:
    """Return the indices of the best tiles, best first, no two nearer to each other than a distance.

    Greedy non-maximum suppression: the best one stays, its neighbours go, and so on. A hash of cells of that size makes
    it linear. Ties go to the lower index.

    Args:
        scores: [N]; NaN is never taken.
        xy: float64 [N, 2], metres.
        top: How many at most.
        distance_m: 0: neighbours may stay.
    """
    values = np.asarray(scores, np.float64)
    order = np.argsort(-np.where(np.isnan(values), -np.inf, values), kind="stable")
    kept: list[int] = []
    near: dict[tuple[int, int], list[int]] = {}
    for index in order.tolist():
        if len(kept) >= top or np.isnan(values[index]):
            break
        if distance_m > 0:
            col, row = (int(v) for v in np.floor(xy[index] / distance_m))
            around = (k for r in (-1, 0, 1) for c in (-1, 0, 1) for k in near.get((col + c, row + r), []))
            if any(((xy[k] - xy[index]) ** 2).sum() < distance_m**2 for k in around):
                continue
            near.setdefault((col, row), []).append(index)
        kept.append(index)
    return kept


def _unit(vector: Array) -> Array:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)
