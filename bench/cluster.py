"""Making an index by one process and by two: `python bench/cluster.py [--tiles N]`.

The bundled model encodes a generated raster whose tiles lie in four shards: here, in this process with all cores; and
on Dask clusters of one and of two processes with one thread each, which have loaded the model before. One run, in
turns; the figure is the ratio. The three indexes must be the same bytes.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import rasterio
from rasterio.transform import from_origin

TILE_PX, SHARD_M = 224, 16 * 224


def raster(folder: Path, tiles: int) -> Path:
    """Write a raster of about so many tiles at 1 m, whose middle is the corner of four shards; returns its path."""
    half = max(1, round(math.sqrt(tiles) / 2)) * TILE_PX
    pixels = np.random.default_rng(0).integers(0, 255, (3, half // 4, half // 4)).astype(np.uint8)
    path = folder / "bench.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=2 * half, height=2 * half, count=3, dtype="uint8", crs="EPSG:32615",
        transform=from_origin(140 * SHARD_M - half, 1395 * SHARD_M + half, 1, 1), tiled=True,
    ) as out:  # fmt: skip
        out.write(pixels.repeat(8, 1).repeat(8, 2))
    return path


def files(index: Path) -> dict[str, bytes]:
    """Return what an index holds."""
    return {str(p.relative_to(index)): p.read_bytes() for p in index.rglob("*") if p.is_file() and p.name != "lock"}


def measure(folder: Path, tiles: int, rounds: int) -> dict[str, Any]:
    """Return the figures."""
    from distributed import LocalCluster

    from graft_plugin.engine.loading import LoadedModels
    from graft_plugin.engine.service import IndexRequest, run_index

    models, source, warm = LoadedModels(), raster(folder, tiles), folder / "warm"
    warm.mkdir()
    small = raster(warm, 4)
    how = {"threads_per_worker": 1, "memory_limit": 0, "dashboard_address": None, "silence_logs": 50}
    best: dict[str, float] = {}
    found: dict[str, dict[str, bytes]] = {}
    with ExitStack() as stack:
        ways: dict[str, str | None] = {"here": None}
        for count in (1, 2):
            started = stack.enter_context(
                LocalCluster(
                    n_workers=count,
                    local_directory=str(folder),
                    scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                    **how,
                )
            )
            ways[f"{count}_process{'es' if count > 1 else ''}"] = started.scheduler_address
        for name, address in ways.items():
            run_index(IndexRequest((str(small),), str(folder / f"warm-{name}"), cluster=address), models=models)
        for _ in range(rounds):
            for name, address in ways.items():
                out = folder / f"index-{name}"
                shutil.rmtree(out, ignore_errors=True)
                began = time.perf_counter()
                result = run_index(IndexRequest((str(source),), str(out), cluster=address), models=models)
                best[name] = min(best.get(name, math.inf), time.perf_counter() - began)
                found[name] = files(out)
    return {
        "cpus": os.cpu_count(),
        "tiles": result.tiles,
        "index_mb": round(result.gigabytes * 1000, 1),
        "tiles_per_s": {name: round(result.tiles / took, 2) for name, took in best.items()},
        "times_faster_with_2_processes": round(best["1_process"] / best["2_processes"], 2),
        "same_bytes": all(found[name] == found["1_process"] for name in found),
    }


def main() -> int:
    """Print one JSON document; returns 1 where the indexes differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiles", type=int, default=144)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = measure(Path(folder), args.tiles, args.rounds)
    print(json.dumps(results, indent=2))
    return 0 if results["same_bytes"] else 1


if __name__ == "__main__":
    sys.exit(main())
