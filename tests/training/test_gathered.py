"""Two processes with uneven shares give the loss, the gradient and the weights of one."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from training.config import TrainConfig
from training.fit import fit

from .test_cached_gradients import COUNTS, difference, gradients, make_batch, module_for

ROOT = Path(__file__).resolve().parents[2]


def rows_of(folder):
    with (folder / "metrics.csv").open() as stream:
        return [row for row in csv.DictReader(stream) if row["loss"]]


@pytest.mark.timeout(900)
def test_two_processes_are_one(small_clip, small_pairs, tmp_path, one_thread):
    batch = make_batch(COUNTS)
    torch.save((batch.images, batch.ground, batch.owner, batch.patch_index), tmp_path / "batch.pt")
    settings = {
        "parent": str(small_clip), "steps": 4, "batch": 5, "chunk": 2, "lr": 1e-3, "workers": 0, "device": "cpu",
        "precision": "fp64", "tensorboard": False, "validation_share": 0.2, "clip_norm": 1000.0,
    }  # fmt: skip
    values = {"pairs": str(small_pairs), "out": str(tmp_path / "two"), **settings}
    (tmp_path / "run.toml").write_text("\n".join(f"{k} = {json.dumps(v)}" for k, v in values.items()))
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--module",
         "tests.training.two_processes", str(tmp_path)],
        cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    for level in ("pixel", "image"):
        loss, expected = gradients(module_for(small_clip, level=level, chunk=7), batch)
        for rank in (0, 1):
            found_loss, found = torch.load(tmp_path / f"{level}-{rank}.pt", weights_only=True)
            assert found_loss == pytest.approx(loss, rel=1e-10)
            assert difference(found, expected) < 1e-6
    fit(TrainConfig(small_pairs, tmp_path / "one", **settings))
    one, two = rows_of(tmp_path / "one"), rows_of(tmp_path / "two")
    assert len(one) == len(two) == 4
    for a, b in zip(one, two, strict=True):
        assert float(a["loss"]) == pytest.approx(float(b["loss"]), rel=1e-7)
        assert float(a["gradient"]) == pytest.approx(float(b["gradient"]), rel=1e-6)
    ours, theirs = (
        torch.load(tmp_path / name / "last.ckpt", weights_only=True)["state_dict"] for name in ("one", "two")
    )
    assert all(torch.allclose(ours[name], theirs[name], rtol=0, atol=1e-9) for name in ours)
    assert done.stdout.count("best:") == 1, "both processes speak"
