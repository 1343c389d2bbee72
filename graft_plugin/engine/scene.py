"""A raster as 8-bit RGB windows at the model's ground resolution, on the anchored grid.

The geometry is GDAL's warper behind rasterio's `WarpedVRT`, made exact and repeatable:

- The transformer is exact (a tolerance of 1e-9 pixel), not the usual 0.125-pixel approximation.
- Resampling is cubic, with the kernel widened by the reduction factor where pixels become coarser (the antialiased
  bicubic of CLIP's own preprocessing). The factor is fixed for the scene: GDAL would derive it anew for each window.
- Overviews are not used: those made by nearest neighbour, or by averages of odd sizes, sit up to half a pixel off.
- Pixels are always computed for whole tiles of the grid and cut afterwards, so a window's edges change nothing.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Optional

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window as RasterWindow

from ..errors import SceneError, UsageError
from .crs import crs_text, horizontal, metric_crs, transformer
from .grid import Bounds, Grid, GsdRule, Window
from .sensor import BandInfo, Sensor, check_bands, check_sensor, find_bands, recognise_sensor
from .source import (
    GDAL_ERRORS,
    Validity,
    cache_bytes,
    file_stamps,
    find_alpha,
    find_validity,
    gdal_env,
    open_raster,
    open_subset,
    read_sample,
    source_crs,
    unreadable,
)
from .stretch import Range, Stretch, apply_stretch, as_stretch, choose_stretch
from .warp import warped

EDGE_POINTS = 65
CACHED_BLOCKS = 96


@dataclass(frozen=True)
class Scene:
    """A raster at a ground resolution: everything that decides its pixel values, but no open file.

    Args:
        path: The raster, as GDAL opens it.
        sensor: Which sensor's presets apply.
        bands: 1-based red, green, blue.
        stretch: (low, high) stored values of red, green, blue that become 0 and 255; None where uint8 passes.
        native_gsd_m: The longer edge of a raster pixel on the ground, at the centre, in metres.
        bounds: The raster's bounding box in the grid's CRS.
        grid: The anchored pixel raster on which the scene is read.
        window: The grid's pixels that cover `bounds`.
        pixel_m: Edges of a raster pixel on the ground along its (columns, rows), in metres.
        validity: How missing pixels are marked.
        files: (absolute path, mtime in ns, bytes) of the files behind the raster.
        crs: The raster's own CRS, horizontal: "EPSG:n" or WKT.
        transform: The raster's geotransform, in GDAL's order.
    """

    path: str
    sensor: Sensor
    bands: tuple[int, int, int]
    stretch: Optional[Stretch]
    native_gsd_m: float
    bounds: Bounds
    grid: Grid
    window: Window
    pixel_m: tuple[float, float]
    validity: Validity
    files: tuple[tuple[str, int, int], ...]
    crs: str
    transform: tuple[float, ...]

    def identity(self) -> dict[str, object]:
        """Return, JSON-ready, everything that changes a pixel's value or its place."""
        path, mtime_ns, size = self.files[0]
        nodata = self.validity.nodata
        return {
            "path": path,
            "mtime_ns": mtime_ns,
            "size": size,
            "files": [list(stamp) for stamp in self.files[1:]],
            "source_crs": self.crs,
            "transform": list(self.transform),
            "bands": list(self.bands),
            "stretch": None if self.stretch is None else [list(r) for r in self.stretch],
            "nodata": None if nodata is None else repr(nodata),
            "mask": self.validity.mask,
            "gsd_m": self.grid.gsd_m,
            "crs": self.grid.crs,
        }


