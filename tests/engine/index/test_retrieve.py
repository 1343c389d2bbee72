"""`graft retrieve`: the planted tiles first, spread out, with pictures; marks and examples move the ranking."""

from __future__ import annotations

import io
import json

import numpy as np
import pyogrio
import pytest
import rasterio
from PIL import Image
from rasterio.transform import from_origin

from graft_plugin.engine.index.rank import logistic, rocchio, spread

COLOURS = {"soil": (190, 90, 60), "forest": (20, 150, 40), "lake": (20, 60, 180)}
SIDE = 8


@pytest.fixture
def field(tmp_path, graft):
    """A raster of 8×8 tiles of one colour each, and its index; returns (raster, index, what each tile is)."""
    rng = np.random.default_rng(3)
    kinds = rng.choice(["soil", "forest", "lake"], (SIDE, SIDE), p=[0.7, 0.15, 0.15])
    pixels = np.zeros((3, SIDE * 224, SIDE * 224), np.uint8)
    for (row, col), kind in np.ndenumerate(kinds):
        at = slice(row * 224, row * 224 + 224), slice(col * 224, col * 224 + 224)
        pixels[:, at[0], at[1]] = np.array(COLOURS[kind])[:, None, None] + rng.integers(-8, 9, (3, 1, 1))
    path = tmp_path / "field.tif"
    transform = from_origin(224 * 2000, 224 * 20000, 1, 1)
    with rasterio.open(path, "w", driver="GTiff", width=SIDE * 224, height=SIDE * 224, count=3, dtype="uint8",
                       crs="EPSG:32615", transform=transform, tiled=True) as out:  # fmt: skip
        out.write(pixels)
    assert graft("index", path, "--out", tmp_path / "ix")[0] == 0
    return path, tmp_path / "ix", kinds


def kind_of(tile, kinds):
    _scene, row, col = tile["id"].split("/")
    return kinds[int(row) + 20000, int(col) - 2000]


def test_tiles_are_ranked_spread_and_pictured(tmp_path, field, graft):
    _path, index, kinds = field
    lakes = int((kinds == "lake").sum())
    gpkg = tmp_path / "found.gpkg"
    words = ["retrieve", index, "--text", "lake", "--json"]
    status, out, _err = graft(*words, "--top", lakes, "--distance", 0, "--out", gpkg)
    found = json.loads(out)
    assert status == 0 and found["searched_tiles"] == SIDE**2
    assert [kind_of(tile, kinds) for tile in found["tiles"]] == ["lake"] * lakes
    scores = [tile["score"] for tile in found["tiles"]]
    assert scores == sorted(scores, reverse=True)
    assert [tile["rank"] for tile in found["tiles"]] == list(range(1, lakes + 1))
    layer = pyogrio.read_dataframe(gpkg, layer="tiles")
    assert list(layer["id"]) == [tile["id"] for tile in found["tiles"]]
    assert [tuple(b) for b in layer.bounds.to_numpy()] == [tuple(tile["bounds"]) for tile in found["tiles"]]
    import sqlite3

    with sqlite3.connect(gpkg) as database:
        for (picture,) in database.execute("SELECT thumbnail FROM tiles ORDER BY rank"):
            colour = np.asarray(Image.open(io.BytesIO(picture))).reshape(-1, 3).mean(0)
            assert np.abs(colour - COLOURS["lake"]).max() < 12
    spread_out = json.loads(graft(*words, "--top", 50)[1])["tiles"]
    centres = np.array([np.reshape(tile["bounds"], (2, 2)).mean(axis=0) for tile in spread_out])
    apart = np.sqrt(((centres[:, None] - centres[None]) ** 2).sum(-1)) + 1e9 * np.eye(len(centres))
    assert 1 < len(spread_out) < SIDE**2 and apart.min() >= 3 * 224


def test_examples_and_marks_move_the_ranking(field, graft):
    _path, index, kinds = field
    row, col = np.argwhere(kinds == "forest")[0]
    point = f"{(2000 + col) * 224 + 100},{(20000 - row) * 224 - 100}"
    count = int((kinds == "forest").sum())
    common = ["--top", count, "--distance", 0, "--json"]
    like = json.loads(graft("retrieve", index, "--like", point, *common)[1])["tiles"]
    assert [kind_of(tile, kinds) for tile in like] == ["forest"] * count
    soil = json.loads(graft("retrieve", index, "--text", "soil", *common)[1])["tiles"]
    assert {kind_of(tile, kinds) for tile in soil} == {"soil"}
    for rerank in ("rocchio", "logistic"):
        words = ["--right", like[0]["id"], like[1]["id"], "--wrong", *(tile["id"] for tile in soil[:3])]
        again = json.loads(graft("retrieve", index, "--text", "soil", *words, "--rerank", rerank, *common)[1])["tiles"]
        assert [kind_of(tile, kinds) for tile in again] == ["forest"] * count, rerank
        assert not {tile["id"] for tile in again} & {tile["id"] for tile in soil[:3]}


