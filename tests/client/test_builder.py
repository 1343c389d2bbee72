"""The engine's environment, built for real from small wheels: from a folder, from an index, and whatever goes wrong.

The tests share one environment, in a folder with a space and Korean letters; each says what it changes.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from graft_plugin.client import builder, environment, folders, installers, network
from graft_plugin.client.builder import STEPS, BuildRequest, build_engine
from graft_plugin.client.environment import find_engine
from graft_plugin.client.ready import env_folder, env_python, env_state, read_mark
from graft_plugin.client.recipe import Recipe, Sources
from graft_plugin.errors import Cancelled, EngineError, OfflineError

MODULES = ("graftalpha", "graftbeta", "grafttorch", "graftvision")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """GRAFT's folder."""
    return tmp_path_factory.mktemp("h") / "내 문서 a,b" / "graft"


@pytest.fixture
def recipe(tmp_path):
    """Two lists of small packages."""
    lists = tmp_path / "목록 lists"
    lists.mkdir()
    packages, torch = lists / "packages list.txt", lists / "torch list.txt"
    packages.write_text("# one list\ngraftalpha==1.0\ngraftbeta==1.0\nnever==9 ; sys_platform == 'none'\n")
    torch.write_text("grafttorch==1.0\ngraftvision==1.0\n")
    return Recipe(packages, torch, MODULES, "found.update(difference=0.0)", (1_000_000, 2_000_000), (3_000_000,) * 2)


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch, home):
    """What this machine's pip is told does not count, and there is no NVIDIA driver."""
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_", "GRAFT_ENGINE"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("GRAFT_HOME", str(home))
    monkeypatch.setattr(network, "has_nvidia_driver", lambda: False)
    monkeypatch.setattr(environment, "MODULES", MODULES)


def request(home, recipe, **sources) -> BuildRequest:
    sources = {"timeout_s": 1, "retries": 0, "torch_index": "", **sources}
    return BuildRequest(recipe, Sources(**sources), home, python=sys.executable, use_uv=False)


def build(home, recipe, *, cancelled=lambda: False, told=None, **sources):
    return build_engine(request(home, recipe, **sources), ([] if told is None else told).append, cancelled)


def log_of(home) -> str:
    return (home / builder.LOG_NAME).read_text(encoding="utf-8")


