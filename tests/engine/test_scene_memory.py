"""A raster is looked at once, and again whenever anything about it has changed."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from graft_plugin.engine.grid import GsdRule
from graft_plugin.engine.scene import open_scene
from graft_plugin.engine.scene_memory import remembered_scene

RULE = GsdRule({"naip": 1.0, "sentinel2": 10.0, "rgb": 1.0})


@pytest.fixture
def memory(tmp_path):
    """Return a function that opens a raster through the memory and counts how often it really looked."""

    def recall(path, **choices):
        def look():
            recall.looks += 1
            return open_scene(str(path), model_gsd=RULE, **choices)

        return remembered_scene(tmp_path / "memory", choices, str(path), look)

    recall.looks = 0
    return recall


@pytest.fixture(params=["uint8", "float32"])
def raster(tmp_path, request):
    """A raster with nodata: the number 0, or NaN."""
    path = tmp_path / "장면 a.tif"
    pixels = np.random.default_rng(0).integers(1, 200, (3, 50, 60)).astype(request.param)
    pixels[:, :9] = np.nan if request.param == "float32" else 0
    with rasterio.open(
        path, "w", driver="GTiff", width=60, height=50, count=3, dtype=request.param, crs="EPSG:32615",
        nodata=float("nan") if request.param == "float32" else 0, transform=from_origin(500_000, 5_000_000, 2, 2),
    ) as out:
        out.write(pixels)
    return path


def test_the_same_scene_comes_back_without_a_look(memory, raster):
    first = memory(raster)
    second = memory(raster)
    assert memory.looks == 1
    assert repr(second) == repr(first) and second.identity() == first.identity()
    assert hash(second.files) == hash(first.files)


def test_every_change_is_seen(memory, raster, tmp_path):
    memory(raster)
    assert memory(raster, gsd_m=2.0).grid.gsd_m == 2.0 and memory.looks == 2
    os.utime(raster, ns=(1, 1))
    memory(raster)
    assert memory.looks == 3
    memory(raster)
    assert memory.looks == 3
    sidecar = raster.with_name(raster.name + ".aux.xml")
    sidecar.write_text("<PAMDataset></PAMDataset>")
    memory(raster)
    assert memory.looks == 4
    sidecar.write_text("<PAMDataset> </PAMDataset>")
    memory(raster)
    assert memory.looks == 5
    sidecar.unlink()
    memory(raster)
    assert memory.looks == 6
    copy = tmp_path / "copy.tif"
    shutil.copy2(raster, copy)
    assert memory(copy).path == str(copy) and memory.looks == 7


def test_a_damaged_or_unwritable_memory_is_no_error(memory, raster, tmp_path):
    memory(raster)
    for text in ("", "{}", "[1]", '{"scene": {}, "beside": []}', "\x00"):
        for file in (tmp_path / "memory").iterdir():
            file.write_text(text)
        memory(raster)
    assert memory.looks == 6
    shutil.rmtree(tmp_path / "memory")
    (tmp_path / "memory").write_text("a file is in the way")
    memory(raster)
    assert memory.looks == 7
