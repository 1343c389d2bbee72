"""How upright things are drawn into ground views: their pictures and their shadows, from far to near."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas
from .sprites import atlas
from .stage import Things


def _boxes(canvas: Canvas, things: Things, box: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """List the pixels of boxes (left, top, right, bottom; px, float [N, 4]): thing, flat pixel, u and v in 0..1."""
    px = canvas.px
    x0, y0 = np.ceil(np.clip(box[:, 0] - 0.5, 0, px)), np.ceil(np.clip(box[:, 1] - 0.5, 0, px))
    wide = np.maximum(np.ceil(np.clip(box[:, 2] - 0.5, 0, px)) - x0, 0).astype(np.int64)
    high = np.maximum(np.ceil(np.clip(box[:, 3] - 0.5, 0, px)) - y0, 0).astype(np.int64)
    high[wide == 0] = 0
    thing = np.repeat(np.arange(len(box)), high)  # one entry for each row of each box
    row = np.arange(len(thing)) - np.repeat(np.cumsum(high) - high, high) + y0[thing].astype(np.int64)
    v = (row + 0.5 - box[thing, 1]) / (box[thing, 3] - box[thing, 1])
    width = wide[thing]
    entry = np.repeat(np.arange(len(thing)), width)
    col = np.arange(len(entry)) - np.repeat(np.cumsum(width) - width, width)
    thing_of = thing[entry]
    col = col + x0.astype(np.int64)[thing_of]
    u = (col + 0.5 - box[thing_of, 0]) / (box[:, 2] - box[:, 0])[thing_of]
    flat = ((things.view[thing] * px + row) * px)[entry] + col
    return thing_of, flat, u, v[entry]


def draw_shadows(canvas: Canvas, things: Things) -> None:
    """Darken the ground under the things."""
    scale = canvas.scale[things.view] / things.depth
    middle = canvas.px / 2 + things.lateral * scale
    base = canvas.horizon[things.view] + canvas.cameras.height_m[things.view] * scale
    half = 0.55 * things.width * scale
    tall = np.maximum(half * canvas.cameras.height_m[things.view] / things.depth, 0.6)
    lean = -np.sign(canvas.mood.sun[things.view]) * half * 0.35
    box = np.stack([middle + lean - half, base - tall, middle + lean + half, base + tall], 1)
    thing, flat, u, v = _boxes(canvas, things, box)
    inside = (u - 0.5) ** 2 + (v - 0.5) ** 2 < 0.25
    strength = np.where(np.isin(canvas.mood.light, (0, 2)), 0.55, 0.78).astype(np.float32)
    image = canvas.image.reshape(-1, 3)
    flat, view = flat[inside], things.view[thing[inside]]
    image[flat] = image[flat] * strength[view][:, None]


def draw_things(canvas: Canvas, things: Things) -> None:
    """Draw the things, which come far first, so that near ones end on top."""
    sheet = atlas()
    scale = canvas.scale[things.view] / things.depth
    middle = canvas.px / 2 + things.lateral * scale
    base = canvas.horizon[things.view] + canvas.cameras.height_m[things.view] * scale
    half, tall = things.width * scale / 2, things.height * scale
    box = np.stack([middle - half, base - tall, middle + half, base], 1)
    level = np.clip(np.floor(np.log2(sheet.sizes[0] / np.maximum(tall, 1e-3)) + 0.35), 0, len(sheet.sizes) - 1).astype(
        int
    )
    size = sheet.sizes[level]
    start = sheet.offsets[level] + things.sprite * size**2
    thing, flat, u, v = _boxes(canvas, things, box)
    side = size[thing]
    texel = start[thing] + (v * side).astype(np.int64) * side + (u * side).astype(np.int64)
    rgba = sheet.texels[texel].view(np.uint8).reshape(-1, 4)
    solid = np.flatnonzero(rgba[:, 3] > 110)
    thing, flat = thing[solid], flat[solid]
    weights = rgba[solid, :3].astype(np.float32) * np.float32(1 / 255)
    clear = np.exp(-things.depth / canvas.mood.haze_m[things.view]).astype(np.float32)
    tints = things.tints * canvas.mood.lamp[things.view][:, None] * clear[:, None, None]
    air = canvas.mood.sky_low[things.view] * (1 - clear)[:, None]
    colour = np.einsum("nk,nkc->nc", weights, tints[thing]) + air[thing]
    canvas.image.reshape(-1, 3)[flat] = colour
    canvas.seen.ravel()[flat] = things.label[thing]
