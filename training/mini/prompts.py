"""Point prompts over tiles with truth: which object is asked for, and where the points fall.

Three kinds of prompt are drawn, as they occur in use: one pixel inside the object; a few clicks, the later ones
anywhere in the object or just outside it; and points at the cell centres of a coarse heatmap, which can lie up to half
a cell off, on the shore or past it, with negative points on the cells around.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

POSITIVE, NEGATIVE, UNUSED = 1, 0, -1
"""Point labels as `segment_anything` numbers them."""

MAX_POSITIVE, MAX_NEGATIVE = 8, 4
"""Points of a heatmap prompt at most, as the engine proposes them."""

_RING_PX = 40.0  # negatives near the object lie within this distance of it
Point = tuple[float, float, int]


@dataclass(frozen=True)
class Objects:
    """The connected objects of one tile.

    Attributes:
        ids: int32 [H, W], the object of each pixel.
        areas: int64 [n], pixels of each object.
        classes: int64 [n], label of each object.
    """

    ids: NDArray[np.int32]
    areas: NDArray[np.int64]
    classes: NDArray[np.int64]

    def mask(self, index: int) -> NDArray[np.bool_]:
        """Return the pixels of one object, bool [H, W]."""
        return self.ids == index


def find_objects(labels: NDArray[np.uint8]) -> Objects:
    """Split a label map [H, W] into 8-connected objects of one label each."""
    ids = np.zeros(labels.shape, np.int32)
    classes: list[int] = []
    for value in np.unique(labels):
        part, count = ndimage.label(labels == value, structure=np.ones((3, 3), bool))
        ids[part > 0] = part[part > 0] + len(classes) - 1
        classes += [int(value)] * count
    return Objects(ids, np.bincount(ids.ravel(), minlength=len(classes)), np.array(classes))


def choose_objects(
    rng: np.random.Generator,
    objects: Objects,
    count: int,
    *,
    min_px: int = 40,
    power: float = 0.6,
    favoured: Iterable[int] = (),
    favour: float = 2.0,
) -> NDArray[np.int64]:
    """Draw objects to ask for, with repetition.

    Args:
        rng: The source of randomness.
        objects: The objects of one tile.
        count: How many to draw.
        min_px: Smaller objects are never drawn, unless there are no others.
        power: An object is drawn in proportion to its area to this power.
        favoured: Labels drawn more often.
        favour: How much more often.

    Returns:
        int64 [count], object numbers.
    """
    weights = np.where(objects.areas >= min_px, objects.areas.astype(float) ** power, 0.0)
    if not weights.any():
        weights = objects.areas.astype(float)
    weights *= np.where(np.isin(objects.classes, list(favoured)), favour, 1.0)
    return rng.choice(len(weights), size=count, p=weights / weights.sum())


def pixel_in(rng: np.random.Generator, mask: NDArray[np.bool_], label: int) -> list[Point]:
    """Draw one pixel of the mask as a point [(x, y, label)]; none where the mask is empty."""
    flat = np.flatnonzero(mask)
    if flat.size == 0:
        return []
    row, col = divmod(int(rng.choice(flat)), mask.shape[1])
    return [(float(col), float(row), label)]


def click_points(rng: np.random.Generator, mask: NDArray[np.bool_], extra: int) -> list[Point]:
    """One pixel inside the object, then `extra` more, each inside it or near it outside."""
    points = pixel_in(rng, mask, POSITIVE)
    if extra:
        near = ~mask & (ndimage.distance_transform_cdt(~mask) <= _RING_PX) if not mask.all() else ~mask
        for _ in range(extra):
            points += pixel_in(rng, mask, POSITIVE) if rng.random() < 0.5 else pixel_in(rng, near, NEGATIVE)
    return points


def heat_points(
    rng: np.random.Generator, mask: NDArray[np.bool_], positives: int, negatives: int, cell_px: int
) -> list[Point]:
    """Points as a heatmap of square cells proposes them.

    The heat of a cell is the share of the object in it, smeared over its neighbours and with noise. The first positive
    is the hottest cell; the others are cells that are at least half object; negatives are cells that hold hardly any of
    it, most of them near.

    Args:
        rng: The source of randomness.
        mask: The object, bool [H, W] with sides that are multiples of `cell_px`.
        positives: Positive points at most.
        negatives: Negative points at most.
        cell_px: Side of a cell, pixels.

    Returns:
        Points (x, y, label) at cell centres, in pixels.
    """
    h, w = mask.shape[0] // cell_px, mask.shape[1] // cell_px
    share = mask.reshape(h, cell_px, w, cell_px).mean((1, 3), dtype=np.float32)
    noise = rng.normal(0, 0.08 * share.max(), share.shape)
    heat = share + 0.7 * ndimage.uniform_filter(share, 3, mode="nearest") + noise
    inside = share >= 0.5
    first = int(np.argmax(np.where(inside, heat, heat - 10)))
    rest = np.setdiff1d(np.flatnonzero(inside), first)
    chosen = [first, *rng.permutation(rest)[: positives - 1]]
    outside = np.flatnonzero(share <= 0.1)
    if outside.size and negatives:
        far = ndimage.distance_transform_edt(share <= 0.1).ravel()[outside]
        weights = np.where(far <= 3, 1.0, 0.1)
        chosen += list(rng.choice(outside, min(negatives, outside.size), replace=False, p=weights / weights.sum()))
    taken = 1 + min(positives - 1, rest.size)
    half = (cell_px - 1) / 2
    return [
        (float(cell % w * cell_px + half), float(cell // w * cell_px + half), POSITIVE if i < taken else NEGATIVE)
        for i, cell in enumerate(chosen)
    ]


def draw_points(rng: np.random.Generator, mask: NDArray[np.bool_]) -> list[Point]:
    """Draw the points of one training prompt: one click, several clicks, or cells of a heatmap.

    Args:
        rng: The source of randomness.
        mask: The object, bool [H, W], not empty.

    Returns:
        1 to `MAX_POSITIVE + MAX_NEGATIVE` points (x, y, label), the first of them positive.
    """
    kind = rng.random()
    if kind < 0.35:
        return click_points(rng, mask, 0)
    if kind < 0.5:
        return click_points(rng, mask, int(rng.integers(1, 5)))
    positives = 1 if rng.random() < 0.4 else int(rng.integers(2, MAX_POSITIVE + 1))
    cell = int(rng.choice([4, 8, 16]))
    points = heat_points(rng, mask, positives, int(rng.integers(0, MAX_NEGATIVE + 1)), cell)
    if rng.random() < 0.5:
        shift = rng.integers(-cell // 4, cell // 4 + 1, (len(points), 2))
        top = np.array(mask.shape[::-1]) - 1.0
        moved = np.clip([p[:2] for p in points] + shift, 0, top)
        points = [(float(x), float(y), p[2]) for (x, y), p in zip(moved, points)]
    return points


def stack_points(prompts: list[list[Point]]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Pad prompts to one length.

    Returns:
        Points float32 [P, N, 2], (x, y) in pixels, and labels int64 [P, N] (1 positive, 0 negative, -1 unused).
    """
    longest = max(len(p) for p in prompts)
    points = np.zeros((len(prompts), longest, 2), np.float32)
    labels = np.full((len(prompts), longest), UNUSED, np.int64)
    for i, prompt in enumerate(prompts):
        points[i, : len(prompt)] = [p[:2] for p in prompt]
        labels[i, : len(prompt)] = [p[2] for p in prompt]
    return points, labels
