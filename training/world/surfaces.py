"""What each land class looks like underfoot: procedural colours for points on the ground, in metric coordinates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from .classes import LABEL
from .moods import Mood

_TABLE_PX = 256
_FAR = 1e3  # a coordinate that says: there is no centre line here


@lru_cache(maxsize=1)
def _noise_tables() -> dict[str, np.ndarray]:
    """Tileable noise, unit variance: white, smooth (features of 8 texels), cloudy (all sizes)."""
    rng = np.random.default_rng(20240)
    frequency = np.fft.fftfreq(_TABLE_PX)
    radius = np.hypot(frequency[:, None], frequency[None, :])
    radius[0, 0] = 1.0
    shapes = {"white": np.ones_like(radius), "smooth": np.exp(-((radius * 9) ** 2)), "cloudy": radius**-1.4}
    tables = {}
    for name, shape in shapes.items():
        shape[0, 0] = 0.0
        table = np.fft.ifft2(np.fft.fft2(rng.standard_normal(radius.shape)) * shape).real
        tables[name] = np.clip(table / table.std(), -3, 3).astype(np.float32).ravel()
    return tables


def noise(kind: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Sample a noise table at texel coordinates (periodic), float32 like `x`."""
    column = np.floor(x).astype(np.int32) & (_TABLE_PX - 1)
    row = np.floor(y).astype(np.int32) & (_TABLE_PX - 1)
    return _noise_tables()[kind][row * _TABLE_PX + column]


@dataclass(frozen=True)
class Points:
    """Points on the ground, all [n], float32 unless said otherwise.

    Attributes:
        view: View of each point, int [n].
        column: Screen column of each point, int [n].
        row: Screen row of each point, int [n].
        x: Map coordinate, m, with an offset for each view; likewise `y`.
        y: Map coordinate, m.
        depth: Distance along the view direction, m.
        lateral: Offset to the right, m.
        fine: Width of a screen pixel on the ground across the view, m.
        deep: Length of a screen pixel on the ground along the view, m.
        along: Coordinate along the field's rows, m.
        across: Coordinate across the field's rows, m.
        line_along: Coordinate along the centre line of the road, track, railway or river, m.
        line_across: Signed distance from that centre line, m; 1000 where there is none.
        half_width: Half the width of that line, m.
        edge_m: Signed distance from the pool's edge, m, negative in the water; 1000 where unknown.
    """

    view: np.ndarray
    column: np.ndarray
    row: np.ndarray
    x: np.ndarray
    y: np.ndarray
    depth: np.ndarray
    lateral: np.ndarray
    fine: np.ndarray
    deep: np.ndarray
    along: np.ndarray
    across: np.ndarray
    line_along: np.ndarray
    line_across: np.ndarray
    half_width: np.ndarray
    edge_m: np.ndarray

    def take(self, index: np.ndarray) -> Points:
        """Return the points at `index`."""
        return Points(*(getattr(self, field.name)[index] for field in fields(self)))


@dataclass(frozen=True)
class Backdrop:
    """What stands behind and above: the picture so far, for reflections.

    Attributes:
        image: Float32 [V, P, P, 3], sky and skyline above the horizon.
        horizon: Screen row of the horizon, float32 [V].
    """

    image: np.ndarray
    horizon: np.ndarray


def _fade(feature_m: float, pixel_m: np.ndarray) -> np.ndarray:
    """How much of a texture's contrast a pixel of this size still shows."""
    return 1.0 / (1.0 + (pixel_m / feature_m) ** 2)


def _line(distance: np.ndarray, width: float | np.ndarray, pixel: np.ndarray) -> np.ndarray:
    """Coverage of a pixel by a stripe, given its distance from the stripe's middle, m."""
    return np.clip((width / 2 - np.abs(distance)) / pixel + 0.5, 0, 1) * np.minimum(1, width / pixel * 1.4)


