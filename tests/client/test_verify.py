"""What is found out about an engine's Python before it counts as one."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from graft_plugin.client.recipe import engine_recipe
from graft_plugin.client.verify import TOLERANCE, describe, verify
from graft_plugin.errors import Cancelled, EngineError

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(sys.executable)


def never() -> bool:
    return False


def test_the_python_of_these_tests_is_an_engine_and_sees_the_golden_tile(monkeypatch):
    monkeypatch.setenv("PYTHONEXECUTABLE", "/nowhere/python")
    recipe = engine_recipe()
    told = []
    found = verify(PYTHON, ROOT, recipe.modules, recipe.golden, never, lambda *words: told.append(words))
    assert 0 < found.difference < TOLERANCE and found.device in ("cpu", "cuda", "mps")
    assert found.python == ".".join(map(str, sys.version_info[:3])) and found.versions["torch"]
    assert [name for _done, _total, name in told] == list(recipe.modules)
    assert [done for done, _total, _name in told] == list(range(len(recipe.modules)))


@pytest.mark.parametrize(
    ("modules", "golden", "words"),
    [
        (("no_such_module_at_all",), "", "cannot use no_such_module_at_all"),
        (("json",), "", "takes a package from elsewhere: .*json"),
        (("pytest",), "raise OSError('no model')", r"cannot use golden tile \(OSError: no model\)"),
        (("pytest",), "found.update(difference=0.01)", r"the test tile \(off by 0.01\)"),
        (("pytest",), "found.update(difference=float('nan'))", r"the test tile \(off by nan\)"),
        (("pytest",), "os._exit(9)", "ended with status 9"),
    ],
)
def test_what_is_wrong_is_said(modules, golden, words):
    with pytest.raises(EngineError, match=words) as caught:
        verify(PYTHON, ROOT, modules, golden, never)
    assert "Repair" in caught.value.remedy and caught.value.path == str(PYTHON)


def test_our_own_must_be_an_environment_and_one_that_the_user_named_need_not(tmp_path):
    base = Path(os.path.realpath(PYTHON))
    with pytest.raises(EngineError, match="is no environment of its own"):
        verify(base, ROOT, ("json",), "", never)
    assert verify(base, ROOT, ("json",), "", never, own=False).difference == 0.0


def test_it_can_be_cancelled():
    started = time.monotonic()
    with pytest.raises(Cancelled):
        verify(PYTHON, ROOT, (), "import time; time.sleep(60)", lambda: time.monotonic() > started + 0.5)
    assert time.monotonic() - started < 1.5


def test_it_is_described_for_a_report():
    found = describe(PYTHON, never)
    assert set(found) == {"Python of the engine", "Packages", "GPU"} and "rasterio 1." in found["Packages"]
