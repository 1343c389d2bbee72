"""`graft compare`: planted gains and losses come back, whatever the light, the CRS and the pixels of the other date."""

from __future__ import annotations

import json

import numpy as np
import pyogrio
import pytest
import rasterio
from PIL import Image
from rasterio.transform import from_origin
from rasterio.warp import Resampling, calculate_default_transform, reproject

from graft_plugin.engine import change, cli, compare
from graft_plugin.engine.compare_requests import CompareRequest
from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.service import HANDLERS, run_compare
from graft_plugin.errors import Cancelled, SceneError, UsageError

XMIN, YMIN, XMAX, YMAX = 500_000, 4_999_552, 500_448, 5_000_000
LAKE, NEW, WOOD = (96, 112, 112, 96), (240, 32, 64, 128), (160, 256, 144, 64)
"""Boxes (row or column of the upper left corner, then sizes): (col, row, width, height) in pixels."""
COLOURS = {"soil": (190, 90, 60), "lake": (20, 60, 180), "forest": (20, 150, 40)}


def picture(*things, look=(1.0, 0.0)):
    """uint8 [3, 448, 448]: soil with (name, box) on it, under a gain and an offset."""
    pixels = np.empty((3, 448, 448), np.float32)
    pixels[:] = np.array(COLOURS["soil"])[:, None, None]
    for name, (col, row, width, height) in things:
        pixels[:, row : row + height, col : col + width] = np.array(COLOURS[name])[:, None, None]
    return np.clip(pixels * look[0] + look[1], 1, 255).astype(np.uint8)


def write(path, pixels, nodata=None, origin=(XMIN, YMAX)):
    with rasterio.open(
        path, "w", driver="GTiff", width=pixels.shape[2], height=pixels.shape[1], count=3, dtype="uint8",
        crs="EPSG:32615", transform=from_origin(*origin, 1, 1), nodata=nodata,
    ) as out:  # fmt: skip
        out.write(pixels)
    return path


@pytest.fixture
def before(tmp_path):
    return write(tmp_path / "before.tif", picture(("lake", LAKE), ("forest", WOOD)))


@pytest.fixture
def after(tmp_path):
    """One lake gone, one come, the wood still there, all of it in other light."""
    return write(tmp_path / "after.tif", picture(("lake", NEW), ("forest", WOOD), look=(0.8, 12.0)))


@pytest.fixture
def run(capsys, colour_model):
    """`run(before, after, *words)` runs the command; returns (status, stdout, stderr)."""

    def command(first, second, *words):
        words = ["compare", str(first), str(second), *map(str, words), "--model", str(colour_model)]
        status = cli.main(words)
        out, err = capsys.readouterr()
        return status, out, err

    return command


def box_of(col, row, width, height):
    return XMIN + col, YMAX - row - height, XMIN + col + width, YMAX - row


def test_what_was_planted_comes_back(run, before, after, tmp_path):
    heatmap, masks, preview = tmp_path / "h.tif", tmp_path / "m.gpkg", tmp_path / "p.png"
    words = ["--text", "lake", "--text", "forest", "--heatmap", heatmap, "--masks", masks, "--preview", preview]
    status, out, err = run(before, after, *words, "--json")
    assert status == 0, err
    result = json.loads(out)
    lake, forest = result["prompts"]
    assert lake["gained_m2"] == NEW[2] * NEW[3] and lake["lost_m2"] == LAKE[2] * LAKE[3]
    assert (lake["gained"], lake["lost"]) == (1, 1) and result["compared_m2"] == 448**2
    assert forest["gained_m2"] == forest["lost_m2"] == 0 and (forest["gained"], forest["lost"]) == (0, 0)
    assert lake["largest_gain"] > 0.6 and lake["largest_loss"] < -0.6
    frame = pyogrio.read_dataframe(masks, layer="change")
    found = {row.change: row for row in frame.itertuples()}
    assert len(frame) == 2 and set(frame.prompt) == {"lake"}
    assert tuple(found["gained"].geometry.bounds) == box_of(*NEW) and found["gained"].score > 0.6
    assert tuple(found["lost"].geometry.bounds) == box_of(*LAKE) and found["lost"].score < -0.6
    assert found["lost"].before == str(before) and found["lost"].source == str(after)
    with rasterio.open(heatmap) as src:
        assert src.descriptions == ("lake", "forest") and src.dtypes[0] == "float32" and np.isnan(src.nodata)
        assert src.profile["tiled"] and src.profile["compress"] == "deflate"
        x0, y0, x1, y1 = box_of(*NEW)
        (value,) = src.sample([((x0 + x1) / 2, (y0 + y1) / 2)])
        assert value[0] == pytest.approx(lake["largest_gain"], abs=1e-3)
        assert src.tags()["scores"] == "change" and json.loads(src.tags()["thresholds"])[0] == lake["threshold"]
    assert Image.open(preview).width > 1200
    status, _out, err = run(before, after, "--text", "lake", "--masks", masks)
    assert status == 0, err
    assert len(pyogrio.read_dataframe(masks, layer="change")) == 4