def _mix(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return a + (b - a) * weight[:, None]


def _grain(p: Points, size_m: float, amount: float) -> np.ndarray:
    """Fine grain that fades with distance, as a factor [n, 1]."""
    return (1 + amount * noise("white", p.x / size_m, p.y / size_m) * _fade(size_m * 2, p.fine))[:, None]


def _blotches(p: Points, size_m: float) -> np.ndarray:
    """Smooth irregular patches, about -2..2, [n]."""
    return noise("cloudy", p.x * (8 / size_m), p.y * (8 / size_m))


def _grass(p: Points, m: Mood, base: np.ndarray) -> np.ndarray:
    colour = base * (1 + 0.10 * _blotches(p, 6.0))[:, None]
    start = m.dice[p.view, 7] * _TABLE_PX
    blades = noise("white", p.column + start, 0.3 * p.row + 3 * start) * np.minimum(1, 5 / p.depth)  # upright on screen
    return colour * (1 + 0.17 * blades[:, None]) * _grain(p, 0.08, 0.15)


def _meadow(p: Points, m: Mood) -> np.ndarray:
    base = m.palette[p.view, LABEL["meadow"]] * 0.7 + m.grass[p.view] * 0.3
    colour = _grass(p, m, base)
    petals = np.array([[0.98, 0.90, 0.25], [0.96, 0.96, 0.96], [0.85, 0.25, 0.30], [0.62, 0.45, 0.85]], np.float32)
    kind = petals[(m.dice[p.view, 0] * 4).astype(int)]
    many = np.where(m.season[p.view] < 2, m.dice[p.view, 1] * 1.1 - 0.1, -1)
    size = np.maximum(0.06, p.fine)
    bloom = noise("white", p.x / size, p.y / size * 0.6) > 2.6 - 1.2 * many
    return np.where((bloom & (many > 0))[:, None], kind, colour)


def _yard(p: Points, m: Mood) -> np.ndarray:
    """Ground beside and under a building: lawn or paving."""
    lawn = _grass(p, m, m.grass[p.view])
    stone = np.array([0.62, 0.60, 0.57], np.float32) * _grain(p, 0.1, 0.06)
    joints = np.maximum(_line((p.x % 0.8) - 0.4, 0.06, p.fine), _line((p.y % 0.8) - 0.4, 0.06, p.deep))
    return np.where((m.dice[p.view, 2] < 0.55)[:, None], lawn, stone * (1 - 0.25 * joints * _fade(0.5, p.deep))[:, None])


def _crops(p: Points, m: Mood) -> np.ndarray:
    label = LABEL["crops"]
    look = m.look[p.view, label]
    plant = m.palette[p.view, label] * (1 + 0.06 * _blotches(p, 9.0))[:, None]
    soil = m.palette[p.view, LABEL["soil"]] * _grain(p, 0.1, 0.12)
    spacing = 0.6 + 0.5 * m.dice[p.view, 3]
    pixel = p.fine + 0.25 * p.deep
    wave = np.cos(2 * np.pi * p.across / spacing)
    cover = np.choose(look, [0.25, 0.75, -0.35])
    row = np.clip((wave + cover) * 2.2 + 0.5 + 0.5 * noise("smooth", p.along * 20, p.across * 12), 0, 1)
    seen = _fade(0.5, pixel)
    row = row * seen + (1 - seen) * np.choose(look, [0.7, 0.95, 0.45])
    strips = np.sin(p.across * (2 * np.pi / 3.2)) * _fade(2.0, pixel)
    wheel = _line((p.across + 1e4) % 6.4 - 3.2, 0.4, pixel) * (look == 1)
    colour = _mix(soil, plant * (1 + 0.10 * strips)[:, None] * _grain(p, 0.07, 0.25), row)
    lit = 1 + 0.22 * np.sin(2 * np.pi * p.across / spacing) * seen
    return _mix(colour * lit[:, None], soil * 0.8, wheel * 0.8)


def _soil(p: Points, m: Mood) -> np.ndarray:
    base = m.palette[p.view, LABEL["soil"]]
    spacing = 0.5 + 0.7 * m.dice[p.view, 4]
    pixel = p.fine + 0.25 * p.deep
    wobble = 0.12 * noise("smooth", p.x * 8, p.y * 8)
    furrow = np.sin(2 * np.pi * (p.across / spacing + wobble)) * _fade(0.5, pixel)
    strips = np.sin(p.across * (2 * np.pi / 4.0)) * _fade(2.0, pixel)
    clods = noise("smooth", p.x * 40, p.y * 40) * _fade(0.25, p.deep)
    shade = 1 + (0.14 + 0.2 * m.dice[p.view, 5]) * furrow + 0.06 * strips + 0.17 * clods + 0.06 * _blotches(p, 12.0)
    return base * shade[:, None] * _grain(p, 0.06, 0.12)


def _sand(p: Points, m: Mood) -> np.ndarray:
    base = m.palette[p.view, LABEL["sand"]]
    wave_m = 0.25 + 0.35 * m.dice[p.view, 6]
    warp = 0.5 * noise("smooth", p.x * 5, p.y * 5) + 0.25 * noise("smooth", p.x * 13, p.y * 13)
    turned = p.depth + 0.25 * p.lateral
    ripple = np.sin(2 * np.pi * (turned / wave_m) + 2.2 * warp) * _fade(0.35, p.deep * 0.6)
    dune = noise("smooth", p.x * 0.9, p.y * 0.9)
    return base * (1 + 0.10 * ripple + 0.07 * dune)[:, None] * _grain(p, 0.05, 0.05)


def _asphalt(p: Points, base: np.ndarray) -> np.ndarray:
    patch = noise("cloudy", p.x * 2, p.y * 2)
    return base * (1 + 0.05 * patch)[:, None] * _grain(p, 0.05, 0.10)


def _road(p: Points, m: Mood) -> np.ndarray:
    colour = _asphalt(p, m.palette[p.view, LABEL["road"]])
    marks = m.dice[p.view, 0]
    paint = np.where((marks > 0.75)[:, None], [0.92, 0.74, 0.20], [0.93, 0.93, 0.91]).astype(np.float32)
    dash = np.where(marks < 0.7, ((p.line_along + 1e3) % 6.0 < 3.2), True)
    middle = _line(p.line_across, 0.22, p.fine) * dash
    side = _line(np.abs(p.line_across) - p.half_width + 0.35, 0.2, p.fine) * (m.dice[p.view, 1] < 0.8)
    cracks = _line(noise("smooth", p.x * 2.5, p.y * 2.5) - 0.2, 0.05, p.fine) * (m.dice[p.view, 2] < 0.3)
    colour = colour * (1 - 0.3 * cracks * _fade(0.3, p.fine))[:, None]
    return _mix(_mix(colour, paint, middle), np.float32(0.92), side)


def _track(p: Points, m: Mood) -> np.ndarray:
    dirt = m.palette[p.view, LABEL["track"]] * (1 + 0.09 * _blotches(p, 2.5))[:, None] * _grain(p, 0.06, 0.16)
    grass = _grass(p, m, m.grass[p.view])
    off = np.abs(p.line_across) + 0.10 * noise("smooth", p.line_along * 6, p.line_across * 3)
    known = np.abs(p.line_across) < _FAR / 2
    rut = np.clip((0.42 - np.abs(off - 0.85)) / (0.18 + p.fine), 0, 1)
    strip = np.clip((0.42 - off) / (0.16 + p.fine), 0, 1) * (m.dice[p.view, 3] < 0.75)
    verge = np.clip((off - np.minimum(1.7, p.half_width + 0.3)) / (0.3 + p.fine), 0, 1)
    colour = _mix(dirt, dirt * 0.74, rut * known * (0.4 + 0.6 * m.dice[p.view, 4]))
    return _mix(colour, grass, np.maximum(strip * 0.85, verge) * known)


def _railway(p: Points, m: Mood) -> np.ndarray:
    stones = m.palette[p.view, LABEL["railway"]] * _grain(p, 0.07, 0.30)
    known = np.abs(p.line_across) < _FAR / 2
    verge = _grass(p, m, m.grass[p.view] * 0.9)
    wide = (p.half_width > 3.4) & (m.dice[p.view, 5] < 0.7)
    second = np.where(m.dice[p.view, 6] < 0.5, 4.4, -4.4)
    off = np.where(wide & (np.abs(p.line_across - second) < np.abs(p.line_across)), p.line_across - second, p.line_across)
    wood = np.where((m.dice[p.view, 7] < 0.6)[:, None], [0.24, 0.18, 0.13], [0.70, 0.68, 0.65]).astype(np.float32)
    period = 0.66
    beam = ((p.line_along + 1e3) % period < 0.28).astype(np.float32)
    seen = _fade(0.4, p.deep)
    beam = (beam * seen + 0.42 * (1 - seen)) * (np.abs(off) < 1.25)
    colour = _mix(stones, wood, beam * known)
    gauge = np.abs(np.abs(off) - 0.74)
    colour = _mix(colour, np.float32([0.22, 0.15, 0.12]), _line(gauge, 0.24, p.fine) * known * 0.8)
    colour = _mix(colour, np.float32([0.86, 0.86, 0.88]), _line(gauge, 0.12, p.fine) * known)
    return _mix(colour, verge, np.clip((np.abs(off) - 2.3) / (0.4 + p.fine), 0, 1) * known * (~wide))


def _parking(p: Points, m: Mood) -> np.ndarray:
    colour = _asphalt(p, m.palette[p.view, LABEL["parking"]])
    bay = _line((p.across + 1e4 * 2.7) % 2.7 - 1.35, 0.16, p.fine) * ((p.along + 1e3 + 3.1) % 12.0 < 5.2)
    head = _line((p.along + 1e3 + 3.1) % 12.0 - 0.1, 0.2, p.deep)
    return _mix(colour, np.float32(0.92), np.maximum(bay, head * 0.8) * 0.95)


def _reflection(p: Points, back: Backdrop, ripple: np.ndarray) -> np.ndarray:
    last = back.image.shape[1] - 1
    row = np.clip(2 * back.horizon[p.view] - p.row - 1 + ripple, 0, np.maximum(back.horizon[p.view] - 1, 0))
    column = np.clip(p.column + ripple * 0.4, 0, last)
    return back.image[p.view, row.astype(np.int32), column.astype(np.int32)]


def _water(p: Points, m: Mood, back: Backdrop, base: np.ndarray, ripple: np.ndarray, calm: np.ndarray) -> np.ndarray:
    grazing = np.clip(0.22 + 0.55 * (1 - np.exp(-p.depth / 14.0)), 0, 0.8)
    rows = 0.10 * back.image.shape[1]
    mirror = _reflection(p, back, ripple * rows * (1 - calm) * np.minimum(1, 8 / p.depth))
    body = base * (1 + 0.06 * noise("smooth", p.x * 0.5, p.y * 0.5))[:, None] * m.lamp[p.view]
    colour = _mix(body, mirror, grazing * (1 - 0.25 * np.abs(ripple) * (1 - calm)))
    half = back.image.shape[1] / 2
    glint = np.exp(-((((p.column - half) / half - m.sun[p.view]) / 0.22) ** 2)) * (ripple > 0.7)
    sunny = np.isin(m.light[p.view], (0, 2))
    return _mix(colour * (1 + 0.10 * ripple * (1 - calm))[:, None], np.float32([1.0, 0.97, 0.9]), glint * sunny * 0.8)


def _lake(p: Points, m: Mood, back: Backdrop) -> np.ndarray:
    near = noise("smooth", p.x * 14, p.y * 14) * _fade(0.5, p.deep)
    far = noise("smooth", p.lateral * 1.2 + p.x, p.depth * 3.5)
    calm = m.dice[p.view, 8] ** 2
    return _water(p, m, back, m.palette[p.view, LABEL["lake"]], 0.6 * near + 0.5 * far, calm)


def _river(p: Points, m: Mood, back: Backdrop) -> np.ndarray:
    known = np.abs(p.line_across) < _FAR / 2
    along, across = np.where(known, p.line_along, p.y), np.where(known, p.line_across, p.x)
    streaks = noise("smooth", along * 1.6, across * 14) * _fade(0.6, p.fine)
    broken = noise("smooth", along * 6, across * 10) * _fade(0.6, p.deep)
    colour = _water(p, m, back, m.palette[p.view, LABEL["river"]], 0.8 * streaks + 0.4 * broken, np.zeros_like(streaks))
    foam = np.clip((streaks + 0.8 * broken - 2.3 + 0.9 * m.dice[p.view, 7]) * 1.4, 0, 0.85) * _fade(1.2, p.deep)
    return _mix(colour, np.float32([0.93, 0.95, 0.96]), foam)


def _pool(p: Points, m: Mood, back: Backdrop) -> np.ndarray:
    ripple = noise("smooth", p.x * 9, p.y * 9)
    colour = m.palette[p.view, LABEL["pool"]] * m.lamp[p.view]
    caustic = np.clip(1 - np.abs(noise("smooth", p.x * 11 + 3 * ripple, p.y * 11)) * 2.2, 0, 1) * _fade(0.35, p.deep)
    tiles = np.maximum(_line((p.x + 0.1 * ripple) % 0.7 - 0.35, 0.08, p.fine), _line(p.y % 0.7 - 0.35, 0.08, p.deep))
    colour = colour * (1 - 0.18 * tiles * _fade(0.5, p.deep))[:, None]
    colour = _mix(colour, np.float32([0.93, 1.0, 1.0]), 0.55 * caustic)
    mirror = _reflection(p, back, ripple * 2)
    colour = _mix(colour, mirror, np.clip(0.30 * (1 - np.exp(-p.depth / 12.0)), 0, 0.3))
    rim = np.clip((p.edge_m + 0.25) / (0.1 + p.fine), 0, 1) * (p.edge_m < _FAR / 2)
    return _mix(colour, np.float32([0.95, 0.95, 0.93]) * m.lamp[p.view], rim)


def deck(p: Points, m: Mood) -> np.ndarray:
    """Paving around a pool, [n, 3]."""
    stone = np.where((m.dice[p.view, 9] < 0.6)[:, None], [0.84, 0.80, 0.74], [0.66, 0.46, 0.32]).astype(np.float32)
    joints = np.maximum(_line(p.x % 0.6 - 0.3, 0.05, p.fine), _line(p.y % 0.6 - 0.3, 0.05, p.deep)) * _fade(0.5, p.deep)
    return stone * (1 - 0.2 * joints)[:, None] * _grain(p, 0.1, 0.05)


def _wetland(p: Points, m: Mood, back: Backdrop) -> np.ndarray:
    patches = noise("smooth", p.x * 2.2, p.y * 2.2) + 0.35 * noise("smooth", p.x * 9, p.y * 9)
    ripple = noise("smooth", p.x * 12, p.y * 12) * 0.4
    water = _water(p, m, back, m.palette[p.view, LABEL["wetland"]], ripple, np.full_like(ripple, 0.7))
    green = m.grass[p.view] * np.float32([0.72, 0.82, 0.6])
    sedge = _grass(p, m, green) * m.lamp[p.view]
    return _mix(water, sedge, np.clip((patches - 0.25 + 0.7 * m.dice[p.view, 6]) * 4, 0, 1))


def _forest(p: Points, m: Mood) -> np.ndarray:
    litter = m.palette[p.view, LABEL["forest"]] * _grain(p, 0.10, 0.30)
    moss = m.grass[p.view] * 0.62
    colour = _mix(litter, moss, np.clip(0.3 + 0.5 * _blotches(p, 4.0), 0, 1) * (m.season[p.view] < 2))
    dapple = np.clip(noise("smooth", p.x * 6, p.y * 6), -1, 1.5) * (m.light[p.view] == 0)
    return colour * (1.08 + 0.3 * dapple)[:, None]


def _orchard(p: Points, m: Mood) -> np.ndarray:
    grass = _grass(p, m, m.grass[p.view] * 0.6 + m.palette[p.view, LABEL["orchard"]] * 0.4)
    soil = m.palette[p.view, LABEL["soil"]] * _grain(p, 0.08, 0.15)
    bare = np.clip((0.8 - np.abs((p.across + 502.5) % 5.0 - 2.5)) / (0.3 + p.fine), 0, 1)
    return _mix(grass, soil, bare * 0.8 * (m.dice[p.view, 3] < 0.7))


def _shrubland(p: Points, m: Mood) -> np.ndarray:
    base = _mix(m.palette[p.view, LABEL["shrubland"]], m.grass[p.view], np.clip(0.35 + 0.4 * _blotches(p, 3.0), 0, 1))
    stones = noise("white", p.x / 0.12, p.y / 0.12) * _fade(0.15, p.fine)
    return base * (1 + 0.12 * stones)[:, None]


_DRY: dict[int, Callable[[Points, Mood], np.ndarray]] = {
    LABEL[name]: paint
    for name, paint in {
        "forest": _forest, "orchard": _orchard, "shrubland": _shrubland, "meadow": _meadow, "crops": _crops,
        "soil": _soil, "sand": _sand, "road": _road, "track": _track, "railway": _railway, "building": _yard,
        "parking": _parking,
    }.items()
}  # fmt: skip
_WET: dict[int, Callable[[Points, Mood, Backdrop], np.ndarray]] = {
    LABEL["lake"]: _lake, LABEL["river"]: _river, LABEL["pool"]: _pool, LABEL["wetland"]: _wetland,
}  # fmt: skip


def paint_ground(points: Points, labels: np.ndarray, mood: Mood, back: Backdrop) -> np.ndarray:
    """Return the lit colour of each ground point, float32 [n, 3], before haze.

    Args:
        points: The points, n of them.
        labels: Land class of each, int [n].
        mood: Light and palettes of the views.
        back: Sky and skyline, which water mirrors.
    """
    colours = np.empty((len(labels), 3), np.float32)
    for label in np.unique(labels):
        index = np.flatnonzero(labels == label)
        some = points.take(index)
        if int(label) in _WET:
            colours[index] = _WET[int(label)](some, mood, back)
        else:
            colours[index] = _DRY[int(label)](some, mood) * mood.lamp[some.view]
    return colours
