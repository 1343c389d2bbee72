"""Places at two dates: a landscape, and the same one after fields were cleared, lakes dug and lots paved."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ...world.aerial import LookName, render_aerial
from ...world.classes import LABEL
from ...world.layout import Layout, make_layout

FOCI = ("lake", "building", "forest", "pool", "road", "orchard", "river", "parking", "meadow", "wetland")
_CLEARED = {
    "forest": "soil", "orchard": "soil", "shrubland": "meadow", "meadow": "crops", "crops": "soil", "soil": "crops",
}  # fmt: skip
_BUILT = [LABEL[name] for name in ("building", "road", "railway", "track", "pool", "parking")]

Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class Place:
    """One place.

    Attributes:
        labels: uint8 [H, W], the world's classes at the later date, about which is asked.
        before: uint8 [H, W], at the earlier date.
        gsd_m: Metres a pixel.
        layouts: What both were drawn from, the later one first.
        seed: Of the place.
    """

    labels: Labels
    before: Labels
    gsd_m: float
    layouts: tuple[Layout, Layout]
    seed: tuple[int, int]

    def pictures(self, look: LookName) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Render both dates in the same light, uint8 [3, H, W], the later one first."""
        later, earlier = (render_aerial(one, np.random.default_rng([*self.seed, 2]), look) for one in self.layouts)
        return later, earlier


def draw_place(seed: int, number: int, size_px: int = 512, gsd_m: float = 1.0) -> Place:
    """Draw a place and its earlier self; the same seed and number give the same one."""
    rng = np.random.default_rng([seed, number, 606])
    earlier = make_layout(rng, size_px=size_px, gsd_m=gsd_m, focus=FOCI[number % len(FOCI)])
    labels = earlier.labels.copy()
    for _ in range(int(rng.integers(1, 4))):
        _clear(labels, rng)
    if rng.random() < 0.6:
        _dig(labels, rng, gsd_m)
    later = replace(earlier, labels=labels)
    return Place(labels, earlier.labels, gsd_m, (later, earlier), (seed, number))


def _clear(labels: Labels, rng: np.random.Generator) -> None:
    """Give one large area, or the half of it on one side of a line, to another class."""
    names = [name for name in _CLEARED if (labels == LABEL[name]).mean() > 0.01]
    if not names:
        return
    name = names[int(rng.integers(len(names)))]
    ids, _ = ndimage.label(labels == LABEL[name])
    area = ids == np.bincount(ids.ravel())[1:].argmax() + 1
    if rng.random() < 0.6:
        rows, cols = np.nonzero(area)
        turn = rng.uniform(0, np.pi)
        across = rows * np.cos(turn) + cols * np.sin(turn)
        kept = across < np.quantile(across, rng.uniform(0.3, 0.7))
        area[rows[kept], cols[kept]] = False
    labels[area] = LABEL[_CLEARED[name]]


def _dig(labels: Labels, rng: np.random.Generator, gsd_m: float) -> None:
    """Make a round lake where nothing is built."""
    radius = min(rng.uniform(25, 70) / gsd_m, 0.2 * min(labels.shape))
    for _ in range(10):
        row, col = rng.uniform(radius, np.array(labels.shape) - radius)
        rows, cols = np.ogrid[: labels.shape[0], : labels.shape[1]]
        disc = (rows - row) ** 2 + (cols - col) ** 2 < radius**2
        if not np.isin(labels[disc], _BUILT).any():
            labels[disc] = LABEL["lake"]
            return
