"""The locked lists: in step with pyproject.toml, whole, and exact."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from graft_plugin.client.environment import NEWEST, OLDEST
from graft_plugin.client.recipe import engine_recipe, requirements

ROOT = Path(__file__).resolve().parents[2]
RECIPE = engine_recipe(ROOT)
LOCKED = {canonicalize_name(name): found for name, found in requirements(RECIPE.packages)}
TORCH = {canonicalize_name(name): found for name, found in requirements(RECIPE.torch)}
BROUGHT_BY_TORCH = re.compile(r"nvidia-|cuda-|triton")


def test_every_requirement_of_the_project_is_locked_within_its_range():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for line in project["dependencies"]:
        wanted = Requirement(line)
        locked = {**LOCKED, **TORCH}.get(canonicalize_name(wanted.name))
        assert locked is not None, f"{wanted.name} is missing: see the head of {RECIPE.packages.name}"
        assert wanted.specifier.contains(locked), f"{wanted} allows no {locked}"
    oldest = SpecifierSet(project["requires-python"])
    assert oldest.contains(".".join(map(str, OLDEST))) and OLDEST < NEWEST


def test_all_that_names_the_oldest_python_names_the_same():
    oldest, newest = (".".join(map(str, bound)) for bound in (OLDEST, NEWEST))
    assert f"Python {oldest} or newer" in (ROOT / "README.md").read_text()
    for page, words in (("README.md", " to "), ("docs/guide/index.md", " to "), ("docs/guide/ko.md", "~")):
        assert f"Python {oldest}{words}{newest}" in (ROOT / page).read_text(), page
    assert f"Python {oldest} to {newest}" in RECIPE.packages.read_text(), "the head of the locked list"
    (bounds,) = re.findall(r"^read -r oldest newest .+\n.+", (ROOT / "tools" / "setup.sh").read_text(), re.MULTILINE)
    words = ["bash", "-c", f"{bounds}; echo 3.$oldest 3.$newest"]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert told.stdout.split() == [oldest, newest], told.stderr


def test_the_lists_are_apart_and_exact():
    assert set(TORCH) == {"torch", "torchvision"} and not set(TORCH) & set(LOCKED)
    for path in (RECIPE.packages, RECIPE.torch):
        for line in path.read_text().splitlines():
            assert line.startswith("#") or re.fullmatch(r"[\w.\-]+==[\w.!]+( ; .+)?", line), line
    assert not [name for name in LOCKED if BROUGHT_BY_TORCH.match(name)]


def test_the_list_is_the_closure_of_what_it_holds():
    """Packages are installed without looking for what they need: nothing that they need may be missing."""
    for name in (*LOCKED, *TORCH):
        try:
            needed = requires(name) or []
        except PackageNotFoundError:  # for another platform
            continue
        if version(name) != {**LOCKED, **TORCH}[name]:
            continue
        for line in needed:
            wanted = Requirement(line)
            if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
                continue
            package = canonicalize_name(wanted.name)
            if BROUGHT_BY_TORCH.match(package):
                continue
            assert package in {**LOCKED, **TORCH}, f"{name} needs {wanted}"
            assert wanted.specifier.contains({**LOCKED, **TORCH}[package]), f"{name} needs {wanted}"


@pytest.mark.parametrize("line", ["a==1", "a==1 ; sys_platform == 'x'", "a==1  # why"])
def test_a_line_is_a_name_and_a_version(tmp_path, line):
    path = tmp_path / "list.txt"
    path.write_text(f"# head\n\n{line}\n")
    assert requirements(path) == (("a", "1"),)
