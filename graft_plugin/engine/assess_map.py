"""A result as a map of classes: a class map, a heatmap with thresholds, or polygons over the area they were found in.

Cells are read block by block; nothing is kept of the whole map but the outlines of polygons.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterWindow

from ..errors import SceneError, UsageError
from .assess_requests import AssessSampleRequest
from .classes import NODATA, best_prompts
from .crs import crs_text, metric_crs, transformer
from .grid import Window
from .source import GDAL_ERRORS, gdal_env, open_raster, source_crs, unreadable
from .vectorise import open_heatmap

UNCHANGED, GAINED, LOST = 0, 1, 2
CHANGES = {UNCHANGED: "unchanged", GAINED: "gained", LOST: "lost"}
"""The classes of a comparison."""

Classes = NDArray[np.uint8]


@dataclass(frozen=True)
class ClassMap:
    """A map of classes on a raster of cells.

    Attributes:
        names: Of the classes that there may be, by their values.
        crs: Metric: "EPSG:n" or WKT.
        transform: Maps (col, row) of cells to (x, y).
        shape: (rows, cols).
        read: The values uint8 [h, w] of a window of cells, `NODATA` where there is none.
    """

    names: Mapping[int, str]
    crs: str
    transform: Affine
    shape: tuple[int, int]
    read: Callable[[Window], Classes]

    @property
    def cell_m2(self) -> float:
        """Area of a cell."""
        return abs(float(self.transform.determinant))


@contextmanager
def open_map(request: AssessSampleRequest) -> Iterator[ClassMap]:
    """Open the result that a request names.

    Raises:
        SceneError: It cannot be read, or is no result of the engine.
        UsageError: The prompt or the extent does not fit it.
    """
    if Path(request.result).suffix.lower() == ".gpkg":
        from .assess_polygons import polygon_map

        with polygon_map(request) as found:
            yield found
        return
    with gdal_env(), open_raster(request.result) as src:
        scores = src.dtypes[0] == "float32"
        if not scores:
            yield _of_classes(src, request)
            return
    with _of_heatmap(request) as found:
        yield found


def window_of(found: ClassMap, request: AssessSampleRequest) -> Window:
    """Return the cells of the extent that a request names; all by default.

    Raises:
        UsageError: The extent misses the map, or its CRS is none.
    """
    whole = Window(0, 0, *found.shape)
    if request.extent is None:
        return whole
    xmin, ymin, xmax, ymax = request.extent
    try:
        to_map = transformer(request.extent_crs or found.crs, found.crs)
        bounds = to_map.transform_bounds(xmin, ymin, xmax, ymax, densify_pts=33, errcheck=True)
    except ProjError as error:
        raise UsageError(f"the extent cannot be placed: {error}", remedy="Check its CRS.") from error
    back = ~found.transform
    corners = [back * (x, y) for x in bounds[::2] for y in bounds[1::2]]
    (col, row), (col_stop, row_stop) = np.floor(np.min(corners, axis=0)), np.ceil(np.max(corners, axis=0))
    window = Window.between(int(row), int(col), int(row_stop), int(col_stop)).intersection(whole)
    if window.empty:
        raise UsageError("the extent and the result do not touch", remedy="Check the extent and its CRS.")
    return window


def chosen_prompt(prompts: tuple[str, ...], request: AssessSampleRequest) -> int | None:
    """Return the number of the prompt that is asked for; None: all of several.

    Raises:
        UsageError: The result has no such prompt.
    """
    if request.prompt is None:
        return 0 if len(prompts) == 1 else None
    if request.prompt not in prompts:
        remedy = f"It has: {', '.join(prompts)}."
        raise UsageError(f"the result holds no prompt {request.prompt!r}", remedy=remedy, path=request.result)
    return prompts.index(request.prompt)


def names_of(prompts: tuple[str, ...], chosen: int | None) -> dict[int, str]:
    """Return the classes of one prompt, or of all."""
    if chosen is not None:
        return {0: f"not {prompts[chosen]}", 1: prompts[chosen]}
    return dict(enumerate(("none", *prompts)))


def _of_classes(src: DatasetReader, request: AssessSampleRequest) -> ClassMap:
    """Return a class map that a query or a classification wrote, or one like it."""
    for name in ("prompt", "threshold"):
        if getattr(request, name) is not None:
            raise UsageError(f"a class map has no {name} to choose", remedy=f"Leave --{name} out.", path=request.result)
    if src.count != 1 or src.dtypes[0] != "uint8":
        raise SceneError(
            f"it is no class map: {src.count} band{'s' * (src.count > 1)} of {src.dtypes[0]}",
            remedy="Give a class map or a heatmap (.tif) of the engine, or polygons (.gpkg).",
            path=request.result,
        )
    crs = crs_text(source_crs(src))
    if metric_crs(crs, tuple(src.bounds)) != crs:
        raise SceneError(
            "its CRS does not measure true metres, so that areas would be wrong",
            remedy="Reproject it to a UTM zone, by nearest neighbour.",
            path=request.result,
        )
    nodata = NODATA if src.nodata is None else int(src.nodata)

    def read(window: Window) -> Classes:
        try:
            values = src.read(1, window=RasterWindow(window.col, window.row, window.width, window.height))
        except GDAL_ERRORS as error:
            raise unreadable(request.result, error) from error
        return np.where(values == nodata, NODATA, values).astype(np.uint8)

    names = dict(enumerate(_category_names(request.result)))
    return ClassMap(names, crs, src.transform, (src.height, src.width), read)


def _category_names(path: str) -> list[str]:
    """Return the names of the classes, which GDAL keeps in a file beside the raster; numbers where there are none."""
    try:
        found = [(node.text or "").strip() for node in ET.parse(f"{path}.aux.xml").iter("Category")]
    except (OSError, ET.ParseError):
        found = []
    names = [name or f"class {number}" for number, name in enumerate(found)]
    return names + [f"class {number}" for number in range(len(names), NODATA)]


@contextmanager
def _of_heatmap(request: AssessSampleRequest) -> Iterator[ClassMap]:
    with open_heatmap(request.result) as heat:
        chosen = chosen_prompt(heat.prompts, request)
        thresholds = [v if request.threshold is None else request.threshold for v in heat.thresholds]
        change = heat.tags["scores"] == "change"
        if change and chosen is None:
            remedy = f"Choose one with --prompt: {', '.join(heat.prompts)}."
            raise UsageError("it shows the change of several prompts", remedy=remedy, path=request.result)
        s, area = heat.stride_px, heat.window

        def read(window: Window) -> Classes:
            at = Window(area.row + window.row * s, area.col + window.col * s, window.height * s, window.width * s)
            scores = heat.read(at)
            if chosen is None:
                return best_prompts(scores, thresholds)
            plane, limit = scores[chosen], thresholds[chosen]
            if not change:
                return best_prompts(plane[None], [limit])
            with np.errstate(invalid="ignore"):
                value = np.where(plane >= limit, GAINED, np.where(plane <= -limit, LOST, UNCHANGED))
            return np.where(np.isfinite(plane), value, NODATA).astype(np.uint8)

        names = CHANGES if change else names_of(heat.prompts, chosen)
        shape = area.height // s, area.width // s
        yield ClassMap(names, heat.grid.crs, heat.grid.window_transform(area, s), shape, read)
