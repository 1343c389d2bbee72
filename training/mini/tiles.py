"""Tiles of the procedural world with the spots where ground photos are taken."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

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
        gsd_m: Finest and coarsest ground resolution; drawn evenly in the logarithm, half of the tiles at the finest.
        looks: The looks to draw from.
        spots: Ground photos a tile: the first half anywhere, the second half evenly over the classes that are there.
        views: Whether to render the ground photos.
    """

    seed: int
    count: int
    size_px: int = 224
    gsd_m: tuple[float, float] = (1.0, 1.0)
    looks: tuple[LookName, ...] = ("varied",)
    spots: int = 24
    views: bool = False


@dataclass(frozen=True)
class TileSet:
    """Tiles with truth and photo spots.

    Attributes:
        images: uint8 [N, 3, S, S], RGB.
        labels: uint8 [N, S, S], land classes.
        gsd_m: float32 [N].
        spots: int16 [N, K, 2], (row, col) of each ground photo.
        views: uint8 [N, K, 3, 64, 64], the photos; K = 0 where they were not asked for.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    gsd_m: NDArray[np.float32]
    spots: NDArray[np.int16]
    views: NDArray[np.uint8]


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


def _draw_one(index: int, recipe: TileRecipe) -> tuple[NDArray[np.uint8], ...]:
    rng = np.random.default_rng([recipe.seed, index])
    low, high = recipe.gsd_m
    gsd = low if rng.random() < 0.5 else float(np.exp(rng.uniform(np.log(low), np.log(high))))
    layout = make_layout(rng, size_px=recipe.size_px, gsd_m=gsd)
    image = render_aerial(layout, rng, recipe.looks[int(rng.integers(len(recipe.looks)))])
    spots = draw_spots(rng, layout.labels, recipe.spots)
    if recipe.views:
        heading = rng.uniform(0, 2 * np.pi, len(spots))
        views = render_views(layout.labels, gsd, spots[:, 0], spots[:, 1], heading, rng)
    else:
        views = np.zeros((0, 3, 64, 64), np.uint8)
    return image, layout.labels, np.float32(gsd), spots, views


def make_tiles(recipe: TileRecipe, report: Report = silent, workers: int = 2) -> TileSet:
    """Draw the tiles of a recipe, in `workers` processes; the result does not depend on their number."""
    jobs: Sequence[int] = range(recipe.count)
    draw = partial(_draw_one, recipe=recipe)
    parts = []
    if workers <= 1:
        results = map(draw, jobs)
        for part in results:
            parts.append(part)
            report("tiles", len(parts), recipe.count)
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for part in pool.map(draw, jobs, chunksize=16):
                parts.append(part)
                report("tiles", len(parts), recipe.count)
    columns = list(zip(*parts, strict=True))
    return TileSet(
        np.stack(columns[0]),
        np.stack(columns[1]),
        np.array(columns[2], np.float32),
        np.stack(columns[3]),
        np.stack(columns[4]),
    )
