"""SAM's losses over point prompts.

Source: Kirillov et al., "Segment Anything", ICCV 2023, section "Losses and training" and appendix A.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def mask_losses(logits: Tensor, target: Tensor) -> Tensor:
    """20 times the focal loss (alpha 0.5, gamma 2) plus the dice loss of each mask.

    Args:
        logits: [..., h, w].
        target: Same shape or one that broadcasts to it: share of each cell that the object covers, 0 to 1.

    Returns:
        [...]. Source: Lin et al., "Focal Loss", ICCV 2017, eq. 5; Milletari et al., "V-Net", 2016; SAM's weights.
    """
    t = target.expand_as(logits)
    p = logits.sigmoid()
    miss = p + t - 2 * p * t
    focal = 0.5 * miss.square() * F.binary_cross_entropy_with_logits(logits, t, reduction="none")
    dice = 1 - (2 * (p * t).sum((-2, -1)) + 1) / (p.sum((-2, -1)) + t.sum((-2, -1)) + 1)
    return 20 * focal.mean((-2, -1)) + dice


def mask_iou(logits: Tensor, target: Tensor) -> Tensor:
    """IoU [...] of thresholded masks [..., h, w] with targets that broadcast; a target cell counts from 0.5."""
    found, true = logits > 0, target > 0.5
    return (found & true).sum((-2, -1)) / (found | true).sum((-2, -1)).clamp(min=1)


def sam_loss(logits: Tensor, iou: Tensor, target: Tensor, several: Tensor) -> Tensor:
    """SAM's loss over prompts.

    Args:
        logits: [P, 4, h, w]; token 0 answers several points, tokens 1 to 3 the ambiguous single point.
        iou: Predicted IoU [P, 4].
        target: [P, h, w], 0 to 1.
        several: bool [P], whether the prompt has more than one point.

    Returns:
        Scalar: mask loss and squared IoU error of the best of tokens 1 to 3 (chosen on every second cell), and of token
        0 where there are several points. (The paper trains token 0 alone there; with both, a caller may use either.)
    """
    with torch.no_grad():
        best = mask_losses(logits[:, 1:, ::2, ::2], target[:, None, ::2, ::2]).argmin(1) + 1
    rows = torch.arange(len(logits))
    rows, tokens = torch.cat([rows, rows[several]]), torch.cat([best, torch.zeros_like(best[several])])
    chosen, true = logits[rows, tokens], target[rows]
    loss = mask_losses(chosen, true) + (iou[rows, tokens] - mask_iou(chosen.detach(), true)).square()
    weight = torch.where(several[rows] & (tokens > 0), 0.5, 1.0)
    return (loss * weight).sum() / len(logits)