def test_other_light_is_no_change(run, before, tmp_path):
    same = write(tmp_path / "same.tif", picture(("lake", LAKE), ("forest", WOOD), look=(0.55, 60.0)))
    words = ["--text", "lake", "--text", "forest", "--threshold", 0.1, "--json"]
    raw = json.loads(run(before, same, *words, "--as-they-are")[1])
    normalised = json.loads(run(before, same, *words)[1])
    changed = [sum(p["gained_m2"] + p["lost_m2"] for p in found["prompts"]) for found in (raw, normalised)]
    assert raw["look_shift"] == 0 < normalised["look_shift"]
    largest = [max(max(p["largest_gain"], -p["largest_loss"]) for p in found["prompts"]) for found in (raw, normalised)]
    assert changed[1] == 0 and largest[1] < largest[0]


def warped(path, target, crs, gsd):
    """Write a raster in another CRS, with other pixels and some nodata around it."""
    with rasterio.open(path) as src:
        transform, width, height = calculate_default_transform(
            src.crs, crs, src.width, src.height, *src.bounds, resolution=gsd
        )
        out = np.zeros((3, height, width), np.uint8)
        reproject(
            src.read(), out, src_transform=src.transform, src_crs=src.crs, dst_transform=transform, dst_crs=crs,
            resampling=Resampling.bilinear, dst_nodata=0,
        )  # fmt: skip
    profile = {"driver": "GTiff", "count": 3, "dtype": "uint8", "crs": crs, "transform": transform, "nodata": 0}
    with rasterio.open(target, "w", width=width, height=height, **profile) as file:
        file.write(out)
    return target


@pytest.mark.parametrize(("crs", "gsd"), [("EPSG:32616", 2.0), ("EPSG:4326", 8e-6)])
def test_another_crs_and_other_pixels_end_on_the_grid_of_before(run, before, after, tmp_path, crs, gsd):
    moved = warped(after, tmp_path / "moved.tif", crs, gsd)
    heatmap = tmp_path / "h.tif"
    status, out, err = run(before, moved, "--text", "lake", "--heatmap", heatmap, "--json")
    assert status == 0, err
    result = json.loads(out)
    assert result["crs"] == "EPSG:32615" and result["gsd_m"] == 1.0
    lake = result["prompts"][0]
    assert lake["gained_m2"] == pytest.approx(NEW[2] * NEW[3], rel=0.15)
    assert lake["lost_m2"] == pytest.approx(LAKE[2] * LAKE[3], rel=0.15)
    with rasterio.open(heatmap) as src:
        assert src.transform.a == 16.0 and (src.transform.c % 16, src.transform.f % 16) == (0, 0)
        for box, sign in ((NEW, 1), (LAKE, -1)):
            x0, y0, x1, y1 = box_of(*box)
            (value,) = src.sample([((x0 + x1) / 2, (y0 + y1) / 2)])
            assert sign * value[0] > 0.5


