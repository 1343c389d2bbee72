"""The panel in a real QGIS window: from typing to layers, the threshold live, refined, more like this, copied."""

from __future__ import annotations

import shlex

PANEL = """
    from qgis.PyQt.QtTest import QTest
    layer = project.addMapLayer(QgsRasterLayer(argv[0], "farm"))
    settle()
    iface.zoomFull()
    QgsSettings().setValue("graft/model", argv[1])
    logged = []
    QgsApplication.messageLog().messageReceived.connect(lambda text, tag, level: tag == "GRAFT" and logged.append(text))
    longest = [0.0, 0.0, 0.0, 0.0]  # gap, busy; the last beat's time, and the main thread's time at it
    def still():
        longest[:] = [0.0, 0.0, time.monotonic(), time.thread_time()]
    def beat():
        now, busy = time.monotonic(), time.thread_time()
        longest[:] = [max(longest[0], now - longest[2]), max(longest[1], busy - longest[3]), now, busy]
    heart = QTimer()
    heart.timeout.connect(beat)
    iface.mainWindow().findChild(QAction, "graft_panel").setChecked(True)
    dock = iface.mainWindow().findChild(QDockWidget, "GraftDock")
    asked, ask = [], dock.calls.ask
    dock.calls.ask = lambda kind, *more: asked.append(kind) or ask(kind, *more)
    def run(click):
        before = len(logged)
        loop = QEventLoop()
        dock._runs.ended.connect(loop.quit)
        QTimer.singleShot(0, click)
        loop.exec()
        dock._runs.ended.disconnect(loop.quit)
        wait(lambda: any("encoded_tiles" in text for text in logged[before:]) or messages())
        settle(0.3)
    def groups():
        return [node.name() for node in project.layerTreeRoot().children() if isinstance(node, QgsLayerTreeGroup)]
    box = lambda e: [e.xMinimum(), e.yMinimum(), e.xMaximum(), e.yMaximum()]
    def shapes(polygons):
        return {f["prompt"]: [f["area_m2"], box(f.geometry().boundingBox())] for f in polygons.getFeatures()}
"""


def test_from_typing_to_polygons_that_follow_the_threshold(desktop, colour_scene, colour_model):
    found = desktop(
        PANEL
        + """
    QTest.keyClicks(dock.search.prompts.line, "lake,forest")
    wait(lambda: "tile" in dock.search.estimate.text(), 60)
    found["asked"] = asked[:]
    found["estimate"], found["sensor"] = dock.search.estimate.text(), dock.search.sensor.summary.text()
    found["width"] = dock.pages.widget(0).widget().minimumSizeHint().width()
    shot("typed")
    still()
    heart.start(5)
    run(dock.search.run.click)
    found["gap run"] = longest[:2]
    shot("found")
    found["groups"] = groups()
    panel = dock.threshold
    polygons = panel._run.polygons
    wait(panel.found.text, 10)
    found["title"], found["first"] = panel.title.text(), panel.found.text()
    found["counts"] = sum(panel.histogram._counts)
    still()
    moved = []
    for threshold in (0.3, 0.5, 0.7):
        before, start = polygons.source(), time.monotonic()
        panel.histogram._move(threshold)
        wait(lambda: polygons.source() != before)
        moved.append(time.monotonic() - start)
    found["moved s"], found["gap moved"] = moved, longest[:2]
    heart.stop()
    found["classes"] = [project.layerTreeRoot().findLayer(layer.id()).itemVisibilityChecked()
                        for layer in project.mapLayers().values() if "classes" in layer.name()]
    found["cells"], found["words"] = shapes(polygons), panel.found.text()
    found["kept"] = polygons.name(), polygons.renderer().type(), len(project.mapLayers())
    before = polygons.source()
    shot("threshold")
    run(panel.refine.click)
    found["refined"] = polygons.source() != before, groups(), sorted(shapes(polygons)), logged[-1]
    dock.search.prompts.set_prompts(("forest",))
    run(dock.search.run.click)
    found["again"], found["groups after"] = logged[-1], groups()
    for words, action in zip(("graft", "process", "python"), dock.copy.menu().actions()):
        action.trigger()
        found[words] = QApplication.clipboard().text()
    iface.layerTreeView().setCurrentLayer(polygons)
    settle(0.2)
    found["followed"] = panel.title.text()
    project.removeMapLayer(polygons.id())
    settle(0.2)
    found["removed"] = panel.title.text(), panel.refine.isEnabled()
    project.removeAllMapLayers()
    settle(0.2)
    dock.copy.menu().actions()[0].trigger()
    found["nothing to copy"] = [text for text in messages() if "raster layer" in text]
""",
        colour_scene.path, colour_model,
    )  # fmt: skip
    gaps = {name: [round(s * 1e3) for s in found[name]] for name in ("gap run", "gap moved", "moved s")}
    print(f"the event loop's longest gap, and the longest that the main thread was busy in one, ms: run "
          f"{gaps['gap run']}, slider {gaps['gap moved']}; slider to polygons {gaps['moved s']} ms")  # fmt: skip
    assert "tile" in found["estimate"] and "memory" in found["estimate"]
    assert found["asked"].count("warm") == 1, "the engine imports what is heavy as soon as it has told its models"
    assert found["sensor"].startswith("NAIP · bands 1")
    assert found["width"] <= 320
    assert found["groups"] == ["lake, forest · farm"] == [found["title"]]
    assert found["counts"] == 28 * 28, "every cell of the scene"
    lake, wood = colour_scene.lake, colour_scene.wood
    cells = found["cells"]
    assert cells["lake"][1] == list(lake) and cells["lake"][0] == (lake[2] - lake[0]) * (lake[3] - lake[1])
    assert cells["forest"][1] == list(wood)
    assert found["words"].splitlines()[0].startswith("lake: 1 polygon, 1.08 ha")
    assert found["kept"][1:] == ["categorizedSymbol", 5], "raster, class map, polygons, two heatmaps"
    changed, groups, _prompts, log = found["refined"]
    assert changed and groups == ["lake, forest · farm"] and "'encoded_tiles': 0" in log
    assert "'encoded_tiles': 0" in found["again"]
    assert found["groups after"] == ["forest · farm", "lake, forest · farm"]
    assert shlex.split(found["graft"])[:5] == ["graft", "query", str(colour_scene.path), "--text", "forest"]
    assert "graft:segment" in found["process"] and "processing.run('graft:segment'" in found["python"]
    assert found["followed"] == "lake, forest · farm" and found["removed"][0].startswith("No result yet")
    assert not found["removed"][1]
    assert found["nothing to copy"] == ["Add a raster layer to search."]
    assert found["first"].startswith("lake: ") and found["classes"] == [False], "of the run's thresholds, not of these"
    assert max(found["gap run"][1], found["gap moved"][1]) < 0.1, "of its own time: others may share the processor"


