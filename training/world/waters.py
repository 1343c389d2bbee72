"""What water looks like from the shore: ripples, currents, tiles, glints, and the mirrored sky and woods."""

from __future__ import annotations

import numpy as np

from .classes import LABEL
from .moods import Mood, rgb
from .textures import FAR, Backdrop, Points, fade, grain, grass, mix, noise, stripe


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
    colour = mix(body, mirror, grazing * (1 - 0.25 * np.abs(ripple) * (1 - calm)))
    half = back.image.shape[1] / 2
    glint = np.exp(-((((p.column - half) / half - m.sun[p.view]) / 0.22) ** 2)) * (ripple > 0.7)
    sunny = np.isin(m.light[p.view], (0, 2))
    return mix(colour * (1 + 0.10 * ripple * (1 - calm))[:, None], rgb(1.0, 0.97, 0.9), glint * sunny * 0.8)


def lake(p: Points, m: Mood, back: Backdrop) -> np.ndarray:
    """Still water with small waves, lit, [n, 3]."""
    near = noise("smooth", p.x * 14, p.y * 14) * fade(0.5, p.deep)
    far = noise("smooth", p.lateral * 1.2 + p.x, p.depth * 3.5)
    calm = m.dice[p.view, 8] ** 2
    return _water(p, m, back, m.palette[p.view, LABEL["lake"]], 0.6 * near + 0.5 * far, calm)


def river(p: Points, m: Mood, back: Backdrop) -> np.ndarray:
    """Flowing water with streaks and foam along the current, lit, [n, 3]."""
    known = np.abs(p.line_across) < FAR / 2
    drift = (m.dice[p.view, 6] - 0.5) * 1.6  # where no bank shows the way, about along the view
    along = np.where(known, p.line_along, p.depth + drift * p.lateral)
    across = np.where(known, p.line_across, p.lateral - drift * p.depth)
    streaks = noise("smooth", along * 1.6, across * 14) * fade(0.6, p.fine)
    broken = noise("smooth", along * 6, across * 10) * fade(0.6, p.deep)
    colour = _water(p, m, back, m.palette[p.view, LABEL["river"]], 0.8 * streaks + 0.4 * broken, np.zeros_like(streaks))
    foam = np.clip((streaks + 0.8 * broken - 2.0 + 0.9 * m.dice[p.view, 7]) * 1.4, 0, 0.85) * fade(1.2, p.deep)
    return mix(colour, rgb(0.93, 0.95, 0.96), foam)


def pool(p: Points, m: Mood, back: Backdrop) -> np.ndarray:
    """Clear water over tiles, with a pale rim, lit, [n, 3]."""
    ripple = noise("smooth", p.x * 9, p.y * 9)
    colour = m.palette[p.view, LABEL["pool"]] * m.lamp[p.view]
    caustic = np.clip(1 - np.abs(noise("smooth", p.x * 11 + 3 * ripple, p.y * 11)) * 2.2, 0, 1) * fade(0.35, p.deep)
    tiles = np.maximum(stripe((p.x + 0.1 * ripple) % 0.7 - 0.35, 0.08, p.fine), stripe(p.y % 0.7 - 0.35, 0.08, p.deep))
    colour = colour * (1 - 0.18 * tiles * fade(0.5, p.deep))[:, None]
    colour = mix(colour, rgb(0.93, 1.0, 1.0), 0.55 * caustic)
    mirror = _reflection(p, back, ripple * 2)
    colour = mix(colour, mirror, np.clip(0.30 * (1 - np.exp(-p.depth / 12.0)), 0, 0.3))
    rim = np.clip((p.edge_m + 0.25) / (0.1 + p.fine), 0, 1) * (p.edge_m < FAR / 2)
    return mix(colour, rgb(0.95, 0.95, 0.93) * m.lamp[p.view], rim)


def deck(p: Points, m: Mood) -> np.ndarray:
    """Paving around a pool, [n, 3]."""
    stone = np.where((m.dice[p.view, 9] < 0.6)[:, None], [0.84, 0.80, 0.74], [0.66, 0.46, 0.32]).astype(np.float32)
    joints = np.maximum(stripe(p.x % 0.6 - 0.3, 0.05, p.fine), stripe(p.y % 0.6 - 0.3, 0.05, p.deep)) * fade(
        0.5, p.deep
    )
    return stone * (1 - 0.2 * joints)[:, None] * grain(p, 0.1, 0.05)


def wetland(p: Points, m: Mood, back: Backdrop) -> np.ndarray:
    """Dark pools between sedge, lit, [n, 3]."""
    patches = noise("smooth", p.x * 2.2, p.y * 2.2) + 0.35 * noise("smooth", p.x * 9, p.y * 9)
    ripple = noise("smooth", p.x * 12, p.y * 12) * 0.4
    water = _water(p, m, back, m.palette[p.view, LABEL["wetland"]], ripple, np.full_like(ripple, 0.7))
    green = m.grass[p.view] * rgb(0.72, 0.82, 0.6)
    sedge = grass(p, m, green) * m.lamp[p.view]
    return mix(water, sedge, np.clip((patches - 0.25 + 0.7 * m.dice[p.view, 6]) * 4, 0, 1))