def test_where_one_date_has_nothing_there_is_nothing(run, before, tmp_path):
    pixels = picture(("lake", NEW), ("forest", WOOD))
    pixels[:, :, :224] = 0
    half = write(tmp_path / "half.tif", pixels[:, 64:], nodata=0, origin=(XMIN, YMAX - 64))
    heatmap = tmp_path / "h.tif"
    status, out, err = run(before, half, "--text", "lake", "--heatmap", heatmap, "--json")
    assert status == 0, err
    assert json.loads(out)["compared_m2"] == 224 * 384 and json.loads(out)["prompts"][0]["lost_m2"] == 0
    with rasterio.open(heatmap) as src:
        known = np.isfinite(src.read(1))
        assert known.sum() * 256 == 224 * 384 and not known[:, : (224 + XMIN % 16) // 16].any()


@pytest.mark.parametrize("sample_tiles", [change.SAMPLE_TILES, 2])
def test_nothing_is_encoded_twice_and_an_extent_changes_no_value(
    run, before, after, tmp_path, monkeypatch, sample_tiles
):
    monkeypatch.setattr(change, "SAMPLE_TILES", sample_tiles)
    whole, part, store = tmp_path / "w.tif", tmp_path / "p.tif", ["--store", tmp_path / "store"]
    first = json.loads(run(before, after, "--text", "lake", "--heatmap", whole, "--json", *store)[1])
    assert first["encoded_tiles"] > 0 and first["from_store"] == 0
    extent = f"{XMIN + 200},{YMAX - 200},{XMIN + 400},{YMAX - 20}"
    words = ["--text", "lake", "--heatmap", part, "--extent", extent, "--json", *store]
    second = json.loads(run(before, after, *words)[1])
    assert second["encoded_tiles"] == 0 and second["from_store"] > 0
    for name in ("threshold", "auto_threshold"):
        assert second["prompts"][0][name] == first["prompts"][0][name]
    assert second["look_shift"] == first["look_shift"]
    with rasterio.open(whole) as all_, rasterio.open(part) as some:
        window = all_.window(*some.bounds)
        assert np.array_equal(all_.read(1, window=window), some.read(1), equal_nan=True)
        assert 0 < some.width < all_.width


def test_rasters_of_two_places_end_in_one_plain_line(run, before, after, colour_model, tmp_path):
    far = write(tmp_path / "far.tif", picture(("lake", LAKE)), origin=(XMIN + 5000, YMAX))
    target = tmp_path / "h.tif"
    status, out, err = run(before, far, "--text", "lake", "--heatmap", target)
    assert status == 2 and not out and not target.exists()
    assert err.count("\n") == 1 and "far.tif" in err and "shows no place" in err
    status, _out, err = run(before, after, "--text", "lake", "--heatmap", before)
    assert status == 2 and "overwrite a raster" in err
    extent = f"{XMIN},{YMIN},{XMIN + 10},{YMIN + 10}"
    shifted = write(tmp_path / "shifted.tif", picture(("lake", LAKE)), origin=(XMIN + 200, YMAX))
    status, _out, err = run(before, shifted, "--text", "lake", "--extent", extent)
    assert status == 2 and "do not touch" in err
    empty = write(tmp_path / "empty.tif", np.concatenate([picture()[:, :10], 0 * picture()[:, 10:]], axis=1), nodata=0)
    below = (float(XMIN), float(YMIN), float(XMAX), float(YMIN + 100))
    with pytest.raises(SceneError, match="valid pixel in both"):
        run_compare(CompareRequest(str(before), str(empty), ("lake",), extent=below, model=str(colour_model)))


def test_a_cancelled_comparison_leaves_nothing(before, after, colour_model, tmp_path, monkeypatch):
    cancel = CancelToken()
    heatmap, masks = tmp_path / "h.tif", tmp_path / "m.gpkg"
    monkeypatch.setattr(compare, "append", lambda *_args: pytest.fail("written after the cancel"))
    request = CompareRequest(
        str(before), str(after), ("lake",), model=str(colour_model), heatmap=str(heatmap), masks=str(masks)
    )

    def report(stage, _done, _total):
        if stage == "heatmap":
            cancel.cancel()

    with pytest.raises(Cancelled):
        run_compare(request, report, cancel)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["after.tif", "before.tif"]


def test_the_worker_answers_as_the_command_does(before, after, colour_model):
    params = {"before": str(before), "after": str(after), "prompts": ["lake"], "model": str(colour_model)}
    found = HANDLERS["compare"](params, lambda *_args: None, CancelToken())
    json.dumps(found, allow_nan=False)
    assert found["prompts"][0]["gained_m2"] == NEW[2] * NEW[3] and found["heatmap"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompts": ()}, {"prompts": ("a", "a")}, {"negatives": (" ",)}, {"threshold": 1.5}, {"normalise": "some"},
        {"layer": "x"}, {"extent_crs": "EPSG:4326"}, {"extent": (1.0, 0.0, 0.0, 1.0)}, {"before": " "}, {"bands": (1,)},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(UsageError):
        CompareRequest(**{"before": "a.tif", "after": "b.tif", "prompts": ("lake",), **wrong})
