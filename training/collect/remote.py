"""Windows of images on a server, by GDAL's range requests: only the blocks that a tile needs are fetched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray

from graft_plugin.engine.crs import transformer
from graft_plugin.engine.source import GDAL_ERRORS, Validity, open_subset
from graft_plugin.engine.warp import warped
from graft_plugin.errors import DownloadError

from .tile_rules import Spot
from .tile_source import NoTile

CACHE_BYTES = 64 * 2**20
_REFUSED = {401, 403}


def gdal_http(timeout_s: float, tries: int) -> rasterio.Env:
    """Return GDAL's settings for reading from a server: no listing of folders, retries where it is busy."""
    return rasterio.Env(
        GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR",
        GDAL_HTTP_MAX_RETRY=str(max(0, tries - 1)),
        GDAL_HTTP_RETRY_DELAY="1",
        GDAL_HTTP_TIMEOUT=str(int(max(1, timeout_s))),
        GDAL_HTTP_CONNECTTIMEOUT=str(int(max(1, timeout_s))),
        GDAL_CACHEMAX=CACHE_BYTES,
        GDAL_PAM_ENABLED=False,
    )


def read_bands(
    assets: Sequence[tuple[str, int]], spot: Spot, nodata: Optional[float] = None
) -> tuple[NDArray, NDArray[np.bool_]]:
    """Return stored values [3, S, S] and bool [S, S] of a tile; call it within `gdal_http`.

    Args:
        assets: (what GDAL opens, 1-based band) of red, green and blue.
        spot: The tile.
        nodata: What a missing pixel holds in every band, where the file does not say.

    Raises:
        OSError and the like: GDAL's errors.
    """
    pixels, valid = [], np.ones((spot.window.height, spot.window.width), bool)
    for path in dict.fromkeys(path for path, _ in assets):
        bands = [band for p, band in assets if p == path]
        part, seen = _read(path, bands, spot, nodata)
        pixels.append(part)
        valid &= seen
    return np.concatenate(pixels), valid


def _read(path: str, bands: list[int], spot: Spot, nodata: Optional[float]) -> tuple[NDArray, NDArray[np.bool_]]:
    with rasterio.open(path) as src:
        x_m, y_m = _pixel_m(src, spot)
        reduction = min(1.0, x_m / spot.gsd_m), min(1.0, y_m / spot.gsd_m)
        validity = Validity(src.nodata if src.nodata is not None else nodata)
        # only these bands: NAIP's near infrared is often marked as alpha, which the warper would heed
        with (
            open_subset(src, tuple(bands), validity) as subset,  # type: ignore[arg-type]
            warped(
                subset, spot.crs, Affine(*spot.transform), (spot.window.height, spot.window.width), reduction
            ) as grid,
        ):
            read = grid.read()
    return read[:-1], read[-1] >= 128


def _pixel_m(src: rasterio.DatasetReader, spot: Spot) -> tuple[float, float]:
    """Return the edges of a raster's pixel in metres of the tile's CRS, along columns and rows, at the tile."""
    to_source = transformer(spot.crs, src.crs.to_wkt())
    x, y = to_source.transform((spot.bounds[0] + spot.bounds[2]) / 2, (spot.bounds[1] + spot.bounds[3]) / 2)
    a, b, _, d, e, _ = src.transform[:6]
    back = transformer(src.crs.to_wkt(), spot.crs)
    xs, ys = back.transform([x, x + a, x + b], [y, y + d, y + e])
    return float(np.hypot(xs[1] - xs[0], ys[1] - ys[0])), float(np.hypot(xs[2] - xs[0], ys[2] - ys[0]))


def blame(address: str, error: BaseException, timeout_s: float, *, served_before: bool) -> NoTile | DownloadError:
    """Return whose fault a failed read is: the image's, so that the next is tried, or the server's, which stops all.

    Args:
        address: Of the image.
        error: GDAL's.
        timeout_s: For the question that is put to the server.
        served_before: Whether the server let another image be read: then a refusal is this image's.
    """
    import requests

    try:
        with requests.get(address, headers={"Range": "bytes=0-0"}, stream=True, timeout=timeout_s) as answer:
            status = answer.status_code
    except requests.RequestException:
        status = 0
    if status in (404, 410) or (200 <= status < 300) or (status in _REFUSED and served_before):
        return NoTile("damaged")
    if status in _REFUSED:
        return DownloadError(
            f"the server refuses its images ({status})",
            remedy="Use an API that needs no account.",
            path=_plain(address),
        )
    said = f"answers {status}" if status else "does not answer"
    return DownloadError(
        f"the server of images {said}", remedy="Run it again later: it goes on where it stopped.", path=_plain(address)
    )


def _plain(address: str) -> str:
    """Return an address without its access token."""
    return address.partition("?")[0]


__all__ = ["CACHE_BYTES", "GDAL_ERRORS", "blame", "gdal_http", "read_bands"]
