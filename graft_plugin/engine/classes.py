"""The class map: for each cell the prompt that fits best, as a GeoTIFF with a palette and the prompts' names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..palette import prompt_colour
from .heatmap import heat_raster, placed_blocks
from .progress import CancelToken, Report, silent
from .raster import Palette
from .regions import Heat
from .scene import Scene

NOTHING, NODATA = 0, 255


def best_prompts(scores: NDArray[np.float32], thresholds: Sequence[float]) -> NDArray[np.uint8]:
    """Return for each cell the 1-based prompt with the highest score among those that reach their threshold.

    Args:
        scores: float32 [K, ...]; NaN where invalid.
        thresholds: K of them.

    Returns:
        uint8 [...]: `NOTHING` where no prompt reaches its threshold, `NODATA` where no score is known.
    """
    limits = np.array(thresholds, dtype=np.float32).reshape(-1, *[1] * (scores.ndim - 1))
    with np.errstate(invalid="ignore"):
        reached = np.where(scores >= limits, scores, -np.inf)
    best = np.where(np.isfinite(reached).any(axis=0), reached.argmax(axis=0) + 1, NOTHING)
    return np.where(np.isfinite(scores).any(axis=0), best, NODATA).astype(np.uint8)


def palette(prompts: Sequence[str]) -> Palette:
    """Return the colours and names of the classes; what belongs to no prompt is white, as a TIFF has no opacities."""
    colours = {NOTHING: (255, 255, 255, 255)} | {k + 1: _rgba(prompt_colour(k)) for k in range(len(prompts))}
    return Palette(colours, ("none", *prompts))


def _rgba(colour: str) -> tuple[int, int, int, int]:
    """Return the opaque colour of #rrggbb."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue, 255


def write_classes(
    path: Path,
    heat: Heat,
    scene: Scene,
    prompts: Sequence[str],
    thresholds: Sequence[float],
    *,
    guided: bool = False,
    tags: Mapping[str, str] | None = None,
    report: Report = silent,
    cancel: CancelToken | None = None,
) -> None:
    """Write the class map as a tiled uint8 GeoTIFF with overviews, and the names of its classes beside it.

    Args:
        path: The file; the names go to `path`.aux.xml, where GDAL and QGIS look for them.
        heat: The scores.
        scene: What they are of.
        prompts: The texts, K of them.
        thresholds: Likewise.
        guided: Write at pixel resolution; see `write_heatmap`.
        tags: Metadata of the file.
        report: Told of the stage "classes".
        cancel: Checked for each block.

    Raises:
        OutputError: The file cannot be written.
    """
    with heat_raster(
        path,
        scene,
        heat,
        guided=guided,
        descriptions=("class",),
        dtype="uint8",
        nodata=NODATA,
        palette=palette(prompts),
        tags=tags,
        cancel=cancel,
    ) as writer:
        for row, col, block in placed_blocks(scene, heat, "classes", guided=guided, report=report, cancel=cancel):
            writer.write(row, col, best_prompts(block, thresholds))
