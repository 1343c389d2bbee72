"""Earth Engine's own client against a local server that speaks its REST API.

What a server of Google's does with these requests is not tested here: that takes an account. The requests, the choice
of images, the scaling and what happens on errors are.
"""

from __future__ import annotations

import importlib.resources
import io
import json
import threading
from collections import Counter
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pytest

from graft_plugin.engine.progress import CancelToken, silent
from graft_plugin.errors import DownloadError, OfflineError, UsageError
from training.collect.net import Politeness
from training.collect.tile_cutter import TileOrder
from training.collect.tiles import collect_tiles

from ...servers import LocalServer, Silent
from .tile_material import DAY, pattern, write_photo_folder

LON, LAT = 15.01, 45.02
QUICK = Politeness(per_s=1000, tries=3, backoff_s=0.01, timeout_s=20)


def _tests_of_ee(name):
    file = importlib.resources.files("ee") / "tests" / name
    if not file.is_file():
        pytest.skip("this version of earthengine-api comes without the description of its API")
    return json.loads(file.read_text())


class EarthServer(LocalServer):
    """Lists `images` (id → (days after the photo, cloud)) and gives pixels of `pixels_of(image, grid)`."""

    def __init__(self, images, pixels_of, plan=lambda kind, number: None):
        self.images, self.pixels_of, self.plan = images, pixels_of, plan
        self.discovery, self.algorithms = (
            _tests_of_ee("cloud_api_discovery_document.json"),
            _tests_of_ee("algorithms.json"),
        )
        listing = self.discovery["resources"]["projects"]["resources"]["assets"]["methods"]["listAssets"]
        for name in ("filter", "view"):  # the API has them; the description that the client's own tests use does not
            listing["parameters"].setdefault(name, {"type": "string", "location": "query"})
        self.filters, self.bodies = [], []
        self._numbers, self._lock = Counter(), threading.Lock()
        outer = self

        class Handler(Silent):
            def do_GET(self):
                outer.answer(self, None)

            def do_POST(self):
                outer.answer(self, self.rfile.read(int(self.headers["Content-Length"])))

        super().__init__(Handler)

    def answer(self, request, body):
        parts = urlsplit(request.path)
        path, query = unquote(parts.path), parse_qs(parts.query)
        kind = "pixels" if path.endswith(":getPixels") else "list" if path.endswith(":listAssets") else "other"
        with self._lock:
            self._numbers[kind] += 1
            wrong = self.plan(kind, self._numbers[kind])
        if wrong:
            return self._send(request, wrong, json.dumps({"error": {"code": wrong, "message": "as planned"}}).encode())
        if path.startswith("/$discovery"):
            return self._json(request, self.discovery)
        if kind == "list":
            return self._json(request, self._list(query["filter"][0], path))
        if kind == "pixels":
            asked = json.loads(body)
            self.bodies.append((path, asked))
            data = io.BytesIO()
            np.save(data, self.pixels_of(path.split("/")[-1].split(":")[0], asked))
            return self._send(request, 200, data.getvalue(), "application/octet-stream")
        return self._json(request, self.algorithms)

    def _list(self, filters, path):
        self.filters.append(filters)
        parent = path.split("/assets/")[1].split(":")[0]
        found = []
        for name, (days, cloud) in self.images.items():
            when = f"{DAY + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
            late = 'startTime >= "' in filters and when < filters.split('startTime >= "')[1].split('"')[0]
            early = 'endTime < "' in filters and when >= filters.split('endTime < "')[1].split('"')[0]
            if not late and not early:
                asset = f"{parent}/{name}"
                found.append({"type": "IMAGE", "id": asset, "name": f"projects/earthengine-public/assets/{asset}",
                              "startTime": when, "properties": {"CLOUDY_PIXEL_PERCENTAGE": cloud}})  # fmt: skip
        return {"assets": found}

    def _json(self, request, value):
        self._send(request, 200, json.dumps(value).encode())

    @staticmethod
    def _send(request, status, data, kind="application/json"):
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)


def structured(pixels, bands):
    out = np.zeros(pixels.shape[1:], [(band, pixels.dtype) for band in bands])
    for band, values in zip(bands, pixels, strict=True):
        out[band] = values
    return out


def stored(image, asked):
    """Stored values that know their place: those of a Sentinel-2 image between 1 and 3,500, 0 where masked."""
    grid = asked["grid"]
    at, size = grid["affineTransform"], grid["dimensions"]
    assert (at["shearX"], at["shearY"]) == (0, 0) and at["scaleX"] == -at["scaleY"]
    left, top = round(at["translateX"] / at["scaleX"]), round(-at["translateY"] / at["scaleX"])
    cols, rows = np.arange(left, left + size["width"]), np.arange(top, top + size["height"])
    pixels = pattern(cols, rows)
    if asked["bandIds"] == ["R", "G", "B"]:
        return structured(pixels, asked["bandIds"])
    pixels = pixels.astype(np.uint16) * 14
    if image == "half":
        pixels[:, :200] = 0
    return structured(pixels, asked["bandIds"])


