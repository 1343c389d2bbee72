"""Points on the ground of a view, in metres, and the textures that all land classes are painted with."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from .moods import Mood

_TABLE_PX = 256
FAR = 1e3
"""A coordinate that says: there is no centre line, or no edge, here."""


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


def fade(feature_m: float, pixel_m: np.ndarray) -> np.ndarray:
    """How much of a texture's contrast a pixel of this size still shows."""
    return 1.0 / (1.0 + (pixel_m / feature_m) ** 2)


def stripe(distance: np.ndarray, width: float | np.ndarray, pixel: np.ndarray) -> np.ndarray:
    """Coverage of a pixel by a stripe, given its distance from the stripe's middle, m."""
    return np.clip((width / 2 - np.abs(distance)) / pixel + 0.5, 0, 1) * np.minimum(1, width / pixel * 1.4)


def mix(a: np.ndarray, b: np.ndarray | np.float32, weight: np.ndarray) -> np.ndarray:
    """Blend colours [n, 3] by a weight [n]."""
    return a + (b - a) * weight[:, None]


def grain(p: Points, size_m: float, amount: float) -> np.ndarray:
    """Fine grain that fades with distance, as a factor [n, 1]."""
    return (1 + amount * noise("white", p.x / size_m, p.y / size_m) * fade(size_m * 2, p.fine))[:, None]


def blotches(p: Points, size_m: float) -> np.ndarray:
    """Smooth irregular patches, about -2..2, [n]."""
    return noise("cloudy", p.x * (8 / size_m), p.y * (8 / size_m))


def grass(p: Points, m: Mood, base: np.ndarray) -> np.ndarray:
    """Grass of a base colour [n, 3], with blades near by."""
    colour = base * (1 + 0.10 * blotches(p, 6.0))[:, None]
    start = m.dice[p.view, 7] * _TABLE_PX
    blades = noise("white", p.column + start, 0.3 * p.row + 3 * start) * np.minimum(1, 5 / p.depth)  # upright on screen
    return colour * (1 + 0.17 * blades[:, None]) * grain(p, 0.08, 0.15)
