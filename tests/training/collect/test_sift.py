"""The rules on ground photos, one by one, and that each photo is counted once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graft_plugin.engine.progress import CancelToken, silent
from graft_plugin.errors import Cancelled
from training.collect.duplicates import DuplicateRule
from training.collect.photos import Photo
from training.collect.sift import DROPS, Candidate, Rules, Sift, has_geotag, is_accurate, is_outdoor
from training.collect.spread import Box, Grid

RULES = Rules(per_cell=3, seed=0, max_error_m=50, duplicates=DuplicateRule())


def photo(n, lon=127.0, lat=37.0, **other):
    return Photo(**{"id": str(n), "source": "flickr", "lon": lon, "lat": lat, "accuracy": 16, **other})


def candidate(n, *place, origin="http://x", **other):
    return Candidate(photo(n, *place, **other), origin)


def look(candidates, hashes=lambda n: (n * 0x9E3779B97F4A7C15) % 2**64):
    """Pictures whose hashes differ in about half their bits."""
    for one in candidates:
        yield replace(one.photo, file="f", width=9, height=9, phash=f"{hashes(int(one.photo.id)):016x}")


def run(candidates, rules=RULES, areas=(), outdoor=None, fetch=look, forgotten=None, grid_km=10):
    notes = [] if forgotten is None else forgotten
    sift = Sift(rules, Grid(grid_km), areas, outdoor, lambda p, rule: notes.append((p.id, rule)))
    sift.choose(sift.by_cell(candidates), fetch, CancelToken(), silent)
    return sift


def test_a_position_of_nothing_is_none():
    assert has_geotag(photo(1)) and has_geotag(photo(1, 0.0, 51.0))
    nowhere = [(0.0, 0.0), (float("nan"), 1.0), (181.0, 0.0), (0.0, 91.0)]
    assert not any(has_geotag(photo(1, *place)) for place in nowhere)


@pytest.mark.parametrize(("accuracy", "kept"), [(16, True), (15, False), (1, False), (0, False), (None, False)])
def test_flickr_photos_need_the_highest_accuracy(accuracy, kept):
    assert is_accurate(candidate(1, accuracy=accuracy), 50) is kept


@pytest.mark.parametrize(
    ("error_m", "measuring", "kept"),
    [(None, None, True), (50.0, True, True), (50.1, True, False), (3.0, False, False), (3.0, None, True)],
)
def test_local_photos_need_a_fix_and_no_admitted_error_beyond_the_limit(error_m, measuring, kept):
    local = photo(1, source="folder", accuracy=None)
    assert is_accurate(Candidate(local, "x", error_m, measuring), 50) is kept


def test_outdoors_from_the_limit_on_and_without_a_filter_always():
    assert [is_outdoor(score, 0.5) for score in (0.49, 0.5, 1.0, None)] == [False, True, True, True]


def test_the_cap_of_a_cell_is_kept_however_crowded_it_is():
    crowded = [candidate(n, 127.0 + n * 1e-5) for n in range(200)]
    lonely = [candidate(1000 + n, 128.0, 37.0 + n * 1e-3) for n in range(2)]
    sift = run(crowded + lonely)
    assert Counter(round(p.lon) for p in sift.kept) == {127: 3, 128: 2}
    assert sift.dropped["over_cap"] == 197


def test_blocks_add_up_and_know_of_each_other():
    sift = Sift(RULES, Grid(10), (), None, lambda photo, rule: None)
    for block in range(2):
        crowd = [candidate(100 * block + n, 127.0 + block + n * 1e-5) for n in range(10)]
        sift.choose(sift.by_cell(crowd), look, CancelToken(), silent)
    again = [candidate(500, float(sift.kept[0].lon) + 1e-5)]  # the same view as one that an earlier block kept
    same = int(sift.kept[0].phash, 16)
    sift.choose(sift.by_cell(again), lambda c: look(c, hashes=lambda n: same), CancelToken(), silent)
    assert sift.found == 21 and len(sift.kept) == 6 and sift.dropped == {"over_cap": 14, "near_duplicate": 1}


def test_the_draw_hangs_on_the_seed_and_not_on_the_order():
    crowd = [candidate(n, 127.0 + n * 1e-5) for n in range(200)]
    orders = ((crowd, 1), (crowd[::-1], 1), (crowd, 2))
    chosen = [{p.id for p in run(photos, replace(RULES, seed=seed)).kept} for photos, seed in orders]
    assert chosen[0] == chosen[1] != chosen[2]


def test_a_cell_goes_on_looking_until_it_is_full():
    """Of nine photos the first three by lot are indoors or damaged: others take their places."""
    crowd = [candidate(n, 127.0 + n * 1e-3, 37.0) for n in range(9)]
    order = [c.photo.id for c in next(iter(Sift(RULES, Grid(10), (), None, print).by_cell(crowd).values()))]

    class Outdoor:
        name = "test"

        def score(self, one):
            return 0.0 if one.id in order[:2] else 0.9

    def fetch(candidates):
        for one, seen in zip(candidates, look(candidates), strict=True):
            yield "unreadable" if one.photo.id == order[2] else seen

    forgotten = []
    sift = run(crowd, outdoor=Outdoor(), fetch=fetch, forgotten=forgotten)
    assert [p.id for p in sift.kept] == order[3:6] and {p.outdoor for p in sift.kept} == {0.9}
    assert sift.dropped == {"indoor": 2, "unreadable": 1, "over_cap": 3}
    assert forgotten == [(order[0], "indoor"), (order[1], "indoor")]


def test_near_duplicates_are_dropped_within_and_across_cells():
    grid = Grid(10)
    edge = grid.box(grid.cell(127.0, 37.0)).east
    pair = [candidate(1, edge - 1e-4), candidate(2, edge + 1e-4)]  # 18 m apart, in two cells
    assert grid.cell(edge - 1e-4, 37.0) != grid.cell(edge + 1e-4, 37.0)
    sift = run(pair, fetch=lambda c: look(c, hashes=lambda n: 0xFF + n))
    assert len(sift.kept) == 1 and sift.dropped["near_duplicate"] == 1


def test_what_is_known_without_a_picture_costs_no_picture():
    asked = []

    def fetch(candidates):
        asked.extend(c.photo.id for c in candidates)
        return look(candidates)

    noon = datetime(2020, 1, 1, 12, tzinfo=UTC)
    area = Box(126, 36, 128, 38)
    sift = run(
        [candidate(1, 0.0, 0.0), candidate(2, accuracy=11), candidate(3, 129.0), candidate(4, origin=""),
         candidate(5, owner="a", taken=noon), candidate(6, 127.00001, owner="a", taken=noon.replace(second=9)),
         Candidate(photo(7), "x", problem="unsupported"), candidate(8, 127.5), candidate(8, 127.5)],
        areas=(area,), fetch=fetch,
    )
    assert sorted(asked)[-1] == "8" and len(asked) == 2 and {"5", "6"} & set(asked)
    assert sift.dropped == {"no_geotag": 1, "inaccurate_geotag": 1, "outside": 1, "no_picture": 1, "same_moment": 1,
                            "unsupported": 1, "same_file": 1, "over_cap": 0}


@given(st.lists(st.tuples(
    st.integers(0, 40), st.sampled_from([0.0, 127.0, 127.0001, 127.3, 200.0]), st.sampled_from([16, 11]),
    st.sampled_from(["", "http://x"]), st.sampled_from(["a", None]), st.booleans()), max_size=40), st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_each_photo_is_kept_or_dropped_once(rows, per_cell):
    noon = datetime(2020, 1, 1, 12, tzinfo=UTC)
    crowd = [candidate(n, lon, 0.0, accuracy=accuracy, origin=origin, owner=owner, taken=noon if timed else None)
             for n, lon, accuracy, origin, owner, timed in rows]
    sift = run(crowd, replace(RULES, per_cell=per_cell), fetch=lambda c: look(c, hashes=lambda n: n // 2))
    assert sift.found == len(rows) == len(sift.kept) + sum(sift.dropped.values())
    assert set(sift.dropped) <= set(DROPS)
    if per_cell:
        assert max(Counter(Grid(10).cell(p.lon, p.lat) for p in sift.kept).values(), default=0) <= per_cell


def test_a_stop_is_a_stop():
    cancel = CancelToken()
    cancel.cancel()
    sift = Sift(RULES, Grid(10), (), None, print)
    with pytest.raises(Cancelled):
        sift.choose(sift.by_cell([candidate(1)]), look, cancel, silent)
