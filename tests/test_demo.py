"""The main job as it comes out of the box: the bundled model finds lakes in the bundled scene."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import rasterio

ROOT = Path(__file__).resolve().parents[1]
SCENES = sorted((ROOT / "resources" / "scenes").glob("*.tif"))


def test_the_bundled_model_finds_a_lake_in_the_bundled_scene(tmp_path, engine_env):
    assert SCENES, "the bundled scene is missing"
    heatmap, masks, preview = tmp_path / "heatmap.tif", tmp_path / "masks.gpkg", tmp_path / "preview.png"
    done = subprocess.run(
        [sys.executable, "-m", "graft_plugin.engine", "query", SCENES[0], "--text", "lake", "--heatmap", heatmap,
         "--masks", masks, "--preview", preview, "--store", tmp_path / "store", "--offline", "--json"],
        cwd=ROOT, env=engine_env, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["model"] == "mini" and result["encoded_tiles"] > 0
    (lake,) = result["prompts"]
    assert lake["maximum"] > lake["threshold"] and lake["polygons"] >= 1
    assert 0 < lake["covered"] < 0.6
    assert lake["area_m2"] == pytest.approx(lake["covered"] * area_m2(SCENES[0]), rel=0.6)
    with rasterio.open(heatmap) as src:
        assert src.descriptions == ("lake",)
    assert preview.stat().st_size > 50_000


def area_m2(path):
    with rasterio.open(path) as src:
        return abs(src.transform.determinant) * src.width * src.height
