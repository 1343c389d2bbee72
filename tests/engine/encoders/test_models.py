"""The list of models, and what `graft models` does to it."""

from __future__ import annotations

import json
import re

import open_clip
import pytest
import torch

from graft_plugin.engine import load_encoder, load_text_encoder
from graft_plugin.engine.encoders import catalogue, models, registry
from graft_plugin.engine.encoders.checksum import file_sha256
from graft_plugin.engine.encoders.graft import to_graft_state_dict
from graft_plugin.engine.home import resources
from graft_plugin.errors import CheckpointError, OfflineError, UsageError


@pytest.fixture
def clip_file(tmp_path):
    torch.manual_seed(0)
    model = open_clip.model.CLIP(
        embed_dim=512,
        vision_cfg={"image_size": 32, "patch_size": 16, "width": 64, "layers": 1, "head_width": 64},
        text_cfg={"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 1, "layers": 1},
    )
    torch.save(model.state_dict(), tmp_path / "clip.pt")
    return tmp_path / "clip.pt"


@pytest.fixture
def graft_file(tmp_path):
    tower = open_clip.transformer.VisionTransformer(32, 16, 64, 1, 1, 4.0, output_dim=512)
    projector = {"0.weight": torch.ones(64), "0.bias": torch.zeros(64), "1.weight": torch.randn(512, 64)}
    torch.save({"state_dict": to_graft_state_dict(tower.state_dict(), projector)}, tmp_path / "graft_naip.ckpt")
    return tmp_path / "graft_naip.ckpt"


def test_every_bundled_entry_is_sound():
    entries = registry.load_registry()
    assert {"mini", "graft-naip", "graft-sentinel2", "openai-vit-b-16", "openai-vit-l-14", "sam_vit_h"} <= set(entries)
    for entry in entries.values():
        registry.check_id(entry.id)
        assert entry.licence and entry.title and entry.bands == ("red", "green", "blue")
        assert entry.sha256 is None or re.fullmatch("[0-9a-f]{64}", entry.sha256)
        assert entry.address is None or entry.address.startswith("https://")
        assert (entry.gsd is None) == (entry.family == "sam")
        assert entry.text is None or entry.text in entries
        if entry.architecture:
            assert open_clip.get_model_config(entry.architecture)
        if entry.family == "open_clip":
            assert entry.architecture
        if entry.kind == "image-text":
            assert entry.templates and entry.contrast and all("{}" in t for t in entry.templates)
        if "openaipublic" in (entry.address or ""):
            assert entry.sha256 in entry.address
            assert entry.architecture.endswith("quickgelu")
    rule = entries["mini"].gsd
    assert (rule.finest_m, rule.coarsest_m, rule.max_upsampling) == (1.0, 5.0, 2.0)
    assert dict(rule.presets) == {"naip": 1.0, "sentinel2": 5.0, "rgb": 1.0}


def test_states_and_json():
    states = {m.id: m for m in catalogue.list_models()}
    assert states["openai-vit-b-16"].state == "download"
    assert states["openai-vit-b-16"].size_bytes == 351_000_000
    assert states["graft-naip"].state == "file"
    assert "graft.cs.cornell.edu" in states["graft-naip"].notes
    json.dumps([m.to_dict() for m in catalogue.list_models()])


def test_add_a_model_of_ones_own(clip_file):
    state = models.add(clip_file, "my-clip", "open_clip")
    assert (state.state, state.sha256, state.checksum) == ("ready", file_sha256(clip_file), "publisher")
    assert "taken to be GELU" in state.notes
    clip_file.unlink()
    assert models.verify("my-clip").state == "ready"
    model = load_encoder("my-clip", precision="fp32")
    assert (model.model_id, model.dim, model.sha256) == ("my-clip", 512, state.sha256)
    assert load_text_encoder("my-clip").encode(["lake"]).shape == (1, 512)
    assert load_text_encoder("my-clip").logit_scale == pytest.approx(1 / 0.07, rel=1e-3)


def test_nothing_is_overwritten(clip_file, graft_file):
    models.add(clip_file, "my-clip", "open_clip")
    for taken in ("my-clip", "mini"):
        with pytest.raises(UsageError, match="already"):
            models.add(graft_file, taken, "graft")
    with pytest.raises(UsageError, match="family"):
        models.add(clip_file, "graft-naip", "open_clip")
    with pytest.raises(UsageError, match="already"):
        registry.remember_entry(registry.find("my-clip"))
    with pytest.raises(UsageError, match="cannot be"):
        models.add(clip_file, "../evil", "open_clip")
    with pytest.raises(UsageError, match="no family"):
        models.add(clip_file, "x", "llm")


def test_bring_the_file_of_a_listed_model(graft_file, clip_file):
    state = models.add(graft_file, "graft-naip", "graft")
    assert (state.state, state.checksum) == ("ready", "recorded")
    assert load_encoder("graft-naip", precision="fp32").gsd.gsd_for("naip", 0.6) == 1.0
    with pytest.raises(CheckpointError, match="fetch openai-vit-b-16"):
        load_text_encoder("graft-naip")
    entry = registry.find("openai-vit-b-16")
    entry.path.parent.mkdir(parents=True)
    clip_file.rename(entry.path)
    with pytest.raises(CheckpointError):  # the tiny tower is not ViT-B/16's
        load_text_encoder("graft-naip")


def test_graft_texts_use_grafts_own_temperature(graft_file, clip_file):
    models.add(clip_file, "my-clip", "open_clip")
    models.add(graft_file, "my-graft", "graft", text="my-clip")
    texts = load_text_encoder("my-graft")
    assert texts.logit_scale == pytest.approx(1 / 0.07)
    assert torch.equal(texts.encode(["lake"]), load_text_encoder("my-clip").encode(["lake"]))


def test_wrong_files_are_not_added(tmp_path, clip_file, graft_file):
    with pytest.raises(CheckpointError, match="not those of"):
        models.add(clip_file, "x", "graft")
    with pytest.raises(CheckpointError, match="no SAM"):
        models.add(graft_file, "x", "sam")
    with pytest.raises(CheckpointError, match="sizes are not those of ViT-B-16-quickgelu"):
        models.add(clip_file, "openai-vit-b-16", "open_clip")
    assert not registry.models_folder().exists() or not list(registry.models_folder().rglob("*.pt"))


def test_verify_notices_a_change(clip_file):
    models.add(clip_file, "my-clip", "open_clip")
    path = registry.find("my-clip").path
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(CheckpointError, match="has changed"):
        models.verify("my-clip")
    with pytest.raises(UsageError, match="no model"):
        models.verify("nothing")


def test_fetch_refuses_without_network_or_address():
    with pytest.raises(OfflineError):
        models.fetch("openai-vit-b-16", offline=True)
    with pytest.raises(CheckpointError, match="graft models add"):
        models.fetch("graft-naip", offline=True)


def test_a_list_that_names_an_id_twice(tmp_path):
    registry.models_folder().mkdir(parents=True)
    own = {"models": [{"id": "mini", "title": "", "family": "graft", "kind": "image-text", "licence": ""}]}
    (registry.models_folder() / "models.json").write_text(json.dumps(own))
    with pytest.raises(CheckpointError, match="listed twice"):
        registry.load_registry()
    (registry.models_folder() / "models.json").write_text("[")
    with pytest.raises(CheckpointError, match="cannot be read"):
        registry.load_registry()


def test_the_file_is_valid_json_without_duplicates():
    pairs = []
    json.loads((resources() / "models.json").read_text(), object_pairs_hook=lambda p: pairs.append([k for k, _ in p]))
    assert all(len(set(keys)) == len(keys) for keys in pairs)


def test_a_mistyped_id_gets_the_near_ones():
    with pytest.raises(UsageError, match="Did you mean mini") as caught:
        registry.find("mnii")
    assert "graft models list" in str(caught.value)
    with pytest.raises(UsageError) as caught:
        registry.find("zzzzzz")
    assert "Did you mean" not in str(caught.value)
