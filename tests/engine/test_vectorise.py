"""A stored heatmap's polygons: those of the query itself, at any threshold, without a model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.features import shapes
from scipy import ndimage
from shapely.geometry import shape

from graft_plugin.engine import regions, vectorise
from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.requests import QueryRequest, VectoriseRequest
from graft_plugin.engine.service import HANDLERS, run_query, run_vectorise
from graft_plugin.errors import Cancelled, SceneError, UsageError

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ["prompt", "score", "area_m2", "perimeter_m", "model", "model_sha256", "threshold", "gsd_m", "source"]


@pytest.fixture(scope="module")
def found(tmp_path_factory, colour_scene, colour_model):
    """A query without refinement at a GSD that no decimal fraction names; (result, heatmap, masks)."""
    folder = tmp_path_factory.mktemp("found")
    heatmap, masks = folder / "h.tif", folder / "m.gpkg"
    request = QueryRequest(
        str(colour_scene.path), ("lake", "forest"), negatives=("soil",), model=str(colour_model), refine="none",
        gsd_m=2 / 3, heatmap=str(heatmap), masks=str(masks), use_store=False,
    )
    return run_query(request), heatmap, masks


def read(path, layer="graft"):
    return pyogrio.read_dataframe(path, layer=layer)


def noisy(heatmap, path, seed=0, side=120):
    """Write a copy of a heatmap, with scores of many shapes, holes and corners, and missing cells."""
    rng = np.random.default_rng(seed)
    scores = ndimage.gaussian_filter(rng.standard_normal((2, side, side)), (0, 1.2, 1.2))
    scores = (1 / (1 + np.exp(-6 * scores / scores.std()))).astype(np.float32)
    scores[:, 10:30, 40:60] = np.nan
    with rasterio.open(heatmap) as src:
        profile, tags, descriptions = src.profile, src.tags(), src.descriptions
    with rasterio.open(path, "w", **{**profile, "height": side, "width": side}) as out:
        out.write(scores)
        out.update_tags(**tags)
        out.descriptions = descriptions
    return scores


def test_the_querys_own_thresholds_give_the_querys_own_polygons(found, tmp_path):
    query, heatmap, masks = found
    again = tmp_path / "again.gpkg"
    result = run_vectorise(VectoriseRequest(str(heatmap), masks=str(again), layer="둘째"))
    assert [p.prompt for p in result.prompts] == ["lake", "forest"]
    assert [(p.threshold, p.polygons, p.area_m2) for p in result.prompts] == [
        (p.threshold, p.polygons, p.area_m2) for p in query.prompts
    ]
    one, other = read(masks), read(again, "둘째")
    assert len(one) == len(other) >= 2 and one.crs == other.crs
    assert list(map(shapely.to_wkb, one.geometry)) == list(map(shapely.to_wkb, other.geometry))
    assert one[COLUMNS].equals(other[COLUMNS])
    assert query.prompts[0].auto_threshold == query.prompts[0].threshold


@pytest.mark.parametrize("block", [1024, 16])
@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.9])
def test_polygons_are_those_that_gdal_draws_around_the_cells(found, tmp_path, monkeypatch, threshold, block):
    monkeypatch.setattr(regions, "_BLOCK_CELLS", block)
    heatmap, masks = tmp_path / "noisy.tif", tmp_path / "m.gpkg"
    scores = noisy(found[1], heatmap)
    result = run_vectorise(VectoriseRequest(str(heatmap), thresholds=(threshold,), masks=str(masks)))
    frame = read(masks)
    with rasterio.open(heatmap) as src:
        transform = src.transform
    for k, prompt in enumerate(("lake", "forest")):
        above = scores[k] >= np.float32(threshold)
        reference = [shape(g) for g, _ in shapes(above.astype("u1"), above, 4, transform)]
        ours = frame[frame["prompt"] == prompt]
        assert result.prompts[k].polygons == len(ours) == len(reference) > 2
        assert result.prompts[k].area_m2 == pytest.approx(above.sum() * transform.a**2)
        assert shapely.union_all(reference).symmetric_difference(shapely.union_all(ours.geometry)).area < 1e-3
        labels, number = ndimage.label(above)
        means = ndimage.mean(scores[k].astype(float), labels, np.arange(1, number + 1))
        assert np.sort(ours["score"]) == pytest.approx(np.sort(means), rel=1e-6)
        assert set(ours["threshold"]) == {threshold}


def test_thresholds_are_one_for_all_or_one_for_each_and_none_is_the_querys(found):
    query, heatmap, _ = found
    own = query.prompts[1].threshold
    params = {"heatmap": str(heatmap), "thresholds": [0.75, None]}
    result = HANDLERS["vectorise"](params, lambda *_: None, CancelToken())
    assert [p["threshold"] for p in result["prompts"]] == [0.75, own]
    assert result["masks"] is None and result["layer"] is None and result["seconds"]["total"] > 0
    json.dumps(result, allow_nan=False)
    with pytest.raises(UsageError, match="3 thresholds were given, and the heatmap has 2 prompts"):
        run_vectorise(VectoriseRequest(str(heatmap), thresholds=(0.1, 0.2, 0.3)))
    for bad, words in (((), "empty"), ((1.5,), "0..1"), ((float("nan"),), "0..1")):
        with pytest.raises(UsageError, match=words):
            VectoriseRequest(str(heatmap), thresholds=bad)
    with pytest.raises(UsageError, match="thresholds must be a list of float"):
        VectoriseRequest.from_dict({"heatmap": "h.tif", "thresholds": ["high"]})


def test_a_guided_heatmap_gives_outlines_at_the_pixels(colour_scene, colour_model, tmp_path):
    heatmap = tmp_path / "h.tif"
    run_query(QueryRequest(
        str(colour_scene.path), ("lake",), model=str(colour_model), heatmap=str(heatmap), upsample="guided",
    ))  # fmt: skip
    (lake,) = run_vectorise(VectoriseRequest(str(heatmap), thresholds=(0.5,))).prompts
    with rasterio.open(heatmap) as src:
        assert src.res == (1.0, 1.0)
        assert lake.area_m2 == (src.read(1) >= 0.5).sum() > 0


def test_what_is_no_heatmap_of_ours_is_told(found, colour_scene, tmp_path):
    def refused(path, *words):
        with pytest.raises(SceneError) as caught:
            run_vectorise(VectoriseRequest(str(path)))
        assert all(word in str(caught.value) for word in (path.name, *words)), str(caught.value)

    refused(colour_scene.path, "no heatmap that GRAFT wrote", "model", "--heatmap")
    refused(tmp_path / "nowhere.tif", "no such file")
    with rasterio.open(found[1]) as src:
        profile, tags, data, text = src.profile, src.tags(), src.read(), src.descriptions
    for name, place, changed, words in (
        ("moved.tif", profile["transform"] @ rasterio.Affine.translation(0.3, 0), {}, "resampled"),
        ("turned.tif", profile["transform"] @ rasterio.Affine.rotation(10), {}, "resampled"),
        ("edited.tif", profile["transform"], {"thresholds": "0.5"}, "changed"),
        ("broken.tif", profile["transform"], {"thresholds": "[0.5"}, "changed"),
        ("fewer.tif", profile["transform"], {"thresholds": "[0.5]"}, "changed"),
    ):
        with rasterio.open(tmp_path / name, "w", **{**profile, "transform": place}) as out:
            out.write(data)
            out.update_tags(**{**tags, **changed})
            out.descriptions = text
        refused(tmp_path / name, words)


def test_a_cancelled_run_writes_nothing(found, tmp_path):
    masks, token = tmp_path / "m.gpkg", CancelToken()

    def report(stage, done, total):
        if stage == "polygons":
            token.cancel()

    with pytest.raises(Cancelled):
        vectorise.run(VectoriseRequest(str(found[1]), masks=str(masks)), report, token)
    assert not masks.exists()


def test_the_command_needs_no_torch(found, engine_env, tmp_path):
    masks = tmp_path / "m.gpkg"
    code = "import sys; from graft_plugin.engine.cli import main; status = main(sys.argv[1:]); " \
        "sys.exit(status or ('torch' in sys.modules) * 3)"
    words = [sys.executable, "-c", code, "vectorise", str(found[1]), "--masks", str(masks), "--json"]
    words += ["--threshold", "0.4", "--threshold", "auto"]
    done = subprocess.run(words, cwd=ROOT, env=engine_env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert [p["threshold"] for p in result["prompts"]] == [0.4, found[0].prompts[1].threshold]
    assert len(read(masks)) == sum(p["polygons"] for p in result["prompts"])
