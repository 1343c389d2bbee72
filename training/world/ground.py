"""Ground-level views: what a person who stands somewhere on the label map would photograph.

A real perspective camera: each pixel below the horizon is cast on the label map and painted by `surfaces`; what stands
on the ground is drawn from far to near as upright pictures (`standing`, `sprites`); the sky, far hills and far woods
come first, and water mirrors them. Light, season and colours are drawn anew for each view (`moods`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt, map_coordinates

from graft_plugin.errors import UsageError

from .cameras import Cameras, Ground, place_cameras
from .classes import CLASSES, LABEL
from .moods import LIGHTS, SEASONS, Mood, draw_moods
from .sprites import atlas
from .standing import Things, stand_things
from .surfaces import Backdrop, Points, deck, noise, paint_ground

_SKYLINE_M = np.array([480.0, 330.0, 240.0, 175.0, 130.0, 95.0, 70.0, 54.0], np.float32)
_TALL_M = {LABEL["forest"]: 13.0, LABEL["orchard"]: 3.5, LABEL["building"]: 6.0, LABEL["shrubland"]: 1.3, LABEL["wetland"]: 1.4}
_NO_LINE = 1e3
_CHUNK = 32


@dataclass(frozen=True)
class GroundViews:
    """Ground views, and what one sees in them.

    Attributes:
        images: uint8 [N, 3, P, P], RGB.
        subject: Land class of the spot, int64 [N].
        neighbour: The other land class that fills most of the view, int64 [N]; -1 where none is plain to see.
        light: Word for the light, `moods.LIGHTS`, N of them; likewise `season` of `moods.SEASONS`.
        season: Word for the season.
        look: Word for the look of the subject ("muddy", "brick"), empty where there is none.
    """

    images: np.ndarray
    subject: np.ndarray
    neighbour: np.ndarray
    light: tuple[str, ...]
    season: tuple[str, ...]
    look: tuple[str, ...]


class _Canvas:
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


def _paint_sky(canvas: _Canvas) -> None:
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
    canvas.image += warm[..., None] * np.float32([0.26, 0.21, 0.12])


def _paint_skyline(canvas: _Canvas) -> None:
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
    for label, height in _TALL_M.items():
        tall[label] = height
    labels = np.zeros((len(_SKYLINE_M) + 1, canvas.views, px), np.int64)
    labels[-1] = LABEL["forest"]
    for number, depth in enumerate(_SKYLINE_M):
        label = canvas.ground.at(*cameras.to_map(view, np.float32(depth), side * depth))
        rough = 1 + 0.16 * noise("smooth", side * depth * 2.2 + 40 * number, mood.dice[:, 4, None] * 256 + 0 * side)
        base = canvas.horizon[:, None] + cameras.height_m[:, None] * canvas.scale[:, None] / depth
        top = base - tall[label] * rough * canvas.scale[:, None] / depth
        layer[(rows >= top[:, None]) & (rows < base[:, None]) & (tall[label] > 0)[:, None]] = number
        labels[number] = label
    index = np.flatnonzero(layer.ravel() >= 0)
    v, c = index // (px * px), index % px
    number = layer.ravel()[index]
    label = labels[number, v, c]
    depth = np.concatenate([_SKYLINE_M, [1400.0]]).astype(np.float32)[number]
    leaf = mood.leaves[v].mean(1) * np.float32(0.72)
    dark = np.where((mood.season[v] == 3)[:, None], np.float32([0.30, 0.27, 0.22]), leaf)
    wall = mood.palette[v, LABEL["building"]] * 0.85
    colour = np.where((label == LABEL["building"])[:, None], wall, dark)
    grain = noise("white", c * 1.0 + 31 * v, index // px % px * 1.0)
    colour = colour * (1 + 0.16 * grain[:, None]) * mood.lamp[v]
    canvas.image.reshape(-1, 3)[index] = canvas.haze(colour, v, depth)
    canvas.seen.ravel()[index] = np.where(number < len(_SKYLINE_M), label, -1)


def _pool_edge(ground: Ground) -> np.ndarray | None:
    """Signed distance from the edge of pools, m, float32 [H, W], negative in the water."""
    pool = ground.labels == LABEL["pool"]
    if not pool.any():
        return None
    outside = distance_transform_edt(~pool) if not pool.all() else np.zeros(pool.shape)
    inside = distance_transform_edt(pool) if not pool.all() else np.full(pool.shape, 99.0)
    return ((np.where(pool, 0.5 - inside, outside - 0.5)) * ground.gsd_m).astype(np.float32)


def _cast(canvas: _Canvas, edge_m: np.ndarray | None) -> tuple[Points, np.ndarray, np.ndarray]:
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
    front = cameras.back_m[view] * (1.15 + 0.08 * noise("smooth", lateral * 4 + 900, depth * 4))
    own = np.where(subject == LABEL["pool"], LABEL["building"], subject)
    labels = np.where((depth < front) & ~lines.known[view], own, labels)  # the photographer stands on the same ground
    known = lines.known[view] & (labels == subject)
    edge = np.full(len(index), _NO_LINE, np.float32)
    if edge_m is not None:
        some = np.flatnonzero((subject == LABEL["pool"]) & (depth < 60))
        at = np.stack([y[some], x[some]]) / ground.gsd_m - 0.5
        edge[some] = map_coordinates(edge_m, at, order=1, mode="nearest")
        labels[some] = np.where(edge[some] < 0, LABEL["pool"], np.where(labels[some] == LABEL["pool"], LABEL["building"], labels[some]))
    offset = canvas.mood.dice[view, 5] * 900 + 3000
    parts = (
        x + offset, y + offset, depth, lateral, fine, depth * fine / cameras.height_m[view], along, across,
        line_along, np.where(known, line_across, _NO_LINE), lines.half_width[view], edge,
    )  # fmt: skip
    points = Points(view, col, row, *(part.astype(np.float32) for part in parts))
    return points, labels, index


def _paint_land(canvas: _Canvas, edge_m: np.ndarray | None) -> None:
    points, labels, index = _cast(canvas, edge_m)
    back = Backdrop(canvas.image.copy(), canvas.horizon)
    colours = paint_ground(points, labels, canvas.mood, back)
    paved = np.flatnonzero((points.edge_m >= 0) & (points.edge_m < 2.2))
    if len(paved):
        some = points.take(paved)
        colours[paved] = deck(some, canvas.mood) * canvas.mood.lamp[some.view]
    canvas.image.reshape(-1, 3)[index] = canvas.haze(colours, points.view, points.depth)
    canvas.seen.ravel()[index] = labels


def _boxes(canvas: _Canvas, things: Things, box: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
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


def _draw_shadows(canvas: _Canvas, things: Things) -> None:
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


def _draw_things(canvas: _Canvas, things: Things) -> None:
    """Draw the things, which come far first, so that near ones end on top."""
    sheet = atlas()
    scale = canvas.scale[things.view] / things.depth
    middle = canvas.px / 2 + things.lateral * scale
    base = canvas.horizon[things.view] + canvas.cameras.height_m[things.view] * scale
    half, tall = things.width * scale / 2, things.height * scale
    box = np.stack([middle - half, base - tall, middle + half, base], 1)
    level = np.clip(np.floor(np.log2(sheet.sizes[0] / np.maximum(tall, 1e-3)) + 0.35), 0, len(sheet.sizes) - 1).astype(int)
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


def _neighbours(canvas: _Canvas) -> np.ndarray:
    """The land class beside the subject that is plain to see, [V]; -1 where none covers 7 % of the view."""
    share = np.stack([(canvas.seen == label).mean((1, 2)) for label in range(len(CLASSES))], 1)
    share[np.arange(canvas.views), canvas.cameras.subject] = 0
    best = share.argmax(1)
    return np.where(share.max(1) >= 0.07, best, -1)


def _finish(canvas: _Canvas, rng: np.random.Generator, view_px: int) -> np.ndarray:
    """Return the pictures as a camera gives them, uint8 [V, 3, P, P]."""
    step = canvas.px // view_px
    image = canvas.image.reshape(canvas.views, view_px, step, view_px, step, 3).mean((2, 4), dtype=np.float32)
    contrast = rng.uniform(0.85, 1.15, (canvas.views, 1, 1, 1)).astype(np.float32)
    image = (image - 0.45) * contrast + 0.45
    image += rng.standard_normal(image.shape, np.float32) * rng.uniform(0.0, 0.022, (canvas.views, 1, 1, 1)).astype(np.float32)
    return np.ascontiguousarray((np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8).transpose(0, 3, 1, 2))


def photograph(
    labels: np.ndarray,
    gsd_m: float,
    rows: np.ndarray,
    cols: np.ndarray,
    headings: np.ndarray,
    rng: np.random.Generator,
    view_px: int = 64,
    smooth: int = 1,
) -> GroundViews:
    """Take a ground photo of each spot.

    Args:
        labels: Land classes, uint8 [H, W].
        gsd_m: Size of a cell, m.
        rows: Cell row of each spot, int [N]; likewise `cols`.
        cols: Cell column of each spot.
        headings: Wished view directions, rad clockwise from north (up), [N]. The photographer turns where the wished
            direction would hardly show the spot's class, and looks about along roads, tracks, railways and rivers.
        rng: Source of chance; the same state gives the same photos.
        view_px: Side of the photos, px.
        smooth: Rays for each pixel and axis; 2 gives smoother edges at four times the cost.

    Raises:
        UsageError: A spot lies outside the map, or the arrays differ in length.
    """
    rows, cols = np.atleast_1d(np.asarray(rows, np.int64)), np.atleast_1d(np.asarray(cols, np.int64))
    headings = np.atleast_1d(np.asarray(headings, np.float64))
    if not len(rows) == len(cols) == len(headings):
        raise UsageError(f"{len(rows)} rows, {len(cols)} columns and {len(headings)} headings do not make pairs")
    if len(rows) and (min(rows.min(), cols.min()) < 0 or rows.max() >= labels.shape[0] or cols.max() >= labels.shape[1]):
        raise UsageError(f"a spot lies outside the map of {labels.shape[0]} by {labels.shape[1]} cells")
    ground = Ground(labels, float(gsd_m))
    edge = _pool_edge(ground) if (labels[rows, cols] == LABEL["pool"]).any() else None
    parts = [
        _photograph_chunk(ground, edge, (rows[k : k + _CHUNK], cols[k : k + _CHUNK], headings[k : k + _CHUNK]), rng, view_px, smooth)
        for k in range(0, len(rows), _CHUNK)
    ]
    if not parts:
        none = np.zeros(0, np.int64)
        return GroundViews(np.zeros((0, 3, view_px, view_px), np.uint8), none, none, (), (), ())
    return GroundViews(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("images", "subject", "neighbour")),
        *(sum((getattr(part, name) for part in parts), ()) for name in ("light", "season", "look")),
    )


def _photograph_chunk(
    ground: Ground,
    edge_m: np.ndarray | None,
    spots: tuple[np.ndarray, np.ndarray, np.ndarray],
    rng: np.random.Generator,
    view_px: int,
    smooth: int,
) -> GroundViews:
    cameras = place_cameras(ground, *spots, rng)
    mood = draw_moods(rng, len(cameras.x))
    canvas = _Canvas(ground, cameras, mood, view_px * smooth)
    _paint_sky(canvas)
    _paint_skyline(canvas)
    _paint_land(canvas, edge_m)
    things = stand_things(ground, cameras, mood, rng, edge_m)
    _draw_shadows(canvas, things)
    _draw_things(canvas, things)
    return GroundViews(
        images=_finish(canvas, rng, view_px),
        subject=cameras.subject,
        neighbour=_neighbours(canvas),
        light=tuple(LIGHTS[k] for k in mood.light),
        season=tuple(SEASONS[k] for k in mood.season),
        look=tuple(mood.words(view, int(label)) for view, label in enumerate(cameras.subject)),
    )


def render_views(
    labels: np.ndarray,
    gsd_m: float,
    rows: np.ndarray,
    cols: np.ndarray,
    headings: np.ndarray,
    rng: np.random.Generator,
    view_px: int = 64,
) -> np.ndarray:
    """Return only the pictures of `photograph`, uint8 [N, 3, view_px, view_px]."""
    return photograph(labels, gsd_m, rows, cols, headings, rng, view_px).images


def render_ground(
    labels: np.ndarray, gsd_m: float, row: int, col: int, heading_rad: float, rng: np.random.Generator, view_px: int = 64
) -> np.ndarray:
    """Return one ground view, uint8 [3, view_px, view_px]; the arguments as in `photograph`."""
    spot = (np.array([row]), np.array([col]), np.array([heading_rad]))
    return render_views(labels, gsd_m, *spot, rng, view_px)[0]
