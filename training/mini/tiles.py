"""Tiles of the procedural world with the spots where ground photos are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.progress import Report, silent

from ..world.aerial import LookName, render_aerial
from ..world.ground import render_views
from ..world.layout import make_layout


@dataclass(frozen=True)
class TileRecipe:
    """Which places to draw.

    Attributes:
        seed: Place i depends on (seed, i) only; training, validation and test use different seeds.
        count: Number of tiles.
        size_px: Side of a tile in pixels.
        gsd_m: Finest and coarsest ground resolution; drawn evenly in the logarithm, two of five tiles at the finest.
        looks: The looks to draw from.
        spots: Ground photos a tile: the first half anywhere, the second half evenly over the classes that are there.
    """

    seed: int
    count: int
    size_px: int = 224
    gsd_m: tuple[float, float] = (1.0, 1.0)
    looks: tuple[LookName, ...] = ("varied",)
    spots: int = 24


@dataclass(frozen=True)
class TileSet:
    """Tiles with truth and photo spots.

    Attributes:
        images: uint8 [N, 3, S, S], RGB.
        labels: uint8 [N, S, S], land classes.
        gsd_m: float32 [N].
        spots: int16 [N, K, 2], (row, col) of each ground photo.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    gsd_m: NDArray[np.float32]
    spots: NDArray[np.int16]


def draw_spots(rng: np.random.Generator, labels: NDArray[np.uint8], count: int) -> NDArray[np.int16]:
    """Draw photo spots: half anywhere, half evenly over the classes present. int16 [count, 2], (row, col)."""
    size = labels.shape[0]
    spots = rng.integers(0, size, (count, 2))
    present, counts = np.unique(labels, return_counts=True)
    present = present[counts >= 8]
    order = np.argsort(labels, axis=None, kind="stable")
    starts = np.searchsorted(labels.ravel()[order], np.arange(257))
    for k in range(count // 2, count):
        label = int(rng.choice(present))
        pixel = order[rng.integers(starts[label], starts[label + 1])]
        spots[k] = divmod(int(pixel), size)
    return spots.astype(np.int16)


def _draw_one(index: int, recipe: TileRecipe) -> tuple[NDArray[np.uint8], NDArray[np.uint8], Any, NDArray[np.int16]]:
    rng = np.random.default_rng([recipe.seed, index])
    low, high = recipe.gsd_m
    gsd = low if rng.random() < 0.4 else float(np.exp(rng.uniform(np.log(low), np.log(high))))
    layout = make_layout(rng, size_px=recipe.size_px, gsd_m=gsd)
    image = render_aerial(layout, rng, recipe.looks[int(rng.integers(len(recipe.looks)))])
    spots = draw_spots(np.random.default_rng([recipe.seed, index, 2]), layout.labels, recipe.spots)
    return image, layout.labels, np.float32(gsd), spots


def _look_around(job: tuple[int, NDArray[np.uint8], float, NDArray[np.int16]], seed: int) -> NDArray[np.uint8]:
    index, labels, gsd_m, spots = job
    rng = np.random.default_rng([seed, index, 1])
    heading = rng.uniform(0, 2 * np.pi, len(spots))
    return render_views(labels, gsd_m, spots[:, 0].astype(int), spots[:, 1].astype(int), heading, rng)


def _spread(work: Callable[[Any], Any], jobs: Iterable[Any], count: int, report: Report, workers: int) -> Iterator[Any]:
    """Do jobs in order, in processes where more than one worker is asked for."""
    if workers <= 1:
        for done, job in enumerate(jobs, 1):
            yield work(job)
            report("world", done, count)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for done, result in enumerate(pool.map(work, jobs, chunksize=16), 1):
            yield result
            report("world", done, count)


def make_tiles(recipe: TileRecipe, report: Report = silent, workers: int = 2) -> TileSet:
    """Draw the tiles of a recipe; the result does not depend on the number of worker processes."""
    size, n = recipe.size_px, recipe.count
    tiles = TileSet(
        np.empty((n, 3, size, size), np.uint8),
        np.empty((n, size, size), np.uint8),
        np.empty(n, np.float32),
        np.empty((n, recipe.spots, 2), np.int16),
    )
    for i, part in enumerate(_spread(partial(_draw_one, recipe=recipe), range(n), n, report, workers)):
        tiles.images[i], tiles.labels[i], tiles.gsd_m[i], tiles.spots[i] = part
    return tiles


def make_views(tiles: TileSet, seed: int, report: Report = silent, workers: int = 2) -> NDArray[np.uint8]:
    """Take the ground photo of every spot, in a random direction. uint8 [N, K, 3, 64, 64]."""
    n = len(tiles.labels)
    views = np.empty((*tiles.spots.shape[:2], 3, 64, 64), np.uint8)
    jobs = zip(range(n), tiles.labels, tiles.gsd_m.tolist(), tiles.spots, strict=True)
    for i, part in enumerate(_spread(partial(_look_around, seed=seed), jobs, n, report, workers)):
        views[i] = part
    return views
