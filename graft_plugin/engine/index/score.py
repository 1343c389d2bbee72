"""Texts against the blocks of an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..encoders.text import TextEncoder
from ..search import Query, Scorer
from .exact import ExactTexts
from .layout import IndexModel
from .shards import IndexBlock

Array = NDArray[np.float32]


class BlockScorer:
    """Scores the patches of a block as `search.Scorer` would score their float vectors.

    Args:
        texts: The model's text encoder.
        prompts, negatives: What is asked for.
        model: The index's model.
        mode: "probability" or "cosine".
    """

    def __init__(
        self,
        texts: TextEncoder,
        prompts: Sequence[str],
        negatives: Sequence[str],
        model: IndexModel,
        mode: Literal["probability", "cosine"] = "probability",
    ) -> None:
        query = Query(tuple(prompts), tuple(negatives))
        self.scorer = Scorer(texts, query, global_bias=model.global_bias, mode=mode)
        used = self.scorer.vectors if self.scorer.kind == "probability" else self.scorer.vectors[: self.scorer.count]
        self.exact, self.model = ExactTexts(used), model

    def patches(self, block: IndexBlock) -> Array:
        """Return the scores float32 [K, rows, cols] of a block's patches; NaN where there are none."""
        cosine = self.exact.cosines(block.patches.reshape(-1, self.model.dim), block.scale.ravel())
        if self.model.global_bias:
            tiles = self._tile_cosines(block).reshape(*block.tile_scale.shape, -1)
            side = self.model.side
            wide = tiles.repeat_interleave(side, 0).repeat_interleave(side, 1).reshape(cosine.shape)
            cosine = cosine + self.model.global_bias * wide
        return self._finished(cosine, block.scale.shape)

    def tiles(self, block: IndexBlock) -> Array:
        """Return the scores float32 [K, 4, 4] of a block's whole tiles; NaN where there are none."""
        scores = self._finished(self._tile_cosines(block), block.tile_scale.shape)
        scores[:, ~(block.tile_scale > 0)] = np.nan
        return scores

    def _tile_cosines(self, block: IndexBlock) -> Tensor:
        return self.exact.cosines(block.tile.reshape(-1, self.model.dim), block.tile_scale.ravel())

    @torch.inference_mode()
    def _finished(self, cosine: Tensor, shape: tuple[int, ...]) -> Array:
        """Return scores [K, …] of cosines [N, T]; NaN, from a scale that is NaN, stays in its row."""
        return np.asarray(self.scorer.finish(cosine).T.contiguous().numpy().reshape(-1, *shape))
