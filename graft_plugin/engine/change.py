"""How two dates differ beyond what light, season and sensor change everywhere.

What these do to an image moves all its embeddings alike, to a first approximation. The move is found where the land has
not changed: on the half of the patches whose two embeddings lie nearest to each other once it is taken off, which is
iterated as iteratively re-weighted change detection does with pixels. So the embeddings of both dates stay as they are
in the store, where normalised images would have to be encoded anew.

The move and the threshold come from tiles all over what both rasters show: they are the same for any extent of it.

Source: the iteration on pseudo-invariant places, Canty and Nielsen, "Automatic radiometric normalization of
multitemporal satellite imagery with the iteratively re-weighted MAD transformation", Remote Sensing of Environment
112(3), 2008.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .grid import Grid, Window
from .patches import PatchBlock, PatchField
from .regions import Heat
from .search import ScoreHistogram, Scorer

SAMPLE_TILES = 64
"""From so many tiles, spread over both rasters, the move and the threshold are found."""
INVARIANT = 0.5
"""The share of the patches that are taken as unchanged: as long as less than half of the land has changed."""
ROUNDS = 5
SCATTERS = 4.0
"""Robust standard deviations of the scatter beyond which a change of scores without competitors counts."""

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Look:
    """What is added to the embeddings of the later date.

    Attributes:
        patches: float32 [D], to those of patches.
        image: float32 [D], to those of tiles.
    """

    patches: Array
    image: Array

    @classmethod
    def none(cls, dim: int) -> Look:
        """Return the look that changes nothing."""
        return cls(np.zeros(dim, np.float32), np.zeros(dim, np.float32))

    @property
    def length(self) -> float:
        """Length of the move of patches, whose embeddings have length 1."""
        return float(np.linalg.norm(self.patches))

    def taken_off(self, patches: Array, image: Array) -> tuple[Array, Array]:
        """Return patches and tiles [..., D] of the later date as the earlier one would have seen them."""
        if not self.patches.any():
            return patches, image
        return _unit(patches + self.patches), _unit(image + self.image)


@dataclass(frozen=True)
class Pairs:
    """Patches that both dates show: float32 [N, D] each, of patches and of the tiles that they come from.

    A sample of `SAMPLE_TILES` tiles of 196 patches, of 512 numbers each, takes 100 MB.
    """

    before: Array
    after: Array
    before_image: Array
    after_image: Array


@dataclass(frozen=True)
class Change:
    """What changed.

    Attributes:
        heat: After minus before, for each prompt.
        auto: Automatic thresholds.
        thresholds: Those that are used.
        look: What was taken off the later date.
        encoded, stored: Tiles of both dates, encoded now and found in the store.
    """

    heat: Heat
    auto: list[float]
    thresholds: list[float]
    look: Look
    encoded: int
    stored: int


def blocks_of(before: PatchField, after: PatchField) -> Iterator[tuple[PatchBlock, PatchBlock]]:
    """Yield the blocks of two fields over one window, place by place."""
    return zip(before.blocks(), after.blocks(), strict=True)


def pairs_of(fields: Iterable[tuple[PatchField, PatchField]]) -> Pairs:
    """Return the patches that are valid in both dates; a pair of fields is let go of before the next one is taken."""
    found: list[tuple[Array, Array, Array, Array]] = []
    for one, other in fields:
        for before, after in blocks_of(one, other):
            both = before.valid & after.valid
            found.append((before.patches[both], after.patches[both], before.image[both], after.image[both]))
    return Pairs(*(np.concatenate(part) for part in zip(*found, strict=True)))


def find_look(pairs: Pairs) -> Look:
    """Return the move of the patches that have not changed; none where both dates have no patch in common."""
    look = Look.none(pairs.before.shape[1])
    if not len(pairs.before):
        return look
    for _ in range(ROUNDS):
        alike = (_unit(pairs.after + look.patches) * pairs.before).sum(axis=1)
        kept = alike >= np.quantile(alike, 1.0 - INVARIANT)
        look = Look(
            (pairs.before[kept] - pairs.after[kept]).mean(axis=0),
            (pairs.before_image[kept] - pairs.after_image[kept]).mean(axis=0),
        )
    return look


def change_of(scorer: Scorer, before: PatchBlock, after: PatchBlock, look: Look) -> Array:
    """Return the change of the scores float32 [K, h, w], after minus before; NaN where either date has none."""
    change = scorer.score(*look.taken_off(after.patches, after.image)) - scorer.score(before.patches, before.image)
    change[:, ~(before.valid & after.valid)] = np.nan
    return change


def auto_thresholds(scorer: Scorer, pairs: Pairs, look: Look) -> list[float]:
    """Return for each prompt the change of the score from which a place counts.

    The change of a probability tells how likely it is that one date alone shows the prompt, so it is thresholded as a
    probability is: in the valley of its histogram, between bounds that mean the same for every model (see
    `threshold.valley_threshold`). A similarity has no such meaning: what counts must stand out from the scatter.
    """
    after = scorer.score(*look.taken_off(pairs.after, pairs.after_image))
    histogram = ScoreHistogram(scorer.count, scorer.kind)
    histogram.add(np.abs(after - scorer.score(pairs.before, pairs.before_image)))
    if scorer.kind == "probability":
        return [histogram.auto_threshold(k) for k in range(scorer.count)]
    return [min(1.0, SCATTERS * 1.4826 * histogram.quantile(k, 0.5)) for k in range(scorer.count)]


def sample_windows(overlap: Window, grid: Grid) -> list[Window]:
    """Return what is looked at for the look and the threshold: `SAMPLE_TILES` tiles, evenly spread, or all there is.

    They depend on nothing but the overlap. Rows of tiles are staggered, so that they do not follow a pattern on the
    ground that has their spacing.
    """
    tiles = grid.tile_range(overlap)
    if len(tiles) <= SAMPLE_TILES:
        return [overlap]
    rows, cols = tiles.row_stop - tiles.row_start, tiles.col_stop - tiles.col_start
    down = min(rows, max(1, round((SAMPLE_TILES * rows / cols) ** 0.5)))
    along = min(cols, SAMPLE_TILES // down)
    chosen = []
    for i in range(down):
        row = tiles.row_start + int((i + 0.5) * rows / down)
        for j in range(along):
            col = tiles.col_start + int((j + (i * 0.618034) % 1.0) * cols / along)
            chosen.append(grid.tile_window((row, col)).intersection(overlap))
    return chosen


def _unit(vectors: Array) -> Array:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), dtype=np.float32)
