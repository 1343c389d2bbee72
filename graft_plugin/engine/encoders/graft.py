"""GRAFT checkpoints: Hugging Face names in, open_clip names out, and back.

The public files hold a `CLIPVisionModelWithProjection` under `satellite_image_backbone.`, the pixel-level head under
`projector.`, and 1/τ as `logit_scale`. Bare variants hold the backbone alone, with or without its prefix; their
patches come from the training-free last block (see `encoder.VitEncoder`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Optional

import torch
from torch import Tensor

from ...errors import CheckpointError
from . import vit
from .checkpoint import check_names
from .types import ImageWeights, VitShape

if TYPE_CHECKING:
    from open_clip.transformer import VisionTransformer

BACKBONE = "satellite_image_backbone."
PROJECTOR = ("0.weight", "0.bias", "1.weight")
LOGIT_SCALE = 1 / 0.07

_KIND = "a GRAFT checkpoint"
_OUTER = {
    "vision_model.embeddings.class_embedding": "class_embedding",
    "vision_model.embeddings.patch_embedding.weight": "conv1.weight",
    "vision_model.embeddings.position_embedding.weight": "positional_embedding",
    "vision_model.pre_layrnorm.weight": "ln_pre.weight",
    "vision_model.pre_layrnorm.bias": "ln_pre.bias",
    "vision_model.post_layernorm.weight": "ln_post.weight",
    "vision_model.post_layernorm.bias": "ln_post.bias",
}
_LAYER = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "self_attn.out_proj": "attn.out_proj",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}
_PROJECTION = "visual_projection.weight"
_IGNORED = "vision_model.embeddings.position_ids"


def is_graft(state: Mapping[str, Tensor]) -> bool:
    """Whether the names are those of a GRAFT checkpoint or of one of its bare variants."""
    return any(name.startswith((BACKBONE, "vision_model.")) for name in state)


def read_graft(state: Mapping[str, Tensor], path: str, *, quick_gelu: bool = True) -> ImageWeights:
    """Convert a GRAFT state dict; the architecture is read off its shapes, heads are 64 wide.

    Args:
        state: Parameter name → tensor.
        path: The file, for errors.
        quick_gelu: The activation; OpenAI CLIP's for every public checkpoint.

    Raises:
        CheckpointError: A parameter is missing, unexpected or of the wrong shape; it is named.
    """
    backbone, projector, scale, unknown = _sort(state)
    layers = 1 + max((_layer(name) for name in backbone), default=-1)
    expected = _backbone_names(layers)
    missing = {n for n in expected if n not in backbone}
    if projector or not missing:
        wanted = PROJECTOR if projector else ()
        missing |= {f"projector.{n}" for n in wanted if n not in projector}
        unknown |= {f"projector.{n}" for n in projector if n not in PROJECTOR}
    if missing == {_PROJECTION}:
        raise CheckpointError(
            f"the parameter {_PROJECTION} is missing, and without it images do not reach the texts' space",
            remedy="Give the state dict of a CLIPVisionModelWithProjection, not of a CLIPVisionModel.",
            path=path,
        )
    check_names(path, missing, unknown | (set(backbone) - expected), _KIND)
    visual = {ours: backbone[theirs] for theirs, ours in _OUTER.items()}
    visual["proj"] = backbone[_PROJECTION].T
    for i in range(layers):
        visual.update(_import_layer(backbone, i))
    shape = infer_shape(visual, path, kind=_KIND)
    if projector:
        shapes = {n: tuple(projector[n].shape) for n in PROJECTOR}
        if shapes != {"0.weight": (shape.width,), "0.bias": (shape.width,), "1.weight": (shape.dim, shape.width)}:
            raise CheckpointError(f"the projector's shapes do not fit the backbone: {shapes}", path=path)
    return ImageWeights(
        shape=shape, visual=visual, projector=projector or None, quick_gelu=quick_gelu, logit_scale=scale
    )


def _sort(state: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor], Optional[float], set[str]]:
    backbone: dict[str, Tensor] = {}
    projector: dict[str, Tensor] = {}
    scale: Optional[float] = None
    unknown: set[str] = set()
    for name, value in state.items():
        bare = name.removeprefix(BACKBONE)
        if bare == _IGNORED:
            continue
        if bare.startswith("vision_model.") or bare == _PROJECTION:
            backbone[bare] = value
        elif name.startswith("projector."):
            projector[name.removeprefix("projector.")] = value
        elif name == "logit_scale":
            scale = float(value)
        else:
            unknown.add(name)
    return backbone, projector, scale, unknown


def _layer(name: str) -> int:
    part = name.removeprefix("vision_model.encoder.layers.").split(".", 1)[0]
    return int(part) if part.isdigit() else -1


def _backbone_names(layers: int) -> set[str]:
    parts = [*_LAYER, "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]
    inner = {
        f"vision_model.encoder.layers.{i}.{part}.{kind}"
        for i in range(layers)
        for part in parts
        for kind in ("weight", "bias")
    }
    return {*_OUTER, _PROJECTION, *inner}


def _import_layer(backbone: Mapping[str, Tensor], index: int) -> dict[str, Tensor]:
    theirs, ours = f"vision_model.encoder.layers.{index}", f"transformer.resblocks.{index}"
    layer = {
        f"{ours}.{b}.{kind}": backbone[f"{theirs}.{a}.{kind}"] for a, b in _LAYER.items() for kind in ("weight", "bias")
    }
    for kind in ("weight", "bias"):
        qkv = [backbone[f"{theirs}.self_attn.{part}_proj.{kind}"] for part in "qkv"]
        layer[f"{ours}.attn.in_proj_{kind}"] = torch.cat(qkv)
    return layer


def infer_shape(visual: Mapping[str, Tensor], path: str, *, kind: str) -> VitShape:
    """Read a tower's sizes off its parameters, and check that the shapes agree; heads are 64 channels wide.

    Args:
        visual: Parameters under open_clip's names, complete.
        path: The file, for errors.
        kind: What the file should be, for errors.

    Raises:
        CheckpointError: A parameter's shape contradicts the others'; it is named.
    """
    kernel, position = visual["conv1.weight"], visual["positional_embedding"]
    side = round((position.shape[0] - 1) ** 0.5) if position.ndim == 2 else 0
    square = kernel.ndim == 4 and kernel.shape[1] == 3 and kernel.shape[2] == kernel.shape[3]
    if not square or side * side + 1 != len(position):
        raise CheckpointError(f"the patch or position embedding is not that of {kind} for square RGB tiles", path=path)
    width, patch = kernel.shape[0], kernel.shape[2]
    layers = sum(name.endswith("attn.in_proj_weight") for name in visual)
    shape = VitShape(
        width=width,
        layers=layers,
        heads=max(1, width // 64),
        patch_px=patch,
        image_px=side * patch,
        dim=visual["proj"].shape[-1],
    )
    if width % shape.heads:
        raise CheckpointError(f"a width of {width} does not divide into {shape.heads} heads", path=path)
    for name, value in visual.items():
        if "resblocks" in name or name.startswith("ln_"):
            fits = _fits(name, tuple(value.shape), width)
        else:
            fits = name not in ("class_embedding", "proj") or value.shape[0] == width
        if not fits:
            raise CheckpointError(
                f"{name} has the shape {list(value.shape)}, at odds with a width of {width}", path=path
            )
    return shape


def _fits(name: str, shape: tuple[int, ...], width: int) -> bool:
    if name.endswith("in_proj_weight"):
        return shape == (3 * width, width)
    if name.endswith("in_proj_bias"):
        return shape == (3 * width,)
    if name.endswith("c_fc.weight"):
        return len(shape) == 2 and shape[1] == width
    if name.endswith("c_fc.bias"):
        return len(shape) == 1
    if name.endswith("c_proj.weight"):
        return len(shape) == 2 and shape[0] == width
    if name.endswith("out_proj.weight"):
        return shape == (width, width)
    return shape == (width,)


def to_open_clip(weights: ImageWeights) -> VisionTransformer:
    """Build open_clip's `VisionTransformer` with the parameters in float32, ready to train on."""
    from open_clip.transformer import QuickGELU, VisionTransformer

    shape = weights.shape
    with torch.device("meta"):
        tower = VisionTransformer(
            image_size=shape.image_px,
            patch_size=shape.patch_px,
            width=shape.width,
            layers=shape.layers,
            heads=shape.heads,
            mlp_ratio=weights.visual["transformer.resblocks.0.mlp.c_fc.weight"].shape[0] / shape.width,
            output_dim=shape.dim,
            act_layer=QuickGELU if weights.quick_gelu else torch.nn.GELU,
        )
    tower.load_state_dict({k: v.float().clone() for k, v in weights.visual.items()}, assign=True)
    return tower.requires_grad_()


