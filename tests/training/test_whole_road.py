"""The training module's whole road: photos and a raster → pairs → a trained model → the engine answers with it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import rasterio
from PIL import Image
from pyproj import Transformer

from training.__main__ import main
from training.mini.scenes import SCENE_CRS, draw_scene, write_scene
from training.world.ground import render_views

ORIGIN = (600_000.0, 5_200_000.0)


def photos_of(labels, folder, count):
    """Ground photos of a scene with GPS in their EXIF, as a camera writes them."""
    rng = np.random.default_rng(5)
    rows, cols = rng.integers(20, labels.shape[0] - 20, (2, count))
    views = render_views(labels, 1.0, rows, cols, rng.uniform(0, 2 * np.pi, count), rng)
    to_degrees = Transformer.from_crs(SCENE_CRS, "EPSG:4326", always_xy=True)
    for k, (row, col, view) in enumerate(zip(rows, cols, views, strict=True)):
        lon, lat = to_degrees.transform(ORIGIN[0] + col + 0.5, ORIGIN[1] - row - 0.5)
        exif = Image.Exif()
        exif.get_ifd(0x8825).update({1: "N", 2: dms(lat), 3: "W", 4: dms(-lon), 31: 3.0})
        exif.get_ifd(0x8769).update({0x9003: f"2025:07:0{k % 9 + 1} 10:{k % 60:02}:00", 0x9011: "-05:00"})
        Image.fromarray(view.transpose(1, 2, 0)).resize((256, 256)).save(folder / f"사진 {k}.jpg", exif=exif)
    return rows, cols


def dms(degrees):
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    return whole, minutes, round((degrees - whole - minutes / 60) * 3600, 4)


@pytest.mark.timeout(900)
def test_from_photos_and_a_raster_to_a_model_that_answers(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAFT_HOME", str(tmp_path / "home"))
    camera, raster = tmp_path / "내 사진", tmp_path / "scene.tif"
    camera.mkdir()
    image, labels = draw_scene(31, size_px=1024, look="plain")
    write_scene(raster, image, 1.0, ORIGIN)
    rows, cols = photos_of(labels, camera, 48)

    photos, pairs, run = tmp_path / "photos", tmp_path / "pairs", tmp_path / "run"
    assert main(["collect", "photos", "folder", str(camera), "--out", str(photos), "--no-outdoor-filter"]) == 0
    collect = ["collect", "tiles", "rasters", str(raster), "--photos", str(photos), "--out", str(pairs)]
    assert main(collect) == 0
    assert main(["show", str(pairs), "--out", str(tmp_path / "sheet.png")]) == 0
    assert min(Image.open(tmp_path / "sheet.png").size) > 300

    from training.dataset import PairFolder

    samples = list(PairFolder(pairs))
    assert len(samples) >= 3
    planted = {(int(r), int(c)) for r, c in zip(rows, cols, strict=True)}
    whole = 0
    for sample in samples:
        a, _, west, _, e, north = sample.transform[:6]
        for spot in sample.spots:  # where EXIF put it, back in the scene: within the tenth of a second's last digit
            col, row = (west + a * spot[1] - ORIGIN[0]), (ORIGIN[1] - (north + e * spot[0]))
            assert min(abs(row - 0.5 - r) + abs(col - 0.5 - c) for r, c in planted) < 0.05
        left, top = round(west - ORIGIN[0]), round(ORIGIN[1] - north)
        if 0 <= left <= 1024 - 448 and 0 <= top <= 1024 - 448:
            np.testing.assert_array_equal(sample.image, image[:, top : top + 448, left : left + 448])
            whole += 1
    assert whole

    config = tmp_path / "run.toml"
    config.write_text(
        f'pairs = "{pairs}"\nout = "{run}"\nparent = "mini"\nlevel = "both"\nsteps = 3\nbatch = 3\nlr = 1e-4\n'
        'tau = 0.15\nworkers = 0\nvalidation_share = 0.0\ntensorboard = false\ndevice = "cpu"\n'
    )
    model = tmp_path / "model"
    assert main(["train", str(config), "--export", str(model)]) == 0
    told = json.loads((model / "card.json").read_text())
    assert told and (model / "graft.safetensors").stat().st_size > 1e6

    from graft_plugin.engine.cli import main as graft

    heat = tmp_path / "heat.tif"
    assert graft(["query", str(raster), "--text", "lake", "--model", str(model / "graft.safetensors"), "--heatmap",
                  str(heat), "--refine", "none"]) == 0  # fmt: skip
    with rasterio.open(heat) as found:
        score = found.read(1)
        truth = labels[:: 1024 // found.height, :: 1024 // found.width][: found.height, : found.width] == 0
    assert score[truth].mean() > score[~truth].mean() + 0.2
