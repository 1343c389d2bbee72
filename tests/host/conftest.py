"""Scripts that run in real QGIS: PyQGIS without a window, `qgis_process`, and the whole desktop under Xvfb.

Each gets the plugin from this checkout, a fresh profile, the engine's Python that runs the tests, and hands back JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
QGIS_PYTHON = "/usr/bin/python3"
TIMEOUT_S = 240

HEADLESS = """
import json, os, sys
sys.path[:0] = [os.environ["GRAFT_TEST_PLUGINS"], "/usr/share/qgis/python/plugins"]
from qgis.core import *
QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False)
app.initQgis()
found = {}
argv = json.loads(os.environ["GRAFT_TEST_ARGS"])
"""
HEADLESS_END = """
for name in [n for n, value in globals().items() if isinstance(value, (QgsMapLayer, QgsCoordinateTransform))]:
    del globals()[name]  # QGIS ends badly while Python still holds its layers
if "plugin" in globals():
    plugin.unload()
    Processing.deinitialize()
with open(os.environ["GRAFT_TEST_FOUND"], "w") as out:
    json.dump(found, out)
QgsProject.instance().clear()
app.exitQgis()
"""

STARTUP = """
import sys, traceback
import qgis.utils
qgis.utils.showException = lambda kind, value, trace, *rest, **more: traceback.print_exception(kind, value, trace)
sys.excepthook = traceback.print_exception
"""
DESKTOP = """
import json, os, sys, time, traceback
from qgis.core import *
from qgis.utils import iface, plugins
import qgis.utils
from qgis.PyQt.QtCore import *
from qgis.PyQt.QtGui import *
from qgis.PyQt.QtWidgets import *
found = {}
argv = json.loads(os.environ["GRAFT_TEST_ARGS"])
project = QgsProject.instance()
def wait(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError("waited %s s in vain" % seconds)
        QApplication.processEvents()
        time.sleep(0.005)
def settle(seconds=0.5):
    until = time.monotonic() + seconds
    wait(lambda: time.monotonic() > until)
    QCoreApplication.sendPostedEvents(None, QEvent.DeferredDelete)
def shot(name):
    if os.environ.get("GRAFT_TEST_SHOTS"):
        settle()
        QApplication.primaryScreen().grabWindow(0).save(os.path.join(os.environ["GRAFT_TEST_SHOTS"], name + ".png"))
def menu_action(layer, name):
    view = iface.layerTreeView()
    view.setCurrentLayer(layer)
    menu = view.menuProvider().createContextMenu()
    return menu, next((a for a in menu.actions() if a.objectName() == name), None)
def messages():
    return [item.text() for item in iface.messageBar().items()]
def main():
"""
DESKTOP_END = """
def drive():
    code = 1
    try:
        main()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        with open(os.environ["GRAFT_TEST_FOUND"], "w") as out:
            json.dump(found, out)
        project.setDirty(False)
        QgsApplication.exit(code)
QTimer.singleShot(200, drive)  # before QGIS's own event loop runs, there is nothing to exit
"""


def _has_qgis() -> bool:
    try:
        done = subprocess.run([QGIS_PYTHON, "-c", "import qgis.core"], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@pytest.fixture(scope="session")
def qgis_env(tmp_path_factory, engine_env):
    """The environment of a QGIS that a test starts; skips the test where there is no QGIS."""
    if not _has_qgis():
        pytest.skip(f"{QGIS_PYTHON} has no QGIS; on Debian: apt-get install qgis python3-qgis")
    plugins = tmp_path_factory.mktemp("plugins")
    (plugins / "graft").symlink_to(ROOT)
    clean = {k: v for k, v in engine_env.items() if not k.startswith(("PYTHON", "GDAL", "PROJ", "LD_", "QGIS"))}
    return {
        **clean,
        "GRAFT_ENGINE_PYTHON": sys.executable,
        "GRAFT_TEST_PLUGINS": str(plugins),
        "QGIS_PLUGINPATH": str(plugins),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }


def _run(words, env, folder, args):
    answer = folder / "found.json"
    env = {**env, "GRAFT_TEST_FOUND": str(answer), "GRAFT_TEST_ARGS": json.dumps([str(arg) for arg in args])}
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert answer.exists() and done.returncode == 0, done.stderr[-6000:] + done.stdout[-2000:]
    return json.loads(answer.read_text())


@pytest.fixture
def headless(qgis_env, tmp_path_factory):
    """`headless(script, *args)` runs a script in PyQGIS without a window; it fills `found`, which is returned."""

    def run(script, *args):
        folder = tmp_path_factory.mktemp("headless")
        env = {**qgis_env, "QT_QPA_PLATFORM": "offscreen", "QGIS_CUSTOM_CONFIG_PATH": str(folder / "profile")}
        return _run([QGIS_PYTHON, "-c", HEADLESS + script + HEADLESS_END], env, folder, args)

    return run


@pytest.fixture
def desktop(qgis_env, tmp_path_factory):
    """`desktop(body, *args)` runs the indented body of a function in a QGIS window; it fills `found`."""
    for program in ("qgis.bin", "Xvfb"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program}; on Debian: apt-get install qgis xvfb")

    def run(body, *args):
        folder = tmp_path_factory.mktemp("desktop")
        profile = folder / "profiles" / "t" / "QGIS"
        profile.mkdir(parents=True)
        (profile / "QGIS3.ini").write_text("[PythonPlugins]\ngraft=true\n\n[qgis]\ncheckVersion=false\n")
        (folder / "startup.py").write_text(STARTUP)
        (folder / "drive.py").write_text(DESKTOP + body + DESKTOP_END)
        with _display() as display:
            env = {**qgis_env, "DISPLAY": display, "PYQGIS_STARTUP": str(folder / "startup.py")}
            words = ["qgis.bin", "--nologo", "--noversioncheck", "--profiles-path", folder, "--profile", "t"]
            return _run(
                ["timeout", "-k", "5", "100", *words, "--code", folder / "drive.py"], env, folder, args
            )

    return run


@contextlib.contextmanager
def _display():
    """A screen of its own."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
        pass_fds=[writer], stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as numbers:
            yield f":{numbers.readline().strip()}"
    finally:
        server.terminate()
        server.wait()
