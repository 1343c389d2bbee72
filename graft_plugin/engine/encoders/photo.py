"""Ground photos to unit vectors: the image tower of the CLIP that a model's texts come from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Optional

import numpy as np
import torch
from torch import Tensor

from ...errors import UsageError
from .checkpoint import read_state_dict
from .load import entry_of, locate
from .openclip import read_open_clip
from .registry import DEFAULT_TEXT, ModelEntry, find, ready_file
from .types import ImageWeights
from .vit import Vit

FORMATS = ("JPEG", "PNG")


class PhotoEncoder:
    """CLIP's image tower for single photos, float32 on the CPU, with CLIP's own preprocessing.

    Args:
        weights: The tower.
    """

    def __init__(self, weights: ImageWeights) -> None:
        self.dim = weights.shape.dim
        self._vit = Vit(weights, torch.float32, torch.device("cpu"))

    @torch.inference_mode()
    def encode(self, path: str | Path) -> Tensor:
        """Return the unit vector [D] of a photo: turned upright, its shorter side scaled, its middle square.

        Raises:
            UsageError: The file is missing or no JPEG or PNG picture.
        """
        x = self._vit.embed(torch.from_numpy(read_photo(path, self._vit.shape.image_px))[None])
        for block in self._vit.blocks:
            x = block(x)
        return self._vit.image(x[:, 0])[0].clone()


def load_photo_encoder(model: str | Path) -> PhotoEncoder:
    """Load the ground encoder whose space a model's patches share.

    Raises:
        UsageError: The model has none.
        CheckpointError: Its file is missing or damaged.
    """
    return PhotoEncoder(photo_tower(model)[0])


def photo_tower(model: str | Path) -> tuple[ImageWeights, Path]:
    """Return the image tower of the ground encoder whose space a model's patches share, and its file.

    Raises:
        UsageError: The model has none.
        CheckpointError: Its file is missing or damaged.
    """
    entry = entry_of(model)
    path, config = locate(model, entry)
    if config is not None:
        clip = path.with_name("clip.safetensors")
        return _tower(clip, None, config["clip"], str(model)), clip
    state = read_state_dict(path)
    if any(name.startswith("visual.") for name in state):  # a CLIP whose own tower sees photos too
        return _read(state, path, entry, None), path
    partner = find((entry.text if entry else None) or DEFAULT_TEXT)
    return _tower(ready_file(partner), partner, None, str(model)), ready_file(partner)


def read_photo(path: str | Path | BinaryIO, side_px: int) -> np.ndarray:
    """Return the middle square of a photo, given as a file or as its bytes, uint8 [3, side_px, side_px].

    Raises:
        UsageError: The file is missing or no JPEG or PNG picture.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path, formats=FORMATS) as opened:
            opened.draft("RGB", (2 * side_px, 2 * side_px))  # a large JPEG is decoded small
            photo = ImageOps.exif_transpose(opened).convert("RGB")
            square = ImageOps.fit(photo, (side_px, side_px), Image.Resampling.BICUBIC)
    except FileNotFoundError as error:
        raise UsageError("there is no such photo", remedy="Check the path.", path=str(path)) from error
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        name = str(path) if isinstance(path, (str, Path)) else None
        raise UsageError(
            f"the photo cannot be read ({error})", remedy="Give a JPEG or PNG picture.", path=name
        ) from error
    return np.ascontiguousarray(np.moveaxis(np.asarray(square), -1, 0))


def _tower(
    path: Path, entry: Optional[ModelEntry], clip: Optional[Mapping[str, Any]], model: str
) -> ImageWeights:
    state = read_state_dict(path)
    if not any(name.startswith("visual.") for name in state):
        raise UsageError(
            f"the model {model!r} has no encoder for ground photos",
            remedy="Choose another model, or click points on the map.",
            path=str(path),
        )
    return _read(state, path, entry, clip)


def _read(
    state: Mapping[str, Tensor], path: Path, entry: Optional[ModelEntry], clip: Optional[Mapping[str, Any]]
) -> ImageWeights:
    quick = bool(clip.get("quick_gelu", False)) if clip is not None else entry.quick_gelu if entry else None
    return read_open_clip(state, str(path), architecture=entry.architecture if entry else None, quick_gelu=quick)
