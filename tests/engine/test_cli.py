"""The command as a user types it: outputs, exit statuses, one plain line for each mistake."""

from __future__ import annotations

import json
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from graft_plugin.engine import cli, console
from graft_plugin.engine.encoders import registry

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def graft(capsys, colour_model, monkeypatch):
    """Run the command in this process; returns (status, stdout, the lines of stderr)."""
    monkeypatch.setattr(console, "FIRST_LINE_S", 1e9)  # a busy machine's progress is no part of an answer

    def run(*words):
        """Run the command."""
        words = [str(word) for word in words]
        if words[:1] == ["query"] and "--model" not in words:
            words += ["--model", str(colour_model), "--sam", str(colour_model / "sam.safetensors")]
        try:
            status = cli.main(words)
        except SystemExit as exit_request:
            status = exit_request.code
        out, err = capsys.readouterr()
        return status, out, [line for line in err.splitlines() if "note:" not in line]

    return run


@pytest.fixture
def raster(tmp_path):
    """Write a raster of any kind; returns its path."""

    def write(pixels, name="scene.tif", **profile):
        pixels = np.asarray(pixels)
        path = tmp_path / name
        defaults = {"crs": "EPSG:32615", "transform": from_origin(500_000, 5_000_000, 1, 1)}
        with rasterio.open(
            path, "w", driver="GTiff", height=pixels.shape[1], width=pixels.shape[2], count=len(pixels),
            dtype=pixels.dtype, **{**defaults, **profile},
        ) as out:
            out.write(pixels)
        return path

    return write


def mistake(result, *words):
    """Check that a command ended as a user's mistake does: status 2, one line, no output."""
    status, out, err = result
    assert (status, out) == (2, ""), err
    assert len(err) == 1 and err[0].startswith("graft: "), err
    for word in words:
        assert word in err[0], err[0]


def rgb(side=64, seed=0):
    return np.random.default_rng(seed).integers(1, 255, (3, side, side)).astype(np.uint8)


def read_masks(path, layer="graft"):
    import pyogrio

    return pyogrio.read_dataframe(path, layer=layer)


def test_help_answers_at_once():
    before = os.times()
    words = [sys.executable, "-m", "graft_plugin.engine", "query", "--help"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True)
    assert done.returncode == 0 and b"--heatmap" in done.stdout
    after = os.times()  # the processor's time, which no other program takes: 0.07 s; an import of torch takes a second
    assert after.children_user + after.children_system - before.children_user - before.children_system < 0.7


def test_a_query_writes_what_was_asked_for_in_place(graft, colour_scene, tmp_path):
    heatmap, masks, preview = (tmp_path / name for name in ("호수 heat.tif", "호수 masks.gpkg", "미리 보기.png"))
    status, out, err = graft(
        "query", colour_scene.path, "--text", "lake", "--text", "forest", "--heatmap", heatmap, "--masks", masks,
        "--preview", preview, "--refine", "none", "--json",
    )
    assert status == 0 and err == [], err
    result = json.loads(out)
    assert (result["heatmap"], result["masks"], result["preview"]) == tuple(map(str, (heatmap, masks, preview)))
    assert result["encoded_tiles"] > 0 and result["from_store"] == 0
    assert {"load", "encode", "score", "heatmap", "masks", "total"} <= set(result["seconds"])
    lake, _forest = result["prompts"]
    assert lake["prompt"] == "lake" and lake["polygons"] == 1 and lake["maximum"] > 0.9
    with rasterio.open(heatmap) as src:
        assert src.descriptions == ("lake", "forest") and src.dtypes == ("float32",) * 2
        assert src.block_shapes[0] == (256, 256) and src.compression.value == "DEFLATE" and np.isnan(src.nodata)
        assert src.res == (16, 16) and src.crs.to_epsg() == 32615
        scores = src.read(1)
        inside = rasterio.windows.from_bounds(*colour_scene.lake, src.transform)
        rows, cols = (slice(round(a), round(a + n)) for a, n in (
            (inside.row_off, inside.height), (inside.col_off, inside.width)))
        assert scores[rows, cols].min() > lake["threshold"] > np.delete(scores.ravel(), np.flatnonzero(
            np.isin(np.arange(scores.size), np.arange(scores.size).reshape(scores.shape)[rows, cols]))).max()
    frame = read_masks(masks)
    assert list(frame["prompt"]) == ["lake", "forest"]
    boxes = {row.prompt: row.geometry.bounds for row in frame.itertuples()}
    assert boxes["lake"] == pytest.approx(colour_scene.lake, abs=1e-3)
    assert boxes["forest"] == pytest.approx(colour_scene.wood, abs=1e-3)
    assert frame["area_m2"][0] == pytest.approx(lake["area_m2"]) == 96 * 112
    assert frame["source"][0] == str(colour_scene.path)
    assert preview.read_bytes().startswith(b"\x89PNG")
    assert sorted(os.listdir(tmp_path)) == sorted(path.name for path in (heatmap, masks, preview))