@pytest.fixture(autouse=True)
def _no_proxies_and_a_fresh_client(monkeypatch):
    import ee

    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    yield
    ee.Reset()


def collect(server, tmp_path, sensor, out="pairs", **photo):
    from google.auth.credentials import AnonymousCredentials

    from training.collect.earthengine import EarthEngine, EarthEngineOrder

    photos = tmp_path / "photos"
    if not photos.exists():
        write_photo_folder(photos, {"a": (LON, LAT)}, **photo)
    order = EarthEngineOrder("my-project", sensor, manners=QUICK, address=server.url)
    source = EarthEngine(order, CancelToken(), AnonymousCredentials())
    return collect_tiles(TileOrder(photos), source, tmp_path / out, CancelToken(), silent)


def test_sentinel2_s_nearest_clear_image_on_the_tile_s_own_grid(tmp_path):
    images = {"cloudy": (0, 5.0), "half": (1, 0.2), "near": (-3, 0.1), "far": (9, 0.0)}
    with EarthServer(images, stored) as server:
        folder = collect(server, tmp_path, "sentinel2")
        paths, bodies = zip(*server.bodies, strict=True)
    assert [path.split("/")[-1] for path in paths] == ["half:getPixels", "near:getPixels"]  # half lacks data
    assert "projects/earthengine-public/assets/COPERNICUS/S2_SR_HARMONIZED/near" in paths[1]
    body = bodies[1]
    assert body["bandIds"] == ["B4", "B3", "B2"] and body["fileFormat"] == "NPY"
    assert body["grid"]["crsCode"] == "EPSG:32633" and body["grid"]["dimensions"] == {"width": 448, "height": 448}
    sample = next(iter(folder))
    at = body["grid"]["affineTransform"]
    assert sample.transform == (10.0, 0.0, at["translateX"], 0.0, -10.0, at["translateY"])
    values = np.stack([stored("near", body)[band] for band in body["bandIds"]]).astype(float)
    assert (sample.image == np.rint(np.clip(values / 3000 * 255, 0, 255))).all()
    assert np.floor(sample.spots[0]).tolist() == [224, 224]
    assert str(folder.tiles()["acquired"][0]) == "2021-06-12 12:00:00+00:00"
    said = server.filters[0]
    assert "properties.CLOUDY_PIXEL_PERCENTAGE<1" in said and "intersects(" in said
    assert 'startTime >= "2021-06-05T12:00:00Z"' in said and 'endTime < "2021-06-25T12:00:00Z"' in said


def test_naip_s_newest_without_regard_to_time(tmp_path):
    with EarthServer({"m_2014": (-2000, None), "m_2022": (500, None)}, stored) as server:
        folder = collect(server, tmp_path, "naip", taken=None)
        assert "Time" not in server.filters[0]
        path, body = server.bodies[0]
    assert path.endswith("USDA/NAIP/DOQQ/m_2022:getPixels") and len(server.bodies) == 1
    sample = next(iter(folder))
    values = np.stack([stored("m_2022", body)[band] for band in "RGB"])
    assert sample.gsd_m == 1.0 and (sample.image == values).all()
    assert folder.tiles()["source"].tolist() == ["gee"]


@pytest.mark.parametrize("kind", ["list", "pixels"])
def test_a_busy_server_is_asked_again(tmp_path, kind):
    with EarthServer({"i": (0, 0.0)}, stored, lambda k, n: {1: 429, 2: 503}.get(n) if k == kind else None) as server:
        assert len(collect(server, tmp_path, "sentinel2")) == 1


def test_errors_are_told_apart(tmp_path):
    gone = {1: 404}
    with EarthServer(
        {"i": (0, 0.0), "j": (1, 0.0)}, stored, lambda k, n: gone.get(n) if k == "pixels" else None
    ) as server:
        folder = collect(server, tmp_path, "sentinel2")
    assert "2021-06-16" in str(folder.tiles()["acquired"][0])
    with (
        EarthServer({"i": (0, 0.0)}, stored, lambda k, n: 403 if k == "list" else None) as server,
        pytest.raises(DownloadError, match="refuses: as planned"),
    ):
        collect(server, tmp_path, "sentinel2", out="b")
    with (
        EarthServer({"i": (0, 0.0)}, stored, lambda k, n: 500 if k == "pixels" else None) as server,
        pytest.raises(DownloadError, match="failed 3 times"),
    ):
        collect(server, tmp_path, "sentinel2", out="c")


def test_no_credentials_and_no_network_are_named(tmp_path, monkeypatch):
    from training.collect.earthengine import EarthEngine, EarthEngineOrder

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    order = EarthEngineOrder("my-project", "naip", manners=QUICK, address="http://127.0.0.1:9")
    with pytest.raises(UsageError, match="earthengine authenticate"):
        EarthEngine(order, CancelToken())
    monkeypatch.setenv("GRAFT_OFFLINE", "1")
    with pytest.raises(OfflineError):
        EarthEngine(order, CancelToken())
