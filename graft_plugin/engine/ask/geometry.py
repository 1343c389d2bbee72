"""Sets of regions in a metric CRS: where they lie to one another, and how large they are. Lengths are metres.

Distances are those of the nearest points of two regions' edges, 0 where they meet. A region is never related to
itself: the ponds near a pond are those that have another one near.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from .budget import Budget
from .finder import Region

Regions = tuple[Region, ...]
_AT_ONCE = 512
"""Geometries that go into one call of GEOS, between two looks at the token."""
INSIDE_SHARE = 0.5
_ROUNDING_M = 1e-6
_ARC = 8
DIRECTIONS = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0)}


def near(a: Regions, b: Regions, metres: float, budget: Budget) -> Regions:
    """Return those of `a` that are at most so far from some region of `b`."""
    at, distances = _distances(a, b, budget, metres)
    return _chosen(a, at[distances <= metres])


def away_from(a: Regions, b: Regions, metres: float, budget: Budget) -> Regions:
    """Return those of `a` that are farther than so many metres from every region of `b`."""
    return without(a, near(a, b, metres, budget))


def ground_near(a: Regions, b: Regions, metres: float, budget: Budget) -> Regions:
    """Return the ground of `a` that is at most so many metres from `b`; round corners to 1 % of the distance."""
    around = []
    for region in b:
        budget.vertices(_ARC * _size([region.geometry]))
        around.append(region.geometry.buffer(metres, quad_segs=_ARC))
    found: list[Region] = []
    first, second = _pairs(a, b, budget, selves=True, others=around)
    starts = np.searchsorted(first, np.arange(len(a) + 1))
    for i, region in enumerate(a):
        near_it = second[starts[i] : starts[i + 1]].tolist()
        if near_it:
            budget.vertices(_size([region.geometry, *(around[j] for j in near_it)]))
            ground = _united([around[j] for j in near_it], budget).intersection(region.geometry)
            found += _pieces(ground, min(region.score, min(b[j].score for j in near_it)), region.text)
    return tuple(found)


def without(a: Regions, some: Regions) -> Regions:
    """Return those of `a` that are not among some."""
    gone = {id(region) for region in some}
    return tuple(region for region in a if id(region) not in gone)


def inside(a: Regions, b: Regions, budget: Budget) -> Regions:
    """Return those of `a` that lie by half or more within `b`, whose holes count as within.

    A pond in a forest is a hole in it.
    """
    filled = [_filled(region.geometry) for region in b]
    kept = []
    first, second = _pairs(a, b, budget, others=filled)
    starts = np.searchsorted(first, np.arange(len(a) + 1))
    for i, region in enumerate(a):
        near_it = [filled[j] for j in second[starts[i] : starts[i + 1]]]
        budget.vertices(_size(near_it))
        if near_it and _united(near_it, budget).intersection(region.geometry).area >= INSIDE_SHARE * _area(region):
            kept.append(region)
    return tuple(kept)


def outside(a: Regions, b: Regions, budget: Budget) -> Regions:
    """Return those of `a` that are not `inside` of `b`."""
    return without(a, inside(a, b, budget))


def towards(direction: str, a: Regions, b: Regions, budget: Budget) -> Regions:
    """Return those of `a` whose centre lies in a direction of the centre of some region of `b`."""
    if not a or not b:
        return ()
    along = np.array(DIRECTIONS[direction])
    budget.vertices(_size(_shapes((*a, *b))))
    ours, theirs = (shapely.get_coordinates(shapely.centroid(_shapes(x))) @ along for x in (a, b))
    return _chosen(a, np.flatnonzero(ours > theirs.min() + _ROUNDING_M))


def nearest(a: Regions, b: Regions, budget: Budget) -> Region | None:
    """Return the region of `a` that is nearest to some region of `b`; None where either is empty."""
    at, distances = _distances(a, b, budget)
    return a[at[distances.argmin()]] if len(at) else None


def distance_m(a: Regions, b: Regions, budget: Budget) -> float | None:
    """Return the least distance of a region of `a` to one of `b`; None where either is empty."""
    _at, distances = _distances(a, b, budget)
    return float(distances.min()) if len(distances) else None


def area_m2(regions: Regions, budget: Budget) -> float:
    """Return what regions cover together, overlaps counted once."""
    if not regions:
        return 0.0
    shapes = _shapes(regions)
    meeting = np.unique(_pairs(regions, regions, budget)[0])
    apart = np.delete(shapes, meeting)
    return float(shapely.area(apart).sum()) + _united(shapes[meeting], budget).area


def extreme(regions: Regions, *, largest: bool) -> Region | None:
    """Return the region of the greatest or least area, the first of equals; None where there is none."""
    return (max if largest else min)(regions, key=_area, default=None)


def intersect(a: Regions, b: Regions, budget: Budget) -> Regions:
    """Return the ground that regions of `a` share with regions of `b`, pair by pair."""
    first, second = _pairs(a, b, budget, selves=True)
    found: list[Region] = []
    for i, j in zip(first.tolist(), second.tolist()):
        budget.vertices(_size([a[i].geometry, b[j].geometry]))
        name = a[i].text if a[i].text == b[j].text else f"{a[i].text} and {b[j].text}"
        shared = a[i].geometry.intersection(b[j].geometry)
        found += _pieces(shared, min(a[i].score, b[j].score), name)
    return tuple(found)


def union(a: Regions, b: Regions, budget: Budget) -> Regions:
    """Return the regions of both; those of which one lies by half or more in the other become one.

    Two words for one thing find it twice; a pond and the forest around it stay two.
    """
    both = tuple({id(region): region for region in (*a, *b)}.values())
    group = list(range(len(both)))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    first, second = _pairs(both, both, budget)
    for i, j in zip(first[first < second].tolist(), second[first < second].tolist()):
        budget.vertices(_size([both[i].geometry, both[j].geometry]))
        least = min(_area(both[i]), _area(both[j]))
        if both[i].geometry.intersection(both[j].geometry).area < INSIDE_SHARE * least:
            continue
        low, high = sorted((root(i), root(j)))
        group[high] = low
    groups: dict[int, list[Region]] = {}
    for i, region in enumerate(both):
        groups.setdefault(root(i), []).append(region)
    found: list[Region] = []
    for members in groups.values():
        if len(members) == 1:
            found += members
            continue
        sizes = np.array([_area(region) for region in members])
        score = float(np.average([region.score for region in members], weights=sizes if sizes.sum() else None))
        names = " or ".join(dict.fromkeys(region.text for region in members))
        found += _pieces(_united(_shapes(members), budget), score, names)
    return tuple(found)


def subtract(a: Regions, b: Regions, budget: Budget) -> Regions:
    """Return `a` without the ground of `b`: what is left of each region, in as many pieces as it falls into."""
    first, second = _pairs(a, b, budget, selves=True)
    starts = np.searchsorted(first, np.arange(len(a) + 1))
    shapes = _shapes(b)
    found: list[Region] = []
    for i, region in enumerate(a):
        away = shapes[second[starts[i] : starts[i + 1]]]
        if not len(away):
            found.append(region)
            continue
        budget.vertices(_size([region.geometry, *away]))
        left = region.geometry.difference(_united(away, budget))
        found += [region] if left.area == _area(region) else _pieces(left, region.score, region.text)
    return tuple(found)


def _shapes(regions: Sequence[Region]) -> NDArray[np.object_]:
    out = np.empty(len(regions), dtype=object)
    out[:] = [region.geometry for region in regions]
    return out


def _size(shapes: Iterable[BaseGeometry]) -> int:
    return int(shapely.get_num_coordinates(np.array(list(shapes), dtype=object)).sum())


def _area(region: Region) -> float:
    return float(region.geometry.area)


def _chosen(a: Regions, indices: NDArray[np.intp]) -> Regions:
    return tuple(a[i] for i in indices.tolist())


def _pairs(
    a: Regions, b: Regions, budget: Budget, *, selves: bool = False, others: Sequence[BaseGeometry] | None = None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return (indices in `a`, in `b`) of the pairs that meet, in order, without a region and itself.

    `others` stands for the geometries of `b`; `selves` keeps a region's pair with itself.
    """
    if not a or not b:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    tree, ours, found = STRtree(_shapes(b) if others is None else others), _shapes(a), []
    for start in range(0, len(a), _AT_ONCE):
        part = ours[start : start + _AT_ONCE]
        budget.vertices(_size(part))
        found.append(tree.query(part, predicate="intersects") + np.array([[start], [0]]))
        budget.objects(found[-1].shape[1])
    first, second = np.concatenate(found, axis=1)
    if not selves:
        own, its = np.array([id(region) for region in a]), np.array([id(region) for region in b])
        apart = own[first] != its[second]
        first, second = first[apart], second[apart]
    order = np.lexsort((second, first))
    return first[order], second[order]


