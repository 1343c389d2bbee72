"""What is true of a place, measured on its label raster with scipy alone.

Nothing here knows polygons, so that an answer of the interpreter's geometry and its truth share no code.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

THING_M2 = 40.0
"""A thing is a connected area (through pixels' edges) of one class and at least this size; what is less is a speck."""
SPECK_BAND = (0.5, 1.5)
"""Where a class has an area between these multiples of `THING_M2`, nobody can say how many things there are."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Things:
    """The things of one class.

    Attributes:
        ids: int32 [H, W], 1 … n where a thing lies, else 0.
        areas_m2: float64 [n].
        gsd_m: Metres a pixel.
        specks_m2: What lies in specks.
        clear: Whether every area of the class is clearly a thing or clearly a speck (`SPECK_BAND`).
    """

    ids: NDArray[np.int32]
    areas_m2: NDArray[np.float64]
    gsd_m: float
    specks_m2: float
    clear: bool

    @property
    def count(self) -> int:
        """Return n."""
        return len(self.areas_m2)

    @property
    def area_m2(self) -> float:
        """Return the area of all things."""
        return float(self.areas_m2.sum())

    @property
    def mask(self) -> Mask:
        """Return where things lie, bool [H, W]."""
        return self.ids > 0


def find_things(mask: Mask, gsd_m: float) -> Things:
    """Split a class into its things."""
    ids, count = ndimage.label(mask)
    areas = np.bincount(ids.ravel(), minlength=count + 1)[1:] * gsd_m**2
    kept = areas >= THING_M2
    number = np.concatenate([[0], np.where(kept, np.cumsum(kept), 0)]).astype(np.int32)
    doubtful = (areas > SPECK_BAND[0] * THING_M2) & (areas < SPECK_BAND[1] * THING_M2)
    return Things(number[ids], areas[kept].astype(float), gsd_m, float(areas[~kept].sum()), not doubtful.any())


def gaps_m(things: Things, others: Things) -> NDArray[np.float64]:
    """Return the distance of each thing from the nearest of the others, edge to edge, float64 [n]; inf without others.

    Exact: the nearest points of two unions of pixels are corners of pixels, so a distance transform on the lattice of
    corners finds them.
    """
    if not others.count:
        return np.full(things.count, np.inf)
    far = ndimage.distance_transform_edt(~_corners(others.mask), sampling=things.gsd_m)
    near = np.minimum(np.minimum(far[:-1, :-1], far[1:, :-1]), np.minimum(far[:-1, 1:], far[1:, 1:]))
    return np.asarray(ndimage.minimum(near, things.ids, np.arange(1, things.count + 1)), float).reshape(-1)


def _corners(mask: Mask) -> Mask:
    """Return the corners of the mask's pixels on the lattice [H + 1, W + 1]."""
    out = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), bool)
    for rows in (slice(None, -1), slice(1, None)):
        for cols in (slice(None, -1), slice(1, None)):
            out[rows, cols] |= mask
    return out
