"""Where a run looks: selected polygons cut the result, a map that is turned and drawn rectangles give their place."""

from __future__ import annotations

import json

import numpy as np
import pytest
import rasterio


def test_selected_polygons_cut_polygons_and_rasters(headless, colour_scene, colour_model, tmp_path):
    lake = colour_scene.lake
    middle = (lake[0] + lake[2]) / 2
    found = headless(
        """
import shutil
from graft.graft_plugin.host.area import selected_polygons, whole_layer
from graft.graft_plugin.host.clip import clip_polygons, clip_result
from graft.graft_plugin.host.engine import shared_worker, stop_worker
from graft.graft_plugin.errors import GraftError
project = QgsProject.instance()
scene = QgsRasterLayer(argv[0], "scene")
fields = QgsVectorLayer("Polygon?crs=EPSG:4326", "fields", "memory")
to_degrees = QgsCoordinateTransform(scene.crs(), fields.crs(), project)
def field(xmin, ymin, xmax, ymax):
    shape = QgsGeometry.fromRect(QgsRectangle(xmin, ymin, xmax, ymax))
    shape.transform(to_degrees)
    feature = QgsFeature()
    feature.setGeometry(shape)
    return feature
box = json.loads(argv[3])
fields.dataProvider().addFeatures([field(*box), field(500_000, 4_999_900, 500_050, 4_999_960), field(0, 0, 9, 9)])
try:
    selected_polygons(fields)
except GraftError as error:
    found["none"] = str(error)
fields.selectByIds([1, 2])
area = selected_polygons(fields)
found["extent"] = area.extent_in(scene)
found["whole"] = whole_layer().extent_in(scene)
fields.selectByIds([3])
try:
    selected_polygons(fields).extent_in(scene)
except GraftError as error:
    found["elsewhere"] = str(error)
request = {"raster": argv[0], "prompts": ["lake", "forest"], "model": argv[1], "extent": list(found["extent"]),
           "refine": "none", "heatmap": argv[2] + "/heat.tif", "masks": argv[2] + "/masks.gpkg", "layer": "it's"}
result = shared_worker().call("query", request)
stop_worker()
context = project.transformContext()
shutil.copy(argv[2] + "/masks.gpkg", argv[2] + "/before.gpkg")
try:
    clip_polygons(argv[2] + "/masks.gpkg", "it's", area, context, lambda: True)
except GraftError as error:
    found["cancelled"] = error.code
def rows(path):
    layer = QgsVectorLayer(path + "|layername=it's", "x", "ogr")
    return [[f["prompt"], f["area_m2"], f["perimeter_m"], f.geometry().asWkt(3)] for f in layer.getFeatures()]
found["untouched"] = rows(argv[2] + "/masks.gpkg") == rows(argv[2] + "/before.gpkg")
found["before"] = rows(argv[2] + "/before.gpkg")
clipped = clip_result(result, area, context, lambda: False)
found["after"] = rows(argv[2] + "/masks.gpkg")
found["figures"] = {p["prompt"]: [p["polygons"], p["area_m2"]] for p in clipped["prompts"]}
found["same"] = clip_result(result, whole_layer(), context, lambda: False) is result
del scene, fields
""",
        colour_scene.path, colour_model, tmp_path,
        json.dumps([middle, lake[1] - 40, lake[2] + 60, lake[3] + 40]),
    )  # fmt: skip
    assert "no polygon is selected in the layer “fields”" in found["none"] and found["whole"] is None
    assert "does not touch" in found["elsewhere"]
    assert found["extent"] == pytest.approx([500_000, lake[1] - 40, lake[2] + 60, 4_999_960], abs=0.1)
    assert found["cancelled"] == "cancelled" and found["untouched"]
    ((prompt, before_m2, _length, _wkt),) = found["before"]
    width, height = lake[2] - lake[0], lake[3] - lake[1]
    assert prompt == "lake" and before_m2 == pytest.approx(width * height)
    ((prompt, area_m2, perimeter_m, wkt),) = found["after"]
    assert prompt == "lake" and area_m2 == pytest.approx(width / 2 * height, rel=1e-3)
    assert perimeter_m == pytest.approx(width + 2 * height, rel=1e-3) and wkt.startswith("MultiPolygon")
    assert found["figures"] == {"lake": [1, pytest.approx(area_m2)], "forest": [0, 0.0]} and found["same"]
    with rasterio.open(tmp_path / "heat.tif") as heat:
        scores = heat.read(1)
        xs = heat.transform.c + (np.arange(heat.width) + 0.5) * heat.transform.a
        row = int((heat.transform.f - (lake[1] + lake[3]) / 2) / heat.transform.a)
    west = xs < middle - 2 * 16
    assert np.isnan(scores[row, west]).all() and (scores[row, (xs > middle) & (xs < lake[2])] > 0.9).all()


