"""Setting the engine up, the options page and the report, in a real QGIS window; the packages are small ones."""

from __future__ import annotations

import re

import pytest

SMALL = """
    import shutil
    from dataclasses import replace
    from pathlib import Path
    os.environ.pop("GRAFT_ENGINE_PYTHON")
    os.environ["PIP_CONFIG_FILE"] = os.devnull
    os.environ["GRAFT_HOME"] = os.path.join(os.path.dirname(argv[0]), "집 graft")
    from graft.graft_plugin.client import environment, network, ready, recipe
    from graft.graft_plugin.client.builder import BuildProgress, BuildRequest
    from graft.graft_plugin.host import setup
    from graft.graft_plugin.host.settings import DEVICE, IDLE_MINUTES, MEMORY_GB, MODEL, OFFLINE, PYTHON, STORE
    names = ("graftalpha", "graftbeta", "grafttorch")
    lists = Path(argv[0])
    small = recipe.Recipe(lists / "packages.txt", lists / "torch.txt", names, "found.update(difference=0.0)",
                          (1_000_000, 1_000_000), (1000, 1000))
    environment.MODULES = names
    setup.engine_recipe = lambda: small
    setup.BuildRequest = lambda: BuildRequest(recipe=small, python=argv[2], use_uv=False)
    wheels = Path(argv[1])
    doing = setup.shared_setup()
    def state(*wanted):
        return lambda: doing.state in wanted
    def window():
        return next((w for w in QApplication.topLevelWidgets()
                     if w.objectName() == "graft_setup" and w.isVisible()), None)
"""


@pytest.fixture
def small(tmp_path, wheels_of):
    """(lists, wheels, base Python) of three small packages, the second of which is not among the wheels yet."""
    import os
    import sys

    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "packages.txt").write_text("graftalpha==1.0\ngraftbeta==1.0\n")
    (lists / "torch.txt").write_text("grafttorch==1.0\n")
    return lists, wheels_of(tmp_path / "wheels", "graftalpha", "grafttorch"), os.path.realpath(sys.executable)


def test_the_window_opens_by_itself_builds_and_goes_on_with_what_was_asked_for(desktop, small, wheels_of, tmp_path):
    later = wheels_of(tmp_path / "later", "graftbeta")
    found = desktop(
        SMALL
        + """
    called = []
    setup.ensure_engine(iface, lambda: called.append(1))
    wait(lambda: window() is not None)
    shot("setup idle")
    page = window().page
    found["idle"] = page.build.text(), page.status.text(), page.bar.isVisible(), list(called)
    from graft.graft_plugin.host import guide
    class Browser:
        openUrl = staticmethod(lambda url: found.setdefault("help", []).append(url.toString()) or True)
    guide.QDesktopServices = Browser
    guide.GUIDE = Path(argv[0])  # an absolute path stays itself
    window().findChild(QAction, "graft_help").trigger()
    (guide.GUIDE / "index.html").write_text("<h2 id=setup>Setting up</h2>")
    window().findChild(QAction, "graft_help").trigger()
    OFFLINE.set(True)
    page.build.click()
    wait(state("failed"))
    found["offline"] = page.problem.text()
    OFFLINE.set(False)
    doing.build(wheels=wheels)
    wait(state("failed"))
    settle(0.1)
    shot("setup failed")
    found["failed"] = page.problem.text(), page.problem.isVisible(), page.build.text(), page.status.text()
    found["log"] = setup.setup_log().is_file() and page.show_log.isEnabled()
    shutil.copy(argv[3] + "/graftbeta-1.0-py3-none-any.whl", wheels)
    doing.build(wheels=wheels, fresh=True)  # an environment of its own takes seconds: time to cancel
    wait(lambda: page.cancel.isVisible() and doing.progress.step == "python" and ready.env_folder().exists())
    settle(0.1)
    found["running"] = page.bar.isVisible(), page.words.text(), page.build.isVisible(), doing.running
    started = time.monotonic()
    page.cancel.click()
    wait(state("idle"))
    found["cancel s"] = time.monotonic() - started
    found["cancelled"] = page.status.text(), page.problem.isVisible(), page.build.text()
    longest, last = [0.0], [time.monotonic()]
    def beat():
        longest[0] = max(longest[0], time.monotonic() - last[0])
        last[0] = time.monotonic()
    heart = QTimer()
    heart.timeout.connect(beat)
    window().close()
    settle(0.1)
    doing.build(wheels=wheels)
    last[0] = time.monotonic()
    heart.start(5)
    loop = QEventLoop()
    doing.changed.connect(lambda: doing.running or loop.quit())
    loop.exec()
    heart.stop()
    found["gap"] = longest[0]
    found["done"] = doing.state, setup.own_state(), str(doing.error)
    setup.ensure_engine(iface, lambda: called.append(2))
    found["called at once"] = list(called)
    ready.drop_mark(ready.env_folder())
    setup.forget_engine()
    setup.ensure_engine(iface, lambda: called.append(3))
    wait(lambda: window() is not None)
    doing.build(wheels=wheels)
    wait(lambda: 3 in called)
    settle(0.2)
    found["closed"] = window() is None
    found["messages"] = messages()
""",
        *small, later,
    )  # fmt: skip
    print(f"longest gap of the event loop while building: {found['gap'] * 1000:.0f} ms")
    assert found["idle"] == ["Set up", "not set up yet", False, []]
    assert found["help"][0].endswith("/README.md") and found["help"][1].endswith("/lists/index.html#setup")
    assert found["offline"].startswith("The engine's packages have to be downloaded, and the offline switch is on")
    text, visible, button, status = found["failed"]
    assert "lacks graftbeta" in text and "pip download" in text and visible and button == "Retry"
    assert status.startswith("begun, and not finished") and found["log"]
    assert found["running"] == [True, "Making an environment …", False, True]
    assert found["cancel s"] < 1.0 and found["cancelled"] == ["begun, and not finished; what has come is kept", False,
                                                              "Repair"]  # fmt: skip
    assert found["done"] == ["done", "ready", "None"] and found["called at once"] == [2]
    assert found["closed"] and "The engine is ready." in found["messages"]
    assert found["gap"] < 1.0, "printed above; 0.1 s where the machine is not shared"