def test_a_second_prompt_encodes_nothing_and_masks_are_appended(graft, colour_scene, tmp_path):
    masks = tmp_path / "m.gpkg"
    common = ("query", colour_scene.path, "--masks", masks, "--refine", "none", "--json", "--store", tmp_path / "store")
    first = json.loads(graft(*common, "--text", "lake")[1])
    second = json.loads(graft(*common, "--text", "forest", "--layer", "woods")[1])
    third = json.loads(graft(*common, "--text", "forest")[1])
    assert first["encoded_tiles"] > 0
    assert second["encoded_tiles"] == third["encoded_tiles"] == 0
    assert second["from_store"] == first["encoded_tiles"]
    assert list(read_masks(masks)["prompt"]) == ["lake", "forest"]
    assert list(read_masks(masks, "woods")["prompt"]) == ["forest"]


def test_what_was_found_is_printed_without_any_output_file(graft, colour_scene):
    status, out, err = graft("query", colour_scene.path, "--text", "lake")
    assert status == 0 and err == [], err
    first, last = out.splitlines()
    assert first.startswith("lake") and "highest 1.00" in first and "threshold" in first and "polygon" not in first
    assert "tiles encoded, 0 from the store" in last


def test_sam_refines_and_the_store_can_be_left_out(graft, colour_scene, tmp_path, monkeypatch):
    monkeypatch.setenv("GRAFT_HOME", str(tmp_path / "home"))
    masks = tmp_path / "m.gpkg"
    status, out, _ = graft("query", colour_scene.path, "--text", "lake", "--masks", masks, "--no-store", "--json")
    assert status == 0
    result = json.loads(out)
    assert "segment" in result["seconds"] and result["prompts"][0]["polygons"] >= 1
    assert len(read_masks(masks)) == result["prompts"][0]["polygons"]
    assert not (tmp_path / "home").exists()


def test_detail_and_guided_upsampling_and_cosine(graft, colour_scene, tmp_path):
    heatmap = tmp_path / "h.tif"
    common = ("query", colour_scene.path, "--text", "lake", "--heatmap", heatmap)
    assert graft(*common, "--detail", "8")[0] == 0
    with rasterio.open(heatmap) as src:
        assert src.res == (8, 8)
    assert graft(*common, "--upsample", "guided", "--scores", "cosine")[0] == 0
    with rasterio.open(heatmap) as src:
        assert src.res == (1, 1) and src.bounds == pytest.approx(colour_scene.bounds)
        assert src.tags()["scores"] == "cosine"


