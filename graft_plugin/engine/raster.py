"""Results as GeoTIFF: streamed block by block, there wholly or not at all."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Optional, Union

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.io import DatasetWriter
from rasterio.windows import Window as RasterWindow

from ..errors import GraftError, OutputError
from .source import CACHE_BYTES, GDAL_ERRORS

SIDECARS = (".aux.xml", ".ovr", ".msk")
"""Files beside a GeoTIFF that would describe the one that is replaced."""


class RasterWriter:
    """Writes a tiled, deflate-compressed GeoTIFF with overviews; a context manager.

    The file is written under a temporary name in the same folder. When the block is left without an error, overviews
    (averages) are built and the file takes its name; else it is removed and what was there before stays.

    Args:
        path: The GeoTIFF.
        window_px: (height, width) in pixels.
        transform: Maps (col, row) to (x, y).
        crs: "EPSG:n" or WKT.
        descriptions: One text for each band.
        dtype: numpy name of the pixels' type.
        nodata: Value of pixels that were not written or mean nothing; None for none.
        tags: Metadata of the file.
        block: Edge of a block in pixels, a multiple of 16.

    Raises:
        OutputError: The file cannot be made, written or put in its place.
    """

    def __init__(
        self,
        path: Union[str, Path],
        *,
        window_px: tuple[int, int],
        transform: Affine,
        crs: str,
        descriptions: Sequence[str],
        dtype: str = "float32",
        nodata: Optional[float] = math.nan,
        tags: Optional[Mapping[str, str]] = None,
        block: int = 256,
    ) -> None:
        self.path = Path(path)
        self._shape = window_px
        self._temp = self._temporary()
        self._block = block
        floating = np.issubdtype(np.dtype(dtype), np.floating)
        self._predictor = 3 if floating else 2
        try:
            with self._env():
                self._file: Optional[DatasetWriter] = rasterio.open(
                    self._temp, "w", driver="GTiff", height=window_px[0], width=window_px[1], count=len(descriptions),
                    dtype=dtype, crs=crs, transform=transform, nodata=nodata, tiled=True, blockxsize=block,
                    blockysize=block, compress="deflate", predictor=self._predictor, interleave="band",
                    bigtiff="IF_SAFER", sparse_ok=True, num_threads=2,
                )  # fmt: skip
                for band, text in enumerate(descriptions, start=1):
                    self._file.set_band_description(band, text)
                self._file.update_tags(**(tags or {}))
        except (*GDAL_ERRORS, ValueError) as error:
            self._remove()
            raise self._failed(error) from error

    def __enter__(self) -> RasterWriter:
        return self

    def write(self, row: int, col: int, array: NDArray) -> None:
        """Write [K, h, w] pixels, or [h, w] where there is one band, from (row, col) of the raster on."""
        if self._file is None:
            raise OutputError("the raster is closed", path=str(self.path))
        array = array[None] if array.ndim == 2 else array
        height, width = array.shape[1:]
        inside = row >= 0 and col >= 0 and row + height <= self._shape[0] and col + width <= self._shape[1]
        if not inside or array.shape[0] != self._file.count:
            raise OutputError(f"a block {array.shape} at ({row}, {col}) does not fit the raster", path=str(self.path))
        try:
            with self._env():
                self._file.write(
                    array.astype(self._file.dtypes[0], copy=False), window=RasterWindow(col, row, width, height)
                )
        except GDAL_ERRORS as error:
            raise self._failed(error) from error

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if kind is not None:
            self.abort()
        else:
            self.commit()

    def commit(self) -> None:
        """Build the overviews and put the file in its place."""
        if self._file is None:
            return
        try:
            with self._env():
                self._file.close()
                self._file = None
                self._build_overviews()
                self._check()
            with open(self._temp, "rb+") as handle:
                os.fsync(handle.fileno())
            os.replace(self._temp, self.path)
            for suffix in SIDECARS:
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        except GraftError:
            self.abort()
            raise
        except GDAL_ERRORS as failure:
            self.abort()
            raise self._failed(failure) from failure
        except BaseException:
            self.abort()
            raise

    def abort(self) -> None:
        """Forget what was written; what was there before stays."""
        if self._file is not None:
            with suppress(*GDAL_ERRORS):
                self._file.close()
            self._file = None
        self._remove()

    def _temporary(self) -> Path:
        try:
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.stem}.", suffix=".tmp.tif")
            os.close(handle)
            _like_a_new_file(name)
        except OSError as error:
            raise self._failed(error) from error
        return Path(name)

    def _env(self) -> rasterio.Env:
        return rasterio.Env(
            GDAL_CACHEMAX=CACHE_BYTES, COMPRESS_OVERVIEW="DEFLATE", PREDICTOR_OVERVIEW=str(self._predictor),
            BIGTIFF_OVERVIEW="IF_SAFER", GDAL_TIFF_OVR_BLOCKSIZE=str(self._block), GDAL_PAM_ENABLED=False,
        )  # fmt: skip

    def _build_overviews(self) -> None:
        levels, factor = [], 2
        while max(self._shape) / factor > self._block / 2 and min(self._shape) // factor >= 1:
            levels.append(factor)
            factor *= 2
        if levels:
            with rasterio.open(self._temp, "r+") as file:
                file.build_overviews(levels, Resampling.average)

    def _check(self) -> None:
        """Read back what overviews were not built from: GDAL may have noticed a full disk too late to tell."""
        with rasterio.open(self._temp) as file:
            levels = len(file.overviews(1))
            if not levels:
                file.read()
        if levels:
            with rasterio.open(self._temp, overview_level=levels - 1) as file:
                file.read()

    def _remove(self) -> None:
        for suffix in ("", *SIDECARS):
            Path(f"{self._temp}{suffix}").unlink(missing_ok=True)

    def _failed(self, error: BaseException) -> OutputError:
        cause = error.__cause__ or error
        remedy = "Check that the folder exists, may be written, has room, and that no program holds the file open."
        return OutputError(f"the raster cannot be written: {cause}", remedy=remedy, path=str(self.path))


def _like_a_new_file(path: str) -> None:
    """Give a private temporary file the permissions that a new file would get."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(path, 0o666 & ~mask)