def test_options_are_kept_and_count_and_a_report_tells_nothing(desktop, small, tmp_path):
    store = tmp_path / "store 저장"
    (store / ("a" * 64) / "data").mkdir(parents=True)
    (store / ("a" * 64) / "data" / "c").write_bytes(b"x" * 2_000_000)
    (store / "mine.txt").write_text("not the engine's")
    found = desktop(
        SMALL
        + """
    from graft.graft_plugin.host.engine import _limits, set_engine, with_settings
    from graft.graft_plugin.host.messages import log
    from graft.graft_plugin.host.options import show_options
    OFFLINE.set(True)
    STORE.set(argv[3])
    MODEL.set("/home/someone/my model.pt")
    QgsSettings().setValue("graft/idle_minutes", "soon")
    errors = []
    def in_options(act):
        'Open the options, act on the page in its modal window.'
        def go():
            try:
                dialog = QApplication.activeModalWidget()
                # QGIS 3.40 gives the page's name to what scrolls it, too
                page = next(w for w in dialog.findChildren(QWidget, "graft_options") if hasattr(w, "search"))
                act(dialog, page)
            except BaseException:
                errors.append(traceback.format_exc())
                dialog.reject()
        QTimer.singleShot(1500, go)
        show_options(iface)
    def first(dialog, page):
        wait(lambda: "stored" in page.search.size.text())
        shot("options")
        found["shown"] = [page.isVisible(), page.engine.idle.value(), page.engine.offline.isChecked(),
            page.search.size.text(), page.search.model.currentText(), page.engine.set_up.text(),
            page.engine.device.currentData(), page.engine.memory.text()]
        QTimer.singleShot(300, lambda: QApplication.activeModalWidget().button(QMessageBox.StandardButton.Yes).click())
        page.search.clear.click()
        wait(lambda: page.search.size.text() == "Nothing is stored.")
        found["left"] = os.listdir(argv[3])
        page.engine.device.setCurrentIndex(page.engine.device.findData("cpu"))
        page.engine.memory.setValue(2.5)
        page.engine.idle.setValue(3)
        page.search.model.setCurrentIndex(page.search.model.findData("openai-vit-b-16"))
        dialog.accept()
    in_options(first)
    found["errors"] = errors
    found["kept"] = [DEVICE.get(), MEMORY_GB.get(), IDLE_MINUTES.get(), OFFLINE.get(), MODEL.get(), STORE.get()]
    found["request"] = with_settings("query", {"raster": "a", "offline": False, "device": "mps"})
    found["others"] = with_settings("vectorise", {"heatmap": "a"}), with_settings("fetch", {"model": "m"})
    found["limits"] = [_limits().memory_bytes, _limits().idle_s]
    os.environ["GRAFT_ENGINE_PYTHON"] = argv[2]
    environment.MODULES = ("json",)
    found["env"] = set_engine(lambda: False).env.get("GRAFT_OFFLINE")
    values = {}
    for key, text in (("graft/device", "tpu"), ("graft/memory_gb", "-4"), ("graft/memory_gb", "nan"),
                      ("graft/idle_minutes", "99999")):
        QgsSettings().setValue(key, text)
        values[text] = next(s for s in (DEVICE, MEMORY_GB, IDLE_MINUTES) if s.key == key).get()
    found["nonsense"] = values
    layer = project.addMapLayer(QgsVectorLayer("Point?crs=EPSG:4326", "North pit", "memory"))
    log("/home/someone/field/secret.tif: the layer North pit is empty")
    from graft.graft_plugin.host.report import report_problem
    iface.messageBar().clearWidgets()
    report_problem(iface, RuntimeError("cannot read /home/someone/field/secret.tif"))
    wait(lambda: any("report was copied" in text for text in messages()))
    found["report"] = QApplication.clipboard().text()
    from graft.graft_plugin.host.network import qgis_proxy
    found["proxy"] = [qgis_proxy()]
    for kind, secret in (("HttpProxy", "p@ss word"), ("Socks5Proxy", ""), ("DefaultProxy", "")):
        for key, value in {"proxyEnabled": True, "proxyType": kind, "proxyHost": "proxy.corp", "proxyPort": "3128",
                           "proxyUser": "bob" if secret else "", "proxyPassword": secret}.items():
            QgsSettings().setValue("proxy/" + key, value)
        QgsNetworkAccessManager.instance().setupDefaultProxyAndCache()
        found["proxy"].append(qgis_proxy())
    PYTHON.set("/nowhere/python")
    setup.ensure_engine(iface, lambda: found.update(never=True))
    wait(lambda: window() is not None)
    found["named"] = window().page.problem.text(), window().page.problem.isVisible()
    def gone(dialog, page):
        found["after unload"] = page is not None
        dialog.reject()
    qgis.utils.unloadPlugin("graft")
    QTimer.singleShot(1500, lambda: gone(QApplication.activeModalWidget(),
                      QApplication.activeModalWidget().findChild(QWidget, "graft_options")))
    iface.showOptionsDialog(iface.mainWindow())
""",
        *small, store,
    )  # fmt: skip
    assert found["errors"] == []
    visible, idle, offline, size, model, button, device, memory = found["shown"]
    assert visible and offline and (idle, size, button, device) == (15, "2 MB stored", "Set up…", "auto")
    assert model == "/home/someone/my model.pt" and memory.startswith("Automatic (")
    assert found["left"] == ["mine.txt"]
    assert found["kept"] == ["cpu", 2.5, 3, True, "openai-vit-b-16", str(store)]
    assert found["request"] == {"raster": "a", "offline": True, "device": "mps", "store": str(store)}
    assert found["others"] == [{"heatmap": "a"}, {"offline": True, "model": "m"}]
    assert found["limits"] == [2_500_000_000, 180.0] and found["env"] == "1"
    assert found["nonsense"] == {"tpu": "auto", "-4": 0.0, "nan": 0.0, "99999": 15}
    report = found["report"]
    for words in ("QGIS: 3.", "Qt: ", "Plugin: 0.", "graft/device: auto", "layer <name> is empty", "Packages: torch"):
        assert words in report, report
    assert not re.search(r"someone|secret|North pit|my model", report) and str(tmp_path) not in report, report
    assert found["proxy"] == ["", "http://bob:p%40ss%20word@proxy.corp:3128", "socks5h://proxy.corp:3128", ""]
    text, visible = found["named"]
    assert text.startswith("/nowhere/python: this Python cannot run the engine: cannot be started") and visible
    assert "Options, GRAFT" in text and "never" not in found
    assert found["after unload"] is False
