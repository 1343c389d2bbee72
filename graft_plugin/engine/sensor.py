"""Which sensor a raster comes from, and which of its bands are red, green and blue.

In order of trust: the bands that the user names; band descriptions ("B4", "B04 (665 nm)", "Red"); colour
interpretation; the known band orders of Sentinel-2 products; the first three bands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Optional

from ..errors import SceneError, UsageError

Sensor = Literal["naip", "sentinel2", "rgb"]
SENSORS: tuple[Sensor, ...] = ("naip", "sentinel2", "rgb")
RGB = tuple[int, int, int]

SENTINEL2_GSD_M = (8.0, 25.0)
"""A raster in this range of ground resolutions can be Sentinel-2 (10 m bands, and what resampling makes of them)."""
SENTINEL2_ORDERS: dict[int, RGB] = {
    4: (3, 2, 1),  # B2 B3 B4 B8
    10: (3, 2, 1),  # B2 B3 B4 B5 B6 B7 B8 B8A B11 B12: the 10 m and 20 m bands
    11: (4, 3, 2),  # B1 first, one of the 60 m bands left out
    12: (4, 3, 2),  # B1 … B12 without B10, as Level-2A has no cirrus band
    13: (4, 3, 2),  # B1 … B12 with B8A and B10
}
_COLOURS = ("red", "green", "blue")
_SENTINEL2_CODES = {"B4": "red", "B3": "green", "B2": "blue"}
_CODE = re.compile(r"(?:^|[^A-Z0-9])B0?(1[0-2]|[1-9])(A?)(?![A-Z0-9])")
_NOT_VISIBLE = {"edge", "rededge", "infrared", "near", "nir", "swir", "coastal"}
_SHORT = {"R": "red", "G": "green", "B": "blue"}


@dataclass(frozen=True)
class BandInfo:
    """What a raster says about its bands, band 1 first.

    Args:
        dtype: numpy name of the first band's type.
        descriptions: Text of each band, or None.
        colours: Colour interpretation of each band ("red", "alpha", "gray", "palette", "undefined", …).
        gsd_m: The longer edge of a pixel on the ground in metres.
        alpha: 1-based number of the band that is truly alpha; 0 if none.
    """

    dtype: str
    descriptions: Sequence[Optional[str]]
    colours: Sequence[str]
    gsd_m: float
    alpha: int = 0

    @property
    def count(self) -> int:
        """Number of bands, alpha not counted."""
        return len(self.descriptions) - (1 if self.alpha else 0)


def recognise_sensor(info: BandInfo) -> Sensor:
    """Return the sensor that the bands speak for.

    uint8 with three or four bands is NAIP where pixels are finer than 8 m, else a Sentinel-2 true-colour image. Other
    types are Sentinel-2 with band codes (B2 …), with 10 to 13 bands, or with four bands at its ground resolution.
    """
    coarse = SENTINEL2_GSD_M[0] <= info.gsd_m <= SENTINEL2_GSD_M[1]
    coded = sum(band_code(text) is not None for text in info.descriptions) >= 3
    if info.dtype == "uint8" and info.count <= 4:
        if coarse or (coded and info.gsd_m >= SENTINEL2_GSD_M[0]):
            return "sentinel2"
        return "naip" if info.count >= 3 else "rgb"
    return "sentinel2" if coded or 10 <= info.count <= 13 or (info.count == 4 and coarse) else "rgb"


def find_bands(info: BandInfo, sensor: Sensor) -> RGB:
    """Return the 1-based (red, green, blue) bands.

    Raises:
        SceneError: There are fewer than three bands, or a palette, and the user named none.
    """
    if "palette" in info.colours:
        raise SceneError(
            "its colours are a palette, not bands", remedy="Expand it with: gdal_translate -expand rgb IN.tif OUT.tif"
        )
    if info.count < 3:
        raise SceneError(
            f"it has {info.count} band{'s' if info.count != 1 else ''}, but red, green and blue are needed",
            remedy="Give a raster with three bands; or, for a grey image, repeat its band: --bands 1,1,1.",
        )
    named = _by_name(info) or _by_interpretation(info)
    if named is not None:
        return named
    data = [band for band in range(1, len(info.descriptions) + 1) if band != info.alpha]
    true_colour = info.dtype == "uint8" and info.count <= 4
    order = SENTINEL2_ORDERS.get(info.count) if sensor == "sentinel2" and not true_colour else None
    red, green, blue = order or (1, 2, 3)
    return data[red - 1], data[green - 1], data[blue - 1]


def check_bands(bands: Sequence[int], count: int) -> RGB:
    """Return the bands that the user named, checked.

    Raises:
        UsageError: There are not three, or one is not in the raster.
    """
    if len(bands) != 3 or not all(isinstance(b, int) and not isinstance(b, bool) for b in bands):
        raise UsageError(f"three band numbers (red, green, blue) are needed, not {tuple(bands)}")
    wrong = [b for b in bands if not 1 <= b <= count]
    if wrong:
        raise UsageError(f"the raster has no band {wrong[0]}", remedy=f"Name bands from 1 to {count}.")
    return bands[0], bands[1], bands[2]


def check_sensor(sensor: str) -> Sensor:
    """Return the sensor's name, checked.

    Raises:
        UsageError: It is not one of `SENSORS`.
    """
    for known in SENSORS:
        if sensor == known:
            return known
    raise UsageError(f"unknown sensor {sensor!r}", remedy=f"Choose auto or one of {', '.join(SENSORS)}.")


def band_code(text: Optional[str]) -> Optional[str]:
    """Return the Sentinel-2 code in a description ("B04 - Red, 10 m" → "B4"), if there is one."""
    found = _CODE.search((text or "").upper())
    return f"B{found[1]}{found[2]}" if found else None


def colour_name(text: Optional[str]) -> Optional[str]:
    """Return "red", "green" or "blue" if a description says so; red edge bands are none of them."""
    upper = (text or "").strip().upper()
    if upper in _SHORT:
        return _SHORT[upper]
    code = band_code(text)
    if code is not None:
        return _SENTINEL2_CODES.get(code)
    words = set(re.findall(r"[a-z]+", upper.lower()))
    if words & _NOT_VISIBLE:
        return None
    colours = {word for word in words if word in _COLOURS}
    return colours.pop() if len(colours) == 1 else None


def _by_name(info: BandInfo) -> Optional[RGB]:
    return _complete([colour_name(text) for text in info.descriptions])


def _by_interpretation(info: BandInfo) -> Optional[RGB]:
    return _complete(list(info.colours))


def _complete(colours: Sequence[Optional[str]]) -> Optional[RGB]:
    if not all(colour in colours for colour in _COLOURS):
        return None
    red, green, blue = (colours.index(colour) + 1 for colour in _COLOURS)
    return red, green, blue
