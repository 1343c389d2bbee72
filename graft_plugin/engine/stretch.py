"""How pixel values become 8-bit colours, the same for every window of a layer, where the user says nothing else.

uint8 passes as it is. Sentinel-2 reflectance 0 to 0.3 becomes 0 to 255: the range that the Earth Engine catalogue shows
for COPERNICUS/S2 (GRAFT's Sentinel-2 tiles came from Earth Engine). Everything else goes from the 2nd to the 98th
percentile of each band, taken over the whole layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from .sensor import Sensor

Range = tuple[float, float]
Stretch = tuple[Range, Range, Range]

REFLECTANCE_RANGE: Range = (0.0, 0.3)
REFLECTANCE_SCALE = 10_000.0
BASELINE_OFFSET = 0.1
"""Since processing baseline 04.00 (2022-01) Sentinel-2 products hold (reflectance + 0.1) × 10,000."""
PERCENTILES = (2.0, 98.0)
MAX_PLAUSIBLE = 1e30
"""Values beyond are undeclared nodata (-3.4e38 and the like)."""


def choose_stretch(
    sensor: Sensor,
    dtype: str,
    sample: NDArray[np.floating],
    valid: NDArray[np.bool_],
    scales: tuple[float, float, float] = (1.0, 1.0, 1.0),
    offsets: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Optional[Stretch]:
    """Return the (low, high) stored values of red, green, blue that become 0 and 255; None for uint8.

    Args:
        sensor: The raster's sensor.
        dtype: numpy name of the stored type.
        sample: Decimated read of the whole layer, [3, h, w], stored values.
        valid: [h, w], which of them count.
        scales: GDAL's band scales: quantity = stored × scale + offset.
        offsets: GDAL's band offsets.
    """
    if dtype == "uint8":
        return None
    ranges = [_percentiles(band[valid]) for band in sample]
    if sensor == "sentinel2":
        ranges = _reflectance_ranges(ranges, scales, offsets)
    red, green, blue = ranges
    return red, green, blue


def as_stretch(pairs: Sequence[Range]) -> Stretch:
    """Return the user's own (low, high) of red, green and blue, checked.

    Raises:
        UsageError: There are not three, or one is empty.
    """
    if len(pairs) != 3 or not all(low < high for low, high in pairs):
        raise UsageError("the stretch must be three pairs of low and high", remedy="Its order is low, high.")
    red, green, blue = ((float(low), float(high)) for low, high in pairs)
    return red, green, blue


def apply_stretch(pixels: NDArray, stretch: Optional[Stretch]) -> NDArray[np.uint8]:
    """Return [3, h, w] stored values as uint8 colours; values that are not finite become 0."""
    if stretch is None and pixels.dtype == np.uint8:
        return pixels
    values = pixels.astype(np.float32)
    if stretch is not None:
        low = np.array([r[0] for r in stretch], np.float32)[:, None, None]
        high = np.array([r[1] for r in stretch], np.float32)[:, None, None]
        values = (values - low) * (np.float32(255) / (high - low))
    values = np.nan_to_num(values, nan=0.0, posinf=255.0, neginf=0.0)
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)


def _percentiles(values: NDArray[np.floating]) -> Range:
    values = values[np.isfinite(values) & (np.abs(values) < MAX_PLAUSIBLE)]
    if values.size == 0:
        return 0.0, 1.0
    low, high = (float(v) for v in np.percentile(values, PERCENTILES))
    return (low, high) if high > low else (low, low + max(1.0, abs(low) * 1e-3))


def _reflectance_ranges(ranges: list[Range], scales: tuple[float, ...], offsets: tuple[float, ...]) -> list[Range]:
    low, high = REFLECTANCE_RANGE
    if any(s not in (0.0, 1.0) for s in scales) or any(offsets):
        return [((low - o) / (s or 1.0), (high - o) / (s or 1.0)) for s, o in zip(scales, offsets)]
    unit = 1.0 if max(r[1] for r in ranges) <= 3.0 else REFLECTANCE_SCALE
    if min(r[0] for r in ranges) >= BASELINE_OFFSET * unit:
        low, high = low + BASELINE_OFFSET, high + BASELINE_OFFSET
    return [(low * unit, high * unit)] * 3
