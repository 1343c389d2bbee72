"""Light, season and palette of each ground view, with the plain words for what a viewer would notice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .classes import CLASSES, LABEL

LIGHTS: tuple[str, ...] = ("sunny", "cloudy", "sunset", "misty")
SEASONS: tuple[str, ...] = ("spring", "summer", "autumn", "winter")

_SKY_TOP = np.array([[0.24, 0.46, 0.84], [0.58, 0.61, 0.67], [0.36, 0.38, 0.62], [0.74, 0.77, 0.80]], np.float32)
_SKY_LOW = np.array([[0.72, 0.85, 0.96], [0.80, 0.82, 0.85], [1.00, 0.68, 0.38], [0.86, 0.88, 0.89]], np.float32)
_LIGHT = np.array([[1.08, 1.04, 0.96], [0.84, 0.87, 0.91], [1.02, 0.80, 0.58], [0.90, 0.92, 0.94]], np.float32)
_HAZE_M = np.array([500.0, 350.0, 300.0, 75.0], np.float32)

_GRASS = {
    "spring": ((0.32, 0.52, 0.16), (0.44, 0.62, 0.22)),
    "summer": ((0.32, 0.46, 0.16), (0.62, 0.56, 0.30)),
    "autumn": ((0.42, 0.44, 0.20), (0.60, 0.50, 0.28)),
    "winter": ((0.42, 0.43, 0.26), (0.56, 0.50, 0.36)),
}
_LEAVES = {
    "spring": ((0.34, 0.58, 0.16), (0.50, 0.72, 0.26)),
    "summer": ((0.14, 0.38, 0.10), (0.34, 0.54, 0.20)),
    "autumn": ((0.62, 0.24, 0.08), (0.92, 0.66, 0.16)),
    "winter": ((0.16, 0.34, 0.18), (0.26, 0.42, 0.22)),
}

# The looks of each class: (word, darkest colour, brightest colour). An empty word: nothing that one would mention.
_Look = tuple[str, tuple[float, float, float], tuple[float, float, float]]
_FRESH_WATER: tuple[_Look, ...] = (
    ("blue", (0.08, 0.24, 0.40), (0.20, 0.44, 0.60)),
    ("clear", (0.10, 0.30, 0.34), (0.24, 0.48, 0.50)),
    ("green", (0.16, 0.28, 0.10), (0.34, 0.46, 0.20)),
    ("muddy", (0.36, 0.27, 0.16), (0.56, 0.46, 0.32)),
    ("dark", (0.03, 0.06, 0.08), (0.10, 0.14, 0.16)),
)
LOOKS: dict[str, tuple[_Look, ...]] = {
    "lake": _FRESH_WATER,
    "river": _FRESH_WATER,
    "pool": (("blue", (0.16, 0.58, 0.84), (0.30, 0.74, 0.96)), ("turquoise", (0.20, 0.76, 0.80), (0.42, 0.92, 0.90))),
    "wetland": (("", (0.06, 0.10, 0.10), (0.18, 0.22, 0.18)),),
    "forest": (("", (0.20, 0.17, 0.10), (0.38, 0.32, 0.18)),),
    "orchard": (("", (0.30, 0.42, 0.16), (0.46, 0.54, 0.24)),),
    "shrubland": (("", (0.46, 0.40, 0.24), (0.68, 0.58, 0.38)),),
    "meadow": (("green", (0.28, 0.46, 0.14), (0.44, 0.62, 0.24)), ("dry", (0.56, 0.50, 0.26), (0.76, 0.68, 0.42))),
    "crops": (
        ("green", (0.20, 0.44, 0.12), (0.42, 0.60, 0.22)),
        ("ripe", (0.70, 0.54, 0.20), (0.90, 0.74, 0.36)),
        ("young", (0.34, 0.56, 0.18), (0.50, 0.70, 0.28)),
    ),
    "soil": (
        ("brown", (0.30, 0.20, 0.12), (0.48, 0.34, 0.22)),
        ("dark", (0.16, 0.12, 0.09), (0.26, 0.20, 0.15)),
        ("red", (0.46, 0.22, 0.12), (0.62, 0.34, 0.20)),
        ("pale", (0.54, 0.46, 0.36), (0.66, 0.58, 0.46)),
    ),
    "sand": (
        ("yellow", (0.82, 0.70, 0.42), (0.94, 0.82, 0.56)),
        ("white", (0.88, 0.85, 0.78), (0.97, 0.95, 0.90)),
        ("pale", (0.80, 0.72, 0.56), (0.90, 0.82, 0.68)),
    ),
    "road": (("grey", (0.38, 0.38, 0.39), (0.54, 0.54, 0.54)), ("dark", (0.20, 0.20, 0.22), (0.32, 0.32, 0.34))),
    "track": (
        ("brown", (0.42, 0.31, 0.20), (0.58, 0.45, 0.31)),
        ("sandy", (0.66, 0.56, 0.40), (0.80, 0.70, 0.54)),
        ("red", (0.54, 0.29, 0.18), (0.66, 0.40, 0.26)),
        ("gravel", (0.54, 0.52, 0.48), (0.70, 0.68, 0.64)),
    ),
    "railway": (("", (0.36, 0.33, 0.30), (0.56, 0.52, 0.48)),),
    "building": (
        ("white", (0.86, 0.85, 0.82), (0.98, 0.97, 0.94)),
        ("brick", (0.54, 0.26, 0.18), (0.70, 0.38, 0.28)),
        ("yellow", (0.84, 0.70, 0.40), (0.94, 0.82, 0.54)),
        ("grey", (0.54, 0.55, 0.56), (0.70, 0.70, 0.72)),
        ("wooden", (0.40, 0.27, 0.17), (0.56, 0.40, 0.27)),
        ("red", (0.58, 0.16, 0.13), (0.72, 0.26, 0.20)),
    ),
    "parking": (("", (0.28, 0.28, 0.30), (0.48, 0.48, 0.49)),),
}


@dataclass(frozen=True)
class Mood:
    """What each of V views looks like.

    Attributes:
        light: Index into `LIGHTS`, [V].
        season: Index into `SEASONS`, [V].
        sky_top: Colour overhead, float32 [V, 3] in 0..1; likewise `sky_low` at the horizon.
        sky_low: Colour at the horizon and of the haze.
        lamp: Factor on colours from the light, float32 [V, 3].
        haze_m: Distance at which haze covers 63 %, float32 [V].
        sun: Lateral position of the sun, in units of the view's half width, float32 [V].
        clouds: Cloud cover, 0..1, float32 [V].
        look: Index into ``LOOKS[class]`` of each class, [V, classes].
        palette: Main colour of each class, float32 [V, classes, 3].
        grass: Colour of grass, float32 [V, 3].
        leaves: Darkest and brightest foliage, float32 [V, 2, 3].
        dice: Uniform numbers for free use, float32 [V, 12].
    """

    light: np.ndarray
    season: np.ndarray
    sky_top: np.ndarray
    sky_low: np.ndarray
    lamp: np.ndarray
    haze_m: np.ndarray
    sun: np.ndarray
    clouds: np.ndarray
    look: np.ndarray
    palette: np.ndarray
    grass: np.ndarray
    leaves: np.ndarray
    dice: np.ndarray

    def words(self, view: int, label: int) -> str:
        """Return the word for a class's look in a view; empty where there is none."""
        return LOOKS[CLASSES[label].name][self.look[view, label]][0]


