"""Text against patch embeddings: competing prompts, pushed-down concepts, and scores in 0..1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..errors import UsageError
from .threshold import Kind, ScoreHistogram
from .upsample import joint_bilateral_upsample

__all__ = ["Query", "ScoreHistogram", "Scorer", "joint_bilateral_upsample", "kept_contrast"]

_BLOCK = 1 << 16  # patches scored at once

Array = NDArray[np.float32]


class _Texts(Protocol):
    """What is needed of a text encoder."""

    @property
    def logit_scale(self) -> float: ...
    @property
    def contrast(self) -> tuple[str, ...]: ...
    def encode(self, texts: list[str]) -> Tensor: ...


@dataclass(frozen=True)
class Query:
    """What is asked for.

    Attributes:
        prompts: The texts looked for, K of them; each gets its own heatmap.
        negatives: Texts that compete with the prompts but get no heatmap.
    """

    prompts: tuple[str, ...]
    negatives: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.prompts or not all(t.strip() for t in (*self.prompts, *self.negatives)):
            raise UsageError("a prompt is empty", remedy="Give at least one text, for example: lake")
        if len(set(self.prompts)) < len(self.prompts):
            raise UsageError("the same prompt is given twice", remedy="Give each text once.")
        both = sorted(set(self.prompts) & set(self.negatives))
        if both:
            raise UsageError(f"“{both[0]}” is both asked for and excluded", remedy="Keep one of the two.")


def kept_contrast(bank: Tensor, prompts: Tensor) -> Tensor:
    """Tell which concepts of a contrast bank differ in meaning from every prompt.

    Text towers differ in how close they put unrelated texts (cosines of 0.1 in one, 0.8 in another). So the measure is
    relative: a concept is left out when its cosine to a prompt lies above half-way between the bank's own median cosine
    of two different concepts and 1.

    Args:
        bank: Text embeddings [C, D], L2-normalised.
        prompts: Text embeddings [K, D], L2-normalised.

    Returns:
        bool [C]: True for the concepts that stay.
    """
    if len(bank) == 0:
        return torch.zeros(0, dtype=torch.bool)
    pool = bank if len(bank) > 2 else torch.cat([bank, prompts])
    cosines = pool @ pool.T
    apart = cosines[~torch.eye(len(pool), dtype=torch.bool)]
    usual = float(apart.median()) if len(apart) else 0.0
    return (bank @ prompts.T).amax(dim=1) <= (usual + 1.0) / 2.0


class Scorer:
    """Scores patches against a query.

    With competitors (two prompts or more, negatives, or a contrast bank) a score is the softmax probability of the
    prompt among all of them, at the model's own logit scale: 0..1, without a constant that suits one model and fails
    another. Without any, it is (1 + cosine) / 2, which is monotone and does not depend on the area asked for.

    For training-free dense features the similarity of the tile's own vector is taken off first (SegEarth-OV's global
    bias): cosine(patch, text) + `global_bias` * cosine(tile, text).

    Args:
        texts: The model's text encoder.
        query: What is asked for.
        global_bias: λ of the image encoder; 0 for GRAFT, -0.3 for training-free dense features.
        mode: "probability", or "cosine" for the raw (bias-corrected) cosine.
    """

    def __init__(
        self,
        texts: _Texts,
        query: Query,
        *,
        global_bias: float = 0.0,
        mode: Literal["probability", "cosine"] = "probability",
    ) -> None:
        self.query = query
        self.global_bias = float(global_bias)
        self.logit_scale = float(texts.logit_scale)
        asked = texts.encode([*query.prompts, *query.negatives]).float().cpu()
        concepts: Sequence[str] = tuple(texts.contrast)
        bank = texts.encode(list(concepts)).float().cpu() if concepts else asked[:0]
        keep = kept_contrast(bank, asked[: len(query.prompts)])
        self.contrast = tuple(c for c, k in zip(concepts, keep.tolist(), strict=True) if k)
        self._texts = torch.cat([asked, bank[keep]])
        self.count = len(query.prompts)
        self.kind: Kind = "cosine" if mode == "cosine" else "probability" if len(self._texts) > 1 else "similarity"

    @torch.inference_mode()
    def score(self, patches: Array | Tensor, image: Array | Tensor | None = None) -> Array:
        """Score patch embeddings.

        Args:
            patches: Embeddings float32 [..., D], L2-normalised.
            image: The tile's own embedding for each patch, [..., D] or broadcastable to it; only needed where
                `global_bias` is not 0.

        Returns:
            Scores float32 [K, ...]: 0..1, or -1..1 in mode "cosine" (with a global bias, that much wider).

        Raises:
            UsageError: If the tile embedding is needed and missing.
        """
        grid = torch.as_tensor(patches).float()
        flat = grid.reshape(-1, grid.shape[-1])
        offset = self._offset(image, grid.shape[:-1])
        blocks = [
            self._score_flat(flat[i : i + _BLOCK], None if offset is None else offset[i : i + _BLOCK])
            for i in range(0, len(flat), _BLOCK)
        ]
        scores = torch.cat(blocks) if blocks else flat.new_zeros((0, len(self.query.prompts)))
        return np.ascontiguousarray(scores.T.reshape(len(self.query.prompts), *grid.shape[:-1]).numpy())

    def _offset(self, image: Array | Tensor | None, shape: torch.Size) -> Tensor | None:
        """Return λ (tile · text), float32 [patches, texts], or None where λ is 0."""
        if self.global_bias == 0.0:
            return None
        if image is None:
            raise UsageError("this model's scores need the tile embeddings too")
        tile = torch.as_tensor(image).float() @ self._texts.T
        return self.global_bias * tile.expand(*shape, -1).reshape(-1, len(self._texts))

    def _score_flat(self, patches: Tensor, offset: Tensor | None) -> Tensor:
        cosine = patches @ self._texts.T
        return self.finish(cosine if offset is None else cosine + offset)

    @property
    def vectors(self) -> Tensor:
        """The texts' vectors float32 [T, D]: prompts, negatives, contrast."""
        return self._texts

    def finish(self, cosine: Tensor) -> Tensor:
        """Turn (bias-corrected) cosines [N, T] to `vectors` into scores [N, K]."""
        count = len(self.query.prompts)
        if self.kind == "probability":
            return (self.logit_scale * cosine).softmax(dim=1)[:, :count]
        return cosine[:, :count] if self.kind == "cosine" else (1.0 + cosine[:, :count]) / 2.0
