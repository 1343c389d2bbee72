"""`make package`: the very zip, unpacked as QGIS does, loads and answers a query with the bundled model."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.desktop import find_qgis

ROOT = Path(__file__).resolve().parents[1]
QGIS = find_qgis()
LIMIT_BYTES = 25 * 1024 * 1024

QUERY = """
import json, os, sys
prefix = os.environ["QGIS_PREFIX_PATH"]
sys.path[:0] = [sys.argv[1], os.path.join(prefix, "share", "qgis", "python", "plugins")]
from qgis.core import QgsApplication, QgsProcessingFeedback
QgsApplication.setPrefixPath(prefix, True)
app = QgsApplication([], False)
app.initQgis()
import processing, graft
from processing.core.Processing import Processing
plugin = graft.classFactory(None)
plugin.initProcessing()
Processing.initialize()
result = processing.run("graft:segment", {"INPUT": sys.argv[2], "PROMPTS": "lake", "REFINE": False, "OUTPUT":
                        sys.argv[3]}, feedback=QgsProcessingFeedback(False))
print("FOUND" + json.dumps([result["COUNT"], graft.__file__]))
plugin.unload()
Processing.deinitialize()
app.exitQgis()
"""


def test_the_zip_is_whole_small_and_works(tmp_path, engine_env):
    if not (ROOT / ".git").exists() or shutil.which("make") is None:
        pytest.skip("packaging needs make and a git checkout")
    subprocess.run(["make", "package"], cwd=ROOT, check=True, capture_output=True)
    package = ROOT / "build" / "graft.zip"
    assert package.stat().st_size <= LIMIT_BYTES
    with zipfile.ZipFile(package) as file:
        names = set(file.namelist())
        file.extractall(tmp_path / "plugins")
    assert {name.split("/")[0] for name in names} == {"graft"}
    wanted = ("metadata.txt", "__init__.py", "LICENSE", "resources/icons/graft.svg", "resources/mini/graft.safetensors",
              "graft_plugin/host/plugin.py", "graft_plugin/engine/serve.py", "resources/i18n/graft_ko.qm",
              "docs/guide/index.html", "docs/guide/ko.html", "docs/images/results.png",
              "training/finetune.py")  # fmt: skip
    assert {f"graft/{name}" for name in wanted} <= names
    assert not any("/tests/" in name or "/bench/" in name for name in names)
    code = "import sys; sys.path.insert(0, sys.argv[1]); from training.__main__ import main; main(sys.argv[2:])"
    told = subprocess.run(
        [sys.executable, "-I", "-c", code, tmp_path / "plugins" / "graft", "finetune", "--help"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert told.returncode == 0 and "--polygons" in told.stdout, told.stderr[-2000:]
    if not QGIS.works():
        pytest.skip(f"{QGIS.python} has no QGIS; on Debian: apt-get install python3-qgis")
    env = {**QGIS.environment(engine_env), "GRAFT_ENGINE_PYTHON": sys.executable, "QT_QPA_PLATFORM": "offscreen",
           "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path / "profile")}  # fmt: skip
    scene = next((ROOT / "resources" / "scenes").glob("*.tif"))
    done = subprocess.run(
        [QGIS.python, "-c", QUERY, tmp_path / "plugins", scene, tmp_path / "m.gpkg"],
        env=env, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    line = next((line for line in done.stdout.splitlines() if line.startswith("FOUND")), None)
    assert line and done.returncode == 0, done.stderr[-3000:]
    count, file = json.loads(line[len("FOUND") :])
    assert count >= 1 and file.startswith(os.fspath(tmp_path))
