"""The whole chain of the mini model: worlds → CLIP → satellite encoder → SAM → resources/mini, with measured scores."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from graft_plugin.engine.encoders.encoder import cpu_has_bf16
from graft_plugin.engine.encoders.graft import to_graft_state_dict
from graft_plugin.engine.progress import Report, silent
from graft_plugin.engine.sam_model import SamConfig

from .. import world
from .clip import ClipRun, MiniClip, load_clip, train_clip
from .clip_data import ClipData, make_clip_data
from .measure import Encode, fit_logit_scale, score_tiles
from .sam import SamRun, save_sam, train_sam
from .sam_scores import score_sam
from .satellite import Material, Satellite, SatelliteRun, train_satellite
from .tiles import TileRecipe, TileSet, make_tiles, make_views

TRAIN = TileRecipe(seed=101, count=1600, size_px=256, gsd_m=(1.0, 5.0), looks=("varied", "varied", "plain"))
SMALL = replace(TRAIN, seed=102, count=12000, size_px=128, spots=8)
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


def as_encode(model: Satellite) -> Encode:
    """The encoder on uint8 images, without augmentation."""

    @torch.inference_mode()
    def encode(images: Tensor) -> tuple[Tensor, Tensor]:
        return model(images.float() / 255)

    return encode


def run_clip(run: MiniRun, say: Callable[[str], None]) -> tuple[MiniClip, dict[str, Any]]:
    """Train the ground CLIP, once for all seeds: it is frozen from then on. Returns it with its scores."""
    captioned, others = get_clip_data(run, 401, run.clip_views), get_clip_data(run, 402, 3000)
    return train_clip(run.clip, captioned, others, say)


def run_seed(
    run: MiniRun, seed: int, whole: Material, small: Material, clip: MiniClip, say: Callable[[str], None]
) -> tuple[Satellite, dict[str, Any]]:
    """Train the satellite encoder with one seed and score it. Returns it with its scores."""
    start = time.monotonic()
    text = clip.class_vectors()
    sets = {name: get_tiles(run, recipe) for name, recipe in VALIDATION.items()}

    def validate(model: Satellite) -> float:
        return float(np.mean([score_tiles(as_encode(model), text, s)["share"] for s in sets.values()]))

    model = train_satellite(
        replace(run.satellite, seed=seed), whole, small, clip.model.visual,
        lambda row: say(f"seed {seed}: {json.dumps({k: round(v, 4) for k, v in row.items()})}"), validate,
    )  # fmt: skip
    scores: dict[str, Any] = {"seed": seed, "minutes": round((time.monotonic() - start) / 60, 1)}
    scores["logit_scale"] = fit_logit_scale(as_encode(model), text, list(sets.values()))
    scores["validation"] = {n: score_tiles(as_encode(model), text, s) for n, s in sets.items()}
    tests = {name: get_tiles(run, recipe) for name, recipe in TEST.items()}
    scores["test"] = {n: score_tiles(as_encode(model), text, s) for n, s in tests.items()}
    torch.manual_seed(seed)
    untrained = Satellite(run.satellite.width, run.satellite.layers, clip.dim).eval()
    scores["untrained"] = {n: score_tiles(as_encode(untrained), text, s) for n, s in tests.items()}
    say(f"seed {seed}: {json.dumps(scores['test'])}")
    return model, scores


def save_encoders(model: Satellite, logit_scale: float, clip: MiniClip, folder: Path) -> None:
    """Write graft.safetensors in the official GRAFT names and the CLIP, both float16, and their part of config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    state = to_graft_state_dict(model.visual.state_dict(), model.projector.state_dict(), logit_scale)
    save_file({k: v.half() for k, v in state.items()}, folder / "graft.safetensors")
    clip.save(folder)


def seed_job(run: MiniRun, seed: int, folder: Path) -> dict[str, Any]:
    """Train and score one seed with the CLIP and the features in `folder`; its files go to ``seed-N`` there."""
    clip = load_clip(folder)
    whole, small = (
        Material(get_tiles(run, recipe), np.load(folder / f"features-{recipe.seed}.npy"))
        for recipe in (run.train, run.small)
    )
    model, scores = run_seed(run, seed, whole, small, clip, partial(print, flush=True))
    save_encoders(model, scores["logit_scale"], clip, folder / f"seed-{seed}")
    return scores


def sam_job(run: MiniRun, folder: Path) -> dict[str, Any]:
    """Train the SAM and score it on point prompts of test tiles; its file goes to ``sam`` in `folder`."""
    tiles = get_tiles(run, run.train)
    sam, report = train_sam(run.sam, tiles.images, tiles.labels)
    for name in ("plain", "varied"):
        test = get_tiles(run, TEST[name])
        report[name] = score_sam(sam, test.images[:100], test.labels[:100])
    save_sam(sam, folder / "sam")
    return report


def train_mini(run: MiniRun, out: Path, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Run the chain and write the model folder.

    The seeds and the SAM train side by side, each in a process with one thread.

    Args:
        run: The settings.
        out: Folder for graft.safetensors, clip.safetensors, sam.safetensors, config.json and scores.json.
        say: Called with lines of progress.

    Returns:
        The scores that scores.json holds.
    """
    start = time.monotonic()
    clip, clip_scores = run_clip(run, say)
    say(f"clip: {json.dumps(clip_scores)}")
    run.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=run.work) as place:
        folder = Path(place)
        clip.save(folder)
        for recipe in (run.train, run.small):
            material = get_material(run, recipe, clip)
            np.save(folder / f"features-{recipe.seed}.npy", material.ground)
            say(f"world: {len(material.tiles.images)} tiles of {recipe.size_px} pixels with their ground photos")
        for recipe in (*VALIDATION.values(), *TEST.values()):
            get_tiles(run, recipe)  # once, before two processes want it
        with ProcessPoolExecutor(
            2, mp_context=get_context("spawn"), initializer=torch.set_num_threads, initargs=(1,)
        ) as pool:
            jobs = [pool.submit(seed_job, run, seed, folder) for seed in run.seeds]
            sam_report = pool.submit(sam_job, run, folder).result()
            rows = [job.result() for job in jobs]
        best = max(rows, key=lambda row: np.mean([s["share"] for s in row["validation"].values()]))
        gather_model(folder / f"seed-{best['seed']}", folder / "sam", run.sam.config, out)
    scores = {
        "kept_seed": best["seed"],
        "clip": clip_scores,
        "seeds": rows,
        "sam": sam_report,
        "minutes": round((time.monotonic() - start) / 60, 1),
        "satellite": asdict(run.satellite),
    }
    (out / "scores.json").write_text(json.dumps(scores, indent=1))
    return scores


def gather_model(encoders: Path, sam: Path, sam_config: SamConfig, out: Path) -> None:
    """Copy the encoders of one seed and the SAM into the model's folder, with one config.json."""
    out.mkdir(parents=True, exist_ok=True)
    for file in (encoders / "graft.safetensors", encoders / "clip.safetensors", sam / "sam.safetensors"):
        shutil.copyfile(file, out / file.name)
    config = json.loads((encoders / "config.json").read_text()) | {"sam": sam_config.to_dict()}
    (out / "config.json").write_text(json.dumps(config, indent=1))