def test_an_extent_is_in_the_rasters_crs_unless_another_is_named(graft, colour_scene, tmp_path):
    from rasterio.warp import transform_bounds

    heatmap = tmp_path / "h.tif"
    xmin, ymin, xmax, ymax = colour_scene.lake
    extent = (xmin - 16, ymin - 16, xmax + 16, ymax + 16)
    words = ("query", colour_scene.path, "--text", "lake", "--heatmap", heatmap, "--extent")
    assert graft(*words, ",".join(map(str, extent)))[0] == 0
    with rasterio.open(heatmap) as src:
        assert src.bounds == pytest.approx(extent)
        own = src.read(1)
    degrees = transform_bounds("EPSG:32615", "EPSG:4326", *extent)
    assert degrees[0] < 0
    assert graft(*words, ",".join(map(str, degrees)), "--crs", "EPSG:4326")[0] == 0
    with rasterio.open(heatmap) as src:
        assert src.bounds[0] <= extent[0] and src.bounds[3] >= extent[3]
        again = src.read(1, window=src.window(*extent))
    np.testing.assert_allclose(own, again, atol=1e-3)
    mistake(graft(*words, "0,0,1,1"), "do not touch")
    mistake(graft(*words, "0,0,1,1", "--crs", "EPSG:99999"), "CRS")


