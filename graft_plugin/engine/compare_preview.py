"""One picture of a comparison: before, after, and what was gained and lost; a row for each prompt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ..errors import OutputError
from .change import Change
from .compare_dates import Dates
from .compare_requests import CompareRequest
from .heatmap import overview
from .polygons import FoundPolygon
from .preview import (
    CAPTION,
    FOOTER,
    GAP,
    HEADER,
    INK,
    LEGEND,
    MARGIN,
    MAX_ROWS,
    PAPER,
    QUIET,
    VOID,
    area_text,
    clipped,
    image_panel,
    panel_affine,
    panel_size,
    resized,
    with_scale_bar,
    write_text,
)
from .progress import CancelToken

GAINED, LOST = (0, 114, 178), (213, 94, 0)
"""Blue and vermilion of Okabe and Ito's palette."""
SHOWN_PX = 1024


def write_change_preview(
    path: Path,
    request: CompareRequest,
    dates: Dates,
    change: Change,
    polygons: Sequence[FoundPolygon],
    model: str,
    cancel: CancelToken,
) -> None:
    """Write the picture as a PNG; of more than `MAX_ROWS` prompts the first are shown.

    Raises:
        OutputError: If the file cannot be written.
    """
    views = [overview(scene, change.heat.window, SHOWN_PX, cancel) for scene in (dates.before, dates.after)]
    rgb, _valid, transform = views[0]
    panel = panel_size(rgb.shape[1:])
    images = [image_panel(pixels, valid, panel) for pixels, valid, _place in views]
    images[0] = with_scale_bar(images[0], transform.a * rgb.shape[2] / panel[0])
    to_panel = panel_affine(transform, rgb.shape[1:], panel)
    prompts = request.prompts[:MAX_ROWS]
    width, row_height = 3 * panel[0] + 2 * GAP + 2 * MARGIN, CAPTION + panel[1] + LEGEND
    sheet = Image.new("RGB", (width, HEADER + len(prompts) * row_height + FOOTER), PAPER)
    draw = ImageDraw.Draw(sheet)
    title = f"{Path(request.before).name} and {Path(request.after).name}"
    write_text(draw, (MARGIN, HEADER / 2 + 4), clipped(title, 22, width * 0.7), 22, INK, "lm")
    write_text(draw, (width - MARGIN, HEADER / 2 + 5), f"model: {clipped(model, 16, width * 0.25)}", 16, QUIET, "rm")
    for k, prompt in enumerate(prompts):
        top = HEADER + k * row_height
        own = [[p for p in polygons if p.prompt_index == k + n * len(request.prompts)] for n in range(2)]
        draw.line((MARGIN, top, width - MARGIN, top), fill=VOID, width=1)
        facts = "   ·   ".join(
            f"{name} {area_text(sum(p.area_m2 for p in found))}" for name, found in zip(("gained", "lost"), own)
        )
        middle = top + CAPTION / 2
        write_text(draw, (MARGIN, middle), clipped(prompt, 26, width * 0.4), 26, INK, "lm")
        write_text(
            draw, (width - MARGIN, middle + 2), f"{facts}   ·   threshold ±{change.thresholds[k]:.2f}", 16, QUIET, "rm"
        )
        panels = (*images, _change_panel(images[1], change, k, own, to_panel))
        for j, (pane, name) in enumerate(zip(panels, ("Before", "After", ""), strict=True)):
            left = MARGIN + j * (panel[0] + GAP)
            sheet.paste(pane, (left, top + CAPTION))
            below = top + CAPTION + panel[1] + LEGEND / 2
            write_text(draw, (left, below), name, 14, QUIET, "lm")
            if not name:
                _key(draw, left, below)
    try:
        sheet.save(path, format="PNG", optimize=True)
    except OSError as error:
        raise OutputError(f"the preview could not be written: {error}", path=str(path)) from error


def _change_panel(
    image: Image.Image,
    change: Change,
    k: int,
    polygons: Sequence[Sequence[FoundPolygon]],
    to_panel: NDArray[np.float64],
) -> Image.Image:
    """Lay the change over the later image in grey: the larger, the more opaque; outline what counts."""
    scores = change.heat.scores
    thin = max(1, math.ceil(max(scores.shape[1:]) / SHOWN_PX))
    heat = np.nan_to_num(np.asarray(scores[k, ::thin, ::thin]))
    base = np.asarray(image.convert("L"), dtype=np.float32)[..., None] * 0.5 + 110.0
    alpha = 0.85 * np.abs(heat)[..., None]
    colour = np.where(heat[..., None] > 0, np.array(GAINED), np.array(LOST)) * alpha
    layers = [resized(np.dstack([colour, alpha])[..., b].astype(np.float32), image.size) for b in range(4)]
    blended = np.dstack(layers[:3]) + base * (1.0 - layers[3][..., None])
    pane = Image.fromarray(np.clip(blended, 0, 255).round().astype(np.uint8))
    draw = ImageDraw.Draw(pane)
    for found, ink in zip(polygons, (GAINED, LOST), strict=True):
        for part in shapely.get_parts(np.array([p.geometry for p in found], dtype=object)):
            for ring in (part.exterior, *part.interiors):
                xy = np.asarray(ring.coords)[:, :2] @ to_panel[:, :2].T + to_panel[:, 2]
                draw.line([(float(x), float(y)) for x, y in xy], fill=ink, width=2)
    return pane


def _key(draw: ImageDraw.ImageDraw, left: float, middle: float) -> None:
    """Draw which colour is which."""
    for ink, word in ((GAINED, "gained"), (LOST, "lost")):
        draw.rectangle((left, middle - 6, left + 18, middle + 6), fill=ink)
        write_text(draw, (left + 26, middle), word, 14, QUIET, "lm")
        left += 110
