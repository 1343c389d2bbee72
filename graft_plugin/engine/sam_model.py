"""The SAM of any size: its configuration, its construction, and what a checkpoint's shapes tell of both.

Source: Kirillov et al., "Segment Anything", ICCV 2023; the modules are those of the package `segment_anything`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from ..errors import CheckpointError

if TYPE_CHECKING:
    from segment_anything.modeling import Sam

PIXEL_MEAN = (123.675, 116.28, 103.53)
PIXEL_STD = (58.395, 57.12, 57.375)


@dataclass(frozen=True)
class SamConfig:
    """The sizes that define a SAM. The defaults are those of the bundled small model.

    Attributes:
        image_px: Side of the square image that the encoder takes.
        patch_px: Side of one patch; the embedding has `image_px // patch_px` cells a side.
        dim: Width of the image encoder.
        depth: Blocks of the image encoder.
        heads: Attention heads of the image encoder.
        window: Side in patches of the windowed attention.
        global_layers: Indices of the blocks with global attention.
        prompt_dim: Channels of the image embedding and of the prompt tokens.
        decoder_depth: Layers of the two-way transformer.
        decoder_heads: Its attention heads.
        decoder_mlp: Its MLP width.
    """

    image_px: int = 128
    patch_px: int = 8
    dim: int = 128
    depth: int = 6
    heads: int = 2
    window: int = 8
    global_layers: tuple[int, ...] = (3,)
    prompt_dim: int = 64
    decoder_depth: int = 1
    decoder_heads: int = 2
    decoder_mlp: int = 256

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SamConfig:
        """Build a configuration from JSON data.

        Raises:
            CheckpointError: If a key is unknown.
        """
        unknown = sorted(set(data) - {f.name for f in fields(cls)})
        if unknown:
            raise CheckpointError(
                f"unknown keys in the SAM configuration: {', '.join(unknown)}",
                remedy=f"Known keys are {', '.join(f.name for f in fields(cls))}.",
            )
        values = dict(data)
        if "global_layers" in values:
            values["global_layers"] = tuple(int(i) for i in values["global_layers"])
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as JSON-ready data."""
        return {**asdict(self), "global_layers": list(self.global_layers)}


def build_small_sam(cfg: SamConfig) -> Sam:
    """Build a `segment_anything` SAM of any size, with fresh random weights, in evaluation mode.

    With the official sizes (768/1024/1280 wide, 1024-pixel images) the parameter names and shapes equal those of the
    package's own `build_sam_vit_b`, `_l` and `_h`.

    Args:
        cfg: The model's sizes.

    Returns:
        The model. Its image encoder maps [B, 3, image_px, image_px] to [B, prompt_dim, g, g], g = image_px // patch_px.
    """
    # here, since it brings torchvision: an estimate needs sizes alone, and need not wait a second for that
    from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    grid = cfg.image_px // cfg.patch_px
    sam = Sam(
        image_encoder=ImageEncoderViT(
            depth=cfg.depth,
            embed_dim=cfg.dim,
            img_size=cfg.image_px,
            mlp_ratio=4,
            norm_layer=partial(nn.LayerNorm, eps=1e-6),
            num_heads=cfg.heads,
            patch_size=cfg.patch_px,
            qkv_bias=True,
            use_rel_pos=True,
            global_attn_indexes=cfg.global_layers,
            window_size=cfg.window,
            out_chans=cfg.prompt_dim,
        ),
        prompt_encoder=PromptEncoder(
            embed_dim=cfg.prompt_dim,
            image_embedding_size=(grid, grid),
            input_image_size=(cfg.image_px, cfg.image_px),
            mask_in_chans=16,
        ),
        mask_decoder=MaskDecoder(
            num_multimask_outputs=3,
            transformer=TwoWayTransformer(
                depth=cfg.decoder_depth,
                embedding_dim=cfg.prompt_dim,
                mlp_dim=cfg.decoder_mlp,
                num_heads=cfg.decoder_heads,
            ),
            transformer_dim=cfg.prompt_dim,
            iou_head_depth=3,
            iou_head_hidden_dim=256,
        ),
        pixel_mean=list(PIXEL_MEAN),
        pixel_std=list(PIXEL_STD),
    )
    return sam.eval()


def infer_config(state: Mapping[str, Tensor], decoder_heads: int = 8) -> SamConfig:
    """Read a SAM's sizes from its tensors' shapes; the decoder's heads leave no trace there (8 in the official ones).

    Raises:
        KeyError: If a tensor that every SAM has is missing.
    """
    pos = state["image_encoder.pos_embed"]
    kernel = state["image_encoder.patch_embed.proj.weight"]
    grid, dim, patch = int(pos.shape[1]), int(pos.shape[-1]), int(kernel.shape[-1])
    depth = 1 + max(int(k.split(".")[2]) for k in state if k.startswith("image_encoder.blocks."))
    rel = [state[f"image_encoder.blocks.{i}.attn.rel_pos_h"] for i in range(depth)]
    spans = [(int(r.shape[0]) + 1) // 2 for r in rel]
    return SamConfig(
        image_px=grid * patch,
        patch_px=patch,
        dim=dim,
        depth=depth,
        heads=dim // int(rel[0].shape[1]),
        window=min(spans),
        global_layers=tuple(i for i, span in enumerate(spans) if span == grid),
        prompt_dim=int(state["image_encoder.neck.0.weight"].shape[0]),
        decoder_depth=1 + max(int(k.split(".")[3]) for k in state if k.startswith("mask_decoder.transformer.layers.")),
        decoder_heads=decoder_heads,
        decoder_mlp=int(state["mask_decoder.transformer.layers.0.mlp.lin1.weight"].shape[0]),
    )


def load_strictly(model: Sam, state: Mapping[str, Tensor], path: Path) -> None:
    """Load a state dict into a model.

    Args:
        model: What `build_small_sam` returned.
        state: The checkpoint's tensors by name.
        path: The checkpoint, for the message.

    Raises:
        CheckpointError: If a tensor is missing, unexpected, or of another shape; the first few are named.
    """
    own = model.state_dict()
    wrong = {
        "missing": sorted(set(own) - set(state)),
        "unexpected": sorted(set(state) - set(own)),
        "of another shape": sorted(k for k in set(own) & set(state) if own[k].shape != state[k].shape),
    }
    problems = [
        f"{', '.join(names[:3])}{' …' if len(names) > 3 else ''} {kind}" for kind, names in wrong.items() if names
    ]
    if problems:
        raise CheckpointError(f"not a SAM checkpoint of a known size: {'; '.join(problems)}", path=str(path))
    model.load_state_dict(dict(state))
