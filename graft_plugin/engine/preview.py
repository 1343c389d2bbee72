"""One picture of a result: the image, the heatmap over it, the polygons on it; a row for each prompt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from shapely.geometry.base import BaseGeometry

from ..errors import OutputError, UsageError

WIDTH_PX = 1600
MARGIN, GAP, HEADER, CAPTION, LEGEND, FOOTER = 32, 16, 72, 56, 40, 12
TALLEST_PX = 900  # of a panel
MAX_ROWS = 6
OVERSAMPLING = 2  # of outlines, so that they come out smooth

PAPER, INK, QUIET, VOID = (250, 250, 247), (28, 32, 36), (112, 118, 124), (226, 226, 222)
OUTLINE, CASING = (255, 222, 60), (20, 22, 24)
RAMP = (
    (0, 0, 4), (28, 16, 68), (79, 18, 123), (129, 37, 129), (181, 54, 122), (229, 80, 100), (251, 135, 97),
    (254, 194, 135), (252, 253, 191),
)  # fmt: skip
"""Nine evenly spaced anchors of matplotlib's perceptually uniform "magma" (CC0)."""
_WIDE_FONTS = ("NotoSansCJK-Regular.ttc", "malgun.ttf", "AppleSDGothicNeo.ttc", "NanumGothic.ttf", "DejaVuSans.ttf")

RGB = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class PromptPicture:
    """What is shown of one prompt.

    Attributes:
        prompt: The text.
        heat: Scores float32 [h, w] at any resolution, covering exactly what the image covers; NaN where invalid.
        polygons: shapely polygons in the CRS of the picture's transform.
        threshold: The score from which places were taken.
        area_m2: Total area of the polygons; None where none were drawn.
    """

    prompt: str
    heat: NDArray[np.float32]
    polygons: Sequence[BaseGeometry]
    threshold: float
    area_m2: float | None = None


def write_preview(
    path: str | Path,
    rgb: Pixels,
    transform: Affine,
    pictures: Sequence[PromptPicture],
    *,
    title: str,
    model: str,
    valid: NDArray[np.bool_] | None = None,
    scale: tuple[float, float] = (0.0, 1.0),
) -> None:
    """Write the picture as a PNG, at most `WIDTH_PX` wide; of more than `MAX_ROWS` prompts the first are shown.

    Args:
        path: The file; written as it is, so give a temporary name where it must appear whole.
        rgb: Image uint8 [3, H, W].
        transform: From (col, row) of the image to the map, north up, in metres.
        pictures: One for each prompt.
        title: What was looked at, the raster's name for instance.
        model: The model's name.
        valid: Which pixels exist [H, W].
        scale: Scores at the ends of the colour ramp.

    Raises:
        UsageError: If there is no prompt.
        OutputError: If the file cannot be written.
    """
    if not pictures:
        raise UsageError("there is nothing to show")
    shown = pictures[:MAX_ROWS]
    panel = panel_size(rgb.shape[1:])
    width = 3 * panel[0] + 2 * GAP + 2 * MARGIN
    row_height = CAPTION + panel[1] + LEGEND
    sheet = Image.new("RGB", (width, HEADER + len(shown) * row_height + FOOTER), PAPER)
    draw = ImageDraw.Draw(sheet)
    write_text(draw, (MARGIN, HEADER / 2 + 4), clipped(title, 22, width * 0.6), 22, INK, "lm")
    write_text(draw, (width - MARGIN, HEADER / 2 + 5), f"model: {clipped(model, 16, width * 0.3)}", 16, QUIET, "rm")

    image = image_panel(rgb, valid, panel)
    metres = transform.a * rgb.shape[2] / panel[0]
    to_panel = panel_affine(transform, rgb.shape[1:], panel)
    for i, picture in enumerate(shown):
        top = HEADER + i * row_height
        lefts = [MARGIN + j * (panel[0] + GAP) for j in range(3)]
        draw.line((MARGIN, top, width - MARGIN, top), fill=VOID, width=1)
        _caption(draw, (MARGIN, top + CAPTION / 2), width - MARGIN, picture)
        panels = (
            with_scale_bar(image, metres),
            _heat_panel(image, picture.heat, scale),
            _polygon_panel(image, picture.polygons, to_panel),
        )
        for left, pane in zip(lefts, panels, strict=True):
            sheet.paste(pane, (left, top + CAPTION))
        below = top + CAPTION + panel[1] + LEGEND / 2
        for left, name in zip(lefts, ("Image", "", "Polygons"), strict=True):
            write_text(draw, (left, below), name, 14, QUIET, "lm")
        _colour_bar(sheet, (lefts[1], round(below)), panel[0], picture.threshold, scale)
    try:
        sheet.save(path, format="PNG", optimize=True)
    except OSError as error:
        raise OutputError(f"the preview could not be written: {error}", path=str(path)) from error


