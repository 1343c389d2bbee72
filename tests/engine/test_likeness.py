"""More like this: clicked points, what is unlike them, and ground photos find the places that look so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
from PIL import Image
from rasterio.transform import from_origin
from rasterio.warp import transform
from safetensors.torch import load_file, save_file

from graft_plugin.engine import cli
from graft_plugin.engine.encoders.photo import load_photo_encoder, read_photo
from graft_plugin.engine.likeness import RelativeScale
from graft_plugin.engine.requests import EstimateRequest, QueryRequest
from graft_plugin.engine.service import run_estimate, run_query
from graft_plugin.engine.threshold import ScoreHistogram
from graft_plugin.errors import UsageError
from training.ranking import auc
from training.world.classes import LABEL
from training.world.ground import render_views

ROOT = Path(__file__).resolve().parents[2]
LAKE, WOOD, SOIL = (500_140.0, 4_999_830.0), (500_330.0, 4_999_680.0), (500_020.0, 4_999_990.0)
COLOURS = {"lake": (20, 60, 180), "wood": (20, 150, 40)}


@pytest.fixture
def find(colour_scene, colour_model, tmp_path):
    """Query the scene by example; returns (the result's only prompt, the bounds of its polygons, the scores)."""

    def run(**more):
        heatmap, masks = tmp_path / "h.tif", tmp_path / "m.gpkg"
        masks.unlink(missing_ok=True)
        values = {"raster": str(colour_scene.path), "model": str(colour_model), "store": str(tmp_path / "store")}
        outputs = {"heatmap": str(heatmap), "masks": str(masks), "refine": "none"}
        (prompt,) = run_query(QueryRequest(**{**values, **outputs, **more})).prompts
        frame = pyogrio.read_dataframe(masks, layer="graft")
        with rasterio.open(heatmap) as src:
            scores = src.read(1)
        assert set(frame["prompt"]) <= {prompt.prompt}
        return prompt, sorted(tuple(g.bounds) for g in frame.geometry), scores

    return run


def photo_of(path, colour, size=(90, 60)):
    Image.new("RGB", size, colour).save(path)
    return str(path)


def test_a_click_finds_the_whole_thing_and_nothing_else(find, colour_scene):
    prompt, bounds, scores = find(like=LAKE)
    assert prompt.prompt == "like this" and bounds == [colour_scene.lake]
    assert 0.0 < prompt.threshold < 1.0 and prompt.threshold == prompt.auto_threshold
    assert prompt.maximum == pytest.approx(1.0, abs=1e-3)
    assert 0.0 <= np.nanmin(scores) < 1e-3 and np.nanmax(scores) <= 1.0
    assert find(like=WOOD, like_name="숲")[:2][1] == [colour_scene.wood]


def test_what_it_is_unlike_is_taken_out(find, colour_scene):
    both = find(like=(*LAKE, *WOOD))
    assert both[1] == sorted([colour_scene.lake, colour_scene.wood])
    only, bounds, scores = find(like=(*LAKE, *WOOD), unlike=WOOD)
    assert bounds == [colour_scene.lake]
    assert find(like=LAKE, unlike=(*WOOD, *SOIL))[1] == [colour_scene.lake]
    assert (scores <= both[2] + 1e-6).all() and only.maximum > only.threshold


def test_points_may_lie_outside_the_area_and_in_another_crs(find, colour_scene):
    xmin, ymin, xmax, ymax = colour_scene.wood
    extent = (xmin - 32.0, ymin - 32.0, xmax + 32.0, ymax + 32.0)
    assert find(like=WOOD, extent=extent)[1] == [colour_scene.wood]
    assert find(like=LAKE, extent=extent, threshold=0.9)[1] == []
    lon, lat = transform("EPSG:32615", "EPSG:4326", [LAKE[0]], [LAKE[1]])
    assert find(like=(lon[0], lat[0]), crs="EPSG:4326")[1] == [colour_scene.lake]


@pytest.mark.parametrize("name", ["lake", "wood"])
def test_a_photo_finds_its_surroundings(find, colour_scene, tmp_path, name):
    prompt, bounds, _ = find(photo=photo_of(tmp_path / f"{name}.png", COLOURS[name]))
    assert prompt.prompt == f"{name}.png" and bounds == [getattr(colour_scene, name)]
    assert prompt.maximum == pytest.approx(1.0, abs=1e-3)


def test_the_photo_encoder_is_the_clip_that_open_clip_computes(tmp_path):
    import open_clip
    import torch

    from graft_plugin.engine.encoders.vit import MEAN, STD

    pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "noise.png")
    config = json.loads((ROOT / "resources" / "mini" / "config.json").read_text())["clip"]
    model = open_clip.model.CLIP(
        config["embed_dim"], config["vision_cfg"], config["text_cfg"], quick_gelu=config["quick_gelu"]
    )
    model.load_state_dict({k: v.float() for k, v in load_file(ROOT / "resources/mini/clip.safetensors").items()})
    mean, std = (torch.tensor(v)[:, None, None] for v in (MEAN, STD))
    with torch.inference_mode():
        image = (torch.from_numpy(pixels).permute(2, 0, 1) / 255 - mean) / std
        expected = model.eval().encode_image(image[None], normalize=True)[0]
    found = load_photo_encoder("mini").encode(tmp_path / "noise.png")
    assert found.norm() == pytest.approx(1.0, abs=1e-5)
    assert torch.allclose(found, expected, atol=2e-4)


