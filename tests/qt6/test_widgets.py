"""The host under Qt 6: every name and enum that it takes from Qt is there, and its windows open and can be clicked.

Runs in a process of its own with PyQt6, which must never meet the Qt 5 of an installed QGIS.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOST = ROOT / "graft_plugin" / "host"

pytest.importorskip("PyQt6.QtWidgets", reason="there is no PyQt6: pip install -e '.[dev]'", exc_type=ImportError)


def qt_names(tree: ast.AST):
    """Yield (module, dotted name, line) of what a file takes from Qt: QtCore, Qt.AlignmentFlag.AlignLeft …"""
    homes = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qgis.PyQt."):
            for alias in node.names:
                homes[alias.asname or alias.name] = (node.module, alias.name)
                yield node.module, alias.name, node.lineno
    for node in ast.walk(tree):
        parts, at = [], node
        while isinstance(at, ast.Attribute):
            parts.append(at.attr)
            at = at.value
        if parts and isinstance(at, ast.Name) and at.id in homes:
            module, name = homes[at.id]
            yield module, ".".join([name, *reversed(parts)]), node.lineno


def absent(files) -> list[str]:
    """Every name of `files` that Qt 6 lacks, and every `exec_()`, as "file:line: what"."""
    from PyQt6 import QtCore, QtGui, QtNetwork, QtWidgets, QtXml

    qt = {"QtCore": [QtCore], "QtGui": [QtGui], "QtNetwork": [QtNetwork], "QtXml": [QtXml],
          "QtWidgets": [QtWidgets, QtGui]}  # fmt: skip
    found = []
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for module, dotted, line in qt_names(tree):
            homes = qt.get(module.rsplit(".", 1)[1], [])
            if not any(_resolves(home, dotted) for home in homes):
                found.append(f"{path.name}:{line}: {module.rsplit('.', 1)[1]}.{dotted}")
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "exec_":
                found.append(f"{path.name}:{node.lineno}: exec_")
    return found


def _resolves(home, dotted) -> bool:
    for part in dotted.split("."):
        if not hasattr(home, part):
            return False
        home = getattr(home, part)
    return True


def test_every_name_from_qt_is_there_in_qt_6():
    files = sorted(HOST.rglob("*.py"))
    assert len(files) > 20
    assert absent(files) == []


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("from qgis.PyQt.QtCore import Qt\nside = Qt.AlignLeft", "QtCore.Qt.AlignLeft"),
        ("from qgis.PyQt.QtWidgets import QFrame\nshape = QFrame.NoFrame", "QtWidgets.QFrame.NoFrame"),
        ("from qgis.PyQt.QtWidgets import QDesktopWidget", "QtWidgets.QDesktopWidget"),
        ("dialog.exec_()", "exec_"),
    ],
)
def test_a_name_of_qt_5_is_found(tmp_path, source, what):
    file = tmp_path / "a.py"
    file.write_text(source)
    (found,) = absent([file])
    assert found.endswith(f": {what}")


CLICK = """
import importlib, inspect, os, pkgutil, sys, traceback
sys.path[:0] = [os.environ["GRAFT_TEST_SHIM"], os.environ["GRAFT_TEST_ROOT"]]
import shim
shim.install()
from PyQt6 import sip
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import *
mistakes = []
def keep(*what):
    mistakes.append("".join(traceback.format_exception(*what)))
    sys.stderr.write(mistakes[-1])
sys.excepthook = keep
app = QApplication([])
import graft_plugin.host as host
modules = [importlib.import_module(item.name) for item in pkgutil.walk_packages(host.__path__, "graft_plugin.host.")]
classes = {cls for module in modules for cls in vars(module).values() if inspect.isclass(cls)
           and issubclass(cls, QWidget) and cls.__module__.startswith("graft_plugin.host")}
QDialog.exec = QMenu.exec = lambda self, *args: 0  # nobody is there to close what opens
ANSWERS = {QFileDialog: {"getOpenFileName": ("", ""), "getSaveFileName": ("", ""), "getOpenFileNames": ([], ""),
                         "getExistingDirectory": ""},
           QMessageBox: dict.fromkeys(("question", "warning", "information", "critical"),
                                      QMessageBox.StandardButton.No),
           QInputDialog: {"getText": ("", False), "getItem": ("", False)}}
for cls, answers in ANSWERS.items():
    for name, answer in answers.items():
        setattr(cls, name, staticmethod(lambda *args, answer=answer, **kwargs: answer))
"""

EVERY_WINDOW = """
FAKES = {"segment": True, "parent": None, "text": "lake", "title": "lake", "name": "lake", "negative": False,
         "path": "", "lines": 2, "placeholder": "such as", "colour": "#e69f00", "model": "mini", "iface": shim.Iface()}
