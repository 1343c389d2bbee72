"""From a heatmap to regions: SAM prompted at its peaks, window by window, or the thresholded heatmap itself.

Windows are cut from the area so that they overlap, and each pixel belongs to the core of exactly one. A window is
worked on as a whole and gives its core, so no object is found twice, none is lost at a seam, and memory does not grow
with the area; `polygons` joins the pieces along the cores' edges.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from .grid import Window
from .mask_choice import ChoiceRules, Evidence, Scale, choose_masks, settle, without_specks
from .progress import CancelToken, Report, silent
from .proposals import PointPrompt, find_blobs, propose_points
from .regions import Heat, Region, pieces, thresholded
from .sam import PromptedSam
from .sam_cache import SamCache
from .upsample import RADIUS_CELLS, joint_bilateral_upsample

__all__ = ["ChoiceRules", "Heat", "PointPrompt", "Region", "propose_points", "refine", "thresholded"]

_SCORING_PX = 256  # masks are compared at about this many pixels a side

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]
Variant = tuple[Float, NDArray[np.int64]]
"""Points [N, 2] and labels [N] of one prompt."""


class Reader(Protocol):
    """What is needed of a scene's reader."""

    def read(self, window: Window) -> tuple[NDArray[np.uint8], Bool]:
        """Return RGB [3, H, W] and validity [H, W]; zeros and invalid outside the raster."""
        ...


def refine(
    reader: Reader,
    heat: Heat,
    thresholds: Sequence[float],
    sam: PromptedSam,
    *,
    area: Window | None = None,
    spans: Sequence[tuple[float, float]] | None = None,
    cache: SamCache | None = None,
    rules: ChoiceRules | None = None,
    report: Report = silent,
    cancel: CancelToken | None = None,
) -> Iterator[Region]:
    """Yield the regions that SAM draws where the heatmap points.

    A window is embedded only where its core or what is near it holds a blob and a blob's edge: an empty window gives
    nothing, and one that lies wholly inside a thing gives the heatmap's own cells.

    Args:
        reader: Reads the scene's pixels.
        heat: The scores.
        thresholds: One for each prompt.
        sam: The model.
        area: What the windows are cut from; the whole scene, so that they do not depend on the extent asked for.
            By default the heatmap's own area.
        spans: (bottom, top) of each prompt's scores; (0, 1) by default. See `ScoreHistogram.span`.
        cache: Image embeddings of this scene and model.
        rules: How masks are chosen.
        report: Told of the stage "segment".
        cancel: Checked for each window, block of the encoder and batch of prompts.
    """
    spans = spans or [(0.0, 1.0)] * len(thresholds)
    rules = rules or ChoiceRules()
    windows = windows_in(area or heat.window, heat.window, sam.image_px, heat.stride_px, rules.overlap)
    for done, (window, core) in enumerate(windows):
        if cancel is not None:
            cancel.check()
        report("segment", done, len(windows))
        view = _View(reader, sam, heat, window, cache, rules, cancel)
        inner = core.intersection(heat.window)
        for k, threshold in enumerate(thresholds):
            found = view.find(k, threshold, spans[k], inner)
            if found is not None:
                cut = inner.slices_in(window)
                yield from pieces(k, inner, found.mask[cut], found.scores[cut], found.quality[cut], 1)
    report("segment", len(windows), len(windows))


def windows_in(
    area: Window, wanted: Window, image_px: int, stride_px: int, overlap: float
) -> list[tuple[Window, Window]]:
    """Return those of `sam_windows` whose cores touch a window."""
    cuts = sam_windows(area, image_px, stride_px, overlap)
    return [(window, core) for window, core in cuts if not core.intersection(wanted).empty]


def sam_windows(area: Window, image_px: int, stride_px: int, overlap: float) -> list[tuple[Window, Window]]:
    """Cut an area into square windows of `image_px` that overlap, and their cores, which do not.

    Windows start at multiples of the stride. Along each axis they follow one another at (1 - overlap) image_px, the
    last one moved back so that it ends with the area; an area smaller than a window gets one that sticks out. The cores
    part the area half-way between two windows' edges.

    Returns:
        (window, core) pairs, row by row.
    """
    rows = _axis(area.row, area.stop[0], image_px, stride_px, overlap)
    cols = _axis(area.col, area.stop[1], image_px, stride_px, overlap)
    return [
        (Window(r, c, image_px, image_px), Window.between(r0, c0, r1, c1)) for r, r0, r1 in rows for c, c0, c1 in cols
    ]


