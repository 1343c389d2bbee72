"""Polygons of a search as a map of classes, over the area that was searched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError
from pyogrio.raw import read as read_features
from rasterio.features import rasterize
from shapely import STRtree

from ..errors import SceneError, UsageError
from .assess_map import CHANGES, GAINED, LOST, Classes, ClassMap, chosen_prompt, names_of
from .assess_requests import AssessSampleRequest
from .classes import NODATA
from .crs import transformer
from .grid import Grid, GsdRule, Window
from .scene import SceneReader, open_scene, regrid

_VECTORS = (".gpkg", ".geojson", ".json", ".shp", ".fgb")
_FIELDS = ("prompt", "score", "gsd_m", "source")

Known = Callable[[Window], NDArray[np.bool_]]
"""Which cells of a window of the grid were searched."""


@dataclass(frozen=True)
class _Found:
    """Polygons, those with the highest scores last, and the class of each; from so many dates' rasters."""

    shapes: NDArray[Any]
    values: NDArray[np.int64]
    names: dict[int, str]
    crs: str
    gsd_m: float
    rasters: tuple[str, ...]
    dates: int


@contextmanager
def polygon_map(request: AssessSampleRequest) -> Iterator[ClassMap]:
    """Open polygons as cells of the ground resolution at which they were found.

    Raises:
        SceneError: The file or the area cannot be read, or the polygons are not of the engine.
        UsageError: There is no such prompt or layer, or the area is not known.
    """
    if request.threshold is not None:
        raise UsageError("polygons have no threshold to choose", remedy="Leave --threshold out.", path=request.result)
    found = _read(request)
    grid, tree = Grid(found.crs, found.gsd_m), STRtree(found.shapes)
    with ExitStack() as stack:
        window, known = _area(request, found, grid, stack)

        def read(part: Window) -> Classes:
            at = part.shifted(window.row, window.col)
            near = np.sort(tree.query(shapely.box(*grid.window_bounds(at))))
            drawn = zip(found.shapes[near], found.values[near].tolist(), strict=True)
            values = np.zeros(at.shape, np.uint8)
            if len(near):
                rasterize(drawn, out=values, transform=grid.window_transform(at))
            return np.where(known(at), values, NODATA).astype(np.uint8)

        yield ClassMap(found.names, found.crs, grid.window_transform(window), window.shape, read)


def _read(request: AssessSampleRequest) -> _Found:
    layer = request.layer or _only_layer(request.result)
    meta, _fids, wkb, values = _features(request.result, layer)
    columns = dict(zip(meta["fields"].tolist(), values, strict=True))
    lacking = [name for name in _FIELDS if name not in columns]
    if lacking:
        raise SceneError(
            f"the layer {layer!r} lacks the field {lacking[0]!r}: its polygons are not of the engine",
            remedy="Give polygons that graft query or graft compare wrote, or name another with --layer.",
            path=request.result,
        )
    if wkb is None or not len(wkb):
        raise SceneError(f"the layer {layer!r} holds no polygon", remedy="Assess the heatmap.", path=request.result)
    texts = columns["prompt"].astype(str)
    prompts = tuple(sorted(set(texts.tolist())))
    chosen = chosen_prompt(prompts, request)
    names = names_of(prompts, chosen)
    classes = np.array([prompts.index(text) + 1 for text in texts])
    kept = np.ones(len(texts), bool) if chosen is None else classes == chosen + 1
    if chosen is not None:
        classes[:] = 1
    rasters = {str(v) for v in columns["source"][kept]}
    if "change" in columns:
        if chosen is None:
            remedy = f"Choose one with --prompt: {', '.join(prompts)}."
            raise UsageError("it holds the change of several prompts", remedy=remedy, path=request.result)
        names, classes = dict(CHANGES), np.where(columns["change"] == "gained", GAINED, LOST)
        rasters |= {str(v) for v in columns["before"][kept]}
    order = np.flatnonzero(kept)[np.argsort(np.abs(columns["score"][kept]), kind="stable")]
    shapes = shapely.from_wkb(wkb[order])
    dates = 2 if "change" in columns else 1
    gsd_m = float(columns["gsd_m"][kept].min())
    return _Found(shapes, classes[order], names, str(meta["crs"]), gsd_m, tuple(sorted(rasters)), dates)


def _area(request: AssessSampleRequest, found: _Found, grid: Grid, stack: ExitStack) -> tuple[Window, Known]:
    """Return the grid's pixels around the area, and which of them were searched."""
    if request.area is not None and Path(request.area).suffix.lower() in _VECTORS:
        outline = _outline(request.area, found.crs)

        def inside(window: Window) -> NDArray[np.bool_]:
            place = grid.window_transform(window)
            return np.asarray(rasterize([outline], window.shape, transform=place, dtype=np.uint8).astype(bool))

        return grid.pixel_window(outline.bounds), inside
    rasters = (request.area,) if request.area is not None else found.rasters
    if request.area is None and len(rasters) > found.dates:
        raise UsageError(
            "the polygons come from several rasters", remedy="Name the searched one with --area.", path=request.result
        )
    try:
        rule = GsdRule({"rgb": found.gsd_m})
        scenes = [regrid(open_scene(path, model_gsd=rule), found.crs, found.gsd_m) for path in rasters]
    except SceneError as error:
        raise SceneError(
            f"the area that was searched cannot be read: {error.message}",
            remedy="Name a raster, or a file of polygons, that covers it with --area.",
            path=error.path or rasters[0],
        ) from error
    readers = [stack.enter_context(SceneReader(scene)) for scene in scenes]
    window = scenes[0].window
    for scene in scenes[1:]:
        window = window.intersection(scene.window)

    def valid(part: Window) -> NDArray[np.bool_]:
        return np.asarray(np.logical_and.reduce([reader.read(part)[1] for reader in readers]))

    return window, valid


def _outline(path: str, crs: str) -> shapely.Geometry:
    """Return what the polygons of a file cover, in another CRS."""
    meta, _fids, wkb, _values = _features(path, None)
    if wkb is None or not len(wkb) or not meta["crs"]:
        raise SceneError("it holds no polygon with a CRS", remedy="Name another area.", path=path)
    to_map = transformer(str(meta["crs"]), crs)
    shapes = shapely.from_wkb(wkb)
    moved = shapely.transform(shapes, lambda xy: np.stack(to_map.transform(xy[:, 0], xy[:, 1]), axis=1))
    return shapely.union_all(shapely.make_valid(moved))


def _only_layer(path: str) -> str:
    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(path) if "Polygon" in str(kind)]
    except (DataSourceError, RuntimeError) as error:
        raise SceneError(f"it cannot be opened: {error}", remedy="Name another file.", path=path) from error
    if len(layers) != 1:
        names = f"it holds {', '.join(layers)}" if layers else "it holds no polygons"
        raise UsageError(f"which layer is meant is not clear: {names}", remedy="Name one with --layer.", path=path)
    return layers[0]


def _features(path: str, layer: str | None) -> tuple[Any, Any, Any, Any]:
    """Return pyogrio's metadata, ids, WKB and fields of a layer."""
    try:
        meta, fids, wkb, values = read_features(path, layer=layer)
    except (DataSourceError, ValueError, RuntimeError) as error:
        raise SceneError(f"it cannot be read: {error}", remedy="Check its name, and its layer's.", path=path) from error
    return meta, fids, wkb, values