def test_a_photo_is_turned_upright_and_cut_to_its_middle(tmp_path):
    wide = Image.new("RGB", (300, 100), (255, 0, 0))
    wide.paste((0, 0, 255), (100, 0, 200, 50))
    wide.paste((0, 255, 0), (100, 50, 200, 100))
    path = tmp_path / "wide.png"
    exif = Image.Exif()
    exif[0x0112] = 3  # held upside down
    wide.save(path, exif=exif)
    square = read_photo(path, 20)
    assert square.shape == (3, 20, 20) and square.dtype == np.uint8
    assert square[:, 3, 10].tolist() == [0, 255, 0] and square[:, 16, 10].tolist() == [0, 0, 255]


def test_the_likeness_does_not_mind_how_near_a_models_vectors_lie():
    rng = np.random.default_rng(0)
    cosines = rng.uniform(-0.3, 1.0, (1, 500)).astype(np.float32)
    one = RelativeScale(np.array([-0.2], "f4"), np.array([1.0], "f4"), 100.0).likeness(cosines)
    near = RelativeScale(np.array([0.76], "f4"), np.array([1.0], "f4"), 10.0).likeness(0.8 + 0.2 * cosines)
    np.testing.assert_allclose(one, near, atol=1e-5)
    assert one.min() == 0.0 and one.max() <= 1.0
    pair = np.array([[0.9, 0.9, 0.5, np.nan], [0.1, 0.9, 0.9, 0.0]], np.float32)
    scores = RelativeScale(np.zeros(2, "f4"), np.ones(2, "f4"), 100.0).likeness(pair)
    assert scores[:3].tolist() == pytest.approx([0.9, 0.0, 0.0], abs=1e-5) and np.isnan(scores[3])


def test_the_threshold_lies_in_the_gap_also_for_what_is_rare():
    rng = np.random.default_rng(0)
    histogram = ScoreHistogram(2, "likeness")
    rare = np.concatenate([rng.normal(0.2, 0.08, 9900), rng.normal(0.85, 0.05, 100)]).clip(0, 1)
    much = np.concatenate([rng.normal(0.2, 0.08, 500), rng.normal(0.9, 0.03, 9500)]).clip(0, 1)
    histogram.add(np.stack([rare, much]).astype(np.float32))
    for k, values in enumerate((rare, much)):
        assert 0.5 < histogram.auto_threshold(k) < 0.7
        assert histogram.quantile(k, 0.01) == pytest.approx(np.quantile(values, 0.01), abs=2e-3)
    assert ScoreHistogram(1, "likeness").auto_threshold(0) == 1.0


