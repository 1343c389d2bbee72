"""Segment Anything with point prompts: the official checkpoints and the small bundled model, behind one class.

Source: Kirillov et al., "Segment Anything", ICCV 2023, and its package `segment_anything`, whose modules, preprocessing
(mean and standard deviation, longest side resized, padded below and to the right) and postprocessing are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import CheckpointError
from .encoders.checkpoint import read_state_dict
from .encoders.checksum import file_sha256
from .encoders.encoder import resolve_precision
from .encoders.registry import local_file
from .encoders.types import Precision
from .progress import CancelToken
from .sam_model import SamConfig, build_small_sam, infer_config, load_strictly

if TYPE_CHECKING:
    from segment_anything.modeling import Sam

__all__ = ["PromptedSam", "SamConfig", "build_small_sam", "infer_config", "load_sam"]

_MINI = Path(__file__).resolve().parents[2] / "resources" / "mini"
_BF16_MIN_DIM = 512  # below it the casts cost more than the faster products save
_MASK_BUDGET = 1 << 24  # float32 mask pixels held at once while masks are brought to full size (64 MiB)


class PromptedSam:
    """A SAM ready for point prompts on square windows.

    Attributes:
        image_px: Side of the image that the model takes; larger windows are reduced to it, smaller ones enlarged.
        model_id: The name under which it was asked for.
        sha256: Of the checkpoint file, hexadecimal.
        precision: "fp32" or "bf16": that of the image encoder; prompts and masks are always float32.
    """

    def __init__(
        self, model: Sam, *, model_id: str, sha256: str, device: str = "cpu", precision: Precision = "auto"
    ) -> None:
        self.model = model.to(device).eval().requires_grad_(False)
        self.image_px = int(model.image_encoder.img_size)
        self.model_id = model_id
        self.sha256 = sha256
        self.device = torch.device(device)
        if precision == "auto" and model.image_encoder.pos_embed.shape[-1] < _BF16_MIN_DIM:
            precision = "fp32"
        self.precision = resolve_precision(precision, self.device)

    @torch.inference_mode()
    def embed(
        self, rgb: NDArray[np.uint8], valid: NDArray[np.bool_] | None = None, cancel: CancelToken | None = None
    ) -> Tensor:
        """Embed a window.

        Args:
            rgb: Image uint8 [3, H, W].
            valid: Which pixels exist, [H, W]; the others are shown to the model as the padding it knows.
            cancel: Checked before each block of the encoder.

        Returns:
            Embedding float32 [1, C, g, g], on the model's device.
        """
        image = torch.as_tensor(np.ascontiguousarray(rgb)).to(self.device)[None]
        size = _input_size(image.shape[-2:], self.image_px)
        if size != tuple(image.shape[-2:]):
            image = F.interpolate(image.float(), size, mode="bilinear", align_corners=False, antialias=True).round()
        x = self.model.preprocess(image.float())
        if valid is not None and not valid.all():
            mask = torch.as_tensor(valid).to(self.device)[None, None].float()
            x[..., : size[0], : size[1]] *= F.interpolate(mask, size, mode="nearest")
        with _checked(self.model.image_encoder, cancel), self._autocast():
            return self.model.image_encoder(x).float()

    @torch.inference_mode()
    def masks(
        self,
        embedding: Tensor,
        points: NDArray[np.float32],
        labels: NDArray[np.int64],
        hw: tuple[int, int],
        cancel: CancelToken | None = None,
    ) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Predict four masks for each prompt.

        Args:
            embedding: What `embed` returned, [1, C, g, g].
            points: Prompts [P, N, 2], (x, y) in pixels of the window that was embedded.
            labels: [P, N]; 1 inside the object, 0 outside, -1 for a place that pads the list.
            hw: (H, W) of that window.
            cancel: Checked between batches of prompts.

        Returns:
            Masks bool [P, 4, H, W] and the model's own estimate of their IoU, float32 [P, 4]. The first is SAM's answer
            to several points, the other three its alternatives for one ambiguous point; so for a prompt of one point
            the first is empty and its IoU 0.
        """
        size = _input_size(hw, self.image_px)
        scale = torch.tensor([size[1] / hw[1], size[0] / hw[0]], device=self.device)
        masks = np.empty((len(points), 4, *hw), dtype=bool)
        iou = np.empty((len(points), 4), dtype=np.float32)
        step = max(1, _MASK_BUDGET // (4 * self.image_px**2))
        for i in range(0, len(points), step):
            if cancel is not None:
                cancel.check()
            xy = torch.as_tensor(points[i : i + step], dtype=torch.float32, device=self.device) * scale
            label = torch.as_tensor(labels[i : i + step], dtype=torch.int64, device=self.device)
            sparse, dense = self.model.prompt_encoder(points=(xy, label), boxes=None, masks=None)
            low, quality = self.model.mask_decoder.predict_masks(
                image_embeddings=embedding.to(self.device),
                image_pe=self.model.prompt_encoder.get_dense_pe(),
                sparse_prompt_embeddings=sparse,
                dense_prompt_embeddings=dense,
            )
            full = self.model.postprocess_masks(low, size, tuple(hw))
            masks[i : i + step] = (full > self.model.mask_threshold).cpu().numpy()
            iou[i : i + step] = quality.float().cpu().numpy()
        single = (labels >= 0).sum(axis=1) < 2
        masks[single, 0] = False
        iou[single, 0] = 0.0
        return masks, iou

    def _autocast(self) -> AbstractContextManager[Any]:
        if self.precision == "bf16":
            return torch.autocast(self.device.type, dtype=torch.bfloat16)
        return nullcontext()


def load_sam(model_id_or_path: str | Path = "mini", device: str = "cpu", precision: Precision = "auto") -> PromptedSam:
    """Load a SAM.

    Args:
        model_id_or_path: "mini" for the bundled one, a checkpoint's path (.pth of the official vit_b, vit_l or vit_h,
            .safetensors), or an id of the registry.
        device: Where it runs, as torch names it.
        precision: Of the image encoder; "auto" takes bfloat16 where the processor computes it and the model is large.

    Raises:
        CheckpointError: If the file is missing, truncated, unsafe to load, or no SAM.
        UsageError: If there is neither such a file nor such an id, or no such precision.
    """
    model_id = str(model_id_or_path)
    path = sam_path(model_id_or_path)
    state = read_state_dict(path)
    config = config_of(path, state)
    try:
        model = build_small_sam(config)
    except (ValueError, RuntimeError, AssertionError, ZeroDivisionError) as error:
        raise CheckpointError(f"no SAM can have these sizes: {config}", path=str(path)) from error
    load_strictly(model, state, path)
    return PromptedSam(model, model_id=model_id, sha256=file_sha256(path), device=device, precision=precision)


def sam_path(model_id_or_path: str | Path) -> Path:
    """Return the file of a SAM; see `load_sam`."""
    model_id = str(model_id_or_path)
    path = _MINI / "sam.safetensors" if model_id == "mini" else Path(model_id_or_path)
    if model_id != "mini" and not path.exists() and _is_plain_id(model_id):
        return local_file(model_id)
    return path


def config_of(path: Path, state: Mapping[str, Tensor]) -> SamConfig:
    """Return the configuration kept beside a checkpoint (config.json, key "sam"), else what the shapes tell."""
    beside = path.with_name("config.json")
    if beside.is_file():
        try:
            data = json.loads(beside.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CheckpointError(f"the model's configuration cannot be read: {error}", path=str(beside)) from error
        if isinstance(data, dict) and "sam" in data:
            return SamConfig.from_dict(data["sam"])
    try:
        return infer_config(state)
    except (KeyError, ValueError, IndexError, ZeroDivisionError) as error:
        raise CheckpointError(
            f"not a SAM checkpoint: {error} is missing",
            remedy="Give a file of the official vit_b, vit_l or vit_h models.",
            path=str(path),
        ) from error


def _input_size(hw: tuple[int, ...] | torch.Size, image_px: int) -> tuple[int, int]:
    """Return (H, W) with the longest side brought to `image_px`, rounded as SAM does."""
    scale = image_px / max(hw[0], hw[1])
    return int(hw[0] * scale + 0.5), int(hw[1] * scale + 0.5)


def _is_plain_id(text: str) -> bool:
    return "/" not in text and "\\" not in text and not text.endswith((".pth", ".pt", ".safetensors"))


@contextmanager
def _checked(encoder: nn.Module, cancel: CancelToken | None) -> Iterator[None]:
    """Check for a cancel before each block: one block is short, a whole vit_h is not."""
    if cancel is None:
        yield
        return
    blocks = cast(nn.ModuleList, encoder.blocks)
    hooks = [block.register_forward_pre_hook(lambda *_: cancel.check()) for block in blocks]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
