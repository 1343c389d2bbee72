"""open_clip's image towers: OpenAI CLIP, RemoteCLIP, GeoRSCLIP, SkyCLIP, LAION and DataComp state dicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Optional

from torch import Tensor

from ...errors import CheckpointError, UsageError
from . import vit
from .checkpoint import check_names
from .graft import infer_shape
from .types import ImageWeights, VitShape

_KIND = "an open_clip vision transformer"
_ARCHIVE_ONLY = {"input_resolution", "context_length", "vocab_size"}
_TEXT_ROOTS = ("text.", "token_embedding.", "positional_embedding", "transformer.", "ln_final.", "text_projection")
_SCALARS = {"logit_scale", "logit_bias"}


def is_open_clip(state: Mapping[str, Tensor]) -> bool:
    """Whether the names are those of an open_clip model, or of its image tower alone."""
    return any(name.startswith("visual.") for name in state) or {"conv1.weight", "class_embedding"} <= set(state)


def read_open_clip(
    state: Mapping[str, Tensor], path: str, *, architecture: Optional[str] = None, quick_gelu: Optional[bool] = None
) -> ImageWeights:
    """Take the image tower out of an open_clip state dict.

    Args:
        state: The whole model's parameters, or the tower's alone.
        path: The file, for errors.
        architecture: Name of an open_clip model configuration; by default the plain one whose sizes fit.
        quick_gelu: The activation; by default the configuration's. Where no configuration is named either, QuickGELU
            for OpenAI's own archives and GELU for all others, as open_clip itself would choose.

    Raises:
        CheckpointError: A parameter is missing or unexpected, or the sizes are not the architecture's.
        UsageError: open_clip knows no such architecture.
    """
    whole = any(name.startswith("visual.") for name in state)
    visual = {n.removeprefix("visual."): v for n, v in state.items() if not whole or n.startswith("visual.")}
    if "conv1.weight" in visual and any(n.startswith("layer1.") for n in visual):
        raise CheckpointError("a ResNet image tower has no patches", remedy="Give a ViT checkpoint.", path=path)
    if any(n.startswith("trunk.") for n in visual):
        raise CheckpointError(
            "a timm image tower is not supported", remedy="Give a checkpoint of one of CLIP's own ViTs.", path=path
        )
    layers = sum(name.endswith("attn.in_proj_weight") for name in visual)
    foreign = {n for n in state if whole and not n.startswith("visual.") and not _is_other_half(n)}
    missing, extra = vit.names(layers) - set(visual), set(visual) - vit.names(layers)
    check_names(path, {f"visual.{n}" for n in missing}, {f"visual.{n}" for n in extra} | foreign, _KIND)
    shape = infer_shape(visual, path, kind=_KIND)
    named = architecture or match_architecture(shape)
    config = model_config(named) if named else {}
    if config and not _same(shape, config):
        raise CheckpointError(
            f"the sizes are not those of {named}: width {shape.width}, {shape.layers} layers, patches of "
            f"{shape.patch_px} pixels, {shape.dim} dimensions",
            remedy="Name the architecture that the file was trained with.",
            path=path,
        )
    if quick_gelu is None:
        quick_gelu = bool(config.get("quick_gelu", False)) if architecture else "input_resolution" in state
    scale = state.get("logit_scale") if whole else None
    return ImageWeights(
        shape=replace(shape, heads=_heads(config)) if config else shape,
        visual=visual,
        projector=None,
        quick_gelu=quick_gelu,
        logit_scale=None if scale is None else float(scale.float().exp()),
    )


def _is_other_half(name: str) -> bool:
    return name.startswith(_TEXT_ROOTS) or name in _SCALARS or name in _ARCHIVE_ONLY or name.endswith("attn_mask")


def model_config(architecture: str) -> dict[str, Any]:
    """Return open_clip's own configuration of an architecture.

    Raises:
        UsageError: There is none, or it is not a plain ViT with CLIP's text tower.
    """
    import open_clip

    config = open_clip.get_model_config(architecture)
    if config is None:
        raise UsageError(f"open_clip knows no architecture {architecture!r}", remedy="Use a name such as ViT-B-16.")
    if not _is_plain(config):
        raise UsageError(
            f"{architecture} is not one of CLIP's own vision transformers", remedy="Use ViT-B-16 or alike."
        )
    return config


@lru_cache(maxsize=64)
def match_architecture(shape: VitShape) -> Optional[str]:
    """Return the shortest name of an open_clip configuration with these sizes (heads aside), or None."""
    import open_clip

    names = [
        name
        for name in open_clip.list_models()
        if not name.endswith("quickgelu")
        and _is_plain(config := open_clip.get_model_config(name))
        and _same(shape, config)
    ]
    return min(names, key=lambda name: (len(name), name), default=None)


def _is_plain(config: Mapping[str, Any]) -> bool:
    vision = config["vision_cfg"]
    known = {"image_size", "layers", "width", "head_width", "patch_size", "mlp_ratio"}
    text = config.get("text_cfg", {})
    return isinstance(vision.get("layers"), int) and set(vision) <= known and "hf_model_name" not in text


def _same(shape: VitShape, config: Mapping[str, Any]) -> bool:
    vision = config["vision_cfg"]
    return (shape.width, shape.layers, shape.patch_px, shape.dim) == (
        vision["width"],
        vision["layers"],
        vision["patch_size"],
        config["embed_dim"],
    )


def _heads(config: Mapping[str, Any]) -> int:
    vision = config["vision_cfg"]
    return int(vision["width"] // vision.get("head_width", 64))
