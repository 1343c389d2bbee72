"""Which tiles are held out: a few connected parts of the area, so that few validation tiles border on training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_PARTS = 4
_FEWEST = 8


def hold_out(
    boxes: NDArray[np.float64], share: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split tiles by space.

    The area is halved along its longer side, at the median tile, again and again; some of the smallest parts, drawn by
    the seed, are held out. Training tiles that overlap a held-out one are left out of both.

    Args:
        boxes: (west, south, east, north) of each tile, in degrees, float64 [N, 4].
        share: Of the tiles to hold out.
        seed: Of the draw.

    Returns:
        Rows of the training tiles and of the held-out ones; none of the latter where there are fewer than 8 tiles.
    """
    everything = np.arange(len(boxes))
    if share <= 0 or len(boxes) < _FEWEST:
        return everything, everything[:0]
    wanted = max(2, round(share * len(boxes)))
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    centres = centres * (np.cos(np.radians(np.clip(centres[:, 1].mean(), -89, 89))), 1.0)
    leaves = _halve(centres, everything, max(1, wanted // _PARTS))
    held: list[NDArray[np.int64]] = []
    for leaf in np.random.default_rng([seed, 7]).permutation(len(leaves)):
        if sum(map(len, held)) >= wanted:
            break
        held.append(leaves[leaf])
    validation = np.sort(np.concatenate(held))
    rest = np.setdiff1d(everything, validation)
    return rest[~_touches(boxes[rest], boxes[validation])], validation


def _halve(centres: NDArray[np.float64], rows: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    if len(rows) <= size:
        return [rows]
    own = centres[rows]
    axis = int(np.argmax(np.ptp(own, axis=0)))
    order = rows[np.argsort(own[:, axis], kind="stable")]
    half = len(order) // 2
    return _halve(centres, order[:half], size) + _halve(centres, order[half:], size)


def _touches(boxes: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.bool_]:
    import shapely

    tree = shapely.STRtree(shapely.box(*others.T))
    touched = np.zeros(len(boxes), bool)
    mine, theirs = tree.query(shapely.box(*boxes.T))
    a, b = boxes[mine], others[theirs]
    area = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    touched[mine[(area > 1e-9).all(1)]] = True  # a shared edge is no overlap
    return touched
