"""A raster file as GDAL gives it: opened safely, cut to three bands, its valid pixels told from the others."""

from __future__ import annotations

import math
import os
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Optional
from xml.sax.saxutils import escape

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from rasterio._err import CPLE_BaseError
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader

from ..errors import SceneError
from ..switches import is_offline
from . import remote
from .crs import horizontal
from .offline import refuse_remote
from .stretch import MAX_PLAUSIBLE

GDAL_ERRORS = (RasterioError, CPLE_BaseError, OSError)
"""What rasterio raises where GDAL fails; some calls let GDAL's own errors through."""
CACHE_BYTES = 32 * 2**20
MAX_CACHE_BYTES = 512 * 2**20
SAMPLE_PX = 512
_SERVERS = {
    "GDAL_HTTP_MAX_RETRY": "4",
    "GDAL_HTTP_RETRY_DELAY": "1",
    "CPL_VSIL_CURL_NON_CACHED": ":".join(f"/vsi{kind}/" for kind in ("curl", "s3", "gs", "az")),
}
"""How GDAL reads from servers: what was read of a file is forgotten with it, for it may change."""
_VRT_TYPES = {
    "uint8": "Byte",
    "int8": "Float32",
    "uint16": "Float32",
    "int16": "Float32",
    "float32": "Float32",
    "float16": "Float32",
    "complex64": "Float32",
    "complex_int16": "Float32",
}


@dataclass(frozen=True)
class Validity:
    """How a raster marks its missing pixels.

    Args:
        nodata: The value that means "nothing here"; a pixel is missing where all three bands have it. May be NaN.
        mask: GDAL's name of the band that is 0 where pixels are missing: "mask,1", the number of an alpha band, or "".
    """

    nodata: Optional[float] = None
    mask: str = ""


@dataclass(frozen=True)
class Sample:
    """A decimated read of a whole layer: `pixels` float64 [3, h, w], stored values, and `valid` bool [h, w]."""

    pixels: NDArray[np.float64]
    valid: NDArray[np.bool_]


def gdal_env(cache_bytes: int = CACHE_BYTES) -> rasterio.Env:
    """Return GDAL's settings for reading: a bounded block cache, two decoding threads."""
    return rasterio.Env(GDAL_CACHEMAX=cache_bytes, GDAL_NUM_THREADS="2", GDAL_PAM_ENABLED=True, **_SERVERS)


def open_raster(path: str) -> DatasetReader:
    """Open a raster that has bands and a place.

    Raises:
        OfflineError: It lies on a server, and the environment forbids the network.
        SceneError: GDAL cannot open it, or it has no bands, no CRS or no position.
    """
    if is_offline():
        refuse_remote(path)
    local = not path.startswith("/vsi") and ":" not in path[2:]
    if local and not os.path.exists(path):
        raise SceneError("there is no such file", remedy="Check the path.", path=path)
    try:
        with nullcontext() if local else rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", **_SERVERS):
            src = rasterio.open(path)
    except GDAL_ERRORS as error:
        raise SceneError(
            f"GDAL cannot open it as a raster: {error}", remedy="Check that the file is whole.", path=path
        ) from error
    try:
        _check_placed(src, path)
    except SceneError:
        src.close()
        raise
    return src


def file_stamps(src: DatasetReader, path: str) -> tuple[tuple[str, int, int], ...]:
    """Return (absolute path, mtime in ns, bytes) of every file behind a raster; zeros where none can be known."""
    stamps = []
    for name in dict.fromkeys([path, *src.files]):
        stamps.append((os.path.realpath(name) if os.path.exists(name) else name, *(file_stamp(name) or (0, 0))))
    return tuple(stamps)


def file_stamp(name: str) -> Optional[tuple[int, int]]:
    """Return (mtime in ns, bytes) of a file, on a server too; None where there is none, or a server tells nothing."""
    try:
        stat = os.stat(name)
        return stat.st_mtime_ns, stat.st_size
    except OSError:
        return remote.stamp(name)


