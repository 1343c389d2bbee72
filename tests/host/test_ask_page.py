"""The Ask tab in a real QGIS window with the real engine: asked, cancelled, planned anew, kept, and by an endpoint."""

from __future__ import annotations

import json
import zipfile
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

from tests.servers import serving

SCENE = Path(__file__).resolve().parents[2] / "resources" / "scenes" / "farmland.tif"
KEY = "sk-of-this-test-0123456789"
WRITTEN = 'forests = find("forest")\nanswer(share(forests) * 100, unit="%", about="is forest")'

PAGE = """
    layer = project.addMapLayer(QgsRasterLayer(argv[0], "farm & land"))
    settle()
    iface.zoomFull()
    iface.mapCanvas().zoomByFactor(0.55)  # a part of it is enough, and quicker
    iface.mainWindow().findChild(QAction, "graft_panel").setChecked(True)
    dock = iface.mainWindow().findChild(QDockWidget, "GraftDock")
    dock.tabs.setCurrentIndex(1)
    page = dock.ask
    wait(lambda: dock.search.model.ready)
    settle(0.3)
    longest = [0.0, time.thread_time()]
    def beat():
        longest[:] = [max(longest[0], time.thread_time() - longest[1]), time.thread_time()]
    heart = QTimer()
    heart.timeout.connect(beat)
    def run(click, answers=True):
        before = len(groups())
        click()
        wait(lambda: page._task is None and page.answer.isVisible())
        wait(lambda: len(groups()) == before + answers)
        settle(0.1)
    def groups():
        return [node.name() for node in project.layerTreeRoot().children() if isinstance(node, QgsLayerTreeGroup)]
    def shown():
        return [label.text() for label in (page.answer.headline, page.answer.text, page.answer.confidence)]
    found["empty"] = page.examples.isVisible(), page.run.isEnabled(), page.plan_group.isVisible(), page.place.text()
    found["width"] = page.minimumSizeHint().width()
    shot("ask empty")
    page.examples.findChildren(QLabel)[1].linkActivated.emit("ask")
    found["question"] = page.question.question()
    page.run.click()
    wait(lambda: page._task is not None and page.strip.words.text() not in ("", "Starting …"))
    started = time.monotonic()
    page.strip.cancel.click()
    wait(lambda: page._task is None)
    found["cancel s"] = time.monotonic() - started
    wait(page.answer.isVisible)
    found["cancelled"] = shown(), page.answer.why.text(), groups(), page.run.isEnabled()
    beat()
    longest[0] = 0.0
    heart.start(5)
    run(page.run.click)
    heart.stop()
    found["busy"] = longest[0]
    answer = page.history.answers()[0]
    lakes = project.mapLayersByName("lakes · %d" % answer.value)[0]
    found["lakes"] = shown(), answer.value, lakes.featureCount(), lakes.abstract(), lakes.crs().isValid()
    found["groups"], found["plan"] = groups(), (page.plan.plan(), page.plan.writer.text(), page.examples.isVisible())
    found["temporary"] = lakes.customProperty("skipMemoryLayersCheck")
    shot("ask answer")
    page.plan.edit.setPlainText('lakes = find("lake")\\nanswer(area_ha(lakes), unit="ha", about="of lakes")')
    run(page.plan.again.click)
    found["area ha"] = page.history.answers()[0].value, sum(f["area_m2"] for f in lakes.getFeatures()) / 1e4
    found["shown"] = [node.isVisible() for node in project.layerTreeRoot().children()]
    found["given"] = page.plan.writer.text(), len(page.history.answers()), len(project.attachedFiles())
    page.question.setPlainText("Why is the sky blue?")
    run(page.run.click, answers=False)
    found["not understood"] = shown(), page.answer.why.text(), page.plan_group.isVisible(), len(groups())
    shot("ask error")
    page.question.setPlainText("How much forest was lost between the two dates?")
    found["before"] = page.dates.isVisible(), page.earlier.currentLayer() is None
    run(page.run.click, answers=False)
    found["one date"] = page.answer.why.text()
    project.write(argv[1])
    project.clear()
    settle(0.2)
    found["cleared"] = page.history.list.count(), page.answer.isVisible(), page.plan_group.isVisible()
    project.read(argv[1])
    settle(0.5)
    history = page.history.list
    found["history"] = [history.item(row).text().splitlines()[0] for row in range(history.count())]
    history.itemClicked.emit(history.item(1))
    settle(0.3)
    current = iface.layerTreeView().currentLayer()
    found["again"] = shown()[0], current.name(), current.featureCount(), page.question.question()
    QgsApplication.authManager().setMasterPassword("master", True)
    from graft.graft_plugin.host import options, plan_writer, report, settings
    window = options.OptionsPage(iface)
    window.show()
    box = window.planner
    found["off"] = box.writer.currentData(), box.url.isEnabled(), box.sent.text()
    box.writer.setCurrentIndex(1)
    box.url.setText(argv[2])
    box.model.setText("tester")
    box.key.setText("a wrong key")
    box.test.click()
    wait(box.test.isEnabled)
    found["wrong key"] = box.told.text()
    box.key.setText(argv[3])
    box.test.click()
    wait(box.test.isEnabled)
    found["tested"] = box.told.text()
    shot("ask options")
    window.apply()
    found["auth"] = settings.ENDPOINT_AUTH.get() in QgsApplication.authManager().configIds()
    window.close()
    page.question.setPlainText("Tell me about the woods.")
    run(page.run.click)
    found["endpoint"] = shown(), page.plan.plan(), page.plan.writer.text()
    page.copy.menu().actions()[0].trigger()
    found["copied"] = QApplication.clipboard().text()
    report.report_problem(iface)
    wait(lambda: "a problem" in QApplication.clipboard().text())
    found["report"] = QApplication.clipboard().text()
    found["log"] = "\\n".join(report.recent_lines())
    project.write(argv[1])
    QgsSettings().sync()
    found["settings"] = open(QgsSettings().fileName(), encoding="utf-8").read()
    database = QgsApplication.qgisAuthDatabaseFilePath()
    found["database"] = open(database, "rb").read().decode("latin-1")
    settings.OFFLINE.set(True)
    settings.ENDPOINT_URL.set("http://graft.invalid/v1")
    run(page.run.click, answers=False)
    found["offline"] = page.answer.why.text()
    qgis.utils.unloadPlugin("graft")
    settle(0.3)
"""


