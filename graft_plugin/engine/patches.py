"""Patch embeddings over a window, read back from the store block by block.

Where a stride finer than the patch is asked for, the tiles are cut on several grids, each shifted by some pixels. The
shifts are chosen so that every cell of the stride raster is the centre of exactly one patch; a nearest patch, on
unshifted multiples of the stride, would sit half a stride off. The seams of the shifted grids fall in different places.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from .grid import Grid, TileRange, Window
from .store import TileField

BLOCK_CELLS = 56
Shift = tuple[int, int]


@dataclass(frozen=True)
class PatchBlock:
    """Patch embeddings of a rectangle of cells.

    Args:
        window: The cells' pixels.
        patches: float32 [h, w, D], for each cell the patch that is centred on it.
        image: float32 [h, w, D], for each cell the vector of the tile that its patch comes from.
        valid: bool [h, w]: at least half of the patch's pixels are valid. Vectors are zero where the tile holds none.
    """

    window: Window
    patches: NDArray[np.float32]
    image: NDArray[np.float32]
    valid: NDArray[np.bool_]


@dataclass(frozen=True)
class Layer:
    """The stored tiles of the grid that is shifted by (rows, cols) pixels."""

    shift: Shift
    tiles: TileField


@dataclass(frozen=True)
class PatchField:
    """Patch embeddings over a window, read from the store when asked for.

    Args:
        grid: The scene's grid.
        window: Pixels covered; all edges are multiples of `stride_px`.
        stride_px: Edge of a cell in pixels.
        layers: One for each shifted grid.
        dim: D, the length of an embedding.
        encoded_tiles: Tiles that this call encoded.
        from_store: Tiles that were in the store before.
    """

    grid: Grid
    window: Window
    stride_px: int
    layers: tuple[Layer, ...]
    dim: int
    encoded_tiles: int
    from_store: int
    _keep: Optional[object] = field(default=None, repr=False, compare=False)

    def blocks(self) -> Iterator[PatchBlock]:
        """Yield the window's cells in blocks of at most 56×56, row band after row band.

        Raises:
            StoreError: A stored block is damaged.
        """
        size = BLOCK_CELLS * self.stride_px
        rows, cols = (_cuts(r.start, r.stop, size) for r in (self.window.rows, self.window.cols))
        for row, row_stop in rows:
            for col, col_stop in cols:
                yield self._block(Window.between(row, col, row_stop, col_stop))

    def _block(self, window: Window) -> PatchBlock:
        s = self.stride_px
        shape = window.height // s, window.width // s
        block = PatchBlock(
            window,
            np.zeros((*shape, self.dim), np.float32),
            np.zeros((*shape, self.dim), np.float32),
            np.zeros(shape, bool),
        )
        for layer in self.layers:
            self._fill(block, layer)
        return block

    def _fill(self, block: PatchBlock, layer: Layer) -> None:
        """Copy the patches of one shifted grid to the cells that they are centred on."""
        area = patch_window(self.grid, block.window, self.stride_px, layer.shift)
        p, s, margin = self.grid.patch_px, self.stride_px, (self.grid.patch_px - self.stride_px) // 2
        for index in self.grid.tile_range(area, layer.shift):
            tile = self.grid.tile_window(index, layer.shift)
            part = tile.intersection(area)
            if part.empty:
                continue
            image, patches, valid = layer.tiles.read(index)
            of = tuple(slice(a.start // p, a.stop // p) for a in part.slices_in(tile))
            first = part.row + margin - block.window.row, part.col + margin - block.window.col
            to = tuple(
                slice(start // s, start // s + (a.stop - a.start - 1) * (p // s) + 1, p // s)
                for start, a in zip(first, of)
            )
            block.patches[to] = patches[of]
            block.image[to] = image
            block.valid[to] = valid[of]


def stride_shifts(grid: Grid, stride_px: int) -> tuple[Shift, ...]:
    """Return the shifts (rows, cols) of the grids whose patch centres together are the centres of the stride's cells.

    Raises:
        UsageError: The stride does not divide the patch evenly.
    """
    p = grid.patch_px
    if stride_px <= 0 or p % stride_px or (p - stride_px) % 2:
        raise UsageError(
            f"a stride of {stride_px} pixels does not divide patches of {p}",
            remedy=f"Choose {p}, {p // 2} or {p // 4}.",
        )
    count = p // stride_px
    first = -((p - stride_px) // 2) % stride_px
    axis = [first + k * stride_px + k * grid.tile_px // count // p * p for k in range(count)]
    return tuple((dy, dx) for dy in axis for dx in axis)


def tiles_of(grid: Grid, window: Window, stride_px: int, shift: Shift) -> TileRange:
    """Return the tiles of a shifted grid that hold the patches of the cells of `window`."""
    return grid.tile_range(patch_window(grid, window, stride_px, shift), shift)


def patch_window(grid: Grid, window: Window, stride_px: int, shift: Shift) -> Window:
    """Return the pixels of the patches of a shifted grid that are centred on cells of `window`; may be empty."""
    margin = (grid.patch_px - stride_px) // 2
    row, row_stop = _patch_span(window.row - margin, window.stop[0] - stride_px - margin, shift[0], grid.patch_px)
    col, col_stop = _patch_span(window.col - margin, window.stop[1] - stride_px - margin, shift[1], grid.patch_px)
    return Window.between(row, col, row_stop, col_stop)


def _patch_span(first: int, last: int, shift: int, patch_px: int) -> tuple[int, int]:
    """Return (start, stop) of the patches that start at `shift` modulo the patch, from `first` to `last`."""
    start = first + (shift - first) % patch_px
    return start, max(start, last - (last - shift) % patch_px + patch_px)


def _cuts(start: int, stop: int, size: int) -> list[tuple[int, int]]:
    """Cut a range at the multiples of `size`."""
    edges = [start, *range((start // size + 1) * size, stop, size), stop]
    return list(zip(edges[:-1], edges[1:]))
