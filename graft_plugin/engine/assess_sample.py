"""Stratified random points over a result: so many of each class, then in proportion to its area.

A point is a random place in a random cell of its class, each as likely as any other; the points of all classes are
mixed, so that whoever judges some of them has judged a random part. The same seed draws the same points.

Source: the allocation, Olofsson et al. 2014, section 5.1.2 (see `accuracy`): enough for the rare classes, the rest in
proportion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import SceneError, UsageError
from .assess_map import ClassMap, open_map, window_of
from .assess_points import Points, check_points_target, write_points
from .assess_requests import POINTS_LAYER, AssessSampleRequest
from .assess_results import AssessSampleResult, Stratum
from .classes import NODATA
from .clock import Clock
from .grid import Window
from .progress import CancelToken, Report

BLOCK_CELLS = 512
USUAL_LEAST = 50
"""Points of each class by default."""
ORDER_STREAM = 256
"""Which stream of the seed's random numbers mixes the points; those below draw the points of each class."""

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Census:
    """How many cells there are of each class, block by block.

    Attributes:
        blocks: Windows of cells, in order.
        counts: int64 [blocks, 256].
    """

    blocks: list[Window]
    counts: Counts

    @property
    def total(self) -> dict[int, int]:
        """Cells of each class that there is, by its value."""
        sums = self.counts.sum(axis=0)
        return {int(k): int(sums[k]) for k in np.flatnonzero(sums) if k != NODATA}


def run(request: AssessSampleRequest, report: Report, cancel: CancelToken) -> AssessSampleResult:
    """See `service.run_assess_sample`."""
    clock = Clock()
    target = check_points_target(request.out)
    report("open", 0, 0)
    with open_map(request) as found:
        with clock("count"):
            census = take_census(found, window_of(found, request), report, cancel)
        cells = census.total
        if not cells:
            raise SceneError("it has no valid cell there", remedy="Check the extent.", path=request.result)
        wanted = allocate(cells, request.points, request.at_least)
        with clock("draw"):
            points = draw(found, census, wanted, request.seed, cancel)
    strata = tuple(_strata(found, cells, wanted))
    report("write", 0, 0)
    with clock("write"):
        write_points(target, points, found.crs, strata, request)
    warnings = [
        f"{entry.name!r} gets {entry.points} point{'s' * (entry.points != 1)}: "
        + ("two are needed to tell how far it can be trusted" if entry.points < 2 else "its figures will be vague")
        for entry in strata
        if entry.points < 10
    ]
    return AssessSampleResult(
        request.result, str(target), POINTS_LAYER, found.crs, strata, clock.total(), tuple(warnings)
    )


def take_census(found: ClassMap, window: Window, report: Report, cancel: CancelToken) -> Census:
    """Count the cells of each class in a window."""
    blocks = [
        Window(row, col, BLOCK_CELLS, BLOCK_CELLS).intersection(window)
        for row in window.rows[::BLOCK_CELLS]
        for col in window.cols[::BLOCK_CELLS]
    ]
    counts = np.zeros((len(blocks), 256), np.int64)
    for number, block in enumerate(blocks):
        cancel.check()
        counts[number] = np.bincount(found.read(block).ravel(), minlength=256)
        report("count", number + 1, len(blocks))
    return Census(blocks, counts)


def allocate(cells: Mapping[int, int], points: int, at_least: int | None) -> dict[int, int]:
    """Return how many points each class gets.

    Args:
        cells: Of each class.
        points: In all; fewer where there are not so many cells.
        at_least: For each class; None: `USUAL_LEAST`, or an even share where that is less.

    Raises:
        UsageError: The points do not suffice for so many classes.
    """
    least = min(USUAL_LEAST, points // len(cells)) if at_least is None else at_least
    if least * len(cells) > points:
        raise UsageError(
            f"{points} points are too few for {least} in each of {len(cells)} classes",
            remedy=f"Draw {least * len(cells)} or more, or ask for fewer in each.",
        )
    wanted = {number: min(least, count) for number, count in cells.items()}
    while (left := min(points, sum(cells.values())) - sum(wanted.values())) > 0:
        open_ = {number: count for number, count in cells.items() if wanted[number] < count}
        share = {number: left * count / sum(open_.values()) for number, count in open_.items()}
        whole = {number: int(value) for number, value in share.items()}
        order = sorted(open_, key=lambda number: (whole[number] - share[number], number))
        for number in order[: left - sum(whole.values())]:
            whole[number] += 1
        for number, more in whole.items():
            wanted[number] = min(cells[number], wanted[number] + more)
    return wanted


def draw(found: ClassMap, census: Census, wanted: Mapping[int, int], seed: int, cancel: CancelToken) -> Points:
    """Draw the points; reads again only the blocks that hold some."""
    chosen = {number: count for number, count in wanted.items() if count}
    xy = np.concatenate([_drawn(found, census, number, count, seed, cancel) for number, count in chosen.items()])
    stratum = np.repeat(np.array(list(chosen), np.int32), list(chosen.values()))
    order = np.random.default_rng([seed, ORDER_STREAM]).permutation(len(xy))
    names = np.array([found.names.get(int(number), f"class {number}") for number in stratum[order]], object)
    return Points(xy[order], stratum[order], names, np.full(len(xy), None, object))


def _drawn(
    found: ClassMap, census: Census, number: int, count: int, seed: int, cancel: CancelToken
) -> NDArray[np.float64]:
    """Return (x, y) [count, 2] of random places in random cells of a class."""
    rng = np.random.default_rng([seed, number])
    before = np.concatenate([[0], np.cumsum(census.counts[:, number])])
    ranks = np.sort(rng.choice(int(before[-1]), count, replace=False))
    blocks = np.searchsorted(before, ranks, side="right") - 1
    cells = []
    for block in np.unique(blocks):
        cancel.check()
        window = census.blocks[block]
        rows, cols = np.nonzero(found.read(window) == number)
        own = ranks[blocks == block] - before[block]
        cells.append(np.stack([cols[own] + window.col, rows[own] + window.row], axis=1))
    places = np.concatenate(cells) + rng.random((count, 2))
    t = found.transform
    x, y = t.a * places[:, 0] + t.b * places[:, 1] + t.c, t.d * places[:, 0] + t.e * places[:, 1] + t.f
    return np.stack([x, y], axis=1)


def _strata(found: ClassMap, cells: Mapping[int, int], wanted: Mapping[int, int]) -> Iterator[Stratum]:
    total = sum(cells.values())
    for number, count in cells.items():
        name = found.names.get(number, f"class {number}")
        yield Stratum(number, name, count * found.cell_m2, count / total, wanted[number])
