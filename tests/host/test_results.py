"""A run's layers in a QGIS window: the class map between polygons and heatmaps, and an export by right-click."""

from __future__ import annotations

import json

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.enums import ColorInterp

from graft_plugin.engine.gpkg import Provenance, append_polygons
from graft_plugin.engine.polygons import FoundPolygon

CELL_M = 16


@pytest.fixture
def result(colour_scene, tmp_path):
    """What the engine writes for two prompts, in the contract's form, and its result."""
    xmin, ymin, xmax, ymax = colour_scene.bounds
    shape = (ymax - ymin) // CELL_M, (xmax - xmin) // CELL_M
    classes = np.zeros(shape, np.uint8)
    scores = np.zeros((2, *shape), np.float32)
    for index, (left, bottom, right, top) in enumerate((colour_scene.lake, colour_scene.wood)):
        rows = slice((ymax - top) // CELL_M, (ymax - bottom) // CELL_M)
        cols = slice((left - xmin) // CELL_M, (right - xmin) // CELL_M)
        classes[rows, cols], scores[index, rows, cols] = index + 1, 0.95
    classes[0, 0], scores[:, 0, 0] = 255, np.nan
    place = {"driver": "GTiff", "width": shape[1], "height": shape[0], "crs": colour_scene.crs,
             "transform": rasterio.Affine(CELL_M, 0, xmin, 0, -CELL_M, ymax)}  # fmt: skip
    with rasterio.open(tmp_path / "classes.tif", "w", count=1, dtype="uint8", nodata=255, **place) as out:
        out.write(classes, 1)
        out.colorinterp = [ColorInterp.palette]
        out.write_colormap(1, {0: (0, 0, 0, 0), 1: (1, 2, 3, 255), 2: (4, 5, 6, 255)})
    with rasterio.open(tmp_path / "heat.tif", "w", count=2, dtype="float32", nodata=np.nan, **place) as out:
        out.write(scores)
    rows = [
        FoundPolygon(k, shapely.box(*box), 0.95, None, float(shapely.box(*box).area), 10.0)
        for k, box in enumerate((colour_scene.lake, colour_scene.wood))
    ]
    made_by = Provenance(("lake", "forest"), (0.5, 0.4), "mini", "ab" * 32, 1.0, str(colour_scene.path))
    append_polygons(tmp_path / "masks.gpkg", "graft", rows, colour_scene.crs, made_by)
    found = [{"prompt": prompt, "maximum": 0.95, "threshold": 0.5, "covered": 0.1, "polygons": 1, "area_m2": 9.0}
             for prompt in ("lake", "forest")]  # fmt: skip
    return {"model": "mini", "prompts": found, "masks": str(tmp_path / "masks.gpkg"), "layer": "graft",
            "heatmap": str(tmp_path / "heat.tif"), "classes": str(tmp_path / "classes.tif")}  # fmt: skip


def test_class_map_and_export_by_right_click(desktop, colour_scene, result, tmp_path):
    found = desktop(
        """
    from graft.graft_plugin.host.layers import add_results
    layer = project.addMapLayer(QgsRasterLayer(argv[0], "farm"))
    points = project.addMapLayer(QgsVectorLayer("Polygon?crs=EPSG:32615&field=prompt:string", "mine", "memory"))
    group = add_results(project, json.loads(argv[1]), "farm")
    settle()
    iface.zoomFull()
    nodes = group.findLayers()
    found["names"] = [node.name() for node in nodes]
    found["shown"] = [node.itemVisibilityChecked() for node in nodes]
    polygons, classes = nodes[0].layer(), nodes[1].layer()
    kinds = classes.renderer().classes()
    found["classes"] = [[k.value, k.color.name(), k.color.alpha(), k.label] for k in kinds]
    found["renderer"] = classes.renderer().type(), classes.opacity()
    settings = QgsMapSettings()
    settings.setLayers([classes])
    settings.setDestinationCrs(classes.crs())
    settings.setExtent(classes.extent())
    settings.setOutputSize(QSize(448, 448))
    settings.setBackgroundColor(QColor(0, 0, 0, 0))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    found["pixels"] = [picture.pixelColor(x, y).getRgb() for x, y in ((144, 168), (328, 320), (32, 32), (4, 4))]
    del job, settings
    settle(1)
    shot("classes")
    menu, action = menu_action(points, "graft_export")
    found["on another layer"] = action is not None
    menu.deleteLater()
    found["on a heatmap"] = menu_action(nodes[2].layer(), "graft_export")[1] is not None
    path = argv[2] + "/내 결과.gpkg"
    def export(act):
        menu, action = menu_action(polygons, "graft_export")
        def fill():
            dialog = QApplication.activeModalWidget()
            try:
                act(dialog)
            finally:
                if dialog.isVisible():
                    dialog.reject()
        QTimer.singleShot(300, fill)
        action.trigger()
        menu.deleteLater()
        wait(lambda: QgsApplication.taskManager().countActiveTasks() == 0)
        settle(0.3)
    def first(dialog):
        dialog.run.click()
        found["no file"] = dialog.problem.text()
        dialog.file.setFilePath("/nowhere/x.gpkg")
        dialog.run.click()
        found["no folder"] = dialog.problem.text()
        dialog.file.setFilePath(path)
        found["proposed"] = dialog.name.text(), dialog.old.isEnabled(), dialog.problem.isVisible()
        shot("export")
        dialog.run.click()
    export(first)
    found["messages"] = messages()
    shot("exported")
    iface.messageBar().clearWidgets()
    again = project.mapLayersByName("lake, forest")[0]
    found["again"] = again.featureCount(), [[c.value(), c.symbol().symbolLayer(0).strokeColor().name()]
                                            for c in again.renderer().categories()], again.metadata().abstract()
    found["offered"] = menu_action(again, "graft_export")[1] is not None
    def second(dialog):
        found["remembered"] = dialog.file.filePath() == path, dialog.name.text(), dialog.old.isEnabled()
        dialog.name.setText("Lake, Forest")
        dialog.run.click()
        found["taken"] = dialog.problem.text()
        shot("export taken")
        dialog.old.setChecked(True)
        found["fitting"] = dialog.layers.currentText(), dialog.name.isEnabled()
        dialog.run.click()
    export(second)
    found["appended"] = again.featureCount(), len(project.mapLayersByName("lake, forest"))
    qgis.utils.unloadPlugin("graft")
    found["unloaded"] = menu_action(again, "graft_export")[1] is not None
    qgis.utils.loadPlugin("graft")
    qgis.utils.startPlugin("graft")
    found["loaded"] = menu_action(again, "graft_export")[1] is not None
    project.clear()  # this QGIS, ended with a vector layer that had a context menu, dies while it takes its layers away
""",
        colour_scene.path, json.dumps(result), tmp_path,
    )  # fmt: skip
    assert found["names"] == [
        "lake, forest · mini", "lake, forest classes · mini", "lake heatmap · mini", "forest heatmap · mini",
    ]  # fmt: skip
    assert found["shown"] == [True, True, False, False]
    assert found["classes"] == [[1, "#e69f00", 255, "lake"], [2, "#56b4e9", 255, "forest"]]
    assert found["renderer"][0] == "paletted"
    lake, wood, soil, nodata = found["pixels"]
    assert abs(lake[0] - 0xE6) < 8 and abs(lake[1] - 0x9F) < 8 and lake[3] > 100
    assert abs(wood[0] - 0x56) < 8 and abs(wood[2] - 0xE9) < 8 and soil[3] == nodata[3] == 0
    assert not found["on another layer"] and not found["on a heatmap"]
    assert found["no file"].startswith("No file was named") and "folder does not exist" in found["no folder"]
    assert found["proposed"] == ["lake, forest", False, False]
    assert any("2 polygons are in the layer “lake, forest” of" in text for text in found["messages"])
    count, colours, abstract = found["again"]
    assert count == 2 and colours == [["lake", "#e69f00"], ["forest", "#56b4e9"]] and "Found by GRAFT" in abstract
    assert found["offered"] and found["remembered"] == [True, "lake, forest 2", True]
    assert "not overwritten" in found["taken"] and "“Lake, Forest 2” is free" in found["taken"]
    assert found["fitting"] == ["lake, forest", False] and found["appended"] == [4, 1]
    assert not found["unloaded"] and found["loaded"]
