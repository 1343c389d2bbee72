"""The worker's methods for an index: a request as data in, an answer as data out."""

from __future__ import annotations

import json

import pytest

from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.service import HANDLERS
from graft_plugin.errors import Cancelled, UsageError


def call(method, **params):
    stages = []
    answer = HANDLERS[method](params, lambda *at: stages.append(at), CancelToken())
    return json.loads(json.dumps(answer, allow_nan=False)), stages


def test_index_query_retrieve_and_classify_by_data(tmp_path, colour_scene, colour_model):
    index, raster, model = str(tmp_path / "ix"), str(colour_scene.path), str(colour_model)
    told, _stages = call("index_estimate", sources=[raster], out=index, model=model)
    done, stages = call("index", sources=[raster], out=index, model=model, date="2018-07-16")
    assert done["encoded_tiles"] == told["tiles"] and ("encode", told["tiles"], told["tiles"]) in stages
    found, stages = call("query", raster=index, prompts=["lake", "forest"], heatmap=str(tmp_path / "h.tif"))
    assert [p["prompt"] for p in found["prompts"]] == ["lake", "forest"] and stages[-1][1] == stages[-1][2]
    tiles, _stages = call("retrieve", index=index, prompts=["lake"], top=1, out=str(tmp_path / "r.gpkg"))
    xmin, ymin, xmax, ymax = tiles["tiles"][0]["bounds"]
    lake = colour_scene.lake
    assert xmin < (lake[0] + lake[2]) / 2 < xmax and ymin < (lake[1] + lake[3]) / 2 < ymax
    labels, _stages = call("classify", raster=raster, labels=["lake", "soil"], model=model, cell_px=16)
    assert sum(entry["cells"] for entry in labels["labels"]) == 28 * 28
    with pytest.raises(UsageError, match="labels"):
        call("classify", raster=raster, labels=["lake"])
    with pytest.raises(UsageError, match="does not answer with photo"):
        call("query", raster=index, photo="a.jpg", heatmap=str(tmp_path / "h.tif"))
    with pytest.raises(UsageError, match="is no index"):
        call("retrieve", index=str(tmp_path), prompts=["lake"])


def test_a_cancelled_index_keeps_what_it_has(tmp_path, write_colours, colour_model):
    raster, index = write_colours(tmp_path / "a.tif", 1400), str(tmp_path / "ix")
    cancel = CancelToken()

    def report(stage, done, total):
        if stage == "encode" and done >= 5:
            cancel.cancel()

    params = {"sources": [str(raster)], "out": index, "model": str(colour_model)}
    with pytest.raises(Cancelled):
        HANDLERS["index"](params, report, cancel)
    done, _stages = call("index", **params)
    assert done["from_index"] >= 5 and done["from_index"] + done["encoded_tiles"] == done["tiles"]
