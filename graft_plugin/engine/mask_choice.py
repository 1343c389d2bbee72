"""Which of SAM's masks agree with the heatmap, and what becomes of the rest of a blob.

The heatmap knows what is there, SAM knows where it ends. So a mask is judged by the evidence for and against that it
takes in; pixels near the threshold, the rim of a blob, weigh next to nothing, and there SAM's outline decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

LEAST_PRO = 0.3
"""Evidence that every pixel of a blob counts for at least: a weak blob is judged by its shape."""

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]


@dataclass(frozen=True)
class ChoiceRules:
    """How masks are chosen. Distances are in patches: a patch embedding cannot place an edge more finely.

    Attributes:
        overlap: Share of a window's side that it has in common with its neighbour.
        least_agreement: Agreement below which a blob's best masks are dropped altogether, and the blob is kept. A mask
            that takes everything in reaches about a half.
        least_gain: How much agreement a further mask of the same blob must add.
        spill_weight: What a pixel of counter-evidence costs, in pixels of evidence.
        trust_quality: How far SAM's own estimate of a mask's quality counts, 0 to 1, beside the agreement.
        reach_patches: How far beyond a blob's edge its masks may go.
        inset_patches: How far inside a blob's edge masks may leave it uncovered.
        speck_patches: Pieces and holes of a region smaller than a square of this side are dropped and filled.
    """

    overlap: float = 0.25
    least_agreement: float = 0.6
    least_gain: float = 0.04
    spill_weight: float = 1.0
    trust_quality: float = 0.3
    reach_patches: float = 1.5
    inset_patches: float = 1.0
    speck_patches: float = 0.5


@dataclass(frozen=True)
class Evidence:
    """How strongly each pixel speaks for and against, both 0..1, float32 [H, W], zero where nothing is known.

    Attributes:
        pro: (score - threshold) / (top - threshold) above the threshold.
        con: (threshold - score) / (threshold - bottom) below it.
    """

    pro: Float
    con: Float

    @classmethod
    def of(cls, scores: Float, threshold: float, span: tuple[float, float]) -> Evidence:
        """Weigh scores [H, W] (NaN where unknown) on a scale from `span[0]` to `span[1]`."""
        known = np.nan_to_num(scores - np.float32(threshold), nan=0.0)
        top, bottom = max(span[1] - threshold, 1e-6), max(threshold - span[0], 1e-6)
        return cls(np.clip(known / top, 0, 1).astype(np.float32), np.clip(-known / bottom, 0, 1).astype(np.float32))

    def thinned(self, step: int) -> Evidence:
        """Return every `step`-th pixel of each axis."""
        return Evidence(self.pro[::step, ::step], self.con[::step, ::step])


class Scale(NamedTuple):
    """Sides of a patch of the model and of a cell of its heatmap, in pixels of the arrays at hand."""

    patch_px: float
    stride_px: float


def choose_masks(
    masks: Bool, quality: Float, blob: Bool, evidence: Evidence, scale: Scale, rules: ChoiceRules
) -> tuple[list[int], float]:
    """Pick the masks whose union agrees best with one blob.

    The agreement of a set of pixels U is Σ_{U∩rim} pro / (Σ_rim pro + spill_weight · Σ_U con), an intersection over
    union of evidence, with two weights. The rim is the part of the blob within `reach_patches` of its edge: the inside
    is settled, and were it counted, a large blob could pay for any spill. Evidence against counts in full only from a
    patch away from the blob on, and by the square of the distance before: there the heatmap is too coarse to tell,
    above all for a thing hardly larger than a patch. For the same reason the blob is taken as the patches behind its
    cells.

    Masks are added one by one, each time the one that raises the agreement most, SAM's own estimate of a mask's quality
    deciding between near equals, until none adds `least_gain`.

    Args:
        masks: Candidates bool [M, H, W].
        quality: SAM's estimate of each one's IoU [M].
        blob: The blob's pixels [H, W].
        evidence: Of the same pixels.
        scale: Patch and stride in these pixels.
        rules: See `ChoiceRules`.

    Returns:
        The chosen masks' indices, none where even the best set stays below `least_agreement`; and their agreement.
    """
    away = np.maximum(ndimage.distance_transform_edt(~blob) - (scale.patch_px - scale.stride_px) / 2, 0.0)
    seen = away == 0.0
    rim = seen & (ndimage.distance_transform_edt(seen) <= rules.reach_patches * scale.patch_px)
    doubt = np.square(np.minimum(away / scale.patch_px, 1.0)).astype(np.float32)
    pro = (np.maximum(evidence.pro, LEAST_PRO) * rim).ravel()
    con = (rules.spill_weight * doubt * evidence.con).ravel()
    total = max(float(pro.sum()), 1e-6)
    flat = masks.reshape(len(masks), -1)
    trust = 1.0 - rules.trust_quality + rules.trust_quality * np.clip(quality, 0.0, 1.0)
    chosen: list[int] = []
    covered = np.zeros(flat.shape[1], dtype=bool)
    best, gained, spilled = 0.0, 0.0, 0.0
    while len(chosen) < len(flat):
        fresh = (flat & ~covered).astype(np.float32)
        agreement = (gained + fresh @ pro) / (total + spilled + fresh @ con)
        worth = (agreement - best) * trust
        pick = int(worth.argmax())
        if agreement[pick] - best < rules.least_gain:
            break
        chosen.append(pick)
        gained += float(fresh[pick] @ pro)
        spilled += float(fresh[pick] @ con)
        best = float(agreement[pick])
        covered |= flat[pick]
    return (chosen, best) if best >= rules.least_agreement else ([], best)


def settle(blob: Bool, union: Bool, reach_px: float, inset_px: float) -> Bool:
    """Join a blob and the union of its masks: SAM draws the edge, the heatmap keeps the inside.

    Pixels farther than `reach_px` outside the blob are cut off the masks; what the masks left uncovered deeper than
    `inset_px` is given back, up to the masks' edge. Masks that cover nothing of the blob leave it as it is.

    Args:
        blob: bool [H, W].
        union: bool [H, W], the union of the chosen masks.
        reach_px: See above.
        inset_px: See above.

    Returns:
        bool [H, W].
    """
    if not (union & blob).any():
        return blob
    near = ndimage.distance_transform_edt(~blob) <= reach_px
    drawn = union & near
    left = blob & (ndimage.distance_transform_edt(~drawn) > inset_px)
    if left.any():
        drawn |= blob & (ndimage.distance_transform_edt(~left) <= inset_px + 1.0)
    return np.asarray(drawn)


def without_specks(mask: Bool, blob: Bool, least_px: int) -> Bool:
    """Drop pieces of fewer than `least_px` pixels or without a pixel of the blob, and fill holes of fewer.

    Where that would leave nothing, the mask stays as it is: a small thing found is not lost.
    """
    pieces, count = ndimage.label(mask)
    if not count:
        return mask
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    touches = np.bincount(pieces[blob].ravel(), minlength=count + 1) > 0
    keep = (sizes >= least_px) & touches
    keep[0] = False
    kept = keep[pieces] if keep.any() else mask
    holes, count = ndimage.label(~kept, structure=np.ones((3, 3), dtype=bool))
    small = np.bincount(holes.ravel(), minlength=count + 1) < least_px
    small[0] = False
    rim = np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    small[rim] = False
    return np.asarray(kept | small[holes])
