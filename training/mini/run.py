"""The whole chain of the mini model: worlds → CLIP → satellite encoder → SAM → resources/mini, with measured scores."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from graft_plugin.engine.encoders.graft import to_graft_state_dict
from graft_plugin.engine.sam_model import SamConfig

from .clip import MiniClip, load_clip, train_clip
from .material import TEST, VALIDATION, MiniRun, get_clip_data, get_material, get_tiles, world_version
from .measure import Encode, fit_logit_scale, score_tiles
from .sam import save_sam, train_sam
from .sam_scores import score_sam
from .satellite import Material, Satellite, train_satellite


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


def clip_job(run: MiniRun, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Train the ground CLIP and encode every ground photo with it; all goes to `folder`."""
    clip, scores = run_clip(run, say)
    clip.save(folder)
    for recipe in (run.train, run.small):
        material = get_material(run, recipe, clip)
        np.save(folder / f"features-{recipe.seed}.npy", material.ground)
        say(f"world: {len(material.tiles.images)} tiles of {recipe.size_px} pixels with their ground photos")
    return scores


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


def once(folder: Path, name: str, job: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a job returned: from ``name.json`` in `folder` where it was done before, else by doing it."""
    told = folder / f"{name}.json"
    if told.exists():
        return dict(json.loads(told.read_text()))
    scores = job()
    part = told.with_suffix(".part")
    part.write_text(json.dumps(scores))
    part.replace(told)
    return scores


def run_folder(run: MiniRun) -> Path:
    """Return the folder of what a run has done so far; another one for other settings or another world."""
    key = hashlib.sha256(f"{world_version()} {replace(run, work=Path())!r}".encode()).hexdigest()[:12]
    return run.work / f"run-{key}"


def train_mini(run: MiniRun, out: Path, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Run the chain and write the model folder.

    The seeds and the SAM train side by side, each in a process with one thread. What is done is kept until all is done,
    so that a run that failed or was ended goes on where it was when it is started again.

    Args:
        run: The settings.
        out: Folder for graft.safetensors, clip.safetensors, sam.safetensors, config.json and scores.json.
        say: Called with lines of progress.

    Returns:
        The scores that scores.json holds.
    """
    start = time.monotonic()
    folder = run_folder(run)
    folder.mkdir(parents=True, exist_ok=True)
    clip_scores = once(folder, "clip", lambda: clip_job(run, folder, say))
    say(f"clip: {json.dumps(clip_scores)}")
    for recipe in (*VALIDATION.values(), *TEST.values()):
        get_tiles(run, recipe)  # once, before two processes want it
    with ProcessPoolExecutor(
        2, mp_context=get_context("spawn"), initializer=torch.set_num_threads, initargs=(1,)
    ) as pool:
        jobs = [pool.submit(once, folder, f"seed-{seed}", partial(seed_job, run, seed, folder)) for seed in run.seeds]
        sam_report = pool.submit(once, folder, "sam", partial(sam_job, run, folder)).result()
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
    shutil.rmtree(folder)
    return scores


def gather_model(encoders: Path, sam: Path, sam_config: SamConfig, out: Path) -> None:
    """Copy the encoders of one seed and the SAM into the model's folder, with one config.json."""
    out.mkdir(parents=True, exist_ok=True)
    for file in (encoders / "graft.safetensors", encoders / "clip.safetensors", sam / "sam.safetensors"):
        shutil.copyfile(file, out / file.name)
    config = json.loads((encoders / "config.json").read_text()) | {"sam": sam_config.to_dict()}
    (out / "config.json").write_text(json.dumps(config, indent=1))
