"""Heatmaps on disk: every value in place, whole on every level, or an error."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from rasterio.windows import Window as RasterWindow

from graft_plugin.engine import heatmap
from graft_plugin.engine.grid import GsdRule, Window
from graft_plugin.engine.heatmap import overview, write_heatmap
from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.regions import Heat
from graft_plugin.engine.scene import open_scene
from graft_plugin.errors import Cancelled, OutputError


@pytest.fixture
def scene(colour_scene):
    return open_scene(str(colour_scene.path), model_gsd=GsdRule({"naip": 1.0}))


@pytest.fixture
def heat(scene):
    """Scores of two prompts, a cell every 4 pixels, with a hole; 112 by 112 cells."""
    scores = np.random.default_rng(0).random((2, 112, 112)).astype(np.float32)
    scores[:, 20:50, 30:70] = np.nan
    return Heat(scores, scene.window, 4, 16)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(heatmap, "BLOCK", 32)


def test_cells_come_back_in_place(scene, heat, tmp_path, small_blocks):
    seen = []
    path = tmp_path / "h.tif"
    write_heatmap(path, heat, scene, ("a", "b"), tags={"model": "m"}, report=lambda *args: seen.append(args))
    with rasterio.open(path) as src:
        np.testing.assert_array_equal(src.read(), heat.scores)
        assert src.transform == scene.grid.window_transform(scene.window, 4)
        assert src.descriptions == ("a", "b") and src.tags()["model"] == "m"
    assert seen[-1] == ("heatmap", 448 * 448, 448 * 448)


def test_guided_blocks_leave_no_seams(scene, heat, tmp_path, small_blocks):
    write_heatmap(tmp_path / "small.tif", heat, scene, ("a", "b"), guided=True)
    heatmap.BLOCK = 1024
    write_heatmap(tmp_path / "large.tif", heat, scene, ("a", "b"), guided=True)
    with rasterio.open(tmp_path / "small.tif") as small, rasterio.open(tmp_path / "large.tif") as large:
        assert small.shape == (448, 448) and small.overviews(1)
        np.testing.assert_allclose(small.read(), large.read(), rtol=1e-5)
        assert np.isnan(small.read(1)[80:200, 120:280]).all()


def test_a_block_that_the_disk_dropped_is_noticed(scene, heat, tmp_path, small_blocks, monkeypatch):
    put = heatmap.RasterWriter._put

    def forgetful(self, file, array, window):
        if (window.row_off, window.col_off) != (64, 32):
            put(self, file, array, window)

    monkeypatch.setattr(heatmap.RasterWriter, "_put", forgetful)
    with pytest.raises(OutputError, match="incomplete on the disk"):
        write_heatmap(tmp_path / "h.tif", heat, scene, ("a", "b"))


def test_an_overview_that_the_disk_dropped_is_noticed(scene, heat, tmp_path, small_blocks, monkeypatch):
    build = heatmap.RasterWriter._build_overviews

    def damaging(self):
        build(self)
        with rasterio.open(self._temp, "r+", overview_level=0) as level:
            level.write(np.full((2, 8, 8), np.nan, np.float32), window=RasterWindow(100, 100, 8, 8))

    monkeypatch.setattr(heatmap.RasterWriter, "_build_overviews", damaging)
    with pytest.raises(OutputError, match="incomplete on the disk"):
        write_heatmap(tmp_path / "h.tif", heat, scene, ("a", "b"), guided=True)


def test_cancel_leaves_no_file(scene, heat, tmp_path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        write_heatmap(tmp_path / "h.tif", heat, scene, ("a", "b"), cancel=token)
    assert list(tmp_path.iterdir()) == []


def test_an_overview_shows_the_window_where_it_lies(scene, colour_scene):
    rgb, valid, transform = overview(scene, scene.window, 150)
    assert transform.a == 3.0 and rgb.shape[1:] == valid.shape and max(valid.shape) in (149, 150, 151)
    x, y = (colour_scene.lake[0] + colour_scene.lake[2]) / 2, (colour_scene.lake[1] + colour_scene.lake[3]) / 2
    col, row = ~transform @ (x, y)
    assert tuple(rgb[:, int(row), int(col)]) == (20, 60, 180)
    part = Window(scene.window.row + 100, scene.window.col + 40, 90, 120)
    rgb, _valid, transform = overview(scene, part, 1000)
    assert rgb.shape == (3, 90, 120) and transform == scene.grid.window_transform(part)
