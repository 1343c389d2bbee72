"""What an image encoder is, and what a checkpoint's image tower is once its names are open_clip's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Optional, Protocol

from torch import Tensor

from ..grid import GsdRule
from ..progress import CancelToken

Precision = Literal["auto", "fp32", "bf16"]

GLOBAL_BIAS = -0.3
"""λ of SegEarth-OV: patch logits gain λ (cls · text), which takes out what every patch borrows from the whole tile."""


@dataclass(frozen=True)
class Encoded:
    """Embeddings of a batch of tiles, float32, L2-normalised.

    Args:
        image: [B, D], one vector a tile.
        patches: [B, h, w, D], one vector a patch, rows from north to south.
    """

    image: Tensor
    patches: Tensor


class EncoderSizes(Protocol):
    """What of an encoder decides how a raster is cut into tiles.

    Args:
        sha256: Of the checkpoint's file.
        dim: D, the length of an embedding.
        tile_px: Side of a tile in pixels.
        patch_px: Side of a patch in pixels.
        gsd: At which ground resolution the model wants its tiles.
    """

    @property
    def sha256(self) -> str: ...  # noqa: D102
    @property
    def dim(self) -> int: ...  # noqa: D102
    @property
    def tile_px(self) -> int: ...  # noqa: D102
    @property
    def patch_px(self) -> int: ...  # noqa: D102
    @property
    def gsd(self) -> GsdRule: ...  # noqa: D102


class ImageEncoder(EncoderSizes, Protocol):
    """A satellite image encoder.

    Args:
        model_id: Id of the registry, or the name of the checkpoint's file.
        global_bias: λ of `GLOBAL_BIAS`; 0.0 where patches were trained.
        logit_scale: 1/τ that the model was trained with; CLIP's 100 where its file does not tell.
        precision: "fp32" or "bf16", as resolved.
    """

    @property
    def model_id(self) -> str: ...  # noqa: D102
    @property
    def global_bias(self) -> float: ...  # noqa: D102
    @property
    def logit_scale(self) -> float: ...  # noqa: D102
    @property
    def precision(self) -> str: ...  # noqa: D102

    def encode(self, images: Tensor, cancel: Optional[CancelToken] = None) -> Encoded:
        """Encode uint8 tiles [B, 3, tile_px, tile_px], RGB; `cancel` is checked at every layer."""


@dataclass(frozen=True)
class VitShape:
    """Sizes of a CLIP vision transformer."""

    width: int
    layers: int
    heads: int
    patch_px: int
    image_px: int
    dim: int

    @property
    def grid(self) -> int:
        """Patches along a tile's side."""
        return self.image_px // self.patch_px


@dataclass(frozen=True)
class ImageWeights:
    """A checkpoint's image tower under open_clip's names.

    Args:
        shape: Its sizes.
        visual: The parameters of `open_clip.transformer.VisionTransformer`.
        projector: GRAFT's pixel-level head, "0.weight", "0.bias" (LayerNorm) and "1.weight" (linear, no bias); None
            where patches come from the training-free last block.
        quick_gelu: Whether the activation is x·σ(1.702 x).
        logit_scale: 1/τ that the tower was trained with, where the checkpoint tells.
    """

    shape: VitShape
    visual: Mapping[str, Tensor]
    projector: Optional[Mapping[str, Tensor]]
    quick_gelu: bool
    logit_scale: Optional[float] = None
