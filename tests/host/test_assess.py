"""Points over a result, judged in a real QGIS window by keys, and the report: numbers that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from .test_index import write

JUDGE = """
    import processing
    from osgeo import ogr
    raster, model, folder = argv
    feedback = QgsProcessingFeedback(False)
    labels = "lake\\nsoil"
    classes = processing.run("graft:classify", {"INPUT": raster, "LABELS": labels, "MODEL": model,
                             "OUTPUT": folder + "/classes.tif"}, feedback=feedback)["OUTPUT"]
    imagery = project.addMapLayer(QgsRasterLayer(raster, "field"))
    result = project.addMapLayer(QgsRasterLayer(classes, "classes"))
    settle()
    iface.zoomFull()
    iface.mainWindow().findChild(QAction, "graft_panel").setChecked(True)
    dock = iface.mainWindow().findChild(QDockWidget, "GraftDock")
    dock.findChild(QToolButton, "graft_assess").click()
    page, canvas = dock.assess, iface.mapCanvas()
    settle(0.3)
    opened = []
    import graft.graft_plugin.host.assess_page as module
    keep = staticmethod(lambda url: opened.append(url.toLocalFile()))
    module.QDesktopServices = type("No browser", (), {"openUrl": keep})
    found["width"] = page.minimumSizeHint().width()
    page.result.setLayer(result)
    page.count.setValue(10)
    page.draw.click()
    wait(lambda: page.review.isVisible())
    panel = page.review
    found["labels"] = [[label.number, label.name] for label in panel.review.labels]
    found["buttons"] = [button.text() for button in panel.labels.findChildren(QToolButton)]
    found["hidden"] = not project.layerTreeRoot().findLayer(result.id()).itemVisibilityChecked()
    places = []
    from qgis.PyQt.QtTest import QTest
    window = iface.mainWindow()
    window.activateWindow()
    canvas.setFocus()
    settle(0.3)
    centre = lambda: [canvas.extent().center().x(), canvas.extent().center().y()]
    def press(key):
        QTest.keyClick(canvas, key)
        settle(0.05)
    lake = lambda place: (place[1] > 4480000 - 224) and place[0] < 448000 + 2 * 224  # the two tiles in the upper left
    for number in range(10):
        place = panel.review.place()
        places.append([place.x(), place.y()])
        found.setdefault("centred", []).append(max(abs(a - b) for a, b in zip(centre(), places[-1])) < 2.0)
        press(Qt.Key.Key_1 if lake(places[-1]) else Qt.Key.Key_2)
        if number == 2:
            found["count"] = panel.count.text()
            shot("review")
            press(Qt.Key.Key_Backspace)
            found["undone"] = [panel.count.text(), [panel.review.place().x(), panel.review.place().y()] == places[2]]
            press(Qt.Key.Key_1 if lake(places[2]) else Qt.Key.Key_2)
    wait(lambda: bool(opened))
    found["told"] = page.told.text()
    shot("review report")
    found["opened"] = opened
    layer = panel.review.layer
    found["said"] = [[f["map_class"], f["reference"], f["x"], f["y"]] for f in layer.getFeatures()]
    report = processing.run("graft:assess", {"INPUT": layer, "OUTPUT": folder + "/r.json"}, feedback=feedback)
    found["report"] = json.load(open(report["OUTPUT"]))
    found["overall"] = [report["JUDGED"], report["OVERALL"]]
    sampled = processing.run("graft:assess_sample", {"INPUT": classes, "POINTS": 8, "SEED": 5, "OUTPUT":
                             folder + "/p.gpkg"}, feedback=feedback)
    drawn = QgsVectorLayer(sampled["OUTPUT"], "p", "ogr")
    found["sampled"] = [sampled["COUNT"], drawn.featureCount(), sorted({f["map_class"] for f in drawn.getFeatures()})]
    page.points.setLayer(None)
    project.removeMapLayer(layer.id())
    settle(0.2)
    found["ended"] = panel.isVisible(), panel._mark is None
    del layer, drawn
    qgis.utils.unloadPlugin("graft")
"""


def test_points_are_judged_by_keys_and_reported(desktop, colour_model, tmp_path):
    kinds = np.full((4, 4), "soil", object)
    kinds[0, 0] = "lake"  # the map has one lake; whoever judges finds another beside it
    found = desktop(JUDGE, write(tmp_path / "field.tif", kinds), colour_model, tmp_path)
    assert found["width"] <= 300 and found["hidden"], "who judges sees the imagery alone"
    assert found["labels"] == [[1, "lake"], [2, "soil"]] and found["buttons"] == ["1  lake", "2  soil"]
    assert all(found["centred"]) and len(found["centred"]) == 10
    assert found["count"] == "3 of 10" and found["undone"] == ["2 of 10", True]
    said = found["said"]
    assert [row[1] for row in said] == ["lake" if y > 4480000 - 224 and x < 448448 else "soil" for _m, _r, x, y in said]
    assert found["told"].startswith("10 of 10 points judged") and found["opened"][0].endswith("/assess/classes.html")
    right = {kind: [m == r for m, r, _x, _y in said if m == kind] for kind in ("lake", "soil")}
    share = {"lake": 1 / 16, "soil": 15 / 16}  # of the map; each stratum's accuracy counts by it
    overall = sum(share[kind] * np.mean(right[kind]) for kind in share)
    assert found["overall"] == [10, pytest.approx(overall)]
    area = 896**2 * (share["lake"] + share["soil"] * (1 - np.mean(right["soil"])))
    assert found["report"]["classes"][0]["area_m2"]["value"] == pytest.approx(area)
    assert found["sampled"] == [8, 8, ["lake", "soil"]]
    assert found["ended"] == [False, True]
