"""How a ground view is painted: the sky, what stands far off, and the ground under each pixel."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from .cameras import Cameras, Ground
from .classes import CLASSES, LABEL
from .moods import Mood, rgb
from .surfaces import paint_ground
from .textures import FAR, Backdrop, Points, noise
from .waters import deck

_SKYLINE_M = np.array([480.0, 330.0, 240.0, 175.0, 130.0, 95.0, 70.0, 54.0], np.float32)
_TALL_M = {
    LABEL["forest"]: 13.0,
    LABEL["orchard"]: 3.5,
    LABEL["building"]: 6.0,
    LABEL["shrubland"]: 1.3,
    LABEL["wetland"]: 1.4,
}
_WIDE = [LABEL["lake"], LABEL["river"], LABEL["parking"]]  # classes that one photographs from farther off


class Canvas:
    """The pictures of one chunk of views while they are drawn."""

    def __init__(self, ground: Ground, cameras: Cameras, mood: Mood, px: int) -> None:
        self.ground, self.cameras, self.mood, self.px = ground, cameras, mood, px
        self.views = len(cameras.x)
        self.image = np.empty((self.views, px, px, 3), np.float32)
        self.seen = np.full((self.views, px, px), -1, np.int8)
        self.horizon = cameras.horizon * px
        self.scale = px / 2 / cameras.tan_half  # px for a metre at a distance of a metre

    def haze(self, colour: np.ndarray, view: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """Return colours [n, 3] as seen through the air."""
        share = 1 - np.exp(-depth / self.mood.haze_m[view])
        return colour + (self.mood.sky_low[view] - colour) * share[:, None]


def paint_sky(canvas: Canvas) -> None:
    """Fill the pictures with sky, clouds and the glow around the sun."""
    mood, px = canvas.mood, canvas.px
    up = np.clip((canvas.horizon[:, None] - np.arange(px) - 0.5) / canvas.scale[:, None], 0, None)  # tangent, [V, P]
    blend = np.clip(up / 0.75, 0, 1)[..., None] ** 0.7
    column = mood.sky_low[:, None] + (mood.sky_top - mood.sky_low)[:, None] * blend  # [V, P, 3]
    side = (np.arange(px) + 0.5) / px * 2 - 1
    x = side * canvas.cameras.tan_half[:, None]
    over = 1.0 / (up + 0.16)
    start = mood.dice[:, 0, None, None] * 256
    texture = noise("cloudy", x[:, None, :] * over[..., None] * 14 + start, over[..., None] * 26 + 7 * start)
    cover = np.clip((texture - 1.3 + 2.4 * mood.clouds[:, None, None]) * 1.1, 0, 1) * np.minimum(1, up * 9)[..., None]
    bright = mood.sky_low * 0.4 + np.where(mood.light == 1, 0.46, 0.6)[:, None]
    shade = 1 - 0.14 * np.clip(texture, -0.5, 1.5) * (0.4 + 0.6 * (mood.light == 1))[:, None, None]
    cloud = bright[:, None, None] * shade[..., None]
    canvas.image[:] = column[:, :, None] + (cloud - column[:, :, None]) * (cover * 0.92)[..., None]
    near = (side - mood.sun[:, None])[:, None, :] ** 2 * 1.2 + (up[..., None] * 1.4 - 0.25) ** 2
    warm = np.exp(-near * 9) * np.isin(mood.light, (0, 2))[:, None, None] * (mood.clouds < 0.6)[:, None, None]
    canvas.image += warm[..., None] * rgb(0.26, 0.21, 0.12)


def paint_skyline(canvas: Canvas) -> None:
    """Far hills, then far woods and houses, from far to near."""
    mood, cameras, px = canvas.mood, canvas.cameras, canvas.px
    view = np.arange(canvas.views)[:, None]
    rows = np.arange(px, dtype=np.float32)[None, :, None]
    side = ((np.arange(px) + 0.5) / px * 2 - 1)[None] * cameras.tan_half[:, None]
    layer = np.full(canvas.image.shape[:3], -1, np.int8)
    ridge = noise("cloudy", side * 22 + mood.dice[:, 1, None] * 256, mood.dice[:, 2, None] * 256 + 0 * side)
    hills = canvas.horizon[:, None] - px * (0.035 + 0.03 * ridge) * (mood.dice[:, 3] < 0.6)[:, None]
    layer[(rows >= hills[:, None]) & (rows < canvas.horizon[:, None, None] + 1)] = len(_SKYLINE_M)
    tall = np.zeros(len(CLASSES), np.float32)
    for tree, height in _TALL_M.items():
        tall[tree] = height
    labels = np.zeros((len(_SKYLINE_M) + 1, canvas.views, px), np.int64)
    labels[-1] = LABEL["forest"]
    for number, distance in enumerate(_SKYLINE_M):
        far = canvas.ground.at(*cameras.to_map(view, distance, side * distance))
        rough = 1 + 0.16 * noise("smooth", side * distance * 2.2 + 40 * number, mood.dice[:, 4, None] * 256 + 0 * side)
        base = canvas.horizon[:, None] + cameras.height_m[:, None] * canvas.scale[:, None] / distance
        top = base - tall[far] * rough * canvas.scale[:, None] / distance
        layer[(rows >= top[:, None]) & (rows < base[:, None]) & (tall[far] > 0)[:, None]] = number
        labels[number] = far
    index = np.flatnonzero(layer.ravel() >= 0)
    v, c = index // (px * px), index % px
    which = layer.ravel()[index]
    label = labels[which, v, c]
    depth = np.concatenate([_SKYLINE_M, [1400.0]]).astype(np.float32)[which]
    leaf = mood.leaves[v].mean(1) * np.float32(0.72)
    dark = np.where((mood.season[v] == 3)[:, None], rgb(0.30, 0.27, 0.22), leaf)
    wall = mood.palette[v, LABEL["building"]] * 0.85
    colour = np.where((label == LABEL["building"])[:, None], wall, dark)
    grain = noise("white", c * 1.0 + 31 * v, index // px % px * 1.0)
    colour = colour * (1 + 0.16 * grain[:, None]) * mood.lamp[v]
    canvas.image.reshape(-1, 3)[index] = canvas.haze(colour, v, depth)
    canvas.seen.ravel()[index] = np.where(which < len(_SKYLINE_M), label, -1)


def _cast(canvas: Canvas, edge_m: np.ndarray | None) -> tuple[Points, np.ndarray, np.ndarray]:
    """Cast the pixels below the horizon on the ground: points, their labels and flat pixel indices."""
    cameras, ground, px = canvas.cameras, canvas.ground, canvas.px
    below = np.arange(px)[None, :, None] + 0.5 > canvas.horizon[:, None, None] + 0.4
    index = np.flatnonzero(np.broadcast_to(below, canvas.seen.shape))
    view, row, col = index // (px * px), index // px % px, index % px
    scale = canvas.scale[view]
    depth = np.minimum(cameras.height_m[view] * scale / (row + 0.5 - canvas.horizon[view]), 900).astype(np.float32)
    lateral = (col + 0.5 - px / 2) / scale * depth
    x, y = cameras.to_map(view, depth, lateral)
    wobble = 0.3 * ground.gsd_m
    wx = wobble * noise("smooth", x * (6 / ground.gsd_m), y * (6 / ground.gsd_m) + 99)
    wy = wobble * noise("smooth", x * (6 / ground.gsd_m) + 57, y * (6 / ground.gsd_m))
    labels = ground.at(x + wx, y + wy).astype(np.int64)
    fine = depth / scale
    along, across = cameras.rows(view, depth, lateral)
    lines, subject = cameras.lines, cameras.subject[view]
    line_along, line_across = lines.locate(view, x, y)
    near = lines.known[view] & (np.abs(line_along) < lines.reach[view] * 1.5)
    labels = np.where(near & (np.abs(line_across) < lines.half_width[view] - 0.1), subject, labels)
    front = np.maximum(cameras.back_m[view], np.isin(subject, _WIDE) * 7.0) * (
        1.15 + 0.08 * noise("smooth", lateral * 4 + 900, depth * 4)
    )
    own = np.where(subject == LABEL["pool"], LABEL["building"], subject)
    labels = np.where((depth < front) & ~lines.known[view], own, labels)  # the photographer stands on the same ground
    known = lines.known[view] & (labels == subject)
    edge = np.full(len(index), FAR, np.float32)
    if edge_m is not None:
        some = np.flatnonzero((subject == LABEL["pool"]) & (depth < 60))
        at = np.stack([y[some], x[some]]) / ground.gsd_m - 0.5
        edge[some] = map_coordinates(edge_m, at, order=1, mode="nearest")
        labels[some] = np.where(
            edge[some] < 0, LABEL["pool"], np.where(labels[some] == LABEL["pool"], LABEL["building"], labels[some])
        )
    offset = canvas.mood.dice[view, 5] * 900 + 3000
    parts = (
        x + offset, y + offset, depth, lateral, fine, depth * fine / cameras.height_m[view], along, across,
        line_along, np.where(known, line_across, FAR), lines.half_width[view], edge,
    )  # fmt: skip
    points = Points(view, col, row, *(part.astype(np.float32) for part in parts))
    return points, labels, index


def paint_land(canvas: Canvas, edge_m: np.ndarray | None) -> None:
    """Paint the ground; `edge_m` is the signed distance from the edge of pools, m, [H, W]."""
    points, labels, index = _cast(canvas, edge_m)
    back = Backdrop(canvas.image.copy(), canvas.horizon)
    colours = paint_ground(points, labels, canvas.mood, back)
    paved = np.flatnonzero((points.edge_m >= 0) & (points.edge_m < 2.2))
    if len(paved):
        some = points.take(paved)
        colours[paved] = deck(some, canvas.mood) * canvas.mood.lamp[some.view]
    canvas.image.reshape(-1, 3)[index] = canvas.haze(colours, points.view, points.depth)
    canvas.seen.ravel()[index] = labels
