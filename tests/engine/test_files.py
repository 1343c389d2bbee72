"""Files that several processes share."""

from __future__ import annotations

import threading
import time

import pytest

from graft_plugin.engine.files import locked, locked_until_gone, replace_text


def test_replace_text(tmp_path):
    path = tmp_path / "새 폴더" / "a.txt"
    replace_text(path, "old")
    replace_text(path, "새것\n")
    assert path.read_text(encoding="utf-8") == "새것\n"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_a_failed_replacement_leaves_the_old(tmp_path):
    path = tmp_path / "a.txt"
    replace_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        replace_text(path, "\ud800")
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("hold", [locked, lambda path: locked_until_gone(path, lambda: None)])
def test_one_holder_at_a_time(tmp_path, hold, monkeypatch):
    monkeypatch.setattr("graft_plugin.engine.files.WAIT_S", 0.0005)
    inside, most = [], []

    def work():
        for _ in range(20):
            with hold(tmp_path / "lock"):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.0005)
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 60 and max(most) == 1


def test_a_lock_is_let_go_on_errors(tmp_path):
    with pytest.raises(ValueError), locked(tmp_path / "lock"):
        raise ValueError
    with locked(tmp_path / "lock"):
        pass
