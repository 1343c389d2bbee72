"""Folders that somebody else holds for a moment, or for good."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from graft_plugin.client import folders
from graft_plugin.client.mend import forget_broken
from graft_plugin.client.ready import Mark, env_state, read_mark, write_mark
from graft_plugin.client.store_folder import clear_store, store_folder, stored_bytes
from graft_plugin.errors import Cancelled, EngineError, StoreError


@pytest.fixture
def scanner(monkeypatch):
    """`scanner(n)`: the next n renames fail, as they do while a virus scanner reads the file."""
    left = [0]
    real = os.replace

    def replace(source, target):
        if left[0]:
            left[0] -= 1
            raise PermissionError(errno.EACCES, "Access is denied", str(source))
        real(source, target)

    def hold(times):
        left[0] = times

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(folders, "PAUSE_S", 0.01)
    return hold


def test_a_file_held_for_a_moment_is_waited_for(tmp_path, scanner):
    scanner(3)
    write_mark(tmp_path, Mark("r", versions={"torch": "2"}))
    assert read_mark(tmp_path) == Mark("r", versions={"torch": "2"})
    folder = tmp_path / "env 환경"
    (folder / "a").mkdir(parents=True)
    scanner(3)
    folders.remove_folder(folder)
    assert not folder.exists() and [path.name for path in tmp_path.iterdir()] == ["graft-ready.json"]


def test_a_folder_held_for_good_is_named_and_stays_whole(tmp_path, scanner, monkeypatch):
    monkeypatch.setattr(folders, "RETRY_S", 0.05)
    folder = tmp_path / "env"
    (folder / "a").mkdir(parents=True)
    scanner(10_000)
    with pytest.raises(EngineError, match="in use") as caught:
        folders.remove_folder(folder)
    assert caught.value.path == str(folder) and "virus scanner" in caught.value.remedy
    assert (folder / "a").is_dir() and [path.name for path in tmp_path.iterdir()] == ["env"]


def test_no_disk_space_is_not_waited_out(tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    monkeypatch.setattr(folders, "RETRY_S", 60.0)
    with pytest.raises(OSError, match="No space"):
        folders.replace_text(tmp_path / "a", "text")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"recipe": "r"}', "no json"])
def test_half_a_mark_is_none(tmp_path, text):
    (tmp_path / "env").mkdir()
    assert env_state("r", tmp_path) == "unfinished"
    (tmp_path / "env" / "graft-ready.json").write_text(text)
    assert read_mark(tmp_path / "env") is None
    write_mark(tmp_path / "env", Mark("other"))
    assert env_state("r", tmp_path) == "outdated" and env_state("other", tmp_path) == "ready"


def test_a_package_without_a_file_or_with_half_of_one_is_forgotten(tmp_path):
    site = tmp_path / "lib" / "python3.12" / "site-packages"

    def package(name, record="a.py,sha256=x,4\nb.pyc,,\n"):
        info = site / f"{name}-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").touch()
        (info / "RECORD").write_text(record)
        return info

    (site / "x").mkdir(parents=True)
    (site / "a.py").write_text("four")
    (site / "b.pyc").touch()
    package("whole")
    package("short", "a.py,sha256=x,5\n")
    package("gone", "c.py,sha256=x,1\n")
    (package("early") / "RECORD").unlink()
    assert forget_broken(tmp_path, lambda: False) == ["early-1.dist-info", "gone-1.dist-info", "short-1.dist-info"]
    assert [path.name for path in site.glob("*.dist-info")] == ["whole-1.dist-info"]
    with pytest.raises(Cancelled):
        forget_broken(tmp_path, lambda: True)


def test_the_store_is_measured_and_emptied_of_what_is_the_engines(tmp_path, monkeypatch):
    field, foreign = tmp_path / ("0f" * 32), tmp_path / "photos"
    for place in (field / "data", tmp_path / "sam" / "x", tmp_path / "scenes", foreign):
        place.mkdir(parents=True)
        (place / "file").write_bytes(b"x" * 1000)
    (field / "key.json").write_text("{}")
    (tmp_path / ("0e" * 32)).symlink_to(foreign)
    assert stored_bytes(tmp_path, lambda: False) == 3002 and stored_bytes(tmp_path / "none", lambda: False) == 0
    with pytest.raises(Cancelled):
        clear_store(tmp_path, lambda: True)
    assert stored_bytes(tmp_path, lambda: False) == 3002

    def held(place):
        raise PermissionError(errno.EACCES, "Access is denied", str(place))

    with monkeypatch.context() as patch:
        patch.setattr(folders, "RETRY_S", 0.05)
        patch.setattr("shutil.rmtree", held)
        with pytest.raises(StoreError, match="cannot be deleted"):
            clear_store(tmp_path, lambda: False)
    assert not (field / "key.json").exists(), "what may be half-deleted is not read again"
    clear_store(tmp_path, lambda: False)
    assert stored_bytes(tmp_path, lambda: False) == 0 and (foreign / "file").exists()
    assert store_folder(" ") == Path(os.environ["GRAFT_HOME"]) / "store" and store_folder("/a") == Path("/a")