class ChatServer(BaseHTTPRequestHandler):
    """Speaks OpenAI's chat protocol as far as a plan needs it, and keeps what it was sent."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        key = self.headers.get("Authorization", "")
        self.asked.append((key, body))
        good = key == f"Bearer {KEY}"
        message = {"role": "assistant", "content": json.dumps({"plan": WRITTEN})}
        answer = {"choices": [{"message": message}]} if good else {"error": {"message": "no such key"}}
        data = json.dumps(answer).encode()
        self.send_response(200 if good else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args) -> None:
        pass


def test_questions_from_typing_to_a_saved_project_and_an_endpoint(desktop, tmp_path):
    project = tmp_path / "asked.qgz"
    ChatServer.asked = []
    with serving(ChatServer, "/v1") as url:
        found = desktop(PAGE, SCENE, project, url, KEY)
    print(f"cancelled in {found['cancel s']:.2f} s; main thread busy for {found['busy'] * 1e3:.0f} ms at most")
    examples, run, plan, place = found["empty"]
    assert examples and not run and not plan and place.startswith("farm &amp; land · Visible map · mini ")
    assert found["width"] <= 320 and found["question"] == "How many lakes are there?"
    assert found["cancel s"] < 1.0 and found["busy"] < 0.1
    assert found["cancelled"] == [["No answer", "", ""], "Cancelled", [], True]
    (headline, sentence, sure), value, features, call, placed = found["lakes"]
    assert value == features > 0 and headline == f"{value} lakes" and sentence in ("", f"{value} lakes.")
    assert sure.startswith("Confidence: ") and "find" in call and placed
    assert found["groups"] == ["How many lakes are there?"] and found["temporary"]
    assert found["plan"][0].startswith('lakes = find("lake")') and found["plan"][1:] == [
        "Written by the built-in planner.",
        False,
    ]
    area_ha, features_ha = found["area ha"]
    assert abs(area_ha - features_ha) < 1e-3 * features_ha, "the second plan measures what the first one drew"
    assert found["shown"] == [True, False, True], "the layers of one answer, and the imagery"
    assert found["given"] == ["Run as it was given.", 2, 2]
    shown, why, plan, count = found["not understood"]
    assert shown[0] == "No answer" and "does not understand" in why and "how many" in why and not plan and count == 2
    assert found["before"] == [True, True] and "only one raster" in found["one date"]
    assert found["cleared"] == [0, False, False]
    assert found["history"] == ["How many lakes are there? (own plan)", "How many lakes are there?"]
    assert found["again"] == [headline, f"lakes · {value}", value, "How many lakes are there?"]
    _check_endpoint(found, url, project)


def _check_endpoint(found, url: str, project: Path) -> None:
    assert found["off"][:2] == ["built-in", False] and "sends nothing" in found["off"][2]
    assert "does not accept the key" in found["wrong key"] and found["tested"].startswith("It works")
    assert found["auth"]
    (headline, _text, _sure), plan, writer = found["endpoint"]
    assert headline.endswith(" %") and plan == WRITTEN and writer == "Written by the endpoint of the options."
    assert f"--endpoint {url} --endpoint-model tester" in found["copied"]
    sent = [body for key, body in ChatServer.asked if key == f"Bearer {KEY}"]
    assert len(sent) == 2 and "Tell me about the woods." in sent[1]
    assert not any(word in body for body in sent for word in ("farm & land", SCENE.stem, str(SCENE.parent), "EPSG"))
    with zipfile.ZipFile(project) as whole:
        found["project"] = "".join(whole.read(name).decode("latin-1") for name in whole.namelist())
    assert "Tell me about the woods." in found["project"] and "tester" in found["settings"], "what is looked into"
    for name in ("project", "copied", "report", "log", "settings", "database"):
        assert KEY not in found[name], name
    assert url not in found["report"] and "offline switch" in found["offline"]
