"""The worker's `fetch`: a model and the text tower that goes with it, from a real server, byte by byte."""

from __future__ import annotations

import json
import time

import open_clip
import pytest
import torch

from graft_plugin.engine.encoders.graft import to_graft_state_dict
from graft_plugin.engine.home import graft_home
from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.service import HANDLERS
from graft_plugin.errors import Cancelled, OfflineError, UsageError

from ..servers import Quiet, files_served

pytestmark = pytest.mark.usefixtures("direct")


@pytest.fixture
def files(tmp_path):
    """A folder with a GRAFT checkpoint and the CLIP that goes with it."""
    torch.manual_seed(0)
    tower = open_clip.transformer.VisionTransformer(32, 16, 64, 1, 1, 4.0, output_dim=512)
    projector = {"0.weight": torch.ones(64), "0.bias": torch.zeros(64), "1.weight": torch.randn(512, 64)}
    clip = open_clip.model.CLIP(
        embed_dim=512,
        vision_cfg={"image_size": 32, "patch_size": 16, "width": 64, "layers": 1, "head_width": 64},
        text_cfg={"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 1, "layers": 1},
    )
    folder = tmp_path / "served"
    folder.mkdir()
    torch.save({"state_dict": to_graft_state_dict(tower.state_dict(), projector)}, folder / "graft.ckpt")
    torch.save(clip.state_dict(), folder / "clip.pt")
    return folder


class _Slow(Quiet):
    """Serves a file, and waits in its middle."""

    def copyfile(self, source, outputfile):
        data = source.read()
        outputfile.write(data[: len(data) // 2])
        outputfile.flush()
        time.sleep(5)


def list_models_at(address, folder):
    """Put two models of a server into the user's list."""
    common = {"licence": "none", "kind": "image-text", "gsd": {"presets": {"rgb": 1.0}}}
    models = [
        {"id": "ours", "title": "Ours", "family": "graft", "text": "its-clip", "address": f"{address}/graft.ckpt",
         "size_bytes": (folder / "graft.ckpt").stat().st_size, **common},
        {"id": "its-clip", "title": "Its CLIP", "family": "open_clip", "address": f"{address}/clip.pt",
         "size_bytes": (folder / "clip.pt").stat().st_size, **common},
    ]  # fmt: skip
    (graft_home() / "models").mkdir(parents=True, exist_ok=True)
    (graft_home() / "models" / "models.json").write_text(json.dumps({"models": models}))


def state_of(model):
    found = {entry["id"]: entry for entry in HANDLERS["models"]({}, lambda *_: None, CancelToken())["models"]}
    return found[model]


def test_a_model_comes_with_its_text_tower_and_its_bytes_are_told(files):
    total = sum(path.stat().st_size for path in files.iterdir())
    with files_served(files) as address:
        list_models_at(address, files)
        before = state_of("ours")
        assert (before["state"], before["text_state"], before["download_bytes"]) == ("download", "download", total)
        seen = []
        result = HANDLERS["fetch"]({"model": "ours"}, lambda *a: seen.append(a), CancelToken())
        json.dumps(result, allow_nan=False)
        assert result["id"] == "ours" and result["state"] == "ready" and result["fetched"] == ["ours", "its-clip"]
        told = [(done, whole) for stage, done, whole in seen if stage == "fetch"]
        assert {whole for _, whole in told} == {total} and told[-1] == (total, total)
        assert [done for done, _ in told] == sorted(done for done, _ in told)
        after = state_of("ours")
        assert (after["state"], after["text_state"], after["download_bytes"]) == ("ready", "ready", 0)
        assert after["photo"] and not state_of("sam_vit_b")["photo"]
    again = HANDLERS["fetch"]({"model": "ours"}, lambda *_: None, CancelToken())  # the server is gone
    assert again["fetched"] == []


def test_a_cancel_ends_it_within_a_second_and_keeps_what_came(files):
    with files_served(files, _Slow) as address:
        list_models_at(address, files)
        token, at = CancelToken(), []

        def report(stage, done, total):
            if stage == "fetch" and done:
                at.append(time.monotonic())
                token.cancel()

        with pytest.raises(Cancelled):
            HANDLERS["fetch"]({"model": "its-clip"}, report, token)
        assert time.monotonic() - at[0] < 1.0
    assert state_of("its-clip")["state"] == "download"
    assert (graft_home() / "models" / "its-clip" / "clip.pt.part").stat().st_size > 0


def test_what_cannot_be_fetched_is_told(files):
    def fetch(**params):
        return HANDLERS["fetch"](params, lambda *_: None, CancelToken())

    with files_served(files) as address:
        list_models_at(address, files)
        with pytest.raises(OfflineError):
            fetch(model="ours", offline=True)
    with pytest.raises(UsageError, match="no model 'nothing'"):
        fetch(model="nothing")
    with pytest.raises(UsageError, match="model is missing"):
        fetch()
    with pytest.raises(Exception, match="graft models add"):
        fetch(model="graft-naip")
    assert fetch(model="mini")["fetched"] == []