def to_graft_state_dict(
    visual: Mapping[str, Tensor], projector: Optional[Mapping[str, Tensor]], logit_scale: float = LOGIT_SCALE
) -> dict[str, Tensor]:
    """Convert open_clip's vision transformer and a pixel-level head to the official names: the inverse of `read_graft`.

    Args:
        visual: `VisionTransformer.state_dict()`.
        projector: State dict of `Sequential(LayerNorm(width), Linear(width, dim, bias=False))`, or None.
        logit_scale: 1/τ.

    Raises:
        CheckpointError: A parameter is missing or has no official name.
    """
    layers = sum(name.endswith("attn.in_proj_weight") for name in visual)
    check_names("", vit.names(layers) - set(visual), set(visual) - vit.names(layers), "a CLIP vision transformer")
    state = {BACKBONE + theirs: visual[ours] for theirs, ours in _OUTER.items()}
    state[BACKBONE + _PROJECTION] = visual["proj"].T
    for i in range(layers):
        theirs, ours = f"{BACKBONE}vision_model.encoder.layers.{i}", f"transformer.resblocks.{i}"
        for kind in ("weight", "bias"):
            state.update({f"{theirs}.{a}.{kind}": visual[f"{ours}.{b}.{kind}"] for a, b in _LAYER.items()})
            for part, value in zip("qkv", visual[f"{ours}.attn.in_proj_{kind}"].chunk(3), strict=True):
                state[f"{theirs}.self_attn.{part}_proj.{kind}"] = value
    if projector is not None:
        check_names("", set(PROJECTOR) - set(projector), set(projector) - set(PROJECTOR), "GRAFT's projector")
        state.update({f"projector.{name}": projector[name] for name in PROJECTOR})
    state["logit_scale"] = torch.tensor(float(logit_scale))
    return {name: value.detach().clone().contiguous() for name, value in state.items()}
