"""The plugin in a real QGIS window: right-click, dialog, the layers of a run, cancel, a crash, load and unload."""

from __future__ import annotations

import pytest

RUN = """
    from qgis.gui import QgsFileWidget
    layer = project.addMapLayer(QgsRasterLayer(argv[0], "farm"))
    iface.zoomFull()
    QgsSettings().setValue("graft/model", argv[1])
    def order(name, prompts, **fields):
        'Trigger the action of the context menu, fill the dialog, press Run.'
        menu, action = menu_action(layer, name)
        def fill():
            dialog = QApplication.activeModalWidget()
            found["title"] = dialog.windowTitle()
            found["run enabled"] = [dialog.run.isEnabled()]
            dialog.prompts.setPlainText(prompts)
            found["run enabled"].append(dialog.run.isEnabled())
            for field, value in fields.items():
                if field == "threshold":
                    dialog.automatic.setChecked(False)
                    dialog.threshold.setValue(value)
                elif field == "output":
                    dialog.output.setFilePath(value)
                elif field == "negatives":
                    dialog.negatives.setPlainText(value)
                elif field == "whole":
                    dialog.whole.setChecked(value)
            shot(fields.get("shot", "dialog"))
            dialog.run.click()
            if dialog.isVisible():
                found["problem"] = dialog.problem.text()
                shot("problem")
                dialog.reject()
        QTimer.singleShot(300, fill)
        found.pop("problem", None)
        action.trigger()
        menu.deleteLater()
        if "problem" not in found:  # the engine is looked for first, in the background
            wait(lambda: plugins["graft"]._runs.busy)
    def idle():
        return QgsApplication.taskManager().countActiveTasks() == 0
    def values(raster, band, *points):
        return [raster.dataProvider().sample(QgsPointXY(*point), band)[0] for point in points]
    box = lambda e: [e.xMinimum(), e.yMinimum(), e.xMaximum(), e.yMaximum()]
"""


