"""`graft classify`: the planted colours get their labels, synonyms do not tip the scale, the rest is other."""

from __future__ import annotations

import json
import sqlite3

import numpy as np
import pyogrio
import pytest
import rasterio

from graft_plugin.engine import cli
from graft_plugin.engine.index_requests import ClassifyRequest
from graft_plugin.errors import UsageError


@pytest.fixture
def classify(capsys, colour_model, colour_scene, tmp_path):
    """`classify(lines, *words)` runs the command on the colour scene; returns (status, stdout, stderr)."""

    def run(lines, *words):
        (tmp_path / "labels.txt").write_text("\n".join(lines), encoding="utf-8")
        words = ["classify", str(colour_scene.path), "--labels", str(tmp_path / "labels.txt"), *map(str, words)]
        status = cli.main([*words, "--model", str(colour_model)])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_the_planted_colours_get_their_labels(classify, colour_scene, tmp_path):
    tif, gpkg = tmp_path / "c.tif", tmp_path / "g.gpkg"
    status, out, err = classify(
        ["# what there is", "lake | a view of lake", "", "forest", "soil  # bare"], "--cell", 16, "--classes", tif,
        "--grid", gpkg, "--json",
    )  # fmt: skip
    assert status == 0, err
    result = json.loads(out)
    box = colour_scene.lake
    area = {entry["label"]: entry["area_m2"] for entry in result["labels"]}
    assert list(area) == ["lake", "forest", "soil"]
    assert area["lake"] == (box[2] - box[0]) * (box[3] - box[1])
    assert area["forest"] == 144 * 64 and sum(area.values()) == 448 * 448
    with rasterio.open(tif) as src:
        values, t = src.read(1), src.transform
        assert src.colormap(1)[1] == (230, 159, 0, 255) and src.nodata == 255
        x, y = t * (np.argwhere(values == 1)[:, ::-1] + 0.5).T
        assert ((x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])).all()
    assert "<Category>forest</Category>" in (tmp_path / "c.tif.aux.xml").read_text()
    cells = pyogrio.read_dataframe(gpkg, layer="classes")
    lake = cells[cells.label == "lake"]
    assert tuple(lake.total_bounds) == box and (lake["class"] == 1).all() and (lake.second != "lake").all()
    assert ((cells.probability > 1 / 3) & (cells.margin >= 0) & (cells.margin <= cells.probability)).all()


def test_a_cell_is_a_tile_by_default_and_other_layers_stay(classify, tmp_path):
    gpkg = tmp_path / "g.gpkg"
    with sqlite3.connect(gpkg):
        pass
    gpkg.unlink()
    assert classify(["lake", "soil"], "--grid", gpkg, "--layer", "first")[0] == 0
    assert classify(["lake", "soil"], "--grid", gpkg, "--layer", "second", "--cell", 112)[0] == 0
    first, second = (pyogrio.read_dataframe(gpkg, layer=name) for name in ("first", "second"))
    assert set(first.area) == {224.0**2} and set(second.area) == {112.0**2} and len(second) > len(first)


def test_other_takes_what_fits_no_label(classify, tmp_path):
    status, out, err = classify(["lake", "a view of lake|view lake"], "--other", "rest", "--cell", 16, "--json")
    assert status == 0, err
    cells = {entry["label"]: entry["cells"] for entry in json.loads(out)["labels"]}
    assert cells["rest"] == 28 * 28 - 42  # all but the lake
    status, out, _err = classify(["lake", "soil"], "--cell", 16, "--json")
    assert sum(entry["cells"] for entry in json.loads(out)["labels"]) == 28 * 28


def test_more_synonyms_do_not_make_a_label_more_likely(classify):
    def areas(lines):
        return [entry["cells"] for entry in json.loads(classify(lines, "--cell", 16, "--json")[1])["labels"]]

    assert areas(["lake", "forest", "soil"]) == areas(["lake", "forest", "soil|of soil|a soil|view of soil"])


@pytest.mark.parametrize(
    ("labels", "other", "words"),
    [
        (("lake",), None, "2 to"),
        (("lake", "forest|"), None, "empty"),
        (("lake", "forest|lake"), None, "twice"),
        (("lake", "forest"), "lake", "a label already"),
    ],
)
def test_labels_that_cannot_be_meant(labels, other, words):
    with pytest.raises(UsageError, match=words):
        ClassifyRequest("a.tif", labels, other)


def test_mistakes_end_in_one_line(classify, tmp_path):
    status, out, err = classify(["lake", "soil"], "--cell", 20)
    assert (status, out) == (2, "") and "multiple of 16" in err and err.count("\n") == 1
    assert cli.main(["classify", "x.tif", "--labels", str(tmp_path / "none.txt")]) == 2
