"""Pictures and rasters of a data set as 8-bit RGB, by the engine's own rules for bands and stretch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.sensor import BandInfo, Sensor, find_bands
from graft_plugin.engine.stretch import (
    REFLECTANCE_RANGE,
    REFLECTANCE_SCALE,
    Stretch,
    apply_stretch,
    as_stretch,
    choose_stretch,
)
from graft_plugin.errors import SceneError, UsageError

PICTURES = (".jpg", ".jpeg", ".png")
RASTERS = (".tif", ".tiff")
_AGAIN = "Get the file again, or remove it from the set."


def reflectance_stretch() -> Stretch:
    """Return the engine's range of Sentinel-2 reflectance, for values of reflectance × 10,000.

    Fixed, not found from the image: the published sets are older than the offset that products hold since 2022, and a
    small image of haze would be taken for one that has it.
    """
    low, high = REFLECTANCE_RANGE
    return as_stretch([(low * REFLECTANCE_SCALE, high * REFLECTANCE_SCALE)] * 3)


def read_rgb(
    path: Path, sensor: Sensor, *, bands: Optional[Sequence[int]] = None, stretch: Optional[Stretch] = None
) -> NDArray[np.uint8]:
    """Return a picture or raster as uint8 [3, H, W].

    Args:
        path: JPEG, PNG or GeoTIFF.
        sensor: For a GeoTIFF: whose bands and stretch apply.
        bands: 1-based red, green, blue of a GeoTIFF; found by the engine's rules if None.
        stretch: (low, high) of red, green, blue; chosen for the sensor if None. uint8 passes as it is without one.

    Raises:
        SceneError: The file is missing, damaged, or has no red, green and blue.
    """
    if path.suffix.lower() in PICTURES:
        return np.ascontiguousarray(np.moveaxis(_picture(path, "RGB"), -1, 0))
    pixels, info = _raster(path)
    try:
        rgb = tuple(bands) if bands is not None else find_bands(info, sensor)
    except SceneError as error:
        raise SceneError(error.message, remedy=error.remedy, path=str(path)) from error
    chosen = pixels[[band - 1 for band in rgb]]
    if stretch is None:
        stretch = choose_stretch(sensor, info.dtype, chosen.astype(np.float64), np.ones(chosen.shape[1:], bool))
    return apply_stretch(chosen, stretch)


def read_plane(path: Path) -> NDArray[np.int64]:
    """Return the values of a one-band mask, [H, W]; of a PNG with a palette the indices.

    Raises:
        SceneError: The file is missing, damaged, or has several bands.
    """
    if path.suffix.lower() in PICTURES:
        plane = _picture(path, None)
        if plane.ndim != 2:
            raise SceneError(
                "the mask has colours instead of class numbers",
                remedy="Write it with one band that holds the numbers of the classes file.",
                path=str(path),
            )
        return plane.astype(np.int64)
    pixels, _ = _raster(path)
    if len(pixels) != 1:
        raise SceneError(f"the mask has {len(pixels)} bands, not one", remedy="Write one band.", path=str(path))
    return pixels[0].astype(np.int64)


def list_files(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    """Return the files of a folder with these endings, in order of name; hidden ones left out."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in suffixes and not p.name.startswith("."))


def existing_folder(root: str | Path) -> Path:
    """Return the root of a data set.

    Raises:
        UsageError: It is no folder.
    """
    folder = Path(root).expanduser()
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "there is no such folder"
        raise UsageError(what, remedy="Give the folder of the unpacked data set with --root.", path=str(root))
    return folder


def _picture(path: Path, mode: Optional[str]) -> NDArray:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=("JPEG", "PNG")) as opened:
            return np.asarray(opened.convert(mode) if mode else opened)
    except FileNotFoundError as error:
        raise SceneError("there is no such picture", remedy=_AGAIN, path=str(path)) from error
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise SceneError("the picture is damaged or cut short", remedy=_AGAIN, path=str(path)) from error


def _raster(path: Path) -> tuple[NDArray, BandInfo]:
    import warnings

    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # the sets' own tiles need no place
            with rasterio.open(path) as src:
                gsd = abs(src.transform.a)
                info = BandInfo(src.dtypes[0], src.descriptions, [c.name for c in src.colorinterp], gsd)
                return src.read(), info
    except (RasterioError, OSError) as error:
        missing = not path.exists()
        what = "there is no such raster" if missing else "the raster is damaged or cut short"
        raise SceneError(what, remedy=_AGAIN, path=str(path)) from error