def open_scene(
    path: str,
    *,
    sensor: str = "auto",
    bands: Optional[Sequence[int]] = None,
    stretch: Optional[Sequence[Range]] = None,
    gsd_m: Optional[float] = None,
    model_gsd: GsdRule,
    tile_px: int = 224,
    patch_px: int = 16,
) -> Scene:
    """Look at a raster and decide how it is read.

    Args:
        path: Any raster that GDAL opens.
        sensor: "auto", "naip", "sentinel2" or "rgb".
        bands: 1-based red, green, blue; found by name, colour interpretation or known order if None.
        stretch: (low, high) stored values of red, green, blue that become 0 and 255; chosen for the sensor if None.
        gsd_m: Ground resolution to read at, in metres; by `model_gsd` if None.
        model_gsd: The model's rule for its ground resolution.
        tile_px: Edge of a model input in pixels.
        patch_px: Edge of a patch in pixels.

    Raises:
        SceneError: The raster cannot be opened, placed or read, or holds no valid pixel.
        UsageError: An argument is wrong.
    """
    path = str(path)
    with gdal_env(), open_raster(path) as src:
        bounds, crs, pixel_m = _place(src, path)
        alpha = find_alpha(src)
        info = BandInfo(src.dtypes[0], src.descriptions, [c.name for c in src.colorinterp], max(pixel_m), alpha)
        chosen = recognise_sensor(info) if sensor == "auto" else check_sensor(sensor)
        try:
            rgb = check_bands(bands, src.count) if bands is not None else find_bands(info, chosen)
        except SceneError as error:
            raise SceneError(error.message, remedy=error.remedy, path=path) from error
        validity = find_validity(src, rgb, alpha if alpha not in rgb else 0)
        sample = read_sample(src, rgb, validity)
        scales, offsets = (tuple(per_band[b - 1] for b in rgb) for per_band in (src.scales, src.offsets))
        own = choose_stretch(chosen, src.dtypes[rgb[0] - 1], sample.pixels, sample.valid, scales, offsets)
        grid = Grid(crs, gsd_m if gsd_m is not None else model_gsd.gsd_for(chosen, max(pixel_m)), tile_px, patch_px)
        return Scene(
            path,
            chosen,
            rgb,
            own if stretch is None else as_stretch(stretch),
            max(pixel_m),
            bounds,
            grid,
            grid.pixel_window(bounds),
            pixel_m,
            validity,
            file_stamps(src, path),
            crs_text(source_crs(src)),
            src.transform.to_gdal(),
        )


def regrid(scene: Scene, crs: str, gsd_m: float) -> Scene:
    """Return a scene as it is read on another grid: what two rasters of one place are compared on.

    Args:
        scene: The scene.
        crs: A metric CRS that is true to the ground there.
        gsd_m: Ground resolution in metres.

    Raises:
        SceneError: The raster cannot be opened any more, or has no place in that CRS.
    """
    grid, bounds, pixel_m = replace(scene.grid, crs=crs, gsd_m=gsd_m), scene.bounds, scene.pixel_m
    if crs != scene.grid.crs:
        with gdal_env(), open_raster(scene.path) as src:
            bounds, _crs, pixel_m = _place(src, scene.path, crs)
    return replace(scene, grid=grid, bounds=bounds, window=grid.pixel_window(bounds), pixel_m=pixel_m)


def window_of_extent(scene: Scene, extent: Optional[Bounds], extent_crs: Optional[str]) -> Window:
    """Return the pixels of an extent, clipped to the scene; the whole scene if `extent` is None.

    Args:
        scene: The scene.
        extent: xmin, ymin, xmax, ymax.
        extent_crs: CRS of `extent`; the raster's own if None.

    Raises:
        UsageError: The extent is empty, cannot be placed, or misses the scene.
    """
    if extent is None:
        return scene.window
    xmin, ymin, xmax, ymax = extent
    if not all(map(math.isfinite, extent)) or xmin >= xmax or ymin >= ymax:
        raise UsageError(f"the extent {extent} is empty", remedy="Give XMIN,YMIN,XMAX,YMAX with min below max.")
    source = map_crs(scene, extent_crs)
    if source != scene.grid.crs:
        try:
            to_grid = transformer(source, scene.grid.crs)
            extent = to_grid.transform_bounds(xmin, ymin, xmax, ymax, densify_pts=EDGE_POINTS, errcheck=True)
        except ProjError as error:
            raise UsageError(f"the extent {extent} cannot be placed: {error}", remedy="Check its CRS.") from error
    window = scene.grid.pixel_window(extent).intersection(scene.window)
    if window.empty:
        raise UsageError(
            "the extent and the raster do not touch", remedy="Check the extent and its CRS.", path=scene.path
        )
    return window


def map_crs(scene: Scene, crs: Optional[str]) -> str:
    """Return the CRS of what a user points at: the one named, else the raster's own.

    Raises:
        UsageError: There is no such CRS.
    """
    if crs is None:
        return scene.crs
    try:
        return crs_text(horizontal(CRS.from_user_input(crs)))
    except CRSError as error:
        raise UsageError(f"there is no CRS {crs!r}: {error}", remedy="Name it like EPSG:4326.") from error


