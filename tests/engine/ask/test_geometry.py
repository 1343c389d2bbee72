"""Where regions lie to one another, against slow or analytic references."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from shapely import Point, Polygon, box

from graft_plugin.engine.ask import geometry
from graft_plugin.engine.ask.budget import Budget, Limits
from graft_plugin.engine.ask.finder import Region
from graft_plugin.engine.progress import CancelToken
from graft_plugin.errors import Cancelled


@pytest.fixture
def budget():
    return Budget(Limits(), CancelToken())


def scattered(seed: int, count: int, text: str = "pond") -> tuple[Region, ...]:
    """Boxes and discs over a square kilometre, more of them than go into one call of GEOS."""
    draw = np.random.default_rng(seed)
    shapes = []
    for x, y, w, h in np.column_stack([draw.uniform(0, 1000, (count, 2)), draw.uniform(1, 30, (count, 2))]):
        shapes.append(box(x, y, x + w, y + h) if draw.random() < 0.5 else Point(x, y).buffer(w / 2))
    return tuple(Region(shape, float(draw.random()), text) for shape in shapes)


def test_relations_match_every_pair_looked_at(budget):
    a, b = scattered(1, 700), scattered(2, 40, "road")
    gaps = np.array([[p.geometry.distance(q.geometry) for q in b] for p in a])
    for metres in (0.0, 25.0, 60.0):
        expected = tuple(p for p, row in zip(a, gaps) if row.min() <= metres)
        assert 0 < len(expected) < len(a)
        assert geometry.near(a, b, metres, budget) == expected
        assert geometry.away_from(a, b, metres, budget) == tuple(p for p in a if p not in expected)
    assert geometry.distance_m(a[:5], b, budget) == pytest.approx(gaps[:5].min())
    apart = tuple(p for p, row in zip(a, gaps) if row.min() > 0)
    own = gaps[gaps.min(axis=1) > 0].min(axis=1)
    assert geometry.nearest(apart, b, budget) is apart[int(own.argmin())]


def test_a_region_is_no_neighbour_of_itself(budget):
    a = scattered(3, 60)
    expected = tuple(
        p for i, p in enumerate(a) if min(p.geometry.distance(q.geometry) for j, q in enumerate(a) if i != j) <= 10
    )
    assert 0 < len(expected) < len(a)
    assert geometry.near(a, a, 10.0, budget) == expected
    pair = Region(box(0, 0, 1, 1), 1.0, "x"), Region(box(4, 4, 5, 5), 1.0, "x")
    assert geometry.distance_m(pair, pair, budget) == pytest.approx(3 * math.sqrt(2))
    assert geometry.distance_m(pair[:1], pair[:1], budget) is None
    assert geometry.near(pair[:1], pair[:1], 5.0, budget) == ()


def test_areas_and_set_operations_match_the_ground_counted_point_by_point(budget):
    a, b = scattered(4, 150), scattered(5, 150, "road")
    at = np.random.default_rng(6).uniform(0, 1030, (40_000, 2))

    def covered(regions):
        hit = np.zeros(len(at), bool)
        for region in regions:
            shapely.prepare(region.geometry)
            hit |= shapely.contains_xy(region.geometry, at)
        return hit

    in_a, in_b = covered(a), covered(b)
    assert (covered(geometry.intersect(a, b, budget)) == (in_a & in_b)).all()
    assert (covered(geometry.union(a, b, budget)) == (in_a | in_b)).all()
    assert (covered(geometry.subtract(a, b, budget)) == (in_a & ~in_b)).all()
    assert geometry.area_m2(a, budget) == pytest.approx(1030**2 * in_a.mean(), rel=0.08)
    assert geometry.area_m2(a, budget) == pytest.approx(shapely.union_all([r.geometry for r in a]).area)
    assert geometry.area_m2(a, budget) < sum(r.geometry.area for r in a)  # they overlap
    joined = geometry.union(a, b, budget)
    assert geometry.area_m2(joined, budget) == pytest.approx(geometry.area_m2((*a, *b), budget))
    assert (
        geometry.union(a, tuple(Region(r.geometry, r.score, "pool") for r in a[::-1]), budget)[0].text == "pond or pool"
    )


def test_ground_near_is_the_ground_that_is_near_point_by_point(budget):
    a, b = scattered(9, 60), scattered(10, 60, "road")
    pieces = geometry.ground_near(a, b, 40.0, budget)
    at = shapely.points(np.random.default_rng(11).uniform(0, 1030, (20_000, 2)))
    ours, theirs = (shapely.union_all([r.geometry for r in some]) for some in (a, b))
    gap = shapely.distance(at, theirs)
    clear = np.abs(gap - 40.0) > 0.5  # but where round corners are not quite round
    expected = shapely.contains(ours, at) & (gap <= 40.0)
    got = shapely.contains(shapely.union_all([r.geometry for r in pieces]), at)
    assert expected.sum() > 100 and (got == expected)[clear].all()
    assert {r.text for r in pieces} == {"pond"} and geometry.ground_near(a, (), 40.0, budget) == ()


def test_what_only_touches_shares_no_ground(budget):
    left, right = Region(box(0, 0, 1, 1), 0.5, "a"), Region(box(1, 0, 2, 1), 0.9, "b")
    assert geometry.intersect((left,), (right,), budget) == ()
    assert geometry.union((left,), (right,), budget) == (left, right)
    half = Region(box(0.5, 0, 1.5, 1), 0.9, "b")
    (joined,) = geometry.union((left,), (half,), budget)
    assert joined.geometry.equals(box(0, 0, 1.5, 1)) and joined.score == pytest.approx(0.7) and joined.text == "a or b"
    assert geometry.union((left,), (Region(box(0.51, 0, 1.51, 1), 0.9, "b"),), budget)[0] is left
    assert geometry.subtract((left,), (right,), budget) == (left,)
    (cut,) = geometry.intersect((left,), (Region(box(0.5, 0, 3, 1), 0.2, "b"),), budget)
    assert cut.geometry.area == pytest.approx(0.5) and cut.score == 0.2 and cut.text == "a and b"
    halves = geometry.subtract((left,), (Region(box(0.4, -1, 0.6, 2), 1.0, "c"),), budget)
    assert sorted(round(r.geometry.area, 6) for r in halves) == [0.4, 0.4]


def test_inside_is_half_or_more_and_a_hole_is_inside(budget):
    wood = Region(box(0, 0, 100, 100).difference(box(40, 40, 60, 60)), 1.0, "forest")
    pond = Region(box(41, 41, 59, 59), 1.0, "pond")
    half, less = Region(box(95, 0, 105, 10), 1.0, "pond"), Region(box(95.1, 50, 105.1, 60), 1.0, "pond")
    far = Region(box(500, 500, 510, 510), 1.0, "pond")
    every = (pond, half, less, far)
    assert geometry.inside(every, (wood,), budget) == (pond, half)
    assert geometry.outside(every, (wood,), budget) == (less, far)
    assert geometry.inside(every, (), budget) == () and geometry.outside(every, (), budget) == every
    two = tuple(Region(box(x, 0, x + 10, 10), 1.0, "field") for x in (200, 210))
    across = Region(box(206, 2, 214, 8), 1.0, "pond")  # by half in each: wholly in both
    assert geometry.inside((across,), two, budget) == (across,)


@pytest.mark.parametrize(("way", "kept"), [("north", "n"), ("south", "s"), ("east", "e"), ("west", "w")])
def test_directions_go_by_centres(way, kept, budget):
    middle = Region(Polygon([(-50, -50), (50, -50), (50, 50), (-50, 50)]), 1.0, "lake")
    spots = {"n": (0, 5), "s": (0, -5), "e": (5, 0), "w": (-5, 0)}
    around = {name: Region(Point(at).buffer(2), 1.0, name) for name, at in spots.items()}
    assert geometry.towards(way, tuple(around.values()), (middle,), budget) == (around[kept],)
    assert geometry.towards(way, tuple(around.values()), (), budget) == ()


def test_extremes_and_nothing(budget):
    a = scattered(7, 30)
    sizes = [r.geometry.area for r in a]
    assert geometry.extreme(a, largest=True) is a[int(np.argmax(sizes))]
    assert geometry.extreme(a, largest=False) is a[int(np.argmin(sizes))]
    assert geometry.extreme((), largest=True) is geometry.nearest((), a, budget) is geometry.nearest(a, (), budget)
    assert geometry.area_m2((), budget) == 0.0 and geometry.near(a, (), 5.0, budget) == ()
    assert geometry.intersect((), a, budget) == geometry.subtract((), a, budget) == geometry.union((), (), budget) == ()


def test_share_density_and_touching_go_by_the_view_and_the_pixel(given):
    from graft_plugin.engine.ask.language import run_plan

    given.view = box(0, 0, 1000, 500)
    given.things["field"] = [box(0, 0, 100, 100), box(50, 0, 150, 100), box(150.9, 0, 160, 100), box(162, 0, 170, 100)]
    value = lambda source: run_plan(f"answer({source})", given).answer.value  # noqa: E731
    assert value("share(find('field'))") == pytest.approx((150 + 9.1 + 8) * 100 / 5e5)
    assert value("density(find('field'))") == pytest.approx(8.0)
    assert value("count(touching(find('field'), find('field')))") == 3
    assert value("area_ha(find('field')) - 100 * area_km2(find('field'))") == pytest.approx(0)
    given.view = Polygon()
    with pytest.raises(Exception, match="no valid pixel"):
        value("share(find('field'))")


def test_a_long_operation_looks_at_the_token():
    cancel = CancelToken()
    cancel.cancel()
    for run in (geometry.area_m2, lambda a, b: geometry.near(a, a, 5.0, b), lambda a, b: geometry.subtract(a, a, b)):
        with pytest.raises(Cancelled):
            run(scattered(8, 10), Budget(Limits(), cancel))
