"""An index of synthetic vectors against the bare reading of as many bytes from memory: `python bench/index.py`.

For each size: a query's pass over the index and a whole query with its heatmap, as multiples of the time that one sum
over the same vectors in memory takes, all in one run, and the memory that the process came to hold. The index's files
are in the system's cache, as after any earlier query. Beside them what a pass cannot do without: the copy out of the
system's cache, the checksum (once a process and chunk), the product. Ratios are of wall time and of processor time;
where other work runs on the machine only the second means much.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from models import RandomTexts
from timing import best_of

DIM, TILE_PX, PATCH_PX = 512, 224, 16
BOUND = 1.5


class Contrast(RandomTexts):
    """As many competing concepts as the registry's models have."""

    contrast = tuple(f"concept {k}" for k in range(27))


def build(folder: Path, patches: int) -> Path:
    """Write an index of about so many random patches in one scene; returns its folder."""
    from graft_plugin.engine.files import replace_text
    from graft_plugin.engine.grid import Grid, TileRange
    from graft_plugin.engine.index.field import mark_file
    from graft_plugin.engine.index.layout import (
        ARRAYS,
        PER_PATCH,
        SHARD_TILES,
        VECTORS,
        IndexModel,
        IndexScene,
        create_index,
        create_scene,
        open_arrays,
    )

    model = IndexModel("bench", "0" * 64, "fp32", DIM, TILE_PX, PATCH_PX, 0.0, 100.0)
    path = folder / f"index_{patches}"
    create_index(path, model)
    side = max(1, round(math.sqrt(patches / model.side**2)))
    scene = IndexScene(
        path / "scene-0", "bench", None, "naip", Grid("EPSG:26914", 1.0, TILE_PX, PATCH_PX),
        TileRange(0, 0, side, side), {"patches": patches}, {},
    )  # fmt: skip
    create_scene(scene, model)
    arrays, rng, b = open_arrays(scene, "r+"), np.random.default_rng(0), SHARD_TILES
    for row in range(0, side, b):
        for col in range(0, side, b):
            rows, cols = min(b, side - row), min(b, side - col)
            for name in ARRAYS:
                edge = model.side if name in PER_PATCH else 1
                at = slice(row * edge, (row + rows) * edge), slice(col * edge, (col + cols) * edge)
                shape = (rows * edge, cols * edge)
                if name in VECTORS:
                    arrays[name][at] = rng.integers(-127, 128, (*shape, DIM), np.int8)
                else:
                    arrays[name][at] = np.full(shape, 6e-4, np.float32)
            mark = sum(1 << r * b + c for r in range(rows) for c in range(cols))
            replace_text(mark_file(scene, (row // b, col // b)), f"{mark:064x}\n")
    return path


def measure(index: Path, folder: Path) -> dict[str, Any]:
    """Return the figures of one index."""
    from graft_plugin.engine.clock import Clock
    from graft_plugin.engine.index.layout import read_model, read_scenes
    from graft_plugin.engine.index.score import BlockScorer
    from graft_plugin.engine.index.shards import _CHECKED
    from graft_plugin.engine.index.sheet_scores import score_sheet
    from graft_plugin.engine.index.sheets import sheets
    from graft_plugin.engine.progress import CancelToken
    from graft_plugin.engine.service import QueryRequest, run_query

    model = read_model(index)
    (sheet,) = sheets(read_scenes(index), model)
    count = sheet.window.height * sheet.window.width // PATCH_PX**2
    memory = torch.randint(-(2**62), 2**62, (count * DIM // 8,), dtype=torch.int64)

    def one_pass(texts: RandomTexts, mode: str) -> None:
        scorer = BlockScorer(texts, ("lake",), (), model, mode)  # type: ignore[arg-type]
        for _ in score_sheet(sheet, scorer, CancelToken(), Clock()):
            pass

    class Models:
        def texts(self, name: str) -> RandomTexts:
            return Contrast(DIM)

    before = peak()
    works = {
        "bare_reading": lambda: memory.sum(),
        **parts_of_a_pass(index, model),
        "one_text_first_time": lambda: (_CHECKED.clear(), one_pass(RandomTexts(DIM), "cosine")),
        "one_text": lambda: one_pass(RandomTexts(DIM), "cosine"),
        "with_27_competitors": lambda: one_pass(Contrast(DIM), "probability"),
        "whole_query": lambda: run_query(
            QueryRequest(str(index), ("lake",), heatmap=str(folder / "h.tif")), models=Models()
        ),  # type: ignore[arg-type]
    }
    wall, cpu = (dict(zip(works, best_of(4, *works.values(), clock=c))) for c in (time.perf_counter, time.process_time))
    ratios = {
        name: {k: round(v[name] / v["bare_reading"], 2) for k, v in (("wall", wall), ("cpu", cpu))} for name in works
    }
    return {
        "patches": count,
        "vectors_mb": round(count * DIM / 1e6),
        "to_bare_reading": ratios,
        "seconds": {name: round(value, 4) for name, value in wall.items()},
        "core_seconds": {name: round(value, 4) for name, value in cpu.items()},
        "held_mb_beyond_the_vectors_compared": round((peak() - before) / 1e6),
    }


def parts_of_a_pass(index: Path, model: Any) -> dict[str, Callable[[], object]]:  # noqa: ANN401 - an IndexModel
    """Return what a pass over an index's vectors cannot do without, each part alone, by all threads."""
    from graft_plugin.engine.index.exact import ExactTexts
    from graft_plugin.engine.index.layout import CHUNK_TILES
    from graft_plugin.engine.index.shards import _crc
    from graft_plugin.engine.index.sheets import in_order
    from graft_plugin.engine.progress import CancelToken

    length = (CHUNK_TILES * model.side) ** 2 * model.dim
    files = sorted(index.glob("*/patches/c/*/*/*"))
    scale = np.ones((CHUNK_TILES * model.side) ** 2, np.float32)
    texts = {count: ExactTexts(RandomTexts(DIM).encode([f"text {k}" for k in range(count)])) for count in (1, 28)}

    def copy(file: Path) -> None:
        buffer = np.empty(length + 4, np.uint8)
        with open(file, "rb", buffering=0) as raw:
            while raw.tell() + length + 4 <= os.fstat(raw.fileno()).st_size:
                raw.readinto(buffer.data)

    block = np.random.default_rng(0).integers(-127, 128, length, np.int8)
    held = block.view(np.uint8)
    held.flags.writeable = False
    chunks = sum(os.stat(file).st_size // (length + 4) for file in files)

    def over(work: Callable[[Any], object], jobs: list[Any]) -> Callable[[], object]:
        return lambda: [None for _ in in_order(jobs, work, CancelToken())]

    return {
        "copy_from_the_systems_cache": over(copy, files),
        "checksum": over(lambda _: _crc(held), list(range(chunks))),
        "product_with_1_text": over(lambda _: texts[1].cosines(block, scale), list(range(chunks))),
        "product_with_28_texts": over(lambda _: texts[28].cosines(block, scale), list(range(chunks))),
    }


def peak() -> int:
    """Return the most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> int:
    """Measure the sizes asked for and print one JSON document; returns 1 where the largest breaks the bound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patches", nargs="*", type=int, default=[10**4, 10**5, 10**6], metavar="PATCHES")
    results: dict[str, Any] = {"cpus": os.cpu_count(), "threads": torch.get_num_threads(), "sizes": []}
    with tempfile.TemporaryDirectory() as folder:
        for patches in parser.parse_args().patches:
            print(f"bench: {patches} patches …", file=sys.stderr, flush=True)
            results["sizes"].append(measure(build(Path(folder), patches), Path(folder)))
    value = results["sizes"][-1]["to_bare_reading"]["one_text"]["wall"]
    results["bound"] = {"value": value, "bound": f"<= {BOUND}", "holds": value <= BOUND}
    print(json.dumps(results, indent=2))
    return 0 if value <= BOUND else 1


if __name__ == "__main__":
    sys.exit(main())