def _axis(first: int, stop: int, size: int, stride: int, overlap: float) -> list[tuple[int, int, int]]:
    """Return (window start, core start, core stop) along one axis."""
    start = first // stride * stride
    last = max(start, -(-(stop - size) // stride) * stride)
    step = max(stride, int(size * (1.0 - overlap)) // stride * stride)
    starts = [*range(start, last, step), last]
    cuts = [first, *((a + b + size) // 2 for a, b in zip(starts, starts[1:], strict=False)), stop]
    return [(s, cuts[i], cuts[i + 1]) for i, s in enumerate(starts)]


@dataclass(frozen=True)
class _Found:
    """What there is of one prompt in a window: arrays [H, W]; `quality` is NaN where SAM had no part."""

    mask: Bool
    scores: Float
    quality: Float


class _View:
    """One window: pixels, scores at pixel resolution and SAM's embedding, each made when first needed."""

    def __init__(
        self,
        reader: Reader,
        sam: PromptedSam,
        heat: Heat,
        window: Window,
        cache: SamCache | None,
        rules: ChoiceRules,
        cancel: CancelToken | None,
    ) -> None:
        self.reader, self.sam, self.heat, self.window = reader, sam, heat, window
        self.cache, self.rules, self.cancel = cache, rules, cancel
        stride = heat.stride_px
        margin = RADIUS_CELLS * stride
        self.outer = Window.between(
            window.row - margin, window.col - margin, window.stop[0] + margin, window.stop[1] + margin
        ).expanded(stride)
        self.cells = heat.read(self.outer)
        self._read: tuple[NDArray[np.uint8], Bool] | None = None
        self._scores: Float | None = None
        self._embedding: Tensor | None = None

    def find(self, k: int, threshold: float, span: tuple[float, float], core: Window) -> _Found | None:
        """Return what there is of prompt k, or None if nothing is in the core or near enough to reach into it."""
        stride, patch = self.heat.stride_px, self.heat.patch_px
        reach = math.ceil(self.rules.reach_patches * patch)
        near = Window.between(core.row - reach, core.col - reach, core.stop[0] + reach, core.stop[1] + reach)
        near = near.expanded(stride).intersection(self.outer)
        rows, cols = (slice(a.start // stride, a.stop // stride) for a in near.slices_in(self.outer))
        with np.errstate(invalid="ignore"):
            above = self.cells[k, rows, cols] >= threshold
        if not above.any():
            return None
        if above.all():
            scores = self._cut(_enlarged(self.cells[k], stride))
            with np.errstate(invalid="ignore"):
                return _Found(scores >= threshold, scores, np.full_like(scores, np.nan))
        rgb, valid = self._pixels(self.outer)
        if self._scores is None:
            self._scores = joint_bilateral_upsample(self.cells, rgb, stride)
        scores = self._cut(self._scores[k])
        mask, quality = self._draw(self.cells[k], scores, threshold, span)
        return _Found(mask & self._cut(valid), scores, quality)

    def _draw(self, cells: Float, scores: Float, threshold: float, span: tuple[float, float]) -> tuple[Bool, Float]:
        """Return the mask that SAM and the heatmap agree on, and SAM's quality at each pixel, [H, W] of the window."""
        stride = self.heat.stride_px
        labels, _ = find_blobs(cells, threshold)
        prompts = propose_points(cells, threshold, stride, lowest=span[0], labels=labels)
        fine = _fine_blobs(scores, self._cut(_enlarged(labels, stride)), threshold)
        offset = np.array([self.window.col - self.outer.col, self.window.row - self.outer.row], dtype=np.float32)
        evidence = Evidence.of(scores, threshold, span)
        out = np.zeros(self.window.shape, dtype=bool)
        quality = np.full(self.window.shape, np.nan, dtype=np.float32)
        places = ndimage.find_objects(fine, max_label=len(prompts))
        for prompt, place in zip(prompts, places, strict=True):
            if place is None:
                continue
            box = self._around(place)
            drawn, worth = self._draw_blob(fine == prompt.blob, box, self._shown(prompt, offset), evidence)
            quality[box][drawn & ~out[box]] = worth
            out[box] |= drawn
        return out, quality

    def _draw_blob(
        self, blob: Bool, box: tuple[slice, slice], variants: list[Variant], evidence: Evidence
    ) -> tuple[Bool, float]:
        """Return the mask of one blob inside a box around it, and SAM's quality (NaN where the blob was kept)."""
        rules, patch = self.rules, self.heat.patch_px
        least_px = round((rules.speck_patches * patch) ** 2)
        kept = without_specks(blob[box], blob[box], least_px), math.nan
        if not variants:
            return kept
        masks, iou = self.sam.masks(self._embed(), *_padded(variants), self.window.shape, self.cancel)
        masks, worth = masks.reshape(-1, *self.window.shape), iou.ravel()
        step = max(1, self.window.height // _SCORING_PX)
        thin = masks[:, ::step, ::step], worth, blob[::step, ::step], evidence.thinned(step)
        chosen, _ = choose_masks(*thin, Scale(patch / step, self.heat.stride_px / step), rules)
        if not chosen:
            return kept
        union = np.asarray(masks[chosen, box[0], box[1]].any(axis=0))
        drawn = settle(blob[box], union, rules.reach_patches * patch, rules.inset_patches * patch)
        return without_specks(drawn, blob[box], least_px), float(worth[chosen].mean())

    def _around(self, place: tuple[slice, slice]) -> tuple[slice, slice]:
        """Return a blob's bounding box, with room for as far as its masks may reach."""
        room = math.ceil(self.rules.reach_patches * self.heat.patch_px) + 2
        rows, cols = (
            slice(max(0, s.start - room), min(size, s.stop + room))
            for s, size in zip(place, self.window.shape, strict=True)
        )
        return rows, cols

    def _shown(self, prompt: PointPrompt, offset: Float) -> list[Variant]:
        """Return the prompt's variants in pixels of the window, without the points that lie outside it."""
        limit = np.array([self.window.width, self.window.height])
        shown = []
        for points, labels in prompt.variants():
            moved = points - offset
            keep = ((moved >= 0) & (moved < limit)).all(axis=1)
            if labels[keep].any():
                shown.append((moved[keep], labels[keep]))
        return shown

    def _cut(self, array: NDArray) -> NDArray:
        return array[self.window.slices_in(self.outer)]

    def _pixels(self, window: Window) -> tuple[NDArray[np.uint8], Bool]:
        if self._read is None:
            self._read = self.reader.read(self.outer)
        rgb, valid = self._read
        cut = window.slices_in(self.outer)
        return rgb[:, cut[0], cut[1]], valid[cut]

    def _embed(self) -> Tensor:
        if self._embedding is None:
            at = self.window.row, self.window.col
            kept = self.cache.get(*at) if self.cache else None
            if kept is None:
                kept = self.sam.embed(*self._pixels(self.window), cancel=self.cancel)
                if self.cache:
                    self.cache.put(*at, kept)
            self._embedding = kept
        return self._embedding


def _fine_blobs(scores: Float, coarse: NDArray[np.int32], threshold: float) -> NDArray[np.int32]:
    """Give each pixel at or above the threshold the number of the blob of cells it is nearest to, at most a cell away.

    A blob of which upsampling left less than a quarter keeps its cells.
    """
    with np.errstate(invalid="ignore"):
        above = scores >= threshold
    nearest = ndimage.distance_transform_edt(coarse == 0, return_distances=False, return_indices=True)
    fine = np.where(above, coarse[tuple(nearest)], 0).astype(np.int32)
    before, after = np.bincount(coarse.ravel()), np.bincount(fine.ravel(), minlength=int(coarse.max()) + 1)
    lost = after < before / 4
    lost[0] = False
    return np.where(lost[coarse], coarse, fine)


def _padded(variants: list[Variant]) -> tuple[Float, NDArray[np.int64]]:
    """Stack prompts of unequal length: points [P, N, 2] and labels [P, N], -1 where there is none."""
    longest = max(len(labels) for _, labels in variants)
    points = np.zeros((len(variants), longest, 2), dtype=np.float32)
    labels = np.full((len(variants), longest), -1, dtype=np.int64)
    for i, (xy, label) in enumerate(variants):
        points[i, : len(xy)] = xy
        labels[i, : len(label)] = label
    return points, labels


def _enlarged(cells: NDArray, factor: int) -> NDArray:
    return cells.repeat(factor, axis=0).repeat(factor, axis=1)