def cache_bytes(src: DatasetReader, band_px: int) -> int:
    """Return the block cache that keeps `band_px` rows of a raster stored in strips; tiled rasters need little."""
    height, width = src.block_shapes[0]
    if width < src.width or width <= 2048:
        return CACHE_BYTES
    need = 2 * max(band_px, height) * width * src.count * np.dtype(_numpy_type(src)).itemsize
    return int(min(max(CACHE_BYTES, need), MAX_CACHE_BYTES))


def find_alpha(src: DatasetReader) -> int:
    """Return the 1-based band that is alpha, or 0.

    Many writers mark the fourth band of any uint8 file as alpha. A band is taken at its word only if nearly all of its
    values are fully clear or fully opaque, so that the near infrared of NAIP does not make lakes vanish.
    """
    for band, colour in enumerate(src.colorinterp, start=1):
        if colour is ColorInterp.alpha and src.count in (2, 4):
            values = read_decimated(src, [band])[0]
            opaque = values.max() if values.size else 0
            return band if np.mean((values == 0) | (values == opaque)) >= 0.9 else 0
        if colour is ColorInterp.alpha:
            return band
    return 0


def find_validity(src: DatasetReader, bands: tuple[int, int, int], alpha: int) -> Validity:
    """Return how missing pixels are marked: nodata and mask or alpha band; both count where there are both."""
    nodata = src.nodatavals[bands[0] - 1]
    if nodata is None and not _is_integer(src):
        nodata = math.nan
        sample = read_decimated(src, [bands[0]])
        huge = sample[np.isfinite(sample) & (np.abs(sample) >= MAX_PLAUSIBLE)]
        if huge.size:
            nodata = float(huge[0])
    if alpha:
        return Validity(nodata, str(alpha))
    flags = src.mask_flag_enums[bands[0] - 1]
    own_mask = MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags
    return Validity(nodata, f"mask,{bands[0]}" if own_mask else "")


def read_decimated(src: DatasetReader, bands: list[int], path: str = "") -> NDArray[np.float64]:
    """Return [len(bands), h, w] stored values of the whole layer, at most `SAMPLE_PX` on a side.

    Raises:
        SceneError: The file, called `path` if `src` has no name of its own, is damaged.
    """
    scale = min(1.0, SAMPLE_PX / max(src.height, src.width))
    shape = (len(bands), max(1, round(src.height * scale)), max(1, round(src.width * scale)))
    try:
        return np.real(src.read(bands, out_shape=shape)).astype(np.float64)
    except GDAL_ERRORS as error:
        raise unreadable(path or src.name, error) from error


def read_sample(src: DatasetReader, bands: tuple[int, int, int], validity: Validity) -> Sample:
    """Return a decimated read of the whole layer with its valid pixels.

    Raises:
        SceneError: The file is damaged, or has no valid pixel at all.
    """
    with open_subset(src, bands, validity) as subset:
        pixels = read_decimated(subset, [1, 2, 3], src.name)
        valid = _valid(subset, pixels, validity)
        if not valid.any() and not _any_valid(subset, validity, src.name):
            raise SceneError(
                "it has no valid pixel: everything is nodata or masked",
                path=src.name,
                remedy="Check the layer's nodata value.",
            )
    return Sample(pixels, valid)


def open_subset(src: DatasetReader, bands: tuple[int, int, int], validity: Validity) -> DatasetReader:
    """Return the three bands and their validity as one virtual dataset, so that no other band is ever read."""
    kind = _VRT_TYPES.get(_numpy_type(src), "Float64")
    place = ", ".join(repr(float(v)) for v in src.transform.to_gdal())
    nodata = "" if validity.nodata is None else f"<NoDataValue>{validity.nodata!r}</NoDataValue>"
    xml = [
        f'<VRTDataset rasterXSize="{src.width}" rasterYSize="{src.height}">',
        f"<SRS>{escape(source_crs(src).to_wkt())}</SRS><GeoTransform>{place}</GeoTransform>",
    ]
    for band, number in enumerate(bands, start=1):
        xml.append(
            f'<VRTRasterBand dataType="{kind}" band="{band}">{nodata}{_source(src, str(number))}</VRTRasterBand>'
        )
    if validity.mask:
        xml.append(f'<MaskBand><VRTRasterBand dataType="Byte">{_source(src, validity.mask)}</VRTRasterBand></MaskBand>')
    try:
        return rasterio.open("".join([*xml, "</VRTDataset>"]))
    except GDAL_ERRORS as error:
        raise unreadable(src.name, error) from error


