"""Scores of the mini model on tiles with truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from torch import Tensor

from ..world.classes import CLASSES
from .tiles import TileSet

Encode = Callable[[Tensor], tuple[Tensor, Tensor]]
"""uint8 [B,3,H,W] → image [B,D] and patches [B,P,D]."""


def confusion(truth: NDArray[np.integer], found: NDArray[np.integer], classes: int) -> NDArray[np.int64]:
    """Return counts [classes, classes], rows are the truth."""
    return np.bincount(truth.ravel().astype(np.int64) * classes + found.ravel(), minlength=classes**2).reshape(
        classes, classes
    )


def mean_iou(counts: NDArray[np.int64]) -> float:
    """Mean intersection over union over the classes that occur in the truth."""
    hit = np.diag(counts).astype(float)
    union = counts.sum(0) + counts.sum(1) - hit
    present = counts.sum(1) > 0
    return float((hit[present] / union[present]).mean())


def patch_majority(labels: NDArray[np.uint8], patch_px: int, classes: int) -> NDArray[np.int64]:
    """Return the commonest class of each patch. labels [N, S, S] → [N, P]."""
    n, size = labels.shape[:2]
    side = size // patch_px
    blocks = labels.reshape(n, side, patch_px, side, patch_px).transpose(0, 1, 3, 2, 4).reshape(n, side * side, -1)
    best = np.zeros(blocks.shape[:2], np.int64)
    most = np.zeros(blocks.shape[:2], np.int64)
    for label in range(classes):
        count = (blocks == label).sum(-1)
        best[count > most] = label
        most = np.maximum(most, count)
    return best


def _spread(patches: NDArray[np.int64], patch_px: int) -> NDArray[np.int64]:
    n, p = patches.shape
    side = round(p**0.5)
    return patches.reshape(n, side, side).repeat(patch_px, 1).repeat(patch_px, 2)


def _encoded(encode: Encode, tiles: TileSet) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the (image [B, D], patch [B, P, D]) vectors of the tiles, batch by batch."""
    for k in range(0, len(tiles.images), 32):
        yield encode(torch.from_numpy(tiles.images[k : k + 32]))


@torch.inference_mode()
def fit_logit_scale(encode: Encode, text: Tensor, sets: Sequence[TileSet], patch_px: int = 16) -> float:
    """Return the scale at which the softmax over the class vectors is calibrated on patches of validation tiles.

    In training 1/τ sharpens similarities to single photos; the mean of a text's prompts lies closer to all of them, so
    the same scale is not the right one for texts. Platt's rule with one parameter: least negative log likelihood
    of each patch's commonest class (Guo et al., "On Calibration of Modern Neural Networks", 2017).

    Args:
        encode: The encoder.
        text: float32 [C, D], one vector a class.
        sets: Validation tiles of the encoder's size.
        patch_px: Patch side.
    """
    cosines, truth = [], []
    for tiles in sets:
        cosines += [patches @ text.T for _, patches in _encoded(encode, tiles)]
        truth.append(torch.from_numpy(patch_majority(tiles.labels, patch_px, len(text))))
    cosine, label = torch.cat(cosines).flatten(0, 1), torch.cat(truth).flatten()

    def loss(log_scale: float) -> float:
        return float(torch.nn.functional.cross_entropy(cosine * float(np.exp(log_scale)), label))

    return float(np.exp(minimize_scalar(loss, bounds=(0.0, np.log(200.0)), method="bounded").x))


@torch.inference_mode()
def score_tiles(encode: Encode, text: Tensor, tiles: TileSet, patch_px: int = 16) -> dict[str, float]:
    """Score zero-shot classification of pixels, patches and tiles.

    Args:
        encode: The encoder.
        text: float32 [C, D], one vector a class.
        tiles: Tiles of the encoder's size.
        patch_px: Patch side.

    Returns:
        miou: mean IoU over pixels, each patch painted with its best class. miou_limit: the same for the true majority
        class of each patch, the best that the patch size allows. share: their ratio. vote: share of tiles whose
        commonest patch answer is the tile's commonest class. cls_60: accuracy of the CLS vector on tiles of which one
        class covers 60 % or more; cls_60_tiles: their number. lake_iou: IoU of the first class.
    """
    classes = len(CLASSES)
    found, named = [], []
    for image, patches in _encoded(encode, tiles):
        found.append((patches @ text.T).argmax(-1).numpy())
        named.append((image @ text.T).argmax(-1).numpy())
    answer, cls = np.concatenate(found), np.concatenate(named)
    counts = confusion(tiles.labels, _spread(answer, patch_px), classes)
    limit = confusion(tiles.labels, _spread(patch_majority(tiles.labels, patch_px, classes), patch_px), classes)
    shares = np.stack([(tiles.labels == label).mean((1, 2)) for label in range(classes)], 1)
    dominant = shares.argmax(1)
    vote = np.array([np.bincount(row, minlength=classes).argmax() for row in answer])
    clear = shares.max(1) >= 0.6
    hit = np.diag(counts)[0]
    return {
        "miou": mean_iou(counts),
        "miou_limit": mean_iou(limit),
        "share": mean_iou(counts) / mean_iou(limit),
        "vote": float((vote == dominant).mean()),
        "cls_60": float((cls == dominant)[clear].mean()) if clear.any() else float("nan"),
        "cls_60_tiles": int(clear.sum()),
        "lake_iou": float(hit / max(1, counts[0].sum() + counts[:, 0].sum() - hit)),
    }
