"""Scripts that run in real QGIS: PyQGIS without a window, `qgis_process`, and the whole desktop under Xvfb.

Each gets the plugin from this checkout, a fresh profile, the engine's Python that runs the tests, and hands back JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tools import desktop as qgis_desktop

QGIS = qgis_desktop.find_qgis()
TIMEOUT_S = 240

HEADLESS = """
import json, os, sys
prefix = os.environ["QGIS_PREFIX_PATH"]
sys.path[:0] = [os.environ["GRAFT_TEST_PLUGINS"], os.path.join(prefix, "share", "qgis", "python", "plugins")]
from qgis.core import *
QgsApplication.setPrefixPath(prefix, True)
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
def wait(condition, seconds=150):
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
        project.clear()  # QGIS 3.40 ends badly while the project still has layers
        QgsApplication.exit(code)
QTimer.singleShot(200, drive)  # before QGIS's own event loop runs, there is nothing to exit
"""


@pytest.fixture(scope="session")
def qgis_env(tmp_path_factory, engine_env):
    """The environment of a QGIS that a test starts; skips the test where there is no QGIS."""
    if not QGIS.works():
        pytest.skip(f"{QGIS.python} has no QGIS; on Debian: apt-get install qgis python3-qgis")
    plugins = qgis_desktop.plugin_folder(tmp_path_factory.mktemp("plugins"))
    return {
        **QGIS.environment(engine_env),
        "GRAFT_ENGINE_PYTHON": sys.executable,
        "GRAFT_TEST_PLUGINS": str(plugins),
        "QGIS_PLUGINPATH": str(plugins),
    }


def _handed_over(answer, args):
    return {"GRAFT_TEST_FOUND": str(answer), "GRAFT_TEST_ARGS": json.dumps([str(arg) for arg in args])}


def _found(answer, done):
    assert answer.exists() and done.returncode == 0, done.stderr[-6000:] + done.stdout[-2000:]
    return json.loads(answer.read_text())


@pytest.fixture
def headless(qgis_env, tmp_path_factory):
    """`headless(script, *args)` runs a script in PyQGIS without a window; it fills `found`, which is returned."""

    def run(script, *args):
        folder = tmp_path_factory.mktemp("headless")
        env = {**qgis_env, "QT_QPA_PLATFORM": "offscreen", "QGIS_CUSTOM_CONFIG_PATH": str(folder / "profile")}
        answer = folder / "found.json"
        words = [QGIS.python, "-c", HEADLESS + script + HEADLESS_END]
        env.update(_handed_over(answer, args))
        return _found(answer, subprocess.run(words, env=env, capture_output=True, text=True, timeout=TIMEOUT_S))

    return run


@pytest.fixture
def desktop(qgis_env, tmp_path_factory):
    """`desktop(body, *args)` runs the indented body of a function in a QGIS window; it fills `found`."""
    lacks = QGIS.lacks_for_desktop()
    if lacks:
        pytest.skip(lacks)

    def run(body, *args, locale="", new_user=False):
        folder = tmp_path_factory.mktemp("desktop")
        script, answer = folder / "drive.py", folder / "found.json"
        script.write_text(DESKTOP + body + DESKTOP_END)
        env = {**qgis_env, **_handed_over(answer, args)}
        if new_user:  # who has no models and no embeddings yet
            env["GRAFT_HOME"] = str(folder / "graft home")
        done = qgis_desktop.run_desktop(QGIS, env, folder, script, locale=locale)
        return _found(answer, done)

    return run
