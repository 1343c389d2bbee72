"""Which Python the environment is made from."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from pathlib import Path

import pytest

from graft_plugin.client import pythons
from graft_plugin.client.pythons import candidates, find_base_python, probe
from graft_plugin.errors import EngineError


def never() -> bool:
    return False


def fake(folder: Path, name: str, version=(3, 12), lacks=(), bits=64, says=None) -> Path:
    """A script that answers as such a Python would, and leaves a trace of having been started."""
    path = folder / name
    answer = json.dumps({"python": str(path), "version": version, "lacks": list(lacks), "bits": bits})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\ntouch '{folder}/started'\necho '{says or answer}'\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"version": (3, 9)}, "is Python 3.9, and it must be 3.11 to 3.14"),
        ({"version": (3, 15)}, "is Python 3.15"),
        ({"lacks": ["ensurepip"]}, "lacks its module ensurepip .*apt install python3.12-venv"),
        ({"lacks": ["ssl"]}, "lacks its module ssl$"),
        ({"bits": 32}, "32-bit"),
        ({"says": "Python was not found"}, r"is no working Python \(exit status 0: Python was not found\)"),
    ],
)
def test_what_will_not_do_is_refused_with_the_reason(tmp_path, fields, words):
    path = fake(tmp_path, "python3", **fields)
    found, problem = probe(path, never)
    assert found is None and re.search(words, problem), problem
    with pytest.raises(EngineError) as caught:
        find_base_python(never, str(path))
    assert problem in caught.value.message and caught.value.path == str(path) and caught.value.remedy


def test_qgis_itself_is_never_started(tmp_path, monkeypatch):
    for name in ("qgis.bin", "qgis-bin.exe", "QGIS", "python-launcher.sh"):
        found, problem = probe(fake(tmp_path, name), never)
        assert found is None and "was not started" in problem
    assert not (tmp_path / "started").exists()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "qgis.bin"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tmp_path / "qgis.bin" not in list(candidates())


def test_the_version_with_most_wheels_is_taken_whatever_its_place(tmp_path, monkeypatch):
    old, best = fake(tmp_path / "a", "python3", (3, 11)), fake(tmp_path / "b c", "python3.13", (3, 13))
    broken = fake(tmp_path / "d", "python3", says="no")
    monkeypatch.setattr(pythons, "candidates", lambda: iter([broken, old, best]))
    assert find_base_python(never).path == best
    monkeypatch.setattr(pythons, "candidates", lambda: iter([broken]))
    with pytest.raises(EngineError, match="no working Python") as caught:
        find_base_python(never)
    assert str(broken) in caught.value.message


def test_an_environment_leads_to_the_python_it_was_made_from():
    found, problem = probe(Path(sys.executable), never)
    assert problem == "" and found is not None
    assert found.path == Path(os.path.realpath(sys.executable)) and found.version == sys.version_info[:2]