def source_crs(src: DatasetReader) -> CRS:
    """Return the horizontal CRS of an open raster."""
    return horizontal(CRS.from_wkt(src.crs.to_wkt()))


def unreadable(path: str, error: BaseException) -> SceneError:
    """Return the error for a raster that opens but cannot be read."""
    return SceneError(
        f"it cannot be read: {error.__cause__ or error}",
        path=path,
        remedy="The file is damaged or cut short: copy or download it again.",
    )


def _check_placed(src: DatasetReader, path: str) -> None:
    if src.count == 0 or not src.width or not src.height:
        names = src.subdatasets
        hint = f"Open one of its subdatasets, for example {names[0]}" if names else "Choose a raster with bands."
        raise SceneError("it has no bands of its own", remedy=hint, path=path)
    if src.gcps[0] and src.transform == Affine.identity():
        hint = "Rectify it first: gdalwarp -t_srs EPSG:n IN OUT.tif"
        raise SceneError("it is placed by ground control points only", remedy=hint, path=path)
    if src.crs is None or not src.crs.to_wkt():
        raise SceneError(
            "it has no CRS, so its place on Earth is unknown",
            path=path,
            remedy="Assign one: Layer CRS > Set Layer CRS in QGIS, then export; or gdal_edit.py -a_srs EPSG:n FILE.",
        )
    t: Affine = src.transform
    if t == Affine.identity() or t.determinant == 0 or not all(map(math.isfinite, t[:6])):
        raise SceneError("it has no position (no geotransform)", remedy="Georeference it first.", path=path)


def _numpy_type(src: DatasetReader) -> str:
    return str(src.dtypes[0])


def _is_integer(src: DatasetReader) -> bool:
    return _numpy_type(src).startswith(("int", "uint", "complex_int"))


def _source(src: DatasetReader, band: str) -> str:
    name = os.path.abspath(src.name) if os.path.exists(src.name) else src.name
    return (
        f'<SimpleSource><SourceFilename relativeToVRT="0">{escape(name)}</SourceFilename>'
        f"<SourceBand>{band}</SourceBand></SimpleSource>"
    )


def _valid(subset: DatasetReader, pixels: NDArray[np.float64], validity: Validity) -> NDArray[np.bool_]:
    valid = np.asarray(np.isfinite(pixels).all(0) & (np.abs(pixels) < MAX_PLAUSIBLE).all(0))
    if validity.nodata is not None and not math.isnan(validity.nodata):
        valid &= ~(pixels == validity.nodata).all(0)
    if validity.mask:
        valid &= np.asarray(subset.read_masks(1, out_shape=valid.shape) > 0)
    return valid


def _any_valid(subset: DatasetReader, validity: Validity, path: str) -> bool:
    for _, window in subset.block_windows(1):
        try:
            pixels = np.real(subset.read(window=window)).astype(np.float64)
            mask = subset.read_masks(1, window=window) > 0 if validity.mask else True
        except GDAL_ERRORS as error:
            raise unreadable(path, error) from error
        valid = np.isfinite(pixels).all(0) & (np.abs(pixels) < MAX_PLAUSIBLE).all(0) & mask
        if validity.nodata is not None and not math.isnan(validity.nodata):
            valid &= ~(pixels == validity.nodata).all(0)
        if valid.any():
            return True
    return False