def test_from_right_click_to_layers(desktop, colour_scene, colour_model, tmp_path):
    found = desktop(
        RUN
        + """
    settle()  # QGIS gives the project the first layer's CRS a moment after it came
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    iface.mapCanvas().setExtent(iface.mapCanvas().fullExtent())
    settle()
    found["project"] = project.crs().authid(), iface.mapCanvas().mapSettings().destinationCrs().authid()
    before = layer.crs().authid(), layer.opacity(), layer.source(), project.crs().authid()
    longest = [0.0, 0.0, 0.0, 0.0]  # gap, busy; the last beat's time, and the main thread's time at it
    def beat():
        now, busy = time.monotonic(), time.thread_time()
        longest[:] = [max(longest[0], now - longest[2]), max(longest[1], busy - longest[3]), now, busy]
    heart = QTimer()
    heart.timeout.connect(beat)
    order("graft_segment", "lake\\nforest", threshold=0.5, output=argv[2], negatives="soil")
    longest[:] = [0.0, 0.0, time.monotonic(), time.thread_time()]
    heart.start(5)
    loop = QEventLoop()
    QgsApplication.taskManager().allTasksFinished.connect(loop.quit)
    loop.exec()
    wait(lambda: len(project.layerTreeRoot().children()) == 2)
    heart.stop()
    found["longest gap"] = longest[:2]
    shot("finished")
    found["unchanged"] = before == (layer.crs().authid(), layer.opacity(), layer.source(), project.crs().authid())
    group = project.layerTreeRoot().children()[0]
    found["group"] = group.name()
    nodes = group.findLayers()
    index = iface.layerTreeView().node2index(group)
    found["unfolded"] = iface.layerTreeView().isExpanded(index)
    found["names"] = [node.name() for node in nodes]
    found["shown"] = [node.itemVisibilityChecked() for node in nodes]
    polygons, heat = nodes[0].layer(), [node.layer() for node in nodes[2:]]
    found["features"] = {f["prompt"]: box(f.geometry().boundingBox()) for f in polygons.getFeatures()}
    found["crs"] = [node.layer().crs().authid() for node in nodes]
    found["colours"] = {c.value(): c.symbol().symbolLayer(0).strokeColor().name()
                        for c in polygons.renderer().categories()}
    found["labels"] = polygons.labelsEnabled()
    lake, wood, soil = (500_144, 4_999_832), (500_328, 4_999_680), (500_032, 4_999_968)
    found["values"] = [values(raster, band, lake, wood, soil) for band, raster in enumerate(heat, 1)]
    found["bands"] = [raster.renderer().usesBands() for raster in heat]
    ramp = heat[0].renderer().shader().rasterShaderFunction().colorRampItemList()
    found["alpha"] = [ramp[0].color.alpha(), ramp[-1].color.alpha()]
    found["range"] = [heat[0].renderer().classificationMin(), heat[0].renderer().classificationMax()]
    found["opacity"] = heat[0].opacity()
    found["messages"] = messages()
    settings = QgsMapSettings()
    settings.setLayers([heat[0]])
    settings.setDestinationCrs(heat[0].crs())
    settings.setExtent(heat[0].extent())
    settings.setOutputSize(QSize(448, 448))
    settings.setBackgroundColor(QColor(0, 0, 0, 0))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    found["pixels"] = [picture.pixelColor(144, 168).getRgb(), picture.pixelColor(32, 32).getRgb()]
    del job, settings
""",
        colour_scene.path, colour_model, tmp_path / "found.gpkg",
    )  # fmt: skip
    gap, busy = found["longest gap"]
    print(f"the event loop's longest gap {gap * 1e3:.0f} ms, the main thread busy for {busy * 1e3:.0f} ms of one")
    assert found["title"] == "Segment by prompt" and found["run enabled"] == [False, True]
    assert "problem" not in found and found["unchanged"] and found["project"] == ["EPSG:3857"] * 2
    assert found["unfolded"] and found["group"] == "lake, forest · farm"
    assert found["names"] == ["lake, forest · colours", "lake, forest classes · colours", "lake heatmap · colours",
                              "forest heatmap · colours"]  # fmt: skip
    assert found["shown"] == [True, True, False, False] and found["crs"] == ["EPSG:32615"] * 4
    assert set(found["features"]) == {"lake", "forest"}
    # the SAM of this model has random weights: it may draw the outline anywhere within a patch or so of the lake
    assert found["features"]["lake"] == pytest.approx(colour_scene.lake, abs=48)
    assert found["colours"] == {"lake": "#e69f00", "forest": "#56b4e9"} and not found["labels"]
    (lake_in_lake, lake_in_wood, lake_in_soil), (forest_in_lake, forest_in_wood, forest_in_soil) = found["values"]
    assert min(lake_in_lake, forest_in_wood) > 0.9
    assert max(lake_in_wood, lake_in_soil, forest_in_lake, forest_in_soil) < 0.1
    assert found["bands"] == [[1], [2]]
    assert found["alpha"] == [0, 255] and found["range"][0] == 0 and found["range"][1] > 0.9
    assert found["opacity"] == pytest.approx(0.65)
    assert found["pixels"][0][3] > 150 and found["pixels"][0][0] > 200, "bright over the lake"
    assert found["pixels"][1][3] < 30, "the imagery shows where there is nothing"
    assert any(text.startswith("lake: ") and "; forest: " in text for text in found["messages"])
    assert busy < 0.1, "of its own time: others may share the processor"


def test_the_visible_map_is_the_area_and_an_area_elsewhere_is_refused(desktop, colour_scene, colour_model):
    found = desktop(
        RUN
        + """
    settle()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    canvas = iface.mapCanvas()
    to_map = QgsCoordinateTransform(layer.crs(), project.crs(), project)
    canvas.setExtent(to_map.transformBoundingBox(QgsRectangle(500_100, 4_999_790, 500_180, 4_999_870)))
    settle()
    visible = QgsCoordinateTransform(project.crs(), layer.crs(), project).transformBoundingBox(
        canvas.mapSettings().visibleExtent())
    order("graft_heatmap", "lake")
    wait(idle)
    wait(lambda: len(project.layerTreeRoot().children()) == 2)
    heat = project.layerTreeRoot().children()[0].findLayers()[0].layer()
    found["visible"], found["box"] = box(visible.intersect(layer.extent())), box(heat.extent())
    found["first"] = found.pop("title"), len(project.layerTreeRoot().children()[0].findLayers())
    canvas.setExtent(QgsRectangle(10, 10, 11, 11))
    settle()
    order("graft_heatmap", "lake")
    found["layers"] = len(project.mapLayers())
    project.addMapLayer(QgsVectorLayer("Point?crs=EPSG:4326", "points", "memory"))
    vector = project.mapLayersByName("points")[0]
    found["on a vector"] = menu_action(vector, "graft_segment")[1] is not None
""",
        colour_scene.path, colour_model,
    )  # fmt: skip
    assert found["first"] == ["Similarity heatmap", 1]
    # whole cells of 16 m cover what is visible, and not much more
    for k, sign in enumerate((1, 1, -1, -1)):
        assert -1e-3 <= sign * (found["visible"][k] - found["box"][k]) <= 32, found
    assert found["problem"].startswith("The area does not touch the layer") and "whole layer" in found["problem"]
    assert found["layers"] == 2 and not found["on a vector"]


