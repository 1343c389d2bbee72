"""The fine-tune page: what it asks for, and a whole run in a real QGIS window, from data to a model and its removal."""

from __future__ import annotations

import pytest

from tests.training.local.conftest import write_small_area

FIELDS = """
from qgis.PyQt.QtCore import QRectF
from graft.graft_plugin.host import curve, finetune_order, finetune_pairs
from graft.graft_plugin.host.finetune_page import plan_words
from graft.graft_plugin.host.source import layer_source
from graft.graft_plugin.errors import GraftError
def failure(work, *args):
    try:
        work(*args)
    except GraftError as error:
        return str(error)
raster = QgsRasterLayer(argv[0], "farm North!")
points = QgsVectorLayer(argv[1] + "|layername=spots", "spots", "ogr")
polygons = QgsVectorLayer(argv[2] + "|layername=graft", "polygons", "ogr")
order = finetune_order.FinetuneOrder(source=layer_source(raster), extent=(1.0, 2.0, 3.0, 4.5), bands=(3, 2, 1),
                                     gsd_m=0.5, stretch=(-1.0, 3000.0), **finetune_order.teaching_points(points))
found["points"] = order.words(order.source.fetch(order.extent, 1.0), "t.gpkg")
order = finetune_order.FinetuneOrder(source=layer_source(raster), folder="/photos of mine", parent="graft-naip")
found["folder"] = order.words(order.source.fetch(None, 1.0), "t.gpkg")
order = finetune_order.FinetuneOrder(source=layer_source(raster), **finetune_order.teaching_polygons(polygons))
found["polygons"] = order.words(order.source.fetch(None, 1.0), "t.gpkg")
found["refused"] = [failure(finetune_order.teaching_points, polygons),
                    failure(finetune_order.teaching_polygons, points)]
named = lambda name: finetune_order.FinetuneOrder(source=layer_source(raster), folder="a", model_id=name)
found["names"] = [failure(finetune_order.checked, named(name), ["mini"]) for name in ("Mine!", "mini", "", "mine-1")]
found["free"] = [finetune_order.free_id("mini", "farm North!", []),
                 finetune_order.free_id("mini", "farm North!", ["mini-farm-north"]),
                 finetune_order.free_id("/a/b/graft.ckpt", "래스터", [])]
pairs = [["f%d.jpg" % k, 0.0, 0.0, ("train", "held", "buffer")[k % 3]] for k in range(90)]
found["words"] = plan_words({"pairs": pairs, "held_out": [], "dropped": {"unreadable": 2}})
found["chosen"] = [len(finetune_pairs.chosen(pairs)), {p[3] for p in finetune_pairs.chosen(pairs)} == {"train", "held"}]
square = finetune_pairs.around(["", -93.0, 45.0, "train"], QgsCoordinateReferenceSystem("EPSG:32615"), 224.0)
found["square"] = [square.width(), square.height(), square.center().x(), square.center().y()]
placed = curve.placed([(0.0, 5.0), (10.0, 1.0), (20.0, 3.0)], QRectF(0, 10, 200, 100), 20.0)
found["placed"] = [[p.x(), p.y()] for p in placed]
found["flat"] = [p.y() for p in curve.placed([(0.0, 2.0), (1.0, 2.0)], QRectF(0, 0, 10, 10), 1.0)]
found["smooth"] = [y for _, y in curve.smoothed([(0.0, 1.0), (1.0, 2.0)])]
"""


@pytest.fixture(scope="module")
def area(tmp_path_factory):
    return write_small_area(tmp_path_factory.mktemp("taught"))


def test_the_fields_say_what_the_command_needs(headless, area):
    found = headless(FIELDS, area.raster, area.points, area.polygons)
    raster = str(area.raster)
    assert found["points"] == [
        raster, "--photos", "t.gpkg", "--layer", "graft", "--field", "photo", "--extent=1.0,2.0,3.0,4.5",
        "--parent", "mini", "--sensor", "auto", "--device", "auto", "--bands", "3,2,1",
        "--stretch=-1.0,3000.0", "--gsd", "0.5",
    ]  # fmt: skip
    assert found["folder"][:3] == [raster, "--photos", "/photos of mine"] and "graft-naip" in found["folder"]
    assert "--layer" not in found["folder"]
    assert found["polygons"][1:6] == ["--polygons", "t.gpkg", "--layer", "graft", "--field"]
    assert all("has no field called" in words for words in found["refused"])
    bad, taken, empty, good = found["names"]
    assert "cannot be" in bad and "already" in taken and "cannot be" in empty and good is None
    assert found["free"] == ["mini-farm-north", "mini-farm-north-2", "graft.ckpt"]
    assert found["words"] == "30 photos teach, 30 judge, 30 lie between the two; 2 have no place here or cannot be read"
    assert found["chosen"] == [24, True]
    assert found["square"] == pytest.approx([224, 224, 500_000, 4_982_950.4], abs=0.1)
    assert found["placed"] == [[0, 10], [100, 110], [200, 60]] and found["flat"] == [5, 5]
    assert found["smooth"] == pytest.approx([1.0, 1.2])


