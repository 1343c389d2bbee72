"""Where each ground photo is taken from: a perspective camera near the spot that it is a photo of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .classes import LABEL, NAMES

# Distance from the camera to the spot, m, and height of the camera, m, by class.
_BACK_M: dict[str, tuple[float, float]] = {
    "pool": (4.5, 8.5), "forest": (4.0, 14.0), "orchard": (3.0, 6.0), "building": (8.0, 13.5), "parking": (3.0, 6.0),
    "shrubland": (2.5, 5.0), "wetland": (2.2, 4.0),
}  # fmt: skip
_HEIGHT_M: dict[str, tuple[float, float]] = {
    "lake": (1.5, 2.6), "river": (2.2, 4.5), "pool": (1.7, 2.8), "parking": (1.7, 2.8), "wetland": (1.7, 2.6),
    "crops": (1.6, 2.3),
}  # fmt: skip
_LINE_M = {LABEL["river"]: 32.0, LABEL["road"]: 15.0, LABEL["track"]: 15.0, LABEL["railway"]: 15.0}
_PARKED_ASIDE = 0.9
_NO_STAND = [LABEL[name] for name in ("lake", "river", "pool", "wetland", "building")]


@dataclass(frozen=True)
class Lines:
    """Centre lines of roads, tracks, railways and rivers through the spots, as parabolas; all float [V].

    Attributes:
        x: Spot, m; likewise `y`.
        y: Spot, m.
        dx: Unit direction of the line; likewise `dy`.
        dy: Unit direction of the line.
        bend: Coefficients of the offset to the left, ``c0 + c1 u + c2 u^2``, [V, 3].
        reach: Length to each side over which the line is known, m.
        half_width: Half the width, m.
        known: Whether the spot lies on a line at all, bool.
    """

    x: np.ndarray
    y: np.ndarray
    dx: np.ndarray
    dy: np.ndarray
    bend: np.ndarray
    reach: np.ndarray
    half_width: np.ndarray
    known: np.ndarray

    def offset(self, view: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Offset of the centre line at `u` metres along it."""
        u = np.clip(u, -self.reach[view], self.reach[view])
        bend = self.bend[view]
        return bend[..., 0] + u * (bend[..., 1] + u * bend[..., 2])

    def locate(self, view: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (along, across) of map points, m."""
        rx, ry, dx, dy = x - self.x[view], y - self.y[view], self.dx[view], self.dy[view]
        along = rx * dx + ry * dy
        return along, -rx * dy + ry * dx - self.offset(view, along)

    def place(self, view: np.ndarray, along: np.ndarray, across: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the map points, m, at (along, across)."""
        off, dx, dy = across + self.offset(view, along), self.dx[view], self.dy[view]
        return self.x[view] + along * dx - off * dy, self.y[view] + along * dy + off * dx


@dataclass(frozen=True)
class Ground:
    """A label map in metres, x to the east and y to the south.

    Attributes:
        labels: uint8 [H, W].
        gsd_m: Size of a cell, m.
    """

    labels: np.ndarray
    gsd_m: float

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the labels at map points, m; outside the map it goes on as in a mirror."""
        height, width = self.labels.shape
        row, col = np.abs((y * (1 / self.gsd_m)).astype(np.int32)), np.abs((x * (1 / self.gsd_m)).astype(np.int32))
        row = np.maximum(np.minimum(row, 2 * height - 1 - row), 0)
        col = np.maximum(np.minimum(col, 2 * width - 1 - col), 0)
        return self.labels[row, col]


@dataclass(frozen=True)
class Cameras:
    """V cameras; all float32 [V] unless said otherwise.

    Attributes:
        subject: Land class of the spot, int.
        x: Position, m; likewise `y`.
        y: Position, m.
        sin: Sine of the heading, clockwise from north; likewise `cos`.
        cos: Cosine of the heading.
        height_m: Height above the ground.
        tan_half: Tangent of half the field of view.
        horizon: Row of the horizon as a share of the picture's height.
        back_m: Distance from the spot.
        turn: Direction of field rows against the view direction, rad.
        shift: Offset of the field rows, m.
        lines: Centre lines through the spots.
    """

    subject: np.ndarray
    x: np.ndarray
    y: np.ndarray
    sin: np.ndarray
    cos: np.ndarray
    height_m: np.ndarray
    tan_half: np.ndarray
    horizon: np.ndarray
    back_m: np.ndarray
    turn: np.ndarray
    shift: np.ndarray
    lines: Lines

    def to_map(self, view: np.ndarray, depth: np.ndarray, lateral: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the map points (x, y), m, at a depth ahead and an offset to the right."""
        s, c = self.sin[view], self.cos[view]
        return self.x[view] + depth * s + lateral * c, self.y[view] - depth * c + lateral * s

    def from_map(self, view: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (depth, lateral), m, of map points."""
        rx, ry, s, c = x - self.x[view], y - self.y[view], self.sin[view], self.cos[view]
        return rx * s - ry * c, rx * c + ry * s

    def rows(self, view: np.ndarray, depth: np.ndarray, lateral: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (along, across), m, in the frame of the field's rows."""
        c, s = np.cos(self.turn[view]), np.sin(self.turn[view])
        return depth * c + lateral * s, lateral * c - depth * s + self.shift[view]

    def unrow(self, view: np.ndarray, along: np.ndarray, across: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (depth, lateral), m, of points in the frame of the field's rows."""
        c, s, across = np.cos(self.turn[view]), np.sin(self.turn[view]), across - self.shift[view]
        return along * c - across * s, along * s + across * c


def _fit_lines(ground: Ground, subject: np.ndarray, x: np.ndarray, y: np.ndarray) -> Lines:
    reach = np.array([max(_LINE_M.get(int(s), 0.0), 2.5 * ground.gsd_m) for s in subject])
    steps = np.linspace(-1, 1, 31)
    oy, ox = (grid.ravel() for grid in np.meshgrid(steps, steps, indexing="ij"))
    px, py = ox * reach[:, None], oy * reach[:, None]
    same = ground.at(x[:, None] + px, y[:, None] + py) == subject[:, None]
    weight = same * np.exp(-1.5 * (ox**2 + oy**2)) + 1e-9
    weight /= weight.sum(1, keepdims=True)
    mx, my = (weight * px).sum(1), (weight * py).sum(1)
    cx, cy = px - mx[:, None], py - my[:, None]
    xx, yy, xy = (weight * cx * cx).sum(1), (weight * cy * cy).sum(1), (weight * cx * cy).sum(1)
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    root = np.hypot((xx - yy) / 2, xy)
    aspect = ((xx + yy) / 2 + root) / np.maximum((xx + yy) / 2 - root, 1e-6)
    dx, dy = np.cos(angle), np.sin(angle)
    u, w = px * dx[:, None] + py * dy[:, None], py * dx[:, None] - px * dy[:, None]
    scaled = u / reach[:, None]
    basis = np.stack([np.ones_like(scaled), scaled, scaled**2], -1)
    ridge = np.diag([1e-6, 1e-3, 4e-3])
    normal = np.einsum("vni,vn,vnj->vij", basis, weight, basis) + ridge
    right = np.einsum("vni,vn->vi", basis, weight * w)
    fit = np.linalg.solve(normal, right[..., None])[..., 0]
    spread = (weight * (w - np.einsum("vni,vi->vn", basis, fit)) ** 2).sum(1)
    half = np.maximum(np.sqrt(3 * spread), 0.5 * ground.gsd_m)
    linear = np.array([int(s) in _LINE_M for s in subject])
    known = linear & ((aspect > 2.2) | (subject != LABEL["river"]))
    return Lines(x, y, dx, dy, fit / reach[:, None] ** np.arange(3), reach * 0.8, half, known)


def _turn_to_subject(
    ground: Ground, subject: np.ndarray, x: np.ndarray, y: np.ndarray, heading: np.ndarray
) -> np.ndarray:
    """Keep the wished heading where the subject fills the view ahead; else take the best of eight."""
    reach = np.array([1.5, 4, 8, 14, 22, 32])
    turns = np.arange(8) * (np.pi / 4)
    angle = heading[:, None, None] + turns[:, None] + np.array([-0.35, 0, 0.35])
    px = x[:, None, None, None] + reach * np.sin(angle)[..., None]
    py = y[:, None, None, None] - reach * np.cos(angle)[..., None]
    score = (ground.at(px, py) == subject[:, None, None, None]).mean((2, 3))
    score[:, 0] += 0.25
    stand = np.array([9.0, 13.0])
    px = x[:, None, None] - stand * np.sin(angle[..., 1:2])
    py = y[:, None, None] + stand * np.cos(angle[..., 1:2])
    dry = ~np.isin(ground.at(px, py), _NO_STAND)
    score = np.where((subject == LABEL["building"])[:, None], dry.mean(2) + 0.01 * score, score)
    return heading + turns[score.argmax(1)]


def place_cameras(
    ground: Ground, rows: np.ndarray, cols: np.ndarray, headings: np.ndarray, rng: np.random.Generator
) -> Cameras:
    """Place a camera for each spot (cell row and column), with about the wished heading, rad clockwise from north.

    The camera steps back from the spot, and turns where the wished direction would show little of it; on roads, tracks,
    railways and rivers it looks about along them.
    """
    views = len(rows)
    x = (cols + rng.uniform(0.2, 0.8, views)) * ground.gsd_m
    y = (rows + rng.uniform(0.2, 0.8, views)) * ground.gsd_m
    subject = ground.labels[rows, cols].astype(np.int64)
    lines = _fit_lines(ground, subject, x, y)
    heading = _turn_to_subject(ground, subject, x, y, headings)
    axis = np.arctan2(lines.dx, -lines.dy)
    off = (headings - axis + np.pi) % (2 * np.pi) - np.pi
    axis = np.where(np.abs(off) > np.pi / 2, axis + np.pi, axis)
    off = (headings - axis + np.pi) % (2 * np.pi) - np.pi
    heading = np.where(lines.known, axis + 0.22 * off, heading)
    side = (
        rng.uniform(-0.5, 0.5, views) * np.where(subject == LABEL["river"], 1.7, 0.8) * np.minimum(lines.half_width, 8)
    )
    sx, sy = lines.place(np.arange(views), np.zeros(views), side)
    x, y = np.where(lines.known, sx, x), np.where(lines.known, sy, y)
    low, high = np.array([_BACK_M.get(NAMES[s], (2.2, 3.2)) for s in subject]).reshape(-1, 2).T
    back = rng.uniform(low, high)
    low, high = np.array([_HEIGHT_M.get(NAMES[s], (1.5, 1.9)) for s in subject]).reshape(-1, 2).T
    turn = rng.normal(0, 0.22, views)
    parked = subject == LABEL["parking"]
    turn = np.where(parked & (rng.random(views) > _PARKED_ASIDE), turn + np.pi / 2, turn)
    shift = np.where(subject == LABEL["orchard"], 2.5, rng.uniform(0, 10, views))
    sin, cos = np.sin(heading), np.cos(heading)
    height, tan_half = rng.uniform(low, high), np.tan(np.radians(rng.uniform(60, 75, views)) / 2)
    horizon = rng.uniform(0.32, 0.46, views)
    numbers = (x - back * sin, y + back * cos, sin, cos, height, tan_half, horizon, back, turn, shift)
    x, y, sin, cos, height, tan_half, horizon, back, turn, shift = np.stack(numbers).astype(np.float32)
    return Cameras(subject, x, y, sin, cos, height, tan_half, horizon, back, turn, shift, lines)
