"""A question as data: checked as a whole, and no way out for the endpoint's key."""

from __future__ import annotations

import dataclasses
import json

import pytest

from graft_plugin.engine.ask.requests import AskRequest, Endpoint
from graft_plugin.errors import PlanError, UsageError, from_dict

KEY = "sk-do-not-tell"
ENDPOINT = {"url": "http://127.0.0.1:11434/v1", "model": "llama", "key": KEY}


def test_a_request_crosses_as_data_and_leaves_the_key_behind():
    asked = {"raster": "a.tif", "question": "How many ponds?", "threshold": "auto", "endpoint": ENDPOINT}
    request = AskRequest.from_dict(asked)
    assert request.endpoint == Endpoint(ENDPOINT["url"], "llama", KEY)
    assert request.threshold is None
    kept = request.to_dict()
    assert KEY not in repr(request) and KEY not in json.dumps(kept)
    assert AskRequest.from_dict(kept) == dataclasses.replace(
        request, endpoint=dataclasses.replace(request.endpoint, key=None)
    )


@pytest.mark.parametrize(
    "endpoint",
    [
        {**ENDPOINT, "url": "ftp://x/y"},
        {**ENDPOINT, "url": "http://name:" + KEY + "@x/v1"},
        {**ENDPOINT, "url": "http://x/v1?key=" + KEY},
        {**ENDPOINT, "url": "http://[x/v1"},
        {**ENDPOINT, "model": " "},
        {**ENDPOINT, "key": KEY + "\nHost: y"},
        {**ENDPOINT, "key": [KEY]},
        {**ENDPOINT, "timeout_s": 0},
        {**ENDPOINT, "secret": KEY},
        {"key": KEY},
        KEY,
    ],
)
def test_an_endpoint_that_cannot_be_meant_is_refused_without_repeating_the_key(endpoint):
    with pytest.raises(UsageError) as caught:
        AskRequest.from_dict({"raster": "a.tif", "question": "Is there a lake?", "endpoint": endpoint})
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"question": " "},
        {"question": "x" * 1001},
        {"plan": "  "},
        {"question": "a", "sensor": "x"},
        {"question": "a", "extent_crs": "EPSG:4326"},
        {"question": "a", "extent": [1, 1, 0, 2]},
        {"question": "a", "threshold": 2},
        {"question": "a", "threshold": "x"},
        {"question": 5},
    ],
)
def test_what_cannot_be_meant_is_refused(values):
    with pytest.raises(UsageError):
        AskRequest.from_dict({"raster": "a.tif", **values})


def test_a_plans_error_names_its_line_and_crosses_as_data():
    error = PlanError("no such name: x", line=3)
    assert str(error) == "line 3 of the plan: no such name: x"
    assert isinstance(from_dict(error.to_dict()), PlanError) and str(from_dict(error.to_dict())) == str(error)
