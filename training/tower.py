"""The network that is trained: CLIP's vision transformer with GRAFT's patch projector beside the visual projection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from graft_plugin.engine.encoders.graft import to_open_clip
from graft_plugin.engine.encoders.load import entry_of, locate, read_image_weights
from graft_plugin.engine.encoders.registry import DEFAULT_TEXT
from graft_plugin.engine.encoders.types import ImageWeights, VitShape
from graft_plugin.engine.encoders.vit import MEAN, STD

_FUSED, _PLAIN = "attn.in_proj_", "attn.qkv."


class Attention(nn.Module):
    """Self-attention with its projections as plain linear layers, where `nn.MultiheadAttention` hides a parameter.

    LoRA and autocast work on linear layers; the numbers are the same.
    """

    def __init__(self, theirs: nn.MultiheadAttention) -> None:
        super().__init__()
        self.heads = theirs.num_heads
        self.qkv = nn.Linear(theirs.embed_dim, 3 * theirs.embed_dim, device="meta")
        self.out_proj = nn.Linear(theirs.embed_dim, theirs.embed_dim, device="meta")
        self.qkv.weight, self.qkv.bias = theirs.in_proj_weight, theirs.in_proj_bias
        self.out_proj.weight, self.out_proj.bias = theirs.out_proj.weight, theirs.out_proj.bias

    def forward(self, x: Tensor, *others: Tensor, need_weights: bool = False, attn_mask: None = None) -> tuple[Tensor]:
        """Attend within [B, N, width]; the arguments are those that open_clip's block gives."""
        batch, tokens, width = x.shape
        qkv = self.qkv(x).view(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        out = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, tokens, width)
        return (self.out_proj(out),)


class Tower(nn.Module):
    """A satellite encoder with gradients.

    Args:
        weights: The parent's image tower; without a projector, that starts as the post layer norm and the projection.
    """

    def __init__(self, weights: ImageWeights) -> None:
        super().__init__()
        self.shape = weights.shape
        self.quick_gelu = weights.quick_gelu
        self.visual = to_open_clip(weights)
        for block in self.visual.transformer.resblocks:
            block.attn = Attention(block.attn)
        self.projector = nn.Sequential(
            nn.LayerNorm(weights.shape.width), nn.Linear(weights.shape.width, weights.shape.dim, bias=False)
        )
        start = weights.projector or {
            "0.weight": weights.visual["ln_post.weight"],
            "0.bias": weights.visual["ln_post.bias"],
            "1.weight": weights.visual["proj"].T,
        }
        self.projector.load_state_dict({name: value.float().clone() for name, value in start.items()})
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", 255 * torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", 255 * torch.tensor(STD).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Encode uint8 images [B, 3, S, S] into image [B, D] and patch [B, P, D] vectors, L2-normalised.

        Vectors are float32, or float64 where the parameters are.
        """
        v = self.visual
        x = v.conv1((images.to(self.mean.dtype) - self.mean) / self.std).flatten(2).transpose(1, 2)
        place = v.positional_embedding.to(x.dtype)
        first = (v.class_embedding.to(x.dtype) + place[0]).expand(len(images), 1, -1)
        tokens = v.transformer(v.ln_pre(torch.cat([first, x + place[1:]], 1)))
        image = v.ln_post(tokens[:, 0]) @ v.proj
        patches = self.projector(tokens[:, 1:])
        out = torch.promote_types(self.mean.dtype, torch.float32)
        return F.normalize(image.to(out), dim=-1), F.normalize(patches.to(out), dim=-1)

    def use_checkpointing(self) -> None:
        """Compute the blocks' activations anew in the backward pass instead of keeping them."""
        self.visual.set_grad_checkpointing(True)

    def official(self) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return the parameters of the vision transformer under open_clip's names, and those of the projector."""
        visual = {name.replace(_PLAIN, _FUSED): value for name, value in self.visual.state_dict().items()}
        return visual, dict(self.projector.state_dict())


@dataclass(frozen=True)
class Parent:
    """The model that a run starts from.

    Args:
        weights: Its image tower.
        path: Its file.
        name: Its id, or its file's name.
        licence: Of its weights.
        text: Id of the model whose text tower goes with it; None for one in its own folder.
        folder: The folder of a model with a closed vocabulary, whose text tower lies beside; None for any other.
        family: "graft" or "open_clip".
        gsd: Ground resolutions of its entry as data; None where it is in no list.
    """

    weights: ImageWeights
    path: Path
    name: str
    licence: str
    text: str | None
    folder: Path | None
    family: str
    gsd: Mapping[str, Any] | None


def load_parent(model: str) -> Parent:
    """Load the model to start from.

    Raises:
        UsageError: There is no such model, or it is none with an image tower.
        CheckpointError: Its file is missing or not what its entry says.
    """
    entry = entry_of(model)
    path, config = locate(model, entry)
    weights = read_image_weights(path, entry, config)
    family = "graft" if (entry.family if entry else None) == "graft" or weights.projector is not None else "open_clip"
    if entry is not None:
        text = entry.text or (entry.id if family == "open_clip" else None)
    else:
        text = DEFAULT_TEXT if family == "graft" and config is None else None
    return Parent(
        weights=weights,
        path=path,
        name=entry.id if entry else Path(model).stem,
        licence=entry.licence if entry else "not stated",
        text=text,
        folder=path.parent if config is not None else None,
        family=family,
        gsd=vars(entry.gsd) if entry and entry.gsd else None,
    )


def empty_tower(shape: VitShape, mlp_width: int, quick_gelu: bool) -> Tower:
    """Return a tower of these sizes with parameters of zero, to load a checkpoint into."""
    w = shape.width
    visual: dict[str, Tensor] = {
        "conv1.weight": torch.zeros(w, 3, shape.patch_px, shape.patch_px),
        "class_embedding": torch.zeros(w),
        "positional_embedding": torch.zeros(shape.grid**2 + 1, w),
        "proj": torch.zeros(w, shape.dim),
        **{f"{norm}.{kind}": torch.zeros(w) for norm in ("ln_pre", "ln_post") for kind in ("weight", "bias")},
    }
    sizes = {
        "attn.in_proj_weight": (3 * w, w), "attn.in_proj_bias": (3 * w,), "attn.out_proj.weight": (w, w),
        "attn.out_proj.bias": (w,), "mlp.c_fc.weight": (mlp_width, w), "mlp.c_fc.bias": (mlp_width,),
        "mlp.c_proj.weight": (w, mlp_width), "mlp.c_proj.bias": (w,), "ln_1.weight": (w,), "ln_1.bias": (w,),
        "ln_2.weight": (w,), "ln_2.bias": (w,),
    }  # fmt: skip
    for i in range(shape.layers):
        visual.update({f"transformer.resblocks.{i}.{name}": torch.zeros(*size) for name, size in sizes.items()})
    return Tower(ImageWeights(shape=shape, visual=visual, projector=None, quick_gelu=quick_gelu, logit_scale=None))
