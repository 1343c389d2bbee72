"""What each land class looks like underfoot: procedural colours for points on the ground, in metric coordinates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .classes import LABEL
from .moods import Mood, rgb
from .textures import FAR, Backdrop, Points, blotches, fade, grain, grass, mix, noise, stripe
from .waters import lake, pool, river, wetland


def _meadow(p: Points, m: Mood) -> np.ndarray:
    base = m.palette[p.view, LABEL["meadow"]] * 0.7 + m.grass[p.view] * 0.3
    colour = grass(p, m, base)
    petals = np.array([[0.98, 0.90, 0.25], [0.96, 0.96, 0.96], [0.85, 0.25, 0.30], [0.62, 0.45, 0.85]], np.float32)
    kind = petals[(m.dice[p.view, 0] * 4).astype(int)]
    many = np.where(m.season[p.view] < 2, m.dice[p.view, 1] * 1.1 - 0.1, -1)
    size = np.maximum(0.06, p.fine)
    bloom = noise("white", p.x / size, p.y / size * 0.6) > 2.6 - 1.2 * many
    return np.where((bloom & (many > 0))[:, None], kind, colour)


def _yard(p: Points, m: Mood) -> np.ndarray:
    """Ground beside and under a building: lawn or paving."""
    lawn = grass(p, m, m.grass[p.view])
    stone = np.array([0.62, 0.60, 0.57], np.float32) * grain(p, 0.1, 0.06)
    joints = np.maximum(stripe((p.x % 0.8) - 0.4, 0.06, p.fine), stripe((p.y % 0.8) - 0.4, 0.06, p.deep))
    return np.where((m.dice[p.view, 2] < 0.4)[:, None], lawn, stone * (1 - 0.25 * joints * fade(0.5, p.deep))[:, None])


def _crops(p: Points, m: Mood) -> np.ndarray:
    label = LABEL["crops"]
    look = m.look[p.view, label]
    plant = m.palette[p.view, label] * (1 + 0.06 * blotches(p, 9.0))[:, None]
    soil = m.palette[p.view, LABEL["soil"]] * grain(p, 0.1, 0.12)
    spacing = 0.6 + 0.5 * m.dice[p.view, 3]
    pixel = p.fine + 0.25 * p.deep
    wave = np.cos(2 * np.pi * p.across / spacing)
    cover = np.choose(look, [0.25, 0.75, -0.35])
    row = np.clip((wave + cover) * 2.2 + 0.5 + 0.5 * noise("smooth", p.along * 20, p.across * 12), 0, 1)
    seen = fade(0.5, pixel)
    row = row * seen + (1 - seen) * np.choose(look, [0.7, 0.95, 0.45])
    strips = np.sin(p.across * (2 * np.pi / 3.2)) * fade(2.0, pixel)
    wheel = stripe((p.across + 1e4) % 6.4 - 3.2, 0.4, pixel) * (look == 1)
    colour = mix(soil, plant * (1 + 0.10 * strips)[:, None] * grain(p, 0.07, 0.25), row)
    lit = 1 + 0.22 * np.sin(2 * np.pi * p.across / spacing) * seen
    return mix(colour * lit[:, None], soil * 0.8, wheel * 0.8)


def _soil(p: Points, m: Mood) -> np.ndarray:
    base = m.palette[p.view, LABEL["soil"]]
    spacing = 0.5 + 0.7 * m.dice[p.view, 4]
    pixel = p.fine + 0.25 * p.deep
    wobble = 0.12 * noise("smooth", p.x * 8, p.y * 8)
    furrow = np.sin(2 * np.pi * (p.across / spacing + wobble)) * fade(0.5, pixel)
    strips = np.sin(p.across * (2 * np.pi / 4.0)) * fade(2.0, pixel)
    clods = noise("smooth", p.x * 40, p.y * 40) * fade(0.25, p.deep)
    shade = 1 + (0.14 + 0.2 * m.dice[p.view, 5]) * furrow + 0.06 * strips + 0.17 * clods + 0.06 * blotches(p, 12.0)
    return base * shade[:, None] * grain(p, 0.06, 0.12)


def _sand(p: Points, m: Mood) -> np.ndarray:
    base = m.palette[p.view, LABEL["sand"]]
    wave_m = 0.25 + 0.35 * m.dice[p.view, 6]
    warp = 0.5 * noise("smooth", p.x * 5, p.y * 5) + 0.25 * noise("smooth", p.x * 13, p.y * 13)
    turned = p.depth + 0.25 * p.lateral
    ripple = np.sin(2 * np.pi * (turned / wave_m) + 2.2 * warp) * fade(0.35, p.deep * 0.6)
    dune = noise("smooth", p.x * 0.9, p.y * 0.9)
    return base * (1 + 0.10 * ripple + 0.07 * dune)[:, None] * grain(p, 0.05, 0.05)


def _asphalt(p: Points, base: np.ndarray) -> np.ndarray:
    patch = noise("cloudy", p.x * 2, p.y * 2)
    return base * (1 + 0.05 * patch)[:, None] * grain(p, 0.05, 0.10)


def _road(p: Points, m: Mood) -> np.ndarray:
    colour = _asphalt(p, m.palette[p.view, LABEL["road"]])
    marks = m.dice[p.view, 0]
    paint = np.where((marks > 0.75)[:, None], [0.92, 0.74, 0.20], [0.93, 0.93, 0.91]).astype(np.float32)
    dash = np.where(marks < 0.7, ((p.line_along + 1e3) % 6.0 < 3.2), True)
    middle = stripe(p.line_across, 0.22, p.fine) * dash
    side = stripe(np.abs(p.line_across) - p.half_width + 0.35, 0.2, p.fine) * (m.dice[p.view, 1] < 0.8)
    cracks = stripe(noise("smooth", p.x * 2.5, p.y * 2.5) - 0.2, 0.05, p.fine) * (m.dice[p.view, 2] < 0.3)
    colour = colour * (1 - 0.3 * cracks * fade(0.3, p.fine))[:, None]
    return mix(mix(colour, paint, middle), np.float32(0.92), side)


def _track(p: Points, m: Mood) -> np.ndarray:
    dirt = m.palette[p.view, LABEL["track"]] * (1 + 0.09 * blotches(p, 2.5))[:, None] * grain(p, 0.06, 0.16)
    green = grass(p, m, m.grass[p.view])
    off = np.abs(p.line_across) + 0.10 * noise("smooth", p.line_along * 6, p.line_across * 3)
    known = np.abs(p.line_across) < FAR / 2
    rut = np.clip((0.42 - np.abs(off - 0.85)) / (0.18 + p.fine), 0, 1)
    strip = np.clip((0.42 - off) / (0.16 + p.fine), 0, 1) * (m.dice[p.view, 3] < 0.75)
    verge = np.clip((off - np.minimum(1.7, p.half_width + 0.3)) / (0.3 + p.fine), 0, 1)
    colour = mix(dirt, dirt * 0.74, rut * known * (0.4 + 0.6 * m.dice[p.view, 4]))
    return mix(colour, green, np.maximum(strip * 0.85, verge) * known)


def _railway(p: Points, m: Mood) -> np.ndarray:
    stones = m.palette[p.view, LABEL["railway"]] * grain(p, 0.07, 0.30)
    known = np.abs(p.line_across) < FAR / 2
    verge = grass(p, m, m.grass[p.view] * 0.9)
    wide = (p.half_width > 3.4) & (m.dice[p.view, 5] < 0.7)
    second = np.where(m.dice[p.view, 6] < 0.5, 4.4, -4.4)
    off = np.where(
        wide & (np.abs(p.line_across - second) < np.abs(p.line_across)), p.line_across - second, p.line_across
    )
    wood = np.where((m.dice[p.view, 7] < 0.6)[:, None], [0.24, 0.18, 0.13], [0.70, 0.68, 0.65]).astype(np.float32)
    period = 0.66
    beam = ((p.line_along + 1e3) % period < 0.28).astype(np.float32)
    seen = fade(0.4, p.deep)
    beam = (beam * seen + 0.42 * (1 - seen)) * (np.abs(off) < 1.25)
    colour = mix(stones, wood, beam * known)
    gauge = np.abs(np.abs(off) - 0.74)
    colour = mix(colour, rgb(0.22, 0.15, 0.12), stripe(gauge, 0.24, p.fine) * known * 0.8)
    colour = mix(colour, rgb(0.86, 0.86, 0.88), stripe(gauge, 0.12, p.fine) * known)
    return mix(colour, verge, np.clip((np.abs(off) - 2.3) / (0.4 + p.fine), 0, 1) * known * (~wide))


def _parking(p: Points, m: Mood) -> np.ndarray:
    colour = _asphalt(p, m.palette[p.view, LABEL["parking"]])
    bay = stripe((p.across + 1e4 * 2.7) % 2.7 - 1.35, 0.16, p.fine) * ((p.along + 1e3 + 3.1) % 12.0 < 5.2)
    head = stripe((p.along + 1e3 + 3.1) % 12.0 - 0.1, 0.2, p.deep)
    return mix(colour, np.float32(0.92), np.maximum(bay, head * 0.8) * 0.95)


def _forest(p: Points, m: Mood) -> np.ndarray:
    litter = m.palette[p.view, LABEL["forest"]] * grain(p, 0.10, 0.30)
    moss = m.grass[p.view] * 0.62
    colour = mix(litter, moss, np.clip(0.3 + 0.5 * blotches(p, 4.0), 0, 1) * (m.season[p.view] < 2))
    dapple = np.clip(noise("smooth", p.x * 6, p.y * 6), -1, 1.5) * (m.light[p.view] == 0)
    return colour * (1.08 + 0.3 * dapple)[:, None]


def _orchard(p: Points, m: Mood) -> np.ndarray:
    green = grass(p, m, m.grass[p.view] * 0.6 + m.palette[p.view, LABEL["orchard"]] * 0.4)
    soil = m.palette[p.view, LABEL["soil"]] * grain(p, 0.08, 0.15)
    bare = np.clip((0.8 - np.abs((p.across + 502.5) % 5.0 - 2.5)) / (0.3 + p.fine), 0, 1)
    return mix(green, soil, bare * 0.8 * (m.dice[p.view, 3] < 0.7))


def _shrubland(p: Points, m: Mood) -> np.ndarray:
    base = mix(m.palette[p.view, LABEL["shrubland"]], m.grass[p.view], np.clip(0.35 + 0.4 * blotches(p, 3.0), 0, 1))
    stones = noise("white", p.x / 0.12, p.y / 0.12) * fade(0.15, p.fine)
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
    LABEL["lake"]: lake, LABEL["river"]: river, LABEL["pool"]: pool, LABEL["wetland"]: wetland,
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