def test_mistakes_are_told(find, colour_scene, colour_model, tmp_path):
    def refused(words, **more):
        with pytest.raises(UsageError, match=words):
            find(**more)

    refused("lies outside the raster", like=(0.0, 0.0))
    refused("no CRS 'EPSG:99999'", like=LAKE, crs="EPSG:99999")
    refused("pairs of numbers", like=(1.0, 2.0, 3.0))
    refused("unlike", unlike=LAKE)
    refused("texts and examples", like=LAKE, prompts=("lake",))
    refused("at once", like=LAKE, photo="a.png")
    refused("finite", like=(1.0, float("nan")))
    refused("cosine scores are for texts", like=LAKE, scores="cosine")
    refused("no such photo", photo=str(tmp_path / "none.jpg"))
    (tmp_path / "text.jpg").write_text("no picture")
    refused("JPEG or PNG", photo=str(tmp_path / "text.jpg"))
    bare = shutil.copytree(colour_model, tmp_path / "bare")
    clip = load_file(bare / "clip.safetensors")
    save_file({k: v for k, v in clip.items() if not k.startswith("visual.")}, bare / "clip.safetensors")
    refused("no encoder for ground photos", model=str(bare), photo=photo_of(tmp_path / "p.png", (1, 2, 3)))
    pixels = np.full((3, 256, 256), 100, np.uint8)
    pixels[:, :74, :58] = 0
    with rasterio.open(
        tmp_path / "hole.tif", "w", driver="GTiff", width=256, height=256, count=3, dtype="uint8", nodata=0,
        crs="EPSG:32615", transform=from_origin(500_000, 5_000_000, 1, 1),
    ) as out:  # fmt: skip
        out.write(pixels)
    refused("no data at the point", raster=str(tmp_path / "hole.tif"), like=(500_020.0, 4_999_980.0))
    edge = find(raster=str(tmp_path / "hole.tif"), like=(500_060.5, 4_999_970.0))
    assert edge[0].maximum == pytest.approx(1.0, abs=0.05)  # two thirds of the point's cell are missing
    found = run_estimate(EstimateRequest(str(colour_scene.path), model=str(colour_model), like=LAKE))
    assert found.tiles > 0 and found.model_state == "ready"


def test_the_command_takes_points_and_says_in_the_file_what_they_were(colour_scene, colour_model, tmp_path, capsys):
    heatmap = tmp_path / "h.tif"
    words = ["query", str(colour_scene.path), "--model", str(colour_model), "--heatmap", str(heatmap), "--json"]
    lon, lat = transform("EPSG:32615", "EPSG:4326", [LAKE[0]], [LAKE[1]])
    assert lon[0] < 0  # an option's value that looks like an option
    assert cli.main([*words, "--like", f"{lon[0]!r},{lat[0]!r}", "--crs", "EPSG:4326", "--name", "my lake"]) == 0
    assert json.loads(capsys.readouterr().out)["prompts"][0]["prompt"] == "my lake"
    with rasterio.open(heatmap) as src:
        tags = src.tags()
        assert src.descriptions == ("my lake",) and tags["scores"] == "likeness"
        assert json.loads(tags["like"]) == [lon[0], lat[0]] and tags["points_crs"] == "EPSG:4326"
    assert cli.main([*words, "--like", "1,2,3"]) == 2
    assert "must be 2 numbers" in capsys.readouterr().err


def test_the_bundled_model_ranks_lakes_first_by_click_and_by_photo(tmp_path):
    common = {"raster": str(ROOT / "resources" / "scenes" / "farmland.tif"), "store": str(tmp_path / "store")}

    def scores(**more):
        result = run_query(QueryRequest(**common, heatmap=str(tmp_path / "h.tif"), **more))
        with rasterio.open(tmp_path / "h.tif") as src:
            return src.read(1), src.transform, result.prompts[0]

    text, place, asked = scores(prompts=("lake",))
    lake = text >= asked.threshold
    row, col = np.unravel_index(np.nanargmax(text), text.shape)
    clicked, _, found = scores(like=place @ (col + 0.5, row + 0.5))
    assert auc(clicked.ravel(), lake.ravel()) > 0.97
    taken = clicked >= found.threshold
    assert (taken & lake).sum() / (taken | lake).sum() > 0.6
    labels = np.full((160, 160), LABEL["meadow"], np.uint8)
    labels[40:, :] = LABEL["lake"]
    spot = np.array([100]), np.array([80]), np.array([np.pi])
    view = render_views(labels, 1.0, *spot, np.random.default_rng(0))[0]
    Image.fromarray(np.moveaxis(view, 0, -1)).save(tmp_path / "shore.jpg", quality=95)
    seen, _, _ = scores(photo=str(tmp_path / "shore.jpg"))
    assert auc(seen.ravel(), lake.ravel()) > 0.9
