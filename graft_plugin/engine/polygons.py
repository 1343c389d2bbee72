"""From regions to polygons: exact pixel edges, joined across windows, measured, and simplified on request."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from rasterio.features import shapes
from shapely import STRtree
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from .grid import Grid
from .regions import Region


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
    """A polygon of one region, in global pixels (x = col, y = row), with its sums."""

    geometry: BaseGeometry
    score: float
    sam_score: float
    sam_px: float


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

    def add(self, region: Region) -> None:
        """Take in a region."""
        step = region.step_px
        place = Affine(step, 0.0, region.window.col, 0.0, step, region.window.row)
        values = region.mask.astype(np.uint8)
        for outline, _ in shapes(values, mask=region.mask, connectivity=4, transform=place):
            geometry = _valid(shape(outline))
            drawn = geometry.area if math.isfinite(region.sam_score) else 0.0
            part = _Part(geometry, region.score, region.sam_score, drawn)
            self._parts.setdefault(region.prompt_index, []).append(part)

    def build(self, *, simplify_m: float = 0.0, min_area_m2: float = 0.0) -> list[FoundPolygon]:
        """Join what was added.

        Args:
            simplify_m: Tolerance in metres of a simplification that keeps each polygon's topology (Douglas and
                Peucker, as in GEOS TopologyPreservingSimplifier); 0 keeps the pixels' edges.
            min_area_m2: Smaller polygons are left out; judged before simplification.

        Returns:
            Polygons by prompt, then from north to south, west to east.
        """
        found = []
        for prompt_index in sorted(self._parts):
            joined = [p for group in _touching(self._parts[prompt_index]) for p in _join(group)]
            made = [self._place(prompt_index, part, simplify_m, min_area_m2) for part in joined]
            found += sorted((p for p in made if p is not None), key=_reading_order)
        return found

    def _place(self, prompt_index: int, part: _Part, simplify_m: float, min_area_m2: float) -> FoundPolygon | None:
        gsd = self._grid.gsd_m
        if part.geometry.area * gsd**2 < min_area_m2:
            return None
        geometry = shapely.transform(part.geometry, lambda xy: xy * np.array([gsd, -gsd]))
        if simplify_m > 0.0:
            simple = _valid(geometry.simplify(simplify_m, preserve_topology=True))
            geometry = simple if not simple.is_empty else geometry
        geometry = shapely.normalize(geometry)
        return FoundPolygon(
            prompt_index, geometry, part.score, part.sam_score, float(geometry.area), float(geometry.length)
        )


def merge_regions(
    regions: Iterable[Region], grid: Grid, *, simplify_m: float = 0.0, min_area_m2: float = 0.0
) -> list[FoundPolygon]:
    """Make polygons of regions; see `PolygonBuilder`."""
    builder = PolygonBuilder(grid)
    for region in regions:
        builder.add(region)
    return builder.build(simplify_m=simplify_m, min_area_m2=min_area_m2)


def _touching(parts: Sequence[_Part]) -> list[list[_Part]]:
    """Group parts that share an edge or overlap, directly or through others; order kept."""
    geometries = [p.geometry for p in parts]
    group = list(range(len(parts)))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    first, second = STRtree(geometries).query(geometries, predicate="intersects")
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        if a < b:
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
    return _Part(geometry, score, sam_score, drawn)


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


def _reading_order(polygon: FoundPolygon) -> tuple[float, float, bytes]:
    xmin, _, _, ymax = polygon.geometry.bounds
    return -ymax, xmin, shapely.to_wkb(polygon.geometry)  # polygons may share a corner of their bounds
