"""`--cluster`: two processes, one killed in the middle, and the index is the one that a single process makes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
import rasterio

from graft_plugin.engine.embed import MAX_BATCH_TILES
from graft_plugin.engine.index.layout import SHARD_TILES, read_scenes

pytest.importorskip("distributed")
ROOT = Path(__file__).resolve().parents[3]
SHARD_M = SHARD_TILES * 224
SLOW = """
import os, time
from graft_plugin.engine.encoders.encoder import VitEncoder
encode = getattr(VitEncoder, "quick", VitEncoder.encode)  # Dask loads this file twice
def slow(self, images, cancel=None):
    out = encode(self, images, cancel)
    time.sleep(0.05 * len(images))
    with open({log!r}, "a") as log:
        log.write(f"{{os.getpid()}} {{len(images)}}\\n")
    return out
VitEncoder.quick, VitEncoder.encode = encode, slow
"""


@pytest.fixture
def raster(tmp_path, write_colours):
    """64 tiles in four shards, whose corner is its middle."""
    corner = (140 * SHARD_M - 4 * 224, 1395 * SHARD_M + 4 * 224)
    return write_colours(tmp_path / "a_20180716.tif", 8 * 224, corner=corner)


@pytest.fixture
def scheduler(tmp_path):
    import dask
    from distributed import LocalCluster

    dask.config.set({"temporary-directory": str(tmp_path)})
    how = {"dashboard_address": None, "scheduler_kwargs": {"dashboard_address": "127.0.0.1:0"}, "silence_logs": 50}
    with LocalCluster(n_workers=0, local_directory=str(tmp_path), **how) as found:
        yield found.scheduler_address


def files(index: Path) -> dict[str, bytes]:
    return {str(p.relative_to(index)): p.read_bytes() for p in index.rglob("*") if p.is_file() and p.name != "lock"}


def journalled(index: Path) -> int:
    """Bytes of the tiles of shards that are not complete."""
    try:
        return sum(path.stat().st_size for path in index.glob("*/journal/*.*"))
    except FileNotFoundError:  # one became complete just now
        return 0


def encoded(log: Path) -> Counter:
    """Tiles that went through the model, by process."""
    found: Counter = Counter()
    for line in log.read_text().splitlines() if log.exists() else ():
        pid, count = line.split()
        found[int(pid)] += int(count)
    return found


def test_a_killed_worker_costs_its_block_only_and_no_byte_differs(tmp_path, graft, raster, scheduler, engine_env):
    slow, log = tmp_path / "slow.py", tmp_path / "log"
    slow.write_text(SLOW.format(log=str(log)))
    command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler, "--nthreads", "1", "--no-nanny",
               "--no-dashboard", "--local-directory", str(tmp_path), "--preload", str(slow)]  # fmt: skip
    env = {**engine_env, "PYTHONPATH": str(ROOT), "GRAFT_HOME": os.environ["GRAFT_HOME"]}
    workers = [
        subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    pids, killed = {worker.pid for worker in workers}, []

    def kill() -> None:
        while not killed:
            now = encoded(log)
            if len(now) == 2 and max(now.values()) >= 8:  # both are at work, and that one has a shard half done
                killed.append(max(now, key=now.__getitem__))
                os.kill(killed[0], signal.SIGKILL)
            time.sleep(0.02)

    watcher = threading.Thread(target=kill, daemon=True)
    watcher.start()
    try:
        status, out, _err = graft("index", raster, "--out", tmp_path / "ix", "--json", "--cluster", scheduler)
        result, through = json.loads(out), encoded(log)
        assert status == 0 and set(through) == pids and len(killed) == 1
        assert result["encoded_tiles"] + result["from_index"] == result["tiles"] == 64 and not result["failed"]
        assert through[killed[0]] < 64 / 2 and 0 <= through.total() - 64 <= MAX_BATCH_TILES
        assert graft("index", raster, "--out", tmp_path / "alone")[0] == 0
        assert files(tmp_path / "ix") == files(tmp_path / "alone")
        for name, words in (("here", ()), ("there", ("--cluster", scheduler))):
            target = tmp_path / f"{name}.tif"
            assert graft("query", tmp_path / "ix", "--text", "lake", "--heatmap", target, *words)[0] == 0
        with rasterio.open(tmp_path / "here.tif") as here, rasterio.open(tmp_path / "there.tif") as there:
            assert here.read().tobytes() == there.read().tobytes() and here.transform == there.transform
    finally:
        killed.append(0)
        for worker in workers:
            worker.kill()
            worker.wait()


def test_processes_of_this_machine_go_on_where_one_was_stopped(tmp_path, graft, raster, colour_model, engine_env):
    command = [sys.executable, "-m", "graft_plugin.engine", "index", str(raster), "--out", str(tmp_path / "ix"),
               "--model", str(colour_model), "--gsd", "0.5"]  # fmt: skip
    how = {"cwd": ROOT, "env": engine_env, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    first = subprocess.Popen([*command, "--cluster", "2"], **how, start_new_session=True)
    while journalled(tmp_path / "ix") < 20_000:
        assert first.poll() is None, first.communicate()[1]
        time.sleep(0.02)
    os.killpg(first.pid, signal.SIGINT)  # as a terminal does: to everyone
    out, err = first.communicate()
    said = [line for line in err.splitlines() if "note:" not in line and "tiles:" not in line]
    assert (first.returncode, out, said) == (130, "", ["graft: stopped; nothing half-written is left"])
    status, out, err = graft("index", raster, "--out", tmp_path / "ix", "--gsd", "0.5", "--json")
    result = json.loads(out)
    assert status == 0 and result["from_index"] > 0
    assert graft("index", raster, "--out", tmp_path / "alone", "--gsd", "0.5")[0] == 0
    assert files(tmp_path / "ix") == files(tmp_path / "alone")


def test_mistakes_end_in_one_line(tmp_path, graft, raster, monkeypatch, scheduler):
    one = tmp_path / "ix"
    index = ("index", raster, "--out", one)
    monkeypatch.setattr("graft_plugin.engine.index.cluster.CONNECT_S", 0.5)
    status, _out, err = graft(*index, "--cluster", "tcp://127.0.0.1:9")
    assert status == 2 and len(err) == 1 and "no Dask scheduler answers" in err[0]
    monkeypatch.setattr("graft_plugin.engine.index.cluster.FIRST_WORKER_S", 0.1)
    status, _out, err = graft(*index, "--cluster", scheduler)
    assert status == 2 and len(err) == 1 and "has no workers" in err[0]
    status, _out, err = graft("index", "--cluster", raster, raster, "--out", one)
    assert status == 2 and len(err) == 1 and "is no cluster" in err[0]
    monkeypatch.setenv("GRAFT_OFFLINE", "1")
    monkeypatch.setattr("graft_plugin.engine.cli.close_gdal", lambda: None)  # it would stay closed in this process
    status, _out, err = graft(*index, "--cluster", "tcp://192.0.2.1:8786")
    assert status == 2 and len(err) == 1 and "offline switch" in err[0]
    monkeypatch.delenv("GRAFT_OFFLINE")
    monkeypatch.setitem(sys.modules, "distributed", None)
    status, _out, err = graft(*index, "--cluster")
    assert status == 2 and len(err) == 1 and "graft-qgis[dist]" in err[0]
    status, _out, err = graft("query", raster, "--text", "lake", "--cluster")
    assert status == 2 and len(err) == 1 and "only an index" in err[0]
    assert not [scene for scene in read_scenes(one) if list(scene.folder.glob("present/*"))]
