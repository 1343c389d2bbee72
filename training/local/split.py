"""Which part of an area teaches and which part judges: contiguous blocks, with at least a tile between the two.

Neighbouring pixels look alike, so a part drawn at random would flatter every score. Whole blocks are held out, and what
lies within a tile of them neither teaches nor judges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.grid import Window
from graft_plugin.errors import UsageError

Part = Literal["train", "held", "buffer"]

HELD_SHARE = 0.22
"""The share of what was brought that should judge."""
_DRAWS = 300
_NEARLY = 0.08  # the first draw of nearly the least cost is taken: the least itself would be the same for every seed
_SMALL, _LARGE = 40, 150  # tiles up to which one block, or two, are held out; beyond, four


@dataclass(frozen=True)
class Split:
    """An area in two parts.

    Attributes:
        held: The blocks held out, in global pixels; their sides are whole tiles.
        tile_px: Side of a tile, and width of the buffer around each block.
    """

    held: tuple[Window, ...]
    tile_px: int

    def part_of(self, row: float, col: float) -> Part:
        """Return the part that a place (row, col) in global pixels lies in."""
        for block in self.held:
            if _inside(block, row, col):
                return "held"
        return "buffer" if any(_inside(_grown(block, self.tile_px), row, col) for block in self.held) else "train"

    def may_teach(self, window: Window) -> bool:
        """Whether every pixel of a window is at least a tile away from what is held out."""
        return all(_grown(block, self.tile_px).intersection(window).empty for block in self.held)

    def held_tiles(self) -> list[Window]:
        """Return the tiles of the held-out blocks, block by block, rows from north to south."""
        t = self.tile_px
        return [
            Window(row, col, t, t)
            for block in self.held
            for row in range(block.row, block.stop[0], t)
            for col in range(block.col, block.stop[1], t)
        ]


def split_area(
    area: Window, tile_px: int, spots: NDArray[np.floating], kinds: NDArray[np.integer], seed: int, least: int
) -> Split:
    """Hold blocks out, so that both parts see every kind of thing that was brought, or as many as can be had.

    Args:
        area: What may be used, in global pixels.
        tile_px: Side of a tile.
        spots: Where things were brought, float [N, 2], (row, col) in global pixels.
        kinds: What each of them is, int [N].
        seed: Of the draw; one of the better of a few hundred places is taken.
        least: How many of each kind each part needs.

    Raises:
        UsageError: The area is too small, or no draw leaves each part enough of anything.
    """
    rows, cols = area.height // tile_px, area.width // tile_px
    if rows * cols < 3:
        raise UsageError(
            f"the area is {area.width} x {area.height} pixels at the model's resolution, too small for a held-out part",
            remedy=f"Take an area of at least 1 x 3 tiles of {tile_px} pixels.",
        )
    rng = np.random.default_rng([seed, 31])
    draws = [Split(_draw_blocks(rng, area, tile_px, rows, cols), tile_px) for _ in range(_DRAWS)]
    costs = np.array([_cost(split, spots, kinds, least) for split in draws])
    if not np.isfinite(costs).any():
        raise UsageError(
            f"no held-out part can be drawn that leaves at least {least} on both sides of a buffer of one tile "
            f"({tile_px} pixels)",
            remedy="Bring more, spread over a larger area.",
        )
    return draws[int(np.argmax(costs <= costs.min() + _NEARLY))]


def _draw_blocks(rng: np.random.Generator, area: Window, tile_px: int, rows: int, cols: int) -> tuple[Window, ...]:
    count = 1 if rows * cols <= _SMALL else 2 if rows * cols <= _LARGE else 4
    tiles = max(1.0, HELD_SHARE * rows * cols / count)
    blocks = []
    for _ in range(count):
        aspect = float(np.exp(rng.uniform(-0.7, 0.7)))
        high = int(np.clip(round(np.sqrt(tiles * aspect)), 1, rows))
        wide = int(np.clip(round(tiles / high), 1, cols))
        row, col = int(rng.integers(0, rows - high + 1)), int(rng.integers(0, cols - wide + 1))
        blocks.append(Window(area.row + row * tile_px, area.col + col * tile_px, high * tile_px, wide * tile_px))
    kept = [b for i, b in enumerate(blocks) if all(b.intersection(other).empty for other in blocks[:i])]
    return tuple(kept)


def _cost(split: Split, spots: NDArray[np.floating], kinds: NDArray[np.integer], least: int) -> float:
    """How far a split is from what is wanted: 1 for each kind that a part lacks; infinite where it lacks all."""
    held, near = np.zeros(len(spots), bool), np.zeros(len(spots), bool)
    for block in split.held:
        held |= _contains(block, spots)
        near |= _contains(_grown(block, split.tile_px), spots)
    there = np.bincount(kinds) > 0
    held_counts, train_counts = (np.bincount(kinds[part], minlength=len(there)) for part in (held, ~near))
    both = (held_counts >= least) & (train_counts >= least)
    if not both.any():
        return float("inf")
    lacking = int((there & ~both).sum())
    return float(lacking + abs(held.mean() - HELD_SHARE) + 0.5 * (near & ~held).mean())


def _grown(block: Window, by: int) -> Window:
    return Window(block.row - by, block.col - by, block.height + 2 * by, block.width + 2 * by)


def _inside(block: Window, row: float, col: float) -> bool:
    return block.row <= row < block.stop[0] and block.col <= col < block.stop[1]


def _contains(block: Window, spots: NDArray[np.floating]) -> NDArray[np.bool_]:
    low, high = np.array([block.row, block.col]), np.array(block.stop)
    return np.asarray(((spots >= low) & (spots < high)).all(1), bool)
