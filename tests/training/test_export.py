"""A run's model in the official layout: what the engine makes of it is what was trained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from graft_plugin.engine import load_encoder, load_text_encoder
from graft_plugin.errors import CheckpointError
from training.config import TrainConfig
from training.export import export_graft, load_tower
from training.fit import fit
from training.lora import add_lora, merge_lora
from training.tower import Tower, load_parent

from .conftest import write_clip

MINI = Path(__file__).resolve().parents[2] / "resources" / "mini"


def tiles(count, px):
    return torch.randint(0, 256, (count, 3, px, px), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def short_run(pairs, out, parent, **settings):
    usual = {"steps": 3, "batch": 4, "lr": 2e-3, "workers": 0, "device": "cpu", "precision": "fp32", "warmup": 0.0}
    config = TrainConfig(pairs, out, parent=str(parent), tensorboard=False, **{**usual, **settings})
    return fit(config).best


def compare(path, checkpoint, px, patches=True):
    """The engine's vectors of the exported file against the trained module's, float32 both."""
    tower, facts = load_tower(checkpoint)
    with torch.no_grad():
        image, spots = tower(tiles(3, px))
    found = load_encoder(path, precision="fp32").encode(tiles(3, px))
    assert (found.image * image).sum(-1).min() > 0.9999 and (found.image - image).abs().max() < 5e-3
    if patches:
        found = found.patches.flatten(1, 2)
        assert (found * spots).sum(-1).min() > 0.9999 and (found - spots).abs().max() < 5e-3
    return facts


def moved(checkpoint, parent):
    """How far training took the weights."""
    before, after = Tower(load_parent(str(parent)).weights).official()[0], load_tower(checkpoint)[0].official()[0]
    return max(float((after[n] - v).abs().max()) for n, v in before.items())


@pytest.mark.parametrize("patch_px", [16, 32])
def test_a_clip_becomes_a_graft_model(small_pairs, tmp_path, patch_px):
    clip = write_clip(tmp_path / "clip.safetensors", patch_px=patch_px)
    best = short_run(small_pairs, tmp_path / "run", clip, validation_share=0.0)
    assert moved(best, clip) > 1e-3
    path = export_graft(best, tmp_path / "model", {"title": "Lakes of Minnesota", "data": {"photos": 27}})
    facts = compare(path, best, 64)
    assert not facts["quick_gelu"]
    state = load_file(path)
    assert all(v.dtype == torch.float16 for n, v in state.items() if n != "logit_scale")
    assert "satellite_image_backbone.vision_model.pre_layrnorm.weight" in state and "projector.1.weight" in state
    assert float(state["logit_scale"]) == pytest.approx(1 / 0.07)
    card = json.loads((tmp_path / "model" / "card.json").read_text())
    assert (card["title"], card["data"], card["parent"]["name"]) == ("Lakes of Minnesota", {"photos": 27}, "clip")
    text = (tmp_path / "model" / "card.md").read_text()
    assert "Lakes of Minnesota" in text and "GELU" in text and str(tmp_path) not in text + json.dumps(card)


def test_the_mini_model_is_trained_on_with_its_words(tmp_path):
    from .pair_folder import write_tiles

    pairs = write_tiles(tmp_path / "pairs", 10, size=240)
    best = short_run(pairs, tmp_path / "run", "mini", level="both", validation_share=0.2)
    path = export_graft(best, tmp_path / "model", {})
    compare(path, best, 224)
    ours, theirs = load_text_encoder(path), load_text_encoder("mini")
    assert torch.equal(ours.encode(["lake"]), theirs.encode(["lake"])) and ours.logit_scale == theirs.logit_scale
    assert load_text_encoder(path.parent).unknown_words("zeppelin") == ("zeppelin",)
    with safe_open(MINI / "graft.safetensors", "pt") as file:
        assert set(load_file(path)) == set(file.keys())
    again = load_parent(str(path))
    assert again.folder == path.parent and again.weights.projector is not None
    card = (tmp_path / "model" / "card.md").read_text()
    assert "licence: GPL-3.0-or-later" in card and "## Scores on held-out places" in card


def test_the_image_level_leaves_patches_to_the_training_free_block(small_clip, small_pairs, tmp_path):
    best = short_run(small_pairs, tmp_path / "run", small_clip, level="image", validation_share=0.0)
    path = export_graft(best, tmp_path / "model", {}, logit_scale=50.0)
    compare(path, best, 64, patches=False)
    encoder = load_encoder(path)
    assert encoder.global_bias == -0.3 and encoder.logit_scale == 50.0
    assert "Patches were not trained" in (tmp_path / "model" / "card.md").read_text()


def test_lora_trains_little_and_is_merged(small_clip, small_pairs, tmp_path):
    best = short_run(small_pairs, tmp_path / "run", small_clip, lora_rank=4, validation_share=0.0, steps=4)
    held = torch.load(best, weights_only=True)
    state = {name.removeprefix("tower."): value for name, value in held["state_dict"].items()}
    apart = Tower(load_parent(str(small_clip)).weights)
    add_lora(apart, 4, None, 0)
    trained = sum(p.numel() for p in apart.parameters() if p.requires_grad)
    assert trained < 0.35 * sum(p.numel() for p in apart.parameters())
    frozen = Tower(load_parent(str(small_clip)).weights).visual.state_dict()
    assert torch.equal(state["visual.conv1.weight"], frozen["conv1.weight"])
    assert any("lora_B" in name and value.abs().max() > 1e-4 for name, value in state.items())
    apart.load_state_dict(state)
    with torch.no_grad():
        expected = apart.eval()(tiles(2, 64))
        merge_lora(apart)
        merged = apart(tiles(2, 64))
    assert not any("lora" in name for name in apart.state_dict())
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(expected, merged, strict=True))
    compare(export_graft(best, tmp_path / "model", {}), best, 64)
    assert moved(best, small_clip) > 1e-4


def test_a_start_from_clip_gives_clips_own_vectors(small_clip):
    tower = Tower(load_parent(str(small_clip)).weights).eval()
    with torch.no_grad():
        image, patches = tower(tiles(3, 64))
    found = load_encoder(small_clip, precision="fp32").encode(tiles(3, 64)).image
    assert torch.allclose(image, found, atol=1e-5)
    assert torch.allclose(patches.norm(dim=-1), torch.ones(3, 16), atol=1e-5)
    graft = Tower(load_parent("mini").weights).eval()
    with torch.no_grad():
        image, patches = graft(tiles(2, 224))
    found = load_encoder("mini", precision="fp32").encode(tiles(2, 224))
    assert torch.allclose(image, found.image, atol=1e-4)
    assert torch.allclose(patches, found.patches.flatten(1, 2), atol=1e-4)


def test_what_is_no_checkpoint_is_refused_and_nothing_is_left(tmp_path):
    save_file({"x": torch.zeros(2)}, tmp_path / "x.safetensors")
    for path in (tmp_path / "x.safetensors", tmp_path / "none.ckpt"):
        with pytest.raises(CheckpointError, match="no checkpoint of a training run"):
            export_graft(path, tmp_path / "model", {})
    assert not (tmp_path / "model").exists()


def test_weights_beyond_float16_are_refused(small_clip, small_pairs, tmp_path):
    best = short_run(small_pairs, tmp_path / "run", small_clip, validation_share=0.0, steps=1)
    held = torch.load(best, weights_only=True)
    held["state_dict"]["tower.projector.1.weight"][0, 0] = 1e6
    torch.save(held, tmp_path / "wild.ckpt")
    with pytest.raises(CheckpointError, match=r"projector\.1\.weight holds values that float16 cannot"):
        export_graft(tmp_path / "wild.ckpt", tmp_path / "model", {})
    assert not list((tmp_path / "model").glob("*")) if (tmp_path / "model").exists() else True
