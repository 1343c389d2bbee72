"""What the two kinds of teaching, photos and polygons, have in common for the loop that learns from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from graft_plugin.engine.grid import Window

EncodePatches = Callable[[Tensor], Tensor]
"""uint8 [B, 3, S, S] → patch vectors float32 [B, h, w, D], L2-normalised, on the CPU."""

MOST_BYTES = 256 << 20
"""Training pictures held in memory."""


@dataclass(frozen=True)
class Lesson:
    """One batch.

    Attributes:
        images: uint8 [B, 3, H, W].
        target: What the teaching's `loss` needs.
    """

    images: Tensor
    target: Any


class Teaching(Protocol):
    """Something to learn from, with a held-out part to judge by."""

    @property
    def kind(self) -> str:
        """What teaches: photos or polygons."""

    @property
    def counts(self) -> dict[str, Any]:
        """How much there is, JSON-ready."""

    @property
    def apart(self) -> bool:
        """Whether choosing and judging at the end have tiles of their own."""

    @property
    def windows(self) -> Sequence[Window]:
        """Where the training pictures were cut."""

    @property
    def pictures(self) -> NDArray[np.uint8]:
        """The training pictures, uint8 [N, 3, S, S]."""

    def lesson(self, rng: np.random.Generator, count: int, crop_px: int) -> Lesson:
        """Draw a batch of crops, flipped and turned."""

    def loss(self, patches: Tensor, target: Any) -> Tensor:  # noqa: ANN401 - a lesson's own
        """Return the loss of patch vectors [B, h, w, D], a scalar."""

    def judge(self, encode: EncodePatches, final: bool) -> dict[str, float]:
        """Score on one half of the held-out part: the one that chooses, or at the end the one that did not.

        Returns:
            "score", higher is better, and what it is made of.
        """


def most_pictures(side_px: int) -> int:
    """Return how many training pictures of a size may be held."""
    return max(16, MOST_BYTES // (3 * side_px * side_px))


@torch.inference_mode()
def encode_windows(
    encode: EncodePatches, read: Callable[[Window], NDArray[np.uint8]], windows: Sequence[Window], at_once: int = 8
) -> list[Tensor]:
    """Encode tiles a few at a time. Returns [h, w, D] for each window."""
    found: list[Tensor] = []
    for start in range(0, len(windows), at_once):
        images = np.stack([read(window) for window in windows[start : start + at_once]])
        found += list(encode(torch.from_numpy(images)))
    return found


def halves(windows: Sequence[Window], enough: Callable[[list[Window]], bool]) -> tuple[list[Window], list[Window]]:
    """Split held-out tiles into two contiguous halves: north and south, or west and east.

    Args:
        windows: The tiles.
        enough: Whether tiles are enough to judge by.

    Returns:
        The halves; twice the whole where no cut leaves enough on both sides.
    """
    rows, cols = np.ptp([w.row for w in windows]), np.ptp([w.col for w in windows])
    by_row = sorted(windows, key=lambda w: (w.row, w.col))
    by_col = sorted(windows, key=lambda w: (w.col, w.row))
    for ordered in (by_row, by_col) if rows >= cols else (by_col, by_row):
        for middle in sorted(range(1, len(ordered)), key=lambda at: abs(at - len(ordered) / 2)):
            if enough(ordered[:middle]) and enough(ordered[middle:]):
                return ordered[:middle], ordered[middle:]
    return list(windows), list(windows)
