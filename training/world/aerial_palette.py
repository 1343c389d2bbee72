"""Colour families of land seen from above, and the brushes that surfaces are painted with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .layout import Layout
from .noise import Field, band_noise, fractal_noise

Mask = NDArray[np.bool_]
RGB = tuple[float, float, float]
Family = list[tuple[float, RGB]]


@dataclass(frozen=True)
class Place:
    """What all surfaces of one tile share.

    Attributes:
        layout: The truth.
        sun_rad: Azimuth that the light comes from.
        varied: Whether palettes are wide.
    """

    layout: Layout
    sun_rad: float
    varied: bool


WATER: Family = [
    (3.0, (45, 62, 78)),  # clear, deep
    (2.0, (22, 32, 44)),  # dark
    (1.5, (14, 17, 20)),  # black, peaty
    (2.0, (38, 72, 78)),  # blue-green
    (1.2, (40, 78, 118)),  # blue
    (2.5, (66, 84, 50)),  # green
    (2.0, (84, 104, 78)),  # opaque grey-green, full of algae
    (2.0, (92, 112, 62)),  # algal
    (1.2, (112, 128, 98)),  # pale green, milky
    (1.5, (58, 92, 66)),  # opaque, the green of a sown field
    (1.2, (76, 108, 72)),  # the same, paler
    (1.0, (78, 128, 128)),  # turquoise
    (0.8, (128, 140, 146)),  # glint, sky mirrored
    (0.8, (70, 66, 52)),  # brown, humic
    (0.8, (112, 106, 86)),  # silty
]
RIVER: Family = [
    (3.0, (116, 108, 84)),  # silty
    (2.0, (148, 134, 104)),  # muddy
    (1.5, (92, 98, 84)),  # grey-green
    (1.0, (72, 78, 70)),  # grey
    (0.7, (58, 70, 72)),  # clear
]
GREEN: Family = [
    (3.0, (112, 126, 72)), (2.0, (100, 114, 64)), (1.5, (132, 136, 82)), (1.0, (122, 144, 80)), (0.8, (150, 144, 96)),
]  # fmt: skip
CROP: Family = [
    (3.0, (78, 116, 52)), (2.0, (52, 92, 42)), (1.5, (38, 72, 36)), (1.5, (100, 140, 62)), (1.5, (196, 174, 104)),
    (0.8, (208, 188, 126)), (0.4, (198, 188, 62)), (1.5, (62, 98, 60)), (1.5, (50, 84, 66)), (1.0, (92, 108, 78)),
]  # fmt: skip
SOIL: Family = [
    (3.0, (146, 116, 86)), (2.0, (112, 88, 66)), (1.5, (80, 64, 50)), (0.6, (56, 48, 40)), (1.5, (172, 142, 108)),
    (1.0, (164, 112, 80)), (0.6, (134, 122, 108)),
]  # fmt: skip
CANOPY: Family = [
    (3.0, (54, 76, 40)), (2.0, (38, 58, 32)), (1.5, (72, 92, 48)), (1.0, (30, 46, 32)), (1.0, (84, 96, 60)),
    (0.4, (124, 98, 54)), (0.4, (92, 112, 52)),
]  # fmt: skip
SAND: Family = [
    (3.0, (214, 196, 156)), (2.0, (232, 222, 200)), (1.0, (196, 170, 126)), (1.0, (242, 240, 234)),
    (1.0, (186, 176, 158)),
]  # fmt: skip
ASPHALT: Family = [
    (3.0, (112, 112, 112)), (2.0, (82, 82, 84)), (2.0, (148, 146, 142)), (1.0, (186, 182, 174)), (1.0, (60, 60, 64)),
]  # fmt: skip
ROOF: Family = [
    (2.0, (204, 202, 200)), (2.0, (228, 228, 226)), (2.5, (168, 90, 70)), (0.6, (124, 84, 66)), (1.0, (150, 150, 156)),
    (0.6, (92, 122, 158)),
]  # fmt: skip
POOL: Family = [(3.0, (86, 188, 208)), (1.5, (56, 148, 196)), (1.0, (122, 208, 206)), (0.5, (60, 130, 140))]
SHALLOWS: Family = [(2, (120, 116, 92)), (1, (92, 104, 76)), (1, (150, 146, 124)), (1, (84, 116, 110))]
BLOOM: Family = [(2, (96, 122, 56)), (1, (150, 138, 108)), (1, (120, 134, 96))]
REED: Family = [(2, (98, 108, 62)), (1.5, (128, 118, 76)), (1, (78, 92, 58)), (1, (150, 136, 94)), (1, (104, 92, 64))]
BALLAST: Family = [(2, (124, 112, 102)), (1, (96, 88, 82)), (1, (150, 142, 132)), (1, (112, 92, 78))]


def pick(rng: np.random.Generator, families: Family, place: Place, spread: float = 0.09) -> Field:
    """Draw a colour, float32 [3] in 0..1: the first of a family in the plain look, else somewhere between two of it."""
    if place.varied:
        weights = np.array([w for w, _ in families])
        one, other = rng.choice(len(families), 2, p=weights / weights.sum())
        t = np.float32(rng.choice([0.0, rng.random()]))
        base = np.array(families[one][1], np.float32) * (1 - t) + np.array(families[other][1], np.float32) * t
    else:
        base, spread = np.array(families[0][1], np.float32), 0.05
    tone = np.exp(rng.normal(0, spread) + rng.normal(0, spread * 0.4, 3))
    return np.clip(base / 255 * tone, 0, 1).astype(np.float32)


def skewed(rng: np.random.Generator, low: float, high: float) -> np.float32:
    """Draw a strength, evenly in its logarithm: faint ones are as common as strong ones."""
    return np.float32(np.exp(rng.uniform(np.log(low), np.log(high))))


def fade(place: Place, metres: float) -> float:
    """How much of a texture of this wavelength the pixel size leaves, 0..1."""
    return float(np.clip((metres / place.layout.gsd_m - 1.0) / 2.0, 0, 1))


def noise(rng: np.random.Generator, place: Place, metres: float) -> Field:
    """Noise of one wavelength in metres, unit variance where the pixel size can show it. float32 [H, W]."""
    return band_noise(rng, place.layout.labels.shape[0], float(np.clip(metres / place.layout.gsd_m, 0.3, 320)))


def leaves(rng: np.random.Generator, place: Place) -> Field:
    """The finest texture of standing plants at any pixel size, never as faint as that of water. float32 [H, W]."""
    fine, wider = (noise(rng, place, pixels * place.layout.gsd_m) for pixels in (2.5, 6.0))
    return (skewed(rng, 0.03, 0.07) * (fine + np.float32(rng.uniform(0.3, 0.8)) * wider)).astype(np.float32)


def cloudy(rng: np.random.Generator, place: Place, metres: float, octaves: int = 4) -> Field:
    """Noise of many wavelengths from `metres` down, unit variance. float32 [H, W]."""
    wavelength = float(np.clip(metres / place.layout.gsd_m, 1, 320))
    return fractal_noise(rng, place.layout.labels.shape[0], wavelength, octaves, 0.6)


def turned(place: Place, parcel: int) -> tuple[Field, Field]:
    """Metric coordinates along and across the parcel's rows, float32 [H, W] each."""
    size, gsd = place.layout.labels.shape[0], place.layout.gsd_m
    axis = (np.arange(size, dtype=np.float32) - size / 2) * np.float32(gsd)
    angle = place.layout.angles_rad[parcel]
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return axis[None, :] * c + axis[:, None] * s, axis[:, None] * c - axis[None, :] * s