def test_a_word_that_the_model_never_saw_is_told(colour_scene, colour_model, capsys):
    assert cli.main(["query", str(colour_scene.path), "--text", "a zebra", "--model", str(colour_model)]) == 0
    assert "never saw 'zebra'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], ["COMMAND"]),
        (["quary"], ["quary"]),
        (["query"], ["RASTER"]),
        (["query", "a.tif"], ["--text"]),
        (["query", "a.tif", "--text"], ["--text"]),
        (["query", "a.tif", "--text", "  "], ["empty"]),
        (["query", "a.tif", "--text", "lake", "--extent", "1,2,3"], ["four numbers"]),
        (["query", "a.tif", "--text", "lake", "--extent", "1,2,3,x"], ["numbers with commas"]),
        (["query", "a.tif", "--text", "lake", "--extent", "-1,2,-3,4"], ["extent is empty"]),
        (["query", "a.tif", "--text", "lake", "--bands", "1,2"], ["three numbers"]),
        (["query", "a.tif", "--text", "lake", "--threshold", "2"], ["0..1"]),
        (["query", "a.tif", "--text", "lake", "--threshold", "high"], ["auto"]),
        (["query", "a.tif", "--text", "lake", "--gsd", "nan"], ["GSD"]),
        (["query", "a.tif", "--text", "lake", "--store", "x", "--no-store"], ["--store"]),
        (["query", "nowhere.tif", "--text", "lake"], ["nowhere.tif", "no such file"]),
    ],
)
def test_mistakes_are_one_plain_line(graft, words, told, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    mistake(graft(*words), *told)


def test_rasters_that_cannot_be_searched_are_told(graft, raster, tmp_path):
    def query(path, *more):
        return graft("query", path, "--text", "lake", "--heatmap", tmp_path / "h.tif", *more)

    whole = raster(rgb(600), "whole.tif")
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
    mistake(query(cut), "cut.tif")
    text = tmp_path / "text.tif"
    text.write_text("no raster")
    mistake(query(text), "text.tif", "GDAL")
    mistake(query(raster(rgb(), "nocrs.tif", crs=None)), "nocrs.tif", "no CRS", "Set Layer CRS")
    mistake(query(raster(np.zeros((3, 64, 64), np.uint8), "empty.tif", nodata=0)), "empty.tif", "no valid pixel")
    mistake(query(raster(rgb()[:1], "grey.tif")), "grey.tif", "1 band", "--bands 1,1,1")
    mistake(query(whole, "--bands", "1,2,9"), "no band 9")
    assert not (tmp_path / "h.tif").exists()


def test_unusual_rasters_are_searched(graft, raster, tmp_path):
    heatmap = tmp_path / "h.tif"
    assert graft("query", raster(rgb(1), "pixel.tif"), "--text", "lake", "--heatmap", heatmap)[0] == 0
    rng = np.random.default_rng(0)
    bands = rng.integers(0, 3000, (13, 40, 40)).astype(np.uint16)
    ten_metres = {"transform": from_origin(500_000, 5_000_000, 10, 10)}
    status, out, _ = graft("query", raster(bands, "s2.tif", **ten_metres), "--text", "lake", "--json")
    assert status == 0
    assert json.loads(out)["sensor"] == "sentinel2" and json.loads(out)["bands"] == [4, 3, 2]


def test_outputs_that_cannot_be_written_are_told_before_any_work(graft, colour_scene, tmp_path, monkeypatch):
    monkeypatch.setattr("graft_plugin.engine.loading.LoadedModels.encoder", None)
    words = ("query", colour_scene.path, "--text", "lake")
    mistake(graft(*words, "--heatmap", tmp_path / "none" / "h.tif"), "none", "does not exist")
    mistake(graft(*words, "--masks", tmp_path / "m.shp"), ".gpkg")
    mistake(graft(*words, "--heatmap", colour_scene.path), "overwrite the raster")
    locked = tmp_path / "locked.tif"
    locked.write_text("mine")
    locked.chmod(0o444)
    mistake(graft(*words, "--heatmap", locked), "read-only")
    assert locked.read_text() == "mine"


def test_a_file_that_is_no_geopackage_is_left_as_it_is(graft, colour_scene, tmp_path):
    masks, heatmap = tmp_path / "m.gpkg", tmp_path / "h.tif"
    masks.write_text("mine")
    mistake(
        graft("query", colour_scene.path, "--text", "lake", "--masks", masks, "--heatmap", heatmap, "--refine", "none"),
        "not a GeoPackage",
    )
    assert masks.read_text() == "mine" and not heatmap.exists()


def test_models_that_cannot_be_used_are_told(graft, colour_scene, tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'exploded'}",)

    bomb = tmp_path / "graft.ckpt"
    bomb.write_bytes(pickle.dumps({"state_dict": Bomb()}))
    words = ("query", colour_scene.path, "--text", "lake", "--model")
    mistake(graft(*words, bomb), "graft.ckpt")
    assert not (tmp_path / "exploded").exists()
    mistake(graft(*words, "minii"), "minii", "mini")
    mistake(graft(*words, tmp_path / "none.ckpt"), "none.ckpt")


def test_a_bug_says_so_and_shows_its_trace_on_request_only(graft, colour_scene, monkeypatch):
    def wrong(*_):
        raise KeyError("oops")

    monkeypatch.setattr("graft_plugin.engine.pipeline.run", wrong)
    status, out, err = graft("query", colour_scene.path, "--text", "lake")
    assert (status, out, len(err)) == (1, "", 1) and "this is a bug: KeyError: 'oops'" in err[0]
    monkeypatch.setenv("GRAFT_DEBUG", "1")
    assert "Traceback" in "\n".join(graft("query", colour_scene.path, "--text", "lake")[2])


def start_long_query(colour_scene, colour_model, env, *more):
    """Start a query of 10,000 tiles and return its process once it encodes."""
    words = [sys.executable, "-u", "-m", "graft_plugin.engine", "query", str(colour_scene.path), "--text", "lake",
             "--model", str(colour_model), "--gsd", "0.02", "--refine", "none", "--no-store", *map(str, more)]
    process = subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "Encoding tiles" in line:
            return process
    raise AssertionError(f"ended with {process.wait()}")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_leaves_what_was_there_and_a_kill_does_too(colour_scene, colour_model, engine_env, tmp_path):
    heatmap, masks = tmp_path / "h.tif", tmp_path / "m.gpkg"
    heatmap.write_text("former heatmap")
    with sqlite3.connect(masks) as database:
        database.execute("PRAGMA application_id = 1196444487")
        database.execute("CREATE TABLE mine (x)")
    before = masks.read_bytes()
    for number in (signal.SIGINT, signal.SIGKILL):
        process = start_long_query(colour_scene, colour_model, engine_env, "--heatmap", heatmap, "--masks", masks)
        assert len(os.listdir(tmp_path)) == 3
        process.send_signal(number)
        _out, err = process.communicate(timeout=60)
        assert heatmap.read_text() == "former heatmap" and masks.read_bytes() == before
        if number == signal.SIGINT:
            assert process.returncode == 130, "far from its end: 10,000 tiles take minutes"
            assert err.splitlines()[-1] == "graft: stopped; nothing half-written is left"
            assert sorted(os.listdir(tmp_path)) == ["h.tif", "m.gpkg"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs RLIMIT_FSIZE")
def test_a_full_disk_is_told_and_leaves_what_was_there(colour_scene, colour_model, engine_env, tmp_path):
    heatmap = tmp_path / "h.tif"
    heatmap.write_text("former")
    limit = "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); " \
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); " \
        "from graft_plugin.engine.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", limit, "query", str(colour_scene.path), "--text", "lake", "--model", str(colour_model),
         "--heatmap", str(heatmap)],
        cwd=ROOT, env=engine_env, capture_output=True, text=True,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr and "graft: " in done.stderr.splitlines()[-1]
    assert heatmap.read_text() == "former"
    assert os.listdir(tmp_path) == ["h.tif"]