def test_the_picker_gives_the_area_that_the_map_shows(desktop, colour_scene):
    found = desktop(
        """
    from qgis.PyQt.QtTest import QTest
    from qgis.gui import QgsMapToolPan
    from graft.graft_plugin.host.area_picker import AreaPicker
    from graft.graft_plugin.errors import GraftError
    layer = project.addMapLayer(QgsRasterLayer(argv[0], "farm"))
    settle()
    project.setCrs(layer.crs())
    canvas = iface.mapCanvas()
    canvas.setExtent(QgsRectangle(500_100, 4_999_700, 500_300, 4_999_850))
    settle()
    box = lambda e: e and [e.xMinimum(), e.yMinimum(), e.xMaximum(), e.yMaximum()]
    picker = AreaPicker(canvas)
    dock = QDockWidget("GRAFT", iface.mainWindow())
    holder = QWidget()
    QVBoxLayout(holder).addWidget(picker)
    holder.layout().addStretch(1)
    dock.setWidget(holder)
    iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    iface.mainWindow().resizeDocks([dock], [320], Qt.Orientation.Horizontal)
    heard = []
    picker.changed.connect(lambda: heard.append(picker.kinds.currentData()))
    settle(0.3)
    found["width"] = picker.minimumSizeHint().width()
    found["visible"] = picker.area().extent_in(layer), box(canvas.extent())
    canvas.setRotation(30)
    settle(0.3)
    found["rotated"] = picker.area().extent_in(layer), box(canvas.mapSettings().visibleExtent()), picker.area().clips
    picker.choose("layer")
    found["layer"] = picker.area().extent_in(layer), picker.area().bounds
    picker.choose("polygons")
    def problem():
        try:
            picker.area()
        except GraftError as error:
            return str(error)
    found["no layer"] = problem(), picker.note.text()
    fields = project.addMapLayer(QgsVectorLayer("Polygon?crs=EPSG:32615&field=n:int", "fields", "memory"))
    for xmin in (500_100, 500_200):
        feature = QgsFeature(fields.fields())
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(xmin, 4_999_800, xmin + 50, 4_999_850)))
        fields.dataProvider().addFeatures([feature])
    settle(0.2)
    found["none selected"] = problem(), picker.note.text()
    del heard[:]
    fields.selectAll()
    settle(0.1)
    found["selected"] = picker.note.text(), picker.area().extent_in(layer), picker.area().clips, list(heard)
    shot("area polygons")
    pan = QgsMapToolPan(canvas)
    canvas.setMapTool(pan)
    def drag(x1, y1, x2, y2):
        view = canvas.viewport()
        QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(x1, y1))
        QTest.mouseMove(view, QPoint((x1 + x2) // 2, (y1 + y2) // 2))
        settle(0.05)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(x2, y2))
        settle(0.2)
    canvas.setRotation(0)
    settle(0.3)
    picker.choose("rectangle")
    settle(0.1)
    found["drawing"] = canvas.mapTool() is picker.tool, picker.draw.isChecked(), picker.note.text()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    settle(0.2)
    found["escaped"] = canvas.mapTool() is pan, picker.draw.isChecked(), problem()
    picker.draw.click()
    drag(100, 100, 101, 101)
    found["a click"] = canvas.mapTool() is picker.tool, problem() is not None
    del heard[:]
    drag(100, 100, 300, 200)
    place = lambda x, y: canvas.getCoordinateTransform().toMapCoordinates(x, y)
    found["drawn"] = box(picker.area().bounds), [place(100, 200).x(), place(100, 200).y(), place(300, 100).x(),
                     place(300, 100).y()], canvas.mapTool() is pan, picker.area().clips, list(heard), picker.note.text()
    shot("area rectangle")
    canvas.setRotation(30)
    settle(0.3)
    picker.draw.click()
    drag(150, 150, 350, 250)
    corners = [place(x, y) for x, y in ((150, 150), (350, 150), (350, 250), (150, 250))]
    shape = picker.area().shape
    found["askew"] = [min(p.distance(q) for q in map(QgsPointXY, shape.vertices())) for p in corners]
    outline = picker.area().outline_in(layer.crs(), project.transformContext())
    found["askew clips"] = picker.area().clips, outline.area() / shape.area()
    shot("area askew")
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settle(0.3)
    found["other crs"] = problem()
    picker.close_tool()
    iface.removeDockWidget(dock)
    found["bands"] = sum(type(item).__name__ == "QgsRubberBand" for item in canvas.scene().items())
""",
        colour_scene.path,
    )
    assert found["width"] <= 320
    (visible, canvas_box), (turned, around, turned_clips) = found["visible"], found["rotated"]
    inside = [max(canvas_box[0], 500_000), max(canvas_box[1], 4_999_552), min(canvas_box[2], 500_448),
              min(canvas_box[3], 5_000_000)]  # fmt: skip
    assert visible == pytest.approx(inside, abs=1e-6)
    assert turned[2] - turned[0] > visible[2] - visible[0] or turned[3] - turned[1] > visible[3] - visible[1]
    assert turned[0] >= around[0] - 1e-6 and turned[3] <= around[3] + 1e-6 and not turned_clips
    assert found["layer"] == [None, None]
    assert "no polygon layer" in found["no layer"][0] and found["no layer"][1].startswith("There is no polygon layer")
    assert "no polygon is selected in the layer “fields”" in found["none selected"][0]
    around = [500_100, 4_999_800, 500_250, 4_999_850]
    assert found["selected"] == ["2 polygons are selected", around, True, ["polygons"]]
    assert found["drawing"][:2] == [True, True] and "drag over the map" in found["drawing"][2]
    assert found["escaped"][:2] == [True, False] and "no rectangle is drawn" in found["escaped"][2]
    assert found["a click"] == [True, True]
    drawn, pressed, back, clips, heard, note = found["drawn"]
    assert drawn == pytest.approx(pressed, abs=1e-6) and back and not clips and heard == ["rectangle"]
    assert note.startswith("about ") and " m" in note
    assert max(found["askew"]) < 1e-6, "the corners are those of the screen"
    assert found["askew clips"] == [True, pytest.approx(1, rel=1e-6)]
    assert "no rectangle is drawn" in found["other crs"]
