"""What the mini run is made of: its settings, and its tiles and photos, drawn once and kept for later runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from graft_plugin.engine.encoders.encoder import cpu_has_bf16
from graft_plugin.engine.progress import Report, silent

from .. import world
from .clip import ClipRun, MiniClip
from .clip_data import ClipData, make_clip_data
from .sam import SamRun
from .satellite import Material, SatelliteRun
from .tiles import TileRecipe, TileSet, make_tiles, make_views

TRAIN = TileRecipe(seed=101, count=1600, size_px=256, gsd_m=(1.0, 5.0), looks=("varied", "varied", "plain"))
SMALL = replace(TRAIN, seed=102, count=24000, size_px=128, spots=8)
VALIDATION = {
    "varied": TileRecipe(seed=202, count=300, looks=("varied",)),
    "scales": TileRecipe(seed=203, count=300, gsd_m=(1.0, 5.0), looks=("varied",)),
}
TEST = {
    "plain": TileRecipe(seed=301, count=400, looks=("plain",)),
    "varied": TileRecipe(seed=302, count=400, looks=("varied",)),
    "scales": TileRecipe(seed=303, count=400, gsd_m=(1.0, 5.0), looks=("varied",)),
}


@dataclass(frozen=True)
class MiniRun:
    """Settings of the whole chain; the defaults make the bundled model.

    Attributes:
        seeds: Seeds of the satellite encoder, one run each; the best on validation is kept.
        train: The training tiles; validation and test tiles have other seeds.
        small: Small training tiles of many more places.
        count_scale: Factor on the number of tiles of every set (small for tests).
        clip: Settings of the ground CLIP.
        clip_views: Captioned ground views that it learns from; 3,000 others score it.
        satellite: Settings of the satellite encoder.
        sam: Settings of the SAM.
        work: Folder for tiles and photos that later runs can use again.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    train: TileRecipe = TRAIN
    small: TileRecipe = SMALL
    count_scale: float = 1.0
    clip: ClipRun = field(default_factory=ClipRun)
    clip_views: int = 32000
    satellite: SatelliteRun = field(default_factory=SatelliteRun)
    sam: SamRun = field(default_factory=SamRun)
    work: Path = Path("build/mini")


def world_version() -> str:
    """Return a digest of the world's sources: a changed world is drawn anew."""
    digest = hashlib.sha256()
    for file in sorted(Path(world.__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def cached(
    folder: Path, name: str, what: object, make: Callable[[], dict[str, NDArray[Any]]]
) -> dict[str, NDArray[Any]]:
    """Return named arrays, from `folder` where a former run with the same settings and world has left them."""
    key = hashlib.sha256(f"{world_version()} {what!r}".encode()).hexdigest()[:12]
    home = folder / f"{name}-{key}"
    if not (home / "whole").exists():
        home.mkdir(parents=True, exist_ok=True)
        arrays = make()
        for part, array in arrays.items():
            np.save(home / f"{part}.npy", array)
        (home / "whole").write_text(repr(what))
        return arrays
    return {file.stem: np.load(file, mmap_mode="r") for file in sorted(home.glob("*.npy"))}


def get_tiles(run: MiniRun, recipe: TileRecipe, report: Report = silent) -> TileSet:
    """Make or reload the tiles of a recipe, its count scaled by the run."""
    recipe = replace(recipe, count=max(8, round(recipe.count * run.count_scale)))
    arrays = cached(run.work, "tiles", recipe, lambda: vars(make_tiles(recipe, report)))
    return TileSet(**arrays)


def get_clip_data(run: MiniRun, seed: int, count: int, report: Report = silent) -> ClipData:
    """Make or reload captioned ground views, their count scaled by the run."""
    count = max(64, round(count * run.count_scale))
    make = partial(make_clip_data, seed, count, workers=2, report=report)
    return ClipData(**cached(run.work, "captioned", (seed, count), lambda: vars(make())))


@torch.inference_mode()
def ground_features(clip: MiniClip, views: NDArray[np.uint8], report: Report = silent) -> NDArray[np.float16]:
    """Encode every ground photo with the frozen image tower f_G. uint8 [N, K, 3, 64, 64] → float16 [N, K, D]."""
    flat = views.reshape(-1, *views.shape[2:])
    out = np.empty((len(flat), clip.dim), np.float16)
    for start in range(0, len(flat), 512):
        with torch.autocast("cpu", torch.bfloat16, enabled=cpu_has_bf16()):
            out[start : start + 512] = clip.encode_views(torch.from_numpy(flat[start : start + 512])).numpy()
        report("photos", min(start + 512, len(flat)), len(flat))
    return out.reshape(*views.shape[:2], -1)


def get_material(run: MiniRun, recipe: TileRecipe, clip: MiniClip, report: Report = silent) -> Material:
    """Make or reload the tiles of a recipe and their ground photos, and encode the photos."""
    tiles = get_tiles(run, recipe, report)
    what = (recipe, run.count_scale)
    views = cached(run.work, "views", what, lambda: {"views": make_views(tiles, recipe.seed, report)})["views"]
    return Material(tiles, ground_features(clip, views, report))
