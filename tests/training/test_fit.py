"""Runs: what they leave, that they go on to the bit, and that several processes are one."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from graft_plugin.errors import CheckpointError, UsageError
from training.config import TrainConfig
from training.fit import fit
from training.module import DivergedError, schedule

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def config(small_clip, small_pairs, tmp_path, one_thread):
    def make(name="run", **settings):
        usual = {
            "parent": str(small_clip), "steps": 10, "batch": 4, "chunk": 3, "lr": 1e-3, "workers": 0, "device": "cpu",
            "precision": "fp32", "tensorboard": False, "validation_share": 0.2, "features": tmp_path / "features",
        }  # fmt: skip
        return TrainConfig(small_pairs, tmp_path / name, **{**usual, **settings})

    return make


def weights(folder, name="last.ckpt"):
    return torch.load(folder / name, weights_only=True)


def equal(a, b):
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return set(a) == set(b) and all(equal(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    return a == b


def rows_of(folder):
    with (folder / "metrics.csv").open() as stream:
        return list(csv.DictReader(stream))


def without_times(rows):
    return [{k: v for k, v in row.items() if k not in ("seconds", "images_s")} for row in rows]


def stop_after(steps):
    seen = []

    def report(event):
        if event["event"] == "step":
            seen.append(event["step"])

    return report, lambda: bool(seen) and seen[-1] >= steps


def test_a_run_learns_and_says_so(config):
    events = []
    settings = config(steps=40, batch=6, validate_every=20, tensorboard=True, level="both", same_photo=0.999)
    result = fit(settings, events.append)
    scores = result.scores
    assert scores["best"]["score"] > scores["before"]["score"] + 0.05
    losses = [event["loss"] for event in events if event["event"] == "step"]
    assert len(losses) == 40 and sum(losses[-5:]) < sum(losses[:5]) - 0.5
    assert [e["step"] for e in events if e["event"] == "validation"] == [0, 20, 40]
    start = next(e for e in events if e["event"] == "start")
    assert (start["steps"], start["held_out"]) == (40, 3) and start["tiles"] == scores["tiles"]
    rows = rows_of(settings.out)
    assert [r["step"] for r in rows if r["loss"]] == [str(n) for n in range(1, 41)]
    assert float(rows[1]["loss"]) == pytest.approx(losses[0]) and 0 < result.seconds < 600
    assert any((settings.out / "tensorboard").iterdir())
    assert not list(settings.out.glob("*.tmp"))
    best = weights(settings.out, "best.ckpt")
    assert best["graft"]["step"] == scores["best_step"] and result.best == settings.out / "best.ckpt"


def test_a_stopped_run_goes_on_to_the_bit(config):
    whole = config("whole", validate_every=4)
    fit(whole)
    report, stop = stop_after(5)  # mid-epoch: an epoch has 2 steps, and no validation or save is due there
    parts = config("parts", validate_every=4)
    assert fit(parts, report, stop).scores["stopped"]
    assert weights(parts.out)["graft"]["step"] == 5
    result = fit(parts, resume=True)
    assert not result.scores["stopped"]
    a, b = weights(whole.out), weights(parts.out)
    assert a["graft"]["step"] == b["graft"]["step"] == 10
    assert equal(a["state_dict"], b["state_dict"]) and equal(a["optimizer_states"], b["optimizer_states"])
    start = torch.load(whole.out / "best.ckpt", weights_only=True)
    assert not equal(a["state_dict"], start["state_dict"]) or start["graft"]["step"] == 10
    kept = without_times([r for r in rows_of(parts.out) if not (r["step"] == "5" and r["score"])])
    assert kept == without_times(rows_of(whole.out))
    again = fit(parts, lambda event: pytest.fail("a finished run was trained"), resume=True)
    assert again.scores["best"] == result.scores["best"] and again.scores["steps"] == 10


@pytest.mark.timeout(900)
def test_a_killed_run_goes_on_to_the_bit(config, tmp_path):
    """kill -9 somewhere between two checkpoints, in a process of its own."""
    whole, killed = (config(name, steps=60, save_every=7, validate_every=60, workers=1) for name in ("a", "b"))
    values = {k: v for k, v in killed.to_dict().items() if v is not None}
    (tmp_path / "run.toml").write_text("\n".join(f"{k} = {json.dumps(v)}" for k, v in values.items()))
    process = subprocess.Popen(
        [sys.executable, "-m", "training", "train", str(tmp_path / "run.toml")], cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    metrics = killed.out / "metrics.csv"
    try:
        while process.poll() is None and not (metrics.exists() and len(metrics.read_text().splitlines()) > 20):
            time.sleep(0.05)
        assert process.poll() is None, "the run ended before it could be killed"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    step = weights(killed.out)["graft"]["step"]
    assert 0 < step < 60 and step % 7 == 0
    fit(killed, resume=True)
    fit(whole)
    a, b = weights(whole.out), weights(killed.out)
    assert equal(a["state_dict"], b["state_dict"]) and equal(a["optimizer_states"], b["optimizer_states"])
    assert without_times(rows_of(whole.out)) == without_times(rows_of(killed.out))


def test_a_run_that_cannot_go_on_says_why(config, small_clip, tmp_path):
    first = config(steps=2)
    fit(first)
    with pytest.raises(UsageError, match="holds a run already"):
        fit(first)
    with pytest.raises(UsageError, match="another steps, seed"):
        fit(config(steps=9, seed=4), resume=True)
    report, stop = stop_after(1)
    fit(config("other", steps=3), report, stop)
    from .conftest import write_clip

    another = write_clip(tmp_path / "another.safetensors", seed=8)
    with pytest.raises(UsageError, match="another parent"):
        fit(config("other", steps=3, parent=str(another), ground_model=str(small_clip)), resume=True)
    (first.out / "last.ckpt").write_bytes(b"PK nothing")
    with pytest.raises(CheckpointError, match=r"last\.ckpt"):
        fit(first, resume=True)


def test_the_clock_ends_a_run(config):
    events = []
    settings = config(steps=None, minutes=0.02, warmup=0.0)
    result = fit(settings, events.append)
    assert not result.scores["stopped"] and result.seconds >= 1.2
    steps = [event for event in events if event["event"] == "step"]
    assert steps[-1]["steps"] == steps[-1]["step"] == result.scores["steps"]
    for event, later in zip(steps, steps[1:], strict=False):  # a cosine over the seconds, not over the steps
        assert later["lr"] <= 1e-3 * schedule(min(1.0, event["seconds"] / 1.2), 0.0) + 1e-9
    again = fit(settings, lambda event: pytest.fail("a finished run was trained"), resume=True)
    assert again.scores == result.scores


def test_another_score_decides_what_is_kept(config):
    told = iter([0.1, 0.9, 0.3, 0.5, 0.2, 0.4])
    shapes = []

    def validate(tower):
        assert not tower.training and not torch.is_grad_enabled()
        shapes.append([tuple(v.shape) for v in tower(torch.zeros(2, 3, 64, 64, dtype=torch.uint8))])
        return next(told)

    result = fit(config(steps=5, validate_every=1), validate=validate)
    assert result.scores["best"] == {"score": 0.9} and result.scores["best_step"] == 1
    assert weights(config().out, "best.ckpt")["graft"]["step"] == 1
    assert shapes[0] == [(2, 32), (2, 16, 32)]


def test_memory_and_numbers_that_run_out_are_explained(config):
    def validate(tower):
        return float(torch.empty(1 << 58).sum())

    with pytest.raises(UsageError, match=r"memory is not enough.*Lower chunk \(now 3\)"):
        fit(config(), validate=validate)
    with pytest.raises(DivergedError, match=r"no number any more at step .*Lower lr"):
        fit(config("wild", lr=1e30, clip_norm=None, warmup=0.0))


def test_another_ground_model_must_fit(config, tmp_path):
    from .conftest import write_clip

    narrow = write_clip(tmp_path / "narrow.safetensors", dim=16)
    with pytest.raises(UsageError, match="have 16 dimensions, those of the model 32"):
        fit(config(ground_model=str(narrow)))


def test_schedule():
    assert [schedule(p, 0.1) for p in (0.05, 0.1, 1.0)] == pytest.approx([0.5, 1.0, 0.0])
    assert schedule(0.55, 0.1) == pytest.approx(0.5)
    assert 0 < schedule(0.0, 0.1) <= 0.01 and schedule(0.0, 0.0) == 1.0