def versions(env) -> str:
    """What the environment's modules say of themselves, in a clean process."""
    code = "import graftalpha, graftbeta; print(graftalpha.VERSION, graftbeta.VERSION)"
    words = [env_python(env), "-I", "-c", code]
    done = subprocess.run(words, env=environment.child_environment(), capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_it_is_built_from_a_folder_of_wheels_whatever_the_variables_say(home, recipe, wheels, monkeypatch, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    for name, value in {
        "PYTHONHOME": elsewhere, "PYTHONEXECUTABLE": elsewhere / "python", "PYTHONPATH": elsewhere,
        "PROJ_LIB": elsewhere, "PIP_TARGET": elsewhere, "PIP_PREFIX": elsewhere, "PIP_USER": "1",
        "PIP_CONSTRAINT": elsewhere / "none.txt", "VIRTUAL_ENV": elsewhere, "UV_SYSTEM_PYTHON": "1",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, str(value))
    told = []
    mark = build(home, recipe, wheels=wheels, offline=True, told=told)
    env = env_folder(home)
    assert read_mark(env) == mark and mark.recipe == recipe.digest and env_state(recipe.digest, home) == "ready"
    assert {name: mark.versions[name] for name in MODULES} == dict.fromkeys(MODULES, "1.0")
    assert not elsewhere.exists() and versions(env) == "1.0 1.0"
    assert find_engine("", tmp_path).python == env_python(env)
    percents = [progress.percent for progress in told]
    assert percents == sorted(percents) and [*dict.fromkeys(progress.step for progress in told)] == list(STEPS)
    assert any(p.unit == "packages" and (p.name, p.total) == ("graftbeta", 2) for p in told)
    assert sorted(path.name for path in home.iterdir()) == ["engine-setup.lock", "engine-setup.log", "env"]


def test_a_damaged_package_is_mended_and_the_rest_is_left_alone(home, recipe, wheels, tmp_path):
    env = env_folder(home)
    site = next(env.glob("[lL]ib/**/site-packages"))
    (site / "graftbeta.py").write_text("VERS")
    (site / "graftalpha-1.0.dist-info" / "RECORD").unlink()
    (site / "~raftalpha").mkdir()
    before = (site / "grafttorch_data.bin").stat().st_ino
    build(home, recipe, wheels=wheels)
    assert versions(env) == "1.0 1.0" and not (site / "~raftalpha").exists()
    assert (site / "grafttorch_data.bin").stat().st_ino == before
    assert "graftalpha-1.0.dist-info, graftbeta-1.0.dist-info" in log_of(home)


def test_it_is_built_from_an_index_with_bytes_and_torch_falls_back_to_it(home, recipe, index, monkeypatch):
    env = env_folder(home)
    site = next(env.glob("[lL]ib/**/site-packages"))
    for name in ("graftalpha", "grafttorch"):
        shutil.rmtree(site / f"{name}-1.0.dist-info")
    monkeypatch.setattr(network, "default_has_cuda", lambda: False)
    monkeypatch.setattr(builder, "PIP_TRUSTS_SYSTEM", (0, 0))  # no newer pip is looked for
    told = []
    build(home, recipe, index=index.url, torch_index=f"http://127.0.0.1:{free_port()}/cpu", told=told)
    assert read_mark(env) is not None
    assert "/files/grafttorch-1.0-py3-none-any.whl" in index.asked
    assert "/files/graftalpha-1.0-py3-none-any.whl" in index.asked
    assert "/files/graftbeta-1.0-py3-none-any.whl" not in index.asked, "what is whole is not fetched again"
    assert "/cpu does not answer" in log_of(home)
    assert any(p.step == "torch" and p.unit == "bytes" and p.name == "grafttorch" and p.total > 2e6 for p in told)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("fault", "words", "remedy"),
    [
        ("stall", "the network does not answer", "Use a folder of wheels"),
        ("truncate", "the network does not answer|came damaged", "folder of wheels|Retry"),
        ("error", "fault of its own", "what has come is kept"),
        ("gone", "has no graftgamma", "Python 3.12"),
        ("closed", "the network does not answer", "pip download"),
    ],
)
def test_a_bad_network_is_told_plainly_and_leaves_no_mark(
    home, recipe, index, wheels, tmp_path, monkeypatch, fault, words, remedy
):
    monkeypatch.setattr(builder, "PIP_TRUSTS_SYSTEM", (0, 0))
    recipe.packages.write_text("graftgamma==1.0\n")
    gamma = make(wheels, "graftgamma") if fault != "gone" else None
    index.faults["graftgamma"] = fault
    url = f"http://127.0.0.1:{free_port()}/simple/" if fault == "closed" else index.url
    try:
        with pytest.raises(EngineError, match=words) as caught:
            build(home, recipe, index=url, retries=int(fault == "closed"))  # pip tells of a retry, not of a first try
    finally:
        if gamma:
            gamma.unlink()
    assert re.search(remedy, caught.value.remedy), caught.value.remedy
    assert read_mark(env_folder(home)) is None and env_state(recipe.digest, home) == "unfinished"
    with pytest.raises(EngineError, match="was not built to its end"):
        find_engine("", tmp_path)
    assert not (home / "engine-setup" / "tmp").exists()


def make(folder: Path, name: str) -> Path:
    """A wheel of another package, big enough to be cut off in its middle."""
    done = folder / f"{name}-1.0-py3-none-any.whl"
    shutil.copy(folder / "grafttorch-1.0-py3-none-any.whl", done)
    return done


def test_cancel_ends_the_installer_within_a_second_and_a_retry_mends(home, recipe, index, wheels, monkeypatch):
    monkeypatch.setattr(builder, "PIP_TRUSTS_SYSTEM", (0, 0))
    site = next(env_folder(home).glob("[lL]ib/**/site-packages"))
    shutil.rmtree(site / "grafttorch-1.0.dist-info")
    index.faults["grafttorch"] = "trickle"
    pressed = []

    def cancelled() -> bool:
        if not pressed and any("grafttorch" in path for path in index.asked):
            time.sleep(0.5)  # somewhere in the middle of the file
            pressed.append(time.monotonic())
        return bool(pressed)

    with pytest.raises(Cancelled):
        build(home, recipe, index=index.url, timeout_s=20, cancelled=cancelled)
    assert time.monotonic() - pressed[0] < 1.0
    assert not running(str(home)) and read_mark(env_folder(home)) is None
    index.faults.clear()
    build(home, recipe, index=index.url)
    assert read_mark(env_folder(home)) is not None


def running(words: str) -> list[str]:
    """Processes that have a text in their command line; none where that cannot be seen."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = place.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if words in line and str(os.getpid()) != place.parent.name:
            found.append(line)
    return found


def test_what_cannot_be_begun_is_refused_before_anything_is_touched(home, recipe, wheels, tmp_path, monkeypatch):
    before = read_mark(env_folder(home))
    with pytest.raises(OfflineError, match="offline switch") as offline:
        build(home, recipe, offline=True)
    assert "folder of wheels" in offline.value.remedy
    with monkeypatch.context() as patch, pytest.raises(OfflineError):
        patch.setenv("GRAFT_OFFLINE", "1")
        build(home, recipe)
    monkeypatch.setattr(folders, "free_bytes", lambda folder: 999_999)
    with pytest.raises(EngineError, match=r"needs 0\.0 GB .* has 0\.0 GB left") as full:
        build(home, replace(recipe, needed_bytes=(1_000_000, 0)), wheels=wheels)
    assert "GRAFT_HOME" in full.value.remedy and full.value.path == str(home)
    assert before is not None and read_mark(env_folder(home)) == before
    with folders.only_one(home / "engine-setup.lock"), pytest.raises(EngineError, match="another QGIS"):
        build(home, recipe, wheels=wheels)


@pytest.mark.skipif(sys.platform != "linux", reason="a folder that even root cannot write to")
def test_a_folder_that_cannot_be_written_to_is_named(recipe, wheels):
    with pytest.raises(EngineError, match="cannot be written to") as caught:
        build(Path("/sys/graft home"), recipe, wheels=wheels)
    assert caught.value.path == "/sys/graft home" and "GRAFT_HOME" in caught.value.remedy


def test_a_wrong_answer_of_the_golden_tile_gives_no_mark_even_after_building_anew(home, recipe, wheels):
    env = env_folder(home)
    (env / "left from before").touch()
    with pytest.raises(EngineError, match=r"the test tile \(off by 0.5\)"):
        build(home, replace(recipe, golden="found.update(difference=0.5)"), wheels=wheels)
    assert read_mark(env) is None and not (env / "left from before").exists(), "mending gave way to building anew"
    assert "building anew" in log_of(home)
    with pytest.raises(EngineError, match="lacks graftdelta"):
        recipe.packages.write_text("graftdelta==1.0\n")
        build(home, recipe, wheels=wheels)


def test_uv_builds_the_same(recipe, wheels, tmp_path):
    if installers.find_uv() is None:
        pytest.skip("there is no uv")
    home = tmp_path / "가 b,c"
    told = []
    job = replace(request(home, recipe, wheels=wheels), use_uv=True)
    build_engine(job, told.append, lambda: False)
    assert versions(env_folder(home)) == "1.0 1.0" and " pip install --python " in log_of(home)


def test_a_disk_that_fills_up_in_the_middle_is_told(home, recipe, wheels, monkeypatch):
    def full(path, text):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(builder, "write_mark", full)
    with pytest.raises(EngineError, match=r"cannot be written to \(No space left on device\)") as caught:
        build(home, recipe, wheels=wheels)
    assert "Make room" in caught.value.remedy and read_mark(env_folder(home)) is None
    assert "No space left" in log_of(home)
