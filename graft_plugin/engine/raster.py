"""Results as GeoTIFF: streamed block by block, there wholly or not at all."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import TracebackType
from typing import Optional, Union
from xml.sax.saxutils import escape
from zlib import crc32

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.io import DatasetWriter
from rasterio.windows import Window as RasterWindow

from ..errors import GraftError, OutputError
from .outputs import RASTER_SIDECARS
from .progress import CancelToken
from .source import CACHE_BYTES, GDAL_ERRORS

READ_PX = 512
"""Edge of the pieces in which overviews are compared."""


@dataclass(frozen=True)
class Palette:
    """What the values of a uint8 raster stand for.

    Args:
        colours: Value → (red, green, blue, opacity), 0 to 255.
        names: Of the values from 0 on.
    """

    colours: Mapping[int, tuple[int, int, int, int]]
    names: Sequence[str]


class RasterWriter:
    """Writes a tiled, deflate-compressed GeoTIFF with overviews; a context manager.

    The file is written under a temporary name in the same folder. When the block is left without an error, overviews
    (averages; with a palette, the commonest value) are built, everything is read back, and the file takes its name;
    else it is removed and what was there before stays. On a full disk GDAL may drop blocks without an error that
    reaches us, and a missing block reads as nodata: hence the reading back.

    Args:
        path: The GeoTIFF.
        window_px: (height, width) in pixels.
        transform: Maps (col, row) to (x, y).
        crs: "EPSG:n" or WKT.
        descriptions: One text for each band.
        dtype: numpy name of the pixels' type.
        nodata: Value of pixels that were not written or mean nothing; None for none.
        palette: Colours of the values, kept in the file, and their names, which GDAL reads from a file beside it
            (.aux.xml); None for a raster of quantities.
        tags: Metadata of the file.
        block: Edge of a block in pixels, a multiple of 16.
        draft: Neither compress nor build overviews: the file is only there to be made into another.
        cancel: Checked for each block that is read back.

    Raises:
        OutputError: The file cannot be made, written or put in its place, or is not whole on the disk.
        Cancelled: The work was asked to stop while the file was read back.
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
        palette: Optional[Palette] = None,
        tags: Optional[Mapping[str, str]] = None,
        block: int = 256,
        draft: bool = False,
        cancel: Optional[CancelToken] = None,
    ) -> None:
        self._draft = draft
        self.path = Path(path)
        self._shape = window_px
        self._temp = self._temporary()
        self._block = block
        self._cancel = cancel or CancelToken()
        self._sums: dict[RasterWindow, int] = {}
        floating = np.issubdtype(np.dtype(dtype), np.floating)
        self._palette = palette
        self._predictor = 1 if draft or palette else 3 if floating else 2
        try:
            with self._env():
                self._file: Optional[DatasetWriter] = rasterio.open(
                    self._temp, "w", driver="GTiff", height=window_px[0], width=window_px[1], count=len(descriptions),
                    dtype=dtype, crs=crs, transform=transform, nodata=nodata, tiled=True, blockxsize=block,
                    blockysize=block, compress="none" if draft else "deflate", predictor=self._predictor,
                    interleave="band", bigtiff="IF_SAFER", sparse_ok=True, num_threads=2,
                )  # fmt: skip
                for band, text in enumerate(descriptions, start=1):
                    self._file.set_band_description(band, text)
                self._file.update_tags(**(tags or {}))
                if palette is not None:
                    self._file.write_colormap(1, dict(palette.colours))
        except (*GDAL_ERRORS, ValueError) as error:
            self._remove()
            raise self._failed(error) from error

    def __enter__(self) -> RasterWriter:
        return self

    def write(self, row: int, col: int, array: NDArray) -> None:
        """Write [K, h, w] pixels, or [h, w] where there is one band, from (row, col) of the raster on.

        A pixel may be written again by the same block, but not by another one that overlaps.
        """
        if self._file is None:
            raise OutputError("the raster is closed", path=str(self.path))
        array = array[None] if array.ndim == 2 else array
        height, width = array.shape[1:]
        inside = row >= 0 and col >= 0 and row + height <= self._shape[0] and col + width <= self._shape[1]
        if not inside or array.shape[0] != self._file.count:
            raise OutputError(f"a block {array.shape} at ({row}, {col}) does not fit the raster", path=str(self.path))
        window, array = RasterWindow(col, row, width, height), array.astype(self._file.dtypes[0], copy=False)
        try:
            self._put(self._file, array, window)
        except GDAL_ERRORS as error:
            raise self._failed(error) from error
        self._sums[window] = _checksum(array)

    def tag(self, tags: Mapping[str, str]) -> None:
        """Add metadata to the file, before it is committed."""
        if self._file is not None:
            self._file.update_tags(**tags)

    def _put(self, file: DatasetWriter, array: NDArray, window: RasterWindow) -> None:
        with self._env():
            file.write(array, window=window)

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
                if not self._is_whole():
                    raise OutputError(
                        "the raster is incomplete on the disk", remedy="Free some space.", path=str(self.path)
                    )
            with open(self._temp, "rb+") as handle:
                os.fsync(handle.fileno())
            os.replace(self._temp, self.path)
            for suffix in RASTER_SIDECARS:
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
            if self._palette is not None:
                Path(f"{self.path}.aux.xml").write_text(_names_xml(self._palette.names), encoding="utf-8")
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
        while not self._draft and max(self._shape) / factor > self._block / 2 and min(self._shape) // factor >= 1:
            levels.append(factor)
            factor *= 2
        if levels:
            with rasterio.open(self._temp, "r+") as file:
                file.build_overviews(levels, Resampling.mode if self._palette else Resampling.average)

    def _is_whole(self) -> bool:
        """Tell whether all reads back as it was written, and each overview has a value wherever its base has one."""
        try:
            with rasterio.open(self._temp) as file:
                levels, nodata = len(file.overviews(1)), file.nodata
                for window, checksum in self._sums.items():
                    self._cancel.check()
                    if _checksum(file.read(window=window)) != checksum:
                        return False
            holes = nodata is not None and math.isnan(nodata)  # else an overview does not show what is missing
            return not holes or all(self._covers(level) for level in range(levels))
        except GDAL_ERRORS:
            return False

    def _covers(self, level: int) -> bool:
        """Tell whether an overview is known wherever the level below it is."""
        below = {} if level == 0 else {"overview_level": level - 1}
        with rasterio.open(self._temp, **below) as fine, rasterio.open(self._temp, overview_level=level) as coarse:
            whole = RasterWindow(0, 0, fine.width, fine.height)
            for row, col in product(range(0, coarse.height, READ_PX), range(0, coarse.width, READ_PX)):
                self._cancel.check()
                window = RasterWindow(col, row, min(READ_PX, coarse.width - col), min(READ_PX, coarse.height - row))
                twice = RasterWindow(2 * col, 2 * row, 2 * window.width, 2 * window.height).intersection(whole)
                known = np.isfinite(fine.read(window=twice))
                rows, cols = known.shape[1] // 2, known.shape[2] // 2
                pooled = known[:, : 2 * rows, : 2 * cols].reshape(len(known), rows, 2, cols, 2).any((2, 4))
                if (pooled & ~np.isfinite(coarse.read(window=window)[:, :rows, :cols])).any():
                    return False
        return True

    def _remove(self) -> None:
        for suffix in ("", *RASTER_SIDECARS):
            Path(f"{self._temp}{suffix}").unlink(missing_ok=True)

    def _failed(self, error: BaseException) -> OutputError:
        cause = error.__cause__ or error
        remedy = "Check that the folder exists, may be written, has room, and that no program holds the file open."
        return OutputError(f"the raster cannot be written: {cause}", remedy=remedy, path=str(self.path))


def _names_xml(names: Sequence[str]) -> str:
    """Return GDAL's auxiliary metadata (PAM) with the category names of band 1."""
    categories = "".join(f"<Category>{escape(name)}</Category>" for name in names)
    return (
        '<PAMDataset><PAMRasterBand band="1"><CategoryNames>'
        f"{categories}</CategoryNames></PAMRasterBand></PAMDataset>\n"
    )


def _checksum(block: NDArray) -> int:
    """Return a checksum in which every NaN counts alike."""
    if np.issubdtype(block.dtype, np.floating):
        block = np.where(np.isnan(block), block.dtype.type(-9), block)
    return crc32(block.tobytes())


def _like_a_new_file(path: str) -> None:
    """Give a private temporary file the permissions that a new file would get."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(path, 0o666 & ~mask)