def test_models_are_listed_added_and_verified(graft, colour_model, tmp_path):
    status, out, err = graft("models")
    assert status == 0 and err == [] and out.splitlines()[0].split()[:3] == ["ID", "FAMILY", "STATE"]
    assert any(line.startswith("mini ") for line in out.splitlines())
    assert json.loads(graft("models", "list", "--json")[1]) == json.loads(graft("models", "--json")[1])
    checkpoint = tmp_path / "내 모델.safetensors"
    checkpoint.write_bytes((colour_model / "graft.safetensors").read_bytes())
    status, out, err = graft("models", "add", checkpoint, "--as", "mine", "--family", "graft", "--json")
    assert status == 0 and err == [], err
    added = json.loads(out)
    assert added["id"] == "mine" and added["state"] == "ready" and len(added["sha256"]) == 64
    status, out, _ = graft("models", "verify", "mine")
    assert status == 0 and out.startswith("mine is whole") and added["sha256"] in out
    Path(added["path"]).write_bytes(checkpoint.read_bytes()[:-1] + b"x")
    mistake(graft("models", "verify", "mine"), "changed")
    other = ("models", "add", checkpoint, "--as", "plain-gelu", "--family", "graft", "--no-quick-gelu")
    assert graft(*other)[0] == 0
    assert registry.find("plain-gelu").quick_gelu is False and registry.find("mine").quick_gelu is not False
    paired = ("models", "add", checkpoint, "--as", "paired", "--family", "graft", "--text", "openai-vit-b-32")
    assert graft(*paired)[0] == 0
    assert registry.find("paired").text == "openai-vit-b-32"


def test_mistakes_about_models_are_one_plain_line(graft, tmp_path):
    mistake(graft("models", "fetch", "sam_vit_b", "--offline"), "offline")
    mistake(graft("models", "--offline", "fetch", "sam_vit_b"), "offline")
    mistake(graft("models", "fetch", "nothing"), "nothing")
    mistake(graft("models", "verify", "sam_vit_b"), "graft models fetch sam_vit_b")
    mistake(graft("models", "add", tmp_path / "none.pt", "--as", "x", "--family", "graft"), "none.pt")
    mistake(graft("models", "add", tmp_path / "none.pt", "--family", "graft"), "--as")
    mistake(graft("models", "add", tmp_path / "none.pt", "--as", "x", "--family", "yolo"), "yolo")
    mistake(graft("models", "add", tmp_path / "x.pt", "--as", "x", "--family", "graft", "--text", "no-such"), "no-such")
    mistake(graft("models", "dance"), "dance")