class SceneReader:
    """Reads windows of a scene; a context manager, one for each thread.

    Raises:
        SceneError: The raster cannot be opened any more.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._stack = ExitStack()
        self._blocks: OrderedDict[tuple[int, int], tuple[NDArray[np.uint8], NDArray[np.bool_]]] = OrderedDict()
        try:
            src = self._stack.enter_context(open_raster(scene.path))
            self._cache_bytes = cache_bytes(
                src, math.ceil(4 * scene.grid.tile_px * scene.grid.gsd_m / scene.pixel_m[1])
            )
            self._warped = [self._warp(src, validity) for validity in _single_marks(scene.validity)]
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> SceneReader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the raster."""
        self._blocks.clear()
        self._stack.close()

    def read(self, window: Window) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Return (uint8 [3, H, W] red, green, blue; bool [H, W] valid) of global pixels; zeros where not valid.

        Raises:
            SceneError: The file is damaged there.
        """
        rgb = np.zeros((3, *window.shape), np.uint8)
        valid = np.zeros(window.shape, bool)
        inside = window.intersection(self.scene.window)
        for index in self.scene.grid.tile_range(inside):
            block_window = self._block_window(index)
            part = block_window.intersection(inside)
            if part.empty:
                continue
            block_rgb, block_valid = self._block(index, block_window)
            to, of = part.slices_in(window), part.slices_in(block_window)
            rgb[:, to[0], to[1]] = block_rgb[:, of[0], of[1]]
            valid[to] = block_valid[of]
        return rgb, valid

    def _block_window(self, index: tuple[int, int]) -> Window:
        return self.scene.grid.tile_window(index).intersection(self.scene.window)

    def _block(self, index: tuple[int, int], window: Window) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        found = self._blocks.get(index)
        if found is None:
            found = self._blocks[index] = self._compute(window)
            if len(self._blocks) > CACHED_BLOCKS:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(index)
        return found

    def _compute(self, window: Window) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        origin = self.scene.window
        place = RasterWindow(window.col - origin.col, window.row - origin.row, window.width, window.height)
        valid = np.ones(window.shape, bool)
        try:
            with gdal_env(self._cache_bytes):
                for warped in reversed(self._warped):
                    pixels = warped.read(window=place)
                    valid &= pixels[3] >= 128
        except GDAL_ERRORS as error:
            raise unreadable(self.scene.path, error) from error
        if np.iscomplexobj(pixels):
            pixels = pixels.real
        valid &= np.isfinite(pixels[:3]).all(0)
        rgb = apply_stretch(pixels[:3], self.scene.stretch)
        rgb[:, ~valid] = 0
        return rgb, valid

    def _warp(self, src: DatasetReader, validity: Validity) -> WarpedVRT:
        scene, stack = self.scene, self._stack
        subset = stack.enter_context(open_subset(src, scene.bands, validity))
        x_m, y_m = scene.pixel_m
        reduction = min(1.0, x_m / scene.grid.gsd_m), min(1.0, y_m / scene.grid.gsd_m)
        grid, window = scene.grid, scene.window
        return stack.enter_context(
            warped(subset, grid.crs, grid.window_transform(window), (window.height, window.width), reduction)
        )


def _single_marks(validity: Validity) -> list[Validity]:
    """Split nodata from mask: GDAL's warper heeds one of them. The first is read last and gives the colours."""
    if validity.nodata is not None and validity.mask:
        return [Validity(validity.nodata), Validity(None, validity.mask)]
    return [validity]


def _place(src: DatasetReader, path: str, crs: Optional[str] = None) -> tuple[Bounds, str, tuple[float, float]]:
    """Return the raster's bounds in a metric CRS (None: its own), that CRS, and a pixel's edges there in metres."""
    own = source_crs(src)
    xs, ys = _outline(src)
    try:
        crs = crs or metric_crs(own, (min(xs), min(ys), max(xs), max(ys)))
        to_grid = transformer(own.to_wkt(), crs)
        if crs == crs_text(own):
            gx, gy = xs, ys
        else:
            gx, gy = to_grid.transform(xs, ys, errcheck=True)
        cols = np.array([src.width / 2, src.width / 2 + 1, src.width / 2])
        rows = np.array([src.height / 2, src.height / 2, src.height / 2 + 1])
        cx, cy = to_grid.transform(*_map(src, cols, rows), errcheck=True)
    except ProjError as error:
        raise SceneError(
            f"its corners have no place in a metric CRS: {error}",
            path=path,
            remedy="Check its CRS, or clip it to the region of interest.",
        ) from error
    except SceneError as error:
        raise SceneError(error.message, remedy=error.remedy, path=path) from error
    pixel_m = (math.hypot(cx[1] - cx[0], cy[1] - cy[0]), math.hypot(cx[2] - cx[0], cy[2] - cy[0]))
    return (float(min(gx)), float(min(gy)), float(max(gx)), float(max(gy))), crs, pixel_m


def _outline(src: DatasetReader) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (x, y) of points along the four edges of a raster."""
    u = np.linspace(0.0, 1.0, EDGE_POINTS)
    zero, one = np.zeros_like(u), np.ones_like(u)
    return _map(src, np.concatenate([u, u, zero, one]) * src.width, np.concatenate([zero, one, u, u]) * src.height)


def _map(
    src: DatasetReader, cols: NDArray[np.float64], rows: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b, c, d, e, f = src.transform[:6]
    return a * cols + b * rows + c, d * cols + e * rows + f
