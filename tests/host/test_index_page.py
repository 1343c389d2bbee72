"""The index page in a real QGIS window: built, searched, browsed, marked and ranked again; QGIS is never held up."""

from __future__ import annotations

from .test_index import SIDE, field, kind_of  # noqa: F401 - `field` is a fixture

PAGE = """
    raster, model, folder = argv
    QgsSettings().setValue("graft/model", model)
    layer = project.addMapLayer(QgsRasterLayer(raster, "field"))
    settle()
    iface.zoomFull()
    iface.mainWindow().findChild(QAction, "graft_panel").setChecked(True)
    dock = iface.mainWindow().findChild(QDockWidget, "GraftDock")
    longest = [0.0, 0.0, 0.0, 0.0]  # gap, busy; the last beat's time, and the main thread's time at it
    def beat():
        now, busy = time.monotonic(), time.thread_time()
        longest[:] = [max(longest[0], now - longest[2]), max(longest[1], busy - longest[3]), now, busy]
    heart = QTimer()
    heart.timeout.connect(beat)
    dock.findChild(QToolButton, "graft_index").click()
    page, canvas = dock.index, iface.mapCanvas()
    settle(0.3)
    dock.pages.setCurrentIndex(0)
    dock.search.prompts.line.setText("lake")
    dock.tools.menu().actions()[1].trigger()
    (dialog,) = [w for w in QApplication.topLevelWidgets() if type(w).__name__ == "AlgorithmDialog"]
    given = getattr(dialog, "createProcessingParameters", getattr(dialog, "getParameterValues", None))()
    found["dialog"] = [dialog.algorithm().id(), given["INPUT"] == layer.id(), given["PROMPTS"], given["MODEL"] == model]
    shot("compare dialog")
    dialog.close()
    dialog.deleteLater()
    shot("dock")
    dock.show_index()
    found["width"] = page.minimumSizeHint().width()
    found["before"] = page.search.isEnabled(), page.build.build.isEnabled()
    page.build_group.setCollapsed(False)
    page.folder.setFilePath(folder + "/ix")
    page.build.model.choose(model)
    longest[:] = [0.0, 0.0, time.monotonic(), time.thread_time()]
    heart.start(10)
    page.build.estimate.click()
    wait(lambda: page.build.build.isEnabled())
    found["cost"] = page.build.told.text()
    shot("index estimate")
    page.build.build.click()
    wait(lambda: "An index made with" in page.state.text())
    page.near.setChecked(True)
    page.prompts.line.setText("lake")
    page.search.click()
    wait(lambda: page.chips.count() and not page.waiting.isVisible())
    chips = page.chips
    tiles = lambda: [chips.item(row).data(Qt.ItemDataRole.UserRole) for row in range(chips.count())]
    found["first"] = [tile["id"] for tile in tiles()]
    found["pictures"] = all(chips.item(row).data(Qt.ItemDataRole.DecorationRole) for row in range(chips.count()))
    (drawn,) = [l for l in project.mapLayers().values() if l.name() == "lake"]
    found["layer"] = [drawn.featureCount(), drawn.crs().authid(), type(drawn.renderer()).__name__]
    none = Qt.KeyboardModifier.NoModifier
    key = lambda code: QApplication.sendEvent(chips, QKeyEvent(QEvent.Type.KeyPress, code, none))
    rect = chips.visualItemRect(chips.item(1))
    place = QPointF(rect.center())
    for kind, buttons in ((QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton),
                          (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton)):
        QApplication.sendEvent(chips.viewport(), QMouseEvent(kind, place, Qt.MouseButton.LeftButton, buttons, none))
    settle()
    found["zoomed"] = [canvas.extent().contains(QgsRectangle(*tiles()[1]["bounds"])), canvas.extent().height()]
    key(Qt.Key.Key_1)
    key(Qt.Key.Key_Right)
    found["at"] = chips.currentRow()
    key(Qt.Key.Key_0)
    key(Qt.Key.Key_0)
    key(Qt.Key.Key_Left)
    key(Qt.Key.Key_0)
    found["marks"] = [page.results.words.text(), {found["first"].index(k): v for k, v in chips.marks.items()}]
    shot("index marks")
    page.near.setChecked(False)  # what was asked for stays as it was
    source = drawn.source()
    key(Qt.Key.Key_Return)
    wait(lambda: drawn.source() != source)
    found["second"], found["wrong"] = [tile["id"] for tile in tiles()], chips.marked_as(False)
    found["layers"] = sorted(l.name() for l in project.mapLayers().values())
    iface.zoomFull()
    page.heat.click()
    wait(lambda: len(project.mapLayers()) == 3)
    heart.stop()
    found["longest"] = longest[:2]
    (heat,) = [l for l in project.mapLayers().values() if "heatmap" in l.name()]
    lake = QgsRectangle(*tiles()[0]["bounds"]).center()
    found["heat"] = heat.dataProvider().sample(lake, 1)[0]
    shot("index again")
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    to_map = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:32615"), project.crs(), project)
    wood = to_map.transform(QgsPointXY(448000 + 6.5 * 224, 4480000 - 5.5 * 224))
    page.like.tool.add(wood, True)
    page.like.find.click()
    wait(lambda: any(l.name() == "like this" for l in project.mapLayers().values()))
    found["like"] = [tile["id"] for tile in tiles()], chips.marks
    chips.setCurrentRow(0)
    found["in degrees"] = canvas.extent().contains(wood) or canvas.extent().contains(
        to_map.transformBoundingBox(QgsRectangle(*tiles()[0]["bounds"])).center())
    page.build_group.setCollapsed(True)
    page.folder.setFilePath(folder)
    found["no index"] = page.state.text(), page.search.isEnabled()
    page.back.click()
    found["outline"] = page.outline._band is None
    qgis.utils.unloadPlugin("graft")
"""


def test_an_index_is_built_searched_and_ranked_again(desktop, field, colour_model, tmp_path):  # noqa: F811
    path, kinds = field
    found = desktop(PAGE, path, colour_model, tmp_path)
    assert found["dialog"] == ["graft:compare", True, "lake", True]
    assert found["width"] <= 300 and found["before"] == [False, False]
    assert found["cost"].startswith(f"{SIDE**2}\u00a0tiles") and "free" in found["cost"]
    assert [kind_of(tile, kinds) for tile in found["first"]][:9] == ["lake"] * 9 and found["pictures"]
    assert found["layer"][1:] == ["EPSG:32615", "QgsGraduatedSymbolRenderer"]
    assert found["layer"][0] == len(found["first"]) == 50, "the neighbours too"
    inside, height_m = found["zoomed"]
    assert inside and height_m < 4 * 224
    assert found["at"] == 3, "a mark moves on by one, the arrow by another"
    assert found["marks"] == ["1 right, 1 wrong", {"1": True, "3": False}], "the same mark again takes it back"
    assert len(found["wrong"]) == 1 and not set(found["wrong"]) & set(found["second"])
    assert found["layers"] == ["field", "lake"], "another ranking is shown in the same layer"
    assert found["heat"] > 0.9
    like, marks = found["like"]
    assert kind_of(like[0], kinds) == "forest" and not marks and found["in degrees"]
    assert found["no index"] == ["There is no index here yet: build one.", False] and found["outline"]
    gap, busy = found["longest"]
    print(f"the event loop's longest gap {gap * 1e3:.0f} ms, the main thread busy for {busy * 1e3:.0f} ms of one")
    assert busy < 0.1, "of the time that the main thread itself worked, whatever else the machine does"