def _distances(
    a: Regions, b: Regions, budget: Budget, most_m: float | None = None
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the indices of the regions of `a`, and how far each is from `b`; those beyond `most_m` may be left out."""
    if not a or not b:
        return np.empty(0, dtype=np.intp), np.empty(0)
    ids = {id(region) for region in b}
    shared = any(id(region) in ids for region in a)
    reach = None if most_m is None else most_m + 1e-3
    tree, ours, at, far = STRtree(_shapes(b)), _shapes(a), [], []
    for start in range(0, len(a), _AT_ONCE):
        part = ours[start : start + _AT_ONCE]
        budget.vertices(_size(part))
        pairs, distances = tree.query_nearest(
            part, max_distance=reach, return_distance=True, all_matches=False, exclusive=shared
        )
        at.append(pairs[0] + start)
        far.append(distances)
    return np.concatenate(at), np.concatenate(far)


def _filled(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape without its holes."""
    return shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(shape)])


def _united(shapes: Iterable[BaseGeometry], budget: Budget) -> BaseGeometry:
    """Return the union, made of unions of a few at a time."""
    parts = list(shapes)
    while len(parts) > 1:
        budget.vertices(_size(parts))
        parts = [shapely.union_all(parts[start : start + _AT_ONCE]) for start in range(0, len(parts), _AT_ONCE)]
    return parts[0] if parts else shapely.Polygon()


def _pieces(shape: BaseGeometry, score: float, text: str) -> list[Region]:
    """Return the polygons of what an operation gave; lines and points, where shapes only touch, go."""
    flat = [part for some in shapely.get_parts(shape) for part in shapely.get_parts(some)]
    return [Region(part, score, text) for part in flat if part.geom_type == "Polygon" and part.area > 0]
