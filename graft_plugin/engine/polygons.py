"""From regions to polygons: exact pixel edges, joined across windows, measured, and simplified on request."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import shapes
from scipy import ndimage
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from .grid import Grid
from .progress import CancelToken
from .regions import Cells, Region

_PLACED_AT_ONCE = 1024


@dataclass(frozen=True)
class FoundPolygon:
    """A connected thing on the map.

    Attributes:
        prompt_index: Which prompt.
        geometry: A valid shapely Polygon in the grid's CRS (simplification may, rarely, make it a MultiPolygon).
        score: Mean score over its pixels.
        sam_score: Mean of SAM's own IoU estimates over the pixels that SAM drew, or NaN.
        area_m2: Planar area in the grid's CRS, which is true to the ground within 1 % in area (`grid.metric_crs`);
            unsimplified, it is exactly the pixels times gsd².
        perimeter_m: Length of all its rings, likewise.
    """

    prompt_index: int
    geometry: BaseGeometry
    score: float
    sam_score: float
    area_m2: float
    perimeter_m: float


@dataclass(frozen=True)
class _Part:
    """A polygon of one region or block, in global pixels (x = col, y = row), with its sums."""

    geometry: BaseGeometry
    score: float
    sam_score: float
    sam_px: float
    origin: int
    """Which call added it; parts of one call share no edge."""


class PolygonBuilder:
    """Collects regions and makes polygons of them.

    Regions become outlines at once, so that only outlines stay in memory. They are joined in whole pixels, where
    coordinates are exact, and only then placed on the map: no sliver is left between two windows. Pixels are connected
    through edges, not through corners; where two regions of one prompt overlap, each pixel counts once in the geometry.

    Args:
        grid: The pixel raster that the regions lie on.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._parts: dict[int, list[_Part]] = {}
        self._origins = count()

    def add(self, found: Region | Cells) -> None:
        """Take in a region, or all the pieces of a block."""
        step = found.step_px
        place = Affine(step, 0.0, found.window.col, 0.0, step, found.window.row)
        parts, origin = self._parts.setdefault(found.prompt_index, []), next(self._origins)
        if isinstance(found, Cells):
            labels, number = ndimage.label(found.mask)
            scores = ndimage.mean(found.scores, labels, np.arange(1, number + 1))
            for geometry, label in _outlines(labels.astype(np.int32), place):
                parts.append(_Part(geometry, float(scores[label - 1]), math.nan, 0.0, origin))
        else:
            for geometry, _ in _outlines(found.mask.astype(np.int32), place):
                drawn = geometry.area if math.isfinite(found.sam_score) else 0.0
                parts.append(_Part(geometry, found.score, found.sam_score, drawn, origin))

    def build(
        self, *, simplify_m: float = 0.0, min_area_m2: float = 0.0, cancel: CancelToken | None = None
    ) -> list[FoundPolygon]:
        """Join what was added.

        Args:
            simplify_m: Tolerance in metres of a simplification that keeps each polygon's topology (Douglas and
                Peucker, as in GEOS TopologyPreservingSimplifier); 0 keeps the pixels' edges.
            min_area_m2: Smaller polygons are left out; judged before simplification.
            cancel: Checked between groups of polygons.

        Returns:
            Polygons by prompt, then from north to south, west to east.
        """
        cancel = cancel or CancelToken()
        found = []
        for prompt_index in sorted(self._parts):
            joined = []
            for group in _touching(self._parts[prompt_index]):
                cancel.check()
                joined += _join(group)
            for start in range(0, len(joined), _PLACED_AT_ONCE):
                cancel.check()
                found += self._place(prompt_index, joined[start : start + _PLACED_AT_ONCE], simplify_m, min_area_m2)
        return sorted(found, key=_reading_order)

    def _place(
        self, prompt_index: int, parts: Sequence[_Part], simplify_m: float, min_area_m2: float
    ) -> list[FoundPolygon]:
        gsd = self._grid.gsd_m
        pixels = np.array([part.geometry for part in parts], dtype=object)
        large = shapely.area(pixels) * gsd**2 >= min_area_m2
        parts = [part for part, keep in zip(parts, large, strict=True) if keep]
        placed = shapely.transform(pixels[large], lambda xy: xy * np.array([gsd, -gsd]))
        if simplify_m > 0.0:
            simple = np.array([_valid(g) for g in shapely.simplify(placed, simplify_m, preserve_topology=True)])
            placed = np.where(shapely.is_empty(simple), placed, simple)
        placed = shapely.normalize(placed)
        areas, lengths = shapely.area(placed).tolist(), shapely.length(placed).tolist()
        return [
            FoundPolygon(prompt_index, geometry, part.score, part.sam_score, area, length)
            for geometry, part, area, length in zip(placed, parts, areas, lengths, strict=True)
        ]


