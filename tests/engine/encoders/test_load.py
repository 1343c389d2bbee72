"""The bundled layout, ids, paths and the texts that go with them."""

from __future__ import annotations

import json
import shutil
import sys

import pytest
import torch

from graft_plugin.engine import load_encoder, load_text_encoder
from graft_plugin.engine.encoders import load, registry
from graft_plugin.engine.encoders.checksum import file_sha256
from graft_plugin.errors import CheckpointError, UsageError


@pytest.fixture
def mini(colour_model, tmp_path):
    return shutil.copytree(colour_model, tmp_path / "mini")


def test_mini_by_id(mini, monkeypatch):
    monkeypatch.setattr(registry, "resources", lambda: mini.parent)
    (mini.parent / "models.json").write_text(
        json.dumps(
            {
                "models": [
                    {
                        "id": "mini", "title": "t", "family": "graft", "kind": "image-text", "licence": "x",
                        "folder": "mini",
                        "gsd": {"presets": {"naip": 1.0}, "finest_m": 1.0, "coarsest_m": 10.0, "max_upsampling": 2.0},
                    }
                ]
            }
        )
    )  # fmt: skip
    model = load_encoder("mini", precision="fp32")
    assert (model.model_id, model.dim, model.tile_px, model.patch_px, model.global_bias) == ("mini", 32, 224, 16, 0.0)
    assert model.sha256 == file_sha256(mini / "graft.safetensors")
    assert model.gsd.gsd_for("naip", 5.0) == 2.5


def test_mini_by_folder_or_file(mini):
    blue = torch.zeros(1, 3, 224, 224, dtype=torch.uint8)
    blue[:, 2] = 200
    for where in (mini, str(mini), mini / "graft.safetensors"):
        model, texts = load_encoder(where, precision="fp32"), load_text_encoder(where)
        scores = model.encode(blue).patches @ texts.encode(["soil", "forest", "lakes"]).T
        assert (scores.argmax(-1) == 2).all()
        assert texts.logit_scale == pytest.approx(100.0)
        assert texts.unknown_words("a view of zebras") == ("zebras",)
        assert texts.contrast == ("soil", "forest", "lake")


def test_activation_of_the_mini_follows_its_configuration(mini):
    config = json.loads((mini / "config.json").read_text())
    for quick in (True, False):
        config["clip"]["quick_gelu"] = quick
        (mini / "config.json").write_text(json.dumps(config | {"other": 1}))
        assert load.read_image_weights(*_located(mini)).quick_gelu is quick


def _located(folder):
    path, config = load.locate(folder, None)
    return path, None, config


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c.pop("words"), "lacks words"),
        (lambda c: c["words"].append("zebra"), "tokens"),
        (lambda c: c["clip"]["text_cfg"].update(layers=2), "missing transformer.resblocks.1"),
    ],
)
def test_wrong_configurations(mini, change, says):
    config = json.loads((mini / "config.json").read_text())
    change(config)
    (mini / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match=says):
        load_text_encoder(mini)


def test_broken_configuration_and_missing_files(mini):
    (mini / "config.json").write_text("{")
    with pytest.raises(CheckpointError, match="configuration"):
        load_encoder(mini)
    (mini / "graft.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"graft\.safetensors.*no such file|configuration"):
        load_encoder(mini)


def test_unknown_ids_and_paths(tmp_path):
    with pytest.raises(UsageError, match="no model 'lake-finder'"):
        load_encoder("lake-finder")
    for path in ("lake.pt", str(tmp_path / "none"), tmp_path / "none.pt"):
        with pytest.raises(CheckpointError, match="no such file"):
            load_encoder(path)
    with pytest.raises(UsageError, match="no text"):
        (registry.models_folder() / "sam_vit_b").mkdir(parents=True)
        torch.save({"a": torch.zeros(1)}, registry.find("sam_vit_b").path)
        load_encoder("sam_vit_b")


def test_missing_files_tell_the_way():
    with pytest.raises(CheckpointError, match=r"graft models fetch openai-vit-b-16` \(351 MB\)"):
        load_encoder("openai-vit-b-16")
    with pytest.raises(CheckpointError, match=r"graft\.cs\.cornell\.edu.*graft models add FILE --as graft-naip"):
        load_encoder("graft-naip")


def test_importing_the_engine_stays_light():
    import subprocess

    heavy = ("torch", "open_clip", "rasterio")
    code = f"import sys, graft_plugin.engine; sys.exit(any(m in sys.modules for m in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
