"""Requests are checked as a whole before any work; results are JSON."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys

import pytest

from graft_plugin.engine.requests import SCORES, QueryRequest
from graft_plugin.errors import UsageError


def test_a_request_crosses_json_unchanged():
    request = QueryRequest(
        "a.tif", ("lake",), negatives=("shadow",), bands=(3, 2, 1), extent=(0.0, 1.0, 2.0, 3.5), crs="EPSG:4326",
        gsd_m=2, threshold=0.5, heatmap="h.tif", masks="m.gpkg", layer="l", use_store=False, stride_px=8,
    )
    assert QueryRequest.from_dict(json.loads(json.dumps(dataclasses.asdict(request)))) == request
    assert QueryRequest.from_dict(json.loads(json.dumps(request.to_dict()))) == request
    assert QueryRequest("a.tif", ("lake",)).to_dict() == {"raster": "a.tif", "prompts": ("lake",)}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"raster": ""}, "no raster"),
        ({"prompts": []}, "nothing to look for"),
        ({"prompts": ["lake", " "]}, "a prompt is empty"),
        ({"prompts": ["lake", "lake"]}, "given more than once: lake"),
        ({"negatives": ["lake"]}, "given more than once: lake"),
        ({"sensor": "landsat"}, "sensor must be one of auto, naip, sentinel2, rgb, not 'landsat'"),
        ({"stride_px": 5}, "stride_px must be one of"),
        ({"bands": [1, 2]}, "three numbers"),
        ({"bands": [0, 1, 2]}, "from 1 on"),
        ({"gsd_m": 0}, "above 0"),
        ({"gsd_m": -1.0}, "above 0"),
        ({"threshold": 1.5}, "lie in 0..1, not 1.5"),
        ({"thresholds": [1.5]}, "lie in 0..1, not 1.5"),
        ({"thresholds": [0.5, 0.2, 0.1]}, "3 thresholds were given for 1 prompts"),
        ({"simplify_m": -1}, "from 0 on"),
        ({"extent": [0, 0, 1]}, "four numbers"),
        ({"extent": [1, 0, 1, 1]}, "the extent is empty"),
        ({"crs": "EPSG:4326"}, "without an extent"),
        ({"layer": "x"}, "without a file"),
        ({"stretch": [1, 2, 3]}, "low, high; or three"),
        ({"stretch": [3, 1]}, "the stretch is empty"),
        ({"stretch": [[0, 1], [0, 1], [1, 1]]}, "the stretch is empty"),
        ({"stretch": [0, float("inf")]}, "finite"),
        ({"stretch": "0,1"}, "stretch must be a list of float"),
        ({"like": [1, 2]}, "texts and examples"),
        ({"colour": 1}, "unknown parameter 'colour'"),
        ({"heatmaps": "h.tif"}, "Did you mean 'heatmap'"),
        ({"prompts": "lake"}, "prompts must be a list of str, not 'lake'"),
        ({"prompts": [1]}, "list of str"),
        ({"raster": 1}, "raster must be a str"),
        ({"gsd_m": True}, "gsd_m must be a float"),
        ({"gsd_m": "1"}, "gsd_m must be a float"),
        ({"use_store": 1}, "use_store must be a bool"),
    ],
)
def test_what_cannot_be_meant_is_told(values, words):
    with pytest.raises(UsageError, match=words):
        QueryRequest.from_dict({"raster": "a.tif", "prompts": ["lake"], **values})


def test_a_stretch_is_one_pair_or_three_flat_or_not():
    def pairs(stretch):
        return QueryRequest.from_dict({"raster": "a.tif", "prompts": ["lake"], "stretch": stretch}).stretch_pairs

    assert pairs([0, 3000]) == pairs([[0, 3000]] * 3) == pairs([0, 3000] * 3) == ((0, 3000),) * 3
    assert pairs([[0, 1], [2, 3], [4, 5.5]]) == ((0, 1), (2, 3), (4, 5.5)) and pairs(None) is None


def test_a_missing_parameter_is_named():
    with pytest.raises(UsageError, match="parameter raster is missing"):
        QueryRequest.from_dict({})


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_none_are_refused(bad):
    for name in ("gsd_m", "threshold", "simplify_m"):
        with pytest.raises(UsageError):
            QueryRequest("a.tif", ("lake",), **{name: bad})
    with pytest.raises(UsageError):
        QueryRequest("a.tif", ("lake",), extent=(0, 0, bad, 1))


def test_listing_the_models_loads_no_torch():
    code = "import sys; from graft_plugin.engine.service import HANDLERS; " \
        "found = HANDLERS['models']({}, print, None); print(len(found['models']), 'torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    count, loaded = out.split()[-2:]
    assert int(count) > 10 and loaded == "False"


def test_importing_the_service_and_the_command_loads_nothing_heavy():
    heavy = {"torch", "numpy", "rasterio", "open_clip", "zarr", "shapely", "pyproj", "rich", "PIL", "scipy"}
    code = "import sys, graft_plugin.engine.cli, graft_plugin.engine.serve; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert heavy & set(loaded) == set()
    assert "competing" in SCORES


def test_each_prompt_can_have_its_own_threshold():
    request = QueryRequest("a.tif", ("lake", "wood"), threshold=0.4, thresholds=(0.7, None))
    assert [request.wanted_threshold(k) for k in (0, 1)] == [0.7, 0.4]
    assert QueryRequest("a.tif", ("lake", "wood"), thresholds=(0.7,)).wanted_threshold(1) == 0.7
    assert QueryRequest("a.tif", ("lake",)).wanted_threshold(0) is None
