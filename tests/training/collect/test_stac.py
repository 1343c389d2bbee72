"""Tiles from a STAC API on a real local server: images by the rules, pixels and scaling right, failures told apart."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
from affine import Affine

from graft_plugin.engine.progress import CancelToken, silent
from graft_plugin.errors import DownloadError, OfflineError, UsageError
from training.__main__ import main
from training.collect.net import Politeness
from training.collect.stac import Stac, StacOrder
from training.collect.stac_apis import Api, api_of, claimed_offset, find_assets, image_of, true_offset
from training.collect.tile_cutter import TileOrder
from training.collect.tiles import collect_tiles
from training.pairs import photo_pixel

from .stac_server import StacServer
from .tile_material import DAY, digests, in_degrees, pattern, write_photo_folder

CRS = "EPSG:32633"
LEFT, TOP = 499_980, 5_000_040  # on Sentinel-2's 10 m grid
SIZE = 1100
QUICK = Politeness(per_s=1000, tries=3, backoff_s=0.01, timeout_s=20)


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def write_cog(path, pixels, gsd_m, left=LEFT, top=TOP, nodata=None):
    with rasterio.open(
        path, "w", driver="COG", width=pixels.shape[2], height=pixels.shape[1], count=len(pixels),
        dtype=pixels.dtype, crs=CRS, transform=Affine(gsd_m, 0, left, 0, -gsd_m, top), nodata=nodata,
        compress="deflate", blocksize=256,
    ) as out:  # fmt: skip
        out.write(pixels)


def bounds_of(gsd_m, left=LEFT, top=TOP, size=SIZE):
    corners = [in_degrees(CRS, left + i * size * gsd_m, top - j * size * gsd_m) for i in (0, 1) for j in (0, 1)]
    lons, lats = zip(*corners, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def reflectances(seed=0):
    """Stored Sentinel-2 values, reflectance × 10,000: [3, SIZE, SIZE], dark water included."""
    rng = np.random.default_rng(seed)
    return rng.integers(150, 3200, (3, SIZE, SIZE)).astype(np.uint16)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    for number, band in enumerate(reflectances()):
        write_cog(folder / f"s2_{number}.tif", band[None], 10.0, nodata=0)
        write_cog(folder / f"s2_offset_{number}.tif", band[None] + np.uint16(1000), 10.0, nodata=0)
    cols, rows = np.arange(LEFT, LEFT + SIZE), np.arange(-TOP, -TOP + SIZE)
    naip = np.concatenate([pattern(cols, rows), np.full((1, SIZE, SIZE), 77, np.uint8)])
    write_cog(folder / "naip.tif", naip, 1.0)
    write_cog(folder / "naip_old.tif", 255 - naip, 1.0)
    whole = (folder / "naip.tif").read_bytes()
    (folder / "cut.tif").write_bytes(whole[: len(whole) // 3])
    return folder


def s2_assets(kind="s2", style="planetary"):
    names = ("B04", "B03", "B02") if style == "planetary" else ("red", "green", "blue")
    return {name: f"{kind}_{number}.tif" for number, name in enumerate(names)}


def collect(server, tmp_path, sensor, places=None, taken=DAY, out="pairs", method="POST", sas=False, **order):
    gsd = 10.0 if sensor == "sentinel2" else 1.0
    places = places or {"a": in_degrees(CRS, LEFT + 500.3 * gsd, TOP - 600.7 * gsd)}
    photos = tmp_path / "photos"
    if not photos.exists():
        write_photo_folder(photos, places, taken=taken)
    api = Api(server.url, {}, sas=f"{server.url}/token" if sas else None, sas_host=server.host)
    asked = StacOrder(api, "the-collection", sensor, method=method, manners=QUICK)
    return collect_tiles(TileOrder(photos, **order), Stac(asked, CancelToken()), tmp_path / out, CancelToken(), silent)


def records(folder):
    tar = folder.path / "shards/tiles-000000.tar"
    names = [name for name in subprocess.check_output(["tar", "tf", tar], text=True).split() if name.endswith("json")]
    return [json.loads(subprocess.check_output(["tar", "xOf", tar, name])) for name in names]


def expected(stored, sample, gsd_m):
    """What a tile must hold: the stored values there, reflectance 0 to 0.3 as 0 to 255."""
    x, y = sample.transform[2], sample.transform[5]
    row, col = round((TOP - y) / gsd_m), round((x - LEFT) / gsd_m)
    part = stored[:, row : row + 448, col : col + 448].astype(np.float64)
    return np.rint(np.clip(part / 3000 * 255, 0, 255))


@pytest.mark.parametrize(
    ("style", "kind", "properties"),
    [
        ("planetary", "s2", {"s2:processing_baseline": "03.01"}),
        ("planetary", "s2_offset", {"s2:processing_baseline": "04.00"}),
        ("earth-search", "s2", {"s2:processing_baseline": "05.09", "earthsearch:boa_offset_applied": True}),
        ("earth-search", "s2_offset", {"s2:processing_baseline": "05.09", "earthsearch:boa_offset_applied": False}),
        ("earth-search", "s2", {"s2:processing_baseline": "05.09", "earthsearch:boa_offset_applied": False}),  # a lie
    ],
)
def test_sentinel2_is_scaled_alike_whatever_the_api(tmp_path, images, style, kind, properties):
    with StacServer(images) as server:
        server.add("one", "the-collection", bounds_of(10), DAY, s2_assets(kind, style), cloud=0.3, **properties)
        folder = collect(server, tmp_path, "sentinel2")
    sample = next(iter(folder))
    assert np.abs(sample.image - expected(reflectances(), sample, 10.0)).max() == 0
    assert sample.gsd_m == 10.0 and sample.crs == CRS
    assert np.floor(sample.spots[0]).tolist() == [224, 224]
    assert any(wanted for _, wanted in server.ranges)  # by ranges, as a COG is read


def test_sentinel2_is_the_nearest_clear_image_over_all_pages(tmp_path, images):
    days = {"near-cloudy": (1, 1.0), "unsaid": (0, None), "far": (9, 0.0), "before": (-4, 0.5), "after": (6, 0.9)}
    with StacServer(images, page=2, heeds_query=False) as server:
        for name, (day, cloud) in days.items():
            server.add(name, "the-collection", bounds_of(10), DAY + timedelta(days=day), s2_assets(), cloud=cloud)
        folder = collect(server, tmp_path, "sentinel2")
        assert len(server.asked) == 3  # pages of one search
        assert server.asked[0][1]["query"] == {"eo:cloud_cover": {"lt": 1.0}}
        assert server.asked[0][1]["datetime"] == "2021-06-05T12:00:00Z/2021-06-25T12:00:00Z"
    assert [(r["image"], r["acquired"]) for r in records(folder)] == [("before", "2021-06-11T12:00:00Z")]


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_wider_span_is_searched_when_a_narrower_one_is_empty(tmp_path, images, method):
    with StacServer(images, page=1) as server:
        for name, day in (("y", 390), ("z", -400)):
            server.add(name, "the-collection", bounds_of(10), DAY + timedelta(days=day), s2_assets(), cloud=0.1)
        folder = collect(server, tmp_path, "sentinel2", method=method)
        assert {how for how, _ in server.asked} == {method} and len(server.asked) == 5
    assert records(folder)[0]["image"] == "y"


def test_sentinel2_counts_what_has_no_image(tmp_path, images):
    places = {"undated": in_degrees(CRS, LEFT + 2500, TOP - 2500), "dated": in_degrees(CRS, LEFT + 8000, TOP - 8000)}
    with StacServer(images) as server:
        server.add("grey", "the-collection", bounds_of(10), DAY, s2_assets(), cloud=30)
        folder = collect(server, tmp_path, "sentinel2", places, taken={"dated": DAY})
    assert len(folder) == 0
    assert folder.manifest["counts"]["dropped"] == {"cloudy": 1, "undated": 1}
    assert folder.manifest["counts"]["tiles_left_out"] == {"cloudy": 1}


def test_naip_is_the_newest_that_holds_the_tile(tmp_path, images):
    with StacServer(images) as server:
        server.add("old", "the-collection", bounds_of(1), DAY, {"image": "naip_old.tif"})
        server.add("new", "the-collection", bounds_of(1), DAY + timedelta(days=900), {"image": "naip.tif"})
        beside = bounds_of(1, LEFT + 700)
        server.add("newest, beside", "the-collection", beside, DAY + timedelta(days=990), {"image": "naip_old.tif"})
        folder = collect(server, tmp_path, "naip")
        assert all("datetime" not in asked and "query" not in asked for _, asked in server.asked)
    sample = next(iter(folder))
    x, y = int(sample.transform[2]), int(sample.transform[5])
    assert records(folder)[0]["image"] == "new" and records(folder)[0]["source"] == "stac"
    assert (sample.image == pattern(np.arange(x, x + 448), np.arange(-y, -y + 448))).all()


def test_naip_finer_than_the_tile_s_gsd_is_reduced_in_place(tmp_path, images):
    """At 0.6 m: a bright square of ten metres comes out at its geotag."""
    folder = tmp_path / "fine"
    folder.mkdir()
    pixels = np.full((4, 1500, 1500), 60, np.uint8)
    row, col = 700, 800
    pixels[:, row - 8 : row + 8, col - 8 : col + 8] = 240
    write_cog(folder / "fine.tif", pixels, 0.6)
    place = in_degrees(CRS, LEFT + col * 0.6, TOP - row * 0.6)
    with StacServer(folder) as server:
        server.add("fine", "the-collection", bounds_of(0.6, size=1500), DAY, {"image": "fine.tif"})
        pairs = collect(server, tmp_path, "naip", {"a": place})
    sample = next(iter(pairs))
    weight = sample.image[0].astype(float) - 60
    rows, cols = np.indices(weight.shape) + 0.5
    centre = [(weight * rows).sum() / weight.sum(), (weight * cols).sum() / weight.sum()]
    assert np.abs(np.array(centre) - sample.spots[0]).max() < 0.1
    assert weight.sum() / 180 == pytest.approx((16 * 0.6) ** 2, rel=0.02)


def test_a_missing_and_a_truncated_asset_give_way_to_the_next_image(tmp_path, images):
    with StacServer(images) as server:
        names = {"good": "naip.tif", "truncated": "cut.tif", "missing": "nothing.tif"}
        for day, (name, file) in enumerate(names.items()):
            server.add(name, "the-collection", bounds_of(1), DAY + timedelta(days=day), {"image": file})
        server.add("no image", "the-collection", bounds_of(1), DAY + timedelta(days=9), {"thumbnail": "naip.tif"})
        folder = collect(server, tmp_path, "naip")
        assert {"cut.tif", "nothing.tif", "naip.tif"} == {name for name, _ in server.ranges}
    assert records(folder)[0]["image"] == "good"


def test_a_place_of_damaged_images_only_is_counted(tmp_path, images):
    with StacServer(images) as server:
        server.add("truncated", "the-collection", bounds_of(1), DAY, {"image": "cut.tif"})
        folder = collect(server, tmp_path, "naip")
    assert len(folder) == 0 and folder.manifest["counts"]["tiles_left_out"] == {"damaged": 1}


@pytest.mark.parametrize("kind", ["search", "asset"])
def test_a_busy_server_is_asked_again(tmp_path, images, kind):
    with StacServer(images, lambda what, n: {1: 429, 2: 503}.get(n) if what == kind else None) as server:
        server.add("one", "the-collection", bounds_of(1), DAY, {"image": "naip.tif"})
        assert len(collect(server, tmp_path, "naip")) == 1


@pytest.mark.parametrize("kind", ["search", "asset"])
def test_a_server_that_stays_down_stops_the_run_which_then_goes_on(tmp_path, images, kind):
    down = SimpleNamespace(now=False)
    places = {f"p{k}": in_degrees(CRS, LEFT + 250 + 300 * k, TOP - 300 - 100 * k) for k in range(3)}
    with StacServer(images, lambda what, n: 503 if down.now and what == kind else None) as server:
        server.add("one", "the-collection", bounds_of(1), DAY, {"image": "naip.tif"})
        whole = collect(server, tmp_path, "naip", places, out="whole")
        assert len(whole) >= 2
        down.now = True
        with pytest.raises(DownloadError, match=r"503|keeps failing") as caught:
            collect(server, tmp_path, "naip", places)
        assert "goes on" in caught.value.remedy
        down.now = False
        assert digests(collect(server, tmp_path, "naip", places).path) == digests(whole.path)


def test_a_catalogue_that_refuses_says_what_to_check(tmp_path, images):
    with (
        StacServer(images, lambda what, n: 400 if what == "search" else None) as server,
        pytest.raises(DownloadError, match=r"answers 400.*Check the address"),
    ):
        collect(server, tmp_path, "naip")


def test_tokens_are_fetched_once_and_never_shown(tmp_path, images):
    with StacServer(images, needs_token=True) as server:
        server.add("one", "the-collection", bounds_of(1), DAY, {"image": "naip.tif"})
        assert len(collect(server, tmp_path, "naip", sas=True)) == 1
        assert server.tokens == ["/token/127/data"]  # account and container, as the blob host names them
        with pytest.raises(DownloadError, match="refuses") as caught:
            collect(server, tmp_path, "naip", out="other")
        assert "sig=" not in str(caught.value)


def test_the_command_line(tmp_path, images, capsys, monkeypatch):
    photos = write_photo_folder(tmp_path / "photos", [in_degrees(CRS, LEFT + 500, TOP - 500)])
    with StacServer(images) as server:
        server.add("one", "naip", bounds_of(1), DAY, {"image": "naip.tif"})
        command = ["collect", "tiles", "stac", "--sensor", "naip", "--api", server.url, "--photos", str(photos),
                   "--out", str(tmp_path / "pairs")]  # fmt: skip
        assert main([*command, "--dry-run"]) == 0
        assert "about 1 tiles with 1 of 1 photos" in capsys.readouterr().out
        assert main(command) == 0
        assert "1 tiles with 1 of 1 photos" in capsys.readouterr().out
        monkeypatch.setenv("GRAFT_OFFLINE", "1")
        assert main(command) == 2
        assert "GRAFT_OFFLINE" in capsys.readouterr().err


def test_apis_by_name():
    assert api_of("earth-search", "sentinel2")[1] == "sentinel-2-l2a"
    with pytest.raises(UsageError, match=r"reader pays.*--api planetary"):
        api_of("earth-search", "naip")
    with pytest.raises(UsageError, match="reader pays"):
        api_of("https://earth-search.aws.element84.com/v1/", "naip")
    with pytest.raises(UsageError, match="no STAC API"):
        api_of("nasa", "naip")


def test_offsets_and_assets_of_items():
    def item(**about):
        return {"id": "i", "properties": about, "assets": {"red": {"href": "s3://b/red.tif"}}}

    assert claimed_offset(item(**{"s2:processing_baseline": "02.14"}), "sentinel2") == 0
    assert claimed_offset(item(**{"s2:processing_baseline": "05.10"}), "sentinel2") == 1000
    assert claimed_offset(item(), "sentinel2") == 0 and claimed_offset(item(), "naip") == 0
    bright, valid = np.full((3, 10, 10), 2500), np.ones((10, 10), bool)
    assert true_offset(1000, bright, valid) == 1000  # a bright tile does not speak against it
    bright[1, :3] = 400
    assert true_offset(1000, bright, valid) == 0
    assert find_assets(item(), "sentinel2") is None
    span = {"datetime": None, "start_datetime": "2021-01-01T00:00:00Z", "end_datetime": "2021-01-03T00:00:00Z"}
    assert image_of(item(**span)).acquired.isoformat() == "2021-01-02T00:00:00+00:00"


def test_no_network_where_it_is_switched_off(monkeypatch):
    monkeypatch.setenv("GRAFT_OFFLINE", "1")
    with pytest.raises(OfflineError):
        Stac(StacOrder(Api("http://127.0.0.1:9", {}), "c", "naip"), CancelToken())


def test_the_spot_is_exact():
    spot = Stac(StacOrder(Api("http://127.0.0.1:9", {}), "c", "naip"), CancelToken()).spot(15.2, 45.1, DAY, 448)
    assert spot.crs == CRS and np.floor(photo_pixel(15.2, 45.1, spot.crs, spot.transform)).tolist() == [224, 224]
