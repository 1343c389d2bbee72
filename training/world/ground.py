"""Ground-level views: what a person who stands somewhere on the label map would photograph.

A real perspective camera: each pixel below the horizon is cast on the label map and painted by `surfaces`; what stands
on the ground is drawn from far to near as upright pictures (`standing`, `billboards`); the sky, far hills and far woods
come first, and water mirrors them. Light, season and colours are drawn anew for each view (`moods`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt

from graft_plugin.errors import UsageError

from .billboards import draw_shadows, draw_things
from .cameras import Ground, place_cameras
from .canvas import Canvas, paint_land, paint_sky, paint_skyline
from .classes import CLASSES, LABEL
from .moods import LIGHTS, SEASONS, draw_moods
from .standing import stand_things

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


def _pool_edge(ground: Ground) -> np.ndarray | None:
    """Signed distance from the edge of pools, m, float32 [H, W], negative in the water."""
    pool = ground.labels == LABEL["pool"]
    if not pool.any():
        return None
    outside = distance_transform_edt(~pool) if not pool.all() else np.zeros(pool.shape)
    inside = distance_transform_edt(pool) if not pool.all() else np.full(pool.shape, 99.0)
    return ((np.where(pool, 0.5 - inside, outside - 0.5)) * ground.gsd_m).astype(np.float32)


def _neighbours(canvas: Canvas) -> np.ndarray:
    """The land class beside the subject that is plain to see, [V]; -1 where none covers 7 % of the view."""
    share = np.stack([(canvas.seen == label).mean((1, 2)) for label in range(len(CLASSES))], 1)
    share[np.arange(canvas.views), canvas.cameras.subject] = 0
    best = share.argmax(1)
    return np.where(share.max(1) >= 0.07, best, -1)


def _finish(canvas: Canvas, rng: np.random.Generator, view_px: int) -> np.ndarray:
    """Return the pictures as a camera gives them, uint8 [V, 3, P, P]."""
    step = canvas.px // view_px
    image = canvas.image.reshape(canvas.views, view_px, step, view_px, step, 3).mean((2, 4), dtype=np.float32)
    contrast = rng.uniform(0.85, 1.15, (canvas.views, 1, 1, 1)).astype(np.float32)
    image = (image - 0.45) * contrast + 0.45
    image += rng.standard_normal(image.shape, np.float32) * rng.uniform(0.0, 0.022, (canvas.views, 1, 1, 1)).astype(
        np.float32
    )
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
    if len(rows) and (
        min(rows.min(), cols.min()) < 0 or rows.max() >= labels.shape[0] or cols.max() >= labels.shape[1]
    ):
        raise UsageError(f"a spot lies outside the map of {labels.shape[0]} by {labels.shape[1]} cells")
    ground = Ground(labels, float(gsd_m))
    edge = _pool_edge(ground) if (labels[rows, cols] == LABEL["pool"]).any() else None
    parts = [
        _photograph_chunk(
            ground, edge, (rows[k : k + _CHUNK], cols[k : k + _CHUNK], headings[k : k + _CHUNK]), rng, view_px, smooth
        )
        for k in range(0, len(rows), _CHUNK)
    ]
    if not parts:
        none = np.zeros(0, np.int64)
        return GroundViews(np.zeros((0, 3, view_px, view_px), np.uint8), none, none, (), (), ())
    return GroundViews(
        images=np.concatenate([part.images for part in parts]),
        subject=np.concatenate([part.subject for part in parts]),
        neighbour=np.concatenate([part.neighbour for part in parts]),
        light=tuple(word for part in parts for word in part.light),
        season=tuple(word for part in parts for word in part.season),
        look=tuple(word for part in parts for word in part.look),
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
    canvas = Canvas(ground, cameras, mood, view_px * smooth)
    paint_sky(canvas)
    paint_skyline(canvas)
    paint_land(canvas, edge_m)
    things = stand_things(ground, cameras, mood, rng, edge_m)
    draw_shadows(canvas, things)
    draw_things(canvas, things)
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
    labels: np.ndarray,
    gsd_m: float,
    row: int,
    col: int,
    heading_rad: float,
    rng: np.random.Generator,
    view_px: int = 64,
) -> np.ndarray:
    """Return one ground view, uint8 [3, view_px, view_px]; the arguments as in `photograph`."""
    spot = (np.array([row]), np.array([col]), np.array([heading_rad]))
    return render_views(labels, gsd_m, *spot, rng, view_px)[0]
