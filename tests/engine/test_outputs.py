"""Files appear whole or not at all."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading

import pytest

from graft_plugin.engine import outputs
from graft_plugin.engine.outputs import Staging, check_target
from graft_plugin.errors import OutputError, UsageError


def test_commit_replaces_and_leaves_nothing_else(tmp_path):
    target = tmp_path / "결과 map.tif"
    target.write_text("old")
    with Staging() as staging:
        place = staging.place(target)
        place.write_text("new")
        assert target.read_text() == "old"
        staging.commit()
        assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["결과 map.tif"]


def test_a_failure_leaves_what_was_there(tmp_path):
    target = tmp_path / "map.tif"
    target.write_text("old")
    with pytest.raises(RuntimeError), Staging() as staging:
        staging.place(target).write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["map.tif"]


def test_an_error_about_a_hidden_name_tells_the_targets(tmp_path):
    target = tmp_path / "map.tif"
    with pytest.raises(OutputError) as caught, Staging() as staging:
        raise OutputError("the disk is full", path=str(staging.place(target)))
    assert str(caught.value) == f"{target}: the disk is full"


def test_scratch_files_go_with_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(outputs.tempfile, "gettempdir", lambda: str(tmp_path))
    with Staging() as staging:
        staging.scratch("scores").write_text("x")
        assert len(os.listdir(tmp_path)) == 1
    for thread in threading.enumerate():
        if thread.name == "graft-cleaning":
            thread.join(10)
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="POSIX processes")
def test_what_a_killed_run_left_is_removed_by_the_next_and_a_live_runs_files_are_not(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from graft_plugin.engine.outputs import Staging\n"
        "staging = Staging(); staging.place(Path(sys.argv[1])).write_text('half')\n"
        "print(flush=True); input(); os.kill(os.getpid(), 9)"
    )
    target = tmp_path / "map.tif"
    target.write_text("old")
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(target)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    elsewhere = tmp_path / f".graft-{platform.node()}x-{process.pid}-abc"
    elsewhere.mkdir()
    with Staging() as staging:
        staging.place(target)
        assert len(os.listdir(tmp_path)) == 4
    process.communicate("\n")
    assert target.read_text() == "old"
    assert len(os.listdir(tmp_path)) == 3
    with Staging() as staging:
        staging.place(target)
    assert sorted(os.listdir(tmp_path)) == [elsewhere.name, "map.tif"]


def test_targets_that_cannot_be_are_told_before_any_work(tmp_path):
    file = tmp_path / "file.tif"
    file.write_text("x")
    (tmp_path / "folder.tif").mkdir()
    with pytest.raises(UsageError, match=r"must end in \.tif or \.tiff"):
        check_target(str(tmp_path / "map.png"), (".tif", ".tiff"))
    with pytest.raises(OutputError, match="does not exist"):
        check_target(str(tmp_path / "no" / "map.tif"), (".tif",))
    with pytest.raises(OutputError, match="is not a folder"):
        check_target(str(file / "map.tif"), (".tif",))
    with pytest.raises(OutputError, match="is a folder"):
        check_target(str(tmp_path / "folder.tif"), (".tif",))
    with pytest.raises(OutputError, match="cannot be used"):
        check_target(str(tmp_path / ("x" * 300 + ".tif")), (".tif",))
    file.chmod(0o444)
    with pytest.raises(OutputError, match="is read-only"):
        check_target(str(file), (".tif",))
    assert check_target(str(tmp_path / "MAP.TIF"), (".tif",)) == tmp_path / "MAP.TIF"
