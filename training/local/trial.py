"""The proof of fine-tuning, measured: an unseen style is learnt in minutes, and the old ones are not forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from graft_plugin.engine.encoders.load import load_encoder, load_text_encoder

from ..mini.material import TEST, cached
from ..mini.measure import Encode, score_tiles
from ..mini.tiles import TileRecipe, TileSet, make_tiles
from ..world.classes import CLASSES
from .invented import GSD_M, ORIGIN, Invented, invent_area
from .order import LocalOrder
from .run import finetune
from .stopping import Ending
from .unseen import infrared

GAIN, LOSS, MINUTES = 0.10, 0.03, 5.0
"""mIoU that the unseen style must gain, that an old one may lose, and how long the whole run may take."""

UNSEEN_SEED = 304
AREA_SEED = 7000
TILE_PX = 224


@dataclass(frozen=True)
class TrialSettings:
    """What to measure.

    Attributes:
        work: Folder for the area, the tiles and the result.
        teach: "photos" or "polygons".
        minutes, steps, seed: Of the run.
        tiles: Tiles of each look to score on.
    """

    work: Path
    teach: str = "photos"
    minutes: float = 4.0
    steps: int | None = None
    seed: int = 0
    tiles: int = 200


def run_trial(settings: TrialSettings, say: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Fine-tune the bundled model on an invented infrared area, and score it before and after.

    Scored are places that no training saw, mean IoU over the land classes' pixels: in infrared (elsewhere, and in the
    held-out part of the area itself), and in the "plain" and "varied" looks of the bundled model's own training.

    Raises:
        SystemExit: With status 1 where a bound is not met.
    """
    area = invent_area(settings.work / "area", AREA_SEED)
    sets = old_and_new(settings.work, settings.tiles)
    number = 0
    while (out := settings.work / f"{settings.teach}-{settings.seed}-{number}").exists():
        number += 1
    by_photos = settings.teach == "photos"
    order = LocalOrder(
        str(area.raster), photos=str(area.photos) if by_photos else None,
        polygons=None if by_photos else str(area.polygons), out=str(out), minutes=settings.minutes,
        steps=settings.steps, seed=settings.seed,
    )  # fmt: skip
    start = time.monotonic()
    done = finetune(order, lambda event: say(event) if event["event"] != "progress" else None, Ending())
    minutes = (time.monotonic() - start) / 60
    if done["model"] is None:
        raise SystemExit("nothing was better than the parent on the held-out part")
    sets["held-out part"] = held_tiles(area, done["card"]["held_out"])
    rows = {name: (miou("mini", tiles), miou(done["path"], tiles)) for name, tiles in sets.items()}
    changes = {name: after - before for name, (before, after) in rows.items()}
    verdict = {
        "minutes": round(minutes, 2),
        "miou": {name: [round(v, 3) for v in row] for name, row in rows.items()},
        "gain": round(min(changes["infrared"], changes["held-out part"]), 3),
        "loss": round(-min(changes["plain"], changes["varied"]), 3),
        "met": min(changes["infrared"], changes["held-out part"]) >= GAIN
        and min(changes["plain"], changes["varied"]) >= -LOSS
        and minutes <= MINUTES,
    }
    say(verdict)
    if not verdict["met"]:
        raise SystemExit(1)
    return verdict


def old_and_new(work: Path, count: int) -> dict[str, TileSet]:
    """Return tiles of the old looks and of the unseen one, of places that no training saw; drawn once."""
    recipes = {
        "plain": TileRecipe(seed=TEST["plain"].seed, count=count, looks=("plain",)),
        "varied": TileRecipe(seed=TEST["varied"].seed, count=count, looks=("varied",)),
        "infrared": TileRecipe(seed=UNSEEN_SEED, count=count, looks=("varied",)),
    }
    sets = {
        name: TileSet(**cached(work, f"tiles-{name}", recipe, lambda recipe=recipe: vars(make_tiles(recipe))))  # type: ignore[misc]
        for name, recipe in recipes.items()
    }
    seen = sets["infrared"]
    images = [
        infrared(image, labels, np.random.default_rng([UNSEEN_SEED, i]))
        for i, (image, labels) in enumerate(zip(seen.images, seen.labels, strict=True))
    ]
    sets["infrared"] = TileSet(np.stack(images), seen.labels, seen.gsd_m, seen.spots)
    return sets


def held_tiles(area: Invented, blocks: list[list[list[float]]]) -> TileSet:
    """Cut the held-out blocks, corners (x, y), into tiles with their truth."""
    import rasterio

    images, labels = [], []
    with rasterio.open(area.raster) as src:
        picture: NDArray[np.uint8] = src.read()
    for corners in blocks:
        xs, ys = zip(*corners, strict=True)
        left, top = round((min(xs) - ORIGIN[0]) / GSD_M), round((ORIGIN[1] - max(ys)) / GSD_M)
        wide, high = round((max(xs) - min(xs)) / GSD_M), round((max(ys) - min(ys)) / GSD_M)
        for row in range(top, top + high, TILE_PX):
            for col in range(left, left + wide, TILE_PX):
                images.append(picture[:, row : row + TILE_PX, col : col + TILE_PX])
                labels.append(area.labels[row : row + TILE_PX, col : col + TILE_PX])
    count = len(images)
    return TileSet(
        np.stack(images), np.stack(labels), np.full(count, GSD_M, np.float32), np.zeros((count, 0, 2), np.int16)
    )


def miou(model: str, tiles: TileSet) -> float:
    """Return the mean IoU over the land classes, by texts, through the engine's own encoders."""
    text = load_text_encoder(model).encode([land.name for land in CLASSES])
    return score_tiles(as_engine(model), text, tiles)["miou"]


def as_engine(model: str) -> Encode:
    """Return a model's encoder as the engine loads it."""
    encoder = load_encoder(model)

    def encode(images: Tensor) -> tuple[Tensor, Tensor]:
        found = encoder.encode(images)
        return found.image, found.patches.flatten(1, 2)

    return encode