def test_more_like_this_and_a_panel_that_goes_without_trace(desktop, colour_scene, colour_model):
    found = desktop(
        PANEL
        + """
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settle()
    iface.mapCanvas().setExtent(iface.mapCanvas().fullExtent())
    settle()
    to_map = QgsCoordinateTransform(layer.crs(), project.crs(), project)
    panel = dock.like
    found["find before"] = panel.find.isEnabled()
    def marks():
        return len([item for item in iface.mapCanvas().scene().items() if "VertexMarker" in type(item).__name__])
    own = marks()
    panel.pick.click()
    canvas = iface.mapCanvas()
    def click(x, y, shift=False):
        pixel = canvas.getCoordinateTransform().transform(to_map.transform(QgsPointXY(x, y)))
        keys = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, keys, QPoint(int(pixel.x()), int(pixel.y())))
    click(500_144, 4_999_832)
    click(500_328, 4_999_680, shift=True)
    found["told"] = panel.told.text()
    shot("like")
    run(panel.find.click)
    shot("like found")
    found["groups"], found["messages"] = groups(), messages()
    group = project.layerTreeRoot().children()[0]
    heat = [node.layer() for node in group.findLayers() if isinstance(node.layer(), QgsRasterLayer)][0]
    found["values"] = [heat.dataProvider().sample(QgsPointXY(x, y), 1)[0] for x, y in
                       ((500_144, 4_999_832), (500_328, 4_999_680), (500_032, 4_999_968))]
    found["marks"] = [marks() - own]
    panel.reset()
    found["marks"].append(marks() - own)
    qgis.utils.unloadPlugin("graft")
    settle(0.3)
    found["left"] = [iface.mainWindow().findChild(QDockWidget, "GraftDock") is None,
                     iface.mainWindow().findChild(QAction, "graft_panel") is None,
                     not any(a.text() == "GRAFT" for a in iface.rasterMenu().actions())]
    iface.zoomFull()
    settle(0.2)
""",
        colour_scene.path, colour_model,
    )  # fmt: skip
    assert not found["find before"] and found["told"] == "1 like, 1 unlike"
    assert found["groups"] == ["like this · farm"]
    in_lake, in_wood, in_soil = found["values"]
    assert in_lake > 0.8 and in_wood < 0.2 and in_soil < in_lake - 0.3
    assert found["marks"] == [2, 0] and found["left"] == [True, True, True]