def rgb(red: float, green: float, blue: float) -> np.ndarray:
    """Return a colour, float32 [3] in 0..1."""
    return np.array([red, green, blue], np.float32)


def _range(table: dict[str, tuple], season: np.ndarray) -> np.ndarray:
    return np.array([table[name] for name in SEASONS], np.float32)[season]


def _between(rng: np.random.Generator, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    mix = rng.random((*low.shape[:-1], 1), np.float32)
    return low + (high - low) * mix + rng.normal(0, 0.015, low.shape).astype(np.float32)


def draw_moods(rng: np.random.Generator, views: int) -> Mood:
    """Draw light, season and palettes for `views` views, independently."""
    light = rng.choice(4, views, p=[0.52, 0.26, 0.12, 0.10])
    season = rng.choice(4, views, p=[0.27, 0.35, 0.23, 0.15])
    tint = rng.normal(1, 0.04, (views, 3)).astype(np.float32)
    exposure = rng.uniform(0.82, 1.14, (views, 1)).astype(np.float32)
    look = np.zeros((views, len(CLASSES)), np.int64)
    palette = np.zeros((views, len(CLASSES), 3), np.float32)
    for name, looks in LOOKS.items():
        label = LABEL[name]
        look[:, label] = rng.integers(0, len(looks), views)
        ends = np.array([[low, high] for _, low, high in looks], np.float32)[look[:, label]]
        palette[:, label] = _between(rng, ends[:, 0], ends[:, 1])
    grass = _range(_GRASS, season)
    clouds = np.where(light == 1, rng.uniform(0.6, 1, views), rng.uniform(0, 0.75, views))
    return Mood(
        light=light,
        season=season,
        sky_top=np.clip(_SKY_TOP[light] * tint * exposure, 0, 1),
        sky_low=np.clip(_SKY_LOW[light] * tint * exposure, 0, 1),
        lamp=_LIGHT[light] * tint * exposure,
        haze_m=_HAZE_M[light] * rng.uniform(0.6, 1.8, views).astype(np.float32),
        sun=rng.uniform(-1.5, 1.5, views).astype(np.float32),
        clouds=clouds.astype(np.float32),
        look=look,
        palette=np.clip(palette, 0.02, 1),
        grass=np.clip(_between(rng, grass[:, 0], grass[:, 1]), 0, 1),
        leaves=_range(_LEAVES, season),
        dice=rng.random((views, 12), np.float32),
    )
