"""The engine: from a raster and a sentence to heatmaps and polygons, in a process of its own.

Importing the package loads nothing heavy; torch comes in with the first encoder.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .encoders.text import TextEncoder
    from .encoders.types import ImageEncoder, Precision

__all__ = ["load_encoder", "load_text_encoder"]


def load_encoder(model: str | Path, device: str = "cpu", precision: Precision = "auto") -> ImageEncoder:
    """Load an image encoder by its id, or from a checkpoint or a folder of the bundled layout.

    Args:
        model: An id of `resources/models.json` or of the user's own models, or a path.
        device: A torch device.
        precision: "auto" takes bfloat16 where the device computes it natively, else float32.

    Returns:
        An encoder; `.encode(images)` takes uint8 [B, 3, H, W] and returns `.image` [B, D] and `.patches` [B, h, w, D],
        float32 and L2-normalised.

    Raises:
        UsageError: The id is unknown, or the precision or device is none.
        CheckpointError: The file is missing, unsafe, damaged, or not what its entry says.
    """
    from .encoders.load import load_encoder as load

    return load(model, device=device, precision=precision)


def load_text_encoder(model: str | Path) -> TextEncoder:
    """Load the text tower that matches an image encoder; `.encode(texts)` returns float32 [N, D], L2-normalised.

    Args:
        model: As for `load_encoder`.

    Raises:
        UsageError: The id is unknown, or the model has no text tower that is known here.
        CheckpointError: The file is missing, unsafe, damaged, or not what its entry says.
    """
    from .encoders.load import load_text_encoder as load

    return load(model)