PROCESSING = """
import processing
from processing.core.Processing import Processing
import graft
plugin = graft.classFactory(None)
plugin.initProcessing()
Processing.initialize()
told = []
class Feedback(QgsProcessingFeedback):
    def pushWarning(self, text):
        told.append(text)
def run(**more):
    try:
        return processing.run("graft:finetune", {"INPUT": argv[0], "PARENT": argv[3], **more}, feedback=Feedback(False))
    except QgsProcessingException as error:
        return str(error)
found["made"] = run(POLYGONS=argv[2] + "|layername=graft", NAME="ours", MINUTES=0.2)
found["told"] = told
found["refused"] = [run(NAME="b"), run(NAME="b", FOLDER=argv[1], POLYGONS=argv[2] + "|layername=graft"),
                    run(NAME="Mine", FOLDER=argv[1]), run(NAME="b", FOLDER=argv[1] + "/none")]
"""


def test_the_algorithm_makes_a_model(headless, area, colour_model):
    found = headless(PROCESSING, area.raster, area.photos, area.polygons, colour_model)
    made = found["made"]
    assert isinstance(made, dict) and made["MODEL"] in ("ours", "") and 0 <= made["BEFORE"] <= 1 >= made["AFTER"]
    assert bool(found["told"]) == (not made["MODEL"])
    none, two, name, folder = found["refused"]
    assert "one of them" in none and "one of them" in two and "cannot be" in name and "no such folder" in folder


RUN = """
    QgsSettings().setValue("graft/model", argv[3])
    layer = project.addMapLayer(QgsRasterLayer(argv[0], "farm"))
    polygons = project.addMapLayer(QgsVectorLayer(argv[2] + "|layername=graft", "corrected", "ogr"))
    settle()
    iface.zoomFull()
    iface.mainWindow().findChild(QAction, "graft_panel").setChecked(True)
    dock = iface.mainWindow().findChild(QDockWidget, "GraftDock")
    dock.findChild(QToolButton, "graft_finetune").click()
    page, session = dock.finetune, dock.session
    settle(0.3)
    found["width"] = page.minimumSizeHint().width()
    items = lambda: len(iface.mapCanvas().scene().items())
    before = items()
    page.data.choose("folder")
    page.data.folder.setFilePath(argv[1])
    page.look.click()
    wait(lambda: page.look.isEnabled())
    wait(lambda: page.pairs.count() and not page.pairs._waiting and not page.pairs.item(0).icon().isNull())
    settle(0.5)
    found["told"], found["pairs"], found["drawn"] = page.told.text(), page.pairs.count(), items() - before
    shot("finetune data")
    page.data.choose("polygons")
    page.data.polygons.setLayer(polygons)
    settle(0.2)
    found["cleared"] = items() - before, page.pairs.isVisible()
    page.name.setText("of-the-panel")
    page.minutes.setValue(60)
    longest = [0.0, time.monotonic()]
    def beat():
        now = time.monotonic()
        longest[0], longest[1] = max(longest[0], now - longest[1]), now
    heart = QTimer()
    heart.timeout.connect(beat)
    heart.start(5)
    page.run.click()
    wait(lambda: len(session.losses) > 3 or not session.running)
    assert len(session.losses) > 3, (session.error, session.result)
    from graft.graft_plugin.host import finetune_session
    asked = []
    finetune_session.QMessageBox.question = lambda *a: asked.append(a[2]) or QMessageBox.StandardButton.No
    found["may close"] = dock._guard._blocker.allowExit(), asked
    shot("finetune runs")
    page.progress.stop.click()
    wait(lambda: not session.running)
    settle(0.5)
    heart.stop()
    found["gap"] = longest[0]
    found["error"], found["result"] = str(session.error), session.result
    found["free to close"] = dock._guard._blocker.allowExit(), len(asked)
    table = page.progress.table
    found["table"] = [[table.item(r, c).text() for c in range(3)] for r in range(table.rowCount())]
    shot("finetune done")
    page.back.click()
    found["model"] = dock.search.model.model()
    wait(lambda: not found["result"]["model"] or dock.search.model.remove.isVisible())
    from graft.graft_plugin.host import dock as dock_module
    dock_module.QMessageBox.question = lambda *a: QMessageBox.StandardButton.Yes
    if found["result"]["model"]:
        dock.search.model.remove.click()
        wait(lambda: dock.search.model.model() == "mini")
    found["after"] = dock.search.model.model()
    session.begin(finetune_session.FinetuneOrder(**{**page.order().__dict__, "model_id": "again", "minutes": 60.0}))
    settle(0.5)
    qgis.utils.unloadPlugin("graft")
    wait(lambda: QgsApplication.taskManager().countActiveTasks() == 0)
"""


def test_a_whole_run_in_the_window(desktop, area, colour_model, engine_env):
    found = desktop(RUN, area.raster, area.photos, area.polygons, colour_model)
    print(f"longest gap {found['gap'] * 1e3:.0f} ms")
    assert found["width"] <= 320
    assert "photos teach" in found["told"] and found["pairs"] == 24 and found["drawn"] >= 90
    assert found["cleared"] == [0, False]
    assert found["may close"] == [False, ["A model is being fine-tuned. Close QGIS and lose what it has learnt?"]]
    assert found["error"] == "None" and found["free to close"] == [True, 1]
    assert [row[0] for row in found["table"]] [:2] == ["Overlap (IoU)", "Ranking (AUC)"]
    made = found["result"]["model"]
    assert made in ("of-the-panel", None) and found["model"] == (made or str(colour_model))
    assert found["after"] == ("mini" if made else str(colour_model))
    assert found["gap"] < 1.0, "printed above; 0.1 s where the machine is not shared"