def panel_size(hw: tuple[int, ...]) -> tuple[int, int]:
    """Return (width, height) of a panel: a third of the sheet, lower where the image is tall."""
    width = (WIDTH_PX - 2 * MARGIN - 2 * GAP) // 3
    height = round(width * hw[0] / hw[1])
    if height > TALLEST_PX:
        width, height = max(240, round(TALLEST_PX * hw[1] / hw[0])), TALLEST_PX
    return width, max(40, height)


def panel_affine(transform: Affine, hw: tuple[int, ...], panel: tuple[int, int]) -> NDArray[np.float64]:
    """Return the matrix [2, 3] that takes map (x, y, 1) to pixels of a panel."""
    back = np.array(~transform).reshape(3, 3)[:2]
    return back * np.array([[panel[0] / hw[1]], [panel[1] / hw[0]]])


def image_panel(rgb: Pixels, valid: NDArray[np.bool_] | None, size: tuple[int, int]) -> Image.Image:
    """Return the image in a panel's size, quiet where no pixel exists."""
    shown = np.moveaxis(rgb, 0, 2)
    if valid is not None and not valid.all():
        shown = np.where(valid[..., None], shown, np.array(VOID, dtype=np.uint8))
    reduces = size[0] < rgb.shape[2]
    picture = Image.fromarray(np.ascontiguousarray(shown))
    return picture.resize(size, Image.Resampling.LANCZOS if reduces else Image.Resampling.BICUBIC)


def _heat_panel(image: Image.Image, heat: NDArray[np.float32], scale: tuple[float, float]) -> Image.Image:
    """Lay the heatmap over the image in grey: the higher the score, the more opaque."""
    base = np.asarray(image.convert("L"), dtype=np.float32)[..., None] * 0.55 + 40.0
    known = np.isfinite(heat)
    share = np.clip((np.where(known, heat, scale[0]) - scale[0]) / max(scale[1] - scale[0], 1e-9), 0.0, 1.0)
    alpha = 0.25 + 0.6 * share
    cells = np.dstack([ramp(share) * alpha[..., None], alpha * 255.0]) * known[..., None]
    # premultiplied, so that no colour bleeds in from cells without a score when the cells are enlarged
    layers = [resized(cells[..., band].astype(np.float32), image.size) for band in range(4)]
    blended = np.dstack(layers[:3]) + base * (1.0 - layers[3][..., None] / 255.0)
    return Image.fromarray(np.clip(blended, 0, 255).round().astype(np.uint8))


def resized(plane: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return a plane in a panel's size: averaged where it shrinks, in plain cells where it grows."""
    method = Image.Resampling.BOX if size[0] < plane.shape[1] else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(plane).resize(size, method))


def _polygon_panel(image: Image.Image, polygons: Sequence[BaseGeometry], to_panel: NDArray[np.float64]) -> Image.Image:
    """Draw polygons with a light fill and a yellow outline in a dark casing."""
    many = OVERSAMPLING
    size = (image.width * many, image.height * many)
    fill, lines = Image.new("L", size), Image.new("L", size)
    fill_draw, line_draw = ImageDraw.Draw(fill), ImageDraw.Draw(lines)
    parts = [p for p in shapely.get_parts(np.array(list(polygons), dtype=object)) if p.geom_type == "Polygon"]
    for polygon in sorted(parts, key=lambda p: -p.area):
        for ring, value in [(polygon.exterior, 255), *((r, 0) for r in polygon.interiors)]:
            xy = np.asarray(ring.coords)[:, :2] @ to_panel[:, :2].T + to_panel[:, 2]
            points = [(float(x), float(y)) for x, y in xy * many]
            fill_draw.polygon(points, fill=value)
            line_draw.line(points, fill=255, width=round(1.5 * many), joint="curve")
    casing = lines.filter(ImageFilter.MaxFilter(2 * many + 1))
    out = image.copy()
    for mask, colour, opacity in ((fill, OUTLINE, 0.28), (casing, CASING, 0.75), (lines, OUTLINE, 1.0)):
        small = mask.resize(image.size, Image.Resampling.BOX).point([round(v * opacity) for v in range(256)])
        out.paste(colour, (0, 0), small)
    return out


