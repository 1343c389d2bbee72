"""What can be told of a model before its weights are loaded: sizes, checksum, and whether its files are here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Optional

import torch
from torch import Tensor

from ..grid import GsdRule
from .checkpoint import read_state_dict
from .checksum import file_sha256
from .load import DEFAULT_GSD, entry_of, gsd_of, image_weights_of, locate
from .openclip import model_config
from .registry import DEFAULT_TEXT, ModelEntry, State, find
from .types import VitShape

_SCALARS = ("logit_scale", "logit_bias")
_USUAL = VitShape(width=768, layers=12, heads=12, patch_px=16, image_px=224, dim=512)
"""ViT-B/16: what a model is taken for whose file is not here and whose entry does not tell."""


@dataclass(frozen=True)
class ModelFacts:
    """A model, as `ImageEncoder` describes it, without its weights.

    Args:
        shape: Sizes of its image tower.
        sha256: Of its file; "" where that is not here.
        gsd: At which ground resolution it wants its tiles.
        words: The closed vocabulary of a demonstration model, as `encoders.words` takes it; None for an open one.
    """

    shape: VitShape
    sha256: str
    gsd: GsdRule
    words: Optional[tuple[str, ...]] = None

    @property
    def tile_px(self) -> int:
        """Side of a tile in pixels."""
        return self.shape.image_px

    @property
    def patch_px(self) -> int:
        """Side of a patch in pixels."""
        return self.shape.patch_px

    @property
    def dim(self) -> int:
        """Length of an embedding."""
        return self.shape.dim

    @property
    def parameters(self) -> int:
        """Of the image tower, about: those of its blocks."""
        return 12 * self.shape.layers * self.shape.width**2


def model_facts(model: str | Path) -> ModelFacts:
    """Return what can be told of an image encoder.

    Raises:
        UsageError: The id is unknown.
        CheckpointError: The file is missing or no such model.
    """
    entry = entry_of(model)
    if entry is not None and entry.state != "ready":
        return ModelFacts(_listed_shape(entry), "", entry.gsd or DEFAULT_GSD)
    path, config = locate(model, entry)
    named = entry.architecture if entry else None
    shape = _config_shape(named) if named else image_weights_of(shapes_of(path), path, entry, config).shape
    gsd = (entry.gsd if entry and entry.gsd else None) or gsd_of(config)
    return ModelFacts(shape, file_sha256(path), gsd, tuple(config["words"]) if config else None)


def needed(model: str | Path) -> Iterator[ModelEntry]:
    """Yield the entries of the files that a model needs: its own, and that of the text tower that goes with it."""
    entry = entry_of(model)
    if entry is not None:
        yield entry
        if entry.text is not None:
            yield find(entry.text)
    elif locate(model, None)[1] is None and _is_graft(Path(model)):
        yield find(DEFAULT_TEXT)


def shapes_of(path: Path) -> dict[str, Tensor]:
    """Return a checkpoint's parameters without their values, each one byte seen as the whole, and without its scalars.

    The device "meta" would do as well, but joining two of its tensors imports torch's compiler, which takes a second.

    Raises:
        CheckpointError: See `read_state_dict`.
    """
    stat = path.stat() if path.exists() else None
    return _shapes(str(path), stat.st_size if stat else 0, stat.st_mtime_ns if stat else 0)


@lru_cache(maxsize=32)
def _shapes(path: str, size: int, mtime_ns: int) -> dict[str, Tensor]:
    nothing = torch.zeros((), dtype=torch.uint8)
    if path.endswith(".safetensors") and size:
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, "pt") as file:
                sizes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118 - no mapping
        except (SafetensorError, OSError):  # said in full by the reader below
            sizes = {}
        if sizes:
            return {k: nothing.expand(v) for k, v in sizes.items() if k not in _SCALARS}
    state = read_state_dict(path)
    return {k: nothing.expand(v.shape) for k, v in state.items() if k not in _SCALARS}


def _is_graft(path: Path) -> bool:
    from .graft import is_graft

    return is_graft(shapes_of(path))


def _listed_shape(entry: ModelEntry) -> VitShape:
    named = entry.architecture or (find(entry.text).architecture if entry.text else None)
    return _config_shape(named) if named else _USUAL


@lru_cache(maxsize=32)
def _config_shape(architecture: str) -> VitShape:
    config: dict[str, Any] = model_config(architecture)
    vision = config["vision_cfg"]
    side = vision.get("image_size", 224)
    return VitShape(
        width=vision["width"],
        layers=vision["layers"],
        heads=max(1, vision["width"] // 64),
        patch_px=vision["patch_size"],
        image_px=side // vision["patch_size"] * vision["patch_size"],
        dim=config["embed_dim"],
    )


def combined_state(entries: list[ModelEntry]) -> State:
    """Return the state of several files together: "file" if the user must bring one, else "download" if one lacks."""
    states = {entry.state for entry in entries}
    return "file" if "file" in states else "download" if "download" in states else "ready"
