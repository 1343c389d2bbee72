"""Models made here: a folder comes in whole, is listed and used, and goes whole."""

from __future__ import annotations

import json
import shutil

import pytest

from graft_plugin.engine.cli import main
from graft_plugin.engine.encoders.catalogue import list_models
from graft_plugin.engine.encoders.derived import add_folder, check_free, remove
from graft_plugin.engine.encoders.registry import ModelEntry, find, load_registry, models_folder
from graft_plugin.engine.grid import GsdRule
from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.service import HANDLERS
from graft_plugin.errors import UsageError

GSD = GsdRule({"naip": 2.0}, 1.0, 4.0, 2.0)


def entry(model_id, text=None):
    return ModelEntry(
        id=model_id, title="made here", family="graft", kind="image-text", licence="mine", gsd=GSD, text=text
    )


def made(colour_model, name="made"):
    folder = models_folder() / f".{name}"
    shutil.copytree(colour_model, folder)
    return folder


def test_a_folder_is_added_and_removed_whole(colour_model, capsys):
    stale = models_folder() / "ours"
    stale.mkdir(parents=True)
    (stale / "left over").write_text("by a run that was killed")
    folder = made(colour_model)
    found = add_folder(folder, entry("ours"))
    assert not folder.exists() and not (stale / "left over").exists()
    assert found == find("ours") and found.user and found.gsd == GSD and found.state == "ready"
    assert found.path.with_name("config.json").is_file() and len(found.sha256) == 64
    assert {state.id: state.user for state in list_models()}["ours"] and not list_models()[0].user
    assert main(["models", "verify", "ours"]) == 0
    second = made(colour_model, "second")
    with pytest.raises(UsageError, match="already"):
        add_folder(second, entry("ours"))
    assert second.exists(), "what was refused is not touched"
    add_folder(second, entry("child", text="ours"))
    with pytest.raises(UsageError, match="takes its texts"):
        remove("ours")
    assert HANDLERS["remove"]({"model": "child"}, lambda *_: None, CancelToken()) == {"removed": "child"}
    capsys.readouterr()
    assert main(["models", "remove", "ours", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": "ours"}
    assert "ours" not in load_registry() and [p.name for p in models_folder().iterdir()] == ["models.json"]


def test_what_cannot_be_added_or_removed_is_refused():
    for name in ("Upper", "", "../up", "mini"):
        with pytest.raises(UsageError):
            check_free(name)
    check_free("free-1")
    with pytest.raises(UsageError, match="comes with GRAFT"):
        remove("openai-vit-b-16")
    with pytest.raises(UsageError, match="no model"):
        remove("nothing")
