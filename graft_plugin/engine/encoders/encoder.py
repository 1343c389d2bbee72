"""An image encoder over any CLIP vision transformer: unit vectors for tiles and for their patches."""

from __future__ import annotations

from typing import Optional

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import UsageError
from ..grid import GsdRule
from ..progress import CancelToken
from .linear import Linear
from .types import GLOBAL_BIAS, Encoded, ImageWeights, Precision
from .vit import Norm, Vit

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
_TOKENS_AT_ONCE = {"cpu": 1600}
"""On a CPU activations of about eight ViT-B/16 tiles still fit the cache; elsewhere the caller's batch is used."""


class VitEncoder:
    """See `ImageEncoder`. The weights are laid out for the device at the first `encode`, not before.

    Patches come from GRAFT's projector on the last hidden state before the post layer norm (arXiv 2312.06960); without
    a projector from SegEarth-OV's last block, through the post layer norm and the projection, and `global_bias` is
    then -0.3. The image vector is the ordinary CLS embedding in both cases.
    """

    def __init__(
        self,
        weights: ImageWeights,
        *,
        model_id: str,
        sha256: str,
        gsd: GsdRule,
        device: str = "cpu",
        precision: Precision = "auto",
    ) -> None:
        self.model_id = model_id
        self.sha256 = sha256
        self.gsd = gsd
        self.dim = weights.shape.dim
        self.tile_px = weights.shape.image_px
        self.patch_px = weights.shape.patch_px
        self.global_bias = 0.0 if weights.projector is not None else GLOBAL_BIAS
        self.logit_scale = weights.logit_scale or 100.0
        self.device = _device(device)
        self.precision = resolve_precision(precision, self.device)
        self._weights: Optional[ImageWeights] = weights
        self._tower: Optional[_Tower] = None

    @torch.inference_mode()
    def encode(self, images: Tensor, cancel: Optional[CancelToken] = None) -> Encoded:
        """Encode tiles.

        Args:
            images: uint8 [B, 3, tile_px, tile_px], RGB, on any device.
            cancel: Checked at every layer, so that even a large model stops within a second.

        Returns:
            image [B, D] and patches [B, h, w, D], float32, L2-normalised, on the CPU.

        Raises:
            UsageError: Another shape or dtype.
            Cancelled: On request.
        """
        expected = (3, self.tile_px, self.tile_px)
        if images.dtype != torch.uint8 or images.ndim != 4 or tuple(images.shape[1:]) != expected:
            raise UsageError(
                f"tiles must be uint8 [B, 3, {self.tile_px}, {self.tile_px}], not "
                f"{str(images.dtype).removeprefix('torch.')} {list(images.shape)}"
            )
        tower = self._build()
        shape = tower.vit.shape
        step = max(1, _TOKENS_AT_ONCE.get(self.device.type, 1 << 30) // (shape.grid**2 + 1))
        image = torch.empty(len(images), self.dim)
        patches = torch.empty(len(images), shape.grid, shape.grid, self.dim)
        for start in range(0, len(images), step):
            part = slice(start, start + step)
            image[part], flat = tower(images[part].to(self.device), cancel or CancelToken())
            patches[part] = flat.view(-1, shape.grid, shape.grid, self.dim)
        return Encoded(image=image, patches=patches)

    def _build(self) -> _Tower:
        if self._tower is None:
            if self._weights is None:
                raise RuntimeError("the encoder lost its weights")
            self._tower = _Tower(self._weights, _DTYPES[self.precision], self.device)
            self._weights = None
        return self._tower


class _Tower:
    """A tower and its pixel-level head on a device; returns unit vectors [B, D] and [B, h·w, D]."""

    def __init__(self, weights: ImageWeights, dtype: torch.dtype, device: torch.device) -> None:
        self.vit = Vit(weights, dtype, device)
        self.dtype = dtype
        if weights.projector is None:
            self._norm = self.vit.ln_post
            self._head = Linear(weights.visual["proj"].float().T, None, dtype=dtype, device=device)
        else:
            self._norm = Norm(weights.projector["0.weight"], weights.projector["0.bias"], device)
            self._head = Linear(weights.projector["1.weight"].float(), None, dtype=dtype, device=device)
        self._trained = weights.projector is not None

    def __call__(self, images: Tensor, cancel: CancelToken) -> tuple[Tensor, Tensor]:
        x = self.vit.embed(images)
        for block in self.vit.blocks[:-1]:
            cancel.check()
            x = block(x)
        cancel.check()
        if self._trained:
            x = self.vit.blocks[-1](x)
            cls, dense = x[:, 0], x
        else:
            head, dense = self.vit.blocks[-1].split(x)
            cls = head[:, 0]
        patches = self._head(self._norm(dense[:, 1:]).to(self.dtype)).float()
        return self.vit.image(cls), F.normalize(patches, dim=-1)


def resolve_precision(precision: str, device: torch.device) -> str:
    """Return "fp32" or "bf16"; "auto" takes bfloat16 where the device multiplies it natively."""
    if precision in _DTYPES:
        return precision
    if precision != "auto":
        raise UsageError(f"precision {precision!r} is unknown", remedy="Use auto, fp32 or bf16.")
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    return "bf16" if device.type == "cpu" and cpu_has_bf16() else "fp32"


def cpu_has_bf16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware (AVX512-BF16 or AMX)."""
    capabilities = getattr(torch.cpu, "get_capabilities", None)
    if capabilities is not None:
        found = capabilities()
        return bool(found.get("avx512_bf16") or found.get("amx_bf16"))
    probe = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(probe()) if probe is not None else False


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(f"{name!r} is no torch device", remedy="Use cpu or cuda.") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise UsageError("this machine has no usable CUDA device", remedy="Use the device cpu.")
    return device
