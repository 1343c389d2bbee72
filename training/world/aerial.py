"""The aerial view of a place: surfaces, relief, shadows, then the optics of an aircraft or a satellite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .aerial_palette import Place
from .aerial_surfaces import PAINTERS
from .classes import LABEL, NAMES
from .layout import Layout
from .noise import Field, band_noise

LookName = Literal["plain", "varied"]


@dataclass(frozen=True)
class Look:
    """How the light and the sensor treat a whole tile.

    Attributes:
        blur_px: Standard deviation of the point spread, pixels.
        coarsen: The sensor's own pixel in output pixels (an upsampled coarse image where > 1).
        haze: Share of veiling light, 0..1.
        haze_rgb: Its colour, 0..1.
        gain: Per-band gain.
        gamma: Tone exponent.
        noise: Sensor noise, 0..1.
        saturation: Colour saturation factor.
        sun_rad: Azimuth that the light comes from, array frame.
        shadow: Strength of cast shadows, 0..1.
    """

    blur_px: float
    coarsen: float
    haze: float
    haze_rgb: tuple[float, float, float]
    gain: tuple[float, float, float]
    gamma: float
    noise: float
    saturation: float
    sun_rad: float
    shadow: float


def draw_look(rng: np.random.Generator, look: LookName) -> Look:
    """Draw the light and the sensor: `plain` is a clear day and a sharp lens, `varied` is everything else."""
    sun = float(rng.uniform(0, 2 * np.pi))
    if look == "plain":
        return Look(0.5, 1.0, 0.03, (0.7, 0.75, 0.85), (1.0, 1.0, 1.0), 1.0, 0.003, 1.0, sun, 0.5)
    cast = rng.normal(0, 0.02, 3) + rng.normal(0, 0.07)
    return Look(
        blur_px=float(rng.choice([0.0, rng.uniform(0.3, 0.8), rng.uniform(0.8, 1.6)], p=[0.3, 0.55, 0.15])),
        coarsen=float(rng.choice([1.0, rng.uniform(1.3, 2.2), rng.uniform(2.2, 3.0)], p=[0.55, 0.4, 0.05])),
        haze=float(rng.choice([rng.uniform(0, 0.1), rng.uniform(0.1, 0.25)], p=[0.75, 0.25])),
        haze_rgb=tuple(np.clip(rng.normal([0.66, 0.72, 0.8], 0.05), 0, 1).tolist()),
        gain=tuple(np.exp(cast).tolist()),
        gamma=float(np.exp(rng.normal(0, 0.1))),
        noise=float(rng.choice([rng.uniform(0, 0.003), rng.uniform(0.003, 0.01)], p=[0.85, 0.15])),
        saturation=float(np.exp(rng.normal(0, 0.14))),
        sun_rad=sun,
        shadow=float(rng.uniform(0.2, 0.75)),
    )


def _heights(layout: Layout, rng: np.random.Generator) -> Field:
    """Metres above ground, for cast shadows. float32 [H, W]."""
    height = np.zeros(layout.labels.shape, np.float32)
    for name, metres in (("forest", rng.uniform(5, 16)), ("orchard", 3.0), ("shrubland", 0.8)):
        height[layout.labels == LABEL[name]] = metres
    roofs = layout.labels == LABEL["building"]
    if roofs.any() and layout.roof_heights_m:
        height[roofs] = np.mean(layout.roof_heights_m)
    return height


def _cast_shadows(rgb: Field, layout: Layout, look: Look, rng: np.random.Generator) -> None:
    """Darken what lies behind high things, seen from the sun."""
    height = _heights(layout, rng)
    slope = float(rng.uniform(0.5, 1.6))
    shade = np.zeros(height.shape, np.float32)
    step_m = max(layout.gsd_m, 1.0)
    for k in range(1, 9):
        distance = k * step_m
        moved = ndimage.shift(
            height,
            (distance / layout.gsd_m * np.sin(look.sun_rad), distance / layout.gsd_m * np.cos(look.sun_rad)),
            order=0,
            mode="nearest",
        )
        shade = np.maximum(shade, (moved - distance / slope > height + 0.5).astype(np.float32))
    if shade.any():
        soft = ndimage.gaussian_filter(shade, 0.6)
        rgb *= 1 - np.float32(look.shadow) * soft[..., None] * np.array([1.0, 0.95, 0.85], np.float32)


def _resample(rgb: Field, coarsen: float) -> Field:
    """Average to a coarser pixel and come back smoothly, as an upsampled coarse image does."""
    size = rgb.shape[0]
    small_px = max(8, round(size / coarsen))
    zoom = small_px / size
    low = ndimage.gaussian_filter(rgb, (0.42 * coarsen, 0.42 * coarsen, 0))
    grid = (np.arange(small_px) + 0.5) / zoom - 0.5
    index = np.clip(np.round(grid).astype(int), 0, size - 1)
    small = low[index][:, index]
    back = (np.arange(size) + 0.5) * zoom - 0.5
    i0 = np.clip(np.floor(back).astype(int), 0, small_px - 2)
    t = np.clip(back - i0, 0, 1).astype(np.float32)
    rows = small[i0] * (1 - t)[:, None, None] + small[i0 + 1] * t[:, None, None]
    return rows[:, i0] * (1 - t)[None, :, None] + rows[:, i0 + 1] * t[None, :, None]


def _sense(rgb: Field, look: Look, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Apply haze, optics, tone and noise. rgb float32 [H, W, 3] in 0..1 → uint8 [3, H, W]."""
    size = rgb.shape[0]
    if look.blur_px > 0.2:
        rgb = ndimage.gaussian_filter(rgb, (look.blur_px, look.blur_px, 0))
    if look.coarsen > 1.2:
        rgb = _resample(rgb, look.coarsen)
    grey = rgb.mean(-1, keepdims=True)
    rgb = grey + (rgb - grey) * np.float32(look.saturation)
    veil = look.haze * (1 + 0.15 * band_noise(rng, size, 320.0))[..., None]
    rgb = rgb * (1 - veil) + veil * np.array(look.haze_rgb, np.float32)
    rgb = np.clip(rgb * np.array(look.gain, np.float32), 1e-4, 1) ** np.float32(look.gamma)
    rgb = rgb + np.float32(look.noise) * rng.standard_normal(rgb.shape, dtype=np.float32)
    return np.ascontiguousarray((np.clip(rgb, 0, 1) * 255 + 0.5).astype(np.uint8).transpose(2, 0, 1))


def render_aerial(layout: Layout, rng: np.random.Generator, look: LookName = "varied") -> NDArray[np.uint8]:
    """Render the view from above.

    Args:
        layout: The place.
        rng: The source of randomness: colours, seasons, light and sensor.
        look: `plain` (usual colours, clear and sharp) or `varied` (wide palettes, haze, blur, coarse pixels).

    Returns:
        uint8 [3, H, W], red, green, blue.
    """
    seen = draw_look(rng, look)
    size = layout.labels.shape[0]
    rgb = np.zeros((size, size, 3), np.float32)
    place = Place(layout, seen.sun_rad, look == "varied")
    for parcel in np.unique(layout.parcels):
        mask = layout.parcels == parcel
        for label in np.unique(layout.labels[mask]):
            part = mask & (layout.labels == label)
            PAINTERS[NAMES[label]](rgb, part, int(parcel), place, rng)
    _cast_shadows(rgb, layout, seen, rng)
    light = 1 + 0.04 * band_noise(rng, size, 224.0)
    return _sense(np.clip(rgb * light[..., None], 0, 1), seen, rng)
