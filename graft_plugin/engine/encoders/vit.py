"""CLIP's vision transformer for inference, from open_clip's parameters, with the layers arranged for throughput.

The residual stream and every layer norm stay in float32; matrix products run in the chosen dtype. Pixels enter as
uint8: mean and standard deviation are folded into the patch embedding, around a whole-number offset, so that the
shifted pixel values are exact in bfloat16 too.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .linear import Activation, Linear
from .types import ImageWeights

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
"""OpenAI CLIP's pixel statistics for values in 0..1, RGB."""

_EPS = 1e-5
_QUICK = 1.702
_BLOCK = "transformer.resblocks"


class Norm:
    """Layer norm over the last axis, float32 in, float32 parameters."""

    def __init__(self, weight: Tensor, bias: Tensor, device: torch.device) -> None:
        self._weight = weight.to(device=device, dtype=torch.float32)
        self._bias = bias.to(device=device, dtype=torch.float32)

    def __call__(self, x: Tensor) -> Tensor:
        """Normalise [..., width]."""
        return F.layer_norm(x, (x.shape[-1],), self._weight, self._bias, _EPS)


class Block:
    """One pre-norm residual attention block."""

    def __init__(self, weights: ImageWeights, index: int, dtype: torch.dtype, device: torch.device) -> None:
        at = {k: weights.visual[f"{_BLOCK}.{index}.{k}"].float() for k in BLOCK_NAMES}
        self.heads = weights.shape.heads
        self.scale = (weights.shape.width // self.heads) ** -0.5
        self.dtype = dtype

        def linear(weight: Tensor, bias: Tensor, activation: Activation = "none") -> Linear:
            return Linear(weight, bias, activation=activation, dtype=dtype, device=device)

        # Queries carry the attention scale. QuickGELU x·σ(1.702 x) is swish(1.702 x) / 1.702, both factors in weights.
        scale = torch.ones(3 * weights.shape.width)
        scale[: weights.shape.width] = self.scale
        self.qkv = linear(at["attn.in_proj_weight"] * scale[:, None], at["attn.in_proj_bias"] * scale)
        self.out = linear(at["attn.out_proj.weight"], at["attn.out_proj.bias"])
        quick = _QUICK if weights.quick_gelu else 1.0
        self.fc = linear(
            at["mlp.c_fc.weight"] * quick, at["mlp.c_fc.bias"] * quick, "swish" if weights.quick_gelu else "gelu"
        )
        self.proj = linear(at["mlp.c_proj.weight"] / quick, at["mlp.c_proj.bias"])
        self.ln_1 = Norm(at["ln_1.weight"], at["ln_1.bias"], device)
        self.ln_2 = Norm(at["ln_2.weight"], at["ln_2.bias"], device)

    def _heads(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        batch, tokens, width = x.shape
        qkv = self.qkv(self.ln_1(x).to(self.dtype)).view(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each [B, heads, N, width / heads]
        return q, k, v

    def _mlp(self, x: Tensor) -> Tensor:
        return x.add_(self.proj(self.fc(self.ln_2(x).to(self.dtype))))

    def __call__(self, x: Tensor) -> Tensor:
        """Advance the residual stream [B, N, width], float32, in place."""
        q, k, v = self._heads(x)
        x.add_(self.out(_attend(q, k, v)))
        return self._mlp(x)

    def split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the block makes of the CLS token [B, 1, width], and its dense features [B, N, width].

        Dense features are SegEarth-OV's (CVPR 2025): out_proj(A V), A = softmax(s QQᵀ) + softmax(s KKᵀ) +
        softmax(s VVᵀ), without the residual and the MLP.
        """
        q, k, v = self._heads(x)
        cls = self._mlp(x[:, :1] + self.out(_attend(q[:, :, :1], k, v)))
        dense = _attend(q, q, v, 1 / self.scale) + _attend(k, k, v, self.scale) + _attend(v, v, v, self.scale)
        return cls, self.out(dense).float()


BLOCK_NAMES = (
    "attn.in_proj_weight",
    "attn.in_proj_bias",
    *(
        f"{layer}.{kind}"
        for layer in ("ln_1", "ln_2", "attn.out_proj", "mlp.c_fc", "mlp.c_proj")
        for kind in ("weight", "bias")
    ),
)

OUTER_NAMES = (
    "class_embedding",
    "positional_embedding",
    "proj",
    "conv1.weight",
    "ln_pre.weight",
    "ln_pre.bias",
    "ln_post.weight",
    "ln_post.bias",
)


def names(layers: int) -> set[str]:
    """Return the parameter names of open_clip's plain CLIP vision transformer."""
    return {*OUTER_NAMES, *(f"{_BLOCK}.{i}.{name}" for i in range(layers) for name in BLOCK_NAMES)}


class Vit:
    """The tower: pixels to tokens, and the CLS token to an image embedding."""

    def __init__(self, weights: ImageWeights, dtype: torch.dtype, device: torch.device) -> None:
        self.shape = weights.shape
        self.dtype = dtype
        visual = weights.visual
        mean, std = 255 * torch.tensor(MEAN), 255 * torch.tensor(STD)
        offset = mean.round()
        kernel = visual["conv1.weight"].float() / std[:, None, None]
        position = visual["positional_embedding"].float()
        head = (visual["class_embedding"].float() + position[0])[None]
        rest = position[1:] + torch.einsum("ochw,c->o", kernel, offset - mean)
        self._position = torch.cat([head, rest]).to(device)
        self._offset = offset.to(device=device, dtype=dtype)[:, None, None]
        self._patch = Linear(kernel.flatten(1), None, dtype=dtype, device=device)
        self._ln_pre = Norm(visual["ln_pre.weight"], visual["ln_pre.bias"], device)
        self.blocks = [Block(weights, i, dtype, device) for i in range(weights.shape.layers)]
        self.ln_post = Norm(visual["ln_post.weight"], visual["ln_post.bias"], device)
        self.proj = visual["proj"].float().to(device)  # [width, dim]

    def embed(self, images: Tensor) -> Tensor:
        """Return the tokens [B, 1 + h·w, width] before the first block, of uint8 images [B, 3, H, W]."""
        side, patch = self.shape.grid, self.shape.patch_px
        used = side * patch
        pixels = images[:, :, :used, :used].to(self.dtype) - self._offset
        columns = pixels.reshape(-1, 3, side, patch, side, patch).permute(0, 2, 4, 1, 3, 5)
        patches = self._patch(columns.reshape(-1, side * side, 3 * patch * patch))
        tokens = torch.empty(images.shape[0], 1 + side * side, self.shape.width, device=images.device)
        tokens[:, 0] = self._position[0]
        torch.add(patches, self._position[1:], out=tokens[:, 1:])
        return self._ln_pre(tokens)

    def image(self, cls: Tensor) -> Tensor:
        """Return unit image embeddings [B, dim] of CLS tokens [B, width]."""
        rows = self.ln_post(cls)[:, None]  # one product a tile, so that a tile's bits do not depend on its batch
        return F.normalize(torch.bmm(rows, self.proj.expand(len(rows), -1, -1))[:, 0], dim=-1)


def _attend(q: Tensor, k: Tensor, v: Tensor, scale: float = 1.0) -> Tensor:
    """Return softmax(scale · q kᵀ) v, heads side by side: [B, heads, n, d] and [B, heads, N, d] to [B, n, heads·d]."""
    batch, heads, count, depth = q.shape
    if q.device.type != "cpu":
        out = F.scaled_dot_product_attention(q, k, v, scale=scale)
    else:  # on a CPU torch's fused attention takes three times as long in bfloat16 as the plain products
        q, k, v = (x.reshape(batch * heads, -1, depth) for x in (q, k, v))
        logits = torch.bmm(q, k.transpose(1, 2))
        if scale != 1.0:
            logits *= scale
        out = torch.bmm(torch.softmax(logits, dim=-1), v).view(batch, heads, count, depth)
    return out.transpose(1, 2).reshape(batch, count, heads * depth)
