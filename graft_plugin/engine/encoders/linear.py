"""Dense layers whose weights are laid out once for the processor's matrix units."""

from __future__ import annotations

from typing import Literal, Optional

import torch
import torch.nn.functional as F
from torch import Tensor

Activation = Literal["none", "swish", "gelu"]

_FUSED = {"none": ("none", ""), "swish": ("swish", ""), "gelu": ("gelu", "none")}


class Linear:
    """y = act(x Wᵀ + b).

    On the CPU oneDNN packs W beforehand and applies the activation while a block of y is still in cache; where torch
    lacks those operators, and on other devices, the same is computed by the plain ones.

    Args:
        weight: [out, in], floating point.
        bias: [out] or None.
        activation: "swish" is x·σ(x), "gelu" the exact GELU.
        dtype: In which to compute.
        device: Where.
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Optional[Tensor],
        *,
        activation: Activation = "none",
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self._activation = activation
        self._weight = weight.to(device=device, dtype=dtype).contiguous()
        self._bias = None if bias is None else bias.to(device=device, dtype=dtype).contiguous()
        self._packed = self._pack(device)

    def _pack(self, device: torch.device) -> bool:
        ops = torch.ops.mkldnn
        if device.type != "cpu" or not torch.backends.mkldnn.is_available():
            return False
        try:
            packed = ops._reorder_linear_weight(self._weight)
            self._fused(torch.zeros(1, self._weight.shape[1], dtype=self._weight.dtype), packed)
        except (AttributeError, RuntimeError, NotImplementedError):
            return False
        self._weight = packed
        return True

    def _fused(self, x: Tensor, weight: Tensor) -> Tensor:
        name, algorithm = _FUSED[self._activation]
        return torch.ops.mkldnn._linear_pointwise(x, weight, self._bias, name, [], algorithm)

    def __call__(self, x: Tensor) -> Tensor:
        """Apply to [..., in]; returns [..., out] in the layer's dtype."""
        if self._packed:
            return self._fused(x, self._weight)
        y = F.linear(x, self._weight, self._bias)
        match self._activation:
            case "swish":
                return F.silu(y, inplace=True)
            case "gelu":
                return F.gelu(y)
            case _:
                return y
