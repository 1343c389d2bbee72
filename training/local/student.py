"""The model that learns: a checkpoint's image tower with its pixel-level head, in float32 and with gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from graft_plugin.engine.encoders.checkpoint import read_state_dict
from graft_plugin.engine.encoders.encoder import cpu_has_bf16
from graft_plugin.engine.encoders.graft import to_graft_state_dict, to_open_clip
from graft_plugin.engine.encoders.load import (
    DEFAULT_GSD,
    entry_of,
    gsd_of,
    image_weights_of,
    load_text_encoder,
    locate,
)
from graft_plugin.engine.encoders.openclip import is_open_clip
from graft_plugin.engine.encoders.registry import DEFAULT_TEXT, ModelEntry
from graft_plugin.engine.encoders.types import ImageWeights
from graft_plugin.errors import UsageError

from ..mini.satellite import Satellite

LARGE_WIDTH, LARGE_LAYERS_CPU = 512, 4
"""Of a tower from this width on, only so many last blocks learn on a CPU: the others' gradients take too long."""

State = dict[str, Tensor]


@dataclass(frozen=True)
class Parent:
    """The model that a run starts from.

    Attributes:
        name: Its id or path.
        file: Its image checkpoint.
        weights: Its image tower.
        scale: 1/τ at which its texts are compared with patches.
        config: The configuration of a closed-vocabulary model, with `clip.safetensors` beside `file`; None for others.
        entry: How a model made of it is listed: everything but its id, title and notes.
    """

    name: str
    file: Path
    weights: ImageWeights
    scale: float
    config: dict[str, Any] | None
    entry: ModelEntry


def load_parent(name: str) -> Parent:
    """Load the model to start from.

    Raises:
        UsageError: There is no such model, or it is a SAM.
        CheckpointError: Its file is missing or damaged.
    """
    listed = entry_of(name)
    file, config = locate(name, listed)
    state = read_state_dict(file)
    weights = image_weights_of(state, file, listed, config)
    if weights.shape.image_px % weights.shape.patch_px or not weights.shape.dim:
        raise UsageError(f"the model {name} cannot learn", path=str(file))
    if listed is None and is_open_clip(state):  # its own texts have to be found again beside what is made of it
        raise UsageError(
            f"{name} is a CLIP that is not among your models",
            remedy="Add it first: graft models add FILE --as ID --family open_clip; and start from that ID.",
            path=str(file),
        )
    text = None if config is not None else (listed.text or listed.id) if listed else DEFAULT_TEXT
    entry = ModelEntry(
        id="", title="", family="graft", kind="image-text",
        licence=listed.licence if listed else "as its parent's",
        gsd=(listed.gsd if listed and listed.gsd else None) or gsd_of(config) or DEFAULT_GSD,
        bands=listed.bands if listed else ("red", "green", "blue"),
        stride_px=listed.stride_px if listed else None,
        text=text,
        quick_gelu=weights.quick_gelu if config is None else None,
        templates=listed.templates if listed else (), contrast=listed.contrast if listed else (),
    )  # fmt: skip
    scale = weights.logit_scale or load_text_encoder(name).logit_scale
    return Parent(name, file, weights, scale, config, entry)


class Student:
    """The tower on its device, its start, and what of it learns.

    Args:
        parent: The model to start from.
        device: A torch device.
    """

    def __init__(self, parent: Parent, device: str) -> None:
        weights = parent.weights
        self.device = torch.device(device)
        self.scale = parent.scale
        self.model = _tower(weights).to(self.device)
        self.start: State = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.teacher = _tower(weights).to(self.device).eval().requires_grad_(False)
        self._bf16 = self.device.type == "cuda" or (self.device.type == "cpu" and cpu_has_bf16())
        if self.device.type == "cpu" and weights.shape.width >= LARGE_WIDTH:
            self._freeze(weights.shape.layers - LARGE_LAYERS_CPU)

    def _freeze(self, blocks: int) -> None:
        visual = self.model.visual
        for part in (visual.conv1, visual.ln_pre, *visual.transformer.resblocks[: max(0, blocks)]):
            part.requires_grad_(False)
        visual.class_embedding.requires_grad_(False)
        visual.positional_embedding.requires_grad_(False)

    @property
    def learning(self) -> list[torch.nn.Parameter]:
        """The parameters that learn."""
        return [p for p in self.model.parameters() if p.requires_grad]

    def see(self, images: Tensor, corner: tuple[int, int], *, teacher: bool = False) -> tuple[Tensor, Tensor]:
        """Encode float images [B, 3, H, W] in 0..1 into image [B, D] and patch [B, h, w, D] vectors."""
        model = self.teacher if teacher else self.model
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._bf16):
            image, flat = model(images.to(self.device), corner)
        patch = model.visual.conv1.weight.shape[-1]
        return image, flat.unflatten(1, (images.shape[-2] // patch, images.shape[-1] // patch))

    def encode(self, images: Tensor) -> Tensor:
        """Return what the student sees now, see `EncodePatches`."""
        return self._patches(images, teacher=False)

    def encode_before(self, images: Tensor) -> Tensor:
        """Return what the parent sees."""
        return self._patches(images, teacher=True)

    @torch.inference_mode()
    def _patches(self, images: Tensor, *, teacher: bool) -> Tensor:
        found: Tensor = self.see(images.float() / 255, (0, 0), teacher=teacher)[1].float().cpu()
        return found

    def take(self, state: State) -> None:
        """Load weights."""
        self.model.load_state_dict(state)

    def state(self) -> State:
        """Return a copy of the weights."""
        return {k: v.detach().clone() for k, v in self.model.state_dict().items()}

    def between(self, end: State, share: float) -> State:
        """Return the weights on the straight line from the start (0) to `end` (1): WiSE-FT, arXiv 2109.01903."""
        return {k: torch.lerp(v, end[k].to(v), share) if v.is_floating_point() else v for k, v in self.start.items()}

    def official(self, state: State) -> State:
        """Return weights under GRAFT's official names, float16, on the CPU."""
        visual = {k.removeprefix("visual."): v.cpu() for k, v in state.items() if k.startswith("visual.")}
        projector = {k.removeprefix("projector."): v.cpu() for k, v in state.items() if k.startswith("projector.")}
        return {k: v.half() for k, v in to_graft_state_dict(visual, projector, self.scale).items()}


def _tower(weights: ImageWeights) -> Satellite:
    """Build the tower with its parameters; where a checkpoint has no pixel-level head, it starts as the projection."""
    shape = weights.shape
    model = Satellite(64, 1, shape.dim, shape.image_px, shape.patch_px)
    model.visual = to_open_clip(weights)
    head: Mapping[str, Tensor] = weights.projector or {
        "0.weight": weights.visual["ln_post.weight"], "0.bias": weights.visual["ln_post.bias"],
        "1.weight": weights.visual["proj"].T,
    }  # fmt: skip
    model.projector = torch.nn.Sequential(
        torch.nn.LayerNorm(shape.width), torch.nn.Linear(shape.width, shape.dim, bias=False)
    )
    model.projector.load_state_dict({k: v.float().clone() for k, v in head.items()})
    return model


def derived_entry(parent: Parent, model_id: str, title: str, notes: str) -> ModelEntry:
    """Return how a model made of `parent` is listed."""
    return replace(parent.entry, id=model_id, title=title, notes=notes)
