"""GRAFT's contrastive losses: satellite images, or their patches, against the ground photos taken in them.

Source: Mall et al., "Remote Sensing Vision-Language Foundation Models without Annotations via Ground Remote
Alignment" (arXiv 2312.06960). For a batch of ``N_B`` satellite images ``s_i``, each with ``N_i`` photos ``g_i^j``::

    L_I = 1/N_B sum_i 1/N_i sum_j -log  exp(f_I(s_i).f_G(g_i^j)/tau) / sum_a sum_b exp(f_I(s_i).f_G(g_a^b)/tau)

The denominator runs over all ground photos of the batch, those of ``s_i`` itself included. The pixel-level loss puts
the vector of the patch where each photo was taken, ``f_P(s_i)[p_i^j]``, in the place of ``f_I(s_i)``.

Vectors come L2-normalised, as both encoders give them; the losses do not normalise again.
"""

from __future__ import annotations

import torch
from torch import Tensor

from graft_plugin.errors import UsageError


def _photo_weights(owner: Tensor, images: int, dtype: torch.dtype) -> Tensor:
    """Return ``1 / (N_B N_i)`` for each photo, [G].

    Raises:
        UsageError: An owner is out of range, or an image has no photo (``1 / N_i`` does not exist).
    """
    if owner.numel() == 0 or int(owner.min()) < 0 or int(owner.max()) >= images:
        raise UsageError(
            f"the owners of {owner.numel()} ground photos do not fit {images} satellite images",
            remedy="give each photo the row of its satellite image",
        )
    counts = torch.bincount(owner, minlength=images)
    if int(counts.min()) == 0:
        raise UsageError(
            f"{int((counts == 0).sum())} satellite images of the batch have no ground photo",
            remedy="leave images without photos out of the batch",
        )
    return 1.0 / (images * counts.to(dtype))[owner]


def _logits(anchors: Tensor, ground: Tensor, tau: float, ignore: Tensor | None, keep: Tensor) -> Tensor:
    """Return similarities over tau, [A, G], minus infinity where `ignore` holds and `keep` does not."""
    dtype = torch.promote_types(torch.promote_types(anchors.dtype, ground.dtype), torch.float32)
    with torch.autocast(anchors.device.type, enabled=False):
        logits = anchors.to(dtype) @ ground.to(dtype).T / tau
    if ignore is None:
        return logits
    if ignore.shape != logits.shape:
        raise UsageError(f"the mask of false negatives is {tuple(ignore.shape)}, not {tuple(logits.shape)}")
    return logits.masked_fill(ignore & ~keep, -torch.inf)


def graft_loss(satellite: Tensor, ground: Tensor, owner: Tensor, tau: float, *, ignore: Tensor | None = None) -> Tensor:
    """Return GRAFT's image-level loss ``L_I``, a scalar of at least float32.

    Args:
        satellite: Image vectors ``f_I(s_i)``, float [S, D], L2-normalised.
        ground: Photo vectors ``f_G(g)``, float [G, D], L2-normalised; every photo of the batch, in any order.
        owner: The satellite row of each photo, long [G]; each row owns at least one photo.
        tau: Temperature.
        ignore: Bool [S, G], pairs to leave out of the denominators (false negatives). None gives the paper's loss.
            An image's own photos always stay in.

    Raises:
        UsageError: Owners and images do not match, or the mask has another shape.
    """
    rows = torch.arange(len(satellite), device=owner.device)
    logits = _logits(satellite, ground, tau, ignore, keep=rows[:, None] == owner[None, :])
    weights = _photo_weights(owner, len(satellite), logits.dtype)
    positive = logits[owner, torch.arange(len(ground), device=owner.device)]
    return (weights * (torch.logsumexp(logits, dim=1)[owner] - positive)).sum()


def pixel_loss(
    patches: Tensor,
    ground: Tensor,
    owner: Tensor,
    patch_index: Tensor,
    tau: float,
    *,
    ignore: Tensor | None = None,
) -> Tensor:
    """Return GRAFT's pixel-level loss, a scalar of at least float32.

    Args:
        patches: Patch vectors ``f_P(s_i)``, float [S, h, w, D] or [S, P, D], L2-normalised.
        ground: Photo vectors ``f_G(g)``, float [G, D], L2-normalised.
        owner: The satellite image of each photo, long [G]; each image owns at least one photo.
        patch_index: The patch that holds each photo's geotag, long [G], row * w + col.
        tau: Temperature.
        ignore: Bool [G, G], pairs (photo whose patch is the anchor, other photo) to leave out of the denominators.
            None gives the paper's loss. A photo's own pair always stays in.

    Raises:
        UsageError: Owners and images do not match, a patch index is out of range, or the mask has another shape.
    """
    flat = patches.flatten(1, -2)
    if patch_index.shape != owner.shape or bool(((patch_index < 0) | (patch_index >= flat.shape[1])).any()):
        raise UsageError(f"patch indices must be one for each photo, from 0 to {flat.shape[1] - 1}")
    weights = _photo_weights(owner, len(flat), torch.promote_types(patches.dtype, torch.float32))
    keep = torch.eye(len(ground), dtype=torch.bool, device=ground.device)
    anchors = flat[owner, patch_index]
    logits = _logits(anchors, ground, tau, ignore, keep)
    return (weights * (torch.logsumexp(logits, dim=1) - logits.diagonal())).sum()