def test_a_vanished_raster_costs_the_pictures_only(tmp_path, field, graft):
    path, index, _kinds = field
    path.unlink()
    status, out, _err = graft("retrieve", index, "--text", "lake", "--out", tmp_path / "f.gpkg", "--json")
    assert status == 0 and json.loads(out)["tiles"]
    assert "no pictures" in graft.notes[0] and "field.tif" in graft.notes[0]
    assert len(pyogrio.read_dataframe(tmp_path / "f.gpkg", layer="tiles")) == len(json.loads(out)["tiles"])


def test_a_damaged_block_is_told_and_made_anew(tmp_path, field, graft, write_colours):
    raster, index, _kinds = field
    assert graft("index", write_colours(tmp_path / "other.tif", 300), "--out", index)[0] == 0
    words = ("retrieve", index, "--text", "lake", "--json")
    whole = json.loads(graft(*words)[1])
    (chunk,) = index.glob("field-*/mean/c/*/*/*")
    data = bytearray(chunk.read_bytes())
    data[0] ^= 1
    chunk.write_bytes(data)
    status, out, _err = graft(*words)
    assert status == 0 and json.loads(out)["searched_tiles"] == whole["searched_tiles"] - SIDE**2
    assert any("damaged" in note and "field-" in note and "graft index" in note for note in graft.notes)
    assert json.loads(graft("index", raster, "--out", index, "--json")[1])["encoded_tiles"] == SIDE**2
    assert json.loads(graft(*words)[1])["tiles"] == whole["tiles"] and not any("damaged" in n for n in graft.notes)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "nothing to look for"),
        (["--text", "lake", "--like", "1,2"], "at once"),
        (["--like", "1,2"], "no tile at"),
        (["--right", "x/1/2"], "no tile 'x/1/2'"),
        (["--text", "lake", "--top", "0"], "top must"),
        (["--text", "lake", "--extent", "0,0,1,1"], "no tile there"),
        (["--text", "lake", "--since", "soon"], "no date"),
    ],
)
def test_mistakes_end_in_one_line(field, graft, words, said):
    status, out, err = graft("retrieve", field[1], *words)
    assert (status, out, len(err)) == (2, "", 1) and said in err[0]


def test_no_two_are_nearer_than_the_distance_and_none_is_left_out_for_nothing():
    rng = np.random.default_rng(0)
    xy, scores = rng.uniform(0, 100, (400, 2)), rng.random(400)
    scores[:7] = np.nan
    kept = spread(scores, xy, 400, 9.0)
    apart = np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(-1))
    assert all(apart[a, b] >= 9.0 for a in kept for b in kept if a != b)
    assert list(scores[kept]) == sorted(scores[kept], reverse=True) and not set(kept) & set(range(7))
    for other in set(range(7, 400)) - set(kept):  # a better one that was kept stands in its way
        assert any(apart[other, k] < 9.0 and scores[k] >= scores[other] for k in kept)
    assert spread(scores, xy, 5, 9.0) == kept[:5]
    assert len(spread(scores, xy, 400, 0.0)) == 393


@pytest.mark.parametrize("learn", [rocchio, logistic])
def test_learning_moves_towards_right_and_away_from_wrong(learn):
    rng = np.random.default_rng(1)
    unit = lambda v: v / np.linalg.norm(v, axis=-1, keepdims=True)  # noqa: E731
    shared, a, b = np.eye(16)[:3]
    right = unit(shared + 0.3 * a + rng.normal(size=(5, 16)) * 0.03).astype(np.float32)
    wrong = unit(shared + 0.3 * b + rng.normal(size=(5, 16)) * 0.03).astype(np.float32)
    centre = np.concatenate([right, wrong]).mean(axis=0)
    prompt = unit(0.2 * b + rng.normal(size=16) * 0.1).astype(np.float32)
    learnt = learn(prompt, right, wrong, centre)
    before, after = (float((right @ v).min() - (wrong @ v).max()) for v in (prompt, learnt))
    assert before < 0 < after