def _outlines(values: NDArray[np.int32], place: Affine) -> Iterator[tuple[BaseGeometry, int]]:
    """Yield the valid outline of each 4-connected piece of equal values other than 0, and the value."""
    found = list(shapes(values, mask=values > 0, connectivity=4, transform=place))
    if not found:
        return
    rings = [ring for outline, _ in found for ring in outline["coordinates"]]
    ends = np.cumsum([0, *(len(ring) for ring in rings)])
    groups = np.cumsum([0, *(len(outline["coordinates"]) for outline, _ in found)])
    corners = np.concatenate([np.asarray(ring, dtype=np.float64) for ring in rings])
    geometries = shapely.from_ragged_array(shapely.GeometryType.POLYGON, corners, (ends, groups))
    for geometry, sound, (_, value) in zip(geometries, shapely.is_valid(geometries), found, strict=True):
        yield geometry if sound else _valid(geometry), int(value)


def merge_regions(
    regions: Iterable[Region | Cells], grid: Grid, *, simplify_m: float = 0.0, min_area_m2: float = 0.0
) -> list[FoundPolygon]:
    """Make polygons of regions; see `PolygonBuilder`."""
    builder = PolygonBuilder(grid)
    for region in regions:
        builder.add(region)
    return builder.build(simplify_m=simplify_m, min_area_m2=min_area_m2)


def _touching(parts: Sequence[_Part]) -> list[list[_Part]]:
    """Group parts that share an edge or overlap, directly or through others; order kept."""
    if len({part.origin for part in parts}) < 2:
        return [[part] for part in parts]
    geometries = np.array([p.geometry for p in parts])
    group = list(range(len(parts)))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    first, second = STRtree(geometries).query(geometries)  # by their boxes, which takes no time
    origin = np.array([p.origin for p in parts])
    apart = (first < second) & (origin[first] != origin[second])
    first, second = first[apart], second[apart]
    meet = shapely.intersects(geometries[first], geometries[second])
    for a, b in zip(first[meet].tolist(), second[meet].tolist(), strict=True):
        low, high = sorted((root(a), root(b)))
        group[high] = low
    groups: dict[int, list[_Part]] = {}
    for i, part in enumerate(parts):
        groups.setdefault(root(i), []).append(part)
    return list(groups.values())


def _join(parts: list[_Part]) -> list[_Part]:
    """Unite parts; those that only meet in a corner come apart again. Scores are means weighted by pixels."""
    if len(parts) == 1:
        return parts
    united = shapely.union_all([p.geometry for p in parts])
    pieces = [_without_seams(p) for p in shapely.get_parts(united)]
    if len(pieces) == 1:
        return [_averaged(pieces[0], parts)]
    inside = [p.geometry.representative_point() for p in parts]
    return [_averaged(piece, [p for p, at in zip(parts, inside, strict=True) if piece.covers(at)]) for piece in pieces]


def _averaged(geometry: BaseGeometry, parts: Sequence[_Part]) -> _Part:
    known = [p for p in parts if math.isfinite(p.score)]
    area = sum(p.geometry.area for p in known)
    score = sum(p.score * p.geometry.area for p in known) / area if area else math.nan
    drawn = sum(p.sam_px for p in parts)
    sam_score = sum(p.sam_score * p.sam_px for p in parts if p.sam_px) / drawn if drawn else math.nan
    return _Part(geometry, score, sam_score, drawn, -1)


def _without_seams(geometry: BaseGeometry) -> BaseGeometry:
    """Drop the vertices that a union leaves along straight edges."""
    return geometry.simplify(0.0, preserve_topology=True)


def _valid(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry's polygonal parts, valid."""
    if geometry.is_valid:
        return geometry
    mended = shapely.get_parts(shapely.make_valid(geometry))
    flat = [g for part in mended for g in shapely.get_parts(part) if g.geom_type == "Polygon"]
    return flat[0] if len(flat) == 1 else shapely.MultiPolygon(flat)


def _reading_order(polygon: FoundPolygon) -> tuple[int, float, float, bytes]:
    xmin, _, _, ymax = polygon.geometry.bounds
    wkb = shapely.to_wkb(polygon.geometry)  # polygons may share a corner of their bounds
    return polygon.prompt_index, -ymax, xmin, wkb