def with_scale_bar(image: Image.Image, metres_a_pixel: float) -> Image.Image:
    """Return the image with a scale bar in its lower left corner."""
    length = nice_length(image.width * metres_a_pixel * 0.3)
    pixels = round(length / metres_a_pixel)
    out = image.copy()
    left, bottom = 16, image.height - 16
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    shade = Image.new("L", image.size)
    shade_draw = ImageDraw.Draw(shade)
    shade_draw.rounded_rectangle((left - 8, bottom - 30, left + pixels + 8, bottom + 8), radius=5, fill=150)
    out.paste(CASING, (0, 0), shade)
    draw = ImageDraw.Draw(out)
    draw.line((left, bottom - 6, left, bottom, left + pixels, bottom, left + pixels, bottom - 6), fill="white", width=2)
    write_text(draw, (left + pixels / 2, bottom - 9), label, 14, (255, 255, 255), "mb")
    return out


def _colour_bar(
    sheet: Image.Image, at: tuple[int, int], width: int, threshold: float, scale: tuple[float, float]
) -> None:
    """Draw "Score", the ramp with its end values, and a mark at the threshold."""
    draw = ImageDraw.Draw(sheet)
    x, y = at
    write_text(draw, (x, y), "Score", 14, QUIET, "lm")
    left, right, half = x + 84, x + width - 44, 5
    row = ramp(np.linspace(0.0, 1.0, right - left)).round().astype(np.uint8)
    sheet.paste(Image.fromarray(np.ascontiguousarray(np.broadcast_to(row, (2 * half, *row.shape)))), (left, y - half))
    write_text(draw, (left - 8, y), f"{scale[0]:.2g}", 14, QUIET, "rm")
    write_text(draw, (right + 8, y), f"{scale[1]:.2g}", 14, QUIET, "lm")
    share = (threshold - scale[0]) / max(scale[1] - scale[0], 1e-9)
    if 0.0 <= share <= 1.0:
        mark = left + share * (right - left - 1)
        draw.line((mark, y - half - 4, mark, y + half + 4), fill=PAPER, width=4)
        draw.line((mark, y - half - 4, mark, y + half + 4), fill=INK, width=2)


def _caption(draw: ImageDraw.ImageDraw, at: tuple[float, float], right: float, picture: PromptPicture) -> None:
    known = picture.heat[np.isfinite(picture.heat)]
    highest = f"{known.max():.2f}" if known.size else "none"
    facts = [f"threshold {picture.threshold:.2f}", f"highest score {highest}"]
    if picture.area_m2 is not None:
        count = len(picture.polygons)
        facts = [f"{count:,} polygon{'' if count == 1 else 's'}", area_text(picture.area_m2), *facts]
    write_text(draw, at, clipped(picture.prompt, 26, (right - at[0]) * 0.5), 26, INK, "lm")
    write_text(draw, (right, at[1] + 2), "   ·   ".join(facts), 16, QUIET, "rm")


def ramp(share: NDArray[np.floating]) -> NDArray[np.float64]:
    """Map 0..1 [...] to the colours of `RAMP`, 0..255 [..., 3]."""
    anchors = np.array(RAMP, dtype=np.float64)
    at = np.linspace(0.0, 1.0, len(anchors))
    return np.stack([np.interp(share, at, anchors[:, band]) for band in range(3)], axis=-1)


def nice_length(most: float) -> float:
    """Return the longest of 1, 2, 5, 10, 20, 50, … that is no longer than `most` (> 0)."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= most * (1 + 1e-9))


def area_text(area_m2: float) -> str:
    """Return an area in hectares, with three digits or more where it is not nothing."""
    hectares = area_m2 / 10_000
    return f"{hectares:,.0f} ha" if hectares >= 100 else f"{hectares:.3g} ha"


def write_text(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, colour: RGB, anchor: str
) -> None:
    """Write a text; the font has its letters."""
    draw.text(at, text, fill=colour, font=_font(size, _is_wide(text)), anchor=anchor)


def clipped(text: str, size: int, most_px: float) -> str:
    """Return a text cut so that it is no wider than so many pixels."""
    font = _font(size, _is_wide(text))
    if font.getlength(text) <= most_px:
        return text
    while text and font.getlength(text + "…") > most_px:
        text = text[:-1]
    return text + "…"


def _is_wide(text: str) -> bool:
    """Tell whether a text has letters that the built-in Latin font lacks."""
    return any(ord(c) > 0x24F and c not in "…·–—“”‘’" for c in text)


@lru_cache(maxsize=32)
def _font(size: int, wide: bool) -> Font:
    for name in _WIDE_FONTS if wide else ():
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
