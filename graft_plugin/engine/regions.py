"""The scores of an area, and the connected regions that come of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .grid import Window
from .progress import CancelToken, Report, silent

_BLOCK_CELLS = 1024  # side of the blocks in which a heatmap is thresholded

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]


@dataclass(frozen=True)
class Heat:
    """The scores of all prompts over an area.

    Attributes:
        scores: float32 [K, h, w], NaN where invalid; a memory-mapped array keeps large areas out of memory.
        window: The area in global pixels; starts at a multiple of `stride_px`, h * stride_px by w * stride_px pixels.
        stride_px: Pixels a cell.
        patch_px: Pixels a patch of the model: no edge is known more finely. Equal to or more than the stride.
    """

    scores: Float
    window: Window
    stride_px: int
    patch_px: int

    def read(self, window: Window) -> Float:
        """Return the scores of the cells of a window (edges at multiples of the stride); NaN beyond the area."""
        s = self.stride_px
        out = np.full((len(self.scores), window.height // s, window.width // s), np.nan, dtype=np.float32)
        common = window.intersection(self.window)
        if not common.empty:
            rows, cols = (slice(a.start // s, a.stop // s) for a in common.slices_in(self.window))
            into = tuple(slice(a.start // s, a.stop // s) for a in common.slices_in(window))
            out[:, into[0], into[1]] = self.scores[:, rows, cols]
        return out


@dataclass(frozen=True)
class Region:
    """A connected piece of what was asked for; a larger thing comes in several pieces that share edges.

    Attributes:
        prompt_index: Which prompt.
        window: Global pixels that `mask` covers.
        mask: bool [h, w]; each element stands for `step_px` by `step_px` pixels.
        score: Mean score over the mask.
        sam_score: SAM's own estimate of the IoU of the masks used, or NaN where the heatmap alone speaks.
        step_px: Pixels an element of the mask.
    """

    prompt_index: int
    window: Window
    mask: Bool
    score: float
    sam_score: float = math.nan
    step_px: int = 1


@dataclass(frozen=True)
class Cells:
    """All that one block of a heatmap holds of a prompt: many pieces, which touch in corners at most.

    Attributes:
        prompt_index: Which prompt.
        window: Global pixels that `mask` covers.
        mask: bool [h, w], the cells at or above the threshold.
        scores: float32 [h, w].
        step_px: Pixels a cell.
    """

    prompt_index: int
    window: Window
    mask: Bool
    scores: Float
    step_px: int


class ReadableHeat(Protocol):
    """A heatmap in memory (`Heat`) or in a file; see `Heat` for the attributes."""

    @property
    def window(self) -> Window: ...  # noqa: D102
    @property
    def stride_px(self) -> int: ...  # noqa: D102
    def read(self, window: Window) -> Float: ...  # noqa: D102


def thresholded(
    heat: ReadableHeat,
    thresholds: Sequence[float],
    *,
    report: Report = silent,
    cancel: CancelToken | None = None,
) -> Iterator[Cells]:
    """Yield the cells at or above each prompt's threshold, block by block.

    Args:
        heat: The scores.
        thresholds: One for each prompt.
        report: Told of the stage "segment".
        cancel: Checked for each block.
    """
    side = _BLOCK_CELLS * heat.stride_px
    area = heat.window
    blocks = [Window(r, c, side, side).intersection(area) for r in area.rows[::side] for c in area.cols[::side]]
    for done, block in enumerate(blocks):
        if cancel is not None:
            cancel.check()
        report("segment", done, len(blocks))
        for k, scores in enumerate(heat.read(block)):
            with np.errstate(invalid="ignore"):
                found = scores >= thresholds[k]
            if found.any():
                whole = Window(block.row, block.col, *(side * heat.stride_px for side in found.shape))
                yield Cells(k, whole, found, scores, heat.stride_px)
    report("segment", len(blocks), len(blocks))


def pieces(k: int, window: Window, mask: Bool, scores: Float, quality: Float, step_px: int) -> Iterator[Region]:
    """Yield the 4-connected pieces of a mask, each in its own bounding window."""
    labels, _ = ndimage.label(mask)
    for number, (rows, cols) in enumerate(ndimage.find_objects(labels), start=1):
        part = labels[rows, cols] == number
        at = Window(
            window.row + rows.start * step_px,
            window.col + cols.start * step_px,
            part.shape[0] * step_px,
            part.shape[1] * step_px,
        )
        yield Region(k, at, part, _mean(scores[rows, cols][part]), _mean(quality[rows, cols][part]), step_px)


def _mean(values: Float) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else math.nan