def relief(place: Place, height: Field) -> Field:
    """Slope of a height field towards the sun. float32 [H, W]."""
    gy, gx = np.gradient(height)
    return (-(gy * np.sin(place.sun_rad) + gx * np.cos(place.sun_rad))).astype(np.float32)


def fill(rgb: Field, mask: Mask, colour: Field, tone: Field) -> None:
    """Paint `colour` times `tone` where `mask` holds."""
    rgb[mask] = colour * tone[mask][:, None]


def mix(rgb: Field, mask: Mask, weight: Field, colour: Field) -> None:
    """Blend `colour` in by `weight` where `mask` holds."""
    w = np.clip(weight[mask], 0, 1)[:, None]
    rgb[mask] = rgb[mask] * (1 - w) + colour * w


def row_pattern(place: Place, parcel: int, rng: np.random.Generator, period_m: float, sharp: float) -> Field:
    """Rows of a field, zero mean; what the pixel cannot resolve turns into faint streaks. float32 [H, W]."""
    _, across = turned(place, parcel)
    left = fade(place, period_m)
    wobble = 0.15 * period_m * noise(rng, place, 50.0)
    wave = np.sin((across + wobble) * np.float32(2 * np.pi / period_m))
    if sharp > 1:
        wave = np.tanh(sharp * wave)
    streak_m = max(rng.uniform(6, 18), 2.5 * place.layout.gsd_m)
    streaks = np.sin(across * np.float32(2 * np.pi / streak_m) + 2 * noise(rng, place, 100.0))
    return (left * wave + (1 - left) * 0.35 * streaks).astype(np.float32)
