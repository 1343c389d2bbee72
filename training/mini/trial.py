"""The engine's whole main job on procedural scenes that no training saw: heatmap, threshold, SAM, polygons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyogrio.raw import read as read_vectors
from rasterio.features import rasterize
from rasterio.warp import Resampling, reproject

from graft_plugin.engine.requests import QueryRequest
from graft_plugin.engine.service import run_query

from ..ranking import auc
from ..world.aerial import LookName
from ..world.classes import LABEL
from .scenes import SCENE_CRS, draw_scene, write_scene

CELL_M = 30.0


@dataclass(frozen=True)
class Trial:
    """One scene and one prompt.

    Attributes:
        seed: Seed of the scene.
        gsd_m: The scene's own pixel, metres.
        prompt: A class name.
        look: `plain` or `varied`.
        size_px: Side of the scene.
    """

    seed: int
    gsd_m: float
    prompt: str = "lake"
    look: LookName = "varied"
    size_px: int = 768


def _cells(image: NDArray[Any], cell_px: int) -> NDArray[Any]:
    rows, cols = image.shape[0] // cell_px, image.shape[1] // cell_px
    return image[: rows * cell_px, : cols * cell_px].reshape(rows, cell_px, cols, cell_px)


def _iou(masks: Path, layer: str, truth: NDArray[np.bool_], transform: rasterio.Affine) -> tuple[float, int]:
    import shapely

    _, _, geometry, _ = read_vectors(masks, layer=layer)
    shapes = [(g, 1) for g in shapely.from_wkb(geometry)]
    found = rasterize(shapes, truth.shape, transform=transform, dtype="uint8").astype(bool) if shapes else truth & False
    return float((found & truth).sum() / max(1, (found | truth).sum())), len(shapes)


def run_trial(trial: Trial, folder: Path, **query: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of QueryRequest
    """Draw the scene, ask for the prompt twice (thresholded heatmap, SAM), and score against the truth.

    Returns:
        auc, and the same of two one-line baselines (smoothness, darkness), at 30 m cells that are not 10 to 90 % of the
        class; iou and polygons of the thresholded heatmap and of the refined masks; the threshold, and the best one.
    """
    image, labels = draw_scene(
        trial.seed, size_px=trial.size_px, gsd_m=trial.gsd_m, look=trial.look, focus=trial.prompt
    )
    truth = labels == LABEL[trial.prompt]
    name = f"{trial.prompt}-{trial.seed}-{trial.gsd_m:g}m-{trial.look}"
    raster = folder / f"{name}.tif"
    write_scene(raster, image, trial.gsd_m, (500_000.0, 5_200_000.0))
    with rasterio.open(raster) as src:
        transform = src.transform
    out: dict[str, Any] = {"scene": name, "share": round(float(truth.mean()), 4)}
    heatmap, masks = folder / f"{name}-heat.tif", folder / f"{name}.gpkg"
    masks.unlink(missing_ok=True)
    for refine in ("none", "sam"):
        request = QueryRequest(
            str(raster), (trial.prompt,), heatmap=str(heatmap), masks=str(masks), layer=refine, refine=refine,
            store=str(folder / "store"), **query,
        )  # fmt: skip
        result = run_query(request)
        out[f"iou_{refine}"], out[f"polygons_{refine}"] = _iou(masks, refine, truth, transform)
    out["gsd_m"], out["threshold"] = result.gsd_m, result.prompts[0].threshold
    score = np.full(truth.shape, np.nan, np.float32)
    with rasterio.open(heatmap) as src:
        reproject(
            rasterio.band(src, 1), score, src_nodata=src.nodata, dst_nodata=np.nan, dst_transform=transform,
            dst_crs=SCENE_CRS, resampling=Resampling.bilinear,
        )  # fmt: skip
    filled = np.nan_to_num(score, nan=float(np.nanmin(score)))
    levels = np.linspace(0.05, 0.95, 19)
    ious = [((filled >= t) & truth).sum() / max(1, ((filled >= t) | truth).sum()) for t in levels]
    out["best_threshold"], out["iou_best_threshold"] = float(levels[int(np.argmax(ious))]), float(max(ious))
    cell = max(1, round(CELL_M / trial.gsd_m))
    share, grey = _cells(truth.astype(float), cell).mean((1, 3)), _cells(image.mean(0), cell)
    keep = (share < 0.1) | (share > 0.9)
    label = (share > 0.5)[keep]
    out["auc"] = auc(_cells(filled, cell).mean((1, 3))[keep], label)
    out["auc_smoothness"] = auc(-grey.std((1, 3))[keep], label)
    out["auc_darkness"] = auc(-grey.mean((1, 3))[keep], label)
    return out


def mean_rows(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Mean of every number over the trials, NaN left out."""
    keys = [k for k, v in rows[0].items() if isinstance(v, (int, float))]
    return {k: round(float(np.nanmean([r[k] for r in rows])), 4) for k in keys}