def test_cancel_and_a_killed_engine_leave_nothing_and_the_next_run_works(desktop, colour_scene, colour_model, tmp_path):
    found = desktop(
        RUN
        + """
    import signal
    from graft.graft_plugin.host.engine import shared_worker
    QgsSettings().setValue("graft/model", "mini")
    folder = os.path.dirname(argv[2])
    def stage(words):
        return lambda: any(words in text for text in messages())
    order("graft_segment", "lake", output=argv[2], threshold=0.05, whole=True)
    wait(stage("Drawing masks"))
    button = iface.mainWindow().findChild(QPushButton, "graft_cancel")
    started = time.monotonic()
    button.click()
    wait(idle)
    found["cancel s"] = time.monotonic() - started
    settle(0.2)
    found["after cancel"] = messages(), len(project.mapLayers()), os.listdir(folder)
    iface.messageBar().clearWidgets()
    order("graft_segment", "lake", output=argv[2], threshold=0.05, whole=True)
    wait(stage("Drawing masks"))
    os.kill(shared_worker().pid, signal.SIGKILL)
    wait(idle)
    settle(0.2)
    shot("crash")
    found["after kill"] = messages(), len(project.mapLayers()), os.path.exists(argv[2])
    iface.messageBar().clearWidgets()
    QgsSettings().setValue("graft/model", argv[1])
    order("graft_heatmap", "lake", whole=True)
    wait(idle)
    settle(0.2)
    found["after that"] = messages(), len(project.mapLayers())
""",
        colour_scene.path, colour_model, tmp_path / "m.gpkg",
    )  # fmt: skip
    assert found["cancel s"] < 1.0
    texts, layers, written = found["after cancel"]
    assert "“lake” in farm: cancelled, nothing was written" in texts and (layers, written) == (1, [])
    texts, layers, written = found["after kill"]
    (said,) = [text for text in texts if "signal 9" in text]  # older QGIS tells of its own that a task ended
    assert "Run it again" in said
    assert layers == 1 and not written
    texts, layers = found["after that"]
    assert layers == 2 and any("highest score" in text for text in texts)


def test_loading_and_unloading_twice_leaves_nothing_behind(desktop, colour_scene, colour_model):
    found = desktop(
        RUN
        + """
    from graft.graft_plugin.host.engine import shared_worker
    order("graft_heatmap", "lake")
    wait(idle)
    pid = shared_worker().pid
    def state():
        menu, action = menu_action(layer, "graft_segment")
        names = [a.objectName() for a in menu.actions()]
        menu.deleteLater()
        settle(0.1)
        return [sum(name in ("graft_segment", "graft_heatmap") for name in names),
                QgsApplication.processingRegistry().providerById("graft") is not None,
                sum(a.objectName().startswith("graft_") for a in iface.mainWindow().findChildren(QAction))]
    found["loaded"] = state()
    for k in (1, 2):
        found["unload"] = qgis.utils.unloadPlugin("graft")
        found["unloaded %d" % k] = state()
        if k == 1:
            found["process"] = os.path.exists("/proc/%d" % pid) and open("/proc/%d/stat" % pid).read().split()[2]
        qgis.utils.loadPlugin("graft")
        qgis.utils.startPlugin("graft")
        found["loaded %d" % k] = state()
""",
        colour_scene.path, colour_model,
    )  # fmt: skip
    assert found["loaded"] == found["loaded 1"] == found["loaded 2"] == [2, True, 4]
    assert found["unloaded 1"] == found["unloaded 2"] == [0, False, 0]
    assert found["process"] in (False, "Z") and found["unload"]
