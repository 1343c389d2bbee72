"""CLIPSeg (Lüddecke and Ecker, CVPR 2022) as Hugging Face's transformers has it, from a local folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from graft_plugin.engine.encoders.checksum import file_sha256
from graft_plugin.errors import CheckpointError

_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_TEXTS_AT_ONCE = 16


class ClipSeg:
    """A loaded CLIPSeg.

    Args:
        model: `CLIPSegForImageSegmentation`.
        processor: `CLIPSegProcessor`: its own resizing, normalisation and tokens.
        sha256: Of the weights' file.
        device: A torch device.
    """

    def __init__(self, model: Any, processor: Any, sha256: str, device: str) -> None:  # noqa: ANN401 - transformers'
        self._model = model.to(device).eval()
        self._processor = processor
        self.sha256 = sha256
        self._device = device

    @torch.inference_mode()
    def probabilities(self, image: NDArray[np.uint8], texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the probability of each text at each pixel.

        The texts go in bare, as in the authors' and Hugging Face's examples; each is a yes or no of its own.

        Args:
            image: uint8 [3, H, W].
            texts: T of them.

        Returns:
            float32 [T, H, W].
        """
        picture = np.moveaxis(image, 0, -1)
        parts = []
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            some = list(texts[start : start + _TEXTS_AT_ONCE])
            given = self._processor(text=some, images=[picture] * len(some), padding=True, return_tensors="pt")
            logits = self._model(**given.to(self._device)).logits
            parts.append(logits.reshape(len(some), *logits.shape[-2:]).float().cpu())
        full = F.interpolate(torch.cat(parts)[None], image.shape[1:], mode="bilinear", align_corners=False)[0]
        return full.sigmoid().numpy()


def load_clipseg(folder: str | Path, device: str) -> ClipSeg:
    """Load a folder in Hugging Face's layout (as of CIDAS/clipseg-rd64-refined); nothing is downloaded.

    Raises:
        CheckpointError: It is no such folder, or a file in it is missing or damaged.
    """
    home = Path(folder).expanduser()
    weights = next((home / name for name in _WEIGHTS if (home / name).is_file()), None)
    if weights is None or not (home / "config.json").is_file():
        raise CheckpointError(
            "this is no folder of a CLIPSeg: config.json or model.safetensors is missing",
            remedy="Give the folder of CIDAS/clipseg-rd64-refined with all its files.",
            path=str(folder),
        )
    from safetensors import SafetensorError
    from transformers import CLIPSegForImageSegmentation, CLIPSegProcessor
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        loaded: Any = CLIPSegForImageSegmentation.from_pretrained(home, local_files_only=True, output_loading_info=True)
        model, info = loaded
        processor = CLIPSegProcessor.from_pretrained(home, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError, SafetensorError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(
            f"the CLIPSeg cannot be loaded ({reason})", remedy="Get its folder again.", path=str(folder)
        ) from error
    lacking = sorted(name for name in info["missing_keys"] if not name.endswith("position_ids"))
    if lacking:  # transformers fills these with random numbers and goes on
        raise CheckpointError(
            f"the CLIPSeg lacks {len(lacking)} parameters, {lacking[0]} first",
            remedy="Get its folder again.",
            path=str(weights),
        )
    return ClipSeg(model, processor, file_sha256(weights), device)
