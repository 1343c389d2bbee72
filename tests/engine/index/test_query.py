"""A query of an index: planted shapes where they are, the same bytes whatever the threads, damage told and outlived."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch

from graft_plugin.engine.clock import Clock
from graft_plugin.engine.grid import Grid, TileIndex, TileRange
from graft_plugin.engine.index import sheets as sheets_module
from graft_plugin.engine.index.exact import LARGEST_DIM, ExactTexts
from graft_plugin.engine.index.field import IndexedTiles
from graft_plugin.engine.index.layout import IndexModel, IndexScene, create_index, create_scene, read_model, read_scenes
from graft_plugin.engine.index.score import BlockScorer
from graft_plugin.engine.index.shards import ShardReader, shard_file
from graft_plugin.engine.index.sheet_scores import score_sheet
from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.search import Query, Scorer
from graft_plugin.engine.store import TileEmbedding

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def index(tmp_path, graft, colour_scene):
    assert graft("index", colour_scene.path, "--out", tmp_path / "ix", "--date", "2018-07-16")[0] == 0
    return tmp_path / "ix"


def share_inside(path, box, threshold=0.5):
    with rasterio.open(path) as src:
        scores, t = src.read(1), src.transform
        cols, rows = np.meshgrid(np.arange(src.width), np.arange(src.height))
        x, y = t * (cols + 0.5, rows + 0.5)
        inside = (x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])
        return (scores[inside] > threshold).mean(), np.nanmax(np.where(inside, np.nan, scores))


def test_the_planted_lake_is_where_it_is_and_as_the_raster_says(tmp_path, index, graft, colour_scene, colour_model):
    status, out, _err = graft("query", index, "--text", "lake", "--text", "forest", "--heatmap", tmp_path / "h.tif",
                              "--masks", tmp_path / "m.gpkg", "--json")  # fmt: skip
    result = json.loads(out)
    assert status == 0 and result["from_store"] > 0 and result["encoded_tiles"] == 0
    assert share_inside(tmp_path / "h.tif", colour_scene.lake)[0] == 1.0
    assert share_inside(tmp_path / "h.tif", colour_scene.lake)[1] < 0.5
    xmin, ymin, xmax, ymax = colour_scene.lake
    assert result["prompts"][0]["area_m2"] == (xmax - xmin) * (ymax - ymin)
    import pyogrio

    masks = pyogrio.read_dataframe(tmp_path / "m.gpkg", layer="graft")
    assert tuple(masks[masks.prompt == "lake"].total_bounds) == colour_scene.lake
    words = ["query", colour_scene.path, "--text", "lake", "--text", "forest", "--heatmap", tmp_path / "direct.tif",
             "--refine", "none", "--detail", "16", "--model", colour_model, "--json"]  # fmt: skip
    direct = json.loads(graft(*words)[1])
    with rasterio.open(tmp_path / "h.tif") as ours, rasterio.open(tmp_path / "direct.tif") as theirs:
        window = rasterio.windows.from_bounds(*theirs.bounds, ours.transform).round_offsets().round_lengths()
        mine = ours.read(window=window)
        assert np.abs(mine - theirs.read()).max() < 0.02 and ours.descriptions == ("lake", "forest")
    assert result["prompts"][0]["threshold"] == pytest.approx(direct["prompts"][0]["threshold"], abs=0.05)


def test_the_heatmap_is_a_cog_with_overviews(tmp_path, graft, write_colours):
    raster = write_colours(tmp_path / "big.tif", 224 * 6)
    assert graft("index", raster, "--out", tmp_path / "ix", "--gsd", "0.125")[0] == 0
    assert graft("query", tmp_path / "ix", "--text", "lake", "--heatmap", tmp_path / "h.tif")[0] == 0
    with rasterio.open(tmp_path / "h.tif") as src:
        assert src.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG" and src.overviews(1) == [2]


def test_the_newest_date_counts_and_dates_can_be_chosen(tmp_path, graft, colour_scene):
    with rasterio.open(colour_scene.path) as src:
        pixels, profile = src.read(), src.profile
    pixels[:3] = np.array([190, 90, 60], np.uint8)[:, None, None]  # the lake and the wood are gone
    pixels[:, :, 224:] = 0
    with rasterio.open(tmp_path / "later_20200801.tif", "w", **{**profile, "nodata": 0}) as out:
        out.write(pixels)
    ix = tmp_path / "ix"
    assert graft("index", colour_scene.path, "--out", ix, "--date", "2018-07-16")[0] == 0
    assert graft("index", tmp_path / "later_20200801.tif", "--out", ix)[0] == 0
    lake, wood = colour_scene.lake, colour_scene.wood
    for words, lake_there in (([], 0.0), (["--until", "2019"], 1.0), (["--scene", "colours"], 1.0)):
        assert graft("query", ix, "--text", "lake", "--text", "forest", "--heatmap", tmp_path / "h.tif", *words)[0] == 0
        assert share_inside(tmp_path / "h.tif", lake)[0] == lake_there
        with rasterio.open(tmp_path / "h.tif") as src:  # the later one has no data in the east: the older shows through
            row, col = src.index((wood[0] + wood[2]) / 2, (wood[1] + wood[3]) / 2)
            assert src.read(2)[row, col] > 0.5
    status, _out, err = graft("query", ix, "--text", "lake", "--heatmap", tmp_path / "h.tif", "--since", "2021-01-01")
    assert status == 2 and "no scene" in err[0]


def test_a_damaged_block_is_left_out_told_and_made_anew(tmp_path, index, graft):
    (scene,) = read_scenes(index)
    shard = ShardReader(scene, read_model(index)).shards()[0]
    path = shard_file(scene, "patches", shard)
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    many = len(ShardReader(scene, read_model(index)).shards()) > 1
    assert graft("query", index, "--text", "lake", "--heatmap", tmp_path / "h.tif")[0] == 0
    assert "damaged" in graft.notes[0] and "graft index" in graft.notes[0]
    status, out, _err = graft("index", scene.source, "--out", index, "--json")
    assert status == 0 and json.loads(out)["encoded_tiles"] > 0 and (json.loads(out)["from_index"] > 0) == many
    assert graft("query", index, "--text", "lake", "--heatmap", tmp_path / "h.tif")[0] == 0 and not graft.notes


def synthetic(root: Path, dim=96, bias=-0.3):
    tiles = TileRange(-5, -20, 18, 21)
    model = IndexModel("m", "f" * 64, "fp32", dim, 64, 16, bias, 100.0)
    create_index(root, model)
    scene = IndexScene(root / "a", "a.tif", None, "naip", Grid("EPSG:26914", 1.0, 64, 16), tiles, {}, {})
    create_scene(scene, model)
    field, rng = IndexedTiles(scene, model), np.random.default_rng(0)
    for index in field.in_block_order(tiles):
        vectors = rng.normal(size=(17, dim)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        valid = np.ones((4, 4), bool)
        field.write_many([TileEmbedding(TileIndex(*index), vectors[16], vectors[:16].reshape(4, 4, dim), valid)])
    return scene, model, field


class Texts:
    logit_scale = 100.0
    contrast = ("a", "b", "c")

    def encode(self, texts):
        rows = [np.random.default_rng(list(t.encode())).normal(size=96) for t in texts]
        return torch.nn.functional.normalize(torch.tensor(np.array(rows), dtype=torch.float32), dim=-1)


def all_scores(scene, model, monkeypatch, threads, order=1):
    scorer = BlockScorer(Texts(), ("lake", "wood"), ("road",), model)
    (sheet,) = sheets_module.sheets([scene], model)
    if order < 0:
        sheet = type(sheet)(sheet.grid, sheet.window, dict(reversed(sheet.shards.items())))
    monkeypatch.setattr(sheets_module.os, "cpu_count", lambda: threads)
    step = sheet.grid.patch_px
    out = np.full((2, sheet.window.height // step, sheet.window.width // step), np.nan, np.float32)
    for window, part, bad in score_sheet(sheet, scorer, CancelToken(), Clock()):
        rows, cols = (slice(s.start // step, s.stop // step) for s in window.slices_in(sheet.window))
        assert not bad and np.isnan(out[:, rows, cols]).all()
        out[:, rows, cols] = part
    return out, sheet


def test_scores_are_the_same_bits_for_any_threads_order_and_block_and_near_those_of_floats(tmp_path, monkeypatch):
    scene, model, field = synthetic(tmp_path / "ix")
    out, sheet = all_scores(scene, model, monkeypatch, 1)
    for threads, order in ((3, 1), (2, -1)):
        assert all_scores(scene, model, monkeypatch, threads, order)[0].tobytes() == out.tobytes()
    assert np.isfinite(out).all()
    slow = Scorer(Texts(), Query(("lake", "wood"), ("road",)), global_bias=-0.3)
    quick = BlockScorer(Texts(), ("lake", "wood"), ("road",), model)
    reader = ShardReader(scene, model)
    for index in ((-5, -20), (0, 0), (17, 20)):
        image, patches, _valid = field.read(index)
        row, col = index[0] * 4 - sheet.window.row // 16, index[1] * 4 - sheet.window.col // 16
        mine = out[:, row : row + 4, col : col + 4]
        want = slow.score(patches, np.broadcast_to(image, patches.shape))
        assert np.abs(mine - want).max() < 1e-3
        block = reader.block((index[0] // 4, index[1] // 4))
        for cell in range(16):  # one patch at a time: the smallest block there is
            r, c = (index[0] % 4) * 4 + cell // 4, (index[1] % 4) * 4 + cell % 4
            one = quick.exact.cosines(block.patches[r, c][None], block.scale[r, c][None])
            whole = quick.exact.cosines(block.patches.reshape(-1, 96), block.scale.ravel())
            assert torch.equal(one[0], whole[r * 16 + c])


@pytest.mark.parametrize("dim", [64, 512, LARGEST_DIM, LARGEST_DIM + 128])
def test_exact_cosines_are_exact_at_the_extremes_and_near_the_real_ones(dim):
    rng = np.random.default_rng(dim)
    texts = torch.tensor(rng.normal(size=(5, dim)), dtype=torch.float32)
    rows = rng.integers(-127, 128, (40, dim)).astype(np.int8)
    rows[0], texts[0] = 127, 1.0  # the largest sum there can be
    rows[1] = -127
    scale = np.full(40, 1 / 127, np.float32)
    found = ExactTexts(texts).cosines(rows, scale).double().numpy()
    want = (rows.astype(np.float64) / 127) @ texts.double().numpy().T
    assert found[0, 0] == pytest.approx(dim, rel=1e-6) and found[1, 0] == pytest.approx(-dim, rel=1e-6)
    norms = np.linalg.norm(rows / 127.0, axis=1)[:, None] * np.linalg.norm(texts.numpy(), axis=1)
    assert np.abs((found - want) / norms).max() < 1e-4


def test_a_full_disk_ends_in_one_line_and_leaves_what_was_there(tmp_path, index, engine_env):
    target = tmp_path / "h.tif"
    target.write_bytes(b"before")
    code = (
        "import resource, signal, sys; from graft_plugin.engine import cli;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500)); sys.exit(cli.main(sys.argv[1:]))"
    )
    words = ["query", str(index), "--text", "lake", "--heatmap", str(target)]
    how = {"cwd": ROOT, "env": engine_env, "capture_output": True, "text": True}
    done = subprocess.run([sys.executable, "-c", code, *words], **how)
    lines = [line for line in done.stderr.splitlines() if line.startswith("graft:") and "note:" not in line]
    assert done.returncode == 2 and done.stdout == "" and len(lines) == 1, done.stderr
    assert "space" in lines[0] or "room" in lines[0]
    assert target.read_bytes() == b"before" and not [p for p in tmp_path.iterdir() if p.name.startswith(".")]
    assert subprocess.run([sys.executable, "-m", "graft_plugin.engine", *words], **how).returncode == 0