built, refused = [], {}
for cls in sorted(classes, key=lambda cls: cls.__name__):
    wanted = [p for p in inspect.signature(cls.__init__).parameters.values()][1:]
    wanted = [p for p in wanted if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    try:
        widget = cls(*[FAKES.get(p.name, shim.Anything()) for p in wanted])
        widget.resize(320, 600)
        widget.show()
        app.processEvents()
        built.append(cls.__name__)
    except Exception:
        refused[cls.__name__] = traceback.format_exc()
        continue
    for field in widget.findChildren(QLineEdit) + widget.findChildren(QPlainTextEdit):
        if field.isVisible() and field.isEnabled():
            QTest.keyClicks(field, "lake")
    for box in widget.findChildren(QComboBox):
        box.setCurrentIndex(box.count() - 1)
    for slider in widget.findChildren(QAbstractSlider):
        slider.setValue(slider.maximum())
    for button in widget.findChildren(QAbstractButton):
        if sip.isdeleted(button):  # another's click has taken it away, as a chip's own does
            continue
        menu = button.menu() if hasattr(button, "menu") else None
        for action in menu.actions() if menu else []:  # a click would wait in the open menu
            action.trigger()
        if button.isVisible() and button.isEnabled() and not menu:
            button.click()
            app.processEvents()
    if not sip.isdeleted(widget):
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
        widget.grab()
        widget.hide()
import json
print("FOUND" + json.dumps([built, refused, mistakes]))
sys.stdout.flush()
os._exit(0)  # the engine that a click may have asked for is not waited for
"""

DIALOG = """
for home in modules:
    for name in {"engine_source", "layer_source"} & set(vars(home)):
        setattr(home, name, lambda layer, *rest: layer.source())
(cls,) = [cls for cls in classes if issubclass(cls, QDialog) and cls.__module__.endswith(".dialog")]
wanted = [p.name for p in inspect.signature(cls.__init__).parameters.values()][1:]
dialog = cls(*[{"segment": True, "parent": None, "layer": shim.Layer()}.get(name, shim.Anything()) for name in wanted])
dialog.show()
run = next(b for b in dialog.findChildren(QPushButton) if b.text().replace("&", "") == "Run")
states = [run.isEnabled()]
field = next(f for f in dialog.findChildren(QPlainTextEdit) + dialog.findChildren(QLineEdit) if f.isVisible()
             and f.isEnabled())
QTest.keyClicks(field, "lake")
QTest.keyClick(field, Qt.Key.Key_Return)
QTest.keyClicks(field, "forest")
states.append(run.isEnabled())
whole = next(b for b in dialog.findChildren(QRadioButton) if b.text() == "Whole layer")
QTest.mouseClick(whole, Qt.MouseButton.LeftButton, pos=whole.rect().center() - whole.rect().center() / 1.2)
whole.setChecked(True)
dialog.grab().save(os.environ["GRAFT_TEST_PICTURE"])
QTest.mouseClick(run, Qt.MouseButton.LeftButton)
import json
order = dialog.order and dialog.order.to_request()
print("FOUND" + json.dumps([states, order, mistakes]))
sys.stdout.flush()
os._exit(0)
"""


def run(script, tmp_path):
    import json

    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "QT_", "QGIS", "LD_"))}
    env |= {"QT_QPA_PLATFORM": "offscreen", "GRAFT_TEST_SHIM": str(Path(__file__).parent), "HOME": str(tmp_path),
            "GRAFT_TEST_ROOT": str(ROOT), "GRAFT_TEST_PICTURE": str(tmp_path / "dialog.png"),
            "GRAFT_ENGINE_PYTHON": "/nowhere/python", "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    done = subprocess.run([sys.executable, "-c", CLICK + script], env=env, capture_output=True, text=True, timeout=100)
    line = next((line for line in done.stdout.splitlines() if line.startswith("FOUND")), None)
    assert line, done.stderr[-4000:]
    return json.loads(line[len("FOUND") :])


def test_every_window_opens_and_can_be_clicked(tmp_path):
    built, refused, mistakes = run(EVERY_WINDOW, tmp_path)
    assert not refused, "\n".join(refused.values())
    assert "QueryDialog" in built
    assert mistakes == [], "\n".join(mistakes)


def test_the_dialog_takes_an_order(tmp_path):
    states, order, mistakes = run(DIALOG, tmp_path)
    assert states == [False, True] and mistakes == []
    assert order["prompts"] == ["lake", "forest"] and order["raster"] == "/data/farm.tif"
    assert order.get("extent") is None
    assert (tmp_path / "dialog.png").stat().st_size > 5_000
