"""What is told before a run is what the run then does."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from graft_plugin.engine import cli, rates
from graft_plugin.engine.home import graft_home
from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.requests import EstimateRequest, QueryRequest
from graft_plugin.engine.service import HANDLERS, run_estimate, run_query
from graft_plugin.errors import Cancelled, SceneError, UsageError

ROOT = Path(__file__).resolve().parents[2]

@pytest.fixture
def ask(colour_scene, colour_model, tmp_path):
    """Estimate, or run, a query on the scene with a store of its own."""

    def run(kind, **more):
        values = {
            "raster": str(colour_scene.path), "prompts": ("lake",), "model": str(colour_model),
            "sam": str(colour_model / "sam.safetensors"), "store": str(tmp_path / "store"), **more,
        }  # fmt: skip
        return run_estimate(EstimateRequest(**values)) if kind == "estimate" else run_query(QueryRequest(**values))

    return run


def size_of(folder):
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


def test_tiles_and_the_store_are_what_a_run_then_finds(ask, colour_scene, tmp_path):
    xmin, _, _, ymax = colour_scene.bounds
    corner = {"extent": (xmin + 10.0, ymax - 260.0, xmin + 230.0, ymax - 30.0)}
    for area in (corner, {}, {"stride_px": 8}):
        before = ask("estimate", **area)
        run = ask("query", **area)
        assert (before.tiles - before.stored_tiles, before.stored_tiles) == (run.encoded_tiles, run.from_store)
        after = ask("estimate", **area)
        assert after.stored_tiles == after.tiles == before.tiles
        assert (before.gsd_m, before.sensor, before.bands, before.crs) == (run.gsd_m, run.sensor, run.bands, run.crs)
    assert ask("estimate", **corner).tiles < ask("estimate").tiles < ask("estimate", stride_px=8).tiles
    whole = ask("estimate")
    assert (whole.width_px, whole.height_px, whole.native_gsd_m, whole.band_count) == (448, 448, 1.0, 4)
    assert whole.stretch is None and whole.model_state == "ready" and whole.download_bytes == 0


def test_another_stretch_is_another_scene_in_the_store(ask):
    run = ask("query", stretch=(0.0, 200.0))
    assert run.encoded_tiles > 0 and ask("estimate", stretch=(0.0, 200.0)).stored_tiles == run.encoded_tiles
    assert ask("estimate").stored_tiles == 0 and ask("estimate", stretch=(0.0, 201.0)).stored_tiles == 0
    assert ask("estimate", stretch=(0.0, 200.0)).stretch == ((0.0, 200.0),) * 3


def test_an_estimate_loads_no_model_and_writes_no_embedding(ask, monkeypatch, tmp_path):
    monkeypatch.setattr("graft_plugin.engine.loading.LoadedModels.encoder", None)
    monkeypatch.setattr("graft_plugin.engine.encoders.load.read_state_dict", None)
    found = ask("estimate", masks="m.gpkg")
    assert found.stored_tiles == 0 < found.tiles and found.seconds > 0
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["scenes"]


def test_seconds_come_from_what_was_measured(ask, monkeypatch):
    monkeypatch.setattr(rates, "computed", lambda *_: 1000.0)
    first = ask("estimate")
    assert first.seconds == pytest.approx(1000 * first.tiles, rel=0.01)
    run = ask("query")
    known = json.loads((graft_home() / "rates.json").read_text())
    (tile,) = (key for key in known if key.startswith("tile "))
    assert run.model_sha256[:16] in tile and " cpu " in tile
    assert known[tile] == pytest.approx(run.seconds["encode"] / run.encoded_tiles, rel=1e-3)
    rates.remember(tile, 3 * known[tile] * 100, 100)
    assert rates.measured(tile) == pytest.approx(2 * known[tile])
    rates.remember(tile, 1e5, 2)  # too few to tell anything
    rates.remember(rates.rate_key("cell"), 1e5, 5000)
    assert rates.measured(tile) == pytest.approx(2 * known[tile]) and rates.measured("cell") is None
    rates.remember(rates.rate_key("cell"), 1.0, 1_000_000)
    assert rates.measured("cell") == pytest.approx(1e-6)
    second = ask("estimate", use_store=False)
    assert 2 * known[tile] * second.tiles <= second.seconds < 500
    (graft_home() / "rates.json").write_text("[damaged")
    assert ask("estimate", use_store=False).seconds > 500


def test_a_rate_that_was_never_measured_is_computed_from_the_multiplications():
    one = rates.computed(1_000_000, 196, "cpu", "fp32")
    assert one > 0 and rates.computed(3_000_000, 392, "cpu", "fp32") == pytest.approx(6 * one)


def test_the_disk_is_what_a_run_then_takes(ask, tmp_path):
    heatmap = tmp_path / "h.tif"
    before = ask("estimate", heatmap=str(heatmap), stride_px=4)
    ask("query", heatmap=str(heatmap), stride_px=4)
    taken = size_of(tmp_path / "store") + heatmap.stat().st_size
    assert 0.5 * taken < before.disk_bytes < 2 * taken
    assert ask("estimate", stride_px=4).disk_bytes == 0
    assert before.memory_bytes > 100e6


def test_a_model_whose_file_is_not_here_is_weighed_by_its_entry(colour_scene):
    found = run_estimate(EstimateRequest(str(colour_scene.path), ("lake",), model="graft-naip", sam="sam_vit_b"))
    assert found.model_state == "file" and found.download_bytes == 351_000_000
    assert found.tiles > 0 and found.stored_tiles == 0
    assert any("graft-naip needs a file" in text for text in found.warnings)
    masks = dataclasses.asdict(EstimateRequest(str(colour_scene.path), model="openai-vit-b-16", sam="sam_vit_b"))
    found = run_estimate(EstimateRequest.from_dict({**masks, "masks": "m.gpkg"}))
    assert found.model_state == "download" and found.download_bytes == 351_000_000 + 375_042_383
    assert sum("has to be downloaded first" in text for text in found.warnings) == 2


def test_warnings_and_mistakes_are_told_before_the_run(ask, tmp_path):
    (unknown,) = ask("estimate", prompts=("a zebra",)).warnings
    assert "never saw 'zebra'" in unknown
    assert ask("estimate", prompts=()).warnings == ()
    with pytest.raises(SceneError, match="no such file"):
        ask("estimate", raster=str(tmp_path / "none.tif"))
    with pytest.raises(UsageError, match="no model 'minii'"):
        ask("estimate", model="minii")
    with pytest.raises(UsageError, match="do not touch"):
        ask("estimate", extent=(0.0, 0.0, 1.0, 1.0))


def test_an_estimate_can_be_cancelled(colour_scene, colour_model):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        HANDLERS["estimate"](
            {"raster": str(colour_scene.path), "model": str(colour_model)}, lambda *_: None, token
        )


def test_a_large_raster_is_weighed_quickly(colour_model, tmp_path):
    path = tmp_path / "county.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=60_000, height=60_000, count=3, dtype="uint16", crs="EPSG:32615",
        transform=from_origin(500_000, 5_000_000, 1, 1), tiled=True, sparse_ok=True, nodata=0, compress="deflate",
    ) as out:  # fmt: skip
        out.write(np.full((3, 512, 512), 700, np.uint16), window=rasterio.windows.Window(30_000, 30_000, 512, 512))
    request = EstimateRequest(str(path), ("lake",), model=str(colour_model), refine="none", masks="m.gpkg")
    first = run_estimate(request)
    started = time.process_time()
    again = run_estimate(request)
    assert time.process_time() - started < 1.0  # 0.02 s on an idle machine
    assert first.tiles == again.tiles > 71_000
    low, high = again.stretch[0]
    assert low <= 700 <= high


def test_the_dry_run_prints_a_few_lines_or_json(colour_scene, colour_model, capsys, tmp_path):
    words = ["query", str(colour_scene.path), "--text", "lake", "--model", str(colour_model), "--dry-run"]
    assert cli.main([*words, "--heatmap", str(tmp_path / "h.tif")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "bands 1, 2, 3 of 4" in lines[0] and "448 × 448 pixels of 1 m" in lines[1] and lines[-1].endswith("ready")
    assert cli.main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tiles"] > 0
    assert os.listdir(tmp_path) == []


def test_a_new_worker_waits_for_no_more_than_an_estimate_needs(colour_scene, colour_model, engine_env):
    script = """
import sys, json
from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.service import HANDLERS
def have(): return [name for name in ("torch", "torchvision", "torch._dynamo", "open_clip") if name in sys.modules]
def ask(method, **params): return HANDLERS[method](params, lambda *_: None, CancelToken())
seen = [have()]
ask("warm")
seen += [have(), sorted(sys.modules)]
told = ask("estimate", raster=sys.argv[1], model=sys.argv[2], prompts=["lake"], masks=sys.argv[3],
           sam=sys.argv[2] + "/sam.safetensors")
late = {name.split(".")[0] for name in set(sys.modules) - set(seen.pop())}
print(json.dumps([*seen, have(), told["tiles"], sorted(late & {"torch", "scipy", "zarr", "rasterio", "pyproj"})]))
"""
    words = [sys.executable, "-c", script, str(colour_scene.path), str(colour_model), "masks.gpkg"]
    done = subprocess.run(words, cwd=ROOT, env=engine_env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    before, warm, after, tiles, late = json.loads(done.stdout)
    assert before == [] and warm == after == ["torch"], "no second of torchvision's or of torch's compiler"
    assert tiles > 0 and late == [], "warming imports all that is heavy"
