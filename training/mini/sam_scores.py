"""How good the small SAM's masks are, by kind of object and of prompt."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from segment_anything.modeling import Sam
from torch import Tensor

from ..world.classes import CLASSES
from .prompts import Objects, Point, choose_objects, click_points, find_objects, heat_points, stack_points

_SMALL_PX = 1500
_HEAT_CELL_PX = 16


@torch.inference_mode()
def predict(
    sam: Sam, embedding: Tensor, points: NDArray[np.float32], labels: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Masks of all four tokens.

    Args:
        sam: The model.
        embedding: [1, C, g, g].
        points: [P, N, 2], (x, y) pixels of the model's image.
        labels: [P, N], 1 positive, 0 negative, -1 unused.

    Returns:
        bool [P, 4, H, W] at the image's size and predicted IoU [P, 4]; token 0 is the answer to several points.
    """
    side = sam.image_encoder.img_size
    sparse, dense = sam.prompt_encoder((torch.from_numpy(points), torch.from_numpy(labels)), None, None)
    logits, iou = sam.mask_decoder.predict_masks(embedding, sam.prompt_encoder.get_dense_pe(), sparse, dense)
    return (sam.postprocess_masks(logits, (side, side), (side, side)) > 0).numpy(), iou.numpy()


def _iou(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> NDArray[np.floating]:
    return (found & true).sum((-2, -1)) / np.maximum((found | true).sum((-2, -1)), 1)


def _coarse(mask: NDArray[np.bool_], cell: int) -> NDArray[np.bool_]:
    """The mask as a perfect heatmap of square cells would give it: cells that are at least half object."""
    h, w = mask.shape
    cells = mask.reshape(h // cell, cell, w // cell, cell).mean((1, 3)) >= 0.5
    return np.repeat(np.repeat(cells, cell, 0), cell, 1)


def _groups(objects: Objects, k: int) -> list[str]:
    cls, area = CLASSES[int(objects.classes[k])], int(objects.areas[k])
    groups = ["all", "small" if area < _SMALL_PX else "large", cls.name]
    return [*groups, "water"] if cls.water else groups


def _score_tile(
    sam: Sam, embedding: Tensor, objects: Objects, chosen: NDArray[np.int64], rng: np.random.Generator
) -> list[dict[str, float]]:
    masks = [objects.mask(int(k)) for k in chosen]
    clicks: list[list[Point]] = [click_points(rng, m, 0) for m in masks]
    heats = [heat_points(rng, m, 3, 3, _HEAT_CELL_PX) for m in masks]
    true = np.stack(masks)[:, None]
    one, one_iou = predict(sam, embedding, *stack_points(clicks))
    six, six_iou = predict(sam, embedding, *stack_points(heats))
    one_scores, six_scores = _iou(one, true), _iou(six, true)
    rows = []
    for i, mask in enumerate(masks):
        rows.append(
            {
                "one_point": float(one_scores[i, 1 + one_iou[i, 1:].argmax()]),
                "one_point_best_of_3": float(one_scores[i, 1:].max()),
                "three_and_three": float(six_scores[i, 0]),
                "three_and_three_multimask": float(six_scores[i, 1 + six_iou[i, 1:].argmax()]),
                "perfect_heatmap": float(_iou(_coarse(mask, _HEAT_CELL_PX), mask)),
                "iou_error": float(abs(six_iou[i, 0] - six_scores[i, 0])),
            }
        )
    return rows


def score_sam(
    sam: Sam, tiles: NDArray[np.uint8], labels: NDArray[np.uint8], *, seed: int = 0, prompts_a_tile: int = 8
) -> dict[str, Any]:
    """Score a SAM on tiles that it was not trained on.

    Args:
        sam: The model, in evaluation mode.
        tiles: uint8 [N, 3, H, W]; of larger ones the upper left corner of the model's size is looked at.
        labels: uint8 [N, H, W], land classes.
        seed: Seed of the objects asked for and of the points.
        prompts_a_tile: Different objects asked for in one tile at most.

    Returns:
        For "all", "water", "small" (below 1500 pixels), "large" and each class: `prompts`, and mean IoUs: `one_point`
        (the mask that the model prefers of its three), `one_point_best_of_3`, `three_and_three` (3 positive and 3
        negative centres of 16-pixel cells; the mask for several points), `three_and_three_multimask` (the preferred of
        the three), `perfect_heatmap` (cells that are at least half object, without SAM), and `iou_error` of the model's
        own estimate.
    """
    rng = np.random.default_rng(seed)
    found: defaultdict[str, list[dict[str, float]]] = defaultdict(list)
    side = sam.image_encoder.img_size
    for tile, truth in zip(tiles[..., :side, :side], labels[..., :side, :side], strict=True):
        objects = find_objects(truth)
        chosen = np.unique(choose_objects(rng, objects, prompts_a_tile))
        with torch.inference_mode():
            embedding = sam.image_encoder(sam.preprocess(torch.from_numpy(tile).float())[None])
        for k, row in zip(chosen, _score_tile(sam, embedding, objects, chosen, rng)):
            for group in _groups(objects, int(k)):
                found[group].append(row)
    names = [g for g in ("all", "water", "small", "large", *(c.name for c in CLASSES)) if g in found]
    return {
        g: {
            "prompts": len(found[g]),
            **{key: round(float(np.mean([r[key] for r in found[g]])), 4) for key in found[g][0]},
        }
        for g in names
    }
