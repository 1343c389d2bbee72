"""The class map: the best prompt of each cell, in the prompts' colours and with their names."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import rasterio

from graft_plugin.engine import cli
from graft_plugin.engine.classes import best_prompts, palette
from graft_plugin.engine.raster import RasterWriter
from graft_plugin.engine.requests import QueryRequest, VectoriseRequest
from graft_plugin.engine.service import run_query, run_vectorise
from graft_plugin.errors import SceneError, UsageError


def test_the_best_prompt_among_those_that_reach_their_threshold():
    nan = np.nan
    scores = np.array([[0.9, 0.4, 0.6, 0.2, nan, nan], [0.1, 0.5, 0.55, 0.3, nan, 0.7]], np.float32)
    assert best_prompts(scores, [0.5, 0.3]).tolist() == [1, 2, 1, 2, 255, 2]
    assert best_prompts(scores, [0.65, 0.6]).tolist() == [1, 0, 0, 0, 255, 2]
    at = np.float32(0.1)
    assert best_prompts(np.array([[at], [0.0]], np.float32), [0.1, 0.5]).tolist() == [1]


def test_the_colours_come_round_again_after_the_last():
    colours = palette([str(k) for k in range(9)]).colours
    assert colours[0] == (255, 255, 255, 255) and colours[8] == colours[1] == (230, 159, 0, 255)


def test_the_command_writes_classes_where_the_things_are(colour_scene, colour_model, tmp_path, capsys):
    classes = tmp_path / "classes.tif"
    Path(f"{classes}.ovr").write_text("of a former file")
    words = ["query", colour_scene.path, "--classes", classes]
    words += ["--text", "lake", "--text", "forest", "--not", "soil"]
    assert cli.main([*map(str, words), "--model", str(colour_model), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["classes"] == str(classes)
    with rasterio.open(classes) as src:
        assert src.dtypes == ("uint8",) and src.nodata == 255 and src.res == (16, 16)
        assert src.block_shapes == [(256, 256)] and src.compression.value == "DEFLATE"
        assert src.colorinterp[0].name == "palette"
        table = src.colormap(1)
        assert (table[0], table[1][:3], table[2][:3]) == ((255, 255, 255, 255), (230, 159, 0), (86, 180, 233))
        values = src.read(1)
        expected = np.zeros_like(values)
        for number, box in ((1, colour_scene.lake), (2, colour_scene.wood)):
            window = rasterio.windows.from_bounds(*box, src.transform)
            rows, cols = (slice(round(part.start), round(part.stop)) for part in window.toslices())
            expected[rows, cols] = number
        assert np.array_equal(values, expected)
        assert json.loads(src.tags()["prompts"]) == ["lake", "forest"]
    names = [item.text for item in ET.parse(f"{classes}.aux.xml").iter("Category")]
    assert names == ["none", "lake", "forest"]
    assert sorted(os.listdir(tmp_path)) == ["classes.tif", "classes.tif.aux.xml"]
    with pytest.raises(SceneError, match="no heatmap"):
        run_vectorise(VectoriseRequest(str(classes)))


def test_overviews_hold_the_commonest_class_and_no_mixture(tmp_path):
    values = np.full((600, 600), 1, np.uint8)
    values[:, 1::4] = 3
    values[:300, :300] = 255
    with RasterWriter(
        tmp_path / "c.tif", window_px=(600, 600), transform=rasterio.Affine(1, 0, 0, 0, -1, 600), crs="EPSG:32615",
        descriptions=("class",), dtype="uint8", nodata=255, palette=palette(["a<b", "&", "숲"]),
    ) as writer:  # fmt: skip
        writer.write(0, 0, values)
    names = [item.text for item in ET.parse(tmp_path / "c.tif.aux.xml").iter("Category")]
    assert names == ["none", "a<b", "&", "숲"]
    with rasterio.open(tmp_path / "c.tif", overview_level=1) as coarse:
        assert np.unique(coarse.read(1)).tolist() == [1, 255]
        assert (coarse.read(1)[:74, :74] == 255).all()


def test_a_class_map_needs_two_texts_and_a_file_of_its_own(colour_scene, colour_model, tmp_path):
    with pytest.raises(UsageError, match="needs 2 to 254 texts"):
        QueryRequest("a.tif", ("lake",), classes="c.tif")
    same = str(tmp_path / "same.tif")
    with pytest.raises(UsageError, match="the same name"):
        run_query(QueryRequest(str(colour_scene.path), ("lake", "forest"), heatmap=same, classes=same))
