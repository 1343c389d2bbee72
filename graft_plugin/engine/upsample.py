"""Guided upsampling of a heatmap: joint bilateral, with the image's own colours as the guide."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError

RADIUS_CELLS = 2
"""How far, in cells, a pixel looks; a caller who works block by block gives each block this margin."""
SIGMA_CELLS = 0.75
SIGMA_COLOUR = 20.0
"""Colour distance, in 8-bit levels over the three bands, at which a cell counts for 61 %."""
FLOOR = 1e-4
"""Weight that the spatial kernel keeps where no cell nearby resembles the pixel."""


def joint_bilateral_upsample(
    heat: NDArray[np.float32],
    rgb: NDArray[np.uint8],
    factor: int,
    *,
    sigma_cells: float = SIGMA_CELLS,
    sigma_colour: float = SIGMA_COLOUR,
    radius_cells: int = RADIUS_CELLS,
) -> NDArray[np.float32]:
    """Bring a heatmap to pixel resolution with its edges on the image's edges.

    S(p) = 1/k(p) Σ_q S(q) f(|p - q|) g(|I(p) - I(q)|), where q runs over the cells within `radius_cells` of the cell
    that holds p, f and g are Gaussians, I(p) is the pixel's colour and I(q) the mean colour of the cell (Kopf et al.
    take the colour of one pixel; the mean is steadier where a cell is 16 pixels wide).

    Source: Kopf, Cohen, Lischinski, Uyttendaele, "Joint bilateral upsampling", ACM TOG 26(3), 2007, equation 3.

    Args:
        heat: Scores [h, w] or [K, h, w] at cell resolution; NaN where invalid.
        rgb: Guide uint8 [3, h * factor, w * factor].
        factor: Pixels a cell.
        sigma_cells: Standard deviation of f in cells.
        sigma_colour: Standard deviation of g in 8-bit levels.
        radius_cells: Half width of the neighbourhood in cells.

    Returns:
        Scores float32 [(K,) h * factor, w * factor]; NaN in the pixels of invalid cells, which count for nothing
        elsewhere.

    Raises:
        UsageError: If the guide's size is not the heatmap's times `factor`.
    """
    h, w = heat.shape[-2:]
    if rgb.shape != (3, h * factor, w * factor):
        raise UsageError(f"the guide is {rgb.shape}, the heatmap needs (3, {h * factor}, {w * factor})")
    guide = rgb.reshape(3, h, factor, w, factor).astype(np.float32)
    pad = radius_cells
    planes = heat.reshape(-1, h, w)
    known = np.isfinite(planes)
    edges = ((0, 0), (pad, pad), (pad, pad))
    colour = np.pad(guide.mean(axis=(2, 4)), edges)
    values = np.pad(np.where(known, planes, 0.0).astype(np.float32), edges)
    counts = np.pad(known.astype(np.float32), edges)
    inside = (np.arange(factor, dtype=np.float32) + 0.5) / factor - 0.5  # the pixel's place in its cell, in cells

    total = np.zeros((len(planes), h, factor, w, factor), dtype=np.float32)
    norm = np.zeros_like(total)
    for dr in range(-pad, pad + 1):
        fr = np.exp(-((dr - inside) ** 2) / (2.0 * sigma_cells**2))
        for dc in range(-pad, pad + 1):
            fc = np.exp(-((dc - inside) ** 2) / (2.0 * sigma_cells**2))
            at = slice(None), slice(pad + dr, pad + dr + h), slice(pad + dc, pad + dc + w)
            weight = _colour_weight(guide, colour[at], sigma_colour) * (fr[:, None, None] * fc)
            for k in range(len(planes)):
                norm[k] += weight * counts[k][at[1:]][:, None, :, None]
                total[k] += weight * values[k][at[1:]][:, None, :, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        out = np.where(known[:, :, None, :, None], total / norm, np.float32(np.nan))
    return out.reshape(*heat.shape[:-2], h * factor, w * factor).astype(np.float32, copy=False)


def _colour_weight(guide: NDArray[np.float32], colour: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return exp(-|I(p) - I(q)|² / 2σ²) + `FLOOR`, float32 [h, f, w, f]."""
    distance: NDArray[Any] = np.zeros(guide.shape[1:], dtype=np.float32)
    for band in range(3):
        diff = guide[band] - colour[band][:, None, :, None]
        distance += diff * diff
    distance *= np.float32(-0.5 / sigma**2)
    return (np.exp(distance) + np.float32(FLOOR)).astype(np.float32, copy=False)
