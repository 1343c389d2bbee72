"""Which Python becomes the engine's, what its process may see of ours, and what is said where there is none."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graft_plugin.client.environment import VERIFY_S, child_environment, find_engine
from graft_plugin.client.ready import Mark, env_folder, write_mark
from graft_plugin.errors import Cancelled, EngineError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch):
    monkeypatch.delenv("GRAFT_ENGINE_PYTHON", raising=False)


def script(path: Path, text: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_setting_comes_before_the_variable_and_that_before_the_checkout(tmp_path, monkeypatch):
    real = f'exec "{sys.executable}" "$@"'
    places = {
        "setting": script(tmp_path / "a b" / "파이썬", real),
        "variable": script(tmp_path / "variable", real),
        "checkout": script(tmp_path / "root" / ".venv" / "bin" / "python", real),
        "home": script(Path(os.environ["GRAFT_HOME"]) / "env" / "bin" / "python", real),
    }
    monkeypatch.setenv("GRAFT_ENGINE_PYTHON", str(places["variable"]))
    root = tmp_path / "root"
    assert find_engine(str(places["setting"]), root).python == places["setting"]
    assert find_engine("", root).python == places["variable"]
    monkeypatch.delenv("GRAFT_ENGINE_PYTHON")
    assert find_engine("", root).python == places["checkout"]
    places["checkout"].unlink()
    with pytest.raises(EngineError, match="was not built to its end"):
        find_engine("", root)
    write_mark(env_folder(), Mark("any"))
    assert find_engine("", root).python == places["home"]
    places["home"].unlink()
    with pytest.raises(EngineError) as caught:
        find_engine("", root)
    assert str(places["home"]) in caught.value.message and "GRAFT_ENGINE_PYTHON" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("echo no python >&2; exit 3", "exit status 3: no python"),
        ("echo '{\"version\": [3, 9], \"missing\": []}'", "is Python 3.9, and 3.11"),
        ("echo '{\"version\": [3, 12], \"missing\": [\"torch\"]}'", "lacks torch"),
        (None, "cannot be started (No such file or directory)"),
    ],
)
def test_a_named_python_that_will_not_do_is_refused_with_the_reason(tmp_path, text, words):
    python = tmp_path / "python"
    if text:
        script(python, text)
    with pytest.raises(EngineError) as caught:
        find_engine(str(python))
    assert words in str(caught.value) and str(python) in str(caught.value)


def test_a_python_that_gives_no_answer_can_be_cancelled(tmp_path):
    started = time.monotonic()
    python = script(tmp_path / "python", "exec sleep 60")
    with pytest.raises(Cancelled):
        find_engine(str(python), cancelled=lambda: time.monotonic() > started + 0.2)
    assert time.monotonic() - started < 1 < VERIFY_S


def test_what_qgis_sets_for_itself_does_not_reach_the_engine(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PROJ_LIB", str(tmp_path))
    monkeypatch.setenv("GDAL_DATA", str(tmp_path))
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    (tmp_path / "torch.py").write_text("raise SystemExit('the wrong torch')")
    engine = find_engine(sys.executable)
    seen = json.loads(
        subprocess.run(
            [engine.python, "-I", "-c", "import json, os; print(json.dumps(dict(os.environ)))"],
            env=engine.env, capture_output=True, check=True,
        ).stdout
    )
    assert {"PYTHONHOME", "PYTHONPATH", "PROJ_LIB", "GDAL_DATA", "LD_LIBRARY_PATH"}.isdisjoint(seen)
    assert seen["GRAFT_HOME"] == os.environ["GRAFT_HOME"] and seen["PATH"] == os.environ["PATH"]
    assert child_environment() == engine.env


def test_the_engine_is_the_code_beside_the_client():
    assert find_engine(sys.executable).command[-1] == str(ROOT)
